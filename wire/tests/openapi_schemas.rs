//! The committed JSON Schemas are what the schema file makes. `BELFRY_BLESS=1 cargo test -p belfry-wire` rewrites them.
//!
//! Descriptors come in, one JSON object leaves: name of a message or enum to its JSON Schema by the proto3 JSON
//! mapping, with the comments of the schema file as descriptions.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// Most items of one repeated field that the server takes.
const ITEMS_MAX: u32 = 1024;

// Field numbers of descriptor.proto: a comment is found by the path of numbers to what it stands at.
const FILE_MESSAGES: i32 = 4;
const FILE_ENUMS: i32 = 5;
const MESSAGE_FIELDS: i32 = 2;

#[test]
fn the_generated_json_schemas_are_what_the_schema_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors = protox::compile(["belfry/v1/belfry.proto"], [root.join("proto")]).expect("the schema compiles");
    let file = descriptors.file.iter().find(|file| file.package() == "belfry.v1").expect("our file is in the set");
    let comments: HashMap<Vec<i32>, String> = file
        .source_code_info
        .iter()
        .flat_map(|info| &info.location)
        .filter(|location| !location.leading_comments().trim().is_empty())
        .map(|location| (location.path.clone(), sentence(location.leading_comments())))
        .collect();

    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    for (at, enumeration) in file.enum_type.iter().enumerate() {
        let names: Vec<&str> = enumeration.value.iter().map(|value| value.name()).collect();
        let mut schema = Map::new();
        schema.insert("type".into(), json!("string"));
        schema.insert("enum".into(), json!(names));
        describe(&mut schema, comments.get(&vec![FILE_ENUMS, at as i32]));
        schemas.insert(enumeration.name().to_owned(), Value::Object(schema));
    }
    for (at, message) in file.message_type.iter().enumerate() {
        assert!(message.nested_type.is_empty(), "{}: nested messages are not handled here", message.name());
        let mut properties = Map::new();
        for (place, field) in message.field.iter().enumerate() {
            let path = vec![FILE_MESSAGES, at as i32, MESSAGE_FIELDS, place as i32];
            let mut property = one(field.r#type() as i32, field.type_name());
            if field.label() as i32 == LABEL_REPEATED {
                property = Map::from_iter([
                    ("type".to_owned(), json!("array")),
                    ("items".to_owned(), Value::Object(property)),
                    ("maxItems".to_owned(), json!(ITEMS_MAX)),
                ]);
            }
            describe(&mut property, comments.get(&path));
            properties.insert(field.json_name().to_owned(), Value::Object(property));
        }
        let mut schema = Map::new();
        schema.insert("type".into(), json!("object"));
        schema.insert("properties".into(), Value::Object(properties));
        describe(&mut schema, comments.get(&vec![FILE_MESSAGES, at as i32]));
        schemas.insert(message.name().to_owned(), Value::Object(schema));
    }

    let made = serde_json::to_value(&schemas).expect("strings and numbers only");
    let committed = root.join("src/generated/openapi_schemas.json");
    if std::env::var_os("BELFRY_BLESS").is_some() {
        let mut text = serde_json::to_string_pretty(&schemas).expect("strings and numbers only");
        text.push('\n');
        fs::write(&committed, text).expect("can be written");
    }
    let kept = fs::read_to_string(&committed).unwrap_or_default();
    // As values: another crate of the workspace may turn on a feature that changes the order of keys.
    let kept: Value = serde_json::from_str(&kept).unwrap_or_default();
    assert!(made == kept, "openapi_schemas.json differs: run BELFRY_BLESS=1 cargo test -p belfry-wire");
}

// Numbers of descriptor.proto's FieldDescriptorProto.Type and Label.
const LABEL_REPEATED: i32 = 3;
const TYPE_UINT64: i32 = 4;
const TYPE_BOOL: i32 = 8;
const TYPE_STRING: i32 = 9;
const TYPE_MESSAGE: i32 = 11;
const TYPE_BYTES: i32 = 12;
const TYPE_UINT32: i32 = 13;
const TYPE_ENUM: i32 = 14;

/// The schema of one value of a field's type.
fn one(kind: i32, type_name: &str) -> Map<String, Value> {
    let schema = match kind {
        TYPE_BOOL => json!({"type": "boolean"}),
        TYPE_STRING => json!({"type": "string"}),
        TYPE_BYTES => json!({"type": "string", "contentEncoding": "base64"}),
        TYPE_UINT32 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        // Proto3 JSON writes 64 bits as a string, since a double ends at 2^53.
        TYPE_UINT64 => json!({"type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"}),
        TYPE_MESSAGE | TYPE_ENUM => {
            let name = type_name.strip_prefix(".belfry.v1.").expect("all types are ours");
            json!({"$ref": format!("#/components/schemas/{name}")})
        }
        other => panic!("field type {other} is not handled here: add it"),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => unreachable!("each arm is an object"),
    }
}

fn describe(schema: &mut Map<String, Value>, comment: Option<&String>) {
    if let Some(comment) = comment {
        schema.insert("description".into(), json!(comment));
    }
}

/// A comment of several lines as one line.
fn sentence(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}
