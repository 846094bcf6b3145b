//! Sync, acknowledge, read marks and history: how a device reads its account's timeline and says how far it has got.

use std::sync::atomic::Ordering;

use belfry_domain::limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, POLL_WAIT_MS_MAX};
use belfry_domain::ports::{Acknowledge, MarkRead, PageLimit};
use belfry_domain::{Code, ConversationId, Cseq, Cursor, Refusal, Seq};

use crate::command::{Batch, Caller, ConversationRef, Reply};
use crate::session::{LinkKind, Told};
use crate::{Engine, device_of, metrics::count, refused};

/// A page as it was asked for, within the limits; 0 is "as many as there may be".
pub(crate) fn page(asked: usize) -> PageLimit {
    let entries = if asked == 0 { PAGE_ENTRIES_MAX } else { asked.min(PAGE_ENTRIES_MAX) };
    PageLimit { entries, bytes: PAGE_BYTES_MAX }
}

impl Engine {
    /// What came after a place; waits for it if asked to.
    pub(crate) async fn sync(
        &self,
        caller: &Caller,
        after: Option<Seq>,
        limit: usize,
        wait_ms: u64,
        acknowledge: bool,
    ) -> Result<Batch, Refusal> {
        let (owner, _, device) = device_of(caller)?;
        if let (Some(seq), true) = (after, acknowledge) {
            self.acknowledge(caller, seq, seq).await?;
        }
        let after = match after {
            Some(after) => after,
            None => self.store().cursor(owner, device).await.map_err(refused)?.passed,
        };
        let batch = self.stretch(owner, after, page(limit)).await?;
        self.known(caller)?; // it may have been cut off while the store was reading
        let nothing = batch.entries.is_empty() && !batch.reset && !batch.more;
        if !nothing || wait_ms == 0 {
            self.inner.metrics.events_told.fetch_add(batch.entries.len() as u64, Ordering::Relaxed);
            return Ok(batch);
        }
        let mut poll = self.attach(caller.clone(), LinkKind::Poll)?;
        poll.subscribe(batch.key);
        match poll.take_within(page(limit), wait_ms.min(POLL_WAIT_MS_MAX)).await? {
            Some(Told::Batch(told)) => Ok(Batch { prev: after, ..told }),
            Some(Told::Lobby(_)) | None => Ok(batch),
        }
    }

    /// Moves the device's cursor; from what was delivered, those who wrote it get their ticks.
    pub(crate) async fn acknowledge(&self, caller: &Caller, passed: Seq, delivered: Seq) -> Result<Reply, Refusal> {
        let (owner, _, device) = device_of(caller)?;
        count(&self.inner.metrics.acknowledgements);
        let cursor = Cursor { passed, delivered: delivered.min(passed) };
        let at = self.inner.ports.clock.now();
        let receipts = self.store().acknowledge(Acknowledge { owner, device, cursor, at }).await.map_err(refused)?;
        self.inner.hub.publish(&receipts);
        Ok(Reply::Done)
    }

    pub(crate) async fn mark_read(
        &self,
        caller: &Caller,
        conversation: ConversationId,
        read: Cseq,
    ) -> Result<Reply, Refusal> {
        let (owner, _, _) = device_of(caller)?;
        let mark = MarkRead { owner, conversation, read, tell_peer: true };
        let entries = self.store().mark_read(mark).await.map_err(refused)?;
        self.inner.hub.publish(&entries);
        Ok(Reply::Done)
    }

    pub(crate) async fn history(
        &self,
        caller: &Caller,
        of: ConversationRef,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<Reply, Refusal> {
        let (reader, _, _) = device_of(caller)?;
        let none = || Refusal::new(Code::NotFound, "There is no such conversation of yours.");
        let conversation = match of {
            ConversationRef::Id(id) => id,
            ConversationRef::Peer(address) => {
                let peer = self.account_at(&address).await?;
                self.store().direct_conversation(reader, peer.id).await.map_err(refused)?.ok_or_else(none)?
            }
        };
        let limit = page(if limit == 0 { 50 } else { limit });
        let (messages, more) =
            self.store().read_before(reader, conversation, before, limit).await.map_err(refused)?.ok_or_else(none)?;
        self.known(caller)?; // it may have been cut off while the store was reading
        Ok(Reply::History { conversation, messages, more })
    }
}
