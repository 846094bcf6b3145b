//! A connection in memory, whose other end is as little as an end can be.
//!
//! The server has a stream of bytes; whoever plays the client hands in bytes and either takes what comes or has it only
//! counted by a [`Tally`]. Invariant: a pipe that nobody writes to holds no buffer, and a client that counts is no task,
//! so that what is measured is the server.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

/// Counts what comes to clients, each writing of the server as one.
#[derive(Default)]
pub(crate) struct Tally {
    missing: AtomicU64,
    bytes: AtomicU64,
    complete: Notify,
}

impl Tally {
    /// So many are to come from now on.
    pub(crate) fn expect(&self, writings: u64) {
        self.missing.store(writings, Ordering::Relaxed);
    }

    /// Waits until all have come.
    pub(crate) async fn complete(&self) {
        while self.missing.load(Ordering::Relaxed) > 0 {
            self.complete.notified().await;
        }
    }

    /// Bytes that have come so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn came(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        if self.missing.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.complete.notify_one();
        }
    }
}

#[derive(Default)]
struct State {
    to_server: BytesMut,
    server: Option<Waker>,
    to_client: BytesMut,
    client: Option<Waker>,
    tally: Option<Arc<Tally>>,
    ended: bool,
}

/// The server's end.
pub(crate) struct ServerEnd(Arc<Mutex<State>>);

/// The client's end; a pipe ends when this is dropped.
pub(crate) struct ClientEnd(Arc<Mutex<State>>);

/// A new pipe.
pub(crate) fn pipe() -> (ClientEnd, ServerEnd) {
    let state = Arc::new(Mutex::new(State::default()));
    (ClientEnd(state.clone()), ServerEnd(state))
}

impl ClientEnd {
    /// Hands bytes in.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let waker = {
            let mut state = self.0.lock();
            state.to_server.extend_from_slice(bytes);
            state.server.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until so many bytes have come, and takes all that is there; none: the server has ended the connection.
    pub(crate) async fn read(&self, at_least: usize) -> BytesMut {
        std::future::poll_fn(|context| {
            let mut state = self.0.lock();
            if state.to_client.len() >= at_least || state.ended {
                return Poll::Ready(std::mem::take(&mut state.to_client));
            }
            state.client = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// From now on what comes is counted and forgotten.
    pub(crate) fn count(&self, tally: &Arc<Tally>) {
        let mut state = self.0.lock();
        (state.to_client, state.tally) = (BytesMut::new(), Some(tally.clone()));
    }
}

impl Drop for ClientEnd {
    fn drop(&mut self) {
        let waker = {
            let mut state = self.0.lock();
            state.ended = true;
            state.server.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for ServerEnd {
    fn drop(&mut self) {
        let waker = {
            let mut state = self.0.lock();
            state.ended = true;
            state.client.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl AsyncRead for ServerEnd {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.lock();
        if state.to_server.is_empty() && !state.ended {
            if state.server.as_ref().is_none_or(|waker| !waker.will_wake(context.waker())) {
                state.server = Some(context.waker().clone());
            }
            return Poll::Pending;
        }
        let taken = state.to_server.len().min(buffer.remaining());
        buffer.put_slice(&state.to_server.split_to(taken));
        if state.to_server.is_empty() {
            state.to_server = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ServerEnd {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.0.lock();
        if state.ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let waker = match &state.tally {
            Some(tally) => {
                tally.came(bytes.len());
                None
            }
            None => {
                state.to_client.extend_from_slice(bytes);
                state.client.take()
            }
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
