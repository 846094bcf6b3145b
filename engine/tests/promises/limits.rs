//! Limits of how often: who is counted, what is never counted, and that other rates hold from the next request on.

use std::time::Duration;

use belfry_domain::{Code, Refusal, Secret, Seq};
use belfry_engine::{Caller, Command, ConversationRef, Rate, Rates, Reply, Settings};

use crate::world::{World, caller, code, from_ip, nobody, peer, phone, world};

fn under(rates: Rates) -> World {
    world(Settings { rates, scram_iterations: 8, ..Settings::default() })
}

/// An account that asks from an address.
async fn person(world: &World, name: &str, ip: &str) -> Caller {
    Caller { peer: peer(ip), ..caller(&world.by_password(&format!("{name}@localhost")).await) }
}

async fn look_up(world: &World, by: &Caller, address: &str) -> Result<Reply, Refusal> {
    let address = address.parse().expect("an address");
    world.engine.execute(by, Command::AccountExists { address }).await
}

async fn list(world: &World, by: &Caller) -> Result<Reply, Refusal> {
    world.engine.execute(by, Command::ListDevices).await
}

#[tokio::test(start_paused = true)]
async fn a_device_and_its_account_have_so_many_requests_and_what_keeps_a_device_going_is_not_counted() {
    let rates =
        Rates { requests: Rate::per_second(5, 1), requests_by_device: Rate::per_second(3, 1), ..Rates::UNLIMITED };
    let world = under(rates);
    let pocket = person(&world, "alice", "10.0.0.1").await;
    let laptop = person(&world, "alice", "10.0.0.2").await;
    for _ in 0..3 {
        list(&world, &pocket).await.expect("within the burst of the device");
    }
    let refusal = list(&world, &pocket).await.expect_err("too fast");
    assert_eq!((refusal.code, refusal.retry_after_ms), (Code::RateLimited, Some(1_000)));
    for _ in 0..2 {
        list(&world, &laptop).await.expect("within the burst of the account");
    }
    assert_eq!(code(list(&world, &laptop).await), Code::RateLimited, "the account has none left");
    assert_eq!(code(world.send(&laptop, "alice@localhost", "m", "x").await), Code::RateLimited);
    for _ in 0..50 {
        let key = world.sync(&pocket, Seq::ZERO).await.key;
        world.acknowledge(&pocket, key).await;
        world.engine.execute(&pocket, Command::ReportActivity { foreground: true }).await.expect("not counted");
    }
    let bob = person(&world, "bob", "10.0.0.1").await;
    list(&world, &bob).await.expect("another account");
    tokio::time::advance(Duration::from_millis(1_000)).await;
    list(&world, &pocket).await.expect("after the wait");
    world.engine.execute(&pocket, Command::Logout).await.expect("leaving is not counted");
}

#[tokio::test(start_paused = true)]
async fn many_accounts_of_one_address_find_out_no_more_than_one() {
    let world = under(Rates::DEFAULT);
    let mallory = person(&world, "mallory", "2001:db8::1").await;
    let puppet = person(&world, "puppet", "2001:db8::2").await;
    for n in 0..50 {
        look_up(&world, &mallory, &format!("a{n}@localhost")).await.expect("within the burst");
    }
    let refusal = look_up(&world, &mallory, "alice@localhost").await.expect_err("that was enough");
    assert_eq!((refusal.code, refusal.retry_after_ms), (Code::RateLimited, Some(86_400)));
    assert_eq!(code(look_up(&world, &puppet, "alice@localhost").await), Code::RateLimited, "of the same /64");
    let elsewhere = Caller { peer: peer("2001:db8:0:1::1"), ..puppet };
    look_up(&world, &elsewhere, "alice@localhost").await.expect("another address, another account");
    let moved = Caller { peer: peer("10.0.0.1"), ..mallory };
    assert_eq!(code(look_up(&world, &moved, "alice@localhost").await), Code::RateLimited, "the account is the same");
    tokio::time::advance(Duration::from_millis(86_400)).await;
    look_up(&world, &moved, "alice@localhost").await.expect("one more");
}

#[tokio::test(start_paused = true)]
async fn a_conversation_asked_for_by_address_does_not_tell_a_stranger_from_nobody() {
    let world = under(Rates::DEFAULT);
    let mallory = person(&world, "mallory", "10.0.0.1").await;
    let _bob = person(&world, "bob", "10.0.0.2").await;
    let history = |address: &str| {
        let of = ConversationRef::Peer(address.parse().expect("an address"));
        Command::History { of, before: None, limit: 0 }
    };
    let typing = |address: &str| Command::Typing { to: address.parse().expect("an address"), active: true };
    for ask in [&history as &dyn Fn(&str) -> Command, &typing] {
        let stranger = world.engine.execute(&mallory, ask("bob@localhost")).await.expect_err("they never wrote");
        let nobody = world.engine.execute(&mallory, ask("nobody@localhost")).await.expect_err("there is nobody");
        assert_eq!((stranger.code, stranger.message), (nobody.code, nobody.message));
    }
}

#[tokio::test(start_paused = true)]
async fn requests_before_a_login_are_counted_by_address() {
    let world = under(Rates { requests_before_login: Rate::per_second(3, 1), ..Rates::UNLIMITED });
    let ask = |ip: &'static str| {
        let number = phone("+4915100000001");
        let by = from_ip(ip);
        let engine = world.engine.clone();
        async move { engine.execute(&by, Command::RequestPin { phone: number }).await }
    };
    ask("10.0.0.1").await.expect("the first is sent");
    for _ in 0..2 {
        assert_eq!(ask("10.0.0.1").await.expect_err("the number has its own rule").retry_after_ms, Some(60_000));
    }
    assert_eq!(ask("10.0.0.1").await.expect_err("too fast").retry_after_ms, Some(1_000));
    assert_eq!(ask("10.0.0.2").await.expect_err("another address").retry_after_ms, Some(60_000));
    let mut exempt = nobody();
    exempt.peer.exempt = true;
    for _ in 0..10 {
        let known = world.engine.execute(&exempt, Command::LobbyHistory { before: None, limit: 1 }).await;
        assert_ne!(known.err().map(|refusal| refusal.code), Some(Code::RateLimited));
    }
}

#[tokio::test(start_paused = true)]
async fn other_rates_hold_for_the_next_request_and_what_was_used_up_stays_so() {
    let world = under(Rates::DEFAULT);
    let alice = person(&world, "alice", "10.0.0.1").await;
    world.send(&alice, "alice@localhost", "m1", "x").await.expect("stored");
    let reload = |rates| world.engine.reload(Settings { rates, ..Settings::default() });
    reload(Rates { sends: Rate::per_second(1, 1), ..Rates::DEFAULT });
    world.send(&alice, "alice@localhost", "m2", "x").await.expect("one is left of the new burst");
    let refusal = world.send(&alice, "alice@localhost", "m3", "x").await.expect_err("too fast");
    assert_eq!((refusal.code, refusal.retry_after_ms), (Code::RateLimited, Some(1_000)));
    reload(Rates::DEFAULT);
    let refusal = world.send(&alice, "alice@localhost", "m3", "x").await.expect_err("it fills up anew");
    assert_eq!(refusal.retry_after_ms, Some(50));
    tokio::time::advance(Duration::from_millis(50)).await;
    world.send(&alice, "alice@localhost", "m3", "x").await.expect("after the wait");
    reload(Rates::UNLIMITED);
    for n in 0..200 {
        world.send(&alice, "alice@localhost", &format!("u{n}"), "x").await.expect("there is no limit");
    }
}

#[tokio::test]
async fn passwords_tried_at_the_same_moment_are_tries_and_right_ones_are_not_counted() {
    let world = under(Rates::DEFAULT);
    let _first = world.by_password("alice@localhost").await;
    let attempt = |password: &str| {
        let (address, password) = ("alice@localhost".parse().expect("an address"), Secret::new(password.to_owned()));
        Command::AddDevice { address, password, device_name: String::new() }
    };
    for _ in 0..6 {
        world.engine.execute(&nobody(), attempt("correct horse")).await.expect("right, as often as it is");
    }
    let wrong = || async { code(world.engine.execute(&nobody(), attempt("wrong horse")).await) };
    let told = tokio::join!(wrong(), wrong(), wrong(), wrong(), wrong(), wrong(), wrong(), wrong());
    let told = [told.0, told.1, told.2, told.3, told.4, told.5, told.6, told.7];
    assert_eq!(told.iter().filter(|code| **code == Code::WrongCredentials).count(), 5, "{told:?}");
    assert_eq!(told.iter().filter(|code| **code == Code::RateLimited).count(), 3, "{told:?}");
    assert_eq!(code(world.engine.execute(&nobody(), attempt("correct horse")).await), Code::RateLimited);
}
