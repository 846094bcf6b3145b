//! What the server keeps no longer: where messages are missing, in the store.
//!
//! The server's word that there is a gap comes in; what is left is fetched, and stretches of numbers for which there is
//! no message leave, to be shown in their place. Invariant: a gap that was said is remembered until it was looked into,
//! and what is missing until it comes after all.

use rusqlite::{Connection, Transaction, params};

use belfry_wire::v1;

use super::apply::{add_message, own_address};
use super::{Change, Store, later, signed, unsigned};
use crate::error::StoreError;

/// The row that says that there is a gap at all; no conversation has this number. It counts how often that was said.
const SAID: i64 = 0;

/// Messages of one conversation that are looked through for missing ones, the newest.
const LOOKED_THROUGH_MAX: i64 = 100_000;

/// A gap that is to be looked into.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Gap {
    /// How often it was said; only a gap of which no more was said is closed.
    pub(crate) said: i64,
    /// Up to where each conversation was known before. One that is not in the list was not known.
    pub(crate) known: Vec<(u64, u64)>,
}

impl Gap {
    /// Up to where a conversation was known.
    pub(crate) fn known(&self, conversation_id: u64) -> u64 {
        self.known.iter().find(|(id, _)| *id == conversation_id).map_or(0, |(_, cseq)| *cseq)
    }
}

/// Remembers that messages after what is stored are gone. What is stored is what was there before.
pub(super) fn said(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT OR IGNORE INTO gap (conversation_id, known_cseq)
         SELECT c.conversation_id, coalesce((SELECT max(cseq) FROM message m
                                             WHERE m.conversation_id = c.conversation_id), 0) FROM conversation c",
        [],
    )?;
    transaction.execute(
        "INSERT INTO gap (conversation_id, known_cseq) VALUES (?1, 1)
         ON CONFLICT (conversation_id) DO UPDATE SET known_cseq = known_cseq + 1",
        [SAID],
    )?;
    Ok(())
}

impl Store {
    /// The gap that is to be looked into, if there is one.
    pub(crate) async fn gap(&self) -> Result<Option<Gap>, StoreError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT conversation_id, known_cseq FROM gap")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
            let said = rows.iter().find(|(id, _)| *id == SAID).map(|(_, said)| *said);
            let known = rows.iter().filter(|(id, _)| *id != SAID).map(|(id, cseq)| (unsigned(*id), unsigned(*cseq)));
            Ok(said.map(|said| Gap { said, known: known.collect() }))
        })
        .await
    }

    /// The gap was looked into. One that was said again meanwhile stays; gives whether it is closed.
    pub(crate) async fn close_gap(&self, said: i64) -> Result<bool, StoreError> {
        self.run(move |connection| {
            let sql = "DELETE FROM gap WHERE EXISTS (SELECT 1 FROM gap WHERE conversation_id = ?1 AND known_cseq = ?2)";
            Ok(connection.execute(sql, [SAID, said])? > 0)
        })
        .await
    }

    /// Whether any of the messages of a conversation after `known` up to `last` are not here.
    pub(crate) async fn lacks(&self, conversation_id: u64, known: u64, last: u64) -> Result<bool, StoreError> {
        self.run(move |connection| Ok(!holes(connection, conversation_id, known, last)?.is_empty())).await
    }

    /// Stores what a history still has of a gap, and gives what of it is new.
    pub(crate) async fn fill(&self, messages: Vec<v1::Message>) -> Result<Vec<Change>, StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let changes = add_older(&transaction, messages)?;
            transaction.commit()?;
            Ok(changes)
        })
        .await
    }

    /// Writes down what is missing of a conversation after `known` up to `last`, and gives it.
    pub(crate) async fn note_missing(
        &self,
        conversation_id: u64,
        peer: &str,
        known: u64,
        last: u64,
    ) -> Result<Vec<(u64, u64)>, StoreError> {
        let peer = peer.to_owned();
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let missing = holes(&transaction, conversation_id, known, last)?;
            if !missing.is_empty() {
                // Of a conversation that began meanwhile there may be nothing else left.
                transaction.execute(
                    "INSERT INTO conversation (conversation_id, peer) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    params![signed(conversation_id), peer],
                )?;
            }
            put(&transaction, conversation_id, &missing)?;
            transaction.commit()?;
            Ok(missing)
        })
        .await
    }

    /// Where messages with `peer` are missing: first and last number of each stretch, in order.
    pub(crate) async fn missing(&self, peer: &str) -> Result<Vec<(u64, u64)>, StoreError> {
        let peer = peer.to_owned();
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT m.first_cseq, m.last_cseq FROM missing m
                 JOIN conversation c ON c.conversation_id = m.conversation_id
                 WHERE c.peer = ?1 ORDER BY m.first_cseq",
            )?;
            let rows = statement.query_map([peer], |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Stores messages that were asked for; what was missing and is among them is not missing any more.
pub(super) fn add_older(transaction: &Transaction<'_>, messages: Vec<v1::Message>) -> Result<Vec<Change>, StoreError> {
    let own = own_address(transaction)?;
    let mut changes = Vec::new();
    let mut conversations = Vec::new();
    for message in messages {
        let now = later::life_of(&message);
        let (conversation_id, cseq) = (message.conversation_id, message.cseq);
        let content = message.content.clone();
        // One without its body is left to the next sync; there is none of the kind in a history.
        let _ = add_message(transaction, &own, message, &mut changes)?;
        later::put_life(transaction, conversation_id, cseq, &now, content.as_ref())?;
        if conversations.last() != Some(&conversation_id) {
            conversations.push(conversation_id);
        }
    }
    for conversation_id in conversations {
        let mut left = Vec::new();
        for (first, last) in noted(transaction, conversation_id)? {
            left.extend(holes(transaction, conversation_id, first - 1, last)?);
        }
        transaction.execute("DELETE FROM missing WHERE conversation_id = ?1", [signed(conversation_id)])?;
        put(transaction, conversation_id, &left)?;
    }
    Ok(changes)
}

fn noted(connection: &Connection, conversation_id: u64) -> Result<Vec<(u64, u64)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT first_cseq, last_cseq FROM missing WHERE conversation_id = ?1")?;
    let rows =
        statement.query_map([signed(conversation_id)], |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn put(transaction: &Transaction<'_>, conversation_id: u64, missing: &[(u64, u64)]) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO missing (conversation_id, first_cseq, last_cseq) VALUES (?1, ?2, ?3)
         ON CONFLICT (conversation_id, first_cseq) DO UPDATE SET last_cseq = max(last_cseq, excluded.last_cseq)",
    )?;
    for (first, last) in missing {
        statement.execute(params![signed(conversation_id), signed(*first), signed(*last)])?;
    }
    Ok(())
}

/// The stretches of numbers after `known` up to `last` for which nothing is stored.
fn holes(connection: &Connection, conversation_id: u64, known: u64, last: u64) -> Result<Vec<(u64, u64)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT cseq FROM message WHERE conversation_id = ?1 AND cseq > ?2 AND cseq <= ?3 ORDER BY cseq DESC LIMIT ?4",
    )?;
    let rows = statement
        .query_map(params![signed(conversation_id), signed(known), signed(last), LOOKED_THROUGH_MAX], |row| {
            Ok(unsigned(row.get(0)?))
        })?;
    let (mut holes, mut above) = (Vec::new(), last.saturating_add(1));
    let mut counted = 0;
    for cseq in rows {
        let cseq = cseq?;
        if cseq + 1 < above {
            holes.push((cseq + 1, above - 1));
        }
        above = cseq;
        counted += 1;
    }
    if counted < LOOKED_THROUGH_MAX && known + 1 < above {
        holes.push((known + 1, above - 1));
    }
    holes.reverse();
    Ok(holes)
}
