//! How far an account has read, told by one of its devices for the others alone.
//!
//! A mark comes in and moves the account's; marks of all conversations leave. Invariant: the other side learns nothing
//! from a mark that comes this way; it is told by `Command::MarkRead`.

use belfry_domain::ports::MarkRead;
use belfry_domain::{Address, ConversationId, Cseq, MessageId, Refusal};

use crate::command::{Caller, Command};
use crate::steps::Did;
use crate::sync::no_conversation;
use crate::{Engine, device_of, refused};

/// Conversations in one page of the list that marks are taken from.
const PAGE: usize = 200;

/// How far an account has read a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadMark {
    /// The other side.
    pub peer: Address,
    /// The last message that was read.
    pub read: MessageId,
}

impl Engine {
    /// The conversation with somebody was read up to a message: for the account's own devices. Errors: `not_found` for a
    /// message that is not of that conversation.
    pub async fn mark_read_for_oneself(&self, caller: &Caller, peer: &Address, read: MessageId) -> Result<(), Refusal> {
        let (owner, _, device) = device_of(caller)?;
        let as_command = Command::MarkRead { conversation: read.conversation, read: read.cseq };
        self.admitted(caller, &as_command).await?;
        let (_, conversation) = self.direct_with(owner, peer).await?;
        if conversation != read.conversation {
            return Err(no_conversation());
        }
        let mark = MarkRead { owner, conversation, read: read.cseq, tell_peer: false };
        let entries = self.store().mark_read(mark).await.map_err(refused)?;
        self.did(owner, device, caller.peer.carrier, Did::Read(read));
        self.inner.hub.publish(&entries);
        Ok(())
    }

    /// How far the account has read its newest conversations, at most so many.
    pub async fn read_marks(&self, caller: &Caller, limit: usize) -> Result<Vec<ReadMark>, Refusal> {
        let (mut marks, mut after) = (Vec::new(), None);
        while marks.len() < limit {
            let (views, more) = self.list_conversations(caller, after, PAGE).await?;
            after = views.last().map(|view| (view.active, view.settings.conversation));
            let read = views.into_iter().filter(|view| view.read > Cseq(0));
            marks.extend(read.map(|view| ReadMark {
                peer: view.settings.peer,
                read: MessageId { conversation: view.settings.conversation, cseq: view.read },
            }));
            if !more || after.is_none() {
                break;
            }
        }
        self.known(caller)?; // it may have been cut off while the store was reading
        marks.truncate(limit);
        Ok(marks)
    }

    /// The other side of a conversation of the caller's.
    pub async fn peer_of(&self, caller: &Caller, conversation: ConversationId) -> Result<Option<Address>, Refusal> {
        let (owner, ..) = device_of(caller)?;
        Ok(self.store().keeping(owner, conversation).await.map_err(refused)?.map(|keeping| keeping.peer))
    }
}
