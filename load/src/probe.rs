//! Probes: what a process and the machine's sockets use, as Linux says it under /proc, in steps of 10 ms of CPU; what the
//! tool itself uses is known to the nanosecond.
//!
//! A process id comes in, samples leave; two samples and their difference are what a scenario reports. Invariant: nothing is
//! asked of the server itself, so every server is measured by the same means.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// What a process has used so far, and what it holds.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Sample {
    /// CPU time of all its threads, in the program and in the kernel for it.
    pub cpu_us: u64,
    /// Of that, in the kernel.
    pub kernel_us: u64,
    /// Memory that it has in use, shared libraries included.
    pub resident_kib: u64,
    /// Buffers of TCP in the kernel, of the whole machine.
    pub socket_kib: u64,
}

/// What is watched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probe {
    /// A process of this machine; without one nothing is known of it.
    pub pid: Option<u32>,
}

impl Probe {
    /// How it is now; without a process zeros.
    pub fn sample(&self) -> Result<Sample> {
        let Some(pid) = self.pid else { return Ok(Sample::default()) };
        let read = |name: &str| {
            let path = format!("/proc/{pid}/{name}");
            let gone = || format!("process {pid} cannot be looked at ({path}): does the server still run?");
            std::fs::read_to_string(&path).with_context(gone)
        };
        let (cpu_us, kernel_us) = cpu(&read("stat")?).context("/proc has another form than is known")?;
        let resident_kib = field(&read("status")?, "VmRSS:").context("/proc has another form than is known")?;
        Ok(Sample { cpu_us, kernel_us, resident_kib, socket_kib: socket_kib() })
    }
}

/// CPU time of this process so far, µs.
pub(crate) fn own_cpu_us() -> u64 {
    spent_us(ClockId::ProcessCPUTime)
}

/// CPU time of the thread that asks so far, µs.
pub(crate) fn thread_cpu_us() -> u64 {
    spent_us(ClockId::ThreadCPUTime)
}

fn spent_us(clock: ClockId) -> u64 {
    let spent: Duration = clock_gettime(clock).try_into().unwrap_or_default();
    spent.as_micros() as u64
}

/// All and the kernel's part, from the line of /proc/PID/stat. The name in it may have spaces and brackets.
fn cpu(stat: &str) -> Option<(u64, u64)> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let tick_us = 1_000_000 / rustix::param::clock_ticks_per_second().max(1);
    let (user, kernel): (u64, u64) = (fields.get(11)?.parse().ok()?, fields.get(12)?.parse().ok()?);
    Some(((user + kernel) * tick_us, kernel * tick_us))
}

/// The number behind a name in a list of names and numbers.
fn field(text: &str, name: &str) -> Option<u64> {
    let mut words = text.split_whitespace();
    words.find(|word| *word == name)?;
    words.next()?.parse().ok()
}

fn socket_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    tcp_pages(&text).unwrap_or(0) * (rustix::param::page_size() as u64 / 1024)
}

fn tcp_pages(sockstat: &str) -> Option<u64> {
    field(sockstat.lines().find(|line| line.starts_with("TCP:"))?, "mem")
}

/// On what the figures were taken.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Processors that this process may use.
    pub processors: usize,
    /// Memory.
    pub memory_mib: u64,
    /// The kernel's version.
    pub kernel: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Machine {
        let read = |path: &str| std::fs::read_to_string(Path::new(path)).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let named = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Machine {
            processor: named.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned()),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: field(&read("/proc/meminfo"), "MemTotal:").unwrap_or(0) / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_hides_no_figure() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 90 0 0 0 200 50 3 4 20 0 9 0 100 1 2";
        let tick_us = 1_000_000 / rustix::param::clock_ticks_per_second();
        assert_eq!(cpu(stat), Some((250 * tick_us, 50 * tick_us)));
        assert_eq!(cpu("nonsense"), None);
    }

    #[test]
    fn buffers_of_tcp_are_read_and_those_of_udp_are_not() {
        let text = "sockets: used 9\nUDP: inuse 1 mem 900\nTCP: inuse 4 orphan 0 tw 1 alloc 5 mem 42\n";
        assert_eq!(tcp_pages(text), Some(42));
    }

    #[test]
    fn what_this_process_burns_and_holds_is_seen() -> Result<()> {
        let probe = Probe { pid: Some(std::process::id()) };
        let before = probe.sample()?;
        let held = vec![1_u8; 32 << 20];
        while probe.sample()?.cpu_us < before.cpu_us + 30_000 {}
        let after = probe.sample()?;
        assert!(after.resident_kib > before.resident_kib + 30_000, "{before:?} {after:?}");
        assert!(held.len() > 1 && own_cpu_us() >= after.cpu_us);
        Ok(())
    }

    #[test]
    fn a_process_that_is_gone_is_an_error_that_names_it() {
        let error = Probe { pid: Some(u32::MAX) }.sample().expect_err("no such process");
        assert!(format!("{error:#}").contains("4294967295"), "{error:#}");
        assert_eq!(Probe::default().sample().expect("nothing is asked"), Sample::default());
    }
}
