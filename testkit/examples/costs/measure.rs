//! What is measured with: CPU and memory of this process, by the kernel's own account.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// CPU that the threads of this process have used so far. Of threads that have ended nothing is known any longer.
pub(crate) fn cpu() -> Result<Duration> {
    let mut spent = 0;
    for task in fs::read_dir("/proc/self/task").context("Linux has /proc")? {
        let stat = fs::read_to_string(task?.path().join("schedstat")).context("a kernel with schedstat is needed")?;
        let ns = stat.split_whitespace().next().context("a thread has its time")?;
        spent += ns.parse::<u64>().context("in nanoseconds")?;
    }
    Ok(Duration::from_nanos(spent))
}

/// CPU of this process with all threads that have ended, in steps of 10 ms.
pub(crate) fn whole_cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").context("Linux has /proc")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).context("a process has its time");
    Ok(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
}

/// CPU of the thread that has begun: of all that is not the store's own threads.
pub(crate) fn main_cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/schedstat").context("a kernel with schedstat is needed")?;
    let ns = stat.split_whitespace().next().context("a thread has its time")?;
    Ok(Duration::from_nanos(ns.parse().context("in nanoseconds")?))
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
        let before = cpu()?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        if cpu()?.saturating_sub(before) < Duration::from_millis(10) {
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
