//! Answers: the status of each refusal code, and the one error shape in the two encodings.
//!
//! A [`Refusal`] of the engine or a [`Problem`] of HTTP itself comes in, a response leaves. Invariant: every answer
//! that is not 2xx or 3xx carries `{code, message, retryAfterMs}`.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use belfry_domain::{Code, Refusal};
use bytes::{Bytes, BytesMut};

use crate::convert::{self, Answer};

/// How a body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    /// Proto3 JSON.
    Json,
    /// Protobuf, as `application/protobuf`.
    Protobuf,
    /// Protobuf, as `application/x-protobuf`: the older name, given back to who uses it.
    XProtobuf,
}

impl Encoding {
    /// The encoding of one media type without parameters; upper or lower case.
    pub(crate) fn of_media_type(media_type: &str) -> Option<Encoding> {
        [Encoding::Json, Encoding::Protobuf, Encoding::XProtobuf]
            .into_iter()
            .find(|encoding| media_type.trim().eq_ignore_ascii_case(encoding.media_type()))
    }

    /// What `Accept` asks for; if it asks for nothing that is spoken here, `otherwise`.
    pub(crate) fn accepted(headers: &HeaderMap, otherwise: Encoding) -> Encoding {
        let mut best: Option<(f32, Encoding)> = None;
        for part in headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')) {
            let mut fields = part.split(';');
            let encoding = match fields.next().map(str::trim) {
                Some("*/*" | "application/*") => otherwise,
                Some(media_type) => match Encoding::of_media_type(media_type) {
                    Some(encoding) => encoding,
                    None => continue,
                },
                None => continue,
            };
            let weight = fields
                .filter_map(|field| field.trim().strip_prefix("q="))
                .find_map(|weight| weight.parse::<f32>().ok())
                .unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, encoding));
            }
        }
        best.map_or(otherwise, |(_, encoding)| encoding)
    }

    /// Its media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/protobuf",
            Encoding::XProtobuf => "application/x-protobuf",
        }
    }
}

/// The HTTP status of a refusal.
pub fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(convert::http_status(code)).expect("a test below has seen every code's status")
}

/// Why a request was not answered with what it asked for.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) refusal: Refusal,
    /// The rest of the request was not read: the connection cannot go on.
    pub(crate) close: bool,
}

impl Problem {
    /// A problem of HTTP itself, whose status says more than its code.
    pub(crate) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Problem {
        Problem { status, refusal: Refusal::new(code, message), close: false }
    }

    /// The same, and the connection ends with it.
    pub(crate) fn closing(self) -> Problem {
        Problem { close: true, ..self }
    }

    /// As a response.
    pub(crate) fn into_answer(self, encoding: Encoding) -> Response<Body> {
        let mut answer = written(self.status, encoding, &convert::error(&self.refusal).into());
        let headers = answer.headers_mut();
        if let Some(ms) = self.refusal.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1: a 401 says how to prove oneself.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem { status: status(refusal.code), refusal, close: false }
    }
}

/// A message in the encoding that was asked for.
pub(crate) fn written(status: StatusCode, encoding: Encoding, message: &Answer) -> Response<Body> {
    let body = match encoding {
        Encoding::Json => Bytes::from(serde_json::to_vec(message).expect("messages hold nothing that JSON cannot")),
        Encoding::Protobuf | Encoding::XProtobuf => {
            let mut body = BytesMut::with_capacity(message.encoded_len());
            message.encode(&mut body);
            body.freeze()
        }
    };
    answer(status, encoding, body)
}

/// A body with its status and type.
pub(crate) fn answer(status: StatusCode, encoding: Encoding, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(encoding.media_type()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_status_that_says_no() {
        for code in Code::ALL {
            let status = status(*code);
            assert!(status.is_client_error() || status.is_server_error(), "{code} is {status}");
        }
    }

    #[test]
    fn accept_is_weighed() {
        let asked = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            Encoding::accepted(&headers, Encoding::Json)
        };
        assert_eq!(asked("application/protobuf"), Encoding::Protobuf);
        assert_eq!(asked("application/json;q=0.5, application/x-protobuf"), Encoding::XProtobuf);
        assert_eq!(asked("text/html, */*;q=0.1"), Encoding::Json);
        assert_eq!(asked("application/protobuf;q=0"), Encoding::Json);
        assert_eq!(asked("text/html"), Encoding::Json);
    }
}
