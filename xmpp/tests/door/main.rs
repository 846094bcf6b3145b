//! The XMPP door over pipes: streams made by hand, against an engine over memory ports.

mod archive;
mod between;
mod careful;
mod changes;
mod cut;
mod displayed;
mod invited;
mod login;
mod manage;
mod messages;
mod passwords;
mod people;
mod private;
mod registration;
mod resources;
mod rosters;
mod sasl2;
mod server;
mod state;
mod web;
mod world;
