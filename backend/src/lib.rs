//! Adapters of the ports: what the rules of Belfry need from a real machine.
//!
//! Intents come in through the traits of `belfry-domain` and leave as files, system calls or requests. This crate knows
//! neither the rules nor the doors.

pub mod embedded;
pub mod sms;
pub mod system;

pub use embedded::{EmbeddedOptions, EmbeddedStore};
pub use sms::{FileSms, LogSms, WebhookSms};
pub use system::{OsEntropy, SystemClock};
