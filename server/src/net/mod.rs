//! Listeners, TLS, and the way of a connection to its door.
//!
//! Sockets come in; what leaves to a door is a stream of bytes and who the peer is. Invariant: no door sees a listener,
//! a certificate or the sniffing.

pub mod caps;
pub mod connection;
pub mod guarded;
pub mod http;
pub mod listen;
pub mod proxy;
pub mod shared;
pub mod sniff;
pub mod tls;
pub mod x509;
pub mod xmpp;
