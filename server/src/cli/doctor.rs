//! `belfry doctor`: looks at an installation and says what is wrong and how to mend it.
//!
//! Checks come in as findings; a list for people or JSON for programs leaves. Invariant: it changes nothing, and the exit
//! code is 1 exactly when something is broken.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::doctor_checks as checks;
use super::{Place, print};

/// Arguments of `belfry doctor`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  belfry doctor --config /etc/belfry.toml")]
pub(super) struct DoctorArgs {
    /// One JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Fine,
    /// Works, but will not for long, or not well.
    Warning,
    /// Does not work.
    Broken,
}

/// What a check has found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) what: &'static str,
    /// How it is.
    pub(super) state: State,
    /// What was seen.
    pub(super) seen: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mend: Option<String>,
}

impl Finding {
    /// All is well.
    pub(super) fn fine(what: &'static str, seen: impl Into<String>) -> Finding {
        Finding { what, state: State::Fine, seen: seen.into(), mend: None }
    }

    /// Something to look after.
    pub(super) fn warning(what: &'static str, seen: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { what, state: State::Warning, seen: seen.into(), mend: Some(mend.into()) }
    }

    /// Something that does not work.
    pub(super) fn broken(what: &'static str, seen: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { what, state: State::Broken, seen: seen.into(), mend: Some(mend.into()) }
    }
}

/// Looks at everything.
pub(super) async fn doctor(args: DoctorArgs) -> Result<ExitCode> {
    let mut findings = Vec::new();
    match args.place.config() {
        Ok(config) => {
            findings.push(Finding::fine("configuration", "valid"));
            findings.extend(checks::all(&config).await);
        }
        Err(error) => {
            let mend = "correct the line; `belfry config` prints all keys with their meanings";
            findings.push(Finding::broken("configuration", error.to_string(), mend));
        }
    }
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    print(&if args.json { serde_json::to_string_pretty(&findings)? + "\n" } else { for_people(&findings) })?;
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn for_people(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Fine => "ok",
            State::Warning => "!",
            State::Broken => "BROKEN",
        };
        text.push_str(&format!("{mark:>6}  {:<14} {}\n", finding.what, finding.seen));
        if let Some(mend) = &finding.mend {
            text.push_str(&format!("{:>6}  {:<14} -> {mend}\n", "", ""));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_stands_with_its_remedy() {
        let findings = [Finding::fine("clock", "2026-11-22"), Finding::broken("port", "taken", "choose another")];
        let text = for_people(&findings);
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains("BROKEN  port") && text.contains("-> choose another"), "{text}");
    }
}
