//! The intents that change what an owner has put on messages, and how it has its conversations.
//!
//! Run by the writer inside a commit. Invariant: a state row has at most one entry in a timeline, the one that it names.

use std::sync::Arc;

use belfry_domain::ports::{Changed, Flag, Made, SettingsChange, StoreError};
use belfry_domain::{AccountId, ConversationId, ConversationSettings, Entry, Item, MessageFlags, MessageId, Seq};

use super::amend::{find, pointer, replace};
use super::append::push_row;
use super::between;
use super::erased::Place;
use super::keys::{self, Cf};
use super::records::{corrupt, decode, kind};
use super::rows::{FlagsRecord, SettingsRecord, SideRecord};
use super::shared::Conversation;
use super::tx::Tx;

pub(super) fn flags(
    tx: &Tx<'_>,
    owner: AccountId,
    conversation: &Conversation,
    id: MessageId,
) -> Result<FlagsRecord, StoreError> {
    if !conversation.record.flagged {
        return Ok(FlagsRecord::default());
    }
    match tx.get(Cf::Meta, &keys::flags(owner, id.conversation, id.cseq))? {
        Some(bytes) => decode("flags", &bytes),
        None => Ok(FlagsRecord::default()),
    }
}

/// Changes an owner's flags on a message.
pub(super) fn flag(tx: &mut Tx<'_>, flag: Flag) -> Result<Option<Changed<MessageFlags>>, StoreError> {
    let (id, owner) = (flag.id, flag.owner);
    let Some(mut conversation) = tx.conversation(id.conversation)? else { return Ok(None) };
    if conversation.peer_of(owner).is_none() || tx.owner(owner)?.is_none() {
        return Ok(None);
    }
    let old = flags(tx, owner, &conversation, id)?;
    if old.hidden && !flag.hide {
        return Ok(None);
    }
    let side = conversation.side_of(owner).ok_or_else(|| corrupt("a member that is none"))?;
    let Some(target) = find(tx, id, flag.at)?.filter(|target| target.is_for(side)) else { return Ok(None) };
    let hidden = old.hidden || flag.hide;
    let starred = !hidden && flag.starred.unwrap_or(old.starred);
    let mut row = FlagsRecord { seq: old.seq, starred, hidden };
    if row == old {
        return Ok(Some((row.flags(id), Made::new())));
    }
    let (seq, prev) = replace(tx, owner, target.retention(), &pointer(kind::FLAGS, id), Seq(old.seq))?;
    row.seq = seq.0;
    tx.put_record(keys::flags(owner, id.conversation, id.cseq), &row);
    if !conversation.record.flagged {
        conversation.record.flagged = true;
        tx.set_conversation(id.conversation, conversation, true);
    }
    let entry = Arc::new(Entry { seq, prev, item: Item::Flags(row.flags(id)) });
    Ok(Some((row.flags(id), vec![(owner, entry)])))
}

fn settings_row(tx: &Tx<'_>, owner: AccountId, id: ConversationId) -> Result<SettingsRecord, StoreError> {
    match tx.get(Cf::Meta, &keys::settings(owner, id))? {
        Some(bytes) => decode("a conversation's settings", &bytes),
        None => Ok(SettingsRecord::default()),
    }
}

/// Changes how an owner has a conversation.
pub(super) fn set_conversation(
    tx: &mut Tx<'_>,
    owner: AccountId,
    id: ConversationId,
    change: SettingsChange,
) -> Result<Option<Changed<ConversationSettings>>, StoreError> {
    let Some(mut conversation) = tx.conversation(id)? else { return Ok(None) };
    let Some((peer, _)) = conversation.peer_of(owner).cloned() else { return Ok(None) };
    if tx.owner(owner)?.is_none() {
        return Ok(None);
    }
    let old = settings_row(tx, owner, id)?;
    let mut row = old.clone();
    row.muted_until = change.muted_until.map_or(row.muted_until, |until| until.0);
    row.pinned = change.pinned.unwrap_or(row.pinned);
    row.archived = change.archived.unwrap_or(row.archived);
    row.marked_unread = change.marked_unread.unwrap_or(row.marked_unread);
    if let Some(draft) = change.draft {
        (row.draft, row.draft_reply_to) = (draft.text, draft.reply_to.unwrap_or_default().0);
    }
    let side = conversation.side_of(owner).ok_or_else(|| corrupt("settings of a stranger"))?;
    let heard = change.accepted && between::hear(&mut conversation, side);
    let before = conversation.record.clone();
    let told = change.disappear_after_ms.map_or(Told::Nobody, |after| disappear(&mut conversation, side, after));
    if heard || conversation.record != before {
        // A record that is written says the last number too.
        conversation.record.last = conversation.last.0;
        tx.set_conversation(id, conversation.clone(), true);
    }
    if !old.draft.is_empty() && row.draft != old.draft {
        tx.scrub(Place::Settings(owner.0));
    }
    let mut made = Made::new();
    if heard || told != Told::Nobody || row != old {
        made.push(put_settings(tx, owner, id, &conversation, row.clone())?);
    }
    if told == Told::Both && peer != owner && tx.owner(peer)?.is_some() {
        let theirs = settings_row(tx, peer, id)?;
        made.push(put_settings(tx, peer, id, &conversation, theirs)?);
    }
    Ok(Some((row.settings(owner, id, &conversation)?, made)))
}

/// Who is to be told of another time after which messages disappear.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Told {
    Nobody,
    /// Who has set it: nothing passes between the two.
    Own,
    Both,
}

/// Sets the time after which messages disappear: for both, or where nothing passes for the member alone, until it is
/// next set for both.
fn disappear(conversation: &mut Conversation, side: usize, after: u64) -> Told {
    let copied = [0, 1].map(|side| conversation.record.side(side).disappear_after.is_some());
    if conversation.is_cut() {
        let present = conversation.disappear_after(side);
        let own = SideRecord { disappear_after: Some(after), ..conversation.record.side(side) };
        conversation.record.set_side(side, own);
        return if present == after { Told::Nobody } else { Told::Own };
    }
    if conversation.record.disappear_after == after && copied == [false, false] {
        return Told::Nobody;
    }
    for side in [0, 1] {
        let own = SideRecord { disappear_after: None, ..conversation.record.side(side) };
        conversation.record.set_side(side, own);
    }
    conversation.record.disappear_after = after;
    Told::Both
}

fn put_settings(
    tx: &mut Tx<'_>,
    owner: AccountId,
    id: ConversationId,
    conversation: &Conversation,
    mut row: SettingsRecord,
) -> Result<(AccountId, Arc<Entry>), StoreError> {
    let (seq, prev) = push_row(tx, owner, kind::SETTINGS, id, Seq(row.seq))?;
    row.seq = seq.0;
    tx.put_record(keys::settings(owner, id), &row);
    let settings = Arc::new(row.settings(owner, id, conversation)?);
    Ok((owner, Arc::new(Entry { seq, prev, item: Item::Settings(settings) })))
}
