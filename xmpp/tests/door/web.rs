//! The web face without sockets: where it is, and streams over requests.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Extensions, HeaderMap, Method, Request, Response, StatusCode, header};
use belfry_engine::Peer;
use belfry_xmpp::web::{BOSH_PATH, Listener, MessageLimit, SOCKET_PATH, Web, router};
use belfry_xmpp::xml::Element;
use belfry_xmpp::{About, ns};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::world::{PASSWORD, World, loopback};

const OWN: &str = "https://localhost";

struct Surroundings;

impl Listener for Surroundings {
    fn is_own_page(&self, headers: &HeaderMap, tls: bool) -> bool {
        tls && headers.get(header::ORIGIN).is_some_and(|origin| origin == OWN)
    }

    fn message_limit(&self, _request: &Extensions) -> MessageLimit {
        Arc::new(|_| {})
    }

    fn logged_in(&self) {}
}

fn web(world: &World) -> Router {
    router(Web::new(world.door.clone(), Box::new(Surroundings), world.stop.clone(), TaskTracker::new()))
}

async fn ask(web: &Router, method: Method, path: &str, origin: Option<&str>, body: String) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    let peer = Peer { carrier: "http+tls", ..loopback() };
    let request = request.extension(peer).body(Body::from(body)).expect("a request");
    web.clone().oneshot(request).await.expect("routers do not fail")
}

async fn text(answer: Response<Body>) -> String {
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[tokio::test]
async fn clients_find_the_web_face_by_the_address_that_they_asked_or_that_the_operator_gives_it() {
    let world = World::new().await;
    let web = web(&world);
    let meta = async |path| {
        let answer = ask(&web, Method::GET, path, Some("https://anybody.example"), String::new()).await;
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        text(answer).await
    };
    let xrd = meta("/.well-known/host-meta").await;
    let found = xrd.split_once('\n').and_then(|(_, found)| Element::parse(found.trim().as_bytes())).expect("XML");
    let links: Vec<_> = found.elements().map(|link| (link.get("rel").unwrap_or(""), link.get("href"))).collect();
    assert_eq!(
        links,
        [
            ("urn:xmpp:alt-connections:websocket", Some("wss://localhost:8080/xmpp-websocket")),
            ("urn:xmpp:alt-connections:xbosh", Some("https://localhost:8080/http-bind")),
        ]
    );
    world.door.set_about(About { public_url: Some("https://chat.example/".to_owned()), ..About::default() });
    let json: serde_json::Value = serde_json::from_str(&meta("/.well-known/host-meta.json").await).expect("JSON");
    assert_eq!(json["links"][0]["href"], "wss://chat.example/xmpp-websocket");
    assert_eq!(json["links"][1]["rel"], "urn:xmpp:alt-connections:xbosh");
}

#[tokio::test]
async fn other_pages_may_ask_only_if_they_are_named() {
    let world = World::new().await;
    let web = web(&world);
    let friend = "https://friend.example";
    world.door.set_about(About { origins: vec![friend.to_owned()], ..About::default() });
    for (origin, status, named) in [
        (None, StatusCode::OK, false),
        (Some(OWN), StatusCode::OK, false),
        (Some(friend), StatusCode::OK, true),
        (Some("https://evil.example"), StatusCode::FORBIDDEN, false),
    ] {
        let answer = ask(&web, Method::POST, BOSH_PATH, origin, String::new()).await;
        assert_eq!(answer.status(), status, "{origin:?}");
        let lets = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        assert_eq!(lets.is_some_and(|lets| lets == friend), named, "{origin:?}");
        let before = ask(&web, Method::OPTIONS, BOSH_PATH, origin, String::new()).await;
        let lets = before.headers().get(header::ACCESS_CONTROL_ALLOW_HEADERS).is_some();
        assert_eq!(lets, before.status() == StatusCode::NO_CONTENT, "{origin:?}");
    }
    let plain = ask(&web, Method::GET, SOCKET_PATH, Some(OWN), String::new()).await;
    assert_eq!(plain.status(), StatusCode::BAD_REQUEST, "no upgrade");
    world.stop.cancel();
    let answer = ask(&web, Method::POST, BOSH_PATH, None, String::new()).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}

/// One session over requests.
struct Bosh<'a> {
    web: &'a Router,
    sid: String,
    rid: u64,
}

impl Bosh<'_> {
    async fn post(&mut self, attributes: &str, inside: &str) -> Element {
        self.rid += 1;
        let (rid, sid) = (self.rid, &self.sid);
        let sid = if sid.is_empty() { String::new() } else { format!("sid='{sid}'") };
        let (bind, xbosh) = (ns::HTTP_BIND, ns::XBOSH);
        let body = format!("<body xmlns='{bind}' xmlns:xmpp='{xbosh}' rid='{rid}' {sid} {attributes}>{inside}</body>");
        let answer = ask(self.web, Method::POST, BOSH_PATH, None, body).await;
        assert_eq!(answer.status(), StatusCode::OK);
        Element::parse(text(answer).await.as_bytes()).expect("a body")
    }

    async fn begin(web: &Router) -> Bosh<'_> {
        let mut bosh = Bosh { web, sid: String::new(), rid: 500 };
        let first = bosh.post("to='localhost' wait='60' hold='1' ver='1.6' xmpp:version='1.0'", "").await;
        bosh.sid = first.get("sid").expect("a name").to_owned();
        for (name, value) in [("requests", "2"), ("hold", "1"), ("wait", "55"), ("from", "localhost")] {
            assert_eq!(first.get(name), Some(value), "{name}");
        }
        let features = first.find(ns::STREAM, "features").expect("features");
        assert!(features.find(ns::SASL, "mechanisms").is_some() && features.find(ns::TLS, "starttls").is_none());
        assert!(features.find(ns::SASL_BINDING, "sasl-channel-binding").is_none(), "a page sees nothing of its TLS");
        bosh
    }

    async fn log_in(&mut self, local: &str) {
        use base64::Engine as _;
        let said = base64::engine::general_purpose::STANDARD.encode(format!("\0{local}\0{PASSWORD}"));
        let auth = format!("<auth xmlns='{}' mechanism='PLAIN'>{said}</auth>", ns::SASL);
        assert!(self.post("", &auth).await.find(ns::SASL, "success").is_some());
        let features = self.post("to='localhost' xmpp:restart='true'", "").await;
        assert!(features.find(ns::STREAM, "features").is_some_and(|all| all.find(ns::BIND, "bind").is_some()));
        let bind = format!("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='{}'/></iq>", ns::BIND);
        assert!(self.post("", &bind).await.find(ns::CLIENT, "iq").is_some_and(|iq| iq.get("type") == Some("result")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_over_requests_logs_in_talks_and_leaves() {
    let world = World::new().await;
    let web = web(&world);
    let mut alice = Bosh::begin(&web).await;
    alice.log_in("alice").await;
    let presence = alice.post("", "<presence xmlns='jabber:client'/>").await;
    assert!(presence.find(ns::CLIENT, "presence").is_some(), "{}", presence.to_text());
    let mut bob = world.available("bob", "desk").await;
    let said = "<message xmlns='jabber:client' type='chat' to='bob@localhost'><body>one</body></message>\
                <message xmlns='jabber:client' type='chat' to='bob@localhost'><body>two</body></message>";
    let telling = alice.post("", said);
    let (_, heard) = tokio::join!(telling, async { [bob.hears().await, bob.hears().await] });
    assert_eq!(heard, ["one", "two"], "the stanzas of one body, in their order");
    bob.say("alice", "b1", "three").await;
    let mut told = String::new();
    while !told.contains("three") {
        told = alice.post("", "").await.to_text();
    }
    let gone = "<presence xmlns='jabber:client' type='unavailable'/>";
    let last = alice.post("type='terminate'", gone).await;
    assert_eq!((last.get("type"), last.get("condition")), (Some("terminate"), None));
    tokio::task::yield_now().await;
    assert_eq!(alice.post("", "").await.get("condition"), Some("item-not-found"));
}

#[tokio::test(start_paused = true)]
async fn a_client_over_requests_that_asks_no_more_is_gone_and_a_stop_is_told_to_whoever_waits() {
    let world = World::new().await;
    let web = web(&world);
    let mut alice = Bosh::begin(&web).await;
    alice.log_in("alice").await;
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    assert_eq!(alice.post("", "").await.get("condition"), Some("item-not-found"));
    let mut alice = Bosh::begin(&web).await;
    alice.log_in("alice").await;
    let (last, ()) = tokio::join!(alice.post("", ""), async {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        world.stop.cancel();
    });
    assert_eq!(last.get("condition"), Some("remote-stream-error"), "{}", last.to_text());
    assert!(last.to_text().contains("system-shutdown"));
}
