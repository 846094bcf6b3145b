//! What members wish for a conversation, and what an account shows of what its people do.
//!
//! Commands of devices come in; what holds from then on leaves, and both sides' links are told. Invariant: a wish makes
//! shorter what the server keeps, never longer; the store applies it to each message in the message's own transaction.

use belfry_domain::{Code, Keeping, PrivacyChange, Refusal, Wish};

use crate::command::{Caller, ConversationRef, Reply, RetentionView};
use crate::settings::{KeepMessages, Settings};
use crate::sync::no_conversation;
use crate::{Engine, device_of, refused};

impl Engine {
    pub(crate) async fn set_retention(
        &self,
        caller: &Caller,
        of: ConversationRef,
        mut wish: Wish,
    ) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        let settings = self.settings();
        if wish.until_delivered {
            wish.at_most_ms = wish.at_most_ms.or(Some(settings.undelivered_ms));
        }
        let conversation = self.conversation_of(owner, of).await?;
        let set =
            self.store().set_keeping(owner, conversation, wish).await.map_err(refused)?.ok_or_else(no_conversation)?;
        self.inner.hub.publish(&set.entries);
        Ok(view(set.keeping, &settings))
    }

    pub(crate) async fn get_retention(&self, caller: &Caller, of: ConversationRef) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        let conversation = self.conversation_of(owner, of).await?;
        let keeping = self.store().keeping(owner, conversation).await.map_err(refused)?.ok_or_else(no_conversation)?;
        Ok(view(keeping, &self.settings()))
    }

    pub(crate) async fn set_privacy(&self, caller: &Caller, change: PrivacyChange) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        let set = self.store().set_privacy(owner, change).await.map_err(refused)?;
        let (privacy, entry) = set.ok_or_else(|| Refusal::new(Code::NotFound, "The account no longer exists."))?;
        if let Some(entry) = entry {
            self.inner.hub.publish(&[(owner, entry)]);
        }
        Ok(Reply::Privacy(privacy))
    }

    pub(crate) async fn get_privacy(&self, caller: &Caller) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        let privacy = self.store().privacy(owner).await.map_err(refused)?;
        privacy.map(Reply::Privacy).ok_or_else(|| Refusal::new(Code::NotFound, "The account no longer exists."))
    }
}

/// What the server keeps, in the terms of a wish.
fn server(settings: &Settings) -> Wish {
    match settings.keep_messages {
        KeepMessages::Forever => Wish::default(),
        KeepMessages::UntilDelivered { at_most_ms } => Wish { until_delivered: true, at_most_ms: Some(at_most_ms) },
        KeepMessages::For { ms } => Wish { until_delivered: false, at_most_ms: Some(ms) },
    }
}

fn view(keeping: Keeping, settings: &Settings) -> Reply {
    let server = server(settings);
    let effective = server.and(keeping.mine).and(keeping.theirs);
    Reply::Retention(Box::new(RetentionView { keeping, server, effective }))
}
