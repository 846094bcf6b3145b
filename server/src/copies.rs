//! Backup, restore, export, import: the data directory as something that can be carried elsewhere.
//!
//! An open store, or a directory, comes in; a directory or a file leaves. A backup is a directory with the store and
//! beside it the server's keys and self-made certificate, without which clients would take the restored server for
//! another one. Invariant: the store's copy is the last thing that is written, so a backup that was cut off has none and
//! is refused; nothing that is there is ever overwritten.

use std::fs::{self, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use belfry_backend::embedded::{Counted, Progress, restore_watched, verify_watched};
use belfry_backend::{EmbeddedOptions, EmbeddedStore};

use crate::datadir::{DataDir, prepare, store_in, write_private};

/// What is copied beside the store: small files of the server's own.
const BESIDE: [&str; 2] = ["keys", "tls"];

/// Copies an open store and what lies beside it to a new directory. Says what was written.
pub async fn backup(store: &EmbeddedStore, data: &Path, to: &Path, progress: &Arc<Progress>) -> Result<String> {
    refuse_what_is_there(to)?;
    prepare(to)?;
    for name in BESIDE {
        copy_files(&data.join(name), &to.join(name))?;
    }
    let manifest = store.backup_watched(&store_in(to), progress).await?;
    Ok(format!("{} files, {} MiB", manifest.files.len(), manifest.bytes().div_ceil(1 << 20)))
}

/// Makes a data directory out of a backup, after checking every file of it.
pub fn restore(from: &Path, data: &Path, progress: &Progress) -> Result<String> {
    let copy = store_in(from);
    if !copy.exists() {
        bail!("{} is no complete backup: it has no store in it", from.display());
    }
    // Each byte is read once here; then it is copied and read back.
    let manifest = verify_watched(&copy, progress, 3)?;
    let held = DataDir::open(data)?;
    if held.store().exists() {
        bail!("{} already has a store: restore into another directory", data.display());
    }
    for name in BESIDE {
        copy_files(&from.join(name), &data.join(name))?;
    }
    restore_watched(&manifest, &copy, &held.store(), progress)?;
    Ok(format!("{} files, all as they were written", manifest.files.len()))
}

/// Writes all rows of an open store to a new file. Blocks.
pub fn export(store: &EmbeddedStore, to: &Path, progress: &Progress) -> Result<String> {
    let fresh = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let file = fresh.with_context(|| format!("cannot make the file {}", to.display()))?;
    let mut out = BufWriter::new(file);
    let rows = store.export_watched(&mut out, progress)?;
    out.flush().and_then(|()| out.get_ref().sync_all()).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(format!("{rows} rows"))
}

/// Fills the store of a data directory that has none yet. Blocks.
pub fn import(
    from: &Path,
    data: &Path,
    options: impl FnOnce(&DataDir) -> EmbeddedOptions,
    progress: &Progress,
) -> Result<String> {
    let file = fs::File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
    progress.expect(file.metadata().map_or(0, |metadata| metadata.len()));
    let held = DataDir::open(data)?;
    let rows = EmbeddedStore::import(&options(&held), &mut Counted::new(BufReader::new(file), progress))?;
    Ok(format!("{rows} rows"))
}

/// Copies the plain files of a directory, privately; a directory that is not there has none.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    prepare(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let bytes = fs::read(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
            write_private(&to.join(entry.file_name()), &bytes)?;
        }
    }
    Ok(())
}

fn refuse_what_is_there(to: &Path) -> Result<()> {
    let empty = fs::read_dir(to).map_or(true, |mut entries| entries.next().is_none());
    if !empty {
        bail!("{} is not empty: give a directory that is not there yet; nothing was written", to.display());
    }
    Ok(())
}
