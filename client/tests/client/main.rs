//! The client against a small server in memory.

mod aside;
mod fake;
mod fake_later;
mod journeys;
mod kill;
