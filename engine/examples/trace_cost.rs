//! What remembering the steps of messages costs: sends and acknowledgements with a memory store, which does nothing else
//! of note, with the default memory of steps and with the smallest.
//!
//! `cargo run --release -p belfry-engine --example trace_cost`

use std::sync::Arc;
use std::time::Instant;

use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::ports::{Accounts, DeviceOutcome, Devices, NewAccount, NewDevice};
use belfry_domain::{Address, ClientMessageId, Content, DeviceRole, Epoch, Past, TimestampMs};
use belfry_engine::{Caller, Command, Draft, Engine, Identity, Peer, Ports, Rates, STEPS_MAX, Secrets, Settings};

const MESSAGES: u64 = 20_000;

/// Messages handed over at once, as a link hands over what has arrived.
const BATCH: u64 = 16;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for round in 0..3 {
        for steps in [0, STEPS_MAX] {
            println!("round {round}, {steps:>6} steps: {:>6} ns a message", nanoseconds_a_message(steps).await);
        }
    }
}

async fn nanoseconds_a_message(trace_steps: usize) -> u128 {
    let store = Arc::new(MemoryStore::new(Epoch(1)));
    let clock = Arc::new(ManualClock::new(TimestampMs(1_800_000_000_000)));
    let ports = Ports {
        store: store.clone(),
        clock: clock.clone(),
        entropy: Arc::new(SeededEntropy::new(7)),
        sms: Arc::new(MemorySms::default()),
    };
    let settings = Settings { trace_steps, rates: Rates::UNLIMITED, ..Settings::default() };
    let engine = Engine::new(ports, settings, Secrets { token_key: [1; 32], pin_pepper: [2; 32] });
    let (alice, bob) = (person(&store, "alice").await, person(&store, "bob").await);
    let to = Address::parse("bob@localhost").expect("an address");
    let started = Instant::now();
    for batch in 0..MESSAGES / BATCH {
        let draft = |n: u64| Draft {
            to: to.clone(),
            client_id: ClientMessageId::parse(&format!("m-{}", batch * BATCH + n)).expect("an id"),
            content: Content::text("hello"),
        };
        let mut last = None;
        for sent in engine.send_all(&alice, (0..BATCH).map(draft).collect()).await {
            last = Some(sent.expect("stored").seq);
        }
        let passed = last.expect("a batch has messages");
        engine.execute(&bob, Command::Acknowledge { passed, delivered: passed }).await.expect("acknowledged");
    }
    started.elapsed().as_nanos() / u128::from(MESSAGES)
}

async fn person(store: &MemoryStore, local: &str) -> Caller {
    let address = Address::new(local, "localhost").expect("an address");
    let created = TimestampMs(1_800_000_000_000);
    let new = NewAccount { address: address.clone(), phone: None, display_name: local.into(), scram: None, created };
    store.create_account(new).await.expect("made");
    let account = store.account_by_address(&address).await.expect("reads").expect("is there").id;
    let device = NewDevice {
        account,
        role: DeviceRole::Primary,
        name: "phone".into(),
        noise_key: None,
        secret_hash: [0; 32],
        created,
        platform: String::new(),
        past: Past::All,
    };
    let DeviceOutcome::Added(added) = store.add_device(device, 10).await.expect("made") else { panic!("not added") };
    let peer = Peer { ip: std::net::Ipv4Addr::LOCALHOST.into(), port: 1, exempt: true, carrier: "test" };
    Caller { identity: Identity::Device { account, address, device: added.device.id }, peer }
}
