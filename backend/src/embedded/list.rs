//! The list of an owner's conversations: newest first, with the last message and how many are unread.
//!
//! Made from what is stored when it is asked for, so that it is right whatever was deleted or has had its time.
//! Invariant: what a page costs is bounded by the named limits here, however much is kept or waiting.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use belfry_domain::limits::{LISTED_MAX, UNREAD_MAX};
use belfry_domain::ports::{ListPlace, PageLimit};
use belfry_domain::{AccountId, ConversationId, ConversationView, Cseq, Message, MessageId, Seq, TimestampMs, dead};

use super::db::{Fault, Tier};
use super::keys::{self, Cf};
use super::reads::{as_amended, settings_row};
use super::records::{BodyRecord, corrupt, decode, head, kind};
use super::rows::{AmendmentRecord, BodyHead};
use super::shared::{Conversation, Shared, entry_record};

/// Bodies that are looked at to count what is unread: four times what is counted, for one's own among them.
const COUNTED_MAX: usize = 4 * UNREAD_MAX as usize;

/// Bodies that are looked at to find one that is neither deleted nor dead.
const LAST_LOOKED_MAX: usize = 200;

/// Entries of the owner's timeline that are looked at for messages that are in timelines alone.
const WAITING_LOOKED_MAX: usize = 10_000;

/// Whose list, read how, at which moment.
struct Reader<'a> {
    shared: &'a Shared,
    owner: AccountId,
    now: TimestampMs,
    /// Messages sent before are none of the reader's.
    since: TimestampMs,
    tier: Tier,
}

pub(super) fn list(
    shared: &Shared,
    owner: AccountId,
    after: Option<ListPlace>,
    since: TimestampMs,
    limit: PageLimit,
    tier: Tier,
) -> Result<(Vec<ConversationView>, bool), Fault> {
    let reader = Reader { shared, owner, now: shared.clock.now(), since, tier };
    let mut own = reader.all()?;
    own.retain(|(place, _)| after.is_none_or(|after| *place < after));
    own.sort_by_key(|(place, _)| Reverse(*place));
    let candidates = own.get(..limit.entries.min(own.len())).unwrap_or_default();
    let mut waiting = reader.waiting(candidates)?;
    let (mut page, mut bytes) = (Vec::new(), 0);
    for ((active, id), conversation) in candidates {
        if !page.is_empty() && bytes >= limit.bytes {
            return Ok((page, true));
        }
        let view = reader.view(*id, conversation, *active, waiting.remove(id))?;
        bytes += view.settings.draft.text.len() + view.message.as_ref().map_or(0, |said| said.content.weight());
        page.push(view);
    }
    Ok((page, own.len() > candidates.len()))
}

impl Reader<'_> {
    /// All conversations in which something was ever written.
    fn all(&self) -> Result<Vec<(ListPlace, Conversation)>, Fault> {
        let mut own = Vec::new();
        let mut pairs = self.shared.db.scan_prefix(Cf::Meta, &keys::pairs_of(self.owner), self.tier);
        while own.len() < LISTED_MAX
            && let Some((_, value)) = pairs.step()?
        {
            let id = ConversationId(keys::tail(value).ok_or_else(|| corrupt("a pair"))?);
            let conversation = self.shared.conversation(id, self.tier)?;
            let conversation = conversation.ok_or_else(|| corrupt("a pair without its conversation"))?;
            let side = conversation.side_of(self.owner).ok_or_else(|| corrupt("a pair of others"))?;
            if conversation.last_of(side) > Cseq(0) {
                own.push(((conversation.active_of(side), id), conversation));
            }
        }
        Ok(own)
    }

    /// The newest message of each conversation among those that wait in the owner's timeline.
    fn waiting(
        &self,
        candidates: &[(ListPlace, Conversation)],
    ) -> Result<BTreeMap<ConversationId, Arc<Message>>, Fault> {
        let inline = candidates.iter().filter(|(_, conversation)| conversation.record.inline);
        let mut wanted: BTreeMap<ConversationId, &Conversation> = inline.map(|((_, id), c)| (*id, c)).collect();
        let mut found = BTreeMap::new();
        let Some(owner) = self.shared.owner(self.owner, self.tier)? else { return Ok(found) };
        let floor = Seq(owner.record.delivered_floor);
        let from = keys::entry(self.owner, Seq(floor.0 + 1));
        let to = keys::entry(self.owner, Seq(owner.last.0 + 1));
        let mut scan = self.shared.db.scan_back(Cf::Tl, &from, &to, self.tier);
        let mut looked_at = 0;
        while !wanted.is_empty()
            && looked_at < WAITING_LOOKED_MAX
            && let Some((key, value)) = scan.step()?
        {
            looked_at += 1;
            let (retention, record) = entry_record(value)?;
            let (seq, id) = (Seq(keys::tail(key).unwrap_or_default()), ConversationId(record.conversation));
            let Some(conversation) = wanted.get(&id).filter(|_| record.kind == kind::INLINE) else { continue };
            if dead(retention, seq, floor, Seq::ZERO, self.now) {
                continue;
            }
            let body = record.body.ok_or_else(|| corrupt("an entry without its body"))?;
            if body.sent < self.since.0 {
                break;
            }
            let message_id = MessageId { conversation: id, cseq: Cseq(record.cseq) };
            if let Some(said) = as_amended(self.shared, self.owner, conversation, message_id, body, self.tier)? {
                found.insert(id, said);
                wanted.remove(&id);
            }
        }
        Ok(found)
    }

    fn view(
        &self,
        id: ConversationId,
        conversation: &Conversation,
        active: TimestampMs,
        waiting: Option<Arc<Message>>,
    ) -> Result<ConversationView, Fault> {
        let row = settings_row(self.shared, self.owner, id, self.tier)?;
        let settings = row.settings(self.owner, id, conversation)?;
        let side = conversation.side_of(self.owner).ok_or_else(|| corrupt("a pair of others"))?;
        let last = conversation.last_of(side);
        let kept = self.last_kept(id, conversation, last)?;
        let message = kept.into_iter().chain(waiting).max_by_key(|said| said.id.cseq);
        let read = Cseq(self.shared.row(&keys::mark(self.owner, id), self.tier)?.read);
        let receipt = self.shared.row(&keys::receipt(self.owner, id), self.tier)?;
        let receipt = receipt.into_receipt(id, &settings.peer);
        let unread = self.unread(id, conversation, read, last)?;
        Ok(ConversationView { settings, active, last, message, unread, read, receipt })
    }

    /// The newest message up to `last` that the conversation keeps.
    fn last_kept(
        &self,
        id: ConversationId,
        conversation: &Conversation,
        last: Cseq,
    ) -> Result<Option<Arc<Message>>, Fault> {
        let (from, to) = (keys::body(id, Cseq(0)), keys::body(id, last.next()));
        let mut scan = self.shared.db.scan_back(Cf::Conv, &from, &to, self.tier);
        for _ in 0..LAST_LOOKED_MAX {
            let Some((key, value)) = scan.step()? else { break };
            let (retention, rest) = head(value).ok_or_else(|| corrupt("the head of a body"))?;
            if dead(retention, Seq(1), Seq::ZERO, Seq::ZERO, self.now) {
                continue;
            }
            let message_id = MessageId { conversation: id, cseq: Cseq(keys::tail(key).unwrap_or_default()) };
            let body: BodyRecord = decode("a body", rest)?;
            if body.sent < self.since.0 {
                break;
            }
            if let Some(said) = as_amended(self.shared, self.owner, conversation, message_id, body, self.tier)? {
                return Ok(Some(said));
            }
        }
        Ok(None)
    }

    /// Messages of the other side above the mark, up to `last`, that are there, not recalled and not deleted.
    fn unread(&self, id: ConversationId, conversation: &Conversation, read: Cseq, last: Cseq) -> Result<u32, Fault> {
        if read >= last {
            return Ok(0);
        }
        let Some(members) = conversation.members.as_deref() else { return Ok(0) };
        if members[0].0 == members[1].0 {
            return Ok(0);
        }
        let mine = members[0].0 != self.owner;
        let mut unread: BTreeSet<Cseq> = BTreeSet::new();
        let end = last.next();
        let mut bodies =
            self.shared.db.scan_back(Cf::Conv, &keys::body(id, read.next()), &keys::body(id, end), self.tier);
        for _ in 0..COUNTED_MAX {
            let Some((key, value)) = bodies.step()? else { break };
            let (retention, rest) = head(value).ok_or_else(|| corrupt("the head of a body"))?;
            let body: BodyHead = decode("a body", rest)?;
            if body.sent < self.since.0 {
                break;
            }
            let counts = body.by_second != mine && body.recalled == 0 && !body.withheld;
            if counts && !dead(retention, Seq(1), Seq::ZERO, Seq::ZERO, self.now) {
                unread.insert(Cseq(keys::tail(key).unwrap_or_default()));
            }
        }
        if conversation.record.inline {
            let (from, to) = (keys::amendment(id, read.next()), keys::amendment(id, end));
            let mut rows = self.shared.db.scan_back(Cf::Meta, &from, &to, self.tier);
            for _ in 0..COUNTED_MAX {
                let Some((key, value)) = rows.step()? else { break };
                let row: AmendmentRecord = decode("an amendment", value)?;
                if row.sent < self.since.0 {
                    break;
                }
                let counts = row.inline && row.by_second != mine && row.recalled == 0 && !row.withheld;
                if counts && !row.ended(self.now) {
                    unread.insert(Cseq(keys::tail(key).unwrap_or_default()));
                }
            }
        }
        let mut count = 0;
        for cseq in unread {
            let message_id = MessageId { conversation: id, cseq };
            if !self.shared.flags(self.owner, conversation, message_id, self.tier)?.hidden {
                count += 1;
            }
            if count == UNREAD_MAX {
                break;
            }
        }
        Ok(count)
    }
}
