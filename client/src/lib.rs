//! The client library: talks to a Belfry server over its native protocol, docs/protocol.md.
//!
//! [`Client`] is a whole messenger without a face: it keeps an account, its messages and an outbox in SQLite, stays
//! connected and tells what happens as [`ClientEvent`]s. [`Link`] is one connection without memory, for tests and load
//! tools. Depends on the wire and on nothing else of the server.
//!
//! ```no_run
//! use belfry_client::{Client, ClientConfig, ClientEvent, ServerAddress};
//!
//! # async fn example() -> Result<(), belfry_client::ClientError> {
//! let config = ClientConfig::new(vec![ServerAddress::noise("localhost", 8080)]).with_store("bot.sqlite");
//! let (client, mut events) = Client::open(config).await?;
//! if client.account().await?.is_none() {
//!     client.add_device("bot@example.org", "the account's password", "bot").await?;
//! }
//! while let Some(event) = events.next().await {
//!     if let ClientEvent::Message(message) = event
//!         && !message.own
//!     {
//!         client.send(&message.peer, "Thank you.").await?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod backoff;
mod channel;
mod client;
mod config;
mod dial;
mod driver;
mod environment;
mod error;
mod flush;
mod invites;
mod later;
pub mod ledger;
mod link;
mod linking;
mod lobby;
mod mend;
mod model;
mod names;
mod people;
mod post;
mod presence;
mod session;
mod shared;
mod short;
mod store;
mod tls;
pub mod witness;
mod writers;

pub use address::{AddressError, Carrier, DEFAULT_PORT, ServerAddress};
pub use backoff::{Backoff, Ended};
pub use client::{Client, Events};
pub use config::{ClientConfig, StorePlace};
pub use dial::{BoxFuture, BoxIo, Dial, Io, STAGGER, Tcp};
pub use environment::{Environment, System};
pub use error::{ClientError, LinkError, Refusal, StoreError};
pub use link::{IN_FLIGHT_MAX, Link, LinkOptions, NOTIFICATIONS_MAX, Notifications, Told, fingerprint};
pub use linking::{LinkProgress, Linking};
pub use model::{Account, ClientEvent, Contact, Conversation, Delivery, End, Life, LobbyNews, LocalMessage, Message};
pub use post::post;
pub use tls::Trust;

/// The bodies of the protocol, as requests by [`Link`] carry them.
pub use belfry_wire::{operation, v1};
