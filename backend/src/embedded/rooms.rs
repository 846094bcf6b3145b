//! The intents that write rooms.
//!
//! Run by the writer inside a commit. A room is a conversation whose log is read by its own numbers. Invariant: what
//! is below `kept_from` is gone.

use std::sync::Arc;

use belfry_domain::ports::{RoomAppend, RoomAppended, StoreError};
use belfry_domain::{Author, ConversationId, Cseq, Life, Message, MessageId, Retention, TimestampMs};

use super::append::remembered;
use super::db::Tier;
use super::keys::{self, Cf};
use super::records::{BodyRecord, ConversationRecord, RememberedRecord, corrupt, decode, head, with_head};
use super::shared::Conversation;
use super::tx::Tx;

pub(super) fn room(tx: &mut Tx<'_>, name: &str) -> Result<ConversationId, StoreError> {
    if let Some(bytes) = tx.get(Cf::Meta, &keys::room(name))? {
        return Ok(ConversationId(keys::tail(&bytes).ok_or_else(|| corrupt("a room's name"))?));
    }
    let id = ConversationId(tx.count(keys::KEY_CONVERSATIONS_MADE)?);
    let record = ConversationRecord { room: name.to_owned(), kept_from: 1, ..ConversationRecord::default() };
    tx.set_conversation(id, Conversation { record, last: Cseq(0), members: None, withheld: Default::default() }, true);
    tx.put(Cf::Meta, keys::room(name), id.0.to_be_bytes().to_vec());
    Ok(id)
}

pub(super) fn append_to_room(tx: &mut Tx<'_>, append: RoomAppend) -> Result<RoomAppended, StoreError> {
    let Some(mut room) = tx.conversation(append.room)?.filter(Conversation::is_room) else {
        return Ok(RoomAppended::NoRoom);
    };
    let dedupe_key = match &append.author {
        Author::Account { account, device, .. } => {
            keys::dedupe_member(append.room, *account, *device, &append.client_id)
        }
        Author::Guest { lease, .. } => keys::dedupe_guest(append.room, lease.0, &append.client_id),
    };
    let known = remembered(tx, &dedupe_key, append.at)?;
    if known.as_ref().is_some_and(|known| known.fingerprint != append.fingerprint) {
        return Ok(RoomAppended::Conflict);
    }
    let (cseq, sent) = match &known {
        Some(known) => (Cseq(known.cseq), TimestampMs(known.sent)),
        None => (room.last.next(), append.at),
    };
    let id = MessageId { conversation: append.room, cseq };
    if known.is_none() {
        let body = BodyRecord::of(&append.client_id, sent, &append.content).in_room(&append.author, &append.name);
        tx.write(Cf::Conv, keys::body(id.conversation, id.cseq), with_head(Retention::Keep, &body));
        room.last = cseq;
        tx.set_conversation(append.room, room, false);
        let known = RememberedRecord {
            fingerprint: append.fingerprint.to_vec(),
            conversation: append.room.0,
            cseq: cseq.0,
            sent: sent.0,
            seq: 0,
            prev: 0,
        };
        tx.remember(dedupe_key, &known, append.at);
    }
    // The fingerprint says that a repeat is about the same content, so that its message need not be read, nor kept.
    let message = Arc::new(Message {
        id,
        author: append.author,
        to: None,
        room_name: Some(append.name),
        client_id: append.client_id,
        sent,
        content: append.content,
        life: Life::default(),
    });
    Ok(RoomAppended::Appended { message, duplicate: known.is_some() })
}

pub(super) fn prune_room(
    tx: &mut Tx<'_>,
    id: ConversationId,
    keep: u64,
    oldest: TimestampMs,
) -> Result<u64, StoreError> {
    let Some(mut room) = tx.conversation(id)?.filter(Conversation::is_room) else { return Ok(0) };
    let mut gone = Vec::new();
    {
        // What this commit itself appends is not seen here; the next pruning finds it.
        let from = keys::body(id, Cseq(room.record.kept_from));
        let to = keys::body(id, room.last.next());
        let mut scan = tx.shared.db.scan(Cf::Conv, &from, &to, Tier::Disk);
        while let Some((key, value)) = scan.step()? {
            let cseq = Cseq(keys::tail(key).unwrap_or_default());
            let (_, rest) = head(value).ok_or_else(|| corrupt("the head of a body"))?;
            let body: BodyRecord = decode("a body", rest)?;
            if room.last.0 - cseq.0 < keep && TimestampMs(body.sent) >= oldest {
                break;
            }
            gone.push(cseq);
        }
    }
    let Some(last) = gone.last() else { return Ok(0) };
    room.record.kept_from = last.next().0;
    room.record.last = room.last.0;
    tx.set_conversation(id, room, true);
    for cseq in &gone {
        tx.erase(Cf::Conv, keys::body(id, *cseq));
    }
    Ok(gone.len() as u64)
}
