//! The operation table: what can be asked, by number on frames and by path over HTTP, and who may ask.
//!
//! The one list from which the native door dispatches, the HTTP API routes, and docs/protocol.md and the OpenAPI
//! description are checked. A number, once published, is never given another meaning.

/// Who may ask for an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Anybody: registration and login.
    Anyone,
    /// A guest of the lobby or a device.
    Guest,
    /// A device of an account.
    Device,
}

/// Over what an operation can be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Carrier {
    /// Frames and HTTP.
    Any,
    /// Frames alone: it is about the link itself.
    Frames,
    /// From the server, with SeqId 0.
    Told,
}

/// One operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Operation {
    /// In the frame's header.
    pub number: u32,
    /// Its name in docs/protocol.md: that of its constant here.
    pub name: &'static str,
    /// First part of its HTTP path.
    pub service: &'static str,
    /// Second part of its HTTP path.
    pub method: &'static str,
    /// Name of the request's message; empty if there is none.
    pub request: &'static str,
    /// Name of the answer's message; for [`Carrier::Told`] of what is told.
    pub reply: &'static str,
    /// Who may ask.
    pub access: Access,
    /// Over what.
    pub carrier: Carrier,
    /// One sentence.
    pub summary: &'static str,
}

macro_rules! operations {
    ($($name:ident = $number:literal, $service:literal, $method:literal, $request:literal => $reply:literal, $access:ident, $carrier:ident, $summary:literal;)*) => {
        $(#[doc = $summary]
        pub const $name: u32 = $number;)*

        /// All operations, by number.
        pub const OPERATIONS: &[Operation] = &[$(Operation {
            number: $number, name: stringify!($name), service: $service, method: $method, request: $request, reply: $reply,
            access: Access::$access, carrier: Carrier::$carrier, summary: $summary,
        }),*];
    };
}

operations! {
    ERROR = 1, "link", "error", "" => "Error", Anyone, Told, "Answer to a request that was refused; carries its SeqId.";
    HEARTBEAT = 2, "link", "heartbeat", "" => "", Anyone, Frames, "Header only; answered by the same. Keeps the link.";
    GOING_AWAY = 3, "link", "going-away", "" => "GoingAway", Anyone, Told, "The server is about to close this link, and why.";
    REQUEST_PIN = 10, "register", "request-pin", "RequestPinRequest" => "RequestPinReply", Anyone, Any, "Sends a PIN to a phone.";
    VERIFY_PIN = 11, "register", "verify-pin", "VerifyPinRequest" => "Credentials", Anyone, Any, "Exchanges a PIN for the credentials of a new primary device.";
    LOGIN = 12, "session", "login", "LoginRequest" => "LoginReply", Anyone, Frames, "Says who speaks on this link.";
    LOGOUT = 13, "session", "logout", "LogoutRequest" => "LogoutReply", Device, Any, "Removes this device from the account.";
    TOKEN = 14, "session", "token", "TokenRequest" => "TokenReply", Anyone, Any, "Buys an access token for the device's secret.";
    ADD_DEVICE = 15, "session", "add-device", "AddDeviceRequest" => "Credentials", Anyone, Any, "Adds a companion device by the account's password.";
    SEND = 20, "message", "send", "SendRequest" => "SendReply", Device, Any, "Sends a message; answered when it is on disk.";
    SYNC = 21, "message", "sync", "SyncRequest" => "SyncReply", Device, Any, "What came after a key; can wait for it.";
    ACK = 22, "message", "ack", "AckRequest" => "AckReply", Device, Any, "Says how far this device has stored what it was given.";
    MARK_READ = 23, "message", "mark-read", "MarkReadRequest" => "MarkReadReply", Device, Any, "Says how far a conversation was read.";
    HISTORY = 24, "message", "history", "HistoryRequest" => "HistoryReply", Device, Any, "Older messages of a conversation.";
    NOTIFY = 25, "message", "notify", "" => "Notify", Device, Told, "What came, with the keys before and after it.";
    EDIT = 26, "message", "edit", "EditRequest" => "AmendReply", Device, Any, "Says something else in a message of one's own.";
    RECALL = 27, "message", "recall", "RecallRequest" => "AmendReply", Device, Any, "Takes a message of one's own back from everybody.";
    REACT = 28, "message", "react", "ReactRequest" => "AmendReply", Device, Any, "Puts an emoji on a message, or takes it back.";
    PIN = 29, "message", "pin", "PinRequest" => "AmendReply", Device, Any, "Pins a message for both sides, or not any longer.";
    ACCOUNT_EXISTS = 30, "account", "exists", "AccountExistsRequest" => "AccountExistsReply", Device, Any, "Whether an address can be written to.";
    GET_PROFILE = 31, "account", "get-profile", "GetProfileRequest" => "GetProfileReply", Device, Any, "What an account shows of itself.";
    SET_PROFILE = 32, "account", "set-profile", "SetProfileRequest" => "SetProfileReply", Device, Any, "Changes one's own profile.";
    LIST_DEVICES = 40, "device", "list", "ListDevicesRequest" => "ListDevicesReply", Device, Any, "The account's devices.";
    REVOKE_DEVICE = 41, "device", "revoke", "RevokeDeviceRequest" => "RevokeDeviceReply", Device, Any, "Removes a device of the account and cuts it off.";
    LINK_BEGIN = 42, "device", "link-begin", "LinkBeginRequest" => "LinkBeginReply", Anyone, Any, "Makes a code by which the asking device can join an account.";
    LINK_WAIT = 43, "device", "link-wait", "LinkWaitRequest" => "LinkWaitReply", Anyone, Any, "What became of a code; can wait for it. Brings the credentials.";
    LINK_SCAN = 44, "device", "link-scan", "LinkScanRequest" => "LinkScanReply", Device, Any, "Reads a code: which device asks to join.";
    LINK_CONFIRM = 45, "device", "link-confirm", "LinkConfirmRequest" => "LinkConfirmReply", Device, Any, "Lets the device of a code join the account, or refuses it.";
    RENAME_DEVICE = 46, "device", "rename", "RenameDeviceRequest" => "RenameDeviceReply", Device, Any, "Gives a device of the account another name.";
    DEVICES_CHANGED = 47, "device", "changed", "" => "DevicesChanged", Device, Told, "A device of the account was added, removed or renamed.";
    LOBBY_JOIN = 50, "lobby", "join", "LobbyJoinRequest" => "LobbyJoinReply", Anyone, Any, "Takes a name in the lobby.";
    LOBBY_LEAVE = 51, "lobby", "leave", "LobbyLeaveRequest" => "LobbyLeaveReply", Guest, Any, "Gives the name back.";
    LOBBY_SEND = 52, "lobby", "send", "LobbySendRequest" => "LobbySendReply", Guest, Any, "Talks to all who are in the lobby.";
    LOBBY_HISTORY = 53, "lobby", "history", "LobbyHistoryRequest" => "LobbyHistoryReply", Guest, Any, "Older messages of the lobby.";
    LOBBY_POLL = 54, "lobby", "poll", "LobbyPollRequest" => "LobbyUpdate", Guest, Any, "What is new in the lobby; can wait for it.";
    LOBBY_UPDATE = 55, "lobby", "update", "" => "LobbyUpdate", Guest, Told, "What is new in the lobby, to links that joined it.";
    REPORT_ACTIVITY = 60, "activity", "report", "ReportActivityRequest" => "ReportActivityReply", Device, Any, "Foreground or background; answered with how often to send heartbeats.";
    DELETE_FOR_ME = 70, "message", "delete-for-me", "DeleteForMeRequest" => "FlagReply", Device, Any, "Deletes a message on one's own devices only.";
    STAR = 71, "message", "star", "StarRequest" => "FlagReply", Device, Any, "Stars a message on one's own devices, or not any longer.";
    SET_CONVERSATION = 72, "conversation", "set", "SetConversationRequest" => "SetConversationReply", Device, Any, "Mutes, pins, archives, marks a conversation; keeps a draft; lets messages disappear.";
    LIST_CONVERSATIONS = 73, "conversation", "list", "ListConversationsRequest" => "ListConversationsReply", Device, Any, "The conversations with their last messages, newest first.";
    TYPING = 74, "conversation", "typing", "TypingRequest" => "TypingReply", Device, Any, "Tells the other side's open links that one is writing.";
    TYPING_UPDATE = 75, "conversation", "typing-update", "" => "TypingUpdate", Device, Told, "Somebody is writing; kept nowhere.";
    SET_RETENTION = 85, "conversation", "set-retention", "SetRetentionRequest" => "RetentionReply", Device, Any, "Wishes how long a conversation's messages are kept from now on.";
    SET_PRIVACY = 86, "account", "set-privacy", "SetPrivacyRequest" => "SetPrivacyReply", Device, Any, "Changes what others see of what one does.";
    GET_PRIVACY = 87, "account", "get-privacy", "GetPrivacyRequest" => "GetPrivacyReply", Device, Any, "What others see of what one does.";
    GET_RETENTION = 88, "conversation", "get-retention", "GetRetentionRequest" => "RetentionReply", Device, Any, "How long a conversation's messages are kept.";
    REQUEST_CONTACT = 100, "contact", "request", "RequestContactRequest" => "ContactReply", Device, Any, "Asks somebody to be a contact, or accepts who asked.";
    ACCEPT_CONTACT = 101, "contact", "accept", "AcceptContactRequest" => "ContactReply", Device, Any, "Accepts somebody's request to be a contact.";
    REFUSE_CONTACT = 102, "contact", "refuse", "RefuseContactRequest" => "ContactReply", Device, Any, "Does not accept somebody's request to be a contact.";
    WITHDRAW_CONTACT = 103, "contact", "withdraw", "WithdrawContactRequest" => "ContactReply", Device, Any, "Takes one's own request back.";
    REMOVE_CONTACT = 104, "contact", "remove", "RemoveContactRequest" => "ContactReply", Device, Any, "Takes somebody out of one's list.";
    SET_CONTACT = 105, "contact", "set", "SetContactRequest" => "ContactReply", Device, Any, "Names and sorts a contact, or lists somebody without asking.";
    LIST_CONTACTS = 106, "contact", "list", "ListContactsRequest" => "ListContactsReply", Device, Any, "Contacts, requests and blocked accounts.";
    BLOCK = 107, "contact", "block", "BlockRequest" => "ContactReply", Device, Any, "Lets nothing pass between somebody and oneself any longer.";
    UNBLOCK = 108, "contact", "unblock", "UnblockRequest" => "ContactReply", Device, Any, "Lets things pass again from now on.";
    FIND = 109, "contact", "find", "FindRequest" => "FindReply", Device, Any, "Finds an account by its exact name or phone number.";
    CREATE_INVITE = 115, "invite", "create", "CreateInviteRequest" => "CreateInviteReply", Device, Any, "Makes a link that brings contacts or new accounts.";
    LIST_INVITES = 116, "invite", "list", "ListInvitesRequest" => "ListInvitesReply", Device, Any, "The account's invitations that are still good.";
    REVOKE_INVITE = 117, "invite", "revoke", "RevokeInviteRequest" => "RevokeInviteReply", Device, Any, "Takes an invitation back.";
    LOOK_AT_INVITE = 118, "invite", "look-at", "LookAtInviteRequest" => "LookAtInviteReply", Anyone, Any, "What an invitation is good for, and who gives it.";
    ACCEPT_INVITE = 119, "invite", "accept", "AcceptInviteRequest" => "ContactReply", Device, Any, "Becomes a contact of who invites.";
    SIGN_UP = 120, "register", "sign-up", "SignUpRequest" => "Credentials", Anyone, Any, "Makes an account by an invitation.";
    GET_PICTURE = 121, "account", "get-picture", "GetPictureRequest" => "GetPictureReply", Device, Any, "The picture that a profile names.";
    SET_PRESENCE = 125, "presence", "set", "SetPresenceRequest" => "SetPresenceReply", Device, Any, "Says how this device is there.";
    WATCH = 126, "presence", "watch", "WatchRequest" => "WatchReply", Device, Any, "Looks at accounts: how they are there now, and on links what changes.";
    PRESENCE_UPDATE = 127, "presence", "update", "" => "PresenceUpdate", Device, Told, "How people are there; kept nowhere.";
}

impl Operation {
    /// The operation of a number.
    pub fn by_number(number: u32) -> Option<&'static Operation> {
        OPERATIONS.binary_search_by_key(&number, |operation| operation.number).ok().map(|at| &OPERATIONS[at])
    }

    /// Its path over HTTP.
    pub fn path(&self) -> String {
        format!("/v1/{}/{}", self.service, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_paths_are_unique_and_sorted() {
        for pair in OPERATIONS.windows(2) {
            assert!(pair[0].number < pair[1].number);
        }
        let mut paths: Vec<String> = OPERATIONS.iter().map(Operation::path).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), OPERATIONS.len());
    }

    #[test]
    fn an_operation_is_found_by_its_number() {
        assert_eq!(Operation::by_number(SEND).map(Operation::path).as_deref(), Some("/v1/message/send"));
        assert_eq!(Operation::by_number(0), None);
    }
}
