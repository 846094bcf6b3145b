//! A witness: a device that remembers nothing but its place and writes all that happens to it into a ledger.
//!
//! For checking a server, not for people: `belfry verify` and the fault tests drive witnesses through any door and let
//! the [`Ledger`] judge. Invariant: an intent is written down before its request leaves, an item before it is
//! acknowledged, an outcome only after its answer is there.

use std::collections::HashSet;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use prost::Message;

use belfry_wire::{operation, v1};

use crate::address::ServerAddress;
use crate::error::{ClientError, LinkError};
use crate::ledger::{DeviceNo, Digest, Item, Ledger, Letter, Place};
use crate::link::{Link, LinkOptions, Notifications, Told};
use crate::post::post;

/// A ledger that several witnesses write into.
pub type SharedLedger = Arc<Mutex<Ledger>>;

/// How a witness reaches the server.
#[derive(Clone, Debug)]
pub enum Way {
    /// A long link.
    Link(ServerAddress),
    /// One HTTP request for each operation.
    Post(ServerAddress),
}

/// A device.
#[derive(Debug)]
pub struct Witness {
    /// How it reaches the server; may be changed between two connections.
    pub way: Way,
    options: LinkOptions,
    ledger: SharedLedger,
    device: DeviceNo,
    credentials: v1::Credentials,
    link: Option<(Link, Notifications)>,
    key: v1::SyncKey,
    last_seq: u64,
    /// Messages that it keeps, and those of them that a new life of the log may tell again.
    kept: HashSet<Place>,
    kept_before_reset: HashSet<Place>,
    /// The newest message of somebody else that is not marked as read.
    unread: Option<Place>,
    unacknowledged: bool,
    lose_answer: bool,
}

impl Witness {
    /// A device whose credentials are known. Under Noise they belong to the key of the options.
    pub fn new(way: Way, options: LinkOptions, ledger: SharedLedger, credentials: v1::Credentials) -> Witness {
        let device = ledger.lock().device(&credentials.address);
        Witness {
            way,
            options,
            ledger,
            device,
            credentials,
            link: None,
            key: v1::SyncKey::default(),
            last_seq: 0,
            kept: HashSet::new(),
            kept_before_reset: HashSet::new(),
            unread: None,
            unacknowledged: false,
            lose_answer: false,
        }
    }

    /// A new companion of an account, by its password.
    pub async fn join(
        way: Way,
        options: LinkOptions,
        ledger: SharedLedger,
        address: &str,
        password: &str,
    ) -> Result<Witness, ClientError> {
        let request = v1::AddDeviceRequest {
            address: address.to_owned(),
            password: password.to_owned(),
            device_name: "witness".to_owned(),
        };
        let credentials: v1::Credentials = match &way {
            Way::Link(server) => {
                let (link, _told) = Link::connect(std::slice::from_ref(server), &options).await?;
                link.request(operation::ADD_DEVICE, &request).await?
            }
            Way::Post(server) => {
                post(&*options.dialer, options.tls.as_ref(), server, operation::ADD_DEVICE, None, &request).await?
            }
        };
        Ok(Witness::new(way, options, ledger, credentials))
    }

    /// Address of its account.
    pub fn address(&self) -> &str {
        &self.credentials.address
    }

    /// What the device is known by.
    pub fn credentials(&self) -> &v1::Credentials {
        &self.credentials
    }

    /// Which device it is in the ledger.
    pub fn device(&self) -> DeviceNo {
        self.device
    }

    /// The newest message of somebody else that it has not marked as read.
    pub fn unread(&self) -> Option<Place> {
        self.unread
    }

    /// Whether there is something that it has not acknowledged.
    pub fn unacknowledged(&self) -> bool {
        self.unacknowledged
    }

    /// The next answer is thrown away, as if the network had lost it.
    pub fn lose_next_answer(&mut self) {
        self.lose_answer = true;
    }

    /// Whether requests can be made at once.
    pub fn is_connected(&self) -> bool {
        match self.way {
            Way::Link(_) => self.link.is_some(),
            Way::Post(_) => !self.credentials.token.is_empty(),
        }
    }

    /// Answers that take longer are taken for lost, from the next connection on.
    pub fn set_patience(&mut self, patience: Duration) {
        self.options.request_timeout = patience;
    }

    /// Drops the connection without a word.
    pub fn disconnect(&mut self) {
        self.link = None;
        self.credentials.token.clear();
    }

    /// Connects, logs in and asks for what is new; a long link is told from there on.
    pub async fn connect(&mut self) -> Result<(), ClientError> {
        self.open().await?;
        self.catch_up().await
    }

    /// Connects for the first time: what is there already is passed over and will not be judged.
    pub async fn arrive(&mut self) -> Result<(), ClientError> {
        self.open().await?;
        self.pass_over().await?;
        self.catch_up().await
    }

    async fn open(&mut self) -> Result<(), ClientError> {
        self.disconnect();
        if let Way::Link(server) = &self.way {
            let link = Link::connect(std::slice::from_ref(server), &self.options);
            self.link = Some(self.in_time(link).await?);
        }
        let done = self.log_in().await;
        if done.is_err() {
            self.disconnect();
        }
        done
    }

    async fn log_in(&mut self) -> Result<(), ClientError> {
        let noise = self.link.as_ref().is_some_and(|(link, _)| link.server_key().is_some());
        if !noise {
            let request = v1::TokenRequest {
                address: self.credentials.address.clone(),
                device_id: self.credentials.device_id,
                device_secret: self.credentials.device_secret.clone(),
            };
            let bought: v1::TokenReply = self.ask(operation::TOKEN, &request).await?;
            self.credentials.token = bought.token;
        }
        if self.link.is_some() {
            let token = if noise { String::new() } else { self.credentials.token.clone() };
            let request = v1::LoginRequest { token, client: "belfry witness".to_owned() };
            let _reply: v1::LoginReply = self.ask(operation::LOGIN, &request).await?;
        }
        Ok(())
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, LinkError>>) -> Result<T, LinkError> {
        tokio::time::timeout(self.options.request_timeout, work).await.unwrap_or(Err(LinkError::Silent))
    }

    /// Asks for an operation. After an error of the link it is closed.
    pub async fn ask<Q: Message, A: Message + Default>(&mut self, number: u32, request: &Q) -> Result<A, ClientError> {
        let answer = match (&self.way, &self.link) {
            (Way::Link(_), None) => Err(LinkError::Closed.into()),
            (Way::Link(_), Some((link, _))) => link.request(number, request).await,
            (Way::Post(server), _) => {
                let token = Some(self.credentials.token.as_str()).filter(|token| !token.is_empty());
                let asking = post(&*self.options.dialer, self.options.tls.as_ref(), server, number, token, request);
                let limit = self.options.request_timeout;
                tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| Err(LinkError::Silent.into()))
            }
        };
        if let Err(ClientError::Link(_)) = &answer {
            self.link = None;
        }
        if matches!(number, operation::SEND | operation::ACK | operation::MARK_READ) && mem::take(&mut self.lose_answer)
        {
            return Err(LinkError::Silent.into());
        }
        answer
    }

    /// Sends a text once, under this id; the texts of a ledger are all different. After an error of the link or a
    /// temporary refusal the same again is the same message.
    pub async fn send(&mut self, id: &str, to: &str, text: &str) -> Result<v1::SendReply, ClientError> {
        let content = v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() };
        let digest = Digest::of(&content);
        self.ledger.lock().intend(self.device, id, to, digest);
        let request = v1::SendRequest { to: to.to_owned(), client_message_id: id.to_owned(), content: Some(content) };
        let reply: v1::SendReply = match self.ask(operation::SEND, &request).await {
            Ok(reply) => reply,
            Err(ClientError::Refused(refusal)) => {
                if !refusal.is_temporary() {
                    self.ledger.lock().refused(self.device, id);
                }
                return Err(refusal.into());
            }
            Err(error) => return Err(error),
        };
        let place = Place { conversation: reply.conversation_id, cseq: reply.cseq };
        let mut ledger = self.ledger.lock();
        ledger.stored(self.device, id, place);
        if let (Some(previous), Some(key)) = (&reply.previous, &reply.key)
            && *previous == self.key
        {
            let from = self.credentials.address.clone();
            ledger.told(self.device, Item::Letter(Letter { place, from, to: to.to_owned(), digest: Some(digest) }));
            ledger.key(self.device, key, false);
            self.kept.insert(place);
            self.key = key.clone();
        }
        Ok(reply)
    }

    /// Asks for everything after its key; on a link, to be told what follows.
    pub async fn catch_up(&mut self) -> Result<(), ClientError> {
        loop {
            let subscribe = self.link.is_some();
            let request = v1::SyncRequest { key: Some(self.key.clone()), subscribe, ..Default::default() };
            let reply: v1::SyncReply = self.ask(operation::SYNC, &request).await?;
            self.take(&reply.events, reply.key, reply.reset);
            if !reply.more {
                return Ok(());
            }
        }
    }

    /// The same, for what was there before the run.
    async fn pass_over(&mut self) -> Result<(), ClientError> {
        loop {
            let request = v1::SyncRequest { key: Some(self.key.clone()), ..Default::default() };
            let reply: v1::SyncReply = self.ask(operation::SYNC, &request).await?;
            for event in &reply.events {
                self.ledger.lock().was_there(self.device, Item::of(event));
                self.last_seq = event.seq;
            }
            self.key = reply.key.unwrap_or_default();
            if !reply.more {
                return Ok(());
            }
        }
    }

    /// Takes what is told, waiting at most so long for the first of it.
    pub async fn listen(&mut self, at_most: Duration) -> Result<(), ClientError> {
        if let Way::Post(_) = self.way {
            let wait_ms = at_most.as_millis() as u32;
            let request = v1::SyncRequest { key: Some(self.key.clone()), wait_ms, ..Default::default() };
            let reply: v1::SyncReply = self.ask(operation::SYNC, &request).await?;
            self.take(&reply.events, reply.key, reply.reset);
            return Ok(());
        }
        let Some((_, notifications)) = &mut self.link else { return Err(LinkError::Closed.into()) };
        let Ok(first) = tokio::time::timeout(at_most, notifications.next()).await else { return Ok(()) };
        let mut told = first;
        loop {
            match told {
                None => {
                    self.link = None;
                    return Err(LinkError::Closed.into());
                }
                Some(told) => self.hear(told).await?,
            }
            let Some((_, notifications)) = &mut self.link else { return Ok(()) };
            match notifications.try_next() {
                Some(next) => told = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn hear(&mut self, told: Told) -> Result<(), ClientError> {
        match told {
            Told::Overflow => self.catch_up().await,
            Told::Frame(frame) if frame.operation == operation::NOTIFY => {
                let notify =
                    v1::Notify::decode(frame.body).map_err(|_| LinkError::Protocol("a notification cannot be read"))?;
                if notify.previous.as_ref() != Some(&self.key) && !notify.reset {
                    return self.catch_up().await;
                }
                self.take(&notify.events, notify.key, notify.reset);
                Ok(())
            }
            Told::Frame(_) => Ok(()),
        }
    }

    /// Keeps events as docs/protocol.md, "Keys, syncing, being told", says, and writes down what is kept.
    fn take(&mut self, events: &[v1::Event], key: Option<v1::SyncKey>, reset: bool) {
        let mut ledger = self.ledger.lock();
        if reset {
            self.last_seq = 0;
            self.kept_before_reset.clone_from(&self.kept);
        }
        for event in events {
            if event.seq <= self.last_seq {
                continue;
            }
            self.last_seq = event.seq;
            let item = Item::of(event);
            if let Item::Letter(letter) = &item {
                if self.kept_before_reset.contains(&letter.place) {
                    continue;
                }
                self.kept.insert(letter.place);
                if letter.from != self.credentials.address {
                    self.unread = Some(letter.place);
                }
            }
            ledger.told(self.device, item);
            self.unacknowledged = true;
        }
        if let Some(key) = key {
            ledger.key(self.device, &key, reset);
            self.key = key;
        }
    }

    /// Acknowledges all that it keeps.
    pub async fn acknowledge(&mut self) -> Result<(), ClientError> {
        let request = v1::AckRequest { passed: Some(self.key.clone()), delivered: None };
        let _reply: v1::AckReply = self.ask(operation::ACK, &request).await?;
        self.ledger.lock().acknowledged(self.device);
        self.unacknowledged = false;
        Ok(())
    }

    /// Says that the conversation of the newest unread message was read up to there.
    pub async fn mark_read(&mut self) -> Result<(), ClientError> {
        let Some(place) = self.unread else { return Ok(()) };
        let mark = self.ledger.lock().mark(self.device, place);
        let request = v1::MarkReadRequest { conversation_id: place.conversation, read_cseq: place.cseq };
        let _reply: v1::MarkReadReply = self.ask(operation::MARK_READ, &request).await?;
        self.ledger.lock().marked(mark);
        self.unread = None;
        Ok(())
    }

    /// Everything has come to rest: asks for what is left, then reads the whole history from the beginning.
    pub async fn testify(&mut self) -> Result<(), ClientError> {
        self.catch_up().await?;
        self.ledger.lock().caught_up(self.device);
        self.ledger.lock().history_begins(self.device);
        let mut key = v1::SyncKey::default();
        loop {
            let request = v1::SyncRequest { key: Some(key), ..Default::default() };
            let reply: v1::SyncReply = self.ask(operation::SYNC, &request).await?;
            for event in &reply.events {
                self.ledger.lock().history(self.device, Item::of(event));
            }
            if !reply.more {
                return Ok(());
            }
            key = reply.key.unwrap_or_default();
        }
    }

    /// Removes the device from its account.
    pub async fn log_out(&mut self) -> Result<(), ClientError> {
        let _reply: v1::LogoutReply = self.ask(operation::LOGOUT, &v1::LogoutRequest {}).await?;
        self.disconnect();
        Ok(())
    }
}
