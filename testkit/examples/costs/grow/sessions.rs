//! Sessions at rest by their number, beyond what a limit of open files lets through: over pipes in memory.
//!
//! Accounts are real ones in an embedded store, links speak bare frames, are logged in by a token and told what comes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use belfry_backend::EmbeddedStore;
use belfry_domain::ports::Store;
use belfry_domain::{AccountId, DeviceId};
use belfry_engine::Caller;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::store::make;
use crate::measure::{cpu, main_cpu, quiet, resident};
use crate::pipe::{Tally, pipe};
use crate::store::options;
use crate::wake::runtime;
use crate::world::{World, address};

/// Messages that are on their way at once.
const AT_ONCE: usize = 256;

/// How long the last may take to be told.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pipes of which the size is taken.
const PIPES: usize = 100_000;

/// After how much of all sessions memory is looked at, in hundredths.
const LOOKS: [usize; 4] = [10, 25, 50, 100];

/// Makes accounts.
pub(super) fn accounts(folder: &Path, accounts: usize) -> Result<Value> {
    let (runtime, began) = (runtime()?, Instant::now());
    let store = EmbeddedStore::open(options(folder.join("store")))?;
    runtime.block_on(make(&store, accounts))?;
    Ok(json!({ "accounts": accounts, "took_s": began.elapsed().as_secs_f64() }))
}

/// Opens sessions and wakes them.
pub(super) fn measure(folder: &Path, sessions: usize, others: usize) -> Result<Value> {
    let runtime = runtime()?;
    let store = Arc::new(EmbeddedStore::open(options(folder.join("store")))?);
    runtime.block_on(async {
        let world = World::new(store.clone());
        let last = sessions + others - 1;
        let sender = world.caller(last, device_of(&*store, last).await?)?;
        let (before, began, spent) = (resident()?, Instant::now(), cpu());
        let (mut links, tally, mut looks) = (Vec::with_capacity(sessions), Arc::new(Tally::default()), Vec::new());
        for number in 0..sessions {
            let link = world.subscribed(number, (AccountId(0), DeviceId(1))).await?;
            link.count(&tally);
            links.push(link);
            if LOOKS.iter().any(|part| sessions * part / 100 == number + 1) {
                looks.push(json!([number + 1, resident()?.saturating_sub(before) as f64]));
            }
        }
        let (login, login_cpu) = (began.elapsed(), cpu().saturating_sub(spent));
        quiet().await?;
        let at_rest = resident()?.saturating_sub(before);
        let pipe_bytes = pipes()?;
        // Everybody is written to for the first time: what is read of them comes from the same places.
        let post = Post { world: &world, sender: &sender, tally: &tally };
        let woken = others.min(sessions);
        let (unheard, _) = post.to((sessions..last).collect(), 0).await?;
        let (heard, _) = post.to((0..woken).map(|number| number * sessions / woken).collect(), 1).await?;
        let (began, spent) = (Instant::now(), cpu());
        let (all_main_cpu, until_last) = post.to((0..sessions).collect(), 1).await?;
        let (all, all_cpu) = (began.elapsed(), cpu().saturating_sub(spent));
        Ok(json!({
            "sessions": sessions,
            "memory_bytes_each": at_rest as f64 / sessions as f64,
            "memory_by_sessions": looks,
            "pipe_bytes_each": pipe_bytes,
            "login_s": login.as_secs_f64(),
            "login_cpu_us": login_cpu.as_secs_f64() * 1e6 / sessions as f64,
            "unheard_cpu_us": unheard,
            "heard_cpu_us": heard,
            "all_s": all.as_secs_f64(),
            "all_cpu_us": all_cpu.as_secs_f64() * 1e6 / sessions as f64,
            "all_main_cpu_us": all_main_cpu,
            "last_after_ms": until_last.as_secs_f64() * 1e3,
        }))
    })
}

async fn device_of(store: &dyn Store, number: usize) -> Result<(AccountId, DeviceId)> {
    let account = store.account_by_address(&address(number)?).await?.context("the store has the accounts")?;
    let devices = store.devices(account.id).await?;
    Ok((account.id, devices.first().context("an account has a device")?.id))
}

/// What a pipe and its client take by themselves.
fn pipes() -> Result<f64> {
    let before = resident()?;
    let pipes: Vec<_> = (0..PIPES).map(|_| pipe()).collect();
    let grown = resident()?.saturating_sub(before);
    ensure!(pipes.len() == PIPES, "the pipes are still there");
    Ok(grown as f64 / PIPES as f64)
}

struct Post<'a> {
    world: &'a World,
    sender: &'a Caller,
    tally: &'a Arc<Tally>,
}

impl Post<'_> {
    /// A message to each, of whom each has so many sessions: µs of CPU for each without that of the store's threads, and
    /// how long after the last was acknowledged the last was told.
    async fn to(&self, whom: Vec<usize>, sessions: usize) -> Result<(f64, Duration)> {
        let before = main_cpu();
        self.tally.expect((whom.len() * sessions) as u64);
        for some in whom.chunks(AT_ONCE) {
            let sends = some.iter().map(|number| async move {
                let number = *number;
                self.world.send(self.sender, &address(number)?, NUMBERS.fetch_add(1, Ordering::Relaxed), "hello").await
            });
            try_join_all(sends).await?;
        }
        let stored = Instant::now();
        timeout(PATIENCE, self.tally.complete()).await.context("not everybody was told")?;
        Ok((main_cpu().saturating_sub(before).as_secs_f64() * 1e6 / whom.len() as f64, stored.elapsed()))
    }
}

/// What messages are called.
static NUMBERS: AtomicU64 = AtomicU64::new(0);
