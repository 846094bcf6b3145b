//! What must stay small or apart: panics, crowds, and the memory of a link that waits.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use belfry_engine::Peer;
use belfry_gate::limits::{DoorLimits, WAITING_PER_ADDRESS_MAX};
use belfry_gate::{Outcome, Trust, serve};
use belfry_wire::{PreambleAnswer, PreambleStatus, operation, v1};
use bytes::Bytes;
use prost::Message;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, duplex};

use crate::world::{World, loopback};

/// A connection that makes the server's code panic.
struct Bomb;

impl AsyncRead for Bomb {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        panic!("a fault on purpose")
    }
}

impl AsyncWrite for Bomb {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_panic_ends_one_link_and_is_counted() {
    let world = World::new();
    let (mut other, _) = world.member("+4915100000001", "alice").await;
    let outcome = serve(Bomb, loopback(), Trust::Bare, &world.door, world.stop.clone()).await;
    assert!(matches!(outcome, Outcome::Panicked));
    assert_eq!(world.engine.metrics().panics.load(Ordering::Relaxed), 1);
    assert_eq!(world.door.waiting(), 0, "its place is free again");
    other.say("alice@localhost", "m-1", "still here").await.expect("others go on");
}

async fn until_waiting(world: &World, links: u32) {
    for _ in 0..10_000 {
        if world.door.waiting() == links {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{} links wait, not {links}", world.door.waiting());
}

#[tokio::test]
async fn one_address_can_hold_so_many_links_without_a_login_and_no_more() {
    let world = World::new();
    let dial = |ip: IpAddr| {
        let (ours, theirs) = duplex(1024);
        let peer = Peer { ip, port: 40_000, exempt: false, carrier: "tcp" };
        let (door, stop) = (world.door.clone(), world.stop.clone());
        (ours, world.tasks.spawn(async move { serve(theirs, peer, Trust::Bare, &door, stop).await }))
    };
    let crowd = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let held: Vec<_> = (0..WAITING_PER_ADDRESS_MAX).map(|_| dial(crowd)).collect();
    until_waiting(&world, WAITING_PER_ADDRESS_MAX).await;
    let (mut one_more, _) = dial(crowd);
    let mut answer = [0; 8];
    one_more.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(PreambleAnswer::decode(answer).expect("an answer").status, PreambleStatus::TryLater);
    let (_elsewhere, _) = dial(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)));
    until_waiting(&world, WAITING_PER_ADDRESS_MAX + 1).await;

    drop(held);
    until_waiting(&world, 1).await;

    // In IPv6 a customer has at least a /64.
    let of_net = |low: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, low));
    let _held: Vec<_> = (0..WAITING_PER_ADDRESS_MAX as u16).map(|low| dial(of_net(low))).collect();
    until_waiting(&world, WAITING_PER_ADDRESS_MAX + 1).await;
    let (mut one_more, _) = dial(of_net(0xFFFF));
    one_more.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(PreambleAnswer::decode(answer).expect("an answer").status, PreambleStatus::TryLater);
}

#[tokio::test]
async fn a_login_gives_the_place_of_a_waiting_link_free() {
    let world = World::new();
    let mut client = world.bare().await;
    assert_eq!(world.door.waiting(), 1);
    let credentials = world.register(&mut client, "+4915100000001", "alice").await;
    client.login(&credentials.token).await.expect("logged in");
    assert_eq!(world.door.waiting(), 0);
}

#[tokio::test]
async fn requests_without_a_login_are_unauthenticated_and_bad_bodies_are_named() {
    let world = World::new();
    let mut client = world.bare().await;
    let refused = client.say("alice@localhost", "m-1", "x").await;
    assert_eq!(refused.expect_err("nobody").code, "unauthenticated");
    for (body, code) in [(&[0xFF][..], "bad_request"), (&[1 << 3 | 2, 2, 0xC3, 0x28], "invalid_utf8")] {
        client.seq += 1;
        client.send(operation::REQUEST_PIN, client.seq, Bytes::copy_from_slice(body)).await;
        let answer = client.frame().await.expect("an answer");
        assert_eq!(v1::Error::decode(answer.body).expect("an error").code, code);
    }
}

/// Of the 6 KiB that an idle link may take, this is the part of the door's own making.
#[tokio::test]
async fn the_future_of_a_link_is_small() {
    let world = World::new();
    let (_ours, theirs) = duplex(1024);
    let link = serve(theirs, loopback(), Trust::Bare, &world.door, world.stop.clone());
    let bytes = size_of_val(&link);
    assert!(bytes <= 1_024, "{bytes} bytes");
}

#[tokio::test(start_paused = true)]
async fn what_strangers_may_cost_can_be_set_and_holds_for_new_links() {
    let world = World::new();
    let limits = DoorLimits {
        login: Duration::from_secs(3),
        waiting_per_address: 2,
        frame_bytes_before_login: 8 * 1024,
        ..DoorLimits::default()
    };
    world.door.set_limits(limits);
    // A frame of 6 KiB passes where the default would end the link, one of 9 KiB does not.
    let mut client = world.bare().await;
    let refused: Result<v1::TokenReply, v1::Error> = client
        .ask(operation::TOKEN, &v1::TokenRequest { device_secret: "x".repeat(6_000), ..Default::default() })
        .await;
    assert!(refused.is_err());
    client.send(operation::TOKEN, 2, vec![0; 9_000].into()).await;
    assert_eq!(client.sent_away().await.code, "frame_too_large");
    let started = tokio::time::Instant::now();
    assert_eq!(world.bare().await.sent_away().await.code, "idle");
    assert_eq!(started.elapsed(), Duration::from_secs(3));
}
