//! Token buckets: how often somebody may do something. Bounded memory, whoever asks.
//!
//! Keys come in with a rate and a burst; "yes" or the milliseconds to wait leave.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::{IpAddr, Ipv6Addr};

use belfry_domain::{AccountId, Address, Code, DeviceId, Refusal};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{Engine, Peer, metrics::count};

/// Buckets that are kept at once; a bucket is 40 bytes and forgotten when it is full again.
const BUCKETS_MAX: usize = 100_000;

/// What is limited, for whom.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Limited {
    /// PINs asked for by an address.
    PinsByAddress(IpAddr),
    /// PINs sent at all.
    Pins,
    /// PINs tried by an address.
    PinTries(IpAddr),
    /// Wrong credentials for an account.
    LoginsOf(Address),
    /// Wrong credentials from an address.
    LoginsFrom(IpAddr),
    /// Messages of a device.
    Sends(AccountId, DeviceId),
    /// Messages of a participant of the lobby.
    LobbySends(u64),
    /// Joins of the lobby by an address.
    LobbyJoins(IpAddr),
    /// Changes of messages and conversations by a device.
    Changes(AccountId, DeviceId),
    /// Being seen to write, by a device.
    Typing(AccountId, DeviceId),
    /// Addresses asked about by an account.
    LookUps(AccountId),
    /// Codes for linking that an address asks for.
    LinksBegun(IpAddr),
    /// Codes that an address asks about without their secret.
    LinksGuessed(IpAddr),
    /// Codes that an account reads or answers.
    LinksScanned(AccountId),
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// All buckets.
#[derive(Default)]
pub(crate) struct Limits {
    buckets: Mutex<HashMap<u64, Bucket>>,
    hasher: RandomState,
}

impl Limits {
    /// Takes a token from a bucket that holds `burst` and gains `per_second`; `Err`: milliseconds to wait.
    pub(crate) fn take(&self, key: &Limited, burst: f64, per_second: f64) -> Result<(), u64> {
        self.with(key, burst, per_second, |tokens| *tokens -= 1.0)
    }

    /// Whether there is a token to take.
    pub(crate) fn check(&self, key: &Limited, burst: f64, per_second: f64) -> Result<(), u64> {
        self.with(key, burst, per_second, |_| {})
    }

    fn with(&self, key: &Limited, burst: f64, per_second: f64, take: impl FnOnce(&mut f64)) -> Result<(), u64> {
        let now = Instant::now();
        let mut buckets = self.buckets.lock();
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| now.duration_since(bucket.at).as_secs() < 60);
            if buckets.len() >= BUCKETS_MAX {
                buckets.clear(); // a flood of keys: forgetting is fairer than refusing everybody
            }
        }
        let bucket = buckets.entry(self.hasher.hash_one(key)).or_insert(Bucket { tokens: burst, at: now });
        let gained = now.duration_since(bucket.at).as_secs_f64() * per_second;
        bucket.tokens = (bucket.tokens + gained).min(burst);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            take(&mut bucket.tokens);
            return Ok(());
        }
        Err(((1.0 - bucket.tokens) / per_second * 1000.0).ceil() as u64)
    }
}

/// The address that limits count: of IPv6 the /64, which is what one customer has.
pub(crate) fn limited_ip(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        },
    }
}

impl Engine {
    /// Takes from a bucket or refuses with the time to wait. `what` completes "Too many …".
    pub(crate) fn limit(&self, key: &Limited, burst: f64, per_second: f64, what: &str) -> Result<(), Refusal> {
        self.inner.limits.take(key, burst, per_second).map_err(|wait_ms| self.too_many(what, wait_ms))
    }

    /// Refuses if a bucket is empty, taking nothing.
    pub(crate) fn check_limit(&self, key: &Limited, burst: f64, per_second: f64, what: &str) -> Result<(), Refusal> {
        self.inner.limits.check(key, burst, per_second).map_err(|wait_ms| self.too_many(what, wait_ms))
    }

    /// Takes from the bucket of the peer's address, unless that is exempt.
    pub(crate) fn limit_peer(
        &self,
        peer: &Peer,
        key: impl FnOnce(IpAddr) -> Limited,
        burst: f64,
        per_second: f64,
        what: &str,
    ) -> Result<(), Refusal> {
        if peer.exempt { Ok(()) } else { self.limit(&key(limited_ip(peer.ip)), burst, per_second, what) }
    }

    /// Refuses if the bucket of the peer's address is empty, unless that is exempt.
    pub(crate) fn check_peer(
        &self,
        peer: &Peer,
        key: impl FnOnce(IpAddr) -> Limited,
        burst: f64,
        per_second: f64,
        what: &str,
    ) -> Result<(), Refusal> {
        if peer.exempt { Ok(()) } else { self.check_limit(&key(limited_ip(peer.ip)), burst, per_second, what) }
    }

    fn too_many(&self, what: &str, wait_ms: u64) -> Refusal {
        count(&self.inner.metrics.rate_limited);
        Refusal::retry(Code::RateLimited, format!("Too many {what}; wait {} s.", wait_ms.div_ceil(1000)), wait_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_gives_its_burst_and_then_its_rate() {
        let limits = Limits::default();
        for _ in 0..3 {
            assert_eq!(limits.take(&Limited::Pins, 3.0, 2.0), Ok(()));
        }
        assert_eq!(limits.take(&Limited::Pins, 3.0, 2.0), Err(500));
        tokio::time::advance(std::time::Duration::from_millis(500)).await;
        assert_eq!(limits.take(&Limited::Pins, 3.0, 2.0), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_keys_stays_within_bounded_memory() {
        let limits = Limits::default();
        for n in 0..(BUCKETS_MAX as u64 * 2) {
            let _ = limits.take(&Limited::LobbySends(n), 3.0, 2.0);
        }
        assert!(limits.buckets.lock().len() <= BUCKETS_MAX);
    }

    #[test]
    fn an_ipv6_customer_is_one_address() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("valid");
        assert_eq!(limited_ip(ip("2001:db8::1")), limited_ip(ip("2001:db8::ffff:1")));
        assert_ne!(limited_ip(ip("2001:db8::1")), limited_ip(ip("2001:db8:0:1::1")));
        assert_eq!(limited_ip(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
    }
}
