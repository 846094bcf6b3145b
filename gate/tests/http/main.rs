//! The HTTP face over the real engine and the memory store: through the router, and over real sockets where the parser
//! counts.

mod api;
mod docs;
mod house;
mod limits;
mod linking;
mod openapi;
mod page;
mod polls;
mod sockets;
mod web;
