//! A stream whose elements go one by one: over a WebSocket (RFC 7395), in the bodies of requests (XEP-0206).
//!
//! What carries them comes in as [`Frames`]. Invariant: each frame is whole, and can be read without those before it.

use std::collections::VecDeque;
use std::io;

use tokio::time::{Instant, timeout};

use super::{Broken, Wire};
use crate::limits::WRITE_STALL;
use crate::ns;
use crate::xml::{Element, Fault, Item, Limits};

/// What is said on a stream whose elements go one by one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Frame {
    /// Our side begins.
    Open {
        /// The domain.
        from: String,
        /// Who the client says it is.
        to: Option<String>,
        /// The name of the stream.
        id: String,
    },
    /// An element, written so that it stands by itself.
    Element(String),
    /// Why the stream ends, written so that it stands by itself.
    Error(String),
    /// Our side ends.
    Close,
}

impl Frame {
    /// Bytes of it, about.
    pub(crate) fn len(&self) -> usize {
        match self {
            Frame::Element(text) | Frame::Error(text) => text.len(),
            Frame::Open { .. } | Frame::Close => 64,
        }
    }
}

/// Carries elements one by one.
pub trait Frames: Send {
    /// Waits for the next elements, each with what cannot be read in its place; `false`: the other side has gone.
    /// Cancel-safe: one that is dropped has taken nothing.
    fn receive(&mut self, into: &mut VecDeque<Result<Item, Fault>>) -> impl Future<Output = io::Result<bool>> + Send;

    /// Hands these on, in this order, as far as the other side takes them.
    fn send(&mut self, frames: Vec<Frame>) -> impl Future<Output = io::Result<()>> + Send;

    /// Other limits from now on.
    fn set_limits(&mut self, limits: Limits);

    /// Ends what carries them, so that what was handed on arrives.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}

/// What carries the elements, and the stream over it.
pub(crate) struct Framed<F> {
    frames: F,
    came: VecDeque<Result<Item, Fault>>,
    out: Vec<Frame>,
    unwritten: usize,
}

impl<F: Frames> Framed<F> {
    pub(crate) fn new(frames: F) -> Framed<F> {
        Framed { frames, came: VecDeque::new(), out: Vec::new(), unwritten: 0 }
    }

    fn say(&mut self, frame: Frame) {
        self.unwritten += frame.len();
        self.out.push(frame);
    }
}

impl<F: Frames> Wire for Framed<F> {
    fn next(&mut self) -> Result<Option<Item>, Fault> {
        match self.came.pop_front() {
            Some(came) => came.map(Some),
            None => {
                self.came = VecDeque::new();
                Ok(None)
            }
        }
    }

    fn has_more(&self) -> bool {
        !self.came.is_empty()
    }

    /// What comes is whole; how long its parts may take is up to what carries it.
    fn part_since(&self) -> Option<Instant> {
        None
    }

    async fn fill(&mut self) -> io::Result<bool> {
        self.frames.receive(&mut self.came).await
    }

    fn restart(&mut self, limits: Limits) {
        self.frames.set_limits(limits);
    }

    fn set_limits(&mut self, limits: Limits) {
        self.frames.set_limits(limits);
    }

    fn open(&mut self, from: &str, to: Option<&str>, id: &str) {
        self.say(Frame::Open { from: from.to_owned(), to: to.map(str::to_owned), id: id.to_owned() });
    }

    fn push(&mut self, element: &Element) {
        let text = element.frame_text();
        self.say(if element.is(ns::STREAM, "error") { Frame::Error(text) } else { Frame::Element(text) });
    }

    fn push_text(&mut self, stanza: &str) {
        // What a stream says once, a frame says itself.
        let at = stanza.find([' ', '/', '>']).unwrap_or(stanza.len());
        let (name, rest) = stanza.split_at(at);
        self.say(Frame::Element(format!("{name} xmlns='{}'{rest}", ns::CLIENT)));
    }

    fn end(&mut self) {
        self.say(Frame::Close);
    }

    fn unwritten(&self) -> usize {
        self.unwritten
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        if self.out.is_empty() {
            return Ok(());
        }
        self.unwritten = 0;
        let out = std::mem::take(&mut self.out);
        timeout(WRITE_STALL, self.frames.send(out)).await.map_err(|_| Broken::Stalled)?.map_err(Broken::Gone)
    }

    async fn close(&mut self) {
        self.frames.close().await;
    }
}
