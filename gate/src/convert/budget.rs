//! The decode budget: what a body may make us allocate is bounded before it is decoded.
//!
//! Bodies come in as bytes; nothing or a refusal leaves. A protobuf item of two bytes becomes some fifty in memory, so
//! a frame of 1 MiB could become 28: fields are counted first, without decoding them.

use belfry_domain::{Code, Refusal};
use belfry_wire::operation;

use super::Request;

/// Items of one repeated field in a request: no honest list is longer.
pub const ITEMS_MAX: usize = 1_024;

/// Fields of a request, those of its messages included: the longest list and room for the rest.
pub const FIELDS_MAX: usize = 2 * ITEMS_MAX;

/// Nesting of a JSON body: the schema's deepest request has four levels.
pub const JSON_DEPTH_MAX: usize = 32;

/// Counts the fields of a protobuf body, and within the fields that hold repeated messages.
pub(super) fn check_protobuf(number: u32, body: &[u8]) -> Result<(), Refusal> {
    // SendRequest.content and EditRequest.content, SyncRequest.key, AckRequest.passed and .delivered: the one other level
    // with a list in it.
    let nested: &[u64] = match number {
        operation::SEND => &[3],
        operation::SYNC => &[1],
        operation::ACK => &[1, 2],
        operation::EDIT => &[3],
        _ => &[],
    };
    let mut fields = 0;
    if count(body, nested, &mut fields) { Ok(()) } else { Err(too_many()) }
}

/// Adds the fields of a message to `fields`; false: there are too many. What is malformed is left to the decoder.
fn count(mut rest: &[u8], nested: &[u64], fields: &mut usize) -> bool {
    while !rest.is_empty() {
        *fields += 1;
        if *fields > FIELDS_MAX {
            return false;
        }
        let Some(key) = varint(&mut rest) else { return true };
        let skip = match key & 7 {
            0 => match varint(&mut rest) {
                Some(_) => 0,
                None => return true,
            },
            1 => 8,
            5 => 4,
            2 => {
                let Some(length) = varint(&mut rest).and_then(|length| usize::try_from(length).ok()) else {
                    return true;
                };
                let Some(inner) = rest.get(..length) else { return true };
                if nested.contains(&(key >> 3)) && !count(inner, &[], fields) {
                    return false;
                }
                length
            }
            _ => 0, // groups: their content is counted as if it stood here
        };
        rest = rest.get(skip..).unwrap_or_default();
    }
    true
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in 0..10 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << (7 * shift);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Holds a JSON body to UTF-8 and to its depth.
pub(super) fn check_json(body: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Refusal::new(Code::InvalidUtf8, format!("The body is not UTF-8: {error}.")))?;
    let (mut depth, mut in_string, mut escaped, mut items) = (0_usize, false, false, 0_usize);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => items += 1,
            _ => {}
        }
        if depth > JSON_DEPTH_MAX {
            return Err(Refusal::new(Code::BadRequest, format!("The body is nested deeper than {JSON_DEPTH_MAX}.")));
        }
    }
    // Commas of objects count too, so a list of ITEMS_MAX items with several members each still passes.
    if items > 8 * FIELDS_MAX { Err(too_many()) } else { Ok(text) }
}

/// Holds the lists of a decoded request to their length.
pub(super) fn check_items(request: &Request) -> Result<(), Refusal> {
    let keys = |key: &Option<belfry_wire::v1::SyncKey>| key.as_ref().map_or(0, |key| key.list.len());
    let longest = |content: &belfry_wire::v1::Content| content.extensions.len().max(content.mentions.len());
    let longest = match request {
        Request::Send(send) => send.content.as_ref().map_or(0, longest),
        Request::Edit(edit) => edit.content.as_ref().map_or(0, longest),
        Request::Sync(sync) => keys(&sync.key).max(sync.kinds.len()),
        Request::SetContact(set) => set.labels.len(),
        Request::Watch(watch) => watch.addresses.len(),
        Request::Ack(ack) => keys(&ack.passed).max(keys(&ack.delivered)),
        _ => 0,
    };
    if longest > ITEMS_MAX { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> Refusal {
    Refusal::new(Code::BadRequest, format!("The body has too many items; a list has at most {ITEMS_MAX}."))
}
