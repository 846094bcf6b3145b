//! The outbox: what has to be sent, until the server has said that it is on its disk.
//!
//! Invariant: of one conversation only the oldest entry is ever given out, so the order of sending is the order of
//! writing, however often the connection breaks.

use prost::Message as _;
use rusqlite::{OptionalExtension, params};

use belfry_wire::v1;

use super::apply::{add_message, own_address, read_key, same_key, write_key};
use super::{Change, Store, signed};
use crate::error::StoreError;

/// A message to send.
#[derive(Clone, Debug)]
pub(crate) struct OutboxEntry {
    pub(crate) client_message_id: String,
    pub(crate) peer: String,
    pub(crate) content: v1::Content,
}

impl Store {
    /// Writes a message down; after this it survives everything but the loss of the disk.
    pub(crate) async fn enqueue(&self, entry: OutboxEntry, created_at_ms: u64) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO outbox (client_message_id, peer, content, created_at_ms) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    entry.client_message_id,
                    entry.peer,
                    entry.content.encode_to_vec(),
                    signed(created_at_ms)
                ])?;
            Ok(())
        })
        .await
    }

    /// The oldest entry of each of at most `peers_max` conversations, the oldest first.
    pub(crate) async fn outbox_heads(&self, peers_max: usize) -> Result<Vec<OutboxEntry>, StoreError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT client_message_id, peer, content FROM outbox
                 WHERE id IN (SELECT min(id) FROM outbox WHERE failure IS NULL GROUP BY peer)
                 ORDER BY id LIMIT ?1",
            )?;
            let rows = statement.query_map([peers_max as i64], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
            })?;
            rows.map(|row| {
                let (client_message_id, peer, content) = row?;
                let content = v1::Content::decode(content.as_slice())
                    .map_err(|_| StoreError::Corrupt("a message in the outbox"))?;
                Ok(OutboxEntry { client_message_id, peer, content })
            })
            .collect()
        })
        .await
    }

    /// The server has the message: it moves from the outbox into its conversation. If our key is the one before it, the
    /// key goes on behind it, so that no sync is needed for what we wrote ourselves. Gives what changed, which is
    /// nothing if a sync was quicker, and whether the key went on.
    pub(crate) async fn sent(
        &self,
        entry: &OutboxEntry,
        reply: v1::SendReply,
    ) -> Result<(Vec<Change>, bool), StoreError> {
        let entry = entry.clone();
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let from = own_address(&transaction)?;
            let mut changes = Vec::new();
            let queued = transaction
                .prepare_cached("SELECT id FROM outbox WHERE client_message_id = ?1")?
                .query_row([&entry.client_message_id], |row| row.get::<_, i64>(0))
                .optional()?;
            if queued.is_some() {
                let message = v1::Message {
                    conversation_id: reply.conversation_id,
                    cseq: reply.cseq,
                    from: from.clone(),
                    to: entry.peer,
                    sent_at_ms: reply.sent_at_ms,
                    client_message_id: entry.client_message_id,
                    content: Some(entry.content),
                    ..Default::default()
                };
                // It has a body, so no sync is needed for it.
                let _ = add_message(&transaction, &from, message, &mut changes)?;
            }
            let mut went_on = false;
            if let (Some(previous), Some(key)) = (reply.previous, reply.key)
                && same_key(&previous, &read_key(&transaction)?)
            {
                write_key(&transaction, &key)?;
                went_on = true;
            }
            transaction.commit()?;
            Ok((changes, went_on))
        })
        .await
    }

    /// The server will never take the message: it stays to be shown, and does not hold up those behind it.
    pub(crate) async fn failed(&self, client_message_id: &str, why: &str) -> Result<(), StoreError> {
        let (client_message_id, why) = (client_message_id.to_owned(), why.to_owned());
        self.run(move |connection| {
            connection.execute(
                "UPDATE outbox SET failure = ?2 WHERE client_message_id = ?1",
                params![client_message_id, why],
            )?;
            Ok(())
        })
        .await
    }
}
