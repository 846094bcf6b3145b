//! Export: the whole content as lines of JSON that name no engine, for leaving this store for another.
//!
//! Rows leave in the order of `docs/export.md`, which describes them; the counterpart is [`super::import`].
//! Registrations are left out: a PIN under way is asked for again. Invariant: all rows are of one moment.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use belfry_domain::Retention;
use belfry_domain::ports::StoreError;
use rocksdb::SnapshotWithThreadMode;
use serde_json::{Value, json};

use super::export_later;
use super::export_people;
use super::keys::{self, Cf};
use super::people_records::{AccountRecord, CursorRecord, DeviceRecord};
use super::records::{
    BodyRecord, ConversationRecord, EntryRecord, OwnerRecord, RememberedRecord, RowRecord, corrupt, decode, head, kind,
};
use super::rows::{SideRecord, WishRecord};
use super::shared::Shared;
use super::{EmbeddedStore, Progress};

/// Version of the rows.
pub(super) const VERSION: u64 = 1;

/// Why an export or import ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The other side of the pipe.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A line that is no row.
    #[error("line {line}: {reason}")]
    Row {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// What RocksDB takes the number of keys of a column family to be.
const ROWS: &str = "rocksdb.estimate-num-keys";

type Snapshot<'a> = SnapshotWithThreadMode<'a, rocksdb::DB>;

impl EmbeddedStore {
    /// Writes every row and says how many. Blocks while it does; the store goes on. Entries that are delivered and were
    /// to be kept no longer may be missing from it or not.
    pub fn export(&self, out: &mut dyn Write) -> Result<u64, ExportError> {
        self.export_watched(out, &Progress::default())
    }

    /// The same for somebody who watches how far it is, in rows of the store; how many there are is estimated.
    pub fn export_watched(&self, out: &mut dyn Write, progress: &Progress) -> Result<u64, ExportError> {
        let rows = |cf| self.shared.db.rocks().property_int_value_cf(self.shared.db.cf(cf), ROWS).ok().flatten();
        progress.expect([Cf::Meta, Cf::Conv, Cf::Tl, Cf::Dedupe].into_iter().filter_map(rows).sum());
        let snapshot = self.shared.db.rocks().snapshot();
        let mut export = Export { shared: &self.shared, snapshot, out, rows: 0, progress };
        export.all()?;
        Ok(export.rows)
    }
}

pub(super) struct Export<'a> {
    shared: &'a Shared,
    snapshot: Snapshot<'a>,
    out: &'a mut dyn Write,
    rows: u64,
    progress: &'a Progress,
}

impl Export<'_> {
    fn all(&mut self) -> Result<(), ExportError> {
        self.row(&json!({ "row": "belfry", "version": VERSION, "epoch": self.shared.epoch.0 }))?;
        let counters = json!({
            "row": "counters",
            "accounts": self.counter(keys::KEY_ACCOUNTS_MADE)?,
            "conversations": self.counter(keys::KEY_CONVERSATIONS_MADE)?,
        });
        self.row(&counters)?;
        self.each(Cf::Meta, b"A", Export::account)?;
        self.each(Cf::Meta, b"E", |_, key, value| {
            let (owner, first) = pair_of(key)?;
            let prev = keys::tail(value).ok_or_else(|| corrupt("the end of a life"))?;
            Ok(Some(json!({ "row": "life", "owner": owner, "first": text(first), "prev": text(prev) })))
        })?;
        self.each(Cf::Meta, b"D", Export::device)?;
        self.each(Cf::Meta, b"c", conversation)?;
        self.each(Cf::Conv, b"", |_, key, value| {
            let (conversation, cseq) = keys::numbers(key).ok_or_else(|| corrupt("the key of a body"))?;
            let (retention, rest) = head(value).ok_or_else(|| corrupt("the head of a body"))?;
            let mut row = json!({ "row": "message", "conversation": conversation, "cseq": cseq });
            row["retention"] = retention_row(retention);
            row["body"] = body(&decode("a body", rest)?);
            Ok(Some(row))
        })?;
        self.each(Cf::Tl, b"", entry)?;
        self.each(Cf::Meta, b"x", |_, key, value| state_row("receipt", key, value))?;
        self.each(Cf::Meta, b"y", |_, key, value| state_row("mark", key, value))?;
        self.each(Cf::Meta, b"w", export_later::amendment)?;
        self.each(Cf::Meta, b"f", export_later::flags)?;
        self.each(Cf::Meta, b"t", export_later::settings)?;
        self.each(Cf::Meta, b"z", export_later::copy)?;
        self.each(Cf::Meta, keys::WITHHELD, export_later::withheld)?;
        self.each(Cf::Meta, b"k", export_people::contact)?;
        self.each(Cf::Meta, b"i", export_people::profile)?;
        self.each(Cf::Meta, b"b", export_people::document)?;
        self.each(Cf::Meta, b"I", export_people::invite)?;
        self.each(Cf::Dedupe, b"", |_, key, value| remembered(key, value))?;
        let end = json!({ "row": "end", "rows": self.rows });
        self.row(&end)?;
        self.out.flush()?;
        Ok(())
    }

    fn row(&mut self, row: &Value) -> Result<(), ExportError> {
        writeln!(self.out, "{row}")?;
        self.rows += 1;
        Ok(())
    }

    fn each(
        &mut self,
        cf: Cf,
        prefix: &[u8],
        mut make: impl FnMut(&Self, &[u8], &[u8]) -> Result<Option<Value>, StoreError>,
    ) -> Result<(), ExportError> {
        let shared = self.shared;
        let mut options = rocksdb::ReadOptions::default();
        options.fill_cache(false);
        if !prefix.is_empty() {
            options.set_iterate_lower_bound(prefix);
            options.set_iterate_upper_bound(keys::after_prefix(prefix));
        }
        options.set_snapshot(&self.snapshot);
        let mut raw = shared.db.rocks().raw_iterator_cf_opt(shared.db.cf(cf), options);
        raw.seek_to_first();
        while let Some((key, value)) = raw.item() {
            if let Some(row) = make(self, key, value)? {
                self.row(&row)?;
            }
            self.progress.add(1);
            raw.next();
        }
        raw.status().map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.snapshot.get_cf(self.shared.db.cf(Cf::Meta), key);
        found.map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    fn counter(&self, key: &[u8]) -> Result<u64, StoreError> {
        Ok(self.get(key)?.as_deref().and_then(keys::tail).unwrap_or(0))
    }

    fn account(&self, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
        let id = keys::tail(key).ok_or_else(|| corrupt("the key of an account"))?;
        let account: AccountRecord = decode("an account", value)?;
        let owner = self.get(&keys::owner(belfry_domain::AccountId(id)))?;
        let owner: OwnerRecord = decode("an owner", owner.as_deref().unwrap_or_default())?;
        let scram = account.scram.map(|keys| {
            json!({
                "salt": BASE64.encode(keys.salt),
                "iterations": keys.iterations,
                "sha1_stored": BASE64.encode(keys.sha1_stored),
                "sha1_server": BASE64.encode(keys.sha1_server),
                "sha256_stored": BASE64.encode(keys.sha256_stored),
                "sha256_server": BASE64.encode(keys.sha256_server),
            })
        });
        Ok(Some(json!({
            "row": "account",
            "id": id,
            "address": account.address,
            "phone": account.phone,
            "display_name": account.display_name,
            "created": account.created,
            "scram": scram,
            "delivered_floor": text(owner.delivered_floor),
            "delivered_any": text(owner.delivered_any),
            "last": text(owner.last),
            "devices_made": owner.devices_made,
            "volatile": owner.volatile,
            "profile": text(owner.profile),
            "gone": text(owner.gone),
            "waiting_entries": owner.waiting_entries,
            "waiting_bytes": owner.waiting_bytes,
            "waiting_at": text(owner.waiting_at),
            "erasures": owner.erasures,
            "read_receipts_off": owner.read_receipts_off,
            "privacy": text(owner.privacy),
            "audiences": export_people::audiences(&owner),
            "contacts": owner.contacts,
            "requests": owner.requests,
        })))
    }

    fn device(&self, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
        let id = super::people::device_id(key)?;
        let account = key.get(1..9).and_then(keys::tail).ok_or_else(|| corrupt("the key of a device"))?;
        let device: DeviceRecord = decode("a device", value)?;
        let cursor = self.get(&keys::cursor(belfry_domain::AccountId(account), id))?;
        let cursor: CursorRecord = decode("a cursor", cursor.as_deref().unwrap_or_default())?;
        let owner = self.get(&keys::owner(belfry_domain::AccountId(account)))?;
        let owner: OwnerRecord = decode("an owner", owner.as_deref().unwrap_or_default())?;
        let cursor = cursor.into_cursor(owner.cursor(id));
        Ok(Some(json!({
            "row": "device",
            "account": account,
            "id": id.0,
            "primary": device.primary,
            "name": device.name,
            "noise_key": BASE64.encode(device.noise_key),
            "secret_hash": BASE64.encode(device.secret_hash),
            "created": device.created,
            "last_seen": device.last_seen,
            "platform": device.platform,
            "synced_from": text(device.synced_from),
            "history_from": device.history_from,
            "tokens_from": text(device.tokens_from),
            "passed": text(cursor.passed.0),
            "delivered": text(cursor.delivered.0),
        })))
    }
}

/// Numbers that pass 2^53 are texts, as everywhere in JSON.
pub(super) fn text(number: u64) -> String {
    number.to_string()
}

pub(super) fn pair_of(key: &[u8]) -> Result<(u64, u64), StoreError> {
    key.get(1..).and_then(keys::numbers).ok_or_else(|| corrupt("a key of two numbers"))
}

fn conversation(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let id = keys::tail(key).ok_or_else(|| corrupt("the key of a conversation"))?;
    let record: ConversationRecord = decode("a conversation", value)?;
    if !record.room.is_empty() {
        return Ok(Some(json!({
            "row": "room",
            "id": id,
            "name": record.room,
            "last": record.last,
            "kept_from": record.kept_from,
        })));
    }
    let wish = |wish: Option<WishRecord>| {
        wish.map(|wish| json!({ "until_delivered": wish.until_delivered, "at_most_ms": wish.at_most_ms }))
    };
    let side = |side: SideRecord| {
        json!({
            "blocks": side.blocks,
            "lists": side.lists,
            "silent": side.silent,
            "wish": wish(side.wish),
            "disappear_after": side.disappear_after,
            "known": side.known,
            "listed_at": side.listed_at,
        })
    };
    Ok(Some(json!({
        "row": "conversation",
        "id": id,
        "members": [record.first, record.second],
        "addresses": [record.first_address, record.second_address],
        "last": record.last,
        "inline": record.inline,
        "amended": record.amended,
        "flagged": record.flagged,
        "active": record.active,
        "disappear_after": record.disappear_after,
        "wishes": [wish(record.first_wish), wish(record.second_wish)],
        "keepings": [text(record.first_keeping), text(record.second_keeping)],
        "sides": [side(record.side(0)), side(record.side(1))],
        "copied": record.copied,
        "withheld": record.withheld,
    })))
}

fn retention_row(retention: Retention) -> Value {
    match retention {
        Retention::Keep => json!({ "class": "keep" }),
        Retention::UntilDelivered { expires } => json!({ "class": "until_delivered", "expires": expires.0 }),
        Retention::Until(expires) => json!({ "class": "until", "expires": expires.0 }),
    }
}

pub(super) fn body(body: &BodyRecord) -> Value {
    let mut row = json!({
        "client_id": body.client_id,
        "sent": body.sent,
        "device": body.device,
        "kind": body.content_kind,
        "text": body.text,
    });
    if body.by_second {
        row["by_second"] = json!(true);
    }
    if body.withheld {
        row["withheld"] = json!(true);
    }
    if let Some(media) = &body.media {
        row["media"] = json!({ "mime": media.mime, "data": BASE64.encode(&media.data) });
    }
    if !body.extensions.is_empty() {
        let extension =
            |e: &super::records::ExtensionRecord| json!({ "namespace": e.namespace, "data": BASE64.encode(&e.data) });
        row["extensions"] = body.extensions.iter().map(extension).collect();
    }
    for (name, number) in [
        ("reply_to", body.reply_to),
        ("forwarded", u64::from(body.forwarded)),
        ("lifetime", body.lifetime),
        ("edited", body.edited),
        ("recalled", body.recalled),
    ] {
        if number != 0 {
            row[name] = json!(number);
        }
    }
    if body.theirs != 0 {
        row["theirs"] = json!(text(body.theirs));
    }
    if !body.mentions.is_empty() {
        row["mentions"] = json!(body.mentions);
    }
    if let Some(by) = &body.in_room {
        row["in_room"] = json!({
            "name": by.name,
            "account": by.account,
            "address": by.address,
            "lease": text(by.lease),
            "guest_name": by.guest_name,
        });
    }
    row
}

fn entry(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let (owner, seq) = keys::numbers(key).ok_or_else(|| corrupt("the key of an entry"))?;
    let (retention, rest) = head(value).ok_or_else(|| corrupt("the head of an entry"))?;
    let record: EntryRecord = decode("an entry", rest)?;
    let about = match record.kind {
        kind::POINTER | kind::INLINE => "message",
        kind::RECEIPT => "receipt",
        kind::MARK => "mark",
        kind::PROFILE => "profile",
        kind::AMENDMENT => "amendment",
        kind::FLAGS => "flags",
        kind::SETTINGS => "settings",
        kind::KEEPING => "keeping",
        kind::PRIVACY => "privacy",
        kind::CONTACT => "contact",
        _ => return Err(corrupt("an entry of an unknown kind")),
    };
    let mut row = json!({ "row": "entry", "owner": owner, "seq": text(seq), "about": about });
    row["retention"] = retention_row(retention);
    if about == "contact" {
        row["peer"] = json!(record.peer);
    } else if about != "profile" && about != "privacy" {
        row["conversation"] = json!(record.conversation);
    }
    if matches!(about, "message" | "amendment" | "flags") {
        row["cseq"] = json!(record.cseq);
    }
    if about == "message" {
        row["incoming"] = json!(record.incoming);
        if record.incoming {
            row["weight"] = json!(record.weight);
        }
    }
    if let Some(inline) = &record.body {
        row["body"] = body(inline);
    }
    Ok(Some(row))
}

fn state_row(name: &str, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let (owner, conversation) = pair_of(key)?;
    let record: RowRecord = decode("a state row", value)?;
    let mut row = json!({ "row": name, "owner": owner, "conversation": conversation });
    row["seq"] = json!(text(record.seq));
    if name == "receipt" {
        row["delivered"] = json!(record.delivered);
        row["undelivered"] = json!(record.undelivered().iter().map(|(a, b)| [a.0, b.0]).collect::<Vec<_>>());
    }
    row["read"] = json!(record.read);
    Ok(Some(row))
}

fn remembered(key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let record: RememberedRecord = decode("a remembered id", value)?;
    let mut row = json!({ "row": "dedupe" });
    let number =
        |at: usize| key.get(at..at + 8).and_then(keys::tail).ok_or_else(|| corrupt("a key of a remembered id"));
    let device = |at: usize| -> Result<u32, StoreError> {
        let bytes = key.get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>());
        Ok(u32::from_be_bytes(*bytes.ok_or_else(|| corrupt("a key of a remembered id"))?))
    };
    match key.first() {
        Some(b'd') => {
            row["sender"] = json!(number(1)?);
            row["device"] = json!(device(9)?);
        }
        Some(b'g') => {
            row["room"] = json!(number(1)?);
            row["lease"] = json!(text(number(9)?));
        }
        Some(b'm') => {
            row["room"] = json!(number(1)?);
            row["sender"] = json!(number(9)?);
            row["device"] = json!(device(17)?);
        }
        _ => return Err(corrupt("a key of a remembered id")),
    }
    let hash = key.len().checked_sub(16).and_then(|at| key.get(at..));
    row["id_hash"] = json!(BASE64.encode(hash.ok_or_else(|| corrupt("a key of a remembered id"))?));
    row["fingerprint"] = json!(BASE64.encode(record.fingerprint));
    row["conversation"] = json!(record.conversation);
    row["cseq"] = json!(record.cseq);
    row["sent"] = json!(record.sent);
    row["seq"] = json!(text(record.seq));
    row["prev"] = json!(text(record.prev));
    Ok(Some(row))
}
