//! The load tool: many clients at a server, and what they and the server's process say about it.
//!
//! A [`Plan`] comes in, a [`Report`] leaves. The clients are held by worker processes ([`work`]), so that one limit of files
//! is no limit; they speak the native protocol by the client library, poll over HTTP as a page does, and speak XMPP by a
//! client of their own that knows no more than the load needs, so that any XMPP server is measured by the very same tool.
//! What the server uses is read from /proc.
//!
//! What it is not: it judges no order of events beyond losses and duplicates (that is `belfry verify`), and it starts no
//! server (its caller does). Invariant: what the tool cannot keep up with is shown as its own lateness and its own CPU,
//! never as the server's.

mod crew;
mod flap;
mod latency;
mod limits;
mod native;
mod order;
mod poll;
mod post;
mod probe;
mod report;
mod room;
mod scenario;
mod schedule;
mod stamp;
mod talk;
mod tally;
mod target;
mod worker;
mod xmpp;

pub use crew::{Glance, Watch, WorkerProgram};
pub use latency::Latency;
pub use limits::limits;
pub use order::Pace;
pub use probe::{Machine, Probe, Sample};
pub use report::{Figure, Report};
pub use scenario::{Chat, Plan, Presence, Scenario, run};
pub use schedule::{Clock, Schedule, Wall};
pub use stamp::{Stamp, TEXT_BYTES_MIN};
pub use tally::{Counts, Tally};
pub use target::{Door, Target};
pub use worker::work;
pub use xmpp::Mechanism;
