//! The XML of the XMPP door: any bytes are read without a panic, the same whatever chunks they come in, within the
//! limits, and what was read is written so that it is read again as it was.
//!
//! Used by the fuzzer (`cargo +nightly fuzz run xml`) and, over the committed corpus, by an ordinary test.

use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Fault, Item, Limits, Node, Reader};
use bytes::BytesMut;

/// Most inputs begin inside a stream.
const OPEN: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// The first byte says how long chunks are, and whether the rest is the beginning of a stream or something in one.
pub(crate) fn xml(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let limits = if first & 1 == 0 { Limits::STRANGER } else { Limits::MEMBER };
    let mut text = if first & 2 == 0 { OPEN.as_bytes().to_vec() } else { Vec::new() };
    text.extend_from_slice(rest);
    let (items, fault) = read(&text, text.len().max(1), limits);
    for length in [1, usize::from(first >> 2) + 1] {
        let (again, other) = read(&text, length, limits);
        assert_eq!(again, items, "in chunks of {length}");
        assert_eq!(other.is_some(), fault.is_some(), "in chunks of {length}: {other:?} and {fault:?}");
    }
    for item in &items {
        if let Item::Stanza(element) = item {
            written(element);
        }
    }
}

fn read(text: &[u8], length: usize, limits: Limits) -> (Vec<Item>, Option<Fault>) {
    let (mut reader, mut items, mut input) = (Reader::new(limits), Vec::new(), BytesMut::new());
    for chunk in text.chunks(length) {
        input.extend_from_slice(chunk);
        loop {
            match reader.read(&mut input) {
                Ok(Some(item)) => {
                    if let Item::Stanza(element) = &item {
                        assert!(size(element) <= limits.stanza_bytes, "more came out than may go in");
                        assert!(depth(element) <= 32, "deeper than anything may be");
                    }
                    items.push(item);
                }
                Ok(None) => break,
                Err(fault) => return (items, Some(fault)),
            }
        }
        assert!(input.is_empty(), "what is not whole is in the reader");
    }
    (items, None)
}

/// Bytes of names, values and texts.
fn size(element: &Element) -> usize {
    let attributes: usize = element.attributes.iter().map(|one| one.name.len() + one.value.len()).sum();
    let children = element.children.iter().map(|node| match node {
        Node::Element(inner) => size(inner),
        Node::Text(text) => text.len(),
    });
    element.name.len() + attributes + children.sum::<usize>()
}

fn depth(element: &Element) -> usize {
    1 + element.elements().map(depth).max().unwrap_or(0)
}

/// What another client is sent of it is the same element, or over a limit that its spelling with prefixes was not.
fn written(element: &Element) {
    let mut text = OPEN.to_owned();
    element.write_into(&mut text, ns::CLIENT);
    match read(text.as_bytes(), text.len(), Limits { stanza_bytes: text.len() + 1 }) {
        (items, None) => assert_eq!(items.get(1), Some(&Item::Stanza(element.clone())), "{text}"),
        (_, Some(Fault::TooMuch(_))) => {}
        (_, Some(fault)) => panic!("{fault}: {text}"),
    }
    if let Some(again) = Element::parse(element.to_text().as_bytes()) {
        assert_eq!(&again, element, "as an extension of a message");
    }
}
