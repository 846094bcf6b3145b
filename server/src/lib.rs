//! The server: configuration, command line, wiring, lifecycle, listeners and TLS, telemetry.
//!
//! A command line comes in, an exit code leaves. This is the only crate that knows all others, that spawns tasks and that
//! opens listening sockets; it knows no rule of messaging and no frame. Begin reading at [`wire_up`].

pub mod admin;
pub mod cli;
pub mod config;
pub mod copies;
pub mod datadir;
pub mod exit;
pub mod lifecycle;
pub mod net;
pub mod supervisor;
pub mod telemetry;
pub mod wire_up;
