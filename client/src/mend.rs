//! Mending gaps: what the server does not tell by itself any more is asked for, and what it has no longer is noted.
//!
//! A gap that the store remembers comes in; messages of histories and the news of what is missing leave. Invariant: a
//! gap is looked into once, by a bounded number of requests, and what a person misses is said in its place.

use std::sync::Arc;
use std::time::Duration;

use belfry_wire::{operation, v1};

use crate::error::ClientError;
use crate::link::Link;
use crate::model::ClientEvent;
use crate::shared::Shared;
use crate::store::Gap;

/// Pages of the list of conversations that are asked for, and conversations of a page.
const LIST_PAGES_MAX: usize = 5;
const LIST_PAGE: u32 = 200;

/// Pages of a conversation's history that are asked for, and messages of a page. What lies further back is left to a
/// person who wants to see it.
const HISTORY_PAGES_MAX: usize = 10;
const HISTORY_PAGE: u32 = 200;

/// When a refusal that will pass does not say when.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Looks into gaps until the link ends.
pub(crate) async fn run(shared: Arc<Shared>, link: Link) -> ClientError {
    loop {
        match mend(&shared, &link).await {
            Ok(()) => shared.to_mend.notified().await,
            Err(error) => return error,
        }
    }
}

/// The end of a conversation, as far as it is known.
struct Reaching {
    conversation_id: u64,
    peer: String,
    last_cseq: u64,
}

async fn mend(shared: &Arc<Shared>, link: &Link) -> Result<(), ClientError> {
    while let Some(gap) = shared.store.gap().await? {
        for conversation in conversations(shared, link).await? {
            let known = gap.known(conversation.conversation_id);
            look_into(shared, link, &conversation, known).await?;
        }
        let Gap { said, .. } = gap;
        shared.store.close_gap(said).await?;
    }
    Ok(())
}

/// The conversations as the server has them; where it does not list them, as they are here.
async fn conversations(shared: &Shared, link: &Link) -> Result<Vec<Reaching>, ClientError> {
    let mut all = Vec::new();
    let mut request = v1::ListConversationsRequest { limit: LIST_PAGE, ..Default::default() };
    for _ in 0..LIST_PAGES_MAX {
        let page: Option<v1::ListConversationsReply> = ask(link, operation::LIST_CONVERSATIONS, &request).await?;
        let Some(page) = page else {
            let here = shared.store.conversations().await?;
            let reaching = |c: crate::model::Conversation| Reaching {
                conversation_id: c.conversation_id,
                peer: c.peer,
                last_cseq: c.last_cseq,
            };
            return Ok(here.into_iter().map(reaching).filter(|c| c.conversation_id > 0).collect());
        };
        if let Some(last) = page.conversations.last() {
            request.after_active_at_ms = last.active_at_ms;
            request.after_conversation_id = last.conversation_id;
        }
        all.extend(page.conversations.into_iter().map(|c| Reaching {
            conversation_id: c.conversation_id,
            peer: c.peer,
            last_cseq: c.last_cseq,
        }));
        if !page.more {
            break;
        }
    }
    Ok(all)
}

async fn look_into(shared: &Arc<Shared>, link: &Link, conversation: &Reaching, known: u64) -> Result<(), ClientError> {
    let Reaching { conversation_id, last_cseq, .. } = *conversation;
    let mut before_cseq = last_cseq.saturating_add(1);
    for _ in 0..HISTORY_PAGES_MAX {
        if !shared.store.lacks(conversation_id, known, before_cseq - 1).await? {
            break;
        }
        let request = v1::HistoryRequest { conversation_id, before_cseq, limit: HISTORY_PAGE, ..Default::default() };
        let page: Option<v1::HistoryReply> = ask(link, operation::HISTORY, &request).await?;
        let Some(page) = page else { break };
        let oldest = page.messages.iter().map(|message| message.cseq).min().unwrap_or(0);
        let wanted = page.messages.into_iter().filter(|message| message.cseq > known).collect();
        shared.fill(wanted).await?;
        before_cseq = oldest;
        if !page.more || oldest <= known + 1 {
            break;
        }
    }
    let missing = shared.store.note_missing(conversation_id, &conversation.peer, known, last_cseq).await?;
    if let (Some((first_cseq, _)), Some((_, last_cseq))) = (missing.first(), missing.last()) {
        let (peer, first_cseq, last_cseq) = (conversation.peer.clone(), *first_cseq, *last_cseq);
        shared.tell(ClientEvent::Missing { conversation_id, peer, first_cseq, last_cseq }).await;
    }
    Ok(())
}

/// Asks until there is an answer; `None`: the server does not want to be asked that.
async fn ask<Q: prost::Message, A: prost::Message + Default>(
    link: &Link,
    operation: u32,
    request: &Q,
) -> Result<Option<A>, ClientError> {
    loop {
        match link.request(operation, request).await {
            Ok(answer) => return Ok(Some(answer)),
            Err(ClientError::Refused(refusal)) if refusal.is_temporary() => {
                tokio::time::sleep(refusal.retry_after.unwrap_or(RETRY_AFTER)).await;
            }
            Err(ClientError::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}
