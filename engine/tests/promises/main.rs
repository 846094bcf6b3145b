//! The engine's promises over memory ports, each test a sentence.

mod devices;
mod keeping;
mod later;
mod limits;
mod linking;
mod lobby;
mod messages;
mod registration;
mod sync_keys;
mod trace;
mod world;
