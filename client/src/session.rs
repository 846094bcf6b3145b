//! One session: what happens on a link between login and its end.
//!
//! Notifications come in and are stored, then told, then acknowledged, in this order; heartbeats and the outbox run
//! beside. Invariant: nothing is acknowledged that is not on disk together with its key.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use belfry_wire::v1::SyncKey;
use belfry_wire::{operation, v1};

use crate::error::{ClientError, LinkError};
use crate::flush;
use crate::link::{Link, Notifications, Told};
use crate::mend;
use crate::model::{ClientEvent, LobbyNews};
use crate::names;
use crate::presence;
use crate::shared::{Mode, Shared};
use crate::store::Page;

/// An echo of a heartbeat that takes longer will not come.
const ECHO_TIMEOUT: Duration = Duration::from_secs(20);

/// Events that a sync asks for at once.
const SYNC_EVENTS: u32 = 200;

/// A sync that a send overtakes is repeated; a server whose answers never fit is left.
const SYNC_MISFITS_MAX: u32 = 32;

/// When a refusal that will pass does not say when.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What nobody waits to hear of is acknowledged so long after it came, or with what is waited for. A sender waits for the
/// second tick of a message; that a receipt has come is for the server alone, which would otherwise be told of each.
pub const ACK_REST: Duration = Duration::from_secs(5);

/// Acknowledgements are at least so far apart: while messages come in fast one of them is for several, and no sender sees
/// that a tick is so much later.
pub const ACK_SPACING: Duration = Duration::from_millis(25);

/// The reason for the end of a link may come a little after the first thing that fails.
const REASON_WAIT: Duration = Duration::from_secs(3);

/// Runs until the link ends; gives why.
pub(crate) async fn run(shared: &Arc<Shared>, link: &Link, notifications: Notifications, mode: Mode) -> ClientError {
    shared.link.send_replace(Some(link.clone()));
    let (stored, to_acknowledge) = watch::channel(Stored::default());
    let mut tasks = JoinSet::new();
    tasks.spawn(heartbeats(Arc::clone(shared), link.clone()));
    if mode == Mode::Account {
        tasks.spawn(flush::run(Arc::clone(shared), link.clone()));
        tasks.spawn(acknowledge(link.clone(), to_acknowledge));
        tasks.spawn(mend::run(Arc::clone(shared), link.clone()));
        tasks.spawn(end_typing(Arc::clone(shared)));
        tasks.spawn(names::run(Arc::clone(shared), link.clone()));
        tasks.spawn(presence::watch(Arc::clone(shared), link.clone()));
    }
    let error = tokio::select! {
        error = follow(shared, link, notifications, mode, &stored) => error,
        Some(ended) = tasks.join_next() => ended.unwrap_or(ClientError::Link(LinkError::Closed)),
    };
    match error {
        ClientError::Link(error) => {
            let reason = timeout(REASON_WAIT, link.closed()).await;
            ClientError::Link(reason.unwrap_or(error))
        }
        other => other,
    }
}

/// Takes the name in the lobby that is wanted.
pub(crate) async fn join_lobby(shared: &Shared, link: &Link) -> Result<LobbyNews, ClientError> {
    let name = shared.lobby.lock().wanted.clone().unwrap_or_default();
    let reply = link.request(operation::LOBBY_JOIN, &v1::LobbyJoinRequest { name }).await?;
    Ok(shared.lobby.lock().joined(reply))
}

/// Comes back to a stay that a token has proved; if it is over, under the same name anew.
pub(crate) async fn return_to_lobby(shared: &Shared, link: &Link) -> Result<LobbyNews, ClientError> {
    let request = shared.lobby.lock().poll();
    match link.request(operation::LOBBY_POLL, &request).await {
        Ok(update) => Ok(shared.lobby.lock().updated(update)),
        Err(ClientError::Refused(refusal)) if !refusal.is_temporary() => {
            shared.lobby.lock().token = None;
            join_lobby(shared, link).await
        }
        Err(error) => Err(error),
    }
}

async fn follow(
    shared: &Arc<Shared>,
    link: &Link,
    mut notifications: Notifications,
    mode: Mode,
    stored: &watch::Sender<Stored>,
) -> ClientError {
    let followed = async {
        if mode == Mode::Account {
            sync(shared, link, stored).await?;
            shared.presences.lock().go_live();
            shared.tell(ClientEvent::CaughtUp).await;
            let wanted = shared.lobby.lock().wanted.is_some();
            if wanted {
                match join_lobby(shared, link).await {
                    Ok(news) => shared.tell(ClientEvent::LobbyUpdate(news)).await,
                    // An account does not live from the lobby: its messages go on.
                    Err(ClientError::Refused(refusal)) => {
                        tracing::warn!(%refusal, "not in the lobby any more");
                        shared.lobby.lock().left();
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        while let Some(told) = notifications.next().await {
            let behind = match told {
                Told::Overflow => {
                    poll_lobby(shared, link).await?;
                    if mode == Mode::Account {
                        presence::ask_again(shared, link).await?;
                    }
                    mode == Mode::Account
                }
                Told::Frame(frame) if frame.operation == operation::NOTIFY => {
                    let notify = v1::Notify::decode(frame.body)
                        .map_err(|_| LinkError::Protocol("a notification cannot be read"))?;
                    receive(shared, notify, stored).await?
                }
                Told::Frame(frame) if frame.operation == operation::LOBBY_UPDATE => {
                    let update = v1::LobbyUpdate::decode(frame.body)
                        .map_err(|_| LinkError::Protocol("a lobby update cannot be read"))?;
                    let more = update.more;
                    let news = shared.lobby.lock().updated(update);
                    shared.tell(ClientEvent::LobbyUpdate(news)).await;
                    if more {
                        poll_lobby(shared, link).await?;
                    }
                    false
                }
                Told::Frame(frame) if frame.operation == operation::DEVICES_CHANGED => {
                    shared.tell(ClientEvent::DevicesChanged).await;
                    false
                }
                Told::Frame(frame) if frame.operation == operation::TYPING_UPDATE => {
                    let v1::TypingUpdate { conversation_id, from, active } = v1::TypingUpdate::decode(frame.body)
                        .map_err(|_| LinkError::Protocol("a notice of who is writing cannot be read"))?;
                    shared.noticed_typing(conversation_id, from, active).await;
                    false
                }
                Told::Frame(frame) if frame.operation == operation::PRESENCE_UPDATE => {
                    let update = v1::PresenceUpdate::decode(frame.body)
                        .map_err(|_| LinkError::Protocol("how people are there cannot be read"))?;
                    shared.noticed_presences(update.presences).await;
                    false
                }
                Told::Frame(_) => false, // of a later version of the protocol
            };
            if behind {
                sync(shared, link, stored).await?;
            }
        }
        Err::<(), ClientError>(link.closed().await.into())
    };
    match followed.await {
        Err(error) => error,
        Ok(()) => LinkError::Closed.into(),
    }
}

/// Stores what was told; gives whether a sync is needed.
async fn receive(
    shared: &Arc<Shared>,
    notify: v1::Notify,
    stored: &watch::Sender<Stored>,
) -> Result<bool, ClientError> {
    let (Some(previous), Some(key), false) = (notify.previous, notify.key, notify.reset) else { return Ok(true) };
    let awaited = is_awaited(&notify.events);
    let page =
        Page { previous: Some(previous), key: key.clone(), events: notify.events, reset: false, gap: notify.gap };
    if shared.apply(page).await? {
        return Ok(true);
    }
    stored.send_modify(|stored| stored.go_on(key, awaited));
    Ok(notify.more)
}

/// Asks until there is no more. From then on the server tells what comes.
async fn sync(shared: &Arc<Shared>, link: &Link, stored: &watch::Sender<Stored>) -> Result<(), ClientError> {
    let mut misfits = 0;
    // What was stored before the link broke may not have been acknowledged.
    let mut awaited = true;
    // A device that has nothing misses nothing: its history begins where the server's does.
    let mut begins = None;
    loop {
        let key = shared.store.sync_key().await?;
        let begins = *begins.get_or_insert(key.list.is_empty());
        let request = v1::SyncRequest {
            key: Some(key.clone()),
            limit: SYNC_EVENTS,
            wait_ms: 0,
            subscribe: true,
            acknowledge: false,
            kinds: Vec::new(),
            snapshot: false,
        };
        let reply: v1::SyncReply = match link.request(operation::SYNC, &request).await {
            Ok(reply) => reply,
            Err(ClientError::Refused(refusal)) if refusal.is_temporary() => {
                tokio::time::sleep(refusal.retry_after.unwrap_or(RETRY_AFTER)).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        awaited |= is_awaited(&reply.events);
        let page = Page {
            previous: Some(key),
            key: reply.key.unwrap_or_default(),
            events: reply.events,
            reset: reply.reset,
            gap: reply.gap && !begins,
        };
        if shared.apply(page).await? {
            // Between question and answer the outbox has moved the key on.
            misfits += 1;
            if misfits > SYNC_MISFITS_MAX {
                return Err(LinkError::Protocol("the answer to a sync does not follow on its question").into());
            }
            continue;
        }
        let key = shared.store.sync_key().await?;
        stored.send_modify(|stored| stored.go_on(key, std::mem::take(&mut awaited)));
        if !reply.more {
            return Ok(());
        }
    }
}

async fn poll_lobby(shared: &Shared, link: &Link) -> Result<(), ClientError> {
    loop {
        let request = {
            let lobby = shared.lobby.lock();
            if lobby.wanted.is_none() {
                return Ok(());
            }
            lobby.poll()
        };
        let update: v1::LobbyUpdate = link.request(operation::LOBBY_POLL, &request).await?;
        let more = update.more;
        let news = shared.lobby.lock().updated(update);
        shared.tell(ClientEvent::LobbyUpdate(news)).await;
        if !more {
            return Ok(());
        }
    }
}

async fn heartbeats(shared: Arc<Shared>, link: Link) -> ClientError {
    let mut every = shared.heartbeat_every.subscribe();
    loop {
        let wait = *every.borrow_and_update();
        tokio::select! {
            () = tokio::time::sleep(wait) => {
                if let Err(error) = link.heartbeat(ECHO_TIMEOUT).await {
                    return error.into();
                }
            }
            changed = every.changed() => if changed.is_err() {
                return ClientError::Stopped;
            },
        }
    }
}

/// Tells of those who were writing when they must have stopped. The last notice of each is good for some seconds.
async fn end_typing(shared: Arc<Shared>) -> ClientError {
    loop {
        let next = shared.writers.lock().next_end();
        match next {
            None => shared.typing_changed.notified().await,
            Some(at) => sleep_until(at).await,
        }
        shared.typing_ended(Instant::now()).await;
    }
}

/// What is on disk and to be acknowledged.
#[derive(Clone, Default)]
struct Stored {
    key: SyncKey,
    /// How often something came with it that somebody waits to hear of.
    awaited: u64,
}

impl Stored {
    fn go_on(&mut self, key: SyncKey, awaited: bool) {
        self.key = key;
        self.awaited += u64::from(awaited);
    }
}

/// Whether somebody waits to hear that this has come: the senders of messages.
pub fn is_awaited(events: &[v1::Event]) -> bool {
    events.iter().any(|event| matches!(event.item, Some(v1::event::Item::Message(_))))
}

/// Acknowledges the newest stored key; those that pass while an answer is awaited are left out.
async fn acknowledge(link: Link, mut stored: watch::Receiver<Stored>) -> ClientError {
    let mut covered = 0;
    while stored.changed().await.is_ok() {
        // Also when that time is over: it is only waited for what may come along.
        drop(timeout(ACK_REST, stored.wait_for(|stored| stored.awaited != covered)).await);
        let Stored { key, awaited } = stored.borrow_and_update().clone();
        covered = awaited;
        let next = Instant::now() + ACK_SPACING;
        let request = v1::AckRequest { passed: Some(key), delivered: None };
        // After a refusal the next acknowledgement covers this one.
        if let Err(ClientError::Link(error)) = link.request::<_, v1::AckReply>(operation::ACK, &request).await {
            return error.into();
        }
        sleep_until(next).await;
    }
    ClientError::Stopped
}
