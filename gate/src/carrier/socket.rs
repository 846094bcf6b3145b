//! A WebSocket as carrier: each binary message is one or more whole frames.
//!
//! Messages come in as the upgrade's library has put them together, within the size given there. The library answers
//! pings and close frames by itself. Invariant: text, and pings without measure, end the link with their close code.

use axum::extract::ws::{CloseFrame, Message};
use belfry_domain::{Code, Refusal};
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt as _, Sink, SinkExt as _, StreamExt as _};
use tokio::time::{Instant, timeout};

use super::{Broken, Carrier, Filled};
use crate::limits::{PINGS_EVERY, PINGS_MAX, READ_BYTES, WRITE_STALL};

/// A WebSocket; `S` is axum's `WebSocket`, or something like it in a test.
#[derive(Debug)]
pub struct Socket<S> {
    socket: S,
    /// What came behind frames that were taken together, and is looked at next.
    behind: Option<Option<Result<Message, axum::Error>>>,
    pings: u32,
    pings_since: Instant,
}

impl<S> Socket<S> {
    /// A socket that was just upgraded. The upgrade must have set its largest message to
    /// [`SOCKET_MESSAGE_BYTES_MAX`](crate::limits::SOCKET_MESSAGE_BYTES_MAX).
    pub fn new(socket: S) -> Socket<S> {
        Socket { socket, behind: None, pings: 0, pings_since: Instant::now() }
    }

    fn pinged(&mut self) -> Result<(), Broken> {
        if self.pings_since.elapsed() >= PINGS_EVERY {
            (self.pings, self.pings_since) = (0, Instant::now());
        }
        self.pings += 1;
        if self.pings > PINGS_MAX { Err(Broken::Pings) } else { Ok(()) }
    }
}

impl<S> Carrier for Socket<S>
where
    S: futures_util::Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send,
{
    const WHOLE_FRAMES: bool = true;

    async fn fill(&mut self, into: &mut BytesMut) -> Result<Filled, Broken> {
        let mut message = match self.behind.take() {
            Some(behind) => behind,
            None => self.socket.next().await,
        };
        loop {
            match message.transpose().map_err(broken)? {
                Some(Message::Binary(frames)) if !frames.is_empty() => {
                    let whole = is_whole(&frames);
                    append(frames, into);
                    // What has come with it is answered with it: many clients put each request into a message of its own.
                    while whole && into.len() < READ_BYTES && self.behind.is_none() {
                        match self.socket.next().now_or_never() {
                            Some(Some(Ok(Message::Binary(frames)))) if is_whole(&frames) => append(frames, into),
                            Some(other) => self.behind = Some(other),
                            None => break,
                        }
                    }
                    return Ok(Filled::Bytes);
                }
                Some(Message::Binary(_) | Message::Ping(_) | Message::Pong(_)) => self.pinged()?,
                Some(Message::Text(_)) => return Err(Broken::Text),
                Some(Message::Close(_)) | None => return Ok(Filled::End),
            }
            message = self.socket.next().await;
        }
    }

    fn holds_part(&self) -> bool {
        false
    }

    async fn write(&mut self, frames: Bytes) -> Result<(), Broken> {
        let sent = timeout(WRITE_STALL, self.socket.send(Message::Binary(frames))).await;
        sent.map_err(|_| Broken::Stalled)?.map_err(broken)
    }

    async fn close(&mut self, why: Option<&Refusal>) {
        let frame =
            why.map(|refusal| CloseFrame { code: close_code(refusal.code), reason: refusal.code.as_str().into() });
        if self.socket.send(Message::Close(frame)).await.is_ok() {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }
}

/// Whether a message is whole frames and nothing else: only such a one may have another one behind it.
fn is_whole(mut frames: &[u8]) -> bool {
    while let Some((length, _)) = frames.split_first_chunk::<4>() {
        match usize::try_from(u32::from_be_bytes(*length)).ok().and_then(|length| frames.get(length.max(4)..)) {
            Some(rest) => frames = rest,
            None => return false,
        }
    }
    frames.is_empty()
}

/// Takes a message over without copying it where nothing lies before it.
fn append(frames: Bytes, into: &mut BytesMut) {
    if !into.is_empty() {
        return into.extend_from_slice(&frames);
    }
    match frames.try_into_mut() {
        Ok(frames) => *into = frames,
        Err(frames) => into.extend_from_slice(&frames),
    }
}

/// RFC 6455 §7.4.1; docs/protocol.md, "WebSocket".
fn close_code(code: Code) -> u16 {
    match code {
        Code::GoingAway => 1001,
        Code::BadFrame => 1003,
        Code::BadMagic | Code::UnsupportedVersion => 1002,
        Code::FrameTooLarge => 1009,
        Code::Internal | Code::StorageFailed | Code::StorageFull => 1011,
        Code::TryLater => 1013,
        _ => 1008,
    }
}

fn broken(error: axum::Error) -> Broken {
    // axum hides the kind of the error; only its text says that a message was over the limit.
    let text = error.to_string();
    if text.contains("too long") || text.contains("Space limit") {
        Broken::TooLarge
    } else {
        Broken::Gone(std::io::Error::other(error))
    }
}
