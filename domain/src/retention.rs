//! How long an entry is kept, and the one rule that says when it is dead.
//!
//! [`dead`] is used by every read, by the compaction of the embedded store and by the janitor of an SQL store, so that
//! what a reader no longer sees and what the disk no longer holds are decided in one place.

use crate::ids::{Seq, TimestampMs};

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
}
