//! The round: several times a second it tells what is due, as far as the cap goes.
//!
//! The clock comes in; presences in the lanes of links leave, and one ring for each link that got any. Invariant: what
//! the round has taken in hand is given back to the order of what is due, whatever the store says.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::AccountId;
use belfry_domain::ports::StoreError;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Presence;
use super::account::Tell;
use super::registry::count;
use crate::Engine;
use crate::command::Live;
use crate::hub::{Links, Rings};

/// How often it is looked what is due: a quarter of the settling.
const ROUND_EVERY: Duration = Duration::from_millis(250);

/// Contacts of an account that are read at a time when its privacy has changed.
const CONTACTS_PAGE: usize = 500;

impl Engine {
    /// Tells what is due until `stop` is ready. An error of the store ends it too: whoever supervises it starts it again.
    pub async fn run_presence(&self, stop: impl Future<Output = ()>) -> Result<(), StoreError> {
        let mut stop = pin!(stop);
        let mut round = interval(ROUND_EVERY);
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut stop => return Ok(()),
                _ = round.tick() => self.presence_round().await?,
            }
        }
    }

    /// Tells what is due now.
    pub async fn presence_round(&self) -> Result<(), StoreError> {
        let presences = &self.inner.hub.presences;
        let now = Instant::now();
        let began = presences.end_quiet(now);
        if presences.stopped() || presences.quiet() {
            return Ok(());
        }
        self.spread_privacy().await?;
        let mut rings = Rings::default();
        let mut done = Ok(());
        while presences.may_tell(now) {
            let Some(account) = presences.next_due(now) else { break };
            done = self.look_at(account, now, &mut rings).await;
            if done.is_err() {
                presences.with(account, |_| ()); // back into the order
                break;
            }
        }
        rings.ring();
        if began {
            self.inner.hub.ring_all(); // they have been waiting for their contacts
        }
        let metrics = &self.inner.metrics;
        metrics.presence_deferred.fetch_add(presences.put_off(now), Ordering::Relaxed);
        metrics.presence_accounts.store(presences.len(), Ordering::Relaxed);
        done
    }

    async fn look_at(&self, id: AccountId, now: Instant, rings: &mut Rings) -> Result<(), StoreError> {
        let presences = &self.inner.hub.presences;
        let asked = presences.with(id, |account| account.asks_who()).flatten();
        let loaded = match asked {
            Some(asked) => Some(self.load_audience(id, asked).await?),
            None => None,
        };
        let (rules, mut told) = (presences.rules(), 0);
        let seen = presences.with(id, |account| {
            let tell: &mut Tell<'_> = &mut self.teller(rings, &mut told);
            account.look(now, loaded, &rules, tell)
        });
        presences.has_told(told);
        count(&self.inner.metrics, seen.unwrap_or_default());
        Ok(())
    }

    /// Tells accounts' links, and counts it.
    pub(super) fn teller<'a>(
        &'a self,
        rings: &'a mut Rings,
        told: &'a mut u64,
    ) -> impl FnMut(AccountId, Links<'_>, &Arc<Presence>) + 'a {
        move |to, links, presence| {
            let links = self.inner.hub.tell(to, links, &Live::Presence(Arc::clone(presence)), rings);
            self.inner.metrics.presence_told.fetch_add(links, Ordering::Relaxed);
            *told += links;
        }
    }

    /// Whose privacy has changed may be told of others than before: whom it follows and watches are looked at anew.
    async fn spread_privacy(&self) -> Result<(), StoreError> {
        let presences = &self.inner.hub.presences;
        let Some(changed) = presences.take_privacy() else {
            presences.all_stale();
            return Ok(());
        };
        let now = Instant::now();
        for owner in changed {
            let watched = presences.with(owner, |account| {
                account.stale(now);
                account.all_watched()
            });
            for one in watched.unwrap_or_default() {
                presences.with(one, |account| account.stale(now));
            }
            let mut after = None;
            loop {
                let (page, more) = self.store().contacts(owner, after, CONTACTS_PAGE).await?;
                for view in page.iter().filter(|view| view.contact.to) {
                    presences.with(view.account, |account| account.stale(now));
                }
                after = page.last().map(|view| view.account);
                if !more || after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}
