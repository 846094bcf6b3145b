//! A socket with its permit, which ends when the other side takes nothing for too long.
//!
//! Bytes pass unchanged. Invariant: a reader who stalls holds a socket no longer than [`STALL_MAX`], whichever protocol
//! is spoken over it, and the permit is given back when the socket closes, whoever held it last.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::caps::Permit;

/// A write that makes no progress for so long ends the connection.
pub const STALL_MAX: Duration = Duration::from_secs(30);

/// The socket and its permit.
#[derive(Debug)]
pub struct Guarded<I> {
    io: I,
    permit: Arc<Permit>,
    /// Only there while a write waits, so an idle connection does not pay for it.
    stall: Option<Pin<Box<Sleep>>>,
}

impl<I> Guarded<I> {
    /// Guards a socket.
    pub fn new(io: I, permit: Arc<Permit>) -> Guarded<I> {
        Guarded { io, permit, stall: None }
    }

    /// What allows the connection.
    pub fn permit(&self) -> &Arc<Permit> {
        &self.permit
    }

    /// Looks at the first byte and leaves it where it is. `None`: the other side has closed.
    pub async fn first_byte(&mut self) -> io::Result<Option<u8>>
    where
        I: Peek,
    {
        poll_fn(|cx| {
            if self.permit.must_end(cx.waker()) {
                return Poll::Ready(Err(made_room()));
            }
            self.io.poll_first(cx)
        })
        .await
    }

    /// Watches over one write: disarms on progress, arms when it must wait, ends it when it waited too long.
    fn watch<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(STALL_MAX)));
        match stall.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the reader stalls"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// A socket whose first byte can be looked at.
pub trait Peek {
    /// The first byte, which stays; `None` at the end.
    fn poll_first(&self, cx: &mut Context<'_>) -> Poll<io::Result<Option<u8>>>;
}

impl Peek for TcpStream {
    fn poll_first(&self, cx: &mut Context<'_>) -> Poll<io::Result<Option<u8>>> {
        let mut byte = [0];
        let mut buf = ReadBuf::new(&mut byte);
        ready!(self.poll_peek(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().first().copied()))
    }
}

fn made_room() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "made room for others")
}

impl<I: AsyncRead + Unpin> AsyncRead for Guarded<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.permit.must_end(cx.waker()) {
            return Poll::Ready(Err(made_room()));
        }
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Guarded<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        self.watch(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.watch(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        // A flush that is ready says nothing of a write that waits; only a waiting one counts.
        if flushed.is_pending() { self.watch(flushed, cx) } else { flushed }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::super::caps::Caps;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_stalls_is_left_and_one_who_reads_is_not() {
        let caps = Caps::new(10, 10);
        let permit = caps.admit([127, 0, 0, 1].into(), false).expect("room");
        let (ours, mut theirs) = tokio::io::duplex(8);
        let mut guarded = Guarded::new(ours, permit);
        guarded.write_all(b"12345678").await.expect("fits");
        let error = guarded.write_all(b"9").await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut read = [0; 8];
        theirs.read_exact(&mut read).await.expect("it is there");
        guarded.write_all(b"9").await.expect("somebody reads again");
        drop(guarded);
        assert_eq!(caps.open(), 0);
    }
}
