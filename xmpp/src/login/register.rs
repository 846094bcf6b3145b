//! Making an account before the login: with a name and a password, by an invitation or where anybody may. XEP-0077,
//! XEP-0445.
//!
//! Requests of a stranger come in, answers leave; who has an account afterwards logs in to it on the same stream. What may
//! be had is the engine's affair. Invariants: nothing here is offered or answered where a password would travel
//! unprotected; what was asked is not said back; a stream makes one account.

use belfry_domain::{Code, Refusal, Secret};
use belfry_engine::{Invited, Registrations, SignUps};

use super::Login;
use crate::door::End;
use crate::error::{Condition, StanzaError};
use crate::jid::Jid;
use crate::limits::{FORM_FILLED, REGISTRATION_REQUESTS_MAX};
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

/// How far somebody has got in making an account.
#[derive(Debug, Default)]
pub(super) struct Registering {
    asked: u32,
    invited: Option<Invited>,
    /// They have one.
    made: bool,
}

/// Whether a stanza is about making an account.
pub(super) fn is_about(stanza: &Element) -> bool {
    let mut payloads = stanza.elements();
    let about = payloads
        .next()
        .is_some_and(|payload| payload.is(ns::REGISTER, "query") || payload.is(ns::PRE_AUTHENTICATION, "preauth"));
    about && stanza.is(ns::CLIENT, "iq") && payloads.next().is_none()
}

impl<W: Wire> Login<'_, W> {
    /// What is offered to who has no account, on a stream on which passwords may travel.
    pub(super) fn registration(&self) -> impl Iterator<Item = Element> {
        let engine = self.door.engine();
        let registrations = engine.registrations();
        let by_token = registrations != Registrations::Nobody && engine.settings().sign_ups != SignUps::Nobody;
        // Who has no invitation is told so in the form. XEP-0445 §3 has both.
        let form = (registrations != Registrations::Nobody).then(|| Element::new(ns::REGISTER_FEATURE, "register"));
        let token = by_token.then(|| Element::new(ns::REGISTER_BY_TOKEN, "register"));
        [token, form].into_iter().flatten()
    }

    /// Answers a request about making an account.
    pub(super) async fn register(&mut self, iq: &Element) -> Result<(), End> {
        self.registering.asked += 1;
        if self.registering.asked > REGISTRATION_REQUESTS_MAX {
            return Err(End::because(Condition::PolicyViolation, "Too many tries to make an account here."));
        }
        let answer = match self.registered(iq).await {
            Ok(payload) => {
                let answer = Element::new(ns::CLIENT, "iq").attr("type", "result").maybe_attr("id", iq.get("id"));
                Some(answer.maybe_attr("from", iq.get("to")).with(payload))
            }
            Err(error) => error.answer(iq),
        };
        answer.iter().for_each(|answer| self.wire.push(answer));
        Ok(())
    }

    async fn registered(&mut self, iq: &Element) -> Result<Option<Element>, StanzaError> {
        let domain = &self.door.engine().settings().domain;
        let ours = |to: Jid| to.address.is_none() && to.resource.is_none() && to.domain == *domain;
        if iq.get("to").is_some_and(|to| !Jid::parse(to).is_some_and(ours)) {
            return Err(StanzaError::unavailable());
        }
        let set = match (iq.get("type"), iq.get("id")) {
            (Some("get"), Some(_)) => false,
            (Some("set"), Some(_)) => true,
            _ => return Err(StanzaError::bad_request("A request has an id, and is of type get or set.")),
        };
        if self.door.engine().registrations() == Registrations::Nobody {
            return Err(StanzaError::unavailable());
        }
        if self.registering.asked == 1 {
            // A person fills in a form meanwhile.
            self.deadline += FORM_FILLED;
        }
        match (iq.find(ns::REGISTER, "query"), iq.find(ns::PRE_AUTHENTICATION, "preauth")) {
            (Some(query), _) if set => self.make(query).await.map(|()| None),
            (Some(_), _) => Ok(Some(self.form())),
            (None, Some(preauth)) if set => self.show_invitation(preauth).await.map(|()| None),
            (None, _) => Err(StanzaError::unavailable()),
        }
    }

    /// What is to be filled in; who needs an invitation first is told where to get one. XEP-0077 §5.
    fn form(&self) -> Element {
        let field = |name| Element::new(ns::REGISTER, name);
        let open = self.registering.invited.is_some() || self.door.engine().registrations() == Registrations::Anybody;
        let text = match open {
            true => "Choose a name and a password.",
            false => "Accounts here are made by invitation: ask somebody who has one for a link, and open it.",
        };
        let form = field("query").child(field("instructions").text(text));
        if open { form.child(field("username")).child(field("password")) } else { form }
    }

    /// XEP-0445 §4.
    async fn show_invitation(&mut self, preauth: &Element) -> Result<(), StanzaError> {
        let token = Secret::new(preauth.get("token").unwrap_or("").to_owned());
        let invited = self.door.engine().invited(&self.stranger, token).await.map_err(refused)?;
        self.registering.invited = Some(invited);
        Ok(())
    }

    async fn make(&mut self, query: &Element) -> Result<(), StanzaError> {
        if query.find(ns::REGISTER, "remove").is_some() {
            return Err(StanzaError::new("unexpected-request", "wait", "Log in first."));
        }
        if self.registering.made {
            return Err(StanzaError::new("not-acceptable", "cancel", "You have made an account: log in."));
        }
        let field = |name| query.find(ns::REGISTER, name).map(Element::own_text).filter(|text| !text.is_empty());
        let (Some(name), Some(password)) = (field("username"), field("password").map(Secret::new)) else {
            return Err(StanzaError::new("not-acceptable", "modify", "Give a name and a password."));
        };
        let invited = self.registering.invited.as_ref();
        self.door.engine().register(&self.stranger, invited, &name, password).await.map_err(refused)?;
        self.registering.made = true;
        Ok(())
    }
}

/// A name or password against the rules is no fault of the client: another one may be taken. XEP-0077 §3.1.
fn refused(refusal: Refusal) -> StanzaError {
    match refusal.code {
        Code::BadRequest => StanzaError::new("not-acceptable", "modify", refusal.message),
        _ => refusal.into(),
    }
}
