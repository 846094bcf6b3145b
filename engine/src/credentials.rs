//! Credentials: what proves who somebody is. Device secrets, access tokens, passwords as SCRAM keys.
//!
//! Secrets leave here once, when they are made; what is kept is a hash. Comparing takes the same time whether or not
//! it fits, and whether or not there is such an account.

use belfry_domain::ports::random_array;
use belfry_domain::{AccountId, Address, Code, DeviceId, DeviceRole, LeaseId, Refusal, RoomName, ScramKeys, Secret};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::SemaphorePermit;

use crate::command::{Caller, Identity, Reply};
use crate::devices::went_silent;
use crate::limits::{Limited, limited_ip};
use crate::{Engine, metrics::count, refused};

/// Bytes of a token's signature: 128 bits cannot be guessed.
const MAC_BYTES: usize = 16;

/// Longest token: a guest's holds a name, which has at most 1,024 bytes however few characters they are.
const TOKEN_CHARS_MAX: usize = 4 * 1024;

const KIND_DEVICE: u8 = 1;
const KIND_GUEST: u8 = 2;

/// A new device secret: 256 random bits in hexadecimal, and the hash that is kept.
pub(crate) fn new_secret(engine: &Engine) -> (Secret<String>, [u8; 32]) {
    let secret = Secret::new(hex(&random_array::<32>(&*engine.inner.ports.entropy)));
    let hash = secret_hash(&secret);
    (secret, hash)
}

pub(crate) fn secret_hash(secret: &Secret<String>) -> [u8; 32] {
    Sha256::digest(secret.expose().as_bytes()).into()
}

impl Engine {
    /// An access token of a device and how long it is good.
    pub(crate) fn token(&self, account: AccountId, device: DeviceId, role: DeviceRole) -> (Secret<String>, u64) {
        let good_ms = self.settings().token_ms;
        let expires = self.inner.ports.clock.now().plus_ms(good_ms);
        let mut bytes = vec![KIND_DEVICE];
        bytes.extend(account.0.to_be_bytes());
        bytes.extend(device.0.to_be_bytes());
        bytes.push(u8::from(role == DeviceRole::Primary));
        bytes.extend(expires.0.to_be_bytes());
        (self.signed(bytes), good_ms)
    }

    /// A guest's token: it holds the name, so that a restart of the server ends nobody's stay.
    pub(crate) fn guest_token(&self, lease: LeaseId, name: &RoomName) -> Secret<String> {
        let mut bytes = vec![KIND_GUEST];
        bytes.extend(lease.0.to_be_bytes());
        bytes.extend(name.as_str().as_bytes());
        self.signed(bytes)
    }

    fn signed(&self, mut bytes: Vec<u8>) -> Secret<String> {
        let mac = mac(&self.inner.secrets.token_key, &[&bytes]);
        bytes.extend(&mac[..MAC_BYTES]);
        Secret::new(hex(&bytes))
    }

    /// Who a token speaks for. Errors: `unauthenticated` for a token that is wrong or too old, `replaced` and `revoked`
    /// for one whose device is gone.
    pub async fn identify_token(&self, token: &str) -> Result<Identity, Refusal> {
        let wrong = || {
            count(&self.inner.metrics.logins_failed);
            Refusal::new(Code::Unauthenticated, "The access token is not valid (any more): get a new one.")
        };
        let bytes = unhex(token).ok_or_else(wrong)?;
        let signed = bytes.len().checked_sub(MAC_BYTES).ok_or_else(wrong)?;
        let (body, signature) = bytes.split_at(signed);
        let expected = mac(&self.inner.secrets.token_key, &[body]);
        if !bool::from(signature.ct_eq(&expected[..MAC_BYTES])) {
            return Err(wrong());
        }
        match body {
            [KIND_DEVICE, fields @ ..] if fields.len() == 21 => {
                let account = AccountId(u64_at(fields, 0));
                let device = DeviceId((u64_at(fields, 4) & 0xFFFF_FFFF) as u32);
                let primary = fields[12] == 1;
                if u64_at(fields, 13) <= self.inner.ports.clock.now().0 {
                    return Err(wrong());
                }
                self.identify_device(account, device, primary).await
            }
            [KIND_GUEST, fields @ ..] if fields.len() > 8 => {
                let name = std::str::from_utf8(&fields[8..]).ok().and_then(|name| RoomName::parse(name).ok());
                self.resume_stay(LeaseId(u64_at(fields, 0)), name.ok_or_else(wrong)?)
            }
            _ => Err(wrong()),
        }
    }

    async fn identify_device(&self, account: AccountId, device: DeviceId, primary: bool) -> Result<Identity, Refusal> {
        if self.store().device(account, device).await.map_err(refused)?.is_none() {
            return Err(gone(primary));
        }
        match self.store().account(account).await.map_err(refused)? {
            Some(known) => Ok(Identity::Device { account, address: known.address.clone(), device }),
            None => Err(gone(false)),
        }
    }

    /// Who speaks under a Noise static key; `None`: no device has it.
    pub async fn identify_key(&self, noise_key: &[u8; 32]) -> Result<Option<Identity>, Refusal> {
        let Some(device) = self.store().device_by_key(noise_key).await.map_err(refused)? else {
            let retired = self.store().retired(noise_key).await.map_err(refused)?;
            return if retired { Err(went_silent()) } else { Ok(None) };
        };
        let account = self.store().account(device.account).await.map_err(refused)?;
        Ok(account.map(|account| Identity::Device {
            account: account.id,
            address: account.address.clone(),
            device: device.id,
        }))
    }

    /// Sells an access token for a device's secret.
    pub(crate) async fn buy_token(
        &self,
        caller: &Caller,
        address: Address,
        device: DeviceId,
        secret: Secret<String>,
    ) -> Result<Reply, Refusal> {
        self.may_try_login(caller, &address)?;
        let known = match self.store().account_by_address(&address).await.map_err(refused)? {
            Some(account) => self.store().device(account.id, device).await.map_err(refused)?,
            None => None,
        };
        let given = secret_hash(&secret);
        let kept = known.as_ref().map_or([0; 32], |device| device.secret_hash);
        match known {
            Some(device) if bool::from(given.ct_eq(&kept)) => {
                let (token, expires_in_ms) = self.token(device.account, device.id, device.role);
                // Devices that poll have no link: this is where they are seen.
                self.touch(device.account, device.id).await;
                Ok(Reply::Token { token, expires_in_ms })
            }
            None if self.store().retired(&given).await.map_err(refused)? => Err(went_silent()),
            Some(_) | None => Err(self.login_failed(caller, &address)),
        }
    }

    /// Whether the password is the account's: the same work and answer where there is no such account.
    pub(crate) async fn check_password(
        &self,
        keys: Option<ScramKeys>,
        password: Secret<String>,
    ) -> Result<bool, Refusal> {
        let _turn = self.turn_to_hash().await?;
        let iterations = self.settings().scram_iterations;
        let known = keys.is_some();
        let keys = keys.unwrap_or(ScramKeys {
            salt: self.inner.secrets.pin_pepper[..16].to_vec(),
            iterations,
            sha1: Default::default(),
            sha256: Default::default(),
        });
        let fits = tokio::task::spawn_blocking(move || {
            let derived = scram_sha256(&prepared(&password), &keys.salt, keys.iterations);
            bool::from(derived.0.ct_eq(&keys.sha256.0))
        })
        .await
        .map_err(|_| crate::internal("password hashing panicked"))?;
        Ok(fits && known)
    }

    /// The keys that are kept of a password.
    pub(crate) async fn scram_keys(&self, password: Secret<String>) -> Result<ScramKeys, Refusal> {
        let _turn = self.turn_to_hash().await?;
        let salt = random_array::<16>(&*self.inner.ports.entropy).to_vec();
        let iterations = self.settings().scram_iterations;
        tokio::task::spawn_blocking(move || {
            let password = prepared(&password);
            ScramKeys {
                sha1: scram_sha1(&password, &salt, iterations),
                sha256: scram_sha256(&password, &salt, iterations),
                salt,
                iterations,
            }
        })
        .await
        .map_err(|_| crate::internal("password hashing panicked"))
    }

    /// A turn to hash a password, held until it is dropped: as many hash at once as there are cores, and as many wait as are
    /// done in a second.
    async fn turn_to_hash(&self) -> Result<[SemaphorePermit<'_>; 2], Refusal> {
        let busy =
            || Refusal::retry(Code::TryLater, "Too many passwords are being checked at once; wait a moment.", 2_000);
        let waiting = self.inner.hashing_queue.try_acquire().map_err(|_| busy())?;
        let hashing = self.inner.hashing.acquire().await.map_err(|_| busy())?;
        Ok([waiting, hashing])
    }

    /// Counts a try of a password as a failed one before anything is compared, so that tries that are made at the same
    /// moment are tries. If the password is right, or nothing was compared, it is given back.
    pub(crate) fn try_password(&self, caller: &Caller, address: &Address) -> Result<Try<'_>, Refusal> {
        let mut begun = Try { engine: self, counted: Vec::with_capacity(2) };
        let from = (!caller.peer.exempt).then(|| Limited::LoginsFrom(limited_ip(caller.peer.ip)));
        for key in [Some(Limited::LoginsOf(address.clone())), from].into_iter().flatten() {
            self.limit(&key)?;
            begun.counted.push(key);
        }
        Ok(begun)
    }

    /// Whether this account and this address may try another time; takes nothing yet. For secrets that cannot be guessed
    /// in any number of tries.
    pub(crate) fn may_try_login(&self, caller: &Caller, address: &Address) -> Result<(), Refusal> {
        self.check_limit(&Limited::LoginsOf(address.clone()))?;
        self.check_peer(&caller.peer, Limited::LoginsFrom)
    }

    /// Counts a failed login and makes the one answer to all of them.
    pub(crate) fn login_failed(&self, caller: &Caller, address: &Address) -> Refusal {
        count(&self.inner.metrics.logins_failed);
        // Whether this was the last try allowed is said at the next one.
        let _last = self.limit(&Limited::LoginsOf(address.clone()));
        let _last = self.limit_peer(&caller.peer, Limited::LoginsFrom);
        wrong_credentials()
    }
}

/// A try of a password.
pub(crate) struct Try<'a> {
    engine: &'a Engine,
    counted: Vec<Limited>,
}

impl Try<'_> {
    /// The password was wrong: the try stays counted, and is answered like all failed logins.
    pub(crate) fn failed(mut self) -> Refusal {
        count(&self.engine.inner.metrics.logins_failed);
        self.counted.clear();
        wrong_credentials()
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.counted.iter().for_each(|key| self.engine.inner.limits.give_back(key));
    }
}

fn wrong_credentials() -> Refusal {
    Refusal::new(Code::WrongCredentials, "Address, password or secret is wrong.")
}

fn gone(primary: bool) -> Refusal {
    if primary {
        Refusal::new(Code::Replaced, "Another phone has registered this account; this one is cut off.")
    } else {
        Refusal::new(Code::Revoked, "This device is no longer part of the account.")
    }
}

/// The password as SCRAM wants it (RFC 5802 §2.2); what SASLprep refuses is taken as it is.
fn prepared(password: &Secret<String>) -> Secret<String> {
    Secret::new(belfry_domain::address::saslprep(password.expose()))
}

/// StoredKey and ServerKey. RFC 5802 §3.
fn scram_sha256(password: &Secret<String>, salt: &[u8], iterations: u32) -> ([u8; 32], [u8; 32]) {
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.expose().as_bytes(), salt, iterations, &mut salted);
    let client = mac(&salted, &[b"Client Key"]);
    (Sha256::digest(client).into(), mac(&salted, &[b"Server Key"]))
}

/// StoredKey and ServerKey. RFC 5802 §3.
fn scram_sha1(password: &Secret<String>, salt: &[u8], iterations: u32) -> ([u8; 20], [u8; 20]) {
    let mut salted = [0; 20];
    pbkdf2::pbkdf2_hmac::<Sha1>(password.expose().as_bytes(), salt, iterations, &mut salted);
    let keyed = |text: &[u8]| -> [u8; 20] {
        let mut mac = Hmac::<Sha1>::new_from_slice(&salted).expect("HMAC takes keys of any length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    };
    (Sha1::digest(keyed(b"Client Key")).into(), keyed(b"Server Key"))
}

/// HMAC-SHA-256 over the parts.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_be_bytes(eight)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    // Every message that XMPP clients are told has an id that is written so.
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() > TOKEN_CHARS_MAX || !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scram_keys_are_those_of_the_rfcs() {
        // RFC 5802 §5 and RFC 7677 §3: user "user", password "pencil". The server's signature over the whole exchange
        // is HMAC(ServerKey, AuthMessage); the vectors give it in base64.
        let password = Secret::new("pencil".to_owned());
        let salt = [0x41, 0x25, 0xC2, 0x47, 0xE4, 0x3A, 0xB1, 0xE9, 0x3C, 0x6D, 0xFF, 0x76];
        let (_, server) = scram_sha1(&password, &salt, 4096);
        let message = b"n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
        let mut signature = Hmac::<Sha1>::new_from_slice(&server).expect("any length");
        signature.update(message);
        assert_eq!(hex(&signature.finalize().into_bytes()), "ae617da6a57c4bbb2e0286568dae1d251905b0a4");
    }

    #[test]
    fn hexadecimal_reads_back_and_nothing_else_does() {
        assert_eq!(unhex(&hex(&[0, 255, 16])), Some(vec![0, 255, 16]));
        for text in ["0", "zz", "é0", &"0".repeat(TOKEN_CHARS_MAX + 2)] {
            assert_eq!(unhex(text), None);
        }
    }
}
