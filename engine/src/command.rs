//! What doors ask of the engine and what it answers: closed enums of plain data.
//!
//! A door's `convert.rs` turns its bytes into a [`Command`] and a [`Reply`] into its bytes. Nothing here knows a wire
//! format; everything here has been held to its type's rules.

use std::net::IpAddr;
use std::sync::Arc;

use belfry_domain::ports::{Change, ListPlace, SettingsChange};
use belfry_domain::{
    AccountId, Address, Amendment, ClientMessageId, ContactView, Content, ConversationId, ConversationSettings,
    ConversationView, Cseq, DataKinds, Deed, Device, DeviceId, Entry, Invite, InviteKind, Keeping, LeaseId, Message,
    MessageFlags, MessageId, Phone, Picture, PictureId, Privacy, PrivacyChange, Profile, RoomName, Secret, Seq,
    SyncKey, TimestampMs, Wish,
};

use crate::linking::{LinkBegun, LinkId, LinkScanned, LinkState, LinkStatus};
use crate::presence::{Availability, Presence};

/// Who is on the other side of a link.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The address it comes from.
    pub ip: IpAddr,
    /// The port it comes from; 0 if that is not known.
    pub port: u16,
    /// Whether limits by address are not for it (a setting: load balancers, tests).
    pub exempt: bool,
    /// How it came, for the registry and the logs: `tcp+noise`, `tcp+tls`, `ws`, `http` …
    pub carrier: &'static str,
}

/// Who asks, as the engine has proved it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Identity {
    /// Not logged in. Under Noise the key that the client speaks under becomes that of the device it registers.
    Nobody {
        /// The client's Noise static key.
        noise_key: Option<[u8; 32]>,
    },
    /// A guest of the lobby.
    Guest {
        /// The stay.
        lease: LeaseId,
        /// The name during it.
        name: RoomName,
    },
    /// A device of an account.
    Device {
        /// The account.
        account: AccountId,
        /// The account's address.
        address: Address,
        /// The device.
        device: DeviceId,
    },
}

/// Who asks, from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Proved by the engine.
    pub identity: Identity,
    /// Told by the listener.
    pub peer: Peer,
}

/// A message as a client wants it sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// To whom.
    pub to: Address,
    /// The client's id for it.
    pub client_id: ClientMessageId,
    /// What it says.
    pub content: Content,
}

/// Which conversation a client means.
#[derive(Clone, Debug)]
pub enum ConversationRef {
    /// By its number.
    Id(ConversationId),
    /// The direct one with this address.
    Peer(Address),
}

/// By what somebody is to be found.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Exactly this address.
    Address(Address),
    /// The local part of an address of this server.
    Name(String),
    /// A phone number.
    Phone(Phone),
}

/// What is to be changed of one's own profile; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ProfileWish {
    /// What people see; empty: the local part of the address.
    pub display_name: Option<String>,
    /// What one says about oneself.
    pub about: Option<String>,
    /// The picture; inner `None`: none any longer.
    pub picture: Option<Option<Picture>>,
}

/// An account to be made by an invitation.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// The token of the invitation, or the whole link.
    pub token: Secret<String>,
    /// The wished local part.
    pub name: String,
    /// Its password.
    pub password: Secret<String>,
    /// What people see; empty: the local part.
    pub display_name: String,
    /// What its first device is called.
    pub device_name: String,
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Send a PIN to a phone.
    RequestPin {
        /// Where to.
        phone: Phone,
    },
    /// Exchange a PIN for the credentials of a new primary device.
    VerifyPin {
        /// The number.
        phone: Phone,
        /// What the person typed.
        pin: Secret<String>,
        /// The wished local part of a new account; `None`: the digits of the number.
        name: Option<String>,
        /// What the device is called.
        device_name: String,
        /// What people see; empty: the local part.
        display_name: String,
    },
    /// Add a companion by the account's password.
    AddDevice {
        /// Which account.
        address: Address,
        /// Its password.
        password: Secret<String>,
        /// What the device is called.
        device_name: String,
    },
    /// Buy an access token for a device's secret.
    Token {
        /// Which account.
        address: Address,
        /// Which device.
        device: DeviceId,
        /// Its secret, as it was told.
        secret: Secret<String>,
    },
    /// Remove the asking device.
    Logout,
    /// Send a message.
    Send(Draft),
    /// What came after a place.
    Sync {
        /// Where; the empty key: from the beginning; `None`: where the device has acknowledged.
        after: Option<SyncKey>,
        /// What is wanted; for the rest the key stays as it is.
        kinds: DataKinds,
        /// At most so many entries.
        limit: usize,
        /// Hold so long when nothing is there.
        wait_ms: u64,
        /// Acknowledge `after` first.
        acknowledge: bool,
    },
    /// This device has stored what it was given.
    Acknowledge {
        /// Up to here it need not be sent again.
        passed: Seq,
        /// Up to here it was given to the person.
        delivered: Seq,
    },
    /// A conversation was read.
    MarkRead {
        /// Which.
        conversation: ConversationId,
        /// Up to which message.
        read: Cseq,
    },
    /// Older messages of a conversation.
    History {
        /// Which.
        of: ConversationRef,
        /// Below this; `None`: from the newest.
        before: Option<Cseq>,
        /// At most so many.
        limit: usize,
    },
    /// Whether an address can be written to.
    AccountExists {
        /// Which.
        address: Address,
    },
    /// What an account shows of itself; `None`: one's own.
    GetProfile {
        /// Whose.
        address: Option<Address>,
    },
    /// Change one's own profile.
    SetProfile(ProfileWish),
    /// The account's devices.
    ListDevices,
    /// Remove a device of the account.
    RevokeDevice {
        /// Which.
        device: DeviceId,
    },
    /// Take a name in the lobby; `None`: an account's own.
    LobbyJoin {
        /// Which.
        name: Option<RoomName>,
    },
    /// Give the name back.
    LobbyLeave,
    /// Talk to all in the lobby.
    LobbySend {
        /// The client's id for it.
        client_id: ClientMessageId,
        /// What it says.
        text: String,
    },
    /// Older messages of the lobby.
    LobbyHistory {
        /// Below this; `None`: from the newest.
        before: Option<Cseq>,
        /// At most so many.
        limit: usize,
    },
    /// What is new in the lobby.
    LobbyPoll {
        /// After this message.
        after: Cseq,
        /// The version of the participants that the client has.
        participants_version: u64,
        /// Hold so long when nothing is new.
        wait_ms: u64,
    },
    /// Change a message for both sides.
    Amend {
        /// Which.
        id: MessageId,
        /// What is to change.
        change: Change,
    },
    /// Change one's own flags on a message.
    Flag {
        /// Which.
        id: MessageId,
        /// To be found again, or not any longer.
        starred: Option<bool>,
        /// Delete it for oneself.
        hide: bool,
    },
    /// Change how one has a conversation.
    SetConversation {
        /// Which.
        of: ConversationRef,
        /// What is to change.
        change: Box<SettingsChange>,
    },
    /// The conversations, newest first.
    ListConversations {
        /// After this one; `None`: from the newest.
        after: Option<ListPlace>,
        /// At most so many.
        limit: usize,
    },
    /// The newest conversations and the end of the log, for a device that has nothing.
    Snapshot {
        /// At most so many conversations.
        limit: usize,
    },
    /// Tell somebody that one is writing.
    Typing {
        /// Whom.
        to: Address,
        /// Or has stopped.
        active: bool,
    },
    /// Foreground or background.
    ReportActivity {
        /// Whether a person looks at it.
        foreground: bool,
    },
    /// Say how the asking device is there, until its links close.
    SetPresence {
        /// How; offline: connected, and not to be seen.
        availability: Availability,
        /// What is said with it.
        status: String,
        /// Of devices that are there equally the one with the higher one speaks for the account.
        priority: i8,
    },
    /// Look at accounts; the links of the asking device are told what changes, for a time.
    Watch {
        /// Which; those left out are no longer watched.
        addresses: Vec<Address>,
    },
    /// Make a code by which the asking device can join an account.
    LinkBegin {
        /// What the device is called.
        device_name: String,
        /// What it runs on; may be empty.
        platform: String,
    },
    /// What became of a code.
    LinkWait {
        /// Which.
        link: LinkId,
        /// What was told to who asked for the code.
        secret: Secret<String>,
        /// What the asker knows already.
        known: Option<LinkState>,
        /// Hold so long while it is still that.
        wait_ms: u64,
    },
    /// Read a code.
    LinkScan {
        /// The text of the code.
        payload: String,
    },
    /// Let the device of a code join, or not.
    LinkConfirm {
        /// Which.
        link: LinkId,
        /// Whether it is wanted.
        accept: bool,
    },
    /// Give a device of the account another name.
    RenameDevice {
        /// Which.
        device: DeviceId,
        /// What it is called from now on.
        name: String,
    },
    /// Wish how long a conversation's messages are kept from now on.
    SetRetention {
        /// Which.
        of: ConversationRef,
        /// The wish.
        wish: Wish,
    },
    /// How long a conversation's messages are kept.
    GetRetention {
        /// Which.
        of: ConversationRef,
    },
    /// Change what others see of what one does.
    SetPrivacy(PrivacyChange),
    /// What others see of what one does.
    GetPrivacy,
    /// Do something about another account: ask, accept, remove, block …
    ChangeContact {
        /// About whom.
        with: Address,
        /// What.
        deed: Deed,
    },
    /// Contacts, requests and blocked accounts.
    ListContacts {
        /// After this one; `None`: from the beginning.
        after: Option<AccountId>,
        /// At most so many; 0: as many as a page usually has.
        limit: usize,
    },
    /// Find an account.
    Find(Wanted),
    /// The picture that a profile names; `None`: one's own profile.
    GetPicture {
        /// Whose.
        address: Option<Address>,
        /// Which.
        picture: PictureId,
    },
    /// Make a link that brings contacts or accounts.
    CreateInvite {
        /// Which of them.
        kind: InviteKind,
        /// How often it can be used; 0: once.
        uses: u32,
        /// How long it is good; 0: a week.
        expires_after_ms: u64,
    },
    /// One's own invitations that are still good.
    ListInvites,
    /// Take an invitation back.
    RevokeInvite {
        /// Which: the first half of its hash.
        invite: [u8; 16],
    },
    /// What an invitation is good for.
    LookAtInvite {
        /// The token, or the whole link.
        token: Secret<String>,
    },
    /// Become a contact of who invites.
    AcceptInvite {
        /// The token, or the whole link.
        token: Secret<String>,
    },
    /// Make an account by an invitation.
    SignUp(Box<SignUp>),
}

/// An invitation that was just made.
#[derive(Clone, Debug)]
pub struct InviteMade {
    /// What is kept of it.
    pub invite: Invite,
    /// Its token; not kept by the server.
    pub token: Secret<String>,
    /// The link with the token in it.
    pub link: Secret<String>,
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

/// What is told while it is true, to open links, and kept nowhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Live {
    /// Somebody is writing.
    Typing(Arc<Typing>),
    /// Somebody is there, or is not.
    Presence(Arc<Presence>),
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
