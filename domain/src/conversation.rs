//! The later life of messages and conversations: edits, recalls, reactions, flags, settings, the list.
//!
//! All of it is state: a row with one value, of which a reader gets the latest only. What both sides see hangs on the
//! message ([`Amendment`]) or the conversation; what is one person's own hangs on the owner ([`MessageFlags`]).

use std::sync::Arc;

use crate::address::Address;
use crate::content::Content;
use crate::event::{Message, Receipt};
use crate::ids::{ConversationId, Cseq, MessageId, TimestampMs};
use crate::limits::{DRAFT_BYTES_MAX, REACTION_BYTES_MAX};

/// What somebody thinks of a message: one for each person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reaction {
    /// Who.
    pub by: Address,
    /// An emoji.
    pub emoji: String,
}

/// Whether a text can be a reaction; the empty one takes a reaction back.
pub fn is_reaction(text: &str) -> bool {
    text.len() <= REACTION_BYTES_MAX && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// What has become of a message since it was sent, as one reader may know it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Life {
    /// When it was last edited.
    pub edited: Option<TimestampMs>,
    /// When it was recalled; then it says nothing any more.
    pub recalled: Option<TimestampMs>,
    /// By address; only histories and lists have them.
    pub reactions: Vec<Reaction>,
    /// Pinned for both sides; only histories and lists have it.
    pub pinned: bool,
    /// Starred by the reader; only histories and lists have it.
    pub starred: bool,
}

/// The later life of a message that both sides see.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Amendment {
    /// Which message.
    pub id: MessageId,
    /// Who wrote it.
    pub author: Address,
    /// When it was last edited; each edit is at least a millisecond later than the one before.
    pub edited: Option<TimestampMs>,
    /// What it says since then; `None` where that is not kept any more: the reader's devices have been given it.
    pub content: Option<Content>,
    /// When it was recalled.
    pub recalled: Option<TimestampMs>,
    /// One for each person, by address.
    pub reactions: Vec<Reaction>,
    /// Pinned for both sides.
    pub pinned: bool,
}

/// What one owner has put on a message, for the own devices only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MessageFlags {
    /// Which message.
    pub id: MessageId,
    /// To be found again.
    pub starred: bool,
    /// Deleted for oneself.
    pub hidden: bool,
}

/// A message that is being written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DraftText {
    /// So far.
    pub text: String,
    /// The message that it answers.
    pub reply_to: Option<Cseq>,
}

impl DraftText {
    /// Whether it is short enough to be kept.
    pub fn fits(&self) -> bool {
        self.text.len() <= DRAFT_BYTES_MAX
    }
}

/// How an owner has a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConversationSettings {
    /// Which.
    pub conversation: ConversationId,
    /// The other side.
    pub peer: Address,
    /// No sound until then; 0: not muted.
    pub muted_until: TimestampMs,
    /// At the top of the list.
    pub pinned: bool,
    /// Out of the way.
    pub archived: bool,
    /// What was being written; empty: nothing.
    pub draft: DraftText,
    /// To be looked at again although it was read.
    pub marked_unread: bool,
    /// From a stranger who waits to be heard: the owner has neither written, reacted nor accepted in it, and does not
    /// list the other side. To be shown apart from the others.
    pub request: bool,
    /// New messages disappear after this, in milliseconds; 0: they do not. The same for both sides.
    pub disappear_after_ms: u64,
}

/// A conversation as its owner's list has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConversationView {
    /// How the owner has it; names the conversation and the other side.
    pub settings: ConversationSettings,
    /// When the last message was sent, whether or not it is still kept.
    pub active: TimestampMs,
    /// The last message's number, whether or not it is still kept.
    pub last: Cseq,
    /// The newest message that is kept and not hidden, as amended.
    pub message: Option<Arc<Message>>,
    /// Messages of the other side above the read mark that are kept, not recalled and not hidden; at most
    /// [`crate::limits::UNREAD_MAX`].
    pub unread: u32,
    /// How far the owner has read.
    pub read: Cseq,
    /// How far the other side has got with what the owner wrote.
    pub receipt: Receipt,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_short_and_has_nothing_invisible_to_break_a_line() {
        for (text, fits) in [("", true), ("👍🏽", true), ("ok", true), ("a b", false), ("\n", false)] {
            assert_eq!(is_reaction(text), fits, "{text:?}");
        }
        assert!(is_reaction(&"x".repeat(32)));
        assert!(!is_reaction(&"x".repeat(33)));
    }
}
