//! What stands between the two members of a conversation: who blocks, who lists, who has been heard, what is withheld.
//!
//! The state of a conversation comes in, which the writer has at hand for each message, and what that says leaves: no
//! look-up is spent on it. Invariants: both sides' records say of `blocks` and `lists` what their contact rows say; a deed
//! changes both in one transaction. A message that is withheld costs what an entry at the receiver would have cost.

use belfry_domain::ports::{Made, StoreError, Waiting};
use belfry_domain::{AccountId, Audience, Contact, ConversationId, Cseq, MessageId, Stretch, TimestampMs, add_stretch};

use super::append::{Raise, raise_receipt};
use super::contact_records::ContactRecord;
use super::erased::Place;
use super::keys::{self, Cf};
use super::records::{ConversationRecord, decode};
use super::rows::{SideRecord, WithheldRecord};
use super::shared::{Conversation, Withheld};
use super::tx::Tx;

impl ConversationRecord {
    /// How a member stands to the other.
    pub(super) fn side(&self, side: usize) -> SideRecord {
        if side == 0 { self.first_side } else { self.second_side }.unwrap_or_default()
    }

    pub(super) fn set_side(&mut self, side: usize, record: SideRecord) {
        let stored = (record != SideRecord::default()).then_some(record);
        if side == 0 {
            self.first_side = stored;
        } else {
            self.second_side = stored;
        }
    }
}

impl Conversation {
    /// Whether one of the two blocks the other, so that nothing passes.
    pub(super) fn is_cut(&self) -> bool {
        self.record.side(0).blocks || self.record.side(1).blocks
    }

    /// Whether a member blocks the other.
    pub(super) fn blocks(&self, side: usize) -> bool {
        self.record.side(side).blocks
    }

    /// Whether a member sees the conversation as a request of a stranger.
    pub(super) fn is_request(&self, side: usize) -> bool {
        let own = self.record.side(side);
        own.silent && !own.lists
    }

    /// How many messages have come to a member to whom it is a request, without those that came while it listed the other;
    /// all of them are of the other.
    pub(super) fn unanswered(&self, side: usize) -> u64 {
        self.last.0.saturating_sub(self.record.side(side).known)
    }

    /// The member lists the other from now on, or no longer; and blocks it or not.
    pub(super) fn set_standing(&mut self, side: usize, lists: bool, blocks: bool) {
        let mut own = self.record.side(side);
        match (own.lists, lists) {
            (false, true) => own.listed_at = self.last.0,
            (true, false) => own.known += self.last.0.saturating_sub(own.listed_at),
            _ => {}
        }
        (own.lists, own.blocks) = (lists, blocks);
        self.record.set_side(side, own);
        // What may come of a block is said with it, so that its first message or change writes no more than others.
        self.record.withheld |= blocks;
        self.record.copied |= blocks;
    }

    /// Whether the other belongs to an audience of a member.
    pub(super) fn is_among(&self, side: usize, audience: Audience) -> bool {
        let own = self.record.side(side);
        Contact { listed: own.lists, blocked: own.blocks, ..Contact::default() }.is_among(audience)
    }

    /// After how many milliseconds messages disappear, as a member sees it; 0: not.
    pub(super) fn disappear_after(&self, side: usize) -> u64 {
        self.record.side(side).disappear_after.unwrap_or(self.record.disappear_after)
    }

    /// The same for a message of a member: what it sees where the message is for itself alone.
    pub(super) fn disappear_for(&self, side: usize, alone: bool) -> u64 {
        if alone { self.disappear_after(side) } else { self.record.disappear_after }
    }

    /// The number of the last message that is not kept from a member.
    pub(super) fn last_of(&self, side: usize) -> Cseq {
        let kept = &self.withheld[side];
        if kept.last != Cseq(0) && kept.last == self.last { kept.shown } else { self.last }
    }

    /// When the last message that is not kept from a member was sent.
    pub(super) fn active_of(&self, side: usize) -> TimestampMs {
        let kept = &self.withheld[side];
        let active = TimestampMs(self.record.active);
        if kept.last != Cseq(0) && kept.last == self.last { kept.active } else { active }
    }

    /// What waits for a receiver, and what would wait of a sender whom it blocks.
    pub(super) fn waiting_with_withheld(&self, side: usize, waiting: Waiting) -> Waiting {
        let kept = self.withheld[side].waiting;
        if !self.blocks(side) {
            return waiting;
        }
        Waiting { entries: waiting.entries + kept.entries, bytes: waiting.bytes + kept.bytes }
    }
}

impl Withheld {
    /// A row more.
    pub(super) fn add(&mut self, cseq: Cseq, row: &WithheldRecord) {
        if !row.over {
            self.waiting.entries += 1;
            self.waiting.bytes += u64::from(row.weight);
        }
        if row.withheld && cseq > self.last {
            (self.last, self.shown, self.active) = (cseq, Cseq(row.shown), TimestampMs(row.active));
        }
    }

    /// A row no longer waits.
    fn take(&mut self, row: &WithheldRecord) {
        self.waiting.entries = self.waiting.entries.saturating_sub(1);
        self.waiting.bytes = self.waiting.bytes.saturating_sub(u64::from(row.weight));
    }
}

/// How a member of a conversation that is being made stands to the other.
pub(super) fn new_side(tx: &Tx<'_>, owner: AccountId, peer: AccountId) -> Result<SideRecord, StoreError> {
    let known = match tx.get(Cf::Meta, &keys::contact(owner, peer))? {
        Some(bytes) => decode::<ContactRecord>("a contact", &bytes)?,
        None => ContactRecord::default(),
    };
    Ok(SideRecord { blocks: known.blocked, lists: known.listed, silent: owner != peer, ..SideRecord::default() })
}

/// A member has been heard.
pub(super) fn hear(conversation: &mut Conversation, side: usize) -> bool {
    let mut own = conversation.record.side(side);
    let first = std::mem::replace(&mut own.silent, false);
    if first {
        conversation.record.set_side(side, own);
    }
    first
}

/// Puts down a message that is kept from a member, or of which the author must not learn that the member has it.
pub(super) fn withhold(
    tx: &mut Tx<'_>,
    conversation: &mut Conversation,
    id: MessageId,
    side: usize,
    row: &WithheldRecord,
) {
    conversation.withheld[side].add(id.cseq, row);
    tx.put_record(keys::withheld(id.conversation, side, id.cseq), row);
    if row.expires != 0 {
        tx.withheld_ends(id.conversation, TimestampMs(row.expires));
    }
}

pub(super) fn withheld(tx: &Tx<'_>, id: MessageId, side: usize) -> Result<Option<WithheldRecord>, StoreError> {
    match tx.get(Cf::Meta, &keys::withheld(id.conversation, side, id.cseq))? {
        Some(bytes) => Ok(Some(decode("what is withheld", &bytes)?).filter(|row: &WithheldRecord| !row.over)),
        None => Ok(None),
    }
}

/// Changes what is put down of a message that is withheld: what its body was is to leave the disk.
pub(super) fn rewrite_withheld(
    tx: &mut Tx<'_>,
    conversation: &mut Conversation,
    id: MessageId,
    side: usize,
    (old, new): (&WithheldRecord, &WithheldRecord),
) {
    let waiting = &mut conversation.withheld[side].waiting;
    waiting.bytes = waiting.bytes.saturating_sub(u64::from(old.weight)) + u64::from(new.weight);
    tx.put_record(keys::withheld(id.conversation, side, id.cseq), new);
    if old.body.is_some() {
        tx.scrub(Place::Withheld(id.conversation.0));
    }
}

/// It waits no longer. What the member was shown is still to be known while no message has come after it.
fn release(tx: &mut Tx<'_>, conversation: &mut Conversation, id: MessageId, side: usize, row: WithheldRecord) {
    conversation.withheld[side].take(&row);
    let key = keys::withheld(id.conversation, side, id.cseq);
    if row.body.is_some() {
        tx.scrub(Place::Withheld(id.conversation.0));
    }
    if row.withheld && id.cseq == conversation.withheld[side].last {
        let left = WithheldRecord { weight: 0, expires: 0, body: None, over: true, ..row };
        tx.put_record(key, &left);
    } else {
        tx.delete(Cf::Meta, key);
    }
}

/// Rows of what is withheld from a member and still waits, by number.
fn rows(tx: &Tx<'_>, id: ConversationId, side: usize) -> Result<Vec<(MessageId, WithheldRecord)>, StoreError> {
    let mut found = Vec::new();
    for key in tx.keys_with(&keys::withheld_from(id, side))? {
        let message = MessageId { conversation: id, cseq: Cseq(keys::tail(&key).unwrap_or_default()) };
        found.extend(withheld(tx, message, side)?.map(|row| (message, row)));
    }
    Ok(found)
}

/// What a receipt that reaches so far has to list besides: what was withheld from the member until then, which waits no
/// longer.
pub(super) fn reached(
    tx: &mut Tx<'_>,
    id: ConversationId,
    side: usize,
    up_to: Cseq,
) -> Result<Vec<Stretch>, StoreError> {
    let mut lost = Vec::new();
    let Some(mut conversation) = tx.conversation(id)? else { return Ok(lost) };
    if conversation.withheld[side].waiting.entries == 0 {
        return Ok(lost);
    }
    for (message, row) in rows(tx, id, side)? {
        if message.cseq <= up_to {
            if !row.given {
                add_stretch(&mut lost, (message.cseq, message.cseq));
            }
            release(tx, &mut conversation, message, side, row);
        }
    }
    tx.set_conversation(id, conversation, false);
    Ok(lost)
}

/// Takes away what was withheld in a conversation and has had its time. Its authors are told, as they would be of somebody
/// who never came. Returns how much it was, and when the next of it ends.
pub(super) fn prune(
    tx: &mut Tx<'_>,
    id: ConversationId,
    now: TimestampMs,
) -> Result<(Made, u64, Option<TimestampMs>), StoreError> {
    let (mut told, mut count, mut next) = (Made::new(), 0, None);
    for side in [0, 1] {
        let Some(members) = tx.conversation(id)?.and_then(|conversation| conversation.members) else { break };
        let ripe = take_ripe(tx, id, side, now)?;
        count += ripe.count;
        next = next.into_iter().chain(ripe.next).min();
        if !ripe.lost.is_empty() {
            let raise = Raise { lost: ripe.lost, ..Raise::default() };
            told.extend(raise_receipt(tx, members[1 - side].0, id, raise)?);
        }
    }
    Ok((told, count, next))
}

/// What was withheld from one side and has had its time.
#[derive(Default)]
pub(super) struct Ripe {
    /// What of it no device ever had, for the author's receipt.
    pub(super) lost: Vec<Stretch>,
    /// How much it was.
    pub(super) count: u64,
    /// When the next of it ends.
    pub(super) next: Option<TimestampMs>,
}

/// Takes away what was withheld from a side and has had its time, telling nobody: that is the caller's affair.
pub(super) fn take_ripe(
    tx: &mut Tx<'_>,
    id: ConversationId,
    side: usize,
    now: TimestampMs,
) -> Result<Ripe, StoreError> {
    let mut ripe = Ripe::default();
    let Some(mut conversation) = tx.conversation(id)? else { return Ok(ripe) };
    for (message, row) in rows(tx, id, side)?.into_iter().filter(|(_, row)| row.expires != 0) {
        let end = TimestampMs(row.expires);
        if end > now {
            ripe.next = Some(ripe.next.map_or(end, |next: TimestampMs| next.min(end)));
            continue;
        }
        ripe.count += 1;
        if !row.given || conversation.is_cut() {
            add_stretch(&mut ripe.lost, (message.cseq, message.cseq));
        }
        release(tx, &mut conversation, message, side, row);
    }
    tx.set_conversation(id, conversation, false);
    Ok(ripe)
}
