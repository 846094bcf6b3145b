//! `chat`: half of the clients write, the other half hear. What a message costs, and how long it takes.

use std::time::Duration;

use anyhow::Result;

use super::{Chat, Stage, each, run_number};
use crate::order::{Answer, Arrival, Order, Pace, Talk};
use crate::probe::Sample;
use crate::report::{DELIVERY, Report, millis};

/// Talks for a while.
pub(super) fn chat(stage: &mut Stage<'_>, chat: Chat) -> Result<Report> {
    let mut report = Report::new("chat");
    report.set("pairs", chat.pairs);
    report.set("bytes of each text", chat.bytes);
    report.set("seconds", chat.length.as_secs_f64());
    report.set(
        "pace",
        match chat.pace {
            Pace::Closed { window } => format!("{window} under way in each pair"),
            Pace::Open { rate } => format!("{rate} messages in a second, by the clock"),
            Pace::Flood { rate } => format!("{rate} messages in a second, whatever is taken"),
        },
    );
    stage.prepare()?;
    stage.open(&mut report, Arrival::ALL)?;
    stage.settle();
    // A first message of each pair is not counted: what a client opens only when it has something to say is open then.
    let (_, _, first) = talk(stage, &Chat { length: Duration::ZERO, pace: Pace::Closed { window: 1 }, ..chat })?;
    report.clean &= first.failures == 0 && first.counts.is_clean();
    report.complaints.extend(first.complaints);
    let (before, after, answer) = talk(stage, &chat)?;
    let (heard, seconds) = (answer.counts.heard, answer.took_us as f64 / 1e6);
    report.clean &= answer.failures == 0;
    report.complaints.extend(answer.complaints);
    report.add_counts(&answer.counts);
    report.add("messages_per_s", "messages in a second", "/s", heard as f64 / seconds);
    report.add_latency(&DELIVERY, &answer.latency);
    if stage.probe.pid.is_some() {
        let cpu_us = after.cpu_us - before.cpu_us;
        report.add("message_cpu_us", "server CPU for each message", "µs", each(cpu_us, heard));
        let kernel_us = after.kernel_us - before.kernel_us;
        report.add("message_kernel_us", "  of that in the kernel", "µs", each(kernel_us, heard));
        report.add("server_cpu_percent", "server CPU, of one processor", "%", cpu_us as f64 / 1e4 / seconds);
    }
    report.add("tool_message_cpu_us", "the tool's own CPU for each message", "µs", each(answer.tool_cpu_us, heard));
    if matches!(chat.pace, Pace::Open { .. }) {
        let late = millis(answer.late.quantile(0.99));
        report.add("tool_late_p99_ms", "the tool itself late: 99 % within", "ms", late);
    }
    Ok(report)
}

/// Talks once; the server before and after it.
pub(super) fn talk(stage: &mut Stage<'_>, chat: &Chat) -> Result<(Sample, Sample, Answer)> {
    let workers = stage.crew.len();
    let talk = Talk {
        run: run_number()?,
        bytes: chat.bytes,
        length: chat.length,
        patience: chat.patience,
        pace: chat.pace.shared_by(workers),
    };
    let before = stage.probe.sample()?;
    let answer = stage.order("talking", &Order::Talk(talk))?;
    Ok((before, stage.probe.sample()?, answer))
}
