//! Starts servers and people for tests: placeholder until the first play.
