//! Rooms of the memory store: one bounded log for each, read by number.

use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryStore;
use super::state::{RememberedInRoom, RoomAuthor, RoomLog};
use crate::conversation::Life;
use crate::event::Message;
use crate::ids::{ConversationId, Cseq, MessageId, TimestampMs};
use crate::limits::DEDUPE_KEPT_MS;
use crate::ports::{PageLimit, RoomAppend, RoomAppended, RoomPage, Rooms, StoreError};

#[async_trait]
impl Rooms for MemoryStore {
    async fn room(&self, name: &str) -> Result<ConversationId, StoreError> {
        self.with(|state| {
            if let Some(id) = state.rooms.get(name) {
                return Ok(*id);
            }
            let id = state.next_conversation();
            state.rooms.insert(name.to_owned(), id);
            state.room_logs.insert(id, RoomLog::default());
            Ok(id)
        })
    }

    async fn append_to_room(&self, append: RoomAppend) -> Result<RoomAppended, StoreError> {
        self.with(|state| {
            state.saw(append.at);
            let key = (append.room, RoomAuthor::of(&append.author), append.client_id.clone());
            let Some(log) = state.room_logs.get_mut(&append.room) else { return Ok(RoomAppended::NoRoom) };
            if let Some(known) = state.room_dedupe.get(&key)
                && append.at.ms_since(known.message.sent) <= DEDUPE_KEPT_MS
            {
                if known.fingerprint != append.fingerprint {
                    return Ok(RoomAppended::Conflict);
                }
                return Ok(RoomAppended::Appended { message: Arc::clone(&known.message), duplicate: true });
            }
            log.last = log.last.next();
            let message = Arc::new(Message {
                id: MessageId { conversation: append.room, cseq: log.last },
                author: append.author,
                to: None,
                room_name: Some(append.name),
                client_id: append.client_id,
                sent: append.at,
                content: append.content,
                life: Life::default(),
            });
            log.messages.insert(log.last, Arc::clone(&message));
            state
                .room_dedupe
                .insert(key, RememberedInRoom { fingerprint: append.fingerprint, message: Arc::clone(&message) });
            Ok(RoomAppended::Appended { message, duplicate: false })
        })
    }

    async fn read_room_after(
        &self,
        room: ConversationId,
        after: Cseq,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError> {
        self.with(|state| {
            let Some(log) = state.room_logs.get(&room) else { return Ok(RoomPage::default()) };
            let beyond = after > log.last;
            let start = if beyond { Cseq(1) } else { after.next() };
            let (messages, more) = fill(log.messages.range(start..).map(|(_, message)| message), limit);
            let first = messages.first().map_or(log.last.next(), |message| message.id.cseq);
            Ok(RoomPage { messages, more, last: log.last, gap: beyond || first > start })
        })
    }

    async fn read_room_before(
        &self,
        room: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError> {
        self.with(|state| {
            let Some(log) = state.room_logs.get(&room) else { return Ok(RoomPage::default()) };
            let end = before.unwrap_or(log.last.next());
            let (mut messages, more) = fill(log.messages.range(..end).rev().map(|(_, message)| message), limit);
            messages.reverse();
            Ok(RoomPage { messages, more, last: log.last, gap: false })
        })
    }

    async fn prune_room(&self, room: ConversationId, keep: u64, oldest: TimestampMs) -> Result<u64, StoreError> {
        self.with(|state| {
            let Some(log) = state.room_logs.get_mut(&room) else { return Ok(0) };
            let mut gone = 0;
            while let Some(first) = log.messages.first_entry() {
                let newer = log.last.0 - first.key().0;
                if newer < keep && first.get().sent >= oldest {
                    break;
                }
                first.remove();
                gone += 1;
            }
            Ok(gone)
        })
    }
}

/// As many as the limit allows, and whether there are more.
pub(super) fn fill<'a>(
    messages: impl Iterator<Item = &'a Arc<Message>>,
    limit: PageLimit,
) -> (Vec<Arc<Message>>, bool) {
    let mut page: Vec<Arc<Message>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        if !page.is_empty() && (page.len() >= limit.entries || bytes >= limit.bytes) {
            return (page, true);
        }
        bytes += message.content.weight();
        page.push(Arc::clone(message));
    }
    (page, false)
}
