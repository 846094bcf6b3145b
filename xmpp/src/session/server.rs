//! What the server says of itself and of the asker's account: identities, features, version, time. XEP-0030, XEP-0092,
//! XEP-0157, XEP-0202.
//!
//! A request comes in, an element leaves. Invariant: what is announced here is answered in `iq`, and the other way round.

use jiff::Timestamp;

use super::Link;
use super::iq::Answer;
use crate::about::{self, About};
use crate::caps;
use crate::error::StanzaError;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

/// The name under which the server's software is known. XEP-0115 §4.
const NODE: &str = "urn:belfry:server";

/// What the server itself can do.
const SERVER: &[&str] = &[
    ns::BLOCKING,
    ns::CAPS,
    ns::CARBONS,
    ns::COMMANDS,
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::LAST,
    ns::PING,
    ns::PRIVATE,
    ns::REGISTER,
    ns::SERVICES,
    ns::TIME,
    ns::VCARD,
    ns::VERSION,
];

/// What is there of an account of one's own.
const ACCOUNT: &[&str] = &[
    ns::ARCHIVE,
    ns::ARCHIVE_EXTENDED,
    ns::ARCHIVE_GROUP_FIELD,
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::DISPLAYED_ASSIST,
    ns::LAST,
    ns::PRIVATE,
    ns::STANZA_ID,
    ns::VCARD,
    // Of personal pubsub that which the one node can do. XEP-0060 §10.
    "http://jabber.org/protocol/pubsub#access-whitelist",
    "http://jabber.org/protocol/pubsub#auto-create",
    "http://jabber.org/protocol/pubsub#config-node-max",
    "http://jabber.org/protocol/pubsub#filtered-notifications",
    "http://jabber.org/protocol/pubsub#item-ids",
    "http://jabber.org/protocol/pubsub#multi-items",
    "http://jabber.org/protocol/pubsub#persistent-items",
    "http://jabber.org/protocol/pubsub#publish",
    "http://jabber.org/protocol/pubsub#publish-options",
    "http://jabber.org/protocol/pubsub#retrieve-items",
];

impl<W: Wire> Link<'_, W> {
    /// What the server is and can do.
    pub(super) fn server_info(&self, payload: &Element) -> Answer {
        let about = self.door.about();
        match payload.get("node") {
            None => Ok(Some(description(&about))),
            Some(ns::INVITE) => Ok(Some(Self::command_info())),
            // Asked about by the hash that the stream announced. XEP-0115 §6.2.
            Some(node) if node.strip_prefix(NODE).and_then(|ver| ver.strip_prefix('#')) == Some(&*hash(&about)) => {
                Ok(Some(description(&about).attr("node", node)))
            }
            Some(_) => Err(StanzaError::not_found("There is no such node.")),
        }
    }

    /// What the asker's account is and what is there of it.
    pub(super) fn account_info(&self, payload: &Element) -> Answer {
        info(payload, [identity("account", "registered"), identity("pubsub", "pep")], ACCOUNT)
    }

    /// What is below the server (nothing: groups and files are elsewhere) or below the asker's account.
    pub(super) fn items(&self, of_account: bool, payload: &Element) -> Answer {
        match payload.get("node") {
            None => {}
            Some(ns::COMMANDS) if !of_account => return Ok(Some(self.commands())),
            Some(_) => return Err(StanzaError::not_found("There is no such node.")),
        }
        let node = of_account.then(|| {
            let item = Element::new(ns::DISCO_ITEMS, "item").attr("jid", self.address.to_string());
            item.attr("node", ns::DISPLAYED)
        });
        Ok(Some(Element::new(ns::DISCO_ITEMS, "query").with(node)))
    }

    /// XEP-0202.
    pub(super) fn time(&self) -> Answer {
        let utc = Element::new(ns::TIME, "utc").text(stamp(self.door.engine().now().0));
        Ok(Some(Element::new(ns::TIME, "time").child(Element::new(ns::TIME, "tzo").text("+00:00")).child(utc)))
    }
}

/// What the server is and can do, and whom to write to.
fn description(about: &About) -> Element {
    described([identity("server", "im")], SERVER).with(about::contacts(about))
}

fn hash(about: &About) -> String {
    caps::hash_of(&description(about)).unwrap_or_default()
}

/// By which hash the server's description is known, so that a client that has it need not ask. XEP-0115 §6.3.
pub(crate) fn caps_of_server(about: &About) -> Element {
    Element::new(ns::CAPS, "c").attr("hash", "sha-1").attr("node", NODE).attr("ver", hash(about))
}

fn identity(category: &'static str, kind: &'static str) -> Element {
    Element::new(ns::DISCO_INFO, "identity").attr("category", category).attr("type", kind).attr("name", "Belfry")
}

/// XEP-0030.
fn info(payload: &Element, identities: impl IntoIterator<Item = Element>, features: &[&'static str]) -> Answer {
    if payload.get("node").is_some() {
        return Err(StanzaError::not_found("There is no such node."));
    }
    Ok(Some(described(identities, features)))
}

fn described(identities: impl IntoIterator<Item = Element>, features: &[&'static str]) -> Element {
    let features = features.iter().map(|feature| Element::new(ns::DISCO_INFO, "feature").attr("var", *feature));
    Element::new(ns::DISCO_INFO, "query").with(identities).with(features)
}

/// XEP-0092. What it runs on is nobody's business.
pub(super) fn version() -> Answer {
    let query = Element::new(ns::VERSION, "query")
        .child(Element::new(ns::VERSION, "name").text("Belfry"))
        .child(Element::new(ns::VERSION, "version").text(env!("CARGO_PKG_VERSION")));
    Ok(Some(query))
}

/// A moment as XEP-0082 writes it.
pub(crate) fn stamp(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}
