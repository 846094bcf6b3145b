//! The port of contacts, blocking and invitations.
//!
//! One deed is one transaction over the rows of both sides, and each row that it changes is told to its owner's devices
//! by an entry ([`Item::Contact`](crate::Item::Contact)). What has no effect makes no entry, so a deed can be repeated.
//!
//! **Blocking.** While either of two accounts blocks the other, no event passes between them, in either direction, then or
//! later; the blocked side sees what it would see of somebody who is offline for ever:
//! - a message of the blocked side gets its number, its body and the sender's entry as always, but no entry at the
//!   receiver, whose histories, lists and counts leave it out for good (the body is marked as withheld); one of the
//!   blocking side is [`AppendOutcome::Blocking`](crate::ports::AppendOutcome::Blocking);
//! - an amendment by the blocked side of a message that the other may see, its wish for retention and its time to
//!   disappear become a copy that this side alone sees; the copy ends with the next such change that reaches both. An
//!   amendment by the blocking side is [`AmendOutcome::Blocking`](crate::ports::AmendOutcome::Blocking);
//! - cursors and read marks move, and no receipt comes of it on the other side; the receipts that are made after the
//!   unblocking list what was withheld as undelivered;
//! - what is withheld counts for its sender against the limit of the mailbox, and ends like what waits for somebody
//!   offline: its sender is told that it was not delivered. So is what was sent before and first reached a device while one
//!   blocked the other.
//!
//! A change of a message that was withheld is for who wrote it alone, for good.

use std::sync::Arc;

use async_trait::async_trait;

use crate::contact::{Contact, ContactView, Deed, Invite};
use crate::event::Entry;
use crate::ids::{AccountId, TimestampMs};
use crate::ports::StoreError;

/// A deed of an owner about another account.
#[derive(Clone, Debug)]
pub struct ContactChange {
    /// Who does it.
    pub owner: AccountId,
    /// About whom; another account.
    pub peer: AccountId,
    /// What.
    pub deed: Deed,
    /// Now.
    pub at: TimestampMs,
}

/// What became of a deed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ContactOutcome {
    /// So the owner's row is now; with the entries that were made on both sides, none if it was so before.
    Changed(ContactView, Vec<(AccountId, Arc<Entry>)>),
    /// There is no such account (any more), or the owner asks about itself.
    NotFound,
    /// There is no request of theirs to accept or refuse, or none of one's own to take back.
    NoRequest,
    /// The owner blocks them, so that nothing but [`Deed::Unblock`], [`Deed::Remove`] and [`Deed::Put`] makes sense.
    Blocking,
    /// The owner has as many contacts and blocked accounts as may be ([`CONTACTS_MAX`](crate::limits::CONTACTS_MAX)).
    TooMany,
}

/// What became of an invitation to be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum InviteOutcome {
    /// It was good, and one use of it is gone. The two are contacts of each other now, with the entries that say so. Where
    /// who gave it blocks who used it, it is so in the row of the latter alone; where who used it blocks the other, nothing
    /// has changed.
    Used(Invite, Vec<(AccountId, Arc<Entry>)>),
    /// It is used up, over, taken back or was never given; or by the owner itself; or one of the two has no room for a
    /// contact.
    NotGood,
}

/// Contacts, blocking, invitations.
#[async_trait]
pub trait Contacts: Send + Sync {
    /// Does it. Requests of strangers beyond [`REQUESTS_MAX`](crate::limits::REQUESTS_MAX) waiting ones are not shown to
    /// who is asked; who asks is not told. Durable when it returns.
    async fn change_contact(&self, change: ContactChange) -> Result<ContactOutcome, StoreError>;

    /// How an owner stands to another account; the default where there is no row.
    async fn contact(&self, owner: AccountId, peer: AccountId) -> Result<Arc<Contact>, StoreError>;

    /// The owner's rows that are not nothing, by account number after `after`, at most `limit`, and whether there are
    /// more.
    async fn contacts(
        &self,
        owner: AccountId,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, bool), StoreError>;

    /// Who is to be told whether the owner is there: all whose row says `from` and between whom and the owner nobody
    /// blocks.
    async fn followers(&self, owner: AccountId) -> Result<Vec<AccountId>, StoreError>;

    /// Keeps an invitation. `false`: the account has [`INVITES_MAX`](crate::limits::INVITES_MAX) that are still good, or is
    /// no more. Durable when it returns.
    async fn put_invite(&self, invite: Invite, now: TimestampMs) -> Result<bool, StoreError>;

    /// An invitation that is still good.
    async fn invite(&self, hash: &[u8; 32], now: TimestampMs) -> Result<Option<Invite>, StoreError>;

    /// The invitations of an account that are still good, the oldest first.
    async fn invites(&self, by: AccountId, now: TimestampMs) -> Result<Vec<Invite>, StoreError>;

    /// Takes one of an account back. `false`: it was not there. Durable when it returns.
    async fn revoke_invite(&self, by: AccountId, hash: &[u8; 32]) -> Result<bool, StoreError>;

    /// Uses one for an account that is there, whichever kind it is. Durable when it returns.
    async fn use_invite(&self, hash: &[u8; 32], by: AccountId, now: TimestampMs) -> Result<InviteOutcome, StoreError>;
}
