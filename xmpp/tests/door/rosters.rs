//! Versions of the roster, and answers and blocks that all clients of an account are told of.

use belfry_domain::Deed;
use belfry_engine::{Caller, Command};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::people::{arrived, next, presence, round, world};
use crate::world::{Client, World, address};

/// The roster from a version on; its version and items, or `None`: it is as the client has it.
async fn roster(client: &mut Client, ver: &str) -> Option<(String, Vec<Element>)> {
    client.send(&format!("<iq type='get' id='r1'><query xmlns='jabber:iq:roster' ver='{ver}'/></iq>")).await;
    let answer = next(client, |stanza| stanza.get("id") == Some("r1")).await;
    assert_eq!(answer.get("type"), Some("result"));
    let query = answer.find(ns::ROSTER, "query")?;
    Some((query.get("ver").expect("a version").to_owned(), query.elements().cloned().collect()))
}

/// The next push: its version, whom it is about, and how they stand.
async fn push(client: &mut Client) -> (String, String, String) {
    let push = next(client, |stanza| stanza.get("type") == Some("set")).await;
    let query = push.find(ns::ROSTER, "query").unwrap_or_else(|| panic!("no push: {}", push.to_text()));
    let item = query.find(ns::ROSTER, "item").expect("an item");
    let said = |of: &Element, name| of.get(name).unwrap_or("").to_owned();
    (said(query, "ver"), said(item, "jid"), said(item, "subscription"))
}

async fn does(world: &World, by: &Caller, with: &str, deed: Deed) {
    let command = Command::ChangeContact { with: address(with), deed };
    world.engine.execute(by, command).await.expect("it is done");
}

fn put(name: &str) -> Deed {
    Deed::Put { name: name.to_owned(), labels: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_the_roster_is_told_only_what_has_changed_since() {
    let world = world().await;
    let native = world.native("alice").await;
    does(&world, &native, "bob", put("Bob")).await;
    let mut alice = world.bound("alice", "desk").await;
    let (ver, items) = roster(&mut alice, "").await.expect("the whole");
    assert_eq!(items.len(), 1);
    assert_eq!(roster(&mut alice, &ver).await, None, "nothing has changed");
    alice.hears_nothing().await;
    // Messages are no changes of the roster.
    world.says(&native, "bob", "m1", belfry_domain::Content::text("hi")).await;
    assert_eq!(roster(&mut alice, &ver).await, None);
    alice.hears_nothing().await;
    does(&world, &native, "bob", put("Robert")).await;
    let (newer, who, _) = push(&mut alice).await;
    assert_eq!(who, "bob@localhost");
    alice.hears_nothing().await;

    let mut tablet = world.bound("alice", "tablet").await;
    assert_eq!(roster(&mut tablet, &newer).await, None, "the version of a push is one of the roster");
    tablet.hears_nothing().await;
    let mut late = world.bound("alice", "late").await;
    does(&world, &native, "bob", Deed::Remove).await;
    assert_eq!(push(&mut tablet).await.2, "remove");
    assert_eq!(roster(&mut late, &ver).await, None);
    assert_eq!(push(&mut late).await.2, "remove", "who was removed meanwhile is told as such");
    late.hears_nothing().await;
    for unknown in ["0", "x", "18446744073709551615", "-1"] {
        let (_, items) = roster(&mut late, unknown).await.expect("the whole");
        assert_eq!(items.len(), 0, "{unknown}");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_are_told_to_all_clients_of_whom_they_are_for_by_whichever_door_they_were_given() {
    let world = world().await;
    let bob = world.native("bob").await;
    let (mut desk, _) = arrived(&world, "alice", "desk").await;
    let (mut tablet, _) = arrived(&world, "alice", "tablet").await;
    desk.send("<presence type='subscribe' to='bob@localhost'/>").await;
    desk.hears_nothing_but_pushes().await;
    does(&world, &bob, "alice", Deed::Accept).await;
    for client in [&mut desk, &mut tablet] {
        assert_eq!(answer(client).await, "subscribed");
    }
    does(&world, &bob, "alice", Deed::Unsubscribe).await;
    does(&world, &bob, "alice", Deed::Unsubscribed).await;
    for client in [&mut desk, &mut tablet] {
        let told = next(client, |stanza| stanza.get("type") == Some("unsubscribed")).await;
        assert_eq!(told.get("from"), Some("bob@localhost"));
    }
}

/// The next presence of Bob's account that is about who may know something.
async fn answer(client: &mut Client) -> String {
    let told = next(client, |stanza| {
        &*stanza.name == "presence"
            && stanza.get("from") == Some("bob@localhost")
            && stanza.get("type").is_some_and(|kind| kind != "subscribe")
    })
    .await;
    told.get("type").expect("one").to_owned()
}

#[tokio::test(start_paused = true)]
async fn who_was_approved_ahead_is_let_in_at_once_and_both_are_told() {
    let world = world().await;
    let (mut alice, _) = arrived(&world, "alice", "desk").await;
    let (mut bob, _) = arrived(&world, "bob", "phone").await;
    bob.send("<presence type='subscribed' to='alice@localhost'/>").await;
    let approved = next(&mut bob, |stanza| stanza.get("type") == Some("set")).await;
    let item = approved.find(ns::ROSTER, "query").and_then(|query| query.find(ns::ROSTER, "item")).expect("an item");
    assert_eq!((item.get("approved"), item.get("subscription")), (Some("true"), Some("none")));
    alice.hears_nothing().await;
    alice.send("<presence type='subscribe' to='bob@localhost'/>").await;
    assert_eq!(answer(&mut alice).await, "subscribed");
    assert_eq!(push(&mut bob).await.2, "from");
}

#[tokio::test(start_paused = true)]
async fn a_request_is_told_to_each_client_that_comes_until_it_is_answered_and_to_each_once() {
    let world = world().await;
    let native = world.native("alice").await;
    does(&world, &native, "bob", Deed::Subscribe { note: "hi".into() }).await;
    let (mut phone, _) = arrived(&world, "bob", "phone").await;
    assert_eq!(presence(&mut phone, "alice@localhost").await.get("type"), Some("subscribe"));
    let bobs = world.native("bob").await;
    does(&world, &bobs, "alice", put("Alice?")).await;
    push(&mut phone).await;
    phone.hears_nothing().await;
    phone.send("<presence type='unavailable'/>").await;
    phone.send("<presence/>").await;
    assert_eq!(presence(&mut phone, "alice@localhost").await.get("type"), Some("subscribe"), "it comes again");
    let (mut tablet, _) = arrived(&world, "bob", "tablet").await;
    assert_eq!(presence(&mut tablet, "alice@localhost").await.get("type"), Some("subscribe"));
    tablet.send("<presence type='unsubscribed' to='alice@localhost'/>").await;
    tablet.hears_nothing_but_pushes().await;
    let (mut late, _) = arrived(&world, "bob", "late").await;
    late.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_is_blocked_by_any_door_is_told_to_the_clients_that_asked_who_is() {
    let world = world().await;
    let native = world.native("alice").await;
    let (mut desk, _) = arrived(&world, "alice", "desk").await;
    let (mut other, _) = arrived(&world, "alice", "other").await;
    let list = desk.ask("get", "", "<blocklist xmlns='urn:xmpp:blocking'/>").await;
    assert_eq!(list.find(ns::BLOCKING, "blocklist").expect("a list").elements().count(), 0);
    let mut blocks = async |what: &str| {
        let push = next(&mut desk, |stanza| stanza.find(ns::BLOCKING, what).is_some()).await;
        let item = push.find(ns::BLOCKING, what).and_then(|what| what.find(ns::BLOCKING, "item"));
        (push.get("type").map(str::to_owned), item.and_then(|item| item.get("jid").map(str::to_owned)))
    };
    let bob = (Some("set".to_owned()), Some("bob@localhost".to_owned()));
    does(&world, &native, "bob", Deed::Block).await;
    assert_eq!(blocks("block").await, bob);
    does(&world, &native, "bob", put("not him")).await;
    does(&world, &native, "bob", Deed::Unblock).await;
    assert_eq!(blocks("unblock").await, bob);
    other
        .send("<iq type='set' id='k1'><block xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/></block></iq>")
        .await;
    assert_eq!(blocks("block").await, bob);
    next(&mut other, |stanza| stanza.get("id") == Some("k1")).await;
    other.hears_nothing_but_pushes().await;
    round(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_while_the_roster_is_asked_for_is_told() {
    let world = world().await;
    let bob = world.native("bob").await;
    let (mut alice, _) = arrived(&world, "alice", "desk").await;
    for number in 0..8 {
        world.clock.advance_ms(1_000);
        // Both are there when the server looks: whatever it takes first, the client is told of bob.
        alice.send("<iq type='get' id='both'><query xmlns='jabber:iq:roster'/></iq>").await;
        does(&world, &bob, "alice", Deed::Subscribe { note: format!("note {number}") }).await;
        let (mut answered, mut told) = (false, false);
        while !answered || !told {
            let stanza = alice.next().await;
            answered |= stanza.get("id") == Some("both");
            told |= stanza.get("type") == Some("subscribe");
        }
        does(&world, &bob, "alice", Deed::Withdraw).await;
    }
}
