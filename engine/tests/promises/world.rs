//! A small world for the engine's tests: memory ports, a settable clock, people with devices.

use std::net::IpAddr;
use std::sync::Arc;

use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::{
    Address, ClientMessageId, Code, Contact, Content, Cseq, DataKind, DataKinds, Epoch, Item, Phone, Refusal, RoomName,
    Secret, SyncKey, TimestampMs,
};
use belfry_engine::{
    Batch, Caller, Command, Draft, Engine, Identity, Issued, LobbyNews, Peer, Ports, Reply, Secrets, Sent, Settings,
};

pub(crate) const START: TimestampMs = TimestampMs(1_750_000_000_000);

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sms: Arc<MemorySms>,
    ports: Ports,
}

/// People who may write to each other as often as they like without an answer: most tests are about something else.
pub(crate) fn world(settings: Settings) -> World {
    world_of_strangers(Settings { unanswered: u32::MAX, ..settings })
}

/// The same with the limit that the settings have.
pub(crate) fn world_of_strangers(settings: Settings) -> World {
    let clock = Arc::new(ManualClock::new(START));
    let sms = Arc::new(MemorySms::default());
    let ports = Ports {
        store: Arc::new(MemoryStore::new(Epoch(1))),
        clock: clock.clone(),
        entropy: Arc::new(SeededEntropy::new(7)),
        sms: sms.clone(),
    };
    let engine = Engine::new(ports.clone(), settings, secrets());
    World { engine, clock, sms, ports }
}

fn secrets() -> Secrets {
    Secrets { token_key: [1; 32], pin_pepper: [2; 32] }
}

pub(crate) fn peer(ip: &str) -> Peer {
    Peer { ip: ip.parse::<IpAddr>().expect("an address"), port: 4711, exempt: false, carrier: "test" }
}

pub(crate) fn nobody() -> Caller {
    Caller { identity: Identity::Nobody { noise_key: None }, peer: peer("127.0.0.1") }
}

pub(crate) fn from_ip(ip: &str) -> Caller {
    Caller { identity: Identity::Nobody { noise_key: None }, peer: peer(ip) }
}

pub(crate) fn phone(text: &str) -> Phone {
    Phone::parse(text).expect("a number")
}

pub(crate) fn id(text: &str) -> ClientMessageId {
    ClientMessageId::parse(text).expect("an id")
}

pub(crate) fn caller(issued: &Issued) -> Caller {
    let identity = Identity::Device { account: issued.account, address: issued.address.clone(), device: issued.device };
    Caller { identity, peer: peer("127.0.0.1") }
}

impl World {
    /// The same world after a restart of the server: what is in the store, and nothing else.
    pub(crate) fn restarted(self, settings: Settings) -> World {
        let engine = Engine::new(self.ports.clone(), settings, secrets());
        World { engine, ..self }
    }

    /// How the account of one stands to that of the other.
    pub(crate) async fn contact(&self, one: &Caller, other: &Caller) -> Arc<Contact> {
        match (&one.identity, &other.identity) {
            (Identity::Device { account: one, .. }, Identity::Device { account: other, .. }) => {
                self.ports.store.contact(*one, *other).await.expect("the store reads")
            }
            _ => panic!("not two devices"),
        }
    }

    /// A new account by the operator, and its first device.
    pub(crate) async fn by_password(&self, address: &str) -> Issued {
        let address = Address::parse(address).expect("an address");
        let password = || Secret::new("correct horse".to_owned());
        if self.engine.admin_add_account(address.clone(), Some(password())).await.is_err() {
            // It is there: this is a further device.
        }
        let command = Command::AddDevice { address, password: password(), device_name: "Laptop".into() };
        match self.engine.execute(&nobody(), command).await.expect("the password is right") {
            Reply::Issued(issued) => *issued,
            other => panic!("not credentials: {other:?}"),
        }
    }

    pub(crate) fn pin_of(&self, number: &Phone) -> String {
        let text = self.sms.last_to(number).expect("a text was sent");
        text.chars().take_while(char::is_ascii_digit).collect()
    }

    pub(crate) async fn ask_pin(&self, by: &Caller, number: &str) -> Result<Reply, Refusal> {
        self.engine.execute(by, Command::RequestPin { phone: phone(number) }).await
    }

    pub(crate) async fn try_pin(&self, by: &Caller, number: &str, pin: &str, name: &str) -> Result<Issued, Refusal> {
        let command = Command::VerifyPin {
            phone: phone(number),
            pin: Secret::new(pin.to_owned()),
            name: (!name.is_empty()).then(|| name.to_owned()),
            device_name: String::new(),
            display_name: String::new(),
        };
        match self.engine.execute(by, command).await? {
            Reply::Issued(issued) => Ok(*issued),
            other => panic!("not credentials: {other:?}"),
        }
    }

    pub(crate) async fn register(&self, number: &str, name: &str) -> Issued {
        self.ask_pin(&nobody(), number).await.expect("a PIN is sent");
        let pin = self.pin_of(&phone(number));
        self.try_pin(&nobody(), number, &pin, name).await.expect("the PIN is right")
    }

    pub(crate) async fn send(&self, by: &Caller, to: &str, message_id: &str, text: &str) -> Result<Sent, Refusal> {
        let to = Address::parse(to).expect("an address");
        let draft = Draft { to, client_id: id(message_id), content: Content::text(text) };
        match self.engine.execute(by, Command::Send(draft)).await? {
            Reply::Sent(sent) => Ok(sent),
            other => panic!("not sent: {other:?}"),
        }
    }

    pub(crate) async fn sync(&self, by: &Caller, after: impl Into<SyncKey>) -> Batch {
        self.sync_waiting(by, after, 0).await.expect("a sync is answered")
    }

    pub(crate) async fn sync_waiting(
        &self,
        by: &Caller,
        after: impl Into<SyncKey>,
        wait_ms: u64,
    ) -> Result<Batch, Refusal> {
        let (after, kinds) = (Some(after.into()), DataKinds::ALL);
        let command = Command::Sync { after, kinds, limit: 0, wait_ms, acknowledge: false };
        match self.engine.execute(by, command).await? {
            Reply::Batch(batch) => Ok(batch),
            other => panic!("not a stretch: {other:?}"),
        }
    }

    pub(crate) async fn acknowledge(&self, by: &Caller, key: impl Into<SyncKey>) {
        let key: SyncKey = key.into();
        let command = Command::Acknowledge { passed: key.passed(), delivered: key.value(DataKind::Messages) };
        self.engine.execute(by, command).await.expect("an acknowledgement is taken");
    }

    pub(crate) async fn join(&self, name: &str) -> (Caller, LobbyNews, String) {
        let name = RoomName::parse(name).expect("a name");
        match self.engine.execute(&nobody(), Command::LobbyJoin { name: Some(name) }).await.expect("the name is free") {
            Reply::LobbyJoined(joined) => {
                let token = joined.token.expect("a guest has a token").expose().clone();
                (Caller { identity: joined.identity, peer: peer("127.0.0.1") }, joined.news, token)
            }
            other => panic!("not joined: {other:?}"),
        }
    }

    pub(crate) async fn say(&self, by: &Caller, message_id: &str, text: &str) -> Result<Reply, Refusal> {
        self.engine.execute(by, Command::LobbySend { client_id: id(message_id), text: text.to_owned() }).await
    }

    pub(crate) async fn poll(&self, by: &Caller, news: &LobbyNews, wait_ms: u64) -> Result<LobbyNews, Refusal> {
        let command = Command::LobbyPoll { after: news.cseq, participants_version: news.participants_version, wait_ms };
        match self.engine.execute(by, command).await? {
            Reply::LobbyNews(news) => Ok(news),
            other => panic!("not news: {other:?}"),
        }
    }
}

pub(crate) fn texts(batch: &Batch) -> Vec<String> {
    let text = |item: &Item| match item {
        Item::Message(message) => Some(message.content.text.clone()),
        _ => None,
    };
    batch.entries.iter().filter_map(|entry| text(&entry.item)).collect()
}

/// (delivered, read) of the newest receipt.
pub(crate) fn ticks(batch: &Batch) -> Option<(Cseq, Cseq)> {
    batch.entries.iter().rev().find_map(|entry| match &entry.item {
        Item::Receipt(receipt) => Some((receipt.delivered, receipt.read)),
        _ => None,
    })
}

pub(crate) fn code<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Code {
    outcome.expect_err("should be refused").code
}
