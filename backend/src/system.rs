//! The time and the randomness of the machine.

use std::time::{SystemTime, UNIX_EPOCH};

use belfry_domain::TimestampMs;
use belfry_domain::ports::{Clock, Entropy};

/// The wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that all others ask")]
    fn now(&self) -> TimestampMs {
        // A clock before 1970 is one that was never set: all of its moments are the first.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimestampMs(since.as_millis() as u64)
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Keys and PINs come from here: going on with anything less than random would give them away.
        getrandom::fill(bytes).expect("the operating system has randomness");
    }
}

#[cfg(test)]
mod tests {
    use belfry_domain::ports::random_array;

    use super::*;

    #[test]
    fn the_clock_shows_a_time_of_this_century_and_entropy_differs() {
        assert!(SystemClock.now() > TimestampMs(1_577_836_800_000));
        assert_ne!(random_array::<32>(&OsEntropy), random_array::<32>(&OsEntropy));
    }
}
