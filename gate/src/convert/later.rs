//! Converting what happens to messages and conversations after a message was sent.
//!
//! The schema's requests come in and commands leave; the engine's values come in and the schema's leave. Invariant: as
//! in the rest of this module.

use belfry_domain::ports::{Change, SettingsChange};
use belfry_domain::{
    Amendment, ConversationId, ConversationSettings, ConversationView, Cseq, DraftText, MessageFlags, MessageId,
    Reaction, Refusal, TimestampMs,
};
use belfry_engine::Command;
use belfry_wire::v1;

use super::command::conversation_ref;
use super::{answer, bad_request, command};

pub(super) fn message_id(conversation: u64, cseq: u64) -> MessageId {
    MessageId { conversation: ConversationId(conversation), cseq: Cseq(cseq) }
}

pub(super) fn edit(ask: v1::EditRequest) -> Result<Command, Refusal> {
    let said = ask.content.ok_or_else(|| bad_request("The message is empty: content is missing."))?;
    let content = command::content(said)?;
    Ok(Command::Amend { id: message_id(ask.conversation_id, ask.cseq), change: Change::Edit(content) })
}

pub(super) fn set_conversation(ask: v1::SetConversationRequest) -> Result<Command, Refusal> {
    Ok(Command::SetConversation {
        of: conversation_ref(ask.conversation_id, &ask.peer)?,
        change: Box::new(SettingsChange {
            muted_until: ask.muted_until_ms.map(TimestampMs),
            pinned: ask.pinned,
            archived: ask.archived,
            draft: ask.draft.map(|draft| {
                let reply_to =
                    (draft.reply_to_cseq != 0 && !draft.text.is_empty()).then_some(Cseq(draft.reply_to_cseq));
                DraftText { text: draft.text, reply_to }
            }),
            marked_unread: ask.marked_unread,
            accepted: ask.accepted,
            disappear_after_ms: ask.disappear_after_ms,
        }),
    })
}

pub(super) fn list_conversations(ask: &v1::ListConversationsRequest) -> Command {
    let place = (TimestampMs(ask.after_active_at_ms), ConversationId(ask.after_conversation_id));
    let after = (ask.after_active_at_ms != 0 || ask.after_conversation_id != 0).then_some(place);
    Command::ListConversations { after, limit: ask.limit as usize }
}

pub(super) fn amendment(amended: &Amendment) -> v1::Amendment {
    v1::Amendment {
        conversation_id: amended.id.conversation.0,
        cseq: amended.id.cseq.0,
        from: amended.author.to_string(),
        edited_at_ms: amended.edited.unwrap_or_default().0,
        content: amended.content.as_ref().map(answer::content),
        recalled_at_ms: amended.recalled.unwrap_or_default().0,
        reactions: reactions(&amended.reactions),
        pinned: amended.pinned,
    }
}

pub(super) fn reactions(list: &[Reaction]) -> Vec<v1::Reaction> {
    list.iter().map(|one| v1::Reaction { by: one.by.to_string(), emoji: one.emoji.clone() }).collect()
}

pub(super) fn flags(flags: &MessageFlags) -> v1::MessageFlags {
    v1::MessageFlags {
        conversation_id: flags.id.conversation.0,
        cseq: flags.id.cseq.0,
        starred: flags.starred,
        hidden: flags.hidden,
    }
}

pub(super) fn settings(settings: &ConversationSettings) -> v1::ConversationSettings {
    let draft = &settings.draft;
    v1::ConversationSettings {
        conversation_id: settings.conversation.0,
        peer: settings.peer.to_string(),
        muted_until_ms: settings.muted_until.0,
        pinned: settings.pinned,
        archived: settings.archived,
        draft: (!draft.text.is_empty())
            .then(|| v1::DraftText { text: draft.text.clone(), reply_to_cseq: draft.reply_to.unwrap_or_default().0 }),
        marked_unread: settings.marked_unread,
        disappear_after_ms: settings.disappear_after_ms,
        request: settings.request,
    }
}

pub(super) fn conversation(view: &ConversationView, message: Option<v1::Message>) -> v1::Conversation {
    v1::Conversation {
        conversation_id: view.settings.conversation.0,
        peer: view.settings.peer.to_string(),
        active_at_ms: view.active.0,
        last_cseq: view.last.0,
        message,
        unread: view.unread,
        read_cseq: view.read.0,
        receipt: Some(answer::receipt(&view.receipt)),
        settings: Some(settings(&view.settings)),
    }
}
