//! A server without sockets, and a client made of the protocol's parts alone.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::{Epoch, Phone, TimestampMs};
use belfry_engine::{Engine, Peer, Ports, Rates, Secrets, Settings};
use belfry_gate::{Door, Outcome, Trust, serve};
use belfry_wire::frame::{FRAME_BYTES_MAX, Frame};
use belfry_wire::noise::{Handshake, Pattern, Progress, StaticKey, Step, Transport, prologue};
use belfry_wire::{Channel, Decoder, Framing, Preamble, PreambleAnswer, PreambleStatus, operation, v1};
use bytes::{Bytes, BytesMut};
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a kernel's socket buffers hold, about.
pub(crate) const PIPE_BYTES: usize = 64 * 1024;

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) door: Arc<Door>,
    pub(crate) sms: Arc<MemorySms>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

pub(crate) fn loopback() -> Peer {
    Peer { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 40_000, exempt: true, carrier: "tcp" }
}

impl World {
    pub(crate) fn new() -> World {
        World::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> World {
        let sms = Arc::new(MemorySms::default());
        let clock = Arc::new(ManualClock::new(TimestampMs(1_800_000_000_000)));
        let mut settings = Settings { rates: Rates::UNLIMITED, unanswered: u32::MAX, ..Settings::default() };
        change(&mut settings);
        let ports = Ports {
            store: Arc::new(MemoryStore::new(Epoch(7))),
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(1)),
            sms: sms.clone(),
        };
        let engine = Engine::new(ports, settings, Secrets { token_key: [5; 32], pin_pepper: [6; 32] });
        let door = Arc::new(Door::new(engine.clone(), StaticKey::new([9; 32])));
        World { engine, door, sms, clock, stop: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// A connection on which nothing was said yet.
    pub(crate) fn dial(&self, trust: Trust) -> (DuplexStream, JoinHandle<Outcome>) {
        let (ours, theirs) = duplex(PIPE_BYTES);
        let (door, stop) = (self.door.clone(), self.stop.clone());
        let served = self.tasks.spawn(async move { serve(theirs, loopback(), trust, &door, stop).await });
        (ours, served)
    }

    /// A link with bare frames.
    pub(crate) async fn bare(&self) -> Client {
        self.open(Channel::Bare, Framing::Sync, None).await
    }

    /// A link that is ready for frames.
    pub(crate) async fn open(&self, channel: Channel, framing: Framing, key: Option<&StaticKey>) -> Client {
        let trust = if channel == Channel::Bare { Trust::Bare } else { Trust::NoiseOnly };
        let (io, served) = self.dial(trust);
        let mut client = Client::new(io, served, framing);
        let preamble = Preamble { framing, channel, version_min: 1, version_max: 1 }.encode();
        client.write_raw(&preamble).await;
        let mut answer = [0; 8];
        answer.copy_from_slice(&client.read_raw_exact(8).await);
        assert_eq!(PreambleAnswer::decode(answer).expect("an answer").status, PreambleStatus::Accepted);
        let pattern = match channel {
            Channel::Bare => return client,
            Channel::NoiseXx => Pattern::Xx,
            Channel::NoiseIk => Pattern::Ik,
        };
        let (key, prologue) = (key.expect("Noise needs a key"), prologue(&preamble, &answer));
        let mut handshake = match pattern {
            Pattern::Xx => Handshake::initiator_xx(key, &prologue),
            Pattern::Ik => Handshake::initiator_ik(key, self.door.public_key(), &prologue),
        }
        .expect("a handshake");
        loop {
            let mut out = BytesMut::new();
            let step = handshake.advance(&mut client.sealed, &mut out).expect("genuine");
            client.write_raw(&out).await;
            if step == Step::Done {
                break;
            }
            client.read_sealed().await;
        }
        let transport = handshake.into_transport().expect("done");
        assert_eq!(transport.remote_static(), self.door.public_key());
        client.transport = Some(transport);
        client
    }

    /// Registers a phone on a link that is left open, logged in nowhere.
    pub(crate) async fn register(&self, client: &mut Client, phone: &str, name: &str) -> v1::Credentials {
        let asked: v1::RequestPinReply =
            client.ask(operation::REQUEST_PIN, &v1::RequestPinRequest { phone: phone.into() }).await.expect("a PIN");
        assert_eq!(asked.digits, 6);
        let text = self.sms.last_to(&Phone::parse(phone).expect("a number")).expect("a text");
        let verify = v1::VerifyPinRequest {
            phone: phone.into(),
            pin: text[..6].into(),
            name: name.into(),
            ..v1::VerifyPinRequest::default()
        };
        client.ask(operation::VERIFY_PIN, &verify).await.expect("credentials")
    }

    /// A new account and a link of its device, logged in by token over bare frames.
    pub(crate) async fn member(&self, phone: &str, name: &str) -> (Client, v1::Credentials) {
        let mut client = self.bare().await;
        let credentials = self.register(&mut client, phone, name).await;
        client.login(&credentials.token).await.expect("logged in");
        (client, credentials)
    }
}

pub(crate) struct Client {
    io: DuplexStream,
    pub(crate) served: Option<JoinHandle<Outcome>>,
    pub(crate) framing: Framing,
    pub(crate) transport: Option<Transport>,
    sealed: BytesMut,
    plain: BytesMut,
    pub(crate) seq: u32,
    /// Everything that crossed the pipe, both ways.
    pub(crate) capture: Vec<u8>,
    /// Notifications that came while an answer was awaited.
    pub(crate) told: Vec<Frame>,
}

impl Client {
    fn new(io: DuplexStream, served: JoinHandle<Outcome>, framing: Framing) -> Client {
        Client {
            io,
            served: Some(served),
            framing,
            transport: None,
            sealed: BytesMut::new(),
            plain: BytesMut::new(),
            seq: 0,
            capture: Vec::new(),
            told: Vec::new(),
        }
    }

    pub(crate) async fn write_raw(&mut self, bytes: &[u8]) {
        self.capture.extend_from_slice(bytes);
        self.io.write_all(bytes).await.expect("the server takes it");
    }

    pub(crate) async fn read_raw_exact(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        self.io.read_exact(&mut read).await.expect("the server answers");
        self.capture.extend_from_slice(&read);
        read
    }

    async fn read_sealed(&mut self) -> usize {
        let mut piece = [0; 8192];
        let read = self.io.read(&mut piece).await.expect("the pipe");
        self.capture.extend_from_slice(&piece[..read]);
        self.sealed.extend_from_slice(&piece[..read]);
        read
    }

    /// The bytes of a frame, sealed if the channel is.
    pub(crate) fn sealed(&mut self, operation: u32, seq_id: u32, body: Bytes) -> BytesMut {
        let mut plain = BytesMut::new();
        Frame { operation, seq_id, body }.encode(self.framing, &mut plain);
        match &mut self.transport {
            None => plain,
            Some(transport) => {
                let mut sealed = BytesMut::new();
                transport.seal(&plain, &mut sealed).expect("sealed");
                sealed
            }
        }
    }

    pub(crate) async fn send(&mut self, operation: u32, seq_id: u32, body: Bytes) {
        let bytes = self.sealed(operation, seq_id, body);
        self.write_raw(&bytes).await;
    }

    /// The next frame; `None`: the server has ended the link.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        let mut decoder = Decoder::new(self.framing);
        decoder.set_frame_bytes_max(FRAME_BYTES_MAX);
        loop {
            match &mut self.transport {
                None => self.plain.unsplit(self.sealed.split()),
                Some(transport) => {
                    while transport.open(&mut self.sealed, &mut self.plain).expect("genuine") == Progress::Opened {}
                }
            }
            if let Some(frame) = decoder.decode(&mut self.plain).expect("a frame") {
                return Some(frame);
            }
            if self.read_sealed().await == 0 {
                assert!(self.plain.is_empty(), "the server tore a frame");
                return None;
            }
        }
    }

    /// Asks and waits for the answer that carries the request's SeqId.
    pub(crate) async fn ask<Q: Message, A: Message + Default>(
        &mut self,
        operation: u32,
        request: &Q,
    ) -> Result<A, v1::Error> {
        self.seq += 1;
        let seq = self.seq;
        self.send(operation, seq, request.encode_to_vec().into()).await;
        loop {
            let frame = self.frame().await.expect("an answer");
            if frame.seq_id == 0 {
                self.told.push(frame);
                continue;
            }
            assert_eq!(frame.seq_id, seq);
            return match frame.operation {
                operation::ERROR => Err(v1::Error::decode(frame.body).expect("an error")),
                number => {
                    assert_eq!(number, operation);
                    Ok(A::decode(frame.body).expect("the answer's message"))
                }
            };
        }
    }

    pub(crate) async fn login(&mut self, token: &str) -> Result<v1::LoginReply, v1::Error> {
        self.ask(operation::LOGIN, &v1::LoginRequest { token: token.into(), client: "test".into() }).await
    }

    pub(crate) async fn say(&mut self, to: &str, id: &str, text: &str) -> Result<v1::SendReply, v1::Error> {
        self.ask(operation::SEND, &text_to(to, id, text)).await
    }

    pub(crate) async fn sync(&mut self, key: Option<v1::SyncKey>, subscribe: bool) -> v1::SyncReply {
        let request = v1::SyncRequest { key, subscribe, ..v1::SyncRequest::default() };
        self.ask(operation::SYNC, &request).await.expect("a page")
    }

    /// The next notification.
    pub(crate) async fn notified(&mut self) -> v1::Notify {
        let frame = match self.told.is_empty() {
            true => self.frame().await.expect("a notification"),
            false => self.told.remove(0),
        };
        assert_eq!((frame.operation, frame.seq_id), (operation::NOTIFY, 0));
        v1::Notify::decode(frame.body).expect("a notification")
    }

    /// Why the server ends the link; nothing comes after it.
    pub(crate) async fn sent_away(&mut self) -> v1::GoingAway {
        let frame = self.frame().await.expect("a last frame");
        assert_eq!((frame.operation, frame.seq_id), (operation::GOING_AWAY, 0), "{frame:?}");
        assert!(self.frame().await.is_none());
        v1::GoingAway::decode(frame.body).expect("a reason")
    }

    /// Hangs up and waits until the server has noticed.
    pub(crate) async fn hang_up(mut self) -> Outcome {
        let served = self.served.take().expect("hung up once");
        drop(self);
        served.await.expect("the server's task ends")
    }
}

pub(crate) fn text_to(to: &str, id: &str, text: &str) -> v1::SendRequest {
    let content = v1::Content { kind: 1, text: text.into(), ..v1::Content::default() };
    v1::SendRequest { to: to.into(), client_message_id: id.into(), content: Some(content) }
}

/// The texts of a page or notification; `None` for a message without its content.
pub(crate) fn texts(events: &[v1::Event]) -> Vec<Option<String>> {
    let message = |event: &v1::Event| match &event.item {
        Some(v1::event::Item::Message(message)) => Some(message.content.as_ref().map(|content| content.text.clone())),
        _ => None,
    };
    events.iter().filter_map(message).collect()
}
