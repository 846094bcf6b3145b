//! What a client says to others: messages, and what is to become of messages.
//!
//! Stanzas come in, commands go to the engine. Invariants: messages are handed to the engine in the order of the stream,
//! neighbours together, so that they share one sync of the disk; a stanza is counted as handled after that.

use belfry_domain::limits::TRY_LATER_REST;
use belfry_domain::ports::Change;
use belfry_domain::{Address, ClientMessageId, Code, MessageId, Refusal};
use belfry_engine::{Command, Draft, Reply};
use tokio::time::Instant;

use super::Link;
use super::ids::Known;
use crate::door::End;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::message::{self, Said};
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

impl<W: Wire> Link<'_, W> {
    /// Takes a message stanza.
    pub(super) async fn message(&mut self, stanza: Element) -> Result<(), End> {
        if let Some("groupchat" | "headline" | "error") = stanza.get("type") {
            self.send_off().await?;
            if let Err(error) = self.unstored(&stanza).await {
                self.refuse(&stanza, &error)?;
            }
            self.handled();
            return Ok(());
        }
        if let Some(displayed) = stanza.find(ns::DISPLAYED, "displayed")
            && let Some(to) = stanza.get("to")
        {
            // A help for the account's own clients: the message itself goes on whatever comes of it. XEP-0490 §4.5.
            let _marked_or_not = self.displayed(to, displayed).await;
        }
        let read = self.receiver(&stanza).and_then(|to| Ok((to, message::read(&stanza, &self.resource)?)));
        let outcome = match read {
            Ok((to, Said::Message { client_id, content, reply })) => {
                if let Some(reply) = reply {
                    self.send_off().await?; // it may answer what stands before it
                    match self.meant(&to, &reply).await {
                        Ok(meant) => {
                            let mut content = content;
                            content.reply_to = meant.map(|id| id.cseq);
                            self.queue(stanza, to, client_id, *content);
                            return Ok(());
                        }
                        Err(refusal) => Err(StanzaError::from(refusal)),
                    }
                } else {
                    self.queue(stanza, to, client_id, *content);
                    return Ok(());
                }
            }
            Ok((to, Said::Live)) => {
                self.send_off().await?;
                self.hand_on(&stanza, &to).await
            }
            Ok((to, said)) => {
                self.send_off().await?;
                self.other(&to, said).await
            }
            Err(error) => {
                self.send_off().await?;
                Err(error)
            }
        };
        if let Err(error) = outcome {
            self.refuse(&stanza, &error)?;
        }
        self.handled();
        Ok(())
    }

    /// For whom a message is.
    pub(super) fn receiver(&self, stanza: &Element) -> Result<Address, StanzaError> {
        let Some(to) = stanza.get("to") else { return Ok(self.address.clone()) };
        let to = Jid::parse(to).ok_or_else(StanzaError::malformed_address)?;
        if to.domain != self.address.domain() {
            return Err(StanzaError::new("remote-server-not-found", "cancel", ""));
        }
        to.address.ok_or_else(StanzaError::unavailable)
    }

    fn queue(
        &mut self,
        stanza: Element,
        to: Address,
        client_id: Option<ClientMessageId>,
        content: belfry_domain::Content,
    ) {
        let made = || ClientMessageId::parse(&self.door.engine().random_text());
        if let Some(client_id) = client_id.or_else(made) {
            self.sends.push((stanza, Draft { to, client_id, content }));
        }
    }

    /// Hands what was said to the engine and counts it.
    pub(super) async fn send_off(&mut self) -> Result<(), End> {
        if self.sends.is_empty() {
            return Ok(());
        }
        let (stanzas, drafts): (Vec<Element>, Vec<Draft>) = std::mem::take(&mut self.sends).into_iter().unzip();
        let peers: Vec<(Address, ClientMessageId)> =
            drafts.iter().map(|draft| (draft.to.clone(), draft.client_id.clone())).collect();
        let outcomes = match self.rest.as_ref().filter(|_| self.rests()) {
            // One before them was told to try later: they would overtake it, and wait as long as it has for the same.
            Some(rest) => vec![Err(rest.1.clone()); drafts.len()],
            None => self.door.engine().send_all(self.session.caller(), drafts).await,
        };
        for ((stanza, (peer, client_id)), outcome) in stanzas.iter().zip(peers).zip(outcomes) {
            match outcome {
                Ok(sent) => {
                    self.session.sent(sent.prev, sent.seq);
                    self.hand_to_quiet(stanza, sent.id).await;
                    self.remember_sent(stanza, peer, &client_id, sent.id);
                }
                Err(refusal) => {
                    if refusal.code == Code::TryLater {
                        self.rest = Some(Box::new((Instant::now() + TRY_LATER_REST, refusal.clone())));
                    }
                    self.refuse(stanza, &not_sent(&refusal))?;
                }
            }
            self.handled();
        }
        self.wire.flush_if_large().await?;
        Ok(())
    }

    fn remember_sent(&mut self, stanza: &Element, peer: Address, client_id: &ClientMessageId, id: MessageId) {
        let origin = stanza.find(ns::STANZA_ID, "origin-id").is_some().then(|| client_id.as_str());
        let named = stanza.get("id").filter(|id| !id.is_empty()).or(origin);
        let named = named.map_or_else(|| self.door.engine().message_token(id), str::to_owned);
        self.ids.remember(Known {
            id,
            named,
            peer,
            author: self.jid(),
            sent_here: true,
            wants_receipt: stanza.find(ns::RECEIPTS, "request").is_some(),
            wants_read: true,
            edited: None,
            recalled: false,
            reacted: None,
        });
    }

    /// Anything but a new message.
    async fn other(&mut self, to: &Address, said: Said) -> Result<(), StanzaError> {
        let (of, change) = match said {
            Said::Nothing | Said::Live | Said::Message { .. } => return Ok(()),
            Said::Typing(active) => {
                let command = Command::Typing { to: to.clone(), active };
                // Nobody waits for an answer to this.
                let _told_or_not = self.door.engine().execute(self.session.caller(), command).await;
                return Ok(());
            }
            Said::Read { of } => {
                if let Some(id) = self.meant(to, &of).await? {
                    let command = Command::MarkRead { conversation: id.conversation, read: id.cseq };
                    self.door.engine().execute(self.session.caller(), command).await?;
                    self.remember_own_mark(id);
                }
                return Ok(());
            }
            Said::Correction { of, content } => (of, Change::Edit(*content)),
            Said::Retraction { of } => (of, Change::Recall),
            Said::Reaction { of, emoji } => (of, Change::React(emoji)),
        };
        let none = || StanzaError::not_found("There is no such message of yours (any more).");
        let id = self.meant(to, &of).await?.ok_or_else(none)?;
        let known = self.known(id).await?.ok_or_else(none)?;
        let command = Command::Amend { id, change };
        let reply = self.door.engine().execute(self.session.caller(), command).await?;
        if let Reply::Amended(amendment) = reply {
            // What it has done itself is not told to it.
            let recalled = amendment.recalled.is_some();
            let silent = known.reacted.is_none() && amendment.reactions.iter().all(|one| one.by != known.peer);
            let reacted = if silent { Some(String::new()) } else { known.reacted.clone() };
            self.ids.remember(Known { edited: amendment.edited, recalled, reacted, ..known });
        }
        Ok(())
    }
}

/// Nobody learns from a message whether an account is there. RFC 6121 §8.5.1.
fn not_sent(refusal: &Refusal) -> StanzaError {
    match refusal.code {
        Code::NotFound => StanzaError::unavailable(),
        _ => StanzaError::from(refusal),
    }
}
