//! Receipts against a model: whatever is acknowledged and marked, in whatever order, whenever the store is ended.
//!
//! A run is a row of random steps of a seed. Beside the store stands a model that knows nothing but who was given what;
//! after every life the receipts, marks, floors and counts of the store must be those of the model, so they could be
//! derived from the cursors at any moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keeping::receipts;
use super::mailbox::{counted, waiting};
use super::{Lives, NOW, account, device, entries, message, send};
use crate::device::{Cursor, DeviceRole};
use crate::event::Item;
use crate::ids::{AccountId, ConversationId, Cseq, DeviceId, Epoch, MessageId, Seq};
use crate::memory::SeededEntropy;
use crate::ports::{Acknowledge, MarkRead, Store, random_array};

/// Runs of the property, each with a seed of its own.
const SEEDS: u64 = 24;

/// Steps of a run.
const STEPS: usize = 60;

/// Every case of this suite.
pub async fn all(make: &impl AsyncFn() -> Arc<dyn Lives>) {
    for seed in 0..SEEDS {
        receipts_are_what_the_cursors_and_marks_say(&*make().await, seed).await;
    }
}

#[derive(Default)]
struct Model {
    /// The timeline of each account: what was given out, as far as it is a message of somebody else.
    incoming: BTreeMap<AccountId, Vec<(Seq, AccountId, MessageId)>>,
    cursors: BTreeMap<(AccountId, DeviceId), Cursor>,
    /// The furthest mark of each account in each conversation.
    marks: BTreeMap<(AccountId, ConversationId), Cseq>,
    last: BTreeMap<ConversationId, Cseq>,
    pairs: BTreeMap<(AccountId, AccountId), ConversationId>,
    /// Every place that was ever given out.
    places: BTreeMap<AccountId, Vec<Seq>>,
}

impl Model {
    /// What the writer of a conversation with `reader` must see: derived from cursors and marks alone.
    fn ticks(&self, writer: AccountId, reader: AccountId) -> Option<(Cseq, Cseq)> {
        let any = self.cursors.iter().filter(|((owner, _), _)| *owner == reader).map(|(_, cursor)| cursor.delivered);
        let any = any.max().unwrap_or_default();
        let theirs =
            self.incoming.get(&reader).into_iter().flatten().filter(|(seq, by, _)| *by == writer && *seq <= any);
        let delivered = theirs.map(|(.., id)| id.cseq).max().unwrap_or_default();
        let conversation = self.pairs.get(&(writer.min(reader), writer.max(reader)))?;
        let read = self.marks.get(&(reader, *conversation)).copied().unwrap_or_default();
        let delivered = delivered.max(read);
        (delivered > Cseq(0)).then_some((delivered, read))
    }
}

struct Run {
    entropy: SeededEntropy,
    model: Model,
    people: Vec<AccountId>,
    devices: Vec<(AccountId, DeviceId)>,
    sent: u64,
}

impl Run {
    fn below(&self, end: usize) -> usize {
        usize::from(u16::from_be_bytes(random_array(&self.entropy))) % end.max(1)
    }

    /// A place that the timeline had, or one that it never had: beyond its end, of another life, of none.
    fn place(&self, owner: AccountId) -> (Seq, bool) {
        let places = self.model.places.get(&owner).map_or(&[][..], Vec::as_slice);
        let last = places.last().copied().unwrap_or_default();
        match self.below(10) {
            0 => (Seq(last.0 + 1 + self.below(3) as u64), false),
            1 => (Seq::new(Epoch(last.epoch().0 + 5), 1), false),
            2 if last > Seq::ZERO => (Seq::new(Epoch(last.epoch().0 - 1), u32::MAX), false),
            3 => (Seq(u64::MAX), false),
            4 => (Seq::ZERO, true),
            _ => places.get(self.below(places.len())).map_or((Seq::ZERO, true), |place| (*place, true)),
        }
    }

    async fn step(&mut self, store: &dyn Store) {
        match self.below(10) {
            0..4 => self.send(store).await,
            4..8 => self.acknowledge(store).await,
            _ => self.mark(store).await,
        }
    }

    async fn send(&mut self, store: &dyn Store) {
        let (from, device) = self.devices[self.below(self.devices.len())];
        let to = self.people[self.below(self.people.len())];
        self.sent += 1;
        let sent = send(store, message(from, device, to, &format!("m{}", self.sent))).await;
        for (owner, entry) in &sent.entries {
            self.model.places.entry(*owner).or_default().push(entry.seq);
            if *owner != from {
                self.model.incoming.entry(*owner).or_default().push((entry.seq, from, sent.id));
            }
        }
        self.model.last.insert(sent.id.conversation, sent.id.cseq);
        self.model.pairs.insert((from.min(to), from.max(to)), sent.id.conversation);
    }

    async fn acknowledge(&mut self, store: &dyn Store) {
        let (owner, device) = self.devices[self.below(self.devices.len())];
        let (passed, passed_was) = self.place(owner);
        let (delivered, delivered_was) = match self.below(3) {
            0 => (passed, passed_was),
            _ => self.place(owner),
        };
        let cursor = Cursor { passed, delivered };
        let made = store.acknowledge(Acknowledge { owner, device, cursor, at: NOW }).await.expect("works");
        self.took(&made.expect("the device is there"));
        let known = self.model.cursors.entry((owner, device)).or_default();
        if passed_was {
            known.passed = known.passed.max(passed);
        }
        if delivered_was {
            known.delivered = known.delivered.max(delivered);
        }
        let stored = store.cursor(owner, device).await.expect("reads");
        assert_eq!(stored, self.model.cursors[&(owner, device)], "an acknowledgement of no place changes nothing");
    }

    async fn mark(&mut self, store: &dyn Store) {
        let conversations: Vec<_> = self.model.last.iter().map(|(id, last)| (*id, *last)).collect();
        let Some((conversation, last)) = conversations.get(self.below(conversations.len())).copied() else { return };
        let owner = self.people[self.below(self.people.len())];
        // Jumps, replays and more than there is; two devices that race are two calls in either order.
        let read = Cseq(self.below(last.0 as usize + 4) as u64);
        let made = store.mark_read(MarkRead { owner, conversation, read, tell_peer: true }).await.expect("works");
        self.took(&made);
        if store.keeping(owner, conversation).await.expect("reads").is_some() {
            let known = self.model.marks.entry((owner, conversation)).or_default();
            *known = (*known).max(read.min(last));
        }
    }

    /// The entries that a step has made take places too.
    fn took(&mut self, made: &[(AccountId, Arc<crate::event::Entry>)]) {
        for (owner, entry) in made {
            self.model.places.entry(*owner).or_default().push(entry.seq);
        }
    }

    async fn check(&self, store: &dyn Store, when: &str) {
        for writer in &self.people {
            let all = entries(store, *writer).await;
            let seen = receipts(&all);
            for reader in self.people.iter().filter(|reader| *reader != writer) {
                let conversation = store.direct_conversation(*writer, *reader).await.expect("reads");
                let stored = seen.iter().find(|receipt| Some(receipt.conversation) == conversation);
                let stored = stored.map(|receipt| (receipt.delivered, receipt.read));
                assert_eq!(stored, self.model.ticks(*writer, *reader), "{when}: what {writer} sees of {reader}");
            }
            for entry in &all {
                if let Item::Mark(mark) = &entry.item {
                    assert_eq!(mark.read, self.model.marks[&(*writer, mark.conversation)], "{when}: a mark");
                }
            }
            assert_eq!(waiting(store, *writer).await, counted(store, *writer).await, "{when}: what waits");
            let primary = self.devices.iter().find(|(owner, _)| owner == writer).expect("each has a phone");
            let floor = self.model.cursors.get(primary).map(|cursor| cursor.delivered).unwrap_or_default();
            assert_eq!(store.head(*writer).await.expect("reads").delivered_floor, floor, "{when}: the floor");
        }
    }
}

async fn receipts_are_what_the_cursors_and_marks_say(lives: &dyn Lives, seed: u64) {
    let mut store = lives.open().await;
    let mut people = Vec::new();
    let mut devices = Vec::new();
    for (n, name) in ["alice", "bob", "carol"].into_iter().enumerate() {
        let owner = account(&*store, name).await.id;
        people.push(owner);
        let n = n as u8 * 10;
        devices.push((owner, device(&*store, owner, DeviceRole::Primary, n + 1).await.id));
        devices.push((owner, device(&*store, owner, DeviceRole::Companion, n + 2).await.id));
    }
    let entropy = SeededEntropy::new(seed);
    let mut run = Run { entropy, model: Model::default(), people, devices, sent: 0 };
    for step in 0..STEPS {
        if run.below(20) == 0 {
            drop(store);
            store = lives.open().await;
            run.check(&*store, &format!("seed {seed}, reopened before step {step}")).await;
        }
        run.step(&*store).await;
    }
    run.check(&*store, &format!("seed {seed}, at the end")).await;
    drop(store);
    let store = lives.open().await;
    run.check(&*store, &format!("seed {seed}, reopened at the end")).await;
}
