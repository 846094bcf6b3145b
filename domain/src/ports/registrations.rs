//! The port that keeps the state of PINs, so that a restart gives nobody new tries.

use async_trait::async_trait;

use crate::account::Registration;
use crate::address::Phone;
use crate::ports::StoreError;

/// Registrations by phone number.
#[async_trait]
pub trait Registrations: Send + Sync {
    /// The state of a number; the default if nothing is known of it.
    async fn registration(&self, phone: &Phone) -> Result<Registration, StoreError>;

    /// Writes `next` if the state still is `expected` and says whether it did: so of two tries at once one sees the
    /// other's. Durable when it returns.
    async fn swap_registration(
        &self,
        phone: &Phone,
        expected: &Registration,
        next: Registration,
    ) -> Result<bool, StoreError>;
}
