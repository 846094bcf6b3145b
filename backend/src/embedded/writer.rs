//! The writer: one thread that takes what has arrived, commits it once, syncs once, then answers everybody.
//!
//! Jobs come in through a bounded queue, each one whole intent; answers leave when the commit that holds them is
//! durable. Invariant: after a commit has failed nothing is written and nothing is acknowledged any more.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use belfry_domain::ports::StoreError;
use parking_lot::Mutex;
use rocksdb::WriteOptions;
use tokio::sync::{mpsc, oneshot, watch};

use super::disk::Disk;
use super::shared::Shared;
use super::tx::Tx;
use super::watermark::Watermark;

/// Jobs that may wait: more wait outside, in their callers, so that memory is bounded.
const QUEUE_JOBS_MAX: usize = 8192;

/// A commit takes at most so many jobs …
const COMMIT_JOBS_MAX: usize = 4096;

/// … and ends with the one that passes this weight: what one sync writes in a millisecond or two.
const COMMIT_BYTES_MAX: usize = 1024 * 1024;

/// How long a look at the free space holds: a full disk takes longer than this to come from far.
const FREE_SPACE_HOLDS: Duration = Duration::from_millis(100);

/// A commit that takes longer is one of a disk that hangs: the slow ones of a busy disk take a tenth of it.
const HANGS: Duration = Duration::from_secs(1);

/// Upper ends of the classes of [`Gauges::sync_classes`], in microseconds; the last class has no end.
pub const SYNC_CLASSES_US: [u64; 9] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000];

/// Figures of the writer, for metrics.
#[derive(Debug, Default)]
pub struct Gauges {
    /// Jobs that were taken up and are not answered, waiting ones included.
    pub queue_depth: AtomicU64,
    /// Commits so far.
    pub commits: AtomicU64,
    /// Jobs so far.
    pub jobs: AtomicU64,
    /// What jobs have looked up.
    pub looked_up: AtomicU64,
    /// What jobs have put or erased.
    pub changed: AtomicU64,
    /// Time in write and sync together, in microseconds.
    pub sync_us: AtomicU64,
    /// Commits by how long write and sync took; see [`SYNC_CLASSES_US`].
    pub sync_classes: [AtomicU64; SYNC_CLASSES_US.len() + 1],
    /// How long the oldest job of the last commit had waited before it was taken up, beyond the commit before it, in
    /// microseconds.
    waited_us: AtomicU64,
    /// The least that a caller has taken to see an answer since somebody asked, in microseconds; the largest number: there
    /// was none.
    seen_us: AtomicU64,
    oldest: Mutex<Option<Instant>>,
}

impl Gauges {
    /// How long the oldest job of the present commit has waited, in milliseconds; 0: none waits. Grows when the disk
    /// hangs.
    pub fn oldest_ms(&self) -> u64 {
        self.oldest.lock().map_or(0, |since| since.elapsed().as_millis() as u64)
    }

    /// How long jobs wait in the queue beyond what any job waits, which is for the commit that was under way when it came:
    /// more than nothing where more comes than the disk takes, or where the disk hangs.
    pub fn queue_wait(&self) -> Duration {
        if self.queue_depth.load(Ordering::Relaxed) == 0 {
            return Duration::ZERO;
        }
        let hangs = Duration::from_millis(self.oldest_ms());
        if hangs >= HANGS { hangs } else { Duration::from_micros(self.waited_us.load(Ordering::Relaxed)) }
    }

    /// How long callers at least took to see their answers since this was asked for the last time: those who wait for a
    /// processor are late.
    pub fn take_answers_wait(&self) -> Duration {
        match self.seen_us.swap(u64::MAX, Ordering::Relaxed) {
            u64::MAX => Duration::ZERO,
            least => Duration::from_micros(least),
        }
    }

    fn synced(&self, took: Duration) {
        let us = took.as_micros() as u64;
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.sync_us.fetch_add(us, Ordering::Relaxed);
        let class = SYNC_CLASSES_US.iter().position(|end| us <= *end).unwrap_or(SYNC_CLASSES_US.len());
        self.sync_classes[class].fetch_add(1, Ordering::Relaxed);
    }
}

/// What the queue carries.
enum Order {
    Do(Job),
    /// Finish what waits and end. Said, not left to the last sender going away: a caller whose runtime stands still
    /// while the store is closed would hold its sender for ever.
    Stop,
}

/// One whole intent on its way.
struct Job {
    since: Instant,
    weight: usize,
    /// May be lost in a crash: needs no sync of its own.
    lazy: bool,
    work: Box<dyn Work>,
}

trait Work: Send {
    fn run(&mut self, tx: &mut Tx<'_>);
    fn answer(self: Box<Self>, commit: Result<(), StoreError>, at: Instant);
}

struct Intent<T, F> {
    run: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<(Result<T, StoreError>, Instant)>,
}

impl<T, F> Work for Intent<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) {
        let Some(run) = self.run.take() else { return };
        tx.begin();
        let result = run(tx);
        if result.is_err() {
            tx.rollback();
        }
        self.result = Some(result);
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>, at: Instant) {
        let answer = match commit {
            Ok(()) => self.result.unwrap_or(Err(StoreError::Closed)),
            Err(error) => Err(error),
        };
        // The caller may have gone away; what it asked for is done all the same.
        drop(self.reply.send((answer, at)));
    }
}

/// The way to the writer thread.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Order>>>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    pub(super) gauges: Arc<Gauges>,
    failed: watch::Receiver<Option<String>>,
}

/// What the writer thread needs to know of its surroundings.
pub(super) struct Setting {
    pub(super) path: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) free_bytes_min: u64,
    /// The number of the last commit of the life before.
    pub(super) batch: u64,
    pub(super) watermark: Watermark,
}

impl Writer {
    pub(super) fn start(shared: Arc<Shared>, setting: Setting) -> std::io::Result<Writer> {
        let (queue, orders) = mpsc::channel(QUEUE_JOBS_MAX);
        let (fail, failed) = watch::channel(None);
        let gauges = Arc::new(Gauges::default());
        let own = Arc::clone(&gauges);
        let thread = std::thread::Builder::new().name("belfry-store".into()).spawn(move || {
            Loop { shared, setting, gauges: own, fail, commits: 0, batch_bytes: 0, took: Duration::ZERO, free: None }
                .run(orders);
        })?;
        Ok(Writer { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)), gauges, failed })
    }

    /// Hands over one intent and waits until it is durable. `weight` is about what it will write, in bytes.
    pub(super) async fn submit<T, F>(&self, weight: usize, lazy: bool, run: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        if let Some(reason) = self.failure() {
            return Err(StoreError::Failed(reason));
        }
        let queue = self.queue.lock().clone().ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let work = Box::new(Intent { run: Some(run), result: None, reply });
        self.gauges.queue_depth.fetch_add(1, Ordering::Relaxed);
        let job = Job { since: Instant::now(), weight, lazy, work };
        if queue.send(Order::Do(job)).await.is_err() {
            self.gauges.queue_depth.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Closed);
        }
        drop(queue);
        let (answer, at) = answer.await.map_err(|_| StoreError::Closed)?;
        self.gauges.seen_us.fetch_min(at.elapsed().as_micros() as u64, Ordering::Relaxed);
        answer
    }

    /// Why the store has failed, if it has.
    pub(super) fn failure(&self) -> Option<String> {
        self.failed.borrow().clone()
    }

    /// Returns when the store has failed, with the reason; never if it is closed first.
    pub(super) async fn failed(&self) -> String {
        let mut failed = self.failed.clone();
        let reason = failed.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        if let Some(reason) = reason {
            return reason;
        }
        if self.queue.lock().is_some() {
            return "the writer thread ended by itself".into();
        }
        std::future::pending().await
    }

    /// Takes no more jobs, finishes those that wait, and ends the thread.
    pub(super) fn close(&self) {
        if let Some(queue) = self.queue.lock().take() {
            // The writer makes room as long as it lives.
            let mut stop = queue.try_send(Order::Stop);
            while let Err(mpsc::error::TrySendError::Full(order)) = stop {
                std::thread::sleep(Duration::from_millis(1));
                stop = queue.try_send(order);
            }
        }
        if let Some(thread) = self.thread.lock().take() {
            // A thread that panicked has already failed everybody who waited.
            drop(thread.join());
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// The next job, waited for unless the writer is to stop.
fn next(orders: &mut mpsc::Receiver<Order>, stopping: &mut bool) -> Option<Job> {
    if !*stopping {
        match orders.blocking_recv()? {
            Order::Do(job) => return Some(job),
            Order::Stop => *stopping = true,
        }
    }
    waiting(orders, stopping)
}

/// A job that waits already.
fn waiting(orders: &mut mpsc::Receiver<Order>, stopping: &mut bool) -> Option<Job> {
    loop {
        match orders.try_recv().ok()? {
            Order::Do(job) => return Some(job),
            Order::Stop => *stopping = true,
        }
    }
}

struct Loop {
    shared: Arc<Shared>,
    setting: Setting,
    gauges: Arc<Gauges>,
    fail: watch::Sender<Option<String>>,
    commits: u64,
    /// What the last batch took.
    batch_bytes: usize,
    /// How long the last commit took.
    took: Duration,
    free: Option<(Instant, bool)>,
}

impl Loop {
    fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut stopping = false;
        while let Some(first) = next(&mut orders, &mut stopping) {
            let mut weight = first.weight;
            let mut taken = vec![first];
            while taken.len() < COMMIT_JOBS_MAX && weight < COMMIT_BYTES_MAX {
                let Some(job) = waiting(&mut orders, &mut stopping) else { break };
                weight += job.weight;
                taken.push(job);
            }
            *self.gauges.oldest.lock() = taken.first().map(|job| job.since);
            let waited = taken.first().map_or(Duration::ZERO, |job| job.since.elapsed()).saturating_sub(self.took);
            self.gauges.waited_us.store(waited.as_micros() as u64, Ordering::Relaxed);
            let (count, began) = (taken.len() as u64, Instant::now());
            let outcome = self.commit(&mut taken);
            self.took = began.elapsed();
            *self.gauges.oldest.lock() = None;
            self.gauges.queue_depth.fetch_sub(count, Ordering::Relaxed);
            self.gauges.jobs.fetch_add(count, Ordering::Relaxed);
            let at = Instant::now();
            for job in taken {
                job.work.answer(outcome.clone(), at);
            }
        }
        if self.fail.borrow().is_none() {
            self.setting.watermark.write(self.setting.batch);
        }
    }

    /// Runs the jobs and makes them durable. After an error none of them is to be acknowledged.
    fn commit(&mut self, jobs: &mut [Job]) -> Result<(), StoreError> {
        if let Some(reason) = self.fail.borrow().clone() {
            return Err(StoreError::Failed(reason));
        }
        if self.is_full() {
            return Err(StoreError::Full);
        }
        let shared = Arc::clone(&self.shared);
        let mut tx = Tx::new(&shared);
        for job in jobs.iter_mut() {
            job.work.run(&mut tx);
        }
        self.gauges.looked_up.fetch_add(tx.looked_up.get(), Ordering::Relaxed);
        self.gauges.changed.fetch_add(tx.changed, Ordering::Relaxed);
        if tx.is_empty() {
            return Ok(());
        }
        let number = self.setting.batch + 1;
        let batch = tx.batch(number, self.batch_bytes);
        self.batch_bytes = batch.size_in_bytes();
        let mut options = WriteOptions::default();
        options.set_sync(!jobs.iter().all(|job| job.lazy));
        let mut batch = Some(batch);
        let mut write = || match batch.take() {
            Some(batch) => shared.db.rocks().write_opt(batch, &options).map_err(|error| error.to_string()),
            None => Err("a commit is written once".to_owned()),
        };
        self.commits += 1;
        let began = Instant::now();
        if let Err(reason) = self.setting.disk.commit(self.commits, &mut write) {
            // A sync that failed once cannot be trusted a second time: what it was about may be lost without a word.
            tracing::error!(%reason, batch = number, "the store failed and takes no more writes");
            self.fail.send_replace(Some(reason.clone()));
            return Err(StoreError::Failed(reason));
        }
        self.gauges.synced(began.elapsed());
        self.setting.batch = number;
        self.setting.watermark.note(number);
        tx.publish();
        Ok(())
    }

    fn is_full(&mut self) -> bool {
        if let Some((since, full)) = self.free
            && since.elapsed() < FREE_SPACE_HOLDS
        {
            return full;
        }
        let full = match self.setting.disk.free_bytes(&self.setting.path) {
            Ok(free) => free < self.setting.free_bytes_min,
            Err(error) => {
                tracing::warn!(%error, "the free space of the disk cannot be read");
                false
            }
        };
        if full && self.free.is_none_or(|(_, before)| !before) {
            tracing::error!(path = %self.setting.path.display(), "the disk is nearly full: no more writes until there is room");
        }
        self.free = Some((Instant::now(), full));
        full
    }
}
