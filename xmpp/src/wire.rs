//! What a stream goes over, for whoever talks on it: items come in, what is to be said goes out.
//!
//! Two kinds: [`Bytes`] over a connection (RFC 6120), [`Framed`] where each element goes by itself (RFC 7395, XEP-0206).
//! Invariants: an idle stream holds no buffer; a reader who stalls ends the stream.

use std::io;

use tokio::time::Instant;

use crate::limits::OUT_BYTES;
use crate::xml::{Element, Fault, Item, Limits};

mod bytes;
mod framed;

pub(crate) use bytes::Bytes;
pub(crate) use framed::Framed;
pub use framed::{Frame, Frames};

/// Why a connection carries no more.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It is gone.
    #[error("the connection is gone: {0}")]
    Gone(#[from] io::Error),
    /// The other side takes no bytes.
    #[error("the other side has stopped reading")]
    Stalled,
}

/// A stream as it is talked on.
pub(crate) trait Wire: Send {
    /// The next whole item of what has come.
    fn next(&mut self) -> Result<Option<Item>, Fault>;

    /// Whether more has come than was read.
    fn has_more(&self) -> bool;

    /// Since when part of a stanza has been waiting for the rest.
    fn part_since(&self) -> Option<Instant>;

    /// Waits until something comes; `false`: the other side has ended. Cancel-safe: one that is dropped has taken
    /// nothing.
    fn fill(&mut self) -> impl Future<Output = io::Result<bool>> + Send;

    /// The client begins anew with what it sends next.
    fn restart(&mut self, limits: Limits);

    /// Other limits from the next stanza on.
    fn set_limits(&mut self, limits: Limits);

    /// Begins our side.
    fn open(&mut self, from: &str, to: Option<&str>, id: &str);

    /// Something to be written with the next flush.
    fn push(&mut self, element: &Element);

    /// A stanza that was written before, as [`Element::stanza_text`] gives it.
    fn push_text(&mut self, stanza: &str);

    /// Ends our side.
    fn end(&mut self);

    /// Bytes to be written with the next flush.
    fn unwritten(&self) -> usize;

    /// Writes all of it.
    fn flush(&mut self) -> impl Future<Output = Result<(), Broken>> + Send;

    /// Writes what there is if it is much.
    fn flush_if_large(&mut self) -> impl Future<Output = Result<(), Broken>> + Send {
        async { if self.unwritten() >= OUT_BYTES { self.flush().await } else { Ok(()) } }
    }

    /// Ends the connection, so that what was written arrives.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}
