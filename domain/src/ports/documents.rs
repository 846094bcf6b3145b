//! The port of an account's documents: bytes under a name, for its own clients.

use async_trait::async_trait;
use bytes::Bytes;

use crate::document::DocumentKey;
use crate::ids::AccountId;
use crate::ports::StoreError;

/// What became of a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DocumentOutcome {
    /// It is as it was given.
    Put,
    /// There is no such account.
    NoAccount,
    /// It is over [`DOCUMENT_BYTES_MAX`](crate::limits::DOCUMENT_BYTES_MAX).
    TooLarge,
    /// The account has [`DOCUMENTS_MAX`](crate::limits::DOCUMENTS_MAX) others.
    TooMany,
    /// All of the account's together would be over [`DOCUMENTS_BYTES_MAX`](crate::limits::DOCUMENTS_BYTES_MAX).
    TooMuch,
}

/// Documents of accounts. They are gone with their account.
#[async_trait]
pub trait Documents: Send + Sync {
    /// A document, if it is there.
    async fn document(&self, owner: AccountId, key: &DocumentKey) -> Result<Option<Bytes>, StoreError>;

    /// Puts a document in the place of what had its name; empty: none any longer. What is replaced leaves the disk like
    /// a recalled message. Durable when it returns; with another outcome than `Put` nothing is changed.
    async fn put_document(
        &self,
        owner: AccountId,
        key: DocumentKey,
        data: Bytes,
    ) -> Result<DocumentOutcome, StoreError>;
}
