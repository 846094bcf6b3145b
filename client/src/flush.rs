//! Flushing: brings the outbox to the server, over whatever carries requests.
//!
//! Entries come from the store, answers go back to it. Invariant: the next message of a conversation is sent only when
//! the server has answered for the one before, so the order holds; different conversations do not wait for each other.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use belfry_wire::{operation, v1};

use crate::error::{ClientError, Refusal};
use crate::link::Link;
use crate::shared::Shared;
use crate::store::OutboxEntry;

/// Conversations that are sent to at once.
const CONVERSATIONS_MAX: usize = 16;

/// When a refusal that will pass does not say when; up to twice that, by chance.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Codes that end a message although the same one might be taken later: too much waits for the receiver, the receiver is
/// blocked, or has not answered a stranger yet.
const FOR_THE_PERSON: [&str; 3] = ["mailbox_full", "blocking", "unanswered"];

/// Sends whatever the outbox holds, and waits for more, until the link ends.
pub(crate) async fn run(shared: Arc<Shared>, link: Link) -> ClientError {
    loop {
        let flushed = async {
            empty_outbox(&shared, |request| {
                let link = link.clone();
                async move { link.request(operation::SEND, &request).await }
            })
            .await?;
            tell_marks(&shared, &link).await?;
            tell_drafts(&shared, &link).await
        };
        if let Err(error) = flushed.await {
            return error;
        }
        shared.to_send.notified().await;
    }
}

/// Sends until the outbox is empty.
pub(crate) async fn empty_outbox<F, A>(shared: &Arc<Shared>, send: F) -> Result<(), ClientError>
where
    F: Fn(v1::SendRequest) -> A,
    A: Future<Output = Result<v1::SendReply, ClientError>>,
{
    loop {
        let heads = shared.store.outbox_heads(CONVERSATIONS_MAX).await?;
        if heads.is_empty() {
            return Ok(());
        }
        let answers = join_all(heads.iter().map(|entry| send(request(entry)))).await;
        let (mut wait, mut broken) = (None, None);
        for (entry, answer) in heads.iter().zip(answers) {
            match answer {
                Ok(reply) => shared.sent(entry.clone(), reply).await?,
                // The person is told and decides; others are not kept waiting until somebody is back or answers.
                Err(ClientError::Refused(refusal)) if FOR_THE_PERSON.contains(&refusal.code.as_str()) => {
                    shared.failed(entry.clone(), refusal.message).await?;
                }
                Err(ClientError::Refused(refusal)) if refusal.is_temporary() => {
                    wait = wait.max(Some(refusal.retry_after.unwrap_or(RETRY_AFTER)));
                }
                Err(ClientError::Refused(refusal)) if !is_about_the_sender(&refusal) => {
                    shared.failed(entry.clone(), refusal.message).await?;
                }
                Err(error) => broken = Some(error),
            }
        }
        if let Some(error) = broken {
            return Err(error);
        }
        if let Some(wait) = wait {
            let jitter = Duration::from_millis(shared.environment().random_u64() % (RETRY_AFTER.as_millis() as u64));
            tokio::time::sleep(wait + jitter).await;
        }
    }
}

fn request(entry: &OutboxEntry) -> v1::SendRequest {
    v1::SendRequest {
        to: entry.peer.clone(),
        client_message_id: entry.client_message_id.clone(),
        content: Some(entry.content.clone()),
    }
}

/// The message is not to blame: it stays in the outbox.
fn is_about_the_sender(refusal: &Refusal) -> bool {
    refusal.is_final() || matches!(refusal.code.as_str(), "unauthenticated" | "unknown_operation")
}

async fn tell_marks(shared: &Shared, link: &Link) -> Result<(), ClientError> {
    for (conversation_id, read_cseq) in shared.store.untold_marks().await? {
        let request = v1::MarkReadRequest { conversation_id, read_cseq };
        match link.request::<_, v1::MarkReadReply>(operation::MARK_READ, &request).await {
            // A mark that the server does not want would otherwise be told again for ever.
            Ok(_) => shared.store.mark_told(conversation_id, read_cseq).await?,
            Err(ClientError::Refused(refusal)) if !refusal.is_temporary() => {
                shared.store.mark_told(conversation_id, read_cseq).await?;
            }
            Err(ClientError::Refused(_)) => {} // with the next thing that is to be sent
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Tells what is being written, for the account's other devices.
async fn tell_drafts(shared: &Shared, link: &Link) -> Result<(), ClientError> {
    for (peer, text) in shared.store.untold_drafts().await? {
        let draft = v1::DraftText { text: text.clone(), reply_to_cseq: 0 };
        let request = v1::SetConversationRequest { peer: peer.clone(), draft: Some(draft), ..Default::default() };
        match link.request::<_, v1::SetConversationReply>(operation::SET_CONVERSATION, &request).await {
            Ok(_) => shared.store.draft_told(&peer, &text, true).await?,
            // It is too long, or there is no conversation yet: it is kept here.
            Err(ClientError::Refused(refusal)) if !refusal.is_temporary() => {
                shared.store.draft_told(&peer, &text, false).await?;
            }
            Err(ClientError::Refused(_)) => {} // with the next thing that is to be sent
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
