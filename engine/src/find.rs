//! Who is whom: finding accounts by what people know of them, without anybody finding out who is here.
//!
//! An address, a name or a number comes in with who asks; an account leaves, or that there is none. Invariants: whoever
//! asks about somebody they have not met pays for it out of a budget, through whichever operation they ask, and whether
//! or not there is such an account; "there is none" and "it does not want to be found" are one answer that takes the same
//! work and comes at the same moment.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use belfry_domain::{Account, AccountId, Address, Code, Phone, Refusal};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::command::{Caller, Reply, Wanted};
use crate::limits::Limited;
use crate::{Engine, device_of, refused};

/// What accounts have paid to ask about is remembered up to so much, 16 bytes each. Then all is forgotten at once, and
/// strangers who were never written to cost anew.
const ASKED_MAX: usize = 100_000;

/// "Nobody" is answered at a multiple of this after the question came: reading the rows of somebody who does not want to
/// be found takes some microseconds more than finding nothing.
const NOBODY_TICK: Duration = Duration::from_millis(20);

/// What accounts have asked about already: asking again tells nothing new and is free.
#[derive(Default)]
pub(crate) struct Asked {
    pairs: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl Asked {
    fn has(&self, asker: AccountId, about: &str) -> bool {
        self.pairs.lock().contains(&self.hasher.hash_one((asker, about)))
    }

    fn remember(&self, asker: AccountId, about: &str) {
        let mut pairs = self.pairs.lock();
        if pairs.len() >= ASKED_MAX {
            pairs.clear();
        }
        pairs.insert(self.hasher.hash_one((asker, about)));
    }
}

impl Engine {
    /// The account of an address, or `not_found`. For operators and what has been paid for.
    pub(crate) async fn account_at(&self, address: &Address) -> Result<Arc<Account>, Refusal> {
        let found = self.store().account_by_address(address).await.map_err(refused)?;
        found.ok_or_else(|| no_account(address))
    }

    /// The account of an address for somebody who wants to do something with it, or `not_found`.
    pub(crate) async fn reach(&self, caller: &Caller, address: &Address) -> Result<Arc<Account>, Refusal> {
        self.look_up(caller, address).await?.ok_or_else(|| no_account(address))
    }

    /// The account of an address, if there is one. Asking about strangers costs: whether there is an account must not be
    /// cheaper to find out by writing to it than by asking.
    pub(crate) async fn look_up(&self, caller: &Caller, address: &Address) -> Result<Option<Arc<Account>>, Refusal> {
        let (asker, own, _) = device_of(caller)?;
        let found = self.store().account_by_address(address).await.map_err(refused)?;
        if address == own {
            return Ok(found);
        }
        let about = address.to_string();
        if self.inner.asked.has(asker, &about) {
            return Ok(found);
        }
        // The asker stands in for nobody, so that the time says nothing once the budget is used up.
        let met = self.have_met(asker, found.as_ref().map_or(asker, |found| found.id)).await?;
        if found.is_none() || !met {
            self.limit_look_ups(caller, asker)?;
        }
        self.inner.asked.remember(asker, &about);
        Ok(found)
    }

    /// Whether one knows of the other already: it is among the contacts or requests, or they have written to each other.
    async fn have_met(&self, asker: AccountId, other: AccountId) -> Result<bool, Refusal> {
        let contact = self.store().contact(asker, other).await.map_err(refused)?;
        let conversation = self.store().direct_conversation(asker, other).await.map_err(refused)?;
        Ok(!contact.is_nothing() || conversation.is_some())
    }

    /// Takes of what an account, and the address that it comes from, may ask about others.
    fn limit_look_ups(&self, caller: &Caller, asker: AccountId) -> Result<(), Refusal> {
        self.limit(&Limited::LookUps(asker))?;
        self.limit_peer(&caller.peer, Limited::LookUpsFrom)
    }

    pub(crate) async fn account_exists(&self, caller: &Caller, address: &Address) -> Result<Reply, Refusal> {
        Ok(Reply::Exists(self.look_up(caller, address).await?.is_some()))
    }

    /// Finds one account by exactly this.
    pub(crate) async fn find(&self, caller: &Caller, wanted: Wanted) -> Result<Reply, Refusal> {
        let (asker, ..) = device_of(caller)?;
        let began = Instant::now();
        let found = match wanted {
            Wanted::Address(address) => self.look_up(caller, &address).await?.map(|account| account.id),
            Wanted::Name(name) => {
                let address = Address::new(&name, &self.settings().domain)
                    .map_err(|error| Refusal::new(Code::BadRequest, error.to_string()))?;
                self.look_up(caller, &address).await?.map(|account| account.id)
            }
            Wanted::Phone(phone) => self.by_phone(caller, asker, &phone).await?,
        };
        // Whoever is not found is read like whoever is.
        let shown = self.shown_to(found.unwrap_or(asker), asker).await?;
        if found.is_none() || shown.is_none() {
            self.on_a_tick(NOBODY_TICK, began).await;
            return Ok(Reply::Found(None));
        }
        Ok(Reply::Found(shown))
    }

    async fn by_phone(&self, caller: &Caller, asker: AccountId, phone: &Phone) -> Result<Option<AccountId>, Refusal> {
        if !self.inner.asked.has(asker, phone.as_str()) {
            self.limit_look_ups(caller, asker)?;
            self.inner.asked.remember(asker, phone.as_str());
        }
        let account = self.store().account_by_phone(phone).await.map_err(refused)?;
        let id = account.as_ref().map_or(asker, |account| account.id);
        let privacy = self.store().privacy(id).await.map_err(refused)?.unwrap_or_default();
        let row = self.store().contact(id, asker).await.map_err(refused)?;
        let wants = id == asker || row.is_among(privacy.found_by_phone);
        Ok(account.map(|account| account.id).filter(|_| wants && self.settings().find_by_phone))
    }
}

pub(crate) fn no_account(address: &Address) -> Refusal {
    Refusal::new(Code::NotFound, format!("There is no account {address} here."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_remembered_within_bounded_memory() {
        let asked = Asked::default();
        for number in 0..2 * ASKED_MAX as u64 {
            asked.remember(AccountId(number), "bob@localhost");
        }
        assert!(asked.pairs.lock().len() <= ASKED_MAX);
        assert!(asked.has(AccountId(2 * ASKED_MAX as u64 - 1), "bob@localhost"));
        assert!(!asked.has(AccountId(1), "carol@localhost"));
    }
}
