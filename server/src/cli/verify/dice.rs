//! Dice: all choices of a run from one seed.

/// SplitMix64: its whole state is its seed. Never for anything secret.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The same seed and lane give the same throws; lanes of one seed differ.
    pub fn new(seed: u64, lane: u64) -> Dice {
        let mut dice = Dice(seed ^ lane.wrapping_mul(0xD134_2543_DE82_EF95));
        dice.throw();
        dice
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below the limit, which is at least 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.throw() % limit.max(1)
    }

    /// Happens once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_throws_and_lanes_differ() {
        let throws = |seed, lane| {
            let mut dice = Dice::new(seed, lane);
            (0..20).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(throws(1, 2), throws(1, 2));
        assert_ne!(throws(1, 2), throws(1, 3));
        assert_ne!(throws(1, 2), throws(2, 2));
    }
}
