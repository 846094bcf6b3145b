//! `belfry backup`, `restore`, `export`, `import`.
//!
//! While a server runs on the data directory it makes the copy itself; else the store is opened here. Invariant: the
//! command returns when everything is on the disk.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{Place, print};
use crate::admin::client::{ask, runs};
use crate::admin::{Answer, Request};
use crate::copies;
use crate::datadir::{DataDir, store_in};
use crate::wire_up::{open_store, store_options};

/// Arguments of `belfry backup`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  belfry backup /var/backups/belfry-2026-11-22")]
pub(super) struct BackupArgs {
    /// The directory to make; on another disk, if it shall survive this one
    to: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Arguments of `belfry restore`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  belfry restore /var/backups/belfry-2026-11-22 --data /var/lib/belfry\n\nStop the server first. The directory must not have a store yet."
)]
pub(super) struct RestoreArgs {
    /// The backup
    from: PathBuf,
    /// The data directory to make
    #[arg(long, short, value_name = "DIR")]
    data: PathBuf,
}

/// Arguments of `belfry export`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  belfry export belfry.jsonl")]
pub(super) struct ExportArgs {
    /// The file to make
    to: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Arguments of `belfry import`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  belfry import belfry.jsonl --data /var/lib/belfry\n\nThe directory must not have a store yet."
)]
pub(super) struct ImportArgs {
    /// The file that `belfry export` has written
    from: PathBuf,
    /// The data directory to fill
    #[arg(long, short, value_name = "DIR")]
    data: PathBuf,
}

/// Takes a backup.
pub(super) async fn backup(args: BackupArgs) -> Result<ExitCode> {
    let config = args.place.config()?;
    let to = absolute(&args.to)?;
    if runs(&config.admin_socket()).await {
        eprintln!("belfry: the running server is making the copy …");
        return wrote(&ask(&config.admin_socket(), &Request::Backup { to }).await?);
    }
    let data = existing(&config.server.data)?;
    let store = open_store(&config, &data)?;
    let summary = copies::backup(&store, data.path(), &to).await?;
    wrote(&Answer::Wrote { path: to, summary })
}

/// Puts a backup back.
pub(super) async fn restore(args: RestoreArgs) -> Result<ExitCode> {
    let (from, data) = (absolute(&args.from)?, absolute(&args.data)?);
    let path = data.clone();
    let summary = blocking(move || copies::restore(&from, &path)).await?;
    wrote(&Answer::Wrote { path: data, summary })
}

/// Writes all rows to a file.
pub(super) async fn export(args: ExportArgs) -> Result<ExitCode> {
    let config = args.place.config()?;
    let to = absolute(&args.to)?;
    if runs(&config.admin_socket()).await {
        eprintln!("belfry: the running server is writing the file …");
        return wrote(&ask(&config.admin_socket(), &Request::Export { to }).await?);
    }
    let data = existing(&config.server.data)?;
    let store = Arc::new(open_store(&config, &data)?);
    let path = to.clone();
    let summary = blocking(move || copies::export(&store, &path)).await?;
    wrote(&Answer::Wrote { path: to, summary })
}

/// Fills a new store from a file.
pub(super) async fn import(args: ImportArgs) -> Result<ExitCode> {
    let (from, data) = (absolute(&args.from)?, absolute(&args.data)?);
    let path = data.clone();
    let config = Place::default().config()?;
    let summary = blocking(move || copies::import(&from, &path, |held| store_options(&config, held))).await?;
    wrote(&Answer::Wrote { path: data, summary })
}

async fn blocking(work: impl FnOnce() -> Result<String> + Send + 'static) -> Result<String> {
    tokio::task::spawn_blocking(work).await.context("the copy was cut off")?
}

/// The server has its own working directory, so a path goes to it whole.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))
}

/// A data directory with a store in it; one that is not there is a wrong --data, not a new server.
fn existing(path: &Path) -> Result<DataDir> {
    if !store_in(path).exists() {
        bail!(
            "there is no store in {}: name the server's directory with --data or its configuration with --config",
            path.display()
        );
    }
    DataDir::open(path)
}

fn wrote(answer: &Answer) -> Result<ExitCode> {
    match answer {
        Answer::Wrote { path, summary } => {
            print(&format!("{}: {summary}.\n", path.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Answer::Refused { message, .. } => bail!("{message}"),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    }
}
