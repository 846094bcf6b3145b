//! Where a message is: what an operator is told of its life, from the store and from what is remembered.

use belfry_domain::ports::{PageLimit, TracedEntry};
use belfry_domain::{Address, Code, DeviceId, MessageId, Retention, Seq};
use belfry_engine::{
    Caller, Command, Did, KeepMessages, Rate, Rates, Session, Settings, Told, Trace, TraceOf, TraceSide,
};

use crate::world::{World, caller, code, id, world};

const PAGE: PageLimit = PageLimit { entries: 100, bytes: 1 << 20 };

async fn two_people(settings: Settings) -> (World, Caller, Caller) {
    let world = world(settings);
    let alice = caller(&world.register("+4915100000001", "alice").await);
    let bob = caller(&world.register("+4915100000002", "bob").await);
    (world, alice, bob)
}

async fn trace(world: &World, message: MessageId) -> Trace {
    world.engine.admin_trace(TraceOf::Message(message)).await.expect("the message is known")
}

async fn trace_of(world: &World, from: &str, client_id: &str) -> Trace {
    let of = TraceOf::Sent { from: Address::parse(from).expect("an address"), client_id: id(client_id) };
    world.engine.admin_trace(of).await.expect("the message is known")
}

fn side<'a>(trace: &'a Trace, local: &str) -> &'a TraceSide {
    trace.sides.iter().find(|side| side.address.local() == local).expect("the side is there")
}

fn words(trace: &Trace) -> Vec<String> {
    let word = |did: Did| match did {
        Did::Accepted { .. } => "accepted".to_owned(),
        Did::Stored { .. } => "stored".into(),
        Did::Repeated(_) => "repeated".into(),
        Did::Refused { code, .. } => format!("refused {code}"),
        Did::Answered { .. } => "answered".into(),
        Did::Told { .. } => "told".into(),
        Did::Unwritten { why, .. } => format!("unwritten {}", why.map_or("left", Code::as_str)),
        Did::Acknowledged { .. } => "acknowledged".into(),
        Did::Read(_) => "read".into(),
        Did::Opened => "opened".into(),
        Did::Closed(why) => format!("closed {}", why.map_or("left", Code::as_str)),
        Did::Cut(code) => format!("cut {code}"),
    };
    trace.steps.iter().map(|step| format!("{} {}", step.address.local(), word(step.did))).collect()
}

async fn subscribed(world: &World, by: &Caller) -> Session {
    let mut session = world.engine.open_session(by.clone()).await.expect("connects");
    session.subscribe(world.sync(by, Seq::ZERO).await.key);
    session
}

async fn take(session: &mut Session) -> Seq {
    match session.take(PAGE).await.expect("the session is open") {
        Some(Told::Batch(batch)) => batch.key.passed(),
        other => panic!("nothing to tell: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_life_of_a_message_is_told_from_its_acceptance_to_its_reading() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let mut session = subscribed(&world, &bob).await;
    world.clock.advance_ms(10);
    let sent = world.send(&alice, "bob@localhost", "m-1", "a canary").await.expect("stored");
    world.clock.advance_ms(10);
    let waiting = trace(&world, sent.id).await;
    assert_eq!(words(&waiting), ["alice accepted", "bob stored"]);
    assert!(!side(&waiting, "bob").delivered && side(&waiting, "bob").devices[0].passed == Some(false));
    let key = take(&mut session).await;
    assert_eq!(trace(&world, sent.id).await.steps.len(), 2, "what is not written is not told");
    session.wrote();
    world.clock.advance_ms(10);
    world.acknowledge(&bob, key).await;
    world.acknowledge(&bob, key).await;
    world.clock.advance_ms(10);
    let read = Command::MarkRead { conversation: sent.id.conversation, read: sent.id.cseq };
    world.engine.execute(&bob, read).await.expect("marked");

    let whole = trace(&world, sent.id).await;
    assert_eq!(words(&whole), ["alice accepted", "bob stored", "bob told", "bob acknowledged", "bob read"]);
    assert_eq!(
        whole.by.as_ref().map(|(by, device)| (by.to_string(), *device)),
        Some(("alice@localhost".into(), DeviceId(1)))
    );
    assert_eq!((whole.accepted, whole.retention), (Some(sent.at), Some(Retention::Keep)));
    assert!(whole.remembered_since <= sent.at);
    let told = &whole.steps[2];
    assert!(told.link.is_some() && told.carrier == "test" && told.at > sent.at);
    let theirs = side(&whole, "bob");
    assert!(theirs.delivered && theirs.read && theirs.wrote == Some(false));
    assert!(theirs.devices[0].online && theirs.devices[0].delivered == Some(true));
    assert_eq!((side(&whole, "alice").wrote, side(&whole, "alice").place), (Some(true), Some(sent.seq)));
    assert!(!format!("{whole:?}").contains("canary"), "a trace has no part of the text");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_ends_before_its_write_says_so_with_the_reason() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let mut first = subscribed(&world, &bob).await;
    let sent = world.send(&alice, "bob@localhost", "m-1", "x").await.expect("stored");
    take(&mut first).await;
    let mut second = world.engine.open_session(bob.clone()).await.expect("connects");
    second.subscribe(Seq::ZERO);
    drop(first);
    take(&mut second).await;
    second.wrote();
    let steps = words(&trace(&world, sent.id).await);
    for step in ["bob unwritten superseded", "bob closed superseded", "bob told"] {
        assert!(steps.iter().any(|seen| seen == step), "{step} is not in {steps:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_drop_of_a_send_is_told_with_its_reason() {
    let rates = Rates { sends: Rate::per_second(2, 1), ..Rates::DEFAULT };
    let (world, alice, bob) = two_people(Settings { rates, ..Settings::default() }).await;
    let sent = world.send(&alice, "bob@localhost", "m-1", "x").await.expect("stored");
    assert!(world.send(&alice, "bob@localhost", "m-1", "x").await.expect("repeated").duplicate);
    assert_eq!(code(world.send(&alice, "bob@localhost", "m-2", "x").await), Code::RateLimited);
    let repeated = trace_of(&world, "alice@localhost", "m-1").await;
    assert_eq!(
        (repeated.id, words(&repeated)),
        (Some(sent.id), vec!["alice accepted".into(), "alice repeated".into(), "bob stored".into()])
    );
    let refused = trace_of(&world, "alice@localhost", "m-2").await;
    assert_eq!((refused.id, words(&refused)), (None, vec!["alice refused rate_limited".into()]));
    let unknown = TraceOf::Sent { from: Address::parse("alice@localhost").expect("an address"), client_id: id("m-3") };
    assert_eq!(code(world.engine.admin_trace(unknown).await), Code::NotFound);

    // The device that should get it is replaced by a new phone; then the account goes.
    world.clock.advance_ms(120_000);
    let phone = caller(&world.register("+4915100000002", "").await);
    let cut = trace(&world, sent.id).await;
    assert!(words(&cut).contains(&"bob cut replaced".to_owned()), "{:?}", words(&cut));
    let bobs = side(&cut, "bob");
    assert_eq!(bobs.devices_gone, [DeviceId(1)]);
    assert!(bobs.devices[0].added_after && bobs.devices[0].passed == Some(false));
    assert_ne!(format!("{:?}", phone.identity), format!("{:?}", bob.identity));
    world.engine.admin_remove_account(&Address::parse("bob@localhost").expect("an address")).await.expect("removed");
    let gone = trace(&world, sent.id).await;
    assert!(!side(&gone, "bob").there && side(&gone, "bob").entry == TracedEntry::Gone);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_kept_until_delivered_is_still_known_to_have_been() {
    let keep_messages = KeepMessages::UntilDelivered { at_most_ms: 1_000_000 };
    let (world, alice, bob) = two_people(Settings { keep_messages, ..Settings::default() }).await;
    let sent = world.send(&alice, "bob@localhost", "m-1", "x").await.expect("stored");
    let key = world.sync(&bob, Seq::ZERO).await.key;
    world.acknowledge(&bob, key).await;
    world.acknowledge(&alice, sent.seq).await;
    let trace = trace(&world, sent.id).await;
    assert_eq!((trace.retention, trace.accepted), (None, Some(sent.at)));
    assert_eq!(
        words(&trace),
        ["alice accepted", "alice acknowledged", "bob stored", "bob answered", "bob acknowledged"]
    );
    assert!(side(&trace, "bob").delivered && side(&trace, "bob").devices[0].delivered == Some(true));
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_is_bounded_and_a_trace_says_since_when() {
    let (world, alice, bob) = two_people(Settings { trace_steps: 640, ..Settings::default() }).await;
    let sent = world.send(&alice, "bob@localhost", "m-1", "x").await.expect("stored");
    world.clock.advance_ms(1_000);
    let key = world.sync(&bob, Seq::ZERO).await.key;
    for _ in 0..20 {
        world.clock.advance_ms(1);
        world.acknowledge(&bob, key.clone()).await;
    }
    let trace = trace(&world, sent.id).await;
    assert!(trace.remembered_since > sent.at, "the first steps were pushed out");
    assert_eq!(words(&trace), ["alice accepted", "bob acknowledged"]);
    assert!(side(&trace, "bob").delivered, "what is durable does not depend on what is remembered");
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_of_what_was_never_there_is_not_taken_for_one() {
    let (world, alice, bob) = two_people(Settings::default()).await;
    let sent = world.send(&alice, "bob@localhost", "m-1", "x").await.expect("stored");
    world.acknowledge(&bob, Seq(u64::MAX)).await;
    let trace = trace(&world, sent.id).await;
    assert_eq!(words(&trace), ["alice accepted", "bob stored"]);
    assert_eq!(side(&trace, "bob").devices[0].passed, Some(false));
    let later = MessageId { cseq: belfry_domain::Cseq(99), ..sent.id };
    assert_eq!(code(world.engine.admin_trace(TraceOf::Message(later)).await), Code::NotFound);
}
