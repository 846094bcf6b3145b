//! The HTTP face: every operation of the protocol as one POST, polls by GET, the WebSocket, the page.
//!
//! Requests come in with the [`Peer`](belfry_engine::Peer) that the listener has put into their extensions; answers
//! leave. The routes are made from the operation table, so what frames can ask, HTTP can. Invariant: every request
//! passes the [`guard`] first, and only what a route allows goes further.

mod answer;
mod body;
mod call;
mod fragments;
mod guard;
mod head;
mod held;
mod json;
mod openapi;
mod origin;
mod polls;
mod serve;
mod socket;
mod web;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use belfry_domain::Code;
use belfry_wire::OPERATIONS;
use belfry_wire::operation::{Carrier, LOBBY_POLL};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use answer::status;
pub use fragments::MessageLimit;
pub use origin::Hosts;
pub use serve::serve_connection;

use crate::{Door, assets};
use answer::{Encoding, Problem};

/// The carrier of a [`Peer`](belfry_engine::Peer) that came in the clear.
pub const CARRIER_PLAIN: &str = "http";

/// The carrier of a [`Peer`](belfry_engine::Peer) that came through TLS.
pub const CARRIER_TLS: &str = "http+tls";

const HEALTH_PATH: &str = "/healthz";
const DESCRIPTION_PATH: &str = "/v1/openapi.json";
const NEXT_PATH: &str = "/v1/message/next";
const SOCKET_PATH: &str = "/v1/socket";

/// What the routes share; cheap to clone.
#[derive(Clone)]
pub struct HttpState {
    inner: Arc<Inner>,
}

struct Inner {
    door: Arc<Door>,
    hosts: Hosts,
    held: held::HeldPolls,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl HttpState {
    /// The door that WebSockets go through, the server's names, the token that says it is stopping, and where
    /// WebSockets are counted until they have ended.
    pub fn new(door: Arc<Door>, hosts: Hosts, stop: CancellationToken, tasks: TaskTracker) -> HttpState {
        HttpState { inner: Arc::new(Inner { door, hosts, held: held::HeldPolls::default(), stop, tasks }) }
    }
}

impl fmt::Debug for HttpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpState").field("hosts", &self.inner.hosts).finish_non_exhaustive()
    }
}

/// All routes, with `more` of another door, which are held to the same [`guard`]. A request of these finds the
/// [`MessageLimit`] of its connection in its extensions.
pub fn router(state: HttpState, more: Router) -> Router {
    let mut router = Router::new()
        .route(HEALTH_PATH, get(|| async { "ok\n" }))
        .route(DESCRIPTION_PATH, get(openapi::description))
        .route(NEXT_PATH, get(polls::next))
        .route(SOCKET_PATH, get(socket::upgrade))
        .merge(web_routes())
        .merge(more.with_state(()));
    for operation in OPERATIONS.iter().filter(|operation| operation.carrier == Carrier::Any) {
        let called = state.clone();
        let mut methods = post(move |request: Request| call::call(called, operation, request));
        if operation.number == LOBBY_POLL {
            methods = methods.get(polls::lobby);
        }
        router = router.route(&operation.path(), methods);
    }
    router
        .fallback(otherwise)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}

/// The browser's sync protocol.
fn web_routes() -> Router<HttpState> {
    Router::new()
        .route(&web_path("synccheck"), get(web::synccheck))
        .route(&web_path("sync"), post(web::sync))
        .route(&web_path("send"), post(web::send))
        .route(&web_path("init"), post(web::init))
        .route(&web_path("statusnotify"), post(web::statusnotify))
        .route(&web_path("logout"), post(web::logout))
}

fn web_path(method: &str) -> String {
    format!("/v1/web/{method}")
}

/// A path that is no route: a file of the page, or nothing.
async fn otherwise(request: Request) -> Response<Body> {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    if let Some(file) = assets::file(request.uri().path(), request.headers()) {
        if reads {
            return file;
        }
        let mut refused = no_such_method(request).await;
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return refused;
    }
    let message = "There is nothing at this path; /v1/openapi.json lists what there is.";
    Problem::new(StatusCode::NOT_FOUND, Code::NotFound, message)
        .into_answer(Encoding::accepted(request.headers(), Encoding::Json))
}

/// The router adds which methods there are.
async fn no_such_method(request: Request) -> Response<Body> {
    let message = "This path does not take this method; the Allow header says which it takes.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, Code::UnknownOperation, message)
        .into_answer(Encoding::accepted(request.headers(), Encoding::Json))
}
