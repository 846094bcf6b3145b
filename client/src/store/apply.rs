//! Applying what the server gives: a page of events together with the key behind it, in one transaction.
//!
//! A [`Page`] comes in, the [`Change`]s that a person should hear of leave. Everything here may be given twice and has
//! its effect once.

use prost::Message as _;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use belfry_wire::v1::{self, SyncKey, event::Item};

use super::{Store, contacts, later, missing, read_identity, signed, unsigned};
use crate::error::StoreError;
use crate::model::{Contact, Delivery, Message};

/// A stretch of the timeline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// The key before it; `None`: the answer to a sync from the stored key.
    pub(crate) previous: Option<SyncKey>,
    pub(crate) key: SyncKey,
    pub(crate) events: Vec<v1::Event>,
    pub(crate) reset: bool,
    /// Messages after what is stored are gone at the server.
    pub(crate) gap: bool,
}

/// What became of a page.
#[derive(Debug)]
pub(crate) enum Applied {
    /// It is stored, with its key.
    Stored(Vec<Change>),
    /// It does not follow on what is stored, or says too little: nothing was done. Ask for a sync.
    Gap,
}

/// What is worth telling.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Message(Message),
    /// An own message has left the outbox.
    Sent {
        client_message_id: String,
        peer: String,
        cseq: u64,
    },
    Receipt {
        conversation_id: u64,
        peer: String,
        delivered_cseq: u64,
        read_cseq: u64,
    },
    Mark {
        conversation_id: u64,
        read_cseq: u64,
    },
    Profile(v1::Profile),
    /// This account stands to another one in another way; whether that one asks to be a contact since now.
    Contact {
        contact: Contact,
        asks_anew: bool,
    },
    /// What has become of a message has changed.
    Life {
        conversation_id: u64,
        cseq: u64,
    },
    Settings(v1::ConversationSettings),
    Reset,
    /// Messages are gone at the server: what is left of them can be asked for.
    Gap,
}

/// An event that cannot be applied without asking the server for more.
pub(super) struct NeedsSync;

impl Store {
    /// Stores a page and the key behind it, or nothing.
    pub(crate) async fn apply(&self, page: Page) -> Result<Applied, StoreError> {
        self.run(move |connection| apply(connection, page)).await
    }

    /// The key to sync from; empty: from the beginning.
    pub(crate) async fn sync_key(&self) -> Result<SyncKey, StoreError> {
        self.run(|connection| read_key(connection)).await
    }

    /// Stores messages that were asked for, older ones as a rule.
    pub(crate) async fn add_history(&self, messages: Vec<v1::Message>) -> Result<(), StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let _known_to_who_asked = missing::add_older(&transaction, messages)?;
            Ok(transaction.commit()?)
        })
        .await
    }
}

fn apply(connection: &mut Connection, page: Page) -> Result<Applied, StoreError> {
    let transaction = connection.transaction()?;
    let stored = read_key(&transaction)?;
    if page.previous.is_some_and(|previous| !same_key(&previous, &stored)) {
        return Ok(Applied::Gap);
    }
    let mut changes = Vec::new();
    if page.reset {
        forget(&transaction)?;
        changes.push(Change::Reset);
    } else if page.gap {
        missing::said(&transaction)?;
        changes.push(Change::Gap);
    }
    let own = own_address(&transaction)?;
    for event in page.events {
        let applied = match event.item {
            Some(Item::Message(message)) => add_message(&transaction, &own, message, &mut changes)?,
            Some(Item::Receipt(receipt)) => Ok(raise_receipt(&transaction, receipt, &mut changes)?),
            Some(Item::Mark(mark)) => Ok(raise_mark(&transaction, mark, &mut changes)?),
            Some(Item::Profile(profile)) => Ok(set_profile(&transaction, profile, &mut changes)?),
            Some(Item::Amendment(amendment)) => Ok(later::amend(&transaction, &amendment, &mut changes)?),
            Some(Item::Flags(flags)) => Ok(later::flag(&transaction, &flags, &mut changes)?),
            Some(Item::Settings(settings)) => Ok(later::set(&transaction, settings, &mut changes)?),
            Some(Item::Contact(contact)) => Ok(contacts::set(&transaction, contact, &mut changes)?),
            Some(Item::Retention(_) | Item::Privacy(_)) => Ok(()), // nothing here shows them
            None => Ok(()),                                        // of a later version of the protocol
        };
        if applied.is_err() {
            return Ok(Applied::Gap); // dropping the transaction undoes it
        }
    }
    write_key(&transaction, &page.key)?;
    transaction.commit()?;
    Ok(Applied::Stored(changes))
}

/// Forgets what came from the server. The outbox is ours.
pub(super) fn forget(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute_batch(
        "DELETE FROM message; DELETE FROM receipt; DELETE FROM conversation; DELETE FROM settings;
                        DELETE FROM sync_key; DELETE FROM gap; DELETE FROM missing; DELETE FROM contact",
    )?;
    Ok(())
}

/// Puts a message into its conversation. An own one leaves the outbox in the same step, and takes its body from there
/// if the server, knowing that we have it, has left it out.
pub(super) fn add_message(
    transaction: &Transaction<'_>,
    own: &str,
    message: v1::Message,
    changes: &mut Vec<Change>,
) -> Result<Result<(), NeedsSync>, StoreError> {
    let life = later::life_of(&message);
    let is_own = message.from == own;
    let peer = if is_own { message.to } else { message.from.clone() };
    let (conversation_id, cseq) = (signed(message.conversation_id), signed(message.cseq));
    let queued: Option<Vec<u8>> = if is_own && !message.client_message_id.is_empty() {
        transaction
            .prepare_cached("SELECT content FROM outbox WHERE client_message_id = ?1")?
            .query_row([&message.client_message_id], |row| row.get(0))
            .optional()?
    } else {
        None
    };
    let content = match (&message.content, &queued) {
        (Some(content), _) => content.encode_to_vec(),
        (None, Some(queued)) => queued.clone(),
        (None, None) => {
            let known = transaction
                .prepare_cached("SELECT 1 FROM message WHERE conversation_id = ?1 AND cseq = ?2")?
                .exists([conversation_id, cseq])?;
            return Ok(if known { Ok(()) } else { Err(NeedsSync) });
        }
    };
    transaction
        .prepare_cached("INSERT INTO conversation (conversation_id, peer) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![conversation_id, peer])?;
    let new = transaction
        .prepare_cached(
            "INSERT INTO message (conversation_id, cseq, sender, own, sent_at_ms, client_message_id, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            conversation_id,
            cseq,
            message.from,
            is_own,
            signed(message.sent_at_ms),
            message.client_message_id,
            content
        ])?;
    if new == 1 {
        later::put_life(transaction, message.conversation_id, message.cseq, &life, None)?;
        if life.expires_at_ms == 0 && is_own {
            later::expire_as_set(transaction, message.conversation_id, message.cseq)?;
        }
    } else if life.expires_at_ms != 0 {
        later::expire_at(transaction, message.conversation_id, message.cseq, life.expires_at_ms)?;
    }
    if queued.is_some() {
        transaction
            .prepare_cached("DELETE FROM outbox WHERE client_message_id = ?1")?
            .execute([&message.client_message_id])?;
        changes.push(Change::Sent { client_message_id: message.client_message_id, peer, cseq: message.cseq });
    } else if new == 1 {
        changes.push(Change::Message(Message {
            cseq: message.cseq,
            conversation_id: message.conversation_id,
            peer,
            from: message.from,
            own: is_own,
            content: message.content.unwrap_or_default(),
            sent_at_ms: message.sent_at_ms,
            client_message_id: message.client_message_id,
            delivery: Delivery::Sent,
            life,
        }));
    }
    Ok(Ok(()))
}

/// Receipts only rise: one that comes late changes nothing.
fn raise_receipt(
    transaction: &Transaction<'_>,
    receipt: v1::Receipt,
    changes: &mut Vec<Change>,
) -> Result<(), StoreError> {
    let changed = transaction
        .prepare_cached(
            "INSERT INTO receipt (conversation_id, peer, delivered_cseq, read_cseq) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (conversation_id) DO UPDATE SET
                 delivered_cseq = max(delivered_cseq, excluded.delivered_cseq),
                 read_cseq = max(read_cseq, excluded.read_cseq)
             WHERE excluded.delivered_cseq > delivered_cseq OR excluded.read_cseq > read_cseq",
        )?
        .execute(params![
            signed(receipt.conversation_id),
            receipt.peer,
            signed(receipt.delivered_cseq),
            signed(receipt.read_cseq)
        ])?;
    if changed > 0 {
        let v1::Receipt { conversation_id, peer, delivered_cseq, read_cseq, .. } = receipt;
        changes.push(Change::Receipt { conversation_id, peer, delivered_cseq, read_cseq });
    }
    Ok(())
}

/// A mark of a conversation that is not known here is kept by the server for when it is asked for the conversation.
fn raise_mark(transaction: &Transaction<'_>, mark: v1::Mark, changes: &mut Vec<Change>) -> Result<(), StoreError> {
    let changed = transaction
        .prepare_cached(
            "UPDATE conversation SET read_cseq = max(read_cseq, ?2), read_told = max(read_told, ?2)
             WHERE conversation_id = ?1 AND (read_cseq < ?2 OR read_told < ?2)",
        )?
        .execute([signed(mark.conversation_id), signed(mark.read_cseq)])?;
    if changed > 0 {
        changes.push(Change::Mark { conversation_id: mark.conversation_id, read_cseq: mark.read_cseq });
    }
    Ok(())
}

fn set_profile(
    transaction: &Transaction<'_>,
    profile: v1::Profile,
    changes: &mut Vec<Change>,
) -> Result<(), StoreError> {
    contacts::put_profile(transaction, &profile)?;
    changes.push(Change::Profile(profile));
    Ok(())
}

pub(super) fn own_address(connection: &Connection) -> Result<String, StoreError> {
    Ok(read_identity(connection)?.map(|identity| identity.account.address).unwrap_or_default())
}

pub(super) fn read_key(connection: &Connection) -> Result<SyncKey, StoreError> {
    let mut statement = connection.prepare_cached("SELECT kind, version FROM sync_key ORDER BY kind")?;
    let rows = statement.query_map([], |row| Ok(v1::KeyValue { key: row.get(0)?, val: unsigned(row.get(1)?) }))?;
    Ok(SyncKey { list: rows.collect::<Result<_, _>>()? })
}

pub(super) fn write_key(transaction: &Transaction<'_>, key: &SyncKey) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM sync_key", [])?;
    let mut statement =
        transaction.prepare_cached("INSERT OR REPLACE INTO sync_key (kind, version) VALUES (?1, ?2)")?;
    for value in &key.list {
        statement.execute(params![value.key, signed(value.val)])?;
    }
    Ok(())
}

/// Whether two keys say the same, in whatever order they list it.
pub(crate) fn same_key(one: &SyncKey, other: &SyncKey) -> bool {
    let sorted = |key: &SyncKey| {
        let mut list: Vec<(u32, u64)> = key.list.iter().map(|value| (value.key, value.val)).collect();
        list.sort_unstable();
        list
    };
    sorted(one) == sorted(other)
}
