//! The head watch: looks at the heads of requests as they come off the socket, before the HTTP parser.
//!
//! Bytes come in and go on. Where a head could mean two things to two parsers (a line that ends in a bare line feed, a
//! length given twice, a length and a transfer coding), a byte of it is spoiled, so that the parser refuses the request
//! and closes. Invariant: what passes ends where every parser says that it ends.
//!
//! The parser takes a bare line feed for a line's end and lets a transfer coding win over a length; a proxy in front
//! may do otherwise, and then one request is two.

/// What the parser refuses anywhere in a head.
const SPOILED: u8 = 0;

/// Longest beginning of a line that is kept to know its name and value: longer ones are no length.
const LINE_BYTES_MAX: usize = 64;

/// Where in the stream of requests the next byte is.
#[derive(Debug)]
pub(crate) struct HeadWatch {
    state: State,
    line: Vec<u8>,
    line_is_long: bool,
    last: u8,
    head: Head,
}

#[derive(Debug, Eq, PartialEq)]
enum State {
    /// In a request's head, or before it.
    Head,
    /// In a body of so many more bytes.
    Body(u64),
    /// After a transfer coding: it is refused, and no further request is served.
    Over,
    /// After a request to upgrade: what follows is no HTTP, or is not served.
    Upgraded,
}

/// What is known of the head so far.
#[derive(Debug, Default)]
struct Head {
    lines: usize,
    lengths: usize,
    length: u64,
    length_is_wrong: bool,
    coded: bool,
    upgrade: bool,
}

impl HeadWatch {
    pub(crate) fn new() -> HeadWatch {
        HeadWatch { state: State::Head, line: Vec::new(), line_is_long: false, last: 0, head: Head::default() }
    }

    /// Looks at bytes that have just arrived, and spoils what must not be understood. Leaves how many of them
    /// came after a request to upgrade.
    pub(crate) fn look(&mut self, bytes: &mut [u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            match &mut self.state {
                State::Over => return 0,
                State::Upgraded => return bytes.len() - at,
                State::Body(left) => {
                    let skipped = (*left).min((bytes.len() - at) as u64);
                    *left -= skipped;
                    at += skipped as usize;
                    if *left == 0 {
                        self.state = State::Head;
                    }
                }
                State::Head => {
                    if bytes[at] == b'\n' && !self.line_ends() {
                        bytes[at] = SPOILED;
                        self.state = State::Over;
                        return 0;
                    }
                    self.take(bytes[at]);
                    at += 1;
                }
            }
        }
        0
    }

    fn take(&mut self, byte: u8) {
        self.last = byte;
        match byte {
            b'\n' => {}
            _ if self.line.len() < LINE_BYTES_MAX => self.line.push(byte),
            _ => self.line_is_long = true,
        }
    }

    /// A line feed has come: whether the head may go on.
    fn line_ends(&mut self) -> bool {
        if self.last != b'\r' {
            return false;
        }
        let mut line = std::mem::take(&mut self.line);
        let long = std::mem::take(&mut self.line_is_long);
        if !long {
            line.pop();
        }
        let fine = if line.is_empty() { self.head_ends() } else { self.head.line(&line, long) };
        line.clear();
        self.line = line;
        fine
    }

    fn head_ends(&mut self) -> bool {
        // RFC 9112 §2.2: empty lines before a request are skipped.
        if self.head.lines == 0 {
            return true;
        }
        let head = std::mem::take(&mut self.head);
        if head.lengths > 1 || head.length_is_wrong || (head.coded && head.lengths > 0) {
            return false;
        }
        self.state = match head.length {
            _ if head.coded => State::Over,
            _ if head.upgrade => State::Upgraded,
            0 => State::Head,
            length => State::Body(length),
        };
        true
    }
}

impl Head {
    fn line(&mut self, line: &[u8], long: bool) -> bool {
        self.lines += 1;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return true };
        if self.lines == 1 {
            return true;
        }
        let name = &line[..colon];
        if name.eq_ignore_ascii_case(b"content-length") {
            self.lengths += 1;
            let digits = line[colon + 1..].trim_ascii();
            let number = std::str::from_utf8(digits).ok().and_then(|text| text.parse::<u64>().ok());
            let plain = !long && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            self.length_is_wrong |= !plain || number.is_none();
            self.length = number.unwrap_or(0);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.coded = true;
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.upgrade = true;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether bytes pass unchanged, whole and byte by byte.
    fn passes(bytes: &[u8]) -> bool {
        let mut whole = bytes.to_vec();
        HeadWatch::new().look(&mut whole);
        let mut watch = HeadWatch::new();
        let mut chopped = Vec::new();
        for byte in bytes {
            let mut one = [*byte];
            watch.look(&mut one);
            chopped.push(one[0]);
        }
        assert_eq!(whole, chopped, "chopping makes no difference");
        whole == bytes
    }

    #[test]
    fn requests_in_a_row_pass() {
        assert!(passes(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(passes(b"\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        let long = format!("GET / HTTP/1.1\r\nCookie: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(5_000));
        assert!(passes(long.as_bytes()));
    }

    #[test]
    fn a_bare_line_feed_is_spoiled_wherever_a_head_has_it() {
        assert!(!passes(b"GET / HTTP/1.1\nHost: a\r\n\r\n"));
        assert!(!passes(b"GET / HTTP/1.1\r\nHost: a\n\r\n"));
        assert!(!passes(b"GET / HTTP/1.1\r\nHost: a\r\n\n"));
        assert!(!passes(b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(!passes(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\nHost: a\r\n\r\n"));
    }

    #[test]
    fn a_length_is_given_once_in_digits() {
        let with = |lines: &str| passes(format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n").as_bytes());
        assert!(with("Content-Length: 0\r\n"));
        assert!(with("content-LENGTH:0 \r\n"));
        assert!(!with("Content-Length: 0\r\nContent-Length: 0\r\n"));
        assert!(!with("Content-Length: +0\r\n"));
        assert!(!with("Content-Length: -0\r\n"));
        assert!(!with("Content-Length: 0, 0\r\n"));
        assert!(!with("Content-Length: 0x0\r\n"));
        assert!(!with("Content-Length:\r\n"));
        assert!(!with("Content-Length: 99999999999999999999\r\n"));
        assert!(!with(&format!("Content-Length: {}\r\n", "0".repeat(100))));
        assert!(!with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"));
        assert!(!with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"));
        assert!(with("Transfer-Encoding: chunked\r\n"));
    }

    #[test]
    fn after_an_upgrade_nothing_is_looked_at() {
        assert!(passes(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x81\n\n\n"));
    }
}
