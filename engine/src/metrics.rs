//! What is counted: plain atomics that the server shows to Prometheus. No names of people in them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Whether a value only grows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// One value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sample {
    /// Its name without a prefix.
    pub name: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// Whether it only grows.
    pub kind: Kind,
    /// Now.
    pub value: u64,
}

macro_rules! metrics {
    ($($kind:ident $name:ident = $help:literal;)*) => {
        /// What is counted.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $(#[doc = $help] pub $name: AtomicU64,)*
        }

        impl Metrics {
            /// All values.
            pub fn samples(&self) -> Vec<Sample> {
                vec![$(Sample {
                    name: stringify!($name), help: $help, kind: Kind::$kind, value: self.$name.load(Ordering::Relaxed),
                }),*]
            }
        }
    };
}

metrics! {
    Counter messages_accepted = "Messages stored and acknowledged to their senders.";
    Counter messages_repeated = "Sends that had been stored by an earlier try.";
    Counter sends_refused = "Sends that were refused.";
    Counter events_told = "Timeline events handed to live links and answered to syncs.";
    Counter acknowledgements = "Acknowledgements by devices.";
    Counter hot_reads = "Stretches read from memory.";
    Counter cold_reads = "Stretches read from the store.";
    Counter overload_refused = "Requests refused since the server had more to do than it could.";
    Counter pins_sent = "PINs handed to the SMS gateway.";
    Counter pins_failed = "PINs that the SMS gateway did not take.";
    Counter pins_wrong = "Wrong PINs.";
    Counter logins_failed = "Wrong passwords, secrets and tokens.";
    Counter rate_limited = "Requests refused by a rate limit.";
    Counter lobby_messages = "Messages stored in the lobby.";
    Counter activity_foreground = "Reports of a client coming to the foreground.";
    Counter activity_background = "Reports of a client going to the background.";
    Counter presence_changes = "Changes of whether an account is there.";
    Counter presence_coalesced = "Changes of presence that were never told, since a later one came first.";
    Counter presence_told = "Presences told to links.";
    Counter presence_deferred = "Changes of presence that had to wait for their turn under the cap.";
    Counter stanzas_handed_on = "Requests, answers and unstored messages that XMPP clients handed to each other.";
    Counter devices_cut = "Devices cut off because they were replaced or revoked.";
    Counter bad_magic = "Connections with a wrong magic number.";
    Counter bad_frames = "Links closed for frames that are none.";
    Counter handshake_failures = "Secure channels that could not be made.";
    Counter panics = "Panics caught.";
    Gauge presence_accounts = "Accounts whose presence is in memory.";
    Gauge sessions = "Open sessions and held polls.";
    Gauge turns = "Messages that are taken up at once; fewer while tasks wait long for a processor.";
    Gauge turns_waited_for = "Batches of messages that wait for their turn.";
    Gauge turn_wait_us = "How long the last batch waited for its turn, in microseconds, while others wait.";
    Gauge lobby_participants = "Guests and accounts in the lobby.";
}

/// Counts one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
