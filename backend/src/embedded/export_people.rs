//! Rows of an export about what people are to each other: contacts, profiles, pictures, documents,
//! invitations, and the way back.
//!
//! Stored records come in and JSON leaves, or the other way round. Invariant: what is exported here is what
//! `docs/export.md` says, and what is imported gives the same records and indices again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, DocumentKey, TimestampMs};
use prost::Message as _;
use serde_json::{Value, json};

use super::contact_records::{AskedRecord, ContactRecord, InviteRecord, PictureRecord, ProfileRecord};
use super::export::{Export, pair_of, text};
use super::import::{KeyValue, Row};
use super::keys;
use super::records::{OwnerRecord, corrupt, decode};

pub(super) fn contact(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let (owner, peer) = pair_of(key)?;
    let record: ContactRecord = decode("a contact", value)?;
    let asked = record.asked.map(|asked| json!({ "at": asked.at, "note": asked.note }));
    Ok(Some(json!({
        "row": "contact",
        "owner": owner,
        "peer": peer,
        "seq": text(record.seq),
        "peer_address": record.peer_address,
        "name": record.name,
        "labels": record.labels,
        "listed": record.listed,
        "to": record.to,
        "from": record.from,
        "asks": record.asks,
        "approved": record.approved,
        "asked": asked,
        "blocked": record.blocked,
    })))
}

/// What an account says about itself, or its picture: their keys differ in the last byte.
pub(super) fn profile(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let account = key.get(1..9).and_then(keys::tail).ok_or_else(|| corrupt("the key of a profile"))?;
    if key == keys::picture(AccountId(account)) {
        let record: PictureRecord = decode("a picture", value)?;
        let data = BASE64.encode(record.data);
        return Ok(Some(json!({ "row": "picture", "account": account, "mime": record.mime, "data": data })));
    }
    let record: ProfileRecord = decode("a profile", value)?;
    let picture = BASE64.encode(record.picture);
    Ok(Some(json!({ "row": "profile", "account": account, "about": record.about, "picture": picture })))
}

pub(super) fn document(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let account = key.get(1..9).and_then(keys::tail).ok_or_else(|| corrupt("the key of a document"))?;
    let name = key.get(9..).and_then(|name| str::from_utf8(name).ok()).ok_or_else(|| corrupt("a document's name"))?;
    Ok(Some(json!({ "row": "document", "account": account, "name": name, "data": BASE64.encode(value) })))
}

pub(super) fn invite(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let hash = keys::invite_hash(key).ok_or_else(|| corrupt("the key of an invitation"))?;
    let record: InviteRecord = decode("an invitation", value)?;
    Ok(Some(json!({
        "row": "invite",
        "hash": BASE64.encode(hash),
        "by": record.by,
        "sign_up": record.sign_up,
        "uses_left": record.uses_left,
        "created": record.created,
        "expires": record.expires,
    })))
}

/// The audiences of an account, in the order of the nouns.
pub(super) fn audiences(owner: &OwnerRecord) -> [u32; 5] {
    [owner.read_receipts, owner.last_seen, owner.picture, owner.about, owner.found_by_phone]
}

/// Reads them back; older exports have none.
pub(super) fn set_audiences(owner: &mut OwnerRecord, row: &Row<'_>) -> Result<(), String> {
    if row.0["audiences"].is_null() {
        return Ok(());
    }
    let five: [u32; 5] = serde_json::from_value(row.0["audiences"].clone()).map_err(|error| error.to_string())?;
    [owner.read_receipts, owner.last_seen, owner.picture, owner.about, owner.found_by_phone] = five;
    Ok(())
}

/// The keys and values of a row that is one of these; none: it is another.
pub(super) fn rows(name: &str, row: &Row<'_>) -> Result<Vec<KeyValue>, String> {
    let account = |name: &str| row.number(name).map(AccountId);
    Ok(match name {
        "contact" => {
            let (owner, peer) = (account("owner")?, account("peer")?);
            let asked = match row.inside("asked") {
                Some(asked) => Some(AskedRecord { at: asked.number("at")?, note: asked.text("note")?.to_owned() }),
                None => None,
            };
            let labels = row.0["labels"].as_array().map_or(&[][..], Vec::as_slice);
            let label = |value: &Value| value.as_str().map(str::to_owned).ok_or("labels are texts");
            let record = ContactRecord {
                seq: row.number("seq")?,
                peer_address: row.text("peer_address")?.to_owned(),
                name: row.text("name")?.to_owned(),
                labels: labels.iter().map(label).collect::<Result<_, _>>()?,
                listed: row.flag("listed"),
                to: row.flag("to"),
                from: row.flag("from"),
                asks: row.flag("asks"),
                approved: row.flag("approved"),
                asked,
                blocked: row.flag("blocked"),
            };
            vec![(keys::contact(owner, peer), record.encode_to_vec()), (keys::known_by(peer, owner), Vec::new())]
        }
        "profile" => {
            let record = ProfileRecord { about: row.text("about")?.to_owned(), picture: row.bytes("picture")? };
            vec![(keys::profile(account("account")?), record.encode_to_vec())]
        }
        "picture" => {
            let record = PictureRecord { mime: row.text("mime")?.to_owned(), data: row.bytes("data")? };
            vec![(keys::picture(account("account")?), record.encode_to_vec())]
        }
        "document" => {
            let name = DocumentKey::parse(row.text("name")?).ok_or("a document's name is of 1 to 256 bytes")?;
            vec![(keys::document(account("account")?, &name), row.bytes("data")?)]
        }
        "invite" => {
            let hash: [u8; 32] = row.bytes("hash")?.try_into().map_err(|_| "hash is not of 32 bytes")?;
            let record = InviteRecord {
                by: row.number("by")?,
                sign_up: row.flag("sign_up"),
                uses_left: row.small("uses_left")?,
                created: row.number("created")?,
                expires: row.number("expires")?,
            };
            let until = keys::invite_until(TimestampMs(record.expires), &hash);
            vec![
                (keys::invite_of(AccountId(record.by), TimestampMs(record.created), &hash), Vec::new()),
                (until, Vec::new()),
                (keys::invite(&hash), record.encode_to_vec()),
            ]
        }
        _ => Vec::new(),
    })
}
