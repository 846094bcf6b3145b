//! People: the roster, who may know whether the client is there, who is blocked. RFC 6121 §2 and §3, XEP-0191.
//!
//! Requests and presences come in, deeds go to the engine; changed contacts leave. Invariant: of
//! an account that is not there, one that hides and one that blocks, the same is told.

use belfry_domain::{Address, Code, ContactView, Deed};
use belfry_engine::{Command, Reply};
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
            (Some("unavailable"), None) => self.is_gone(stanza),
            (kind, Some(to)) => match self.presence_to(stanza, kind, to).await {
                Ok(()) => Ok(()),
                Err(error) => self.refuse(stanza, &error),
            },
            (Some(_), None) => Ok(()),
        }
    }

    /// Who waits for an answer of the account. They are told again to each client that comes. RFC 6121 §3.1.3.
    pub(super) async fn tell_requests(&mut self) -> Result<(), End> {
        let own = self.address.to_string();
        for view in self.contacts().await.unwrap_or_default() {
            if let Some(request) = roster::request(&view, &own) {
                self.push(&request)?;
            }
        }
        Ok(())
    }

    async fn presence_to(&mut self, stanza: &Element, kind: Option<&str>, to: &str) -> Result<(), StanzaError> {
        let with = self.person(to)?;
        let deed = match kind {
            Some("subscribe") => Deed::Subscribe { note: roster::status(stanza) },
            Some("subscribed") => Deed::Subscribed,
            Some("unsubscribe") => Deed::Unsubscribe,
            Some("unsubscribed") => Deed::Unsubscribed,
            Some("probe") => return self.probes(&with).await,
            None | Some("unavailable") => return self.directs(stanza, to, kind.is_none()).await,
            Some(_) => return Ok(()),
        };
        let asks = matches!(deed, Deed::Subscribe { .. });
        let command = Command::ChangeContact { with: with.clone(), deed };
        match self.door.engine().execute(self.session.caller(), command).await {
            Ok(_) if asks => {
                self.people.asking.retain(|(other, _)| *other != with);
                if self.people.asking.len() == ASKED_MAX {
                    self.people.asking.remove(0);
                }
                self.people.asking.push((with, false));
                Ok(())
            }
            // Nothing was open: that is as they want it.
            Ok(_) => Ok(()),
            Err(refusal) if refusal.code == Code::NotFound && !asks => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// An account of this server.
    pub(super) fn person(&self, to: &str) -> Result<Address, StanzaError> {
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
        self.people.interested = true;
        self.subscribe();
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
        if self.people.interested && (roster::is_item(contact) || contact.asked.is_none()) {
            let query = Element::new(ns::ROSTER, "query").child(roster::item(view));
            let push = Element::new(ns::CLIENT, "iq").attr("type", "set").attr("id", self.door.engine().random_text());
            stanzas.push(push.attr("to", self.jid()).child(query));
        }
        let own = self.address.to_string();
        // What has become of what this client has asked for: entries from before it asked say nothing of that.
        if let Some(at) = self.people.asking.iter().position(|(asked, _)| *asked == view.peer) {
            let kind = match (contact.to, contact.asks, self.people.asking[at].1) {
                (true, ..) => Some("subscribed"),
                (false, false, true) => Some("unsubscribed"),
                (false, asks, _) => {
                    self.people.asking[at].1 |= asks;
                    None
                }
            };
            if let Some(kind) = kind {
                self.people.asking.remove(at);
                let answer = Element::new(ns::CLIENT, "presence").attr("type", kind);
                stanzas.push(answer.attr("from", view.peer.to_string()).attr("to", &*own));
            }
        }
        if self.available {
            stanzas.extend(roster::request(view, &own));
        }
        stanzas
    }
}
