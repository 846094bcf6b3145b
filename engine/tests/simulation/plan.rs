//! What a seed decides before the first step: who is there, how messages are kept, which faults come how often.
//!
//! Invariant: equal seeds and bounds make equal plans.

use belfry_domain::TimestampMs;
use belfry_engine::{KeepMessages, Settings};

use crate::disk::Failures;
use crate::ledger::Kept;
use crate::rng::Rng;

/// What the server's clock shows at the beginning.
pub(crate) const START: TimestampMs = TimestampMs(1_750_000_000_000);

/// Steps of one run at most, before the faults end.
pub(crate) const STEPS_MAX: u64 = 2_000;

const HOUR_MS: u64 = 3_600_000;

/// A fault planted in the world around the engine, to see whether the checks find it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Plant {
    /// The store answers what is only written, and a crash may lose it.
    AnswerBeforeSync,
    /// Readers see what is only written.
    ReadBeforeSync,
    /// After a crash no client message id is remembered.
    DedupeForgotten,
    /// A page leaves out a message.
    EntrySkipped,
    /// Two messages of a page have changed places.
    EntriesSwapped,
    /// A page tells a message again under another number.
    EntryDoubled,
    /// A message is stored a second time.
    StoredTwice,
    /// A page holds a message of strangers.
    EntryLeaked,
    /// An acknowledgement raises the sender's receipt to what was not acknowledged.
    ReceiptForUndelivered,
    /// A device writes down and acknowledges the key before what it stands for.
    KeyBeforeWrite,
    /// Links do not hear their bells.
    BellsForgotten,
}

impl Plant {
    pub(crate) const ALL: [Plant; 11] = [
        Plant::AnswerBeforeSync,
        Plant::ReadBeforeSync,
        Plant::DedupeForgotten,
        Plant::EntrySkipped,
        Plant::EntriesSwapped,
        Plant::EntryDoubled,
        Plant::StoredTwice,
        Plant::EntryLeaked,
        Plant::ReceiptForUndelivered,
        Plant::KeyBeforeWrite,
        Plant::BellsForgotten,
    ];
}

/// How often what happens, each in ten thousand steps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// A connection ends.
    pub(crate) cut: u32,
    /// The process ends.
    pub(crate) crash: u32,
    /// The server is asked to stop, and does.
    pub(crate) stop: u32,
    /// The clock jumps.
    pub(crate) jump: u32,
    /// A device is added, revoked, logs out, or is replaced.
    pub(crate) devices: u32,
    /// A device comes back with an older state of itself.
    pub(crate) restore: u32,
    /// The janitor prunes.
    pub(crate) prune: u32,
    /// A request is abandoned by the server where it stands, as if its task were ended.
    pub(crate) abandon: u32,
    /// A link does not hear its bell, of ten thousand rings; it looks by itself later.
    pub(crate) deaf: u32,
    /// A link looks without having been rung.
    pub(crate) spurious: u32,
}

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) steps: u64,
    /// Devices of each account.
    pub(crate) accounts: Vec<u32>,
    pub(crate) kept: Kept,
    pub(crate) rates: Rates,
    pub(crate) failures: Failures,
    /// Most entries of a page.
    pub(crate) page: usize,
    /// At the end connections stay as they are, and what is missing must come by itself.
    pub(crate) heal_in_place: bool,
    /// The clock stands still.
    pub(crate) frozen: bool,
    pub(crate) plant: Option<Plant>,
    /// Instead of writing to each other, devices do deeds about each other's accounts.
    pub(crate) deeds: bool,
}

impl Plan {
    /// The plan of a seed. With a plant, the retention under which its harm is certain to be one.
    pub(crate) fn of(seed: u64, plant: Option<Plant>) -> Plan {
        let mut rng = Rng::new(seed);
        let mut accounts: Vec<u32> = (0..rng.between(2, 4)).map(|_| rng.between(1, 3) as u32).collect();
        if plant == Some(Plant::EntryLeaked) {
            accounts = vec![2, 1, 2, 1];
        }
        let kept = match rng.below(10) {
            0..=4 => Kept::Forever,
            5..=7 => Kept::UntilDelivered { at_most_ms: 30 * 24 * HOUR_MS },
            8 => Kept::UntilDelivered { at_most_ms: HOUR_MS },
            _ => Kept::For { ms: rng.between(1, 72) * HOUR_MS },
        };
        let kind = rng.below(8);
        let often = |rng: &mut Rng, most: u64| rng.between(0, most) as u32;
        let mut rates = Rates {
            cut: often(&mut rng, 150),
            crash: often(&mut rng, 60),
            stop: often(&mut rng, 10),
            jump: often(&mut rng, 60),
            devices: often(&mut rng, 60),
            restore: often(&mut rng, 40),
            prune: often(&mut rng, 40),
            abandon: 0,
            deaf: 0,
            spurious: often(&mut rng, 100),
        };
        let mut failures =
            Failures { full: often(&mut rng, 300), failed: often(&mut rng, 40), unread: often(&mut rng, 50) };
        match kind {
            0 => (rates, failures) = (Rates::default(), Failures::default()), // only the schedule
            1 => rates.crash += 150,
            2 => rates.cut += 500,
            3 => (rates.abandon, rates.deaf) = (100, 3_000),
            _ => {}
        }
        if plant == Some(Plant::BellsForgotten) {
            (rates, failures) = (Rates::default(), Failures::default());
        }
        let page = match rng.below(4) {
            0 => 1,
            1 => rng.between(2, 5) as usize,
            _ => 200,
        };
        Plan {
            seed,
            steps: rng.between(300, STEPS_MAX),
            accounts,
            kept: if plant.is_some() { Kept::Forever } else { kept },
            heal_in_place: (rates.abandon == 0 && rng.chance(6_000)) || plant == Some(Plant::BellsForgotten),
            rates,
            failures,
            page,
            frozen: rng.chance(1_000),
            plant,
            deeds: false,
        }
    }

    /// Three devices of one account and two of another, everything kept.
    pub(crate) fn three_and_two(seed: u64) -> Plan {
        let plan = Plan::of(seed, None);
        let mut rates = plan.rates;
        (rates.devices, rates.restore) = (0, 20);
        Plan { accounts: vec![3, 2], kept: Kept::Forever, rates, ..plan }
    }

    /// Three devices each of two accounts that do nothing but ask, accept, remove, block and so on.
    pub(crate) fn acquainted(seed: u64) -> Plan {
        let plan = Plan::three_and_two(seed);
        Plan { accounts: vec![3, 3], deeds: true, ..plan }
    }

    /// The engine's rules for this run: no limit of speed, for it is not what is tried here.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            keep_messages: match self.kept {
                Kept::Forever => KeepMessages::Forever,
                Kept::UntilDelivered { at_most_ms } => KeepMessages::UntilDelivered { at_most_ms },
                Kept::For { ms } => KeepMessages::For { ms },
            },
            rates: belfry_engine::Rates::UNLIMITED,
            unanswered: u32::MAX,
            pin_tries_per_day: 1_000,
            pins_per_day: 1_000,
            ..Settings::default()
        }
    }
}
