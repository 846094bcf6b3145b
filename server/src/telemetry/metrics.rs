//! Gathers all figures into one page.
//!
//! Counters of the engine, the store, the listeners and the process come in when somebody asks; a page leaves. Invariant:
//! gathering takes no lock that a message waits for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use belfry_backend::EmbeddedStore;
use belfry_backend::embedded::SYNC_CLASSES_US;
use belfry_engine::Engine;

use super::health::Health;
use super::logs;
use super::page::{Kind, Page};
use crate::lifecycle::Lifecycle;
use crate::net::caps::KINDS;
use crate::net::shared::Net;

/// Where the figures are; a handle.
#[derive(Clone)]
pub struct Figures {
    /// Of the rules.
    pub engine: Engine,
    /// Of the store.
    pub store: Arc<EmbeddedStore>,
    /// Of the connections.
    pub net: Arc<Net>,
    /// Of the tasks.
    pub life: Lifecycle,
    /// Of the whole.
    pub health: Health,
}

impl Figures {
    /// The page.
    pub fn page(&self) -> String {
        let mut page = Page::default();
        self.engine(&mut page);
        self.store(&mut page);
        self.net(&mut page);
        self.process(&mut page);
        page.finish()
    }

    fn engine(&self, page: &mut Page) {
        for sample in self.engine.metrics().samples() {
            match sample.kind {
                belfry_engine::Kind::Counter => {
                    page.one(Kind::Counter, &format!("{}_total", sample.name), sample.help, sample.value);
                }
                belfry_engine::Kind::Gauge => page.one(Kind::Gauge, sample.name, sample.help, sample.value),
            }
        }
    }

    fn store(&self, page: &mut Page) {
        let gauges = self.store.gauges();
        let health = self.store.health();
        let load = |value: &std::sync::atomic::AtomicU64| value.load(Ordering::Relaxed);
        page.one(Kind::Gauge, "store_queue_depth", "Intents that wait to be durable.", load(&gauges.queue_depth));
        let oldest = gauges.oldest_ms() as f64 / 1e3;
        page.one(Kind::Gauge, "store_oldest_waiting_seconds", "Age of the oldest of them.", oldest);
        page.one(Kind::Counter, "store_commits_total", "Commits, each with one sync.", load(&gauges.commits));
        page.one(Kind::Counter, "store_intents_total", "Intents in all commits.", load(&gauges.jobs));
        let bounds = SYNC_CLASSES_US.map(|us| us as f64 / 1e6);
        let classes: Vec<u64> = gauges.sync_classes.iter().map(load).collect();
        let sum = load(&gauges.sync_us) as f64 / 1e6;
        page.histogram("store_commit_seconds", "Write and sync of a commit.", &bounds, &classes, sum);
        let failed = u8::from(health.failed.is_some());
        page.one(Kind::Gauge, "store_failed", "1: the store takes no more writes.", failed);
        page.one(Kind::Gauge, "store_commits_lost", "Durable commits that were gone at the last start.", health.lost);
        page.one(Kind::Gauge, "store_bytes", "Bytes of the store on the disk.", self.store.bytes_on_disk());
    }

    fn net(&self, page: &mut Page) {
        let (caps, counts) = (&self.net.caps, &self.net.counts);
        let load = |value: &std::sync::atomic::AtomicU64| value.load(Ordering::Relaxed);
        let kinds = KINDS.iter().map(|(kind, name)| (*name, caps.of_kind(*kind)));
        page.each(Kind::Gauge, "connections", "Open connections by what they speak.", "kind", kinds);
        page.one(Kind::Gauge, "connections_max", "The most there may be.", caps.max());
        page.one(Kind::Gauge, "connections_before_login", "Those that have not logged in.", caps.waiting());
        let turned = [
            ("total", load(&caps.turned.total)),
            ("address", load(&caps.turned.address)),
            ("oldest", load(&caps.turned.oldest)),
        ];
        page.each(Kind::Counter, "connections_turned_away_total", "Closed because of a limit.", "limit", turned);
        let ended = [
            ("silent", load(&counts.silent)),
            ("tls", load(&counts.tls_failed)),
            ("xmpp", load(&counts.xmpp)),
            ("proxy_header", load(&counts.proxy_failed)),
        ];
        page.each(Kind::Counter, "connections_without_door_total", "Ended before a door had them.", "why", ended);
        let errors = load(&counts.accept_errors);
        page.one(Kind::Counter, "accept_errors_total", "Connections that could not be accepted.", errors);
    }

    fn process(&self, page: &mut Page) {
        page.one(Kind::Counter, "process_panics_total", "Panics anywhere in the process.", logs::panics());
        let restarts = self.life.restarts();
        let restarts = restarts.iter().map(|(name, count)| (*name, *count));
        page.each(Kind::Counter, "task_restarts_total", "Parts of the server started again.", "task", restarts);
        let ready = u8::from(self.health.not_ready().is_none());
        page.one(Kind::Gauge, "ready", "1: takes connections and keeps messages.", ready);
        page.one(Kind::Gauge, "uptime_seconds", "Since the start.", self.health.uptime_s());
        page.one(Kind::Gauge, "resident_bytes", "Memory of the process.", resident_bytes().unwrap_or(0));
        page.one(Kind::Gauge, "open_files", "Descriptors in use.", open_files().unwrap_or(0));
    }
}

/// Memory of this process, as the kernel counts it.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Descriptors of this process.
pub fn open_files() -> Option<usize> {
    std::fs::read_dir("/proc/self/fd").ok().map(Iterator::count)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_kernel_tells_memory_and_descriptors() {
        assert!(super::resident_bytes().expect("Linux tells") > 1 << 20);
        assert!(super::open_files().expect("Linux tells") > 2);
    }
}
