//! The conversation after the login: stanzas in, answers and what is new out, until somebody ends it.
//!
//! A bound client comes in, an [`End`] leaves. [`Link::run`] reads from top to bottom: answer what has come, tell one
//! page of what is new, write both, wait. Invariants: while a batch is being answered nothing more is read, so a
//! stream's memory is bounded by a stanza, a page and constants; nothing is told out of order.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use belfry_domain::limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use belfry_domain::ports::PageLimit;
use belfry_domain::{Address, DataKinds, Seq, SyncKey};
use belfry_engine::{Batch, Session, Told, Wake};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::door::{Door, End};
use crate::error::{Condition, StanzaError};
use crate::jid::Jid;
use crate::limits::{BATCH_STANZAS_MAX, DoorLimits};
use crate::login::Newcomer;
use crate::ns;
use crate::wire::Wire;
use crate::xml::{Element, Item, Limits};

mod iq;

/// One stream of a client that has a resource.
pub(crate) struct Link<'a, IO> {
    pub(crate) wire: Wire<IO>,
    pub(crate) session: Session,
    door: &'a Door,
    address: Address,
    resource: String,
    /// From where messages are told when the client wants them.
    start: Seq,
    /// The client wants messages: it has said that it is available.
    available: bool,
    /// There may be something to tell.
    news: bool,
    heard: Instant,
    /// It was asked whether it is there, and has not said anything since.
    asked: bool,
    idle: Duration,
    limits: Arc<DoorLimits>,
}

impl<'a, IO: AsyncRead + AsyncWrite + Unpin> Link<'a, IO> {
    pub(crate) fn new(mut wire: Wire<IO>, door: &'a Door, newcomer: Newcomer) -> Link<'a, IO> {
        let Newcomer { session, address, resource, start } = newcomer;
        wire.set_limits(Limits::MEMBER);
        Link {
            wire,
            session,
            door,
            address,
            resource,
            start,
            available: false,
            news: false,
            heard: Instant::now(),
            asked: false,
            idle: Duration::from_millis(door.engine().settings().idle_ms),
            limits: door.limits(),
        }
    }

    /// Talks to the end.
    pub(crate) async fn run(&mut self, stop: &CancellationToken) -> End {
        let mut stopped = pin!(stop.cancelled());
        let mut alarm = pin!(sleep_until(self.deadline()));
        loop {
            let more = match Box::pin(self.answer()).await {
                Ok(more) => more,
                Err(end) => return end,
            };
            if self.news
                && let Err(end) = Box::pin(self.tell()).await
            {
                return end;
            }
            if let Err(broken) = Box::pin(self.wire.flush()).await {
                return End::Broken(broken);
            }
            self.session.wrote();

            let deadline = self.deadline();
            if deadline < alarm.deadline() {
                alarm.as_mut().reset(deadline);
            }
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
                    alarm.as_mut().reset(self.deadline());
                }
                filled = self.wire.fill(), if !more => match filled {
                    Ok(0) => return End::Left,
                    Ok(_) => (self.heard, self.asked) = (Instant::now(), false),
                    Err(error) => return End::Broken(error.into()),
                },
                () = std::future::ready(()), if self.news || more => {}
            }
        }
    }

    /// Answers what has come, up to a batch; whether there may be more.
    async fn answer(&mut self) -> Result<bool, End> {
        for _ in 0..BATCH_STANZAS_MAX {
            match self.wire.next()? {
                None => return Ok(false),
                Some(Item::Close) => return Err(End::Left),
                Some(Item::Open(_)) => return Err(End::because(Condition::BadFormat, "The stream has begun already.")),
                Some(Item::Stanza(stanza)) => self.take(stanza).await?,
            }
            self.wire.flush_if_large().await?;
        }
        Ok(true)
    }

    async fn take(&mut self, stanza: Element) -> Result<(), End> {
        match (&*stanza.ns, &*stanza.name) {
            (ns::CLIENT, "iq" | "message" | "presence") => {}
            _ => return Err(End::because(Condition::UnsupportedStanzaType, "This is no stanza.")),
        }
        self.own(&stanza)?;
        match &*stanza.name {
            "iq" => self.iq(&stanza).await,
            "presence" => self.presence(&stanza).await,
            _ => {
                self.refuse(&stanza, &StanzaError::unavailable());
                Ok(())
            }
        }
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

    /// An available client is told its messages. Others are not told yet who is there.
    async fn presence(&mut self, stanza: &Element) -> Result<(), End> {
        if stanza.get("to").is_some() {
            return Ok(());
        }
        match stanza.get("type") {
            None => {
                let priority = stanza.find(ns::CLIENT, "priority").map(Element::own_text);
                let priority = priority.and_then(|priority| priority.trim().parse::<i8>().ok()).unwrap_or(0);
                if priority >= 0 && !self.available {
                    self.available = true;
                    self.session.subscribe_to(SyncKey::at(self.start), told_kinds());
                }
            }
            Some("unavailable") => self.available = false,
            Some(_) => {}
        }
        Ok(())
    }

    /// Tells one page of what is new; the next one after what has come meanwhile.
    async fn tell(&mut self) -> Result<(), End> {
        let limit = PageLimit { entries: PAGE_ENTRIES_MAX, bytes: PAGE_BYTES_MAX };
        match self.session.take(limit).await? {
            None => self.news = false,
            Some(Told::Batch(batch)) => self.tell_batch(&batch),
            Some(Told::Live(_) | Told::DevicesChanged | Told::Lobby(_)) => {}
        }
        Ok(())
    }

    fn tell_batch(&mut self, _batch: &Batch) {}

    fn push(&mut self, stanza: &Element) {
        self.wire.push(stanza);
    }

    fn refuse(&mut self, stanza: &Element, error: &StanzaError) {
        if let Some(answer) = error.answer(stanza) {
            self.push(&answer);
        }
    }

    /// When the client must have been heard again, or is asked whether it is there.
    fn deadline(&self) -> Instant {
        let quiet = if self.asked { self.idle } else { self.idle / 2 };
        let quiet = self.heard + quiet;
        self.wire.part_since.map_or(quiet, |since| quiet.min(since + self.limits.partial_stanza))
    }

    fn overdue(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.wire.part_since.is_some_and(|since| since + self.limits.partial_stanza <= now) {
            return Err(End::because(Condition::ConnectionTimeout, "The rest of a stanza did not come."));
        }
        if self.heard + self.idle <= now {
            let text = format!("Nothing was heard for {} s.", self.idle.as_secs());
            return Err(End::because(Condition::ConnectionTimeout, text));
        }
        if !self.asked && self.heard + self.idle / 2 <= now {
            self.asked = true;
            let id = self.door.engine().random_text();
            let ping = Element::new(ns::CLIENT, "iq")
                .attr("type", "get")
                .attr("id", id)
                .attr("from", self.address.domain())
                .attr("to", self.jid())
                .child(Element::new(ns::PING, "ping"));
            self.push(&ping);
        }
        Ok(())
    }

    fn jid(&self) -> String {
        format!("{}/{}", self.address, self.resource)
    }
}

/// What of the timeline is told: messages and what becomes of them, receipts and marks.
fn told_kinds() -> DataKinds {
    use belfry_domain::DataKind::{Marks, Messages};
    DataKinds::from_numbers(&[Messages.number(), Marks.number()])
}
