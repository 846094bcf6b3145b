//! What the client keeps and tells: messages, conversations, their states, and events.
//!
//! Plain data for whoever uses the library. A content keeps the shape of the schema, so that what this version does not
//! understand of it is stored and shown by the next one.

use std::time::Duration;

use belfry_wire::v1;

/// Who this device is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// `local@domain`.
    pub address: String,
    /// Number of the device within the account.
    pub device_id: u32,
}

/// How far a message that was sent from here has got.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Delivery {
    /// In the outbox; not acknowledged by the server yet.
    Waiting,
    /// On the server's disk: one tick.
    Sent,
    /// On a device of the other side: two ticks.
    Delivered,
    /// Read by the other side.
    Read,
    /// Refused for good, and why.
    Failed(String),
}

/// A message as it is kept here.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Place within the conversation, which is the order to show. 0: still in the outbox.
    pub cseq: u64,
    /// The conversation. 0: the server has not told its number yet.
    pub conversation_id: u64,
    /// Address of the other side of the conversation.
    pub peer: String,
    /// Address of the sender.
    pub from: String,
    /// Whether this account sent it.
    pub own: bool,
    /// What it says.
    pub content: v1::Content,
    /// When the server accepted it, or when it was put into the outbox. Milliseconds since 1970 UTC.
    pub sent_at_ms: u64,
    /// The id that the sending client gave; empty on messages of others.
    pub client_message_id: String,
    /// For own messages: how far it has got. [`Delivery::Sent`] on messages of others.
    pub delivery: Delivery,
    /// What has become of it since.
    pub life: Life,
}

/// What has become of a message since it was sent. Times are milliseconds since 1970 UTC; 0: it has not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// When it was last edited.
    pub edited_at_ms: u64,
    /// When it was recalled; then it says nothing any more.
    pub recalled_at_ms: u64,
    /// When it disappears.
    pub expires_at_ms: u64,
    /// What people think of it.
    pub reactions: Vec<v1::Reaction>,
    /// Pinned for both sides.
    pub pinned: bool,
    /// Starred on this account's devices.
    pub starred: bool,
}

impl Message {
    /// The text, or what stands for a kind that is not text.
    pub fn text(&self) -> &str {
        &self.content.text
    }
}

/// A conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversation {
    /// Its number. 0: only the outbox knows it.
    pub conversation_id: u64,
    /// Address of the other side.
    pub peer: String,
    /// What this account calls the other side, else what that shows as its name; empty if not known.
    pub display_name: String,
    /// Messages of others above the read mark.
    pub unread: u64,
    /// The newest message's place.
    pub last_cseq: u64,
    /// How far this account has read.
    pub read_cseq: u64,
    /// When the newest message was sent.
    pub last_at_ms: u64,
    /// How this account has it.
    pub settings: v1::ConversationSettings,
    /// From a stranger who waits to be heard: to be shown apart from the others. It is no request any more when this
    /// account writes in it, lists the other side, or says that it accepts ([`crate::Client::accept_messages`]).
    pub request: bool,
}

/// How this account stands to another one: a contact, somebody who asks to be one, somebody who is blocked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contact {
    /// Of the other account.
    pub address: String,
    /// What they show as their name; empty if not known here.
    pub display_name: String,
    /// What this account calls them; empty: by their own name.
    pub name: String,
    /// Under what this account has sorted them.
    pub labels: Vec<String>,
    /// In the list of contacts.
    pub listed: bool,
    /// This account is told whether they are there.
    pub to: bool,
    /// They are told whether this account is there.
    pub from: bool,
    /// This account has asked them and has no answer.
    pub asks: bool,
    /// Their next request is accepted unasked.
    pub approved: bool,
    /// They ask to be a contact.
    pub request: Option<v1::IncomingRequest>,
    /// Nothing goes from one to the other.
    pub blocked: bool,
}

impl Contact {
    pub(crate) fn of(contact: v1::Contact, display_name: String) -> Contact {
        let v1::Contact { address, name, labels, listed, to, from, asks, approved, request, blocked } = contact;
        Contact { address, display_name, name, labels, listed, to, from, asks, approved, request, blocked }
    }

    /// How to call them: as this account does, else as they do, else by their address.
    pub fn shown_name(&self) -> &str {
        let names = [&self.name, &self.display_name, &self.address];
        names.into_iter().find(|name| !name.is_empty()).map_or("", |name| name.as_str())
    }

    /// Both are told whether the other is there: what people call being in contact.
    pub fn is_mutual(&self) -> bool {
        self.to && self.from
    }

    /// Whether it is as if they had never met.
    pub fn is_nothing(&self) -> bool {
        let kept = (self.address.clone(), self.display_name.clone());
        *self == Contact { address: kept.0, display_name: kept.1, ..Contact::default() }
    }
}

/// A message that has just been put into the outbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalMessage {
    /// By which the message is known until it has a place in its conversation.
    pub client_message_id: String,
    /// When that was.
    pub created_at_ms: u64,
}

/// What is new in the lobby.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LobbyNews {
    /// Messages not told before, newest last.
    pub messages: Vec<v1::LobbyMessage>,
    /// All who are there, if that has changed.
    pub participants: Option<Vec<v1::Participant>>,
    /// Messages between the last told and the first of these are not kept any more.
    pub gap: bool,
}

/// Why the client stopped for good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// A new phone has registered the account.
    Replaced,
    /// The device was removed from its account.
    Revoked,
    /// The same device is connected from elsewhere.
    Superseded,
    /// Logged out from here.
    LoggedOut,
    /// The server does not want this device, and why.
    Refused(String),
    /// The server's key is not the one that was pinned.
    ServerKeyChanged {
        /// Fingerprint of the known key.
        known: String,
        /// Fingerprint of what the server shows.
        shown: String,
    },
    /// The local store failed.
    Store(String),
}

/// What happens. The store has it already when it is told.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientEvent {
    /// Logged in, or in the lobby as a guest.
    Connected {
        /// The account's address or the guest's name.
        who: String,
        /// Which server.
        server: String,
        /// A guest of the lobby.
        guest: bool,
    },
    /// Not connected any more, or another try failed.
    Disconnected {
        /// Why.
        reason: String,
        /// When the next try is.
        retry_in: Duration,
        /// Nothing listens at the address.
        refused: bool,
    },
    /// A message came, from the other side or from another device of this account.
    Message(Message),
    /// A message from the outbox was acknowledged or refused.
    MessageState {
        /// Which.
        client_message_id: String,
        /// To whom.
        peer: String,
        /// Its place, once it has one.
        cseq: u64,
        /// How far it is.
        delivery: Delivery,
    },
    /// A message was edited, recalled, pinned, starred, deleted or reacted to, by whichever side and device may do so.
    MessageChanged {
        /// The conversation.
        conversation_id: u64,
        /// Its place.
        cseq: u64,
    },
    /// This account has a conversation in another way, on whatever device.
    SettingsChanged(v1::ConversationSettings),
    /// Somebody is writing, or has stopped: because it was said, a message came, or nothing more was heard. Who was said
    /// to be writing is always said to have stopped.
    Typing {
        /// The conversation.
        conversation_id: u64,
        /// Who.
        from: String,
        /// Writing.
        active: bool,
    },
    /// The other side has got further.
    ReceiptChanged {
        /// The conversation.
        conversation_id: u64,
        /// The other side.
        peer: String,
        /// All up to here is on one of its devices.
        delivered_cseq: u64,
        /// All up to here was read.
        read_cseq: u64,
    },
    /// This account has read further, on whatever device.
    MarkChanged {
        /// The conversation.
        conversation_id: u64,
        /// How far.
        read_cseq: u64,
    },
    /// Somebody is called otherwise, says something else about themselves or has another picture.
    ProfileChanged(v1::Profile),
    /// This account stands to another one in another way, by whichever side and device. One that
    /// [is nothing](Contact::is_nothing) was removed.
    ContactChanged(Contact),
    /// Somebody asks to be a contact. The change of the contact was told just before.
    ContactRequest {
        /// Who.
        address: String,
        /// What they show as their name; empty if not known here.
        display_name: String,
        /// What they say with it; may be empty.
        note: String,
        /// Since when, in milliseconds since 1970 UTC.
        asked_at_ms: u64,
    },
    /// Somebody is there in another way. Kept nowhere: it is true while there is a link.
    PresenceChanged(v1::Presence),
    /// The link is gone or was too slow: how people are there is not known until it is told again.
    PresencesUnknown,
    /// Messages that came while this device was away are not kept by the server any more, and were not among what could
    /// still be fetched: the history here is incomplete. [`crate::Client::missing`] says where.
    Missing {
        /// The conversation.
        conversation_id: u64,
        /// The other side.
        peer: String,
        /// The first that is missing.
        first_cseq: u64,
        /// The last; there may be others between the two.
        last_cseq: u64,
    },
    /// What is new in the lobby.
    LobbyUpdate(LobbyNews),
    /// The server's log began anew: what was kept is forgotten, the outbox is not.
    Reset,
    /// All that was kept by the server has been told; from here on it is live.
    CaughtUp,
    /// The client has stopped for good. The last event.
    Ended(End),
    /// A device of the account was added, removed or renamed.
    DevicesChanged,
}
