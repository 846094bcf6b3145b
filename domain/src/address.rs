//! Names: addresses of accounts (RFC 7622), phone numbers (E.164), names in the lobby (RFC 8266).
//!
//! Text from outside comes in, is prepared and held to its rules once, and leaves as a type that needs no further
//! check. Two texts that a person would take for the same name have the same [`skeleton`].

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use precis_profiles::precis_core::profile::PrecisFastInvocation;
use precis_profiles::{Nickname, UsernameCaseMapped};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::limits::ROOM_NAME_CHARS_MAX;

/// Longest local or domain part in bytes. RFC 7622 §3.2, §3.3.
pub const ADDRESS_PART_BYTES_MAX: usize = 1023;

/// Longest local part in characters that an account is given here: shorter than the RFC's, so that lists stay readable.
pub const LOCAL_CHARS_MAX: usize = 64;

/// The address of an account: `local@domain`, both parts prepared. Every message carries some: a copy copies no text.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Address {
    text: Arc<str>,
    /// Where the @ stands.
    at: usize,
}

/// Why a text is no address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// No part before an @, or more than one @.
    #[error("\"{0}\" is not an address: write NAME@DOMAIN")]
    Shape(String),
    /// A part that the rules of RFC 7622 do not allow.
    #[error(
        "\"{0}\" cannot be the name in an address: letters, digits and . - _ + are always fine, at most {LOCAL_CHARS_MAX} characters"
    )]
    Local(String),
    /// A domain that is none.
    #[error("\"{0}\" is not a domain")]
    Domain(String),
}

impl Address {
    /// Reads `local@domain`. A resource (`/…`) is refused: doors cut it off where their protocol has one.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let mut parts = text.split('@');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(local), Some(domain), None) if !local.is_empty() && !domain.is_empty() => Address::new(local, domain),
            _ => Err(AddressError::Shape(clip(text))),
        }
    }

    /// Prepares the two parts. RFC 7622 §3.3: the local part is a PRECIS UsernameCaseMapped string without `"&'/:<>@`.
    pub fn new(local: &str, domain: &str) -> Result<Address, AddressError> {
        let local: Cow<'_, str> = if is_prepared_local(local) { local.into() } else { prepare_local(local)?.into() };
        let domain = if is_prepared_domain(domain) { domain.into() } else { Cow::from(prepare_domain(domain)?) };
        Ok(Address { text: [&*local, "@", &*domain].concat().into(), at: local.len() })
    }

    /// The whole of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the @.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The part after the @.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

impl Ord for Address {
    /// By the part before the @, then by the other.
    fn cmp(&self, other: &Address) -> Ordering {
        (self.local(), self.domain()).cmp(&(other.local(), other.domain()))
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Address) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        Address::parse(text)
    }
}

/// Whether a local part is what preparing it would make of it: most are, and preparing costs more than a message may.
fn is_prepared_local(local: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'+');
    (1..=LOCAL_CHARS_MAX).contains(&local.len()) && local.bytes().all(plain)
}

/// The same of a domain: labels of small letters, digits and single hyphens.
fn is_prepared_domain(domain: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.contains("--")
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

fn prepare_local(local: &str) -> Result<String, AddressError> {
    let refuse = || AddressError::Local(clip(local));
    if local.len() > ADDRESS_PART_BYTES_MAX {
        return Err(refuse());
    }
    let prepared = UsernameCaseMapped::enforce(local).map_err(|_| refuse())?;
    let forbidden = |c: char| matches!(c, '"' | '&' | '\'' | '/' | ':' | '<' | '>' | '@') || c.is_whitespace();
    let chars = prepared.chars().count();
    if !(1..=LOCAL_CHARS_MAX).contains(&chars) || prepared.contains(forbidden) {
        return Err(refuse());
    }
    Ok(prepared.into_owned())
}

/// Prepares a domain: lower case, IDNA, or an IP address literal. RFC 7622 §3.2.
fn prepare_domain(domain: &str) -> Result<String, AddressError> {
    let refuse = || AddressError::Domain(clip(domain));
    let trimmed = domain.strip_suffix('.').unwrap_or(domain);
    if trimmed.is_empty() || trimmed.len() > ADDRESS_PART_BYTES_MAX {
        return Err(refuse());
    }
    if let Some(v6) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let ip: std::net::Ipv6Addr = v6.parse().map_err(|_| refuse())?;
        return Ok(format!("[{ip}]"));
    }
    let ascii = idna::domain_to_ascii_strict(trimmed).map_err(|_| refuse())?;
    let (unicode, outcome) = idna::domain_to_unicode(&ascii);
    outcome.map_err(|_| refuse())?;
    Ok(unicode)
}

/// A phone number in E.164: a plus and 7 to 15 digits.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Phone(Box<str>);

/// Why a text is no phone number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a phone number is written with a plus, the country code and the number, 7 to 15 digits: +4915112345678")]
pub struct PhoneError;

impl Phone {
    /// Reads a number; spaces, dots, hyphens and brackets between the digits are dropped.
    pub fn parse(text: &str) -> Result<Phone, PhoneError> {
        if text.len() > 40 {
            return Err(PhoneError);
        }
        let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let digits = bare.strip_prefix('+').ok_or(PhoneError)?;
        let plausible =
            (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if plausible { Ok(Phone(bare.into())) } else { Err(PhoneError) }
    }

    /// The number with its plus.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits without the plus.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name in the lobby: 1 to 16 characters, prepared as a nickname.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RoomName(Box<str>);

/// Why a text cannot be a name in the lobby.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RoomNameError {
    /// Nothing is left after preparing it.
    #[error("choose a name of 1 to {ROOM_NAME_CHARS_MAX} characters")]
    Empty,
    /// More than [`ROOM_NAME_CHARS_MAX`] characters as a person counts them.
    #[error("the name has {0} characters, at most {ROOM_NAME_CHARS_MAX} are possible")]
    TooLong(usize),
    /// Invisible, control or piled-up characters.
    #[error("the name has characters that cannot be shown: letters, digits, spaces and emoji are fine")]
    Characters,
}

impl RoomName {
    /// Prepares a name (RFC 8266 §2) and counts it in grapheme clusters, so that an emoji with its modifiers is one.
    /// Control and invisible characters are refused, but for the joiner inside an emoji; so are more than four marks
    /// on one letter.
    pub fn parse(text: &str) -> Result<RoomName, RoomNameError> {
        if text.len() > 1024 {
            return Err(RoomNameError::TooLong(text.graphemes(true).count()));
        }
        let composed: String = text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
        if composed.is_empty() {
            return Err(RoomNameError::Empty);
        }
        for cluster in composed.graphemes(true) {
            let chars: Vec<char> = cluster.chars().collect();
            let emoji = chars.iter().any(|c| is_pictograph(*c));
            let marks = cluster.nfd().filter(|c| is_mark(*c)).count();
            let hidden = chars.iter().any(|c| c.is_control() || (is_invisible(*c) && !emoji));
            if hidden || marks > 4 || chars.len() > 16 {
                return Err(RoomNameError::Characters);
            }
        }
        let has_emoji = composed.chars().any(is_pictograph);
        let prepared = if has_emoji {
            composed
        } else {
            Nickname::enforce(composed.as_str()).map_err(|_| RoomNameError::Characters)?.into_owned()
        };
        match prepared.graphemes(true).count() {
            0 => Err(RoomNameError::Empty),
            count if count > ROOM_NAME_CHARS_MAX => Err(RoomNameError::TooLong(count)),
            _ => Ok(RoomName(prepared.into())),
        }
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a name looks like (UTS #39 §4, on the case-folded form): names with the same skeleton are taken for each other.
pub fn skeleton(name: &str) -> String {
    let folded: String = name.nfkc().collect::<String>().to_lowercase();
    unicode_security::confusable_detection::skeleton(&folded)
        .collect::<String>()
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .collect()
}

/// How many characters a person counts: grapheme clusters.
pub fn characters(text: &str) -> usize {
    text.graphemes(true).count()
}

/// The first so many characters.
pub fn first_characters(text: &str, count: usize) -> String {
    text.graphemes(true).take(count).collect()
}

/// A password as SCRAM compares it (RFC 4013); what the profile refuses is taken as it is.
pub fn saslprep(password: &str) -> String {
    stringprep::saslprep(password).map_or_else(|_| password.to_owned(), |prepared| prepared.into_owned())
}

fn is_pictograph(c: char) -> bool {
    matches!(c as u32, 0x203C..=0x3299 | 0x1F000..=0x1FAFF | 0xE0020..=0xE007F)
        && !c.is_alphanumeric()
        && !is_invisible_format(c)
}

fn is_invisible_format(c: char) -> bool {
    matches!(c as u32, 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F)
}

fn is_invisible(c: char) -> bool {
    is_invisible_format(c)
        || matches!(c as u32, 0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The beginning of a text for an error sentence, without control characters.
fn clip(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(64).collect();
    if text.chars().count() > 64 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_prepared_once_and_compares_by_its_prepared_form() {
        let address = Address::parse("Alice@LOCALHOST").expect("valid");
        assert_eq!(address.to_string(), "alice@localhost");
        assert_eq!(address, Address::parse("alice@localhost.").expect("valid"));
        assert_eq!(Address::parse("ülrich@bücher.example").expect("valid").domain(), "bücher.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "@",
            "alice",
            "@localhost",
            "alice@",
            "a@b@c",
            "a b@localhost",
            "a/b@localhost",
            "a@b/c",
            "a<@b",
            "a\u{0}@b",
            "\u{200b}@b",
        ] {
            assert!(Address::parse(text).is_err(), "{text:?} was taken for an address");
        }
        assert!(Address::new(&"x".repeat(65), "localhost").is_err());
        assert!(Address::new(&"x".repeat(2000), "localhost").is_err());
    }

    #[test]
    fn what_need_not_be_prepared_is_what_preparing_makes_of_it() {
        let plain = "abcxyz0189.-_+";
        let mut state = 7_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        let mut prepared = (0, 0);
        for _ in 0..20_000 {
            let length = 1 + random(12);
            let text: String = (0..length).filter_map(|_| plain.chars().nth(random(plain.len()))).collect();
            if is_prepared_local(&text) {
                prepared.0 += 1;
                assert_eq!(prepare_local(&text).as_deref(), Ok(&*text));
            }
            if is_prepared_domain(&text) {
                prepared.1 += 1;
                assert_eq!(prepare_domain(&text).as_deref(), Ok(&*text));
            }
        }
        assert!(prepared.0 == 20_000 && prepared.1 > 1_000, "{prepared:?}");
        for text in ["", "A", "ü", "a..b", "-a", "a-", "xn--a", ".", "a.", "a_b", "[::1]", &"a".repeat(64)] {
            assert!(!is_prepared_domain(text), "{text:?}");
        }
    }

    #[test]
    fn a_phone_number_is_e164() {
        assert_eq!(Phone::parse("+49 (151) 123-45678").expect("valid").as_str(), "+4915112345678");
        for text in ["", "+", "015112345678", "+0151123456", "+49abc", "+123456", "+1234567890123456"] {
            assert!(Phone::parse(text).is_err(), "{text:?} was taken for a number");
        }
    }

    #[test]
    fn a_room_name_has_up_to_sixteen_characters_as_people_count_them() {
        assert!(RoomName::parse(&"x".repeat(16)).is_ok());
        assert_eq!(RoomName::parse(&"x".repeat(17)), Err(RoomNameError::TooLong(17)));
        assert!(RoomName::parse(&"👩‍👩‍👧".repeat(16)).is_ok());
        assert_eq!(RoomName::parse(&"👩‍👩‍👧".repeat(17)), Err(RoomNameError::TooLong(17)));
        assert_eq!(RoomName::parse("  Anna   Maria ").expect("valid").as_str(), "Anna Maria");
        assert_eq!(RoomName::parse(" \t "), Err(RoomNameError::Empty));
    }

    #[test]
    fn a_room_name_hides_nothing() {
        for text in ["a\u{202e}b", "a\u{200b}b", "a\u{0}b", "z\u{301}\u{301}\u{301}\u{301}\u{301}", "\u{3164}"] {
            assert!(RoomName::parse(text).is_err(), "{text:?} was taken for a name");
        }
    }

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
        assert_eq!(skeleton("admin"), skeleton("аdmin")); // the second with a Cyrillic а
        assert_eq!(skeleton("Admin"), skeleton("admin"));
        assert_ne!(skeleton("alice"), skeleton("bob"));
    }
}
