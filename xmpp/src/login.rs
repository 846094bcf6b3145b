//! From the beginning of a stream to a bound resource: features, STARTTLS, SASL, bind. RFC 6120 §4 to §7.
//!
//! A connection comes in, a [`Welcome`] leaves. Invariants: nothing but what this file answers is answered to a
//! stranger; all of it must be done before one absolute moment.

use std::time::Duration;

use belfry_domain::{Address, Code, Refusal, Seq};
use belfry_engine::{Agent, Bound, Caller, Identity, Peer, Proved, Session};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::door::{Door, End, Security};
use crate::error::{Condition, StanzaError};
use crate::jid::{Jid, prepare_resource};
use crate::limits::{LOGINS_FAILED_MAX, RESTARTS_MAX};
use crate::management::Parked;
use crate::ns;
use crate::roster::RESOURCE;
use crate::sasl::{self, ChannelView, Exchange, Failure, Step};
use crate::session::caps_of_server;
use crate::wire::Wire;
use crate::xml::{Element, Item, Limits, Opening};

mod register;
mod sasl2;

/// What a login came to.
pub(crate) enum Welcome {
    /// The client waits for TLS.
    StartTls,
    /// It has a resource.
    Bound(Box<Newcomer>),
}

/// A client that has a resource.
pub(crate) struct Newcomer {
    pub(crate) session: Session,
    pub(crate) address: Address,
    pub(crate) resource: String,
    /// From where its messages are told.
    pub(crate) start: Seq,
    /// It goes on with this stream.
    pub(crate) resumed: Option<Resumed>,
    pub(crate) inline: Inline,
}

/// What a resource begins with, as was asked for with it. XEP-0386 §3.2.
#[derive(Debug, Default)]
pub(crate) struct Inline {
    pub(crate) carbons: bool,
    /// Nobody looks at the client. XEP-0352.
    pub(crate) inactive: bool,
    /// Stanzas are counted, and the name under which the stream can be resumed.
    pub(crate) managed: Option<Option<String>>,
}

/// A stream that goes on.
pub(crate) struct Resumed {
    pub(crate) name: String,
    pub(crate) parked: Parked,
    /// What the client says it has.
    pub(crate) count: u32,
}

/// How long a stream that is still open has to let go when its client resumes it, looked at so often.
const LETTING_GO: (u32, Duration) = (200, Duration::from_millis(25));

/// A stream on which nobody has a resource yet.
pub(crate) struct Login<'a, W> {
    pub(crate) wire: W,
    door: &'a Door,
    stranger: Caller,
    security: Security,
    /// Our side of the stream has begun.
    pub(crate) opened: bool,
    begun: u32,
    exchange: Option<Exchange>,
    failed: u32,
    proved: Option<Proved>,
    /// Whose stream it is to be, as the client says.
    from: Option<Address>,
    /// What is wished with a login by SASL2, while it is under way.
    wishes: Option<Box<sasl2::Wishes>>,
    /// Which client it is, as it said with a login by SASL2.
    agent: Option<Agent>,
    /// When there must be a resource.
    deadline: Instant,
    registering: register::Registering,
}

impl<'a, W: Wire> Login<'a, W> {
    pub(crate) fn new(wire: W, door: &'a Door, peer: Peer, security: Security) -> Login<'a, W> {
        let stranger = Caller { identity: Identity::Nobody { noise_key: None }, peer };
        Login {
            wire,
            door,
            stranger,
            security,
            opened: false,
            begun: 0,
            exchange: None,
            failed: 0,
            proved: None,
            from: None,
            wishes: None,
            agent: None,
            deadline: Instant::now() + door.limits().login,
            registering: register::Registering::default(),
        }
    }

    /// Talks until there is a resource, or the end.
    pub(crate) async fn run(&mut self, stop: &CancellationToken) -> Result<Welcome, End> {
        loop {
            match self.wire.next()? {
                Some(Item::Open(opening)) => self.begin(&opening)?,
                Some(Item::Stanza(element)) => {
                    match self.take(&element).await? {
                        Some(Welcome::StartTls) => {
                            self.wire.flush().await?;
                            return Ok(Welcome::StartTls);
                        }
                        // What was said to it is written with the first answers.
                        Some(bound) => return Ok(bound),
                        None => {}
                    }
                }
                Some(Item::Close) => return Err(End::Left),
                None => {
                    self.wire.flush().await?;
                    let filled = tokio::select! {
                        () = stop.cancelled() => {
                            return Err(End::because(Condition::SystemShutdown, "The server is stopping."));
                        }
                        filled = timeout_at(self.deadline, self.wire.fill()) => filled,
                    };
                    match filled {
                        Ok(Ok(false)) => return Err(End::Gone),
                        Ok(Ok(true)) => {}
                        Ok(Err(error)) => return Err(End::Broken(error.into())),
                        Err(_elapsed) => {
                            return Err(End::because(Condition::ConnectionTimeout, "Nobody has logged in in time."));
                        }
                    }
                }
            }
        }
    }

    /// Answers the beginning of the client's side with ours and what can be done now.
    fn begin(&mut self, opening: &Opening) -> Result<(), End> {
        let domain = self.door.engine().settings().domain.clone();
        self.begun += 1;
        self.wire.open(&domain, opening.from.as_deref(), &self.door.engine().random_text());
        self.opened = true;
        if self.begun > RESTARTS_MAX {
            return Err(End::because(Condition::PolicyViolation, "The stream began anew too often."));
        }
        // A client that names nobody means us: there is one domain here.
        let meant = opening.to.as_deref().map(Jid::parse);
        if let Some(meant) = meant
            && meant.is_none_or(|meant| meant.address.is_some() || meant.domain != domain)
        {
            return Err(End::because(Condition::HostUnknown, format!("This server has accounts of {domain}.")));
        }
        self.from = opening.from.as_deref().and_then(Jid::parse).and_then(|from| from.address);
        let major = opening.version.as_deref().and_then(|version| version.split('.').next());
        if major.and_then(|major| major.parse().ok()).unwrap_or(0) < 1 {
            return Err(End::because(Condition::UnsupportedVersion, "This server speaks XMPP 1.0."));
        }
        let features = self.features(None);
        self.wire.push(&features);
        Ok(())
    }

    fn channel(&self) -> ChannelView {
        let confidential = self.security.tls || self.security.plain_allowed;
        let Security { binding, end_point, .. } = self.security;
        ChannelView { binding, end_point, confidential }
    }

    fn features(&self, bound: Option<&Newcomer>) -> Element {
        let features = Element::new(ns::STREAM, "features");
        if let Some(bound) = bound {
            // What is on already is not offered: clients would try to turn it on, and believe then that it is off.
            let managed = bound.resumed.is_some() || bound.inline.managed.is_some();
            let management = (!managed).then(|| Element::new(ns::MANAGEMENT, "sm"));
            return features.with(management).child(Element::new(ns::PRE_APPROVAL, "sub"));
        }
        if self.proved.is_some() {
            let session = Element::new(ns::SESSION, "session").child(Element::new(ns::SESSION, "optional"));
            let management = Element::new(ns::MANAGEMENT, "sm");
            let approval = Element::new(ns::PRE_APPROVAL, "sub");
            let versions = Element::new(ns::ROSTER_VERSIONS, "ver");
            let state = Element::new(ns::CLIENT_STATE, "csi");
            let bind = Element::new(ns::BIND, "bind");
            let caps = caps_of_server(&self.door.about());
            return features.with([bind, session, management, approval, versions, state, caps]);
        }
        let channel = self.channel();
        let mut features = features;
        if self.security.starttls && !self.security.tls {
            let starttls = Element::new(ns::TLS, "starttls");
            let required = (!channel.confidential).then(|| Element::new(ns::TLS, "required"));
            features = features.child(starttls.with(required));
        }
        if channel.confidential {
            let name = |name| Element::new(ns::SASL, "mechanism").text(name);
            features = features.child(Element::new(ns::SASL, "mechanisms").with(channel.mechanisms().map(name)));
            features = features.child(self.authentication()).with(self.registration());
        }
        if channel.can_bind() {
            let kind = |kind| Element::new(ns::SASL_BINDING, "channel-binding").attr("type", kind);
            let kinds = Element::new(ns::SASL_BINDING, "sasl-channel-binding").with(channel.bindings().map(kind));
            features = features.child(kinds);
        }
        features
    }

    async fn take(&mut self, element: &Element) -> Result<Option<Welcome>, End> {
        match (&*element.ns, &*element.name) {
            (ns::SASL_2, "authenticate") if self.proved.is_none() && self.exchange.is_none() => {
                return self.authenticate_2(element).await;
            }
            (ns::SASL_2, "response" | "abort") if self.wishes.is_some() => return self.authenticate_2(element).await,
            // XEP-0388 §2.4: nothing else comes between the beginning of a login and its end.
            _ if self.wishes.is_some() => {}
            (ns::TLS, "starttls") => return self.starttls(),
            (ns::SASL, "auth" | "response" | "abort") if self.proved.is_none() => {
                self.authenticate(element).await?;
                return Ok(None);
            }
            (ns::CLIENT, "iq") if self.proved.is_some() => return self.bind(element).await,
            (ns::CLIENT, "iq")
                if self.exchange.is_none() && self.channel().confidential && register::is_about(element) =>
            {
                self.register(element).await?;
                return Ok(None);
            }
            (ns::MANAGEMENT, "resume") if self.proved.is_some() => return self.resume(element).await,
            (ns::CLIENT, "iq" | "message" | "presence") | (ns::SASL | ns::SASL_2 | ns::MANAGEMENT, _) => {}
            _ => {
                return Err(End::because(Condition::UnsupportedStanzaType, "This element is not expected here."));
            }
        }
        Err(End::because(Condition::NotAuthorized, "Log in and bind a resource first."))
    }

    fn starttls(&mut self) -> Result<Option<Welcome>, End> {
        if self.security.tls || !self.security.starttls || self.proved.is_some() {
            self.wire.push(&Element::new(ns::TLS, "failure"));
            return Err(End::Left);
        }
        if self.wire.has_more() {
            // RFC 6120 §5.4.3.3: what was sent ahead of TLS must not be taken for what was sent inside.
            return Err(End::because(Condition::PolicyViolation, "Wait for the answer before you go on."));
        }
        self.wire.push(&Element::new(ns::TLS, "proceed"));
        Ok(Some(Welcome::StartTls))
    }

    async fn authenticate(&mut self, element: &Element) -> Result<(), End> {
        let stepped = self.sasl_step(element).await;
        match stepped {
            Ok(None) => self.wire.push(&Element::new(ns::SASL, "challenge")),
            Ok(Some(Step::Challenge(said))) => {
                self.wire.push(&Element::new(ns::SASL, "challenge").text(sasl::encode(&said)));
            }
            Ok(Some(Step::Done(proved, said))) => {
                let success = Element::new(ns::SASL, "success");
                let success = if said.is_empty() { success } else { success.text(sasl::encode(&said)) };
                self.wire.push(&success);
                self.wire.restart(Limits::MEMBER);
                (self.proved, self.exchange) = (Some(proved), None);
            }
            Err(failure) => {
                self.exchange = None;
                self.failed += 1;
                let text = (!failure.text.is_empty()).then(|| Element::new(ns::SASL, "text").text(failure.text));
                let failure = Element::new(ns::SASL, "failure").child(Element::new(ns::SASL, failure.condition));
                self.wire.push(&failure.with(text));
                if self.failed >= LOGINS_FAILED_MAX {
                    return Err(End::because(Condition::PolicyViolation, "Too many logins have failed here."));
                }
            }
        }
        Ok(())
    }

    /// `None`: the client is to begin.
    async fn sasl_step(&mut self, element: &Element) -> Result<Option<Step>, Failure> {
        let text = element.own_text();
        match &*element.name {
            "abort" => return Err(Failure::new("aborted")),
            "auth" => {
                let mechanism = element.get("mechanism").unwrap_or("");
                self.exchange = Some(Exchange::begin(mechanism, self.channel())?);
                if text.trim().is_empty() {
                    return Ok(None);
                }
            }
            _ => {}
        }
        let said = sasl::decode(&text)?;
        let exchange = self.exchange.as_mut().ok_or_else(|| Failure::new("malformed-request"))?;
        exchange.step(self.door.engine(), &self.stranger, &said).await.map(Some)
    }

    async fn bind(&mut self, iq: &Element) -> Result<Option<Welcome>, End> {
        let Some(bind) = iq.find(ns::BIND, "bind").filter(|_| iq.get("type") == Some("set")) else {
            return Err(End::because(Condition::NotAuthorized, "Bind a resource first."));
        };
        let wished = bind.find(ns::BIND, "resource").map(Element::own_text).filter(|wished| !wished.is_empty());
        let prepared = wished.as_deref().map(prepare_resource);
        if prepared == Some(None) {
            let error = StanzaError::bad_request("This cannot be a resource.");
            error.answer(iq).iter().for_each(|answer| self.wire.push(answer));
            return Ok(None);
        }
        let resource = prepared.flatten();
        let agent = match (&self.agent, &resource) {
            (Some(agent @ Agent::Software { .. }), _) => agent.clone(),
            (_, Some(resource)) => Agent::Named(resource.clone()),
            (_, None) => Agent::Nameless,
        };
        // The name that stands for native devices is nobody's. RFC 6120 §7.7: the server may give another one.
        let resource = resource.filter(|wished| wished != RESOURCE);
        let resource = resource.unwrap_or_else(|| self.door.engine().random_text());
        match self.newcomer(&agent, resource).await {
            Ok(newcomer) => {
                let jid = format!("{}/{}", newcomer.address, newcomer.resource);
                let bound = Element::new(ns::BIND, "bind").child(Element::new(ns::BIND, "jid").text(jid));
                let answer = Element::new(ns::CLIENT, "iq").attr("type", "result").maybe_attr("id", iq.get("id"));
                self.wire.push(&answer.child(bound));
                Ok(Some(Welcome::Bound(Box::new(newcomer))))
            }
            Err(refusal) if refusal.code == Code::Forbidden => {
                let error = StanzaError::new("resource-constraint", "wait", refusal.message);
                error.answer(iq).iter().for_each(|answer| self.wire.push(answer));
                Ok(None)
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    async fn newcomer(&mut self, agent: &Agent, resource: String) -> Result<Newcomer, Refusal> {
        let engine = self.door.engine();
        let proved = self.proved.as_ref().ok_or_else(|| Refusal::new(Code::Unauthenticated, "Log in first."))?;
        let Bound { identity, start } = engine.bind(proved, agent).await?;
        let address = proved.address().clone();
        let session = engine.open_session(Caller { identity, peer: self.stranger.peer.clone() }).await?;
        Ok(Newcomer { session, address, resource, start, resumed: None, inline: Inline::default() })
    }

    async fn resume(&mut self, element: &Element) -> Result<Option<Welcome>, End> {
        let newcomer = self.resumed(element).await;
        self.wire.push(&resumed(newcomer.as_ref()));
        Ok(newcomer.map(|newcomer| Welcome::Bound(Box::new(newcomer))))
    }

    /// Goes on with a stream that broke, also where we have not noticed that yet. XEP-0198 §5.
    async fn resumed(&mut self, element: &Element) -> Option<Newcomer> {
        let name = element.get("previd").unwrap_or("").to_owned();
        let count = element.get("h").and_then(|count| count.parse().ok());
        if let (Some(count), Some(proved)) = (count, &self.proved) {
            let ticket = self.door.resumables.lock().ticket(&name, proved.address());
            if let Some(ticket) = ticket {
                let caller = Caller { identity: ticket.identity, peer: self.stranger.peer.clone() };
                if let Ok(session) = self.door.engine().open_session(caller).await
                    && let Some(parked) = let_go(self.door, &name).await
                {
                    let (address, resource, start) = (ticket.address, ticket.resource, parked.acknowledged);
                    let resumed = Some(Resumed { name, parked, count });
                    return Some(Newcomer { session, address, resource, start, resumed, inline: Inline::default() });
                }
            }
        }
        None
    }
}

/// What became of the wish to go on with a stream. XEP-0198 §5.
fn resumed(newcomer: Option<&Newcomer>) -> Element {
    match newcomer.and_then(|newcomer| newcomer.resumed.as_ref()) {
        Some(Resumed { name, parked, .. }) => Element::new(ns::MANAGEMENT, "resumed")
            .attr("previd", &**name)
            .attr("h", parked.managed.handled.to_string()),
        None => Element::new(ns::MANAGEMENT, "failed").child(Element::new(ns::STANZA_ERRORS, "item-not-found")),
    }
}

/// Waits until the stream that is to go on has let go of what it has.
async fn let_go(door: &Door, name: &str) -> Option<Parked> {
    for _ in 0..LETTING_GO.0 {
        if let Some(parked) = door.resumables.lock().unpark(name) {
            return Some(parked);
        }
        sleep(LETTING_GO.1).await;
    }
    None
}
