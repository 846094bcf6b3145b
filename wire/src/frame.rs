//! Frames: cuts a byte stream into frames and writes them, in both framings of docs/protocol.md, "Frames".
//!
//! Bytes come in at any chopping; whole [`Frame`]s leave. Invariant: nothing is allocated for a length that a peer only
//! claims; the buffer grows with what has arrived.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Length of a header without extension fields, in both framings.
pub const HEADER_BYTES: usize = 16;

/// Version in the header of the first framing.
pub const FRAME_VERSION: u16 = 1;

/// Largest frame before login: every message of registration and login fits.
pub const FRAME_BYTES_MAX_BEFORE_LOGIN: usize = 4 * 1024;

/// Largest frame after login.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// Version in the header of the alternate framing.
pub const ALTERNATE_VERSION: u32 = 1;

/// Magic number in every header of the alternate framing: the four bytes with which the preamble starts.
pub const ALTERNATE_MAGIC: u32 = 0xBE4C_4659;

/// Bit of the alternate framing's command that says: an answer. The 16-byte header has no room for a sequence id there,
/// so the first four bytes of its body are the sequence id.
const ALTERNATE_SEQ_BYTES: usize = 4;

/// How headers are laid out; chosen by the preamble.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// `u32 packet_len, u16 head_len, u16 version, u32 operation, u32 seq_id`, body.
    Sync,
    /// `u32 version, u32 magic, u32 operation, u32 body_len`, then `u32 seq_id` and the body.
    Alternate,
}

/// One frame.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Frame {
    /// What is asked, answered or told.
    pub operation: u32,
    /// Pairs an answer with its request; 0 on what the server tells by itself.
    pub seq_id: u32,
    /// The message, as protobuf.
    pub body: Bytes,
}

/// Why bytes are no frame. The link is closed after any of these.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FrameError {
    /// The header contradicts itself.
    #[error("the frame's header is not valid")]
    BadFrame,
    /// The alternate framing's magic number is wrong: the stream is out of step.
    #[error("the frame's magic number is wrong")]
    BadMagic,
    /// The version in the header is not ours.
    #[error("the frame's version {0} is not supported")]
    UnsupportedVersion(u32),
    /// The length is over the limit.
    #[error("the frame is {claimed} bytes, the limit is {limit}")]
    FrameTooLarge {
        /// What the header says.
        claimed: u64,
        /// What holds now.
        limit: usize,
    },
}

impl Frame {
    /// Appends the frame's bytes.
    pub fn encode(&self, framing: Framing, out: &mut BytesMut) {
        encode_with(framing, self.operation, self.seq_id, self.body.len(), out, |out| out.put_slice(&self.body));
    }
}

/// Appends a frame whose body of `body_len` bytes is written by `body` straight into `out`.
pub fn encode_with(
    framing: Framing,
    operation: u32,
    seq_id: u32,
    body_len: usize,
    out: &mut BytesMut,
    body: impl FnOnce(&mut BytesMut),
) {
    match framing {
        Framing::Sync => {
            out.reserve(HEADER_BYTES + body_len);
            out.put_u32((HEADER_BYTES + body_len) as u32);
            out.put_u16(HEADER_BYTES as u16);
            out.put_u16(FRAME_VERSION);
            out.put_u32(operation);
            out.put_u32(seq_id);
        }
        Framing::Alternate => {
            out.reserve(HEADER_BYTES + ALTERNATE_SEQ_BYTES + body_len);
            out.put_u32(ALTERNATE_VERSION);
            out.put_u32(ALTERNATE_MAGIC);
            out.put_u32(operation);
            out.put_u32((ALTERNATE_SEQ_BYTES + body_len) as u32);
            out.put_u32(seq_id);
        }
    }
    let before = out.len();
    body(out);
    debug_assert_eq!(out.len() - before, body_len, "the body is as long as was said");
}

/// Cuts frames out of a growing buffer.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    framing: Framing,
    frame_bytes_max: usize,
}

impl Decoder {
    /// A decoder with the limit that holds before login.
    pub fn new(framing: Framing) -> Decoder {
        Decoder { framing, frame_bytes_max: FRAME_BYTES_MAX_BEFORE_LOGIN }
    }

    /// Which framing this cuts.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Another limit from the next frame on.
    pub fn set_frame_bytes_max(&mut self, bytes: usize) {
        self.frame_bytes_max = bytes;
    }

    /// Takes one frame off the front of `buffer`; `None`: it is not all there yet. A header is judged as soon as its
    /// fields are there, so a bad one never waits for its body.
    pub fn decode(&self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        match self.framing {
            Framing::Sync => self.decode_sync(buffer),
            Framing::Alternate => self.decode_alternate(buffer),
        }
    }

    fn decode_sync(&self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        let Some(packet_len) = peek_u32(buffer, 0) else { return Ok(None) };
        self.check_len(u64::from(packet_len))?;
        if (packet_len as usize) < HEADER_BYTES {
            return Err(FrameError::BadFrame);
        }
        let Some(lengths) = peek_u32(buffer, 4) else { return Ok(None) };
        let (head_len, version) = ((lengths >> 16) as usize, lengths & 0xFFFF);
        if head_len < HEADER_BYTES || head_len > packet_len as usize {
            return Err(FrameError::BadFrame);
        }
        if version != u32::from(FRAME_VERSION) {
            return Err(FrameError::UnsupportedVersion(version));
        }
        if buffer.len() < packet_len as usize {
            return Ok(None);
        }
        let mut packet = buffer.split_to(packet_len as usize).freeze();
        packet.advance(8);
        let operation = packet.get_u32();
        let seq_id = packet.get_u32();
        packet.advance(head_len - HEADER_BYTES); // fields of a later version; docs/protocol.md, "Frames"
        Ok(Some(Frame { operation, seq_id, body: packet }))
    }

    fn decode_alternate(&self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        let Some(version) = peek_u32(buffer, 0) else { return Ok(None) };
        let Some(magic) = peek_u32(buffer, 4) else { return Ok(None) };
        if magic != ALTERNATE_MAGIC {
            return Err(FrameError::BadMagic);
        }
        if version != ALTERNATE_VERSION {
            return Err(FrameError::UnsupportedVersion(version));
        }
        let Some(body_len) = peek_u32(buffer, 12) else { return Ok(None) };
        let packet_len = HEADER_BYTES as u64 + u64::from(body_len);
        self.check_len(packet_len)?;
        if (body_len as usize) < ALTERNATE_SEQ_BYTES {
            return Err(FrameError::BadFrame);
        }
        if (buffer.len() as u64) < packet_len {
            return Ok(None);
        }
        let mut packet = buffer.split_to(packet_len as usize).freeze();
        packet.advance(8);
        let operation = packet.get_u32();
        packet.advance(4);
        let seq_id = packet.get_u32();
        Ok(Some(Frame { operation, seq_id, body: packet }))
    }

    fn check_len(&self, claimed: u64) -> Result<(), FrameError> {
        let limit = self.frame_bytes_max;
        if claimed > limit as u64 { Err(FrameError::FrameTooLarge { claimed, limit }) } else { Ok(()) }
    }
}

fn peek_u32(buffer: &BytesMut, at: usize) -> Option<u32> {
    let bytes = buffer.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOTH: [Framing; 2] = [Framing::Sync, Framing::Alternate];

    fn decode_all(decoder: Decoder, bytes: &[u8]) -> Result<Vec<Frame>, FrameError> {
        let mut buffer = BytesMut::from(bytes);
        let mut frames = Vec::new();
        while let Some(frame) = decoder.decode(&mut buffer)? {
            frames.push(frame);
        }
        Ok(frames)
    }

    #[test]
    fn a_heartbeat_is_sixteen_bytes() {
        let mut out = BytesMut::new();
        Frame { operation: 2, seq_id: 7, body: Bytes::new() }.encode(Framing::Sync, &mut out);
        assert_eq!(&out[..], [0, 0, 0, 16, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7]);
    }

    #[test]
    fn the_surplus_of_a_longer_header_is_skipped() {
        let bytes = [
            0, 0, 0, 27, 0, 24, 0, 1, 0, 0, 0, 20, 0, 0, 0, 9, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 1, 2, 3,
        ];
        let frames = decode_all(Decoder::new(Framing::Sync), &bytes).expect("valid");
        assert_eq!(frames, [Frame { operation: 20, seq_id: 9, body: Bytes::from_static(&[1, 2, 3]) }]);
    }

    #[test]
    fn a_length_of_four_gibibytes_is_refused_from_its_four_bytes() {
        let refused = decode_all(Decoder::new(Framing::Sync), &[0xFF; 4]);
        assert_eq!(
            refused,
            Err(FrameError::FrameTooLarge { claimed: 0xFFFF_FFFF, limit: FRAME_BYTES_MAX_BEFORE_LOGIN })
        );
    }

    #[test]
    fn headers_that_contradict_themselves_are_bad_frames() {
        for bytes in [
            [0, 0, 0, 0, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7], // a length of nothing
            [0, 0, 0, 15, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7], // shorter than its header
            [0, 0, 0, 16, 0, 15, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7], // a header too short
            [0, 0, 0, 16, 0, 17, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7], // a header longer than the packet
        ] {
            assert_eq!(decode_all(Decoder::new(Framing::Sync), &bytes), Err(FrameError::BadFrame), "{bytes:?}");
        }
    }

    #[test]
    fn an_unknown_version_is_named() {
        let bytes = [0, 0, 0, 16, 0, 16, 0, 9, 0, 0, 0, 2, 0, 0, 0, 7];
        assert_eq!(decode_all(Decoder::new(Framing::Sync), &bytes), Err(FrameError::UnsupportedVersion(9)));
    }

    #[test]
    fn a_stream_of_the_alternate_framing_shifted_by_a_byte_is_found_within_one_frame() {
        let mut out = BytesMut::new();
        Frame { operation: 2, seq_id: 7, body: Bytes::new() }.encode(Framing::Alternate, &mut out);
        Frame { operation: 2, seq_id: 8, body: Bytes::new() }.encode(Framing::Alternate, &mut out);
        assert_eq!(decode_all(Decoder::new(Framing::Alternate), &out[1..]), Err(FrameError::BadMagic));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_at_every_chopping(
            frames in prop::collection::vec((any::<u32>(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..200)), 0..8),
            chop in 1_usize..40,
        ) {
            for framing in BOTH {
                let frames: Vec<Frame> = frames.iter()
                    .map(|(operation, seq_id, body)| Frame { operation: *operation, seq_id: *seq_id, body: body.clone().into() })
                    .collect();
                let mut bytes = BytesMut::new();
                for frame in &frames {
                    frame.encode(framing, &mut bytes);
                }
                let (decoder, mut buffer, mut decoded) = (Decoder::new(framing), BytesMut::new(), Vec::new());
                for piece in bytes.chunks(chop) {
                    buffer.extend_from_slice(piece);
                    while let Some(frame) = decoder.decode(&mut buffer).expect("valid") {
                        decoded.push(frame);
                    }
                }
                prop_assert_eq!(decoded, frames);
                prop_assert!(buffer.is_empty());
            }
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            for framing in BOTH {
                drop(decode_all(Decoder::new(framing), &bytes));
            }
        }
    }
}
