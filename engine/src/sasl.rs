//! Logging in as XMPP clients do: by SCRAM or password, as the device that a resource stands for.
//!
//! What a client proved comes in, a [`Proved`] leaves, and from it the identity of a companion. Invariants: only what is
//! in this file makes a [`Proved`]; an account that is not there is answered like one that is, with the same salt each
//! time, the same work and on the same ticks.

use belfry_domain::address::first_characters;
use belfry_domain::limits::{DISPLAY_NAME_CHARS_MAX, PASSWORD_BYTES_MAX};
use belfry_domain::ports::{DeviceOutcome, NewDevice, random_array};
use belfry_domain::{AccountId, Address, Code, Device, DeviceRole, MessageId, Past, Refusal, ScramKeys, Secret, Seq};
use belfry_domain::{ConversationId, Cseq};
use hmac::{Hmac, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use crate::accounts::REFUSED_LOGIN_TICK;
use crate::command::{Caller, Identity};
use crate::credentials::{hex, mac, unhex};
use crate::settings::KeepPast;
use crate::{Engine, refused};

/// What devices of this file say they run on.
pub const XMPP_PLATFORM: &str = "xmpp";

/// Clients of one account at once that let the server name their resource: scripts and the like.
const NAMELESS_MAX: u8 = 4;

/// Bytes of a token's signature: too many to guess over a network.
const TOKEN_MAC_BYTES: usize = 8;

/// Which hash a SCRAM mechanism is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ScramHash {
    /// SCRAM-SHA-1, RFC 5802.
    Sha1,
    /// SCRAM-SHA-256, RFC 7677.
    Sha256,
}

/// An account whose password the client has proved to know.
#[derive(Debug)]
pub struct Proved {
    account: AccountId,
    address: Address,
}

impl Proved {
    pub(crate) fn new(account: AccountId, address: Address) -> Proved {
        Proved { account, address }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// The address of the account.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

/// What a client that proves itself by SCRAM is told first.
#[derive(Debug)]
pub struct Challenge {
    address: Address,
    account: Option<AccountId>,
    keys: ScramKeys,
    began: Instant,
}

impl Challenge {
    /// The salt of the password.
    pub fn salt(&self) -> &[u8] {
        &self.keys.salt
    }

    /// Rounds of PBKDF2.
    pub fn iterations(&self) -> u32 {
        self.keys.iterations
    }
}

/// Which of an account's clients it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Agent {
    /// One that says by which name it is known again.
    Named(String),
    /// One that says by which id its installation is known again (XEP-0388), and how it calls itself.
    Software {
        /// For the server alone.
        id: String,
        /// For people.
        name: String,
    },
    /// One that does not care.
    Nameless,
}

/// A companion that a client speaks for from now on.
#[derive(Debug)]
pub struct Bound {
    /// Who it is.
    pub identity: Identity,
    /// From where its messages are told.
    pub start: Seq,
}

impl Engine {
    /// What somebody who wants to prove an account's password by SCRAM is told. The same for accounts that are not
    /// there, or have no password.
    pub async fn scram_challenge(&self, caller: &Caller, address: Address) -> Result<Challenge, Refusal> {
        self.may_try_login(caller, &address)?;
        let began = Instant::now();
        let found = self.store().account_by_address(&address).await.map_err(refused)?;
        let known = found.and_then(|account| Some((account.id, account.scram.clone()?)));
        let salt = mac(&self.inner.secrets.pin_pepper, &[b"scram salt", address.to_string().as_bytes()]);
        let (account, keys) = match known {
            Some((account, keys)) => (Some(account), keys),
            None => {
                let iterations = self.settings().scram_iterations;
                let (sha1, sha256) = (Default::default(), Default::default());
                (None, ScramKeys { salt: salt[..16].to_vec(), iterations, sha1, sha256 })
            }
        };
        self.on_a_tick(REFUSED_LOGIN_TICK, began).await;
        Ok(Challenge { address, account, keys, began })
    }

    /// Compares the proof over what both sides said. Returns with the account what proves the server to the client.
    pub async fn scram_prove(
        &self,
        caller: &Caller,
        challenge: Challenge,
        hash: ScramHash,
        proof: &[u8],
        said: &[u8],
    ) -> Result<(Proved, Vec<u8>), Refusal> {
        let attempt = self.try_password(caller, &challenge.address)?;
        let (sha1, sha256) = (&challenge.keys.sha1, &challenge.keys.sha256);
        let (fits, signature) = match hash {
            ScramHash::Sha1 => {
                let shown = client_key(proof, &hmac_sha1(&sha1.0, said)).map(|key| Sha1::digest(key).to_vec());
                (shown.is_some_and(|shown| shown.ct_eq(&sha1.0).into()), hmac_sha1(&sha1.1, said).to_vec())
            }
            ScramHash::Sha256 => {
                let shown = client_key(proof, &mac(&sha256.0, &[said])).map(|key| Sha256::digest(key).to_vec());
                (shown.is_some_and(|shown| shown.ct_eq(&sha256.0).into()), mac(&sha256.1, &[said]).to_vec())
            }
        };
        match challenge.account {
            Some(account) if fits => Ok((Proved { account, address: challenge.address }, signature)),
            Some(_) | None => {
                self.on_a_tick(REFUSED_LOGIN_TICK, challenge.began).await;
                Err(attempt.failed())
            }
        }
    }

    /// Checks a password that was told as it is.
    pub async fn password_prove(
        &self,
        caller: &Caller,
        address: Address,
        password: Secret<String>,
    ) -> Result<Proved, Refusal> {
        if password.expose().len() > PASSWORD_BYTES_MAX {
            return Err(Refusal::new(Code::BadRequest, format!("A password has at most {PASSWORD_BYTES_MAX} bytes.")));
        }
        let attempt = self.try_password(caller, &address)?;
        let began = Instant::now();
        let account = self.store().account_by_address(&address).await.map_err(refused)?;
        let keys = account.as_ref().and_then(|account| account.scram.clone());
        let fits = self.check_password(keys, password).await?;
        match account.filter(|_| fits) {
            Some(account) => Ok(Proved { account: account.id, address }),
            None => {
                self.on_a_tick(REFUSED_LOGIN_TICK, began).await;
                Err(attempt.failed())
            }
        }
    }

    /// The companion that a client speaks for: the one that it was before, else a new one, which begins where the
    /// account has been delivered. Where there are too many, the XMPP client that was away longest makes room.
    pub async fn bind(&self, proved: &Proved, agent: &Agent) -> Result<Bound, Refusal> {
        let account = proved.account;
        let devices = self.store().devices(account).await.map_err(refused)?;
        let (mark, name) = match agent {
            Agent::Named(name) => (self.agent_mark(account, b"named", name.as_bytes()), name.as_str()),
            Agent::Software { id, name } => (self.agent_mark(account, b"software", id.as_bytes()), name.as_str()),
            Agent::Nameless => {
                let free = (0..NAMELESS_MAX).map(|slot| self.agent_mark(account, b"nameless", &[slot])).find(|mark| {
                    let taken = devices.iter().find(|device| device.secret_hash == *mark);
                    taken.is_none_or(|device| !self.inner.hub.online(account, device.id))
                });
                let busy =
                    || Refusal::retry(Code::TryLater, "Too many clients without a resource: name yours.", 60_000);
                (free.ok_or_else(busy)?, "XMPP")
            }
        };
        let known = devices.iter().find(|device| device.secret_hash == mark).map(|device| Device::clone(device));
        let device = match known {
            Some(device) => device,
            None => self.add_xmpp_device(account, mark, name, &devices).await?,
        };
        let cursor = self.store().cursor(account, device.id).await.map_err(refused)?;
        let mut start = cursor.passed.max(device.synced_from);
        if *agent == Agent::Nameless {
            start = start.max(self.store().head(account).await.map_err(refused)?.delivered_floor);
        }
        let identity = Identity::Device { account, address: proved.address.clone(), device: device.id };
        Ok(Bound { identity, start })
    }

    /// The companion that a client was before, if it says which one it is.
    pub(crate) async fn device_of(
        &self,
        account: AccountId,
        agent: &Agent,
    ) -> Result<Option<std::sync::Arc<Device>>, Refusal> {
        let mark = match agent {
            Agent::Software { id, .. } => self.agent_mark(account, b"software", id.as_bytes()),
            Agent::Named(_) | Agent::Nameless => return Ok(None),
        };
        let devices = self.store().devices(account).await.map_err(refused)?;
        Ok(devices.into_iter().find(|device| device.secret_hash == mark))
    }

    /// A short text that stands for an installation of a client in its resource, the same each time. The id itself cannot
    /// be told from it. XEP-0386 §3.2.1.
    pub fn agent_text(&self, proved: &Proved, id: &str) -> String {
        hex(&self.agent_mark(proved.account, b"resource", id.as_bytes())[..6])
    }

    async fn add_xmpp_device(
        &self,
        account: AccountId,
        secret_hash: [u8; 32],
        name: &str,
        devices: &[std::sync::Arc<Device>],
    ) -> Result<Device, Refusal> {
        let past = match self.settings().devices.past {
            KeepPast::Nothing => Past::Nothing,
            // What is older is in the archive, where these clients look for it.
            KeepPast::Undelivered | KeepPast::Recent { .. } | KeepPast::All => Past::Undelivered,
        };
        let new = NewDevice {
            account,
            role: DeviceRole::Companion,
            name: first_characters(name, DISPLAY_NAME_CHARS_MAX),
            noise_key: None,
            secret_hash,
            created: self.now(),
            platform: XMPP_PLATFORM.to_owned(),
            past,
        };
        let devices_max = self.settings().devices_max;
        let mut outcome = self.store().add_device(new.clone(), devices_max).await.map_err(refused)?;
        if outcome == DeviceOutcome::TooMany {
            let away = devices
                .iter()
                .filter(|device| device.platform == XMPP_PLATFORM && !self.inner.hub.online(account, device.id));
            if let Some(longest) = away.min_by_key(|device| device.last_seen) {
                self.remove_device(account, longest.id, "Another XMPP client has taken the place of this one.").await?;
                outcome = self.store().add_device(new, devices_max).await.map_err(refused)?;
            }
        }
        match outcome {
            DeviceOutcome::Added(added) => {
                self.inner.hub.devices_changed(account);
                Ok(added.device)
            }
            DeviceOutcome::TooMany => Err(Refusal::new(
                Code::Forbidden,
                format!("The account has {devices_max} devices, which is the limit: remove one first."),
            )),
            DeviceOutcome::NoAccount => Err(Refusal::new(Code::NotFound, "The account no longer exists.")),
        }
    }

    /// What such a device has in place of the hash of a secret: nobody has the secret, so it proves nothing.
    fn agent_mark(&self, account: AccountId, kind: &[u8], agent: &[u8]) -> [u8; 32] {
        mac(&self.inner.secrets.token_key, &[b"xmpp agent ", kind, b" ", &account.0.to_be_bytes(), agent])
    }

    /// A text of 128 random bits that nobody can guess.
    pub fn random_text(&self) -> String {
        hex(&random_array::<16>(&*self.inner.ports.entropy))
    }

    /// A message's id as a text that nobody can guess. What it names is still held to who may know it.
    pub fn message_token(&self, id: MessageId) -> String {
        let mut bytes = [id.conversation.0.to_be_bytes(), id.cseq.0.to_be_bytes()].concat();
        let signature = mac(&self.inner.secrets.token_key, &[b"message token", &bytes]);
        bytes.extend(&signature[..TOKEN_MAC_BYTES]);
        hex(&bytes)
    }

    /// The message that such a text names.
    pub fn message_of_token(&self, token: &str) -> Option<MessageId> {
        let bytes = unhex(token).filter(|bytes| bytes.len() == 16 + TOKEN_MAC_BYTES)?;
        let (named, signature) = bytes.split_at(16);
        let expected = mac(&self.inner.secrets.token_key, &[b"message token", named]);
        if !bool::from(signature.ct_eq(&expected[..TOKEN_MAC_BYTES])) {
            return None;
        }
        let number = |at: usize| named[at..at + 8].iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        Some(MessageId { conversation: ConversationId(number(0)), cseq: Cseq(number(8)) })
    }
}

/// ClientKey := ClientProof XOR ClientSignature. RFC 5802 §3.
fn client_key(proof: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let fits = proof.len() == signature.len();
    fits.then(|| proof.iter().zip(signature).map(|(a, b)| a ^ b).collect())
}

fn hmac_sha1(key: &[u8; 20], text: &[u8]) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}
