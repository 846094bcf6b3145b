//! Contacts, requests, blocking and invitations, as two people live through them.

use std::time::Duration;

use belfry_client::{Client, ClientEvent, Contact, Delivery, Events, v1};

use crate::fake::Fake;
use crate::journeys::{ALICE, BOB, config, log_in, next_text, until};

async fn changed(events: &mut Events, fits: impl Fn(&Contact) -> bool) -> Contact {
    match until(events, |event| matches!(event, ClientEvent::ContactChanged(contact) if fits(contact))).await {
        ClientEvent::ContactChanged(contact) => contact,
        _ => Contact::default(),
    }
}

async fn addresses(client: &Client) -> Vec<String> {
    client.contacts().await.expect("read").into_iter().map(|contact| contact.address).collect()
}

async fn failed(events: &mut Events) -> String {
    let is_failed =
        |event: &ClientEvent| matches!(event, ClientEvent::MessageState { delivery: Delivery::Failed(_), .. });
    match until(events, is_failed).await {
        ClientEvent::MessageState { delivery: Delivery::Failed(why), .. } => why,
        _ => String::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_comes_with_its_note_and_makes_contacts_when_it_is_accepted() {
    let fake = Fake::new();
    let (alice, mut alice_events) = log_in(&fake, ALICE).await;
    let (bob, mut bob_events) = log_in(&fake, BOB).await;
    let asked = alice.request_contact(BOB, "Alice from the choir").await.expect("asked");
    assert!(asked.asks && asked.listed && !asked.is_mutual());
    let request = until(&mut bob_events, |event| matches!(event, ClientEvent::ContactRequest { .. })).await;
    let ClientEvent::ContactRequest { address, note, asked_at_ms, .. } = request else { return };
    assert_eq!((address.as_str(), note.as_str(), asked_at_ms), (ALICE, "Alice from the choir", 5));
    let waiting = bob.contact_requests().await.expect("read");
    assert_eq!(waiting.len(), 1);
    assert!(bob.accept_contact(ALICE).await.expect("accepted").is_mutual());
    changed(&mut alice_events, Contact::is_mutual).await;
    changed(&mut bob_events, Contact::is_mutual).await;
    assert!(bob.contact_requests().await.expect("read").is_empty());
    let contact = bob.contact(ALICE).await.expect("read");
    assert_eq!((contact.shown_name(), contact.is_mutual()), ("Alice", true), "by the name that she shows");
}

#[tokio::test(start_paused = true)]
async fn the_list_is_kept_in_the_order_of_names_and_there_without_a_server() {
    let fake = Fake::new();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("alice");
    let (alice, mut events) = Client::open(config(&fake).with_store(&store)).await.expect("opens");
    alice.add_device(ALICE, "right", "test").await.expect("logs in");
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    for (address, name) in [("zed@x", "aaron"), ("ben@x", ""), ("carl@x", "Älex"), ("dora@x", "zoe")] {
        alice.set_contact(address, name, &["choir".to_owned()]).await.expect("named");
    }
    fake.tell(
        ALICE,
        v1::event::Item::Contact(v1::Contact { address: "eve@x".into(), blocked: true, ..Default::default() }),
    );
    changed(&mut events, |contact| contact.blocked).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let order = ["zed@x", "ben@x", "eve@x", "dora@x", "carl@x"];
    assert_eq!(addresses(&alice).await, order, "capital letters make no difference");
    assert_eq!(fake.state.lock().people.profiles, 4, "who is blocked is not asked about");
    alice.close().await;
    drop(alice);
    fake.state.lock().down = true;
    let (alice, _events) = Client::open(config(&fake).with_store(&store)).await.expect("opens");
    assert_eq!(addresses(&alice).await, order);
    assert_eq!(alice.contact("zed@x").await.expect("read").labels, ["choir"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_told_once_whatever_happens_to_the_link() {
    let fake = Fake::new();
    let (alice, _alice_events) = log_in(&fake, ALICE).await;
    let (_bob, mut bob_events) = log_in(&fake, BOB).await;
    fake.state.lock().double_notifications = true;
    alice.request_contact(BOB, "hello").await.expect("asked");
    until(&mut bob_events, |event| matches!(event, ClientEvent::ContactRequest { .. })).await;
    fake.cut();
    let first = |event: &ClientEvent| matches!(event, ClientEvent::ContactRequest { .. } | ClientEvent::CaughtUp);
    assert_eq!(until(&mut bob_events, first).await, ClientEvent::CaughtUp);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_refused_taken_back_and_a_contact_removed_on_both_sides() {
    let fake = Fake::new();
    let (alice, mut alice_events) = log_in(&fake, ALICE).await;
    let (bob, mut bob_events) = log_in(&fake, BOB).await;
    alice.request_contact(BOB, "").await.expect("asked");
    changed(&mut bob_events, |contact| contact.request.is_some()).await;
    bob.refuse_contact(ALICE).await.expect("refused");
    changed(&mut alice_events, |contact| contact.listed && !contact.asks).await;
    alice.request_contact(BOB, "").await.expect("asked again");
    changed(&mut bob_events, |contact| contact.request.is_some()).await;
    alice.withdraw_contact(BOB).await.expect("taken back");
    changed(&mut bob_events, Contact::is_nothing).await;
    changed(&mut alice_events, Contact::is_nothing).await;
    assert!(addresses(&bob).await.is_empty() && addresses(&alice).await.is_empty());
    alice.request_contact(BOB, "").await.expect("asked");
    changed(&mut bob_events, |contact| contact.request.is_some()).await;
    bob.request_contact(ALICE, "").await.expect("that accepts");
    changed(&mut alice_events, Contact::is_mutual).await;
    alice.remove_contact(BOB).await.expect("removed");
    changed(&mut alice_events, Contact::is_nothing).await;
    let left = changed(&mut bob_events, |contact| !contact.to).await;
    assert!(left.listed && !left.from, "Bob keeps Alice in his list");
    assert!(bob.accept_contact(ALICE).await.is_err(), "nobody asks");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_may_not_be_sent_has_failed_and_is_not_tried_again() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    let (_bob, mut bob_events) = log_in(&fake, BOB).await;
    alice.block(BOB).await.expect("blocked");
    changed(&mut events, |contact| contact.blocked).await;
    alice.send(BOB, "to who is blocked").await.expect("written");
    assert_eq!(failed(&mut events).await, "blocking");
    alice.unblock(BOB).await.expect("unblocked");
    fake.state.lock().people.unanswering = vec![BOB.to_owned()];
    alice.send(BOB, "one too many").await.expect("written");
    assert_eq!(failed(&mut events).await, "unanswered");
    fake.cut();
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    fake.state.lock().people.unanswering.clear();
    alice.send(BOB, "now").await.expect("written");
    assert_eq!(next_text(&mut bob_events).await, "now");
    assert_eq!(fake.state.lock().people.sends, 3);
}

#[tokio::test(start_paused = true)]
async fn a_conversation_of_a_stranger_is_a_request_until_it_is_answered_accepted_or_the_stranger_listed() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    for stranger in ["a@x", "b@x", "c@x", "d@x"] {
        fake.say(stranger, ALICE, "hello");
        assert_eq!(next_text(&mut events).await, "hello");
    }
    let requests = async || {
        let all = alice.conversations().await.expect("read");
        let mut peers: Vec<String> = all.into_iter().filter(|c| c.request).map(|c| c.peer).collect();
        peers.sort();
        peers
    };
    assert_eq!(requests().await, ["a@x", "b@x", "c@x", "d@x"]);
    alice.send("a@x", "hi").await.expect("written");
    alice.accept_messages("b@x").await.expect("accepted");
    alice.set_contact("c@x", "", &[]).await.expect("listed");
    let settled =
        |event: &ClientEvent| matches!(event, ClientEvent::SettingsChanged(settings) if settings.peer == "b@x");
    until(&mut events, settled).await;
    changed(&mut events, |contact| contact.listed).await;
    assert_eq!(requests().await, ["d@x"]);
    let settings =
        v1::ConversationSettings { conversation_id: 4, peer: "d@x".into(), request: true, ..Default::default() };
    fake.tell(ALICE, v1::event::Item::Settings(settings.clone()));
    until(&mut events, |event| matches!(event, ClientEvent::SettingsChanged(settings) if settings.request)).await;
    assert_eq!(requests().await, ["d@x"], "as the server says");
    fake.tell(ALICE, v1::event::Item::Settings(v1::ConversationSettings { request: false, ..settings }));
    until(&mut events, |event| matches!(event, ClientEvent::SettingsChanged(settings) if !settings.request)).await;
    assert!(requests().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_invitation_brings_a_contact_and_a_new_account() {
    let fake = Fake::new();
    let (alice, mut alice_events) = log_in(&fake, ALICE).await;
    let (bob, _bob_events) = log_in(&fake, BOB).await;
    let invite = alice.create_invite(v1::InviteKind::Contact, None, None).await.expect("made");
    assert_eq!(bob.look_at_invite(&invite.token).await.expect("looked at").address, ALICE);
    assert!(bob.accept_invite(&invite.token).await.expect("accepted").is_mutual());
    changed(&mut alice_events, |contact| contact.address == BOB && contact.is_mutual()).await;

    let invite = alice.create_invite(v1::InviteKind::SignUp, Some(5), None).await.expect("made");
    let (cleo, mut cleo_events) = Client::open(config(&fake)).await.expect("opens");
    let seen = cleo.look_at_invite(&invite.token).await.expect("looked at without an account");
    assert_eq!((seen.kind(), seen.address.as_str()), (v1::InviteKind::SignUp, ALICE));
    let request = v1::SignUpRequest {
        token: invite.token.clone(),
        name: "cleo".into(),
        password: "a long one".into(),
        ..Default::default()
    };
    let account = cleo.sign_up(request).await.expect("signed up");
    assert_eq!(account.address, "cleo@x");
    until(&mut cleo_events, |event| *event == ClientEvent::CaughtUp).await;
    assert!(cleo.contact(ALICE).await.expect("read").is_mutual());
    assert_eq!(alice.invites().await.expect("listed").len(), 2);
    alice.revoke_invite(&invite.token).await.expect("taken back");
    assert!(cleo.look_at_invite(&invite.token).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn people_are_found_by_exactly_their_name_and_their_name_is_kept() {
    let fake = Fake::new();
    let (alice, _events) = log_in(&fake, ALICE).await;
    assert_eq!(alice.find("be").await.expect("asked"), None);
    assert_eq!(alice.find("ben").await.expect("asked").expect("there is one").address, "ben@x");
    assert_eq!(alice.display_name("ben@x").await.expect("kept"), "Ben");
    assert_eq!(fake.state.lock().people.profiles, 0);
    assert_eq!(alice.picture("ben@x", "77").await.expect("asked").data.as_ref(), b"77");
    let request = v1::SetPrivacyRequest { last_seen: v1::Audience::Nobody.into(), ..Default::default() };
    assert_eq!(alice.set_privacy(request).await.expect("changed").last_seen(), v1::Audience::Nobody);
}
