//! The JSON of the browser's sync protocol.
//!
//! What is asked for comes in, what is told leaves. Invariant: a number that may pass 2^53 leaves as a text, and one that
//! has passed it does not come in as a number, since a page would have rounded it.

use std::fmt;

use belfry_domain::Refusal;
use belfry_wire::v1;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// The largest number up to which a page can tell neighbours apart.
const EXACT_MAX: u64 = 1 << 53;

/// A whole number of 64 bits: comes as a text of digits or as a number up to 2^53.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Whole(pub(crate) u64);

impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Whole, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, as a text of digits or up to 2^53 as a number")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
                if number > EXACT_MAX {
                    return Err(E::custom("a number over 2^53 may have been rounded: give it as a text"));
                }
                Ok(Whole(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Whole, E> {
                let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
                let number = if digits { text.parse().ok() } else { None };
                number.map(Whole).ok_or_else(|| E::custom("a text is not the digits of a number of 64 bits"))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// A small number leaves as a number.
fn as_number<S: Serializer>(number: &Whole, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(number.0)
}

/// A sync key.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct ListedKey {
    #[serde(rename = "Count", serialize_with = "as_number")]
    pub(crate) count: Whole,
    #[serde(rename = "List")]
    pub(crate) list: Vec<ListedValue>,
}

/// A value of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ListedValue {
    #[serde(rename = "Key", serialize_with = "as_number")]
    pub(crate) key: Whole,
    #[serde(rename = "Val")]
    pub(crate) val: Whole,
}

#[derive(Deserialize)]
pub(crate) struct CheckQuery {
    pub(crate) key: Option<String>,
    pub(crate) wait_ms: Option<u64>,
}

/// Whether there is something to sync.
#[derive(Default, Serialize)]
pub(crate) struct Checked {
    pub(crate) retcode: u32,
    pub(crate) selector: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    #[serde(rename = "retryAfterMs", skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_ms: Option<Whole>,
}

impl Checked {
    /// Checking cannot go on.
    pub(crate) fn ended(retcode: u32, refusal: &Refusal) -> Checked {
        Checked {
            retcode,
            selector: 0,
            code: Some(refusal.code.as_str()),
            message: Some(refusal.message.clone()),
            retry_after_ms: refusal.retry_after_ms.map(Whole),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncAsked {
    #[serde(rename = "SyncKey", default)]
    pub(crate) sync_key: Option<ListedKey>,
    #[serde(default)]
    pub(crate) limit: Whole,
    #[serde(default = "yes")]
    pub(crate) acknowledge: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
pub(crate) struct Synced {
    pub(crate) events: Vec<v1::Event>,
    #[serde(rename = "SyncKey")]
    pub(crate) sync_key: ListedKey,
    pub(crate) key: String,
    #[serde(rename = "ContinueFlag")]
    pub(crate) continue_flag: u32,
    pub(crate) reset: bool,
    pub(crate) gap: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SendAsked {
    pub(crate) to: String,
    pub(crate) client_message_id: String,
    pub(crate) text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    pub(crate) conversation_id: Whole,
    pub(crate) cseq: Whole,
    pub(crate) sent_at_ms: Whole,
    pub(crate) duplicate: bool,
}

/// Nothing is asked for but the thing itself.
#[derive(Deserialize)]
pub(crate) struct NothingAsked {}

#[derive(Serialize)]
pub(crate) struct Begun {
    pub(crate) profile: v1::Profile,
    #[serde(rename = "deviceId")]
    pub(crate) device_id: u32,
    pub(crate) conversations: Vec<v1::HistoryReply>,
    #[serde(rename = "SyncKey")]
    pub(crate) sync_key: ListedKey,
    pub(crate) key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusAsked {
    #[serde(default)]
    pub(crate) conversation_id: Option<Whole>,
    #[serde(default)]
    pub(crate) peer: Option<String>,
    #[serde(default)]
    pub(crate) read_cseq: Option<Whole>,
}

/// Done, nothing to say.
#[derive(Serialize)]
pub(crate) struct Nothing {}
