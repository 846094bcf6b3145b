//! The port of timelines and conversations: the log that is the truth.
//!
//! One send is one transaction: dedupe, the conversation's number, the body, the entries of both timelines. What a
//! method has answered is durable. Numbers in a timeline are dense within an epoch and never used twice; readers see
//! nothing that is not durable.

use std::sync::Arc;

use async_trait::async_trait;

use crate::content::Content;
use crate::device::Cursor;
use crate::event::{Entry, Keeping, Message};
use crate::ids::{AccountId, ClientMessageId, ConversationId, Cseq, DeviceId, MessageId, Seq, TimestampMs};
use crate::ports::StoreError;
use crate::retention::{Retention, Wish};
use crate::sync_key::Places;

/// A direct message to be stored.
#[derive(Clone, Debug)]
pub struct Append {
    /// Who sends.
    pub sender: AccountId,
    /// From which device: the dedupe key is (sender, device, client id).
    pub device: DeviceId,
    /// What the device calls it.
    pub client_id: ClientMessageId,
    /// Hash over receiver and content: the same id with another hash is a conflict.
    pub fingerprint: [u8; 16],
    /// Who receives; may be the sender (notes to self: one entry).
    pub receiver: AccountId,
    /// What it says, already held to its limits.
    pub content: Content,
    /// Now.
    pub at: TimestampMs,
    /// Its class. [`Retention::UntilDelivered`] keeps the body in the timelines and nowhere else, so history by
    /// conversation shows only what is not delivered yet.
    pub retention: Retention,
}

/// A message that is stored, now or by an earlier try.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Appended {
    /// Its id.
    pub id: MessageId,
    /// When it was accepted (the first time).
    pub sent: TimestampMs,
    /// The sender's own entry: its place and the place before it.
    pub seq: Seq,
    /// The place before it.
    pub prev: Seq,
    /// An earlier try had stored it.
    pub duplicate: bool,
    /// The entries that were made, with their owners, to be shown to sessions; none for a duplicate.
    pub entries: Vec<(AccountId, Arc<Entry>)>,
}

/// What became of one message to be stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AppendOutcome {
    /// It is stored.
    Appended(Appended),
    /// The client id was used for something else.
    Conflict,
    /// No account with the sender's number (any more).
    NoSender,
    /// No account with the receiver's number (any more).
    NoReceiver,
    /// What waits for the receiver has reached the limit of the batch.
    MailboxFull,
    /// The sender blocks the receiver, see [`Contacts`](crate::ports::Contacts).
    Blocking,
    /// The receiver has never answered, does not list the sender, and as many messages as the batch allows have come.
    Unanswered,
}

/// How much waits for an account: messages of others behind its delivered floor that are still on the disk.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Waiting {
    /// Messages.
    pub entries: u64,
    /// Their contents together.
    pub bytes: u64,
}

/// How much may wait for an account. Nothing more is taken for it from the moment that either is reached; what a single
/// message weighs does not matter, so that a short one does not overtake a long one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MailboxLimit {
    /// Messages.
    pub entries: u64,
    /// Their contents together.
    pub bytes: u64,
    /// Messages of a sender whom the receiver does not list and has neither answered nor accepted. Counted alike whether
    /// or not they are withheld.
    pub unanswered: u32,
}

impl MailboxLimit {
    /// No limit.
    pub const NONE: MailboxLimit = MailboxLimit { entries: u64::MAX, bytes: u64::MAX, unanswered: u32::MAX };

    /// Whether nothing more is taken.
    pub fn is_reached(&self, waiting: Waiting) -> bool {
        waiting.entries >= self.entries || waiting.bytes >= self.bytes
    }
}

/// How much a page may hold; at least one entry is always given, unless none is among the first
/// [`PAGE_LOOKED_MAX`](crate::limits::PAGE_LOOKED_MAX) places.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PageLimit {
    /// Entries.
    pub entries: usize,
    /// The page ends with the entry that passes this weight.
    pub bytes: usize,
}

/// A stretch of a timeline.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Page {
    /// What is alive, in order; superseded state rows are left out.
    pub entries: Vec<Arc<Entry>>,
    /// Where the next page begins: the last place that was looked at, alive or not.
    pub next: Seq,
    /// There is more after `next`.
    pub more: bool,
    /// `after` was a place this log never had: the page begins at the beginning of what is kept.
    pub reset: bool,
    /// Messages were wanted, and some after the place asked for are no longer kept: expired, pruned, or given to
    /// another device where that ends them. Never because of rows that have moved on. It may be said by each page up
    /// to the place where the last one lay.
    pub gap: bool,
}

/// Where a timeline begins and ends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Head {
    /// The last place given out; [`Seq::ZERO`] if none.
    pub last: Seq,
    /// What every device that counts has been given.
    pub delivered_floor: Seq,
    /// What waits behind the floor.
    pub waiting: Waiting,
}

/// A device says how far it has got.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledge {
    /// Whose timeline.
    pub owner: AccountId,
    /// Which device.
    pub device: DeviceId,
    /// How far; values beyond the head, or lower than before, change nothing.
    pub cursor: Cursor,
    /// Now.
    pub at: TimestampMs,
}

/// An owner has read a conversation.
#[derive(Clone, Copy, Debug)]
pub struct MarkRead {
    /// Who.
    pub owner: AccountId,
    /// Which conversation; one that the owner has no part in changes nothing.
    pub conversation: ConversationId,
    /// Up to which message; more than the owner has been shown of the conversation counts as all of that.
    pub read: Cseq,
    /// Whether the other side is told, if each is in the audience of the other's read receipts.
    pub tell_peer: bool,
}

/// Entries that were made, each with the owner of its timeline.
pub type Made = Vec<(AccountId, Arc<Entry>)>;

/// A wish that holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeepingSet {
    /// Both wishes as they are now, seen by who asked.
    pub keeping: Keeping,
    /// The entries that were made, with their owners; none if nothing has changed.
    pub entries: Vec<(AccountId, Arc<Entry>)>,
}

/// Receipts that one pruning tells of: a few megabytes. What would be more is left to the next.
pub const PRUNE_TOLD_MAX: usize = 10_000;

/// What pruning took away.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pruned {
    /// Entries and bodies.
    pub entries: u64,
    /// Remembered client ids.
    pub dedupe: u64,
    /// Receipts of those whose messages ended before they were delivered, with their owners, to be shown to sessions.
    pub told: Vec<(AccountId, Arc<Entry>)>,
}

/// Timelines and conversations.
#[async_trait]
pub trait Timelines: Send + Sync {
    /// Stores messages in the order given, each wholly or not at all; one outcome for each. Returns after the sync.
    async fn append(&self, batch: Vec<Append>) -> Result<Vec<AppendOutcome>, StoreError> {
        self.append_within(batch, MailboxLimit::NONE).await
    }

    /// The same, but takes nothing for an account for which as much waits as may. Notes to self are always taken, and
    /// so is a repeat. The wishes of a conversation's members make the class that is asked for shorter.
    async fn append_within(&self, batch: Vec<Append>, mailbox: MailboxLimit) -> Result<Vec<AppendOutcome>, StoreError>;

    /// The entries after a place. Memory is bounded by `limit`, however much is waiting.
    async fn read_after(&self, owner: AccountId, after: Seq, limit: PageLimit) -> Result<Page, StoreError> {
        self.read_kinds_after(owner, Places::all(after), limit).await
    }

    /// The same for a reader who is not everywhere at the same place: of each kind the entries after its own place.
    async fn read_kinds_after(&self, owner: AccountId, after: Places, limit: PageLimit) -> Result<Page, StoreError>;

    /// Messages of a conversation below `before` (`None`: from the newest), newest last, and whether there are older
    /// ones. Outer `None`: the reader has no part in it.
    async fn read_before(
        &self,
        reader: AccountId,
        conversation: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<Option<(Vec<Arc<Message>>, bool)>, StoreError>;

    /// The direct conversation of two accounts, if they ever wrote to each other.
    async fn direct_conversation(&self, a: AccountId, b: AccountId) -> Result<Option<ConversationId>, StoreError>;

    /// Moves a device's cursor and, from what was delivered, the receipts of those who wrote it, in one transaction.
    /// Returns the receipts' entries with their owners. Durable when it returns. `None`: the account has no such device
    /// (any longer), and nothing was done.
    async fn acknowledge(&self, ack: Acknowledge) -> Result<Option<Made>, StoreError>;

    /// Moves the owner's read mark, and the receipt of the other side. Marks only grow. Returns the entries made.
    async fn mark_read(&self, mark: MarkRead) -> Result<Vec<(AccountId, Arc<Entry>)>, StoreError>;

    /// How far a device has got; the default if it is not there.
    async fn cursor(&self, owner: AccountId, device: DeviceId) -> Result<Cursor, StoreError>;

    /// Where a timeline begins and ends.
    async fn head(&self, owner: AccountId) -> Result<Head, StoreError>;

    /// How long the members of a direct conversation wish its messages to be kept. `None`: the owner has no part in it.
    async fn keeping(&self, owner: AccountId, conversation: ConversationId) -> Result<Option<Keeping>, StoreError>;

    /// Changes the owner's wish for the messages that are sent from now on, and tells both sides if it is another than
    /// before. `None`: the owner has no part in the conversation. Durable when it returns.
    async fn set_keeping(
        &self,
        owner: AccountId,
        conversation: ConversationId,
        wish: Wish,
    ) -> Result<Option<KeepingSet>, StoreError>;

    /// Takes away what is dead at `now` from the disk, invitations among it, and dedupe keys older than they are kept. Who
    /// wrote what ended before any device had it is told by the receipt.
    async fn prune(&self, now: TimestampMs) -> Result<Pruned, StoreError>;
}
