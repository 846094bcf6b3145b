//! Latencies: a histogram with three digits, from a microsecond to minutes, that crosses processes.
//!
//! Durations come in; quantiles leave, or pairs of value and count that another process adds to its own. Invariant: what
//! does not fit is counted at the edge, never left out.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest that is told apart.
const LONGEST_US: u64 = 600_000_000;

/// Digits that hold.
const DIGITS: u8 = 3;

/// Many durations.
#[derive(Clone, Debug)]
pub struct Latency(Histogram<u64>);

impl Default for Latency {
    fn default() -> Latency {
        Latency(Histogram::new_with_bounds(1, LONGEST_US, DIGITS).expect("the bounds are in order"))
    }
}

impl Latency {
    /// One more.
    pub fn record(&mut self, duration: Duration) {
        self.record_us(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX), 1);
    }

    fn record_us(&mut self, us: u64, times: u64) {
        let us = us.clamp(1, LONGEST_US);
        self.0.record_n(us, times).expect("it is within the bounds");
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// How many are longer.
    pub fn count_above(&self, duration: Duration) -> u64 {
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).clamp(1, LONGEST_US);
        self.count() - self.0.count_between(0, us)
    }

    /// The duration that this part (0 to 1) of all does not exceed; nothing for none.
    pub fn quantile(&self, part: f64) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(part))
    }

    /// All of both.
    pub fn add(&mut self, other: &Latency) {
        self.0.add(&other.0).expect("all have the same bounds");
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter_recorded().map(|at| (at.value_iterated_to(), at.count_at_value())))
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Latency, D::Error> {
        let mut latency = Latency::default();
        for (us, times) in Vec::<(u64, u64)>::deserialize(deserializer)? {
            latency.record_us(us, times);
        }
        Ok(latency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(us: impl IntoIterator<Item = u64>) -> Latency {
        let mut latency = Latency::default();
        us.into_iter().for_each(|us| latency.record(Duration::from_micros(us)));
        latency
    }

    #[test]
    fn quantiles_hold_to_three_digits() {
        let latency = of(1..=100_000);
        for (part, us) in [(0.5, 50_000.0), (0.95, 95_000.0), (0.99, 99_000.0), (0.999, 99_900.0), (1.0, 100_000.0)] {
            let found = latency.quantile(part).as_micros() as f64;
            assert!((found - us).abs() <= us / 500.0, "{part}: {found} for {us}");
        }
        assert_eq!(Latency::default().quantile(0.99), Duration::ZERO);
    }

    #[test]
    fn what_does_not_fit_is_counted_at_the_edge() {
        let latency = of([0, 5, u64::MAX]);
        assert_eq!(latency.count(), 3);
        assert!(latency.quantile(1.0) >= Duration::from_secs(599));
        assert_eq!(latency.count_above(Duration::from_secs(1)), 1);
    }

    #[test]
    fn histograms_cross_processes_and_add_up() {
        let (one, other) = (of([10, 20, 30, 4_567_890]), of([40; 1_000]));
        let text = serde_json::to_string(&one).expect("it has a form");
        let mut back: Latency = serde_json::from_str(&text).expect("it reads back");
        assert_eq!(back.quantile(1.0), one.quantile(1.0));
        back.add(&other);
        assert_eq!(back.count(), 1_004);
        assert_eq!(back.quantile(0.5), Duration::from_micros(40));
    }
}
