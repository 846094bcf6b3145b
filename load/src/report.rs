//! Reports: figures with names, as a table for people and as JSON for programs.
//!
//! A scenario adds figures; both forms come from the same list, so that nothing stands in one and not in the other.
//! Invariant: a figure's key says its unit and never changes its meaning.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::latency::Latency;
use crate::probe::Machine;
use crate::tally::Counts;

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// For programs; ends with the unit.
    pub key: &'static str,
    /// For people.
    pub label: &'static str,
    /// For people.
    pub unit: &'static str,
    /// How much.
    pub value: f64,
}

/// What came of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its name.
    pub scenario: &'static str,
    /// What was measured, and how: names and values.
    pub settings: Vec<(&'static str, String)>,
    /// What was found.
    pub figures: Vec<Figure>,
    /// What went wrong on the way, word for word; not all of it.
    pub complaints: Vec<String>,
    /// Whether all that had to happen happened, and nothing else.
    pub clean: bool,
    /// Where.
    pub machine: Machine,
}

impl Report {
    /// An empty one.
    pub(crate) fn new(scenario: &'static str) -> Report {
        Report { scenario, machine: Machine::here(), clean: true, ..Report::default() }
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl ToString) {
        self.settings.push((name, value.to_string()));
    }

    pub(crate) fn add(&mut self, key: &'static str, label: &'static str, unit: &'static str, value: f64) {
        self.figures.push(Figure { key, label, unit, value });
    }

    /// What became of messages.
    pub(crate) fn add_counts(&mut self, counts: &Counts) {
        let mut add = |key, label, count: u64| self.add(key, label, "", count as f64);
        add("messages_sent", "messages sent", counts.sent);
        add("messages_acknowledged", "  acknowledged by the server", counts.acknowledged);
        add("messages_heard", "  heard by the other client", counts.heard);
        add("messages_refused", "  refused", counts.refused);
        add("messages_lost", "  lost", counts.lost);
        add("messages_duplicated", "  heard twice", counts.duplicated);
        add("messages_reordered", "  heard out of order", counts.reordered);
        self.clean &= counts.is_clean();
    }

    /// Quantiles of what clients waited for.
    pub(crate) fn add_latency(&mut self, keys: &Quantiles, latency: &Latency) {
        for ((key, label), part) in keys.0.iter().zip([0.5, 0.95, 0.99, 0.999, 1.0]) {
            self.add(key, label, "ms", millis(latency.quantile(part)));
        }
    }

    /// The figure with this key.
    pub fn figure(&self, key: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.key == key).map(|figure| figure.value)
    }

    /// For people.
    pub fn table(&self) -> String {
        let Machine { processor, processors, memory_mib, kernel } = &self.machine;
        let mut text = format!("belfry bench {}\n", self.scenario);
        let mut line = |text_of: std::fmt::Arguments<'_>| {
            // Writing to a text cannot fail.
            let _always = text.write_fmt(text_of);
        };
        for (name, value) in &self.settings {
            line(format_args!("  {name:<44} {value}\n"));
        }
        line(format_args!("  {:<44} {processors} × {processor}, {memory_mib} MiB, Linux {kernel}\n\n", "machine"));
        for Figure { label, unit, value, .. } in &self.figures {
            let shown = if value.fract() == 0.0 || *value >= 1_000.0 {
                format!("{value:.0}")
            } else if *value >= 10.0 {
                format!("{value:.1}")
            } else {
                format!("{value:.3}")
            };
            line(format_args!("  {label:<44} {shown:>12} {unit}\n"));
        }
        for complaint in &self.complaints {
            line(format_args!("  ! {complaint}\n"));
        }
        let verdict = if self.clean { "All went well." } else { "NOT ALL WENT WELL." };
        line(format_args!("\n{verdict}\n"));
        text
    }

    /// For programs: one object.
    pub fn json(&self) -> serde_json::Value {
        let figures: serde_json::Map<_, _> =
            self.figures.iter().map(|figure| (figure.key.to_owned(), figure.value.into())).collect();
        let settings: serde_json::Map<_, _> =
            self.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
        serde_json::json!({
            "scenario": self.scenario,
            "clean": self.clean,
            "settings": settings,
            "figures": figures,
            "complaints": self.complaints,
            "machine": machine(&self.machine),
        })
    }
}

fn machine(machine: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(machine).unwrap_or_default()
}

/// Keys and labels for the quantiles of one thing: half, 95 %, 99 %, 99.9 % of all, and the longest.
pub(crate) struct Quantiles([(&'static str, &'static str); 5]);

impl Quantiles {
    pub(crate) const fn of(names: [(&'static str, &'static str); 5]) -> Quantiles {
        Quantiles(names)
    }
}

/// From the moment at which a message was to leave to the other client's having it.
pub(crate) const DELIVERY: Quantiles = Quantiles([
    ("delivery_p50_ms", "from send to receipt: half within"),
    ("delivery_p95_ms", "  95 % within"),
    ("delivery_p99_ms", "  99 % within"),
    ("delivery_p999_ms", "  99.9 % within"),
    ("delivery_max_ms", "  the longest"),
]);

/// From the connection's first packet to the session.
pub(crate) const LOGIN: Quantiles = Quantiles([
    ("login_p50_ms", "connect and log in: half within"),
    ("login_p95_ms", "  95 % within"),
    ("login_p99_ms", "  99 % within"),
    ("login_p999_ms", "  99.9 % within"),
    ("login_max_ms", "  the longest"),
]);

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;

    fn report(lost: bool) -> Report {
        let mut tally = Tally::default();
        let number = tally.send();
        if !lost {
            tally.hear(number);
        }
        let mut report = Report::new("chat");
        report.set("door", "xmpp");
        report.add_counts(&tally.counts());
        report.add_latency(&DELIVERY, &Latency::default());
        report
    }

    #[test]
    fn a_loss_shows_in_the_table_in_the_json_and_in_the_verdict() {
        let (good, bad) = (report(false), report(true));
        assert!(good.table().ends_with("All went well.\n") && good.clean, "{}", good.table());
        assert!(bad.table().ends_with("NOT ALL WENT WELL.\n") && !bad.clean, "{}", bad.table());
        assert_eq!((&good.json()["figures"]["messages_lost"], &bad.json()["clean"]), (&0.0.into(), &false.into()));
        assert_eq!(bad.json()["figures"]["messages_lost"], 1.0);
        assert_eq!(bad.figure("messages_lost"), Some(1.0));
    }

    #[test]
    fn every_figure_stands_in_both_forms() {
        let report = report(false);
        let (table, json) = (report.table(), report.json());
        for figure in &report.figures {
            assert!(table.contains(figure.label.trim()), "{}", figure.label);
            assert!(json["figures"][figure.key].is_number(), "{}", figure.key);
        }
        assert_eq!(json["settings"]["door"], "xmpp");
        assert!(json["machine"]["processors"].is_number());
    }
}
