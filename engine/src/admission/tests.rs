//! What is taken up and what is refused, on the stopped clock.

use std::sync::Arc;

use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::{AccountId, Address, ClientMessageId, Content, DeviceId, Epoch, Seq, TimestampMs};
use tokio::task::JoinSet;
use tokio::time::{advance, sleep};

use super::*;
use crate::{Caller, ConversationRef, Draft, Engine, Identity, Peer, Ports, Secrets, Settings};

/// All turns but none, in pieces as they are taken by batches.
async fn all(admission: &Admission) -> Vec<Turn<'_>> {
    let mut turns = Vec::new();
    for _ in 0..admission.size() / TURNS_OF_A_BATCH {
        turns.push(admission.turn(TURNS_OF_A_BATCH as usize).await.expect("there are as many"));
    }
    turns
}

#[tokio::test(start_paused = true)]
async fn while_nobody_waits_nothing_is_refused() {
    let admission = Admission::default();
    let _turns = all(&admission).await;
    for class in [Class::Bulk, Class::Presence, Class::Message] {
        admission.admit(class).expect("nobody waits");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_waits_for_its_turn_and_gets_it_in_order() {
    let admission = Arc::new(Admission::default());
    let mut turns = all(&admission).await;
    let mut waiting = JoinSet::new();
    for number in 0..3 {
        let theirs = Arc::clone(&admission);
        waiting.spawn(async move { theirs.turn(1).await.map(|_turn| number) });
        tokio::task::yield_now().await;
    }
    assert_eq!(admission.waiting(), 3);
    turns.pop();
    let mut got = Vec::new();
    while let Some(done) = waiting.join_next().await {
        got.push(done.expect("no panic").expect("a turn"));
    }
    assert_eq!(got, [0, 1, 2]);
    assert_eq!(admission.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_refused_after_a_second_and_in_a_standing_overload_after_half_of_it() {
    let admission = Admission::default();
    let _turns = all(&admission).await;
    let began = Instant::now();
    let refusal = admission.turn(1).await.err().expect("no turn came");
    assert_eq!((refusal.code, began.elapsed()), (Code::TryLater, WAIT_IN_A_BURST));
    assert!(COME_BACK_MS.contains(&refusal.retry_after_ms.expect("it says when")));
    // Another one waits: the queue has stood for more than a second by now.
    let (first, second) = tokio::join!(admission.turn(1), async {
        sleep(Duration::from_millis(1)).await;
        let began = Instant::now();
        (admission.turn(1).await.is_err(), began.elapsed())
    });
    assert!(first.is_err());
    assert_eq!(second, (true, WAIT_IN_OVERLOAD));
    assert_eq!(admission.refused(), 3);
}

#[tokio::test(start_paused = true)]
async fn bulk_is_refused_before_presence_and_that_before_messages() {
    let admission = Arc::new(Admission::default());
    let mut turns = all(&admission).await;
    let refused = |admission: &Admission| {
        [Class::Bulk, Class::Presence, Class::Message].map(|class| admission.admit(class).is_err())
    };
    for (waited_ms, expected) in [(10, [false, false, false]), (30, [true, false, false]), (60, [true, true, false])] {
        // The queue stands, and who had to wait waited so long.
        let mut waiting = JoinSet::new();
        for _ in 0..2 {
            let theirs = Arc::clone(&admission);
            waiting.spawn(async move { theirs.turn(TURNS_OF_A_BATCH as usize).await.map(std::mem::forget) });
        }
        tokio::task::yield_now().await;
        advance(Duration::from_millis(waited_ms)).await;
        drop(turns.pop());
        waiting.join_next().await.expect("one").expect("no panic").expect("a turn");
        admission.free_at_us.store(0, Ordering::Relaxed);
        advance(STANDING - Duration::from_millis(waited_ms)).await;
        assert_eq!(refused(&admission), expected, "after {waited_ms} ms");
        drop(waiting);
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn turns_become_fewer_while_tasks_are_late_and_more_again() {
    let admission = Admission::default();
    for _ in 0..100 {
        admission.adapt(QUEUE_WAIT_AIM * 2);
    }
    assert_eq!(admission.size(), TURNS_MIN);
    assert_eq!(all(&admission).await.len() as u32 * TURNS_OF_A_BATCH, TURNS_MIN, "as many as there are can be had");
    for _ in 0..100 {
        admission.adapt(Duration::ZERO);
    }
    assert!(admission.size() >= TURNS_FIRST);
    assert_eq!(all(&admission).await.len() as u32, admission.size() / TURNS_OF_A_BATCH);
}

#[tokio::test(start_paused = true)]
async fn turns_that_are_out_when_they_become_fewer_go_when_they_come_back() {
    let admission = Admission::default();
    let turns = all(&admission).await;
    for _ in 0..100 {
        admission.adapt(QUEUE_WAIT_AIM * 2);
    }
    drop(turns);
    assert_eq!(admission.turns.available_permits() as u32, TURNS_MIN);
    assert_eq!(admission.owed.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn an_idle_server_does_not_look() {
    let admission = Arc::new(Admission::default());
    let (looks, theirs) = (Arc::new(AtomicU32::new(0)), Arc::clone(&admission));
    let mut watch = JoinSet::new();
    let counted = Arc::clone(&looks);
    watch.spawn(async move {
        let store = || {
            counted.fetch_add(1, Ordering::Relaxed);
            Duration::ZERO
        };
        theirs.keep_watch(store).await;
    });
    sleep(Duration::from_secs(60)).await;
    assert_eq!(looks.load(Ordering::Relaxed), 0);
    drop(admission.turn(1).await.expect("there are turns"));
    sleep(Duration::from_secs(60)).await;
    let looked = looks.load(Ordering::Relaxed);
    assert!((1..=2).contains(&looked), "{looked} looks for one message");
}

fn engine() -> Engine {
    let ports = Ports {
        store: Arc::new(MemoryStore::new(Epoch(7))),
        clock: Arc::new(ManualClock::new(TimestampMs(1_800_000_000_000))),
        entropy: Arc::new(SeededEntropy::new(1)),
        sms: Arc::new(MemorySms::default()),
    };
    Engine::new(ports, Settings::default(), Secrets { token_key: [5; 32], pin_pepper: [6; 32] })
}

#[tokio::test(start_paused = true)]
async fn in_an_overload_messages_and_histories_are_told_to_come_back_and_acknowledgements_go_on() {
    let engine = engine();
    let address = Address::parse("alice@localhost").expect("an address");
    let identity = Identity::Device { account: AccountId(1), address: address.clone(), device: DeviceId(1) };
    let peer = Peer { ip: [127, 0, 0, 1].into(), port: 40_000, exempt: true, carrier: "tcp" };
    let caller = Caller { identity, peer };
    let draft = |id: &str| Draft {
        to: address.clone(),
        client_id: ClientMessageId::parse(id).expect("an id"),
        content: Content::text("hello"),
    };
    let history = || Command::History { of: ConversationRef::Peer(address.clone()), before: None, limit: 1 };
    let acknowledge = || Command::Acknowledge { passed: Seq::ZERO, delivered: Seq::ZERO };
    let code =
        async |command| engine.execute(&caller, command).await.map_or_else(|refusal| Some(refusal.code), |_| None);
    // Nobody is there, so whatever is taken up is refused for that, and nothing is refused for being too much.
    assert_ne!(code(history()).await, Some(Code::TryLater));

    let _turns = all(&engine.inner.admission).await;
    let began = Instant::now();
    let (sent, others) = tokio::join!(engine.send_all(&caller, vec![draft("1"), draft("2")]), async {
        sleep(STANDING).await;
        // One has waited and been given up: so long is the queue.
        engine.inner.admission.waited_us.store(60_000, Ordering::Relaxed);
        (code(history()).await, code(acknowledge()).await, began.elapsed())
    });
    let codes: Vec<Code> =
        sent.iter().filter_map(|outcome| outcome.as_ref().err()).map(|refusal| refusal.code).collect();
    assert_eq!(codes, [Code::TryLater, Code::TryLater], "a batch is refused whole, so its order holds");
    assert_eq!(began.elapsed(), WAIT_IN_A_BURST);
    assert_eq!(others.0, Some(Code::TryLater));
    assert_ne!(others.1, Some(Code::TryLater));
    assert_eq!(engine.metrics().sends_refused.load(Ordering::Relaxed), 2, "each is counted");
    assert_eq!(others.2, STANDING, "neither waits");
}
