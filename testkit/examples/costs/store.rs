//! What the embedded store costs by itself: a message appended and synced, a page read after a cursor.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use belfry_backend::{EmbeddedOptions, EmbeddedStore};
use belfry_domain::memory::ManualClock;
use belfry_domain::ports::{Append, AppendOutcome, PageLimit, Timelines as _};
use belfry_domain::{AccountId, ClientMessageId, Content, DeviceId, Retention, Seq};

use crate::codec::text;
use crate::operation::Run;
use crate::wake::runtime;
use crate::world::{NOW, account};

/// Messages of the timeline that is read.
const MESSAGES: u64 = 1_000;

/// A message from one account to another, kept for ever.
pub(crate) fn message(sender: AccountId, receiver: AccountId, number: u64, text: &str) -> Result<Append> {
    Ok(Append {
        sender,
        device: DeviceId(1),
        client_id: ClientMessageId::parse(&format!("m{number}")).context("a short id")?,
        fingerprint: [0; 16],
        receiver,
        content: Content::text(text.to_owned()),
        at: NOW,
        retention: Retention::Keep,
    })
}

/// Options with a clock that stands still.
pub(crate) fn options(path: impl Into<std::path::PathBuf>) -> EmbeddedOptions {
    EmbeddedOptions { clock: Arc::new(ManualClock::new(NOW)), ..EmbeddedOptions::new(path) }
}

/// A message of this length is appended.
pub(crate) fn append(size: usize) -> Result<Run> {
    let (runtime, scratch) = (runtime()?, tempfile::tempdir()?);
    let store = EmbeddedStore::open(options(scratch.path().join("store")))?;
    let (alice, bob) =
        runtime.block_on(async { anyhow::Ok((account(&store, 0).await?, account(&store, 1).await?)) })?;
    let (text, mut number) = (text(size), 0);
    Ok(Box::new(move || {
        number += 1;
        let batch = vec![message(alice.0, bob.0, number, &text).expect("a message")];
        let outcomes = runtime.block_on(store.append(batch)).expect("the store takes it");
        assert!(matches!(outcomes[..], [AppendOutcome::Appended(_)]), "{outcomes:?} in {scratch:?}");
    }))
}

/// A page of so many events is read from the middle of a timeline.
pub(crate) fn read(entries: usize) -> Result<Run> {
    let (runtime, scratch) = (runtime()?, tempfile::tempdir()?);
    let store = EmbeddedStore::open(options(scratch.path().join("store")))?;
    let (bob, middle) = runtime.block_on(async {
        let (alice, bob) = (account(&store, 0).await?.0, account(&store, 1).await?.0);
        let batch: Result<Vec<Append>> = (0..MESSAGES).map(|number| message(alice, bob, number, &text(100))).collect();
        store.append(batch?).await?;
        let half = PageLimit { entries: MESSAGES as usize / 2, bytes: usize::MAX };
        anyhow::Ok((bob, store.read_after(bob, Seq::ZERO, half).await?.next))
    })?;
    let limit = PageLimit { entries, bytes: usize::MAX };
    let page = runtime.block_on(store.read_after(bob, middle, limit))?;
    ensure!(page.entries.len() == entries, "a page of {} events", page.entries.len());
    Ok(Box::new(move || {
        let page = runtime.block_on(store.read_after(bob, middle, limit)).expect("the store reads");
        assert_eq!(page.entries.len(), entries, "{scratch:?}");
    }))
}
