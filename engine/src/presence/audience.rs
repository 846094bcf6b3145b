//! Who may know whether an account is there: the one judgement, for followers, watchers and whoever asks.
//!
//! Two accounts come in; whether one may look at the other, and may know when it was there last, leaves. Invariant:
//! who hides from somebody is not shown them, and nobody is shown anything where one of the two blocks the other.

use std::sync::Arc;

use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, Audience, Contact, TimestampMs};

use super::account::{Loaded, Viewer, Watcher};
use crate::Engine;

/// What somebody sees of an account at which they may look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Look {
    /// When it was there last.
    pub(crate) when: bool,
    /// Its devices one by one: they were let in.
    pub(crate) follows: bool,
}

/// Whether an account shows itself to somebody to whom it stands so.
fn shows(audience: Audience, row: &Contact) -> bool {
    !row.blocked && audience != Audience::Nobody && (row.from || row.is_among(audience))
}

impl Engine {
    /// To whom an account shows whether it is there; `None`: there is no such account.
    async fn last_seen_audience(&self, account: AccountId) -> Result<Option<Audience>, StoreError> {
        Ok(self.store().privacy(account).await?.map(|privacy| privacy.last_seen))
    }

    /// Whether somebody may look at an account, and what they see then.
    pub(crate) async fn may_look(&self, viewer: AccountId, target: AccountId) -> Result<Option<Look>, StoreError> {
        if viewer == target {
            return Ok(None);
        }
        let (theirs, own) = (self.store().contact(target, viewer).await?, self.store().contact(viewer, target).await?);
        let Some(their_audience) = self.last_seen_audience(target).await? else { return Ok(None) };
        let Some(own_audience) = self.last_seen_audience(viewer).await? else { return Ok(None) };
        let may = shows(their_audience, &theirs) && shows(own_audience, &own);
        Ok(may.then(|| Look { when: theirs.is_among(their_audience), follows: theirs.from }))
    }

    /// Whether one of two blocks the other.
    pub(crate) async fn blocked_between(&self, one: AccountId, other: AccountId) -> Result<bool, StoreError> {
        Ok(self.store().contact(one, other).await?.blocked || self.store().contact(other, one).await?.blocked)
    }

    /// Who is to be told of an account, and who of its watchers must not look any longer. Contacts who were let in are
    /// followers unless the account or they hide from all: whoever follows lists, and so hides from nobody they follow
    /// in any other way.
    pub(super) async fn load_audience(
        &self,
        owner: AccountId,
        (generation, watchers, directed): (u64, Vec<Watcher>, Vec<AccountId>),
    ) -> Result<Loaded, StoreError> {
        let own = self.last_seen_audience(owner).await?.unwrap_or(Audience::Nobody);
        let mut followers = Vec::new();
        if own != Audience::Nobody {
            for account in self.store().followers(owner).await? {
                let theirs = self.last_seen_audience(account).await?;
                if account == owner || theirs.is_none_or(|theirs| theirs == Audience::Nobody) {
                    continue;
                }
                let when = own == Audience::Everyone || self.store().contact(owner, account).await?.is_among(own);
                followers.push(Viewer { account, when });
            }
        }
        followers.sort_unstable();
        let mut not_watching = Vec::new();
        for watcher in watchers {
            if self.may_look(watcher.0, owner).await?.is_none() {
                not_watching.push(watcher);
            }
        }
        let mut not_directed = Vec::new();
        for account in directed {
            if self.blocked_between(owner, account).await? {
                not_directed.push(account);
            }
        }
        Ok(Loaded { generation, followers: Arc::from(followers), not_watching, not_directed })
    }

    /// When an account was there last, by its devices, for one of which nothing is in memory.
    pub(super) async fn last_seen_stored(&self, account: AccountId) -> Result<TimestampMs, StoreError> {
        let devices = self.store().devices(account).await?;
        Ok(devices.iter().map(|device| device.last_seen).max().unwrap_or_default())
    }
}
