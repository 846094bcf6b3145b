//! Registration and login, as promises.

use std::time::Duration;

use crate::world::{World, caller, code, from_ip, nobody, phone, world};
use belfry_domain::{Code, Secret};
use belfry_engine::{Command, Identity, Reply, Settings, Wake};

const NUMBER: &str = "+4915112345678";

async fn asked() -> (World, String) {
    let world = world(Settings::default());
    world.ask_pin(&nobody(), NUMBER).await.expect("a PIN is sent");
    let pin = world.pin_of(&phone(NUMBER));
    (world, pin)
}

fn wrong(pin: &str) -> String {
    if pin == "000000" { "000001".into() } else { "000000".into() }
}

#[tokio::test(start_paused = true)]
async fn a_pin_has_six_digits_and_works_once() {
    let (world, pin) = asked().await;
    assert_eq!(pin.len(), 6);
    let issued = world.try_pin(&nobody(), NUMBER, &pin, "alice").await.expect("the PIN is right");
    assert_eq!(issued.address.to_string(), "alice@localhost");
    assert!(issued.primary && !issued.replaced);
    assert_eq!(code(world.try_pin(&nobody(), NUMBER, &pin, "alice").await), Code::PinExpired);
}

#[tokio::test(start_paused = true)]
async fn without_a_name_the_account_is_called_by_the_digits_of_its_number() {
    let (world, pin) = asked().await;
    let issued = world.try_pin(&nobody(), NUMBER, &pin, "").await.expect("the PIN is right");
    assert_eq!(issued.address.to_string(), "4915112345678@localhost");
}

#[tokio::test(start_paused = true)]
async fn after_five_wrong_tries_the_right_pin_is_dead() {
    let (world, pin) = asked().await;
    for _ in 0..5 {
        assert_eq!(code(world.try_pin(&nobody(), NUMBER, &wrong(&pin), "").await), Code::PinWrong);
    }
    assert_eq!(code(world.try_pin(&nobody(), NUMBER, &pin, "").await), Code::PinExpired);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_racing_tries_from_many_addresses_are_five_tries() {
    let (world, pin) = asked().await;
    let callers: Vec<_> = (0..1_000).map(|n| from_ip(&format!("10.0.{}.{}", n / 250, n % 250))).collect();
    let mut evaluated = 0;
    for caller in &callers {
        evaluated += usize::from(code(world.try_pin(caller, NUMBER, &wrong(&pin), "").await) == Code::PinWrong);
    }
    assert_eq!(evaluated, 5);
}

#[tokio::test(start_paused = true)]
async fn a_number_has_ten_tries_a_day_over_all_its_pins() {
    let (world, first) = asked().await;
    for _ in 0..5 {
        assert_eq!(code(world.try_pin(&nobody(), NUMBER, &wrong(&first), "").await), Code::PinWrong);
    }
    world.clock.advance_ms(60_000);
    world.ask_pin(&nobody(), NUMBER).await.expect("a second PIN after a minute");
    let second = world.pin_of(&phone(NUMBER));
    for _ in 0..5 {
        assert_eq!(code(world.try_pin(&nobody(), NUMBER, &wrong(&second), "").await), Code::PinWrong);
    }
    world.clock.advance_ms(120_000);
    world.ask_pin(&nobody(), NUMBER).await.expect("a third PIN after two minutes");
    let third = world.pin_of(&phone(NUMBER));
    let refusal = world.try_pin(&nobody(), NUMBER, &third, "").await.expect_err("ten tries were made");
    assert_eq!(refusal.code, Code::RateLimited);
    assert!(refusal.retry_after_ms.expect("it ends") > 3_600_000);
}

#[tokio::test(start_paused = true)]
async fn a_pin_is_dead_after_ten_minutes_but_not_because_the_clock_went_back() {
    let (world, pin) = asked().await;
    world.clock.set(belfry_domain::TimestampMs(crate::world::START.0 - 3_600_000));
    assert_eq!(code(world.try_pin(&nobody(), NUMBER, &wrong(&pin), "").await), Code::PinWrong);
    world.clock.set(crate::world::START);
    world.clock.advance_ms(600_000);
    assert_eq!(code(world.try_pin(&nobody(), NUMBER, &pin, "").await), Code::PinExpired);
}

#[tokio::test(start_paused = true)]
async fn pins_are_sent_again_only_after_a_wait_that_grows_and_five_times_a_day() {
    let (world, _) = asked().await;
    for wait_ms in [60_000, 120_000, 600_000, 600_000] {
        let refusal = world.ask_pin(&nobody(), NUMBER).await.expect_err("too soon");
        assert_eq!((refusal.code, refusal.retry_after_ms), (Code::RateLimited, Some(wait_ms)));
        world.clock.advance_ms(wait_ms);
        world.ask_pin(&nobody(), NUMBER).await.expect("after the wait");
    }
    world.clock.advance_ms(600_000);
    assert_eq!(code(world.ask_pin(&nobody(), NUMBER).await), Code::RateLimited);
    world.clock.advance_ms(24 * 3_600_000);
    world.ask_pin(&nobody(), NUMBER).await.expect("the next day");
    assert_eq!(world.sms.sent().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn one_address_gets_twenty_pins_an_hour_and_others_are_not_held_up() {
    let world = world(Settings::default());
    for n in 0..20 {
        world.ask_pin(&from_ip("10.1.1.1"), &format!("+49151000000{n:02}")).await.expect("within the limit");
    }
    assert_eq!(code(world.ask_pin(&from_ip("10.1.1.1"), "+4915200000000").await), Code::RateLimited);
    world.ask_pin(&from_ip("10.1.1.2"), "+4915200000000").await.expect("another address");
}

#[tokio::test(start_paused = true)]
async fn a_new_phone_cuts_off_the_old_one_and_its_token_says_why() {
    let world = world(Settings::default());
    let old = world.register(NUMBER, "alice").await;
    let session = world.engine.open_session(caller(&old)).await.expect("the old phone connects");
    world.clock.advance_ms(60_000);
    let new = world.register(NUMBER, "").await;
    assert!(new.replaced);
    assert_eq!(new.address, old.address);
    match tokio::time::timeout(Duration::from_millis(1), session.wait()).await.expect("at once") {
        Wake::Closed(refusal) => assert_eq!(refusal.code, Code::Replaced),
        Wake::Ready => panic!("the old phone goes on"),
    }
    assert_eq!(code(world.engine.identify_token(old.token.expose()).await), Code::Replaced);
    assert!(matches!(world.engine.identify_token(new.token.expose()).await, Ok(Identity::Device { .. })));
    assert_eq!(code(world.send(&caller(&old), "alice@localhost", "m", "x").await.map(|_| ())), Code::Replaced);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_a_quarter_of_an_hour_and_is_bought_with_the_device_secret() {
    let world = world(Settings::default());
    let issued = world.register(NUMBER, "alice").await;
    world.clock.advance_ms(15 * 60_000);
    assert_eq!(code(world.engine.identify_token(issued.token.expose()).await), Code::Unauthenticated);
    let buy =
        |secret: Secret<String>| Command::Token { address: issued.address.clone(), device: issued.device, secret };
    let reply = world.engine.execute(&nobody(), buy(issued.secret.clone())).await.expect("the secret is right");
    let Reply::Token { token, .. } = reply else { panic!("no token: {reply:?}") };
    world.engine.identify_token(token.expose()).await.expect("a new token");
    let forged = Secret::new("0".repeat(64));
    assert_eq!(code(world.engine.execute(&nobody(), buy(forged)).await), Code::WrongCredentials);
}

#[tokio::test(start_paused = true)]
async fn a_changed_token_is_worth_nothing() {
    let world = world(Settings::default());
    let issued = world.register(NUMBER, "alice").await;
    let token = issued.token.expose().clone();
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).expect("still ASCII");
        assert_eq!(code(world.engine.identify_token(&changed).await), Code::Unauthenticated, "byte {at}");
    }
    for odd in ["", "0", "zz", "é", &"0".repeat(2_000)] {
        assert_eq!(code(world.engine.identify_token(odd).await), Code::Unauthenticated);
    }
}

#[tokio::test]
async fn a_password_adds_a_companion_and_five_wrong_ones_must_wait() {
    let world = world(Settings { scram_iterations: 8, ..Settings::default() });
    let address: belfry_domain::Address = "bob@localhost".parse().expect("an address");
    let password = || Secret::new("correct horse".to_owned());
    world.engine.admin_add_account(address.clone(), Some(password())).await.expect("the name is free");
    let login = |password: Secret<String>| Command::AddDevice {
        address: address.clone(),
        password,
        device_name: "Laptop".into(),
    };
    match world.engine.execute(&nobody(), login(password())).await.expect("the password is right") {
        Reply::Issued(issued) => assert!(!issued.primary),
        other => panic!("no device: {other:?}"),
    }
    for _ in 0..5 {
        let wrong = Secret::new("wrong horse".to_owned());
        assert_eq!(code(world.engine.execute(&nobody(), login(wrong)).await), Code::WrongCredentials);
    }
    assert_eq!(code(world.engine.execute(&nobody(), login(password())).await), Code::RateLimited);
}

#[tokio::test]
async fn whether_an_account_exists_is_not_told_by_a_failed_login() {
    let world = world(Settings { scram_iterations: 8, ..Settings::default() });
    let command = Command::AddDevice {
        address: "nobody@localhost".parse().expect("an address"),
        password: Secret::new("whatever".to_owned()),
        device_name: String::new(),
    };
    assert_eq!(code(world.engine.execute(&nobody(), command).await), Code::WrongCredentials);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_looks_like_one_that_is_taken_is_refused_before_it_costs_a_try() {
    let world = world(Settings::default());
    world.register(NUMBER, "admin").await;
    world.ask_pin(&nobody(), "+4915200000000").await.expect("a PIN is sent");
    let pin = world.pin_of(&phone("+4915200000000"));
    assert_eq!(code(world.try_pin(&nobody(), "+4915200000000", &pin, "аdmin").await), Code::NameTaken);
    world.try_pin(&nobody(), "+4915200000000", &pin, "bob").await.expect("the PIN still works");
}
