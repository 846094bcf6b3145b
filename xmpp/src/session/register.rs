//! The account of somebody who has logged in: what is registered, another password. XEP-0077 §3.2 and §3.3.
//!
//! A request comes in, an answer leaves. A stream on which somebody has logged in is inside TLS, or where the operator lets
//! passwords travel without. Invariants: a password is never said back; nobody changes but their own.

use belfry_domain::{Code, Secret};

use super::Link;
use super::iq::Answer;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

/// What a client shows its user beside the fields.
const INSTRUCTIONS: &str = "You have an account here. Give a new password to change yours.";

impl<W: Wire> Link<'_, W> {
    pub(super) async fn registered(&mut self, set: bool, query: &Element) -> Answer {
        if !set {
            let field = |name| Element::new(ns::REGISTER, name);
            let known = field("query")
                .child(field("registered"))
                .child(field("instructions").text(INSTRUCTIONS))
                .child(field("username").text(self.address.local()))
                .child(field("password"));
            return Ok(Some(known));
        }
        if query.find(ns::REGISTER, "remove").is_some() {
            return Err(removed(query));
        }
        let field = |name| query.find(ns::REGISTER, name).map(Element::own_text).filter(|text| !text.is_empty());
        let (Some(name), Some(password)) = (field("username"), field("password").map(Secret::new)) else {
            return Err(StanzaError::bad_request("Give your user name and the new password."));
        };
        if !self.is_own_name(&name) {
            return Err(StanzaError::new("not-allowed", "cancel", "You change the password of your own account only."));
        }
        match self.door.engine().change_password(self.session.caller(), password).await {
            Ok(()) => Ok(None),
            // The rules of passwords: another one may be taken.
            Err(refusal) if refusal.code == Code::BadRequest => {
                Err(StanzaError::new("not-acceptable", "modify", refusal.message))
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Whether this is the account's local part, in whatever spelling, or its address.
    fn is_own_name(&self, name: &str) -> bool {
        let full = if name.contains('@') { name.to_owned() } else { format!("{name}@{}", self.address.domain()) };
        Jid::parse(&full).is_some_and(|jid| jid.is_bare(&self.address))
    }
}

/// Why an account is not removed by its clients. XEP-0077 §3.2.
fn removed(query: &Element) -> StanzaError {
    if query.elements().count() > 1 {
        return StanzaError::bad_request("What removes an account stands by itself.");
    }
    let text = "Accounts are removed by who runs this server: ask them.";
    StanzaError::new("not-allowed", "cancel", text)
}
