//! Posting and draining: messages for clients that are not there, and their coming when they are.
//!
//! Orders come in, counts leave. Invariant: posting is over when the server has answered for all that was said, draining
//! when all of it was heard, or when patience is over and the rest is lost.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::order::{Answer, Post};
use crate::room::{Pair, Say};
use crate::worker::{Meter, Worker, micros};

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(5);

/// Each first of two writes to the second, one message of each at a time in turn.
pub(crate) async fn post(worker: &Worker, post: Post) -> Result<Answer> {
    let numbers: Vec<u32> = worker.numbers().collect();
    let mut pairs = Vec::with_capacity(numbers.len() / 2);
    for two in numbers.chunks_exact(2) {
        let says = worker.client(two[0]).context("a client that is to write is not connected")?.clone();
        pairs.push(Pair { to: two[1], says });
    }
    let (room, count, began) = (worker.room(), pairs.len(), Instant::now());
    let writers: Vec<_> = pairs.iter().map(|pair| pair.says.clone()).collect();
    room.begin(post.run, post.bytes, pairs, None);
    let mut meter = Meter::new(u64::from(post.each) * count as u64);
    for number in 0..u64::from(post.each) {
        for pair in 0..count {
            let (says, say) = room.next(pair, None).context("there is such a pair")?;
            // A client that has gone says so itself; its message is lost.
            let _gone = says.send(say).await;
        }
        meter.at(number * count as u64)?;
    }
    for says in writers {
        let _gone = says.send(Say::Question).await;
    }
    let until = Instant::now() + post.patience;
    while room.answers() < count as u64 && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
    let mut answer = Answer { clients: room.answers(), took_us: micros(began.elapsed()), ..Answer::default() };
    worker.ended(&mut answer);
    Ok(answer)
}

/// Waits until all was heard, or nothing was for as long as patience lasts.
pub(crate) async fn drain(worker: &Worker, patience: Duration) -> Result<Answer> {
    let (room, began) = (worker.room(), Instant::now());
    let (mut heard, mut last) = (room.settled(), Instant::now());
    while !room.is_settled() && last.elapsed() < patience {
        tokio::time::sleep(LOOK).await;
        let now = room.settled();
        if now != heard {
            (heard, last) = (now, Instant::now());
        }
    }
    let took_us = micros(last.max(began).duration_since(began));
    // What comes twice comes soon after the first time.
    tokio::time::sleep(LOOK * 20).await;
    let ended = room.end();
    let mut answer = Answer {
        counts: ended.counts,
        failures: ended.failures,
        complaints: ended.complaints,
        took_us: took_us.max(1),
        ..Answer::default()
    };
    worker.ended(&mut answer);
    Ok(answer)
}
