//! Presence as promises: when others are told that somebody is there, in what form, and at what cost.

use belfry_domain::{Audience, Code, Deed, Seq, TimestampMs};
use belfry_engine::Availability::{Away, Busy, Chatty, LongAway, Offline, Online};
use belfry_engine::{Command, PresenceSettings, STATUS_BYTES_MAX, WATCHED_MAX};

use crate::presence_world::*;
use crate::world::{caller, code, nobody, world};

#[tokio::test(start_paused = true)]
async fn contacts_are_told_that_somebody_is_there_and_when_they_have_gone() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let mut at_bob = Linked::open(&world, &bob).await;
    pass(&world, 2_000).await;
    assert_eq!(at_bob.told().await, [], "nobody is there");

    let at_alice = Linked::open(&world, &alice).await;
    pass(&world, 750).await;
    assert_eq!(at_bob.told().await, [], "it has to settle");
    pass(&world, 500).await;
    assert_eq!(at_bob.told().await, one("alice", Online));
    assert_eq!(at_bob.knows["alice"].last_seen, TimestampMs(0), "she is there");

    pass(&world, 60_000).await;
    let left = world.engine.now();
    drop(at_alice);
    pass(&world, 9_750).await;
    assert_eq!(at_bob.told().await, [], "she may be back in a moment");
    pass(&world, 500).await;
    assert_eq!(at_bob.told().await, one("alice", Offline));
    assert_eq!(at_bob.knows["alice"].last_seen, left);
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_makes_no_wave() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let mut at_bob = Linked::open(&world, &bob).await;
    let mut at_alice = Linked::open(&world, &alice).await;
    says(&world, &alice, Busy, "writing").await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Busy));
    for away_ms in [0, 500, 5_000, 9_500] {
        drop(at_alice);
        pass(&world, away_ms).await;
        at_alice = Linked::open(&world, &alice).await;
        pass(&world, ALL_MS).await;
        assert_eq!(at_bob.told().await, [], "away for {away_ms} ms; what she had said is still so");
    }
    drop(at_alice);
    pass(&world, ALL_MS).await;
    let _at_alice = Linked::open(&world, &alice).await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Online), "what was said before is over, and of two the last is told");
}

#[tokio::test(start_paused = true)]
async fn several_devices_of_one_account_make_one_presence() {
    let (world, [phone, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&phone, "alice"), (&bob, "bob")).await;
    let laptop = person(&world, "alice").await;
    let mut at_bob = Linked::open(&world, &bob).await;
    let at_phone = Linked::open(&world, &phone).await;
    looks(&world, &phone, false).await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Away));

    let at_laptop = Linked::open(&world, &laptop).await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Online), "online if any is");
    says(&world, &laptop, Busy, "in a meeting").await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Busy), "else busy if any is");
    assert_eq!(at_bob.knows["alice"].status, "in a meeting", "and the one that makes it so speaks");

    drop(at_laptop);
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Away), "what is left");
    assert_eq!(at_bob.knows["alice"].status, "");
    drop(at_phone);
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Offline));
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_online_while_looking_and_away_when_not() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let mut at_bob = Linked::open(&world, &bob).await;
    let _at_alice = Linked::open(&world, &alice).await;
    for (foreground, availability) in [(true, Online), (false, Away), (true, Online)] {
        looks(&world, &alice, foreground).await;
        pass(&world, ALL_MS).await;
        assert_eq!(at_bob.told().await, one("alice", availability));
    }
    says(&world, &alice, Busy, "").await;
    looks(&world, &alice, false).await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Busy), "what is said is stronger than what is seen");
}

#[tokio::test(start_paused = true)]
async fn who_is_not_to_be_seen_is_offline_for_everybody_and_told_of_others_all_the_same() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let mut at_bob = Linked::open(&world, &bob).await;
    let mut at_alice = Linked::open(&world, &alice).await;
    assert_eq!(says(&world, &alice, Offline, "a secret").await.status, "");
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, [], "not even for a moment");
    assert_eq!(at_alice.told().await, one("bob", Online));
    let seen = watches(&world, &bob, &["alice"]).await.expect("answered");
    assert_eq!((seen[0].availability, seen[0].last_seen), (Offline, TimestampMs(0)), "nor that she came just now");

    says(&world, &alice, Online, "").await;
    pass(&world, ALL_MS).await;
    let hid = world.engine.now();
    says(&world, &alice, Offline, "").await;
    pass(&world, 3_000).await;
    assert_eq!(at_bob.told().await, one("alice", Offline), "who hides does not linger, and of two the last is told");
    pass(&world, 600_000).await;
    drop(at_alice);
    pass(&world, ALL_MS).await;
    let seen = watches(&world, &bob, &["alice"]).await.expect("answered");
    assert_eq!(seen[0].last_seen, hid, "when she was seen last, not when she was there");
}

#[tokio::test(start_paused = true)]
async fn a_login_is_told_all_contacts_who_are_there_and_none_who_is_not() {
    let (world, [alice]) = town(["alice"]).await;
    let mut links = Vec::new();
    for n in 0..230 {
        let name = format!("friend{n}");
        let friend = person(&world, &name).await;
        meet(&world, (&alice, "alice"), (&friend, &name)).await;
        if n % 2 == 0 {
            links.push(Linked::open(&world, &friend).await);
        }
    }
    let _stranger = Linked::open(&world, &person(&world, "stranger").await).await;
    pass(&world, ALL_MS).await;
    let mut at_alice = Linked::open(&world, &alice).await;
    let pieces = at_alice.pieces().await;
    assert_eq!(pieces.iter().map(Vec::len).sum::<usize>(), 115);
    assert!(pieces.len() <= 3, "a page of contacts is one piece: {}", pieces.len());
    assert!((0..230).all(|n| (at_alice.sees(&format!("friend{n}")) == Online) == (n % 2 == 0)));

    // A link that takes nothing for long has lost some of it: it is told all again, also who is not there.
    links.clear();
    pass(&world, ALL_MS).await;
    for n in 0..230 {
        links.push(Linked::open(&world, &person(&world, &format!("friend{n}")).await).await);
    }
    pass(&world, ALL_MS).await;
    links.drain(..20);
    pass(&world, ALL_MS).await;
    at_alice.told().await;
    for n in 0..230 {
        let is = if n < 20 { Offline } else { Online };
        assert_eq!(at_alice.sees(&format!("friend{n}")), is, "friend{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_come_at_once_are_told_in_one_piece() {
    let (world, [alice]) = town(["alice"]).await;
    let mut links = Vec::new();
    let mut at_alice = Linked::open(&world, &alice).await;
    at_alice.told().await;
    for n in 0..50 {
        let name = format!("friend{n}");
        let friend = person(&world, &name).await;
        meet(&world, (&alice, "alice"), (&friend, &name)).await;
        links.push(Linked::open(&world, &friend).await);
    }
    pass(&world, ALL_MS).await;
    let pieces = at_alice.pieces().await;
    assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [50]);
}

#[tokio::test(start_paused = true)]
async fn flapping_is_told_rarely_and_the_last_state_wins() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let mut at_bob = Linked::open(&world, &bob).await;
    let _at_alice = Linked::open(&world, &alice).await;
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    let mut told = 0;
    for n in 0..120 {
        let how = [Busy, Away, LongAway, Chatty][n % 4];
        says(&world, &alice, how, &format!("state {n}")).await;
        pass(&world, 500).await;
        told += at_bob.told().await.len();
    }
    assert!((1..=13).contains(&told), "a minute has twelve times five seconds: {told}");
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    let last = &at_bob.knows["alice"];
    assert_eq!((last.availability, last.status.as_str()), (Chatty, "state 119"));
    let (changes, coalesced) = (counted(&world, "presence_changes"), counted(&world, "presence_coalesced"));
    assert_eq!(changes, 122, "each of them, and two who came");
    assert!(coalesced >= 100, "{coalesced}");

    // What has always returned before it settled is never told.
    for _ in 0..50 {
        says(&world, &alice, Away, "").await;
        pass(&world, 250).await;
        says(&world, &alice, Chatty, "state 119").await;
        pass(&world, 250).await;
    }
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, []);
}

#[tokio::test(start_paused = true)]
async fn what_is_beyond_the_cap_waits_and_goes_on_changing() {
    let presence = PresenceSettings { messages_per_second: 10, ..PresenceSettings::default() };
    let (world, [alice]) = town_under(presence, ["alice"]).await;
    let (mut friends, mut links) = (Vec::new(), Vec::new());
    for n in 0..60 {
        let name = format!("friend{n}");
        let friend = person(&world, &name).await;
        meet(&world, (&alice, "alice"), (&friend, &name)).await;
        friends.push(friend);
    }
    let mut at_alice = Linked::open(&world, &alice).await;
    pass(&world, ALL_MS).await;
    for friend in &friends {
        links.push(Linked::open(&world, friend).await);
    }
    pass(&world, 1_250).await;
    let mut told = at_alice.told().await.len();
    assert!((1..=20).contains(&told), "about a second's worth: {told}");
    assert!(counted(&world, "presence_deferred") >= 30);
    for friend in &friends {
        says(&world, friend, Busy, "").await;
    }
    for _ in 0..20 {
        pass(&world, 1_000).await;
        let now = at_alice.told().await.len();
        assert!(now <= 12, "{now}");
        told += now;
    }
    assert!((0..60).all(|n| at_alice.sees(&format!("friend{n}")) == Busy), "all of them, by and by");
    assert!(told <= 60 + 20, "who waited is told once: {told}");
}

#[tokio::test(start_paused = true)]
async fn a_restart_makes_no_wave_and_a_server_that_stops_tells_nobody() {
    let (world, [alice, bob, carol]) = town(["alice", "bob", "carol"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    meet(&world, (&alice, "alice"), (&carol, "carol")).await;
    let at_alice = Linked::open(&world, &alice).await;
    let mut at_bob = Linked::open(&world, &bob).await;
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    world.engine.begin_shutdown(0);
    drop(at_alice);
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, [], "nobody is told when the server stops");
    drop(at_bob);

    let world = world.restarted(settings(PresenceSettings::default()));
    let mut at_bob = Linked::open(&world, &bob).await;
    pass(&world, 3_000).await;
    let mut at_alice = Linked::open(&world, &alice).await;
    pass(&world, 6_750).await;
    assert_eq!((at_bob.told().await, at_alice.told().await), (vec![], vec![]), "all are coming back");
    pass(&world, 500).await;
    assert_eq!(at_bob.told().await, one("alice", Online), "once");
    assert_eq!(at_alice.told().await, one("bob", Online));
    pass(&world, ALL_MS).await;
    assert_eq!((at_bob.told().await, at_alice.told().await), (vec![], vec![]));

    let seen = watches(&world, &alice, &["carol"]).await.expect("answered");
    assert_eq!(seen[0].availability, Offline);
    assert_ne!(seen[0].last_seen, TimestampMs(0), "of whom memory knows nothing the store knows when");
}

#[tokio::test(start_paused = true)]
async fn presence_is_in_no_log_and_told_to_no_poll() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let mut at_alice = Linked::open(&world, &alice).await;
    let key = world.sync(&bob, Seq::ZERO).await.key;
    let poll = world.sync_waiting(&bob, key.clone(), 60_000);
    let (batch, ()) = tokio::join!(poll, pass(&world, 60_000));
    let batch = batch.expect("answered");
    assert!(batch.entries.is_empty() && batch.key == key);
    assert_eq!(at_alice.told().await, one("bob", Online), "who polls is there");
    for _ in 0..3 {
        let poll = world.sync_waiting(&bob, key.clone(), 20_000);
        let (_, ()) = tokio::join!(poll, pass(&world, 20_000));
    }
    pass(&world, 5_000).await;
    assert_eq!(at_alice.told().await, [], "between two polls as well");
    pass(&world, ALL_MS).await;
    assert_eq!(at_alice.told().await, one("bob", Offline));
    let seen = watches(&world, &bob, &["alice"]).await.expect("who has no link is answered");
    assert_eq!(seen[0].availability, Online);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_long_or_too_much_is_refused_and_nobody_else_may_ask() {
    let (world, [alice]) = town(["alice"]).await;
    let said = |status: String| Command::SetPresence { availability: Online, status, priority: 0 };
    assert!(world.engine.execute(&alice, said("x".repeat(STATUS_BYTES_MAX))).await.is_ok());
    assert_eq!(code(world.engine.execute(&alice, said("x".repeat(STATUS_BYTES_MAX + 1))).await), Code::TooLarge);
    let names: Vec<String> = (0..=WATCHED_MAX).map(|n| format!("n{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(watches(&world, &alice, &names[1..]).await.expect("a hundred"), []);
    assert_eq!(code(watches(&world, &alice, &names).await), Code::BadRequest);
    assert_eq!(code(world.engine.execute(&nobody(), said(String::new())).await), Code::Unauthenticated);
    let (guest, ..) = world.join("Robin").await;
    assert_eq!(code(world.engine.execute(&guest, said(String::new())).await), Code::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn strangers_looked_at_are_counted_like_strangers_asked_about() {
    let world = world(belfry_engine::Settings { scram_iterations: 8, ..belfry_engine::Settings::default() });
    let alice = caller(&world.by_password("alice@localhost").await);
    let names: Vec<String> = (0..WATCHED_MAX).map(|n| format!("n{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(code(watches(&world, &alice, &names).await), Code::RateLimited);
}

#[tokio::test(start_paused = true)]
async fn who_becomes_a_contact_or_is_one_no_longer_is_told_at_once() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    let (mut at_alice, mut at_bob) = (Linked::open(&world, &alice).await, Linked::open(&world, &bob).await);
    pass(&world, ALL_MS).await;
    assert_eq!((at_alice.told().await, at_bob.told().await), (vec![], vec![]), "strangers");
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    pass(&world, 1_500).await;
    assert_eq!((at_alice.told().await, at_bob.told().await), (one("bob", Online), one("alice", Online)));
    does(&world, &alice, "bob", Deed::Unsubscribed).await;
    pass(&world, 1_500).await;
    assert_eq!(at_bob.told().await, one("alice", Offline), "he is let in no longer");
    assert_eq!(at_alice.told().await, [], "and lets her in still");
    does(&world, &bob, "alice", Deed::Remove).await;
    pass(&world, 1_500).await;
    assert_eq!(at_alice.told().await, one("bob", Offline));
}

#[tokio::test(start_paused = true)]
async fn who_hides_from_all_is_told_of_nobody() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let (mut at_alice, mut at_bob) = (Linked::open(&world, &alice).await, Linked::open(&world, &bob).await);
    pass(&world, ALL_MS).await;
    at_alice.told().await;
    at_bob.told().await;
    shows(&world, &alice, Audience::Nobody).await;
    pass(&world, 1_500).await;
    assert_eq!((at_alice.told().await, at_bob.told().await), (one("bob", Offline), one("alice", Offline)));
    assert_eq!(at_bob.knows["alice"].last_seen, TimestampMs(0));
    says(&world, &alice, Busy, "").await;
    says(&world, &bob, Busy, "").await;
    pass(&world, ALL_MS).await;
    assert_eq!((at_alice.told().await, at_bob.told().await), (vec![], vec![]));
    assert_eq!(watches(&world, &alice, &["bob"]).await, Ok(vec![]));
    assert_eq!(watches(&world, &bob, &["alice"]).await, Ok(vec![]));
    shows(&world, &alice, Audience::Contacts).await;
    pass(&world, 1_500).await;
    assert_eq!((at_alice.told().await, at_bob.told().await), (one("bob", Busy), one("alice", Busy)));
}
