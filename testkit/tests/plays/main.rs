//! Plays: what users see, through every door that can express it, against a real server with the embedded store.

mod contacts;
mod conversation;
mod devices;
mod later;
mod linking;
mod lobby;
mod mixed;
mod mixed_restart;
mod privacy;
mod restart;
