//! Presence: what a device says and asks, and how people are there as a link is told it.
//!
//! The schema's requests come in and commands leave; the engine's presences come in and the schema's leave. Invariant:
//! the schema's four ways of being there are the engine's six, of which the finer ones are shown as the plain ones.

use belfry_domain::Refusal;
use belfry_engine::{Availability, Command, Live, Presence};
use belfry_wire::v1;

use super::bad_request;
use super::command::address;

pub(super) fn set(ask: v1::SetPresenceRequest) -> Result<Command, Refusal> {
    let availability = match v1::Availability::try_from(ask.availability) {
        Ok(v1::Availability::Online) => Availability::Online,
        Ok(v1::Availability::Away) => Availability::Away,
        Ok(v1::Availability::Busy) => Availability::Busy,
        Ok(v1::Availability::Offline) => Availability::Offline,
        Ok(v1::Availability::Unspecified) => return Err(bad_request("Say how: availability is missing.")),
        Err(_) => return Err(bad_request(format!("There is no availability {}.", ask.availability))),
    };
    Ok(Command::SetPresence { availability, status: ask.status, priority: 0 })
}

pub(super) fn watch(ask: &v1::WatchRequest) -> Result<Command, Refusal> {
    let addresses = ask.addresses.iter().map(|text| address(text)).collect::<Result<_, _>>()?;
    Ok(Command::Watch { addresses })
}

pub(super) fn presence(shown: &Presence) -> v1::Presence {
    let availability = match shown.availability {
        Availability::Offline => v1::Availability::Offline,
        Availability::LongAway | Availability::Away => v1::Availability::Away,
        Availability::Busy => v1::Availability::Busy,
        Availability::Online | Availability::Chatty => v1::Availability::Online,
    };
    v1::Presence {
        address: shown.address.to_string(),
        availability: availability.into(),
        status: shown.status.clone(),
        last_seen_at_ms: shown.last_seen.0,
    }
}

pub(super) fn watching(presences: &[Presence], expires_in_ms: u64) -> v1::WatchReply {
    v1::WatchReply {
        presences: presences.iter().map(presence).collect(),
        expires_in_ms: u32::try_from(expires_in_ms).unwrap_or(u32::MAX),
    }
}

/// All presences of a piece of news as one; `None`: it has none.
pub fn presence_update(events: &[Live]) -> Option<v1::PresenceUpdate> {
    let shown = events.iter().filter_map(|event| match event {
        Live::Presence(shown) => Some(presence(shown)),
        Live::Typing(_) | Live::Stanza(_) | Live::Subscribed(_) => None,
    });
    let presences: Vec<v1::Presence> = shown.collect();
    (!presences.is_empty()).then_some(v1::PresenceUpdate { presences })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use belfry_domain::{AccountId, Address, ConversationId, TimestampMs};
    use belfry_engine::Typing;

    use super::*;

    fn shown(availability: Availability) -> Presence {
        Presence {
            account: AccountId(1),
            address: Address::parse("alice@localhost").expect("valid"),
            availability,
            status: "tea".into(),
            last_seen: TimestampMs(7),
            resources: Arc::default(),
        }
    }

    #[test]
    fn the_four_ways_of_being_there_are_said_and_the_six_are_shown_as_four() {
        for (said, shown_as) in [
            (v1::Availability::Online, Availability::Online),
            (v1::Availability::Away, Availability::Away),
            (v1::Availability::Busy, Availability::Busy),
            (v1::Availability::Offline, Availability::Offline),
        ] {
            let ask = v1::SetPresenceRequest { availability: said.into(), status: "tea".into() };
            let Ok(Command::SetPresence { availability, status, priority: 0 }) = set(ask) else {
                panic!("not a presence")
            };
            assert_eq!((availability, status.as_str()), (shown_as, "tea"));
            assert_eq!(presence(&shown(shown_as)).availability(), said);
        }
        assert_eq!(presence(&shown(Availability::LongAway)).availability(), v1::Availability::Away);
        assert_eq!(presence(&shown(Availability::Chatty)).availability(), v1::Availability::Online);
        for unknown in [0, 5, -1] {
            assert!(set(v1::SetPresenceRequest { availability: unknown, status: String::new() }).is_err(), "{unknown}");
        }
    }

    #[test]
    fn presences_that_come_together_are_one_update_and_typing_is_none() {
        let from = Address::parse("bob@localhost").expect("valid");
        let typing = Live::Typing(Arc::new(Typing { conversation: ConversationId(1), from, active: true }));
        let there = |how| Live::Presence(Arc::new(shown(how)));
        assert_eq!(presence_update(std::slice::from_ref(&typing)), None);
        let events = [there(Availability::Online), typing, there(Availability::Offline)];
        let update = presence_update(&events).expect("two of them");
        let told: Vec<_> = update.presences.iter().map(|one| (one.availability(), one.last_seen_at_ms)).collect();
        assert_eq!(told, [(v1::Availability::Online, 7), (v1::Availability::Offline, 7)]);
    }
}
