//! `belfry reload`: has the running server read its configuration again, and says what came of it.
//!
//! Asks the admin socket; SIGHUP does the same and answers in the log. Invariant: what is wrong in the file is said here,
//! with its place, and then nothing has changed.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::{Place, print};
use crate::admin::client::ask;
use crate::admin::{Answer, Request};
use crate::config::changes::{Change, Reloaded};
use crate::exit::{Exit, Fail};

/// Arguments of `belfry reload`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  belfry reload --config /etc/belfry.toml\n\nThe server reads the file that it was started with, and the certificate. Connections stay open. A wrong file is refused whole, with exit code 78; keys that hold only after a restart are named."
)]
pub(super) struct ReloadArgs {
    /// Print JSON instead of sentences
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Has the server read its configuration again.
pub(super) async fn reload(args: ReloadArgs) -> Result<ExitCode> {
    let config = args.place.config()?;
    match ask(&config.admin_socket(), &Request::Reload).await? {
        Answer::Reloaded(reloaded) => {
            print(&if args.json { serde_json::to_string(&reloaded)? + "\n" } else { sentences(&reloaded) })?;
            Ok(ExitCode::SUCCESS)
        }
        Answer::Refused { message, .. } => Err(Fail::new(Exit::Config, message).into()),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    }
}

fn sentences(reloaded: &Reloaded) -> String {
    let lines = |changes: &[Change]| -> String {
        changes.iter().map(|change| format!("  {}: {} -> {}\n", change.key, change.old, change.new)).collect()
    };
    let mut text = match &reloaded.changed[..] {
        [] => "reloaded; no value is other than before\n".to_owned(),
        changed => format!("reloaded; changed:\n{}", lines(changed)),
    };
    if !reloaded.needs_restart.is_empty() {
        text += &format!("these hold only after a restart:\n{}", lines(&reloaded.needs_restart));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_and_what_waits_for_a_restart_is_said() {
        assert_eq!(sentences(&Reloaded::default()), "reloaded; no value is other than before\n");
        let change = |key: &str| Change { key: key.into(), old: "1".into(), new: "2".into() };
        let both = Reloaded { changed: vec![change("a.b")], needs_restart: vec![change("c.d")] };
        assert_eq!(
            sentences(&both),
            "reloaded; changed:\n  a.b: 1 -> 2\nthese hold only after a restart:\n  c.d: 1 -> 2\n"
        );
    }
}
