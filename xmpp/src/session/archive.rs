//! The archive: pages of older messages, by conversation and time. XEP-0313, XEP-0059.
//!
//! A query comes in; the messages of a page leave, each wrapped, and behind them the answer that names the first and the
//! last of them. Invariant: ids in the archive say nothing and cannot be guessed.

use belfry_domain::{MessageId, TimestampMs};
use belfry_engine::{ArchivePlace, ArchiveQuery};
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Link;
use super::iq::Answer;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::limits::ARCHIVE_PAGE_MAX;
use crate::message;
use crate::ns;
use crate::xml::Element;

/// Messages in a page of a query that does not say how many.
const PAGE_BY_DEFAULT: usize = 50;

impl<IO: AsyncRead + AsyncWrite + Unpin> Link<'_, IO> {
    /// Answers a query: its messages are written, the end of it is given back.
    pub(super) async fn archive(&mut self, query: &Element) -> Answer {
        let asked = self.query(query)?;
        let page = self.door.engine().archive(self.session.caller(), asked).await?;
        let id = |id: MessageId| self.door.engine().message_token(id);
        let ends = (page.messages.first().map(|first| id(first.id)), page.messages.last().map(|last| id(last.id)));
        let (jid, query_id) = (self.jid(), query.get("queryid").map(str::to_owned));
        for said in &page.messages {
            let known = self.known_of(said);
            if self.ids.of(said.id).is_none() {
                self.ids.remember(known);
            }
            let mut stanza = self.stanza_of(said).await;
            // Inside the result, which names it, the archive's id says nothing new.
            stanza.children.retain(|child| !is_stanza_id(child));
            let delay = message::delay(self.address.domain(), said.sent.0);
            let result = Element::new(ns::ARCHIVE, "result")
                .maybe_attr("queryid", query_id.as_deref())
                .attr("id", self.door.engine().message_token(said.id))
                .child(message::forwarded(stanza, delay));
            let wrapped = Element::new(ns::CLIENT, "message").attr("to", &*jid).child(result);
            self.push_from_archive(&wrapped);
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

    fn query(&self, query: &Element) -> Result<ArchiveQuery, StanzaError> {
        let form = query.find(ns::DATA, "x");
        let value = |name: &str| {
            let mut fields = form?.elements().filter(|field| field.is(ns::DATA, "field"));
            let field = fields.find(|field| field.get("var") == Some(name))?;
            field.find(ns::DATA, "value").map(Element::own_text)
        };
        for field in form.into_iter().flat_map(Element::elements).filter(|field| field.is(ns::DATA, "field")) {
            if !matches!(field.get("var"), Some("FORM_TYPE" | "with" | "start" | "end")) {
                let text = "The archive can be asked by with, start and end.";
                return Err(StanzaError::new("feature-not-implemented", "cancel", text));
            }
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
        let named = |token: &str| {
            let id = self.door.engine().message_of_token(token);
            id.ok_or_else(|| StanzaError::not_found("There is no such message in the archive."))
        };
        let place = match (part("after"), part("before")) {
            (Some(after), _) => ArchivePlace::After(named(&after)?),
            (None, Some(before)) if before.is_empty() => ArchivePlace::Last,
            (None, Some(before)) => ArchivePlace::Before(named(&before)?),
            (None, None) => ArchivePlace::First,
        };
        let limit = limit.min(ARCHIVE_PAGE_MAX);
        Ok(ArchiveQuery { with, start: time("start")?, end: time("end")?, place, limit })
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
    let form = Element::new(ns::DATA, "x")
        .attr("type", "form")
        .child(field("FORM_TYPE", "hidden").child(value))
        .child(field("with", "jid-single"))
        .child(field("start", "text-single"))
        .child(field("end", "text-single"));
    Ok(Some(Element::new(ns::ARCHIVE, "query").child(form)))
}
