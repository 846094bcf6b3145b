//! What a person lives through beside the messages themselves: some that are kept no longer, somebody who is writing, a
//! text that was begun on another device.

use std::time::Duration;

use belfry_client::{Client, ClientEvent, v1};

use crate::fake::Fake;
use crate::journeys::{ALICE, BOB, config, log_in, next_text, texts, until};

/// Bob's messages of these numbers come while alice is away.
async fn away(fake: &Fake, events: &mut belfry_client::Events, texts: &[&str], meanwhile: impl FnOnce()) {
    fake.state.lock().down = true;
    fake.cut();
    until(events, |event| matches!(event, ClientEvent::Disconnected { .. })).await;
    for text in texts {
        fake.say(BOB, ALICE, text);
    }
    meanwhile();
    fake.state.lock().down = false;
}

#[tokio::test(start_paused = true)]
async fn what_expired_while_one_was_away_is_fetched_where_it_is_left_and_else_said_to_be_missing() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    fake.say(BOB, ALICE, "1");
    assert_eq!(next_text(&mut events).await, "1");
    away(&fake, &mut events, &["2", "3", "4", "5", "6"], || {
        for (cseq, history) in [(2, true), (3, false), (4, false), (6, false)] {
            fake.expire(ALICE, cseq, history);
        }
    })
    .await;
    let missing = until(&mut events, |event| matches!(event, ClientEvent::Missing { .. })).await;
    let expected = ClientEvent::Missing { conversation_id: 1, peer: BOB.to_owned(), first_cseq: 3, last_cseq: 6 };
    assert_eq!(missing, expected);
    assert_eq!(texts(&alice, BOB).await, ["1", "2", "5"], "the history still had the second");
    assert_eq!(alice.missing(BOB).await.expect("read"), [(3, 4), (6, 6)]);

    // It was looked into once: what comes now, and another connection, ask for nothing more.
    let histories = fake.state.lock().histories;
    fake.say(BOB, ALICE, "7");
    assert_eq!(next_text(&mut events).await, "7");
    fake.cut();
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    fake.say(BOB, ALICE, "8");
    assert_eq!(next_text(&mut events).await, "8");
    assert_eq!(fake.state.lock().histories, histories);
    assert_eq!(alice.missing(BOB).await.expect("read"), [(3, 4), (6, 6)]);
}

#[tokio::test(start_paused = true)]
async fn a_gap_that_could_not_be_looked_into_is_looked_into_after_the_next_start() {
    let fake = Fake::new();
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("alice");
    let (alice, mut events) = Client::open(config(&fake).with_store(&at)).await.expect("opens");
    alice.add_device(ALICE, "right", "test").await.expect("logs in");
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    fake.say(BOB, ALICE, "1");
    assert_eq!(next_text(&mut events).await, "1");
    fake.state.lock().busy_with_lists = true;
    away(&fake, &mut events, &["2", "3"], || fake.expire(ALICE, 2, false)).await;
    assert_eq!(next_text(&mut events).await, "3");
    alice.close().await;
    drop(alice);
    fake.state.lock().busy_with_lists = false;
    let (alice, mut events) = Client::open(config(&fake).with_store(&at)).await.expect("opens");
    until(&mut events, |event| matches!(event, ClientEvent::Missing { first_cseq: 2, last_cseq: 2, .. })).await;
    assert_eq!(alice.missing(BOB).await.expect("read"), [(2, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_had_nothing_misses_nothing() {
    let fake = Fake::new();
    for text in ["1", "2", "3"] {
        fake.say(BOB, ALICE, text);
    }
    fake.expire(ALICE, 1, false);
    fake.expire(ALICE, 2, false);
    let (alice, mut events) = log_in(&fake, ALICE).await;
    assert_eq!(texts(&alice, BOB).await, ["3"]);
    fake.say(BOB, ALICE, "4");
    assert_eq!(next_text(&mut events).await, "4");
    assert_eq!(alice.missing(BOB).await.expect("read"), []);
    assert_eq!(fake.state.lock().histories, 0);
}

#[tokio::test(start_paused = true)]
async fn a_whole_conversation_that_is_gone_is_said_to_be_missing() {
    let fake = Fake::new();
    let (alice, mut events) = log_in(&fake, ALICE).await;
    fake.say("cleo@x", ALICE, "hello");
    assert_eq!(next_text(&mut events).await, "hello");
    away(&fake, &mut events, &["1", "2"], || {
        fake.expire(ALICE, 2, false);
        fake.state.lock().forget_message(ALICE, BOB, 1);
    })
    .await;
    until(&mut events, |event| matches!(event, ClientEvent::Missing { first_cseq: 1, last_cseq: 2, .. })).await;
    assert_eq!(alice.missing(BOB).await.expect("read"), [(1, 2)]);
    assert_eq!(alice.missing("cleo@x").await.expect("read"), []);
}

/// The next change of who is writing.
async fn typing(events: &mut belfry_client::Events) -> (String, bool) {
    match until(events, |event| matches!(event, ClientEvent::Typing { .. })).await {
        ClientEvent::Typing { from, active, .. } => (from, active),
        _ => (String::new(), false),
    }
}

#[tokio::test(start_paused = true)]
async fn who_was_said_to_be_writing_is_said_to_have_stopped() {
    let fake = Fake::new();
    fake.say(BOB, ALICE, "hello");
    let (_alice, mut events) = log_in(&fake, ALICE).await;
    let (began, stopped) = ((BOB.to_owned(), true), (BOB.to_owned(), false));

    // After ten seconds without another word.
    fake.tell_typing(ALICE, BOB, true);
    assert_eq!(typing(&mut events).await, began);
    let since = tokio::time::Instant::now();
    tokio::time::sleep(Duration::from_secs(6)).await;
    fake.tell_typing(ALICE, BOB, true);
    assert_eq!(typing(&mut events).await, stopped);
    assert_eq!(since.elapsed().as_secs(), 16, "the second notice made it last longer and was no news");

    // By a message, before it is told.
    fake.tell_typing(ALICE, BOB, true);
    assert_eq!(typing(&mut events).await, began);
    fake.say(BOB, ALICE, "there");
    assert_eq!(typing(&mut events).await, stopped);
    assert_eq!(next_text(&mut events).await, "there");

    // By their word, and by the end of the link.
    for end in [true, false] {
        fake.tell_typing(ALICE, BOB, true);
        assert_eq!(typing(&mut events).await, began);
        if end {
            fake.tell_typing(ALICE, BOB, false)
        } else {
            fake.cut()
        }
        assert_eq!(typing(&mut events).await, stopped);
    }
}

#[tokio::test(start_paused = true)]
async fn that_one_is_writing_is_told_every_few_seconds_and_not_for_each_key() {
    let fake = Fake::new();
    fake.say(BOB, ALICE, "hello");
    let (alice, _events) = log_in(&fake, ALICE).await;
    for _ in 0..100 {
        alice.is_writing(BOB);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    alice.stopped_writing(BOB);
    alice.stopped_writing(BOB);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let told = std::mem::take(&mut fake.state.lock().typing);
    let expected = [true, true, true, false].map(|active| (BOB.to_owned(), active));
    assert_eq!(told, expected, "at 0, 4 and 8 seconds, and at the end");
    // A message says it by itself.
    alice.is_writing(BOB);
    alice.send(BOB, "done").await.expect("written");
    alice.stopped_writing(BOB);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(fake.state.lock().typing, [(BOB.to_owned(), true)]);
}

#[tokio::test(start_paused = true)]
async fn a_draft_is_on_the_other_devices_and_the_latest_wins() {
    let fake = Fake::new();
    fake.say(BOB, ALICE, "hello");
    let (phone, mut phone_events) = log_in(&fake, ALICE).await;
    let (laptop, mut laptop_events) = log_in(&fake, ALICE).await;
    let with_draft = |text: &'static str| {
        move |event: &ClientEvent| {
            let is_it =
                |settings: &v1::ConversationSettings| settings.draft.as_ref().map_or("", |draft| &draft.text) == text;
            matches!(event, ClientEvent::SettingsChanged(settings) if is_it(settings))
        }
    };
    phone.set_draft(BOB, "dear").await.expect("kept");
    assert_eq!(phone.draft(BOB).await.expect("read"), "dear", "here at once");
    until(&mut laptop_events, with_draft("dear")).await;
    assert_eq!(laptop.draft(BOB).await.expect("read"), "dear");
    laptop.set_draft(BOB, "dear Bob").await.expect("kept");
    until(&mut phone_events, with_draft("dear Bob")).await;
    assert_eq!(phone.draft(BOB).await.expect("read"), "dear Bob");
    phone.set_draft(BOB, "").await.expect("kept");
    until(&mut laptop_events, with_draft("")).await;
    assert_eq!(laptop.draft(BOB).await.expect("read"), "");
    assert!(phone.drafts_told().await.expect("read"));
}

#[tokio::test(start_paused = true)]
async fn a_draft_that_was_typed_offline_survives_the_process_and_is_told_later() {
    let fake = Fake::new();
    fake.say(BOB, ALICE, "hello");
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("alice");
    let (alice, mut events) = Client::open(config(&fake).with_store(&at)).await.expect("opens");
    alice.add_device(ALICE, "right", "test").await.expect("logs in");
    until(&mut events, |event| *event == ClientEvent::CaughtUp).await;
    fake.state.lock().down = true;
    fake.cut();
    until(&mut events, |event| matches!(event, ClientEvent::Disconnected { .. })).await;
    alice.set_draft(BOB, "later").await.expect("kept");
    alice.set_draft("nobody@x", "who are you").await.expect("kept");
    alice.close().await;
    drop(alice);
    let (laptop, mut laptop_events) = {
        fake.state.lock().down = false;
        log_in(&fake, ALICE).await
    };
    let (alice, _events) = Client::open(config(&fake).with_store(&at)).await.expect("opens");
    until(&mut laptop_events, |event| matches!(event, ClientEvent::SettingsChanged(_))).await;
    assert_eq!(laptop.draft(BOB).await.expect("read"), "later");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(alice.drafts_told().await.expect("read"), "one that is refused is not told for ever");
    assert_eq!(alice.draft("nobody@x").await.expect("read"), "who are you", "but kept here");
}
