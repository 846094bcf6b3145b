//! The engine's promises over memory ports, each test a sentence.

mod keeping;
mod lobby;
mod messages;
mod registration;
mod world;
