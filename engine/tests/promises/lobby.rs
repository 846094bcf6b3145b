//! The lobby, as promises.

use std::time::Duration;

use crate::world::{World, caller, code, from_ip, nobody, world};
use belfry_domain::{Code, Cseq, RoomName};
use belfry_engine::{Command, Identity, LobbyNews, Rates, Settings, Wake};

fn names(news: &LobbyNews) -> Vec<String> {
    news.participants.as_ref().map_or(Vec::new(), |list| list.iter().map(|p| p.name.to_string()).collect())
}

fn said(news: &LobbyNews) -> Vec<String> {
    news.messages.iter().map(|message| message.content.text.clone()).collect()
}

/// Runs the janitor beside the test.
async fn beside<T>(world: &World, test: impl Future<Output = T>) -> T {
    tokio::select! {
        result = test => result,
        ended = world.engine.run_janitor(std::future::pending()) => panic!("the janitor ended: {ended:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn two_guests_see_each_other_and_talk() {
    let world = world(Settings::default());
    let (anna, at_anna, _) = world.join("Anna").await;
    let (_, at_ben, _) = world.join("Ben").await;
    assert_eq!(names(&at_ben), ["Anna", "Ben"]);
    world.say(&anna, "1", "hello Ben").await.expect("said");
    let ben_reads = world.poll(&anna, &at_anna, 0).await.expect("answered");
    assert_eq!(said(&ben_reads), ["hello Ben"]);
    let (_, at_carl, _) = world.join("Carl").await;
    assert_eq!(said(&at_carl), ["hello Ben"], "a newcomer reads what was said before");
}

#[tokio::test(start_paused = true)]
async fn a_name_is_one_persons_while_they_are_there_and_so_is_what_looks_like_it() {
    let world = world(Settings::default());
    world.register("+4915100000001", "alice").await;
    let (anna, ..) = world.join("Anna").await;
    let join = |name: &str| Command::LobbyJoin { name: Some(RoomName::parse(name).expect("a name")) };
    for name in ["Anna", "anna", "Аnna", "alice", "Alice", "аlice"] {
        assert_eq!(code(world.engine.execute(&nobody(), join(name)).await), Code::NameTaken, "{name}");
    }
    world.engine.execute(&anna, Command::LobbyLeave).await.expect("leaves");
    world.join("Anna").await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_poll_is_answered_empty_at_ninety_seconds_and_a_message_at_five_at_once() {
    let world = world(Settings::default());
    let (anna, at_anna, _) = world.join("Anna").await;
    let (ben, ..) = world.join("Ben").await;
    let up_to_date = world.poll(&anna, &at_anna, 0).await.expect("answered");
    let start = tokio::time::Instant::now();
    let idle = world.poll(&anna, &up_to_date, 500_000).await.expect("answered");
    assert_eq!(start.elapsed(), Duration::from_secs(90));
    assert!(idle.messages.is_empty() && idle.participants.is_none());

    let start = tokio::time::Instant::now();
    let speaking = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        world.say(&ben, "1", "now").await.expect("said");
    };
    let (news, ()) = tokio::join!(world.poll(&anna, &up_to_date, 90_000), speaking);
    assert_eq!(said(&news.expect("answered")), ["now"]);
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_comes_again_and_what_came_between_polls_comes_first() {
    let world = world(Settings::default());
    let (anna, at_anna, _) = world.join("Anna").await;
    world.say(&anna, "1", "between").await.expect("said");
    let lost = world.poll(&anna, &at_anna, 0).await.expect("answered");
    let again = world.poll(&anna, &at_anna, 0).await.expect("answered");
    assert_eq!((said(&lost), said(&again)), (vec!["between".into()], vec!["between".into()]));
    world.say(&anna, "2", "later").await.expect("said");
    assert_eq!(said(&world.poll(&anna, &again, 0).await.expect("answered")), ["later"]);
}

#[tokio::test(start_paused = true)]
async fn a_poller_who_stops_asking_is_gone_after_the_grace_and_others_are_told() {
    let world = world(Settings::default());
    let (anna, at_anna, _) = world.join("Anna").await;
    let (ben, at_ben, _) = world.join("Ben").await;
    beside(&world, async {
        let news = world.poll(&ben, &at_ben, 1_000).await.expect("Ben's last poll");
        drop(news);
        let mut at_anna = at_anna;
        let start = tokio::time::Instant::now();
        loop {
            let news = world.poll(&anna, &at_anna, 90_000).await.expect("answered");
            let list = names(&news);
            at_anna = news;
            if list == ["Anna"] {
                break;
            }
        }
        assert!(start.elapsed() < Duration::from_secs(32), "{:?}", start.elapsed());
        world.join("Ben").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_closes_frees_the_name_after_some_seconds_and_a_reconnect_makes_no_wave() {
    let world = world(Settings::default());
    let (anna, at_anna, _) = world.join("Anna").await;
    let (ben, at_ben, _) = world.join("Ben").await;
    beside(&world, async {
        let open = async || {
            let mut session = world.engine.open_session(ben.clone()).await.expect("connects");
            session.watch_lobby(at_ben.cseq, at_ben.participants_version);
            session
        };
        let up_to_date = world.poll(&anna, &at_anna, 0).await.expect("answered");
        drop(open().await);
        tokio::time::sleep(Duration::from_secs(2)).await;
        let back = open().await;
        back.heard();
        let news = world.poll(&anna, &up_to_date, 60_000).await.expect("answered");
        assert_eq!(news.participants, None, "nobody noticed");
        back.heard();
        drop(back);
        let start = tokio::time::Instant::now();
        let news = world.poll(&anna, &up_to_date, 60_000).await.expect("answered");
        assert_eq!(names(&news), ["Anna"]);
        assert!(start.elapsed() <= Duration::from_millis(5_500), "{:?}", start.elapsed());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_is_gone_after_its_lease_and_back_when_it_wakes() {
    let world = world(Settings::default());
    let (ben, at_ben, token) = world.join("Ben").await;
    beside(&world, async {
        let mut session = world.engine.open_session(ben.clone()).await.expect("connects");
        session.watch_lobby(at_ben.cseq, at_ben.participants_version);
        tokio::time::sleep(Duration::from_secs(101)).await;
        let (_, at_anna, _) = world.join("Anna").await;
        assert_eq!(names(&at_anna), ["Anna"]);
        session.heard();
        let (_, at_carl, _) = world.join("Carl").await;
        assert_eq!(names(&at_carl), ["Anna", "Ben", "Carl"]);
        assert!(matches!(world.engine.identify_token(&token).await, Ok(Identity::Guest { .. })));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_guest_who_left_cannot_come_back_by_the_old_token_but_one_whose_server_restarted_can() {
    let one = world(Settings::default());
    let family = "👨‍👩‍👧‍👦".repeat(16);
    let (_, _, long) = one.join(&family).await;
    assert!(
        matches!(one.engine.identify_token(&long).await, Ok(Identity::Guest { .. })),
        "sixteen families are a name"
    );
    let (anna, _, token) = one.join("Anna").await;
    let restarted = world(Settings::default());
    assert!(matches!(restarted.engine.identify_token(&token).await, Ok(Identity::Guest { .. })));
    one.engine.execute(&anna, Command::LobbyLeave).await.expect("leaves");
    assert_eq!(code(one.engine.identify_token(&token).await), Code::Unauthenticated);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_send_is_said_once_and_too_fast_a_speaker_is_told_to_wait() {
    let world = world(Settings::default());
    let (anna, at_anna, _) = world.join("Anna").await;
    for _ in 0..5 {
        world.say(&anna, "1", "once").await.expect("answered");
    }
    assert_eq!(said(&world.poll(&anna, &at_anna, 0).await.expect("answered")), ["once"]);
    for n in 2..7 {
        world.say(&anna, &n.to_string(), "more").await.expect("within the burst");
    }
    let refusal = world.say(&anna, "9", "too fast").await.expect_err("too fast");
    assert_eq!((refusal.code, refusal.retry_after_ms), (Code::RateLimited, Some(500)));
}

#[tokio::test(start_paused = true)]
async fn guests_come_from_this_machine_only_unless_the_operator_opens_the_lobby() {
    let closed = world(Settings::default());
    let join = || Command::LobbyJoin { name: Some(RoomName::parse("Eve").expect("a name")) };
    assert_eq!(code(closed.engine.execute(&from_ip("192.0.2.1"), join()).await), Code::Forbidden);
    let mut settings = Settings::default();
    settings.lobby.guests_from_elsewhere = true;
    world(settings).engine.execute(&from_ip("192.0.2.1"), join()).await.expect("the lobby is open");
}

#[tokio::test(start_paused = true)]
async fn an_account_is_in_the_lobby_under_its_own_name() {
    let world = world(Settings::default());
    let alice = caller(&world.register("+4915100000001", "alice").await);
    world.engine.execute(&alice, Command::LobbyJoin { name: None }).await.expect("joins");
    world.say(&alice, "1", "hello").await.expect("said");
    let (_, at_ben, _) = world.join("Ben").await;
    let list = at_ben.participants.clone().expect("a newcomer sees who is there");
    assert!(list.iter().any(|p| p.name.as_str() == "alice" && p.account));
    assert_eq!(at_ben.messages[0].room_name.as_ref().map(|name| name.as_str()), Some("alice"));
    let other = Command::LobbyJoin { name: Some(RoomName::parse("king").expect("a name")) };
    assert_eq!(code(world.engine.execute(&alice, other).await), Code::BadRequest);
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_does_not_read_delays_nobody_and_catches_up() {
    let world = world(Settings { rates: Rates::UNLIMITED, ..Settings::default() });
    let (slow, at_slow, _) = world.join("Slow").await;
    let mut stalled = world.engine.open_session(slow.clone()).await.expect("connects");
    stalled.watch_lobby(at_slow.cseq, at_slow.participants_version);
    let (anna, mut at_anna, _) = world.join("Anna").await;
    for n in 0..600 {
        world.say(&anna, &n.to_string(), &n.to_string()).await.expect("said");
        at_anna = world.poll(&anna, &at_anna, 0).await.expect("answered");
        assert_eq!(said(&at_anna), [n.to_string()]);
    }
    assert!(matches!(stalled.wait().await, Wake::Ready));
    let (mut got, mut news) = (Vec::new(), at_slow);
    while got.len() < 600 {
        news = world.poll(&slow, &news, 0).await.expect("answered");
        got.extend(said(&news));
    }
    assert_eq!(got, (0..600).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(news.cseq, Cseq(600));
}
