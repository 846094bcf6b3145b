//! What is fuzzed: each target takes any bytes and must neither panic nor hang, and holds what it says.
//!
//! Used by the fuzzer (`cargo +nightly fuzz run frame`) and, over the committed corpus, by an ordinary test.

use belfry_gate::convert::{Request, command};
use belfry_wire::noise::{Handshake, Pattern, StaticKey, prologue};
use belfry_wire::{Decoder, Framing, OPERATIONS, Preamble};
use bytes::{Bytes, BytesMut};

/// Frames in both framings: cut the same whether the bytes come at once or one by one.
pub(crate) fn frame(data: &[u8]) {
    for framing in [Framing::Sync, Framing::Alternate] {
        let whole = cut(framing, data, data.len().max(1));
        let chopped = cut(framing, data, 1);
        assert_eq!(whole, chopped, "chopping changes nothing");
    }
    if let Some(bytes) = data.first_chunk::<8>()
        && let Ok(preamble) = Preamble::decode(*bytes)
    {
        assert_eq!(preamble.encode(), *bytes, "a preamble has one spelling");
    }
}

fn cut(framing: Framing, data: &[u8], piece: usize) -> (Vec<belfry_wire::Frame>, Option<belfry_wire::FrameError>) {
    let decoder = Decoder::new(framing);
    let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
    for piece in data.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

/// The server's side of both handshakes: bytes of a client that has no key never make a channel by chance.
pub(crate) fn handshake(data: &[u8]) {
    let key = StaticKey::new([7; 32]);
    let preamble = [0xBE, 0x4C, 0x46, 0x59, 1, 1, 1, 1];
    for pattern in [Pattern::Xx, Pattern::Ik] {
        let Ok(mut server) = Handshake::responder(pattern, &key, &prologue(&preamble, &preamble)) else { return };
        let (mut input, mut out) = (BytesMut::new(), BytesMut::new());
        for piece in data.chunks(17) {
            input.extend_from_slice(piece);
            if server.advance(&mut input, &mut out).is_err() {
                break;
            }
        }
        assert!(out.len() <= 256, "an answer to a stranger is short");
    }
}

/// Bodies of all operations as protobuf: the first byte picks the operation.
pub(crate) fn protobuf(data: &[u8]) {
    if let Some((operation, body)) = pick(data)
        && let Ok(request) = Request::from_protobuf(operation, Bytes::copy_from_slice(body))
    {
        let _judged = command(request);
    }
}

/// Bodies of all operations as JSON: the first byte picks the operation.
pub(crate) fn json(data: &[u8]) {
    if let Some((operation, body)) = pick(data)
        && let Ok(request) = Request::from_json(operation, body)
    {
        let _judged = command(request);
    }
}

fn pick(data: &[u8]) -> Option<(u32, &[u8])> {
    let (first, body) = data.split_first()?;
    Some((OPERATIONS[usize::from(*first) % OPERATIONS.len()].number, body))
}
