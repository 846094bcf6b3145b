//! The scheduler's hand: tasks that are polled one at a time, in an order that the caller chooses.
//!
//! Futures come in; each poll is one step of the run. Invariant: a task that nobody polls does not move, so whatever can
//! happen between two awaits of one task can be made to happen.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

/// A task, for as long as it is not finished.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct TaskId(u64);

type Ready = Arc<Mutex<Vec<TaskId>>>;

struct Bell {
    id: TaskId,
    rung: AtomicBool,
    ready: Ready,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if !self.rung.swap(true, Ordering::SeqCst) {
            self.ready.lock().push(self.id);
        }
    }
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    bell: Arc<Bell>,
}

/// All tasks.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: BTreeMap<TaskId, Task>,
    ready: Ready,
    made: u64,
}

impl Executor {
    pub(crate) fn spawn(&mut self, future: impl Future<Output = ()> + 'static) -> TaskId {
        self.made += 1;
        let id = TaskId(self.made);
        let bell = Arc::new(Bell { id, rung: AtomicBool::new(false), ready: Arc::clone(&self.ready) });
        bell.clone().wake();
        self.tasks.insert(id, Task { future: Box::pin(future), bell });
        id
    }

    /// Tasks that have something to do.
    pub(crate) fn ready(&self) -> usize {
        self.ready.lock().len()
    }

    /// Polls the `nth` of those that are ready, once.
    pub(crate) fn step(&mut self, nth: usize) {
        let id = self.ready.lock().swap_remove(nth);
        let Some(task) = self.tasks.get_mut(&id) else { return };
        task.bell.rung.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&task.bell));
        if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            self.tasks.remove(&id);
        }
    }

    /// Ends a task where it stands. What it holds is dropped.
    pub(crate) fn cut(&mut self, id: TaskId) {
        self.tasks.remove(&id);
        self.ready.lock().retain(|other| *other != id);
    }

    /// Ends all tasks, as a process that is killed does.
    pub(crate) fn cut_all(&mut self) {
        self.tasks.clear();
        self.ready.lock().clear();
    }
}

/// Lets the others go first, once.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs a future to its end on the spot; for what waits for nobody but itself.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    for _ in 0..100_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
    panic!("a future waits for somebody else");
}
