//! The native door: from a connection's first byte to its last.
//!
//! A connection comes in with what the listener knows of its peer; an [`Outcome`] leaves when it has ended. Preamble
//! and handshake are here, the conversation is in `session`. Invariants: whoever has not logged in costs little and not
//! for long; a panic ends one connection.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::{IpAddr, Ipv6Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use belfry_domain::{Code, Refusal};
use belfry_engine::{Engine, Participant, Peer};
use belfry_wire::noise::{Handshake, KEY_BYTES, Pattern, StaticKey, Step, prologue};
use belfry_wire::preamble::{MAGIC, PREAMBLE_BYTES};
use belfry_wire::{Channel, Framing, Preamble, PreambleAnswer, PreambleError, PreambleStatus};
use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::FutureExt as _;
use parking_lot::{Mutex, RwLock};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::carrier::{Broken, Carrier, Stream, read, write};
use crate::convert;
use crate::limits::{COMEBACK_MS, DoorLimits, GOODBYE};
use crate::session::{Link, Opening};

/// What a connection may carry without a secure channel of the protocol's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// Bare frames are fine: the connection is inside TLS, from this machine, or the operator allows it.
    Bare,
    /// Frames must be under Noise.
    NoiseOnly,
}

/// How a connection ended.
#[derive(Debug)]
pub enum Outcome {
    /// The client closed it.
    Left,
    /// We closed it, and this was why.
    Closed(Code),
    /// It broke.
    Lost(Broken),
    /// A fault of ours; counted.
    Panicked,
}

/// What all connections of the native door share.
pub struct Door {
    engine: Engine,
    key: StaticKey,
    limits: RwLock<Arc<DoorLimits>>,
    waiting: Mutex<Waiting>,
    comebacks: AtomicU64,
    spread: RandomState,
    /// Who is in the lobby, as frames say it: each such list is told to all who watch.
    lobby_list: Mutex<Option<(Arc<Vec<Participant>>, Bytes)>>,
}

#[derive(Default)]
struct Waiting {
    all: u32,
    by_address: HashMap<IpAddr, u32>,
}

impl Door {
    /// The door to an engine, under the server's long-lived key.
    pub fn new(engine: Engine, key: StaticKey) -> Door {
        let (limits, waiting) = (RwLock::default(), Mutex::default());
        let (comebacks, spread, lobby_list) = (AtomicU64::new(0), RandomState::new(), Mutex::default());
        Door { engine, key, limits, waiting, comebacks, spread, lobby_list }
    }

    /// The limits in force.
    pub fn limits(&self) -> Arc<DoorLimits> {
        self.limits.read().clone()
    }

    /// Other limits for new links.
    pub fn set_limits(&self, limits: DoorLimits) {
        *self.limits.write() = Arc::new(limits);
    }

    /// The engine behind it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The key that clients pin.
    pub fn public_key(&self) -> &[u8; KEY_BYTES] {
        self.key.public()
    }

    /// When a client that is sent away may come back: another moment for each, so that they do not come as one.
    pub fn comeback_ms(&self) -> u64 {
        let nth = self.comebacks.fetch_add(1, Ordering::Relaxed);
        COMEBACK_MS.start + self.spread.hash_one(nth) % (COMEBACK_MS.end - COMEBACK_MS.start)
    }

    /// The bytes of a list of who is in the lobby, made once for all links: with thousands of them making it is nearly
    /// all that a change costs.
    pub(crate) fn lobby_list(&self, list: &Arc<Vec<Participant>>) -> Bytes {
        let mut made = self.lobby_list.lock();
        match &*made {
            Some((of, bytes)) if Arc::ptr_eq(of, list) => bytes.clone(),
            _ => {
                let bytes = convert::lobby_list(list);
                *made = Some((list.clone(), bytes.clone()));
                bytes
            }
        }
    }

    /// The refusal with which links end when the server stops.
    pub(crate) fn stopping(&self) -> Refusal {
        Refusal::retry(Code::GoingAway, "The server is stopping; come back in a moment.", self.comeback_ms())
    }

    /// A place among those who have not logged in yet, if there is one.
    pub(crate) fn admit(&self, peer: &Peer) -> Option<Admission<'_>> {
        let address = network_of(peer.ip);
        let limits = self.limits();
        let mut waiting = self.waiting.lock();
        let here = waiting.by_address.get(&address).copied().unwrap_or(0);
        if waiting.all >= limits.waiting || (here >= limits.waiting_per_address && !peer.exempt) {
            return None;
        }
        waiting.all += 1;
        waiting.by_address.insert(address, here + 1);
        Some(Admission { door: self, address })
    }

    /// Connections that have not logged in yet.
    pub fn waiting(&self) -> u32 {
        self.waiting.lock().all
    }
}

/// A place among those who have not logged in yet; given back when dropped.
pub(crate) struct Admission<'a> {
    door: &'a Door,
    address: IpAddr,
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        let mut waiting = self.door.waiting.lock();
        waiting.all -= 1;
        if let Some(here) = waiting.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                waiting.by_address.remove(&self.address);
            }
        }
    }
}

/// One customer of an IPv6 provider has a /64 at least.
fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Serves a connection whose first bytes are (or should be) the preamble. Ends when the connection has.
pub fn serve<IO>(
    io: IO,
    peer: Peer,
    trust: Trust,
    door: &Door,
    stop: CancellationToken,
) -> impl Future<Output = Outcome> + Send
where
    IO: AsyncRead + AsyncWrite + Unpin + Send,
{
    guarded(door, native(io, peer, trust, door, stop))
}

/// Serves a WebSocket after its upgrade. It has no preamble: the path says the version, the framing is the first.
pub fn serve_socket(
    carrier: impl Carrier,
    peer: Peer,
    door: &Door,
    stop: CancellationToken,
) -> impl Future<Output = Outcome> + Send {
    guarded(door, socket(carrier, peer, door, stop))
}

/// Not an `async fn`, nor are the two above: each would hold what it is given twice, for as long as the link lives.
fn guarded(door: &Door, conversation: impl Future<Output = Outcome> + Send) -> impl Future<Output = Outcome> + Send {
    // Nothing of a connection is seen again after it panicked; what it shared is behind locks that do not poison.
    AssertUnwindSafe(conversation).catch_unwind().map(|caught| {
        let outcome = caught.unwrap_or_else(|_panic| {
            door.engine.metrics().panics.fetch_add(1, Ordering::Relaxed);
            Outcome::Panicked
        });
        tracing::debug!(?outcome, "a link has ended");
        outcome
    })
}

async fn socket(carrier: impl Carrier, peer: Peer, door: &Door, stop: CancellationToken) -> Outcome {
    let opening = Opening { peer, noise_key: None, framing: Framing::Sync, input: BytesMut::new(), at: Instant::now() };
    let mut link = match door.admit(&opening.peer) {
        Some(admission) => Box::new(Link::new(carrier, door, admission, opening)),
        None => return turn_away(carrier, door).await,
    };
    link.run(&stop).await
}

async fn turn_away(mut carrier: impl Carrier, door: &Door) -> Outcome {
    let busy = Refusal::retry(Code::TryLater, "Too many links are logging in; wait a moment.", door.comeback_ms());
    let _closed_or_late = timeout(GOODBYE, carrier.close(Some(&busy))).await;
    Outcome::Closed(Code::TryLater)
}

fn native<IO>(
    io: IO,
    peer: Peer,
    trust: Trust,
    door: &Door,
    stop: CancellationToken,
) -> impl Future<Output = Outcome> + Send
where
    IO: AsyncRead + AsyncWrite + Unpin + Send,
{
    // The parts that are over soon are boxed, and what they are given with them, so that a link does not carry their room.
    let begun = Box::pin(door.engine.newcomer(begin(io, peer, trust, door, stop.clone())));
    async move {
        match begun.await {
            Ok(mut link) => link.run(&stop).await,
            Err(outcome) => outcome,
        }
    }
}

/// Preamble and handshake: a link that is ready for frames, or how it ended.
async fn begin<'a, IO>(
    mut io: IO,
    mut peer: Peer,
    trust: Trust,
    door: &'a Door,
    stop: CancellationToken,
) -> Result<Box<Link<'a, Stream<IO>>>, Outcome>
where
    IO: AsyncRead + AsyncWrite + Unpin + Send,
{
    let at = Instant::now();
    let admission = door.admit(&peer);
    let opened = match &admission {
        None => Err(refuse(&mut io, PreambleStatus::TryLater, Code::TryLater).await),
        Some(_) => tokio::select! {
            opened = timeout_at(at + door.limits().handshake, open(&mut io, trust, door)) => {
                opened.unwrap_or(Err(Outcome::Closed(Code::Idle)))
            }
            () = stop.cancelled() => Err(Outcome::Closed(Code::GoingAway)),
        },
    };
    let (opened, admission) = match (opened, admission) {
        (Ok(opened), Some(admission)) => (opened, admission),
        (Err(outcome), _) => {
            let _ended_or_late = timeout(GOODBYE, Stream::bare(io).close(None)).await;
            return Err(outcome);
        }
        (Ok(_), None) => return Err(Outcome::Closed(Code::TryLater)),
    };
    let (carrier, noise_key, input) = match opened.channel {
        None => (Stream::bare(io), None, opened.rest),
        Some(transport) => {
            peer.carrier = "tcp+noise";
            let key = *transport.remote_static();
            (Stream::noise(io, transport, opened.rest), Some(key), BytesMut::new())
        }
    };
    let opening = Opening { peer, noise_key, framing: opened.framing, input, at };
    Ok(Box::new(Link::new(carrier, door, admission, opening)))
}

/// What preamble and handshake came to.
struct Opened {
    framing: Framing,
    channel: Option<belfry_wire::noise::Transport>,
    /// What arrived behind them.
    rest: BytesMut,
}

async fn open<IO>(io: &mut IO, trust: Trust, door: &Door) -> Result<Opened, Outcome>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut input = BytesMut::new();
    let said = receive_preamble(io, &mut input).await?;
    let preamble = match Preamble::decode(said) {
        Ok(preamble) => preamble,
        Err(PreambleError::BadMagic) => {
            door.engine.metrics().bad_magic.fetch_add(1, Ordering::Relaxed);
            return Err(refuse(io, PreambleStatus::BadMagic, Code::BadMagic).await);
        }
        Err(PreambleError::BadFrame) => {
            door.engine.metrics().bad_frames.fetch_add(1, Ordering::Relaxed);
            return Err(refuse(io, PreambleStatus::BadFrame, Code::BadFrame).await);
        }
    };
    let Some(version) = preamble.common_version() else {
        return Err(refuse(io, PreambleStatus::UnsupportedVersion, Code::UnsupportedVersion).await);
    };
    let pattern = match preamble.channel {
        Channel::Bare if trust == Trust::NoiseOnly => {
            return Err(refuse(io, PreambleStatus::Forbidden, Code::Forbidden).await);
        }
        Channel::Bare => None,
        Channel::NoiseXx => Some(Pattern::Xx),
        Channel::NoiseIk => Some(Pattern::Ik),
    };
    let answer = PreambleAnswer { status: PreambleStatus::Accepted, version }.encode();
    send(io, &answer).await?;
    let Some(pattern) = pattern else { return Ok(Opened { framing: preamble.framing, channel: None, rest: input }) };

    let failed = || {
        door.engine.metrics().handshake_failures.fetch_add(1, Ordering::Relaxed);
        Outcome::Closed(Code::BadHandshake)
    };
    let mut handshake = Handshake::responder(pattern, &door.key, &prologue(&said, &answer)).map_err(|_| failed())?;
    loop {
        let mut out = BytesMut::new();
        let step = handshake.advance(&mut input, &mut out).map_err(|_| failed())?;
        send(io, &out).await?;
        if step == Step::Done {
            break;
        }
        if read(io, &mut input).await.map_err(|error| Outcome::Lost(error.into()))? == 0 {
            return Err(Outcome::Left);
        }
    }
    let channel = handshake.into_transport().map_err(|_| failed())?;
    Ok(Opened { framing: preamble.framing, channel: Some(channel), rest: input })
}

/// Reads the preamble's bytes, or as many as show that it is none.
async fn receive_preamble<IO: AsyncRead + Unpin>(
    io: &mut IO,
    input: &mut BytesMut,
) -> Result<[u8; PREAMBLE_BYTES], Outcome> {
    while input.len() < PREAMBLE_BYTES {
        if read(io, input).await.map_err(|error| Outcome::Lost(error.into()))? == 0 {
            return Err(Outcome::Left);
        }
        let seen = input.len().min(MAGIC.len());
        if input[..seen] != MAGIC[..seen] {
            input.resize(PREAMBLE_BYTES, 0); // it will be refused for its first bytes, whatever follows
        }
    }
    let mut said = [0; PREAMBLE_BYTES];
    said.copy_from_slice(&input[..PREAMBLE_BYTES]);
    input.advance(PREAMBLE_BYTES);
    Ok(said)
}

async fn send<IO: AsyncWrite + Unpin>(io: &mut IO, bytes: &[u8]) -> Result<(), Outcome> {
    write(io, bytes).await.map_err(Outcome::Lost)?;
    io.flush().await.map_err(|error| Outcome::Lost(error.into()))
}

/// Says no in the preamble's answer. The same eight bytes to everybody: no banner.
async fn refuse<IO: AsyncWrite + Unpin>(io: &mut IO, status: PreambleStatus, code: Code) -> Outcome {
    let answer = PreambleAnswer { status, version: 0 }.encode();
    let _sent_or_late = timeout(GOODBYE, send(io, &answer)).await;
    Outcome::Closed(code)
}
