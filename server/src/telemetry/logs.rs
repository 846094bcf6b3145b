//! The log: one event, one line, on standard error.
//!
//! Events of all crates come in; lines leave. Invariant: whatever a client has put into a field, no control character
//! reaches the terminal or the file: an event cannot look like two, nor move a cursor. The text of a panic is told only
//! when it is a constant, since a formatted one may quote a message.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

use crate::config::{Log, LogFormat};

/// Panics since the process was started.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Changes the level while the server runs.
static LEVEL: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Starts logging and the counting of panics. Once in a process.
pub fn start(log: &Log) -> Result<()> {
    let (filter, handle) = reload::Layer::new(filter(&log.level)?);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Lines);
    match log.format {
        LogFormat::Text => registry.with(lines).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    }
    .context("logging was started twice")?;
    let _first = LEVEL.set(handle);
    std::panic::set_hook(Box::new(panicked));
    Ok(())
}

/// Whether a level can be taken.
pub fn check_level(log: &Log) -> Result<()> {
    filter(&log.level).map(|_| ())
}

/// Another level from now on.
pub fn set_level(log: &Log) -> Result<()> {
    let filter = filter(&log.level)?;
    match LEVEL.get() {
        Some(handle) => handle.reload(filter).context("the level of the log could not be changed"),
        None => Ok(()),
    }
}

/// Panics since the process was started.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Libraries that show whole messages and headers in their finest levels: they are held above those, whatever is set.
const QUIET: &str =
    "tungstenite=info,tokio_tungstenite=info,hyper=info,hyper_util=info,rustls=info,axum=info,tower=info";

fn filter(level: &str) -> Result<EnvFilter> {
    EnvFilter::try_new(format!("{level},{QUIET}"))
        .with_context(|| format!("log.level: \"{level}\" is no level: write \"info\" or \"info,belfry_engine=debug\""))
}

fn panicked(info: &PanicHookInfo<'_>) {
    PANICS.fetch_add(1, Ordering::Relaxed);
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let text = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("(its text may quote a client)");
    let thread = std::thread::current();
    tracing::error!(place, text, thread = thread.name().unwrap_or(""), "a panic: this is a fault of the server");
}

/// Makes a writer for each event.
struct Lines;

/// Writes one event with its control characters made visible.
struct Line;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line
    }
}

impl Write for Line {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        // The formatter hands over each event whole, with its line end.
        io::stderr().lock().write_all(visible(event).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The event with every control character but the last line end written as an escape.
fn visible(event: &[u8]) -> String {
    let text = String::from_utf8_lossy(event);
    let (text, end) = match text.strip_suffix('\n') {
        Some(text) => (text, "\n"),
        None => (&*text, ""),
    };
    // Bidirectional marks can make a line read otherwise than it is written.
    let hides = |c: char| {
        c.is_control() || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let mut line = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if hides(c) { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let event = "name=eve\r\n2026-01-01 INFO forged\x1b[2J\u{9b}31m\u{202e}\u{7f} é 🔔\n".as_bytes();
        assert_eq!(visible(event), "name=eve\\r\\n2026-01-01 INFO forged\\u{1b}[2J\\u{9b}31m\\u{202e}\\u{7f} é 🔔\n");
    }

    #[test]
    fn a_level_that_is_none_is_refused_with_the_value() {
        let error = filter("belfry=loud").expect_err("no such level").to_string();
        assert!(error.contains("belfry=loud") && error.contains("info"), "{error}");
    }
}
