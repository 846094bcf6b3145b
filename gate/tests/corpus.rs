//! Replays the fuzzers' corpus on stable, and keeps its seeds: `BELFRY_BLESS=1 cargo test -p belfry-gate --test corpus`.

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use belfry_wire::noise::{Handshake, StaticKey, prologue};
use belfry_wire::{Frame, Framing, OPERATIONS, operation, v1};
use bytes::{Bytes, BytesMut};
use prost::Message;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target)
}

fn replay(target: &str, run: fn(&[u8])) {
    let mut replayed = 0;
    for file in fs::read_dir(corpus(target)).expect("the corpus is committed") {
        let path = file.expect("readable").path();
        run(&fs::read(&path).expect("readable"));
        replayed += 1;
    }
    assert!(replayed >= 8, "the corpus of {target} has {replayed} files");
}

#[test]
fn frames_of_the_corpus_are_cut_the_same_at_every_chopping() {
    replay("frame", targets::frame);
}

#[test]
fn handshakes_of_the_corpus_make_no_channel_by_chance() {
    replay("handshake", targets::handshake);
}

#[test]
fn protobuf_bodies_of_the_corpus_are_judged_without_a_panic() {
    replay("protobuf", targets::protobuf);
}

#[test]
fn json_bodies_of_the_corpus_are_judged_without_a_panic() {
    replay("json", targets::json);
}

/// A body of the operation at this place of the table, behind the byte that picks it.
fn picked(place: usize, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![place as u8];
    bytes.extend_from_slice(body);
    bytes
}

fn place(number: u32) -> usize {
    OPERATIONS.iter().position(|operation| operation.number == number).expect("in the table")
}

type Seeds = Vec<(&'static str, String, Vec<u8>)>;

fn frames(seeds: &mut Seeds, send: &v1::SendRequest) {
    let mut add = |name: String, bytes: Vec<u8>| seeds.push(("frame", name, bytes));
    for (framing, name) in [(Framing::Sync, "sync"), (Framing::Alternate, "alternate")] {
        let mut bytes = BytesMut::new();
        Frame { operation: 2, seq_id: 1, body: Bytes::new() }.encode(framing, &mut bytes);
        add(format!("heartbeat-{name}"), bytes.to_vec());
        Frame { operation: 20, seq_id: 2, body: send.encode_to_vec().into() }.encode(framing, &mut bytes);
        add(format!("two-frames-{name}"), bytes.to_vec());
        add(format!("cut-short-{name}"), bytes[..bytes.len() - 3].to_vec());
        add(format!("shifted-{name}"), bytes[1..].to_vec());
    }
    add("longest-length".into(), vec![0xFF; 16]);
    add("length-of-nothing".into(), vec![0; 16]);
    let longer = vec![0, 0, 0, 25, 0, 24, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 9, 9, 9, 9, 9, 9, 9, 9, 1];
    add("longer-header".into(), longer);
    add("preamble".into(), vec![0xBE, 0x4C, 0x46, 0x59, 1, 1, 1, 1]);
}

fn handshakes(seeds: &mut Seeds) {
    let mut add = |name: String, bytes: Vec<u8>| seeds.push(("handshake", name, bytes));
    let preamble = [0xBE, 0x4C, 0x46, 0x59, 1, 1, 1, 1];
    let (key, both) = (StaticKey::new([3; 32]), prologue(&preamble, &preamble));
    add("nothing".into(), Vec::new());
    add("no-key".into(), [&[0, 32][..], &[0; 32]].concat());
    add("longest-length".into(), vec![0xFF; 40]);
    add("length-of-nothing".into(), vec![0; 8]);
    // The first message of IK is made anew each time from random bytes: a shape of the right length stands for it.
    add("ik-shape".into(), [&[0, 96][..], &[5; 96]].concat());
    add("ik-cut-short".into(), [&[0, 96][..], &[5; 50]].concat());
    add("xx-shape".into(), [&[0, 32][..], &[5; 32], &[0, 64], &[6; 64]].concat());
    add("xx-long".into(), [&[0, 200][..], &[5; 200]].concat());
    assert!(Handshake::initiator_xx(&key, &both).is_ok(), "the shapes above are those of this handshake");
}

fn bodies(seeds: &mut Seeds, send: &v1::SendRequest) {
    let mut add = |target, name: &str, bytes: Vec<u8>| seeds.push((target, name.to_owned(), bytes));
    for (at, operation) in OPERATIONS.iter().enumerate() {
        let name = format!("empty-{}-{}", operation.service, operation.method);
        add("protobuf", &name, picked(at, &[]));
        add("json", &name, picked(at, b"{}"));
    }
    let sending = place(20);
    add("protobuf", "send", picked(sending, &send.encode_to_vec()));
    add("protobuf", "bad-utf8", picked(sending, &[0x0A, 2, 0xC3, 0x28]));
    add("protobuf", "overlong-varint", picked(place(21), &[&[0x10][..], &[0xFF; 10], &[0x7F]].concat()));
    add("protobuf", "many-items", picked(sending, &[&[0x1A, 0xA0, 0x1F][..], &[0x22, 0].repeat(2_000)].concat()));
    let texts: [(&str, &[u8]); 8] = [
        ("send", br#"{"to":"bob@localhost","clientMessageId":"m1","content":{"text":"hello"}}"#),
        ("twice", br#"{"to":"a@b","to":"c@d"}"#),
        ("large-number", br#"{"content":{"kind":1e999}}"#),
        ("lone-surrogate", br#"{"to":"\ud800"}"#),
        ("bad-utf8", b"{\"to\":\"\xC3\x28\"}"),
        ("not-closed", br#"{"to":"bob"#),
        ("unknown-field", br#"{"from":"eve@localhost"}"#),
        ("not-an-object", b"[1,2,3]"),
    ];
    for (name, text) in texts {
        add("json", name, picked(sending, text));
    }
    for (name, number, text) in [
        ("contact-with-labels", operation::SET_CONTACT, r#"{"address":"a@b","labels":["x","","y","x"]}"#),
        ("find-a-number", operation::FIND, r#"{"query":"+4915112345678"}"#),
        ("find-a-long-name", operation::FIND, &format!(r#"{{"query":"{}"}}"#, "x".repeat(3_000))),
        ("audiences", operation::SET_PRIVACY, r#"{"about":"AUDIENCE_NOBODY","picture":99,"lastSeen":-1}"#),
        ("picture", operation::SET_PROFILE, r#"{"picture":{"mime":"image/png","data":"iVBORw0KGgo="},"about":""}"#),
        (
            "invitation",
            operation::CREATE_INVITE,
            r#"{"kind":2,"uses":4294967295,"expiresAfterMs":"18446744073709551615"}"#,
        ),
        ("sign-up", operation::SIGN_UP, r#"{"token":"http://h/i/00","name":"A","password":"12345678"}"#),
    ] {
        add("json", name, picked(place(number), text.as_bytes()));
    }
    add("json", "deep", picked(sending, "[".repeat(2_000).as_bytes()));
}

#[test]
fn the_committed_seeds_are_what_they_are_made_from() {
    let send = v1::SendRequest {
        to: "bob@localhost".to_owned(),
        client_message_id: "m1".to_owned(),
        content: Some(v1::Content { kind: 1, text: "hello".to_owned(), ..Default::default() }),
    };
    let mut seeds = Seeds::new();
    frames(&mut seeds, &send);
    handshakes(&mut seeds);
    bodies(&mut seeds, &send);
    for (target, name, bytes) in seeds {
        let path = corpus(target).join(name);
        if std::env::var_os("BELFRY_BLESS").is_some() {
            fs::create_dir_all(corpus(target)).expect("can be made");
            fs::write(&path, &bytes).expect("can be written");
        }
        let kept = fs::read(&path).unwrap_or_default();
        assert_eq!(kept, bytes, "{}: run with BELFRY_BLESS=1", path.display());
    }
}
