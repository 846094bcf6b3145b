//! Answers that come no sooner for less work: at fixed moments after the request, and a random time later.
//!
//! When a request came goes in; the moment of its answer comes out. Why not the moments alone: a runtime's timers wake by
//! the millisecond, and which one that is depends on when the work before the wait ended; over some thousand tries that
//! shows. The random time is drawn for each answer anew and is longer than a millisecond, so what is left of that drowns.

use std::time::Duration;

use belfry_domain::ports::{Entropy, random_array};
use tokio::time::{Instant, sleep_until};

use crate::Engine;

/// The random time is shorter than this: many times a timer's grain, and nobody waits for it.
pub(crate) const SCATTER: Duration = Duration::from_millis(8);

impl Engine {
    /// Waits for the moment at which a request that came then may be answered.
    pub(crate) async fn on_a_tick(&self, tick: Duration, began: Instant) {
        let moment = next_tick(tick, began, Instant::now()) + scatter(&*self.inner.ports.entropy);
        sleep_until(moment).await;
    }
}

/// The first tick after `now`, counted from when the request came.
fn next_tick(tick: Duration, began: Instant, now: Instant) -> Instant {
    let ticks = (now - began).as_micros() / tick.as_micros() + 1;
    began + tick * u32::try_from(ticks).unwrap_or(1)
}

fn scatter(entropy: &dyn Entropy) -> Duration {
    SCATTER * u32::from(u16::from_be_bytes(random_array::<2>(entropy))) / (u32::from(u16::MAX) + 1)
}

#[cfg(test)]
mod tests {
    use belfry_domain::memory::SeededEntropy;

    use super::*;

    const TICK: Duration = Duration::from_millis(20);

    #[test]
    fn what_must_not_show_its_work_is_answered_on_a_tick() {
        let began = Instant::now();
        let tick_after = |micros| next_tick(TICK, began, began + Duration::from_micros(micros)) - began;
        assert_eq!(tick_after(0), TICK);
        assert_eq!(tick_after(3_100), TICK);
        assert_eq!(tick_after(19_999), TICK);
        assert_eq!(tick_after(20_000), TICK * 2);
    }

    #[test]
    fn an_answer_comes_a_random_time_after_its_tick_that_is_drawn_each_time() {
        let entropy = SeededEntropy::new(7);
        let drawn: Vec<Duration> = (0..1_000).map(|_| scatter(&entropy)).collect();
        assert!(drawn.iter().all(|wait| *wait < SCATTER));
        for eighth in 0..8 {
            let here = drawn.iter().filter(|wait| wait.as_millis() == eighth).count();
            assert!((70..190).contains(&here), "all of it is used: {here} of 1,000 in eighth {eighth}");
        }
    }
}
