//! A process that writes is killed at random: what it was told is there, once, in order, without a hole.
//!
//! A kill does not lose what the system holds for the disk; that is the crash images' part.

#[path = "support/load.rs"]
mod load;
mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use belfry_domain::memory::SeededEntropy;
use belfry_domain::ports::random_array;

use support::Scratch;

/// Set for a child: the directory and the log.
const CHILD: &str = "BELFRY_STORE_WRITER";

/// The child: this binary once more, with this one test, which otherwise has nothing to do.
#[test]
fn as_a_child_it_writes_until_it_is_killed() {
    let Ok(arguments) = std::env::var(CHILD) else { return };
    let (directory, log) = arguments.split_once('\n').expect("the parent gives both");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(load::write(Path::new(directory), log)).expect("the store takes messages");
}

#[test]
fn killed_at_random_moments_the_store_loses_nothing_it_acknowledged() {
    let rounds: u32 = std::env::var("BELFRY_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let scratch = Scratch::new();
    let directory = scratch.path().join("data");
    let log = scratch.path().join("acked");
    let entropy = SeededEntropy::new(u64::from(std::process::id()));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let mut last = String::new();
    // Where a process takes long to begin, it is given more: it is to be killed while it writes, not always before.
    let mut reach_ms = 700;
    let written = || std::fs::metadata(&log).map_or(0, |log| log.len());
    for round in 0..rounds {
        let before = written();
        let mut child = Command::new(std::env::current_exe().expect("a test knows where it is"))
            .args(["--exact", "as_a_child_it_writes_until_it_is_killed"])
            .env(CHILD, format!("{}\n{}", directory.display(), log.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the writer starts");
        let [a, b] = random_array(&entropy);
        std::thread::sleep(Duration::from_millis(100 + u64::from(u16::from_be_bytes([a, b])) % reach_ms));
        child.kill().expect("the writer is killed");
        child.wait().expect("the writer has ended");
        if written() == before {
            reach_ms = (reach_ms * 5 / 4).min(5_000);
        }
        if !log.exists() {
            continue; // Killed before the first message: there is nothing to check against.
        }
        let (good, line) = runtime.block_on(load::check(&directory, &log)).expect("the store opens after a kill");
        assert!(good, "round {round}: {line}");
        last = line;
    }
    println!("{rounds} kills: {last}");
    let acked: u64 = last.split(' ').nth(1).and_then(|count| count.parse().ok()).expect("the check counts");
    assert!(acked > 100, "the writer wrote under load: {last}");
}
