//! The intents that change accounts, devices and registrations.
//!
//! Run by the writer inside a commit. Invariant: every index has exactly the accounts and devices that are there.

use std::sync::Arc;

use belfry_domain::ports::{AccountOutcome, AddedDevice, DeviceOutcome, NewAccount, NewDevice, StoreError, Waiting};
use belfry_domain::{
    Account, AccountId, ConversationId, Cseq, Cursor, Device, DeviceId, DeviceRole, Entry, Item, Past, Phone, Picture,
    ProfileChange, Registration, ScramKeys, Seq, TimestampMs, skeleton,
};

use super::append::push_row;
use super::contact_records::{PictureRecord, ProfileRecord};
use super::contacts;
use super::db::{Fault, Tier};
use super::erased::Place;
use super::keys::{self, Cf};
use super::people_records::{AccountRecord, CursorRecord, DeviceRecord, RegistrationRecord};
use super::records::{OwnerRecord, corrupt, decode, kind};
use super::shared::{Owner, Shared, Slot, entry_record};
use super::tx::Tx;

pub(super) fn create_account(tx: &mut Tx<'_>, new: NewAccount) -> Result<AccountOutcome, StoreError> {
    let looks = keys::looks(new.address.domain(), &skeleton(new.address.local()));
    let address = keys::address(&new.address);
    if tx.get(Cf::Meta, &address)?.is_some() || tx.get(Cf::Meta, &looks)?.is_some() {
        return Ok(AccountOutcome::NameTaken);
    }
    if let Some(phone) = &new.phone
        && let Some(bytes) = tx.get(Cf::Meta, &keys::phone(phone))?
    {
        return Ok(AccountOutcome::PhoneTaken(AccountId(keys::tail(&bytes).ok_or_else(|| corrupt("a phone"))?)));
    }
    let id = AccountId(tx.count(keys::KEY_ACCOUNTS_MADE)?);
    let account = Account {
        id,
        address: new.address,
        phone: new.phone,
        display_name: new.display_name,
        scram: new.scram,
        created: new.created,
    };
    put_account(tx, &account);
    let owner =
        Owner { record: OwnerRecord::default(), last: Seq::ZERO, waiting: Waiting::default(), devices: Arc::default() };
    tx.set_owner(id, owner, true);
    Ok(AccountOutcome::Created(Arc::new(account)))
}

/// Writes an account's record and its indices.
pub(super) fn put_account(tx: &mut Tx<'_>, account: &Account) {
    let id = account.id.0.to_be_bytes().to_vec();
    tx.put_record(keys::account(account.id), &AccountRecord::of(account));
    let looks = keys::looks(account.address.domain(), &skeleton(account.address.local()));
    for key in [keys::address(&account.address), looks] {
        tx.put(Cf::Meta, key, id.clone());
    }
    if let Some(phone) = &account.phone {
        tx.put(Cf::Meta, keys::phone(phone), id);
    }
}

fn account(tx: &Tx<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    match tx.get(Cf::Meta, &keys::account(id))? {
        Some(bytes) => Ok(Some(decode::<AccountRecord>("an account", &bytes)?.into_account(id)?)),
        None => Ok(None),
    }
}

pub(super) fn set_password(tx: &mut Tx<'_>, id: AccountId, scram: Option<ScramKeys>) -> Result<bool, StoreError> {
    let Some(mut account) = account(tx, id)? else { return Ok(false) };
    account.scram = scram;
    tx.put_record(keys::account(id), &AccountRecord::of(&account));
    Ok(true)
}

/// Changes what people see. A picture or words that are replaced are to leave the disk.
pub(super) fn set_profile(
    tx: &mut Tx<'_>,
    id: AccountId,
    change: ProfileChange,
) -> Result<Option<Arc<Entry>>, StoreError> {
    let Some(mut account) = account(tx, id)? else { return Ok(None) };
    let old: ProfileRecord = match tx.get(Cf::Meta, &keys::profile(id))? {
        Some(bytes) => decode("a profile", &bytes)?,
        None => ProfileRecord::default(),
    };
    let mut record = old.clone();
    if let Some(name) = change.display_name {
        account.display_name = name;
        tx.put_record(keys::account(id), &AccountRecord::of(&account));
    }
    record.about = change.about.unwrap_or(record.about);
    match change.picture {
        Some(Some((picture, Picture { mime, data }))) => {
            record.picture = picture.0.to_vec();
            tx.put_record(keys::picture(id), &PictureRecord { mime, data });
        }
        Some(None) => {
            record.picture.clear();
            tx.delete(Cf::Meta, keys::picture(id));
        }
        None => {}
    }
    if record != old {
        if old != ProfileRecord::default() {
            tx.scrub(Place::Profile(id.0));
        }
        tx.put_record(keys::profile(id), &record);
    }
    let owner = tx.owner(id)?.ok_or_else(|| corrupt("an account without a timeline"))?;
    let (seq, prev) = push_row(tx, id, kind::PROFILE, ConversationId(0), Seq(owner.record.profile))?;
    let mut owner = tx.owner(id)?.ok_or_else(|| corrupt("an account without a timeline"))?;
    owner.record.profile = seq.0;
    tx.set_owner(id, owner, true);
    let profile = record.into_profile(account)?;
    Ok(Some(Arc::new(Entry { seq, prev, item: Item::Profile(profile) })))
}

pub(super) fn remove_account(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Vec<Device>>, StoreError> {
    let Some(account) = account(tx, id)? else { return Ok(None) };
    contacts::remove_all(tx, id)?;
    let devices = devices(tx, id)?;
    for device in &devices {
        remove_device(tx, device);
    }
    let looks = keys::looks(account.address.domain(), &skeleton(account.address.local()));
    let mut gone = vec![keys::account(id), keys::address(&account.address), looks];
    gone.extend(account.phone.as_ref().map(keys::phone));
    let rows = [keys::receipts_of(id), keys::marks_of(id), keys::flags_of(id), keys::settings_of(id)];
    for prefix in rows.into_iter().chain([keys::lives_of(id), keys::profile_of(id), keys::documents_of(id)]) {
        gone.extend(tx.keys_with(&prefix)?);
    }
    for key in gone {
        tx.delete(Cf::Meta, key);
    }
    tx.erase_range(Cf::Tl, keys::entry(id, Seq::ZERO), keys::entry(AccountId(id.0 + 1), Seq::ZERO));
    tx.remove_owner(id);
    tx.scrub(Place::Records);
    for pair in tx.keys_with(&keys::pairs_of(id))? {
        let peer = AccountId(keys::tail(&pair).ok_or_else(|| corrupt("a pair"))?);
        if tx.owner(peer)?.is_some() {
            continue;
        }
        // A conversation that has lost its last member is nobody's.
        let bytes = tx.get(Cf::Meta, &pair)?.ok_or_else(|| corrupt("a pair"))?;
        let conversation = keys::tail(&bytes).ok_or_else(|| corrupt("a pair"))?;
        tx.erase_range(
            Cf::Conv,
            keys::body(ConversationId(conversation), Cseq(0)),
            keys::body(ConversationId(conversation + 1), Cseq(0)),
        );
        let conversation_id = ConversationId(conversation);
        for prefix in [
            keys::amendments_of(conversation_id),
            keys::copies_of(conversation_id),
            keys::withheld_of(conversation_id),
            keys::fillers_of(conversation_id),
        ] {
            for key in tx.keys_with(&prefix)? {
                tx.delete(Cf::Meta, key);
            }
        }
        tx.remove_conversation(ConversationId(conversation));
        tx.delete(Cf::Meta, keys::pair(id, peer));
        tx.delete(Cf::Meta, keys::pair(peer, id));
    }
    Ok(Some(devices))
}

pub(super) fn devices(tx: &Tx<'_>, account: AccountId) -> Result<Vec<Device>, StoreError> {
    let mut devices = Vec::new();
    for key in tx.keys_with(&keys::devices_of(account))? {
        let id = device_id(&key)?;
        devices.extend(device(tx, account, id)?);
    }
    Ok(devices)
}

/// The device of a device's key.
pub(super) fn device_id(key: &[u8]) -> Result<DeviceId, StoreError> {
    let bytes = key.last_chunk::<4>().ok_or_else(|| corrupt("a device's key"))?;
    Ok(DeviceId(u32::from_be_bytes(*bytes)))
}

fn device(tx: &Tx<'_>, account: AccountId, id: DeviceId) -> Result<Option<Device>, StoreError> {
    match tx.get(Cf::Meta, &keys::device(account, id))? {
        Some(bytes) => Ok(Some(decode::<DeviceRecord>("a device", &bytes)?.into_device(account, id)?)),
        None => Ok(None),
    }
}

/// Takes a device out of the records and indices; its owner's slots are the caller's affair.
fn remove_device(tx: &mut Tx<'_>, device: &Device) {
    tx.delete(Cf::Meta, keys::device(device.account, device.id));
    tx.delete(Cf::Meta, keys::cursor(device.account, device.id));
    if let Some(noise_key) = &device.noise_key {
        tx.delete(Cf::Meta, keys::noise_key(noise_key));
    }
}

fn drop_slot(tx: &mut Tx<'_>, account: AccountId, id: DeviceId) -> Result<(), StoreError> {
    if let Some(mut owner) = tx.owner(account)? {
        Arc::make_mut(&mut owner.devices).remove(id);
        tx.set_owner(account, owner, false);
    }
    Ok(())
}

/// The place after which a companion of the account is synced, before the delivered floor is held against it: looked for
/// before the intent goes to the writer, so that a long log does not hold everybody up.
pub(super) fn start_of(shared: &Shared, account: AccountId, past: Past, tier: Tier) -> Result<Seq, Fault> {
    let (since, messages) = match past {
        Past::All => return Ok(Seq::ZERO),
        Past::Nothing | Past::Undelivered => return Ok(Seq(u64::MAX)),
        Past::Recent { since, messages } => (since, messages),
    };
    let mut oldest = None;
    let mut found = 0;
    let (from, to) = (keys::entry(account, Seq::ZERO), keys::entry(AccountId(account.0 + 1), Seq::ZERO));
    let mut scan = shared.db.scan_back(Cf::Tl, &from, &to, tier);
    while found < messages {
        let Some((key, value)) = scan.step()? else { break };
        let (_, record) = entry_record(value)?;
        let sent = match (record.kind, record.body) {
            (kind::INLINE, Some(body)) => Some(body.sent),
            (kind::POINTER, _) => {
                shared.body(ConversationId(record.conversation), Cseq(record.cseq), tier)?.map(|body| body.sent)
            }
            _ => None,
        };
        let Some(sent) = sent else { continue };
        if TimestampMs(sent) < since {
            break;
        }
        oldest = Some(Seq(keys::tail(key).unwrap_or_default()));
        found += 1;
    }
    oldest.map_or(Ok(Seq(u64::MAX)), |oldest| shared.prev(account, oldest, tier))
}

pub(super) fn add_device(
    tx: &mut Tx<'_>,
    new: NewDevice,
    start: Seq,
    devices_max: usize,
) -> Result<DeviceOutcome, StoreError> {
    if tx.owner(new.account)?.is_none() {
        return Ok(DeviceOutcome::NoAccount);
    }
    let own = devices(tx, new.account)?;
    let mut gone: Vec<Device> = Vec::new();
    if new.role == DeviceRole::Primary {
        gone.extend(own.iter().filter(|device| device.role == DeviceRole::Primary).cloned());
    }
    if let Some(noise_key) = &new.noise_key
        && let Some(bytes) = tx.get(Cf::Meta, &keys::noise_key(noise_key))?
    {
        let (account, id) = noise_owner(&bytes)?;
        if let Some(had_it) = device(tx, account, id)?
            && !gone.iter().any(|device| (device.account, device.id) == (account, id))
        {
            gone.push(had_it);
        }
    }
    let staying = own.len() - gone.iter().filter(|device| device.account == new.account).count();
    if staying >= devices_max {
        return Ok(DeviceOutcome::TooMany);
    }
    for device in &gone {
        remove_device(tx, device);
        drop_slot(tx, device.account, device.id)?;
    }
    let mut owner = tx.owner(new.account)?.ok_or_else(|| corrupt("an account without a timeline"))?;
    owner.record.devices_made += 1;
    let id = DeviceId(owner.record.devices_made);
    let (synced_from, history_from) = match new.role {
        DeviceRole::Primary => (Seq::ZERO, TimestampMs(0)),
        DeviceRole::Companion => (start.min(Seq(owner.record.delivered_floor)), new.past.history_from(new.created)),
    };
    let cursor = Cursor { passed: synced_from, delivered: synced_from };
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
        synced_from,
        history_from,
        tokens_from: 0,
    };
    put_device(tx, &device, cursor);
    let slot = Slot { role: device.role, last_seen: device.last_seen, cursor };
    Arc::make_mut(&mut owner.devices).add(id, slot);
    tx.set_owner(new.account, owner, true);
    let gone = gone.into_iter().map(|device| (device.account, device.id)).collect();
    Ok(DeviceOutcome::Added(AddedDevice { device, gone }))
}

/// Writes a device's records and index.
pub(super) fn put_device(tx: &mut Tx<'_>, device: &Device, cursor: Cursor) {
    tx.put_record(keys::device(device.account, device.id), &DeviceRecord::of(device));
    tx.put_record(keys::cursor(device.account, device.id), &CursorRecord::of(cursor));
    if let Some(noise_key) = &device.noise_key {
        tx.delete(Cf::Meta, keys::retired(noise_key));
        let mut value = device.account.0.to_be_bytes().to_vec();
        value.extend_from_slice(&device.id.0.to_be_bytes());
        tx.put(Cf::Meta, keys::noise_key(noise_key), value);
    }
}

/// The account and device in the value of a key's index.
pub(super) fn noise_owner(value: &[u8]) -> Result<(AccountId, DeviceId), StoreError> {
    let (account, rest) = value.split_first_chunk::<8>().ok_or_else(|| corrupt("the index of device keys"))?;
    Ok((AccountId(u64::from_be_bytes(*account)), device_id(rest)?))
}

pub(super) fn revoke_device(tx: &mut Tx<'_>, account: AccountId, id: DeviceId) -> Result<bool, StoreError> {
    let Some(device) = device(tx, account, id)? else { return Ok(false) };
    remove_device(tx, &device);
    drop_slot(tx, account, id)?;
    Ok(true)
}

pub(super) fn touch_device(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: DeviceId,
    at: TimestampMs,
) -> Result<(), StoreError> {
    let Some(mut device) = device(tx, account, id)? else { return Ok(()) };
    if at <= device.last_seen {
        return Ok(());
    }
    device.last_seen = at;
    tx.put_record(keys::device(account, id), &DeviceRecord::of(&device));
    if let Some(mut owner) = tx.owner(account)? {
        if let Some(slot) = Arc::make_mut(&mut owner.devices).get_mut(id) {
            slot.last_seen = at;
        }
        tx.set_owner(account, owner, false);
    }
    Ok(())
}

pub(super) fn rename_device(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: DeviceId,
    name: String,
) -> Result<Option<Arc<Device>>, StoreError> {
    let Some(mut device) = device(tx, account, id)? else { return Ok(None) };
    device.name = name;
    tx.put_record(keys::device(account, id), &DeviceRecord::of(&device));
    Ok(Some(Arc::new(device)))
}

pub(super) fn raise_tokens_from(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: DeviceId,
    serial: u64,
) -> Result<bool, StoreError> {
    let Some(mut device) = device(tx, account, id)? else { return Ok(false) };
    if serial > device.tokens_from {
        device.tokens_from = serial;
        tx.put_record(keys::device(account, id), &DeviceRecord::of(&device));
    }
    Ok(true)
}

pub(super) fn retire_device(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: DeviceId,
    before: TimestampMs,
) -> Result<bool, StoreError> {
    let Some(device) = device(tx, account, id)? else { return Ok(false) };
    if device.role != DeviceRole::Companion || device.last_seen >= before {
        return Ok(false);
    }
    remove_device(tx, &device);
    drop_slot(tx, account, id)?;
    for proof in [Some(device.secret_hash), device.noise_key].into_iter().flatten() {
        tx.put(Cf::Meta, keys::retired(&proof), Vec::new());
    }
    Ok(true)
}

pub(super) fn swap_registration(
    tx: &mut Tx<'_>,
    phone: &Phone,
    expected: &Registration,
    next: &Registration,
) -> Result<bool, StoreError> {
    let key = keys::registration(phone);
    let present = match tx.get(Cf::Meta, &key)? {
        Some(bytes) => decode::<RegistrationRecord>("a registration", &bytes)?.into_registration()?,
        None => Registration::default(),
    };
    let matches = present == *expected;
    if matches && *next == Registration::default() {
        tx.delete(Cf::Meta, key);
    } else if matches {
        tx.put_record(key, &RegistrationRecord::of(next));
    }
    Ok(matches)
}
