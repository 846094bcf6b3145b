//! What is known of one account: its devices, what the others were told, who they are, and when to look at it again.
//!
//! Everything here is plain data under its shard's lock; moments come in as arguments. Invariant: [`Account::next_look`]
//! depends on the state alone, so the order of what is due can always be made anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use belfry_domain::{AccountId, Address, DeviceId, TimestampMs};
use tokio::time::Instant;

use super::resource::{self, Resource};
use super::{Availability, DEVICES_REMEMBERED_MAX, DIRECTED_MAX, Presence, WATCHERS_MAX};
use crate::hub::Links;
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

/// A device that is there, or was a moment ago.
#[derive(Debug)]
struct DeviceState {
    links: u32,
    /// Since when it has none.
    left: Instant,
    /// It has said that it goes, and does not linger.
    for_good: bool,
    foreground: bool,
    /// It is a resource: there only when it says so, and by itself.
    resource: bool,
    said: Option<Arc<Resource>>,
    /// When it spoke last, as a count of all such moments.
    spoke: u64,
    /// To whom it is there by its own word, and how.
    directed: Vec<(AccountId, Arc<Resource>)>,
    /// Whom it watches.
    watched: Vec<AccountId>,
}

/// How a device is: of equals the one with the higher priority speaks (RFC 6121 §4.7.2.3), then the one that spoke last.
type Is<'a> = (Availability, i8, u64, &'a str);

impl DeviceState {
    /// How it is there, if it is.
    fn is(&self) -> Option<Is<'_>> {
        if self.links > 0 { self.by_its_word() } else { None }
    }

    /// How it is by its word, or by whether a person looks at it.
    fn by_its_word(&self) -> Option<Is<'_>> {
        let silent = if self.foreground { Availability::Online } else { Availability::Away };
        match &self.said {
            Some(said) => Some((said.availability, said.priority, self.spoke, said.status.as_str())),
            None if self.resource => None,
            None => Some((silent, 0, self.spoke, "")),
        }
    }

    /// It has no link and may be back in a moment.
    fn lingers(&self, now: Instant, linger: Duration) -> bool {
        self.links == 0 && !self.for_good && self.left + linger > now
    }

    /// Until when it is remembered without a link.
    fn lingers_until(&self, linger: Duration) -> Option<Instant> {
        (self.links == 0).then(|| if self.for_good { self.left } else { self.left + linger })
    }

    /// What it is for one account by its own word.
    fn directed_to(&self, to: AccountId) -> Option<&Arc<Resource>> {
        self.directed.iter().find(|(one, _)| *one == to).map(|(_, resource)| resource)
    }
}

/// How an account is, as it is told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct State {
    pub(super) availability: Availability,
    pub(super) status: String,
    /// Its devices one by one, see [`Presence::resources`].
    resources: Arc<[Arc<Resource>]>,
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

/// To whom something is told: which of an account's links.
pub(super) type Tell<'a> = dyn FnMut(AccountId, Links<'_>, &Arc<Presence>) + 'a;

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
            let new = DeviceState {
                links: 0,
                left: now,
                for_good: false,
                foreground: true,
                resource: false,
                said: None,
                spoke: self.spoken,
                directed: Vec::new(),
                watched: Vec::new(),
            };
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

    /// A link of a device follows; `resource`: it is there only when it says so.
    pub(super) fn arrived(&mut self, device: DeviceId, resource: bool, now: Instant) {
        let state = self.device(device, now);
        if resource && state.links == 0 {
            state.said = None; // a new stream is not there before it says so
        }
        state.links += 1;
        (state.resource, state.for_good) = (resource, false);
        self.last_seen.get_or_insert(TimestampMs(0));
    }

    /// A link of a device has closed; `for_good`: its client has said so before.
    pub(super) fn left(&mut self, device: DeviceId, for_good: bool, now: Instant) {
        if let Some(state) = self.known_mut(device) {
            state.links = state.links.saturating_sub(1);
            (state.left, state.for_good) = (now, for_good && state.links == 0);
        }
    }

    pub(super) fn looks(&mut self, device: DeviceId, foreground: bool) {
        if let Some(state) = self.known_mut(device) {
            state.foreground = foreground;
        }
    }

    pub(super) fn says(&mut self, device: DeviceId, said: Resource, now: Instant) {
        self.spoken += 1;
        let spoke = self.spoken;
        let state = self.device(device, now);
        state.resource |= said.name.is_some();
        (state.said, state.spoke) = (Some(Arc::new(said)), spoke);
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

    /// A device is there for somebody by its own word, or (`None`) no longer. Who had to make room for it.
    pub(super) fn directs(
        &mut self,
        device: DeviceId,
        to: AccountId,
        there: Option<Arc<Resource>>,
    ) -> Option<AccountId> {
        let state = self.known_mut(device)?;
        state.directed.retain(|(one, _)| *one != to);
        let full = there.is_some() && state.directed.len() >= DIRECTED_MAX;
        let oldest = full.then(|| state.directed.remove(0).0);
        state.directed.extend(there.map(|resource| (to, resource)));
        oldest
    }

    /// A device is there for nobody by its own word any longer; those for whom it was.
    pub(super) fn undirects(&mut self, device: DeviceId) -> Vec<AccountId> {
        let state = self.known_mut(device);
        state.map_or_else(Vec::new, |state| state.directed.drain(..).map(|(to, _)| to).collect())
    }

    /// The names of the resources that somebody may see; `follows`: they see what is shown.
    pub(super) fn names_for(&self, viewer: AccountId, follows: bool) -> Vec<Arc<str>> {
        let name = |state: &DeviceState| {
            let shown = state.said.as_ref().filter(|said| follows && said.availability != Availability::Offline);
            shown.or(state.directed_to(viewer)).and_then(|resource| resource.name.clone())
        };
        self.states().filter(|state| state.links > 0).filter_map(name).collect()
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
            let directed = self.states().flat_map(|state| state.directed.iter().map(|(to, _)| *to)).collect();
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
            resources: Arc::clone(&self.shown.resources),
        }
    }

    /// As it is shown to who looks at it without being let in: not what its devices are.
    pub(super) fn seen_from_outside(&self, when: bool) -> Presence {
        Presence { resources: Arc::default(), ..self.presence(when) }
    }

    /// As it is, whether or not that was told yet.
    pub(super) fn present(&self) -> Presence {
        let State { availability, status, resources } = self.is.clone();
        Presence { availability, status, resources, ..Presence::hidden(self.id, self.address.clone()) }
    }

    /// As it is for somebody who is told apart from the others: what is shown to them, and over it the devices that are
    /// there for them by their own word, of which the last speaks.
    pub(super) fn for_one(&self, viewer: AccountId) -> Presence {
        let watching = || self.watchers.iter().find(|((one, _), _)| *one == viewer);
        let shown = self.shown_to(viewer).or_else(|| watching().map(|(_, watch)| self.seen_from_outside(watch.when)));
        let mut seen = shown.unwrap_or_else(|| Presence::hidden(self.id, self.address.clone()));
        for directed in self.states().filter_map(|state| state.directed_to(viewer)) {
            (seen.availability, seen.last_seen) = (directed.availability, TimestampMs(0));
            seen.status.clone_from(&directed.status);
            seen.resources = resource::with(&seen.resources, directed);
        }
        seen
    }

    // ---- time

    /// Takes in what has changed.
    pub(super) fn changed(&mut self, now: Instant, at: TimestampMs, rules: &PresenceSettings) -> Seen {
        let best = self.states().filter_map(DeviceState::is).max();
        let (availability, status) = best.map_or((Availability::Offline, ""), |(how, _, _, status)| (how, status));
        // Whoever is not to be seen says nothing either.
        let status = if availability == Availability::Offline { "" } else { status };
        let mut changed = false;
        if self.is.availability != availability || self.is.status != status {
            (self.is.availability, self.is.status) = (availability, status.to_owned());
            changed = true;
            if availability == Availability::Offline {
                self.gone_at = at;
            }
        }
        changed |= self.see_resources(now, rules);
        self.untold += u64::from(changed);
        let mut seen = Seen { changes: changed.into(), coalesced: 0 };
        if self.is == self.shown {
            self.differs = None;
            self.put_off = false;
            seen.coalesced = std::mem::take(&mut self.untold);
        } else {
            self.differs.get_or_insert(now);
        }
        seen
    }

    /// Looks at the devices one by one; whether they are otherwise than they were. One whose link has closed stays until
    /// its linger is over: one that comes back makes no wave.
    fn see_resources(&mut self, now: Instant, rules: &PresenceSettings) -> bool {
        let linger = ms(rules.linger_ms);
        let named = self.states().filter_map(|state| {
            let said = state.said.as_ref().filter(|said| said.name.is_some())?;
            (state.links > 0 || state.lingers(now, linger)).then_some(said)
        });
        let plain = |state: &&DeviceState| !state.resource;
        let is = self.states().filter(plain).filter_map(DeviceState::is).max();
        let lingering = self.states().filter(plain).filter(|state| state.lingers(now, linger));
        let plain = is.or_else(|| lingering.filter_map(DeviceState::by_its_word).max());
        let plain = plain.map(|(availability, _, _, status)| (availability, status));
        let seen = resource::all(named, plain);
        let changed = !resource::same(&seen, &self.is.resources);
        if changed {
            self.is.resources = seen.into_iter().collect();
        }
        changed
    }

    /// When what differs is to be told.
    fn tell_at(&self, rules: &PresenceSettings) -> Option<Instant> {
        let settled = self.differs? + ms(rules.settle_ms);
        let mut at = self.told.map_or(settled, |told| settled.max(told + ms(rules.interval_ms)));
        if self.is.availability == Availability::Offline {
            let lingering = self.states().filter_map(|state| state.lingers_until(ms(rules.linger_ms))).max();
            at = lingering.map_or(at, |until| at.max(until));
        }
        Some(at)
    }

    /// When to look at it again.
    pub(super) fn next_look(&self, rules: &PresenceSettings) -> Option<Instant> {
        let gone = self.states().filter_map(|state| state.lingers_until(ms(rules.linger_ms))).min();
        let looks = [self.tell_at(rules), self.stale.map(|since| since + ms(rules.settle_ms)), gone, self.watch_ends];
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
        if self.see_resources(now, rules) {
            self.untold += 1;
            if self.is == self.shown {
                self.differs = None;
            } else {
                self.differs.get_or_insert(now);
            }
        }
        let due = self.stale.is_none() && self.followers.is_some() && self.tell_at(rules).is_some_and(|at| at <= now);
        if !due {
            if self.shown.availability != Availability::Offline {
                self.tell(&joined, Links::Following, tell);
            }
            return Seen::default();
        }
        // Doors that show an account as one are not told of what changes only its devices.
        let as_one = self.shown.availability != self.is.availability || self.shown.status != self.is.status;
        self.shown = self.is.clone();
        if self.shown.availability == Availability::Offline {
            self.last_seen = Some(self.gone_at);
            self.shown.resources = Arc::default();
        }
        (self.told, self.differs, self.put_off) = (Some(now), None, false);
        let coalesced = std::mem::take(&mut self.untold).saturating_sub(1);
        if let Some(followers) = self.followers.clone() {
            if as_one {
                self.tell(&followers, Links::Following, tell);
            } else {
                self.tell(&joined, Links::Following, tell);
                let new = |viewer: &&Viewer| joined.iter().any(|one| one.account == viewer.account);
                let known: Vec<Viewer> = followers.iter().filter(|viewer| !new(viewer)).copied().collect();
                self.tell(&known, Links::ByResource, tell);
            }
        }
        // RFC 6121 §4.2.2: the account's own resources see each other, whatever the others may see.
        tell(self.id, Links::ByResource, &Arc::new(self.presence(false)));
        let (whole, without) = (Arc::new(self.seen_from_outside(true)), Arc::new(self.seen_from_outside(false)));
        for ((account, device), watch) in self.watchers.iter().filter(|_| as_one) {
            if self.follower(*account).is_none() {
                tell(*account, Links::Of(*device), if watch.when { &whole } else { &without });
            }
        }
        Seen { changes: 0, coalesced }
    }

    fn tell(&self, viewers: &[Viewer], links: Links<'_>, tell: &mut Tell<'_>) {
        let (whole, without) = (Arc::new(self.presence(true)), Arc::new(self.presence(false)));
        for viewer in viewers {
            tell(viewer.account, links, if viewer.when { &whole } else { &without });
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
                tell(watcher.0, Links::Of(watcher.1), &hidden);
            }
        }
        for account in loaded.not_directed {
            let mut was = false;
            for (_, state) in &mut self.devices {
                let count = state.directed.len();
                state.directed.retain(|(one, _)| *one != account);
                was |= state.directed.len() < count;
            }
            if was {
                tell(account, Links::Following, &hidden);
            }
        }
        let before = before.as_deref().unwrap_or_default();
        for viewer in before {
            if visible && self.follower(viewer.account).is_none() {
                tell(viewer.account, Links::Following, &hidden);
            }
        }
        let known = |viewer: &Viewer| before.binary_search_by_key(&viewer.account, |one| one.account).is_ok();
        self.followers.as_deref().unwrap_or_default().iter().filter(|viewer| !known(viewer)).copied().collect()
    }

    /// Devices whose linger is over and watches that have ended are forgotten. Those to whom such a device was there by
    /// its own word are told what everybody is shown, or that nobody is there.
    fn forget(&mut self, now: Instant, rules: &PresenceSettings, tell: &mut Tell<'_>) {
        let linger = ms(rules.linger_ms);
        let over = |state: &DeviceState| state.lingers_until(linger).is_some_and(|until| until <= now);
        let mut released = Vec::new();
        self.devices.retain_mut(|(_, state)| {
            let over = over(state);
            if over {
                released.append(&mut state.directed);
            }
            !over
        });
        for (account, _) in released {
            self.undirect(account, tell);
        }
        if self.watch_ends.is_some_and(|ends| ends <= now) {
            self.watchers.retain(|_, watch| watch.until > now);
            self.watch_ends = self.watchers.values().map(|watch| watch.until).min();
        }
    }

    /// Tells somebody to whom a device was there by its own word what they may see without it.
    pub(super) fn undirect(&self, account: AccountId, tell: &mut Tell<'_>) {
        tell(account, Links::Following, &Arc::new(self.for_one(account)));
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
