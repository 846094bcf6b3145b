//! What others know a link by, and what it has asked them.
//!
//! A name and requests come in; a request leaves when its answer comes or it is given up. Invariant: there are never more
//! than [`REQUESTS_OPEN_MAX`], and one that is there has its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use belfry_domain::Address;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::handing::{Asked, REQUESTS_OPEN_MAX};

/// The side of a link that other devices can reach.
#[derive(Debug, Default)]
pub(crate) struct Addressed {
    /// What others call it (XMPP: its resource).
    name: OnceLock<Arc<str>>,
    takes_all: AtomicBool,
    asked: Mutex<Vec<Asked>>,
}

impl Addressed {
    /// Others call it so from now on; the first name stays.
    pub(crate) fn call(&self, name: &str) {
        let _first = self.name.set(name.into());
    }

    pub(crate) fn name(&self) -> Option<&Arc<str>> {
        self.name.get()
    }

    pub(crate) fn set_takes_all(&self, takes: bool) {
        self.takes_all.store(takes, Ordering::Relaxed);
    }

    pub(crate) fn takes_all(&self) -> bool {
        self.takes_all.load(Ordering::Relaxed)
    }

    /// A request waits for its answer. `false`: too many do, or one of this id to this device.
    pub(crate) fn asks(&self, asked: Asked) -> bool {
        let mut open = self.asked.lock();
        let same = |one: &Asked| one.id == asked.id && one.to == asked.to && one.resource == asked.resource;
        let room = open.len() < REQUESTS_OPEN_MAX && !open.iter().any(same);
        if room {
            open.push(asked);
        }
        room
    }

    /// Its answer has come: whether it was waited for.
    pub(crate) fn take_asked(&self, id: &str, to: &Address, resource: &str) -> bool {
        let mut open = self.asked.lock();
        let at = open.iter().position(|one| one.id == id && one.to == *to && one.resource == resource);
        at.map(|at| open.swap_remove(at)).is_some()
    }

    /// A request of this id never arrived: it is given up now.
    pub(crate) fn lost(&self, id: &str, now: Instant) {
        if let Some(asked) = self.asked.lock().iter_mut().find(|asked| asked.id == id) {
            asked.until = now;
        }
    }

    /// Those whose time is over by then.
    pub(crate) fn given_up(&self, by: Instant) -> Vec<Asked> {
        let mut open = self.asked.lock();
        if open.iter().all(|asked| asked.until > by) {
            return Vec::new();
        }
        let (over, kept) = std::mem::take(&mut *open).into_iter().partition(|asked| asked.until <= by);
        *open = kept;
        over
    }

    pub(crate) fn next_given_up(&self) -> Option<Instant> {
        self.asked.lock().iter().map(|asked| asked.until).min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn asked(id: usize, until: Instant) -> Asked {
        let to = Address::parse("bob@localhost").expect("valid");
        Asked { id: id.to_string(), to, resource: "desk".into(), until }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_fits_one_request_and_open_requests_are_bounded() {
        let (link, until) = (Addressed::default(), Instant::now() + Duration::from_secs(9));
        for id in 0..REQUESTS_OPEN_MAX {
            assert!(link.asks(asked(id, until)));
        }
        assert!(!link.asks(asked(9_999, until)), "too many");
        let bob = Address::parse("bob@localhost").expect("valid");
        assert!(!link.take_asked("3", &bob, "phone"), "another device");
        assert!(link.take_asked("3", &bob, "desk") && !link.take_asked("3", &bob, "desk"), "once");
        assert!(!link.asks(asked(4, until)), "an id that is open already");
        assert!(link.given_up(until - Duration::from_secs(1)).is_empty());
        link.lost("7", Instant::now());
        assert_eq!(link.given_up(Instant::now()), [asked(7, Instant::now())]);
        assert_eq!(link.given_up(until).len(), REQUESTS_OPEN_MAX - 2);
        assert_eq!(link.next_given_up(), None);
    }
}
