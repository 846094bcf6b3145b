//! The WebSocket carrier: whole frames in binary messages.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::ws::{CloseFrame, Message as Said};
use belfry_gate::{Outcome, Socket, serve_socket};
use belfry_wire::{Decoder, Frame, Framing, operation, v1};
use bytes::{Bytes, BytesMut};
use futures_util::{Sink, Stream};
use prost::Message;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::world::{World, loopback};

/// axum's socket as the carrier sees it.
struct Pipe {
    incoming: Receiver<Said>,
    outgoing: Sender<Said>,
}

impl Stream for Pipe {
    type Item = Result<Said, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(context).map(|said| said.map(Ok))
    }
}

impl Sink<Said> for Pipe {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, said: Said) -> Result<(), axum::Error> {
        self.outgoing.try_send(said).map_err(axum::Error::new)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }
}

struct Browser {
    say: Sender<Said>,
    hear: Receiver<Said>,
    served: JoinHandle<Outcome>,
}

fn connect(world: &World) -> Browser {
    let (say, incoming) = channel(64);
    let (outgoing, hear) = channel(64);
    let (door, stop) = (world.door.clone(), world.stop.clone());
    let served = world
        .tasks
        .spawn(async move { serve_socket(Socket::new(Pipe { incoming, outgoing }), loopback(), &door, stop).await });
    Browser { say, hear, served }
}

fn bytes_of(operation: u32, seq_id: u32) -> BytesMut {
    let mut bytes = BytesMut::new();
    Frame { operation, seq_id, body: Bytes::new() }.encode(Framing::Sync, &mut bytes);
    bytes
}

impl Browser {
    async fn say(&self, said: Said) {
        self.say.send(said).await.expect("the server listens");
    }

    /// The frames of the next message, which holds whole ones only.
    async fn frames(&mut self) -> Vec<Frame> {
        let Some(Said::Binary(message)) = self.hear.recv().await else { panic!("a binary message") };
        let (mut buffer, mut frames) = (BytesMut::from(message), Vec::new());
        while let Some(frame) = Decoder::new(Framing::Sync).decode(&mut buffer).expect("a frame") {
            frames.push(frame);
        }
        assert!(buffer.is_empty());
        frames
    }

    /// The reason in the last frame and the code of the close that follows.
    async fn sent_away(mut self) -> (String, u16) {
        let frames = self.frames().await;
        let last = frames.last().expect("a last frame");
        assert_eq!(last.operation, operation::GOING_AWAY);
        let why = v1::GoingAway::decode(last.body.clone()).expect("a reason");
        let Some(Said::Close(Some(CloseFrame { code, reason }))) = self.hear.recv().await else { panic!("a close") };
        assert_eq!(reason.as_str(), why.code);
        drop(self.say);
        self.served.await.expect("ends");
        (why.code, code)
    }
}

#[tokio::test]
async fn a_message_of_several_frames_is_answered_by_one_message() {
    let world = World::new();
    let mut browser = connect(&world);
    let two = [bytes_of(operation::HEARTBEAT, 1), bytes_of(operation::HEARTBEAT, 2)].concat();
    browser.say(Said::Binary(two.into())).await;
    let seq_ids: Vec<u32> = browser.frames().await.iter().map(|frame| frame.seq_id).collect();
    assert_eq!(seq_ids, [1, 2]);
    browser.say(Said::Close(None)).await;
    assert!(matches!(browser.served.await.expect("ends"), Outcome::Left));
}

#[tokio::test]
async fn messages_that_have_come_together_are_answered_together_and_what_is_wrong_behind_them_ends_the_socket_after_it()
{
    for wrong in [Said::Text("hello".into()), Said::Binary(bytes_of(operation::HEARTBEAT, 4).freeze().slice(..9))] {
        let world = World::new();
        let mut browser = connect(&world);
        for seq_id in 1..=3 {
            browser.say(Said::Binary(bytes_of(operation::HEARTBEAT, seq_id).into())).await;
        }
        browser.say(wrong).await;
        let seq_ids: Vec<u32> = browser.frames().await.iter().map(|frame| frame.seq_id).collect();
        assert_eq!(seq_ids, [1, 2, 3]);
        assert_eq!(browser.sent_away().await, ("bad_frame".into(), 1003));
    }
}

#[tokio::test]
async fn text_torn_frames_and_ping_floods_end_the_socket_with_their_codes() {
    let world = World::new();
    let browser = connect(&world);
    browser.say(Said::Text("hello".into())).await;
    assert_eq!(browser.sent_away().await, ("bad_frame".into(), 1003));

    let browser = connect(&world);
    browser.say(Said::Binary(bytes_of(operation::HEARTBEAT, 1).freeze().slice(..9))).await;
    assert_eq!(browser.sent_away().await, ("bad_frame".into(), 1003));

    let browser = connect(&world);
    for _ in 0..11 {
        browser.say(Said::Ping(Bytes::new())).await;
    }
    assert_eq!(browser.sent_away().await, ("rate_limited".into(), 1008));

    let browser = connect(&world);
    world.stop.cancel();
    assert_eq!(browser.sent_away().await, ("going_away".into(), 1001));
}
