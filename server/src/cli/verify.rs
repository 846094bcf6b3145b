//! `belfry verify`: sends messages through a running server while faults happen, and says whether any promise was broken.
//!
//! Arguments come in; a table or JSON of counts and an exit code leave: 0 only if nothing at all is wrong. Invariant:
//! what it made (accounts, devices, a private server) is gone when it ends; what was there before is left alone.

mod accounts;
pub(super) mod args;
mod dice;
pub(super) mod private;
mod proxy;
mod run;
mod show;
mod talk;

use std::process::ExitCode;

use anyhow::Result;

pub use args::VerifyArgs;
pub use dice::Dice;
pub use proxy::{Cuts, Proxy};
pub use run::{Account, Door, Fault, FaultCounts, Outcome, Plan, Process, Target, run};

/// Does what `belfry verify` was asked to.
pub(super) async fn verify(args: VerifyArgs) -> Result<ExitCode> {
    let json = args.json;
    let progress = show::Progress::start(json);
    let outcome = args::with_server(args, &progress).await;
    progress.finish();
    let outcome = outcome?;
    super::print(&if json { show::json(&outcome)? } else { show::table(&outcome) })?;
    Ok(if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
