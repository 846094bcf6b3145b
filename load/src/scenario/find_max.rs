//! `find-max`: the highest rate at which messages still arrive in time.
//!
//! The rate doubles until messages come too late, or are lost, and then the gap between the last good and the first bad one
//! is halved a few times. Invariant: each rate is tried by the clock, so that waiting is felt in full.

use std::ops::RangeInclusive;
use std::time::Duration;

use anyhow::Result;

use super::chat::talk;
use super::{Chat, Stage};
use crate::order::{Answer, Arrival, Pace};
use crate::report::{Report, millis};

/// Rates that are tried between the last good and the first bad one.
const HALVINGS: u32 = 4;

/// Looks for the highest rate, among these.
pub(super) fn find_max(
    stage: &mut Stage<'_>,
    chat: Chat,
    rates: RangeInclusive<f64>,
    within: Duration,
) -> Result<Report> {
    let mut report = Report::new("find-max");
    report.set("pairs", chat.pairs);
    report.set("bytes of each text", chat.bytes);
    report.set("seconds at each rate", chat.length.as_secs_f64());
    report.set("99 % have to arrive within", format!("{} ms", within.as_millis()));
    stage.prepare()?;
    stage.open(&mut report, Arrival::ALL)?;
    stage.settle();
    let (mut good, mut bad, mut rate) = (None::<(f64, Answer)>, None, *rates.start());
    let mut halvings = 0;
    while rate <= *rates.end() && halvings < HALVINGS {
        let answer = talk(stage, &Chat { pace: Pace::Open { rate }, ..chat })?.2;
        let in_time = answer.counts.is_clean() && answer.latency.quantile(0.99) <= within;
        report.complaints.extend(answer.complaints.iter().cloned());
        if in_time {
            good = Some((rate, answer));
        } else {
            bad = Some(rate);
            stage.settle();
        }
        // Not even the first rate may be good.
        let low = good.as_ref().map_or(0.0, |(rate, _)| *rate);
        rate = match bad {
            Some(bad) => f64::midpoint(low, bad),
            None => rate * 2.0,
        };
        halvings += u32::from(bad.is_some());
    }
    let (rate, answer) = good.unwrap_or_default();
    report.clean &= rate > 0.0;
    report.add("rate_max_per_s", "messages in a second, at most", "/s", rate);
    report.add("delivery_p99_ms", "  99 % within", "ms", millis(answer.latency.quantile(0.99)));
    report.add("tool_late_p99_ms", "  the tool itself late: 99 % within", "ms", millis(answer.late.quantile(0.99)));
    Ok(report)
}
