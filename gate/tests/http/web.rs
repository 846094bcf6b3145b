//! The browser's sync protocol: a page that checks, syncs, sends, and is told why it cannot go on.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::house::{Answer, House, JSON, texts};

const CHECK: &str = "/v1/web/synccheck";

async fn ok(house: &House, token: &str, method: &str, body: Value) -> Value {
    let answer = house.post(Some(token), &format!("/v1/web/{method}"), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{method}: {answer:?}");
    answer.json()
}

async fn check(house: &House, token: &str, key: &Value, wait_ms: u64) -> Value {
    let key = key.as_str().expect("a key").replace('|', "%7C");
    let answer = house.get(token, &format!("{CHECK}?key={key}&wait_ms={wait_ms}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// The newest receipt of an account, as (delivered, read).
async fn ticks(house: &House, token: &str) -> Option<(String, String)> {
    let all = ok(house, token, "sync", json!({ "SyncKey": { "Count": 0, "List": [] }, "acknowledge": false })).await;
    let receipts = all["events"].as_array().expect("events").iter().rev().filter_map(|event| event.get("receipt"));
    let text = |value: &Value| value.as_str().unwrap_or("0").to_owned();
    receipts.map(|receipt| (text(&receipt["deliveredCseq"]), text(&receipt["readCseq"]))).next()
}

#[tokio::test]
async fn a_page_checks_syncs_and_its_key_acknowledges() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    let begun = ok(&house, &bob, "init", json!({})).await;
    assert_eq!(begun["profile"]["address"], "bob@localhost");
    let said = json!({ "to": "bob@localhost", "clientMessageId": "w-1", "text": "hello" });
    let sent = ok(&house, &alice, "send", said.clone()).await;
    assert_eq!((&sent["cseq"], &sent["duplicate"]), (&json!("1"), &json!(false)));
    let again = ok(&house, &alice, "send", said).await;
    assert_eq!((&again["cseq"], &again["duplicate"]), (&json!("1"), &json!(true)), "a retried send is one message");

    assert_eq!(check(&house, &bob, &begun["key"], 0).await, json!({ "retcode": 0, "selector": 1 }));
    let first = ok(&house, &bob, "sync", json!({ "SyncKey": begun["SyncKey"] })).await;
    assert_eq!((texts(&first), &first["ContinueFlag"]), (vec!["hello".to_owned()], &json!(0)));
    let lost_and_asked_again = ok(&house, &bob, "sync", json!({ "SyncKey": begun["SyncKey"] })).await;
    assert_eq!(texts(&lost_and_asked_again), ["hello"]);
    assert_eq!(ticks(&house, &alice).await, None, "nothing was acknowledged yet");
    assert_eq!(check(&house, &bob, &first["key"], 0).await["selector"], 0);
    assert_eq!(ticks(&house, &alice).await, Some(("1".into(), "0".into())), "the key came back");
    let listed = &first["SyncKey"];
    assert_eq!(listed["Count"], listed["List"].as_array().expect("a list").len());
    assert!(listed["List"][0]["Val"].is_string(), "a value passes 2^53");
    ok(&house, &bob, "statusnotify", json!({ "peer": "alice@localhost" })).await;
    assert_eq!(ticks(&house, &alice).await, Some(("1".into(), "1".into())));
}

#[tokio::test]
async fn a_selector_says_which_kinds_have_changed() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    let key = ok(&house, &bob, "sync", json!({})).await["key"].clone();
    let named = house.post(Some(&bob), "/v1/account/set-profile", json!({ "displayName": "Robert" })).await;
    assert_eq!(named.status, StatusCode::OK);
    assert_eq!(check(&house, &bob, &key, 0).await["selector"], 4);
    let sent = ok(&house, &bob, "send", json!({ "to": "alice@localhost", "clientMessageId": "1", "text": "x" })).await;
    assert_eq!(check(&house, &bob, &key, 0).await["selector"], 1 + 4);
    let id = &sent["conversationId"];
    ok(&house, &alice, "statusnotify", json!({ "conversationId": id, "readCseq": 1 })).await;
    assert_eq!(check(&house, &bob, &key, 0).await["selector"], 1 + 2 + 4);
    let other_life = json!("1_99999|2_0");
    assert_eq!(check(&house, &bob, &other_life, 0).await["selector"], 31, "all of it, for the log begins anew");
    let anew = ok(&house, &bob, "sync", json!({ "SyncKey": { "Count": 1, "List": [{ "Key": 1, "Val": "9" }] } })).await;
    assert_eq!(anew["reset"], true);
}

#[tokio::test]
async fn pages_go_on_while_the_flag_says_so_and_unknown_kinds_come_back() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    for n in 0..5 {
        house.send(&alice, "bob@localhost", &format!("m-{n}"), &n.to_string()).await;
    }
    let mut key = json!({ "Count": 1, "List": [{ "Key": 77, "Val": "18446744073709551615" }] });
    let mut got = Vec::new();
    loop {
        let page = ok(&house, &bob, "sync", json!({ "SyncKey": key, "limit": 2 })).await;
        assert!(page["events"].as_array().expect("events").len() <= 2);
        got.extend(texts(&page));
        key = page["SyncKey"].clone();
        assert_eq!(
            key["List"].as_array().expect("a list").last(),
            Some(&json!({ "Key": 77, "Val": u64::MAX.to_string() }))
        );
        if page["ContinueFlag"] == 0 {
            break;
        }
    }
    assert_eq!(got, ["0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_page_begins_with_its_recent_conversations() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    let carol = house.register("carol", "+4915112345680").await;
    assert_eq!(ok(&house, &bob, "init", json!({})).await["conversations"], json!([]));
    house.send(&alice, "bob@localhost", "m-1", "from alice").await;
    house.send(&carol, "bob@localhost", "m-1", "from carol").await;
    let unseen = ok(&house, &bob, "init", json!({})).await;
    assert_eq!(unseen["conversations"].as_array().map(Vec::len), Some(2));
    for peer in ["alice@localhost", "carol@localhost"] {
        ok(&house, &bob, "statusnotify", json!({ "peer": peer })).await;
    }
    let key = ok(&house, &bob, "sync", json!({})).await["key"].clone();
    check(&house, &bob, &key, 0).await;
    house.send(&alice, "bob@localhost", "m-2", "newest of alice").await;
    let later = ok(&house, &bob, "init", json!({})).await;
    let newest: Vec<&Value> = later["conversations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one.pointer("/messages/0/content/text").expect("its newest message"))
        .collect();
    assert_eq!(newest.len(), 2, "also those that were read");
    assert!(newest.contains(&&json!("newest of alice")) && newest.contains(&&json!("from carol")));
}

#[tokio::test(start_paused = true)]
async fn a_check_is_held_until_something_comes_or_its_time_is_over() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    let key = ok(&house, &bob, "init", json!({})).await["key"].clone();
    for (asked, held) in [(90_000, 90_000), (1_000_000, 90_000), (2_000, 2_000), (0, 0)] {
        let before = Instant::now();
        assert_eq!(check(&house, &bob, &key, asked).await, json!({ "retcode": 0, "selector": 0 }));
        assert_eq!(before.elapsed().as_millis(), held);
    }
    let before = Instant::now();
    assert_eq!(house.get(&bob, CHECK).await.json()["selector"], 0);
    assert_eq!(before.elapsed().as_secs(), 90, "who does not say waits as long as may be");
    let before = Instant::now();
    let (said, ()) = tokio::join!(check(&house, &bob, &key, 60_000), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        house.send(&alice, "bob@localhost", "m-1", "hello").await;
    });
    assert_eq!((&said["selector"], before.elapsed().as_secs()), (&json!(1), 3));
}

#[tokio::test(start_paused = true)]
async fn a_check_says_by_its_number_why_it_cannot_go_on() {
    let house = House::new();
    let (_, bob) = house.pair().await;
    let key = ok(&house, &bob, "init", json!({})).await["key"].clone();
    let number = |said: &Value| (said["retcode"].clone(), said["code"].clone(), said["selector"].clone());
    let held = async |seconds| {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        check(&house, &bob, &key, 60_000).await
    };
    let (oldest, _, _) = tokio::join!(held(0), held(1), held(2));
    assert_eq!(number(&oldest), (json!(1103), json!("superseded"), json!(0)));

    let (said, _) = tokio::join!(check(&house, &bob, &key, 60_000), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        ok(&house, &bob, "logout", json!({})).await
    });
    assert_eq!(number(&said), (json!(1100), json!("revoked"), json!(0)));
    let said = house.get("no-such-token", CHECK).await;
    assert_eq!(said.status, StatusCode::OK);
    assert_eq!(number(&said.json()), (json!(1101), json!("unauthenticated"), json!(0)));
}

#[tokio::test]
async fn a_stop_ends_a_held_check_and_says_when_to_come_back() {
    let house = House::new();
    let (_, bob) = house.pair().await;
    let key = ok(&house, &bob, "init", json!({})).await["key"].clone();
    let (said, ()) = tokio::join!(check(&house, &bob, &key, 60_000), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        house.stop.cancel();
        house.engine.begin_shutdown(1_000);
    });
    assert_eq!((&said["retcode"], &said["code"]), (&json!(1102), &json!("going_away")));
    assert!(said["retryAfterMs"].as_str().is_some_and(|ms| ms.parse::<u64>().is_ok_and(|ms| ms > 0)), "{said}");
}

fn refused(answer: &Answer, status: StatusCode, code: &str, what: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}");
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_what_was_wrong() {
    let house = House::new();
    let (alice, _) = house.pair().await;
    for query in [
        "key=x",
        "key=1_1,2_2",
        "key=1_1%7C1_2",
        "key=1_-1",
        "key=1_18446744073709551616",
        "wait_ms=-1",
        "wait_ms=x",
        "key=%ff",
        "key=1_1&key=1_1",
    ] {
        let answer = house.get(&alice, &format!("{CHECK}?{query}")).await;
        refused(&answer, StatusCode::BAD_REQUEST, "bad_request", query);
    }
    let long: Vec<Value> = (0..65).map(|kind| json!({ "Key": kind, "Val": "1" })).collect();
    for (method, body) in [
        ("sync", json!({ "SyncKey": { "Count": 1_000_000_000_000_u64, "List": [] } })),
        ("sync", json!({ "SyncKey": { "Count": 65, "List": long } })),
        ("sync", json!({ "SyncKey": { "Count": 1, "List": [{ "Key": 1, "Val": 9_007_199_254_740_993_u64 }] } })),
        ("sync", json!({ "SyncKey": { "Count": 1, "List": [{ "Key": "one", "Val": "1" }] } })),
        ("sync", json!({ "SyncKey": { "Count": 2, "List": [{ "Key": 1, "Val": "1" }, { "Key": 1, "Val": "1" }] } })),
        ("sync", json!({ "SyncKey": "1_1" })),
        ("sync", json!({ "limit": -1 })),
        ("sync", json!({ "acknowledge": "yes" })),
        ("sync", json!([])),
        ("send", json!({})),
        ("send", json!({ "to": "bob@localhost", "text": "x" })),
        ("send", json!({ "to": "bob@localhost", "text": "x", "clientMessageId": "" })),
        ("send", json!({ "to": "no address", "text": "x", "clientMessageId": "1" })),
        ("send", json!({ "to": "bob@localhost", "text": 7, "clientMessageId": "1" })),
        ("statusnotify", json!({})),
        ("statusnotify", json!({ "peer": "bob@localhost", "conversationId": "1" })),
        ("statusnotify", json!({ "conversationId": 1.5 })),
        ("init", json!("x")),
        ("logout", json!([1])),
    ] {
        let what = format!("{method} {body}");
        let answer = house.post(Some(&alice), &format!("/v1/web/{method}"), body).await;
        refused(&answer, StatusCode::BAD_REQUEST, "bad_request", &what);
    }
    let nobody = json!({ "to": "nobody@localhost", "text": "x", "clientMessageId": "1" });
    let answer = house.post(Some(&alice), "/v1/web/send", nobody).await;
    refused(&answer, StatusCode::NOT_FOUND, "not_found", "nobody has this address");
    let answer = house.post(Some(&alice), "/v1/web/statusnotify", json!({ "peer": "bob@localhost" })).await;
    refused(&answer, StatusCode::NOT_FOUND, "not_found", "they never wrote to each other");
    for body in [&b"{\"limit\":1,\"limit\":2}"[..], b"{", b"{} {}"] {
        let request = Request::post("/v1/web/sync").header(header::CONTENT_TYPE, JSON);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {alice}"));
        let answer = house.ask(request.body(Body::from(body)).expect("a request")).await;
        refused(&answer, StatusCode::BAD_REQUEST, "bad_request", &String::from_utf8_lossy(body));
    }
    for content_type in ["application/protobuf", "text/plain"] {
        let request = Request::post("/v1/web/sync").header(header::CONTENT_TYPE, content_type);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {alice}"));
        let answer = house.ask(request.body(Body::from("{}")).expect("a request")).await;
        refused(&answer, StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_request", content_type);
    }
}

#[tokio::test]
async fn the_browsers_protocol_is_for_devices_and_the_servers_own_page() {
    let house = House::new();
    let (alice, _) = house.pair().await;
    let guest = house.guest("ann").await;
    for method in ["sync", "send", "init", "statusnotify", "logout"] {
        let path = format!("/v1/web/{method}");
        refused(&house.post(None, &path, json!({})).await, StatusCode::UNAUTHORIZED, "unauthenticated", method);
        refused(&house.post(Some(&guest), &path, json!({})).await, StatusCode::FORBIDDEN, "forbidden", method);
        let stranger = Request::post(&path)
            .header(header::ORIGIN, "https://evil.example")
            .header(header::AUTHORIZATION, format!("Bearer {alice}"));
        let answer = house.ask(stranger.body(Body::empty()).expect("a request")).await;
        refused(&answer, StatusCode::FORBIDDEN, "forbidden", method);
    }
    let bare = house.ask(Request::get(CHECK).body(Body::empty()).expect("a request")).await;
    refused(&bare, StatusCode::UNAUTHORIZED, "unauthenticated", "a check without a token");
    refused(&house.get(&guest, CHECK).await, StatusCode::FORBIDDEN, "forbidden", "a guest's check");
    let wrong = house.get(&alice, "/v1/web/sync").await;
    refused(&wrong, StatusCode::METHOD_NOT_ALLOWED, "unknown_operation", "a sync by GET");
}
