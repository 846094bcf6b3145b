//! Stamps: what a message of the load tool says about itself, in its text.
//!
//! A run, a pair, a number and the moment at which the message was meant to leave go into a text of a wished length and
//! come out of it at the other client. Invariant: a stamp is of characters that no door has to escape, and the text of
//! another run or of somebody else is no stamp.

/// How each of our texts begins.
const WORD: &str = "belfry-bench";

/// What fills a text up to its length.
const FILLING: &str = "x";

/// The shortest text that every stamp fits into.
pub const TEXT_BYTES_MIN: usize = 80;

/// What one message says about itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Stamp {
    /// The run it belongs to: what an earlier run has left at a server is not counted.
    pub run: u64,
    /// Which two clients talk.
    pub pair: u32,
    /// Which message of the pair, from 0.
    pub number: u32,
    /// When it was meant to leave, in nanoseconds since the worker's start.
    pub due_ns: u64,
}

impl Stamp {
    /// The text of the message, so many bytes long, or as long as it has to be.
    pub fn text(&self, bytes: usize) -> String {
        let mut text = format!("{WORD} {:x} {} {} {} ", self.run, self.pair, self.number, self.due_ns);
        text.push_str(&FILLING.repeat(bytes.saturating_sub(text.len())));
        text
    }

    /// The stamp that a text carries.
    pub fn read(text: &[u8]) -> Option<Stamp> {
        let text = std::str::from_utf8(text.get(..text.len().min(TEXT_BYTES_MIN))?).ok()?;
        let mut words = text.split(' ');
        if words.next()? != WORD {
            return None;
        }
        let run = u64::from_str_radix(words.next()?, 16).ok()?;
        let (pair, number) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let due_ns = words.next()?.parse().ok()?;
        // Without the end the last number may be half of one.
        words.next().map(|_| Stamp { run, pair, number, due_ns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { run: u64::MAX, pair: u32::MAX, number: u32::MAX, due_ns: u64::MAX / 1_000 };

    #[test]
    fn a_stamp_reads_back_from_a_text_of_the_wished_length() {
        for bytes in [0, TEXT_BYTES_MIN, 100, 65_536] {
            let text = STAMP.text(bytes);
            assert_eq!(Stamp::read(text.as_bytes()), Some(STAMP));
            assert_eq!(text.len(), bytes.max(STAMP.text(0).len()));
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ' || byte == b'-'));
        }
        assert!(STAMP.text(0).len() <= TEXT_BYTES_MIN);
    }

    #[test]
    fn what_others_write_is_no_stamp_and_neither_is_half_of_one() {
        let text = STAMP.text(0);
        for end in 0..text.len() - 1 {
            assert_eq!(Stamp::read(&text.as_bytes()[..end]), None, "{}", &text[..end]);
        }
        for other in [&b"hello"[..], b"belfry-bench 1 2 x 4 ", b"\xff\xfe", b""] {
            assert_eq!(Stamp::read(other), None);
        }
    }
}
