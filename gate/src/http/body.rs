//! Request bodies: their type, their size and the time they may take.
//!
//! A request comes in, its whole body and its encoding leave. Invariant: memory grows only with bytes that have
//! arrived, never over [`BODY_BYTES_MAX`], and no client holds a request open by sending slowly.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use belfry_domain::Code;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::answer::{Encoding, Problem};

/// Largest body: the same as the largest frame, so that one channel carries what the other does.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A body may be this late before its speed counts.
const GRACE: Duration = Duration::from_secs(10);

/// Slowest body after that, in bytes a second: the slowest mobile link that people still use is ten times faster.
const BYTES_PER_SECOND_MIN: u64 = 1024;

/// The encoding of a request's body; no type is fine where there is no body.
pub(crate) fn encoding(headers: &HeaderMap) -> Result<Option<Encoding>, Problem> {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let unsupported = || {
        let shown: String = value.to_str().unwrap_or("?").chars().take(64).collect();
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::BadRequest,
            format!("The content type {shown:?} is not taken here: send application/json or application/protobuf."),
        )
    };
    let text = value.to_str().map_err(|_| unsupported())?;
    let mut parts = text.split(';');
    let encoding = parts.next().and_then(Encoding::of_media_type).ok_or_else(unsupported)?;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').ok_or_else(unsupported)?;
        let charset = name.trim().eq_ignore_ascii_case("charset");
        if charset && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") {
            return Err(unsupported());
        }
    }
    if given.next().is_some() { Err(unsupported()) } else { Ok(Some(encoding)) }
}

/// Reads all of a body.
pub(crate) async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::TooLarge,
            format!("The body is over {BODY_BYTES_MAX} bytes: send less at once."),
        )
        .closing()
    };
    let claimed = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if claimed.is_some_and(|bytes| bytes > BODY_BYTES_MAX as u64) {
        return Err(too_large());
    }
    let start = Instant::now();
    let mut read = BytesMut::new();
    loop {
        // Absolute, not per read: a byte now and then does not keep a request alive.
        let due = start + GRACE + Duration::from_secs(read.len() as u64 / BYTES_PER_SECOND_MIN);
        let frame = match tokio::time::timeout_at(due, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => {
                return Err(Problem::new(StatusCode::BAD_REQUEST, Code::BadRequest, "The body broke off.").closing());
            }
            Ok(None) => return Ok(read.freeze()),
            Err(_) => {
                return Err(Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    Code::Idle,
                    "The body came too slowly: at least 1 KiB a second is expected.",
                )
                .closing());
            }
        };
        if let Ok(data) = frame.into_data() {
            if read.len() + data.len() > BODY_BYTES_MAX {
                return Err(too_large());
            }
            read.extend_from_slice(&data);
        }
    }
}
