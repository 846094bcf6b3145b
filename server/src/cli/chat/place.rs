//! Where the accounts of this device are kept: one store for each, and a list of them.
//!
//! The list is a text file of lines `address file`. Invariant: files and folder are for their owner alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder with the stores.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
}

impl Place {
    /// Opens or makes it: what was asked for, or the user's data directory.
    pub(super) fn open(asked: Option<&Path>) -> Result<Place> {
        let folder = match asked {
            Some(folder) => folder.to_owned(),
            None => match std::env::var_os("XDG_DATA_HOME").filter(|value| !value.is_empty()) {
                Some(data) => PathBuf::from(data).join("belfry"),
                None => {
                    let home = std::env::var_os("HOME").filter(|value| !value.is_empty());
                    let home = home.context("neither HOME nor XDG_DATA_HOME is set: say where with --data DIR")?;
                    PathBuf::from(home).join(".local/share/belfry")
                }
            },
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Place { folder })
    }

    /// The addresses that have a store here, with their files.
    pub(super) fn accounts(&self) -> Result<Vec<(String, PathBuf)>> {
        let path = self.folder.join("accounts");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let line =
            |line: &str| line.split_once(' ').map(|(address, file)| (address.to_owned(), self.folder.join(file)));
        Ok(text.lines().filter_map(line).collect())
    }

    /// The store of an address: the listed one or the one it would get.
    pub(super) fn of_account(&self, address: &str) -> Result<PathBuf> {
        let listed = self.accounts()?.into_iter().find(|(listed, _)| listed == address);
        Ok(listed.map_or_else(|| self.file(address), |(_, file)| file))
    }

    /// The file for a name; what could leave the folder or hide in it is replaced.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        let safe = |c: char| if c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '+') { c } else { '_' };
        let name: String = name.chars().map(safe).collect();
        self.folder.join(format!("{}.sqlite", name.trim_start_matches('.')))
    }

    /// A file that no address on the list has; one that was begun and not used is taken again.
    pub(super) fn unlisted(&self, name: &str) -> Result<PathBuf> {
        let accounts = self.accounts()?;
        let mut files = (0..=accounts.len()).map(|n| self.file(&format!("{name}-{n}")));
        files.find(|file| accounts.iter().all(|(_, listed)| listed != file)).context("no file is free")
    }

    /// Puts an address on the list.
    pub(super) fn list(&self, address: &str, file: &Path) -> Result<()> {
        if self.accounts()?.iter().any(|(listed, _)| listed == address) {
            return Ok(());
        }
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else { bail!("the store has no name") };
        let path = self.folder.join("accounts");
        let mut accounts = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        writeln!(accounts, "{address} {name}").with_context(|| format!("cannot write {}", path.display()))
    }

    /// Takes an address off the list and removes its store.
    pub(super) fn forget(&self, address: &str) -> Result<()> {
        let accounts = self.accounts()?;
        let text: String = accounts
            .iter()
            .filter(|(listed, _)| listed != address)
            .filter_map(|(listed, file)| Some(format!("{listed} {}\n", file.file_name()?.to_str()?)))
            .collect();
        fs::write(self.folder.join("accounts"), text)?;
        if let Some((_, file)) = accounts.iter().find(|(listed, _)| listed == address) {
            fs::remove_file(file)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_listed_and_forgotten() {
        let folder = std::env::temp_dir().join(format!("belfry-place-{}", std::process::id()));
        let place = Place::open(Some(&folder)).expect("made");
        assert!(place.accounts().expect("read").is_empty());
        let file = place.file("+49123");
        fs::write(&file, "").expect("written");
        place.list("ann@x", &file).expect("listed");
        place.list("ann@x", &file).expect("listed once");
        assert_eq!(place.accounts().expect("read"), [("ann@x".to_owned(), file.clone())]);
        assert_eq!(place.of_account("ann@x").expect("read"), file);
        let unlisted = place.unlisted("link").expect("there is one");
        place.list("ben@x", &unlisted).expect("listed");
        assert_ne!(place.unlisted("link").expect("there is another"), unlisted);
        fs::write(&unlisted, "").expect("written");
        place.forget("ben@x").expect("forgotten");
        place.forget("ann@x").expect("forgotten");
        assert!(!file.exists() && place.accounts().expect("read").is_empty());
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn no_name_leaves_the_folder() {
        let place = Place { folder: PathBuf::from("/data") };
        assert_eq!(place.file("../../etc/x"), PathBuf::from("/data/_.._etc_x.sqlite"));
    }
}
