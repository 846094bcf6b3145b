//! What becomes of messages and conversations later, in the store.
//!
//! Events come in as the latest value and replace what was known. A change of a message that is not kept here does
//! nothing: should it ever be fetched, it comes as it is then.

use prost::Message as _;
use rusqlite::{OptionalExtension, Transaction, params};

use belfry_wire::v1;

use super::apply::Change;
use super::{Store, drafts, signed};
use crate::error::StoreError;
use crate::model::Life;

impl Store {
    /// Forgets messages that have disappeared.
    pub(crate) async fn forget_expired(&self, now_ms: u64) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM message WHERE expires_at_ms > 0 AND expires_at_ms <= ?1")?
                .execute([signed(now_ms)])?;
            Ok(())
        })
        .await
    }
}

/// What a message of the wire says of its later life.
pub(super) fn life_of(message: &v1::Message) -> Life {
    let lifetime = message.content.as_ref().map_or(0, |content| content.expires_after_ms);
    let expires = if lifetime > 0 { message.sent_at_ms.saturating_add(lifetime) } else { 0 };
    Life {
        edited_at_ms: message.edited_at_ms,
        recalled_at_ms: message.recalled_at_ms,
        expires_at_ms: if message.expires_at_ms > 0 { message.expires_at_ms } else { expires },
        reactions: message.reactions.clone(),
        pinned: message.pinned,
        starred: message.starred,
    }
}

fn reactions(list: &[v1::Reaction]) -> Vec<u8> {
    v1::Amendment { reactions: list.to_vec(), ..Default::default() }.encode_to_vec()
}

/// Writes what has become of a message that is kept; a content takes the place of what it said.
pub(super) fn put_life(
    transaction: &Transaction<'_>,
    conversation_id: u64,
    cseq: u64,
    life: &Life,
    content: Option<&v1::Content>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE message SET edited_at_ms = ?3, recalled_at_ms = ?4, pinned = ?5, starred = ?6, reactions = ?7,
                 expires_at_ms = max(expires_at_ms, ?8), content = coalesce(?9, content)
             WHERE conversation_id = ?1 AND cseq = ?2",
        )?
        .execute(params![
            signed(conversation_id),
            signed(cseq),
            signed(life.edited_at_ms),
            signed(life.recalled_at_ms),
            life.pinned,
            life.starred,
            reactions(&life.reactions),
            signed(life.expires_at_ms),
            content.map(v1::Content::encode_to_vec),
        ])?;
    Ok(())
}

/// When a message disappears is known now.
pub(super) fn expire_at(
    transaction: &Transaction<'_>,
    conversation_id: u64,
    cseq: u64,
    at_ms: u64,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE message SET expires_at_ms = ?3 WHERE conversation_id = ?1 AND cseq = ?2")?
        .execute([signed(conversation_id), signed(cseq), signed(at_ms)])?;
    Ok(())
}

/// An own message disappears as the conversation is set, if it says nothing else; the server's word comes with its
/// event, should another device have changed that meanwhile.
pub(super) fn expire_as_set(transaction: &Transaction<'_>, conversation_id: u64, cseq: u64) -> Result<(), StoreError> {
    let known: Option<Vec<u8>> = transaction
        .prepare_cached("SELECT settings FROM settings WHERE conversation_id = ?1")?
        .query_row([signed(conversation_id)], |row| row.get(0))
        .optional()?;
    let Some(known) = known else { return Ok(()) };
    let settings = v1::ConversationSettings::decode(known.as_slice())
        .map_err(|_| StoreError::Corrupt("how a conversation is set"))?;
    if settings.disappear_after_ms > 0 {
        transaction
            .prepare_cached(
                "UPDATE message SET expires_at_ms = sent_at_ms + ?3 WHERE conversation_id = ?1 AND cseq = ?2",
            )?
            .execute([signed(conversation_id), signed(cseq), signed(settings.disappear_after_ms)])?;
    }
    Ok(())
}

pub(super) fn amend(
    transaction: &Transaction<'_>,
    amendment: &v1::Amendment,
    changes: &mut Vec<Change>,
) -> Result<(), StoreError> {
    let (conversation_id, cseq) = (signed(amendment.conversation_id), signed(amendment.cseq));
    let content = match &amendment.content {
        _ if amendment.recalled_at_ms > 0 => Some(Vec::new()),
        Some(content) => Some(content.encode_to_vec()),
        None => None,
    };
    let changed = transaction
        .prepare_cached(
            "UPDATE message SET edited_at_ms = ?3, recalled_at_ms = ?4, pinned = ?5, reactions = ?6,
                 content = coalesce(?7, content)
             WHERE conversation_id = ?1 AND cseq = ?2
                 AND (edited_at_ms, recalled_at_ms, pinned, reactions, content)
                     IS NOT (?3, ?4, ?5, ?6, coalesce(?7, content))",
        )?
        .execute(params![
            conversation_id,
            cseq,
            signed(amendment.edited_at_ms),
            signed(amendment.recalled_at_ms),
            amendment.pinned,
            reactions(&amendment.reactions),
            content,
        ])?;
    if changed > 0 {
        changes.push(Change::Life { conversation_id: amendment.conversation_id, cseq: amendment.cseq });
    }
    Ok(())
}

pub(super) fn flag(
    transaction: &Transaction<'_>,
    flags: &v1::MessageFlags,
    changes: &mut Vec<Change>,
) -> Result<(), StoreError> {
    let changed = transaction
        .prepare_cached(
            "UPDATE message SET starred = ?3, hidden = ?4, content = CASE WHEN ?4 THEN x'' ELSE content END
             WHERE conversation_id = ?1 AND cseq = ?2 AND (starred <> ?3 OR hidden <> ?4)",
        )?
        .execute(params![signed(flags.conversation_id), signed(flags.cseq), flags.starred, flags.hidden])?;
    if changed > 0 {
        changes.push(Change::Life { conversation_id: flags.conversation_id, cseq: flags.cseq });
    }
    Ok(())
}

pub(super) fn set(
    transaction: &Transaction<'_>,
    settings: v1::ConversationSettings,
    changes: &mut Vec<Change>,
) -> Result<(), StoreError> {
    let conversation_id = signed(settings.conversation_id);
    transaction
        .prepare_cached("INSERT INTO conversation (conversation_id, peer) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![conversation_id, settings.peer])?;
    let changed = transaction
        .prepare_cached(
            "INSERT INTO settings (conversation_id, settings) VALUES (?1, ?2)
             ON CONFLICT (conversation_id) DO UPDATE SET settings = excluded.settings
             WHERE settings <> excluded.settings",
        )?
        .execute(params![conversation_id, settings.encode_to_vec()])?;
    drafts::settled(transaction, &settings.peer)?;
    if changed > 0 {
        changes.push(Change::Settings(settings));
    }
    Ok(())
}
