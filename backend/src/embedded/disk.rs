//! The disk as the store sees it: how much is free, and the moment of a commit.
//!
//! A trait, so that a test can say that the disk is full or that a sync failed.

use std::io;
use std::path::Path;

/// See the module. The defaults are the real disk.
pub trait Disk: Send + Sync {
    /// Bytes that this process may still write to the file system that holds `path`.
    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        let status = rustix::fs::statvfs(path)?;
        Ok(status.f_bavail.saturating_mul(status.f_frsize))
    }

    /// Runs one commit, which writes and syncs; `number` counts the commits of this life from 1. A test may fail
    /// before it or after it.
    fn commit(&self, number: u64, write: &mut dyn FnMut() -> Result<(), String>) -> Result<(), String> {
        let _ = number;
        write()
    }
}

/// The disk there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {}
