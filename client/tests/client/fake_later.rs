//! What the fake knows beside messages: what it keeps no longer, histories and lists, who is writing, drafts.
//!
//! Requests of a link that is logged in come in, answers and notices leave, by the state of the fake.

use belfry_client::{operation, v1};
use prost::Message;
use v1::event::Item;

use crate::fake::{Fake, State, told};

impl Fake {
    /// An event of an account is not told any more; unless `history` has it, it is gone.
    pub(crate) fn expire(&self, account: &str, cseq: u64, history: bool) {
        let mut state = self.state.lock();
        let is_it = |event: &v1::Event| matches!(&event.item, Some(Item::Message(message)) if message.cseq == cseq);
        let events = state.timelines.get(account).map(Vec::as_slice).unwrap_or_default();
        let seq = events.iter().find(|event| is_it(event)).expect("there is one").seq;
        state.expired.insert((account.to_owned(), seq), history);
    }

    /// Tells an account's links that somebody is writing, or not.
    pub(crate) fn tell_typing(&self, account: &str, from: &str, active: bool) {
        self.state.lock().tell_typing(account, from, active);
    }
}

impl State {
    /// Whether something after this place is not told any more, and what of the events is.
    pub(crate) fn still_told(&self, account: &str, after: u64, events: Vec<v1::Event>) -> (bool, Vec<v1::Event>) {
        let gap = self.expired.keys().any(|(of, seq)| of == account && *seq > after);
        let told = |event: &v1::Event| !self.expired.contains_key(&(account.to_owned(), event.seq));
        (gap, events.into_iter().filter(told).collect())
    }

    /// A history has it no longer, nor is it told.
    pub(crate) fn forget_message(&mut self, account: &str, from: &str, cseq: u64) {
        let events = self.timelines.get(account).map(Vec::as_slice).unwrap_or_default();
        let is_it =
            |event: &&v1::Event| matches!(&event.item, Some(Item::Message(m)) if m.from == from && m.cseq == cseq);
        let seq = events.iter().find(is_it).expect("there is one").seq;
        self.expired.insert((account.to_owned(), seq), false);
    }

    fn tell_typing(&mut self, account: &str, from: &str, active: bool) {
        let conversation_id = self.conversation(account, from).unwrap_or(0);
        let update = v1::TypingUpdate { conversation_id, from: from.to_owned(), active };
        for link in self.links.values().filter(|link| link.who.as_ref().is_some_and(|(who, _)| who == account)) {
            drop(link.told.try_send(Some(told(operation::TYPING_UPDATE, &update))));
        }
    }

    fn conversation(&self, one: &str, other: &str) -> Option<u64> {
        let pair = if one < other { (one.to_owned(), other.to_owned()) } else { (other.to_owned(), one.to_owned()) };
        self.conversations.get(&pair).map(|(id, _)| *id)
    }

    /// Answers what is asked beside messages.
    pub(crate) fn aside(&mut self, who: &str, operation: u32, body: bytes::Bytes) -> Result<Vec<u8>, &'static str> {
        match operation {
            operation::TYPING => {
                let asked = v1::TypingRequest::decode(body).map_err(|_| "bad_request")?;
                self.typing.push((asked.to.clone(), asked.active));
                self.tell_typing(&asked.to, who, asked.active);
                Ok(v1::TypingReply {}.encode_to_vec())
            }
            operation::SET_CONVERSATION => {
                let asked = v1::SetConversationRequest::decode(body).map_err(|_| "bad_request")?;
                let conversation_id = self.conversation(who, &asked.peer).ok_or("not_found")?;
                let draft = asked.draft.filter(|draft| !draft.text.is_empty());
                let settings =
                    v1::ConversationSettings { conversation_id, peer: asked.peer, draft, ..Default::default() };
                self.append(who, Item::Settings(settings.clone()), None);
                Ok(v1::SetConversationReply { settings: Some(settings) }.encode_to_vec())
            }
            operation::LIST_CONVERSATIONS => {
                let mine = self.conversations.iter().filter(|((one, other), _)| one == who || other == who);
                let line = |((one, other), (conversation_id, last_cseq)): (&(String, String), &(u64, u64))| {
                    let peer = if one == who { other } else { one };
                    v1::Conversation {
                        conversation_id: *conversation_id,
                        peer: peer.clone(),
                        last_cseq: *last_cseq,
                        ..Default::default()
                    }
                };
                let conversations = mine.map(line).collect();
                Ok(v1::ListConversationsReply { conversations, more: false }.encode_to_vec())
            }
            operation::HISTORY => {
                let asked = v1::HistoryRequest::decode(body).map_err(|_| "bad_request")?;
                self.histories += 1;
                let mut messages = Vec::new();
                for event in self.timelines.get(who).into_iter().flatten().rev() {
                    let kept = self.expired.get(&(who.to_owned(), event.seq)).is_none_or(|history| *history);
                    if let Some(Item::Message(message)) = &event.item
                        && message.conversation_id == asked.conversation_id
                        && (asked.before_cseq == 0 || message.cseq < asked.before_cseq)
                        && kept
                    {
                        messages.push(message.clone());
                    }
                }
                let more = messages.len() > asked.limit as usize;
                messages.truncate(asked.limit as usize);
                messages.reverse();
                let conversation_id = asked.conversation_id;
                Ok(v1::HistoryReply { conversation_id, messages, more }.encode_to_vec())
            }
            _ => Err("unknown_operation"),
        }
    }
}
