//! Clients that are killed at any moment: nothing is lost, nothing is doubled, and the order holds.
//!
//! Once by dropping everything a client runs on, a thousand times over; and some times by SIGKILL to a process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::fake::Fake;
use belfry_client::{Client, ClientConfig, ClientEvent, Environment, Events, ServerAddress, System};

const ALICE: &str = "alice@x";
const BOB: &str = "bob@x";
const ROUNDS: u32 = 1_000;
const PROCESSES: u32 = 40;

/// Says so to the process that is to be killed.
const CHILD: &str = "BELFRY_KILL_TEST_CHILD";

fn random(below: u64) -> u64 {
    System.random_u64() % below
}

fn config(fake: &Fake, store: &Path) -> ClientConfig {
    let mut config = ClientConfig::new(vec![ServerAddress::noise("fake", 1)]).with_store(store);
    config.dialer = Arc::new(fake.clone());
    config.short_link = false;
    config
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Reads events for a moment: a client whose events nobody reads waits for the reader, and sends nothing meanwhile.
async fn read_on(events: &mut Events) {
    let moment = tokio::time::sleep(Duration::from_millis(5));
    tokio::pin!(moment);
    loop {
        tokio::select! {
            () = &mut moment => return,
            event = events.next() => drop(event.expect("the client runs")),
        }
    }
}

/// Lets a client finish, and compares what it has with what the server has.
async fn check(config: ClientConfig, fake: &Fake, accepted: &[String]) {
    let (client, mut events) = Client::open(config).await.expect("opens");
    while events.next().await.expect("the client runs") != ClientEvent::CaughtUp {}
    let deadline = Instant::now() + Duration::from_secs(60);
    while client.outbox_len().await.expect("read") > 0 {
        assert!(Instant::now() < deadline, "the outbox does not become empty");
        read_on(&mut events).await;
    }
    let kept: Vec<String> = client
        .messages(BOB, None, 100_000)
        .await
        .expect("read")
        .into_iter()
        .map(|message| message.text().to_owned())
        .collect();
    assert_eq!(kept, fake.texts(ALICE), "the store has what the server has, in its order, once");
    let mine: Vec<&String> = kept.iter().filter(|text| text.starts_with("mine")).collect();
    let accepted: Vec<&String> = accepted.iter().collect();
    assert_eq!(mine, accepted, "what was accepted was sent, once and in order");
    client.close().await;
}

#[test]
fn a_client_that_is_dropped_at_any_moment_loses_and_doubles_nothing() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
    let fake = servers.block_on(async { Fake::new() });
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store.sqlite");
    let first = runtime();
    first.block_on(async {
        let (client, mut events) = Client::open(config(&fake, &store)).await.expect("opens");
        client.add_device(ALICE, "right", "test").await.expect("logs in");
        while events.next().await.expect("the client runs") != ClientEvent::CaughtUp {}
        client.close().await;
    });
    drop(first);
    let mut accepted = Vec::new();
    for round in 0..ROUNDS {
        for number in 0..random(3) {
            fake.say(BOB, ALICE, &format!("theirs {round}.{number}"));
        }
        fake.state.lock().lose_send_answers = u32::from(random(8) == 0);
        let runtime = runtime();
        runtime.block_on(async {
            let (client, _events) = Client::open(config(&fake, &store)).await.expect("opens");
            if random(2) == 0 {
                let text = format!("mine {round}");
                client.send(BOB, &text).await.expect("written");
                accepted.push(text);
            }
            // A step of the client is some of these; at the end of the range it is mostly through.
            for _ in 0..random(60) {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(Duration::from_micros(random(3_000))).await;
        });
        // Drops every task where it stands; what a thread is writing, it writes.
        runtime.shutdown_background();
    }
    runtime().block_on(check(config(&fake, &store), &fake, &accepted));
}

#[test]
fn a_client_that_is_killed_by_the_system_loses_and_doubles_nothing() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
    let (fake, port) = servers.block_on(async {
        let fake = Fake::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let port = listener.local_addr().expect("an address").port();
        let serving = fake.clone();
        tokio_util::task::TaskTracker::new().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.accept(stream);
            }
        });
        (fake, port)
    });
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store.sqlite");
    let place = format!("{port} {}", store.display());
    // Where a process takes long to begin, it is given more: it is to be killed while it writes, not always before.
    let mut reach_us = 80_000;
    for round in 0..PROCESSES {
        let before = fake.texts(ALICE).len();
        fake.say(BOB, ALICE, &format!("theirs {round}"));
        let this = std::env::current_exe().expect("this test");
        let mut child = Command::new(this)
            .args(["--exact", "kill::the_process_that_is_killed", "--nocapture"])
            .env(CHILD, &place)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        std::thread::sleep(Duration::from_micros(20_000 + random(reach_us)));
        child.kill().expect("killed");
        child.wait().expect("gone");
        if !fake.texts(ALICE)[before..].iter().any(|text| text.starts_with("mine")) {
            reach_us = (reach_us * 5 / 4).min(2_000_000);
        }
    }
    let mut config = ClientConfig::new(vec![ServerAddress::noise("127.0.0.1", port)]).with_store(&store);
    config.short_link = false;
    // What the killed processes had accepted, the store and the server know by now; the numbers have no gap.
    runtime().block_on(async {
        let (client, mut events) = Client::open(config.clone()).await.expect("opens");
        if client.account().await.expect("read").is_none() {
            client.add_device(ALICE, "right", "test").await.expect("logs in");
        }
        while events.next().await.expect("the client runs") != ClientEvent::CaughtUp {}
        let deadline = Instant::now() + Duration::from_secs(300);
        while client.outbox_len().await.expect("read") > 0 {
            assert!(Instant::now() < deadline, "the outbox does not become empty");
            read_on(&mut events).await;
        }
        client.close().await;
    });
    let mine: Vec<String> = fake.texts(ALICE).into_iter().filter(|text| text.starts_with("mine")).collect();
    let expected: Vec<String> = (0..mine.len()).map(|number| format!("mine {number}")).collect();
    assert_eq!(mine, expected);
    assert!(mine.len() > PROCESSES as usize / 4, "the processes were killed before they did anything");
    runtime().block_on(check(config, &fake, &mine));
}

/// Does nothing in a normal run; in the run that is to be killed it writes numbered messages until then.
#[test]
fn the_process_that_is_killed() {
    let Ok(place) = std::env::var(CHILD) else { return };
    let (port, store) = place.split_once(' ').expect("port and store");
    let server = ServerAddress::noise("127.0.0.1", port.parse().expect("a port"));
    let mut config = ClientConfig::new(vec![server]).with_store(store);
    config.short_link = false;
    runtime().block_on(async {
        let (client, mut events) = Client::open(config).await.expect("opens");
        if client.account().await.expect("read").is_none() {
            client.add_device(ALICE, "right", "test").await.expect("logs in");
        }
        while events.next().await.expect("the client runs") != ClientEvent::CaughtUp {}
        loop {
            // The next number is known from what is kept: this process remembers nothing.
            let kept = client.messages(BOB, None, 100_000).await.expect("read");
            let number = kept.iter().filter(|message| message.text().starts_with("mine")).count();
            client.send(BOB, &format!("mine {number}")).await.expect("written");
        }
    });
}
