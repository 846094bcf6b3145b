//! One HTTP connection: the limits of the parser and of time, whatever the socket is.
//!
//! A byte stream and the router come in; requests are answered until either side is done. HTTP/1.1 only. Invariant: a
//! peer that sends or reads too slowly is cut off, and a stop ends the connection after the answer under way.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use belfry_engine::Peer;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::fragments::{FragmentWatch, MessageLimit};
use super::head::HeadWatch;

/// A request's head must be here after this; an idle connection is closed after it too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Most headers of a request. Browsers send about twenty.
const HEADERS_MAX: usize = 100;

/// Largest head of a request.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A peer that takes nothing for so long while something waits to be written is gone.
const WRITE_STALL: Duration = Duration::from_secs(30);

/// Serves one connection until the peer, an error or `stop` ends it. `peer` is what the listener knows of the other
/// side; its carrier is [`super::CARRIER_PLAIN`] or [`super::CARRIER_TLS`]. A WebSocket goes on after this returns: its
/// task is among those of [`super::HttpState`].
pub async fn serve_connection<I>(io: I, peer: Peer, router: Router, stop: CancellationToken) -> Result<(), hyper::Error>
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let limit = MessageLimit::default();
    let watched = Watched::new(io, limit.clone());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        request.extensions_mut().insert(limit.clone());
        router.clone().oneshot(Request::from(request.map(axum::body::Body::new)))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .half_close(false)
        .keep_alive(true)
        .serve_connection(TokioIo::new(watched), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        outcome = connection.as_mut() => return outcome,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

/// A stream whose request heads, and after an upgrade whose frames, are watched and whose writes may not stall.
struct Watched<I> {
    io: I,
    heads: HeadWatch,
    fragments: FragmentWatch,
    stall: Option<Pin<Box<Sleep>>>,
}

impl<I> Watched<I> {
    fn new(io: I, limit: MessageLimit) -> Watched<I> {
        Watched { io, heads: HeadWatch::new(), fragments: FragmentWatch::new(limit), stall: None }
    }

    /// Passes on how a write went, unless it has been waiting for too long.
    fn unstalled<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + WRITE_STALL)));
        match stall.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer takes nothing"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.io).poll_read(cx, buf);
        if matches!(outcome, Poll::Ready(Ok(()))) {
            let arrived = &mut buf.filled_mut()[before..];
            let behind = self.heads.look(arrived);
            if !self.fragments.look(&arrived[arrived.len() - behind..]) {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a message without measure")));
            }
        }
        outcome
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.unstalled(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.unstalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.unstalled(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(cx);
        self.unstalled(cx, shut)
    }
}
