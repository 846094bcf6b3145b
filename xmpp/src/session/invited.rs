//! Becoming a contact by an invitation: a request to be let in that carries the token of one. XEP-0379 §3.4.
//!
//! A `subscribe` comes in; whether it was taken for an invitation leaves. Invariant: what is no good invitation of this
//! very account is a request like any other, and nobody is told more of it.

use belfry_domain::{Address, Secret};
use belfry_engine::{Command, Reply};

use super::Link;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

impl<W: Wire> Link<'_, W> {
    /// Whether the two have become contacts by the invitation that comes with the request.
    pub(super) async fn is_by_invitation(&mut self, stanza: &Element, with: &Address) -> bool {
        let preauth = stanza.find(ns::PRE_AUTHENTICATION, "preauth");
        let Some(token) = preauth.and_then(|preauth| preauth.get("token")) else { return false };
        let token = Secret::new(token.to_owned());
        let (engine, caller) = (self.door.engine(), self.session.caller());
        match engine.execute(caller, Command::LookAtInvite { token: token.clone() }).await {
            Ok(Reply::InviteSeen(seen)) if seen.by == *with => {
                engine.execute(caller, Command::AcceptInvite { token }).await.is_ok()
            }
            _ => false,
        }
    }
}
