//! The intents that write timelines: sending, acknowledging, marking as read.
//!
//! Run by the writer inside a commit. Invariant: a message gets its number, its body, its entries and its dedupe key
//! in one commit or none of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use belfry_domain::limits::{DEDUPE_KEPT_MS, DEVICE_SILENT_MS};
use belfry_domain::ports::{Acknowledge, Append, AppendOutcome, Appended, MarkRead, StoreError};
use belfry_domain::{
    AccountId, Author, ConversationId, Cseq, DeviceId, DeviceRole, Entry, Item, Life, Mark, Message, MessageId,
    Receipt, Retention, Seq, TimestampMs,
};
use prost::Message as _;

use super::db::{Fault, Tier};
use super::keys::{self, Cf};
use super::records::{
    AccountRecord, BodyRecord, ConversationRecord, CursorRecord, EntryRecord, RememberedRecord, RowRecord, corrupt,
    decode, kind, message_id, parse_address, some, with_head,
};
use super::rows::AmendmentRecord;
use super::shared::{Conversation, Owner, Shared, entry_record};
use super::tx::Tx;

/// Entries with their owners, to be shown to sessions.
pub(super) type Made = Vec<(AccountId, Arc<Entry>)>;

/// Stores one message.
pub(super) fn append(tx: &mut Tx<'_>, append: Append) -> Result<AppendOutcome, StoreError> {
    if tx.owner(append.sender)?.is_none() {
        return Ok(AppendOutcome::NoSender);
    }
    let dedupe_key = keys::dedupe(append.sender, append.device, &append.client_id);
    if let Some(known) = remembered(tx, &dedupe_key, append.at)? {
        if known.fingerprint != append.fingerprint {
            return Ok(AppendOutcome::Conflict);
        }
        return Ok(AppendOutcome::Appended(Appended {
            id: message_id(known.conversation, known.cseq),
            sent: TimestampMs(known.sent),
            seq: Seq(known.seq),
            prev: Seq(known.prev),
            duplicate: true,
            entries: Vec::new(),
        }));
    }
    if append.receiver != append.sender && tx.owner(append.receiver)?.is_none() {
        return Ok(AppendOutcome::NoReceiver);
    }

    let (conversation_id, mut conversation) = pair(tx, append.sender, append.receiver)?;
    let members = Arc::clone(conversation.members.as_ref().ok_or_else(|| corrupt("a pair that is a room"))?);
    let by_second = members[0].0 != append.sender;
    let (author, to) = if by_second { (&members[1], &members[0]) } else { (&members[0], &members[1]) };
    conversation.last = conversation.last.next();
    conversation.record.active = append.at.0;
    let mut content = append.content;
    content.lifetime_ms = content.lifetime_ms.or_else(|| some(conversation.record.disappear_after));
    let retention = match content.lifetime_ms {
        Some(lifetime) => append.retention.within(append.at.plus_ms(lifetime)),
        None => append.retention,
    };
    let id = MessageId { conversation: conversation_id, cseq: conversation.last };
    let mut body = BodyRecord::of(&append.client_id, append.at, &content);
    body.device = append.device.0;
    body.by_second = by_second;

    let inline = matches!(retention, Retention::UntilDelivered { .. });
    let mut entry = EntryRecord {
        kind: if inline { kind::INLINE } else { kind::POINTER },
        conversation: id.conversation.0,
        cseq: id.cseq.0,
        incoming: false,
        body: None,
    };
    if inline {
        entry.body = Some(body);
        conversation.record.inline = true;
        // Nothing else remembers the number once the entries are gone.
        conversation.record.last = conversation.last.0;
    } else {
        tx.write(Cf::Conv, keys::body(id.conversation, id.cseq), with_head(retention, &body));
    }
    tx.set_conversation(conversation_id, conversation, inline);

    let (seq, prev) = tx.push(append.sender, retention, &entry)?;
    let message = Arc::new(Message {
        id,
        author: Author::Account { account: append.sender, address: author.1.clone(), device: append.device },
        to: Some(to.1.clone()),
        room_name: None,
        client_id: append.client_id,
        sent: append.at,
        content,
        life: Life::default(),
    });
    let shown = |seq, prev| Arc::new(Entry { seq, prev, item: Item::Message(Arc::clone(&message)) });
    let mut entries = vec![(append.sender, shown(seq, prev))];
    if append.receiver != append.sender {
        entry.incoming = true;
        let (seq, prev) = tx.push(append.receiver, retention, &entry)?;
        entries.push((append.receiver, shown(seq, prev)));
    }
    if inline {
        // The message may be changed after its body is gone, and be counted as unread: this is what is left of it.
        let theirs = entries.get(1).map_or(0, |(_, entry)| entry.seq.0);
        let (first_entry, second_entry) = if by_second { (theirs, seq.0) } else { (seq.0, theirs) };
        let expires = retention.expires().map_or(0, |end| end.0);
        let known = AmendmentRecord {
            sent: append.at.0,
            by_second,
            inline,
            expires,
            first_entry,
            second_entry,
            ..AmendmentRecord::default()
        };
        tx.put_record(keys::amendment(id.conversation, id.cseq), &known);
    }
    let known = RememberedRecord {
        fingerprint: append.fingerprint.to_vec(),
        conversation: id.conversation.0,
        cseq: id.cseq.0,
        sent: append.at.0,
        seq: seq.0,
        prev: prev.0,
    };
    tx.remember(dedupe_key, &known, append.at);
    Ok(AppendOutcome::Appended(Appended { id, sent: append.at, seq, prev, duplicate: false, entries }))
}

/// What a client's message id stands for, while it is remembered.
pub(super) fn remembered(tx: &Tx<'_>, key: &[u8], now: TimestampMs) -> Result<Option<RememberedRecord>, StoreError> {
    let Some(bytes) = tx.get(Cf::Dedupe, key)? else { return Ok(None) };
    let known: RememberedRecord = decode("a remembered id", &bytes)?;
    Ok((now.ms_since(TimestampMs(known.sent)) <= DEDUPE_KEPT_MS).then_some(known))
}

/// The conversation of two accounts that are there; made if they have none.
fn pair(tx: &mut Tx<'_>, a: AccountId, b: AccountId) -> Result<(ConversationId, Conversation), StoreError> {
    if let Some(bytes) = tx.get(Cf::Meta, &keys::pair(a, b))? {
        let id = ConversationId(keys::tail(&bytes).ok_or_else(|| corrupt("a pair"))?);
        let conversation = tx.conversation(id)?.ok_or_else(|| corrupt("a pair without its conversation"))?;
        return Ok((id, conversation));
    }
    let id = ConversationId(tx.count(keys::KEY_CONVERSATIONS_MADE)?);
    let address = |tx: &Tx<'_>, account| -> Result<String, StoreError> {
        let bytes = tx.get(Cf::Meta, &keys::account(account))?.ok_or_else(|| corrupt("an owner without an account"))?;
        Ok(decode::<AccountRecord>("an account", &bytes)?.address)
    };
    let record = ConversationRecord {
        first: a.0,
        second: b.0,
        first_address: address(tx, a)?,
        second_address: address(tx, b)?,
        ..ConversationRecord::default()
    };
    let members = Arc::new([(a, parse_address(&record.first_address)?), (b, parse_address(&record.second_address)?)]);
    let conversation = Conversation { record, last: Cseq(0), members: Some(members) };
    tx.set_conversation(id, conversation.clone(), true);
    for key in [keys::pair(a, b), keys::pair(b, a)] {
        tx.put(Cf::Meta, key, id.0.to_be_bytes().to_vec());
    }
    Ok((id, conversation))
}

/// The furthest incoming message of each conversation with its sender, among entries that are newly delivered. Read
/// before the intent goes to the writer, so that a long absence does not hold everybody up.
pub(super) type Reached = BTreeMap<ConversationId, (AccountId, Cseq)>;

/// Looks through the entries up to `delivered` that nobody has acknowledged yet. Places that the log never had are
/// taken out of the acknowledgement.
pub(super) fn prepare(shared: &Shared, ack: &mut Acknowledge, tier: Tier) -> Result<Option<Reached>, Fault> {
    let Some(owner) = shared.owner(ack.owner, tier)? else { return Ok(None) };
    for place in [&mut ack.cursor.passed, &mut ack.cursor.delivered] {
        if !shared.had(ack.owner, &owner, *place, tier)? {
            *place = Seq::ZERO;
        }
    }
    let mut reached = Reached::new();
    let from = Seq(owner.record.delivered_any + 1);
    if ack.cursor.delivered < from {
        return Ok(Some(reached));
    }
    let to = keys::entry(ack.owner, Seq(ack.cursor.delivered.0 + 1));
    let mut scan = shared.db.scan(Cf::Tl, &keys::entry(ack.owner, from), &to, tier);
    while let Some((key, value)) = scan.step()? {
        let (retention, record) = entry_record(value)?;
        let seq = Seq(keys::tail(key).unwrap_or_default());
        let floor = Seq(owner.record.delivered_floor);
        if !record.incoming || belfry_domain::dead(retention, seq, floor, Seq::ZERO, ack.at) {
            continue;
        }
        let id = ConversationId(record.conversation);
        if let Some((_, cseq)) = reached.get_mut(&id) {
            *cseq = Cseq(record.cseq);
        } else if let Some(conversation) = shared.conversation(id, tier)?
            && let Some((peer, _)) = conversation.peer_of(ack.owner)
        {
            reached.insert(id, (*peer, Cseq(record.cseq)));
        }
    }
    Ok(Some(reached))
}

/// Moves a device's cursor, the floor, and the receipts of those who wrote what was reached.
pub(super) fn acknowledge(tx: &mut Tx<'_>, ack: Acknowledge, reached: Reached) -> Result<Made, StoreError> {
    let Some(mut owner) = tx.owner(ack.owner)? else { return Ok(Vec::new()) };
    let Some(slot) = owner.devices.get(&ack.device).copied() else { return Ok(Vec::new()) };
    let mut cursor = slot.cursor;
    cursor.passed = cursor.passed.max(ack.cursor.passed);
    cursor.delivered = cursor.delivered.max(ack.cursor.delivered);
    if cursor != slot.cursor {
        tx.put_record(keys::cursor(ack.owner, ack.device), &CursorRecord::of(cursor));
        let devices = Arc::make_mut(&mut owner.devices);
        if let Some(slot) = devices.get_mut(&ack.device) {
            slot.cursor = cursor;
        }
    }
    let floor = floor(&owner, ack.device, ack.at).max(Seq(owner.record.delivered_floor));
    let any = cursor.delivered.max(Seq(owner.record.delivered_any));
    let stored = (floor.0, any.0) != (owner.record.delivered_floor, owner.record.delivered_any);
    let risen_from = Seq(owner.record.delivered_floor);
    (owner.record.delivered_floor, owner.record.delivered_any) = (floor.0, any.0);
    if owner.record.volatile
        && let Some(last) = last_given_up(tx.shared, ack.owner, risen_from, floor)?
    {
        owner.record.gone = owner.record.gone.max(last.0);
    }
    if stored || cursor != slot.cursor {
        tx.set_owner(ack.owner, owner, stored);
    }
    let mut made = Vec::new();
    for (conversation, (sender, cseq)) in reached {
        made.extend(raise_receipt(tx, sender, conversation, cseq, Cseq(0))?);
    }
    Ok(made)
}

/// The last message that ends because the floor has risen. Written down with the floor, since compaction drops what
/// lies under it without a word. Everything up to a floor is durable, so the database has it.
fn last_given_up(shared: &Shared, id: AccountId, from: Seq, to: Seq) -> Result<Option<Seq>, StoreError> {
    if to <= from {
        return Ok(None);
    }
    let (first, end) = (keys::entry(id, Seq(from.0 + 1)), keys::entry(id, Seq(to.0 + 1)));
    let mut scan = shared.db.scan_back(Cf::Tl, &first, &end, Tier::Disk);
    while let Some((key, value)) = scan.step()? {
        if matches!(entry_record(value)?.0, Retention::UntilDelivered { .. }) {
            return Ok(keys::tail(key).map(Seq));
        }
    }
    Ok(None)
}

/// The floor follows the primary, or the furthest device where there is none that is heard of.
fn floor(owner: &Owner, acting: DeviceId, now: TimestampMs) -> Seq {
    let counts = |id: DeviceId, seen: TimestampMs| id == acting || now.ms_since(seen) <= DEVICE_SILENT_MS;
    let counting: Vec<_> = owner.devices.iter().filter(|(id, slot)| counts(**id, slot.last_seen)).collect();
    match counting.iter().find(|(_, slot)| slot.role == DeviceRole::Primary) {
        Some((_, slot)) => slot.cursor.delivered,
        None => counting.iter().map(|(_, slot)| slot.cursor.delivered).max().unwrap_or_default(),
    }
}

/// Moves the owner's mark, and the peer's receipt if it is to be told.
pub(super) fn mark_read(tx: &mut Tx<'_>, mark: MarkRead) -> Result<Made, StoreError> {
    let Some(conversation) = tx.conversation(mark.conversation)? else { return Ok(Vec::new()) };
    let Some((peer, _)) = conversation.peer_of(mark.owner) else { return Ok(Vec::new()) };
    let (peer, read) = (*peer, mark.read.min(conversation.last));
    let mut made = Vec::new();
    made.extend(raise_mark(tx, mark.owner, mark.conversation, read)?);
    if mark.tell_peer && peer != mark.owner && read > Cseq(0) {
        made.extend(raise_receipt(tx, peer, mark.conversation, read, read)?);
    }
    Ok(made)
}

/// Writes a receipt row if it grows, with its entry; the entry of its last change goes.
fn raise_receipt(
    tx: &mut Tx<'_>,
    owner: AccountId,
    conversation: ConversationId,
    delivered: Cseq,
    read: Cseq,
) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
    if tx.owner(owner)?.is_none() {
        return Ok(None);
    }
    let key = keys::receipt(owner, conversation);
    let old = tx.row(&key)?;
    let (delivered, read) = (delivered.max(Cseq(old.delivered)), read.max(Cseq(old.read)));
    if (delivered.0, read.0) == (old.delivered, old.read) {
        return Ok(None);
    }
    let stored = tx.conversation(conversation)?.ok_or_else(|| corrupt("a receipt without its conversation"))?;
    let (_, peer) = stored.peer_of(owner).ok_or_else(|| corrupt("a receipt for a stranger"))?;
    let (seq, prev) = push_row(tx, owner, kind::RECEIPT, conversation, Seq(old.seq))?;
    tx.put_record(key, &RowRecord { seq: seq.0, delivered: delivered.0, read: read.0 });
    let item = Item::Receipt(Receipt { conversation, peer: peer.clone(), delivered, read });
    Ok(Some((owner, Arc::new(Entry { seq, prev, item }))))
}

fn raise_mark(
    tx: &mut Tx<'_>,
    owner: AccountId,
    conversation: ConversationId,
    read: Cseq,
) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
    if tx.owner(owner)?.is_none() {
        return Ok(None);
    }
    let key = keys::mark(owner, conversation);
    let old = tx.row(&key)?;
    if read.0 <= old.read {
        return Ok(None);
    }
    let (seq, prev) = push_row(tx, owner, kind::MARK, conversation, Seq(old.seq))?;
    tx.put_record(key, &RowRecord { seq: seq.0, delivered: 0, read: read.0 });
    Ok(Some((owner, Arc::new(Entry { seq, prev, item: Item::Mark(Mark { conversation, read }) }))))
}

/// An entry that points to a state row, in place of the one at `old`: so a row has one entry, however often it moves.
pub(super) fn push_row(
    tx: &mut Tx<'_>,
    owner: AccountId,
    kind: u32,
    conversation: ConversationId,
    old: Seq,
) -> Result<(Seq, Seq), StoreError> {
    if old != Seq::ZERO {
        tx.erase(Cf::Tl, keys::entry(owner, old));
    }
    let record = EntryRecord { kind, conversation: conversation.0, ..EntryRecord::default() };
    debug_assert!(record.encoded_len() < 32, "a pointer is small");
    tx.push(owner, Retention::Keep, &record)
}
