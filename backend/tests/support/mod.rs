//! What the tests of the embedded store share: scratch directories and small options.

#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use belfry_backend::EmbeddedOptions;
use belfry_domain::conformance::NOW;
use belfry_domain::memory::ManualClock;

/// A directory that goes with the test.
pub(crate) struct Scratch {
    directory: tempfile::TempDir,
    made: AtomicU32,
}

impl Scratch {
    pub(crate) fn new() -> Scratch {
        let directory = tempfile::tempdir().expect("a scratch directory is made");
        Scratch { directory, made: AtomicU32::new(0) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The name of a directory inside that is not there yet.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.path().join(self.made.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

/// Small memory, and the clock of the conformance suites.
pub(crate) fn options(path: &Path) -> EmbeddedOptions {
    EmbeddedOptions {
        cache_bytes: 8 * 1024 * 1024,
        memtable_bytes: 4 * 1024 * 1024,
        clock: Arc::new(ManualClock::new(NOW)),
        ..EmbeddedOptions::new(path)
    }
}
