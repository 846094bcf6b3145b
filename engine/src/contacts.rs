//! Contacts and blocking: what an owner does about another account, and the list of all of them.
//!
//! Deeds come in with whom they are about; how the owner stands to them leaves, and the devices of both are told what has
//! changed for them. The rules of the rows are the domain's, applied in the store's transaction. Invariant: what who is
//! blocked is answered is what they would be answered about somebody who never comes back.

use std::sync::Arc;

use belfry_domain::limits::PAGE_BYTES_MAX;
use belfry_domain::ports::{ContactChange, ContactOutcome};
use belfry_domain::{
    AccountId, Address, Code, Contact, ContactView, DataKind, DataKinds, Deed, Entry, Item, Refusal, Seq, SyncKey,
};

use crate::command::{Caller, Reply, Subscribed};
use crate::find::no_account;
use crate::limits::Limited;
use crate::sync::page;
use crate::{Engine, device_of, refused};

/// Contacts in a page of the list that does not say how many.
const LISTED_BY_DEFAULT: usize = 100;

/// Contacts in a page of the list at most; one with long names and labels ends before.
const LISTED_MAX: usize = 500;

impl Engine {
    pub(crate) async fn change_contact(&self, caller: &Caller, with: Address, deed: Deed) -> Result<Reply, Refusal> {
        let (owner, own, _) = device_of(caller)?;
        if with == *own {
            return Err(Refusal::new(Code::BadRequest, "This is your own address: contacts are other people."));
        }
        let deed = tidy(deed)?;
        self.limit(&match deed {
            Deed::Request { .. } | Deed::Subscribe { .. } => Limited::ContactRequests(owner),
            _ => Limited::ContactChanges(owner),
        })?;
        let peer = self.reach(caller, &with).await?.id;
        let at = self.inner.ports.clock.now();
        let before = (
            self.store().contact(owner, peer).await.map_err(refused)?,
            self.store().contact(peer, owner).await.map_err(refused)?,
        );
        match self.store().change_contact(ContactChange { owner, peer, deed, at }).await.map_err(refused)? {
            ContactOutcome::Changed(view, entries) => {
                self.inner.hub.publish(&entries);
                let after = (&view.contact, row_of(peer, owner, &entries));
                let hub = &self.inner.hub;
                // RFC 6121 §3: answers and ends are told to all clients of whom they are for, whoever gives them and by
                // whichever door. Of what the owner does itself only what somebody had approved before is an answer.
                if !before.0.to && after.0.to {
                    hub.subscribed(owner, &with, Subscribed::LetIn);
                }
                if let Some(theirs) = after.1 {
                    became(&before.1, theirs).for_each(|what| hub.subscribed(peer, own, what));
                }
                Ok(Reply::Contact(view))
            }
            ContactOutcome::NotFound => Err(no_account(&with)),
            ContactOutcome::NoRequest => {
                Err(Refusal::new(Code::NotFound, format!("No request is open between you and {with} (any more).")))
            }
            ContactOutcome::Blocking => {
                Err(Refusal::new(Code::Blocking, format!("You block {with}: unblock them first.")))
            }
            ContactOutcome::TooMany => Err(too_many()),
        }
    }

    /// Up to where the account's log has gone: contacts that are read after this say what it says up to there.
    pub async fn contacts_at(&self, caller: &Caller) -> Result<Seq, Refusal> {
        self.known(caller)?;
        let (owner, ..) = device_of(caller)?;
        Ok(self.store().head(owner).await.map_err(refused)?.last)
    }

    /// Whether the log can tell what of the contacts has changed since a place.
    pub async fn contacts_known_at(&self, caller: &Caller, place: Seq) -> Result<bool, Refusal> {
        self.known(caller)?;
        let (owner, ..) = device_of(caller)?;
        let head = self.store().head(owner).await.map_err(refused)?.last;
        if place == Seq::ZERO || place > head {
            return Ok(false);
        }
        let kinds = DataKinds::from_numbers(&[DataKind::Contacts.number()]);
        let batch = self.stretch(owner, &SyncKey::at(place), kinds, page(1)).await?;
        Ok(!batch.reset && !batch.gap)
    }

    /// A page of the owner's contacts, requests and blocked accounts.
    pub(crate) async fn list_contacts(
        &self,
        caller: &Caller,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.limit_changes(caller)?;
        let limit = if limit == 0 { LISTED_BY_DEFAULT } else { limit.min(LISTED_MAX) };
        let (mut views, mut more) = self.store().contacts(owner, after, limit).await.map_err(refused)?;
        let mut bytes = 0;
        let fits = views.iter().take_while(|view| {
            bytes += weight(view);
            bytes <= PAGE_BYTES_MAX
        });
        let fits = fits.count().max(1);
        if fits < views.len() {
            views.truncate(fits);
            more = true;
        }
        let next = views.last().map(|view| view.account).filter(|_| more);
        Ok(Reply::Contacts { views, next })
    }
}

/// The row of an account about another one, as an entry says it.
fn row_of(owner: AccountId, peer: AccountId, entries: &[(AccountId, Arc<Entry>)]) -> Option<&Contact> {
    entries.iter().find_map(|(of, entry)| match &entry.item {
        Item::Contact(view) if *of == owner && view.account == peer => Some(&view.contact),
        _ => None,
    })
}

/// What a change of a row by the other side means for its owner.
fn became(before: &Contact, after: &Contact) -> impl Iterator<Item = Subscribed> {
    let let_in = (!before.to && after.to).then_some(Subscribed::LetIn);
    let shut_out = ((before.to || before.asks) && !after.to && !after.asks).then_some(Subscribed::ShutOut);
    let left = (before.from && !after.from).then_some(Subscribed::Left);
    [let_in, shut_out, left].into_iter().flatten()
}

/// About how many bytes a contact takes in an answer.
fn weight(view: &ContactView) -> usize {
    let contact = &view.contact;
    let texts = contact.name.len() + contact.labels.iter().map(|label| label.len() + 4).sum::<usize>();
    let note = contact.asked.as_ref().map_or(0, |asked| asked.note.len());
    64 + view.peer.local().len() + view.peer.domain().len() + texts + note
}

fn too_many() -> Refusal {
    let max = belfry_domain::limits::CONTACTS_MAX;
    Refusal::new(Code::Forbidden, format!("You have {max} contacts and blocked accounts, which is the limit."))
}

/// A deed held to its limits, its texts without spaces around them.
fn tidy(deed: Deed) -> Result<Deed, Refusal> {
    let trimmed = |text: String| text.trim().to_owned();
    let deed = match deed {
        Deed::Request { note } => Deed::Request { note: trimmed(note) },
        Deed::Subscribe { note } => Deed::Subscribe { note: trimmed(note) },
        Deed::Put { name, labels } => {
            let mut kept: Vec<String> = Vec::new();
            for label in labels.into_iter().map(trimmed) {
                if label.is_empty() {
                    return Err(Refusal::new(Code::BadRequest, "A label is empty: say under what, or leave it out."));
                }
                if !kept.contains(&label) {
                    kept.push(label);
                }
            }
            Deed::Put { name: trimmed(name), labels: kept }
        }
        other => other,
    };
    if let Some(sentence) = deed.too_long() {
        return Err(Refusal::new(Code::TooLarge, sentence));
    }
    let plain = |text: &str| !text.chars().any(char::is_control);
    let fits = match &deed {
        Deed::Request { note } | Deed::Subscribe { note } => note.lines().all(plain),
        Deed::Put { name, labels } => plain(name) && labels.iter().all(|label| plain(label)),
        _ => true,
    };
    match fits {
        true => Ok(deed),
        false => Err(Refusal::new(Code::BadRequest, "Names, labels and notes have no control characters.")),
    }
}

#[cfg(test)]
mod tests {
    use belfry_domain::limits::{CONTACT_LABELS_MAX, CONTACT_NAME_BYTES_MAX, REQUEST_NOTE_BYTES_MAX};

    use super::*;

    #[test]
    fn names_labels_and_notes_are_tidied_and_held_to_their_limits() {
        let put = |name: &str, labels: &[&str]| {
            tidy(Deed::Put { name: name.into(), labels: labels.iter().map(|label| (*label).into()).collect() })
        };
        let tidied = Deed::Put { name: "Bob".into(), labels: vec!["work".into(), "tea".into()] };
        assert_eq!(put(" Bob ", &["work", " tea", "work "]), Ok(tidied));
        assert_eq!(put("B\u{7}b", &[]).expect_err("a bell").code, Code::BadRequest);
        assert_eq!(put("", &[" "]).expect_err("empty").code, Code::BadRequest);
        assert_eq!(put(&"x".repeat(CONTACT_NAME_BYTES_MAX + 1), &[]).expect_err("long").code, Code::TooLarge);
        let labels: Vec<String> = (0..=CONTACT_LABELS_MAX).map(|n| n.to_string()).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        assert_eq!(put("", &labels).expect_err("many").code, Code::TooLarge);
        let note = |note: &str| tidy(Deed::Request { note: note.into() });
        assert!(note("Hi,\nwe met at the fair.").is_ok());
        assert_eq!(note("\u{1b}[2J").expect_err("steers a terminal").code, Code::BadRequest);
        assert_eq!(note(&"x".repeat(REQUEST_NOTE_BYTES_MAX + 1)).expect_err("long").code, Code::TooLarge);
    }
}
