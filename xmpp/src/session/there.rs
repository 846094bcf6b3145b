//! Who is there: what the client says of itself, and what it is told of others, resource by resource. RFC 6121 §4.
//!
//! Presences of the client come in and go to the engine; presences of accounts come from it, and the difference to what
//! the client knows leaves. Invariants: the client knows of a resource what it was told last, and of each one that is
//! gone it is told so once; while it is not there itself it is told of nobody.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use belfry_domain::{AccountId, Address, Seq, TimestampMs};
use belfry_engine::{Asked, Availability, Identity, Live, Presence, Resource};

use super::Link;
use crate::door::End;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::limits::SEEN_ACCOUNTS_MAX;
use crate::management::Managed;
use crate::roster;
use crate::wire::Wire;
use crate::xml::Element;

/// What a client and its people know of each other. It outlives a stream that breaks and is resumed.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// How the client has said that it is there.
    pub(super) said: Option<Element>,
    /// Below 0: it wants no messages that are not for it alone.
    pub(super) priority: i8,
    /// It is told changes of the roster.
    pub(super) interested: bool,
    /// It knows versions of the roster. RFC 6121 §2.6.
    pub(super) versions: bool,
    /// From where in the log it is told changes of the roster.
    pub(super) roster: Option<Seq>,
    /// Whom the account blocks, as this client knows; `None`: it has not asked. XEP-0191.
    pub(super) blocked: Option<HashSet<AccountId>>,
    /// Requests that it was told of, with when they were made.
    pub(super) requested: Vec<(AccountId, TimestampMs)>,
    seen: Seen,
    /// Requests to other clients that have no answer, while the stream waits to be resumed.
    pub(super) requests: Vec<Asked>,
    /// What is true now and could not be told yet.
    pub(super) waiting: VecDeque<Waiting>,
}

/// Something that waits until the client takes it.
#[derive(Debug)]
pub(super) enum Waiting {
    /// What is true now.
    Live(Live),
    /// What stands in the store and can be told again.
    Said(Element),
}

/// What the client was told of others' resources. One list for each account that is there, shared with all who are told
/// the same.
#[derive(Debug, Default)]
struct Seen {
    accounts: HashMap<AccountId, Arc<[Arc<Resource>]>>,
    /// There were too many: of an account that is not among them, nothing is known.
    forgotten: bool,
}

/// A resource, and what has become of it: it is there as it says, or gone (`None`).
type Change = (Option<Arc<str>>, Option<Arc<Resource>>);

impl Seen {
    /// What is new in a presence; it is known then.
    fn learn(&mut self, presence: &Presence) -> Vec<Change> {
        let now = resources_of(presence);
        let known = self.accounts.remove(&presence.account);
        if known.is_none() && now.is_empty() && self.forgotten {
            return vec![(None, None)];
        }
        let before = known.unwrap_or_default();
        let gone = before.iter().filter(|old| now.iter().all(|new| new.name != old.name));
        let mut changes: Vec<Change> = gone.map(|old| (old.name.clone(), None)).collect();
        let new = now.iter().filter(|new| !before.iter().any(|old| Arc::ptr_eq(old, new) || old == *new));
        changes.extend(new.map(|new| (new.name.clone(), Some(Arc::clone(new)))));
        if !now.is_empty() {
            if self.accounts.len() >= SEEN_ACCOUNTS_MAX {
                self.accounts.clear();
                self.forgotten = true;
            }
            self.accounts.insert(presence.account, now);
        }
        changes
    }
}

/// The resources of an account. Of one that shows only that it is there, this is one.
fn resources_of(presence: &Presence) -> Arc<[Arc<Resource>]> {
    if !presence.resources.is_empty() || presence.availability == Availability::Offline {
        return Arc::clone(&presence.resources);
    }
    let (availability, status) = (presence.availability, presence.status.clone());
    Arc::from([Arc::new(Resource { availability, status, ..Resource::default() })])
}

impl<W: Wire> Link<'_, W> {
    /// The client is there, or is there otherwise. RFC 6121 §4.2, §4.4.
    pub(super) async fn is_there(&mut self, stanza: &Element) -> Result<(), End> {
        let initial = !self.available;
        self.available = true;
        self.people.priority = roster::priority(stanza);
        self.people.said = Some(stanza.clone());
        self.announced(stanza)?;
        if initial && self.subscribed {
            self.session.look_again(); // while it was not there, it was told of nobody
        }
        self.subscribe();
        self.session.takes_all(self.people.priority >= 0);
        let said = self.say();
        let mut own = stanza.clone();
        own.set("from", self.jid());
        own.set("to", self.jid());
        self.push(&own)?;
        if let Err(error) = said {
            self.refuse(stanza, &error)?;
        }
        if initial {
            self.tell_requests().await;
            self.news = true;
        }
        Ok(())
    }

    /// The client is not there any longer, or not to be seen. RFC 6121 §4.5.
    pub(super) fn is_gone(&mut self, stanza: &Element) -> Result<(), End> {
        self.available = false;
        self.people.said = None;
        self.people.seen = Seen::default();
        self.session.takes_all(false);
        if !self.subscribed {
            return Ok(());
        }
        self.subscribe();
        match self.say() {
            Ok(()) => Ok(()),
            Err(error) => self.refuse(stanza, &error),
        }
    }

    /// Says to all who may know how the client is there.
    pub(super) fn say(&mut self) -> Result<(), StanzaError> {
        let name = Some(Arc::from(self.resource.as_str()));
        let said = match &self.people.said {
            Some(stanza) => roster::resource(stanza, name),
            None => Resource { name, ..Resource::default() },
        };
        Ok(self.door.engine().resource_presence(self.session.caller(), said)?)
    }

    /// The client is there for one account, or one resource of it, or no longer. RFC 6121 §4.6.
    pub(super) async fn directs(&mut self, stanza: &Element, to: &str, there: bool) -> Result<(), StanzaError> {
        let address = self.person(to)?;
        let resource = Jid::parse(to).and_then(|to| to.resource);
        let mut said = roster::resource(stanza, Some(Arc::from(self.resource.as_str())));
        if !there {
            said.availability = Availability::Offline;
        }
        if !self.subscribed {
            self.subscribed = true;
            self.follow(); // by this it has a link by which it is there
        }
        let to = (&address, resource.as_deref());
        Ok(self.door.engine().directed_presence(self.session.caller(), to, said).await?)
    }

    /// Somebody wants to know how an account is there. RFC 6121 §4.3.
    pub(super) async fn probes(&mut self, to: &Address) -> Result<(), StanzaError> {
        let shown = self.door.engine().probe(self.session.caller(), to).await?;
        if let Some(shown) = shown {
            self.people.seen.accounts.remove(&shown.account); // it is told all, also what it knows
            self.people.waiting.push_back(Waiting::Live(Live::Presence(Arc::new(shown))));
            self.news = true;
        }
        Ok(())
    }

    /// Tells what is true now and waits, as far as the client takes it.
    pub(super) async fn tell_waiting(&mut self) -> Result<(), End> {
        while !self.is_crowded()
            && let Some(event) = self.people.waiting.pop_front()
        {
            match event {
                Waiting::Said(stanza) => self.push(&stanza)?,
                Waiting::Live(Live::Typing(typing)) if self.available => self.tell_typing(&typing),
                Waiting::Live(Live::Presence(presence)) if self.available => self.tell_presence(&presence)?,
                Waiting::Live(Live::Typing(_) | Live::Presence(_)) => {}
                Waiting::Live(Live::Stanza(stanza)) => self.tell_stanza(&stanza)?,
                Waiting::Live(Live::Subscribed(told)) if self.people.interested => self.tell_subscribed(&told)?,
                Waiting::Live(Live::Subscribed(_)) => {}
            }
            self.wire.flush_if_large().await?;
        }
        self.ask_count()
    }

    /// Whether so much waits for the client's count that what is in no log has to wait.
    pub(super) fn is_crowded(&self) -> bool {
        self.managed.as_ref().is_some_and(Managed::is_crowded)
    }

    fn tell_presence(&mut self, presence: &Presence) -> Result<(), End> {
        let own = match &self.session.caller().identity {
            Identity::Device { account, .. } => *account == presence.account,
            _ => false,
        };
        for (name, is) in self.people.seen.learn(presence) {
            // Of itself it was told when it spoke.
            if !(own && name.as_deref() == Some(&*self.resource)) {
                let stanza = roster::presence(presence, (name.as_deref(), is.as_deref()), &self.jid());
                self.push(&stanza)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence(account: u64, resources: &[(&str, i8)]) -> Presence {
        let resource = |(name, priority): &(&str, i8)| {
            let (name, priority, availability) = (Some(Arc::from(*name)), *priority, Availability::Online);
            Arc::new(Resource { name, priority, availability, ..Resource::default() })
        };
        let there = !resources.is_empty();
        Presence {
            account: AccountId(account),
            address: Address::parse("bob@localhost").expect("valid"),
            availability: if there { Availability::Online } else { Availability::Offline },
            status: String::new(),
            last_seen: TimestampMs(0),
            resources: resources.iter().map(resource).collect(),
        }
    }

    fn told(seen: &mut Seen, presence: &Presence) -> Vec<(String, Option<i8>)> {
        let changes = seen.learn(presence).into_iter();
        changes.map(|(name, is)| (name.as_deref().unwrap_or("-").to_owned(), is.map(|is| is.priority))).collect()
    }

    #[test]
    fn only_what_has_changed_is_told_and_what_is_gone_once() {
        let mut seen = Seen::default();
        assert_eq!(told(&mut seen, &presence(1, &[])), [], "nobody was there");
        assert_eq!(
            told(&mut seen, &presence(1, &[("a", 0), ("b", 1)])),
            [("a".into(), Some(0)), ("b".into(), Some(1))]
        );
        assert_eq!(told(&mut seen, &presence(1, &[("a", 0), ("b", 1)])), []);
        assert_eq!(
            told(&mut seen, &presence(1, &[("a", 5), ("c", 0)])),
            [("b".into(), None), ("a".into(), Some(5)), ("c".into(), Some(0))]
        );
        assert_eq!(told(&mut seen, &presence(1, &[])), [("a".into(), None), ("c".into(), None)]);
        assert_eq!(told(&mut seen, &presence(1, &[])), []);
        let outside = Presence { availability: Availability::Busy, ..presence(1, &[]) };
        assert_eq!(told(&mut seen, &outside), [("-".into(), Some(0))], "who shows only that they are there");
    }

    #[test]
    fn what_is_known_of_others_is_bounded_and_who_is_forgotten_is_still_told_to_be_gone() {
        let mut seen = Seen::default();
        for account in 0..=SEEN_ACCOUNTS_MAX as u64 {
            seen.learn(&presence(account, &[("a", 0)]));
            assert!(seen.accounts.len() <= SEEN_ACCOUNTS_MAX);
        }
        assert_eq!(told(&mut seen, &presence(1, &[])), [("-".into(), None)], "all of it is gone");
    }
}
