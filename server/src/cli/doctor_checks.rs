//! The checks of `belfry doctor`: each looks at one thing and says what it saw.
//!
//! A configuration comes in, findings leave. Invariant: nothing is made, opened for writing or changed; what the running
//! server can say better is asked of it.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use belfry_backend::SystemClock;
use belfry_domain::ports::Clock;
use rustix::process::{Resource, getrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::doctor::Finding;
use crate::admin::client::ask;
use crate::admin::{Answer, Request, Status};
use crate::config::Config;
use crate::config::convert::domain;
use crate::config::load::url_host;
use crate::datadir::made_for;
use crate::net::tls;

/// A certificate that ends sooner is warned about.
const CERTIFICATE_DAYS_MIN: i64 = 14;

/// Fewer descriptors than this are warned about.
const FILES_WARNED: u64 = 4_096;

/// 2025-01-01: a clock before that has never been set.
const CLOCK_MS_MIN: u64 = 1_735_689_600_000;

/// A port that does not answer within this does not answer.
const PORT_WAIT: Duration = Duration::from_secs(2);

/// All checks.
pub(super) async fn all(config: &Config) -> Vec<Finding> {
    let status = match ask(&config.admin_socket(), &Request::Status).await {
        Ok(Answer::Status(status)) => Some(*status),
        _ => None,
    };
    let mut findings = vec![server(config, status.as_ref()), data(&config.server.data), space(config)];
    // A running server knows better than the file where it listens: the command line may have said otherwise.
    let listening = status.iter().flat_map(|status| &status.listening).filter_map(|addr| addr.parse().ok());
    let addrs: Vec<SocketAddr> = if status.is_some() { listening.collect() } else { config.server.listen.clone() };
    for addr in addrs {
        findings.push(port(addr, status.is_some()).await);
    }
    findings.push(files(config));
    findings.push(certificate(config));
    findings.push(clock());
    findings.extend(reach(config));
    findings.extend(made_for_another_domain(config));
    findings
}

fn server(config: &Config, status: Option<&Status>) -> Finding {
    let Some(status) = status else {
        let socket = config.admin_socket();
        let seen = format!("none answers on {}", socket.display());
        return Finding::warning(
            "server",
            seen,
            "start it with `belfry serve`, or name its place with --data or --config",
        );
    };
    let seen = format!(
        "version {}, process {}, up {} s, {} of {} connections, {} panics",
        status.version, status.pid, status.uptime_s, status.connections, status.connections_max, status.panics
    );
    match &status.not_ready_because {
        Some(why) => {
            Finding::broken("server", format!("not ready: {why}"), "look at the disk and the log, then start it again")
        }
        None if status.version != env!("CARGO_PKG_VERSION") => {
            Finding::warning("server", seen, "it is of another version than this command: start it again")
        }
        None if status.panics > 0 => {
            Finding::warning("server", seen, "the log says where it panicked: please report it")
        }
        None if status.connections * 10 > status.connections_max * 9 => {
            Finding::warning("server", seen, "nearly full: raise the limit of open files or connections.max")
        }
        None => Finding::fine("server", seen),
    }
}

fn data(path: &Path) -> Finding {
    let shown = path.display();
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Finding::fine("data", format!("{shown} is not there yet; the first start makes it"))
        }
        Err(error) => {
            Finding::broken("data", format!("{shown}: {error}"), "give the server's user the right to enter it")
        }
        Ok(meta) if !meta.is_dir() => {
            Finding::broken("data", format!("{shown} is no directory"), "set server.data to one")
        }
        Ok(meta) if meta.uid() != rustix::process::geteuid().as_raw() => Finding::warning(
            "data",
            format!("{shown} belongs to user {}", meta.uid()),
            "run this command as the user of the server",
        ),
        Ok(meta) if meta.mode() & 0o077 != 0 => {
            let seen = format!("{shown} is open to others (mode {:03o})", meta.mode() & 0o777);
            Finding::warning("data", seen, format!("chmod 700 {shown}"))
        }
        Ok(_) => Finding::fine("data", format!("{shown} is private")),
    }
}

fn space(config: &Config) -> Finding {
    let existing = config.server.data.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let Ok(disk) = rustix::fs::statvfs(existing) else {
        return Finding::warning("disk", "cannot be asked", "look at it with df");
    };
    let mib = |bytes: u64| bytes / (1 << 20);
    let free = disk.f_bavail * disk.f_frsize;
    let least = config.store.free_min.0;
    let seen = format!("{} MiB free, at least {} needed", mib(free), mib(least));
    match free {
        _ if free < least => {
            Finding::broken("disk", seen, "make room, or lower store.free_min; messages are refused until then")
        }
        _ if free < least * 4 => Finding::warning("disk", seen, "make room before messages are refused"),
        _ => Finding::fine("disk", seen),
    }
}

/// Free for a server that shall start, or answered by the one that runs.
async fn port(addr: SocketAddr, server_runs: bool) -> Finding {
    if !server_runs {
        return match TcpListener::bind(addr).await {
            Ok(_) => Finding::fine("port", format!("{addr} is free")),
            Err(error) => {
                let mend = "stop what listens there (`ss -ltnp` says what), or change server.listen";
                Finding::broken("port", format!("{addr}: {error}"), mend)
            }
        };
    }
    let mut target = addr;
    if target.ip().is_unspecified() {
        let loopback = if target.is_ipv4() { "127.0.0.1" } else { "::1" };
        target.set_ip(loopback.parse().unwrap_or(target.ip()));
    }
    match timeout(PORT_WAIT, greet(target)).await {
        Ok(Ok(())) => Finding::fine("port", format!("{addr} answers")),
        Ok(Err(error)) => Finding::broken(
            "port",
            format!("{addr}: {error}"),
            "look at the server's log; if something else answers, start the server again",
        ),
        Err(_) => Finding::broken("port", format!("{addr} does not answer"), "look at the server's log and its load"),
    }
}

/// Asks whether HTTP is spoken there; any answer of HTTP will do.
async fn greet(addr: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut start = [0; 5];
    stream.read_exact(&mut start).await?;
    if &start == b"HTTP/" { Ok(()) } else { Err(io::Error::other("something else than Belfry answers")) }
}

fn files(config: &Config) -> Finding {
    let limit = getrlimit(Resource::Nofile);
    let wished = config.connections.max.map_or(0, |max| max as u64) + u64::from(config.store.files_open_max);
    let mend = "raise it: LimitNOFILE= in the systemd unit, or `ulimit -Hn` before the start";
    match limit.maximum {
        None => Finding::fine("open files", "without limit"),
        Some(most) if most < wished => {
            Finding::broken("open files", format!("at most {most}, {wished} needed for connections.max"), mend)
        }
        Some(most) if most < FILES_WARNED => Finding::warning("open files", format!("at most {most}"), mend),
        Some(most) => Finding::fine("open files", format!("at most {most}")),
    }
}

fn certificate(config: &Config) -> Finding {
    const WHAT: &str = "certificate";
    let own = tls::self_made_paths(&config.server.data).0;
    let path = config.tls.cert.clone().unwrap_or_else(|| own.clone());
    if config.tls.cert.is_none() && !own.exists() {
        return Finding::fine(WHAT, "the first start makes one");
    }
    let seen = match tls::look(&path) {
        Ok(seen) => seen,
        Err(error) => return Finding::broken(WHAT, format!("{error:#}"), "set tls.cert to a file in PEM form"),
    };
    let now_s = (SystemClock.now().0 / 1_000) as i64;
    let days = seen.expires_unix_s.map_or(0, |end| (end - now_s).div_euclid(86_400));
    let text = format!("{} ends in {days} days, SHA-256 {}", seen.path.display(), seen.fingerprint);
    match days {
        ..0 => Finding::broken(WHAT, text, "renew it and send the server SIGHUP"),
        0..CERTIFICATE_DAYS_MIN => Finding::warning(WHAT, text, "renew it soon and send the server SIGHUP"),
        _ if config.tls.cert.is_none() && config.reachable_from_elsewhere() => {
            Finding::warning(WHAT, format!("self-made; {text}"), "browsers warn about it: set tls.cert and tls.key")
        }
        _ => Finding::fine(WHAT, text),
    }
}

fn clock() -> Finding {
    let now = SystemClock.now().0;
    if now < CLOCK_MS_MIN {
        let seen = format!("{} s after 1970: it has not been set", now / 1_000);
        return Finding::broken("clock", seen, "set it, best by NTP (`timedatectl set-ntp true`)");
    }
    Finding::fine("clock", format!("{} s after 1970", now / 1_000))
}

/// A directory whose accounts are of another domain.
fn made_for_another_domain(config: &Config) -> Option<Finding> {
    let configured = domain(config);
    let made_for = made_for(&config.server.data).filter(|made_for| *made_for != configured)?;
    let seen = format!("{configured}, but the data directory was made for {made_for}");
    let mend = "set server.domain back, or give the new domain a data directory of its own";
    Some(Finding::warning("domain", seen, mend))
}

/// What others will stumble over.
fn reach(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if config.reachable_from_elsewhere() && config.server.domain == "localhost" {
        let mend = "set server.domain before the first account: it is part of every address";
        findings.push(Finding::warning("domain", "localhost, though others can reach this server", mend));
    }
    if config.reachable_from_elsewhere() && config.server.allow_plain {
        let mend = "only behind a proxy that does TLS; else set server.allow_plain = false";
        findings.push(Finding::warning("plain text", "allowed for everybody", mend));
    }
    if let Some(url) = config.server.public_url.as_deref()
        && url.starts_with("http://")
        && url_host(url).is_some_and(|host| host != "localhost")
    {
        findings.push(Finding::warning(
            "public URL",
            url.to_string(),
            "browsers keep a page without https from much: use https",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::doctor::State;
    use super::*;

    #[tokio::test]
    async fn a_port_that_is_taken_is_found_and_a_free_one_is_too() {
        let taken = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
        let addr = taken.local_addr().expect("it is bound");
        assert_eq!(port(addr, false).await.state, State::Broken);
        drop(taken);
        assert_eq!(port(addr, false).await.state, State::Fine);
        assert_eq!(port(addr, true).await.state, State::Broken);
    }

    #[test]
    fn a_directory_that_others_can_enter_is_warned_about() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a directory");
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).expect("its mode can be changed");
        assert_eq!(data(home.path()).state, State::Fine);
        assert_eq!(data(&home.path().join("absent")).state, State::Fine);
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).expect("its mode can be changed");
        let found = data(home.path());
        assert_eq!(found.state, State::Warning);
        assert!(found.mend.expect("a remedy").contains("chmod 700"));
    }

    #[test]
    fn a_server_for_others_under_the_name_of_loopback_is_warned_about() {
        let mut config = Config::default();
        assert!(reach(&config).is_empty());
        config.server.listen = vec!["0.0.0.0:443".parse().expect("an address")];
        config.server.allow_plain = true;
        assert_eq!(reach(&config).len(), 2);
    }
}
