//! Sending, syncing, being told, the lobby, and being cut off.

use belfry_domain::TimestampMs;
use belfry_gate::Outcome;
use belfry_wire::{operation, v1};
use prost::Message;

use crate::world::{World, text_to, texts};

#[tokio::test]
async fn a_message_is_told_to_the_other_with_the_keys_before_and_after_it() {
    let world = World::new();
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    let (mut bob, _) = world.member("+4915100000002", "bob").await;
    let start = bob.sync(None, true).await.key;
    let sent = alice.say("bob@localhost", "m-1", "hello").await.expect("stored");
    let told = bob.notified().await;
    assert_eq!(told.previous, start);
    assert_eq!(texts(&told.events), [Some("hello".to_owned())]);
    assert!(!told.more && !told.reset);
    let Some(v1::event::Item::Message(message)) = &told.events[0].item else { panic!("a message") };
    assert_eq!(
        (message.cseq, message.from.as_str(), message.to.as_str()),
        (sent.cseq, "alice@localhost", "bob@localhost")
    );
    assert_eq!(message.client_message_id, "", "the sender's id is the sender's");

    // Acknowledged, it is two ticks for the one who wrote it.
    alice.sync(sent.key, true).await;
    let passed = v1::AckRequest { passed: told.key.clone(), delivered: None };
    let _: v1::AckReply = bob.ask(operation::ACK, &passed).await.expect("acknowledged");
    let Some(v1::event::Item::Receipt(receipt)) = &alice.notified().await.events[0].item else { panic!("a receipt") };
    assert_eq!((receipt.peer.as_str(), receipt.delivered_cseq, receipt.read_cseq), ("bob@localhost", 1, 0));
}

#[tokio::test]
async fn one_s_own_message_goes_by_its_answer_or_comes_without_content() {
    let world = World::new();
    let (mut alice, alice_credentials) = world.member("+4915100000001", "alice").await;
    let (mut bob, _) = world.member("+4915100000002", "bob").await;
    let key = alice.sync(None, true).await.key;
    let first = alice.say("bob@localhost", "a-1", "one").await.expect("stored");
    assert_eq!(first.previous, key, "at `previous`: the answer alone brings it to `key`");
    bob.say("alice@localhost", "b-1", "two").await.expect("stored");
    let second = alice.notified().await;
    assert_eq!(second.previous, first.key, "its own message was not told again");
    assert_eq!(texts(&second.events), [Some("two".to_owned())]);

    // What was sent on this link comes without content to a link that is not at the place before it; what is older
    // comes whole, since the device may have lost it.
    let token = alice_credentials.token;
    alice.hang_up().await;
    let mut alice = world.bare().await;
    alice.login(&token).await.expect("logged in");
    let oldest = v1::SyncRequest { key, limit: 1, subscribe: true, ..v1::SyncRequest::default() }.encode_to_vec();
    let third = text_to("bob@localhost", "a-3", "three").encode_to_vec();
    let mut both = alice.sealed(operation::SYNC, 10, oldest.into());
    both.extend_from_slice(&alice.sealed(operation::SEND, 11, third.into()));
    alice.write_raw(&both).await;
    let page = v1::SyncReply::decode(alice.frame().await.expect("a page").body).expect("a page");
    assert_eq!(texts(&page.events), [Some("one".to_owned())]);
    assert!(page.more);
    assert_eq!(alice.frame().await.expect("stored").operation, operation::SEND);
    let told = alice.notified().await;
    assert_eq!((told.previous, texts(&told.events)), (page.key, vec![Some("two".to_owned()), None]));
}

#[tokio::test]
async fn a_backlog_with_one_s_own_messages_is_told_with_all_they_say() {
    let world = World::new();
    let (mut alice, credentials) = world.member("+4915100000001", "alice").await;
    for n in 0..450 {
        alice.say("alice@localhost", &format!("m-{n}"), "mine").await.expect("stored");
    }
    alice.hang_up().await;
    // The device comes back with nothing: the first page by the answer, the rest by notifications.
    let mut alice = world.bare().await;
    alice.login(&credentials.token).await.expect("logged in");
    let mut all = texts(&alice.sync(None, true).await.events);
    while all.len() < 450 {
        all.extend(texts(&alice.notified().await.events));
    }
    assert!(all.iter().all(|text| text.as_deref() == Some("mine")));
}

#[tokio::test]
async fn a_repeated_send_is_one_message_and_another_under_its_id_a_conflict() {
    let world = World::new();
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    let first = alice.say("alice@localhost", "m-1", "hello").await.expect("stored");
    let again = alice.say("alice@localhost", "m-1", "hello").await.expect("stored");
    assert!(!first.duplicate && again.duplicate);
    assert_eq!((first.conversation_id, first.cseq), (again.conversation_id, again.cseq));
    assert_eq!(alice.say("alice@localhost", "m-1", "other").await.expect_err("a conflict").code, "conflict");
    assert_eq!(alice.say("nobody@localhost", "m-2", "x").await.expect_err("nobody").code, "not_found");
    assert_eq!(alice.say("alice@localhost", "", "x").await.expect_err("no id").code, "bad_request");
}

#[tokio::test]
async fn a_key_of_another_life_is_answered_by_a_reset() {
    let world = World::new();
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    alice.say("alice@localhost", "m-1", "hello").await.expect("stored");
    let val = u64::from(u32::MAX) << 32;
    let foreign = v1::SyncKey { list: (1..=3).map(|key| v1::KeyValue { key, val }).collect() };
    let page = alice.sync(Some(foreign), false).await;
    assert!(page.reset);
    assert_eq!(texts(&page.events), [Some("hello".to_owned())]);
}

#[tokio::test]
async fn a_reader_that_stops_is_told_no_more_than_it_takes_and_later_gets_everything() {
    const BACKLOG: usize = 100_000;
    let world = World::new();
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    let (mut bob, _) = world.member("+4915100000002", "bob").await;
    bob.sync(None, true).await;
    let told = || world.engine.metrics().events_told.load(std::sync::atomic::Ordering::Relaxed);
    for thousand in 0..BACKLOG / 1_000 {
        let mut bytes = bytes::BytesMut::new();
        for n in 0..1_000 {
            let n = thousand * 1_000 + n;
            alice.seq += 1;
            let body = text_to("bob@localhost", &format!("m-{n}"), &format!("{n}")).encode_to_vec();
            bytes.extend_from_slice(&alice.sealed(operation::SEND, alice.seq, body.into()));
        }
        // Answers are read while requests are written: a client that does not is held back like any other.
        let mut answers = 0;
        for piece in bytes.chunks(16 * 1024) {
            alice.write_raw(piece).await;
        }
        while answers < 1_000 {
            answers += usize::from(alice.frame().await.expect("an answer").operation == operation::SEND);
        }
        alice.capture.clear();
    }
    // A page, and what the pipe holds: about 100 bytes a message.
    assert!(told() < 2_000, "{} events were taken for a reader that reads nothing", told());
    let mut next = 0;
    while next < BACKLOG {
        for text in texts(&bob.notified().await.events) {
            assert_eq!(text.as_deref(), Some(next.to_string().as_str()));
            next += 1;
        }
        bob.capture.clear();
    }
}

#[tokio::test]
async fn a_new_phone_cuts_the_old_one_off_and_says_why() {
    let world = World::new();
    let (mut old, _) = world.member("+4915100000001", "alice").await;
    old.sync(None, true).await;
    let mut new = world.bare().await;
    // The second PIN of a day comes after a minute; the clock of this world stands still, so the rule is asked first.
    let refused: Result<v1::RequestPinReply, v1::Error> =
        new.ask(operation::REQUEST_PIN, &v1::RequestPinRequest { phone: "+4915100000001".into() }).await;
    assert_eq!(refused.expect_err("too soon").code, "rate_limited");
    world.clock.advance_ms(61_000);
    let credentials = world.register(&mut new, "+4915100000001", "alice").await;
    assert!(credentials.replaced && credentials.primary);
    assert_eq!(old.sent_away().await.code, "replaced");
    assert!(matches!(old.hang_up().await, Outcome::Closed(belfry_domain::Code::Replaced)));
    new.login(&credentials.token).await.expect("the new phone works");
}

#[tokio::test]
async fn a_second_link_of_a_device_takes_the_place_of_the_first() {
    let world = World::new();
    let (mut first, credentials) = world.member("+4915100000001", "alice").await;
    let mut second = world.bare().await;
    second.login(&credentials.token).await.expect("logged in");
    assert_eq!(first.sent_away().await.code, "superseded");
}

#[tokio::test]
async fn a_device_that_logs_out_gets_its_answer_then_the_end() {
    let world = World::new();
    let (mut alice, credentials) = world.member("+4915100000001", "alice").await;
    let _: v1::LogoutReply = alice.ask(operation::LOGOUT, &v1::LogoutRequest {}).await.expect("logged out");
    assert_eq!(alice.sent_away().await.code, "revoked");
    let mut again = world.bare().await;
    assert!(again.login(&credentials.token).await.is_err());
}

#[tokio::test]
async fn a_server_that_stops_sends_everybody_away_for_a_moment_each_another() {
    let world = World::new();
    let mut links = Vec::new();
    for _ in 0..8 {
        links.push(world.bare().await);
    }
    world.stop.cancel();
    let mut waits = Vec::new();
    for mut link in links {
        let why = link.sent_away().await;
        assert_eq!(why.code, "going_away");
        assert!((1_000..5_000).contains(&why.retry_after_ms));
        waits.push(why.retry_after_ms);
    }
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 4, "not in lockstep: {waits:?}");
}

#[tokio::test]
async fn guests_meet_in_the_lobby_over_links() {
    let world = World::new();
    let mut ada = world.bare().await;
    let join = |name: &str| v1::LobbyJoinRequest { name: name.into() };
    let joined: v1::LobbyJoinReply = ada.ask(operation::LOBBY_JOIN, &join("Ada")).await.expect("joined");
    assert_eq!((joined.name_chars_max, joined.text_chars_max), (16, 140));
    let mut bob = world.bare().await;
    let taken: Result<v1::LobbyJoinReply, v1::Error> = bob.ask(operation::LOBBY_JOIN, &join("ada")).await;
    assert_eq!(taken.expect_err("taken").code, "name_taken");
    let seen: v1::LobbyJoinReply = bob.ask(operation::LOBBY_JOIN, &join("Bob")).await.expect("joined");
    assert_eq!(seen.participants.len(), 2);

    let say = v1::LobbySendRequest { client_message_id: "m-1".into(), text: "hello all".into() };
    let sent: v1::LobbySendReply = ada.ask(operation::LOBBY_SEND, &say).await.expect("said");
    loop {
        let frame = bob.frame().await.expect("news");
        assert_eq!((frame.operation, frame.seq_id), (operation::LOBBY_UPDATE, 0));
        let update = v1::LobbyUpdate::decode(frame.body).expect("an update");
        if let [message] = &update.messages[..] {
            assert_eq!((message.cseq, message.name.as_str(), message.text.as_str()), (sent.cseq, "Ada", "hello all"));
            break;
        }
    }
    // Guests have the lobby and nothing else.
    assert_eq!(ada.say("bob@localhost", "m-2", "x").await.expect_err("a guest").code, "forbidden");

    // A guest comes back with the token and goes on from where it was.
    ada.hang_up().await;
    let mut back = world.bare().await;
    let login = back.login(&joined.token).await.expect("the stay goes on");
    assert!(login.guest);
    assert_eq!(login.address, "Ada");
    let poll = v1::LobbyPollRequest { after_cseq: 0, participants_version: 0, wait_ms: 90_000 };
    let update: v1::LobbyUpdate = back.ask(operation::LOBBY_POLL, &poll).await.expect("answered at once");
    assert_eq!(update.messages.len(), 1);
    assert!(update.participants_changed);
}

#[tokio::test]
async fn a_login_is_told_the_time_of_the_servers_clock() {
    let world = World::new();
    let (_, credentials) = world.member("+4915100000001", "alice").await;
    world.clock.set(TimestampMs(1_812_345_678_901));
    let reply = world.bare().await.login(&credentials.token).await;
    assert_eq!(reply.expect_err("the token is too old").code, "unauthenticated");
    world.clock.set(TimestampMs(1_800_000_000_042));
    let reply = world.bare().await.login(&credentials.token).await.expect("logged in");
    assert_eq!(reply.server_time_ms, 1_800_000_000_042);
}
