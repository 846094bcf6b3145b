//! The client: what a program that wants to talk holds in its hands.
//!
//! Calls come in; what can wait (messages, read marks) is written to the store and answered at once, what cannot is
//! asked over the present link. Events leave by [`Events`]. Invariant: a message that `send` has accepted survives a
//! crash and is sent once, whatever happens to the link.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use belfry_wire::{operation, v1};

use crate::config::{ClientConfig, StorePlace};
use crate::driver;
use crate::error::{ClientError, LinkError};
use crate::link::Link;
use crate::model::{Account, ClientEvent, Conversation, End, LobbyNews, LocalMessage, Message};
use crate::session;
use crate::shared::{Mode, Shared};
use crate::store::{OutboxEntry, Store};

/// Events that may wait for their reader; the client stands still while this is full.
const EVENTS_MAX: usize = 1024;

/// A call that needs the server waits so long for the link to come back.
const ONLINE_WAIT: Duration = Duration::from_secs(10);

/// A running client. Clones are the same client; it stops when the last one is dropped.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    _stops: Arc<DropGuard>,
}

/// What happens, in order.
#[derive(Debug)]
pub struct Events {
    events: mpsc::Receiver<ClientEvent>,
    stopped: CancellationToken,
}

impl Events {
    /// The next event; `None`: the client has stopped. Cancel safe.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        tokio::select! {
            biased; // what was told before the end is still read
            event = self.events.recv() => event,
            () = self.stopped.cancelled() => None,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("servers", &self.shared.config.servers).finish_non_exhaustive()
    }
}

impl Client {
    /// Opens the store and, if there is an account in it, starts to connect.
    pub async fn open(config: ClientConfig) -> Result<(Client, Events), ClientError> {
        let place = config.store.clone();
        let opening = tokio::task::spawn_blocking(move || match place {
            StorePlace::Memory => Store::in_memory(),
            StorePlace::File(path) => Store::open(&path),
        });
        let store = opening.await.map_err(|_| ClientError::Stopped)??;
        let tls = match &config.trust {
            Some(trust) => Some(trust.config().map_err(|error| LinkError::Handshake(error.to_string()))?),
            None => None,
        };
        let mode = match store.identity().await? {
            Some(identity) if identity.ended.is_none() => Mode::Account,
            _ => Mode::Idle,
        };
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let shared = Arc::new(Shared::new(config, store, tls, sender, mode));
        TaskTracker::new().spawn(driver::run(Arc::clone(&shared)));
        let stops = Arc::new(shared.stop.clone().drop_guard());
        let stopped = shared.stopped.clone();
        Ok((Client { shared, _stops: stops }, Events { events, stopped }))
    }

    /// Who this device is; `None`: no account yet, or cut off from it.
    pub async fn account(&self) -> Result<Option<Account>, ClientError> {
        let identity = self.shared.store.identity().await?;
        Ok(identity.filter(|identity| identity.ended.is_none()).map(|identity| identity.account))
    }

    /// Asks for a PIN for a phone number (`+` and digits).
    pub async fn request_pin(&self, phone: &str) -> Result<v1::RequestPinReply, ClientError> {
        let request = v1::RequestPinRequest { phone: phone.to_owned() };
        self.ask_unknown(operation::REQUEST_PIN, &request).await
    }

    /// Exchanges the PIN for an account: this device becomes its primary one and connects. Under Noise its key becomes
    /// its credential.
    pub async fn verify_pin(&self, request: v1::VerifyPinRequest) -> Result<Account, ClientError> {
        let credentials = self.ask_unknown(operation::VERIFY_PIN, &request).await?;
        self.become_device(credentials).await
    }

    /// Makes this device a companion of an account by the account's password, and connects.
    pub async fn add_device(&self, address: &str, password: &str, device_name: &str) -> Result<Account, ClientError> {
        let request = v1::AddDeviceRequest {
            address: address.to_owned(),
            password: password.to_owned(),
            device_name: device_name.to_owned(),
        };
        let credentials = self.ask_unknown(operation::ADD_DEVICE, &request).await?;
        self.become_device(credentials).await
    }

    /// Asks over a link of its own, on which nobody is logged in.
    pub(crate) async fn ask_unknown<Q: prost::Message, A: prost::Message + Default>(
        &self,
        operation: u32,
        request: &Q,
    ) -> Result<A, ClientError> {
        let (link, _notifications) = self.shared.connect().await?;
        link.request(operation, request).await
    }

    pub(crate) async fn become_device(&self, credentials: v1::Credentials) -> Result<Account, ClientError> {
        let account = Account { address: credentials.address.clone(), device_id: credentials.device_id };
        self.shared.store.set_identity(credentials).await?;
        self.shared.forget_passed();
        self.shared.mode.send_replace(Mode::Account);
        Ok(account)
    }

    /// Writes a text for `to` into the outbox. It is sent as soon as there is a link, and again until the server has
    /// said that it has it; [`ClientEvent::MessageState`] tells.
    pub async fn send(&self, to: &str, text: &str) -> Result<LocalMessage, ClientError> {
        let content = v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() };
        self.send_content(to, content).await
    }

    /// The same for any content.
    pub async fn send_content(&self, to: &str, content: v1::Content) -> Result<LocalMessage, ClientError> {
        if self.shared.stop.is_cancelled() {
            return Err(ClientError::Stopped);
        }
        let client_message_id = self.fresh_id();
        let created_at_ms = self.shared.environment().now_ms();
        let entry = OutboxEntry { client_message_id: client_message_id.clone(), peer: to.to_owned(), content };
        self.shared.store.enqueue(entry, created_at_ms).await?;
        self.shared.writers.lock().sent(to);
        self.shared.to_send.notify_one();
        Ok(LocalMessage { client_message_id, created_at_ms })
    }

    /// 128 random bits as hexadecimal digits.
    fn fresh_id(&self) -> String {
        let environment = self.shared.environment();
        format!("{:016x}{:016x}", environment.random_u64(), environment.random_u64())
    }

    /// How many messages wait to be sent.
    pub async fn outbox_len(&self) -> Result<usize, ClientError> {
        Ok(self.shared.store.outbox_len().await?)
    }

    /// All conversations that are kept here, the one with the newest message first.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, ClientError> {
        self.forget_expired().await?;
        Ok(self.shared.store.conversations().await?)
    }

    /// The newest `limit` messages with `peer` that are kept here, oldest first; with `before_cseq` those below it.
    /// Without it, what is still in the outbox comes last.
    pub async fn messages(
        &self,
        peer: &str,
        before_cseq: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Message>, ClientError> {
        self.forget_expired().await?;
        Ok(self.shared.store.messages(peer, before_cseq, limit).await?)
    }

    /// Messages that have disappeared are not shown, nor kept.
    async fn forget_expired(&self) -> Result<(), ClientError> {
        Ok(self.shared.store.forget_expired(self.shared.environment().now_ms()).await?)
    }

    /// Fetches older messages from the server and keeps them; gives them, and whether there are more.
    pub async fn history(
        &self,
        peer: &str,
        before_cseq: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<Message>, bool), ClientError> {
        let request = v1::HistoryRequest {
            conversation_id: 0,
            peer: peer.to_owned(),
            before_cseq: before_cseq.unwrap_or(0),
            limit,
        };
        let reply: v1::HistoryReply = self.ask(operation::HISTORY, &request).await?;
        let end = reply.messages.last().map_or(0, |message| message.cseq + 1);
        let count = reply.messages.len();
        self.shared.store.add_history(reply.messages).await?;
        Ok((self.shared.store.messages(peer, Some(end), count).await?, reply.more))
    }

    /// Says that the conversation with `peer` was read up to a message. Kept, and told to the server by and by.
    pub async fn mark_read(&self, peer: &str, read_cseq: u64) -> Result<(), ClientError> {
        if let Some(conversation_id) = self.shared.store.mark_read(peer, read_cseq).await? {
            self.shared.to_send.notify_one();
            self.shared.tell(ClientEvent::MarkChanged { conversation_id, read_cseq }).await;
        }
        Ok(())
    }

    /// Whether an address can be written to.
    pub async fn exists(&self, address: &str) -> Result<bool, ClientError> {
        let request = v1::AccountExistsRequest { address: address.to_owned() };
        Ok(self.ask::<_, v1::AccountExistsReply>(operation::ACCOUNT_EXISTS, &request).await?.exists)
    }

    /// What an address shows as its name: as kept here, else as the server says.
    pub async fn display_name(&self, address: &str) -> Result<String, ClientError> {
        if let Some(name) = self.shared.store.display_name(address).await? {
            return Ok(name);
        }
        Ok(self.profile(address).await?.display_name)
    }

    /// Changes what this account shows as its name.
    pub async fn set_display_name(&self, display_name: &str) -> Result<(), ClientError> {
        let request = v1::SetProfileRequest { display_name: display_name.to_owned(), ..Default::default() };
        self.set_profile(request).await?;
        Ok(())
    }

    /// The account's devices.
    pub async fn devices(&self) -> Result<Vec<v1::Device>, ClientError> {
        let reply: v1::ListDevicesReply = self.ask(operation::LIST_DEVICES, &v1::ListDevicesRequest {}).await?;
        Ok(reply.devices)
    }

    /// Removes a device of the account and cuts it off.
    pub async fn revoke(&self, device_id: u32) -> Result<(), ClientError> {
        let request = v1::RevokeDeviceRequest { device_id };
        self.ask::<_, v1::RevokeDeviceReply>(operation::REVOKE_DEVICE, &request).await?;
        Ok(())
    }

    /// Takes a name in the lobby, as a guest if there is no account; `None`: the account's own. What is new there comes
    /// as [`ClientEvent::LobbyUpdate`]; after a lost link the name is taken again.
    pub async fn lobby_join(&self, name: Option<&str>) -> Result<LobbyNews, ClientError> {
        let name = name.unwrap_or_default().to_owned();
        if self.account().await?.is_some() {
            let link = self.online().await?;
            let before = self.shared.lobby.lock().wanted.replace(name);
            let joined = session::join_lobby(&self.shared, &link).await;
            if matches!(joined, Err(ClientError::Refused(_))) {
                self.shared.lobby.lock().wanted = before;
            }
            return joined;
        }
        let (asked, joined) = oneshot::channel();
        {
            let mut lobby = self.shared.lobby.lock();
            lobby.left();
            lobby.wanted = Some(name);
            lobby.joining = Some(asked);
        }
        self.shared.mode.send_replace(Mode::Guest);
        tokio::select! {
            joined = joined => joined.unwrap_or(Err(ClientError::Stopped)),
            () = self.shared.stop.cancelled() => Err(ClientError::Stopped),
        }
    }

    /// Gives the name in the lobby back. A guest is not connected after it.
    pub async fn lobby_leave(&self) -> Result<(), ClientError> {
        self.ask::<_, v1::LobbyLeaveReply>(operation::LOBBY_LEAVE, &v1::LobbyLeaveRequest {}).await?;
        self.shared.lobby.lock().left();
        if *self.shared.mode.borrow() == Mode::Guest {
            self.shared.mode.send_replace(Mode::Idle);
        }
        Ok(())
    }

    /// Says something in the lobby. Tried again with the same id until the server has answered or `ONLINE_WAIT` passes
    /// without a link.
    pub async fn lobby_send(&self, text: &str) -> Result<v1::LobbySendReply, ClientError> {
        let request = v1::LobbySendRequest { client_message_id: self.fresh_id(), text: text.to_owned() };
        loop {
            let link = self.online().await?;
            match link.request(operation::LOBBY_SEND, &request).await {
                // The link broke: whether the server has it, the same id will tell.
                Err(ClientError::Link(_)) => self.gone(&link).await,
                done => return done,
            }
        }
    }

    /// Older messages of the lobby, newest last, and whether there are more.
    pub async fn lobby_history(
        &self,
        before_cseq: u64,
        limit: u32,
    ) -> Result<(Vec<v1::LobbyMessage>, bool), ClientError> {
        let request = v1::LobbyHistoryRequest { before_cseq, limit };
        let reply: v1::LobbyHistoryReply = self.ask(operation::LOBBY_HISTORY, &request).await?;
        Ok((reply.messages, reply.more))
    }

    /// Says whether a person looks at the client: in the background it connects more seldom, and the server may ask for
    /// fewer heartbeats.
    pub async fn set_background(&self, background: bool) -> Result<(), ClientError> {
        self.shared.background.store(background, Ordering::Relaxed);
        if !background {
            self.shared.try_now.notify_waiters();
        }
        let Some(link) = self.link() else { return Ok(()) };
        let activity = if background { v1::Activity::Background } else { v1::Activity::Foreground };
        let request = v1::ReportActivityRequest { activity: activity.into(), network: String::new() };
        let reply: v1::ReportActivityReply = link.request(operation::REPORT_ACTIVITY, &request).await?;
        if reply.heartbeat_ms > 0 {
            let every = Duration::from_millis(reply.heartbeat_ms.into()).max(Duration::from_secs(1));
            self.shared.heartbeat_every.send_replace(every);
        }
        Ok(())
    }

    /// Tries to connect now instead of waiting: the network has changed, or a person asks for it.
    pub fn try_now(&self) {
        self.shared.try_now.notify_waiters();
    }

    /// Removes this device from its account and forgets everything kept here. The client has ended after it.
    pub async fn logout(&self) -> Result<(), ClientError> {
        self.ask::<_, v1::LogoutReply>(operation::LOGOUT, &v1::LogoutRequest {}).await?;
        self.shared.store.clear().await?;
        // Told here: the driver only sees that it was stopped.
        drop(self.shared.events.try_send(ClientEvent::Ended(End::LoggedOut)));
        self.close().await;
        Ok(())
    }

    /// Forgets the pinned keys of servers: the next connection trusts the key that it sees. For when an administrator
    /// has said that the server's key is a new one.
    pub async fn forget_server_keys(&self) -> Result<(), ClientError> {
        Ok(self.shared.store.forget_server_keys().await?)
    }

    /// Closes the link and stops. What is in the outbox stays there for the next start.
    pub async fn close(&self) {
        self.shared.stop.cancel();
        self.shared.stopped.cancelled().await;
    }

    /// Cancelled when the client has stopped.
    pub fn stopped(&self) -> CancellationToken {
        self.shared.stopped.clone()
    }

    /// The present link, for operations that have no method here.
    pub fn link(&self) -> Option<Link> {
        self.shared.link.borrow().clone()
    }

    pub(crate) async fn ask<Q: prost::Message, A: prost::Message + Default>(
        &self,
        operation: u32,
        request: &Q,
    ) -> Result<A, ClientError> {
        self.online().await?.request(operation, request).await
    }

    /// The present link, or the next one if it comes soon.
    async fn online(&self) -> Result<Link, ClientError> {
        if *self.shared.mode.borrow() == Mode::Idle {
            return Err(ClientError::NoAccount);
        }
        let mut link = self.shared.link.subscribe();
        let waiting = async {
            link.wait_for(Option::is_some).await.ok().and_then(|link| link.clone()).ok_or(ClientError::Stopped)
        };
        tokio::select! {
            link = waiting => link,
            () = tokio::time::sleep(ONLINE_WAIT) => Err(ClientError::Offline),
            () = self.shared.stop.cancelled() => Err(ClientError::Stopped),
        }
    }

    /// Waits until a link that has failed is no longer the present one.
    async fn gone(&self, failed: &Link) {
        failed.close();
        let mut link = self.shared.link.subscribe();
        let is_another = |link: &Option<Link>| link.as_ref().is_none_or(|link| !link.is_same(failed));
        tokio::select! {
            gone = link.wait_for(is_another) => drop(gone),
            () = self.shared.stop.cancelled() => {}
        }
    }
}
