//! What devices ask of presence: to say how they are there, to look at others, to be there for somebody.
//!
//! Commands come in; how somebody is there leaves. Invariant: of an account that does not exist, one that may not be
//! looked at and one that blocks, the same is said, and nothing is remembered that tells them apart.

use std::sync::Arc;
use std::time::Duration;

use belfry_domain::{AccountId, Address, Code, DeviceId, Refusal, TimestampMs};
use tokio::time::Instant;

use super::account::Tell;
use super::audience::Look;
use super::{Availability, EXTENSION_BYTES_MAX, Presence, Resource, STATUS_BYTES_MAX, WATCHED_MAX};
use crate::admission::Class;
use crate::command::{Caller, Reply};
use crate::hub::{Links, Rings};
use crate::limits::Limited;
use crate::{Engine, device_of, refused};

impl Engine {
    /// Says how the asking device is there.
    pub(crate) fn set_presence(
        &self,
        caller: &Caller,
        availability: Availability,
        status: String,
        priority: i8,
    ) -> Result<Reply, Refusal> {
        let said = Resource { availability, status, priority, ..Resource::default() };
        self.says(caller, said).map(|present| Reply::Presence(Box::new(present)))
    }

    /// Says how the asking device is there, as one that has a name (XMPP: available presence of a resource, RFC 6121
    /// §4.2 and §4.4).
    pub fn resource_presence(&self, caller: &Caller, said: Resource) -> Result<(), Refusal> {
        self.known(caller)?;
        let gone = said.availability == Availability::Offline;
        self.says(caller, said)?;
        if gone {
            // RFC 6121 §4.6.3: those who were told apart are told this too.
            let (id, _, device) = device_of(caller)?;
            let (mut rings, mut told) = (Rings::default(), 0);
            self.inner.hub.presences.with(id, |account| {
                let tell: &mut Tell<'_> = &mut self.teller(&mut rings, &mut told);
                account.undirects(device).into_iter().for_each(|to| account.undirect(to, tell));
            });
            self.inner.hub.presences.has_told(told);
            rings.ring();
        }
        Ok(())
    }

    fn says(&self, caller: &Caller, said: Resource) -> Result<Presence, Refusal> {
        let (id, address, device) = device_of(caller)?;
        fits(&said)?;
        self.limit(&Limited::Presence(id, device))?;
        let presences = &self.inner.hub.presences;
        presences.change(id, address, self.now(), &self.inner.metrics, |account, now| {
            account.says(device, said, now);
        });
        let present = presences.with(id, |account| account.present());
        Ok(present.unwrap_or_else(|| Presence::hidden(id, address.clone())))
    }

    /// A person looks at the asking device, or does not.
    pub(crate) fn presence_looks(&self, caller: &Caller, foreground: bool) {
        if let Ok((id, address, device)) = device_of(caller)
            && self.inner.hub.presences.with(id, |account| account.has_link(device)) == Some(true)
        {
            let metrics = &self.inner.metrics;
            let looks = |account: &mut super::account::Account, _| account.looks(device, foreground);
            self.inner.hub.presences.change(id, address, self.now(), metrics, looks);
        }
    }

    /// Looks at accounts: those that may be seen, as they are; the links of the asking device are told what follows.
    pub(crate) async fn watch(&self, caller: &Caller, addresses: Vec<Address>) -> Result<Reply, Refusal> {
        let (viewer, _, device) = device_of(caller)?;
        if addresses.len() > WATCHED_MAX {
            let count = addresses.len();
            return Err(Refusal::new(
                Code::BadRequest,
                format!("At most {WATCHED_MAX} accounts can be watched at a time, not {count}."),
            ));
        }
        let presences = &self.inner.hub.presences;
        let before = presences.with(viewer, |account| account.watched_by(device).to_vec()).unwrap_or_default();
        let (mut seen, mut watched) = (Vec::new(), Vec::new());
        for address in addresses {
            let found = self.account_to_look_at((viewer, device), &address, &before).await?;
            let Some(target) = found.filter(|target| !watched.contains(target)) else { continue };
            let Some(look) = self.may_look(viewer, target).await.map_err(refused)? else { continue };
            seen.push((target, address, look));
            watched.push(target);
        }
        // Only a device with a link is told what follows; and not of those that it follows anyway.
        let linked = presences.with(viewer, |account| account.has_link(device)) == Some(true);
        let watch_ms = presences.rules().watch_ms;
        if linked {
            let until = Instant::now() + Duration::from_millis(watch_ms);
            for (target, address, look) in &seen {
                presences.with_new(*target, address, |account| account.watched((viewer, device), look.when, until));
                // It may have blocked meanwhile, and was not in memory to be told so.
                if self.may_look(viewer, *target).await.map_err(refused)?.is_none() {
                    presences.with(*target, |account| account.unwatched((viewer, device)));
                    watched.retain(|one| one != target);
                }
            }
            let left_out = presences.with(viewer, |account| account.watches(device, watched.clone()));
            for one in left_out.unwrap_or_default() {
                presences.with(one, |account| account.unwatched((viewer, device)));
            }
        }
        let mut shown = Vec::new();
        for (target, address, look) in seen.into_iter().filter(|(target, ..)| watched.contains(target)) {
            shown.push(self.shown(target, address, look).await?);
        }
        Ok(Reply::Watching { presences: shown, expires_in_ms: watch_ms })
    }

    /// How an account is there, for whoever may know (XMPP: a probe, RFC 6121 §4.3); nothing is told later.
    pub async fn probe(&self, caller: &Caller, address: &Address) -> Result<Option<Presence>, Refusal> {
        self.known(caller)?;
        let (viewer, _, device) = device_of(caller)?;
        let Some(target) = self.account_to_look_at((viewer, device), address, &[]).await? else { return Ok(None) };
        if target == viewer {
            return Ok(self.inner.hub.presences.with(target, |account| account.presence(false)));
        }
        let Some(look) = self.may_look(viewer, target).await.map_err(refused)? else { return Ok(None) };
        self.shown(target, address.clone(), look).await.map(Some)
    }

    /// Lets one account, or one named device of it, know that the asking device is there, whatever the others are told
    /// (XMPP: directed presence, RFC 6121 §4.6). It is told at once, and the end of it when the device says "offline" to it or is gone; in between it
    /// is told nothing that it would not be told anyway. Who blocks or is blocked is told nothing.
    pub async fn directed_presence(
        &self,
        caller: &Caller,
        to: (&Address, Option<&str>),
        said: Resource,
    ) -> Result<(), Refusal> {
        self.known(caller)?;
        self.inner.admission.admit(Class::Presence)?;
        let (id, _, device) = device_of(caller)?;
        let (to, resource) = to;
        fits(&said)?;
        self.limit(&Limited::Presence(id, device))?;
        let Some(target) = self.account_to_look_at((id, device), to, &[]).await? else { return Ok(()) };
        if target == id {
            return Ok(());
        }
        if self.inner.hub.presences.with(id, |account| account.has_link(device)) != Some(true) {
            return Err(Refusal::new(Code::BadRequest, "Only a device with an open link can be there for somebody."));
        }
        let there = (said.availability != Availability::Offline).then(|| Arc::new(said));
        let links = resource.map_or(Links::Following, Links::Named);
        let (mut rings, mut told) = (Rings::default(), 0);
        let presences = &self.inner.hub.presences;
        // Noted first and judged then: who blocks in between marks the account, and the round takes it back.
        presences.with(id, |account| account.directs(device, target, there.clone())).flatten().into_iter().for_each(
            |oldest| {
                let tell: &mut Tell<'_> = &mut self.teller(&mut rings, &mut told);
                presences.with(id, |account| account.undirect(oldest, tell));
            },
        );
        if self.blocked_between(id, target).await.map_err(refused)? {
            presences.with(id, |account| account.directs(device, target, None));
        } else {
            presences.with(id, |account| {
                let tell: &mut Tell<'_> = &mut self.teller(&mut rings, &mut told);
                match &there {
                    // Also where it is not the last to have spoken to them.
                    Some(said) => {
                        let (availability, status) = (said.availability, said.status.clone());
                        let presence = Presence { availability, status, ..account.for_one(target) };
                        tell(target, links, &Arc::new(presence));
                    }
                    None => account.undirect(target, tell),
                }
            });
        }
        presences.has_told(told);
        rings.ring();
        Ok(())
    }

    /// The account of an address that is looked at. One that was not looked at already is one of those that a device may
    /// begin to watch; a stranger is one of those that an account may ask about too, whether or not there is such an
    /// account.
    async fn account_to_look_at(
        &self,
        (viewer, device): (AccountId, DeviceId),
        address: &Address,
        before: &[AccountId],
    ) -> Result<Option<AccountId>, Refusal> {
        let found = self.store().account_by_address(address).await.map_err(refused)?.map(|account| account.id);
        if found.is_some_and(|target| target == viewer || before.contains(&target)) {
            return Ok(found);
        }
        self.limit(&Limited::Watches(viewer, device))?;
        let listed = match found {
            Some(target) => self.store().contact(viewer, target).await.map_err(refused)?.listed,
            None => false,
        };
        if !listed {
            self.limit(&Limited::LookUps(viewer))?;
        }
        Ok(found)
    }

    /// How an account is shown to somebody who may look at it.
    async fn shown(&self, target: AccountId, address: Address, look: Look) -> Result<Presence, Refusal> {
        let (presences, when) = (&self.inner.hub.presences, look.when);
        let shown =
            presences.with(
                target,
                |account| if look.follows { account.presence(when) } else { account.seen_from_outside(when) },
            );
        let mut shown = shown.unwrap_or_else(|| Presence::hidden(target, address));
        if when && shown.availability == Availability::Offline && shown.last_seen == TimestampMs(0) {
            shown.last_seen = match presences.seen(target) {
                Some(seen) => seen,
                None => self.last_seen_stored(target).await.map_err(refused)?,
            };
        }
        Ok(shown)
    }
}

fn fits(said: &Resource) -> Result<(), Refusal> {
    let parts = [("status", said.status.len(), STATUS_BYTES_MAX), ("rest", said.extension.len(), EXTENSION_BYTES_MAX)];
    match parts.into_iter().find(|(_, bytes, max)| bytes > max) {
        None => Ok(()),
        Some((what, bytes, max)) => {
            Err(Refusal::new(Code::TooLarge, format!("The {what} is {bytes} bytes, the limit is {max}.")))
        }
    }
}
