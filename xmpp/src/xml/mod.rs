//! XML as XMPP has it: elements with namespaces and text, and nothing else.
//!
//! Bytes come in by [`Reader`], which holds them to every limit while it reads; trees leave, and what is sent is written
//! from trees. Invariant: what one client sent is never handed to another as the bytes that came.

mod read;
mod write;

use std::borrow::Cow;

use crate::ns;

pub use read::{Fault, Item, Limits, Opening, Reader};
pub(crate) use read::{alone, frame};
pub(crate) use write::open_frame;
pub use write::open_stream;

/// A name or a namespace; those that are known are not copied.
pub type Name = Cow<'static, str>;

/// An element with its attributes and what is in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Element {
    /// Its local name.
    pub name: Name,
    /// Its namespace.
    pub ns: Name,
    /// In the order given.
    pub attributes: Vec<Attribute>,
    /// In the order given; neighbouring texts are one.
    pub children: Vec<Node>,
}

/// An attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attribute {
    /// Its namespace; empty: none, as nearly all have it.
    pub ns: Name,
    /// Its local name.
    pub name: Name,
    /// Its value.
    pub value: String,
}

/// What is in an element.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
}

impl Element {
    /// An empty element.
    pub fn new(ns: &'static str, name: &'static str) -> Element {
        Element { name: name.into(), ns: ns.into(), attributes: Vec::new(), children: Vec::new() }
    }

    /// With this attribute.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Into<String>) -> Element {
        self.set(name, value);
        self
    }

    /// With this attribute, if there is a value.
    #[must_use]
    pub fn maybe_attr(self, name: &'static str, value: Option<impl Into<String>>) -> Element {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// With this element in it, behind what is there.
    #[must_use]
    pub fn child(mut self, child: Element) -> Element {
        self.children.push(Node::Element(child));
        self
    }

    /// With these elements in it, behind what is there.
    #[must_use]
    pub fn with(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// With this text in it, behind what is there.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Element {
        self.children.push(Node::Text(text.into()));
        self
    }

    /// Gives an attribute without a namespace a value, in place of the one it had.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        match self.attributes.iter_mut().find(|known| known.ns.is_empty() && known.name == name) {
            Some(known) => known.value = value,
            None => self.attributes.push(Attribute { ns: "".into(), name: name.into(), value }),
        }
    }

    /// Takes an attribute without a namespace away.
    pub fn unset(&mut self, name: &str) {
        self.attributes.retain(|known| !known.ns.is_empty() || known.name != name);
    }

    /// Whether it is this element.
    pub fn is(&self, ns: &str, name: &str) -> bool {
        self.name == name && self.ns == ns
    }

    /// The value of an attribute without a namespace.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|known| known.ns.is_empty() && known.name == name).map(|known| &*known.value)
    }

    /// The value of `xml:lang` on this very element.
    pub fn lang(&self) -> Option<&str> {
        let lang = self.attributes.iter().find(|known| known.ns == ns::XML && known.name == "lang");
        lang.map(|known| &*known.value)
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element in it of this name.
    pub fn find(&self, ns: &str, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.is(ns, name))
    }

    /// Its own text, without that of elements in it.
    pub fn own_text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    /// Reads one whole element that stands for itself, as [`Element::to_text`] writes it. `None`: it is none, or it is
    /// over a limit of what a stanza may hold.
    pub fn parse(text: &[u8]) -> Option<Element> {
        read::fragment(text)
    }

    /// The element as text that stands for itself.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_into(&mut text, "");
        text
    }
}
