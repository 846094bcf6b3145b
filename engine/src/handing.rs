//! Stanzas between clients: what one hands to another through the live lane, and what is kept nowhere.
//!
//! A client's words come in as an opaque text with whom they are for; they leave in the lanes of the links that may be
//! reached. Three kinds: a *request* is for one named device and has one answer; an *answer* needs no permission, since
//! it is taken only by the link that has asked for it, by its id and from whom it was asked; a *message* is for one named
//! device or for all that take what is for all.
//!
//! **Who may reach a device**: the account's own devices, and those who may see it: whoever was let in and sees what is
//! shown, and whomever it tells by its own word that it is there. Everybody else is answered as if nobody were there, and
//! so is who is blocked; who blocks is told so.
//!
//! Invariants: a request that was taken gets an answer or is given up after [`REQUEST_WAITS`]; no answer comes in that
//! was not asked for; what waits for a link is bounded ([`crate::lane`]), and so are its open requests.

use std::sync::Arc;
use std::time::Duration;

use belfry_domain::{AccountId, Address, Code, Refusal};
use tokio::time::Instant;

use crate::admission::Class;
use crate::hub::Link;
use crate::limits::Limited;
use crate::metrics::count;
use crate::{Engine, Session, device_of, refused};

/// How long a request waits for its answer: some ask a person.
pub const REQUEST_WAITS: Duration = Duration::from_secs(120);

/// Requests of one link that wait for their answers: a client that looks at what each device of its contacts can do.
pub const REQUESTS_OPEN_MAX: usize = 256;

/// What a client hands to others. Kept nowhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stanza {
    /// What it says; only doors of its kind understand it.
    pub payload: Arc<str>,
    /// Why this link gets it.
    pub way: Way,
    /// The link that waits for an answer to it.
    pub(crate) asked_by: Option<(AccountId, u64, String)>,
}

/// Why a link gets what was handed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// It is for it.
    Direct,
    /// It was for another device of the account.
    Received,
    /// Another device of the account has said it.
    Sent,
}

/// A request that has no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Its id.
    pub id: String,
    /// Whom it was for.
    pub to: Address,
    /// Which device.
    pub resource: String,
    /// It is given up then.
    pub until: Instant,
}

/// Whom of an account somebody may reach.
enum Reach {
    /// All of it: it is their own.
    All,
    /// The devices of these names; it may be none.
    Named(Vec<Arc<str>>),
}

impl Reach {
    fn has(&self, name: &str) -> bool {
        match self {
            Reach::All => true,
            Reach::Named(names) => names.iter().any(|known| **known == *name),
        }
    }
}

fn nobody() -> Refusal {
    Refusal::new(Code::NotFound, "Nobody is there who could answer.")
}

fn too_much() -> Refusal {
    Refusal::retry(Code::TryLater, "Too much waits already: try again in a moment.", 5_000)
}

impl Engine {
    async fn reach_of(&self, own: AccountId, target: AccountId) -> Result<Reach, Refusal> {
        if own == target {
            return Ok(Reach::All);
        }
        if self.store().contact(own, target).await.map_err(refused)?.blocked {
            return Err(Refusal::new(Code::Blocking, "You block this account: unblock it first."));
        }
        let theirs = self.store().contact(target, own).await.map_err(refused)?;
        let follows = theirs.from && self.may_look(own, target).await.map_err(refused)?.is_some();
        let names = self.inner.hub.presences.names_for(target, own, follows);
        Ok(Reach::Named(names.filter(|_| !theirs.blocked).unwrap_or_default()))
    }

    async fn known_as(&self, to: &Address) -> Result<AccountId, Refusal> {
        let found = self.store().account_by_address(to).await.map_err(refused)?;
        found.map(|account| account.id).ok_or_else(nobody)
    }
}

impl Session {
    /// Hands a request to one device. Its answer, if one comes, is told by this link; if none comes, see
    /// [`Session::unanswered`].
    pub async fn request(&self, to: (&Address, &str), id: &str, payload: Arc<str>) -> Result<(), Refusal> {
        let (engine, caller) = (self.engine(), self.caller());
        engine.known(caller)?;
        engine.inner.admission.admit(Class::Presence)?;
        let (own, _, device) = device_of(caller)?;
        engine.limit(&Limited::Stanzas(own, device))?;
        let (to, resource) = to;
        let target = engine.known_as(to).await?;
        if !engine.reach_of(own, target).await?.has(resource) {
            return Err(nobody());
        }
        let until = Instant::now() + REQUEST_WAITS;
        let asked = Asked { id: id.to_owned(), to: to.clone(), resource: resource.to_owned(), until };
        let link = engine.inner.hub.called(target, resource).ok_or_else(nobody)?;
        if !self.link().addressed.asks(asked) {
            return Err(too_much());
        }
        let asked_by = Some((own, self.link().number, id.to_owned()));
        if link.hand(Stanza { payload, way: Way::Direct, asked_by }) {
            count(&engine.inner.metrics.stanzas_handed_on);
            return Ok(());
        }
        self.link().addressed.take_asked(id, to, resource);
        Err(too_much())
    }

    /// Hands an answer to the device that has asked for it. What nobody has asked for is dropped.
    pub async fn answer(&self, to: (&Address, &str), id: &str, payload: Arc<str>) -> Result<(), Refusal> {
        let (engine, caller) = (self.engine(), self.caller());
        engine.known(caller)?;
        let (own, address, device) = device_of(caller)?;
        engine.limit(&Limited::Stanzas(own, device))?;
        let (to, resource) = to;
        let target = engine.known_as(to).await?;
        if own != target && engine.blocked_between(own, target).await.map_err(refused)? {
            return Ok(());
        }
        let hub = &engine.inner.hub;
        let (Some(name), Some(link)) = (self.link().addressed.name(), hub.called(target, resource)) else {
            return Ok(());
        };
        if link.addressed.take_asked(id, address, name) {
            if link.hand(Stanza { payload, way: Way::Direct, asked_by: None }) {
                count(&engine.inner.metrics.stanzas_handed_on);
            } else {
                // It has no room for the answer, but for the news that none comes.
                let (to, resource, until) = (address.clone(), name.to_string(), Instant::now());
                link.addressed.asks(Asked { id: id.to_owned(), to, resource, until });
                link.ring();
            }
        }
        Ok(())
    }

    /// Hands a message to one device, or to all that take what is for all. `copies`: to the account's other devices and
    /// the receiver's other ones as well, as such. To how many it went directly.
    pub async fn message(
        &self,
        (to, resource): (&Address, Option<&str>),
        payload: Arc<str>,
        copies: bool,
    ) -> Result<u64, Refusal> {
        let (engine, caller) = (self.engine(), self.caller());
        engine.known(caller)?;
        engine.inner.admission.admit(Class::Presence)?;
        let (own, _, device) = device_of(caller)?;
        engine.limit(&Limited::Stanzas(own, device))?;
        let target = engine.known_as(to).await?;
        let reach = engine.reach_of(own, target).await?;
        let hand = |link: &Link, way| link.hand(Stanza { payload: Arc::clone(&payload), way, asked_by: None });
        let mine = |link: &Link| link.number == self.link().number;
        let (mut reached, links) = (0, engine.inner.hub.with_names(target));
        let called = resource.is_some_and(|name| links.iter().any(|(_, known)| **known == *name));
        for (link, name) in links.iter().filter(|(_, name)| reach.has(name)) {
            let direct = match resource {
                Some(wanted) => **name == *wanted,
                None => link.addressed.takes_all() && !mine(link),
            };
            if direct {
                reached += u64::from(hand(link, Way::Direct));
            } else if copies && called && target != own {
                hand(link, Way::Received);
            }
        }
        if copies {
            let others = engine.inner.hub.with_names(own).into_iter().filter(|(link, _)| !mine(link));
            for (link, _) in others.filter(|(_, name)| target != own || resource.is_some_and(|to| **name != *to)) {
                hand(&link, Way::Sent);
            }
        }
        if reached > 0 {
            count(&engine.inner.metrics.stanzas_handed_on);
        }
        Ok(reached)
    }

    /// Requests of this link whose time is over: nothing more comes of them.
    pub fn unanswered(&self) -> Vec<Asked> {
        self.link().addressed.given_up(Instant::now())
    }

    /// When to look at that again.
    pub fn unanswered_at(&self) -> Option<Instant> {
        self.link().addressed.next_given_up()
    }

    /// Takes the open requests, for the link that goes on where this one ends; and gives it those of the one before.
    pub fn take_requests(&self) -> Vec<Asked> {
        self.link().addressed.given_up(Instant::now() + REQUEST_WAITS)
    }

    /// See [`Session::take_requests`].
    pub fn goes_on_with(&self, requests: Vec<Asked>) {
        for asked in requests {
            self.link().addressed.asks(asked);
        }
    }

    /// This link takes what is for all devices of the account, or does not (XMPP: its priority is below 0, or it is not
    /// available).
    pub fn takes_all(&self, takes: bool) {
        self.link().addressed.set_takes_all(takes);
    }

    /// Whether a device is connected and takes only what is for it alone.
    pub async fn takes_only_its_own(&self, to: &Address, resource: &str) -> bool {
        let Ok(target) = self.engine().known_as(to).await else { return false };
        let link = self.engine().inner.hub.called(target, resource);
        link.is_some_and(|link| !link.addressed.takes_all())
    }

    /// Whether another link of the account is called so.
    pub fn has_sibling(&self, name: &str) -> bool {
        let Ok((own, ..)) = device_of(self.caller()) else { return false };
        self.engine().inner.hub.called(own, name).is_some()
    }
}
