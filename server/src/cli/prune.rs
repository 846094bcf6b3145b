//! `belfry prune`: takes what is dead from the disk at once instead of in its turn.
//!
//! Asks the running server and prints what was taken away and how much of the disk was given back. Invariant: it deletes
//! nothing that the server would not delete by itself.

use std::process::ExitCode;

use anyhow::{Result, bail};
use belfry_backend::embedded::Progress;
use clap::Args;

use super::progress::{Unit, somebody_looks, watched};
use super::{Place, print};
use crate::admin::client::ask;
use crate::admin::{Answer, PrunedLine, Request};
use crate::config::units::ByteSize;

/// Arguments of `belfry prune`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  belfry prune --now\n\nThe server prunes by itself every ten minutes. This does it at once and rewrites all files of the store, which takes a while for a large one and makes the disk busy. Backups keep what they had."
)]
pub(super) struct PruneArgs {
    /// Yes, at once
    #[arg(long, required = true)]
    now: bool,
    /// Print JSON instead of a sentence
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Has the server prune.
pub(super) async fn prune(args: PruneArgs) -> Result<ExitCode> {
    debug_assert!(args.now, "the command line asks for it");
    let config = args.place.config()?;
    // How much there is to do is not known before it is done: what is shown is that it goes on.
    let (draws, unknown) = (somebody_looks() && !args.json, Progress::default());
    let asking = async { ask(&config.admin_socket(), &Request::Prune).await };
    match watched("prune", Unit::Bytes, draws, &unknown, asking).await? {
        Answer::Pruned(pruned) => {
            let text = if args.json { serde_json::to_string(&pruned)? } else { sentence(&pruned) };
            print(&format!("{text}\n"))?;
            Ok(ExitCode::SUCCESS)
        }
        Answer::Refused { message, .. } => bail!("{message}"),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    }
}

fn sentence(pruned: &PrunedLine) -> String {
    let given_back = pruned.bytes_before.saturating_sub(pruned.bytes_after);
    format!(
        "{} entries, {} of the lobby and {} remembered ids were taken away; {} given back, {} left.",
        pruned.entries,
        pruned.lobby,
        pruned.ids,
        ByteSize::kib(given_back.div_ceil(1024)),
        ByteSize::kib(pruned.bytes_after.div_ceil(1024)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_is_said_and_never_below_nothing() {
        let pruned = PrunedLine { entries: 7, bytes_before: 3 << 20, bytes_after: 1 << 20, ..PrunedLine::default() };
        assert!(sentence(&pruned).contains("7 entries") && sentence(&pruned).contains("2 MiB given back"));
        let grown = PrunedLine { bytes_before: 10, bytes_after: 2048, ..PrunedLine::default() };
        assert!(sentence(&grown).contains("0 B given back"), "{}", sentence(&grown));
    }
}
