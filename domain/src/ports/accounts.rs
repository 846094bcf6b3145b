//! The ports of accounts and devices.

use std::sync::Arc;

use async_trait::async_trait;

use crate::account::{Account, Privacy, PrivacyChange, Profile, ProfileChange, ScramKeys};
use crate::address::{Address, Phone};
use crate::contact::{Picture, PictureId};
use crate::device::{Device, DeviceRole, Past};
use crate::event::Entry;
use crate::ids::{AccountId, DeviceId, TimestampMs};
use crate::ports::StoreError;

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its address.
    pub address: Address,
    /// Its number, if it registers with one.
    pub phone: Option<Phone>,
    /// What people see.
    pub display_name: String,
    /// Its password's keys.
    pub scram: Option<ScramKeys>,
    /// Now.
    pub created: TimestampMs,
}

/// What became of an account to be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AccountOutcome {
    /// It is there.
    Created(Arc<Account>),
    /// The address, or one that looks like it (same skeleton of the local part, same domain), is taken.
    NameTaken,
    /// The number has an account.
    PhoneTaken(AccountId),
}

/// What an account shows now, and the entry that tells its own devices, where that is new.
pub type PrivacySet = (Privacy, Option<Arc<Entry>>);

/// Accounts.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes an account and its timeline. Durable when it returns.
    async fn create_account(&self, new: NewAccount) -> Result<AccountOutcome, StoreError>;

    /// The account of a number that the store allotted.
    async fn account(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError>;

    /// The account of an address.
    async fn account_by_address(&self, address: &Address) -> Result<Option<Arc<Account>>, StoreError>;

    /// The account of a phone number.
    async fn account_by_phone(&self, phone: &Phone) -> Result<Option<Arc<Account>>, StoreError>;

    /// Whether some account of this domain has a local part with this skeleton.
    async fn looks_taken(&self, domain: &str, skeleton: &str) -> Result<bool, StoreError>;

    /// Accounts in the order of their addresses, those after `after`, at most `limit`.
    async fn list_accounts(&self, after: Option<&Address>, limit: usize) -> Result<Vec<Arc<Account>>, StoreError>;

    /// Gives an account another password, or none. `false`: no such account. Durable when it returns.
    async fn set_password(&self, id: AccountId, scram: Option<ScramKeys>) -> Result<bool, StoreError>;

    /// What an account shows, whoever may see it. `None`: no such account.
    async fn profile(&self, id: AccountId) -> Result<Option<Profile>, StoreError>;

    /// Changes what people see and appends that to the account's timeline. `None`: no such account. A picture that is
    /// replaced leaves the disk like a recalled message. Durable when it returns.
    async fn set_profile(&self, id: AccountId, change: ProfileChange) -> Result<Option<Arc<Entry>>, StoreError>;

    /// An account's picture, if it still is this one.
    async fn picture(&self, id: AccountId, picture: PictureId) -> Result<Option<Arc<Picture>>, StoreError>;

    /// What an account shows of what its people do. `None`: no such account.
    async fn privacy(&self, id: AccountId) -> Result<Option<Privacy>, StoreError>;

    /// Changes that and, if it is another than before, appends it to the account's timeline. Returns what holds now and
    /// the entry. `None`: no such account. Durable when it returns.
    async fn set_privacy(&self, id: AccountId, change: PrivacyChange) -> Result<Option<PrivacySet>, StoreError>;

    /// Removes an account with its devices, cursors, timeline, profile and invitations; messages stay in the other side's
    /// conversations. To those who had it as a contact, blocked it or were asked it becomes nothing, by an entry each.
    /// Returns its devices; `None`: no such account. Durable when it returns.
    async fn remove_account(&self, id: AccountId) -> Result<Option<Vec<Device>>, StoreError>;
}

/// A device to be added.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// To which account.
    pub account: AccountId,
    /// As what. A primary takes the place of the primary there is.
    pub role: DeviceRole,
    /// What its owner calls it.
    pub name: String,
    /// Its Noise static public key; a device that had this key before, of whatever account, loses it.
    pub noise_key: Option<[u8; 32]>,
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// Now.
    pub created: TimestampMs,
    /// What it runs on; empty: not said.
    pub platform: String,
    /// What it gets of what was there before it, if it is a companion.
    pub past: Past,
}

/// A device that was added.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddedDevice {
    /// The device. Its cursor stands where [`Past`] says, a primary's at the beginning of what is kept.
    pub device: Device,
    /// Devices that are gone through this: the primary it replaces, the device that had its key.
    pub gone: Vec<(AccountId, DeviceId)>,
}

/// What became of a device to be added.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeviceOutcome {
    /// It is there.
    Added(AddedDevice),
    /// The account has as many devices as it may.
    TooMany,
    /// No such account.
    NoAccount,
}

/// Devices.
#[async_trait]
pub trait Devices: Send + Sync {
    /// Adds a device; at most `devices_max` of one account. Durable when it returns.
    async fn add_device(&self, new: NewDevice, devices_max: usize) -> Result<DeviceOutcome, StoreError>;

    /// A device that is not revoked.
    async fn device(&self, account: AccountId, id: DeviceId) -> Result<Option<Arc<Device>>, StoreError>;

    /// The device that speaks under this Noise key.
    async fn device_by_key(&self, noise_key: &[u8; 32]) -> Result<Option<Arc<Device>>, StoreError>;

    /// All devices of an account, in the order they were added.
    async fn devices(&self, account: AccountId) -> Result<Vec<Arc<Device>>, StoreError>;

    /// Removes a device with its cursor. `false`: it was not there. Durable when it returns.
    async fn revoke_device(&self, account: AccountId, id: DeviceId) -> Result<bool, StoreError>;

    /// Remembers when a device was connected; may be lost in a crash.
    async fn touch_device(&self, account: AccountId, id: DeviceId, at: TimestampMs) -> Result<(), StoreError>;

    /// Gives a device another name. `None`: it is not there. Durable when it returns.
    async fn rename_device(
        &self,
        account: AccountId,
        id: DeviceId,
        name: String,
    ) -> Result<Option<Arc<Device>>, StoreError>;

    /// Makes a device's tokens below this serial number good for nothing; never lowers it. `false`: the device is not
    /// there. Durable when it returns.
    async fn raise_tokens_from(&self, account: AccountId, id: DeviceId, serial: u64) -> Result<bool, StoreError>;

    /// Companions that were not connected since `before`, at most `limit`.
    async fn silent_companions(&self, before: TimestampMs, limit: usize) -> Result<Vec<Arc<Device>>, StoreError>;

    /// Removes a companion like [`Devices::revoke_device`] if it was still not connected since `before`, and remembers
    /// that it went for its silence. `false`: it stays, or was not there. Durable when it returns.
    async fn retire_device(&self, account: AccountId, id: DeviceId, before: TimestampMs) -> Result<bool, StoreError>;

    /// Whether the device with this Noise key, or with a secret of this SHA-256, went for its silence and none has the
    /// key again.
    async fn retired(&self, proof: &[u8; 32]) -> Result<bool, StoreError>;
}
