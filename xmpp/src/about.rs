//! What the operator says of the server: whom to write to, and services beside it. XEP-0157, XEP-0215.
//!
//! It comes from the configuration; forms and lists leave. Invariant: the secret that a relay shares with the server
//! never leaves, only what is made with it, for a time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_domain::Secret;
use hmac::{Hmac, Mac as _};
use sha1::Sha1;

use crate::limits::CREDENTIALS_GOOD;
use crate::ns;
use crate::session::stamp;
use crate::xml::Element;

/// What the operator says of the server.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Addresses to write to, as URIs, by what they are for: `abuse`, `admin` and the others of XEP-0157.
    pub contacts: Vec<(&'static str, Vec<String>)>,
    /// STUN servers, relays and whatever else clients may want to use.
    pub services: Vec<Service>,
    /// Origins of other pages that may use the door's web face, as `https://chat.example.org`; `*`: all.
    pub origins: Vec<String>,
    /// Where the web face is reached, as `https://chat.example.org`; `None`: where it was asked.
    pub public_url: Option<String>,
}

/// A service that is not this server's own.
#[derive(Clone, Debug)]
pub struct Service {
    /// `stun`, `turn`, `turns` …
    pub kind: String,
    /// Where it is.
    pub host: String,
    /// At which port.
    pub port: u16,
    /// `udp` or `tcp`; empty: not said.
    pub transport: String,
    /// What lets clients use it.
    pub access: Access,
}

/// What lets clients use a service.
#[derive(Clone, Debug)]
pub enum Access {
    /// Nothing is asked.
    Open,
    /// One name and password for all.
    Shared {
        /// The name.
        name: String,
        /// The password.
        password: Secret<String>,
    },
    /// Each account gets a name and password that are good for a time, made with a secret that the service has too.
    Made {
        /// The secret.
        secret: Secret<String>,
    },
}

/// The form with whom to write to. `None`: the operator says nothing.
pub(crate) fn contacts(about: &About) -> Option<Element> {
    let field = |(what, uris): &(&str, Vec<String>)| {
        let values = uris.iter().map(|uri| Element::new(ns::DATA, "value").text(&**uri));
        let field = Element::new(ns::DATA, "field").attr("type", "list-multi").attr("var", format!("{what}-addresses"));
        field.with(values.collect::<Vec<_>>())
    };
    let fields: Vec<Element> = about.contacts.iter().filter(|(_, uris)| !uris.is_empty()).map(field).collect();
    if fields.is_empty() {
        return None;
    }
    let kind = Element::new(ns::DATA, "field").attr("type", "hidden").attr("var", "FORM_TYPE");
    let kind = kind.child(Element::new(ns::DATA, "value").text(ns::SERVER_INFO));
    Some(Element::new(ns::DATA, "x").attr("type", "result").child(kind).with(fields))
}

/// The services of a type, or all, with what lets this account use them.
pub(crate) fn services(about: &About, kind: Option<&str>, account: &str, now_ms: u64) -> Vec<Element> {
    let services = about.services.iter().filter(|service| kind.is_none_or(|kind| kind == service.kind));
    services.map(|service| written(service, account, now_ms)).collect()
}

/// The services at a host, if the account may use them.
pub(crate) fn at(about: &About, wanted: &Element, account: &str, now_ms: u64) -> Vec<Element> {
    let is = |service: &&Service| {
        wanted.get("host") == Some(&*service.host)
            && wanted.get("type") == Some(&*service.kind)
            && wanted.get("port").is_none_or(|port| port.parse() == Ok(service.port))
    };
    about.services.iter().filter(is).map(|service| written(service, account, now_ms)).collect()
}

fn written(service: &Service, account: &str, now_ms: u64) -> Element {
    let transport = (!service.transport.is_empty()).then_some(&*service.transport);
    let element = Element::new(ns::SERVICES, "service")
        .attr("type", &*service.kind)
        .attr("host", &*service.host)
        .attr("port", service.port.to_string())
        .maybe_attr("transport", transport);
    match &service.access {
        Access::Open => element,
        Access::Shared { name, password } => {
            element.attr("restricted", "true").attr("username", &**name).attr("password", password.expose().as_str())
        }
        Access::Made { secret } => {
            let expires_s = (now_ms + u64::try_from(CREDENTIALS_GOOD.as_millis()).unwrap_or(0)) / 1000;
            let (name, password) = made(secret.expose(), expires_s, account);
            let element = element.attr("restricted", "true").attr("username", name).attr("password", password);
            element.attr("expires", stamp(expires_s * 1000))
        }
    }
}

/// A name and password that relays believe until a moment: draft-uberti-behave-turn-rest.
fn made(secret: &str, expires_s: u64, account: &str) -> (String, String) {
    let name = format!("{expires_s}:{account}");
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(name.as_bytes());
    let password = STANDARD.encode(mac.finalize().into_bytes());
    (name, password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_that_has_the_secret_makes_the_same_password() {
        // printf '1433895918:ninefingers' | openssl dgst -sha1 -hmac north -binary | base64
        let (name, password) = made("north", 1_433_895_918, "ninefingers");
        assert_eq!((name.as_str(), password.as_str()), ("1433895918:ninefingers", "jy8hTxmOO7UtEKXqSkSlvakPVYA="));
    }
}
