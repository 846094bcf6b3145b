//! The admin socket: what the commands of `belfry` say to the running server and what it answers.
//!
//! One connection, one [`Request`], one [`Answer`], before it progress if that was asked for; each is a big-endian u32 length and so many bytes of JSON. Only local
//! users who may open the socket reach it: it has mode 0600 and the peer's user is checked again. Invariant: nothing that
//! comes over a network gets here, and a password in a request is never printed.

pub mod client;
pub mod links;
pub mod server;
pub mod trace;

use std::fmt;
use std::io;
use std::path::PathBuf;

use belfry_domain::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::config::changes::Reloaded;

/// The longest request: an address and a password.
pub const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// The longest answer: a page of accounts.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Accounts in one page of the list.
pub const PAGE_ACCOUNTS: usize = 1_000;

/// What a command asks.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Make an account.
    AccountAdd {
        /// Its address.
        address: String,
        /// Its password, if it gets one.
        password: Option<Password>,
    },
    /// List accounts.
    AccountList {
        /// Those after this address.
        after: Option<String>,
    },
    /// Give an account another password.
    AccountPassword {
        /// Its address.
        address: String,
        /// The new one.
        password: Password,
    },
    /// Remove an account.
    AccountRemove {
        /// Its address.
        address: String,
    },
    /// Copy the store to a directory.
    Backup {
        /// Where to; absolute.
        to: PathBuf,
        /// Say meanwhile how far it is.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        progress: bool,
    },
    /// Write all accounts and messages to a file.
    Export {
        /// Where to; absolute.
        to: PathBuf,
        /// Say meanwhile how far it is.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        progress: bool,
    },
    /// How the server is.
    Status,
    /// List the open links of devices.
    Links {
        /// Of this account only.
        account: Option<String>,
        /// Those with higher numbers.
        after: u64,
    },
    /// Show the life of a message.
    Trace {
        /// `conversation/cseq`, or the id that the client gave it.
        id: String,
        /// Who sent it, if the id is the client's.
        from: Option<String>,
    },
    /// List the devices of an account.
    AccountDevices {
        /// Its address.
        address: String,
    },
    /// Remove a device of an account and cut it off.
    AccountRevoke {
        /// Its address.
        address: String,
        /// The device's number.
        device: u32,
    },
    /// Make an invitation of an account.
    Invite {
        /// Its address.
        address: String,
        /// For people without an account rather than for contacts.
        sign_up: bool,
        /// How often it can be used.
        uses: u32,
        /// How long it is good, in milliseconds.
        good_ms: u64,
    },
    /// Take what is dead from the disk, at once.
    Prune,
    /// Read the configuration again.
    Reload,
}

/// What the server answers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// A page of accounts.
    Accounts {
        /// In the order of their addresses.
        accounts: Vec<AccountLine>,
        /// There are more after the last.
        more: bool,
    },
    /// Done.
    Done,
    /// Done, and this is what came of it.
    Wrote {
        /// Where it is.
        path: PathBuf,
        /// What was written.
        summary: String,
    },
    /// Not done.
    Refused {
        /// For programs; those of the protocol.
        code: String,
        /// For people.
        message: String,
    },
    /// How the server is.
    Status(Box<Status>),
    /// A page of open links.
    Links {
        /// The one that was opened first at the head.
        links: Vec<links::LinkLine>,
        /// There are more after this number.
        more_after: Option<u64>,
    },
    /// The life of a message.
    Trace(Box<trace::TraceLines>),
    /// The devices of an account, in the order in which they were added.
    Devices {
        /// All of them.
        devices: Vec<DeviceLine>,
    },
    /// An invitation.
    Invited {
        /// The link: whoever has it can use it.
        link: Hidden,
        /// The same for XMPP clients, where they come here.
        xmpp: Option<Hidden>,
        /// How often it can be used.
        uses: u32,
        /// Until when, in milliseconds since 1970.
        expires_ms: u64,
    },
    /// What was taken from the disk.
    Pruned(PrunedLine),
    /// The configuration was read again.
    Reloaded(Reloaded),
    /// Not done yet: the answer comes after it. Only where it was asked for.
    Progress {
        /// Bytes or rows that are done.
        done: u64,
        /// Of so many; 0: that is not known.
        total: u64,
    },
}

/// What a pruning has taken away.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PrunedLine {
    /// Entries and bodies of messages.
    pub entries: u64,
    /// Remembered ids of messages.
    pub ids: u64,
    /// Messages of the lobby.
    pub lobby: u64,
    /// Conversations whose writers were told that something ended before it was delivered.
    pub told: u64,
    /// Bytes of the store on the disk before.
    pub bytes_before: u64,
    /// And after.
    pub bytes_after: u64,
}

/// An account as the list shows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct AccountLine {
    /// Its address.
    pub address: String,
    /// What people see.
    pub display_name: String,
    /// Registered with a phone.
    pub phone: bool,
    /// Has a password.
    pub password: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
}

/// A device as the list shows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DeviceLine {
    /// Its number within the account.
    pub device: u32,
    /// What its owner calls it.
    pub name: String,
    /// What it runs on, as it said itself; empty: it did not say.
    pub platform: String,
    /// The account's phone.
    pub primary: bool,
    /// Connected now.
    pub online: bool,
    /// When it was added, in milliseconds since 1970.
    pub linked_ms: u64,
    /// When it was last connected, in milliseconds since 1970.
    pub last_seen_ms: u64,
}

/// How the server is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Status {
    /// Of the program.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Since when it runs.
    pub uptime_s: u64,
    /// Takes connections and keeps messages.
    pub ready: bool,
    /// Why it is not ready.
    pub not_ready_because: Option<String>,
    /// Where it listens.
    pub listening: Vec<String>,
    /// Connections open.
    pub connections: usize,
    /// The most there may be.
    pub connections_max: usize,
    /// Panics since it was started.
    pub panics: u64,
}

/// A text on its way through the socket that is not to be printed by chance.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A password on its way through the socket.
#[derive(Clone)]
pub struct Password(pub Secret<String>);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Password, D::Error> {
        String::deserialize(deserializer).map(|text| Password(Secret::new(text)))
    }
}

/// Reads one message of at most so many bytes.
pub async fn read<T: for<'de> Deserialize<'de>>(io: &mut (impl AsyncRead + Unpin), bytes_max: usize) -> io::Result<T> {
    let length = io.read_u32().await? as usize;
    if length > bytes_max {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{length} bytes, at most {bytes_max}")));
    }
    let mut bytes = vec![0; length];
    io.read_exact(&mut bytes).await?;
    serde_json::from_slice(&bytes).map_err(io::Error::from)
}

/// Writes one message.
pub async fn write(io: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    io.write_u32(length).await?;
    io.write_all(&bytes).await?;
    io.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_reads_back_and_its_password_does_not_print() {
        let request = Request::AccountAdd {
            address: "alice@localhost".into(),
            password: Some(Password(Secret::new("correct horse".into()))),
        };
        assert!(!format!("{request:?}").contains("horse"));
        let mut bytes = Vec::new();
        write(&mut bytes, &request).await.expect("memory takes it");
        let back: Request = read(&mut bytes.as_slice(), REQUEST_BYTES_MAX).await.expect("it is a request");
        let Request::AccountAdd { password: Some(password), .. } = back else { panic!("another request") };
        assert_eq!(password.0.expose(), "correct horse");
    }

    #[tokio::test]
    async fn what_is_too_long_or_no_request_is_refused() {
        let error = read::<Request>(&mut [0xFF, 0xFF, 0xFF, 0xFF].as_slice(), REQUEST_BYTES_MAX).await;
        assert!(error.expect_err("too long").to_string().contains("16384"));
        let mut bytes = Vec::new();
        write(&mut bytes, &serde_json::json!({"do": "format_disk"})).await.expect("memory takes it");
        let error = read::<Request>(&mut bytes.as_slice(), REQUEST_BYTES_MAX).await.expect_err("no such request");
        assert!(error.to_string().contains("format_disk"));
    }
}
