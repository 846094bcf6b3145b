//! What has happened to messages lately: a bounded memory of steps, for the question where a message is.
//!
//! The rules and the sessions push a small step when something is durable, written or refused; `admin_trace` looks
//! through them. Invariant: nothing here decides anything, the memory is bounded by a setting, and a push is one short
//! lock of one of [`SHARDS`] and a copy. What has been forgotten is known to be: [`Steps::remembered_since`].

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use belfry_domain::{AccountId, ClientMessageId, Code, DeviceId, MessageId, Seq, TimestampMs};
use parking_lot::Mutex;

/// Locks over which accounts are spread.
const SHARDS: usize = 64;

/// Steps that are remembered, by default: those of the last 10,000 messages or so, in 5 MB.
pub const STEPS_MAX: usize = 65_536;

/// Refused sends of one batch that are remembered: a flood of them shall not push out what others need.
pub(crate) const REFUSED_PER_BATCH_MAX: usize = 4;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Did {
    /// A device's message was stored; this is its place in the sender's timeline.
    Accepted {
        /// The message.
        id: MessageId,
        /// The place.
        seq: Seq,
    },
    /// A message was stored for the other side; this is its place there.
    Stored {
        /// The message.
        id: MessageId,
        /// The place.
        seq: Seq,
    },
    /// A device sent again what an earlier try had stored.
    Repeated(MessageId),
    /// A send was refused.
    Refused {
        /// Why.
        code: Code,
        /// What the device called it, hashed.
        client_id: u64,
    },
    /// The answer to a sync took the places after the first up to the second.
    Answered {
        /// Not this one.
        after: Seq,
        /// This one too.
        up_to: Seq,
    },
    /// A notification with these places was written to a link.
    Told {
        /// Not this one.
        after: Seq,
        /// This one too.
        up_to: Seq,
    },
    /// A link ended before a notification with these places was written to it.
    Unwritten {
        /// Not this one.
        after: Seq,
        /// This one too.
        up_to: Seq,
        /// Why it ended, if the server ended it.
        why: Option<Code>,
    },
    /// A device acknowledged.
    Acknowledged {
        /// All up to here need not be sent again.
        passed: Seq,
        /// All up to here was given to its user.
        delivered: Seq,
    },
    /// An account has read a conversation up to this message.
    Read(MessageId),
    /// A link was opened.
    Opened,
    /// A link ended; why, if the server ended it.
    Closed(Option<Code>),
    /// A device was cut off for good.
    Cut(Code),
}

/// One step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    pub(crate) at: TimestampMs,
    pub(crate) account: AccountId,
    pub(crate) device: DeviceId,
    /// 0: not known, or of no link.
    pub(crate) link: u64,
    /// Empty: of no carrier.
    pub(crate) carrier: &'static str,
    pub(crate) did: Did,
}

const _: () = assert!(size_of::<Step>() <= 80, "a step is small: there are many");

#[derive(Default)]
struct Shard {
    steps: VecDeque<Step>,
    /// When the newest step happened that was pushed out.
    forgotten: TimestampMs,
}

/// All steps that are remembered.
pub(crate) struct Steps {
    started: TimestampMs,
    max: AtomicUsize,
    shards: Vec<Mutex<Shard>>,
}

impl Steps {
    pub(crate) fn new(max: usize, started: TimestampMs) -> Steps {
        let steps =
            Steps { started, max: AtomicUsize::new(1), shards: (0..SHARDS).map(|_| Mutex::default()).collect() };
        steps.set_max(max);
        steps
    }

    /// Remembers so many from now on, spread evenly; 0: none.
    pub(crate) fn set_max(&self, max: usize) {
        self.max.store(max.div_ceil(SHARDS), Ordering::Relaxed);
    }

    pub(crate) fn push(&self, step: Step) {
        self.push_all(step.account, [step]);
    }

    /// Pushes steps of one account under one lock.
    pub(crate) fn push_all(&self, account: AccountId, steps: impl IntoIterator<Item = Step>) {
        let max = self.max.load(Ordering::Relaxed);
        if max == 0 {
            return;
        }
        let mut shard = self.shard(account).lock();
        for step in steps {
            while shard.steps.len() >= max {
                if let Some(oldest) = shard.steps.pop_front() {
                    shard.forgotten = oldest.at;
                }
            }
            shard.steps.push_back(step);
        }
    }

    /// The steps of an account that are wanted, oldest first.
    pub(crate) fn of(&self, account: AccountId, mut wanted: impl FnMut(&Step) -> bool) -> Vec<Step> {
        let shard = self.shard(account).lock();
        shard.steps.iter().filter(|step| step.account == account && wanted(step)).copied().collect()
    }

    /// Every step of this account after this moment is there.
    pub(crate) fn remembered_since(&self, account: AccountId, now: TimestampMs) -> TimestampMs {
        match self.max.load(Ordering::Relaxed) {
            0 => now,
            _ => self.started.max(self.shard(account).lock().forgotten),
        }
    }

    fn shard(&self, account: AccountId) -> &Mutex<Shard> {
        &self.shards[account.0 as usize % SHARDS]
    }
}

/// A client's id as refused sends remember it: whoever finds two with one hash confuses only a look at their own sends.
pub(crate) fn hash_of(client_id: &ClientMessageId) -> u64 {
    let mut hasher = DefaultHasher::new();
    client_id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(account: u64, at: u64) -> Step {
        let (account, device) = (AccountId(account), DeviceId(1));
        Step { at: TimestampMs(at), account, device, link: 0, carrier: "test", did: Did::Opened }
    }

    #[test]
    fn steps_are_bounded_and_what_was_forgotten_is_known() {
        let steps = Steps::new(SHARDS * 10, TimestampMs(5));
        assert_eq!(steps.remembered_since(AccountId(1), TimestampMs(99)), TimestampMs(5));
        for at in 10..40 {
            steps.push(step(1, at));
            steps.push(step(1 + SHARDS as u64, at));
        }
        let kept = steps.of(AccountId(1), |_| true);
        assert_eq!(kept.iter().map(|step| step.at.0).collect::<Vec<_>>(), [35, 36, 37, 38, 39]);
        assert_eq!(steps.remembered_since(AccountId(1), TimestampMs(99)), TimestampMs(34));
        assert_eq!(
            steps.remembered_since(AccountId(2), TimestampMs(99)),
            TimestampMs(5),
            "another shard has forgotten nothing"
        );
        steps.set_max(SHARDS);
        steps.push(step(1, 50));
        assert_eq!(steps.of(AccountId(1), |_| true).len(), 1);
        assert!(steps.of(AccountId(1 + SHARDS as u64), |_| true).is_empty());
        steps.set_max(0);
        steps.push(step(1, 60));
        assert_eq!(steps.remembered_since(AccountId(1), TimestampMs(99)), TimestampMs(99), "nothing is remembered");
    }
}
