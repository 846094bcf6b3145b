//! A session: a live link of a device or guest, which is a cursor over what it may be told.
//!
//! A door opens one after login, waits for its bell, takes stretches until there are none, and writes them as fast as
//! its socket takes them. There is no queue: a slow link reads later. Dropping the session closes the link.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::ports::PageLimit;
use belfry_domain::{
    AccountId, Amendment, Code, Cseq, DataKind, DataKinds, DeviceId, DeviceRole, Entry, Item, Refusal, Seq, SyncKey,
    TimestampMs, kind_of,
};
use tokio::time::Instant;

use crate::command::{Batch, Caller, Identity, Live, LobbyNews};
use crate::hub::Link;
use crate::presence::Following;
use crate::sasl::XMPP_PLATFORM;
use crate::steps::{Did, Step};
use crate::{Engine, device_of, metrics::count, refused};

/// Why a waiting session goes on.
#[derive(Clone, Debug)]
pub enum Wake {
    /// Something may be there to take.
    Ready,
    /// The link must close; the client is told why.
    Closed(Refusal),
}

/// What a session is told.
#[derive(Clone, Debug)]
pub enum Told {
    /// A stretch of the timeline.
    Batch(Batch),
    /// News of the lobby.
    Lobby(LobbyNews),
    /// A device of the account was added, removed or renamed.
    DevicesChanged,
    /// What is true now and stored nowhere: who is writing, who is there.
    Live(Vec<Live>),
}

/// What holds a session open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LinkKind {
    /// A connection of frames: when it ends its client is gone, or will be back in seconds.
    Frames,
    /// A held poll: its client asks again as soon as it has the answer.
    Poll,
}

/// A poller that does not ask again for so long has left the lobby: enough for a slow network and a retry.
const POLL_GRACE_MS: u64 = 30_000;

/// How far a session is with its account's timeline.
struct Reading {
    /// The key that its client has after all that it was told.
    told: SyncKey,
    /// Up to here there was nothing more that it wants.
    looked: SyncKey,
    kinds: DataKinds,
}

/// A live link.
pub struct Session {
    engine: Engine,
    caller: Caller,
    link: Arc<Link>,
    kind: LinkKind,
    reading: Option<Reading>,
    following: Following,
    /// The client has said goodbye.
    for_good: bool,
    lobby: Option<(Cseq, u64)>,
    /// Taken and not yet written: the places after the first up to the second.
    unwritten: Option<(Seq, Seq)>,
    /// This is the account's phone.
    primary: bool,
    /// What messages said before this is not told to this device.
    pub(crate) history_from: TimestampMs,
}

impl Engine {
    /// Opens a session for an identity that the engine has proved. A device may have several, an older one of the same
    /// device is closed with `superseded`: it is what is left of a connection that broke.
    pub async fn open_session(&self, caller: Caller) -> Result<Session, Refusal> {
        self.known(&caller)?;
        let device = match caller.identity {
            Identity::Device { account, device, .. } => Some((account, device)),
            Identity::Guest { .. } | Identity::Nobody { .. } => None,
        };
        let (mut primary, mut history_from, mut resource) = (false, TimestampMs(0), false);
        if let Some((account, device)) = device {
            let known = self.store().device(account, device).await.map_err(refused)?;
            let Some(known) = known else {
                return Err(Refusal::new(Code::Revoked, "This device is no longer part of the account."));
            };
            self.may_connect(&known).await?;
            primary = known.role == DeviceRole::Primary;
            history_from = known.history_from;
            resource = known.platform == XMPP_PLATFORM;
            let superseded = Refusal::new(Code::Superseded, "This device has connected anew.");
            self.inner.hub.close_device(account, device, &superseded);
            self.touch(account, device).await;
        }
        let mut session = self.attach_as(caller, LinkKind::Frames, resource)?;
        (session.primary, session.history_from) = (primary, history_from);
        session.did(Did::Opened);
        Ok(session)
    }

    /// Registers a link without closing others: for held polls. A device may have been cut off since its caller was
    /// looked at: whoever cuts it off closes the links that are there, and those that come later are refused here.
    pub(crate) fn attach(&self, caller: Caller, kind: LinkKind) -> Result<Session, Refusal> {
        self.attach_as(caller, kind, false)
    }

    fn attach_as(&self, caller: Caller, kind: LinkKind, resource: bool) -> Result<Session, Refusal> {
        let device = match caller.identity {
            Identity::Device { account, device, .. } => Some((account, device)),
            Identity::Guest { .. } | Identity::Nobody { .. } => None,
        };
        let (number, live) = (self.inner.hub.next_number(), kind == LinkKind::Frames);
        let link = Link::new(number, device, caller.peer.clone(), self.now(), (live, resource));
        if let Some((account, _)) = device {
            self.inner.hub.open(account, link.clone());
        }
        self.inner.metrics.sessions.fetch_add(1, Ordering::Relaxed);
        let (engine, reading, lobby, unwritten) = (self.clone(), None, None, None);
        let (primary, history_from) = (false, TimestampMs(0));
        let (following, for_good) = (Following::default(), false);
        let session = Session {
            engine,
            caller,
            link,
            kind,
            reading,
            following,
            for_good,
            lobby,
            unwritten,
            primary,
            history_from,
        };
        self.known(&session.caller)?;
        Ok(session)
    }

    pub(crate) async fn touch(&self, account: AccountId, device: DeviceId) {
        let now = self.inner.ports.clock.now();
        if let Err(error) = self.store().touch_device(account, device, now).await {
            tracing::warn!(%error, "when a device was seen is not remembered");
        }
    }

    /// The next stretch of a timeline after a key, of some kinds: from memory while the reader keeps up, else from the
    /// store.
    pub(crate) async fn stretch(
        &self,
        owner: AccountId,
        after: &SyncKey,
        kinds: DataKinds,
        limit: PageLimit,
    ) -> Result<Batch, Refusal> {
        let (prev, places) = (after.clone(), after.places(kinds));
        if let Some(place) = places.common()
            && let Some((mut entries, more)) = self.inner.hub.read(owner, place, limit)
        {
            count(&self.inner.metrics.hot_reads);
            let key = after.advanced(kinds, entries.last().map_or(place, |entry| entry.seq));
            let now = self.now();
            entries.retain(|entry| kinds.has(kind_of(&entry.item)) && !disappeared(entry, now));
            return Ok(Batch { prev, key, entries, more, reset: false, gap: false });
        }
        count(&self.inner.metrics.cold_reads);
        let before = self.inner.hub.before_reading(owner);
        let page = self.store().read_kinds_after(owner, places, limit).await.map_err(refused)?;
        if !page.more {
            self.inner.hub.caught_up(owner, before, page.next);
        }
        let key = if page.reset { after.renewed(kinds, page.next) } else { after.advanced(kinds, page.next) };
        Ok(Batch { prev, key, entries: page.entries, more: page.more, reset: page.reset, gap: page.gap })
    }
}

/// Whether an entry is about a message that has had its lifetime: memory may still hold what the store no longer gives.
fn disappeared(entry: &Entry, now: TimestampMs) -> bool {
    matches!(&entry.item, Item::Message(said) if said.expires().is_some_and(|end| end <= now))
}

/// Takes out of changes what a message said before a device may know: somebody reacts today to what was edited long ago.
pub(crate) fn hold_back(entries: &mut [Arc<Entry>], history_from: TimestampMs) {
    for entry in entries {
        if let Item::Amendment(amendment) = &entry.item
            && let Some(held) = held_back(amendment, history_from)
        {
            *entry = Arc::new(Entry { item: Item::Amendment(Arc::new(held)), ..Entry::clone(entry) });
        }
    }
}

/// The change without what it says; `None`: the device may know it all.
pub(crate) fn held_back(amendment: &Amendment, history_from: TimestampMs) -> Option<Amendment> {
    let held = amendment.content.is_some() && amendment.edited.is_some_and(|edited| edited < history_from);
    held.then(|| Amendment { content: None, ..amendment.clone() })
}

impl Session {
    /// Finds out whether a poll is the phone's, where companions depend on that.
    pub(crate) async fn watch_primary(&mut self) -> Result<(), Refusal> {
        let Some((account, device)) = self.link.device else { return Ok(()) };
        if self.engine.settings().devices.strict_grace_ms.is_some() {
            self.primary = self.engine.primary_of(account).await? == Some(device);
        }
        Ok(())
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// Who is on the other side.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// From here on the account's events are told; for a session of a device.
    pub fn subscribe(&mut self, after: impl Into<SyncKey>) {
        self.subscribe_to(after.into(), DataKinds::ALL);
    }

    /// The same for some kinds of data: the others are not told, and the key does not move for them.
    pub fn subscribe_to(&mut self, after: SyncKey, kinds: DataKinds) {
        if let Some((account, _)) = self.link.device {
            self.has_read(account, &after, kinds);
            self.reading = Some(Reading { told: after.clone(), looked: after, kinds });
            if self.following.begin(self.kind == LinkKind::Frames)
                && let Ok(device) = device_of(&self.caller)
            {
                self.engine.presence_arrived(device, self.link.resource);
            }
            self.link.ring();
        }
    }

    /// Other kinds of data from now on; each goes on where it is.
    pub fn wants(&mut self, kinds: DataKinds) {
        if let (Some(reading), Some((account, _))) = (&mut self.reading, self.link.device) {
            reading.kinds = kinds;
            let key = reading.looked.clone();
            self.has_read(account, &key, kinds);
            self.link.ring();
        }
    }

    /// One kind goes on from another place.
    pub fn moves(&mut self, kind: DataKind, to: Seq) {
        let moved = |key: &SyncKey| {
            let list = key.list().map(|(number, value)| (number, if number == kind.number() { to.0 } else { value }));
            SyncKey::from_list(list).unwrap_or_default().raised(kind, to)
        };
        if let Some(reading) = &mut self.reading {
            (reading.told, reading.looked) = (moved(&reading.told), moved(&reading.looked));
            self.link.ring();
        }
    }

    /// Others call this link so (XMPP: its resource).
    pub fn is_called(&self, name: &str) {
        self.link.addressed.call(name);
    }

    /// All of its contacts is told again, also who is not there: what the client was told before may be wrong.
    pub fn look_again(&self) {
        self.link.lose_presence();
    }

    /// The client has said goodbye: who sees it need not wait whether it comes back.
    pub fn leaves(&mut self) {
        self.for_good = true;
    }

    /// What every link has read need not be kept in memory.
    fn has_read(&self, account: AccountId, key: &SyncKey, kinds: DataKinds) {
        let up_to = key.places(kinds).first().unwrap_or(Seq(u64::MAX));
        self.engine.inner.hub.has_read(account, &self.link, up_to);
    }

    /// From here on news of the lobby is told; for somebody who has joined it.
    pub fn watch_lobby(&mut self, after: Cseq, participants_version: u64) {
        if self.lobby.is_none() {
            self.engine.inner.lobby.watch(&self.link, &self.caller.identity);
        }
        self.lobby = Some((after, participants_version));
        self.link.ring();
    }

    /// No more news of the lobby.
    pub fn unwatch_lobby(&mut self) {
        if self.lobby.take().is_some() {
            let grace_ms = match self.kind {
                LinkKind::Frames => self.engine.settings().lobby.linger_ms,
                LinkKind::Poll => POLL_GRACE_MS,
            };
            self.engine.inner.lobby.unwatch(&self.link, &self.caller.identity, grace_ms);
        }
    }

    /// A message of this very link was stored between these places. A client that was at the first goes to the second
    /// by the answer alone, and so does the session: its own message is not told to it again.
    pub fn sent(&mut self, prev: Seq, seq: Seq) {
        if let Some(reading) = self.reading.as_mut().filter(|reading| reading.told == prev && reading.looked == prev) {
            (reading.told, reading.looked) = (seq.into(), seq.into());
        }
    }

    /// The client was heard: its lease in the lobby goes on.
    pub fn heard(&self) {
        if self.lobby.is_none() {
            return;
        }
        self.engine.inner.lobby.heard(&self.caller.identity, self.engine.settings().lobby.lease_ms);
    }

    /// Waits until there may be something to take or the link must close. Cancel-safe.
    pub async fn wait(&self) -> Wake {
        if let Some(refusal) = self.link.closed() {
            return Wake::Closed(refusal.clone());
        }
        self.link.rung().await;
        match self.link.closed() {
            Some(refusal) => Wake::Closed(refusal.clone()),
            None => Wake::Ready,
        }
    }

    /// The next stretch of what this link may be told; `None`: it has caught up. What was taken must be written before
    /// the next is taken; a session that is dropped in between has lost nothing, since cursors move by acknowledgement.
    pub async fn take(&mut self, limit: PageLimit) -> Result<Option<Told>, Refusal> {
        while let (Some(reading), Some((account, _))) = (&self.reading, self.link.device) {
            let kinds = reading.kinds;
            let mut batch = self.engine.stretch(account, &reading.looked, kinds, limit).await?;
            hold_back(&mut batch.entries, self.history_from);
            self.engine.known(&self.caller)?; // it may have been cut off while the store was reading
            if batch.key == reading.looked && !batch.reset {
                break;
            }
            self.has_read(account, &batch.key, kinds);
            // What is not wanted is passed without a word; the client's key stays where it knows it to be.
            let worth = !batch.entries.is_empty() || batch.reset || batch.gap;
            let told = if worth { batch.key.clone() } else { reading.told.clone() };
            let prev = reading.told.clone();
            self.reading = Some(Reading { told, looked: batch.key.clone(), kinds });
            if worth {
                self.engine.inner.metrics.events_told.fetch_add(batch.entries.len() as u64, Ordering::Relaxed);
                let (first, up_to) = (batch.prev.value(DataKind::Messages), batch.key.value(DataKind::Messages));
                let after = if batch.reset { Seq::ZERO } else { first };
                self.unwritten = Some((self.unwritten.map_or(after, |(first, _)| first.min(after)), up_to));
                return Ok(Some(Told::Batch(Batch { prev, ..batch })));
            }
        }
        if self.kind == LinkKind::Frames && self.reading.is_some() && self.link.take_devices_changed() {
            return Ok(Some(Told::DevicesChanged));
        }
        let live = self.link.take_live();
        if !live.is_empty() {
            return Ok(Some(Told::Live(live)));
        }
        if let Some((account, _)) = self.link.device {
            let page = self.following.page(&self.engine, (account, &self.link)).await.map_err(refused)?;
            if !page.is_empty() {
                return Ok(Some(Told::Live(page.into_iter().map(|one| Live::Presence(Arc::new(one))).collect())));
            }
        }
        if let Some((after, version)) = self.lobby {
            let news = self.engine.lobby_news(after, version, limit).await?;
            if news.cseq != after || news.participants.is_some() || news.gap {
                self.lobby = Some((news.cseq, news.participants_version));
                return Ok(Some(Told::Lobby(news)));
            }
        }
        Ok(None)
    }

    /// What was taken is written to the carrier. Only for whoever asks later where a message is: cursors move by
    /// acknowledgement.
    pub fn wrote(&mut self) {
        if let Some((after, up_to)) = self.unwritten.take() {
            self.did(Did::Told { after, up_to });
        }
    }

    /// The door ends the link, and this is why; a reason that the engine has given stays.
    pub fn ends(&self, why: &Refusal) {
        self.link.close(why);
    }

    fn did(&self, did: Did) {
        if let (Some((account, device)), LinkKind::Frames) = (self.link.device, self.kind) {
            let (at, carrier) = (self.engine.now(), self.caller.peer.carrier);
            let step = Step { at, account, device, link: self.link.number, carrier, did };
            self.engine.inner.steps.push(step);
        }
    }

    /// Waits until `take` gives something, but not beyond the moment given. For held polls.
    pub(crate) async fn take_within(&mut self, limit: PageLimit, wait_ms: u64) -> Result<Option<Told>, Refusal> {
        let until = Instant::now() + Duration::from_millis(wait_ms);
        loop {
            if let Some(told) = self.take(limit).await? {
                return Ok(Some(told));
            }
            match tokio::time::timeout_at(until, self.wait()).await {
                Ok(Wake::Ready) => {}
                // Stopping: the poll answers with nothing new and the client comes back.
                Ok(Wake::Closed(refusal)) if refusal.code == Code::GoingAway => return Ok(None),
                Ok(Wake::Closed(refusal)) => return Err(refusal),
                Err(_elapsed) => return Ok(None),
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let why = self.link.closed().map(|refusal| refusal.code);
        if let Some((after, up_to)) = self.unwritten.take() {
            self.did(Did::Unwritten { after, up_to, why });
        }
        self.did(Did::Closed(why));
        if let Some((account, device)) = self.link.device {
            self.engine.inner.hub.leave(account, &self.link);
            for stanza in self.link.end_lane() {
                stanza.asked_by.iter().for_each(|asker| self.engine.inner.hub.unheard(asker));
            }
            if self.following.end()
                && let Ok(device) = device_of(&self.caller)
            {
                self.engine.presence_left(device, self.for_good);
            }
            if self.primary {
                self.engine.primary_left(account, device);
            }
        }
        self.unwatch_lobby();
        self.engine.inner.metrics.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
