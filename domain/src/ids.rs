//! Identifiers and numbers: each a type of its own, so that a sequence number is never taken for an account.
//!
//! All are plain integers that a store allots. Invariant: a [`Seq`] is used once, whatever happens to the machine
//! ([`Epoch`]).

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// An account, and with it the owner of a timeline. Allotted by the store, never reused, never shown to clients.
    AccountId(u64)
}
number! {
    /// A conversation: direct, or a group such as the lobby.
    ConversationId(u64)
}
number! {
    /// A message's place in its conversation: dense, from 1. The order that people see.
    Cseq(u64)
}
number! {
    /// A device of one account, from 1.
    DeviceId(u32)
}
number! {
    /// A life of the log: it grows at every opening of a store, so that a restored log never repeats a [`Seq`].
    Epoch(u32)
}
number! {
    /// A guest's stay in the lobby, random.
    LeaseId(u64)
}
number! {
    /// An entry's place in its owner's timeline: `epoch << 32 | n`, `n` dense from 1 within an epoch. 0 is before all.
    Seq(u64)
}
number! {
    /// Milliseconds since 1970 UTC.
    TimestampMs(u64)
}

impl Seq {
    /// Before every entry: a device that has seen nothing is here.
    pub const ZERO: Seq = Seq(0);

    /// The number `n` of an epoch.
    pub const fn new(epoch: Epoch, n: u32) -> Seq {
        Seq((epoch.0 as u64) << 32 | n as u64)
    }

    /// The life of the log this number belongs to.
    pub const fn epoch(self) -> Epoch {
        Epoch((self.0 >> 32) as u32)
    }

    /// The number that follows in a log whose present life is `epoch`: `None` when 2^32 entries of one owner in one
    /// epoch are used up, which a store answers by refusing.
    pub const fn next(self, epoch: Epoch) -> Option<Seq> {
        if self.epoch().0 < epoch.0 {
            return Some(Seq::new(epoch, 1));
        }
        if self.0 as u32 == u32::MAX { None } else { Some(Seq(self.0 + 1)) }
    }
}

impl Cseq {
    /// The number that follows.
    #[must_use]
    pub const fn next(self) -> Cseq {
        Cseq(self.0 + 1)
    }
}

impl TimestampMs {
    /// This moment plus so many milliseconds.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> TimestampMs {
        TimestampMs(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; 0 if the clock went back.
    pub const fn ms_since(self, earlier: TimestampMs) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Which message of which conversation: how receipts, marks and replies refer to it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageId {
    /// The conversation.
    pub conversation: ConversationId,
    /// The place in it.
    pub cseq: Cseq,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.conversation, self.cseq)
    }
}

/// Longest id that a client may give to a message, in bytes: room for a UUID or an XMPP origin-id.
pub const CLIENT_MESSAGE_ID_BYTES_MAX: usize = 64;

/// The id that a client gave to a message and repeats at every try.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ClientMessageId(String);

impl ClientMessageId {
    /// Takes 1 to [`CLIENT_MESSAGE_ID_BYTES_MAX`] bytes without control characters; else `None`.
    pub fn parse(text: &str) -> Option<ClientMessageId> {
        let fits = (1..=CLIENT_MESSAGE_ID_BYTES_MAX).contains(&text.len());
        (fits && !text.chars().any(char::is_control)).then(|| ClientMessageId(text.to_owned()))
    }

    /// The id as the client wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_epoch_starts_above_every_number_of_the_old_one() {
        let last = Seq::new(Epoch(7), u32::MAX);
        let next = last.next(Epoch(8)).expect("a new epoch has numbers");
        assert_eq!(next, Seq::new(Epoch(8), 1));
        assert!(next > last);
    }

    #[test]
    fn within_an_epoch_numbers_are_dense_and_end() {
        assert_eq!(Seq::new(Epoch(7), 41).next(Epoch(7)), Some(Seq::new(Epoch(7), 42)));
        assert_eq!(Seq::new(Epoch(7), u32::MAX).next(Epoch(7)), None);
    }

    #[test]
    fn a_client_message_id_is_short_and_printable() {
        assert!(ClientMessageId::parse("").is_none());
        assert!(ClientMessageId::parse(&"x".repeat(65)).is_none());
        assert!(ClientMessageId::parse("a\nb").is_none());
        assert_eq!(ClientMessageId::parse("m-1").expect("valid").as_str(), "m-1");
    }
}
