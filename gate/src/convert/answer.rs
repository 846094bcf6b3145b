//! Replies to answers: what the engine says, as the wire has it.
//!
//! A [`Reply`] or something to be told comes in with who reads it; an [`Answer`] leaves. Invariant: a client message id
//! is shown only to the account that gave it.

use std::sync::Arc;

use belfry_domain::limits::ROOM_NAME_CHARS_MAX;
use belfry_domain::{
    Author, Content, ConversationView, Cseq, DeviceRole, Entry, Item, Message, Receipt, Refusal, Seq, SyncKey,
};
use belfry_engine::{
    Batch, Identity, Issued, LinkState, LinkStatus, LobbyJoined, LobbyNews, Participant, Reply, Sent, Settings, Typing,
};
use belfry_wire::{operation, v1};
use bytes::Bytes;
use prost::Message as _;

use super::{Answer, contacts, keeping, later, presence};

/// Bytes of names in one list of participants: with the messages beside it an update stays under a frame. A lobby of
/// 10,000 with names of ordinary length fits; of a longer list the first so many are told.
const PARTICIPANTS_BYTES_MAX: usize = 512 * 1024;

/// What goes back for an operation. `reader` is who asked.
pub fn answer(number: u32, reply: Reply, reader: &Identity, settings: &Settings) -> Answer {
    match reply {
        Reply::Done => done(number),
        Reply::PinSent { digits, expires_in_ms, resend_after_ms } => {
            v1::RequestPinReply { digits, expires_in_ms, resend_after_ms }.into()
        }
        Reply::Issued(issued) => credentials(&issued).into(),
        Reply::Token { token, expires_in_ms } => v1::TokenReply { token: token.expose().clone(), expires_in_ms }.into(),
        Reply::Sent(sent) => send_reply(sent).into(),
        Reply::Batch(batch) => v1::SyncReply {
            events: batch.entries.iter().map(|entry| event(entry, reader, Body::Whole)).collect(),
            key: Some(key(&batch.key)),
            more: batch.more,
            reset: batch.reset,
            gap: batch.gap,
            ..v1::SyncReply::default()
        }
        .into(),
        Reply::History { conversation, messages, more } => v1::HistoryReply {
            conversation_id: conversation.0,
            messages: messages.iter().map(|said| message(said, reader, Body::Whole)).collect(),
            more,
        }
        .into(),
        Reply::Exists(exists) => v1::AccountExistsReply { exists }.into(),
        Reply::Profile(shown) if number == operation::SET_PROFILE => {
            v1::SetProfileReply { profile: Some(contacts::profile(&shown)) }.into()
        }
        Reply::Profile(shown) => v1::GetProfileReply { profile: Some(contacts::profile(&shown)) }.into(),
        Reply::Devices(views) => v1::ListDevicesReply {
            devices: views
                .iter()
                .map(|view| v1::Device {
                    device_id: view.device.id.0,
                    name: view.device.name.clone(),
                    primary: view.device.role == DeviceRole::Primary,
                    created_at_ms: view.device.created.0,
                    last_seen_at_ms: view.device.last_seen.0,
                    online: view.online,
                    current: matches!(reader, Identity::Device { device, .. } if *device == view.device.id),
                    platform: view.device.platform.clone(),
                })
                .collect(),
        }
        .into(),
        Reply::Presence(shown) => v1::SetPresenceReply { presence: Some(presence::presence(&shown)) }.into(),
        Reply::Watching { presences, expires_in_ms } => presence::watching(&presences, expires_in_ms).into(),
        Reply::LinkBegun(begun) => v1::LinkBeginReply {
            link_id: begun.id.to_string(),
            payload: begun.code,
            secret: begun.secret.expose().clone(),
            expires_in_ms: begun.expires_in_ms,
        }
        .into(),
        Reply::LinkStatus(status) => link_status(&status).into(),
        Reply::LinkScanned(scanned) => v1::LinkScanReply {
            link_id: scanned.id.to_string(),
            device_name: scanned.device_name,
            platform: scanned.platform,
            network: scanned.network.to_owned(),
            carrier: scanned.carrier.to_owned(),
            began_at_ms: scanned.began.0,
            expires_in_ms: scanned.expires_in_ms,
        }
        .into(),
        Reply::LinkConfirmed(device) => v1::LinkConfirmReply { device_id: device.map_or(0, |device| device.0) }.into(),
        Reply::LobbyJoined(joined) => lobby_joined(*joined, settings).into(),
        Reply::LobbySent { cseq, at, duplicate } => {
            v1::LobbySendReply { cseq: cseq.0, sent_at_ms: at.0, duplicate }.into()
        }
        Reply::LobbyNews(news) if number == operation::LOBBY_HISTORY => {
            v1::LobbyHistoryReply { messages: lobby_messages(&news.messages), more: news.more }.into()
        }
        Reply::LobbyNews(news) => lobby_update(&news).into(),
        Reply::Amended(amended) => v1::AmendReply { amendment: Some(later::amendment(&amended)) }.into(),
        Reply::Flags(flags) => v1::FlagReply { flags: Some(later::flags(&flags)) }.into(),
        Reply::Settings(settings) => v1::SetConversationReply { settings: Some(later::settings(&settings)) }.into(),
        Reply::Conversations { views, more } => {
            v1::ListConversationsReply { conversations: conversations(&views, reader), more }.into()
        }
        Reply::Snapshot { key: at, views, more } => v1::SyncReply {
            key: Some(key(&at.into())),
            conversations: conversations(&views, reader),
            conversations_more: more,
            ..v1::SyncReply::default()
        }
        .into(),
        Reply::Heartbeat { every_ms } => {
            v1::ReportActivityReply { heartbeat_ms: u32::try_from(every_ms).unwrap_or(u32::MAX) }.into()
        }
        Reply::Retention(view) => keeping::reply(&view).into(),
        Reply::Privacy(shown) if number == operation::SET_PRIVACY => {
            v1::SetPrivacyReply { privacy: Some(keeping::privacy(shown)) }.into()
        }
        Reply::Privacy(shown) => v1::GetPrivacyReply { privacy: Some(keeping::privacy(shown)) }.into(),
        Reply::Contact(view) => v1::ContactReply { contact: Some(contacts::contact(&view)) }.into(),
        Reply::Contacts { views, next } => contacts::contacts(&views, next).into(),
        Reply::Found(found) => v1::FindReply { profile: found.as_ref().map(contacts::profile) }.into(),
        Reply::Picture(picture) => contacts::picture(&picture).into(),
        Reply::InviteMade(made) => contacts::made(&made).into(),
        Reply::Invites(list) => contacts::invites(&list).into(),
        Reply::InviteSeen(seen) => contacts::seen(&seen).into(),
    }
}

fn done(number: u32) -> Answer {
    match number {
        operation::LOGOUT => v1::LogoutReply {}.into(),
        operation::MARK_READ => v1::MarkReadReply {}.into(),
        operation::REVOKE_DEVICE => v1::RevokeDeviceReply {}.into(),
        operation::RENAME_DEVICE => v1::RenameDeviceReply {}.into(),
        operation::LOBBY_LEAVE => v1::LobbyLeaveReply {}.into(),
        operation::TYPING => v1::TypingReply {}.into(),
        operation::REVOKE_INVITE => v1::RevokeInviteReply {}.into(),
        // All of these are empty on the wire; ACK is what is left.
        _ => v1::AckReply {}.into(),
    }
}

/// What a link is told of its account's timeline. Messages that this very device has sent come without their content
/// from `sent_from` on: the first that was sent on this link. An older one may be lost to the device, so it comes whole.
pub fn notify(batch: &Batch, reader: &Identity, sent_from: Option<Seq>) -> v1::Notify {
    let body = |entry: &Entry| match sent_from {
        Some(first) if entry.seq >= first => Body::NotToItsDevice,
        Some(_) | None => Body::Whole,
    };
    v1::Notify {
        previous: Some(key(&batch.prev)),
        key: Some(key(&batch.key)),
        events: batch.entries.iter().map(|entry| event(entry, reader, body(entry))).collect(),
        more: batch.more,
        reset: batch.reset,
        gap: batch.gap,
    }
}

/// What a link or poll is told of the lobby.
pub fn lobby_update(news: &LobbyNews) -> v1::LobbyUpdate {
    let participants = news.participants.as_deref().map_or_else(Vec::new, |list| participants(list));
    v1::LobbyUpdate { participants, ..lobby_update_without_list(news) }
}

/// The same without the list of who is there. Its bytes with those of [`lobby_list`] behind them are the same update:
/// protobuf takes messages that follow each other for one.
pub fn lobby_update_without_list(news: &LobbyNews) -> v1::LobbyUpdate {
    v1::LobbyUpdate {
        messages: lobby_messages(&news.messages),
        cseq: news.cseq.0,
        participants_changed: news.participants.is_some(),
        participants: Vec::new(),
        participants_version: news.participants_version,
        gap: news.gap,
        more: news.more,
    }
}

/// The bytes of an update that has a list of who is there and nothing else.
pub fn lobby_list(list: &[Participant]) -> Bytes {
    let participants = participants(list);
    v1::LobbyUpdate { participants, ..v1::LobbyUpdate::default() }.encode_to_vec().into()
}

/// The one shape of "no".
pub fn error(refusal: &Refusal) -> v1::Error {
    v1::Error {
        code: refusal.code.as_str().to_owned(),
        message: refusal.message.clone(),
        retry_after_ms: refusal.retry_after_ms.unwrap_or(0),
    }
}

/// The same, said before a link closes.
pub fn going_away(refusal: &Refusal) -> v1::GoingAway {
    v1::GoingAway {
        code: refusal.code.as_str().to_owned(),
        message: refusal.message.clone(),
        retry_after_ms: refusal.retry_after_ms.unwrap_or(0),
    }
}

fn key(key: &SyncKey) -> v1::SyncKey {
    v1::SyncKey { list: key.list().map(|(key, val)| v1::KeyValue { key, val }).collect() }
}

fn send_reply(sent: Sent) -> v1::SendReply {
    v1::SendReply {
        conversation_id: sent.id.conversation.0,
        cseq: sent.id.cseq.0,
        sent_at_ms: sent.at.0,
        duplicate: sent.duplicate,
        previous: Some(key(&sent.prev.into())),
        key: Some(key(&sent.seq.into())),
    }
}

fn credentials(issued: &Issued) -> v1::Credentials {
    v1::Credentials {
        address: issued.address.to_string(),
        device_id: issued.device.0,
        device_secret: issued.secret.expose().clone(),
        token: issued.token.expose().clone(),
        token_expires_in_ms: issued.token_expires_in_ms,
        primary: issued.primary,
        replaced: issued.replaced,
    }
}

fn link_status(status: &LinkStatus) -> v1::LinkWaitReply {
    let state = match status.state {
        LinkState::Waiting => v1::LinkState::Waiting,
        LinkState::Scanned => v1::LinkState::Scanned,
        LinkState::Confirmed => v1::LinkState::Confirmed,
        LinkState::Refused => v1::LinkState::Refused,
        LinkState::Expired => v1::LinkState::Expired,
    };
    v1::LinkWaitReply {
        state: state.into(),
        expires_in_ms: status.expires_in_ms,
        address: status.account.as_ref().map_or_else(String::new, ToString::to_string),
        credentials: status.issued.as_deref().map(credentials),
    }
}

/// Whether a message goes out with what it says.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Body {
    Whole,
    NotToItsDevice,
}

fn event(entry: &Arc<Entry>, reader: &Identity, body: Body) -> v1::Event {
    let item = match &entry.item {
        Item::Message(said) => v1::event::Item::Message(message(said, reader, body)),
        Item::Receipt(changed) => v1::event::Item::Receipt(receipt(changed)),
        Item::Mark(mark) => {
            v1::event::Item::Mark(v1::Mark { conversation_id: mark.conversation.0, read_cseq: mark.read.0 })
        }
        Item::Profile(shown) => v1::event::Item::Profile(contacts::profile(shown)),
        Item::Amendment(amended) => v1::event::Item::Amendment(later::amendment(amended)),
        Item::Flags(flags) => v1::event::Item::Flags(later::flags(flags)),
        Item::Settings(settings) => v1::event::Item::Settings(later::settings(settings)),
        Item::Keeping(wishes) => v1::event::Item::Retention(keeping::conversation(wishes)),
        Item::Privacy(shown) => v1::event::Item::Privacy(keeping::privacy(*shown)),
        Item::Contact(view) => v1::event::Item::Contact(contacts::contact(view)),
    };
    v1::Event { seq: entry.seq.0, item: Some(item) }
}

fn message(said: &Message, reader: &Identity, body: Body) -> v1::Message {
    let (own_account, own_device) = match (&said.author, reader) {
        (Author::Account { account, device, .. }, Identity::Device { account: mine, device: this, .. }) => {
            (account == mine, account == mine && device == this)
        }
        _ => (false, false),
    };
    v1::Message {
        conversation_id: said.id.conversation.0,
        cseq: said.id.cseq.0,
        from: match &said.author {
            Author::Account { address, .. } => address.to_string(),
            Author::Guest { name, .. } => name.to_string(),
        },
        to: said.to.as_ref().map_or_else(String::new, ToString::to_string),
        sent_at_ms: said.sent.0,
        client_message_id: if own_account { said.client_id.as_str().to_owned() } else { String::new() },
        content: (!(own_device && body == Body::NotToItsDevice)).then(|| content(&said.content)),
        edited_at_ms: said.life.edited.unwrap_or_default().0,
        recalled_at_ms: said.life.recalled.unwrap_or_default().0,
        reactions: later::reactions(&said.life.reactions),
        pinned: said.life.pinned,
        starred: said.life.starred,
        expires_at_ms: said.expires().unwrap_or_default().0,
    }
}

fn conversations(views: &[ConversationView], reader: &Identity) -> Vec<v1::Conversation> {
    let whole = |said: &Arc<Message>| message(said, reader, Body::Whole);
    views.iter().map(|view| later::conversation(view, view.message.as_ref().map(whole))).collect()
}

/// Who is writing, as a link is told it.
pub fn typing_update(typing: &Typing) -> v1::TypingUpdate {
    let conversation_id = typing.conversation.0;
    v1::TypingUpdate { conversation_id, from: typing.from.to_string(), active: typing.active }
}

fn stretch(first: Cseq, last: Cseq) -> v1::Stretch {
    v1::Stretch { first_cseq: first.0, last_cseq: last.0 }
}

pub(super) fn receipt(receipt: &Receipt) -> v1::Receipt {
    v1::Receipt {
        conversation_id: receipt.conversation.0,
        peer: receipt.peer.to_string(),
        delivered_cseq: receipt.delivered.0,
        read_cseq: receipt.read.0,
        undelivered: receipt.undelivered.iter().map(|(first, last)| stretch(*first, *last)).collect(),
    }
}

pub(super) fn content(said: &Content) -> v1::Content {
    v1::Content {
        kind: said.kind.number().cast_signed(),
        text: said.text.clone(),
        media: said.media.as_ref().map(|media| v1::InlineMedia { mime: media.mime.clone(), data: media.data.clone() }),
        extensions: said
            .extensions
            .iter()
            .map(|extension| v1::Extension { namespace: extension.namespace.clone(), data: extension.data.clone() })
            .collect(),
        reply_to_cseq: said.reply_to.unwrap_or_default().0,
        forwarded: said.forwarded,
        mentions: said.mentions.iter().map(ToString::to_string).collect(),
        expires_after_ms: said.lifetime_ms.unwrap_or(0),
    }
}

fn lobby_joined(joined: LobbyJoined, settings: &Settings) -> v1::LobbyJoinReply {
    v1::LobbyJoinReply {
        token: joined.token.as_ref().map_or_else(String::new, |token| token.expose().clone()),
        name: joined.name.to_string(),
        lease_ms: u32::try_from(joined.lease_ms).unwrap_or(u32::MAX),
        participants: joined.news.participants.as_deref().map_or_else(Vec::new, |list| participants(list)),
        participants_version: joined.news.participants_version,
        messages: lobby_messages(&joined.news.messages),
        cseq: joined.news.cseq.0,
        more: joined.news.more,
        name_chars_max: ROOM_NAME_CHARS_MAX as u32,
        text_chars_max: u32::try_from(settings.lobby.text_chars_max).unwrap_or(u32::MAX),
    }
}

fn participants(list: &[Participant]) -> Vec<v1::Participant> {
    let mut bytes = 0;
    list.iter()
        .take_while(|participant| {
            bytes += participant.name.as_str().len() + 8;
            bytes <= PARTICIPANTS_BYTES_MAX
        })
        .map(|participant| v1::Participant { name: participant.name.to_string(), account: participant.account })
        .collect()
}

fn lobby_messages(messages: &[Arc<Message>]) -> Vec<v1::LobbyMessage> {
    messages
        .iter()
        .map(|said| v1::LobbyMessage {
            cseq: said.id.cseq.0,
            name: said.room_name.as_ref().map_or_else(String::new, ToString::to_string),
            account: matches!(said.author, Author::Account { .. }),
            text: said.content.text.clone(),
            sent_at_ms: said.sent.0,
        })
        .collect()
}
