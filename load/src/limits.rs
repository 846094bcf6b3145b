//! The limits of the machine: what the same work costs without a server around it.
//!
//! A folder on the disk comes in; how long the disk takes, what a bare log with group commit does, and what a bare relay of
//! bytes between two sockets costs leave. Invariant: nothing here does more than every messaging server that keeps its word
//! has to do, so none can be better without doing less.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::latency::Latency;
use crate::probe::thread_cpu_us;
use crate::report::{Quantiles, Report};

/// What is kept of a message of 100 bytes with its addresses and numbers.
const ENTRY_BYTES: usize = 300;

/// Syncs of one figure.
const SYNCS: usize = 500;

/// Entries that one sync takes together: a hundred senders at once.
const ENTRIES_IN_A_SYNC: usize = 100;

/// Messages that are passed on.
const RELAYED: usize = 200_000;

/// A message of 100 bytes as it is on the wire.
const RELAYED_BYTES: usize = 200;

const SYNC: Quantiles = Quantiles::of([
    ("sync_p50_ms", "an entry appended and synced: half within"),
    ("sync_p95_ms", "  95 % within"),
    ("sync_p99_ms", "  99 % within"),
    ("sync_p999_ms", "  99.9 % within"),
    ("sync_max_ms", "  the longest"),
]);

/// What this machine allows, with files in this folder.
pub fn limits(folder: &Path) -> Result<Report> {
    let mut report = Report::new("limits");
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let real = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    report.set("folder", real.display());
    report.set("file system", file_system(&mounts, &real).unwrap_or_else(|| "unknown".to_owned()));
    let path = real.join(format!("belfry-bench-limits-{}", std::process::id()));
    let file = OpenOptions::new().create_new(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot write into {}", real.display()))?;
    let measured = disk(&mut report, file);
    std::fs::remove_file(&path).context("the file of the log cannot be removed")?;
    measured?;
    relay(&mut report)?;
    Ok(report)
}

fn disk(report: &mut Report, mut file: File) -> Result<()> {
    let mut one = Latency::default();
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[b'x'; ENTRY_BYTES])?;
        file.sync_data()?;
        one.record(began.elapsed());
    }
    report.add_latency(&SYNC, &one);
    let batch = vec![b'x'; ENTRY_BYTES * ENTRIES_IN_A_SYNC];
    let (began, cpu_us) = (Instant::now(), thread_cpu_us());
    for _ in 0..SYNCS {
        file.write_all(&batch)?;
        file.sync_data()?;
    }
    let entries = (SYNCS * ENTRIES_IN_A_SYNC) as f64;
    let cpu_us = thread_cpu_us().saturating_sub(cpu_us) as f64;
    report.add(
        "log_entries_per_s",
        "entries of a bare log, 100 in a sync",
        "/s",
        entries / began.elapsed().as_secs_f64(),
    );
    report.add("log_entry_cpu_us", "  CPU for each", "µs", cpu_us / entries);
    Ok(())
}

/// One thread reads a message and writes it on: two system calls, the least that passing it on can cost one by one.
fn relay(report: &mut Report) -> Result<()> {
    let (mut sender, mut inside) = connected()?;
    let (mut outside, mut receiver) = connected()?;
    let relaying = std::thread::spawn(move || -> Result<(u64, f64)> {
        let mut message = [0; RELAYED_BYTES];
        let (began, cpu_us) = (Instant::now(), thread_cpu_us());
        for _ in 0..RELAYED {
            inside.read_exact(&mut message)?;
            outside.write_all(&message)?;
        }
        Ok((thread_cpu_us().saturating_sub(cpu_us), began.elapsed().as_secs_f64()))
    });
    // A window of messages, so that neither side waits for the other at each.
    let window = [b'x'; RELAYED_BYTES * 50];
    let mut back = [0; RELAYED_BYTES * 50];
    for _ in 0..RELAYED / 50 {
        sender.write_all(&window)?;
        receiver.read_exact(&mut back)?;
    }
    let done = relaying.join().ok().context("the relay has ended")??;
    report.add("relay_per_s", "messages through a bare relay", "/s", RELAYED as f64 / done.1);
    report.add("relay_cpu_us", "  CPU for each", "µs", done.0 as f64 / RELAYED as f64);
    Ok(())
}

/// Both ends of a connection.
fn connected() -> Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let one = TcpStream::connect(listener.local_addr()?)?;
    let (other, _) = listener.accept()?;
    one.set_nodelay(true)?;
    other.set_nodelay(true)?;
    Ok((one, other))
}

/// Which file system a folder is on, and how it is mounted.
fn file_system(mounts: &str, folder: &Path) -> Option<String> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?, words.next()?, words.next()?))
    });
    // The last one that was mounted there hides the others.
    let inside = mounts.filter(|(_, at, ..)| folder.starts_with(at));
    let (device, _, kind, options) = inside.max_by_key(|(_, at, ..)| at.len())?;
    Some(format!("{kind} on {device} ({options})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_on_the_file_system_that_is_mounted_nearest() {
        let mounts = "/dev/a / ext4 rw,relatime 0 0\nb /tmp tmpfs rw 0 0\n/dev/c /tmp/deep xfs rw 0 0\n";
        let of = |folder: &str| file_system(mounts, Path::new(folder));
        assert_eq!(of("/tmp/deep/er").as_deref(), Some("xfs on /dev/c (rw)"));
        assert_eq!(of("/tmp/deeper").as_deref(), Some("tmpfs on b (rw)"));
        assert_eq!(of("/home").as_deref(), Some("ext4 on /dev/a (rw,relatime)"));
        assert_eq!(file_system("", Path::new("/")), None);
    }

    #[test]
    fn a_relay_passes_everything_on_and_says_what_it_cost() -> Result<()> {
        let mut report = Report::new("limits");
        relay(&mut report)?;
        assert!(report.figure("relay_per_s").is_some_and(|rate| rate > 0.0));
        assert!(report.figure("relay_cpu_us").is_some_and(|us| us > 0.0));
        Ok(())
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_that_names_it() {
        let error = limits(Path::new("/nowhere/at/all")).expect_err("there is no such folder");
        assert!(format!("{error:#}").contains("/nowhere/at/all"), "{error:#}");
    }
}
