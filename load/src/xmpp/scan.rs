//! A scanner that finds where stanzas begin and end, and reads no more of them than the load tool wants to know.
//!
//! Bytes come in as the socket gives them; the stream's head, whole stanzas and the stream's end leave, as bytes. It trusts
//! that a server sends well-formed XML (a server under test is not hostile) but not that it stops: a stanza has a limit.
//! Invariant: each byte is looked at once, however small the pieces are.

use bytes::{Buf, Bytes, BytesMut};

/// A server that sends more for one stanza is left.
const STANZA_BYTES_MAX: usize = 1024 * 1024;

/// What was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Piece {
    /// The stream's start tag.
    Opened(Bytes),
    /// A whole element below the stream.
    Stanza(Bytes),
    /// The stream's end tag.
    Closed,
}

/// Why the bytes are no stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Broken {
    /// A stanza goes on for too long.
    TooLong,
    /// More was closed than opened.
    Unbalanced,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Broken::TooLong => "the server sends a stanza of more than 1 MiB",
            Broken::Unbalanced => "the server closes what it has not opened",
        })
    }
}

impl std::error::Error for Broken {}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Place {
    #[default]
    Text,
    /// Behind `<`.
    Begun,
    /// In a tag.
    Tag { closing: bool },
    /// In the value of an attribute.
    Quoted { by: u8 },
    /// Behind `<?`.
    Declared,
    /// Behind `<!`: of what starts so, streams may have CDATA sections only (RFC 6120 §11.1).
    Marked,
}

/// Where in a stream we are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scanner {
    /// Bytes of the input that were looked at.
    at: usize,
    /// Where the current tag began.
    tag: usize,
    /// Where the current piece began.
    piece: usize,
    depth: usize,
    place: Place,
}

impl Scanner {
    /// The next piece, taken out of the input; `None`: more bytes are needed.
    pub(crate) fn next(&mut self, input: &mut BytesMut) -> Result<Option<Piece>, Broken> {
        while let Some(&byte) = input.get(self.at) {
            self.at += 1;
            match self.place {
                Place::Text => {
                    if byte == b'<' {
                        self.tag = self.at - 1;
                        self.place = Place::Begun;
                    }
                }
                Place::Begun => {
                    self.place = match byte {
                        b'?' => Place::Declared,
                        b'!' => Place::Marked,
                        byte => Place::Tag { closing: byte == b'/' },
                    };
                    if self.depth <= 1 {
                        self.piece = self.tag;
                    }
                }
                Place::Tag { closing } => match byte {
                    b'"' | b'\'' => self.place = Place::Quoted { by: byte },
                    b'>' => {
                        self.place = Place::Text;
                        if let Some(piece) = self.tag_ended(closing, input)? {
                            return Ok(Some(piece));
                        }
                    }
                    _ => {}
                },
                Place::Quoted { by } if byte == by => self.place = Place::Tag { closing: false },
                Place::Declared if byte == b'>' => self.place = Place::Text,
                Place::Marked if byte == b'>' && input[..self.at].ends_with(b"]]>") => self.place = Place::Text,
                Place::Quoted { .. } | Place::Declared | Place::Marked => {}
            }
        }
        if self.depth <= 1 && self.place == Place::Text {
            input.clear(); // white space that keeps the connection
            self.at = 0;
        }
        if input.len() > STANZA_BYTES_MAX { Err(Broken::TooLong) } else { Ok(None) }
    }

    fn tag_ended(&mut self, closing: bool, input: &mut BytesMut) -> Result<Option<Piece>, Broken> {
        let empty = !closing && input[self.at - 2] == b'/';
        match (closing, empty) {
            (true, _) => self.depth = self.depth.checked_sub(1).ok_or(Broken::Unbalanced)?,
            (_, true) => {}
            _ => self.depth += 1,
        }
        let piece: fn(Bytes) -> Piece = match (self.depth, closing, empty) {
            (0, true, _) => |_| Piece::Closed,
            (1, false, false) | (0, _, true) => Piece::Opened,
            (1, ..) => Piece::Stanza,
            _ => return Ok(None),
        };
        let mut bytes = input.split_to(std::mem::take(&mut self.at)).freeze();
        bytes.advance(self.piece);
        Ok(Some(piece(bytes)))
    }
}

/// The name of an element, with its prefix if it has one.
pub(crate) fn name(element: &[u8]) -> &[u8] {
    let end = element.iter().position(|byte| b" />\t\r\n".contains(byte)).unwrap_or(element.len());
    element.get(1..end).unwrap_or_default()
}

/// The value of an attribute of the element itself, as it is written.
pub(crate) fn attribute<'a>(element: &'a [u8], wanted: &str) -> Option<&'a str> {
    let mut rest = element.get(1 + name(element).len()..)?;
    loop {
        let start = rest.iter().position(|byte| !b" \t\r\n".contains(byte))?;
        rest = &rest[start..];
        if rest.starts_with(b">") || rest.starts_with(b"/") {
            return None;
        }
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let quote = equals + 1 + rest[equals + 1..].iter().position(|byte| *byte == b'"' || *byte == b'\'')?;
        let end = quote + 1 + rest[quote + 1..].iter().position(|byte| *byte == rest[quote])?;
        if rest[..equals].trim_ascii() == wanted.as_bytes() {
            return std::str::from_utf8(&rest[quote + 1..end]).ok();
        }
        rest = &rest[end + 1..];
    }
}

/// The text in the first element with this name inside another one, as it is written.
pub(crate) fn text_of<'a>(element: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let mut from = 0;
    loop {
        let at = from + find(&element[from..], b"<")?;
        from = at + 1;
        let inner = &element[at..];
        if name(inner) == wanted.as_bytes() {
            let begin = find(inner, b">")? + 1;
            let end = begin + find(&inner[begin..], b"<")?;
            return Some(&inner[begin..end]);
        }
    }
}

/// Whether these bytes are somewhere in the element.
pub(crate) fn has(element: &[u8], wanted: &str) -> bool {
    find(element, wanted.as_bytes()).is_some()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "<?xml version='1.0'?>\n<stream:stream xmlns='jabber:client' from=\"a>b\" id='1'>\
        <stream:features><mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features> \n \
        <message from='a@b/c' type='chat' to='d'><body>1 &lt; 2</body><x a='</message>'/></message>\
        <presence/><a h='3' xmlns='urn:xmpp:sm:3'/>\
        <message><body><![CDATA[</message> ]] ]> ]]></body></message></stream:stream>";

    fn pieces(chunks: &[&[u8]]) -> Vec<Piece> {
        let (mut scanner, mut input, mut found) = (Scanner::default(), BytesMut::new(), Vec::new());
        for chunk in chunks {
            input.extend_from_slice(chunk);
            while let Some(piece) = scanner.next(&mut input).expect("it is a stream") {
                found.push(piece);
            }
        }
        found
    }

    #[test]
    fn the_same_pieces_are_found_however_the_bytes_are_cut() {
        let whole = pieces(&[STREAM.as_bytes()]);
        let shown: Vec<&[u8]> = whole
            .iter()
            .map(|piece| match piece {
                Piece::Opened(bytes) | Piece::Stanza(bytes) => name(bytes),
                Piece::Closed => b"end",
            })
            .collect();
        let expected: [&[u8]; 7] =
            [b"stream:stream", b"stream:features", b"message", b"presence", b"a", b"message", b"end"];
        assert_eq!(shown, expected);
        for size in 1..STREAM.len() {
            let chunks: Vec<&[u8]> = STREAM.as_bytes().chunks(size).collect();
            assert_eq!(pieces(&chunks), whole, "in pieces of {size}");
        }
    }

    #[test]
    fn attributes_and_texts_are_those_of_the_element_asked() {
        let message =
            b"<message from='a@b/c' type = \"chat\" id='x=\"y'><sub type='no' q='1'/><body a='1'>hi</body></message>";
        assert_eq!(attribute(message, "type"), Some("chat"));
        assert_eq!(attribute(message, "id"), Some("x=\"y"));
        assert_eq!(attribute(message, "q"), None, "it is another element's");
        assert_eq!(text_of(message, "body"), Some(&b"hi"[..]));
        assert_eq!(text_of(message, "bod"), None);
        assert_eq!(attribute(b"<r xmlns='u'/>", "h"), None);
        assert_eq!(name(b"<r/>"), b"r");
        assert!(has(message, "<sub") && !has(message, "<sup"));
    }

    #[test]
    fn white_space_between_stanzas_is_not_kept() {
        let (mut scanner, mut input) = (Scanner::default(), BytesMut::from("<s:s>"));
        assert!(matches!(scanner.next(&mut input), Ok(Some(Piece::Opened(_)))));
        for _ in 0..1_000 {
            input.extend_from_slice(b" \n");
            assert_eq!(scanner.next(&mut input), Ok(None));
        }
        assert!(input.is_empty());
    }

    #[test]
    fn what_never_ends_or_closes_too_much_is_an_error() {
        let mut input = BytesMut::from("<s:s><message><body>");
        let mut scanner = Scanner::default();
        assert!(matches!(scanner.next(&mut input), Ok(Some(_))));
        input.extend_from_slice(&vec![b'x'; STANZA_BYTES_MAX + 1]);
        assert_eq!(scanner.next(&mut input), Err(Broken::TooLong));
        assert_eq!(Scanner::default().next(&mut BytesMut::from("</a>")), Err(Broken::Unbalanced));
    }
}
