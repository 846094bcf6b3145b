//! The archive: pages of older messages, by conversation, time and id. XEP-0313, XEP-0441, XEP-0059.
//!
//! A query comes in; the messages of a page leave, each wrapped, and behind them the answer that names the first and the
//! last of them. A message is as it is now, corrected or taken back, and behind it stands what people think of it.
//! Invariants: ids in the archive say nothing and cannot be guessed; a page has no more results than were asked for,
//! unless that would be less than a message with its reactions.

use std::sync::Arc;

use belfry_domain::{Message, MessageId, Reaction, Refusal, TimestampMs};
use belfry_engine::{ArchivePage, ArchivePlace, ArchiveQuery};
use jiff::Timestamp;

use super::Link;
use super::iq::Answer;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::limits::ARCHIVE_PAGE_MAX;
use crate::message::{self, Named};
use crate::ns;
use crate::session::stamp;
use crate::wire::Wire;
use crate::xml::Element;

/// Messages in a page of a query that does not say how many.
const PAGE_BY_DEFAULT: usize = 50;

/// Fields of a query beside its type.
const FIELDS: [(&str, &str); 6] = [
    ("with", "jid-single"),
    ("start", "text-single"),
    ("end", "text-single"),
    ("before-id", "text-single"),
    ("after-id", "text-single"),
    ("include-groupchat", "boolean"),
];

/// What is asked for.
enum Asked {
    Page(ArchiveQuery),
    These(Vec<MessageId>),
}

impl<W: Wire> Link<'_, W> {
    /// Answers a query: its messages are written, the end of it is given back.
    pub(super) async fn archive(&mut self, query: &Element) -> Answer {
        let flipped = query.find(ns::ARCHIVE, "flip-page").is_some();
        let (mut page, backwards, limit) = match self.query(query)? {
            Asked::Page(asked) => {
                let backwards = matches!(asked.place, ArchivePlace::Last | ArchivePlace::Before(_));
                let limit = asked.limit;
                (self.door.engine().archive(self.session.caller(), asked).await?, backwards, limit)
            }
            Asked::These(ids) => {
                let messages = self.door.engine().archived(self.session.caller(), &ids).await?;
                (ArchivePage { messages, complete: true }, false, usize::MAX)
            }
        };
        cut(&mut page, backwards, limit);
        let id = |id: MessageId| self.door.engine().message_token(id);
        let ends = (page.messages.first().map(|first| id(first.id)), page.messages.last().map(|last| id(last.id)));
        let query_id = query.get("queryid");
        if flipped {
            page.messages.reverse();
        }
        for said in &page.messages {
            let known = self.known_of(said);
            if self.ids.of(said.id).is_none() {
                self.ids.remember(known);
            }
            let (stanza, reactions) = (self.archived_stanza(said).await?, self.reactions(said));
            let delay = message::delay(self.address.domain(), said.sent.0);
            let token = self.door.engine().message_token(said.id);
            let mut results = vec![self.result(query_id, token, stanza, delay)];
            for (id, reaction) in reactions {
                let delay = message::delay(self.address.domain(), said.sent.0);
                results.push(self.result(query_id, id, reaction, delay));
            }
            if flipped {
                results.reverse();
            }
            results.iter().for_each(|result| self.push_from_archive(result));
        }
        let mut set = Element::new(ns::RESULT_SET, "set");
        if let (Some(first), Some(last)) = ends {
            set = set
                .child(Element::new(ns::RESULT_SET, "first").text(first))
                .child(Element::new(ns::RESULT_SET, "last").text(last));
        }
        let complete = page.complete.then_some("true");
        Ok(Some(Element::new(ns::ARCHIVE, "fin").maybe_attr("complete", complete).child(set)))
    }

    async fn archived_stanza(&mut self, said: &Message) -> Result<Element, Refusal> {
        let mut stanza = self.stanza_of(said).await?;
        // Inside the result, which names it, the archive's id says nothing new.
        stanza.children.retain(|child| !is_stanza_id(child));
        Ok(stanza)
    }

    /// What people think of a message, as they have said it, each under an id that leads to the message. XEP-0444.
    fn reactions(&self, said: &Message) -> Vec<(String, Element)> {
        let token = self.door.engine().message_token(said.id);
        let known = self.known_of(said);
        let (own, peer) = (self.address.to_string(), known.peer.to_string());
        let stanza = |reaction: &Reaction| {
            let side = if reaction.by == self.address { 0 } else { 1 };
            let (from, to) = if side == 0 { (&own, &peer) } else { (&peer, &own) };
            let id = format!("{token}.{side}");
            let emoji = Element::new(ns::REACTIONS, "reaction").text(&*reaction.emoji);
            let reactions = Element::new(ns::REACTIONS, "reactions").attr("id", Named::of(said, token.clone()).id);
            let stanza = Element::new(ns::CLIENT, "message")
                .attr("type", "chat")
                .attr("from", from.clone())
                .attr("to", to.clone())
                .attr("id", &*id)
                .child(reactions.child(emoji));
            (id, stanza)
        };
        said.life.reactions.iter().map(stanza).collect()
    }

    fn result(&self, query_id: Option<&str>, id: String, stanza: Element, delay: Element) -> Element {
        let result = Element::new(ns::ARCHIVE, "result")
            .maybe_attr("queryid", query_id)
            .attr("id", id)
            .child(message::forwarded(stanza, delay));
        Element::new(ns::CLIENT, "message").attr("to", self.jid()).child(result)
    }

    fn query(&self, query: &Element) -> Result<Asked, StanzaError> {
        let form = query.find(ns::DATA, "x");
        let fields = || form.into_iter().flat_map(Element::elements).filter(|field| field.is(ns::DATA, "field"));
        let values = |name: &str| -> Vec<String> {
            let field = fields().find(|field| field.get("var") == Some(name));
            let values = field.into_iter().flat_map(Element::elements).filter(|value| value.is(ns::DATA, "value"));
            values.map(Element::own_text).collect()
        };
        let value = |name: &str| values(name).into_iter().next();
        for field in fields() {
            let name = field.get("var").unwrap_or("");
            if !FIELDS.iter().any(|(known, _)| *known == name) && !matches!(name, "FORM_TYPE" | "ids") {
                let text = "The archive can be asked by with, start, end, before-id, after-id and ids.";
                return Err(StanzaError::new("feature-not-implemented", "cancel", text));
            }
        }
        let named = |token: String| self.archived_under(&token);
        let ids = values("ids");
        if ids.len() > ARCHIVE_PAGE_MAX {
            let text = format!("At most {ARCHIVE_PAGE_MAX} messages are asked for by their ids at once.");
            return Err(StanzaError::new("policy-violation", "modify", text));
        }
        if !ids.is_empty() {
            if ["with", "start", "end", "before-id", "after-id"].into_iter().any(|name| value(name).is_some()) {
                return Err(StanzaError::bad_request("Messages are asked for by their ids or by something else."));
            }
            return Ok(Asked::These(ids.into_iter().map(named).collect::<Result<_, _>>()?));
        }
        let with = match value("with") {
            Some(with) => {
                let with = Jid::parse(&with).ok_or_else(StanzaError::malformed_address)?;
                Some(
                    with.address
                        .ok_or_else(|| StanzaError::not_found("There are conversations with accounts only."))?,
                )
            }
            None => None,
        };
        let time = |name: &str| value(name).map(|value| moment(&value)).transpose();
        let set = query.find(ns::RESULT_SET, "set");
        let part = |name: &str| set.and_then(|set| set.find(ns::RESULT_SET, name)).map(Element::own_text);
        let limit = match part("max") {
            Some(max) => max.trim().parse().map_err(|_| StanzaError::bad_request("<max/> is a number."))?,
            None => PAGE_BY_DEFAULT,
        };
        if part("index").is_some() {
            // XEP-0059 §2.6 allows to say so.
            return Err(StanzaError::new(
                "feature-not-implemented",
                "cancel",
                "The archive has no page by its number.",
            ));
        }
        // Some clients name nothing for the first page.
        let place = match (part("after").filter(|after| !after.is_empty()), part("before")) {
            (Some(after), _) => ArchivePlace::After(named(after)?),
            (None, Some(before)) if before.is_empty() => ArchivePlace::Last,
            (None, Some(before)) => ArchivePlace::Before(named(before)?),
            (None, None) => ArchivePlace::First,
        };
        let (after, before) = (value("after-id").map(named).transpose()?, value("before-id").map(named).transpose()?);
        let limit = limit.min(ARCHIVE_PAGE_MAX);
        Ok(Asked::Page(ArchiveQuery { with, start: time("start")?, end: time("end")?, after, before, place, limit }))
    }

    /// The message that stands under an id in the archive, or that a reaction under this id is about.
    fn archived_under(&self, id: &str) -> Result<MessageId, StanzaError> {
        let token = id.split_once('.').map_or(id, |(token, _)| token);
        let id = self.door.engine().message_of_token(token);
        id.ok_or_else(|| StanzaError::not_found("There is no such message in the archive."))
    }

    /// Where the archive begins and ends. XEP-0313 §5.
    pub(super) async fn archive_metadata(&mut self) -> Answer {
        let mut metadata = Element::new(ns::ARCHIVE, "metadata");
        for (name, place) in [("start", ArchivePlace::First), ("end", ArchivePlace::Last)] {
            let query = ArchiveQuery { with: None, start: None, end: None, after: None, before: None, place, limit: 1 };
            let page = self.door.engine().archive(self.session.caller(), query).await?;
            let end = |said: &Arc<Message>| {
                let id = self.door.engine().message_token(said.id);
                Element::new(ns::ARCHIVE, name).attr("id", id).attr("timestamp", stamp(said.sent.0))
            };
            metadata = metadata.with(page.messages.first().map(end));
        }
        Ok(Some(metadata))
    }
}

/// Takes messages off the far end of a page until it has no more results than were asked for: reactions count too.
fn cut(page: &mut ArchivePage, backwards: bool, limit: usize) {
    let results = |said: &Arc<Message>| 1 + said.life.reactions.len();
    let mut all: usize = page.messages.iter().map(results).sum();
    while all > limit && page.messages.len() > 1 {
        let far = if backwards { page.messages.remove(0) } else { page.messages.remove(page.messages.len() - 1) };
        all -= results(&far);
        page.complete = false;
    }
}

fn is_stanza_id(node: &crate::xml::Node) -> bool {
    matches!(node, crate::xml::Node::Element(element) if element.is(ns::STANZA_ID, "stanza-id"))
}

/// A moment as XEP-0082 writes it.
fn moment(text: &str) -> Result<TimestampMs, StanzaError> {
    let at: Timestamp =
        text.parse().map_err(|_| StanzaError::bad_request("A time is written 2026-11-29T08:00:00Z."))?;
    Ok(TimestampMs(u64::try_from(at.as_millisecond()).unwrap_or(0)))
}

/// By what the archive can be asked.
pub(super) fn form() -> Answer {
    let field =
        |name: &'static str, kind: &'static str| Element::new(ns::DATA, "field").attr("type", kind).attr("var", name);
    let value = Element::new(ns::DATA, "value").text(ns::ARCHIVE);
    // Any id may be asked for, none is offered. XEP-0313 §4.1.5.
    let open = Element::new(ns::DATA_VALIDATE, "validate").attr("datatype", "xs:string");
    let ids = field("ids", "list-multi").child(open.child(Element::new(ns::DATA_VALIDATE, "open")));
    let form = Element::new(ns::DATA, "x")
        .attr("type", "form")
        .child(field("FORM_TYPE", "hidden").child(value))
        .with(FIELDS.map(|(name, kind)| field(name, kind)))
        .child(ids);
    Ok(Some(Element::new(ns::ARCHIVE, "query").child(form)))
}

/// What is archived: all, as long as the conversation's retention says, which is one for all devices and both sides.
/// XEP-0441 §3: the answer is what holds.
pub(super) fn preferences(wished: Option<&Element>) -> Answer {
    if let Some(wished) = wished {
        let never = wished.find(ns::ARCHIVE, "never").is_some_and(|never| never.elements().next().is_some());
        if wished.get("default") != Some("always") || never {
            let text = "Every message is in the archive for as long as its conversation is kept; to keep one for a \
                        shorter time, change that.";
            return Err(StanzaError::new("not-allowed", "cancel", text));
        }
    }
    let preferences = Element::new(ns::ARCHIVE, "prefs").attr("default", "always");
    Ok(Some(preferences.child(Element::new(ns::ARCHIVE, "always")).child(Element::new(ns::ARCHIVE, "never"))))
}
