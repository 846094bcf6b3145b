//! Backup and restore: an exact copy of the store at one moment, taken while it works.
//!
//! A backup is a directory: `data` is the database, `manifest.json` says what it is and how every file must look.
//! Invariant: a backup or a restored directory has its name only when all of it is on the disk.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use belfry_domain::{Epoch, TimestampMs};
use rocksdb::checkpoint::Checkpoint;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::EmbeddedStore;
use super::Progress;
use super::keys;
use super::shared::Shared;

const MANIFEST: &str = "manifest.json";
const DATA: &str = "data";

/// Version of the manifest.
const VERSION: u64 = 1;

/// Why a backup was not made or not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target holds something.
    #[error("{} is not empty: nothing was written", .0.display())]
    NotEmpty(PathBuf),
    /// The backup is not what its manifest says.
    #[error("the backup in {} is damaged: {reason}", path.display())]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// A later version has made it.
    #[error("the backup in {} is of a newer program: version {version}, format {format}", path.display())]
    Newer {
        /// Where.
        path: PathBuf,
        /// Of the manifest.
        version: u64,
        /// Of the data.
        format: u64,
    },
    /// Reading or writing failed.
    #[error("{}: {reason}", path.display())]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

/// What a backup is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Manifest {
    /// The life of the log that it was taken from.
    pub epoch: Epoch,
    /// When it was taken.
    pub created: TimestampMs,
    /// Its files with their sizes and checksums.
    pub files: Vec<ManifestFile>,
}

/// One file of a backup.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ManifestFile {
    /// Its name inside `data`.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl EmbeddedStore {
    /// Takes a backup to a directory that is not there yet or is empty, while the store goes on. Everything that was
    /// acknowledged before the call is in it. On the same file system its larger files are shared with the store
    /// until one of the two lets go of them; a backup that survives the disk belongs on another one.
    pub async fn backup(&self, to: &Path) -> Result<Manifest, BackupError> {
        self.backup_watched(to, &Arc::default()).await
    }

    /// The same for somebody who watches how far it is, in bytes.
    pub async fn backup_watched(&self, to: &Path, progress: &Arc<Progress>) -> Result<Manifest, BackupError> {
        let (shared, path, progress) = (Arc::clone(&self.shared), to.to_owned(), Arc::clone(progress));
        let task = tokio::task::spawn_blocking(move || take(&shared, &path, &progress));
        task.await.map_err(|error| BackupError::Io { path: to.to_owned(), reason: error.to_string() })?
    }
}

fn failed<E: ToString>(path: &Path) -> impl Fn(E) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::Io { path: path.clone(), reason: error.to_string() }
}

fn take(shared: &Shared, to: &Path, progress: &Progress) -> Result<Manifest, BackupError> {
    let partial = begin(to)?;
    let data = partial.join(DATA);
    let checkpoint = Checkpoint::new(shared.db.rocks()).map_err(failed(to))?;
    checkpoint.create_checkpoint(&data).map_err(failed(&data))?;
    let names = names(&data)?;
    let length = |name: &String| fs::metadata(data.join(name)).map_or(0, |metadata| metadata.len());
    progress.expect(names.iter().map(length).sum());
    let mut files = Vec::new();
    for name in names {
        let path = data.join(&name);
        let (bytes, sha256) = digest(&path, progress).map_err(failed(&path))?;
        File::open(&path).and_then(|file| file.sync_all()).map_err(failed(&path))?;
        files.push(ManifestFile { name, bytes, sha256 });
    }
    let manifest = Manifest { epoch: shared.epoch, created: shared.clock.now(), files };
    write_durably(&partial.join(MANIFEST), &manifest.to_json())?;
    sync_directory(&data)?;
    finish(&partial, to)?;
    Ok(manifest)
}

/// Checks every file of a backup against its manifest.
pub fn verify(backup: &Path) -> Result<Manifest, BackupError> {
    verify_watched(backup, &Progress::default(), 1)
}

/// The same for somebody who watches how far it is, where the bytes are gone through so many `times` in all.
pub fn verify_watched(backup: &Path, progress: &Progress, times: u64) -> Result<Manifest, BackupError> {
    let damaged = |reason: String| BackupError::Damaged { path: backup.to_owned(), reason };
    let path = backup.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(failed(&path))?;
    let manifest = Manifest::from_json(backup, &text)?;
    progress.expect(manifest.bytes().saturating_mul(times));
    let data = backup.join(DATA);
    let present = names(&data)?;
    if let Some(extra) = present.iter().find(|name| !manifest.files.iter().any(|file| file.name == **name)) {
        return Err(damaged(format!("{extra} is not in the manifest")));
    }
    for file in &manifest.files {
        if !present.contains(&file.name) {
            return Err(damaged(format!("{} is missing", file.name)));
        }
        let path = data.join(&file.name);
        let (bytes, sha256) = digest(&path, progress).map_err(failed(&path))?;
        if (bytes, &sha256) != (file.bytes, &file.sha256) {
            return Err(damaged(format!("{} is not what was written", file.name)));
        }
    }
    Ok(manifest)
}

/// Puts a backup back to a directory that is not there yet or is empty, after checking every file. Opening it begins
/// a new life of its logs, so that clients that know more than the backup are told to begin anew.
pub fn restore(backup: &Path, to: &Path) -> Result<Manifest, BackupError> {
    let manifest = verify(backup)?;
    restore_watched(&manifest, backup, to, &Progress::default())?;
    Ok(manifest)
}

/// Puts a backup back that was checked against this manifest, for somebody who watches how far it is. Goes through the
/// bytes twice.
pub fn restore_watched(manifest: &Manifest, backup: &Path, to: &Path, progress: &Progress) -> Result<(), BackupError> {
    let partial = begin(to)?;
    for file in &manifest.files {
        let (from, target) = (backup.join(DATA).join(&file.name), partial.join(&file.name));
        progress.add(fs::copy(&from, &target).map_err(failed(&target))?);
        File::open(&target).and_then(|file| file.sync_all()).map_err(failed(&target))?;
        // Read back, so that a disk that changes what it is given is found now and not at the next message.
        let (bytes, sha256) = digest(&target, progress).map_err(failed(&target))?;
        if (bytes, &sha256) != (file.bytes, &file.sha256) {
            let reason = format!("{} changed while it was copied", file.name);
            return Err(BackupError::Damaged { path: backup.to_owned(), reason });
        }
    }
    finish(&partial, to)
}

/// Makes the directory that gets its name at the end; what an interrupted try has left in its place goes.
fn begin(to: &Path) -> Result<PathBuf, BackupError> {
    match fs::read_dir(to) {
        Ok(inside) => {
            if inside.count() > 0 {
                return Err(BackupError::NotEmpty(to.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(to)(error)),
    }
    let name = to.file_name().ok_or_else(|| failed(to)("is not the name of a directory"))?;
    let partial = to.with_file_name(format!("{}.partial", name.to_string_lossy()));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(failed(&partial))?;
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&partial).map_err(failed(&partial))?;
    Ok(partial)
}

fn finish(partial: &Path, to: &Path) -> Result<(), BackupError> {
    sync_directory(partial)?;
    fs::rename(partial, to).map_err(failed(to))?;
    let parent = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    sync_directory(parent)
}

fn sync_directory(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(failed(path))
}

fn write_durably(path: &Path, text: &str) -> Result<(), BackupError> {
    fs::write(path, text).map_err(failed(path))?;
    File::open(path).and_then(|file| file.sync_all()).map_err(failed(path))
}

fn names(directory: &Path) -> Result<Vec<String>, BackupError> {
    let mut names = Vec::new();
    for file in fs::read_dir(directory).map_err(failed(directory))? {
        let file = file.map_err(failed(directory))?;
        names.push(file.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn digest(path: &Path, progress: &Progress) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut bytes = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        bytes += n as u64;
        progress.add(n as u64);
        hash.update(&buffer[..n]);
    }
    Ok((bytes, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

impl Manifest {
    /// All its files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn to_json(&self) -> String {
        let file = |file: &ManifestFile| json!({ "name": file.name, "bytes": file.bytes, "sha256": file.sha256 });
        let files: Vec<Value> = self.files.iter().map(file).collect();
        let manifest = json!({
            "version": VERSION,
            "format": keys::FORMAT,
            "epoch": self.epoch.0,
            "created": self.created.0,
            "files": files,
        });
        format!("{manifest:#}\n")
    }

    fn from_json(path: &Path, text: &str) -> Result<Manifest, BackupError> {
        let damaged =
            |reason: &str| BackupError::Damaged { path: path.to_owned(), reason: format!("the manifest: {reason}") };
        let value: Value = serde_json::from_str(text).map_err(|error| damaged(&error.to_string()))?;
        let number = |name: &str| value[name].as_u64().ok_or_else(|| damaged(name));
        let (version, format) = (number("version")?, number("format")?);
        if version > VERSION || format > keys::FORMAT {
            return Err(BackupError::Newer { path: path.to_owned(), version, format });
        }
        let file = |file: &Value| -> Option<ManifestFile> {
            let name = file["name"].as_str()?;
            // A name leads nowhere but into the directory, whoever wrote the manifest.
            let plain = !name.contains('/') && name != ".." && name != ".";
            plain.then_some(())?;
            let sha256 = file["sha256"].as_str()?.to_owned();
            Some(ManifestFile { name: name.to_owned(), bytes: file["bytes"].as_u64()?, sha256 })
        };
        let files = value["files"].as_array().ok_or_else(|| damaged("files"))?;
        Ok(Manifest {
            epoch: Epoch(u32::try_from(number("epoch")?).map_err(|_| damaged("epoch"))?),
            created: TimestampMs(number("created")?),
            files: files.iter().map(file).collect::<Option<_>>().ok_or_else(|| damaged("files"))?,
        })
    }
}
