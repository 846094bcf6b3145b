//! Requests to commands: each field is parsed into its type here, or the request is refused with what was wrong.
//!
//! A [`Request`] comes in; a [`Command`] leaves. Invariant: nothing is guessed; what is not said is a documented
//! default of docs/protocol.md.

use belfry_domain::{
    Address, ClientMessageId, Content, ContentKind, ConversationId, Cseq, DeviceId, Extension, InlineMedia, Phone,
    PrivacyChange, Refusal, RoomName, Secret, Seq,
};
use belfry_engine::{Command, ConversationRef, Draft};
use belfry_wire::v1;
use bytes::Bytes;

use super::{Request, bad_request, keeping};

/// The kinds of data a sync key has values for. All are drawn from the one seq of the account's timeline, so they are
/// equal when this server made the key; a client hands the key back whole.
pub(super) const KINDS: [u32; 3] = [1, 2, 3];

/// The command of a request. LOGIN is about a link and has none.
pub fn command(request: Request) -> Result<Command, Refusal> {
    Ok(match request {
        Request::Login(_) => return Err(bad_request("LOGIN is for links; over HTTP every request carries its token.")),
        Request::RequestPin(ask) => Command::RequestPin { phone: phone(&ask.phone)? },
        Request::VerifyPin(ask) => Command::VerifyPin {
            phone: phone(&ask.phone)?,
            pin: Secret::new(ask.pin),
            name: some(ask.name),
            device_name: ask.device_name,
            display_name: ask.display_name,
        },
        Request::AddDevice(ask) => Command::AddDevice {
            address: address(&ask.address)?,
            password: Secret::new(ask.password),
            device_name: ask.device_name,
        },
        Request::Token(ask) => Command::Token {
            address: address(&ask.address)?,
            device: DeviceId(ask.device_id),
            secret: Secret::new(ask.device_secret),
        },
        Request::Logout(_) => Command::Logout,
        Request::Send(ask) => Command::Send(draft(ask)?),
        Request::Sync(ask) => Command::Sync {
            after: Some(seq_of(ask.key.as_ref())),
            limit: ask.limit as usize,
            wait_ms: u64::from(ask.wait_ms),
            acknowledge: ask.acknowledge,
        },
        Request::Ack(ask) => {
            let passed = ask.passed.as_ref().ok_or_else(|| bad_request("Say up to where: passed is missing."))?;
            let passed = seq_of(Some(passed));
            let delivered = ask.delivered.as_ref().map_or(passed, |key| seq_of(Some(key)));
            Command::Acknowledge { passed, delivered }
        }
        Request::MarkRead(ask) => {
            Command::MarkRead { conversation: ConversationId(ask.conversation_id), read: Cseq(ask.read_cseq) }
        }
        Request::History(ask) => Command::History {
            of: conversation(ask.conversation_id, &ask.peer)?,
            before: (ask.before_cseq != 0).then_some(Cseq(ask.before_cseq)),
            limit: ask.limit as usize,
        },
        Request::AccountExists(ask) => Command::AccountExists { address: address(&ask.address)? },
        Request::GetProfile(ask) => {
            Command::GetProfile { address: some(ask.address).as_deref().map(address).transpose()? }
        }
        Request::SetProfile(ask) => Command::SetProfile { display_name: ask.display_name },
        Request::ListDevices(_) => Command::ListDevices,
        Request::RevokeDevice(ask) => Command::RevokeDevice { device: DeviceId(ask.device_id) },
        Request::LobbyJoin(ask) => Command::LobbyJoin {
            name: some(ask.name).map(|name| RoomName::parse(&name).map_err(bad_request)).transpose()?,
        },
        Request::LobbyLeave(_) => Command::LobbyLeave,
        Request::LobbySend(ask) => Command::LobbySend { client_id: client_id(&ask.client_message_id)?, text: ask.text },
        Request::LobbyHistory(ask) => Command::LobbyHistory {
            before: (ask.before_cseq != 0).then_some(Cseq(ask.before_cseq)),
            limit: ask.limit as usize,
        },
        Request::LobbyPoll(ask) => Command::LobbyPoll {
            after: Cseq(ask.after_cseq),
            participants_version: ask.participants_version,
            wait_ms: u64::from(ask.wait_ms),
        },
        Request::ReportActivity(ask) => Command::ReportActivity {
            foreground: match ask.activity() {
                v1::Activity::Foreground => true,
                v1::Activity::Background => false,
                v1::Activity::Unspecified => {
                    return Err(bad_request("Say foreground or background: activity is missing."));
                }
            },
        },
        Request::SetRetention(ask) => Command::SetRetention {
            of: conversation(ask.conversation_id, &ask.peer)?,
            wish: keeping::wish(ask.retention.as_ref())?,
        },
        Request::GetRetention(ask) => Command::GetRetention { of: conversation(ask.conversation_id, &ask.peer)? },
        Request::SetPrivacy(ask) => Command::SetPrivacy(PrivacyChange { read_receipts: ask.read_receipts }),
        Request::GetPrivacy(_) => Command::GetPrivacy,
    })
}

/// The place in the timeline of a sync key: the least of its values, 0 for a kind that is missing, so that a client
/// which knows fewer kinds than we do misses nothing. Kinds we do not know are passed over; no key is the beginning.
pub fn seq_of(key: Option<&v1::SyncKey>) -> Seq {
    let list = key.map_or(&[][..], |key| &key.list);
    let value = |kind: u32| list.iter().filter(|value| value.key == kind).map(|value| value.val).min().unwrap_or(0);
    Seq(KINDS.map(value).into_iter().min().unwrap_or(0))
}

fn draft(ask: v1::SendRequest) -> Result<Draft, Refusal> {
    let said = ask.content.ok_or_else(|| bad_request("The message is empty: content is missing."))?;
    Ok(Draft {
        to: address(&ask.to)?,
        client_id: client_id(&ask.client_message_id)?,
        content: Content {
            kind: ContentKind::from_number(said.kind.cast_unsigned()),
            text: said.text,
            media: said.media.map(|media| InlineMedia { mime: media.mime, data: own(&media.data) }),
            extensions: said
                .extensions
                .into_iter()
                .map(|extension| Extension { namespace: extension.namespace, data: own(&extension.data) })
                .collect(),
        },
    })
}

fn conversation(id: u64, peer: &str) -> Result<ConversationRef, Refusal> {
    match id {
        0 => address(peer).map(ConversationRef::Peer),
        id => Ok(ConversationRef::Id(ConversationId(id))),
    }
}

/// A copy: what came is a slice of the link's read buffer, all of which it would keep as long as the message.
fn own(data: &Bytes) -> Bytes {
    Bytes::copy_from_slice(data)
}

fn client_id(text: &str) -> Result<ClientMessageId, Refusal> {
    ClientMessageId::parse(text).ok_or_else(|| {
        bad_request("client_message_id has 1 to 64 bytes and no control characters, and is yours to choose.")
    })
}

fn address(text: &str) -> Result<Address, Refusal> {
    Address::parse(text).map_err(bad_request)
}

fn phone(text: &str) -> Result<Phone, Refusal> {
    Phone::parse(text).map_err(bad_request)
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
