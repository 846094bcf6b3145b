//! The port of rooms: conversations that are read by a cursor of the reader's, not through timelines.
//!
//! The lobby is one. A room's log is bounded: what falls out of it is gone.

use std::sync::Arc;

use async_trait::async_trait;

use crate::address::RoomName;
use crate::content::Content;
use crate::event::{Author, Message};
use crate::ids::{ClientMessageId, ConversationId, Cseq, TimestampMs};
use crate::ports::{PageLimit, StoreError};

/// A message to a room.
#[derive(Clone, Debug)]
pub struct RoomAppend {
    /// The room.
    pub room: ConversationId,
    /// Who writes: with the client id the dedupe key (a guest's stay, or a device).
    pub author: Author,
    /// The author's name in the room.
    pub name: RoomName,
    /// What the author calls it.
    pub client_id: ClientMessageId,
    /// Hash over the content.
    pub fingerprint: [u8; 16],
    /// What it says.
    pub content: Content,
    /// Now.
    pub at: TimestampMs,
}

/// What became of a message to a room.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RoomAppended {
    /// It is stored, now or (`duplicate`) by an earlier try.
    Appended {
        /// As readers get it.
        message: Arc<Message>,
        /// An earlier try had stored it.
        duplicate: bool,
    },
    /// The client id was used for something else.
    Conflict,
    /// No such room.
    NoRoom,
}

/// A stretch of a room's log.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RoomPage {
    /// Newest last.
    pub messages: Vec<Arc<Message>>,
    /// Reading forward: there are newer ones; reading backward: older ones.
    pub more: bool,
    /// The room's last number.
    pub last: Cseq,
    /// Reading forward: messages between `after` and the first one given are gone, or `after` is beyond the end.
    pub gap: bool,
}

/// Rooms.
#[async_trait]
pub trait Rooms: Send + Sync {
    /// The room of this name; made if it is not there.
    async fn room(&self, name: &str) -> Result<ConversationId, StoreError>;

    /// Stores a message. Returns after the sync.
    async fn append_to_room(&self, append: RoomAppend) -> Result<RoomAppended, StoreError>;

    /// Messages after a number.
    async fn read_room_after(
        &self,
        room: ConversationId,
        after: Cseq,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError>;

    /// Messages below a number (`None`: from the newest).
    async fn read_room_before(
        &self,
        room: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError>;

    /// Keeps the newest `keep` messages and of these what is not older than `oldest`; says how many went.
    async fn prune_room(&self, room: ConversationId, keep: u64, oldest: TimestampMs) -> Result<u64, StoreError>;
}
