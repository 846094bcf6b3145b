//! The text in which Prometheus reads figures (exposition format 0.0.4).
//!
//! Values come in, a page leaves. Invariant: no label ever names a person, an address or a device.

use std::fmt::{Display, Write};

/// Whether a value only grows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Classes of a distribution.
    Histogram,
}

/// A page that is being written.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// A value without labels.
    pub fn one(&mut self, kind: Kind, name: &str, help: &str, value: impl Display) {
        self.head(kind, name, help);
        let _ = writeln!(self.text, "belfry_{name} {value}");
    }

    /// A value for each value of one label.
    pub fn each<'a, V: Display>(
        &mut self,
        kind: Kind,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, V)>,
    ) {
        self.head(kind, name, help);
        for (of, value) in values {
            let _ = writeln!(self.text, "belfry_{name}{{{label}=\"{of}\"}} {value}");
        }
    }

    /// A distribution: for each class its upper bound and how many fell into it alone, the last without a bound.
    pub fn histogram(&mut self, name: &str, help: &str, bounds: &[f64], classes: &[u64], sum: f64) {
        self.head(Kind::Histogram, name, help);
        let mut total = 0;
        for (at, count) in classes.iter().enumerate() {
            total += count;
            match bounds.get(at) {
                Some(bound) => {
                    let _ = writeln!(self.text, "belfry_{name}_bucket{{le=\"{bound}\"}} {total}");
                }
                None => {
                    let _ = writeln!(self.text, "belfry_{name}_bucket{{le=\"+Inf\"}} {total}");
                }
            }
        }
        let _ = writeln!(self.text, "belfry_{name}_sum {sum}\nbelfry_{name}_count {total}");
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }

    fn head(&mut self, kind: Kind, name: &str, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.text, "# HELP belfry_{name} {help}\n# TYPE belfry_{name} {kind}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_as_prometheus_wants_it() {
        let mut page = Page::default();
        page.one(Kind::Counter, "panics_total", "Panics\ncaught.", 3);
        page.each(Kind::Gauge, "connections", "Open.", "kind", [("http", 1), ("native", 2)]);
        page.histogram("sync_seconds", "Syncs.", &[0.001, 0.01], &[1, 2, 3], 0.5);
        let expected = "\
# HELP belfry_panics_total Panics\\ncaught.
# TYPE belfry_panics_total counter
belfry_panics_total 3
# HELP belfry_connections Open.
# TYPE belfry_connections gauge
belfry_connections{kind=\"http\"} 1
belfry_connections{kind=\"native\"} 2
# HELP belfry_sync_seconds Syncs.
# TYPE belfry_sync_seconds histogram
belfry_sync_seconds_bucket{le=\"0.001\"} 1
belfry_sync_seconds_bucket{le=\"0.01\"} 3
belfry_sync_seconds_bucket{le=\"+Inf\"} 6
belfry_sync_seconds_sum 0.5
belfry_sync_seconds_count 6
";
        assert_eq!(page.finish(), expected);
    }
}
