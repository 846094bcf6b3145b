//! Messages between XMPP clients and native devices, on one timeline.

use std::time::Duration;

use belfry_domain::{Content, Extension};
use belfry_xmpp::ns;
use bytes::Bytes;

use crate::world::World;

#[tokio::test(start_paused = true)]
async fn a_native_message_reaches_an_xmpp_client_and_its_sender_gets_the_tick() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let mut alice = world.available("alice", "desk").await;
    alice.hears_nothing().await;
    world.says(&bob, "alice", "n-1", Content::text("hello <you> & you")).await;
    let stanza = alice.next().await;
    assert!(stanza.is(ns::CLIENT, "message"));
    assert_eq!(stanza.find(ns::CLIENT, "body").expect("a text").own_text(), "hello <you> & you");
    assert_eq!((stanza.get("from"), stanza.get("to")), (Some("bob@localhost"), Some("alice@localhost")));
    assert_eq!(stanza.get("type"), Some("chat"));
    let archived = stanza.find(ns::STANZA_ID, "stanza-id").expect("its id in the archive");
    assert_eq!((archived.get("by"), archived.get("id")), (Some("alice@localhost"), stanza.get("id")));
    assert!(stanza.find(ns::DELAY, "delay").is_none());
    assert_eq!(world.read(&bob).await.1, None, "nothing has shown yet that it arrived");
    alice.hears_nothing().await;
    assert_eq!(world.read(&bob).await.1, Some((1, 0)));
}

#[tokio::test(start_paused = true)]
async fn a_message_of_an_xmpp_client_reaches_a_native_device_once_however_often_it_is_sent() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let mut alice = world.bound("alice", "desk").await;
    alice.say("bob", "m1", "one").await;
    alice.say("bob", "m2", "two").await;
    alice.say("bob", "m1", "one").await;
    alice.hears_nothing().await;
    assert_eq!(world.read(&bob).await.0, ["one", "two"]);
    alice.say("bob", "m1", "another").await;
    let error = alice.next().await;
    assert_eq!((error.get("type"), error.get("id")), (Some("error"), Some("m1")));
    assert!(error.find(ns::CLIENT, "error").expect("why").find(ns::STANZA_ERRORS, "conflict").is_some());
    // Without an origin-id, ids of stanzas repeat and are no reason to drop one.
    for _ in 0..2 {
        alice.send("<message to='bob@localhost' id='1' type='chat'><body>again</body></message>").await;
    }
    alice.hears_nothing().await;
    assert_eq!(world.read(&bob).await.0, ["one", "two", "again", "again"]);
}

#[tokio::test(start_paused = true)]
async fn what_only_xmpp_clients_understand_is_handed_on_and_what_claims_to_be_the_servers_is_not() {
    let world = World::new().await;
    let mut alice = world.available("alice", "desk").await;
    let mut bob = world.available("bob", "phone").await;
    bob.hears_nothing().await;
    alice
        .send(
            "<message to='bob@localhost/phone' type='normal' id='s1' xml:lang='en'><body>hi</body>\
             <body xml:lang='de'>hallo</body><subject>s</subject><thread parent='a'>t</thread>\
             <x xmlns='urn:example:x' a='1'>one<y/>two</x><encrypted xmlns='eu.siacs.conversations.axolotl'/>\
             <origin-id xmlns='urn:xmpp:sid:0' id='o1'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='bob@localhost' id='forged'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='bob@localhost' id='forged2'/>\
             <delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z'/>\
             <received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></received>\
             <result xmlns='urn:xmpp:mam:2' id='x'/><forwarded xmlns='urn:xmpp:forward:0'/>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='x'/><error/></message>",
        )
        .await;
    let stanza = bob.next().await;
    assert_eq!((stanza.get("from"), stanza.get("id")), (Some("alice@localhost/desk"), Some("s1")));
    assert_eq!(stanza.get("type"), Some("normal"));
    let names: Vec<String> = stanza.elements().map(|child| format!("{} {}", child.ns, child.name)).collect();
    assert_eq!(
        names,
        [
            "jabber:client body",
            "jabber:client body",
            "jabber:client subject",
            "jabber:client thread",
            "urn:example:x x",
            "eu.siacs.conversations.axolotl encrypted",
            "urn:xmpp:sid:0 origin-id",
            "urn:xmpp:sid:0 stanza-id",
        ]
    );
    let kept = stanza.find("urn:example:x", "x").expect("kept");
    assert_eq!(kept.to_text(), "<x xmlns='urn:example:x' a='1'>one<y/>two</x>");
    assert_eq!(stanza.find(ns::STANZA_ID, "origin-id").expect("kept").get("id"), Some("o1"));
    assert_ne!(stanza.find(ns::STANZA_ID, "stanza-id").expect("ours").get("id"), Some("forged"));
}

#[tokio::test(start_paused = true)]
async fn a_native_client_cannot_forge_what_is_the_servers_or_break_a_stream_by_an_extension() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let mut alice = world.available("alice", "desk").await;
    alice.hears_nothing().await;
    let mut content = Content::text("a\u{0}b");
    let forged = [
        (ns::CARBONS, "<sent xmlns='urn:xmpp:carbons:2'/>"),
        (ns::STANZA_ID, "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='x'/>"),
        ("urn:x", "<y xmlns='urn:xmpp:carbons:2'/>"),
        ("urn:x", "</message><message>"),
        ("urn:x", "<y xmlns='urn:x'><!-- --></y>"),
        (ns::CLIENT, "<body xmlns='jabber:client'>another</body>"),
        ("urn:x", "<fine xmlns='urn:x'/>"),
    ];
    content.extensions = forged
        .iter()
        .map(|(namespace, data)| Extension { namespace: (*namespace).into(), data: Bytes::from(*data) })
        .collect();
    world.says(&bob, "alice", "n-1", content).await;
    let stanza = alice.next().await;
    let names: Vec<&str> = stanza.elements().map(|child| &*child.name).collect();
    assert_eq!(names, ["body", "fine", "markable", "stanza-id"]);
    assert_eq!(stanza.find(ns::CLIENT, "body").expect("a text").own_text(), "a\u{FFFD}b");
}

#[tokio::test(start_paused = true)]
async fn what_came_while_nobody_was_there_is_told_in_order_with_its_time_and_once() {
    let world = World::new().await;
    world.bound("alice", "desk").await.send("</stream:stream>").await;
    let mut bob = world.bound("bob", "phone").await;
    for n in 0..250 {
        bob.say("alice", &format!("m{n}"), &format!("text {n}")).await;
    }
    bob.hears_nothing().await;
    world.clock.advance_ms(60_000);
    let mut quiet = world.bound("alice", "desk").await;
    quiet.hears_nothing().await; // it has not said that it is there
    quiet.send("<presence><priority>-1</priority></presence>").await;
    quiet.hears_about_itself().await;
    quiet.hears_nothing().await;
    quiet.send("<presence/>").await;
    quiet.hears_about_itself().await;
    for n in 0..250 {
        let stanza = quiet.next().await;
        assert_eq!(stanza.find(ns::CLIENT, "body").expect("a text").own_text(), format!("text {n}"));
        let delay = stanza.find(ns::DELAY, "delay").expect("when it was sent");
        assert_eq!(delay.get("stamp"), Some("2027-01-15T08:00:00.000Z"));
    }
    quiet.hears_nothing().await;
    let mut again = world.available("alice", "desk").await;
    again.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_client_did_not_show_to_have_is_told_again() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let mut alice = world.available("alice", "desk").await;
    alice.hears_nothing().await;
    world.says(&bob, "alice", "n-1", Content::text("one")).await;
    assert!(alice.any().await.find(ns::CLIENT, "body").is_some());
    drop(alice); // the ping behind it was not answered
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.read(&bob).await.1, None);
    let mut alice = world.available("alice", "desk").await;
    assert_eq!(alice.hears().await, "one");
}

#[tokio::test(start_paused = true)]
async fn what_another_client_of_the_account_sends_is_told_to_those_that_asked_for_it() {
    let world = World::new().await;
    let mut phone = world.available("alice", "phone").await;
    let mut desk = world.available("alice", "desk").await;
    let mut deaf = world.available("alice", "deaf").await;
    let enabled = desk.ask("set", "", &format!("<enable xmlns='{}'/>", ns::CARBONS)).await;
    assert_eq!(enabled.get("type"), Some("result"));
    deaf.hears_nothing().await;
    phone.say("bob", "m1", "hello").await;
    phone.hears_nothing().await;
    let carbon = desk.next().await;
    assert_eq!((carbon.get("from"), carbon.get("to")), (Some("alice@localhost"), Some("alice@localhost/desk")));
    let forwarded = carbon.find(ns::CARBONS, "sent").expect("sent").find(ns::FORWARD, "forwarded").expect("wrapped");
    let message = forwarded.find(ns::CLIENT, "message").expect("the message");
    assert_eq!((message.get("from"), message.get("to")), (Some("alice@localhost/phone"), Some("bob@localhost")));
    assert_eq!(message.find(ns::CLIENT, "body").expect("a text").own_text(), "hello");
    deaf.hears_nothing().await;
    let disabled = desk.ask("set", "", &format!("<disable xmlns='{}'/>", ns::CARBONS)).await;
    assert_eq!(disabled.get("type"), Some("result"));
    phone.say("bob", "m2", "hello").await;
    phone.hears_nothing().await;
    desk.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_native_device_of_the_account_sees_what_its_xmpp_client_sent_and_the_other_way_round() {
    let world = World::new().await;
    let own = world.native("alice").await;
    let mut desk = world.available("alice", "desk").await;
    desk.ask("set", "", &format!("<enable xmlns='{}'/>", ns::CARBONS)).await;
    desk.say("bob", "m1", "from the desk").await;
    desk.hears_nothing().await;
    assert_eq!(world.read(&own).await.0, ["from the desk"]);
    world.says(&own, "bob", "n1", Content::text("from the phone")).await;
    let carbon = desk.next().await;
    assert!(carbon.find(ns::CARBONS, "sent").is_some(), "{}", carbon.to_text());
    // Notes to self are messages like others.
    world.says(&own, "alice", "n2", Content::text("a note")).await;
    assert_eq!(desk.hears().await, "a note");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_refused_and_whether_an_account_is_there_is_not_told() {
    let world = World::new().await;
    let mut alice = world.bound("alice", "desk").await;
    let large = format!("<body>{}</body>", "x".repeat(16 * 1024 + 1));
    for (to, kind, payload, condition) in [
        ("nobody@localhost", "chat", "<body>hi</body>", "service-unavailable"),
        ("nobody@localhost/x", "chat", "<body>hi</body>", "service-unavailable"),
        ("localhost", "chat", "<body>hi</body>", "service-unavailable"),
        ("lobby@localhost", "groupchat", "<body>hi</body>", "service-unavailable"),
        ("bob@example.org", "chat", "<body>hi</body>", "remote-server-not-found"),
        ("@@", "chat", "<body>hi</body>", "jid-malformed"),
        ("bob@localhost", "chat", &large, "policy-violation"),
        ("bob@localhost", "chat", "<reactions xmlns='urn:xmpp:reactions:0'/>", "bad-request"),
        ("bob@localhost", "chat", "<retract xmlns='urn:xmpp:message-retract:1' id='none'/>", "item-not-found"),
    ] {
        alice.send(&format!("<message to='{to}' type='{kind}' id='e1'>{payload}</message>")).await;
        let error = alice.next().await;
        assert_eq!((error.get("type"), error.get("id")), (Some("error"), Some("e1")), "{to}: {}", error.to_text());
        let why = error.find(ns::CLIENT, "error").expect("why");
        assert!(why.find(ns::STANZA_ERRORS, condition).is_some(), "{to}: {}", error.to_text());
    }
    alice.send("<message to='bob@localhost' type='error' id='e2'><body>x</body></message>").await;
    alice.hears_nothing().await;
    alice.send("<message from='bob@localhost' to='bob@localhost'><body>x</body></message>").await;
    assert_eq!(alice.ended().await, "invalid-from");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_understands_is_answered_and_a_silent_client_is_asked_before_it_is_cut_off() {
    let world = World::with(|settings| settings.idle_ms = 60_000).await;
    let mut alice = world.bound("alice", "desk").await;
    for (kind, to, payload) in [
        ("get", "", "<query xmlns='urn:x'/>"),
        ("set", "localhost", "<query xmlns='urn:x'/>"),
        ("get", "bob@localhost/phone", "<query xmlns='jabber:iq:version'/>"),
        ("get", "nobody@localhost", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
        ("get", "example.org", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
    ] {
        let answer = alice.ask(kind, to, payload).await;
        let why = answer.find(ns::CLIENT, "error").expect("refused");
        assert!(why.find(ns::STANZA_ERRORS, "service-unavailable").is_some(), "{}", answer.to_text());
    }
    let broken = alice.ask("get", "", "<a xmlns='urn:x'/><b xmlns='urn:x'/>").await;
    assert!(broken.find(ns::CLIENT, "error").expect("refused").find(ns::STANZA_ERRORS, "bad-request").is_some());
    let asked = tokio::time::Instant::now();
    assert!(alice.any().await.find(ns::PING, "ping").is_some(), "the server asks whether it is there");
    assert!(asked.elapsed() >= Duration::from_secs(29));
    assert_eq!(alice.ended().await, "connection-timeout");
}
