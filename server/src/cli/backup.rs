//! `belfry backup`, `restore`, `export`, `import`.
//!
//! While a server runs on the data directory it makes the copy itself; else the store is opened here. Invariant: the
//! command returns when everything is on the disk.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use belfry_backend::embedded::Progress;
use clap::Args;

use super::progress::{Unit, somebody_looks, watched};
use super::{Place, print};
use crate::admin::client::{ask_watching, runs};
use crate::admin::{Answer, Request};
use crate::config::Config;
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
        return wrote(
            &ask_the_server("backup", Unit::Bytes, &config, |progress| Request::Backup { to, progress }).await?,
        );
    }
    let data = existing(&config.server.data)?;
    let store = open_store(&config, &data)?;
    let progress = Arc::new(Progress::default());
    let copying = copies::backup(&store, data.path(), &to, &progress);
    let summary = watched("backup", Unit::Bytes, somebody_looks(), &progress, copying).await?;
    wrote(&Answer::Wrote { path: to, summary })
}

/// Puts a backup back.
pub(super) async fn restore(args: RestoreArgs) -> Result<ExitCode> {
    let (from, data) = (absolute(&args.from)?, absolute(&args.data)?);
    let path = data.clone();
    let summary = blocking("restore", Unit::Bytes, move |progress| copies::restore(&from, &path, progress)).await?;
    wrote(&Answer::Wrote { path: data, summary })
}

/// Writes all rows to a file.
pub(super) async fn export(args: ExportArgs) -> Result<ExitCode> {
    let config = args.place.config()?;
    let to = absolute(&args.to)?;
    if runs(&config.admin_socket()).await {
        eprintln!("belfry: the running server is writing the file …");
        return wrote(
            &ask_the_server("export", Unit::Rows, &config, |progress| Request::Export { to, progress }).await?,
        );
    }
    let data = existing(&config.server.data)?;
    let store = Arc::new(open_store(&config, &data)?);
    let path = to.clone();
    let summary = blocking("export", Unit::Rows, move |progress| copies::export(&store, &path, progress)).await?;
    wrote(&Answer::Wrote { path: to, summary })
}

/// Fills a new store from a file.
pub(super) async fn import(args: ImportArgs) -> Result<ExitCode> {
    let (from, data) = (absolute(&args.from)?, absolute(&args.data)?);
    let path = data.clone();
    let config = Place::default().config()?;
    let work = move |progress: &Progress| copies::import(&from, &path, |held| store_options(&config, held), progress);
    let summary = blocking("import", Unit::Bytes, work).await?;
    wrote(&Answer::Wrote { path: data, summary })
}

/// Does blocking work, and shows how far it is if somebody looks.
async fn blocking(
    what: &str,
    unit: Unit,
    work: impl FnOnce(&Progress) -> Result<String> + Send + 'static,
) -> Result<String> {
    let progress = Arc::new(Progress::default());
    let its = Arc::clone(&progress);
    let task = tokio::task::spawn_blocking(move || work(&its));
    watched(what, unit, somebody_looks(), &progress, task).await.context("the copy was cut off")?
}

/// Has the running server do it, and shows how far it is if somebody looks.
async fn ask_the_server(
    what: &str,
    unit: Unit,
    config: &Config,
    request: impl FnOnce(bool) -> Request,
) -> Result<Answer> {
    let (socket, looks, progress) = (config.admin_socket(), somebody_looks(), Progress::default());
    let request = request(looks);
    watched(what, unit, looks, &progress, ask_watching(&socket, &request, &progress)).await
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
