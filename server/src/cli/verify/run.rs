//! A run: clients talk, faults happen, everything heals, all devices testify, the ledger judges.
//!
//! A [`Plan`] comes in, an [`Outcome`] leaves. Invariant: nothing is judged before the faults are over, every message has
//! been tried again until it was answered, and every device has asked for what it missed.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use belfry_backend::OsEntropy;
use belfry_client::ledger::{Kind, Ledger, Report};
use belfry_client::witness::{SharedLedger, Way, Witness};
use belfry_client::{Carrier, ClientError, LinkError, LinkOptions, ServerAddress};
use belfry_domain::ports::random_array;
use belfry_gate::StaticKey;
use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::proxy::{Cuts, Proxy};
use super::{Dice, talk};
use crate::exit::{Exit, Fail};

/// An answer that takes longer is taken for lost while faults are going on.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// A sweep ends at this byte and begins anew: longer than a session of some messages.
const SWEEP_BYTES: u64 = 4_096;

/// How a client reaches the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Door {
    /// Frames over TCP with Noise.
    Noise,
    /// Frames over TCP with TLS.
    Tls,
    /// Frames over WebSocket.
    WebSocket,
    /// HTTP requests.
    Http,
    /// Frames over plain TCP; from this machine only.
    Tcp,
}

impl Door {
    /// All of them.
    pub const ALL: [Door; 5] = [Door::Noise, Door::Tls, Door::WebSocket, Door::Http, Door::Tcp];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Door::Noise => "noise",
            Door::Tls => "tls",
            Door::WebSocket => "websocket",
            Door::Http => "http",
            Door::Tcp => "tcp",
        }
    }
}

impl FromStr for Door {
    type Err = String;

    fn from_str(text: &str) -> Result<Door, String> {
        let known = Door::ALL.into_iter().find(|door| door.name() == text);
        known.ok_or_else(|| format!("`{text}` is no door: there are noise, tls, websocket, http, tcp and all"))
    }
}

/// What goes wrong on purpose.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fault {
    /// The server's process is killed and started again.
    Kill,
    /// The server's process is stopped for a while.
    Pause,
    /// Connections are cut at random bytes.
    Cut,
    /// The first connection is cut at its first byte, the next at its second, and so on.
    Sweep,
    /// Every answer to a message, an acknowledgement or a mark is lost once; the client asks again.
    DropAcks,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 5] = [Fault::Kill, Fault::Pause, Fault::Cut, Fault::Sweep, Fault::DropAcks];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Kill => "kill",
            Fault::Pause => "pause",
            Fault::Cut => "cut",
            Fault::Sweep => "sweep",
            Fault::DropAcks => "drop-acks",
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Fault, String> {
        let known = Fault::ALL.into_iter().find(|fault| fault.name() == text);
        known.ok_or_else(|| format!("`{text}` is no fault: there are kill, pause, cut, sweep and drop-acks"))
    }
}

/// Somebody who can log in.
#[derive(Clone)]
pub struct Account {
    /// NAME@DOMAIN.
    pub address: String,
    /// Its password.
    pub password: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A process that faults can be done to.
#[async_trait]
pub trait Process: Send + Sync {
    /// Ends it without a word and starts it again; returns when it answers.
    async fn kill_and_start(&self) -> Result<()>;
    /// Stops it.
    async fn pause(&self) -> Result<()>;
    /// Lets it go on.
    async fn resume(&self) -> Result<()>;
}

/// The server that is checked.
#[derive(Clone)]
pub struct Target {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whom to believe under TLS; `None`: there is no TLS.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// WebSocket and HTTP go through TLS too.
    pub tls_everywhere: bool,
    /// Its process, for faults that are done to it.
    pub process: Option<Arc<dyn Process>>,
}

/// What a run is.
#[derive(Clone)]
pub struct Plan {
    /// Where.
    pub target: Target,
    /// Who talks; two at least.
    pub accounts: Vec<Account>,
    /// Through which doors, in turn.
    pub doors: Vec<Door>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Ends after so many messages…
    pub messages: Option<u64>,
    /// …or after this time, whichever is first.
    pub time: Duration,
    /// Where all choices come from.
    pub seed: u64,
    /// How long everything may take to heal.
    pub heal: Duration,
}

/// How often each fault happened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FaultCounts {
    /// Processes killed.
    pub kills: u64,
    /// Processes stopped for a while.
    pub pauses: u64,
    /// Connections cut.
    pub cuts: u64,
    /// Answers lost.
    pub answers_lost: u64,
    /// Connections made anew.
    pub reconnects: u64,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the ledger says.
    pub report: Report,
    /// What happened to it.
    pub faults: FaultCounts,
    /// Where all choices came from.
    pub seed: u64,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// Whether no promise was broken.
    pub fn is_clean(&self) -> bool {
        self.report.is_clean()
    }

    /// How many violations there are of these kinds together.
    pub fn count(&self, kinds: &[Kind]) -> usize {
        kinds.iter().map(|kind| self.report.count(*kind)).sum()
    }
}

/// What the clients of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) ledger: SharedLedger,
    /// No new message is begun any more.
    pub(super) stop: AtomicBool,
    /// Messages that may still be begun.
    pub(super) tickets: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) answers_lost: AtomicU64,
    pub(super) reconnects: AtomicU64,
    /// The texts of runs differ, since the same accounts may have been used before.
    pub(super) tag: String,
}

/// How far a run has come, for who watches it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Glance {
    /// Of all that is to be done, in thousandths.
    pub done: u64,
    /// Messages that were answered.
    pub answered: u64,
    /// Faults so far.
    pub faults: u64,
}

/// Does what the plan says. `watch` is told now and then how far it has come.
pub async fn run(plan: &Plan, watch: &(dyn Fn(Glance) + Send + Sync)) -> Result<Outcome> {
    if plan.accounts.len() < 2 {
        bail!("two accounts are needed to talk to each other: give --account twice, or leave it out");
    }
    let started = Instant::now();
    let cuts = match (plan.faults.contains(&Fault::Cut), plan.faults.contains(&Fault::Sweep)) {
        (_, true) => Cuts::Sweep { upto: SWEEP_BYTES },
        (true, false) => Cuts::Random(Dice::new(plan.seed, 1)),
        (false, false) => Cuts::Never,
    };
    let proxied = !matches!(cuts, Cuts::Never);
    let target = format!("{}:{}", plan.target.host, plan.target.port);
    let proxy = if proxied { Some(Proxy::start(target, cuts).await?) } else { None };

    let shared = Arc::new(Shared {
        ledger: Arc::new(Mutex::new(Ledger::default())),
        stop: AtomicBool::new(false),
        tickets: AtomicU64::new(plan.messages.unwrap_or(u64::MAX)),
        sent: AtomicU64::new(0),
        answers_lost: AtomicU64::new(0),
        reconnects: AtomicU64::new(0),
        tag: tag(),
    });
    let mut witnesses = Vec::new();
    for (number, account) in plan.accounts.iter().enumerate() {
        let door = plan.doors.get(number % plan.doors.len().max(1)).copied().unwrap_or(Door::Noise);
        let mut witness = join(plan, account, door, &shared.ledger).await?;
        if let Some(proxy) = &proxy {
            witness.way = way(plan, door, "127.0.0.1", proxy.address.port());
        }
        witnesses.push(witness);
    }

    let counts = Faults { kills: AtomicU64::new(0), pauses: AtomicU64::new(0) };
    let everybody: Vec<String> = plan.accounts.iter().map(|account| account.address.clone()).collect();
    let loses = plan.faults.contains(&Fault::DropAcks);
    let talks = witnesses.into_iter().enumerate().map(|(number, witness)| {
        let dice = Dice::new(plan.seed, 100 + number as u64);
        talk::talk(witness, number, everybody.clone(), loses, dice, Arc::clone(&shared))
    });
    let talks = join_all(talks);
    tokio::pin!(talks);
    let nemesis = nemesis(plan, &counts);
    tokio::pin!(nemesis);
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    let end = Instant::now() + plan.time;
    let mut spoken = None;
    while spoken.is_none() {
        tokio::select! {
            done = &mut talks => spoken = Some(done),
            failed = &mut nemesis => return Err(failed),
            _ = tick.tick() => {
                let cut = proxy.as_ref().map_or(0, Proxy::cuts);
                watch(glance(plan, &shared, &counts, cut, end));
                if Instant::now() >= end {
                    shared.stop.store(true, Ordering::Relaxed);
                    break;
                }
            }
        }
    }
    // The nemesis has ended or is ended here, in the middle of whatever it was doing: the process must run.
    heal(plan, proxy.as_ref()).await?;
    let talkers = match spoken {
        Some(talkers) => talkers,
        None => talks.await,
    };
    settle(plan, talkers, &shared).await?;

    let report = shared.ledger.lock().judge();
    if report.acknowledged == 0 {
        bail!("no message was acknowledged in all the time: is the server well? `belfry doctor` looks at it");
    }
    let faults = FaultCounts {
        kills: counts.kills.load(Ordering::Relaxed),
        pauses: counts.pauses.load(Ordering::Relaxed),
        cuts: proxy.as_ref().map_or(0, Proxy::cuts),
        answers_lost: shared.answers_lost.load(Ordering::Relaxed),
        reconnects: shared.reconnects.load(Ordering::Relaxed),
    };
    Ok(Outcome { report, faults, seed: plan.seed, took: started.elapsed() })
}

struct Faults {
    kills: AtomicU64,
    pauses: AtomicU64,
}

fn glance(plan: &Plan, shared: &Shared, counts: &Faults, cuts: u64, end: Instant) -> Glance {
    let answered = shared.sent.load(Ordering::Relaxed);
    let left = end.saturating_duration_since(Instant::now());
    let by_time = 1_000 - (left.as_millis() * 1_000 / plan.time.as_millis().max(1)).min(1_000) as u64;
    let by_messages = plan.messages.map_or(0, |all| (answered * 1_000 / all.max(1)).min(1_000));
    let faults = cuts
        + counts.kills.load(Ordering::Relaxed)
        + counts.pauses.load(Ordering::Relaxed)
        + shared.answers_lost.load(Ordering::Relaxed);
    Glance { done: by_time.max(by_messages), answered, faults }
}

/// Does faults to the process, one after the other, for ever. Gives an error if one cannot be done.
async fn nemesis(plan: &Plan, counts: &Faults) -> anyhow::Error {
    let wanted: Vec<Fault> =
        plan.faults.iter().copied().filter(|fault| matches!(fault, Fault::Kill | Fault::Pause)).collect();
    let Some(process) = plan.target.process.as_ref().filter(|_| !wanted.is_empty()) else {
        return std::future::pending().await;
    };
    let mut dice = Dice::new(plan.seed, 2);
    loop {
        tokio::time::sleep(Duration::from_millis(200 + dice.below(800))).await;
        let fault = wanted[dice.below(wanted.len() as u64) as usize];
        let done = match fault {
            Fault::Kill => {
                counts.kills.fetch_add(1, Ordering::Relaxed);
                process.kill_and_start().await
            }
            _ => {
                counts.pauses.fetch_add(1, Ordering::Relaxed);
                let pausing = async {
                    process.pause().await?;
                    tokio::time::sleep(Duration::from_millis(100 + dice.below(900))).await;
                    process.resume().await
                };
                pausing.await
            }
        };
        if let Err(error) = done {
            return error.context(format!("the fault `{}` could not be done", fault.name()));
        }
    }
}

async fn heal(plan: &Plan, proxy: Option<&Proxy>) -> Result<()> {
    if let Some(proxy) = proxy {
        proxy.heal();
    }
    if let Some(process) = &plan.target.process {
        if plan.faults.contains(&Fault::Pause) {
            process.resume().await?;
        }
        if plan.faults.contains(&Fault::Kill) {
            process.kill_and_start().await?;
        }
    }
    Ok(())
}

/// Lets everybody finish: unanswered messages, acknowledgements, then receipts, then the whole history.
async fn settle(plan: &Plan, talkers: Vec<talk::Talker>, shared: &Shared) -> Result<()> {
    let until = Instant::now() + plan.heal;
    let phase = |talkers: Vec<talk::Talker>, step: talk::Step| async move {
        let done = join_all(talkers.into_iter().map(|talker| talker.settle(step, until, shared))).await;
        done.into_iter().collect::<Result<Vec<_>>>()
    };
    let mut talkers = talkers;
    for step in [talk::Step::Finish, talk::Step::Acknowledge, talk::Step::Testify, talk::Step::Leave] {
        talkers = phase(talkers, step).await.context("the server did not come to rest after the faults")?;
    }
    Ok(())
}

/// A new device of an account, past whatever was there before.
async fn join(plan: &Plan, account: &Account, door: Door, ledger: &SharedLedger) -> Result<Witness> {
    let way = way(plan, door, &plan.target.host, plan.target.port);
    let mut options = LinkOptions::new(Arc::new(StaticKey::new(random_array(&OsEntropy))));
    options.tls.clone_from(&plan.target.tls);
    options.request_timeout = plan.heal;
    if door == Door::Tls && options.tls.is_none() {
        bail!("the door tls needs the server's certificate: give its fingerprint with --certificate");
    }
    let joining = Witness::join(way, options, ledger.clone(), &account.address, &account.password);
    let joined = tokio::time::timeout(plan.heal, joining).await;
    let mut witness = joined
        .unwrap_or_else(|_| Err(LinkError::Silent.into()))
        .map_err(|error| explain(plan, account, door, error))?;
    witness.arrive().await.map_err(|error| explain(plan, account, door, error))?;
    witness.set_patience(ANSWER_WAIT);
    Ok(witness)
}

fn explain(plan: &Plan, account: &Account, door: Door, error: ClientError) -> anyhow::Error {
    let at = format!("{}:{}", plan.target.host, plan.target.port);
    match error {
        ClientError::Link(error) => {
            let text = format!(
                "no server answers at {at} through the door {} ({error}): start one with `belfry serve`, name another \
                 with --server, or let --serve start one",
                door.name()
            );
            Fail::new(Exit::Unavailable, text).into()
        }
        other => anyhow::anyhow!("{} cannot log in at {at}: {other}", account.address),
    }
}

fn way(plan: &Plan, door: Door, host: &str, port: u16) -> Way {
    let secure = plan.target.tls_everywhere;
    let carrier = match door {
        Door::Noise => Carrier::Noise,
        Door::Tls => Carrier::Tls,
        Door::Tcp => Carrier::Bare,
        Door::WebSocket | Door::Http if secure => Carrier::Wss,
        Door::WebSocket | Door::Http => Carrier::Ws,
    };
    let server = ServerAddress { carrier, host: host.to_owned(), port };
    if door == Door::Http { Way::Post(server) } else { Way::Link(server) }
}

/// Tells the messages of this run from those of others.
fn tag() -> String {
    random_array::<4>(&OsEntropy).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The counts of a report under the names of the table.
pub(super) fn columns(report: &Report) -> BTreeMap<&'static str, usize> {
    Kind::ALL.into_iter().map(|kind| (kind.name(), report.count(kind))).collect()
}
