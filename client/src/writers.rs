//! Who is writing to us, and how often we say that we do.
//!
//! Notices of the server and the time come in; what has changed for a person leaves. Invariant: whoever was said to be
//! writing is said to have stopped, by the notice, by the message or by the time, and nobody is remembered for longer.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// A notice is good for so long (docs/protocol.md, "Writing").
const GOOD_FOR: Duration = Duration::from_secs(10);

/// One says again that one is writing when so much has passed: twice within the time that a notice is good.
const SAY_EVERY: Duration = Duration::from_secs(4);

/// People who are remembered as writing; a notice of one more is passed over, as if it had been lost.
const WRITERS_MAX: usize = 1_024;

/// The conversation and who writes in it.
pub(crate) type Writer = (u64, String);

/// Who is writing.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    until: BTreeMap<Writer, Instant>,
    /// To whom it was last said that we are writing, and when.
    said: Option<(String, Instant)>,
}

impl Writers {
    /// Takes a notice; gives whether it changes what a person sees.
    pub(crate) fn noticed(&mut self, writer: Writer, active: bool, now: Instant) -> bool {
        if !active {
            return self.until.remove(&writer).is_some();
        }
        if self.until.len() >= WRITERS_MAX && !self.until.contains_key(&writer) {
            return false;
        }
        self.until.insert(writer, now + GOOD_FOR).is_none()
    }

    /// A message came: whoever wrote it has stopped. Gives whether that is news.
    pub(crate) fn wrote(&mut self, conversation_id: u64, from: &str) -> bool {
        self.until.remove(&(conversation_id, from.to_owned())).is_some()
    }

    /// When the next notice ends.
    pub(crate) fn next_end(&self) -> Option<Instant> {
        self.until.values().min().copied()
    }

    /// Forgets those whose notices have ended, and gives them.
    pub(crate) fn ended(&mut self, now: Instant) -> Vec<Writer> {
        self.until.extract_if(.., |_, until| *until <= now).map(|(writer, _)| writer).collect()
    }

    /// Forgets everybody: the link on which they would be told to have stopped is gone.
    pub(crate) fn all_ended(&mut self) -> Vec<Writer> {
        self.said = None;
        std::mem::take(&mut self.until).into_keys().collect()
    }

    /// Whether it has to be said to this address (again) that we are writing.
    pub(crate) fn must_say(&mut self, to: &str, now: Instant) -> bool {
        let fresh = self.said.as_ref().is_some_and(|(last, at)| last == to && now.duration_since(*at) < SAY_EVERY);
        if !fresh {
            self.said = Some((to.to_owned(), now));
        }
        !fresh
    }

    /// Whether it has to be said that we have stopped: it was said that we are writing, and could still be believed.
    pub(crate) fn must_say_stopped(&mut self, to: &str, now: Instant) -> bool {
        let believed = self.said.as_ref().is_some_and(|(last, at)| last == to && now.duration_since(*at) < GOOD_FOR);
        if believed {
            self.said = None;
        }
        believed
    }

    /// A message went to this address, which says by itself that we have stopped.
    pub(crate) fn sent(&mut self, to: &str) {
        self.said.take_if(|(last, _)| last == to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ben() -> Writer {
        (7, "ben@x".to_owned())
    }

    #[test]
    fn a_notice_is_news_once_and_ends_by_time_by_word_or_by_a_message() {
        let (mut writers, now) = (Writers::default(), Instant::now());
        assert!(writers.noticed(ben(), true, now));
        assert!(!writers.noticed(ben(), true, now + Duration::from_secs(4)), "said again, nothing new");
        assert_eq!(writers.next_end(), Some(now + Duration::from_secs(14)), "but good for longer");
        assert!(writers.ended(now + Duration::from_secs(13)).is_empty());
        assert_eq!(writers.ended(now + Duration::from_secs(14)), [ben()]);
        assert_eq!(writers.next_end(), None);
        writers.noticed(ben(), true, now);
        assert!(writers.noticed(ben(), false, now) && !writers.noticed(ben(), false, now));
        writers.noticed(ben(), true, now);
        assert!(!writers.wrote(8, "ben@x") && writers.wrote(7, "ben@x") && !writers.wrote(7, "ben@x"));
        writers.noticed(ben(), true, now);
        assert_eq!((writers.all_ended(), writers.next_end()), (vec![ben()], None));
    }

    #[test]
    fn a_flood_of_writers_is_bounded() {
        let (mut writers, now) = (Writers::default(), Instant::now());
        let news = (0..3 * WRITERS_MAX as u64).filter(|n| writers.noticed((*n, String::new()), true, now)).count();
        assert_eq!((news, writers.until.len()), (WRITERS_MAX, WRITERS_MAX));
        assert!(!writers.noticed((0, String::new()), true, now + GOOD_FOR / 2), "who is known stays known");
        assert_eq!(writers.ended(now + GOOD_FOR).len(), WRITERS_MAX - 1);
    }

    #[test]
    fn that_one_is_writing_is_said_every_few_seconds_and_that_one_has_stopped_once() {
        let (mut writers, now) = (Writers::default(), Instant::now());
        assert!(!writers.must_say_stopped("ben@x", now), "it was never said");
        assert!(writers.must_say("ben@x", now) && !writers.must_say("ben@x", now + Duration::from_secs(3)));
        assert!(writers.must_say("ben@x", now + Duration::from_secs(4)));
        assert!(writers.must_say("cleo@x", now + Duration::from_secs(4)), "somebody else");
        assert!(!writers.must_say_stopped("ben@x", now + Duration::from_secs(5)));
        let stopped = now + Duration::from_secs(5);
        assert!(writers.must_say_stopped("cleo@x", stopped) && !writers.must_say_stopped("cleo@x", stopped));
        writers.must_say("ben@x", now);
        writers.sent("ben@x");
        assert!(!writers.must_say_stopped("ben@x", now), "the message has said it");
    }
}
