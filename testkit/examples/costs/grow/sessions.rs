//! Sessions at rest by their number, beyond what a limit of open files lets through: over pipes in memory.
//!
//! Accounts are real ones in an embedded store, links speak bare frames, are logged in by a token and told what comes.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use belfry_backend::EmbeddedStore;
use belfry_domain::ports::Store;
use belfry_domain::{AccountId, DeviceId};
use belfry_engine::Caller;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::store::{Dice, make};
use crate::measure::{Spread, cpu, quiet, resident};
use crate::pipe::{Tally, pipe};
use crate::store::options;
use crate::wake::runtime;
use crate::world::{World, address};

/// Messages that are on their way at once when all are woken.
const AT_ONCE: usize = 256;

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
pub(super) fn measure(folder: &Path, sessions: usize, accounts: usize, wakes: usize) -> Result<Value> {
    ensure!(accounts > sessions, "somebody has to be offline");
    let runtime = runtime()?;
    let store = Arc::new(EmbeddedStore::open(options(folder.join("store")))?);
    runtime.block_on(async {
        let world = World::new(store.clone());
        let sender = world.caller(accounts - 1, device_of(&*store, accounts - 1).await?)?;
        let (before, began, spent) = (resident()?, Instant::now(), cpu()?);
        let (mut links, tally, mut looks) = (Vec::with_capacity(sessions), Arc::new(Tally::default()), Vec::new());
        for number in 0..sessions {
            let link = world.subscribed(number, (AccountId(0), DeviceId(1))).await?;
            link.count(&tally);
            links.push(link);
            if LOOKS.iter().any(|part| sessions * part / 100 == number + 1) {
                looks.push(json!([number + 1, resident()?.saturating_sub(before) as f64]));
            }
        }
        let (login, login_cpu) = (began.elapsed(), cpu()?.saturating_sub(spent));
        quiet().await?;
        let at_rest = resident()?.saturating_sub(before);
        let pipe_bytes = pipes()?;
        let (offline_cpu, _) = one_by_one(&world, &sender, &tally, wakes, |_| accounts - 1, false).await?;
        let mut dice = Dice::new(3);
        let (wake_cpu, wake) = one_by_one(&world, &sender, &tally, wakes, |_| dice.below(sessions), true).await?;
        let (all, all_cpu) = all_of_them(&world, &sender, &tally, sessions).await?;
        Ok(json!({
            "sessions": sessions,
            "memory_bytes_each": at_rest as f64 / sessions as f64,
            "memory_by_sessions": looks,
            "pipe_bytes_each": pipe_bytes,
            "login_s": login.as_secs_f64(),
            "login_cpu_us": login_cpu.as_secs_f64() * 1e6 / sessions as f64,
            "send_cpu_us": offline_cpu,
            "send_and_wake_cpu_us": wake_cpu,
            "wake_ms": wake.list(),
            "all_s": all,
            "all_cpu_us": all_cpu,
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

/// Messages to one after the other: µs of CPU for each, and how long each took.
async fn one_by_one(
    world: &World,
    sender: &Caller,
    tally: &Arc<Tally>,
    times: usize,
    mut whom: impl FnMut(usize) -> usize,
    there: bool,
) -> Result<(f64, Spread)> {
    let (spent, mut took) = (cpu()?, Spread::default());
    for time in 0..times {
        let (began, to) = (Instant::now(), address(whom(time))?);
        tally.expect(u64::from(there));
        world.send(sender, &to, ((u64::from(there)) << 32) + time as u64, "hello").await?;
        tally.complete().await;
        took.add(began.elapsed());
    }
    Ok((cpu()?.saturating_sub(spent).as_secs_f64() * 1e6 / times as f64, took))
}

/// A message to every session: seconds until the last one has it, and µs of CPU for each.
async fn all_of_them(world: &World, sender: &Caller, tally: &Arc<Tally>, sessions: usize) -> Result<(f64, f64)> {
    let (spent, began) = (cpu()?, Instant::now());
    tally.expect(sessions as u64);
    for first in (0..sessions).step_by(AT_ONCE) {
        let some = (first..(first + AT_ONCE).min(sessions)).map(|number| async move {
            world.send(sender, &address(number)?, (2 << 32) + number as u64, "hello").await
        });
        try_join_all(some).await?;
    }
    tally.complete().await;
    Ok((began.elapsed().as_secs_f64(), cpu()?.saturating_sub(spent).as_secs_f64() * 1e6 / sessions as f64))
}
