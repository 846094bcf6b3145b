//! What may be done to messages and conversations after a message was sent, and the list of conversations.
//!
//! Commands come in; the store changes one state row for each and the entries it made are shown to whoever is
//! connected. Invariant: whoever has no part in a conversation gets "not found" and nothing else.

use std::sync::Arc;

use belfry_domain::limits::{DRAFT_BYTES_MAX, LIFETIME_MS_MAX, LIFETIME_MS_MIN, REACTION_BYTES_MAX};
use belfry_domain::ports::{Amend, AmendOutcome, Change, Flag, ListPlace, PageLimit, SettingsChange};
use belfry_domain::{
    AccountId, Address, Code, ConversationId, ConversationView, MessageId, Refusal, TimestampMs, is_reaction,
};

use crate::command::{Caller, ConversationRef, Reply, Typing};
use crate::limits::Limited;
use crate::send::not_by_the_server;
use crate::session::held_back;
use crate::sync::{no_conversation, page};
use crate::{Engine, device_of, refused};

/// Conversations in a page of the list that does not say how many.
const LISTED_BY_DEFAULT: usize = 50;

impl Engine {
    /// Changes a message for both sides.
    pub(crate) async fn amend(&self, caller: &Caller, id: MessageId, change: Change) -> Result<Reply, Refusal> {
        let (by, _, device) = device_of(caller)?;
        let (settings, at) = (self.settings(), self.inner.ports.clock.now());
        let allowed_ms = match &change {
            Change::Edit(content) => {
                content.check()?;
                not_by_the_server(content)?;
                settings.edit_ms
            }
            Change::Recall => settings.recall_ms,
            Change::React(emoji) if !is_reaction(emoji) => {
                return Err(Refusal::new(
                    Code::BadRequest,
                    format!("A reaction is one emoji of at most {REACTION_BYTES_MAX} bytes, without spaces."),
                ));
            }
            Change::React(_) | Change::Pin(_) => u64::MAX,
        };
        self.limit_changes(caller)?;
        let sent_since = TimestampMs(at.0.saturating_sub(allowed_ms));
        let done = match &change {
            Change::Edit(_) => "edited",
            _ => "recalled",
        };
        match self.store().amend(Amend { by, id, change, at, sent_since }).await.map_err(refused)? {
            AmendOutcome::Amended(amendment, entries) => {
                self.inner.hub.publish(&entries);
                let history_from = self.history_from(by, device).await?;
                Ok(Reply::Amended(held_back(&amendment, history_from).map_or(amendment, Arc::new)))
            }
            AmendOutcome::NotFound => Err(no_message()),
            AmendOutcome::Blocking => Err(Refusal::new(
                Code::Blocking,
                "You block the other side: nothing was changed. Unblock them first if you want to.",
            )),
            AmendOutcome::NotAuthor => {
                Err(Refusal::new(Code::Forbidden, format!("A message can be {done} by its author only.")))
            }
            AmendOutcome::TooLate => Err(Refusal::new(
                Code::Forbidden,
                format!("A message can be {done} for {} after it was sent; that time is over.", span(allowed_ms)),
            )),
        }
    }

    /// Changes the caller's flags on a message.
    pub(crate) async fn flag(
        &self,
        caller: &Caller,
        id: MessageId,
        starred: Option<bool>,
        hide: bool,
    ) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.limit_changes(caller)?;
        let flag = Flag { owner, id, starred, hide, at: self.inner.ports.clock.now() };
        let (flags, entries) = self.store().flag(flag).await.map_err(refused)?.ok_or_else(no_message)?;
        self.inner.hub.publish(&entries);
        Ok(Reply::Flags(flags))
    }

    /// Changes how the caller has a conversation.
    pub(crate) async fn set_conversation(
        &self,
        caller: &Caller,
        of: ConversationRef,
        change: SettingsChange,
    ) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        if let Some(draft) = change.draft.as_ref().filter(|draft| !draft.fits()) {
            return Err(Refusal::new(
                Code::TooLarge,
                format!("The draft is {} bytes, the limit is {DRAFT_BYTES_MAX}: keep the rest here.", draft.text.len()),
            ));
        }
        let lifetimes = LIFETIME_MS_MIN..=LIFETIME_MS_MAX;
        if change.disappear_after_ms.is_some_and(|after| after != 0 && !lifetimes.contains(&after)) {
            return Err(Refusal::new(
                Code::BadRequest,
                "Messages disappear after a second at least and a year at most, or with 0 not at all.",
            ));
        }
        self.limit_changes(caller)?;
        let conversation = self.conversation_of(owner, of).await?;
        let changed = self.store().set_conversation(owner, conversation, change).await.map_err(refused)?;
        let (settings, entries) = changed.ok_or_else(no_conversation)?;
        self.inner.hub.publish(&entries);
        Ok(Reply::Settings(settings))
    }

    /// The caller's conversations, newest first, and whether there are more.
    pub(crate) async fn list_conversations(
        &self,
        caller: &Caller,
        after: Option<ListPlace>,
        limit: usize,
    ) -> Result<(Vec<ConversationView>, bool), Refusal> {
        let (owner, _, device) = device_of(caller)?;
        self.limit_changes(caller)?;
        let limit: PageLimit = page(if limit == 0 { LISTED_BY_DEFAULT } else { limit });
        let since = self.history_from(owner, device).await?;
        self.store().list_conversations(owner, after, since, limit).await.map_err(refused)
    }

    /// The end of the log and the newest conversations. The end is looked up first, so that what comes meanwhile is
    /// told again rather than not at all.
    pub(crate) async fn snapshot(&self, caller: &Caller, limit: usize) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        let key = self.store().head(owner).await.map_err(refused)?.last;
        let (views, more) = self.list_conversations(caller, None, limit).await?;
        Ok(Reply::Snapshot { key, views, more })
    }

    /// Tells the open links of the other side that the caller is writing. Stored nowhere, told to nobody else; and not to
    /// who blocks or is blocked, nor to who has not answered a stranger. The answer is one, whatever is told.
    pub(crate) async fn typing(&self, caller: &Caller, to: Address, active: bool) -> Result<Reply, Refusal> {
        let (owner, from, device) = device_of(caller)?;
        self.limit(&Limited::Typing(owner, device))?;
        let (peer, conversation) = self.direct_with(owner, &to).await?;
        if peer != owner && self.listens(peer, owner, conversation).await? {
            self.inner.hub.whisper(peer, &Arc::new(Typing { conversation, from: from.clone(), active }));
        }
        Ok(Reply::Done)
    }

    /// Whether somebody is told what the other side of their conversation is doing just now. Everything is read whatever
    /// comes of it, so that the time says nothing.
    async fn listens(
        &self,
        listener: AccountId,
        other: AccountId,
        conversation: ConversationId,
    ) -> Result<bool, Refusal> {
        let theirs = self.store().contact(other, listener).await.map_err(refused)?;
        let own = self.store().contact(listener, other).await.map_err(refused)?;
        let known = own.listed || {
            // A change of nothing says how it is.
            let nothing = SettingsChange::default();
            let read = self.store().set_conversation(listener, conversation, nothing).await.map_err(refused)?;
            read.is_some_and(|(settings, _)| !settings.request)
        };
        Ok(known && !own.blocked && !theirs.blocked)
    }

    pub(crate) fn limit_changes(&self, caller: &Caller) -> Result<(), Refusal> {
        let (owner, _, device) = device_of(caller)?;
        self.limit(&Limited::Changes(owner, device))
    }
}

fn no_message() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such message of yours (any more).")
}

/// A time as people say it.
fn span(ms: u64) -> String {
    let (amount, unit) = match ms / 1000 {
        seconds if seconds < 120 => (seconds, "seconds"),
        seconds if seconds < 2 * 3600 => (seconds / 60, "minutes"),
        seconds if seconds < 2 * 24 * 3600 => (seconds / 3600, "hours"),
        seconds => (seconds / (24 * 3600), "days"),
    };
    format!("{amount} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_the_unit_that_people_use() {
        assert_eq!(span(15 * 60_000), "15 minutes");
        assert_eq!(span(2 * 24 * 3_600_000), "2 days");
        assert_eq!(span(90_000), "90 seconds");
    }
}
