//! What can go wrong, by what a caller does about it.

use std::io;
use std::time::Duration;

use belfry_wire::{FrameError, PreambleStatus, v1};

/// The server said no.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Refusal {
    /// Stable, for programs.
    pub code: String,
    /// For people.
    pub message: String,
    /// When asking again makes sense; `None`: asking again as it is will not help.
    pub retry_after: Option<Duration>,
}

impl From<v1::Error> for Refusal {
    fn from(error: v1::Error) -> Refusal {
        Refusal {
            code: error.code,
            message: error.message,
            retry_after: (error.retry_after_ms > 0).then(|| Duration::from_millis(error.retry_after_ms)),
        }
    }
}

impl Refusal {
    /// Whether the same request may be carried out later. A failed store does not know whether it has stored: the
    /// same request with the same id finds out.
    pub fn is_temporary(&self) -> bool {
        self.retry_after.is_some()
            || matches!(
                self.code.as_str(),
                "storage_failed" | "storage_full" | "internal" | "try_later" | "rate_limited"
            )
    }

    /// Whether this device is cut off for good.
    pub fn is_final(&self) -> bool {
        matches!(self.code.as_str(), "replaced" | "revoked")
    }
}

/// Why no link came about, or why it ended.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LinkError {
    /// The machine or the network refused.
    #[error("cannot reach {address}: {reason}")]
    Unreachable {
        /// Which server.
        address: String,
        /// What the system says.
        reason: String,
        /// Nothing listens there.
        refused: bool,
    },
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(String),
    /// What answers is no Belfry server, or the secure channel could not be made.
    #[error("no secure channel: {0}")]
    Handshake(String),
    /// The server's key is not the one that was pinned.
    #[error("the server's key has changed: known is {known}, it shows {shown}")]
    ServerKeyChanged {
        /// Fingerprint of the pinned key.
        known: String,
        /// Fingerprint of what the server shows.
        shown: String,
    },
    /// The server refused the preamble.
    #[error("the server refused the connection: {0:?}")]
    Preamble(PreambleStatus),
    /// The server sends what is no frame.
    #[error("the server broke the protocol: {0}")]
    Frame(#[from] FrameError),
    /// The server broke the protocol in another way.
    #[error("the server broke the protocol: {0}")]
    Protocol(&'static str),
    /// The server said that it closes the link.
    #[error("the server closes the link: {0}")]
    GoingAway(Refusal),
    /// Nothing was heard from the server for too long.
    #[error("the server does not answer")]
    Silent,
    /// Closed from this side.
    #[error("the link is closed")]
    Closed,
}

impl From<io::Error> for LinkError {
    fn from(error: io::Error) -> LinkError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => LinkError::Io("closed by the server".to_owned()),
            _ => LinkError::Io(error.to_string()),
        }
    }
}

/// Why the local store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("the local store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be made or opened.
    #[error("the local store at {path} cannot be opened: {source}")]
    Open {
        /// Where.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has it.
    #[error("the local store at {0} is in use by another process")]
    InUse(String),
    /// It was written by a later version.
    #[error("the local store has layout {found}, this program knows up to {known}: use a newer program")]
    TooNew {
        /// The file's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// What is in it cannot be read.
    #[error("the local store holds a value that cannot be read: {0}")]
    Corrupt(&'static str),
    /// The thread that worked on it is gone.
    #[error("the local store was closed")]
    Closed,
}

/// Why a call of the client failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No link; what was to be sent later is in the outbox all the same.
    #[error("not connected: {0}")]
    Link(#[from] LinkError),
    /// The local store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no account on this device yet.
    #[error("this device has no account yet: register or log in first")]
    NoAccount,
    /// Not connected within the time that a call waits.
    #[error("not connected to the server")]
    Offline,
    /// The client was closed, or cut off for good.
    #[error("the client has stopped")]
    Stopped,
}
