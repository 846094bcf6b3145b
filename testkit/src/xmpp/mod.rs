//! Somebody with an XMPP client: streams over real connections to a real server.
//!
//! [`Stream`] is one stream, spoken by hand; [`Stock`] does what stock clients do: it logs in, asks for its roster and
//! carbons, counts stanzas, answers pings, and goes on with a stream that broke. It reads and writes with the door's own
//! [`belfry_xmpp::xml`]: what a parser and a client of other people make of the same server, `testkit/python` shows, and
//! a third one would tell these plays nothing more. Invariant: what has come is kept in its order until it was asked for.

mod bosh;
mod carrier;
mod stock;
mod stream;

pub use stock::Stock;
pub use stream::{Stream, Way, base64};
