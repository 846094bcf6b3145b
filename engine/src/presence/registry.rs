//! All accounts that are there, were shown or are watched, over shards; and what is due, in each the oldest first.
//!
//! Deeds of devices and changes of contacts come in, each under one shard's lock for an instant; the round takes out
//! what is due. Invariant: an account stands in its shard's order exactly at its next look, or the round has it in hand.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use belfry_domain::{AccountId, Address, TimestampMs};
use parking_lot::{Mutex, RwLock};
use tokio::time::Instant;

use super::SEEN_MAX;
use super::account::{Account, Seen};
use crate::metrics::Metrics;
use crate::settings::PresenceSettings;

/// Locks over which accounts are spread.
const SHARDS: usize = 64;

/// Accounts whose privacy has changed since the last round; more, and everybody's followers are asked for anew.
const PRIVACY_MAX: usize = 10_000;

#[derive(Default)]
struct Shard {
    accounts: HashMap<AccountId, Account>,
    due: BTreeSet<(Instant, AccountId)>,
    /// When those were there last who have gone.
    seen: HashMap<AccountId, TimestampMs>,
}

/// What may be told at present, under the cap.
struct Bucket {
    tokens: f64,
    at: Option<Instant>,
}

/// All presences.
pub(crate) struct Presences {
    shards: Vec<Mutex<Shard>>,
    rules: RwLock<PresenceSettings>,
    started: Instant,
    /// Nothing is told: everybody is coming back after a start, or the server stops.
    quiet: AtomicBool,
    stopped: AtomicBool,
    /// Whose privacy has changed since the last round; `None`: too many to know.
    privacy: Mutex<Option<HashSet<AccountId>>>,
    /// The shard whose turn it is to give what is due: under the cap each gets its share.
    turn: AtomicUsize,
    bucket: Mutex<Bucket>,
}

impl Default for Presences {
    fn default() -> Presences {
        Presences {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            rules: RwLock::default(),
            started: Instant::now(),
            quiet: AtomicBool::new(true),
            stopped: AtomicBool::new(false),
            privacy: Mutex::new(Some(HashSet::new())),
            turn: AtomicUsize::new(0),
            bucket: Mutex::new(Bucket { tokens: 0.0, at: None }),
        }
    }
}

impl Presences {
    /// Other rules from now on.
    pub(crate) fn set_rules(&self, rules: PresenceSettings) {
        *self.rules.write() = rules;
    }

    pub(super) fn rules(&self) -> PresenceSettings {
        *self.rules.read()
    }

    fn shard(&self, account: AccountId) -> &Mutex<Shard> {
        &self.shards[account.0 as usize % SHARDS]
    }

    /// Changes an account that is in memory, and gives it its place in the order of what is due.
    pub(super) fn with<R>(&self, id: AccountId, change: impl FnOnce(&mut Account) -> R) -> Option<R> {
        let rules = self.rules();
        let mut shard = self.shard(id).lock();
        let done = change(shard.accounts.get_mut(&id)?);
        shard.list(id, &rules);
        Some(done)
    }

    /// By which names a viewer knows clients of an account that is in memory.
    pub(crate) fn names_for(&self, id: AccountId, viewer: AccountId, follows: bool) -> Option<Vec<Arc<str>>> {
        self.with(id, |account| account.names_for(viewer, follows))
    }

    /// Changes an account likewise, and it is in memory if it was not.
    pub(super) fn with_new<R>(&self, id: AccountId, address: &Address, change: impl FnOnce(&mut Account) -> R) -> R {
        let rules = self.rules();
        let mut shard = self.shard(id).lock();
        let Shard { accounts, seen, .. } = &mut *shard;
        let new = || Account::new(id, address.clone(), seen.remove(&id));
        let done = change(accounts.entry(id).or_insert_with(new));
        shard.list(id, &rules);
        done
    }

    /// Takes in a change of what an account is, and counts it.
    pub(super) fn change(
        &self,
        id: AccountId,
        address: &Address,
        at: TimestampMs,
        metrics: &Metrics,
        change: impl FnOnce(&mut Account, Instant),
    ) {
        let (now, rules) = (Instant::now(), self.rules());
        let seen = self.with_new(id, address, |account| {
            change(account, now);
            account.changed(now, at, &rules)
        });
        count(metrics, seen);
    }

    /// When an account was there last that is not in memory; `None`: the store knows.
    pub(super) fn seen(&self, id: AccountId) -> Option<TimestampMs> {
        let shard = self.shard(id).lock();
        match shard.accounts.get(&id) {
            Some(account) => account.last_seen,
            None => shard.seen.get(&id).copied(),
        }
    }

    /// How an owner stands to a peer has changed: either may be told of the other where it was not, or no longer.
    pub(crate) fn contact_changed(&self, owner: AccountId, peer: AccountId) {
        let now = Instant::now();
        for id in [owner, peer] {
            self.with(id, |account| account.stale(now));
        }
    }

    /// What an account shows has changed: it and all whom it follows are looked at by the next round.
    pub(crate) fn privacy_changed(&self, owner: AccountId) {
        let mut waiting = self.privacy.lock();
        if let Some(owners) = waiting.as_mut() {
            owners.insert(owner);
        }
        if waiting.as_ref().is_some_and(|owners| owners.len() > PRIVACY_MAX) {
            *waiting = None;
        }
    }

    /// Those whose privacy has changed since this was asked last; `None`: too many to know.
    pub(super) fn take_privacy(&self) -> Option<HashSet<AccountId>> {
        self.privacy.lock().replace(HashSet::new())
    }

    /// Everybody's followers may be others.
    pub(super) fn all_stale(&self) {
        let (now, rules) = (Instant::now(), self.rules());
        for shard in &self.shards {
            let mut shard = shard.lock();
            let ids: Vec<AccountId> = shard.accounts.keys().copied().collect();
            for id in ids {
                if let Some(account) = shard.accounts.get_mut(&id) {
                    account.stale(now);
                }
                shard.list(id, &rules);
            }
        }
    }

    /// The server stops, which nobody is told by presences.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Whether everybody is still coming back after the start.
    pub(super) fn quiet(&self) -> bool {
        self.quiet.load(Ordering::Acquire)
    }

    /// Ends the quiet if it is time. Whether it has just ended.
    pub(super) fn end_quiet(&self, now: Instant) -> bool {
        let linger = Duration::from_millis(self.rules().linger_ms);
        self.quiet() && now >= self.started + linger && self.quiet.swap(false, Ordering::AcqRel)
    }

    // ---- what is due

    /// Takes the account that has been due for longest in the next shard that has one.
    pub(super) fn next_due(&self, now: Instant) -> Option<AccountId> {
        for _ in 0..SHARDS {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let mut shard = self.shards[turn % SHARDS].lock();
            if let Some((at, id)) = shard.due.first().copied().filter(|(at, _)| *at <= now) {
                shard.due.remove(&(at, id));
                if let Some(account) = shard.accounts.get_mut(&id) {
                    account.listed = None;
                }
                return Some(id);
            }
        }
        None
    }

    /// Marks all that are due and have to wait; how many were not marked before.
    pub(super) fn put_off(&self, now: Instant) -> u64 {
        let mut marked = 0;
        for shard in &self.shards {
            let Shard { accounts, due, .. } = &mut *shard.lock();
            for (_, id) in due.iter().take_while(|(at, _)| *at <= now) {
                if let Some(account) = accounts.get_mut(id).filter(|account| !account.put_off) {
                    account.put_off = true;
                    marked += 1;
                }
            }
        }
        marked
    }

    /// Accounts in memory.
    pub(super) fn len(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().accounts.len() as u64).sum()
    }

    /// Whether anything may be told, by a bucket that holds a second's worth. One account's telling may overdraw it.
    pub(super) fn may_tell(&self, now: Instant) -> bool {
        let rate = f64::from(self.rules().messages_per_second);
        let mut bucket = self.bucket.lock();
        let gained = bucket.at.map_or(rate, |at| now.saturating_duration_since(at).as_secs_f64() * rate);
        bucket.tokens = (bucket.tokens + gained).min(rate);
        bucket.at = Some(now);
        bucket.tokens > 0.0
    }

    /// So many messages were told.
    pub(super) fn has_told(&self, messages: u64) {
        self.bucket.lock().tokens -= messages as f64;
    }
}

/// Counts what was seen of changes.
pub(super) fn count(metrics: &Metrics, seen: Seen) {
    if seen.changes > 0 {
        metrics.presence_changes.fetch_add(seen.changes, Ordering::Relaxed);
    }
    if seen.coalesced > 0 {
        metrics.presence_coalesced.fetch_add(seen.coalesced, Ordering::Relaxed);
    }
}

impl Shard {
    /// Gives an account its place in the order of what is due, or forgets it if there is nothing to remember.
    fn list(&mut self, id: AccountId, rules: &PresenceSettings) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        if account.is_nothing() {
            let (listed, last_seen) = (account.listed, account.last_seen);
            if let Some(at) = listed {
                self.due.remove(&(at, id));
            }
            self.accounts.remove(&id);
            if let Some(last_seen) = last_seen {
                if self.seen.len() >= SEEN_MAX {
                    self.seen.clear();
                }
                self.seen.insert(id, last_seen);
            }
            return;
        }
        let next = account.next_look(rules);
        if next != account.listed {
            if let Some(at) = account.listed {
                self.due.remove(&(at, id));
            }
            account.listed = next;
            if let Some(at) = next {
                self.due.insert((at, id));
            }
        }
    }
}
