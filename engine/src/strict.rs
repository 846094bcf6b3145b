//! Strict mode: an account's companions work only while its phone is online.
//!
//! Links of phones that come and go are noted here; companions are let in, or refused and closed with
//! `primary_offline`. Invariants: between the phone's last link and the refusal lies the grace of the settings, a start
//! of the server counting as that link's end; accounts without a phone are let be.

use std::collections::HashMap;
use std::time::Duration;

use belfry_domain::{AccountId, Code, Device, DeviceId, DeviceRole, Refusal};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::command::{Caller, Command, Identity};
use crate::{Engine, refused};

/// Phones that are remembered to have gone; each for its grace. More, and the companions of the oldest close at once.
const GONE_MAX: usize = 100_000;

/// Phones that have gone a short while ago, or were not there when a companion came.
pub(crate) struct Primaries {
    started: Instant,
    gone: Mutex<HashMap<AccountId, (DeviceId, Instant)>>,
}

impl Default for Primaries {
    fn default() -> Primaries {
        Primaries { started: Instant::now(), gone: Mutex::default() }
    }
}

impl Primaries {
    /// Since when a phone that is not online has been gone.
    fn gone_since(&self, account: AccountId, primary: DeviceId) -> Instant {
        let known = self.gone.lock().get(&account).map(|(_, since)| *since);
        known.unwrap_or_else(|| {
            self.note(account, primary, self.started);
            self.started
        })
    }

    fn note(&self, account: AccountId, primary: DeviceId, since: Instant) {
        let mut gone = self.gone.lock();
        if gone.len() >= GONE_MAX
            && let Some(oldest) = gone.iter().min_by_key(|(_, (_, since))| *since).map(|(account, _)| *account)
        {
            gone.remove(&oldest);
        }
        gone.insert(account, (primary, since));
    }

    /// Takes out those that have been gone for so long.
    fn over(&self, grace: Duration) -> Vec<(AccountId, DeviceId)> {
        let mut gone = self.gone.lock();
        let over: Vec<_> = gone
            .iter()
            .filter(|(_, (_, since))| since.elapsed() >= grace)
            .map(|(account, (primary, _))| (*account, *primary))
            .collect();
        for (account, _) in &over {
            gone.remove(account);
        }
        over
    }
}

impl Engine {
    /// Whether a companion may ask for this now. It may always leave the account.
    pub(crate) async fn primary_there(&self, caller: &Caller, command: &Command) -> Result<(), Refusal> {
        let Identity::Device { account, device, .. } = caller.identity else { return Ok(()) };
        if self.settings().devices.strict_grace_ms.is_none() || matches!(command, Command::Logout) {
            return Ok(());
        }
        match self.store().device(account, device).await.map_err(refused)? {
            Some(known) => self.may_connect(&known).await,
            None => Ok(()), // what it asks for will be refused with a better reason
        }
    }

    /// Whether a device may be connected now.
    pub(crate) async fn may_connect(&self, device: &Device) -> Result<(), Refusal> {
        let Some(grace_ms) = self.settings().devices.strict_grace_ms else { return Ok(()) };
        if device.role == DeviceRole::Primary {
            return Ok(());
        }
        let Some(primary) = self.primary_of(device.account).await? else { return Ok(()) };
        if self.inner.hub.online(device.account, primary) {
            return Ok(());
        }
        let gone = self.inner.primaries.gone_since(device.account, primary).elapsed();
        if gone < Duration::from_millis(grace_ms) { Ok(()) } else { Err(primary_offline()) }
    }

    /// A link of a phone has ended.
    pub(crate) fn primary_left(&self, account: AccountId, primary: DeviceId) {
        if self.settings().devices.strict_grace_ms.is_some() && !self.inner.hub.online(account, primary) {
            self.inner.primaries.note(account, primary, Instant::now());
        }
    }

    /// Closes the companions of phones that have been gone for the grace.
    pub(crate) fn close_strict(&self) {
        let Some(grace_ms) = self.settings().devices.strict_grace_ms else { return };
        for (account, primary) in self.inner.primaries.over(Duration::from_millis(grace_ms)) {
            if !self.inner.hub.online(account, primary) {
                self.inner.hub.close_others(account, primary, &primary_offline());
            }
        }
    }
}

fn primary_offline() -> Refusal {
    Refusal::retry(
        Code::PrimaryOffline,
        "The account's phone is offline, and on this server the other devices work only while it is online.",
        10_000,
    )
}
