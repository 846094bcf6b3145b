//! What bytes cost: frames with protobuf, Noise records, stanzas.

use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use belfry_wire::frame::encode_with;
use belfry_wire::noise::{Handshake, Pattern, Progress, StaticKey, Step, Transport, prologue};
use belfry_wire::{Channel, Decoder, Framing, Preamble, PreambleAnswer, PreambleStatus, operation, v1};
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item, Limits, Reader, open_stream};
use bytes::BytesMut;
use prost::Message;

use crate::operation::Run;

/// A text of so many bytes.
pub(crate) fn text(bytes: usize) -> String {
    "The quick brown fox jumps over the lazy dog. ".chars().cycle().take(bytes).collect()
}

fn notify(size: usize) -> v1::Notify {
    let key = |value| Some(v1::SyncKey { list: (1..=5).map(|kind| v1::KeyValue { key: kind, val: value }).collect() });
    let message = v1::Message {
        conversation_id: 4_711,
        cseq: 42,
        from: "alice@example.org".into(),
        to: "bob@example.org".into(),
        sent_at_ms: 1_800_000_000_000,
        content: Some(v1::Content { kind: 1, text: text(size), ..v1::Content::default() }),
        ..v1::Message::default()
    };
    let event = v1::Event { seq: (7 << 32) + 42, item: Some(v1::event::Item::Message(message)) };
    v1::Notify { previous: key((7 << 32) + 41), key: key((7 << 32) + 42), events: vec![event], ..v1::Notify::default() }
}

fn send(size: usize) -> v1::SendRequest {
    let content = v1::Content { kind: 1, text: text(size), ..v1::Content::default() };
    v1::SendRequest {
        to: "bob@example.org".into(),
        client_message_id: "0123456789abcdef".into(),
        content: Some(content),
    }
}

fn frame(number: u32, message: &impl Message) -> BytesMut {
    let mut out = BytesMut::new();
    put(number, message, &mut out);
    out
}

fn put(number: u32, message: &impl Message, out: &mut BytesMut) {
    let body = |out: &mut BytesMut| message.encode(out).expect("a buffer that grows");
    encode_with(Framing::Sync, number, 1, message.encoded_len(), out, body);
}

fn encoding<M: Message + 'static>(number: u32, message: M) -> Run {
    let mut out = BytesMut::new();
    Box::new(move || {
        out.clear();
        put(number, black_box(&message), &mut out);
        black_box(&out);
    })
}

fn decoding<M: Message + Default + 'static>(bytes: BytesMut) -> Run {
    let decoder = Decoder::new(Framing::Sync);
    let mut input = BytesMut::new();
    Box::new(move || {
        input.extend_from_slice(black_box(&bytes));
        let frame = decoder.decode(&mut input).expect("a frame").expect("the whole of it");
        black_box(M::decode(frame.body).expect("its message"));
    })
}

/// A notification with one message of this length becomes a frame.
pub(crate) fn notify_encode(size: usize) -> Result<Run> {
    Ok(encoding(operation::NOTIFY, notify(size)))
}

/// The frame becomes the notification.
pub(crate) fn notify_decode(size: usize) -> Result<Run> {
    Ok(decoding::<v1::Notify>(frame(operation::NOTIFY, &notify(size))))
}

/// A request to send a message of this length becomes a frame.
pub(crate) fn send_encode(size: usize) -> Result<Run> {
    Ok(encoding(operation::SEND, send(size)))
}

/// The frame becomes the request.
pub(crate) fn send_decode(size: usize) -> Result<Run> {
    Ok(decoding::<v1::SendRequest>(frame(operation::SEND, &send(size))))
}

/// Both ends of a channel.
fn channel() -> Result<(Transport, Transport)> {
    let (server, client) = (StaticKey::new([9; 32]), StaticKey::new([7; 32]));
    let said = Preamble { framing: Framing::Sync, channel: Channel::NoiseIk, version_min: 1, version_max: 1 }.encode();
    let prologue = prologue(&said, &PreambleAnswer { status: PreambleStatus::Accepted, version: 1 }.encode());
    let mut ours = Handshake::initiator_ik(&client, server.public(), &prologue)?;
    let mut theirs = Handshake::responder(Pattern::Ik, &server, &prologue)?;
    let (mut up, mut down) = (BytesMut::new(), BytesMut::new());
    ours.advance(&mut down, &mut up)?;
    theirs.advance(&mut up, &mut down)?;
    ensure!(ours.advance(&mut down, &mut up)? == Step::Done, "the handshake is two messages");
    Ok((ours.into_transport()?, theirs.into_transport()?))
}

/// A record of this length is sealed.
pub(crate) fn noise_seal(size: usize) -> Result<Run> {
    let ((mut ours, _), plain, mut sealed) = (channel()?, text(size), BytesMut::new());
    Ok(Box::new(move || {
        sealed.clear();
        ours.seal(black_box(plain.as_bytes()), &mut sealed).expect("sealed");
        black_box(&sealed);
    }))
}

/// A record of this length is sealed, and opened on the other side: each can be opened once.
pub(crate) fn noise_record(size: usize) -> Result<Run> {
    let ((mut ours, mut theirs), plain) = (channel()?, text(size));
    let (mut sealed, mut opened) = (BytesMut::new(), BytesMut::new());
    Ok(Box::new(move || {
        ours.seal(black_box(plain.as_bytes()), &mut sealed).expect("sealed");
        opened.clear();
        assert_eq!(theirs.open(&mut sealed, &mut opened).expect("genuine"), Progress::Opened);
        assert_eq!(opened.len(), plain.len());
    }))
}

fn stanza(size: usize) -> Element {
    Element::new(ns::CLIENT, "message")
        .attr("type", "chat")
        .attr("to", "bob@example.org")
        .attr("from", "alice@example.org/phone")
        .attr("id", "0123456789abcdef")
        .child(Element::new(ns::CLIENT, "body").text(text(size)))
        .child(Element::new("urn:xmpp:receipts", "request"))
        .child(Element::new("urn:xmpp:sid:0", "origin-id").attr("id", "0123456789abcdef"))
}

/// A message with a body of this length is written.
pub(crate) fn stanza_write(size: usize) -> Result<Run> {
    let stanza = stanza(size);
    Ok(Box::new(move || {
        black_box(black_box(&stanza).stanza_text());
    }))
}

/// The same is read from a stream.
pub(crate) fn stanza_read(size: usize) -> Result<Run> {
    let mut reader = Reader::new(Limits::MEMBER);
    let mut head = String::new();
    open_stream(&mut head, "alice@example.org", Some("example.org"), "1");
    let mut input = BytesMut::from(head.as_bytes());
    let opened = reader.read(&mut input)?.context("the beginning of a stream")?;
    ensure!(matches!(opened, Item::Open(_)), "a stream begins");
    let text = stanza(size).stanza_text();
    Ok(Box::new(move || {
        input.extend_from_slice(black_box(text.as_bytes()));
        let item = reader.read(&mut input).expect("a stanza").expect("the whole of it");
        black_box(item);
    }))
}
