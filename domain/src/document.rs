//! Documents of an account: what its clients keep on the server for themselves, and the server does not look into.
//!
//! A name comes in and is held to its length; what leaves needs no further check.

use crate::limits::DOCUMENT_KEY_BYTES_MAX;

/// The name of a document among those of its account.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DocumentKey(String);

impl DocumentKey {
    /// A name; `None`: it is empty or too long.
    pub fn parse(text: &str) -> Option<DocumentKey> {
        (!text.is_empty() && text.len() <= DOCUMENT_KEY_BYTES_MAX).then(|| DocumentKey(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_length() {
        assert_eq!(DocumentKey::parse("vcard").expect("a name").as_str(), "vcard");
        assert!(DocumentKey::parse("").is_none());
        assert!(DocumentKey::parse(&"x".repeat(DOCUMENT_KEY_BYTES_MAX)).is_some());
        assert!(DocumentKey::parse(&"x".repeat(DOCUMENT_KEY_BYTES_MAX + 1)).is_none());
    }
}
