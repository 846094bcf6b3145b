//! What waits while nobody looks at a client. XEP-0352.

use belfry_domain::{Content, Deed};
use belfry_engine::{Availability, Caller, Command};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::people::{round, world};
use crate::sasl2::{DESK, identifier};
use crate::world::{World, address, on_this_machine};

const INACTIVE: &str = "<inactive xmlns='urn:xmpp:csi:0'/>";

async fn contact(world: &World, of: &Caller, with: &str, deed: Deed) {
    let command = Command::ChangeContact { with: address(with), deed };
    world.engine.execute(of, command).await.expect("done");
}

async fn is(world: &World, who: &Caller, availability: Availability) {
    let command = Command::SetPresence { availability, status: String::new(), priority: 0 };
    world.engine.execute(who, command).await.expect("said");
}

fn show(stanza: &Element) -> String {
    assert_eq!(&*stanza.name, "presence", "{}", stanza.to_text());
    stanza.find(ns::CLIENT, "show").map_or_else(String::new, Element::own_text)
}

/// alice sees how bob is there.
async fn befriended(world: &World) -> (Caller, Caller) {
    let (alice, bob) = (world.native("alice").await, world.native("bob").await);
    contact(world, &alice, "bob", Deed::Subscribe { note: String::new() }).await;
    contact(world, &bob, "alice", Deed::Subscribed).await;
    (alice, bob)
}

#[tokio::test(start_paused = true)]
async fn while_nobody_looks_presences_wait_and_messages_do_not_and_the_newest_presence_goes_before_them() {
    let world = world().await;
    let (_, bob) = befriended(&world).await;
    let mut session = world.engine.open_session(bob.clone()).await.expect("a link");
    session.subscribe(belfry_domain::SyncKey::default());
    round(&world).await;
    let mut alice = world.available("alice", "phone").await;
    let first = alice.next().await;
    assert_eq!(first.name, "presence");
    alice.send(INACTIVE).await;
    alice.hears_nothing().await;
    for availability in [Availability::Away, Availability::Busy, Availability::LongAway] {
        is(&world, &bob, availability).await;
        round(&world).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    world.says(&bob, "alice", "b0", Content::text("look")).await;
    assert_eq!(show(&alice.next().await), "xa", "the others were left out");
    assert_eq!(alice.hears().await, "look");
    is(&world, &bob, Availability::Away).await;
    round(&world).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    alice.send("<active xmlns='urn:xmpp:csi:0'/>").await;
    assert_eq!(show(&alice.next().await), "away", "it waited for somebody to look");
    is(&world, &bob, Availability::Busy).await;
    round(&world).await;
    assert_eq!(show(&alice.next().await), "dnd", "and now nothing waits");
}

#[tokio::test(start_paused = true)]
async fn who_is_writing_waits_too_and_a_stream_begins_with_somebody_looking() {
    let world = world().await;
    let (_, bob) = befriended(&world).await;
    world.says(&bob, "alice", "b0", Content::text("hello")).await;
    let mut alice = world.available("alice", "phone").await;
    assert_eq!(alice.hears().await, "hello");
    let writes = |active| Command::Typing { to: address("alice"), active };
    world.engine.execute(&bob, writes(true)).await.expect("told");
    let state = alice.next().await;
    assert!(state.find(ns::CHAT_STATES, "composing").is_some(), "{}", state.to_text());
    alice.send(INACTIVE).await;
    alice.hears_nothing().await;
    world.engine.execute(&bob, writes(false)).await.expect("told");
    world.engine.execute(&bob, writes(true)).await.expect("told");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    alice.send("<active xmlns='urn:xmpp:csi:0'/>").await;
    let state = alice.next().await;
    assert!(state.find(ns::CHAT_STATES, "composing").is_some(), "{}", state.to_text());
    alice.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_binds_in_one_step_may_begin_with_nobody_looking() {
    let world = world().await;
    let (_, bob) = befriended(&world).await;
    let mut session = world.engine.open_session(bob.clone()).await.expect("a link");
    session.subscribe(belfry_domain::SyncKey::default());
    round(&world).await;
    let (mut alice, features) = world.open(on_this_machine()).await;
    assert!(features.to_text().contains("<feature var='urn:xmpp:csi:0'/>"), "{}", features.to_text());
    let wishes = format!("<user-agent id='{DESK}'/><bind xmlns='urn:xmpp:bind:0'>{INACTIVE}</bind>");
    alice.jid = identifier(&alice.in_one_step("alice", &wishes).await);
    alice.send("<presence/>").await;
    alice.hears_about_itself().await;
    for availability in [Availability::Away, Availability::Busy] {
        is(&world, &bob, availability).await;
        round(&world).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    world.says(&bob, "alice", "b0", Content::text("look")).await;
    assert_eq!(show(&alice.next().await), "dnd", "what was before it was left out");
    assert_eq!(alice.hears().await, "look");
}
