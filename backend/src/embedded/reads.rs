//! Reading pages of timelines, conversations and rooms.
//!
//! Reads see what is durable when they begin: the head is taken first and nothing after it is looked at. Invariant: a
//! page holds no more than its limit and the entry that passes it, so memory does not depend on what is waiting.

use std::sync::Arc;

use belfry_domain::ports::{Head, Page, PageLimit, RoomPage};
use belfry_domain::{AccountId, ConversationId, Cseq, Entry, Item, Mark, Message, MessageId, Profile, Seq, dead};

use super::db::{Fault, Scan, Tier};
use super::keeping;
use super::keys::{self, Cf};
use super::records::{AccountRecord, BodyRecord, EntryRecord, corrupt, decode, head as record_head, kind, message_id};
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
    after: Seq,
    limit: PageLimit,
    tier: Tier,
) -> Result<Page, Fault> {
    let Some(owner) = shared.owner(id, tier)? else {
        return Ok(Page { reset: after != Seq::ZERO, ..Page::default() });
    };
    let reset = !shared.had(id, &owner, after, tier)?;
    let start = if reset { Seq::ZERO } else { after };
    let mut page = Page { entries: Vec::new(), next: owner.last.max(start), more: false, reset };
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
    while let Some((key, value)) = scan.step()? {
        if !page.entries.is_empty() && (page.entries.len() >= limit.entries || bytes >= limit.bytes) {
            page.next = looked_at;
            page.more = true;
            break;
        }
        let seq = Seq(keys::tail(key).unwrap_or_default());
        let (retention, record) = entry_record(value)?;
        looked_at = seq;
        if dead(retention, seq, floor, Seq::ZERO, now) {
            continue;
        }
        if let Some(item) = item(shared, id, seq, record, tier)? {
            let entry = Arc::new(Entry { seq, prev: shared.prev(id, seq, tier)?, item });
            bytes += entry.weight();
            page.entries.push(entry);
        }
    }
    Ok(page)
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
            let Some(bytes) = shared.db.get(Cf::Meta, &keys::account(owner), tier)? else { return Ok(None) };
            let account = decode::<AccountRecord>("an account", &bytes)?.into_account(owner)?;
            let profile = Profile { address: account.address, display_name: account.display_name };
            Ok(Some(Item::Profile(profile)))
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
        // Written by a later version: what it does not know, a reader passes over.
        _ => Ok(None),
    }
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
            let message = direct(&conversation, MessageId { conversation: id, cseq }, body)?;
            bytes += message.content.weight();
            newest_first.push(message);
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
