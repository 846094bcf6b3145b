//! How far the account has read, between its own clients: the one node of a personal pubsub. XEP-0490, XEP-0163.
//!
//! Requests about the node come in and answers leave; marks of the timeline become notifications to a client that wants
//! them, and carbons of a marker to one that follows others that way. There is no copy: the node is the account's read
//! marks, so that what is read in the web is read here. Invariants: nobody but the account sees it; publishing tells the
//! other side nothing; everything else of XEP-0060 is refused by name.

use belfry_domain::{Address, Cseq, Mark, MessageId, Refusal};

use super::Link;
use super::iq::Answer;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::limits::{MARKS_MAX, OWN_MARKS_MAX};
use crate::message;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

/// Messages that are looked through for the newest one of the other side below a mark.
const LOOKED_THROUGH: usize = 20;

impl<W: Wire> Link<'_, W> {
    /// Answers a request to the account's own pubsub.
    pub(super) async fn pubsub(&mut self, set: bool, payload: &Element) -> Answer {
        let asked = payload.elements().find(|part| !part.is(ns::PUBSUB, "publish-options"));
        let asked = asked.ok_or_else(|| StanzaError::bad_request("The request says nothing of what it wants."))?;
        let about_marks = asked.get("node") == Some(ns::DISPLAYED);
        match (&*asked.name, set, about_marks) {
            ("items", false, true) => self.displayed_items(asked).await,
            ("items", false, false) => Err(StanzaError::not_found("There is no such node here.")),
            ("publish", true, true) => self.publish_displayed(payload, asked).await,
            _ => {
                let unsupported =
                    Element::new(ns::PUBSUB_ERRORS, "unsupported").attr("feature", feature_of(&asked.name));
                let text = format!("The only node here is {}: it is published to and read.", ns::DISPLAYED);
                Err(StanzaError::new("feature-not-implemented", "cancel", text).specific(unsupported))
            }
        }
    }

    /// What the account has read, newest conversations first.
    async fn displayed_items(&mut self, asked: &Element) -> Answer {
        let limit = match asked.get("max_items").map(str::parse::<usize>) {
            Some(Ok(limit)) if limit > 0 => limit.min(MARKS_MAX),
            Some(_) => return Err(StanzaError::bad_request("max_items is a number.")),
            None => MARKS_MAX,
        };
        let wanted: Vec<&str> = asked.elements().filter_map(|item| item.get("id")).collect();
        let marks = self.door.engine().read_marks(self.session.caller(), MARKS_MAX).await?;
        let marks = marks.iter().filter(|mark| wanted.is_empty() || wanted.contains(&&*mark.peer.to_string()));
        let items = marks.take(limit).map(|mark| self.displayed_item(&mark.peer, mark.read));
        let items = Element::new(ns::PUBSUB, "items").attr("node", ns::DISPLAYED).with(items.collect::<Vec<_>>());
        Ok(Some(Element::new(ns::PUBSUB, "pubsub").child(items)))
    }

    /// A mark as an item; its namespace is that of what it stands in.
    fn displayed_item(&self, peer: &Address, read: MessageId) -> Element {
        let id = Element::new(ns::STANZA_ID, "stanza-id")
            .attr("by", self.address.to_string())
            .attr("id", self.door.engine().message_token(read));
        Element::new(ns::PUBSUB, "item")
            .attr("id", peer.to_string())
            .child(Element::new(ns::DISPLAYED, "displayed").child(id))
    }

    async fn publish_displayed(&mut self, payload: &Element, publish: &Element) -> Answer {
        if let Some(options) = payload.find(ns::PUBSUB, "publish-options") {
            held_to(options)?;
        }
        let mut items = publish.elements().filter(|item| item.is(ns::PUBSUB, "item"));
        let (Some(item), None) = (items.next(), items.next()) else {
            return Err(StanzaError::bad_request("One item is published at a time."));
        };
        let peer = item.get("id").ok_or_else(|| {
            let missing = Element::new(ns::PUBSUB_ERRORS, "item-required");
            StanzaError::bad_request("The id of an item is the address of the conversation.").specific(missing)
        })?;
        let displayed = item.find(ns::DISPLAYED, "displayed").ok_or_else(|| {
            let invalid = Element::new(ns::PUBSUB_ERRORS, "invalid-payload");
            StanzaError::bad_request("An item of this node has <displayed/> in it.").specific(invalid)
        })?;
        self.displayed(peer, displayed).await?;
        let published = Element::new(ns::PUBSUB, "item").attr("id", peer);
        let publish = Element::new(ns::PUBSUB, "publish").attr("node", ns::DISPLAYED).child(published);
        Ok(Some(Element::new(ns::PUBSUB, "pubsub").child(publish)))
    }

    /// The account has read a conversation so far; also where a message says so beside other things (§4.5).
    pub(super) async fn displayed(&mut self, peer: &str, displayed: &Element) -> Result<(), StanzaError> {
        let peer = Jid::parse(peer).ok_or_else(StanzaError::malformed_address)?.address;
        let peer = peer.ok_or_else(|| StanzaError::not_found("There are conversations with accounts only."))?;
        let named = displayed.find(ns::STANZA_ID, "stanza-id").and_then(|id| id.get("id")).unwrap_or("");
        let read = self.door.engine().message_of_token(named);
        let read = read.ok_or_else(|| StanzaError::not_found("The archive has no message of this id."))?;
        self.door.engine().mark_read_for_oneself(self.session.caller(), &peer, read).await?;
        self.remember_own_mark(read);
        Ok(())
    }

    /// This client has said that it has read so far: it is not told so as if it were another.
    pub(super) fn remember_own_mark(&mut self, read: MessageId) {
        self.own_marks.retain(|mark| mark.conversation != read.conversation);
        if self.own_marks.len() == OWN_MARKS_MAX {
            self.own_marks.pop_front();
        }
        self.own_marks.push_back(read);
    }

    /// The account has read further: what of it is told to this client.
    pub(super) async fn mark_stanzas(&mut self, mark: &Mark) -> Result<Vec<Element>, Refusal> {
        let read = MessageId { conversation: mark.conversation, cseq: mark.read };
        let carbon = self.carbons && !self.own_marks.contains(&read);
        if !carbon && !self.wants.displayed {
            return Ok(Vec::new());
        }
        let peer = self.door.engine().peer_of(self.session.caller(), mark.conversation).await?;
        let Some(peer) = peer else { return Ok(Vec::new()) };
        let mut stanzas = Vec::new();
        if self.wants.displayed {
            let mut item = self.displayed_item(&peer, read);
            item.ns = ns::PUBSUB_EVENT.into();
            let items = Element::new(ns::PUBSUB_EVENT, "items").attr("node", ns::DISPLAYED).child(item);
            let event = Element::new(ns::CLIENT, "message")
                .attr("type", "headline")
                .attr("id", self.door.engine().random_text())
                .attr("from", self.address.to_string())
                .attr("to", self.jid());
            stanzas.push(event.child(Element::new(ns::PUBSUB_EVENT, "event").child(items)));
        }
        if carbon && let Some(named) = self.newest_of_peer(&peer, read).await? {
            let marker = Element::new(ns::MARKERS, "displayed").attr("id", named);
            let marker = Element::new(ns::CLIENT, "message")
                .attr("type", "chat")
                .attr("id", self.door.engine().random_text())
                .attr("from", self.address.to_string())
                .attr("to", peer.to_string())
                .child(marker);
            let delay = message::delay(self.address.domain(), self.door.engine().now().0);
            stanzas.push(self.carbon("sent", marker, delay));
        }
        Ok(stanzas)
    }

    /// By which id clients know the newest message of the other side up to here.
    async fn newest_of_peer(&mut self, peer: &Address, read: MessageId) -> Result<Option<String>, Refusal> {
        let own = self.address.to_string();
        if let Some(known) = self.ids.of(read).filter(|known| known.author.split('/').next() != Some(&*own)) {
            return Ok(Some(known.named.clone()));
        }
        let before = Some(Cseq(read.cseq.0 + 1));
        let messages = self.messages_with(peer.clone(), before, LOOKED_THROUGH).await?;
        let theirs = messages.iter().rev().find(|said| !self.is_own(said) || *peer == self.address);
        Ok(theirs.map(|said| self.known_of(said).named))
    }
}

/// What a request is called among the features of XEP-0060 §10.
fn feature_of(name: &str) -> &'static str {
    match name {
        "affiliations" => "retrieve-affiliations",
        "configure" => "config-node",
        "create" => "create-nodes",
        "default" => "retrieve-default",
        "delete" => "delete-nodes",
        "options" => "subscription-options",
        "publish" => "publish",
        "purge" => "purge-nodes",
        "retract" => "delete-items",
        "subscribe" | "unsubscribe" => "subscribe",
        "subscriptions" => "retrieve-subscriptions",
        _ => "manage-subscriptions",
    }
}

/// Whether the node is as the client wants it: for its own account alone, and with all items kept. Other wishes change
/// nothing that anybody would see.
fn held_to(options: &Element) -> Result<(), StanzaError> {
    let form = options.find(ns::DATA, "x").into_iter().flat_map(Element::elements);
    for field in form.filter(|field| field.is(ns::DATA, "field")) {
        let value = field.find(ns::DATA, "value").map(Element::own_text).unwrap_or_default();
        let holds = match field.get("var") {
            Some("pubsub#access_model") => value == "whitelist",
            Some("pubsub#persist_items") => matches!(value.as_str(), "true" | "1"),
            _ => true,
        };
        if !holds {
            let unmet = Element::new(ns::PUBSUB_ERRORS, "precondition-not-met");
            let text = "This node is kept, and is for its account alone: access_model is whitelist.";
            return Err(StanzaError::new("conflict", "cancel", text).specific(unmet));
        }
    }
    Ok(())
}
