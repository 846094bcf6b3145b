//! What a message says: a kind, a text, perhaps a small medium, and extensions that only some clients understand.
//!
//! Made by a door from what a client sent, checked once by [`Content::check`], then never changed. The engine reads
//! the text and sizes only; what it does not understand passes through.

use bytes::Bytes;

use crate::address::Address;
use crate::error::{Code, Refusal};
use crate::ids::Cseq;
use crate::limits::{
    EXTENSIONS_BYTES_MAX, EXTENSIONS_MAX, INLINE_BYTES_MAX, LIFETIME_MS_MAX, LIFETIME_MS_MIN, MENTIONS_MAX,
    TEXT_BYTES_MAX,
};

/// The kinds of message that clients show in different ways.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ContentKind {
    /// Text alone.
    Text,
    /// A picture.
    Image,
    /// A recorded voice.
    Voice,
    /// A film.
    Video,
    /// Any other file.
    File,
    /// A place.
    Location,
    /// Somebody's address.
    Contact,
    /// A note by the server.
    System,
    /// A kind that a newer client knows; its text is what older ones show.
    Other(u32),
}

impl ContentKind {
    /// The number under which doors and stores know this kind.
    pub const fn number(self) -> u32 {
        match self {
            ContentKind::Text => 1,
            ContentKind::Image => 2,
            ContentKind::Voice => 3,
            ContentKind::Video => 4,
            ContentKind::File => 5,
            ContentKind::Location => 6,
            ContentKind::Contact => 7,
            ContentKind::System => 8,
            ContentKind::Other(number) => number,
        }
    }

    /// The kind of a number; 0, which stands for "not said", is text.
    pub const fn from_number(number: u32) -> ContentKind {
        match number {
            0 | 1 => ContentKind::Text,
            2 => ContentKind::Image,
            3 => ContentKind::Voice,
            4 => ContentKind::Video,
            5 => ContentKind::File,
            6 => ContentKind::Location,
            7 => ContentKind::Contact,
            8 => ContentKind::System,
            other => ContentKind::Other(other),
        }
    }
}

/// A small medium carried in the message itself; larger ones are uploaded and linked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InlineMedia {
    /// For example `image/png`.
    pub mime: String,
    /// The medium.
    pub data: Bytes,
}

/// What one kind of client understands and others hand on unchanged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Extension {
    /// Names the meaning, as XML namespaces do.
    pub namespace: String,
    /// Opaque to the server.
    pub data: Bytes,
}

/// What a message says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Content {
    /// How to show it.
    pub kind: ContentKind,
    /// The text, or for other kinds what stands in for them.
    pub text: String,
    /// A small medium.
    pub media: Option<InlineMedia>,
    /// In the order given.
    pub extensions: Vec<Extension>,
    /// The message of the same conversation that this one answers.
    pub reply_to: Option<Cseq>,
    /// How often it has been handed on; 0: the sender's own words.
    pub forwarded: u32,
    /// Who is spoken of.
    pub mentions: Vec<Address>,
    /// It disappears this long after it was sent, in milliseconds.
    pub lifetime_ms: Option<u64>,
}

impl Content {
    /// A message of text alone.
    pub fn text(text: impl Into<String>) -> Content {
        Content {
            kind: ContentKind::Text,
            text: text.into(),
            media: None,
            extensions: Vec::new(),
            reply_to: None,
            forwarded: 0,
            mentions: Vec::new(),
            lifetime_ms: None,
        }
    }

    /// What is left of it in a recalled message: when that disappears.
    #[must_use]
    pub fn erased(&self) -> Content {
        Content { lifetime_ms: self.lifetime_ms, ..Content::text("") }
    }

    /// This in place of what a message has said: what it answers, how often it was forwarded and when it disappears
    /// stay.
    #[must_use]
    pub fn in_place_of(self, old: &Content) -> Content {
        Content { reply_to: old.reply_to, forwarded: old.forwarded, lifetime_ms: old.lifetime_ms, ..self }
    }

    /// About how many bytes of memory this takes.
    pub fn weight(&self) -> usize {
        self.text.len()
            + self.media.as_ref().map_or(0, |media| media.mime.len() + media.data.len())
            + self.extensions.iter().map(|e| e.namespace.len() + e.data.len()).sum::<usize>()
            + self.mentions.iter().map(|who| who.local().len() + who.domain().len()).sum::<usize>()
    }

    /// Holds the content to its limits. Errors: `bad_request` for an empty message, `too_large` with the way out.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.text.is_empty() && self.media.is_none() && self.extensions.is_empty() {
            return Err(Refusal::new(Code::BadRequest, "The message is empty: give a text, a medium or an extension."));
        }
        if self.text.len() > TEXT_BYTES_MAX {
            return Err(Refusal::new(
                Code::TooLarge,
                format!("The text is {} bytes, the limit is {TEXT_BYTES_MAX}: send it in parts.", self.text.len()),
            ));
        }
        if let Some(media) = &self.media {
            if media.data.len() > INLINE_BYTES_MAX {
                return Err(Refusal::new(
                    Code::TooLarge,
                    format!(
                        "The medium is {} bytes, the limit inside a message is {INLINE_BYTES_MAX}: upload it and send its link.",
                        media.data.len()
                    ),
                ));
            }
            if media.mime.is_empty() || media.mime.len() > 127 || media.mime.chars().any(char::is_control) {
                return Err(Refusal::new(
                    Code::BadRequest,
                    "The medium needs a type such as image/png, at most 127 bytes.",
                ));
            }
        }
        let extension_bytes: usize = self.extensions.iter().map(|e| e.namespace.len() + e.data.len()).sum();
        if self.extensions.len() > EXTENSIONS_MAX || extension_bytes > EXTENSIONS_BYTES_MAX {
            return Err(Refusal::new(
                Code::TooLarge,
                format!(
                    "The message has {} extensions of {extension_bytes} bytes, the limit is {EXTENSIONS_MAX} of {EXTENSIONS_BYTES_MAX} bytes together.",
                    self.extensions.len()
                ),
            ));
        }
        if self.mentions.len() > MENTIONS_MAX {
            return Err(Refusal::new(
                Code::TooLarge,
                format!("The message mentions {} people, the limit is {MENTIONS_MAX}.", self.mentions.len()),
            ));
        }
        if self.lifetime_ms.is_some_and(|lifetime| !(LIFETIME_MS_MIN..=LIFETIME_MS_MAX).contains(&lifetime)) {
            return Err(Refusal::new(
                Code::BadRequest,
                "A message disappears after a second at least, a year at most.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_at_the_limit_passes_and_one_byte_more_is_too_large() {
        Content::text("x".repeat(TEXT_BYTES_MAX)).check().expect("at the limit");
        let refusal = Content::text("x".repeat(TEXT_BYTES_MAX + 1)).check().expect_err("over the limit");
        assert_eq!(refusal.code, Code::TooLarge);
    }

    #[test]
    fn a_medium_over_the_limit_is_refused_with_the_way_to_upload() {
        let mut content = Content::text("");
        content.media =
            Some(InlineMedia { mime: "image/png".into(), data: Bytes::from(vec![0; INLINE_BYTES_MAX + 1]) });
        let refusal = content.check().expect_err("over the limit");
        assert_eq!(refusal.code, Code::TooLarge);
        assert!(refusal.message.contains("upload"));
    }

    #[test]
    fn an_empty_message_is_refused() {
        assert_eq!(Content::text("").check().expect_err("empty").code, Code::BadRequest);
    }

    #[test]
    fn every_kind_keeps_its_number() {
        for number in 1..20 {
            assert_eq!(ContentKind::from_number(number).number(), number);
        }
    }
}
