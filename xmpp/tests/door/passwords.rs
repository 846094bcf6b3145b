//! The account of who has logged in: what is registered, and another password. XEP-0077.

use belfry_engine::{Rate, Rates};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::sasl2::{DESK, refused, try_token, with_token};
use crate::world::{Client, PASSWORD, World, on_this_machine};

const NEW: &str = "battery staple";

impl Client {
    /// Asks for another password.
    async fn wishes_password(&mut self, fields: &str) -> Element {
        self.ask("set", "localhost", &format!("<query xmlns='jabber:iq:register'>{fields}</query>")).await
    }
}

/// The fields of a change of somebody's password.
fn fields(name: &str, password: &str) -> String {
    format!("<username>{name}</username><password>{password}</password>")
}

/// The condition of an error, which says nothing back of what was asked.
fn condition(answer: &Element) -> &str {
    assert_eq!(answer.get("type"), Some("error"), "{}", answer.to_text());
    assert!(answer.find(ns::REGISTER, "query").is_none(), "{}", answer.to_text());
    &answer.find(ns::CLIENT, "error").and_then(|error| error.elements().next()).expect("a condition").name
}

async fn gets_in(world: &World, password: &str) -> bool {
    let (mut client, _) = world.open(on_this_machine()).await;
    client.auth("PLAIN", &format!("\0alice\0{password}")).await.is(ns::SASL, "success")
}

#[tokio::test(start_paused = true)]
async fn who_has_logged_in_gives_the_account_another_password_and_other_streams_stay() {
    let world = World::new().await;
    let mut desk = world.bound("alice", "desk").await;
    let mut phone = world.available("alice", "phone").await;
    let known = desk.ask("get", "", "<query xmlns='jabber:iq:register'/>").await;
    let known = known.find(ns::REGISTER, "query").expect("what is registered");
    assert!(known.find(ns::REGISTER, "registered").is_some());
    assert_eq!(known.find(ns::REGISTER, "username").expect("her name").own_text(), "alice");
    assert_eq!(known.find(ns::REGISTER, "password").expect("a field").own_text(), "");
    let info = desk.ask("get", "localhost", "<query xmlns='http://jabber.org/protocol/disco#info'/>").await;
    let info = info.find(ns::DISCO_INFO, "query").expect("what there is");
    assert!(info.elements().any(|feature| feature.get("var") == Some(ns::REGISTER)), "{}", info.to_text());

    let done = desk.wishes_password(&fields("Alice", NEW)).await;
    assert_eq!((done.get("type"), done.elements().count()), (Some("result"), 0), "{}", done.to_text());
    assert!(gets_in(&world, NEW).await && !gets_in(&world, PASSWORD).await);
    desk.hears_nothing().await;
    phone.hears_nothing().await;
    assert!(!world.native_with("alice", PASSWORD).await && world.native_with("alice", NEW).await);

    // Without an address the server is meant too, and a client may write the whole address.
    let query = format!("<query xmlns='jabber:iq:register'>{}</query>", fields("alice@localhost", PASSWORD));
    assert_eq!(desk.ask("set", "", &query).await.get("type"), Some("result"));
    assert!(gets_in(&world, PASSWORD).await);
}

#[tokio::test(start_paused = true)]
async fn with_its_password_the_tokens_of_an_accounts_clients_end() {
    let world = World::new().await;
    let (token, _) = with_token(&world, on_this_machine(), "HT-SHA-256-NONE", DESK).await;
    assert!(try_token(&world, &token, DESK, "").await.is(ns::SASL_2, "success"));
    let mut phone = world.bound("alice", "phone").await;
    assert_eq!(phone.wishes_password(&fields("alice", NEW)).await.get("type"), Some("result"));
    assert_eq!(refused(&try_token(&world, &token, DESK, "").await), "credentials-expired");
}

#[tokio::test(start_paused = true)]
async fn what_is_incomplete_too_short_or_about_somebody_else_changes_no_password() {
    let world = World::new().await;
    let mut alice = world.bound("alice", "desk").await;
    for (asked, expected) in [
        (fields("alice", ""), "bad-request"),
        ("<password>battery staple</password>".to_owned(), "bad-request"),
        ("<username>alice</username>".to_owned(), "bad-request"),
        (String::new(), "bad-request"),
        (fields("alice", "short"), "not-acceptable"),
        (fields("alice", &"long".repeat(300)), "not-acceptable"),
        (fields("bob", NEW), "not-allowed"),
        (fields("nobody", NEW), "not-allowed"),
        (fields("alice@elsewhere.example", NEW), "not-allowed"),
        (fields("alice@localhost/desk", NEW), "not-allowed"),
        (fields("a b@c", NEW), "not-allowed"),
        ("<remove/>".to_owned(), "not-allowed"),
        (format!("<remove/>{}", fields("alice", NEW)), "bad-request"),
    ] {
        assert_eq!(condition(&alice.wishes_password(&asked).await), expected, "{asked}");
    }
    let to_bob = format!("<query xmlns='jabber:iq:register'>{}</query>", fields("bob", NEW));
    assert_eq!(condition(&alice.ask("set", "bob@localhost", &to_bob).await), "service-unavailable");
    assert!(gets_in(&world, PASSWORD).await);
}

#[tokio::test(start_paused = true)]
async fn a_password_is_not_changed_as_often_as_somebody_likes() {
    let rates = Rates { password_changes: Rate::new(2, 1, 60_000), ..Rates::UNLIMITED };
    let world = World::with(|settings| settings.rates = rates).await;
    let mut alice = world.bound("alice", "desk").await;
    for password in ["first of three", "second of three"] {
        assert_eq!(alice.wishes_password(&fields("alice", password)).await.get("type"), Some("result"));
    }
    let third = alice.wishes_password(&fields("alice", "third of three")).await;
    assert_eq!(condition(&third), "resource-constraint");
    assert!(gets_in(&world, "second of three").await);
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    assert_eq!(alice.wishes_password(&fields("alice", "third of three")).await.get("type"), Some("result"));
}
