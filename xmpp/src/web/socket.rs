//! Streams over WebSockets: each text message is one element. RFC 7395.
//!
//! A GET comes in, frames go to the door and come back. Invariant: before the login no message is put together that is
//! over what a stranger may send.

use std::collections::VecDeque;
use std::io;

use axum::body::Body;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{Response, StatusCode};
use belfry_engine::Peer;
use futures_util::{FutureExt as _, Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::time::Instant;

use super::{MessageLimit, Refused, Web, admit};
use crate::door::serve_frames;
use crate::limits::{IDLE_MESSAGES_EVERY, IDLE_MESSAGES_MAX, MESSAGE_ROOM, READ_BYTES, SOCKET_READ_BYTES};
use crate::ns;
use crate::wire::{Frame, Frames};
use crate::xml::{Fault, Item, Limits, frame, open_frame};

/// RFC 7395 §3.1.
const PROTOCOL: &str = "xmpp";

pub(super) async fn upgrade(State(web): State<Web>, request: Request) -> Response<Body> {
    upgraded(web, request).await.unwrap_or_else(Refused::answer)
}

async fn upgraded(web: Web, request: Request) -> Result<Response<Body>, Refused> {
    let (mut parts, _) = request.into_parts();
    let admitted = admit(&web, &parts)?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|rejection| Refused::new(rejection.status(), rejection.body_text()))?
        .protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let text = "This WebSocket speaks XMPP: name the protocol \"xmpp\" in Sec-WebSocket-Protocol.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, text));
    }
    let limit = web.inner.listener.message_limit(&parts.extensions);
    limit(Limits::STRANGER.stanza_bytes + MESSAGE_ROOM);
    // No extension is ever negotiated: a compressed message could grow a thousandfold here.
    let largest = Limits::MEMBER.stanza_bytes + MESSAGE_ROOM;
    let upgrade = upgrade.max_message_size(largest).max_frame_size(largest).read_buffer_size(SOCKET_READ_BYTES);
    let security = admitted.security();
    let peer = Peer { carrier: if admitted.tls { "xmpp-ws+tls" } else { "xmpp-ws" }, ..admitted.peer };
    let counted = web.inner.tasks.token();
    Ok(upgrade.on_upgrade(async move |socket| {
        let stop = web.inner.stop.clone();
        // How it ended is in the log of the door.
        let _outcome = serve_frames(Socket::new(socket, limit), peer, security, &web.inner.door, stop).await;
        drop(counted);
    }))
}

/// A WebSocket that carries a stream; `S` is axum's.
struct Socket<S> {
    socket: S,
    limits: Limits,
    limit: MessageLimit,
    /// Messages that brought nothing, and since when they are counted.
    idle: (u32, Instant),
}

impl<S> Socket<S> {
    fn new(socket: S, limit: MessageLimit) -> Socket<S> {
        Socket { socket, limits: Limits::STRANGER, limit, idle: (0, Instant::now()) }
    }

    /// What a message brings; `None`: nothing, and there were not too many of these.
    fn read(&mut self, message: &Message) -> io::Result<Option<Result<Item, Fault>>> {
        match message {
            Message::Text(text) if !text.trim_ascii().is_empty() => Ok(Some(frame(text.as_bytes(), self.limits))),
            Message::Binary(_) => Ok(Some(Err(Fault::NotWellFormed))),
            _ => {
                if self.idle.1.elapsed() >= IDLE_MESSAGES_EVERY {
                    self.idle = (0, Instant::now());
                }
                self.idle.0 += 1;
                if self.idle.0 > IDLE_MESSAGES_MAX {
                    return Err(io::Error::other("too many messages without anything in them"));
                }
                Ok(None)
            }
        }
    }
}

impl<S> Frames for Socket<S>
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send,
{
    async fn receive(&mut self, into: &mut VecDeque<Result<Item, Fault>>) -> io::Result<bool> {
        let mut bytes = 0;
        // After the first nothing is waited for, so that nothing is lost where this is dropped.
        while bytes < READ_BYTES {
            let message = if into.is_empty() {
                self.socket.next().await
            } else {
                match self.socket.next().now_or_never() {
                    Some(message) => message,
                    None => return Ok(true),
                }
            };
            let message = match message {
                Some(Ok(message)) => message,
                // What came before it is told first; it will be met again.
                None | Some(Err(_)) if !into.is_empty() => return Ok(true),
                None => return Ok(false),
                Some(Err(error)) => return Err(io::Error::other(error)),
            };
            match message {
                Message::Close(_) => return Ok(!into.is_empty()),
                Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {
                    bytes += match &message {
                        Message::Text(text) => text.len(),
                        _ => 0,
                    };
                    into.extend(self.read(&message)?);
                }
            }
        }
        Ok(true)
    }

    async fn send(&mut self, frames: Vec<Frame>) -> io::Result<()> {
        for frame in frames {
            let text = match frame {
                Frame::Open { from, to, id } => open_frame(&from, to.as_deref(), &id),
                Frame::Element(text) | Frame::Error(text) => text,
                Frame::Close => format!("<close xmlns='{}'/>", ns::FRAMING),
            };
            self.socket.feed(Message::Text(text.into())).await.map_err(io::Error::other)?;
        }
        self.socket.flush().await.map_err(io::Error::other)
    }

    fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        (self.limit)(limits.stanza_bytes + MESSAGE_ROOM);
    }

    async fn close(&mut self) {
        if self.socket.send(Message::Close(None)).await.is_ok() {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }
}
