//! Presence over frames: said, looked at, told.

use belfry_engine::PresenceSettings;
use belfry_wire::{operation, v1};
use prost::Message;

use crate::world::{Client, World};

/// What the next presence update says, past whatever else is told before it.
async fn update(client: &mut Client) -> Vec<(String, v1::Availability, String)> {
    loop {
        let frame = match client.told.is_empty() {
            true => client.frame().await.expect("something is told"),
            false => client.told.remove(0),
        };
        if frame.operation == operation::PRESENCE_UPDATE {
            assert_eq!(frame.seq_id, 0);
            let update = v1::PresenceUpdate::decode(frame.body).expect("an update");
            let told = |one: v1::Presence| (one.address.clone(), one.availability(), one.status);
            return update.presences.into_iter().map(told).collect();
        }
    }
}

#[tokio::test]
async fn how_a_contact_is_there_is_told_in_one_frame_and_answered_to_who_looks() {
    // Everything is told by the next round.
    let at_once = PresenceSettings { settle_ms: 0, interval_ms: 0, linger_ms: 0, ..PresenceSettings::default() };
    let world = World::with(|settings| settings.presence = at_once);
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    let (mut bob, _) = world.member("+4915100000002", "bob").await;
    let (mut carol, _) = world.member("+4915100000003", "carol").await;
    for friend in [&mut bob, &mut carol] {
        let ask = v1::RequestContactRequest { address: "alice@localhost".into(), note: String::new() };
        let _asked: v1::ContactReply = friend.ask(operation::REQUEST_CONTACT, &ask).await.expect("asked");
    }
    for friend in ["bob@localhost", "carol@localhost"] {
        let accept = v1::AcceptContactRequest { address: friend.into() };
        let _accepted: v1::ContactReply = alice.ask(operation::ACCEPT_CONTACT, &accept).await.expect("accepted");
    }
    for client in [&mut alice, &mut bob, &mut carol] {
        client.sync(None, true).await;
    }
    let busy = v1::SetPresenceRequest { availability: v1::Availability::Busy.into(), status: "tea".into() };
    let said: v1::SetPresenceReply = bob.ask(operation::SET_PRESENCE, &busy).await.expect("said");
    let said = said.presence.expect("as it is");
    assert_eq!((said.address.as_str(), said.availability()), ("bob@localhost", v1::Availability::Busy));
    world.engine.presence_round().await.expect("the store reads");
    let mut told = update(&mut alice).await;
    told.sort();
    let expected = [
        ("bob@localhost".to_owned(), v1::Availability::Busy, "tea".to_owned()),
        ("carol@localhost".to_owned(), v1::Availability::Online, String::new()),
    ];
    assert_eq!(told, expected);

    let look = v1::WatchRequest { addresses: vec!["bob@localhost".into(), "nobody@localhost".into()] };
    let seen: v1::WatchReply = alice.ask(operation::WATCH, &look).await.expect("answered");
    assert_eq!(seen.presences.len(), 1);
    assert_eq!(u64::from(seen.expires_in_ms), at_once.watch_ms);
    bob.hang_up().await;
    world.engine.presence_round().await.expect("the store reads");
    assert_eq!(update(&mut alice).await, [("bob@localhost".to_owned(), v1::Availability::Offline, String::new())]);
}
