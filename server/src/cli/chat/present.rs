//! How people are there, as it is shown: a mark by shape and colour, and words.
//!
//! What the client tells comes in, marks and sentences leave. Invariants: a mark is told from the others by its shape
//! alone; of those of whom nothing is told, nothing is shown.

use std::collections::BTreeMap;

use belfry_client::v1::{self, Availability};
use belfry_client::{ClientEvent, Contact};
use ratatui::style::Color;

use super::when;

/// How people are there, while there is a link.
#[derive(Debug, Default)]
pub(super) struct Presences {
    known: BTreeMap<String, v1::Presence>,
    /// All was told that there was when the link came about.
    live: bool,
}

impl Presences {
    /// Takes an event; the client bounds of how many it tells.
    pub(super) fn event(&mut self, event: &ClientEvent) {
        match event {
            ClientEvent::PresenceChanged(presence) => {
                self.known.insert(presence.address.clone(), presence.clone());
            }
            ClientEvent::PresencesUnknown | ClientEvent::Disconnected { .. } => *self = Presences::default(),
            ClientEvent::CaughtUp => self.live = true,
            ClientEvent::ContactChanged(contact) if contact.blocked || !contact.to => {
                self.known.remove(&contact.address);
            }
            _ => {}
        }
    }

    /// How somebody is there; `contact` is how one stands to them, if in any way.
    pub(super) fn of(&self, address: &str, contact: Option<&Contact>) -> Availability {
        if contact.is_some_and(|contact| contact.blocked) {
            return Availability::Unspecified;
        }
        match self.known.get(address) {
            Some(presence) => presence.availability(),
            None if self.live && contact.is_some_and(|contact| contact.to) => Availability::Offline,
            None => Availability::Unspecified,
        }
    }

    /// The same in words, with what they say and when they were there last; empty: nothing is known.
    pub(super) fn words(&self, address: &str, contact: Option<&Contact>, now_ms: u64) -> String {
        let availability = self.of(address, contact);
        let presence = self.known.get(address).cloned().unwrap_or_default();
        match availability {
            Availability::Unspecified => String::new(),
            Availability::Offline if presence.last_seen_at_ms > 0 => seen(presence.last_seen_at_ms, now_ms),
            other if presence.status.is_empty() => word(other).to_owned(),
            other => format!("{}: {}", word(other), presence.status),
        }
    }
}

/// The mark of an availability; a space where nothing is known.
pub(super) fn mark(availability: Availability) -> (&'static str, Color) {
    match availability {
        Availability::Online => ("●", Color::Green),
        Availability::Away => ("◐", Color::Yellow),
        Availability::Busy => ("⊖", Color::Red),
        Availability::Offline => ("○", Color::Reset),
        Availability::Unspecified => (" ", Color::Reset),
    }
}

/// An availability in one word.
pub(super) fn word(availability: Availability) -> &'static str {
    match availability {
        Availability::Online => "online",
        Availability::Away => "away",
        Availability::Busy => "busy",
        Availability::Offline => "offline",
        Availability::Unspecified => "",
    }
}

fn seen(at_ms: u64, now_ms: u64) -> String {
    let (day, clock) = (when::day(at_ms), when::clock(at_ms));
    if day == when::day(now_ms) { format!("last seen at {clock}") } else { format!("last seen on {day}, {clock}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ben() -> Contact {
        Contact { address: "ben@x".into(), listed: true, to: true, from: true, ..Contact::default() }
    }

    #[test]
    fn what_is_known_of_people_is_said_in_words() {
        let mut presences = Presences::default();
        let words = |presences: &Presences| presences.words("ben@x", Some(&ben()), 86_400_000 * 3);
        assert_eq!(words(&presences), "", "not before it was told");
        presences.event(&ClientEvent::CaughtUp);
        assert_eq!(words(&presences), "offline");
        let mut told = v1::Presence { address: "ben@x".into(), ..Default::default() };
        told.set_availability(Availability::Away);
        told.status = "lunch".into();
        presences.event(&ClientEvent::PresenceChanged(told.clone()));
        assert_eq!(words(&presences), "away: lunch");
        told.set_availability(Availability::Offline);
        (told.status, told.last_seen_at_ms) = (String::new(), 86_400_000 * 3);
        presences.event(&ClientEvent::PresenceChanged(told.clone()));
        assert!(words(&presences).starts_with("last seen at "), "{}", words(&presences));
        told.last_seen_at_ms = 1_000;
        presences.event(&ClientEvent::PresenceChanged(told));
        assert!(words(&presences).starts_with("last seen on "), "{}", words(&presences));
        presences.event(&ClientEvent::PresencesUnknown);
        assert_eq!(words(&presences), "", "nothing is known without a link");
    }

    #[test]
    fn no_two_marks_look_alike_without_colours() {
        let all = [Availability::Online, Availability::Away, Availability::Busy, Availability::Offline];
        let marks: std::collections::BTreeSet<&str> = all.into_iter().map(|one| mark(one).0).collect();
        assert_eq!(marks.len(), all.len());
    }
}
