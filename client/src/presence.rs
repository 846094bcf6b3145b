//! Presence: how others are there, how this device is, and at whom one looks.
//!
//! What the server tells comes in, kept in memory alone; what has changed for a person leaves. Wishes (how to be there, at
//! whom to look) are said again on every new link. Invariant: what is known is true of the present link; when that is
//! gone, nothing is known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use belfry_wire::{operation, v1};

use crate::client::Client;
use crate::error::ClientError;
use crate::link::Link;
use crate::model::{ClientEvent, Contact};
use crate::shared::{Mode, Shared};

/// Accounts that one link can look at, beside its contacts.
pub(crate) const WATCHED_MAX: usize = 100;

/// Accounts whose presence is remembered: all contacts that one can have, those who are looked at, and some more. What is
/// told of others is passed over.
const KNOWN_MAX: usize = 8_192;

/// When a refusal that will pass does not say when.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A watch is asked for again after three quarters of its time, and not more often than this.
const WATCH_EVERY_MIN: Duration = Duration::from_secs(5);

/// How people are there, as far as it was told.
#[derive(Debug, Default)]
pub(crate) struct Presences {
    known: BTreeMap<String, v1::Presence>,
    /// There is a link on which everything was told that there was at its beginning.
    live: bool,
}

impl Presences {
    /// Takes what was told; gives whether it is news.
    fn told(&mut self, presence: &v1::Presence) -> bool {
        if self.known.get(&presence.address) == Some(presence) {
            return false;
        }
        if self.known.len() >= KNOWN_MAX && !self.known.contains_key(&presence.address) {
            return false;
        }
        self.known.insert(presence.address.clone(), presence.clone());
        true
    }

    /// What was told of an account last.
    pub(crate) fn of(&self, address: &str) -> Option<&v1::Presence> {
        self.known.get(address)
    }

    /// Nothing is told of an account any more.
    pub(crate) fn forget(&mut self, address: &str) {
        self.known.remove(address);
    }

    /// From now on a contact of whom nothing was told is not there.
    pub(crate) fn go_live(&mut self) {
        self.live = true;
    }

    /// The link is gone; gives whether anything was known.
    pub(crate) fn forget_all(&mut self) -> bool {
        let was_live = std::mem::take(&mut self.live);
        !std::mem::take(&mut self.known).is_empty() || was_live
    }
}

impl Shared {
    /// Takes what the server told, and tells what of it is news.
    pub(crate) async fn noticed_presences(&self, presences: Vec<v1::Presence>) {
        for presence in presences {
            let news = self.presences.lock().told(&presence);
            if news {
                self.tell(ClientEvent::PresenceChanged(presence)).await;
            }
        }
    }

    /// How people are there is not known any more.
    pub(crate) async fn no_presence_is_known(&self) {
        let news = self.presences.lock().forget_all();
        if news {
            self.tell(ClientEvent::PresencesUnknown).await;
        }
    }
}

/// Says how this device wants to be there, on a link that has just logged in, before anything else is asked on it.
pub(crate) async fn say(shared: &Shared, link: &Link) -> Result<(), ClientError> {
    let wish = shared.own_presence.lock().clone();
    if let Some(wish) = wish {
        ignore_refusal(link.request::<_, v1::SetPresenceReply>(operation::SET_PRESENCE, &wish).await)?;
    }
    if shared.is_background() {
        let activity = v1::Activity::Background.into();
        let request = v1::ReportActivityRequest { activity, network: String::new() };
        ignore_refusal(link.request::<_, v1::ReportActivityReply>(operation::REPORT_ACTIVITY, &request).await)?;
    }
    Ok(())
}

fn ignore_refusal<T>(answer: Result<T, ClientError>) -> Result<(), ClientError> {
    match answer {
        Err(ClientError::Refused(refusal)) => {
            tracing::warn!(%refusal, "the server does not take how this device is there");
            Ok(())
        }
        other => other.map(drop),
    }
}

/// Looks at those whom the person looks at, again before the time is over, until the link ends.
pub(crate) async fn watch(shared: Arc<Shared>, link: Link) -> ClientError {
    let mut wanted = shared.watched.subscribe();
    let mut watched: Vec<String> = Vec::new();
    loop {
        let addresses = wanted.borrow_and_update().clone();
        let mut again = None;
        if !(addresses.is_empty() && watched.is_empty()) {
            match ask(&link, addresses.clone()).await {
                Ok(reply) => {
                    if let Err(error) = leave(&shared, &watched, &addresses).await {
                        return error;
                    }
                    shared.noticed_presences(reply.presences).await;
                    let good_for = Duration::from_millis(reply.expires_in_ms.into());
                    again = (!addresses.is_empty()).then(|| (good_for / 4 * 3).max(WATCH_EVERY_MIN));
                    watched = addresses;
                }
                Err(ClientError::Refused(refusal)) if refusal.is_temporary() => {
                    again = Some(refusal.retry_after.unwrap_or(RETRY_AFTER));
                }
                Err(ClientError::Refused(refusal)) => {
                    tracing::debug!(%refusal, "these cannot be looked at");
                }
                Err(error) => return error,
            }
        }
        let until_again = async {
            match again {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = wanted.changed() => if changed.is_err() {
                return ClientError::Stopped;
            },
            () = until_again => {}
        }
    }
}

/// Forgets those who are looked at no longer, unless it is told of them anyhow.
async fn leave(shared: &Shared, before: &[String], now: &[String]) -> Result<(), ClientError> {
    for address in before.iter().filter(|address| !now.contains(address)) {
        if !is_told_of(&shared.store.contact(address).await?) {
            shared.presences.lock().forget(address);
        }
    }
    Ok(())
}

fn is_told_of(contact: &Contact) -> bool {
    contact.to && !contact.blocked
}

async fn ask(link: &Link, addresses: Vec<String>) -> Result<v1::WatchReply, ClientError> {
    link.request(operation::WATCH, &v1::WatchRequest { addresses }).await
}

/// News were lost: asks how all contacts are there, by looking at them one after the other.
pub(crate) async fn ask_again(shared: &Shared, link: &Link) -> Result<(), ClientError> {
    shared.no_presence_is_known().await;
    let watched = shared.watched.borrow().clone();
    let contacts = shared.store.told_of().await?;
    let groups = contacts.chunks(WATCHED_MAX).map(<[String]>::to_vec).chain([watched]);
    for addresses in groups {
        match ask(link, addresses).await {
            Ok(reply) => shared.noticed_presences(reply.presences).await,
            // Those of whom nothing is told now are told of when they change.
            Err(ClientError::Refused(refusal)) => {
                tracing::debug!(%refusal, "how contacts are there is not known");
                break;
            }
            Err(error) => return Err(error),
        }
    }
    shared.presences.lock().go_live();
    Ok(())
}

impl Client {
    /// What was told last of how somebody is there, while there is a link. Told of are contacts ([`Contact::to`]) and
    /// those who are [looked at](Client::watch).
    pub fn presence(&self, address: &str) -> Option<v1::Presence> {
        self.shared.presences.lock().of(address).cloned()
    }

    /// How a contact is there. [`v1::Availability::Unspecified`]: not known, or not for this account.
    pub fn availability(&self, contact: &Contact) -> v1::Availability {
        let presences = self.shared.presences.lock();
        match presences.of(&contact.address) {
            _ if contact.blocked => v1::Availability::Unspecified,
            Some(presence) => presence.availability(),
            // Of contacts who are not there nothing is told after a login.
            None if presences.live && contact.to => v1::Availability::Offline,
            None => v1::Availability::Unspecified,
        }
    }

    /// Says how this device is there, with a status of at most 256 bytes: online, away, busy; offline means connected and
    /// not to be seen. Said again on every new link while this client runs. Gives the account as the others see it now;
    /// `None`: there is no link, it is said on the next one.
    pub async fn set_presence(
        &self,
        availability: v1::Availability,
        status: &str,
    ) -> Result<Option<v1::Presence>, ClientError> {
        if *self.shared.mode.borrow() != Mode::Account {
            return Err(ClientError::NoAccount);
        }
        let request = v1::SetPresenceRequest { availability: availability.into(), status: status.to_owned() };
        let before = self.shared.own_presence.lock().replace(request.clone());
        let Some(link) = self.link() else { return Ok(None) };
        match link.request::<_, v1::SetPresenceReply>(operation::SET_PRESENCE, &request).await {
            Ok(reply) => Ok(reply.presence),
            Err(ClientError::Link(_)) => Ok(None),
            Err(error) => {
                *self.shared.own_presence.lock() = before;
                Err(error)
            }
        }
    }

    /// Looks at these accounts, and no longer at others: [`ClientEvent::PresenceChanged`] tells how they are there and
    /// when they were there last. Goes on, over new links too, until called again; call it with nobody when nothing is
    /// looked at. Contacts need not be looked at, but for when they were there last. The first hundred count.
    pub fn watch(&self, addresses: &[String]) {
        let wanted: Vec<String> = addresses.iter().take(WATCHED_MAX).cloned().collect();
        self.shared.watched.send_if_modified(|watched| {
            let other = *watched != wanted;
            *watched = wanted;
            other
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence(address: &str, availability: v1::Availability) -> v1::Presence {
        v1::Presence { address: address.to_owned(), availability: availability.into(), ..Default::default() }
    }

    #[test]
    fn what_is_told_twice_is_news_once_and_gone_with_the_link() {
        let mut presences = Presences::default();
        assert!(!presences.forget_all(), "nothing was known");
        assert!(presences.told(&presence("ben@x", v1::Availability::Online)));
        assert!(!presences.told(&presence("ben@x", v1::Availability::Online)));
        assert!(presences.told(&presence("ben@x", v1::Availability::Away)));
        assert!(presences.forget_all() && presences.of("ben@x").is_none());
    }

    #[test]
    fn a_flood_of_people_is_bounded() {
        let mut presences = Presences::default();
        let told =
            (0..2 * KNOWN_MAX).filter(|n| presences.told(&presence(&format!("{n}@x"), v1::Availability::Online)));
        assert_eq!(told.count(), KNOWN_MAX);
        assert!(presences.told(&presence("0@x", v1::Availability::Away)), "who is known stays known");
    }
}
