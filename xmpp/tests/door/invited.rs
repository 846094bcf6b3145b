//! Becoming a contact by an invitation. XEP-0379.

use belfry_domain::{InviteKind, Secret};
use belfry_engine::Command;
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::world::{Client, World, address, loopback};

impl Client {
    /// Asks somebody to be let in, with a token.
    async fn asks_with(&mut self, whom: &str, token: &str) {
        let preauth = format!("<preauth xmlns='urn:xmpp:pars:0' token='{token}'/>");
        self.send(&format!("<presence type='subscribe' to='{whom}@localhost'>{preauth}</presence>")).await;
    }

    /// What is in the roster: addresses and subscriptions.
    async fn roster(&mut self) -> Vec<(String, String)> {
        self.send("<iq type='get' id='list'><query xmlns='jabber:iq:roster'/></iq>").await;
        let mut answer = self.next().await;
        while answer.get("id") != Some("list") {
            answer = self.next().await;
        }
        let text = |item: &Element, name| item.get(name).unwrap_or("").to_owned();
        let query = answer.find(ns::ROSTER, "query").expect("a roster");
        query.elements().map(|item| (text(item, "jid"), text(item, "subscription"))).collect()
    }
}

async fn token(world: &World, by: &str, kind: InviteKind) -> String {
    let made = world.engine.admin_invite(&address(by), kind, 1, 60_000).await.expect("an invitation");
    made.token.expose().clone()
}

fn both(whom: &str) -> Vec<(String, String)> {
    vec![(format!("{whom}@localhost"), "both".to_owned())]
}

#[tokio::test(start_paused = true)]
async fn a_request_with_an_invitation_of_whom_it_asks_makes_two_contacts_at_once() {
    for kind in [InviteKind::Contact, InviteKind::SignUp] {
        let world = World::new().await;
        let token = token(&world, "alice", kind).await;
        let mut alice = world.available("alice", "desk").await;
        let mut bob = world.available("bob", "desk").await;
        assert_eq!((alice.roster().await, bob.roster().await), (vec![], vec![]));
        bob.asks_with("alice", &token).await;
        bob.hears_nothing_but_about("alice").await;
        assert_eq!((alice.roster().await, bob.roster().await), (both("bob"), both("alice")));
        let look = Command::LookAtInvite { token: Secret::new(token) };
        let nobody =
            belfry_engine::Caller { identity: belfry_engine::Identity::Nobody { noise_key: None }, peer: loopback() };
        assert!(world.engine.execute(&nobody, look).await.is_err(), "it is used up");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_somebody_else_or_of_nobody_makes_a_request_like_any_other() {
    let world = World::new().await;
    let of_bob = token(&world, "bob", InviteKind::Contact).await;
    let mut alice = world.available("alice", "desk").await;
    let mut bob = world.available("bob", "desk").await;
    bob.asks_with("alice", &of_bob).await;
    let asked = alice.next().await;
    assert_eq!((asked.get("type"), asked.get("from")), (Some("subscribe"), Some("bob@localhost")));
    assert!(asked.find(ns::PRE_AUTHENTICATION, "preauth").is_none(), "a token goes to nobody");
    for token in [&"0".repeat(40), ""] {
        bob.asks_with("alice", token).await;
        bob.hears_nothing_but_about("alice").await;
    }
    assert_eq!(alice.roster().await, vec![], "she is asked");
}

impl Client {
    /// Whether nothing comes but about a contact: how it stands to this account, and how it is there.
    async fn hears_nothing_but_about(&mut self, whom: &str) {
        self.send("<iq type='get' id='quiet' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>").await;
        for _ in 0..20 {
            let next = self.next().await;
            if next.get("id") == Some("quiet") {
                return;
            }
            assert!(next.to_text().contains(&format!("{whom}@localhost")), "{}", next.to_text());
        }
        panic!("it does not end");
    }
}
