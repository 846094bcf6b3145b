//! The open loop: messages leave when they are due, whether or not the server keeps up.
//!
//! A rate and a length come in; moments leave, and each is given to whoever sends. Invariant: the moments are fixed before
//! the first message leaves. If sending is held up, the next ones leave late but keep their moments, and latency is
//! counted from those: a server that stands still for a second is seen by everybody who would have waited then, and
//! not by one message alone ("coordinated omission").

use std::time::{Duration, Instant};

use crate::latency::Latency;

/// When messages are due.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    rate: f64,
    count: u64,
}

impl Schedule {
    /// So many in a second, for so long.
    pub fn new(rate: f64, length: Duration) -> Schedule {
        Schedule { rate, count: (rate * length.as_secs_f64()).round() as u64 }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When the message with this number is due, from the beginning.
    pub fn due(&self, number: u64) -> Duration {
        Duration::from_secs_f64(number as f64 / self.rate)
    }

    /// Gives each message and its moment to `send`, in time or as soon as possible after it, until all have been given
    /// or `send` wants no more. How late they were is what leaves: it is the tool's own part of all latencies.
    pub fn keep(&self, clock: &mut impl Clock, mut send: impl FnMut(u64, Duration) -> bool) -> Latency {
        let mut late = Latency::default();
        for number in 0..self.count {
            let due = self.due(number);
            clock.wait_until(due);
            late.record(clock.now().saturating_sub(due));
            if !send(number, due) {
                break;
            }
        }
        late
    }
}

/// Time from the beginning of a schedule; a parameter, so that tests own it.
pub trait Clock {
    /// How long ago the beginning is.
    fn now(&self) -> Duration;
    /// Returns when it is so late, or at once if it is later already.
    fn wait_until(&mut self, due: Duration);
}

/// The clock of the machine, for a thread of its own: an asynchronous timer knows milliseconds only.
#[derive(Debug)]
pub struct Wall(pub Instant);

impl Clock for Wall {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn wait_until(&mut self, due: Duration) {
        let left = due.saturating_sub(self.now());
        if !left.is_zero() {
            std::thread::sleep(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A clock that jumps to where it is waited for.
    struct Still<'a>(&'a Cell<Duration>);

    impl Clock for Still<'_> {
        fn now(&self) -> Duration {
            self.0.get()
        }

        fn wait_until(&mut self, due: Duration) {
            self.0.set(self.0.get().max(due));
        }
    }

    #[test]
    fn messages_are_due_at_equal_distances_for_the_whole_length() {
        let schedule = Schedule::new(1_000.0, Duration::from_secs(10));
        assert_eq!((schedule.count(), schedule.due(0)), (10_000, Duration::ZERO));
        assert_eq!(schedule.due(2_500), Duration::from_millis(2_500));
    }

    #[test]
    fn a_send_that_is_held_up_moves_no_moment_and_all_who_waited_are_seen() {
        let now = Cell::new(Duration::ZERO);
        let schedule = Schedule::new(100.0, Duration::from_secs(10));
        let mut latency = Latency::default();
        let late = schedule.keep(&mut Still(&now), |number, due| {
            assert_eq!(due, schedule.due(number), "the moments stay");
            // Each send takes a millisecond; the hundredth is held up for two seconds.
            now.set(now.get() + if number == 100 { Duration::from_secs(2) } else { Duration::from_millis(1) });
            latency.record(now.get() - due);
            true
        });
        assert_eq!((late.count(), latency.count()), (1_000, 1_000), "none is left out");
        // 10 ms between two, 1 ms for each: the delay of two seconds is worked off in about 220 messages.
        let slow = latency.count_above(Duration::from_millis(100));
        assert!((200..=222).contains(&slow), "{slow} messages waited");
        assert!(latency.quantile(0.9) > Duration::from_secs(1), "{:?}", latency.quantile(0.9));
        assert!(late.quantile(1.0) > Duration::from_millis(1_900), "the tool says that it was late");
    }

    #[test]
    fn it_ends_when_nobody_takes_messages_any_more() {
        let now = Cell::new(Duration::ZERO);
        let mut given = 0;
        Schedule::new(10.0, Duration::from_secs(10)).keep(&mut Still(&now), |_, _| {
            given += 1;
            given < 7
        });
        assert_eq!(given, 7);
    }
}
