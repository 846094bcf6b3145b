//! Times as people read them, in the time zone of this machine.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Hours and minutes of a moment, as `09:05`.
pub(super) fn clock(at_ms: u64) -> String {
    format(at_ms, "%H:%M")
}

/// The day of a moment, as `Monday, 2 March 2026`.
pub(super) fn day(at_ms: u64) -> String {
    format(at_ms, "%A, %-d %B %Y")
}

/// A moment to the second, as `2026-03-02 09:05:07`.
pub(in crate::cli) fn moment(at_ms: u64) -> String {
    format(at_ms, "%Y-%m-%d %H:%M:%S")
}

/// A moment to the millisecond, as `2026-03-02 09:05:07.042`.
pub(in crate::cli) fn instant(at_ms: u64) -> String {
    format(at_ms, "%Y-%m-%d %H:%M:%S%.3f")
}

fn format(at_ms: u64, pattern: &str) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default();
    at.to_zoned(TimeZone::system()).strftime(pattern).to_string()
}
