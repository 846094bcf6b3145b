//! What a person does to messages and conversations after a message was sent.
//!
//! Asked of the server at once, unlike sends: it is about something that both sides have. Invariant: the store changes
//! by the event of the change alone, which comes like any other, so that an answer never undoes what came after it.

use belfry_wire::{operation, v1};

use crate::client::Client;
use crate::error::ClientError;

impl Client {
    /// Puts other words in a message of one's own.
    pub async fn edit(&self, conversation_id: u64, cseq: u64, text: &str) -> Result<(), ClientError> {
        let content = v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() };
        self.amend(operation::EDIT, &v1::EditRequest { conversation_id, cseq, content: Some(content) }).await
    }

    /// Takes a message of one's own back from everybody.
    pub async fn recall(&self, conversation_id: u64, cseq: u64) -> Result<(), ClientError> {
        self.amend(operation::RECALL, &v1::RecallRequest { conversation_id, cseq }).await
    }

    /// Puts an emoji on a message in place of one's last; an empty one takes it back.
    pub async fn react(&self, conversation_id: u64, cseq: u64, emoji: &str) -> Result<(), ClientError> {
        self.amend(operation::REACT, &v1::ReactRequest { conversation_id, cseq, emoji: emoji.to_owned() }).await
    }

    /// Pins a message for both sides, or not any longer.
    pub async fn pin(&self, conversation_id: u64, cseq: u64, pinned: bool) -> Result<(), ClientError> {
        self.amend(operation::PIN, &v1::PinRequest { conversation_id, cseq, pinned }).await
    }

    /// Deletes a message on this account's devices, for good.
    pub async fn delete_for_me(&self, conversation_id: u64, cseq: u64) -> Result<(), ClientError> {
        self.flag(operation::DELETE_FOR_ME, &v1::DeleteForMeRequest { conversation_id, cseq }).await
    }

    /// Stars a message on this account's devices, or not any longer.
    pub async fn star(&self, conversation_id: u64, cseq: u64, starred: bool) -> Result<(), ClientError> {
        self.flag(operation::STAR, &v1::StarRequest { conversation_id, cseq, starred }).await
    }

    /// Changes how this account has a conversation; what the request does not say stays as it is.
    pub async fn set_conversation(&self, request: v1::SetConversationRequest) -> Result<(), ClientError> {
        self.ask::<_, v1::SetConversationReply>(operation::SET_CONVERSATION, &request).await?;
        Ok(())
    }

    /// A page of the conversations as the server has them, newest first, and whether there are more; `after` is the
    /// last one of the page before.
    pub async fn server_conversations(
        &self,
        after: Option<&v1::Conversation>,
        limit: u32,
    ) -> Result<(Vec<v1::Conversation>, bool), ClientError> {
        let request = v1::ListConversationsRequest {
            limit,
            after_active_at_ms: after.map_or(0, |last| last.active_at_ms),
            after_conversation_id: after.map_or(0, |last| last.conversation_id),
        };
        let reply: v1::ListConversationsReply = self.ask(operation::LIST_CONVERSATIONS, &request).await?;
        Ok((reply.conversations, reply.more))
    }

    /// Tells the other side that one is writing, or has stopped. Say it every few seconds while it is true.
    pub async fn typing(&self, to: &str, active: bool) -> Result<(), ClientError> {
        let request = v1::TypingRequest { to: to.to_owned(), active };
        self.ask::<_, v1::TypingReply>(operation::TYPING, &request).await?;
        Ok(())
    }

    /// A person is typing a message to this address: says so to the other side, every few seconds. Costs nothing when
    /// called for each key; while there is no link it is not said at all.
    pub fn is_writing(&self, to: &str) {
        if self.shared.writers.lock().must_say(to, tokio::time::Instant::now()) {
            self.say_typing(to, true);
        }
    }

    /// The person has emptied the line, or left it: says that too. After a message it goes without saying.
    pub fn stopped_writing(&self, to: &str) {
        if self.shared.writers.lock().must_say_stopped(to, tokio::time::Instant::now()) {
            self.say_typing(to, false);
        }
    }

    /// Nobody waits for it, and that it was lost or refused is nothing to tell.
    fn say_typing(&self, to: &str, active: bool) {
        let Some(link) = self.link() else { return };
        let request = v1::TypingRequest { to: to.to_owned(), active };
        self.shared.tasks.spawn(async move {
            drop(link.request::<_, v1::TypingReply>(operation::TYPING, &request).await);
        });
    }

    /// What is being written to this address, on whatever device of the account; empty: nothing.
    pub async fn draft(&self, peer: &str) -> Result<String, ClientError> {
        Ok(self.shared.store.draft(peer).await?)
    }

    /// Keeps what is being written, here at once and for the account's other devices as soon as there is a link. An empty
    /// text ends it; sending does not.
    pub async fn set_draft(&self, peer: &str, text: &str) -> Result<(), ClientError> {
        if self.shared.store.set_draft(peer, text).await? {
            self.shared.to_send.notify_one();
        }
        Ok(())
    }

    /// Whether the server has all drafts of this device.
    pub async fn drafts_told(&self) -> Result<bool, ClientError> {
        Ok(self.shared.store.untold_drafts().await?.is_empty())
    }

    /// Where messages with `peer` are missing that the server keeps no longer: first and last number of each stretch.
    pub async fn missing(&self, peer: &str) -> Result<Vec<(u64, u64)>, ClientError> {
        Ok(self.shared.store.missing(peer).await?)
    }

    /// The time by which this client goes, in milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> u64 {
        self.shared.environment().now_ms()
    }

    async fn amend<Q: prost::Message>(&self, operation: u32, request: &Q) -> Result<(), ClientError> {
        self.ask::<_, v1::AmendReply>(operation, request).await?;
        Ok(())
    }

    async fn flag<Q: prost::Message>(&self, operation: u32, request: &Q) -> Result<(), ClientError> {
        self.ask::<_, v1::FlagReply>(operation, request).await?;
        Ok(())
    }
}
