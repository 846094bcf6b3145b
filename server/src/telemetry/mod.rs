//! What the server tells its operator: the log, figures for Prometheus, whether it lives and is ready.
//!
//! Invariant: no text of a message, PIN, password, key or name of a person leaves by any of these.

pub mod health;
pub mod listener;
pub mod logs;
pub mod metrics;
pub mod page;
