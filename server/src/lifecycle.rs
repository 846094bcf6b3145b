//! How the server lives: its tasks are watched, signals end it in order, a part that cannot be kept alive ends it all.
//!
//! Signals and the ends of tasks come in; one [`Exit`] leaves. There are two tokens: `soft` says "finish what you do and
//! go", `hard`, its parent, says "now". The first SIGTERM or SIGINT cancels the soft one and gives a grace; the second,
//! or the end of the grace, the hard one. Invariant: every long task of the server is born in [`Lifecycle::supervise`],
//! so none dies unseen; and the first reason to stop decides the exit code.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::changes::Reloaded;
use crate::exit::Exit;

/// So many restarts of one task within [`RESTARTS_WITHIN`] are put up with.
const RESTARTS_MAX: usize = 5;

/// See [`RESTARTS_MAX`].
const RESTARTS_WITHIN: Duration = Duration::from_secs(5 * 60);

/// The first wait before a restart; it doubles with each.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Tasks that were told to stop now get so long to let go of their files.
const LETTING_GO: Duration = Duration::from_secs(2);

/// The life of the server; a handle.
#[derive(Clone)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    /// Why the server stops, if not because it was asked to.
    fault: Arc<OnceLock<Exit>>,
    restarts: Arc<Mutex<Vec<(&'static str, u64)>>>,
}

impl Default for Lifecycle {
    fn default() -> Lifecycle {
        let hard = CancellationToken::new();
        Lifecycle {
            soft: hard.child_token(),
            hard,
            tasks: TaskTracker::new(),
            fault: Arc::default(),
            restarts: Arc::default(),
        }
    }
}

/// Those who may wait for a reload at once: more than there are commands at the admin socket.
const RELOADS_MAX: usize = 64;

/// Asks from inside for what SIGHUP asks for from outside, and gets an answer; a handle.
#[derive(Clone)]
pub struct Reloads(mpsc::Sender<oneshot::Sender<Result<Reloaded, String>>>);

impl Reloads {
    /// Has the configuration read again; an error says what is wrong with it.
    pub async fn ask(&self) -> Result<Reloaded, String> {
        let (answer, answered) = oneshot::channel();
        let stopping = || "the server is stopping; its configuration is read no more".to_owned();
        self.0.send(answer).await.map_err(|_| stopping())?;
        answered.await.unwrap_or_else(|_| Err(stopping()))
    }
}

/// The signals that the server listens to, and what asks for the same from inside.
pub struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
    reloads: mpsc::Receiver<oneshot::Sender<Result<Reloaded, String>>>,
}

/// What a signal asks for.
enum Asked {
    Reload(Option<oneshot::Sender<Result<Reloaded, String>>>),
    Stop,
}

impl Signals {
    /// From now on signals do not end the process by themselves.
    pub fn listen() -> Result<(Signals, Reloads)> {
        let open = |kind| signal(kind).context("signals cannot be listened to");
        let (asks, reloads) = mpsc::channel(RELOADS_MAX);
        let signals = Signals {
            term: open(SignalKind::terminate())?,
            int: open(SignalKind::interrupt())?,
            hup: open(SignalKind::hangup())?,
            reloads,
        };
        Ok((signals, Reloads(asks)))
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.term.recv() => Asked::Stop,
            _ = self.int.recv() => Asked::Stop,
            _ = self.hup.recv() => Asked::Reload(None),
            Some(asker) = self.reloads.recv() => Asked::Reload(Some(asker)),
        }
    }

    /// The next that asks to stop; others are too late.
    async fn stop(&mut self) {
        while !matches!(self.next().await, Asked::Stop) {}
    }
}

impl Lifecycle {
    /// Cancelled when the server begins to stop.
    pub fn soft(&self) -> &CancellationToken {
        &self.soft
    }

    /// Cancelled when everything must end now.
    pub fn hard(&self) -> &CancellationToken {
        &self.hard
    }

    /// Whether the server has begun to stop.
    pub fn stopping(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Begins to stop because of a fault. The first one decides the exit code.
    pub fn fail(&self, exit: Exit) {
        let _later = self.fault.set(exit);
        self.soft.cancel();
    }

    /// Restarts of each task that had one.
    pub fn restarts(&self) -> Vec<(&'static str, u64)> {
        self.restarts.lock().clone()
    }

    /// Runs a task until `until` is cancelled. When it ends before that, by an error, a panic or by itself, it is counted
    /// and made anew after a while; too often, and the server stops.
    pub fn supervise<F, Fut>(&self, name: &'static str, until: &CancellationToken, make: F)
    where
        F: Fn() -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let this = self.clone();
        let until = until.clone();
        let _handle = self.tasks.spawn(async move {
            let mut recent = VecDeque::new();
            loop {
                // The task is dropped after a panic, and what it shares with others is behind locks that do not poison.
                let outcome = AssertUnwindSafe(make()).catch_unwind().await;
                if until.is_cancelled() {
                    return;
                }
                let error = match outcome {
                    Ok(Ok(())) => "it ended by itself".to_string(),
                    Ok(Err(error)) => format!("{error:#}"),
                    Err(_) => "it panicked".to_string(),
                };
                this.count_restart(name);
                let now = Instant::now();
                recent.push_back(now);
                while recent.front().is_some_and(|at| now.duration_since(*at) > RESTARTS_WITHIN) {
                    recent.pop_front();
                }
                if recent.len() > RESTARTS_MAX {
                    tracing::error!(task = name, error, "a part of the server fails again and again: stopping");
                    this.fail(Exit::TaskFailed);
                    return;
                }
                let wait = BACK_OFF * 2_u32.pow(u32::try_from(recent.len()).unwrap_or(0));
                tracing::error!(task = name, error, ?wait, "a part of the server failed and is started again");
                tokio::select! {
                    () = until.cancelled() => return,
                    () = sleep(wait) => {}
                }
            }
        });
    }

    fn count_restart(&self, name: &'static str) {
        let mut restarts = self.restarts.lock();
        match restarts.iter_mut().find(|(of, _)| *of == name) {
            Some((_, count)) => *count += 1,
            None => restarts.push((name, 1)),
        }
    }

    /// Lives until a signal or a fault, then stops: `leave` tells the clients and resolves when all have gone.
    pub async fn run<L>(
        &self,
        mut signals: Signals,
        reload: impl Fn() -> Result<Reloaded, String>,
        leave: impl FnOnce() -> L,
        grace: impl Fn() -> Duration,
    ) -> Exit
    where
        L: Future<Output = ()>,
    {
        loop {
            tokio::select! {
                () = self.soft.cancelled() => break,
                asked = signals.next() => match asked {
                    Asked::Reload(asker) => {
                        let outcome = reload();
                        // Whoever asked may have gone; the reload holds all the same, and is in the log.
                        let _gone = asker.map(|asker| asker.send(outcome));
                    }
                    Asked::Stop => {
                        tracing::info!("stopping: no more connections; clients are told when to come back");
                        self.soft.cancel();
                        break;
                    }
                },
            }
        }
        let mut exit = self.fault.get().copied().unwrap_or(Exit::Fine);
        let grace = grace();
        tokio::select! {
            () = leave() => {}
            () = sleep(grace) => tracing::warn!(?grace, "some connections did not end in time and are cut"),
            () = signals.stop() => {
                tracing::warn!("a second signal: leaving now");
                exit = if exit == Exit::Fine { Exit::Forced } else { exit };
            }
        }
        self.hard.cancel();
        self.tasks.close();
        if timeout(LETTING_GO, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "some tasks did not end");
        }
        exit
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_fails_is_started_again_and_counted() {
        let life = Lifecycle::default();
        let runs = Arc::new(AtomicU64::new(0));
        let counted = runs.clone();
        let until = life.soft().clone();
        let stop = until.clone();
        life.supervise("test.fails", &until, move || {
            let run = counted.fetch_add(1, Ordering::Relaxed);
            let stop = stop.clone();
            async move {
                match run {
                    0 => anyhow::bail!("the first fails"),
                    1 => panic!("the second panics"),
                    2 => return Ok(()),
                    _ => stop.cancelled().await,
                }
                Ok(())
            }
        });
        sleep(Duration::from_secs(60)).await;
        assert_eq!(runs.load(Ordering::Relaxed), 4);
        assert_eq!(life.restarts(), [("test.fails", 3)]);
        assert!(!life.stopping());
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_fails_again_and_again_ends_the_server_with_its_code() {
        let life = Lifecycle::default();
        life.supervise("test.broken", &life.soft().clone(), || async { anyhow::bail!("always") });
        let (signals, _) = Signals::listen().expect("signals");
        let exit = life.run(signals, || Ok(Reloaded::default()), || async {}, || Duration::from_secs(10)).await;
        assert_eq!(exit, Exit::TaskFailed);
        assert_eq!(life.restarts(), [("test.broken", RESTARTS_MAX as u64 + 1)]);
        assert!(life.hard().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn rare_failures_are_put_up_with_for_ever() {
        let life = Lifecycle::default();
        life.supervise("test.rare", &life.soft().clone(), || async {
            sleep(RESTARTS_WITHIN / 4).await;
            anyhow::bail!("now and then")
        });
        sleep(RESTARTS_WITHIN * 20).await;
        assert!(!life.stopping());
        assert!(life.restarts().iter().any(|(_, count)| *count > 50));
    }

    #[tokio::test(start_paused = true)]
    async fn connections_that_do_not_leave_are_cut_after_the_grace() {
        let life = Lifecycle::default();
        life.fail(Exit::StoreFailed);
        life.fail(Exit::TaskFailed);
        let started = Instant::now();
        let (signals, _) = Signals::listen().expect("signals");
        let exit =
            life.run(signals, || Ok(Reloaded::default()), std::future::pending::<()>, || Duration::from_secs(10)).await;
        assert_eq!(exit, Exit::StoreFailed);
        assert_eq!(started.elapsed(), Duration::from_secs(10));
    }
}
