//! The native door over in-memory pipes, with the real engine over memory ports; each test a sentence.

mod blocking;
mod channel;
mod deadlines;
mod framing;
mod hostile;
mod linking;
mod messaging;
mod presence;
mod socket;
mod world;
