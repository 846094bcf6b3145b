//! `storm`: all clients lose their connections at the same moment and come back at once, as after the end of a network.
//!
//! Others may stay connected and write to each other all the while: how long their messages take then, beside how long
//! they took before, says whether the storm is felt by those whom it does not concern.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Chat, Stage, each, run_number};
use crate::crew::Crew;
use crate::order::{Answer, Arrival, Order, Talk};
use crate::report::{Report, millis};

/// A client that does not get in tries so often.
const TRIES: u32 = 30;

/// Those who stay talk for so long at a time, so that the last of it ends soon after the storm has.
const STRETCH: Duration = Duration::from_secs(1);

/// How many stretches they talk before the storm.
const STRETCHES_BEFORE: usize = 5;

/// Those who stay.
pub(super) struct Beside {
    pub(super) crew: Crew,
    pub(super) chat: Chat,
}

/// All go and come back.
pub(super) fn storm(stage: &mut Stage<'_>, connections: u32, beside: Option<Beside>) -> Result<Report> {
    let mut report = Report::new("storm");
    report.set("connections", connections);
    stage.prepare()?;
    stage.open(&mut report, Arrival::ALL)?;
    let Some(mut beside) = beside else {
        stage.settle();
        return cut_and_return(stage, report);
    };
    report.set("pairs that stay", beside.chat.pairs);
    beside.arrive(&mut report)?;
    stage.settle();
    let mut before = Answer::default();
    for _ in 0..STRETCHES_BEFORE {
        before.add(beside.talk()?);
    }
    let over = AtomicBool::new(false);
    let (report, meanwhile) = std::thread::scope(|threads| {
        let talking = threads.spawn(|| {
            let mut all = Answer::default();
            // At least once, however short the storm is.
            loop {
                all.add(beside.talk()?);
                if over.load(Ordering::Acquire) {
                    return Ok::<_, anyhow::Error>(all);
                }
            }
        });
        let stormed = cut_and_return(stage, report);
        over.store(true, Ordering::Release);
        let all = talking.join().map_err(|_| anyhow::anyhow!("the thread of those who stay has panicked"))?;
        Ok::<_, anyhow::Error>((stormed?, all?))
    })?;
    beside.leave()?;
    Ok(with_those_who_stayed(report, &before, meanwhile))
}

fn with_those_who_stayed(mut report: Report, before: &Answer, meanwhile: Answer) -> Report {
    for (keys, answer) in [
        ([("before_p50_ms", "those who stay, before it: half within"), ("before_p99_ms", "  99 % within")], before),
        (
            [("meanwhile_p50_ms", "those who stay, meanwhile: half within"), ("meanwhile_p99_ms", "  99 % within")],
            &meanwhile,
        ),
    ] {
        for ((key, label), part) in keys.into_iter().zip([0.5, 0.99]) {
            report.add(key, label, "ms", millis(answer.latency.quantile(part)));
        }
    }
    report.add("meanwhile_max_ms", "  the longest", "ms", millis(meanwhile.latency.quantile(1.0)));
    report.clean &= meanwhile.failures == 0;
    report.complaints.extend(meanwhile.complaints);
    report.add_counts(&meanwhile.counts);
    report
}

/// The storm itself.
fn cut_and_return(stage: &mut Stage<'_>, mut report: Report) -> Result<Report> {
    stage.order("cutting", &Order::Cut)?;
    let together = Arrival { tries: TRIES, together: true, ..Arrival::ALL };
    let (before, after, answer) = stage.open(&mut report, together)?;
    let clients = answer.clients;
    report.add("reconnected", "clients that came back", "", clients as f64);
    report.add("logins_failed", "clients that did not", "", answer.failures as f64);
    for (key, label, part) in [
        ("back_p50_s", "half are back after", 0.5),
        ("back_p95_s", "  95 % after", 0.95),
        ("back_p99_s", "  99 % after", 0.99),
        ("back_all_s", "  all after", 1.0),
    ] {
        report.add(key, label, "s", millis(answer.latency.quantile(part)) / 1_000.0);
    }
    if stage.probe.pid.is_some() {
        report.add("login_cpu_us", "server CPU for each", "µs", each(after.cpu_us - before.cpu_us, clients));
        report.add("memory_after_kib", "server memory after it", "KiB", after.resident_kib as f64);
    }
    report.add("tool_login_cpu_us", "the tool's own CPU for each", "µs", each(answer.tool_cpu_us, clients));
    Ok(report)
}

impl Beside {
    fn order(&mut self, order: &Order) -> Result<Answer> {
        self.crew.order("staying", order, &|_| {})
    }

    fn arrive(&mut self, report: &mut Report) -> Result<()> {
        self.order(&Order::Prepare)?;
        let opened = self.order(&Order::Open(Arrival::ALL))?;
        report.clean &= opened.failures == 0;
        opened.complaints.first().map_or(Ok(()), |why| Err(anyhow::anyhow!("{why}"))).context("who is to stay")
    }

    fn talk(&mut self) -> Result<Answer> {
        let Chat { bytes, patience, pace, .. } = self.chat;
        self.order(&Order::Talk(Talk { run: run_number()?, bytes, length: STRETCH, patience, pace }))
    }

    fn leave(&mut self) -> Result<()> {
        self.order(&Order::Leave).map(drop)
    }
}
