//! The engine's promises over memory ports, each test a sentence.

mod later;
mod lobby;
mod messages;
mod registration;
mod world;
