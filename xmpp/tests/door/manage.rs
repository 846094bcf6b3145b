//! Counting stanzas and going on with a stream that broke. XEP-0198.

use belfry_domain::Content;
use belfry_xmpp::ns;

use crate::world::{Client, PASSWORD, World, on_this_machine};

const ENABLE: &str = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";

/// The next thing that is not a question for the count.
async fn next(client: &mut Client) -> belfry_xmpp::xml::Element {
    loop {
        let element = client.any().await;
        if !element.is(ns::MANAGEMENT, "r") {
            return element;
        }
    }
}

/// A client that counts, and the name of its stream.
async fn managed(world: &World, local: &str, resource: &str) -> (Client, String) {
    let mut client = world.bound(local, resource).await;
    client.send(ENABLE).await;
    let enabled = client.any().await;
    assert!(enabled.is(ns::MANAGEMENT, "enabled"), "{}", enabled.to_text());
    assert_eq!(enabled.get("resume"), Some("true"));
    let name = enabled.get("id").expect("a name").to_owned();
    client.send("<presence/>").await;
    client.hears_about_itself().await;
    (client, name)
}

/// A stream that is to go on with another; the server's answer.
async fn resume(world: &World, local: &str, name: &str, count: u32) -> (Client, belfry_xmpp::xml::Element) {
    let (mut client, _) = world.open(on_this_machine()).await;
    client.plain(local, PASSWORD).await;
    client.send(&format!("<resume xmlns='urn:xmpp:sm:3' previd='{name}' h='{count}'/>")).await;
    let answer = client.any().await;
    (client, answer)
}

async fn text(client: &mut Client) -> String {
    next(client).await.find(ns::CLIENT, "body").expect("a text").own_text()
}

async fn counts(client: &mut Client) -> u32 {
    client.send("<r xmlns='urn:xmpp:sm:3'/>").await;
    let answer = next(client).await;
    assert!(answer.is(ns::MANAGEMENT, "a"), "{}", answer.to_text());
    answer.get("h").expect("a count").parse().expect("a number")
}

#[tokio::test(start_paused = true)]
async fn the_server_counts_what_it_has_stored_and_the_client_what_it_has_been_told() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let (mut alice, _) = managed(&world, "alice", "desk").await;
    assert_eq!(counts(&mut alice).await, 1, "the presence");
    alice.say("bob", "m1", "one").await;
    alice.say("nobody", "m2", "refused is handled too").await;
    assert_eq!(next(&mut alice).await.get("type"), Some("error"));
    assert_eq!(counts(&mut alice).await, 3);
    assert_eq!(world.read(&bob).await.0, ["one"]);
    world.says(&bob, "alice", "n1", Content::text("hello")).await;
    assert_eq!(text(&mut alice).await, "hello");
    assert_eq!(world.read(&bob).await.1, None);
    alice.send("<a xmlns='urn:xmpp:sm:3' h='3'/>").await; // its presence, the error and the message
    counts(&mut alice).await;
    assert_eq!(world.read(&bob).await.1, Some((2, 0)));
    alice.send("<a xmlns='urn:xmpp:sm:3' h='99'/>").await;
    assert_eq!(alice.ended().await, "undefined-condition");
}

#[tokio::test(start_paused = true)]
async fn a_client_is_asked_for_its_count_now_and_then_however_much_it_is_told() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let (mut alice, _) = managed(&world, "alice", "desk").await;
    let mut asked = 0;
    let mut count = 1; // its presence
    for n in 0..20 {
        world.says(&bob, "alice", &format!("n{n}"), Content::text("hello")).await;
        loop {
            let element = alice.any().await;
            if !element.is(ns::MANAGEMENT, "r") {
                break;
            }
            asked += 1;
            alice.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{count}'/>")).await;
        }
        count += 1;
    }
    assert!((1..=8).contains(&asked), "asked {asked} times while no time went by");
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    assert!(alice.any().await.is(ns::MANAGEMENT, "r"), "it is asked once more, for the rest");
    alice.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{count}'/>")).await;
    counts(&mut alice).await;
    assert_eq!(world.read(&bob).await.1, Some((20, 0)));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_broke_goes_on_without_loss_and_without_doubles() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let (mut alice, name) = managed(&world, "alice", "desk").await;
    alice.say("bob", "m1", "stored").await;
    assert_eq!(counts(&mut alice).await, 2);
    for n in 1..=3 {
        world.says(&bob, "alice", &format!("n{n}"), Content::text(format!("text {n}"))).await;
        assert_eq!(text(&mut alice).await, format!("text {n}"));
    }
    drop(alice);
    world.says(&bob, "alice", "n4", Content::text("text 4")).await;
    let (mut alice, answer) = resume(&world, "alice", &name, 3).await;
    assert!(answer.is(ns::MANAGEMENT, "resumed"), "{}", answer.to_text());
    assert_eq!((answer.get("previd"), answer.get("h")), (Some(name.as_str()), Some("2")));
    assert_eq!(text(&mut alice).await, "text 3", "the two that it had are not told again");
    assert_eq!(text(&mut alice).await, "text 4");
    assert_eq!(world.read(&bob).await.1, Some((3, 0)), "what it said to have counts");
    alice.send("<a xmlns='urn:xmpp:sm:3' h='5'/>").await;
    assert_eq!(counts(&mut alice).await, 2);
    assert_eq!(world.read(&bob).await.1, Some((5, 0)));
    alice.say("bob", "m1", "stored").await;
    assert_eq!(counts(&mut alice).await, 3);
    assert_eq!(world.read(&bob).await.0.iter().filter(|text| *text == "stored").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_goes_on_also_where_the_server_believes_the_old_one_alive() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let (mut old, name) = managed(&world, "alice", "desk").await;
    counts(&mut old).await;
    let (mut new, answer) = resume(&world, "alice", &name, 1).await;
    assert!(answer.is(ns::MANAGEMENT, "resumed"), "{}", answer.to_text());
    assert_eq!(old.ended().await, "conflict");
    world.says(&bob, "alice", "n1", Content::text("hello")).await;
    assert_eq!(text(&mut new).await, "hello");
    drop(new);
    let (mut newer, answer) = resume(&world, "alice", &name, 1).await;
    assert!(answer.is(ns::MANAGEMENT, "resumed"), "a second time under the same name");
    assert_eq!(text(&mut newer).await, "hello");
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_somebody_else_or_one_that_was_closed_does_not_go_on() {
    let world = World::new().await;
    let (mut alice, name) = managed(&world, "alice", "desk").await;
    for (local, name) in [("bob", name.as_str()), ("alice", "unknown"), ("alice", "")] {
        let (mut client, answer) = resume(&world, local, name, 0).await;
        assert!(answer.find(ns::STANZA_ERRORS, "item-not-found").is_some(), "{}", answer.to_text());
        client.bind("anew").await;
    }
    alice.send("</stream:stream>").await;
    while alice.item().await.is_some_and(|item| item != belfry_xmpp::xml::Item::Close) {}
    alice.outcome().await;
    let (_, answer) = resume(&world, "alice", &name, 0).await;
    assert!(answer.find(ns::STANZA_ERRORS, "item-not-found").is_some());
    // And one that broke, after its time.
    let (phone, name) = managed(&world, "alice", "phone").await;
    drop(phone);
    tokio::time::sleep(std::time::Duration::from_secs(601)).await;
    let (_, answer) = resume(&world, "alice", &name, 0).await;
    assert!(answer.find(ns::STANZA_ERRORS, "item-not-found").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_counts_holds_up_nobody_and_loses_nothing() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let (mut alice, _) = managed(&world, "alice", "desk").await;
    counts(&mut alice).await;
    for n in 0..1_300 {
        world.says(&bob, "alice", &format!("n{n}"), Content::text(format!("text {n}"))).await;
    }
    let mut heard = 0;
    while heard < 999 {
        assert_eq!(text(&mut alice).await, format!("text {heard}"));
        heard += 1;
    }
    // A page may have been begun when the list was full; then it waits.
    alice.send("<a xmlns='urn:xmpp:sm:3' h='1000'/>").await;
    while heard < 1_300 {
        assert_eq!(text(&mut alice).await, format!("text {heard}"));
        heard += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn counting_begins_once_and_after_a_resource_is_bound() {
    let world = World::new().await;
    let (mut client, _) = world.open(on_this_machine()).await;
    client.plain("alice", PASSWORD).await;
    client.send(ENABLE).await;
    assert_eq!(client.ended().await, "not-authorized");
    let (mut alice, _) = managed(&world, "alice", "desk").await;
    alice.send(ENABLE).await;
    assert!(next(&mut alice).await.find(ns::STANZA_ERRORS, "unexpected-request").is_some());
}
