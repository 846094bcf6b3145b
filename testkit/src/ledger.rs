//! The ledger: what clients meant, what they were answered, what devices got; and whether the three agree.
//!
//! Senders write each intent before the send and its outcome after; devices write each message they were given. The
//! [`Verdict`] counts what was acknowledged and is missing, what is there twice, out of order, or was never sent.

use std::collections::HashMap;

/// What a sender was answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    /// Stored at this place of the conversation.
    Acknowledged(u64),
    /// No answer (yet).
    Unknown,
}

/// Intents and outcomes of all senders.
#[derive(Debug, Default)]
pub struct Ledger {
    /// (conversation of sender and receiver, text) -> outcome. Texts are unique.
    sent: HashMap<(String, String), Outcome>,
}

/// What the ledger found for one or more receivers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// Messages whose senders were answered.
    pub acknowledged: usize,
    /// Messages whose senders were not answered.
    pub unknown: usize,
    /// Acknowledged, not there.
    pub lost: usize,
    /// There more than once.
    pub duplicated: usize,
    /// Not in the order of the conversation, or at another place than was answered.
    pub reordered: usize,
    /// There, and never sent.
    pub phantom: usize,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.lost + self.duplicated + self.reordered + self.phantom == 0
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Verdict) -> Verdict {
        Verdict {
            acknowledged: self.acknowledged + other.acknowledged,
            unknown: self.unknown + other.unknown,
            lost: self.lost + other.lost,
            duplicated: self.duplicated + other.duplicated,
            reordered: self.reordered + other.reordered,
            phantom: self.phantom + other.phantom,
        }
    }
}

impl Ledger {
    /// Somebody is about to send this text, for the first or another time.
    pub fn intend(&mut self, receiver: &str, text: &str) {
        self.sent.entry((receiver.to_owned(), text.to_owned())).or_insert(Outcome::Unknown);
    }

    /// It was answered that it is stored at this place. `false`: an earlier answer named another place.
    pub fn acknowledged(&mut self, receiver: &str, text: &str, cseq: u64) -> bool {
        let key = (receiver.to_owned(), text.to_owned());
        match self.sent.insert(key, Outcome::Acknowledged(cseq)) {
            Some(Outcome::Acknowledged(before)) => before == cseq,
            Some(Outcome::Unknown) | None => true,
        }
    }

    /// Judges what one receiver has: (conversation, place, text), in the order it was given.
    pub fn judge(&self, receiver: &str, got: &[(u64, u64, String)]) -> Verdict {
        let mut verdict = Verdict::default();
        let mut places: HashMap<&str, Vec<u64>> = HashMap::new();
        let mut last: HashMap<u64, u64> = HashMap::new();
        for (conversation, cseq, text) in got {
            places.entry(text).or_default().push(*cseq);
            let before = last.insert(*conversation, *cseq);
            verdict.reordered += usize::from(before.is_some_and(|before| before >= *cseq));
            verdict.phantom += usize::from(!self.sent.contains_key(&(receiver.to_owned(), text.clone())));
        }
        for ((to, text), outcome) in &self.sent {
            if to != receiver {
                continue;
            }
            let found = places.get(text.as_str()).map_or(&[][..], Vec::as_slice);
            verdict.duplicated += found.len().saturating_sub(1);
            match outcome {
                Outcome::Acknowledged(cseq) => {
                    verdict.acknowledged += 1;
                    verdict.lost += usize::from(found.is_empty());
                    verdict.reordered += usize::from(found.first().is_some_and(|place| place != cseq));
                }
                Outcome::Unknown => verdict.unknown += 1,
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        for (text, cseq) in [("a", 1), ("b", 2), ("c", 3)] {
            ledger.intend("bob", text);
            assert!(ledger.acknowledged("bob", text, cseq));
        }
        ledger.intend("bob", "d");
        ledger
    }

    fn got(items: &[(u64, &str)]) -> Vec<(u64, u64, String)> {
        items.iter().map(|(cseq, text)| (1, *cseq, (*text).to_owned())).collect()
    }

    #[test]
    fn a_clean_history_is_clean_whether_or_not_the_unknown_one_is_there() {
        for items in [&[(1, "a"), (2, "b"), (3, "c")][..], &[(1, "a"), (2, "b"), (3, "c"), (4, "d")][..]] {
            let verdict = ledger().judge("bob", &got(items));
            assert!(verdict.is_clean(), "{verdict:?}");
            assert_eq!((verdict.acknowledged, verdict.unknown), (3, 1));
        }
    }

    #[test]
    fn each_planted_fault_is_found() {
        let judged = |items| ledger().judge("bob", &got(items));
        assert_eq!(judged(&[(1, "a"), (3, "c")]).lost, 1);
        assert_eq!(judged(&[(1, "a"), (2, "b"), (3, "c"), (4, "c")]).duplicated, 1);
        assert_eq!(judged(&[(2, "b"), (1, "a"), (3, "c")]).reordered, 1);
        assert_eq!(judged(&[(1, "b"), (2, "a"), (3, "c")]).reordered, 2);
        assert_eq!(judged(&[(1, "a"), (2, "b"), (3, "c"), (4, "x")]).phantom, 1);
        assert!(!ledger().acknowledged("bob", "a", 9), "an id may not be acknowledged at two places");
    }
}
