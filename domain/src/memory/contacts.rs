//! Contacts and invitations of the memory store.
//!
//! Invariant: a row of a timeline has at most one entry, the one that its `seq` names; what a deed makes of two rows is
//! said by [`deeds`] alone.

use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryStore;
use super::state::{State, What};
use crate::address::Address;
use crate::contact::deeds::{self, Rows, Unable};
use crate::contact::{Contact, ContactView, Invite};
use crate::event::Entry;
use crate::ids::{AccountId, Seq, TimestampMs};
use crate::limits::INVITES_MAX;
use crate::ports::{ContactChange, ContactOutcome, Contacts, InviteOutcome, StoreError};
use crate::retention::Retention;

/// How an owner stands to another account.
#[derive(Clone)]
pub(super) struct ContactRow {
    pub(super) seq: Seq,
    pub(super) peer: Address,
    pub(super) contact: Arc<Contact>,
}

impl ContactRow {
    pub(super) fn view(&self, account: AccountId) -> ContactView {
        ContactView { account, peer: self.peer.clone(), contact: Contact::clone(&self.contact) }
    }
}

#[async_trait]
impl Contacts for MemoryStore {
    async fn change_contact(&self, change: ContactChange) -> Result<ContactOutcome, StoreError> {
        self.with(|state| state.change_contact(&change))
    }

    async fn contact(&self, owner: AccountId, peer: AccountId) -> Result<Arc<Contact>, StoreError> {
        self.with(|state| Ok(state.row(owner, peer)))
    }

    async fn contacts(
        &self,
        owner: AccountId,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, bool), StoreError> {
        self.with(|state| {
            let Some(timeline) = state.timelines.get(&owner) else { return Ok((Vec::new(), false)) };
            let later = timeline.contacts.iter().filter(|(peer, _)| after.is_none_or(|after| **peer > after));
            let mut rows = later.filter(|(_, row)| !row.contact.is_nothing());
            let page = rows.by_ref().take(limit).map(|(peer, row)| row.view(*peer)).collect();
            Ok((page, rows.next().is_some()))
        })
    }

    async fn followers(&self, owner: AccountId) -> Result<Vec<AccountId>, StoreError> {
        self.with(|state| {
            let rows = state.timelines.get(&owner).into_iter().flat_map(|timeline| &timeline.contacts);
            let told = rows.filter(|(_, row)| row.contact.from).map(|(peer, _)| *peer);
            Ok(told.filter(|peer| !state.apart(owner, *peer)).collect())
        })
    }

    async fn put_invite(&self, invite: Invite, now: TimestampMs) -> Result<bool, StoreError> {
        self.with(|state| {
            let room = state.accounts.contains_key(&invite.by) && state.invites_of(invite.by, now).len() < INVITES_MAX;
            if room {
                state.invites.insert(invite.hash, invite);
            }
            Ok(room)
        })
    }

    async fn invite(&self, hash: &[u8; 32], now: TimestampMs) -> Result<Option<Invite>, StoreError> {
        self.with(|state| Ok(state.invites.get(hash).filter(|invite| invite.is_good(now)).cloned()))
    }

    async fn invites(&self, by: AccountId, now: TimestampMs) -> Result<Vec<Invite>, StoreError> {
        self.with(|state| Ok(state.invites_of(by, now)))
    }

    async fn revoke_invite(&self, by: AccountId, hash: &[u8; 32]) -> Result<bool, StoreError> {
        self.with(|state| {
            let own = state.invites.get(hash).is_some_and(|invite| invite.by == by);
            Ok(own && state.invites.remove(hash).is_some())
        })
    }

    async fn use_invite(&self, hash: &[u8; 32], by: AccountId, now: TimestampMs) -> Result<InviteOutcome, StoreError> {
        self.with(|state| state.use_invite(hash, by, now))
    }
}

impl State {
    /// How an owner stands to another account.
    pub(super) fn row(&self, owner: AccountId, peer: AccountId) -> Arc<Contact> {
        let row = self.timelines.get(&owner).and_then(|timeline| timeline.contacts.get(&peer));
        row.map(|row| Arc::clone(&row.contact)).unwrap_or_default()
    }

    fn rows(&self, owner: AccountId) -> Rows {
        let rows = self.timelines.get(&owner).into_iter().flat_map(|timeline| timeline.contacts.values());
        let all = rows.filter(|row| !row.contact.is_nothing());
        all.fold(Rows::default(), |rows, row| Rows {
            all: rows.all + 1,
            waiting: rows.waiting + usize::from(row.contact.waits()),
        })
    }

    fn change_contact(&mut self, change: &ContactChange) -> Result<ContactOutcome, StoreError> {
        self.saw(change.at);
        let (owner, peer) = (change.owner, change.peer);
        let there = |account| self.accounts.get(&account).map(|account| account.address.clone());
        let (Some(_), Some(address)) = (there(owner), there(peer).filter(|_| owner != peer)) else {
            return Ok(ContactOutcome::NotFound);
        };
        let (mine, theirs) = (self.row(owner, peer), self.row(peer, owner));
        let done = deeds::within(&change.deed, change.at, (&mine, self.rows(owner)), (&theirs, self.rows(peer)));
        let (my_next, their_next) = match done {
            Ok(next) => next,
            Err(Unable::NoRequest) => return Ok(ContactOutcome::NoRequest),
            Err(Unable::Blocking) => return Ok(ContactOutcome::Blocking),
            Err(Unable::TooMany) => return Ok(ContactOutcome::TooMany),
        };
        let view = ContactView { account: peer, peer: address, contact: my_next.clone() };
        let mut made = Vec::new();
        made.extend(self.put_row(owner, peer, my_next)?);
        made.extend(self.put_row(peer, owner, their_next)?);
        Ok(ContactOutcome::Changed(view, made))
    }

    /// Writes a row if it is another than before, with its entry.
    fn put_row(
        &mut self,
        owner: AccountId,
        peer: AccountId,
        contact: Contact,
    ) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
        if *self.row(owner, peer) == contact {
            return Ok(None);
        }
        let timeline = self.timelines.entry(owner).or_default();
        let old = timeline.contacts.get(&peer).cloned();
        let address = match (self.accounts.get(&peer), &old) {
            (Some(account), _) => account.address.clone(),
            (None, Some(old)) => old.peer.clone(),
            (None, None) => return Ok(None),
        };
        timeline.entries.remove(&old.map(|old| old.seq).unwrap_or_default());
        let (seq, _) = self.push(owner, Retention::Keep, What::Contact(peer))?;
        let row = ContactRow { seq, peer: address, contact: Arc::new(contact) };
        self.timelines.entry(owner).or_default().contacts.insert(peer, row);
        Ok(self.entry(owner, seq).map(|entry| (owner, entry)))
    }

    /// An account is gone: so are its invitations, and it is nothing to others any more, which their devices find.
    pub(super) fn forget_contacts(&mut self, gone: AccountId) -> Result<(), StoreError> {
        self.invites.retain(|_, invite| invite.by != gone);
        let others: Vec<AccountId> = self.accounts.keys().copied().collect();
        for other in others {
            self.put_row(other, gone, Contact::default())?;
        }
        Ok(())
    }

    fn invites_of(&self, by: AccountId, now: TimestampMs) -> Vec<Invite> {
        let own = self.invites.values().filter(|invite| invite.by == by && invite.is_good(now));
        let mut own: Vec<Invite> = own.cloned().collect();
        own.sort_by_key(|invite| (invite.created, invite.hash));
        own
    }

    fn use_invite(&mut self, hash: &[u8; 32], by: AccountId, now: TimestampMs) -> Result<InviteOutcome, StoreError> {
        self.saw(now);
        let good = self.invites.get(hash).filter(|invite| invite.is_good(now) && invite.by != by).cloned();
        let Some(mut invite) = good.filter(|_| self.accounts.contains_key(&by)) else {
            return Ok(InviteOutcome::NotGood);
        };
        let (giver, user) = (self.row(invite.by, by), self.row(by, invite.by));
        let met = deeds::invited((&giver, self.rows(invite.by)), (&user, self.rows(by)));
        let Some((giver_next, user_next)) = met else { return Ok(InviteOutcome::NotGood) };
        invite.uses_left -= 1;
        self.invites.insert(*hash, invite.clone());
        let mut made = Vec::new();
        made.extend(self.put_row(invite.by, by, giver_next)?);
        made.extend(self.put_row(by, invite.by, user_next)?);
        Ok(InviteOutcome::Used(invite, made))
    }
}
