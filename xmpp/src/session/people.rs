//! People: the roster, who may know whether the client is there, who is blocked. RFC 6121 §2 and §3, XEP-0191.
//!
//! Requests and presences come in, deeds go to the engine; changed contacts leave. Invariant: of
//! an account that is not there, one that hides and one that blocks, the same is told.

use belfry_domain::limits::REQUESTS_MAX;
use belfry_domain::{Address, Code, ContactView, DataKind, Deed, Seq};
use belfry_engine::{Command, Reply, Subscribed};

use super::Link;
use super::iq::Answer;
use super::there::Waiting;
use crate::door::End;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::limits::{BLOCKED_AT_ONCE_MAX, CONTACT_PAGES_MAX};
use crate::ns;
use crate::roster;
use crate::wire::Wire;
use crate::xml::Element;

impl<W: Wire> Link<'_, W> {
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
    pub(super) async fn tell_requests(&mut self) {
        self.people.requested.clear();
        for view in self.contacts().await.unwrap_or_default() {
            let request = self.request(&view);
            self.people.waiting.extend(request.map(Waiting::Said));
        }
    }

    /// The request of a contact, if there is one that this client was not told.
    fn request(&mut self, view: &ContactView) -> Option<Element> {
        let asked = (view.account, view.contact.asked.as_ref()?.at);
        if !self.available || self.people.requested.contains(&asked) {
            return None;
        }
        if self.people.requested.len() < REQUESTS_MAX {
            self.people.requested.push(asked);
        }
        roster::request(view, &self.address.to_string())
    }

    /// A contact has let the account in, or otherwise. RFC 6121 §3.1.6, §3.2.3, §3.3.3.
    pub(super) fn tell_subscribed(&mut self, (peer, what): &(Address, Subscribed)) -> Result<(), End> {
        let kind = match what {
            Subscribed::LetIn => "subscribed",
            Subscribed::ShutOut => "unsubscribed",
            Subscribed::Left => "unsubscribe",
        };
        let told = Element::new(ns::CLIENT, "presence").attr("type", kind).attr("from", peer.to_string());
        self.push(&told.attr("to", self.address.to_string()))
    }

    async fn presence_to(&mut self, stanza: &Element, kind: Option<&str>, to: &str) -> Result<(), StanzaError> {
        let with = self.person(to)?;
        if kind == Some("subscribe") && self.is_by_invitation(stanza, &with).await {
            return Ok(());
        }
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
        let command = Command::ChangeContact { with, deed };
        match self.door.engine().execute(self.session.caller(), command).await {
            Ok(_) => Ok(()),
            // Nothing was open: that is as they want it.
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

    /// The roster. Whoever has asked for it is told its changes. RFC 6121 §2.1.3. A client that has it up to a version is
    /// told what has changed since, by pushes; a version is a place in the account's log. RFC 6121 §2.6.
    pub(super) async fn roster(&mut self, query: &Element) -> Answer {
        let (engine, caller) = (self.door.engine(), self.session.caller());
        let known = query.get("ver").and_then(|ver| ver.parse().ok()).map(Seq);
        let since = match known {
            Some(place) if engine.contacts_known_at(caller, place).await? => Some(place),
            _ => None,
        };
        let place = match since {
            Some(place) => place,
            None => engine.contacts_at(caller).await?,
        };
        // Whoever is told changes already goes on where it is: what has come since and was not told yet is told still.
        let told_already = std::mem::replace(&mut self.people.interested, true) && since.is_none();
        self.people.versions = query.get("ver").is_some();
        if !told_already {
            self.people.roster = Some(place);
            self.session.moves(DataKind::Contacts, place);
        }
        self.subscribe();
        if since.is_some() {
            return Ok(None);
        }
        let contacts = self.contacts().await?;
        // The place may be behind a request that came while this client was there; the roster does not say it.
        for view in &contacts {
            let request = self.request(view);
            self.people.waiting.extend(request.map(Waiting::Said));
        }
        self.news |= !self.people.waiting.is_empty();
        let items = contacts.iter().filter(|view| roster::is_item(&view.contact)).map(roster::item);
        let ver = self.people.versions.then(|| place.0.to_string());
        Ok(Some(Element::new(ns::ROSTER, "query").maybe_attr("ver", ver).with(items)))
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
        self.people.blocked = Some(blocked.clone().map(|view| view.account).collect());
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
    pub(super) fn contact_stanzas(&mut self, view: &ContactView, place: Seq) -> Vec<Element> {
        let mut stanzas = Vec::new();
        let contact = &view.contact;
        if self.people.interested && (roster::is_item(contact) || contact.asked.is_none()) {
            let ver = self.people.versions.then(|| place.0.to_string());
            stanzas
                .push(self.pushed(Element::new(ns::ROSTER, "query").maybe_attr("ver", ver).child(roster::item(view))));
        }
        // XEP-0191 §3: to those that have asked for the list, whoever has changed it.
        let known = self.people.blocked.as_mut();
        let changed = known.is_some_and(|known| match contact.blocked {
            true => known.insert(view.account),
            false => known.remove(&view.account),
        });
        if changed {
            let item = Element::new(ns::BLOCKING, "item").attr("jid", view.peer.to_string());
            let what = if contact.blocked { "block" } else { "unblock" };
            stanzas.push(self.pushed(Element::new(ns::BLOCKING, what).child(item)));
        }
        stanzas.extend(self.request(view));
        stanzas
    }

    /// Something that the server asks of the client, so that it knows.
    fn pushed(&self, payload: Element) -> Element {
        let push = Element::new(ns::CLIENT, "iq").attr("type", "set").attr("id", self.door.engine().random_text());
        push.attr("to", self.jid()).child(payload)
    }
}
