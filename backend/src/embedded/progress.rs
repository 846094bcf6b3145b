//! How far a copy has got, for whoever waits for it.
//!
//! The work says what it expects to do and what it has done; who waits looks when it likes. Invariant: looking costs the
//! work nothing, and nothing depends on what is seen.

use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a copy has got, in bytes or rows.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// So much is to be done.
    pub fn expect(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// So much more is done.
    pub fn add(&self, done: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }

    /// As another process has said it.
    pub fn set(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// What is done, and of how much; 0: that is not known.
    pub fn now(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}

/// A reader that says how much was taken from it.
#[derive(Debug)]
pub struct Counted<'a, R> {
    inner: R,
    progress: &'a Progress,
}

impl<'a, R> Counted<'a, R> {
    /// Counts what is read from `inner`.
    pub fn new(inner: R, progress: &'a Progress) -> Counted<'a, R> {
        Counted { inner, progress }
    }
}

impl<R: BufRead> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.progress.add(read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, taken: usize) {
        self.inner.consume(taken);
        self.progress.add(taken as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_counted_once_however_it_is_read() {
        let progress = Progress::default();
        let mut counted = Counted::new(&b"first\nsecond\nrest"[..], &progress);
        let mut line = String::new();
        counted.read_line(&mut line).expect("memory reads");
        assert_eq!((line.as_str(), progress.now()), ("first\n", (6, 0)));
        let mut rest = Vec::new();
        counted.read_to_end(&mut rest).expect("memory reads");
        assert_eq!(progress.now(), (17, 0));
        progress.expect(17);
        assert_eq!(progress.now(), (17, 17));
    }
}
