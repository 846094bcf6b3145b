//! One operation over HTTP: from a request to the engine and back.
//!
//! A POST with a message of the protocol comes in, the answer's message leaves. Invariant: who asks is known only from
//! the `Authorization` header; there are no cookies, and nothing in a URL proves anything.

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};
use belfry_domain::{Code, Refusal};
use belfry_engine::{Caller, Command, Identity, Peer};
use belfry_wire::operation::{Access, Operation};

use super::HttpState;
use super::answer::{Encoding, Problem, written};
use super::{body, json};
use crate::convert::{self, Answer};

/// Answers a POST of an operation.
pub(crate) async fn call(state: HttpState, operation: &'static Operation, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let given = match body::encoding(&parts.headers) {
        Ok(given) => given,
        Err(problem) => return problem.into_answer(Encoding::accepted(&parts.headers, Encoding::Json)),
    };
    let encoding = Encoding::accepted(&parts.headers, given.unwrap_or(Encoding::Json));
    match posted(&state, operation, &parts, given, body).await {
        Ok(answer) => written(StatusCode::OK, encoding, &answer),
        Err(problem) => problem.into_answer(encoding),
    }
}

async fn posted(
    state: &HttpState,
    operation: &Operation,
    parts: &Parts,
    given: Option<Encoding>,
    body: Body,
) -> Result<Answer, Problem> {
    let caller = caller(state, operation.access, parts).await?;
    let body = body::read(&parts.headers, body).await?;
    let request = match given {
        None if !body.is_empty() => {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Code::BadRequest,
                "The body has no Content-Type: say application/json or application/protobuf.",
            ));
        }
        None | Some(Encoding::Json) => {
            if !body.is_empty() {
                json::check(&body)?;
            }
            convert::Request::from_json(operation.number, &body)?
        }
        Some(Encoding::Protobuf | Encoding::XProtobuf) => convert::Request::from_protobuf(operation.number, body)?,
    };
    run(state, operation.number, &caller, convert::command(request)?).await
}

/// Carries out a command; one that waits takes a place among the held polls.
pub(crate) async fn run(state: &HttpState, number: u32, caller: &Caller, command: Command) -> Result<Answer, Problem> {
    let waits = matches!(command, Command::Sync { wait_ms: 1.., .. } | Command::LobbyPoll { wait_ms: 1.., .. });
    let held = if waits { state.inner.held.hold(&caller.identity) } else { None };
    let engine = state.inner.door.engine();
    let reply = match held {
        None => engine.execute(caller, command).await?,
        Some(held) => tokio::select! {
            reply = engine.execute(caller, command) => reply?,
            refusal = held.ended() => return Err(refusal.into()),
        },
    };
    Ok(convert::answer(number, reply, &caller.identity, &engine.settings()))
}

/// Who asks, from where.
pub(crate) async fn caller(state: &HttpState, access: Access, parts: &Parts) -> Result<Caller, Problem> {
    let peer = parts.extensions.get::<Peer>().cloned().ok_or_else(|| {
        tracing::error!("a request has reached the router without its peer");
        Refusal::new(Code::Internal, "The server does not know where this came from; it has been logged.")
    })?;
    let identity = match bearer(&parts.headers)? {
        Some(token) => state.inner.door.engine().identify_token(token).await?,
        None if access == Access::Anyone => Identity::Nobody { noise_key: None },
        None => {
            let message = "Say who you are: the header Authorization with the word Bearer and a token is missing.";
            return Err(Refusal::new(Code::Unauthenticated, message).into());
        }
    };
    if access == Access::Device && matches!(identity, Identity::Guest { .. }) {
        let message = "Guests talk in the lobby only: register for an account to do this.";
        return Err(Refusal::new(Code::Forbidden, message).into());
    }
    Ok(Caller { identity, peer })
}

/// The token, if one is given. RFC 6750 §2.1.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let wrong = || Refusal::new(Code::Unauthenticated, "The Authorization header is not the word Bearer and a token.");
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(wrong)?;
    let token = token.trim();
    if given.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(wrong());
    }
    Ok(Some(token))
}
