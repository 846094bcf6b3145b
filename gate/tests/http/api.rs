//! Operations: routes, encodings, who may ask, the shape of errors.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use belfry_wire::operation::{Access, Carrier};
use belfry_wire::{OPERATIONS, v1};
use prost::Message as _;
use serde_json::json;

use crate::house::{House, JSON, read, texts};

#[tokio::test]
async fn every_operation_of_the_table_is_a_route_and_the_others_are_not() {
    let house = House::new();
    for operation in OPERATIONS {
        let answer = house.post(None, &operation.path(), json!({})).await;
        if operation.carrier != Carrier::Any {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", operation.path());
            continue;
        }
        if operation.number == belfry_wire::operation::LINK_BEGIN {
            assert_eq!(answer.status, StatusCode::OK, "a code asks for nothing: {answer:?}");
            continue;
        }
        let expected = match operation.access {
            Access::Anyone => [StatusCode::BAD_REQUEST, StatusCode::BAD_REQUEST],
            Access::Guest | Access::Device => [StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED],
        };
        assert!(expected.contains(&answer.status), "{}: {answer:?}", operation.path());
        answer.code();
    }
}

#[tokio::test]
async fn a_message_goes_from_one_to_the_other() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    let sent = house.send(&alice, "bob@localhost", "m-1", "hello").await;
    assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
    assert_eq!(sent.json()["cseq"], "1");
    let again = house.send(&alice, "bob@localhost", "m-1", "hello").await.json();
    assert_eq!((&again["cseq"], &again["duplicate"]), (&json!("1"), &json!(true)));
    let other = house.send(&alice, "bob@localhost", "m-1", "something else").await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::CONFLICT, "conflict"));
    let sync = house.post(Some(&bob), "/v1/message/sync", json!({})).await;
    assert_eq!(texts(&sync.json()), ["hello"]);
}

#[tokio::test]
async fn both_encodings_say_the_same_and_accept_chooses_the_answers() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    house.send(&alice, "bob@localhost", "m-1", "hello").await;
    let ask = |content_type: &'static str, accept: Option<&'static str>| {
        let body = v1::SyncRequest { limit: 10, ..Default::default() };
        let body = if content_type == JSON { br#"{"limit":10}"#.to_vec() } else { body.encode_to_vec() };
        let mut request = Request::post("/v1/message/sync")
            .header(header::CONTENT_TYPE, content_type)
            .header(header::AUTHORIZATION, format!("bearer {bob}"));
        if let Some(accept) = accept {
            request = request.header(header::ACCEPT, accept);
        }
        house.ask(request.body(Body::from(body)).expect("a request"))
    };
    for (content_type, accept, answered) in [
        (JSON, None, JSON),
        ("application/json; charset=utf-8", Some("*/*"), JSON),
        ("application/protobuf", None, "application/protobuf"),
        ("application/x-protobuf", None, "application/x-protobuf"),
        ("application/protobuf", Some(JSON), JSON),
        (JSON, Some("application/protobuf, application/json;q=0.9"), "application/protobuf"),
    ] {
        let content_type = if content_type.starts_with(JSON) { JSON } else { content_type };
        let answer = ask(content_type, accept).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, answered));
        let reply: v1::SyncReply = if answered == JSON {
            serde_json::from_slice(&answer.body).expect("JSON")
        } else {
            v1::SyncReply::decode(answer.body).expect("protobuf")
        };
        assert!(reply.events.iter().any(|event| matches!(&event.item, Some(v1::event::Item::Message(said))
            if said.content.as_ref().is_some_and(|content| content.text == "hello"))));
    }
}

#[tokio::test]
async fn errors_have_one_shape_in_both_encodings() {
    let house = House::new();
    let answer = house.raw("/v1/message/sync", Some(JSON), "{}").await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "unauthenticated"));
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let answer = house.raw("/v1/message/sync", Some("application/protobuf"), "").await;
    assert_eq!(answer.header("content-type"), "application/protobuf");
    assert_eq!(v1::Error::decode(answer.body).expect("an error").code, "unauthenticated");
}

#[tokio::test]
async fn only_the_header_proves_who_asks() {
    let house = House::new();
    let token = house.guest("ann").await;
    for path in [format!("/v1/lobby/poll?token={token}"), format!("/v1/lobby/poll?access_token={token}")] {
        let answer = house.ask(Request::get(&path).body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for value in ["", "Bearer", "Bearer ", "Basic YTpi", &format!("Basic {token}"), &token, "Bearer nonsense"] {
        let request = Request::get("/v1/lobby/poll").header(header::AUTHORIZATION, value);
        let answer = house.ask(request.body(Body::empty()).expect("a request")).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "unauthenticated"), "{value}");
    }
    let twice = Request::get("/v1/lobby/poll")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    assert_eq!(house.ask(twice.body(Body::empty()).expect("a request")).await.status, StatusCode::UNAUTHORIZED);
    let cookie = Request::get("/v1/lobby/poll").header(header::COOKIE, format!("token={token}"));
    assert_eq!(house.ask(cookie.body(Body::empty()).expect("a request")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.get(&token, "/v1/lobby/poll").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_guest_reaches_the_lobby_and_nothing_of_accounts() {
    let house = House::new();
    let token = house.guest("ann").await;
    for operation in OPERATIONS.iter().filter(|operation| operation.carrier == Carrier::Any) {
        let answer = house.post(Some(&token), &operation.path(), json!({})).await;
        if operation.access == Access::Device {
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "forbidden"), "{operation:?}");
        } else {
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{operation:?}");
        }
        if operation.number == belfry_wire::operation::LOBBY_LEAVE {
            assert_eq!(answer.status, StatusCode::OK);
            break;
        }
    }
}

#[tokio::test]
async fn a_device_that_logged_out_is_told_so() {
    let house = House::new();
    let (alice, _) = house.pair().await;
    assert_eq!(house.post(Some(&alice), "/v1/session/logout", json!({})).await.status, StatusCode::OK);
    let answer = house.post(Some(&alice), "/v1/message/sync", json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(["revoked", "replaced"].contains(&answer.code().as_str()), "{answer:?}");
}

#[tokio::test]
async fn waiting_is_said_in_seconds_too() {
    let house = House::new();
    house.post(None, "/v1/register/request-pin", json!({ "phone": "+4915112345678" })).await;
    let answer = house.post(None, "/v1/register/request-pin", json!({ "phone": "+4915112345678" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    let ms: u64 = answer.json()["retryAfterMs"].as_str().expect("a number").parse().expect("a number");
    assert_eq!(answer.header("retry-after"), ms.div_ceil(1000).to_string());
}

#[tokio::test]
async fn a_request_without_its_peer_is_a_fault_of_the_server() {
    use tower::ServiceExt as _;
    let house = House::new();
    let request = Request::post("/v1/lobby/join").header(header::HOST, "localhost").body(Body::empty());
    let answer = read(house.bare.clone().oneshot(request.expect("a request")).await.expect("an answer")).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
}
