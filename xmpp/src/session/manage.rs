//! Stream management on a stream: enabling it, counts from both sides, going on with a stream that broke. XEP-0198.
//!
//! Invariant: a count that is told to the client counts only stanzas whose effect is durable.

use tokio::time::Instant;

use super::Link;
use crate::door::{Door, End};
use crate::error::Condition;
use crate::limits::{COUNT_AT_ONCE, COUNT_SPACING, RESUMABLE};
use crate::login::Resumed;
use crate::management::{Managed, Ticket};
use crate::ns;
use crate::wire::Wire;
use crate::xml::Element;

impl<W: Wire> Link<'_, W> {
    /// A stanza of the client was carried out or refused.
    pub(super) fn handled(&mut self) {
        if let Some(managed) = &mut self.managed {
            managed.handled = managed.handled.wrapping_add(1);
        }
    }

    /// Takes an element of stream management.
    pub(super) async fn manage(&mut self, element: &Element) -> Result<(), End> {
        match (&*element.name, self.managed.is_some()) {
            ("enable", false) => self.enable(element),
            ("r", true) => {
                let handled = self.managed.as_ref().map_or(0, |managed| managed.handled);
                self.wire.push(&Element::new(ns::MANAGEMENT, "a").attr("h", handled.to_string()));
            }
            ("a", true) => {
                self.count_asked = false;
                let count = element.get("h").and_then(|count| count.parse().ok());
                self.counted(count).await?;
                self.ask_count()?;
            }
            _ => {
                let failed = Element::new(ns::MANAGEMENT, "failed");
                self.wire.push(&failed.child(Element::new(ns::STANZA_ERRORS, "unexpected-request")));
            }
        }
        Ok(())
    }

    fn enable(&mut self, element: &Element) {
        let identity = self.session.caller().identity.clone();
        let ticket = Ticket { identity, address: self.address.clone(), resource: self.resource.clone() };
        let (answer, name) = enabled(self.door, element, ticket);
        (self.managed, self.resumable) = (Some(Managed::default()), name);
        self.wire.push(&answer);
    }

    /// The client says how many stanzas it has had.
    async fn counted(&mut self, count: Option<u32>) -> Result<(), End> {
        let Some(managed) = &mut self.managed else { return Ok(()) };
        let Some(count) = count else {
            return Err(End::because(Condition::UndefinedCondition, "An acknowledgement says how many: h='5'."));
        };
        match managed.acknowledged(count) {
            Ok(Some(place)) => self.has(place).await,
            Ok(None) => Ok(()),
            Err(too_high) => {
                let text = format!("You acknowledge {count} stanzas; you were sent {}.", too_high.told);
                Err(End::because(Condition::UndefinedCondition, text))
            }
        }
    }

    /// Asks how many stanzas the client has had, if some wait for that and it was not asked yet.
    pub(super) fn ask_count(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.asks_at().is_some_and(|at| at <= now) {
            (self.count_asked, self.asked_up_to) = (true, self.asked_up_to.max(now) + COUNT_SPACING);
            self.wire.push(&Element::new(ns::MANAGEMENT, "r"));
        }
        Ok(())
    }

    /// When the client is to be asked for its count, if some wait for that.
    pub(super) fn asks_at(&self) -> Option<Instant> {
        let waits = !self.count_asked && self.managed.as_ref().is_some_and(Managed::waits);
        let ahead = (COUNT_AT_ONCE - 1) * COUNT_SPACING;
        waits.then(|| self.asked_up_to.checked_sub(ahead).unwrap_or_else(Instant::now))
    }

    /// Goes on with a stream that broke; the client was told so with its login.
    pub(super) fn go_on(&mut self, resumed: Resumed) {
        let Resumed { name, parked, count } = resumed;
        let mut managed = parked.managed;
        // What the client has had of the log is not read again.
        if let Ok(Some(place)) = managed.acknowledged(count) {
            self.acknowledged = self.acknowledged.max(place);
            self.owed = Some((place, Instant::now()));
        }
        let again = managed.resumed(count);
        self.ids = parked.ids;
        for tick in managed.take_ticks() {
            self.ids.untell(&tick);
        }
        self.managed = Some(managed);
        (self.resumable, self.carbons, self.available) = (Some(name), parked.carbons, parked.available);
        self.people = parked.people;
        // Told in the order of the log: what the client has of the messages, it has of the contacts.
        self.people.roster = self.people.roster.map(|place| place.max(self.acknowledged));
        self.session.goes_on_with(std::mem::take(&mut self.people.requests));
        (self.wants, self.announced) = (parked.wants, parked.announced);
        for text in again {
            self.wire.push_text(&text);
            if let Some(managed) = &mut self.managed {
                // There was room for all of them before.
                let _room = managed.push(crate::management::ToldAs::Unlogged(text));
            }
        }
        self.subscribe();
        if self.available {
            // Who was told that it is gone is told that it is back; and what it has missed of others, it is told.
            let _said_or_not = self.say();
            self.session.takes_all(self.people.priority >= 0);
            self.session.look_again();
        }
    }
}

/// The answer to the wish that stanzas are counted, and the name under which the stream can be resumed, if that is wished
/// too and there is room.
pub(crate) fn enabled(door: &Door, element: &Element, ticket: Ticket) -> (Element, Option<String>) {
    let enabled = Element::new(ns::MANAGEMENT, "enabled");
    let wished = matches!(element.get("resume"), Some("true" | "1"));
    let name = wished.then(|| door.engine().random_text());
    match name.filter(|name| door.resumables.lock().open(name.clone(), ticket)) {
        Some(name) => {
            let max = RESUMABLE.as_secs().to_string();
            (enabled.attr("id", &*name).attr("resume", "true").attr("max", max), Some(name))
        }
        None => (enabled, None),
    }
}
