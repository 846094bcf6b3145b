//! The way of an XMPP connection to its door, with TLS from the first byte, from STARTTLS on, or not at all; and what its
//! web face asks of whoever listens.
//!
//! A stream of bytes comes in and goes to the door; what binds a login to the TLS channel goes with it. Invariant: a
//! stream over which TLS was asked for goes on inside TLS or not at all.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::{Extensions, HeaderMap};
use belfry_engine::Peer;
use belfry_gate::http::{Hosts, MessageLimit};
use belfry_xmpp::web::Listener;
use belfry_xmpp::{EndPoint, Ended, Security};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_rustls::server::TlsStream;

use super::caps::{Kind, Permit};
use super::connection::in_time;
use super::http::PERMIT;
use super::shared::{Net, Rules};

/// A connection that has begun without TLS.
pub(super) async fn plain<I>(net: &Arc<Net>, io: I, remote: SocketAddr, permit: Arc<Permit>, rules: &Rules)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    net.counts.xmpp.fetch_add(1, Ordering::Relaxed);
    let Some(door) = &net.xmpp else { return };
    permit.is(Kind::Xmpp);
    let plain_allowed = rules.plain_allowed(remote.ip());
    let security = Security { plain_allowed, starttls: true, ..Security::default() };
    let peer = peer(remote, rules, "xmpp");
    let ended = Box::pin(belfry_xmpp::serve(io, peer, security, door, net.soft.clone())).await;
    let Ended::StartTls(io) = ended else { return };
    let handshake = Box::pin(net.door.engine().newcomer(net.tls.acceptor().accept(io)));
    match in_time(net, Instant::now() + rules.hello, handshake).await {
        Some(Ok(io)) => inside(net, Box::new(io), remote, rules).await,
        _ => {
            net.counts.tls_failed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A connection that has begun with TLS.
pub(super) async fn secured<I>(
    net: &Arc<Net>,
    io: Box<TlsStream<I>>,
    remote: SocketAddr,
    permit: &Permit,
    rules: &Rules,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    net.counts.xmpp.fetch_add(1, Ordering::Relaxed);
    permit.is(Kind::Xmpp);
    inside(net, io, remote, rules).await;
}

/// The channel is boxed: a future holds room for what it is given at all of its steps.
async fn inside<I>(net: &Arc<Net>, io: Box<TlsStream<I>>, remote: SocketAddr, rules: &Rules)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Some(door) = &net.xmpp else { return };
    let (binding, end_point) = (binding(&io), end_point(net, &io));
    let security = Security { tls: true, binding, end_point, plain_allowed: true, starttls: false };
    let peer = peer(remote, rules, "xmpp+tls");
    let _ended = Box::pin(belfry_xmpp::serve(io, peer, security, door, net.soft.clone())).await;
}

/// What the web face asks of whoever listens.
pub struct Web {
    /// The server's names.
    pub hosts: Hosts,
}

impl Listener for Web {
    fn is_own_page(&self, headers: &HeaderMap, tls: bool) -> bool {
        self.hosts.is_own_page(headers, tls)
    }

    fn message_limit(&self, request: &Extensions) -> belfry_xmpp::web::MessageLimit {
        // Where there is none, nothing has come over a connection.
        let limit = request.get::<MessageLimit>().cloned().unwrap_or_default();
        Arc::new(move |bytes| limit.set(bytes))
    }

    fn logged_in(&self) {
        let _outside_a_connection = PERMIT.try_with(|permit| permit.logged_in());
    }
}

fn peer(remote: SocketAddr, rules: &Rules, carrier: &'static str) -> Peer {
    Peer { ip: remote.ip(), port: remote.port(), exempt: rules.exempt(remote.ip()), carrier }
}

/// What both ends of a TLS 1.3 channel know and nobody else (`tls-exporter`, RFC 9266 §2). Older versions can have the
/// same for two channels.
fn binding<I>(io: &TlsStream<I>) -> Option<[u8; 32]> {
    let (_, tls) = io.get_ref();
    if tls.protocol_version() != Some(rustls::ProtocolVersion::TLSv1_3) {
        return None;
    }
    tls.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(&[])).ok()
}

/// The certificate that the client was shown just now. One that resumes a session goes by the certificate of then, which
/// may have been another.
fn end_point<I>(net: &Net, io: &TlsStream<I>) -> Option<EndPoint> {
    let (_, tls) = io.get_ref();
    let resumed = tls.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
    net.tls.end_point().filter(|_| !resumed)
}
