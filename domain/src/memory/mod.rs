//! In-memory reference adapters of the ports: the executable specification, for tests and simulation.
//!
//! Intents come in, outcomes leave; nothing touches a disk. [`MemoryStore`] is written for plainness, not for speed:
//! where another store differs from it, the other one is wrong. Invariant: one mutex guards all state, so every method
//! is one transaction.

mod accounts;
mod blocking;
mod contacts;
mod conversations;
mod documents;
mod doubles;
mod keeping;
mod rooms;
mod state;
mod timelines;
mod traces;

use std::fmt;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

pub use self::doubles::{ManualClock, MemorySms, SeededEntropy};
use self::state::State;
use crate::ids::Epoch;
use crate::ports::{Clock, StoreError};

/// All storage ports over one mutex.
pub struct MemoryStore {
    /// `None`: this life has ended, see [`MemoryStore::crash`].
    state: Mutex<Option<State>>,
    /// By what entries expire for readers; without one, by the latest moment that an intent has told.
    clock: Option<Arc<dyn Clock>>,
}

impl MemoryStore {
    /// An empty store in its first life.
    pub fn new(epoch: Epoch) -> MemoryStore {
        MemoryStore { state: Mutex::new(Some(State::new(epoch))), clock: None }
    }

    /// The same, with entries that expire for readers by this clock, as those of a store on a disk do.
    pub fn with_clock(epoch: Epoch, clock: Arc<dyn Clock>) -> MemoryStore {
        MemoryStore { clock: Some(clock), ..MemoryStore::new(epoch) }
    }

    /// Ends this life and begins the next: everything that was answered is in the store returned, and every further
    /// call to this one fails as closed. The new life is `epoch`, or the one after the present if that is not higher.
    pub fn crash(&self, epoch: Epoch) -> MemoryStore {
        let mut state = self.state.lock().take().unwrap_or_else(|| State::new(epoch));
        state.epoch = Epoch(epoch.0.max(state.epoch.0 + 1));
        MemoryStore { state: Mutex::new(Some(state)), clock: self.clock.clone() }
    }

    fn with<T>(&self, intent: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut guard: MutexGuard<'_, Option<State>> = self.state.lock();
        let state = guard.as_mut().ok_or(StoreError::Closed)?;
        if let Some(clock) = &self.clock {
            state.now = clock.now();
        }
        intent(state)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    use async_trait::async_trait;
    use parking_lot::Mutex;

    use super::*;
    use crate::conformance::{self, Lives};
    use crate::ports::{Append, Store};
    use crate::retention::Retention;

    /// Runs a future that never waits, as all of this module are.
    fn run<F: Future>(future: F) -> F::Output {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("a memory adapter waited"),
        }
    }

    #[derive(Default)]
    struct MemoryLives(Mutex<Option<Arc<MemoryStore>>>);

    #[async_trait]
    impl Lives for MemoryLives {
        async fn open(&self) -> Arc<dyn Store> {
            let mut held = self.0.lock();
            let next = match held.take() {
                Some(store) => Arc::new(store.crash(Epoch(1))),
                None => Arc::new(MemoryStore::new(Epoch(7))),
            };
            *held = Some(Arc::clone(&next));
            next
        }
    }

    #[test]
    fn the_memory_store_passes_the_conformance_suites() {
        run(conformance::all(async || Arc::new(MemoryStore::new(Epoch(7))) as Arc<dyn Store>));
    }

    #[test]
    fn the_memory_store_passes_the_reopening_suite() {
        run(conformance::reopen::all(async || Arc::new(MemoryLives::default()) as Arc<dyn Lives>));
    }

    #[test]
    fn with_a_clock_that_was_ahead_what_is_sent_afterwards_is_not_dead() {
        let clock = Arc::new(ManualClock::new(conformance::NOW.plus_ms(1_000_000)));
        let store = MemoryStore::with_clock(Epoch(1), clock.clone());
        run(async {
            let pair = conformance::pair(&store).await;
            let mut append = pair.by_alice("ahead");
            append.at = clock.now();
            conformance::send(&store, append).await;
            clock.set(conformance::NOW);
            let retention = Retention::Until(conformance::NOW.plus_ms(1_000));
            conformance::send(&store, Append { retention, ..pair.by_alice("right") }).await;
            assert_eq!(conformance::texts(&conformance::entries(&store, pair.bob).await), ["ahead", "right"]);
            clock.advance_ms(1_000);
            assert_eq!(conformance::texts(&conformance::entries(&store, pair.bob).await), ["ahead"]);
        });
    }

    #[test]
    fn the_receipts_of_the_memory_store_are_what_its_cursors_and_marks_say() {
        run(conformance::ticks::all(&async || Arc::new(MemoryLives::default()) as Arc<dyn Lives>));
    }

    #[test]
    fn a_life_that_has_ended_is_closed() {
        let store = MemoryStore::new(Epoch(1));
        let next = store.crash(Epoch(1));
        assert_eq!(run(crate::ports::Rooms::room(&store, "lobby")), Err(StoreError::Closed));
        run(crate::ports::Rooms::room(&next, "lobby")).expect("the next life is open");
    }
}
