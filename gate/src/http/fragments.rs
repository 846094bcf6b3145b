//! The fragment watch: looks at the frames of a WebSocket as they come off the socket, before its library.
//!
//! Bytes come in; whether they may go on leaves. The library bounds a message's size, but with the limit that holds
//! after login, and neither in how many pieces nor in what time it comes. Invariant: whoever has not said who it is
//! makes the server hold [`FIRST_BYTES_MAX`] at most, and a message that never ends ends the link.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use belfry_wire::frame::FRAME_BYTES_MAX_BEFORE_LOGIN;
use tokio::time::Instant;

/// Largest first message: it carries the login.
const FIRST_BYTES_MAX: u64 = FRAME_BYTES_MAX_BEFORE_LOGIN as u64;

/// Most pieces of one message. Browsers send one, libraries that stream some dozens.
const FRAGMENTS_MAX: u32 = 1024;

/// From a message's first piece to its last.
const MESSAGE_TIME: Duration = Duration::from_secs(30);

/// Longest header of a frame: two bytes, a length of eight, a mask of four. RFC 6455 §5.2.
const HEADER_BYTES_MAX: usize = 14;

/// How large the messages of a WebSocket may be; whoever speaks over it may say. Unless it does, the first message has at
/// most 4 KiB, and the library bounds the rest.
#[derive(Clone, Debug, Default)]
pub struct MessageLimit(Arc<AtomicUsize>);

impl MessageLimit {
    /// At most so many bytes a message from now on; 0: as if nobody had said anything.
    pub fn set(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    fn of(&self, first: bool) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            0 if first => FIRST_BYTES_MAX,
            0 => u64::MAX,
            bytes => bytes as u64,
        }
    }
}

/// A message that has begun.
#[derive(Debug)]
struct Begun {
    fragments: u32,
    bytes: u64,
    at: Instant,
}

/// Where in the stream of frames the next byte is.
#[derive(Debug, Default)]
pub(crate) struct FragmentWatch {
    header: [u8; HEADER_BYTES_MAX],
    header_bytes: usize,
    payload_left: u64,
    begun: Option<Begun>,
    /// A whole message was seen.
    met: bool,
    limit: MessageLimit,
}

impl FragmentWatch {
    /// Of a connection whose messages may be so large.
    pub(crate) fn new(limit: MessageLimit) -> FragmentWatch {
        FragmentWatch { limit, ..FragmentWatch::default() }
    }

    /// Looks at bytes that have just arrived: whether the link may go on.
    pub(crate) fn look(&mut self, mut bytes: &[u8]) -> bool {
        if !bytes.is_empty() && self.begun.as_ref().is_some_and(|begun| begun.at.elapsed() > MESSAGE_TIME) {
            return false;
        }
        while let Some((byte, rest)) = bytes.split_first() {
            if self.payload_left > 0 {
                let skipped = usize::try_from(self.payload_left).unwrap_or(usize::MAX).min(bytes.len());
                self.payload_left -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.header[self.header_bytes] = *byte;
            self.header_bytes += 1;
            bytes = rest;
            if self.header_bytes == self.header_needs() {
                self.header_bytes = 0;
                if !self.frame() {
                    return false;
                }
            }
        }
        true
    }

    /// Bytes of this header, as far as can be known.
    fn header_needs(&self) -> usize {
        if self.header_bytes < 2 {
            return 2;
        }
        let mask = if self.header[1] & 0x80 == 0 { 0 } else { 4 };
        let length = match self.header[1] & 0x7F {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        2 + length + mask
    }

    /// A header is whole.
    fn frame(&mut self) -> bool {
        let [first, second, long @ ..] = self.header;
        let length = match second & 0x7F {
            126 => u64::from(u16::from_be_bytes([long[0], long[1]])),
            127 => long[..8].iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
            short => u64::from(short),
        };
        self.payload_left = length;
        // Control frames may come between the pieces of a message; the library bounds them.
        if first & 0x08 != 0 {
            return true;
        }
        let begun = self.begun.get_or_insert_with(|| Begun { fragments: 0, bytes: 0, at: Instant::now() });
        begun.fragments += 1;
        begun.bytes = begun.bytes.saturating_add(length);
        if begun.fragments > FRAGMENTS_MAX || begun.bytes > self.limit.of(!self.met) {
            return false;
        }
        if first & 0x80 != 0 {
            (self.begun, self.met) = (None, true);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, length: u16) -> Vec<u8> {
        let mut frame = vec![first, 0x80 | 126];
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&vec![0xFF; 4 + usize::from(length)]);
        frame
    }

    #[tokio::test]
    async fn ordinary_messages_go_on_however_they_are_chopped() {
        let stream =
            [frame(0x82, 4096), frame(0x02, 60_000), frame(0x89, 5), frame(0x80, 60_000), frame(0x82, 0)].concat();
        assert!(FragmentWatch::default().look(&stream));
        let mut watch = FragmentWatch::default();
        assert!(stream.iter().all(|byte| watch.look(&[*byte])));
        assert!(watch.met && watch.begun.is_none() && watch.payload_left == 0 && watch.header_bytes == 0);
    }

    #[tokio::test]
    async fn the_first_message_is_small_in_one_piece_or_many() {
        assert!(!FragmentWatch::default().look(&frame(0x82, 4097)));
        assert!(
            !FragmentWatch::default().look(&[0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        );
        let mut watch = FragmentWatch::default();
        assert!(watch.look(&frame(0x02, 4000)));
        assert!(!watch.look(&frame(0x00, 97)));
    }

    #[tokio::test]
    async fn whoever_speaks_may_say_how_large_messages_are_and_say_otherwise_later() {
        let limit = MessageLimit::default();
        let mut watch = FragmentWatch::new(limit.clone());
        limit.set(5_000);
        assert!(watch.look(&frame(0x82, 5_000)) && watch.look(&frame(0x82, 5_000)));
        limit.set(6_000);
        assert!(watch.look(&frame(0x82, 6_000)));
        assert!(!watch.look(&frame(0x82, 6_001)));
    }

    #[tokio::test]
    async fn a_message_in_too_many_pieces_ends_the_link() {
        let mut watch = FragmentWatch::default();
        assert!(watch.look(&frame(0x02, 0)));
        assert!((1..FRAGMENTS_MAX).all(|_| watch.look(&frame(0x00, 0))));
        assert!(!watch.look(&frame(0x00, 0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_takes_too_long_ends_the_link() {
        let mut watch = FragmentWatch::default();
        assert!(watch.look(&frame(0x02, 1)));
        tokio::time::advance(MESSAGE_TIME).await;
        assert!(watch.look(&frame(0x89, 1)));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!watch.look(&frame(0x80, 1)));
    }
}
