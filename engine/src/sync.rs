//! Sync, acknowledge, read marks and history: how a device reads its account's timeline and says how far it has got.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use belfry_domain::limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, POLL_WAIT_MS_MAX};
use belfry_domain::ports::{Acknowledge, MarkRead, PageLimit};
use belfry_domain::{
    AccountId, Address, Code, ConversationId, Cseq, Cursor, DataKind, DataKinds, DeviceId, Message, MessageId, Refusal,
    Seq, SyncKey, TimestampMs,
};

use crate::command::{Batch, Caller, ConversationRef, Reply};
use crate::limits::Limited;
use crate::session::{LinkKind, Told, hold_back};
use crate::steps::Did;
use crate::{Engine, device_of, metrics::count, refused};

/// A page as it was asked for, within the limits; 0 is "as many as there may be".
pub(crate) fn page(asked: usize) -> PageLimit {
    let entries = if asked == 0 { PAGE_ENTRIES_MAX } else { asked.min(PAGE_ENTRIES_MAX) };
    PageLimit { entries, bytes: PAGE_BYTES_MAX }
}

pub(crate) fn no_conversation() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such conversation of yours.")
}

fn gone() -> Refusal {
    Refusal::new(Code::Revoked, "This device no longer belongs to the account.")
}

impl Engine {
    /// What came after a place; waits for it if asked to.
    pub(crate) async fn sync(
        &self,
        caller: &Caller,
        after: Option<SyncKey>,
        kinds: DataKinds,
        limit: usize,
        wait_ms: u64,
        acknowledge: bool,
    ) -> Result<Batch, Refusal> {
        let (owner, _, device) = device_of(caller)?;
        if let (Some(key), true) = (&after, acknowledge) {
            self.acknowledge(caller, key.passed(), key.value(DataKind::Messages)).await?;
        }
        let after = match after {
            Some(after) => after,
            None => self.store().cursor(owner, device).await.map_err(refused)?.passed.into(),
        };
        // What was said before a companion came is synced to it only as far as the settings said when it was added.
        let device_row = self.store().device(owner, device).await.map_err(refused)?;
        let (synced_from, history_from) =
            device_row.map_or((Seq::ZERO, TimestampMs(0)), |row| (row.synced_from, row.history_from));
        let after = after.raised(DataKind::Messages, synced_from);
        let mut batch = self.stretch(owner, &after, kinds, page(limit)).await?;
        if batch.reset && synced_from > Seq::ZERO {
            let begin = SyncKey::default().raised(DataKind::Messages, synced_from);
            batch = Batch { reset: true, ..self.stretch(owner, &begin, kinds, page(limit)).await? };
        }
        hold_back(&mut batch.entries, history_from);
        self.known(caller)?; // it may have been cut off while the store was reading
        let nothing = batch.entries.is_empty() && !batch.reset && !batch.more && !batch.gap;
        if !nothing || wait_ms == 0 {
            self.inner.metrics.events_told.fetch_add(batch.entries.len() as u64, Ordering::Relaxed);
            self.answered(caller, &batch);
            return Ok(batch);
        }
        let mut poll = self.attach(caller.clone(), LinkKind::Poll)?;
        poll.history_from = history_from;
        poll.watch_primary().await?;
        poll.subscribe_to(batch.key.clone(), kinds);
        match poll.take_within(page(limit), wait_ms.min(POLL_WAIT_MS_MAX)).await? {
            Some(Told::Batch(told)) => {
                self.answered(caller, &told);
                Ok(Batch { prev: after, ..told })
            }
            Some(Told::Lobby(_) | Told::DevicesChanged | Told::Live(_)) | None => Ok(batch),
        }
    }

    /// The answer of a sync takes these entries; whether it arrives is known when they are acknowledged.
    fn answered(&self, caller: &Caller, batch: &Batch) {
        if let (Ok((owner, _, device)), false) = (device_of(caller), batch.entries.is_empty()) {
            // After a reset the page begins at the beginning, wherever the asked place was.
            let after = if batch.reset { Seq::ZERO } else { batch.prev.value(DataKind::Messages) };
            self.did(
                owner,
                device,
                caller.peer.carrier,
                Did::Answered { after, up_to: batch.key.value(DataKind::Messages) },
            );
        }
    }

    /// Moves the device's cursor; from what was delivered, those who wrote it get their ticks. What was delivered is
    /// about messages alone: a device that leaves other kinds out has not passed them, and is given its ticks all the
    /// same.
    pub(crate) async fn acknowledge(&self, caller: &Caller, passed: Seq, delivered: Seq) -> Result<Reply, Refusal> {
        let (owner, _, device) = device_of(caller)?;
        count(&self.inner.metrics.acknowledgements);
        let cursor = Cursor { passed, delivered };
        let at = self.inner.ports.clock.now();
        let acknowledged =
            self.store().acknowledge(Acknowledge { owner, device, cursor, at }).await.map_err(refused)?;
        // The device was removed while it asked: what it says counts no longer, and it must not think so.
        let receipts = acknowledged.ok_or_else(|| self.inner.hub.cut_off(owner, device).unwrap_or_else(gone))?;
        let did = Did::Acknowledged { passed: cursor.passed, delivered: cursor.delivered };
        self.did(owner, device, caller.peer.carrier, did);
        self.inner.hub.publish(&receipts);
        Ok(Reply::Done)
    }

    pub(crate) async fn mark_read(
        &self,
        caller: &Caller,
        conversation: ConversationId,
        read: Cseq,
    ) -> Result<Reply, Refusal> {
        let (owner, _, device) = device_of(caller)?;
        let mark = MarkRead { owner, conversation, read, tell_peer: true };
        let entries = self.store().mark_read(mark).await.map_err(refused)?;
        self.did(owner, device, caller.peer.carrier, Did::Read(MessageId { conversation, cseq: read }));
        self.inner.hub.publish(&entries);
        Ok(Reply::Done)
    }

    /// The number of the conversation that somebody means.
    pub(crate) async fn conversation_of(
        &self,
        owner: AccountId,
        of: ConversationRef,
    ) -> Result<ConversationId, Refusal> {
        match of {
            ConversationRef::Id(id) => Ok(id),
            ConversationRef::Peer(address) => Ok(self.direct_with(owner, &address).await?.1),
        }
    }

    /// Whom one means by an address, and the conversation with them. It does not tell a stranger from nobody: whether an
    /// address can be written to is asked elsewhere, and counted there.
    pub(crate) async fn direct_with(
        &self,
        owner: AccountId,
        address: &Address,
    ) -> Result<(AccountId, ConversationId), Refusal> {
        let peer = self.store().account_by_address(address).await.map_err(refused)?.ok_or_else(no_conversation)?.id;
        let found = self.store().direct_conversation(owner, peer).await.map_err(refused)?;
        Ok((peer, found.ok_or_else(no_conversation)?))
    }

    /// Messages sent before this are not shown to a device that asks for what is kept.
    pub(crate) async fn history_from(&self, owner: AccountId, device: DeviceId) -> Result<TimestampMs, Refusal> {
        let row = self.store().device(owner, device).await.map_err(refused)?;
        Ok(row.map_or(TimestampMs(0), |row| row.history_from))
    }

    pub(crate) async fn history(
        &self,
        caller: &Caller,
        of: ConversationRef,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<Reply, Refusal> {
        let (reader, _, device) = device_of(caller)?;
        self.limit(&Limited::History(reader, device))?;
        self.read_history(caller, of, before, limit).await
    }

    /// What a door has to know of the history to tell what has come: nobody has asked for it, so it is not judged as a
    /// question is. Messages below `before`, at most `limit`, oldest first; `None`: no such conversation of the account.
    pub async fn look_back(
        &self,
        caller: &Caller,
        of: ConversationRef,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<Option<Vec<Arc<Message>>>, Refusal> {
        match self.read_history(caller, of, before, limit).await {
            Ok(Reply::History { messages, .. }) => Ok(Some(messages)),
            Ok(_) => Ok(None),
            Err(refusal) if refusal.code == Code::NotFound => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn read_history(
        &self,
        caller: &Caller,
        of: ConversationRef,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<Reply, Refusal> {
        let (reader, _, device) = device_of(caller)?;
        let conversation = self.conversation_of(reader, of).await?;
        let limit = page(if limit == 0 { 50 } else { limit });
        let (mut messages, mut more) = self
            .store()
            .read_before(reader, conversation, before, limit)
            .await
            .map_err(refused)?
            .ok_or_else(no_conversation)?;
        self.known(caller)?; // it may have been cut off while the store was reading
        let history_from = self.history_from(reader, device).await?;
        if messages.first().is_some_and(|oldest| oldest.sent < history_from) {
            messages.retain(|message| message.sent >= history_from);
            more = false;
        }
        Ok(Reply::History { conversation, messages, more })
    }
}
