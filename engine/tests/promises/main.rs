//! The engine's promises over memory ports, each test a sentence.

mod blocking;
mod contacts;
mod devices;
mod finding;
mod handing;
mod invites;
mod keeping;
mod later;
mod limits;
mod linking;
mod lobby;
mod messages;
mod presence;
mod presence_others;
mod presence_world;
mod registration;
mod resources;
mod sync_keys;
mod trace;
mod world;
