//! The short link: one HTTP POST for one operation, for when no long link can be made.
//!
//! The outbox comes in, the same requests with the same client ids go out, so whichever way a message gets through, it
//! is one message. Invariant: the device's secret and the token leave only over TLS or on loopback.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use prost::Message;
use tokio_util::task::TaskTracker;

use belfry_wire::operation::Operation;
use belfry_wire::{frame, operation, v1};

use crate::address::{Carrier, ServerAddress};
use crate::channel::start_tls;
use crate::error::{ClientError, LinkError, Refusal};
use crate::flush::empty_outbox;
use crate::shared::Shared;

/// The body's format, in both directions.
const PROTOBUF: &str = "application/protobuf";

/// A POST has to be through in this time.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends the outbox by POST, as far as it goes: for this is tried only when the long link fails, and silently, since
/// the long link's failure is what is told.
pub(crate) async fn flush(shared: &Arc<Shared>) {
    let sending = async {
        if shared.store.outbox_len().await? == 0 {
            return Ok(());
        }
        for server in shared.config.servers.iter().filter(|server| may_carry_secrets(server)) {
            match flush_to(shared, server).await {
                Err(ClientError::Link(error)) => tracing::debug!(%server, %error, "no short link"),
                done => return done,
            }
        }
        Ok(())
    };
    let done = tokio::select! {
        done = tokio::time::timeout(TIMEOUT, sending) => done,
        () = shared.stop.cancelled() => return,
    };
    if let Ok(Err(error)) = done {
        tracing::debug!(%error, "the outbox was not sent over the short link");
    }
}

fn may_carry_secrets(server: &ServerAddress) -> bool {
    matches!(server.carrier, Carrier::Tls | Carrier::Wss) || server.is_loopback()
}

async fn flush_to(shared: &Arc<Shared>, server: &ServerAddress) -> Result<(), ClientError> {
    let identity = shared.store.identity().await?.ok_or(ClientError::NoAccount)?;
    let request = v1::TokenRequest {
        address: identity.account.address,
        device_id: identity.account.device_id,
        device_secret: identity.device_secret,
    };
    let bought: v1::TokenReply = post(shared, server, operation::TOKEN, None, &request).await?;
    let token = bought.token.as_str();
    empty_outbox(shared, |request| async move { post(shared, server, operation::SEND, Some(token), &request).await })
        .await
}

/// Asks for one operation.
async fn post<Q: Message, A: Message + Default>(
    shared: &Shared,
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
    let (status, body) = exchange(shared, server, http).await?;
    if status == StatusCode::OK {
        return Ok(A::decode(body).map_err(|_| LinkError::Protocol("an answer cannot be read"))?);
    }
    match v1::Error::decode(body) {
        Ok(error) if !error.code.is_empty() => Err(Refusal::from(error).into()),
        _ => Err(LinkError::Io(format!("HTTP status {status}")).into()),
    }
}

async fn exchange(
    shared: &Shared,
    server: &ServerAddress,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), LinkError> {
    let broken = |error: hyper::Error| LinkError::Io(error.to_string());
    let io = shared.config.dialer.dial(server).await?;
    let io = if server.carrier.is_tls() { start_tls(io, server, shared.tls.as_ref()).await? } else { io };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broken)?;
    let tasks = TaskTracker::new();
    tasks.spawn(connection); // ends when `sender` is dropped
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), frame::FRAME_BYTES_MAX).collect().await;
    let body = body.map_err(|error| LinkError::Io(error.to_string()))?;
    Ok((status, body.to_bytes()))
}
