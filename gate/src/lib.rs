//! The native door: frames over TCP and WebSocket, and beside it the HTTP API and the web page.
//!
//! Connections come in from a listener with what is known of their peer; commands go to the engine, answers and
//! notifications leave. Knows no store, no XMPP and no listener. docs/protocol.md describes every byte.

mod assets;
pub mod carrier;
pub mod convert;
mod door;
pub mod limits;
mod session;

pub use belfry_wire::noise::StaticKey;
pub use carrier::{Broken, Carrier, Socket};
pub use door::{Door, Outcome, Trust, serve, serve_socket};
pub mod http;
