//! Logging in by SASL2 with all that goes with it in one step: a resource, what it begins with, going on with a stream that
//! broke, a token for the next time. XEP-0388, XEP-0386, XEP-0484.
//!
//! An `authenticate` with its wishes comes in, `success` with what became of them leaves, and the features of the stream,
//! which does not begin anew. Invariant: no wish is looked at before it is proved who wishes.

use belfry_domain::{Address, Code, Refusal};
use belfry_engine::{Agent, Engine, FastMechanism, FastToken, Proved};

use super::{Inline, Login, Newcomer, Welcome, resumed};
use crate::door::End;
use crate::error::Condition;
use crate::jid::prepare_resource;
use crate::limits::{AGENT_BYTES_MAX, LOGINS_FAILED_MAX};
use crate::management::Ticket;
use crate::ns;
use crate::sasl::{self, Exchange, Failure, Step};
use crate::session::{enabled, stamp};
use crate::wire::Wire;
use crate::xml::{Element, Limits};

/// What a new resource can begin with.
const INLINE: [&str; 3] = [ns::CARBONS, ns::MANAGEMENT, ns::CLIENT_STATE];

/// What a client wants beside being let in.
pub(super) struct Wishes {
    agent: Agent,
    bind: Option<Element>,
    resume: Option<Element>,
    token: Option<FastMechanism>,
    /// Its tokens are to end.
    invalidate: bool,
}

impl Wishes {
    fn read(element: &Element) -> Wishes {
        let bind = element.find(ns::BIND_2, "bind");
        let fast = element.find(ns::FAST, "fast");
        let request = element.find(ns::FAST, "request-token").and_then(|request| request.get("mechanism"));
        Wishes {
            agent: agent(element, bind),
            bind: bind.cloned(),
            resume: element.find(ns::MANAGEMENT, "resume").cloned(),
            token: request.and_then(sasl::fast_mechanism),
            invalidate: fast.is_some_and(|fast| matches!(fast.get("invalidate"), Some("true" | "1"))),
        }
    }
}

/// Which installation of which client it is. The id is taken as it is: who makes up one has a device more.
fn agent(element: &Element, bind: Option<&Element>) -> Agent {
    let Some(said) = element.find(ns::SASL_2, "user-agent") else { return Agent::Nameless };
    let id = said.get("id").filter(|id| !id.is_empty() && id.len() <= AGENT_BYTES_MAX);
    let Some(id) = id else { return Agent::Nameless };
    let text = |of: Option<&Element>| of.map(Element::own_text).and_then(|text| one_line(&text));
    let software = text(said.find(ns::SASL_2, "software")).or_else(|| text(bind.and_then(tag)));
    let name = match (software, text(said.find(ns::SASL_2, "device"))) {
        (Some(software), Some(device)) => format!("{software}, {device}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => "XMPP".to_owned(),
    };
    Agent::Software { id: id.to_owned(), name }
}

fn tag(bind: &Element) -> Option<&Element> {
    bind.find(ns::BIND_2, "tag")
}

fn one_line(text: &str) -> Option<String> {
    let words = text.split(|char: char| char.is_whitespace() || char.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// What comes of a step.
enum Said {
    Challenge(Vec<u8>),
    Done(Done),
}

/// Somebody has proved who they are.
struct Done {
    proved: Proved,
    data: Vec<u8>,
    /// By a token of this kind; whether it is old.
    fast: Option<(FastMechanism, bool)>,
}

impl<W: Wire> Login<'_, W> {
    /// What SASL2 is offered as. XEP-0388 §2.1.
    pub(super) fn authentication(&self) -> Element {
        let name = |name| Element::new(ns::SASL_2, "mechanism").text(name);
        let feature = |name| Element::new(ns::BIND_2, "feature").attr("var", name);
        let bind = Element::new(ns::BIND_2, "inline").with(INLINE.map(feature));
        let token = |name| Element::new(ns::FAST, "mechanism").text(name);
        let inline = Element::new(ns::SASL_2, "inline")
            .child(Element::new(ns::BIND_2, "bind").child(bind))
            .child(Element::new(ns::MANAGEMENT, "sm"))
            .child(Element::new(ns::FAST, "fast").with(self.channel().fast_mechanisms().map(token)));
        Element::new(ns::SASL_2, "authentication").with(self.channel().mechanisms().map(name)).child(inline)
    }

    /// Takes an element of SASL2.
    pub(super) async fn authenticate_2(&mut self, element: &Element) -> Result<Option<Welcome>, End> {
        match self.step_2(element).await {
            Ok(Said::Challenge(said)) => {
                self.wire.push(&Element::new(ns::SASL_2, "challenge").text(sasl::encode(&said)));
                Ok(None)
            }
            Ok(Said::Done(done)) => match self.succeed(done).await {
                Ok(welcome) => Ok(welcome),
                Err(failure) => self.fail_2(&failure),
            },
            Err(failure) => self.fail_2(&failure),
        }
    }

    fn fail_2(&mut self, failure: &Failure) -> Result<Option<Welcome>, End> {
        (self.exchange, self.wishes, self.proved) = (None, None, None);
        self.failed += 1;
        let text = (!failure.text.is_empty()).then(|| Element::new(ns::SASL_2, "text").text(&*failure.text));
        let said = Element::new(ns::SASL_2, "failure").child(Element::new(ns::SASL, failure.condition));
        self.wire.push(&said.with(text));
        if self.failed >= LOGINS_FAILED_MAX {
            return Err(End::because(Condition::PolicyViolation, "Too many logins have failed here."));
        }
        Ok(None)
    }

    async fn step_2(&mut self, element: &Element) -> Result<Said, Failure> {
        let said = match &*element.name {
            "abort" => return Err(Failure::new("aborted")),
            "authenticate" => {
                let wishes = self.wishes.insert(Box::new(Wishes::read(element)));
                let mechanism = element.get("mechanism").unwrap_or("");
                let said = element.find(ns::SASL_2, "initial-response").map(|said| sasl::decode(&said.own_text()));
                let said = said.transpose()?;
                if let Some(kind) = sasl::fast_mechanism(mechanism) {
                    if element.find(ns::FAST, "fast").is_none() {
                        return Err(Failure::new("malformed-request"));
                    }
                    let (agent, said) = (wishes.agent.clone(), said.unwrap_or_default());
                    let (engine, channel) = (self.door.engine(), self.channel());
                    let fast = sasl::by_token(engine, &self.stranger, channel, kind, &agent, &said).await?;
                    let done =
                        Done { proved: fast.proved, data: fast.confirmation.into(), fast: Some((kind, fast.due)) };
                    return Ok(Said::Done(done));
                }
                self.exchange = Some(Exchange::begin(mechanism, self.channel())?);
                match said {
                    Some(said) => said,
                    None => return Ok(Said::Challenge(Vec::new())), // the client is to begin
                }
            }
            _ => sasl::decode(&element.own_text())?,
        };
        let exchange = self.exchange.as_mut().ok_or_else(|| Failure::new("malformed-request"))?;
        match exchange.step(self.door.engine(), &self.stranger, &said).await? {
            Step::Challenge(said) => Ok(Said::Challenge(said)),
            Step::Done(proved, data) => Ok(Said::Done(Done { proved, data, fast: None })),
        }
    }

    /// Carries out what was wished and says so, all at once.
    async fn succeed(&mut self, done: Done) -> Result<Option<Welcome>, Failure> {
        let Done { proved, data, fast } = done;
        if self.from.as_ref().is_some_and(|from| from != proved.address()) {
            return Err(Failure::new("invalid-authzid")); // XEP-0388 §2.3
        }
        let wishes = self.wishes.take().ok_or_else(|| Failure::new("malformed-request"))?;
        let address = proved.address().clone();
        (self.proved, self.exchange, self.agent) = (Some(proved), None, Some(wishes.agent.clone()));

        let mut became = Vec::new();
        let mut newcomer = None;
        if let Some(resume) = &wishes.resume {
            newcomer = self.resumed(resume).await;
            became.push(resumed(newcomer.as_ref()));
        }
        if newcomer.is_none()
            && let Some(bind) = &wishes.bind
        {
            let (bound, element) = self.bind_2(bind, &wishes.agent, &address).await?;
            newcomer = Some(bound);
            became.push(element);
        }
        let token = match token(self.door.engine(), self.proved.as_ref(), &wishes, fast).await {
            Ok(token) => token,
            Err(refusal) => {
                forget(self, newcomer.as_ref());
                return Err(refusal.into());
            }
        };

        let who =
            newcomer.as_ref().map_or_else(|| address.to_string(), |bound| format!("{address}/{}", bound.resource));
        let data = (!data.is_empty()).then(|| Element::new(ns::SASL_2, "additional-data").text(sasl::encode(&data)));
        let success = Element::new(ns::SASL_2, "success")
            .with(data)
            .child(Element::new(ns::SASL_2, "authorization-identifier").text(who))
            .with(became)
            .with(token.map(told));
        self.wire.push(&success);
        self.wire.set_limits(Limits::MEMBER);
        let features = self.features(newcomer.as_ref());
        self.wire.push(&features);
        Ok(newcomer.map(|newcomer| Welcome::Bound(Box::new(newcomer))))
    }

    /// A resource of the server's making: what the client calls itself, and what stands for its installation. XEP-0386 §3.
    async fn bind_2(
        &mut self,
        bind: &Element,
        agent: &Agent,
        address: &Address,
    ) -> Result<(Newcomer, Element), Refusal> {
        let engine = self.door.engine();
        let proved = self.proved.as_ref().ok_or_else(|| Refusal::new(Code::Unauthenticated, "Log in first."))?;
        let own = match agent {
            Agent::Software { id, .. } => engine.agent_text(proved, id),
            Agent::Named(_) | Agent::Nameless => engine.random_text(),
        };
        let tagged = tag(bind).and_then(|tag| prepare_resource(&format!("{}/{own}", tag.own_text())));
        let resource = tagged.filter(|tagged| !tagged.starts_with('/')).unwrap_or(own);
        let mut newcomer = self.newcomer(agent, resource).await?;

        let mut bound = Element::new(ns::BIND_2, "bound");
        newcomer.inline.carbons = bind.find(ns::CARBONS, "enable").is_some();
        newcomer.inline.inactive = bind.find(ns::CLIENT_STATE, "inactive").is_some();
        if let Some(enable) = bind.find(ns::MANAGEMENT, "enable") {
            let identity = newcomer.session.caller().identity.clone();
            let ticket = Ticket { identity, address: address.clone(), resource: newcomer.resource.clone() };
            let (answer, name) = enabled(self.door, enable, ticket);
            newcomer.inline.managed = Some(name);
            bound = bound.child(answer);
        }
        Ok((newcomer, bound))
    }
}

/// The token that a client gets with its login, if it asked for one or its own is old.
async fn token(
    engine: &Engine,
    proved: Option<&Proved>,
    wishes: &Wishes,
    fast: Option<(FastMechanism, bool)>,
) -> Result<Option<FastToken>, Refusal> {
    let Some(proved) = proved else { return Ok(None) };
    let agent = &wishes.agent;
    if fast.is_some() && wishes.invalidate {
        engine.fast_invalidate(proved, agent).await?;
    }
    match (wishes.token, fast) {
        (Some(kind), Some(_)) => engine.fast_rotate(proved, agent, kind).await,
        (Some(kind), None) if matches!(agent, Agent::Software { .. }) => {
            // The token is its device's, which is there from now on if it was not.
            engine.bind(proved, agent).await?;
            engine.fast_token(proved, agent, kind).await
        }
        (None, Some((kind, true))) if !wishes.invalidate => engine.fast_rotate(proved, agent, kind).await,
        _ => Ok(None),
    }
}

/// XEP-0484 §3.3.
fn told(token: FastToken) -> Element {
    Element::new(ns::FAST, "token").attr("token", token.token.expose().as_str()).attr("expiry", stamp(token.expires.0))
}

/// What was opened for a client that is not let in after all.
fn forget<W>(login: &Login<'_, W>, newcomer: Option<&Newcomer>) {
    if let Some(Newcomer { inline: Inline { managed: Some(Some(name)), .. }, .. }) = newcomer {
        login.door.resumables.lock().close(name);
    }
}
