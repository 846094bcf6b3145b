//! What the client takes from the world besides the network: the time of day and chance.
//!
//! A parameter, so that tests decide both. Waiting is Tokio's, whose clock tests can pause.

use std::time::{SystemTime, UNIX_EPOCH};

/// Time and randomness.
pub trait Environment: Send + Sync + 'static {
    /// Milliseconds since 1970 UTC.
    fn now_ms(&self) -> u64;

    /// A random number.
    fn random_u64(&self) -> u64;
}

/// The real ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Environment for System {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others ask")]
    fn now_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }

    fn random_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        // An id or a delay from a broken generator would not be what it promises to be.
        getrandom::fill(&mut bytes).expect("the system has a source of randomness");
        u64::from_ne_bytes(bytes)
    }
}
