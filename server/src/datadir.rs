//! The data directory: made for one user, held by one process, and the server's own keys in it.
//!
//! A path comes in; a [`DataDir`] leaves that is locked until it is dropped. Invariant: nothing in it can be read by other
//! users of the machine, and no second server opens the same store.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use belfry_domain::ports::{Entropy, random_array};
use rustix::fs::FlockOperation;

use crate::exit::{Exit, Fail};

/// A data directory that this process holds.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Its lock goes with it.
    _lock: File,
}

impl DataDir {
    /// Makes the directory if need be and takes its lock.
    pub fn open(path: &Path) -> Result<DataDir> {
        prepare(path)?;
        let lock_path = path.join("belfry.lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .with_context(|| format!("cannot open {}", lock_path.display()))?;
        if rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            let _unread = lock.read_to_string(&mut holder);
            let holder = holder.trim();
            let who = if holder.is_empty() { "another process".into() } else { format!("process {holder}") };
            let text = format!(
                "the data directory {} is in use by {who}: stop it first, or give this server another directory with \
                 --data",
                path.display()
            );
            return Err(Fail::new(Exit::InUse, text).into());
        }
        lock.set_len(0)
            .and_then(|()| lock.write_all(std::process::id().to_string().as_bytes()))
            .with_context(|| format!("cannot write {}", lock_path.display()))?;
        Ok(DataDir { path: path.to_path_buf(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the store is.
    pub fn store(&self) -> PathBuf {
        store_in(&self.path)
    }

    /// Remembers for which domain the directory was made, if that is not known yet.
    pub fn remember_domain(&self, domain: &str) -> Result<()> {
        match made_for(&self.path) {
            Some(_) => Ok(()),
            None => write_private(&self.path.join(DOMAIN_FILE), domain.as_bytes()),
        }
    }

    /// A key of 32 bytes, made at the first start and kept.
    pub fn key(&self, name: &str, entropy: &dyn Entropy) -> Result<[u8; 32]> {
        let directory = self.path.join("keys");
        prepare(&directory)?;
        let path = directory.join(name);
        match fs::read(&path) {
            Ok(bytes) => {
                refuse_readable_by_others(&path)?;
                bytes.as_slice().try_into().map_err(|_| {
                    anyhow::anyhow!(
                        "{} should have 32 bytes and has {}: put it back from a backup, or remove it to get a new key",
                        path.display(),
                        bytes.len()
                    )
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key: [u8; 32] = random_array(entropy);
                write_private(&path, &key)?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

/// The file in which a data directory has the domain that it was made for.
const DOMAIN_FILE: &str = "domain";

/// For which domain a data directory was made, if it says.
pub fn made_for(data: &Path) -> Option<String> {
    let text = fs::read_to_string(data.join(DOMAIN_FILE)).ok()?;
    Some(text.trim().to_owned()).filter(|domain| !domain.is_empty())
}

/// Where the store of a data directory is.
pub fn store_in(data: &Path) -> PathBuf {
    data.join("store")
}

/// Makes a directory that only its owner can enter; one that is there must not be open to others for writing.
pub fn prepare(path: &Path) -> Result<()> {
    if !path.exists() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("cannot make the directory {}", path.display()))?;
    }
    let meta = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !meta.is_dir() {
        bail!("{} is not a directory: choose another with --data", path.display());
    }
    if meta.mode() & 0o077 != 0 {
        // What lies in it is private in any case; an owner who made it with her own umask need not be bothered.
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).with_context(|| {
            format!("others can enter {} and that could not be changed: chmod 700 it", path.display())
        })?;
    }
    Ok(())
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let parent = path.parent().context("a file has a directory")?;
    let mut name = path.file_name().context("a file has a name")?.to_os_string();
    name.push(".new");
    let fresh = parent.join(name);
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        File::open(parent)?.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Refuses a key that other users of the machine can read.
pub fn refuse_readable_by_others(path: &Path) -> Result<()> {
    let meta = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if meta.mode() & 0o007 != 0 {
        let mode = meta.mode() & 0o777;
        bail!("everybody on this machine can use the key {} (mode {mode:03o}): chmod 600 it", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Entropy for Ones {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(1);
        }
    }

    #[test]
    fn a_directory_is_held_once_and_is_private() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("a/data");
        let held = DataDir::open(&path).expect("nobody holds it");
        assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o777, 0o700);
        let error = DataDir::open(&path).expect_err("it is held").to_string();
        assert!(error.contains(&std::process::id().to_string()) && error.contains("--data"), "{error}");
        drop(held);
        DataDir::open(&path).expect("it is free again");
    }

    #[test]
    fn the_domain_of_the_first_start_is_remembered() {
        let home = tempfile::tempdir().expect("a directory");
        let data = DataDir::open(home.path()).expect("a data directory");
        assert_eq!(made_for(home.path()), None);
        data.remember_domain("chat.example").expect("it can be written");
        data.remember_domain("other.example").expect("nothing is to be done");
        assert_eq!(made_for(home.path()), Some("chat.example".into()));
    }

    #[test]
    fn a_key_is_made_once_is_private_and_is_refused_when_it_is_not() {
        let home = tempfile::tempdir().expect("a directory");
        let data = DataDir::open(home.path()).expect("a data directory");
        assert_eq!(data.key("token", &Ones).expect("made"), [1; 32]);
        let path = home.path().join("keys/token");
        fs::write(&path, [2; 32]).expect("it can be written");
        assert_eq!(data.key("token", &Ones).expect("kept"), [2; 32]);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("its mode can be changed");
        assert!(data.key("token", &Ones).expect_err("open to all").to_string().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode can be changed");
        fs::write(&path, [2; 31]).expect("it can be written");
        assert!(data.key("token", &Ones).expect_err("too short").to_string().contains("31"));
    }
}
