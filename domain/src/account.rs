//! Accounts: who can be written to, and what proves who they are.
//!
//! Kept by the store as one record each. Invariant: addresses, phones and name skeletons are unique among accounts.

use crate::address::{Address, Phone};
use crate::ids::{AccountId, TimestampMs};

/// A person, a bot or a service that can be written to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// Allotted by the store.
    pub id: AccountId,
    /// `local@domain`, prepared.
    pub address: Address,
    /// The number it was registered with, if it was.
    pub phone: Option<Phone>,
    /// What people see.
    pub display_name: String,
    /// The password's keys, if it has one.
    pub scram: Option<ScramKeys>,
    /// When it was made.
    pub created: TimestampMs,
}

/// What others may see of an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Whose.
    pub address: Address,
    /// What people see.
    pub display_name: String,
}

/// A password as SCRAM keeps it (RFC 5802 §3): keys from which the password cannot be read, for both hashes.
#[derive(Clone, Eq, PartialEq)]
pub struct ScramKeys {
    /// Random, 16 bytes.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// StoredKey and ServerKey of SCRAM-SHA-1.
    pub sha1: ([u8; 20], [u8; 20]),
    /// StoredKey and ServerKey of SCRAM-SHA-256.
    pub sha256: ([u8; 32], [u8; 32]),
}

impl std::fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScramKeys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

/// The state of a phone number's registration: the PIN that is out, and how often it was tried and sent.
///
/// The rules over it are the engine's; the store swaps whole records, so that two tries at once are two tries.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Registration {
    /// HMAC of the PIN under the server's pepper; `None`: no PIN is out.
    pub pin_mac: Option<[u8; 32]>,
    /// When the PIN was sent.
    pub sent: TimestampMs,
    /// Tries left on this PIN.
    pub tries_left: u32,
    /// Start of the day over which the two next fields count.
    pub day: TimestampMs,
    /// PINs sent this day.
    pub sent_today: u32,
    /// Tries this day, whichever PIN.
    pub tries_today: u32,
}

/// What an account shows of what its people do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Privacy {
    /// Others are told how far one has read, and one is told of them: both or neither.
    pub read_receipts: bool,
}

impl Default for Privacy {
    fn default() -> Privacy {
        Privacy { read_receipts: true }
    }
}

/// What is to be changed of a [`Privacy`]; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PrivacyChange {
    /// See [`Privacy::read_receipts`].
    pub read_receipts: Option<bool>,
}

impl PrivacyChange {
    /// What comes of it.
    #[must_use]
    pub fn of(self, present: Privacy) -> Privacy {
        Privacy { read_receipts: self.read_receipts.unwrap_or(present.read_receipts) }
    }
}
