//! The port of what happens to messages and conversations after a message was sent.
//!
//! Each intent is one transaction over one state row and the entries that point to it. What has no effect makes no
//! entry, so an intent can be repeated. Nobody gets further than "not found" with a conversation of others.

use std::sync::Arc;

use async_trait::async_trait;

use crate::content::Content;
use crate::conversation::{Amendment, ConversationSettings, ConversationView, DraftText, MessageFlags};
use crate::event::Entry;
use crate::ids::{AccountId, ConversationId, MessageId, TimestampMs};
use crate::ports::{PageLimit, StoreError};

/// What is to become of a message, for both sides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// It says something else. Text, medium, extensions, mentions and kind are taken; what it answers, how often it was
    /// forwarded and when it disappears stay as they were.
    Edit(Content),
    /// It says nothing any more: what it said is erased wherever it is kept.
    Recall,
    /// What the person thinks of it, in place of an earlier reaction of the same person; empty: nothing.
    React(String),
    /// Pinned or not.
    Pin(bool),
}

/// A change of a message.
#[derive(Clone, Debug)]
pub struct Amend {
    /// Who asks.
    pub by: AccountId,
    /// Which message.
    pub id: MessageId,
    /// What is to change.
    pub change: Change,
    /// Now.
    pub at: TimestampMs,
    /// Edits and recalls of messages that were sent before this are too late.
    pub sent_since: TimestampMs,
}

/// What became of a change of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AmendOutcome {
    /// So it is now, with the entries that were made; none if it was so before.
    Amended(Arc<Amendment>, Vec<(AccountId, Arc<Entry>)>),
    /// There is no such message of theirs (any more).
    NotFound,
    /// Only its author may do that.
    NotAuthor,
    /// It was sent too long ago.
    TooLate,
    /// Who asks blocks the other side, see [`Contacts`](crate::ports::Contacts).
    Blocking,
}

/// A change of an owner's flags on a message; `None` leaves as it is.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Whose.
    pub owner: AccountId,
    /// Which message.
    pub id: MessageId,
    /// To be found again, or not any longer.
    pub starred: Option<bool>,
    /// Delete it for the owner, which cannot be undone.
    pub hide: bool,
    /// Now.
    pub at: TimestampMs,
}

/// A change of a conversation's settings; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange {
    /// No sound until then.
    pub muted_until: Option<TimestampMs>,
    /// At the top of the list.
    pub pinned: Option<bool>,
    /// Out of the way.
    pub archived: Option<bool>,
    /// What is being written.
    pub draft: Option<DraftText>,
    /// To be looked at again.
    pub marked_unread: Option<bool>,
    /// Messages of a stranger are wanted: the conversation is no longer a request. Never taken back.
    pub accepted: bool,
    /// New messages of both sides disappear after this.
    pub disappear_after_ms: Option<u64>,
}

/// Where a page of the list begins: after the conversation with this activity and number.
pub type ListPlace = (TimestampMs, ConversationId);

/// A state row as it is now, with the entries that its change has made.
pub type Changed<T> = (T, Vec<(AccountId, Arc<Entry>)>);

/// What happens to messages and conversations later.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Changes a message for both sides. A recalled message takes no change but its recall again.
    async fn amend(&self, amend: Amend) -> Result<AmendOutcome, StoreError>;

    /// Changes an owner's flags on a message; `None`: there is no such message of the owner's, or it is hidden.
    async fn flag(&self, flag: Flag) -> Result<Option<Changed<MessageFlags>>, StoreError>;

    /// Changes how an owner has a conversation; `None`: the owner has no part in it. A changed time to disappear is an
    /// entry of both sides.
    async fn set_conversation(
        &self,
        owner: AccountId,
        conversation: ConversationId,
        change: SettingsChange,
    ) -> Result<Option<Changed<ConversationSettings>>, StoreError>;

    /// The owner's conversations in which something was ever written, the one with the newest message first, and
    /// whether there are more. `after`: the last one of the page before. Messages sent before `since` are neither shown
    /// nor counted as unread: the reader may not know them.
    async fn list_conversations(
        &self,
        owner: AccountId,
        after: Option<ListPlace>,
        since: TimestampMs,
        limit: PageLimit,
    ) -> Result<(Vec<ConversationView>, bool), StoreError>;
}
