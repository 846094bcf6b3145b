//! Connections: what the server does for one, and what is under way between the two sides.
//!
//! A link is requests in order up, answers and notifications in order down, as `gate` serves it: neighbouring sends go
//! to the engine together, one page is told at a time, and a reader that does not take its answers is asked for nothing
//! more. Single requests are served each by itself, as over HTTP. Invariant: what stands in a pipe when it is cut is
//! lost, at the world's choice, from some frame on.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use belfry_domain::ports::PageLimit;
use belfry_domain::{Code, DataKinds, Refusal, Seq, SyncKey};
use belfry_engine::{Batch, Caller, Command, Draft, Engine, Peer, Reply, Session, Told, Wake};
use tokio::sync::Notify;

use crate::rng::Rng;

/// Frames that may wait to be read before the server waits too.
const WINDOW: usize = 6;

/// Requests that the server takes at once.
const BATCH: usize = 8;

/// From the client.
pub(crate) enum Up {
    Send(Draft),
    /// From this place, and told from there on.
    Sync(Command),
    Other(Command),
}

/// From the server.
#[derive(Debug)]
pub(crate) enum Down {
    Answer(u32, Result<Reply, Refusal>),
    Notify(Batch),
    Bye(Refusal),
}

/// What is under way on one connection.
#[derive(Default)]
pub(crate) struct Pipe {
    up: RefCell<VecDeque<(u32, Up)>>,
    down: RefCell<VecDeque<Down>>,
    moved: Notify,
    closed: Cell<bool>,
    rung_twice: Cell<bool>,
}

impl Pipe {
    pub(crate) fn ask(&self, id: u32, request: Up) {
        self.up.borrow_mut().push_back((id, request));
        self.moved.notify_one();
    }

    pub(crate) fn take(&self) -> Option<Down> {
        let frame = self.down.borrow_mut().pop_front();
        self.moved.notify_one();
        frame
    }

    pub(crate) fn push(&self, frame: Down) {
        self.down.borrow_mut().push_back(frame);
    }

    pub(crate) fn waiting(&self) -> usize {
        self.down.borrow().len()
    }

    /// The connection breaks: so many requests still reach the server, so many frames the client, whose end is given.
    pub(crate) fn cut(&self, up: usize, down: usize) -> Rc<Pipe> {
        self.up.borrow_mut().truncate(up);
        let ours = Pipe::default();
        ours.down.borrow_mut().extend(self.down.borrow_mut().drain(..).take(down));
        self.closed.set(true);
        self.moved.notify_one();
        Rc::new(ours)
    }

    /// The bell rings although there is nothing new.
    pub(crate) fn ring_twice(&self) {
        self.rung_twice.set(true);
        self.moved.notify_one();
    }

    fn has_room(&self) -> bool {
        self.closed.get() || self.down.borrow().len() < WINDOW
    }

    /// Waits until the connection is cut.
    async fn gone(&self) {
        while !self.closed.get() {
            self.moved.notified().await;
        }
    }

    fn is_over(&self) -> bool {
        self.closed.get() && self.up.borrow().is_empty()
    }

    fn may_answer(&self) -> bool {
        self.has_room() && !self.up.borrow().is_empty()
    }
}

/// How a link hears its bell.
pub(crate) struct Ears {
    pub(crate) rng: Rng,
    /// In ten thousand rings.
    pub(crate) deaf: u32,
}

/// What the server needs to serve somebody.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) engine: Engine,
    pub(crate) peer: Peer,
    /// The key under which the client speaks: who it is, is asked of the store at every login and request.
    pub(crate) key: [u8; 32],
    pub(crate) pipe: Rc<Pipe>,
}

impl Served {
    async fn caller(&self) -> Result<Caller, Refusal> {
        let identity = self.engine.identify_key(&self.key).await?;
        let nobody = || Refusal::new(Code::Unauthenticated, "No device has this key.");
        Ok(Caller { identity: identity.ok_or_else(nobody)?, peer: self.peer.clone() })
    }
}

/// Serves a link from its login to its end.
pub(crate) async fn serve_link(served: Served, page: usize, ears: Rc<RefCell<Ears>>) {
    let Served { engine, pipe, .. } = served.clone();
    let opened = async { engine.open_session(served.caller().await?).await };
    let end = match opened.await {
        Ok(session) => {
            let mut link = Link { engine: engine.clone(), session, pipe: Rc::clone(&pipe), page, ears, news: false };
            link.talk().await
        }
        Err(refusal) => refusal,
    };
    pipe.push(Down::Bye(end));
}

struct Link {
    engine: Engine,
    session: Session,
    pipe: Rc<Pipe>,
    page: usize,
    ears: Rc<RefCell<Ears>>,
    news: bool,
}

impl Link {
    async fn talk(&mut self) -> Refusal {
        loop {
            if self.pipe.may_answer() {
                self.answer().await;
            }
            if self.pipe.is_over() {
                return Refusal::new(Code::Idle, "The client has gone.");
            }
            self.news |= self.pipe.rung_twice.take();
            if self.news && self.pipe.has_room() {
                let limit = PageLimit { entries: self.page, bytes: 256 * 1024 };
                match self.session.take(limit).await {
                    Ok(Some(Told::Batch(batch))) => self.pipe.push(Down::Notify(batch)),
                    Ok(Some(Told::Lobby(_) | Told::Live(_) | Told::DevicesChanged)) => {} // nobody asks for it
                    Ok(None) => self.news = false,
                    Err(refusal) => return refusal,
                }
            }
            tokio::select! {
                biased;
                wake = self.session.wait() => match wake {
                    Wake::Ready => {
                        let mut ears = self.ears.borrow_mut();
                        let deaf = ears.deaf;
                        self.news |= !ears.rng.chance(deaf);
                    }
                    Wake::Closed(refusal) => return refusal,
                },
                () = std::future::ready(()), if (self.news && self.pipe.has_room()) || self.pipe.may_answer() => {}
                () = self.pipe.moved.notified() => {}
            }
        }
    }

    async fn answer(&mut self) {
        let requests: Vec<(u32, Up)> = {
            let mut up = self.pipe.up.borrow_mut();
            let taken = up.len().min(BATCH);
            up.drain(..taken).collect()
        };
        let mut sends: Vec<(u32, Draft)> = Vec::new();
        for (id, request) in requests {
            match request {
                Up::Send(draft) => sends.push((id, draft)),
                Up::Sync(command) => {
                    self.send(&mut sends).await;
                    let answer = self.engine.execute(self.session.caller(), command).await;
                    if let Ok(Reply::Batch(batch)) = &answer {
                        self.session.subscribe(batch.key.clone());
                    }
                    self.pipe.push(Down::Answer(id, answer));
                }
                Up::Other(command) => {
                    self.send(&mut sends).await;
                    let answer = self.engine.execute(self.session.caller(), command).await;
                    self.pipe.push(Down::Answer(id, answer));
                }
            }
        }
        self.send(&mut sends).await;
    }

    async fn send(&mut self, sends: &mut Vec<(u32, Draft)>) {
        if sends.is_empty() {
            return;
        }
        let (ids, drafts): (Vec<u32>, Vec<Draft>) = std::mem::take(sends).into_iter().unzip();
        let outcomes = self.engine.send_all(self.session.caller(), drafts).await;
        for (id, outcome) in ids.into_iter().zip(outcomes) {
            if let Ok(sent) = &outcome {
                self.session.sent(sent.prev, sent.seq);
            }
            self.pipe.push(Down::Answer(id, outcome.map(Reply::Sent)));
        }
    }
}

/// Serves one request by itself. What it writes is done by another task, which goes on when the client has gone.
pub(crate) async fn serve_request(served: Served, id: u32, command: Command) {
    let answer = match served.caller().await {
        Ok(caller) => served.engine.execute(&caller, command).await,
        Err(refusal) => Err(refusal),
    };
    served.pipe.push(Down::Answer(id, answer));
}

/// Serves a poll that acknowledges: first the acknowledgement, to its end; then the waiting, which ends with the client.
pub(crate) async fn serve_poll(served: Served, id: u32, seq: Seq, limit: usize, wait_ms: u64) {
    let acknowledge = Command::Acknowledge { passed: seq, delivered: seq };
    let acknowledged = match served.caller().await {
        Ok(caller) => served.engine.execute(&caller, acknowledge).await,
        Err(refusal) => Err(refusal),
    };
    match acknowledged {
        Err(refusal) => served.pipe.push(Down::Answer(id, Err(refusal))),
        Ok(_) => {
            let sync = Command::Sync {
                after: Some(SyncKey::at(seq)),
                kinds: DataKinds::ALL,
                limit,
                wait_ms,
                acknowledge: false,
            };
            let pipe = Rc::clone(&served.pipe);
            tokio::select! {
                biased;
                () = pipe.gone() => {}
                () = serve_request(served, id, sync) => {}
            }
        }
    }
}
