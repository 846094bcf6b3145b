//! What a client is started with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::address::ServerAddress;
use crate::dial::{Dial, Tcp};
use crate::environment::{Environment, System};
use crate::tls::Trust;

/// Where a client keeps what it knows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum StorePlace {
    /// Nowhere: gone with the process.
    #[default]
    Memory,
    /// In this SQLite file, readable by its owner alone; its folder must exist.
    File(PathBuf),
}

/// What a client is started with.
#[derive(Clone)]
pub struct ClientConfig {
    /// Ways to the one server, tried in this order with a stagger.
    pub servers: Vec<ServerAddress>,
    /// Where to keep accounts, messages and the outbox.
    pub store: StorePlace,
    /// The server's Noise key, if it is known beforehand; else the first one seen is pinned.
    pub server_key: Option<[u8; 32]>,
    /// Whom to believe; needed for TLS.
    pub trust: Option<Trust>,
    /// Name and version of the program, told to the server for people.
    pub client: String,
    /// Whether messages go by HTTP while no long link can be made. Only over TLS or on loopback: the access token
    /// would be readable otherwise.
    pub short_link: bool,
    /// How to open connections.
    pub dialer: Arc<dyn Dial>,
    /// Time and randomness.
    pub environment: Arc<dyn Environment>,
}

impl ClientConfig {
    /// A client of the servers that keeps nothing.
    pub fn new(servers: Vec<ServerAddress>) -> ClientConfig {
        ClientConfig {
            servers,
            store: StorePlace::Memory,
            server_key: None,
            trust: None,
            client: concat!("belfry-client ", env!("CARGO_PKG_VERSION")).to_owned(),
            short_link: true,
            dialer: Arc::new(Tcp),
            environment: Arc::new(System),
        }
    }

    /// The same, with what it knows in a file.
    pub fn with_store(mut self, path: impl Into<PathBuf>) -> ClientConfig {
        self.store = StorePlace::File(path.into());
        self
    }
}
