//! What devices do about the accounts of others, and what must be between two accounts at the end.
//!
//! Invariant: whatever the order of deeds, cuts and crashes, the rows of both sides say what belongs together.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use belfry_domain::ports::{ContactChange, ContactOutcome, Contacts, InviteOutcome, StoreError};
use belfry_domain::{AccountId, Contact, ContactView, Deed, Invite, TimestampMs};
use belfry_engine::Command;

use crate::device::Asked;
use crate::disk::Disk;
use crate::executor::at_once;
use crate::ledger::{Checked, View, Violation, hold};
use crate::world::World;

impl World {
    /// A device does something about another account.
    pub(crate) fn acquaint(&mut self, nth: usize) -> bool {
        let owner = self.devices[nth].who.0;
        let others: Vec<_> =
            self.accounts.iter().filter(|account| account.id != owner).map(|account| account.address.clone()).collect();
        let Some(peer) = self.rng.pick(&others).cloned() else { return false };
        let note = format!("note {}", self.counts.steps);
        let deed = match self.rng.below(24) {
            0..4 => Deed::Request { note },
            4..8 => Deed::Accept,
            8 => Deed::Refuse,
            9 => Deed::Withdraw,
            10..12 => Deed::Remove,
            12 => Deed::Put { name: note, labels: vec!["friends".into()] },
            13..15 => Deed::Block,
            15..19 => Deed::Unblock,
            19 | 20 => Deed::Subscribe { note },
            21 => Deed::Subscribed,
            22 => Deed::Unsubscribe,
            _ => Deed::Unsubscribed,
        };
        self.ask(nth, Asked::Deed, Command::ChangeContact { with: peer, deed });
        true
    }

    /// Both rows of each two accounts, as their owners' logs have them.
    pub(crate) fn between(&self, full: &HashMap<AccountId, View>) -> Checked {
        let row = |owner: AccountId, peer: AccountId| -> Contact {
            full[&owner].rows.contacts.get(&peer).cloned().unwrap_or_default()
        };
        for a in self.accounts.iter().map(|account| account.id) {
            for b in self.accounts.iter().map(|account| account.id).filter(|b| *b != a) {
                let (mine, theirs) = (row(a, b), row(b, a));
                let kept = at_once(self.disk.contact(a, b)).expect("the store reads");
                hold!("C1", *kept == mine, "the log of {a} says {mine:?} of {b}, its row {kept:?}");
                hold!("C2", !mine.blocked || mine.asked.is_none(), "{a} blocks {b} and is asked by it");
                if mine.blocked || theirs.blocked {
                    continue;
                }
                hold!("C3", mine.to == theirs.from, "{a} says {mine:?} of {b}, which says {theirs:?}");
                hold!("C4", mine.asked.is_none() || theirs.asks, "{a} is asked by {b}, which does not ask");
                let settled = (!mine.to || !mine.asks) && (!mine.from || mine.asked.is_none());
                hold!("C5", settled, "{a} asks {b} for what it has: {mine:?}");
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Contacts for Disk {
    async fn change_contact(&self, change: ContactChange) -> Result<ContactOutcome, StoreError> {
        self.write(move |store| at_once(store.change_contact(change.clone()))).await
    }

    async fn contact(&self, owner: AccountId, peer: AccountId) -> Result<Arc<Contact>, StoreError> {
        self.read(|store| at_once(store.contact(owner, peer))).await
    }

    async fn contacts(
        &self,
        owner: AccountId,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, bool), StoreError> {
        self.read(|store| at_once(store.contacts(owner, after, limit))).await
    }

    async fn followers(&self, owner: AccountId) -> Result<Vec<AccountId>, StoreError> {
        self.read(|store| at_once(store.followers(owner))).await
    }

    async fn put_invite(&self, invite: Invite, now: TimestampMs) -> Result<bool, StoreError> {
        self.write(move |store| at_once(store.put_invite(invite.clone(), now))).await
    }

    async fn invite(&self, hash: &[u8; 32], now: TimestampMs) -> Result<Option<Invite>, StoreError> {
        self.read(|store| at_once(store.invite(hash, now))).await
    }

    async fn invites(&self, by: AccountId, now: TimestampMs) -> Result<Vec<Invite>, StoreError> {
        self.read(|store| at_once(store.invites(by, now))).await
    }

    async fn revoke_invite(&self, by: AccountId, hash: &[u8; 32]) -> Result<bool, StoreError> {
        let hash = *hash;
        self.write(move |store| at_once(store.revoke_invite(by, &hash))).await
    }

    async fn use_invite(&self, hash: &[u8; 32], by: AccountId, now: TimestampMs) -> Result<InviteOutcome, StoreError> {
        let hash = *hash;
        self.write(move |store| at_once(store.use_invite(&hash, by, now))).await
    }
}
