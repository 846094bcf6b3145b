//! One session over requests: what has come in order, what waits for a request to take it, which requests are held.
//!
//! Bodies of requests come in from the web face and go to the stream in the order of their numbers; frames come from the
//! stream and leave as answers. Invariants: each answer can be had again until two later ones were given, so that a
//! connection that broke loses nothing; no more requests are held than the client allows.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::limits::{BOSH_INACTIVITY, BOSH_OUT_BYTES, BOSH_PAUSE_MAX, BOSH_REQUESTS, BOSH_WAIT_MAX};
use crate::ns;
use crate::wire::{Frame, Frames};
use crate::xml::{Element, Fault, Item, Limits};

/// What a request brings.
#[derive(Debug)]
pub(super) struct Brought {
    /// Its number.
    pub(super) rid: u64,
    pub(super) items: Vec<Result<Item, Fault>>,
    /// It will be away for so long.
    pub(super) pause: Option<Duration>,
}

/// What a client wishes when it begins.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    pub(super) sid: String,
    /// How long a request waits for something to tell.
    pub(super) wait: Duration,
    /// It lets one request be held.
    pub(super) holds: bool,
}

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Taken {
    /// It has been answered before, and this was the answer.
    Again(String),
    /// It is answered by this.
    Held(oneshot::Receiver<String>),
    /// Its number is none that can come now.
    Unknown,
}

/// A session, shared by its stream and its requests.
pub(super) struct Session {
    state: Mutex<State>,
    /// For the stream: something has come, or nobody is there.
    news: Notify,
    /// For the stream: something was taken.
    room: Notify,
}

struct State {
    wishes: Wishes,
    /// The number of the request that comes next.
    next: u64,
    early: BTreeMap<u64, (Brought, oneshot::Sender<String>)>,
    came: VecDeque<Result<Item, Fault>>,
    out: Vec<Frame>,
    out_bytes: usize,
    held: VecDeque<(u64, oneshot::Sender<String>)>,
    answered: VecDeque<(u64, String)>,
    /// What the first answer says of the session.
    greeting: Option<Element>,
    /// Since when no request is here.
    quiet: Option<Instant>,
    patience: Duration,
    limits: Limits,
    over: bool,
}

impl Session {
    /// That begins with the request of this number.
    pub(super) fn new(wishes: Wishes, rid: u64) -> Session {
        let greeting = Element::new(ns::HTTP_BIND, "body")
            .attr("sid", &*wishes.sid)
            .attr("wait", wishes.wait.as_secs().to_string())
            .attr("hold", if wishes.holds { "1" } else { "0" })
            .attr("requests", BOSH_REQUESTS.to_string())
            .attr("inactivity", BOSH_INACTIVITY.as_secs().to_string())
            .attr("maxpause", BOSH_PAUSE_MAX.as_secs().to_string())
            .attr("ver", "1.11");
        let state = State {
            wishes,
            next: rid,
            early: BTreeMap::new(),
            came: VecDeque::new(),
            out: Vec::new(),
            out_bytes: 0,
            held: VecDeque::new(),
            answered: VecDeque::new(),
            greeting: Some(greeting),
            quiet: None,
            patience: BOSH_INACTIVITY,
            limits: Limits::STRANGER,
            over: false,
        };
        Session { state: Mutex::new(state), news: Notify::new(), room: Notify::new() }
    }

    /// What its client may send.
    pub(super) fn limits(&self) -> Limits {
        self.state.lock().limits
    }

    /// How long a request waits. The first one waits for the features, whatever it wishes.
    pub(super) fn wait(&self) -> Duration {
        let state = self.state.lock();
        if state.greeting.is_some() { BOSH_WAIT_MAX } else { state.wishes.wait }
    }

    /// Takes a request.
    pub(super) fn take(&self, brought: Brought) -> Taken {
        let taken = self.state.lock().take(brought);
        self.news.notify_one();
        self.room.notify_one();
        taken
    }

    /// The request of this number has waited long enough.
    pub(super) fn expire(&self, rid: u64) {
        let mut state = self.state.lock();
        if let Some(at) = state.held.iter().position(|(held, _)| *held == rid) {
            state.answer(at);
        }
        drop(state);
        self.news.notify_one();
    }
}

impl State {
    fn take(&mut self, brought: Brought) -> Taken {
        let rid = brought.rid;
        if let Some((_, text)) = self.answered.iter().find(|(answered, _)| *answered == rid) {
            return Taken::Again(text.clone());
        }
        let (sender, receiver) = oneshot::channel();
        if let Some((_, held)) = self.held.iter_mut().find(|(held, _)| *held == rid) {
            // The same again: the connection of the first one is gone, or soon will be.
            *held = sender;
            return Taken::Held(receiver);
        }
        if self.over || rid < self.next || rid - self.next >= BOSH_REQUESTS as u64 {
            return Taken::Unknown;
        }
        self.early.insert(rid, (brought, sender));
        while let Some((brought, sender)) = self.early.remove(&self.next) {
            self.next += 1;
            self.quiet = None;
            self.patience = BOSH_INACTIVITY;
            self.came.extend(brought.items);
            self.held.push_back((brought.rid, sender));
            if let Some(pause) = brought.pause {
                // XEP-0124 §12: all requests are answered at once.
                self.patience = pause.min(BOSH_PAUSE_MAX).max(BOSH_INACTIVITY);
                while !self.held.is_empty() {
                    self.answer(0);
                }
            }
        }
        self.deliver();
        // The first request is answered by the features, whatever it allows to be held.
        let most = usize::from(self.wishes.holds || self.greeting.is_some());
        while self.held.len() > most {
            self.answer(0);
        }
        Taken::Held(receiver)
    }

    /// Hands on what waits.
    fn deliver(&mut self) {
        if !self.out.is_empty() && !self.held.is_empty() {
            self.answer(0);
        }
    }

    /// Answers one of the held requests with what there is.
    fn answer(&mut self, at: usize) {
        let Some((rid, sender)) = self.held.remove(at) else { return };
        let text = self.body();
        self.answered.push_back((rid, text.clone()));
        if self.answered.len() > BOSH_REQUESTS {
            self.answered.pop_front();
        }
        // Whose connection is gone asks again.
        let _taken_or_gone = sender.send(text);
        if self.held.is_empty() && self.early.is_empty() {
            self.quiet = Some(Instant::now());
        }
    }

    /// The body of an answer with all that waits.
    fn body(&mut self) -> String {
        self.out_bytes = 0;
        let mut body = Element::new(ns::HTTP_BIND, "body");
        let mut inside = String::new();
        let (mut closes, mut failed) = (self.over, false);
        for frame in std::mem::take(&mut self.out) {
            match frame {
                Frame::Open { from, id, .. } => {
                    if let Some(greeting) = self.greeting.take() {
                        body = greeting.attr("from", from).attr("authid", id);
                    }
                }
                Frame::Element(text) => inside.push_str(&text),
                Frame::Error(text) => {
                    failed = true;
                    inside.push_str(&text);
                }
                Frame::Close => closes = true,
            }
        }
        if closes {
            body = body.attr("type", "terminate");
            body = body.maybe_attr("condition", failed.then_some("remote-stream-error"));
        }
        wrap(&body, &inside)
    }

    fn is_gone(&self) -> bool {
        self.gone_at().is_some_and(|at| at <= Instant::now())
    }

    fn gone_at(&self) -> Option<Instant> {
        self.quiet.map(|since| since + self.patience)
    }
}

/// A body with elements in it that stand by themselves.
pub(super) fn wrap(body: &Element, inside: &str) -> String {
    let mut text = body.to_text();
    // It has no children of its own, and is written as such.
    text.truncate(text.len() - "/>".len());
    text.push_str(" xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0' xmpp:restartlogic='true'>");
    text.push_str(inside);
    text.push_str("</body>");
    text
}

/// The stream's side of a session.
pub(super) struct Carried(pub(super) Arc<Session>);

impl Frames for Carried {
    async fn receive(&mut self, into: &mut VecDeque<Result<Item, Fault>>) -> io::Result<bool> {
        loop {
            let gone_at = {
                let mut state = self.0.state.lock();
                into.append(&mut state.came);
                if !into.is_empty() {
                    return Ok(true);
                }
                if state.is_gone() {
                    return Ok(false);
                }
                state.gone_at()
            };
            tokio::select! {
                () = self.0.news.notified() => {}
                () = until(gone_at) => {}
            }
        }
    }

    async fn send(&mut self, frames: Vec<Frame>) -> io::Result<()> {
        let mut frames = Some(frames);
        loop {
            let gone_at = {
                let mut state = self.0.state.lock();
                for frame in frames.take().into_iter().flatten() {
                    state.out_bytes += frame.len();
                    state.out.push(frame);
                }
                state.deliver();
                if state.out_bytes < BOSH_OUT_BYTES {
                    return Ok(());
                }
                if state.is_gone() {
                    return Err(io::ErrorKind::NotConnected.into());
                }
                state.gone_at()
            };
            tokio::select! {
                () = self.0.room.notified() => {}
                () = until(gone_at) => {}
            }
        }
    }

    fn set_limits(&mut self, limits: Limits) {
        self.0.state.lock().limits = limits;
    }

    async fn close(&mut self) {
        loop {
            {
                let mut state = self.0.state.lock();
                if state.out.is_empty() {
                    // Nothing is left to be said; whoever still asks is told that it is over.
                    state.over = true;
                    while !state.held.is_empty() {
                        state.answer(0);
                    }
                    return;
                }
            }
            self.0.room.notified().await;
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(holds: bool) -> Arc<Session> {
        let wishes = Wishes { sid: "s".to_owned(), wait: Duration::from_secs(10), holds };
        Arc::new(Session::new(wishes, 7))
    }

    fn brought(rid: u64) -> Brought {
        let stanza = Element::new(ns::CLIENT, "message").attr("id", rid.to_string());
        Brought { rid, items: vec![Ok(Item::Stanza(stanza))], pause: None }
    }

    fn held(taken: Taken) -> oneshot::Receiver<String> {
        match taken {
            Taken::Held(receiver) => receiver,
            other => panic!("not held: {other:?}"),
        }
    }

    async fn came(carried: &mut Carried) -> Vec<String> {
        let mut into = VecDeque::new();
        assert!(carried.receive(&mut into).await.expect("there"));
        let id = |item: Result<Item, Fault>| match item {
            Ok(Item::Stanza(stanza)) => stanza.get("id").unwrap_or("-").to_owned(),
            other => panic!("no stanza: {other:?}"),
        };
        into.into_iter().map(id).collect()
    }

    /// A session whose first request was answered.
    async fn begun(holds: bool) -> (Arc<Session>, Carried) {
        let session = session(holds);
        let mut carried = Carried(session.clone());
        let mut first = held(session.take(brought(7)));
        came(&mut carried).await;
        let open = Frame::Open { from: "localhost".to_owned(), to: None, id: "i".to_owned() };
        carried.send(vec![open, Frame::Element("<f/>".to_owned())]).await.expect("sent");
        let text = first.try_recv().expect("answered");
        assert!(text.contains("sid='s'") && text.contains("authid='i'") && text.contains("<f/>"), "{text}");
        (session, carried)
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_taken_in_the_order_of_their_numbers_and_only_so_many_ahead() {
        let (session, mut carried) = begun(true).await;
        let mut second = held(session.take(brought(9)));
        assert!(matches!(session.take(brought(10)), Taken::Unknown));
        let mut first = held(session.take(brought(8)));
        assert_eq!(came(&mut carried).await, ["8", "9"]);
        assert!(first.try_recv().expect("more than one may be held").ends_with("></body>"));
        second.try_recv().expect_err("held");
        assert!(matches!(session.take(brought(6)), Taken::Unknown), "older than what is kept");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_can_be_had_again_and_what_was_brought_twice_counts_once() {
        let (session, mut carried) = begun(true).await;
        drop(held(session.take(brought(8))));
        let mut again = held(session.take(brought(8)));
        assert_eq!(came(&mut carried).await, ["8"]);
        carried.send(vec![Frame::Element("<x/>".to_owned())]).await.expect("sent");
        let text = again.try_recv().expect("answered");
        assert!(text.contains("<x/>"));
        match session.take(brought(8)) {
            Taken::Again(same) => assert_eq!(same, text),
            other => panic!("not the same: {other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_holds_nothing_is_answered_at_once() {
        let (session, _carried) = begun(false).await;
        held(session.take(brought(8))).try_recv().expect("answered");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_ask_is_gone_after_a_time_and_later_if_it_said_so() {
        let (session, mut carried) = begun(true).await;
        let from = Instant::now();
        assert!(!carried.receive(&mut VecDeque::new()).await.expect("an end"));
        assert_eq!(from.elapsed().as_secs(), BOSH_INACTIVITY.as_secs());
        let pausing = Brought { rid: 8, items: Vec::new(), pause: Some(Duration::from_secs(9_999)) };
        held(session.take(pausing)).try_recv().expect("answered at once");
        let from = Instant::now();
        assert!(!carried.receive(&mut VecDeque::new()).await.expect("an end"));
        assert_eq!(from.elapsed().as_secs(), BOSH_PAUSE_MAX.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_takes_holds_the_stream_back_and_the_end_waits_for_whoever_is_told() {
        let (session, mut carried) = begun(true).await;
        let much = Frame::Element("x".repeat(BOSH_OUT_BYTES));
        let (told, over) = (std::cell::Cell::new(false), std::cell::Cell::new(false));
        let telling = async {
            carried.send(vec![much]).await.expect("taken at last");
            told.set(true);
            carried.send(vec![Frame::Error("<e/>".to_owned()), Frame::Close]).await.expect("room");
            carried.close().await;
            over.set(true);
        };
        let asking = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(!told.get());
            assert!(held(session.take(brought(8))).await.expect("answered").len() > BOSH_OUT_BYTES);
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(told.get() && !over.get());
            let last = held(session.take(brought(9))).await.expect("answered");
            assert!(last.contains("type='terminate' condition='remote-stream-error'"), "{last}");
        };
        tokio::join!(telling, asking);
        assert!(matches!(session.take(brought(10)), Taken::Unknown));
    }
}
