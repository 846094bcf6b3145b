//! Retention, what is lost, privacy and full mailboxes, as clients meet them.

use belfry_domain::ports::MailboxLimit;
use belfry_domain::{Audience, Code, Cseq, Item, PrivacyChange, Receipt, Seq, Wish};
use belfry_engine::{Batch, Caller, Command, ConversationRef, KeepMessages, Reply, RetentionView, Settings, Told};

use crate::world::{World, caller, code, texts, ticks, world};

const DAY_MS: u64 = 24 * 3_600_000;

async fn two_people(settings: Settings) -> (World, Caller, Caller) {
    let world = world(settings);
    let alice = caller(&world.register("+4915100000001", "alice").await);
    let bob = caller(&world.register("+4915100000002", "bob").await);
    (world, alice, bob)
}

fn receipt(batch: &Batch) -> Option<Receipt> {
    batch.entries.iter().rev().find_map(|entry| match &entry.item {
        Item::Receipt(receipt) => Some(receipt.clone()),
        _ => None,
    })
}

fn with(peer: &str) -> ConversationRef {
    ConversationRef::Peer(peer.parse().expect("an address"))
}

async fn retention(world: &World, by: &Caller, command: Command) -> RetentionView {
    match world.engine.execute(by, command).await.expect("answered") {
        Reply::Retention(view) => *view,
        other => panic!("no retention: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn both_sides_see_a_wish_and_the_shorter_holds() {
    let server = KeepMessages::For { ms: 90 * DAY_MS };
    let (world, alice, bob) = two_people(Settings { keep_messages: server, ..Settings::default() }).await;
    let wish = |days: u64| Wish { until_delivered: false, at_most_ms: Some(days * DAY_MS) };
    let set = |to: &str, wish| Command::SetRetention { of: with(to), wish };
    let early = world.engine.execute(&alice, set("bob@localhost", wish(7))).await;
    assert_eq!(code(early), Code::NotFound, "there is nothing to wish for yet");
    world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let mut at_bob = world.engine.open_session(bob.clone()).await.expect("Bob connects");
    at_bob.subscribe(world.sync(&bob, Seq::ZERO).await.key);

    let view = retention(&world, &alice, set("bob@localhost", wish(7))).await;
    assert_eq!((view.server, view.effective, view.keeping.mine), (wish(90), wish(7), wish(7)));
    let Some(Told::Batch(told)) = at_bob.take(crate::messages::PAGE).await.expect("works") else { panic!("not told") };
    assert!(matches!(&told.entries[0].item, Item::Keeping(keeping) if keeping.theirs == wish(7)));
    let view = retention(&world, &bob, set("alice@localhost", wish(365))).await;
    assert_eq!(view.effective, wish(7), "longer than the other's changes nothing");
    let delivered = Wish { until_delivered: true, at_most_ms: None };
    let view = retention(&world, &bob, set("alice@localhost", delivered)).await;
    assert_eq!(view.effective, Wish { until_delivered: true, at_most_ms: Some(7 * DAY_MS) });
    let seen = retention(&world, &alice, Command::GetRetention { of: with("bob@localhost") }).await;
    assert_eq!((seen.effective, seen.keeping.theirs), (view.effective, view.keeping.mine));
    let eve = caller(&world.register("+4915100000003", "eve").await);
    let by_id = ConversationRef::Id(seen.keeping.conversation);
    assert_eq!(code(world.engine.execute(&eve, Command::GetRetention { of: by_id }).await), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn who_wrote_what_nobody_fetched_is_told_on_an_open_link() {
    let server = KeepMessages::UntilDelivered { at_most_ms: 30 * DAY_MS };
    let (world, alice, bob) = two_people(Settings { keep_messages: server, ..Settings::default() }).await;
    world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    world.send(&alice, "bob@localhost", "m2", "two").await.expect("stored");
    let mut at_alice = world.engine.open_session(alice.clone()).await.expect("Alice connects");
    at_alice.subscribe(world.sync(&alice, Seq::ZERO).await.key);
    world.clock.advance_ms(30 * DAY_MS);
    let taken = world.engine.prune().await.expect("the store prunes");
    assert_eq!((taken.entries, taken.told), (4, 1));
    let Some(Told::Batch(told)) = at_alice.take(crate::messages::PAGE).await.expect("works") else {
        panic!("not told")
    };
    let told = receipt(&told).expect("a receipt");
    assert_eq!((told.undelivered.as_slice(), told.delivered), (&[(Cseq(1), Cseq(2))][..], Cseq(0)));
    assert!(texts(&world.sync(&bob, Seq::ZERO).await).is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_switches_read_receipts_off_tells_delivery_alone() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let sent = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let off = Command::SetPrivacy(PrivacyChange { read_receipts: Some(Audience::Nobody), ..PrivacyChange::default() });
    let set = world.engine.execute(&bob, off).await.expect("answered");
    assert!(matches!(set, Reply::Privacy(privacy) if privacy.read_receipts == Audience::Nobody));
    let asked = world.engine.execute(&bob, Command::GetPrivacy).await.expect("answered");
    assert!(matches!(asked, Reply::Privacy(privacy) if privacy.read_receipts == Audience::Nobody));
    let batch = world.sync(&bob, Seq::ZERO).await;
    assert!(
        batch
            .entries
            .iter()
            .any(|entry| matches!(&entry.item, Item::Privacy(shown) if shown.read_receipts == Audience::Nobody))
    );
    world.acknowledge(&bob, batch.key).await;
    let mark = Command::MarkRead { conversation: sent.id.conversation, read: sent.id.cseq };
    world.engine.execute(&bob, mark).await.expect("answered");
    assert_eq!(ticks(&world.sync(&alice, Seq::ZERO).await), Some((Cseq(1), Cseq(0))));
    let own = world.sync(&bob, Seq::ZERO).await;
    assert!(own.entries.iter().any(|entry| matches!(&entry.item, Item::Mark(mark) if mark.read == Cseq(1))));
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_is_a_refusal_that_says_when_to_try_again() {
    let mailbox = MailboxLimit { entries: 2, ..MailboxLimit::NONE };
    let (world, alice, bob) = two_people(Settings { mailbox, ..Settings::default() }).await;
    for n in 0..2 {
        world.send(&alice, "bob@localhost", &format!("m{n}"), "fits").await.expect("stored");
    }
    let refusal = world.send(&alice, "bob@localhost", "m2", "too much").await.expect_err("full");
    assert_eq!(refusal.code, Code::MailboxFull);
    assert!(refusal.retry_after_ms.is_some_and(|ms| ms >= 60_000));
    assert!(world.send(&alice, "bob@localhost", "m0", "fits").await.expect("a repeat").duplicate);
    world.send(&bob, "alice@localhost", "back", "the other way").await.expect("stored");
    world.acknowledge(&bob, world.sync(&bob, Seq::ZERO).await.key).await;
    assert!(!world.send(&alice, "bob@localhost", "m2", "too much").await.expect("there is room").duplicate);
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_of_another_life_is_quiet_and_ticks_nothing() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let key = world.sync(&bob, Seq::ZERO).await.key.passed();
    for wrong in [Seq(key.0 + 1), Seq(key.0 + (7 << 32)), Seq(u64::MAX), Seq(1)] {
        world.acknowledge(&bob, wrong).await;
        assert_eq!(ticks(&world.sync(&alice, Seq::ZERO).await), None, "{wrong}");
    }
    let command = Command::Acknowledge { passed: key, delivered: Seq::ZERO };
    world.engine.execute(&bob, command).await.expect("taken");
    assert_eq!(ticks(&world.sync(&alice, Seq::ZERO).await), None, "passed is not delivered");
    world.acknowledge(&bob, key).await;
    assert_eq!(ticks(&world.sync(&alice, Seq::ZERO).await), Some((Cseq(1), Cseq(0))));
}
