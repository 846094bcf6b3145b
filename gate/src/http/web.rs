//! The browser's sync protocol: what a page without a WebSocket and without our schema asks with, in plain JSON.
//!
//! A held check says which kinds of data have changed, a sync fetches them; docs/web-sync.md. Requests come in, the
//! engine's answers leave in their JSON. Invariant: like everywhere, an answer counts as delivered only when a later
//! request gives its key back, and who asks is known from the `Authorization` header alone.

mod key;
mod shapes;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use belfry_domain::limits::{PAGE_ENTRIES_MAX, POLL_WAIT_MS_MAX};
use belfry_domain::{
    Address, ClientMessageId, Code, Content, ConversationId, Cseq, DataKind, DataKinds, Item, Refusal, SyncKey, kind_of,
};
use belfry_engine::{Batch, Caller, Command, ConversationRef, Draft, Identity, Reply};
use belfry_wire::operation::{Access, GET_PROFILE, HISTORY, SYNC};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::{Encoding, Problem, answer};
use super::call::caller;
use super::polls::query;
use super::{HttpState, body, json};
use crate::convert::{self, Answer};
pub(crate) use key::{KEY_PATTERN, parse_key};
pub(crate) use shapes::*;

/// Stretches that one check looks through for something that is worth a sync: each is thousands of places. After them
/// the page is sent to sync, which moves its key.
const CHECK_STRETCHES_MAX: usize = 16;

/// Conversations that are listed at first: what fits a screen, and some more.
pub(crate) const CONVERSATIONS_MAX: usize = 50;

/// Stretches of rows that are looked through for them.
const INIT_STRETCHES_MAX: usize = 16;

/// Why a check says that it cannot go on. The numbers are for programs that know no texts, and never change.
pub(crate) const RETCODES: [(u32, &[Code], &str); 4] = [
    (1100, &[Code::Replaced, Code::Revoked], "This device was logged out, here or elsewhere: begin by logging in."),
    (1101, &[Code::Unauthenticated], "The token is not good any more: buy the next one with the device's secret."),
    (1102, &[Code::GoingAway], "The server is stopping: come back after `retryAfterMs`."),
    (1103, &[Code::Superseded], "A newer check of this device has taken this one's place: leave it to that one."),
];

/// The bit of a kind in a selector.
pub(crate) const fn selector_bit(kind: DataKind) -> u32 {
    1 << (kind.number() - 1)
}

/// All bits.
fn every_kind() -> u32 {
    DataKind::ALL.into_iter().map(selector_bit).sum()
}

/// `GET /v1/web/synccheck`.
pub(crate) async fn synccheck(State(state): State<HttpState>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let said = checked(&state, &parts).await.or_else(|problem| {
        let refusal = &problem.refusal;
        // Who gives no token at all has not understood; that is an error like others.
        let known = parts.headers.contains_key(axum::http::header::AUTHORIZATION);
        let retcode = RETCODES.iter().find(|(_, codes, _)| codes.contains(&refusal.code)).filter(|_| known);
        match retcode {
            Some((number, _, _)) => Ok(Checked::ended(*number, refusal)),
            None => Err(problem),
        }
    });
    told(said)
}

async fn checked(state: &HttpState, parts: &Parts) -> Result<Checked, Problem> {
    let caller = caller(state, Access::Device, parts).await?;
    let asked: CheckQuery = query(&parts.uri)?;
    let mut after = asked.key.as_deref().map(parse_key).transpose()?;
    let mut acknowledge = after.is_some();
    let wait_ms = asked.wait_ms.unwrap_or(POLL_WAIT_MS_MAX).min(POLL_WAIT_MS_MAX);
    for _ in 0..CHECK_STRETCHES_MAX {
        let batch = stretch(state, &caller, after.clone(), 0, wait_ms, acknowledge).await?;
        if state.inner.stop.is_cancelled() && batch.entries.is_empty() {
            return Err(state.inner.door.stopping().into());
        }
        let selector = selector(&batch);
        if selector != 0 || !batch.more {
            return Ok(Checked { retcode: 0, selector, ..Checked::default() });
        }
        (after, acknowledge) = (Some(batch.key), false);
    }
    Ok(Checked { retcode: 0, selector: every_kind(), ..Checked::default() })
}

fn selector(batch: &Batch) -> u32 {
    if batch.reset {
        return every_kind();
    }
    let gap = if batch.gap { selector_bit(DataKind::Messages) } else { 0 };
    batch.entries.iter().fold(gap, |bits, entry| bits | selector_bit(kind_of(&entry.item)))
}

/// `POST /v1/web/sync`.
pub(crate) async fn sync(State(state): State<HttpState>, request: Request) -> Response<Body> {
    told(synced(&state, request).await)
}

async fn synced(state: &HttpState, request: Request) -> Result<Synced, Problem> {
    let (caller, asked): (Caller, SyncAsked) = read(state, request).await?;
    let after = asked.sync_key.map(SyncKey::try_from).transpose()?;
    let acknowledge = after.is_some() && asked.acknowledge;
    let limit = usize::try_from(asked.limit.0).unwrap_or(usize::MAX).min(PAGE_ENTRIES_MAX);
    let batch = stretch(state, &caller, after, limit, 0, acknowledge).await?;
    let (key, reset, gap) = (batch.key.clone(), batch.reset, batch.gap);
    let more = batch.more;
    let settings = state.inner.door.engine().settings();
    let events = match convert::answer(SYNC, Reply::Batch(batch), &caller.identity, &settings) {
        Answer::Sync(reply) => reply.events,
        _ => return Err(unexpected()),
    };
    Ok(Synced { events, key: key::text(&key), sync_key: key.into(), continue_flag: u32::from(more), reset, gap })
}

/// `POST /v1/web/send`.
pub(crate) async fn send(State(state): State<HttpState>, request: Request) -> Response<Body> {
    told(sent(&state, request).await)
}

async fn sent(state: &HttpState, request: Request) -> Result<Sent, Problem> {
    let (caller, asked): (Caller, SendAsked) = read(state, request).await?;
    let client_id = ClientMessageId::parse(&asked.client_message_id).ok_or_else(|| {
        bad("clientMessageId has 1 to 64 bytes and no control characters, and is yours to choose.".to_owned())
    })?;
    let draft = Draft { to: address(&asked.to)?, client_id, content: Content::text(asked.text) };
    match execute(state, &caller, Command::Send(draft)).await? {
        Reply::Sent(sent) => Ok(Sent {
            conversation_id: Whole(sent.id.conversation.0),
            cseq: Whole(sent.id.cseq.0),
            sent_at_ms: Whole(sent.at.0),
            duplicate: sent.duplicate,
        }),
        _ => Err(unexpected()),
    }
}

/// `POST /v1/web/init`.
pub(crate) async fn init(State(state): State<HttpState>, request: Request) -> Response<Body> {
    told(begun(&state, request).await)
}

async fn begun(state: &HttpState, request: Request) -> Result<Begun, Problem> {
    let (caller, NothingAsked {}) = read(state, request).await?;
    let Identity::Device { device, .. } = caller.identity else { return Err(unexpected()) };
    let settings = state.inner.door.engine().settings();
    let profile = execute(state, &caller, Command::GetProfile { address: None }).await?;
    let profile = match convert::answer(GET_PROFILE, profile, &caller.identity, &settings) {
        Answer::GetProfile(reply) => reply.profile.unwrap_or_default(),
        _ => return Err(unexpected()),
    };
    // From where this device goes on; what it has not been given comes by the first syncs.
    let unseen = stretch(state, &caller, None, 0, 0, false).await?;
    let conversations = conversations(state, &caller, &unseen).await?;
    let key = unseen.prev;
    Ok(Begun { profile, device_id: device.0, conversations, key: key::text(&key), sync_key: key.into() })
}

/// The conversations in which something was read or has arrived, and those of the first messages that this device has
/// not been given; newest first.
async fn conversations(
    state: &HttpState,
    caller: &Caller,
    unseen: &Batch,
) -> Result<Vec<belfry_wire::v1::HistoryReply>, Problem> {
    let mut known: Vec<ConversationId> = Vec::new();
    let mut note = |item: &Item| {
        let id = match item {
            Item::Message(said) => said.id.conversation,
            Item::Receipt(receipt) => receipt.conversation,
            Item::Mark(mark) => mark.conversation,
            _ => return,
        };
        // The latest change counts.
        known.retain(|other| *other != id);
        known.push(id);
    };
    let mut after = SyncKey::default();
    let kinds = DataKinds::from_numbers(&[DataKind::Marks.number()]);
    for _ in 0..INIT_STRETCHES_MAX {
        let command = Command::Sync { after: Some(after), kinds, limit: 0, wait_ms: 0, acknowledge: false };
        let Reply::Batch(rows) = execute(state, caller, command).await? else { return Err(unexpected()) };
        rows.entries.iter().for_each(|entry| note(&entry.item));
        if !rows.more {
            break;
        }
        after = rows.key;
    }
    unseen.entries.iter().for_each(|entry| note(&entry.item));
    let settings = state.inner.door.engine().settings();
    let mut listed = Vec::new();
    for id in known.into_iter().rev().take(CONVERSATIONS_MAX) {
        let command = Command::History { of: ConversationRef::Id(id), before: None, limit: 1 };
        let history = execute(state, caller, command).await?;
        match convert::answer(HISTORY, history, &caller.identity, &settings) {
            Answer::History(reply) => listed.push(reply),
            _ => return Err(unexpected()),
        }
    }
    listed.sort_by_key(|one| std::cmp::Reverse(one.messages.last().map(|message| message.sent_at_ms)));
    Ok(listed)
}

/// `POST /v1/web/statusnotify`.
pub(crate) async fn statusnotify(State(state): State<HttpState>, request: Request) -> Response<Body> {
    told(noted(&state, request).await)
}

async fn noted(state: &HttpState, request: Request) -> Result<Nothing, Problem> {
    let (caller, asked): (Caller, StatusAsked) = read(state, request).await?;
    let of = match (asked.conversation_id, asked.peer) {
        (Some(id), None) => ConversationRef::Id(ConversationId(id.0)),
        (None, Some(peer)) => ConversationRef::Peer(address(&peer)?),
        _ => return Err(bad("Say which chat was opened: conversationId or peer, one of the two.".to_owned()).into()),
    };
    let (conversation, read) = match (&of, asked.read_cseq) {
        (ConversationRef::Id(id), Some(read)) => (*id, Cseq(read.0)),
        (_, read) => match execute(state, &caller, Command::History { of, before: None, limit: 1 }).await? {
            Reply::History { conversation, messages, .. } => {
                let newest = messages.last().map_or(Cseq(0), |message| message.id.cseq);
                (conversation, read.map_or(newest, |read| Cseq(read.0)))
            }
            _ => return Err(unexpected()),
        },
    };
    execute(state, &caller, Command::MarkRead { conversation, read }).await?;
    Ok(Nothing {})
}

/// `POST /v1/web/logout`.
pub(crate) async fn logout(State(state): State<HttpState>, request: Request) -> Response<Body> {
    told(left(&state, request).await)
}

async fn left(state: &HttpState, request: Request) -> Result<Nothing, Problem> {
    let (caller, NothingAsked {}) = read(state, request).await?;
    execute(state, &caller, Command::Logout).await?;
    Ok(Nothing {})
}

/// Who asks, and for what. Nothing stands for an object with nothing in it.
async fn read<T: DeserializeOwned>(state: &HttpState, request: Request) -> Result<(Caller, T), Problem> {
    let (parts, given) = request.into_parts();
    let caller = caller(state, Access::Device, &parts).await?;
    let encoding = body::encoding(&parts.headers)?;
    let given = body::read(&parts.headers, given).await?;
    if given.is_empty() {
        return Ok((caller, serde_json::from_str("{}").map_err(|error| json::bad(&error))?));
    }
    if encoding != Some(Encoding::Json) {
        let message = "These requests are JSON: send the body with Content-Type application/json.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message));
    }
    let text = json::check(&given)?;
    if !text.trim_start().starts_with('{') {
        return Err(bad("The body is not a JSON object.".to_owned()).into());
    }
    Ok((caller, serde_json::from_str(text).map_err(|error| json::bad(&error))?))
}

async fn execute(state: &HttpState, caller: &Caller, command: Command) -> Result<Reply, Problem> {
    Ok(state.inner.door.engine().execute(caller, command).await?)
}

/// A stretch of the caller's timeline; one that is waited for takes a place among the held polls.
async fn stretch(
    state: &HttpState,
    caller: &Caller,
    after: Option<SyncKey>,
    limit: usize,
    wait_ms: u64,
    acknowledge: bool,
) -> Result<Batch, Problem> {
    let held = if wait_ms == 0 { None } else { state.inner.held.hold(&caller.identity) };
    let command = Command::Sync { after, kinds: DataKinds::ALL, limit, wait_ms, acknowledge };
    let reply = match held {
        None => execute(state, caller, command).await?,
        Some(held) => tokio::select! {
            reply = execute(state, caller, command) => reply?,
            refusal = held.ended() => return Err(refusal.into()),
        },
    };
    match reply {
        Reply::Batch(batch) => Ok(batch),
        _ => Err(unexpected()),
    }
}

fn told(said: Result<impl Serialize, Problem>) -> Response<Body> {
    match said {
        Ok(said) => {
            let body = serde_json::to_vec(&said).expect("our shapes hold nothing that JSON cannot");
            answer(StatusCode::OK, Encoding::Json, Bytes::from(body))
        }
        Err(problem) => problem.into_answer(Encoding::Json),
    }
}

fn address(text: &str) -> Result<Address, Refusal> {
    Address::parse(text).map_err(|error| bad(error.to_string()))
}

fn bad(message: String) -> Refusal {
    Refusal::new(Code::BadRequest, message)
}

fn unexpected() -> Problem {
    tracing::error!("the engine has answered something else than was asked");
    Refusal::new(Code::Internal, "The server made a mistake; it has been logged.").into()
}
