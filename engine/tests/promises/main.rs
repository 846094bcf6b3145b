//! The engine's promises over memory ports, each test a sentence.

mod devices;
mod keeping;
mod later;
mod linking;
mod lobby;
mod messages;
mod presence;
mod presence_others;
mod presence_world;
mod registration;
mod sync_keys;
mod trace;
mod world;
