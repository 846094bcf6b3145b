//! Clients of the load tool that poll: the browser's sync protocol (docs/web-sync.md) over HTTP.
//!
//! Accounts and passwords go in once and credentials leave; with those a token is bought, and then a task checks, syncs and
//! sends as a page does. Invariant: a client holds one request for what comes, on a connection of its own, and sends one
//! message after the other on another one, so that HTTP changes no order.

mod client;
mod http;

pub(crate) use client::{Device, add_device, log_in, log_out, run};
