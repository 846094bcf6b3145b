//! Token buckets: how often somebody may do something. Bounded memory, whoever asks.
//!
//! Who does what comes in as a [`Limited`]; "yes" or the milliseconds to wait leave, exact: after them there is a token,
//! and a millisecond earlier there was none. Invariants: in no stretch of time is more given than the burst and what the
//! rate gives in that time; each [`Class`] of keys has memory of its own, so that whoever makes up keys pushes out no
//! others than those of the same class, and of these the ones that are worth the least. The buckets are our own because
//! those of the crate `governor` have a rate that is fixed when they are made, cannot be looked into without taking, and
//! grow with their keys.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::{IpAddr, Ipv6Addr};

use belfry_domain::{AccountId, Address, Code, DeviceId, LeaseId, Refusal};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::rates::{Rate, Rates};
use crate::{Caller, Command, Engine, Identity, Peer, metrics::count};

/// Buckets that share a lock and a bound: enough that chance seldom fills one set while others are empty, and few
/// enough to be looked through.
const WAYS: usize = 32;

/// Sets of each class. With 32 buckets of 40 bytes each, full, addresses and accounts take 5 MiB each (131,072 buckets),
/// names 1.25 MiB (32,768), and all together 11.3 MiB; a set that nobody fell into takes 32 bytes.
const SETS: [usize; 4] = [4_096, 1_024, 4_096, 1];

const _: () = assert!(size_of::<Bucket>() == 40 && size_of::<Mutex<Vec<Bucket>>>() == 32);

/// What is limited, for whom.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Limited {
    /// Changes of messages and conversations by a device.
    Changes(AccountId, DeviceId),
    /// Changes of contacts and blocks by an account.
    ContactChanges(AccountId),
    /// Contact requests by an account.
    ContactRequests(AccountId),
    /// Older messages asked for by a device.
    History(AccountId, DeviceId),
    /// Invitations made by an account.
    Invitations(AccountId),
    /// Invitations looked at by an address.
    InvitationsLookedAt(IpAddr),
    /// Codes for linking that an address asks for.
    LinksBegun(IpAddr),
    /// Codes that an address asks about without their secret.
    LinksGuessed(IpAddr),
    /// Codes that an account reads or answers.
    LinksScanned(AccountId),
    /// Joins of the lobby by an address.
    LobbyJoins(IpAddr),
    /// Messages of a guest in the lobby.
    LobbySendsAs(LeaseId),
    /// Messages of an account in the lobby.
    LobbySendsOf(AccountId),
    /// Wrong credentials from an address.
    LoginsFrom(IpAddr),
    /// Wrong credentials for an account.
    LoginsOf(Address),
    /// Addresses asked about by an account.
    LookUps(AccountId),
    /// Addresses asked about from an address.
    LookUpsFrom(IpAddr),
    /// Changes of its password by an account.
    PasswordChanges(AccountId),
    /// PINs tried by an address.
    PinTries(IpAddr),
    /// PINs sent at all.
    Pins,
    /// PINs asked for by an address.
    PinsByAddress(IpAddr),
    /// Changes of presence by a device.
    Presence(AccountId, DeviceId),
    /// Requests of an account.
    Requests(AccountId),
    /// Requests of an address that come before a login.
    RequestsBeforeLogin(IpAddr),
    /// Requests of a device.
    RequestsOfDevice(AccountId, DeviceId),
    /// Messages of a device.
    Sends(AccountId, DeviceId),
    /// Tries to make an account without an invitation, by an address.
    SignUps(IpAddr),
    /// Stanzas of a device for other clients.
    Stanzas(AccountId, DeviceId),
    /// Being seen to write, by a device.
    Typing(AccountId, DeviceId),
    /// Addresses that a device begins to watch.
    Watches(AccountId, DeviceId),
}

/// Who can make up keys, and how many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Class {
    /// Whoever has many addresses.
    Addresses,
    /// Anybody: names that are only claimed.
    Names,
    /// Nobody: accounts that have logged in, and their devices.
    Accounts,
    /// There is one.
    Server,
}

impl Limited {
    fn class(&self) -> Class {
        match self {
            Limited::InvitationsLookedAt(_)
            | Limited::LinksBegun(_)
            | Limited::LinksGuessed(_)
            | Limited::LobbyJoins(_)
            | Limited::LoginsFrom(_)
            | Limited::LookUpsFrom(_)
            | Limited::PinTries(_)
            | Limited::PinsByAddress(_)
            | Limited::RequestsBeforeLogin(_)
            | Limited::SignUps(_) => Class::Addresses,
            Limited::LobbySendsAs(_) | Limited::LoginsOf(_) => Class::Names,
            Limited::Changes(..)
            | Limited::ContactChanges(_)
            | Limited::ContactRequests(_)
            | Limited::History(..)
            | Limited::Invitations(_)
            | Limited::LinksScanned(_)
            | Limited::LobbySendsOf(_)
            | Limited::LookUps(_)
            | Limited::PasswordChanges(_)
            | Limited::Presence(..)
            | Limited::Requests(_)
            | Limited::RequestsOfDevice(..)
            | Limited::Sends(..)
            | Limited::Stanzas(..)
            | Limited::Typing(..)
            | Limited::Watches(..) => Class::Accounts,
            Limited::Pins => Class::Server,
        }
    }

    /// The rate it is held to, and what completes "Too many …".
    fn rule(&self, rates: &Rates) -> (Rate, &'static str) {
        match self {
            Limited::Changes(..) => (rates.changes, "changes at once"),
            Limited::ContactChanges(_) => (rates.contact_changes, "changes of contacts"),
            Limited::ContactRequests(_) => (rates.contact_requests, "contact requests"),
            Limited::History(..) => (rates.history, "older messages asked for"),
            Limited::Invitations(_) => (rates.invitations, "invitations made"),
            Limited::InvitationsLookedAt(_) => (rates.invitations_looked_at, "invitations looked at from this address"),
            Limited::LinksBegun(_) => (rates.links_begun, "codes for linking from this address"),
            Limited::LinksGuessed(_) => (rates.links_guessed, "wrong codes from this address"),
            Limited::LinksScanned(_) => (rates.links_scanned, "codes read and answered"),
            Limited::LobbyJoins(_) => (rates.lobby_joins, "visits from this address"),
            Limited::LobbySendsAs(_) | Limited::LobbySendsOf(_) => (rates.lobby_sends, "messages at once"),
            Limited::LoginsFrom(_) => (rates.failed_logins_by_address, "failed logins"),
            Limited::LoginsOf(_) => (rates.failed_logins, "failed logins"),
            Limited::LookUps(_) => (rates.look_ups, "addresses asked about"),
            Limited::LookUpsFrom(_) => (rates.look_ups_by_address, "addresses asked about from this address"),
            Limited::PasswordChanges(_) => (rates.password_changes, "changes of the password"),
            Limited::PinTries(_) => (rates.pin_tries_by_address, "PINs tried from this address"),
            Limited::Pins => (rates.pins, "PINs at once"),
            Limited::PinsByAddress(_) => (rates.pins_by_address, "PINs from this address"),
            Limited::Presence(..) => (rates.presence, "changes of presence"),
            Limited::Requests(_) => (rates.requests, "requests of this account"),
            Limited::RequestsBeforeLogin(_) => (rates.requests_before_login, "requests before a login"),
            Limited::RequestsOfDevice(..) => (rates.requests_by_device, "requests"),
            Limited::Sends(..) => (rates.sends, "messages at once"),
            Limited::SignUps(_) => (rates.sign_ups_by_address, "accounts made from this address"),
            Limited::Stanzas(..) => (rates.stanzas, "stanzas for other clients"),
            Limited::Typing(..) => (rates.typing, "changes of who is writing"),
            Limited::Watches(..) => (rates.watches, "addresses watched"),
        }
    }
}

/// How many tokens there are. Whole numbers, so that nothing is lost or won by rounding: a token is `per_ms` parts, and
/// each millisecond brings `count` of them.
struct Bucket {
    key: u64,
    parts: u64,
    at_ms: u64,
    rate: Rate,
}

impl Bucket {
    fn full(key: u64, rate: Rate, now_ms: u64) -> Bucket {
        Bucket { key, parts: capacity(rate), at_ms: now_ms, rate }
    }

    fn parts_at(&self, now_ms: u64) -> u64 {
        let gained = now_ms.saturating_sub(self.at_ms).saturating_mul(self.rate.count.into());
        self.parts.saturating_add(gained).min(capacity(self.rate))
    }

    /// How long until nobody would notice that it was forgotten.
    fn full_in_ms(&self, now_ms: u64) -> u64 {
        (capacity(self.rate) - self.parts_at(now_ms)).div_ceil(self.rate.count.max(1).into())
    }

    /// Brings it to now. After a change of its rate it keeps the tokens it has, as far as the new burst holds them.
    fn advance(&mut self, now_ms: u64, rate: Rate) {
        self.parts = self.parts_at(now_ms);
        self.at_ms = self.at_ms.max(now_ms);
        if self.rate != rate {
            let parts = u128::from(self.parts) * u128::from(rate.per_ms) / u128::from(self.rate.per_ms.max(1));
            self.parts = u64::try_from(parts).unwrap_or(u64::MAX).min(capacity(rate));
            self.rate = rate;
        }
    }

    /// Whether there is a token; `Err`: the milliseconds until there is.
    fn look(&self) -> Result<(), u64> {
        let missing = u64::from(self.rate.per_ms).saturating_sub(self.parts);
        if missing == 0 { Ok(()) } else { Err(missing.div_ceil(self.rate.count.max(1).into())) }
    }
}

/// 32 bits each, so that the product fits.
fn capacity(rate: Rate) -> u64 {
    u64::from(rate.burst) * u64::from(rate.per_ms)
}

/// Makes room for one more: what is full again goes at no loss; if there is none, the one that is full soonest, of which
/// the least is forgotten. So a flood of keys, each of which has done little, pushes out itself, and not the one that
/// has used up its tokens.
fn make_room(set: &mut Vec<Bucket>, now_ms: u64) {
    if set.len() == set.capacity() {
        set.retain(|bucket| bucket.full_in_ms(now_ms) > 0);
    }
    if set.len() >= WAYS {
        let worth = |bucket: &Bucket| (bucket.full_in_ms(now_ms), bucket.at_ms);
        if let Some((least, _)) = set.iter().enumerate().min_by_key(|(_, bucket)| worth(bucket)) {
            set.swap_remove(least);
        }
    }
}

/// All buckets.
pub(crate) struct Limits {
    began: Instant,
    hasher: RandomState,
    classes: [Box<[Mutex<Vec<Bucket>>]>; 4],
}

impl Default for Limits {
    fn default() -> Limits {
        let classes = SETS.map(|sets| (0..sets).map(|_| Mutex::default()).collect());
        Limits { began: Instant::now(), hasher: RandomState::new(), classes }
    }
}

impl Limits {
    /// Takes a token of a key; `Err`: the milliseconds until there is one.
    pub(crate) fn take(&self, key: &Limited, rate: Rate) -> Result<(), u64> {
        self.take_at(key, rate, self.now_ms())
    }

    /// Whether there is a token to take.
    pub(crate) fn check(&self, key: &Limited, rate: Rate) -> Result<(), u64> {
        self.check_at(key, rate, self.now_ms())
    }

    /// Gives a token back that was taken for what turned out not to count.
    pub(crate) fn give_back(&self, key: &Limited) {
        let hash = self.hasher.hash_one(key);
        // One that is forgotten meanwhile was full.
        if let Some(bucket) = self.set(key, hash).lock().iter_mut().find(|bucket| bucket.key == hash) {
            bucket.parts = capacity(bucket.rate).min(bucket.parts + u64::from(bucket.rate.per_ms));
        }
    }

    fn take_at(&self, key: &Limited, rate: Rate, now_ms: u64) -> Result<(), u64> {
        if rate == Rate::UNLIMITED {
            return Ok(());
        }
        let hash = self.hasher.hash_one(key);
        let mut set = self.set(key, hash).lock();
        let at = set.iter().position(|bucket| bucket.key == hash).unwrap_or_else(|| {
            make_room(&mut set, now_ms);
            set.push(Bucket::full(hash, rate, now_ms));
            set.len() - 1
        });
        let bucket = &mut set[at];
        bucket.advance(now_ms, rate);
        bucket.look()?;
        bucket.parts -= u64::from(rate.per_ms);
        Ok(())
    }

    fn check_at(&self, key: &Limited, rate: Rate, now_ms: u64) -> Result<(), u64> {
        if rate == Rate::UNLIMITED {
            return Ok(());
        }
        let hash = self.hasher.hash_one(key);
        let mut set = self.set(key, hash).lock();
        let Some(bucket) = set.iter_mut().find(|bucket| bucket.key == hash) else { return Ok(()) };
        bucket.advance(now_ms, rate);
        bucket.look()
    }

    fn set(&self, key: &Limited, hash: u64) -> &Mutex<Vec<Bucket>> {
        let sets = &self.classes[key.class() as usize];
        &sets[hash as usize % sets.len()]
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

/// The address that limits count: of IPv6 the /64, which is what one customer has.
pub(crate) fn limited_ip(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        },
    }
}

impl Engine {
    /// Takes a token or refuses with the time to wait.
    pub(crate) fn limit(&self, key: &Limited) -> Result<(), Refusal> {
        let (rate, what) = key.rule(&self.inner.settings.read().rates);
        self.inner.limits.take(key, rate).map_err(|wait_ms| self.too_many(what, wait_ms))
    }

    /// Refuses if there is no token, taking none.
    pub(crate) fn check_limit(&self, key: &Limited) -> Result<(), Refusal> {
        let (rate, what) = key.rule(&self.inner.settings.read().rates);
        self.inner.limits.check(key, rate).map_err(|wait_ms| self.too_many(what, wait_ms))
    }

    /// Takes a token of the peer's address, unless that is exempt.
    pub(crate) fn limit_peer(&self, peer: &Peer, key: impl FnOnce(IpAddr) -> Limited) -> Result<(), Refusal> {
        if peer.exempt { Ok(()) } else { self.limit(&key(limited_ip(peer.ip))) }
    }

    /// Refuses if there is no token of the peer's address, unless that is exempt.
    pub(crate) fn check_peer(&self, peer: &Peer, key: impl FnOnce(IpAddr) -> Limited) -> Result<(), Refusal> {
        if peer.exempt { Ok(()) } else { self.check_limit(&key(limited_ip(peer.ip))) }
    }

    /// Takes what any request takes, whatever it asks for. What keeps a device going takes nothing: who is refused an
    /// acknowledgement or a sync asks again, and is told everything twice. Messages are counted where they are judged.
    pub(crate) fn limit_request(&self, caller: &Caller, command: &Command) -> Result<(), Refusal> {
        match (&caller.identity, command) {
            (
                Identity::Device { .. },
                Command::Acknowledge { .. }
                | Command::Logout
                | Command::ReportActivity { .. }
                | Command::Send(_)
                | Command::Sync { .. },
            )
            | (_, Command::LobbyLeave | Command::LobbyPoll { .. })
            | (Identity::Guest { .. }, Command::LobbySend { .. }) => Ok(()),
            (Identity::Device { account, device, .. }, _) => {
                self.limit(&Limited::RequestsOfDevice(*account, *device))?;
                self.limit(&Limited::Requests(*account))
            }
            (Identity::Guest { .. } | Identity::Nobody { .. }, _) => {
                self.limit_peer(&caller.peer, Limited::RequestsBeforeLogin)
            }
        }
    }

    fn too_many(&self, what: &str, wait_ms: u64) -> Refusal {
        count(&self.inner.metrics.rate_limited);
        Refusal::retry(Code::RateLimited, format!("Too many {what}; wait {} s.", wait_ms.div_ceil(1000)), wait_ms)
    }
}

#[cfg(test)]
mod tests;
