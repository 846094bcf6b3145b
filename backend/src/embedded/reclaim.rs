//! Reclaiming: rewrites the whole store at once, so that nothing of what was deleted is in any of its files.
//!
//! Nothing comes in; the size before and after leaves. Invariant: readers and the writer go on meanwhile, and when it
//! returns the files that were rewritten are gone from the directory.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use belfry_domain::ports::StoreError;

use super::EmbeddedStore;
use super::db::Db;
use super::keys::Cf;
use super::prune::blocking;

/// Files that nothing refers to any more are deleted by a thread of the database; it gets so long. A backup that is being
/// taken holds them longer.
const DELETED_WITHIN: Duration = Duration::from_secs(10);

/// How often the directory is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How large the store is on the disk.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Reclaimed {
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}

impl EmbeddedStore {
    /// Ends the journal and rewrites every file. What is dead is to be pruned before.
    pub async fn reclaim(&self) -> Result<Reclaimed, StoreError> {
        let before = self.bytes_on_disk();
        let (shared, path) = (Arc::clone(&self.shared), self.path.clone());
        blocking(move || {
            shared.db.flush()?;
            for cf in Cf::ALL {
                shared.db.compact_all(cf);
            }
            wait_for_deletions(&shared.db, &path)
        })
        .await?;
        Ok(Reclaimed { before, after: self.bytes_on_disk() })
    }
}

fn wait_for_deletions(db: &Db, path: &Path) -> Result<(), StoreError> {
    let until = Instant::now() + DELETED_WITHIN;
    while Instant::now() < until {
        let live = db.live_files()?;
        let files = std::fs::read_dir(path).into_iter().flatten().flatten();
        let tables = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "sst"));
        if tables.count() <= live {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
