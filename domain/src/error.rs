//! Refusals: the one shape in which every door tells a client "no".
//!
//! A [`Refusal`] has a stable [`Code`] for programs, a sentence for a person and, where it helps, how long to wait.
//! Doors translate the code (HTTP status, XMPP condition) and never invent their own.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)?) => {
        /// Why something was refused: one variant for each thing that a client does differently.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Code {
            $($(#[$doc])* $variant),*
        }

        impl Code {
            /// All codes, in the order of the protocol document.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as programs see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),* }
            }
        }
    };
}

codes! {
    /// The bytes are no frame, or the frame's header contradicts itself. The link is closed.
    BadFrame = "bad_frame",
    /// The length in a header is over the limit. The link is closed.
    FrameTooLarge = "frame_too_large",
    /// The preamble or header does not start with the magic number. The link is closed.
    BadMagic = "bad_magic",
    /// No common version. The link is closed.
    UnsupportedVersion = "unsupported_version",
    /// The secure channel could not be made or was tampered with. The link is closed.
    BadHandshake = "bad_handshake",
    /// The sequence id is 0, was used, or falls.
    BadSequence = "bad_sequence",
    /// No such operation.
    UnknownOperation = "unknown_operation",
    /// The body or a field of it is not valid.
    BadRequest = "bad_request",
    /// A text is not UTF-8.
    InvalidUtf8 = "invalid_utf8",
    /// Log in first, or the token is not valid (any more).
    Unauthenticated = "unauthenticated",
    /// Address, password or secret is wrong; which one is not said.
    WrongCredentials = "wrong_credentials",
    /// This identity may not do that.
    Forbidden = "forbidden",
    /// There is no such thing, or it is not for this identity to see.
    NotFound = "not_found",
    /// The name is taken or too much like one that is.
    NameTaken = "name_taken",
    /// The same client message id was used for another message.
    Conflict = "conflict",
    /// Something is over a size limit; the sentence says which and what to do.
    TooLarge = "too_large",
    /// Too often; wait.
    RateLimited = "rate_limited",
    /// The server is busy; wait.
    TryLater = "try_later",
    /// The PIN is wrong.
    PinWrong = "pin_wrong",
    /// The PIN is used up, too old, or was never asked for: ask for a new one.
    PinExpired = "pin_expired",
    /// A new phone has registered this account; this device is cut off for good.
    Replaced = "replaced",
    /// This device was removed from its account.
    Revoked = "revoked",
    /// The same device or guest has connected anew; this link is the older one.
    Superseded = "superseded",
    /// Nothing was heard from the client for too long.
    Idle = "idle",
    /// The server is stopping; come back after the time given.
    GoingAway = "going_away",
    /// The disk is full: nothing was stored.
    StorageFull = "storage_full",
    /// The store failed: whether it was stored is not known, repeat with the same id.
    StorageFailed = "storage_failed",
    /// As much as may wait for the receiver waits already: nothing was stored.
    MailboxFull = "mailbox_full",
    /// A fault of the server; it has been counted and logged.
    Internal = "internal",
    /// You block this account: nothing goes to it until it is unblocked.
    Blocking = "blocking",
    /// As many messages as a stranger may send have gone out unanswered: wait for an answer, or to be a contact.
    Unanswered = "unanswered",
    /// The account's phone is not connected, and here its other devices work only while it is.
    PrimaryOffline = "primary_offline",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request that was not carried out.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// For programs.
    pub code: Code,
    /// One sentence for a person: what was wrong, with which value, what to do.
    pub message: String,
    /// When asking again makes sense.
    pub retry_after_ms: Option<u64>,
}

impl Refusal {
    /// A refusal that waiting does not change.
    pub fn new(code: Code, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into(), retry_after_ms: None }
    }

    /// A refusal that ends by itself.
    pub fn retry(code: Code, message: impl Into<String>, retry_after_ms: u64) -> Refusal {
        Refusal { code, message: message.into(), retry_after_ms: Some(retry_after_ms) }
    }
}
