//! One open link as the hub has it: its bell, its lane, and what others know it by.
//!
//! The hub and whoever hands something over put things in and ring; the link's session takes them out. Invariant: any
//! number of rings before it looks are one, and the first reason to close stays.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use belfry_domain::{AccountId, DeviceId, Refusal, TimestampMs};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::asked::Addressed;
use crate::command::{Live, Peer};
use crate::handing::Stanza;
use crate::lane::Lane;

/// One open link: a bell, and the reason why it must close if it must.
#[derive(Debug)]
pub(crate) struct Link {
    /// Counted up since the server was started: how operators tell links apart.
    pub(crate) number: u64,
    pub(crate) device: Option<(AccountId, DeviceId)>,
    pub(super) from: Peer,
    pub(super) since: TimestampMs,
    bell: Notify,
    closed: OnceLock<Refusal>,
    /// Up to where this link has read; [`u64::MAX`] while it does not read the timeline.
    pub(super) read: AtomicU64,
    /// The account's devices have changed and the link was not told.
    pub(super) devices_changed: AtomicBool,
    /// What is told while it is true and stored nowhere; `None`: this link takes no such thing.
    pub(super) lane: Option<Mutex<Lane>>,
    /// It is one of the account's resources and is told of those of others (XMPP).
    pub(crate) resource: bool,
    /// It is told of its contacts' presence from now on; before, what it reads first will say it.
    pub(super) follows_presence: AtomicBool,
    /// Something was put into its lane for which it was not rung yet.
    to_ring: AtomicBool,
    /// The side of it that other devices can reach.
    pub(crate) addressed: Addressed,
}

/// Which of an account's links are told of a presence.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Links<'a> {
    /// Those that follow its contacts'.
    Following,
    /// Of these the ones that are told of devices one by one.
    ByResource,
    /// Of these the one that is called so.
    Named(&'a str),
    /// Those of one device, whatever they follow.
    Of(DeviceId),
}

/// Links that have something in their lanes and are rung together, so that each gets it in one piece.
#[derive(Default)]
pub(crate) struct Rings(Vec<Arc<Link>>);

impl Rings {
    /// Rings them.
    pub(crate) fn ring(&mut self) {
        for link in self.0.drain(..) {
            link.to_ring.store(false, Ordering::Release);
            link.ring();
        }
    }

    pub(super) fn add(&mut self, link: &Arc<Link>) {
        if !link.to_ring.swap(true, Ordering::AcqRel) {
            self.0.push(Arc::clone(link));
        }
    }
}

impl Link {
    /// A link; `live`: it takes live events, `resource`: it is one of the account's resources.
    pub(crate) fn new(
        number: u64,
        device: Option<(AccountId, DeviceId)>,
        from: Peer,
        since: TimestampMs,
        (live, resource): (bool, bool),
    ) -> Arc<Link> {
        let (bell, closed, read) = (Notify::new(), OnceLock::new(), AtomicU64::new(u64::MAX));
        let (devices_changed, lane) = (AtomicBool::new(false), live.then(Mutex::default));
        let (follows_presence, to_ring) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Link {
            number,
            device,
            from,
            since,
            bell,
            closed,
            read,
            devices_changed,
            lane,
            resource,
            follows_presence,
            to_ring,
            addressed: Addressed::default(),
        })
    }

    /// Whether the account's devices have changed since this was asked last.
    pub(crate) fn take_devices_changed(&self) -> bool {
        self.devices_changed.load(Ordering::Relaxed) && self.devices_changed.swap(false, Ordering::Relaxed)
    }

    /// What the lane holds, which is empty then.
    pub(crate) fn take_live(&self) -> Vec<Live> {
        let Some(lane) = &self.lane else { return Vec::new() };
        lane.lock().take()
    }

    /// Whether a presence has fallen out of the lane since this was asked last.
    pub(crate) fn take_lost_presence(&self) -> bool {
        self.lane.as_ref().is_some_and(|lane| lane.lock().take_lost_presence())
    }

    /// From here on its contacts' presence is put into its lane.
    pub(crate) fn follow_presence(&self) {
        self.follows_presence.store(true, Ordering::Release);
    }

    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.addressed.name().is_some_and(|known| **known == *name)
    }

    /// Puts a stanza into its lane and rings. `false`: there is no room, or it is about to be gone.
    pub(crate) fn hand(&self, stanza: Stanza) -> bool {
        let taken = self.lane.as_ref().is_some_and(|lane| lane.lock().push_stanza(Arc::new(stanza)));
        if taken {
            self.ring();
        }
        taken
    }

    /// Nothing more is told by it: the stanzas that it was handed and has not told.
    pub(crate) fn end_lane(&self) -> Vec<Arc<Stanza>> {
        self.lane.as_ref().map_or_else(Vec::new, |lane| lane.lock().end())
    }

    /// What it follows is to be told it again, also what is no longer so.
    pub(crate) fn lose_presence(&self) {
        if let Some(lane) = &self.lane {
            lane.lock().lose_presence();
        }
        self.ring();
    }

    /// Something may be new. Any number of rings before the link looks are one.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    /// The link must close; the first reason stays.
    pub(crate) fn close(&self, refusal: &Refusal) {
        let _first = self.closed.set(refusal.clone());
        self.ring();
    }

    pub(crate) fn closed(&self) -> Option<&Refusal> {
        self.closed.get()
    }

    /// Waits for the bell. Cancel-safe: a ring that is not taken stays.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }
}
