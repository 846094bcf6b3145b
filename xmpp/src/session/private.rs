//! What clients keep on the server for themselves: one element under each name. XEP-0049, and by it XEP-0048.
//!
//! An element comes in and is kept as a document of the account; asked for by its name, it leaves as it was. Invariant:
//! nobody but the account's own clients gets it.

use belfry_domain::DocumentKey;
use bytes::Bytes;

use super::Link;
use super::iq::Answer;
use crate::error::StanzaError;
use crate::ns;
use crate::wire::Wire;
use crate::xml::{Element, Node};

impl<W: Wire> Link<'_, W> {
    /// Gives or keeps the one element that the request is about.
    pub(super) async fn private(&mut self, set: bool, query: &Element) -> Answer {
        let mut elements = query.elements();
        let (Some(element), None) = (elements.next(), elements.next()) else {
            // XEP-0049 §2.3.
            return Err(StanzaError::new("not-acceptable", "modify", "A request is about one element."));
        };
        let key = key_of(element)?;
        if set {
            // What has nothing in it is what a client gets where nothing is kept.
            let empty = element.children.is_empty() && element.attributes.is_empty();
            let data = if empty { Bytes::new() } else { Bytes::from(element.to_text()) };
            self.door.engine().put_document(self.session.caller(), key, data).await?;
            return Ok(None);
        }
        let kept = self.door.engine().document(self.session.caller(), &key).await?;
        let kept = kept.and_then(|kept| Element::parse(&kept));
        let bare = Element { children: Vec::new(), attributes: Vec::new(), ..element.clone() };
        let mut answer = Element::new(ns::PRIVATE, "query");
        answer.children.push(Node::Element(kept.unwrap_or(bare)));
        Ok(Some(answer))
    }
}

/// Under which name an element is kept.
fn key_of(element: &Element) -> Result<DocumentKey, StanzaError> {
    if element.ns.is_empty() || element.ns == ns::PRIVATE || element.ns == ns::CLIENT {
        return Err(StanzaError::bad_request("An element that is to be kept has a namespace of its own."));
    }
    let key = DocumentKey::parse(&format!("private {} {}", element.name, element.ns));
    key.ok_or_else(|| StanzaError::new("policy-violation", "modify", "The element's name is too long."))
}
