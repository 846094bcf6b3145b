//! Resources as promises: XMPP clients of an account are told one by one, to those who may know it and to nobody else.

use std::sync::Arc;

use belfry_domain::{Audience, Deed, Secret};
use belfry_engine::Availability::{self, Away, Busy, Offline, Online};
use belfry_engine::{Agent, Bound, Caller, Resource};

use crate::presence_world::*;
use crate::world::{World, nobody};

/// An XMPP client of somebody.
pub(crate) async fn client(world: &World, name: &str, resource: &str) -> Caller {
    let password = Secret::new("correct horse".to_owned());
    let proved = world.engine.password_prove(&nobody(), at(name), password).await.expect("the password is right");
    let Bound { identity, .. } =
        world.engine.bind(&proved, &Agent::Named(resource.to_owned())).await.expect("there is room");
    Caller { identity, ..nobody() }
}

fn resource(name: &str, availability: Availability, priority: i8, extension: &str) -> Resource {
    let (name, status, extension) = (Some(Arc::from(name)), String::new(), Arc::from(extension));
    Resource { name, availability, status, priority, extension }
}

/// A client that is there.
pub(crate) async fn is_there(world: &World, name: &str, called: &str, priority: i8) -> (Caller, Linked) {
    let caller = client(world, name, called).await;
    let linked = Linked::open(world, &caller).await;
    linked.session.is_called(called);
    world.engine.resource_presence(&caller, resource(called, Online, priority, "")).expect("it is said");
    (caller, linked)
}

/// The resources of somebody as a link was told them: name, how, priority and what else.
fn seen(by: &Linked, name: &str) -> Vec<(String, Availability, i8, String)> {
    let known = by.knows.get(name).map(|presence| presence.resources.to_vec()).unwrap_or_default();
    let one = |one: &Arc<Resource>| {
        let name = one.name.as_deref().unwrap_or("-").to_owned();
        (name, one.availability, one.priority, one.extension.to_string())
    };
    known.iter().map(one).collect()
}

fn names(by: &Linked, name: &str) -> Vec<String> {
    seen(by, name).into_iter().map(|(name, ..)| name).collect()
}

#[tokio::test(start_paused = true)]
async fn each_client_is_told_with_its_priority_and_what_else_it_says_and_native_devices_are_one() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let (_, mut at_bob) = is_there(&world, "bob", "bobs", 0).await;
    let (_phone, _tablet) =
        (Linked::open(&world, &alice).await, Linked::open(&world, &person(&world, "alice").await).await);
    let (desk, at_desk) = is_there(&world, "alice", "desk", -5).await;
    world.engine.resource_presence(&desk, resource("desk", Busy, -5, "<c/>")).expect("it is said");
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    assert_eq!(at_bob.sees("alice"), Online, "the one presence is the best of all");
    assert_eq!(
        seen(&at_bob, "alice"),
        [("-".to_owned(), Online, 0, String::new()), ("desk".to_owned(), Busy, -5, "<c/>".to_owned())]
    );
    world.engine.resource_presence(&desk, resource("desk", Busy, 7, "<c/>")).expect("it is said");
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Online), "a change of one resource is one");
    assert_eq!(seen(&at_bob, "alice")[1].2, 7);
    drop(at_desk);
    pass(&world, 9_500).await;
    assert_eq!(at_bob.told().await, [], "it may be back in a moment");
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    assert_eq!(names(&at_bob, "alice"), ["-"]);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_goodbye_goes_at_once_and_one_that_comes_back_makes_no_wave() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let (_, mut at_bob) = is_there(&world, "bob", "bobs", 0).await;
    let _phone = Linked::open(&world, &alice).await;
    let (desk, at_desk) = is_there(&world, "alice", "desk", 0).await;
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    drop(at_desk);
    pass(&world, 5_000).await;
    let mut at_desk = Linked::open(&world, &desk).await;
    world.engine.resource_presence(&desk, resource("desk", Online, 0, "")).expect("it is said");
    pass(&world, ALL_MS).await;
    assert_eq!((at_bob.told().await, names(&at_bob, "alice")), (vec![], vec!["-".to_owned(), "desk".to_owned()]));
    at_desk.session.leaves();
    drop(at_desk);
    pass(&world, 1_500).await;
    at_bob.told().await;
    assert_eq!(names(&at_bob, "alice"), ["-"]);
}

#[tokio::test(start_paused = true)]
async fn an_account_shows_its_clients_to_each_other_whatever_it_hides() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    shows(&world, &alice, Audience::Nobody).await;
    let (_, mut at_bob) = is_there(&world, "bob", "bobs", 0).await;
    let mut at_phone = Linked::open(&world, &alice).await;
    let (_, mut at_desk) = is_there(&world, "alice", "desk", 0).await;
    pass(&world, ALL_MS).await;
    at_desk.told().await;
    let (tablet, _at_tablet) = is_there(&world, "alice", "tablet", 0).await;
    pass(&world, ALL_MS).await;
    at_desk.told().await;
    assert_eq!(names(&at_desk, "alice"), ["-", "desk", "tablet"]);
    world.engine.resource_presence(&tablet, resource("tablet", Offline, 0, "")).expect("it is said");
    pass(&world, ALL_MS).await;
    at_desk.told().await;
    assert_eq!(names(&at_desk, "alice"), ["-", "desk"]);
    let mut bob_is_told = at_bob.told().await;
    bob_is_told.retain(|(who, _)| who != "bob");
    assert_eq!((bob_is_told, at_phone.told().await), (vec![], vec![]), "hidden, and nothing for other doors");
    let (_, mut late) = is_there(&world, "alice", "late", 0).await;
    late.told().await;
    assert!(names(&late, "alice").contains(&"desk".to_owned()), "who comes is told at once");
}

#[tokio::test(start_paused = true)]
async fn who_was_not_let_in_sees_no_resources_and_who_is_blocked_nothing() {
    let (world, [alice, bob, carol]) = town(["alice", "bob", "carol"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    for person in [&alice, &bob, &carol] {
        shows(&world, person, Audience::Everyone).await;
    }
    let (bobs, mut at_bob) = is_there(&world, "bob", "bobs", 0).await;
    let (carols, mut at_carol) = is_there(&world, "carol", "carols", 0).await;
    let (desk, _at_desk) = is_there(&world, "alice", "desk", 0).await;
    pass(&world, ALL_MS).await;
    let watched = watches(&world, &carols, &["alice"]).await.expect("answered");
    assert_eq!((watched[0].availability, watched[0].resources.len()), (Online, 0));
    let probed = world.engine.probe(&carols, &at("alice")).await.expect("answered").expect("shown to everyone");
    assert_eq!((probed.availability, probed.resources.len()), (Online, 0));
    let probed = world.engine.probe(&bobs, &at("alice")).await.expect("answered").expect("let in");
    assert_eq!(probed.resources.len(), 1);
    world.engine.resource_presence(&desk, resource("desk", Away, 3, "<c/>")).expect("it is said");
    pass(&world, ALL_MS).await;
    at_carol.told().await;
    assert_eq!((at_carol.sees("alice"), names(&at_carol, "alice").len()), (Away, 0));
    at_bob.told().await;
    assert_eq!(names(&at_bob, "alice"), ["desk"]);

    does(&world, &alice, "bob", Deed::Block).await;
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    assert_eq!((at_bob.sees("alice"), names(&at_bob, "alice").len()), (Offline, 0));
    world.engine.resource_presence(&desk, resource("desk", Busy, 4, "")).expect("it is said");
    world
        .engine
        .directed_presence(&desk, (&at("bob"), Some("bobs")), resource("desk", Busy, 4, ""))
        .await
        .expect("nothing");
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, []);
    assert_eq!(world.engine.probe(&bobs, &at("alice")).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn presence_to_one_resource_is_for_it_alone_and_lies_over_what_all_are_shown() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let (_, mut at_one) = is_there(&world, "bob", "one", 0).await;
    let (_, mut at_two) = is_there(&world, "bob", "two", 0).await;
    let (desk, _at_desk) = is_there(&world, "alice", "desk", 0).await;
    let (_, _at_tablet) = is_there(&world, "alice", "tablet", 0).await;
    pass(&world, ALL_MS).await;
    at_one.told().await;
    at_two.told().await;
    let said = resource("desk", Away, 9, "<x/>");
    world.engine.directed_presence(&desk, (&at("bob"), Some("one")), said).await.expect("told");
    assert_eq!(at_two.told().await, [], "not for this one");
    at_one.told().await;
    assert_eq!(names(&at_one, "alice"), ["desk", "tablet"], "the others are as they were");
    assert_eq!(seen(&at_one, "alice")[0], ("desk".to_owned(), Away, 9, "<x/>".to_owned()));
    world.engine.resource_presence(&desk, resource("desk", Offline, 0, "")).expect("it is said");
    at_one.told().await;
    assert_eq!(seen(&at_one, "alice")[0].1, Online, "it takes back what it said, and all are told in their turn");
    pass(&world, ALL_MS).await;
    at_one.told().await;
    assert_eq!(names(&at_one, "alice"), ["tablet"]);
}

#[tokio::test(start_paused = true)]
async fn doors_that_show_an_account_as_one_are_not_told_of_its_resources() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    let mut at_bob = Linked::open(&world, &bob).await;
    let (desk, _at_desk) = is_there(&world, "alice", "desk", 0).await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Online));
    world.engine.resource_presence(&desk, resource("desk", Online, 5, "<c/>")).expect("it is said");
    let (_, _at_tablet) = is_there(&world, "alice", "tablet", 0).await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, [], "for it nothing has changed");
}
