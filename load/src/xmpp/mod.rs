//! XMPP clients of the load tool: as little of a client as a server needs to see a client.
//!
//! Accounts go in, logged-in streams leave, and then a task that answers what a server asks, sends what it is told to and
//! reports the stamps it hears. Knows nothing of Belfry: every XMPP server is driven by the same bytes. Invariant: what a
//! stock client would answer (pings, counts) is answered, so that no server waits for it.

mod client;
mod login;
mod sasl;
mod scan;

pub(crate) use client::run;
pub(crate) use login::log_in;
pub use sasl::Mechanism;
pub(crate) use sasl::Salted;
