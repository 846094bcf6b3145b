//! What is known of one account: its devices, what the others were told, who they are, and when to look at it again.
//!
//! Everything here is plain data under its shard's lock; moments come in as arguments. Invariant: [`Account::next_look`]
//! depends on the state alone, so the order of what is due can always be made anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use belfry_domain::{AccountId, Address, DeviceId, TimestampMs};
use tokio::time::Instant;

use super::{Availability, DEVICES_REMEMBERED_MAX, DIRECTED_MAX, Presence, WATCHERS_MAX};
use crate::settings::PresenceSettings;

/// One that is told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Viewer {
    pub(super) account: AccountId,
    /// Also when the account was there last.
    pub(super) when: bool,
}

/// A device that looks at an account without being a follower of it.
pub(super) type Watcher = (AccountId, DeviceId);

#[derive(Debug)]
struct Watch {
    until: Instant,
    when: bool,
}

/// What a device says of itself.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) availability: Availability,
    pub(super) status: String,
    /// Of equals the higher one speaks for the account (RFC 6121 §4.7.2.3).
    pub(super) priority: i8,
}

/// A device that is there, or was a moment ago.
#[derive(Debug)]
struct DeviceState {
    links: u32,
    /// Since when it has none.
    left: Instant,
    foreground: bool,
    said: Option<Box<Said>>,
    /// When it spoke last, as a count of all such moments.
    spoke: u64,
    /// To whom it is there by its own word.
    directed: Vec<AccountId>,
    /// Whom it watches.
    watched: Vec<AccountId>,
}

impl DeviceState {
    /// How it is there, if it is.
    fn is(&self) -> Option<(Availability, i8, u64, &str)> {
        let silent = if self.foreground { Availability::Online } else { Availability::Away };
        (self.links > 0).then_some(match &self.said {
            Some(said) => (said.availability, said.priority, self.spoke, said.status.as_str()),
            None => (silent, 0, self.spoke, ""),
        })
    }
}

/// How an account is, as it is told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct State {
    pub(super) availability: Availability,
    pub(super) status: String,
}

/// Who is to be told, as the store and the rules say it.
pub(super) struct Loaded {
    /// The account's [`Account::generation`] before the store was asked.
    pub(super) generation: u64,
    /// The followers, in order.
    pub(super) followers: Arc<[Viewer]>,
    /// Watchers that must not look any longer.
    pub(super) not_watching: Vec<Watcher>,
    /// Those to whom nothing may be said, of those to whom it was said by a device's own word.
    pub(super) not_directed: Vec<AccountId>,
}

/// What was seen of changes, to be counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) changes: u64,
    pub(super) coalesced: u64,
}

/// To whom something is told: an account's links, or those of one of its devices.
pub(super) type Tell<'a> = dyn FnMut(AccountId, Option<DeviceId>, &Arc<Presence>) + 'a;

/// An account.
#[derive(Debug)]
pub(super) struct Account {
    id: AccountId,
    address: Address,
    /// Mostly one: a list takes less than a map, for everybody who is connected.
    devices: Vec<(DeviceId, DeviceState)>,
    spoken: u64,
    /// How it is, whoever was told.
    is: State,
    /// How its audience was told that it is.
    pub(super) shown: State,
    /// When it was there last, as others may have seen it; `None`: the store knows. 0: nobody does.
    pub(super) last_seen: Option<TimestampMs>,
    /// Since when it is otherwise than shown.
    differs: Option<Instant>,
    /// When it became offline, for people.
    gone_at: TimestampMs,
    /// Changes since it was told last.
    untold: u64,
    told: Option<Instant>,
    /// Its turn did not come when it was due.
    pub(super) put_off: bool,
    followers: Option<Arc<[Viewer]>>,
    /// Since when the followers may be others.
    stale: Option<Instant>,
    /// Counts up when the followers may have changed.
    generation: u64,
    watchers: HashMap<Watcher, Watch>,
    /// No watch ends before.
    watch_ends: Option<Instant>,
    /// Where it stands among what is due.
    pub(super) listed: Option<Instant>,
}

impl Account {
    pub(super) fn new(id: AccountId, address: Address, last_seen: Option<TimestampMs>) -> Account {
        Account {
            id,
            address,
            devices: Vec::new(),
            spoken: 0,
            is: State::default(),
            shown: State::default(),
            last_seen,
            differs: None,
            gone_at: TimestampMs(0),
            untold: 0,
            told: None,
            put_off: false,
            followers: None,
            stale: None,
            generation: 0,
            watchers: HashMap::new(),
            watch_ends: None,
            listed: None,
        }
    }

    // ---- what devices do

    fn device(&mut self, device: DeviceId, now: Instant) -> &mut DeviceState {
        let at = self.devices.iter().position(|(one, _)| *one == device).unwrap_or_else(|| {
            if self.devices.len() >= DEVICES_REMEMBERED_MAX {
                let gone = self.devices.iter().enumerate().filter(|(_, (_, state))| state.links == 0);
                if let Some((oldest, _)) = gone.min_by_key(|(_, (_, state))| state.left) {
                    self.devices.remove(oldest);
                }
            }
            self.spoken += 1;
            let (spoke, directed, watched) = (self.spoken, Vec::new(), Vec::new());
            let new = DeviceState { links: 0, left: now, foreground: true, said: None, spoke, directed, watched };
            self.devices.reserve_exact(1);
            self.devices.push((device, new));
            self.devices.len() - 1
        });
        &mut self.devices[at].1
    }

    fn known(&self, device: DeviceId) -> Option<&DeviceState> {
        self.devices.iter().find(|(one, _)| *one == device).map(|(_, state)| state)
    }

    fn known_mut(&mut self, device: DeviceId) -> Option<&mut DeviceState> {
        self.devices.iter_mut().find(|(one, _)| *one == device).map(|(_, state)| state)
    }

    fn states(&self) -> impl Iterator<Item = &DeviceState> {
        self.devices.iter().map(|(_, state)| state)
    }

    pub(super) fn arrived(&mut self, device: DeviceId, now: Instant) {
        self.device(device, now).links += 1;
        self.last_seen.get_or_insert(TimestampMs(0));
    }

    pub(super) fn left(&mut self, device: DeviceId, now: Instant) {
        if let Some(state) = self.known_mut(device) {
            state.links = state.links.saturating_sub(1);
            state.left = now;
        }
    }

    pub(super) fn looks(&mut self, device: DeviceId, foreground: bool) {
        if let Some(state) = self.known_mut(device) {
            state.foreground = foreground;
        }
    }

    pub(super) fn says(&mut self, device: DeviceId, said: Said, now: Instant) {
        self.spoken += 1;
        let spoke = self.spoken;
        let state = self.device(device, now);
        (state.said, state.spoke) = (Some(Box::new(said)), spoke);
    }

    /// Whether a device is there by a link.
    pub(super) fn has_link(&self, device: DeviceId) -> bool {
        self.known(device).is_some_and(|state| state.links > 0)
    }

    /// Remembers whom a device watches; whom it no longer does.
    pub(super) fn watches(&mut self, device: DeviceId, watched: Vec<AccountId>) -> Vec<AccountId> {
        let Some(state) = self.known_mut(device) else { return Vec::new() };
        let mut before = std::mem::replace(&mut state.watched, watched);
        before.retain(|one| !state.watched.contains(one));
        before
    }

    pub(super) fn watched_by(&self, device: DeviceId) -> &[AccountId] {
        self.known(device).map_or(&[], |state| &state.watched)
    }

    pub(super) fn all_watched(&self) -> Vec<AccountId> {
        self.states().flat_map(|state| state.watched.iter().copied()).collect()
    }

    /// A device is there for somebody by its own word, or no longer. Who had to make room for it.
    pub(super) fn directs(&mut self, device: DeviceId, to: AccountId, there: bool) -> Option<AccountId> {
        let state = self.known_mut(device)?;
        state.directed.retain(|one| *one != to);
        let full = there && state.directed.len() >= DIRECTED_MAX;
        let oldest = full.then(|| state.directed.remove(0));
        if there {
            state.directed.push(to);
        }
        oldest
    }

    // ---- who is told

    /// Lets a device watch until then. `false`: there are too many.
    pub(super) fn watched(&mut self, watcher: Watcher, when: bool, until: Instant) -> bool {
        if self.watchers.len() >= WATCHERS_MAX && !self.watchers.contains_key(&watcher) {
            return false;
        }
        self.watchers.insert(watcher, Watch { until, when });
        self.watch_ends = Some(self.watch_ends.map_or(until, |ends| ends.min(until)));
        true
    }

    pub(super) fn unwatched(&mut self, watcher: Watcher) {
        self.watchers.remove(&watcher);
    }

    /// The followers may be others from now on.
    pub(super) fn stale(&mut self, now: Instant) {
        self.generation += 1;
        if self.followers.is_some() || !self.watchers.is_empty() || self.states().any(|d| !d.directed.is_empty()) {
            self.stale.get_or_insert(now);
        }
    }

    /// Whether the store must be asked who is told before anything is told: with what was asked for so far.
    pub(super) fn asks_who(&self) -> Option<(u64, Vec<Watcher>, Vec<AccountId>)> {
        let needed = self.stale.is_some() || (self.followers.is_none() && self.differs.is_some());
        needed.then(|| {
            let directed = self.states().flat_map(|state| state.directed.iter().copied()).collect();
            (self.generation, self.watchers.keys().copied().collect(), directed)
        })
    }

    fn follower(&self, account: AccountId) -> Option<Viewer> {
        let followers = self.followers.as_deref()?;
        followers.binary_search_by_key(&account, |viewer| viewer.account).ok().map(|at| followers[at])
    }

    /// As it is shown to a follower, if it is one.
    pub(super) fn shown_to(&self, viewer: AccountId) -> Option<Presence> {
        self.follower(viewer).map(|viewer| self.presence(viewer.when))
    }

    /// Whether the followers may be others by now.
    pub(super) fn is_stale(&self) -> bool {
        self.stale.is_some()
    }

    /// As it is shown.
    pub(super) fn presence(&self, when: bool) -> Presence {
        let offline = self.shown.availability == Availability::Offline;
        Presence {
            account: self.id,
            address: self.address.clone(),
            availability: self.shown.availability,
            status: self.shown.status.clone(),
            last_seen: self.last_seen.filter(|_| offline && when).unwrap_or_default(),
        }
    }

    /// As it is, whether or not that was told yet.
    pub(super) fn present(&self) -> Presence {
        let State { availability, status } = self.is.clone();
        Presence { availability, status, ..Presence::hidden(self.id, self.address.clone()) }
    }

    // ---- time

    /// Takes in what has changed.
    pub(super) fn changed(&mut self, now: Instant, at: TimestampMs) -> Seen {
        let best = self.states().filter_map(DeviceState::is).max();
        let (availability, status) = best.map_or((Availability::Offline, ""), |(how, _, _, status)| (how, status));
        // Whoever is not to be seen says nothing either.
        let status = if availability == Availability::Offline { "" } else { status };
        let mut seen = Seen::default();
        if self.is.availability != availability || self.is.status != status {
            self.is = State { availability, status: status.to_owned() };
            self.untold += 1;
            seen.changes = 1;
            if availability == Availability::Offline {
                self.gone_at = at;
            }
        }
        if self.is == self.shown {
            self.differs = None;
            self.put_off = false;
            seen.coalesced = std::mem::take(&mut self.untold);
        } else {
            self.differs.get_or_insert(now);
        }
        seen
    }

    /// When what differs is to be told.
    fn tell_at(&self, rules: &PresenceSettings) -> Option<Instant> {
        let settled = self.differs? + ms(rules.settle_ms);
        let mut at = self.told.map_or(settled, |told| settled.max(told + ms(rules.interval_ms)));
        if self.is.availability == Availability::Offline {
            let lingering = self.states().filter(|state| state.links == 0).map(|state| state.left).max();
            at = lingering.map_or(at, |left| at.max(left + ms(rules.linger_ms)));
        }
        Some(at)
    }

    /// When to look at it again.
    pub(super) fn next_look(&self, rules: &PresenceSettings) -> Option<Instant> {
        let gone = self.states().filter(|state| state.links == 0).map(|state| state.left).min();
        let looks = [
            self.tell_at(rules),
            self.stale.map(|since| since + ms(rules.settle_ms)),
            gone.map(|left| left + ms(rules.linger_ms)),
            self.watch_ends,
        ];
        looks.into_iter().flatten().min()
    }

    /// Whether nothing needs to be remembered of it but when it was there last.
    pub(super) fn is_nothing(&self) -> bool {
        self.devices.is_empty() && self.watchers.is_empty() && self.shown.availability == Availability::Offline
    }

    /// Tells what is due, to whom it is due, and forgets what is over.
    pub(super) fn look(
        &mut self,
        now: Instant,
        loaded: Option<Loaded>,
        rules: &PresenceSettings,
        tell: &mut Tell<'_>,
    ) -> Seen {
        let mut joined = Vec::new();
        if let Some(loaded) = loaded.filter(|loaded| loaded.generation == self.generation) {
            joined = self.renew(loaded, tell);
        } else if self.stale.is_some() {
            self.stale = Some(now); // it became stale again meanwhile
        }
        self.forget(now, rules, tell);
        let due = self.stale.is_none() && self.followers.is_some() && self.tell_at(rules).is_some_and(|at| at <= now);
        if !due {
            if self.shown.availability != Availability::Offline {
                self.tell(&joined, tell);
            }
            return Seen::default();
        }
        self.shown = self.is.clone();
        if self.shown.availability == Availability::Offline {
            self.last_seen = Some(self.gone_at);
        }
        (self.told, self.differs, self.put_off) = (Some(now), None, false);
        let coalesced = std::mem::take(&mut self.untold).saturating_sub(1);
        if let Some(followers) = self.followers.clone() {
            self.tell(&followers, tell);
        }
        let (whole, without) = (Arc::new(self.presence(true)), Arc::new(self.presence(false)));
        for ((account, device), watch) in &self.watchers {
            if self.follower(*account).is_none() {
                tell(*account, Some(*device), if watch.when { &whole } else { &without });
            }
        }
        Seen { changes: 0, coalesced }
    }

    fn tell(&self, viewers: &[Viewer], tell: &mut Tell<'_>) {
        let (whole, without) = (Arc::new(self.presence(true)), Arc::new(self.presence(false)));
        for viewer in viewers {
            tell(viewer.account, None, if viewer.when { &whole } else { &without });
        }
    }

    /// Other followers from now on. Who is none any longer is told that nobody is there, if that is not what was shown.
    /// The new ones.
    fn renew(&mut self, loaded: Loaded, tell: &mut Tell<'_>) -> Vec<Viewer> {
        let before = self.followers.replace(loaded.followers);
        self.stale = None;
        let hidden = Arc::new(Presence::hidden(self.id, self.address.clone()));
        let visible = self.shown.availability != Availability::Offline;
        for watcher in loaded.not_watching {
            if self.watchers.remove(&watcher).is_some() && visible {
                tell(watcher.0, Some(watcher.1), &hidden);
            }
        }
        for account in loaded.not_directed {
            let mut was = false;
            for (_, state) in &mut self.devices {
                let count = state.directed.len();
                state.directed.retain(|one| *one != account);
                was |= state.directed.len() < count;
            }
            if was {
                tell(account, None, &hidden);
            }
        }
        let before = before.as_deref().unwrap_or_default();
        for viewer in before {
            if visible && self.follower(viewer.account).is_none() {
                tell(viewer.account, None, &hidden);
            }
        }
        let known = |viewer: &Viewer| before.binary_search_by_key(&viewer.account, |one| one.account).is_ok();
        self.followers.as_deref().unwrap_or_default().iter().filter(|viewer| !known(viewer)).copied().collect()
    }

    /// Devices whose linger is over and watches that have ended are forgotten. Those to whom such a device was there by
    /// its own word are told what everybody is shown, or that nobody is there.
    fn forget(&mut self, now: Instant, rules: &PresenceSettings, tell: &mut Tell<'_>) {
        let linger = ms(rules.linger_ms);
        let over = |state: &DeviceState| state.links == 0 && state.left + linger <= now;
        let mut released = Vec::new();
        self.devices.retain_mut(|(_, state)| {
            let over = over(state);
            if over {
                released.append(&mut state.directed);
            }
            !over
        });
        for account in released {
            if !self.states().any(|state| state.directed.contains(&account)) {
                self.undirect(account, tell);
            }
        }
        if self.watch_ends.is_some_and(|ends| ends <= now) {
            self.watchers.retain(|_, watch| watch.until > now);
            self.watch_ends = self.watchers.values().map(|watch| watch.until).min();
        }
    }

    /// Tells somebody to whom a device was there by its own word what they may see without it.
    pub(super) fn undirect(&self, account: AccountId, tell: &mut Tell<'_>) {
        let watching = || self.watchers.iter().find(|((one, _), _)| *one == account);
        let shown = self.shown_to(account).or_else(|| watching().map(|(_, watch)| self.presence(watch.when)));
        let shown = shown.unwrap_or_else(|| Presence::hidden(self.id, self.address.clone()));
        tell(account, None, &Arc::new(shown));
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
