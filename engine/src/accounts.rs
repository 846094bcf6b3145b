//! Adding a device to an account by its password; how a device is made.

use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::limits::PASSWORD_BYTES_MAX;
use belfry_domain::ports::{DeviceOutcome, NewDevice};
use belfry_domain::{AccountId, Address, Code, DeviceRole, Past, Refusal, Secret, TimestampMs};
use tokio::time::Instant;

use crate::command::{Caller, Identity, Issued, Reply};
use crate::credentials::new_secret;
use crate::registration::label;
use crate::settings::KeepPast;
use crate::{Engine, device_of, refused};

/// A wrong password is refused at a multiple of this after it came: reading the record of an account that exists takes
/// some microseconds more, and two thousand tries would show them.
pub(crate) const REFUSED_LOGIN_TICK: Duration = Duration::from_millis(20);

/// A device that is to be made.
pub(crate) struct Joining {
    pub(crate) role: DeviceRole,
    pub(crate) name: String,
    pub(crate) platform: String,
    pub(crate) noise_key: Option<[u8; 32]>,
}

impl Engine {
    /// Adds a companion by the account's password.
    pub(crate) async fn add_device(
        &self,
        caller: &Caller,
        address: Address,
        password: Secret<String>,
        device_name: String,
    ) -> Result<Reply, Refusal> {
        if password.expose().len() > PASSWORD_BYTES_MAX {
            return Err(Refusal::new(Code::BadRequest, format!("A password has at most {PASSWORD_BYTES_MAX} bytes.")));
        }
        let device_name = label(device_name, "Companion")?;
        let attempt = self.try_password(caller, &address)?;
        let began = Instant::now();
        let account = self.store().account_by_address(&address).await.map_err(refused)?;
        let keys = account.as_ref().and_then(|account| account.scram.clone());
        let fits = self.check_password(keys, password).await?;
        let Some(account) = account.filter(|_| fits) else {
            self.on_a_tick(REFUSED_LOGIN_TICK, began).await;
            return Err(attempt.failed());
        };
        drop(attempt);
        let noise_key = match caller.identity {
            Identity::Nobody { noise_key } => noise_key,
            Identity::Guest { .. } | Identity::Device { .. } => None,
        };
        let joining = Joining { role: DeviceRole::Companion, name: device_name, platform: String::new(), noise_key };
        let issued = self.issue(account.id, address, joining, true).await?;
        Ok(Reply::Issued(Box::new(issued)))
    }

    /// Makes a device and its credentials; what it takes the place of is cut off at once.
    pub(crate) async fn issue(
        &self,
        account: AccountId,
        address: Address,
        joining: Joining,
        replaced: bool,
    ) -> Result<Issued, Refusal> {
        let (secret, secret_hash) = new_secret(self);
        let created = self.inner.ports.clock.now();
        let Joining { role, name, platform, noise_key } = joining;
        let past = match self.settings().devices.past {
            KeepPast::Nothing => Past::Nothing,
            KeepPast::Undelivered => Past::Undelivered,
            KeepPast::Recent { ms, messages } => {
                Past::Recent { since: TimestampMs(created.0.saturating_sub(ms)), messages }
            }
            KeepPast::All => Past::All,
        };
        let new = NewDevice { account, role, name, noise_key, secret_hash, created, platform, past };
        let devices_max = self.settings().devices_max;
        let added = match self.store().add_device(new, devices_max).await.map_err(refused)? {
            DeviceOutcome::Added(added) => added,
            DeviceOutcome::TooMany => {
                return Err(Refusal::new(
                    Code::Forbidden,
                    format!("The account has {devices_max} devices, which is the limit: remove one first."),
                ));
            }
            DeviceOutcome::NoAccount => return Err(Refusal::new(Code::NotFound, "The account no longer exists.")),
        };
        for (owner, device) in added.gone {
            let refusal =
                Refusal::new(Code::Replaced, "Another phone has registered this account; this one is cut off.");
            self.cut(owner, device, &refusal);
        }
        self.inner.hub.devices_changed(account);
        let (token, token_expires_in_ms) = self.token(account, added.device.id, role);
        Ok(Issued {
            account,
            address,
            device: added.device.id,
            secret,
            token,
            token_expires_in_ms,
            primary: role == DeviceRole::Primary,
            replaced,
        })
    }

    pub(crate) fn report_activity(&self, caller: &Caller, foreground: bool) -> Result<Reply, Refusal> {
        device_of(caller)?;
        let metrics = &self.inner.metrics;
        let counter = if foreground { &metrics.activity_foreground } else { &metrics.activity_background };
        counter.fetch_add(1, Ordering::Relaxed);
        let settings = self.settings();
        // In the background a radio that wakes costs more than a link that is found dead a little later.
        let every_ms = if foreground { settings.heartbeat_ms } else { settings.heartbeat_ms * 2 };
        Ok(Reply::Heartbeat { every_ms: every_ms.min(settings.idle_ms * 3 / 4) })
    }
}
