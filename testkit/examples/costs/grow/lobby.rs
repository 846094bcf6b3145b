//! Copies of a message of the lobby, by the number of sessions that watch.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use crate::lobby::Crowd;
use crate::measure::{Spread, cpu, resident};
use crate::wake::runtime;

/// Who is there is told at most so often.
const PARTICIPANTS_EVERY: Duration = Duration::from_millis(300);

/// Guests that come when all are there.
const LATECOMERS: usize = 10;

/// Messages to so many sessions, until so many copies were made.
pub(super) fn measure(sessions: usize, copies: u64) -> Result<Value> {
    let runtime = runtime()?;
    let (before, began, spent) = (resident()?, Instant::now(), cpu());
    let mut crowd = runtime.block_on(Crowd::new(sessions))?;
    let (joined, join_cpu) = (began.elapsed(), cpu().saturating_sub(spent));
    let after = resident()?;
    let messages = copies.div_ceil(sessions as u64).max(10);
    let (bytes, spent, mut until_last) = (crowd.tally.bytes(), cpu(), Spread::default());
    for _ in 0..messages {
        let began = Instant::now();
        runtime.block_on(crowd.say())?;
        until_last.add(began.elapsed());
    }
    let spent = cpu().saturating_sub(spent);
    let copies = messages * sessions as u64;
    let bytes = crowd.tally.bytes() - bytes;
    let (list_bytes, list_cpu, mut list) = (crowd.tally.bytes(), cpu(), Spread::default());
    for number in 0..LATECOMERS {
        std::thread::sleep(PARTICIPANTS_EVERY);
        let began = Instant::now();
        runtime.block_on(crowd.one_more(number))?;
        list.add(began.elapsed());
    }
    let lists = (LATECOMERS * sessions) as f64;
    let (list_bytes, list_cpu) = (crowd.tally.bytes() - list_bytes, cpu().saturating_sub(list_cpu));
    Ok(json!({
        "sessions": sessions,
        "messages": messages,
        "copy_cpu_us": spent.as_secs_f64() * 1e6 / copies as f64,
        "copy_bytes": bytes as f64 / copies as f64,
        "until_last_p50_ms": until_last.at(0.5),
        "until_last_p99_ms": until_last.at(0.99),
        "join_s": joined.as_secs_f64(),
        "join_cpu_us": join_cpu.as_secs_f64() * 1e6 / sessions as f64,
        "list_bytes": list_bytes as f64 / lists,
        "list_cpu_us": list_cpu.as_secs_f64() * 1e6 / lists,
        "list_ms": list.at(0.5),
        "memory_bytes_each": after.saturating_sub(before) as f64 / sessions as f64,
    }))
}
