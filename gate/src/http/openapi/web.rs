//! The description of the browser's sync protocol, whose shapes are not those of the schema.
//!
//! Nothing comes in, paths and schemas leave. Invariant: what is described here is what `http::web` reads and writes; a
//! test holds its answers against it.

use belfry_domain::DataKind;
use belfry_domain::limits::{PAGE_ENTRIES_MAX, POLL_WAIT_MS_MAX};
use belfry_wire::operation::Access;
use serde_json::{Map, Value, json};

use super::super::web::{CONVERSATIONS_MAX, KEY_PATTERN, RETCODES, selector_bit};
use super::super::web_path;
use super::{described, parameter};

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn whole() -> Value {
    json!({ "type": "string", "format": "uint64", "description": "A number up to 2^53 is understood too." })
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// The shapes.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let bits = DataKind::ALL.map(|kind| format!("{} {kind:?}", selector_bit(kind))).join(", ");
    let reasons: Vec<String> = RETCODES.iter().map(|(number, _, reason)| format!("{number}: {reason}")).collect();
    let flag = json!({ "type": "boolean" });
    let text = json!({ "type": "string" });
    let number = json!({ "type": "integer", "minimum": 0 });
    vec![
        ("WebNothing", object(&[], json!({}))),
        (
            "WebSyncKey",
            object(
                &["Count", "List"],
                json!({
                    "Count": { "type": "integer", "minimum": 0, "maximum": 64 },
                    "List": { "type": "array", "items": object(&["Key", "Val"], json!({ "Key": number, "Val": whole() })) },
                }),
            ),
        ),
        (
            "WebCheck",
            object(
                &["retcode", "selector"],
                json!({
                    "retcode": { "type": "integer", "description": format!("0: go on. {}", reasons.join(" ")) },
                    "selector": { "type": "integer",
                        "description": format!("The sum of the kinds of data that have changed: {bits}. 0: nothing.") },
                    "code": text, "message": text, "retryAfterMs": whole(),
                }),
            ),
        ),
        (
            "WebSyncRequest",
            object(
                &[],
                json!({
                    "SyncKey": reference("WebSyncKey"),
                    "limit": { "type": "integer", "minimum": 0, "maximum": PAGE_ENTRIES_MAX },
                    "acknowledge": { "type": "boolean", "default": true },
                }),
            ),
        ),
        (
            "WebSync",
            object(
                &["events", "SyncKey", "key", "ContinueFlag", "reset", "gap"],
                json!({
                    "events": { "type": "array", "items": reference("Event") },
                    "SyncKey": reference("WebSyncKey"),
                    "key": { "type": "string", "description": "The same key as one word, for synccheck." },
                    "ContinueFlag": { "type": "integer", "description": "1: there is more, sync again." },
                    "reset": flag, "gap": flag,
                }),
            ),
        ),
        (
            "WebSendRequest",
            object(&["to", "clientMessageId", "text"], json!({ "to": text, "clientMessageId": text, "text": text })),
        ),
        (
            "WebSend",
            object(
                &["conversationId", "cseq", "sentAtMs", "duplicate"],
                json!({ "conversationId": whole(), "cseq": whole(), "sentAtMs": whole(), "duplicate": flag }),
            ),
        ),
        (
            "WebInit",
            object(
                &["profile", "deviceId", "conversations", "SyncKey", "key"],
                json!({
                    "profile": reference("Profile"),
                    "deviceId": number,
                    "conversations": { "type": "array", "items": reference("HistoryReply"),
                        "description": format!("At most {CONVERSATIONS_MAX}, newest first, each with its newest message.") },
                    "SyncKey": reference("WebSyncKey"),
                    "key": text,
                }),
            ),
        ),
        ("WebStatusRequest", object(&[], json!({ "conversationId": whole(), "peer": text, "readCseq": whole() }))),
    ]
}

fn posted(method: &str, summary: &str, request: &str, reply: &str) -> (String, Value) {
    let mut described = described(format!("web.{method}"), "web", summary, Access::Device, reply);
    only_json(&mut described);
    let content = json!({ "application/json": { "schema": reference(request) } });
    described.insert("requestBody".into(), json!({ "required": false, "content": content }));
    (web_path(method), json!({ "post": described }))
}

fn only_json(described: &mut Map<String, Value>) {
    let answer = described.get_mut("responses").and_then(|all| all.pointer_mut("/200/content"));
    if let Some(content) = answer.and_then(Value::as_object_mut) {
        content.remove("application/protobuf");
    }
}

/// The paths.
pub(super) fn paths() -> Vec<(String, Value)> {
    let summary = "Whether anything has changed after a key, which is acknowledged; waits for it.";
    let mut check = described("web.synccheck".into(), "web", summary, Access::Device, "WebCheck");
    only_json(&mut check);
    check.insert(
        "parameters".into(),
        json!([
            parameter(
                "key",
                "The `key` of the last answer. Without it: from where this device has acknowledged.",
                json!({ "type": "string", "pattern": KEY_PATTERN }),
            ),
            parameter(
                "wait_ms",
                "Milliseconds to hold the request when nothing has changed.",
                json!({ "type": "integer", "minimum": 0, "maximum": POLL_WAIT_MS_MAX, "default": POLL_WAIT_MS_MAX }),
            ),
        ]),
    );
    vec![
        (web_path("synccheck"), json!({ "get": check })),
        posted("sync", "What came after a key, which is acknowledged; does not wait.", "WebSyncRequest", "WebSync"),
        posted("send", "Send a text; a repeated id is one message.", "WebSendRequest", "WebSend"),
        posted("init", "Who one is, the recent conversations, and the key to begin with.", "WebNothing", "WebInit"),
        posted(
            "statusnotify",
            "A chat was opened: all of it up to a message is read.",
            "WebStatusRequest",
            "WebNothing",
        ),
        posted("logout", "Remove this device from its account.", "WebNothing", "WebNothing"),
    ]
}
