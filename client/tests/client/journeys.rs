//! What a person lives through with the client: talking, losing the link, coming back, being cut off.

use std::sync::Arc;
use std::time::Duration;

use crate::fake::Fake;
use belfry_client::{Client, ClientConfig, ClientError, ClientEvent, Delivery, End, Events, ServerAddress, v1};
use belfry_wire::Channel;
use tokio::time::Instant;

pub(crate) const ALICE: &str = "alice@x";
pub(crate) const BOB: &str = "bob@x";

pub(crate) fn config(fake: &Fake) -> ClientConfig {
    let mut config = ClientConfig::new(vec![ServerAddress::noise("fake", 1)]);
    config.dialer = Arc::new(fake.clone());
    config.short_link = false;
    config
}

pub(crate) async fn log_in(fake: &Fake, address: &str) -> (Client, Events) {
    let (client, mut events) = Client::open(config(fake)).await.expect("opens");
    client.add_device(address, "right", "test").await.expect("logs in");
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    (client, events)
}

/// Reads events until one fits; gives it.
pub(crate) async fn until(events: &mut Events, fits: impl Fn(&ClientEvent) -> bool) -> ClientEvent {
    let reading = async {
        loop {
            let event = events.next().await.expect("the client runs");
            if fits(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(600), reading).await.expect("the event comes")
}

pub(crate) async fn next_text(events: &mut Events) -> String {
    match until(events, |event| matches!(event, ClientEvent::Message(_))).await {
        ClientEvent::Message(message) => message.text().to_owned(),
        _ => String::new(),
    }
}

async fn sent(events: &mut Events) {
    until(events, |event| matches!(event, ClientEvent::MessageState { delivery: Delivery::Sent, .. })).await;
}

pub(crate) async fn texts(client: &Client, peer: &str) -> Vec<String> {
    let messages = client.messages(peer, None, 1000).await.expect("read");
    messages.iter().map(|message| message.text().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn two_people_talk_and_see_how_far_it_got() {
    let fake = Fake::new();
    let (alice, mut alice_events) = log_in(&fake, ALICE).await;
    let (bob, mut bob_events) = log_in(&fake, BOB).await;
    alice.send(BOB, "hello").await.expect("written");
    assert_eq!(next_text(&mut bob_events).await, "hello");
    sent(&mut alice_events).await;
    bob.send(ALICE, "hi").await.expect("written");
    assert_eq!(next_text(&mut alice_events).await, "hi");
    assert_eq!(texts(&alice, BOB).await, ["hello", "hi"]);
    assert_eq!(texts(&bob, ALICE).await, ["hello", "hi"]);
    let receipt = v1::Receipt {
        conversation_id: 1,
        peer: BOB.to_owned(),
        delivered_cseq: 1,
        read_cseq: 1,
        ..v1::Receipt::default()
    };
    fake.tell(ALICE, v1::event::Item::Receipt(receipt));
    until(&mut alice_events, |event| matches!(event, ClientEvent::ReceiptChanged { read_cseq: 1, .. })).await;
    assert_eq!(alice.messages(BOB, None, 9).await.expect("read")[0].delivery, Delivery::Read);
    // Nobody but the first login asked for a sync: what came was pushed, what was sent moved the key by itself.
    assert_eq!(fake.state.lock().syncs, 2);
}

#[tokio::test(start_paused = true)]
async fn the_servers_key_is_pinned_at_first_use() {
    let fake = Fake::new();
    let (_alice, mut events) = log_in(&fake, ALICE).await;
    fake.cut();
    until(&mut events, |event| matches!(event, ClientEvent::Connected { .. })).await;
    assert_eq!(fake.state.lock().channels, [Channel::NoiseXx, Channel::NoiseIk, Channel::NoiseIk]);
}

#[tokio::test(start_paused = true)]
async fn a_server_with_another_key_is_not_talked_to() {
    let mut fake = Fake::new();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("alice");
    let (alice, _events) = Client::open(config(&fake).with_store(&store)).await.expect("opens");
    alice.add_device(ALICE, "right", "test").await.expect("logs in");
    alice.close().await;
    drop(alice);
    fake.key = belfry_wire::noise::StaticKey::new([0x66; 32]);
    let (_alice, mut events) = Client::open(config(&fake).with_store(&store)).await.expect("opens");
    let ended = until(&mut events, |event| matches!(event, ClientEvent::Ended(_))).await;
    assert!(matches!(ended, ClientEvent::Ended(End::ServerKeyChanged { .. })), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_written_while_offline_arrives_in_order_and_once() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    fake.state.lock().down = true;
    fake.cut();
    until(&mut events, |event| matches!(event, ClientEvent::Disconnected { .. })).await;
    for text in ["one", "two", "three"] {
        alice.send(BOB, text).await.expect("written");
    }
    assert_eq!(alice.messages(BOB, None, 9).await.expect("read")[2].delivery, Delivery::Waiting);
    tokio::time::sleep(Duration::from_secs(300)).await;
    fake.state.lock().down = false;
    for _ in 0..3 {
        sent(&mut events).await;
    }
    assert_eq!(fake.texts(BOB), ["one", "two", "three"]);
    assert_eq!(texts(&alice, BOB).await, ["one", "two", "three"]);
    assert_eq!(alice.outbox_len().await.expect("read"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_makes_no_second_message() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    fake.state.lock().lose_send_answers = 3;
    for text in ["one", "two"] {
        alice.send(BOB, text).await.expect("written");
    }
    sent(&mut events).await;
    sent(&mut events).await;
    assert_eq!(fake.texts(BOB), ["one", "two"]);
    assert_eq!(texts(&alice, BOB).await, ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_to_nobody_fails_and_holds_up_none() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    alice.send("nobody@x", "lost").await.expect("written");
    alice.send(BOB, "found").await.expect("written");
    until(&mut events, |event| {
        matches!(event, ClientEvent::MessageState { delivery: Delivery::Failed(_), peer, .. } if peer == "nobody@x")
    })
    .await;
    sent(&mut events).await;
    assert_eq!(fake.texts(BOB), ["found"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_notification_is_made_up_for_by_a_sync() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    fake.state.lock().lose_notifications = 1; // bob's own log is not looked at here, so the one lost is alice's
    fake.say(BOB, ALICE, "lost");
    let syncs = fake.state.lock().syncs;
    fake.say(BOB, ALICE, "after");
    assert_eq!(next_text(&mut events).await, "lost");
    assert_eq!(next_text(&mut events).await, "after");
    assert_eq!(texts(&alice, BOB).await, ["lost", "after"]);
    assert_eq!(fake.state.lock().syncs, syncs + 1);
}

#[tokio::test(start_paused = true)]
async fn notifications_that_come_twice_are_told_once() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    fake.state.lock().double_notifications = true;
    let all: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    for text in &all {
        fake.say(BOB, ALICE, text);
    }
    for text in &all {
        assert_eq!(next_text(&mut events).await, *text);
    }
    assert_eq!(texts(&alice, BOB).await, all);
}

#[tokio::test(start_paused = true)]
async fn a_burst_larger_than_every_queue_is_complete() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    for number in 0..900 {
        fake.say(BOB, ALICE, &number.to_string());
    }
    for number in 0..900 {
        assert_eq!(next_text(&mut events).await, number.to_string());
    }
    assert_eq!(texts(&alice, BOB).await.len(), 900);
    let acknowledged = async {
        while fake.state.lock().acknowledged.get(ALICE) != Some(&(1 << 32 | 900)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), acknowledged).await.expect("all is acknowledged in the end");
}

#[tokio::test(start_paused = true)]
async fn a_message_is_acknowledged_at_once_and_what_nobody_waits_for_with_the_next_or_a_little_later() {
    let fake = Fake::new();
    let (_alice, mut events) = log_in(&fake, ALICE).await;
    fake.say(BOB, ALICE, "one");
    assert_eq!(next_text(&mut events).await, "one");
    let wait = |ms| tokio::time::sleep(Duration::from_millis(ms));
    wait(6_000).await;
    let passed = || fake.state.lock().acknowledged.get(ALICE).map(|place| place & 0xFFFF_FFFF);
    let times = || fake.state.lock().acknowledgements;
    let (before, mut read_cseq) = (times(), 0);
    let mut receipt = || {
        read_cseq += 1;
        let peer = BOB.to_owned();
        let (conversation_id, delivered_cseq) = (1, read_cseq);
        let receipt = v1::Receipt { conversation_id, peer, delivered_cseq, read_cseq, ..v1::Receipt::default() };
        fake.tell(ALICE, v1::event::Item::Receipt(receipt));
    };
    for _ in 0..20 {
        receipt();
        wait(40).await;
    }
    assert_eq!((passed(), times()), (Some(1), before), "nobody waits to hear that receipts have come");
    wait(5_000).await;
    assert_eq!((passed(), times()), (Some(21), before + 1), "one acknowledgement for all of them");
    receipt();
    fake.say(BOB, ALICE, "two");
    wait(5).await;
    assert_eq!((passed(), times()), (Some(23), before + 2), "the message's has the receipt in it");
    for number in 0..20 {
        fake.say(BOB, ALICE, &number.to_string());
        wait(5).await;
    }
    wait(30).await;
    assert_eq!(passed(), Some(43));
    assert!(times() - before <= 2 + 6, "{} acknowledgements in an eighth of a second", times() - before - 2);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_began_anew_is_told_and_the_outbox_goes_on() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    fake.say(BOB, ALICE, "kept by the server");
    next_text(&mut events).await;
    fake.state.lock().down = true;
    fake.cut();
    until(&mut events, |event| matches!(event, ClientEvent::Disconnected { .. })).await;
    alice.send(BOB, "mine").await.expect("written");
    fake.state.lock().epoch = 2;
    fake.state.lock().down = false;
    // The message may be answered before or after the new log is seen.
    let (mut reset, mut is_sent, mut caught_up) = (false, false, false);
    while !(reset && is_sent && caught_up) {
        match until(&mut events, |_| true).await {
            ClientEvent::Reset => reset = true,
            ClientEvent::MessageState { delivery: Delivery::Sent, .. } => is_sent = true,
            ClientEvent::CaughtUp => caught_up = true,
            _ => {}
        }
    }
    let mut texts = texts(&alice, BOB).await;
    texts.sort();
    assert_eq!(texts, ["kept by the server", "mine"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_is_left_alone_as_long_as_it_says() {
    let fake = Fake::new();
    let (_alice, mut events) = log_in(&fake, ALICE).await;
    for retry_after in [30, 7] {
        let since = Instant::now();
        fake.go_away("going_away", retry_after * 1000);
        until(&mut events, |event| matches!(event, ClientEvent::Connected { .. })).await;
        let away = since.elapsed().as_secs();
        assert!((retry_after..=2 * retry_after + 5).contains(&away), "back after {away} s, told {retry_after}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_replaced_or_revoked_stops_for_good() {
    for (code, end) in [("replaced", End::Replaced), ("revoked", End::Revoked), ("superseded", End::Superseded)] {
        let fake = Fake::new();
        let (alice, mut events) = log_in(&fake, ALICE).await;
        fake.go_away(code, 0);
        let ended = until(&mut events, |event| matches!(event, ClientEvent::Ended(_))).await;
        assert_eq!(ended, ClientEvent::Ended(end.clone()));
        assert_eq!(events.next().await, None);
        assert_eq!(fake.links(), 0);
        assert_eq!(alice.account().await.expect("read").is_some(), end == End::Superseded);
        assert!(matches!(alice.send(BOB, "too late").await, Err(ClientError::Stopped)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_said() {
    let fake = Fake::new();
    let (client, _events) = Client::open(config(&fake)).await.expect("opens");
    let refused = client.add_device(ALICE, "wrong", "test").await;
    assert!(matches!(refused, Err(ClientError::Refused(refusal)) if refusal.code == "wrong_credentials"));
}

#[tokio::test(start_paused = true)]
async fn guests_talk_in_the_lobby_and_come_back_to_it() {
    let fake = Fake::new();
    let (ann, mut ann_events) = Client::open(config(&fake)).await.expect("opens");
    let (ben, _ben_events) = Client::open(config(&fake)).await.expect("opens");
    ann.lobby_join(Some("Ann")).await.expect("joins");
    let taken = ben.lobby_join(Some("Ann")).await;
    assert!(matches!(taken, Err(ClientError::Refused(refusal)) if refusal.code == "name_taken"));
    ben.lobby_join(Some("Ben")).await.expect("joins");
    ben.lobby_send("one").await.expect("sent");
    assert_eq!(lobby_texts(&mut ann_events, 1).await, ["one"]);
    fake.cut();
    ben.lobby_send("two").await.expect("sent");
    assert_eq!(lobby_texts(&mut ann_events, 1).await, ["two"]);
}

async fn lobby_texts(events: &mut Events, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        if let ClientEvent::LobbyUpdate(news) = until(events, |e| matches!(e, ClientEvent::LobbyUpdate(_))).await {
            texts.extend(news.messages.into_iter().map(|message| message.text));
        }
    }
    texts
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_noticed() {
    // A stream that accepts everything and answers nothing after the handshake cannot be told from a slow server
    // until a heartbeat finds no echo; here the whole server hangs in the preamble.
    #[derive(Debug)]
    struct Mute;
    impl belfry_client::Dial for Mute {
        fn dial<'a>(
            &'a self,
            _: &'a ServerAddress,
        ) -> belfry_client::BoxFuture<'a, Result<belfry_client::BoxIo, belfry_client::LinkError>> {
            Box::pin(async {
                let (ours, theirs) = tokio::io::duplex(1024);
                tokio_util::task::TaskTracker::new().spawn(async move {
                    tokio::time::sleep(Duration::from_secs(3600)).await;
                    drop(theirs);
                });
                Ok(Box::new(ours) as belfry_client::BoxIo)
            })
        }
    }
    let mut config = ClientConfig::new(vec![ServerAddress::noise("mute", 1)]);
    config.dialer = Arc::new(Mute);
    let (client, _events) = Client::open(config).await.expect("opens");
    let since = Instant::now();
    assert!(client.add_device(ALICE, "right", "test").await.is_err());
    assert!(since.elapsed() < Duration::from_secs(30));
}
