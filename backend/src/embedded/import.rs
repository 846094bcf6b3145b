//! Import: fills an empty store with the rows of an export.
//!
//! Lines come in as `docs/export.md` describes them. Invariant: a store that was filled from an export without its
//! last row is not left behind.

use std::io::BufRead;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use belfry_domain::{AccountId, Address, ConversationId, Cseq, DeviceId, Phone, Retention, Seq, TimestampMs, skeleton};
use prost::Message as _;
use rocksdb::{WriteBatch, WriteOptions};
use serde_json::Value;

use super::db::{Db, Floors};
use super::export::{ExportError, VERSION};
use super::export_later;
use super::export_people;
use super::keys::{self, Cf};
use super::open::{OpenError, sizes};
use super::people_records::{AccountRecord, CursorRecord, DeviceRecord, ScramRecord};
use super::records::{
    BodyRecord, ConversationRecord, EntryRecord, ExtensionRecord, KeysRecord, MediaRecord, OwnerRecord,
    RememberedRecord, RoomAuthorRecord, RowRecord, kind, with_head,
};
use super::rows::{SideRecord, WishRecord};
use super::{EmbeddedOptions, EmbeddedStore};

/// Bytes of one write: some thousand rows.
const WRITE_BYTES: usize = 1024 * 1024;

/// A line may hold the largest message in base64, and some.
const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Why an import did not take place.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store's directory.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The rows.
    #[error(transparent)]
    Rows(#[from] ExportError),
}

impl EmbeddedStore {
    /// Fills the store that `options` names, which must not be there yet, and says how many rows it has taken. Opening
    /// it afterwards begins a new life of its logs, above the exported one.
    pub fn import(options: &EmbeddedOptions, rows: &mut dyn BufRead) -> Result<u64, ImportError> {
        let other = |reason: String| OpenError::Other { path: options.path.clone(), reason };
        if std::fs::read_dir(&options.path).is_ok_and(|mut inside| inside.next().is_some()) {
            return Err(other("it is not empty".into()).into());
        }
        super::open::make_directory(&options.path).map_err(|error| other(error.to_string()))?;
        let db = Db::open(&options.path, sizes(options), &Floors::default()).map_err(&other)?;
        let taken = fill(&db, rows).and_then(|count| {
            db.flush()?;
            Ok(count)
        });
        drop(db);
        if taken.is_err() {
            // A half-filled store would pass for a whole one.
            std::fs::remove_dir_all(&options.path).map_err(|error| other(error.to_string()))?;
        }
        Ok(taken?)
    }
}

fn fill(db: &Db, rows: &mut dyn BufRead) -> Result<u64, ExportError> {
    let mut import = Import { db, batch: WriteBatch::default(), remembered: Vec::new(), latest: 0, commits: 0 };
    let mut line = String::new();
    let mut count = 0;
    loop {
        line.clear();
        let wrong = |reason: String| ExportError::Row { line: count + 1, reason };
        let read = std::io::Read::take(&mut *rows, LINE_BYTES_MAX).read_line(&mut line)?;
        if read == 0 {
            return Err(wrong("the export ends before its last row".into()));
        }
        let row: Value = serde_json::from_str(&line).map_err(|error| wrong(error.to_string()))?;
        let name = row["row"].as_str().unwrap_or_default();
        if (name == "belfry") != (count == 0) {
            return Err(wrong("an export begins with the row \"belfry\"".into()));
        }
        if name == "end" {
            if row["rows"].as_u64() != Some(count) {
                return Err(wrong("rows are missing".into()));
            }
            import.write()?;
            return Ok(count + 1);
        }
        import.row(name, &Row(&row)).map_err(wrong)?;
        count += 1;
        if import.batch.size_in_bytes() > WRITE_BYTES {
            import.write()?;
        }
    }
}

/// A key and its value.
pub(super) type KeyValue = (Vec<u8>, Vec<u8>);

/// A row with ways to its fields that say which one is missing.
pub(super) struct Row<'a>(pub(super) &'a Value);

impl<'a> Row<'a> {
    pub(super) fn number(&self, name: &str) -> Result<u64, String> {
        let value = &self.0[name];
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.ok_or_else(|| format!("{name} is not a number"))
    }

    pub(super) fn small(&self, name: &str) -> Result<u32, String> {
        u32::try_from(self.number(name)?).map_err(|_| format!("{name} is too large"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.0[name].as_str().ok_or_else(|| format!("{name} is not a text"))
    }

    /// A number that older exports do not have, and that is left out where it is 0.
    fn number_or_zero(&self, name: &str) -> Result<u64, String> {
        if self.0[name].is_null() { Ok(0) } else { self.number(name) }
    }

    fn small_or_zero(&self, name: &str) -> Result<u32, String> {
        if self.0[name].is_null() { Ok(0) } else { self.small(name) }
    }

    /// Pairs of numbers, one after the other; left out where there are none.
    fn stretches(&self, name: &str) -> Result<Vec<u64>, String> {
        let pairs: Option<Vec<[u64; 2]>> =
            serde_json::from_value(self.0[name].clone()).map_err(|error| format!("{name}: {error}"))?;
        Ok(pairs.unwrap_or_default().into_iter().flatten().collect())
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0[name].as_bool().unwrap_or(false)
    }

    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        BASE64.decode(self.text(name)?).map_err(|error| format!("{name}: {error}"))
    }

    fn retention(&self) -> Result<Retention, String> {
        let retention = Row(&self.0["retention"]);
        let expires = || Ok::<_, String>(TimestampMs(retention.number("expires")?));
        match retention.text("class")? {
            "keep" => Ok(Retention::Keep),
            "until_delivered" => Ok(Retention::UntilDelivered { expires: expires()? }),
            "until" => Ok(Retention::Until(expires()?)),
            other => Err(format!("no retention class {other}")),
        }
    }

    pub(super) fn inside(&self, name: &str) -> Option<Row<'a>> {
        Some(Row(self.0.get(name)?)).filter(|row| !row.0.is_null())
    }
}

struct Import<'a> {
    db: &'a Db,
    batch: WriteBatch,
    remembered: Vec<Vec<u8>>,
    latest: u64,
    commits: u64,
}

impl Import<'_> {
    fn put(&mut self, cf: Cf, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.batch.put_cf(self.db.cf(cf), key, value);
    }

    fn record(&mut self, key: Vec<u8>, record: &impl prost::Message) {
        self.put(Cf::Meta, key, record.encode_to_vec());
    }

    fn write(&mut self) -> Result<(), ExportError> {
        self.commits += 1;
        if !self.remembered.is_empty() {
            let keys = KeysRecord { keys: std::mem::take(&mut self.remembered) }.encode_to_vec();
            let key = keys::dtime(TimestampMs(self.latest), self.commits);
            self.put(Cf::Dtime, key, keys);
        }
        self.put(Cf::Meta, keys::KEY_BATCH, self.commits.to_be_bytes());
        let mut options = WriteOptions::default();
        options.set_sync(true);
        let batch = std::mem::take(&mut self.batch);
        let written = self.db.rocks().write_opt(batch, &options);
        Ok(written.map_err(|error| belfry_domain::ports::StoreError::Failed(error.to_string()))?)
    }

    fn row(&mut self, name: &str, row: &Row<'_>) -> Result<(), String> {
        match name {
            "belfry" => {
                let version = row.number("version")?;
                if version > VERSION {
                    return Err(format!("the export is of version {version}, this program reads up to {VERSION}"));
                }
                self.put(Cf::Meta, keys::KEY_EPOCH, row.number("epoch")?.to_be_bytes());
                self.put(Cf::Meta, keys::KEY_FORMAT, keys::FORMAT.to_be_bytes());
            }
            "counters" => {
                self.put(Cf::Meta, keys::KEY_ACCOUNTS_MADE, row.number("accounts")?.to_be_bytes());
                self.put(Cf::Meta, keys::KEY_CONVERSATIONS_MADE, row.number("conversations")?.to_be_bytes());
            }
            "account" => self.account(row)?,
            "life" => {
                let key = keys::life(AccountId(row.number("owner")?), Seq(row.number("first")?));
                self.put(Cf::Meta, key, row.number("prev")?.to_be_bytes());
            }
            "device" => self.device(row)?,
            "conversation" => self.conversation(row)?,
            "room" => {
                let (id, name) = (row.number("id")?, row.text("name")?.to_owned());
                self.put(Cf::Meta, keys::room(&name), id.to_be_bytes());
                let record = ConversationRecord {
                    room: name,
                    last: row.number("last")?,
                    kept_from: row.number("kept_from")?,
                    ..ConversationRecord::default()
                };
                self.record(keys::conversation(ConversationId(id)), &record);
            }
            "message" => {
                let key = keys::body(ConversationId(row.number("conversation")?), Cseq(row.number("cseq")?));
                let body = body(&row.inside("body").ok_or("body is missing")?)?;
                self.put(Cf::Conv, key, with_head(row.retention()?, &body));
            }
            "entry" => self.entry(row)?,
            "receipt" | "mark" => {
                let owner = AccountId(row.number("owner")?);
                let conversation = ConversationId(row.number("conversation")?);
                let receipt = name == "receipt";
                let record = RowRecord {
                    seq: row.number("seq")?,
                    delivered: if receipt { row.number("delivered")? } else { 0 },
                    read: row.number("read")?,
                    undelivered: row.stretches("undelivered")?,
                };
                let key = if receipt { keys::receipt(owner, conversation) } else { keys::mark(owner, conversation) };
                self.record(key, &record);
            }
            "dedupe" => self.dedupe(row)?,
            other => match export_later::row(other, row)? {
                Some((key, value)) => self.put(Cf::Meta, key, value),
                None => {
                    let rows = export_people::rows(other, row)?;
                    if rows.is_empty() {
                        return Err(format!("no row is called {other:?}"));
                    }
                    rows.into_iter().for_each(|(key, value)| self.put(Cf::Meta, key, value));
                }
            },
        }
        Ok(())
    }

    fn account(&mut self, row: &Row<'_>) -> Result<(), String> {
        let id = AccountId(row.number("id")?);
        let address = Address::parse(row.text("address")?).map_err(|error| error.to_string())?;
        let phone = row.text("phone")?;
        let scram = match row.inside("scram") {
            Some(keys) => Some(ScramRecord {
                salt: keys.bytes("salt")?,
                iterations: keys.small("iterations")?,
                sha1_stored: keys.bytes("sha1_stored")?,
                sha1_server: keys.bytes("sha1_server")?,
                sha256_stored: keys.bytes("sha256_stored")?,
                sha256_server: keys.bytes("sha256_server")?,
            }),
            None => None,
        };
        let record = AccountRecord {
            address: address.to_string(),
            phone: phone.to_owned(),
            display_name: row.text("display_name")?.to_owned(),
            created: row.number("created")?,
            scram,
        };
        self.record(keys::account(id), &record);
        let value = id.0.to_be_bytes();
        self.put(Cf::Meta, keys::address(&address), value);
        self.put(Cf::Meta, keys::looks(address.domain(), &skeleton(address.local())), value);
        if !phone.is_empty() {
            let phone = Phone::parse(phone).map_err(|error| error.to_string())?;
            self.put(Cf::Meta, keys::phone(&phone), value);
        }
        let mut owner = OwnerRecord {
            delivered_floor: row.number("delivered_floor")?,
            delivered_any: row.number("delivered_any")?,
            last: row.number("last")?,
            devices_made: row.small("devices_made")?,
            volatile: row.flag("volatile"),
            profile: row.number("profile")?,
            gone: row.number_or_zero("gone")?,
            waiting_entries: row.number_or_zero("waiting_entries")?,
            waiting_bytes: row.number_or_zero("waiting_bytes")?,
            waiting_at: row.number_or_zero("waiting_at")?,
            erasures: row.number_or_zero("erasures")?,
            read_receipts_off: row.flag("read_receipts_off"),
            privacy: row.number_or_zero("privacy")?,
            contacts: row.small_or_zero("contacts")?,
            requests: row.small_or_zero("requests")?,
            ..OwnerRecord::default()
        };
        export_people::set_audiences(&mut owner, row)?;
        self.record(keys::owner(id), &owner);
        Ok(())
    }

    fn device(&mut self, row: &Row<'_>) -> Result<(), String> {
        let (account, id) = (AccountId(row.number("account")?), DeviceId(row.small("id")?));
        let record = DeviceRecord {
            primary: row.flag("primary"),
            name: row.text("name")?.to_owned(),
            noise_key: row.bytes("noise_key")?,
            secret_hash: row.bytes("secret_hash")?,
            created: row.number("created")?,
            last_seen: row.number("last_seen")?,
            // Exports of before there were these have none.
            platform: row.0["platform"].as_str().unwrap_or_default().to_owned(),
            synced_from: row.number("synced_from").unwrap_or(0),
            history_from: row.number("history_from").unwrap_or(0),
            tokens_from: row.number("tokens_from").unwrap_or(0),
        };
        if !record.noise_key.is_empty() {
            let noise_key: [u8; 32] =
                record.noise_key.as_slice().try_into().map_err(|_| "noise_key is not of 32 bytes")?;
            let value = [&account.0.to_be_bytes()[..], &id.0.to_be_bytes()[..]].concat();
            self.put(Cf::Meta, keys::noise_key(&noise_key), value);
        }
        self.record(keys::device(account, id), &record);
        let cursor = CursorRecord { passed: row.number("passed")?, delivered: row.number("delivered")? };
        self.record(keys::cursor(account, id), &cursor);
        Ok(())
    }

    fn conversation(&mut self, row: &Row<'_>) -> Result<(), String> {
        let id = row.number("id")?;
        let member = |at: usize| row.0["members"][at].as_u64().ok_or("members are two numbers");
        let address = |at: usize| row.0["addresses"][at].as_str().ok_or("addresses are two texts");
        let wish = |wish: &Row<'_>| -> Result<WishRecord, String> {
            Ok(WishRecord { until_delivered: wish.flag("until_delivered"), at_most_ms: wish.number("at_most_ms")? })
        };
        let wish_at = |at: usize| -> Result<Option<WishRecord>, String> {
            let stored = row.0["wishes"].get(at).filter(|wish| !wish.is_null());
            stored.map(|stored| wish(&Row(stored))).transpose()
        };
        let keeping = |at: usize| -> Result<u64, String> {
            let Some(place) = row.0["keepings"].get(at) else { return Ok(0) };
            place.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| "keepings are two places".to_owned())
        };
        let mut record = ConversationRecord {
            first: member(0)?,
            second: member(1)?,
            first_address: address(0)?.to_owned(),
            second_address: address(1)?.to_owned(),
            last: row.number("last")?,
            inline: row.flag("inline"),
            amended: row.flag("amended"),
            flagged: row.flag("flagged"),
            active: row.number_or_zero("active")?,
            disappear_after: row.number_or_zero("disappear_after")?,
            first_wish: wish_at(0)?,
            second_wish: wish_at(1)?,
            first_keeping: keeping(0)?,
            second_keeping: keeping(1)?,
            copied: row.flag("copied"),
            withheld: row.flag("withheld"),
            ..ConversationRecord::default()
        };
        for at in [0, 1] {
            let Some(side) = row.0["sides"].get(at).map(Row) else { continue };
            let own = SideRecord {
                blocks: side.flag("blocks"),
                lists: side.flag("lists"),
                silent: side.flag("silent"),
                wish: side.inside("wish").map(|own| wish(&own)).transpose()?,
                disappear_after: side.inside("disappear_after").map(|_| side.number("disappear_after")).transpose()?,
                known: side.number("known")?,
                listed_at: side.number("listed_at")?,
            };
            record.set_side(at, own);
        }
        let (a, b) = (AccountId(record.first), AccountId(record.second));
        for key in [keys::pair(a, b), keys::pair(b, a)] {
            self.put(Cf::Meta, key, id.to_be_bytes());
        }
        self.record(keys::conversation(ConversationId(id)), &record);
        Ok(())
    }

    fn entry(&mut self, row: &Row<'_>) -> Result<(), String> {
        let key = keys::entry(AccountId(row.number("owner")?), Seq(row.number("seq")?));
        let mut record = EntryRecord::default();
        match row.text("about")? {
            "message" => {
                record.body = row.inside("body").map(|inside| body(&inside)).transpose()?;
                record.kind = if record.body.is_some() { kind::INLINE } else { kind::POINTER };
                record.conversation = row.number("conversation")?;
                record.cseq = row.number("cseq")?;
                record.incoming = row.flag("incoming");
                record.weight = u32::try_from(row.number_or_zero("weight")?).map_err(|_| "weight is too large")?;
            }
            "receipt" => {
                (record.kind, record.conversation) = (kind::RECEIPT, row.number("conversation")?);
            }
            "mark" => (record.kind, record.conversation) = (kind::MARK, row.number("conversation")?),
            "profile" => record.kind = kind::PROFILE,
            "amendment" => {
                record.body = row.inside("body").map(|inside| body(&inside)).transpose()?;
                (record.kind, record.conversation) = (kind::AMENDMENT, row.number("conversation")?);
                record.cseq = row.number("cseq")?;
            }
            "flags" => {
                (record.kind, record.conversation) = (kind::FLAGS, row.number("conversation")?);
                record.cseq = row.number("cseq")?;
            }
            "settings" => (record.kind, record.conversation) = (kind::SETTINGS, row.number("conversation")?),
            "keeping" => (record.kind, record.conversation) = (kind::KEEPING, row.number("conversation")?),
            "privacy" => record.kind = kind::PRIVACY,
            "contact" => (record.kind, record.peer) = (kind::CONTACT, row.number("peer")?),
            other => return Err(format!("no entry is about {other:?}")),
        }
        self.put(Cf::Tl, key, with_head(row.retention()?, &record));
        Ok(())
    }

    fn dedupe(&mut self, row: &Row<'_>) -> Result<(), String> {
        let mut key = Vec::new();
        if row.inside("room").is_none() {
            key.push(b'd');
            key.extend_from_slice(&row.number("sender")?.to_be_bytes());
            key.extend_from_slice(&row.small("device")?.to_be_bytes());
        } else if row.inside("lease").is_some() {
            key.push(b'g');
            key.extend_from_slice(&row.number("room")?.to_be_bytes());
            key.extend_from_slice(&row.number("lease")?.to_be_bytes());
        } else {
            key.push(b'm');
            key.extend_from_slice(&row.number("room")?.to_be_bytes());
            key.extend_from_slice(&row.number("sender")?.to_be_bytes());
            key.extend_from_slice(&row.small("device")?.to_be_bytes());
        }
        key.extend_from_slice(&row.bytes("id_hash")?);
        let record = RememberedRecord {
            fingerprint: row.bytes("fingerprint")?,
            conversation: row.number("conversation")?,
            cseq: row.number("cseq")?,
            sent: row.number("sent")?,
            seq: row.number("seq")?,
            prev: row.number("prev")?,
        };
        self.put(Cf::Dedupe, &key, record.encode_to_vec());
        self.remembered.push(key);
        self.latest = self.latest.max(record.sent);
        Ok(())
    }
}

pub(super) fn body(row: &Row<'_>) -> Result<BodyRecord, String> {
    let media = match row.inside("media") {
        Some(media) => Some(MediaRecord { mime: media.text("mime")?.to_owned(), data: media.bytes("data")?.into() }),
        None => None,
    };
    let extension = |value: &Value| -> Result<ExtensionRecord, String> {
        let row = Row(value);
        Ok(ExtensionRecord { namespace: row.text("namespace")?.to_owned(), data: row.bytes("data")?.into() })
    };
    let extensions = row.0["extensions"].as_array().map_or(&[][..], Vec::as_slice);
    let mentions = row.0["mentions"].as_array().map_or(&[][..], Vec::as_slice);
    let mention = |value: &Value| value.as_str().map(str::to_owned).ok_or("mentions are texts");
    let in_room = match row.inside("in_room") {
        Some(by) => Some(RoomAuthorRecord {
            name: by.text("name")?.to_owned(),
            account: by.number("account")?,
            address: by.text("address")?.to_owned(),
            lease: by.number("lease")?,
            guest_name: by.text("guest_name")?.to_owned(),
        }),
        None => None,
    };
    Ok(BodyRecord {
        client_id: row.text("client_id")?.to_owned(),
        sent: row.number("sent")?,
        device: row.small("device")?,
        by_second: row.flag("by_second"),
        content_kind: row.small("kind")?,
        text: row.text("text")?.to_owned(),
        media,
        extensions: extensions.iter().map(extension).collect::<Result<_, _>>()?,
        in_room,
        reply_to: row.number_or_zero("reply_to")?,
        forwarded: u32::try_from(row.number_or_zero("forwarded")?).map_err(|_| "forwarded is too large")?,
        mentions: mentions.iter().map(mention).collect::<Result<_, _>>()?,
        lifetime: row.number_or_zero("lifetime")?,
        edited: row.number_or_zero("edited")?,
        recalled: row.number_or_zero("recalled")?,
        theirs: row.number_or_zero("theirs")?,
        withheld: row.flag("withheld"),
    })
}
