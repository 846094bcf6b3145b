//! What the embedded store alone costs: messages a second and CPU a message, with so many senders at once.
//!
//! `store_bench [DIRECTORY] [SECONDS]`; every message is 300 bytes from one account to another, kept for ever, durable
//! before the sender goes on. CPU is that of the whole process, compaction included.

#![expect(clippy::disallowed_methods, reason = "a test owns its tasks")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use belfry_backend::{EmbeddedOptions, EmbeddedStore};
use belfry_domain::ports::{AccountOutcome, Accounts, Append, NewAccount, Timelines};
use belfry_domain::{AccountId, Address, ClientMessageId, Content, DeviceId, Retention, TimestampMs};

const ACCOUNTS: usize = 1000;
const NOW: TimestampMs = TimestampMs(1_800_000_000_000);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let given = arguments.next().map(PathBuf::from);
    let seconds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    let scratch = tempfile::tempdir().expect("a scratch directory is made");
    let directory = given.unwrap_or_else(|| scratch.path().to_owned());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(bench(directory, Duration::from_secs(seconds)));
}

async fn bench(directory: PathBuf, time: Duration) {
    let store = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(directory.join("bench"))).expect("the store opens"));
    let mut accounts = Vec::new();
    for n in 0..ACCOUNTS {
        accounts.push(account(&store, n).await);
    }
    let accounts = Arc::new(accounts);
    println!("senders  messages/s  CPU us/message  commits/s  jobs/commit  write+sync us");
    for senders in [1, 16, 256] {
        measure(&store, &accounts, senders, time).await;
    }
    println!("{} bytes on disk", store.bytes_on_disk());
}

async fn account(store: &EmbeddedStore, n: usize) -> AccountId {
    let address = Address::new(&format!("user{n}"), "example.org").expect("a valid name");
    if let Some(account) = store.account_by_address(&address).await.expect("the store reads") {
        return account.id;
    }
    let new = NewAccount { address, phone: None, display_name: String::new(), scram: None, created: NOW };
    match store.create_account(new).await.expect("the store works") {
        AccountOutcome::Created(account) => account.id,
        other => panic!("{other:?}"),
    }
}

async fn measure(store: &Arc<EmbeddedStore>, accounts: &Arc<Vec<AccountId>>, senders: usize, time: Duration) {
    let stop = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicU64::new(0));
    let gauges = store.gauges();
    let before = (gauges.commits.load(Ordering::Relaxed), gauges.jobs.load(Ordering::Relaxed));
    let sync_before = gauges.sync_us.load(Ordering::Relaxed);
    let (cpu, began) = (cpu_time(), Instant::now());
    let mut tasks = Vec::new();
    for n in 0..senders {
        let (store, accounts, stop, sent) =
            (Arc::clone(store), Arc::clone(accounts), Arc::clone(&stop), Arc::clone(&sent));
        tasks.push(tokio::spawn(async move {
            let run = format!("{}-{senders}-{n}", began.elapsed().as_nanos());
            let text = "x".repeat(300);
            for count in 0_usize.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let append = Append {
                    sender: accounts[n % ACCOUNTS],
                    device: DeviceId(1),
                    client_id: ClientMessageId::parse(&format!("{run}-{count}")).expect("a short id"),
                    fingerprint: [0; 16],
                    receiver: accounts[(n * 7 + count * 13 + 1) % ACCOUNTS],
                    content: Content::text(text.clone()),
                    at: NOW,
                    retention: Retention::Keep,
                };
                store.append(vec![append]).await.expect("the store works");
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.expect("a sender ends");
    }
    let (took, cpu) = (began.elapsed().as_secs_f64(), cpu_time() - cpu);
    let sent = sent.load(Ordering::Relaxed) as f64;
    let commits = (gauges.commits.load(Ordering::Relaxed) - before.0) as f64;
    let jobs = (gauges.jobs.load(Ordering::Relaxed) - before.1) as f64;
    let sync = (gauges.sync_us.load(Ordering::Relaxed) - sync_before) as f64;
    println!(
        "{senders:7}  {:10.0}  {:14.1}  {:9.0}  {:11.1}  {:13.0}",
        sent / took,
        cpu * 1e6 / sent,
        commits / took,
        jobs / commits,
        sync / commits
    );
}

/// Seconds of CPU that this process has used, by its own entry in /proc, in steps of 10 ms.
fn cpu_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux has /proc");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
