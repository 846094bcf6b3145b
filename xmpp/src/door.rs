//! The XMPP door: from a connection's first byte to its last.
//!
//! A connection comes in with what the listener knows of it; an [`Ended`] leaves. Logging in is in `login`, what comes
//! after it in `session`. Invariants: whoever has not logged in costs little and not for long; a panic ends one
//! connection.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use belfry_domain::Refusal;
use belfry_engine::{Engine, Peer};
use futures_util::FutureExt as _;
use parking_lot::{Mutex, RwLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::about::About;
use crate::caps::Caps;
use crate::error::{Condition, condition_of, stream_error};
use crate::limits::{DoorLimits, GOODBYE};
use crate::login::{Login, Welcome};
use crate::management::Resumables;
use crate::session::Link;
use crate::wire::{Broken, Bytes, Framed, Frames, Wire};
use crate::xml::Fault;

/// What protects a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Security {
    /// It is inside TLS.
    pub tls: bool,
    /// What binds to that (RFC 9266), if it can be had.
    pub binding: Option<[u8; 32]>,
    /// What binds to the certificate of our end (RFC 5929), if it can be had.
    pub end_point: Option<EndPoint>,
    /// It may speak without TLS: it comes from this machine, or the operator allows it.
    pub plain_allowed: bool,
    /// The caller can do TLS over it when the client asks.
    pub starttls: bool,
}

/// The hash of the certificate that a connection was protected with (`tls-server-end-point`, RFC 5929 §4.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EndPoint {
    bytes: [u8; EndPoint::BYTES_MAX],
    length: usize,
}

impl EndPoint {
    /// Of SHA-512.
    const BYTES_MAX: usize = 64;

    /// A hash as it is; `None`: longer than any of those that certificates are signed with.
    pub fn new(hash: &[u8]) -> Option<EndPoint> {
        let mut bytes = [0; EndPoint::BYTES_MAX];
        bytes.get_mut(..hash.len())?.copy_from_slice(hash);
        Some(EndPoint { bytes, length: hash.len() })
    }

    /// The hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// How a connection ended.
#[derive(Debug)]
pub enum Outcome {
    /// The client closed it.
    Left,
    /// We closed it, and this was why.
    Closed(Condition),
    /// It broke.
    Lost(Broken),
    /// A fault of ours; counted.
    Panicked,
}

/// What is left when [`serve`] has ended.
#[derive(Debug)]
pub enum Ended<IO> {
    /// Nothing.
    Over(Outcome),
    /// The client waits for TLS over this connection, and begins anew inside it.
    StartTls(IO),
}

/// What all connections of the XMPP door share.
pub struct Door {
    engine: Engine,
    limits: RwLock<Arc<DoorLimits>>,
    waiting: Mutex<Waiting>,
    /// Streams that can be resumed.
    pub(crate) resumables: Mutex<Resumables>,
    about: RwLock<Arc<About>>,
    /// When it was made.
    pub(crate) started: Instant,
    /// What clients understand, by their hashes.
    pub(crate) caps: Mutex<Caps>,
}

#[derive(Default)]
struct Waiting {
    all: u32,
    by_address: HashMap<IpAddr, u32>,
}

impl Door {
    /// The door to an engine.
    pub fn new(engine: Engine) -> Door {
        Door {
            engine,
            limits: RwLock::default(),
            waiting: Mutex::default(),
            resumables: Mutex::default(),
            about: RwLock::default(),
            started: Instant::now(),
            caps: Mutex::default(),
        }
    }

    /// The engine behind it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The limits in force.
    pub fn limits(&self) -> Arc<DoorLimits> {
        self.limits.read().clone()
    }

    /// Other limits for new streams.
    pub fn set_limits(&self, limits: DoorLimits) {
        *self.limits.write() = Arc::new(limits);
    }

    /// What the operator says of the server.
    pub fn about(&self) -> Arc<About> {
        self.about.read().clone()
    }

    /// Says something else of the server from now on.
    pub fn set_about(&self, about: About) {
        *self.about.write() = Arc::new(about);
    }

    /// Streams that have not logged in yet.
    pub fn waiting(&self) -> u32 {
        self.waiting.lock().all
    }

    /// A place among those who have not logged in yet, if there is one.
    fn admit(&self, peer: &Peer) -> Option<Admission<'_>> {
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
}

/// A place among those who have not logged in yet; given back when dropped.
struct Admission<'a> {
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

/// Why a stream ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The client has ended it.
    Left,
    /// The connection ended without a word.
    Gone,
    /// We end it, and say why.
    Close(Condition, String),
    /// The connection broke.
    Broken(Broken),
}

impl End {
    pub(crate) fn because(condition: Condition, text: impl Into<String>) -> End {
        End::Close(condition, text.into())
    }
}

impl From<Broken> for End {
    fn from(broken: Broken) -> End {
        End::Broken(broken)
    }
}

impl From<Fault> for End {
    fn from(fault: Fault) -> End {
        End::Close(fault.into(), format!("The stream is closed: {fault}."))
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> End {
        End::Close(condition_of(&refusal), refusal.message)
    }
}

/// Serves a connection on which the client begins a stream. Ends when the connection has, or wants TLS.
pub fn serve<IO>(
    io: IO,
    peer: Peer,
    security: Security,
    door: &Door,
    stop: CancellationToken,
) -> impl Future<Output = Ended<IO>> + Send
where
    IO: AsyncRead + AsyncWrite + Unpin + Send,
{
    contained(stream(Bytes::new(io), peer, security, door, stop), door).map(|ended| match ended {
        Ended::Over(outcome) => Ended::Over(outcome),
        Ended::StartTls(bytes) => match bytes.into_bare() {
            Some(io) => Ended::StartTls(io),
            None => Ended::Over(Outcome::Closed(Condition::PolicyViolation)),
        },
    })
}

/// Serves a client whose elements go one by one, from its opening to the end. TLS is up to what carries them.
pub fn serve_frames<F: Frames>(
    frames: F,
    peer: Peer,
    security: Security,
    door: &Door,
    stop: CancellationToken,
) -> impl Future<Output = Outcome> + Send {
    let security = Security { starttls: false, ..security };
    contained(stream(Framed::new(frames), peer, security, door, stop), door).map(|ended| match ended {
        Ended::Over(outcome) => outcome,
        // It is not offered, and refused to whoever asks all the same.
        Ended::StartTls(_) => Outcome::Closed(Condition::PolicyViolation),
    })
}

/// Ends with the stream, or its panic.
fn contained<W>(stream: impl Future<Output = Ended<W>> + Send, door: &Door) -> impl Future<Output = Ended<W>> + Send {
    // Nothing of a connection is seen again after it panicked; what it shared is behind locks that do not poison.
    AssertUnwindSafe(stream).catch_unwind().map(|caught| {
        let ended = caught.unwrap_or_else(|_panic| {
            door.engine.metrics().panics.fetch_add(1, Ordering::Relaxed);
            Ended::Over(Outcome::Panicked)
        });
        if let Ended::Over(outcome) = &ended {
            tracing::debug!(?outcome, "an XMPP stream has ended");
        }
        ended
    })
}

async fn stream<W: Wire>(
    mut wire: W,
    peer: Peer,
    security: Security,
    door: &Door,
    stop: CancellationToken,
) -> Ended<W> {
    let Some(admission) = door.admit(&peer) else {
        let end = End::because(Condition::ResourceConstraint, "Too many are logging in; wait a moment.");
        return Ended::Over(goodbye(&mut wire, door, end, false).await);
    };
    let mut login = Box::new(Login::new(wire, door, peer, security));
    // Boxed: what a login needs is gone when it is over.
    let welcome = Box::pin(door.engine().newcomer(login.run(&stop))).await;
    let Login { mut wire, opened, .. } = *login;
    drop(admission);
    match welcome {
        Ok(Welcome::StartTls) => Ended::StartTls(wire),
        Ok(Welcome::Bound(bound)) => {
            let mut link = Box::new(Link::new(wire, door, *bound));
            let end = link.run(&stop).await;
            link.park(&end);
            let Link { mut wire, session, .. } = *link;
            if let End::Close(condition, text) = &end {
                session.ends(&Refusal::new(belfry_domain::Code::BadFrame, format!("{}: {text}", condition.name())));
            }
            drop(session); // gone for the engine before the connection is
            Ended::Over(goodbye(&mut wire, door, end, true).await)
        }
        Err(end) => Ended::Over(goodbye(&mut wire, door, end, opened).await),
    }
}

/// Says why, if there is something to say and somebody to say it to, and ends the connection.
async fn goodbye<W: Wire>(wire: &mut W, door: &Door, end: End, opened: bool) -> Outcome {
    let (error, outcome) = match end {
        End::Left => (None, Outcome::Left),
        End::Gone => return Outcome::Left,
        End::Close(condition, text) => (Some(stream_error(condition, &text)), Outcome::Closed(condition)),
        End::Broken(broken) => return Outcome::Lost(broken),
    };
    if !opened {
        wire.open(&door.engine.settings().domain, None, &door.engine.random_text());
    }
    if let Some(error) = &error {
        wire.push(error);
    }
    wire.end();
    let _told_or_late = timeout(GOODBYE, async {
        if wire.flush().await.is_ok() {
            wire.close().await;
        }
    })
    .await;
    outcome
}
