//! People: the roster, who is there, who may know that, who is blocked. RFC 6121 §2 to §4, XEP-0191.
//!
//! Requests and presences come in, deeds go to the engine; changed contacts and presences of others leave. Invariant: of
//! an account that is not there, one that hides and one that blocks, the same is told.

use belfry_domain::{Address, Code, ContactView, Deed};
use belfry_engine::{Availability, Command, Presence, Reply};
use tokio::io::{AsyncRead, AsyncWrite};

use super::Link;
use super::iq::Answer;
use crate::door::End;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::limits::{ASKED_MAX, BLOCKED_AT_ONCE_MAX, CONTACT_PAGES_MAX};
use crate::ns;
use crate::roster;
use crate::xml::Element;

impl<IO: AsyncRead + AsyncWrite + Unpin> Link<'_, IO> {
    /// Takes a presence: the client is there or not, for all or for somebody, or it is about who may know that.
    pub(super) async fn presence(&mut self, stanza: &Element) -> Result<(), End> {
        match (stanza.get("type"), stanza.get("to")) {
            (None, None) => self.is_there(stanza).await,
            (Some("unavailable"), None) => {
                self.available = false;
                self.say(Availability::Offline, stanza).await;
                Ok(())
            }
            (kind, Some(to)) => {
                let outcome = match self.person(to) {
                    Ok(to) => self.presence_to(stanza, kind, &to).await,
                    Err(error) => Err(error),
                };
                match outcome {
                    Ok(()) => Ok(()),
                    Err(error) => self.refuse(stanza, &error),
                }
            }
            (Some(_), None) => Ok(()),
        }
    }

    async fn is_there(&mut self, stanza: &Element) -> Result<(), End> {
        let priority = stanza.find(ns::CLIENT, "priority").map(Element::own_text);
        let priority = priority.and_then(|priority| priority.trim().parse::<i8>().ok()).unwrap_or(0);
        self.available = priority >= 0;
        self.announced(stanza)?;
        let first = !self.subscribed;
        self.subscribe();
        if !self.available {
            return Ok(());
        }
        self.say(roster::availability(stanza), stanza).await;
        let mut own = stanza.clone();
        own.set("from", self.jid());
        own.set("to", self.jid());
        self.push(&own)?;
        if first {
            let own = self.address.to_string();
            for view in self.contacts().await.unwrap_or_default() {
                if let Some(request) = roster::request(&view, &own) {
                    self.push(&request)?;
                }
            }
        }
        Ok(())
    }

    /// Says to all who may know how the client is there.
    async fn say(&mut self, availability: Availability, stanza: &Element) {
        if self.subscribed {
            let priority = stanza.find(ns::CLIENT, "priority").map(Element::own_text);
            let priority = priority.and_then(|priority| priority.trim().parse().ok()).unwrap_or(0);
            let command = Command::SetPresence { availability, status: roster::status(stanza), priority };
            // A client that says so too often is as it was before.
            let _said_or_not = self.door.engine().execute(self.session.caller(), command).await;
        }
    }

    async fn presence_to(&mut self, stanza: &Element, kind: Option<&str>, to: &Address) -> Result<(), StanzaError> {
        let deed = match kind {
            Some("subscribe") => Deed::Subscribe { note: roster::status(stanza) },
            Some("subscribed") => Deed::Subscribed,
            Some("unsubscribe") => Deed::Unsubscribe,
            Some("unsubscribed") => Deed::Unsubscribed,
            Some("probe") => {
                let shown = self.door.engine().probe(self.session.caller(), to).await?;
                if let Some(shown) = shown {
                    self.tell_presence(&shown);
                }
                return Ok(());
            }
            None | Some("unavailable") => {
                let availability = kind.map_or_else(|| roster::availability(stanza), |_| Availability::Offline);
                let (engine, status) = (self.door.engine(), roster::status(stanza));
                return Ok(engine.directed_presence(self.session.caller(), to, availability, status).await?);
            }
            Some(_) => return Ok(()),
        };
        let asks = matches!(deed, Deed::Subscribe { .. });
        let command = Command::ChangeContact { with: to.clone(), deed };
        match self.door.engine().execute(self.session.caller(), command).await {
            Ok(_) if asks => {
                self.asking.retain(|(other, _)| other != to);
                if self.asking.len() == ASKED_MAX {
                    self.asking.remove(0);
                }
                self.asking.push((to.clone(), false));
                Ok(())
            }
            // Nothing was open: that is as they want it.
            Ok(_) => Ok(()),
            Err(refusal) if refusal.code == Code::NotFound && !asks => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// An account of this server.
    fn person(&self, to: &str) -> Result<Address, StanzaError> {
        let to = Jid::parse(to).ok_or_else(StanzaError::malformed_address)?;
        if to.domain != self.address.domain() {
            return Err(StanzaError::new("remote-server-not-found", "cancel", ""));
        }
        to.address.ok_or_else(StanzaError::unavailable)
    }

    /// All contacts, requests and blocked accounts.
    async fn contacts(&mut self) -> Result<Vec<ContactView>, StanzaError> {
        let (mut all, mut after) = (Vec::new(), None);
        for _ in 0..CONTACT_PAGES_MAX {
            let command = Command::ListContacts { after, limit: usize::MAX };
            match self.door.engine().execute(self.session.caller(), command).await? {
                Reply::Contacts { views, next } => {
                    all.extend(views);
                    after = next;
                }
                _ => break,
            }
            if after.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// The roster. Whoever has asked for it is told its changes. RFC 6121 §2.1.3.
    pub(super) async fn roster(&mut self) -> Answer {
        self.interested = true;
        let contacts = self.contacts().await?;
        let items = contacts.iter().filter(|view| roster::is_item(&view.contact)).map(roster::item);
        Ok(Some(Element::new(ns::ROSTER, "query").with(items)))
    }

    pub(super) async fn set_roster(&mut self, query: &Element) -> Answer {
        let mut items = query.elements().filter(|item| item.is(ns::ROSTER, "item"));
        let (Some(item), None) = (items.next(), items.next()) else {
            return Err(StanzaError::bad_request("A change of the roster is about one item."));
        };
        let with = self.person(item.get("jid").unwrap_or(""))?;
        let command = Command::ChangeContact { with, deed: roster::deed(item)? };
        self.door.engine().execute(self.session.caller(), command).await?;
        Ok(None)
    }

    /// Who is blocked. XEP-0191.
    pub(super) async fn blocked(&mut self) -> Answer {
        let contacts = self.contacts().await?;
        let blocked = contacts.iter().filter(|view| view.contact.blocked);
        let item = |view: &ContactView| Element::new(ns::BLOCKING, "item").attr("jid", view.peer.to_string());
        Ok(Some(Element::new(ns::BLOCKING, "blocklist").with(blocked.map(item))))
    }

    pub(super) async fn block(&mut self, payload: &Element) -> Answer {
        let blocks = payload.name == "block";
        let items = payload.elements().filter(|item| item.is(ns::BLOCKING, "item"));
        let mut people = items.map(|item| self.person(item.get("jid").unwrap_or(""))).collect::<Result<Vec<_>, _>>()?;
        if people.is_empty() && blocks {
            return Err(StanzaError::bad_request("Say whom to block."));
        }
        if people.is_empty() {
            let contacts = self.contacts().await?;
            people = contacts.into_iter().filter(|view| view.contact.blocked).map(|view| view.peer).collect();
        }
        if people.len() > BLOCKED_AT_ONCE_MAX {
            let text = format!("At most {BLOCKED_AT_ONCE_MAX} accounts at once.");
            return Err(StanzaError::new("policy-violation", "modify", text));
        }
        for with in people {
            let deed = if blocks { Deed::Block } else { Deed::Unblock };
            let command = Command::ChangeContact { with, deed };
            self.door.engine().execute(self.session.caller(), command).await?;
        }
        Ok(None)
    }

    /// A contact has changed: what of it is told to this client.
    pub(super) fn contact_stanzas(&mut self, view: &ContactView) -> Vec<Element> {
        let mut stanzas = Vec::new();
        let contact = &view.contact;
        if self.interested && (roster::is_item(contact) || contact.asked.is_none()) {
            let query = Element::new(ns::ROSTER, "query").child(roster::item(view));
            let push = Element::new(ns::CLIENT, "iq").attr("type", "set").attr("id", self.door.engine().random_text());
            stanzas.push(push.attr("to", self.jid()).child(query));
        }
        let own = self.address.to_string();
        // What has become of what this client has asked for: entries from before it asked say nothing of that.
        if let Some(at) = self.asking.iter().position(|(asked, _)| *asked == view.peer) {
            let kind = match (contact.to, contact.asks, self.asking[at].1) {
                (true, ..) => Some("subscribed"),
                (false, false, true) => Some("unsubscribed"),
                (false, asks, _) => {
                    self.asking[at].1 |= asks;
                    None
                }
            };
            if let Some(kind) = kind {
                self.asking.remove(at);
                let answer = Element::new(ns::CLIENT, "presence").attr("type", kind);
                stanzas.push(answer.attr("from", view.peer.to_string()).attr("to", &*own));
            }
        }
        stanzas.extend(roster::request(view, &own));
        stanzas
    }

    /// How somebody is there. Where too much waits already, it is left out: the next change says it again.
    pub(super) fn tell_presence(&mut self, presence: &Presence) {
        if self.managed.as_ref().is_none_or(|managed| !managed.is_crowded()) {
            let stanza = roster::presence(presence, &self.jid());
            let _room = self.push(&stanza);
        }
    }
}
