//! The WebSocket: the upgrade of an HTTP request to a link that carries frames.
//!
//! A GET comes in, a WebSocket goes to the native session. Invariant: a page of another origin is refused before the
//! upgrade, and who speaks is said in the first frame, never in the URL.

use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{Response, StatusCode};
use belfry_domain::Code;
use belfry_engine::Peer;

use super::answer::{Encoding, Problem};
use super::{CARRIER_TLS, HttpState, guard};
use crate::limits::SOCKET_MESSAGE_BYTES_MAX;
use crate::{Socket, serve_socket};

/// What a WebSocket holds while it waits; the library's own 128 KiB would be most of an idle link.
const SOCKET_READ_BYTES: usize = 2 * 1024;

/// `GET /v1/socket`.
pub(crate) async fn upgrade(State(state): State<HttpState>, request: Request) -> Response<Body> {
    let encoding = Encoding::accepted(request.headers(), Encoding::Json);
    match upgraded(state, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_answer(encoding),
    }
}

async fn upgraded(state: HttpState, request: Request) -> Result<Response<Body>, Problem> {
    let (mut parts, _) = request.into_parts();
    let peer = parts.extensions.get::<Peer>().cloned();
    guard::foreign(&state.inner.hosts, &parts.headers, peer.as_ref())?;
    let Some(peer) = peer else {
        let message = "The server does not know where this came from; it has been logged.";
        tracing::error!("a request has reached the router without its peer");
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message));
    };
    if parts.uri.query().is_some() {
        let message = "The socket takes nothing in its URL: say who you are in the first frame.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, Code::BadRequest, message));
    }
    if state.inner.stop.is_cancelled() {
        let message = "The server is restarting; come back in a moment.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::GoingAway, message));
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|rejection| Problem::new(rejection.status(), Code::BadRequest, rejection.body_text()))?;
    let carrier = if peer.carrier == CARRIER_TLS { "ws+tls" } else { "ws" };
    let peer = Peer { carrier, ..peer };
    // No extension is ever negotiated: a compressed message could grow a thousandfold here.
    let upgrade = upgrade
        .max_message_size(SOCKET_MESSAGE_BYTES_MAX)
        .max_frame_size(SOCKET_MESSAGE_BYTES_MAX)
        .read_buffer_size(SOCKET_READ_BYTES);
    let counted = state.inner.tasks.token();
    Ok(upgrade.on_upgrade(async move |socket| {
        let stop = state.inner.stop.clone();
        // How it ended is in the log of the door.
        let _outcome = serve_socket(Socket::new(socket), peer, &state.inner.door, stop).await;
        drop(counted);
    }))
}
