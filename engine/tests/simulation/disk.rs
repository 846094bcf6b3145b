//! A store whose disk can lose what was not synced: the memory store behind a journal.
//!
//! A write is first *written* (it stands in the journal) and answered when it is *synced*, together with whatever else
//! stands there. A crash keeps a beginning of the journal, by the caller's choice, and loses the rest. Calls take turns
//! with everything else before and after they do something, and can fail as the port says they may. Invariant: without
//! a planted fault this is a correct store, so every violation is the engine's or the memory store's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};

use belfry_domain::Epoch;
use belfry_domain::memory::MemoryStore;
use belfry_domain::ports::{Clock, StoreError};
use parking_lot::Mutex;

use crate::executor::pause;
use crate::plan::Plant;
use crate::rng::Rng;

type Intent = Arc<dyn Fn(&MemoryStore) + Send + Sync>;

/// One write that was not synced yet.
struct Written {
    intent: Intent,
    fail: Box<dyn Fn(StoreError) + Send + Sync>,
}

/// How often calls fail, in ten thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Failures {
    /// Nothing is written: the disk is full.
    pub(crate) full: u32,
    /// The write or its sync fails; from then on every write does, until the store is opened anew.
    pub(crate) failed: u32,
    /// A read fails.
    pub(crate) unread: u32,
}

/// What has happened to the disk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DiskCounts {
    pub(crate) full: u64,
    pub(crate) failed: u64,
    pub(crate) unread: u64,
    pub(crate) lost: u64,
    pub(crate) kept_unanswered: u64,
}

impl DiskCounts {
    pub(crate) fn add(&mut self, other: &DiskCounts) {
        self.full += other.full;
        self.failed += other.failed;
        self.unread += other.unread;
        self.lost += other.lost;
        self.kept_unanswered += other.kept_unanswered;
    }
}

struct State {
    durable: Arc<MemoryStore>,
    journal: VecDeque<Written>,
    failed: bool,
    calm: bool,
    failures: Failures,
    rng: Rng,
    counts: DiskCounts,
    /// For planted faults that answer from what is not durable: that, and how to make it anew after a crash.
    early: Option<(Arc<MemoryStore>, Vec<Option<Intent>>)>,
}

/// The store of one run, through all lives of its process.
pub(crate) struct Disk {
    state: Mutex<State>,
    pub(super) plant: Option<Plant>,
    clock: Arc<dyn Clock>,
}

/// Where the answer to a write comes to.
struct Slot<T>(Mutex<(Answered<T>, Option<Waker>)>);

type Answered<T> = Option<Result<T, StoreError>>;

impl<T> Slot<T> {
    fn fill(&self, answer: Result<T, StoreError>) {
        let mut slot = self.0.lock();
        if slot.0.is_none() {
            slot.0 = Some(answer);
            if let Some(waker) = slot.1.take() {
                waker.wake();
            }
        }
    }
}

impl Disk {
    pub(crate) fn new(rng: Rng, failures: Failures, plant: Option<Plant>, clock: Arc<dyn Clock>) -> Disk {
        let early = matches!(plant, Some(Plant::AnswerBeforeSync | Plant::ReadBeforeSync));
        let state = State {
            durable: Arc::new(MemoryStore::with_clock(Epoch(1), Arc::clone(&clock))),
            journal: VecDeque::new(),
            failed: false,
            calm: true,
            failures,
            rng,
            counts: DiskCounts::default(),
            early: early.then(|| (Arc::new(MemoryStore::with_clock(Epoch(1), Arc::clone(&clock))), Vec::new())),
        };
        Disk { state: Mutex::new(state), plant, clock }
    }

    /// While it is calm, calls answer at once and do not fail.
    pub(crate) fn set_calm(&self, calm: bool) {
        self.state.lock().calm = calm;
    }

    /// Nothing fails from now on (but what has failed stays so until the next life).
    pub(crate) fn heal(&self) {
        self.state.lock().failures = Failures::default();
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.state.lock().failed
    }

    /// Writes that wait for their sync.
    pub(crate) fn unsynced(&self) -> usize {
        let state = self.state.lock();
        if state.failed { 0 } else { state.journal.len() }
    }

    pub(crate) fn counts(&self) -> DiskCounts {
        self.state.lock().counts
    }

    /// What is durable, for a look from outside.
    pub(crate) fn durable(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.state.lock().durable)
    }

    /// Syncs what was written: it is durable, and answered.
    pub(crate) fn sync(&self) {
        let (written, durable) = {
            let mut state = self.state.lock();
            if state.failed {
                return;
            }
            (std::mem::take(&mut state.journal), Arc::clone(&state.durable))
        };
        for write in &written {
            (write.intent)(&durable);
        }
        if let Some((_, history)) = &mut self.state.lock().early {
            history.extend(written.into_iter().map(|write| Some(write.intent)));
        }
    }

    /// The process ends: of what was not synced the first `keep` writes are on the disk all the same. The next call is
    /// answered by the next life.
    pub(crate) fn crash(&self, keep: usize) {
        let mut state = self.state.lock();
        let written = std::mem::take(&mut state.journal);
        state.counts.lost += written.len().saturating_sub(keep) as u64;
        state.counts.kept_unanswered += written.len().min(keep) as u64;
        for write in written.into_iter().take(keep) {
            (write.intent)(&state.durable);
            if let Some((_, history)) = &mut state.early {
                history.push(Some(write.intent));
            }
        }
        state.durable = Arc::new(state.durable.crash(Epoch(1)));
        state.failed = false;
        if let Some((early, history)) = &mut state.early {
            history.push(None);
            *early = Arc::new(MemoryStore::with_clock(Epoch(1), Arc::clone(&self.clock)));
            for step in history.iter() {
                match step {
                    Some(intent) => intent(early),
                    None => *early = Arc::new(early.crash(Epoch(1))),
                }
            }
        }
        if self.plant == Some(Plant::DedupeForgotten) {
            let _forgotten = crate::ports::forget_ids(&state.durable);
        }
    }

    /// Chance of the disk's own, for planted faults.
    pub(super) fn chance(&self, in_ten_thousand: u32) -> bool {
        let mut state = self.state.lock();
        !state.calm && state.rng.chance(in_ten_thousand)
    }

    /// Perhaps lets the others go first.
    async fn turn(&self) {
        let waits = {
            let mut state = self.state.lock();
            !state.calm && state.rng.chance(6_000)
        };
        if waits {
            pause().await;
        }
    }

    /// A read: of what is durable.
    pub(super) async fn read<T>(
        &self,
        look: impl FnOnce(&MemoryStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.turn().await;
        let store = {
            let mut state = self.state.lock();
            let rate = state.failures.unread;
            if !state.calm && state.rng.chance(rate) {
                state.counts.unread += 1;
                return Err(StoreError::Failed("a read of the simulated disk failed".into()));
            }
            match &state.early {
                Some((early, _)) if self.plant == Some(Plant::ReadBeforeSync) => Arc::clone(early),
                _ => Arc::clone(&state.durable),
            }
        };
        let found = look(&store);
        self.turn().await;
        found
    }

    /// A write: answered when it is synced.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        intent: impl Fn(&MemoryStore) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        self.turn().await;
        let slot = Arc::new(Slot(Mutex::new((None, None))));
        {
            let mut state = self.state.lock();
            if state.failed {
                return Err(StoreError::Failed("the simulated disk has failed".into()));
            }
            let (full, failed) = (state.failures.full, state.failures.failed);
            if !state.calm && state.rng.chance(full) {
                state.counts.full += 1;
                return Err(StoreError::Full);
            }
            let (to_fill, to_fail) = (Arc::clone(&slot), Arc::clone(&slot));
            let intent: Intent = Arc::new(move |store| to_fill.fill(intent(store)));
            if let Some((early, _)) = &state.early {
                // Planted: applied, and answered for good where the plant says so.
                intent(early);
                if self.plant == Some(Plant::ReadBeforeSync) {
                    slot.0.lock().0 = None;
                }
            }
            let fail = Box::new(move |error| to_fail.fill(Err(error)));
            state.journal.push_back(Written { intent, fail });
            if state.calm {
                drop(state);
                self.sync();
            } else if state.rng.chance(failed) {
                state.counts.failed += 1;
                state.failed = true;
                for write in &state.journal {
                    (write.fail)(StoreError::Failed("a sync of the simulated disk failed".into()));
                }
            }
        }
        let answer = std::future::poll_fn(|cx| {
            let mut slot = slot.0.lock();
            match slot.0.take() {
                Some(answer) => Poll::Ready(answer),
                None => {
                    slot.1 = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await;
        self.turn().await;
        answer
    }

    /// A write that may be lost.
    pub(super) fn note<T>(&self, intent: impl FnOnce(&MemoryStore) -> Result<T, StoreError>) -> Result<T, StoreError> {
        intent(&self.durable())
    }
}
