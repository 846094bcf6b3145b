//! Becoming a contact by an invitation. XEP-0379.

use belfry_domain::{InviteKind, Secret};
use belfry_engine::{Command, SignUps};
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

#[tokio::test(start_paused = true)]
async fn a_client_makes_an_invitation_by_a_command_and_it_makes_an_account_where_everybody_may_invite() {
    for (sign_ups, ends) in [(SignUps::Admins, ""), (SignUps::Everyone, ";ibr=y")] {
        let world = World::with(|settings| settings.sign_ups = sign_ups).await;
        let mut alice = world.available("alice", "desk").await;
        let query = format!("<query xmlns='{}' node='{}'/>", ns::DISCO_ITEMS, ns::COMMANDS);
        let listed = alice.ask("get", "localhost", &query).await.to_text();
        assert!(listed.contains(ns::INVITE), "{listed}");
        let about = format!("<query xmlns='{}' node='{}'/>", ns::DISCO_INFO, ns::INVITE);
        assert!(alice.ask("get", "localhost", &about).await.to_text().contains("command-node"));

        let run = |more: &str| format!("<command xmlns='{}' node='{}' {more}/>", ns::COMMANDS, ns::INVITE);
        let answer = alice.ask("set", "localhost", &run("action='execute'")).await;
        let ran = answer.find(ns::COMMANDS, "command").expect("it ran");
        assert_eq!(ran.get("status"), Some("completed"));
        let form = ran.find(ns::DATA, "x").expect("a form");
        let said = |name: &str| {
            let field = form.elements().find(|field| field.get("var") == Some(name)).expect("a field");
            field.find(ns::DATA, "value").expect("a value").own_text()
        };
        let (uri, link) = (said("uri"), said("landing-url"));
        let token = uri.strip_prefix("xmpp:alice@localhost?roster;preauth=").expect("a contact's URI");
        let token = token.strip_suffix(ends).expect("whether it makes an account");
        assert!(link.ends_with(token) && !token.contains(';') && said("expire").ends_with('Z'), "{uri} {link}");
        let mut bob = world.available("bob", "desk").await;
        bob.asks_with("alice", token).await;
        bob.hears_nothing_but_about("alice").await;
        assert_eq!(bob.roster().await, both("alice"));

        let cancelled = alice.command(&run("action='cancel'")).await;
        assert!(cancelled.contains("status='canceled'"), "{cancelled}");
        assert!(alice.command(&run("action='x'")).await.contains("bad-request"));
        let other = format!("<command xmlns='{}' node='urn:x'/>", ns::COMMANDS);
        assert!(alice.command(&other).await.contains("item-not-found"));
    }
}

impl Client {
    /// The answer to a command, behind what contacts are told of.
    async fn command(&mut self, run: &str) -> String {
        self.send(&format!("<iq type='set' id='run' to='localhost'>{run}</iq>")).await;
        loop {
            let next = self.next().await;
            if next.get("id") == Some("run") {
                return next.to_text();
            }
        }
    }

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
