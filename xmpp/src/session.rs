//! The conversation after the login: stanzas in, answers and what is new out, until somebody ends it.
//!
//! A bound client comes in, an [`End`] leaves. [`Link::run`] reads from top to bottom: answer what has come, tell one
//! page of what is new, write both, wait. Invariants: while a batch is being answered nothing more is read, so a
//! stream's memory is bounded by a stanza, a page and constants; nothing is told out of order; the device's cursor moves
//! when the client has shown that it has what it was told.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use belfry_domain::limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use belfry_domain::ports::PageLimit;
use belfry_domain::{Address, DataKind, DataKinds, MessageId, Refusal, Seq, SyncKey};
use belfry_engine::{Batch, Command, Draft, Session, Told, Wake};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::caps::{Announced, Wants};
use crate::door::{Door, End};
use crate::error::{Condition, StanzaError};
use crate::jid::Jid;
use crate::limits::{BATCH_STANZAS_MAX, DoorLimits, OWED_REST};
use crate::login::Newcomer;
use crate::management::{Managed, Parked, Tick, ToldAs};
use crate::ns;
use crate::wire::Wire;
use crate::xml::{Element, Item, Limits};

mod archive;
mod between;
mod caps;
mod cards;
mod commands;
mod displayed;
pub(crate) mod ids;
mod invited;
mod iq;
mod manage;
mod people;
mod private;
mod register;
mod said;
mod server;
mod services;
mod state;
mod there;
mod told;

pub(crate) use manage::enabled;
pub(crate) use server::{caps_of_server, stamp};
pub(crate) use there::People;

/// One stream of a client that has a resource.
pub(crate) struct Link<'a, W> {
    pub(crate) wire: W,
    pub(crate) session: Session,
    door: &'a Door,
    address: Address,
    resource: String,
    /// Up to where the client has the log: it begins there when it wants messages.
    acknowledged: Seq,
    /// So far, and the engine is still to be told of it, then at the latest.
    owed: Option<(Seq, Instant)>,
    /// It has said that it is there.
    available: bool,
    subscribed: bool,
    people: People,
    /// It wants to see what other clients of the account send. XEP-0280.
    carbons: bool,
    /// What of personal events it wants to be told. XEP-0163.
    wants: Wants,
    /// What its last presence announced of it.
    announced: Option<Announced>,
    caps_asked: Option<caps::Asked>,
    /// What waits until a person looks.
    held: state::Held,
    /// How far this client itself said that it has read, in some conversations.
    own_marks: VecDeque<MessageId>,
    /// It counts stanzas. XEP-0198.
    managed: Option<Managed>,
    /// It was asked for its count.
    count_asked: bool,
    /// Each question takes a time of its own, one behind the other: when the last one's is over. They may be that far ahead.
    asked_up_to: Instant,
    /// The name under which the stream can be resumed.
    resumable: Option<String>,
    /// Pings whose answers show up to where the client has the log, where it does not count.
    pings: VecDeque<(String, Seq)>,
    /// Messages that were said and not yet handed to the engine.
    sends: Vec<(Element, Draft)>,
    ids: ids::Ids,
    /// It was told to try later: nothing is read until then, and what was read with it is told the same.
    rest: Option<Box<(Instant, Refusal)>>,
    /// There may be something to tell.
    news: bool,
    heard: Instant,
    /// It was asked whether it is there, and has not said anything since.
    asked: bool,
    idle: Duration,
    limits: Arc<DoorLimits>,
}

impl<'a, W: Wire> Link<'a, W> {
    pub(crate) fn new(mut wire: W, door: &'a Door, newcomer: Newcomer) -> Link<'a, W> {
        let Newcomer { session, address, resource, start, resumed, inline } = newcomer;
        wire.set_limits(Limits::MEMBER);
        let mut link = Link {
            wire,
            session,
            door,
            address,
            resource,
            acknowledged: start,
            owed: None,
            available: false,
            subscribed: false,
            people: People::default(),
            carbons: inline.carbons,
            wants: Wants::default(),
            announced: None,
            caps_asked: None,
            held: state::Held::new(inline.inactive),
            own_marks: VecDeque::new(),
            managed: inline.managed.is_some().then(Managed::default),
            count_asked: false,
            asked_up_to: Instant::now(),
            resumable: inline.managed.flatten(),
            pings: VecDeque::new(),
            sends: Vec::new(),
            ids: ids::Ids::default(),
            rest: None,
            news: false,
            heard: Instant::now(),
            asked: false,
            idle: Duration::from_millis(door.engine().settings().idle_ms),
            limits: door.limits(),
        };
        link.session.is_called(&link.resource);
        if let Some(resumed) = resumed {
            link.go_on(resumed);
        }
        link
    }

    /// Talks to the end.
    pub(crate) async fn run(&mut self, stop: &CancellationToken) -> End {
        let end = self.talk(stop).await;
        // What nobody waited to hear of is still to be said; how the stream ended does not depend on it.
        let _told_or_told_again = self.settle(true).await;
        end
    }

    async fn talk(&mut self, stop: &CancellationToken) -> End {
        let mut stopped = pin!(stop.cancelled());
        let mut alarm = pin!(sleep_until(self.deadline()));
        loop {
            let more = match Box::pin(self.answer()).await {
                Ok(more) => more,
                Err(end) => return end,
            };
            if let Err(end) = self.give_up() {
                return end;
            }
            if let Err(end) = self.settle(false).await {
                return end;
            }
            if self.news
                && let Err(end) = Box::pin(self.tell()).await
            {
                return end;
            }
            if let Err(broken) = Box::pin(self.wire.flush()).await {
                return End::Broken(broken);
            }
            self.session.wrote();

            let (next_look, rests) = (self.next_look(), self.rests());
            if next_look < alarm.deadline() {
                alarm.as_mut().reset(next_look);
            }
            let held_back = self.holds_back();
            // Left fair: neither a flood of requests nor one of news keeps the other from its turn.
            tokio::select! {
                () = &mut stopped => return End::because(Condition::SystemShutdown, "The server is stopping."),
                wake = self.session.wait() => match wake {
                    Wake::Ready => self.news = true,
                    Wake::Closed(why) => return why.into(),
                },
                () = &mut alarm => {
                    if let Err(end) = self.overdue() {
                        return end;
                    }
                    alarm.as_mut().reset(self.next_look());
                }
                filled = self.wire.fill(), if !more && !rests => match filled {
                    Ok(false) => return End::Gone,
                    Ok(true) => (self.heard, self.asked) = (Instant::now(), false),
                    Err(error) => return End::Broken(error.into()),
                },
                () = std::future::ready(()), if (self.news && !held_back) || (more && !rests) => {}
            }
        }
    }

    /// Answers what has come, up to a batch; whether there may be more. What was said before the end was said.
    async fn answer(&mut self) -> Result<bool, End> {
        if self.rests() {
            return Ok(false);
        }
        let more = self.answer_batch().await;
        self.send_off().await?;
        more
    }

    async fn answer_batch(&mut self) -> Result<bool, End> {
        for _ in 0..BATCH_STANZAS_MAX {
            match self.wire.next()? {
                None => return Ok(false),
                Some(Item::Close) => return Err(End::Left),
                Some(Item::Open(_)) => {
                    return Err(End::because(Condition::BadFormat, "The stream has begun already."));
                }
                Some(Item::Stanza(stanza)) => self.take(stanza).await?,
            }
            self.wire.flush_if_large().await?;
        }
        Ok(true)
    }

    async fn take(&mut self, stanza: Element) -> Result<(), End> {
        if stanza.ns == ns::MANAGEMENT {
            self.send_off().await?;
            return self.manage(&stanza).await;
        }
        if stanza.ns == ns::CLIENT_STATE {
            self.send_off().await?;
            return self.client_state(&stanza);
        }
        match (&*stanza.ns, &*stanza.name) {
            (ns::CLIENT, "iq" | "message" | "presence") => {}
            _ => return Err(End::because(Condition::UnsupportedStanzaType, "This is no stanza.")),
        }
        self.own(&stanza)?;
        match &*stanza.name {
            "message" => return self.message(stanza).await,
            "iq" => {
                self.send_off().await?;
                self.iq(&stanza).await?;
            }
            _ => {
                self.send_off().await?;
                self.presence(&stanza).await?;
            }
        }
        self.handled();
        Ok(())
    }

    /// Whoever speaks here is who has logged in here. RFC 6120 §8.1.2.1.
    fn own(&self, stanza: &Element) -> Result<(), End> {
        let Some(from) = stanza.get("from") else { return Ok(()) };
        let own = Jid::parse(from).is_some_and(|from| {
            from.address.as_ref() == Some(&self.address)
                && from.resource.is_none_or(|resource| resource == self.resource)
        });
        if own { Ok(()) } else { Err(End::because(Condition::InvalidFrom, "This stanza is from somebody else.")) }
    }

    fn subscribe(&mut self) {
        if !self.subscribed && (self.available || self.people.interested) {
            self.subscribed = true;
            self.follow();
        } else if self.subscribed {
            self.session.wants(self.kinds());
        }
        self.news |= self.subscribed;
    }

    /// The account's log is followed from where the client has it.
    fn follow(&mut self) {
        self.session.subscribe_to(SyncKey::at(self.acknowledged), self.kinds());
        if let Some(place) = self.people.roster {
            self.session.moves(DataKind::Contacts, place);
        }
    }

    /// What of the timeline is told: contacts; to a client that takes messages also these, what becomes of them,
    /// receipts and marks. RFC 6121 §8.5.2.1.1: with a negative priority it takes none.
    fn kinds(&self) -> DataKinds {
        let kinds = [DataKind::Contacts, DataKind::Messages, DataKind::Marks].map(DataKind::number);
        let all = self.available && self.people.priority >= 0;
        DataKinds::from_numbers(if all { &kinds } else { &kinds[..1] })
    }

    /// Whether nothing may be told now.
    fn holds_back(&self) -> bool {
        self.managed.as_ref().is_some_and(Managed::is_full) || (!self.people.waiting.is_empty() && self.is_crowded())
    }

    /// Tells one page of what is new; the next one after what has come meanwhile.
    async fn tell(&mut self) -> Result<(), End> {
        if self.holds_back() {
            return self.ask_count();
        }
        if !self.people.waiting.is_empty() {
            return self.tell_waiting().await;
        }
        let limit = PageLimit { entries: PAGE_ENTRIES_MAX, bytes: PAGE_BYTES_MAX };
        match self.session.take(limit).await? {
            None => self.news = false,
            Some(Told::Batch(batch)) => self.tell_batch(&batch).await?,
            Some(Told::Live(events)) => {
                self.people.waiting.extend(events.into_iter().map(there::Waiting::Live));
                self.tell_waiting().await?;
            }
            Some(Told::DevicesChanged | Told::Lobby(_)) => {}
        }
        Ok(())
    }

    async fn tell_batch(&mut self, batch: &Batch) -> Result<(), End> {
        let mut told = false;
        for entry in &batch.entries {
            let stanzas = self.stanzas_of(entry).await?;
            let last = stanzas.len();
            for (at, stanza) in stanzas.iter().enumerate() {
                told = true;
                // The client has an entry when it has the last of its stanzas.
                self.push_as(stanza, Some(if at + 1 == last { entry.seq } else { Seq::ZERO }))?;
                if let Some(managed) = &mut self.managed
                    && let Some(tick) = Tick::of(stanza)
                {
                    managed.ticked(tick);
                }
            }
            self.wire.flush_if_large().await?;
        }
        self.reached(batch.key.value(DataKind::Messages), told).await
    }

    /// All up to this place was told.
    async fn reached(&mut self, place: Seq, told: bool) -> Result<(), End> {
        if let Some(managed) = &mut self.managed {
            let waits = managed.reached(place);
            self.ask_count()?;
            if waits {
                return Ok(());
            }
        } else if told {
            let id = self.door.engine().random_text();
            let ping = self.ping(&id);
            self.push(&ping)?;
            self.pings.push_back((id, place));
            return Ok(());
        } else if let Some((_, waits)) = self.pings.back_mut() {
            *waits = place;
            return Ok(());
        }
        if place > self.acknowledged {
            self.acknowledged = place;
            let until = self.owed.map_or_else(|| Instant::now() + OWED_REST, |(_, until)| until);
            self.owed = Some((place, until));
        }
        Ok(())
    }

    /// The client has the log up to here.
    async fn has(&mut self, place: Seq) -> Result<(), End> {
        if place > self.acknowledged {
            self.acknowledged = place;
            self.tell_engine(place).await?;
        }
        Ok(())
    }

    /// Does what has its time: tells the engine what is owed to it, and asks the client for its count.
    async fn settle(&mut self, all: bool) -> Result<(), End> {
        if let Some((place, until)) = self.owed
            && (all || until <= Instant::now())
        {
            self.tell_engine(place).await?;
        }
        if all { Ok(()) } else { self.ask_count() }
    }

    async fn tell_engine(&mut self, place: Seq) -> Result<(), End> {
        self.owed = self.owed.filter(|(owed, _)| *owed > place);
        let command = Command::Acknowledge { passed: place, delivered: place };
        self.door.engine().execute(self.session.caller(), command).await?;
        Ok(())
    }

    /// The answer to a ping: all that was told before it has arrived.
    async fn ponged(&mut self, id: &str) -> Result<(), End> {
        let Some(at) = self.pings.iter().position(|(ping, _)| ping == id) else { return Ok(()) };
        let place = self.pings[at].1;
        self.pings.drain(..=at);
        self.has(place).await
    }

    fn ping(&self, id: &str) -> Element {
        Element::new(ns::CLIENT, "iq")
            .attr("type", "get")
            .attr("id", id)
            .attr("from", self.address.domain())
            .attr("to", self.jid())
            .child(Element::new(ns::PING, "ping"))
    }

    /// Says something that is in no log.
    fn push(&mut self, stanza: &Element) -> Result<(), End> {
        self.push_as(stanza, None)
    }

    /// Says something that can be asked for again: it is counted, and not kept to be told again.
    fn push_from_archive(&mut self, stanza: &Element) {
        // Only what is kept can be too much.
        let _room = self.push_as(stanza, Some(Seq::ZERO));
    }

    fn push_as(&mut self, stanza: &Element, place: Option<Seq>) -> Result<(), End> {
        if self.holds(stanza)? { Ok(()) } else { self.write_as(stanza, place) }
    }

    fn write_as(&mut self, stanza: &Element, place: Option<Seq>) -> Result<(), End> {
        self.wire.push(stanza);
        if let Some(managed) = &mut self.managed {
            let what = place.map_or_else(|| ToldAs::Unlogged(stanza.stanza_text()), ToldAs::Logged);
            if managed.push(what).is_err() {
                let text = "Too many stanzas wait for your acknowledgement.";
                return Err(End::because(Condition::ResourceConstraint, text));
            }
        }
        Ok(())
    }

    fn refuse(&mut self, stanza: &Element, error: &StanzaError) -> Result<(), End> {
        match error.answer(stanza) {
            Some(answer) => self.push(&answer.attr("to", self.jid())),
            None => Ok(()),
        }
    }

    /// When the client must have been heard again, or is asked whether it is there.
    fn deadline(&self) -> Instant {
        let quiet = if self.asked { self.idle } else { self.idle / 2 };
        let quiet = self.heard + quiet;
        let others = [self.session.unanswered_at(), self.owed.map(|(_, until)| until), self.asks_at()];
        let quiet = others.into_iter().flatten().fold(quiet, Instant::min);
        self.wire.part_since().map_or(quiet, |since| quiet.min(since + self.limits.partial_stanza))
    }

    fn rests(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.0 > Instant::now())
    }

    /// When it has to look again, whatever comes.
    fn next_look(&self) -> Instant {
        let deadline = self.deadline();
        self.rest.as_ref().filter(|_| self.rests()).map_or(deadline, |rest| deadline.min(rest.0))
    }

    fn overdue(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.wire.part_since().is_some_and(|since| since + self.limits.partial_stanza <= now) {
            return Err(End::because(Condition::ConnectionTimeout, "The rest of a stanza did not come."));
        }
        if self.heard + self.idle <= now {
            let text = format!("Nothing was heard for {} s.", self.idle.as_secs());
            return Err(End::because(Condition::ConnectionTimeout, text));
        }
        if !self.asked && self.heard + self.idle / 2 <= now {
            self.asked = true;
            if self.managed.is_some() {
                self.wire.push(&Element::new(ns::MANAGEMENT, "r"));
            } else {
                let ping = self.ping(&self.door.engine().random_text());
                self.push(&ping)?;
            }
        }
        Ok(())
    }

    fn jid(&self) -> String {
        format!("{}/{}", self.address, self.resource)
    }

    /// The stream has ended: whether it can be resumed depends on how.
    pub(crate) fn park(&mut self, end: &End) {
        if matches!(end, End::Left) {
            self.session.leaves();
        }
        let Some(name) = self.resumable.take() else { return };
        let broke = match end {
            End::Gone | End::Broken(_) => true,
            End::Close(condition, _) => matches!(condition, Condition::Conflict | Condition::ConnectionTimeout),
            End::Left => false,
        };
        let mut resumables = self.door.resumables.lock();
        match self.managed.take() {
            Some(managed) if broke => {
                let mut people = std::mem::take(&mut self.people);
                people.requests = self.session.take_requests();
                let parked = Parked {
                    managed,
                    acknowledged: self.acknowledged,
                    carbons: self.carbons,
                    available: self.available,
                    people,
                    ids: std::mem::take(&mut self.ids),
                    wants: self.wants,
                    announced: self.announced.take(),
                };
                resumables.park(&name, parked);
            }
            _ => resumables.close(&name),
        }
    }
}
