//! The code of a link: what stands in the QR code that a new device shows.
//!
//! A text comes in, what it says leaves, and the other way round. The form is in docs/protocol.md, "Linking a device".
//! Invariant: the code holds nothing that is secret; who has seen it can ask for the new device on an account of their
//! own, no more.

use std::fmt;
use std::fmt::Write as _;

use belfry_domain::{Code, Refusal};
use sha2::{Digest, Sha256};

const PREFIX: &str = "belfry://link?";

const VERSION: &str = "1";

/// Longest text that is read: a code has some 200 characters, the longest domain percent-encoded 760.
const CODE_BYTES_MAX: usize = 1_024;

/// The number of a link: 128 random bits.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LinkId(pub [u8; 16]);

impl LinkId {
    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<LinkId> {
        unhex(text).map(LinkId)
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What a code says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Payload {
    pub(super) id: LinkId,
    /// SHA-256 of the new device's Noise key.
    pub(super) key_hash: Option<[u8; 32]>,
}

/// The text of a code.
pub(super) fn write(id: LinkId, domain: &str, noise_key: Option<&[u8; 32]>) -> String {
    let mut text = format!("{PREFIX}v={VERSION}&id={id}&server={}", encoded(domain));
    if let Some(noise_key) = noise_key {
        text += "&key=";
        text += &hex(&key_hash(noise_key));
    }
    text
}

/// SHA-256 of a key, as it stands in the code.
pub(super) fn key_hash(noise_key: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(noise_key).into()
}

/// Reads the text of a code, or the number alone. Errors: `bad_request` for what is no code, or one of another server
/// than that of `domain`.
pub(super) fn read(text: &str, domain: &str) -> Result<Payload, Refusal> {
    let text = text.trim();
    if let Some(id) = LinkId::parse(text) {
        return Ok(Payload { id, key_hash: None });
    }
    let fields = text.strip_prefix(PREFIX).filter(|_| text.len() <= CODE_BYTES_MAX).ok_or_else(no_code)?;
    let (mut version, mut id, mut server, mut key) = (None, None, None, None);
    for field in fields.split('&') {
        let (name, value) = field.split_once('=').ok_or_else(no_code)?;
        let place = match name {
            "v" => &mut version,
            "id" => &mut id,
            "server" => &mut server,
            "key" => &mut key,
            _ => continue, // of a later version
        };
        if place.replace(value).is_some() {
            return Err(no_code());
        }
    }
    if version != Some(VERSION) {
        return Err(refused("This code is of a newer kind than this server knows."));
    }
    if !server.ok_or_else(no_code)?.eq_ignore_ascii_case(&encoded(domain)) {
        return Err(refused(format!("This code is of another server than {domain}: link the device to this one.")));
    }
    let key_hash = key.map(|key| unhex(key).ok_or_else(no_code)).transpose()?;
    Ok(Payload { id: id.and_then(LinkId::parse).ok_or_else(no_code)?, key_hash })
}

fn no_code() -> Refusal {
    refused("This is not a code for linking a device: read the one that the new device shows.")
}

fn refused(why: impl Into<String>) -> Refusal {
    Refusal::new(Code::BadRequest, why)
}

/// What is not unreserved in a URI is percent-encoded (RFC 3986 §2.1).
fn encoded(domain: &str) -> String {
    domain.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a String grows");
        }
        text
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: LinkId = LinkId([0xAB; 16]);

    #[test]
    fn a_code_says_what_was_written_into_it() {
        for (domain, key) in [("example.org", None), ("bücher.example", Some([7; 32])), ("[::1]", Some([0; 32]))] {
            let text = write(ID, domain, key.as_ref());
            assert!(text.is_ascii() && text.starts_with("belfry://link?v=1&id=abab"), "{text}");
            let read = read(&format!(" {text}\n"), domain).expect("it is a code");
            assert_eq!(read, Payload { id: ID, key_hash: key.as_ref().map(key_hash) });
        }
        assert_eq!(read(&ID.to_string(), "x").expect("a number").id, ID);
    }

    #[test]
    fn what_is_no_code_is_refused_with_what_to_do() {
        let fine = write(ID, "example.org", Some(&[7; 32]));
        for text in [
            "",
            "belfry://link?",
            "belfry://link?v=1",
            "https://example.org/",
            &"é".repeat(32),
            &fine.replace("v=1", "v=2"),
            &fine.replace("example.org", "example.net"),
            &fine.replace("id=ab", "id=zz"),
            &fine.replace("key=", "key=0"),
            &format!("{fine}&id={ID}"),
            &format!("{fine}&{}", "x=1&".repeat(1_000)),
        ] {
            let refusal = read(text, "example.org").expect_err(text);
            assert_eq!(refusal.code, Code::BadRequest);
            assert!(refusal.message.len() > 30);
        }
        read(&format!("{fine}&later=1"), "example.org").expect("what a later version adds is skipped");
    }
}
