//! RocksDB with its settings: opening, point reads, scans, and the compaction filter that lets dead entries go.
//!
//! Keys and values come in and leave as bytes. Invariant: a read that may not touch the disk ([`Tier::Cached`]) ends
//! with [`Fault::Cold`] instead of waiting for it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, Retention, Seq, TimestampMs, dead};
use parking_lot::RwLock;
use rocksdb::compaction_filter::Decision;
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, BottommostLevelCompaction, Cache, ColumnFamily, ColumnFamilyDescriptor,
    CompactOptions, DB, DBCompressionType, DBRawIterator, ErrorKind, FlushOptions, LogLevel, Options, ReadOptions,
    ReadTier,
};

use super::keys::{self, Cf};
use super::records;

/// Once a day every file has been through the filter, so that what is dead does not lie on the disk for ever.
const PERIODIC_COMPACTION_SECONDS: u64 = 24 * 3600;

/// Part of the memory for client ids that says which of them are there: a byte for each.
const DEDUPE_BLOOM_RATIO: f64 = 0.02;

/// Pieces of filters and indexes, of which one is needed for a look-up.
const METADATA_BLOCK_BYTES: usize = 4096;

/// The store's own log files are for a developer; a few suffice.
const LOG_FILES_MAX: usize = 4;
const LOG_FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// From where a read may be served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tier {
    /// Memory alone: may be called where nothing may block.
    Cached,
    /// Memory and disk.
    Disk,
}

/// Why a read gave nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not in memory; ask again with [`Tier::Disk`] where blocking is allowed.
    Cold,
    /// It failed.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> StoreError {
        match fault {
            Fault::Cold => StoreError::Corrupt("a read from the disk was served from memory alone".into()),
            Fault::Store(error) => error,
        }
    }
}

fn fault(error: rocksdb::Error) -> Fault {
    if error.kind() == ErrorKind::Incomplete {
        Fault::Cold
    } else {
        Fault::Store(StoreError::Corrupt(error.to_string()))
    }
}

/// What every device that counts has been given, for the owners of which something can die by it. The filter reads it
/// while the writer goes on: a floor is put here only when the commit that raised it is durable.
#[derive(Clone, Default)]
pub(super) struct Floors(Arc<RwLock<HashMap<AccountId, Seq>>>);

impl Floors {
    pub(super) fn raise(&self, owner: AccountId, floor: Seq) {
        let mut floors = self.0.write();
        let known = floors.entry(owner).or_default();
        *known = floor.max(*known);
    }

    pub(super) fn get(&self, owner: AccountId) -> Seq {
        self.0.read().get(&owner).copied().unwrap_or_default()
    }

    pub(super) fn forget(&self, owner: AccountId) {
        self.0.write().remove(&owner);
    }

    /// Whether compaction may drop an entry. Time does not count here: what dies by its moment is taken by pruning,
    /// which first writes down the last number of a timeline, and the filter could not.
    fn drops(&self, key: &[u8], value: &[u8]) -> bool {
        let Some((Retention::UntilDelivered { expires }, _)) = records::head(value) else { return false };
        let Some((owner, seq)) = keys::numbers(key) else { return false };
        let Some(floor) = self.0.read().get(&AccountId(owner)).copied() else { return false };
        dead(Retention::UntilDelivered { expires }, Seq(seq), floor, Seq::ZERO, TimestampMs(0))
    }
}

/// How large the memory of the database may be, and how many files it may hold open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) cache_bytes: usize,
    pub(super) memtable_bytes: usize,
    pub(super) open_files_max: i32,
}

/// An open database.
pub(super) struct Db {
    rocks: DB,
}

impl Db {
    pub(super) fn open(path: &Path, sizes: Sizes, floors: &Floors) -> Result<Db, String> {
        let cache = Cache::new_lru_cache(sizes.cache_bytes);
        let families = Cf::ALL.map(|cf| ColumnFamilyDescriptor::new(cf.name(), family(cf, sizes, &cache, floors)));
        let rocks = DB::open_cf_descriptors(&database(sizes), path, families).map_err(|error| error.to_string())?;
        Ok(Db { rocks })
    }

    pub(super) fn rocks(&self) -> &DB {
        &self.rocks
    }

    pub(super) fn cf(&self, cf: Cf) -> &ColumnFamily {
        self.rocks.cf_handle(cf.name()).expect("every family is opened with the database")
    }

    pub(super) fn get(&self, cf: Cf, key: &[u8], tier: Tier) -> Result<Option<Vec<u8>>, Fault> {
        self.rocks.get_cf_opt(self.cf(cf), key, &read_options(tier)).map_err(fault)
    }

    /// From the first key of `range` on.
    pub(super) fn scan(&self, cf: Cf, from: &[u8], to: &[u8], tier: Tier) -> Scan<'_> {
        self.scan_in(cf, from, to, tier, false)
    }

    /// From the last key before `to` down.
    pub(super) fn scan_back(&self, cf: Cf, from: &[u8], to: &[u8], tier: Tier) -> Scan<'_> {
        self.scan_in(cf, from, to, tier, true)
    }

    pub(super) fn scan_prefix(&self, cf: Cf, prefix: &[u8], tier: Tier) -> Scan<'_> {
        self.scan(cf, prefix, &keys::after_prefix(prefix), tier)
    }

    fn scan_in(&self, cf: Cf, from: &[u8], to: &[u8], tier: Tier, back: bool) -> Scan<'_> {
        let mut options = read_options(tier);
        options.set_iterate_lower_bound(from);
        options.set_iterate_upper_bound(to);
        Scan { raw: self.rocks.raw_iterator_cf_opt(self.cf(cf), options), back, started: false }
    }

    /// Puts everything in memory on the disk, so that the journal that holds it can be deleted.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let families = Cf::ALL.map(|cf| self.cf(cf));
        let mut options = FlushOptions::default();
        options.set_wait(true);
        self.rocks.flush_cfs_opt(&families, &options).map_err(|error| StoreError::Failed(error.to_string()))
    }

    /// Rewrites the files of a stretch, so that what was deleted in it is on the disk no more.
    pub(super) fn compact(&self, cf: Cf, from: &[u8], to: &[u8]) {
        let mut options = CompactOptions::default();
        options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        self.rocks.compact_range_cf_opt(self.cf(cf), Some(from), Some(to), &options);
    }
}

impl Db {
    /// Rewrites all files of a family.
    pub(super) fn compact_all(&self, cf: Cf) {
        let mut options = CompactOptions::default();
        options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        self.rocks.compact_range_cf_opt(self.cf(cf), None::<&[u8]>, None::<&[u8]>, &options);
    }

    /// How often work in the background has failed.
    pub(super) fn background_errors(&self) -> u64 {
        self.rocks.property_int_value("rocksdb.background-errors").ok().flatten().unwrap_or(0)
    }

    /// How many files the database refers to.
    pub(super) fn live_files(&self) -> Result<usize, StoreError> {
        Ok(self.rocks.live_files().map_err(|error| StoreError::Failed(error.to_string()))?.len())
    }
}

/// A key and its value.
pub(super) type Row<'a> = (&'a [u8], &'a [u8]);

/// One way over a stretch of keys.
pub(super) struct Scan<'a> {
    raw: DBRawIterator<'a>,
    back: bool,
    started: bool,
}

impl Scan<'_> {
    /// The next key and value; `None` at the end.
    pub(super) fn step(&mut self) -> Result<Option<Row<'_>>, Fault> {
        match (self.started, self.back) {
            (false, false) => self.raw.seek_to_first(),
            (false, true) => self.raw.seek_to_last(),
            (true, false) => self.raw.next(),
            (true, true) => self.raw.prev(),
        }
        self.started = true;
        if !self.raw.valid() {
            return self.raw.status().map(|()| None).map_err(fault);
        }
        Ok(self.raw.item())
    }
}

fn read_options(tier: Tier) -> ReadOptions {
    let mut options = ReadOptions::default();
    if tier == Tier::Cached {
        options.set_read_tier(ReadTier::BlockCache);
    }
    options
}

fn database(sizes: Sizes) -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_max_background_jobs(2);
    options.set_max_open_files(sizes.open_files_max);
    options.set_db_write_buffer_size(2 * sizes.memtable_bytes);
    options.set_max_total_wal_size(4 * sizes.memtable_bytes as u64);
    options.set_bytes_per_sync(1024 * 1024);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(LOG_FILES_MAX);
    options.set_max_log_file_size(LOG_FILE_BYTES_MAX);
    options
}

fn family(cf: Cf, sizes: Sizes, cache: &Cache, floors: &Floors) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_cache_index_and_filter_blocks(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    // A file of small keys has a million of them and more. Its filter and index in one piece would be larger than a shard
    // of the cache, so would never stay there: every look-up would read and check a megabyte.
    table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    table.set_partition_filters(true);
    table.set_metadata_block_size(METADATA_BLOCK_BYTES);
    table.set_pin_top_level_index_and_filter(true);
    if matches!(cf, Cf::Meta | Cf::Dedupe | Cf::Conv) {
        // These are read by whole keys, and a new message's id is one that is not there.
        table.set_bloom_filter(10.0, false);
    }
    let mut options = Options::default();
    options.set_block_based_table_factory(&table);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_periodic_compaction_seconds(PERIODIC_COMPACTION_SECONDS);
    let memtable = if matches!(cf, Cf::Tl | Cf::Conv) { sizes.memtable_bytes } else { sizes.memtable_bytes / 4 };
    options.set_write_buffer_size(memtable);
    if cf == Cf::Dedupe {
        // A new message's id is not in memory either, and need not be looked for in a list of all that are.
        options.set_memtable_prefix_bloom_ratio(DEDUPE_BLOOM_RATIO);
        options.set_memtable_whole_key_filtering(true);
    }
    if cf == Cf::Tl {
        let floors = floors.clone();
        options.set_compaction_filter("delivered", move |_, key, value| {
            if floors.drops(key, value) { Decision::Remove } else { Decision::Keep }
        });
    }
    options
}
