//! One operation over HTTP: from a request to the engine and back.
//!
//! A POST with a message of the protocol comes in, the answer's message leaves. Invariant: who asks is known only from
//! the `Authorization` header; there are no cookies, and nothing in a URL proves anything.

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};
use belfry_domain::{Code, DataKind, Refusal};
use belfry_engine::{Caller, Command, Identity, Peer, Reply};
use belfry_wire::operation::{Access, Operation};
use tokio_util::task::TaskTracker;

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
    let engine = state.inner.door.engine();
    let waits = matches!(command, Command::Sync { wait_ms: 1.., .. } | Command::LobbyPoll { wait_ms: 1.., .. });
    let reply = if waits {
        let command = acknowledged(state, caller, command).await?;
        match state.inner.held.hold(&caller.identity) {
            None => engine.execute(caller, command).await?,
            Some(held) => tokio::select! {
                reply = engine.execute(caller, command) => reply?,
                refusal = held.ended() => return Err(refusal.into()),
            },
        }
    } else {
        execute_to_its_end(state, caller, command).await?
    };
    Ok(convert::answer(number, reply, &caller.identity, &engine.settings()))
}

/// Acknowledges what a poll acknowledges, so that nothing but waiting is left of it: a poll ends with its client.
async fn acknowledged(state: &HttpState, caller: &Caller, command: Command) -> Result<Command, Refusal> {
    match command {
        Command::Sync { after: Some(key), kinds, limit, wait_ms, acknowledge: true } => {
            let (passed, delivered) = (key.passed(), key.value(DataKind::Messages));
            execute_to_its_end(state, caller, Command::Acknowledge { passed, delivered }).await?;
            Ok(Command::Sync { after: Some(key), kinds, limit, wait_ms, acknowledge: false })
        }
        other => Ok(other),
    }
}

async fn execute_to_its_end(state: &HttpState, caller: &Caller, command: Command) -> Result<Reply, Refusal> {
    let (engine, caller) = (state.inner.door.engine().clone(), caller.clone());
    to_its_end(&state.inner.tasks, async move { engine.execute(&caller, command).await }).await?
}

/// Does work in a task of its own, which goes on when whoever waits for it is gone: the connection's task ends wherever
/// it stands when a client hangs up, and a message that was stored and not told would leave its receiver's links asleep.
async fn to_its_end<T: Send + 'static>(
    tasks: &TaskTracker,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Refusal> {
    match tasks.spawn(work).await {
        Ok(done) => Ok(done),
        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
        Err(_ended) => Err(Refusal::retry(Code::GoingAway, "The server is stopping; come back in a moment.", 1_000)),
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_goes_on_to_its_end_when_the_client_hangs_up() {
        let (tasks, stored, told) = (TaskTracker::new(), Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let work = {
            let (stored, told) = (stored.clone(), told.clone());
            async move {
                stored.acquire().await.expect("is open").forget();
                told.add_permits(1);
            }
        };
        {
            let mut request = std::pin::pin!(to_its_end(&tasks, work));
            assert!(matches!(request.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
        } // the client has hung up
        stored.add_permits(1);
        tasks.close();
        tasks.wait().await;
        assert_eq!(told.available_permits(), 1);
    }
}
