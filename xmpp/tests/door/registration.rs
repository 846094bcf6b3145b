//! Making an account before the login: by an invitation, by anybody where the operator lets them, and what is refused.
//! XEP-0077, XEP-0445.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use belfry_domain::{Address, InviteKind};
use belfry_engine::{InviteMade, Peer, Rate, Rates, Registrations, Settings, SignUps};
use belfry_xmpp::xml::Element;
use belfry_xmpp::{Security, ns};

use crate::login::inside_tls;
use crate::world::{Client, PASSWORD, World, address, loopback, on_this_machine};

impl Client {
    async fn registers(&mut self, name: &str, password: &str) -> Element {
        let fields = format!("<username>{name}</username><password>{password}</password>");
        self.ask("set", "localhost", &format!("<query xmlns='jabber:iq:register'>{fields}</query>")).await
    }

    async fn form(&mut self) -> Element {
        let answer = self.ask("get", "localhost", "<query xmlns='jabber:iq:register'/>").await;
        answer.find(ns::REGISTER, "query").unwrap_or_else(|| panic!("no form: {}", answer.to_text())).clone()
    }

    async fn shows(&mut self, token: &str) -> Element {
        self.ask("set", "localhost", &format!("<preauth xmlns='urn:xmpp:pars:0' token='{token}'/>")).await
    }
}

fn open(settings: &mut Settings) {
    settings.registrations = Registrations::Anybody;
}

fn is_done(answer: &Element) -> bool {
    answer.get("type") == Some("result") && answer.elements().count() == 0
}

/// The condition of an error, which says nothing back of what was asked.
fn condition(answer: &Element) -> &str {
    assert_eq!(answer.get("type"), Some("error"), "{}", answer.to_text());
    assert!(answer.find(ns::REGISTER, "query").is_none(), "{}", answer.to_text());
    &answer.find(ns::CLIENT, "error").and_then(|error| error.elements().next()).expect("a condition").name
}

fn fields(form: &Element) -> Vec<&str> {
    form.elements().map(|field| &*field.name).collect()
}

fn offers(features: &Element) -> (bool, bool) {
    let feature = |ns| features.find(ns, "register").is_some();
    (feature(ns::REGISTER_FEATURE), feature(ns::REGISTER_BY_TOKEN))
}

async fn invitation(world: &World, kind: InviteKind, uses: u32) -> InviteMade {
    world.engine.admin_invite(&address("alice"), kind, uses, 60_000).await.expect("an invitation")
}

async fn accounts(world: &World) -> Vec<Address> {
    let accounts = world.engine.admin_list_accounts(None, 100).await.expect("lists");
    accounts.iter().map(|account| account.address.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn where_anybody_may_a_client_makes_an_account_and_logs_in_to_it_on_the_same_stream() {
    let world = World::with(open).await;
    let (mut client, features) = world.open(inside_tls()).await;
    assert_eq!(offers(&features), (true, true));
    assert_eq!(fields(&client.form().await), ["instructions", "username", "password"]);
    assert!(is_done(&client.registers("Carol", "open sesame").await));
    let second = client.registers("dora", "open sesame").await;
    assert_eq!(condition(&second), "not-acceptable", "a stream makes one account");
    client.plain("carol", "open sesame").await;
    client.bind("desk").await;
    assert_eq!(client.jid, "carol@localhost/desk");
    client.send("<presence/>").await;
    client.hears_about_itself().await;
    assert_eq!(accounts(&world).await, ["alice", "bob", "carol"].map(address));
    let devices = world.engine.admin_devices(&address("carol")).await.expect("she is there");
    assert_eq!(devices.len(), 1, "the account has no device but the one that has logged in");
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_missing_or_against_the_rules_makes_no_account_and_another_try_may() {
    let world = World::with(open).await;
    let (mut client, _) = world.open(on_this_machine()).await;
    for (name, password, expected) in [
        ("alice", "open sesame", "conflict"),
        ("a1ice", "open sesame", "conflict"),
        ("carol", "", "not-acceptable"),
        ("", "open sesame", "not-acceptable"),
        ("carol", "short", "not-acceptable"),
        ("a b@c", "open sesame", "not-acceptable"),
        ("4915112345678", "open sesame", "not-acceptable"),
    ] {
        assert_eq!(condition(&client.registers(name, password).await), expected, "{name}");
    }
    let removal = client.ask("set", "", "<query xmlns='jabber:iq:register'><remove/></query>").await;
    assert_eq!(condition(&removal), "unexpected-request");
    for to in ["alice@localhost", "elsewhere.example"] {
        let answer = client.ask("get", to, "<query xmlns='jabber:iq:register'/>").await;
        assert_eq!(condition(&answer), "service-unavailable");
    }
    assert_eq!(accounts(&world).await.len(), 2);
    assert!(is_done(&client.registers("carol", "open sesame").await));
    // Who goes on and on is sent away.
    client.registers("dora", "open sesame").await;
    client.send("<iq type='get' id='x'><query xmlns='jabber:iq:register'/></iq>").await;
    assert_eq!(client.ended().await, "policy-violation");
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_was_shown_makes_one_account_and_two_contacts() {
    let world = World::new().await;
    let made = invitation(&world, InviteKind::SignUp, 1).await;
    let mut alice = world.available("alice", "desk").await;
    alice.ask("get", "", "<query xmlns='jabber:iq:roster'/>").await;
    let (mut client, features) = world.open(inside_tls()).await;
    assert_eq!(offers(&features), (true, true));
    assert_eq!(fields(&client.form().await), ["instructions"], "who has no invitation is told where to get one");
    assert_eq!(condition(&client.registers("carol", "open sesame").await), "forbidden");
    assert!(is_done(&client.shows(made.token.expose()).await));
    assert_eq!(fields(&client.form().await), ["instructions", "username", "password"]);
    let taken = client.registers("bob", "open sesame").await;
    assert_eq!(condition(&taken), "conflict", "which uses nothing up");
    // XEP-0445 §4: an invitation that was good when it was shown is.
    world.clock.advance_ms(120_000);
    tokio::time::advance(Duration::from_secs(120)).await;
    assert!(is_done(&client.registers("carol", "open sesame").await));
    let item = loop {
        let stanza = alice.next().await;
        if let Some(query) = stanza.find(ns::ROSTER, "query") {
            break query.find(ns::ROSTER, "item").expect("an item").clone();
        }
    };
    assert_eq!((item.get("jid"), item.get("subscription")), (Some("carol@localhost"), Some("both")));
    client.plain("carol", "open sesame").await;
    client.bind("phone").await;

    let (mut late, _) = world.open(inside_tls()).await;
    assert_eq!(condition(&late.shows(made.token.expose()).await), "item-not-found", "it is used up");
    assert_eq!(accounts(&world).await, ["alice", "bob", "carol"].map(address));
}

#[tokio::test(start_paused = true)]
async fn of_two_who_show_the_same_last_use_one_gets_in() {
    let world = World::new().await;
    let made = invitation(&world, InviteKind::SignUp, 1).await;
    let (mut first, _) = world.open(inside_tls()).await;
    let (mut second, _) = world.open(inside_tls()).await;
    assert!(is_done(&first.shows(made.token.expose()).await) && is_done(&second.shows(made.link.expose()).await));
    assert!(is_done(&first.registers("carol", "open sesame").await));
    assert_eq!(condition(&second.registers("dora", "open sesame").await), "item-not-found");
    assert_eq!(accounts(&world).await, ["alice", "bob", "carol"].map(address));
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_makes_no_accounts_is_over_or_made_up_is_answered_alike() {
    let world = World::new().await;
    let over = invitation(&world, InviteKind::SignUp, 5).await;
    world.clock.advance_ms(60_000);
    let contact = invitation(&world, InviteKind::Contact, 5).await;
    let (mut client, _) = world.open(inside_tls()).await;
    let mut answers = Vec::new();
    for token in [over.token.expose(), contact.token.expose(), &"0".repeat(40), "x", ""] {
        answers.push(client.shows(token).await.to_text());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert!(answers[0].contains("item-not-found"), "{answers:?}");
    assert_eq!(condition(&client.registers("carol", "open sesame").await), "forbidden");
}

#[tokio::test(start_paused = true)]
async fn accounts_are_made_over_tls_only_and_where_the_operator_lets_them_be() {
    // Outside TLS nothing but the wish for it is taken.
    let world = World::with(open).await;
    let outside = Security { starttls: true, ..Security::default() };
    let (mut client, features) = world.open(outside).await;
    assert_eq!(offers(&features), (false, false));
    client.send("<iq type='get' id='x'><query xmlns='jabber:iq:register'/></iq>").await;
    assert_eq!(client.ended().await, "not-authorized");

    for (registrations, sign_ups, expected) in [
        (Registrations::Nobody, SignUps::Everyone, (false, false)),
        (Registrations::Invited, SignUps::Nobody, (false, false)),
        (Registrations::Anybody, SignUps::Nobody, (true, false)),
        (Registrations::Invited, SignUps::Everyone, (true, true)),
    ] {
        let world = World::with(|settings| {
            settings.registrations = registrations;
            settings.sign_ups = sign_ups;
        });
        let world = world.await;
        let (mut client, features) = world.open(inside_tls()).await;
        assert_eq!(offers(&features), expected, "{registrations:?} {sign_ups:?}");
        if !expected.0 {
            let answer = client.ask("get", "", "<query xmlns='jabber:iq:register'/>").await;
            assert_eq!(condition(&answer), "service-unavailable");
            assert_eq!(condition(&client.registers("carol", "open sesame").await), "service-unavailable");
        }
        if !expected.1 {
            let shown = client.shows(&"0".repeat(40)).await;
            assert!(matches!(condition(&shown), "service-unavailable" | "forbidden"), "{}", shown.to_text());
        }
        assert_eq!(accounts(&world).await.len(), 2);
        client.plain("alice", PASSWORD).await; // and logging in goes on as if nothing had been
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_makes_few_accounts_and_finds_out_few_names_without_an_invitation() {
    let rates = Rates { sign_ups_by_address: Rate::new(3, 1, 60_000), ..Rates::UNLIMITED };
    let world = World::with(|settings| {
        open(settings);
        settings.rates = rates;
    });
    let world = world.await;
    let from = |last| Peer { ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), exempt: false, ..loopback() };
    let mut outcomes = Vec::new();
    for name in ["alice", "carol", "dora", "emil", "bob"] {
        let mut client = world.dial_from(from(1), on_this_machine());
        client.open().await;
        let answer = client.registers(name, "open sesame").await;
        outcomes.push(if is_done(&answer) { "made".to_owned() } else { condition(&answer).to_owned() });
    }
    assert_eq!(outcomes, ["conflict", "made", "made", "resource-constraint", "resource-constraint"]);
    let mut other = world.dial_from(from(2), on_this_machine());
    other.open().await;
    assert!(is_done(&other.registers("emil", "open sesame").await), "others are not held up");
}

#[tokio::test(start_paused = true)]
async fn who_fills_in_a_form_has_three_minutes_more_and_no_longer() {
    let world = World::with(open).await;
    let (mut client, _) = world.open(inside_tls()).await;
    client.form().await;
    tokio::time::advance(Duration::from_secs(170)).await;
    assert!(is_done(&client.registers("carol", "open sesame").await));
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(client.ended().await, "connection-timeout");
}
