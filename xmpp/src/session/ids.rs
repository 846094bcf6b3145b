//! Which message a client means by an id of its own, and by which id a client knows a message.
//!
//! Ids that went by are remembered; what is not among them is looked for in the conversation. Invariant: an id is never
//! taken for a message of another conversation than the one it is said in, unless the server gave it out, and then the
//! engine decides who may do what with it.

use std::collections::VecDeque;
use std::sync::Arc;

use belfry_domain::{Address, Code, Cseq, Message, MessageId, Refusal, TimestampMs};
use belfry_engine::{Command, ConversationRef, Reply};

use super::Link;
use crate::limits::{IDS_MAX, LOOKED_THROUGH_MAX};
use crate::management::Tick;
use crate::message::{Answered, Named};
use crate::wire::Wire;

/// Messages that a page of a look-up has.
const LOOK_UP_PAGE: usize = 200;

/// Messages that are looked through for those of this client that a receipt is about, after a new login.
const RECEIPT_PAGE: usize = 20;

/// A message that went by.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(super) id: MessageId,
    /// By which id clients know it.
    pub(super) named: String,
    /// The other side of its conversation.
    pub(super) peer: Address,
    /// Who wrote it, as stanzas say it.
    pub(super) author: String,
    /// This very client sent it, on this stream.
    pub(super) sent_here: bool,
    /// This very client sent it and asked for a receipt that it has not been given.
    pub(super) wants_receipt: bool,
    /// This very client sent it and was not told that it was read.
    pub(super) wants_read: bool,
    /// The client knows of this edit.
    pub(super) edited: Option<TimestampMs>,
    /// It knows that it was taken back.
    pub(super) recalled: bool,
    /// It was told of this reaction of the other side, or (empty) that there is none; `None`: it was told nothing.
    pub(super) reacted: Option<String>,
}

/// What is remembered of messages that went by, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    known: VecDeque<Known>,
    /// Their ids, side by side: looked through for each message.
    ids: VecDeque<MessageId>,
}

impl Ids {
    pub(super) fn remember(&mut self, known: Known) {
        if let Some(before) = self.of(known.id) {
            *before = known;
            return;
        }
        if self.known.len() == IDS_MAX {
            self.known.pop_front();
            self.ids.pop_front();
        }
        self.ids.push_back(known.id);
        self.known.push_back(known);
    }

    pub(super) fn of(&mut self, id: MessageId) -> Option<&mut Known> {
        let at = self.ids.iter().rposition(|known| *known == id)?;
        self.known.get_mut(at)
    }

    fn named(&self, peer: &Address, name: &str) -> Option<MessageId> {
        self.known.iter().rev().find(|known| known.named == name && known.peer == *peer).map(|known| known.id)
    }

    /// The client was told how far a message got and has not had that.
    pub(super) fn untell(&mut self, tick: &Tick) {
        let sent = self.known.iter_mut().rev().find(|known| known.sent_here && known.named == tick.named);
        if let Some(known) = sent {
            known.wants_receipt |= !tick.read;
            known.wants_read = true;
        }
    }

    /// Messages of a conversation up to a number, oldest first.
    pub(super) fn up_to(&mut self, last: MessageId) -> impl Iterator<Item = &mut Known> {
        self.known
            .iter_mut()
            .filter(move |known| known.id.conversation == last.conversation && known.id.cseq <= last.cseq)
    }
}

impl<W: Wire> Link<'_, W> {
    /// What is remembered of a message.
    pub(super) fn known_of(&self, message: &Message) -> Known {
        self.known_as(message, &self.named(message))
    }

    /// The same for one whose names are known.
    pub(super) fn known_as(&self, message: &Message, named: &Named) -> Known {
        let own = self.is_own(message);
        let peer = match (&message.to, own, &message.author) {
            (Some(to), true, _) => to.clone(),
            (_, _, belfry_domain::Author::Account { address, .. }) => address.clone(),
            (_, _, belfry_domain::Author::Guest { .. }) => self.address.clone(),
        };
        Known {
            id: message.id,
            named: named.id.clone(),
            peer,
            author: named.author(message),
            sent_here: false,
            wants_receipt: false,
            wants_read: false,
            edited: message.life.edited,
            recalled: message.life.recalled.is_some(),
            reacted: None,
        }
    }

    /// The message that the client means in the conversation with somebody; `None`: there is none.
    pub(super) async fn meant(&mut self, peer: &Address, name: &str) -> Result<Option<MessageId>, Refusal> {
        let known = self.door.engine().message_of_token(name).or_else(|| self.ids.named(peer, name));
        if known.is_some() {
            return Ok(known);
        }
        let mut before = None;
        for _ in 0..LOOKED_THROUGH_MAX / LOOK_UP_PAGE {
            let (messages, more) = self.history(ConversationRef::Peer(peer.clone()), before, LOOK_UP_PAGE).await?;
            let token = |message: &Message| self.door.engine().message_token(message.id);
            let found = messages.iter().rev().find(|message| Named::of(message, token(message)).id == name);
            if let Some(found) = found {
                let known = self.known_of(found);
                self.ids.remember(known);
                return Ok(Some(found.id));
            }
            before = messages.first().map(|oldest| oldest.id.cseq);
            if !more || before.is_none() {
                break;
            }
        }
        Ok(None)
    }

    /// How clients know a message; `None`: it is no longer there.
    pub(super) async fn known(&mut self, id: MessageId) -> Result<Option<Known>, Refusal> {
        if let Some(known) = self.ids.of(id) {
            return Ok(Some(known.clone()));
        }
        let found = self.look_back(ConversationRef::Id(id.conversation), Some(id.cseq.next()), 1).await?;
        let Some(message) = found.into_iter().next_back().filter(|message| message.id == id) else { return Ok(None) };
        let known = Known { edited: None, recalled: false, ..self.known_of(&message) };
        self.ids.remember(known.clone());
        Ok(Some(known))
    }

    /// A message that another one answers.
    pub(super) async fn answered(&mut self, id: MessageId) -> Result<Option<Answered>, Refusal> {
        let known = self.known(id).await?;
        Ok(known.map(|known| Answered { id: known.named, author: known.author }))
    }

    /// Messages with somebody below a number, the newest last.
    pub(super) async fn messages_with(
        &mut self,
        peer: Address,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<Vec<Arc<Message>>, Refusal> {
        self.look_back(ConversationRef::Peer(peer), before, limit).await
    }

    /// The messages of a conversation up to one of them, some of the last, oldest first.
    pub(super) async fn messages_up_to(&mut self, last: MessageId) -> Result<Vec<Arc<Message>>, Refusal> {
        self.look_back(ConversationRef::Id(last.conversation), Some(last.cseq.next()), RECEIPT_PAGE).await
    }

    /// For what is told. Whoever cannot look it up must not go on as if it had been told: the place would be passed.
    async fn look_back(
        &mut self,
        of: ConversationRef,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<Vec<Arc<Message>>, Refusal> {
        let found = self.door.engine().look_back(self.session.caller(), of, before, limit).await?;
        Ok(found.unwrap_or_default())
    }

    /// For what the client says. It is judged like any question.
    async fn history(
        &mut self,
        of: ConversationRef,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<(Vec<Arc<Message>>, bool), Refusal> {
        let command = Command::History { of, before, limit };
        match self.door.engine().execute(self.session.caller(), command).await {
            Ok(Reply::History { messages, more, .. }) => Ok((messages, more)),
            Ok(_) => Ok((Vec::new(), false)),
            Err(refusal) if refusal.code == Code::NotFound => Ok((Vec::new(), false)),
            Err(refusal) => Err(refusal),
        }
    }
}
