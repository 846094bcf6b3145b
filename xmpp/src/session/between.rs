//! Stanzas between clients: requests to full addresses, their answers, and messages that are kept nowhere. RFC 6121 §8.5.
//!
//! A stanza of the client comes in and goes to the engine as the text of a new one, with who it is from; what other
//! clients have handed over leaves. Invariants: no byte of a client reaches another one but through the tree that was
//! read of it; a request that was taken has exactly one answer; what only the server may say is handed on for nobody.

use std::sync::Arc;

use belfry_domain::{Address, Code, MessageId, Refusal};
use belfry_engine::{Stanza, Way};

use super::Link;
use crate::door::End;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::message;
use crate::ns;
use crate::wire::Wire;
use crate::xml::{Element, Limits};

/// Requests that only an account's own server makes of a client: some clients forget to look who asks.
const OF_SERVERS: &[&str] = &[ns::ROSTER, ns::BLOCKING, ns::CARBONS, ns::ARCHIVE, ns::BIND, ns::SESSION];

/// The client that a stanza is for, if it is for one.
pub(super) fn full_address(stanza: &Element) -> Option<(Address, String)> {
    let to = Jid::parse(stanza.get("to")?)?;
    Some((to.address?, to.resource?))
}

/// What is handed over is held to what a client may send: with who it is from, it may have grown.
fn fits(handed: Arc<str>) -> Result<Arc<str>, StanzaError> {
    let max = Limits::MEMBER.stanza_bytes;
    if handed.len() <= max {
        return Ok(handed);
    }
    let text = format!("The stanza is {} bytes, the limit is {max}.", handed.len());
    Err(StanzaError::new("policy-violation", "modify", text))
}

/// Why a request did not get to a client. RFC 6121 §8.5.3.2.3: of a client that is not there, one that may not be
/// reached and an account that is none, the same is said.
fn not_reached(refusal: &Refusal) -> StanzaError {
    match refusal.code {
        Code::NotFound => StanzaError::unavailable(),
        _ => StanzaError::from(refusal),
    }
}

impl<W: Wire> Link<'_, W> {
    /// The stanza as others get it.
    fn handed(&self, stanza: &Element, goes: impl Fn(&Element) -> bool) -> Arc<str> {
        self.copied(stanza, goes).to_text().into()
    }

    fn copied(&self, stanza: &Element, goes: impl Fn(&Element) -> bool) -> Element {
        let name = if &*stanza.name == "iq" { "iq" } else { "message" };
        let mut handed = Element::new(ns::CLIENT, name)
            .attr("from", self.jid())
            .maybe_attr("to", stanza.get("to"))
            .maybe_attr("type", stanza.get("type"))
            .maybe_attr("id", stanza.get("id"));
        handed.attributes.extend(stanza.attributes.iter().filter(|known| known.ns == ns::XML).cloned());
        handed.with(stanza.elements().filter(|element| goes(element)).cloned())
    }

    /// Hands a request to the client that it is for.
    pub(super) async fn ask_client(&mut self, stanza: &Element, to: (Address, String)) -> Result<(), StanzaError> {
        let mut payloads = stanza.elements();
        let (Some(payload), None) = (payloads.next(), payloads.next()) else {
            return Err(StanzaError::bad_request("A request has exactly one element in it."));
        };
        let (Some("get" | "set"), Some(id)) = (stanza.get("type"), stanza.get("id")) else {
            return Err(StanzaError::bad_request("A request has an id, and is of type get or set."));
        };
        if *to.0.domain() != *self.address.domain() {
            return Err(StanzaError::new("remote-server-not-found", "cancel", ""));
        }
        if OF_SERVERS.contains(&&*payload.ns) {
            return Err(StanzaError::unavailable());
        }
        let handed = fits(self.handed(stanza, |_| true))?;
        self.session.request((&to.0, &to.1), id, handed).await.map_err(|refusal| not_reached(&refusal))
    }

    /// Hands an answer to the client that has asked for it.
    pub(super) async fn answer_client(&mut self, stanza: &Element, to: (Address, String)) -> Result<(), End> {
        let handed = self.handed(stanza, |_| true);
        if let Some(id) = stanza.get("id") {
            // An answer is not answered: whoever waits for it gives up in time.
            let _taken_or_not = self.session.answer((&to.0, &to.1), id, handed).await;
        }
        Ok(())
    }

    /// Requests that nobody has answered in time.
    pub(super) fn give_up(&mut self) -> Result<(), End> {
        for asked in self.session.unanswered() {
            let request = Element::new(ns::CLIENT, "iq")
                .attr("type", "get")
                .attr("id", asked.id)
                .attr("to", format!("{}/{}", asked.to, asked.resource));
            let error = StanzaError::new("service-unavailable", "cancel", "There was no answer.");
            self.refuse(&request, &error)?;
        }
        Ok(())
    }

    /// A message of a type that is never stored. RFC 6121 §8.5.2.1.1, §8.5.3.2.1.
    pub(super) async fn unstored(&mut self, stanza: &Element) -> Result<(), StanzaError> {
        let to = self.receiver(stanza)?;
        match stanza.get("type") {
            Some("groupchat") => {
                Err(StanzaError::new("service-unavailable", "cancel", "There are no group chats on this server."))
            }
            // An error is for who has made it, and for nobody where that is not said.
            Some("error") if full_address(stanza).is_none() => Ok(()),
            _ => self.hand_on(stanza, &to).await,
        }
    }

    /// Hands a message to the clients that are there now. Whether any is, is not said.
    pub(super) async fn hand_on(&mut self, stanza: &Element, to: &Address) -> Result<(), StanzaError> {
        let resource = full_address(stanza).map(|(_, resource)| resource);
        // XEP-0280 §6: what people say to each other, and not what they do not want to have copied.
        let chat = stanza.get("type") == Some("chat");
        let private = stanza.find(ns::CARBONS, "private").is_some() || stanza.find(ns::HINTS, "no-copy").is_some();
        let handed = fits(self.handed(stanza, message::goes_live))?;
        match self.session.message((to, resource.as_deref()), handed, chat && !private).await {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.code == Code::NotFound => Ok(()),
            // Nobody is told anything about an error. RFC 6120 §8.3.1.
            Err(_) if stanza.get("type") == Some("error") => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// A message that was stored and is for one client alone, which takes none that are for all: it gets it at once, with
    /// the id by which it knows it when it takes the others too. RFC 6121 §8.5.3.1.
    pub(super) async fn hand_to_quiet(&mut self, stanza: &Element, id: MessageId) {
        let Some((to, resource)) = full_address(stanza) else { return };
        if self.session.takes_only_its_own(&to, &resource).await {
            let stamp = Element::new(ns::STANZA_ID, "stanza-id").attr("by", to.to_string());
            let stamp = stamp.attr("id", self.door.engine().message_token(id));
            let handed = self.copied(stanza, message::goes_live).child(stamp).to_text().into();
            // It is in the log: what does not get there now is told later.
            let _handed_or_not = self.session.message((&to, Some(&*resource)), handed, false).await;
        }
    }

    /// What another client has handed over.
    pub(super) fn tell_stanza(&mut self, stanza: &Stanza) -> Result<(), End> {
        let Some(handed) = Element::parse(stanza.payload.as_bytes()) else { return Ok(()) };
        let way = match stanza.way {
            Way::Direct => return self.push(&handed),
            Way::Received | Way::Sent if !self.carbons => return Ok(()),
            Way::Received => "received",
            Way::Sent => "sent",
        };
        let delay = message::delay(self.address.domain(), self.door.engine().now().0);
        let copy = self.carbon(way, handed, delay);
        self.push(&copy)
    }
}
