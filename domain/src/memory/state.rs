//! What the memory store holds: plain maps, one for each kind of row of the logical schema.
//!
//! Invariant: [`State::push`] is the one place where a number of a timeline is given out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;

use super::blocking::Withheld;
use super::contacts::ContactRow;
use super::conversations::{Fact, FlagsRow, SettingsRow};
use crate::account::{Account, Privacy, Registration};
use crate::address::{Address, Phone};
use crate::contact::{Invite, Picture, PictureId};
use crate::content::Content;
use crate::conversation::MessageFlags;
use crate::device::{Cursor, Device};
use crate::document::DocumentKey;
use crate::event::{Author, Entry, Item, Mark, Message, Receipt};
use crate::ids::{AccountId, ClientMessageId, ConversationId, Cseq, DeviceId, Epoch, MessageId, Seq, TimestampMs};
use crate::ports::{StoreError, Waiting};
use crate::retention::{Retention, Wish};
use crate::stretch::{Stretch, add_stretch};
use crate::sync_key::DataKind;

/// Everything.
#[derive(Clone)]
pub(super) struct State {
    pub(super) epoch: Epoch,
    /// The latest moment that any intent has told: by it entries expire for readers.
    pub(super) now: TimestampMs,
    pub(super) accounts: BTreeMap<AccountId, Arc<Account>>,
    pub(super) by_address: BTreeMap<Address, AccountId>,
    pub(super) by_phone: HashMap<Phone, AccountId>,
    /// By domain and skeleton of the local part.
    pub(super) by_skeleton: HashMap<(String, String), AccountId>,
    pub(super) accounts_made: u64,
    pub(super) devices: BTreeMap<(AccountId, DeviceId), Arc<Device>>,
    pub(super) cursors: HashMap<(AccountId, DeviceId), Cursor>,
    pub(super) registrations: HashMap<Phone, Registration>,
    pub(super) timelines: HashMap<AccountId, Timeline>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    /// The two members in ascending order.
    pub(super) pairs: HashMap<(AccountId, AccountId), ConversationId>,
    pub(super) conversations_made: u64,
    pub(super) dedupe: HashMap<(AccountId, DeviceId, ClientMessageId), Remembered>,
    pub(super) rooms: HashMap<String, ConversationId>,
    pub(super) room_logs: HashMap<ConversationId, RoomLog>,
    pub(super) room_dedupe: HashMap<(ConversationId, RoomAuthor, ClientMessageId), RememberedInRoom>,
    /// Noise keys and hashes of secrets of devices that went for their silence.
    pub(super) retired: HashSet<[u8; 32]>,
    pub(super) profiles: HashMap<AccountId, ProfileRow>,
    pub(super) documents: BTreeMap<(AccountId, DocumentKey), Bytes>,
    /// By the hash of their tokens.
    pub(super) invites: BTreeMap<[u8; 32], Invite>,
}

/// What an account shows besides its names.
#[derive(Clone, Default)]
pub(super) struct ProfileRow {
    pub(super) about: String,
    pub(super) picture: Option<(PictureId, Arc<Picture>)>,
}

/// One owner's log.
#[derive(Clone, Default)]
pub(super) struct Timeline {
    pub(super) last: Seq,
    pub(super) delivered_floor: Seq,
    /// The furthest that any device ever acknowledged: up to here receipts are made.
    pub(super) delivered_any: Seq,
    /// For each life the last number given out in it: what is not in here was never a place of this log.
    pub(super) lives: BTreeMap<Epoch, u32>,
    pub(super) entries: BTreeMap<Seq, Stored>,
    pub(super) receipts: HashMap<ConversationId, ReceiptRow>,
    pub(super) marks: HashMap<ConversationId, MarkRow>,
    pub(super) flags: HashMap<MessageId, FlagsRow>,
    pub(super) settings: HashMap<ConversationId, SettingsRow>,
    pub(super) profile: Seq,
    pub(super) privacy: Privacy,
    /// The place of the latest change of it.
    pub(super) privacy_seq: Seq,
    /// How the owner stands to others; what was said of one that is nothing any more is kept, so that it is told.
    pub(super) contacts: BTreeMap<AccountId, ContactRow>,
    /// What blocked sides have sent, and what they are not told to have been delivered.
    pub(super) withheld: BTreeMap<MessageId, Withheld>,
    pub(super) devices_made: u32,
    /// The last message that pruning has taken away.
    pub(super) gone: Seq,
    /// The delivered floor and the place that `waiting` counted to, and what it found.
    pub(super) counted: Option<(Seq, Seq, Waiting)>,
}

impl Timeline {
    /// Whether this log ever had the place; the place before all counts.
    pub(super) fn had(&self, place: Seq) -> bool {
        let n = place.0 as u32;
        place == Seq::ZERO || (n > 0 && self.lives.get(&place.epoch()).is_some_and(|last| n <= *last))
    }
}

/// An entry as it is kept: a message, or a pointer to a state row.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) prev: Seq,
    pub(super) retention: Retention,
    pub(super) what: What,
}

/// What an entry is about.
#[derive(Clone)]
pub(super) enum What {
    Message {
        message: Arc<Message>,
        incoming: bool,
        /// What the content weighed when it was sent, and so until it is delivered, however it is edited; recalled: 0.
        weight: u64,
    },
    Receipt(ConversationId),
    Mark(ConversationId),
    Profile,
    /// With what the message says since its edit, where only the timelines have it.
    Amendment {
        id: MessageId,
        content: Option<Content>,
    },
    Flags(MessageId),
    Settings(ConversationId),
    Keeping(ConversationId),
    Privacy,
    /// With the other side.
    Contact(AccountId),
}

impl What {
    /// The kind of data; as [`crate::kind_of`] says for the entry that is made of it.
    pub(super) fn kind(&self) -> DataKind {
        match self {
            What::Message { .. } | What::Amendment { .. } => DataKind::Messages,
            What::Receipt(_) | What::Mark(_) => DataKind::Marks,
            What::Profile => DataKind::Profile,
            What::Flags(_) | What::Settings(_) | What::Keeping(_) | What::Privacy => DataKind::Settings,
            What::Contact(_) => DataKind::Contacts,
        }
    }
}

#[derive(Clone, Default, PartialEq)]
pub(super) struct ReceiptRow {
    pub(super) seq: Seq,
    pub(super) delivered: Cseq,
    pub(super) read: Cseq,
    pub(super) undelivered: Vec<Stretch>,
}

/// What a receipt is to be raised by.
#[derive(Clone, Default)]
pub(super) struct Raise {
    pub(super) delivered: Cseq,
    pub(super) read: Cseq,
    /// What ended undelivered.
    pub(super) lost: Vec<Stretch>,
}

impl ReceiptRow {
    /// The row after that; `None`: it says nothing new.
    fn raised(&self, raise: &Raise) -> Option<ReceiptRow> {
        let mut new = self.clone();
        new.delivered = self.delivered.max(raise.delivered);
        new.read = self.read.max(raise.read);
        for stretch in &raise.lost {
            add_stretch(&mut new.undelivered, *stretch);
        }
        (new != *self).then_some(new)
    }
}

#[derive(Clone, Copy, Default)]
pub(super) struct MarkRow {
    pub(super) seq: Seq,
    pub(super) read: Cseq,
}

/// A direct conversation; its members' addresses outlive their accounts.
#[derive(Clone)]
pub(super) struct Conversation {
    pub(super) members: [(AccountId, Address); 2],
    pub(super) last: Cseq,
    /// What is kept by the conversation; messages until delivered are in the timelines alone.
    pub(super) log: BTreeMap<Cseq, (Arc<Message>, Retention)>,
    /// Of every message that can be changed.
    pub(super) facts: BTreeMap<Cseq, Fact>,
    /// What each member has been shown of it.
    pub(super) shown: [Shown; 2],
    /// Whether each member has written, reacted or accepted: then the other one is no stranger.
    pub(super) heard: [bool; 2],
    /// What each member has sent while a stranger to the other.
    pub(super) unanswered: [u32; 2],
    /// New messages disappear after this; 0: they do not.
    pub(super) disappear_after_ms: u64,
    /// What a member sees instead who has set it while one blocked the other.
    pub(super) disappear_copies: [Option<u64>; 2],
    /// What each member wishes, and the place in the member's timeline that says so.
    pub(super) wishes: [(Wish, Seq); 2],
    /// What a member sees as its own wish instead, who has wished it while one blocked the other.
    pub(super) wish_copies: [Option<Wish>; 2],
}

/// The last message that a member was shown, and when it was sent.
#[derive(Clone, Copy, Default)]
pub(super) struct Shown {
    pub(super) last: Cseq,
    pub(super) active: TimestampMs,
}

impl Conversation {
    /// The other member, for a member; notes to self have the same on both sides.
    pub(super) fn peer_of(&self, owner: AccountId) -> Option<&(AccountId, Address)> {
        match &self.members {
            [a, b] if a.0 == owner => Some(b),
            [a, b] if b.0 == owner => Some(a),
            _ => None,
        }
    }

    /// Which of the two a member is; notes to self have the same on both sides.
    pub(super) fn side_of(&self, owner: AccountId) -> Option<usize> {
        self.members.iter().position(|(member, _)| *member == owner)
    }
}

/// What a client message id stands for.
#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) fingerprint: [u8; 16],
    pub(super) id: MessageId,
    pub(super) sent: TimestampMs,
    pub(super) seq: Seq,
    pub(super) prev: Seq,
}

#[derive(Clone)]
pub(super) struct RememberedInRoom {
    pub(super) fingerprint: [u8; 16],
    pub(super) message: Arc<Message>,
}

/// Who writes in a room, for dedupe: a guest's stay or a device.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(super) enum RoomAuthor {
    Account(AccountId, DeviceId),
    Guest(u64),
}

impl RoomAuthor {
    pub(super) fn of(author: &Author) -> RoomAuthor {
        match author {
            Author::Account { account, device, .. } => RoomAuthor::Account(*account, *device),
            Author::Guest { lease, .. } => RoomAuthor::Guest(lease.0),
        }
    }
}

#[derive(Clone, Default)]
pub(super) struct RoomLog {
    pub(super) last: Cseq,
    pub(super) messages: BTreeMap<Cseq, Arc<Message>>,
}

impl State {
    pub(super) fn new(epoch: Epoch) -> State {
        State {
            epoch,
            now: TimestampMs(0),
            accounts: BTreeMap::new(),
            by_address: BTreeMap::new(),
            by_phone: HashMap::new(),
            by_skeleton: HashMap::new(),
            accounts_made: 0,
            devices: BTreeMap::new(),
            cursors: HashMap::new(),
            registrations: HashMap::new(),
            timelines: HashMap::new(),
            conversations: BTreeMap::new(),
            pairs: HashMap::new(),
            conversations_made: 0,
            dedupe: HashMap::new(),
            rooms: HashMap::new(),
            room_logs: HashMap::new(),
            room_dedupe: HashMap::new(),
            retired: HashSet::new(),
            profiles: HashMap::new(),
            invites: BTreeMap::new(),
            documents: BTreeMap::new(),
        }
    }

    pub(super) fn saw(&mut self, now: TimestampMs) {
        self.now = self.now.max(now);
    }

    pub(super) fn next_conversation(&mut self) -> ConversationId {
        self.conversations_made += 1;
        ConversationId(self.conversations_made)
    }

    /// Gives out the next place of a timeline and puts an entry there. Returns the place and the one before it.
    pub(super) fn push(
        &mut self,
        owner: AccountId,
        retention: Retention,
        what: What,
    ) -> Result<(Seq, Seq), StoreError> {
        let timeline = self.timelines.entry(owner).or_default();
        let prev = timeline.last;
        let seq = prev
            .next(self.epoch)
            .ok_or_else(|| StoreError::Failed(format!("the numbers of timeline {owner} are used up")))?;
        timeline.last = seq;
        timeline.lives.insert(seq.epoch(), seq.0 as u32);
        timeline.entries.insert(seq, Stored { prev, retention, what });
        Ok((seq, prev))
    }

    /// Writes a receipt row if it grows, with its entry.
    pub(super) fn raise_receipt(
        &mut self,
        owner: AccountId,
        conversation: ConversationId,
        raise: Raise,
    ) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
        if !self.accounts.contains_key(&owner) {
            return Ok(None);
        }
        let timeline = self.timelines.entry(owner).or_default();
        let old = timeline.receipts.get(&conversation).cloned().unwrap_or_default();
        let Some(new) = old.raised(&raise) else { return Ok(None) };
        timeline.entries.remove(&old.seq);
        let (seq, _) = self.push(owner, Retention::Keep, What::Receipt(conversation))?;
        let timeline = self.timelines.entry(owner).or_default();
        timeline.receipts.insert(conversation, ReceiptRow { seq, ..new });
        Ok(self.entry(owner, seq).map(|entry| (owner, entry)))
    }

    /// Writes the owner's read mark if it grows, with its entry.
    pub(super) fn raise_mark(
        &mut self,
        owner: AccountId,
        conversation: ConversationId,
        read: Cseq,
    ) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
        let timeline = self.timelines.entry(owner).or_default();
        let old = timeline.marks.get(&conversation).copied().unwrap_or_default();
        if read <= old.read {
            return Ok(None);
        }
        timeline.entries.remove(&old.seq);
        let (seq, _) = self.push(owner, Retention::Keep, What::Mark(conversation))?;
        self.timelines.entry(owner).or_default().marks.insert(conversation, MarkRow { seq, read });
        Ok(self.entry(owner, seq).map(|entry| (owner, entry)))
    }

    /// The entry at a place as a reader gets it; `None`: it is gone or its row has moved on.
    pub(super) fn entry(&self, owner: AccountId, seq: Seq) -> Option<Arc<Entry>> {
        let timeline = self.timelines.get(&owner)?;
        let stored = timeline.entries.get(&seq)?;
        let item = match &stored.what {
            What::Message { message, .. } => Item::Message(self.as_copied(owner, message)),
            What::Receipt(conversation) => {
                let row = timeline.receipts.get(conversation).filter(|row| row.seq == seq)?;
                let (_, peer) = self.conversations.get(conversation)?.peer_of(owner)?;
                Item::Receipt(Receipt {
                    conversation: *conversation,
                    peer: peer.clone(),
                    delivered: row.delivered,
                    read: row.read,
                    undelivered: row.undelivered.clone(),
                })
            }
            What::Mark(conversation) => {
                let row = timeline.marks.get(conversation).filter(|row| row.seq == seq)?;
                Item::Mark(Mark { conversation: *conversation, read: row.read })
            }
            What::Profile => Item::Profile(self.profile(owner).filter(|_| timeline.profile == seq)?),
            What::Amendment { id, content } => {
                let conversation = self.conversations.get(&id.conversation)?;
                conversation.facts.get(&id.cseq).filter(|fact| fact.places.get(&owner) == Some(&seq))?;
                Item::Amendment(Arc::new(self.amendment(owner, *id, content.clone())?))
            }
            What::Flags(id) => {
                let row = timeline.flags.get(id).filter(|row| row.seq == seq)?;
                Item::Flags(MessageFlags { id: *id, starred: row.starred, hidden: row.hidden })
            }
            What::Settings(id) => {
                timeline.settings.get(id).filter(|row| row.seq == seq)?;
                Item::Settings(Arc::new(self.settings(owner, *id)?))
            }
            What::Keeping(conversation) => {
                let side = self.conversations.get(conversation)?.side_of(owner)?;
                let latest = self.conversations.get(conversation)?.wishes[side].1;
                Item::Keeping(self.keeping(owner, *conversation).filter(|_| latest == seq)?)
            }
            What::Privacy if timeline.privacy_seq == seq => Item::Privacy(timeline.privacy),
            What::Privacy => return None,
            What::Contact(peer) => {
                let row = timeline.contacts.get(peer).filter(|row| row.seq == seq)?;
                Item::Contact(Arc::new(row.view(*peer)))
            }
        };
        Some(Arc::new(Entry { seq, prev: stored.prev, item }))
    }
}
