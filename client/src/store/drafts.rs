//! Drafts, in the store: what is being written, until the server has it for the account's other devices.
//!
//! A text of this device comes in and is what is shown until the server's settings, which are the same on all devices,
//! have it. Invariant: what was typed here is not lost with the link, nor with the process.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use belfry_wire::v1;

use super::Store;
use crate::error::StoreError;

/// How far a draft of this device has got.
const TO_TELL: i64 = 0;
const TOLD: i64 = 1;
/// Kept here alone: it is too long, or there is no conversation yet.
const REFUSED: i64 = 2;

impl Store {
    /// What is being written to `peer`; empty: nothing.
    pub(crate) async fn draft(&self, peer: &str) -> Result<String, StoreError> {
        let peer = peer.to_owned();
        self.run(move |connection| read(connection, &peer)).await
    }

    /// Writes down what is being written; gives whether that is something else than before.
    pub(crate) async fn set_draft(&self, peer: &str, text: &str) -> Result<bool, StoreError> {
        let (peer, text) = (peer.to_owned(), text.to_owned());
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            if read(&transaction, &peer)? == text {
                return Ok(false);
            }
            transaction
                .prepare_cached("INSERT OR REPLACE INTO draft (peer, text, told) VALUES (?1, ?2, ?3)")?
                .execute(params![peer, text, TO_TELL])?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    /// Drafts that the server does not have yet, with their addresses.
    pub(crate) async fn untold_drafts(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT peer, text FROM draft WHERE told = ?1")?;
            let rows = statement.query_map([TO_TELL], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The server has the draft, or does not want it; if another text was written meanwhile, that is still to be told.
    /// An empty one that is not wanted is nothing to keep.
    pub(crate) async fn draft_told(&self, peer: &str, text: &str, taken: bool) -> Result<(), StoreError> {
        let (peer, text) = (peer.to_owned(), text.to_owned());
        self.run(move |connection| {
            connection.prepare_cached("UPDATE draft SET told = ?3 WHERE peer = ?1 AND text = ?2")?.execute(params![
                peer,
                text,
                if taken { TOLD } else { REFUSED }
            ])?;
            connection
                .prepare_cached("DELETE FROM draft WHERE peer = ?1 AND text = '' AND told = ?2")?
                .execute(params![peer, REFUSED])?;
            Ok(())
        })
        .await
    }
}

/// The server's settings are here: a draft that it had before them is in them, or was replaced by another device's.
pub(super) fn settled(transaction: &Transaction<'_>, peer: &str) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM draft WHERE peer = ?1 AND told = ?2")?.execute(params![peer, TOLD])?;
    Ok(())
}

fn read(connection: &Connection, peer: &str) -> Result<String, StoreError> {
    let own: Option<String> = connection
        .prepare_cached("SELECT text FROM draft WHERE peer = ?1")?
        .query_row([peer], |row| row.get(0))
        .optional()?;
    if let Some(own) = own {
        return Ok(own);
    }
    let settings: Option<Vec<u8>> = connection
        .prepare_cached(
            "SELECT s.settings FROM settings s JOIN conversation c ON c.conversation_id = s.conversation_id
             WHERE c.peer = ?1",
        )?
        .query_row([peer], |row| row.get(0))
        .optional()?;
    let Some(settings) = settings else { return Ok(String::new()) };
    let settings = <v1::ConversationSettings as prost::Message>::decode(settings.as_slice())
        .map_err(|_| StoreError::Corrupt("how a conversation is set"))?;
    Ok(settings.draft.map(|draft| draft.text).unwrap_or_default())
}
