//! A stream's bytes: what has come and is not read yet, what is to be written.
//!
//! Invariants: an idle stream holds no buffer; a reader who stalls ends the stream.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Instant, timeout};

use crate::limits::{DRAINED_MAX, OUT_BYTES, READ_BYTES, WRITE_STALL};
use crate::ns;
use crate::xml::{Element, Fault, Item, Limits, Reader};

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

/// A connection and the stream over it.
pub(crate) struct Wire<IO> {
    io: IO,
    reader: Reader,
    input: BytesMut,
    /// What is to be written.
    pub(crate) out: String,
    /// Since when part of a stanza has been waiting for the rest.
    pub(crate) part_since: Option<Instant>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Wire<IO> {
    pub(crate) fn new(io: IO) -> Wire<IO> {
        let reader = Reader::new(Limits::STRANGER);
        Wire { io, reader, input: BytesMut::new(), out: String::new(), part_since: None }
    }

    /// The stream begins anew: what the client sends next is its beginning.
    pub(crate) fn restart(&mut self, limits: Limits) {
        self.reader = Reader::new(limits);
    }

    /// Other limits from the next stanza on.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.reader.set_limits(limits);
    }

    /// The next whole item of what has come.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, Fault> {
        let item = self.reader.read(&mut self.input)?;
        if item.is_none() {
            if self.input.is_empty() {
                self.input = BytesMut::new();
            }
            self.part_since = match self.part_since {
                _ if !self.reader.holds_part() => {
                    self.reader.rest();
                    None
                }
                Some(since) => Some(since),
                None => Some(Instant::now()),
            };
        } else {
            self.part_since = None;
        }
        Ok(item)
    }

    /// Whether more has come than was read. White space is nothing: some clients end every line.
    pub(crate) fn has_more(&self) -> bool {
        !self.input.trim_ascii().is_empty()
    }

    /// Waits until something comes; 0: the other side has ended. Cancel-safe: one that is dropped has taken nothing.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        let (io, input) = (&mut self.io, &mut self.input);
        poll_fn(|context| {
            let mut stack = [const { MaybeUninit::uninit() }; READ_BYTES];
            let mut buffer = ReadBuf::uninit(&mut stack);
            ready!(Pin::new(&mut *io).poll_read(context, &mut buffer))?;
            input.extend_from_slice(buffer.filled());
            Poll::Ready(Ok(buffer.filled().len()))
        })
        .await
    }

    /// Something to be written with the next flush.
    pub(crate) fn push(&mut self, element: &Element) {
        element.write_into(&mut self.out, ns::CLIENT);
    }

    pub(crate) async fn flush(&mut self) -> Result<(), Broken> {
        if self.out.is_empty() {
            return Ok(());
        }
        let out = std::mem::take(&mut self.out);
        let mut bytes = out.as_bytes();
        while !bytes.is_empty() {
            let written = timeout(WRITE_STALL, self.io.write(bytes)).await.map_err(|_| Broken::Stalled)??;
            if written == 0 {
                return Err(Broken::Gone(io::ErrorKind::WriteZero.into()));
            }
            bytes = &bytes[written..];
        }
        timeout(WRITE_STALL, self.io.flush()).await.map_err(|_| Broken::Stalled)?.map_err(Broken::Gone)
    }

    pub(crate) async fn flush_if_large(&mut self) -> Result<(), Broken> {
        if self.out.len() >= OUT_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Ends the connection, so that what was written arrives.
    pub(crate) async fn close(&mut self) {
        if self.io.shutdown().await.is_err() {
            return;
        }
        // Bytes that nobody has read make the kernel send a reset, which can overtake the last words. Whoever goes on and
        // on has been told enough.
        let mut drained = 0;
        while drained < DRAINED_MAX
            && let Ok(read @ 1..) = self.fill().await
        {
            drained += read;
            self.input.clear();
        }
    }

    /// The bare connection, for TLS; `None`: something was sent ahead of it, which nobody may take for protected.
    pub(crate) fn into_bare(self) -> Option<IO> {
        (!self.has_more()).then_some(self.io)
    }
}
