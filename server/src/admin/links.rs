//! Open links on the admin socket: how a page of them is asked for and written down.
//!
//! A page of the engine comes in; lines that go into an answer leave. Invariant: a page fits an answer.

use belfry_engine::{LinkView, LinksPage};
use serde::{Deserialize, Serialize};

/// Links in one page: some 300 bytes each, far from the longest answer.
pub const PAGE_LINKS: usize = 500;

/// An open link as the list shows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LinkLine {
    /// Its number, counted since the server was started.
    pub link: u64,
    /// The account.
    pub address: String,
    /// The device.
    pub device: u32,
    /// What its owner calls it; empty: it was removed a moment ago.
    pub device_name: String,
    /// How it came: `tcp+noise`, `tcp+tls`, `ws+tls`, `http+tls` …; the last is a held poll.
    pub carrier: String,
    /// Where it comes from.
    pub from: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

/// A page as it goes into an answer.
pub fn lines(page: LinksPage) -> (Vec<LinkLine>, Option<u64>) {
    (page.links.into_iter().map(line).collect(), page.more_after)
}

fn line(view: LinkView) -> LinkLine {
    let LinkView { link, address, device } = view;
    let from = std::net::SocketAddr::new(link.from.ip, link.from.port);
    LinkLine {
        link: link.number,
        address: address.to_string(),
        device: link.device.0,
        device_name: device.map(|device| device.name.clone()).unwrap_or_default(),
        carrier: link.from.carrier.to_string(),
        from: from.to_string(),
        since_ms: link.since.0,
    }
}
