//! What the store shows: conversations, messages with their states, read marks.

use rusqlite::{OptionalExtension, Row, params};

use belfry_wire::v1;

use super::apply::own_address;
use super::{Store, signed, unsigned};
use crate::error::StoreError;
use crate::model::{Conversation, Delivery, Life, Message};

impl Store {
    /// All conversations, the one with the newest message first.
    pub(crate) async fn conversations(&self) -> Result<Vec<Conversation>, StoreError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT c.conversation_id, c.peer, coalesce(p.display_name, ''),
                        (SELECT count(*) FROM message m
                         WHERE m.conversation_id = c.conversation_id AND m.cseq > c.read_cseq AND NOT m.own
                             AND NOT m.hidden AND m.recalled_at_ms = 0),
                        coalesce((SELECT max(cseq) FROM message m WHERE m.conversation_id = c.conversation_id), 0),
                        c.read_cseq,
                        coalesce((SELECT m.sent_at_ms FROM message m WHERE m.conversation_id = c.conversation_id
                                  ORDER BY cseq DESC LIMIT 1), 0) AS last_at,
                        coalesce(s.settings, x''),
                        s.settings IS NOT NULL,
                        coalesce(k.listed, 0)
                            OR EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.conversation_id AND m.own)
                            OR EXISTS (SELECT 1 FROM outbox o WHERE o.peer = c.peer AND o.failure IS NULL),
                        (SELECT count(*) FROM message m WHERE m.conversation_id = c.conversation_id),
                        coalesce(k.contact, x'')
                 FROM conversation c LEFT JOIN profile p ON p.address = c.peer
                 LEFT JOIN settings s ON s.conversation_id = c.conversation_id
                 LEFT JOIN contact k ON k.address = c.peer
                 UNION ALL
                 SELECT 0, o.peer, coalesce(p.display_name, ''), 0, 0, 0, max(o.created_at_ms), x'', 0, 1, 0,
                        coalesce((SELECT k.contact FROM contact k WHERE k.address = o.peer), x'')
                 FROM outbox o LEFT JOIN profile p ON p.address = o.peer
                 WHERE o.peer NOT IN (SELECT peer FROM conversation) GROUP BY o.peer
                 ORDER BY last_at DESC, 2",
            )?;
            let rows = statement.query_map([], conversation_from)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The newest `limit` messages with `peer` below `before_cseq` (`None`: all, with what is still in the outbox),
    /// oldest first.
    pub(crate) async fn messages(
        &self,
        peer: &str,
        before_cseq: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let peer = peer.to_owned();
        self.run(move |connection| {
            let own = own_address(connection)?;
            let mut statement = connection.prepare_cached(
                "SELECT m.conversation_id, m.cseq, m.sender, m.own, m.sent_at_ms, m.client_message_id, m.content,
                        coalesce(r.delivered_cseq, 0), coalesce(r.read_cseq, 0),
                        m.edited_at_ms, m.recalled_at_ms, m.expires_at_ms, m.pinned, m.starred, m.reactions
                 FROM conversation c JOIN message m ON m.conversation_id = c.conversation_id
                 LEFT JOIN receipt r ON r.conversation_id = c.conversation_id
                 WHERE c.peer = ?1 AND m.cseq < ?2 AND NOT m.hidden ORDER BY m.cseq DESC LIMIT ?3",
            )?;
            let before = signed(before_cseq.unwrap_or(i64::MAX as u64));
            let rows = statement.query_map(params![peer, before, limit as i64], |row| message_from(row, &peer))?;
            let mut messages = rows.collect::<Result<Vec<_>, _>>()?;
            messages.reverse();
            if before_cseq.is_none() {
                let mut statement = connection.prepare_cached(
                    "SELECT client_message_id, content, created_at_ms, failure FROM outbox WHERE peer = ?1 ORDER BY id",
                )?;
                let rows = statement.query_map([&peer], |row| {
                    let failure: Option<String> = row.get(3)?;
                    Ok(Message {
                        cseq: 0,
                        conversation_id: 0,
                        peer: peer.clone(),
                        from: own.clone(),
                        own: true,
                        content: decoded(row, 1)?,
                        sent_at_ms: unsigned(row.get(2)?),
                        client_message_id: row.get(0)?,
                        delivery: failure.map_or(Delivery::Waiting, Delivery::Failed),
                        life: Life::default(),
                    })
                })?;
                for message in rows {
                    messages.push(message?);
                }
            }
            Ok(messages)
        })
        .await
    }

    /// How many messages wait to be sent.
    pub(crate) async fn outbox_len(&self) -> Result<usize, StoreError> {
        self.run(|connection| {
            let sql = "SELECT count(*) FROM outbox WHERE failure IS NULL";
            Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))? as usize)
        })
        .await
    }

    /// Raises the read mark; the server is told by and by. Gives the conversation's number if it rose.
    pub(crate) async fn mark_read(&self, peer: &str, read_cseq: u64) -> Result<Option<u64>, StoreError> {
        let peer = peer.to_owned();
        self.run(move |connection| {
            let raised = connection
                .prepare_cached(
                    "UPDATE conversation SET read_cseq = ?2 WHERE peer = ?1 AND read_cseq < ?2
                     RETURNING conversation_id",
                )?
                .query_row(params![peer, signed(read_cseq)], |row| row.get(0))
                .optional()?;
            Ok(raised.map(unsigned))
        })
        .await
    }

    /// Read marks that the server does not know yet: conversation and place.
    pub(crate) async fn untold_marks(&self) -> Result<Vec<(u64, u64)>, StoreError> {
        self.run(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT conversation_id, read_cseq FROM conversation WHERE read_cseq > read_told")?;
            let rows = statement.query_map([], |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The server knows the mark.
    pub(crate) async fn mark_told(&self, conversation_id: u64, read_cseq: u64) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("UPDATE conversation SET read_told = max(read_told, ?2) WHERE conversation_id = ?1")?
                .execute([signed(conversation_id), signed(read_cseq)])?;
            Ok(())
        })
        .await
    }

    /// What an address shows as its name, if known.
    pub(crate) async fn display_name(&self, address: &str) -> Result<Option<String>, StoreError> {
        let address = address.to_owned();
        self.run(move |connection| {
            let sql = "SELECT display_name FROM profile WHERE address = ?1";
            Ok(connection.query_row(sql, [address], |row| row.get(0)).optional()?)
        })
        .await
    }
}

fn conversation_from(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    let settings: v1::ConversationSettings = decoded(row, 7)?;
    let contact: v1::Contact = decoded(row, 11)?;
    let (set, heard, kept): (bool, bool, u64) = (row.get(8)?, row.get(9)?, unsigned(row.get(10)?));
    let last_cseq = unsigned(row.get(4)?);
    // The server says it with the settings. Without them it is seen from the messages, where all of them are here.
    let from_stranger = if set { settings.request } else { kept > 0 && kept == last_cseq };
    let own_name: String = row.get(2)?;
    Ok(Conversation {
        conversation_id: unsigned(row.get(0)?),
        peer: row.get(1)?,
        display_name: if contact.name.is_empty() { own_name } else { contact.name },
        unread: unsigned(row.get(3)?),
        last_cseq,
        read_cseq: unsigned(row.get(5)?),
        last_at_ms: unsigned(row.get(6)?),
        settings,
        request: from_stranger && !heard,
    })
}

fn message_from(row: &Row<'_>, peer: &str) -> rusqlite::Result<Message> {
    let (cseq, own): (u64, bool) = (unsigned(row.get(1)?), row.get(3)?);
    let (delivered, read) = (unsigned(row.get(7)?), unsigned(row.get(8)?));
    let delivery = match () {
        () if own && read >= cseq => Delivery::Read,
        () if own && delivered >= cseq => Delivery::Delivered,
        () => Delivery::Sent,
    };
    Ok(Message {
        cseq,
        conversation_id: unsigned(row.get(0)?),
        peer: peer.to_owned(),
        from: row.get(2)?,
        own,
        content: decoded(row, 6)?,
        sent_at_ms: unsigned(row.get(4)?),
        client_message_id: row.get(5)?,
        delivery,
        life: Life {
            edited_at_ms: unsigned(row.get(9)?),
            recalled_at_ms: unsigned(row.get(10)?),
            expires_at_ms: unsigned(row.get(11)?),
            pinned: row.get(12)?,
            starred: row.get(13)?,
            reactions: decoded::<v1::Amendment>(row, 14)?.reactions,
        },
    })
}

/// A message of the schema as it is kept: as its bytes.
fn decoded<M: prost::Message + Default>(row: &Row<'_>, column: usize) -> rusqlite::Result<M> {
    let bytes: Vec<u8> = row.get(column)?;
    M::decode(bytes.as_slice())
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, error.into()))
}
