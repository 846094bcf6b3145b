//! Tallies: what was sent of a pair's messages, and what of it was heard, once, in order.
//!
//! Numbers go in when they are sent and when they are heard; counts leave. Invariant: a number that was sent is at the end
//! either heard or lost, and never both.

use serde::{Deserialize, Serialize};

/// The messages of one pair.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    sent: u32,
    /// A bit for each number that was heard.
    heard: Vec<u64>,
    /// Heard at least up to here.
    next: u32,
    counts: Counts,
}

/// What became of messages.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// Given to the server.
    pub sent: u64,
    /// The server said that it has them; only doors that say so.
    pub acknowledged: u64,
    /// The server said no.
    pub refused: u64,
    /// Told to the other client, each counted once.
    pub heard: u64,
    /// Sent, not refused and never heard.
    pub lost: u64,
    /// Told again.
    pub duplicated: u64,
    /// Told after a later one.
    pub reordered: u64,
    /// Told, though nobody sent them.
    pub invented: u64,
}

impl Tally {
    /// The next number; it counts as sent.
    pub fn send(&mut self) -> u32 {
        let number = self.sent;
        self.sent += 1;
        number
    }

    /// So many were sent.
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// So many of them were heard or refused.
    pub fn settled(&self) -> u64 {
        self.counts.heard + self.counts.refused
    }

    /// A number was heard. `true`: for the first time.
    pub fn hear(&mut self, number: u32) -> bool {
        if number >= self.sent {
            self.counts.invented += 1;
            return false;
        }
        let (word, bit) = (number as usize / 64, 1_u64 << (number % 64));
        if self.heard.len() <= word {
            self.heard.resize(word + 1, 0);
        }
        if self.heard[word] & bit != 0 {
            self.counts.duplicated += 1;
            return false;
        }
        self.heard[word] |= bit;
        self.counts.heard += 1;
        if number < self.next {
            self.counts.reordered += 1;
        }
        self.next = self.next.max(number + 1);
        true
    }

    /// The server has one.
    pub fn acknowledge(&mut self) {
        self.counts.acknowledged += 1;
    }

    /// The server does not want one.
    pub fn refuse(&mut self) {
        self.counts.refused += 1;
    }

    /// What became of all of them.
    pub fn counts(&self) -> Counts {
        let sent = u64::from(self.sent);
        Counts { sent, lost: sent.saturating_sub(self.settled()), ..self.counts }
    }
}

impl Counts {
    /// Both together.
    pub fn add(&mut self, other: &Counts) {
        self.sent += other.sent;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.heard += other.heard;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
        self.invented += other.invented;
    }

    /// Everything that was sent was heard, once and in order.
    pub fn is_clean(&self) -> bool {
        self.sent == self.heard && self.lost + self.refused + self.duplicated + self.reordered + self.invented == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sent: u32, heard: impl IntoIterator<Item = u32>) -> Counts {
        let mut tally = Tally::default();
        for _ in 0..sent {
            tally.send();
        }
        for number in heard {
            tally.hear(number);
        }
        tally.counts()
    }

    #[test]
    fn all_that_was_sent_and_heard_once_in_order_is_clean() {
        assert!(of(1_000, 0..1_000).is_clean());
        assert!(of(0, []).is_clean());
    }

    #[test]
    fn what_is_lost_doubled_reordered_or_invented_is_counted_as_that() {
        let counts = of(200, (0..200).filter(|number| ![0, 63, 64, 199].contains(number)));
        assert_eq!((counts.lost, counts.heard, counts.is_clean()), (4, 196, false));
        let counts = of(5, [0, 1, 1, 2, 3, 4, 4]);
        assert_eq!((counts.duplicated, counts.heard, counts.lost, counts.is_clean()), (2, 5, 0, false));
        let counts = of(5, [0, 2, 1, 4, 3]);
        assert_eq!((counts.reordered, counts.heard, counts.is_clean()), (2, 5, false));
        let counts = of(2, [0, 1, 2, 900]);
        assert_eq!((counts.invented, counts.heard, counts.is_clean()), (2, 2, false));
    }

    #[test]
    fn what_was_refused_is_not_lost() {
        let mut tally = Tally::default();
        tally.send();
        tally.send();
        tally.refuse();
        let counts = tally.counts();
        assert_eq!((counts.refused, counts.lost, counts.is_clean()), (1, 1, false));
    }

    #[test]
    fn counts_of_several_pairs_add_up() {
        let mut all = of(10, 0..9);
        all.add(&of(5, 0..5));
        assert_eq!((all.sent, all.heard, all.lost), (15, 14, 1));
    }
}
