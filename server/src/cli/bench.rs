//! `belfry bench`: puts load on a server and says what a login, a connection and a message cost it.
//!
//! Arguments come in; a table or JSON and an exit code leave: 0 only if all went well. Invariant: what it made (a private
//! server, its accounts, devices) is gone when it ends.

mod args;
mod own;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use belfry_load::{Glance, Report};

pub(super) use args::BenchArgs;
use args::Verb;

/// Width of the bar.
const BAR_CHARS: u64 = 30;

/// Does what `belfry bench` was asked to.
pub(super) fn bench(args: BenchArgs) -> Result<ExitCode> {
    let (load, scenario) = match args.verb {
        Verb::Worker => {
            belfry_load::work()?;
            return Ok(ExitCode::SUCCESS);
        }
        Verb::Limits(verb) => {
            let folder = verb.folder.unwrap_or_else(std::env::temp_dir);
            show(&belfry_load::limits(&folder)?, verb.json)?;
            return Ok(ExitCode::SUCCESS);
        }
        Verb::Idle(verb) => verb.plan()?,
        Verb::Chat(verb) => verb.plan()?,
        Verb::Offline(verb) => verb.plan()?,
        Verb::Storm(verb) => verb.plan()?,
        Verb::Overload(verb) => verb.plan()?,
        Verb::Presence(verb) => verb.plan()?,
        Verb::FindMax(verb) => verb.plan()?,
    };
    let json = load.json;
    let report = super::small(async move {
        tokio::select! {
            report = own::with_server(load, scenario) => report,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; nothing was measured")),
        }
    })?;
    show(&report, json)?;
    Ok(if report.clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(report: &Report, json: bool) -> Result<()> {
    if json {
        let text = serde_json::to_string_pretty(&report.json()).context("the report has no form in JSON")?;
        return super::print(&(text + "\n"));
    }
    super::print(&report.table())
}

/// Draws how far it is, if somebody looks.
fn draw(glance: &Glance) {
    if std::io::stderr().is_terminal() {
        eprint!("\r{}", bar(glance));
        // A terminal that is gone needs no bar.
        drop(std::io::stderr().flush());
    }
}

/// Takes the bar away.
fn wipe() {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}

fn bar(glance: &Glance) -> String {
    let of = glance.of.max(1);
    let done = glance.done.min(of);
    let full = usize::try_from(done * BAR_CHARS / of).unwrap_or(0);
    format!(
        "[{}{}] {:>3} %  {:<24}",
        "#".repeat(full),
        " ".repeat(BAR_CHARS as usize - full),
        done * 100 / of,
        glance.what
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_as_wide_at_its_end_as_at_its_beginning_and_never_over_full() {
        let at = |done, of| bar(&Glance { what: "talking", done, of });
        assert_eq!(at(0, 10).len(), at(10, 10).len());
        assert!(at(5, 10).contains(" 50 %  talking"), "{}", at(5, 10));
        assert_eq!(at(20, 10), at(10, 10));
        assert!(at(0, 0).contains("  0 %"));
    }
}
