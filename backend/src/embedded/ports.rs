//! The storage ports of the embedded store: each method takes one intent to the writer or to a reader.

use std::sync::Arc;

use async_trait::async_trait;
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Amend, AmendOutcome, Append, AppendOutcome, Change, Changed, ContactChange,
    ContactOutcome, Contacts, Conversations, DeviceOutcome, Devices, Flag, Head, InviteOutcome, KeepingSet, ListPlace,
    Made, MailboxLimit, MarkRead, NewAccount, NewDevice, Page, PageLimit, PrivacySet, Pruned, Registrations,
    RoomAppend, RoomAppended, RoomPage, Rooms, SettingsChange, StoreError, Timelines,
};
use belfry_domain::{
    Account, AccountId, Address, Contact, ContactView, ConversationId, ConversationSettings, ConversationView, Cseq,
    Cursor, Device, DeviceId, DeviceRole, Entry, Invite, Keeping, Message, MessageFlags, Phone, Picture, PictureId,
    Places, Privacy, PrivacyChange, Profile, ProfileChange, Registration, ScramKeys, Seq, TimestampMs, Wish,
};

use super::db::{Fault, Tier};
use super::keys::{self, Cf};
use super::people_records::{DeviceRecord, RegistrationRecord};
use super::records::{corrupt, decode};
use super::shared::Shared;
use super::tx::Tx;
use super::{EmbeddedStore, amend, append, contacts, keeping, later, list, people, prune, reads, rooms};

/// About what the records of a message weigh besides its content.
const MESSAGE_WEIGHT: usize = 256;

/// About what a small intent writes.
pub(super) const SMALL: usize = 512;

#[async_trait]
impl Timelines for EmbeddedStore {
    async fn append_within(&self, batch: Vec<Append>, mailbox: MailboxLimit) -> Result<Vec<AppendOutcome>, StoreError> {
        let weight = batch.iter().map(|append| append.content.weight() + MESSAGE_WEIGHT).sum();
        self.writer
            .submit(weight, false, move |tx| batch.into_iter().map(|one| append::append(tx, one, mailbox)).collect())
            .await
    }

    async fn read_kinds_after(&self, owner: AccountId, after: Places, limit: PageLimit) -> Result<Page, StoreError> {
        self.read(move |shared, tier| reads::read_after(shared, owner, after, limit, tier)).await
    }

    async fn read_before(
        &self,
        reader: AccountId,
        conversation: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<Option<(Vec<Arc<Message>>, bool)>, StoreError> {
        self.read(move |shared, tier| reads::read_before(shared, reader, conversation, before, limit, tier)).await
    }

    async fn direct_conversation(&self, a: AccountId, b: AccountId) -> Result<Option<ConversationId>, StoreError> {
        self.read(move |shared, tier| shared.pair(a, b, tier)).await
    }

    async fn acknowledge(&self, ack: Acknowledge) -> Result<Option<Made>, StoreError> {
        for look in 1..=append::LOOKS_MAX {
            let prepared = self.read(move |shared, tier| append::prepare(shared, ack, tier)).await?;
            let Some(prepared) = prepared else { return Ok(None) };
            let last_try = look == append::LOOKS_MAX;
            let acknowledge = move |tx: &mut Tx<'_>| append::acknowledge(tx, &prepared, last_try);
            match self.writer.submit(SMALL, false, acknowledge).await? {
                append::Acknowledged::Made(made) => return Ok(Some(made)),
                append::Acknowledged::NoDevice => return Ok(None),
                append::Acknowledged::LookAgain => {}
            }
        }
        Err(StoreError::Failed("an acknowledgement looked for what it reaches once too often".to_owned()))
    }

    async fn mark_read(&self, mark: MarkRead) -> Result<Vec<(AccountId, Arc<Entry>)>, StoreError> {
        self.writer.submit(SMALL, false, move |tx| append::mark_read(tx, mark)).await
    }

    async fn cursor(&self, owner: AccountId, device: DeviceId) -> Result<Cursor, StoreError> {
        let owner = self.read(move |shared, tier| shared.owner(owner, tier)).await?;
        let slot = owner.and_then(|owner| owner.devices.get(device).copied());
        Ok(slot.map(|slot| slot.cursor).unwrap_or_default())
    }

    async fn head(&self, owner: AccountId) -> Result<Head, StoreError> {
        self.read(move |shared, tier| reads::head(shared, owner, tier)).await
    }

    async fn keeping(&self, owner: AccountId, id: ConversationId) -> Result<Option<Keeping>, StoreError> {
        let conversation = self.read(move |shared, tier| shared.conversation(id, tier)).await?;
        Ok(conversation.and_then(|conversation| keeping::keeping(id, &conversation, owner)))
    }

    async fn set_keeping(
        &self,
        owner: AccountId,
        id: ConversationId,
        wish: Wish,
    ) -> Result<Option<KeepingSet>, StoreError> {
        self.writer.submit(SMALL, false, move |tx| keeping::set_keeping(tx, owner, id, wish)).await
    }

    async fn prune(&self, now: TimestampMs) -> Result<Pruned, StoreError> {
        prune::prune(&self.shared, &self.writer, now).await
    }
}

#[async_trait]
impl Conversations for EmbeddedStore {
    async fn amend(&self, amend: Amend) -> Result<AmendOutcome, StoreError> {
        let weight = match &amend.change {
            Change::Edit(content) => content.weight() + MESSAGE_WEIGHT,
            Change::Recall | Change::React(_) | Change::Pin(_) => SMALL,
        };
        self.writer.submit(weight, false, move |tx| amend::amend(tx, amend)).await
    }

    async fn flag(&self, flag: Flag) -> Result<Option<Changed<MessageFlags>>, StoreError> {
        self.writer.submit(SMALL, false, move |tx| later::flag(tx, flag)).await
    }

    async fn set_conversation(
        &self,
        owner: AccountId,
        conversation: ConversationId,
        change: SettingsChange,
    ) -> Result<Option<Changed<ConversationSettings>>, StoreError> {
        let weight = SMALL + change.draft.as_ref().map_or(0, |draft| draft.text.len());
        self.writer.submit(weight, false, move |tx| later::set_conversation(tx, owner, conversation, change)).await
    }

    async fn list_conversations(
        &self,
        owner: AccountId,
        after: Option<ListPlace>,
        since: TimestampMs,
        limit: PageLimit,
    ) -> Result<(Vec<ConversationView>, bool), StoreError> {
        self.read(move |shared, tier| list::list(shared, owner, after, since, limit, tier)).await
    }
}

#[async_trait]
impl Accounts for EmbeddedStore {
    async fn create_account(&self, new: NewAccount) -> Result<AccountOutcome, StoreError> {
        self.writer.submit(SMALL, false, move |tx| people::create_account(tx, new)).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        self.read(move |shared, tier| shared.account(id, tier)).await
    }

    async fn account_by_address(&self, address: &Address) -> Result<Option<Arc<Account>>, StoreError> {
        let address = address.clone();
        self.read(move |shared, tier| shared.account_by_address(&address, tier)).await
    }

    async fn account_by_phone(&self, phone: &Phone) -> Result<Option<Arc<Account>>, StoreError> {
        let key = keys::phone(phone);
        self.read(move |shared, tier| shared.account_at(&key, tier)).await
    }

    async fn looks_taken(&self, domain: &str, skeleton: &str) -> Result<bool, StoreError> {
        let key = keys::looks(domain, skeleton);
        self.read(move |shared, tier| Ok(shared.db.get(Cf::Meta, &key, tier)?.is_some())).await
    }

    async fn list_accounts(&self, after: Option<&Address>, limit: usize) -> Result<Vec<Arc<Account>>, StoreError> {
        let from = match after {
            Some(after) => [keys::address(after).as_slice(), &[0]].concat(),
            None => b"a".to_vec(),
        };
        self.read(move |shared, tier| {
            let mut found = Vec::new();
            let mut scan = shared.db.scan(Cf::Meta, &from, &keys::after_prefix(b"a"), tier);
            while found.len() < limit
                && let Some((_, value)) = scan.step()?
            {
                let id = AccountId(keys::tail(value).ok_or_else(|| corrupt("the index of addresses"))?);
                found.extend(shared.account(id, tier)?);
            }
            Ok(found)
        })
        .await
    }

    async fn set_password(&self, id: AccountId, scram: Option<ScramKeys>) -> Result<bool, StoreError> {
        self.writer.submit(SMALL, false, move |tx| people::set_password(tx, id, scram)).await
    }

    async fn profile(&self, id: AccountId) -> Result<Option<Profile>, StoreError> {
        self.read(move |shared, tier| contacts::profile(shared, id, tier)).await
    }

    async fn set_profile(&self, id: AccountId, change: ProfileChange) -> Result<Option<Arc<Entry>>, StoreError> {
        let picture = change.picture.as_ref().and_then(Option::as_ref).map_or(0, |(_, picture)| picture.data.len());
        self.writer.submit(SMALL + picture, false, move |tx| people::set_profile(tx, id, change)).await
    }

    async fn picture(&self, id: AccountId, picture: PictureId) -> Result<Option<Arc<Picture>>, StoreError> {
        self.read(move |shared, tier| contacts::picture(shared, id, picture, tier)).await
    }

    async fn privacy(&self, id: AccountId) -> Result<Option<Privacy>, StoreError> {
        let owner = self.read(move |shared, tier| shared.owner(id, tier)).await?;
        Ok(owner.map(|owner| owner.record.privacy_of()))
    }

    async fn set_privacy(&self, id: AccountId, change: PrivacyChange) -> Result<Option<PrivacySet>, StoreError> {
        self.writer.submit(SMALL, false, move |tx| keeping::set_privacy(tx, id, change)).await
    }

    async fn remove_account(&self, id: AccountId) -> Result<Option<Vec<Device>>, StoreError> {
        self.writer.submit(SMALL, false, move |tx| people::remove_account(tx, id)).await
    }
}

#[async_trait]
impl Contacts for EmbeddedStore {
    async fn change_contact(&self, change: ContactChange) -> Result<ContactOutcome, StoreError> {
        self.writer.submit(SMALL, false, move |tx| contacts::change_contact(tx, change)).await
    }

    async fn contact(&self, owner: AccountId, peer: AccountId) -> Result<Arc<Contact>, StoreError> {
        let row = self.read(move |shared, tier| contacts::row(shared, owner, peer, tier)).await?;
        Ok(Arc::new(row.unwrap_or_default().into_contact()))
    }

    async fn contacts(
        &self,
        owner: AccountId,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, bool), StoreError> {
        self.read(move |shared, tier| contacts::contacts(shared, owner, after, limit, tier)).await
    }

    async fn followers(&self, owner: AccountId) -> Result<Vec<AccountId>, StoreError> {
        self.read(move |shared, tier| contacts::followers(shared, owner, tier)).await
    }

    async fn put_invite(&self, invite: Invite, now: TimestampMs) -> Result<bool, StoreError> {
        self.writer.submit(SMALL, false, move |tx| contacts::put_invite(tx, &invite, now)).await
    }

    async fn invite(&self, hash: &[u8; 32], now: TimestampMs) -> Result<Option<Invite>, StoreError> {
        let hash = *hash;
        self.read(move |shared, tier| contacts::good_invite(shared, &hash, now, tier)).await
    }

    async fn invites(&self, by: AccountId, now: TimestampMs) -> Result<Vec<Invite>, StoreError> {
        self.read(move |shared, tier| contacts::good_invites(shared, by, now, tier)).await
    }

    async fn revoke_invite(&self, by: AccountId, hash: &[u8; 32]) -> Result<bool, StoreError> {
        let hash = *hash;
        self.writer.submit(SMALL, false, move |tx| contacts::revoke_invite(tx, by, &hash)).await
    }

    async fn use_invite(&self, hash: &[u8; 32], by: AccountId, now: TimestampMs) -> Result<InviteOutcome, StoreError> {
        let hash = *hash;
        self.writer.submit(SMALL, false, move |tx| contacts::use_invite(tx, &hash, by, now)).await
    }
}

fn device(shared: &Shared, account: AccountId, id: DeviceId, tier: Tier) -> Result<Option<Arc<Device>>, Fault> {
    match shared.db.get(Cf::Meta, &keys::device(account, id), tier)? {
        Some(bytes) => Ok(Some(Arc::new(decode::<DeviceRecord>("a device", &bytes)?.into_device(account, id)?))),
        None => Ok(None),
    }
}

#[async_trait]
impl Devices for EmbeddedStore {
    async fn add_device(&self, new: NewDevice, devices_max: usize) -> Result<DeviceOutcome, StoreError> {
        let start = match new.role {
            DeviceRole::Primary => Seq::ZERO,
            DeviceRole::Companion => {
                let (account, past) = (new.account, new.past);
                self.read(move |shared, tier| people::start_of(shared, account, past, tier)).await?
            }
        };
        self.writer.submit(SMALL, false, move |tx| people::add_device(tx, new, start, devices_max)).await
    }

    async fn device(&self, account: AccountId, id: DeviceId) -> Result<Option<Arc<Device>>, StoreError> {
        self.read(move |shared, tier| device(shared, account, id, tier)).await
    }

    async fn device_by_key(&self, noise_key: &[u8; 32]) -> Result<Option<Arc<Device>>, StoreError> {
        let key = keys::noise_key(noise_key);
        self.read(move |shared, tier| {
            let Some(bytes) = shared.db.get(Cf::Meta, &key, tier)? else { return Ok(None) };
            let (account, id) = people::noise_owner(&bytes)?;
            device(shared, account, id, tier)
        })
        .await
    }

    async fn devices(&self, account: AccountId) -> Result<Vec<Arc<Device>>, StoreError> {
        self.read(move |shared, tier| {
            let mut found = Vec::new();
            let mut scan = shared.db.scan_prefix(Cf::Meta, &keys::devices_of(account), tier);
            while let Some((key, value)) = scan.step()? {
                let id = people::device_id(key)?;
                found.push(Arc::new(decode::<DeviceRecord>("a device", value)?.into_device(account, id)?));
            }
            Ok(found)
        })
        .await
    }

    async fn revoke_device(&self, account: AccountId, id: DeviceId) -> Result<bool, StoreError> {
        self.writer.submit(SMALL, false, move |tx| people::revoke_device(tx, account, id)).await
    }

    async fn touch_device(&self, account: AccountId, id: DeviceId, at: TimestampMs) -> Result<(), StoreError> {
        self.writer.submit(SMALL, true, move |tx| people::touch_device(tx, account, id, at)).await
    }

    async fn rename_device(
        &self,
        account: AccountId,
        id: DeviceId,
        name: String,
    ) -> Result<Option<Arc<Device>>, StoreError> {
        self.writer.submit(SMALL, false, move |tx| people::rename_device(tx, account, id, name)).await
    }

    async fn raise_tokens_from(&self, account: AccountId, id: DeviceId, serial: u64) -> Result<bool, StoreError> {
        self.writer.submit(SMALL, false, move |tx| people::raise_tokens_from(tx, account, id, serial)).await
    }

    async fn silent_companions(&self, before: TimestampMs, limit: usize) -> Result<Vec<Arc<Device>>, StoreError> {
        self.read(move |shared, tier| {
            let mut found = Vec::new();
            let mut scan = shared.db.scan_prefix(Cf::Meta, keys::DEVICES, tier);
            while found.len() < limit {
                let Some((key, value)) = scan.step()? else { break };
                let record: DeviceRecord = decode("a device", value)?;
                if record.primary || TimestampMs(record.last_seen) >= before {
                    continue;
                }
                let account = key.get(1..9).and_then(keys::tail).ok_or_else(|| corrupt("the key of a device"))?;
                found.push(Arc::new(record.into_device(AccountId(account), people::device_id(key)?)?));
            }
            Ok(found)
        })
        .await
    }

    async fn retire_device(&self, account: AccountId, id: DeviceId, before: TimestampMs) -> Result<bool, StoreError> {
        self.writer.submit(SMALL, false, move |tx| people::retire_device(tx, account, id, before)).await
    }

    async fn retired(&self, proof: &[u8; 32]) -> Result<bool, StoreError> {
        let key = keys::retired(proof);
        self.read(move |shared, tier| Ok(shared.db.get(Cf::Meta, &key, tier)?.is_some())).await
    }
}

#[async_trait]
impl Registrations for EmbeddedStore {
    async fn registration(&self, phone: &Phone) -> Result<Registration, StoreError> {
        let key = keys::registration(phone);
        self.read(move |shared, tier| match shared.db.get(Cf::Meta, &key, tier)? {
            Some(bytes) => Ok(decode::<RegistrationRecord>("a registration", &bytes)?.into_registration()?),
            None => Ok(Registration::default()),
        })
        .await
    }

    async fn swap_registration(
        &self,
        phone: &Phone,
        expected: &Registration,
        next: Registration,
    ) -> Result<bool, StoreError> {
        let (phone, expected) = (phone.clone(), expected.clone());
        self.writer.submit(SMALL, false, move |tx| people::swap_registration(tx, &phone, &expected, &next)).await
    }
}

#[async_trait]
impl Rooms for EmbeddedStore {
    async fn room(&self, name: &str) -> Result<ConversationId, StoreError> {
        let key = keys::room(name);
        let known = self.read(move |shared, tier| shared.db.get(Cf::Meta, &key, tier)).await?;
        if let Some(id) = known.as_deref().and_then(keys::tail) {
            return Ok(ConversationId(id));
        }
        let name = name.to_owned();
        self.writer.submit(SMALL, false, move |tx| rooms::room(tx, &name)).await
    }

    async fn append_to_room(&self, append: RoomAppend) -> Result<RoomAppended, StoreError> {
        let weight = append.content.weight() + MESSAGE_WEIGHT;
        self.writer.submit(weight, false, move |tx| rooms::append_to_room(tx, append)).await
    }

    async fn read_room_after(
        &self,
        room: ConversationId,
        after: Cseq,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError> {
        self.read(move |shared, tier| reads::read_room_after(shared, room, after, limit, tier)).await
    }

    async fn read_room_before(
        &self,
        room: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<RoomPage, StoreError> {
        self.read(move |shared, tier| reads::read_room_before(shared, room, before, limit, tier)).await
    }

    async fn prune_room(&self, room: ConversationId, keep: u64, oldest: TimestampMs) -> Result<u64, StoreError> {
        self.writer.submit(SMALL, false, move |tx| rooms::prune_room(tx, room, keep, oldest)).await
    }
}
