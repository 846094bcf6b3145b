//! The six packets of one message's life, each lost once, through four kinds of doors, in two ways.
//!
//! A packet is lost silently (the connection stays and nobody is told) or with its connection. Whichever it is, both
//! sides end with one message and the right ticks. Under Noise a record that is lost silently breaks the seal of the
//! next one, so the link ends there. The table of outcomes is printed.

#![expect(clippy::disallowed_methods, reason = "a test owns its tasks")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use belfry::admin::client::ask;
use belfry::admin::{Answer, Password, Request};
use belfry_client::ledger::{Item, Ledger, Receipt};
use belfry_client::witness::{SharedLedger, Way, Witness};
use belfry_client::{Carrier, ClientError, LinkOptions, ServerAddress};
use belfry_domain::Secret;
use belfry_testkit::Server;
use belfry_wire::noise::StaticKey;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// An answer that takes longer is lost. Longer than a busy machine needs, for a packet that is late is not lost.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// A device that was told nothing for so long asks.
const QUIET: Duration = Duration::from_millis(300);

/// Everything is through by then.
const CELL: Duration = Duration::from_secs(60);

const PASSWORD: &str = "correct horse battery staple";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Carried {
    Noise,
    Bare,
    WebSocket,
    Http,
}

/// One of the six, by who sends it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Packet {
    SendRequest,
    SendAnswer,
    Notification,
    AckRequest,
    AckAnswer,
    ReceiptNotification,
}

impl Packet {
    const ALL: [Packet; 6] = [
        Packet::SendRequest,
        Packet::SendAnswer,
        Packet::Notification,
        Packet::AckRequest,
        Packet::AckAnswer,
        Packet::ReceiptNotification,
    ];
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Loss {
    /// The connection stays.
    Silent,
    /// The connection goes with it.
    Cut,
}

/// A proxy of one device that loses the next packet of a direction when it is told to.
struct Loser {
    address: SocketAddr,
    armed: Arc<Mutex<Option<(Direction, Loss)>>>,
    lost: Arc<AtomicU64>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    Up,
    Down,
}

impl Loser {
    async fn start(server: SocketAddr) -> Result<Loser> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (armed, lost) = (Arc::new(Mutex::new(None)), Arc::new(AtomicU64::new(0)));
        let (inner, count) = (armed.clone(), lost.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (armed, lost) = (inner.clone(), count.clone());
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    drop(client.set_nodelay(true).and_then(|()| server.set_nodelay(true)));
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = pass(from_client, to_server, Direction::Up, &armed, &lost) => {}
                        () = pass(from_server, to_client, Direction::Down, &armed, &lost) => {}
                    }
                });
            }
        });
        Ok(Loser { address, armed, lost })
    }

    fn lose(&self, direction: Direction, loss: Loss) {
        *self.armed.lock() = Some((direction, loss));
    }
}

/// Passes what is written at once on at once. The devices are at rest when a packet is to be lost, so the next bytes of
/// its direction are that packet.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    armed: &Mutex<Option<(Direction, Loss)>>,
    lost: &AtomicU64,
) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        let hit = armed.lock().take_if(|(armed, _)| *armed == direction);
        if let Some((_, loss)) = hit {
            lost.fetch_add(1, Ordering::Relaxed);
            if loss == Loss::Cut {
                return;
            }
            continue;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}

async fn device(
    server: &Server,
    carried: Carried,
    at: SocketAddr,
    name: &str,
    ledger: &SharedLedger,
) -> Result<Witness> {
    let address = format!("{name}@localhost");
    let password = Some(Password(Secret::new(PASSWORD.to_owned())));
    let request = Request::AccountAdd { address: address.clone(), password };
    let answer = ask(&server.data().join("admin.sock"), &request).await?;
    ensure!(answer == Answer::Done, "{answer:?}");
    let mut private = [0; 32];
    getrandom::fill(&mut private)?;
    let mut options = LinkOptions::new(Arc::new(StaticKey::new(private)));
    options.request_timeout = CELL;
    let carrier = match carried {
        Carried::Noise => Carrier::Noise,
        Carried::Bare => Carrier::Bare,
        Carried::WebSocket | Carried::Http => Carrier::Ws,
    };
    let to = ServerAddress { carrier, host: at.ip().to_string(), port: at.port() };
    let way = if carried == Carried::Http { Way::Post(to) } else { Way::Link(to) };
    let mut witness = Witness::join(way, options, ledger.clone(), &address, PASSWORD).await?;
    witness.arrive().await?;
    Ok(witness)
}

/// Asks until it is answered, coming back as often as it takes.
macro_rules! persist {
    ($witness:ident, $what:expr) => {{
        let until = Instant::now() + CELL;
        loop {
            let done: Result<(), ClientError> = async {
                if !$witness.is_connected() {
                    $witness.connect().await?;
                }
                $what.await.map(drop)
            }
            .await;
            match done {
                Ok(()) => break,
                Err(ClientError::Link(_)) if Instant::now() < until => $witness.disconnect(),
                Err(error) => bail!("{error}"),
            }
        }
    }};
}

/// Takes what comes until the device knows what it waits for; one that hears nothing asks.
macro_rules! hear {
    ($witness:ident, $known:expr) => {{
        let until = Instant::now() + CELL;
        while !$known {
            ensure!(Instant::now() < until, "it was never told");
            persist!($witness, $witness.listen(QUIET));
            if !$known {
                persist!($witness, $witness.catch_up());
            }
        }
    }};
}

async fn cell(server: &Server, carried: Carried, packet: Packet, loss: Loss) -> Result<String> {
    let ledger: SharedLedger = Arc::new(Mutex::new(Ledger::default()));
    let (at_alice, at_bob) = (Loser::start(server.address).await?, Loser::start(server.address).await?);
    let tag = format!("{carried:?}-{packet:?}-{loss:?}").to_lowercase();
    let (a, b) = (format!("a-{tag}"), format!("b-{tag}"));
    let mut alice = device(server, carried, at_alice.address, &a, &ledger).await?;
    let mut bob = device(server, carried, at_bob.address, &b, &ledger).await?;
    alice.set_patience(PATIENCE);
    bob.set_patience(PATIENCE);
    // The patience is that of a connection: both come back once. What is said on the old ones is over then.
    persist!(alice, alice.connect());
    persist!(bob, bob.connect());
    let to = bob.address().to_owned();

    match packet {
        Packet::SendRequest => at_alice.lose(Direction::Up, loss),
        Packet::SendAnswer => at_alice.lose(Direction::Down, loss),
        Packet::Notification => at_bob.lose(Direction::Down, loss),
        _ => {}
    }
    persist!(alice, alice.send("m-1", &to, "hello"));
    hear!(bob, bob.unread().is_some());
    match packet {
        Packet::AckRequest => at_bob.lose(Direction::Up, loss),
        Packet::AckAnswer => at_bob.lose(Direction::Down, loss),
        Packet::ReceiptNotification => at_alice.lose(Direction::Down, loss),
        _ => {}
    }
    persist!(bob, bob.acknowledge());
    let said = |witness: &Witness| -> Option<Receipt> { ledger.lock().last_receipt(witness.device()).cloned() };
    hear!(alice, said(&alice).is_some_and(|receipt| receipt.delivered == 1));
    persist!(bob, bob.mark_read());
    hear!(alice, said(&alice).is_some_and(|receipt| receipt.read == 1));
    let lost = at_alice.lost.load(Ordering::Relaxed) + at_bob.lost.load(Ordering::Relaxed);
    ensure!(lost == 1, "{lost} packets were lost instead of one");

    persist!(alice, alice.testify());
    persist!(bob, bob.testify());
    let report = ledger.lock().judge();
    ensure!(report.is_clean(), "{:#?}", report.violations);
    ensure!((report.intended, report.acknowledged) == (1, 1), "{report:?}");
    let messages = ledger.lock().history_of(bob.device()).iter().filter(|item| matches!(item, Item::Letter(_))).count();
    ensure!(messages == 1, "bob has {messages} messages");
    let ticks = said(&alice).context("ticks")?;
    Ok(format!("{messages} message, delivered {}, read {}", ticks.delivered, ticks.read))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_six_packets_may_be_lost_and_it_is_one_message_with_the_right_ticks() -> Result<()> {
    let server = Arc::new(Server::start("")?);
    let mut running = tokio::task::JoinSet::new();
    for carried in [Carried::Noise, Carried::Bare, Carried::WebSocket, Carried::Http] {
        for packet in Packet::ALL {
            for loss in [Loss::Silent, Loss::Cut] {
                let server = server.clone();
                running.spawn(async move {
                    let outcome = cell(&server, carried, packet, loss).await;
                    (format!("{carried:<9?} {packet:<19?} {loss:<6?}"), outcome)
                });
            }
        }
    }
    let mut table = Vec::new();
    let mut wrong = Vec::new();
    for (name, outcome) in running.join_all().await {
        match outcome {
            Ok(outcome) => table.push(format!("{name}  {outcome}")),
            Err(error) => wrong.push(format!("{name}  {error:#}")),
        }
    }
    table.sort();
    println!("{}", table.join("\n"));
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(table.len() == 48, "{} cells", table.len());
    Ok(())
}
