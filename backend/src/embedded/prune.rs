//! Pruning: takes what is dead from the disk, and client ids that need not be remembered any longer.
//!
//! Looks only at owners of whom something can have died since the last look. Invariant: before the last entry of a
//! timeline or conversation goes, its number is written down, so that no number is ever used twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use belfry_domain::limits::DEDUPE_KEPT_MS;
use belfry_domain::ports::{Made, PRUNE_TOLD_MAX, Pruned, StoreError};
use belfry_domain::{
    AccountId, ConversationId, Cseq, MessageId, Retention, Seq, Stretch, TimestampMs, add_stretch, dead,
};

use super::append::{Raise, raise_receipt};
use super::between;
use super::contacts;
use super::db::Tier;
use super::erased::{self, Place};
use super::keys::{self, Cf};
use super::records::{KeysRecord, RememberedRecord, corrupt, decode, kind, message_id};
use super::rows::AmendmentRecord;
use super::shared::{Conversation, Due, Shared, entry_record};
use super::tx::Tx;
use super::writer::Writer;

/// Deletions in one commit: other writers wait no longer than a few milliseconds for it.
const CHUNK: usize = 2000;

/// However quiet it is, the journal ends at least this often: what was deleted lies in it until it ends.
const FLUSH_EVERY_MS: u64 = 12 * 3600 * 1000;

/// An entry that is dead.
#[derive(Clone, Copy)]
struct Dead {
    seq: Seq,
    id: MessageId,
    /// It is the message, and not what has become of it.
    message: bool,
    incoming: bool,
    weight: u32,
}

/// What was found dead of one owner.
struct Found {
    entries: Vec<Dead>,
    bodies: Vec<(ConversationId, Cseq)>,
    /// How often something that waits had been taken away or recalled then: weights hold as long as it is that.
    erasures: u64,
    /// What is still to come; `None`: everything that is left is kept for ever.
    left: Option<Due>,
}

pub(super) async fn prune(shared: &Arc<Shared>, writer: &Writer, now: TimestampMs) -> Result<Pruned, StoreError> {
    let mut pruned = Pruned::default();
    let mut due = take_due(shared, now).into_iter();
    let looked = !due.as_slice().is_empty();
    while pruned.told.len() < PRUNE_TOLD_MAX
        && let Some((owner, one)) = due.next()
    {
        let outcome = prune_owner(shared, writer, owner, one, now, &mut pruned).await;
        if let Err(error) = outcome {
            put_back(shared, owner, one);
            due.for_each(|(owner, one)| put_back(shared, owner, one));
            return Err(error);
        }
    }
    due.for_each(|(owner, one)| put_back(shared, owner, one));
    pruned.dedupe = forget_ids(shared, writer, now).await?;
    forget_invites(shared, writer, now).await?;
    let withheld = prune_withheld(shared, writer, now, &mut pruned).await?;
    let forgot = pruned.dedupe > 0;
    let places = {
        let mut erased = shared.erased.lock();
        let flushed = *erased.flushed.get_or_insert(now);
        let none = erased.places.is_empty() && !forgot && !withheld;
        // What the compaction has dropped by itself still lies in the journal.
        if none && !looked && now.ms_since(flushed) < FLUSH_EVERY_MS {
            return Ok(pruned);
        }
        erased.flushed = Some(now);
        Arc::new(std::mem::take(&mut erased.places))
    };
    let (shredding, shared) = (Arc::clone(&places), Arc::clone(shared));
    blocking(move || erased::shred(&shared, &shredding, forgot)).await?;
    if !places.is_empty() {
        let weight = 32 * places.len();
        // Lost in a crash, it is done once more.
        let forget = move |tx: &mut Tx<'_>| {
            erased::forget(tx, &places);
            Ok(())
        };
        writer.submit(weight, true, forget).await?;
    }
    Ok(pruned)
}

async fn prune_owner(
    shared: &Arc<Shared>,
    writer: &Writer,
    owner: AccountId,
    due: Due,
    now: TimestampMs,
    pruned: &mut Pruned,
) -> Result<(), StoreError> {
    let looking = Arc::clone(shared);
    let found = blocking(move || find(&looking, owner, due, now)).await?;
    let mut erasures = found.erasures;
    for chunk in found.entries.chunks(CHUNK) {
        let dead = chunk.to_vec();
        let erase = move |tx: &mut Tx<'_>| erase_entries(tx, owner, &dead, erasures, now);
        let (told, erased, erasures_now) = writer.submit(chunk.len() * 20, false, erase).await?;
        erasures = erasures_now;
        pruned.entries += erased;
        pruned.told.extend(told);
    }
    for chunk in found.bodies.chunks(CHUNK) {
        let bodies = chunk.to_vec();
        pruned.entries += writer.submit(bodies.len() * 20, false, move |tx| erase_bodies(tx, &bodies)).await?;
    }
    if let Some(left) = found.left {
        put_back(shared, owner, left);
    }
    Ok(())
}

/// Runs where it may wait for the disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Closed))
}

/// The owners of whom something may be dead; they are looked at anew when something more becomes due.
fn take_due(shared: &Shared, now: TimestampMs) -> Vec<(AccountId, Due)> {
    let mut due = shared.due.lock();
    let floors: BTreeMap<AccountId, Seq> = due.keys().map(|owner| (*owner, shared.floors.get(*owner))).collect();
    let ripe = |owner: &AccountId, due: &Due| due.expires <= now || floors.get(owner).is_some_and(|f| *f > due.floor);
    due.extract_if(|owner, due| ripe(owner, due)).collect()
}

fn put_back(shared: &Shared, owner: AccountId, left: Due) {
    shared.due.lock().entry(owner).and_modify(|known| *known = known.merge(left)).or_insert(left);
}

fn find(shared: &Shared, id: AccountId, due: Due, now: TimestampMs) -> Result<Found, StoreError> {
    let mut found = Found { entries: Vec::new(), bodies: Vec::new(), erasures: 0, left: None };
    let Some(owner) = shared.owner(id, Tier::Disk)? else { return Ok(found) };
    found.erasures = owner.record.erasures;
    let floor = Seq(owner.record.delivered_floor);
    let to = keys::entry(id, Seq(owner.last.0 + 1));
    let mut scan = shared.db.scan(Cf::Tl, &keys::entry(id, due.from), &to, Tier::Disk);
    while let Some((key, value)) = scan.step()? {
        let seq = Seq(keys::tail(key).unwrap_or_default());
        let (retention, record) = entry_record(value)?;
        if dead(retention, seq, floor, Seq::ZERO, now) {
            let id = message_id(record.conversation, record.cseq);
            let (message, incoming) = (record.is_message(), record.incoming);
            found.entries.push(Dead { seq, id, message, incoming, weight: record.weight });
            // Entries about the later life of a message end with its own, which names the body too.
            if matches!(retention, Retention::Until(_)) && record.kind == kind::POINTER {
                found.bodies.push((ConversationId(record.conversation), Cseq(record.cseq)));
            }
            continue;
        }
        if let Retention::UntilDelivered { expires } | Retention::Until(expires) = retention {
            let next = Due { from: seq, expires, floor };
            found.left = Some(found.left.map_or(next, |left: Due| Due { floor, ..left.merge(next) }));
        }
    }
    Ok(found)
}

/// Erases entries of an owner, which weigh what was found if nothing was recalled since `erasures`. Who wrote what no
/// device ever had is told by the receipt, once, with what was withheld from the owner and has had its time too: a second
/// receipt would tell of the block. Returns those, how much is gone, and the erasures now.
fn erase_entries(
    tx: &mut Tx<'_>,
    id: AccountId,
    dead: &[Dead],
    erasures: u64,
    now: TimestampMs,
) -> Result<(Made, u64, u64), StoreError> {
    let Some(mut owner) = tx.owner(id)? else { return Ok((Vec::new(), dead.len() as u64, erasures)) };
    let holds = owner.record.erasures == erasures;
    let (floor, any) = (Seq(owner.record.delivered_floor), Seq(owner.record.delivered_any));
    let mut lost: BTreeMap<ConversationId, Vec<Stretch>> = BTreeMap::new();
    let mut waited = false;
    for one in dead {
        let key = keys::entry(id, one.seq);
        if one.incoming && one.seq > floor {
            let weight = if holds { one.weight } else { weight_now(tx, &key)? };
            waited = true;
            owner.waiting.entries = owner.waiting.entries.saturating_sub(1);
            owner.waiting.bytes = owner.waiting.bytes.saturating_sub(u64::from(weight));
        }
        tx.shred(Cf::Tl, key);
        if one.incoming && one.seq > any {
            add_stretch(lost.entry(one.id.conversation).or_default(), (one.id.cseq, one.id.cseq));
        }
    }
    let last = dead.iter().rev().find(|one| one.message).map_or(0, |one| one.seq.0);
    let gone = last.max(owner.record.gone);
    owner.record.erasures += u64::from(waited);
    let stored = waited || (owner.record.last, owner.record.gone) != (owner.last.0, gone);
    (owner.record.last, owner.record.gone) = (owner.last.0, gone);
    let erasures = owner.record.erasures;
    tx.set_owner(id, owner, stored);
    let (mut told, mut erased) = (Vec::new(), dead.len() as u64);
    for (conversation, mut lost) in lost {
        let Some(stored) = tx.conversation(conversation)? else { continue };
        let Some((writer, _)) = stored.peer_of(id) else { continue };
        if let Some(side) = stored.side_of(id) {
            let ripe = between::take_ripe(tx, conversation, side, now)?;
            erased += ripe.count;
            for stretch in ripe.lost {
                add_stretch(&mut lost, stretch);
            }
        }
        let raise = Raise { lost, ..Raise::default() };
        told.extend(raise_receipt(tx, *writer, conversation, raise)?);
    }
    Ok((told, erased, erasures))
}

fn weight_now(tx: &Tx<'_>, key: &[u8; 16]) -> Result<u32, StoreError> {
    Ok(tx.present(Cf::Tl, key)?.map(|bytes| entry_record(&bytes)).transpose()?.map_or(0, |(_, entry)| entry.weight))
}

/// Erases bodies, which both sides point to, and says how many were still there.
fn erase_bodies(tx: &mut Tx<'_>, bodies: &[(ConversationId, Cseq)]) -> Result<u64, StoreError> {
    let mut erased = 0;
    for (id, cseq) in bodies {
        let key = keys::body(*id, *cseq);
        if tx.shared.db.get(Cf::Conv, &key, Tier::Disk)?.is_none() {
            continue;
        }
        if let Some(mut conversation) = tx.conversation(*id)?
            && conversation.record.last != conversation.last.0
        {
            conversation.record.last = conversation.last.0;
            tx.set_conversation(*id, conversation, true);
        }
        tx.erase(Cf::Conv, key);
        forget_life(tx, *id, *cseq)?;
        erased += 1;
    }
    Ok(erased)
}

/// Takes away what was known of a message that is gone.
fn forget_life(tx: &mut Tx<'_>, id: ConversationId, cseq: Cseq) -> Result<(), StoreError> {
    let Some(conversation) = tx.conversation(id)? else { return Ok(()) };
    if conversation.record.amended {
        tx.delete(Cf::Meta, keys::amendment(id, cseq));
        tx.scrub(Place::Lives(id.0));
    }
    forget_copies(tx, &conversation, id, cseq);
    if conversation.record.flagged {
        for (member, _) in conversation.members.iter().flat_map(|members| members.iter()) {
            tx.delete(Cf::Meta, keys::flags(*member, id, cseq));
        }
    }
    Ok(())
}

/// Takes away what each side alone has seen of a message.
fn forget_copies(tx: &mut Tx<'_>, conversation: &Conversation, id: ConversationId, cseq: Cseq) {
    if conversation.record.copied {
        for side in [0, 1] {
            tx.delete(Cf::Meta, keys::copy(id, cseq, side));
        }
        tx.scrub(Place::Copies(id.0));
    }
}

/// Forgets what was known of a message that was kept in the timelines alone, with the client's id for it.
fn forget_inline(tx: &mut Tx<'_>, known: &RememberedRecord) -> Result<(), StoreError> {
    let (id, cseq) = (ConversationId(known.conversation), Cseq(known.cseq));
    let Some(conversation) = tx.conversation(id)?.filter(|conversation| conversation.record.inline) else {
        return Ok(());
    };
    let key = keys::amendment(id, cseq);
    let Some(bytes) = tx.get(Cf::Meta, &key)? else { return Ok(()) };
    let row: AmendmentRecord = decode("an amendment", &bytes)?;
    if row.inline {
        tx.delete(Cf::Meta, key);
        if !row.reactions.is_empty() {
            tx.scrub(Place::Lives(id.0));
        }
        forget_copies(tx, &conversation, id, cseq);
        for (member, _) in conversation.members.iter().flat_map(|members| members.iter()) {
            if conversation.record.flagged {
                tx.delete(Cf::Meta, keys::flags(*member, id, cseq));
            }
        }
    }
    Ok(())
}

/// Takes away what was withheld and has had its time; whether there was any.
async fn prune_withheld(
    shared: &Arc<Shared>,
    writer: &Writer,
    now: TimestampMs,
    pruned: &mut Pruned,
) -> Result<bool, StoreError> {
    let ripe: Vec<ConversationId> =
        shared.withheld_due.lock().extract_if(|_, end| *end <= now).map(|(id, _)| id).collect();
    for (at, id) in ripe.iter().enumerate() {
        let id = *id;
        match writer.submit(64 * CHUNK, false, move |tx| between::prune(tx, id, now)).await {
            Ok((told, count, next)) => {
                pruned.told.extend(told);
                pruned.entries += count;
                next.into_iter().for_each(|end| shared.withheld_ends(id, end));
            }
            Err(error) => {
                ripe[at..].iter().for_each(|id| shared.withheld_ends(*id, now));
                return Err(error);
            }
        }
    }
    Ok(!ripe.is_empty())
}

/// Takes away invitations that are over.
async fn forget_invites(shared: &Arc<Shared>, writer: &Writer, now: TimestampMs) -> Result<(), StoreError> {
    loop {
        let looking = Arc::clone(shared);
        let over = blocking(move || contacts::dead_invites(&looking, now, CHUNK)).await?;
        if over.is_empty() {
            return Ok(());
        }
        let forget = move |tx: &mut Tx<'_>| over.iter().try_for_each(|hash| contacts::drop_invite(tx, hash));
        writer.submit(64 * CHUNK, false, forget).await?;
    }
}

/// Forgets client ids commit by commit, oldest first.
async fn forget_ids(shared: &Arc<Shared>, writer: &Writer, now: TimestampMs) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    loop {
        let looking = Arc::clone(shared);
        let oldest = blocking(move || -> Result<_, StoreError> {
            let end = TimestampMs(now.0.saturating_sub(DEDUPE_KEPT_MS));
            let mut scan =
                looking.db.scan(Cf::Dtime, &keys::dtime(TimestampMs(0), 0), &keys::dtime(end, 0), Tier::Disk);
            let mut commits: Vec<([u8; 16], KeysRecord)> = Vec::new();
            let mut ids = 0;
            while ids < CHUNK
                && let Some((key, value)) = scan.step()?
            {
                let key = key.try_into().map_err(|_| corrupt("the index of client ids"))?;
                let record: KeysRecord = decode("the index of client ids", value)?;
                ids += record.keys.len();
                commits.push((key, record));
            }
            Ok(commits)
        })
        .await?;
        if oldest.is_empty() {
            return Ok(forgotten);
        }
        forgotten += writer
            .submit(64 * CHUNK, false, move |tx| {
                let mut gone = 0;
                for (commit, ids) in oldest {
                    tx.erase(Cf::Dtime, commit);
                    for key in ids.keys {
                        // An id that was used anew after its time is remembered by a later commit.
                        let Some(bytes) = tx.get(Cf::Dedupe, &key)? else { continue };
                        let known: RememberedRecord = decode("a remembered id", &bytes)?;
                        if now.ms_since(TimestampMs(known.sent)) > DEDUPE_KEPT_MS {
                            tx.delete(Cf::Dedupe, key);
                            forget_inline(tx, &known)?;
                            gone += 1;
                        }
                    }
                }
                Ok(gone)
            })
            .await?;
    }
}
