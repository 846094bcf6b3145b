//! Documents of accounts: bytes under a name.
//!
//! Intents are run by the writer inside a commit. Invariant: what one account has is held to its limits where it is
//! written, and what is replaced is to leave the disk.

use async_trait::async_trait;
use belfry_domain::limits::{DOCUMENT_BYTES_MAX, DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX};
use belfry_domain::ports::{DocumentOutcome, Documents, StoreError};
use belfry_domain::{AccountId, DocumentKey};
use bytes::Bytes;

use super::EmbeddedStore;
use super::erased::Place;
use super::keys::{self, Cf};
use super::ports::SMALL;
use super::tx::Tx;

#[async_trait]
impl Documents for EmbeddedStore {
    async fn document(&self, owner: AccountId, key: &DocumentKey) -> Result<Option<Bytes>, StoreError> {
        let key = keys::document(owner, key);
        let found = self.read(move |shared, tier| shared.db.get(Cf::Meta, &key, tier)).await?;
        Ok(found.map(|bytes| Bytes::copy_from_slice(&bytes)))
    }

    async fn put_document(
        &self,
        owner: AccountId,
        key: DocumentKey,
        data: Bytes,
    ) -> Result<DocumentOutcome, StoreError> {
        self.writer.submit(SMALL + data.len(), false, move |tx| put(tx, owner, &key, &data)).await
    }
}

fn put(tx: &mut Tx<'_>, owner: AccountId, name: &DocumentKey, data: &[u8]) -> Result<DocumentOutcome, StoreError> {
    if tx.owner(owner)?.is_none() {
        return Ok(DocumentOutcome::NoAccount);
    }
    let key = keys::document(owner, name);
    let old = tx.get(Cf::Meta, &key)?;
    if data.is_empty() {
        if old.is_some() {
            tx.scrub(Place::Documents(owner.0));
            tx.delete(Cf::Meta, key);
        }
        return Ok(DocumentOutcome::Put);
    }
    if data.len() > DOCUMENT_BYTES_MAX {
        return Ok(DocumentOutcome::TooLarge);
    }
    // A count of its own would be one more row that can be wrong: these are few, and seldom written.
    let (mut count, mut bytes) = (0, 0);
    for other in tx.keys_with(&keys::documents_of(owner))?.into_iter().filter(|other| *other != key) {
        count += 1;
        bytes += tx.get(Cf::Meta, &other)?.map_or(0, |value| value.len());
    }
    if count >= DOCUMENTS_MAX {
        return Ok(DocumentOutcome::TooMany);
    }
    if bytes + data.len() > DOCUMENTS_BYTES_MAX {
        return Ok(DocumentOutcome::TooMuch);
    }
    if old.is_some_and(|old| old != data) {
        tx.scrub(Place::Documents(owner.0));
    }
    tx.put(Cf::Meta, key, data.to_vec());
    Ok(DocumentOutcome::Put)
}
