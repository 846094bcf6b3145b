//! Presence: whether people are there, as those who may know it are told. Kept nowhere but in memory.
//!
//! In come links that open and close, what devices report and say of themselves, and changes of contacts and privacy;
//! out go [`Presence`]s, to the live lanes of open links alone and never to anything that waits.
//!
//! **One presence of an account.** Each device is there while it has a link that follows the account's timeline. One that
//! says nothing is online while its person looks at it and away when not; what it says instead holds until its links have
//! closed and the linger is over. The account is as the best of its devices: chatty, online, busy, away, long away,
//! offline; of equals the one with the higher priority speaks, then the one that spoke last.
//!
//! **Resources.** Beside the one presence goes the list of the devices ([`Resource`]): each XMPP client by its name, with
//! its priority and what else it says, and all others as one without a name. The list is part of what is shown, so
//! followers, coalescing, blocking and hiding are the same for both. It goes to those whom the account has let in, to
//! whom a device speaks by its own word, and to the account's own clients, which see each other whatever it hides; who
//! only watches is told the one presence. Doors that show an account as one are not told of changes in the list alone.
//! An XMPP client is there when it says so and not before; one whose link has broken stays in the list until the linger
//! is over, one that has said goodbye goes at once.
//!
//! **Who is told.** The account's followers (contacts whom it has let in, nobody blocking) and whoever watches it; not
//! who hides from it, and nobody if it hides from all. The followers of an account that is there are remembered until a
//! contact or a privacy of one of the two changes, which [`Hub::publish`](crate::hub::Hub::publish) says here, so that no
//! caller can forget it. What was told to all of them is one value, [`Account`]'s `shown`: a link that comes later is
//! given just that, a follower who is no longer one is told "offline" if that is not what was shown, and one who has
//! become one is told `shown`. Everybody's answer to a look is `shown` as well. So nothing differs by the way it is asked.
//!
//! **When.** A change waits for [`PresenceSettings::settle_ms`](crate::PresenceSettings), at most one is told in
//! `interval_ms`, and that somebody has gone only `linger_ms` after the last link: the last state wins, and one that has
//! returned to what was shown is not told at all. [`Engine::presence_round`](crate::Engine::presence_round) tells what is
//! due, shard by shard the oldest first, as far as the bucket of `messages_per_second` goes; the rest keeps its place in
//! the order and goes on changing there. For a linger after the start nothing is told, since everybody is coming back;
//! after it each link gets its contacts at once. A server that stops tells nobody.
//!
//! **What a link gets.** After its subscription all contacts who are not offline, in pages that are read as the link takes
//! them; then what changes, through its lane, where a newer presence of an account takes the older one's place. From a
//! lane that has lost a presence the whole begins again, with those who are offline.
//!
//! **Bounds.** An account is in memory while it has links, was shown or is watched. Of one device there are at most
//! [`WATCHED_MAX`] watched accounts and [`DIRECTED_MAX`] directed presences, of one account [`WATCHERS_MAX`] watchers and
//! [`DEVICES_REMEMBERED_MAX`] devices.
//!
//! Invariants: a presence is pushed while its account's lock is held, so no link gets an older one after a newer one;
//! nobody is told of an account that the rules do not let look; blocked, hidden and absent are one answer.

mod account;
mod audience;
mod commands;
mod following;
mod registry;
mod resource;
mod round;

use std::sync::Arc;

use belfry_domain::{AccountId, Address, TimestampMs};

pub(crate) use following::Following;
pub(crate) use registry::Presences;
pub use resource::Resource;

/// Accounts that one device may watch at a time: what a screen shows, with room.
pub const WATCHED_MAX: usize = 100;

/// Longest status in bytes: a line of text.
pub const STATUS_BYTES_MAX: usize = 256;

/// Longest that a device says beside how it is there, in bytes: the names of what its software can do, and some lines.
pub const EXTENSION_BYTES_MAX: usize = 4 * 1024;

/// Devices that watch one account at a time; who comes later gets the answer and is not told what follows. A thousand
/// strangers looking at the same moment are a celebrity's, and every change of it would be told to all of them.
const WATCHERS_MAX: usize = 1_000;

/// Addresses to which one device is there by its own word; one more takes the place of the oldest.
const DIRECTED_MAX: usize = 100;

/// Devices of one account that are remembered until their linger is over; an account has at most ten at a time.
const DEVICES_REMEMBERED_MAX: usize = 32;

/// Accounts of a shard whose last time is remembered after they have gone, 24 bytes each: 260,000 in all, 6 MB. Of
/// others the times of their devices in the store are told.
const SEEN_MAX: usize = 4_096;

/// How somebody is there, the least first. The six are XMPP's (RFC 6121 §4.7.2.1); other doors show four of them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Availability {
    /// Not there, or not to be seen.
    #[default]
    Offline,
    /// Away for long (XMPP: `xa`). Elsewhere shown as away.
    LongAway,
    /// There, but not looking.
    Away,
    /// There, and not to be disturbed (XMPP: `dnd`).
    Busy,
    /// There.
    Online,
    /// There, and glad to talk (XMPP: `chat`). Elsewhere shown as online.
    Chatty,
}

/// Whether somebody is there, as somebody else is told it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Presence {
    /// Who.
    pub account: AccountId,
    /// Its address.
    pub address: Address,
    /// How.
    pub availability: Availability,
    /// What they say with it; may be empty.
    pub status: String,
    /// When they were there last; 0: they are there, or it is not known, or not for who is told.
    pub last_seen: TimestampMs,
    /// The devices one by one, for doors that show them; empty where nobody is there, and for who was not let in.
    pub resources: Arc<[Arc<Resource>]>,
}

impl Presence {
    /// Of somebody of whom nothing may be known (any longer).
    pub(crate) fn hidden(account: AccountId, address: Address) -> Presence {
        Presence {
            account,
            address,
            availability: Availability::Offline,
            status: String::new(),
            last_seen: TimestampMs(0),
            resources: Arc::default(),
        }
    }
}
