//! Reading pages of timelines, conversations and rooms.
//!
//! Reads see what is durable when they begin: the head is taken first and nothing after it is looked at. Invariant: a
//! page holds no more than its limit and the entry that passes it, so memory does not depend on what is waiting.

use std::sync::Arc;

use belfry_domain::limits::PAGE_LOOKED_MAX;
use belfry_domain::ports::{Head, Page, PageLimit, RoomPage};
use belfry_domain::{
    AccountId, Amendment, ConversationId, Cseq, DataKind, Entry, Item, Mark, Message, MessageId, Places, Seq, dead,
    kind_of,
};

use super::contacts;
use super::db::{Fault, Scan, Tier};
use super::keeping;
use super::keys::{self, Cf};
use super::records::{BodyRecord, EntryRecord, corrupt, decode, head as record_head, kind, message_id};
use super::rows::{CopyRecord, SettingsRecord};
use super::shared::{Conversation, Shared, entry_record};

pub(super) fn head(shared: &Shared, owner: AccountId, tier: Tier) -> Result<Head, Fault> {
    let owner = shared.owner(owner, tier)?;
    Ok(owner.map_or_else(Head::default, |owner| Head {
        last: owner.last,
        delivered_floor: Seq(owner.record.delivered_floor),
        waiting: owner.waiting,
    }))
}

pub(super) fn read_after(
    shared: &Shared,
    id: AccountId,
    after: Places,
    limit: PageLimit,
    tier: Tier,
) -> Result<Page, Fault> {
    let Some(owner) = shared.owner(id, tier)? else {
        return Ok(Page { reset: after.iter().any(|place| place != Seq::ZERO), ..Page::default() });
    };
    let mut reset = false;
    let mut checked = None;
    for place in after.iter() {
        // As a rule they are one place, which is looked for once.
        if checked.replace(place) != Some(place) && !shared.had(id, &owner, place, tier)? {
            reset = true;
        }
    }
    let after = if reset { after.anew() } else { after };
    let start = after.first().unwrap_or(owner.last);
    let gap = after.want(DataKind::Messages, Seq(owner.record.gone));
    let mut page = Page { entries: Vec::new(), next: owner.last.max(start), more: false, reset, gap };
    if start >= owner.last {
        return Ok(page);
    }
    let now = shared.clock.now();
    let floor = Seq(owner.record.delivered_floor);
    let from = keys::entry(id, Seq(start.0 + 1));
    let to = keys::entry(id, Seq(owner.last.0 + 1));
    let mut scan = shared.db.scan(Cf::Tl, &from, &to, tier);
    let mut looked_at = start;
    let mut bytes = 0;
    let mut looked = 0;
    while let Some((key, value)) = scan.step()? {
        let full = !page.entries.is_empty() && (page.entries.len() >= limit.entries || bytes >= limit.bytes);
        if full || looked == PAGE_LOOKED_MAX {
            page.next = looked_at;
            page.more = true;
            break;
        }
        looked += 1;
        let seq = Seq(keys::tail(key).unwrap_or_default());
        let (retention, record) = entry_record(value)?;
        looked_at = seq;
        let said = data_kind(record.kind);
        if said.is_some_and(|kind| !after.want(kind, seq)) {
            continue;
        }
        let message = record.is_message();
        if dead(retention, seq, floor, Seq::ZERO, now) {
            page.gap |= message;
            continue;
        }
        match item(shared, id, seq, record, tier)? {
            Some(item) if after.want(kind_of(&item), seq) => {
                let entry = Arc::new(Entry { seq, prev: shared.prev(id, seq, tier)?, item });
                bytes += entry.weight();
                page.entries.push(entry);
            }
            Some(_) => {}
            None => page.gap |= message,
        }
    }
    Ok(page)
}

/// The kind of data, as far as the kind of the record says it: what is not wanted is then not read.
fn data_kind(record_kind: u32) -> Option<DataKind> {
    match record_kind {
        kind::POINTER | kind::INLINE | kind::AMENDMENT => Some(DataKind::Messages),
        kind::RECEIPT | kind::MARK => Some(DataKind::Marks),
        kind::PROFILE => Some(DataKind::Profile),
        kind::FLAGS | kind::SETTINGS | kind::KEEPING | kind::PRIVACY => Some(DataKind::Settings),
        kind::CONTACT => Some(DataKind::Contacts),
        _ => None,
    }
}

/// What an entry is about; `None`: its body is gone, or its row has moved on.
fn item(shared: &Shared, owner: AccountId, seq: Seq, record: EntryRecord, tier: Tier) -> Result<Option<Item>, Fault> {
    let conversation = ConversationId(record.conversation);
    match record.kind {
        kind::POINTER | kind::INLINE => {
            let body = match record.body {
                Some(body) => Some(body),
                None => shared.body(conversation, Cseq(record.cseq), tier)?,
            };
            let Some(body) = body else { return Ok(None) };
            let stored = shared.conversation(conversation, tier)?.ok_or_else(|| corrupt("a message's conversation"))?;
            let id = message_id(record.conversation, record.cseq);
            let copy = copy(shared, owner, &stored, id, tier)?;
            let body = copy.and_then(|copy| copy.body).unwrap_or(body);
            Ok(Some(Item::Message(direct(&stored, id, body)?)))
        }
        kind::RECEIPT => {
            let row = shared.row(&keys::receipt(owner, conversation), tier)?;
            if Seq(row.seq) != seq {
                return Ok(None);
            }
            let stored = shared.conversation(conversation, tier)?.ok_or_else(|| corrupt("a receipt's conversation"))?;
            let (_, peer) = stored.peer_of(owner).ok_or_else(|| corrupt("a receipt for a stranger"))?;
            Ok(Some(Item::Receipt(row.into_receipt(conversation, peer))))
        }
        kind::MARK => {
            let row = shared.row(&keys::mark(owner, conversation), tier)?;
            Ok((Seq(row.seq) == seq).then_some(Item::Mark(Mark { conversation, read: Cseq(row.read) })))
        }
        kind::PROFILE => {
            // A change leaves one entry; a reader between two changes meets it with the later value, which is as true.
            Ok(contacts::profile(shared, owner, tier)?.map(Item::Profile))
        }
        kind::AMENDMENT => {
            let id = message_id(record.conversation, record.cseq);
            let amendment = amendment(shared, owner, seq, id, record, tier)?;
            Ok(amendment.map(|amendment| Item::Amendment(Arc::new(amendment))))
        }
        kind::FLAGS => {
            let id = message_id(record.conversation, record.cseq);
            let stored = shared.conversation(conversation, tier)?.ok_or_else(|| corrupt("a message's conversation"))?;
            let row = shared.flags(owner, &stored, id, tier)?;
            Ok((Seq(row.seq) == seq).then_some(Item::Flags(row.flags(id))))
        }
        kind::SETTINGS => {
            let stored =
                shared.conversation(conversation, tier)?.ok_or_else(|| corrupt("a conversation's settings"))?;
            let row = settings_row(shared, owner, conversation, tier)?;
            if Seq(row.seq) != seq {
                return Ok(None);
            }
            Ok(Some(Item::Settings(Arc::new(row.settings(owner, conversation, &stored)?))))
        }
        kind::KEEPING => {
            let stored = shared.conversation(conversation, tier)?.ok_or_else(|| corrupt("a wish's conversation"))?;
            let latest = stored.side_of(owner).is_some_and(|side| keeping::told_at(&stored.record, side) == seq);
            Ok(keeping::keeping(conversation, &stored, owner).filter(|_| latest).map(Item::Keeping))
        }
        kind::PRIVACY => {
            let Some(owner) = shared.owner(owner, tier)? else { return Ok(None) };
            Ok((Seq(owner.record.privacy) == seq).then(|| Item::Privacy(owner.record.privacy_of())))
        }
        kind::CONTACT => {
            let peer = AccountId(record.peer);
            let Some(row) = contacts::row(shared, owner, peer, tier)?.filter(|row| Seq(row.seq) == seq) else {
                return Ok(None);
            };
            Ok(Some(Item::Contact(Arc::new(row.into_view(peer)?))))
        }
        // Written by a later version: what it does not know, a reader passes over.
        _ => Ok(None),
    }
}

/// What the entry of an amendment tells; `None`: there was a later change, or the message is gone.
fn amendment(
    shared: &Shared,
    owner: AccountId,
    seq: Seq,
    id: MessageId,
    entry: EntryRecord,
    tier: Tier,
) -> Result<Option<Amendment>, Fault> {
    let stored = shared.conversation(id.conversation, tier)?.ok_or_else(|| corrupt("a message's conversation"))?;
    let members = stored.members.as_deref().ok_or_else(|| corrupt("an amendment in a room"))?;
    let (row, own) = match copy(shared, owner, &stored, id, tier)? {
        Some(copy) => (copy.row, copy.body),
        None => (shared.amendment(id, tier)?, None),
    };
    let Some(mut row) = row else { return Ok(None) };
    if Seq(*row.place(members[0].0 != owner)) != seq {
        return Ok(None);
    }
    let body = match (row.edited, row.inline, own) {
        (0, ..) => None,
        (_, _, Some(own)) => Some(own),
        (_, true, None) => entry.body,
        (_, false, None) => shared.body(id.conversation, id.cseq, tier)?,
    };
    let content = body.map(|body| body.parts().map(|(_, _, content)| content)).transpose()?;
    Ok(Some(row.amendment(id, members, content)))
}

/// What has become of a message for its reader alone.
fn copy(
    shared: &Shared,
    reader: AccountId,
    conversation: &Conversation,
    id: MessageId,
    tier: Tier,
) -> Result<Option<CopyRecord>, Fault> {
    let side = conversation.side_of(reader).ok_or_else(|| corrupt("a message of strangers"))?;
    shared.copy(conversation, id, side, tier)
}

pub(super) fn settings_row(
    shared: &Shared,
    owner: AccountId,
    conversation: ConversationId,
    tier: Tier,
) -> Result<SettingsRecord, Fault> {
    match shared.db.get(Cf::Meta, &keys::settings(owner, conversation), tier)? {
        Some(bytes) => Ok(decode("a conversation's settings", &bytes)?),
        None => Ok(SettingsRecord::default()),
    }
}

/// A message as its reader may know it now; `None`: the reader has deleted it, or never had it.
pub(super) fn as_amended(
    shared: &Shared,
    reader: AccountId,
    conversation: &Conversation,
    id: MessageId,
    body: BodyRecord,
    tier: Tier,
) -> Result<Option<Arc<Message>>, Fault> {
    let author = conversation.side_of(reader) == Some(usize::from(body.by_second));
    let flags = shared.flags(reader, conversation, id, tier)?;
    if flags.hidden || (body.withheld && !author) {
        return Ok(None);
    }
    let copy = copy(shared, reader, conversation, id, tier)?;
    let (row, body) = match copy {
        Some(copy) => (copy.row, copy.body.unwrap_or(body)),
        None if conversation.record.amended => (shared.amendment(id, tier)?, body),
        None => (None, body),
    };
    let mut message = direct(conversation, id, body)?;
    if flags.starred || row.is_some() {
        let members = conversation.members.as_deref().ok_or_else(|| corrupt("a direct message in a room"))?;
        let life = &mut Arc::make_mut(&mut message).life;
        life.starred = flags.starred;
        if let Some(row) = row {
            (life.reactions, life.pinned) = (row.reactions(members), row.pinned);
        }
    }
    Ok(Some(message))
}

fn direct(conversation: &Conversation, id: MessageId, body: BodyRecord) -> Result<Arc<Message>, Fault> {
    let members = conversation.members.as_deref().ok_or_else(|| corrupt("a direct message in a room"))?;
    Ok(body.into_direct(id, members)?)
}

/// History of a direct conversation; outer `None`: the reader has no part in it.
#[expect(clippy::type_complexity, reason = "it is the port's own answer")]
pub(super) fn read_before(
    shared: &Shared,
    reader: AccountId,
    id: ConversationId,
    before: Option<Cseq>,
    limit: PageLimit,
    tier: Tier,
) -> Result<Option<(Vec<Arc<Message>>, bool)>, Fault> {
    let Some(conversation) = shared.conversation(id, tier)? else { return Ok(None) };
    if conversation.peer_of(reader).is_none() {
        return Ok(None);
    }
    let Some(owner) = shared.owner(reader, tier)? else { return Ok(None) };
    let end = before.unwrap_or(Cseq(u64::MAX)).min(conversation.last.next());
    let now = shared.clock.now();
    let floor = Seq(owner.record.delivered_floor);

    // Two streams, each with the newest first: what the conversation keeps, and what waits in the reader's timeline.
    let mut kept = shared.db.scan_back(Cf::Conv, &keys::body(id, Cseq(0)), &keys::body(id, end), tier);
    let mut next_kept = || -> Result<Option<(Cseq, BodyRecord)>, Fault> {
        while let Some((key, value)) = kept.step()? {
            let (retention, rest) = record_head(value).ok_or_else(|| corrupt("the head of a body"))?;
            if !dead(retention, Seq(1), Seq::ZERO, Seq::ZERO, now) {
                return Ok(Some((Cseq(keys::tail(key).unwrap_or_default()), decode("a body", rest)?)));
            }
        }
        Ok(None)
    };
    let from = if conversation.record.inline { Seq(floor.0 + 1) } else { Seq(owner.last.0 + 1) };
    let to = keys::entry(reader, Seq(owner.last.0 + 1));
    let mut waiting: Scan<'_> = shared.db.scan_back(Cf::Tl, &keys::entry(reader, from), &to, tier);
    let mut next_waiting = || -> Result<Option<(Cseq, BodyRecord)>, Fault> {
        while let Some((key, value)) = waiting.step()? {
            let (retention, record) = entry_record(value)?;
            let seq = Seq(keys::tail(key).unwrap_or_default());
            let cseq = Cseq(record.cseq);
            if record.kind == kind::INLINE
                && record.conversation == id.0
                && cseq < end
                && !dead(retention, seq, floor, Seq::ZERO, now)
            {
                let body = record.body.ok_or_else(|| corrupt("an entry without its body"))?;
                return Ok(Some((cseq, body)));
            }
        }
        Ok(None)
    };

    let mut newest_first: Vec<Arc<Message>> = Vec::new();
    let mut bytes = 0;
    let (mut a, mut b) = (next_kept()?, next_waiting()?);
    let more = loop {
        let from_kept = match (&a, &b) {
            (None, None) => break false,
            (Some((kept, _)), Some((waiting, _))) => kept > waiting,
            (kept, None) => kept.is_some(),
            (None, Some(_)) => false,
        };
        if !newest_first.is_empty() && (newest_first.len() >= limit.entries || bytes >= limit.bytes) {
            break true;
        }
        let taken = if from_kept {
            std::mem::replace(&mut a, next_kept()?)
        } else {
            std::mem::replace(&mut b, next_waiting()?)
        };
        if let Some((cseq, body)) = taken {
            let id = MessageId { conversation: id, cseq };
            if let Some(message) = as_amended(shared, reader, &conversation, id, body, tier)? {
                bytes += message.content.weight();
                newest_first.push(message);
            }
        }
    };
    newest_first.reverse();
    Ok(Some((newest_first, more)))
}

pub(super) fn read_room_after(
    shared: &Shared,
    id: ConversationId,
    after: Cseq,
    limit: PageLimit,
    tier: Tier,
) -> Result<RoomPage, Fault> {
    let Some(room) = shared.conversation(id, tier)?.filter(Conversation::is_room) else {
        return Ok(RoomPage::default());
    };
    let beyond = after > room.last;
    let start = if beyond { Cseq(1) } else { after.next() };
    let from = start.max(Cseq(room.record.kept_from));
    let scan = shared.db.scan(Cf::Conv, &keys::body(id, from), &keys::body(id, room.last.next()), tier);
    let (messages, more) = fill_room(scan, id, limit)?;
    let first = messages.first().map_or(room.last.next(), |message| message.id.cseq);
    Ok(RoomPage { messages, more, last: room.last, gap: beyond || first > start })
}

pub(super) fn read_room_before(
    shared: &Shared,
    id: ConversationId,
    before: Option<Cseq>,
    limit: PageLimit,
    tier: Tier,
) -> Result<RoomPage, Fault> {
    let Some(room) = shared.conversation(id, tier)?.filter(Conversation::is_room) else {
        return Ok(RoomPage::default());
    };
    let end = before.unwrap_or(Cseq(u64::MAX)).min(room.last.next());
    let from = Cseq(room.record.kept_from);
    let scan = shared.db.scan_back(Cf::Conv, &keys::body(id, from), &keys::body(id, end.max(from)), tier);
    let (mut messages, more) = fill_room(scan, id, limit)?;
    messages.reverse();
    Ok(RoomPage { messages, more, last: room.last, gap: false })
}

fn fill_room(mut scan: Scan<'_>, id: ConversationId, limit: PageLimit) -> Result<(Vec<Arc<Message>>, bool), Fault> {
    let mut page: Vec<Arc<Message>> = Vec::new();
    let mut bytes = 0;
    while let Some((key, value)) = scan.step()? {
        if !page.is_empty() && (page.len() >= limit.entries || bytes >= limit.bytes) {
            return Ok((page, true));
        }
        let (_, rest) = record_head(value).ok_or_else(|| corrupt("the head of a body"))?;
        let body: BodyRecord = decode("a body", rest)?;
        let cseq = Cseq(keys::tail(key).unwrap_or_default());
        let message = body.into_room(MessageId { conversation: id, cseq })?;
        bytes += message.content.weight();
        page.push(message);
    }
    Ok((page, false))
}
