//! Where the web face is, for clients that look for it. XEP-0156 §3.
//!
//! A request comes in, links leave, in XML (RFC 6415 §2) or JSON (§3). They are no secret: every page may read them.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use belfry_engine::Peer;

use super::{BOSH_PATH, CROSS_ORIGIN_RESOURCE_POLICY, IN_TLS, SOCKET_PATH, Web, said};
use crate::xml::Element;

const XRD: &str = "http://docs.oasis-open.org/ns/xri/xrd-1.0";

pub(super) async fn xrd(State(web): State<Web>, request: Request) -> Response<Body> {
    let link = |(rel, href): (&str, String)| Element::new(XRD, "Link").attr("rel", rel).attr("href", href);
    let found = Element::new(XRD, "XRD").with(links(&web, &request).map(link));
    let text = format!("<?xml version='1.0' encoding='utf-8'?>\n{}\n", found.to_text());
    for_all(said(StatusCode::OK, "application/xrd+xml", text))
}

pub(super) async fn json(State(web): State<Web>, request: Request) -> Response<Body> {
    let links = links(&web, &request).map(|(rel, href)| serde_json::json!({ "rel": rel, "href": href }));
    for_all(said(StatusCode::OK, "application/json", serde_json::json!({ "links": links }).to_string()))
}

/// By the address that the operator gives the server, else by the one that was asked.
fn links(web: &Web, request: &Request) -> [(&'static str, String); 2] {
    let about = web.inner.door.about();
    let asked = || {
        let tls = request.extensions().get::<Peer>().is_some_and(|peer| peer.carrier.ends_with(IN_TLS));
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        format!("{}://{host}", if tls { "https" } else { "http" })
    };
    let http = about.public_url.as_deref().map_or_else(asked, |url| url.trim_end_matches('/').to_owned());
    // https becomes wss, and http ws.
    let socket = http.replacen("http", "ws", 1);
    [
        ("urn:xmpp:alt-connections:websocket", format!("{socket}{SOCKET_PATH}")),
        ("urn:xmpp:alt-connections:xbosh", format!("{http}{BOSH_PATH}")),
    ]
}

fn for_all(mut answer: Response<Body>) -> Response<Body> {
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    answer
}
