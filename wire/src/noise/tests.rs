//! Tests of the secure channel: exact bytes with fixed keys, and what happens to bytes that were touched.

use super::*;

const PREAMBLE_XX: [u8; 8] = [0xBE, 0x4C, 0x46, 0x59, 1, 1, 1, 1];
const PREAMBLE_IK: [u8; 8] = [0xBE, 0x4C, 0x46, 0x59, 1, 2, 1, 1];
const ANSWER: [u8; 8] = [0xBE, 0x4C, 0x46, 0x59, 0, 1, 1, 1];

fn client_key() -> StaticKey {
    StaticKey::new([0x11; 32])
}

fn server_key() -> StaticKey {
    StaticKey::new([0x22; 32])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pair(pattern: Pattern) -> (Handshake, Handshake) {
    let preamble = if pattern == Pattern::Xx { PREAMBLE_XX } else { PREAMBLE_IK };
    let prologue = prologue(&preamble, &ANSWER);
    let server = *server_key().public();
    let known = (pattern == Pattern::Ik).then_some(&server);
    (
        Handshake::build(pattern, &client_key(), &prologue, Role::Initiator(known), Some(&[0x33; 32])).expect("built"),
        Handshake::build(pattern, &server_key(), &prologue, Role::Responder, Some(&[0x44; 32])).expect("built"),
    )
}

/// Runs both sides to the end; gives every message with its length, in the order sent.
fn shake(client: &mut Handshake, server: &mut Handshake) -> Vec<BytesMut> {
    let (mut messages, mut to_client) = (Vec::new(), BytesMut::new());
    loop {
        let mut to_server = BytesMut::new();
        let client_step = client.advance(&mut to_client, &mut to_server).expect("genuine");
        messages.extend((!to_server.is_empty()).then(|| to_server.clone()));
        let server_step = server.advance(&mut to_server, &mut to_client).expect("genuine");
        messages.extend((!to_client.is_empty()).then(|| to_client.clone()));
        if (client_step, server_step) == (Step::Done, Step::Done) {
            return messages;
        }
    }
}

fn channel(pattern: Pattern) -> (Transport, Transport) {
    let (mut client, mut server) = pair(pattern);
    shake(&mut client, &mut server);
    (client.into_transport().expect("done"), server.into_transport().expect("done"))
}

#[test]
fn public_keys_are_those_of_rfc_7748() {
    let private = [
        0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c,
        0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
    ];
    let public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
    assert_eq!(hex(StaticKey::new(private).public()), public);
}

/// The same bytes stand in docs/protocol.md, "Golden vectors", whose test reads the same file.
#[test]
fn fixed_keys_give_the_golden_vectors() {
    let mut made = String::new();
    for (pattern, name) in [(Pattern::Xx, "xx"), (Pattern::Ik, "ik")] {
        let (mut client, mut server) = pair(pattern);
        for (number, message) in shake(&mut client, &mut server).iter().enumerate() {
            made += &format!("{name} message {} = {}\n", number + 1, hex(message));
        }
        let (mut client, mut server) = (client.into_transport().expect("done"), server.into_transport().expect("done"));
        let heartbeat = [0, 0, 0, 16, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1];
        for (from, side) in [(&mut client, "client"), (&mut server, "server")] {
            let mut record = BytesMut::new();
            from.seal(&heartbeat, &mut record).expect("sealed");
            made += &format!("{name} first record of the {side} = {}\n", hex(&record));
        }
    }
    assert_eq!(made, include_str!("../../vectors/noise.txt"), "{made}");
}

#[test]
fn each_side_learns_the_key_of_the_other() {
    for pattern in [Pattern::Xx, Pattern::Ik] {
        let (client, server) = channel(pattern);
        assert_eq!(client.remote_static(), server_key().public());
        assert_eq!(server.remote_static(), client_key().public());
    }
}

#[test]
fn what_is_sealed_is_opened_at_every_chopping() {
    let plain: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    for chop in [1, 7, 70_000, 300_000] {
        let (mut client, mut server) = channel(Pattern::Xx);
        let mut sealed = BytesMut::new();
        client.seal(&plain, &mut sealed).expect("sealed");
        let (mut arrived, mut opened) = (BytesMut::new(), BytesMut::new());
        for piece in sealed.chunks(chop) {
            arrived.extend_from_slice(piece);
            while server.open(&mut arrived, &mut opened).expect("genuine") == Progress::Opened {}
        }
        assert_eq!(&opened[..], plain);
        assert!(arrived.is_empty());
    }
}

#[test]
fn a_bit_flipped_anywhere_in_a_handshake_ends_it() {
    for pattern in [Pattern::Xx, Pattern::Ik] {
        let (mut client, mut server) = pair(pattern);
        let count = shake(&mut client, &mut server).len();
        let bytes = pattern.messages().iter().map(|length| length + LENGTH_BYTES);
        for (message, length) in bytes.enumerate() {
            for at in 0..length {
                assert!(flipped_handshake_fails(pattern, message, at), "{pattern:?} {message} of {count}, byte {at}");
            }
        }
    }
}

/// A flip in a first message that is a bare key shows only in the answer, so both sides are run to the end.
fn flipped_handshake_fails(pattern: Pattern, message: usize, at: usize) -> bool {
    let (mut client, mut server) = pair(pattern);
    let mut to_client = BytesMut::new();
    for round in 0.. {
        let mut to_server = BytesMut::new();
        match client.advance(&mut to_client, &mut to_server) {
            Err(_) => return true,
            Ok(Step::Done) if to_server.is_empty() => return false,
            Ok(_) => {}
        }
        if message == 2 * round {
            to_server[at] ^= 1;
        }
        let step = server.advance(&mut to_server, &mut to_client);
        match step {
            Err(_) => return true,
            Ok(Step::NeedMore) if to_client.is_empty() => return true, // waits for bytes that never come: cut by time
            Ok(Step::Done) if to_client.is_empty() => return false,
            Ok(_) => {}
        }
        if message == 2 * round + 1 {
            to_client[at] ^= 1;
        }
    }
    false
}

#[test]
fn another_prologue_ends_the_handshake() {
    let mut other = PREAMBLE_XX;
    other[7] = 9;
    let mut client = Handshake::initiator_xx(&client_key(), &prologue(&other, &ANSWER)).expect("built");
    let mut server = Handshake::responder(Pattern::Xx, &server_key(), &prologue(&PREAMBLE_XX, &ANSWER)).expect("built");
    let (mut to_client, mut to_server) = (BytesMut::new(), BytesMut::new());
    client.advance(&mut to_client, &mut to_server).expect("first message");
    server.advance(&mut to_server, &mut to_client).expect("second message");
    assert_eq!(client.advance(&mut to_client, &mut to_server), Err(NoiseError::NotGenuine));
    assert_eq!(client.advance(&mut to_client, &mut to_server), Err(NoiseError::Ended));
}

#[test]
fn keys_of_low_order_are_refused() {
    let mut order_eight = [0; 32];
    order_eight.copy_from_slice(&[
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ]);
    let mut one = [0; 32];
    one[0] = 1;
    for key in [[0; 32], one, order_eight] {
        let (_, mut server) = pair(Pattern::Xx);
        let mut first = BytesMut::from(&[0, 32][..]);
        first.extend_from_slice(&key);
        assert_eq!(server.advance(&mut first, &mut BytesMut::new()), Err(NoiseError::BadKey));

        let mut client = Handshake::initiator_ik(&client_key(), &key, &[]).expect("built");
        assert_eq!(client.advance(&mut BytesMut::new(), &mut BytesMut::new()), Err(NoiseError::BadKey));
    }
}

#[test]
fn a_payload_in_the_handshake_is_refused_by_its_length() {
    let (_, mut server) = pair(Pattern::Xx);
    let mut first = BytesMut::from(&[0, 33][..]);
    assert_eq!(server.advance(&mut first, &mut BytesMut::new()), Err(NoiseError::BadLength));
}

#[test]
fn a_record_that_was_touched_repeated_left_out_or_empty_ends_the_channel() {
    let sealed = |client: &mut Transport, plain: &[u8]| {
        let mut record = BytesMut::new();
        client.seal(plain, &mut record).expect("sealed");
        record
    };
    let (mut client, _) = channel(Pattern::Xx);
    let (first, second) = (sealed(&mut client, b"first"), sealed(&mut client, b"second"));
    for at in LENGTH_BYTES..first.len() {
        let (_, mut server) = channel(Pattern::Xx);
        let (mut touched, mut opened) = (first.clone(), BytesMut::new());
        touched[at] ^= 0x80;
        assert_eq!(server.open(&mut touched, &mut opened), Err(NoiseError::NotGenuine), "byte {at}");
        assert!(opened.is_empty());
        assert_eq!(server.open(&mut first.clone(), &mut opened), Err(NoiseError::Ended));
    }
    let (_, mut server) = channel(Pattern::Xx);
    server.open(&mut first.clone(), &mut BytesMut::new()).expect("genuine");
    assert_eq!(server.open(&mut first.clone(), &mut BytesMut::new()), Err(NoiseError::NotGenuine));
    let (_, mut server) = channel(Pattern::Xx);
    assert_eq!(server.open(&mut second.clone(), &mut BytesMut::new()), Err(NoiseError::NotGenuine));
    let (_, mut server) = channel(Pattern::Xx);
    assert_eq!(server.open(&mut BytesMut::from(&[0, 16][..]), &mut BytesMut::new()), Err(NoiseError::BadLength));
}

#[test]
fn a_key_is_never_printed() {
    assert_eq!(format!("{:?}", client_key()), "StaticKey(***)");
}
