//! Devices: what speaks for an account, and how far each has got.
//!
//! A device is a cursor over its account's timeline plus the proof of who it is. Invariant: an account has at most one
//! primary that is not revoked.

use crate::ids::{AccountId, DeviceId, Seq, TimestampMs};

/// What a device is to its account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeviceRole {
    /// The phone: one for each account, a new one cuts off the old one.
    Primary,
    /// Any further device; a password login makes one of these.
    Companion,
}

/// A device of an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Device {
    /// Whose.
    pub account: AccountId,
    /// Allotted by the store, never reused within the account.
    pub id: DeviceId,
    /// What it is to the account.
    pub role: DeviceRole,
    /// What its owner calls it.
    pub name: String,
    /// Its Noise static public key, if it has one: being able to speak under it is the login.
    pub noise_key: Option<[u8; 32]>,
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// When it was added.
    pub created: TimestampMs,
    /// When it was last connected.
    pub last_seen: TimestampMs,
    /// What it runs on, as it said itself when it was added; empty: not said.
    pub platform: String,
    /// All up to here is not synced to it: it was there before the device.
    pub synced_from: Seq,
    /// Messages sent before this are not in the history that it may read; zero: all are.
    pub history_from: TimestampMs,
    /// Its tokens of a smaller serial number are not good any more; the engine counts them. Zero: it never had one.
    pub tokens_from: u64,
}

/// What a new companion gets of what was there before it. A primary gets all.
///
/// What the account has not been delivered comes to every new device: its senders' ticks wait for it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Past {
    /// Nothing more than the undelivered, and it may not read older messages either.
    Nothing,
    /// What the account has not been delivered.
    #[default]
    Undelivered,
    /// The newest messages.
    Recent {
        /// Not those sent before.
        since: TimestampMs,
        /// At most so many.
        messages: usize,
    },
    /// All that is kept.
    All,
}

impl Past {
    /// The first moment of the history that a device added at `created` may read.
    pub fn history_from(self, created: TimestampMs) -> TimestampMs {
        match self {
            Past::Nothing => created,
            Past::Undelivered | Past::Recent { .. } | Past::All => TimestampMs(0),
        }
    }
}

/// How far a device has got in its account's timeline. Both only grow.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cursor {
    /// All up to here need not be sent to it again.
    pub passed: Seq,
    /// All up to here was really given to its user.
    pub delivered: Seq,
}
