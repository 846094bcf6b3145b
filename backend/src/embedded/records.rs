//! Stored records: what the values of the embedded store look like, and their way to the nouns and back.
//!
//! Values are protobuf messages, so that a field can be added and an older record still reads. Entries and bodies have
//! a head before it (version, retention class, moment) which the compaction filter reads without decoding the rest.
//! Invariant: a tag that was used is never used for something else.

use std::sync::Arc;

use belfry_domain::ports::StoreError;
use belfry_domain::{
    AccountId, Address, Author, ClientMessageId, Content, ContentKind, ConversationId, Cseq, Cursor, DeviceId,
    Extension, InlineMedia, LeaseId, Life, Message, MessageId, Retention, RoomName, Seq, TimestampMs,
};

use super::rows::{SideRecord, WishRecord};

/// Version of an entry's or body's head.
const HEAD: u8 = 1;

const CLASS_KEEP: u8 = 0;
const CLASS_UNTIL_DELIVERED: u8 = 1;
const CLASS_UNTIL: u8 = 2;

pub(super) fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

/// Decodes a record; `what` names it should it be damaged.
pub(super) fn decode<R: prost::Message + Default>(what: &str, bytes: &[u8]) -> Result<R, StoreError> {
    R::decode(bytes).map_err(|error| StoreError::Corrupt(format!("{what}: {error}")))
}

/// A record behind its head.
pub(super) fn with_head(retention: Retention, record: &impl prost::Message) -> Vec<u8> {
    let (class, moment) = match retention {
        Retention::Keep => (CLASS_KEEP, None),
        Retention::UntilDelivered { expires } => (CLASS_UNTIL_DELIVERED, Some(expires)),
        Retention::Until(expires) => (CLASS_UNTIL, Some(expires)),
    };
    let mut bytes = Vec::with_capacity(10 + record.encoded_len());
    bytes.extend_from_slice(&[HEAD, class]);
    if let Some(moment) = moment {
        bytes.extend_from_slice(&moment.0.to_be_bytes());
    }
    record.encode(&mut bytes).expect("a vector has room");
    bytes
}

/// Reads the head; what follows it is the record.
pub(super) fn head(bytes: &[u8]) -> Option<(Retention, &[u8])> {
    let [HEAD, class, rest @ ..] = bytes else { return None };
    if *class == CLASS_KEEP {
        return Some((Retention::Keep, rest));
    }
    let (moment, rest) = rest.split_first_chunk::<8>()?;
    let moment = TimestampMs(u64::from_be_bytes(*moment));
    match *class {
        CLASS_UNTIL_DELIVERED => Some((Retention::UntilDelivered { expires: moment }, rest)),
        CLASS_UNTIL => Some((Retention::Until(moment), rest)),
        _ => None,
    }
}

/// What an entry is about, as numbers.
pub(super) mod kind {
    pub(in super::super) const POINTER: u32 = 1;
    pub(in super::super) const INLINE: u32 = 2;
    pub(in super::super) const RECEIPT: u32 = 3;
    pub(in super::super) const MARK: u32 = 4;
    pub(in super::super) const PROFILE: u32 = 5;
    pub(in super::super) const AMENDMENT: u32 = 6;
    pub(in super::super) const FLAGS: u32 = 7;
    pub(in super::super) const SETTINGS: u32 = 8;
    pub(in super::super) const KEEPING: u32 = 20;
    pub(in super::super) const PRIVACY: u32 = 21;
    pub(in super::super) const CONTACT: u32 = 22;
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct EntryRecord {
    #[prost(uint32, tag = "1")]
    pub(super) kind: u32,
    #[prost(uint64, tag = "2")]
    pub(super) conversation: u64,
    #[prost(uint64, tag = "3")]
    pub(super) cseq: u64,
    #[prost(bool, tag = "4")]
    pub(super) incoming: bool,
    #[prost(message, optional, tag = "5")]
    pub(super) body: Option<BodyRecord>,
    /// Incoming messages: what the content weighs, wherever it is.
    #[prost(uint32, tag = "20")]
    pub(super) weight: u32,
    /// Contacts: the account that it is about.
    #[prost(uint64, tag = "21")]
    pub(super) peer: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct BodyRecord {
    #[prost(string, tag = "1")]
    pub(super) client_id: String,
    #[prost(uint64, tag = "2")]
    pub(super) sent: u64,
    #[prost(uint32, tag = "3")]
    pub(super) device: u32,
    /// Direct: the author is the conversation's second member.
    #[prost(bool, tag = "4")]
    pub(super) by_second: bool,
    #[prost(uint32, tag = "5")]
    pub(super) content_kind: u32,
    #[prost(string, tag = "6")]
    pub(super) text: String,
    #[prost(message, optional, tag = "7")]
    pub(super) media: Option<MediaRecord>,
    #[prost(message, repeated, tag = "8")]
    pub(super) extensions: Vec<ExtensionRecord>,
    /// Rooms: who wrote it.
    #[prost(message, optional, tag = "9")]
    pub(super) in_room: Option<RoomAuthorRecord>,
    #[prost(uint64, tag = "10")]
    pub(super) reply_to: u64,
    #[prost(uint32, tag = "11")]
    pub(super) forwarded: u32,
    #[prost(string, repeated, tag = "12")]
    pub(super) mentions: Vec<String>,
    /// Milliseconds; 0: it does not disappear.
    #[prost(uint64, tag = "13")]
    pub(super) lifetime: u64,
    /// When it was last edited, 0: never. What it said before is not kept.
    #[prost(uint64, tag = "14")]
    pub(super) edited: u64,
    /// When it was recalled, 0: never. It says nothing then.
    #[prost(uint64, tag = "15")]
    pub(super) recalled: u64,
    /// Direct: the receiver's entry, which is counted in what waits; 0: there is none, or it was not written down then.
    #[prost(uint64, tag = "16")]
    pub(super) theirs: u64,
    /// Direct: the receiver blocked the author. It is the author's alone, for good.
    #[prost(bool, tag = "17")]
    pub(super) withheld: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MediaRecord {
    #[prost(string, tag = "1")]
    pub(super) mime: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) data: bytes::Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExtensionRecord {
    #[prost(string, tag = "1")]
    pub(super) namespace: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) data: bytes::Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RoomAuthorRecord {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(uint64, tag = "2")]
    pub(super) account: u64,
    /// Empty: a guest.
    #[prost(string, tag = "3")]
    pub(super) address: String,
    #[prost(uint64, tag = "4")]
    pub(super) lease: u64,
    #[prost(string, tag = "5")]
    pub(super) guest_name: String,
}

/// A conversation: direct, or a room.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ConversationRecord {
    #[prost(uint64, tag = "1")]
    pub(super) first: u64,
    #[prost(uint64, tag = "2")]
    pub(super) second: u64,
    #[prost(string, tag = "3")]
    pub(super) first_address: String,
    #[prost(string, tag = "4")]
    pub(super) second_address: String,
    /// At least this many numbers were given out; the last body's number where that is higher.
    #[prost(uint64, tag = "5")]
    pub(super) last: u64,
    /// Some message is or was in the timelines alone.
    #[prost(bool, tag = "6")]
    pub(super) inline: bool,
    /// The room's name; empty: a direct conversation.
    #[prost(string, tag = "7")]
    pub(super) room: String,
    /// Rooms: the first number that may still be kept.
    #[prost(uint64, tag = "8")]
    pub(super) kept_from: u64,
    /// Some message has or had a row about its later life.
    #[prost(bool, tag = "10")]
    pub(super) amended: bool,
    /// Some message has or had flags of a member.
    #[prost(bool, tag = "11")]
    pub(super) flagged: bool,
    /// When the last message was sent; that of the last body where that is later.
    #[prost(uint64, tag = "12")]
    pub(super) active: u64,
    /// New messages disappear after so many milliseconds; 0: they do not.
    #[prost(uint64, tag = "13")]
    pub(super) disappear_after: u64,
    /// What the members wish, and the places in their timelines that say so.
    #[prost(message, optional, tag = "20")]
    pub(super) first_wish: Option<WishRecord>,
    #[prost(message, optional, tag = "21")]
    pub(super) second_wish: Option<WishRecord>,
    #[prost(uint64, tag = "22")]
    pub(super) first_keeping: u64,
    #[prost(uint64, tag = "23")]
    pub(super) second_keeping: u64,
    /// How the members stand to each other.
    #[prost(message, optional, tag = "30")]
    pub(super) first_side: Option<SideRecord>,
    #[prost(message, optional, tag = "31")]
    pub(super) second_side: Option<SideRecord>,
    /// Some message has or had a copy of its later life for one side alone.
    #[prost(bool, tag = "32")]
    pub(super) copied: bool,
    /// Something is or was kept from a member.
    #[prost(bool, tag = "33")]
    pub(super) withheld: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OwnerRecord {
    #[prost(uint64, tag = "1")]
    pub(super) delivered_floor: u64,
    /// The furthest that any device ever acknowledged: up to here receipts are made.
    #[prost(uint64, tag = "2")]
    pub(super) delivered_any: u64,
    /// At least up to here numbers were given out; the last entry's where that is higher.
    #[prost(uint64, tag = "3")]
    pub(super) last: u64,
    #[prost(uint32, tag = "4")]
    pub(super) devices_made: u32,
    /// Some entry is or was not kept for ever.
    #[prost(bool, tag = "5")]
    pub(super) volatile: bool,
    /// The place of the latest change of the profile.
    #[prost(uint64, tag = "6")]
    pub(super) profile: u64,
    /// The place of the last message that is no longer kept: given to all who count, or pruned.
    #[prost(uint64, tag = "40")]
    pub(super) gone: u64,
    /// What waited behind the floor when the place `waiting_at` was the last one.
    #[prost(uint64, tag = "20")]
    pub(super) waiting_entries: u64,
    #[prost(uint64, tag = "21")]
    pub(super) waiting_bytes: u64,
    #[prost(uint64, tag = "22")]
    pub(super) waiting_at: u64,
    /// How often something that waited was taken away or recalled.
    #[prost(uint64, tag = "23")]
    pub(super) erasures: u64,
    #[prost(bool, tag = "24")]
    pub(super) read_receipts_off: bool,
    /// The place of the latest change of the privacy.
    #[prost(uint64, tag = "25")]
    pub(super) privacy: u64,
    /// Audiences as numbers; 0: what it is unless somebody says otherwise.
    #[prost(uint32, tag = "26")]
    pub(super) read_receipts: u32,
    #[prost(uint32, tag = "27")]
    pub(super) last_seen: u32,
    #[prost(uint32, tag = "28")]
    pub(super) picture: u32,
    #[prost(uint32, tag = "29")]
    pub(super) about: u32,
    #[prost(uint32, tag = "30")]
    pub(super) found_by_phone: u32,
    /// Contacts that are not nothing, and how many of them are strangers who ask.
    #[prost(uint32, tag = "31")]
    pub(super) contacts: u32,
    #[prost(uint32, tag = "32")]
    pub(super) requests: u32,
    /// How far each device had got when this was written; where its own record says more, that holds. As it is stored:
    /// in memory it is with the devices.
    #[prost(message, repeated, tag = "41")]
    pub(super) cursors: Vec<DeviceCursorRecord>,
}

/// How far one of an owner's devices has got.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct DeviceCursorRecord {
    #[prost(uint32, tag = "1")]
    pub(super) device: u32,
    #[prost(uint64, tag = "2")]
    pub(super) passed: u64,
    #[prost(uint64, tag = "3")]
    pub(super) delivered: u64,
}

impl OwnerRecord {
    /// How far a device had got when this was written.
    pub(super) fn cursor(&self, device: DeviceId) -> Cursor {
        let stored = self.cursors.iter().find(|stored| stored.device == device.0);
        stored.map_or_else(Cursor::default, |stored| Cursor {
            passed: Seq(stored.passed),
            delivered: Seq(stored.delivered),
        })
    }
}

/// A receipt or mark: the value and the place of its latest change.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RowRecord {
    #[prost(uint64, tag = "1")]
    pub(super) seq: u64,
    #[prost(uint64, tag = "2")]
    pub(super) delivered: u64,
    #[prost(uint64, tag = "3")]
    pub(super) read: u64,
    /// Receipts: what was never delivered, first and last number of each stretch.
    #[prost(uint64, repeated, tag = "22")]
    pub(super) undelivered: Vec<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RememberedRecord {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) fingerprint: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub(super) conversation: u64,
    #[prost(uint64, tag = "3")]
    pub(super) cseq: u64,
    #[prost(uint64, tag = "4")]
    pub(super) sent: u64,
    #[prost(uint64, tag = "5")]
    pub(super) seq: u64,
    #[prost(uint64, tag = "6")]
    pub(super) prev: u64,
}

/// The dedupe keys of one commit.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct KeysRecord {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) keys: Vec<Vec<u8>>,
}

pub(super) fn parse_address(text: &str) -> Result<Address, StoreError> {
    Address::parse(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A number of which 0 stands for none.
pub(super) fn some(number: u64) -> Option<u64> {
    (number != 0).then_some(number)
}

fn parse_room_name(text: &str) -> Result<RoomName, StoreError> {
    RoomName::parse(text).map_err(|error| StoreError::Corrupt(format!("a name in a room: {error}")))
}

impl EntryRecord {
    /// Whether it is a message, and not what has become of one.
    pub(super) fn is_message(&self) -> bool {
        matches!(self.kind, kind::POINTER | kind::INLINE)
    }
}

impl BodyRecord {
    /// The body of a message, without what its conversation knows.
    pub(super) fn of(client_id: &ClientMessageId, sent: TimestampMs, content: &Content) -> BodyRecord {
        BodyRecord {
            client_id: client_id.as_str().to_owned(),
            sent: sent.0,
            content_kind: content.kind.number(),
            text: content.text.clone(),
            media: content.media.as_ref().map(|m| MediaRecord { mime: m.mime.clone(), data: m.data.clone() }),
            extensions: content
                .extensions
                .iter()
                .map(|e| ExtensionRecord { namespace: e.namespace.clone(), data: e.data.clone() })
                .collect(),
            reply_to: content.reply_to.unwrap_or_default().0,
            forwarded: content.forwarded,
            mentions: content.mentions.iter().map(ToString::to_string).collect(),
            lifetime: content.lifetime_ms.unwrap_or(0),
            ..BodyRecord::default()
        }
    }

    pub(super) fn parts(self) -> Result<(ClientMessageId, TimestampMs, Content), StoreError> {
        let client_id =
            ClientMessageId::parse(&self.client_id).ok_or_else(|| corrupt("a body: the client's message id"))?;
        let content = Content {
            kind: ContentKind::from_number(self.content_kind),
            text: self.text,
            media: self.media.map(|m| InlineMedia { mime: m.mime, data: m.data }),
            extensions: self
                .extensions
                .into_iter()
                .map(|e| Extension { namespace: e.namespace, data: e.data })
                .collect(),
            reply_to: some(self.reply_to).map(Cseq),
            forwarded: self.forwarded,
            mentions: self.mentions.iter().map(|text| parse_address(text)).collect::<Result<_, _>>()?,
            lifetime_ms: some(self.lifetime),
        };
        Ok((client_id, TimestampMs(self.sent), content))
    }

    /// The message of a direct conversation.
    pub(super) fn into_direct(
        self,
        id: MessageId,
        members: &[(AccountId, Address); 2],
    ) -> Result<Arc<Message>, StoreError> {
        let [first, second] = members;
        let (author, to) = if self.by_second { (second, first) } else { (first, second) };
        let device = DeviceId(self.device);
        let edited = some(self.edited).map(TimestampMs);
        let recalled = some(self.recalled).map(TimestampMs);
        let (client_id, sent, content) = self.parts()?;
        Ok(Arc::new(Message {
            id,
            author: Author::Account { account: author.0, address: author.1.clone(), device },
            to: Some(to.1.clone()),
            room_name: None,
            client_id,
            sent,
            content,
            life: Life { edited, recalled, ..Life::default() },
        }))
    }

    /// The message of a room.
    pub(super) fn into_room(mut self, id: MessageId) -> Result<Arc<Message>, StoreError> {
        let by = self.in_room.take().ok_or_else(|| corrupt("a body in a room has no author"))?;
        let author = if by.address.is_empty() {
            Author::Guest { lease: LeaseId(by.lease), name: parse_room_name(&by.guest_name)? }
        } else {
            Author::Account {
                account: AccountId(by.account),
                address: parse_address(&by.address)?,
                device: DeviceId(self.device),
            }
        };
        let (client_id, sent, content) = self.parts()?;
        let room_name = Some(parse_room_name(&by.name)?);
        Ok(Arc::new(Message { id, author, to: None, room_name, client_id, sent, content, life: Life::default() }))
    }

    /// Puts down who wrote to a room under which name.
    pub(super) fn in_room(mut self, author: &Author, name: &RoomName) -> BodyRecord {
        let mut by = RoomAuthorRecord { name: name.as_str().to_owned(), ..RoomAuthorRecord::default() };
        match author {
            Author::Account { account, address, device } => {
                by.account = account.0;
                by.address = address.to_string();
                self.device = device.0;
            }
            Author::Guest { lease, name } => {
                by.lease = lease.0;
                by.guest_name = name.as_str().to_owned();
            }
        }
        self.in_room = Some(by);
        self
    }
}

/// The id of a message from two stored numbers.
pub(super) fn message_id(conversation: u64, cseq: u64) -> MessageId {
    MessageId { conversation: ConversationId(conversation), cseq: Cseq(cseq) }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_head_keeps_every_class() {
        let moment = TimestampMs(77);
        for class in [Retention::Keep, Retention::UntilDelivered { expires: moment }, Retention::Until(moment)] {
            let bytes = with_head(class, &RowRecord { seq: 5, ..RowRecord::default() });
            let (read, rest) = head(&bytes).expect("a head");
            assert_eq!(read, class);
            assert_eq!(decode::<RowRecord>("row", rest).expect("a row").seq, 5);
        }
        assert_eq!(head(&[]), None);
        assert_eq!(head(&[9, 0]), None);
        assert_eq!(head(&[HEAD, CLASS_UNTIL, 1, 2]), None);
    }

    #[test]
    fn an_entry_with_a_field_of_a_later_version_still_reads() {
        let mut bytes = EntryRecord { kind: kind::MARK, conversation: 3, ..EntryRecord::default() }.encode_to_vec();
        bytes.extend_from_slice(&[0xf8, 0x07, 0x01]); // field 127, a number
        assert_eq!(decode::<EntryRecord>("entry", &bytes).expect("reads").conversation, 3);
    }
}
