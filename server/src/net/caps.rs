//! How many connections there may be: in all, and of one address before logging in.
//!
//! A listener asks for a [`Permit`] for each socket it has accepted; the permit lives as long as the socket, wherever
//! that goes. Invariant: the number of permits never passes the maximum, and connections that have not logged in are few
//! enough that they cannot crowd out those that have: when they are too many, the oldest of them ends.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use crate::config::cidr::counted_as;

/// Of all connections, one in so many may be one that has not logged in, unless the operator says otherwise.
const WAITING_SHARE: usize = 4;

/// Connections that may wait for login however small the maximum is.
const WAITING_MIN: usize = 64;

/// What a connection has turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Kind {
    /// Has not said yet.
    Hello = 0,
    /// HTTP.
    Http = 1,
    /// Native frames.
    Native = 2,
    /// WebSocket.
    WebSocket = 3,
    /// XMPP.
    Xmpp = 4,
}

/// The kinds with their names in figures.
pub const KINDS: [(Kind, &str); 5] = [
    (Kind::Hello, "hello"),
    (Kind::Http, "http"),
    (Kind::Native, "native"),
    (Kind::WebSocket, "websocket"),
    (Kind::Xmpp, "xmpp"),
];

/// Why there is no permit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Full {
    /// Too many of this address have not logged in.
    Address,
    /// Too many in all.
    Total,
}

/// What was turned away, for the figures.
#[derive(Debug, Default)]
pub struct Turned {
    /// Because the maximum was reached.
    pub total: AtomicU64,
    /// Because of their address.
    pub address: AtomicU64,
    /// Ended as the oldest that had not logged in.
    pub oldest: AtomicU64,
}

/// The count of all connections.
#[derive(Debug)]
pub struct Caps {
    max: usize,
    per_address: AtomicU32,
    one_in: AtomicUsize,
    open: AtomicUsize,
    kinds: [AtomicU64; KINDS.len()],
    waiting: Mutex<Waiting>,
    /// What was turned away.
    pub turned: Turned,
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    /// By age.
    slots: BTreeMap<u64, Arc<Slot>>,
    by_address: HashMap<IpAddr, u32>,
}

/// The place of a connection that has not logged in.
#[derive(Debug)]
struct Slot {
    number: u64,
    address: Option<IpAddr>,
    kicked: AtomicBool,
    waker: AtomicWaker,
}

/// One connection's right to be.
#[derive(Debug)]
pub struct Permit {
    caps: Arc<Caps>,
    kind: AtomicU8,
    slot: Mutex<Option<Arc<Slot>>>,
}

impl Caps {
    /// At most `max` connections, `per_address` of one address before login.
    pub fn new(max: usize, per_address: u32) -> Arc<Caps> {
        Arc::new(Caps {
            max,
            per_address: AtomicU32::new(per_address),
            one_in: AtomicUsize::new(WAITING_SHARE),
            open: AtomicUsize::new(0),
            kinds: Default::default(),
            waiting: Mutex::default(),
            turned: Turned::default(),
        })
    }

    /// Other limits before login for new connections.
    pub fn set_before_login(&self, per_address: u32, one_in: u32) {
        self.per_address.store(per_address, Ordering::Relaxed);
        self.one_in.store((one_in as usize).max(1), Ordering::Relaxed);
    }

    /// A permit for a connection from this address; an exempt one is counted under no address.
    pub fn admit(self: &Arc<Caps>, ip: IpAddr, exempt: bool) -> Result<Arc<Permit>, Full> {
        let address = (!exempt).then(|| counted_as(ip));
        if self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < self.max).then_some(n + 1)).is_err() {
            self.turned.total.fetch_add(1, Ordering::Relaxed);
            return Err(Full::Total);
        }
        let (slot, crowded_out) = {
            let mut waiting = self.waiting.lock();
            if let Some(address) = address {
                let count = waiting.by_address.entry(address).or_default();
                if *count >= self.per_address.load(Ordering::Relaxed) {
                    drop(waiting);
                    self.open.fetch_sub(1, Ordering::AcqRel);
                    self.turned.address.fetch_add(1, Ordering::Relaxed);
                    return Err(Full::Address);
                }
                *count += 1;
            }
            let number = waiting.next;
            waiting.next += 1;
            let slot = Arc::new(Slot { number, address, kicked: AtomicBool::new(false), waker: AtomicWaker::new() });
            waiting.slots.insert(number, slot.clone());
            let crowded = waiting.slots.len() > (self.max / self.one_in.load(Ordering::Relaxed)).max(WAITING_MIN);
            let oldest = crowded.then(|| waiting.slots.values().next().cloned()).flatten();
            if let Some(oldest) = &oldest {
                waiting.leave(oldest);
            }
            (slot, oldest)
        };
        if let Some(oldest) = crowded_out {
            self.turned.oldest.fetch_add(1, Ordering::Relaxed);
            oldest.kicked.store(true, Ordering::Release);
            oldest.waker.wake();
        }
        self.kinds[Kind::Hello as usize].fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Permit {
            caps: self.clone(),
            kind: AtomicU8::new(Kind::Hello as u8),
            slot: Mutex::new(Some(slot)),
        }))
    }

    /// Connections open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// The most there may be.
    pub fn max(&self) -> usize {
        self.max
    }

    /// Connections that have not logged in.
    pub fn waiting(&self) -> usize {
        self.waiting.lock().slots.len()
    }

    /// Connections of a kind.
    pub fn of_kind(&self, kind: Kind) -> u64 {
        self.kinds[kind as usize].load(Ordering::Relaxed)
    }
}

impl Waiting {
    fn leave(&mut self, slot: &Slot) {
        if self.slots.remove(&slot.number).is_none() {
            return;
        }
        if let Some(address) = slot.address
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Permit {
    /// The connection has turned out to be this. The native and the XMPP door count their links before login
    /// themselves, with the same limits, so they leave the count here; a request of HTTP has no login, and waits for one that carries credentials.
    pub fn is(&self, kind: Kind) {
        let before = self.kind.swap(kind as u8, Ordering::Relaxed);
        self.caps.kinds[usize::from(before)].fetch_sub(1, Ordering::Relaxed);
        self.caps.kinds[kind as usize].fetch_add(1, Ordering::Relaxed);
        if matches!(kind, Kind::Native | Kind::WebSocket | Kind::Xmpp) {
            self.logged_in();
        }
    }

    /// Somebody has logged in on it: from now on it is not counted under its address.
    pub fn logged_in(&self) {
        if let Some(slot) = self.slot.lock().take() {
            self.caps.waiting.lock().leave(&slot);
        }
    }

    /// Whether the connection must end now, to make room; else the waker is called when it must.
    pub(crate) fn must_end(&self, waker: &Waker) -> bool {
        let held = self.slot.lock();
        let Some(slot) = &*held else { return false };
        if slot.kicked.load(Ordering::Acquire) {
            return true;
        }
        slot.waker.register(waker);
        slot.kicked.load(Ordering::Acquire)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.logged_in();
        self.caps.kinds[usize::from(self.kind.load(Ordering::Relaxed))].fetch_sub(1, Ordering::Relaxed);
        self.caps.open.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_has_so_many_before_login_and_more_after() {
        let caps = Caps::new(1_000, 2);
        let first = caps.admit(ip("10.0.0.1"), false).expect("the first");
        let _second = caps.admit(ip("10.0.0.1"), false).expect("the second");
        assert_eq!(caps.admit(ip("10.0.0.1"), false).expect_err("one too many"), Full::Address);
        let _other = caps.admit(ip("10.0.0.2"), false).expect("another address");
        let _exempt = caps.admit(ip("10.0.0.1"), true).expect("an exempt one");
        first.logged_in();
        let _third = caps.admit(ip("10.0.0.1"), false).expect("one has logged in");
        assert_eq!((caps.open(), caps.waiting()), (5, 4));
        assert_eq!(caps.turned.address.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_closed_connection_gives_everything_back() {
        let caps = Caps::new(1, 1);
        for _ in 0..3 {
            let permit = caps.admit(ip("::1"), false).expect("room for one");
            permit.is(Kind::Native);
            assert_eq!(caps.of_kind(Kind::Native), 1);
            assert_eq!(caps.admit(ip("::2"), false).expect_err("no room for two"), Full::Total);
        }
        assert_eq!((caps.open(), caps.waiting(), caps.of_kind(Kind::Native)), (0, 0, 0));
        assert!(caps.waiting.lock().by_address.is_empty());
    }

    #[test]
    fn when_too_many_wait_the_oldest_ends() {
        let caps = Caps::new(10 * WAITING_MIN, 10 * WAITING_MIN as u32);
        let room = (10 * WAITING_MIN / WAITING_SHARE).max(WAITING_MIN);
        let permits: Vec<_> = (0..room).map(|_| caps.admit(ip("10.0.0.1"), false).expect("room")).collect();
        let waker = Waker::noop();
        assert!(!permits[0].must_end(waker));
        let _newest = caps.admit(ip("10.0.0.2"), false).expect("the oldest makes room");
        assert!(permits[0].must_end(waker));
        assert!(!permits[1].must_end(waker));
        assert_eq!(caps.waiting(), room);
    }

    #[test]
    fn other_limits_hold_for_connections_that_come_after_them() {
        let caps = Caps::new(1_000, 1);
        let _first = caps.admit(ip("10.0.0.1"), false).expect("the first");
        assert_eq!(caps.admit(ip("10.0.0.1"), false).expect_err("one too many"), Full::Address);
        caps.set_before_login(1_000, 10);
        let permits: Vec<_> = (0..100).map(|_| caps.admit(ip("10.0.0.1"), false).expect("room")).collect();
        assert_eq!(caps.waiting(), 100, "a tenth of all");
        assert!(!permits[0].must_end(Waker::noop()));
    }

    #[test]
    fn a_link_is_counted_by_its_door_from_then_on() {
        let caps = Caps::new(100, 1);
        let link = caps.admit(ip("10.0.0.1"), false).expect("room");
        link.is(Kind::Http);
        assert_eq!(caps.waiting(), 1);
        link.is(Kind::WebSocket);
        assert_eq!(caps.waiting(), 0);
    }
}
