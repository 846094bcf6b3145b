//! What devices do: of their own accord, because they must, and with what they are told.
//!
//! Invariant: a device asks for what a client may ask for, in the order in which a client may ask for it.

use std::sync::Arc;

use belfry_domain::{Code, DataKinds, Entry, Item, Refusal, SyncKey};
use belfry_engine::{Batch, Command, ConversationRef, ProfileWish, Reply};

use crate::device::{Applied, Asked, Way};
use crate::ledger::{Checked, Violation, hold};
use crate::link::Down;
use crate::world::World;

impl World {
    /// What a connected device might do now.
    pub(crate) fn whim(&mut self, nth: usize) -> bool {
        match self.rng.below(100) {
            0..45 if self.plan.deeds => self.acquaint(nth),
            0..28 => {
                self.compose(nth);
                true
            }
            28..55 => self.flush(nth),
            55..70 => self.acknowledge(nth),
            70..78 => self.mark(nth),
            78..80 => {
                let name = format!("name {}", self.counts.steps);
                self.ledger.profile_tried(self.devices[nth].who.0, name.clone());
                self.ask(
                    nth,
                    Asked::Profile,
                    Command::SetProfile(ProfileWish { display_name: Some(name), ..ProfileWish::default() }),
                );
                true
            }
            80..83 => self.look_back(nth),
            _ => {
                let again = self.rng.chance(500);
                self.keep_up(nth, again)
            }
        }
    }

    /// What a connected device has to do until nothing is left.
    pub(crate) fn duty(&mut self, nth: usize) -> bool {
        self.keep_up(nth, false) || self.flush(nth) || self.acknowledge(nth)
    }

    /// Asks for what is new, if that has to be asked for.
    fn keep_up(&mut self, nth: usize, again: bool) -> bool {
        let device = &self.devices[nth];
        let Some(connection) = &device.connection else { return false };
        let (way, key) = (connection.way, device.local.key);
        if connection.syncing || (way == Way::Link && connection.told && !again) {
            return false;
        }
        let page = self.plan.page;
        let limit = self.rng.between(1, page as u64) as usize;
        let (wait_ms, acknowledge) = match way {
            Way::Link => (0, false),
            // While faults go on some polls are held; later all are, so that nothing is left to do at last.
            Way::Requests if self.healing => (60_000, false),
            Way::Requests => (self.rng.between(0, 1) * 60_000, self.rng.chance(5_000)),
        };
        // A device that never goes back may leave it to the server where it stands.
        let from_cursor = way == Way::Requests && self.plan.rates.restore == 0 && self.rng.chance(1_000);
        let (after, acknowledge) = if from_cursor { (None, false) } else { (Some(key), acknowledge) };
        self.ask(
            nth,
            Asked::Sync { after, acknowledged: acknowledge },
            Command::Sync { after: after.map(SyncKey::at), kinds: DataKinds::ALL, limit, wait_ms, acknowledge },
        );
        true
    }

    /// Says how far it has stored what it was given.
    fn acknowledge(&mut self, nth: usize) -> bool {
        let device = &mut self.devices[nth];
        if device.local.key <= device.acknowledged {
            return false;
        }
        let passed = device.local.key;
        device.acknowledged = passed;
        // Now and then less was given to the person than was stored.
        let delivered = match self.rng.pick(&device.keys) {
            Some(earlier) if !self.healing && self.rng.chance(1_000) => *earlier,
            Some(_) | None => passed,
        };
        self.ask(nth, Asked::Acknowledge { delivered }, Command::Acknowledge { passed, delivered });
        true
    }

    /// Its person has read some conversation, as far as it was given in order.
    fn mark(&mut self, nth: usize) -> bool {
        let device = &self.devices[nth];
        let read: Vec<_> = device.incoming_up_to(device.local.key).collect();
        let Some(id) = self.rng.pick(&read).copied() else { return false };
        let account = device.who.0;
        let (conversation, read) = (id.conversation, id.cseq);
        self.ledger.mark_tried(account, conversation, read);
        self.ask(nth, Asked::Mark { conversation, read }, Command::MarkRead { conversation, read });
        true
    }

    /// Reads back in a conversation of its own, or tries it with one of somebody else.
    fn look_back(&mut self, nth: usize) -> bool {
        let who = self.devices[nth].who;
        let other = self.rng.below(self.devices.len());
        let known: Vec<_> = self.devices[other].local.messages.keys().map(|id| id.conversation).collect();
        let Some(conversation) = self.rng.pick(&known).copied() else { return false };
        let foreign = !self.ledger.takes_part(who.0, conversation);
        let limit = self.plan.page;
        let command = Command::History { of: ConversationRef::Id(conversation), before: None, limit };
        self.ask(nth, Asked::History { foreign }, command);
        true
    }

    /// A device reads a frame.
    pub(crate) fn read(&mut self, nth: usize, frame: Down) -> Checked {
        let who = self.devices[nth].who;
        self.detail(|| format!("{who:?} reads {}", told(&frame)));
        match frame {
            Down::Answer(id, answer) => {
                let asked = self.devices[nth].connection.as_mut().and_then(|connection| connection.asked.remove(&id));
                let Some(asked) = asked else { return Ok(()) };
                self.note("is answered", nth as u64, u64::from(answer.is_ok()));
                match (asked, answer) {
                    (Asked::Send { intent }, answer) => self.sent(nth, intent, answer),
                    (asked, Ok(reply)) => self.answered(nth, asked, reply),
                    (asked, Err(refusal)) => self.refused(nth, &asked, &refusal),
                }
            }
            Down::Notify(batch) => {
                self.note("is told", batch.prev.passed().0, batch.key.passed().0);
                self.counts.events += batch.entries.len() as u64;
                let device = &mut self.devices[nth];
                if device.apply(Some(batch.prev.passed()), &batch, &mut self.ledger)? == Applied::Gap
                    && batch.key.passed() > device.local.key
                    && let Some(connection) = &mut device.connection
                {
                    connection.told = false; // it asks, as soon as no answer is on its way
                }
                Ok(())
            }
            Down::Bye(refusal) => {
                self.note("is sent away", nth as u64, 0);
                if let Some(connection) = &mut self.devices[nth].connection {
                    connection.cut = true;
                }
                self.heard(nth, &refusal)
            }
        }
    }

    fn answered(&mut self, nth: usize, asked: Asked, reply: Reply) -> Checked {
        let device = &mut self.devices[nth];
        match (asked, reply) {
            (Asked::Sync { after, acknowledged }, Reply::Batch(batch)) => {
                self.counts.events += batch.entries.len() as u64;
                if let (true, Some(after)) = (acknowledged, after) {
                    for id in device.incoming_up_to(after) {
                        self.ledger.delivered_ok(device.who.0, id);
                    }
                }
                let applied = device.apply(after, &batch, &mut self.ledger)?;
                if let Some(connection) = &mut device.connection {
                    connection.syncing = false;
                    connection.told = connection.way == Way::Link && applied == Applied::Stored;
                    // Whoever subscribed is told the rest; asking for it is allowed too.
                    if batch.more && self.rng.chance(5_000) {
                        connection.told = false;
                    }
                }
            }
            (Asked::Acknowledge { delivered }, Reply::Done) => {
                for id in device.incoming_up_to(delivered) {
                    self.ledger.delivered_ok(device.who.0, id);
                }
            }
            (Asked::Mark { conversation, read }, Reply::Done) => {
                self.ledger.mark_ok(device.who.0, conversation, read);
            }
            (Asked::History { foreign }, Reply::History { messages, .. }) => {
                hold!("L8", !foreign, "{:?} reads the history of others: {messages:?}", device.who);
                for message in &messages {
                    self.ledger.message(device.who, message)?;
                }
            }
            (Asked::Profile, Reply::Profile(_)) | (Asked::Deed, Reply::Contact(_)) => {}
            (asked, reply) => {
                return Err(Violation { check: "answer", what: format!("{asked:?} is answered by {reply:?}") });
            }
        }
        Ok(())
    }

    fn sent(&mut self, nth: usize, intent: usize, answer: Result<Reply, Refusal>) -> Checked {
        let device = &mut self.devices[nth];
        let at = device.outbox.iter().position(|waiting| waiting.intent == intent);
        let Some(at) = at else { return Ok(()) };
        match answer {
            Ok(Reply::Sent(sent)) => {
                self.ledger.ok(intent, &sent)?;
                if let Some(waiting) = device.outbox.remove(at) {
                    device.sent(&waiting, &sent, &mut self.ledger);
                }
                Ok(())
            }
            Ok(reply) => Err(Violation { check: "answer", what: format!("a send is answered by {reply:?}") }),
            Err(refusal) => {
                device.outbox[at].under_way = false;
                match refusal.code {
                    // Nothing was stored: the person may give up, and then it must not be there.
                    Code::StorageFull => {
                        self.ledger.refused(intent);
                        if self.rng.chance(2_000) {
                            device.outbox.remove(at);
                        }
                    }
                    Code::Revoked | Code::Replaced | Code::Unauthenticated => self.ledger.refused(intent),
                    Code::Conflict | Code::NotFound | Code::BadRequest => {
                        let what = format!("{intent} is refused: {refusal}");
                        return Err(Violation { check: "L2", what });
                    }
                    _ => self.ledger.left_open(intent),
                }
                self.heard(nth, &refusal)
            }
        }
    }

    fn refused(&mut self, nth: usize, asked: &Asked, refusal: &Refusal) -> Checked {
        if let Some(connection) = &mut self.devices[nth].connection {
            match asked {
                Asked::Sync { .. } => connection.syncing = false,
                Asked::Acknowledge { .. } => self.devices[nth].acknowledged = belfry_domain::Seq::ZERO,
                Asked::Send { .. } | Asked::Mark { .. } | Asked::Profile | Asked::Deed | Asked::History { .. } => {}
            }
        }
        self.heard(nth, refusal)
    }

    /// What a refusal says about the device itself.
    fn heard(&mut self, nth: usize, refusal: &Refusal) -> Checked {
        if matches!(refusal.code, Code::Revoked | Code::Replaced | Code::Unauthenticated) {
            self.ledger.told_cut(self.devices[nth].who)?;
            self.devices[nth].alive = false;
            self.cut_connection(nth);
            self.lose(nth);
        }
        Ok(())
    }

    /// The client notices that its connection is gone: what was under way is open.
    pub(crate) fn lose(&mut self, nth: usize) {
        let Some(connection) = self.devices[nth].connection.take() else { return };
        self.note("has lost its connection", nth as u64, connection.asked.len() as u64);
        for asked in connection.asked.into_values() {
            self.counts.answers_lost += 1;
            if let Asked::Send { intent } = asked {
                self.ledger.left_open(intent);
                for waiting in self.devices[nth].outbox.iter_mut().filter(|waiting| waiting.intent == intent) {
                    waiting.under_way = false;
                }
            }
        }
        self.devices[nth].unwritten.clear();
    }
}

/// A frame in words.
fn told(frame: &Down) -> String {
    let events = |batch: &Batch| {
        let event = |entry: &Arc<Entry>| match &entry.item {
            Item::Message(message) => format!("{}: message {}", entry.seq, message.id),
            other => format!("{}: {other:?}", entry.seq),
        };
        let events: Vec<String> = batch.entries.iter().map(event).collect();
        format!(
            "{} to {}{}: {}",
            batch.prev.passed(),
            batch.key.passed(),
            if batch.more { ", more" } else { "" },
            events.join("; ")
        )
    };
    match frame {
        Down::Answer(_, Ok(Reply::Batch(batch))) => format!("the answer {}", events(batch)),
        Down::Answer(_, Ok(Reply::Sent(sent))) => format!("the answer {sent:?}"),
        Down::Answer(_, Ok(_)) => "an answer".into(),
        Down::Answer(_, Err(refusal)) | Down::Bye(refusal) => refusal.to_string(),
        Down::Notify(batch) => format!("what is told, {}", events(batch)),
    }
}
