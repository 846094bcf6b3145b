//! Pruning: takes what is dead from the disk, and client ids that need not be remembered any longer.
//!
//! Looks only at owners of whom something can have died since the last look. Invariant: before the last entry of a
//! timeline or conversation goes, its number is written down, so that no number is ever used twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use belfry_domain::limits::DEDUPE_KEPT_MS;
use belfry_domain::ports::{Pruned, StoreError};
use belfry_domain::{AccountId, ConversationId, Cseq, Retention, Seq, TimestampMs, dead};

use super::db::Tier;
use super::keys::{self, Cf};
use super::records::{KeysRecord, RememberedRecord, corrupt, decode, kind};
use super::rows::AmendmentRecord;
use super::shared::{Due, Shared, entry_record};
use super::tx::Tx;
use super::writer::Writer;

/// Deletions in one commit: other writers wait no longer than a few milliseconds for it.
const CHUNK: usize = 2000;

/// Above so many owners the whole stretch between them is compacted at once.
const STRETCHES_MAX: usize = 64;

/// What was found dead of one owner.
struct Found {
    entries: Vec<Seq>,
    bodies: Vec<(ConversationId, Cseq)>,
    /// What is still to come; `None`: everything that is left is kept for ever.
    left: Option<Due>,
}

pub(super) async fn prune(shared: &Arc<Shared>, writer: &Writer, now: TimestampMs) -> Result<Pruned, StoreError> {
    let mut pruned = Pruned::default();
    let mut owners = BTreeSet::new();
    let mut conversations = BTreeSet::new();
    for (owner, due) in take_due(shared, now) {
        let looking = Arc::clone(shared);
        let found = blocking(move || find(&looking, owner, due, now)).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                put_back(shared, owner, due);
                return Err(error);
            }
        };
        if !found.entries.is_empty() {
            owners.insert(owner);
        }
        for chunk in found.entries.chunks(CHUNK) {
            let places = chunk.to_vec();
            pruned.entries += chunk.len() as u64;
            writer.submit(places.len() * 20, false, move |tx| erase_entries(tx, owner, &places)).await?;
        }
        for chunk in found.bodies.chunks(CHUNK) {
            let bodies = chunk.to_vec();
            conversations.extend(bodies.iter().map(|(conversation, _)| *conversation));
            pruned.entries += writer.submit(bodies.len() * 20, false, move |tx| erase_bodies(tx, &bodies)).await?;
        }
        if let Some(left) = found.left {
            put_back(shared, owner, left);
        }
    }
    pruned.dedupe = forget_ids(shared, writer, now).await?;
    if pruned != Pruned::default() {
        let shared = Arc::clone(shared);
        let forgot = pruned.dedupe > 0;
        blocking(move || shred(&shared, &owners, &conversations, forgot)).await?;
    }
    Ok(pruned)
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
    let mut found = Found { entries: Vec::new(), bodies: Vec::new(), left: None };
    let Some(owner) = shared.owner(id, Tier::Disk)? else { return Ok(found) };
    let floor = Seq(owner.record.delivered_floor);
    let to = keys::entry(id, Seq(owner.last.0 + 1));
    let mut scan = shared.db.scan(Cf::Tl, &keys::entry(id, due.from), &to, Tier::Disk);
    while let Some((key, value)) = scan.step()? {
        let seq = Seq(keys::tail(key).unwrap_or_default());
        let (retention, record) = entry_record(value)?;
        if dead(retention, seq, floor, Seq::ZERO, now) {
            found.entries.push(seq);
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

fn erase_entries(tx: &mut Tx<'_>, id: AccountId, places: &[Seq]) -> Result<(), StoreError> {
    let Some(mut owner) = tx.owner(id)? else { return Ok(()) };
    for place in places {
        tx.erase(Cf::Tl, keys::entry(id, *place));
    }
    // What dies by its class is a message: rows are kept for ever.
    let gone = places.last().map_or(0, |place| place.0).max(owner.record.gone);
    let stored = (owner.record.last, owner.record.gone) != (owner.last.0, gone);
    (owner.record.last, owner.record.gone) = (owner.last.0, gone);
    tx.set_owner(id, owner, stored);
    Ok(())
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
    }
    if conversation.record.flagged {
        for (member, _) in conversation.members.iter().flat_map(|members| members.iter()) {
            tx.delete(Cf::Meta, keys::flags(*member, id, cseq));
        }
    }
    Ok(())
}

/// Forgets what was known of a message that was kept in the timelines alone, with the client's id for it.
fn forget_inline(tx: &mut Tx<'_>, known: &RememberedRecord) -> Result<(), StoreError> {
    let (id, cseq) = (ConversationId(known.conversation), Cseq(known.cseq));
    let Some(conversation) = tx.conversation(id)?.filter(|conversation| conversation.record.inline) else {
        return Ok(());
    };
    let key = keys::amendment(id, cseq);
    let Some(bytes) = tx.get(Cf::Meta, &key)? else { return Ok(()) };
    if decode::<AmendmentRecord>("an amendment", &bytes)?.inline {
        tx.delete(Cf::Meta, key);
        for (member, _) in conversation.members.iter().flat_map(|members| members.iter()) {
            if conversation.record.flagged {
                tx.delete(Cf::Meta, keys::flags(*member, id, cseq));
            }
        }
    }
    Ok(())
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

/// Makes what was deleted be gone from the disk: the journal that holds it ends with the flush, the files with the
/// compaction.
fn shred(
    shared: &Shared,
    owners: &BTreeSet<AccountId>,
    conversations: &BTreeSet<ConversationId>,
    forgot: bool,
) -> Result<(), StoreError> {
    shared.db.flush()?;
    let owners: Vec<u64> = owners.iter().map(|owner| owner.0).collect();
    let conversations: Vec<u64> = conversations.iter().map(|conversation| conversation.0).collect();
    for (cf, ids) in [(Cf::Tl, owners), (Cf::Conv, conversations)] {
        let stretches: Vec<(u64, u64)> = match ids.as_slice() {
            [first, .., last] if ids.len() > STRETCHES_MAX => vec![(*first, *last)],
            ids => ids.iter().map(|id| (*id, *id)).collect(),
        };
        for (first, last) in stretches {
            let from = keys::entry(AccountId(first), Seq::ZERO);
            let to = keys::entry(AccountId(last + 1), Seq::ZERO);
            shared.db.compact(cf, &from, &to);
        }
    }
    if forgot {
        shared.db.compact(Cf::Dtime, &[0], &[u8::MAX; 17]);
    }
    Ok(())
}
