//! Entries of a timeline and the messages of a conversation, as readers get them.
//!
//! An [`Entry`] has its place ([`Seq`]) and the place before it, so that a reader can tell whether it has missed one.
//! Entries are shared behind `Arc`: one in memory, however many sessions it goes to.

use std::sync::Arc;

use crate::account::{Privacy, Profile};
use crate::address::{Address, RoomName};
use crate::contact::ContactView;
use crate::content::Content;
use crate::conversation::{Amendment, ConversationSettings, Life, MessageFlags};
use crate::ids::{AccountId, ClientMessageId, ConversationId, Cseq, DeviceId, LeaseId, MessageId, Seq, TimestampMs};
use crate::retention::Wish;
use crate::stretch::Stretch;

/// Who wrote a message.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Author {
    /// A device of an account.
    Account {
        /// Its account.
        account: AccountId,
        /// The account's address; in the lobby readers see `name`.
        address: Address,
        /// The device.
        device: DeviceId,
    },
    /// A guest of the lobby.
    Guest {
        /// The stay.
        lease: LeaseId,
        /// The name during it.
        name: RoomName,
    },
}

/// A message of a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Its id and its place in the conversation.
    pub id: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// For direct conversations the other side's address.
    pub to: Option<Address>,
    /// In the lobby the author's name there.
    pub room_name: Option<RoomName>,
    /// What the author's device called it.
    pub client_id: ClientMessageId,
    /// When the server accepted it.
    pub sent: TimestampMs,
    /// What it says.
    pub content: Content,
    /// What has become of it since.
    pub life: Life,
}

impl Message {
    /// When it disappears, if it does.
    pub fn expires(&self) -> Option<TimestampMs> {
        self.content.lifetime_ms.map(|lifetime| self.sent.plus_ms(lifetime))
    }

    /// What is left of it when it was recalled: its place, its author and when.
    #[must_use]
    pub fn tombstone(&self, recalled: TimestampMs) -> Message {
        let life = Life { recalled: Some(recalled), ..Life::default() };
        Message { content: self.content.erased(), life, ..self.clone() }
    }
}

/// How far the other side of a direct conversation has got with what the owner wrote.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// The conversation.
    pub conversation: ConversationId,
    /// The other side.
    pub peer: Address,
    /// Delivered up to here.
    pub delivered: Cseq,
    /// Read up to here.
    pub read: Cseq,
    /// Stretches of which no device of the other side ever had one of the owner's messages or will have, whatever
    /// `delivered` says; in order, apart from each other, at most [`crate::stretch::STRETCHES_MAX`].
    pub undelivered: Vec<Stretch>,
}

/// How far the owner has read a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mark {
    /// The conversation.
    pub conversation: ConversationId,
    /// Read up to here.
    pub read: Cseq,
}

/// How long the two members of a conversation wish its messages to be kept. The shorter wish holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Keeping {
    /// The conversation.
    pub conversation: ConversationId,
    /// The other side.
    pub peer: Address,
    /// The owner's wish.
    pub mine: Wish,
    /// The other side's.
    pub theirs: Wish,
}

/// What an entry is about. All but messages are state rows: a reader gets the latest value only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Item {
    /// A message, incoming or one's own.
    Message(Arc<Message>),
    /// The other side has got further.
    Receipt(Receipt),
    /// The owner has read further.
    Mark(Mark),
    /// The owner's profile has changed.
    Profile(Profile),
    /// A message was edited, recalled, pinned or reacted to.
    Amendment(Arc<Amendment>),
    /// The owner has starred or deleted a message.
    Flags(MessageFlags),
    /// The owner has a conversation in another way.
    Settings(Arc<ConversationSettings>),
    /// A member's wish for a conversation has changed.
    Keeping(Keeping),
    /// What the owner shows has changed.
    Privacy(Privacy),
    /// How the owner stands to another account has changed; one that is nothing was removed.
    Contact(Arc<ContactView>),
}

/// One entry of a timeline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its place.
    pub seq: Seq,
    /// The place before it in the same timeline, whether or not that entry is still kept.
    pub prev: Seq,
    /// What it is about.
    pub item: Item,
}

impl Entry {
    /// About how many bytes of memory this takes.
    pub fn weight(&self) -> usize {
        128 + match &self.item {
            Item::Message(message) => message.content.weight(),
            Item::Amendment(amendment) => amendment.content.as_ref().map_or(0, Content::weight),
            Item::Settings(settings) => settings.draft.text.len(),
            Item::Receipt(_) | Item::Mark(_) | Item::Profile(_) | Item::Flags(_) => 0,
            Item::Keeping(_) | Item::Privacy(_) => 0,
            Item::Contact(view) => {
                let contact = &view.contact;
                let note = contact.asked.as_ref().map_or(0, |asked| asked.note.len());
                contact.name.len() + note + contact.labels.iter().map(|label| 24 + label.len()).sum::<usize>()
            }
        }
    }
}
