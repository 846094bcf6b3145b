//! How long an entry is kept, and the one rule that says when it is dead.
//!
//! [`dead`] is used by every read, by the compaction of the embedded store and by the janitor of an SQL store, so that
//! what a reader no longer sees and what the disk no longer holds are decided in one place.

use crate::ids::{Seq, TimestampMs};
use crate::limits::UNDELIVERED_MS;

/// The retention class of an entry, given when it is appended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retention {
    /// For ever.
    Keep,
    /// Until every device that counts has it, at the latest until the moment given.
    UntilDelivered {
        /// Undelivered entries end here.
        expires: TimestampMs,
    },
    /// Until the moment given, delivered or not.
    Until(TimestampMs),
}

/// What a member wishes for the messages that are sent to a conversation from then on; the default wishes nothing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wish {
    /// They end when they are delivered.
    pub until_delivered: bool,
    /// They end after so long, delivered or not.
    pub at_most_ms: Option<u64>,
}

impl Wish {
    /// Both wishes at once: a message ends by whichever ends it first.
    #[must_use]
    pub fn and(self, other: Wish) -> Wish {
        let until_delivered = self.until_delivered || other.until_delivered;
        Wish { until_delivered, at_most_ms: sooner(self.limit_ms(), other.limit_ms()) }
    }

    /// What is kept until it is delivered does not wait for ever.
    fn limit_ms(self) -> Option<u64> {
        self.at_most_ms.or(self.until_delivered.then_some(UNDELIVERED_MS))
    }
}

impl Retention {
    /// The same, but not beyond a moment.
    #[must_use]
    pub fn within(self, end: TimestampMs) -> Retention {
        match self {
            Retention::Keep => Retention::Until(end),
            Retention::UntilDelivered { expires } => Retention::UntilDelivered { expires: expires.min(end) },
            Retention::Until(expires) => Retention::Until(expires.min(end)),
        }
    }

    /// The moment at which it ends at the latest, if there is one.
    pub const fn expires(self) -> Option<TimestampMs> {
        match self {
            Retention::Keep => None,
            Retention::UntilDelivered { expires } | Retention::Until(expires) => Some(expires),
        }
    }

    /// This class, or what a wish makes shorter of it. Never longer: a wish takes away, it does not give.
    #[must_use]
    pub fn shortened(self, wish: Wish, sent: TimestampMs) -> Retention {
        let (until_delivered, end) = match self {
            Retention::Keep => (false, None),
            Retention::UntilDelivered { expires } => (true, Some(expires)),
            Retention::Until(expires) => (false, Some(expires)),
        };
        match (until_delivered || wish.until_delivered, sooner(end, wish.limit_ms().map(|ms| sent.plus_ms(ms)))) {
            (false, Some(end)) => Retention::Until(end),
            (true, Some(end)) => Retention::UntilDelivered { expires: end },
            (_, None) => Retention::Keep,
        }
    }
}

fn sooner<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Whether the entry at `seq` is gone: for its owner `delivered_floor` is what every device that counts has been given,
/// `pruned_floor` what was taken away whatever its class.
pub fn dead(retention: Retention, seq: Seq, delivered_floor: Seq, pruned_floor: Seq, now: TimestampMs) -> bool {
    if seq <= pruned_floor {
        return true;
    }
    match retention {
        Retention::Keep => false,
        Retention::UntilDelivered { expires } => seq <= delivered_floor || expires <= now,
        Retention::Until(expires) => expires <= now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: TimestampMs = TimestampMs(1_000);
    const LATER: TimestampMs = TimestampMs(2_000);

    #[test]
    fn kept_entries_end_only_by_pruning() {
        assert!(!dead(Retention::Keep, Seq(5), Seq(9), Seq(4), NOW));
        assert!(dead(Retention::Keep, Seq(5), Seq(0), Seq(5), NOW));
    }

    #[test]
    fn an_entry_until_delivered_ends_at_the_floor_or_when_it_expires() {
        let class = Retention::UntilDelivered { expires: LATER };
        assert!(!dead(class, Seq(5), Seq(4), Seq(0), NOW));
        assert!(dead(class, Seq(5), Seq(5), Seq(0), NOW));
        assert!(dead(class, Seq(5), Seq(4), Seq(0), LATER));
    }

    #[test]
    fn a_lifetime_shortens_every_class_and_lengthens_none() {
        assert_eq!(Retention::Keep.within(NOW), Retention::Until(NOW));
        assert_eq!(Retention::Until(LATER).within(NOW), Retention::Until(NOW));
        assert_eq!(Retention::Until(NOW).within(LATER), Retention::Until(NOW));
        let class = Retention::UntilDelivered { expires: LATER };
        assert_eq!(class.within(NOW), Retention::UntilDelivered { expires: NOW });
    }

    #[test]
    fn an_entry_for_a_time_ends_at_its_moment_delivered_or_not() {
        assert!(!dead(Retention::Until(LATER), Seq(5), Seq(9), Seq(0), NOW));
        assert!(dead(Retention::Until(LATER), Seq(5), Seq(0), Seq(0), LATER));
    }

    #[test]
    fn a_wish_makes_shorter_and_never_longer() {
        let sent = TimestampMs(500);
        let classes = [Retention::Keep, Retention::UntilDelivered { expires: NOW }, Retention::Until(NOW)];
        let timed = Wish { until_delivered: false, at_most_ms: Some(100) };
        let delivered = Wish { until_delivered: true, at_most_ms: None };
        let late = Wish { until_delivered: false, at_most_ms: Some(1_000_000) };
        let end = TimestampMs(600);
        for class in classes {
            assert_eq!(class.shortened(Wish::default(), sent), class, "nothing wished is nothing changed");
            let both = class.shortened(timed, sent).shortened(delivered, sent);
            assert_eq!(both, Retention::UntilDelivered { expires: end }, "whichever ends it first");
            assert_eq!(class.shortened(timed.and(delivered), sent), both, "in whatever order");
        }
        assert_eq!(Retention::Until(NOW).shortened(late, sent), Retention::Until(NOW));
        assert_eq!(Retention::Keep.shortened(late, sent), Retention::Until(sent.plus_ms(1_000_000)));
        let limited = Retention::UntilDelivered { expires: sent.plus_ms(UNDELIVERED_MS) };
        assert_eq!(Retention::Keep.shortened(delivered, sent), limited, "what waits does not wait for ever");
    }
}
