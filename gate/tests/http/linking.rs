//! Linking a device over HTTP: a held wait, the credentials in JSON, refusals by status.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

impl House {
    async fn begin(&self) -> Value {
        let body = json!({ "deviceName": "Browser", "platform": "Firefox on Linux" });
        let answer = self.post(None, "/v1/device/link-begin", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    async fn wait(&self, code: &Value, known: &str) -> Value {
        let body = json!({ "linkId": code["linkId"], "secret": code["secret"], "knownState": known, "waitMs": 90_000 });
        let answer = self.post(None, "/v1/device/link-wait", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_linked_by_held_requests() {
    let house = House::new();
    let (alice, bob) = house.pair().await;
    let code = house.begin().await;
    let scan = json!({ "payload": code["payload"] });
    let (told, seen) = tokio::join!(
        house.wait(&code, "LINK_STATE_WAITING"),
        house.post(Some(&alice), "/v1/device/link-scan", scan.clone())
    );
    assert_eq!((&told["state"], &told["address"]), (&json!("LINK_STATE_SCANNED"), &json!("alice@localhost")));
    assert_eq!((&seen.json()["platform"], &seen.json()["carrier"]), (&json!("Firefox on Linux"), &json!("http")));
    assert_eq!(house.post(Some(&bob), "/v1/device/link-scan", scan).await.status, StatusCode::FORBIDDEN);

    let confirm = json!({ "linkId": code["linkId"], "accept": true });
    let (told, confirmed) = tokio::join!(
        house.wait(&code, "LINK_STATE_SCANNED"),
        house.post(Some(&alice), "/v1/device/link-confirm", confirm.clone())
    );
    assert_eq!(told["credentials"]["deviceId"], confirmed.json()["deviceId"]);
    let token = told["credentials"]["token"].as_str().expect("a token");
    let list = house.post(Some(token), "/v1/device/list", json!({})).await.json();
    assert_eq!(list["devices"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["devices"][1]["name"], "Browser");

    // A lost answer is asked for again; a second yes is the same.
    assert_eq!(house.wait(&code, "LINK_STATE_SCANNED").await["credentials"], told["credentials"]);
    assert_eq!(house.post(Some(&alice), "/v1/device/link-confirm", confirm).await.json(), confirmed.json());
    let rename = json!({ "deviceId": confirmed.json()["deviceId"], "name": "Office" });
    assert_eq!(house.post(Some(&alice), "/v1/device/rename", rename).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_code_is_said_with_its_status() {
    let house = House::new();
    let alice = house.register("alice", "+4915112345678").await;
    let code = house.begin().await;
    for (token, path, body, status) in [
        (None, "link-wait", json!({ "linkId": "12", "secret": "x" }), StatusCode::BAD_REQUEST),
        (None, "link-wait", json!({ "linkId": code["linkId"], "secret": "x" }), StatusCode::NOT_FOUND),
        (None, "link-scan", json!({ "payload": code["payload"] }), StatusCode::UNAUTHORIZED),
        (None, "link-confirm", json!({ "linkId": code["linkId"] }), StatusCode::UNAUTHORIZED),
        (Some(&alice), "link-scan", json!({ "payload": "https://localhost/" }), StatusCode::BAD_REQUEST),
        (Some(&alice), "link-scan", json!({ "payload": "0".repeat(32) }), StatusCode::NOT_FOUND),
        (Some(&alice), "link-confirm", json!({ "linkId": code["linkId"], "accept": true }), StatusCode::BAD_REQUEST),
        (Some(&alice), "rename", json!({ "deviceId": 1 }), StatusCode::BAD_REQUEST),
    ] {
        let answer = house.post(token.map(String::as_str), &format!("/v1/device/{path}"), body.clone()).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
    }
    // The code is still good.
    let scanned = house.post(Some(&alice), "/v1/device/link-scan", json!({ "payload": code["payload"] })).await;
    assert_eq!(scanned.status, StatusCode::OK);
    let refused = json!({ "linkId": code["linkId"], "accept": false });
    assert_eq!(house.post(Some(&alice), "/v1/device/link-confirm", refused).await.json(), json!({}));
    assert_eq!(house.wait(&code, "LINK_STATE_SCANNED").await["state"], "LINK_STATE_REFUSED");
}
