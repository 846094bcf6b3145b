//! The embedded store: all storage ports over RocksDB in one directory, for one machine with nothing else installed.
//!
//! Intents come in through the ports. Those that write go to the one writer thread, which commits what has arrived
//! with one sync and then answers everybody ([`writer`]); those that read look at what is durable ([`reads`]), from
//! memory where they are, from the disk on a thread that may block. Invariant: nothing is answered before it is
//! durable, and nothing is written any more after a write or its sync has failed.

mod amend;
mod append;
mod backup;
mod between;
mod cache;
mod contact_records;
mod contacts;
mod db;
mod disk;
mod documents;
mod erased;
mod export;
mod export_later;
mod export_people;
mod import;
mod keeping;
mod keys;
mod lately;
mod later;
mod list;
mod open;
mod people;
mod people_records;
mod ports;
mod progress;
mod prune;
mod reads;
mod reclaim;
mod records;
mod rooms;
mod rows;
mod shared;
mod traces;
mod tx;
mod watermark;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use belfry_domain::Epoch;
use belfry_domain::ports::{Clock, StoreError};

pub use self::backup::{BackupError, Manifest, ManifestFile, restore, restore_watched, verify, verify_watched};
use self::db::{Fault, Tier};
pub use self::disk::{Disk, RealDisk};
pub use self::export::ExportError;
pub use self::import::ImportError;
pub use self::open::OpenError;
pub use self::progress::{Counted, Progress};
pub use self::reclaim::Reclaimed;
use self::shared::Shared;
use self::writer::Writer;
pub use self::writer::{Gauges, SYNC_CLASSES_US};
use crate::system::SystemClock;

/// Where the store is, how much it may use, and what it takes the world to be.
#[derive(Clone)]
pub struct EmbeddedOptions {
    /// The directory; made if it is not there, for this user alone.
    pub path: PathBuf,
    /// Memory for what was read lately. Default 64 MB.
    pub cache_bytes: usize,
    /// Memory for what was written lately: the larger, the fewer acknowledged entries ever reach a file. Default 64 MB.
    pub memtable_bytes: usize,
    /// Files that may be open at once: sockets need descriptors too. Default 256.
    pub open_files_max: i32,
    /// Less than this much free space on the disk is taken for a full disk. Default 64 MiB.
    pub free_bytes_min: u64,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What tells how full the disk is; a test may let commits fail.
    pub disk: Arc<dyn Disk>,
}

impl EmbeddedOptions {
    /// The defaults, in a directory.
    pub fn new(path: impl Into<PathBuf>) -> EmbeddedOptions {
        EmbeddedOptions {
            path: path.into(),
            cache_bytes: 64 * 1024 * 1024,
            memtable_bytes: 64 * 1024 * 1024,
            open_files_max: 256,
            free_bytes_min: 64 * 1024 * 1024,
            clock: Arc::new(SystemClock),
            disk: Arc::new(RealDisk),
        }
    }
}

impl fmt::Debug for EmbeddedOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedOptions").field("path", &self.path).finish_non_exhaustive()
    }
}

/// How the store is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Health {
    /// The present life of the log.
    pub epoch: Epoch,
    /// The last commit that was found at opening.
    pub recovered: u64,
    /// Commits that were durable before and were not found at opening: what the disk has lost.
    pub lost: u64,
    /// Why the store takes no more writes, if it does not.
    pub failed: Option<String>,
}

/// See the module.
pub struct EmbeddedStore {
    path: PathBuf,
    shared: Arc<Shared>,
    writer: Writer,
    recovered: u64,
    lost: u64,
}

impl EmbeddedStore {
    /// Opens the store, which begins a new life of its logs; makes it if there is none.
    pub fn open(options: EmbeddedOptions) -> Result<EmbeddedStore, OpenError> {
        open::open(options)
    }

    /// Finishes what waits and ends. Also done when the last handle is dropped.
    pub fn close(&self) {
        self.writer.close();
    }

    /// How the store is.
    pub fn health(&self) -> Health {
        Health { epoch: self.shared.epoch, recovered: self.recovered, lost: self.lost, failed: self.writer.failure() }
    }

    /// Returns when the store has failed, with the reason: then the server had better stop and open it anew.
    pub async fn failed(&self) -> String {
        self.writer.failed().await
    }

    /// Figures for metrics.
    pub fn gauges(&self) -> &Gauges {
        &self.writer.gauges
    }

    /// Bytes that the store takes on the disk, journal included.
    pub fn bytes_on_disk(&self) -> u64 {
        let files = std::fs::read_dir(&self.path).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads from memory at once, or where that is not enough on a thread that may wait for the disk.
    async fn read<T: Send + 'static>(
        &self,
        look: impl Fn(&Shared, Tier) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        match look(&self.shared, Tier::Cached) {
            Err(Fault::Cold) => {}
            other => return Ok(other?),
        }
        let shared = Arc::clone(&self.shared);
        prune::blocking(move || Ok(look(&shared, Tier::Disk)?)).await
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("path", &self.path).finish_non_exhaustive()
    }
}
