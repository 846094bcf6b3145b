//! The roster and presence: contacts become items, and how somebody is there becomes a presence. RFC 6121 §2 to §4.
//!
//! Nothing is asked here, only translated. Invariant: who only waits for an answer, or is only blocked, is not in the
//! roster.

use belfry_domain::{Contact, ContactView, Deed};
use belfry_engine::{Availability, Presence};

use crate::error::StanzaError;
use crate::message::delay;
use crate::ns;
use crate::xml::Element;

/// The resource under which an account is there: its devices are one presence.
const RESOURCE: &str = "belfry";

/// Whether a contact is an item of the roster.
pub(crate) fn is_item(contact: &Contact) -> bool {
    contact.listed || contact.to || contact.from || contact.asks
}

/// The item of a contact; of one that is none, its removal.
pub(crate) fn item(view: &ContactView) -> Element {
    let contact = &view.contact;
    let item = Element::new(ns::ROSTER, "item").attr("jid", view.peer.to_string());
    if !is_item(contact) {
        return item.attr("subscription", "remove");
    }
    let subscription = match (contact.to, contact.from) {
        (true, true) => "both",
        (true, false) => "to",
        (false, true) => "from",
        (false, false) => "none",
    };
    let name = (!contact.name.is_empty()).then_some(&*contact.name);
    item.attr("subscription", subscription)
        .maybe_attr("name", name)
        .maybe_attr("ask", contact.asks.then_some("subscribe"))
        .maybe_attr("approved", (contact.approved && !contact.from).then_some("true"))
        .with(contact.labels.iter().map(|label| Element::new(ns::ROSTER, "group").text(&**label)))
}

/// What a client wants of an item.
pub(crate) fn deed(item: &Element) -> Result<Deed, StanzaError> {
    match item.get("subscription") {
        Some("remove") => Ok(Deed::Remove),
        // What else it says of subscriptions is not the client's to say. RFC 6121 §2.1.2.5.
        _ => {
            let groups = item.elements().filter(|part| part.is(ns::ROSTER, "group"));
            let labels = groups.map(Element::own_text).collect();
            Ok(Deed::Put { name: item.get("name").unwrap_or("").to_owned(), labels })
        }
    }
}

/// Somebody asks to be told whether the account is there.
pub(crate) fn request(view: &ContactView, to: &str) -> Option<Element> {
    let asked = view.contact.asked.as_ref()?;
    let note = (!asked.note.is_empty()).then(|| Element::new(ns::CLIENT, "status").text(&*asked.note));
    let request = Element::new(ns::CLIENT, "presence").attr("type", "subscribe");
    Some(request.attr("from", view.peer.to_string()).attr("to", to).with(note))
}

/// How somebody is there.
pub(crate) fn presence(presence: &Presence, to: &str) -> Element {
    let stanza =
        Element::new(ns::CLIENT, "presence").attr("from", format!("{}/{RESOURCE}", presence.address)).attr("to", to);
    let show = match presence.availability {
        Availability::Offline => {
            let seen = Some(presence.last_seen.0).filter(|seen| *seen > 0);
            let since = seen.map(|seen| delay(presence.address.domain(), seen));
            return stanza.attr("type", "unavailable").with(since);
        }
        Availability::LongAway => Some("xa"),
        Availability::Away => Some("away"),
        Availability::Busy => Some("dnd"),
        Availability::Online => None,
        Availability::Chatty => Some("chat"),
    };
    let status = (!presence.status.is_empty()).then_some(&*presence.status);
    stanza
        .with(show.map(|show| Element::new(ns::CLIENT, "show").text(show)))
        .with(status.map(|status| Element::new(ns::CLIENT, "status").text(status)))
}

/// How a client says that it is there.
pub(crate) fn availability(stanza: &Element) -> Availability {
    match stanza.find(ns::CLIENT, "show").map(Element::own_text).as_deref().map(str::trim) {
        Some("away") => Availability::Away,
        Some("chat") => Availability::Chatty,
        Some("dnd") => Availability::Busy,
        Some("xa") => Availability::LongAway,
        _ => Availability::Online,
    }
}

/// What a client says with it.
pub(crate) fn status(stanza: &Element) -> String {
    let said = stanza.find(ns::CLIENT, "status").map(Element::own_text).unwrap_or_default();
    said.trim().to_owned()
}
