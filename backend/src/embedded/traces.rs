//! Looking for one message, for operators: what the store still knows of it, without its content.
//!
//! A message's id, or its client's, comes in; what is kept of it leaves. Always on a thread that may wait for the disk,
//! and beside the reads of clients: it puts nothing into their caches. Invariant: of each timeline no more than
//! [`TRACE_ENTRIES_MAX`] entries are looked at.

use std::sync::Arc;

use async_trait::async_trait;
use belfry_domain::ports::{
    SentUnder, StoreError, TRACE_ENTRIES_MAX, Traced, TracedEntry, TracedSide, Traces, Written,
};
use belfry_domain::{AccountId, ClientMessageId, DeviceId, MessageId, Retention, Seq, TimestampMs, dead};

use super::EmbeddedStore;
use super::db::{Fault, Tier};
use super::keys::{self, Cf};
use super::prune::blocking;
use super::records::{BodyRecord, RememberedRecord, corrupt, decode, head, kind, message_id};
use super::shared::{Conversation, Owner, Shared, entry_record};

#[async_trait]
impl Traces for EmbeddedStore {
    async fn trace(&self, id: MessageId) -> Result<Option<Traced>, StoreError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(trace(&shared, id)?)).await
    }

    async fn sent_under(&self, sender: AccountId, client_id: &ClientMessageId) -> Result<Vec<SentUnder>, StoreError> {
        let (shared, client_id) = (Arc::clone(&self.shared), client_id.clone());
        blocking(move || Ok(sent_under(&shared, sender, &client_id)?)).await
    }
}

fn trace(shared: &Shared, id: MessageId) -> Result<Option<Traced>, Fault> {
    let Some(conversation) = shared.conversation(id.conversation, Tier::Disk)? else { return Ok(None) };
    let Some(members) = conversation.members.clone() else { return Ok(None) };
    if id.cseq.0 == 0 || id.cseq > conversation.last {
        return Ok(None);
    }
    let mut traced = Traced { written: kept(shared, &conversation, id)?, sides: Vec::with_capacity(members.len()) };
    for (account, address) in &*members {
        if traced.sides.iter().any(|side| side.account == *account) {
            continue;
        }
        let owner = shared.owner(*account, Tier::Disk)?;
        let (entry, inline) = match &owner {
            Some(owner) => entry_of(shared, *account, owner, id)?,
            None => (TracedEntry::Gone, None),
        };
        if let (None, Some((retention, body))) = (&traced.written, inline) {
            traced.written = Some(written(&conversation, retention, body)?);
        }
        let receipt = shared.row(&keys::receipt(*account, id.conversation), Tier::Disk)?;
        let mark = shared.row(&keys::mark(*account, id.conversation), Tier::Disk)?;
        traced.sides.push(TracedSide {
            account: *account,
            address: address.clone(),
            there: owner.is_some(),
            entry,
            devices_made: owner.map_or(0, |owner| owner.record.devices_made),
            peer_delivered: belfry_domain::Cseq(receipt.delivered),
            peer_read: belfry_domain::Cseq(receipt.read),
            read: belfry_domain::Cseq(mark.read),
        });
    }
    Ok(Some(traced))
}

/// The head of a body that the conversation keeps, if it does and its time is not over.
fn kept(shared: &Shared, conversation: &Conversation, id: MessageId) -> Result<Option<Written>, Fault> {
    let key = keys::body(id.conversation, id.cseq);
    let Some(bytes) = shared.db.get(Cf::Conv, &key, Tier::Disk)? else { return Ok(None) };
    let (retention, rest) = head(&bytes).ok_or_else(|| corrupt("the head of a body"))?;
    if dead(retention, Seq(1), Seq::ZERO, Seq::ZERO, shared.clock.now()) {
        return Ok(None);
    }
    Ok(Some(written(conversation, retention, decode("a body", rest)?)?))
}

fn written(conversation: &Conversation, retention: Retention, body: BodyRecord) -> Result<Written, StoreError> {
    let members = conversation.members.as_deref().ok_or_else(|| corrupt("a direct message in a room"))?;
    Ok(Written {
        author: if body.by_second { members[1].0 } else { members[0].0 },
        device: DeviceId(body.device),
        client_id: ClientMessageId::parse(&body.client_id).ok_or_else(|| corrupt("a body: the client's message id"))?,
        sent: TimestampMs(body.sent),
        retention,
    })
}

/// The entry of a message in a timeline, and its body where the entry has it.
fn entry_of(
    shared: &Shared,
    id: AccountId,
    owner: &Owner,
    message: MessageId,
) -> Result<(TracedEntry, Option<(Retention, BodyRecord)>), Fault> {
    let floor = Seq(owner.record.delivered_floor);
    let from = keys::entry(id, Seq::ZERO);
    let to = keys::entry(id, Seq(owner.last.0 + 1));
    let mut scan = shared.db.scan_back(Cf::Tl, &from, &to, Tier::Disk);
    for _ in 0..TRACE_ENTRIES_MAX {
        let Some((key, value)) = scan.step()? else { return Ok((TracedEntry::Gone, None)) };
        let seq = Seq(keys::tail(key).unwrap_or_default());
        let (retention, record) = entry_record(value)?;
        let of_it =
            record.conversation == message.conversation.0 && matches!(record.kind, kind::POINTER | kind::INLINE);
        if !of_it || record.cseq > message.cseq.0 {
            continue;
        }
        // A conversation's messages stand in a timeline in their order: below a lower number it will not come.
        if record.cseq < message.cseq.0 {
            return Ok((TracedEntry::Gone, None));
        }
        return Ok(match dead(retention, seq, floor, Seq::ZERO, shared.clock.now()) {
            true => (TracedEntry::Over(seq), None),
            false => (TracedEntry::Kept(seq), record.body.map(|body| (retention, body))),
        });
    }
    Ok((TracedEntry::NotLookedAt, None))
}

fn sent_under(shared: &Shared, sender: AccountId, client_id: &ClientMessageId) -> Result<Vec<SentUnder>, Fault> {
    let Some(owner) = shared.owner(sender, Tier::Disk)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for device in (1..=owner.record.devices_made).map(DeviceId) {
        let key = keys::dedupe(sender, device, client_id);
        let Some(bytes) = shared.db.get(Cf::Dedupe, &key, Tier::Disk)? else { continue };
        let known: RememberedRecord = decode("a remembered id", &bytes)?;
        let id = message_id(known.conversation, known.cseq);
        found.push(SentUnder { device, id, sent: TimestampMs(known.sent), seq: Seq(known.seq) });
    }
    Ok(found)
}
