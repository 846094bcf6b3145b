//! The watermark: a small file beside the database with the number of a commit that was durable.
//!
//! A journal page that is damaged makes the database forget everything after it without a word. The number it comes
//! back with is compared with this one, so that such a loss is at least said. Invariant: the file never holds a number
//! higher than what was durable when it was written.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

const FILE: &str = "watermark";

/// Not every commit is worth a system call; a loss of more than this time's commits is found.
const EVERY: Duration = Duration::from_millis(100);

/// See the module.
pub(super) struct Watermark {
    file: Option<File>,
    written: Option<Instant>,
}

impl Watermark {
    /// Opens the file; a disk that refuses it costs the alarm, not the store.
    pub(super) fn open(directory: &Path) -> Watermark {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(directory.join(FILE));
        if let Err(error) = &file {
            tracing::warn!(%error, "the watermark file cannot be written");
        }
        Watermark { file: file.ok(), written: None }
    }

    /// The number in the file; 0 if there is none.
    pub(super) fn read(directory: &Path) -> u64 {
        let text = std::fs::read_to_string(directory.join(FILE)).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// A commit is durable.
    pub(super) fn note(&mut self, batch: u64) {
        if self.written.is_none_or(|at| at.elapsed() >= EVERY) {
            self.write(batch);
            self.written = Some(Instant::now());
        }
    }

    pub(super) fn write(&mut self, batch: u64) {
        if let Some(file) = &self.file
            && let Err(error) = file.write_all_at(format!("{batch:020}\n").as_bytes(), 0)
        {
            tracing::warn!(%error, "the watermark file cannot be written");
            self.file = None;
        }
    }
}
