//! Opening: the directory, the lock, the version, the new life, and what was lost since the last one.

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use belfry_domain::ports::{Clock, StoreError};
use belfry_domain::{Epoch, TimestampMs};
use rocksdb::{WriteBatch, WriteOptions};

use super::db::{Db, Floors, Sizes, Tier};
use super::keys::{self, Cf};
use super::shared::Shared;
use super::watermark::Watermark;
use super::writer::{Setting, Writer};
use super::{EmbeddedOptions, EmbeddedStore};

/// 2020-01-01 00:00 UTC: epochs are seconds since, so that also a copy of an old directory begins a life of its own.
const EPOCHS_BEGIN: TimestampMs = TimestampMs(1_577_836_800_000);

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the data directory {} is in use by another belfry process: stop that one first", .0.display())]
    InUse(PathBuf),
    /// A later version has written it.
    #[error("the data in {} is of format {found}, this program knows up to {known}: use the newer program", path.display())]
    Newer {
        /// Where.
        path: PathBuf,
        /// The format there.
        found: u64,
        /// The highest format that this program knows.
        known: u64,
    },
    /// The directory or the database in it.
    #[error("the data directory {} does not open: {reason}", path.display())]
    Other {
        /// Where.
        path: PathBuf,
        /// What the system or the database says.
        reason: String,
    },
}

pub(super) fn open(options: EmbeddedOptions) -> Result<EmbeddedStore, OpenError> {
    let path = options.path.clone();
    let other = |reason: String| OpenError::Other { path: path.clone(), reason };
    make_directory(&path).map_err(|error| other(error.to_string()))?;
    let floors = Floors::default();
    let db = Db::open(&path, sizes(&options), &floors).map_err(|reason| {
        let in_use = reason.contains("lock") && (reason.contains("LOCK") || reason.contains("held"));
        if in_use { OpenError::InUse(path.clone()) } else { other(reason) }
    })?;
    let store = |error: StoreError| other(error.to_string());
    let format = number(&db, keys::KEY_FORMAT).map_err(store)?.unwrap_or(keys::FORMAT);
    if format > keys::FORMAT {
        return Err(OpenError::Newer { path, found: format, known: keys::FORMAT });
    }
    let recovered = number(&db, keys::KEY_BATCH).map_err(store)?.unwrap_or(0);
    let marked = Watermark::read(&path);
    let lost = marked.saturating_sub(recovered);
    if lost > 0 {
        tracing::error!(
            recovered,
            marked,
            lost,
            "commits that were durable are not in the store: the journal was damaged or an older copy was put back"
        );
    }
    let epoch = next_epoch(number(&db, keys::KEY_EPOCH).map_err(store)?, &*options.clock);
    begin_life(&db, epoch).map_err(other)?;
    tracing::info!(path = %path.display(), epoch = epoch.0, recovered, "the store is open");

    let shared = Arc::new(Shared::new(db, epoch, Arc::clone(&options.clock), floors));
    shared.load_volatile().map_err(store)?;
    let mut watermark = Watermark::open(&path);
    watermark.write(recovered);
    let setting = Setting {
        path: path.clone(),
        disk: options.disk,
        free_bytes_min: options.free_bytes_min,
        batch: recovered,
        watermark,
    };
    let writer = Writer::start(Arc::clone(&shared), setting).map_err(|error| other(error.to_string()))?;
    Ok(EmbeddedStore { path, shared, writer, recovered, lost })
}

pub(super) fn sizes(options: &EmbeddedOptions) -> Sizes {
    Sizes {
        cache_bytes: options.cache_bytes,
        memtable_bytes: options.memtable_bytes,
        open_files_max: options.open_files_max,
    }
}

pub(super) fn make_directory(path: &Path) -> std::io::Result<()> {
    if !path.exists() {
        return std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    }
    // Messages are for nobody else on the machine to read, whoever has made the directory.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

fn number(db: &Db, key: &[u8]) -> Result<Option<u64>, StoreError> {
    Ok(db.get(Cf::Meta, key, Tier::Disk)?.as_deref().and_then(keys::tail))
}

/// Above every epoch before, and above those of other copies of this store that were opened earlier.
fn next_epoch(stored: Option<u64>, clock: &dyn Clock) -> Epoch {
    let by_clock = clock.now().ms_since(EPOCHS_BEGIN) / 1000;
    let next = by_clock.max(stored.map_or(1, |epoch| epoch + 1));
    Epoch(u32::try_from(next).unwrap_or(u32::MAX))
}

/// The epoch is durable before anything is numbered in it.
fn begin_life(db: &Db, epoch: Epoch) -> Result<(), String> {
    let mut batch = WriteBatch::default();
    batch.put_cf(db.cf(Cf::Meta), keys::KEY_EPOCH, u64::from(epoch.0).to_be_bytes());
    batch.put_cf(db.cf(Cf::Meta), keys::KEY_FORMAT, keys::FORMAT.to_be_bytes());
    let mut options = WriteOptions::default();
    options.set_sync(true);
    db.rocks().write_opt(batch, &options).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use belfry_domain::memory::ManualClock;

    use super::*;

    #[test]
    fn an_epoch_is_above_the_last_one_and_not_below_the_clock() {
        let clock = ManualClock::new(TimestampMs(EPOCHS_BEGIN.0 + 5000));
        assert_eq!(next_epoch(None, &clock), Epoch(5));
        assert_eq!(next_epoch(Some(3), &clock), Epoch(5));
        assert_eq!(next_epoch(Some(5), &clock), Epoch(6));
        clock.set(TimestampMs(0));
        assert_eq!(next_epoch(Some(5), &clock), Epoch(6));
        assert_eq!(next_epoch(None, &clock), Epoch(1));
    }
}
