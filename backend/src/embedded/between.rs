//! What stands between the two members of a conversation: who blocks, who lists, who has been heard.
//!
//! The state of a conversation comes in, which the writer has at hand for each message, and what that says leaves: no
//! look-up is spent on it. Invariant: both sides' records say of `blocks` and `lists` what their contact rows say; a deed
//! changes both in one transaction.

use std::sync::Arc;

use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, Audience, Contact, ConversationId, Cseq, Stretch, TimestampMs, add_stretch};

use super::contact_records::ContactRecord;
use super::keys::{self, Cf};
use super::records::{ConversationRecord, decode};
use super::rows::{SideRecord, WithheldRecord};
use super::shared::Conversation;
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
        own.silent && !own.lists && self.last_of(side) > Cseq(0)
    }

    /// How many messages have come to a member who has not been heard and does not list the other; all of them are of
    /// the other.
    pub(super) fn unanswered(&self, side: usize) -> u64 {
        let own = self.record.side(side);
        if own.silent && !own.lists { self.last.0 } else { 0 }
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
        self.shown_to(side).map_or(self.last, |kept| Cseq(kept.shown))
    }

    /// When the last message that is not kept from a member was sent.
    pub(super) fn active_of(&self, side: usize) -> TimestampMs {
        TimestampMs(self.shown_to(side).map_or(self.record.active, |kept| kept.active))
    }

    /// What is kept from a member, if the last message is.
    fn shown_to(&self, side: usize) -> Option<&WithheldRecord> {
        self.withheld[side].as_deref().filter(|kept| kept.last == self.last.0)
    }

    /// Stretches up to a number of which a member never had anything.
    pub(super) fn withheld_up_to(&self, side: usize, end: Cseq) -> Vec<Stretch> {
        let Some(kept) = &self.withheld[side] else { return Vec::new() };
        let stretches = kept.stretches.chunks_exact(2).map(|pair| (Cseq(pair[0]), Cseq(pair[1])));
        stretches.filter(|(first, _)| *first <= end).map(|(first, last)| (first, last.min(end))).collect()
    }

    /// The same once the next message is kept from a member.
    pub(super) fn withhold_next(&self, side: usize) -> WithheldRecord {
        let next = self.last.next();
        let mut stretches = self.withheld_up_to(side, self.last);
        add_stretch(&mut stretches, (next, next));
        WithheldRecord {
            stretches: stretches.iter().flat_map(|(first, last)| [first.0, last.0]).collect(),
            last: next.0,
            shown: self.last_of(side).0,
            active: self.active_of(side).0,
        }
    }
}

/// How a member of a conversation that is being made stands to the other.
pub(super) fn new_side(tx: &Tx<'_>, owner: AccountId, peer: AccountId) -> Result<SideRecord, StoreError> {
    let known = match tx.get(Cf::Meta, &keys::contact(owner, peer))? {
        Some(bytes) => decode::<ContactRecord>("a contact", &bytes)?,
        None => ContactRecord::default(),
    };
    Ok(SideRecord {
        blocks: known.blocked,
        lists: known.listed,
        silent: owner != peer,
        ..SideRecord::default()
    })
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

/// Keeps the next message of a conversation from a member.
pub(super) fn withhold(tx: &mut Tx<'_>, id: ConversationId, conversation: &mut Conversation, side: usize) {
    let kept = conversation.withhold_next(side);
    tx.put_record(keys::withheld(id, side), &kept);
    conversation.withheld[side] = Some(Arc::new(kept));
}
