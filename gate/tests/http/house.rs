//! A server without a listener: engine, memory store, router; and a client of it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Extension, Router};
use belfry_domain::memory::{ManualClock, MemorySms, MemoryStore, SeededEntropy};
use belfry_domain::{Epoch, Phone, TimestampMs};
use belfry_engine::{Engine, Peer, Ports, Secrets, Settings};
use belfry_gate::Door;
use belfry_gate::http::{CARRIER_PLAIN, Hosts, HttpState, router};
use belfry_wire::noise::StaticKey;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub(crate) const JSON: &str = "application/json";

/// A configured name of the server.
pub(crate) const NAME: &str = "chat.example";

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) bare: Router,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    router: Router,
    sms: Arc<MemorySms>,
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// Its error code, having checked that it is the one shape of errors.
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        let error = json.as_object().expect("an object");
        assert!(error.keys().all(|key| matches!(key.as_str(), "code" | "message" | "retryAfterMs")), "{json}");
        assert!(error["message"].as_str().is_some_and(|sentence| sentence.len() > 10), "{json}");
        error["code"].as_str().expect("a code").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

pub(crate) fn peer(carrier: &'static str) -> Peer {
    Peer { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 4711, exempt: true, carrier }
}

impl House {
    pub(crate) fn new() -> House {
        House::with(CARRIER_PLAIN)
    }

    pub(crate) fn with(carrier: &'static str) -> House {
        let sms = Arc::new(MemorySms::default());
        let ports = Ports {
            store: Arc::new(MemoryStore::new(Epoch(1))),
            clock: Arc::new(ManualClock::new(TimestampMs(1_700_000_000_000))),
            entropy: Arc::new(SeededEntropy::new(7)),
            sms: sms.clone(),
        };
        let secrets = Secrets { token_key: [1; 32], pin_pepper: [2; 32] };
        let engine = Engine::new(ports, Settings { unanswered: u32::MAX, ..Settings::default() }, secrets);
        let door = Arc::new(Door::new(engine.clone(), StaticKey::new([3; 32])));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let bare = router(HttpState::new(door, Hosts::new([NAME]), stop.clone(), tasks.clone()), Router::new());
        let router = bare.clone().layer(Extension(peer(carrier)));
        House { engine, bare, stop, tasks, router, sms }
    }

    /// Any request; the Host is given if it has none.
    pub(crate) async fn ask(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(header::HOST).or_insert(header::HeaderValue::from_static("localhost"));
        read(self.router.clone().oneshot(request).await.expect("a router does not fail")).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.ask(request.body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, token: Option<&str>, path: &str, body: Value) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, JSON);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.ask(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// A body of any type, without a token.
    pub(crate) async fn raw(&self, path: &str, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
        let mut request = Request::post(path);
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        self.ask(request.body(body.into()).expect("a request")).await
    }

    /// The PIN that was last sent to a phone.
    pub(crate) fn pin(&self, phone: &str) -> Option<String> {
        let text = self.sms.last_to(&Phone::parse(phone).expect("a number"))?;
        text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).map(str::to_owned)
    }

    /// A new account; its token.
    pub(crate) async fn register(&self, name: &str, phone: &str) -> String {
        let answer = self.post(None, "/v1/register/request-pin", json!({ "phone": phone })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let pin = self.pin(phone).expect("a PIN");
        let asked = json!({ "phone": phone, "pin": pin, "name": name, "deviceName": "test" });
        let answer = self.post(None, "/v1/register/verify-pin", asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// Two accounts: tokens of alice and bob.
    pub(crate) async fn pair(&self) -> (String, String) {
        (self.register("alice", "+4915112345678").await, self.register("bob", "+4915112345679").await)
    }

    /// A guest of the lobby; its token.
    pub(crate) async fn guest(&self, name: &str) -> String {
        let answer = self.post(None, "/v1/lobby/join", json!({ "name": name })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    pub(crate) async fn send(&self, token: &str, to: &str, id: &str, text: &str) -> Answer {
        let content = json!({ "kind": "CONTENT_KIND_TEXT", "text": text });
        let body = json!({ "to": to, "clientMessageId": id, "content": content });
        self.post(Some(token), "/v1/message/send", body).await
    }
}

pub(crate) async fn read(response: axum::response::Response) -> Answer {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// The texts of the messages in a sync's answer.
pub(crate) fn texts(sync: &Value) -> Vec<String> {
    let events = sync["events"].as_array().cloned().unwrap_or_default();
    events.iter().filter_map(|event| Some(event.pointer("/message/content/text")?.as_str()?.to_owned())).collect()
}
