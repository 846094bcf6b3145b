//! HTTP on our side of the door: what a connection's answers say about it, and the answer to those who may not speak plain.
//!
//! The door's router comes in and leaves with a layer around it. Invariant: a client that may not speak plain text gets
//! one fixed answer whatever it asks, and a connection counts as logged in only when credentials were not refused.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use belfry_xmpp::web::SOCKET_PATH;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, StatusCode};
use tokio::time::sleep;

use super::caps::{Kind, Permit};

/// A GET with credentials that is not answered by now is a poll that is held, which happens only to those whose
/// credentials are good; a GET has no body that could be sent slowly instead.
const HELD_AFTER: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// The permit of the connection that this task serves: one router serves all connections, and a layer of its own for
    /// each would cost more than the rest of an idle one.
    pub static PERMIT: Arc<Permit>;
}

/// The router with a look at each answer.
pub fn observed(router: Router) -> Router {
    router.layer(from_fn(observe))
}

async fn observe(request: Request, next: Next) -> Response {
    let xmpp = request.uri().path() == SOCKET_PATH;
    let with_credentials = request.headers().contains_key(AUTHORIZATION);
    let poll = with_credentials && request.method() == Method::GET;
    let mut answer = std::pin::pin!(next.run(request));
    let response = tokio::select! {
        biased;
        response = &mut answer => response,
        () = sleep(HELD_AFTER), if poll => {
            let _outside_a_connection = PERMIT.try_with(|permit| permit.logged_in());
            answer.await
        }
    };
    let _outside_a_connection = PERMIT.try_with(|permit| {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            permit.is(if xmpp { Kind::Xmpp } else { Kind::WebSocket });
        } else if with_credentials && response.status().is_success() {
            permit.logged_in();
        }
    });
    response
}

/// Answers everything with one sentence. No redirect: the request may already have carried a password, and a client that
/// is silently led on would send the next one the same way.
pub fn use_tls() -> Router {
    Router::new().fallback(async || {
        let text =
            r#"{"code":"forbidden","message":"This server answers without TLS only to its own machine: use https."}"#;
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = StatusCode::FORBIDDEN;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    })
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use hyper::header::HOST;
    use tower::ServiceExt;

    use super::super::caps::Caps;
    use super::*;

    fn request(path: &str, with_credentials: bool) -> Request {
        let request = hyper::Request::builder().uri(path).header(HOST, "localhost");
        let request = if with_credentials { request.header(AUTHORIZATION, "Bearer x") } else { request };
        request.body(Body::empty()).expect("a request")
    }

    #[tokio::test]
    async fn only_an_answer_to_credentials_counts_as_a_login() {
        let caps = Caps::new(10, 10);
        let permit = caps.admit([127, 0, 0, 1].into(), false).expect("room");
        let refusing = get(async || StatusCode::UNAUTHORIZED);
        let router = observed(Router::new().route("/", get(async || "hi")).route("/no", refusing));
        let ask = async |path, with_credentials| {
            let answer = router.clone().oneshot(request(path, with_credentials));
            PERMIT.scope(permit.clone(), answer).await.expect("routers do not fail").status()
        };
        assert_eq!(ask("/", false).await, StatusCode::OK);
        assert_eq!(ask("/no", true).await, StatusCode::UNAUTHORIZED);
        assert_eq!(caps.waiting(), 1);
        assert_eq!(ask("/", true).await, StatusCode::OK);
        assert_eq!(caps.waiting(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_poll_counts_as_a_login_before_it_is_answered() {
        let caps = Caps::new(10, 10);
        let permit = caps.admit([127, 0, 0, 1].into(), false).expect("room");
        let held = get(async || sleep(Duration::from_secs(90)).await);
        let router = observed(Router::new().route("/poll", held));
        let asking = PERMIT.scope(permit, router.oneshot(request("/poll", true)));
        let looking = async {
            sleep(HELD_AFTER * 2).await;
            caps.waiting()
        };
        assert_eq!(tokio::join!(asking, looking).1, 0);
    }

    #[tokio::test]
    async fn plain_text_from_elsewhere_gets_one_answer() {
        for path in ["/", "/v1/messages/send"] {
            let answer = use_tls().oneshot(request(path, true)).await.expect("routers do not fail");
            assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        }
    }
}
