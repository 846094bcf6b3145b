//! Small adapters that a test holds in its hand: a clock that it sets, entropy from a seed, texts that it can read.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::address::Phone;
use crate::ids::TimestampMs;
use crate::ports::{Clock, Entropy, Sms, SmsError};
use crate::secret::Secret;

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: TimestampMs) -> ManualClock {
        ManualClock(AtomicU64::new(now.0))
    }

    /// Sets it, forward or back.
    pub fn set(&self, now: TimestampMs) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves it forward and says what it shows then.
    pub fn advance_ms(&self, ms: u64) -> TimestampMs {
        TimestampMs(self.0.fetch_add(ms, Ordering::SeqCst) + ms)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> TimestampMs {
        TimestampMs(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that depend on the seed alone. Never for anything secret.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// Equal seeds give equal bytes.
    pub fn new(seed: u64) -> SeededEntropy {
        SeededEntropy(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock();
        for chunk in bytes.chunks_mut(8) {
            let word = splitmix(&mut state).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// SplitMix64: one addition and a mix, every seed has the full period.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Collects texts instead of sending them; can be told to fail.
#[derive(Debug, Default)]
pub struct MemorySms {
    sent: Mutex<Vec<(Phone, String)>>,
    fault: Mutex<Option<SmsError>>,
}

impl MemorySms {
    /// All texts so far, oldest first.
    pub fn sent(&self) -> Vec<(Phone, String)> {
        self.sent.lock().clone()
    }

    /// The newest text to a number.
    pub fn last_to(&self, phone: &Phone) -> Option<String> {
        self.sent.lock().iter().rev().find(|(to, _)| to == phone).map(|(_, text)| text.clone())
    }

    /// From now on every text fails with this, or (`None`) none does.
    pub fn fail_with(&self, fault: Option<SmsError>) {
        *self.fault.lock() = fault;
    }
}

#[async_trait]
impl Sms for MemorySms {
    async fn send(&self, to: &Phone, text: Secret<String>) -> Result<(), SmsError> {
        if let Some(fault) = self.fault.lock().clone() {
            return Err(fault);
        }
        self.sent.lock().push((to.clone(), text.expose().clone()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::random_array;

    #[test]
    fn equal_seeds_give_equal_bytes_and_others_do_not() {
        let a: [u8; 20] = random_array(&SeededEntropy::new(1));
        let b: [u8; 20] = random_array(&SeededEntropy::new(1));
        let c: [u8; 20] = random_array(&SeededEntropy::new(2));
        assert_eq!(a, b);
        assert_ne!(a, c);
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::new(TimestampMs(5));
        assert_eq!(clock.now(), TimestampMs(5));
        assert_eq!(clock.advance_ms(3), TimestampMs(8));
        clock.set(TimestampMs(1));
        assert_eq!(clock.now(), TimestampMs(1));
    }
}
