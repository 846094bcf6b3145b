//! What one operation costs: `cargo run --release -p belfry-testkit --example costs -- --help`.
//!
//! The name of a group of operations comes in; a table of time and CPU for each operation leaves. `count` does one
//! operation so many times and nothing else: a program that counts instructions is run over it twice, and the difference
//! is the operation's (`testkit/tests/instructions.rs`). Invariant: seeds are fixed and one thread does it all, so that
//! a run is like the run before it.

mod codec;
mod grow;
mod lobby;
mod measure;
mod operation;
mod pipe;
mod store;
mod wake;
mod world;

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::measure::cpu;
use crate::operation::{Group, OPERATIONS, Operation, repeat};

/// What one operation of Belfry costs, without sockets and without other processes.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Frames, protobuf, Noise records, stanzas.
    Codec(Each),
    /// The embedded store: a message appended, a page read.
    Store(Each),
    /// One message of the lobby to all who watch it.
    Lobby(Each),
    /// A session at rest is told one message.
    Wake(Each),
    /// All of these.
    All(Each),
    /// The operations with their sizes and how often they are done to be counted: one a line, for programs.
    List,
    /// Does one operation so many times and says nothing.
    Count(Count),
    /// How costs grow with the store and with sessions; one line of JSON.
    #[command(subcommand)]
    Grow(grow::Verb),
}

#[derive(clap::Args)]
struct Each {
    /// Bytes of a text, or sessions that watch; each operation has its own.
    #[arg(long)]
    size: Option<usize>,
    /// How long each operation is measured.
    #[arg(long, default_value = "1000", value_name = "MS")]
    time: u64,
}

#[derive(clap::Args)]
struct Count {
    /// Which, as `list` calls it.
    operation: String,
    /// How often.
    #[arg(long)]
    times: u64,
    /// Bytes of a text, or sessions that watch.
    #[arg(long)]
    size: Option<usize>,
}

fn main() -> Result<()> {
    match Args::parse().verb {
        Verb::Codec(each) => table(|group| group == Group::Codec, &each),
        Verb::Store(each) => table(|group| group == Group::Store, &each),
        Verb::Lobby(each) => table(|group| group == Group::Lobby, &each),
        Verb::Wake(each) => table(|group| group == Group::Wake, &each),
        Verb::All(each) => table(|_| true, &each),
        Verb::List => {
            for operation in OPERATIONS {
                say(&format!("{} {} {}", operation.name, operation.size, operation.times))?;
            }
            Ok(())
        }
        Verb::Count(count) => {
            let operation = OPERATIONS.iter().find(|operation| operation.name == count.operation);
            let operation = operation.with_context(|| format!("no operation is called {}", count.operation))?;
            repeat(&mut *(operation.prepare)(count.size.unwrap_or(operation.size))?, count.times);
            Ok(())
        }
        Verb::Grow(verb) => say(&grow::grow(verb)?.to_string()),
    }
}

/// Measures the operations of some groups and prints what each took.
fn table(wanted: impl Fn(Group) -> bool, each: &Each) -> Result<()> {
    say(&format!("{:14} {:>7} {:>10} {:>10} {:>10}  what is done", "operation", "size", "times", "time us", "CPU us"))?;
    for operation in OPERATIONS.iter().filter(|operation| wanted(operation.group)) {
        let size = each.size.unwrap_or(operation.size);
        let (times, time, spent) = measured(operation, size, Duration::from_millis(each.time))?;
        let us = |whole: Duration| whole.as_secs_f64() * 1e6 / times as f64;
        say(&format!(
            "{:14} {size:7} {times:10} {:10.2} {:10.2}  {}",
            operation.name,
            us(time),
            us(spent),
            operation.about
        ))?;
    }
    Ok(())
}

/// Does an operation for about so long: how often, how long it took, what CPU it took. What was done first is not
/// counted: it fills caches, and what grows by use grows.
fn measured(operation: &Operation, size: usize, long: Duration) -> Result<(u64, Duration, Duration)> {
    let mut run = (operation.prepare)(size)?;
    let (mut times, mut began) = (1, Instant::now());
    loop {
        repeat(&mut *run, times);
        let took = began.elapsed();
        if took * 10 >= long {
            times = (times as f64 * long.as_secs_f64() / took.as_secs_f64()).ceil() as u64;
            break;
        }
        (times, began) = (times * 2, Instant::now());
    }
    let (began, before) = (Instant::now(), cpu());
    repeat(&mut *run, times);
    Ok((times, began.elapsed(), cpu().saturating_sub(before)))
}

/// A line for whoever has started this.
fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("what was measured could not be printed")
}
