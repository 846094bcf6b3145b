//! The XMPP door over pipes: streams made by hand, against an engine over memory ports.

mod archive;
mod changes;
mod login;
mod manage;
mod messages;
mod people;
mod sasl2;
mod world;
