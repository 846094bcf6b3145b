//! What members wish for a conversation and what accounts show: the intents that change it, and how it is read.
//!
//! Run by the writer inside a commit. Invariant: each of the two has one entry in a timeline, however often it changes.

use std::sync::Arc;

use belfry_domain::ports::{KeepingSet, PrivacySet, StoreError};
use belfry_domain::{
    AccountId, Address, ConversationId, Cseq, Entry, Item, Keeping, PrivacyChange, Receipt, Seq, Stretch, Wish,
};

use super::append::push_row;
use super::records::{ConversationRecord, RowRecord, corrupt, kind};
use super::rows::{SideRecord, WishRecord};
use super::shared::Conversation;
use super::tx::Tx;

impl From<Wish> for WishRecord {
    fn from(wish: Wish) -> WishRecord {
        WishRecord { until_delivered: wish.until_delivered, at_most_ms: wish.at_most_ms.unwrap_or(0) }
    }
}

impl From<WishRecord> for Wish {
    fn from(record: WishRecord) -> Wish {
        let at_most_ms = (record.at_most_ms > 0).then_some(record.at_most_ms);
        Wish { until_delivered: record.until_delivered, at_most_ms }
    }
}

impl RowRecord {
    pub(super) fn undelivered(&self) -> Vec<Stretch> {
        self.undelivered.chunks_exact(2).map(|pair| (Cseq(pair[0]), Cseq(pair[1]))).collect()
    }

    pub(super) fn into_receipt(self, conversation: ConversationId, peer: &Address) -> Receipt {
        Receipt {
            conversation,
            peer: peer.clone(),
            delivered: Cseq(self.delivered),
            read: Cseq(self.read),
            undelivered: self.undelivered(),
        }
    }
}

fn wish(record: &ConversationRecord, side: usize) -> Wish {
    let stored = if side == 0 { record.first_wish } else { record.second_wish };
    stored.map(Wish::from).unwrap_or_default()
}

/// The wishes of both members together; for a message that is for a member alone, as that one sees them.
pub(super) fn wishes(record: &ConversationRecord, side: usize, alone: bool) -> Wish {
    let mine = if alone { own_wish(record, side) } else { wish(record, side) };
    mine.and(wish(record, 1 - side))
}

/// What a member sees of its own wish.
fn own_wish(record: &ConversationRecord, side: usize) -> Wish {
    record.side(side).wish.map_or_else(|| wish(record, side), Wish::from)
}

/// The place that tells a member of the wishes.
pub(super) fn told_at(record: &ConversationRecord, side: usize) -> Seq {
    Seq(if side == 0 { record.first_keeping } else { record.second_keeping })
}

/// Both wishes as a member sees them; `None` for others.
pub(super) fn keeping(id: ConversationId, conversation: &Conversation, owner: AccountId) -> Option<Keeping> {
    let side = conversation.side_of(owner)?;
    let (peer, address) = conversation.peer_of(owner)?;
    let theirs = if *peer == owner { side } else { 1 - side };
    let (mine, theirs) = (own_wish(&conversation.record, side), wish(&conversation.record, theirs));
    Some(Keeping { conversation: id, peer: address.clone(), mine, theirs })
}

pub(super) fn set_keeping(
    tx: &mut Tx<'_>,
    owner: AccountId,
    id: ConversationId,
    wished: Wish,
) -> Result<Option<KeepingSet>, StoreError> {
    let Some(mut conversation) = tx.conversation(id)? else { return Ok(None) };
    let Some(before) = keeping(id, &conversation, owner) else { return Ok(None) };
    let (Some(side), Some(members)) = (conversation.side_of(owner), conversation.members.clone()) else {
        return Ok(None);
    };
    let copied = [0, 1].map(|side| conversation.record.side(side).wish.is_some());
    let alone = conversation.is_cut();
    if before.mine == wished && (copied[side] || !alone) && (alone || copied == [false, false]) {
        return Ok(Some(KeepingSet { keeping: before, entries: Vec::new() }));
    }
    if alone {
        let own = SideRecord { wish: Some(wished.into()), ..conversation.record.side(side) };
        conversation.record.set_side(side, own);
    } else {
        for side in [0, 1] {
            let own = SideRecord { wish: None, ..conversation.record.side(side) };
            conversation.record.set_side(side, own);
        }
        let stored = (wished != Wish::default()).then(|| wished.into());
        if side == 0 {
            conversation.record.first_wish = stored;
        } else {
            conversation.record.second_wish = stored;
        }
    }
    let mut entries = Vec::new();
    for (side, (member, _)) in members.iter().enumerate() {
        let told = (side == 0 || members[0].0 != members[1].0) && (!alone || *member == owner);
        let told = told && (!alone || before.mine != wished);
        if !told || tx.owner(*member)?.is_none() {
            continue;
        }
        let (seq, prev) = push_row(tx, *member, kind::KEEPING, id, told_at(&conversation.record, side))?;
        if side == 0 {
            conversation.record.first_keeping = seq.0;
        } else {
            conversation.record.second_keeping = seq.0;
        }
        let seen = keeping(id, &conversation, *member).ok_or_else(|| corrupt("a conversation without its members"))?;
        entries.push((*member, Arc::new(Entry { seq, prev, item: Item::Keeping(seen) })));
    }
    let now = keeping(id, &conversation, owner).ok_or_else(|| corrupt("a conversation without its members"))?;
    // A record that is written says the last number too.
    conversation.record.last = conversation.last.0;
    tx.set_conversation(id, conversation, true);
    Ok(Some(KeepingSet { keeping: now, entries }))
}

/// Whether a member tells the other how far it has read and wants to be told of the other; one that is gone does not
/// matter.
pub(super) fn shows_reading(tx: &Tx<'_>, conversation: &Conversation, side: usize) -> Result<bool, StoreError> {
    let Some((member, _)) = conversation.members.as_deref().map(|members| &members[side]) else { return Ok(false) };
    let shown = tx.owner(*member)?.map(|owner| owner.record.privacy_of().read_receipts);
    Ok(shown.is_none_or(|audience| conversation.is_among(side, audience)))
}

pub(super) fn set_privacy(
    tx: &mut Tx<'_>,
    id: AccountId,
    change: PrivacyChange,
) -> Result<Option<PrivacySet>, StoreError> {
    let Some(owner) = tx.owner(id)? else { return Ok(None) };
    let privacy = change.of(owner.record.privacy_of());
    if privacy == owner.record.privacy_of() {
        return Ok(Some((privacy, None)));
    }
    let (seq, prev) = push_row(tx, id, kind::PRIVACY, ConversationId(0), Seq(owner.record.privacy))?;
    let mut owner = tx.owner(id)?.ok_or_else(|| corrupt("an account without a timeline"))?;
    owner.record.privacy = seq.0;
    owner.record.set_privacy(privacy);
    tx.set_owner(id, owner, true);
    Ok(Some((privacy, Some(Arc::new(Entry { seq, prev, item: Item::Privacy(privacy) })))))
}
