//! A load on a store that says what was acknowledged, and a check of a store against what was said.

#![expect(clippy::disallowed_methods, reason = "a test owns its tasks")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use belfry_backend::{EmbeddedOptions, EmbeddedStore};
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Append, AppendOutcome, NewAccount, PageLimit, Timelines,
};
use belfry_domain::{
    AccountId, Address, ClientMessageId, Content, Cursor, DeviceId, Item, Retention, Seq, TimestampMs,
};
use tokio::sync::mpsc;

const SENDERS: u64 = 16;
const NOW: TimestampMs = TimestampMs(1_800_000_000_000);

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

fn open(directory: &Path) -> Result<Arc<EmbeddedStore>, Failure> {
    let options = EmbeddedOptions { memtable_bytes: 2 << 20, free_bytes_min: 0, ..EmbeddedOptions::new(directory) };
    Ok(Arc::new(EmbeddedStore::open(options)?))
}

async fn account(store: &EmbeddedStore, local: &str) -> Result<AccountId, Failure> {
    let address = Address::new(local, "example.org")?;
    if let Some(account) = store.account_by_address(&address).await? {
        return Ok(account.id);
    }
    let new = NewAccount { address, phone: None, display_name: local.into(), scram: None, created: NOW };
    match store.create_account(new).await? {
        AccountOutcome::Created(account) => Ok(account.id),
        other => Err(format!("{local}: {other:?}").into()),
    }
}

/// Each sender writes to one receiver, one message after the other; a line for each that was acknowledged.
pub(crate) async fn write(directory: &Path, log: &str) -> Result<(), Failure> {
    let store = open(directory)?;
    let receiver = account(&store, "receiver").await?;
    let run = std::process::id();
    let (acked, mut lines) = mpsc::channel::<String>(1024);
    for n in 0..SENDERS {
        let sender = account(&store, &format!("sender{n}")).await?;
        let (store, acked) = (Arc::clone(&store), acked.clone());
        tokio::spawn(async move {
            for count in 0_u64.. {
                let text = format!("{run}-{n}-{count}");
                let append = Append {
                    sender,
                    device: DeviceId(1),
                    client_id: ClientMessageId::parse(&text).expect("a short id"),
                    fingerprint: [0; 16],
                    receiver,
                    content: Content::text(format!("{text} {}", "x".repeat((count % 2000) as usize))),
                    at: NOW,
                    retention: Retention::Keep,
                };
                let Ok(outcomes) = store.append(vec![append]).await else { return };
                let [AppendOutcome::Appended(appended)] = outcomes.as_slice() else { return };
                let line = format!("{text} {} {}\n", appended.seq, appended.id);
                if acked.send(line).await.is_err() {
                    return;
                }
                let cursor = Cursor { passed: appended.seq, delivered: appended.seq };
                let ack = Acknowledge { owner: sender, device: DeviceId(1), cursor, at: NOW };
                if store.acknowledge(ack).await.is_err() {
                    return;
                }
            }
        });
    }
    drop(acked);
    let mut out: Box<dyn Write> = match log {
        "-" => Box::new(std::io::stdout()),
        path => Box::new(std::fs::OpenOptions::new().create(true).append(true).open(path)?),
    };
    while let Some(line) = lines.recv().await {
        // Line by line: what is in the log was acknowledged, whatever happens to this process next.
        out.write_all(line.as_bytes())?;
        out.flush()?;
    }
    Err("the store stopped taking messages".into())
}

/// Whether all is there, once, in order and without a hole; and the figures as a line.
pub(crate) async fn check(directory: &Path, log: &Path) -> Result<(bool, String), Failure> {
    let store = open(directory)?;
    let log = std::fs::read_to_string(log)?;
    let acked: Vec<&str> = log
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .filter_map(|line| line.split(' ').next())
        .collect();
    let receiver = account(&store, "receiver").await?;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut last_count: BTreeMap<String, u64> = BTreeMap::new();
    let (mut after, mut prev, mut holes, mut reordered) = (Seq::ZERO, Seq::ZERO, 0, 0);
    loop {
        let page = store.read_after(receiver, after, PageLimit { entries: 500, bytes: 1 << 20 }).await?;
        for entry in &page.entries {
            holes += u64::from(entry.prev != prev);
            prev = entry.seq;
            let Item::Message(message) = &entry.item else { continue };
            let text = message.content.text.split(' ').next().unwrap_or_default();
            *seen.entry(text.to_owned()).or_default() += 1;
            let (sender, count) = text.rsplit_once('-').ok_or("a text that nobody wrote")?;
            let count: u64 = count.parse()?;
            let expected = last_count.get(sender).map_or(0, |last| last + 1);
            reordered += u64::from(count != expected);
            last_count.insert(sender.to_owned(), count);
        }
        after = page.next;
        if !page.more {
            break;
        }
    }
    holes += u64::from(prev != store.head(receiver).await?.last);
    let distinct: BTreeSet<&str> = acked.iter().copied().collect();
    let lost = distinct.iter().filter(|text| !seen.contains_key(**text)).count();
    let doubled = seen.values().filter(|times| **times > 1).count();
    let health = store.health();
    let line = format!(
        "acked {} present {} lost {lost} doubled {doubled} reordered {reordered} holes {holes} commits-lost {}",
        distinct.len(),
        seen.len(),
        health.lost
    );
    let good = lost == 0 && doubled == 0 && reordered == 0 && holes == 0 && health.lost == 0;
    Ok((good, line))
}
