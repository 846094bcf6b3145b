//! The world of one run: a server over a disk, people with devices, and the scheduler that moves them.
//!
//! A plan comes in; counts and a fingerprint of everything that happened leave, or the first broken promise. Invariant:
//! every choice is made by the plan's seed, and what happens next is one of the things that could happen now.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use belfry_domain::memory::{ManualClock, MemorySms, SeededEntropy};
use belfry_domain::ports::{AccountOutcome, Accounts as _, DeviceOutcome, Devices as _, NewAccount, NewDevice};
use belfry_domain::{AccountId, Address, Content, DeviceRole, Past, Phone, Seq};
use belfry_engine::{Command, Draft, Engine, Peer, Ports, Secrets};

use crate::device::{Asked, Connection, Device, Local, Waiting, Way};
use crate::disk::Disk;
use crate::executor::{Executor, TaskId, at_once};
use crate::ledger::{Checked, Ledger, Violation, Who};
use crate::link::{Ears, Pipe, Served, Up, serve_link, serve_poll, serve_request};
use crate::plan::{Plan, Plant, START};
use crate::ports::client_id;
use crate::rng::Rng;

/// Messages of one run: enough for every interleaving, few enough to be quick.
const MESSAGES_MAX: usize = 160;

/// Steps after which the janitor has pruned what it began to prune.
const PRUNING_STEPS: u64 = 500;

/// Sends that a device has under way.
const SENDS_MAX: usize = 4;

/// What happened, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) steps: u64,
    pub(crate) acknowledged: u64,
    pub(crate) events: u64,
    pub(crate) crashes: u64,
    pub(crate) stops: u64,
    pub(crate) cuts: u64,
    pub(crate) answers_lost: u64,
    pub(crate) jumps: u64,
    pub(crate) added: u64,
    pub(crate) cut_off: u64,
    pub(crate) restored: u64,
    pub(crate) pruned: u64,
    pub(crate) abandoned: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Counts) {
        self.steps += other.steps;
        self.acknowledged += other.acknowledged;
        self.events += other.events;
        self.crashes += other.crashes;
        self.stops += other.stops;
        self.cuts += other.cuts;
        self.answers_lost += other.answers_lost;
        self.jumps += other.jumps;
        self.added += other.added;
        self.cut_off += other.cut_off;
        self.restored += other.restored;
        self.pruned += other.pruned;
        self.abandoned += other.abandoned;
    }
}

/// A person with an account.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) address: Address,
    pub(crate) phone: Phone,
}

/// What a task of the world (not of a connection) came to.
pub(crate) enum Done {
    Cut(Vec<Who>),
    Added { who: Who, key: [u8; 32], phone: bool },
}

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) rng: Rng,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sms: Arc<MemorySms>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) engine: Engine,
    pub(crate) executor: Executor,
    pub(crate) accounts: Vec<Account>,
    pub(crate) devices: Vec<Device>,
    pub(crate) ledger: Ledger,
    pub(crate) counts: Counts,
    pub(crate) ears: Rc<RefCell<Ears>>,
    pub(crate) done: Rc<RefCell<Vec<Done>>>,
    /// Steps until a server that is stopping has stopped.
    pub(crate) stopping: Option<u32>,
    /// The faults are over: what is left to do is done, nothing new begins.
    pub(crate) healing: bool,
    pub(crate) keys_made: u8,
    /// Devices that are or were the phone of their account.
    pub(crate) phones: BTreeSet<Who>,
    /// Accounts whose phone is being replaced.
    pub(crate) replacing: Rc<RefCell<HashSet<AccountId>>>,
    /// By which times the janitor may be pruning, and since which step.
    pub(crate) pruning: Vec<(u64, belfry_domain::TimestampMs)>,
    messages_made: usize,
    fingerprint: u64,
    trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(plan: Plan, traced: bool) -> World {
        let mut rng = Rng::new(plan.seed ^ 0xB0F5);
        let clock = Arc::new(ManualClock::new(START));
        let sms = Arc::new(MemorySms::default());
        let disk = Arc::new(Disk::new(rng.fork(), plan.failures, plan.plant, clock.clone()));
        let engine = engine(&plan, &disk, &clock, &sms);
        let deaf = if plan.plant == Some(Plant::BellsForgotten) { 10_000 } else { plan.rates.deaf };
        let ears = Rc::new(RefCell::new(Ears { rng: rng.fork(), deaf }));
        let mut world = World {
            ledger: Ledger::new(plan.kept),
            plan,
            rng,
            clock,
            sms,
            disk,
            engine,
            executor: Executor::default(),
            accounts: Vec::new(),
            devices: Vec::new(),
            counts: Counts::default(),
            ears,
            done: Rc::default(),
            stopping: None,
            healing: false,
            keys_made: 0,
            phones: BTreeSet::new(),
            replacing: Rc::default(),
            pruning: Vec::new(),
            messages_made: 0,
            fingerprint: 0xCBF2_9CE4_8422_2325,
            trace: traced.then(Vec::new),
        };
        world.people();
        world.disk.set_calm(false);
        world
    }

    /// Accounts with their first devices; every other account has a phone among them.
    fn people(&mut self) {
        for (nth, devices) in self.plan.accounts.clone().into_iter().enumerate() {
            let address = Address::new(&format!("person{}", char::from(b'a' + nth as u8)), "localhost").expect("valid");
            let phone = Phone::parse(&format!("+49151000000{nth:02}")).expect("valid");
            let new = NewAccount {
                address: address.clone(),
                phone: Some(phone.clone()),
                display_name: "first".into(),
                scram: None,
                created: START,
            };
            let Ok(AccountOutcome::Created(account)) = at_once(self.disk.create_account(new)) else {
                panic!("the account of {address} was not made");
            };
            self.ledger.name(account.id, address.clone());
            if self.plan.deeds {
                self.ledger.acquaint(account.id);
            }
            self.accounts.push(Account { id: account.id, address, phone });
            let with_phone = self.rng.chance(7_000);
            for device in 0..devices {
                let role = if with_phone && device == 0 { DeviceRole::Primary } else { DeviceRole::Companion };
                let key = self.new_key();
                let who = at_once(add_device(Arc::clone(&self.disk), account.id, role, key)).expect("there is room");
                if role == DeviceRole::Primary {
                    self.phones.insert(who);
                }
                self.add(who, key);
            }
        }
    }

    pub(crate) fn new_key(&mut self) -> [u8; 32] {
        self.keys_made += 1;
        [self.keys_made; 32]
    }

    pub(crate) fn add(&mut self, who: Who, key: [u8; 32]) {
        self.devices.push(Device {
            who,
            key,
            alive: true,
            local: Local::default(),
            outbox: std::collections::VecDeque::new(),
            connection: None,
            messages_made: 0,
            acknowledged: Seq::ZERO,
            keys: vec![Seq::ZERO],
            unwritten: Vec::new(),
            key_first: self.plan.plant == Some(Plant::KeyBeforeWrite),
        });
    }

    /// Something happened: it goes into the fingerprint, and into the trace if there is one.
    pub(crate) fn note(&mut self, what: &str, a: u64, b: u64) {
        for byte in what.bytes().chain(a.to_le_bytes()).chain(b.to_le_bytes()) {
            self.fingerprint = (self.fingerprint ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>5}  {what} {a} {b}", self.counts.steps));
        }
    }

    /// More for whoever reads the trace.
    pub(crate) fn detail(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("           {}", what()));
        }
    }

    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn trace(&mut self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }

    /// From the first step to the last look.
    pub(crate) async fn run(&mut self) -> Checked {
        while self.counts.steps < self.plan.steps {
            self.tick();
            if !self.fault() {
                self.step().await?;
            }
        }
        self.heal().await?;
        self.counts.acknowledged = self.ledger.acknowledged();
        self.judge()
    }

    pub(crate) fn tick(&mut self) {
        self.counts.steps += 1;
        let ms = self.rng.between(0, 40);
        if !self.plan.frozen {
            self.clock.advance_ms(ms);
        }
        let now = belfry_domain::ports::Clock::now(&*self.clock);
        self.pruning.retain(|(step, _)| step + PRUNING_STEPS > self.counts.steps);
        let latest = self.pruning.iter().map(|(_, by)| *by).max().unwrap_or(now);
        self.ledger.tick(now, latest);
    }

    /// One thing that can happen now, if there is any.
    pub(crate) async fn step(&mut self) -> Result<bool, Violation> {
        let first = match self.rng.below(100) {
            0..60 => 0,
            60..68 => 1,
            68..82 => 2,
            _ => 3,
        };
        let time_passes = !self.healing && self.rng.chance(100);
        for turn in 0..if time_passes { 0 } else { 4 } {
            let happened = match (first + turn) % 4 {
                0 => self.poll()?,
                1 => self.sync_disk(),
                2 => self.receive()?,
                _ => self.act(),
            };
            if happened {
                return Ok(true);
            }
        }
        if self.healing {
            return Ok(false);
        }
        let seconds = self.rng.between(1, 40);
        self.note("seconds pass", seconds, 0);
        tokio::time::advance(Duration::from_secs(seconds)).await;
        Ok(true)
    }

    fn poll(&mut self) -> Result<bool, Violation> {
        let ready = self.executor.ready();
        if ready == 0 {
            return Ok(false);
        }
        let nth = self.rng.below(ready);
        self.note("the server goes on", nth as u64, ready as u64);
        self.executor.step(nth);
        let done: Vec<Done> = self.done.borrow_mut().drain(..).collect();
        for done in done {
            match done {
                Done::Cut(gone) => {
                    for who in gone {
                        self.note("is cut off", who.0.0, who.1.0.into());
                        self.ledger.cut(who);
                        self.counts.cut_off += 1;
                    }
                }
                Done::Added { who, key, phone } => {
                    if phone {
                        self.phones.insert(who);
                    }
                    self.note("a new device", who.0.0, who.1.0.into());
                    self.add(who, key);
                    self.counts.added += 1;
                }
            }
        }
        Ok(true)
    }

    fn sync_disk(&mut self) -> bool {
        let unsynced = self.disk.unsynced();
        if unsynced > 0 {
            self.note("the disk syncs", unsynced as u64, 0);
            self.disk.sync();
        }
        unsynced > 0
    }

    /// Some device reads the next frame of its connection.
    fn receive(&mut self) -> Result<bool, Violation> {
        let from = self.rng.below(self.devices.len());
        for turn in 0..self.devices.len() {
            let nth = (from + turn) % self.devices.len();
            let device = &mut self.devices[nth];
            if !device.unwritten.is_empty() && self.rng.chance(2_000) {
                for entry in std::mem::take(&mut device.unwritten) {
                    device.store(&entry, &mut self.ledger)?;
                }
                return Ok(true);
            }
            let Some(frame) = device.connection.as_ref().and_then(|connection| connection.pipe.take()) else {
                continue;
            };
            self.read(nth, frame)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Some device does something.
    fn act(&mut self) -> bool {
        let from = self.rng.below(self.devices.len());
        for turn in 0..self.devices.len() {
            let nth = (from + turn) % self.devices.len();
            if !self.devices[nth].alive {
                continue;
            }
            match &self.devices[nth].connection {
                None if self.stopping.is_some() => {}
                None => {
                    self.connect(nth);
                    return true;
                }
                Some(connection) if connection.cut => {
                    if connection.pipe.waiting() == 0 {
                        self.lose(nth);
                        return true;
                    }
                }
                Some(_) if self.healing => {
                    if self.duty(nth) {
                        return true;
                    }
                }
                Some(_) => return self.whim(nth),
            }
        }
        false
    }

    fn connect(&mut self, nth: usize) {
        let way = if self.rng.chance(6_500) { Way::Link } else { Way::Requests };
        let pipe = Rc::new(Pipe::default());
        let mut tasks = Vec::new();
        if way == Way::Link {
            let served = self.served(nth, &pipe);
            let page = self.rng.between(1, self.plan.page as u64) as usize;
            tasks.push((self.executor.spawn(serve_link(served, page, Rc::clone(&self.ears))), false));
        }
        self.note("connects", nth as u64, u64::from(way == Way::Link));
        self.devices[nth].acknowledged = Seq::ZERO;
        self.devices[nth].connection = Some(Connection {
            way,
            pipe,
            tasks,
            asked: std::collections::BTreeMap::new(),
            next: 1,
            syncing: false,
            told: false,
            cut: false,
        });
    }

    fn served(&self, nth: usize, pipe: &Rc<Pipe>) -> Served {
        let peer = Peer { ip: std::net::Ipv4Addr::LOCALHOST.into(), port: 1, exempt: true, carrier: "simulated" };
        Served { engine: self.engine.clone(), peer, key: self.devices[nth].key, pipe: Rc::clone(pipe) }
    }

    /// A device asks something over its connection.
    pub(crate) fn ask(&mut self, nth: usize, asked: Asked, command: Command) {
        self.note("asks", nth as u64, kind_of(&asked));
        self.detail(|| format!("{asked:?}"));
        let Some(connection) = &self.devices[nth].connection else { return };
        let pipe = Rc::clone(&connection.pipe);
        let way = connection.way;
        let id = connection.next;
        let task: Option<(TaskId, bool)> = match way {
            Way::Link => {
                pipe.ask(
                    id,
                    match (command, &asked) {
                        (Command::Send(draft), _) => Up::Send(draft),
                        (command, Asked::Sync { .. }) => Up::Sync(command),
                        (command, _) => Up::Other(command),
                    },
                );
                None
            }
            Way::Requests => {
                let served = self.served(nth, &pipe);
                Some(match command {
                    Command::Sync { after: Some(key), limit, wait_ms: wait_ms @ 1.., acknowledge: true, .. } => {
                        let seq = key.passed();
                        (self.executor.spawn(serve_poll(served, id, seq, limit, wait_ms)), false)
                    }
                    command => {
                        let ends = matches!(command, Command::Sync { wait_ms: 1.., .. });
                        (self.executor.spawn(serve_request(served, id, command)), ends)
                    }
                })
            }
        };
        if let Some(connection) = &mut self.devices[nth].connection {
            connection.next += 1;
            connection.syncing |= matches!(asked, Asked::Sync { .. });
            connection.asked.insert(id, asked);
            connection.tasks.extend(task);
        }
    }

    /// A person writes something; it waits in the outbox.
    pub(crate) fn compose(&mut self, nth: usize) {
        if self.messages_made >= MESSAGES_MAX {
            return;
        }
        let to = self.rng.below(self.accounts.len());
        let device = &mut self.devices[nth];
        device.messages_made += 1;
        self.messages_made += 1;
        let client_id = client_id(device.who.0, device.who.1, device.messages_made);
        let content = Content::text(format!("{:x} says {}", self.rng.next(), client_id.as_str()));
        let (to, address) = (self.accounts[to].id, self.accounts[to].address.clone());
        let intent = self.ledger.intend(device.who, to, client_id.clone(), content.clone());
        device.outbox.push_back(Waiting { intent, to: address, client_id, content, under_way: false });
        self.note("writes", nth as u64, to.0);
    }

    /// Sends the oldest message of each conversation, if none of it is under way.
    pub(crate) fn flush(&mut self, nth: usize) -> bool {
        let outbox = &mut self.devices[nth].outbox;
        let mut heads: Vec<usize> = Vec::new();
        for at in 0..outbox.len() {
            let first = !outbox.iter().take(at).any(|before| before.to == outbox[at].to);
            if first && !outbox[at].under_way && heads.len() < SENDS_MAX {
                heads.push(at);
            }
        }
        for at in &heads {
            let waiting = &mut self.devices[nth].outbox[*at];
            waiting.under_way = true;
            let (intent, to) = (waiting.intent, waiting.to.clone());
            let draft = Draft { to, client_id: waiting.client_id.clone(), content: waiting.content.clone() };
            self.ledger.tried(intent);
            self.ask(nth, Asked::Send { intent }, Command::Send(draft));
        }
        !heads.is_empty()
    }
}

fn kind_of(asked: &Asked) -> u64 {
    match asked {
        Asked::Sync { .. } => 1,
        Asked::Send { .. } => 2,
        Asked::Acknowledge { .. } => 3,
        Asked::Mark { .. } => 4,
        Asked::Profile => 5,
        Asked::History { .. } => 6,
        Asked::Deed => 7,
    }
}

/// The server's process, begun anew over what the disk has.
pub(crate) fn engine(plan: &Plan, disk: &Arc<Disk>, clock: &Arc<ManualClock>, sms: &Arc<MemorySms>) -> Engine {
    let ports = Ports {
        store: disk.clone(),
        clock: clock.clone(),
        entropy: Arc::new(SeededEntropy::new(plan.seed)),
        sms: sms.clone(),
    };
    Engine::new(ports, plan.settings(), Secrets { token_key: [1; 32], pin_pepper: [2; 32] })
}

/// Adds a device as an engine does, without a password.
pub(crate) async fn add_device(disk: Arc<Disk>, account: AccountId, role: DeviceRole, key: [u8; 32]) -> Option<Who> {
    let new = NewDevice {
        account,
        role,
        name: "simulated".into(),
        platform: String::new(),
        noise_key: Some(key),
        secret_hash: [0; 32],
        created: START,
        past: Past::All,
    };
    match disk.add_device(new, 10).await {
        Ok(DeviceOutcome::Added(added)) => Some((account, added.device.id)),
        Ok(DeviceOutcome::TooMany | DeviceOutcome::NoAccount) | Err(_) => None,
    }
}
