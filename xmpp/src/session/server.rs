//! What the server says of itself and of the asker's account: identities, features, version, time. XEP-0030, XEP-0092,
//! XEP-0202.
//!
//! A request comes in, an element leaves. Invariant: what is announced here is answered in `iq`, and the other way round.

use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Link;
use super::iq::Answer;
use crate::error::StanzaError;
use crate::ns;
use crate::xml::Element;

/// What the server itself can do.
const SERVER: &[&str] =
    &[ns::BLOCKING, ns::CARBONS, ns::DISCO_INFO, ns::DISCO_ITEMS, ns::PING, ns::TIME, ns::VERSION];

/// What is there of an account of one's own.
const ACCOUNT: &[&str] = &[ns::ARCHIVE, ns::DISCO_INFO, ns::DISCO_ITEMS, ns::STANZA_ID];

impl<IO: AsyncRead + AsyncWrite + Unpin> Link<'_, IO> {
    /// What the server is and can do.
    pub(super) fn server_info(&self, payload: &Element) -> Answer {
        info(payload, [identity("server", "im")], SERVER)
    }

    /// What the asker's account is and what is there of it.
    pub(super) fn account_info(&self, payload: &Element) -> Answer {
        info(payload, [identity("account", "registered")], ACCOUNT)
    }

    /// What is below the server or the account: nothing.
    pub(super) fn items(payload: &Element) -> Answer {
        Ok(Some(Element::new(ns::DISCO_ITEMS, "query").maybe_attr("node", payload.get("node"))))
    }

    /// XEP-0202.
    pub(super) fn time(&self) -> Answer {
        let utc = Element::new(ns::TIME, "utc").text(stamp(self.door.engine().now().0));
        Ok(Some(Element::new(ns::TIME, "time").child(Element::new(ns::TIME, "tzo").text("Z")).child(utc)))
    }
}

fn identity(category: &'static str, kind: &'static str) -> Element {
    Element::new(ns::DISCO_INFO, "identity").attr("category", category).attr("type", kind).attr("name", "Belfry")
}

/// XEP-0030.
fn info(payload: &Element, identities: impl IntoIterator<Item = Element>, features: &[&'static str]) -> Answer {
    if payload.get("node").is_some() {
        return Err(StanzaError::not_found("There is no such node."));
    }
    let features = features.iter().map(|feature| Element::new(ns::DISCO_INFO, "feature").attr("var", *feature));
    Ok(Some(Element::new(ns::DISCO_INFO, "query").with(identities).with(features)))
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
