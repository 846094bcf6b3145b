//! The embedded store by the number of events in it.
//!
//! Accounts are picked by a power of a random number, so that few write much and most write little, as people do.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use belfry_backend::EmbeddedStore;
use belfry_domain::ports::{Accounts as _, AppendOutcome, PageLimit, Timelines as _};
use belfry_domain::{AccountId, ConversationId, Seq};
use futures_util::future::{join_all, try_join_all};
use serde_json::{Value, json};

use crate::measure::{Spread, cpu, quiet, resident};
use crate::store::{message, options};
use crate::wake::runtime;
use crate::world::{account, address};

/// Messages that are handed to the store at once while it is filled.
const BATCH: u64 = 1_000;

/// Senders at once while appending is measured: what a busy server hands over.
const SENDERS: u64 = 64;

/// Events of a page and of a sync.
const PAGE: usize = 100;

/// How much few accounts write more than most: the first per cent writes a fifth of everything.
const SKEW: f64 = 3.0;

/// What is to be measured.
pub(super) struct Wanted {
    pub(super) events: u64,
    pub(super) accounts: usize,
    pub(super) reads: usize,
    pub(super) appends: u64,
}

/// Numbers that depend on the seed alone (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    /// Equal seeds give equal numbers.
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.unit() * bound as f64) as usize
    }

    fn skewed(&mut self, bound: usize) -> usize {
        (self.unit().powf(SKEW) * bound as f64) as usize
    }

    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as f64 / (u64::MAX as f64 + 1.0)
    }

    fn pair(&mut self, bound: usize) -> (usize, usize) {
        let (one, other) = (self.skewed(bound), self.skewed(bound));
        (one, if one == other { (other + 1) % bound } else { other })
    }

    /// A text of 100 bytes whose words are none: it compresses about as well as what people write.
    fn text(&mut self) -> String {
        (0..100).map(|_| b"etaoinshrdlcumwfgypbvk jxqz"[self.skewed(27)] as char).collect()
    }
}

/// Makes the accounts, if there are none, and appends messages until there are so many events.
pub(super) fn fill(folder: &Path, from: u64, events: u64, accounts: usize) -> Result<Value> {
    let (runtime, began, before) = (runtime()?, Instant::now(), cpu());
    let store = EmbeddedStore::open(options(folder.join("store")))?;
    let cpu = runtime.block_on(async {
        let people = match from {
            0 => make(&store, accounts).await?,
            _ => known(&store, accounts).await?,
        };
        let (mut dice, mut number) = (Dice::new(from + 1), from / 2);
        while number < events / 2 {
            let mut batch = Vec::new();
            for number in number..(number + BATCH).min(events / 2) {
                let (sender, receiver) = dice.pair(accounts);
                batch.push(message(people[sender], people[receiver], number, &dice.text())?);
            }
            number += batch.len() as u64;
            let outcomes = store.append(batch).await?;
            ensure!(outcomes.iter().all(|outcome| matches!(outcome, AppendOutcome::Appended(_))), "all are taken");
        }
        quiet().await?;
        anyhow::Ok(cpu())
    })?;
    let on_disk = store.bytes_on_disk();
    Ok(json!({
        "events": events,
        "bytes_on_disk": on_disk,
        "took_s": began.elapsed().as_secs_f64(),
        "event_cpu_us": cpu.saturating_sub(before).as_secs_f64() * 1e6 / (events - from) as f64,
    }))
}

/// Makes accounts with a device each.
pub(super) async fn make(store: &EmbeddedStore, accounts: usize) -> Result<Vec<AccountId>> {
    let mut made = Vec::with_capacity(accounts);
    for first in (0..accounts).step_by(BATCH as usize) {
        let batch = (first..(first + BATCH as usize).min(accounts)).map(|number| account(store, number));
        made.extend(try_join_all(batch).await?.into_iter().map(|(account, _)| account));
    }
    Ok(made)
}

async fn known(store: &EmbeddedStore, accounts: usize) -> Result<Vec<AccountId>> {
    let mut known = Vec::with_capacity(accounts);
    for number in 0..accounts {
        let account = store.account_by_address(&address(number)?).await?.context("the store has the accounts")?;
        known.push(account.id);
    }
    Ok(known)
}

/// Opens a store, reads, appends.
pub(super) fn measure(folder: &Path, wanted: Wanted) -> Result<Value> {
    let (runtime, nothing, began, before) = (runtime()?, resident()?, Instant::now(), cpu());
    let store = EmbeddedStore::open(options(folder.join("store")))?;
    let (open, open_cpu, opened) = (began.elapsed(), cpu().saturating_sub(before), resident()?);
    runtime.block_on(async {
        // The first reads have nothing in memory but what opening has left there; the second time it is as it is later.
        let [cold_page, cold_sync] = read(&store, &wanted).await?;
        let [page, sync] = read(&store, &wanted).await?;
        quiet().await?;
        let (append_cpu, append, syncs) = append(&store, &wanted).await?;
        Ok(json!({
            "events": wanted.events,
            "open_ms": open.as_secs_f64() * 1e3,
            "open_cpu_ms": open_cpu.as_secs_f64() * 1e3,
            "memory_opened_mib": opened.saturating_sub(nothing) as f64 / 1048576.0,
            "memory_used_mib": resident()?.saturating_sub(nothing) as f64 / 1048576.0,
            "cold_page_ms": cold_page.list(),
            "cold_sync_ms": cold_sync.list(),
            "page_ms": page.list(),
            "sync_ms": sync.list(),
            "append_cpu_us": append_cpu.as_secs_f64() * 1e6 / wanted.appends as f64,
            "append_per_s": wanted.appends as f64 / append.as_secs_f64(),
            "appends_per_sync": syncs,
        }))
    })
}

/// Reads the newest page of conversations, and a hundred events after places of timelines.
async fn read(store: &EmbeddedStore, wanted: &Wanted) -> Result<[Spread; 2]> {
    let limit = PageLimit { entries: PAGE, bytes: usize::MAX };
    let (mut dice, mut pages, mut syncs) = (Dice::new(7), Spread::default(), Spread::default());
    // Those who write much are read much.
    for _ in 0..wanted.reads {
        let owner = number_of(store, dice.skewed(wanted.accounts)).await?;
        let last = store.head(owner).await?.last;
        let places = u64::from(last.0 as u32);
        if places < 2 {
            continue; // nobody has written to them yet, or the store was opened anew since
        }
        let back = 1 + dice.below(places as usize - 1) as u64;
        let began = Instant::now();
        let page = store.read_after(owner, Seq(last.0 - back), limit).await?;
        syncs.add(began.elapsed());
        ensure!(!page.reset && page.entries.len() as u64 == back.min(PAGE as u64), "a page is not whole");
        let of = page.entries.iter().find_map(|entry| conversation(&entry.item)).context("a message is there")?;
        let began = Instant::now();
        let newest = store.read_before(owner, of, None, limit).await?;
        pages.add(began.elapsed());
        ensure!(newest.is_some_and(|(messages, _)| !messages.is_empty()), "the conversation has no messages");
    }
    Ok([pages, syncs])
}

fn conversation(item: &belfry_domain::Item) -> Option<ConversationId> {
    match item {
        belfry_domain::Item::Message(message) => Some(message.id.conversation),
        _ => None,
    }
}

async fn number_of(store: &EmbeddedStore, number: usize) -> Result<AccountId> {
    let account = store.account_by_address(&address(number)?).await?;
    Ok(account.context("the store has the accounts")?.id)
}

/// Appends as many senders at once would: CPU, time, messages in a sync.
async fn append(store: &EmbeddedStore, wanted: &Wanted) -> Result<(Duration, Duration, f64)> {
    use std::sync::atomic::Ordering::Relaxed;
    let people = known(store, wanted.accounts).await?;
    let (mut dice, commits) = (Dice::new(11), store.gauges().commits.load(Relaxed));
    let (began, before) = (Instant::now(), cpu());
    for first in (0..wanted.appends).step_by(SENDERS as usize) {
        let mut waves = Vec::new();
        for number in first..(first + SENDERS).min(wanted.appends) {
            let (sender, receiver) = dice.pair(wanted.accounts);
            let number = (wanted.events << 32) + number;
            waves.push(store.append(vec![message(people[sender], people[receiver], number, &dice.text())?]));
        }
        for outcome in join_all(waves).await {
            ensure!(matches!(outcome?[..], [AppendOutcome::Appended(_)]), "all are taken");
        }
    }
    let commits = store.gauges().commits.load(Relaxed) - commits;
    Ok((cpu().saturating_sub(before), began.elapsed(), wanted.appends as f64 / commits as f64))
}
