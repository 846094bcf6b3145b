//! Held requests: what wakes them, what ends them, and that an answer which is lost is given again.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use tokio::time::Instant;

use crate::house::{House, texts};

#[tokio::test]
async fn an_answer_is_given_again_until_its_key_comes_back() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    house.send(&alice, "bob@localhost", "m-1", "one").await;
    let first = house.get(&bob, "/v1/message/next").await;
    assert_eq!((first.status, texts(&first.json())), (StatusCode::OK, vec!["one".to_owned()]));
    let lost_and_asked_again = house.get(&bob, "/v1/message/next").await;
    assert_eq!(texts(&lost_and_asked_again.json()), ["one"]);
    let key = first.header("belfry-key").to_owned();
    assert!(!key.is_empty());
    house.send(&alice, "bob@localhost", "m-2", "two").await;
    let second = house.get(&bob, &format!("/v1/message/next?key={key}")).await;
    assert_eq!(texts(&second.json()), ["two"]);
    let from_where_it_acknowledged = house.get(&bob, "/v1/message/next").await;
    assert_eq!(texts(&from_where_it_acknowledged.json()), ["two"]);
    let limited = house.get(&bob, "/v1/message/next?key=1:0,2:0,3:0&limit=1").await.json();
    assert_eq!(limited["events"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_held_request_answers_when_a_message_comes() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    let start = house.get(&bob, "/v1/message/next").await.header("belfry-key").to_owned();
    let path = format!("/v1/message/next?key={start}&wait=60");
    let (held, ()) = tokio::join!(house.get(&bob, &path), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        house.send(&alice, "bob@localhost", "m-1", "hello").await;
    });
    assert_eq!(texts(&held.json()), ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_held_request_ends_empty_after_its_time() {
    let house = House::new();
    let (_, bob) = house.pair().await;
    let key = house.get(&bob, "/v1/message/next").await.header("belfry-key").to_owned();
    for (wait, held) in [(90, 90), (1_000, 90), (2, 2)] {
        let before = Instant::now();
        let answer = house.get(&bob, &format!("/v1/message/next?key={key}&wait={wait}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(texts(&answer.json()), Vec::<String>::new());
        assert_eq!(answer.header("belfry-key"), key);
        assert_eq!(before.elapsed().as_secs(), held);
    }
}

#[tokio::test(start_paused = true)]
async fn a_third_held_request_ends_the_oldest() {
    let house = House::new();
    let (_, bob) = house.pair().await;
    let key = house.get(&bob, "/v1/message/next").await.header("belfry-key").to_owned();
    let path = format!("/v1/message/next?key={key}&wait=60");
    let later = async |seconds| {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        house.get(&bob, &path).await
    };
    let before = Instant::now();
    let (first, second, third) = tokio::join!(
        async {
            let answer = later(0).await;
            assert_eq!(before.elapsed().as_secs(), 2);
            answer
        },
        later(1),
        later(2)
    );
    assert_eq!((first.status, first.code().as_str()), (StatusCode::CONFLICT, "superseded"));
    assert_eq!((second.status, third.status), (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn a_stop_ends_held_requests_at_once() {
    let house = House::new();
    let (_, bob) = house.pair().await;
    let key = house.get(&bob, "/v1/message/next").await.header("belfry-key").to_owned();
    let path = format!("/v1/message/next?key={key}&wait=60");
    let (held, ()) = tokio::join!(house.get(&bob, &path), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        house.engine.begin_shutdown(1_000);
    });
    assert_eq!(held.status, StatusCode::OK);
    assert_eq!(held.header("belfry-key"), key);
}

#[tokio::test]
async fn a_removed_device_is_told_in_its_held_request() {
    let house = House::new();
    let (_, bob) = house.pair().await;
    let key = house.get(&bob, "/v1/message/next").await.header("belfry-key").to_owned();
    let path = format!("/v1/message/next?key={key}&wait=60");
    let (held, ()) = tokio::join!(house.get(&bob, &path), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        house.post(Some(&bob), "/v1/session/logout", json!({})).await;
    });
    assert_eq!(held.status, StatusCode::UNAUTHORIZED, "{held:?}");
}

#[tokio::test]
async fn the_lobby_is_polled_by_get() {
    let house = House::new();
    let ann = house.guest("ann").await;
    let joined = house.get(&ann, "/v1/lobby/poll").await.json();
    let (after, version) = (joined["cseq"].as_str().unwrap_or("0"), joined["participantsVersion"].as_str());
    let path = format!("/v1/lobby/poll?after={after}&participants={}&wait=60", version.expect("a version"));
    let (held, ()) = tokio::join!(house.get(&ann, &path), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let said = json!({ "clientMessageId": "l-1", "text": "hello all" });
        let sent = house.post(Some(&ann), "/v1/lobby/send", said).await;
        assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
    });
    assert_eq!(held.json()["messages"][0]["text"], "hello all");
    assert_eq!(held.json()["messages"][0]["name"], "ann");
}

#[tokio::test]
async fn what_is_no_query_is_refused() {
    let house = House::new();
    let (alice, _) = house.pair().await;
    for query in [
        "key=x",
        "key=",
        "key=1:1&key=1:1",
        "wait=-1",
        "wait=x",
        "wait=1e9",
        "limit=-1",
        "limit=1.5",
        "wait=18446744073709551616",
        "key=%ff",
    ] {
        let answer = house.get(&alice, &format!("/v1/message/next?{query}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "bad_request"), "{query}");
    }
    for query in ["limit=1000000000", "limit=0", "unknown=1", ""] {
        let answer = house.get(&alice, &format!("/v1/message/next?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
    }
    let forged =
        house.get(&alice, "/v1/message/next?key=1:18446744073709551615,2:18446744073709551615,3:9999999").await;
    assert_eq!(forged.status, StatusCode::OK, "a key of another life of the log starts anew: {forged:?}");
}
