//! The crew: worker processes, each with its share of the accounts, that are ordered together.
//!
//! Orders go out to all workers, the answer of all together comes back. Invariant: a crew that is dropped leaves no process
//! behind, and a worker that dies is an error, not a smaller figure.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::{Context, Result, bail};

use crate::order::{Answer, Job, Order, Word};
use crate::target::Target;
use crate::worker::clients_max;

/// Words that wait to be read.
const WORDS_MAX: usize = 256;

/// How far something is, for who looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Glance {
    /// What is being done.
    pub what: &'static str,
    /// So much of it.
    pub done: u64,
    /// Of so much.
    pub of: u64,
}

/// Who looks.
pub type Watch<'a> = &'a (dyn Fn(Glance) + 'a);

struct Worker {
    child: Child,
    orders: ChildStdin,
}

/// Workers.
pub(crate) struct Crew {
    workers: Vec<Worker>,
    words: Receiver<(usize, Result<Word, String>)>,
}

/// How accounts are shared: so many each, pairs together.
fn shares(accounts: u32, workers: u32) -> Vec<(u32, u32)> {
    let each = accounts.div_ceil(workers.max(1)).next_multiple_of(2).max(2);
    let firsts = (0..accounts).step_by(each as usize);
    firsts.map(|first| (first, each.min(accounts - first))).collect()
}

/// So many workers hold so many clients.
fn workers_needed(accounts: u32) -> u32 {
    let most = u32::try_from(clients_max()).unwrap_or(u32::MAX);
    accounts.div_ceil(most.max(2) / 2 * 2).max(1)
}

impl Crew {
    /// Starts workers for so many accounts from `first` on: `program` with `arguments` has to run [`crate::work`].
    pub(crate) fn start(
        worker: &WorkerProgram,
        target: &Target,
        (first, accounts): (u32, u32),
        workers: Option<u32>,
        at_once: usize,
    ) -> Result<Crew> {
        let shares = shares(accounts, workers.unwrap_or(1).max(workers_needed(accounts)));
        let (said, words) = sync_channel(WORDS_MAX);
        let mut crew = Crew { workers: Vec::new(), words };
        for number in 0..shares.len() {
            crew.workers.push(Worker::start(worker, number, said.clone())?);
        }
        let each_at_once = at_once.div_ceil(shares.len().max(1));
        for (worker, (from, accounts)) in crew.workers.iter_mut().zip(&shares) {
            let job = Job { target: target.clone(), first: first + from, accounts: *accounts, at_once: each_at_once };
            worker.order(&Order::Begin(job))?;
        }
        crew.gather("starting", &|_| {})?;
        Ok(crew)
    }

    /// Has all workers do the same, and waits for all.
    pub(crate) fn order(&mut self, what: &'static str, order: &Order, watch: Watch<'_>) -> Result<Answer> {
        self.order_each(what, |_| order.clone(), watch)
    }

    /// Has each worker do its part; how many there are is told too.
    pub(crate) fn order_each(
        &mut self,
        what: &'static str,
        order: impl Fn(usize) -> Order,
        watch: Watch<'_>,
    ) -> Result<Answer> {
        for (number, worker) in self.workers.iter_mut().enumerate() {
            worker.order(&order(number))?;
        }
        self.gather(what, watch)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.workers.len()
    }

    fn gather(&mut self, what: &'static str, watch: Watch<'_>) -> Result<Answer> {
        let mut progress = vec![(0, 0); self.workers.len()];
        let mut left = self.workers.len();
        let mut all = Answer::default();
        while left > 0 {
            let (number, word) = self.words.recv().context("no worker is left")?;
            match word {
                Ok(Word::Progress { done, of }) => {
                    progress[number] = (done, of);
                    let (done, of) = progress.iter().fold((0, 0), |(d, o), (done, of)| (d + done, o + of));
                    watch(Glance { what, done, of });
                }
                Ok(Word::Done(answer)) => {
                    all.add(*answer);
                    left -= 1;
                }
                Ok(Word::Failed(why)) => bail!("{what}: {why}"),
                Err(why) => bail!("{what}: a worker has ended: {why}"),
            }
        }
        Ok(all)
    }
}

/// What starts a worker.
#[derive(Clone, Debug)]
pub struct WorkerProgram {
    /// The program.
    pub program: std::path::PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl Worker {
    fn start(
        program: &WorkerProgram,
        number: usize,
        said: SyncSender<(usize, Result<Word, String>)>,
    ) -> Result<Worker> {
        let mut child = Command::new(&program.program)
            .args(&program.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("cannot start a worker, {}", program.program.display()))?;
        let orders = child.stdin.take().context("a worker has an input")?;
        let words = BufReader::new(child.stdout.take().context("a worker has an output")?);
        std::thread::spawn(move || {
            for line in words.lines() {
                let word = line.map_err(|error| error.to_string());
                let word = word.and_then(|line| serde_json::from_str(&line).map_err(|error| error.to_string()));
                // Nobody listens any more: the crew is gone, and the worker soon.
                if said.send((number, word)).is_err() {
                    return;
                }
            }
            drop(said.send((number, Err("it says nothing more".to_owned()))));
        });
        Ok(Worker { child, orders })
    }

    fn order(&mut self, order: &Order) -> Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.orders.write_all(&line).and_then(|()| self.orders.flush()).context("a worker has ended")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Nothing is left to do about a process that cannot be killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_has_one_worker_and_pairs_stay_together() {
        for (accounts, workers) in [(2, 1), (3, 2), (10, 3), (18_000, 1), (18_001, 4), (5, 9)] {
            let shares = shares(accounts, workers);
            let mut next = 0;
            for (first, count) in &shares {
                assert_eq!((*first, first % 2), (next, 0), "{accounts} for {workers}: {shares:?}");
                next += count;
            }
            assert_eq!(next, accounts);
            assert!(shares.len() <= workers as usize);
        }
    }

    #[test]
    fn a_worker_that_dies_is_an_error() {
        let program =
            |script: &str| WorkerProgram { program: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
        let target = crate::target::tests::target(crate::Door::Xmpp);
        for (script, said) in [
            ("read line; exit 3", "has ended"),
            ("read line; echo nonsense", "expected"),
            (r#"read line; echo '{"Failed":"no such thing"}'"#, "no such thing"),
        ] {
            let Err(error) = Crew::start(&program(script), &target, (0, 2), None, 1) else { panic!("it died") };
            assert!(format!("{error:#}").contains(said), "{error:#}");
        }
    }
}
