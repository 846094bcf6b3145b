//! The XMPP door over pipes: streams made by hand, against an engine over memory ports.

mod login;
mod world;
