//! Time: silent, slow and stalled clients, with a clock that jumps.

use std::time::Duration;

use belfry_domain::Code;
use belfry_domain::limits::TRY_LATER_REST;
use belfry_gate::{Broken, Outcome, Trust};
use belfry_wire::{Channel, Framing, Preamble, operation, v1};
use bytes::Bytes;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::world::{World, text_to};

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_or_a_byte_a_second_ends_after_ten_seconds() {
    let preamble = Preamble { framing: Framing::Sync, channel: Channel::NoiseXx, version_min: 1, version_max: 1 };
    let slow = [&preamble.encode()[..], &[0, 32], &[7; 32]].concat();
    for said in [&[][..], &slow[..]] {
        let world = World::new();
        let (io, served) = world.dial(Trust::NoiseOnly);
        let began = Instant::now();
        let (mut reader, mut writer) = tokio::io::split(io);
        let said = said.to_vec();
        let drip = world.tasks.spawn(async move {
            for byte in said {
                sleep(Duration::from_secs(1)).await;
                if writer.write_all(&[byte]).await.is_err() {
                    break;
                }
            }
            writer
        });
        let mut heard = Vec::new();
        reader.read_to_end(&mut heard).await.expect("an end");
        assert_eq!(began.elapsed().as_secs(), 10);
        assert!(matches!(served.await.expect("ends"), Outcome::Closed(Code::Idle)));
        assert_eq!(world.door.waiting(), 0);
        drip.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_on_which_nobody_logs_in_ends_after_twenty_seconds_whatever_it_says() {
    let world = World::new();
    let mut client = world.bare().await;
    let began = Instant::now();
    for seq_id in 1..=19 {
        sleep(Duration::from_secs(1)).await;
        client.send(operation::HEARTBEAT, seq_id, Bytes::new()).await;
        assert_eq!(client.frame().await.expect("answered").operation, operation::HEARTBEAT);
    }
    assert_eq!(client.sent_away().await.code, "idle");
    assert_eq!(began.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_silent_link_is_cut_after_its_idle_time_and_any_frame_renews_it() {
    let world = World::with(|settings| settings.idle_ms = 60_000);
    let (mut client, _) = world.member("+4915100000001", "alice").await;
    for _ in 0..5 {
        sleep(Duration::from_secs(50)).await;
        client.seq += 1;
        client.send(operation::HEARTBEAT, client.seq, Bytes::new()).await;
        client.frame().await.expect("answered");
    }
    let silent = Instant::now();
    assert_eq!(client.sent_away().await.code, "idle");
    let waited = silent.elapsed().as_secs_f64();
    assert!((60.0..70.0).contains(&waited), "cut after {waited} s");
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_does_not_come_whole_ends_the_link_after_thirty_seconds() {
    let world = World::new();
    let (mut client, _) = world.member("+4915100000001", "alice").await;
    let began = Instant::now();
    client.write_raw(&[0, 1, 0, 0, 0, 16, 0, 1, 0, 0]).await; // claims 64 KiB, sends ten bytes
    assert_eq!(client.sent_away().await.code, "idle");
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn part_of_a_noise_record_counts_as_part_of_a_frame() {
    let world = World::new();
    let (first, credentials) = world.member("+4915100000001", "alice").await;
    first.hang_up().await;
    let key = belfry_wire::noise::StaticKey::new([0x61; 32]);
    let mut client = world.open(Channel::NoiseXx, Framing::Sync, Some(&key)).await;
    client.login(&credentials.token).await.expect("logged in");
    let began = Instant::now();
    client.write_raw(&[0xFF, 0xFF, 1, 2, 3]).await;
    assert_eq!(client.sent_away().await.code, "idle");
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_for_thirty_seconds_is_cut() {
    let world = World::new();
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    let big = "x".repeat(16_000);
    for n in 0..50 {
        alice.say("alice@localhost", &format!("m-{n}"), &big).await.expect("stored");
    }
    let began = Instant::now();
    alice.seq += 1;
    let all = v1::SyncRequest { subscribe: true, ..v1::SyncRequest::default() };
    alice.send(operation::SYNC, alice.seq, all.encode_to_vec().into()).await;
    let served = alice.served.take().expect("served");
    assert!(matches!(served.await.expect("ends"), Outcome::Lost(Broken::Stalled)));
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn requests_are_no_longer_read_while_their_answers_are_not() {
    let world = World::new();
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    let request = text_to("alice@localhost", "m", &"x".repeat(1_000)).encode_to_vec();
    let mut written = 0_usize;
    // Nothing is read of the answers: sooner or later the server takes no more requests.
    let held_back = loop {
        alice.seq += 1;
        let frame = alice.sealed(operation::SEND, alice.seq, request.clone().into());
        written += frame.len();
        if tokio::time::timeout(Duration::from_secs(5), alice.write_raw(&frame)).await.is_err() {
            break true;
        }
        if written > 64 << 20 {
            break false;
        }
    };
    assert!(held_back, "64 MiB of requests were taken from a client that reads no answers");
}

#[tokio::test(start_paused = true)]
async fn whoever_was_told_to_try_later_is_read_again_after_a_second_and_told_what_is_new_meanwhile() {
    let world = World::with(|settings| settings.lobby.participants_max = 0);
    let (mut alice, _) = world.member("+4915100000001", "alice").await;
    let (mut bob, _) = world.member("+4915100000002", "bob").await;
    alice.sync(None, true).await;
    let join = v1::LobbyJoinRequest { name: "Alice".into() };
    let began = Instant::now();
    let refused = alice.ask::<_, v1::LobbyJoinReply>(operation::LOBBY_JOIN, &join).await.expect_err("it is full");
    assert_eq!(refused.code, "try_later");
    alice.seq += 1;
    alice.send(operation::HEARTBEAT, alice.seq, Bytes::new()).await;
    bob.say("alice@localhost", "1", "hello").await.expect("stored");
    assert_eq!(alice.notified().await.events.len(), 1);
    assert_eq!(began.elapsed(), Duration::ZERO, "what is new does not wait");
    assert_eq!(alice.frame().await.expect("answered").operation, operation::HEARTBEAT);
    assert_eq!(began.elapsed(), TRY_LATER_REST);
}
