//! Stanzas between clients: requests to full addresses and their answers, and messages that are kept nowhere.

use std::time::Duration;

use belfry_domain::Deed;
use belfry_engine::Command;
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::people::{next, round, world};
use crate::resources::{is_there, meet};
use crate::world::{Client, World, address};

const ASK: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";

fn condition(answer: &Element) -> String {
    let error = answer.find(ns::CLIENT, "error").unwrap_or_else(|| panic!("no error: {}", answer.to_text()));
    error.elements().next().expect("a condition").name.to_string()
}

async fn iq(client: &mut Client, id: &str) -> Element {
    next(client, |stanza| &*stanza.name == "iq" && stanza.get("id") == Some(id)).await
}

async fn message(client: &mut Client) -> Element {
    next(client, |stanza| &*stanza.name == "message").await
}

/// Alice at her desk and Bob on his phone, who see each other.
async fn two() -> (World, Client, Client) {
    let world = world().await;
    meet(&world).await;
    let alice = is_there(&world, "alice", "desk", "").await;
    let bob = is_there(&world, "bob", "phone", "").await;
    round(&world).await;
    (world, alice, bob)
}

#[tokio::test(start_paused = true)]
async fn a_request_to_a_contacts_client_gets_there_and_its_answer_comes_back() {
    let (_world, mut alice, mut bob) = two().await;
    alice.send(&format!("<iq type='get' id='d1' to='bob@localhost/phone' xml:lang='en'>{ASK}</iq>")).await;
    let asked = iq(&mut bob, "d1").await;
    assert_eq!((asked.get("from"), asked.lang()), (Some("alice@localhost/desk"), Some("en")));
    assert!(asked.find(ns::DISCO_INFO, "query").is_some());
    let answer = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:jingle:1'/></query>";
    bob.send(&format!("<iq type='result' id='d1' to='alice@localhost/desk'>{answer}</iq>")).await;
    let answered = iq(&mut alice, "d1").await;
    assert_eq!((answered.get("type"), answered.get("from")), (Some("result"), Some("bob@localhost/phone")));
    assert!(answered.find(ns::DISCO_INFO, "query").expect("an answer").elements().next().is_some());
    // Errors are answers as well.
    bob.send(&format!("<iq type='set' id='d2' to='alice@localhost/desk'>{ASK}</iq>")).await;
    iq(&mut alice, "d2").await;
    let error = "<error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    alice.send(&format!("<iq type='error' id='d2' to='bob@localhost/phone'>{error}</iq>")).await;
    assert_eq!(condition(&iq(&mut bob, "d2").await), "feature-not-implemented");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_has_asked_for_does_not_come_in() {
    let (world, mut alice, mut bob) = two().await;
    let mut tablet = is_there(&world, "bob", "tablet", "").await;
    alice.send(&format!("<iq type='get' id='d1' to='bob@localhost/phone'>{ASK}</iq>")).await;
    iq(&mut bob, "d1").await;
    tablet.send("<iq type='result' id='d1' to='alice@localhost/desk'/>").await;
    bob.send("<iq type='result' id='other' to='alice@localhost/desk'/>").await;
    tablet.hears_nothing_but_presences().await;
    bob.hears_nothing_but_presences().await;
    alice.hears_nothing_but_presences().await;
    bob.send("<iq type='result' id='d1' to='alice@localhost/desk'/>").await;
    assert_eq!(iq(&mut alice, "d1").await.get("from"), Some("bob@localhost/phone"));
    bob.send("<iq type='result' id='d1' to='alice@localhost/desk'/>").await;
    bob.hears_nothing_but_presences().await;
    alice.hears_nothing_but_presences().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_see_a_client_is_answered_as_if_nobody_were_there() {
    let world = world().await;
    let mut alice = is_there(&world, "alice", "desk", "").await;
    let mut bob = is_there(&world, "bob", "phone", "").await;
    round(&world).await;
    for to in ["bob@localhost/phone", "bob@localhost/none", "nobody@localhost/phone"] {
        alice.send(&format!("<iq type='get' id='d1' to='{to}'>{ASK}</iq>")).await;
        let answer = iq(&mut alice, "d1").await;
        assert_eq!((answer.get("from"), condition(&answer).as_str()), (Some(to), "service-unavailable"));
    }
    bob.hears_nothing_but_presences().await;
    // Whom he tells that he is there may ask; whoever is blocked may not.
    bob.send("<presence to='alice@localhost'/>").await;
    bob.hears_nothing_but_presences().await;
    alice.send(&format!("<iq type='get' id='d2' to='bob@localhost/phone'>{ASK}</iq>")).await;
    iq(&mut bob, "d2").await;
    let native = world.native("bob").await;
    let block = Command::ChangeContact { with: address("alice"), deed: Deed::Block };
    world.engine.execute(&native, block).await.expect("blocked");
    alice.send(&format!("<iq type='get' id='d3' to='bob@localhost/phone'>{ASK}</iq>")).await;
    assert_eq!(condition(&iq(&mut alice, "d3").await), "service-unavailable");
    bob.send("<iq type='result' id='d2' to='alice@localhost/desk'/>").await;
    bob.send(&format!("<iq type='get' id='d4' to='alice@localhost/desk'>{ASK}</iq>")).await;
    assert_eq!(condition(&iq(&mut bob, "d4").await), "not-acceptable");
    alice.hears_nothing_but_presences().await;
}

#[tokio::test(start_paused = true)]
async fn an_account_reaches_its_own_clients_and_no_request_that_is_the_servers_to_make_is_handed_on() {
    let (world, mut alice, mut bob) = two().await;
    let mut phone = is_there(&world, "alice", "phone", "<priority>-1</priority>").await;
    alice.send(&format!("<iq type='get' id='d1' to='alice@localhost/phone'>{ASK}</iq>")).await;
    iq(&mut phone, "d1").await;
    phone.send("<iq type='result' id='d1' to='alice@localhost/desk'/>").await;
    assert_eq!(iq(&mut alice, "d1").await.get("type"), Some("result"));
    for payload in
        ["<query xmlns='jabber:iq:roster'><item jid='eve@localhost'/></query>", "<block xmlns='urn:xmpp:blocking'/>"]
    {
        alice.send(&format!("<iq type='set' id='d2' to='bob@localhost/phone'>{payload}</iq>")).await;
        assert_eq!(condition(&iq(&mut alice, "d2").await), "service-unavailable");
    }
    bob.hears_nothing_but_presences().await;
    let mut asks = async |stanza: &str| {
        alice.send(stanza).await;
        condition(&next(&mut alice, |stanza| &*stanza.name == "iq").await)
    };
    assert_eq!(asks("<iq type='get' id='d3' to='bob@localhost/phone'/>").await, "bad-request");
    assert_eq!(asks(&format!("<iq type='get' to='bob@localhost/phone'>{ASK}</iq>")).await, "bad-request");
    assert_eq!(
        asks(&format!("<iq type='get' id='d4' to='a@example.org/b'>{ASK}</iq>")).await,
        "remote-server-not-found"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nobody_answers_is_given_up_and_one_that_was_not_told_at_once() {
    let (_world, mut alice, mut bob) = two().await;
    alice.send(&format!("<iq type='get' id='d1' to='bob@localhost/phone'>{ASK}</iq>")).await;
    iq(&mut bob, "d1").await;
    alice.hears_nothing_but_presences().await;
    tokio::time::sleep(Duration::from_secs(121)).await;
    let answer = iq(&mut alice, "d1").await;
    assert_eq!((answer.get("from"), condition(&answer).as_str()), (Some("bob@localhost/phone"), "service-unavailable"));
    bob.send("<iq type='result' id='d1' to='alice@localhost/desk'/>").await;
    bob.hears_nothing_but_presences().await;
    alice.hears_nothing_but_presences().await;
}

#[tokio::test(start_paused = true)]
async fn a_headline_is_for_those_who_are_there_and_is_never_stored() {
    let (world, mut alice, mut bob) = two().await;
    let mut quiet = is_there(&world, "bob", "quiet", "<priority>-1</priority>").await;
    let news = "<body>it rains</body><stanza-id xmlns='urn:xmpp:sid:0' by='bob@localhost' id='forged'/>";
    alice.send(&format!("<message type='headline' id='h1' to='bob@localhost'>{news}</message>")).await;
    alice.hears_nothing_but_presences().await;
    let told = message(&mut bob).await;
    assert_eq!((told.get("type"), told.get("from")), (Some("headline"), Some("alice@localhost/desk")));
    assert!(told.find(ns::CLIENT, "body").is_some() && told.find(ns::STANZA_ID, "stanza-id").is_none());
    round(&world).await;
    next(&mut quiet, |stanza| stanza.get("from") == Some("bob@localhost/phone")).await;
    quiet.hears_nothing_but_presences().await;
    alice.send(&format!("<message type='headline' id='h2' to='bob@localhost/quiet'>{news}</message>")).await;
    assert_eq!(message(&mut quiet).await.get("id"), Some("h2"));
    // An error is for who has made it, and for nobody where that is not said.
    let error = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    alice.send(&format!("<message type='error' id='e1' to='bob@localhost/phone'>{error}</message>")).await;
    assert_eq!(condition(&message(&mut bob).await), "gone");
    alice.send(&format!("<message type='error' id='e2' to='bob@localhost'>{error}</message>")).await;
    alice.hears_nothing_but_presences().await;
    bob.hears_nothing_but_presences().await;
    alice.send("<message type='groupchat' id='g1' to='bob@localhost'><body>all?</body></message>").await;
    assert_eq!(condition(&message(&mut alice).await), "service-unavailable");
    let native = world.native("bob").await;
    assert_eq!(world.read(&native).await.0, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_has_no_text_and_is_not_to_be_stored_is_for_those_who_are_there() {
    let (world, mut alice, mut bob) = two().await;
    let mut tablet = is_there(&world, "bob", "tablet", "").await;
    let mut phone = is_there(&world, "alice", "phone", "").await;
    for client in [&mut tablet, &mut phone] {
        client.ask("set", "", "<enable xmlns='urn:xmpp:carbons:2'/>").await;
    }
    let call =
        "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'/><active xmlns='http://jabber.org/protocol/chatstates'/>";
    alice.send(&format!("<message type='chat' id='j1' to='bob@localhost'>{call}</message>")).await;
    for client in [&mut bob, &mut tablet] {
        let told = message(client).await;
        assert_eq!((told.get("id"), told.elements().count()), (Some("j1"), 1), "{}", told.to_text());
    }
    let copy = message(&mut phone).await;
    assert!(copy.find(ns::CARBONS, "sent").is_some(), "{}", copy.to_text());
    alice.send(&format!("<message type='chat' id='j2' to='bob@localhost/phone'>{call}</message>")).await;
    assert_eq!(message(&mut bob).await.get("id"), Some("j2"));
    let copy = message(&mut tablet).await;
    assert_eq!(copy.get("from"), Some("bob@localhost"));
    assert!(copy.find(ns::CARBONS, "received").is_some(), "{}", copy.to_text());
    let native = world.native("bob").await;
    assert_eq!(world.read(&native).await.0, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_message_for_one_client_is_a_copy_for_the_others_and_lost_for_none() {
    let (world, mut alice, mut bob) = two().await;
    let mut tablet = is_there(&world, "bob", "tablet", "").await;
    let mut old = is_there(&world, "bob", "old", "").await;
    tablet.ask("set", "", "<enable xmlns='urn:xmpp:carbons:2'/>").await;
    alice.send("<message type='chat' id='m1' to='bob@localhost/phone'><body>you there</body></message>").await;
    let told = message(&mut bob).await;
    assert_eq!((told.get("to"), told.get("id")), (Some("bob@localhost/phone"), Some("m1")));
    let copy = message(&mut tablet).await;
    let inner = copy.find(ns::CARBONS, "received").and_then(|way| way.find(ns::FORWARD, "forwarded"));
    let inner = inner.and_then(|inner| inner.find(ns::CLIENT, "message")).expect("a copy");
    assert_eq!(inner.get("to"), Some("bob@localhost/phone"));
    assert!(message(&mut old).await.find(ns::CLIENT, "body").is_some(), "who wants no copies gets it as it is");
    let mut quiet = is_there(&world, "bob", "quiet", "<priority>-1</priority>").await;
    alice.send("<message type='chat' id='m0' to='bob@localhost/quiet'><body>psst</body></message>").await;
    let told = message(&mut quiet).await;
    let stamp = told.find(ns::STANZA_ID, "stanza-id").expect("the archive's id").get("id").map(str::to_owned);
    quiet.send("<presence/>").await;
    let again =
        next(&mut quiet, |stanza| stanza.find(ns::CLIENT, "body").is_some_and(|body| body.own_text() == "psst"));
    let again = again.await.find(ns::STANZA_ID, "stanza-id").expect("the same").get("id").map(str::to_owned);
    assert_eq!(stamp, again, "by this a client knows that it has it");
    for client in [&mut bob, &mut tablet, &mut old] {
        message(client).await;
    }
    alice.send("<message type='chat' id='m2' to='bob@localhost/gone'><body>anybody</body></message>").await;
    for client in [&mut bob, &mut tablet, &mut old] {
        let told = message(client).await;
        assert_eq!(told.find(ns::CLIENT, "body").expect("a text").own_text(), "anybody");
    }
    let native = world.native("bob").await;
    assert_eq!(world.read(&native).await.0, ["you there", "psst", "anybody"]);
}
