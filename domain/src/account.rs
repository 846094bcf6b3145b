//! Accounts: who can be written to, and what proves who they are.
//!
//! Kept by the store as one record each. Invariant: addresses, phones and name skeletons are unique among accounts.

use crate::address::{Address, Phone};
use crate::contact::{Audience, Picture, PictureId};
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
    /// What they say about themselves; empty: nothing, or not to this reader.
    pub about: String,
    /// Their picture; `None`: there is none, or not for this reader.
    pub picture: Option<PictureId>,
}

/// What is to be changed of a [`Profile`]; what is `None` stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProfileChange {
    /// See [`Profile::display_name`].
    pub display_name: Option<String>,
    /// See [`Profile::about`].
    pub about: Option<String>,
    /// Another picture, under its id; inner `None`: no picture any longer.
    pub picture: Option<Option<(PictureId, Picture)>>,
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

/// What an account shows of what its people do, and to whom.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Privacy {
    /// Who is told how far one has read, and of whom one is told: both or neither.
    pub read_receipts: Audience,
    /// Who is told whether one is there and when one was there last, and of whom one is told it: both or neither.
    /// Contacts who were let in (`from`) are told whether one is there unless it is nobody.
    pub last_seen: Audience,
    /// Who sees the picture.
    pub picture: Audience,
    /// Who sees what one says about oneself.
    pub about: Audience,
    /// Who finds the account by its phone number.
    pub found_by_phone: Audience,
}

impl Default for Privacy {
    fn default() -> Privacy {
        Privacy {
            read_receipts: Audience::Everyone,
            last_seen: Audience::Contacts,
            picture: Audience::Everyone,
            about: Audience::Everyone,
            found_by_phone: Audience::Everyone,
        }
    }
}

/// What is to be changed of a [`Privacy`]; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PrivacyChange {
    /// See [`Privacy::read_receipts`].
    pub read_receipts: Option<Audience>,
    /// See [`Privacy::last_seen`].
    pub last_seen: Option<Audience>,
    /// See [`Privacy::picture`].
    pub picture: Option<Audience>,
    /// See [`Privacy::about`].
    pub about: Option<Audience>,
    /// See [`Privacy::found_by_phone`].
    pub found_by_phone: Option<Audience>,
}

impl PrivacyChange {
    /// What comes of it.
    #[must_use]
    pub fn of(self, present: Privacy) -> Privacy {
        Privacy {
            read_receipts: self.read_receipts.unwrap_or(present.read_receipts),
            last_seen: self.last_seen.unwrap_or(present.last_seen),
            picture: self.picture.unwrap_or(present.picture),
            about: self.about.unwrap_or(present.about),
            found_by_phone: self.found_by_phone.unwrap_or(present.found_by_phone),
        }
    }
}
