//! The intent that changes a message after it was sent.
//!
//! Run by the writer inside a commit. What a message says stands where its body is: in the conversation, or for
//! messages until delivered in the entries of the timelines. While the other side blocks who asks, the change goes into
//! a copy of the row (and of the body) that who asks sees in their place, until the next change that reaches both.
//! Invariants: a state row has at most one entry in a timeline, the one that it names; a change that reaches one side
//! alone reads and writes as often as one that reaches both.

use std::sync::Arc;

use belfry_domain::ports::{Amend, AmendOutcome, Change, Made, StoreError};
use belfry_domain::{AccountId, Address, Content, Entry, Item, MessageId, Retention, Seq, TimestampMs, dead};

use super::between;
use super::erased::Place;
use super::keys::{self, Cf};
use super::later::flags;
use super::records::{BodyRecord, EntryRecord, corrupt, decode, head, kind, with_head};
use super::rows::{AmendmentRecord, CopyRecord, WithheldRecord};
use super::shared::{Conversation, entry_record};
use super::tx::Tx;

/// A message that can be changed: its row and, unless it is in the timelines alone, its body with its class.
pub(super) struct Target {
    row: AmendmentRecord,
    body: Option<(Retention, BodyRecord)>,
}

impl Target {
    /// The class of the message, and with it of the entries that point to its later life.
    pub(super) fn retention(&self) -> Retention {
        self.body.as_ref().map_or_else(|| self.row.retention(), |(retention, _)| *retention)
    }

    /// Whether a side has it: what was withheld is its author's alone.
    pub(super) fn is_for(&self, side: usize) -> bool {
        !self.row.withheld || self.row.by_second == (side == 1)
    }
}

/// Finds a message that is there and has not ended.
pub(super) fn find(tx: &Tx<'_>, id: MessageId, now: TimestampMs) -> Result<Option<Target>, StoreError> {
    let row: Option<AmendmentRecord> = match tx.get(Cf::Meta, &keys::amendment(id.conversation, id.cseq))? {
        Some(bytes) => Some(decode("an amendment", &bytes)?),
        None => None,
    };
    if let Some(row) = row.as_ref().filter(|row| row.inline) {
        return Ok((!row.ended(now)).then(|| Target { row: row.clone(), body: None }));
    }
    let Some(bytes) = tx.present(Cf::Conv, &keys::body(id.conversation, id.cseq))? else { return Ok(None) };
    let (retention, rest) = head(&bytes).ok_or_else(|| corrupt("the head of a body"))?;
    if dead(retention, Seq(1), Seq::ZERO, Seq::ZERO, now) {
        return Ok(None);
    }
    let body: BodyRecord = decode("a body", rest)?;
    let known = || AmendmentRecord {
        sent: body.sent,
        by_second: body.by_second,
        withheld: body.withheld,
        expires: retention.expires().map_or(0, |end| end.0),
        ..AmendmentRecord::default()
    };
    let row = row.unwrap_or_else(known);
    Ok(Some(Target { row, body: Some((retention, body)) }))
}

/// Whom a change reaches.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Reach {
    Both,
    /// Its author alone has the message.
    Author,
    /// The other side blocks who asks.
    Copy,
}

/// Changes a message for both sides, or for who asks where it reaches nobody else.
pub(super) fn amend(tx: &mut Tx<'_>, amend: Amend) -> Result<AmendOutcome, StoreError> {
    let id = amend.id;
    let Some(mut conversation) = tx.conversation(id.conversation)? else { return Ok(AmendOutcome::NotFound) };
    let Some(side) = conversation.side_of(amend.by) else { return Ok(AmendOutcome::NotFound) };
    if flags(tx, amend.by, &conversation, id)?.hidden {
        return Ok(AmendOutcome::NotFound);
    }
    let members = Arc::clone(conversation.members.as_ref().ok_or_else(|| corrupt("a pair that is a room"))?);
    let second = side == 1;
    let Some(mut target) = find(tx, id, amend.at)?.filter(|target| target.is_for(side)) else {
        return Ok(AmendOutcome::NotFound);
    };
    if conversation.blocks(side) {
        return Ok(AmendOutcome::Blocking);
    }
    let reach = match (target.row.withheld, conversation.is_cut()) {
        (true, _) => Reach::Author,
        (false, true) => Reach::Copy,
        (false, false) => Reach::Both,
    };
    let own_copy = copy(tx, id, side)?;
    let seen = own_copy.as_ref().and_then(|copy| copy.row.as_ref());
    if seen.is_some_and(|row| row.recalled != 0) && amend.change != Change::Recall {
        return Ok(AmendOutcome::NotFound);
    }
    if reach == Reach::Copy
        && let Some(copy) = &own_copy
    {
        target.see(copy)?;
    }
    let row = &mut target.row;
    let reactions = row.reactions.clone();
    if row.recalled != 0 && amend.change != Change::Recall {
        return Ok(AmendOutcome::NotFound);
    }
    let mut says: Option<Content> = None;
    let reacts = matches!(&amend.change, Change::React(emoji) if !emoji.is_empty());
    let changed = match amend.change {
        Change::Edit(_) | Change::Recall if row.by_second != second => return Ok(AmendOutcome::NotAuthor),
        Change::Edit(content) => {
            let old = content_of(tx, id, &members, row, target.body.as_ref(), second)?;
            let content = content.in_place_of(old.as_ref().unwrap_or(&Content::text("")));
            says = (old.as_ref() != Some(&content)).then_some(content);
            // Each edit is later than the one before, whatever the clock says: readers tell them apart by it.
            row.edited = if says.is_some() { amend.at.0.max(row.edited + 1) } else { row.edited };
            says.is_some()
        }
        Change::Recall if row.recalled != 0 => false,
        Change::Recall => {
            (row.recalled, row.edited, row.pinned) = (amend.at.0, 0, false);
            row.reactions.clear();
            true
        }
        Change::React(emoji) => row.react(second, emoji),
        Change::Pin(pinned) => std::mem::replace(&mut row.pinned, pinned) != pinned,
    };
    let recalls = changed && row.recalled != 0;
    if (says.is_some() || recalls) && row.sent < amend.sent_since.0 {
        return Ok(AmendOutcome::TooLate);
    }
    let at = if says.is_some() { TimestampMs(row.edited) } else { amend.at };
    let mut said = Said { id, members: &members, reach, side, says: says.as_ref(), at };
    if recalls || says.is_some() {
        said.rewrite(tx, &mut conversation, &mut target)?;
    }
    let ended = if reach == Reach::Both && conversation.record.copied {
        end_copies(tx, &said, changed, own_copy, &mut target)?
    } else {
        false
    };
    if ended && !changed {
        // What who asks has seen alone is over: it sees again what both see.
        said.reach = Reach::Author;
    }
    let mut made = Made::new();
    let mut stored = reacts && between::hear(&mut conversation, side);
    let first = *target.row.place(second) == 0;
    if changed || ended {
        for (member, at_second) in sides(&members) {
            if said.reaches(at_second) {
                made.extend(said.tell(tx, &mut target, member, at_second)?);
            } else {
                said.stand_in(tx, &target, first)?;
            }
        }
        if !reactions.is_empty() && reactions != target.row.reactions {
            tx.scrub(if reach == Reach::Copy {
                Place::Copies(id.conversation.0)
            } else {
                Place::Lives(id.conversation.0)
            });
        }
        // The place of the second side was not known when the first was told; nothing told depends on it.
        if reach == Reach::Copy {
            put_copy(tx, id, side, &target);
        } else {
            tx.put_record(keys::amendment(id.conversation, id.cseq), &target.row);
        }
        debug_assert!(reach != Reach::Copy || conversation.record.copied, "said with the block");
        stored |= !std::mem::replace(&mut conversation.record.amended, true);
    }
    // A record that is written says the last number too.
    conversation.record.last = if stored { conversation.last.0 } else { conversation.record.last };
    tx.set_conversation(id.conversation, conversation, stored);
    let own = made.iter().find(|(owner, _)| *owner == amend.by).map(|(_, entry)| &entry.item);
    let amendment = match own {
        Some(Item::Amendment(amendment)) => Arc::clone(amendment),
        _ => {
            let content = now_says(tx, amend.by, second, &mut target)?;
            Arc::new(target.row.amendment(id, &members, content))
        }
    };
    Ok(AmendOutcome::Amended(amendment, made))
}

impl Target {
    /// Takes the copy's word for what has become of the message.
    fn see(&mut self, copy: &CopyRecord) -> Result<(), StoreError> {
        self.row = copy.row.clone().ok_or_else(|| corrupt("a copy without its row"))?;
        if let (Some((_, body)), Some(own)) = (&mut self.body, &copy.body) {
            *body = own.clone();
        }
        Ok(())
    }
}

/// What has become of a message for one side alone. Looked up whether or not there can be such a thing, so that nobody
/// can tell by the time it takes.
fn copy(tx: &Tx<'_>, id: MessageId, side: usize) -> Result<Option<CopyRecord>, StoreError> {
    match tx.get(Cf::Meta, &keys::copy(id.conversation, id.cseq, side))? {
        Some(bytes) => Ok(Some(decode("a copy", &bytes)?)),
        None => Ok(None),
    }
}

/// Keeps what the side sees from now on. What an earlier copy said is to leave the disk.
fn put_copy(tx: &mut Tx<'_>, id: MessageId, side: usize, target: &Target) {
    let changed = target.row.edited != 0 || target.row.recalled != 0;
    let body = target.body.as_ref().filter(|_| changed).map(|(_, body)| body.clone());
    if body.is_some() {
        tx.scrub(Place::Copies(id.conversation.0));
    }
    let copy = CopyRecord { row: Some(target.row.clone()), body };
    tx.put_record(keys::copy(id.conversation, id.cseq, side), &copy);
}

/// Ends what each side has seen alone, if a change reaches both; otherwise that of who asks. Whether who asks had any.
fn end_copies(
    tx: &mut Tx<'_>,
    said: &Said<'_>,
    changed: bool,
    own: Option<CopyRecord>,
    target: &mut Target,
) -> Result<bool, StoreError> {
    let (id, side) = (said.id, said.side);
    let theirs = if changed { copy(tx, id, 1 - side)? } else { None };
    let ended = own.is_some();
    for (side, copy) in [(side, own), (1 - side, theirs)] {
        let Some(copy) = copy else { continue };
        let mut row = copy.row.ok_or_else(|| corrupt("a copy without its row"))?;
        *target.row.place(side == 1) = *row.place(side == 1);
        tx.delete(Cf::Meta, keys::copy(id.conversation, id.cseq, side));
        tx.scrub(Place::Copies(id.conversation.0));
        let own_words = row.inline && (row.edited != 0 || row.recalled != 0);
        if own_words && said.says.is_none() && target.row.recalled == 0 {
            said.put_back(tx, target, side)?;
        }
    }
    Ok(ended)
}

/// A change on its way to where a message is kept and to those who are told.
struct Said<'a> {
    id: MessageId,
    members: &'a [(AccountId, Address); 2],
    reach: Reach,
    /// Who asks.
    side: usize,
    /// What the message says from now on; `None`: what it said, or nothing any more.
    says: Option<&'a Content>,
    at: TimestampMs,
}

impl Said<'_> {
    fn reaches(&self, at_second: bool) -> bool {
        self.reach == Reach::Both || at_second == (self.side == 1)
    }

    /// Does instead of telling the other side what that would have cost: one entry written, and the one before erased.
    fn stand_in(&self, tx: &mut Tx<'_>, target: &Target, first: bool) -> Result<(), StoreError> {
        let looks = usize::from(self.says.is_none() && target.body.is_none() && target.row.edited != 0);
        tx.fill(self.id.conversation, looks, if first { 1 } else { 2 })
    }

    /// Puts what a message says from now on in the place of what it said, wherever that is; without a content it says
    /// nothing any more.
    fn rewrite(&self, tx: &mut Tx<'_>, conversation: &mut Conversation, target: &mut Target) -> Result<(), StoreError> {
        let id = self.id;
        let Some((retention, body)) = &mut target.body else {
            return self.rewrite_entries(tx, conversation, target);
        };
        let (receiver, place) = (self.members[usize::from(!body.by_second)].0, Seq(body.theirs));
        *body = replaced(body, self.says, self.at)?;
        if self.reach == Reach::Copy {
            tx.fill(id.conversation, 0, 1)?;
        } else {
            tx.replace(Cf::Conv, keys::body(id.conversation, id.cseq), with_head(*retention, body));
        }
        if self.says.is_some() || receiver == self.members[self.side].0 {
            return Ok(());
        }
        if self.reach == Reach::Author {
            if let Some(old) = between::withheld(tx, id, 1 - self.side)? {
                let new = WithheldRecord { weight: 0, ..old.clone() };
                between::rewrite_withheld(tx, conversation, id, 1 - self.side, (&old, &new));
                tx.fill(id.conversation, 0, 1)?;
            }
        } else if place != Seq::ZERO
            && let Some((retention, mut entry)) = waiting(tx, receiver, place)?
        {
            if self.reach == Reach::Copy {
                tx.fill(id.conversation, 0, 2)?;
            } else {
                unburden(tx, receiver, &mut entry)?;
                tx.write(Cf::Tl, keys::entry(receiver, place), with_head(retention, &entry));
            }
        }
        Ok(())
    }

    /// The same for a message that is in the timelines alone.
    fn rewrite_entries(
        &self,
        tx: &mut Tx<'_>,
        conversation: &mut Conversation,
        target: &Target,
    ) -> Result<(), StoreError> {
        for (member, at_second) in sides(self.members) {
            if !self.reaches(at_second) {
                self.rewrite_kept(tx, conversation, target, member, at_second)?;
                continue;
            }
            let place = target.row.entry(at_second);
            if let Some((retention, mut record)) = waiting(tx, member, place)? {
                record.body = record.body.map(|old| replaced(&old, self.says, self.at)).transpose()?;
                // An edited one weighs what it did in what waits for its owner: what was taken in is not refused later.
                if self.says.is_none() {
                    unburden(tx, member, &mut record)?;
                }
                tx.replace(Cf::Tl, keys::entry(member, place), with_head(retention, &record));
            } else if tx.owner(member)?.is_some() {
                // Its owner has it; what compaction has not dropped yet goes now.
                tx.shred(Cf::Tl, keys::entry(member, place));
            }
        }
        Ok(())
    }

    /// Lets the entry of a side say again what that of the other side says, while both wait.
    fn put_back(&self, tx: &mut Tx<'_>, target: &Target, side: usize) -> Result<(), StoreError> {
        let of = |side: usize| (self.members[side].0, target.row.entry(side == 1));
        let (owner, place) = of(side);
        let (other, theirs) = of(1 - side);
        let (Some((_, theirs)), Some((retention, mut own))) = (waiting(tx, other, theirs)?, waiting(tx, owner, place)?)
        else {
            return Ok(());
        };
        own.body = theirs.body;
        tx.replace(Cf::Tl, keys::entry(owner, place), with_head(retention, &own));
        Ok(())
    }

    /// Does for a side that the change does not reach what it costs to change its entry: where the message was withheld
    /// from it, its row is changed.
    fn rewrite_kept(
        &self,
        tx: &mut Tx<'_>,
        conversation: &mut Conversation,
        target: &Target,
        member: AccountId,
        at_second: bool,
    ) -> Result<(), StoreError> {
        let unburdened = u8::from(self.says.is_none());
        if self.reach == Reach::Copy {
            let waits = waiting(tx, member, target.row.entry(at_second))?.is_some();
            return tx.fill(self.id.conversation, 0, 1 + if waits { unburdened } else { 0 });
        }
        let side = usize::from(at_second);
        let Some(old) = between::withheld(tx, self.id, side)? else { return tx.fill(self.id.conversation, 0, 1) };
        let body = old.body.as_ref().map(|body| replaced(body, self.says, self.at)).transpose()?;
        let weight = if self.says.is_none() { 0 } else { old.weight };
        let new = WithheldRecord { body, weight, ..old.clone() };
        between::rewrite_withheld(tx, conversation, self.id, side, (&old, &new));
        tx.fill(self.id.conversation, 0, unburdened)
    }

    /// Makes one side's entry of a change, in place of the one of the change before.
    fn tell(
        &self,
        tx: &mut Tx<'_>,
        target: &mut Target,
        member: AccountId,
        at_second: bool,
    ) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
        if tx.owner(member)?.is_none() {
            return Ok(None);
        }
        let content = match self.says {
            Some(content) => Some(content.clone()),
            None => now_says(tx, member, at_second, target)?,
        };
        let mut record = pointer(kind::AMENDMENT, self.id);
        if target.row.inline
            && let Some(content) = &content
        {
            let placeholder = belfry_domain::ClientMessageId::parse("-").ok_or_else(|| corrupt("an id of an entry"))?;
            record.body = Some(BodyRecord::of(&placeholder, TimestampMs(target.row.sent), content));
        }
        let retention = target.retention();
        let place = target.row.place(at_second);
        let (seq, prev) = replace(tx, member, retention, &record, Seq(*place))?;
        *place = seq.0;
        let amendment = Arc::new(target.row.amendment(self.id, self.members, content));
        Ok(Some((member, Arc::new(Entry { seq, prev, item: Item::Amendment(amendment) }))))
    }
}

/// The members of a conversation, each once, with which side they are.
fn sides(members: &[(AccountId, Address); 2]) -> impl Iterator<Item = (AccountId, bool)> {
    let (first, second) = (members[0].0, members[1].0);
    std::iter::once((first, false)).chain((second != first).then_some((second, true)))
}

/// What a message says, from wherever it still is.
fn content_of(
    tx: &Tx<'_>,
    id: MessageId,
    members: &[(AccountId, Address); 2],
    row: &AmendmentRecord,
    body: Option<&(Retention, BodyRecord)>,
    second: bool,
) -> Result<Option<Content>, StoreError> {
    if let Some((_, body)) = body {
        return Ok(Some(body.clone().parts()?.2));
    }
    // Who asks may see it otherwise than the other.
    let mut sides: Vec<_> = sides(members).collect();
    sides.sort_by_key(|(_, at_second)| *at_second != second);
    for (member, at_second) in sides {
        if let Some((_, EntryRecord { body: Some(body), .. })) = waiting(tx, member, row.entry(at_second))? {
            return Ok(Some(body.parts()?.2));
        }
        if row.withheld
            && at_second != row.by_second
            && let Some(body) = between::withheld(tx, id, usize::from(at_second))?.and_then(|row| row.body)
        {
            return Ok(Some(body.parts()?.2));
        }
    }
    Ok(None)
}

/// An entry that its owner's devices have not all been given.
fn waiting(tx: &Tx<'_>, owner: AccountId, place: Seq) -> Result<Option<(Retention, EntryRecord)>, StoreError> {
    let Some(state) = tx.owner(owner)? else { return Ok(None) };
    if place.0 <= state.record.delivered_floor {
        return Ok(None);
    }
    match tx.present(Cf::Tl, &keys::entry(owner, place))? {
        Some(bytes) => Ok(Some(entry_record(&bytes)?)),
        None => Ok(None),
    }
}

/// What is left of a recalled message has its place in what waits for its owner, and no weight.
fn unburden(tx: &mut Tx<'_>, owner: AccountId, entry: &mut EntryRecord) -> Result<(), StoreError> {
    let weight = u64::from(std::mem::take(&mut entry.weight));
    if !entry.incoming || weight == 0 {
        return Ok(());
    }
    let mut state = tx.owner(owner)?.ok_or_else(|| corrupt("an entry without its owner"))?;
    state.waiting.bytes = state.waiting.bytes.saturating_sub(weight);
    // Whoever has looked up what waits is to look again.
    state.record.erasures += 1;
    tx.set_owner(owner, state, true);
    Ok(())
}

fn replaced(old: &BodyRecord, says: Option<&Content>, at: TimestampMs) -> Result<BodyRecord, StoreError> {
    let (device, by_second) = (old.device, old.by_second);
    let (client_id, sent, before) = old.clone().parts()?;
    let mut body = BodyRecord::of(&client_id, sent, says.unwrap_or(&before.erased()));
    (body.device, body.by_second, body.theirs, body.withheld) = (device, by_second, old.theirs, old.withheld);
    if says.is_some() {
        body.edited = at.0;
    } else {
        body.recalled = at.0;
    }
    Ok(body)
}

/// What an edited message says, as far as one side is still to be told it.
fn now_says(
    tx: &Tx<'_>,
    member: AccountId,
    at_second: bool,
    target: &mut Target,
) -> Result<Option<Content>, StoreError> {
    if target.row.edited == 0 {
        return Ok(None);
    }
    let body = match &target.body {
        Some((_, body)) => Some(body.clone()),
        None => waiting(tx, member, Seq(*target.row.place(at_second)))?.and_then(|(_, record)| record.body),
    };
    body.map(|body| body.parts().map(|(_, _, content)| content)).transpose()
}

pub(super) fn pointer(kind: u32, id: MessageId) -> EntryRecord {
    EntryRecord { kind, conversation: id.conversation.0, cseq: id.cseq.0, ..EntryRecord::default() }
}

/// Puts an entry at the end of a timeline and takes away the one at `old`.
pub(super) fn replace(
    tx: &mut Tx<'_>,
    owner: AccountId,
    retention: Retention,
    record: &EntryRecord,
    old: Seq,
) -> Result<(Seq, Seq), StoreError> {
    if old != Seq::ZERO {
        // The entry of an edit may hold what the message said by it.
        let says = record.kind == kind::AMENDMENT && matches!(retention, Retention::UntilDelivered { .. });
        if says { tx.shred(Cf::Tl, keys::entry(owner, old)) } else { tx.erase(Cf::Tl, keys::entry(owner, old)) }
    }
    tx.push(owner, retention, record)
}
