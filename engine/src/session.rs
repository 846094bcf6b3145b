//! A session: a live link of a device or guest, which is a cursor over what it may be told.
//!
//! A door opens one after login, waits for its bell, takes stretches until there are none, and writes them as fast as
//! its socket takes them. There is no queue: a slow link reads later. Dropping the session closes the link.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::ports::PageLimit;
use belfry_domain::{AccountId, Code, Cseq, DeviceId, Refusal, Seq};
use tokio::time::Instant;

use crate::command::{Batch, Caller, Identity, LobbyNews};
use crate::hub::Link;
use crate::{Engine, metrics::count, refused};

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

/// A live link.
pub struct Session {
    engine: Engine,
    caller: Caller,
    link: Arc<Link>,
    kind: LinkKind,
    cursor: Option<Seq>,
    lobby: Option<(Cseq, u64)>,
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
        if let Some((account, device)) = device {
            let known = self.store().device(account, device).await.map_err(refused)?;
            if known.is_none() {
                return Err(Refusal::new(Code::Revoked, "This device is no longer part of the account."));
            }
            let superseded = Refusal::new(Code::Superseded, "This device has connected anew.");
            self.inner.hub.close_device(account, device, &superseded);
            self.touch(account, device).await;
        }
        self.attach(caller, LinkKind::Frames)
    }

    /// Registers a link without closing others: for held polls. A device may have been cut off since its caller was
    /// looked at: whoever cuts it off closes the links that are there, and those that come later are refused here.
    pub(crate) fn attach(&self, caller: Caller, kind: LinkKind) -> Result<Session, Refusal> {
        let device = match caller.identity {
            Identity::Device { account, device, .. } => Some((account, device)),
            Identity::Guest { .. } | Identity::Nobody { .. } => None,
        };
        let link = Link::new(device, caller.peer.clone(), self.inner.ports.clock.now());
        if let Some((account, _)) = device {
            self.inner.hub.open(account, link.clone());
        }
        self.inner.metrics.sessions.fetch_add(1, Ordering::Relaxed);
        let session = Session { engine: self.clone(), caller, link, kind, cursor: None, lobby: None };
        self.known(&session.caller)?;
        Ok(session)
    }

    async fn touch(&self, account: AccountId, device: DeviceId) {
        let now = self.inner.ports.clock.now();
        if let Err(error) = self.store().touch_device(account, device, now).await {
            tracing::warn!(%error, "when a device was seen is not remembered");
        }
    }

    /// The next stretch of a timeline after `after`: from memory while the reader keeps up, else from the store.
    pub(crate) async fn stretch(&self, owner: AccountId, after: Seq, limit: PageLimit) -> Result<Batch, Refusal> {
        if let Some((entries, more)) = self.inner.hub.read(owner, after, limit) {
            count(&self.inner.metrics.hot_reads);
            let key = entries.last().map_or(after, |entry| entry.seq);
            return Ok(Batch { prev: after, key, entries, more, reset: false });
        }
        count(&self.inner.metrics.cold_reads);
        let before = self.inner.hub.before_reading(owner);
        let page = self.store().read_after(owner, after, limit).await.map_err(refused)?;
        if !page.more {
            self.inner.hub.caught_up(owner, before, page.next);
        }
        Ok(Batch { prev: after, key: page.next, entries: page.entries, more: page.more, reset: page.reset })
    }
}

impl Session {
    /// Who is on the other side.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// From here on the account's events are told; for a session of a device.
    pub fn subscribe(&mut self, after: Seq) {
        if let Some((account, _)) = self.link.device {
            self.cursor = Some(after);
            self.engine.inner.hub.has_read(account, &self.link, after);
            self.link.ring();
        }
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
        if self.cursor == Some(prev) {
            self.cursor = Some(seq);
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
        if let (Some(cursor), Some((account, _))) = (self.cursor, self.link.device) {
            let batch = self.engine.stretch(account, cursor, limit).await?;
            self.engine.known(&self.caller)?; // it may have been cut off while the store was reading
            if batch.key != cursor || batch.reset {
                self.cursor = Some(batch.key);
                self.engine.inner.hub.has_read(account, &self.link, batch.key);
                self.engine.inner.metrics.events_told.fetch_add(batch.entries.len() as u64, Ordering::Relaxed);
                return Ok(Some(Told::Batch(batch)));
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
        if let Some((account, _)) = self.link.device {
            self.engine.inner.hub.leave(account, &self.link);
        }
        self.unwatch_lobby();
        self.engine.inner.metrics.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
