//! What the engine answers and tells: closed enums of plain data.
//!
//! It leaves the engine towards a door, whose `convert.rs` makes bytes of it. Nothing here knows a wire format. Invariant:
//! what somebody is not to know is not in what they are answered.

use std::sync::Arc;

use belfry_domain::{
    AccountId, Address, Amendment, ContactView, ConversationId, ConversationSettings, ConversationView, Cseq, Device,
    DeviceId, Entry, Invite, InviteKind, Keeping, Message, MessageFlags, MessageId, Picture, Privacy, Profile,
    RoomName, Secret, Seq, SyncKey, TimestampMs, Wish,
};

use crate::command::Identity;
use crate::handing::Stanza;
use crate::linking::{LinkBegun, LinkScanned, LinkStatus};
use crate::presence::Presence;

/// An invitation that was just made.
#[derive(Clone, Debug)]
pub struct InviteMade {
    /// What is kept of it.
    pub invite: Invite,
    /// Its token; not kept by the server.
    pub token: Secret<String>,
    /// The link with the token in it.
    pub link: Secret<String>,
    /// The same for XMPP clients, where they come here (XEP-0379, XEP-0445).
    pub uri: Option<Secret<String>>,
}

/// An invitation as whoever has its token sees it.
#[derive(Clone, Debug)]
pub struct InviteSeen {
    /// For what it is good.
    pub kind: InviteKind,
    /// Who invites.
    pub by: Address,
    /// What people see of them.
    pub display_name: String,
    /// Until when it is good.
    pub expires: TimestampMs,
    /// The same for XMPP clients, where they come here (XEP-0379, XEP-0445).
    pub uri: Option<Secret<String>>,
}

/// How long a conversation's messages are kept.
#[derive(Clone, Debug)]
pub struct RetentionView {
    /// What its members wish.
    pub keeping: Keeping,
    /// What the server keeps where nobody wishes for less.
    pub server: Wish,
    /// What holds for a message that is sent now.
    pub effective: Wish,
}

/// What a new device keeps.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The account.
    pub account: AccountId,
    /// Its address.
    pub address: Address,
    /// The device.
    pub device: DeviceId,
    /// Its secret; not kept by the server.
    pub secret: Secret<String>,
    /// An access token.
    pub token: Secret<String>,
    /// How long the token is good.
    pub token_expires_in_ms: u64,
    /// A phone rather than a companion.
    pub primary: bool,
    /// The account was there before.
    pub replaced: bool,
}

/// A message that is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sent {
    /// Its id.
    pub id: MessageId,
    /// When it was accepted.
    pub at: TimestampMs,
    /// An earlier try had stored it.
    pub duplicate: bool,
    /// The sender's place before its own copy.
    pub prev: Seq,
    /// The sender's place of its own copy.
    pub seq: Seq,
}

/// A stretch of a timeline, for a sync or a notification.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The key before the first.
    pub prev: SyncKey,
    /// The key to go on from.
    pub key: SyncKey,
    /// What is there, in order.
    pub entries: Vec<Arc<Entry>>,
    /// There is more after `key`.
    pub more: bool,
    /// `prev` is from another life of the log.
    pub reset: bool,
    /// Some messages after `prev` are no longer kept.
    pub gap: bool,
}

/// Somebody is writing, or has stopped. Kept nowhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Typing {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Who.
    pub from: Address,
    /// Writing.
    pub active: bool,
}

/// What has become of who may know whether somebody is there, as the account's clients are told it once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subscribed {
    /// They let the account in (RFC 6121 §3.1.5).
    LetIn,
    /// They do not, or not any longer (RFC 6121 §3.2.2).
    ShutOut,
    /// They do not want to be told of the account any longer (RFC 6121 §3.3.2).
    Left,
}

/// What is told while it is true, to open links, and kept nowhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Live {
    /// Somebody is writing.
    Typing(Arc<Typing>),
    /// Somebody is there, or is not.
    Presence(Arc<Presence>),
    /// Another client has handed it over.
    Stanza(Arc<Stanza>),
    /// A contact has let the account in, or otherwise; the row of the contact says so for good.
    Subscribed(Arc<(Address, Subscribed)>),
}

/// A device and whether it is connected.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// The device.
    pub device: Arc<Device>,
    /// Whether a session of it is open.
    pub online: bool,
}

/// Somebody in the lobby.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Participant {
    /// The name there.
    pub name: RoomName,
    /// An account rather than a guest.
    pub account: bool,
}

/// What is new in the lobby.
#[derive(Clone, Debug, Default)]
pub struct LobbyNews {
    /// New messages, newest last.
    pub messages: Vec<Arc<Message>>,
    /// Where to go on from.
    pub cseq: Cseq,
    /// All who are there, if that has changed.
    pub participants: Option<Arc<Vec<Participant>>>,
    /// The version of the participants.
    pub participants_version: u64,
    /// Messages between the asked place and the first given are gone.
    pub gap: bool,
    /// There is more after `cseq`.
    pub more: bool,
}

/// A name taken in the lobby.
#[derive(Clone, Debug)]
pub struct LobbyJoined {
    /// Who the caller is from now on (unchanged for a device).
    pub identity: Identity,
    /// A guest's token.
    pub token: Option<Secret<String>>,
    /// The name.
    pub name: RoomName,
    /// A guest not heard of for so long has left.
    pub lease_ms: u64,
    /// The newest messages and who is there; its `more`: there are older ones.
    pub news: LobbyNews,
}

/// What the engine answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Done, nothing to say.
    Done,
    /// A PIN is on its way.
    PinSent {
        /// How many digits it has.
        digits: u32,
        /// How long it is good.
        expires_in_ms: u64,
        /// When another can be asked for.
        resend_after_ms: u64,
    },
    /// A device was added.
    Issued(Box<Issued>),
    /// An access token.
    Token {
        /// The token.
        token: Secret<String>,
        /// How long it is good.
        expires_in_ms: u64,
    },
    /// Stored.
    Sent(Sent),
    /// A stretch of the timeline.
    Batch(Batch),
    /// Older messages, newest last.
    History {
        /// The conversation.
        conversation: ConversationId,
        /// The messages.
        messages: Vec<Arc<Message>>,
        /// There are older ones.
        more: bool,
    },
    /// A message as it has become.
    Amended(Arc<Amendment>),
    /// One's flags on a message.
    Flags(MessageFlags),
    /// How one has a conversation.
    Settings(ConversationSettings),
    /// Conversations, newest first.
    Conversations {
        /// A page of them.
        views: Vec<ConversationView>,
        /// There are older ones.
        more: bool,
    },
    /// Where a device that has nothing begins.
    Snapshot {
        /// The end of the log.
        key: Seq,
        /// The newest conversations.
        views: Vec<ConversationView>,
        /// There are older ones.
        more: bool,
    },
    /// Whether an account exists.
    Exists(bool),
    /// A profile.
    Profile(Profile),
    /// Devices in the order they were added.
    Devices(Vec<DeviceView>),
    /// A name was taken.
    LobbyJoined(Box<LobbyJoined>),
    /// Said in the lobby.
    LobbySent {
        /// Its number.
        cseq: Cseq,
        /// When it was accepted.
        at: TimestampMs,
        /// An earlier try had stored it.
        duplicate: bool,
    },
    /// New or older things of the lobby.
    LobbyNews(LobbyNews),
    /// How often to send heartbeats.
    Heartbeat {
        /// Milliseconds.
        every_ms: u64,
    },
    /// The account as others are going to see it.
    Presence(Box<Presence>),
    /// Those that may be seen, as they are now.
    Watching {
        /// Their presences.
        presences: Vec<Presence>,
        /// They are watched so long.
        expires_in_ms: u64,
    },
    /// A code for linking.
    LinkBegun(Box<LinkBegun>),
    /// What became of a code.
    LinkStatus(Box<LinkStatus>),
    /// Which device asks to join.
    LinkScanned(Box<LinkScanned>),
    /// The device that has joined; `None`: it was refused.
    LinkConfirmed(Option<DeviceId>),
    /// How long a conversation's messages are kept.
    Retention(Box<RetentionView>),
    /// What others see of what one does.
    Privacy(Privacy),
    /// How one stands to another account.
    Contact(ContactView),
    /// A page of contacts, requests and blocked accounts.
    Contacts {
        /// By account.
        views: Vec<ContactView>,
        /// Where the next page begins; `None`: there is none.
        next: Option<AccountId>,
    },
    /// Whom one was looking for, as they show themselves.
    Found(Option<Profile>),
    /// A picture.
    Picture(Arc<Picture>),
    /// An invitation was made.
    InviteMade(Box<InviteMade>),
    /// One's own invitations.
    Invites(Vec<Invite>),
    /// What an invitation is good for.
    InviteSeen(Box<InviteSeen>),
}
