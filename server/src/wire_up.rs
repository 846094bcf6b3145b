//! Puts the parts together: configuration, data directory, store, engine, doors, listeners.
//!
//! A [`Config`] comes in, a running [`Server`] leaves. Invariant: whatever can be refused is refused before the first
//! client is answered, and each long task is born supervised.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use belfry_backend::embedded::OpenError;
use belfry_backend::sms::{FileSms, LogSms, WebhookSms};
use belfry_backend::{EmbeddedOptions, EmbeddedStore, OsEntropy, SystemClock};
use belfry_domain::Secret;
use belfry_domain::ports::{Clock, Entropy, Sms};
use belfry_engine::{Engine, Ports, Secrets};
use belfry_gate::http::{Hosts, HttpState, router};
use belfry_gate::{Door, StaticKey};
use belfry_xmpp::web;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, UnixListener};
use tokio_util::task::TaskTracker;

use crate::admin;
use crate::config::convert::{domain, door_limits, settings, xmpp_limits};
use crate::config::load::url_host;
use crate::config::xmpp::about;
use crate::config::{Config, SmsAdapter};
use crate::datadir::{DataDir, made_for};
use crate::exit::{Exit, Fail};
use crate::lifecycle::{Lifecycle, Reloads};
use crate::net::caps::Caps;
use crate::net::shared::{Doors, Net, Rules};
use crate::net::tls::{Seen, Tls};
use crate::net::{self, http, listen};
use crate::supervisor::Supervisor;
use crate::telemetry::health::Health;
use crate::telemetry::listener;
use crate::telemetry::metrics::Figures;

/// Descriptors for everything but clients and the store's files: logs, sockets of commands, Prometheus, reserve.
const FILES_RESERVED: u64 = 128;

/// Connections that there may be however few descriptors there are.
const CONNECTIONS_MIN: usize = 64;

/// A running server.
pub struct Server {
    /// Its life.
    pub life: Lifecycle,
    /// The rules.
    pub engine: Engine,
    /// The connections.
    pub net: Arc<Net>,
    /// Where it listens.
    pub listening: Vec<SocketAddr>,
    /// Where it listens for XMPP beside that.
    pub listening_xmpp: Vec<SocketAddr>,
    /// Its certificate.
    pub certificate: Seen,
    store: Arc<EmbeddedStore>,
    /// Held until the server is gone.
    _data: DataDir,
}

/// How the store of a data directory is opened.
pub fn store_options(config: &Config, data: &DataDir) -> EmbeddedOptions {
    let mut options = EmbeddedOptions::new(data.store());
    options.cache_bytes = usize::try_from(config.store.cache.0).unwrap_or(usize::MAX);
    options.open_files_max = i32::try_from(config.store.files_open_max).unwrap_or(i32::MAX);
    options.free_bytes_min = config.store.free_min.0;
    options
}

/// Opens the store of a data directory.
pub fn open_store(config: &Config, data: &DataDir) -> Result<EmbeddedStore> {
    EmbeddedStore::open(store_options(config, data)).map_err(|error| {
        let exit = if matches!(error, OpenError::InUse(_)) { Exit::InUse } else { Exit::StoreFailed };
        Fail::new(exit, error.to_string()).into()
    })
}

impl Server {
    /// Starts everything.
    pub async fn start(config: &Config, reloads: Reloads) -> Result<Server> {
        let data = DataDir::open(&config.server.data)?;
        // Sockets first: a port that is taken is told at once, and clients of a restart wait in the backlog.
        let mut listeners = bind_all(&config.server.listen)?;
        let listening: Vec<SocketAddr> = listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
        let for_xmpp = bind_xmpp(config);
        let listening_xmpp: Vec<SocketAddr> = for_xmpp.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
        listeners.extend(for_xmpp);
        let metrics = config.metrics.listen.0.map(listen::bind).transpose()?;
        let commands = admin::server::bind(&config.admin_socket())?;
        let (tls, certificate) = Tls::new(config).map_err(|error| Fail::new(Exit::Config, format!("{error:#}")))?;
        let max = connections_max(config);

        let store = Arc::new(tokio::task::block_in_place(|| open_store(config, &data))?);
        let engine = engine(config, &data, &store)?;
        look_at_domain(config, &data, &engine).await?;
        let life = Lifecycle::default();
        let caps = Caps::new(max, config.connections.before_login_per_address);
        caps.set_before_login(config.connections.before_login_per_address, config.connections.before_login_one_in);
        let links = TaskTracker::new();
        let door = Arc::new(Door::new(engine.clone(), StaticKey::new(data.key("noise", &OsEntropy)?)));
        door.set_limits(door_limits(config));
        let xmpp = config.xmpp.enabled.then(|| Arc::new(belfry_xmpp::Door::new(engine.clone())));
        if let Some(xmpp) = &xmpp {
            xmpp.set_limits(xmpp_limits(config));
            xmpp.set_about(about(config));
        }
        let hosts = hosts(config, &listening);
        let over_web = xmpp.clone().map_or_else(Router::new, |door| {
            let listener = Box::new(net::xmpp::Web { hosts: hosts.clone() });
            web::router(web::Web::new(door, listener, life.soft().clone(), links.clone()))
        });
        let state = HttpState::new(door.clone(), hosts, life.soft().clone(), links.clone());
        let router = http::observed(router(state, over_web));
        let net = Net::new(caps.clone(), tls, Doors { router, native: door, xmpp }, Rules::of(config), &life, links);

        let health = Health::new(life.clone(), store.clone());
        let server = Server { life, engine, net, listening, listening_xmpp, certificate, store, _data: data };
        server.supervise_listeners(listeners);
        server.supervise_store();
        server.supervise_commands(commands, &health, config, reloads);
        if let Some(metrics) = metrics {
            server.supervise_metrics(metrics, health);
        }
        Ok(server)
    }

    fn supervise_listeners(&self, listeners: Vec<TcpListener>) {
        for listener in listeners {
            let (listener, net, stop) = (Arc::new(listener), self.net.clone(), self.life.soft().clone());
            self.life.supervise("net.listen", self.life.soft(), move || {
                let (listener, net, stop) = (listener.clone(), net.clone(), stop.clone());
                async move {
                    listen::accept(&listener, &net, &stop).await;
                    Ok(())
                }
            });
        }
    }

    fn supervise_store(&self) {
        let (engine, stop) = (self.engine.clone(), self.life.soft().clone());
        self.life.supervise("engine.janitor", self.life.soft(), move || {
            let (engine, stop) = (engine.clone(), stop.clone());
            async move { Ok(engine.run_janitor(stop.cancelled_owned()).await?) }
        });
        let (engine, stop) = (self.engine.clone(), self.life.soft().clone());
        self.life.supervise("engine.presence", self.life.soft(), move || {
            let (engine, stop) = (engine.clone(), stop.clone());
            async move { Ok(engine.run_presence(stop.cancelled_owned()).await?) }
        });
        let (engine, store, stop) = (self.engine.clone(), self.store.clone(), self.life.soft().clone());
        self.life.supervise("engine.admission", self.life.soft(), move || {
            let (engine, store, stop) = (engine.clone(), store.clone(), stop.clone());
            async move {
                let gauges = store.gauges();
                let waits = || gauges.queue_wait().max(gauges.take_answers_wait());
                engine.run_admission(stop.cancelled_owned(), waits).await;
                Ok(())
            }
        });
        let (store, life, stop) = (self.store.clone(), self.life.clone(), self.life.hard().clone());
        self.life.supervise("store.watch", self.life.hard(), move || {
            let (store, life, stop) = (store.clone(), life.clone(), stop.clone());
            async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    reason = store.failed() => {
                        tracing::error!(reason, "the store failed: stopping, since nothing more can be kept safely");
                        life.fail(Exit::StoreFailed);
                        stop.cancelled().await;
                    }
                }
                Ok(())
            }
        });
    }

    fn supervise_commands(&self, socket: UnixListener, health: &Health, config: &Config, reloads: Reloads) {
        let admin = admin::server::Admin {
            engine: self.engine.clone(),
            store: self.store.clone(),
            data: config.server.data.clone(),
            health: health.clone(),
            caps: self.net.caps.clone(),
            listening: Arc::new(self.listening.iter().map(ToString::to_string).collect()),
            reloads,
        };
        let (socket, stop) = (Arc::new(socket), self.life.hard().clone());
        self.life.supervise("admin.socket", self.life.hard(), move || {
            admin::server::serve(socket.clone(), admin.clone(), stop.clone())
        });
    }

    fn supervise_metrics(&self, socket: TcpListener, health: Health) {
        let figures = Figures {
            engine: self.engine.clone(),
            store: self.store.clone(),
            net: self.net.clone(),
            life: self.life.clone(),
            health,
        };
        let (socket, stop) = (Arc::new(socket), self.life.hard().clone());
        self.life.supervise("metrics.listen", self.life.hard(), move || {
            listener::serve(socket.clone(), figures.clone(), stop.clone())
        });
    }

    /// Says to the supervisor that the server is alive, as often as it wants to hear it. Said by a task beside all
    /// others: a runtime whose threads are all stuck says nothing, and is started again.
    pub fn supervise_life(&self, supervisor: &Supervisor) {
        let Some(every) = supervisor.alive_every() else { return };
        let supervisor = supervisor.clone();
        self.life.supervise("supervisor.alive", self.life.hard(), move || {
            let supervisor = supervisor.clone();
            async move {
                loop {
                    supervisor.alive();
                    tokio::time::sleep(every).await;
                }
            }
        });
    }

    /// Finishes what the store still has to write and lets go of everything.
    pub fn close(self) {
        self.store.close();
    }
}

fn bind_all(addrs: &[SocketAddr]) -> Result<Vec<TcpListener>> {
    addrs.iter().map(|addr| listen::bind(*addr)).collect()
}

/// The sockets for XMPP. Others may hold these ports for good reasons, and the common ports speak XMPP too.
fn bind_xmpp(config: &Config) -> Vec<TcpListener> {
    let wanted = config.xmpp.listen.iter().filter(|_| config.xmpp.enabled);
    let bind = |addr: &SocketAddr| {
        let bound = listen::bind(*addr);
        bound.inspect_err(|error| tracing::warn!(%error, "XMPP is not served on this address (xmpp.listen)")).ok()
    };
    wanted.filter_map(bind).collect()
}

fn engine(config: &Config, data: &DataDir, store: &Arc<EmbeddedStore>) -> Result<Engine> {
    let entropy = Arc::new(OsEntropy);
    let secrets = Secrets { token_key: data.key("token", &*entropy)?, pin_pepper: data.key("pin", &*entropy)? };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ports = Ports { store: store.clone(), clock, entropy: entropy as Arc<dyn Entropy>, sms: sms(config)? };
    Ok(Engine::new(ports, settings(config), secrets))
}

/// Warns when the accounts of the directory are of another domain: nobody of them could log in or be written to. One
/// without a mark, as earlier versions made and a restore makes, is known by its first account.
async fn look_at_domain(config: &Config, data: &DataDir, engine: &Engine) -> Result<()> {
    let configured = domain(config);
    let first = match made_for(data.path()) {
        Some(_) => None,
        None => engine.admin_list_accounts(None, 1).await.ok().and_then(|accounts| accounts.into_iter().next()),
    };
    let first = first.map(|account| account.address.domain().to_owned());
    data.remember_domain(first.as_deref().unwrap_or(&configured))?;
    if let Some(made_for) = made_for(data.path()).filter(|made_for| *made_for != configured) {
        tracing::warn!(
            made_for,
            configured,
            "the data directory was made for another domain: its accounts cannot be reached under this one; set \
             server.domain back, or give the new domain a directory of its own"
        );
    }
    Ok(())
}

fn sms(config: &Config) -> Result<Arc<dyn Sms>> {
    Ok(match config.sms.adapter {
        SmsAdapter::File => Arc::new(FileSms::new(&config.sms.file)),
        SmsAdapter::Log => Arc::new(LogSms),
        SmsAdapter::Webhook => {
            let url = config.sms.url.as_deref().context("checked when the configuration was read")?;
            let hook = WebhookSms::new(url).map_err(|error| Fail::new(Exit::Config, format!("sms.url: {error}")))?;
            match &config.sms.webhook_token {
                None => Arc::new(hook),
                Some(token) => {
                    let wrong = |error| Fail::new(Exit::Config, format!("sms.webhook_token: {error}"));
                    Arc::new(hook.with_token(&Secret::new(token.0.clone())).map_err(wrong)?)
                }
            }
        }
    })
}

/// The names under which HTTP is answered; loopback's are always among them.
fn hosts(config: &Config, listening: &[SocketAddr]) -> Hosts {
    let mut names = config.server.hosts.clone();
    names.push(domain(config));
    names.extend(config.server.public_url.as_deref().and_then(url_host).map(String::from));
    let addresses = listening.iter().map(SocketAddr::ip).filter(|ip| !ip.is_unspecified() && !ip.is_loopback());
    names.extend(addresses.map(|ip| if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() }));
    Hosts::new(names)
}

/// Raises the limit of open files as far as it goes and says how many connections fit under it.
fn connections_max(config: &Config) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let taken = FILES_RESERVED + u64::from(config.store.files_open_max);
    // No limit at all: as many as there are ports of one client times some dozens.
    let room = files.map_or(1_000_000, |files| files.saturating_sub(taken));
    let room = usize::try_from(room).unwrap_or(usize::MAX).max(CONNECTIONS_MIN);
    match config.connections.max {
        Some(max) if max > room => {
            tracing::warn!(
                wished = max,
                possible = room,
                "connections.max is over what the limit of open files allows"
            );
            room
        }
        Some(max) => max,
        None => room,
    }
}
