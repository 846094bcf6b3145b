//! The ports: what the rules need from the world, as traits of few, whole intents.
//!
//! One method is one transaction. [`Store`] is the sum of the storage ports; an adapter implements all of them over one
//! database. Errors of a port are about the world ([`StoreError`]); what a caller may have done wrong is in each
//! method's own outcome.

mod accounts;
mod clock;
mod contacts;
mod conversations;
mod documents;
mod entropy;
mod registrations;
mod rooms;
mod sms;
mod timelines;
mod traces;

pub use accounts::{AccountOutcome, Accounts, AddedDevice, DeviceOutcome, Devices, NewAccount, NewDevice, PrivacySet};
pub use clock::Clock;
pub use contacts::{ContactChange, ContactOutcome, Contacts, InviteOutcome};
pub use conversations::{Amend, AmendOutcome, Change, Changed, Conversations, Flag, ListPlace, SettingsChange};
pub use documents::{DocumentOutcome, Documents};
pub use entropy::{Entropy, random_array};
pub use registrations::Registrations;
pub use rooms::{RoomAppend, RoomAppended, RoomPage, Rooms};
pub use sms::{Sms, SmsError};
pub use timelines::{
    Acknowledge, Append, AppendOutcome, Appended, Head, KeepingSet, Made, MailboxLimit, MarkRead, PRUNE_TOLD_MAX, Page,
    PageLimit, Pruned, Timelines, Waiting,
};
pub use traces::{SentUnder, TRACE_ENTRIES_MAX, Traced, TracedEntry, TracedSide, Traces, Written};

/// Why a store could not do what it was asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, or nearly: nothing was written. Reading still works.
    #[error("the disk that holds the data is full")]
    Full,
    /// A write or its sync failed. What it was about may or may not be on disk; the store takes no further writes until
    /// it is opened anew, since a sync that failed once cannot be trusted a second time.
    #[error("the store failed and takes no more writes: {0}")]
    Failed(String),
    /// A record does not read as what it should be.
    #[error("the store holds a damaged record: {0}")]
    Corrupt(String),
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
}

/// All storage ports of one database.
pub trait Store:
    Accounts + Contacts + Conversations + Devices + Documents + Registrations + Rooms + Timelines + Traces
{
}

impl<T> Store for T where
    T: Accounts + Contacts + Conversations + Devices + Documents + Registrations + Rooms + Timelines + Traces
{
}
