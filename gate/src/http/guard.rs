//! The guard: what is held against every request before a route sees it, and what every answer carries.
//!
//! A request comes in, goes on or is refused; an answer comes back and leaves with its headers. Invariant: no answer
//! leaves without them, and nothing is ever allowed to another origin.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use belfry_domain::Code;
use belfry_engine::Peer;

use super::answer::{Encoding, Problem};
use super::origin::{self, Hosts};
use super::{CARRIER_TLS, HttpState};

/// Longest URI: ours are under 200 bytes; the rest is room for keys in a query.
const URI_BYTES_MAX: usize = 8 * 1024;

/// What the page may do: run and load what came from here, nothing inline, no frames, no forms. `connect-src 'self'`
/// covers the WebSocket of the same origin.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'";

/// On every answer that does not say otherwise.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
         geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
         publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// A year, in seconds.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// Holds a request to the rules, and dresses the answer.
pub(crate) async fn guard(State(state): State<HttpState>, request: Request, next: Next) -> Response<Body> {
    let peer = request.extensions().get::<Peer>().cloned();
    let upgrade = request.headers().contains_key(header::UPGRADE);
    let mut answer = match check(&state, &request, peer.as_ref()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_answer(Encoding::accepted(request.headers(), Encoding::Json)),
    };
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if peer.is_some_and(|peer| peer.carrier == CARRIER_TLS) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT));
    }
    // After a request to upgrade, what follows on the connection is not looked at as HTTP (see `head`): if the upgrade
    // was refused, nothing may follow.
    if upgrade && answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn check(state: &HttpState, request: &Request, peer: Option<&Peer>) -> Result<(), Problem> {
    let (uri, headers) = (request.uri(), request.headers());
    let uri_bytes = uri.path_and_query().map_or(0, |path| path.as_str().len());
    if uri_bytes > URI_BYTES_MAX {
        return Err(Problem::new(
            StatusCode::URI_TOO_LONG,
            Code::TooLarge,
            format!("The URI is {uri_bytes} bytes, the limit is {URI_BYTES_MAX}."),
        )
        .closing());
    }
    // A length that is known from the start leaves nothing to disagree about where a request ends.
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(Problem::new(
            StatusCode::LENGTH_REQUIRED,
            Code::BadRequest,
            "Transfer-Encoding is not taken here: send the body with a Content-Length.",
        )
        .closing());
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::BadRequest,
            "Content-Encoding is not taken here: send the body as it is.",
        )
        .closing());
    }
    // A load balancer asks by address.
    if uri.path() == super::HEALTH_PATH {
        return Ok(());
    }
    host(&state.inner.hosts, request)?;
    if uri.path().starts_with("/v1/") && headers.contains_key(header::ORIGIN) {
        foreign(&state.inner.hosts, headers, peer)?;
    }
    Ok(())
}

fn host(hosts: &Hosts, request: &Request) -> Result<(), Problem> {
    let bad = |what: &str| Problem::new(StatusCode::BAD_REQUEST, Code::BadRequest, what).closing();
    let mut given = request.headers().get_all(header::HOST).iter();
    let host = given.next().ok_or_else(|| bad("The Host header is missing."))?;
    if given.next().is_some() {
        return Err(bad("There is more than one Host header."));
    }
    let host = host.to_str().map_err(|_| bad("The Host header is not a name."))?;
    let in_uri = request.uri().authority().map(|authority| authority.as_str());
    // RFC 9112 §3.2.2: a target in absolute form counts more than the header. Here they must agree.
    if in_uri.is_some_and(|in_uri| !in_uri.eq_ignore_ascii_case(host)) {
        return Err(bad("The Host header and the request's target differ."));
    }
    if hosts.serves(host) {
        return Ok(());
    }
    let shown: String = host.chars().take(100).collect();
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        Code::Forbidden,
        format!("This server is not {shown:?}. If it should be, its operator adds the name to the configuration."),
    ))
}

/// Refuses a request that a page of another origin has sent.
pub(crate) fn foreign(hosts: &Hosts, headers: &HeaderMap, peer: Option<&Peer>) -> Result<(), Problem> {
    let tls = peer.is_some_and(|peer| peer.carrier == CARRIER_TLS);
    if origin::is_ours(hosts, headers, tls) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        Code::Forbidden,
        "This origin may not use the server: only its own page may, or a program that is no page.",
    ))
}
