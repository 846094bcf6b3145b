//! What a connection speaks, told by its first byte.
//!
//! Invariant: nothing is taken from the connection to find out; the byte is looked at and stays.

/// What the first byte of a connection says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speech {
    /// A letter, or anything else that HTTP will answer with an error.
    Http,
    /// The native protocol: its magic starts above ASCII.
    Native,
    /// A TLS handshake record.
    Tls,
    /// The `<` of XML.
    Xmpp,
}

impl Speech {
    /// Tells it.
    pub fn of(first: u8) -> Speech {
        match first {
            0x16 => Speech::Tls,
            b'<' => Speech::Xmpp,
            0x80.. => Speech::Native,
            _ => Speech::Http,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_is_told_by_its_first_byte() {
        assert_eq!(Speech::of(0x16), Speech::Tls);
        assert_eq!(Speech::of(belfry_wire_magic()), Speech::Native);
        assert_eq!(Speech::of(b"<stream:stream"[0]), Speech::Xmpp);
        for method in ["GET", "POST", "HEAD", "\r\n"] {
            assert_eq!(Speech::of(method.as_bytes()[0]), Speech::Http);
        }
    }

    /// The first byte of the native magic; the server does not know the frames themselves.
    fn belfry_wire_magic() -> u8 {
        0xBE
    }
}
