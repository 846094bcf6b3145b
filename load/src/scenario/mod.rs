//! Scenarios: what the clients do, and what is read off meanwhile.
//!
//! A plan comes in, a report leaves. Each scenario is a list of orders to the crew with samples of the server between them,
//! to be read from top to bottom. Invariant: what a figure says was measured between two samples and nowhere else.

mod chat;
mod find_max;
mod idle;
mod offline;
mod overload;
mod presence;
mod storm;

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::crew::{Crew, Watch, WorkerProgram};
use crate::order::{Answer, Arrival, Order, Pace};
use crate::probe::{Probe, Sample};
use crate::report::Report;
use crate::target::{Target, Tongue};

pub use presence::Presence;

/// What is to be done to what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// To what.
    pub target: Target,
    /// What.
    pub scenario: Scenario,
    /// The server's process, if it runs on this machine.
    pub pid: Option<u32>,
    /// Processes that hold clients; `None`: as few as files allow.
    pub workers: Option<u32>,
    /// Logins under way at once.
    pub at_once: usize,
    /// A server that has done something gets so long to come to rest before it is looked at.
    pub settle: Duration,
}

/// What clients do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scenario {
    /// They log in and are there.
    Idle {
        /// So many.
        connections: u32,
        /// For so long before memory is looked at.
        rest: Duration,
    },
    /// Half of them write to the other half.
    Chat(Chat),
    /// Half of them leave messages for the other half, who come later.
    Offline {
        /// So many write, and as many come later.
        pairs: u32,
        /// Messages for each.
        messages: u32,
        /// The length of each text.
        bytes: usize,
    },
    /// All lose their connections and come back at once.
    Storm {
        /// So many.
        connections: u32,
        /// Others that stay, and write to each other meanwhile.
        beside: Option<Chat>,
    },
    /// Half of them write to the other half far more than the server can take.
    Overload(Chat),
    /// Everybody's presence changes all the time.
    Presence(Presence),
    /// Half of them write to the other half, faster and faster.
    FindMax {
        /// How; the pace is that of the first try.
        chat: Chat,
        /// Messages in a second at the first try.
        from: f64,
        /// And at the last.
        up_to: f64,
        /// 99 % of messages have to arrive within this.
        within: Duration,
    },
}

/// How clients talk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chat {
    /// So many write, and as many hear.
    pub pairs: u32,
    /// The length of each text.
    pub bytes: usize,
    /// For how long.
    pub length: Duration,
    /// How long messages may be late at the end before they count as lost.
    pub patience: Duration,
    /// What decides when the next message leaves.
    pub pace: Pace,
}

impl Scenario {
    /// So many accounts are needed.
    pub fn accounts(&self) -> u32 {
        match self {
            Scenario::Idle { connections, .. } => *connections,
            Scenario::Storm { connections, beside } => {
                connections.next_multiple_of(2).saturating_add(beside.map_or(0, |chat| chat.pairs.saturating_mul(2)))
            }
            Scenario::Presence(presence) => presence.connections,
            Scenario::Chat(chat) | Scenario::Overload(chat) | Scenario::FindMax { chat, .. } => {
                chat.pairs.saturating_mul(2)
            }
            Scenario::Offline { pairs, .. } => pairs.saturating_mul(2),
        }
    }
}

/// Does what the plan says.
pub fn run(plan: &Plan, worker: &WorkerProgram, watch: Watch<'_>) -> Result<Report> {
    plan.target.check()?;
    let clients = match plan.scenario {
        Scenario::Storm { connections, .. } => connections,
        other => other.accounts(),
    };
    ensure!(
        plan.target.door.tongue() != Tongue::Poll || !matches!(plan.scenario, Scenario::Presence(_)),
        "who polls is told of no presence: choose a door that is no long-poll"
    );
    let mut stage = Stage {
        crew: Crew::start(worker, &plan.target, (0, clients), plan.workers, plan.at_once)?,
        probe: Probe { pid: plan.pid },
        watch,
        settle: plan.settle,
    };
    let mut report = match plan.scenario {
        Scenario::Idle { connections, rest } => idle::idle(&mut stage, connections, rest)?,
        Scenario::Chat(chat) => chat::chat(&mut stage, chat)?,
        Scenario::Offline { pairs, messages, bytes } => offline::offline(&mut stage, pairs, messages, bytes)?,
        Scenario::Storm { connections, beside: None } => storm::storm(&mut stage, connections, None)?,
        Scenario::Storm { connections, beside: Some(chat) } => {
            let accounts = (connections.next_multiple_of(2), chat.pairs * 2);
            let crew = Crew::start(worker, &plan.target, accounts, Some(1), plan.at_once)?;
            storm::storm(&mut stage, connections, Some(storm::Beside { crew, chat }))?
        }
        Scenario::Overload(chat) => overload::overload(&mut stage, chat)?,
        Scenario::Presence(presence) => presence::presence(&mut stage, presence)?,
        Scenario::FindMax { chat, from, up_to, within } => find_max::find_max(&mut stage, chat, from..=up_to, within)?,
    };
    let left = stage.order("leaving", &Order::Leave)?;
    report.complaints.extend(left.complaints);
    let Target { door, mechanism, count_stanzas, .. } = &plan.target;
    let mut settings = vec![("door", door.to_string())];
    if door.tongue() == Tongue::Xmpp {
        settings
            .push(("mechanism", mechanism.map_or("the strongest offered", |mechanism| mechanism.name()).to_owned()));
        settings.push(("stanzas counted (XEP-0198)", if *count_stanzas { "yes" } else { "no" }.to_owned()));
    }
    settings.push(("worker processes", stage.crew.len().to_string()));
    settings.append(&mut report.settings);
    report.settings = settings;
    Ok(report)
}

/// What a scenario plays on.
pub(crate) struct Stage<'a> {
    crew: Crew,
    probe: Probe,
    watch: Watch<'a>,
    settle: Duration,
}

impl Stage<'_> {
    fn order(&mut self, what: &'static str, order: &Order) -> Result<Answer> {
        self.crew.order(what, order, self.watch)
    }

    /// Makes devices where they are needed, and gives the server time to come to rest.
    fn prepare(&mut self) -> Result<()> {
        let prepared = self.order("preparing", &Order::Prepare)?;
        if let Some(why) = prepared.complaints.first() {
            anyhow::bail!("{} accounts could not be prepared, as in: {why}", prepared.failures);
        }
        self.settle();
        Ok(())
    }

    /// Connects clients; the server before and after it.
    fn open(&mut self, report: &mut Report, arrival: Arrival) -> Result<(Sample, Sample, Answer)> {
        let before = self.probe.sample()?;
        let opened = self.order("connecting", &Order::Open(arrival))?;
        if opened.clients == 0 {
            let why = opened.complaints.first().map_or("nobody says why", String::as_str);
            anyhow::bail!("no client could log in: {why}");
        }
        let after = self.probe.sample()?;
        report.clean &= opened.failures == 0;
        report.complaints.extend(opened.complaints.iter().cloned());
        Ok((before, after, opened))
    }

    fn settle(&self) {
        self.rest(self.settle);
    }

    fn rest(&self, length: Duration) {
        std::thread::sleep(length);
    }
}

/// What the messages of one run are known by.
fn run_number() -> Result<u64> {
    let mut run = [0; 8];
    getrandom::fill(&mut run).ok().context("the system has no randomness to give")?;
    Ok(u64::from_le_bytes(run))
}

/// The part of something that falls to each of so many.
fn each(total: u64, of: u64) -> f64 {
    total as f64 / of.max(1) as f64
}
