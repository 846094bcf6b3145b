//! `offline`: messages are left for clients that are not there, who then come and take them.

use std::time::Duration;

use anyhow::Result;

use super::{Stage, each, run_number};
use crate::order::{Arrival, Order, Post};
use crate::report::Report;

/// How long the server may be silent before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it may take until it has all messages.
const POST_PATIENCE: Duration = Duration::from_secs(600);

/// So many messages for each of so many.
pub(super) fn offline(stage: &mut Stage<'_>, pairs: u32, messages: u32, bytes: usize) -> Result<Report> {
    let mut report = Report::new("offline");
    report.set("receivers", pairs);
    report.set("messages for each", messages);
    report.set("bytes of each text", bytes);
    stage.prepare()?;
    stage.open(&mut report, Arrival { second: false, ..Arrival::ALL })?;
    stage.settle();
    let before = stage.probe.sample()?;
    let post = Post { run: run_number()?, bytes, each: messages, patience: POST_PATIENCE };
    let posted = stage.order("storing", &Order::Post(post))?;
    stage.settle();
    let stored = stage.probe.sample()?;
    let all = u64::from(pairs) * u64::from(messages);
    report.add("stored_per_s", "messages stored in a second", "/s", all as f64 / (posted.took_us as f64 / 1e6));
    if stage.probe.pid.is_some() {
        report.add("store_cpu_us", "server CPU for each stored", "µs", each(stored.cpu_us - before.cpu_us, all));
    }
    let (_, _, arrived) = stage.open(&mut report, Arrival { first: false, ..Arrival::ALL })?;
    let drained = stage.order("draining", &Order::Drain { patience: PATIENCE })?;
    let after = stage.probe.sample()?;
    report.clean &= posted.clients == u64::from(pairs) && posted.failures + drained.failures == 0;
    report.complaints.extend(posted.complaints.into_iter().chain(drained.complaints));
    report.add_counts(&drained.counts);
    let heard = drained.counts.heard;
    let seconds = (arrived.took_us + drained.took_us) as f64 / 1e6;
    report.add("drained_per_s", "messages taken in a second, logins included", "/s", heard as f64 / seconds);
    if stage.probe.pid.is_some() {
        report.add(
            "drain_cpu_us",
            "server CPU for each taken, logins included",
            "µs",
            each(after.cpu_us - stored.cpu_us, heard),
        );
    }
    Ok(report)
}
