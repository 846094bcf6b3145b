//! Tokens with which an XMPP client logs in again without its password. XEP-0484, and the HT mechanisms of SASL.
//!
//! Who has logged in comes in and a token leaves; later a proof of the token comes in, and a [`Proved`] leaves. Nothing is
//! stored but a serial number for each device. A token is made of the server's key, the account and its device, the
//! mechanism, the salt of the password and the serial number, so that it ends with any of them: another password and a
//! removed device end all of theirs. Invariants: checking a token hashes no password; whatever is not good is answered
//! alike, after the same work and on the same ticks.

use belfry_domain::{AccountId, Address, Code, Device, DeviceId, Refusal, Secret, TimestampMs};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use crate::accounts::REFUSED_LOGIN_TICK;
use crate::command::Caller;
use crate::credentials::{hex, mac};
use crate::{Agent, Engine, Proved, refused};

/// A token belongs to the week in which it was given. In the next one its client is given a new one.
const WEEK_MS: u64 = 7 * 24 * 3_600_000;

/// It is good in so many weeks, its own among them: a device that was away for three weeks gets in without a password.
const WEEKS: u64 = 4;

/// How a token is proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FastMechanism {
    /// HT-SHA-256-EXPR: with the channel, by its exporter (RFC 9266).
    Exporter,
    /// HT-SHA-256-ENDP: with the server's certificate (RFC 5929).
    EndPoint,
    /// HT-SHA-256-NONE: without it.
    Unbound,
}

/// A client that has proved its token.
#[derive(Debug)]
pub struct FastProved {
    /// Whose it is.
    pub proved: Proved,
    /// What proves the server to the client.
    pub confirmation: [u8; 32],
    /// It is to be given a new token.
    pub due: bool,
}

/// A token, for the client alone.
#[derive(Debug)]
pub struct FastToken {
    /// What it keeps.
    pub token: Secret<String>,
    /// From when it is good for nothing.
    pub expires: TimestampMs,
}

/// The serial number of a token: its week, and how many were ended in that week.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Serial(u64);

impl Serial {
    fn new(week: u64, ended: u64) -> Serial {
        Serial(week << 32 | ended)
    }

    fn week(self) -> u64 {
        self.0 >> 32
    }

    /// The token that is good among those of a week.
    fn of_week(week: u64, from: Serial) -> Option<Serial> {
        match week.cmp(&from.week()) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(from),
            std::cmp::Ordering::Greater => Some(Serial::new(week, 0)),
        }
    }

    /// One above all that were given so far: in a week that nobody has used yet the first is given by rotation alone.
    fn fresh(week: u64, from: Serial) -> Serial {
        Serial::new(week, 1).max(Serial(from.0 + 1))
    }

    fn expires(self) -> TimestampMs {
        TimestampMs((self.week() + WEEKS) * WEEK_MS)
    }
}

impl Engine {
    /// Checks what a client shows of its token: an HMAC under the token over `Initiator` and what binds.
    pub async fn fast_prove(
        &self,
        caller: &Caller,
        address: Address,
        agent: &Agent,
        mechanism: FastMechanism,
        binding: &[u8],
        shown: &[u8],
    ) -> Result<FastProved, Refusal> {
        self.may_try_login(caller, &address)?;
        let began = Instant::now();
        // Where there is no account, what nobody's account has is read.
        let found = self.store().account_by_address(&address).await.map_err(refused)?;
        let device = self.device_of(found.as_ref().map_or(AccountId(0), |account| account.id), agent).await?;
        let keys = found.and_then(|account| account.scram.clone());
        let known = device.zip(keys).map(|(device, keys)| (device, keys.salt));
        let (account, device, from) = known.as_ref().map_or((AccountId(0), DeviceId(0), Serial(0)), |(device, _)| {
            (device.account, device.id, Serial(device.tokens_from))
        });
        let salt = known.as_ref().map_or(&[0; 16][..], |(_, salt)| salt);
        let now = self.week().max(from.week());
        let mut found = None;
        for week in (now + 1).saturating_sub(WEEKS)..=now {
            let serial = Serial::of_week(week, from);
            let token = self.token_of(account, device, mechanism, serial.unwrap_or(Serial(0)), salt);
            let fits: bool = mac_text(&token, &[b"Initiator", binding]).as_slice().ct_eq(shown).into();
            if let Some(serial) = serial.filter(|_| fits) {
                found = Some((serial, mac_text(&token, &[b"Responder", binding])));
            }
        }
        // A device that never had a token has none that is good.
        let found = found.filter(|_| known.is_some() && from > Serial(0));
        let Some((serial, confirmation)) = found else {
            self.on_a_tick(REFUSED_LOGIN_TICK, began).await;
            let refusal = self.login_failed(caller, &address);
            return Err(Refusal {
                message: "This token is not good (any more): log in by password.".into(),
                ..refusal
            });
        };
        if serial > from {
            // XEP-0484 §3.5: those that were given before one that is used end.
            self.store().raise_tokens_from(account, device, serial.0).await.map_err(refused)?;
        }
        Ok(FastProved { proved: Proved::new(account, address), confirmation, due: serial.week() < now })
    }

    /// Gives a client that has logged in by password a token, and ends those it had. `None`: it has not said which client
    /// it is.
    pub async fn fast_token(
        &self,
        proved: &Proved,
        agent: &Agent,
        mechanism: FastMechanism,
    ) -> Result<Option<FastToken>, Refusal> {
        let Some(device) = self.device_of(proved.account(), agent).await? else { return Ok(None) };
        let serial = Serial::fresh(self.week(), Serial(device.tokens_from));
        self.store().raise_tokens_from(device.account, device.id, serial.0).await.map_err(refused)?;
        self.given(&device, mechanism, serial).await
    }

    /// Gives a client that has logged in by a token the one of this week. The old one is good until it uses the new one.
    pub async fn fast_rotate(
        &self,
        proved: &Proved,
        agent: &Agent,
        mechanism: FastMechanism,
    ) -> Result<Option<FastToken>, Refusal> {
        let Some(device) = self.device_of(proved.account(), agent).await? else { return Ok(None) };
        let from = Serial(device.tokens_from);
        let serial = Serial::of_week(self.week().max(from.week()), from).unwrap_or(from);
        self.given(&device, mechanism, serial).await
    }

    /// Ends all tokens of a client.
    pub async fn fast_invalidate(&self, proved: &Proved, agent: &Agent) -> Result<(), Refusal> {
        if let Some(device) = self.device_of(proved.account(), agent).await? {
            let serial = Serial::fresh(self.week(), Serial(device.tokens_from));
            self.store().raise_tokens_from(device.account, device.id, serial.0).await.map_err(refused)?;
        }
        Ok(())
    }

    async fn given(
        &self,
        device: &Device,
        mechanism: FastMechanism,
        serial: Serial,
    ) -> Result<Option<FastToken>, Refusal> {
        let account = self.store().account(device.account).await.map_err(refused)?;
        let gone = || Refusal::new(Code::NotFound, "The account no longer exists.");
        let Some(keys) = account.ok_or_else(gone)?.scram.clone() else { return Ok(None) };
        let token = self.token_of(device.account, device.id, mechanism, serial, &keys.salt);
        Ok(Some(FastToken { token: Secret::new(token), expires: serial.expires() }))
    }

    fn week(&self) -> u64 {
        self.now().0 / WEEK_MS
    }

    fn token_of(
        &self,
        account: AccountId,
        device: DeviceId,
        mechanism: FastMechanism,
        serial: Serial,
        salt: &[u8],
    ) -> String {
        let bound = [match mechanism {
            FastMechanism::Unbound => 0,
            FastMechanism::Exporter => 1,
            FastMechanism::EndPoint => 2,
        }];
        let (account, device, serial) = (account.0.to_be_bytes(), device.0.to_be_bytes(), serial.0.to_be_bytes());
        hex(&mac(&self.inner.secrets.token_key, &[b"fast token ", &account, &device, &serial, &bound, salt]))
    }
}

/// HMAC-SHA-256 under a text.
fn mac_text(key: &str, parts: &[&[u8]]) -> [u8; 32] {
    use hmac::{Hmac, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_has_one_good_token_and_none_below_what_was_ended() {
        let from = Serial::new(10, 2);
        assert_eq!(Serial::of_week(9, from), None);
        assert_eq!(Serial::of_week(10, from), Some(from));
        assert_eq!(Serial::of_week(11, from), Some(Serial::new(11, 0)));
        assert_eq!(Serial::fresh(10, from), Serial::new(10, 3));
        assert_eq!(Serial::fresh(11, from), Serial::new(11, 1), "above the one that rotation may have given");
        assert_eq!(Serial::fresh(8, from), Serial::new(10, 3), "a clock that went back revives nothing");
        assert_eq!(from.expires(), TimestampMs(14 * WEEK_MS));
    }
}
