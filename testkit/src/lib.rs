//! Starts real servers and lets people speak to them through every door, for plays and fault tests.
//!
//! A [`Server`] is the `belfry` binary in a folder of its own on free loopback ports; a [`Person`] asks for operations
//! and is told events through one [`Door`]; a [`Stock`] comes in by XMPP; [`Someone`] is either. Invariant: everything that is started here is stopped when it is dropped.

pub mod http;
pub mod person;
pub mod server;
pub mod someone;
pub mod xmpp;

pub use person::{Door, Person};
pub use server::Server;
pub use someone::Someone;
pub use xmpp::Stock;
