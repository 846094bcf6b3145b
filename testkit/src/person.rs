//! Somebody who speaks through one door: asks for operations, is told events.
//!
//! Every play is written against [`Person::ask`] and [`Person::events`], so that it runs unchanged through frames over
//! Noise, TLS, bare TCP and WebSocket, and over HTTP in protobuf and JSON.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use belfry_client::{Carrier, ClientError, Link, LinkOptions, Notifications, ServerAddress, Told, Trust};
use belfry_wire::noise::StaticKey;
use belfry_wire::{OPERATIONS, operation, v1};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Server, http};

/// How somebody reaches the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Door {
    /// Frames over TCP with Noise.
    Noise,
    /// Frames over TCP with TLS.
    Tls,
    /// Frames over plain TCP on loopback.
    Bare,
    /// Frames over WebSocket.
    WebSocket,
    /// HTTP with protobuf bodies.
    HttpProtobuf,
    /// HTTP with JSON bodies.
    HttpJson,
}

impl Door {
    /// All of them.
    pub const ALL: [Door; 6] =
        [Door::Noise, Door::Tls, Door::Bare, Door::WebSocket, Door::HttpProtobuf, Door::HttpJson];

    fn carrier(self) -> Option<Carrier> {
        match self {
            Door::Noise => Some(Carrier::Noise),
            Door::Tls => Some(Carrier::Tls),
            Door::Bare => Some(Carrier::Bare),
            Door::WebSocket => Some(Carrier::Ws),
            Door::HttpProtobuf | Door::HttpJson => None,
        }
    }
}

/// A refusal's code, wherever it came from.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refused {
    /// Stable.
    pub code: String,
    /// For people.
    pub message: String,
    /// When to ask again; 0: never.
    pub retry_after_ms: u64,
}

/// Somebody with a device.
pub struct Person {
    /// Through which door.
    pub door: Door,
    /// What the device keeps.
    pub credentials: v1::Credentials,
    server: std::net::SocketAddr,
    options: LinkOptions,
    link: Option<(Link, Notifications)>,
    key: v1::SyncKey,
    events: VecDeque<v1::Event>,
    typing: VecDeque<v1::TypingUpdate>,
}

impl Person {
    /// Registers a phone through this door under a name; the account is new or gets a new primary.
    pub async fn register(server: &Server, door: Door, phone: &str, name: &str) -> Result<Person> {
        let mut person = Person::stranger(server, door)?;
        person.connect().await?;
        let asked: v1::RequestPinReply =
            person.ask(operation::REQUEST_PIN, &v1::RequestPinRequest { phone: phone.to_owned() }).await?;
        ensure!(asked.digits == 6, "a PIN has six digits");
        let request = v1::VerifyPinRequest {
            phone: phone.to_owned(),
            pin: server.pin(phone)?,
            name: name.to_owned(),
            ..Default::default()
        };
        person.credentials = person.ask(operation::VERIFY_PIN, &request).await?;
        person.login().await?;
        Ok(person)
    }

    /// Adds a companion of an account by its password.
    pub async fn companion(server: &Server, door: Door, address: &str, password: &str) -> Result<Person> {
        let mut person = Person::stranger(server, door)?;
        person.connect().await?;
        let request = v1::AddDeviceRequest {
            address: address.to_owned(),
            password: password.to_owned(),
            device_name: "Companion".to_owned(),
        };
        person.credentials = person.ask(operation::ADD_DEVICE, &request).await?;
        person.login().await?;
        Ok(person)
    }

    /// A device that joins the account of a phone by a code, which the phone reads and confirms.
    pub async fn linked(server: &Server, door: Door, phone: &mut Person, name: &str) -> Result<Person> {
        let mut person = Person::stranger(server, door)?;
        person.connect().await?;
        let begin = v1::LinkBeginRequest { device_name: name.to_owned(), platform: format!("{door:?}") };
        let code: v1::LinkBeginReply = person.ask(operation::LINK_BEGIN, &begin).await?;
        let scan = v1::LinkScanRequest { payload: code.payload.clone() };
        let seen: v1::LinkScanReply = phone.ask(operation::LINK_SCAN, &scan).await?;
        ensure!(seen.device_name == name && seen.network == "this machine", "{seen:?}");
        let mut wait = v1::LinkWaitRequest {
            link_id: code.link_id.clone(),
            secret: code.secret,
            known_state: v1::LinkState::Waiting.into(),
            wait_ms: 10_000,
        };
        let told: v1::LinkWaitReply = person.ask(operation::LINK_WAIT, &wait).await?;
        ensure!(told.state() == v1::LinkState::Scanned && told.address == phone.credentials.address, "{told:?}");
        // The device waits while its owner makes up their mind.
        wait.known_state = told.state;
        let confirm = v1::LinkConfirmRequest { link_id: code.link_id, accept: true };
        let (told, confirmed) = tokio::join!(
            person.ask::<_, v1::LinkWaitReply>(operation::LINK_WAIT, &wait),
            phone.ask::<_, v1::LinkConfirmReply>(operation::LINK_CONFIRM, &confirm)
        );
        person.credentials = told?.credentials.context("a confirmed device has credentials")?;
        ensure!(person.credentials.device_id == confirmed?.device_id, "it is the device that was confirmed");
        person.login().await?;
        Ok(person)
    }

    /// Somebody who has no account yet.
    pub fn stranger(server: &Server, door: Door) -> Result<Person> {
        let mut private = [0; 32];
        getrandom::fill(&mut private)?;
        let mut options = LinkOptions::new(Arc::new(StaticKey::new(private)));
        if door == Door::Tls {
            options.tls = Some(Trust::Pinned(certificate(server)?).config()?);
        }
        Ok(Person {
            door,
            credentials: v1::Credentials::default(),
            server: server.address,
            options,
            link: None,
            key: v1::SyncKey::default(),
            events: VecDeque::new(),
            typing: VecDeque::new(),
        })
    }

    /// The same device through another door. Under Noise it must have registered through Noise.
    pub async fn also(&self, server: &Server, door: Door) -> Result<Person> {
        let mut person = Person::stranger(server, door)?;
        person.options.key = self.options.key.clone();
        person.credentials = self.credentials.clone();
        person.key = self.key.clone();
        person.connect().await?;
        person.login().await?;
        Ok(person)
    }

    /// Opens the link, for doors that have one. Nobody is logged in yet.
    pub async fn connect(&mut self) -> Result<()> {
        if let Some(carrier) = self.door.carrier() {
            let host = self.server.ip().to_string();
            let address = ServerAddress { carrier, host, port: self.server.port() };
            self.link = Some(Link::connect(&[address], &self.options).await?);
        }
        Ok(())
    }

    /// Says who speaks, and is told events from the key on.
    pub async fn login(&mut self) -> Result<()> {
        if self.link.is_some() {
            let token = if self.door == Door::Noise { String::new() } else { self.token().await? };
            let request = v1::LoginRequest { token, client: "play".to_owned() };
            let _reply: v1::LoginReply = self.ask(operation::LOGIN, &request).await?;
            self.subscribe().await?;
        }
        Ok(())
    }

    /// A link anew, as after a broken one.
    pub async fn reconnect(&mut self) -> Result<()> {
        self.disconnect();
        self.connect().await?;
        self.login().await
    }

    /// Drops the link without a word.
    pub fn disconnect(&mut self) {
        self.link = None;
    }

    /// Goes back to before everything: the next login reads from the beginning.
    pub fn forget(&mut self) {
        self.key = v1::SyncKey::default();
        self.events.clear();
    }

    /// Buys an access token, for doors that need one.
    pub async fn token(&mut self) -> Result<String> {
        let request = v1::TokenRequest {
            address: self.credentials.address.clone(),
            device_id: self.credentials.device_id,
            device_secret: self.credentials.device_secret.clone(),
        };
        // In a long run the old one may be over, and whoever shows such a token is refused whatever it asks.
        self.credentials.token.clear();
        let reply: v1::TokenReply = self.ask(operation::TOKEN, &request).await?;
        self.credentials.token = reply.token.clone();
        Ok(reply.token)
    }

    async fn subscribe(&mut self) -> Result<()> {
        loop {
            let request = v1::SyncRequest { key: Some(self.key.clone()), subscribe: true, ..Default::default() };
            let reply: v1::SyncReply = self.ask(operation::SYNC, &request).await?;
            self.take(reply.events, reply.key);
            if !reply.more {
                return Ok(());
            }
        }
    }

    fn take(&mut self, events: Vec<v1::Event>, key: Option<v1::SyncKey>) {
        self.events.extend(events);
        if let Some(key) = key {
            self.key = key;
        }
    }

    /// Asks for an operation through the door.
    pub async fn ask<Q, A>(&mut self, number: u32, request: &Q) -> Result<A, anyhow::Error>
    where
        Q: Message + Serialize,
        A: Message + Default + DeserializeOwned,
    {
        if let Some((link, _)) = &self.link {
            return match link.request(number, request).await {
                Ok(answer) => Ok(answer),
                Err(ClientError::Refused(refusal)) => Err(Refused {
                    code: refusal.code,
                    message: refusal.message,
                    retry_after_ms: refusal.retry_after.map_or(0, |after| after.as_millis() as u64),
                }
                .into()),
                Err(other) => Err(other.into()),
            };
        }
        let operation = OPERATIONS.iter().find(|operation| operation.number == number).context("an operation")?;
        let json = self.door == Door::HttpJson;
        let mime = if json { "application/json" } else { "application/protobuf" };
        let bearer = format!("Bearer {}", self.credentials.token);
        let mut headers = vec![("Content-Type", mime)];
        if !self.credentials.token.is_empty() {
            headers.push(("Authorization", &bearer));
        }
        let body = if json { serde_json::to_vec(request)? } else { request.encode_to_vec() };
        let (status, body) = http::request(self.server, "POST", &operation.path(), &headers, &body).await?;
        if status == 200 {
            return Ok(if json { serde_json::from_slice(&body)? } else { A::decode(&body[..])? });
        }
        let error: v1::Error = if json { serde_json::from_slice(&body)? } else { v1::Error::decode(&body[..])? };
        Err(Refused { code: error.code, message: error.message, retry_after_ms: error.retry_after_ms }.into())
    }

    /// Asks and expects to be refused; the code.
    pub async fn refused<Q: Message + Serialize + std::fmt::Debug>(
        &mut self,
        number: u32,
        request: &Q,
    ) -> Result<String> {
        match self.ask::<Q, v1::AckReply>(number, request).await {
            Ok(_) => bail!("this was to be refused: {request:?}"),
            Err(error) => Ok(error.downcast::<Refused>()?.code),
        }
    }

    /// Sends a text; the id is made from it, so that a repeated call is a repeated send.
    pub async fn send(&mut self, to: &str, client_message_id: &str, text: &str) -> Result<v1::SendReply> {
        let content = v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() };
        let request = v1::SendRequest {
            to: to.to_owned(),
            client_message_id: client_message_id.to_owned(),
            content: Some(content),
        };
        let reply: v1::SendReply = self.ask(operation::SEND, &request).await?;
        if reply.previous.as_ref() == Some(&self.key)
            && let Some(key) = &reply.key
        {
            self.key = key.clone();
        }
        Ok(reply)
    }

    /// The next event that `wanted` picks, waiting up to 20 s; others before it are passed over.
    pub async fn next<T>(&mut self, mut wanted: impl FnMut(&v1::Event) -> Option<T>) -> Result<T> {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            while let Some(event) = self.events.pop_front() {
                if let Some(found) = wanted(&event) {
                    return Ok(found);
                }
            }
            ensure!(Instant::now() < until, "nothing of the kind came in 20 s");
            self.wait(Duration::from_secs(5)).await?;
        }
    }

    /// Waits for news, at most so long.
    async fn wait(&mut self, at_most: Duration) -> Result<()> {
        let Some((_, notifications)) = &mut self.link else {
            let wait_ms = at_most.as_millis() as u32;
            let request = v1::SyncRequest { key: Some(self.key.clone()), wait_ms, ..Default::default() };
            let reply: v1::SyncReply = self.ask(operation::SYNC, &request).await?;
            self.take(reply.events, reply.key);
            return Ok(());
        };
        match tokio::time::timeout(at_most, notifications.next()).await {
            Err(_elapsed) => Ok(()),
            Ok(None) => bail!("the link was closed"),
            Ok(Some(Told::Overflow)) => self.subscribe().await,
            Ok(Some(Told::Frame(frame))) if frame.operation == operation::NOTIFY => {
                let notify = v1::Notify::decode(frame.body)?;
                if notify.previous.as_ref() == Some(&self.key) {
                    self.take(notify.events, notify.key);
                    return Ok(());
                }
                self.subscribe().await
            }
            Ok(Some(Told::Frame(frame))) if frame.operation == operation::TYPING_UPDATE => {
                self.typing.push_back(v1::TypingUpdate::decode(frame.body)?);
                Ok(())
            }
            Ok(Some(Told::Frame(_))) => Ok(()),
        }
    }

    /// The next news of who is writing, waiting up to 20 s; for doors that have a link.
    pub async fn next_typing(&mut self) -> Result<v1::TypingUpdate> {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(update) = self.typing.pop_front() {
                return Ok(update);
            }
            ensure!(Instant::now() < until, "nobody was seen to write in 20 s");
            self.wait(Duration::from_secs(5)).await?;
        }
    }

    /// The next incoming text: (from, text, conversation, cseq).
    pub async fn next_text(&mut self) -> Result<v1::Message> {
        let own = self.credentials.address.clone();
        self.next(|event| match &event.item {
            Some(v1::event::Item::Message(message)) if message.from != own => Some(message.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for a receipt that says at least this.
    pub async fn next_receipt(&mut self, delivered: u64, read: u64) -> Result<v1::Receipt> {
        self.next(|event| match &event.item {
            Some(v1::event::Item::Receipt(receipt))
                if receipt.delivered_cseq >= delivered && receipt.read_cseq >= read =>
            {
                Some(receipt.clone())
            }
            _ => None,
        })
        .await
    }

    /// Acknowledges all that was told.
    pub async fn acknowledge(&mut self) -> Result<()> {
        let request = v1::AckRequest { passed: Some(self.key.clone()), delivered: None };
        let _reply: v1::AckReply = self.ask(operation::ACK, &request).await?;
        Ok(())
    }

    /// Everything from the beginning, as a wiped device would read it.
    pub async fn read_all(&mut self) -> Result<Vec<v1::Event>> {
        let (mut key, mut events) = (v1::SyncKey::default(), Vec::new());
        loop {
            let request = v1::SyncRequest { key: Some(key), ..Default::default() };
            let reply: v1::SyncReply = self.ask(operation::SYNC, &request).await?;
            events.extend(reply.events);
            key = reply.key.unwrap_or_default();
            if !reply.more {
                return Ok(events);
            }
        }
    }

    /// The next news of the lobby that is told on the link; `None`: the link was closed.
    pub async fn told(&mut self) -> Result<Option<v1::LobbyUpdate>> {
        let (_, notifications) = self.link.as_mut().context("there is a link")?;
        loop {
            match tokio::time::timeout(Duration::from_secs(10), notifications.next()).await? {
                None => return Ok(None),
                Some(Told::Frame(frame)) if frame.operation == operation::LOBBY_UPDATE => {
                    return Ok(Some(v1::LobbyUpdate::decode(frame.body)?));
                }
                Some(Told::Frame(_) | Told::Overflow) => {}
            }
        }
    }

    /// Waits until the server closes the link; the code it gave.
    pub async fn cut_off(&mut self) -> Result<String> {
        let (link, _) = self.link.as_ref().context("there is a link")?;
        match tokio::time::timeout(Duration::from_secs(5), link.closed()).await? {
            belfry_client::LinkError::GoingAway(refusal) => Ok(refusal.code),
            other => bail!("closed without a reason: {other}"),
        }
    }

    /// The link, for doors that have one.
    pub fn link(&self) -> Option<&Link> {
        self.link.as_ref().map(|(link, _)| link)
    }
}

/// The fingerprint of the certificate that the server made for itself.
pub fn certificate(server: &Server) -> Result<[u8; 32]> {
    let log = server.log();
    let at = log.find("SHA-256 ").context("the log shows the certificate's fingerprint")?;
    let hex: String = log[at + 8..].chars().filter(char::is_ascii_hexdigit).take(64).collect();
    ensure!(hex.len() == 64, "a fingerprint has 32 bytes");
    let mut fingerprint = [0; 32];
    for (byte, pair) in fingerprint.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair)?, 16)?;
    }
    Ok(fingerprint)
}
