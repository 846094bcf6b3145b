//! What the writer and the readers share: the database, and the state of owners and conversations that is durable.
//!
//! Invariant: only the writer puts into the caches, after a commit; so what they hold is durable, and a reader that
//! sees a number here finds its entry in the database.

use std::collections::HashMap;
use std::sync::Arc;

use belfry_domain::ports::{Clock, StoreError, Waiting};
use belfry_domain::{
    Account, AccountId, Address, ConversationId, Cseq, Cursor, DeviceId, DeviceRole, MessageId, Seq, TimestampMs,
};
use parking_lot::Mutex;

use super::cache::Cache;
use super::db::{Db, Fault, Floors, Tier};
use super::erased::{self, Erased};
use super::keys::{self, Cf};
use super::lately::Lately;
use super::people_records::{AccountRecord, CursorRecord, DeviceRecord};
use super::records::{
    BodyRecord, ConversationRecord, DeviceCursorRecord, EntryRecord, OwnerRecord, RowRecord, corrupt, decode, head,
    parse_address,
};
use super::rows::{AmendmentRecord, BodyHead, CopyRecord, FlagsRecord, WithheldRecord};

/// Owners, conversations, accounts, pairs, and receipts with marks in each generation of their caches: some 45 MB together
/// when full, nearly half of them what accounts have (names, keys of passwords).
const CACHED: usize = 20_000;

/// An account's timeline and devices, as the writer needs them for every message.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) record: OwnerRecord,
    /// The last number given out.
    pub(super) last: Seq,
    /// What waits behind the floor; the record has it as it was at some place before `last`.
    pub(super) waiting: Waiting,
    pub(super) devices: Arc<Slots>,
}

/// An account's devices. Mostly one: a list takes less than a map, for everybody who is connected.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots(Vec<(DeviceId, Slot)>);

impl Slots {
    pub(super) fn get(&self, id: DeviceId) -> Option<&Slot> {
        self.iter().find(|(known, _)| *known == id).map(|(_, slot)| slot)
    }

    pub(super) fn get_mut(&mut self, id: DeviceId) -> Option<&mut Slot> {
        self.0.iter_mut().find(|(known, _)| *known == id).map(|(_, slot)| slot)
    }

    /// Adds one that is not there.
    pub(super) fn add(&mut self, id: DeviceId, slot: Slot) {
        self.0.reserve_exact(1);
        self.0.push((id, slot));
    }

    pub(super) fn remove(&mut self, id: DeviceId) {
        self.0.retain(|(known, _)| *known != id);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (DeviceId, &Slot)> {
        self.0.iter().map(|(id, slot)| (*id, slot))
    }
}

/// What the floor and receipts depend on, of one device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) role: DeviceRole,
    pub(super) last_seen: TimestampMs,
    pub(super) cursor: Cursor,
}

impl Slot {
    /// What the owner's record says of it.
    pub(super) fn stored(&self, device: DeviceId) -> DeviceCursorRecord {
        let Cursor { passed, delivered } = self.cursor;
        DeviceCursorRecord { device: device.0, passed: passed.0, delivered: delivered.0 }
    }
}

/// A conversation.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    /// Without the members' addresses, which stand below: a conversation is copied for each message.
    pub(super) record: ConversationRecord,
    /// The last number given out.
    pub(super) last: Cseq,
    /// `None`: a room.
    pub(super) members: Option<Arc<[(AccountId, Address); 2]>>,
    /// What is kept from each member.
    pub(super) withheld: [Withheld; 2],
}

/// What of a conversation waits for a member who never comes, as far as the other can know.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Withheld {
    pub(super) waiting: Waiting,
    /// While the conversation's last message is this one, its last message to the member is `shown`, of `active`.
    pub(super) last: Cseq,
    pub(super) shown: Cseq,
    pub(super) active: TimestampMs,
}

impl Conversation {
    /// What is stored of it.
    pub(super) fn stored(&self) -> ConversationRecord {
        let mut record = self.record.clone();
        if let Some([(_, first), (_, second)]) = self.members.as_deref() {
            (record.first_address, record.second_address) = (first.to_string(), second.to_string());
        }
        record
    }

    /// The other member, for a member of a direct conversation.
    pub(super) fn peer_of(&self, owner: AccountId) -> Option<&(AccountId, Address)> {
        match self.members.as_deref()? {
            [first, second] if first.0 == owner => Some(second),
            [first, second] if second.0 == owner => Some(first),
            _ => None,
        }
    }

    /// Which of the two a member is, 0 or 1; notes to self have the same on both sides.
    pub(super) fn side_of(&self, owner: AccountId) -> Option<usize> {
        self.members.as_deref()?.iter().position(|(member, _)| *member == owner)
    }

    pub(super) fn is_room(&self) -> bool {
        self.members.is_none()
    }
}

/// Owners of whom something may be taken away, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    /// The lowest place that is not kept for ever.
    pub(super) from: Seq,
    /// The first moment at which something expires.
    pub(super) expires: TimestampMs,
    /// The delivered floor at the last look.
    pub(super) floor: Seq,
}

impl Due {
    pub(super) fn merge(self, other: Due) -> Due {
        Due {
            from: self.from.min(other.from),
            expires: self.expires.min(other.expires),
            floor: self.floor.min(other.floor),
        }
    }
}

/// See the module.
pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) epoch: belfry_domain::Epoch,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) floors: Floors,
    pub(super) due: Mutex<HashMap<AccountId, Due>>,
    /// Conversations of which something that is withheld has an end, and when the first has.
    pub(super) withheld_due: Mutex<HashMap<ConversationId, TimestampMs>>,
    /// What was erased and still lies in files and in the journal.
    pub(super) erased: Mutex<Erased>,
    owners: Mutex<Cache<AccountId, Owner>>,
    conversations: Mutex<Cache<ConversationId, Conversation>>,
    indices: Mutex<Indices>,
    /// The newest entries, for acknowledgements.
    pub(super) lately: Mutex<Lately>,
    /// Receipts and marks by their keys, which the writer raises again and again; it alone comes here.
    pub(super) rows: Mutex<Cache<Vec<u8>, RowRecord>>,
}

/// What leads every message from an address to its conversation.
struct Indices {
    /// How often an account has changed: what was read before a change must not be put here after it.
    changes: u64,
    accounts: Cache<Address, Arc<Account>>,
    /// The conversations of two accounts: what two accounts have once they have as long as both are there.
    pairs: Cache<(AccountId, AccountId), ConversationId>,
}

impl Shared {
    pub(super) fn new(db: Db, epoch: belfry_domain::Epoch, clock: Arc<dyn Clock>, floors: Floors) -> Shared {
        Shared {
            db,
            epoch,
            clock,
            floors,
            due: Mutex::default(),
            withheld_due: Mutex::default(),
            erased: Mutex::default(),
            owners: Mutex::new(Cache::new(CACHED)),
            conversations: Mutex::new(Cache::new(CACHED)),
            lately: Mutex::default(),
            rows: Mutex::new(Cache::new(CACHED)),
            indices: Mutex::new(Indices { changes: 0, accounts: Cache::new(CACHED), pairs: Cache::new(CACHED) }),
        }
    }

    /// Fills what pruning and the filter need to know of what earlier lives left.
    pub(super) fn load_volatile(&self) -> Result<(), StoreError> {
        self.erased.lock().places = erased::noted(&self.db)?;
        let mut scan = self.db.scan_prefix(Cf::Meta, keys::WITHHELD, Tier::Disk);
        while let Some((key, value)) = scan.step()? {
            let row: WithheldRecord = decode("what is withheld", value)?;
            let id = key.get(1..9).and_then(keys::tail).ok_or_else(|| corrupt("the key of what is withheld"))?;
            if row.expires != 0 {
                self.withheld_ends(ConversationId(id), TimestampMs(row.expires));
            }
        }
        let mut scan = self.db.scan_prefix(Cf::Meta, b"O", Tier::Disk);
        while let Some((key, value)) = scan.step()? {
            let record: OwnerRecord = decode("an owner", value)?;
            if let (true, Some(owner)) = (record.volatile, keys::tail(key)) {
                self.floors.raise(AccountId(owner), Seq(record.delivered_floor));
                let due = Due { from: Seq::ZERO, expires: TimestampMs(0), floor: Seq::ZERO };
                self.due.lock().insert(AccountId(owner), due);
            }
        }
        Ok(())
    }

    /// Something that is withheld in a conversation ends then.
    pub(super) fn withheld_ends(&self, id: ConversationId, end: TimestampMs) {
        self.withheld_due.lock().entry(id).and_modify(|known| *known = end.min(*known)).or_insert(end);
    }

    /// Makes the state after a commit the one that readers see.
    pub(super) fn publish(
        &self,
        owners: impl Iterator<Item = (AccountId, Option<Owner>)>,
        conversations: impl Iterator<Item = (ConversationId, Option<Conversation>)>,
    ) {
        {
            let mut cache = self.owners.lock();
            for (id, owner) in owners {
                match owner {
                    Some(owner) => {
                        if owner.record.volatile {
                            self.floors.raise(id, Seq(owner.record.delivered_floor));
                        }
                        cache.insert(id, owner);
                    }
                    None => {
                        cache.remove(&id);
                        self.floors.forget(id);
                    }
                }
            }
        }
        let mut cache = self.conversations.lock();
        for (id, conversation) in conversations {
            match conversation {
                Some(conversation) => cache.insert(id, conversation),
                None => cache.remove(&id),
            }
        }
    }

    /// Accounts of these addresses were made, changed or removed by a commit that is durable, and with them pairs.
    pub(super) fn accounts_changed(
        &self,
        addresses: impl Iterator<Item = String>,
        pairs: impl Iterator<Item = (AccountId, AccountId)>,
    ) {
        let mut indices = self.indices.lock();
        indices.changes += 1;
        for address in addresses.filter_map(|address| Address::parse(&address).ok()) {
            indices.accounts.remove(&address);
        }
        for pair in pairs {
            indices.pairs.remove(&pair);
        }
    }

    /// The account of an address.
    pub(super) fn account_by_address(&self, address: &Address, tier: Tier) -> Result<Option<Arc<Account>>, Fault> {
        let changes = {
            let mut indices = self.indices.lock();
            if let Some(known) = indices.accounts.get(address) {
                return Ok(Some(known));
            }
            indices.changes
        };
        let found = self.account_at(&keys::address(address), tier)?;
        if let Some(found) = &found {
            let mut indices = self.indices.lock();
            if indices.changes == changes {
                indices.accounts.insert(address.clone(), Arc::clone(found));
            }
        }
        Ok(found)
    }

    /// The account that an index's key leads to.
    pub(super) fn account_at(&self, key: &[u8], tier: Tier) -> Result<Option<Arc<Account>>, Fault> {
        let Some(bytes) = self.db.get(Cf::Meta, key, tier)? else { return Ok(None) };
        let id = AccountId(keys::tail(&bytes).ok_or_else(|| corrupt("an index of accounts"))?);
        self.account(id, tier)
    }

    /// An account.
    pub(super) fn account(&self, id: AccountId, tier: Tier) -> Result<Option<Arc<Account>>, Fault> {
        match self.db.get(Cf::Meta, &keys::account(id), tier)? {
            Some(bytes) => Ok(Some(Arc::new(decode::<AccountRecord>("an account", &bytes)?.into_account(id)?))),
            None => Ok(None),
        }
    }

    /// The conversation of two accounts, if they have one.
    pub(super) fn pair(&self, a: AccountId, b: AccountId, tier: Tier) -> Result<Option<ConversationId>, Fault> {
        let changes = {
            let mut indices = self.indices.lock();
            if let Some(known) = indices.pairs.get(&(a, b)) {
                return Ok(Some(known));
            }
            indices.changes
        };
        let Some(bytes) = self.db.get(Cf::Meta, &keys::pair(a, b), tier)? else { return Ok(None) };
        let id = ConversationId(keys::tail(&bytes).ok_or_else(|| corrupt("a pair"))?);
        let mut indices = self.indices.lock();
        if indices.changes == changes {
            indices.pairs.insert((a, b), id);
        }
        Ok(Some(id))
    }

    /// The durable state of an owner; `None`: no such account.
    pub(super) fn owner(&self, id: AccountId, tier: Tier) -> Result<Option<Owner>, Fault> {
        if let Some(owner) = self.owners.lock().get(&id) {
            return Ok(Some(owner));
        }
        let Some(bytes) = self.db.get(Cf::Meta, &keys::owner(id), tier)? else { return Ok(None) };
        let mut record: OwnerRecord = decode("an owner", &bytes)?;
        let from = keys::entry(id, Seq::ZERO);
        let to = keys::entry(AccountId(id.0 + 1), Seq::ZERO);
        let last_entry = match self.db.scan_back(Cf::Tl, &from, &to, tier).step()? {
            Some((key, _)) => keys::tail(key).unwrap_or_default(),
            None => 0,
        };
        let last = Seq(last_entry.max(record.last).max(record.delivered_floor));
        let waiting = self.waiting(id, &record, tier)?;
        let mut devices = Slots::default();
        let mut scan = self.db.scan_prefix(Cf::Meta, &keys::devices_of(id), tier);
        while let Some((key, value)) = scan.step()? {
            let device = DeviceId(keys::tail(key).unwrap_or_default() as u32);
            let stored: DeviceRecord = decode("a device", value)?;
            let role = if stored.primary { DeviceRole::Primary } else { DeviceRole::Companion };
            let own = match self.db.get(Cf::Meta, &keys::cursor(id, device), tier)? {
                Some(bytes) => decode("a cursor", &bytes)?,
                None => CursorRecord::default(),
            };
            let cursor = own.into_cursor(record.cursor(device));
            devices.add(device, Slot { role, last_seen: TimestampMs(stored.last_seen), cursor });
        }
        record.cursors = Vec::new();
        Ok(Some(Owner { record, last, waiting, devices: Arc::new(devices) }))
    }

    /// What waits: as the record has it, and what has come since it was written, which is not much.
    fn waiting(&self, id: AccountId, record: &OwnerRecord, tier: Tier) -> Result<Waiting, Fault> {
        let mut waiting = Waiting { entries: record.waiting_entries, bytes: record.waiting_bytes };
        let from = keys::entry(id, Seq(record.waiting_at.max(record.delivered_floor) + 1));
        let mut scan = self.db.scan(Cf::Tl, &from, &keys::entry(AccountId(id.0 + 1), Seq::ZERO), tier);
        while let Some((_, value)) = scan.step()? {
            let (_, entry) = entry_record(value)?;
            if entry.incoming {
                waiting.entries += 1;
                waiting.bytes += u64::from(entry.weight);
            }
        }
        Ok(waiting)
    }

    /// The durable state of a conversation.
    pub(super) fn conversation(&self, id: ConversationId, tier: Tier) -> Result<Option<Conversation>, Fault> {
        if let Some(conversation) = self.conversations.lock().get(&id) {
            return Ok(Some(conversation));
        }
        let Some(bytes) = self.db.get(Cf::Meta, &keys::conversation(id), tier)? else { return Ok(None) };
        let mut record: ConversationRecord = decode("a conversation", &bytes)?;
        let from = keys::body(id, Cseq(0));
        let to = keys::body(ConversationId(id.0 + 1), Cseq(0));
        let last_body = match self.db.scan_back(Cf::Conv, &from, &to, tier).step()? {
            Some((key, value)) => {
                let (_, rest) = head(value).ok_or_else(|| corrupt("the head of a body"))?;
                record.active = record.active.max(decode::<BodyHead>("a body", rest)?.sent);
                keys::tail(key).unwrap_or_default()
            }
            None => 0,
        };
        let last = Cseq(last_body.max(record.last));
        let members = if record.room.is_empty() {
            let first = (AccountId(record.first), parse_address(&std::mem::take(&mut record.first_address))?);
            let second = (AccountId(record.second), parse_address(&std::mem::take(&mut record.second_address))?);
            Some(Arc::new([first, second]))
        } else {
            None
        };
        let mut withheld = [Withheld::default(); 2];
        if record.withheld {
            for (side, sum) in withheld.iter_mut().enumerate() {
                let mut scan = self.db.scan_prefix(Cf::Meta, &keys::withheld_from(id, side), tier);
                while let Some((key, value)) = scan.step()? {
                    sum.add(Cseq(keys::tail(key).unwrap_or_default()), &decode("what is withheld", value)?);
                }
            }
        }
        Ok(Some(Conversation { record, last, members, withheld }))
    }

    /// Whether a timeline ever had a place; the one before all counts.
    pub(super) fn had(&self, id: AccountId, owner: &Owner, place: Seq, tier: Tier) -> Result<bool, Fault> {
        if place == Seq::ZERO {
            return Ok(true);
        }
        if place > owner.last || place.0 as u32 == 0 {
            return Ok(false);
        }
        if place.epoch() == owner.last.epoch() {
            return Ok(true);
        }
        // The life that began next after the place says where the one of the place ended.
        let from = keys::life(id, Seq(place.0 + 1));
        let to = keys::after_prefix(&keys::lives_of(id));
        match self.db.scan(Cf::Meta, &from, &to, tier).step()? {
            Some((_, value)) => {
                let end = Seq(keys::tail(value).ok_or_else(|| corrupt("the end of a life"))?);
                Ok(end.epoch() == place.epoch() && place <= end)
            }
            None => Ok(false),
        }
    }

    /// The place before one of a timeline.
    pub(super) fn prev(&self, id: AccountId, seq: Seq, tier: Tier) -> Result<Seq, Fault> {
        if seq.0 as u32 > 1 {
            return Ok(Seq(seq.0 - 1));
        }
        let bytes = self.db.get(Cf::Meta, &keys::life(id, seq), tier)?;
        let end = bytes.as_deref().and_then(keys::tail).ok_or_else(|| corrupt("the beginning of a life"))?;
        Ok(Seq(end))
    }

    pub(super) fn row(&self, key: &[u8], tier: Tier) -> Result<RowRecord, Fault> {
        match self.db.get(Cf::Meta, key, tier)? {
            Some(bytes) => Ok(decode("a state row", &bytes)?),
            None => Ok(RowRecord::default()),
        }
    }

    /// What has become of a message, if anything has.
    pub(super) fn amendment(&self, id: MessageId, tier: Tier) -> Result<Option<AmendmentRecord>, Fault> {
        match self.db.get(Cf::Meta, &keys::amendment(id.conversation, id.cseq), tier)? {
            Some(bytes) => Ok(Some(decode("an amendment", &bytes)?)),
            None => Ok(None),
        }
    }

    /// What has become of a message of a conversation for one side alone, if there is such a thing.
    pub(super) fn copy(
        &self,
        conversation: &Conversation,
        id: MessageId,
        side: usize,
        tier: Tier,
    ) -> Result<Option<CopyRecord>, Fault> {
        if !conversation.record.copied {
            return Ok(None);
        }
        match self.db.get(Cf::Meta, &keys::copy(id.conversation, id.cseq, side), tier)? {
            Some(bytes) => Ok(Some(decode("a copy", &bytes)?)),
            None => Ok(None),
        }
    }

    /// What an owner has put on a message of a conversation.
    pub(super) fn flags(
        &self,
        owner: AccountId,
        conversation: &Conversation,
        id: MessageId,
        tier: Tier,
    ) -> Result<FlagsRecord, Fault> {
        if !conversation.record.flagged {
            return Ok(FlagsRecord::default());
        }
        match self.db.get(Cf::Meta, &keys::flags(owner, id.conversation, id.cseq), tier)? {
            Some(bytes) => Ok(decode("flags", &bytes)?),
            None => Ok(FlagsRecord::default()),
        }
    }

    pub(super) fn body(
        &self,
        conversation: ConversationId,
        cseq: Cseq,
        tier: Tier,
    ) -> Result<Option<BodyRecord>, Fault> {
        let Some(bytes) = self.db.get(Cf::Conv, &keys::body(conversation, cseq), tier)? else { return Ok(None) };
        let (_, rest) = head(&bytes).ok_or_else(|| corrupt("the head of a body"))?;
        Ok(Some(decode("a body", rest)?))
    }
}

/// Reads an entry's value.
pub(super) fn entry_record(value: &[u8]) -> Result<(belfry_domain::Retention, EntryRecord), StoreError> {
    let (retention, rest) = head(value).ok_or_else(|| corrupt("the head of an entry"))?;
    Ok((retention, decode("an entry", rest)?))
}
