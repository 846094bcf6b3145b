//! Back-off: when to try to connect again.
//!
//! How the last link ended comes in, and a random number; a delay leaves. Invariant: many clients that lose one server
//! in the same moment come back spread over seconds, and a server that stays away is asked ever more seldom.

use std::time::Duration;

use crate::environment::Environment;

/// Upper bound of the first delay after a failed try; it doubles with each further one.
const FIRST_MAX: Duration = Duration::from_millis(500);

/// The delays grow no further than this.
const GROWN_MAX: Duration = Duration::from_secs(60);

/// The same for a client that nobody looks at: the radio of a phone is what costs there.
const BACKGROUND_FIRST_MAX: Duration = Duration::from_secs(30);

/// See [`BACKGROUND_FIRST_MAX`].
const BACKGROUND_GROWN_MAX: Duration = Duration::from_secs(15 * 60);

/// When a link that worked is lost, all others have probably lost theirs in the same moment. Spread over five seconds,
/// 18,000 clients come back at 3,600 logins a second.
const SPREAD: Duration = Duration::from_secs(5);

/// A link that held this long was a good one: the next loss starts from the small delays again. A server that accepts
/// and cuts at once does not get a fresh start each time.
const GOOD_AFTER: Duration = Duration::from_secs(10);

/// How a try to be connected ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// No link came about; the server may have said when to come back.
    Failed {
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
    /// A link that worked was lost or closed.
    Lost {
        /// How long it had held.
        held: Duration,
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
}

/// Counts failures and draws delays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The delay before the next try. Full jitter: anything from nothing to the bound is equally likely, so clients
    /// that failed together do not try together.
    pub fn next(&mut self, ended: Ended, background: bool, environment: &dyn Environment) -> Duration {
        let (first_max, grown_max) =
            if background { (BACKGROUND_FIRST_MAX, BACKGROUND_GROWN_MAX) } else { (FIRST_MAX, GROWN_MAX) };
        let grown = |failures: u32| first_max.saturating_mul(1 << failures.min(16)).min(grown_max);
        let (at_least, bound) = match ended {
            Ended::Lost { held, retry_after } => {
                if held >= GOOD_AFTER {
                    self.failures = 0;
                }
                let wait = retry_after.unwrap_or_default();
                // A server that says "in 30 seconds" says so to everybody: spread at least as wide as the wait.
                (wait, SPREAD.max(wait).max(grown(self.failures)))
            }
            Ended::Failed { retry_after } => {
                let wait = retry_after.unwrap_or_default();
                (wait, grown(self.failures).max(wait))
            }
        };
        self.failures = self.failures.saturating_add(1);
        at_least + fraction(bound, environment.random_u64())
    }

    /// Forgets the failures: something has changed (the network, the person asked for it).
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A uniformly drawn part of `bound`.
fn fraction(bound: Duration, random: u64) -> Duration {
    Duration::from_nanos(((bound.as_nanos() * u128::from(random)) >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Always the same number: the bounds can be read off.
    struct Always(u64);

    impl Environment for Always {
        fn now_ms(&self) -> u64 {
            0
        }
        fn random_u64(&self) -> u64 {
            self.0
        }
    }

    const FAILED: Ended = Ended::Failed { retry_after: None };

    fn bounds(ends: &[Ended], background: bool) -> Vec<u64> {
        let mut backoff = Backoff::default();
        ends.iter()
            .map(|ended| (backoff.next(*ended, background, &Always(u64::MAX)).as_millis() as u64).div_ceil(100) * 100)
            .collect()
    }

    #[test]
    fn the_bound_doubles_from_half_a_second_to_a_minute() {
        assert_eq!(bounds(&[FAILED; 9], false), [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
        assert_eq!(bounds(&[FAILED; 7], true), [30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
    }

    #[test]
    fn the_first_return_after_a_loss_is_spread_and_a_good_link_starts_anew() {
        let lost = |seconds| Ended::Lost { held: Duration::from_secs(seconds), retry_after: None };
        assert_eq!(bounds(&[FAILED, FAILED, FAILED, FAILED, lost(60), FAILED], false)[4..], [5000, 1000]);
        // Cut right after login, again and again: the delays keep growing.
        assert_eq!(bounds(&[lost(0); 7], false), [5000, 5000, 5000, 5000, 8000, 16000, 32000]);
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        let told = Ended::Lost { held: Duration::ZERO, retry_after: Some(Duration::from_secs(30)) };
        assert_eq!(Backoff::default().next(told, false, &Always(0)), Duration::from_secs(30));
        assert_eq!(bounds(&[told], false), [60_000]);
        let busy = Ended::Failed { retry_after: Some(Duration::from_secs(3)) };
        assert_eq!(Backoff::default().next(busy, false, &Always(0)), Duration::from_secs(3));
    }

    #[test]
    fn ten_thousand_clients_come_back_in_an_even_stream() {
        let mut seconds = [0u32; 5];
        for client in 0..10_000u64 {
            // The system's generator stands in for 10,000 machines' generators.
            let random = client.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let lost = Ended::Lost { held: Duration::from_secs(60), retry_after: None };
            let delay = Backoff::default().next(lost, false, &Always(random));
            seconds[delay.as_secs() as usize] += 1;
        }
        for count in seconds {
            assert!((1_800..=2_200).contains(&count), "uneven: {seconds:?}");
        }
    }

    proptest! {
        #[test]
        fn no_delay_is_over_its_bound(random in any::<u64>(), failures in 0u32..40) {
            let mut backoff = Backoff { failures };
            prop_assert!(backoff.next(FAILED, false, &Always(random)) <= GROWN_MAX);
        }
    }
}
