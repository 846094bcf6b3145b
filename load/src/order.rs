//! What the crew's chief and its workers say to each other: one JSON object a line.
//!
//! Orders go to a worker's standard input, words come from its standard output: how far it is, and at the end of an order
//! an answer or why it failed. Invariant: an answer of several workers together has the same form as that of one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::latency::Latency;
use crate::tally::Counts;
use crate::target::Target;

/// What a worker is for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Job {
    pub(crate) target: Target,
    /// Its first account.
    pub(crate) first: u32,
    /// So many accounts.
    pub(crate) accounts: u32,
    /// Logins under way at once.
    pub(crate) at_once: usize,
}

/// What a worker is to do next.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Order {
    /// The first one: what it is for.
    Begin(Job),
    /// Make devices, where the door wants them.
    Prepare,
    /// Connect those of these halves that are not connected, and log them in.
    Open(Arrival),
    /// Drop all connections without a word.
    Cut,
    /// Let each first of two write to the second, who is not there.
    Post(Post),
    /// Make each a contact of so many others, who are the next ones by number, in a ring of so many accounts in all.
    Befriend { contacts: u32, of: u32 },
    /// Let everybody's presence change.
    Flap(Flap),
    /// Wait until all has been heard that was posted.
    Drain {
        /// How long it may take until nothing more is heard.
        patience: Duration,
    },
    /// Let each first of two write to the second.
    Talk(Talk),
    /// Take back what `Prepare` has made.
    Leave,
}

/// How everybody's presence changes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Flap {
    /// Changes in a second, of all clients together.
    pub(crate) rate: f64,
    /// For how long.
    pub(crate) length: Duration,
    /// How long after it presences are still counted.
    pub(crate) patience: Duration,
}

/// Who connects, and how.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Arrival {
    /// Those who write: the first of each two.
    pub(crate) first: bool,
    /// Those who hear.
    pub(crate) second: bool,
    /// Whoever does not get in tries again, so often in all.
    pub(crate) tries: u32,
    /// All at the same moment, however many.
    pub(crate) together: bool,
}

impl Arrival {
    /// All, some at once.
    pub(crate) const ALL: Arrival = Arrival { first: true, second: true, tries: 1, together: false };
}

/// What is left for those who are not there.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Post {
    /// What its messages are known by.
    pub(crate) run: u64,
    /// The length of each text.
    pub(crate) bytes: usize,
    /// So many for each.
    pub(crate) each: u32,
    /// How long the server may take until it has them.
    pub(crate) patience: Duration,
}

/// How clients talk.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Talk {
    /// What its messages are known by.
    pub(crate) run: u64,
    /// The length of each text.
    pub(crate) bytes: usize,
    /// For how long.
    pub(crate) length: Duration,
    /// How long messages may be late at the end before they count as lost.
    pub(crate) patience: Duration,
    pub(crate) pace: Pace,
}

/// What decides when the next message leaves.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// The one before: each pair has so many under way.
    Closed {
        /// So many.
        window: u32,
    },
    /// The clock: all pairs together so many in a second.
    Open {
        /// So many.
        rate: f64,
    },
    /// The clock, whatever the server takes: what is due while too much of a pair is under way is left out and counted.
    Flood {
        /// All pairs together so many in a second.
        rate: f64,
    },
}

impl Pace {
    /// The same for one of so many workers.
    pub(crate) fn shared_by(self, workers: usize) -> Pace {
        match self {
            Pace::Closed { window } => Pace::Closed { window },
            Pace::Open { rate } => Pace::Open { rate: rate / workers as f64 },
            Pace::Flood { rate } => Pace::Flood { rate: rate / workers as f64 },
        }
    }
}

/// What a worker says.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Word {
    /// How far it is with the order.
    Progress {
        done: u64,
        of: u64,
    },
    Done(Box<Answer>),
    Failed(String),
}

/// What came of an order.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Answer {
    /// Clients that were prepared, opened or closed.
    pub(crate) clients: u64,
    /// Clients that failed at it, or ended while they were needed.
    pub(crate) failures: u64,
    /// Why, of some.
    pub(crate) complaints: Vec<String>,
    /// What became of messages.
    pub(crate) counts: Counts,
    /// Presences that were seen.
    pub(crate) seen: u64,
    /// Messages that were due and not given to anybody, in a flood.
    pub(crate) left_out: u64,
    /// Logins or messages.
    pub(crate) latency: Latency,
    /// How late the tool itself was.
    pub(crate) late: Latency,
    /// CPU time of the worker.
    pub(crate) tool_cpu_us: u64,
    /// From the order's beginning to the last thing that it was about.
    pub(crate) took_us: u64,
}

impl Answer {
    /// Both together, as if one worker had done all of it meanwhile.
    pub(crate) fn add(&mut self, other: Answer) {
        self.clients += other.clients;
        self.failures += other.failures;
        self.complaints.extend(other.complaints);
        self.counts.add(&other.counts);
        self.seen += other.seen;
        self.left_out += other.left_out;
        self.latency.add(&other.latency);
        self.late.add(&other.late);
        self.tool_cpu_us += other.tool_cpu_us;
        self.took_us = self.took_us.max(other.took_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_several_workers_make_one() {
        let mut one = Answer { clients: 2, took_us: 5, complaints: vec!["a".into()], ..Answer::default() };
        one.latency.record(Duration::from_millis(3));
        let text = serde_json::to_string(&Word::Done(Box::new(one.clone()))).expect("it has a form");
        assert!(!text.contains('\n'));
        let Ok(Word::Done(other)) = serde_json::from_str(&text) else { panic!("it reads back") };
        one.add(*other);
        assert_eq!((one.clients, one.took_us, one.latency.count(), one.complaints.len()), (4, 5, 2, 2));
    }
}
