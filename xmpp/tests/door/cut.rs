//! Streams cut at every byte, in both directions: what was sent comes once and in order, whatever was cut.
//!
//! The usual run takes every `STRIDE`th byte; `BELFRY_EVERY_BYTE=1` takes all of them. The random run takes its seed from
//! `BELFRY_SEED`. How many were cut is printed.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::{Author, Content, Item as Item_, Message};
use belfry_engine::{Caller, Command};

use crate::careful::{Careful, Cut, Direction, How};
use crate::world::World;

/// Bytes between two cuts of the usual run; prime, so that it falls into all parts of stanzas.
const STRIDE: u64 = 11;

fn stride() -> u64 {
    if std::env::var_os("BELFRY_EVERY_BYTE").is_some() { 1 } else { STRIDE }
}

async fn world() -> World {
    World::with(|settings| settings.scram_iterations = 1).await
}

/// The messages of an account in the order of its log, by who wrote them.
async fn messages(world: &World, of: &Caller) -> Vec<Arc<Message>> {
    let entries = world.entries(of).await;
    let messages = entries.iter().filter_map(|entry| match &entry.item {
        Item_::Message(said) => Some(said.clone()),
        _ => None,
    });
    messages.collect()
}

fn texts_by(messages: &[Arc<Message>], local: &str) -> Vec<String> {
    let by = |said: &&Arc<Message>| matches!(&said.author, Author::Account { address, .. } if address.local() == local);
    messages.iter().filter(by).map(|said| said.content.text.clone()).collect()
}

/// Has read all that came.
async fn reads(world: &World, by: &Caller) {
    let entries = world.entries(by).await;
    let seq = entries.last().expect("something came").seq;
    world.engine.execute(by, Command::Acknowledge { passed: seq, delivered: seq }).await.expect("acknowledged");
    let last = messages(world, by).await.pop().expect("a message").id;
    let command = Command::MarkRead { conversation: last.conversation, read: last.cseq };
    world.engine.execute(by, command).await.expect("read");
}

fn ids(letter: char, numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    numbers.map(|n| format!("{letter}{n}")).collect()
}

/// The whole session with one cut.
async fn session(how: How, cut: &Rc<Cut>) {
    let world = world().await;
    let bob = world.native("bob").await;
    let mut alice = Careful::new(&world, "alice", how, cut.clone());
    alice.recover().await;
    for id in ids('a', 1..=3) {
        alice.message("bob", &id).await;
    }
    alice.settle().await;
    for id in ids('b', 1..=3) {
        world.says(&bob, "alice", &id, Content::text(id.clone())).await;
    }
    alice.until("b3", |alice| alice.texts.len() >= 3).await;
    alice.say("<iq type='get' id='q1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>".to_owned()).await;
    alice.until("an answer", |alice| !alice.answered.is_empty()).await;
    reads(&world, &bob).await;
    alice.until("a mark", |alice| !alice.displayed.is_empty()).await;
    alice.say("<presence><show>away</show></presence>".to_owned()).await;
    alice.message("bob", "a4").await;
    world.says(&bob, "alice", "b4", Content::text("b4")).await;
    alice.until("b4", |alice| alice.texts.len() >= 4).await;
    alice.settle().await;
    reads(&world, &bob).await;
    alice.until("the last mark", |alice| alice.displayed.last().is_some_and(|id| id == "a4")).await;
    // What else there is has come by now.
    alice.listen(Duration::from_secs(1)).await;

    assert_eq!(texts_by(&messages(&world, &bob).await, "alice"), ids('a', 1..=4), "each once, in order");
    assert_eq!(alice.texts, ids('b', 1..=4), "each once, in order");
    if how.resumes {
        assert!(alice.again.is_empty(), "told twice: {:?}", alice.again);
        assert_eq!(alice.received, ids('a', 1..=4), "each receipt once, in order");
        assert_eq!(alice.answered, ["q1"], "one answer");
        assert_eq!(alice.displayed.iter().filter(|id| *id == "a4").count(), 1, "{:?}", alice.displayed);
    }
    assert_eq!(world.engine.metrics().panics.load(Ordering::Relaxed), 0);
    world.stop.cancel();
}

async fn at_every_byte(how: How) {
    let whole = Cut::never();
    session(how, &whole).await;
    let (mut cuts, mut fired) = (0_u64, 0_u64);
    for direction in [Direction::Up, Direction::Down] {
        let total = whole.total(direction);
        assert!(total > 1_000, "only {total} bytes");
        for at in (cuts % stride()..total).step_by(stride() as usize) {
            let cut = Cut::new(direction, at);
            println!("{how:?}, {direction:?} {at}"); // shown where it fails
            session(how, &cut).await;
            (cuts, fired) = (cuts + 1, fired + u64::from(cut.done()));
        }
        println!("{how:?} {direction:?}: {total} bytes");
    }
    println!("{how:?}: {cuts} sessions, {fired} of them cut");
    assert!(fired * 100 >= cuts * 95, "only {fired} of {cuts} sessions were cut");
}

#[tokio::test(start_paused = true)]
async fn a_stream_cut_at_any_byte_goes_on_with_nothing_lost_doubled_or_reordered() {
    at_every_byte(How { resumes: true, origin: true }).await;
}

#[tokio::test(start_paused = true)]
async fn the_counts_alone_let_no_message_be_lost_or_doubled_where_it_has_no_id_of_its_own() {
    at_every_byte(How { resumes: true, origin: false }).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_must_log_in_anew_after_a_cut_at_any_byte_loses_and_doubles_nothing() {
    at_every_byte(How { resumes: false, origin: true }).await;
}

#[tokio::test(start_paused = true)]
async fn a_login_cut_at_any_byte_leaves_no_session_and_no_place_taken() {
    let whole = Cut::never();
    let world = world().await;
    let how = How { resumes: true, origin: true };
    let mut uncut = Careful::new(&world, "alice", how, whole.clone());
    uncut.connect().await.expect("it is there");
    uncut.drop_out();
    for direction in [Direction::Up, Direction::Down] {
        for at in (0..whole.total(direction)).step_by(stride().min(3) as usize) {
            let cut = Cut::new(direction, at);
            let mut client = Careful::new(&world, "alice", how, cut.clone());
            if client.connect().await.is_ok() {
                client.listen(Duration::from_millis(1)).await;
            }
            client.drop_out();
            tokio::time::sleep(Duration::from_millis(10)).await;
            let metrics = world.engine.metrics();
            let left = (metrics.sessions.load(Ordering::Relaxed), world.door.waiting());
            assert_eq!(left, (0, 0), "{direction:?} {at}: sessions and places that are left");
            assert_eq!(metrics.panics.load(Ordering::Relaxed), 0, "{direction:?} {at}");
        }
    }
}

/// A small generator whose whole state is its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

/// Two clients write to each other while their connections break anywhere; now and then one begins a new stream.
async fn storm(seed: u64, steps: u32) {
    let mut dice = Dice(seed);
    let world = world().await;
    let (at_alice, at_bob) = (world.native("alice").await, world.native("bob").await);
    let how = How { resumes: true, origin: true };
    let mut clients = ["alice", "bob"].map(|local| Careful::new(&world, local, how, Cut::never()));
    let (mut said, mut breaks, mut forgot) = ([0_u32; 2], 0_u32, [false; 2]);
    for _ in 0..steps {
        let who = dice.below(2) as usize;
        let client = &mut clients[who];
        client.recover().await;
        match dice.below(10) {
            0..=3 => {
                said[who] += 1;
                let id = format!("{}{}", ["a", "b"][who], said[who]);
                client.message(["bob", "alice"][who], &id).await;
            }
            4..=6 => client.listen(Duration::from_millis(dice.below(50))).await,
            7 => {
                let direction = if dice.below(2) == 0 { Direction::Up } else { Direction::Down };
                client.cut = Cut::new(direction, dice.below(1_500));
                breaks += 1;
            }
            8 => {
                client.drop_out();
                breaks += 1;
            }
            _ if dice.below(8) == 0 => {
                client.forget_stream();
                forgot[who] = true;
            }
            _ => client.settle().await,
        }
    }
    for client in &mut clients {
        client.cut = Cut::never();
        client.recover().await;
        client.settle().await;
    }
    for who in 0..2 {
        let all = said[1 - who] as usize;
        clients[who].until("all", |client| client.texts.len() >= all).await;
        clients[who].listen(Duration::from_secs(1)).await;
    }
    for (who, native) in [at_alice, at_bob].iter().enumerate() {
        let stored = messages(&world, native).await;
        for (local, letter, count) in [("alice", 'a', said[0]), ("bob", 'b', said[1])] {
            assert_eq!(texts_by(&stored, local), ids(letter, 1..=count), "seed {seed}: stored");
        }
        let client = &clients[who];
        assert_eq!(client.texts, ids(['b', 'a'][who], 1..=said[1 - who]), "seed {seed}: heard");
        assert!(forgot[who] || client.again.is_empty(), "seed {seed}: told twice on one stream: {:?}", client.again);
    }
    let (resumed, begun) = (clients[0].resumed + clients[1].resumed, clients[0].begun + clients[1].begun);
    println!("seed {seed}: {said:?} said, {breaks} breaks, {resumed} resumed, {begun} begun");
    world.stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn two_clients_whose_streams_break_anywhere_have_every_message_once_and_in_order() {
    let seed = std::env::var("BELFRY_SEED").ok().and_then(|seed| seed.parse().ok());
    match seed {
        Some(seed) => storm(seed, 2_000).await,
        None => {
            for seed in 1..=8 {
                storm(seed, 300).await;
            }
        }
    }
}
