//! What presence costs while everybody flaps: messages and CPU per second, as it is told by default, with less of what
//! holds it back, and with nothing that does.
//!
//! `cargo run -p belfry-engine --example presence_flap [accounts contacts seconds]`
//!
//! Everybody has a link, changes every half second (busy, away, online, in turn), and takes what it is told whenever it
//! is rung. Time is the runtime's stopped clock; CPU is what the process has used for a second of it, the flapping
//! itself and the links' taking included.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::ports::{
    Accounts, ContactChange, Contacts, DeviceOutcome, Devices, NewAccount, NewDevice, PageLimit, Timelines,
};
use belfry_domain::{AccountId, Address, Deed, DeviceRole, Epoch, Past, TimestampMs};
use belfry_engine::{
    Availability, Caller, Command, Engine, Identity, Peer, Ports, PresenceSettings, Rates, Secrets, Session, Settings,
    Told,
};

const BEGAN: TimestampMs = TimestampMs(1_800_000_000_000);
const STEP_MS: u64 = 250;
const PAGE: PageLimit = PageLimit { entries: 100, bytes: 1 << 20 };

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tokio::time::pause();
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let of = |nth: usize, default: usize| given.get(nth).copied().unwrap_or(default);
    let (accounts, contacts, seconds) = (of(0, 5_000), of(1, 100), of(2, 20));
    println!("{accounts} accounts with {contacts} contacts each, a change of each every 0.5 s, for {seconds} s");
    println!("{:<28} {:>12} {:>12} {:>10} {:>8}", "", "changes/s", "messages/s", "frames/s", "CPU");
    let default = PresenceSettings::default();
    let unbounded = PresenceSettings { messages_per_second: u32::MAX, ..default };
    let at_once = PresenceSettings { settle_ms: 0, interval_ms: 0, linger_ms: 0, ..unbounded };
    let crowd = Crowd::new(accounts, contacts).await;
    crowd.run("default", default, seconds).await;
    crowd.run("without the cap", unbounded, seconds).await;
    crowd.run("without cap and interval", PresenceSettings { interval_ms: 0, ..unbounded }, seconds).await;
    crowd.run("without anything", at_once, seconds).await;
}

/// People who know each other.
struct Crowd {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    people: Vec<Caller>,
}

impl Crowd {
    /// In a ring, each knows those who are near.
    async fn new(accounts: usize, contacts: usize) -> Crowd {
        let (store, clock) = (Arc::new(MemoryStore::new(Epoch(1))), Arc::new(ManualClock::new(BEGAN)));
        let mut people = Vec::new();
        for n in 0..accounts {
            people.push(person(&store, n).await);
        }
        for n in 0..accounts {
            for away in 1..=contacts / 2 {
                let (one, other) = (id(&people[n]), id(&people[(n + away) % accounts]));
                for (owner, peer, deed) in
                    [(one, other, Deed::Request { note: String::new() }), (other, one, Deed::Accept)]
                {
                    let change = ContactChange { owner, peer, deed, at: BEGAN };
                    store.change_contact(change).await.expect("the store writes");
                }
            }
        }
        Crowd { store, clock, people }
    }

    async fn run(&self, what: &str, presence: PresenceSettings, seconds: usize) {
        let ports = Ports {
            store: self.store.clone(),
            clock: self.clock.clone(),
            entropy: Arc::new(SeededEntropy::new(7)),
            sms: Arc::new(MemorySms::default()),
        };
        let settings = Settings { presence, rates: Rates::UNLIMITED, ..Settings::default() };
        let engine = Engine::new(ports, settings, Secrets { token_key: [1; 32], pin_pepper: [2; 32] });
        let mut links = Vec::new();
        for caller in &self.people {
            let mut link = engine.open_session(caller.clone()).await.expect("connects");
            link.subscribe(self.store.head(id(caller)).await.expect("the store reads").last);
            links.push(link);
        }
        let mut frames = 0;
        // Until everybody knows everybody.
        for _ in 0..30_000 / STEP_MS {
            self.step(&engine, &mut links, &mut 0).await;
        }
        let counted = |engine: &Engine| {
            let metrics = engine.metrics();
            (metrics.presence_changes.load(Ordering::Relaxed), metrics.presence_told.load(Ordering::Relaxed))
        };
        let (before, cpu_before) = (counted(&engine), cpu_ms());
        for half in 0..2 * seconds {
            for (n, caller) in self.people.iter().enumerate() {
                let availability = [Availability::Busy, Availability::Away, Availability::Online][(n + half) % 3];
                let said = Command::SetPresence { availability, status: String::new(), priority: 0 };
                engine.execute(caller, said).await.expect("said");
            }
            for _ in 0..500 / STEP_MS {
                self.step(&engine, &mut links, &mut frames).await;
            }
        }
        let (after, cpu) = (counted(&engine), cpu_ms() - cpu_before);
        let seconds = seconds as u64;
        println!(
            "{what:<28} {:>12} {:>12} {:>10} {:>6.1} %",
            (after.0 - before.0) / seconds,
            (after.1 - before.1) / seconds,
            frames / seconds,
            cpu as f64 / 10.0 / seconds as f64
        );
    }

    /// Lets a quarter of a second pass; whoever was rung takes what there is.
    async fn step(&self, engine: &Engine, links: &mut [Session], frames: &mut u64) {
        tokio::time::advance(Duration::from_millis(STEP_MS)).await;
        self.clock.advance_ms(STEP_MS);
        engine.presence_round().await.expect("the store reads");
        for link in links {
            while let Some(told) = link.take(PAGE).await.expect("the store reads") {
                if let Told::Live(_) = told {
                    *frames += 1;
                }
            }
        }
    }
}

fn id(caller: &Caller) -> AccountId {
    match &caller.identity {
        Identity::Device { account, .. } => *account,
        Identity::Guest { .. } | Identity::Nobody { .. } => AccountId(0),
    }
}

/// What the process has used of a processor.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    (ticks(11) + ticks(12)) * 10 // a tick is 10 ms on Linux
}

async fn person(store: &MemoryStore, n: usize) -> Caller {
    let address = Address::new(&format!("p{n}"), "localhost").expect("an address");
    let display_name = address.to_string();
    let new = NewAccount { address: address.clone(), phone: None, display_name, scram: None, created: BEGAN };
    store.create_account(new).await.expect("made");
    let account = store.account_by_address(&address).await.expect("reads").expect("is there").id;
    let device = NewDevice {
        account,
        role: DeviceRole::Primary,
        name: "phone".into(),
        noise_key: None,
        secret_hash: [0; 32],
        created: BEGAN,
        platform: String::new(),
        past: Past::All,
    };
    let DeviceOutcome::Added(added) = store.add_device(device, 10).await.expect("made") else { panic!("not added") };
    let peer = Peer { ip: std::net::Ipv4Addr::LOCALHOST.into(), port: 1, exempt: true, carrier: "test" };
    Caller { identity: Identity::Device { account, address, device: added.device.id }, peer }
}
