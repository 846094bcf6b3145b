//! Requests: what a client asks of the server or of accounts, and which room of the session answers it.
//!
//! A stanza comes in, exactly one answer leaves for each `get` and `set`. Invariant: whoever asks about an account that
//! is not theirs gets the same answer whether or not it is there.

use super::between::full_address;
use super::{Link, archive, server};
use crate::door::End;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::ns;
use crate::wire::Wire;
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

impl<W: Wire> Link<'_, W> {
    pub(super) async fn iq(&mut self, stanza: &Element) -> Result<(), End> {
        let kind = stanza.get("type");
        let client = full_address(stanza);
        if matches!(kind, Some("result" | "error")) {
            if client.is_none() && self.described(stanza) {
                return Ok(());
            }
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
            (ns::DISCO_INFO, "query", false, For::Server) => self.server_info(payload),
            (ns::DISCO_INFO, "query", false, For::Own) => self.account_info(payload),
            (ns::DISCO_ITEMS, "query", false, For::Own | For::Server) => self.items(target == For::Own, payload),
            (ns::CARBONS, "enable" | "disable", true, For::Own) => {
                self.carbons = payload.name == "enable";
                Ok(None)
            }
            (ns::ARCHIVE, "query", false, For::Own) => archive::form(),
            (ns::ARCHIVE, "query", true, For::Own) => self.archive(payload).await,
            (ns::REGISTER, "query", set, For::Own | For::Server) => self.registered(set, payload).await,
            (ns::PRIVATE, "query", set, For::Own) => self.private(set, payload).await,
            (ns::VCARD, "vCard", false, For::Own | For::Other) => self.card(stanza).await,
            (ns::VCARD, "vCard", true, For::Own) => self.set_card(payload).await,
            (ns::PUBSUB, "pubsub", set, For::Own) => self.pubsub(set, payload).await,
            (ns::ARCHIVE, "metadata", false, For::Own) => self.archive_metadata().await,
            (ns::ARCHIVE, "prefs", set, For::Own) => archive::preferences(set.then_some(payload)),
            (ns::SERVICES, "services", false, For::Server) => self.services(payload),
            (ns::SERVICES, "credentials", false, For::Server) => self.credentials(payload),
            (ns::LAST, "query", false, For::Server) => self.uptime(),
            (ns::LAST, "query", false, For::Own | For::Other) => self.last_seen(stanza).await,
            (ns::COMMANDS, "command", true, For::Server) => self.command(payload).await,
            (ns::VERSION, "query", false, For::Server) => server::version(),
            (ns::TIME, "time", false, For::Server) => self.time(),
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
