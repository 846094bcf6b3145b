//! A server without sockets, and a client that writes its stanzas by hand.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::{
    Address, ClientMessageId, Content, DataKinds, Entry, Epoch, Item as Item_, Secret, SyncKey, TimestampMs,
};
use belfry_engine::{
    Caller, Command, Draft, Engine, Identity, Issued, Peer, Ports, Rates, Reply, Secrets, Sent, Settings,
};
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item, Limits, Reader};
use belfry_xmpp::{Door, Ended, Outcome, Security, serve};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const PASSWORD: &str = "correct horse";

/// What a kernel's socket buffers hold, about.
const PIPE_BYTES: usize = 64 * 1024;

pub(crate) const OPEN: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>";

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) door: Arc<Door>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) stop: CancellationToken,
    tasks: TaskTracker,
}

pub(crate) fn loopback() -> Peer {
    Peer { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 40_000, exempt: true, carrier: "xmpp" }
}

pub(crate) fn on_this_machine() -> Security {
    Security { plain_allowed: true, ..Security::default() }
}

pub(crate) fn id(text: &str) -> ClientMessageId {
    ClientMessageId::parse(text).expect("an id")
}

pub(crate) fn address(local: &str) -> Address {
    Address::new(local, "localhost").expect("an address")
}

impl World {
    /// With accounts of alice and bob.
    pub(crate) async fn new() -> World {
        World::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> World {
        let clock = Arc::new(ManualClock::new(TimestampMs(1_800_000_000_000)));
        let mut settings =
            Settings { rates: Rates::UNLIMITED, unanswered: u32::MAX, scram_iterations: 4_096, ..Settings::default() };
        change(&mut settings);
        let ports = Ports {
            store: Arc::new(MemoryStore::new(Epoch(7))),
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(1)),
            sms: Arc::new(MemorySms::default()),
        };
        let engine = Engine::new(ports, settings, Secrets { token_key: [5; 32], pin_pepper: [6; 32] });
        for local in ["alice", "bob"] {
            let password = Some(Secret::new(PASSWORD.to_owned()));
            engine.admin_add_account(address(local), password).await.expect("an account");
        }
        let door = Arc::new(Door::new(engine.clone()));
        World { engine, door, clock, stop: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// A connection on which nothing was said yet.
    pub(crate) fn dial(&self, security: Security) -> Client {
        self.dial_from(loopback(), security)
    }

    pub(crate) fn dial_from(&self, peer: Peer, security: Security) -> Client {
        let (ours, served) = self.pipe(peer, security);
        Client::new(ours, served)
    }

    /// The client's end of a connection, and what becomes of the server's.
    pub(crate) fn pipe(&self, peer: Peer, security: Security) -> (DuplexStream, JoinHandle<Ended<DuplexStream>>) {
        let (ours, theirs) = duplex(PIPE_BYTES);
        let (door, stop) = (self.door.clone(), self.stop.clone());
        (ours, self.tasks.spawn(async move { serve(theirs, peer, security, &door, stop).await }))
    }

    /// A stream that has begun, with its features.
    pub(crate) async fn open(&self, security: Security) -> (Client, Element) {
        let mut client = self.dial(security);
        let features = client.open().await;
        (client, features)
    }

    /// A client with this resource, not available yet.
    pub(crate) async fn bound(&self, local: &str, resource: &str) -> Client {
        let (mut client, _) = self.open(on_this_machine()).await;
        client.plain(local, PASSWORD).await;
        client.bind(resource).await;
        client
    }

    /// A client with this resource that is told its messages.
    pub(crate) async fn available(&self, local: &str, resource: &str) -> Client {
        let mut client = self.bound(local, resource).await;
        client.send("<presence/>").await;
        client.hears_about_itself().await;
        client
    }

    /// A device that speaks to the engine as the native door does.
    pub(crate) async fn native(&self, local: &str) -> Caller {
        let nobody = Caller { identity: Identity::Nobody { noise_key: None }, peer: loopback() };
        let (password, device_name) = (Secret::new(PASSWORD.to_owned()), "Native".to_owned());
        let command = Command::AddDevice { address: address(local), password, device_name };
        let Ok(Reply::Issued(issued)) = self.engine.execute(&nobody, command).await else { panic!("no device") };
        let Issued { account, address, device, .. } = *issued;
        Caller { identity: Identity::Device { account, address, device }, peer: loopback() }
    }

    /// Whether a native device can be added by this password.
    pub(crate) async fn native_with(&self, local: &str, password: &str) -> bool {
        let nobody = Caller { identity: Identity::Nobody { noise_key: None }, peer: loopback() };
        let (password, device_name) = (Secret::new(password.to_owned()), "Native".to_owned());
        let command = Command::AddDevice { address: address(local), password, device_name };
        self.engine.execute(&nobody, command).await.is_ok()
    }

    /// The texts that a device has been sent, and how far the other side has got with its own: (delivered, read).
    pub(crate) async fn read(&self, by: &Caller) -> (Vec<String>, Option<(u64, u64)>) {
        let entries = self.entries(by).await;
        let ticks = entries.iter().rev().find_map(|entry| match &entry.item {
            Item_::Receipt(receipt) => Some((receipt.delivered.0, receipt.read.0)),
            _ => None,
        });
        let texts = entries.iter().filter_map(|entry| match &entry.item {
            Item_::Message(said) => Some(said.content.text.clone()),
            _ => None,
        });
        (texts.collect(), ticks)
    }

    pub(crate) async fn entries(&self, by: &Caller) -> Vec<Arc<Entry>> {
        let (after, kinds) = (Some(SyncKey::default()), DataKinds::ALL);
        let command = Command::Sync { after, kinds, limit: 0, wait_ms: 0, acknowledge: false };
        match self.engine.execute(by, command).await {
            Ok(Reply::Batch(batch)) => batch.entries,
            other => panic!("no stretch: {other:?}"),
        }
    }

    pub(crate) async fn says(&self, by: &Caller, to: &str, client_id: &str, content: Content) -> Sent {
        let draft = Draft { to: address(to), client_id: id(client_id), content };
        match self.engine.execute(by, Command::Send(draft)).await {
            Ok(Reply::Sent(sent)) => sent,
            other => panic!("not sent: {other:?}"),
        }
    }
}

/// One side of a pipe, spoken on by hand.
pub(crate) struct Client {
    io: DuplexStream,
    served: JoinHandle<Ended<DuplexStream>>,
    reader: Reader,
    input: BytesMut,
    pub(crate) jid: String,
}

impl Client {
    fn new(io: DuplexStream, served: JoinHandle<Ended<DuplexStream>>) -> Client {
        Client { io, served, reader: Reader::new(Limits::MEMBER), input: BytesMut::new(), jid: String::new() }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.io.write_all(text.as_bytes()).await.expect("the server takes it");
    }

    /// The next item; `None`: the server has ended the connection.
    pub(crate) async fn item(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.reader.read(&mut self.input).expect("the server speaks XML") {
                return Some(item);
            }
            let mut piece = [0; 8192];
            let read = tokio::time::timeout(Duration::from_secs(3_000), self.io.read(&mut piece)).await;
            match read.expect("the server says something").expect("the pipe") {
                0 => return None,
                read => self.input.extend_from_slice(&piece[..read]),
            }
        }
    }

    /// The next stanza or other element, whatever it is.
    pub(crate) async fn any(&mut self) -> Element {
        match self.item().await {
            Some(Item::Stanza(element)) => element,
            other => panic!("no stanza: {other:?}"),
        }
    }

    /// The next stanza; pings of the server are answered on the way.
    pub(crate) async fn next(&mut self) -> Element {
        for _ in 0..50 {
            let element = self.any().await;
            if element.find(ns::PING, "ping").is_none() {
                return element;
            }
            let id = element.get("id").expect("a request has an id").to_owned();
            self.send(&format!("<iq type='result' id='{id}'/>")).await;
        }
        panic!("nothing came but pings");
    }

    /// Sends a message.
    pub(crate) async fn say(&mut self, to: &str, id: &str, text: &str) {
        self.send(&format!(
            "<message to='{to}@localhost' type='chat' id='{id}'><body>{text}</body><origin-id xmlns='{}' id='{id}'/></message>",
            ns::STANZA_ID
        ))
        .await;
    }

    /// The text of the next stanza, which is a message.
    pub(crate) async fn hears(&mut self) -> String {
        let stanza = self.next().await;
        let body = stanza.find(ns::CLIENT, "body").unwrap_or_else(|| panic!("no text: {}", stanza.to_text()));
        body.own_text()
    }

    /// Its own presence comes back to it.
    pub(crate) async fn hears_about_itself(&mut self) {
        let own = self.next().await;
        assert_eq!((&*own.name, own.get("from")), ("presence", Some(&*self.jid)), "{}", own.to_text());
    }

    /// Whether nothing comes: the answer to a ping is the next thing.
    pub(crate) async fn hears_nothing(&mut self) {
        self.send("<iq type='get' id='quiet' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>").await;
        let next = self.next().await;
        assert_eq!(next.get("id"), Some("quiet"), "{}", next.to_text());
    }

    /// Whether nothing comes but how clients are there.
    pub(crate) async fn hears_nothing_but_presences(&mut self) {
        self.send("<iq type='get' id='quiet' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>").await;
        for _ in 0..20 {
            let next = self.next().await;
            if next.get("id") == Some("quiet") {
                return;
            }
            let is_there = matches!(next.get("type"), None | Some("unavailable"));
            assert!(next.name == "presence" && is_there, "{}", next.to_text());
        }
        panic!("it does not end");
    }

    /// Whether nothing comes but changes of the roster and presences of accounts.
    pub(crate) async fn hears_nothing_but_pushes(&mut self) {
        self.send("<iq type='get' id='quiet' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>").await;
        for _ in 0..20 {
            let next = self.next().await;
            if next.get("id") == Some("quiet") {
                return;
            }
            assert!(next.find(ns::ROSTER, "query").is_some(), "{}", next.to_text());
        }
        panic!("it does not end");
    }

    /// Sends a request and takes its answer, which is the next thing but for how clients are there.
    pub(crate) async fn ask(&mut self, kind: &str, to: &str, payload: &str) -> Element {
        let to = if to.is_empty() { String::new() } else { format!(" to='{to}'") };
        self.send(&format!("<iq type='{kind}' id='q1'{to}>{payload}</iq>")).await;
        let mut answer = self.next().await;
        while answer.name == "presence" && matches!(answer.get("type"), None | Some("unavailable")) {
            answer = self.next().await;
        }
        assert_eq!((&*answer.name, answer.get("id")), ("iq", Some("q1")), "{}", answer.to_text());
        answer
    }

    /// Begins a stream and takes the features.
    pub(crate) async fn open(&mut self) -> Element {
        self.reader = Reader::new(Limits::MEMBER);
        self.send(OPEN).await;
        assert!(matches!(self.item().await, Some(Item::Open(_))));
        self.next().await
    }

    /// The name of the condition with which the server ends the stream.
    pub(crate) async fn ended(&mut self) -> String {
        loop {
            match self.item().await {
                Some(Item::Stanza(error)) if error.is(ns::STREAM, "error") => {
                    let condition = error.elements().next().expect("a condition").name.to_string();
                    assert_eq!(self.item().await, Some(Item::Close));
                    return condition;
                }
                Some(Item::Open(_)) => {}
                other => panic!("not the end: {other:?}"),
            }
        }
    }

    /// The connection ends without another word.
    pub(crate) async fn outcome(self) -> Outcome {
        drop(self.io);
        match self.served.await.expect("no panic") {
            Ended::Over(outcome) => outcome,
            Ended::StartTls(_) => panic!("it wants TLS"),
        }
    }

    /// What the door gives back for TLS.
    pub(crate) async fn for_tls(self) -> Option<DuplexStream> {
        match self.served.await.expect("no panic") {
            Ended::Over(_) => None,
            Ended::StartTls(io) => Some(io),
        }
    }

    pub(crate) async fn auth(&mut self, mechanism: &str, said: &str) -> Element {
        let said = STANDARD.encode(said);
        self.send(&format!("<auth xmlns='{}' mechanism='{mechanism}'>{said}</auth>", ns::SASL)).await;
        self.next().await
    }

    pub(crate) async fn respond(&mut self, said: &str) -> Element {
        self.send(&format!("<response xmlns='{}'>{}</response>", ns::SASL, STANDARD.encode(said))).await;
        self.next().await
    }

    /// Logs in and begins the stream anew.
    pub(crate) async fn plain(&mut self, local: &str, password: &str) {
        let answer = self.auth("PLAIN", &format!("\0{local}\0{password}")).await;
        assert!(answer.is(ns::SASL, "success"), "{}", answer.to_text());
        let features = self.open().await;
        assert!(features.find(ns::BIND, "bind").is_some());
    }

    pub(crate) async fn bind(&mut self, resource: &str) {
        let wished = if resource.is_empty() { String::new() } else { format!("<resource>{resource}</resource>") };
        let answer = self.ask("set", "", &format!("<bind xmlns='{}'>{wished}</bind>", ns::BIND)).await;
        let bound = answer.find(ns::BIND, "bind").unwrap_or_else(|| panic!("not bound: {}", answer.to_text()));
        self.jid = bound.find(ns::BIND, "jid").expect("an address").own_text();
    }
}

/// What a server said in base64.
pub(crate) fn said(element: &Element) -> String {
    String::from_utf8(STANDARD.decode(element.own_text()).expect("base64")).expect("UTF-8")
}
