//! How far a long command has got, on a terminal.
//!
//! Work and its [`Progress`] come in; while it lasts a line on standard error says what is done, how fast, and how long it
//! may still take. Invariant: nothing is drawn where standard error is no terminal, and nothing of it stays there.

use std::io::{IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use belfry_backend::embedded::Progress;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often it is drawn; what is over before is not drawn at all.
const EVERY: Duration = Duration::from_millis(250);

/// Time left is said when so much has passed: before, it would jump.
const STEADY_AFTER: Duration = Duration::from_secs(1);

/// The bar's columns: at least so many, and at most.
const BAR_COLUMNS: (usize, usize) = (8, 40);

/// Back to the beginning of the line and erase it.
const CLEAR: &str = "\r\x1b[K";

/// In what is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unit {
    Bytes,
    Rows,
}

/// Whether somebody looks.
pub(super) fn somebody_looks() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Waits for the work, and draws meanwhile if `draws`.
pub(super) async fn watched<T>(
    what: &str,
    unit: Unit,
    draws: bool,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    let began = Instant::now();
    let mut clock = interval_at(began + EVERY, EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut drawn = false;
    loop {
        tokio::select! {
            done = &mut work => {
                if drawn {
                    draw(CLEAR);
                }
                return done;
            }
            _ = clock.tick(), if draws => {
                // Some terminals do not say how wide they are, or say 0.
                let size = crossterm::terminal::size().ok().filter(|(columns, _)| *columns > 0);
                let columns = size.map_or(80, |(columns, _)| usize::from(columns));
                draw(&format!("{CLEAR}{}", line(what, unit, progress.now(), began.elapsed(), columns)));
                drawn = true;
            }
        }
    }
}

/// A terminal that is gone is no reason to give the work up.
fn draw(text: &str) {
    let mut out = std::io::stderr().lock();
    let _gone = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The line, of at most so many columns.
fn line(what: &str, unit: Unit, (done, total): (u64, u64), elapsed: Duration, columns: usize) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = done as f64 / seconds;
    let mut parts = Vec::new();
    if total > 0 {
        let share = (done as f64 / total as f64).min(1.0);
        parts.push(format!("{:3.0} %", (share * 100.0).floor()));
        parts.push(format!("{} of {}", amount(unit, done), amount(unit, total.max(done))));
    } else if done > 0 {
        parts.push(amount(unit, done));
    }
    if done > 0 {
        parts.push(format!("{}/s", amount(unit, rate as u64)));
    }
    if done == 0 {
        parts.push(span(elapsed));
    } else if total > done && elapsed >= STEADY_AFTER {
        parts.push(format!("{} left", span(Duration::from_secs_f64(((total - done) as f64 / rate).min(1e9)))));
    }
    let text = parts.join("  ");
    let room = columns.saturating_sub(1 + what.len() + 1 + 2 + 2 + text.len());
    let line = if total > 0 && room >= BAR_COLUMNS.0 {
        let wide = room.min(BAR_COLUMNS.1);
        let full = ((done as f64 / total as f64).min(1.0) * wide as f64) as usize;
        format!("{what} [{}{}]  {text}", "#".repeat(full), ".".repeat(wide - full))
    } else {
        format!("{what}  {text}")
    };
    // The last column stays free: some terminals begin a new line when it is written.
    line.chars().take(columns.saturating_sub(1)).collect()
}

fn amount(unit: Unit, count: u64) -> String {
    if unit == Unit::Rows {
        return format!("{count} rows");
    }
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let step = units.iter().enumerate().rev().find(|(step, _)| count >= 1 << (10 * step)).map_or(0, |(step, _)| step);
    let scaled = count as f64 / (1_u64 << (10 * step)) as f64;
    if step == 0 || scaled >= 100.0 {
        format!("{scaled:.0} {}", units[step])
    } else {
        format!("{scaled:.1} {}", units[step])
    }
}

fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_how_fast_and_how_long_still() {
        let at = |done, total, seconds| line("backup", Unit::Bytes, (done, total), Duration::from_secs(seconds), 100);
        let half = at(512 << 20, 1 << 30, 4);
        assert_eq!(
            half,
            "backup [####################....................]   50 %  512 MiB of 1.0 GiB  128 MiB/s  4 s left"
        );
        assert_eq!(at(0, 0, 3), "backup  3 s", "as long as nothing is known");
        assert!(at(1 << 30, 1 << 30, 4).contains("100 %") && !at(1 << 30, 1 << 30, 4).contains("left"));
        assert!(at((1 << 30) - 1, 1 << 30, 4).contains(" 99 %"), "not all is not all");
        let over = line("export", Unit::Rows, (12, 10), Duration::from_secs(6), 100);
        assert!(over.contains("100 %  12 rows of 12 rows  2 rows/s"), "an estimate was too low: {over}");
        let unknown = line("export", Unit::Rows, (12, 0), Duration::from_secs(6), 100);
        assert_eq!(unknown, "export  12 rows  2 rows/s");
    }

    #[test]
    fn it_fits_into_any_terminal_and_says_no_nonsense() {
        for columns in 0..200 {
            for (done, total) in [(0, 0), (0, 10), (1, u64::MAX), (u64::MAX, 1), (u64::MAX, u64::MAX), (5, 10)] {
                for elapsed in [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(1 << 40)] {
                    let drawn = line("restore", Unit::Bytes, (done, total), elapsed, columns);
                    assert!(drawn.chars().count() < columns.max(1), "{columns}: {drawn}");
                    assert!(!drawn.contains("inf") && !drawn.contains("NaN"), "{drawn}");
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_work_is_waited_for_whether_or_not_somebody_looks() {
        let progress = Progress::default();
        for draws in [false, true] {
            let work = async {
                tokio::time::sleep(Duration::from_secs(2)).await;
                7
            };
            assert_eq!(watched("test", Unit::Rows, draws, &progress, work).await, 7);
        }
    }
}
