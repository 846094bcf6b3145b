//! Writing: trees become text in which nothing that a person wrote can be taken for markup.
//!
//! Invariant: what is written is restricted XML 1.0. Characters that XML has no way to say become U+FFFD.

use super::{Element, Node};
use crate::ns;

const DECLARES_STREAM: &str = " xmlns:stream='http://etherx.jabber.org/streams'";

impl Element {
    /// Writes it into a stream where this namespace is the default one, empty: into none. Its own name gets the prefix
    /// that [`open_stream`] declares if it is the stream's.
    pub fn write_into(&self, out: &mut String, default_ns: &str) {
        let prefix = if self.ns == ns::STREAM && !default_ns.is_empty() { "stream:" } else { "" };
        self.write_named(out, prefix, "", default_ns, &mut Vec::new());
    }

    /// A stanza as it is on a stream of `jabber:client`.
    pub fn stanza_text(&self) -> String {
        let mut text = String::new();
        self.write_into(&mut text, ns::CLIENT);
        text
    }

    /// The element as a frame of RFC 7395 §3.3.3, which declares all that it uses. Its name has the prefix that the
    /// document has, where it is the stream's: some clients look for that.
    pub fn frame_text(&self) -> String {
        if self.ns != ns::STREAM {
            return self.to_text();
        }
        let mut text = String::new();
        self.write_named(&mut text, "stream:", DECLARES_STREAM, "", &mut Vec::new());
        text
    }

    /// Writes it with a prefix of its name that stands for its namespace, if there is one, and that is declared outside
    /// or by the text behind the name. Namespaces of attributes are declared once: what was read within the limits is
    /// read again within them. The prefix of such a namespace is its place in `declared`.
    fn write_named<'a>(
        &'a self,
        out: &mut String,
        prefix: &str,
        declaring: &str,
        default_ns: &str,
        declared: &mut Vec<&'a str>,
    ) {
        let inside = if prefix.is_empty() { &*self.ns } else { default_ns };
        let outside = declared.len();
        out.push('<');
        out.push_str(prefix);
        out.push_str(&self.name);
        out.push_str(declaring);
        if inside != default_ns {
            write_attribute(out, "xmlns", &self.ns);
        }
        for attribute in &self.attributes {
            if attribute.ns.is_empty() {
                write_attribute(out, &attribute.name, &attribute.value);
            } else if attribute.ns == ns::XML {
                write_attribute(out, &format!("xml:{}", attribute.name), &attribute.value);
            } else {
                let known = declared.iter().position(|ns| *ns == attribute.ns);
                let at = known.unwrap_or_else(|| {
                    write_attribute(out, &format!("xmlns:a{}", declared.len()), &attribute.ns);
                    declared.push(&attribute.ns);
                    declared.len() - 1
                });
                write_attribute(out, &format!("a{at}:{}", attribute.name), &attribute.value);
            }
        }
        if self.children.is_empty() {
            out.push_str("/>");
        } else {
            out.push('>');
            for child in &self.children {
                match child {
                    Node::Element(element) => element.write_named(out, "", "", inside, declared),
                    Node::Text(text) => escape_into(out, text, false),
                }
            }
            out.push_str("</");
            out.push_str(prefix);
            out.push_str(&self.name);
            out.push('>');
        }
        declared.truncate(outside);
    }
}

fn write_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("='");
    escape_into(out, value, true);
    out.push('\'');
}

/// Writes a text so that it is read back as it is.
fn escape_into(out: &mut String, text: &str, in_attribute: bool) {
    let mut plain_from = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| may_be_special(*c)) {
        // What needs nothing goes over in one piece, which is nearly all of nearly every text.
        out.push_str(&text[plain_from..at]);
        plain_from = at + c.len_utf8();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            // A bare CR is read as LF, and white space in attributes as spaces.
            '\r' => out.push_str("&#xD;"),
            '\n' if in_attribute => out.push_str("&#xA;"),
            '\t' if in_attribute => out.push_str("&#x9;"),
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
    }
    out.push_str(&text[plain_from..]);
}

/// Whether a character may need to be written otherwise than as it is.
fn may_be_special(c: char) -> bool {
    matches!(c, '\0'..='\u{1F}' | '\u{FFFE}'..=char::MAX | '&' | '<' | '>' | '\'' | '"')
}

/// The beginning of our side of a stream whose elements go one by one. RFC 7395 §3.4.
pub(crate) fn open_frame(from: &str, to: Option<&str>, id: &str) -> String {
    let mut out = String::from("<open");
    write_attribute(&mut out, "xmlns", ns::FRAMING);
    write_attribute(&mut out, "id", id);
    write_attribute(&mut out, "from", from);
    if let Some(to) = to {
        write_attribute(&mut out, "to", to);
    }
    out.push_str(" version='1.0' xml:lang='en'/>");
    out
}

/// Writes the beginning of our side of a stream. RFC 6120 §4.7.
pub fn open_stream(out: &mut String, from: &str, to: Option<&str>, id: &str) {
    out.push_str("<?xml version='1.0'?><stream:stream xmlns='jabber:client'");
    write_attribute(out, "xmlns:stream", ns::STREAM);
    write_attribute(out, "id", id);
    write_attribute(out, "from", from);
    if let Some(to) = to {
        write_attribute(out, "to", to);
    }
    out.push_str(" version='1.0' xml:lang='en'>");
}
