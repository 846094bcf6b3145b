//! A link's live lane: what it is told while that is true, and what is stored nowhere.
//!
//! Events come in from the hub; all of them leave at once when the link takes them. Invariant: it is bounded, and lossy
//! where it is full; a presence that was lost is remembered to be asked for again.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::command::Live;
use crate::handing::Stanza;
use crate::presence::Resource;

/// Events that a link's live lane holds, the oldest falling out: what is kept nowhere may be lost.
pub(crate) const EVENTS_MAX: usize = 256;

/// And at most so many bytes of them.
const BYTES_MAX: usize = 64 * 1024;

/// Stanzas of other clients that a lane holds beside that; for one more there is no room, and who sends it is told so.
pub(crate) const STANZAS_MAX: usize = 64;

/// And at most so many bytes of them: one of the largest that a client may send, and some small ones.
pub(crate) const STANZA_BYTES_MAX: usize = 320 * 1024;

/// A link's lane of live events: bounded, and lossy where it is full. Stanzas do not fall out: they are not taken.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    events: VecDeque<Live>,
    /// Of the events that are no stanzas.
    bytes: usize,
    stanzas: usize,
    stanza_bytes: usize,
    /// The link has closed.
    ended: bool,
    /// A presence has fallen out.
    lost_presence: bool,
}

impl Lane {
    /// Adds an event; a newer presence takes the place of an older one of the same account.
    pub(crate) fn push(&mut self, event: &Live) {
        if let Live::Presence(newer) = event {
            let older = |held: &Live| matches!(held, Live::Presence(older) if older.account == newer.account);
            if let Some(at) = self.events.iter().position(older) {
                self.bytes -= self.events.remove(at).as_ref().map_or(0, weight);
            }
        }
        self.events.push_back(event.clone());
        self.bytes += weight(event);
        while self.events.len() - self.stanzas > EVENTS_MAX || self.bytes > BYTES_MAX {
            let oldest = self.events.iter().position(|event| !matches!(event, Live::Stanza(_)));
            let Some(oldest) = oldest.and_then(|at| self.events.remove(at)) else { break };
            self.bytes -= weight(&oldest);
            self.lost_presence |= matches!(oldest, Live::Presence(_));
        }
    }

    /// Adds what another client hands over. `false`: there is no room.
    pub(crate) fn push_stanza(&mut self, stanza: Arc<Stanza>) -> bool {
        let bytes = self.stanza_bytes + stanza.payload.len();
        let room = !self.ended && self.stanzas < STANZAS_MAX && bytes <= STANZA_BYTES_MAX;
        if room {
            self.stanzas += 1;
            self.stanza_bytes = bytes;
            self.events.push_back(Live::Stanza(stanza));
        }
        room
    }

    /// Takes no more stanzas; those that it holds.
    pub(crate) fn end(&mut self) -> Vec<Arc<Stanza>> {
        self.ended = true;
        let stanza = |event| match event {
            Live::Stanza(stanza) => Some(stanza),
            Live::Typing(_) | Live::Presence(_) | Live::Subscribed(_) => None,
        };
        self.take().into_iter().filter_map(stanza).collect()
    }

    /// All that it holds, which is nothing then.
    pub(crate) fn take(&mut self) -> Vec<Live> {
        (self.bytes, self.stanzas, self.stanza_bytes) = (0, 0, 0);
        std::mem::take(&mut self.events).into()
    }

    /// As if a presence had fallen out.
    pub(crate) fn lose_presence(&mut self) {
        self.lost_presence = true;
    }

    /// Whether a presence has fallen out since this was asked last.
    pub(crate) fn take_lost_presence(&mut self) -> bool {
        std::mem::take(&mut self.lost_presence)
    }
}

/// About how many bytes a live event takes.
fn weight(event: &Live) -> usize {
    let (address, more) = match event {
        Live::Typing(typing) => (&typing.from, 0),
        Live::Presence(presence) => (&presence.address, presence.status.len() + resources(&presence.resources)),
        Live::Subscribed(told) => (&told.0, 0),
        Live::Stanza(stanza) => return stanza.payload.len(),
    };
    64 + address.local().len() + address.domain().len() + more
}

fn resources(all: &[Arc<Resource>]) -> usize {
    let text = |one: &Arc<Resource>| one.name.as_ref().map_or(0, |name| name.len()) + one.status.len();
    all.iter().map(|one| 64 + text(one) + one.extension.len()).sum()
}

#[cfg(test)]
mod tests {
    use belfry_domain::{AccountId, Address, ConversationId, TimestampMs};

    use super::*;
    use crate::command::Typing;
    use crate::handing::Way;
    use crate::presence::{Availability, Presence};

    fn presence(account: u64, status: &str) -> Live {
        Live::Presence(Arc::new(Presence {
            account: AccountId(account),
            address: Address::parse("bob@localhost").expect("valid"),
            availability: Availability::Online,
            status: status.to_owned(),
            last_seen: TimestampMs(0),
            resources: Arc::default(),
        }))
    }

    #[test]
    fn a_newer_presence_takes_the_place_of_an_older_one_and_typing_does_not() {
        let mut lane = Lane::default();
        let from = Address::parse("bob@localhost").expect("valid");
        let typing = Live::Typing(Arc::new(Typing { conversation: ConversationId(1), from, active: true }));
        for event in [presence(1, "old"), typing.clone(), presence(2, "other"), typing.clone(), presence(1, "new")] {
            lane.push(&event);
        }
        assert_eq!(lane.take(), [typing.clone(), presence(2, "other"), typing, presence(1, "new")]);
        assert!(lane.take().is_empty() && !lane.take_lost_presence());
    }

    #[test]
    fn a_presence_weighs_what_its_resources_weigh() {
        let light = presence(1, "");
        let Live::Presence(one) = &light else { panic!("a presence") };
        let resource = Resource { extension: "x".repeat(4_096).into(), ..Resource::default() };
        let heavy = Presence { resources: Arc::from([Arc::new(resource)]), ..Presence::clone(one) };
        let mut lane = Lane::default();
        for account in 0..20 {
            lane.push(&Live::Presence(Arc::new(Presence { account: AccountId(account), ..heavy.clone() })));
        }
        assert!(lane.take_lost_presence());
        let held = lane.take().len();
        assert!((14..=15).contains(&held), "{held} of 4 KiB are about 64 KiB");
    }

    #[test]
    fn stanzas_are_not_taken_where_there_is_no_room_and_push_nothing_out() {
        let stanza = |bytes: usize| Stanza { payload: "x".repeat(bytes).into(), way: Way::Direct, asked_by: None };
        let mut lane = Lane::default();
        let taken = (0..100).filter(|_| lane.push_stanza(Arc::new(stanza(10)))).count();
        assert_eq!(taken, STANZAS_MAX);
        (0..EVENTS_MAX as u64).for_each(|account| lane.push(&presence(account, "")));
        assert!(!lane.take_lost_presence(), "each has its own room");
        lane.push(&presence(1_000, ""));
        assert!(lane.take_lost_presence());
        assert_eq!(lane.take().len(), STANZAS_MAX + EVENTS_MAX);
        assert!(lane.push_stanza(Arc::new(stanza(256 * 1024))) && !lane.push_stanza(Arc::new(stanza(65 * 1024))));
        lane.push(&presence(1, ""));
        assert_eq!(lane.end().len(), 1);
        assert!(!lane.push_stanza(Arc::new(stanza(1))), "nobody would tell it");
    }

    #[test]
    fn a_full_lane_remembers_that_a_presence_was_lost() {
        let mut lane = Lane::default();
        (0..EVENTS_MAX as u64).for_each(|account| lane.push(&presence(account, "")));
        assert!(!lane.take_lost_presence());
        lane.push(&presence(1_000, ""));
        assert!(lane.take_lost_presence() && !lane.take_lost_presence(), "once");
        assert_eq!(lane.take().len(), EVENTS_MAX);
    }
}
