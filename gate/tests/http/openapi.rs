//! The OpenAPI description: it is well formed, and the server does what it says.

use axum::body::Body;
use axum::http::{Method, Request, header};
use belfry_wire::OPERATIONS;
use belfry_wire::operation::Carrier;
use serde_json::{Map, Value, json};

use crate::house::{House, JSON};

const METHODS: [&str; 2] = ["get", "post"];

async fn description(house: &House) -> Value {
    let answer = house.get("", "/v1/openapi.json").await;
    assert_eq!(answer.header("content-type"), JSON);
    answer.json()
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("{value} is no object"))
}

/// Calls `visit` with every object of a document.
fn walk(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|value| walk(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

#[tokio::test]
async fn it_is_well_formed() {
    let api = description(&House::new()).await;
    assert_eq!(api["openapi"], "3.1.0");
    for field in ["title", "version"] {
        assert!(api["info"][field].is_string());
    }
    let mut ids = Vec::new();
    let tags: Vec<&Value> = api["tags"].as_array().expect("tags").iter().map(|tag| &tag["name"]).collect();
    for (path, item) in object(&api["paths"]) {
        assert!(path.starts_with('/'), "{path}");
        for (method, operation) in object(item) {
            assert!(METHODS.contains(&method.as_str()), "{path} {method}");
            ids.push(operation["operationId"].as_str().expect("an id").to_owned());
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{path}");
            assert!(operation["security"].is_array(), "{path}");
            assert!(operation["tags"].as_array().expect("tags").iter().all(|tag| tags.contains(&tag)), "{path}");
            let responses = object(&operation["responses"]);
            assert!(responses.keys().any(|status| status == "200" || status == "101"), "{path}");
            assert!(responses.keys().all(|status| status.len() == 3 && status.parse::<u16>().is_ok()), "{path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["name"].is_string() && parameter["schema"].is_object());
                assert_eq!(parameter["in"], "query");
            }
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "ids are unique");
    let mut references = 0;
    walk(&api, &mut |object| {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| api.pointer(pointer));
            assert!(target.is_some(), "{reference} is not there");
            references += 1;
        }
    });
    assert!(references > 100);
    assert_eq!(api["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

#[tokio::test]
async fn it_has_every_operation_and_each_has_a_summary_of_its_own() {
    let api = description(&House::new()).await;
    for operation in OPERATIONS {
        let described = &api["paths"][operation.path()]["post"];
        assert_eq!(described.is_object(), operation.carrier == Carrier::Any, "{}", operation.path());
        if operation.carrier == Carrier::Any {
            assert_eq!(described["summary"], operation.summary);
        }
    }
}

/// Whether a value is what a schema says: types, known properties, patterns of numbers.
fn fits(api: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return fits(api, api.pointer(&reference[1..]).expect("references are checked elsewhere"), value);
    }
    let wrong = || Err(format!("{value} is not {schema}"));
    match schema["type"].as_str() {
        Some("object") => {
            let Some(object) = value.as_object() else { return wrong() };
            let properties = &schema["properties"];
            object.iter().try_for_each(|(name, value)| match properties.get(name) {
                Some(property) => fits(api, property, value),
                None => Err(format!("{name} is not described")),
            })
        }
        Some("array") => match value.as_array() {
            Some(items) => items.iter().try_for_each(|item| fits(api, &schema["items"], item)),
            None => wrong(),
        },
        Some("string") => match value.as_str() {
            Some(text) if schema["format"] == "uint64" && text.parse::<u64>().is_err() => wrong(),
            Some(text)
                if schema["enum"].is_array()
                    && !schema["enum"].as_array().is_some_and(|of| of.contains(&json!(text))) =>
            {
                wrong()
            }
            Some(_) => Ok(()),
            None => wrong(),
        },
        Some("integer") if value.is_u64() => Ok(()),
        Some("boolean") if value.is_boolean() => Ok(()),
        _ => wrong(),
    }
}

/// What makes each operation succeed, so that its answer can be held against its description.
fn good_body(path: &str) -> Value {
    match path {
        "/v1/message/send" => {
            let content = json!({ "kind": "CONTENT_KIND_TEXT", "text": "hello" });
            json!({ "to": "bob@localhost", "clientMessageId": "m-9", "content": content })
        }
        "/v1/message/ack" => json!({ "passed": { "list": [] } }),
        "/v1/message/mark-read" => json!({ "conversationId": "1", "readCseq": "1" }),
        "/v1/message/history" | "/v1/conversation/get-retention" => json!({ "peer": "bob@localhost" }),
        "/v1/account/exists" => json!({ "address": "bob@localhost" }),
        "/v1/account/set-profile" => json!({ "displayName": "Alice" }),
        "/v1/device/rename" => json!({ "deviceId": 1, "name": "Phone" }),
        "/v1/conversation/set" => json!({ "peer": "bob@localhost", "pinned": true }),
        "/v1/conversation/set-retention" => json!({ "peer": "bob@localhost", "retention": {} }),
        "/v1/conversation/typing" => json!({ "to": "bob@localhost", "active": true }),
        "/v1/message/delete-for-me" => json!({ "conversationId": "1", "cseq": "2" }),
        "/v1/message/edit" => {
            let content = json!({ "kind": "CONTENT_KIND_TEXT", "text": "hello there" });
            json!({ "conversationId": "1", "cseq": "1", "content": content })
        }
        "/v1/message/pin" => json!({ "conversationId": "1", "cseq": "1", "pinned": true }),
        "/v1/message/react" => json!({ "conversationId": "1", "cseq": "1", "emoji": "👍" }),
        "/v1/message/recall" => json!({ "conversationId": "1", "cseq": "1" }),
        "/v1/message/star" => json!({ "conversationId": "1", "cseq": "1", "starred": true }),
        "/v1/lobby/send" => json!({ "clientMessageId": "l-1", "text": "hello" }),
        "/v1/web/send" => json!({ "to": "bob@localhost", "clientMessageId": "w-1", "text": "hello" }),
        "/v1/web/statusnotify" => json!({ "peer": "bob@localhost" }),
        "/v1/contact/find" => json!({ "query": "bob" }),
        // Bob has asked; he is accepted, removed, asked and so on in the order of the alphabet, and blocked at the end.
        path if path.starts_with("/v1/contact/") => json!({ "address": "bob@localhost" }),
        "/v1/invite/create" => json!({ "kind": "INVITE_KIND_CONTACT" }),
        "/v1/activity/report" => json!({ "activity": "ACTIVITY_FOREGROUND" }),
        "/v1/register/request-pin" => json!({ "phone": "+4915112345670" }),
        _ => json!({}),
    }
}

#[tokio::test]
async fn every_path_is_there_and_answers_as_described() {
    let house = House::new();
    let api = description(&house).await;
    let (alice, bob) = house.pair().await;
    house.send(&alice, "bob@localhost", "m-1", "hello").await;
    house.send(&bob, "alice@localhost", "m-1", "hello you").await;
    house.post(Some(&alice), "/v1/lobby/join", json!({})).await;
    house.post(Some(&bob), "/v1/contact/request", json!({ "address": "alice@localhost" })).await;
    let mut succeeded = Vec::new();
    // Logging out ends what the others need, and so does blocking Bob.
    let mut paths: Vec<(&String, &Value)> = object(&api["paths"]).iter().collect();
    let ends = ["logout", "leave", "contact/block"];
    paths.sort_by_key(|(path, _)| ends.iter().any(|end| path.contains(end)));
    for (path, item) in paths {
        for (method, operation) in object(item) {
            // Alice has been logged out by then.
            let who = if path.contains("web/logout") { &bob } else { &alice };
            for (token, body) in [(None, json!({})), (Some(who), json!({})), (Some(who), good_body(path))] {
                let mut request = Request::builder()
                    .method(Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method"))
                    .uri(path);
                if let Some(token) = token {
                    request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
                }
                let body = if method == "post" { Body::from(body.to_string()) } else { Body::empty() };
                let answer = house.ask(request.header(header::CONTENT_TYPE, JSON).body(body).expect("a request")).await;
                let status = answer.status.as_u16().to_string();
                let described = operation["responses"].get(&status);
                let described = described.unwrap_or_else(|| panic!("{method} {path}: {status} is not described"));
                let described = match described.get("$ref").and_then(Value::as_str) {
                    Some(reference) => api.pointer(&reference[1..]).expect("it is there"),
                    None => described,
                };
                if let Some(schema) = described.pointer("/content/application~1json/schema") {
                    fits(&api, schema, &answer.json()).unwrap_or_else(|why| panic!("{method} {path}: {why}"));
                }
                if answer.status.is_success() && !succeeded.contains(path) {
                    succeeded.push(path.clone());
                }
            }
        }
    }
    // These need a PIN, a password, a secret, another device, a code of one, an invitation, a picture, a request that is
    // open, or an upgrade.
    for path in object(&api["paths"]).keys() {
        let needs_more = [
            "verify-pin",
            "add-device",
            "session/token",
            "device/revoke",
            "link-wait",
            "link-scan",
            "link-confirm",
            "socket",
            "contact/refuse",
            "contact/withdraw",
            "invite/accept",
            "invite/look-at",
            "invite/revoke",
            "register/sign-up",
            "get-picture",
        ];
        if !needs_more.iter().any(|part| path.contains(part)) {
            assert!(succeeded.contains(path), "{path} never succeeded");
        }
    }
}
