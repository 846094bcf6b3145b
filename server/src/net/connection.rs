//! One connection from its first byte to the door it belongs to.
//!
//! A socket with its permit comes in and goes to HTTP, to the native or the XMPP door, or is closed. Invariant: what a connection
//! speaks, and the TLS handshake if it needs one, are known before one absolute deadline; an idle connection holds its door's
//! state and nothing of the way there.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use belfry_engine::Peer;
use belfry_gate::Trust;
use belfry_gate::http::{CARRIER_PLAIN, CARRIER_TLS, serve_connection};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::caps::{Kind, Permit};
use super::guarded::Guarded;
use super::http::{PERMIT, use_tls};
use super::proxy;
use super::shared::{Net, Rules};
use super::sniff::Speech;
use super::xmpp;

/// What is left of a connection when it is known what it speaks.
type Conversation = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves a connection until it ends. The way to its door is boxed and gone when it is over: what a future holds at any of
/// its steps it holds room for at all of them, and a connection at rest should be its conversation and nothing else.
pub async fn serve(net: Arc<Net>, stream: TcpStream, remote: SocketAddr, proxied: bool, permit: Arc<Permit>) {
    if let Some(conversation) = Box::pin(begin(net, stream, remote, proxied, permit)).await {
        conversation.await;
    }
}

/// Finds out what a connection speaks; `None`: it has ended.
async fn begin(
    net: Arc<Net>,
    stream: TcpStream,
    remote: SocketAddr,
    proxied: bool,
    permit: Arc<Permit>,
) -> Option<Conversation> {
    let rules = net.rules();
    let deadline = Instant::now() + rules.hello;
    let (stream, remote, permit) = if proxied {
        name_client(&net, stream, remote, permit, deadline, &rules).await?
    } else {
        (stream, remote, permit)
    };
    let mut io = Guarded::new(stream, permit.clone());
    let first = match in_time(&net, deadline, io.first_byte()).await {
        Some(Ok(Some(first))) => first,
        _ => {
            net.counts.silent.fetch_add(1, Ordering::Relaxed);
            return None;
        }
    };
    if Speech::of(first) == Speech::Xmpp {
        return Some(Box::pin(async move { xmpp::plain(&net, io, remote, permit, &rules).await }));
    }
    if Speech::of(first) != Speech::Tls {
        let secured = Secured { tls: false, allowed: rules.plain_allowed(remote.ip()) };
        return to_door(net, io, first, remote, permit, &rules, secured);
    }
    let handshake = async {
        let mut io = net.door.engine().newcomer(net.tls.acceptor().accept(io)).await.ok()?;
        let first = io.fill_buf().await.ok()?.first().copied()?;
        Some((io, first))
    };
    match in_time(&net, deadline, Box::pin(handshake)).await {
        Some(Some((io, b'<'))) => {
            let io = Box::new(io);
            Some(Box::pin(async move { xmpp::secured(&net, io, remote, &permit, &rules).await }))
        }
        Some(Some((io, first))) => {
            to_door(net, Box::new(io), first, remote, permit, &rules, Secured { tls: true, allowed: true })
        }
        _ => {
            net.counts.tls_failed.fetch_add(1, Ordering::Relaxed);
            None
        }
    }
}

/// Waits for what a connection has to say before a door has it; `None`: it took too long, or the server stops.
pub(super) async fn in_time<T>(net: &Net, deadline: Instant, said: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        said = timeout_at(deadline, said) => said.ok(),
        () = net.soft.cancelled() => None,
    }
}

/// What protects a connection, and whether that is enough for its client.
#[derive(Clone, Copy)]
struct Secured {
    tls: bool,
    allowed: bool,
}

/// Reads for whom a load balancer speaks and counts the connection under that address.
async fn name_client(
    net: &Arc<Net>,
    mut stream: TcpStream,
    balancer: SocketAddr,
    permit: Arc<Permit>,
    deadline: Instant,
    rules: &Rules,
) -> Option<(TcpStream, SocketAddr, Arc<Permit>)> {
    let header = match in_time(net, deadline, proxy::read_header(&mut stream)).await {
        Some(Ok(header)) => header,
        outcome => {
            net.counts.proxy_failed.fetch_add(1, Ordering::Relaxed);
            if let Some(Err(error)) = outcome {
                tracing::debug!(%balancer, %error, "a connection of a load balancer was closed");
            }
            return None;
        }
    };
    let Some(client) = header else { return Some((stream, balancer, permit)) };
    drop(permit);
    let permit = net.caps.admit(client.ip(), rules.exempt(client.ip())).ok()?;
    Some((stream, client, permit))
}

/// The conversation with the door that the first byte names.
fn to_door<I>(
    net: Arc<Net>,
    io: I,
    first: u8,
    remote: SocketAddr,
    permit: Arc<Permit>,
    rules: &Rules,
    secured: Secured,
) -> Option<Conversation>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (ip, port) = (remote.ip(), remote.port());
    let exempt = rules.exempt(ip);
    match Speech::of(first) {
        Speech::Http => {
            permit.is(Kind::Http);
            let carrier = if secured.tls { CARRIER_TLS } else { CARRIER_PLAIN };
            let peer = Peer { ip, port, exempt, carrier };
            let router = if secured.allowed { net.router.clone() } else { use_tls() };
            let serving = Box::pin(serve_connection(io, peer, router, net.soft.clone()));
            let serving = PERMIT.scope(permit, serving);
            Some(Box::pin(async move {
                if let Err(error) = serving.await {
                    tracing::debug!(%ip, %error, "an HTTP connection ended with an error");
                }
            }))
        }
        Speech::Native => {
            permit.is(Kind::Native);
            let peer = Peer { ip, port, exempt, carrier: if secured.tls { "tcp+tls" } else { "tcp" } };
            let trust = if secured.allowed { Trust::Bare } else { Trust::NoiseOnly };
            Some(Box::pin(async move {
                // How it ended is in the log of the door.
                let _outcome = belfry_gate::serve(io, peer, trust, &net.door, net.soft.clone()).await;
            }))
        }
        // XMPP was told apart above; TLS inside of TLS is nothing.
        Speech::Xmpp | Speech::Tls => {
            net.counts.tls_failed.fetch_add(1, Ordering::Relaxed);
            None
        }
    }
}
