//! How streams and stanzas say no. RFC 6120 §4.9 and §8.3.
//!
//! A [`Refusal`] of the engine or a [`Fault`] of the reader comes in, elements leave. Invariant: refusals are translated
//! and never made up.

use belfry_domain::{Code, Refusal};

use crate::ns;
use crate::xml::{Element, Fault};

/// Why a stream ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Condition {
    /// Something else than stanzas.
    BadFormat,
    /// A prefix that was not declared.
    BadNamespacePrefix,
    /// The same resource has connected anew.
    Conflict,
    /// Nothing was heard for too long.
    ConnectionTimeout,
    /// Another server is meant.
    HostUnknown,
    /// A fault of ours.
    InternalServerError,
    /// A stanza of somebody else.
    InvalidFrom,
    /// No stream of a client.
    InvalidNamespace,
    /// Something before a login, or by a device that is gone.
    NotAuthorized,
    /// No XML.
    NotWellFormed,
    /// Over a limit, or not as the operator wants it.
    PolicyViolation,
    /// Too busy.
    ResourceConstraint,
    /// XML that XMPP forbids.
    RestrictedXml,
    /// The server is stopping.
    SystemShutdown,
    /// See the text.
    UndefinedCondition,
    /// An element that is no stanza.
    UnsupportedStanzaType,
    /// Not version 1.0.
    UnsupportedVersion,
}

impl Condition {
    /// The name of its element.
    pub fn name(self) -> &'static str {
        match self {
            Condition::BadFormat => "bad-format",
            Condition::BadNamespacePrefix => "bad-namespace-prefix",
            Condition::Conflict => "conflict",
            Condition::ConnectionTimeout => "connection-timeout",
            Condition::HostUnknown => "host-unknown",
            Condition::InternalServerError => "internal-server-error",
            Condition::InvalidFrom => "invalid-from",
            Condition::InvalidNamespace => "invalid-namespace",
            Condition::NotAuthorized => "not-authorized",
            Condition::NotWellFormed => "not-well-formed",
            Condition::PolicyViolation => "policy-violation",
            Condition::ResourceConstraint => "resource-constraint",
            Condition::RestrictedXml => "restricted-xml",
            Condition::SystemShutdown => "system-shutdown",
            Condition::UndefinedCondition => "undefined-condition",
            Condition::UnsupportedStanzaType => "unsupported-stanza-type",
            Condition::UnsupportedVersion => "unsupported-version",
        }
    }
}

impl From<Fault> for Condition {
    fn from(fault: Fault) -> Condition {
        match fault {
            Fault::BadFormat => Condition::BadFormat,
            Fault::BadPrefix => Condition::BadNamespacePrefix,
            Fault::InvalidNamespace => Condition::InvalidNamespace,
            Fault::NotWellFormed => Condition::NotWellFormed,
            Fault::Restricted => Condition::RestrictedXml,
            Fault::TooMuch(_) => Condition::PolicyViolation,
        }
    }
}

/// The condition with which a stream ends for this refusal.
pub(crate) fn condition_of(refusal: &Refusal) -> Condition {
    match refusal.code {
        Code::Superseded => Condition::Conflict,
        Code::Replaced | Code::Revoked | Code::Unauthenticated => Condition::NotAuthorized,
        Code::GoingAway => Condition::SystemShutdown,
        Code::Idle => Condition::ConnectionTimeout,
        Code::TryLater | Code::RateLimited => Condition::ResourceConstraint,
        Code::Forbidden | Code::PrimaryOffline => Condition::PolicyViolation,
        Code::Internal | Code::StorageFailed | Code::StorageFull => Condition::InternalServerError,
        _ => Condition::UndefinedCondition,
    }
}

/// The element that ends a stream.
pub(crate) fn stream_error(condition: Condition, text: &str) -> Element {
    let error = Element::new(ns::STREAM, "error").child(Element::new(ns::STREAM_ERRORS, condition.name()));
    if text.is_empty() { error } else { error.child(Element::new(ns::STREAM_ERRORS, "text").text(text)) }
}

/// Why a stanza was not carried out: the condition's name and what the client can do about it.
#[derive(Clone, Debug)]
pub(crate) struct StanzaError {
    condition: &'static str,
    kind: &'static str,
    text: String,
    /// A condition of the extension that the stanza is of.
    specific: Option<Box<Element>>,
}

impl StanzaError {
    pub(crate) fn new(condition: &'static str, kind: &'static str, text: impl Into<String>) -> StanzaError {
        StanzaError { condition, kind, text: text.into(), specific: None }
    }

    /// With a condition of an extension.
    #[must_use]
    pub(crate) fn specific(mut self, condition: Element) -> StanzaError {
        self.specific = Some(Box::new(condition));
        self
    }

    /// What was asked for is not there, or not here.
    pub(crate) fn unavailable() -> StanzaError {
        StanzaError::new("service-unavailable", "cancel", "")
    }

    pub(crate) fn bad_request(text: impl Into<String>) -> StanzaError {
        StanzaError::new("bad-request", "modify", text)
    }

    pub(crate) fn not_found(text: impl Into<String>) -> StanzaError {
        StanzaError::new("item-not-found", "cancel", text)
    }

    pub(crate) fn malformed_address() -> StanzaError {
        StanzaError::new("jid-malformed", "modify", "")
    }

    /// The answer that says so to a stanza. `None`: it may not be answered.
    pub(crate) fn answer(&self, stanza: &Element) -> Option<Element> {
        let kind = stanza.get("type");
        if kind == Some("error") || (stanza.name == "iq" && kind == Some("result")) {
            return None;
        }
        let name = match &*stanza.name {
            "iq" => "iq",
            "message" => "message",
            _ => "presence",
        };
        let mut error = Element::new(ns::CLIENT, "error")
            .attr("type", self.kind)
            .child(Element::new(ns::STANZA_ERRORS, self.condition));
        if !self.text.is_empty() {
            error = error.child(Element::new(ns::STANZA_ERRORS, "text").text(&*self.text));
        }
        // RFC 6120 §8.3.2: behind the text.
        error = error.with(self.specific.as_deref().cloned());
        let answer = Element::new(ns::CLIENT, name)
            .attr("type", "error")
            .maybe_attr("id", stanza.get("id"))
            .maybe_attr("from", stanza.get("to"));
        Some(answer.child(error))
    }
}

impl From<&Refusal> for StanzaError {
    fn from(refusal: &Refusal) -> StanzaError {
        let (condition, kind) = match refusal.code {
            Code::BadRequest | Code::InvalidUtf8 => ("bad-request", "modify"),
            Code::Forbidden => ("forbidden", "auth"),
            Code::NotFound => ("item-not-found", "cancel"),
            Code::Blocking => ("not-acceptable", "cancel"),
            Code::Unanswered => ("not-allowed", "cancel"),
            Code::Conflict | Code::NameTaken => ("conflict", "cancel"),
            Code::TooLarge => ("policy-violation", "modify"),
            Code::RateLimited | Code::TryLater | Code::MailboxFull => ("resource-constraint", "wait"),
            Code::Unauthenticated | Code::Revoked | Code::Replaced => ("not-authorized", "auth"),
            Code::PrimaryOffline => ("unexpected-request", "wait"),
            Code::StorageFull | Code::StorageFailed | Code::GoingAway => ("internal-server-error", "wait"),
            _ => ("internal-server-error", "cancel"),
        };
        let error = StanzaError::new(condition, kind, &*refusal.message);
        match refusal.code {
            // The client's own account blocks who it is for. XEP-0191 §3.7.
            Code::Blocking => error.specific(Element::new(ns::BLOCKING_ERRORS, "blocked")),
            _ => error,
        }
    }
}

impl From<Refusal> for StanzaError {
    fn from(refusal: Refusal) -> StanzaError {
        StanzaError::from(&refusal)
    }
}
