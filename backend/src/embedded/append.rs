//! The intents that write timelines: sending, acknowledging, marking as read.
//!
//! Run by the writer inside a commit. Invariant: a message gets its number, its body, its entries and its dedupe key
//! in one commit or none of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use belfry_domain::limits::{DEDUPE_KEPT_MS, DEVICE_SILENT_MS};
use belfry_domain::ports::{
    Acknowledge, Append, AppendOutcome, Appended, Made, MailboxLimit, MarkRead, StoreError, Waiting,
};
use belfry_domain::{
    AccountId, Author, ConversationId, Cseq, DeviceId, DeviceRole, Entry, Item, Life, Mark, Message, MessageId,
    Retention, Seq, Stretch, TimestampMs, add_stretch,
};
use prost::Message as _;

use super::between;
use super::db::{Fault, Tier};
use super::keeping;
use super::keys::{self, Cf};
use super::lately::Late;
use super::people_records::{AccountRecord, CursorRecord};
use super::records::{
    BodyRecord, ConversationRecord, EntryRecord, RememberedRecord, RowRecord, corrupt, decode, kind, message_id,
    parse_address, some, with_head,
};
use super::rows::{AmendmentRecord, WithheldRecord};
use super::shared::{Conversation, Owner, Shared, entry_record};
use super::tx::Tx;

/// Stores one message.
pub(super) fn append(tx: &mut Tx<'_>, append: Append, mailbox: MailboxLimit) -> Result<AppendOutcome, StoreError> {
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
    let receiver = tx.owner(append.receiver)?;
    let Some(receiver) = receiver else { return Ok(AppendOutcome::NoReceiver) };
    let known = known_pair(tx, append.sender, append.receiver)?;
    let fresh = known.is_none();
    let mut conversation = match &known {
        Some((_, conversation)) => conversation.clone(),
        None => new_pair(tx, append.sender, append.receiver)?,
    };
    let members = Arc::clone(conversation.members.as_ref().ok_or_else(|| corrupt("a pair that is a room"))?);
    let by_second = members[0].0 != append.sender;
    let (own, other) = (usize::from(by_second), usize::from(!by_second));
    let to_self = append.receiver == append.sender;
    if !to_self {
        if conversation.blocks(own) {
            return Ok(AppendOutcome::Blocking);
        }
        if mailbox.is_reached(conversation.waiting_with_withheld(other, receiver.waiting)) {
            return Ok(AppendOutcome::MailboxFull);
        }
        if conversation.is_request(other) && conversation.unanswered(other) >= u64::from(mailbox.unanswered) {
            return Ok(AppendOutcome::Unanswered);
        }
    }
    let withheld = !to_self && conversation.blocks(other);
    let conversation_id = match known {
        Some((id, _)) => id,
        None => make_pair(tx, append.sender, append.receiver)?,
    };
    let (shown, active) = (conversation.last_of(other), conversation.active_of(other));
    let heard = between::hear(&mut conversation, own);
    let (author, to) = if by_second { (&members[1], &members[0]) } else { (&members[0], &members[1]) };
    conversation.last = conversation.last.next();
    conversation.record.active = append.at.0;
    let mut content = append.content;
    content.lifetime_ms = content.lifetime_ms.or_else(|| some(conversation.disappear_for(own, withheld)));
    let wished = append.retention.shortened(keeping::wishes(&conversation.record, own, withheld), append.at);
    let retention = match content.lifetime_ms {
        Some(lifetime) => wished.within(append.at.plus_ms(lifetime)),
        None => wished,
    };
    let id = MessageId { conversation: conversation_id, cseq: conversation.last };
    let mut body = BodyRecord::of(&append.client_id, append.at, &content);
    body.device = append.device.0;
    (body.by_second, body.withheld) = (by_second, withheld);

    let inline = matches!(retention, Retention::UntilDelivered { .. });
    let mut entry = EntryRecord {
        kind: if inline { kind::INLINE } else { kind::POINTER },
        conversation: id.conversation.0,
        cseq: id.cseq.0,
        incoming: false,
        body: None,
        weight: 0,
        peer: 0,
    };
    let kept = if inline {
        entry.body = Some(body);
        conversation.record.inline = true;
        // Nothing else remembers the number once the entries are gone.
        conversation.record.last = conversation.last.0;
        None
    } else {
        Some(body)
    };
    if withheld {
        let row = WithheldRecord {
            weight: u32::try_from(content.weight()).unwrap_or(u32::MAX),
            expires: retention.expires().map_or(0, |end| end.0),
            withheld: true,
            shown: shown.0,
            active: active.0,
            body: entry.body.clone(),
            ..WithheldRecord::default()
        };
        between::withhold(tx, &mut conversation, id, other, &row);
    }
    let noted = withheld && !std::mem::replace(&mut conversation.record.withheld, true);
    tx.set_conversation(conversation_id, conversation, inline || fresh || heard || noted);

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
    if !to_self && !withheld {
        entry.incoming = true;
        entry.weight = u32::try_from(message.content.weight()).unwrap_or(u32::MAX);
        let (seq, prev) = tx.push(append.receiver, retention, &entry)?;
        entries.push((append.receiver, shown(seq, prev)));
    }
    let theirs = entries.get(1).map_or(0, |(_, entry)| entry.seq.0);
    if let Some(mut body) = kept {
        body.theirs = theirs;
        tx.write(Cf::Conv, keys::body(id.conversation, id.cseq), with_head(retention, &body));
    } else {
        // The message may be changed after its body is gone, and be counted as unread: this is what is left of it.
        let (first_entry, second_entry) = if by_second { (theirs, seq.0) } else { (seq.0, theirs) };
        let expires = retention.expires().map_or(0, |end| end.0);
        let known = AmendmentRecord {
            sent: append.at.0,
            by_second,
            withheld,
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

/// The conversation of two accounts, if they have one.
fn known_pair(tx: &Tx<'_>, a: AccountId, b: AccountId) -> Result<Option<(ConversationId, Conversation)>, StoreError> {
    let Some(id) = tx.pair(a, b)? else { return Ok(None) };
    let conversation = tx.conversation(id)?.ok_or_else(|| corrupt("a pair without its conversation"))?;
    Ok(Some((id, conversation)))
}

/// What the conversation of two accounts that are there is to be before its first message.
fn new_pair(tx: &Tx<'_>, a: AccountId, b: AccountId) -> Result<Conversation, StoreError> {
    let address = |account| -> Result<String, StoreError> {
        let bytes = tx.get(Cf::Meta, &keys::account(account))?.ok_or_else(|| corrupt("an owner without an account"))?;
        Ok(decode::<AccountRecord>("an account", &bytes)?.address)
    };
    let mut record = ConversationRecord { first: a.0, second: b.0, ..ConversationRecord::default() };
    record.set_side(0, between::new_side(tx, a, b)?);
    record.set_side(1, between::new_side(tx, b, a)?);
    let members = Arc::new([(a, parse_address(&address(a)?)?), (b, parse_address(&address(b)?)?)]);
    Ok(Conversation { record, last: Cseq(0), members: Some(members), withheld: Default::default() })
}

/// Gives two accounts a number for their conversation.
fn make_pair(tx: &mut Tx<'_>, a: AccountId, b: AccountId) -> Result<ConversationId, StoreError> {
    let id = ConversationId(tx.count(keys::KEY_CONVERSATIONS_MADE)?);
    for key in [keys::pair(a, b), keys::pair(b, a)] {
        tx.put(Cf::Meta, key, id.0.to_be_bytes().to_vec());
    }
    Ok(id)
}

/// What of one conversation an acknowledgement reaches.
struct Reached {
    sender: AccountId,
    /// The furthest that the device was given.
    delivered: Cseq,
    /// What it was not given, with the place of the last of each stretch.
    lost: Vec<(Seq, Stretch)>,
    /// One of the two blocked the other when this was looked up: then nobody is told, and each message is put down.
    cut: bool,
    untold: Vec<(Seq, Cseq, WithheldRecord)>,
}

/// What an acknowledgement goes past. Looked up before the intent goes to the writer, so that a long absence does not
/// hold everybody up; the writer asks for another look if the owner has changed meanwhile in what this depends on.
pub(super) struct Prepared {
    ack: Acknowledge,
    /// Of each conversation the other side, what its receipt says now, and the place of the last that was lost.
    reached: BTreeMap<ConversationId, Reached>,
    /// The floor and the erasures when this was looked up.
    found_at: (u64, u64),
    /// Where the floor comes to stand, and what waits no longer by it.
    floor: Seq,
    delivered: Waiting,
    /// The last message that ends because the floor has risen. Written down with the floor, since compaction drops what
    /// lies under it without a word.
    given_up: Seq,
}

/// How often an acknowledgement looks again because the owner has changed. After that the floor waits for the next one.
pub(super) const LOOKS_MAX: usize = 16;

/// Looks through the entries up to `delivered` that nobody has acknowledged yet, and those that the floor passes. Places
/// that the log never had are taken out of the acknowledgement. `None`: no such owner or device.
pub(super) fn prepare(shared: &Shared, mut ack: Acknowledge, tier: Tier) -> Result<Option<Prepared>, Fault> {
    let Some(owner) = shared.owner(ack.owner, tier)? else { return Ok(None) };
    for place in [&mut ack.cursor.passed, &mut ack.cursor.delivered] {
        if !shared.had(ack.owner, &owner, *place, tier)? {
            *place = Seq::ZERO;
        }
    }
    let Some(moved) = moved(&owner, &ack) else { return Ok(None) };
    let (any, old_floor) = (Seq(owner.record.delivered_any), Seq(owner.record.delivered_floor));
    let floor = floor(&moved, ack.device, ack.at);
    let found_at = (owner.record.delivered_floor, owner.record.erasures);
    let (reached, delivered) = (BTreeMap::new(), Waiting::default());
    let mut prepared = Prepared { ack, reached, found_at, floor, delivered, given_up: Seq::ZERO };
    let from = if floor > old_floor { any.min(old_floor) } else { any };
    let end = ack.cursor.delivered.max(floor);
    if end <= from {
        return Ok(Some(prepared));
    }
    let known = shared.lately.lock().between(ack.owner, from, end);
    if let Some(known) = known {
        for late in known {
            prepared.look_at(shared, tier, (any, old_floor), late)?;
        }
        return Ok(Some(prepared));
    }
    let (from, to) = (keys::entry(ack.owner, Seq(from.0 + 1)), keys::entry(ack.owner, Seq(end.0 + 1)));
    let mut scan = shared.db.scan(Cf::Tl, &from, &to, tier);
    while let Some((key, value)) = scan.step()? {
        let (retention, record) = entry_record(value)?;
        let late = Late::of(Seq(keys::tail(key).unwrap_or_default()), retention, &record);
        prepared.look_at(shared, tier, (any, old_floor), late)?;
    }
    Ok(Some(prepared))
}

impl Prepared {
    /// Takes one entry into account that stands between what anybody had acknowledged, or the old floor, and its end.
    fn look_at(&mut self, shared: &Shared, tier: Tier, (any, old_floor): (Seq, Seq), late: Late) -> Result<(), Fault> {
        let Late { seq, retention, message, incoming, conversation, cseq, weight } = late;
        let passed = seq > old_floor && seq <= self.floor;
        if passed && message && matches!(retention, Retention::UntilDelivered { .. }) {
            self.given_up = seq;
        }
        if !incoming {
            return Ok(());
        }
        if passed {
            self.delivered.entries += 1;
            self.delivered.bytes += u64::from(weight);
        }
        if seq <= any || seq > self.ack.cursor.delivered {
            return Ok(());
        }
        let (id, cseq) = (ConversationId(conversation), Cseq(cseq));
        if !self.reached.contains_key(&id)
            && let Some(conversation) = shared.conversation(id, tier)?
            && let Some((peer, _)) = conversation.peer_of(self.ack.owner)
        {
            let (delivered, lost, untold) = (Cseq(0), Vec::new(), Vec::new());
            self.reached.insert(id, Reached { sender: *peer, delivered, lost, cut: conversation.is_cut(), untold });
        }
        let Some(reached) = self.reached.get_mut(&id) else { return Ok(()) };
        let dead = belfry_domain::dead(retention, seq, old_floor, Seq::ZERO, self.ack.at);
        if reached.cut {
            let row = WithheldRecord {
                weight,
                expires: retention.expires().map_or(0, |end| end.0),
                given: !dead,
                ..WithheldRecord::default()
            };
            reached.untold.push((seq, cseq, row));
        } else if dead {
            // Its time was over when the device came for it.
            reached.lose(seq, cseq);
        } else {
            reached.delivered = cseq;
        }
        Ok(())
    }
}

impl Reached {
    fn lose(&mut self, seq: Seq, cseq: Cseq) {
        match self.lost.last_mut().filter(|(_, (_, last))| last.next() == cseq) {
            Some((at, (_, last))) => (*at, *last) = (seq, cseq),
            None => self.lost.push((seq, (cseq, cseq))),
        }
    }
}

/// The owner with the device's cursor where the acknowledgement takes it.
fn moved(owner: &Owner, ack: &Acknowledge) -> Option<Owner> {
    let mut owner = owner.clone();
    let slot = Arc::make_mut(&mut owner.devices).get_mut(ack.device)?;
    slot.cursor.passed = slot.cursor.passed.max(ack.cursor.passed);
    slot.cursor.delivered = slot.cursor.delivered.max(ack.cursor.delivered);
    Some(owner)
}

/// What became of an acknowledgement.
pub(super) enum Acknowledged {
    /// It holds; with the receipts that it made.
    Made(Made),
    /// The device was removed meanwhile: nothing was done.
    NoDevice,
    /// What was looked up no longer holds: nothing was done. Never so at the last try.
    LookAgain,
}

/// Moves a device's cursor, the floor, and the receipts of those who wrote what was reached.
pub(super) fn acknowledge(tx: &mut Tx<'_>, prepared: &Prepared, last_try: bool) -> Result<Acknowledged, StoreError> {
    let ack = &prepared.ack;
    let Some(before) = tx.owner(ack.owner)? else { return Ok(Acknowledged::NoDevice) };
    let Some(mut owner) = moved(&before, ack) else { return Ok(Acknowledged::NoDevice) };
    for (id, reached) in &prepared.reached {
        let cut = tx.conversation(*id)?.is_some_and(|conversation| conversation.is_cut());
        if cut != reached.cut && !last_try {
            return Ok(Acknowledged::LookAgain);
        }
    }
    let mut floor = floor(&owner, ack.device, ack.at);
    if floor.0 > owner.record.delivered_floor {
        let holds = prepared.found_at == (owner.record.delivered_floor, owner.record.erasures);
        if holds && floor == prepared.floor {
            owner.waiting.entries = owner.waiting.entries.saturating_sub(prepared.delivered.entries);
            owner.waiting.bytes = owner.waiting.bytes.saturating_sub(prepared.delivered.bytes);
            owner.record.gone = owner.record.gone.max(prepared.given_up.0);
        } else if last_try {
            floor = Seq(owner.record.delivered_floor);
        } else {
            return Ok(Acknowledged::LookAgain);
        }
    }
    let cursor = |owner: &Owner| owner.devices.get(ack.device).map(|slot| slot.cursor).unwrap_or_default();
    let (old, new) = (cursor(&before), cursor(&owner));
    let any = new.delivered.max(Seq(owner.record.delivered_any));
    let stored = (floor.0, any.0) != (owner.record.delivered_floor, owner.record.delivered_any);
    (owner.record.delivered_floor, owner.record.delivered_any) = (floor.0, any.0);
    // The owner's record has the cursors in it: mostly both change, and then it is written alone.
    if new != old && !stored {
        tx.put_record(keys::cursor(ack.owner, ack.device), &CursorRecord::of(new));
    }
    if stored || new != old {
        tx.set_owner(ack.owner, owner, stored);
    }
    let mut made = Vec::new();
    for (conversation, reached) in &prepared.reached {
        // What another acknowledgement went past meanwhile, it has told of.
        let any = before.record.delivered_any;
        if reached.cut {
            let new = reached.untold.iter().filter(|(at, ..)| at.0 > any);
            put_untold(tx, ack.owner, *conversation, new.map(|(_, cseq, row)| (*cseq, row)))?;
            continue;
        }
        let mut lost: Vec<Stretch> =
            reached.lost.iter().filter(|(at, _)| at.0 > any).map(|(_, stretch)| *stretch).collect();
        let stored = tx.conversation(*conversation)?;
        if let Some(side) = stored.and_then(|stored| stored.side_of(ack.owner)) {
            lost.extend(between::reached(tx, *conversation, side, reached.delivered)?);
        }
        let raise = Raise { delivered: reached.delivered, read: Cseq(0), lost };
        made.extend(raise_receipt(tx, reached.sender, *conversation, raise)?);
    }
    Ok(Acknowledged::Made(made))
}

/// Puts down what a device was given of somebody who must not learn it.
fn put_untold<'a>(
    tx: &mut Tx<'_>,
    owner: AccountId,
    id: ConversationId,
    untold: impl Iterator<Item = (Cseq, &'a WithheldRecord)>,
) -> Result<(), StoreError> {
    let Some(mut conversation) = tx.conversation(id)? else { return Ok(()) };
    let Some(side) = conversation.side_of(owner) else { return Ok(()) };
    for (cseq, row) in untold {
        between::withhold(tx, &mut conversation, MessageId { conversation: id, cseq }, side, row);
    }
    let stored = !std::mem::replace(&mut conversation.record.withheld, true);
    // A record that is written says the last number too.
    conversation.record.last = conversation.last.0;
    tx.set_conversation(id, conversation, stored);
    Ok(())
}

/// The floor follows the primary, or the furthest device where there is none that is heard of. It never falls.
fn floor(owner: &Owner, acting: DeviceId, now: TimestampMs) -> Seq {
    let counts = |id: DeviceId, seen: TimestampMs| id == acting || now.ms_since(seen) <= DEVICE_SILENT_MS;
    let counting: Vec<_> = owner.devices.iter().filter(|(id, slot)| counts(*id, slot.last_seen)).collect();
    let floor = match counting.iter().find(|(_, slot)| slot.role == DeviceRole::Primary) {
        Some((_, slot)) => slot.cursor.delivered,
        None => counting.iter().map(|(_, slot)| slot.cursor.delivered).max().unwrap_or_default(),
    };
    floor.max(Seq(owner.record.delivered_floor))
}

/// Moves the owner's mark, and the peer's receipt if it is to be told.
pub(super) fn mark_read(tx: &mut Tx<'_>, mark: MarkRead) -> Result<Made, StoreError> {
    let Some(conversation) = tx.conversation(mark.conversation)? else { return Ok(Vec::new()) };
    let Some((peer, _)) = conversation.peer_of(mark.owner) else { return Ok(Vec::new()) };
    let side = conversation.side_of(mark.owner).ok_or_else(|| corrupt("a member that is none"))?;
    let (peer, read) = (*peer, mark.read.min(conversation.last_of(side)));
    let mut made = Vec::new();
    made.extend(raise_mark(tx, mark.owner, mark.conversation, read)?);
    if mark.tell_peer
        && peer != mark.owner
        && read > Cseq(0)
        && keeping::shows_reading(tx, &conversation, side)?
        && keeping::shows_reading(tx, &conversation, 1 - side)?
    {
        let lost = between::reached(tx, mark.conversation, side, read)?;
        made.extend(raise_receipt(tx, peer, mark.conversation, Raise { delivered: read, read, lost })?);
    }
    Ok(made)
}

/// What a receipt is to be raised by.
#[derive(Clone, Default)]
pub(super) struct Raise {
    pub(super) delivered: Cseq,
    pub(super) read: Cseq,
    /// What ended undelivered.
    pub(super) lost: Vec<Stretch>,
}

/// The row after that; `None`: it says nothing new.
fn raised(old: &RowRecord, raise: &Raise) -> Option<RowRecord> {
    let mut new = old.clone();
    new.delivered = old.delivered.max(raise.delivered.0);
    new.read = old.read.max(raise.read.0);
    let mut undelivered = old.undelivered();
    let told = raise.lost.iter().filter(|stretch| add_stretch(&mut undelivered, **stretch)).count();
    if told > 0 {
        new.undelivered = undelivered.iter().flat_map(|(first, last)| [first.0, last.0]).collect();
    }
    (new != *old).then_some(new)
}

/// Writes a receipt row if it grows, with its entry; the entry of its last change goes.
pub(super) fn raise_receipt(
    tx: &mut Tx<'_>,
    owner: AccountId,
    conversation: ConversationId,
    raise: Raise,
) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
    if tx.owner(owner)?.is_none() {
        return Ok(None);
    }
    let key = keys::receipt(owner, conversation);
    let old = tx.row(&key)?;
    let Some(mut row) = raised(&old, &raise) else { return Ok(None) };
    let stored = tx.conversation(conversation)?.ok_or_else(|| corrupt("a receipt without its conversation"))?;
    let (_, peer) = stored.peer_of(owner).ok_or_else(|| corrupt("a receipt for a stranger"))?;
    let (seq, prev) = push_row(tx, owner, kind::RECEIPT, conversation, Seq(old.seq))?;
    row.seq = seq.0;
    tx.put_record(key, &row);
    let item = Item::Receipt(row.into_receipt(conversation, peer));
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
    tx.put_record(key, &RowRecord { seq: seq.0, read: read.0, ..RowRecord::default() });
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
