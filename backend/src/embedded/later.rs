//! The intents that change messages and conversations after a message was sent.
//!
//! Run by the writer inside a commit. What a message says stands where its body is: in the conversation, or for
//! messages until delivered in the entries of the timelines. Invariant: a state row has at most one entry in a
//! timeline, the one that it names.

use std::sync::Arc;

use belfry_domain::ports::{Amend, AmendOutcome, Change, Changed, Flag, Made, SettingsChange, StoreError};
use belfry_domain::{
    AccountId, Address, Content, ConversationId, ConversationSettings, Entry, Item, MessageFlags, MessageId, Retention,
    Seq, TimestampMs, dead,
};

use super::append::push_row;
use super::erased::Place;
use super::keys::{self, Cf};
use super::records::{BodyRecord, EntryRecord, corrupt, decode, head, kind, with_head};
use super::rows::{AmendmentRecord, FlagsRecord, SettingsRecord};
use super::shared::{Conversation, entry_record};
use super::tx::Tx;

/// A message that can be changed: its row and, unless it is in the timelines alone, its body with its class.
struct Target {
    row: AmendmentRecord,
    body: Option<(Retention, BodyRecord)>,
}

impl Target {
    /// The class of the message, and with it of the entries that point to its later life.
    fn retention(&self) -> Retention {
        self.body.as_ref().map_or_else(|| self.row.retention(), |(retention, _)| *retention)
    }
}

/// Finds a message that is there and has not ended.
fn find(tx: &Tx<'_>, id: MessageId, now: TimestampMs) -> Result<Option<Target>, StoreError> {
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
        expires: retention.expires().map_or(0, |end| end.0),
        ..AmendmentRecord::default()
    };
    let row = row.unwrap_or_else(known);
    Ok(Some(Target { row, body: Some((retention, body)) }))
}

/// Changes a message for both sides.
pub(super) fn amend(tx: &mut Tx<'_>, amend: Amend) -> Result<AmendOutcome, StoreError> {
    let id = amend.id;
    let Some(mut conversation) = tx.conversation(id.conversation)? else { return Ok(AmendOutcome::NotFound) };
    if conversation.peer_of(amend.by).is_none() || flags(tx, amend.by, &conversation, id)?.hidden {
        return Ok(AmendOutcome::NotFound);
    }
    let members = Arc::clone(conversation.members.as_ref().ok_or_else(|| corrupt("a pair that is a room"))?);
    let second = members[0].0 != amend.by;
    let Some(mut target) = find(tx, id, amend.at)? else { return Ok(AmendOutcome::NotFound) };
    let row = &mut target.row;
    let reactions = row.reactions.clone();
    if row.recalled != 0 && amend.change != Change::Recall {
        return Ok(AmendOutcome::NotFound);
    }
    let mut says: Option<Content> = None;
    let changed = match amend.change {
        Change::Edit(_) | Change::Recall if row.by_second != second => return Ok(AmendOutcome::NotAuthor),
        Change::Edit(content) => {
            let old = content_of(tx, &members, row, target.body.as_ref())?;
            let content = content.in_place_of(old.as_ref().unwrap_or(&Content::text("")));
            says = (old.as_ref() != Some(&content)).then_some(content);
            row.edited = if says.is_some() { amend.at.0 } else { row.edited };
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
    if recalls || says.is_some() {
        rewrite(tx, id, &members, &target, says.as_ref(), amend.at)?;
    }
    let mut made = Made::new();
    if changed {
        for (member, at_second) in sides(&members) {
            made.extend(tell(tx, id, &members, &mut target, says.as_ref(), member, at_second)?);
        }
        if !reactions.is_empty() && reactions != target.row.reactions {
            tx.scrub(Place::Lives(id.conversation.0));
        }
        // The place of the second side was not known when the first was told; nothing told depends on it.
        tx.put_record(keys::amendment(id.conversation, id.cseq), &target.row);
        if !conversation.record.amended {
            conversation.record.amended = true;
            tx.set_conversation(id.conversation, conversation, true);
        }
    }
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

/// The members of a conversation, each once, with which side they are.
fn sides(members: &[(AccountId, Address); 2]) -> impl Iterator<Item = (AccountId, bool)> {
    let (first, second) = (members[0].0, members[1].0);
    std::iter::once((first, false)).chain((second != first).then_some((second, true)))
}

/// What a message says, from wherever it still is.
fn content_of(
    tx: &Tx<'_>,
    members: &[(AccountId, Address); 2],
    row: &AmendmentRecord,
    body: Option<&(Retention, BodyRecord)>,
) -> Result<Option<Content>, StoreError> {
    if let Some((_, body)) = body {
        return Ok(Some(body.clone().parts()?.2));
    }
    for (member, at_second) in sides(members) {
        if let Some((_, EntryRecord { body: Some(body), .. })) = waiting(tx, member, row.entry(at_second))? {
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

/// Puts what a message says from now on in the place of what it said, wherever that is; without a content it says
/// nothing any more.
fn rewrite(
    tx: &mut Tx<'_>,
    id: MessageId,
    members: &[(AccountId, Address); 2],
    target: &Target,
    says: Option<&Content>,
    at: TimestampMs,
) -> Result<(), StoreError> {
    if let Some((retention, old)) = &target.body {
        let body = replaced(old, says, at)?;
        tx.replace(Cf::Conv, keys::body(id.conversation, id.cseq), with_head(*retention, &body));
        let (receiver, place) = (members[usize::from(!old.by_second)].0, Seq(old.theirs));
        if says.is_none()
            && place != Seq::ZERO
            && let Some((retention, mut entry)) = waiting(tx, receiver, place)?
        {
            unburden(tx, receiver, &mut entry)?;
            tx.write(Cf::Tl, keys::entry(receiver, place), with_head(retention, &entry));
        }
        return Ok(());
    }
    for (member, at_second) in sides(members) {
        let place = target.row.entry(at_second);
        if let Some((retention, mut record)) = waiting(tx, member, place)? {
            record.body = record.body.map(|old| replaced(&old, says, at)).transpose()?;
            // An edited one weighs what it did in what waits for its owner: what was taken in is not refused later.
            if says.is_none() {
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
    (body.device, body.by_second, body.theirs) = (device, by_second, old.theirs);
    if says.is_some() {
        body.edited = at.0;
    } else {
        body.recalled = at.0;
    }
    Ok(body)
}

/// Makes one side's entry of a change, in place of the one of the change before.
fn tell(
    tx: &mut Tx<'_>,
    id: MessageId,
    members: &[(AccountId, Address); 2],
    target: &mut Target,
    says: Option<&Content>,
    member: AccountId,
    at_second: bool,
) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
    if tx.owner(member)?.is_none() {
        return Ok(None);
    }
    let content = match says {
        Some(content) => Some(content.clone()),
        None => now_says(tx, member, at_second, target)?,
    };
    let mut record = pointer(kind::AMENDMENT, id);
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
    let amendment = Arc::new(target.row.amendment(id, members, content));
    Ok(Some((member, Arc::new(Entry { seq, prev, item: Item::Amendment(amendment) }))))
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

fn pointer(kind: u32, id: MessageId) -> EntryRecord {
    EntryRecord { kind, conversation: id.conversation.0, cseq: id.cseq.0, ..EntryRecord::default() }
}

/// Puts an entry at the end of a timeline and takes away the one at `old`.
fn replace(
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

fn flags(tx: &Tx<'_>, owner: AccountId, conversation: &Conversation, id: MessageId) -> Result<FlagsRecord, StoreError> {
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
    let Some(target) = find(tx, id, flag.at)? else { return Ok(None) };
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
    let disappear_after = change.disappear_after_ms.unwrap_or(conversation.record.disappear_after);
    let both = disappear_after != conversation.record.disappear_after;
    if both {
        conversation.record.disappear_after = disappear_after;
        tx.set_conversation(id, conversation.clone(), true);
    }
    if !old.draft.is_empty() && row.draft != old.draft {
        tx.scrub(Place::Settings(owner.0));
    }
    let mut made = Made::new();
    if both || row != old {
        made.push(put_settings(tx, owner, id, &conversation, row.clone())?);
    }
    if both && peer != owner && tx.owner(peer)?.is_some() {
        let theirs = settings_row(tx, peer, id)?;
        made.push(put_settings(tx, peer, id, &conversation, theirs)?);
    }
    Ok(Some((row.settings(owner, id, &conversation)?, made)))
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
