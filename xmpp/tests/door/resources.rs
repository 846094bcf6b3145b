//! Presence resource by resource: priorities, what else clients say, directed presence, and streams that break.

use belfry_domain::Deed;
use belfry_engine::Command;
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item};

use crate::people::{next, presence, round, world};
use crate::world::{Client, World, address};

const CAPS: &str = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://example.org' ver='x'/>";

/// Makes alice and bob see each other.
pub(crate) async fn meet(world: &World) {
    let (alice, bob) = (world.native("alice").await, world.native("bob").await);
    let ask = Command::ChangeContact { with: address("bob"), deed: Deed::Request { note: String::new() } };
    world.engine.execute(&alice, ask).await.expect("asked");
    let accept = Command::ChangeContact { with: address("alice"), deed: Deed::Accept };
    world.engine.execute(&bob, accept).await.expect("accepted");
}

/// A client that is there as it says.
pub(crate) async fn is_there(world: &World, local: &str, resource: &str, said: &str) -> Client {
    let mut client = world.bound(local, resource).await;
    client.send(&format!("<presence>{said}</presence>")).await;
    presence(&mut client, &format!("{local}@localhost/{resource}")).await;
    client
}

async fn leaves(mut client: Client) {
    client.send("</stream:stream>").await;
    while client.item().await.is_some_and(|item| item != Item::Close) {}
    client.outcome().await;
}

fn text(of: &Element, name: &str) -> Option<String> {
    of.find(ns::CLIENT, name).map(Element::own_text)
}

#[tokio::test(start_paused = true)]
async fn each_resource_of_a_contact_is_told_with_its_priority_and_what_else_it_says() {
    let world = world().await;
    meet(&world).await;
    let idle = "<idle xmlns='urn:xmpp:idle:1' since='2026-11-29T10:00:00Z'/>";
    let away = format!("<show>away</show><priority>-3</priority>{idle}");
    let mut phone = is_there(&world, "bob", "phone", &away).await;
    round(&world).await;
    // Who comes later is told at once.
    let mut alice = is_there(&world, "alice", "desk", "").await;
    let told = presence(&mut alice, "bob@localhost/phone").await;
    assert_eq!((text(&told, "show").as_deref(), text(&told, "priority").as_deref()), (Some("away"), Some("-3")));
    let idle = told.find("urn:xmpp:idle:1", "idle").and_then(|idle| idle.get("since"));
    assert_eq!(idle, Some("2026-11-29T10:00:00Z"));
    let forged = "<delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z'/>";
    let desk = is_there(&world, "bob", "desk", &format!("<status>here</status>{forged}{CAPS}")).await;
    round(&world).await;
    let told = presence(&mut alice, "bob@localhost/desk").await;
    assert_eq!((told.get("to"), text(&told, "status").as_deref()), (Some("alice@localhost/desk"), Some("here")));
    let caps = told.find("http://jabber.org/protocol/caps", "c").expect("what it can do");
    assert_eq!((caps.get("ver"), told.find(ns::DELAY, "delay").is_some()), (Some("x"), false));
    alice.hears_nothing().await; // of the phone, which is as it was
    // The account's own resources see each other.
    assert_eq!(presence(&mut phone, "bob@localhost/desk").await.get("type"), None);
    phone.send("<presence/>").await;
    presence(&mut phone, "bob@localhost/phone").await;
    round(&world).await;
    let told = presence(&mut alice, "bob@localhost/phone").await;
    assert_eq!((text(&told, "show"), text(&told, "priority")), (None, None));
    leaves(desk).await;
    round(&world).await;
    assert_eq!(presence(&mut alice, "bob@localhost/desk").await.get("type"), Some("unavailable"));
    alice.send("<presence type='probe' to='bob@localhost'/>").await;
    assert_eq!(presence(&mut alice, "bob@localhost/phone").await.get("type"), None, "a probe is told what is known");
    alice.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn native_devices_are_one_resource_whose_name_no_client_gets() {
    let world = world().await;
    meet(&world).await;
    let native = world.native("bob").await;
    let mut session = world.engine.open_session(native.clone()).await.expect("it may connect");
    session.subscribe(belfry_domain::Seq::ZERO);
    round(&world).await;
    let mut alice = is_there(&world, "alice", "desk", "").await;
    assert_eq!(presence(&mut alice, "bob@localhost/belfry").await.get("type"), None);
    drop(session);
    round(&world).await;
    assert_eq!(presence(&mut alice, "bob@localhost/belfry").await.get("type"), Some("unavailable"));
    let client = world.bound("bob", "belfry").await;
    assert!(client.jid.starts_with("bob@localhost/") && client.jid != "bob@localhost/belfry", "{}", client.jid);
}

#[tokio::test(start_paused = true)]
async fn who_wants_no_messages_for_all_is_told_the_rest_and_gets_them_when_it_wants_them() {
    let world = world().await;
    let native = world.native("bob").await;
    let mut alice = is_there(&world, "alice", "desk", "<priority>-1</priority>").await;
    world.says(&native, "alice", "m1", belfry_domain::Content::text("later")).await;
    alice.hears_nothing().await;
    alice.ask("get", "", "<query xmlns='jabber:iq:roster'/>").await;
    let deed = Deed::Request { note: "hello".into() };
    world.engine.execute(&native, Command::ChangeContact { with: address("alice"), deed }).await.expect("asked");
    assert_eq!(presence(&mut alice, "bob@localhost").await.get("type"), Some("subscribe"));
    alice.send("<presence/>").await;
    let heard = next(&mut alice, |stanza| &*stanza.name == "message").await;
    assert_eq!(text(&heard, "body").as_deref(), Some("later"));
}

#[tokio::test(start_paused = true)]
async fn presence_for_one_is_for_nobody_else_and_ends_when_the_client_goes() {
    let world = world().await;
    let mut bob = is_there(&world, "bob", "phone", "").await;
    let mut tablet = is_there(&world, "bob", "tablet", "").await;
    let mut alice = world.bound("alice", "desk").await;
    alice.send(&format!("<presence to='bob@localhost/phone'><show>dnd</show>{CAPS}</presence>")).await;
    alice.hears_nothing().await;
    round(&world).await;
    let told = presence(&mut bob, "alice@localhost/desk").await;
    assert_eq!(text(&told, "show").as_deref(), Some("dnd"));
    assert!(told.find("http://jabber.org/protocol/caps", "c").is_some());
    presence(&mut tablet, "bob@localhost/phone").await;
    tablet.hears_nothing().await;
    leaves(alice).await;
    round(&world).await;
    assert_eq!(presence(&mut bob, "alice@localhost/desk").await.get("type"), Some("unavailable"));
    tablet.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_not_there_is_told_of_nobody_and_of_all_when_it_comes_back() {
    let world = world().await;
    meet(&world).await;
    let _bob = is_there(&world, "bob", "phone", "").await;
    round(&world).await;
    let mut alice = is_there(&world, "alice", "desk", "").await;
    presence(&mut alice, "bob@localhost/phone").await;
    alice.send("<presence type='unavailable'/>").await;
    alice.hears_nothing().await;
    let _desk = is_there(&world, "bob", "desk", "").await;
    round(&world).await;
    alice.hears_nothing().await;
    alice.send("<presence/>").await;
    presence(&mut alice, "bob@localhost/desk").await;
    presence(&mut alice, "bob@localhost/phone").await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_goes_on_is_there_again_and_told_what_it_has_missed() {
    let world = world().await;
    meet(&world).await;
    let bob = is_there(&world, "bob", "phone", "").await;
    let mut watching = is_there(&world, "bob", "watching", "").await;
    round(&world).await;
    let mut alice = world.bound("alice", "desk").await;
    alice.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>").await;
    let name = alice.next().await.get("id").expect("it can be resumed").to_owned();
    alice.send("<presence><show>away</show></presence>").await;
    presence(&mut alice, "bob@localhost/watching").await;
    round(&world).await;
    assert_eq!(presence(&mut watching, "alice@localhost/desk").await.get("type"), None);
    alice.outcome().await; // it breaks
    round(&world).await;
    assert_eq!(presence(&mut watching, "alice@localhost/desk").await.get("type"), Some("unavailable"));
    leaves(bob).await;
    round(&world).await;
    let (mut alice, _) = world.open(crate::world::on_this_machine()).await;
    alice.plain("alice", crate::world::PASSWORD).await;
    // Its own presence, and those of both.
    alice.send(&format!("<resume xmlns='urn:xmpp:sm:3' previd='{name}' h='3'/>")).await;
    assert_eq!(&*alice.any().await.name, "resumed");
    let gone = presence(&mut alice, "bob@localhost/phone").await;
    assert_eq!(gone.get("type"), Some("unavailable"));
    round(&world).await;
    let back = presence(&mut watching, "alice@localhost/desk").await;
    assert_eq!((back.get("type"), text(&back, "show").as_deref()), (None, Some("away")));
}
