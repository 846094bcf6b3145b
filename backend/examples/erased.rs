//! What is left of deleted messages on the disk: every message carries random bytes, which are looked for in the raw
//! files before and after.
//!
//! `erased [MEGABYTES]`: a quarter of the messages each is edited, recalled, delivered and not kept, or has had its time.
//! Prints how many of the random bytes were found and how large the directory is; fails if any is found at the end.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use belfry_backend::{EmbeddedOptions, EmbeddedStore};
use belfry_domain::conformance::NOW;
use belfry_domain::memory::{ManualClock, SeededEntropy};
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Amend, AmendOutcome, Append, AppendOutcome, Change, Conversations, Devices,
    Entropy, NewAccount, NewDevice, Timelines,
};
use belfry_domain::{
    AccountId, Address, ClientMessageId, Content, Cursor, DeviceId, DeviceRole, InlineMedia, MessageId, Past,
    Retention, TimestampMs,
};
use tokio::task::JoinSet;

/// A message's medium: bytes that no compression makes smaller, the first of them its marker.
const MEDIUM_BYTES: usize = 4096;

/// Messages stored at once, and changes under way at once.
const AT_ONCE: usize = 256;

const EXPIRES: TimestampMs = TimestampMs(NOW.0 + 3_600_000);

/// A search for very many markers of 16 bytes in one pass over the files.
struct Markers {
    sorted: Vec<[u8; 16]>,
    /// Whether some marker begins so.
    begins: Vec<bool>,
}

fn begin(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

impl Markers {
    fn new(mut sorted: Vec<[u8; 16]>) -> Markers {
        sorted.sort_unstable();
        let mut begins = vec![false; 1 << 24];
        for marker in &sorted {
            begins[begin(marker)] = true;
        }
        Markers { sorted, begins }
    }

    /// How many of them are in some file.
    fn found(&self, directory: &Path) -> usize {
        let mut found = vec![false; self.sorted.len()];
        for file in std::fs::read_dir(directory).expect("the directory is read").flatten() {
            let bytes = std::fs::read(file.path()).unwrap_or_default();
            for window in bytes.windows(16).filter(|window| self.begins[begin(window)]) {
                if let Ok(at) = self.sorted.binary_search_by(|marker| marker[..].cmp(window)) {
                    found[at] = true;
                }
            }
        }
        found.into_iter().filter(|found| *found).count()
    }
}

async fn person(store: &EmbeddedStore, local: &str) -> AccountId {
    let address = Address::new(local, "example.org").expect("a valid name");
    let new = NewAccount { address, phone: None, display_name: local.into(), scram: None, created: NOW };
    let AccountOutcome::Created(account) = store.create_account(new).await.expect("the store works") else {
        panic!("the name is taken")
    };
    let phone = NewDevice {
        account: account.id,
        role: DeviceRole::Primary,
        name: "phone".into(),
        noise_key: None,
        secret_hash: [1; 32],
        created: NOW,
        platform: String::new(),
        past: Past::All,
    };
    store.add_device(phone, 10).await.expect("the store works");
    account.id
}

fn main() -> ExitCode {
    let megabytes = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(run(megabytes))
}

async fn run(megabytes: usize) -> ExitCode {
    let scratch = tempfile::tempdir().expect("a scratch directory is made");
    let path = scratch.path().join("data");
    let options = EmbeddedOptions { clock: Arc::new(ManualClock::new(NOW)), ..EmbeddedOptions::new(&path) };
    let store = Arc::new(EmbeddedStore::open(options).expect("the store opens"));
    let (alice, bob) = (person(&store, "alice").await, person(&store, "bob").await);
    println!("{:>9} KiB  an empty store", store.bytes_on_disk() / 1024);

    let (ids, markers) = write(&store, alice, bob, megabytes * 1_000_000 / MEDIUM_BYTES).await;
    let markers = Markers::new(markers);
    let total = markers.sorted.len();
    println!("{:>9} KiB  {total} messages of {MEDIUM_BYTES} bytes written", store.bytes_on_disk() / 1024);
    store.reclaim().await.expect("the files are rewritten");
    let before = markers.found(&path);
    println!("{:>9} KiB  on files, journal ended; found: {before} of {total}", store.bytes_on_disk() / 1024);

    let began = Instant::now();
    let mut changes = JoinSet::new();
    for (n, id) in ids.into_iter().enumerate() {
        let change = match n % 4 {
            0 => Change::Edit(Content::text("something else")),
            1 => Change::Recall,
            _ => continue,
        };
        let store = Arc::clone(&store);
        changes.spawn(async move {
            let amend = Amend { by: alice, id, change, at: NOW, sent_since: TimestampMs(0) };
            assert!(matches!(store.amend(amend).await, Ok(AmendOutcome::Amended(..))), "the message is changed");
        });
        if changes.len() == AT_ONCE {
            changes.join_next().await;
        }
    }
    while changes.join_next().await.is_some() {}
    for owner in [alice, bob] {
        let end = store.head(owner).await.expect("the store reads").last;
        let cursor = Cursor { passed: end, delivered: end };
        let ack = Acknowledge { owner, device: DeviceId(1), cursor, at: NOW };
        store.acknowledge(ack).await.expect("the store works");
    }
    let (took, left) = (began.elapsed().as_secs_f64(), markers.found(&path));
    println!("{:>9} KiB  edited, recalled, delivered in {took:.1} s; found: {left}", store.bytes_on_disk() / 1024);

    let began = Instant::now();
    let pruned = store.prune(EXPIRES).await.expect("the store prunes");
    let took = began.elapsed().as_secs_f64();
    // Files that nothing refers to any more are deleted by a thread of the database.
    let (until, mut after) = (Instant::now() + Duration::from_secs(20), markers.found(&path));
    while after > 0 && Instant::now() < until {
        after = markers.found(&path);
    }
    let disk = store.bytes_on_disk() / 1024;
    println!("{disk:>9} KiB  pruned in {took:.1} s, {} entries; found: {after} of {total}", pruned.entries);
    if before == total && after == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The messages' ids and markers, in the order of sending.
async fn write(
    store: &EmbeddedStore,
    alice: AccountId,
    bob: AccountId,
    count: usize,
) -> (Vec<MessageId>, Vec<[u8; 16]>) {
    let random = SeededEntropy::new(u64::from(std::process::id()));
    let (mut ids, mut markers) = (Vec::new(), Vec::new());
    let mut batch = Vec::new();
    for n in 0..count {
        let mut medium = vec![0; MEDIUM_BYTES];
        random.fill(&mut medium);
        markers.push(*medium.first_chunk().expect("longer than a marker"));
        let mut content = Content::text("a picture");
        content.media = Some(InlineMedia { mime: "image/png".into(), data: medium.into() });
        batch.push(Append {
            sender: alice,
            device: DeviceId(1),
            client_id: ClientMessageId::parse(&n.to_string()).expect("a short id"),
            fingerprint: [0; 16],
            receiver: bob,
            content,
            at: NOW,
            retention: match n % 4 {
                2 => Retention::UntilDelivered { expires: EXPIRES },
                3 => Retention::Until(EXPIRES),
                _ => Retention::Keep,
            },
        });
        if batch.len() == AT_ONCE || n + 1 == count {
            for outcome in store.append(std::mem::take(&mut batch)).await.expect("the store works") {
                let AppendOutcome::Appended(sent) = outcome else { panic!("not stored: {outcome:?}") };
                ids.push(sent.id);
            }
        }
    }
    (ids, markers)
}
