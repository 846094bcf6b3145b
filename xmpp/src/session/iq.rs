//! Requests: what a client asks of the server or of accounts.
//!
//! A stanza comes in, exactly one answer leaves for each `get` and `set`. Invariant: whoever asks about an account that
//! is not theirs gets the same answer whether or not it is there.

use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Link;
use super::between::full_address;
use crate::door::End;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::ns;
use crate::xml::Element;

/// Whom a request is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum For {
    /// The asker's own account.
    Own,
    /// The server.
    Server,
    /// Somebody else.
    Other,
}

/// What an answer says: an element, or nothing but that it is done.
pub(super) type Answer = Result<Option<Element>, StanzaError>;

impl<IO: AsyncRead + AsyncWrite + Unpin> Link<'_, IO> {
    pub(super) async fn iq(&mut self, stanza: &Element) -> Result<(), End> {
        let kind = stanza.get("type");
        let client = full_address(stanza);
        if matches!(kind, Some("result" | "error")) {
            return match client {
                Some(to) => self.answer_client(stanza, to).await,
                None => self.ponged(stanza.get("id").unwrap_or("")).await, // to a ping of ours, or to nobody
            };
        }
        if let Some(to) = client {
            return match self.ask_client(stanza, to).await {
                Ok(()) => Ok(()),
                Err(error) => self.refuse(stanza, &error),
            };
        }
        let answer = self.iq_answer(stanza).await;
        match answer {
            Ok(payload) => {
                let answer = Element::new(ns::CLIENT, "iq")
                    .attr("type", "result")
                    .maybe_attr("id", stanza.get("id"))
                    .attr("to", self.jid())
                    .maybe_attr("from", stanza.get("to"))
                    .with(payload);
                self.push(&answer)
            }
            Err(error) => self.refuse(stanza, &error),
        }
    }

    async fn iq_answer(&mut self, stanza: &Element) -> Answer {
        let mut payloads = stanza.elements();
        let (Some(payload), None) = (payloads.next(), payloads.next()) else {
            return Err(StanzaError::bad_request("A request has exactly one element in it."));
        };
        let set = match (stanza.get("type"), stanza.get("id")) {
            (Some("get"), Some(_)) => false,
            (Some("set"), Some(_)) => true,
            _ => return Err(StanzaError::bad_request("A request has an id, and is of type get or set.")),
        };
        let target = self.target(stanza)?;
        match (&*payload.ns, &*payload.name, set, target) {
            (ns::PING, "ping", false, For::Own | For::Server) => Ok(None),
            (ns::SESSION, "session", true, For::Own | For::Server) => Ok(None),
            (ns::ROSTER, "query", false, For::Own) => self.roster(payload).await,
            (ns::ROSTER, "query", true, For::Own) => self.set_roster(payload).await,
            (ns::BLOCKING, "blocklist", false, For::Own) => self.blocked().await,
            (ns::BLOCKING, "block" | "unblock", true, For::Own) => self.block(payload).await,
            (ns::DISCO_INFO, "query", false, For::Server) => disco_info(payload, server_features("server")),
            (ns::DISCO_INFO, "query", false, For::Own) => disco_info(payload, server_features("account")),
            (ns::DISCO_ITEMS, "query", false, For::Own | For::Server) => {
                Ok(Some(Element::new(ns::DISCO_ITEMS, "query").maybe_attr("node", payload.get("node"))))
            }
            (ns::CARBONS, "enable" | "disable", true, For::Own) => {
                self.carbons = payload.name == "enable";
                Ok(None)
            }
            (ns::ARCHIVE, "query", false, For::Own) => Ok(Some(super::archive::form())),
            (ns::ARCHIVE, "query", true, For::Own) => self.archive(payload).await.map(Some),
            (ns::VERSION, "query", false, For::Server) => Ok(Some(version())),
            (ns::TIME, "time", false, For::Server) => Ok(Some(time(self.door.engine().now().0))),
            _ => Err(StanzaError::unavailable()),
        }
    }

    fn target(&self, stanza: &Element) -> Result<For, StanzaError> {
        let Some(to) = stanza.get("to") else { return Ok(For::Own) };
        let to = Jid::parse(to).ok_or_else(StanzaError::malformed_address)?;
        Ok(match &to.address {
            Some(_) if to.is_bare(&self.address) => For::Own,
            None if to.domain == self.address.domain() && to.resource.is_none() => For::Server,
            Some(_) | None => For::Other,
        })
    }
}

/// Category, type and name of what is asked about, and what it can do.
struct Described {
    category: &'static str,
    kind: &'static str,
    features: &'static [&'static str],
}

fn server_features(what: &'static str) -> Described {
    match what {
        "server" => Described {
            category: "server",
            kind: "im",
            features: &[ns::BLOCKING, ns::CARBONS, ns::DISCO_INFO, ns::DISCO_ITEMS, ns::PING, ns::TIME, ns::VERSION],
        },
        _ => Described {
            category: "account",
            kind: "registered",
            features: &[ns::ARCHIVE, ns::DISCO_INFO, ns::DISCO_ITEMS, ns::STANZA_ID],
        },
    }
}

/// XEP-0030.
fn disco_info(payload: &Element, what: Described) -> Answer {
    if payload.get("node").is_some() {
        return Err(StanzaError::not_found("There is no such node."));
    }
    let identity = Element::new(ns::DISCO_INFO, "identity")
        .attr("category", what.category)
        .attr("type", what.kind)
        .attr("name", "Belfry");
    let features = what.features.iter().map(|feature| Element::new(ns::DISCO_INFO, "feature").attr("var", *feature));
    Ok(Some(Element::new(ns::DISCO_INFO, "query").child(identity).with(features)))
}

/// XEP-0092. What it runs on is nobody's business.
fn version() -> Element {
    Element::new(ns::VERSION, "query")
        .child(Element::new(ns::VERSION, "name").text("Belfry"))
        .child(Element::new(ns::VERSION, "version").text(env!("CARGO_PKG_VERSION")))
}

/// XEP-0202.
fn time(now_ms: u64) -> Element {
    Element::new(ns::TIME, "time")
        .child(Element::new(ns::TIME, "tzo").text("Z"))
        .child(Element::new(ns::TIME, "utc").text(stamp(now_ms)))
}

/// A moment as XEP-0082 writes it.
pub(crate) fn stamp(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}
