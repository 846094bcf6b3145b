//! A session cut at every byte, in both directions, through every kind of door, and resumed: it ends as if it had not
//! been cut.
//!
//! Each cut has a server of its own in memory, without sockets. The usual run takes every `STRIDE`th byte;
//! `BELFRY_EVERY_BYTE=1` takes all of them. How many were cut is printed.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use belfry_client::ledger::Ledger;
use belfry_client::witness::{SharedLedger, Way, Witness};
use belfry_client::{BoxFuture, BoxIo, Carrier, ClientError, Dial, LinkError, LinkOptions, ServerAddress};
use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::{Address, Epoch, Secret, TimestampMs};
use belfry_engine::{Engine, Peer, Ports, Rates, Secrets, Settings};
use belfry_gate::http::{Hosts, HttpState, router, serve_connection};
use belfry_gate::{Door, Trust, serve};
use belfry_wire::noise::StaticKey;
use belfry_wire::{operation, v1};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Bytes between two cuts of the usual run; prime, so that it falls into all parts of frames.
const STRIDE: u64 = 23;

/// A session with a cut is over in this time, or it hangs.
const SESSION: Duration = Duration::from_secs(60);

/// What is read at once.
const PIECE_BYTES: usize = 16 * 1024;

const ALICE: &str = "alice@localhost";
const BOB: &str = "bob@localhost";
const PASSWORD: &str = "correct horse battery staple";

/// A server in memory.
struct House {
    door: Arc<Door>,
    router: axum::Router,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl House {
    async fn new() -> Arc<House> {
        let settings =
            Settings { scram_iterations: 1, rates: Rates::UNLIMITED, unanswered: u32::MAX, ..Settings::default() };
        let ports = Ports {
            store: Arc::new(MemoryStore::new(Epoch(7))),
            clock: Arc::new(ManualClock::new(TimestampMs(1_800_000_000_000))),
            entropy: Arc::new(SeededEntropy::new(1)),
            sms: Arc::new(MemorySms::default()),
        };
        let engine = Engine::new(ports, settings, Secrets { token_key: [5; 32], pin_pepper: [6; 32] });
        for address in [ALICE, BOB] {
            let address = Address::parse(address).expect("an address");
            engine.admin_add_account(address, Some(Secret::new(PASSWORD.to_owned()))).await.expect("added");
        }
        let door = Arc::new(Door::new(engine, StaticKey::new([9; 32])));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let state = HttpState::new(door.clone(), Hosts::new(Vec::<String>::new()), stop.clone(), tasks.clone());
        Arc::new(House { door, router: router(state, axum::Router::new()), stop, tasks })
    }

    fn open(&self, carrier: Carrier) -> DuplexStream {
        let (ours, theirs) = duplex(64 * 1024);
        let peer = |carrier| Peer { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 4_711, exempt: true, carrier };
        let (door, router, stop) = (self.door.clone(), self.router.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            match carrier {
                Carrier::Ws | Carrier::Wss => drop(serve_connection(theirs, peer("http"), router, stop).await),
                _ => drop(serve(theirs, peer("tcp"), Trust::Bare, &door, stop).await),
            }
        });
        ours
    }
}

/// In which direction bytes are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    Up,
    Down,
}

/// Breaks one connection after so many bytes of a session went in its direction, over however many connections.
#[derive(Debug)]
struct Cut {
    direction: Direction,
    at: u64,
    passed: [AtomicU64; 2],
    done: AtomicBool,
}

impl Cut {
    fn new(direction: Direction, at: u64) -> Arc<Cut> {
        Arc::new(Cut { direction, at, passed: [AtomicU64::new(0), AtomicU64::new(0)], done: AtomicBool::new(false) })
    }

    /// How many bytes may still go that way before the cut.
    fn left(&self, direction: Direction) -> usize {
        if direction != self.direction || self.done.load(Ordering::Relaxed) {
            return usize::MAX;
        }
        let passed = self.passed[direction as usize].load(Ordering::Relaxed);
        usize::try_from(self.at.saturating_sub(passed)).unwrap_or(usize::MAX)
    }

    fn pass(&self, direction: Direction, bytes: usize) {
        self.passed[direction as usize].fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn total(&self, direction: Direction) -> u64 {
        self.passed[direction as usize].load(Ordering::Relaxed)
    }
}

/// A stream that breaks where the cut says.
struct Cutting {
    /// `None`: broken, the server has seen the end.
    io: Option<DuplexStream>,
    cut: Arc<Cut>,
}

impl Cutting {
    fn broken<T>(&mut self) -> Poll<io::Result<T>> {
        self.io = None;
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }

    fn snap<T>(&mut self) -> Poll<io::Result<T>> {
        self.cut.done.store(true, Ordering::Relaxed);
        self.broken()
    }
}

impl AsyncRead for Cutting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let left = self.cut.left(Direction::Down).min(out.remaining());
        let Some(io) = &mut self.io else { return self.broken() };
        if left == 0 && out.remaining() > 0 {
            return self.snap();
        }
        let mut part = vec![0; left.min(PIECE_BYTES)];
        let mut part = ReadBuf::new(&mut part);
        let polled = Pin::new(io).poll_read(cx, &mut part);
        out.put_slice(part.filled());
        self.cut.pass(Direction::Down, part.filled().len());
        polled
    }
}

impl AsyncWrite for Cutting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.cut.left(Direction::Up).min(bytes.len());
        let Some(io) = &mut self.io else { return self.broken() };
        if left == 0 && !bytes.is_empty() {
            return self.snap();
        }
        let polled = Pin::new(io).poll_write(cx, &bytes[..left]);
        if let Poll::Ready(Ok(written)) = polled {
            self.cut.pass(Direction::Up, written);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().map_or(Poll::Ready(Ok(())), |io| Pin::new(io).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().map_or(Poll::Ready(Ok(())), |io| Pin::new(io).poll_shutdown(cx))
    }
}

/// Opens streams into a house.
struct Into {
    house: Arc<House>,
    cut: Option<Arc<Cut>>,
}

impl std::fmt::Debug for Into {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Into")
    }
}

impl Dial for Into {
    fn dial<'a>(&'a self, address: &'a ServerAddress) -> BoxFuture<'a, Result<BoxIo, LinkError>> {
        let io = self.house.open(address.carrier);
        let io: BoxIo = match &self.cut {
            Some(cut) => Box::new(Cutting { io: Some(io), cut: cut.clone() }),
            None => Box::new(io),
        };
        Box::pin(async move { Ok(io) })
    }
}

/// How the session is carried.
#[derive(Clone, Copy, Debug)]
enum Carried {
    Noise,
    Bare,
    WebSocket,
    Http,
}

impl Carried {
    const ALL: [Carried; 4] = [Carried::Noise, Carried::Bare, Carried::WebSocket, Carried::Http];

    fn way(self) -> Way {
        let server = |carrier| ServerAddress { carrier, host: "localhost".to_owned(), port: 1 };
        match self {
            Carried::Noise => Way::Link(server(Carrier::Noise)),
            Carried::Bare => Way::Link(server(Carrier::Bare)),
            Carried::WebSocket => Way::Link(server(Carrier::Ws)),
            Carried::Http => Way::Post(server(Carrier::Ws)),
        }
    }
}

fn options(house: &Arc<House>, cut: Option<Arc<Cut>>, key: u8) -> LinkOptions {
    let mut options = LinkOptions::new(Arc::new(StaticKey::new([key; 32])));
    options.dialer = Arc::new(Into { house: house.clone(), cut });
    options
}

/// Alice's session; done again from where it broke.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Send(u8),
    Receive,
    Acknowledge,
    Mark,
    LogOut,
}

/// How it all ended, as bob and another device of alice's see it.
#[derive(Debug, PartialEq)]
struct End {
    at_bob: Vec<v1::event::Item>,
    at_alice: Vec<v1::event::Item>,
    devices: Vec<u32>,
}

async fn act(alice: &mut Witness, act: Act) -> Result<(), ClientError> {
    if !alice.is_connected() {
        alice.connect().await?;
    }
    match act {
        Act::Send(n) => alice.send(&format!("m-{n}"), BOB, &format!("message {n}")).await.map(drop),
        Act::Receive => {
            while alice.unread().is_none() {
                alice.listen(Duration::from_secs(1)).await?;
            }
            Ok(())
        }
        Act::Acknowledge => alice.acknowledge().await,
        Act::Mark => alice.mark_read().await,
        Act::LogOut => alice.log_out().await,
    }
}

/// Until it has worked. Only a cut may break it, once, and logging out may have worked although it broke.
async fn persist(alice: &mut Witness, what: Act, cut: &Cut) -> anyhow::Result<()> {
    for _ in 0..3 {
        match act(alice, what).await {
            Ok(()) => return Ok(()),
            Err(ClientError::Link(_)) if cut.done.load(Ordering::Relaxed) => alice.disconnect(),
            Err(ClientError::Refused(refusal)) if what == Act::LogOut && cut.done.load(Ordering::Relaxed) => {
                let gone = matches!(refusal.code.as_str(), "wrong_credentials" | "unauthenticated" | "revoked");
                anyhow::ensure!(gone, "logging out: {refusal}");
                return Ok(());
            }
            // Under Noise a key that no device has any more is told while the link is closed.
            Err(error) => anyhow::bail!("{what:?}: {error}"),
        }
    }
    anyhow::bail!("{what:?} did not work in three tries")
}

async fn everything(witness: &mut Witness) -> anyhow::Result<Vec<v1::event::Item>> {
    let (mut items, mut key) = (Vec::new(), v1::SyncKey::default());
    loop {
        let request = v1::SyncRequest { key: Some(key), ..Default::default() };
        let reply: v1::SyncReply = witness.ask(operation::SYNC, &request).await?;
        items.extend(reply.events.into_iter().filter_map(|event| event.item));
        key = reply.key.unwrap_or_default();
        if !reply.more {
            return Ok(items);
        }
    }
}

/// The whole session with one cut; how it ended.
async fn session(carried: Carried, cut: &Arc<Cut>) -> anyhow::Result<End> {
    let house = House::new().await;
    let ledger: SharedLedger = Arc::new(Mutex::new(Ledger::default()));
    let bare = Carried::Bare.way();
    let mut bob = Witness::join(bare.clone(), options(&house, None, 1), ledger.clone(), BOB, PASSWORD).await?;
    let mut other = Witness::join(bare, options(&house, None, 2), ledger.clone(), ALICE, PASSWORD).await?;
    // The device is made without the cut: what is cut is all that it does from its first login on.
    let made = Witness::join(carried.way(), options(&house, None, 3), ledger.clone(), ALICE, PASSWORD).await?;
    let mut alice =
        Witness::new(carried.way(), options(&house, Some(cut.clone()), 3), ledger.clone(), made.credentials().clone());
    bob.connect().await?;
    other.connect().await?;

    for n in 1..=3 {
        persist(&mut alice, Act::Send(n), cut).await?;
    }
    bob.catch_up().await?;
    bob.acknowledge().await?;
    bob.mark_read().await?;
    bob.send("answer", ALICE, "an answer").await?;
    for what in [Act::Receive, Act::Acknowledge, Act::Mark, Act::LogOut] {
        persist(&mut alice, what, cut).await?;
    }
    other.catch_up().await?;
    other.acknowledge().await?;
    bob.testify().await?;
    other.testify().await?;
    let report = ledger.lock().judge();
    anyhow::ensure!(report.is_clean(), "{:#?}", report.violations);
    anyhow::ensure!(report.acknowledged == 4, "{report:?}");

    let listed: v1::ListDevicesReply = other.ask(operation::LIST_DEVICES, &v1::ListDevicesRequest {}).await?;
    let end = End {
        at_bob: everything(&mut bob).await?,
        at_alice: everything(&mut other).await?,
        devices: listed.devices.iter().map(|device| device.device_id).collect(),
    };
    house.stop.cancel();
    Ok(end)
}

async fn in_time(carried: Carried, cut: Arc<Cut>) -> End {
    let name = format!("{carried:?}, {:?} {}", cut.direction, cut.at);
    match tokio::time::timeout(SESSION, session(carried, &cut)).await {
        Ok(Ok(end)) => end,
        Ok(Err(error)) => panic!("{name}: {error:#}"),
        Err(_) => panic!("{name}: it hangs"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_cut_at_any_byte_and_resumed_ends_as_if_it_had_not_been_cut() {
    let all = std::env::var_os("BELFRY_EVERY_BYTE").is_some();
    let stride = if all { 1 } else { STRIDE };
    let (mut cuts, mut fired) = (0_u64, 0_u64);
    for carried in Carried::ALL {
        let whole = Cut::new(Direction::Up, u64::MAX);
        let uncut = in_time(carried, whole.clone()).await;
        for direction in [Direction::Up, Direction::Down] {
            let total = whole.total(direction);
            assert!(total > 300, "{carried:?}: only {total} bytes");
            let mut running = tokio::task::JoinSet::new();
            // Another first byte for each, so that the strides together fall on more places.
            for at in (cuts % stride..total).step_by(stride as usize) {
                while running.len() >= 8 {
                    let (end, done): (End, bool) = running.join_next().await.expect("one runs").expect("it ends well");
                    assert_eq!(end, uncut);
                    fired += u64::from(done);
                }
                running.spawn(async move {
                    let cut = Cut::new(direction, at);
                    let end = in_time(carried, cut.clone()).await;
                    (end, cut.done.load(Ordering::Relaxed))
                });
                cuts += 1;
            }
            while let Some(ended) = running.join_next().await {
                let (end, done) = ended.expect("it ends well");
                assert_eq!(end, uncut);
                fired += u64::from(done);
            }
            println!("{carried:?} {direction:?}: {total} bytes");
        }
    }
    println!("{cuts} sessions, {fired} of them cut");
    // The last bytes of a session may not pass in every run: notifications are told together or one by one.
    assert!(fired * 100 >= cuts * 95, "only {fired} of {cuts} sessions were cut");
}
