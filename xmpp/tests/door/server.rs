//! What the server says of itself, and small things around: XEP-0012, XEP-0092, XEP-0157, XEP-0202, XEP-0215, hints.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_domain::{Content, Deed, Secret};
use belfry_engine::Command;
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;
use belfry_xmpp::{About, Access, Service};
use sha1::{Digest as _, Sha1};

use crate::people::{round, world as people_world};
use crate::world::{Client, PASSWORD, World, address, on_this_machine};

fn condition(answer: &Element) -> String {
    let error = answer.find(ns::CLIENT, "error").unwrap_or_else(|| panic!("no error: {}", answer.to_text()));
    error.elements().next().expect("a condition").name.to_string()
}

#[tokio::test(start_paused = true)]
async fn the_server_says_what_it_is_and_what_time_it_is_and_nothing_of_its_machine() {
    let world = World::new().await;
    let mut alice = world.bound("alice", "desk").await;
    let answer = alice.ask("get", "localhost", "<query xmlns='jabber:iq:version'/>").await;
    let version = answer.find(ns::VERSION, "query").expect("an answer");
    let said: Vec<(String, String)> = version.elements().map(|part| (part.name.to_string(), part.own_text())).collect();
    let expected = [("name", "Belfry"), ("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(said, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let answer = alice.ask("get", "localhost", "<time xmlns='urn:xmpp:time'/>").await;
    let time = answer.find(ns::TIME, "time").expect("an answer");
    let part = |name: &str| time.find(ns::TIME, name).map(Element::own_text);
    assert_eq!((part("tzo"), part("utc")), (Some("+00:00".to_owned()), Some("2027-01-15T08:00:00.000Z".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn the_hash_of_what_the_server_can_do_is_that_of_what_it_answers() {
    let world = World::new().await;
    world.door.set_about(About { contacts: vec![("abuse", vec!["mailto:a@localhost".into()])], ..About::default() });
    world.native("alice").await;
    let (mut alice, _) = world.open(on_this_machine()).await;
    let answer = alice.auth("PLAIN", &format!("\0alice\0{PASSWORD}")).await;
    assert!(answer.is(ns::SASL, "success"));
    let caps = alice.open().await.find(ns::CAPS, "c").expect("a hash").clone();
    alice.bind("desk").await;
    let node = format!("{}#{}", caps.get("node").expect("a node"), caps.get("ver").expect("a hash"));
    let ask = |node: &str| format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>");
    let answer = alice.ask("get", "localhost", &ask(&node)).await;
    let info = answer.find(ns::DISCO_INFO, "query").unwrap_or_else(|| panic!("refused: {}", answer.to_text()));
    assert_eq!(info.get("node"), Some(&*node));
    let mut features: Vec<&str> = info.elements().filter_map(|part| part.get("var")).collect();
    features.sort_unstable();
    // XEP-0115 §5.1, done by hand: the identity, the features, the form.
    let contact = "http://jabber.org/network/serverinfo<abuse-addresses<mailto:a@localhost<";
    let text = format!("server/im//Belfry<{}<{contact}", features.join("<"));
    assert_eq!(caps.get("ver"), Some(&*STANDARD.encode(Sha1::digest(text))));
    let answer = alice.ask("get", "localhost", &ask("urn:belfry:server#another")).await;
    assert_eq!(condition(&answer), "item-not-found");
}

#[tokio::test(start_paused = true)]
async fn last_activity_is_told_as_its_owner_lets_it_be_known_and_of_strangers_as_of_nobody() {
    let world = people_world().await;
    let (own, bobs) = (world.native("alice").await, world.native("bob").await);
    let mut alice = world.bound("alice", "desk").await;
    const GET: &str = "<query xmlns='jabber:iq:last'/>";
    tokio::time::sleep(Duration::from_secs(100)).await;
    let answer = alice.ask("get", "localhost", GET).await;
    let uptime: u64 =
        answer.find(ns::LAST, "query").and_then(|last| last.get("seconds")).expect("s").parse().expect("n");
    assert!((100..200).contains(&uptime), "{uptime}");
    let stranger = alice.ask("get", "bob@localhost", GET).await;
    let nobody = alice.ask("get", "nobody@localhost", GET).await;
    assert_eq!((condition(&stranger), condition(&nobody)), ("forbidden".to_owned(), "forbidden".to_owned()));
    for (who, with, deed) in [
        (&own, "bob", Deed::Subscribe { note: String::new() }),
        (&bobs, "alice", Deed::Accept),
        (&bobs, "alice", Deed::Put { name: String::new(), labels: Vec::new() }),
    ] {
        let command = Command::ChangeContact { with: address(with), deed };
        world.engine.execute(who, command).await.expect("done");
    }
    let seconds = async |alice: &mut Client| {
        let answer = alice.ask("get", "bob@localhost", GET).await;
        let last = answer.find(ns::LAST, "query").unwrap_or_else(|| panic!("refused: {}", answer.to_text()));
        last.get("seconds").expect("a number").parse::<u64>().expect("a number")
    };
    let mut there = world.available("bob", "phone").await;
    round(&world).await;
    there.hears_nothing_but_presences().await;
    assert_eq!(seconds(&mut alice).await, 0, "he is there");
    there.send("<presence type='unavailable'/></stream:stream>").await;
    drop(there.outcome().await);
    round(&world).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.clock.advance_ms(90_000);
    let ago = seconds(&mut alice).await;
    assert!((1..=90).contains(&ago), "{ago}");
    let hide = belfry_domain::PrivacyChange {
        last_seen: Some(belfry_domain::Audience::Nobody),
        ..belfry_domain::PrivacyChange::default()
    };
    world.engine.execute(&bobs, Command::SetPrivacy(hide)).await.expect("done");
    assert_eq!(condition(&alice.ask("get", "bob@localhost", GET).await), "forbidden");
}

#[tokio::test(start_paused = true)]
async fn whom_to_write_to_and_which_relays_there_are_is_as_the_operator_says_and_credentials_are_for_a_time() {
    let world = World::new().await;
    let mut alice = world.bound("alice", "desk").await;
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let silent = alice.ask("get", "localhost", info).await;
    assert!(silent.find(ns::DISCO_INFO, "query").expect("an answer").find(ns::DATA, "x").is_none());
    let service = |kind: &str, port, access| Service {
        kind: kind.to_owned(),
        host: "turn.example".to_owned(),
        port,
        transport: "udp".to_owned(),
        access,
    };
    world.door.set_about(About {
        contacts: vec![("abuse", vec!["mailto:abuse@example.org".to_owned()]), ("sales", Vec::new())],
        services: vec![
            service("stun", 3478, Access::Open),
            service("turn", 3478, Access::Made { secret: Secret::new("north".to_owned()) }),
            service("turn", 443, Access::Shared { name: "all".to_owned(), password: Secret::new("of us".to_owned()) }),
        ],
        ..About::default()
    });
    let answer = alice.ask("get", "localhost", info).await;
    let form = answer.find(ns::DISCO_INFO, "query").and_then(|query| query.find(ns::DATA, "x")).expect("a form");
    let fields: Vec<_> = form
        .elements()
        .map(|field| (field.get("var").expect("a name"), field.find(ns::DATA, "value").expect("one").own_text()))
        .collect();
    let expected = [("FORM_TYPE", ns::SERVER_INFO), ("abuse-addresses", "mailto:abuse@example.org")];
    assert_eq!(fields, expected.map(|(name, value)| (name, value.to_owned())));
    let all = alice.ask("get", "localhost", &format!("<services xmlns='{}'/>", ns::SERVICES)).await;
    let all = all.find(ns::SERVICES, "services").expect("an answer");
    assert_eq!(all.elements().count(), 3);
    assert!(!all.to_text().contains("north"));
    let turn = alice.ask("get", "localhost", &format!("<services xmlns='{}' type='turn'/>", ns::SERVICES)).await;
    let turn: Vec<&Element> = turn.find(ns::SERVICES, "services").expect("an answer").elements().collect();
    assert_eq!(turn.len(), 2);
    // In 24 hours from 2027-01-15T08:00:00Z.
    assert_eq!(turn[0].get("username"), Some("1800086400:alice@localhost"));
    assert_eq!(turn[0].get("expires"), Some("2027-01-16T08:00:00.000Z"));
    assert!(turn[0].get("password").is_some_and(|password| password.len() == 28));
    assert_eq!((turn[1].get("username"), turn[1].get("password")), (Some("all"), Some("of us")));
    let credentials =
        |more: &str| format!("<credentials xmlns='{}'><service type='turn' {more}/></credentials>", ns::SERVICES);
    let one = alice.ask("get", "localhost", &credentials("host='turn.example' port='443'")).await;
    let one = one.find(ns::SERVICES, "credentials").expect("an answer");
    assert_eq!(one.elements().map(|one| one.get("username")).collect::<Vec<_>>(), [Some("all")]);
    for (more, expected) in [("host='elsewhere.example'", "item-not-found"), ("", "bad-request")] {
        assert_eq!(condition(&alice.ask("get", "localhost", &credentials(more)).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn who_looks_for_group_chats_is_told_that_there_are_none() {
    let world = World::new().await;
    let mut alice = world.available("alice", "desk").await;
    let items = alice.ask("get", "localhost", "<query xmlns='http://jabber.org/protocol/disco#items'/>").await;
    assert!(items.find(ns::DISCO_ITEMS, "query").expect("an answer").elements().next().is_none());
    alice.send("<message type='groupchat' to='bob@localhost' id='g'><body>all</body></message>").await;
    let error = alice.next().await;
    assert_eq!((condition(&error), error.get("id")), ("service-unavailable".to_owned(), Some("g")));
    let text = error.find(ns::CLIENT, "error").and_then(|error| error.find(ns::STANZA_ERRORS, "text"));
    assert_eq!(text.expect("a text").own_text(), "There are no group chats on this server.");
    for (kind, to) in [("get", "rooms.localhost"), ("set", "room@rooms.localhost")] {
        let asked = "<query xmlns='http://jabber.org/protocol/muc#owner'/>";
        assert_eq!(alice.ask(kind, to, asked).await.get("type"), Some("error"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_to_be_copied_is_not_and_one_that_is_to_be_stored_is() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let mut desk = world.bound("alice", "desk").await;
    desk.ask("set", "", &format!("<enable xmlns='{}'/>", ns::CARBONS)).await;
    desk.send("<presence/>").await;
    desk.hears_about_itself().await;
    let mut phone = world.bound("alice", "phone").await;
    let hint = |name: &str| format!("<{name} xmlns='{}'/>", ns::HINTS);
    for (text, more) in [
        ("uncopied", hint("no-copy")),
        ("private", format!("<private xmlns='{}'/>", ns::CARBONS)),
        ("unstored", hint("no-store") + &hint("no-permanent-store")),
    ] {
        phone.send(&format!("<message to='bob@localhost' type='chat'><body>{text}</body>{more}</message>")).await;
    }
    phone.hears_nothing().await;
    let carbon = desk.next().await;
    assert!(carbon.find(ns::CARBONS, "sent").is_some() && carbon.to_text().contains("unstored"));
    desk.hears_nothing().await;
    assert_eq!(world.read(&bob).await.0, ["uncopied", "private", "unstored"], "each text is in the log");
    phone.send(&format!("<message to='bob@localhost' type='chat'><key xmlns='x:y'/>{}</message>", hint("store"))).await;
    phone.hears_nothing().await;
    assert_eq!(world.read(&bob).await.0.len(), 4);
    desk.next().await;
    world.says(&bob, "alice", "b", Content::text("hello")).await;
    assert_eq!(desk.hears().await, "hello");
}

#[tokio::test(start_paused = true)]
async fn an_encrypted_message_goes_through_and_is_archived_as_it_was() {
    let world = World::new().await;
    let mut alice = world.bound("alice", "desk").await;
    let mut bob = world.available("bob", "phone").await;
    let encrypted = "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='27183'>\
                     <key rid='31415'>BASE64</key><iv>BASE64</iv></header><payload>BASE64</payload></encrypted>";
    alice
        .send(&format!(
            "<message to='bob@localhost' type='chat' id='e1'>{encrypted}<encryption xmlns='{}' \
             namespace='eu.siacs.conversations.axolotl' name='OMEMO'/>\
             <body>I sent you an OMEMO encrypted message</body><store xmlns='{}'/></message>",
            ns::ENCRYPTION,
            ns::HINTS
        ))
        .await;
    let said = bob.next().await;
    let passed = |stanza: &Element| {
        let part = stanza.find("eu.siacs.conversations.axolotl", "encrypted").expect("it passed").to_text();
        assert!(stanza.find(ns::ENCRYPTION, "encryption").is_some());
        part
    };
    assert_eq!(passed(&said), encrypted);
    alice.send("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>").await;
    let result = alice.next().await;
    let kept = result.find(ns::ARCHIVE, "result").and_then(|result| result.find(ns::FORWARD, "forwarded"));
    assert_eq!(passed(kept.and_then(|kept| kept.find(ns::CLIENT, "message")).expect("a message")), encrypted);
}
