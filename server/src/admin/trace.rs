//! Traces on the admin socket: how the life of a message is asked for and written down.
//!
//! A trace of the engine comes in; plain values with stable words leave. Invariant: no part of a message's content is in
//! them, and they fit an answer.

use belfry_domain::ports::TracedEntry;
use belfry_domain::{ConversationId, Cseq, DeviceRole, MessageId, Retention, Seq};
use belfry_engine::{Did, Trace, TraceDevice, TraceSide, TraceStep};
use serde::{Deserialize, Serialize};

/// The life of a message.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TraceLines {
    /// `conversation/cseq`; none: it was refused at every try that is remembered.
    pub message: Option<String>,
    /// Other messages under the same client id, by other devices.
    pub others: Vec<String>,
    /// Who wrote it, if that is still known.
    pub from: Option<String>,
    /// From which device.
    pub device: Option<u32>,
    /// What the device called it, if that is still known.
    pub client_id: Option<String>,
    /// When it was accepted, in milliseconds since 1970, if that is still known.
    pub accepted_ms: Option<u64>,
    /// `forever`, `until_delivered`, `until`, or none: it is no longer kept.
    pub kept: Option<String>,
    /// When it ends at the latest, if it does.
    pub expires_ms: Option<u64>,
    /// The members of its conversation.
    pub sides: Vec<SideLine>,
    /// What happened to it, oldest first.
    pub steps: Vec<StepLine>,
    /// Older steps that were left out.
    pub steps_left_out: usize,
    /// Since when all steps are remembered, in milliseconds since 1970.
    pub remembered_since_ms: u64,
}

/// One member's side.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SideLine {
    /// Whose.
    pub address: String,
    /// The account is still there.
    pub there: bool,
    /// It wrote the message; none: not known any more.
    pub wrote: Option<bool>,
    /// `kept`, `over` (its retention has ended), `gone`, `not_looked_at`.
    pub entry: String,
    /// Its place in the timeline, if it is known.
    pub place: Option<u64>,
    /// A device was given it; for a side that did not write it.
    pub delivered: bool,
    /// It was read; for a side that did not write it.
    pub read: bool,
    /// The devices.
    pub devices: Vec<DeviceLine>,
    /// Devices that are no more: revoked or replaced.
    pub devices_gone: Vec<u32>,
}

/// One device.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DeviceLine {
    /// Its number.
    pub device: u32,
    /// What its owner calls it.
    pub name: String,
    /// The account's phone.
    pub primary: bool,
    /// A link of it is open.
    pub online: bool,
    /// When it was last connected, in milliseconds since 1970.
    pub last_seen_ms: u64,
    /// It has acknowledged the message; none: the message's place is not known.
    pub acknowledged: Option<bool>,
    /// It has given it to its user; none: the message's place is not known.
    pub delivered: Option<bool>,
    /// It was added after the message.
    pub added_after: bool,
}

/// One step.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct StepLine {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Of which account.
    pub address: String,
    /// Of which device, if of one.
    pub device: Option<u32>,
    /// Over which link, if that is known.
    pub link: Option<u64>,
    /// Over which carrier, if over one.
    pub carrier: Option<String>,
    /// `accepted`, `stored`, `repeated`, `refused`, `answered`, `told`, `unwritten`, `acknowledged`, `read`,
    /// `connected`, `disconnected`, `cut_off`.
    pub step: String,
    /// Why, as a code of the protocol.
    pub why: Option<String>,
}

/// A message's id as clients and operators write it: `7/42`, or `7-42` as it stands in logs.
pub fn parse_id(text: &str) -> Option<MessageId> {
    let (conversation, cseq) = text.split_once(['/', '-'])?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(conversation) || !digits(cseq) {
        return None;
    }
    Some(MessageId { conversation: ConversationId(conversation.parse().ok()?), cseq: Cseq(cseq.parse().ok()?) })
}

fn written(id: MessageId) -> String {
    format!("{}/{}", id.conversation, id.cseq)
}

impl From<Trace> for TraceLines {
    fn from(trace: Trace) -> TraceLines {
        let (kept, expires) = match trace.retention {
            None => (None, None),
            Some(Retention::Keep) => (Some("forever"), None),
            Some(Retention::UntilDelivered { expires }) => (Some("until_delivered"), Some(expires)),
            Some(Retention::Until(expires)) => (Some("until"), Some(expires)),
        };
        TraceLines {
            message: trace.id.map(written),
            others: trace.others.into_iter().map(written).collect(),
            from: trace.by.as_ref().map(|(address, _)| address.to_string()),
            device: trace.by.map(|(_, device)| device.0),
            client_id: trace.client_id.map(|id| id.as_str().to_owned()),
            accepted_ms: trace.accepted.map(|at| at.0),
            kept: kept.map(str::to_owned),
            expires_ms: expires.map(|at| at.0),
            sides: trace.sides.into_iter().map(side).collect(),
            steps: trace.steps.into_iter().map(step).collect(),
            steps_left_out: trace.left_out,
            remembered_since_ms: trace.remembered_since.0,
        }
    }
}

fn side(side: TraceSide) -> SideLine {
    let entry = match side.entry {
        TracedEntry::Kept(_) => "kept",
        TracedEntry::Over(_) => "over",
        TracedEntry::Gone => "gone",
        TracedEntry::NotLookedAt => "not_looked_at",
    };
    SideLine {
        address: side.address.to_string(),
        there: side.there,
        wrote: side.wrote,
        entry: entry.into(),
        place: side.place.map(|Seq(place)| place),
        delivered: side.delivered,
        read: side.read,
        devices: side.devices.into_iter().map(device).collect(),
        devices_gone: side.devices_gone.into_iter().map(|device| device.0).collect(),
    }
}

fn device(line: TraceDevice) -> DeviceLine {
    DeviceLine {
        device: line.device.id.0,
        name: line.device.name.clone(),
        primary: line.device.role == DeviceRole::Primary,
        online: line.online,
        last_seen_ms: line.device.last_seen.0,
        acknowledged: line.passed,
        delivered: line.delivered,
        added_after: line.added_after,
    }
}

fn step(step: TraceStep) -> StepLine {
    let (word, why) = match step.did {
        Did::Accepted { .. } => ("accepted", None),
        Did::Stored { .. } => ("stored", None),
        Did::Repeated(_) => ("repeated", None),
        Did::Refused { code, .. } => ("refused", Some(code)),
        Did::Answered { .. } => ("answered", None),
        Did::Told { .. } => ("told", None),
        Did::Unwritten { why, .. } => ("unwritten", why),
        Did::Acknowledged { .. } => ("acknowledged", None),
        Did::Read(_) => ("read", None),
        Did::Opened => ("connected", None),
        Did::Closed(why) => ("disconnected", why),
        Did::Cut(code) => ("cut_off", Some(code)),
    };
    StepLine {
        at_ms: step.at.0,
        address: step.address.to_string(),
        device: (step.device.0 != 0).then_some(step.device.0),
        link: step.link,
        carrier: (!step.carrier.is_empty()).then(|| step.carrier.to_owned()),
        step: word.into(),
        why: why.map(|code| code.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_with_a_stroke_or_a_hyphen_and_nothing_else() {
        let id = MessageId { conversation: ConversationId(7), cseq: Cseq(42) };
        assert_eq!(parse_id("7/42"), Some(id));
        assert_eq!(parse_id(&id.to_string()), Some(id));
        assert_eq!(parse_id(&written(id)), Some(id));
        for text in ["", "7", "7/", "/42", "7/+42", "7/42/1", "a/1", "7/-1", "99999999999999999999/1"] {
            assert_eq!(parse_id(text), None, "{text:?}");
        }
    }
}
