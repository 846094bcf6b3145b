//! `belfry serve`: the server itself.
//!
//! Invariant: a configuration that is read again on SIGHUP is taken whole or refused whole, and what the command line said
//! still holds.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result};
use belfry_engine::Settings;
use clap::Args;
use parking_lot::Mutex;

use super::{Place, print};
use crate::config::Config;
use crate::config::changes::{Change, Reloaded, reloaded};
use crate::config::convert::{domain, door_limits, public_url, settings, xmpp_limits};
use crate::config::xmpp::about;
use crate::exit::Exit;
use crate::lifecycle::Signals;
use crate::net::shared::Rules;
use crate::supervisor::Supervisor;
use crate::telemetry::logs;
use crate::wire_up::Server;

const HELP: &str = "\
Examples:
  belfry serve
  belfry serve --config /etc/belfry.toml
  belfry serve --data /var/lib/belfry --listen 127.0.0.1:8080 --listen [::1]:8080

Signals:
  SIGTERM, SIGINT  stop: no more connections, clients are told when to come back, what was accepted is on the
                   disk; a second one leaves at once
  SIGHUP           read the configuration and the certificate again; a wrong one is refused whole, and the log says
                   where. `belfry reload` does the same and says it at the terminal

Exit codes:
  0    all is well; a server that was asked to stop has stopped
  1    the command was not carried out; standard error says why
  2    the command line is not understood
  69   no server answers, or an address cannot be listened on
  70   a part of the server failed more than 5 times in 5 minutes
  74   the store failed; start again after looking at the disk
  75   another process holds the data directory
  78   the configuration is wrong; standard error says where
  130  a second signal ended the server at once";

/// Arguments of `belfry serve`.
#[derive(Args, Clone, Debug)]
#[command(after_help = HELP)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    place: Place,
    /// Listen here instead of where the configuration says; may be given several times
    #[arg(long, short, value_name = "ADDRESS:PORT")]
    listen: Vec<SocketAddr>,
}

impl ServeArgs {
    fn config(&self) -> Result<Config> {
        self.place.config_with(|config| {
            if !self.listen.is_empty() {
                config.server.listen.clone_from(&self.listen);
            }
        })
    }
}

/// Runs the server until it is stopped.
pub(super) fn serve(args: &ServeArgs) -> Result<ExitCode> {
    let config = args.config()?;
    logs::start(&config.log)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime could not be started")?;
    let exit = runtime.block_on(live(args, config));
    // Whatever has not ended by now was told to, twice.
    runtime.shutdown_background();
    exit.map(ExitCode::from)
}

async fn live(args: &ServeArgs, config: Config) -> Result<Exit> {
    let (signals, reloads) = Signals::listen()?;
    let server = Server::start(&config, reloads).await?;
    let supervisor = Supervisor::of_environment();
    server.supervise_life(&supervisor);
    greet(&server, &config)?;
    supervisor.ready();
    let (started, current) = (config.clone(), Mutex::new(config));
    let reload = || {
        reload(args, &server, &started, &current).map_err(|error| {
            let error = format!("{error:#}");
            tracing::error!(error, "the new configuration is refused; the old one stays in force");
            error
        })
    };
    let leave = || async {
        supervisor.stopping();
        let retry_after = current.lock().shutdown.retry_after;
        server.engine.begin_shutdown(retry_after.0);
        server.net.drained().await;
    };
    let exit = server.life.run(signals, reload, leave, || current.lock().shutdown.grace.duration()).await;
    server.close();
    tracing::info!(code = exit as u8, "stopped");
    Ok(exit)
}

/// Says where the server can be reached: the first thing that a person wants to know.
fn greet(server: &Server, config: &Config) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("Belfry {version} is ready for accounts of {}.\n", config.server.domain);
    for addr in &server.listening {
        let name = if addr.ip().is_loopback() { format!("localhost:{}", addr.port()) } else { addr.to_string() };
        let scheme = if addr.ip().is_loopback() || config.server.allow_plain { "http" } else { "https" };
        text.push_str(&format!("  listening on {addr}   open {scheme}://{name}\n"));
    }
    for addr in &server.listening_xmpp {
        text.push_str(&format!("  listening on {addr}   XMPP\n"));
    }
    if config.tls.cert.is_none() {
        text.push_str(&format!("  self-made certificate, SHA-256 {}\n", server.certificate.fingerprint));
    }
    print(&text)?;
    tracing::info!(listening = ?server.listening, connections_max = server.net.caps.max(), "ready");
    Ok(())
}

/// Takes the configuration as it is now. Everything that can fail comes first.
fn reload(args: &ServeArgs, server: &Server, started: &Config, current: &Mutex<Config>) -> Result<Reloaded> {
    let config = args.config()?;
    logs::check_level(&config.log)?;
    let certificate = server.net.tls.reload(&config)?;
    logs::set_level(&config.log)?;
    // The accounts are those of the domain that the server was started with, and so are its links; another holds after a
    // restart.
    let (domain, public_url) = (domain(started), public_url(started));
    server.engine.reload(Settings { domain, public_url, ..settings(&config) });
    server.net.set_rules(Rules::of(&config));
    server.net.door.set_limits(door_limits(&config));
    if let Some(xmpp) = &server.net.xmpp {
        xmpp.set_limits(xmpp_limits(&config));
        xmpp.set_about(about(&config));
    }
    server
        .net
        .caps
        .set_before_login(config.connections.before_login_per_address, config.connections.before_login_one_in);
    let old = std::mem::replace(&mut *current.lock(), config.clone());
    let reloaded = reloaded(started, &old, &config);
    let told = |changes: &[Change]| -> Vec<String> {
        changes.iter().map(|Change { key, old, new }| format!("{key}: {old} -> {new}")).collect()
    };
    let changed = told(&reloaded.changed);
    tracing::info!(fingerprint = certificate.fingerprint, ?changed, "the configuration was read again");
    if !reloaded.needs_restart.is_empty() {
        let needs_restart = told(&reloaded.needs_restart);
        tracing::warn!(?needs_restart, "these keys are looked at only when the server starts: restart it for them");
    }
    Ok(reloaded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::TABLE;

    #[test]
    fn the_help_and_the_operations_document_have_every_exit_code() {
        let document = include_str!("../../../docs/operations.md");
        for (exit, meaning) in TABLE {
            let code = *exit as u8;
            assert!(HELP.contains(&format!("  {code:<3}  {meaning}")), "the help lacks {code}: {meaning}");
            assert!(document.contains(&format!("| {code} | {meaning} |")), "the document lacks {code}: {meaning}");
        }
    }
}
