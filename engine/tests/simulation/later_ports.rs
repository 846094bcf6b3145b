//! The ports of the later life of messages, of documents and of tracing, over the simulated disk.
//!
//! Nothing is planted here. Invariant: every method is the memory store's, in turn and journalled.

use async_trait::async_trait;
use belfry_domain::ports::{
    Amend, AmendOutcome, Changed, Conversations, DocumentOutcome, Documents, Flag, ListPlace, PageLimit, SentUnder,
    SettingsChange, StoreError, Traced, Traces,
};
use belfry_domain::{
    AccountId, ClientMessageId, ConversationId, ConversationSettings, ConversationView, DocumentKey, MessageFlags,
    MessageId, TimestampMs,
};
use bytes::Bytes;

use crate::disk::Disk;
use crate::executor::at_once;

#[async_trait]
impl Conversations for Disk {
    async fn amend(&self, amend: Amend) -> Result<AmendOutcome, StoreError> {
        self.write(move |store| at_once(store.amend(amend.clone()))).await
    }

    async fn flag(&self, flag: Flag) -> Result<Option<Changed<MessageFlags>>, StoreError> {
        self.write(move |store| at_once(store.flag(flag))).await
    }

    async fn set_conversation(
        &self,
        owner: AccountId,
        conversation: ConversationId,
        change: SettingsChange,
    ) -> Result<Option<Changed<ConversationSettings>>, StoreError> {
        self.write(move |store| at_once(store.set_conversation(owner, conversation, change.clone()))).await
    }

    async fn list_conversations(
        &self,
        owner: AccountId,
        after: Option<ListPlace>,
        since: TimestampMs,
        limit: PageLimit,
    ) -> Result<(Vec<ConversationView>, bool), StoreError> {
        self.read(|store| at_once(store.list_conversations(owner, after, since, limit))).await
    }
}

#[async_trait]
impl Documents for Disk {
    async fn document(&self, owner: AccountId, key: &DocumentKey) -> Result<Option<Bytes>, StoreError> {
        self.read(|store| at_once(store.document(owner, key))).await
    }

    async fn put_document(
        &self,
        owner: AccountId,
        key: DocumentKey,
        data: Bytes,
    ) -> Result<DocumentOutcome, StoreError> {
        self.write(move |store| at_once(store.put_document(owner, key.clone(), data.clone()))).await
    }
}

#[async_trait]
impl Traces for Disk {
    async fn trace(&self, id: MessageId) -> Result<Option<Traced>, StoreError> {
        self.read(|store| at_once(store.trace(id))).await
    }

    async fn sent_under(&self, sender: AccountId, client_id: &ClientMessageId) -> Result<Vec<SentUnder>, StoreError> {
        self.read(|store| at_once(store.sent_under(sender, client_id))).await
    }
}
