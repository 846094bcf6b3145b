//! Lately: the newest entries of timelines, as far as an acknowledgement looks at them, so that it need not go through the
//! store's tables for what was stored a moment ago.
//!
//! Entries come in with the commit that holds them, when it is durable; an acknowledgement takes them out by the stretch
//! that it goes past. Invariant: what is here of a stretch is all of it and as it is stored, or the store is asked.

use std::collections::{HashMap, VecDeque};

use belfry_domain::{AccountId, Retention, Seq};

use super::records::EntryRecord;

/// Entries of one owner: what a device that keeps up has not acknowledged yet.
const ENTRIES_MAX: usize = 32;

/// Owners in each of two generations: those of whom nothing was stored while one filled are forgotten, so that those who
/// never come for what they have do not push out those who do. With all of their entries some 20 MB.
const OWNERS_MAX: usize = 4_096;

/// An entry, as an acknowledgement sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Late {
    pub(super) seq: Seq,
    pub(super) retention: Retention,
    pub(super) message: bool,
    /// A message of somebody else.
    pub(super) incoming: bool,
    pub(super) conversation: u64,
    pub(super) cseq: u64,
    pub(super) weight: u32,
}

impl Late {
    pub(super) fn of(seq: Seq, retention: Retention, record: &EntryRecord) -> Late {
        let EntryRecord { incoming, conversation, cseq, weight, .. } = *record;
        Late { seq, retention, message: record.is_message(), incoming, conversation, cseq, weight }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Lately {
    young: HashMap<AccountId, VecDeque<Late>>,
    old: HashMap<AccountId, VecDeque<Late>>,
}

impl Lately {
    /// An entry was stored behind the place `prev`.
    pub(super) fn add(&mut self, owner: AccountId, prev: Seq, late: Late) {
        let entries = self.of(owner);
        if entries.back().is_some_and(|last| last.seq != prev) {
            entries.clear();
        }
        if entries.len() == ENTRIES_MAX {
            entries.pop_front();
        }
        entries.push_back(late);
    }

    /// What is here of an owner, among the young.
    fn of(&mut self, owner: AccountId) -> &mut VecDeque<Late> {
        if self.young.len() >= OWNERS_MAX && !self.young.contains_key(&owner) {
            self.old = std::mem::take(&mut self.young);
        }
        let Lately { young, old } = self;
        young.entry(owner).or_insert_with(|| old.remove(&owner).unwrap_or_default())
    }

    /// Entries of an owner were changed or taken away.
    pub(super) fn forget(&mut self, owner: AccountId) {
        self.young.remove(&owner);
        self.old.remove(&owner);
    }

    /// Nobody will acknowledge anything up to here any more.
    pub(super) fn passed(&mut self, owner: AccountId, up_to: Seq) {
        for generation in [&mut self.young, &mut self.old] {
            let Some(entries) = generation.get_mut(&owner) else { continue };
            while entries.front().is_some_and(|late| late.seq <= up_to) {
                entries.pop_front();
            }
            if entries.is_empty() {
                generation.remove(&owner);
            }
        }
    }

    /// All entries after one place up to another, if they are here.
    pub(super) fn between(&self, owner: AccountId, after: Seq, up_to: Seq) -> Option<Vec<Late>> {
        let entries = self.young.get(&owner).or_else(|| self.old.get(&owner))?;
        let (first, last) = (entries.front()?, entries.back()?);
        // Within an epoch places are dense; the first of an epoch has no place before it that could be counted down to.
        let whole = first.seq.0 <= after.0 + 1 && first.seq.epoch() == after.epoch() && last.seq >= up_to;
        whole.then(|| entries.iter().filter(|late| late.seq > after && late.seq <= up_to).copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: AccountId = AccountId(1);

    fn seq(n: u64) -> Seq {
        Seq(7 << 32 | n)
    }

    fn late(n: u64) -> Late {
        Late {
            seq: seq(n),
            retention: Retention::Keep,
            message: true,
            incoming: true,
            conversation: 1,
            cseq: n,
            weight: 1,
        }
    }

    fn with(numbers: std::ops::RangeInclusive<u64>) -> Lately {
        let mut lately = Lately::default();
        numbers.for_each(|n| lately.add(OWNER, seq(n - 1), late(n)));
        lately
    }

    fn numbers(found: Option<Vec<Late>>) -> Option<Vec<u64>> {
        found.map(|found| found.iter().map(|late| late.cseq).collect())
    }

    #[test]
    fn a_stretch_is_all_there_or_the_store_is_asked() {
        let lately = with(3..=6);
        assert_eq!(numbers(lately.between(OWNER, seq(2), seq(6))), Some(vec![3, 4, 5, 6]));
        assert_eq!(numbers(lately.between(OWNER, seq(4), seq(5))), Some(vec![5]));
        assert_eq!(lately.between(OWNER, seq(1), seq(6)), None, "the second is not here");
        assert_eq!(lately.between(OWNER, seq(4), seq(7)), None, "the seventh is not here");
        assert_eq!(lately.between(OWNER, Seq(6 << 32 | 9), seq(6)), None, "another epoch");
        assert_eq!(lately.between(AccountId(2), seq(2), seq(6)), None);
    }

    #[test]
    fn what_does_not_follow_the_last_one_begins_anew() {
        let mut lately = with(3..=4);
        lately.add(OWNER, seq(7), late(8));
        assert_eq!(lately.between(OWNER, seq(2), seq(8)), None);
        assert_eq!(numbers(lately.between(OWNER, seq(7), seq(8))), Some(vec![8]));
    }

    #[test]
    fn what_was_passed_or_changed_is_held_no_longer() {
        let mut lately = with(3..=6);
        lately.passed(OWNER, seq(4));
        assert_eq!(numbers(lately.between(OWNER, seq(4), seq(6))), Some(vec![5, 6]));
        lately.passed(OWNER, seq(6));
        assert!(lately.young.is_empty());
        let mut lately = with(3..=6);
        lately.forget(OWNER);
        assert_eq!(lately.between(OWNER, seq(4), seq(6)), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut lately = with(1..=1_000);
        assert_eq!(lately.young[&OWNER].len(), ENTRIES_MAX);
        for owner in 2..5 * OWNERS_MAX as u64 {
            lately.add(AccountId(owner), seq(1), late(2));
            assert!(lately.young.len() <= OWNERS_MAX && lately.old.len() <= OWNERS_MAX);
            // Of whom something is stored again and again is not forgotten for those who never come.
            if owner.is_multiple_of(1_000) {
                lately.add(AccountId(1), seq(owner - 1), late(owner));
                assert!(lately.between(AccountId(1), seq(owner - 1), seq(owner)).is_some());
            }
        }
        assert!(lately.between(AccountId(2), seq(1), seq(2)).is_none());
    }
}
