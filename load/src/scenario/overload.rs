//! `overload`: far more is offered than the server can take. What still gets through, how late, and what becomes of the rest.
//!
//! First a closed loop finds what the server can do; then multiples of that are offered by the clock, whatever it takes.
//! Invariant: what is offered does not depend on how the server does, and what a client could not even send is counted.

use std::time::Duration;

use anyhow::Result;

use super::chat::talk;
use super::{Chat, Stage, each};
use crate::order::{Arrival, Pace};
use crate::report::{Report, millis};

/// Under way in each pair while it is found out what the server can do: enough that one sync takes many.
const WINDOW: u32 = 2;

/// What arrives later than this is of no use to two people who talk.
const IN_TIME: Duration = Duration::from_secs(1);

/// Keys of the figures, for each multiple of what the server can do.
type Keys = [(&'static str, &'static str, &'static str); 8];

macro_rules! keys {
    ($times:literal) => {
        [
            (concat!("offered_per_s_x", $times), concat!($times, " times as much: offered"), "/s"),
            (concat!("heard_per_s_x", $times), "  heard", "/s"),
            (concat!("in_time_per_s_x", $times), "  heard within a second", "/s"),
            (concat!("refused_per_s_x", $times), "  refused", "/s"),
            (concat!("left_out_per_s_x", $times), "  not taken from clients", "/s"),
            (concat!("delivery_p50_ms_x", $times), "  from send to receipt: half within", "ms"),
            (concat!("delivery_p99_ms_x", $times), "  99 % within", "ms"),
            (concat!("server_cpu_percent_x", $times), "  server CPU, of one processor", "%"),
        ]
    };
}

/// What is offered, in multiples of what the server can do.
const TIMES: [(f64, Keys); 4] = [(1.0, keys!("1")), (2.0, keys!("2")), (5.0, keys!("5")), (10.0, keys!("10"))];

/// Offers more and more.
pub(super) fn overload(stage: &mut Stage<'_>, chat: Chat) -> Result<Report> {
    let mut report = Report::new("overload");
    report.set("pairs", chat.pairs);
    report.set("bytes of each text", chat.bytes);
    report.set("seconds at each rate", chat.length.as_secs_f64());
    stage.prepare()?;
    stage.open(&mut report, Arrival::ALL)?;
    stage.settle();
    let (before, after, answer) = talk(stage, &Chat { pace: Pace::Closed { window: WINDOW }, ..chat })?;
    let can = answer.counts.heard as f64 * 1e6 / answer.took_us as f64;
    report.clean &= answer.counts.lost + answer.counts.duplicated + answer.counts.invented == 0;
    report.add("capacity_per_s", "messages in a second, one after the other", "/s", can);
    report.add("delivery_p99_ms", "  99 % within", "ms", millis(answer.latency.quantile(0.99)));
    if stage.probe.pid.is_some() {
        let cpu_us = each(after.cpu_us - before.cpu_us, answer.counts.heard);
        report.add("message_cpu_us", "  server CPU for each", "µs", cpu_us);
    }
    for (times, keys) in TIMES {
        stage.settle();
        let rate = can * times;
        let (before, after, answer) = talk(stage, &Chat { pace: Pace::Flood { rate }, ..chat })?;
        let counts = answer.counts;
        report.clean &= counts.lost + counts.duplicated + counts.invented == 0;
        report.complaints.extend(answer.complaints.iter().take(1).cloned());
        // The rest of what waited is heard behind the end.
        let seconds = answer.took_us as f64 / 1e6;
        let per_s = |count: u64| count as f64 / seconds;
        let in_time = counts.heard - answer.latency.count_above(IN_TIME).min(counts.heard);
        let figures = [
            rate,
            per_s(counts.heard),
            per_s(in_time),
            per_s(counts.refused),
            per_s(answer.left_out),
            millis(answer.latency.quantile(0.5)),
            millis(answer.latency.quantile(0.99)),
            (after.cpu_us - before.cpu_us) as f64 / 1e4 / seconds,
        ];
        for ((key, label, unit), value) in keys.into_iter().zip(figures) {
            report.add(key, label, unit, value);
        }
    }
    Ok(report)
}
