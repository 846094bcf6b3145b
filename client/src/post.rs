//! One operation by one HTTP POST, for who has no long link.
//!
//! A request comes in, its answer or the server's refusal leaves; one connection each. Knows no store and no account.
//! There is no time limit here: who asks knows how long it can wait.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use prost::Message;
use tokio_util::task::TaskTracker;

use belfry_wire::operation::Operation;
use belfry_wire::{frame, v1};

use crate::address::ServerAddress;
use crate::channel::start_tls;
use crate::dial::Dial;
use crate::error::{ClientError, LinkError, Refusal};

/// The body's format, in both directions.
const PROTOBUF: &str = "application/protobuf";

/// Asks for one operation, with an access token where it needs one.
pub async fn post<Q: Message, A: Message + Default>(
    dialer: &dyn Dial,
    tls: Option<&Arc<rustls::ClientConfig>>,
    server: &ServerAddress,
    operation: u32,
    token: Option<&str>,
    request: &Q,
) -> Result<A, ClientError> {
    let path = Operation::by_number(operation).map(Operation::path).unwrap_or_default();
    let mut http = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, server.authority())
        .header(CONTENT_TYPE, PROTOBUF);
    if let Some(token) = token {
        http = http.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let http = http
        .body(Full::new(Bytes::from(request.encode_to_vec())))
        .map_err(|_| LinkError::Protocol("the request does not fit into HTTP"))?;
    let (status, body) = exchange(dialer, tls, server, http).await?;
    if status == StatusCode::OK {
        return Ok(A::decode(body).map_err(|_| LinkError::Protocol("an answer cannot be read"))?);
    }
    match v1::Error::decode(body) {
        Ok(error) if !error.code.is_empty() => Err(Refusal::from(error).into()),
        _ => Err(LinkError::Io(format!("HTTP status {status}")).into()),
    }
}

async fn exchange(
    dialer: &dyn Dial,
    tls: Option<&Arc<rustls::ClientConfig>>,
    server: &ServerAddress,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), LinkError> {
    let broken = |error: hyper::Error| LinkError::Io(error.to_string());
    let io = dialer.dial(server).await?;
    let io = if server.carrier.is_tls() { start_tls(io, server, tls).await? } else { io };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broken)?;
    let tasks = TaskTracker::new();
    tasks.spawn(connection); // ends when `sender` is dropped
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), frame::FRAME_BYTES_MAX).collect().await;
    let body = body.map_err(|error| LinkError::Io(error.to_string()))?;
    Ok((status, body.to_bytes()))
}
