//! The later life of messages and conversations in the memory store.
//!
//! Invariant: a message that can be changed has a [`Fact`]; a state row has at most one entry in a timeline, the one
//! that its `seq` names.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryStore;
use super::blocking::Told;
use super::state::{Conversation, State, What};
use crate::content::Content;
use crate::conversation::{Amendment, ConversationSettings, ConversationView, DraftText, MessageFlags, Reaction};
use crate::event::{Entry, Item, Message, Receipt};
use crate::ids::{AccountId, ConversationId, Cseq, MessageId, Seq, TimestampMs};
use crate::limits::{DEDUPE_KEPT_MS, LISTED_MAX, UNREAD_MAX};
use crate::ports::{
    Amend, AmendOutcome, Change, Changed, Conversations, Flag, ListPlace, PageLimit, SettingsChange, StoreError,
};
use crate::retention::Retention;

/// What is known of a message besides what it says, and what has become of it.
#[derive(Clone)]
pub(super) struct Fact {
    pub(super) by: AccountId,
    pub(super) sent: TimestampMs,
    pub(super) retention: Retention,
    /// For both sides, but for those who have a copy.
    pub(super) fate: Fate,
    /// What somebody who is blocked has made of it, seen by nobody else.
    pub(super) copies: BTreeMap<AccountId, Copied>,
    /// From whom it was withheld, because they blocked who wrote it.
    pub(super) withheld: Option<AccountId>,
    /// The entry of the latest change in each timeline.
    pub(super) places: BTreeMap<AccountId, Seq>,
}

/// What has become of a message.
#[derive(Clone, Default)]
pub(super) struct Fate {
    pub(super) edited: Option<TimestampMs>,
    pub(super) recalled: Option<TimestampMs>,
    pub(super) reactions: BTreeMap<AccountId, String>,
    pub(super) pinned: bool,
}

/// What has become of a message for one reader alone.
#[derive(Clone)]
pub(super) struct Copied {
    pub(super) fate: Fate,
    pub(super) content: Content,
}

impl Fact {
    pub(super) fn new(by: AccountId, sent: TimestampMs, retention: Retention) -> Fact {
        Fact {
            by,
            sent,
            retention,
            fate: Fate::default(),
            copies: BTreeMap::new(),
            withheld: None,
            places: BTreeMap::new(),
        }
    }

    /// What has become of it for a reader.
    pub(super) fn fate_for(&self, reader: AccountId) -> &Fate {
        self.copies.get(&reader).map_or(&self.fate, |copied| &copied.fate)
    }

    /// Facts of messages that are in the timelines alone are forgotten with the ids of their clients.
    pub(super) fn ended(&self, now: TimestampMs) -> bool {
        let old =
            matches!(self.retention, Retention::UntilDelivered { .. }) && now.ms_since(self.sent) > DEDUPE_KEPT_MS;
        old || self.retention.expires().is_some_and(|end| end <= now)
    }
}

#[derive(Clone, Copy, Default)]
pub(super) struct FlagsRow {
    pub(super) seq: Seq,
    pub(super) starred: bool,
    pub(super) hidden: bool,
}

#[derive(Clone, Default)]
pub(super) struct SettingsRow {
    pub(super) seq: Seq,
    pub(super) muted_until: TimestampMs,
    pub(super) pinned: bool,
    pub(super) archived: bool,
    pub(super) draft: DraftText,
    pub(super) marked_unread: bool,
}

#[async_trait]
impl Conversations for MemoryStore {
    async fn amend(&self, amend: Amend) -> Result<AmendOutcome, StoreError> {
        self.with(|state| state.amend(amend))
    }

    async fn flag(&self, flag: Flag) -> Result<Option<Changed<MessageFlags>>, StoreError> {
        self.with(|state| state.flag(flag))
    }

    async fn set_conversation(
        &self,
        owner: AccountId,
        conversation: ConversationId,
        change: SettingsChange,
    ) -> Result<Option<Changed<ConversationSettings>>, StoreError> {
        self.with(|state| state.set_conversation(owner, conversation, change))
    }

    async fn list_conversations(
        &self,
        owner: AccountId,
        after: Option<ListPlace>,
        since: TimestampMs,
        limit: PageLimit,
    ) -> Result<(Vec<ConversationView>, bool), StoreError> {
        self.with(|state| Ok(state.list_conversations(owner, after, since, limit)))
    }
}

impl State {
    fn amend(&mut self, amend: Amend) -> Result<AmendOutcome, StoreError> {
        self.saw(amend.at);
        let (by, id) = (amend.by, amend.id);
        let Some(conversation) = self.conversations.get(&id.conversation) else { return Ok(AmendOutcome::NotFound) };
        let Some((peer, _)) = conversation.peer_of(by).cloned() else { return Ok(AmendOutcome::NotFound) };
        let fact = conversation.facts.get(&id.cseq).filter(|fact| !fact.ended(amend.at) && fact.withheld != Some(by));
        let Some(mut fact) = fact.filter(|_| !self.is_hidden(by, id)).cloned() else {
            return Ok(AmendOutcome::NotFound);
        };
        if self.blocks(by, peer) {
            return Ok(AmendOutcome::Blocking);
        }
        if fact.fate_for(by).recalled.is_some() && amend.change != Change::Recall {
            return Ok(AmendOutcome::NotFound);
        }
        // What the other side may see, but is not to learn of, is changed in a copy.
        let copying = fact.withheld.is_none() && self.blocks(peer, by);
        let mut fate = if copying { fact.fate_for(by).clone() } else { fact.fate.clone() };
        let copy = fact.copies.get(&by).filter(|_| copying).map(|copied| copied.content.clone());
        let old = copy.or_else(|| self.content(id));
        let mut says = None;
        let answers = matches!(&amend.change, Change::React(emoji) if !emoji.is_empty());
        let changed = match amend.change {
            Change::Edit(_) | Change::Recall if fact.by != by => return Ok(AmendOutcome::NotAuthor),
            Change::Edit(content) => {
                let content = content.in_place_of(old.as_ref().unwrap_or(&Content::text("")));
                says = (old.as_ref() != Some(&content)).then_some(content);
                if says.is_some() {
                    fate.edited = Some(fate.edited.map_or(amend.at, |before| amend.at.max(before.plus_ms(1))));
                }
                says.is_some()
            }
            Change::Recall if fate.recalled.is_some() => false,
            Change::Recall => {
                fate = Fate { recalled: Some(amend.at), ..Fate::default() };
                true
            }
            Change::React(emoji) if emoji.is_empty() => fate.reactions.remove(&by).is_some(),
            Change::React(emoji) => fate.reactions.insert(by, emoji.clone()) != Some(emoji),
            Change::Pin(pinned) => std::mem::replace(&mut fate.pinned, pinned) != pinned,
        };
        let timed = says.is_some() || (changed && fate.recalled.is_some());
        if timed && fact.sent < amend.sent_since {
            return Ok(AmendOutcome::TooLate);
        }
        if answers {
            self.hears(by, id.conversation);
        }
        let recalled = fate.recalled;
        let mut told = Vec::new();
        if changed && copying {
            let content = says.clone().or(old).unwrap_or_else(|| Content::text(""));
            fact.copies.insert(by, Copied { fate, content });
            told = vec![by];
        } else if changed {
            if let Some(recalled) = recalled {
                self.rewrite(id, |message| *message = message.tombstone(recalled));
            } else if let Some(content) = &says {
                self.rewrite(id, |message| {
                    message.content = content.clone();
                    message.life.edited = fate.edited;
                });
            }
            fact.copies.clear();
            fact.fate = fate;
            told = self.members_there(id.conversation);
            told.retain(|member| fact.withheld != Some(*member));
        } else if !copying && fact.copies.remove(&by).is_some() {
            // What was asked for is so for the other side already.
            told = vec![by];
        }
        self.put_fact(id, fact.clone());
        let mut made = Vec::new();
        for member in told {
            let carried = match (&says, recalled) {
                (_, Some(_)) => None,
                (Some(content), None) => Some(content.clone()),
                (None, None) => self.carried(member, fact.places.get(&member)),
            };
            self.drop_entry(member, fact.places.get(&member).copied().unwrap_or_default());
            let (seq, _) = self.push(member, fact.retention, What::Amendment { id, content: carried })?;
            fact.places.insert(member, seq);
            self.put_fact(id, fact.clone());
            made.extend(self.entry(member, seq).map(|entry| (member, entry)));
        }
        let own = made.iter().find(|(owner, _)| *owner == by);
        let amendment = match own.map(|(_, entry)| &entry.item) {
            Some(Item::Amendment(amendment)) => Arc::clone(amendment),
            _ => {
                let carried = self.carried(by, fact.places.get(&by));
                Arc::new(self.amendment(by, id, carried).ok_or_else(|| gone("a message that was changed"))?)
            }
        };
        Ok(AmendOutcome::Amended(amendment, made))
    }

    /// What an entry of an amendment tells a reader; `None`: the message is gone.
    pub(super) fn amendment(&self, reader: AccountId, id: MessageId, carried: Option<Content>) -> Option<Amendment> {
        let conversation = self.conversations.get(&id.conversation)?;
        let fact = conversation.facts.get(&id.cseq)?;
        let fate = fact.fate_for(reader);
        let kept = conversation.log.get(&id.cseq).map(|(message, _)| match fact.copies.get(&reader) {
            Some(copied) => copied.content.clone(),
            None => message.content.clone(),
        });
        let address = |who: AccountId| conversation.members.iter().find(|(id, _)| *id == who).map(|(_, a)| a.clone());
        Some(Amendment {
            id,
            author: address(fact.by)?,
            edited: fate.edited,
            content: fate.edited.and(kept.or(carried)),
            recalled: fate.recalled,
            reactions: conversation.reactions(fate),
            pinned: fate.pinned,
        })
    }

    /// What a message says, from wherever it still is.
    fn content(&self, id: MessageId) -> Option<Content> {
        let conversation = self.conversations.get(&id.conversation)?;
        if let Some((message, _)) = conversation.log.get(&id.cseq) {
            return Some(message.content.clone());
        }
        conversation.members.iter().find_map(|(member, _)| {
            let timeline = self.timelines.get(member)?;
            let kept = timeline.entries.iter().find_map(|(seq, stored)| match &stored.what {
                What::Message { message, .. } if message.id == id && *seq > timeline.delivered_floor => {
                    Some(message.content.clone())
                }
                _ => None,
            });
            kept.or_else(|| timeline.withheld.get(&id).map(|withheld| withheld.message.content.clone()))
        })
    }

    /// The edited content that the last entry of an amendment carries, if its owner has not been given it.
    fn carried(&self, owner: AccountId, place: Option<&Seq>) -> Option<Content> {
        let timeline = self.timelines.get(&owner)?;
        let place = place.filter(|place| **place > timeline.delivered_floor)?;
        match &timeline.entries.get(place)?.what {
            What::Amendment { content, .. } => content.clone(),
            _ => None,
        }
    }

    /// Changes a message wherever it is.
    fn rewrite(&mut self, id: MessageId, change: impl Fn(&mut Message)) {
        let Some(conversation) = self.conversations.get_mut(&id.conversation) else { return };
        let members = conversation.members.clone();
        if let Some((message, _)) = conversation.log.get_mut(&id.cseq) {
            change(Arc::make_mut(message));
        }
        for (member, _) in &members {
            let Some(timeline) = self.timelines.get_mut(member) else { continue };
            if let Some(withheld) = timeline.withheld.get_mut(&id) {
                change(Arc::make_mut(&mut withheld.message));
                withheld.weight = if withheld.message.life.recalled.is_some() { 0 } else { withheld.weight };
            }
            for stored in timeline.entries.values_mut() {
                if let What::Message { message, weight, .. } = &mut stored.what
                    && message.id == id
                {
                    let mut changed = Message::clone(message);
                    change(&mut changed);
                    *weight = if changed.life.recalled.is_some() { 0 } else { *weight };
                    *message = Arc::new(changed);
                }
            }
        }
    }

    fn put_fact(&mut self, id: MessageId, fact: Fact) {
        if let Some(conversation) = self.conversations.get_mut(&id.conversation) {
            conversation.facts.insert(id.cseq, fact);
        }
    }

    /// The members that are accounts, each once.
    fn members_there(&self, id: ConversationId) -> Vec<AccountId> {
        let Some(conversation) = self.conversations.get(&id) else { return Vec::new() };
        let mut members: Vec<AccountId> = conversation.members.iter().map(|(member, _)| *member).collect();
        members.dedup();
        members.retain(|member| self.accounts.contains_key(member));
        members
    }

    fn drop_entry(&mut self, owner: AccountId, place: Seq) {
        if let Some(timeline) = self.timelines.get_mut(&owner) {
            timeline.entries.remove(&place);
            timeline.recount();
        }
    }

    pub(super) fn is_hidden(&self, owner: AccountId, id: MessageId) -> bool {
        self.timelines.get(&owner).and_then(|t| t.flags.get(&id)).is_some_and(|row| row.hidden)
    }

    fn flag(&mut self, flag: Flag) -> Result<Option<Changed<MessageFlags>>, StoreError> {
        self.saw(flag.at);
        let Some(conversation) = self.conversations.get(&flag.id.conversation) else { return Ok(None) };
        if conversation.peer_of(flag.owner).is_none() || !self.accounts.contains_key(&flag.owner) {
            return Ok(None);
        }
        let Some(fact) = conversation.facts.get(&flag.id.cseq).filter(|fact| !fact.ended(flag.at)) else {
            return Ok(None);
        };
        if fact.withheld == Some(flag.owner) {
            return Ok(None);
        }
        let (retention, timeline) = (fact.retention, self.timelines.entry(flag.owner).or_default());
        let old = timeline.flags.get(&flag.id).copied().unwrap_or_default();
        if old.hidden && !flag.hide {
            return Ok(None);
        }
        let hidden = old.hidden || flag.hide;
        let starred = !hidden && flag.starred.unwrap_or(old.starred);
        let flags = MessageFlags { id: flag.id, starred, hidden };
        if (old.starred, old.hidden) == (starred, hidden) {
            return Ok(Some((flags, Vec::new())));
        }
        self.drop_entry(flag.owner, old.seq);
        let (seq, _) = self.push(flag.owner, retention, What::Flags(flag.id))?;
        let timeline = self.timelines.entry(flag.owner).or_default();
        timeline.flags.insert(flag.id, FlagsRow { seq, starred, hidden });
        let entry = self.entry(flag.owner, seq).map(|entry| (flag.owner, entry));
        Ok(Some((flags, entry.into_iter().collect())))
    }

    fn set_conversation(
        &mut self,
        owner: AccountId,
        id: ConversationId,
        change: SettingsChange,
    ) -> Result<Option<Changed<ConversationSettings>>, StoreError> {
        let Some(conversation) = self.conversations.get_mut(&id) else { return Ok(None) };
        let Some((peer, _)) = conversation.peer_of(owner).cloned() else { return Ok(None) };
        if !self.accounts.contains_key(&owner) {
            return Ok(None);
        }
        let side = usize::from(conversation.members[0].0 != owner);
        let accepted = change.accepted && !conversation.heard[side];
        conversation.heard[side] |= accepted;
        let apart = self.apart(owner, peer);
        let disappear = change.disappear_after_ms.and_then(|ms| self.set_disappear(id, side, ms, apart));
        let row = self.timelines.entry(owner).or_default().settings.entry(id).or_default();
        let (old, place) = (row.clone(), row.seq);
        row.muted_until = change.muted_until.unwrap_or(row.muted_until);
        row.pinned = change.pinned.unwrap_or(row.pinned);
        row.archived = change.archived.unwrap_or(row.archived);
        row.marked_unread = change.marked_unread.unwrap_or(row.marked_unread);
        if let Some(draft) = change.draft {
            row.draft = draft;
        }
        let own = (old.muted_until, old.pinned, old.archived, old.marked_unread, old.draft)
            != (row.muted_until, row.pinned, row.archived, row.marked_unread, row.draft.clone());
        let mut made: Vec<(AccountId, Arc<Entry>)> = Vec::new();
        if own || accepted || disappear.is_some() {
            made.extend(self.push_settings(owner, id, place)?);
        }
        if disappear == Some(Told::Both) && peer != owner && self.accounts.contains_key(&peer) {
            let place = self.timelines.entry(peer).or_default().settings.entry(id).or_default().seq;
            made.extend(self.push_settings(peer, id, place)?);
        }
        let settings = self.settings(owner, id).ok_or_else(|| gone("settings that were changed"))?;
        Ok(Some((settings, made)))
    }

    fn push_settings(
        &mut self,
        owner: AccountId,
        id: ConversationId,
        old: Seq,
    ) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
        self.drop_entry(owner, old);
        let (seq, _) = self.push(owner, Retention::Keep, What::Settings(id))?;
        self.timelines.entry(owner).or_default().settings.entry(id).or_default().seq = seq;
        Ok(self.entry(owner, seq).map(|entry| (owner, entry)))
    }

    pub(super) fn settings(&self, owner: AccountId, id: ConversationId) -> Option<ConversationSettings> {
        let conversation = self.conversations.get(&id)?;
        let (_, peer) = conversation.peer_of(owner)?;
        let side = conversation.side_of(owner)?;
        let row = self.timelines.get(&owner)?.settings.get(&id).cloned().unwrap_or_default();
        Some(ConversationSettings {
            conversation: id,
            peer: peer.clone(),
            muted_until: row.muted_until,
            pinned: row.pinned,
            archived: row.archived,
            draft: row.draft,
            marked_unread: row.marked_unread,
            request: self.is_request(owner, id),
            disappear_after_ms: conversation.disappear_copies[side].unwrap_or(conversation.disappear_after_ms),
        })
    }

    /// A message as its reader may know it now.
    pub(super) fn as_amended(&self, reader: AccountId, message: &Arc<Message>) -> Arc<Message> {
        let (id, mut amended) = (message.id, Message::clone(&self.as_copied(reader, message)));
        if let Some(conversation) = self.conversations.get(&id.conversation)
            && let Some(fact) = conversation.facts.get(&id.cseq)
        {
            let fate = fact.fate_for(reader);
            amended.life.reactions = conversation.reactions(fate);
            amended.life.pinned = fate.pinned;
        }
        let flags = self.timelines.get(&reader).and_then(|timeline| timeline.flags.get(&id));
        amended.life.starred = flags.is_some_and(|row| row.starred);
        Arc::new(amended)
    }

    fn list_conversations(
        &self,
        owner: AccountId,
        after: Option<ListPlace>,
        since: TimestampMs,
        limit: PageLimit,
    ) -> (Vec<ConversationView>, bool) {
        let mut own: Vec<(ListPlace, &Conversation)> = self
            .conversations
            .iter()
            .filter_map(|(id, conversation)| {
                let shown = conversation.shown[conversation.side_of(owner)?];
                (shown.last > Cseq(0)).then_some(((shown.active, *id), conversation))
            })
            .collect();
        own.truncate(LISTED_MAX);
        own.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        let (mut page, mut bytes) = (Vec::new(), 0);
        for ((active, id), conversation) in own.into_iter().filter(|(place, _)| after.is_none_or(|a| *place < a)) {
            if !page.is_empty() && (page.len() >= limit.entries || bytes >= limit.bytes) {
                return (page, true);
            }
            let Some(settings) = self.settings(owner, id) else { continue };
            let one = PageLimit { entries: 1, bytes: 0 };
            let message = self.read_before(owner, id, None, one).and_then(|(mut messages, _)| messages.pop());
            let message = message.filter(|message| message.sent >= since);
            bytes += settings.draft.text.len() + message.as_ref().map_or(0, |message| message.content.weight());
            let timeline = self.timelines.get(&owner);
            let read = timeline.and_then(|t| t.marks.get(&id)).map(|row| row.read).unwrap_or_default();
            let receipt = timeline.and_then(|t| t.receipts.get(&id)).cloned().unwrap_or_default();
            let unread = conversation.facts.range(read.next()..).filter(|(cseq, fact)| {
                let hidden = self.is_hidden(owner, MessageId { conversation: id, cseq: **cseq });
                let hidden = hidden || fact.withheld == Some(owner) || fact.fate_for(owner).recalled.is_some();
                fact.by != owner && fact.sent >= since && !hidden && !fact.ended(self.now)
            });
            let unread = unread.take(UNREAD_MAX as usize).count() as u32;
            let receipt = Receipt {
                conversation: id,
                peer: settings.peer.clone(),
                delivered: receipt.delivered,
                read: receipt.read,
                undelivered: receipt.undelivered,
            };
            let Some(side) = conversation.side_of(owner) else { continue };
            let last = conversation.shown[side].last;
            page.push(ConversationView { settings, active, last, message, unread, read, receipt });
        }
        (page, false)
    }
}

impl Conversation {
    fn reactions(&self, fate: &Fate) -> Vec<Reaction> {
        let mut reactions = Vec::new();
        for (who, address) in &self.members {
            if let Some(emoji) = fate.reactions.get(who) {
                reactions.push(Reaction { by: address.clone(), emoji: emoji.clone() });
            }
        }
        reactions.sort_by(|a, b| a.by.cmp(&b.by));
        reactions.dedup();
        reactions
    }
}

fn gone(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is not there"))
}
