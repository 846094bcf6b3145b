//! Stored records of the later life of messages and conversations.
//!
//! Values of the family `meta`, as in [`super::records`]. Invariant: what a message says stands in its body or its
//! entries and never here, so that nothing has to be erased here when it is recalled or has had its time.

use belfry_domain::ports::StoreError;
use belfry_domain::{
    AccountId, Address, Amendment, Content, ConversationId, ConversationSettings, Cseq, DraftText, MessageFlags,
    MessageId, Reaction, Retention, Seq, TimestampMs,
};

use super::records::{BodyRecord, corrupt, some};
use super::shared::Conversation;

/// What has become of a message; also what is known of one that is kept in the timelines alone, made with it.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AmendmentRecord {
    #[prost(uint64, tag = "1")]
    pub(super) sent: u64,
    /// The author is the conversation's second member.
    #[prost(bool, tag = "2")]
    pub(super) by_second: bool,
    /// The message is in the timelines alone.
    #[prost(bool, tag = "3")]
    pub(super) inline: bool,
    /// When the message ends at the latest; 0: it does not.
    #[prost(uint64, tag = "4")]
    pub(super) expires: u64,
    #[prost(uint64, tag = "5")]
    pub(super) edited: u64,
    #[prost(uint64, tag = "6")]
    pub(super) recalled: u64,
    #[prost(bool, tag = "7")]
    pub(super) pinned: bool,
    #[prost(message, repeated, tag = "8")]
    pub(super) reactions: Vec<ReactionRecord>,
    /// The entry of the latest change in the timeline of the first and of the second member; 0: none.
    #[prost(uint64, tag = "9")]
    pub(super) first_seq: u64,
    #[prost(uint64, tag = "10")]
    pub(super) second_seq: u64,
    /// Inline: the message's own entries.
    #[prost(uint64, tag = "11")]
    pub(super) first_entry: u64,
    #[prost(uint64, tag = "12")]
    pub(super) second_entry: u64,
    /// The other side never had the message and never will.
    #[prost(bool, tag = "13")]
    pub(super) withheld: bool,
}

/// What has become of a message for one side alone.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct CopyRecord {
    #[prost(message, optional, tag = "1")]
    pub(super) row: Option<AmendmentRecord>,
    /// What it says to that side, unless it is in the timelines alone or says what it says to both.
    #[prost(message, optional, tag = "2")]
    pub(super) body: Option<BodyRecord>,
}

/// A message whose author must not learn that it has come: it was kept from a member who blocked the author when it was
/// sent, or it was given to a device while one of them blocked the other. Stands for the entry of somebody who never
/// comes, until a receipt goes beyond it or its time is over.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct WithheldRecord {
    /// What it weighs in what waits, as its author may know it.
    #[prost(uint32, tag = "1")]
    pub(super) weight: u32,
    /// When it is over; 0: not by time.
    #[prost(uint64, tag = "2")]
    pub(super) expires: u64,
    /// The member never has it; otherwise it does, but for the author it has not come.
    #[prost(bool, tag = "3")]
    pub(super) withheld: bool,
    /// A device has it.
    #[prost(bool, tag = "4")]
    pub(super) given: bool,
    /// The last message before it that was not kept from the member, and when that was sent.
    #[prost(uint64, tag = "5")]
    pub(super) shown: u64,
    #[prost(uint64, tag = "6")]
    pub(super) active: u64,
    /// Of a message that is in the timelines alone: the other place where it is kept.
    #[prost(message, optional, tag = "7")]
    pub(super) body: Option<BodyRecord>,
    /// Nothing waits any more; what is left says what the member was shown.
    #[prost(bool, tag = "8")]
    pub(super) over: bool,
}

/// How a member of a conversation stands to the other: what each message needs to know of it.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct SideRecord {
    /// The member blocks the other.
    #[prost(bool, tag = "1")]
    pub(super) blocks: bool,
    /// The member lists the other.
    #[prost(bool, tag = "2")]
    pub(super) lists: bool,
    /// The member has neither written, reacted nor accepted in it. Conversations of before this was written down have
    /// it nowhere: their members know each other.
    #[prost(bool, tag = "3")]
    pub(super) silent: bool,
    /// What the member alone sees of its wish.
    #[prost(message, optional, tag = "4")]
    pub(super) wish: Option<WishRecord>,
    /// What the member alone sees of the time after which messages disappear.
    #[prost(uint64, optional, tag = "5")]
    pub(super) disappear_after: Option<u64>,
    /// Messages that came to a silent member while it listed the other, and the last number when it began to.
    #[prost(uint64, tag = "6")]
    pub(super) known: u64,
    #[prost(uint64, tag = "7")]
    pub(super) listed_at: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ReactionRecord {
    #[prost(bool, tag = "1")]
    pub(super) by_second: bool,
    #[prost(string, tag = "2")]
    pub(super) emoji: String,
}

/// What an owner has put on a message.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct FlagsRecord {
    #[prost(uint64, tag = "1")]
    pub(super) seq: u64,
    #[prost(bool, tag = "2")]
    pub(super) starred: bool,
    #[prost(bool, tag = "3")]
    pub(super) hidden: bool,
}

/// How an owner has a conversation.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct SettingsRecord {
    #[prost(uint64, tag = "1")]
    pub(super) seq: u64,
    #[prost(uint64, tag = "2")]
    pub(super) muted_until: u64,
    #[prost(bool, tag = "3")]
    pub(super) pinned: bool,
    #[prost(bool, tag = "4")]
    pub(super) archived: bool,
    #[prost(string, tag = "5")]
    pub(super) draft: String,
    #[prost(uint64, tag = "6")]
    pub(super) draft_reply_to: u64,
    #[prost(bool, tag = "7")]
    pub(super) marked_unread: bool,
}

/// A member's wish for how long messages are kept.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct WishRecord {
    #[prost(bool, tag = "1")]
    pub(super) until_delivered: bool,
    /// 0: no limit.
    #[prost(uint64, tag = "2")]
    pub(super) at_most_ms: u64,
}

/// The first fields of a body that lists look at: the rest is not decoded.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct BodyHead {
    #[prost(uint64, tag = "2")]
    pub(super) sent: u64,
    #[prost(bool, tag = "4")]
    pub(super) by_second: bool,
    #[prost(uint64, tag = "15")]
    pub(super) recalled: u64,
    #[prost(bool, tag = "17")]
    pub(super) withheld: bool,
}

impl AmendmentRecord {
    /// The class of the message.
    pub(super) fn retention(&self) -> Retention {
        match (self.inline, some(self.expires).map(TimestampMs)) {
            (true, expires) => Retention::UntilDelivered { expires: expires.unwrap_or(TimestampMs(u64::MAX)) },
            (false, Some(expires)) => Retention::Until(expires),
            (false, None) => Retention::Keep,
        }
    }

    pub(super) fn ended(&self, now: TimestampMs) -> bool {
        self.expires != 0 && self.expires <= now.0
    }

    /// The place of the latest change in the timeline of one side.
    pub(super) fn place(&mut self, second: bool) -> &mut u64 {
        if second { &mut self.second_seq } else { &mut self.first_seq }
    }

    /// The message's own entry in the timeline of one side, if it is inline.
    pub(super) fn entry(&self, second: bool) -> Seq {
        Seq(if second { self.second_entry } else { self.first_entry })
    }

    /// Reactions by address.
    pub(super) fn reactions(&self, members: &[(AccountId, Address); 2]) -> Vec<Reaction> {
        let reaction = |row: &ReactionRecord| {
            let (_, by) = if row.by_second { &members[1] } else { &members[0] };
            Reaction { by: by.clone(), emoji: row.emoji.clone() }
        };
        let mut reactions: Vec<Reaction> = self.reactions.iter().map(reaction).collect();
        reactions.sort_by(|a, b| a.by.cmp(&b.by));
        reactions
    }

    /// The row as both sides see it, with what the message says since its edit.
    pub(super) fn amendment(
        &self,
        id: MessageId,
        members: &[(AccountId, Address); 2],
        content: Option<Content>,
    ) -> Amendment {
        Amendment {
            id,
            author: members[usize::from(self.by_second)].1.clone(),
            edited: some(self.edited).map(TimestampMs),
            content: some(self.edited).and(content),
            recalled: some(self.recalled).map(TimestampMs),
            reactions: self.reactions(members),
            pinned: self.pinned,
        }
    }

    /// Puts somebody's reaction, or takes it back if it is empty; whether that changes anything.
    pub(super) fn react(&mut self, by_second: bool, emoji: String) -> bool {
        let before = self.reactions.iter().position(|row| row.by_second == by_second);
        match before {
            Some(at) if emoji.is_empty() => drop(self.reactions.remove(at)),
            Some(at) => return std::mem::replace(&mut self.reactions[at].emoji, emoji.clone()) != emoji,
            None if emoji.is_empty() => return false,
            None => self.reactions.push(ReactionRecord { by_second, emoji }),
        }
        true
    }
}

impl FlagsRecord {
    pub(super) fn flags(self, id: MessageId) -> MessageFlags {
        MessageFlags { id, starred: self.starred, hidden: self.hidden }
    }
}

impl SettingsRecord {
    pub(super) fn settings(
        self,
        owner: AccountId,
        id: ConversationId,
        conversation: &Conversation,
    ) -> Result<ConversationSettings, StoreError> {
        let (_, peer) = conversation.peer_of(owner).ok_or_else(|| corrupt("settings of a stranger"))?;
        let side = conversation.side_of(owner).ok_or_else(|| corrupt("settings of a stranger"))?;
        Ok(ConversationSettings {
            conversation: id,
            peer: peer.clone(),
            muted_until: TimestampMs(self.muted_until),
            pinned: self.pinned,
            archived: self.archived,
            draft: DraftText { text: self.draft, reply_to: some(self.draft_reply_to).map(Cseq) },
            marked_unread: self.marked_unread,
            request: conversation.is_request(side),
            disappear_after_ms: conversation.disappear_after(side),
        })
    }
}
