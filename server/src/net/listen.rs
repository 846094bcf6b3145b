//! The listening sockets: takes connections, turns away what is too many, hands each of the rest to a task.
//!
//! Addresses come in, tasks of [`super::connection`] leave. Invariant: running out of descriptors slows accepting down and
//! never ends it; whoever is turned away costs no task.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::connection;
use super::shared::Net;
use crate::exit::{Exit, Fail};

/// Connections that the kernel holds while we are busy: all clients of a large server that come back at once.
const BACKLOG: u32 = 4096;

/// Waiting after an error of accepting: at first, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// A silent connection is probed after this, then so often; after 4 unanswered probes it is closed.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(30));

/// Sent bytes that are not acknowledged for so long end the connection.
const UNACKNOWLEDGED_MS_MAX: u32 = 60_000;

/// Opens a listening socket.
pub fn bind(addr: SocketAddr) -> Result<TcpListener> {
    let open = || -> io::Result<TcpListener> {
        let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // So that a restart does not wait for the sockets of the run before.
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|error| {
        let remedy = match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there: stop it, or choose another with --listen",
            io::ErrorKind::PermissionDenied => {
                "ports below 1024 need the right CAP_NET_BIND_SERVICE: choose a higher one"
            }
            io::ErrorKind::AddrNotAvailable => "this machine does not have that address: choose another with --listen",
            _ => "choose another address with --listen",
        };
        Fail::new(Exit::Unavailable, format!("cannot listen on {addr}: {error}; {remedy}")).into()
    })
}

/// Takes connections until `stop`.
pub async fn accept(listener: &TcpListener, net: &Arc<Net>, stop: &CancellationToken) {
    let mut wait = BACK_OFF.0;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, remote)) => {
                wait = BACK_OFF.0;
                take(stream, remote, net);
            }
            // The client was gone before we came; nothing is wrong here.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                net.counts.accept_errors.fetch_add(1, Ordering::Relaxed);
                if wait == BACK_OFF.0 {
                    tracing::warn!(%error, "a connection could not be accepted; waiting a little before the next");
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep(wait) => {}
                }
                wait = (wait * 2).min(BACK_OFF.1);
            }
        }
    }
}

/// Gives one connection its task, or closes it.
fn take(stream: TcpStream, remote: SocketAddr, net: &Arc<Net>) {
    let ip = remote.ip().to_canonical();
    let rules = net.rules();
    let proxied = rules.proxies.iter().any(|block| block.contains(ip));
    // A load balancer's own address says nothing about its clients; they are counted when it has named them.
    let permit = match net.caps.admit(ip, proxied || rules.exempt(ip)) {
        Ok(permit) => permit,
        Err(full) => {
            turned_away(&net.counts.turned_away_told, ip, full);
            return;
        }
    };
    tune(&stream);
    net.spawn(connection::serve(net.clone(), stream, SocketAddr::new(ip, remote.port()), proxied, permit));
}

/// One line in the log for the 1st, 2nd, 4th, 8th … connection that is turned away: a flood is seen and fills no disk.
fn turned_away(told: &AtomicU64, ip: std::net::IpAddr, full: super::caps::Full) {
    let count = told.fetch_add(1, Ordering::Relaxed) + 1;
    if count.is_power_of_two() {
        tracing::warn!(%ip, ?full, count, "connections are turned away");
    }
}

/// Socket options; a socket that refuses one works without it.
fn tune(stream: &TcpStream) {
    use rustix::net::sockopt;
    let outcome = stream.set_nodelay(true).and_then(|()| {
        sockopt::set_socket_keepalive(stream, true)?;
        sockopt::set_tcp_keepidle(stream, KEEPALIVE.0)?;
        sockopt::set_tcp_keepintvl(stream, KEEPALIVE.1)?;
        sockopt::set_tcp_keepcnt(stream, 4)?;
        sockopt::set_tcp_user_timeout(stream, UNACKNOWLEDGED_MS_MAX)?;
        Ok(())
    });
    if let Err(error) = outcome {
        tracing::debug!(%error, "a socket option was refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_is_taken_is_refused_with_the_remedy() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("some port is free");
        let taken = first.local_addr().expect("it is bound");
        let error = bind(taken).expect_err("it is taken");
        assert_eq!(crate::exit::of(&error), Exit::Unavailable);
        assert!(error.to_string().contains(&taken.to_string()) && error.to_string().contains("--listen"), "{error}");
    }
}
