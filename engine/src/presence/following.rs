//! What a link is told of presence by reading: all contacts who are there, after its subscription.
//!
//! A link comes in with where it has got to; a page of presences leaves when the link can take it. Invariant: a link is
//! in the hub as one that is told before the first page is read, so nothing falls between the two.

use std::sync::atomic::Ordering;

use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, Address, DeviceId};

use super::{Availability, Presence};
use crate::Engine;
use crate::hub::Link;

/// Contacts that are looked through at a time: with the longest statuses and addresses a quarter of a frame.
const PAGE: usize = 100;

/// How far a link has got with its contacts.
#[derive(Debug, Default)]
pub(crate) struct Following {
    /// The device counts as there by this link.
    there: bool,
    reading: Option<Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    /// After this contact.
    after: Option<AccountId>,
    /// Also those who are offline: what the link was told before may be wrong.
    all: bool,
}

impl Following {
    /// The link follows its account's timeline from now on; `reads`: it is to be told of its contacts. Whether the
    /// device is there by it only now.
    pub(crate) fn begin(&mut self, reads: bool) -> bool {
        self.reading = reads.then_some(Reading { after: None, all: false });
        !std::mem::replace(&mut self.there, true)
    }

    /// Whether the device is no longer there by this link.
    pub(crate) fn end(&mut self) -> bool {
        std::mem::take(&mut self.there)
    }

    /// The next contacts who are there.
    pub(crate) async fn page(
        &mut self,
        engine: &Engine,
        (owner, link): (AccountId, &Link),
    ) -> Result<Vec<Presence>, StoreError> {
        let presences = &engine.inner.hub.presences;
        if self.there && link.take_lost_presence() {
            self.reading = Some(Reading { after: None, all: true });
        }
        while let Some(Reading { after, all }) = self.reading.filter(|_| !presences.quiet()) {
            link.follow_presence();
            let (page, more) = engine.store().contacts(owner, after, PAGE).await?;
            let mut told = Vec::new();
            if after.is_none() && link.resource {
                // RFC 6121 §4.2.2: a client sees the account's other ones.
                told.extend(presences.with(owner, |account| account.presence(false)));
            }
            for view in page.iter().filter(|view| view.contact.to || all) {
                let shown = presences.with(view.account, |account| (account.shown_to(owner), account.is_stale()));
                let (mut shown, stale) = shown.unwrap_or_default();
                // Whoever has just blocked is looked at by the next round only; a new link must not be told until then.
                if stale && shown.is_some() && engine.may_look(owner, view.account).await?.is_none() {
                    shown = None;
                }
                match shown.filter(|shown| all || shown.availability != Availability::Offline) {
                    Some(shown) => told.push(shown),
                    None if all => told.push(Presence::hidden(view.account, view.peer.clone())),
                    None => {}
                }
            }
            let after = page.last().map(|view| view.account).filter(|_| more);
            self.reading = after.map(|after| Reading { after: Some(after), all });
            if !told.is_empty() {
                engine.inner.metrics.presence_told.fetch_add(told.len() as u64, Ordering::Relaxed);
                return Ok(told);
            }
        }
        Ok(Vec::new())
    }
}

impl Engine {
    /// A link of a device follows its account's timeline.
    pub(crate) fn presence_arrived(&self, (id, address, device): (AccountId, &Address, DeviceId), resource: bool) {
        let (presences, metrics) = (&self.inner.hub.presences, &self.inner.metrics);
        presences.change(id, address, self.now(), metrics, |account, now| account.arrived(device, resource, now));
    }

    /// Such a link has closed; `for_good`: its client has said so.
    pub(crate) fn presence_left(&self, (id, address, device): (AccountId, &Address, DeviceId), for_good: bool) {
        let (presences, metrics) = (&self.inner.hub.presences, &self.inner.metrics);
        presences.change(id, address, self.now(), metrics, |account, now| account.left(device, for_good, now));
    }
}
