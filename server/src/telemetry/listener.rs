//! The listener for Prometheus and load balancers: /metrics, /livez, /readyz.
//!
//! Requests come in, figures leave; nothing can be changed here. Invariant: on another listener than that of clients, on
//! loopback unless the operator said otherwise, and a slow or silent asker holds nothing for long.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::Body;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::metrics::Figures;

/// Askers at once: a Prometheus, a load balancer, a person.
const ASKERS_MAX: usize = 16;

/// One asker, all its requests together.
const ASKER_TIME_MAX: Duration = Duration::from_secs(30);

/// Answers until `stop`.
pub async fn serve(listener: Arc<TcpListener>, figures: Figures, stop: CancellationToken) -> Result<()> {
    let askers = Arc::new(Semaphore::new(ASKERS_MAX));
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        // Whoever comes when all places are taken is closed: the next scrape finds one.
        let Ok(place) = askers.clone().try_acquire_owned() else { continue };
        let figures = figures.clone();
        let _handle = tasks.spawn(async move {
            let _ended = timeout(ASKER_TIME_MAX, answer_all(stream, figures)).await;
            drop(place);
        });
    }
}

async fn answer_all(stream: TcpStream, figures: Figures) -> hyper::Result<()> {
    let service = service_fn(move |request| {
        let response = answer(&request, &figures);
        async move { Ok::<_, Infallible>(response) }
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(5))
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

fn answer<B>(request: &Request<B>, figures: &Figures) -> Response<Body> {
    const TEXT: &str = "text/plain; charset=utf-8";
    let (status, kind, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => {
            (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", figures.page())
        }
        (&Method::GET | &Method::HEAD, "/livez") => (StatusCode::OK, TEXT, "alive\n".into()),
        (&Method::GET | &Method::HEAD, "/readyz") => match figures.health.not_ready() {
            None => (StatusCode::OK, TEXT, "ready\n".into()),
            Some(why) => (StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("not ready: {why}\n")),
        },
        (&Method::GET | &Method::HEAD, _) => {
            (StatusCode::NOT_FOUND, TEXT, "there is /metrics, /livez and /readyz\n".into())
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, TEXT, "nothing can be changed here\n".into()),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
