//! `idle`: clients connect, log in and are there. What a login costs, and what a connection at rest holds.

use std::time::Duration;

use anyhow::Result;

use super::{Stage, each};
use crate::order::Arrival;
use crate::report::{LOGIN, Report};

/// So many clients, for so long.
pub(super) fn idle(stage: &mut Stage<'_>, connections: u32, rest: Duration) -> Result<Report> {
    let mut report = Report::new("idle");
    report.set("connections", connections);
    report.set("rest before memory is looked at", format!("{} s", rest.as_secs_f64()));
    stage.prepare()?;
    let (before, opened, answer) = stage.open(&mut report, Arrival::ALL)?;
    stage.rest(rest);
    let after = stage.probe.sample()?;
    let clients = answer.clients;
    report.add("connections", "connections", "", clients as f64);
    report.add("logins_failed", "logins that failed", "", answer.failures as f64);
    report.add("logins_per_s", "logins in a second", "/s", clients as f64 / (answer.took_us as f64 / 1e6));
    report.add_latency(&LOGIN, &answer.latency);
    if stage.probe.pid.is_some() {
        let grown = after.resident_kib.saturating_sub(before.resident_kib);
        let sockets = after.socket_kib.saturating_sub(before.socket_kib);
        report.add("login_cpu_us", "server CPU for each login", "µs", each(opened.cpu_us - before.cpu_us, clients));
        let kernel = opened.kernel_us - before.kernel_us;
        report.add("login_kernel_us", "  of that in the kernel", "µs", each(kernel, clients));
        report.add("memory_kib_each", "server memory for each connection", "KiB", each(grown, clients));
        report.add("memory_before_kib", "server memory before", "KiB", before.resident_kib as f64);
        report.add("memory_after_kib", "server memory with all", "KiB", after.resident_kib as f64);
        report.add("socket_buffers_kib", "TCP buffers of the kernel, both ends", "KiB", sockets as f64);
        let idle_us = after.cpu_us.saturating_sub(opened.cpu_us) as f64;
        report.add(
            "idle_cpu_percent",
            "server CPU while all rest",
            "%",
            idle_us / rest.as_micros().max(1) as f64 * 100.0,
        );
    }
    report.add("tool_login_cpu_us", "the tool's own CPU for each login", "µs", each(answer.tool_cpu_us, clients));
    Ok(report)
}
