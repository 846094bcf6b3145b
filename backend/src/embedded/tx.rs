//! The transaction view of one commit: reads see what the jobs before have written, and a job that fails leaves
//! nothing.
//!
//! Jobs write here; the writer turns it into one batch. Invariant: between [`Tx::begin`] and [`Tx::rollback`] every
//! change is undone; nothing in here is seen by readers before [`Tx::publish`].

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, ConversationId, Retention, Seq, TimestampMs};
use prost::Message as _;
use rocksdb::WriteBatch;

use super::db::Tier;
use super::erased::Place;
use super::keys::{self, Cf};
use super::lately::Late;
use super::people_records::AccountRecord;
use super::records::{EntryRecord, KeysRecord, RowRecord, corrupt, decode, with_head};
use super::shared::{Conversation, Due, Owner, Shared};

/// What waits for an owner is written down this often, so that a message need not write it and an owner that is not in
/// memory is counted over so many entries at most.
const COUNTED_EVERY: u64 = 64;

/// Fillers of a conversation at most: as many as one change and some more of the same commit need.
const FILLERS: u8 = 16;

/// A change to a family that no job reads back within a commit.
enum Write {
    Put(Cf, [u8; 16], Vec<u8>),
    /// In the place of what is to leave the disk.
    Replace(Cf, [u8; 16], Vec<u8>),
    Delete(Cf, [u8; 16]),
    /// Of what is to leave the disk.
    Shred(Cf, [u8; 16]),
    DeleteRange(Cf, [u8; 16], [u8; 16]),
}

enum Undo {
    Overlay((Cf, Vec<u8>), Option<Option<Vec<u8>>>),
    Owner(AccountId, Option<Option<Owner>>),
    Conversation(ConversationId, Box<Option<Option<Conversation>>>),
}

/// See the module.
pub(super) struct Tx<'a> {
    pub(super) shared: &'a Shared,
    writes: Vec<Write>,
    /// How often jobs have looked something up, and how often they have changed something.
    pub(super) looked_up: Cell<u64>,
    pub(super) changed: u64,
    /// Small records that later jobs read back; `None`: deleted.
    overlay: [BTreeMap<Vec<u8>, Option<Vec<u8>>>; Cf::ALL.len()],
    owners: HashMap<AccountId, Option<Owner>>,
    conversations: HashMap<ConversationId, Option<Conversation>>,
    /// Entries that were put behind a place, and owners of whom older ones were changed.
    lately: Vec<(AccountId, Seq, Late)>,
    changed_entries: Vec<AccountId>,
    remembered: Vec<Vec<u8>>,
    latest: TimestampMs,
    due: Vec<(AccountId, Due)>,
    withheld_due: Vec<(ConversationId, TimestampMs)>,
    /// How often something was filled in, so that each time is a write of its own in a commit.
    filled: HashMap<ConversationId, u8>,
    /// Where small records have lost something that is to leave the disk.
    scrubbed: Vec<Place>,
    undo: Vec<Undo>,
    /// Lengths of the lists when the present job began.
    marks: [usize; 6],
}

impl<'a> Tx<'a> {
    pub(super) fn new(shared: &'a Shared) -> Tx<'a> {
        Tx {
            shared,
            writes: Vec::new(),
            looked_up: Cell::new(0),
            changed: 0,
            overlay: Default::default(),
            owners: HashMap::new(),
            conversations: HashMap::new(),
            lately: Vec::new(),
            changed_entries: Vec::new(),
            remembered: Vec::new(),
            latest: TimestampMs(0),
            due: Vec::new(),
            withheld_due: Vec::new(),
            filled: HashMap::new(),
            scrubbed: Vec::new(),
            undo: Vec::new(),
            marks: [0; 6],
        }
    }

    /// A job begins.
    pub(super) fn begin(&mut self) {
        self.undo.clear();
        let lists = (self.writes.len(), self.remembered.len(), self.due.len());
        self.marks = [lists.0, lists.1, lists.2, self.scrubbed.len(), self.withheld_due.len(), self.lately.len()];
    }

    /// The job that began last leaves nothing.
    pub(super) fn rollback(&mut self) {
        for undo in std::mem::take(&mut self.undo).into_iter().rev() {
            match undo {
                Undo::Overlay((cf, key), Some(value)) => drop(self.overlay[cf as usize].insert(key, value)),
                Undo::Overlay((cf, key), None) => drop(self.overlay[cf as usize].remove(&key)),
                Undo::Owner(id, Some(owner)) => drop(self.owners.insert(id, owner)),
                Undo::Owner(id, None) => drop(self.owners.remove(&id)),
                Undo::Conversation(id, before) => match *before {
                    Some(conversation) => drop(self.conversations.insert(id, conversation)),
                    None => drop(self.conversations.remove(&id)),
                },
            }
        }
        self.writes.truncate(self.marks[0]);
        self.remembered.truncate(self.marks[1]);
        self.due.truncate(self.marks[2]);
        self.scrubbed.truncate(self.marks[3]);
        self.withheld_due.truncate(self.marks[4]);
        self.lately.truncate(self.marks[5]);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.overlay.iter().all(BTreeMap::is_empty)
    }

    /// Everything as one batch, numbered. `room` is about what it will take, in bytes: what the one before it took.
    pub(super) fn batch(&self, number: u64, room: usize) -> WriteBatch {
        let db = &self.shared.db;
        let mut batch = WriteBatch::with_capacity_bytes(room);
        for write in &self.writes {
            match write {
                Write::Put(cf, key, value) | Write::Replace(cf, key, value) => batch.put_cf(db.cf(*cf), key, value),
                Write::Delete(cf, key) | Write::Shred(cf, key) => batch.delete_cf(db.cf(*cf), key),
                Write::DeleteRange(cf, from, to) => batch.delete_range_cf(db.cf(*cf), from, to),
            }
        }
        for (cf, overlay) in Cf::ALL.into_iter().zip(&self.overlay) {
            for (key, value) in overlay {
                match value {
                    Some(value) => batch.put_cf(db.cf(cf), key, value),
                    None => batch.delete_cf(db.cf(cf), key),
                }
            }
        }
        if !self.remembered.is_empty() {
            let keys = KeysRecord { keys: self.remembered.clone() }.encode_to_vec();
            batch.put_cf(db.cf(Cf::Dtime), keys::dtime(self.latest, number), keys);
        }
        // After the small records: a note that goes in this commit and is needed again stays.
        let known = self.shared.erased.lock();
        for place in self.erases().difference(&known.places) {
            batch.put_cf(db.cf(Cf::Meta), place.note(), []);
        }
        drop(known);
        batch.put_cf(db.cf(Cf::Meta), keys::KEY_BATCH, number.to_be_bytes());
        batch
    }

    /// Shows readers the state after the commit, which is durable.
    pub(super) fn publish(self) {
        self.shared.erased.lock().places.append(&mut self.erases());
        self.publish_lately();
        self.publish_rows();
        let changed = |letter| self.changes(letter).next().is_some();
        if changed(keys::ADDRESSES) || changed(keys::ACCOUNT_RECORDS) {
            // An account that goes takes its address with it; one that has changed says it itself.
            let by_key = self.changes(keys::ADDRESSES).filter_map(|(key, _)| keys::address_of(key));
            let record = |value: &Option<Vec<u8>>| AccountRecord::decode(value.as_deref()?).ok();
            let by_value = self.changes(keys::ACCOUNT_RECORDS).filter_map(|(_, value)| record(value));
            let addresses = by_key.chain(by_value.map(|account| account.address));
            let pairs = self.changes(keys::PAIRS).filter_map(|(key, _)| keys::pair_of(key));
            self.shared.accounts_changed(addresses, pairs);
        }
        {
            let mut due = self.shared.due.lock();
            for (owner, new) in self.due {
                due.entry(owner).and_modify(|known| *known = known.merge(new)).or_insert(new);
            }
        }
        for (id, end) in self.withheld_due {
            self.shared.withheld_ends(id, end);
        }
        self.shared.publish(self.owners.into_iter(), self.conversations.into_iter());
    }

    /// Small records that are written or deleted, by the letter that their keys begin with.
    fn changes(&self, letter: &[u8]) -> impl Iterator<Item = (&Vec<u8>, &Option<Vec<u8>>)> {
        self.overlay[Cf::Meta as usize].range(letter.to_vec()..keys::after_prefix(letter))
    }

    /// Receipts and marks that have changed are not what is remembered of them.
    fn publish_rows(&self) {
        let mut rows = self.shared.rows.lock();
        for letter in keys::ROWS {
            for (key, value) in self.changes(letter) {
                match value.as_deref().map(RowRecord::decode) {
                    Some(Ok(row)) => rows.insert(key.clone(), row),
                    Some(Err(_)) | None => rows.remove(key),
                }
            }
        }
    }

    /// Before the owners: whoever sees an owner's last place finds the entries up to it here, or asks the store.
    fn publish_lately(&self) {
        let mut lately = self.shared.lately.lock();
        for (owner, prev, late) in &self.lately {
            lately.add(*owner, *prev, *late);
        }
        for (id, owner) in &self.owners {
            match owner {
                Some(Owner { record, .. }) => {
                    lately.passed(*id, Seq(record.delivered_any.min(record.delivered_floor)));
                }
                None => lately.forget(*id),
            }
        }
        for owner in &self.changed_entries {
            lately.forget(*owner);
        }
    }

    /// What this erases that is to be gone from the files too. The entries of state rows hold nothing.
    fn erases(&self) -> BTreeSet<Place> {
        let mut places: BTreeSet<Place> = self.scrubbed.iter().copied().collect();
        for write in &self.writes {
            let (cf, key) = match write {
                Write::Delete(Cf::Conv, key) => (Cf::Conv, key),
                Write::Replace(cf, key, _) | Write::Shred(cf, key) | Write::DeleteRange(cf, key, _) => (*cf, key),
                Write::Put(..) | Write::Delete(..) => continue,
            };
            let Some((id, _)) = keys::numbers(key) else { continue };
            match cf {
                Cf::Tl => places.insert(Place::Timeline(id)),
                Cf::Conv => places.insert(Place::Bodies(id)),
                Cf::Dedupe | Cf::Dtime | Cf::Meta => continue,
            };
        }
        places
    }

    pub(super) fn get(&self, cf: Cf, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        debug_assert!(!matches!(cf, Cf::Tl | Cf::Conv), "these are not read back within a commit");
        self.looked_up.update(|count| count + 1);
        if let Some(value) = self.overlay[cf as usize].get(key) {
            return Ok(value.clone());
        }
        Ok(self.shared.db.get(cf, key, Tier::Disk)?)
    }

    pub(super) fn put(&mut self, cf: Cf, key: Vec<u8>, value: Vec<u8>) {
        self.set(cf, key, Some(value));
    }

    pub(super) fn delete(&mut self, cf: Cf, key: Vec<u8>) {
        self.set(cf, key, None);
    }

    fn set(&mut self, cf: Cf, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.changed += 1;
        let before = self.overlay[cf as usize].insert(key.clone(), value);
        self.undo.push(Undo::Overlay((cf, key), before));
    }

    pub(super) fn put_record(&mut self, key: Vec<u8>, record: &impl prost::Message) {
        self.put(Cf::Meta, key, record.encode_to_vec());
    }

    /// The keys of the small records that begin with `prefix`, in order.
    pub(super) fn keys_with(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut found: BTreeMap<Vec<u8>, bool> = BTreeMap::new();
        let mut scan = self.shared.db.scan_prefix(Cf::Meta, prefix, Tier::Disk);
        while let Some((key, _)) = scan.step()? {
            found.insert(key.to_vec(), true);
        }
        let after = keys::after_prefix(prefix);
        for (key, value) in self.overlay[Cf::Meta as usize].range(prefix.to_vec()..after) {
            found.insert(key.clone(), value.is_some());
        }
        Ok(found.into_iter().filter(|(_, there)| *there).map(|(key, _)| key).collect())
    }

    /// The value of an entry or body as the jobs so far have left it. It looks through all they have written, so it is
    /// for jobs that are rare beside sends.
    pub(super) fn present(&self, cf: Cf, key: &[u8; 16]) -> Result<Option<Vec<u8>>, StoreError> {
        self.looked_up.update(|count| count + 1);
        for write in self.writes.iter().rev() {
            match write {
                Write::Put(family, at, value) | Write::Replace(family, at, value) if *family == cf && at == key => {
                    return Ok(Some(value.clone()));
                }
                Write::Delete(family, at) | Write::Shred(family, at) if *family == cf && at == key => return Ok(None),
                Write::DeleteRange(family, from, to) if *family == cf && (from..to).contains(&key) => return Ok(None),
                _ => {}
            }
        }
        Ok(self.shared.db.get(cf, key, Tier::Disk)?)
    }

    /// Notes whose entries are otherwise than when they were put there.
    fn entries_changed(&mut self, cf: Cf, key: &[u8; 16]) {
        if let (Cf::Tl, Some((owner, _))) = (cf, keys::numbers(key)) {
            self.changed_entries.push(AccountId(owner));
        }
    }

    fn push_write(&mut self, write: Write) {
        self.changed += 1;
        self.writes.push(write);
    }

    /// Looks up and writes what says nothing, so often: what reaches one side alone is not to be told by its cost.
    pub(super) fn fill(&mut self, conversation: ConversationId, looks: usize, writes: u8) -> Result<(), StoreError> {
        for _ in 0..looks {
            self.get(Cf::Meta, &keys::filler(conversation, u8::MAX))?;
        }
        for _ in 0..writes {
            let n = self.filled.entry(conversation).or_default();
            let key = keys::filler(conversation, *n % FILLERS);
            *n = n.wrapping_add(1);
            self.put(Cf::Meta, key, Vec::new());
        }
        Ok(())
    }

    pub(super) fn write(&mut self, cf: Cf, key: [u8; 16], value: Vec<u8>) {
        self.entries_changed(cf, &key);
        self.push_write(Write::Put(cf, key, value));
    }

    /// Writes over a value of which nothing is to be left on the disk.
    pub(super) fn replace(&mut self, cf: Cf, key: [u8; 16], value: Vec<u8>) {
        self.entries_changed(cf, &key);
        self.push_write(Write::Replace(cf, key, value));
    }

    /// Erases a value of which nothing is to be left on the disk.
    pub(super) fn shred(&mut self, cf: Cf, key: [u8; 16]) {
        self.entries_changed(cf, &key);
        self.push_write(Write::Shred(cf, key));
    }

    /// Says that something that is withheld in a conversation ends then.
    pub(super) fn withheld_ends(&mut self, id: ConversationId, end: TimestampMs) {
        self.withheld_due.push((id, end));
    }

    /// Says that small records have lost something there of which nothing is to be left on the disk.
    pub(super) fn scrub(&mut self, place: Place) {
        self.scrubbed.push(place);
    }

    /// Erases an entry of a state row, which no acknowledgement is about, or a body.
    pub(super) fn erase(&mut self, cf: Cf, key: [u8; 16]) {
        self.push_write(Write::Delete(cf, key));
    }

    pub(super) fn erase_range(&mut self, cf: Cf, from: [u8; 16], to: [u8; 16]) {
        self.entries_changed(cf, &from);
        self.push_write(Write::DeleteRange(cf, from, to));
    }

    /// Remembers a client's message id, and that it is to be forgotten in time.
    pub(super) fn remember(&mut self, key: Vec<u8>, record: &impl prost::Message, at: TimestampMs) {
        self.remembered.push(key.clone());
        self.latest = self.latest.max(at);
        self.put(Cf::Dedupe, key, record.encode_to_vec());
    }

    /// An owner as the jobs so far have left it; `None`: no such account.
    pub(super) fn owner(&self, id: AccountId) -> Result<Option<Owner>, StoreError> {
        match self.owners.get(&id) {
            Some(owner) => Ok(owner.clone()),
            None => Ok(self.shared.owner(id, Tier::Disk)?),
        }
    }

    /// Puts an owner's state; its record is written too where `stored` says that it has changed.
    pub(super) fn set_owner(&mut self, id: AccountId, mut owner: Owner, stored: bool) {
        if stored {
            (owner.record.waiting_entries, owner.record.waiting_bytes) = (owner.waiting.entries, owner.waiting.bytes);
            owner.record.waiting_at = owner.last.0;
            owner.record.cursors = owner.devices.iter().map(|(device, slot)| slot.stored(device)).collect();
            self.put_record(keys::owner(id), &owner.record);
            owner.record.cursors = Vec::new();
        }
        let before = self.owners.insert(id, Some(owner));
        self.undo.push(Undo::Owner(id, before));
    }

    pub(super) fn remove_owner(&mut self, id: AccountId) {
        self.delete(Cf::Meta, keys::owner(id));
        let before = self.owners.insert(id, None);
        self.undo.push(Undo::Owner(id, before));
    }

    /// The conversation of two accounts, if they have one.
    pub(super) fn pair(&self, a: AccountId, b: AccountId) -> Result<Option<ConversationId>, StoreError> {
        self.looked_up.update(|count| count + 1);
        match self.overlay[Cf::Meta as usize].get(&keys::pair(a, b)) {
            Some(value) => Ok(value.as_deref().and_then(keys::tail).map(ConversationId)),
            None => Ok(self.shared.pair(a, b, Tier::Disk)?),
        }
    }

    pub(super) fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        match self.conversations.get(&id) {
            Some(conversation) => Ok(conversation.clone()),
            None => Ok(self.shared.conversation(id, Tier::Disk)?),
        }
    }

    pub(super) fn set_conversation(&mut self, id: ConversationId, conversation: Conversation, stored: bool) {
        if stored {
            self.put_record(keys::conversation(id), &conversation.stored());
        }
        let before = self.conversations.insert(id, Some(conversation));
        self.undo.push(Undo::Conversation(id, Box::new(before)));
    }

    pub(super) fn remove_conversation(&mut self, id: ConversationId) {
        self.delete(Cf::Meta, keys::conversation(id));
        let before = self.conversations.insert(id, None);
        self.undo.push(Undo::Conversation(id, Box::new(before)));
    }

    /// Counts one up and gives the count.
    pub(super) fn count(&mut self, key: &[u8]) -> Result<u64, StoreError> {
        let made = match self.get(Cf::Meta, key)? {
            Some(bytes) => keys::tail(&bytes).ok_or_else(|| corrupt("a counter"))?,
            None => 0,
        };
        self.put(Cf::Meta, key.to_vec(), (made + 1).to_be_bytes().to_vec());
        Ok(made + 1)
    }

    /// A receipt or mark.
    pub(super) fn row(&self, key: &Vec<u8>) -> Result<RowRecord, StoreError> {
        self.looked_up.update(|count| count + 1);
        match self.overlay[Cf::Meta as usize].get(key) {
            Some(Some(bytes)) => return decode("a state row", bytes),
            Some(None) => return Ok(RowRecord::default()),
            None => {}
        }
        if let Some(row) = self.shared.rows.lock().get(key) {
            return Ok(row);
        }
        Ok(self.shared.row(key, Tier::Disk)?)
    }

    /// Gives out the next place of a timeline, which must be there, and puts an entry in it. Returns the place and the
    /// one before it.
    pub(super) fn push(
        &mut self,
        id: AccountId,
        retention: Retention,
        record: &EntryRecord,
    ) -> Result<(Seq, Seq), StoreError> {
        let mut owner = self.owner(id)?.ok_or_else(|| corrupt("an entry for an account that is not there"))?;
        let prev = owner.last;
        let seq = prev
            .next(self.shared.epoch)
            .ok_or_else(|| StoreError::Failed(format!("the numbers of timeline {id} are used up")))?;
        if seq.0 as u32 == 1 {
            self.put(Cf::Meta, keys::life(id, seq), prev.0.to_be_bytes().to_vec());
        }
        self.push_write(Write::Put(Cf::Tl, keys::entry(id, seq), with_head(retention, record)));
        self.lately.push((id, prev, Late::of(seq, retention, record)));
        owner.last = seq;
        if record.incoming {
            owner.waiting.entries += 1;
            owner.waiting.bytes += u64::from(record.weight);
        }
        let mut stored = seq.0.is_multiple_of(COUNTED_EVERY);
        if let Retention::UntilDelivered { expires } | Retention::Until(expires) = retention {
            self.due.push((id, Due { from: seq, expires, floor: Seq(owner.record.delivered_floor) }));
            stored |= !std::mem::replace(&mut owner.record.volatile, true);
        }
        self.set_owner(id, owner, stored);
        Ok((seq, prev))
    }
}
