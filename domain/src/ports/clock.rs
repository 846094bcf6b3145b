//! The port of time.

use crate::ids::TimestampMs;

/// Tells what time it is. Waiting is the runtime's, whose clock tests can stop; this is for what is written down.
pub trait Clock: Send + Sync {
    /// Now, by the wall clock. It may jump; rules must not fail when it does.
    fn now(&self) -> TimestampMs;
}
