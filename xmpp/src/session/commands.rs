//! Commands that a client can run on the server: one, which makes an invitation to hand on. XEP-0050, XEP-0401.
//!
//! A request comes in, the form with the links leaves. Whether an account can be made with it, the operator says.
//! Invariant: an invitation is good once, as the ones of other doors are if nobody says otherwise.

use belfry_domain::InviteKind;
use belfry_engine::{Command, Registrations, Reply, SignUps, contact_uri};

use super::iq::Answer;
use super::{Link, stamp};
use crate::error::StanzaError;
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

/// The command's name for people.
const NAME: &str = "Invite somebody";

impl<W: Wire> Link<'_, W> {
    /// What can be run. XEP-0050 §2.2.
    pub(super) fn commands(&self) -> Element {
        let item = Element::new(ns::DISCO_ITEMS, "item").attr("jid", self.address.domain());
        let item = item.attr("node", ns::INVITE).attr("name", NAME);
        Element::new(ns::DISCO_ITEMS, "query").attr("node", ns::COMMANDS).child(item)
    }

    /// What the command is. XEP-0050 §2.3.
    pub(super) fn command_info() -> Element {
        let identity = Element::new(ns::DISCO_INFO, "identity").attr("category", "automation");
        let identity = identity.attr("type", "command-node").attr("name", NAME);
        let feature = |var| Element::new(ns::DISCO_INFO, "feature").attr("var", var);
        let info = Element::new(ns::DISCO_INFO, "query").attr("node", ns::INVITE).child(identity);
        info.with([feature(ns::COMMANDS), feature(ns::DATA)])
    }

    /// Runs a command.
    pub(super) async fn command(&mut self, asked: &Element) -> Answer {
        if asked.get("node") != Some(ns::INVITE) {
            return Err(StanzaError::not_found("There is no such command."));
        }
        match asked.get("action") {
            None | Some("execute" | "complete" | "next") => {}
            Some("cancel") => return Ok(Some(self.ran("canceled"))),
            Some(_) => return Err(StanzaError::bad_request("This command is run in one step: action='execute'.")),
        }
        let engine = self.door.engine();
        let makes = engine.settings().sign_ups == SignUps::Everyone && engine.registrations() != Registrations::Nobody;
        let kind = if makes { InviteKind::SignUp } else { InviteKind::Contact };
        let command = Command::CreateInvite { kind, uses: 0, expires_after_ms: 0 };
        let Reply::InviteMade(made) = engine.execute(self.session.caller(), command).await? else {
            return Err(StanzaError::unavailable());
        };
        // XEP-0401 §4.1: who has no account may make one here, and becomes a contact by the same token.
        let made_here = if makes { ";ibr=y" } else { "" };
        let uri = format!("{}{made_here}", contact_uri(&self.address, made.token.expose()));
        let field = |kind, var: &'static str, value: String| {
            let field = Element::new(ns::DATA, "field").attr("type", kind).attr("var", var);
            field.child(Element::new(ns::DATA, "value").text(value))
        };
        let form = Element::new(ns::DATA, "x").attr("type", "result").with([
            field("hidden", "FORM_TYPE", ns::INVITATION.to_owned()),
            field("text-single", "uri", uri),
            field("text-single", "landing-url", made.link.expose().clone()),
            field("text-single", "expire", stamp(made.invite.expires.0)),
        ]);
        Ok(Some(self.ran("completed").child(form)))
    }

    fn ran(&self, status: &'static str) -> Element {
        let ran = Element::new(ns::COMMANDS, "command").attr("node", ns::INVITE);
        ran.attr("sessionid", self.door.engine().random_text()).attr("status", status)
    }
}
