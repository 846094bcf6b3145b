//! kill -9 at random moments under load: nothing that was acknowledged is lost, doubled or reordered.
//!
//! `BELFRY_KILLS` says how many (10 in the usual run), `BELFRY_SEED` which moments. The counts are printed.

#![expect(clippy::disallowed_methods, reason = "a test owns its tasks")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use belfry_client::ledger::{DeviceNo, Digest, Item, Ledger, Place};
use belfry_testkit::{Door, Person, Server};
use tokio::sync::Mutex;

const CLIENTS: usize = 20;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
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

/// Sends one message after the other to its neighbour, each again and again until it is answered.
async fn chatter(
    mut person: Person,
    to: String,
    me: usize,
    device: DeviceNo,
    ledger: Arc<Mutex<Ledger>>,
    stop: Arc<AtomicBool>,
) -> Person {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let text = format!("{me}-{n}");
        loop {
            ledger.lock().await.intend(device, &text, &to, Digest::of_text(&text));
            let sending = person.send(&to, &text, &text);
            if let Ok(Ok(sent)) = tokio::time::timeout(Duration::from_secs(20), sending).await {
                let place = Place { conversation: sent.conversation_id, cseq: sent.cseq };
                ledger.lock().await.stored(device, &text, place);
                break;
            }
            if stop.load(Ordering::Relaxed) {
                return person;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            // A server that is down, or not up yet: the next round tries again.
            drop(tokio::time::timeout(Duration::from_secs(20), person.reconnect()).await);
        }
    }
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kill_loses_doubles_or_reorders_what_was_acknowledged() -> Result<()> {
    let (kills, seed) = (setting("BELFRY_KILLS", 10), setting("BELFRY_SEED", 1));
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let mut server = Server::start("")?;
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let stop = Arc::new(AtomicBool::new(false));
    let address = |n: usize| format!("p{n}@localhost");
    let mut tasks = Vec::new();
    for n in 0..CLIENTS {
        let door = [Door::Noise, Door::WebSocket, Door::Bare, Door::HttpProtobuf][n % 4];
        let person = Person::register(&server, door, &format!("+49151000000{n:02}"), &format!("p{n}")).await?;
        let device = ledger.lock().await.device(&address(n));
        tasks.push((person, address((n + 1) % CLIENTS), n, device));
    }
    let tasks: Vec<_> = tasks
        .into_iter()
        .map(|(person, to, n, device)| {
            (device, tokio::spawn(chatter(person, to, n, device, ledger.clone(), stop.clone())))
        })
        .collect();
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(200 + dice.below(800))).await;
        server.kill()?;
        server.restart()?;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);

    for (device, task) in tasks {
        let mut person = task.await?;
        if person.door == Door::HttpProtobuf {
            person.token().await?;
        } else {
            person.reconnect().await?;
        }
        let events = person.read_all().await?;
        let mut ledger = ledger.lock().await;
        ledger.history_begins(device);
        for event in &events {
            ledger.history(device, Item::of(event));
        }
    }
    let report = ledger.lock().await.judge();
    println!("kills {kills}: {} acknowledged, {} without an answer", report.acknowledged, report.unknown);
    assert!(report.acknowledged > 0, "nothing was acknowledged: the load did not run");
    assert!(report.is_clean(), "seed {seed}: {:?}: {:#?}", report.counts, report.violations);
    Ok(())
}
