//! Tests of converting: every operation has its request, keys mean what the document says, bombs are refused unopened.

use belfry_domain::{
    AccountId, Address, Author, ClientMessageId, Content, ConversationId, Cseq, DeviceId, Entry, Item, Message,
    MessageId, RoomName, Seq, TimestampMs,
};
use belfry_engine::{Batch, Identity, LobbyNews, Participant};
use belfry_wire::operation::{Carrier, OPERATIONS};
use std::sync::Arc;

use super::*;

#[test]
fn every_operation_that_can_be_asked_has_a_request_in_both_codings() {
    for operation in OPERATIONS {
        let asked = operation.carrier != Carrier::Told && !operation.request.is_empty();
        for read in [Request::from_protobuf(operation.number, Bytes::new()), Request::from_json(operation.number, b"")]
        {
            match read {
                Ok(_) => assert!(asked, "{} is not to be asked", operation.method),
                Err(refusal) => assert!(!asked, "{}: {refusal}", operation.method),
            }
        }
    }
}

fn wire_key(values: &[(u32, u64)]) -> v1::SyncKey {
    v1::SyncKey { list: values.iter().map(|(key, val)| v1::KeyValue { key: *key, val: *val }).collect() }
}

#[test]
fn a_key_has_a_value_for_each_kind_and_keeps_those_that_we_do_not_know() {
    let read = |values: &[(u32, u64)]| sync_key(Some(&wire_key(values))).expect("a key");
    assert_eq!(sync_key(None).expect("no key is the beginning"), Seq(0));
    assert_eq!(read(&[]), Seq(0));
    assert_eq!(read(&[(5, 7), (4, 7), (3, 7), (2, 7), (1, 7)]), Seq(7));
    let batch = Batch { key: read(&[(99, u64::MAX), (3, 8), (1, 9)]), ..Batch::default() };
    let told = notify(&batch, &Identity::Nobody { noise_key: None }, None);
    assert_eq!(told.key, Some(wire_key(&[(1, 9), (2, 0), (3, 8), (4, 0), (5, 0), (99, u64::MAX)])));
    assert_eq!(told.previous, Some(wire_key(&[(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)])));
}

#[test]
fn a_key_that_is_too_long_or_says_a_kind_twice_is_a_bad_request() {
    let long: Vec<(u32, u64)> = (0..65).map(|kind| (kind, 1)).collect();
    for values in [&[(1, 5), (1, 6)][..], &[(77, 5), (1, 6), (77, 5)], &long] {
        let sync = v1::SyncRequest { key: Some(wire_key(values)), ..v1::SyncRequest::default() };
        assert_eq!(command(Request::Sync(sync)).expect_err("no key").code, Code::BadRequest);
        let ack = v1::AckRequest { passed: Some(wire_key(&[])), delivered: Some(wire_key(values)) };
        assert_eq!(command(Request::Ack(ack)).expect_err("no key").code, Code::BadRequest);
    }
    let sync = v1::SyncRequest { kinds: vec![1; 65], ..v1::SyncRequest::default() };
    assert_eq!(command(Request::Sync(sync)).expect_err("too many kinds").code, Code::BadRequest);
}

#[test]
fn an_acknowledgement_is_of_the_messages_that_were_passed_and_delivered() {
    let ask = |passed: &[(u32, u64)], delivered: Option<&[(u32, u64)]>| {
        let ack = v1::AckRequest { passed: Some(wire_key(passed)), delivered: delivered.map(wire_key) };
        match command(Request::Ack(ack)) {
            Ok(belfry_engine::Command::Acknowledge { passed, delivered }) => (passed.0, delivered.0),
            other => panic!("not an acknowledgement: {other:?}"),
        }
    };
    let even = [(1, 7), (2, 7), (3, 7), (4, 7), (5, 7)];
    assert_eq!(ask(&even, None), (7, 7));
    assert_eq!(ask(&even, Some(&[(1, 5)])), (7, 5));
    assert_eq!(ask(&even, Some(&[(1, 9)])), (7, 7), "what was not passed was not delivered");
    assert_eq!(ask(&[(1, 9), (2, 4), (3, 6), (4, 5), (5, 8)], None), (4, 9), "all kinds were passed up to the least");
    assert_eq!(ask(&[(1, 9)], None), (0, 9));
}

#[test]
fn a_list_bomb_is_refused_before_it_is_decoded() {
    let empty_items = |outer: u8, inner: u8, items: usize| {
        let mut inside = Vec::new();
        for _ in 0..items {
            inside.extend_from_slice(&[inner << 3 | 2, 0]);
        }
        let mut body = BytesMut::from(&[outer << 3 | 2][..]);
        prost::encoding::encode_varint(inside.len() as u64, &mut body);
        body.extend_from_slice(&inside);
        body.freeze()
    };
    for (number, outer, inner) in [
        (operation::SEND, 3, 4),
        (operation::SEND, 3, 7),
        (operation::EDIT, 3, 4),
        (operation::SYNC, 1, 1),
        (operation::ACK, 2, 1),
    ] {
        let refused = Request::from_protobuf(number, empty_items(outer, inner, 400_000)).expect_err("a bomb");
        assert_eq!(refused.code, Code::BadRequest);
        Request::from_protobuf(number, empty_items(outer, inner, 100)).expect("a short list");
    }
    let json = format!(r#"{{"key":{{"list":[{}]}}}}"#, vec!["{}"; 2_000].join(","));
    assert_eq!(Request::from_json(operation::SYNC, json.as_bytes()).expect_err("a bomb").code, Code::BadRequest);
}

#[test]
fn json_that_is_too_deep_or_no_json_or_no_utf8_is_refused() {
    let deep = |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    Request::from_json(operation::SYNC, deep(20).as_bytes()).expect("an unknown field of bearable depth");
    for (body, code) in [
        (deep(100_000).into_bytes(), Code::BadRequest),
        (b"{".to_vec(), Code::BadRequest),
        (br#"{"limit":1e999}"#.to_vec(), Code::BadRequest),
        (br#"{"limit":NaN}"#.to_vec(), Code::BadRequest),
        (br#"{"limit":-1}"#.to_vec(), Code::BadRequest),
        (br#"{"limit":1,"limit":2}"#.to_vec(), Code::BadRequest),
        (b"{\"x\":\"\xFF\"}".to_vec(), Code::InvalidUtf8),
    ] {
        let refusal = Request::from_json(operation::SYNC, &body).expect_err("refused");
        assert_eq!(refusal.code, code, "{:?}", String::from_utf8_lossy(&body[..body.len().min(60)]));
    }
}

#[test]
fn a_text_that_is_no_utf8_is_named_and_an_overlong_number_is_a_bad_request() {
    let bad_text = Bytes::from_static(&[1 << 3 | 2, 2, 0xC3, 0x28]);
    let refusal = Request::from_protobuf(operation::SEND, bad_text).expect_err("no UTF-8");
    assert_eq!(refusal.code, Code::InvalidUtf8);
    let overlong = Bytes::from_static(&[2 << 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]);
    assert_eq!(Request::from_protobuf(operation::SYNC, overlong).expect_err("overlong").code, Code::BadRequest);
}

#[test]
fn unknown_fields_are_passed_over() {
    let newer = Bytes::from_static(&[0xFA, 0x3F, 3, 1, 2, 3, 2 << 3, 9]);
    let Ok(Request::Sync(sync)) = Request::from_protobuf(operation::SYNC, newer) else { panic!("a newer client") };
    assert_eq!(sync.limit, 9);
}

#[test]
fn only_the_author_sees_the_client_message_id_and_its_device_no_content() {
    let who = |account: u64, device: u32| Identity::Device {
        account: AccountId(account),
        address: Address::parse("alice@localhost").expect("valid"),
        device: DeviceId(device),
    };
    let said = Message {
        id: MessageId { conversation: ConversationId(1), cseq: Cseq(1) },
        author: Author::Account {
            account: AccountId(7),
            address: Address::parse("alice@localhost").expect("valid"),
            device: DeviceId(2),
        },
        to: Some(Address::parse("bob@localhost").expect("valid")),
        room_name: None,
        client_id: ClientMessageId::parse("mine").expect("valid"),
        sent: TimestampMs(5),
        content: Content::text("hello"),
        life: Default::default(),
    };
    let entry = Arc::new(Entry { seq: Seq(4), prev: Seq(3), item: Item::Message(Arc::new(said)) });
    let batch = Batch { prev: Seq(3).into(), key: Seq(4).into(), entries: vec![entry], ..Batch::default() };
    for (reader, sent_from, id, text) in [
        (who(7, 2), Some(Seq(4)), "mine", None),
        (who(7, 2), Some(Seq(5)), "mine", Some("hello")),
        (who(7, 2), None, "mine", Some("hello")),
        (who(7, 3), Some(Seq(1)), "mine", Some("hello")),
        (who(8, 2), Some(Seq(1)), "", Some("hello")),
    ] {
        let told = notify(&batch, &reader, sent_from);
        let Some(v1::event::Item::Message(message)) = &told.events[0].item else { panic!("a message") };
        assert_eq!(message.client_message_id, id);
        assert_eq!(message.content.as_ref().map(|content| content.text.as_str()), text);
    }
}

#[test]
fn every_refusal_has_a_status_of_its_kind() {
    for code in Code::ALL {
        assert!((400..600).contains(&http_status(*code)), "{code}");
    }
}

#[test]
fn a_field_that_cannot_be_taken_is_refused_with_a_whole_sentence() {
    let bodies = [
        (operation::SEND, r#"{"to":"nobody","content":{"text":"x"}}"#),
        (operation::SEND, r#"{"to":"a b@localhost","content":{"text":"x"}}"#),
        (operation::SEND, r#"{"to":"a@b","content":{"text":"x"}}"#),
        (operation::REQUEST_PIN, r#"{"phone":"1"}"#),
        (operation::LOBBY_JOIN, r#"{"name":" "}"#),
        (operation::LOBBY_JOIN, r#"{"name":"\u202e"}"#),
        (operation::ACK, "{}"),
    ];
    for (number, body) in bodies {
        let refusal = Request::from_json(number, body.as_bytes()).and_then(command).expect_err(body);
        assert_eq!(refusal.code, Code::BadRequest);
        let first = refusal.message.chars().next().expect("a sentence");
        assert!(
            (first.is_uppercase() || first == '"' || refusal.message.starts_with("client_message_id")),
            "{refusal}"
        );
        assert!(refusal.message.ends_with('.') && !refusal.message.ends_with(".."), "{refusal}");
    }
}

#[test]
fn an_update_of_the_lobby_and_its_list_made_apart_are_the_whole_update() {
    let participant = |name: &str| Participant { name: RoomName::parse(name).expect("a name"), account: name == "ann" };
    let list: Vec<Participant> = ["ann", "ben", "zoë"].map(participant).into();
    for participants in [Some(Arc::new(list)), Some(Arc::default()), None] {
        let news =
            LobbyNews { cseq: Cseq(9), participants, participants_version: 7, more: true, ..LobbyNews::default() };
        let mut bytes = lobby_update_without_list(&news).encode_to_vec();
        bytes.extend(news.participants.iter().flat_map(|list| lobby_list(list)));
        assert_eq!(v1::LobbyUpdate::decode(&*bytes).expect("an update"), lobby_update(&news));
    }
}
