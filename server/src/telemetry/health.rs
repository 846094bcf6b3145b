//! Whether the server is ready: one answer for the metrics listener, the admin socket and `belfry doctor`.
//!
//! Invariant: a server that is stopping, or whose store has failed, is not ready, though it lives.

use std::sync::Arc;
use std::time::Instant;

use belfry_backend::EmbeddedStore;

use crate::lifecycle::Lifecycle;

/// Knows how the server is; a handle.
#[derive(Clone)]
pub struct Health {
    life: Lifecycle,
    store: Arc<EmbeddedStore>,
    started: Instant,
}

impl Health {
    /// Of a server that starts now.
    pub fn new(life: Lifecycle, store: Arc<EmbeddedStore>) -> Health {
        Health { life, store, started: Instant::now() }
    }

    /// Why the server is not ready; `None`: it is.
    pub fn not_ready(&self) -> Option<String> {
        if self.life.stopping() {
            return Some("stopping".into());
        }
        self.store.health().failed.map(|why| format!("the store failed: {why}"))
    }

    /// Seconds since it was started.
    pub fn uptime_s(&self) -> u64 {
        self.started.elapsed().as_secs()
    }
}
