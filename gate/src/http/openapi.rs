//! The OpenAPI description, made from the operation table and the schema.
//!
//! Nothing comes in but what the routes are made from, a JSON document leaves. Invariant: there is a path in it for
//! every route of the interface, since both come from one table.

mod web;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use belfry_domain::Code;
use belfry_wire::operation::{Access, Carrier, Operation};
use belfry_wire::{OPENAPI_SCHEMAS, OPERATIONS};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{Encoding, answer, status};

static DESCRIPTION: LazyLock<Bytes> = LazyLock::new(|| {
    Bytes::from(serde_json::to_vec_pretty(&describe()).expect("values made of strings always serialize"))
});

/// `GET /v1/openapi.json`.
pub(crate) async fn description() -> Response<Body> {
    answer(StatusCode::OK, Encoding::Json, DESCRIPTION.clone())
}

fn describe() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS.iter().filter(|operation| operation.carrier == Carrier::Any) {
        let mut item = Map::from_iter([("post".to_owned(), posted(operation))]);
        if operation.number == belfry_wire::operation::LOBBY_POLL {
            item.insert("get".into(), lobby_poll());
        }
        paths.insert(operation.path(), Value::Object(item));
    }
    paths.insert(super::NEXT_PATH.into(), json!({ "get": next() }));
    paths.insert(super::SOCKET_PATH.into(), json!({ "get": socket() }));
    paths.extend(web::paths());
    paths.insert(
        super::DESCRIPTION_PATH.into(),
        json!({ "get": plain("openapi", "This description.", "application/json") }),
    );
    paths.insert(
        super::HEALTH_PATH.into(),
        json!({ "get": plain("healthz", "Says ok while the server answers.", "text/plain") }),
    );
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Belfry",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The HTTP interface of a messaging server.",
            "description": "Every operation is one POST whose body is a message of the protocol, as proto3 JSON or as \
                protobuf. 64-bit numbers are strings in JSON; numbers are understood too. Fields with their default \
                value are left out of answers, and unknown fields of requests are skipped.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "responses": { "Refused": refused() },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of a device, or the token of a guest of the lobby.",
                },
            },
        },
    })
}

fn tags() -> Vec<Value> {
    let services: BTreeSet<&str> = OPERATIONS
        .iter()
        .filter(|operation| operation.carrier == Carrier::Any)
        .map(|operation| operation.service)
        .chain(["server", "web"])
        .collect();
    services.into_iter().map(|service| json!({ "name": service })).collect()
}

/// The schemas of all messages; the error's code is one of those there are.
fn schemas() -> Value {
    let mut schemas: Value = serde_json::from_str(OPENAPI_SCHEMAS).expect("a test of wire has made and read it");
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    if let Some(code) = schemas.pointer_mut("/Error/properties/code").and_then(Value::as_object_mut) {
        code.insert("examples".into(), json!(codes));
    }
    if let Some(error) = schemas.pointer_mut("/Error").and_then(Value::as_object_mut) {
        error.insert("required".into(), json!(["code", "message"]));
    }
    if let Some(all) = schemas.as_object_mut() {
        all.extend(web::schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema)));
    }
    schemas
}

fn refused() -> Value {
    json!({
        "description": "Refused; the code says why and the sentence what to do.",
        "headers": {
            "Retry-After": {
                "description": "Seconds after which asking again makes sense.",
                "schema": { "type": "integer", "minimum": 0 },
            },
        },
        "content": content("Error"),
    })
}

fn content(message: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{message}") });
    json!({
        "application/json": { "schema": schema },
        "application/protobuf": { "schema": { "type": "string", "format": "binary",
            "description": format!("The message belfry.v1.{message}.") } },
    })
}

fn security(access: Access) -> Value {
    match access {
        Access::Anyone => json!([{}, { "token": [] }]),
        Access::Guest | Access::Device => json!([{ "token": [] }]),
    }
}

/// An operation with the status of every code that it can be refused with; those of HTTP itself are in docs/http.md.
fn described(id: String, tag: &str, summary: &str, access: Access, reply: &str) -> Map<String, Value> {
    let mut responses =
        Map::from_iter([("200".to_owned(), json!({ "description": "Done.", "content": content(reply) }))]);
    for status in statuses() {
        responses.insert(status.as_str().to_owned(), json!({ "$ref": "#/components/responses/Refused" }));
    }
    Map::from_iter([
        ("operationId".to_owned(), json!(id)),
        ("tags".to_owned(), json!([tag])),
        ("summary".to_owned(), json!(summary)),
        ("security".to_owned(), security(access)),
        ("responses".to_owned(), Value::Object(responses)),
    ])
}

/// Every status that a refusal can have.
fn statuses() -> BTreeSet<StatusCode> {
    let of_http = [
        StatusCode::METHOD_NOT_ALLOWED,
        StatusCode::LENGTH_REQUIRED,
        StatusCode::URI_TOO_LONG,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::MISDIRECTED_REQUEST,
    ];
    Code::ALL.iter().map(|code| status(*code)).chain(of_http).collect()
}

fn posted(operation: &Operation) -> Value {
    let id = format!("{}.{}", operation.service, operation.method);
    let mut described = described(id, operation.service, operation.summary, operation.access, operation.reply);
    described.insert("requestBody".into(), json!({ "required": false, "content": content(operation.request) }));
    Value::Object(described)
}

fn parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema })
}

fn wait() -> Value {
    parameter(
        "wait",
        "Seconds to hold the request when nothing is there.",
        json!({ "type": "integer", "minimum": 0, "maximum": super::polls::WAIT_SECONDS_MAX, "default": 0 }),
    )
}

fn next() -> Value {
    let mut described = described(
        "message.next".into(),
        "message",
        "What comes next for this device; to give the key of an answer is to acknowledge it.",
        Access::Device,
        "SyncReply",
    );
    described.insert(
        "parameters".into(),
        json!([
            parameter(
                "key",
                "The Belfry-Key of the last answer. Without it: from where this device has acknowledged.",
                json!({ "type": "string" }),
            ),
            wait(),
            parameter("limit", "At most so many events.", json!({ "type": "integer", "minimum": 0, "maximum": 200 })),
        ]),
    );
    if let Some(answer) =
        described.get_mut("responses").and_then(|all| all.pointer_mut("/200")).and_then(Value::as_object_mut)
    {
        answer.insert(
            "headers".into(),
            json!({
                "Belfry-Key": { "description": "Give it back as `key` next time.", "schema": { "type": "string" } },
            }),
        );
    }
    Value::Object(described)
}

fn lobby_poll() -> Value {
    let summary = "What is new in the lobby; can wait for it.";
    let mut described = described("lobby.poll.get".into(), "lobby", summary, Access::Guest, "LobbyUpdate");
    let number = json!({ "type": "string", "pattern": "^[0-9]{1,20}$" });
    described.insert(
        "parameters".into(),
        json!([
            parameter("after", "The `cseq` of the last answer.", number.clone()),
            parameter("participants", "The `participantsVersion` of the last answer.", number),
            wait(),
        ]),
    );
    Value::Object(described)
}

fn socket() -> Value {
    json!({
        "operationId": "link.socket",
        "tags": ["message"],
        "summary": "A WebSocket that carries the frames of the long link; log in with its first frame.",
        "security": [{}],
        "responses": {
            "101": { "description": "Frames follow, one in each binary message." },
            "400": { "$ref": "#/components/responses/Refused" },
            "403": { "$ref": "#/components/responses/Refused" },
            "405": { "$ref": "#/components/responses/Refused" },
            "421": { "$ref": "#/components/responses/Refused" },
            "426": { "$ref": "#/components/responses/Refused" },
            "503": { "$ref": "#/components/responses/Refused" },
        },
    })
}

fn plain(id: &str, summary: &str, media_type: &str) -> Value {
    json!({
        "operationId": id,
        "tags": ["server"],
        "summary": summary,
        "security": [{}],
        "responses": { "200": { "description": "Done.", "content": { media_type: {} } } },
    })
}
