//! Rows of an export about the later life of messages and conversations, and the way back.
//!
//! Stored records come in and JSON leaves, or the other way round. Invariant: what is exported here is what
//! `docs/export.md` says, and what is imported gives the same records again.

use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, ConversationId, Cseq};
use prost::Message as _;
use serde_json::{Value, json};

use super::export::{Export, body, pair_of, text};
use super::import::{KeyValue, Row, body as body_record};
use super::keys;
use super::records::{corrupt, decode};
use super::rows::{AmendmentRecord, CopyRecord, FlagsRecord, ReactionRecord, SettingsRecord, WithheldRecord};

pub(super) fn amendment(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let (conversation, cseq) = pair_of(key)?;
    let record: AmendmentRecord = decode("an amendment", value)?;
    let mut row = life(&record);
    (row["row"], row["conversation"], row["cseq"]) = (json!("amendment"), json!(conversation), json!(cseq));
    Ok(Some(row))
}

/// What has become of a message for one side alone.
pub(super) fn copy(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let (conversation, cseq) = key.get(..17).map(pair_of).transpose()?.ok_or_else(|| corrupt("the key of a copy"))?;
    let record: CopyRecord = decode("a copy", value)?;
    let mut row = json!({
        "row": "copy",
        "conversation": conversation,
        "cseq": cseq,
        "side": key.last(),
        "life": life(&record.row.ok_or_else(|| corrupt("a copy without its row"))?),
    });
    if let Some(own) = &record.body {
        row["body"] = body(own);
    }
    Ok(Some(row))
}

pub(super) fn withheld(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let wrong = || corrupt("the key of what is withheld");
    let conversation = key.get(1..9).and_then(keys::tail).ok_or_else(wrong)?;
    let record: WithheldRecord = decode("what is withheld", value)?;
    let mut row = json!({
        "row": "withheld",
        "conversation": conversation,
        "side": key.get(9),
        "cseq": keys::tail(key),
        "weight": record.weight,
        "expires": record.expires,
        "withheld": record.withheld,
        "given": record.given,
        "shown": record.shown,
        "active": record.active,
        "over": record.over,
    });
    if let Some(own) = &record.body {
        row["body"] = body(own);
    }
    Ok(Some(row))
}

fn life(record: &AmendmentRecord) -> Value {
    let reaction = |row: &ReactionRecord| json!({ "by_second": row.by_second, "emoji": row.emoji });
    json!({
        "sent": record.sent,
        "by_second": record.by_second,
        "inline": record.inline,
        "expires": text(record.expires),
        "edited": record.edited,
        "recalled": record.recalled,
        "pinned": record.pinned,
        "reactions": record.reactions.iter().map(reaction).collect::<Vec<_>>(),
        "seqs": [text(record.first_seq), text(record.second_seq)],
        "entries": [text(record.first_entry), text(record.second_entry)],
        "withheld": record.withheld,
    })
}

pub(super) fn flags(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let (owner, conversation) = key.get(..17).map(pair_of).transpose()?.ok_or_else(|| corrupt("the key of flags"))?;
    let cseq = keys::tail(key).ok_or_else(|| corrupt("the key of flags"))?;
    let record: FlagsRecord = decode("flags", value)?;
    Ok(Some(json!({
        "row": "flags",
        "owner": owner,
        "conversation": conversation,
        "cseq": cseq,
        "seq": text(record.seq),
        "starred": record.starred,
        "hidden": record.hidden,
    })))
}

pub(super) fn settings(_: &Export<'_>, key: &[u8], value: &[u8]) -> Result<Option<Value>, StoreError> {
    let (owner, conversation) = pair_of(key)?;
    let record: SettingsRecord = decode("a conversation's settings", value)?;
    Ok(Some(json!({
        "row": "settings",
        "owner": owner,
        "conversation": conversation,
        "seq": text(record.seq),
        "muted_until": text(record.muted_until),
        "pinned": record.pinned,
        "archived": record.archived,
        "draft": record.draft,
        "draft_reply_to": record.draft_reply_to,
        "marked_unread": record.marked_unread,
    })))
}

fn amendment_record(row: &Row<'_>) -> Result<AmendmentRecord, String> {
    let two = |name: &str, at: usize| -> Result<u64, String> {
        let number = row.0[name][at].as_str().and_then(|text| text.parse().ok());
        number.ok_or_else(|| format!("{name} are two numbers"))
    };
    let reactions = row.0["reactions"].as_array().map_or(&[][..], Vec::as_slice);
    let reaction = |value: &Value| -> Result<ReactionRecord, String> {
        let row = Row(value);
        Ok(ReactionRecord { by_second: row.flag("by_second"), emoji: row.text("emoji")?.to_owned() })
    };
    Ok(AmendmentRecord {
        sent: row.number("sent")?,
        by_second: row.flag("by_second"),
        inline: row.flag("inline"),
        expires: row.number("expires")?,
        edited: row.number("edited")?,
        recalled: row.number("recalled")?,
        pinned: row.flag("pinned"),
        reactions: reactions.iter().map(reaction).collect::<Result<_, _>>()?,
        first_seq: two("seqs", 0)?,
        second_seq: two("seqs", 1)?,
        first_entry: two("entries", 0)?,
        second_entry: two("entries", 1)?,
        withheld: row.flag("withheld"),
    })
}

/// The key and the value of a row that is one of these; `None`: it is another.
pub(super) fn row(name: &str, row: &Row<'_>) -> Result<Option<KeyValue>, String> {
    let conversation = || row.number("conversation").map(ConversationId);
    let side = || row.small("side").map(|side| side as usize);
    Ok(Some(match name {
        "amendment" => {
            let key = keys::amendment(conversation()?, Cseq(row.number("cseq")?));
            (key, amendment_record(row)?.encode_to_vec())
        }
        "copy" => {
            let life = row.inside("life").ok_or("life is missing")?;
            let body = row.inside("body").map(|inside| body_record(&inside)).transpose()?;
            let record = CopyRecord { row: Some(amendment_record(&life)?), body };
            let key = keys::copy(conversation()?, Cseq(row.number("cseq")?), side()?);
            (key, record.encode_to_vec())
        }
        "withheld" => {
            let record = WithheldRecord {
                weight: row.small("weight")?,
                expires: row.number("expires")?,
                withheld: row.flag("withheld"),
                given: row.flag("given"),
                shown: row.number("shown")?,
                active: row.number("active")?,
                body: row.inside("body").map(|inside| body_record(&inside)).transpose()?,
                over: row.flag("over"),
            };
            (keys::withheld(conversation()?, side()?, Cseq(row.number("cseq")?)), record.encode_to_vec())
        }
        "flags" => {
            let record =
                FlagsRecord { seq: row.number("seq")?, starred: row.flag("starred"), hidden: row.flag("hidden") };
            let owner = AccountId(row.number("owner")?);
            (keys::flags(owner, conversation()?, Cseq(row.number("cseq")?)), record.encode_to_vec())
        }
        "settings" => {
            let record = SettingsRecord {
                seq: row.number("seq")?,
                muted_until: row.number("muted_until")?,
                pinned: row.flag("pinned"),
                archived: row.flag("archived"),
                draft: row.text("draft")?.to_owned(),
                draft_reply_to: row.number("draft_reply_to")?,
                marked_unread: row.flag("marked_unread"),
            };
            (keys::settings(AccountId(row.number("owner")?), conversation()?), record.encode_to_vec())
        }
        _ => return Ok(None),
    }))
}
