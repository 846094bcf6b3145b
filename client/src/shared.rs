//! What the handle, the driver and its tasks share: configuration, store, the present link, and the bells between them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use belfry_wire::noise::StaticKey;
use belfry_wire::v1::{self, SyncKey};

use crate::config::ClientConfig;
use crate::dial::first_of;
use crate::environment::Environment;
use crate::error::{ClientError, LinkError, StoreError};
use crate::link::{Link, LinkOptions, Notifications};
use crate::lobby::Lobby;
use crate::model::{ClientEvent, Contact, Delivery};
use crate::presence::Presences;
use crate::store::{Applied, Change, OutboxEntry, Page, Store};
use crate::writers::Writers;

/// Heartbeats, unless the server says otherwise: below the four to five minutes after which mobile networks forget a
/// silent connection.
pub(crate) const HEARTBEAT_EVERY: Duration = Duration::from_secs(210);

/// How long a request of a person may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Keys that were passed are remembered for notifications that come late. The server sends no more than its window of
/// notifications before it has heard of our progress.
const PASSED_KEYS_MAX: usize = 256;

/// As what the client wants to be connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// Not at all: there is no account yet.
    Idle,
    /// As a device of an account.
    Account,
    /// As a guest of the lobby.
    Guest,
}

pub(crate) struct Shared {
    pub(crate) config: ClientConfig,
    pub(crate) store: Store,
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) events: mpsc::Sender<ClientEvent>,
    pub(crate) mode: watch::Sender<Mode>,
    /// The link, while it is logged in.
    pub(crate) link: watch::Sender<Option<Link>>,
    pub(crate) heartbeat_every: watch::Sender<Duration>,
    /// Rings when there is something to send.
    pub(crate) to_send: Notify,
    /// Rings when the server has said that messages are gone.
    pub(crate) to_mend: Notify,
    /// Rings when somebody began to write.
    pub(crate) typing_changed: Notify,
    pub(crate) writers: Mutex<Writers>,
    /// Rings when there may be a contact whose name is not known.
    pub(crate) to_name: Notify,
    pub(crate) presences: Mutex<Presences>,
    /// How this device wants to be there; `None`: as its person's activity says.
    pub(crate) own_presence: Mutex<Option<v1::SetPresenceRequest>>,
    /// At whom the person looks.
    pub(crate) watched: watch::Sender<Vec<String>>,
    /// Rings when waiting for the next try makes no sense any more.
    pub(crate) try_now: Notify,
    pub(crate) lobby: Mutex<Lobby>,
    pub(crate) background: AtomicBool,
    pub(crate) stop: CancellationToken,
    /// Cancelled when the driver is through.
    pub(crate) stopped: CancellationToken,
    passed: Mutex<VecDeque<SyncKey>>,
    /// Held from a change of the store until it was told: events come in the order of the changes.
    telling: tokio::sync::Mutex<()>,
    pub(crate) tasks: TaskTracker,
}

impl Shared {
    pub(crate) fn new(
        config: ClientConfig,
        store: Store,
        tls: Option<Arc<rustls::ClientConfig>>,
        events: mpsc::Sender<ClientEvent>,
        mode: Mode,
    ) -> Shared {
        Shared {
            config,
            store,
            tls,
            events,
            mode: watch::Sender::new(mode),
            link: watch::Sender::new(None),
            heartbeat_every: watch::Sender::new(HEARTBEAT_EVERY),
            to_send: Notify::new(),
            to_mend: Notify::new(),
            typing_changed: Notify::new(),
            writers: Mutex::new(Writers::default()),
            to_name: Notify::new(),
            presences: Mutex::new(Presences::default()),
            own_presence: Mutex::new(None),
            watched: watch::Sender::new(Vec::new()),
            try_now: Notify::new(),
            lobby: Mutex::new(Lobby::default()),
            background: AtomicBool::new(false),
            stop: CancellationToken::new(),
            stopped: CancellationToken::new(),
            passed: Mutex::new(VecDeque::new()),
            telling: tokio::sync::Mutex::new(()),
            tasks: TaskTracker::new(),
        }
    }

    pub(crate) fn environment(&self) -> &dyn Environment {
        &*self.config.environment
    }

    pub(crate) fn is_background(&self) -> bool {
        self.background.load(Ordering::Relaxed)
    }

    /// The device's key.
    pub(crate) async fn key(&self) -> Result<Arc<StaticKey>, StoreError> {
        let mut fresh = [0; 32];
        for chunk in fresh.chunks_mut(8) {
            chunk.copy_from_slice(&self.environment().random_u64().to_ne_bytes());
        }
        Ok(Arc::new(self.store.device_key(fresh).await?))
    }

    /// A new connection to the first server that lets us in; its key is pinned if it is the first one seen.
    pub(crate) async fn connect(&self) -> Result<(Link, Notifications), ClientError> {
        let mut options = LinkOptions {
            key: self.key().await?,
            server_key: None,
            tls: self.tls.clone(),
            dialer: Arc::clone(&self.config.dialer),
            request_timeout: REQUEST_TIMEOUT,
        };
        let mut pins = Vec::with_capacity(self.config.servers.len());
        for server in &self.config.servers {
            let pinned = match self.config.server_key {
                Some(key) => Some(key),
                None => self.store.server_key(&server.host).await?,
            };
            options.server_key = pinned;
            pins.push((server, options.clone()));
        }
        let connecting = first_of(&self.config.servers, |server| {
            let options = pins.iter().find(|(of, _)| *of == server).map(|(_, options)| options);
            async move {
                let options = options.ok_or(LinkError::Closed)?; // never: both lists are made from one
                Link::connect(std::slice::from_ref(server), options).await
            }
        });
        let (link, notifications) = tokio::select! {
            connected = connecting => connected?,
            () = self.stop.cancelled() => return Err(ClientError::Stopped),
        };
        if let Some(key) = link.server_key() {
            self.store.pin_server_key(&link.address().host, *key).await?;
        }
        Ok((link, notifications))
    }

    /// Stores a page and tells it; gives whether a sync is needed instead.
    pub(crate) async fn apply(self: &Arc<Self>, page: Page) -> Result<bool, StoreError> {
        let shared = Arc::clone(self);
        self.to_its_end(async move {
            let key = page.key.clone();
            match shared.store.apply(page).await? {
                Applied::Gap => Ok(!shared.has_passed(&key)),
                Applied::Stored(changes) => {
                    shared.remember_passed(key);
                    shared.tell_changes(changes).await;
                    Ok(false)
                }
            }
        })
        .await
    }

    /// Stores that the server has a message, and tells it.
    pub(crate) async fn sent(self: &Arc<Self>, entry: OutboxEntry, reply: v1::SendReply) -> Result<(), StoreError> {
        let shared = Arc::clone(self);
        self.to_its_end(async move {
            let key = reply.key.clone();
            let (changes, went_on) = shared.store.sent(&entry, reply).await?;
            if let (true, Some(key)) = (went_on, key) {
                shared.remember_passed(key);
            }
            shared.tell_changes(changes).await;
            Ok(())
        })
        .await
    }

    /// Stores what the server still has of messages that were missed, and tells it.
    pub(crate) async fn fill(self: &Arc<Self>, messages: Vec<v1::Message>) -> Result<(), StoreError> {
        let shared = Arc::clone(self);
        self.to_its_end(async move {
            let changes = shared.store.fill(messages).await?;
            shared.tell_changes(changes).await;
            Ok(())
        })
        .await
    }

    /// Takes a notice of who is writing.
    pub(crate) async fn noticed_typing(&self, conversation_id: u64, from: String, active: bool) {
        let now = tokio::time::Instant::now();
        let news = self.writers.lock().noticed((conversation_id, from.clone()), active, now);
        if news {
            self.typing_changed.notify_one();
            self.tell(ClientEvent::Typing { conversation_id, from, active }).await;
        }
    }

    /// Tells whose notices have ended by now.
    pub(crate) async fn typing_ended(&self, now: tokio::time::Instant) {
        let ended = self.writers.lock().ended(now);
        for (conversation_id, from) in ended {
            self.tell(ClientEvent::Typing { conversation_id, from, active: false }).await;
        }
    }

    /// The link is gone: nobody is known to write.
    pub(crate) async fn nobody_types(&self) {
        let ended = self.writers.lock().all_ended();
        for (conversation_id, from) in ended {
            self.tell(ClientEvent::Typing { conversation_id, from, active: false }).await;
        }
    }

    /// Stores that the server will never take a message, and tells it.
    pub(crate) async fn failed(self: &Arc<Self>, entry: OutboxEntry, why: String) -> Result<(), StoreError> {
        let shared = Arc::clone(self);
        self.to_its_end(async move {
            shared.store.failed(&entry.client_message_id, &why).await?;
            let OutboxEntry { client_message_id, peer, .. } = entry;
            let delivery = Delivery::Failed(why);
            shared.tell(ClientEvent::MessageState { client_message_id, peer, cseq: 0, delivery }).await;
            Ok(())
        })
        .await
    }

    /// Runs `work` in a task of its own: a session that ends between storing and telling would leave something that is
    /// never told, since the store would not count it as new again.
    async fn to_its_end<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(self);
        let task = self.tasks.spawn(async move {
            let _in_order = shared.telling.lock().await;
            work.await
        });
        task.await.map_err(|_| StoreError::Closed)?
    }

    /// Remembers a key as one of our own.
    fn remember_passed(&self, key: SyncKey) {
        let mut passed = self.passed.lock();
        if passed.len() == PASSED_KEYS_MAX {
            passed.pop_front();
        }
        passed.push_back(key);
    }

    /// Whether a notification up to this key tells nothing new: an answer to a send or a sync was quicker.
    fn has_passed(&self, key: &SyncKey) -> bool {
        self.passed.lock().contains(key)
    }

    /// The keys of before a reset mean nothing any more.
    pub(crate) fn forget_passed(&self) {
        self.passed.lock().clear();
    }

    /// Tells an event. Waits while the reader is behind: nothing is dropped, and what waits is bounded.
    pub(crate) async fn tell(&self, event: ClientEvent) {
        tokio::select! {
            // Without a reader there is nobody to tell; the store has it.
            sent = self.events.send(event) => drop(sent),
            () = self.stop.cancelled() => {}
        }
    }

    async fn contact_changed(&self, contact: Contact, asks_anew: bool) {
        let is_watched = self.watched.borrow().contains(&contact.address);
        if contact.blocked || !(contact.to || is_watched) {
            self.presences.lock().forget(&contact.address);
        }
        self.to_name.notify_one();
        let request = contact.request.clone().filter(|_| asks_anew && !contact.blocked);
        let (address, display_name) = (contact.address.clone(), contact.display_name.clone());
        self.tell(ClientEvent::ContactChanged(contact)).await;
        if let Some(v1::IncomingRequest { asked_at_ms, note }) = request {
            self.tell(ClientEvent::ContactRequest { address, display_name, note, asked_at_ms }).await;
        }
    }

    async fn tell_changes(&self, changes: Vec<Change>) {
        for change in changes {
            let event = match change {
                Change::Message(message) => {
                    let (conversation_id, from) = (message.conversation_id, message.from.clone());
                    if self.writers.lock().wrote(conversation_id, &from) {
                        self.tell(ClientEvent::Typing { conversation_id, from, active: false }).await;
                    }
                    ClientEvent::Message(message)
                }
                Change::Sent { client_message_id, peer, cseq } => {
                    ClientEvent::MessageState { client_message_id, peer, cseq, delivery: Delivery::Sent }
                }
                Change::Receipt { conversation_id, peer, delivered_cseq, read_cseq } => {
                    ClientEvent::ReceiptChanged { conversation_id, peer, delivered_cseq, read_cseq }
                }
                Change::Mark { conversation_id, read_cseq } => ClientEvent::MarkChanged { conversation_id, read_cseq },
                Change::Profile(profile) => ClientEvent::ProfileChanged(profile),
                Change::Contact { contact, asks_anew } => {
                    self.contact_changed(contact, asks_anew).await;
                    continue;
                }
                Change::Life { conversation_id, cseq } => ClientEvent::MessageChanged { conversation_id, cseq },
                Change::Settings(settings) => ClientEvent::SettingsChanged(settings),
                Change::Gap => {
                    self.to_mend.notify_one();
                    continue;
                }
                Change::Reset => {
                    self.forget_passed();
                    ClientEvent::Reset
                }
            };
            self.tell(event).await;
        }
    }
}
