//! What it costs to wake a session that is at rest: a message is sent to it, and it is told.

use std::sync::Arc;

use anyhow::Result;
use belfry_domain::Epoch;
use belfry_domain::memory::MemoryStore;
use tokio::runtime::{Builder, Runtime};

use crate::codec::text;
use crate::operation::Run;
use crate::pipe::Tally;
use crate::world::{World, account, address};

/// The runtime of everything here: one thread.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_time().build()?)
}

/// A message of this length to somebody who is not there.
pub(crate) fn send(size: usize) -> Result<Run> {
    sending(size, false)
}

/// The same to somebody whose link is open.
pub(crate) fn send_and_wake(size: usize) -> Result<Run> {
    sending(size, true)
}

fn sending(size: usize, there: bool) -> Result<Run> {
    let (runtime, store, tally) = (runtime()?, Arc::new(MemoryStore::new(Epoch(7))), Arc::new(Tally::default()));
    let (world, from, to, link) = runtime.block_on(async {
        let world = World::new(store.clone());
        let (alice, bob) = (account(&*store, 0).await?, account(&*store, 1).await?);
        let link = if there { Some(world.subscribed(1, bob).await?) } else { None };
        link.iter().for_each(|link| link.count(&tally));
        let from = world.caller(0, alice)?;
        anyhow::Ok((world, from, address(1)?, link))
    })?;
    let (text, mut number) = (text(size), 0);
    Ok(Box::new(move || {
        number += 1;
        runtime.block_on(async {
            tally.expect(u64::from(link.is_some()));
            world.send(&from, &to, number, &text).await.expect("a message is taken");
            tally.complete().await;
        });
    }))
}
