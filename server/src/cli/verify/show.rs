//! What a run looks like: a bar while it goes on, a table or JSON when it is over.

use std::io::{IsTerminal, Write};

use anyhow::Result;
use belfry_client::ledger::Kind;
use serde_json::json;

use super::Outcome;
use super::run::{Glance, columns};

/// Width of the bar.
const BAR_CHARS: usize = 30;

/// Violations that the table shows; JSON has all that were kept.
const SHOWN_MAX: usize = 20;

/// A bar on standard error, if that is a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    pub(super) fn start(json: bool) -> Progress {
        Progress { shown: std::io::stderr().is_terminal() && !json }
    }

    pub(super) fn at(&self, glance: Glance) {
        if self.shown {
            eprint!("\r{}", bar(glance));
            // A terminal that is gone needs no bar.
            drop(std::io::stderr().flush());
        }
    }

    pub(super) fn finish(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}

fn bar(glance: Glance) -> String {
    let full = (glance.done as usize * BAR_CHARS / 1_000).min(BAR_CHARS);
    format!(
        "[{}{}] {:>3} %  {} acknowledged, {} faults",
        "#".repeat(full),
        " ".repeat(BAR_CHARS - full),
        glance.done / 10,
        glance.answered,
        glance.faults
    )
}

/// For people.
pub(super) fn table(outcome: &Outcome) -> String {
    let (report, faults) = (&outcome.report, &outcome.faults);
    let receipts = [Kind::FalseDelivered, Kind::FalseRead, Kind::ReceiptTakenBack, Kind::ReceiptLost];
    let repeated = [Kind::Duplicated, Kind::TwoPlaces];
    let mut text = format!("seed {}, {:.1} s\n\n", outcome.seed, outcome.took.as_secs_f64());
    let mut line = |name: &str, value: usize| text.push_str(&format!("{name:<34}{value:>10}\n"));
    line("messages sent", report.intended);
    line("  acknowledged", report.acknowledged);
    line("  refused", report.refused);
    line("  without an answer", report.unknown);
    line("events told to devices", report.told);
    line("  receipts among them", report.receipts);
    text.push('\n');
    let mut line = |name: &str, value: u64| text.push_str(&format!("{name:<34}{value:>10}\n"));
    line("kills", faults.kills);
    line("pauses", faults.pauses);
    line("connections cut", faults.cuts);
    line("answers lost", faults.answers_lost);
    line("connections made anew", faults.reconnects);
    text.push('\n');
    let mut line = |name: &str, kinds: &[Kind]| text.push_str(&format!("{name:<34}{:>10}\n", outcome.count(kinds)));
    line("lost", &[Kind::Lost, Kind::Vanished, Kind::Disagreement]);
    line("duplicated", &repeated);
    line("reordered", &[Kind::Reordered]);
    line("skipped", &[Kind::Skipped, Kind::KeyWentBack]);
    line("false receipts", &receipts);
    line("phantoms and altered", &[Kind::Phantom, Kind::Altered, Kind::Resurrected]);
    line("told to strangers", &[Kind::Leaked]);
    text.push('\n');
    for violation in report.violations.iter().take(SHOWN_MAX) {
        text.push_str(&format!("  {violation}\n"));
    }
    if report.violations.len() > SHOWN_MAX {
        text.push_str(&format!("  … and {} more; --json shows them\n", report.violations.len() - SHOWN_MAX));
    }
    text.push_str(if outcome.is_clean() { "No promise was broken.\n" } else { "PROMISES WERE BROKEN.\n" });
    text
}

/// For programs: one object.
pub(super) fn json(outcome: &Outcome) -> Result<String> {
    let (report, faults) = (&outcome.report, &outcome.faults);
    let evidence: Vec<_> = report
        .violations
        .iter()
        .map(|violation| json!({ "kind": violation.kind.name(), "evidence": violation.evidence }))
        .collect();
    let value = json!({
        "clean": outcome.is_clean(),
        "seed": outcome.seed,
        "tookMs": outcome.took.as_millis() as u64,
        "sent": report.intended,
        "acknowledged": report.acknowledged,
        "refused": report.refused,
        "unanswered": report.unknown,
        "told": report.told,
        "receipts": report.receipts,
        "faults": {
            "kills": faults.kills,
            "pauses": faults.pauses,
            "cuts": faults.cuts,
            "answersLost": faults.answers_lost,
            "reconnects": faults.reconnects,
        },
        "violations": columns(report),
        "evidence": evidence,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use belfry_client::ledger::{Digest, Ledger, Place};

    use super::super::FaultCounts;
    use super::*;

    fn outcome(lose: bool) -> Outcome {
        let mut ledger = Ledger::default();
        let device = ledger.device("alice@localhost");
        ledger.intend(device, "1", "bob@localhost", Digest::of_text("one"));
        ledger.stored(device, "1", Place { conversation: 1, cseq: 1 });
        if lose {
            ledger.history_begins(device);
        }
        let took = Duration::from_millis(1_500);
        Outcome { report: ledger.judge(), faults: FaultCounts { kills: 3, ..Default::default() }, seed: 7, took }
    }

    #[test]
    fn the_table_says_what_was_counted_and_whether_all_is_well() {
        let text = table(&outcome(false));
        assert!(text.starts_with("seed 7, 1.5 s"), "{text}");
        assert!(text.contains("kills") && text.ends_with("No promise was broken.\n"), "{text}");
        let text = table(&outcome(true));
        assert!(text.contains("lost: `1` from alice@localhost") && text.ends_with("PROMISES WERE BROKEN.\n"), "{text}");
    }

    #[test]
    fn the_json_has_every_kind_by_name() {
        let value: serde_json::Value = serde_json::from_str(&json(&outcome(true)).expect("it is JSON")).expect("JSON");
        assert_eq!(
            (&value["clean"], &value["violations"]["lost"], &value["seed"]),
            (&json!(false), &json!(1), &json!(7))
        );
        assert!(Kind::ALL.iter().all(|kind| value["violations"][kind.name()].is_u64()));
        assert_eq!(value["evidence"][0]["kind"], "lost");
    }

    #[test]
    fn the_bar_is_as_wide_at_its_end_as_at_its_beginning() {
        let width = |done| bar(Glance { done, ..Glance::default() }).find(']');
        assert_eq!(width(0), width(1_000));
        assert!(bar(Glance { done: 500, answered: 12, faults: 3 }).contains("50 %  12 acknowledged, 3 faults"));
    }
}
