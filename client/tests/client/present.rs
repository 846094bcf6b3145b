//! Presence: who is there, who looks, and what a lost link does to what is known.

use std::time::Duration;

use belfry_client::{Client, ClientEvent, Events, v1};
use v1::Availability;

use crate::fake::Fake;
use crate::journeys::{ALICE, BOB, log_in, until};

async fn told(events: &mut Events) -> (String, Availability) {
    match until(events, |event| matches!(event, ClientEvent::PresenceChanged(_))).await {
        ClientEvent::PresenceChanged(presence) => (presence.address.clone(), presence.availability()),
        _ => Default::default(),
    }
}

async fn of(client: &Client, address: &str) -> Availability {
    client.availability(&client.contact(address).await.expect("read"))
}

#[tokio::test(start_paused = true)]
async fn contacts_are_seen_come_and_go_and_nothing_is_known_without_a_link() {
    let fake = Fake::new();
    fake.befriend(ALICE, BOB);
    fake.befriend(ALICE, "cleo@x");
    fake.be(BOB, Availability::Away);
    let (alice, mut events) = log_in(&fake, ALICE).await;
    assert_eq!(told(&mut events).await, (BOB.to_owned(), Availability::Away));
    assert_eq!(of(&alice, BOB).await, Availability::Away);
    assert_eq!(of(&alice, "cleo@x").await, Availability::Offline, "nothing was told of a contact");
    assert_eq!(of(&alice, "stranger@x").await, Availability::Unspecified);
    fake.be(BOB, Availability::Offline);
    assert_eq!(told(&mut events).await, (BOB.to_owned(), Availability::Offline));
    assert_eq!(alice.presence(BOB).expect("told").last_seen_at_ms, 77);
    fake.state.lock().down = true;
    fake.cut();
    until(&mut events, |event| *event == ClientEvent::PresencesUnknown).await;
    assert_eq!((of(&alice, BOB).await, alice.presence(BOB)), (Availability::Unspecified, None));
    fake.be(BOB, Availability::Online);
    fake.state.lock().down = false;
    assert_eq!(told(&mut events).await, (BOB.to_owned(), Availability::Online), "told again on the new link");
    alice.block(BOB).await.expect("blocked");
    until(&mut events, |event| matches!(event, ClientEvent::ContactChanged(contact) if contact.blocked)).await;
    assert_eq!((of(&alice, BOB).await, alice.presence(BOB)), (Availability::Unspecified, None));
}

#[tokio::test(start_paused = true)]
async fn how_a_device_wants_to_be_there_is_said_on_every_link() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    let shown = alice.set_presence(Availability::Busy, "in a meeting").await.expect("said").expect("there is a link");
    assert_eq!((shown.availability(), shown.status.as_str()), (Availability::Busy, "in a meeting"));
    fake.cut();
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    fake.state.lock().down = true;
    fake.cut();
    until(&mut events, |event| matches!(event, ClientEvent::Disconnected { .. })).await;
    assert_eq!(alice.set_presence(Availability::Offline, "").await.expect("remembered"), None);
    fake.state.lock().down = false;
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    let said = [Availability::Busy, Availability::Busy, Availability::Offline];
    assert_eq!(fake.state.lock().people.said, said, "and never online in between");
}

#[tokio::test(start_paused = true)]
async fn who_is_looked_at_is_told_of_until_one_looks_away() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    alice.watch(&[BOB.to_owned()]);
    assert_eq!(told(&mut events).await, (BOB.to_owned(), Availability::Offline));
    fake.be(BOB, Availability::Online);
    assert_eq!(told(&mut events).await, (BOB.to_owned(), Availability::Online));
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(fake.state.lock().people.watches, 3, "at first, after 45 and after 90 seconds");
    fake.cut();
    assert_eq!(told(&mut events).await, (BOB.to_owned(), Availability::Online), "on the new link too");
    alice.watch(&["cleo@x".to_owned()]);
    assert_eq!(told(&mut events).await, ("cleo@x".to_owned(), Availability::Offline));
    assert_eq!(alice.presence(BOB), None, "it would not be told that he has gone");
    alice.watch(&[]);
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(fake.state.lock().people.watches, 6);
}

#[tokio::test(start_paused = true)]
async fn news_that_were_lost_are_asked_for() {
    let fake = Fake::new();
    fake.befriend(ALICE, BOB);
    let (alice, mut events) = log_in(&fake, ALICE).await;
    alice.watch(&["cleo@x".to_owned()]);
    told(&mut events).await;
    // More than may wait while nobody reads: what comes last has no room.
    for n in 0..3_000 {
        fake.be(BOB, if n % 2 == 0 { Availability::Away } else { Availability::Online });
    }
    fake.be(BOB, Availability::Busy);
    tokio::time::sleep(Duration::from_secs(1)).await;
    until(&mut events, |event| *event == ClientEvent::PresencesUnknown).await;
    while told(&mut events).await != (BOB.to_owned(), Availability::Busy) {}
    assert_eq!(of(&alice, BOB).await, Availability::Busy);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(alice.presence("cleo@x").expect("asked for again").last_seen_at_ms, 77);
}
