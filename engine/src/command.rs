//! What doors ask of the engine: closed enums of plain data. What it answers is in [`reply`](crate::reply).
//!
//! A door's `convert.rs` turns its bytes into a [`Command`] and a [`Reply`] into its bytes. Nothing here knows a wire
//! format; everything here has been held to its type's rules.

use std::net::IpAddr;

use belfry_domain::ports::{Change, ListPlace, SettingsChange};
use belfry_domain::{
    AccountId, Address, ClientMessageId, Content, ConversationId, Cseq, DataKinds, Deed, DeviceId, InviteKind, LeaseId,
    MessageId, Phone, Picture, PictureId, PrivacyChange, RoomName, Secret, Seq, SyncKey, Wish,
};

use crate::linking::{LinkId, LinkState};
use crate::presence::Availability;
pub use crate::reply::{
    Batch, DeviceView, InviteMade, InviteSeen, Issued, Live, LobbyJoined, LobbyNews, Participant, Reply, RetentionView,
    Sent, Subscribed, Typing,
};

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
