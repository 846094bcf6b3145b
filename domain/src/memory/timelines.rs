//! Timelines and conversations of the memory store.
//!
//! Invariant: a message is in its conversation's log or (until delivered) in the timelines, never in both.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryStore;
use super::blocking::Withheld;
use super::conversations::Fact;
use super::rooms::fill;
use super::state::{Conversation, Raise, Remembered, Shown, State, Timeline, What};
use crate::conversation::Life;
use crate::device::{Cursor, DeviceRole};
use crate::event::{Author, Entry, Keeping, Message};
use crate::ids::{AccountId, ConversationId, Cseq, DeviceId, MessageId, Seq, TimestampMs};
use crate::limits::{DEDUPE_KEPT_MS, DEVICE_SILENT_MS, PAGE_LOOKED_MAX};
use crate::ports::{
    Acknowledge, Append, AppendOutcome, Appended, Head, KeepingSet, Made, MailboxLimit, MarkRead, Page, PageLimit,
    Pruned, StoreError, Timelines,
};
use crate::retention::{Retention, Wish, dead};
use crate::stretch::add_stretch;
use crate::sync_key::{DataKind, Places};

#[async_trait]
impl Timelines for MemoryStore {
    async fn append_within(&self, batch: Vec<Append>, mailbox: MailboxLimit) -> Result<Vec<AppendOutcome>, StoreError> {
        self.with(|state| batch.into_iter().map(|append| state.append(append, mailbox)).collect())
    }

    async fn read_kinds_after(&self, owner: AccountId, after: Places, limit: PageLimit) -> Result<Page, StoreError> {
        self.with(|state| Ok(state.read_after(owner, after, limit)))
    }

    async fn read_before(
        &self,
        reader: AccountId,
        conversation: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Result<Option<(Vec<Arc<Message>>, bool)>, StoreError> {
        self.with(|state| Ok(state.read_before(reader, conversation, before, limit)))
    }

    async fn direct_conversation(&self, a: AccountId, b: AccountId) -> Result<Option<ConversationId>, StoreError> {
        self.with(|state| Ok(state.pairs.get(&(a.min(b), a.max(b))).copied()))
    }

    async fn acknowledge(&self, ack: Acknowledge) -> Result<Option<Made>, StoreError> {
        self.with(|state| state.acknowledge(ack))
    }

    async fn mark_read(&self, mark: MarkRead) -> Result<Vec<(AccountId, Arc<Entry>)>, StoreError> {
        self.with(|state| {
            let Some(conversation) = state.conversations.get(&mark.conversation) else { return Ok(Vec::new()) };
            let Some((peer, _)) = conversation.peer_of(mark.owner) else { return Ok(Vec::new()) };
            let Some(side) = conversation.side_of(mark.owner) else { return Ok(Vec::new()) };
            let (peer, read) = (*peer, mark.read.min(conversation.shown[side].last));
            let mut made = Vec::new();
            made.extend(state.raise_mark(mark.owner, mark.conversation, read)?);
            let told = mark.tell_peer && state.shows_reading(mark.owner, peer) && state.shows_reading(peer, mark.owner);
            if told && peer != mark.owner && read > Cseq(0) {
                let mut raise = Raise { delivered: read, read, lost: Vec::new() };
                state.add_withheld(mark.owner, mark.conversation, &mut raise);
                made.extend(state.raise_receipt(peer, mark.conversation, raise)?);
            }
            Ok(made)
        })
    }

    async fn cursor(&self, owner: AccountId, device: DeviceId) -> Result<Cursor, StoreError> {
        self.with(|state| Ok(state.cursors.get(&(owner, device)).copied().unwrap_or_default()))
    }

    async fn head(&self, owner: AccountId) -> Result<Head, StoreError> {
        self.with(|state| {
            let Some(timeline) = state.timelines.get_mut(&owner) else { return Ok(Head::default()) };
            let (last, delivered_floor) = (timeline.last, timeline.delivered_floor);
            Ok(Head { last, delivered_floor, waiting: timeline.waiting() })
        })
    }

    async fn prune(&self, now: TimestampMs) -> Result<Pruned, StoreError> {
        self.with(|state| {
            state.saw(now);
            let mut pruned = Pruned::default();
            let mut lost = Vec::new();
            for timeline in state.timelines.values_mut() {
                let (floor, any) = (timeline.delivered_floor, timeline.delivered_any);
                let before = timeline.entries.len();
                let pruned_to = &mut timeline.gone;
                timeline.entries.retain(|seq, stored| {
                    let gone = dead(stored.retention, *seq, floor, Seq::ZERO, now);
                    if gone && matches!(stored.what, What::Message { .. }) {
                        *pruned_to = (*pruned_to).max(*seq);
                    }
                    if let (true, Some(id)) = (gone && *seq > any, stored.incoming()) {
                        lost.push(id);
                    }
                    !gone
                });
                pruned.entries += (before - timeline.entries.len()) as u64;
                timeline.recount();
            }
            pruned.entries += state.prune_withheld(now, &mut lost);
            state.invites.retain(|_, invite| invite.is_good(now));
            pruned.told = state.tell_lost(lost)?;
            for conversation in state.conversations.values_mut() {
                let before = conversation.log.len();
                conversation.log.retain(|_, (_, retention)| !expired(*retention, now));
                pruned.entries += (before - conversation.log.len()) as u64;
                conversation.facts.retain(|_, fact| !fact.ended(now));
            }
            let before = state.dedupe.len() + state.room_dedupe.len();
            state.dedupe.retain(|_, known| now.ms_since(known.sent) <= DEDUPE_KEPT_MS);
            state.room_dedupe.retain(|_, known| now.ms_since(known.message.sent) <= DEDUPE_KEPT_MS);
            pruned.dedupe = (before - state.dedupe.len() - state.room_dedupe.len()) as u64;
            Ok(pruned)
        })
    }

    async fn keeping(&self, owner: AccountId, conversation: ConversationId) -> Result<Option<Keeping>, StoreError> {
        self.with(|state| Ok(state.keeping(owner, conversation)))
    }

    async fn set_keeping(
        &self,
        owner: AccountId,
        conversation: ConversationId,
        wish: Wish,
    ) -> Result<Option<KeepingSet>, StoreError> {
        self.with(|state| state.set_keeping(owner, conversation, wish))
    }
}

/// Whether a body in a conversation's log has had its time; floors are the timelines' affair.
fn expired(retention: Retention, now: TimestampMs) -> bool {
    dead(retention, Seq(1), Seq::ZERO, Seq::ZERO, now)
}

impl State {
    fn append(&mut self, append: Append, mailbox: MailboxLimit) -> Result<AppendOutcome, StoreError> {
        self.saw(append.at);
        let Some(sender) = self.accounts.get(&append.sender).map(|account| account.address.clone()) else {
            return Ok(AppendOutcome::NoSender);
        };
        let key = (append.sender, append.device, append.client_id.clone());
        if let Some(known) = self.dedupe.get(&key)
            && append.at.ms_since(known.sent) <= DEDUPE_KEPT_MS
        {
            if known.fingerprint != append.fingerprint {
                return Ok(AppendOutcome::Conflict);
            }
            return Ok(AppendOutcome::Appended(Appended {
                id: known.id,
                sent: known.sent,
                seq: known.seq,
                prev: known.prev,
                duplicate: true,
                entries: Vec::new(),
            }));
        }
        let Some(receiver) = self.accounts.get(&append.receiver).map(|account| account.address.clone()) else {
            return Ok(AppendOutcome::NoReceiver);
        };
        if self.blocks(append.sender, append.receiver) {
            return Ok(AppendOutcome::Blocking);
        }
        let withheld = self.blocks(append.receiver, append.sender);
        let mut waiting = self.timelines.get_mut(&append.receiver).map(Timeline::waiting).unwrap_or_default();
        if withheld {
            waiting = self.waiting_with_withheld(append.sender, append.receiver, waiting);
        }
        if append.receiver != append.sender && mailbox.is_reached(waiting) {
            return Ok(AppendOutcome::MailboxFull);
        }
        let unanswered = self.unanswered(append.sender, append.receiver);
        if unanswered.is_some_and(|unanswered| unanswered >= mailbox.unanswered) {
            return Ok(AppendOutcome::Unanswered);
        }

        let members = [(append.sender, sender.clone()), (append.receiver, receiver.clone())];
        let conversation = self.pair(members);
        self.count_unanswered(append.sender, append.receiver, conversation);
        self.hears(append.sender, conversation);
        let log = self.conversations.get_mut(&conversation).expect("a pair's conversation is there");
        log.last = log.last.next();
        for (side, (member, _)) in log.members.iter().enumerate() {
            if !(withheld && *member == append.receiver) {
                log.shown[side] = Shown { last: log.last, active: append.at };
            }
        }
        let (wish, disappear_after_ms) = log.rules_for(append.sender, withheld);
        let mut content = append.content;
        if content.lifetime_ms.is_none() && disappear_after_ms > 0 {
            content.lifetime_ms = Some(disappear_after_ms);
        }
        let wished = append.retention.shortened(wish, append.at);
        let retention = match content.lifetime_ms {
            Some(lifetime) => wished.within(append.at.plus_ms(lifetime)),
            None => wished,
        };
        let fact = Fact::new(append.sender, append.at, retention);
        log.facts.insert(log.last, Fact { withheld: withheld.then_some(append.receiver), ..fact });
        let message = Arc::new(Message {
            id: MessageId { conversation, cseq: log.last },
            author: Author::Account { account: append.sender, address: sender, device: append.device },
            to: Some(receiver),
            room_name: None,
            client_id: append.client_id,
            sent: append.at,
            content,
            life: Life::default(),
        });
        if !matches!(retention, Retention::UntilDelivered { .. }) {
            log.log.insert(log.last, (Arc::clone(&message), retention));
        }
        let weight = message.content.weight() as u64;
        let own = What::Message { message: Arc::clone(&message), incoming: false, weight };
        let (seq, prev) = self.push(append.sender, retention, own)?;
        let mut entries = vec![append.sender];
        let mut places = vec![seq];
        if withheld {
            self.withhold(append.receiver, Withheld { message: Arc::clone(&message), weight, retention, given: false });
        } else if append.receiver != append.sender {
            let theirs = What::Message { message: Arc::clone(&message), incoming: true, weight };
            places.push(self.push(append.receiver, retention, theirs)?.0);
            entries.push(append.receiver);
        }
        let known = Remembered { fingerprint: append.fingerprint, id: message.id, sent: append.at, seq, prev };
        self.dedupe.insert(key, known);
        let entries = entries.into_iter().zip(places);
        Ok(AppendOutcome::Appended(Appended {
            id: message.id,
            sent: append.at,
            seq,
            prev,
            duplicate: false,
            entries: entries.filter_map(|(owner, seq)| Some((owner, self.entry(owner, seq)?))).collect(),
        }))
    }

    fn pair(&mut self, members: [(AccountId, crate::address::Address); 2]) -> ConversationId {
        let pair = (members[0].0.min(members[1].0), members[0].0.max(members[1].0));
        if let Some(id) = self.pairs.get(&pair) {
            return *id;
        }
        let id = self.next_conversation();
        self.pairs.insert(pair, id);
        let empty = Conversation {
            members,
            last: Cseq(0),
            log: BTreeMap::new(),
            facts: BTreeMap::new(),
            shown: Default::default(),
            heard: [false; 2],
            unanswered: [0; 2],
            disappear_after_ms: 0,
            disappear_copies: [None; 2],
            wishes: Default::default(),
            wish_copies: [None; 2],
        };
        self.conversations.insert(id, empty);
        id
    }

    fn read_after(&self, owner: AccountId, after: Places, limit: PageLimit) -> Page {
        let Some(timeline) = self.timelines.get(&owner) else {
            return Page { reset: after.iter().any(|place| place != Seq::ZERO), ..Page::default() };
        };
        let reset = !after.iter().all(|place| timeline.had(place));
        let after = if reset { after.anew() } else { after };
        let start = after.first().unwrap_or(timeline.last);
        let gap = after.want(DataKind::Messages, timeline.gone);
        let mut page = Page { entries: Vec::new(), next: timeline.last.max(start), more: false, reset, gap };
        let mut looked_at = start;
        let mut bytes = 0;
        for (looked, (seq, stored)) in timeline.entries.range(Seq(start.0 + 1)..).enumerate() {
            let full = !page.entries.is_empty() && (page.entries.len() >= limit.entries || bytes >= limit.bytes);
            if full || looked == PAGE_LOOKED_MAX {
                page.next = looked_at;
                page.more = true;
                break;
            }
            looked_at = *seq;
            if !after.want(stored.what.kind(), *seq) {
                continue;
            }
            if dead(stored.retention, *seq, timeline.delivered_floor, Seq::ZERO, self.now) {
                page.gap |= matches!(stored.what, What::Message { .. });
                continue;
            }
            if let Some(entry) = self.entry(owner, *seq) {
                bytes += entry.weight();
                page.entries.push(entry);
            }
        }
        page
    }

    pub(super) fn read_before(
        &self,
        reader: AccountId,
        id: ConversationId,
        before: Option<Cseq>,
        limit: PageLimit,
    ) -> Option<(Vec<Arc<Message>>, bool)> {
        let conversation = self.conversations.get(&id)?;
        conversation.peer_of(reader)?;
        let timeline = self.timelines.get(&reader)?;
        let withheld = |cseq| conversation.facts.get(cseq).is_some_and(|fact| fact.withheld == Some(reader));
        let kept =
            conversation.log.iter().filter(|(cseq, (_, retention))| !expired(*retention, self.now) && !withheld(cseq));
        let mut all: BTreeMap<Cseq, &Arc<Message>> = kept.map(|(cseq, (message, _))| (*cseq, message)).collect();
        for (seq, stored) in &timeline.entries {
            if let What::Message { message, .. } = &stored.what
                && message.id.conversation == id
                && !dead(stored.retention, *seq, timeline.delivered_floor, Seq::ZERO, self.now)
            {
                all.insert(message.id.cseq, message);
            }
        }
        all.retain(|_, message| !self.is_hidden(reader, message.id));
        let end = before.unwrap_or(conversation.last.next());
        let (mut messages, more) = fill(all.range(..end).rev().map(|(_, message)| *message), limit);
        messages.reverse();
        let messages = messages.iter().map(|message| self.as_amended(reader, message)).collect();
        Some((messages, more))
    }

    fn acknowledge(&mut self, ack: Acknowledge) -> Result<Option<Made>, StoreError> {
        self.saw(ack.at);
        let Some(cursor) = self.cursors.get_mut(&(ack.owner, ack.device)) else { return Ok(None) };
        let Some(timeline) = self.timelines.get(&ack.owner) else { return Ok(Some(Vec::new())) };
        if timeline.had(ack.cursor.passed) {
            cursor.passed = cursor.passed.max(ack.cursor.passed);
        }
        if timeline.had(ack.cursor.delivered) {
            cursor.delivered = cursor.delivered.max(ack.cursor.delivered);
        }
        let new = *cursor;

        // What is newly delivered, to whichever device first: the furthest incoming message of each conversation, and
        // those that the device was not given because their time was over.
        let mut reached: BTreeMap<ConversationId, (AccountId, Raise)> = BTreeMap::new();
        let mut untold = Vec::new();
        let any = timeline.delivered_any;
        for (seq, stored) in timeline.entries.range(Seq(any.0 + 1)..Seq(new.delivered.max(any).0 + 1)) {
            let Some((sender, id)) = stored.incoming() else { continue };
            let dead = dead(stored.retention, *seq, timeline.delivered_floor, Seq::ZERO, ack.at);
            if self.apart(ack.owner, sender) {
                untold.extend(Withheld::of(stored, !dead));
                continue;
            }
            let (_, raise) = reached.entry(id.conversation).or_insert((sender, Raise::default()));
            if dead {
                add_stretch(&mut raise.lost, (id.cseq, id.cseq));
            } else {
                raise.delivered = id.cseq;
            }
        }
        self.raise_floor(ack.owner, ack.device, ack.at);
        let timeline = self.timelines.entry(ack.owner).or_default();
        timeline.delivered_any = any.max(new.delivered);
        for withheld in untold {
            self.withhold(ack.owner, withheld);
        }
        let mut made = Vec::new();
        for (conversation, (sender, mut raise)) in reached {
            self.add_withheld(ack.owner, conversation, &mut raise);
            made.extend(self.raise_receipt(sender, conversation, raise)?);
        }
        Ok(Some(made))
    }

    /// The floor follows the primary, or the furthest device where there is none that is heard of. It only rises.
    fn raise_floor(&mut self, owner: AccountId, acting: DeviceId, now: TimestampMs) {
        let devices = self.devices.range((owner, DeviceId(0))..=(owner, DeviceId(u32::MAX)));
        let counting: Vec<_> = devices
            .filter(|((_, id), device)| *id == acting || now.ms_since(device.last_seen) <= DEVICE_SILENT_MS)
            .map(|((_, id), device)| (device.role, self.cursors.get(&(owner, *id)).copied().unwrap_or_default()))
            .collect();
        let primary = counting.iter().find(|(role, _)| *role == DeviceRole::Primary);
        let floor = match primary {
            Some((_, cursor)) => cursor.delivered,
            None => counting.iter().map(|(_, cursor)| cursor.delivered).max().unwrap_or_default(),
        };
        let timeline = self.timelines.entry(owner).or_default();
        timeline.delivered_floor = timeline.delivered_floor.max(floor);
    }
}
