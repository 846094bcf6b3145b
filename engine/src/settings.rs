//! What an operator may set of the rules. The server reads its file into this; the defaults are those of a server that
//! was just started.

use belfry_domain::limits::{DEVICES_MAX, LOBBY_TEXT_CHARS_MAX, UNDELIVERED_MS};
use belfry_domain::ports::MailboxLimit;

use crate::rates::Rates;

/// How long messages are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeepMessages {
    /// For ever.
    Forever,
    /// Until every device that counts has them, at most so long.
    UntilDelivered {
        /// Undelivered messages end after this.
        at_most_ms: u64,
    },
    /// So long, delivered or not.
    For {
        /// Milliseconds.
        ms: u64,
    },
}

/// How much may wait for an account: a busy person gets some hundred messages a day, so that a phone may be away for
/// months, and what one account can take of the disk is bounded.
const MAILBOX: MailboxLimit = MailboxLimit { entries: 100_000, bytes: 256 * 1024 * 1024, unanswered: UNANSWERED };

/// Messages of a stranger who gets no answer: enough to say who one is, too few to bury somebody.
const UNANSWERED: u32 = 20;

/// Who may invite people to make accounts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignUps {
    /// Every account.
    Everyone,
    /// Those who run the server.
    Admins,
    /// Nobody, and invitations that were given make no accounts any longer.
    Nobody,
}

/// Who may make an account from within a client that has not logged in, as XMPP clients do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Registrations {
    /// Whoever comes, with a name and a password.
    Anybody,
    /// Who has an invitation that makes accounts.
    Invited,
    /// Nobody.
    Nobody,
}

/// Rules that an operator may change.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The domain of the accounts.
    pub domain: String,
    /// How people reach the server from outside: the beginning of links.
    pub public_url: String,
    /// How long messages are kept.
    pub keep_messages: KeepMessages,
    /// What a member wishes to be kept until it is delivered ends after this.
    pub undelivered_ms: u64,
    /// How much may wait for an account before others are told that its mailbox is full.
    pub mailbox: MailboxLimit,
    /// Messages that a stranger may send before they are answered, in place of that of `mailbox`; [`u32::MAX`]: any number.
    pub unanswered: u32,
    /// Whether accounts can be found by their phone numbers, those that want to.
    pub find_by_phone: bool,
    /// Who may invite people to make accounts.
    pub sign_ups: SignUps,
    /// Whether invitations are told as URIs for XMPP clients too.
    pub xmpp_uris: bool,
    /// Who may make an account from within an XMPP client.
    pub registrations: Registrations,
    /// Digits of a PIN: 6, or 5 if one must.
    pub pin_digits: u32,
    /// How long a PIN is good.
    pub pin_ms: u64,
    /// Tries for one PIN.
    pub pin_tries: u32,
    /// Tries for one number in a day, whichever PIN.
    pub pin_tries_per_day: u32,
    /// PINs sent to one number in a day.
    pub pins_per_day: u32,
    /// How long an access token is good.
    pub token_ms: u64,
    /// Rounds of PBKDF2 for passwords. RFC 7677 §4 says at least 4096.
    pub scram_iterations: u32,
    /// How often anybody may do what.
    pub rates: Rates,
    /// How long after it was sent a message can be edited.
    pub edit_ms: u64,
    /// How long after it was sent a message can be recalled.
    pub recall_ms: u64,
    /// Devices of one account.
    pub devices_max: usize,
    /// A link silent for so long is cut.
    pub idle_ms: u64,
    /// How often a client in the foreground is asked to send a heartbeat.
    pub heartbeat_ms: u64,
    /// Whether there is a lobby, and for whom.
    pub lobby: LobbySettings,
    /// Steps of messages that are remembered for operators.
    pub trace_steps: usize,
    /// Linking, and what companions may do and get.
    pub devices: DeviceSettings,
    /// When it is told whether people are there.
    pub presence: PresenceSettings,
}

/// Rules of presence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PresenceSettings {
    /// A change is told after so long, if it is still so: what flickers makes no wave, and nobody notices a second.
    pub settle_ms: u64,
    /// One account's changes are told at most so often, however it flaps.
    pub interval_ms: u64,
    /// That somebody has gone is told so long after the last link: a reconnect makes no wave. After a start nothing is
    /// told for so long.
    pub linger_ms: u64,
    /// Presences told in a second, to all links together; what is beyond waits. Each is some microseconds of work here
    /// and a few dozen bytes for a phone.
    pub messages_per_second: u32,
    /// Who looks at somebody is told so long what changes.
    pub watch_ms: u64,
}

impl Default for PresenceSettings {
    fn default() -> PresenceSettings {
        PresenceSettings {
            settle_ms: 1_000,
            interval_ms: 5_000,
            linger_ms: 10_000,
            messages_per_second: 20_000,
            watch_ms: 5 * 60_000,
        }
    }
}

/// What a new companion gets of what was there before it; see `belfry_domain::Past`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeepPast {
    /// Nothing, and it may not read older messages either.
    Nothing,
    /// What the account has not been delivered.
    Undelivered,
    /// The newest messages.
    Recent {
        /// Not older than this.
        ms: u64,
        /// At most so many.
        messages: usize,
    },
    /// All that is kept.
    All,
}

/// Rules of devices.
#[derive(Clone, Debug)]
pub struct DeviceSettings {
    /// How long a code for linking is good, and how long its owner has to answer.
    pub link_ms: u64,
    /// Whether the devices of an account without a phone may link others.
    pub link_without_primary: bool,
    /// Whether companions may remove and rename other companions of an account that has a phone.
    pub companions_manage: bool,
    /// What a new companion gets of the past.
    pub past: KeepPast,
    /// A companion that was not connected for so long is removed; `None`: never.
    pub silent_ms: Option<u64>,
    /// Companions work only while the phone is online and so long after it has gone; `None`: they work by themselves.
    pub strict_grace_ms: Option<u64>,
}

/// Rules of the lobby.
#[derive(Clone, Debug)]
pub struct LobbySettings {
    /// Whether guests may come from elsewhere than loopback.
    pub guests_from_elsewhere: bool,
    /// Guests and accounts together.
    pub participants_max: usize,
    /// A guest not heard of for so long has left.
    pub lease_ms: u64,
    /// After a link closes, the name is kept so long, so that a reconnect makes no wave.
    pub linger_ms: u64,
    /// Messages that are kept.
    pub history_messages: u64,
    /// How long messages are kept.
    pub history_ms: u64,
    /// Characters of one message.
    pub text_chars_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            domain: "localhost".into(),
            public_url: "http://localhost:8080".into(),
            keep_messages: KeepMessages::Forever,
            undelivered_ms: UNDELIVERED_MS,
            mailbox: MAILBOX,
            unanswered: UNANSWERED,
            find_by_phone: true,
            sign_ups: SignUps::Admins,
            xmpp_uris: true,
            registrations: Registrations::Invited,
            pin_digits: 6,
            pin_ms: 10 * 60_000,
            pin_tries: 5,
            pin_tries_per_day: 10,
            pins_per_day: 5,
            token_ms: 15 * 60_000,
            scram_iterations: 10_000,
            rates: Rates::DEFAULT,
            edit_ms: 15 * 60_000,
            recall_ms: 2 * 24 * 3_600_000,
            devices_max: DEVICES_MAX,
            idle_ms: 10 * 60_000,
            heartbeat_ms: 210_000,
            lobby: LobbySettings::default(),
            trace_steps: crate::steps::STEPS_MAX,
            devices: DeviceSettings::default(),
            presence: PresenceSettings::default(),
        }
    }
}

impl Default for DeviceSettings {
    fn default() -> DeviceSettings {
        DeviceSettings {
            link_ms: 60_000,
            link_without_primary: true,
            companions_manage: false,
            past: KeepPast::Recent { ms: 30 * 24 * 3_600_000, messages: 1_000 },
            silent_ms: Some(30 * 24 * 3_600_000),
            strict_grace_ms: None,
        }
    }
}

impl Default for LobbySettings {
    fn default() -> LobbySettings {
        LobbySettings {
            guests_from_elsewhere: false,
            participants_max: 10_000,
            lease_ms: 100_000,
            linger_ms: 5_000,
            history_messages: 1_000,
            history_ms: 30 * 24 * 3_600_000,
            text_chars_max: LOBBY_TEXT_CHARS_MAX,
        }
    }
}
