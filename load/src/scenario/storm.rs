//! `storm`: all clients lose their connections at the same moment and come back at once, as after the end of a network.

use anyhow::Result;

use super::{Stage, each};
use crate::order::{Arrival, Order};
use crate::report::{Report, millis};

/// A client that does not get in tries so often.
const TRIES: u32 = 30;

/// All go and come back.
pub(super) fn storm(stage: &mut Stage<'_>, connections: u32) -> Result<Report> {
    let mut report = Report::new("storm");
    report.set("connections", connections);
    stage.prepare()?;
    stage.open(&mut report, Arrival::ALL)?;
    stage.settle();
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
