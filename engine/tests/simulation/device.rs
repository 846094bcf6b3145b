//! A device as the protocol document says it should be: what it keeps, what it does with what it is given.
//!
//! Answers and notifications come in, changes of the local state and of the ledger leave. Invariants: what is given is
//! stored together with its key, or not at all; a page that does not follow on the stored key is not taken.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use belfry_domain::{
    AccountId, ClientMessageId, Contact, Content, ConversationId, Cseq, Entry, Item, MessageId, Seq, Stretch,
};
use belfry_engine::{Batch, Sent};

use crate::executor::TaskId;
use crate::ledger::{Checked, Ledger, Rows, Ticks, View, Violation, Who, hold};
use crate::link::Pipe;

/// What a device keeps on its own disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Local {
    pub(crate) key: Seq,
    /// With the place in the timeline, and whether it came in or is one's own.
    pub(crate) messages: BTreeMap<MessageId, (Seq, ClientMessageId, bool)>,
    pub(crate) receipts: BTreeMap<ConversationId, (Seq, Ticks)>,
    pub(crate) marks: BTreeMap<ConversationId, (Seq, Cseq)>,
    pub(crate) profile: Option<(Seq, String)>,
    pub(crate) contacts: BTreeMap<AccountId, (Seq, Contact)>,
}

/// A message that waits to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) intent: usize,
    pub(crate) to: belfry_domain::Address,
    pub(crate) client_id: ClientMessageId,
    pub(crate) content: Content,
    pub(crate) under_way: bool,
}

/// What was asked, to know what an answer is about.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    Sync { after: Option<Seq>, acknowledged: bool },
    Send { intent: usize },
    Acknowledge { delivered: Seq },
    Mark { conversation: ConversationId, read: Cseq },
    Profile,
    Deed,
    History { foreign: bool },
}

/// How a device is connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    Link,
    Requests,
}

/// One connection of a device.
pub(crate) struct Connection {
    pub(crate) way: Way,
    pub(crate) pipe: Rc<Pipe>,
    /// Server tasks, and whether the server ends them when the client has gone.
    pub(crate) tasks: Vec<(TaskId, bool)>,
    pub(crate) asked: BTreeMap<u32, Asked>,
    pub(crate) next: u32,
    pub(crate) syncing: bool,
    /// A sync was answered on it: from then on it is told.
    pub(crate) told: bool,
    /// The server knows nothing of it any more; what stands in the pipe can still be read.
    pub(crate) cut: bool,
}

/// One device.
pub(crate) struct Device {
    pub(crate) who: Who,
    pub(crate) key: [u8; 32],
    /// It has not been told that it is cut off.
    pub(crate) alive: bool,
    pub(crate) local: Local,
    pub(crate) outbox: VecDeque<Waiting>,
    pub(crate) connection: Option<Connection>,
    pub(crate) messages_made: u32,
    /// The key up to which an acknowledgement went out on this connection.
    pub(crate) acknowledged: Seq,
    /// Keys that were stored, to go back to.
    pub(crate) keys: Vec<Seq>,
    /// Planted: entries whose key was stored before them.
    pub(crate) unwritten: Vec<Entry>,
    pub(crate) key_first: bool,
}

/// What became of a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Applied {
    Stored,
    Gap,
}

impl Device {
    /// Takes a page that follows on the stored key. `previous`: `None` is wherever the server has the device.
    pub(crate) fn apply(
        &mut self,
        previous: Option<Seq>,
        batch: &Batch,
        ledger: &mut Ledger,
    ) -> Result<Applied, Violation> {
        hold!("L6", !batch.reset, "{:?} is told that its key {} is of another log", self.who, self.local.key);
        self.check(batch)?;
        for entry in &batch.entries {
            ledger.given(self.who, entry)?;
        }
        let follows = match previous {
            Some(previous) => previous == self.local.key,
            None => batch.prev.passed() <= self.local.key && batch.key.passed() >= self.local.key,
        };
        if !follows {
            return Ok(Applied::Gap);
        }
        if self.key_first {
            self.unwritten.extend(batch.entries.iter().map(|entry| (**entry).clone()));
            self.local.key = batch.key.passed();
            return Ok(Applied::Stored);
        }
        let known = self.local.key;
        for entry in batch.entries.iter().filter(|entry| entry.seq > known) {
            self.store(entry, ledger)?;
        }
        self.keys.push(self.local.key);
        self.local.key = batch.key.passed();
        Ok(Applied::Stored)
    }

    /// What holds of any page, whoever reads it.
    fn check(&self, batch: &Batch) -> Checked {
        let mut last = batch.prev.passed();
        for entry in &batch.entries {
            hold!("L5", entry.seq > last, "{:?} is told place {} behind {last}", self.who, entry.seq);
            hold!("seq", entry.prev < entry.seq, "{:?}: {} names {} before it", self.who, entry.seq, entry.prev);
            last = entry.seq;
        }
        let key = batch.key.passed();
        hold!("L6", key >= last, "{:?} is told key {key} behind place {last}", self.who);
        Ok(())
    }

    /// Stores one event. Whatever comes twice has its effect once.
    pub(crate) fn store(&mut self, entry: &Entry, ledger: &mut Ledger) -> Checked {
        match &entry.item {
            Item::Message(message) => {
                let incoming = match &message.author {
                    belfry_domain::Author::Account { account, .. } => *account != self.who.0,
                    belfry_domain::Author::Guest { .. } => true,
                };
                let row = (entry.seq, message.client_id.clone(), incoming);
                self.local.messages.entry(message.id).or_insert(row);
                ledger.logged(self.who.0, message.id);
                if !incoming {
                    self.outbox.retain(|waiting| waiting.under_way || waiting.client_id != message.client_id);
                }
            }
            Item::Receipt(receipt) => {
                let row = self.local.receipts.entry(receipt.conversation).or_default();
                let (seq, old, new) = (row.0, &row.1, Ticks::of(receipt));
                let inside = |(from, to): &Stretch| new.ended.iter().any(|(first, last)| first <= from && to <= last);
                let lower = new.delivered < old.delivered || new.read < old.read || !old.ended.iter().all(inside);
                hold!("L7", entry.seq <= seq || !lower, "{:?}: a receipt falls from {old:?} to {new:?}", self.who);
                if entry.seq > seq {
                    *row = (entry.seq, new);
                }
            }
            Item::Mark(mark) => {
                let row = self.local.marks.entry(mark.conversation).or_default();
                let falls = entry.seq > row.0 && mark.read < row.1;
                hold!("L7", !falls, "{:?}: a mark falls from {} to {}", self.who, row.1, mark.read);
                if entry.seq > row.0 {
                    *row = (entry.seq, mark.read);
                }
            }
            Item::Profile(profile) => {
                if self.local.profile.as_ref().is_none_or(|(seq, _)| *seq < entry.seq) {
                    self.local.profile = Some((entry.seq, profile.display_name.clone()));
                }
            }
            Item::Contact(view) => {
                let row = self.local.contacts.entry(view.account).or_default();
                if entry.seq > row.0 {
                    *row = (entry.seq, view.contact.clone());
                }
            }
            // The ledger has said that nobody did it.
            Item::Amendment(_) | Item::Flags(_) | Item::Settings(_) | Item::Keeping(_) | Item::Privacy(_) => {}
        }
        Ok(())
    }

    /// The server has a message of this device: it leaves the outbox, and the key goes on if it stood before it.
    pub(crate) fn sent(&mut self, waiting: &Waiting, sent: &Sent, ledger: &mut Ledger) {
        self.local.messages.entry(sent.id).or_insert((sent.seq, waiting.client_id.clone(), false));
        ledger.logged(self.who.0, sent.id);
        if self.local.key == sent.prev {
            self.local.key = sent.seq;
        }
    }

    /// Comes back with what it had at an earlier key.
    pub(crate) fn restore(&mut self, key: Seq) {
        let local = &mut self.local;
        local.key = key;
        local.messages.retain(|_, (seq, ..)| *seq <= key);
        local.receipts.retain(|_, (seq, _)| *seq <= key);
        local.marks.retain(|_, (seq, _)| *seq <= key);
        local.profile = local.profile.take().filter(|(seq, _)| *seq <= key);
        local.contacts.retain(|_, (seq, _)| *seq <= key);
        self.keys.retain(|older| *older <= key);
        self.acknowledged = Seq::ZERO;
        self.unwritten.clear();
    }

    /// Messages that came in, in the order of the log, up to a key.
    pub(crate) fn incoming_up_to(&self, key: Seq) -> impl Iterator<Item = MessageId> + '_ {
        self.local.messages.iter().filter(move |(_, (seq, _, incoming))| *incoming && *seq <= key).map(|(id, _)| *id)
    }

    pub(crate) fn view(&self) -> View {
        let local = &self.local;
        View {
            messages: local.messages.iter().map(|(id, (_, client_id, _))| (*id, client_id.clone())).collect(),
            rows: Rows {
                receipts: local.receipts.iter().map(|(id, (_, ticks))| (*id, ticks.clone())).collect(),
                marks: local.marks.iter().map(|(id, (_, read))| (*id, *read)).collect(),
                profile: local.profile.as_ref().map(|(_, name)| name.clone()),
                contacts: local.contacts.iter().map(|(id, (_, contact))| (*id, contact.clone())).collect(),
            },
        }
    }
}
