//! Linking: a new device joins an account by a code that it shows and a device of the account reads.
//!
//! The new device begins and waits, the account's phone scans and confirms. What is under way is kept in memory alone:
//! after a restart the new device asks for a new code. Invariants: a code is for one device and one account; only who
//! has the secret, under the key that the code was asked for with, is told the credentials; the device is on disk
//! before anybody is told of it; what is kept is bounded, whoever asks.

mod code;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use belfry_domain::limits::POLL_WAIT_MS_MAX;
use belfry_domain::ports::random_array;
use belfry_domain::{AccountId, Address, Code, DeviceId, DeviceRole, Refusal, Secret, TimestampMs};
use parking_lot::Mutex;
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

pub use code::LinkId;

use crate::accounts::Joining;
use crate::command::{Caller, Identity, Issued, Peer, Reply};
use crate::credentials::{new_secret, secret_hash};
use crate::limits::{Limited, limited_ip};
use crate::registration::label;
use crate::{Engine, device_of};

/// Links under way at once: a kilobyte each, for a minute or two.
const PENDING_MAX: usize = 10_000;

/// Of one address (of one /64 in IPv6): an office that sets up its machines on one day.
const PENDING_PER_ADDRESS: usize = 32;

/// How long it is still said that a link has expired or was refused; after that there was no such link.
const LINGER: Duration = Duration::from_secs(60);

/// Requests that wait for one link: the device's own, and those that it lost with a network.
const WAITERS_MAX: usize = 8;

/// How far a link has got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkState {
    /// Nobody has read the code.
    Waiting,
    /// Its owner is asked.
    Scanned,
    /// The device belongs to the account.
    Confirmed,
    /// Its owner does not want it.
    Refused,
    /// Its time is over.
    Expired,
}

/// A code for a new device.
#[derive(Clone, Debug)]
pub struct LinkBegun {
    /// Its number.
    pub id: LinkId,
    /// What proves who has asked for it.
    pub secret: Secret<String>,
    /// The text to show.
    pub code: String,
    /// How long it is good.
    pub expires_in_ms: u64,
}

/// What became of a code.
#[derive(Clone, Debug)]
pub struct LinkStatus {
    /// How far it has got.
    pub state: LinkState,
    /// How long this can be asked.
    pub expires_in_ms: u64,
    /// Who has read it.
    pub account: Option<Address>,
    /// What the new device keeps, once it is confirmed.
    pub issued: Option<Arc<Issued>>,
}

/// Which device asks to join, as its owner is shown.
#[derive(Clone, Debug)]
pub struct LinkScanned {
    /// The code's number.
    pub id: LinkId,
    /// What the device calls itself.
    pub device_name: String,
    /// What it says it runs on.
    pub platform: String,
    /// From where it asks, in words.
    pub network: &'static str,
    /// Over what it asks.
    pub carrier: &'static str,
    /// When it asked.
    pub began: TimestampMs,
    /// How long its owner has to answer.
    pub expires_in_ms: u64,
}

/// A link under way.
struct Pending {
    id: LinkId,
    secret_hash: [u8; 32],
    noise_key: Option<[u8; 32]>,
    device_name: String,
    platform: String,
    peer: Peer,
    began: TimestampMs,
    present: watch::Sender<Present>,
}

#[derive(Clone)]
struct Present {
    stage: Stage,
    until: Instant,
}

#[derive(Clone)]
enum Stage {
    Waiting,
    Scanned(AccountId, Address),
    /// Its owner wants it, and the store is at work.
    Joining(AccountId, Address),
    Confirmed(AccountId, Address, Arc<Issued>),
    Refused(AccountId, Address),
}

impl Present {
    fn is_over(&self) -> bool {
        self.until <= Instant::now() && !matches!(self.stage, Stage::Joining(..))
    }

    fn state(&self) -> LinkState {
        match self.stage {
            Stage::Refused(..) => LinkState::Refused,
            _ if self.is_over() => LinkState::Expired,
            Stage::Waiting => LinkState::Waiting,
            Stage::Scanned(..) | Stage::Joining(..) => LinkState::Scanned,
            Stage::Confirmed(..) => LinkState::Confirmed,
        }
    }

    fn expires_in_ms(&self) -> u64 {
        self.until.saturating_duration_since(Instant::now()).as_millis() as u64
    }

    fn status(&self) -> LinkStatus {
        let state = self.state();
        let (account, issued) = match &self.stage {
            Stage::Waiting => (None, None),
            Stage::Scanned(_, by) | Stage::Joining(_, by) | Stage::Refused(_, by) => (Some(by.clone()), None),
            Stage::Confirmed(_, by, issued) => {
                (Some(by.clone()), Some(issued.clone()).filter(|_| state == LinkState::Confirmed))
            }
        };
        LinkStatus { state, expires_in_ms: self.expires_in_ms(), account, issued }
    }
}

/// All links under way.
pub(crate) struct Linking {
    pending: Mutex<HashMap<LinkId, Arc<Pending>>>,
    stopping: watch::Sender<bool>,
}

impl Default for Linking {
    fn default() -> Linking {
        Linking { pending: Mutex::default(), stopping: watch::Sender::new(false) }
    }
}

impl Linking {
    /// Forgets what has been over for a while.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        let kept = |pending: &Pending| {
            let present = pending.present.borrow();
            !present.is_over() || present.until + LINGER > now
        };
        self.pending.lock().retain(|_, pending| kept(pending));
    }

    /// Those who wait are answered at once.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    fn find(&self, id: LinkId) -> Option<Arc<Pending>> {
        self.pending.lock().get(&id).cloned()
    }

    /// Takes a new one in, if there is room.
    fn add(&self, new: Pending) -> Result<(), Refusal> {
        let mut pending = self.pending.lock();
        let ip = limited_ip(new.peer.ip);
        let of_address = pending.values().filter(|other| limited_ip(other.peer.ip) == ip && !other.is_over()).count();
        if of_address >= PENDING_PER_ADDRESS && !new.peer.exempt {
            let why = format!("{PENDING_PER_ADDRESS} devices of this network are being linked; wait for one to end.");
            return Err(Refusal::retry(Code::RateLimited, why, 30_000));
        }
        if pending.len() >= PENDING_MAX {
            return Err(Refusal::retry(Code::TryLater, "Too many devices are being linked at once; wait.", 30_000));
        }
        pending.insert(new.id, Arc::new(new));
        Ok(())
    }
}

impl Pending {
    fn is_over(&self) -> bool {
        self.present.borrow().is_over()
    }

    /// Changes the stage by a rule that looks at it; the rule says whether it has changed it.
    fn step<T>(&self, rule: impl FnOnce(&mut Present) -> (bool, T)) -> Option<T> {
        let mut outcome = None;
        self.present.send_if_modified(|present| {
            let (changed, made) = rule(present);
            outcome = Some(made);
            changed
        });
        outcome
    }

    fn scanned(&self) -> LinkScanned {
        LinkScanned {
            id: self.id,
            device_name: self.device_name.clone(),
            platform: self.platform.clone(),
            network: network(self.peer.ip),
            carrier: self.peer.carrier,
            began: self.began,
            expires_in_ms: self.present.borrow().expires_in_ms(),
        }
    }
}

impl Engine {
    /// Makes a code for a device that wants to join an account.
    pub(crate) fn link_begin(&self, caller: &Caller, device_name: String, platform: String) -> Result<Reply, Refusal> {
        self.limit_peer(&caller.peer, Limited::LinksBegun)?;
        let (device_name, platform) = (label(device_name, "Companion")?, label(platform, "")?);
        let noise_key = key_of(&caller.identity);
        let id = LinkId(random_array::<16>(&*self.inner.ports.entropy));
        let (secret, secret_hash) = new_secret(self);
        let settings = self.settings();
        let expires_in_ms = settings.devices.link_ms;
        let until = Instant::now() + Duration::from_millis(expires_in_ms);
        let began = self.inner.ports.clock.now();
        let present = watch::Sender::new(Present { stage: Stage::Waiting, until });
        let peer = caller.peer.clone();
        self.inner.linking.add(Pending { id, secret_hash, noise_key, device_name, platform, peer, began, present })?;
        let code = code::write(id, &settings.domain, noise_key.as_ref());
        Ok(Reply::LinkBegun(Box::new(LinkBegun { id, secret, code, expires_in_ms })))
    }

    /// What became of a code, for who asked for it; waits for a change if asked to.
    pub(crate) async fn link_wait(
        &self,
        caller: &Caller,
        id: LinkId,
        secret: Secret<String>,
        known: Option<LinkState>,
        wait_ms: u64,
    ) -> Result<Reply, Refusal> {
        self.check_peer(&caller.peer, Limited::LinksGuessed)?;
        let given = secret_hash(&secret);
        let pending = self.inner.linking.find(id);
        let kept = pending.as_ref().map_or([0; 32], |pending| pending.secret_hash);
        let fits = bool::from(given.ct_eq(&kept));
        let Some(pending) = pending.filter(|pending| fits && pending.noise_key == key_of(&caller.identity)) else {
            self.limit_peer(&caller.peer, Limited::LinksGuessed)?;
            return Err(no_link());
        };
        if pending.present.receiver_count() >= WAITERS_MAX {
            let why = format!("{WAITERS_MAX} requests wait for this code: let one of them end.");
            return Err(Refusal::retry(Code::RateLimited, why, 5_000));
        }
        let mut changes = pending.present.subscribe();
        let mut stopping = self.inner.linking.stopping.subscribe();
        let until = Instant::now() + Duration::from_millis(wait_ms.min(POLL_WAIT_MS_MAX));
        loop {
            let present = changes.borrow_and_update().clone();
            let ends = matches!(present.state(), LinkState::Confirmed | LinkState::Refused | LinkState::Expired);
            let over = until <= Instant::now() || *stopping.borrow();
            if ends || over || Some(present.state()) != known {
                return Ok(Reply::LinkStatus(Box::new(present.status())));
            }
            // The end of its time is a change too, though nobody makes it; while the store is at work it has none.
            let late = if matches!(present.stage, Stage::Joining(..)) { until } else { until.min(present.until) };
            tokio::select! {
                _changed_or_late = timeout_at(late, changes.changed()) => {}
                _stopping = stopping.changed() => {}
            }
        }
    }

    /// Reads a code: from now on it is the account's to answer.
    pub(crate) async fn link_scan(&self, caller: &Caller, payload: &str) -> Result<Reply, Refusal> {
        let (account, address, device) = device_of(caller)?;
        self.may_link(account, device).await?;
        self.limit(&Limited::LinksScanned(account))?;
        let settings = self.settings();
        let read = code::read(payload, &settings.domain)?;
        let pending = self.inner.linking.find(read.id).ok_or_else(no_link)?;
        // A code whose key was changed on the way to the screen is not the one that the device asked for.
        if read.key_hash.is_some() && read.key_hash != pending.noise_key.as_ref().map(code::key_hash) {
            return Err(no_link());
        }
        let answer_in = Duration::from_millis(settings.devices.link_ms);
        let scanned = pending.step(|present| match &present.stage {
            _ if present.is_over() => (false, Err(no_link())),
            Stage::Waiting => {
                let stage = Stage::Scanned(account, address.clone());
                *present = Present { stage, until: Instant::now() + answer_in };
                (true, Ok(()))
            }
            Stage::Scanned(by, _) | Stage::Joining(by, _) if *by == account => (false, Ok(())),
            Stage::Scanned(..) | Stage::Joining(..) => (false, Err(not_yours())),
            Stage::Confirmed(..) | Stage::Refused(..) => (false, Err(no_link())),
        });
        scanned.unwrap_or_else(|| Err(no_link()))?;
        Ok(Reply::LinkScanned(Box::new(pending.scanned())))
    }

    /// The owner's answer. A second "yes" is answered like the first.
    pub(crate) async fn link_confirm(&self, caller: &Caller, id: LinkId, accept: bool) -> Result<Reply, Refusal> {
        let (account, address, device) = device_of(caller)?;
        self.may_link(account, device).await?;
        self.limit(&Limited::LinksScanned(account))?;
        let pending = self.inner.linking.find(id).ok_or_else(no_link)?;
        let step = pending.step(|present| match &present.stage {
            Stage::Confirmed(by, _, issued) if *by == account && accept => (false, (Ok(Some(issued.device)), false)),
            Stage::Refused(by, _) if *by == account && !accept => (false, (Ok(None), false)),
            _ if present.is_over() => (false, (Err(no_link()), false)),
            Stage::Scanned(by, _) if *by == account && accept => {
                present.stage = Stage::Joining(account, address.clone());
                (true, (Ok(None), true))
            }
            Stage::Scanned(by, _) if *by == account => {
                present.stage = Stage::Refused(account, address.clone());
                (true, (Ok(None), false))
            }
            Stage::Joining(by, _) if *by == account => (false, (Err(in_progress()), false)),
            Stage::Waiting => (false, (Err(not_scanned()), false)),
            Stage::Scanned(..) | Stage::Joining(..) => (false, (Err(not_yours()), false)),
            Stage::Confirmed(..) | Stage::Refused(..) => (false, (Err(no_link()), false)),
        });
        let Some((answer, join)) = step else { return Err(no_link()) };
        if !join {
            return answer.map(Reply::LinkConfirmed);
        }
        // On its own: a phone whose request breaks off must not leave half a device behind.
        let (engine, address) = (self.clone(), address.clone());
        let joining = TaskTracker::new().spawn(async move { engine.join(&pending, account, address).await });
        let device = joining.await.map_err(|_| crate::internal("linking a device panicked"))??;
        Ok(Reply::LinkConfirmed(Some(device)))
    }

    /// Makes the device of a link; if that fails, its owner may try again.
    async fn join(&self, pending: &Pending, account: AccountId, address: Address) -> Result<DeviceId, Refusal> {
        let joining = Joining {
            role: DeviceRole::Companion,
            name: pending.device_name.clone(),
            platform: pending.platform.clone(),
            noise_key: pending.noise_key,
        };
        let issued = self.issue(account, address.clone(), joining, false).await.map(Arc::new);
        let answer_in = Duration::from_millis(self.settings().devices.link_ms);
        pending.present.send_modify(|present| {
            present.until = present.until.max(Instant::now() + answer_in);
            present.stage = match &issued {
                Ok(issued) => Stage::Confirmed(account, address, issued.clone()),
                Err(_) => Stage::Scanned(account, address),
            };
        });
        issued.map(|issued| issued.device)
    }

    /// Only an account's phone adds devices to it; where there is none, any of its devices if the settings allow it.
    async fn may_link(&self, account: AccountId, device: DeviceId) -> Result<(), Refusal> {
        match self.primary_of(account).await? {
            Some(primary) if primary == device => Ok(()),
            None if self.settings().devices.link_without_primary => Ok(()),
            Some(_) => Err(Refusal::new(Code::Forbidden, "Link it with the account's phone: only that adds devices.")),
            None => Err(Refusal::new(Code::Forbidden, "Accounts without a phone do not link devices on this server.")),
        }
    }
}

/// The key under which somebody speaks who is no device yet.
fn key_of(identity: &Identity) -> Option<[u8; 32]> {
    match identity {
        Identity::Nobody { noise_key } => *noise_key,
        Identity::Guest { .. } | Identity::Device { .. } => None,
    }
}

/// From where an address is, as far as people need it to know their own device.
fn network(ip: IpAddr) -> &'static str {
    let private = match ip.to_canonical() {
        ip if ip.is_loopback() => return "this machine",
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    if private { "a private network" } else { "the internet" }
}

fn no_link() -> Refusal {
    Refusal::new(Code::NotFound, "This code is not good (any more): let the new device show a new one.")
}

fn not_yours() -> Refusal {
    Refusal::new(Code::Forbidden, "Another account has read this code: let the new device show a new one.")
}

fn not_scanned() -> Refusal {
    Refusal::new(Code::BadRequest, "Read the code first, so that you see which device it is.")
}

fn in_progress() -> Refusal {
    Refusal::retry(Code::TryLater, "The device is being added; ask again in a moment.", 1_000)
}
