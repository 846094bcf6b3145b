//! Held polls: how many requests of one caller wait at once.
//!
//! A poll takes a place before it waits and gives it back when it ends, however it ends. Invariant: at most
//! [`HELD_MAX`] of one caller; a further one ends the oldest. It is the oldest and not the newest that ends, because a
//! phone that changed networks cannot end the polls it has lost, and would wait for them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use belfry_domain::{AccountId, Code, DeviceId, LeaseId, Refusal};
use belfry_engine::Identity;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Polls of one caller that may wait: one for messages and one for the lobby.
pub(crate) const HELD_MAX: usize = 2;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Holder {
    Device(AccountId, DeviceId),
    Guest(LeaseId),
}

#[derive(Debug, Default)]
struct Places {
    next: u64,
    held: HashMap<Holder, VecDeque<(u64, CancellationToken)>>,
}

/// All polls that wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldPolls {
    places: Arc<Mutex<Places>>,
}

/// A place of a poll that waits; given back when dropped.
#[derive(Debug)]
pub(crate) struct HeldPoll {
    polls: HeldPolls,
    holder: Holder,
    number: u64,
    ended: CancellationToken,
}

impl HeldPolls {
    /// A place for a poll of this caller; `None` for one who is not logged in and will be refused anyway.
    pub(crate) fn hold(&self, identity: &Identity) -> Option<HeldPoll> {
        let holder = match identity {
            Identity::Device { account, device, .. } => Holder::Device(*account, *device),
            Identity::Guest { lease, .. } => Holder::Guest(*lease),
            Identity::Nobody { .. } => return None,
        };
        let ended = CancellationToken::new();
        let mut places = self.places.lock();
        places.next += 1;
        let number = places.next;
        let held = places.held.entry(holder).or_default();
        if held.len() == HELD_MAX
            && let Some((_, oldest)) = held.pop_front()
        {
            oldest.cancel();
        }
        held.push_back((number, ended.clone()));
        drop(places);
        Some(HeldPoll { polls: self.clone(), holder, number, ended })
    }

    #[cfg(test)]
    fn count(&self) -> usize {
        self.places.lock().held.values().map(VecDeque::len).sum()
    }
}

impl HeldPoll {
    /// Waits until a newer poll has taken this one's place.
    pub(crate) async fn ended(&self) -> Refusal {
        self.ended.cancelled().await;
        Refusal::new(Code::Superseded, format!("More than {HELD_MAX} polls were held at once: this was the oldest."))
    }
}

impl Drop for HeldPoll {
    fn drop(&mut self) {
        let mut places = self.polls.places.lock();
        if let Some(held) = places.held.get_mut(&self.holder) {
            held.retain(|(number, _)| *number != self.number);
            if held.is_empty() {
                places.held.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_third_poll_ends_the_oldest_and_places_are_given_back() {
        let polls = HeldPolls::default();
        let lease = |n| Identity::Guest {
            lease: LeaseId(n),
            name: belfry_domain::RoomName::parse("ann").expect("a fine name"),
        };
        let first = polls.hold(&lease(1)).expect("a place");
        let second = polls.hold(&lease(1)).expect("a place");
        let other = polls.hold(&lease(2)).expect("a place");
        assert!(!first.ended.is_cancelled());
        let third = polls.hold(&lease(1)).expect("a place");
        assert_eq!(first.ended().await.code, Code::Superseded);
        assert!(!second.ended.is_cancelled() && !third.ended.is_cancelled() && !other.ended.is_cancelled());
        drop((first, second, third, other));
        assert_eq!(polls.count(), 0);
        assert!(polls.hold(&Identity::Nobody { noise_key: None }).is_none());
    }
}
