//! What is refused before it reaches an operation, and what every answer carries.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use belfry_gate::http::CARRIER_TLS;
use belfry_wire::operation::Carrier;
use belfry_wire::{OPERATIONS, v1};
use futures_util::StreamExt as _;
use prost::Message as _;
use serde_json::json;

use crate::house::{Answer, House, JSON, NAME};

fn is(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{answer:?}");
}

#[tokio::test]
async fn other_content_types_and_codings_are_refused() {
    let house = House::new();
    let path = "/v1/lobby/join";
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "json",
        "application/jsonx",
        "application/json; charset=utf-16",
        "application/xml",
        "*/*",
        "",
        "application/grpc",
    ] {
        is(&house.raw(path, Some(content_type), r#"{"name":"ann"}"#).await, 415, "bad_request");
    }
    is(&house.raw(path, None, r#"{"name":"ann"}"#).await, 415, "bad_request");
    for coding in ["gzip", "br", "deflate", "zstd", "identity", "x"] {
        let request = Request::post(path).header(header::CONTENT_TYPE, JSON).header(header::CONTENT_ENCODING, coding);
        is(&house.ask(request.body(Body::from("{}")).expect("a request")).await, 415, "bad_request");
    }
    let chunked = Request::post(path).header(header::CONTENT_TYPE, JSON).header(header::TRANSFER_ENCODING, "chunked");
    let answer = house.ask(chunked.body(Body::from("{}")).expect("a request")).await;
    is(&answer, 411, "bad_request");
    assert_eq!(answer.header("connection"), "close");
    assert_eq!(
        house.raw(path, Some("Application/JSON;charset=\"UTF-8\""), r#"{"name":"ann"}"#).await.status,
        StatusCode::OK
    );
    is(&house.raw("/v1/register/request-pin", None, "").await, 400, "bad_request");
}

#[tokio::test]
async fn sizes_are_bounded() {
    let house = House::new();
    let path = "/v1/lobby/join";
    is(&house.raw(path, Some(JSON), vec![b' '; 1024 * 1024 + 1]).await, 413, "too_large");
    is(&house.raw(path, Some(JSON), vec![b' '; 1024 * 1024]).await, 400, "bad_request");
    let request = Request::post(path).header(header::CONTENT_TYPE, JSON).header(header::CONTENT_LENGTH, "9999999999");
    is(&house.ask(request.body(Body::empty()).expect("a request")).await, 413, "too_large");
    let request = Request::get(format!("/v1/lobby/poll?x={}", "a".repeat(8 * 1024)));
    is(&house.ask(request.body(Body::empty()).expect("a request")).await, 414, "too_large");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_cut_off() {
    let house = House::new();
    let trickle = futures_util::stream::repeat(()).then(async |()| {
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok::<_, std::io::Error>(Bytes::from_static(b" "))
    });
    let before = tokio::time::Instant::now();
    let answer = house.raw("/v1/lobby/join", Some(JSON), Body::from_stream(trickle)).await;
    is(&answer, 408, "idle");
    assert_eq!(before.elapsed().as_secs(), 10);
    let steady = futures_util::stream::iter(0..40).then(async |_| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 2_000]))
    });
    is(&house.raw("/v1/lobby/join", Some(JSON), Body::from_stream(steady)).await, 400, "bad_request");
    let broken = futures_util::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("gone"))]);
    is(&house.raw("/v1/lobby/join", Some(JSON), Body::from_stream(broken)).await, 400, "bad_request");
}

#[tokio::test]
async fn json_that_could_be_read_in_two_ways_is_refused() {
    let house = House::new();
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(32), "]".repeat(32));
    let many = format!("{{\"x\":[{}0]}}", "0,".repeat(1024));
    for body in [
        r#"{"name":"ann","name":"bob"}"#,
        r#"{"name":"ann","nam\u0065":"bob"}"#,
        r#"{"x":1,"x":2}"#,
        r#"{"x":NaN}"#,
        r#"{"x":Infinity}"#,
        r#"{"x":1e999}"#,
        r#"{"x":99999999999999999999}"#,
        r#"{"name":7}"#,
        r#"{"name":null,}"#,
        "{",
        "[]",
        "null",
        "7",
        r#""ann""#,
        "{}{}",
        r#"{"name":"\ud800"}"#,
        r#"{'name':'ann'}"#,
        "{\"name\":\"a\nb\"}",
        &deep,
        &many,
    ] {
        is(&house.raw("/v1/lobby/join", Some(JSON), body.to_owned()).await, 400, "bad_request");
    }
    is(&house.raw("/v1/lobby/join", Some(JSON), &b"{\"name\":\"\xff\"}"[..]).await, 400, "invalid_utf8");
    for (body, code) in [(&b"\x0a\x01\xff"[..], "invalid_utf8"), (&b"\x0a\xff"[..], "bad_request")] {
        let answer = house.raw("/v1/lobby/join", Some("application/protobuf"), body).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (400, "application/protobuf"));
        assert_eq!(v1::Error::decode(answer.body).expect("an error").code, code);
    }
    let unknown = r#"{"name":"ann","later":{"deep":[1,2,{"er":null}]}}"#;
    assert_eq!(house.raw("/v1/lobby/join", Some(JSON), unknown).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_the_servers_own_names_are_served() {
    let house = House::new();
    let with = |path: &'static str, hosts: &[&'static str]| {
        let mut request = Request::get(path);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        house.ask(request.body(Body::empty()).expect("a request"))
    };
    for host in ["localhost", "LocalHost:8080", "127.0.0.1:8080", "[::1]:8080", NAME, "chat.example:443"] {
        assert_eq!(with("/", &[host]).await.status, StatusCode::OK, "{host}");
    }
    for host in ["evil.example", "chat.example.evil.example", "10.0.0.1", "localhost.evil.example", "chat.example@evil"]
    {
        is(&with("/", &[host]).await, 421, "forbidden");
        is(&with("/v1/openapi.json", &[host]).await, 421, "forbidden");
    }
    is(&with("/", &["localhost", "localhost"]).await, 400, "bad_request");
    is(&with("http://chat.example/", &["localhost"]).await, 400, "bad_request");
    assert_eq!(with("http://chat.example/", &[NAME]).await.status, StatusCode::OK);
    assert_eq!(with("/healthz", &["10.0.0.1"]).await.body, "ok\n", "a load balancer asks by address");
    use tower::ServiceExt as _;
    let without = Request::get("/").body(Body::empty()).expect("a request");
    let answer = crate::house::read(house.bare.clone().oneshot(without).await.expect("an answer")).await;
    is(&answer, 400, "bad_request");
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused() {
    let house = House::new();
    for (origin, status) in [("http://localhost", StatusCode::OK), ("https://evil.example", StatusCode::FORBIDDEN)] {
        let request = Request::post("/v1/lobby/join").header(header::CONTENT_TYPE, JSON).header(header::ORIGIN, origin);
        let answer = house.ask(request.body(Body::from(r#"{"name":"ann"}"#)).expect("a request")).await;
        assert_eq!(answer.status, status, "{origin}");
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{answer:?}");
    }
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri("/v1/message/send")
        .header(header::ORIGIN, "http://localhost")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
    let answer = house.ask(preflight.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{answer:?}");
}

#[tokio::test]
async fn other_methods_are_named_and_refused() {
    let house = House::new();
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "HEAD"] {
        let ask = |path: &'static str| {
            let request = Request::builder().method(method).uri(path).header("x-http-method-override", "POST");
            house.ask(request.body(Body::empty()).expect("a request"))
        };
        let answer = ask("/v1/message/send").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), "POST");
        if !["GET", "HEAD"].contains(&method) {
            let page = ask("/").await;
            assert_eq!((page.status, page.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
            let description = ask("/v1/openapi.json").await;
            assert_eq!((description.status, description.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
        }
    }
    assert_eq!(house.post(None, "/v1/message/next", json!({})).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn other_spellings_of_a_path_are_nothing() {
    let house = House::new();
    let mut asked = 0;
    for operation in OPERATIONS.iter().filter(|operation| operation.carrier == Carrier::Any) {
        let (service, method) = (operation.service, operation.method);
        let escaped = format!("%{:02x}{}", method.as_bytes()[0], &method[1..]);
        for path in [
            format!("/v1/{service}/{method}/"),
            format!("/v1//{service}/{method}"),
            format!("//v1/{service}/{method}"),
            format!("/v1/{service}/./{method}"),
            format!("/v1/lobby/../{service}/{method}"),
            format!("/v1/lobby/join/../../{service}/{method}"),
            format!("/v1/lobby/%2e%2e/{service}/{method}"),
            format!("/v1/lobby%2f..%2f{service}/{method}"),
            format!("/v1/lobby/join;/{service}/{method}"),
            format!("/v1/{service}/{method};x=1"),
            format!("/v1/{service}/{method}%00"),
            format!("/v1/{service}/{method}%20"),
            format!("/v1/{service}/{escaped}"),
            format!("/v1/{service}%2f{method}"),
            format!("/v1/{service}%252f{method}"),
            format!("/V1/{service}/{method}"),
            format!("/v1/{service}/{}", method.to_uppercase()),
        ] {
            let answer = house.post(None, &path, json!({})).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
            asked += 1;
        }
    }
    assert!(asked >= 300);
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let house = House::new();
    let token = house.guest("ann").await;
    let plain = [
        house.get("", "/").await,
        house.get("", "/nothing").await,
        house.get("", "/healthz").await,
        house.get("", "/v1/openapi.json").await,
        house.get(&token, "/v1/lobby/poll").await,
        house.get("", "/v1/socket").await,
        house.post(None, "/v1/message/send", json!({})).await,
        house.post(None, "/healthz", json!({})).await,
        house.ask(Request::get("/").header(header::HOST, "evil.example").body(Body::empty()).expect("a request")).await,
    ];
    for answer in &plain {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{answer:?}");
        }
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self' blob:",
            "media-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.split("; ").any(|has| has == part), "{part} is not in {policy}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert!(!answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        assert!(!answer.headers.contains_key(header::SERVER));
    }
    assert!(plain[1..].iter().all(|answer| answer.header("cache-control") == "no-store"));
    let secure = House::with(CARRIER_TLS).get("", "/").await;
    assert_eq!(secure.header("strict-transport-security"), "max-age=31536000");
}
