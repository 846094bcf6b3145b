//! Sync keys with a value for each kind of data: what comes to whom, and that every way through a log ends the same.

use std::collections::BTreeMap;

use belfry_domain::ports::PageLimit;
use belfry_domain::{ConversationId, Cseq, DataKind, DataKinds, Item, Seq, SyncKey, kind_of};
use belfry_engine::{Batch, Caller, Command, KeepMessages, ProfileWish, Rates, Reply, Settings, Told};
use proptest::prelude::*;

use crate::world::{World, caller, texts, world};

const PAGE: PageLimit = PageLimit { entries: 100, bytes: 1 << 20 };

async fn two_people(settings: Settings) -> (World, Caller, Caller) {
    let world = world(Settings { rates: Rates::UNLIMITED, ..settings });
    let alice = caller(&world.register("+4915100000001", "alice").await);
    let bob = caller(&world.register("+4915100000002", "bob").await);
    (world, alice, bob)
}

async fn ask(world: &World, by: &Caller, key: SyncKey, kinds: &[u32], limit: usize, wait_ms: u64) -> Batch {
    let kinds = DataKinds::from_numbers(kinds);
    let command = Command::Sync { after: Some(key), kinds, limit, wait_ms, acknowledge: false };
    match world.engine.execute(by, command).await.expect("answered") {
        Reply::Batch(batch) => batch,
        other => panic!("not a stretch: {other:?}"),
    }
}

fn kinds_in(batch: &Batch) -> Vec<DataKind> {
    batch.entries.iter().map(|entry| kind_of(&entry.item)).collect()
}

fn key(list: &[(u32, u64)]) -> SyncKey {
    SyncKey::from_list(list.iter().copied()).expect("a key")
}

async fn read(world: &World, by: &Caller, sent: &belfry_engine::Sent) {
    let mark = Command::MarkRead { conversation: sent.id.conversation, read: sent.id.cseq };
    world.engine.execute(by, mark).await.expect("marked");
}

async fn rename(world: &World, by: &Caller, name: &str) {
    world
        .engine
        .execute(by, Command::SetProfile(ProfileWish { display_name: Some(name.to_owned()), ..ProfileWish::default() }))
        .await
        .expect("renamed");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_wants_some_kinds_gets_those_and_its_key_moves_for_those_alone() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let sent = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    read(&world, &bob, &sent).await;
    rename(&world, &alice, "Alice A.").await;
    let marks = ask(&world, &alice, SyncKey::default(), &[2], 0, 0).await;
    assert_eq!(kinds_in(&marks), [DataKind::Marks]);
    assert_eq!(marks.key.value(DataKind::Messages), Seq::ZERO);
    assert!(marks.key.value(DataKind::Marks) > Seq::ZERO);
    let rest = ask(&world, &alice, marks.key.clone(), &[], 0, 0).await;
    assert_eq!(kinds_in(&rest), [DataKind::Messages, DataKind::Profile], "what came is not given again");
    assert_eq!(rest.key, marks.key.value(DataKind::Marks), "and then all kinds are at one place");
    let nothing = ask(&world, &alice, SyncKey::default(), &[77], 0, 0).await;
    assert!(nothing.entries.is_empty() && nothing.key == SyncKey::default());
}

#[tokio::test(start_paused = true)]
async fn a_key_without_a_kind_gets_the_rows_of_that_kind_and_no_message_again() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    for n in 0..5 {
        let sent = world.send(&alice, "bob@localhost", &format!("m{n}"), "x").await.expect("stored");
        read(&world, &bob, &sent).await;
    }
    let end = world.sync(&alice, Seq::ZERO).await.key.passed();
    let upgraded = ask(&world, &alice, key(&[(1, end.0), (3, end.0), (4, end.0)]), &[], 0, 0).await;
    let [row] = &upgraded.entries[..] else { panic!("{upgraded:?}") };
    assert!(matches!(&row.item, Item::Receipt(receipt) if receipt.read == Cseq(5)), "the latest value, once");
    assert_eq!(upgraded.key, end);
}

#[tokio::test(start_paused = true)]
async fn kinds_that_the_server_does_not_know_come_back_as_they_went() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let newer = key(&[(77, u64::MAX), (50, 3)]);
    let batch = ask(&world, &bob, newer.clone(), &[], 0, 0).await;
    assert_eq!(batch.key.list().filter(|(kind, _)| *kind > 5).collect::<Vec<_>>(), [(77, u64::MAX), (50, 3)]);
    let mut session = world.engine.open_session(bob.clone()).await.expect("connects");
    session.subscribe(newer.clone());
    let Some(Told::Batch(told)) = session.take(PAGE).await.expect("the store answers") else { panic!("nothing") };
    assert_eq!(told.prev, newer, "what is told joins the key that was given");
    assert_eq!(told.key, batch.key);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_wants_some_kinds_is_told_of_those_and_each_stretch_joins_the_last() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let mut session = world.engine.open_session(alice.clone()).await.expect("connects");
    session.subscribe_to(SyncKey::default(), DataKinds::from_numbers(&[2]));
    let mut last = SyncKey::default();
    for n in 0..3 {
        let sent = world.send(&alice, "bob@localhost", &format!("m{n}"), "x").await.expect("stored");
        rename(&world, &alice, &format!("Alice {n}")).await;
        assert!(session.take(PAGE).await.expect("the store answers").is_none(), "nothing that is wanted");
        read(&world, &bob, &sent).await;
        let Some(Told::Batch(told)) = session.take(PAGE).await.expect("the store answers") else { panic!("nothing") };
        assert_eq!(kinds_in(&told), [DataKind::Marks]);
        assert_eq!(told.prev, last);
        last = told.key;
        assert_eq!(last.value(DataKind::Messages), Seq::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_wants_some_kinds_is_not_ended_by_others() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let begin = tokio::time::Instant::now();
    let poll = ask(&world, &bob, SyncKey::default(), &[2], 0, 60_000);
    let doing = async {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        let sent = world.send(&alice, "bob@localhost", "m1", "x").await.expect("stored");
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        read(&world, &bob, &sent).await;
    };
    let (batch, ()) = tokio::join!(poll, doing);
    assert_eq!(kinds_in(&batch), [DataKind::Marks]);
    assert_eq!(begin.elapsed().as_secs(), 10);
    assert_eq!(batch.prev, SyncKey::default());
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_messages_have_ended_is_told_of_the_gap_and_keeps_what_it_has() {
    let settings = Settings { keep_messages: KeepMessages::For { ms: 1_000 }, ..Settings::default() };
    let (world, alice, bob) = two_people(settings).await;
    let sent = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let first = world.sync(&bob, Seq::ZERO).await;
    assert_eq!(texts(&first), ["one"]);
    assert!(!first.gap);
    world.send(&alice, "bob@localhost", "m2", "two").await.expect("stored");
    read(&world, &bob, &sent).await;
    world.clock.advance_ms(2_000);
    world.acknowledge(&bob, first.key.clone()).await;
    let late = world.sync(&bob, first.key.clone()).await;
    assert!(late.gap && !late.reset && texts(&late).is_empty());
    assert_eq!(kinds_in(&late), [DataKind::Marks], "how things are now");
    assert!(!world.sync(&bob, late.key).await.gap);
    let poll = ask(&world, &bob, first.key, &[], 0, 60_000).await;
    assert!(poll.gap, "a poll does not wait with it");
}

/// What a client has after it took in what it was given; a message that is given twice makes no difference.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Seen {
    messages: BTreeMap<(ConversationId, Cseq), String>,
    receipts: BTreeMap<ConversationId, (Cseq, Cseq)>,
    marks: BTreeMap<ConversationId, Cseq>,
    profile: Option<String>,
}

/// A client with a way of its own to ask.
#[derive(Debug, Default)]
struct Reader {
    key: SyncKey,
    kinds: Vec<u32>,
    limit: usize,
    seen: Seen,
    given: usize,
}

impl Reader {
    fn take(&mut self, batch: &Batch) {
        let wanted = DataKinds::from_numbers(&self.kinds);
        for entry in &batch.entries {
            assert!(wanted.has(kind_of(&entry.item)) && self.key.is_before(entry), "only what is asked for, once");
            self.given += 1;
            match &entry.item {
                Item::Message(said) => {
                    self.seen.messages.insert((said.id.conversation, said.id.cseq), said.content.text.clone());
                }
                Item::Receipt(row) => {
                    let old = self.seen.receipts.insert(row.conversation, (row.delivered, row.read));
                    assert!(old.is_none_or(|old| old <= (row.delivered, row.read)), "a receipt only grows");
                }
                Item::Mark(row) => drop(self.seen.marks.insert(row.conversation, row.read)),
                Item::Profile(profile) => self.seen.profile = Some(profile.display_name.clone()),
                other => panic!("nobody did {other:?}"),
            }
        }
        for kind in DataKind::ALL {
            assert!(batch.key.value(kind) >= self.key.value(kind), "a key never goes back");
            assert!(wanted.has(kind) || batch.key.value(kind) == self.key.value(kind), "nor on for what is not wanted");
        }
        self.key = batch.key.clone();
    }

    /// Asks at most so many times; whether there was no more.
    async fn ask(&mut self, world: &World, by: &Caller, times: usize) -> bool {
        for _ in 0..times {
            let batch = ask(world, by, self.key.clone(), &self.kinds, self.limit, 0).await;
            assert!(!batch.reset && !batch.gap);
            self.take(&batch);
            if !batch.more {
                return true;
            }
        }
        false
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send {
        by_alice: bool,
        to_self: bool,
    },
    Read {
        by_alice: bool,
        share: u8,
    },
    Deliver,
    Rename(u8),
    /// A client asks so many times, in its own way.
    Ask {
        reader: usize,
        times: usize,
    },
}

const READERS: usize = 6;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), prop::bool::weighted(0.1)).prop_map(|(by_alice, to_self)| Step::Send { by_alice, to_self }),
        2 => (any::<bool>(), any::<u8>()).prop_map(|(by_alice, share)| Step::Read { by_alice, share }),
        1 => Just(Step::Deliver),
        1 => any::<u8>().prop_map(Step::Rename),
        4 => (0..READERS, 1..4_usize).prop_map(|(reader, times)| Step::Ask { reader, times }),
    ]
}

/// Plays a history for Alice while several of her clients ask; in the end all have the same.
async fn play(steps: Vec<Step>) {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let reader = |limit, kinds: &[u32]| Reader { limit, kinds: kinds.to_vec(), ..Reader::default() };
    let mut readers: [Reader; READERS] = [
        reader(1, &[]),
        reader(2, &[]),
        reader(7, &[]),
        // Kinds at different times, each with a page of another size.
        reader(2, &[1]),
        reader(1, &[2, 77]),
        reader(3, &[1, 3]),
    ];
    let mut live = world.engine.open_session(alice.clone()).await.expect("connects");
    live.subscribe(SyncKey::default());
    let mut told = Reader::default();
    let mut last = Cseq(0);
    let mut conversation = None;
    for (n, step) in steps.into_iter().enumerate() {
        match step {
            Step::Send { by_alice, to_self } => {
                let (by, to) = match (by_alice, to_self) {
                    (true, true) => (&alice, "alice@localhost"),
                    (true, false) => (&alice, "bob@localhost"),
                    (false, _) => (&bob, "alice@localhost"),
                };
                let sent = world.send(by, to, &format!("m{n}"), &format!("text {n}")).await.expect("stored");
                if !(by_alice && to_self) {
                    (conversation, last) = (Some(sent.id.conversation), sent.id.cseq);
                }
            }
            Step::Read { by_alice, share } => {
                let Some(conversation) = conversation else { continue };
                let read = Cseq(last.0 * u64::from(share) / 255);
                let by = if by_alice { &alice } else { &bob };
                world.engine.execute(by, Command::MarkRead { conversation, read }).await.expect("marked");
            }
            Step::Deliver => {
                let end = world.sync(&bob, Seq::ZERO).await.key;
                world.acknowledge(&bob, end).await;
            }
            Step::Rename(to) => rename(&world, &alice, &format!("Alice {to}")).await,
            Step::Ask { reader, times } => {
                readers[reader].ask(&world, &alice, times).await;
            }
        }
        if n % 3 == 0 {
            while let Some(Told::Batch(batch)) = live.take(PAGE).await.expect("the store answers") {
                assert_eq!(batch.prev, told.key);
                told.take(&batch);
            }
        }
    }
    while let Some(Told::Batch(batch)) = live.take(PAGE).await.expect("the store answers") {
        told.take(&batch);
    }
    let mut fresh = reader(0, &[]);
    while !fresh.ask(&world, &alice, 1).await {}
    for mut reader in readers {
        let partly = !reader.kinds.is_empty();
        while !reader.ask(&world, &alice, 1).await {}
        if partly {
            reader.kinds.clear();
            while !reader.ask(&world, &alice, 1).await {}
        }
        assert_eq!(reader.seen, fresh.seen);
        assert!(reader.given >= fresh.given, "an initial sync has one value of each row");
        assert_eq!(reader.key, fresh.key);
    }
    assert_eq!(told.seen, fresh.seen);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_paged_and_initial_syncs_of_any_kinds_end_in_the_same_state(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(play(steps));
    }
}
