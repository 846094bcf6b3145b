//! One connection: requests and their answers by SeqId, pipelined, and what the server tells by itself.
//!
//! Requests come in from any number of tasks through the clonable [`Link`]; answers go back to who asked, notifications
//! to the one holder of [`Notifications`]. Knows no store and no account: tests and load tools use it bare.
//! Invariant: at most [`IN_FLIGHT_MAX`] requests are unanswered, at most [`NOTIFICATIONS_MAX`] notifications wait; a
//! notification that finds no room is dropped and [`Told::Overflow`] says so, for the truth can be asked for again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use prost::Message;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use belfry_wire::noise::StaticKey;
use belfry_wire::{Frame, operation, v1};

use crate::address::{Carrier, ServerAddress};
use crate::channel::{self, FrameReader, FrameWriter, Opened};
use crate::dial::{BoxIo, Dial, Tcp, first_of};
use crate::error::{ClientError, LinkError, Refusal};

/// Requests that may be unanswered at once; the next one waits for a place.
pub const IN_FLIGHT_MAX: usize = 64;

/// Notifications that may wait for their reader.
pub const NOTIFICATIONS_MAX: usize = 256;

/// Frames that one write takes together.
const WRITE_FRAMES_MAX: usize = 32;

/// A peer that takes no bytes for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// After the server has said that it goes, it may still answer for so long.
const GOODBYE: Duration = Duration::from_secs(2);

/// Preamble and handshake have to be through in this time.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a link needs to be made.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// The client's Noise key.
    pub key: Arc<StaticKey>,
    /// The server's Noise key, if known: then no other is accepted.
    pub server_key: Option<[u8; 32]>,
    /// Whom to believe, for TLS.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// How to open streams.
    pub dialer: Arc<dyn Dial>,
    /// How long an answer may take.
    pub request_timeout: Duration,
}

impl LinkOptions {
    /// Options over the network for a server whose key is not known yet.
    pub fn new(key: Arc<StaticKey>) -> LinkOptions {
        LinkOptions {
            key,
            server_key: None,
            tls: None,
            dialer: Arc::new(Tcp),
            request_timeout: Duration::from_secs(30),
        }
    }
}

/// What the server told by itself.
#[derive(Clone, Debug)]
pub enum Told {
    /// A notification.
    Frame(Frame),
    /// Notifications were dropped because nobody read them in time: ask for what is new.
    Overflow,
}

/// The receiving end of a link's notifications.
#[derive(Debug)]
pub struct Notifications {
    frames: mpsc::Receiver<Frame>,
    overflow: Arc<Overflow>,
}

/// Raised when a notification found no room.
#[derive(Debug, Default)]
struct Overflow {
    raised: AtomicBool,
    bell: Notify,
}

/// An open connection. Clones are the same connection; it closes when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Link {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    address: ServerAddress,
    requests: mpsc::Sender<Outgoing>,
    slots: Arc<Semaphore>,
    shared: Arc<Shared>,
    server_key: Option<[u8; 32]>,
    request_timeout: Duration,
}

/// What handle, reader and writer share.
#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<HashMap<u32, Waiting>>,
    closed: CancellationToken,
    why: Mutex<Option<LinkError>>,
}

#[derive(Debug)]
struct Outgoing {
    operation: u32,
    body: Bytes,
    waiting: Waiting,
}

/// Holds its place until the answer is there, even if who asked has given up: the server is still at work on it.
#[derive(Debug)]
struct Waiting {
    answer: oneshot::Sender<Frame>,
    _slot: OwnedSemaphorePermit,
}

impl Link {
    /// Connects to the first of the addresses that lets us in.
    pub async fn connect(
        addresses: &[ServerAddress],
        options: &LinkOptions,
    ) -> Result<(Link, Notifications), LinkError> {
        first_of(addresses, |address| Link::connect_one(address, options)).await
    }

    async fn connect_one(address: &ServerAddress, options: &LinkOptions) -> Result<(Link, Notifications), LinkError> {
        let pinned = options.server_key.as_ref();
        match Link::try_once(address, options, pinned).await {
            // The server could not read what was sealed to the pinned key. Ask which key it has now: a person can be
            // told of a changed key, not of "closed during the handshake".
            Err(LinkError::Handshake(_) | LinkError::Io(_))
                if pinned.is_some() && address.carrier == Carrier::Noise =>
            {
                let (link, notifications) = Link::try_once(address, options, None).await?;
                match (pinned, link.server_key()) {
                    (Some(known), Some(shown)) if known != shown => {
                        Err(LinkError::ServerKeyChanged { known: fingerprint(known), shown: fingerprint(shown) })
                    }
                    _ => Ok((link, notifications)),
                }
            }
            other => other,
        }
    }

    async fn try_once(
        address: &ServerAddress,
        options: &LinkOptions,
        server_key: Option<&[u8; 32]>,
    ) -> Result<(Link, Notifications), LinkError> {
        let io = options.dialer.dial(address).await?;
        Link::over(io, address, options, server_key).await
    }

    /// A link over a stream that is open already.
    pub async fn over(
        io: BoxIo,
        address: &ServerAddress,
        options: &LinkOptions,
        server_key: Option<&[u8; 32]>,
    ) -> Result<(Link, Notifications), LinkError> {
        let opening = channel::open(io, address, &options.key, server_key, options.tls.as_ref());
        let opened = tokio::time::timeout(HANDSHAKE_TIMEOUT, opening).await.map_err(|_| LinkError::Silent)??;
        Ok(Link::start(opened, address.clone(), options.request_timeout))
    }

    fn start(opened: Opened, address: ServerAddress, request_timeout: Duration) -> (Link, Notifications) {
        let shared = Arc::new(Shared::default());
        let (requests, outgoing) = mpsc::channel(IN_FLIGHT_MAX);
        let (told, frames) = mpsc::channel(NOTIFICATIONS_MAX);
        let overflow = Arc::new(Overflow::default());
        let tasks = TaskTracker::new();
        tasks.spawn(write_all(opened.writer, outgoing, Arc::clone(&shared)));
        tasks.spawn(read_all(opened.reader, told, Arc::clone(&overflow), Arc::clone(&shared)));
        let slots = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
        let inner = Inner { address, requests, slots, shared, server_key: opened.server_key, request_timeout };
        (Link { inner: Arc::new(inner) }, Notifications { frames, overflow })
    }

    /// Asks and waits for the answer.
    pub async fn request<Q: Message, A: Message + Default>(
        &self,
        operation: u32,
        request: &Q,
    ) -> Result<A, ClientError> {
        let answer = self.ask(operation, Bytes::from(request.encode_to_vec()), self.inner.request_timeout).await?;
        if answer.operation == operation::ERROR {
            let error = v1::Error::decode(answer.body).map_err(|_| LinkError::Protocol("an error cannot be read"))?;
            return Err(Refusal::from(error).into());
        }
        if answer.operation != operation {
            return Err(LinkError::Protocol("an answer is to another operation").into());
        }
        Ok(A::decode(answer.body).map_err(|_| LinkError::Protocol("an answer cannot be read"))?)
    }

    /// Sends a heartbeat and waits for its echo. No echo in time: the link is dead and is closed.
    pub async fn heartbeat(&self, timeout: Duration) -> Result<(), LinkError> {
        match self.ask(operation::HEARTBEAT, Bytes::new(), timeout).await {
            Ok(_) => Ok(()),
            Err(error) => {
                self.close_because(LinkError::Silent);
                Err(error)
            }
        }
    }

    /// Asks with bytes and gives the answer as it came.
    pub async fn ask(&self, operation: u32, body: Bytes, timeout: Duration) -> Result<Frame, LinkError> {
        let asking = async {
            let slot = Arc::clone(&self.inner.slots).acquire_owned().await.map_err(|_| self.why())?;
            let (answer, answered) = oneshot::channel();
            let outgoing = Outgoing { operation, body, waiting: Waiting { answer, _slot: slot } };
            self.inner.requests.send(outgoing).await.map_err(|_| self.why())?;
            answered.await.map_err(|_| self.why())
        };
        tokio::select! {
            biased; // an answer that came with the closing counts
            answer = asking => answer,
            () = self.inner.shared.closed.cancelled() => Err(self.why()),
            () = tokio::time::sleep(timeout) => Err(LinkError::Silent),
        }
    }

    /// Waits until the link is closed and says why.
    pub async fn closed(&self) -> LinkError {
        self.inner.shared.closed.cancelled().await;
        self.why()
    }

    /// Closes the link.
    pub fn close(&self) {
        self.close_because(LinkError::Closed);
    }

    /// Which server it leads to.
    pub fn address(&self) -> &ServerAddress {
        &self.inner.address
    }

    /// The server's static key, under Noise.
    pub fn server_key(&self) -> Option<&[u8; 32]> {
        self.inner.server_key.as_ref()
    }

    /// Whether both are handles of one connection.
    pub fn is_same(&self, other: &Link) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    fn close_because(&self, why: LinkError) {
        self.inner.shared.close(why);
    }

    fn why(&self) -> LinkError {
        self.inner.shared.why.lock().clone().unwrap_or(LinkError::Closed)
    }
}

impl Notifications {
    /// The next one; `None`: the link is closed and all were read. Cancel safe.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.try_next() {
                return Some(told);
            }
            tokio::select! {
                frame = self.frames.recv() => return frame.map(Told::Frame),
                () = self.overflow.bell.notified() => {} // the bell may be an old one: look at the flag
            }
        }
    }

    /// The next one, if it is there already.
    pub fn try_next(&mut self) -> Option<Told> {
        match self.frames.try_recv() {
            Ok(frame) => Some(Told::Frame(frame)),
            Err(_) => self.overflow.raised.swap(false, Ordering::AcqRel).then_some(Told::Overflow),
        }
    }
}

impl Shared {
    /// The first reason counts: later ones follow from it.
    fn close(&self, why: LinkError) {
        self.why.lock().get_or_insert(why);
        self.closed.cancel();
        self.pending.lock().clear();
    }
}

/// Numbers the requests in the order in which they are written, for the server wants them rising.
async fn write_all(mut writer: FrameWriter, mut outgoing: mpsc::Receiver<Outgoing>, shared: Arc<Shared>) {
    let mut seq_id = 0u32;
    let mut batch = Vec::with_capacity(WRITE_FRAMES_MAX);
    loop {
        let count = tokio::select! {
            count = outgoing.recv_many(&mut batch, WRITE_FRAMES_MAX) => count,
            () = shared.closed.cancelled() => break,
        };
        if count == 0 || seq_id > u32::MAX - count as u32 {
            shared.close(LinkError::Closed); // the last handle is gone; or all numbers are used, a new link starts anew
            break;
        }
        let mut frames = Vec::with_capacity(count);
        {
            let mut pending = shared.pending.lock();
            for Outgoing { operation, body, waiting } in batch.drain(..) {
                seq_id += 1;
                pending.insert(seq_id, waiting);
                frames.push(Frame { operation, seq_id, body });
            }
        }
        match tokio::time::timeout(WRITE_TIMEOUT, writer.write(&frames)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                // What the server said before it closed is a better reason than "broken pipe": leave the reader time.
                let _ = tokio::time::timeout(GOODBYE, shared.closed.cancelled()).await;
                shared.close(error);
                break;
            }
            Err(_) => {
                shared.close(LinkError::Silent);
                break;
            }
        }
    }
    let _ = tokio::time::timeout(GOODBYE, writer.close()).await;
}

async fn read_all(mut reader: FrameReader, told: mpsc::Sender<Frame>, overflow: Arc<Overflow>, shared: Arc<Shared>) {
    let mut goodbye: Option<Refusal> = None;
    let why = loop {
        let limit = if goodbye.is_some() { GOODBYE } else { Duration::MAX };
        let next = tokio::select! {
            next = tokio::time::timeout(limit, reader.next()) => next,
            () = shared.closed.cancelled() => return,
        };
        let frame = match next {
            Err(_) | Ok(Ok(None)) => break LinkError::Io("closed by the server".to_owned()),
            Ok(Err(error)) => break error,
            Ok(Ok(Some(frame))) => frame,
        };
        if frame.seq_id != 0 {
            // A number that nobody waits for is an answer to who has gone away meanwhile.
            if let Some(waiting) = shared.pending.lock().remove(&frame.seq_id) {
                drop(waiting.answer.send(frame));
            }
        } else if frame.operation == operation::GOING_AWAY || frame.operation == operation::ERROR {
            goodbye = Some(read_goodbye(&frame));
        } else if let Err(mpsc::error::TrySendError::Full(_)) = told.try_send(frame) {
            overflow.raised.store(true, Ordering::Release);
            overflow.bell.notify_one();
        }
    };
    shared.close(goodbye.map_or(why, LinkError::GoingAway));
}

fn read_goodbye(frame: &Frame) -> Refusal {
    let body = frame.body.clone();
    if frame.operation == operation::ERROR {
        return v1::Error::decode(body).unwrap_or_default().into();
    }
    let away = v1::GoingAway::decode(body).unwrap_or_default();
    v1::Error { code: away.code, message: away.message, retry_after_ms: away.retry_after_ms }.into()
}

/// How a key is shown to people: its first 16 bytes, in groups.
pub fn fingerprint(key: &[u8; 32]) -> String {
    let groups: Vec<String> = key[..16].chunks(2).map(|pair| format!("{:02x}{:02x}", pair[0], pair[1])).collect();
    groups.join(" ")
}
