//! The devices of an account: listing, renaming, removing, and those that went silent.
//!
//! Invariants: a device that is removed is cut off, whatever it holds open; an account's phone is not removed by its
//! companions; the other links of the account are told of every change.

use std::sync::Arc;

use belfry_domain::{AccountId, Code, Device, DeviceId, DeviceRole, Refusal, TimestampMs};

use crate::command::{Caller, DeviceView, Reply};
use crate::registration::label;
use crate::steps::Did;
use crate::{Engine, device_of, metrics::count, refused};

/// Silent companions that are looked at in one sweep: more are looked at in the next.
const SWEEP_MAX: usize = 1_000;

impl Engine {
    pub(crate) async fn logout(&self, caller: &Caller) -> Result<Reply, Refusal> {
        let (account, _, device) = device_of(caller)?;
        self.remove_device(account, device, "You have logged out.").await
    }

    pub(crate) async fn list_devices(&self, caller: &Caller) -> Result<Reply, Refusal> {
        let (account, ..) = device_of(caller)?;
        Ok(Reply::Devices(self.device_views(account).await?))
    }

    pub(crate) async fn device_views(&self, account: AccountId) -> Result<Vec<DeviceView>, Refusal> {
        let devices = self.store().devices(account).await.map_err(refused)?;
        let view = |device: Arc<Device>| {
            let online = self.inner.hub.online(account, device.id);
            DeviceView { device, online }
        };
        Ok(devices.into_iter().map(view).collect())
    }

    pub(crate) async fn revoke_device(&self, caller: &Caller, device: DeviceId) -> Result<Reply, Refusal> {
        let (account, _, by) = device_of(caller)?;
        self.may_manage(account, by, device).await?;
        self.remove_device(account, device, "This device was removed from the account.").await
    }

    pub(crate) async fn rename_device(
        &self,
        caller: &Caller,
        device: DeviceId,
        name: String,
    ) -> Result<Reply, Refusal> {
        let (account, _, by) = device_of(caller)?;
        let name = label(name, "")?;
        if name.is_empty() {
            return Err(Refusal::new(
                Code::BadRequest,
                "The name is empty: say what the device is called from now on.",
            ));
        }
        self.may_manage(account, by, device).await?;
        self.store().rename_device(account, device, name).await.map_err(refused)?.ok_or_else(no_device)?;
        self.inner.hub.devices_changed(account);
        Ok(Reply::Done)
    }

    /// Every device may do so with itself, the phone with all. Where there is no phone all may, or nobody could.
    async fn may_manage(&self, account: AccountId, by: DeviceId, target: DeviceId) -> Result<(), Refusal> {
        if by == target {
            return Ok(());
        }
        match self.primary_of(account).await? {
            None => Ok(()),
            Some(primary) if primary == by => Ok(()),
            Some(primary) if primary != target && self.settings().devices.companions_manage => Ok(()),
            Some(_) => Err(Refusal::new(Code::Forbidden, "Do this on the account's phone: it looks after the others.")),
        }
    }

    /// The account's phone.
    pub(crate) async fn primary_of(&self, account: AccountId) -> Result<Option<DeviceId>, Refusal> {
        let devices = self.store().devices(account).await.map_err(refused)?;
        Ok(devices.iter().find(|device| device.role == DeviceRole::Primary).map(|device| device.id))
    }

    pub(crate) async fn remove_device(
        &self,
        account: AccountId,
        device: DeviceId,
        why: &str,
    ) -> Result<Reply, Refusal> {
        if !self.store().revoke_device(account, device).await.map_err(refused)? {
            return Err(no_device());
        }
        self.cut(account, device, &Refusal::new(Code::Revoked, why));
        self.inner.hub.devices_changed(account);
        Ok(Reply::Done)
    }

    /// Closes whatever a device has open, with the reason.
    pub(crate) fn cut(&self, account: AccountId, device: DeviceId, refusal: &Refusal) {
        self.inner.hub.cut_device(account, device, refusal);
        self.did(account, device, "", Did::Cut(refusal.code));
        count(&self.inner.metrics.devices_cut);
    }

    /// Removes companions that were not connected for as long as the settings say. Those that are connected all the
    /// while are remembered as seen instead.
    pub(crate) async fn retire_silent(&self, now: TimestampMs) -> Result<usize, belfry_domain::ports::StoreError> {
        let Some(silent_ms) = self.settings().devices.silent_ms else { return Ok(0) };
        let before = TimestampMs(now.0.saturating_sub(silent_ms));
        let mut retired = 0;
        for device in self.store().silent_companions(before, SWEEP_MAX).await? {
            if self.inner.hub.online(device.account, device.id) {
                self.store().touch_device(device.account, device.id, now).await?;
            } else if self.store().retire_device(device.account, device.id, before).await? {
                retired += 1;
                self.cut(device.account, device.id, &went_silent());
                self.inner.hub.devices_changed(device.account);
            }
        }
        Ok(retired)
    }
}

/// Why the credentials of a device that went for its silence are dead.
pub(crate) fn went_silent() -> Refusal {
    Refusal::new(
        Code::Revoked,
        "This device was not used for so long that it was removed from its account: link it anew.",
    )
}

fn no_device() -> Refusal {
    Refusal::new(Code::NotFound, "The account has no such device.")
}
