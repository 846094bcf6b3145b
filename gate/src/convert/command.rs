//! Requests to commands: each field is parsed into its type here, or the request is refused with what was wrong.
//!
//! A [`Request`] comes in; a [`Command`] leaves. Invariant: nothing is guessed; what is not said is a documented
//! default of docs/protocol.md.

use belfry_domain::ports::Change;
use belfry_domain::sync_key::SYNC_KEY_VALUES_MAX;
use belfry_domain::{
    Address, ClientMessageId, Content, ContentKind, ConversationId, Cseq, DataKind, DataKinds, Deed, DeviceId,
    Extension, InlineMedia, Phone, Refusal, RoomName, Secret, SyncKey,
};
use belfry_engine::{Command, ConversationRef, Draft, LinkId, LinkState};
use belfry_wire::v1;
use bytes::Bytes;

use super::{Request, bad_request, contacts, keeping, later, presence};

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
        Request::Sync(ask) if ask.snapshot => Command::Snapshot { limit: ask.limit as usize },
        Request::Sync(ask) => Command::Sync {
            after: Some(sync_key(ask.key.as_ref())?),
            kinds: data_kinds(&ask.kinds)?,
            limit: ask.limit as usize,
            wait_ms: u64::from(ask.wait_ms),
            acknowledge: ask.acknowledge,
        },
        Request::Ack(ask) => {
            let passed = ask.passed.as_ref().ok_or_else(|| bad_request("Say up to where: passed is missing."))?;
            let passed = sync_key(Some(passed))?;
            let delivered = match &ask.delivered {
                Some(delivered) => sync_key(Some(delivered))?,
                None => passed.clone(),
            };
            // Delivered are messages; what was not passed was not delivered.
            let delivered = delivered.value(DataKind::Messages).min(passed.value(DataKind::Messages));
            Command::Acknowledge { passed: passed.passed(), delivered }
        }
        Request::MarkRead(ask) => {
            Command::MarkRead { conversation: ConversationId(ask.conversation_id), read: Cseq(ask.read_cseq) }
        }
        Request::History(ask) => Command::History {
            of: conversation_ref(ask.conversation_id, &ask.peer)?,
            before: (ask.before_cseq != 0).then_some(Cseq(ask.before_cseq)),
            limit: ask.limit as usize,
        },
        Request::AccountExists(ask) => Command::AccountExists { address: address(&ask.address)? },
        Request::GetProfile(ask) => {
            Command::GetProfile { address: some(ask.address).as_deref().map(address).transpose()? }
        }
        Request::SetProfile(ask) => contacts::set_profile(ask),
        Request::ListDevices(_) => Command::ListDevices,
        Request::RevokeDevice(ask) => Command::RevokeDevice { device: DeviceId(ask.device_id) },
        Request::LinkBegin(ask) => Command::LinkBegin { device_name: ask.device_name, platform: ask.platform },
        Request::LinkWait(ask) => Command::LinkWait {
            link: link_id(&ask.link_id)?,
            known: link_state(ask.known_state()),
            secret: Secret::new(ask.secret),
            wait_ms: u64::from(ask.wait_ms),
        },
        Request::LinkScan(ask) => Command::LinkScan { payload: ask.payload },
        Request::LinkConfirm(ask) => Command::LinkConfirm { link: link_id(&ask.link_id)?, accept: ask.accept },
        Request::RenameDevice(ask) => Command::RenameDevice { device: DeviceId(ask.device_id), name: ask.name },
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
        Request::Edit(ask) => later::edit(ask)?,
        Request::Recall(ask) => {
            Command::Amend { id: later::message_id(ask.conversation_id, ask.cseq), change: Change::Recall }
        }
        Request::React(ask) => {
            Command::Amend { id: later::message_id(ask.conversation_id, ask.cseq), change: Change::React(ask.emoji) }
        }
        Request::Pin(ask) => {
            Command::Amend { id: later::message_id(ask.conversation_id, ask.cseq), change: Change::Pin(ask.pinned) }
        }
        Request::DeleteForMe(ask) => {
            Command::Flag { id: later::message_id(ask.conversation_id, ask.cseq), starred: None, hide: true }
        }
        Request::Star(ask) => {
            let id = later::message_id(ask.conversation_id, ask.cseq);
            Command::Flag { id, starred: Some(ask.starred), hide: false }
        }
        Request::SetConversation(ask) => later::set_conversation(ask)?,
        Request::ListConversations(ask) => later::list_conversations(&ask),
        Request::Typing(ask) => Command::Typing { to: address(&ask.to)?, active: ask.active },
        Request::SetPresence(ask) => presence::set(ask)?,
        Request::Watch(ask) => presence::watch(&ask)?,
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
            of: conversation_ref(ask.conversation_id, &ask.peer)?,
            wish: keeping::wish(ask.retention.as_ref())?,
        },
        Request::GetRetention(ask) => Command::GetRetention { of: conversation_ref(ask.conversation_id, &ask.peer)? },
        Request::SetPrivacy(ask) => Command::SetPrivacy(keeping::privacy_change(&ask)?),
        Request::GetPrivacy(_) => Command::GetPrivacy,
        Request::RequestContact(ask) => contacts::deed(&ask.address, Deed::Request { note: ask.note })?,
        Request::AcceptContact(ask) => contacts::deed(&ask.address, Deed::Accept)?,
        Request::RefuseContact(ask) => contacts::deed(&ask.address, Deed::Refuse)?,
        Request::WithdrawContact(ask) => contacts::deed(&ask.address, Deed::Withdraw)?,
        Request::RemoveContact(ask) => contacts::deed(&ask.address, Deed::Remove)?,
        Request::SetContact(ask) => contacts::deed(&ask.address, Deed::Put { name: ask.name, labels: ask.labels })?,
        Request::Block(ask) => contacts::deed(&ask.address, Deed::Block)?,
        Request::Unblock(ask) => contacts::deed(&ask.address, Deed::Unblock)?,
        Request::ListContacts(ask) => contacts::list(&ask),
        Request::Find(ask) => contacts::find(&ask.query)?,
        Request::GetPicture(ask) => contacts::get_picture(ask)?,
        Request::CreateInvite(ask) => contacts::create_invite(ask)?,
        Request::ListInvites(_) => Command::ListInvites,
        Request::RevokeInvite(ask) => contacts::revoke_invite(&ask)?,
        Request::LookAtInvite(ask) => Command::LookAtInvite { token: Secret::new(ask.token) },
        Request::AcceptInvite(ask) => Command::AcceptInvite { token: Secret::new(ask.token) },
        Request::SignUp(ask) => contacts::sign_up(ask),
    })
}

/// The sync key of a list; no key is the beginning.
pub fn sync_key(key: Option<&v1::SyncKey>) -> Result<SyncKey, Refusal> {
    let list = key.map_or(&[][..], |key| &key.list);
    SyncKey::from_list(list.iter().map(|value| (value.key, value.val))).map_err(bad_request)
}

/// The kinds of data that are wanted.
pub fn data_kinds(numbers: &[u32]) -> Result<DataKinds, Refusal> {
    if numbers.len() > SYNC_KEY_VALUES_MAX {
        return Err(bad_request(format!(
            "kinds names more than {SYNC_KEY_VALUES_MAX} kinds; leave it out to get all."
        )));
    }
    Ok(DataKinds::from_numbers(numbers))
}

fn draft(ask: v1::SendRequest) -> Result<Draft, Refusal> {
    let said = ask.content.ok_or_else(|| bad_request("The message is empty: content is missing."))?;
    Ok(Draft { to: address(&ask.to)?, client_id: client_id(&ask.client_message_id)?, content: content(said)? })
}

/// What a message is to say, parsed; its limits are the engine's to hold.
pub(super) fn content(said: v1::Content) -> Result<Content, Refusal> {
    Ok(Content {
        kind: ContentKind::from_number(said.kind.cast_unsigned()),
        text: said.text,
        media: said.media.map(|media| InlineMedia { mime: media.mime, data: own(&media.data) }),
        extensions: said
            .extensions
            .into_iter()
            .map(|extension| Extension { namespace: extension.namespace, data: own(&extension.data) })
            .collect(),
        reply_to: (said.reply_to_cseq != 0).then_some(Cseq(said.reply_to_cseq)),
        forwarded: said.forwarded,
        mentions: said.mentions.iter().map(|text| address(text)).collect::<Result<_, _>>()?,
        lifetime_ms: (said.expires_after_ms != 0).then_some(said.expires_after_ms),
    })
}

/// The conversation of a number or, where that is 0, with an address.
pub(super) fn conversation_ref(id: u64, peer: &str) -> Result<ConversationRef, Refusal> {
    match id {
        0 => Ok(ConversationRef::Peer(address(peer)?)),
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

fn link_id(text: &str) -> Result<LinkId, Refusal> {
    LinkId::parse(text).ok_or_else(|| bad_request("link_id is the 32 hexadecimal digits that LINK_BEGIN answered."))
}

fn link_state(state: v1::LinkState) -> Option<LinkState> {
    match state {
        v1::LinkState::Unspecified => None,
        v1::LinkState::Waiting => Some(LinkState::Waiting),
        v1::LinkState::Scanned => Some(LinkState::Scanned),
        v1::LinkState::Confirmed => Some(LinkState::Confirmed),
        v1::LinkState::Refused => Some(LinkState::Refused),
        v1::LinkState::Expired => Some(LinkState::Expired),
    }
}

pub(super) fn address(text: &str) -> Result<Address, Refusal> {
    Address::parse(text).map_err(bad_request)
}

pub(super) fn phone(text: &str) -> Result<Phone, Refusal> {
    Phone::parse(text).map_err(bad_request)
}

pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
