//! The XMPP door: streams of stock clients on the same accounts, conversations and history as the native door.
//!
//! Connections come in from a listener with what is known of their peer; commands go to the engine, stanzas leave.
//! Knows no store, no frames and no listener. docs/xmpp.md says which RFCs and extensions are spoken, and how far.

mod about;
mod caps;
mod door;
mod error;
mod jid;
pub mod limits;
mod login;
mod management;
mod message;
pub mod ns;
mod roster;
mod sasl;
mod session;
mod vcard;
pub mod web;
mod wire;
pub mod xml;

pub use about::{About, Access, Service};
pub use door::{Door, EndPoint, Ended, Outcome, Security, serve, serve_frames};
pub use error::Condition;
pub use wire::{Broken, Frame, Frames};
