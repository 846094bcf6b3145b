//! `presence`: everybody flaps. What a change costs that is told to many.

use std::time::Duration;

use anyhow::{Result, bail};

use super::{Stage, each};
use crate::order::{Arrival, Flap, Order};
use crate::report::Report;

/// How long the server may hold the last presences back.
const PATIENCE: Duration = Duration::from_secs(7);

/// How everybody flaps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Presence {
    /// So many clients.
    pub connections: u32,
    /// Contacts of each.
    pub contacts: u32,
    /// Changes in a second, of all together.
    pub rate: f64,
    /// For how long.
    pub length: Duration,
}

/// Makes contacts, and lets them flap.
pub(super) fn presence(stage: &mut Stage<'_>, presence: Presence) -> Result<Report> {
    let Presence { connections, contacts, rate, length } = presence;
    let mut report = Report::new("presence");
    report.set("connections", connections);
    report.set("contacts of each", contacts);
    report.set("changes in a second", rate);
    report.set("seconds", length.as_secs_f64());
    stage.prepare()?;
    stage.open(&mut report, Arrival::ALL)?;
    let made = stage.order("making contacts", &Order::Befriend { contacts, of: connections })?;
    if let Some(why) = made.complaints.first() {
        bail!("the contacts could not be made: {why}");
    }
    stage.settle();
    stage.settle();
    let flap = Flap { rate: rate / stage.crew.len() as f64, length, patience: PATIENCE };
    let before = stage.probe.sample()?;
    let answer = stage.order("flapping", &Order::Flap(flap))?;
    let after = stage.probe.sample()?;
    let seconds = answer.took_us as f64 / 1e6;
    report.clean &= answer.failures == 0 && answer.seen > 0;
    report.complaints.extend(answer.complaints);
    report.add("changes_per_s", "changes in a second", "/s", answer.clients as f64 / seconds);
    report.add("presences_per_s", "presences told in a second", "/s", answer.seen as f64 / seconds);
    report.add("presences_each", "presences told for each change", "", each(answer.seen, answer.clients));
    if stage.probe.pid.is_some() {
        let cpu_us = after.cpu_us - before.cpu_us;
        report.add("change_cpu_us", "server CPU for each change", "µs", each(cpu_us, answer.clients));
        report.add("presence_cpu_us", "server CPU for each presence told", "µs", each(cpu_us, answer.seen));
        report.add("server_cpu_percent", "server CPU, of one processor", "%", cpu_us as f64 / 1e4 / seconds);
    }
    Ok(report)
}
