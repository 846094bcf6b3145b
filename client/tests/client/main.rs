//! The client against a small server in memory.

mod aside;
mod fake;
mod fake_later;
mod fake_people;
mod journeys;
mod kill;
mod people;
mod present;
