//! Noise: who speaks is who has the key; what crosses the wire shows nothing and cannot be touched.

use std::sync::atomic::Ordering;

use belfry_domain::Code;
use belfry_gate::{Broken, Outcome, Trust};
use belfry_wire::noise::StaticKey;
use belfry_wire::{Channel, Framing, Preamble, operation, v1};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::World;

#[tokio::test]
async fn a_device_that_registered_under_noise_logs_in_by_its_key_alone() {
    let world = World::new();
    let key = StaticKey::new([0x51; 32]);
    let mut client = world.open(Channel::NoiseXx, Framing::Sync, Some(&key)).await;
    assert_eq!(client.login("").await.expect_err("no device has the key").code, "unauthenticated");
    world.register(&mut client, "+4915100000001", "alice").await;
    assert_eq!(client.login("").await.expect("the key is the device's now").address, "alice@localhost");
    client.hang_up().await;

    for (channel, framing) in [(Channel::NoiseIk, Framing::Sync), (Channel::NoiseXx, Framing::Alternate)] {
        let mut client = world.open(channel, framing, Some(&key)).await;
        assert_eq!(client.login("").await.expect("known").device_id, 1);
        assert_eq!(client.login("").await.expect_err("twice").code, "bad_request");
    }
}

#[tokio::test]
async fn a_token_works_under_a_key_that_nobody_knows() {
    let world = World::new();
    let (client, credentials) = world.member("+4915100000001", "alice").await;
    client.hang_up().await;
    let mut client = world.open(Channel::NoiseXx, Framing::Sync, Some(&StaticKey::new([0x52; 32]))).await;
    assert_eq!(client.login("nonsense").await.expect_err("no token").code, "unauthenticated");
    assert_eq!(client.login(&credentials.token).await.expect("by token").address, "alice@localhost");
}

#[tokio::test]
async fn bare_frames_need_a_token() {
    let world = World::new();
    let mut client = world.bare().await;
    assert_eq!(client.login("").await.expect_err("no token").code, "unauthenticated");
}

#[tokio::test]
async fn a_capture_shows_no_address_no_operation_and_no_text() {
    let world = World::new();
    let mut clear = world.bare().await;
    let credentials = world.register(&mut clear, "+4915100000001", "alice").await;
    let mut sealed = world.open(Channel::NoiseXx, Framing::Sync, Some(&StaticKey::new([0x53; 32]))).await;
    for client in [&mut clear, &mut sealed] {
        client.login(&credentials.token).await.expect("logged in");
        client.say("alice@localhost", "marker-of-id", "marker of text").await.expect("stored");
    }
    let finds = |capture: &[u8], what: &[u8]| capture.windows(what.len()).any(|window| window == what);
    let send_header = [0, 16, 0, 1, 0, 0, 0, 20];
    for what in
        [&b"alice@localhost"[..], b"marker-of-id", b"marker of text", credentials.token.as_bytes(), &send_header]
    {
        assert!(finds(&clear.capture, what), "the test itself finds what is in the clear: {what:?}");
        assert!(!finds(&sealed.capture, what), "in the clear: {what:?}");
    }
}

#[tokio::test]
async fn two_sessions_of_one_device_share_no_bytes() {
    let world = World::new();
    let key = StaticKey::new([0x54; 32]);
    let mut captures = Vec::new();
    for _ in 0..2 {
        let mut client = world.open(Channel::NoiseIk, Framing::Sync, Some(&key)).await;
        client.send(operation::HEARTBEAT, 1, Bytes::new()).await;
        client.frame().await.expect("an answer");
        captures.push(client.capture.split_off(16)); // behind the preambles
    }
    assert_ne!(captures[0], captures[1]);
    let lengths = |at: usize| &captures[at][..2];
    assert_eq!(lengths(0), lengths(1), "the same messages under other keys");
    assert!(captures[0][2..].windows(16).all(|part| !captures[1].windows(16).any(|other| other == part)));
}

#[tokio::test]
async fn a_record_that_was_touched_or_repeated_ends_the_link() {
    for (name, touch) in [
        ("touched", (|record: &mut Vec<u8>| record[5] ^= 1) as fn(&mut Vec<u8>)),
        ("repeated", |record| record.extend_from_within(..)),
        ("garbage", |record| *record = [&[0, 40][..], &[0xAA; 40]].concat()),
        ("empty", |record| *record = [&[0, 16][..], &[0xAA; 16]].concat()),
    ] {
        let world = World::new();
        let key = StaticKey::new([0x55; 32]);
        let mut client = world.open(Channel::NoiseXx, Framing::Sync, Some(&key)).await;
        let mut record = client.sealed(operation::HEARTBEAT, 1, Bytes::new()).to_vec();
        touch(&mut record);
        client.write_raw(&record).await;
        let mut last = client.frame().await.expect("a frame");
        if last.operation == operation::HEARTBEAT {
            assert_eq!(name, "repeated", "the first of two is genuine");
            last = client.frame().await.expect("a last frame");
        }
        assert_eq!(last.operation, operation::GOING_AWAY, "{name}");
        let why: v1::GoingAway = prost::Message::decode(last.body).expect("a reason");
        assert_eq!(why.code, "bad_handshake", "{name}");
        assert!(client.frame().await.is_none());
        assert!(matches!(client.hang_up().await, Outcome::Lost(Broken::Channel(_))), "{name}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_none_ends_without_a_word() {
    let world = World::new();
    for (nth, garbage) in [vec![0, 32], vec![0, 33, 1], vec![0xFF; 70], vec![0x16, 3, 1, 0, 5]].into_iter().enumerate()
    {
        let (mut io, served) = world.dial(Trust::NoiseOnly);
        let preamble = Preamble { framing: Framing::Sync, channel: Channel::NoiseXx, version_min: 1, version_max: 1 };
        let zero_key = [garbage.clone(), if nth == 0 { vec![0; 32] } else { Vec::new() }].concat();
        io.write_all(&[&preamble.encode()[..], &zero_key].concat()).await.expect("taken");
        let mut answer = Vec::new();
        io.read_to_end(&mut answer).await.expect("an end");
        assert_eq!(answer.len(), 8, "the preamble's answer and nothing more");
        drop(io);
        assert!(matches!(served.await.expect("ends"), Outcome::Closed(Code::BadHandshake)));
        assert_eq!(world.engine.metrics().handshake_failures.load(Ordering::Relaxed), nth as u64 + 1);
    }
}
