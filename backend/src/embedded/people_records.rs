//! Stored records of accounts, their devices and registrations, and their way to the nouns and back.
//!
//! Values of the family `meta`, as in [`super::records`]. Invariant: of a password, a PIN and a token only what proves
//! them is in here.

use belfry_domain::ports::StoreError;
use belfry_domain::{
    Account, AccountId, Cursor, Device, DeviceId, DeviceRole, Phone, Registration, ScramKeys, Seq, TimestampMs,
};

use super::records::parse_address;

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AccountRecord {
    #[prost(string, tag = "1")]
    pub(super) address: String,
    #[prost(string, tag = "2")]
    pub(super) phone: String,
    #[prost(string, tag = "3")]
    pub(super) display_name: String,
    #[prost(uint64, tag = "4")]
    pub(super) created: u64,
    #[prost(message, optional, tag = "5")]
    pub(super) scram: Option<ScramRecord>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ScramRecord {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) salt: Vec<u8>,
    #[prost(uint32, tag = "2")]
    pub(super) iterations: u32,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) sha1_stored: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) sha1_server: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    pub(super) sha256_stored: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    pub(super) sha256_server: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DeviceRecord {
    #[prost(bool, tag = "1")]
    pub(super) primary: bool,
    #[prost(string, tag = "2")]
    pub(super) name: String,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) noise_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) secret_hash: Vec<u8>,
    #[prost(uint64, tag = "5")]
    pub(super) created: u64,
    #[prost(uint64, tag = "6")]
    pub(super) last_seen: u64,
    #[prost(string, tag = "30")]
    pub(super) platform: String,
    #[prost(uint64, tag = "31")]
    pub(super) synced_from: u64,
    #[prost(uint64, tag = "32")]
    pub(super) history_from: u64,
    #[prost(uint64, tag = "33")]
    pub(super) tokens_from: u64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct CursorRecord {
    #[prost(uint64, tag = "1")]
    pub(super) passed: u64,
    #[prost(uint64, tag = "2")]
    pub(super) delivered: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RegistrationRecord {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) pin_mac: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub(super) sent: u64,
    #[prost(uint32, tag = "3")]
    pub(super) tries_left: u32,
    #[prost(uint64, tag = "4")]
    pub(super) day: u64,
    #[prost(uint32, tag = "5")]
    pub(super) sent_today: u32,
    #[prost(uint32, tag = "6")]
    pub(super) tries_today: u32,
}

fn array<const N: usize>(what: &str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt(format!("{what}: {} bytes instead of {N}", bytes.len())))
}

impl AccountRecord {
    pub(super) fn of(account: &Account) -> AccountRecord {
        AccountRecord {
            address: account.address.to_string(),
            phone: account.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
            display_name: account.display_name.clone(),
            created: account.created.0,
            scram: account.scram.as_ref().map(|keys| ScramRecord {
                salt: keys.salt.clone(),
                iterations: keys.iterations,
                sha1_stored: keys.sha1.0.to_vec(),
                sha1_server: keys.sha1.1.to_vec(),
                sha256_stored: keys.sha256.0.to_vec(),
                sha256_server: keys.sha256.1.to_vec(),
            }),
        }
    }

    pub(super) fn into_account(self, id: AccountId) -> Result<Account, StoreError> {
        let phone = match self.phone.as_str() {
            "" => None,
            text => Some(Phone::parse(text).map_err(|error| StoreError::Corrupt(error.to_string()))?),
        };
        let scram = self.scram.map(|keys| -> Result<ScramKeys, StoreError> {
            Ok(ScramKeys {
                salt: keys.salt,
                iterations: keys.iterations,
                sha1: (array("a key", &keys.sha1_stored)?, array("a key", &keys.sha1_server)?),
                sha256: (array("a key", &keys.sha256_stored)?, array("a key", &keys.sha256_server)?),
            })
        });
        Ok(Account {
            id,
            address: parse_address(&self.address)?,
            phone,
            display_name: self.display_name,
            scram: scram.transpose()?,
            created: TimestampMs(self.created),
        })
    }
}

impl DeviceRecord {
    pub(super) fn of(device: &Device) -> DeviceRecord {
        DeviceRecord {
            primary: device.role == DeviceRole::Primary,
            name: device.name.clone(),
            noise_key: device.noise_key.map(|key| key.to_vec()).unwrap_or_default(),
            secret_hash: device.secret_hash.to_vec(),
            created: device.created.0,
            last_seen: device.last_seen.0,
            platform: device.platform.clone(),
            synced_from: device.synced_from.0,
            history_from: device.history_from.0,
            tokens_from: device.tokens_from,
        }
    }

    pub(super) fn into_device(self, account: AccountId, id: DeviceId) -> Result<Device, StoreError> {
        let noise_key = match self.noise_key.as_slice() {
            [] => None,
            key => Some(array("a device's key", key)?),
        };
        Ok(Device {
            account,
            id,
            role: if self.primary { DeviceRole::Primary } else { DeviceRole::Companion },
            name: self.name,
            noise_key,
            secret_hash: array("a device's secret", &self.secret_hash)?,
            created: TimestampMs(self.created),
            last_seen: TimestampMs(self.last_seen),
            platform: self.platform,
            synced_from: Seq(self.synced_from),
            history_from: TimestampMs(self.history_from),
            tokens_from: self.tokens_from,
        })
    }
}

impl CursorRecord {
    pub(super) fn of(cursor: Cursor) -> CursorRecord {
        CursorRecord { passed: cursor.passed.0, delivered: cursor.delivered.0 }
    }

    /// With what the owner's record says of the device: a cursor only moves forward, and is written here or there.
    pub(super) fn into_cursor(self, with_owner: Cursor) -> Cursor {
        Cursor {
            passed: with_owner.passed.max(Seq(self.passed)),
            delivered: with_owner.delivered.max(Seq(self.delivered)),
        }
    }
}

impl RegistrationRecord {
    pub(super) fn of(registration: &Registration) -> RegistrationRecord {
        RegistrationRecord {
            pin_mac: registration.pin_mac.map(|mac| mac.to_vec()).unwrap_or_default(),
            sent: registration.sent.0,
            tries_left: registration.tries_left,
            day: registration.day.0,
            sent_today: registration.sent_today,
            tries_today: registration.tries_today,
        }
    }

    pub(super) fn into_registration(self) -> Result<Registration, StoreError> {
        let pin_mac = match self.pin_mac.as_slice() {
            [] => None,
            mac => Some(array("a PIN's mac", mac)?),
        };
        Ok(Registration {
            pin_mac,
            sent: TimestampMs(self.sent),
            tries_left: self.tries_left,
            day: TimestampMs(self.day),
            sent_today: self.sent_today,
            tries_today: self.tries_today,
        })
    }
}
