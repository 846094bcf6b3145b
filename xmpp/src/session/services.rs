//! Services beside the server, and when somebody was there last. XEP-0215, XEP-0012.
//!
//! Requests come in and answers leave. Invariant: when an account was there is told as its owner lets those who ask know
//! it, and who may not know is told the same as of an account that is not there.

use belfry_engine::Availability;

use super::Link;
use super::iq::Answer;
use crate::about;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

impl<W: Wire> Link<'_, W> {
    /// The services of a type, or all.
    pub(super) fn services(&self, asked: &Element) -> Answer {
        let (about, now) = (self.door.about(), self.door.engine().now().0);
        let kind = asked.get("type");
        let services = about::services(&about, kind, &self.address.to_string(), now);
        Ok(Some(Element::new(ns::SERVICES, "services").maybe_attr("type", kind).with(services)))
    }

    /// What lets the account use one service.
    pub(super) fn credentials(&self, asked: &Element) -> Answer {
        let wanted = asked.find(ns::SERVICES, "service");
        let wanted = wanted.filter(|wanted| wanted.get("host").is_some() && wanted.get("type").is_some());
        let wanted = wanted.ok_or_else(|| StanzaError::bad_request("Say which service: its host and its type."))?;
        let (about, now) = (self.door.about(), self.door.engine().now().0);
        let services = about::at(&about, wanted, &self.address.to_string(), now);
        if services.is_empty() {
            return Err(StanzaError::not_found("There is no such service."));
        }
        Ok(Some(Element::new(ns::SERVICES, "credentials").with(services)))
    }

    /// For how long the server has been there.
    pub(super) fn uptime(&self) -> Answer {
        Ok(Some(last(self.door.started.elapsed().as_secs())))
    }

    /// How long ago an account was there last: 0 is now.
    pub(super) async fn last_seen(&mut self, request: &Element) -> Answer {
        let of = match request.get("to") {
            Some(to) => Jid::parse(to).ok_or_else(StanzaError::malformed_address)?.address,
            None => Some(self.address.clone()),
        };
        let of = of.filter(|of| of.domain() == self.address.domain()).ok_or_else(StanzaError::unavailable)?;
        if of == self.address {
            return Ok(Some(last(0))); // whoever asks is there
        }
        let forbidden = || StanzaError::new("forbidden", "auth", "");
        let shown = self.door.engine().probe(self.session.caller(), &of).await?.ok_or_else(forbidden)?;
        match (shown.availability, shown.last_seen.0) {
            (Availability::Offline, 0) => Err(forbidden()),
            (Availability::Offline, seen) => Ok(Some(last(self.door.engine().now().0.saturating_sub(seen) / 1000))),
            _ => Ok(Some(last(0))),
        }
    }
}

fn last(seconds: u64) -> Element {
    Element::new(ns::LAST, "query").attr("seconds", seconds.to_string())
}
