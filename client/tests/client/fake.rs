//! A small server in memory: enough of the protocol for the client's tests, with faults to order.
//!
//! Connections come in as byte streams; frames leave. It stores before it answers, as the real one does.

use std::collections::HashMap;
use std::sync::Arc;

use belfry_client::{BoxFuture, BoxIo, Dial, LinkError, ServerAddress, operation, v1};
use belfry_wire::noise::{Handshake, Opener, Pattern, Progress, Sealer, StaticKey, Step, prologue};
use belfry_wire::preamble::PREAMBLE_BYTES;
use belfry_wire::{Channel, Decoder, Frame, Framing, Preamble, PreambleAnswer, PreambleStatus, frame};
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use prost::Message;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use v1::event::Item;

/// The fake's state; clones are the same server.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) key: StaticKey,
    runtime: tokio::runtime::Handle,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

/// What tests look at and turn.
#[derive(Default)]
pub(crate) struct State {
    /// Nobody can connect.
    pub(crate) down: bool,
    /// Which channels were asked for, in order.
    pub(crate) channels: Vec<Channel>,
    /// The next so many answers to SEND are lost with their connection, after the message was stored.
    pub(crate) lose_send_answers: u32,
    /// The next so many notifications are lost.
    pub(crate) lose_notifications: u32,
    /// Every notification comes twice.
    pub(crate) double_notifications: bool,
    /// How often SYNC was asked.
    pub(crate) syncs: u32,
    /// The last key that was acknowledged, by account.
    pub(crate) acknowledged: HashMap<String, u64>,
    /// How often somebody acknowledged.
    pub(crate) acknowledgements: usize,
    /// By account: what the log's life is called; a key of another life gets a reset.
    pub(crate) epoch: u64,
    /// Events that are not told any more, by account and seq, and whether a history still has them.
    pub(crate) expired: HashMap<(String, u64), bool>,
    /// How often HISTORY was asked.
    pub(crate) histories: u32,
    /// Who was told to be written to, or no longer.
    pub(crate) typing: Vec<(String, bool)>,
    /// LIST_CONVERSATIONS is asked to wait.
    pub(crate) busy_with_lists: bool,
    pub(crate) timelines: HashMap<String, Vec<v1::Event>>,
    devices: HashMap<Vec<u8>, (String, u32)>,
    dedupe: HashMap<(u32, String), v1::SendReply>,
    pub(crate) conversations: HashMap<(String, String), (u64, u64)>,
    lobby: Vec<v1::LobbyMessage>,
    pub(crate) people: crate::fake_people::People,
    pub(crate) links: HashMap<u64, Connected>,
    next: u64,
}

/// What may wait to be written to one connection; more than any test has waiting.
const TOLD_MAX: usize = 100_000;

pub(crate) struct Connected {
    pub(crate) told: mpsc::Sender<Option<Frame>>,
    pub(crate) who: Option<(String, u32)>,
    subscribed: bool,
    lobby: Option<String>,
}

/// Dials straight into the fake.
impl Dial for Fake {
    fn dial<'a>(&'a self, address: &'a ServerAddress) -> BoxFuture<'a, Result<BoxIo, LinkError>> {
        Box::pin(async move {
            if self.state.lock().down {
                let (address, reason) = (address.to_string(), "down".to_owned());
                return Err(LinkError::Unreachable { address, reason, refused: true });
            }
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            self.accept(theirs);
            Ok(Box::new(ours) as BoxIo)
        })
    }
}

impl Fake {
    /// A server whose tasks run on the present runtime.
    pub(crate) fn new() -> Fake {
        Fake {
            state: Arc::new(Mutex::new(State { epoch: 1, ..State::default() })),
            key: StaticKey::new([0x22; 32]),
            runtime: tokio::runtime::Handle::current(),
        }
    }

    /// Serves a connection.
    pub(crate) fn accept(&self, io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let fake = self.clone();
        let id = {
            let mut state = self.state.lock();
            state.next += 1;
            state.next
        };
        self.runtime.spawn(async move {
            // How a connection ends is the client's affair here.
            drop(fake.serve(io, id).await);
            fake.state.lock().links.remove(&id);
        });
    }

    /// Cuts all connections without a word.
    pub(crate) fn cut(&self) {
        self.state.lock().links.clear();
    }

    /// Says goodbye on all connections.
    pub(crate) fn go_away(&self, code: &str, retry_after_ms: u64) {
        let away = v1::GoingAway { code: code.to_owned(), message: code.to_owned(), retry_after_ms };
        let mut state = self.state.lock();
        for (_, link) in state.links.drain() {
            drop(link.told.try_send(Some(told(operation::GOING_AWAY, &away))));
        }
    }

    /// How many connections are open.
    pub(crate) fn links(&self) -> usize {
        self.state.lock().links.len()
    }

    /// Puts a message of `from` to `to` into both logs.
    pub(crate) fn say(&self, from: &str, to: &str, text: &str) {
        let content = v1::Content { kind: 1, text: text.to_owned(), ..Default::default() };
        self.state.lock().append_message(from, to, "", Some(content), None);
    }

    /// Puts any event into an account's log.
    pub(crate) fn tell(&self, account: &str, item: Item) {
        self.state.lock().append(account, item, None);
    }

    /// The texts of an account's log, in order.
    pub(crate) fn texts(&self, account: &str) -> Vec<String> {
        let state = self.state.lock();
        let events = state.timelines.get(account).map(Vec::as_slice).unwrap_or_default();
        let text = |event: &v1::Event| match &event.item {
            Some(Item::Message(message)) => message.content.clone().map(|content| content.text),
            _ => None,
        };
        events.iter().filter_map(text).collect()
    }

    async fn serve(
        &self,
        mut io: impl AsyncRead + AsyncWrite + Send + Unpin,
        id: u64,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut preamble = [0; PREAMBLE_BYTES];
        io.read_exact(&mut preamble).await?;
        let hello = Preamble::decode(preamble)?;
        self.state.lock().channels.push(hello.channel);
        let answer = PreambleAnswer { status: PreambleStatus::Accepted, version: 1 }.encode();
        io.write_all(&answer).await?;
        let mut input = BytesMut::new();
        let pattern = match hello.channel {
            Channel::Bare => None,
            Channel::NoiseXx => Some(Pattern::Xx),
            Channel::NoiseIk => Some(Pattern::Ik),
        };
        let mut noise: Option<(Sealer, Opener)> = None;
        let mut client_key = Vec::new();
        if let Some(pattern) = pattern {
            let mut handshake = Handshake::responder(pattern, &self.key, &prologue(&preamble, &answer))?;
            loop {
                let mut output = BytesMut::new();
                let step = handshake.advance(&mut input, &mut output)?;
                io.write_all(&output).await?;
                if step == Step::Done {
                    break;
                }
                if io.read_buf(&mut input).await? == 0 {
                    return Ok(());
                }
            }
            let transport = handshake.into_transport()?;
            client_key = transport.remote_static().to_vec();
            noise = Some(transport.split());
        }
        let (told, mut to_tell) = mpsc::channel(TOLD_MAX);
        let connected = Connected { told, who: None, subscribed: false, lobby: None };
        self.state.lock().links.insert(id, connected);
        let mut decoder = Decoder::new(Framing::Sync);
        decoder.set_frame_bytes_max(frame::FRAME_BYTES_MAX);
        let (mut sealed, mut plain) = if noise.is_some() { (input, BytesMut::new()) } else { (BytesMut::new(), input) };
        loop {
            if let Some((_, opener)) = &mut noise {
                while opener.open(&mut sealed, &mut plain)? == Progress::Opened {}
            }
            while let Some(frame) = decoder.decode(&mut plain)? {
                let answer = self.state.lock().answer(id, &client_key, &frame);
                let Some(link) = self.state.lock().links.get(&id).map(|link| link.told.clone()) else { return Ok(()) };
                drop(link.try_send(answer));
            }
            let into = if noise.is_some() { &mut sealed } else { &mut plain };
            tokio::select! {
                frame = to_tell.recv() => {
                    let Some(Some(frame)) = frame else { return Ok(()) };
                    let (mut bytes, mut out) = (BytesMut::new(), BytesMut::new());
                    frame.encode(Framing::Sync, &mut bytes);
                    match &mut noise {
                        Some((sealer, _)) => sealer.seal(&bytes, &mut out)?,
                        None => out = bytes,
                    }
                    io.write_all(&out).await?;
                }
                count = io.read_buf(into) => if count? == 0 { return Ok(()) },
            }
        }
    }
}

pub(crate) fn told<M: Message>(operation: u32, message: &M) -> Frame {
    Frame { operation, seq_id: 0, body: Bytes::from(message.encode_to_vec()) }
}

fn key(epoch: u64, count: usize) -> v1::SyncKey {
    v1::SyncKey { list: vec![v1::KeyValue { key: 1, val: epoch << 32 | count as u64 }] }
}

fn reply<M: Message>(message: M) -> Result<Vec<u8>, &'static str> {
    Ok(message.encode_to_vec())
}

impl State {
    /// The answer; `None`: the connection is to be cut.
    fn answer(&mut self, id: u64, client_key: &[u8], frame: &Frame) -> Option<Frame> {
        let body = match self.carry_out(id, client_key, frame) {
            Ok(body) => body,
            Err("cut") => return None,
            Err(code) => {
                let error = v1::Error { code: code.to_owned(), message: code.to_owned(), retry_after_ms: 0 };
                let body = Bytes::from(error.encode_to_vec());
                return Some(Frame { operation: operation::ERROR, seq_id: frame.seq_id, body });
            }
        };
        Some(Frame { operation: frame.operation, seq_id: frame.seq_id, body: Bytes::from(body) })
    }

    fn carry_out(&mut self, id: u64, client_key: &[u8], frame: &Frame) -> Result<Vec<u8>, &'static str> {
        let body = frame.body.clone();
        let who = self.links.get(&id).and_then(|link| link.who.clone());
        let known = || who.clone().ok_or("unauthenticated");
        match frame.operation {
            operation::HEARTBEAT => Ok(Vec::new()),
            operation::ADD_DEVICE => {
                let asked = v1::AddDeviceRequest::decode(body).map_err(|_| "bad_request")?;
                if asked.password != "right" {
                    return Err("wrong_credentials");
                }
                reply(self.add_device(asked.address, client_key))
            }
            operation::LOOK_AT_INVITE | operation::SIGN_UP => match self.invited(frame.operation, body)? {
                Ok(answer) => Ok(answer),
                Err(address) => reply(self.add_device(address, client_key)),
            },
            operation::TOKEN => {
                let asked = v1::TokenRequest::decode(body).map_err(|_| "bad_request")?;
                reply(v1::TokenReply { token: asked.device_secret, expires_in_ms: 60_000 })
            }
            operation::LOGIN => {
                let asked = v1::LoginRequest::decode(body).map_err(|_| "bad_request")?;
                let credential = if asked.token.is_empty() { client_key } else { asked.token.as_bytes() };
                let (address, device_id) = self.devices.get(credential).cloned().ok_or("unauthenticated")?;
                if let Some(link) = self.links.get_mut(&id) {
                    link.who = Some((address.clone(), device_id));
                }
                self.tell_present(id, &address);
                reply(v1::LoginReply { address, device_id, idle_ms: 600_000, ..Default::default() })
            }
            operation::SEND => {
                let (from, device) = known()?;
                let asked = v1::SendRequest::decode(body).map_err(|_| "bad_request")?;
                if asked.to.starts_with("nobody@") {
                    return Err("not_found");
                }
                if let Some(why) = self.unwanted(&from, &asked.to) {
                    return Err(why);
                }
                let place = (device, asked.client_message_id.clone());
                let answer = match self.dedupe.get(&place) {
                    Some(before) => v1::SendReply { duplicate: true, ..before.clone() },
                    None => {
                        let id = asked.client_message_id.as_str();
                        let answer = self.append_message(&from, &asked.to, id, asked.content, Some(device));
                        self.dedupe.insert(place, answer.clone());
                        answer
                    }
                };
                if self.lose_send_answers > 0 {
                    self.lose_send_answers -= 1;
                    return Err("cut");
                }
                reply(answer)
            }
            operation::SYNC => {
                let (address, _) = known()?;
                let asked = v1::SyncRequest::decode(body).map_err(|_| "bad_request")?;
                self.syncs += 1;
                if let Some(link) = self.links.get_mut(&id) {
                    link.subscribed |= asked.subscribe;
                }
                let epoch = self.epoch;
                let log = self.timelines.entry(address.clone()).or_default();
                let asked_key =
                    asked.key.and_then(|key| key.list.first().map(|value| value.val)).unwrap_or(epoch << 32);
                let (life, after) = (asked_key >> 32, (asked_key & 0xFFFF_FFFF) as usize);
                let reset = life != epoch || after > log.len();
                let after = if reset { 0 } else { after };
                let end = log.len().min(after + (asked.limit as usize).clamp(1, 200));
                let (events, more) = (log[after..end].to_vec(), end < log.len());
                let (gap, events) = self.still_told(&address, after as u64, events);
                reply(v1::SyncReply { events, key: Some(key(epoch, end)), more, reset, gap, ..Default::default() })
            }
            operation::ACK => {
                let (address, _) = known()?;
                let asked = v1::AckRequest::decode(body).map_err(|_| "bad_request")?;
                let passed = asked.passed.and_then(|key| key.list.first().map(|value| value.val)).unwrap_or(0);
                self.acknowledged.insert(address, passed);
                self.acknowledgements += 1;
                reply(v1::AckReply {})
            }
            operation::MARK_READ => reply(v1::MarkReadReply {}),
            operation::LOBBY_JOIN => {
                let asked = v1::LobbyJoinRequest::decode(body).map_err(|_| "bad_request")?;
                let taken = |link: &Connected| link.lobby.as_ref() == Some(&asked.name);
                if self.links.iter().any(|(other, link)| *other != id && taken(link)) {
                    return Err("name_taken");
                }
                if let Some(link) = self.links.get_mut(&id) {
                    link.lobby = Some(asked.name.clone());
                }
                let cseq = self.lobby.len() as u64;
                let messages = self.lobby.clone();
                reply(v1::LobbyJoinReply { name: asked.name, messages, cseq, ..Default::default() })
            }
            operation::LOBBY_SEND => {
                let asked = v1::LobbySendRequest::decode(body).map_err(|_| "bad_request")?;
                let name = self.links.get(&id).and_then(|link| link.lobby.clone()).ok_or("unauthenticated")?;
                let cseq = self.lobby.len() as u64 + 1;
                let message = v1::LobbyMessage { cseq, name, text: asked.text, ..Default::default() };
                self.lobby.push(message.clone());
                let update = v1::LobbyUpdate { messages: vec![message], cseq, ..Default::default() };
                for link in self.links.values().filter(|link| link.lobby.is_some()) {
                    drop(link.told.try_send(Some(told(operation::LOBBY_UPDATE, &update))));
                }
                reply(v1::LobbySendReply { cseq, ..Default::default() })
            }
            operation::LIST_CONVERSATIONS if self.busy_with_lists => Err("try_later"),
            operation::GET_PROFILE | operation::SET_PRIVACY | operation::GET_PRIVACY | 100..=127 => {
                self.people(id, &known()?.0, frame.operation, body)
            }
            _ => self.aside(&known()?.0, frame.operation, body),
        }
    }

    fn add_device(&mut self, address: String, client_key: &[u8]) -> v1::Credentials {
        let device_id = self.devices.len() as u32 + 1;
        let credential = if client_key.is_empty() { device_id.to_string().into_bytes() } else { client_key.to_vec() };
        self.devices.insert(credential, (address.clone(), device_id));
        v1::Credentials { address, device_id, device_secret: device_id.to_string(), ..Default::default() }
    }

    fn append_message(
        &mut self,
        from: &str,
        to: &str,
        client_id: &str,
        content: Option<v1::Content>,
        device: Option<u32>,
    ) -> v1::SendReply {
        let count = self.conversations.len() as u64 + 1;
        let pair = if from < to { (from.to_owned(), to.to_owned()) } else { (to.to_owned(), from.to_owned()) };
        let conversation = self.conversations.entry(pair).or_insert((count, 0));
        conversation.1 += 1;
        let (conversation_id, cseq) = *conversation;
        let message = v1::Message {
            conversation_id,
            cseq,
            from: from.to_owned(),
            to: to.to_owned(),
            sent_at_ms: 1_000_000 + cseq,
            client_message_id: client_id.to_owned(),
            content,
            ..Default::default()
        };
        self.append(to, Item::Message(v1::Message { client_message_id: String::new(), ..message.clone() }), None);
        self.append(from, Item::Message(message), device);
        let count = self.timelines[from].len();
        v1::SendReply {
            conversation_id,
            cseq,
            sent_at_ms: 1_000_000 + cseq,
            duplicate: false,
            previous: Some(key(self.epoch, count - 1)),
            key: Some(key(self.epoch, count)),
        }
    }

    /// Stores an event and rings; the device that made it gets it without the body, which it has.
    pub(crate) fn append(&mut self, account: &str, item: Item, by: Option<u32>) {
        let log = self.timelines.entry(account.to_owned()).or_default();
        let event = v1::Event { seq: log.len() as u64 + 1, item: Some(item) };
        log.push(event.clone());
        let count = log.len();
        if self.lose_notifications > 0 {
            self.lose_notifications -= 1;
            return;
        }
        for link in self.links.values().filter(|link| link.subscribed) {
            let Some((address, device)) = &link.who else { continue };
            if address != account {
                continue;
            }
            let mut event = event.clone();
            if let (true, Some(Item::Message(message))) = (by == Some(*device), &mut event.item) {
                message.content = None;
            }
            let notify = v1::Notify {
                previous: Some(key(self.epoch, count - 1)),
                key: Some(key(self.epoch, count)),
                events: vec![event],
                more: false,
                reset: false,
                gap: false,
            };
            for _ in 0..if self.double_notifications { 2 } else { 1 } {
                drop(link.told.try_send(Some(told(operation::NOTIFY, &notify))));
            }
        }
    }
}
