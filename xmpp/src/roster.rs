//! The roster and presence: contacts become items, and how somebody is there becomes a presence. RFC 6121 §2 to §4.
//!
//! Nothing is asked here, only translated. Invariant: who only waits for an answer, or is only blocked, is not in the
//! roster.

use std::sync::Arc;

use belfry_domain::{Contact, ContactView, Deed};
use belfry_engine::{Availability, EXTENSION_BYTES_MAX, Presence, Resource, STATUS_BYTES_MAX};

use crate::error::StanzaError;
use crate::message::delay;
use crate::ns;
use crate::xml::Element;

/// The resource that stands for all devices that have none, the native ones. No client gets it.
pub(crate) const RESOURCE: &str = "belfry";

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

/// How a resource of somebody is there, or (`None`) that it is gone.
pub(crate) fn presence(presence: &Presence, (name, is): (Option<&str>, Option<&Resource>), to: &str) -> Element {
    let from = format!("{}/{}", presence.address, name.unwrap_or(RESOURCE));
    let stanza = Element::new(ns::CLIENT, "presence").attr("from", from).attr("to", to);
    let Some(is) = is else {
        let seen = Some(presence.last_seen.0).filter(|seen| *seen > 0);
        let since = seen.map(|seen| delay(presence.address.domain(), seen));
        return stanza.attr("type", "unavailable").with(since);
    };
    let show = match is.availability {
        Availability::LongAway => Some("xa"),
        Availability::Away => Some("away"),
        Availability::Busy => Some("dnd"),
        Availability::Online | Availability::Offline => None,
        Availability::Chatty => Some("chat"),
    };
    let text = |name: &'static str, text: &str| Element::new(ns::CLIENT, name).text(text);
    stanza
        .with(show.map(|show| text("show", show)))
        .with((!is.status.is_empty()).then(|| text("status", &is.status)))
        .with((is.priority != 0).then(|| text("priority", &is.priority.to_string())))
        .with(extras(&is.extension))
}

/// What a client says of itself with a presence.
pub(crate) fn resource(stanza: &Element, name: Option<Arc<str>>) -> Resource {
    let mut status = status(stanza);
    status.truncate(status.floor_char_boundary(STATUS_BYTES_MAX));
    let (availability, priority) = (availability(stanza), priority(stanza));
    Resource { name, availability, status, priority, extension: extension(stanza) }
}

/// What a presence has beside what is read here, as it is handed on: as much of it as may be.
fn extension(stanza: &Element) -> Arc<str> {
    let mut kept = Element::new(ns::CLIENT, "presence");
    let mut bytes = kept.to_text().len() + "</presence>".len();
    for element in stanza.elements().filter(|element| passes(element)) {
        bytes += element.to_text().len();
        if bytes > EXTENSION_BYTES_MAX {
            break;
        }
        kept = kept.child(element.clone());
    }
    if kept.elements().next().is_some() { kept.to_text().into() } else { Arc::default() }
}

fn extras(extension: &str) -> Vec<Element> {
    let read = if extension.is_empty() { None } else { Element::parse(extension.as_bytes()) };
    read.map_or_else(Vec::new, |kept| kept.elements().cloned().collect())
}

/// Whether an element of a presence goes on to others: not what is read here, and not what only servers say.
fn passes(element: &Element) -> bool {
    match &*element.ns {
        ns::CLIENT => false,
        other => !crate::message::is_the_servers(other),
    }
}

/// RFC 6121 §4.7.2.3: from -128 to 127; what is none is 0.
pub(crate) fn priority(stanza: &Element) -> i8 {
    let priority = stanza.find(ns::CLIENT, "priority").map(Element::own_text);
    priority.and_then(|priority| priority.trim().parse().ok()).unwrap_or(0)
}

/// How a client says that it is there.
fn availability(stanza: &Element) -> Availability {
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
