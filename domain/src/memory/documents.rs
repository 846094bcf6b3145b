//! Documents of the memory store.

use async_trait::async_trait;
use bytes::Bytes;

use super::MemoryStore;
use crate::document::DocumentKey;
use crate::ids::AccountId;
use crate::limits::{DOCUMENT_BYTES_MAX, DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX};
use crate::ports::{DocumentOutcome, Documents, StoreError};

#[async_trait]
impl Documents for MemoryStore {
    async fn document(&self, owner: AccountId, key: &DocumentKey) -> Result<Option<Bytes>, StoreError> {
        self.with(|state| Ok(state.documents.get(&(owner, key.clone())).cloned()))
    }

    async fn put_document(
        &self,
        owner: AccountId,
        key: DocumentKey,
        data: Bytes,
    ) -> Result<DocumentOutcome, StoreError> {
        self.with(|state| {
            if !state.accounts.contains_key(&owner) {
                return Ok(DocumentOutcome::NoAccount);
            }
            if data.is_empty() {
                state.documents.remove(&(owner, key));
                return Ok(DocumentOutcome::Put);
            }
            let own = state.documents.iter().filter(|((of, name), _)| *of == owner && *name != key);
            let (count, bytes) = own.fold((0, 0), |(count, bytes), (_, other)| (count + 1, bytes + other.len()));
            if data.len() > DOCUMENT_BYTES_MAX {
                return Ok(DocumentOutcome::TooLarge);
            }
            if count >= DOCUMENTS_MAX {
                return Ok(DocumentOutcome::TooMany);
            }
            if bytes + data.len() > DOCUMENTS_BYTES_MAX {
                return Ok(DocumentOutcome::TooMuch);
            }
            state.documents.insert((owner, key), data);
            Ok(DocumentOutcome::Put)
        })
    }
}
