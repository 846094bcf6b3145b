//! Who blocks whom, who is a stranger to whom, and what comes of it for messages, in the memory store.
//!
//! Invariant: what a blocked side sends is in its own timeline and in the conversation, marked as withheld, and never in a
//! timeline of who blocks it; what it sees of its messages is what it would see of a receiver who never comes.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::state::{Conversation, Raise, State, Stored, What};
use crate::event::{Author, Message};
use crate::ids::{AccountId, ConversationId, Cseq, MessageId, Seq, TimestampMs};
use crate::ports::Waiting;
use crate::retention::{Retention, Wish, dead};
use crate::stretch::add_stretch;

/// A message that its sender must not learn to have been delivered: kept as if it were for a device that never comes.
#[derive(Clone)]
pub(super) struct Withheld {
    pub(super) message: Arc<Message>,
    /// As in a timeline, see [`What::Message`].
    pub(super) weight: u64,
    pub(super) retention: Retention,
    /// It was sent before the block and has reached a device since then.
    pub(super) given: bool,
}

impl Withheld {
    /// Of an entry of a message.
    pub(super) fn of(stored: &Stored, given: bool) -> Option<Withheld> {
        let What::Message { message, weight, .. } = &stored.what else { return None };
        Some(Withheld { message: Arc::clone(message), weight: *weight, retention: stored.retention, given })
    }

    fn sender(&self) -> Option<AccountId> {
        match &self.message.author {
            Author::Account { account, .. } => Some(*account),
            Author::Guest { .. } => None,
        }
    }
}

/// Whom a change of what both sides have is told.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Told {
    /// Who has made it.
    Own,
    /// Both.
    Both,
}

impl State {
    /// Whether an owner blocks another account.
    pub(super) fn blocks(&self, owner: AccountId, peer: AccountId) -> bool {
        owner != peer && self.row(owner, peer).blocked
    }

    /// Whether either blocks the other.
    pub(super) fn apart(&self, one: AccountId, other: AccountId) -> bool {
        self.blocks(one, other) || self.blocks(other, one)
    }

    /// Whether an account shows another how far it has read.
    pub(super) fn shows_reading(&self, owner: AccountId, peer: AccountId) -> bool {
        let privacy = self.timelines.get(&owner).map(|timeline| timeline.privacy).unwrap_or_default();
        self.row(owner, peer).is_among(privacy.read_receipts)
    }

    /// The member has written, reacted or accepted in it.
    pub(super) fn hears(&mut self, member: AccountId, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        if let Some(side) = conversation.side_of(member) {
            conversation.heard[side] = true;
        }
    }

    /// Whether what comes from the other side is of a stranger who waits to be heard.
    pub(super) fn is_request(&self, owner: AccountId, id: ConversationId) -> bool {
        let Some(conversation) = self.conversations.get(&id) else { return false };
        let (Some(side), Some((peer, _))) = (conversation.side_of(owner), conversation.peer_of(owner)) else {
            return false;
        };
        owner != *peer && !conversation.heard[side] && !self.row(owner, *peer).listed
    }

    /// How many messages of a sender wait for a first answer; `None`: it is no stranger to the receiver.
    pub(super) fn unanswered(&self, sender: AccountId, receiver: AccountId) -> Option<u32> {
        let pair = (sender.min(receiver), sender.max(receiver));
        let Some(id) = self.pairs.get(&pair) else {
            return (sender != receiver && !self.row(receiver, sender).listed).then_some(0);
        };
        let conversation = &self.conversations[id];
        let side = conversation.side_of(sender).filter(|_| self.is_request(receiver, *id));
        side.map(|side| conversation.unanswered[side])
    }

    /// A message more of that kind, if it is one.
    pub(super) fn count_unanswered(&mut self, sender: AccountId, receiver: AccountId, id: ConversationId) {
        let is_request = self.is_request(receiver, id);
        let Some(conversation) = self.conversations.get_mut(&id).filter(|_| is_request) else { return };
        if let Some(side) = conversation.side_of(sender) {
            conversation.unanswered[side] = conversation.unanswered[side].saturating_add(1);
        }
    }

    /// What waits for a receiver, and what would wait of a sender whom it blocks.
    pub(super) fn waiting_with_withheld(&self, sender: AccountId, receiver: AccountId, waiting: Waiting) -> Waiting {
        let all = self.timelines.get(&receiver).into_iter().flat_map(|timeline| timeline.withheld.values());
        all.filter(|withheld| withheld.sender() == Some(sender)).fold(waiting, |waiting, withheld| Waiting {
            entries: waiting.entries + 1,
            bytes: waiting.bytes + withheld.weight,
        })
    }

    /// Keeps a message as one that its sender must not learn to have been delivered.
    pub(super) fn withhold(&mut self, receiver: AccountId, withheld: Withheld) {
        self.timelines.entry(receiver).or_default().withheld.insert(withheld.message.id, withheld);
    }

    /// Adds to a receipt that is to be told what was withheld up to where it reaches.
    pub(super) fn add_withheld(&mut self, receiver: AccountId, id: ConversationId, raise: &mut Raise) {
        let Some(timeline) = self.timelines.get_mut(&receiver) else { return };
        let place = |cseq| MessageId { conversation: id, cseq };
        let reached: Vec<MessageId> = timeline
            .withheld
            .range(place(Cseq(0))..=place(raise.delivered.max(raise.read)))
            .map(|(id, _)| *id)
            .collect();
        for id in reached {
            if let Entry::Occupied(withheld) = timeline.withheld.entry(id)
                && !withheld.remove().given
            {
                add_stretch(&mut raise.lost, (id.cseq, id.cseq));
            }
        }
    }

    /// Takes away what was withheld and has had its time, and adds to `lost` what its senders are told of. Returns how
    /// much it was.
    pub(super) fn prune_withheld(&mut self, now: TimestampMs, lost: &mut Vec<(AccountId, MessageId)>) -> u64 {
        let mut over = Vec::new();
        for (owner, timeline) in &mut self.timelines {
            let ended = |withheld: &Withheld| dead(withheld.retention, Seq(1), Seq::ZERO, Seq::ZERO, now);
            over.extend(timeline.withheld.extract_if(.., |_, withheld| ended(withheld)).map(|(_, w)| (*owner, w)));
        }
        for (owner, withheld) in &over {
            let sender = withheld.sender();
            lost.extend(
                sender
                    .filter(|sender| !withheld.given || self.apart(*owner, *sender))
                    .map(|s| (s, withheld.message.id)),
            );
        }
        over.len() as u64
    }

    /// A message as a reader who has a copy of it knows it.
    pub(super) fn as_copied(&self, reader: AccountId, message: &Arc<Message>) -> Arc<Message> {
        let fact = self.conversations.get(&message.id.conversation).and_then(|c| c.facts.get(&message.id.cseq));
        let Some(copied) = fact.and_then(|fact| fact.copies.get(&reader)) else { return Arc::clone(message) };
        let mut message = Message::clone(message);
        match copied.fate.recalled {
            Some(recalled) => message = message.tombstone(recalled),
            None => {
                message.content.clone_from(&copied.content);
                message.life.edited = copied.fate.edited;
            }
        }
        Arc::new(message)
    }

    /// Sets when new messages disappear, for both sides, or a copy for one while one blocks the other. `None`: it is so
    /// already.
    pub(super) fn set_disappear(&mut self, id: ConversationId, side: usize, ms: u64, apart: bool) -> Option<Told> {
        let conversation = self.conversations.get_mut(&id)?;
        if apart {
            let present = conversation.disappear_copies[side].unwrap_or(conversation.disappear_after_ms);
            conversation.disappear_copies[side] = Some(ms);
            return (present != ms).then_some(Told::Own);
        }
        let copied = std::mem::take(&mut conversation.disappear_copies) != [None, None];
        let old = std::mem::replace(&mut conversation.disappear_after_ms, ms);
        (copied || old != ms).then_some(Told::Both)
    }
}

impl Conversation {
    /// What holds for a message that a member sends: how long both wish it kept, and when it disappears. What is withheld
    /// goes by what its sender sees.
    pub(super) fn rules_for(&self, sender: AccountId, withheld: bool) -> (Wish, u64) {
        let side = self.side_of(sender).unwrap_or(0);
        let own = |copy: bool| if copy { self.wish_copies[side] } else { None };
        let mine = own(withheld).unwrap_or(self.wishes[side].0);
        let disappear = self.disappear_copies[side].filter(|_| withheld).unwrap_or(self.disappear_after_ms);
        (mine.and(self.wishes[1 - side].0), disappear)
    }
}
