//! What waits, what was lost, what members wish and what accounts show, in the memory store.
//!
//! Invariant: what waits is counted from the entries themselves; other stores count along and must come to the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::state::{Raise, State, Stored, Timeline, What};
use crate::account::PrivacyChange;
use crate::event::{Author, Entry, Keeping};
use crate::ids::{AccountId, ConversationId, MessageId, Seq};
use crate::ports::{KeepingSet, PrivacySet, StoreError, Waiting};
use crate::retention::{Retention, Wish};
use crate::stretch::add_stretch;

impl Stored {
    /// The sender and the message, of a message that somebody else has sent.
    pub(super) fn incoming(&self) -> Option<(AccountId, MessageId)> {
        match &self.what {
            What::Message { message, incoming: true, .. } => match &message.author {
                Author::Account { account, .. } => Some((*account, message.id)),
                Author::Guest { .. } => None,
            },
            _ => None,
        }
    }
}

impl Timeline {
    /// What waits to be delivered. Only what came since the last count is looked at; whoever takes a message away forgets
    /// that count (`recount`), so that a long queue costs nothing with each message that joins it.
    pub(super) fn waiting(&mut self) -> Waiting {
        let floor = self.delivered_floor;
        let (from, mut waiting) = match self.counted {
            Some((counted_floor, up_to, waiting)) if counted_floor == floor => (up_to, waiting),
            _ => (floor, Waiting::default()),
        };
        for (_, stored) in self.entries.range(Seq(from.0.max(floor.0) + 1)..) {
            if let What::Message { incoming: true, weight, .. } = &stored.what {
                waiting.entries += 1;
                waiting.bytes += weight;
            }
        }
        self.counted = Some((floor, self.last, waiting));
        waiting
    }

    /// A message was taken away: what waits is counted anew.
    pub(super) fn recount(&mut self) {
        self.counted = None;
    }
}

impl State {
    /// Tells who wrote what ended undelivered. Returns the receipts' entries with their owners.
    pub(super) fn tell_lost(
        &mut self,
        lost: Vec<(AccountId, MessageId)>,
    ) -> Result<Vec<(AccountId, Arc<Entry>)>, StoreError> {
        let mut stretches: BTreeMap<(ConversationId, AccountId), Raise> = BTreeMap::new();
        for (sender, id) in lost {
            let raise = stretches.entry((id.conversation, sender)).or_default();
            add_stretch(&mut raise.lost, (id.cseq, id.cseq));
        }
        let mut told = Vec::new();
        for ((conversation, sender), raise) in stretches {
            told.extend(self.raise_receipt(sender, conversation, raise)?);
        }
        Ok(told)
    }

    pub(super) fn keeping(&self, owner: AccountId, id: ConversationId) -> Option<Keeping> {
        let conversation = self.conversations.get(&id)?;
        let side = conversation.side_of(owner)?;
        let (_, peer) = conversation.peer_of(owner)?;
        let theirs = if conversation.members[0].0 == conversation.members[1].0 { side } else { 1 - side };
        let wish = |side: usize| conversation.wishes[side].0;
        let mine = conversation.wish_copies[side].unwrap_or(wish(side));
        let theirs = if theirs == side { mine } else { wish(theirs) };
        Some(Keeping { conversation: id, peer: peer.clone(), mine, theirs })
    }

    pub(super) fn set_keeping(
        &mut self,
        owner: AccountId,
        id: ConversationId,
        wish: Wish,
    ) -> Result<Option<KeepingSet>, StoreError> {
        let Some(before) = self.keeping(owner, id) else { return Ok(None) };
        let mut entries = Vec::new();
        for (side, member) in self.put_wish(owner, id, wish, before.mine) {
            let (seq, _) = self.push(member, Retention::Keep, What::Keeping(id))?;
            let Some(conversation) = self.conversations.get_mut(&id) else { continue };
            let old = std::mem::replace(&mut conversation.wishes[side].1, seq);
            self.timelines.entry(member).or_default().entries.remove(&old);
            entries.extend(self.entry(member, seq).map(|entry| (member, entry)));
        }
        Ok(self.keeping(owner, id).map(|keeping| KeepingSet { keeping, entries }))
    }

    /// Writes a wish, or a copy of it while one blocks the other. Returns who is to be told, with their sides.
    fn put_wish(&mut self, owner: AccountId, id: ConversationId, wish: Wish, before: Wish) -> Vec<(usize, AccountId)> {
        let Some(conversation) = self.conversations.get(&id) else { return Vec::new() };
        let (Some(side), Some((peer, _))) = (conversation.side_of(owner), conversation.peer_of(owner)) else {
            return Vec::new();
        };
        let (apart, mut told) = (self.apart(owner, *peer), vec![(side, owner)]);
        if owner != *peer && !apart && self.accounts.contains_key(peer) {
            told.push((1 - side, *peer));
        }
        told.sort_unstable();
        let Some(conversation) = self.conversations.get_mut(&id) else { return Vec::new() };
        if apart {
            conversation.wish_copies[side] = Some(wish);
            return if wish == before { Vec::new() } else { told };
        }
        let copied = std::mem::take(&mut conversation.wish_copies) != [None, None];
        let old = std::mem::replace(&mut conversation.wishes[side].0, wish);
        if old == wish && !copied { Vec::new() } else { told }
    }

    pub(super) fn set_privacy(
        &mut self,
        id: AccountId,
        change: PrivacyChange,
    ) -> Result<Option<PrivacySet>, StoreError> {
        if !self.accounts.contains_key(&id) {
            return Ok(None);
        }
        let timeline = self.timelines.entry(id).or_default();
        let privacy = change.of(timeline.privacy);
        if privacy == timeline.privacy {
            return Ok(Some((privacy, None)));
        }
        timeline.privacy = privacy;
        let (seq, _) = self.push(id, Retention::Keep, What::Privacy)?;
        let timeline = self.timelines.entry(id).or_default();
        timeline.entries.remove(&timeline.privacy_seq);
        timeline.privacy_seq = seq;
        Ok(Some((privacy, self.entry(id, seq))))
    }
}
