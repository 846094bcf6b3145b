//! docs/protocol.md says what the code does. `BELFRY_BLESS=1 cargo test -p belfry-gate --test protocol_doc` rewrites the
//! parts that are made from the code: the operation table, the Noise vectors, the schema.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use belfry_domain::{Code, limits as domain};
use belfry_engine::{Rate, Settings};
use belfry_gate::{convert, limits};
use belfry_wire::frame::{FRAME_BYTES_MAX, FRAME_BYTES_MAX_BEFORE_LOGIN};
use belfry_wire::noise::{RECORD_BYTES_MAX, StaticKey, prologue};
use belfry_wire::operation::{Access, Carrier, OPERATIONS, SEND};
use belfry_wire::{Channel, Frame, Framing, Preamble, PreambleAnswer, PreambleStatus, v1};
use bytes::{Bytes, BytesMut};
use prost::Message;
use sha2::{Digest, Sha256};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    fs::read_to_string(root().join("docs/protocol.md")).expect("the page is there")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands between a marker and its end is what the code makes.
fn holds(marker: &str, made: &str) {
    let mut page = page();
    let open = page.find(&format!("<!-- {marker}:")).expect("the marker is there");
    let start = open + page[open..].find('\n').expect("a line") + 1;
    let end = start + page[start..].find("<!-- end -->").expect("the marker's end");
    if std::env::var_os("BELFRY_BLESS").is_some() {
        page.replace_range(start..end, made);
        return fs::write(root().join("docs/protocol.md"), page).expect("can be written");
    }
    assert!(
        &page[start..end] == made,
        "docs/protocol.md, {marker}: run BELFRY_BLESS=1 cargo test -p belfry-gate --test protocol_doc"
    );
}

fn operation_table() -> String {
    let mut table =
        "| number | name | path | request | answer | who | over | what |\n|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    let named = |message: &str| if message.is_empty() { "–".to_owned() } else { format!("`{message}`") };
    for operation in OPERATIONS {
        let who = match operation.access {
            Access::Anyone => "anyone",
            Access::Guest => "guest",
            Access::Device => "device",
        };
        let over = match operation.carrier {
            Carrier::Any => "frames, HTTP",
            Carrier::Frames => "frames",
            Carrier::Told => "told",
        };
        writeln!(
            table,
            "| {} | {} | `{}/{}` | {} | {} | {who} | {over} | {} |",
            operation.number,
            operation.name,
            operation.service,
            operation.method,
            named(operation.request),
            named(operation.reply),
            operation.summary
        )
        .expect("a String grows");
    }
    table
}

fn noise_vectors() -> String {
    let file = include_str!("../../wire/vectors/noise.txt");
    file.lines().fold("\n".to_owned(), |all, line| all + "    " + line + "\n") + "\n"
}

fn schema() -> String {
    let file = include_str!("../../wire/proto/belfry/v1/belfry.proto");
    format!("SHA-256 of the file: `{}`.\n\n```proto\n{}```\n", hex(&Sha256::digest(file)), file)
}

#[test]
fn the_parts_made_from_the_code_are_what_it_makes() {
    holds("operations", &operation_table());
    holds("noise", &noise_vectors());
    holds("schema", &schema());
}

#[test]
fn every_error_code_stands_there_with_its_status_and_meaning() {
    let page = page();
    let section =
        page.split("## 8. Error codes").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("section 8");
    for code in Code::ALL {
        let row = format!("| `{code}` | {} | ", convert::http_status(*code));
        let rest = section.split(&row).nth(1).unwrap_or_else(|| panic!("no row {row}"));
        assert!(rest.lines().next().is_some_and(|meaning| meaning.len() > 10), "{code} has no meaning");
    }
    let rows = section.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Code::ALL.len(), "a row of a code that there is not");
}

#[test]
fn the_vectors_are_what_the_codec_makes() {
    let page = page();
    let send = v1::SendRequest {
        to: "bob@example.org".into(),
        client_message_id: "m-1".into(),
        content: Some(v1::Content { kind: 1, text: "Hi, Bob".into(), ..v1::Content::default() }),
    }
    .encode_to_vec();
    let framed = |framing, operation, seq_id, body: &[u8]| {
        let mut out = BytesMut::new();
        Frame { operation, seq_id, body: Bytes::copy_from_slice(body) }.encode(framing, &mut out);
        out
    };
    let mut longer = framed(Framing::Sync, SEND, 3, &send);
    longer[3] += 8;
    longer[5] = 24;
    let longer = [&longer[..16], &[0xEE; 8], &longer[16..]].concat();
    let preamble = |channel| Preamble { framing: Framing::Sync, channel, version_min: 1, version_max: 1 }.encode();
    let answer = PreambleAnswer { status: PreambleStatus::Accepted, version: 1 }.encode();
    let mut vectors = vec![
        preamble(Channel::Bare).to_vec(),
        answer.to_vec(),
        prologue(&preamble(Channel::NoiseXx), &answer).to_vec(),
        prologue(&preamble(Channel::NoiseIk), &answer).to_vec(),
        framed(Framing::Sync, 2, 1, &[]).to_vec(),
        framed(Framing::Alternate, 2, 1, &[]).to_vec(),
        send.clone(),
        framed(Framing::Sync, SEND, 3, &send).to_vec(),
        longer,
        framed(Framing::Alternate, SEND, 3, &send).to_vec(),
    ];
    vectors.extend([0x11, 0x22, 0x33, 0x44].map(|byte| StaticKey::new([byte; 32]).public().to_vec()));
    for vector in vectors {
        let line = format!("\n    {}\n", hex(&vector));
        assert!(page.contains(&line), "docs/protocol.md lacks the vector {}", hex(&vector));
    }
}

/// 1048576 as 1,048,576.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn the_limits_are_those_of_the_code() {
    let page = page();
    let row = |name: &str, values: &[String]| {
        let start = format!("| {name} | ");
        let line = page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no limit {name}"));
        for value in values {
            assert!(line.contains(value), "limit {name}: {value} is not in {line}");
        }
    };
    let seconds = |time: std::time::Duration| format!("{} s", time.as_secs());
    let bytes = |bytes: usize| format!("{} bytes", grouped(bytes));
    let settings = Settings::default();
    row("preamble and handshake", &[seconds(limits::HANDSHAKE)]);
    row("login", &[seconds(limits::LOGIN)]);
    row(
        "links without a login",
        &[format!("{} from one", limits::WAITING_PER_ADDRESS_MAX), grouped(limits::WAITING_MAX as usize)],
    );
    row("frame before login", &[bytes(FRAME_BYTES_MAX_BEFORE_LOGIN)]);
    row("frame after login", &[bytes(FRAME_BYTES_MAX)]);
    row("part of a frame or record", &[seconds(limits::PARTIAL_FRAME)]);
    row("silence", &[format!("{} s", settings.idle_ms / 1000)]);
    row("reader that takes nothing", &[seconds(limits::WRITE_STALL)]);
    row("unknown operations", &[limits::UNKNOWN_OPERATIONS_MAX.to_string()]);
    row("pings of a WebSocket", &[limits::PINGS_MAX.to_string(), seconds(limits::PINGS_EVERY)]);
    row("items of a repeated field", &[grouped(convert::ITEMS_MAX)]);
    row("text of a message", &[bytes(domain::TEXT_BYTES_MAX)]);
    row("medium in a message", &[bytes(domain::INLINE_BYTES_MAX)]);
    row("extensions of a message", &[domain::EXTENSIONS_MAX.to_string(), bytes(domain::EXTENSIONS_BYTES_MAX)]);
    row("events of one answer or NOTIFY", &[domain::PAGE_ENTRIES_MAX.to_string(), bytes(domain::PAGE_BYTES_MAX)]);
    let rates = settings.rates;
    let often = |rate: Rate| {
        let per = match rate.per_ms {
            1_000 => "a second",
            86_400_000 => "a day",
            other => panic!("no word for {other} ms"),
        };
        format!("{} at once, {} {per}", grouped(rate.burst as usize), grouped(rate.count as usize))
    };
    row("sends of a device", &[often(rates.sends)]);
    row("changes by a device", &[often(rates.changes)]);
    row("older messages asked for by a device", &[often(rates.history)]);
    row("requests of a device in all", &[often(rates.requests_by_device)]);
    row("requests of an account in all", &[often(rates.requests)]);
    row("requests before a login", &[often(rates.requests_before_login)]);
    row("telling that one is writing", &[often(rates.typing)]);
    row("asking about addresses", &[often(rates.look_ups)]);
    assert_eq!(rates.look_ups, rates.look_ups_by_address);
    let (logins, from) = (rates.failed_logins, rates.failed_logins_by_address);
    row("failed logins", &[format!("{} at once of an account, {} from an address", logins.burst, from.burst)]);
    row("edit of a message", &[format!("{} minutes", settings.edit_ms / 60_000)]);
    row("recall of a message", &[format!("{} days", settings.recall_ms / (24 * 3_600_000))]);
    row("mentions of a message", &[domain::MENTIONS_MAX.to_string()]);
    row("reaction", &[bytes(domain::REACTION_BYTES_MAX)]);
    row("draft", &[bytes(domain::DRAFT_BYTES_MAX)]);
    row("unread messages that are counted", &[domain::UNREAD_MAX.to_string()]);
    row(
        "what waits for an account",
        &[format!("{} messages", grouped(settings.mailbox.entries as usize)), bytes(settings.mailbox.bytes as usize)],
    );
    let (asked, tried) = (rates.pins_by_address.count, rates.pin_tries_by_address.count);
    let of_address = format!("for one address {asked} asked for and {tried} tried in an hour");
    row("messages of a stranger without an answer", &[settings.unanswered.to_string()]);
    row(
        "contacts, requests and blocked accounts",
        &[grouped(domain::CONTACTS_MAX), format!("{} requests", domain::REQUESTS_MAX)],
    );
    row("name of a contact", &[bytes(domain::CONTACT_NAME_BYTES_MAX)]);
    row("labels of a contact", &[domain::CONTACT_LABELS_MAX.to_string(), bytes(domain::CONTACT_LABEL_BYTES_MAX)]);
    row("note with a request", &[bytes(domain::REQUEST_NOTE_BYTES_MAX)]);
    row("what one says about oneself", &[bytes(domain::ABOUT_BYTES_MAX)]);
    row("picture of a person", &[bytes(domain::PICTURE_BYTES_MAX)]);
    row(
        "invitations of an account that are good",
        &[domain::INVITES_MAX.to_string(), format!("{} uses", domain::INVITE_USES_MAX)],
    );
    row("PINs", &[format!("{} a day", settings.pins_per_day), format!("{} tries", settings.pin_tries), of_address]);
    row("devices of an account", &[settings.devices_max.to_string()]);
    row("a message in the lobby", &[format!("{} characters", settings.lobby.text_chars_max), often(rates.lobby_sends)]);
    row("polls over HTTP", &[format!("{} s", domain::POLL_WAIT_MS_MAX / 1000)]);
    assert!(page.contains(&grouped(RECORD_BYTES_MAX)));
}
