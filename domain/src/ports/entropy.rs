//! The port of randomness.

/// Fills with random bytes that nobody can guess. Tests give a seeded one.
pub trait Entropy: Send + Sync {
    /// Overwrites `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// So many random bytes.
pub fn random_array<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
