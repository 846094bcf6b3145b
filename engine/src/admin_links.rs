//! Who is connected: the registry of open links, for operators. No client reaches it.
//!
//! An account or none, and a place in the list, come in; a page of links leaves, the one that was opened first at its
//! head. Invariant: an answer is bounded however many are connected, and going on from the last number of a page shows
//! every link that stayed open.

use std::sync::Arc;

use belfry_domain::{Address, Device, Refusal};

use crate::hub::OpenLink;
use crate::{Engine, refused};

/// Links in one page: with names and addresses some hundred bytes each, so a page fits every answer.
const LINKS_MAX: usize = 500;

/// An open link with the names of who is on it.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// The link.
    pub link: OpenLink,
    /// Its account's address.
    pub address: Address,
    /// Its device; `None`: it was removed a moment ago and its link is closing.
    pub device: Option<Arc<Device>>,
}

/// A page of the list.
#[derive(Clone, Debug, Default)]
pub struct LinksPage {
    /// In the order in which they were opened.
    pub links: Vec<LinkView>,
    /// There are more after this number; `None`: these were the last.
    pub more_after: Option<u64>,
}

impl Engine {
    /// The open links of devices, held polls among them: of one account or of all, at most 500 of those whose numbers
    /// are above `after`. Errors: `not_found` for an address that no account has.
    pub async fn admin_links(&self, account: Option<&Address>, after: u64, limit: usize) -> Result<LinksPage, Refusal> {
        let account = match account {
            Some(address) => Some(self.account_at(address).await?.id),
            None => None,
        };
        let limit = limit.clamp(1, LINKS_MAX);
        let mut open = self.inner.hub.links(account, after, limit + 1);
        let more = open.len() > limit;
        open.truncate(limit);
        let mut page = LinksPage { links: Vec::with_capacity(open.len()), more_after: None };
        if more {
            page.more_after = open.last().map(|link| link.number);
        }
        for link in open {
            // An account that was removed a moment ago has no name any more; its links are closing.
            let Some(account) = self.store().account(link.account).await.map_err(refused)? else { continue };
            let device = self.store().device(link.account, link.device).await.map_err(refused)?;
            page.links.push(LinkView { link, address: account.address.clone(), device });
        }
        Ok(page)
    }
}
