//! The simulated disk behind the ports, and the faults that are planted in it to see whether the checks find them.
//!
//! Invariant: without a plant every method is the memory store's, in turn and journalled.

use std::sync::Arc;

use async_trait::async_trait;
use belfry_domain::limits::DEDUPE_KEPT_MS;
use belfry_domain::memory::MemoryStore;
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Append, AppendOutcome, DeviceOutcome, Devices, Head, KeepingSet, Made,
    MailboxLimit, MarkRead, NewAccount, NewDevice, Page, PageLimit, PrivacySet, Pruned, Registrations, RoomAppend,
    RoomAppended, RoomPage, Rooms, StoreError, Timelines,
};
use belfry_domain::{
    Account, AccountId, Address, ClientMessageId, ConversationId, Cseq, Cursor, Device, DeviceId, Entry, Item, Keeping,
    Message, Phone, Picture, PictureId, Places, Privacy, PrivacyChange, Profile, ProfileChange, Registration,
    ScramKeys, Seq, TimestampMs, Wish,
};

use crate::disk::Disk;
use crate::executor::at_once;
use crate::plan::{Plant, START};

/// How often a planted fault does harm, in ten thousand.
const HARM: u32 = 1_000;

#[async_trait]
impl Accounts for Disk {
    async fn create_account(&self, new: NewAccount) -> Result<AccountOutcome, StoreError> {
        self.write(move |store| at_once(store.create_account(new.clone()))).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        self.read(|store| at_once(store.account(id))).await
    }

    async fn account_by_address(&self, address: &Address) -> Result<Option<Arc<Account>>, StoreError> {
        self.read(|store| at_once(store.account_by_address(address))).await
    }

    async fn account_by_phone(&self, phone: &Phone) -> Result<Option<Arc<Account>>, StoreError> {
        self.read(|store| at_once(store.account_by_phone(phone))).await
    }

    async fn looks_taken(&self, domain: &str, skeleton: &str) -> Result<bool, StoreError> {
        self.read(|store| at_once(store.looks_taken(domain, skeleton))).await
    }

    async fn list_accounts(&self, after: Option<&Address>, limit: usize) -> Result<Vec<Arc<Account>>, StoreError> {
        self.read(|store| at_once(store.list_accounts(after, limit))).await
    }

    async fn set_password(&self, id: AccountId, scram: Option<ScramKeys>) -> Result<bool, StoreError> {
        self.write(move |store| at_once(store.set_password(id, scram.clone()))).await
    }

    async fn profile(&self, id: AccountId) -> Result<Option<Profile>, StoreError> {
        self.read(|store| at_once(store.profile(id))).await
    }

    async fn set_profile(&self, id: AccountId, change: ProfileChange) -> Result<Option<Arc<Entry>>, StoreError> {
        self.write(move |store| at_once(store.set_profile(id, change.clone()))).await
    }

    async fn picture(&self, id: AccountId, picture: PictureId) -> Result<Option<Arc<Picture>>, StoreError> {
        self.read(|store| at_once(store.picture(id, picture))).await
    }

    async fn privacy(&self, id: AccountId) -> Result<Option<Privacy>, StoreError> {
        self.read(|store| at_once(store.privacy(id))).await
    }

    async fn set_privacy(&self, id: AccountId, change: PrivacyChange) -> Result<Option<PrivacySet>, StoreError> {
        self.write(move |store| at_once(store.set_privacy(id, change))).await
    }

    async fn remove_account(&self, id: AccountId) -> Result<Option<Vec<Device>>, StoreError> {
        self.write(move |store| at_once(store.remove_account(id))).await
    }
}

#[async_trait]
impl Devices for Disk {
    async fn add_device(&self, new: NewDevice, devices_max: usize) -> Result<DeviceOutcome, StoreError> {
        self.write(move |store| at_once(store.add_device(new.clone(), devices_max))).await
    }

    async fn device(&self, account: AccountId, id: DeviceId) -> Result<Option<Arc<Device>>, StoreError> {
        self.read(|store| at_once(store.device(account, id))).await
    }

    async fn device_by_key(&self, noise_key: &[u8; 32]) -> Result<Option<Arc<Device>>, StoreError> {
        self.read(|store| at_once(store.device_by_key(noise_key))).await
    }

    async fn devices(&self, account: AccountId) -> Result<Vec<Arc<Device>>, StoreError> {
        self.read(|store| at_once(store.devices(account))).await
    }

    async fn revoke_device(&self, account: AccountId, id: DeviceId) -> Result<bool, StoreError> {
        self.write(move |store| at_once(store.revoke_device(account, id))).await
    }

    async fn touch_device(&self, account: AccountId, id: DeviceId, at: TimestampMs) -> Result<(), StoreError> {
        // In turn like a read: the link that opens can be overtaken here.
        self.read(|_| Ok(())).await?;
        self.note(|store| at_once(store.touch_device(account, id, at)))
    }

    async fn rename_device(
        &self,
        account: AccountId,
        id: DeviceId,
        name: String,
    ) -> Result<Option<Arc<Device>>, StoreError> {
        self.write(move |store| at_once(store.rename_device(account, id, name.clone()))).await
    }

    async fn raise_tokens_from(&self, account: AccountId, id: DeviceId, serial: u64) -> Result<bool, StoreError> {
        self.write(move |store| at_once(store.raise_tokens_from(account, id, serial))).await
    }

    async fn silent_companions(&self, before: TimestampMs, limit: usize) -> Result<Vec<Arc<Device>>, StoreError> {
        self.read(|store| at_once(store.silent_companions(before, limit))).await
    }

    async fn retire_device(&self, account: AccountId, id: DeviceId, before: TimestampMs) -> Result<bool, StoreError> {
        self.write(move |store| at_once(store.retire_device(account, id, before))).await
    }

    async fn retired(&self, proof: &[u8; 32]) -> Result<bool, StoreError> {
        self.read(|store| at_once(store.retired(proof))).await
    }
}

#[async_trait]
impl Registrations for Disk {
    async fn registration(&self, phone: &Phone) -> Result<Registration, StoreError> {
        self.read(|store| at_once(store.registration(phone))).await
    }

    async fn swap_registration(
        &self,
        phone: &Phone,
        expected: &Registration,
        next: Registration,
    ) -> Result<bool, StoreError> {
        let (phone, expected) = (phone.clone(), expected.clone());
        self.write(move |store| at_once(store.swap_registration(&phone, &expected, next.clone()))).await
    }
}

#[async_trait]
impl Rooms for Disk {
    async fn room(&self, name: &str) -> Result<ConversationId, StoreError> {
        let name = name.to_owned();
        self.write(move |store| at_once(store.room(&name))).await
    }

    async fn append_to_room(&self, append: RoomAppend) -> Result<RoomAppended, StoreError> {
        self.write(move |store| at_once(store.append_to_room(append.clone()))).await
    }

    async fn read_room_after(
        &self,
        room: ConversationId,
        after: Cseq,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError> {
        self.read(|store| at_once(store.read_room_after(room, after, limit))).await
    }

    async fn read_room_before(
        &self,
        room: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError> {
        self.read(|store| at_once(store.read_room_before(room, before, limit))).await
    }

    async fn prune_room(&self, room: ConversationId, keep: u64, oldest: TimestampMs) -> Result<u64, StoreError> {
        self.write(move |store| at_once(store.prune_room(room, keep, oldest))).await
    }
}

#[async_trait]
impl Timelines for Disk {
    async fn append_within(&self, batch: Vec<Append>, mailbox: MailboxLimit) -> Result<Vec<AppendOutcome>, StoreError> {
        let twice = self.plant == Some(Plant::StoredTwice) && self.chance(HARM);
        self.write(move |store| {
            let outcomes = at_once(store.append_within(batch.clone(), mailbox))?;
            if twice {
                forget_ids(store)?;
                drop(at_once(store.append_within(batch.clone(), mailbox))?);
            }
            Ok(outcomes)
        })
        .await
    }

    async fn read_kinds_after(&self, owner: AccountId, after: Places, limit: PageLimit) -> Result<Page, StoreError> {
        let mut page = self.read(|store| at_once(store.read_kinds_after(owner, after, limit))).await?;
        if let Some(plant) = self.plant
            && self.chance(HARM)
        {
            harm(&mut page, plant, &self.durable(), owner);
        }
        Ok(page)
    }

    async fn read_before(
        &self,
        reader: AccountId,
        conversation: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<Option<(Vec<Arc<Message>>, bool)>, StoreError> {
        self.read(|store| at_once(store.read_before(reader, conversation, before, limit))).await
    }

    async fn direct_conversation(&self, a: AccountId, b: AccountId) -> Result<Option<ConversationId>, StoreError> {
        self.read(|store| at_once(store.direct_conversation(a, b))).await
    }

    async fn acknowledge(&self, mut ack: Acknowledge) -> Result<Option<Made>, StoreError> {
        if self.plant == Some(Plant::ReceiptForUndelivered) && self.chance(HARM) {
            let head = at_once(self.durable().head(ack.owner))?.last;
            ack.cursor = Cursor { passed: ack.cursor.passed, delivered: head };
        }
        self.write(move |store| at_once(store.acknowledge(ack))).await
    }

    async fn mark_read(&self, mark: MarkRead) -> Result<Vec<(AccountId, Arc<Entry>)>, StoreError> {
        self.write(move |store| at_once(store.mark_read(mark))).await
    }

    async fn cursor(&self, owner: AccountId, device: DeviceId) -> Result<Cursor, StoreError> {
        self.read(|store| at_once(store.cursor(owner, device))).await
    }

    async fn head(&self, owner: AccountId) -> Result<Head, StoreError> {
        self.read(|store| at_once(store.head(owner))).await
    }

    async fn keeping(&self, owner: AccountId, conversation: ConversationId) -> Result<Option<Keeping>, StoreError> {
        self.read(|store| at_once(store.keeping(owner, conversation))).await
    }

    async fn set_keeping(
        &self,
        owner: AccountId,
        conversation: ConversationId,
        wish: Wish,
    ) -> Result<Option<KeepingSet>, StoreError> {
        self.write(move |store| at_once(store.set_keeping(owner, conversation, wish))).await
    }

    async fn prune(&self, now: TimestampMs) -> Result<Pruned, StoreError> {
        self.write(move |store| at_once(store.prune(now))).await
    }
}

/// Makes a store forget all client message ids. Only where everything is kept is that all it does.
pub(crate) fn forget_ids(store: &MemoryStore) -> Result<(), StoreError> {
    at_once(store.prune(START.plus_ms(2 * DEDUPE_KEPT_MS))).map(drop)
}

/// Does to a page what a plant says.
fn harm(page: &mut Page, plant: Plant, store: &MemoryStore, owner: AccountId) {
    let of_message = |entry: &Arc<Entry>| matches!(entry.item, Item::Message(_));
    match plant {
        Plant::EntrySkipped => {
            if let Some(at) = page.entries.iter().position(of_message) {
                page.entries.remove(at);
            }
        }
        Plant::EntriesSwapped => {
            // The places stay in order: what is told at them is swapped.
            for at in 1..page.entries.len() {
                if of_message(&page.entries[at - 1]) && of_message(&page.entries[at]) {
                    let (one, two) = (page.entries[at - 1].clone(), page.entries[at].clone());
                    page.entries[at - 1] = Arc::new(Entry { item: two.item.clone(), ..(*one).clone() });
                    page.entries[at] = Arc::new(Entry { item: one.item.clone(), ..(*two).clone() });
                    return;
                }
            }
        }
        Plant::EntryDoubled => {
            if let Some(last) = page.entries.iter().rev().find(|entry| of_message(entry)).cloned()
                && let Item::Message(message) = &last.item
            {
                let mut twin = (**message).clone();
                twin.id.cseq = Cseq(twin.id.cseq.0 + 1_000_000);
                page.entries.push(Arc::new(Entry { item: Item::Message(Arc::new(twin)), ..(*last).clone() }));
            }
        }
        Plant::EntryLeaked => {
            let all = PageLimit { entries: 1_000, bytes: usize::MAX };
            for other in (1..=8).map(AccountId).filter(|other| *other != owner) {
                let Ok(theirs) = at_once(store.read_after(other, Seq::ZERO, all)) else { continue };
                let address = at_once(store.account(owner)).ok().flatten().map(|account| account.address.clone());
                let foreign = |entry: &&Arc<Entry>| match &entry.item {
                    Item::Message(message) => {
                        let by = match &message.author {
                            belfry_domain::Author::Account { account, .. } => *account,
                            belfry_domain::Author::Guest { .. } => return false,
                        };
                        by != owner && message.to != address
                    }
                    _ => false,
                };
                if let (Some(stolen), Some(last)) = (theirs.entries.iter().find(foreign), page.entries.last_mut()) {
                    *last = Arc::new(Entry { item: stolen.item.clone(), ..(**last).clone() });
                    return;
                }
            }
        }
        Plant::AnswerBeforeSync
        | Plant::ReadBeforeSync
        | Plant::DedupeForgotten
        | Plant::StoredTwice
        | Plant::ReceiptForUndelivered
        | Plant::KeyBeforeWrite
        | Plant::BellsForgotten => {}
    }
}

/// An id for a message, unique in a run.
pub(crate) fn client_id(account: AccountId, device: DeviceId, nth: u32) -> ClientMessageId {
    ClientMessageId::parse(&format!("{account}.{device}.{nth}")).expect("short and printable")
}
