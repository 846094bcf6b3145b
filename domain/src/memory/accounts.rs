//! Accounts, devices and registrations of the memory store.
//!
//! Invariant: every index (address, phone, skeleton) has exactly the accounts that are there.

use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryStore;
use super::state::{State, What};
use crate::account::{Account, Privacy, PrivacyChange, Profile, ProfileChange, Registration, ScramKeys};
use crate::address::{Address, Phone, skeleton};
use crate::contact::{Picture, PictureId};
use crate::device::{Cursor, Device, DeviceRole, Past};
use crate::event::Entry;
use crate::ids::{AccountId, DeviceId, Seq, TimestampMs};
use crate::ports::{
    AccountOutcome, Accounts, AddedDevice, DeviceOutcome, Devices, NewAccount, NewDevice, PrivacySet, Registrations,
    StoreError,
};
use crate::retention::Retention;

#[async_trait]
impl Accounts for MemoryStore {
    async fn create_account(&self, new: NewAccount) -> Result<AccountOutcome, StoreError> {
        self.with(|state| {
            let looks = looks(&new.address);
            if state.by_address.contains_key(&new.address) || state.by_skeleton.contains_key(&looks) {
                return Ok(AccountOutcome::NameTaken);
            }
            if let Some(owner) = new.phone.as_ref().and_then(|phone| state.by_phone.get(phone)) {
                return Ok(AccountOutcome::PhoneTaken(*owner));
            }
            state.accounts_made += 1;
            let id = AccountId(state.accounts_made);
            let account = Account {
                id,
                address: new.address,
                phone: new.phone,
                display_name: new.display_name,
                scram: new.scram,
                created: new.created,
            };
            state.by_address.insert(account.address.clone(), id);
            state.by_skeleton.insert(looks, id);
            if let Some(phone) = &account.phone {
                state.by_phone.insert(phone.clone(), id);
            }
            state.accounts.insert(id, Arc::new(account.clone()));
            state.timelines.entry(id).or_default();
            Ok(AccountOutcome::Created(Arc::new(account)))
        })
    }

    async fn account(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        self.with(|state| Ok(state.accounts.get(&id).cloned()))
    }

    async fn account_by_address(&self, address: &Address) -> Result<Option<Arc<Account>>, StoreError> {
        self.with(|state| Ok(state.by_address.get(address).and_then(|id| state.accounts.get(id)).cloned()))
    }

    async fn account_by_phone(&self, phone: &Phone) -> Result<Option<Arc<Account>>, StoreError> {
        self.with(|state| Ok(state.by_phone.get(phone).and_then(|id| state.accounts.get(id)).cloned()))
    }

    async fn looks_taken(&self, domain: &str, skeleton: &str) -> Result<bool, StoreError> {
        self.with(|state| Ok(state.by_skeleton.contains_key(&(domain.to_owned(), skeleton.to_owned()))))
    }

    async fn list_accounts(&self, after: Option<&Address>, limit: usize) -> Result<Vec<Arc<Account>>, StoreError> {
        self.with(|state| {
            let later = state.by_address.iter().filter(|(address, _)| after.is_none_or(|after| *address > after));
            Ok(later.take(limit).filter_map(|(_, id)| state.accounts.get(id)).cloned().collect())
        })
    }

    async fn set_password(&self, id: AccountId, scram: Option<ScramKeys>) -> Result<bool, StoreError> {
        self.with(|state| Ok(state.accounts.get_mut(&id).map(|account| Arc::make_mut(account).scram = scram).is_some()))
    }

    async fn profile(&self, id: AccountId) -> Result<Option<Profile>, StoreError> {
        self.with(|state| Ok(state.profile(id)))
    }

    async fn picture(&self, id: AccountId, picture: PictureId) -> Result<Option<Arc<Picture>>, StoreError> {
        self.with(|state| {
            let shown = state.profiles.get(&id).and_then(|row| row.picture.as_ref());
            Ok(shown.filter(|(known, _)| *known == picture).map(|(_, picture)| Arc::clone(picture)))
        })
    }

    async fn set_profile(&self, id: AccountId, change: ProfileChange) -> Result<Option<Arc<Entry>>, StoreError> {
        self.with(|state| {
            let Some(account) = state.accounts.get_mut(&id) else { return Ok(None) };
            if let Some(name) = change.display_name {
                Arc::make_mut(account).display_name = name;
            }
            let row = state.profiles.entry(id).or_default();
            row.about = change.about.unwrap_or_else(|| std::mem::take(&mut row.about));
            if let Some(picture) = change.picture {
                row.picture = picture.map(|(id, picture)| (id, Arc::new(picture)));
            }
            let (seq, _) = state.push(id, Retention::Keep, What::Profile)?;
            let timeline = state.timelines.entry(id).or_default();
            timeline.entries.remove(&timeline.profile);
            timeline.profile = seq;
            Ok(state.entry(id, seq))
        })
    }

    async fn privacy(&self, id: AccountId) -> Result<Option<Privacy>, StoreError> {
        self.with(|state| {
            let there = state.accounts.contains_key(&id);
            Ok(there.then(|| state.timelines.get(&id).map(|timeline| timeline.privacy).unwrap_or_default()))
        })
    }

    async fn set_privacy(&self, id: AccountId, change: PrivacyChange) -> Result<Option<PrivacySet>, StoreError> {
        self.with(|state| state.set_privacy(id, change))
    }

    async fn remove_account(&self, id: AccountId) -> Result<Option<Vec<Device>>, StoreError> {
        self.with(|state| {
            let Some(account) = state.accounts.remove(&id) else { return Ok(None) };
            state.by_address.remove(&account.address);
            state.by_skeleton.remove(&looks(&account.address));
            if let Some(phone) = &account.phone {
                state.by_phone.remove(phone);
            }
            let devices = state.devices_of(id);
            for device in &devices {
                state.remove_device(id, device.id);
            }
            state.timelines.remove(&id);
            state.profiles.remove(&id);
            state.documents.retain(|(owner, _), _| *owner != id);
            state.forget_contacts(id)?;
            // A conversation that has lost its last member is nobody's.
            let accounts = &state.accounts;
            state.conversations.retain(|_, c| c.members.iter().any(|(member, _)| accounts.contains_key(member)));
            let conversations = &state.conversations;
            state.pairs.retain(|_, id| conversations.contains_key(id));
            Ok(Some(devices.iter().map(|device| (**device).clone()).collect()))
        })
    }
}

fn looks(address: &Address) -> (String, String) {
    (address.domain().to_owned(), skeleton(address.local()))
}

impl State {
    pub(super) fn profile(&self, id: AccountId) -> Option<Profile> {
        let account = self.accounts.get(&id)?;
        let row = self.profiles.get(&id).cloned().unwrap_or_default();
        Some(Profile {
            address: account.address.clone(),
            display_name: account.display_name.clone(),
            about: row.about,
            picture: row.picture.map(|(id, _)| id),
        })
    }

    fn devices_of(&self, account: AccountId) -> Vec<Arc<Device>> {
        self.devices.range((account, DeviceId(0))..=(account, DeviceId(u32::MAX))).map(|(_, d)| Arc::clone(d)).collect()
    }

    /// The place after which a new companion is synced: never beyond what the account has been delivered.
    fn start_of(&self, account: AccountId, past: Past) -> Seq {
        let Some(timeline) = self.timelines.get(&account) else { return Seq::ZERO };
        let (since, messages) = match past {
            Past::All => return Seq::ZERO,
            Past::Nothing | Past::Undelivered => return timeline.delivered_floor,
            Past::Recent { since, messages } => (since, messages),
        };
        let newest = timeline.entries.values().rev().filter_map(|stored| match &stored.what {
            What::Message { message, .. } => Some((stored.prev, message.sent)),
            _ => None,
        });
        let oldest = newest.take(messages).take_while(|(_, sent)| *sent >= since).last();
        oldest.map_or(timeline.last, |(prev, _)| prev).min(timeline.delivered_floor)
    }

    fn remove_device(&mut self, account: AccountId, id: DeviceId) -> bool {
        self.cursors.remove(&(account, id));
        self.devices.remove(&(account, id)).is_some()
    }
}

#[async_trait]
impl Devices for MemoryStore {
    async fn add_device(&self, new: NewDevice, devices_max: usize) -> Result<DeviceOutcome, StoreError> {
        self.with(|state| {
            if !state.accounts.contains_key(&new.account) {
                return Ok(DeviceOutcome::NoAccount);
            }
            let replaced = |device: &Device| {
                let old_primary = device.account == new.account
                    && device.role == DeviceRole::Primary
                    && new.role == DeviceRole::Primary;
                let had_its_key = new.noise_key.is_some() && device.noise_key == new.noise_key;
                old_primary || had_its_key
            };
            let gone: Vec<(AccountId, DeviceId)> =
                state.devices.values().filter(|device| replaced(device)).map(|d| (d.account, d.id)).collect();
            let staying = state.devices_of(new.account).len() - gone.iter().filter(|g| g.0 == new.account).count();
            if staying >= devices_max {
                return Ok(DeviceOutcome::TooMany);
            }
            for (account, id) in &gone {
                state.remove_device(*account, *id);
            }
            let start = match new.role {
                DeviceRole::Primary => Seq::ZERO,
                DeviceRole::Companion => state.start_of(new.account, new.past),
            };
            let timeline = state.timelines.entry(new.account).or_default();
            timeline.devices_made += 1;
            let id = DeviceId(timeline.devices_made);
            let history_from = match new.role {
                DeviceRole::Primary => TimestampMs(0),
                DeviceRole::Companion => new.past.history_from(new.created),
            };
            let device = Device {
                account: new.account,
                id,
                role: new.role,
                name: new.name,
                noise_key: new.noise_key,
                secret_hash: new.secret_hash,
                created: new.created,
                last_seen: new.created,
                platform: new.platform,
                synced_from: start,
                history_from,
                tokens_from: 0,
            };
            if let Some(noise_key) = &device.noise_key {
                state.retired.remove(noise_key);
            }
            state.cursors.insert((new.account, id), Cursor { passed: start, delivered: start });
            state.devices.insert((new.account, id), Arc::new(device.clone()));
            Ok(DeviceOutcome::Added(AddedDevice { device, gone }))
        })
    }

    async fn device(&self, account: AccountId, id: DeviceId) -> Result<Option<Arc<Device>>, StoreError> {
        self.with(|state| Ok(state.devices.get(&(account, id)).cloned()))
    }

    async fn device_by_key(&self, noise_key: &[u8; 32]) -> Result<Option<Arc<Device>>, StoreError> {
        self.with(|state| Ok(state.devices.values().find(|d| d.noise_key.as_ref() == Some(noise_key)).cloned()))
    }

    async fn devices(&self, account: AccountId) -> Result<Vec<Arc<Device>>, StoreError> {
        self.with(|state| Ok(state.devices_of(account)))
    }

    async fn revoke_device(&self, account: AccountId, id: DeviceId) -> Result<bool, StoreError> {
        self.with(|state| Ok(state.remove_device(account, id)))
    }

    async fn touch_device(&self, account: AccountId, id: DeviceId, at: TimestampMs) -> Result<(), StoreError> {
        self.with(|state| {
            if let Some(device) = state.devices.get_mut(&(account, id)) {
                let device = Arc::make_mut(device);
                device.last_seen = device.last_seen.max(at);
            }
            Ok(())
        })
    }

    async fn rename_device(
        &self,
        account: AccountId,
        id: DeviceId,
        name: String,
    ) -> Result<Option<Arc<Device>>, StoreError> {
        self.with(|state| {
            let Some(device) = state.devices.get_mut(&(account, id)) else { return Ok(None) };
            Arc::make_mut(device).name = name;
            Ok(Some(device.clone()))
        })
    }

    async fn raise_tokens_from(&self, account: AccountId, id: DeviceId, serial: u64) -> Result<bool, StoreError> {
        self.with(|state| {
            let Some(device) = state.devices.get_mut(&(account, id)) else { return Ok(false) };
            let device = Arc::make_mut(device);
            device.tokens_from = device.tokens_from.max(serial);
            Ok(true)
        })
    }

    async fn silent_companions(&self, before: TimestampMs, limit: usize) -> Result<Vec<Arc<Device>>, StoreError> {
        self.with(|state| {
            let silent = |device: &&Arc<Device>| device.role == DeviceRole::Companion && device.last_seen < before;
            Ok(state.devices.values().filter(silent).take(limit).cloned().collect())
        })
    }

    async fn retire_device(&self, account: AccountId, id: DeviceId, before: TimestampMs) -> Result<bool, StoreError> {
        self.with(|state| {
            let Some(device) = state.devices.get(&(account, id)).cloned() else { return Ok(false) };
            if device.role != DeviceRole::Companion || device.last_seen >= before {
                return Ok(false);
            }
            state.remove_device(account, id);
            state.retired.insert(device.secret_hash);
            state.retired.extend(device.noise_key);
            Ok(true)
        })
    }

    async fn retired(&self, proof: &[u8; 32]) -> Result<bool, StoreError> {
        self.with(|state| Ok(state.retired.contains(proof)))
    }
}

#[async_trait]
impl Registrations for MemoryStore {
    async fn registration(&self, phone: &Phone) -> Result<Registration, StoreError> {
        self.with(|state| Ok(state.registrations.get(phone).cloned().unwrap_or_default()))
    }

    async fn swap_registration(
        &self,
        phone: &Phone,
        expected: &Registration,
        next: Registration,
    ) -> Result<bool, StoreError> {
        self.with(|state| {
            let present = state.registrations.entry(phone.clone()).or_default();
            let matches = present == expected;
            if matches {
                *present = next;
            }
            Ok(matches)
        })
    }
}
