//! What all connections share: caps, certificate, doors, the rules in force, the tokens that end them.
//!
//! Made once when the server starts. Invariant: every task of a connection is born here, so that a stop finds all.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use belfry_gate::Door;
use parking_lot::RwLock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::caps::Caps;
use super::tls::Tls;
use crate::config::Config;
use crate::config::cidr::Cidr;
use crate::lifecycle::Lifecycle;

/// What of the configuration each new connection is held to. Changes with a reload.
#[derive(Clone, Debug)]
pub struct Rules {
    /// No limits by address for these.
    pub exempt: Vec<Cidr>,
    /// These begin with a PROXY header.
    pub proxies: Vec<Cidr>,
    /// Plain text is for everybody, not only for this machine.
    pub allow_plain: bool,
    /// Time to say what is spoken, TLS handshake included.
    pub hello: Duration,
}

impl Rules {
    /// The rules of a configuration.
    pub fn of(config: &Config) -> Rules {
        Rules {
            exempt: config.connections.exempt.clone(),
            proxies: config.server.proxies.clone(),
            allow_plain: config.server.allow_plain,
            hello: config.connections.hello.duration(),
        }
    }

    /// Whether limits by address do not apply to it.
    pub fn exempt(&self, ip: IpAddr) -> bool {
        self.exempt.iter().any(|block| block.contains(ip))
    }

    /// Whether it may speak plain text.
    pub fn plain_allowed(&self, ip: IpAddr) -> bool {
        self.allow_plain || ip.is_loopback()
    }
}

/// What is counted of connections.
#[derive(Debug, Default)]
pub struct Counts {
    /// Sockets that could not be accepted.
    pub accept_errors: AtomicU64,
    /// Connections that ended before they had said what they speak.
    pub silent: AtomicU64,
    /// TLS handshakes that failed.
    pub tls_failed: AtomicU64,
    /// Connections that spoke XMPP.
    pub xmpp: AtomicU64,
    /// PROXY headers that were none.
    pub proxy_failed: AtomicU64,
    /// For the log of what is turned away.
    pub turned_away_told: AtomicU64,
}

/// To whom connections are handed.
pub struct Doors {
    /// HTTP and WebSocket.
    pub router: Router,
    /// The native door.
    pub native: Arc<Door>,
    /// The XMPP door; `None`: this server speaks none.
    pub xmpp: Option<Arc<belfry_xmpp::Door>>,
}

/// What all connections share.
pub struct Net {
    /// How many there may be.
    pub caps: Arc<Caps>,
    /// The certificate.
    pub tls: Tls,
    /// HTTP and WebSocket.
    pub router: Router,
    /// The native door.
    pub door: Arc<Door>,
    /// The XMPP door; `None`: this server speaks none.
    pub xmpp: Option<Arc<belfry_xmpp::Door>>,
    /// What is counted.
    pub counts: Counts,
    /// Connections end as soon as what they are doing is done.
    pub soft: CancellationToken,
    /// Connections end now.
    pub hard: CancellationToken,
    rules: RwLock<Arc<Rules>>,
    tasks: TaskTracker,
}

impl Net {
    /// Of these parts; `tasks` are those of connections, WebSockets included.
    pub fn new(
        caps: Arc<Caps>,
        tls: Tls,
        doors: Doors,
        rules: Rules,
        life: &Lifecycle,
        tasks: TaskTracker,
    ) -> Arc<Net> {
        let Doors { router, native: door, xmpp } = doors;
        Arc::new(Net {
            caps,
            tls,
            router,
            door,
            xmpp,
            counts: Counts::default(),
            soft: life.soft().clone(),
            hard: life.hard().clone(),
            rules: RwLock::new(Arc::new(rules)),
            tasks,
        })
    }

    /// The rules in force.
    pub fn rules(&self) -> Arc<Rules> {
        self.rules.read().clone()
    }

    /// Other rules for new connections.
    pub fn set_rules(&self, rules: Rules) {
        *self.rules.write() = Arc::new(rules);
    }

    /// Gives a connection its task. A panic in it ends it alone; the panic hook has counted it.
    pub fn spawn(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let hard = self.hard.clone();
        let _handle = self.tasks.spawn(async move {
            tokio::select! {
                () = hard.cancelled_owned() => {}
                () = connection => {}
            }
        });
    }

    /// Resolves when all tasks of connections have ended; no more may be spawned.
    pub async fn drained(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
