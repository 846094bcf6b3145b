//! Rates: how often anybody may do what, each by its name. An operator may change all of them while the server runs.
//!
//! The defaults leave; [`crate::limits`] holds everybody to them.

/// A second, a minute, an hour, a day, in milliseconds.
const SECOND: u32 = 1_000;
const MINUTE: u32 = 60 * SECOND;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// How often: so many at once, and then so many in each stretch of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// At once.
    pub burst: u32,
    /// In the long run so many …
    pub count: u32,
    /// … in each such time.
    pub per_ms: u32,
}

impl Rate {
    /// As often as anybody likes.
    pub const UNLIMITED: Rate = Rate { burst: u32::MAX, count: u32::MAX, per_ms: 1 };

    /// `burst` at once, then `count` in each `per_ms`; none of them is 0.
    pub const fn new(burst: u32, count: u32, per_ms: u32) -> Rate {
        Rate { burst, count, per_ms }
    }

    /// `burst` at once, then `count` a second.
    pub const fn per_second(burst: u32, count: u32) -> Rate {
        Rate::new(burst, count, SECOND)
    }
}

/// Makes the struct of all rates, their defaults, and the one without any.
macro_rules! rates {
    ($( $(#[doc = $doc:literal])* $name:ident = $default:expr; )*) => {
        /// How often anybody may do what.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub struct Rates {
            $( $(#[doc = $doc])* pub $name: Rate, )*
        }

        impl Rates {
            /// Those of a server that was just started.
            pub const DEFAULT: Rates = Rates { $( $name: $default, )* };

            /// No limits at all: for whoever tries something else than these.
            pub const UNLIMITED: Rates = Rates { $( $name: Rate::UNLIMITED, )* };
        }
    };
}

rates! {
    /// Messages of a device: people write less, and a bridge that writes for many is set up by the operator.
    sends = Rate::per_second(60, 20);
    /// Changes of messages and conversations, and lists of them, by a device: they cost the store what messages cost it.
    changes = Rate::per_second(60, 20);
    /// Older messages asked for by a device: as fast as somebody scrolls, and enough for a client that copies all.
    history = Rate::per_second(100, 20);
    /// Being seen to write or to have stopped, by a device: a client tells every few seconds.
    typing = Rate::per_second(10, 1);
    /// Requests, answers and unstored messages of an XMPP client for other clients: a file in small pieces, slowly.
    stanzas = Rate::per_second(100, 40);
    /// Changes of presence by a device: it comes and goes with a person, not with a program.
    presence = Rate::new(10, 1, 2 * SECOND);
    /// Addresses whose presence a device begins to watch: a list of contacts at once.
    watches = Rate::per_second(100, 10);
    /// Requests of an account in all, whatever they are; those that keep a device going are not counted.
    requests = Rate::per_second(400, 100);
    /// Requests of a device in all; its messages are counted by `sends`.
    requests_by_device = Rate::per_second(200, 50);
    /// Requests of an address before a login: an office that starts its machines at once.
    requests_before_login = Rate::per_second(300, 30);
    /// Addresses asked about by an account: an address book, and then nobody finds out who is here.
    look_ups = Rate::new(50, 1_000, DAY);
    /// The same by an address, so that many accounts find out no more than one.
    look_ups_by_address = Rate::new(50, 1_000, DAY);
    /// Contact requests of an account: who is refused by many is no friend of theirs.
    contact_requests = Rate::new(20, 50, DAY);
    /// Changes of contacts and blocks by an account: a list that is put in order.
    contact_changes = Rate::per_second(60, 1);
    /// Invitations made by an account.
    invitations = Rate::new(20, 20, DAY);
    /// Invitations looked at by an address: they cannot be guessed, and nobody shall try.
    invitations_looked_at = Rate::new(30, 1, 10 * SECOND);
    /// Tries of an address to make an account without an invitation: a household, and no list of who is here.
    sign_ups_by_address = Rate::new(5, 20, DAY);
    /// Messages of a participant of the lobby.
    lobby_sends = Rate::per_second(10, 2);
    /// Names taken in the lobby by an address: a school class comes at once.
    lobby_joins = Rate::new(30, 1, 5 * SECOND);
    /// Wrong passwords and secrets of an account; then even the right one has to wait.
    failed_logins = Rate::new(5, 5, 15 * MINUTE);
    /// Wrong passwords and secrets from an address: several people share one.
    failed_logins_by_address = Rate::new(20, 20, 15 * MINUTE);
    /// Changes of its password by an account: people seldom make one, and each costs the hashing of a login.
    password_changes = Rate::new(5, 10, DAY);
    /// PINs sent in all: what a flood can cost.
    pins = Rate::new(1_000, 1_000, HOUR);
    /// PINs asked for by an address, whatever the number.
    pins_by_address = Rate::new(20, 20, HOUR);
    /// PINs tried by an address, whatever the number.
    pin_tries_by_address = Rate::new(60, 60, HOUR);
    /// Codes for linking that an address asks for: a screen that shows a fresh one each minute for half an hour.
    links_begun = Rate::new(30, 120, HOUR);
    /// Wrong codes or secrets from an address: they cannot be guessed, so honest clients have next to none.
    links_guessed = Rate::new(20, 60, HOUR);
    /// Codes that an account reads and answers.
    links_scanned = Rate::new(20, 60, HOUR);
}

impl Default for Rates {
    fn default() -> Rates {
        Rates::DEFAULT
    }
}
