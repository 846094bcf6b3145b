//! What the client itself understands: looked up by the hash that its presence announces, else asked. XEP-0115.
//!
//! A presence of the client comes in and, if its hash is new, a request leaves; its answer says what the client wants to
//! be told. Invariant: one request at a time is open, and only its answer is taken.

use super::Link;
use crate::caps::{Announced, Wants};
use crate::door::End;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

/// The request that waits for its answer.
#[derive(Debug)]
pub(super) struct Asked {
    id: String,
    of: Announced,
}

impl<W: Wire> Link<'_, W> {
    /// Looks at what a presence of the client announces.
    pub(super) fn announced(&mut self, presence: &Element) -> Result<(), End> {
        let Some(announced) = Announced::in_presence(presence) else { return Ok(()) };
        if self.announced.as_ref() == Some(&announced) {
            return Ok(());
        }
        self.announced = Some(announced.clone());
        let known = self.door.caps.lock().get(&announced);
        if let Some(wants) = known {
            (self.wants, self.caps_asked) = (wants, None);
            return Ok(());
        }
        let id = self.door.engine().random_text();
        let query = Element::new(ns::DISCO_INFO, "query").attr("node", &*announced.node);
        let request = Element::new(ns::CLIENT, "iq")
            .attr("type", "get")
            .attr("id", &*id)
            .attr("from", self.address.to_string())
            .attr("to", self.jid());
        self.caps_asked = Some(Asked { id, of: announced });
        self.push(&request.child(query))
    }

    /// Takes the answer, if this is it.
    pub(super) fn described(&mut self, answer: &Element) -> bool {
        let Some(asked) = self.caps_asked.take_if(|asked| answer.get("id") == Some(&*asked.id)) else { return false };
        if let Some(info) = answer.find(ns::DISCO_INFO, "query").filter(|_| answer.get("type") == Some("result")) {
            // What a client says of itself holds for itself, whatever its hash is.
            self.wants = Wants::of(info);
            self.door.caps.lock().found(&asked.of, info);
        }
        true
    }
}
