//! Sending, syncing, acknowledging, reading, as promises.

use std::time::Duration;

use crate::world::{World, caller, code, texts, ticks, world};
use belfry_domain::ports::PageLimit;
use belfry_domain::{Address, Code, Cseq, DataKinds, Seq, SyncKey};
use belfry_engine::{Batch, Caller, Command, ConversationRef, Rate, Rates, Reply, Session, Settings, Told, Wake};

pub(crate) const PAGE: PageLimit = PageLimit { entries: 100, bytes: 1 << 20 };

async fn two_people() -> (World, Caller, Caller) {
    let world = world(Settings { rates: Rates::UNLIMITED, ..Settings::default() });
    let alice = caller(&world.register("+4915100000001", "alice").await);
    let bob = caller(&world.register("+4915100000002", "bob").await);
    (world, alice, bob)
}

async fn told(session: &mut Session) -> Batch {
    loop {
        match session.take(PAGE).await.expect("the store answers") {
            Some(Told::Batch(batch)) => return batch,
            Some(other) => panic!("not asked for: {other:?}"),
            None => match tokio::time::timeout(Duration::from_secs(5), session.wait()).await.expect("a bell") {
                Wake::Ready => {}
                Wake::Closed(refusal) => panic!("closed: {refusal}"),
            },
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_is_stored_told_acknowledged_and_read_and_the_sender_sees_each_step() {
    let (world, alice, bob) = two_people().await;
    let mut at_alice = world.engine.open_session(alice.clone()).await.expect("Alice connects");
    let mut at_bob = world.engine.open_session(bob.clone()).await.expect("Bob connects");
    at_alice.subscribe(Seq::ZERO);
    at_bob.subscribe(Seq::ZERO);

    let sent = world.send(&alice, "bob@localhost", "m1", "hello").await.expect("stored");
    at_alice.sent(sent.prev, sent.seq);
    let batch = told(&mut at_bob).await;
    assert_eq!(texts(&batch), ["hello"]);
    assert_eq!(batch.prev, Seq::ZERO);

    world.acknowledge(&bob, batch.key).await;
    let receipt = told(&mut at_alice).await;
    assert_eq!(receipt.prev, sent.seq, "her own message is not told to her again");
    assert_eq!(ticks(&receipt), Some((Cseq(1), Cseq(0))));

    let read = Command::MarkRead { conversation: sent.id.conversation, read: Cseq(1) };
    world.engine.execute(&bob, read).await.expect("marked");
    assert_eq!(ticks(&told(&mut at_alice).await), Some((Cseq(1), Cseq(1))));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_messages_to_somebody_offline_come_in_order_at_the_first_sync() {
    let (world, alice, bob) = two_people().await;
    for n in 0..1_000 {
        world.send(&alice, "bob@localhost", &format!("m{n}"), &n.to_string()).await.expect("stored");
    }
    let (mut after, mut got) = (SyncKey::default(), Vec::new());
    loop {
        let batch = world.sync(&bob, after).await;
        got.extend(texts(&batch));
        after = batch.key;
        if !batch.more {
            break;
        }
    }
    assert_eq!(got, (0..1_000).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(texts(&world.sync(&bob, Seq::ZERO).await).len(), 200, "an old key gets the same again");
}

#[tokio::test(start_paused = true)]
async fn the_same_id_sent_a_hundred_times_is_one_message_with_one_answer() {
    let (world, alice, bob) = two_people().await;
    let first = world.send(&alice, "bob@localhost", "m1", "once").await.expect("stored");
    for _ in 0..99 {
        let again = world.send(&alice, "bob@localhost", "m1", "once").await.expect("answered");
        assert!(again.duplicate);
        assert_eq!((again.id, again.at, again.seq), (first.id, first.at, first.seq));
    }
    assert_eq!(texts(&world.sync(&bob, Seq::ZERO).await), ["once"]);
    assert_eq!(code(world.send(&alice, "bob@localhost", "m1", "other").await), Code::Conflict);
}

#[tokio::test(start_paused = true)]
async fn the_sender_is_who_the_session_says_and_a_stranger_reads_nothing() {
    let (world, alice, bob) = two_people().await;
    let eve = caller(&world.register("+4915100000003", "eve").await);
    let sent = world.send(&alice, "bob@localhost", "m1", "secret").await.expect("stored");
    let read = |of| Command::History { of, before: None, limit: 0 };
    let by_id = ConversationRef::Id(sent.id.conversation);
    assert_eq!(code(world.engine.execute(&eve, read(by_id.clone())).await), Code::NotFound);
    match world.engine.execute(&bob, read(by_id)).await.expect("his conversation") {
        Reply::History { messages, .. } => assert_eq!(messages[0].content.text, "secret"),
        other => panic!("no history: {other:?}"),
    }
    assert!(texts(&world.sync(&eve, Seq::ZERO).await).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_waits_is_answered_when_something_comes_and_after_ninety_seconds_else() {
    let (world, alice, bob) = two_people().await;
    let engine = world.engine.clone();
    let start = tokio::time::Instant::now();
    let empty = world.sync_waiting(&bob, Seq::ZERO, 1_000_000).await.expect("answered");
    assert!(empty.entries.is_empty());
    assert_eq!(start.elapsed(), Duration::from_secs(90));

    let waiting = world.sync_waiting(&bob, Seq::ZERO, 90_000);
    let sending = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        world.send(&alice, "bob@localhost", "m1", "now").await.expect("stored");
    };
    let start = tokio::time::Instant::now();
    let (batch, ()) = tokio::join!(waiting, sending);
    assert_eq!(texts(&batch.expect("answered")), ["now"]);
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    let open = engine.metrics().samples().into_iter().find(|sample| sample.name == "sessions").expect("is counted");
    assert_eq!(open.value, 0, "polls leave nothing behind");
}

#[tokio::test(start_paused = true)]
async fn a_poll_acknowledges_by_the_key_it_returns_with_and_an_answer_that_was_lost_comes_again() {
    let (world, alice, bob) = two_people().await;
    world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let kinds = DataKinds::ALL;
    let poll = |after| Command::Sync { after, kinds, limit: 0, wait_ms: 0, acknowledge: true };
    let ask = async |after| match world.engine.execute(&bob, poll(after)).await.expect("answered") {
        Reply::Batch(batch) => batch,
        other => panic!("not a stretch: {other:?}"),
    };
    let lost = ask(None).await;
    let again = ask(None).await;
    assert_eq!(texts(&lost), texts(&again));
    assert_eq!(ticks(&world.sync(&alice, Seq::ZERO).await), None, "nothing was delivered yet");
    assert!(texts(&ask(Some(again.key)).await).is_empty());
    assert_eq!(ticks(&world.sync(&alice, Seq::ZERO).await), Some((Cseq(1), Cseq(0))));
    assert!(texts(&ask(None).await).is_empty(), "the device's place was kept");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_falls_behind_reads_everything_later() {
    let (world, alice, bob) = two_people().await;
    let mut at_bob = world.engine.open_session(bob.clone()).await.expect("Bob connects");
    at_bob.subscribe(Seq::ZERO);
    for n in 0..500 {
        world.send(&alice, "bob@localhost", &format!("m{n}"), &n.to_string()).await.expect("stored");
    }
    let (mut got, mut key) = (Vec::new(), SyncKey::default());
    while let Some(Told::Batch(batch)) = at_bob.take(PAGE).await.expect("the store answers") {
        assert_eq!(batch.prev, key, "no stretch is skipped");
        got.extend(texts(&batch));
        key = batch.key;
    }
    assert_eq!(got, (0..500).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn messages_to_an_address_that_is_not_there_or_by_guests_are_refused() {
    let (world, alice, _) = two_people().await;
    assert_eq!(code(world.send(&alice, "carol@localhost", "m", "x").await), Code::NotFound);
    assert_eq!(code(world.send(&alice, "bob@elsewhere", "m", "x").await), Code::NotFound);
    let (guest, ..) = world.join("Gast").await;
    assert_eq!(code(world.send(&guest, "bob@localhost", "m", "x").await), Code::Forbidden);
    assert_eq!(code(world.send(&crate::world::nobody(), "bob@localhost", "m", "x").await), Code::Unauthenticated);
}

#[tokio::test(start_paused = true)]
async fn after_one_send_is_refused_for_its_rate_those_behind_it_are_too() {
    let world =
        world(Settings { rates: Rates { sends: Rate::per_second(3, 1), ..Rates::DEFAULT }, ..Settings::default() });
    let alice = caller(&world.register("+4915100000001", "alice").await);
    let draft = |n: u32| belfry_engine::Draft {
        to: "alice@localhost".parse().expect("an address"),
        client_id: crate::world::id(&n.to_string()),
        content: belfry_domain::Content::text(n.to_string()),
    };
    let outcomes = world.engine.send_all(&alice, (0..6).map(draft).collect()).await;
    let stored: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(stored, [true, true, true, false, false, false]);
    assert!(outcomes[3].as_ref().expect_err("too fast").retry_after_ms.expect("it ends") <= 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_connects_anew_supersedes_its_old_link() {
    let (world, alice, _) = two_people().await;
    let old = world.engine.open_session(alice.clone()).await.expect("connects");
    let _new = world.engine.open_session(alice.clone()).await.expect("connects again");
    assert!(matches!(old.wait().await, Wake::Closed(refusal) if refusal.code == Code::Superseded));
}

#[tokio::test(start_paused = true)]
async fn a_stopping_server_answers_held_polls_at_once() {
    let (world, _, bob) = two_people().await;
    let engine = world.engine.clone();
    let start = tokio::time::Instant::now();
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        engine.begin_shutdown(2_000);
    };
    let (batch, ()) = tokio::join!(world.sync_waiting(&bob, Seq::ZERO, 90_000), stopping);
    assert!(batch.expect("an empty answer").entries.is_empty());
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn an_open_link_is_registered_with_where_it_comes_from_and_gone_when_it_closes() {
    let (world, alice, _) = two_people().await;
    let session = world.engine.open_session(alice.clone()).await.expect("connects");
    let page = world.engine.admin_links(None, 0, 10).await.expect("the store answers");
    let [view] = &page.links[..] else { panic!("{page:?}") };
    assert_eq!(view.address.to_string(), "alice@localhost");
    let link = &view.link;
    assert_eq!((link.from.ip.to_string(), link.from.port, link.since), ("127.0.0.1".into(), 4711, crate::world::START));
    drop(session);
    assert!(world.engine.admin_links(None, 0, 10).await.expect("the store answers").links.is_empty());
}

#[tokio::test(start_paused = true)]
async fn open_links_are_listed_in_bounded_pages_and_by_account() {
    let (world, alice, bob) = two_people().await;
    let mut held = Vec::new();
    for n in 0..7 {
        let number = format!("+4915200000{n:02}");
        let person = caller(&world.register(&number, &format!("person{n}")).await);
        held.push(world.engine.open_session(person).await.expect("connects"));
    }
    let _alice = world.engine.open_session(alice).await.expect("connects");
    let _bob = world.engine.open_session(bob).await.expect("connects");
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let page = world.engine.admin_links(None, after, 4).await.expect("the store answers");
        assert!(page.links.len() <= 4);
        seen.extend(page.links.iter().map(|view| view.address.local().to_owned()));
        match page.more_after {
            Some(next) => after = next,
            None => break,
        }
        // A link that was shown and closes meanwhile does not make another one be passed over.
        drop(held.remove(0));
    }
    let expected: Vec<String> = (0..7).map(|n| format!("person{n}")).chain(["alice".into(), "bob".into()]).collect();
    assert_eq!(seen, expected);
    let of = |name| Address::parse(name).expect("an address");
    let bobs = world.engine.admin_links(Some(&of("bob@localhost")), 0, 4).await.expect("the store answers");
    assert_eq!(bobs.links.iter().map(|view| view.address.to_string()).collect::<Vec<_>>(), ["bob@localhost"]);
    assert_eq!(code(world.engine.admin_links(Some(&of("carol@localhost")), 0, 4).await), Code::NotFound);
}
