//! The client against a small server in memory.

mod fake;
mod journeys;
mod kill;
