//! Polls by GET: what a person with `curl`, or a client without a JSON library, asks with.
//!
//! A query comes in, the same answer as that of the POST leaves. Invariant: an answer counts as delivered only when a
//! later request gives its key back; an answer that was lost on the way is given again.

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, Uri};
use belfry_domain::limits::{PAGE_ENTRIES_MAX, POLL_WAIT_MS_MAX};
use belfry_domain::sync_key::SYNC_KEY_VALUES_MAX;
use belfry_domain::{Code, Cseq, DataKinds, Refusal};
use belfry_engine::Command;
use belfry_wire::operation::{Access, LOBBY_POLL, SYNC};
use belfry_wire::v1;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::HttpState;
use super::answer::{Encoding, Problem, written};
use super::call::{caller, run};
use crate::convert::{Answer, sync_key};

/// Longest hold, in seconds.
pub(crate) const WAIT_SECONDS_MAX: u64 = POLL_WAIT_MS_MAX / 1000;

/// Carries the key of an answer as one word.
const KEY_HEADER: HeaderName = HeaderName::from_static("belfry-key");

/// Most values of a key.
const KEY_VALUES_MAX: usize = SYNC_KEY_VALUES_MAX;

#[derive(Deserialize)]
struct NextQuery {
    key: Option<String>,
    #[serde(default)]
    wait: u64,
    #[serde(default)]
    limit: u64,
}

/// `GET /v1/message/next`.
pub(crate) async fn next(State(state): State<HttpState>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let encoding = Encoding::accepted(&parts.headers, Encoding::Json);
    match next_answer(&state, &parts).await {
        Ok(answer) => {
            let key = match &answer {
                Answer::Sync(reply) => reply.key.as_ref().map(key_text),
                _ => None,
            };
            let mut response = written(StatusCode::OK, encoding, &answer);
            if let Some(key) = key.and_then(|key| HeaderValue::try_from(key).ok()) {
                response.headers_mut().insert(KEY_HEADER, key);
            }
            response
        }
        Err(problem) => problem.into_answer(encoding),
    }
}

async fn next_answer(state: &HttpState, parts: &Parts) -> Result<Answer, Problem> {
    let caller = caller(state, Access::Device, parts).await?;
    let asked: NextQuery = query(&parts.uri)?;
    let key = asked.key.as_deref().map(parse_key).transpose()?;
    let after = key.map(|key| sync_key(Some(&key))).transpose()?;
    let acknowledge = after.is_some();
    let command = Command::Sync {
        after,
        kinds: DataKinds::ALL,
        limit: usize::try_from(asked.limit).unwrap_or(usize::MAX).min(PAGE_ENTRIES_MAX),
        wait_ms: wait_ms(asked.wait),
        acknowledge,
    };
    run(state, SYNC, &caller, command).await
}

#[derive(Deserialize)]
struct LobbyQuery {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    participants: u64,
    #[serde(default)]
    wait: u64,
}

/// `GET /v1/lobby/poll`.
pub(crate) async fn lobby(State(state): State<HttpState>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let encoding = Encoding::accepted(&parts.headers, Encoding::Json);
    match lobby_answer(&state, &parts).await {
        Ok(answer) => written(StatusCode::OK, encoding, &answer),
        Err(problem) => problem.into_answer(encoding),
    }
}

async fn lobby_answer(state: &HttpState, parts: &Parts) -> Result<Answer, Problem> {
    let caller = caller(state, Access::Guest, parts).await?;
    let asked: LobbyQuery = query(&parts.uri)?;
    let command = Command::LobbyPoll {
        after: Cseq(asked.after),
        participants_version: asked.participants,
        wait_ms: wait_ms(asked.wait),
    };
    run(state, LOBBY_POLL, &caller, command).await
}

fn wait_ms(seconds: u64) -> u64 {
    seconds.min(WAIT_SECONDS_MAX) * 1000
}

/// Reads the query of a URI.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refusal> {
    Query::try_from_uri(uri).map(|Query(query)| query).map_err(|rejection| {
        let why: String = rejection.body_text().chars().take(200).collect();
        Refusal::new(Code::BadRequest, format!("{why}."))
    })
}

/// A key as one word: `1:123,2:123`.
fn key_text(key: &v1::SyncKey) -> String {
    let values: Vec<String> = key.list.iter().map(|value| format!("{}:{}", value.key, value.val)).collect();
    values.join(",")
}

fn parse_key(text: &str) -> Result<v1::SyncKey, Refusal> {
    let value = |word: &str| {
        let (key, val) = word.split_once(':')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        (digits(key) && digits(val)).then_some(())?;
        Some(v1::KeyValue { key: key.parse().ok()?, val: val.parse().ok()? })
    };
    let list: Option<Vec<v1::KeyValue>> = text.split(',').take(KEY_VALUES_MAX + 1).map(value).collect();
    match list {
        Some(list) if list.len() <= KEY_VALUES_MAX => Ok(v1::SyncKey { list }),
        _ => Err(Refusal::new(
            Code::BadRequest,
            "The key is not one that this server gave: hand back the Belfry-Key of the last answer, or leave it out.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_out_and_comes_back() {
        let key = v1::SyncKey { list: [(1, 5), (2, u64::MAX)].map(|(key, val)| v1::KeyValue { key, val }).to_vec() };
        assert_eq!(key_text(&key), "1:5,2:18446744073709551615");
        assert_eq!(parse_key(&key_text(&key)), Ok(key));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = vec!["1:1"; KEY_VALUES_MAX + 1].join(",");
        for text in ["", "1", "1:", ":1", "1:-1", "1:+1", "1:1,", "a:1", "1:1;2:2", "1:18446744073709551616", &long] {
            assert!(parse_key(text).is_err(), "{text}");
        }
    }
}
