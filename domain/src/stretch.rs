//! Stretches of message numbers: what a receipt says was never delivered.
//!
//! In come first and last numbers in any order; out comes a short list. Invariant: the list is sorted, its stretches
//! neither touch nor overlap, it never loses a number, and it has at most [`STRETCHES_MAX`] of them.

use crate::ids::Cseq;

/// The first and the last number of a stretch, both included.
pub type Stretch = (Cseq, Cseq);

/// Stretches that one receipt lists. Where there would be more, the two nearest become one: a message between them is then
/// said to be undelivered though it may have come, which is the lesser lie.
pub const STRETCHES_MAX: usize = 64;

/// Adds a stretch. Returns whether that says anything new.
pub fn add_stretch(list: &mut Vec<Stretch>, (first, last): Stretch) -> bool {
    if first > last || list.iter().any(|(from, to)| *from <= first && last <= *to) {
        return false;
    }
    let mut joined = (first, last);
    list.retain(|(from, to)| {
        let apart = *to < Cseq(joined.0.0.saturating_sub(1)) || *from > joined.1.next();
        if !apart {
            joined = (joined.0.min(*from), joined.1.max(*to));
        }
        apart
    });
    let at = list.partition_point(|(from, _)| *from < joined.0);
    list.insert(at, joined);
    if list.len() > STRETCHES_MAX {
        let gap = |at: usize| list[at + 1].0.0 - list[at].1.0;
        let nearest = (0..list.len() - 1).min_by_key(|at| gap(*at)).unwrap_or(0);
        let (_, to) = list.remove(nearest + 1);
        list[nearest].1 = to;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(stretches: &[(u64, u64)]) -> Vec<Stretch> {
        let mut list = Vec::new();
        for (first, last) in stretches {
            add_stretch(&mut list, (Cseq(*first), Cseq(*last)));
        }
        list
    }

    fn plain(list: &[Stretch]) -> Vec<(u64, u64)> {
        list.iter().map(|(first, last)| (first.0, last.0)).collect()
    }

    #[test]
    fn stretches_that_touch_or_overlap_become_one_in_any_order() {
        assert_eq!(plain(&listed(&[(1, 2), (3, 4)])), [(1, 4)]);
        assert_eq!(plain(&listed(&[(7, 9), (1, 2), (4, 5)])), [(1, 2), (4, 5), (7, 9)]);
        assert_eq!(plain(&listed(&[(7, 9), (1, 2), (4, 5), (2, 7)])), [(1, 9)]);
        assert_eq!(plain(&listed(&[(3, 3), (1, 1), (2, 2)])), [(1, 3)]);
    }

    #[test]
    fn what_is_known_says_nothing_new() {
        let mut list = listed(&[(1, 4)]);
        assert!(!add_stretch(&mut list, (Cseq(2), Cseq(3))));
        assert!(!add_stretch(&mut list, (Cseq(5), Cseq(4))), "an empty one");
        assert!(add_stretch(&mut list, (Cseq(4), Cseq(5))));
    }

    #[test]
    fn a_list_that_would_be_too_long_joins_the_nearest_and_loses_no_number() {
        let numbers: Vec<(u64, u64)> = (1..=STRETCHES_MAX as u64).map(|n| (n * 10, n * 10)).collect();
        let mut list = listed(&numbers);
        add_stretch(&mut list, (Cseq(13), Cseq(13)));
        assert_eq!(list.len(), STRETCHES_MAX);
        assert_eq!(plain(&list)[..2], [(10, 13), (20, 20)]);
        assert!(numbers.iter().all(|(n, _)| list.iter().any(|(from, to)| from.0 <= *n && *n <= to.0)));
    }
}
