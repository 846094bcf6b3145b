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
//!
//! **People.** [`Client::contacts`] is the list of contacts, requests and blocked accounts, kept in the store and up to date
//! without being asked for: each change comes as [`ClientEvent::ContactChanged`], somebody who asks as
//! [`ClientEvent::ContactRequest`] too. A conversation of a stranger says so ([`Conversation::request`]); show it apart.
//! How people are there comes as [`ClientEvent::PresenceChanged`] and is kept in memory alone: [`Client::availability`] of
//! a contact is unspecified without a link. [`Client::watch`] looks at others, and at when somebody was there last. What
//! one wants of presence oneself ([`Client::set_presence`], [`Client::watch`]) is said again on every new link.
//!
//! ```no_run
//! use belfry_client::{Client, ClientEvent, Events};
//!
//! # async fn example(client: Client, mut events: Events) -> Result<(), belfry_client::ClientError> {
//! client.request_contact("ben@example.org", "Ann from the choir").await?;
//! while let Some(event) = events.next().await {
//!     match event {
//!         ClientEvent::ContactRequest { address, .. } => drop(client.accept_contact(&address).await?),
//!         ClientEvent::ContactChanged(contact) if contact.is_mutual() => {
//!             println!("{} is {:?}", contact.shown_name(), client.availability(&contact));
//!         }
//!         ClientEvent::PresenceChanged(presence) => println!("{}: {:?}", presence.address, presence.availability()),
//!         _ => {}
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
pub use session::{ACK_REST, ACK_SPACING, is_awaited};
pub use tls::Trust;

/// The bodies of the protocol, as requests by [`Link`] carry them.
pub use belfry_wire::{operation, v1};
