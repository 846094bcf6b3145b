//! Preamble, headers, SeqIds and operations.

use belfry_gate::{Outcome, Trust};
use belfry_wire::{Channel, Framing, PreambleAnswer, PreambleStatus, operation, v1};
use bytes::{Bytes, BytesMut};
use prost::Message;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{World, text_to};

#[tokio::test]
async fn the_same_requests_do_the_same_through_both_framings() {
    for framing in [Framing::Sync, Framing::Alternate] {
        let world = World::new();
        let mut client = world.open(Channel::Bare, framing, None).await;
        let credentials = world.register(&mut client, "+4915100000001", "alice").await;
        let login = client.login(&credentials.token).await.expect("logged in");
        assert_eq!((login.address.as_str(), login.guest), ("alice@localhost", false));
        assert_eq!((login.idle_ms, login.frame_bytes_max, login.inline_bytes_max), (600_000, 1 << 20, 64 << 10));
        let sent = client.say("alice@localhost", "m-1", "to myself").await.expect("stored");
        assert_eq!(sent.cseq, 1);
    }
}

#[tokio::test]
async fn a_heartbeat_is_answered_by_its_sixteen_bytes() {
    let world = World::new();
    let mut client = world.bare().await;
    let heartbeat = [0, 0, 0, 16, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1];
    client.write_raw(&heartbeat).await;
    assert_eq!(client.read_raw_exact(16).await, heartbeat);
}

#[tokio::test]
async fn the_surplus_of_a_header_of_twenty_four_bytes_is_skipped() {
    let world = World::new();
    let (mut client, _) = world.member("+4915100000001", "alice").await;
    let body = v1::AccountExistsRequest { address: "alice@localhost".into() }.encode_to_vec();
    let mut bytes = BytesMut::new();
    bytes.extend_from_slice(&(24 + body.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&[0, 24, 0, 1, 0, 0, 0, 30, 0, 0, 0, 99, 1, 2, 3, 4, 5, 6, 7, 8]);
    bytes.extend_from_slice(&body);
    client.write_raw(&bytes).await;
    let frame = client.frame().await.expect("an answer");
    assert_eq!((frame.operation, frame.seq_id), (operation::ACCOUNT_EXISTS, 99));
    assert!(v1::AccountExistsReply::decode(frame.body).expect("an answer").exists);
}

#[tokio::test]
async fn what_is_no_preamble_gets_eight_bytes_and_the_end() {
    use PreambleStatus::{BadFrame, BadMagic, Forbidden, UnsupportedVersion};
    let magic = |rest: [u8; 4]| [&[0xBE, 0x4C, 0x46, 0x59][..], &rest].concat();
    let mut shifted = magic([1, 0, 1, 1]);
    shifted.remove(0);
    for (trust, said, status) in [
        (Trust::Bare, b"GET / HTTP/1.1\r\n\r\n".to_vec(), BadMagic),
        (Trust::Bare, b"SSH-2.0-x\r\n".to_vec(), BadMagic),
        (Trust::Bare, vec![0], BadMagic),
        (Trust::Bare, shifted, BadMagic),
        (Trust::Bare, magic([3, 0, 1, 1]), BadFrame),
        (Trust::Bare, magic([1, 9, 1, 1]), BadFrame),
        (Trust::Bare, magic([1, 0, 2, 1]), BadFrame),
        (Trust::Bare, magic([1, 0, 0, 0]), UnsupportedVersion),
        (Trust::Bare, magic([1, 0, 2, 255]), UnsupportedVersion),
        (Trust::NoiseOnly, magic([1, 0, 1, 1]), Forbidden),
    ] {
        let world = World::new();
        let (mut io, served) = world.dial(trust);
        io.write_all(&said).await.expect("taken");
        let mut answer = Vec::new();
        io.read_to_end(&mut answer).await.expect("an end");
        let bytes = answer.as_slice().try_into().expect("eight bytes");
        assert_eq!(
            PreambleAnswer::decode(bytes).expect("an answer"),
            PreambleAnswer { status, version: 0 },
            "{said:?}"
        );
        drop(io);
        assert!(matches!(served.await.expect("ends"), Outcome::Closed(_)));
        let bad_magic = world.engine.metrics().bad_magic.load(Ordering::Relaxed);
        assert_eq!(bad_magic, u64::from(status == BadMagic), "{said:?}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_frame_end_the_link_with_their_reason() {
    for (framing, bytes, code) in [
        (Framing::Sync, vec![0xFF; 4], "frame_too_large"),
        (Framing::Sync, vec![0, 0, 0x10, 1], "frame_too_large"), // 4,097: over the limit before login
        (Framing::Sync, vec![0; 16], "bad_frame"),
        (Framing::Sync, vec![0, 0, 0, 16, 0, 15, 0, 1], "bad_frame"),
        (Framing::Sync, vec![0, 0, 0, 16, 0, 16, 0, 9], "unsupported_version"),
        (Framing::Alternate, vec![0, 0, 0, 1, 0xBE, 0x4C, 0x46, 0x58], "bad_magic"),
        (Framing::Alternate, [vec![0, 0, 0, 1, 0xBE, 0x4C, 0x46, 0x59], vec![0xFF; 8]].concat(), "frame_too_large"),
    ] {
        let world = World::new();
        let mut client = world.open(Channel::Bare, framing, None).await;
        client.write_raw(&bytes).await;
        let why = client.sent_away().await;
        assert_eq!((why.code.as_str(), why.retry_after_ms), (code, 0), "{bytes:?}");
    }
}

#[tokio::test]
async fn what_stands_before_a_bad_frame_is_answered() {
    let world = World::new();
    let mut client = world.bare().await;
    let heartbeat = [0, 0, 0, 16, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1];
    client.write_raw(&[&heartbeat[..], &[0xFF; 4]].concat()).await;
    assert_eq!(client.frame().await.expect("the heartbeat").seq_id, 1);
    assert_eq!(client.sent_away().await.code, "frame_too_large");
}

#[tokio::test]
async fn a_seq_id_that_does_not_rise_is_an_error_and_the_link_stays() {
    let world = World::new();
    let mut client = world.bare().await;
    for (seq_id, fine) in [(0, false), (1, true), (1, false), (5, true), (4, false), (0, false), (u32::MAX, true)] {
        client.send(operation::HEARTBEAT, seq_id, Bytes::new()).await;
        let answer = client.frame().await.expect("an answer");
        assert_eq!(answer.seq_id, seq_id);
        assert_eq!(answer.operation, if fine { operation::HEARTBEAT } else { operation::ERROR });
        if !fine {
            assert_eq!(v1::Error::decode(answer.body).expect("an error").code, "bad_sequence");
        }
    }
}

#[tokio::test]
async fn unknown_operations_are_errors_and_the_twentieth_ends_the_link() {
    let world = World::new();
    let mut client = world.bare().await;
    for seq_id in 1..=20 {
        // What only the server says is nothing to ask for either.
        let number = if seq_id == 7 { operation::NOTIFY } else { 1_000 + seq_id };
        client.send(number, seq_id, Bytes::from_static(b"whatever")).await;
        let answer = client.frame().await.expect("an answer");
        assert_eq!((answer.operation, answer.seq_id), (operation::ERROR, seq_id));
        assert_eq!(v1::Error::decode(answer.body).expect("an error").code, "unknown_operation");
    }
    assert_eq!(client.sent_away().await.code, "unknown_operation");
}

#[tokio::test]
async fn a_thousand_pipelined_requests_are_all_answered() {
    let world = World::new();
    let (mut client, _) = world.member("+4915100000001", "alice").await;
    let mut bytes = BytesMut::new();
    for seq_id in 100..1_100 {
        let (number, body) = match seq_id % 4 {
            0 => (operation::HEARTBEAT, Vec::new()),
            1 => (operation::ACCOUNT_EXISTS, Vec::from(*b"\xFF\xFF")), // does not decode
            _ => (operation::SEND, text_to("alice@localhost", &format!("m-{seq_id}"), "x").encode_to_vec()),
        };
        bytes.extend_from_slice(&client.sealed(number, seq_id, body.into()));
    }
    client.write_raw(&bytes).await;
    let (mut last_cseq, mut answered) = (0, Vec::new());
    for _ in 0..1_000 {
        let frame = client.frame().await.expect("an answer");
        answered.push(frame.seq_id);
        match frame.seq_id % 4 {
            0 => assert_eq!(frame.operation, operation::HEARTBEAT),
            1 => assert_eq!(v1::Error::decode(frame.body).expect("an error").code, "bad_request"),
            _ => {
                let sent = v1::SendReply::decode(frame.body).expect("stored");
                assert_eq!(sent.cseq, last_cseq + 1, "messages are numbered in the order of the link");
                last_cseq = sent.cseq;
            }
        }
    }
    answered.sort_unstable();
    assert_eq!(answered, (100..1_100).collect::<Vec<u32>>());
}

/// What the server says to these bytes after the preamble, cut into pieces of so many bytes.
async fn replies(piece: usize) -> Vec<(u32, u32, Vec<u8>)> {
    let world = World::new();
    let (client, credentials) = world.member("+4915100000001", "alice").await;
    client.hang_up().await;
    let mut client = world.bare().await;
    let login = v1::LoginRequest { token: credentials.token, client: String::new() };
    let big = text_to("alice@localhost", "m-2", &"y".repeat(9_000)); // over the limit that held before the login
    let script: Vec<(u32, Vec<u8>)> = vec![
        (operation::HEARTBEAT, Vec::new()),
        (operation::LOGIN, login.encode_to_vec()),
        (operation::SEND, text_to("alice@localhost", "m-1", "x").encode_to_vec()),
        (operation::SEND, big.encode_to_vec()),
        (operation::SYNC, v1::SyncRequest { subscribe: true, ..v1::SyncRequest::default() }.encode_to_vec()),
        (77, Vec::new()),
        (operation::ACCOUNT_EXISTS, v1::AccountExistsRequest { address: "no address".into() }.encode_to_vec()),
        (operation::HEARTBEAT, Vec::new()),
    ];
    let count = script.len();
    let mut bytes = BytesMut::new();
    for (at, (number, body)) in script.into_iter().enumerate() {
        bytes.extend_from_slice(&client.sealed(number, at as u32 + 1, body.into()));
    }
    for piece in bytes.chunks(piece) {
        client.write_raw(piece).await;
        tokio::task::yield_now().await;
    }
    let mut replies = Vec::new();
    while replies.len() < count {
        let frame = client.frame().await.expect("an answer");
        replies.push((frame.operation, frame.seq_id, frame.body.to_vec()));
    }
    replies
}

#[tokio::test]
async fn the_same_bytes_get_the_same_answers_however_they_are_chopped() {
    let whole = replies(usize::MAX).await;
    assert_eq!(whole.len(), 8);
    for piece in [1, 2, 17, 1_000] {
        assert_eq!(replies(piece).await, whole, "pieces of {piece}");
    }
}
