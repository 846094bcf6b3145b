//! What is measured with: CPU and memory of this process, by the kernel's own account.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::time::{ClockId, clock_gettime};

/// CPU that this process has used so far, to the nanosecond, threads that have ended included.
pub(crate) fn cpu() -> Duration {
    spent(ClockId::ProcessCPUTime)
}

/// CPU of the thread that asks: of all that is not the store's own threads.
pub(crate) fn main_cpu() -> Duration {
    spent(ClockId::ThreadCPUTime)
}

fn spent(clock: ClockId) -> Duration {
    clock_gettime(clock).try_into().unwrap_or_default()
}

/// Bytes of memory that this process holds.
pub(crate) fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("Linux has /proc")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("a process has a size")?;
    let kib: u64 = line.split_whitespace().nth(1).context("in KiB")?.parse()?;
    Ok(kib * 1024)
}

/// Waits until this process does next to nothing, at most a minute: the store has work in the background.
pub(crate) async fn quiet() -> Result<()> {
    for _ in 0..120 {
        let before = cpu();
        tokio::time::sleep(Duration::from_millis(500)).await;
        if cpu().saturating_sub(before) < Duration::from_millis(10) {
            break;
        }
    }
    Ok(())
}

/// How long the same thing took each time.
#[derive(Default)]
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Within how many ms such a part of them was.
    pub(crate) fn at(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = ((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    }

    /// Half of them and 99 % of them, in ms.
    pub(crate) fn list(&self) -> [f64; 2] {
        [self.at(0.5), self.at(0.99)]
    }
}
