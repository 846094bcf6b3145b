//! Stanzas between clients as promises: whom they reach, what comes back, and that it ends.

use std::sync::Arc;

use belfry_domain::ports::PageLimit;
use belfry_domain::{Code, Deed};
use belfry_engine::{Live, REQUEST_WAITS, REQUESTS_OPEN_MAX, Rate, Session, Stanza, Told, Way};

use crate::presence_world::*;
use crate::resources::is_there;
use crate::world::{World, code};

async fn handed(session: &mut Session) -> Vec<Arc<Stanza>> {
    let mut handed = Vec::new();
    let limit = PageLimit { entries: 100, bytes: 1 << 20 };
    while let Some(told) = session.take(limit).await.expect("the store reads") {
        let Told::Live(events) = told else { continue };
        handed.extend(events.into_iter().filter_map(|event| match event {
            Live::Stanza(stanza) => Some(stanza),
            _ => None,
        }));
    }
    handed
}

fn says(handed: &[Arc<Stanza>]) -> Vec<(&str, Way)> {
    handed.iter().map(|stanza| (&*stanza.payload, stanza.way)).collect()
}

async fn asks(by: &Linked, to: (&str, &str), id: &str) -> Result<(), Code> {
    by.session.request((&at(to.0), to.1), id, Arc::from(id)).await.map_err(|refusal| refusal.code)
}

/// Alice and Bob with a client each, who see each other.
async fn two() -> (World, Linked, Linked, belfry_engine::Caller) {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let (_, at_alice) = is_there(&world, "alice", "desk", 0).await;
    let (_, at_bob) = is_there(&world, "bob", "phone", 0).await;
    (world, at_alice, at_bob, bob)
}

#[tokio::test(start_paused = true)]
async fn a_request_reaches_whom_its_asker_may_see_and_only_its_answer_comes_back() {
    let (world, mut at_alice, mut at_bob, bob) = two().await;
    person(&world, "carol").await;
    let (_, mut at_carol) = is_there(&world, "carol", "tablet", 0).await;
    asks(&at_alice, ("bob", "phone"), "1").await.expect("handed on");
    assert_eq!(says(&handed(&mut at_bob.session).await), [("1", Way::Direct)]);
    for (by, to) in [(&at_alice, ("bob", "none")), (&at_alice, ("nobody", "x")), (&at_carol, ("bob", "phone"))] {
        assert_eq!(asks(by, to, "2").await, Err(Code::NotFound), "{to:?}");
    }
    at_carol.session.answer((&at("alice"), "desk"), "1", Arc::from("forged")).await.expect("dropped");
    at_bob.session.answer((&at("alice"), "desk"), "9", Arc::from("made up")).await.expect("dropped");
    assert_eq!(says(&handed(&mut at_alice.session).await), []);
    at_bob.session.answer((&at("alice"), "desk"), "1", Arc::from("yes")).await.expect("taken");
    at_bob.session.answer((&at("alice"), "desk"), "1", Arc::from("again")).await.expect("dropped");
    assert_eq!(says(&handed(&mut at_alice.session).await), [("yes", Way::Direct)]);

    asks(&at_alice, ("bob", "phone"), "3").await.expect("handed on");
    does(&world, &bob, "alice", Deed::Block).await;
    assert_eq!(asks(&at_alice, ("bob", "phone"), "4").await, Err(Code::NotFound), "as if nobody were there");
    assert_eq!(asks(&at_bob, ("alice", "desk"), "5").await, Err(Code::Blocking));
    at_bob.session.answer((&at("alice"), "desk"), "3", Arc::from("late")).await.expect("dropped");
    let message = at_alice.session.message((&at("bob"), None), Arc::from("hi"), false).await;
    assert_eq!(message.expect("the same as to somebody who is not there"), 0);
    assert_eq!(says(&handed(&mut at_alice.session).await), []);
    handed(&mut at_bob.session).await;
    assert_eq!(says(&handed(&mut at_carol.session).await), []);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_arrived_is_given_up_at_once_and_one_without_an_answer_in_time() {
    let (_world, at_alice, mut at_bob, _) = two().await;
    asks(&at_alice, ("bob", "phone"), "1").await.expect("handed on");
    handed(&mut at_bob.session).await;
    asks(&at_alice, ("bob", "phone"), "2").await.expect("handed on");
    assert!(at_alice.session.unanswered().is_empty());
    drop(at_bob); // with the second one untold
    let lost: Vec<String> = at_alice.session.unanswered().into_iter().map(|asked| asked.id).collect();
    assert_eq!(lost, ["2"]);
    assert_eq!(at_alice.session.unanswered_at().map(|at| at - tokio::time::Instant::now()), Some(REQUEST_WAITS));
    tokio::time::advance(REQUEST_WAITS).await;
    let late: Vec<String> = at_alice.session.unanswered().into_iter().map(|asked| asked.id).collect();
    assert_eq!(late, ["1"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_handed_on_is_bounded_for_who_sends_and_for_who_is_sent_to() {
    let (world, at_alice, mut at_bob, _) = two().await;
    let mut taken = 0;
    for id in 0..1_000 {
        match asks(&at_alice, ("bob", "phone"), &id.to_string()).await {
            Ok(()) => taken += 1,
            Err(code) => assert_eq!(code, Code::TryLater),
        }
    }
    assert_eq!(taken, 64, "what waits for a link that takes nothing");
    assert_eq!(handed(&mut at_bob.session).await.len(), 64);
    for id in 1_000..2_000 {
        taken += u32::from(asks(&at_alice, ("bob", "phone"), &id.to_string()).await.is_ok());
        handed(&mut at_bob.session).await;
    }
    assert_eq!(taken as usize, REQUESTS_OPEN_MAX, "and what waits for an answer");
    let mut settings = belfry_engine::Settings::clone(&world.engine.settings());
    settings.rates.stanzas = Rate::new(3, 1, 1_000);
    world.engine.reload(settings);
    for _ in 0..3 {
        at_alice.session.message((&at("bob"), None), Arc::from("x"), false).await.expect("within the rate");
    }
    assert_eq!(code(at_alice.session.message((&at("bob"), None), Arc::from("x"), false).await), Code::RateLimited);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_for_one_device_or_for_all_that_take_such_and_its_copies_are_said_to_be_some() {
    let (world, mut at_alice, mut at_bob, _) = two().await;
    let (_, mut tablet) = is_there(&world, "bob", "tablet", 0).await;
    let (_, mut quiet) = is_there(&world, "bob", "quiet", -1).await;
    let (_, mut phone) = is_there(&world, "alice", "phone", 0).await;
    for link in [&at_alice, &at_bob, &tablet, &phone] {
        link.session.takes_all(true);
    }
    let (bob, to_all) = (at("bob"), Arc::from("all"));
    assert_eq!(at_alice.session.message((&bob, None), to_all, true).await, Ok(2));
    let to_one = at_alice.session.message((&bob, Some("quiet")), Arc::from("one"), true).await;
    assert_eq!(to_one, Ok(1));
    assert_eq!(says(&handed(&mut at_bob.session).await), [("all", Way::Direct), ("one", Way::Received)]);
    assert_eq!(says(&handed(&mut tablet.session).await), [("all", Way::Direct), ("one", Way::Received)]);
    assert_eq!(says(&handed(&mut quiet.session).await), [("one", Way::Direct)]);
    assert_eq!(says(&handed(&mut phone.session).await), [("all", Way::Sent), ("one", Way::Sent)]);
    assert_eq!(says(&handed(&mut at_alice.session).await), []);
}
