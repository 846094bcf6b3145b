//! Whether a person looks at the client, and what can wait while nobody does. XEP-0352.
//!
//! Stanzas come in on their way to the client, and go through or are held: of presences and of who is writing the newest
//! of each sender, up to a limit. Invariants: a message or an answer is never held; what is held is told before either,
//! so that the client sees all in an order that could have been.

use std::collections::VecDeque;

use super::Link;
use crate::door::End;
use crate::limits::HELD_MAX;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

/// What waits for the person to look.
#[derive(Debug, Default)]
pub(super) struct Held {
    inactive: bool,
    stanzas: VecDeque<Element>,
}

impl Held {
    /// Nothing yet, of a client that begins with somebody looking or not.
    pub(super) fn new(inactive: bool) -> Held {
        Held { inactive, ..Held::default() }
    }

    /// Takes a stanza if it can wait; `Some`: it cannot.
    fn take(&mut self, stanza: &Element, own: &str) -> bool {
        if !self.inactive || !can_wait(stanza, own) {
            return false;
        }
        let same = |held: &Element| held.name == stanza.name && held.get("from") == stanza.get("from");
        if let Some(at) = self.stanzas.iter().position(same) {
            self.stanzas.remove(at);
        } else if self.stanzas.len() == HELD_MAX {
            return false;
        }
        self.stanzas.push_back(stanza.clone());
        true
    }
}

/// Whether a stanza says only how things are now, so that a newer one makes it worthless: presences of others, and
/// messages that have nothing in them but that somebody is writing.
fn can_wait(stanza: &Element, own: &str) -> bool {
    match &*stanza.name {
        "presence" => {
            let theirs = stanza.get("from").is_some_and(|from| from.split('/').next() != Some(own));
            matches!(stanza.get("type"), None | Some("unavailable")) && theirs
        }
        "message" => {
            stanza.elements().any(|part| part.ns == ns::CHAT_STATES)
                && stanza.elements().all(|part| part.ns == ns::CHAT_STATES || part.ns == ns::HINTS)
        }
        _ => false,
    }
}

impl<W: Wire> Link<'_, W> {
    /// The client says whether somebody looks at it. It has no answer.
    pub(super) fn client_state(&mut self, element: &Element) -> Result<(), End> {
        match &*element.name {
            "inactive" => self.held.inactive = true,
            "active" => {
                self.held.inactive = false;
                self.tell_held()?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a stanza waits for the person to look. If not, what has waited is told before it.
    pub(super) fn holds(&mut self, stanza: &Element) -> Result<bool, End> {
        if self.held.take(stanza, &self.address.to_string()) {
            return Ok(true);
        }
        self.tell_held()?;
        Ok(false)
    }

    fn tell_held(&mut self) -> Result<(), End> {
        for stanza in std::mem::take(&mut self.held.stanzas) {
            // As where it would have been told at once: the next change says it again.
            if self.managed.as_ref().is_none_or(|managed| !managed.is_crowded()) {
                self.write_as(&stanza, None)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence(from: &str, show: &str) -> Element {
        let show = Element::new(ns::CLIENT, "show").text(show);
        Element::new(ns::CLIENT, "presence").attr("from", from).child(show)
    }

    #[test]
    fn of_each_sender_the_newest_presence_waits_and_no_more_than_so_many() {
        let mut held = Held { inactive: true, ..Held::default() };
        assert!(held.take(&presence("bob@localhost/a", "away"), "alice@localhost"));
        assert!(held.take(&presence("bob@localhost/b", "away"), "alice@localhost"));
        assert!(held.take(&presence("bob@localhost/a", "dnd"), "alice@localhost"));
        let kept: Vec<_> = held.stanzas.iter().map(Element::to_text).collect();
        assert_eq!(kept.len(), 2);
        assert!(kept[0].contains("/b") && kept[1].contains("dnd"), "{kept:?}");
        for n in 2..HELD_MAX {
            assert!(held.take(&presence(&format!("bob@localhost/{n}"), "away"), "alice@localhost"));
        }
        assert!(!held.take(&presence("carol@localhost/x", "away"), "alice@localhost"));
        assert!(held.take(&presence("bob@localhost/a", "xa"), "alice@localhost"), "a newer one always has its place");
    }

    #[test]
    fn what_says_more_than_how_things_are_now_does_not_wait() {
        let own = "alice@localhost";
        let message = |part: Element| Element::new(ns::CLIENT, "message").attr("from", "bob@localhost").child(part);
        let composing = Element::new(ns::CHAT_STATES, "composing");
        assert!(can_wait(&message(composing.clone()), own));
        assert!(!can_wait(&message(composing).child(Element::new(ns::CLIENT, "body").text("hi")), own));
        assert!(!can_wait(&message(Element::new(ns::RECEIPTS, "received")), own));
        assert!(!can_wait(&message(Element::new(ns::HINTS, "store")), own));
        assert!(!can_wait(&presence("bob@localhost", "away").attr("type", "subscribe"), own));
        assert!(!can_wait(&presence("alice@localhost/desk", "away"), own));
        assert!(!can_wait(&Element::new(ns::CLIENT, "iq"), own));
    }
}
