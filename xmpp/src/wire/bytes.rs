//! A stream as one document over a connection: what has come and is not read yet, what is to be written. RFC 6120 §4.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Instant, timeout};

use super::{Broken, Wire};
use crate::limits::{DRAINED_MAX, READ_BYTES, WRITE_STALL};
use crate::ns;
use crate::xml::{Element, Fault, Item, Limits, Reader, open_stream};

/// A connection and the stream over it.
pub(crate) struct Bytes<IO> {
    io: IO,
    reader: Reader,
    input: BytesMut,
    out: String,
    part_since: Option<Instant>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin + Send> Bytes<IO> {
    pub(crate) fn new(io: IO) -> Bytes<IO> {
        let reader = Reader::new(Limits::STRANGER);
        Bytes { io, reader, input: BytesMut::new(), out: String::new(), part_since: None }
    }

    /// The bare connection, for TLS; `None`: something was sent ahead of it, which nobody may take for protected.
    pub(crate) fn into_bare(self) -> Option<IO> {
        (!self.has_more()).then_some(self.io)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + Send> Wire for Bytes<IO> {
    fn next(&mut self) -> Result<Option<Item>, Fault> {
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

    /// White space is nothing: some clients end every line.
    fn has_more(&self) -> bool {
        !self.input.trim_ascii().is_empty()
    }

    fn part_since(&self) -> Option<Instant> {
        self.part_since
    }

    async fn fill(&mut self) -> io::Result<bool> {
        let (io, input) = (&mut self.io, &mut self.input);
        poll_fn(|context| {
            let mut stack = [const { MaybeUninit::uninit() }; READ_BYTES];
            let mut buffer = ReadBuf::uninit(&mut stack);
            ready!(Pin::new(&mut *io).poll_read(context, &mut buffer))?;
            input.extend_from_slice(buffer.filled());
            Poll::Ready(Ok(!buffer.filled().is_empty()))
        })
        .await
    }

    fn restart(&mut self, limits: Limits) {
        self.reader = Reader::new(limits);
    }

    fn set_limits(&mut self, limits: Limits) {
        self.reader.set_limits(limits);
    }

    fn open(&mut self, from: &str, to: Option<&str>, id: &str) {
        open_stream(&mut self.out, from, to, id);
    }

    fn push(&mut self, element: &Element) {
        element.write_into(&mut self.out, ns::CLIENT);
    }

    fn push_text(&mut self, stanza: &str) {
        self.out.push_str(stanza);
    }

    fn end(&mut self) {
        self.out.push_str("</stream:stream>");
    }

    fn unwritten(&self) -> usize {
        self.out.len()
    }

    async fn flush(&mut self) -> Result<(), Broken> {
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

    async fn close(&mut self) {
        if self.io.shutdown().await.is_err() {
            return;
        }
        // Bytes that nobody has read make the kernel send a reset, which can overtake the last words. Whoever goes on and
        // on has been told enough.
        let mut drained = 0;
        while drained < DRAINED_MAX
            && let Ok(true) = self.fill().await
        {
            drained += self.input.len();
            self.input.clear();
        }
    }
}
