//! What a client is told: entries of the timeline become stanzas.
//!
//! An entry comes in, none, one or some stanzas leave. Invariants: what the account's other clients have sent goes only
//! to those that asked for it; a client is not told what it has done itself.

use std::sync::Arc;

use belfry_domain::{Amendment, Author, Entry, Item, Message, MessageId, Receipt, Refusal};
use belfry_engine::{Identity, Typing};

use super::Link;
use super::ids::Known;
use crate::door::End;
use crate::limits::LATE_MS;
use crate::message::{self, Kept, Named};
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

impl<W: Wire> Link<'_, W> {
    pub(super) async fn stanzas_of(&mut self, entry: &Entry) -> Result<Vec<Element>, End> {
        match &entry.item {
            Item::Message(said) => Ok(self.message_stanza(said).await?.into_iter().collect()),
            Item::Amendment(amendment) => Ok(self.amendment_stanzas(amendment).await?),
            Item::Receipt(receipt) => Ok(self.receipt_stanzas(receipt).await?),
            Item::Mark(mark) => Ok(self.mark_stanzas(mark).await?),
            Item::Contact(view) => Ok(self.contact_stanzas(view, entry.seq)),
            _ => Ok(Vec::new()),
        }
    }

    /// Whether the account itself wrote a message.
    pub(super) fn is_own(&self, said: &Message) -> bool {
        match (&said.author, &self.session.caller().identity) {
            (Author::Account { account, .. }, Identity::Device { account: own, .. }) => account == own,
            _ => false,
        }
    }

    fn is_of_this_client(&self, said: &Message) -> bool {
        match (&said.author, &self.session.caller().identity) {
            (Author::Account { device, .. }, Identity::Device { device: own, .. }) => {
                device == own && self.is_own(said)
            }
            _ => false,
        }
    }

    async fn message_stanza(&mut self, said: &Arc<Message>) -> Result<Option<Element>, Refusal> {
        if self.is_of_this_client(said) || said.life.recalled.is_some() {
            return Ok(None);
        }
        let own = self.is_own(said) && said.to.as_ref() != Some(&self.address);
        if own && !self.carbons {
            return Ok(None);
        }
        let named = self.named(said);
        if own && named.is_uncopied() {
            return Ok(None);
        }
        self.ids.remember(self.known_as(said, &named));
        let stanza = self.stanza_named(said, &named).await?;
        let late = self.door.engine().now().ms_since(said.sent) > LATE_MS;
        let delay = || message::delay(self.address.domain(), said.sent.0);
        Ok(Some(match (own, late) {
            (true, _) => self.carbon("sent", stanza, delay()),
            (false, _) if self.is_for_another(&named) => self.carbon("received", stanza, delay()),
            (false, true) => stanza.child(delay()),
            (false, false) => stanza,
        }))
    }

    /// How clients know a message by name.
    pub(super) fn named(&self, said: &Message) -> Named {
        Named::of(said, self.door.engine().message_token(said.id))
    }

    /// The stanza of a message, not wrapped.
    pub(super) async fn stanza_of(&mut self, said: &Message) -> Result<Element, Refusal> {
        let named = self.named(said);
        self.stanza_named(said, &named).await
    }

    async fn stanza_named(&mut self, said: &Message, named: &Named) -> Result<Element, Refusal> {
        let answered = match said.content.reply_to {
            Some(cseq) => self.answered(MessageId { cseq, ..said.id }).await?,
            None => None,
        };
        Ok(message::write(said, named, self.address.as_str(), answered))
    }

    /// Whether a message is for another client of the account that is there, and this one wants such as copies. Where it
    /// does not, it gets the message as it is, so that nothing is lost (RFC 6121 §8.5.3.2.1 lets others have it where that
    /// client has gone).
    fn is_for_another(&self, named: &Named) -> bool {
        let other = named.addressed().filter(|addressed| *addressed != self.resource);
        self.carbons && other.is_some_and(|other| self.session.has_sibling(other))
    }

    /// Something that another client of the account has sent or was sent. XEP-0280.
    pub(super) fn carbon(&self, way: &'static str, stanza: Element, delay: Element) -> Element {
        let kind = stanza.get("type").unwrap_or("chat").to_owned();
        Element::new(ns::CLIENT, "message")
            .attr("from", self.address.to_string())
            .attr("to", self.jid())
            .attr("type", kind)
            .child(Element::new(ns::CARBONS, way).child(message::forwarded(stanza, delay)))
    }

    /// What has become of a message. A row says what holds now; what of it is new is what was not told before.
    async fn amendment_stanzas(&mut self, amendment: &Amendment) -> Result<Vec<Element>, Refusal> {
        let Some(known) = self.known(amendment.id).await? else { return Ok(Vec::new()) };
        let by_author = amendment.author == self.address;
        let mut changes: Vec<(bool, Element)> = Vec::new();
        if amendment.recalled.is_some() && !known.recalled {
            let retract = Element::new(ns::RETRACT, "retract").attr("id", &*known.named);
            let fallback = Element::new(ns::FALLBACK, "fallback").attr("for", ns::RETRACT);
            let body = Element::new(ns::CLIENT, "body").text("This message was taken back.");
            changes.push((by_author, self.change(&[retract, fallback, body])));
        } else if amendment.edited > known.edited
            && let Some(content) = &amendment.content
        {
            let replace = Element::new(ns::CORRECT, "replace").attr("id", &*known.named);
            let body = Element::new(ns::CLIENT, "body").text(message::shown_text(content));
            let mut parts = vec![body, replace];
            parts.extend(message::passed(content));
            changes.push((by_author, self.change(&parts)));
        }
        let theirs = amendment.reactions.iter().find(|reaction| reaction.by == known.peer);
        let theirs = theirs.map_or_else(String::new, |reaction| reaction.emoji.clone());
        // A row that says nothing at all is that of a reaction that was taken back.
        let only_reactions = amendment.recalled.is_none() && amendment.edited.is_none() && !amendment.pinned;
        let new = match &known.reacted {
            Some(told) => *told != theirs,
            None => !theirs.is_empty() || (only_reactions && amendment.reactions.is_empty()),
        };
        if new {
            let emoji = (!theirs.is_empty()).then(|| Element::new(ns::REACTIONS, "reaction").text(&*theirs));
            let reactions = Element::new(ns::REACTIONS, "reactions").attr("id", &*known.named).with(emoji);
            changes.push((false, self.change(&[reactions, Element::new(ns::HINTS, "store")])));
        }
        let (own, peer) = (self.address.to_string(), known.peer.to_string());
        let recalled = amendment.recalled.is_some();
        self.ids.remember(Known { edited: amendment.edited, recalled, reacted: Some(theirs), ..known });
        let to_own_clients = self.carbons;
        let now = self.door.engine().now().0;
        let stanzas = changes
            .into_iter()
            .filter(|(by_own, _)| !by_own || to_own_clients)
            .map(|(by_own, stanza)| {
                let (from, to) = if by_own { (&own, &peer) } else { (&peer, &own) };
                let stanza = stanza.attr("from", &**from).attr("to", &**to);
                if by_own { self.carbon("sent", stanza, message::delay(self.address.domain(), now)) } else { stanza }
            })
            .collect();
        Ok(stanzas)
    }

    fn change(&self, parts: &[Element]) -> Element {
        Element::new(ns::CLIENT, "message")
            .attr("type", "chat")
            .attr("id", self.door.engine().random_text())
            .with(parts.iter().cloned())
    }

    /// The other side has got further: what this client has asked to be told of it. XEP-0184, XEP-0333.
    async fn receipt_stanzas(&mut self, receipt: &Receipt) -> Result<Vec<Element>, Refusal> {
        let up_to = |cseq| MessageId { conversation: receipt.conversation, cseq };
        let lost = |id: MessageId| receipt.undelivered.iter().any(|(from, to)| (*from..=*to).contains(&id.cseq));
        let mut delivered: Vec<String> = Vec::new();
        let mut sent_here = false;
        for known in self.ids.up_to(up_to(receipt.delivered)).filter(|known| known.sent_here) {
            sent_here = true;
            if std::mem::take(&mut known.wants_receipt) && !lost(known.id) {
                delivered.push(known.named.clone());
            }
        }
        let mut read = None;
        for known in self.ids.up_to(up_to(receipt.read)).filter(|known| known.wants_read) {
            (read, known.wants_read) = (Some(known.named.clone()), false);
        }
        if !sent_here && receipt.delivered.0 > 0 {
            // They were sent on an earlier stream: the newest that arrived and the newest that was read are told of.
            let window = self.messages_up_to(up_to(receipt.delivered)).await?;
            let mut own = window.iter().rev().filter(|said| self.is_of_this_client(said));
            let named = |said: &Message| self.named(said).id;
            if let Some(newest) = own.clone().next().filter(|newest| newest.id.cseq > receipt.read)
                && Kept::of(&newest.content).is_some_and(|kept| kept.receipt)
            {
                delivered.push(named(newest));
            }
            read = own.find(|said| said.id.cseq <= receipt.read).map(|said| named(said));
        }
        let from = receipt.peer.to_string();
        let mut stanzas = Vec::new();
        let mut tell = |part: Element| {
            let stanza = self.change(&[part]);
            stanzas.push(stanza.attr("from", &*from).attr("to", self.address.to_string()));
        };
        for id in delivered {
            tell(Element::new(ns::RECEIPTS, "received").attr("id", id));
        }
        if let Some(id) = read {
            tell(Element::new(ns::MARKERS, "displayed").attr("id", id));
        }
        Ok(stanzas)
    }

    /// Somebody is writing, or has stopped: true now and told once. XEP-0085.
    pub(super) fn tell_typing(&mut self, typing: &Typing) {
        let state = if typing.active { "composing" } else { "paused" };
        let stanza = Element::new(ns::CLIENT, "message")
            .attr("type", "chat")
            .attr("from", typing.from.to_string())
            .attr("to", self.address.to_string())
            .child(Element::new(ns::CHAT_STATES, state))
            .child(Element::new(ns::HINTS, "no-store"));
        // Where too much waits already, what is true only now may be lost.
        if self.managed.as_ref().is_none_or(|managed| !managed.is_crowded()) {
            let _room = self.push(&stanza);
        }
    }
}
