//! The native door: frames over TCP and WebSocket, and beside it the HTTP API and the web page.
//!
//! Connections come in from a listener with what is known of their peer; commands go to the engine, answers and
//! notifications leave. Knows no store, no XMPP and no listener. docs/protocol.md describes every byte.

mod assets;
pub mod convert;
pub mod http;
