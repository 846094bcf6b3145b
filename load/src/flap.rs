//! Flapping: everybody's presence changes again and again, and their contacts are told.
//!
//! Orders come in, counts leave. Invariant: presences are counted where they arrive; how many should have is not said, for
//! a server may hold changes back, and that is what is measured.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::order::{Answer, Flap};
use crate::room::Say;
use crate::schedule::{Schedule, Wall};
use crate::worker::{Meter, Worker, micros};

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(50);

/// How long the server may take until it has made all contacts.
const PATIENCE: Duration = Duration::from_secs(120);

/// Each wants those around it, in a ring, for contacts; since all do, all are.
pub(crate) async fn befriend(worker: &Worker, contacts: u32, of: u32) -> Result<Answer> {
    ensure!(
        contacts < of && contacts.is_multiple_of(2),
        "contacts are an even number, and fewer than there are accounts"
    );
    let (room, began) = (worker.room(), Instant::now());
    room.begin(0, 0, Vec::new(), None);
    let mut meter = Meter::new(u64::from(contacts));
    for step in 1..=contacts / 2 {
        for number in worker.numbers() {
            let says = worker.client(number).context("a client is not connected")?;
            for with in [(number + step) % of, (number + of - step) % of] {
                let _gone = says.send(Say::Befriend { with }).await;
            }
        }
        meter.at(u64::from(step * 2))?;
    }
    let mut asked = 0;
    for number in worker.numbers() {
        let says = worker.client(number).context("a client is not connected")?;
        let _gone = says.send(Say::Question).await;
        asked += 1;
    }
    while room.answers() < asked && began.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK).await;
    }
    let ended = room.end();
    let mut answer = Answer { failures: ended.failures, complaints: ended.complaints, ..Answer::default() };
    worker.ended(&mut answer);
    Ok(answer)
}

/// Each in turn says that it is away, and in the next round that it is there again, by the clock.
pub(crate) async fn flap(worker: &Worker, flap: Flap) -> Result<Answer> {
    ensure!(flap.rate.is_finite() && flap.rate > 0.0, "a rate is more than nothing");
    let (room, began) = (worker.room(), Instant::now());
    room.begin(0, 0, Vec::new(), None);
    let schedule = Schedule::new(flap.rate, flap.length);
    let clients: Vec<_> = worker.numbers().filter_map(|number| worker.client(number).cloned()).collect();

    let changing = tokio::task::spawn_blocking(move || {
        let count = clients.len() as u64;
        schedule.keep(&mut Wall(began), |number, _due| {
            let away = (number / count).is_multiple_of(2);
            clients[(number % count) as usize].blocking_send(Say::Presence { away }).is_ok()
        })
    });
    let mut meter = Meter::new(micros(flap.length));
    while began.elapsed() < flap.length {
        meter.at(micros(began.elapsed()))?;
        tokio::time::sleep(LOOK).await;
    }
    let late = changing.await?;
    let took_us = micros(began.elapsed());
    // What a server holds back comes later; nothing new is said meanwhile.
    let mut last = (room.seen(), Instant::now());
    while last.1.elapsed() < flap.patience {
        tokio::time::sleep(LOOK).await;
        if room.seen() != last.0 {
            last = (room.seen(), Instant::now());
        }
    }
    let ended = room.end();
    let mut answer = Answer {
        clients: schedule.count(),
        seen: ended.seen,
        late,
        failures: ended.failures,
        complaints: ended.complaints,
        took_us,
        ..Answer::default()
    };
    worker.ended(&mut answer);
    Ok(answer)
}
