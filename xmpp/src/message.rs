//! Messages: what a stanza says becomes a [`Said`], and a stored message becomes a stanza.
//!
//! Nothing is asked here, only translated. Invariants: what claims to be from the server (archive ids, delays, carbons,
//! wrapped messages) is taken out of what clients send, and out of what other doors stored as extensions; what is not
//! understood goes from one XMPP client to another as the tree that it was.

use belfry_domain::{ClientMessageId, Content, Extension, InlineMedia, Message};
use bytes::Bytes;

use crate::error::StanzaError;
use crate::jid::Jid;
use crate::ns;
use crate::session::stamp;
use crate::xml::Element;

/// Namespaces whose elements are the server's, or become something else than an extension.
const NOT_PASSED: &[&str] = &[
    ns::ARCHIVE,
    ns::CARBONS,
    ns::CHAT_STATES,
    ns::CORRECT,
    ns::DELAY,
    ns::DISPLAYED,
    ns::FORWARD,
    ns::OCCUPANT,
    ns::REACTIONS,
    ns::RECEIPTS,
    ns::REPLY,
    ns::RETRACT,
    ns::SERVER,
    ns::STANZA,
    ns::STANZA_ERRORS,
    ns::STANZA_ID,
    ns::STREAM,
    ns::STREAM_ERRORS,
    "jabber:x:delay",
];

/// Beginnings of namespaces of which another version is the server's: clients know older ones too.
const OLDER: &[&str] =
    &["urn:xmpp:carbons:", "urn:xmpp:forward:", "urn:xmpp:mam:", "urn:xmpp:occupant-id:", "urn:xmpp:sid:"];

/// Whether elements of a namespace are the server's to say.
pub(crate) fn is_the_servers(namespace: &str) -> bool {
    NOT_PASSED.contains(&namespace) || OLDER.iter().any(|older| namespace.starts_with(older))
}

/// What a client says with a message stanza.
#[derive(Debug)]
pub(crate) enum Said {
    /// A message to be stored.
    Message {
        /// The id that makes a repeated send one message.
        client_id: Option<ClientMessageId>,
        content: Box<Content>,
        /// The id of the message that it answers.
        reply: Option<String>,
    },
    /// Another text for a message.
    Correction { of: String, content: Box<Content> },
    /// A message is taken back.
    Retraction { of: String },
    /// What the person thinks of a message; empty: nothing any more.
    Reaction { of: String, emoji: String },
    /// The person is writing, or has stopped.
    Typing(bool),
    /// The person has read up to this message.
    Read { of: String },
    /// Something for the clients that are there now.
    Live,
    /// Nothing that is handed on.
    Nothing,
}

/// What of a stanza is kept beside what it says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Kept {
    /// Its id, if it is not the client's message id.
    pub(crate) id: Option<String>,
    /// Its type, if it is not `chat`.
    pub(crate) kind: Option<String>,
    /// The resource that it is from.
    pub(crate) resource: Option<String>,
    /// The resource that it is for, if it is for one. RFC 6121 §8.5.3.
    pub(crate) addressed: Option<String>,
    /// The client's message id is its origin-id. XEP-0359.
    pub(crate) origin: bool,
    /// It asks for a receipt. XEP-0184.
    pub(crate) receipt: bool,
    /// It is for the addressee's and the author's one client alone, not for the author's others. XEP-0334, XEP-0280 §8.
    pub(crate) uncopied: bool,
}

impl Kept {
    /// A line for each thing, its letter first: this is read for every receiver.
    fn extension(&self) -> Extension {
        let mut lines = String::new();
        let mut line = |letter: char, value: &str| {
            lines.push(letter);
            lines.push_str(value);
            lines.push('\n');
        };
        let texts = [('i', &self.id), ('t', &self.kind), ('f', &self.resource), ('a', &self.addressed)];
        texts.iter().for_each(|(letter, value)| value.iter().for_each(|value| line(*letter, value)));
        let flags = [('o', self.origin), ('r', self.receipt), ('c', self.uncopied)];
        flags.iter().filter(|(_, set)| *set).for_each(|(letter, _)| line(*letter, ""));
        Extension { namespace: ns::STANZA.to_owned(), data: Bytes::from(lines) }
    }

    /// What was kept of a message; `None`: no XMPP client sent it.
    pub(crate) fn of(content: &Content) -> Option<Kept> {
        let kept = content.extensions.iter().find(|known| known.namespace == ns::STANZA)?;
        let lines = std::str::from_utf8(&kept.data).ok()?;
        let mut kept = Kept::default();
        for line in lines.lines() {
            let mut chars = line.chars();
            let letter = chars.next()?;
            let value = chars.as_str();
            match letter {
                'i' if !value.is_empty() => kept.id = Some(value.to_owned()),
                't' if matches!(value, "normal" | "headline") => kept.kind = Some(value.to_owned()),
                'f' => kept.resource = crate::jid::prepare_resource(value),
                'a' => kept.addressed = crate::jid::prepare_resource(value),
                'o' => kept.origin = true,
                'r' => kept.receipt = true,
                'c' => kept.uncopied = true,
                _ => {}
            }
        }
        Some(kept)
    }
}

fn extension(element: &Element) -> Extension {
    Extension { namespace: element.ns.to_string(), data: Bytes::from(element.to_text()) }
}

/// Whether an element of a message goes on to other XMPP clients.
fn passes(element: &Element) -> bool {
    match &*element.ns {
        ns::CLIENT => match &*element.name {
            "subject" | "thread" => true,
            "body" => element.lang().is_some(),
            _ => false,
        },
        // What stands in for a reply was taken out of the text.
        ns::FALLBACK => element.get("for") != Some(ns::REPLY),
        other => !is_the_servers(other),
    }
}

/// Whether an element of a message without a text says something to other clients: it is not the server's, not about
/// another message, and not about the message itself.
fn is_for_clients(element: &Element) -> bool {
    let about_itself = matches!(&*element.ns, ns::HINTS | ns::MARKERS | ns::FALLBACK | ns::ENCRYPTION);
    passes(element) && element.ns != ns::CLIENT && !about_itself
}

/// Whether an element of a message that is handed on to clients as it is goes with it.
pub(crate) fn goes_live(element: &Element) -> bool {
    match &*element.ns {
        ns::CLIENT => matches!(&*element.name, "body" | "subject" | "thread" | "error"),
        other => !is_the_servers(other),
    }
}

/// What a client says. Its `type` is held to be one of those for single persons by the caller.
pub(crate) fn read(stanza: &Element, resource: &str) -> Result<Said, StanzaError> {
    if stanza.get("type") == Some("error") {
        return Ok(Said::Nothing); // a client that bounces what it was sent says nothing of its own
    }
    let named = |namespace: &str, name: &str| stanza.find(namespace, name);
    let id_in = |element: &Element| element.get("id").filter(|id| !id.is_empty()).map(str::to_owned);
    let no_id = || StanzaError::bad_request("The element does not say which message it is about.");
    if let Some(reactions) = named(ns::REACTIONS, "reactions") {
        let emoji = reactions.find(ns::REACTIONS, "reaction").map(Element::own_text);
        let emoji = emoji.map_or_else(String::new, |emoji| emoji.trim().to_owned());
        return Ok(Said::Reaction { of: id_in(reactions).ok_or_else(no_id)?, emoji });
    }
    if let Some(retract) = named(ns::RETRACT, "retract") {
        return Ok(Said::Retraction { of: id_in(retract).ok_or_else(no_id)? });
    }
    if let Some(displayed) = named(ns::MARKERS, "displayed") {
        return Ok(Said::Read { of: id_in(displayed).ok_or_else(no_id)? });
    }
    let body = plain_body(stanza).filter(|body| !body.is_empty());
    let stored = named(ns::HINTS, "store").is_some();
    if body.is_none() && !stored && named(ns::CLIENT, "subject").is_none() {
        if stanza.elements().any(is_for_clients) {
            return Ok(Said::Live);
        }
        let state = stanza.elements().find(|element| element.ns == ns::CHAT_STATES);
        return Ok(state.map_or(Said::Nothing, |state| Said::Typing(state.name == "composing")));
    }
    let reply = named(ns::REPLY, "reply");
    let mut content = Content::text(match (body, reply) {
        (Some(body), Some(_)) => without_fallback(stanza, &body),
        (body, _) => body.unwrap_or_default(),
    });
    content.extensions = stanza.elements().filter(|element| passes(element)).map(extension).collect();
    if let Some(replace) = named(ns::CORRECT, "replace") {
        content.extensions.push(Kept { resource: Some(resource.to_owned()), ..Kept::default() }.extension());
        return Ok(Said::Correction { of: id_in(replace).ok_or_else(no_id)?, content: Box::new(content) });
    }
    let origin = named(ns::STANZA_ID, "origin-id").and_then(|origin| ClientMessageId::parse(origin.get("id")?));
    let said_id = stanza.get("id").filter(|id| !id.is_empty() && !id.contains(char::is_control));
    let id = said_id.filter(|id| Some(*id) != origin.as_ref().map(ClientMessageId::as_str));
    let kept = Kept {
        id: id.map(str::to_owned),
        kind: stanza.get("type").or(Some("normal")).filter(|kind| *kind != "chat").map(str::to_owned),
        resource: Some(resource.to_owned()),
        addressed: stanza.get("to").and_then(Jid::parse).and_then(|to| to.resource),
        origin: origin.is_some(),
        receipt: named(ns::RECEIPTS, "request").is_some(),
        uncopied: named(ns::HINTS, "no-copy").is_some() || named(ns::CARBONS, "private").is_some(),
    };
    content.extensions.push(kept.extension());
    Ok(Said::Message { client_id: origin, content: Box::new(content), reply: reply.and_then(id_in) })
}

/// The text in no language in particular, else the first.
fn plain_body(stanza: &Element) -> Option<String> {
    let mut bodies = stanza.elements().filter(|element| element.is(ns::CLIENT, "body")).peekable();
    let first = bodies.peek()?.own_text();
    Some(bodies.find(|body| body.lang().is_none()).map_or(first, Element::own_text))
}

/// The text without what repeats the message that it answers, for clients that know no replies. XEP-0428 §2: places
/// are counted in characters of Unicode.
fn without_fallback(stanza: &Element, body: &str) -> String {
    let fallback =
        stanza.elements().find(|element| element.is(ns::FALLBACK, "fallback") && element.get("for") == Some(ns::REPLY));
    let Some(place) = fallback.and_then(|fallback| fallback.find(ns::FALLBACK, "body")) else { return body.to_owned() };
    let at = |name: &str| place.get(name).and_then(|at| at.parse::<usize>().ok());
    match (at("start"), at("end")) {
        (Some(start), Some(end)) if start < end => {
            body.chars().enumerate().filter(|(at, _)| !(start..end).contains(at)).map(|(_, c)| c).collect()
        }
        _ => body.to_owned(),
    }
}

/// How a message is named towards XMPP clients.
pub(crate) struct Named {
    /// Its id in the archive.
    pub(crate) token: String,
    /// The id that its sender gave it, or the archive's.
    pub(crate) id: String,
    /// What was kept of its stanza; `None`: no XMPP client sent it.
    kept: Option<Kept>,
}

impl Named {
    pub(crate) fn of(message: &Message, token: String) -> Named {
        let kept = Kept::of(&message.content);
        let id = match &kept {
            Some(Kept { id: Some(id), .. }) => id.clone(),
            Some(Kept { origin: true, .. }) => message.client_id.as_str().to_owned(),
            _ => token.clone(),
        };
        Named { token, id, kept }
    }

    /// The address of who wrote it, with the resource if that is known.
    pub(crate) fn author(&self, message: &Message) -> String {
        let belfry_domain::Author::Account { address, .. } = &message.author else { return String::new() };
        match self.kept.as_ref().and_then(|kept| kept.resource.as_ref()) {
            Some(resource) => format!("{address}/{resource}"),
            None => address.to_string(),
        }
    }

    /// The resource that it is for, if it is for one.
    pub(crate) fn addressed(&self) -> Option<&str> {
        self.kept.as_ref()?.addressed.as_deref()
    }

    /// Whether it is for the addressee's and the author's one client alone.
    pub(crate) fn is_uncopied(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.uncopied)
    }
}

/// A message that another one answers: its id and who wrote it.
pub(crate) struct Answered {
    pub(crate) id: String,
    pub(crate) author: String,
}

/// The stanza of a message, as `owner` is told it.
pub(crate) fn write(message: &Message, named: &Named, owner: &str, answered: Option<Answered>) -> Element {
    let native = named.kept.is_none();
    let kept = named.kept.clone().unwrap_or_default();
    let to = message.to.as_ref().map(|to| match &kept.addressed {
        Some(resource) => format!("{to}/{resource}"),
        None => to.to_string(),
    });
    let mut stanza = Element::new(ns::CLIENT, "message")
        .attr("from", named.author(message))
        .maybe_attr("to", to)
        .attr("type", kept.kind.unwrap_or_else(|| "chat".to_owned()))
        .attr("id", &*named.id);
    if message.life.recalled.is_some() {
        return stanza.child(
            Element::new(ns::RETRACT, "retracted")
                .maybe_attr("stamp", message.life.recalled.map(|at| stamp(at.0)))
                .attr("id", &*named.token),
        );
    }
    let text = shown_text(&message.content);
    if !text.is_empty() {
        stanza = stanza.child(Element::new(ns::CLIENT, "body").text(text));
    }
    stanza = stanza.with(passed(&message.content));
    if let Some(Answered { id, author }) = answered {
        stanza = stanza.child(Element::new(ns::REPLY, "reply").attr("to", author).attr("id", id));
    }
    if kept.origin {
        stanza = stanza.child(Element::new(ns::STANZA_ID, "origin-id").attr("id", message.client_id.as_str()));
    }
    if kept.receipt {
        stanza = stanza.child(Element::new(ns::RECEIPTS, "request"));
    }
    if native {
        stanza = stanza.child(Element::new(ns::MARKERS, "markable"));
    }
    stanza.child(Element::new(ns::STANZA_ID, "stanza-id").attr("by", owner).attr("id", &*named.token))
}

/// The text, or what stands for a medium that only other doors carry.
pub(crate) fn shown_text(content: &Content) -> String {
    match &content.media {
        Some(InlineMedia { mime, data }) if content.text.is_empty() => format!("[{mime}, {} bytes]", data.len()),
        _ => content.text.clone(),
    }
}

/// What goes on to XMPP clients of a message's extensions.
pub(crate) fn passed(content: &Content) -> Vec<Element> {
    let read = |known: &Extension| {
        if is_the_servers(&known.namespace) {
            return None; // among it what is no XML
        }
        let element = Element::parse(&known.data)?;
        (element.ns == known.namespace && passes(&element)).then_some(element)
    };
    content.extensions.iter().filter_map(read).collect()
}

/// Says when a message was sent. XEP-0203.
pub(crate) fn delay(by: &str, at_ms: u64) -> Element {
    Element::new(ns::DELAY, "delay").attr("from", by).attr("stamp", stamp(at_ms))
}

/// A message inside another one. XEP-0297.
pub(crate) fn forwarded(message: Element, delay: Element) -> Element {
    Element::new(ns::FORWARD, "forwarded").child(delay).child(message)
}
