//! The port through which an operator's question "where is my message" is answered from what is durable.
//!
//! A message's id, or the id that its client gave it, comes in; what the store still knows of it leaves, without its
//! content. Nothing here is on the path of a message: a look may take some milliseconds, and is bounded by
//! [`TRACE_ENTRIES_MAX`].

use async_trait::async_trait;

use crate::address::Address;
use crate::ids::{AccountId, ClientMessageId, Cseq, DeviceId, MessageId, Seq, TimestampMs};
use crate::ports::StoreError;
use crate::retention::Retention;

/// Entries of one timeline that are looked through for a message, from the newest: some seconds on a slow disk.
pub const TRACE_ENTRIES_MAX: usize = 1_000_000;

/// What is kept of a direct message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Traced {
    /// Who wrote it and how long it is kept; `None`: its body is gone.
    pub written: Option<Written>,
    /// The members of its conversation in the conversation's order; one for notes to self.
    pub sides: Vec<TracedSide>,
}

/// The head of a message whose body is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written {
    /// By whom.
    pub author: AccountId,
    /// From which of the author's devices.
    pub device: DeviceId,
    /// What the device called it.
    pub client_id: ClientMessageId,
    /// When it was accepted.
    pub sent: TimestampMs,
    /// Its class.
    pub retention: Retention,
}

/// One member's side of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TracedSide {
    /// Whose.
    pub account: AccountId,
    /// The address, which outlives the account.
    pub address: Address,
    /// Whether the account is (still) there.
    pub there: bool,
    /// The entry in the owner's timeline.
    pub entry: TracedEntry,
    /// Devices that the account ever had; their numbers go from 1 to this.
    pub devices_made: u32,
    /// Up to where the other member has been given what this one wrote.
    pub peer_delivered: Cseq,
    /// Up to where the other member has read what this one wrote.
    pub peer_read: Cseq,
    /// Up to where this one has read the conversation.
    pub read: Cseq,
}

/// What became of a message's entry in a timeline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TracedEntry {
    /// It is there and readers get it.
    Kept(Seq),
    /// Its retention is over: readers no longer get it, though the disk may still hold it.
    Over(Seq),
    /// There is none, any more.
    Gone,
    /// It was not among the newest [`TRACE_ENTRIES_MAX`] entries; older ones were not looked at.
    NotLookedAt,
}

/// A message that was sent under a client's id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SentUnder {
    /// From which device.
    pub device: DeviceId,
    /// The message.
    pub id: MessageId,
    /// When it was accepted.
    pub sent: TimestampMs,
    /// Its place in the sender's timeline.
    pub seq: Seq,
}

/// Looking for messages.
#[async_trait]
pub trait Traces: Send + Sync {
    /// What is kept of a direct message. `None`: there is no such conversation, it is a room, or it has no such number.
    async fn trace(&self, id: MessageId) -> Result<Option<Traced>, StoreError>;

    /// What devices of an account, those that are gone included, have sent under a client's id, by device; only what is
    /// still remembered for repeated sends.
    async fn sent_under(&self, sender: AccountId, client_id: &ClientMessageId) -> Result<Vec<SentUnder>, StoreError>;
}
