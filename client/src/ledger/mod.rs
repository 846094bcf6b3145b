//! The ledger: what senders meant and were answered, what devices were told, and whether the three agree.
//!
//! Whoever drives clients writes each thing down when it happens: an intent before its request, an outcome after its
//! answer, an item before it is acknowledged. [`Ledger::judge`] gives a [`Report`] with every [`Violation`] and its
//! evidence. Pure data, no IO and no clock: the order in which things are written down is the only time there is.
//! Invariant: every content is intended once, so that a message can be told by what it says. A ledger is as large as
//! the run that it is about; whoever drives the run bounds it.

mod judge;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use belfry_wire::v1;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

/// Violations of one kind that are kept with their evidence; all are counted.
pub const EVIDENCE_MAX: usize = 100;

/// A moment: how many things were written down before it.
type Tick = u64;

/// What a message says, as a fingerprint.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Of all that a content says.
    pub fn of(content: &v1::Content) -> Digest {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha256::digest(content.encode_to_vec())[..16]);
        Digest(short)
    }

    /// Of a text message.
    pub fn of_text(text: &str) -> Digest {
        Digest::of(&v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() })
    }
}

/// Which message of which conversation.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The conversation.
    pub conversation: u64,
    /// The message's number in it.
    pub cseq: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "message {} of conversation {}", self.cseq, self.conversation)
    }
}

/// A device in the ledger.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeviceNo(usize);

/// A message as a device was told it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Letter {
    /// Where it is.
    pub place: Place,
    /// Address of the sender.
    pub from: String,
    /// Address of the receiver.
    pub to: String,
    /// What it says; absent where the server leaves out what the device itself has sent.
    pub digest: Option<Digest>,
}

/// How far the other side has got, as a device was told it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// In which conversation.
    pub conversation: u64,
    /// The other side.
    pub peer: String,
    /// Up to here on a device of the other side.
    pub delivered: u64,
    /// Up to here read.
    pub read: u64,
}

/// What a device was told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Item {
    /// A message.
    Letter(Letter),
    /// A receipt.
    Receipt(Receipt),
    /// What the ledger does not judge.
    Other,
}

impl Item {
    /// The item of an event.
    pub fn of(event: &v1::Event) -> Item {
        match &event.item {
            Some(v1::event::Item::Message(message)) => Item::Letter(Letter {
                place: Place { conversation: message.conversation_id, cseq: message.cseq },
                from: message.from.clone(),
                to: message.to.clone(),
                digest: message.content.as_ref().map(Digest::of),
            }),
            Some(v1::event::Item::Receipt(receipt)) => Item::Receipt(Receipt {
                conversation: receipt.conversation_id,
                peer: receipt.peer.clone(),
                delivered: receipt.delivered_cseq,
                read: receipt.read_cseq,
            }),
            _ => Item::Other,
        }
    }
}

/// What is wrong, by the promise that it breaks.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Acknowledged, and not in the history of a device that is entitled to it.
    Lost,
    /// There more than once.
    Duplicated,
    /// One id was acknowledged at two places.
    TwoPlaces,
    /// A message without an answer is on one device and not on another.
    Disagreement,
    /// Refused, and there all the same.
    Resurrected,
    /// There, and nobody has sent it.
    Phantom,
    /// There, and says something else or is from somebody else.
    Altered,
    /// Not in the order of the conversation, or at another place than was acknowledged.
    Reordered,
    /// In the history, but a device that followed the log was never told it.
    Skipped,
    /// A device was told it, and the history does not have it.
    Vanished,
    /// A device was given a key that lies before the one it had.
    KeyWentBack,
    /// Said to be delivered before any device of the other side had it.
    FalseDelivered,
    /// Said to be read before the other side said so.
    FalseRead,
    /// A receipt that says less than one before it.
    ReceiptTakenBack,
    /// Acknowledged or read by the other side, and the sender's receipt does not say it.
    ReceiptLost,
    /// Somebody who is neither sender nor receiver was told it.
    Leaked,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 16] = [
        Kind::Lost,
        Kind::Duplicated,
        Kind::TwoPlaces,
        Kind::Disagreement,
        Kind::Resurrected,
        Kind::Phantom,
        Kind::Altered,
        Kind::Reordered,
        Kind::Skipped,
        Kind::Vanished,
        Kind::KeyWentBack,
        Kind::FalseDelivered,
        Kind::FalseRead,
        Kind::ReceiptTakenBack,
        Kind::ReceiptLost,
        Kind::Leaked,
    ];

    /// Its name, for programs and people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Lost => "lost",
            Kind::Duplicated => "duplicated",
            Kind::TwoPlaces => "acknowledged_at_two_places",
            Kind::Disagreement => "devices_disagree",
            Kind::Resurrected => "refused_but_there",
            Kind::Phantom => "phantom",
            Kind::Altered => "altered",
            Kind::Reordered => "reordered",
            Kind::Skipped => "skipped",
            Kind::Vanished => "vanished",
            Kind::KeyWentBack => "key_went_back",
            Kind::FalseDelivered => "false_delivered",
            Kind::FalseRead => "false_read",
            Kind::ReceiptTakenBack => "receipt_taken_back",
            Kind::ReceiptLost => "receipt_lost",
            Kind::Leaked => "leaked",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// What kind of thing.
    pub kind: Kind,
    /// What shows it.
    pub evidence: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.evidence)
    }
}

/// How much was judged, and what is wrong.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Messages that somebody meant to send.
    pub intended: usize,
    /// Those whose sender was told that they are stored.
    pub acknowledged: usize,
    /// Those whose sender was never told.
    pub unknown: usize,
    /// Those that were refused.
    pub refused: usize,
    /// Items that devices were told.
    pub told: usize,
    /// Receipts among them.
    pub receipts: usize,
    /// How many violations there are of each kind that there is.
    pub counts: BTreeMap<Kind, usize>,
    /// The first of each kind, at most [`EVIDENCE_MAX`].
    pub violations: Vec<Violation>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many violations there are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// The kinds of what is wrong.
    pub fn kinds(&self) -> Vec<Kind> {
        self.counts.keys().copied().collect()
    }
}

/// Somebody's wish to send a message.
#[derive(Clone, Debug)]
struct Intent {
    from: String,
    id: String,
    to: String,
    digest: Digest,
    at: Tick,
    /// Requests, and how many of them were refused.
    tries: usize,
    refusals: usize,
    stored: Option<(Place, Tick)>,
}

/// What happened to one device.
#[derive(Clone, Debug)]
struct Device {
    account: String,
    log: Vec<(Tick, Item)>,
    key: Vec<(u32, u64)>,
    /// When and up to where in its log the server confirmed an acknowledgement.
    acknowledged: Vec<(Tick, usize)>,
    /// The history from the beginning: when it was asked for, and what it is.
    full: Option<(Tick, Vec<Item>)>,
    /// Its log is complete up to the time of the history.
    caught_up: bool,
}

/// Somebody said how far a conversation was read.
#[derive(Clone, Debug)]
struct Marked {
    account: String,
    conversation: u64,
    cseq: u64,
    at: Tick,
    answered: Option<Tick>,
}

/// All that was written down.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    tick: Tick,
    intents: Vec<Intent>,
    /// (device, client message id) -> intent.
    by_id: HashMap<(usize, String), usize>,
    devices: Vec<Device>,
    marks: Vec<Marked>,
    /// Messages that were there before, and how far those were read: (account, conversation) -> receipt.
    before: HashSet<Place>,
    receipts_before: HashMap<(String, u64), Receipt>,
    /// What was found wrong already when it was written down, by its subject.
    noted: BTreeMap<(Kind, String), String>,
}

impl Ledger {
    fn now(&mut self) -> Tick {
        self.tick += 1;
        self.tick
    }

    fn note(&mut self, kind: Kind, subject: String, evidence: String) {
        self.noted.entry((kind, subject)).or_insert(evidence);
    }

    /// Another device of an account.
    pub fn device(&mut self, account: &str) -> DeviceNo {
        self.devices.push(Device {
            account: account.to_owned(),
            log: Vec::new(),
            key: Vec::new(),
            acknowledged: Vec::new(),
            full: None,
            caught_up: false,
        });
        DeviceNo(self.devices.len() - 1)
    }

    /// Something that was in the account's timeline before the run; it is not judged.
    pub fn was_there(&mut self, device: DeviceNo, item: Item) {
        let account = self.devices[device.0].account.clone();
        match item {
            Item::Letter(letter) => drop(self.before.insert(letter.place)),
            Item::Receipt(receipt) => drop(self.receipts_before.insert((account, receipt.conversation), receipt)),
            Item::Other => {}
        }
    }

    /// A device is about to ask that this be sent, for the first time or again.
    pub fn intend(&mut self, device: DeviceNo, id: &str, to: &str, digest: Digest) {
        let at = self.now();
        let key = (device.0, id.to_owned());
        if let Some(known) = self.by_id.get(&key) {
            self.intents[*known].tries += 1;
            return;
        }
        let from = self.devices[device.0].account.clone();
        let (id, to) = (id.to_owned(), to.to_owned());
        self.intents.push(Intent { from, id, to, digest, at, tries: 1, refusals: 0, stored: None });
        self.by_id.insert(key, self.intents.len() - 1);
    }

    /// It was answered that the message is stored at this place.
    pub fn stored(&mut self, device: DeviceNo, id: &str, place: Place) {
        let at = self.now();
        let Some(index) = self.by_id.get(&(device.0, id.to_owned())).copied() else { return };
        let intent = &mut self.intents[index];
        match intent.stored {
            None => intent.stored = Some((place, at)),
            Some((first, _)) if first == place => {}
            Some((first, _)) => {
                let evidence = format!("`{id}` of {} was acknowledged as {first}, then as {place}", intent.from);
                let subject = format!("{} {id}", intent.from);
                self.note(Kind::TwoPlaces, subject, evidence);
            }
        }
    }

    /// The request was refused, in a way that says that nothing was stored.
    pub fn refused(&mut self, device: DeviceNo, id: &str) {
        self.now();
        if let Some(index) = self.by_id.get(&(device.0, id.to_owned())) {
            self.intents[*index].refusals += 1;
        }
    }

    /// The device was told this and keeps it: written before it is acknowledged, and not for what it had already.
    pub fn told(&mut self, device: DeviceNo, item: Item) {
        let at = self.now();
        self.devices[device.0].log.push((at, item));
    }

    /// The device goes on from this key, which it was given. After a reset any key may come.
    pub fn key(&mut self, device: DeviceNo, key: &v1::SyncKey, reset: bool) {
        let values: Vec<(u32, u64)> = key.list.iter().map(|value| (value.key, value.val)).collect();
        let known = &mut self.devices[device.0];
        let value = |kind: u32| values.iter().find(|(key, _)| *key == kind).map_or(0, |(_, value)| *value);
        let back = known.key.iter().find(|(kind, before)| value(*kind) < *before).copied();
        let account = known.account.clone();
        known.key = values.clone();
        if let Some((kind, before)) = back
            && !reset
        {
            let evidence = format!("a device of {account} at {before} of kind {kind} was given the key {values:?}");
            self.note(Kind::KeyWentBack, format!("{} {before} {values:?}", device.0), evidence);
        }
    }

    /// The server has confirmed that all is acknowledged that this device was told so far.
    pub fn acknowledged(&mut self, device: DeviceNo) {
        let at = self.now();
        let known = &mut self.devices[device.0];
        known.acknowledged.push((at, known.log.len()));
    }

    /// The device is about to say that the conversation was read up to here. What comes back is for [`Ledger::marked`].
    pub fn mark(&mut self, device: DeviceNo, place: Place) -> usize {
        let at = self.now();
        let account = self.devices[device.0].account.clone();
        let Place { conversation, cseq } = place;
        self.marks.push(Marked { account, conversation, cseq, at, answered: None });
        self.marks.len() - 1
    }

    /// The server has confirmed that mark.
    pub fn marked(&mut self, mark: usize) {
        let at = self.now();
        if let Some(mark) = self.marks.get_mut(mark) {
            mark.answered = Some(at);
        }
    }

    /// The device has asked for everything after its key and got it: its log is complete.
    pub fn caught_up(&mut self, device: DeviceNo) {
        self.now();
        self.devices[device.0].caught_up = true;
    }

    /// From here on the history of this device is read from the beginning, after all else has come to rest.
    pub fn history_begins(&mut self, device: DeviceNo) {
        let at = self.now();
        self.devices[device.0].full = Some((at, Vec::new()));
    }

    /// The next item of the history.
    pub fn history(&mut self, device: DeviceNo, item: Item) {
        if let Some((_, items)) = &mut self.devices[device.0].full {
            items.push(item);
        }
    }

    /// The history of a device, as far as it was read.
    pub fn history_of(&self, device: DeviceNo) -> &[Item] {
        self.devices[device.0].full.as_ref().map_or(&[], |(_, items)| items)
    }

    /// The newest receipt that a device was told.
    pub fn last_receipt(&self, device: DeviceNo) -> Option<&Receipt> {
        self.devices[device.0].log.iter().rev().find_map(|(_, item)| match item {
            Item::Receipt(receipt) => Some(receipt),
            _ => None,
        })
    }
}
