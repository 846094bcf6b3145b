//! Talking: in each pair one client writes and the other hears, by the clock or one after the other.
//!
//! An order comes in, counts and latencies leave. Invariant: nothing is left out of the counts: a talk ends when all that
//! was sent was heard, or when its patience is over and the rest is lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::latency::Latency;
use crate::order::{Answer, Pace, Talk};
use crate::room::{Pair, Room};
use crate::schedule::{Schedule, Wall};
use crate::worker::{Meter, SAYS_MAX, Worker, micros};

/// In a flood a pair is given no more while so many of its messages are under way: a person does not wait for more, and what
/// queues in the client says nothing of the server.
const UNDER_WAY_MAX: u64 = 4;

/// How often it is looked whether all has been heard.
const LOOK: Duration = Duration::from_millis(5);

/// Talks as ordered.
pub(crate) async fn talk(worker: &Worker, talk: Talk) -> Result<Answer> {
    let numbers: Vec<u32> = worker.numbers().collect();
    let mut pairs = Vec::with_capacity(numbers.len() / 2);
    for two in numbers.chunks_exact(2) {
        let says = worker.client(two[0]).context("a client that is to write is not connected")?.clone();
        pairs.push(Pair { to: two[1], says });
    }
    ensure!(!pairs.is_empty(), "it takes two to talk");
    let (room, count, began) = (worker.room(), pairs.len(), Instant::now());
    let end = began + talk.length;
    let closed = matches!(talk.pace, Pace::Closed { .. });
    room.begin(talk.run, talk.bytes, pairs, closed.then_some(end));
    let (late, left_out) = match talk.pace {
        Pace::Closed { window } => {
            ensure!((1..=SAYS_MAX as u32).contains(&window), "a window is from 1 to {SAYS_MAX}");
            for pair in (0..count).flat_map(|pair| std::iter::repeat_n(pair, window as usize)) {
                let (says, say) = room.next(pair, None).context("there is such a pair")?;
                // A client that has gone says so itself; its message is lost.
                let _gone = says.send(say).await;
            }
            watch(end, talk.length).await?;
            (Latency::default(), 0)
        }
        Pace::Open { rate } => {
            ensure!(rate.is_finite() && rate > 0.0, "a rate is more than nothing");
            let schedule = Schedule::new(rate, talk.length);
            let theirs = Arc::clone(room);
            let pacing = tokio::task::spawn_blocking(move || pace(&theirs, schedule, count));
            watch(end, talk.length).await?;
            (pacing.await?, 0)
        }
        Pace::Flood { rate } => {
            ensure!(rate.is_finite() && rate > 0.0, "a rate is more than nothing");
            let schedule = Schedule::new(rate, talk.length);
            let theirs = Arc::clone(room);
            let pacing = tokio::task::spawn_blocking(move || flood(&theirs, schedule, count));
            watch(end, talk.length).await?;
            pacing.await?
        }
    };
    let until = Instant::now() + talk.patience;
    while !room.is_settled() && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
    let took_us = micros(began.elapsed());
    // What comes twice comes soon after the first time.
    tokio::time::sleep(LOOK * 20).await;
    let ended = room.end();
    let mut answer = Answer {
        counts: ended.counts,
        latency: ended.latency,
        late,
        left_out,
        seen: ended.seen,
        failures: ended.failures,
        complaints: ended.complaints,
        took_us,
        ..Answer::default()
    };
    worker.ended(&mut answer);
    Ok(answer)
}

/// Waits for the end, and says meanwhile how far it is.
async fn watch(end: Instant, length: Duration) -> Result<()> {
    let mut meter = Meter::new(micros(length));
    while Instant::now() < end {
        let left = end.saturating_duration_since(Instant::now());
        meter.at(micros(length.saturating_sub(left)))?;
        tokio::time::sleep(left.min(Duration::from_millis(100))).await;
    }
    Ok(())
}

/// Sends by the clock, the pairs in turn; on a thread of its own, for a timer of the runtime knows milliseconds only.
fn pace(room: &Room, schedule: Schedule, pairs: usize) -> Latency {
    let began = Instant::now();
    let offset = began.duration_since(room.epoch());
    schedule.keep(&mut Wall(began), |number, due| {
        let pair = (number % pairs as u64) as usize;
        let due_ns = u64::try_from((offset + due).as_nanos()).unwrap_or(u64::MAX);
        // Where a client is behind, waiting for it moves no moment: the schedule keeps those.
        room.next(pair, Some(due_ns)).is_some_and(|(says, say)| says.blocking_send(say).is_ok())
    })
}

/// Sends by the clock what clients take, and counts what they do not: nobody is waited for.
fn flood(room: &Room, schedule: Schedule, pairs: usize) -> (Latency, u64) {
    let began = Instant::now();
    let offset = began.duration_since(room.epoch());
    let mut left_out = 0;
    let late = schedule.keep(&mut Wall(began), |number, due| {
        let pair = (number % pairs as u64) as usize;
        if room.under_way(pair) >= UNDER_WAY_MAX {
            left_out += 1;
            return true;
        }
        let due_ns = u64::try_from((offset + due).as_nanos()).unwrap_or(u64::MAX);
        // There is room, and nobody else fills it; a client that has gone says so itself.
        room.next(pair, Some(due_ns)).is_some_and(|(says, say)| says.try_send(say).is_ok())
    });
    (late, left_out)
}
