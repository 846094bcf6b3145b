//! The roster, who is there and who is blocked, between XMPP clients and with native devices.

use belfry_domain::Deed;
use belfry_engine::{Command, PresenceSettings, Reply};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::world::{Client, World, address};

/// Everything is told by the next round.
pub(crate) async fn world() -> World {
    let at_once = PresenceSettings { settle_ms: 0, interval_ms: 0, linger_ms: 0, ..PresenceSettings::default() };
    let world = World::with(|settings| settings.presence = at_once).await;
    round(&world).await;
    world
}

pub(crate) async fn round(world: &World) {
    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    world.engine.presence_round().await.expect("the store reads");
}

/// The next stanza that is wanted; its own presence and others before it are passed over.
pub(crate) async fn next(client: &mut Client, wanted: impl Fn(&Element) -> bool) -> Element {
    for _ in 0..20 {
        let stanza = client.next().await;
        if wanted(&stanza) {
            return stanza;
        }
    }
    panic!("it did not come");
}

async fn push(client: &mut Client) -> Element {
    let push =
        next(client, |stanza| stanza.find(ns::ROSTER, "query").is_some() && stanza.get("type") == Some("set")).await;
    push.find(ns::ROSTER, "query").and_then(|query| query.find(ns::ROSTER, "item")).expect("one item").clone()
}

pub(crate) async fn presence(client: &mut Client, from: &str) -> Element {
    next(client, |stanza| &*stanza.name == "presence" && stanza.get("from").is_some_and(|who| who.starts_with(from)))
        .await
}

/// A client that has its roster and is there.
pub(crate) async fn arrived(world: &World, local: &str, resource: &str) -> (Client, Vec<Element>) {
    let mut client = world.bound(local, resource).await;
    let answer = client.ask("get", "", "<query xmlns='jabber:iq:roster'/>").await;
    let items = answer.find(ns::ROSTER, "query").expect("a roster").elements().cloned().collect();
    client.send("<presence/>").await;
    let own = presence(&mut client, &format!("{local}@localhost/{resource}")).await;
    assert_eq!(own.get("type"), None);
    (client, items)
}

#[tokio::test(start_paused = true)]
async fn a_request_is_told_accepted_and_then_both_see_who_is_there() {
    let world = world().await;
    let (mut alice, items) = arrived(&world, "alice", "desk").await;
    assert!(items.is_empty());
    alice.send("<presence type='subscribe' to='bob@localhost'><status>we met</status></presence>").await;
    let item = push(&mut alice).await;
    assert_eq!(
        (item.get("jid"), item.get("subscription"), item.get("ask")),
        (Some("bob@localhost"), Some("none"), Some("subscribe"))
    );
    // Bob comes later and is told.
    let (mut bob, items) = arrived(&world, "bob", "phone").await;
    assert!(items.is_empty(), "who waits for an answer is not in the roster");
    let request = presence(&mut bob, "alice@localhost").await;
    assert_eq!(request.get("type"), Some("subscribe"));
    assert_eq!(request.find(ns::CLIENT, "status").expect("a note").own_text(), "we met");
    bob.send("<presence type='subscribed' to='alice@localhost'/><presence type='subscribe' to='alice@localhost'/>")
        .await;
    assert_eq!(push(&mut bob).await.get("subscription"), Some("from"));
    let item = push(&mut alice).await;
    assert_eq!((item.get("subscription"), item.get("ask")), (Some("to"), None));
    // The answer comes by the lane and the request by the log: either may be first.
    let mut kinds = Vec::new();
    for _ in 0..2 {
        kinds.push(presence(&mut alice, "bob@localhost").await.get("type").map(str::to_owned));
    }
    kinds.sort();
    assert_eq!(kinds, [Some("subscribe".to_owned()), Some("subscribed".to_owned())]);
    round(&world).await;
    let there = presence(&mut alice, "bob@localhost/").await;
    assert_eq!(there.get("type"), None, "{}", there.to_text());
    bob.send("<presence><show>xa</show><status>gone fishing</status></presence>").await;
    presence(&mut bob, "bob@localhost/phone").await;
    round(&world).await;
    let away = presence(&mut alice, "bob@localhost/").await;
    assert_eq!(away.find(ns::CLIENT, "show").expect("how").own_text(), "xa");
    assert_eq!(away.find(ns::CLIENT, "status").expect("a status").own_text(), "gone fishing");
    bob.send("</stream:stream>").await;
    while bob.item().await.is_some_and(|item| item != belfry_xmpp::xml::Item::Close) {}
    bob.outcome().await;
    round(&world).await;
    assert_eq!(presence(&mut alice, "bob@localhost/").await.get("type"), Some("unavailable"));
}

#[tokio::test(start_paused = true)]
async fn contacts_are_named_sorted_and_removed_on_all_devices() {
    let world = world().await;
    let native = world.native("alice").await;
    let (mut alice, _) = arrived(&world, "alice", "desk").await;
    let set = |payload: &str| format!("<query xmlns='jabber:iq:roster'>{payload}</query>");
    let item = "<item jid='bob@localhost' name='Bob'><group>work</group><group>tea</group></item>";
    alice.send(&format!("<iq type='set' id='s1'>{}</iq>", set(item))).await;
    let pushed = push(&mut alice).await;
    let groups: Vec<String> = pushed.elements().map(Element::own_text).collect();
    assert_eq!((pushed.get("name"), groups), (Some("Bob"), vec!["work".to_owned(), "tea".to_owned()]));
    let command = Command::ListContacts { after: None, limit: 0 };
    let Ok(Reply::Contacts { views, .. }) = world.engine.execute(&native, command).await else { panic!("no contacts") };
    assert_eq!((views[0].contact.name.as_str(), views[0].contact.labels.len()), ("Bob", 2));
    let deed = Deed::Put { name: "Robert".into(), labels: Vec::new() };
    let command = Command::ChangeContact { with: address("bob"), deed };
    world.engine.execute(&native, command).await.expect("renamed");
    assert_eq!(push(&mut alice).await.get("name"), Some("Robert"));
    alice
        .send(&format!("<iq type='set' id='s2'>{}</iq>", set("<item jid='bob@localhost' subscription='remove'/>")))
        .await;
    assert_eq!(push(&mut alice).await.get("subscription"), Some("remove"));
    let (_, items) = arrived(&world, "alice", "tablet").await;
    assert!(items.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_is_blocked_is_heard_no_more_and_sees_somebody_who_is_offline() {
    let world = world().await;
    let (mut alice, _) = arrived(&world, "alice", "desk").await;
    let (mut bob, _) = arrived(&world, "bob", "phone").await;
    alice.send("<presence type='subscribe' to='bob@localhost'/>").await;
    assert_eq!(presence(&mut bob, "alice@localhost").await.get("type"), Some("subscribe"));
    bob.send("<presence type='subscribed' to='alice@localhost'/>").await;
    round(&world).await;
    assert_eq!(presence(&mut alice, "bob@localhost/").await.get("type"), None);
    bob.send("<iq type='set' id='k1'><block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block></iq>")
        .await;
    next(&mut bob, |stanza| stanza.get("id") == Some("k1") && stanza.get("type") == Some("result")).await;
    round(&world).await;
    assert_eq!(presence(&mut alice, "bob@localhost/").await.get("type"), Some("unavailable"));
    alice.say("bob", "m1", "never heard").await;
    bob.say("alice", "m2", "not sent").await;
    let refused = next(&mut bob, |stanza| stanza.get("type") == Some("error")).await;
    let why = refused.find(ns::CLIENT, "error").expect("why");
    assert!(
        why.find(ns::BLOCKING_ERRORS, "blocked").is_some() && why.find(ns::STANZA_ERRORS, "not-acceptable").is_some()
    );
    bob.send("<iq type='get' id='k2'><blocklist xmlns='urn:xmpp:blocking'/></iq>").await;
    let list = next(&mut bob, |stanza| stanza.get("id") == Some("k2")).await;
    let item = list.find(ns::BLOCKING, "blocklist").and_then(|list| list.find(ns::BLOCKING, "item")).expect("one");
    assert_eq!(item.get("jid"), Some("alice@localhost"));
    bob.send("<iq type='set' id='k3'><unblock xmlns='urn:xmpp:blocking'/></iq>").await;
    next(&mut bob, |stanza| stanza.get("id") == Some("k3") && stanza.get("type") == Some("result")).await;
    alice.say("bob", "m3", "heard").await;
    let heard = next(&mut bob, |stanza| &*stanza.name == "message").await;
    assert_eq!(heard.find(ns::CLIENT, "body").expect("a text").own_text(), "heard");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_contact_is_refused() {
    let world = world().await;
    let (mut alice, _) = arrived(&world, "alice", "desk").await;
    for (payload, condition) in [
        ("<query xmlns='jabber:iq:roster'/>", "bad-request"),
        ("<query xmlns='jabber:iq:roster'><item jid='@'/></query>", "jid-malformed"),
        ("<query xmlns='jabber:iq:roster'><item jid='a@example.org'/></query>", "remote-server-not-found"),
        ("<query xmlns='jabber:iq:roster'><item jid='nobody@localhost'/></query>", "item-not-found"),
        ("<query xmlns='jabber:iq:roster'><item jid='alice@localhost'/></query>", "bad-request"),
        ("<query xmlns='jabber:iq:roster'><item jid='bob@localhost'><group/></item></query>", "bad-request"),
        ("<block xmlns='urn:xmpp:blocking'/>", "bad-request"),
    ] {
        let answer = alice.ask("set", "", payload).await;
        let why = answer.find(ns::CLIENT, "error").unwrap_or_else(|| panic!("{payload}: {}", answer.to_text()));
        assert!(why.find(ns::STANZA_ERRORS, condition).is_some(), "{payload}: {}", answer.to_text());
    }
}
