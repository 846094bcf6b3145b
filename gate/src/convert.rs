//! Converting: the wire's messages to the engine's commands and back, for frames and HTTP alike.
//!
//! A body comes in as protobuf or JSON with the number of its operation; a [`Request`] and from it a `Command` leave.
//! A `Reply` comes back; an [`Answer`] leaves, to be written as protobuf or JSON. Invariant: the wire's types go no
//! further than this module, and what leaves it towards the engine has been held to its type's rules.

mod answer;
mod budget;
mod command;
mod contacts;
mod keeping;
mod later;
mod presence;

use std::fmt;

use belfry_domain::{Code, Refusal};
use belfry_wire::{operation, v1};
use bytes::{Bytes, BytesMut};
use prost::Message as _;
use serde::Serialize;

pub use answer::{
    answer, error, going_away, lobby_list, lobby_update, lobby_update_without_list, notify, typing_update,
};
pub use budget::{FIELDS_MAX, ITEMS_MAX, JSON_DEPTH_MAX};
pub use command::{command, data_kinds, sync_key};
pub use presence::presence_update;

macro_rules! requests {
    ($($variant:ident($message:ident) = $number:ident;)*) => {
        /// What a client asks for, as the wire has it.
        #[derive(Clone, Debug)]
        pub enum Request {
            $(#[doc = concat!("As `", stringify!($message), "`.")] $variant(v1::$message),)*
        }

        impl Request {
            /// Reads the protobuf body of an operation.
            pub fn from_protobuf(number: u32, body: Bytes) -> Result<Request, Refusal> {
                budget::check_protobuf(number, &body)?;
                match number {
                    $(operation::$number => v1::$message::decode(body).map(Request::$variant).map_err(|e| bad_body(&e)),)*
                    _ => Err(unknown_operation(number)),
                }
            }

            /// Reads the JSON body of an operation; nothing stands for an empty message.
            pub fn from_json(number: u32, body: &[u8]) -> Result<Request, Refusal> {
                let text = budget::check_json(body)?;
                let text = if text.trim().is_empty() { "{}" } else { text };
                let request = match number {
                    $(operation::$number => serde_json::from_str(text).map(Request::$variant).map_err(|e| bad_json(&e)),)*
                    _ => Err(unknown_operation(number)),
                }?;
                budget::check_items(&request)?;
                Ok(request)
            }
        }
    };
}

requests! {
    RequestPin(RequestPinRequest) = REQUEST_PIN;
    VerifyPin(VerifyPinRequest) = VERIFY_PIN;
    Login(LoginRequest) = LOGIN;
    Logout(LogoutRequest) = LOGOUT;
    Token(TokenRequest) = TOKEN;
    AddDevice(AddDeviceRequest) = ADD_DEVICE;
    Send(SendRequest) = SEND;
    Sync(SyncRequest) = SYNC;
    Ack(AckRequest) = ACK;
    MarkRead(MarkReadRequest) = MARK_READ;
    History(HistoryRequest) = HISTORY;
    AccountExists(AccountExistsRequest) = ACCOUNT_EXISTS;
    GetProfile(GetProfileRequest) = GET_PROFILE;
    SetProfile(SetProfileRequest) = SET_PROFILE;
    ListDevices(ListDevicesRequest) = LIST_DEVICES;
    RevokeDevice(RevokeDeviceRequest) = REVOKE_DEVICE;
    LobbyJoin(LobbyJoinRequest) = LOBBY_JOIN;
    LobbyLeave(LobbyLeaveRequest) = LOBBY_LEAVE;
    LobbySend(LobbySendRequest) = LOBBY_SEND;
    LobbyHistory(LobbyHistoryRequest) = LOBBY_HISTORY;
    LobbyPoll(LobbyPollRequest) = LOBBY_POLL;
    ReportActivity(ReportActivityRequest) = REPORT_ACTIVITY;
    Edit(EditRequest) = EDIT;
    Recall(RecallRequest) = RECALL;
    React(ReactRequest) = REACT;
    Pin(PinRequest) = PIN;
    DeleteForMe(DeleteForMeRequest) = DELETE_FOR_ME;
    Star(StarRequest) = STAR;
    SetConversation(SetConversationRequest) = SET_CONVERSATION;
    ListConversations(ListConversationsRequest) = LIST_CONVERSATIONS;
    Typing(TypingRequest) = TYPING;
    SetPresence(SetPresenceRequest) = SET_PRESENCE;
    Watch(WatchRequest) = WATCH;
    LinkBegin(LinkBeginRequest) = LINK_BEGIN;
    LinkWait(LinkWaitRequest) = LINK_WAIT;
    LinkScan(LinkScanRequest) = LINK_SCAN;
    LinkConfirm(LinkConfirmRequest) = LINK_CONFIRM;
    RenameDevice(RenameDeviceRequest) = RENAME_DEVICE;
    SetRetention(SetRetentionRequest) = SET_RETENTION;
    SetPrivacy(SetPrivacyRequest) = SET_PRIVACY;
    GetPrivacy(GetPrivacyRequest) = GET_PRIVACY;
    GetRetention(GetRetentionRequest) = GET_RETENTION;
    RequestContact(RequestContactRequest) = REQUEST_CONTACT;
    AcceptContact(AcceptContactRequest) = ACCEPT_CONTACT;
    RefuseContact(RefuseContactRequest) = REFUSE_CONTACT;
    WithdrawContact(WithdrawContactRequest) = WITHDRAW_CONTACT;
    RemoveContact(RemoveContactRequest) = REMOVE_CONTACT;
    SetContact(SetContactRequest) = SET_CONTACT;
    ListContacts(ListContactsRequest) = LIST_CONTACTS;
    Block(BlockRequest) = BLOCK;
    Unblock(UnblockRequest) = UNBLOCK;
    Find(FindRequest) = FIND;
    CreateInvite(CreateInviteRequest) = CREATE_INVITE;
    ListInvites(ListInvitesRequest) = LIST_INVITES;
    RevokeInvite(RevokeInviteRequest) = REVOKE_INVITE;
    LookAtInvite(LookAtInviteRequest) = LOOK_AT_INVITE;
    AcceptInvite(AcceptInviteRequest) = ACCEPT_INVITE;
    SignUp(SignUpRequest) = SIGN_UP;
    GetPicture(GetPictureRequest) = GET_PICTURE;
}

macro_rules! answers {
    ($($variant:ident($message:ident),)*) => {
        /// What a client is answered or told, as the wire has it.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Answer {
            $(#[doc = concat!("As `", stringify!($message), "`.")] $variant(v1::$message),)*
        }

        impl Answer {
            /// Length as protobuf.
            pub fn encoded_len(&self) -> usize {
                match self { $(Answer::$variant(message) => message.encoded_len(),)* }
            }

            /// Appends itself as protobuf.
            pub fn encode(&self, out: &mut BytesMut) {
                let written = match self { $(Answer::$variant(message) => message.encode(out),)* };
                debug_assert!(written.is_ok(), "a BytesMut grows");
            }
        }

        impl Serialize for Answer {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self { $(Answer::$variant(message) => message.serialize(to),)* }
            }
        }

        $(impl From<v1::$message> for Answer {
            fn from(message: v1::$message) -> Answer {
                Answer::$variant(message)
            }
        })*
    };
}

answers! {
    Error(Error),
    GoingAway(GoingAway),
    RequestPin(RequestPinReply),
    Credentials(Credentials),
    Login(LoginReply),
    Logout(LogoutReply),
    Token(TokenReply),
    Send(SendReply),
    Sync(SyncReply),
    Ack(AckReply),
    MarkRead(MarkReadReply),
    History(HistoryReply),
    Notify(Notify),
    AccountExists(AccountExistsReply),
    GetProfile(GetProfileReply),
    SetProfile(SetProfileReply),
    ListDevices(ListDevicesReply),
    RevokeDevice(RevokeDeviceReply),
    LobbyJoin(LobbyJoinReply),
    LobbyLeave(LobbyLeaveReply),
    LobbySend(LobbySendReply),
    LobbyHistory(LobbyHistoryReply),
    LobbyUpdate(LobbyUpdate),
    ReportActivity(ReportActivityReply),
    Amend(AmendReply),
    Flag(FlagReply),
    SetConversation(SetConversationReply),
    ListConversations(ListConversationsReply),
    Typing(TypingReply),
    TypingUpdate(TypingUpdate),
    SetPresence(SetPresenceReply),
    Watch(WatchReply),
    PresenceUpdate(PresenceUpdate),
    LinkBegin(LinkBeginReply),
    LinkWait(LinkWaitReply),
    LinkScan(LinkScanReply),
    LinkConfirm(LinkConfirmReply),
    RenameDevice(RenameDeviceReply),
    DevicesChanged(DevicesChanged),
    Retention(RetentionReply),
    SetPrivacy(SetPrivacyReply),
    GetPrivacy(GetPrivacyReply),
    Contact(ContactReply),
    ListContacts(ListContactsReply),
    Find(FindReply),
    CreateInvite(CreateInviteReply),
    ListInvites(ListInvitesReply),
    RevokeInvite(RevokeInviteReply),
    LookAtInvite(LookAtInviteReply),
    GetPicture(GetPictureReply),
}

/// The refusal for a number that is no operation, or none that a client asks for.
pub fn unknown_operation(number: u32) -> Refusal {
    Refusal::new(Code::UnknownOperation, format!("There is no operation {number} to ask for."))
}

fn bad_body(error: &prost::DecodeError) -> Refusal {
    // prost names the kind in its text alone; a test below holds it to that.
    let text = error.to_string();
    let code = if text.contains("UTF-8") { Code::InvalidUtf8 } else { Code::BadRequest };
    Refusal::new(code, format!("The body is not what the operation takes: {text}."))
}

fn bad_json(error: &serde_json::Error) -> Refusal {
    Refusal::new(Code::BadRequest, format!("The body is not what the operation takes: {error}."))
}

/// Why a field cannot be taken, as a sentence: the nouns' own errors have neither a capital nor a full stop.
fn bad_request(why: impl fmt::Display) -> Refusal {
    let why = why.to_string();
    let mut chars = why.chars();
    let mut sentence: String =
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    Refusal::new(Code::BadRequest, sentence)
}

/// The HTTP status of a code; docs/protocol.md, "Error codes".
pub const fn http_status(code: Code) -> u16 {
    match code {
        Code::BadFrame
        | Code::BadMagic
        | Code::UnsupportedVersion
        | Code::BadHandshake
        | Code::BadSequence
        | Code::BadRequest
        | Code::InvalidUtf8 => 400,
        Code::Unauthenticated | Code::WrongCredentials | Code::Replaced | Code::Revoked => 401,
        Code::Blocking | Code::Forbidden | Code::PinWrong | Code::PrimaryOffline | Code::Unanswered => 403,
        Code::NotFound | Code::UnknownOperation => 404,
        Code::Idle => 408,
        Code::NameTaken | Code::Conflict | Code::Superseded => 409,
        Code::PinExpired => 410,
        Code::FrameTooLarge | Code::TooLarge => 413,
        Code::RateLimited => 429,
        Code::Internal => 500,
        Code::TryLater | Code::GoingAway | Code::StorageFailed => 503,
        Code::StorageFull | Code::MailboxFull => 507,
    }
}

#[cfg(test)]
mod tests;
