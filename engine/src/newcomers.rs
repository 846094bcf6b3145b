//! Newcomers: connections on their way in take their steps in turns of which there are few, in the order in which they came.
//!
//! A step is what a connection does between two waits: part of a handshake, the look for a device. When all clients come
//! back at the same moment, thousands of such steps are ready at once; those who are connected already would have to wait
//! behind all of them. Invariants: at any moment no more newcomers than [`Newcomers::turns`] are ready to run, so that
//! whoever is connected waits behind so many at most; a newcomer that waits for its client or the disk holds no turn.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, ready};

use tokio::sync::Semaphore;
use tokio_util::sync::PollSemaphore;

use crate::Engine;

/// Turns for newcomers.
#[derive(Debug)]
pub(crate) struct Newcomers {
    turns: Arc<Semaphore>,
}

impl Newcomers {
    /// Half of the processors are for those who are connected, whatever comes.
    pub(crate) fn new(processors: usize) -> Newcomers {
        Newcomers { turns: Arc::new(Semaphore::new((processors / 2).max(1))) }
    }

    /// Has something done in turns: each time that it can go on it waits for one, in order, and gives it back as soon as it
    /// has to wait for something else.
    pub(crate) async fn in_turns<F: Future>(&self, does: F) -> F::Output {
        let mut turns = PollSemaphore::new(Arc::clone(&self.turns));
        let mut does = pin!(does);
        poll_fn(move |context| {
            // Nobody closes the semaphore; if somebody did, all would have turns.
            let _turn = ready!(turns.poll_acquire(context));
            match does.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(done),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

impl Engine {
    /// Has a connection that is on its way in take its steps in turns with the others that are; see the module.
    pub async fn newcomer<F: Future>(&self, does: F) -> F::Output {
        self.inner.newcomers.in_turns(does).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use parking_lot::Mutex;
    use tokio::sync::Notify;
    use tokio::task::{JoinSet, yield_now};

    use super::*;

    #[tokio::test]
    async fn newcomers_are_served_in_order_and_as_many_at_once_as_there_are_turns() {
        let newcomers = Arc::new(Newcomers::new(2));
        let (served, ready) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let held = Arc::clone(&newcomers.turns).acquire_owned().await.expect("nobody closes it");
        let mut all = JoinSet::new();
        for number in 0..10 {
            let (newcomers, served, ready) = (Arc::clone(&newcomers), Arc::clone(&served), Arc::clone(&ready));
            all.spawn(async move {
                let step = async {
                    assert_eq!(ready.fetch_add(1, Ordering::SeqCst), 0, "one turn, one step");
                    served.lock().push(number);
                    ready.fetch_sub(1, Ordering::SeqCst);
                };
                newcomers.in_turns(step).await;
            });
            yield_now().await;
        }
        assert!(served.lock().is_empty(), "there is no turn");
        drop(held);
        all.join_all().await;
        assert_eq!(*served.lock(), (0..10).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn whoever_waits_for_its_client_holds_no_turn() {
        let newcomers = Arc::new(Newcomers::new(1));
        let (heard, theirs) = (Arc::new(Notify::new()), Arc::clone(&newcomers));
        let says = Arc::clone(&heard);
        let mut slow = JoinSet::new();
        slow.spawn(async move { theirs.in_turns(says.notified()).await });
        yield_now().await;
        for number in 0..3 {
            assert_eq!(newcomers.in_turns(async { number }).await, number);
        }
        heard.notify_one();
        slow.join_all().await;
        assert_eq!(newcomers.turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_leaves_its_turn_to_others() {
        let newcomers = Newcomers::new(1);
        let held = Arc::clone(&newcomers.turns).acquire_owned().await.expect("nobody closes it");
        {
            let waiting = pin!(newcomers.in_turns(async {}));
            tokio::select! {
                biased;
                () = waiting => panic!("there was no turn"),
                () = yield_now() => {}
            }
        }
        drop(held);
        newcomers.in_turns(async {}).await;
    }
}
