//! Hostile input to the XMPP door of a real server, on each transport: bombs, floods, smuggled and forged stanzas.
//!
//! What is promised where: the table "Hostile input" in docs/xmpp.md.

mod addresses;
mod bombs;
mod forged;
mod people;
mod relayed;
mod smuggled;
mod web;
