//! Traces of the memory store.

use async_trait::async_trait;

use super::MemoryStore;
use super::state::{State, What};
use crate::event::{Author, Message};
use crate::ids::{AccountId, ClientMessageId, MessageId, Seq};
use crate::ports::{SentUnder, StoreError, Traced, TracedEntry, TracedSide, Traces, Written};
use crate::retention::{Retention, dead};

#[async_trait]
impl Traces for MemoryStore {
    async fn trace(&self, id: MessageId) -> Result<Option<Traced>, StoreError> {
        self.with(|state| Ok(state.trace(id)))
    }

    async fn sent_under(&self, sender: AccountId, client_id: &ClientMessageId) -> Result<Vec<SentUnder>, StoreError> {
        self.with(|state| {
            let theirs = state.dedupe.iter().filter(|((account, _, id), _)| *account == sender && id == client_id);
            let mut found: Vec<SentUnder> = theirs
                .map(|((_, device, _), known)| SentUnder {
                    device: *device,
                    id: known.id,
                    sent: known.sent,
                    seq: known.seq,
                })
                .collect();
            found.sort_by_key(|sent| sent.device);
            Ok(found)
        })
    }
}

impl State {
    fn trace(&self, id: MessageId) -> Option<Traced> {
        let conversation = self.conversations.get(&id.conversation)?;
        if id.cseq.0 == 0 || id.cseq > conversation.last {
            return None;
        }
        let in_log = conversation.log.get(&id.cseq).map(|(message, retention)| (&**message, *retention));
        let live = |retention| !dead(retention, Seq(1), Seq::ZERO, Seq::ZERO, self.now);
        let mut written = in_log.filter(|(_, retention)| live(*retention)).and_then(|(m, r)| written_of(m, r));
        let mut sides: Vec<TracedSide> = Vec::new();
        for (account, address) in &conversation.members {
            if sides.iter().any(|side| side.account == *account) {
                continue;
            }
            let (entry, found) = self.entry_of(*account, id);
            written = written.or_else(|| found.and_then(|(message, retention)| written_of(message, retention)));
            let timeline = self.timelines.get(account);
            let receipt = timeline.and_then(|t| t.receipts.get(&id.conversation).cloned()).unwrap_or_default();
            let mark = timeline.and_then(|t| t.marks.get(&id.conversation).copied()).unwrap_or_default();
            sides.push(TracedSide {
                account: *account,
                address: address.clone(),
                there: self.accounts.contains_key(account),
                entry,
                devices_made: timeline.map_or(0, |timeline| timeline.devices_made),
                peer_delivered: receipt.delivered,
                peer_read: receipt.read,
                read: mark.read,
            });
        }
        Some(Traced { written, sides })
    }

    /// The entry of a message in a timeline, and the message if readers get it there.
    fn entry_of(&self, owner: AccountId, id: MessageId) -> (TracedEntry, Option<(&Message, Retention)>) {
        let Some(timeline) = self.timelines.get(&owner) else { return (TracedEntry::Gone, None) };
        let mut newest_first = timeline.entries.iter().rev();
        let found = newest_first.find_map(|(seq, stored)| match &stored.what {
            What::Message { message, .. } if message.id == id => Some((*seq, stored.retention, message)),
            _ => None,
        });
        match found {
            None => (TracedEntry::Gone, None),
            Some((seq, retention, message)) => {
                match dead(retention, seq, timeline.delivered_floor, Seq::ZERO, self.now) {
                    true => (TracedEntry::Over(seq), None),
                    false => (TracedEntry::Kept(seq), Some((message, retention))),
                }
            }
        }
    }
}

fn written_of(message: &Message, retention: Retention) -> Option<Written> {
    let Author::Account { account, device, .. } = &message.author else { return None };
    Some(Written {
        author: *account,
        device: *device,
        client_id: message.client_id.clone(),
        sent: message.sent,
        retention,
    })
}
