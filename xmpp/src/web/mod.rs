//! The web face of the door: streams over WebSockets (RFC 7395) and requests (XEP-0124, XEP-0206), and where these are
//! (XEP-0156).
//!
//! Requests come in with the [`Peer`] that the listener has put into their extensions; streams go to the door. Invariant:
//! a page of another origin gets nothing unless the operator has named it: a page cannot use the password of another, but
//! it can try passwords in the name of whoever looks at it.

mod bosh;
mod meta;
mod socket;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::routing::{get, post};
use belfry_engine::Peer;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::door::{Door, Security};

/// Where WebSockets begin.
pub const SOCKET_PATH: &str = "/xmpp-websocket";

/// Where the bodies of BOSH go.
pub const BOSH_PATH: &str = "/http-bind";

const META_PATH: &str = "/.well-known/host-meta";
const META_JSON_PATH: &str = "/.well-known/host-meta.json";

/// Of [`Peer::carrier`]s, those inside TLS.
const IN_TLS: &str = "+tls";

/// Bounds the messages of a WebSocket, in bytes, from now on.
pub type MessageLimit = Arc<dyn Fn(usize) + Send + Sync>;

/// What only whoever listens knows and can do.
pub trait Listener: Send + Sync {
    /// Whether a request comes from the server's own page, by its `Origin`.
    fn is_own_page(&self, headers: &HeaderMap, tls: bool) -> bool;

    /// Bounds the messages of the WebSocket that the connection of this request becomes, before they are put together.
    fn message_limit(&self, request: &Extensions) -> MessageLimit;

    /// The request that is being answered came from somebody who has logged in.
    fn logged_in(&self);
}

/// What the routes share; cheap to clone.
#[derive(Clone)]
pub struct Web {
    inner: Arc<Inner>,
}

struct Inner {
    door: Arc<Door>,
    listener: Box<dyn Listener>,
    sessions: bosh::Sessions,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Web {
    /// To this door. `stop` ends the streams; `tasks` counts them until they have ended.
    pub fn new(door: Arc<Door>, listener: Box<dyn Listener>, stop: CancellationToken, tasks: TaskTracker) -> Web {
        Web { inner: Arc::new(Inner { door, listener, sessions: bosh::Sessions::default(), stop, tasks }) }
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").finish_non_exhaustive()
    }
}

/// All routes.
pub fn router(web: Web) -> Router {
    Router::new()
        .route(SOCKET_PATH, get(socket::upgrade))
        .route(BOSH_PATH, post(bosh::bind).options(preflight))
        .route(META_PATH, get(meta::xrd))
        .route(META_JSON_PATH, get(meta::json))
        .with_state(web)
}

/// A request whose page may ask.
struct Admitted {
    peer: Peer,
    tls: bool,
    /// The other page that is to be let read the answer.
    origin: Option<HeaderValue>,
}

impl Admitted {
    fn security(&self) -> Security {
        // What could bind a login to TLS is out of reach for pages. Where TLS is needed, nothing else gets this far.
        Security { tls: self.tls, plain_allowed: true, ..Security::default() }
    }

    /// Lets the other page read an answer. WHATWG Fetch §3.2.
    fn dress(&self, mut answer: Response<Body>) -> Response<Body> {
        if let Some(origin) = &self.origin {
            let headers = answer.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::VARY, HeaderValue::from_static("Origin"));
            headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        }
        answer
    }
}

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

fn admit(web: &Web, parts: &Parts) -> Result<Admitted, Refused> {
    let Some(peer) = parts.extensions.get::<Peer>().cloned() else {
        tracing::error!("a request has reached the XMPP routes without its peer");
        return Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "The server does not know where this came from."));
    };
    let tls = peer.carrier.ends_with(IN_TLS);
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    let origin = match (origins.next(), origins.next()) {
        // No page: a program may say anything, so nothing it says is asked.
        (None, _) => None,
        (Some(_), None) if web.inner.listener.is_own_page(&parts.headers, tls) => None,
        (Some(origin), None) if is_named(&web.inner.door.about().origins, origin) => Some(origin.clone()),
        _ => {
            let text = "This page may not use the server: its operator can name its origin in xmpp.origins.";
            return Err(Refused::new(StatusCode::FORBIDDEN, text));
        }
    };
    if web.inner.stop.is_cancelled() {
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "The server is restarting; come back in a moment."));
    }
    Ok(Admitted { peer, tls, origin })
}

/// Whether the operator has named this origin, or all of them by `*`.
fn is_named(origins: &[String], origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    origins.iter().any(|named| named == "*" || named.eq_ignore_ascii_case(origin))
}

/// A browser asks whether a page of another origin may post. WHATWG Fetch §3.2.2.
async fn preflight(State(web): State<Web>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    match admit(&web, &parts) {
        Err(refused) => refused.answer(),
        Ok(admitted) => {
            let mut answer = admitted.dress(said(StatusCode::NO_CONTENT, "", String::new()));
            for (name, value) in [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
                (header::ACCESS_CONTROL_MAX_AGE, "86400"),
            ] {
                answer.headers_mut().insert(name, HeaderValue::from_static(value));
            }
            answer
        }
    }
}

/// A request that is not taken, and why, for people.
struct Refused {
    status: StatusCode,
    text: String,
}

impl Refused {
    fn new(status: StatusCode, text: impl Into<String>) -> Refused {
        Refused { status, text: text.into() }
    }

    fn answer(self) -> Response<Body> {
        said(self.status, "text/plain; charset=utf-8", format!("{}\n", self.text))
    }
}

fn said(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    if !kind.is_empty() {
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    answer
}
