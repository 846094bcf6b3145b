//! Stream management: what was told and is not acknowledged, and streams that broke and can be resumed. XEP-0198.
//!
//! A stanza that was told is in the log, and only its place is remembered, or it is in no log, and is kept to be told
//! again. Invariants: what is kept is bounded, and a full list stops the telling, since the log keeps the rest; a place
//! is acknowledged only when the client has counted the stanza that it stands for.

use std::collections::{HashMap, VecDeque};

use belfry_domain::{Address, Seq};
use belfry_engine::Identity;
use tokio::time::Instant;

use crate::caps::{Announced, Wants};
use crate::limits::{RESUMABLE, RESUMABLE_MAX, UNACKNOWLEDGED_MAX, UNLOGGED_MAX};
use crate::ns;
use crate::session::People;
use crate::session::ids::Ids;
use crate::xml::Element;

/// What was told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ToldAs {
    /// All of the log up to this place.
    Logged(Seq),
    /// Something that is in no log, as it was written.
    Unlogged(String),
}

/// The counts of one stream, and what they count.
#[derive(Debug, Default)]
pub(crate) struct Managed {
    /// Stanzas of the client that were handled.
    pub(crate) handled: u32,
    /// Stanzas that were told.
    told: u32,
    waiting: VecDeque<(u32, ToldAs)>,
    unlogged: usize,
    /// Ticks among what waits. No log says which of them was told.
    ticks: VecDeque<(u32, Tick)>,
}

/// How far a message of the client got, as it was told: by receipts (XEP-0184) and markers (XEP-0333).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tick {
    /// By which id the client knows the message.
    pub(crate) named: String,
    /// It was read, not only delivered.
    pub(crate) read: bool,
}

impl Tick {
    /// What of this a stanza tells.
    pub(crate) fn of(stanza: &Element) -> Option<Tick> {
        let told = |ns, name| stanza.find(ns, name).and_then(|told| told.get("id")).map(str::to_owned);
        match told(ns::RECEIPTS, "received") {
            Some(named) => Some(Tick { named, read: false }),
            None => Some(Tick { named: told(ns::MARKERS, "displayed")?, read: true }),
        }
    }
}

/// A client that counts what was never told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TooHigh {
    pub(crate) told: u32,
}

/// So much is in no log and waits that no more can be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TooMuchWaits;

impl Managed {
    /// A stanza was told. `Err`: too much waits that is in no log.
    pub(crate) fn push(&mut self, what: ToldAs) -> Result<(), TooMuchWaits> {
        if matches!(what, ToldAs::Unlogged(_)) {
            if self.unlogged == UNLOGGED_MAX {
                return Err(TooMuchWaits);
            }
            self.unlogged += 1;
        }
        self.told = self.told.wrapping_add(1);
        self.waiting.push_back((self.told, what));
        Ok(())
    }

    /// The stanza that was told last tells this.
    pub(crate) fn ticked(&mut self, tick: Tick) {
        self.ticks.push_back((self.told, tick));
    }

    /// Ticks that the client has not counted.
    pub(crate) fn take_ticks(&mut self) -> Vec<Tick> {
        std::mem::take(&mut self.ticks).into_iter().map(|(_, tick)| tick).collect()
    }

    /// All up to this place was told, and the last stanza stands for it. `false`: none waits that could.
    pub(crate) fn reached(&mut self, place: Seq) -> bool {
        let last = self.waiting.iter_mut().rev().find_map(|(_, what)| match what {
            ToldAs::Logged(seq) => Some(seq),
            ToldAs::Unlogged(_) => None,
        });
        match last {
            Some(seq) => {
                *seq = place.max(*seq);
                true
            }
            None => false,
        }
    }

    /// Whether nothing more may be told before some of it is acknowledged.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= UNACKNOWLEDGED_MAX
    }

    /// Whether what may be lost is better lost.
    pub(crate) fn is_crowded(&self) -> bool {
        self.unlogged >= UNLOGGED_MAX / 2
    }

    /// Whether something waits for the client's count.
    pub(crate) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The client has counted so many. Returns up to where it has the log, if that is new.
    pub(crate) fn acknowledged(&mut self, count: u32) -> Result<Option<Seq>, TooHigh> {
        let first = self.waiting.front().map_or(self.told, |(number, _)| number.wrapping_sub(1));
        // Counters wrap (XEP-0198 §4): what counts is how far each is from the last acknowledged.
        if count.wrapping_sub(first) > self.told.wrapping_sub(first) {
            return if first.wrapping_sub(count) <= u32::MAX / 2 && count != first {
                Ok(None) // an older count again
            } else {
                Err(TooHigh { told: self.told })
            };
        }
        let mut place = None;
        let counted = |number: &u32| count.wrapping_sub(*number) <= u32::MAX / 2;
        while self.ticks.front().is_some_and(|(number, _)| counted(number)) {
            self.ticks.pop_front();
        }
        while let Some((number, _)) = self.waiting.front()
            && counted(number)
        {
            match self.waiting.pop_front() {
                // Nought stands for no place: more of the same entry follows, or it is in the archive.
                Some((_, ToldAs::Logged(seq))) => place = place.max(Some(seq).filter(|seq| *seq > Seq::ZERO)),
                Some((_, ToldAs::Unlogged(_))) => self.unlogged -= 1,
                None => {}
            }
        }
        Ok(place)
    }

    /// Begins to count anew from what the client has: what is in no log is given back to be told again, the rest is read
    /// again from the log.
    pub(crate) fn resumed(&mut self, count: u32) -> Vec<String> {
        self.told = count;
        self.unlogged = 0;
        std::mem::take(&mut self.waiting)
            .into_iter()
            .filter_map(|(_, what)| match what {
                ToldAs::Logged(_) => None,
                ToldAs::Unlogged(text) => Some(text),
            })
            .collect()
    }
}

/// A stream that broke and waits for its client.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) managed: Managed,
    /// Up to where the client has the log.
    pub(crate) acknowledged: Seq,
    pub(crate) carbons: bool,
    pub(crate) available: bool,
    /// What the client knows of others, and they of it.
    pub(crate) people: People,
    pub(crate) ids: Ids,
    pub(crate) wants: Wants,
    pub(crate) announced: Option<Announced>,
}

/// Who may resume which stream.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) identity: Identity,
    pub(crate) address: Address,
    pub(crate) resource: String,
}

struct Slot {
    ticket: Ticket,
    /// `None`: the stream is open, as far as we know.
    parked: Option<Parked>,
    until: Instant,
}

/// All streams that can be resumed.
#[derive(Default)]
pub(crate) struct Resumables {
    slots: HashMap<String, Slot>,
}

impl Resumables {
    /// A stream from now on can be resumed under this name. `false`: there are too many.
    pub(crate) fn open(&mut self, name: String, ticket: Ticket) -> bool {
        let now = Instant::now();
        if self.slots.len() >= RESUMABLE_MAX {
            self.slots.retain(|_, slot| slot.parked.is_none() || slot.until > now);
        }
        if self.slots.len() >= RESUMABLE_MAX {
            return false;
        }
        self.slots.insert(name, Slot { ticket, parked: None, until: now });
        true
    }

    /// The stream broke.
    pub(crate) fn park(&mut self, name: &str, parked: Parked) {
        if let Some(slot) = self.slots.get_mut(name) {
            slot.parked = Some(parked);
            slot.until = Instant::now() + RESUMABLE;
        }
    }

    /// The stream has ended for good.
    pub(crate) fn close(&mut self, name: &str) {
        self.slots.remove(name);
    }

    /// Whose stream this is, if it is this account's and not too late.
    pub(crate) fn ticket(&self, name: &str, address: &Address) -> Option<Ticket> {
        let slot = self.slots.get(name)?;
        let good = slot.ticket.address == *address && (slot.parked.is_none() || slot.until > Instant::now());
        good.then(|| slot.ticket.clone())
    }

    /// Takes what was parked; the name stays good for the stream that goes on.
    pub(crate) fn unpark(&mut self, name: &str) -> Option<Parked> {
        self.slots.get_mut(name)?.parked.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(managed: &mut Managed, seq: u64) {
        managed.push(ToldAs::Logged(Seq(seq))).expect("room");
    }

    #[test]
    fn a_place_is_acknowledged_when_its_stanza_is_counted() {
        let mut managed = Managed::default();
        logged(&mut managed, 10);
        managed.push(ToldAs::Unlogged("<a/>".into())).expect("room");
        logged(&mut managed, 12);
        assert!(managed.reached(Seq(15)));
        assert_eq!(managed.acknowledged(0), Ok(None));
        assert_eq!(managed.acknowledged(2), Ok(Some(Seq(10))));
        assert_eq!(managed.acknowledged(1), Ok(None), "an older count");
        assert_eq!(managed.acknowledged(4), Err(TooHigh { told: 3 }));
        assert_eq!(managed.acknowledged(3), Ok(Some(Seq(15))));
        assert!(!managed.waits() && !managed.reached(Seq(20)));
        assert_eq!(managed.acknowledged(3), Ok(None));
        assert_eq!(managed.acknowledged(4), Err(TooHigh { told: 3 }));
    }

    #[test]
    fn counts_go_on_after_the_largest_number() {
        let mut managed = Managed { told: u32::MAX - 1, ..Managed::default() };
        (1..=4).for_each(|seq| logged(&mut managed, seq));
        assert_eq!(managed.acknowledged(u32::MAX), Ok(Some(Seq(1))));
        assert_eq!(managed.acknowledged(1), Ok(Some(Seq(3))));
        assert_eq!(managed.acknowledged(3), Err(TooHigh { told: 2 }));
        assert_eq!(managed.acknowledged(2), Ok(Some(Seq(4))));
    }

    #[test]
    fn what_is_in_no_log_is_told_again_and_is_bounded() {
        let mut managed = Managed::default();
        for n in 0..UNLOGGED_MAX {
            managed.push(ToldAs::Unlogged(n.to_string())).expect("room");
        }
        managed.push(ToldAs::Unlogged(String::new())).expect_err("full");
        assert_eq!(managed.acknowledged(2), Ok(None));
        let again = managed.resumed(2);
        assert_eq!((again.len(), again[0].as_str()), (UNLOGGED_MAX - 2, "2"));
        logged(&mut managed, 9);
        assert_eq!(managed.acknowledged(3), Ok(Some(Seq(9))));
    }
}
