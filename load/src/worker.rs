//! A worker: a process that holds many clients in one thread and does what the chief orders.
//!
//! Orders come in on standard input, words leave on standard output. Invariant: a worker whose chief is gone ends, and a
//! client that ends while it is needed is counted and said.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::stream::{self, StreamExt};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::latency::Latency;
use crate::order::{Answer, Arrival, Job, Order, Word};
use crate::probe::own_cpu_us;
use crate::room::{Room, Say};
use crate::target::{Target, Tongue};
use crate::{flap, native, poll, post, talk, xmpp};

/// What waits for one client to say it. A closed loop never has more under way.
pub(crate) const SAYS_MAX: usize = 1_024;

/// How often a worker says how far it is.
const EVERY: Duration = Duration::from_millis(200);

/// Complaints that are kept word for word.
const COMPLAINTS_MAX: usize = 5;

/// A client that does not get in tries again after about this.
const RETRY: Duration = Duration::from_secs(1);

/// Descriptors that are not clients'.
const FILES_BESIDES: u64 = 64;

/// A process that holds clients, until its standard input ends.
pub fn work() -> Result<()> {
    raise_files();
    let (orders, mut next) = mpsc::channel(1);
    // Reading blocks, so it has a thread of its own; when the chief is gone, the channel closes.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if orders.blocking_send(line).is_err() {
                break;
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let mut worker = None;
        while let Some(line) = next.recv().await {
            let done = match serde_json::from_str(&line) {
                Ok(order) => tokio::select! {
                    done = obey(&mut worker, order) => done,
                    early = next.recv() => match early {
                        None => return Ok(()),
                        Some(_) => bail!("an order came before the one before it was done"),
                    },
                },
                Err(error) => Err(anyhow::Error::from(error).context("no order of this version")),
            };
            say(&match done {
                Ok(answer) => Word::Done(Box::new(answer)),
                Err(error) => Word::Failed(format!("{error:#}")),
            })?;
        }
        Ok(())
    })
}

async fn obey(worker: &mut Option<Worker>, order: Order) -> Result<Answer> {
    if let Order::Begin(job) = order {
        *worker = Some(Worker::new(job)?);
        return Ok(Answer::default());
    }
    let worker = worker.as_mut().context("the first order says what it is about")?;
    let (began, cpu_us) = (Instant::now(), own_cpu_us());
    let mut answer = match order {
        Order::Prepare => worker.prepare().await?,
        Order::Open(arrival) => worker.open(arrival).await?,
        Order::Cut => worker.cut().await,
        Order::Post(post) => post::post(worker, post).await?,
        Order::Befriend { contacts, of } => flap::befriend(worker, contacts, of).await?,
        Order::Flap(flap) => flap::flap(worker, flap).await?,
        Order::Drain { patience } => post::drain(worker, patience).await?,
        Order::Talk(talk) => talk::talk(worker, talk).await?,
        Order::Leave => worker.leave().await?,
        Order::Begin(_) => bail!("a worker begins once"),
    };
    answer.tool_cpu_us = own_cpu_us().saturating_sub(cpu_us);
    if answer.took_us == 0 {
        answer.took_us = micros(began.elapsed());
    }
    Ok(answer)
}

/// As many files as the system lets this process have.
fn raise_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // With fewer files fewer clients connect, and each that does not is reported.
    let _refused = setrlimit(Resource::Nofile, limit);
}

/// So many clients fit into one worker.
pub(crate) fn clients_max() -> u64 {
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX);
    most.saturating_sub(FILES_BESIDES).max(1)
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

pub(crate) fn say(word: &Word) -> Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    Ok(out.flush()?)
}

/// Says now and then how far something is.
pub(crate) struct Meter {
    of: u64,
    said: Instant,
}

impl Meter {
    pub(crate) fn new(of: u64) -> Meter {
        Meter { of, said: Instant::now() }
    }

    pub(crate) fn at(&mut self, done: u64) -> Result<()> {
        if self.said.elapsed() < EVERY {
            return Ok(());
        }
        self.said = Instant::now();
        say(&Word::Progress { done, of: self.of })
    }
}

/// What a device keeps from one login to the next.
#[derive(Clone)]
enum Device {
    Native(native::Device),
    Poll(poll::Device),
}

impl Device {
    /// Adds one to an account.
    async fn add(world: &World, number: u32) -> Result<Device> {
        let (target, tls) = (&world.target, world.tls.as_ref());
        Ok(match target.door.tongue() {
            Tongue::Native => Device::Native(native::add_device(target, tls, number).await?),
            Tongue::Poll => Device::Poll(poll::add_device(target, tls, number).await?),
            Tongue::Xmpp => bail!("XMPP has no devices"),
        })
    }

    /// Takes it away.
    async fn remove(self, world: &World) -> Result<()> {
        let (target, tls) = (&world.target, world.tls.as_ref());
        match self {
            Device::Native(device) => native::log_out(native::log_in(target, tls, &device, &world.room).await?).await,
            Device::Poll(device) => {
                poll::log_out(poll::log_in(target, tls, &device, &world.room).await?, target, tls).await
            }
        }
    }
}

/// What all clients of a worker share.
struct World {
    target: Target,
    tls: Option<Arc<rustls::ClientConfig>>,
    salted: Arc<xmpp::Salted>,
    devices: Mutex<BTreeMap<u32, Device>>,
    room: Arc<Room>,
    /// Clients that ended although they were needed.
    ended: Mutex<Vec<String>>,
    /// Drops all connections.
    cut: Mutex<CancellationToken>,
}

/// Holds clients.
pub(crate) struct Worker {
    job: Job,
    world: Arc<World>,
    /// By account.
    clients: BTreeMap<u32, mpsc::Sender<Say>>,
    tasks: TaskTracker,
}

impl Worker {
    fn new(job: Job) -> Result<Worker> {
        let world = World {
            tls: job.target.tls()?,
            target: job.target.clone(),
            salted: Arc::default(),
            devices: Mutex::default(),
            room: Arc::new(Room::new()),
            ended: Mutex::default(),
            cut: Mutex::default(),
        };
        Ok(Worker { job, world: Arc::new(world), clients: BTreeMap::new(), tasks: TaskTracker::new() })
    }

    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.world.room
    }

    /// What makes a client say something.
    pub(crate) fn client(&self, number: u32) -> Option<&mpsc::Sender<Say>> {
        self.clients.get(&number)
    }

    /// Its accounts.
    pub(crate) fn numbers(&self) -> std::ops::Range<u32> {
        self.job.first..self.job.first + self.job.accounts
    }

    /// Clients that ended although they were needed, since the last look.
    pub(crate) fn ended(&self, answer: &mut Answer) {
        for why in self.world.ended.lock().drain(..) {
            complain(answer, why);
        }
    }

    async fn prepare(&mut self) -> Result<Answer> {
        if self.job.target.door.tongue() == Tongue::Xmpp {
            return Ok(Answer::default());
        }
        let world = Arc::clone(&self.world);
        let numbers: Vec<u32> = self.numbers().collect();
        each(&numbers, self.job.at_once, move |number| {
            let world = Arc::clone(&world);
            async move {
                let device = Device::add(&world, number).await?;
                world.devices.lock().insert(number, device);
                Ok(())
            }
        })
        .await
    }

    async fn leave(&mut self) -> Result<Answer> {
        self.clients.clear();
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
        if self.world.devices.lock().is_empty() {
            return Ok(Answer::default());
        }
        let world = Arc::clone(&self.world);
        let numbers: Vec<u32> = self.numbers().collect();
        each(&numbers, self.job.at_once, move |number| {
            let world = Arc::clone(&world);
            async move {
                let device = world.devices.lock().remove(&number);
                match device {
                    Some(device) => device.remove(&world).await,
                    None => Ok(()),
                }
            }
        })
        .await
    }

    async fn open(&mut self, arrival: Arrival) -> Result<Answer> {
        let wanted = |number: &u32| if number.is_multiple_of(2) { arrival.first } else { arrival.second };
        let numbers: Vec<u32> =
            self.numbers().filter(wanted).filter(|number| !self.clients.contains_key(number)).collect();
        let at_once = if arrival.together { numbers.len() } else { self.job.at_once };
        let (world, tasks, began) = (Arc::clone(&self.world), self.tasks.clone(), Instant::now());
        let opened = Arc::new(Mutex::new(BTreeMap::new()));
        let into = Arc::clone(&opened);
        let answer = each(&numbers, at_once, move |number| {
            let (world, tasks, into) = (Arc::clone(&world), tasks.clone(), Arc::clone(&into));
            async move {
                let says = insist(&world, &tasks, number, arrival.tries).await?;
                into.lock().insert(number, says);
                Ok(())
            }
        })
        .await;
        self.clients.append(&mut *opened.lock());
        answer.map(|answer| Answer { took_us: micros(began.elapsed()), ..answer })
    }

    /// All are gone from one moment to the next, as after the end of a network.
    async fn cut(&mut self) -> Answer {
        let clients = self.clients.len() as u64;
        self.world.cut.lock().cancel();
        self.clients.clear();
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
        *self.world.cut.lock() = CancellationToken::new();
        Answer { clients, ..Answer::default() }
    }
}

/// Does something with each of these accounts, some at once, and counts how long each took.
async fn each<F, W>(numbers: &[u32], at_once: usize, does: F) -> Result<Answer>
where
    F: Fn(u32) -> W,
    W: Future<Output = Result<()>>,
{
    let mut answer = Answer::default();
    let mut latency = Latency::default();
    let mut meter = Meter::new(numbers.len() as u64);
    let timed = |number: &u32| {
        let work = does(*number);
        async move {
            let began = Instant::now();
            (work.await, began.elapsed())
        }
    };
    let mut under_way = stream::iter(numbers).map(timed).buffer_unordered(at_once.max(1));
    while let Some((done, took)) = under_way.next().await {
        match done {
            Ok(()) => {
                answer.clients += 1;
                latency.record(took);
            }
            Err(error) => complain(&mut answer, format!("{error:#}")),
        }
        meter.at(answer.clients + answer.failures)?;
    }
    answer.latency = latency;
    Ok(answer)
}

fn complain(answer: &mut Answer, why: String) {
    answer.failures += 1;
    if answer.complaints.len() < COMPLAINTS_MAX {
        answer.complaints.push(why);
    }
}

/// Logs a client in, and tries again if it does not get in, as clients do: a little later, each at another moment.
async fn insist(world: &Arc<World>, tasks: &TaskTracker, number: u32, tries: u32) -> Result<mpsc::Sender<Say>> {
    let mut left = tries.max(1);
    loop {
        left -= 1;
        match arrive(world, tasks, number).await {
            Err(_) if left > 0 => {
                let mut chance = [0; 2];
                getrandom::fill(&mut chance)?;
                tokio::time::sleep(RETRY.mul_f64(0.5 + f64::from(u16::from_le_bytes(chance)) / 65_536.0)).await;
            }
            done => return done,
        }
    }
}

/// Logs a client in and lets a task be it from then on.
async fn arrive(world: &Arc<World>, tasks: &TaskTracker, number: u32) -> Result<mpsc::Sender<Say>> {
    let (says, next) = mpsc::channel(SAYS_MAX);
    let (target, tls) = (&world.target, world.tls.as_ref());
    let (theirs, cut) = (Arc::clone(world), world.cut.lock().clone());
    if target.door.tongue() == Tongue::Xmpp {
        let stream = xmpp::log_in(target, tls, &world.salted, number).await?;
        says.try_send(Say::Presence { away: false })?;
        tasks.spawn(async move {
            let done = cut.run_until_cancelled(xmpp::run(stream, &theirs.target, next, &theirs.room)).await;
            theirs.note(number, done.unwrap_or(Ok(())));
        });
        return Ok(says);
    }
    let device = world.devices.lock().get(&number).cloned().context("an account has no device")?;
    match device {
        Device::Native(device) => {
            let session = native::log_in(target, tls, &device, &world.room).await?;
            tasks.spawn(async move {
                let done = cut.run_until_cancelled(native::run(session, &theirs.target, next, &theirs.room)).await;
                theirs.note(number, done.unwrap_or(Ok(())));
            });
        }
        Device::Poll(device) => {
            let session = poll::log_in(target, tls, &device, &world.room).await?;
            tasks.spawn(async move {
                let run = poll::run(session, &theirs.target, theirs.tls.as_ref(), next, &theirs.room);
                let done = cut.run_until_cancelled(run).await;
                theirs.note(number, done.unwrap_or(Ok(())));
            });
        }
    }
    Ok(says)
}

impl World {
    fn note(&self, number: u32, done: Result<()>) {
        if let Err(error) = done {
            self.ended.lock().push(format!("{}: {error:#}", self.target.name(number)));
        }
    }
}
