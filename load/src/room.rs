//! The room: where the clients of one worker meet, so that what one says and another hears is counted in one place.
//!
//! What clients hear comes in; what they are to say next leaves, and at the end of a talk the counts and the latencies.
//! Invariant: a message counts as sent before it is given to a client, and latency is counted from the moment at which it
//! was meant to leave.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::latency::Latency;
use crate::stamp::Stamp;
use crate::tally::{Counts, Tally};

/// Complaints that are kept word for word.
const COMPLAINTS_MAX: usize = 5;

/// Something that a client is to say.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Say {
    /// A message.
    Message {
        /// The number of the account that gets it.
        to: u32,
        /// What it says about itself.
        stamp: Stamp,
        /// How long its text is.
        bytes: usize,
    },
    /// How it is there.
    Presence {
        /// Away or not.
        away: bool,
    },
    /// That it wants an account for a contact.
    Befriend {
        /// The account's number.
        with: u32,
    },
    /// A question that the server answers when it has taken all that was said before it.
    Question,
}

/// Two clients, of which one writes to the other.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The account that hears.
    pub(crate) to: u32,
    /// What makes the one that writes write.
    pub(crate) says: mpsc::Sender<Say>,
}

/// Where clients meet.
pub(crate) struct Room {
    epoch: Instant,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    run: u64,
    bytes: usize,
    pairs: Vec<Pair>,
    tallies: Vec<Tally>,
    latency: Latency,
    /// Whoever has heard a message answers by the next one, until then.
    answer_until: Option<Instant>,
    /// Presences that were seen.
    seen: u64,
    /// Questions that were answered.
    answered: u64,
    complaints: Vec<String>,
    failures: u64,
}

impl Room {
    pub(crate) fn new() -> Room {
        Room { epoch: Instant::now(), inner: Mutex::default() }
    }

    /// The moment from which stamps count.
    pub(crate) fn epoch(&self) -> Instant {
        self.epoch
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// A talk begins: what was counted before is forgotten.
    pub(crate) fn begin(&self, run: u64, bytes: usize, pairs: Vec<Pair>, answer_until: Option<Instant>) {
        let mut inner = self.inner.lock();
        let tallies = vec![Tally::default(); pairs.len()];
        *inner = Inner { run, bytes, pairs, tallies, answer_until, ..Inner::default() };
    }

    /// The next message of a pair, which counts as sent, and what makes its sender write it.
    pub(crate) fn next(&self, pair: usize, due_ns: Option<u64>) -> Option<(mpsc::Sender<Say>, Say)> {
        let due_ns = due_ns.unwrap_or_else(|| self.now_ns());
        self.inner.lock().next(pair, due_ns)
    }

    /// So many messages of a pair were sent, and neither heard nor refused yet.
    pub(crate) fn under_way(&self, pair: usize) -> u64 {
        self.inner.lock().tallies.get(pair).map_or(0, |tally| u64::from(tally.sent()).saturating_sub(tally.settled()))
    }

    /// A client has heard a message.
    pub(crate) fn heard(&self, stamp: Stamp) {
        let now_ns = self.now_ns();
        let mut inner = self.inner.lock();
        let inner = &mut *inner;
        if stamp.run != inner.run {
            return;
        }
        let Some(tally) = inner.tallies.get_mut(stamp.pair as usize) else { return };
        if !tally.hear(stamp.number) {
            return;
        }
        inner.latency.record(Duration::from_nanos(now_ns.saturating_sub(stamp.due_ns)));
        if inner.answer_until.is_some_and(|until| Instant::now() < until)
            && let Some((says, say)) = inner.next(stamp.pair as usize, now_ns)
            // In a closed loop no more is under way than the channel holds; a client that has gone says so itself.
            && let Err(mpsc::error::TrySendError::Full(_)) = says.try_send(say)
        {
            inner.complain("a client has more to say than was agreed");
        }
    }

    /// The server has acknowledged a message.
    pub(crate) fn acknowledged(&self, stamp: Stamp) {
        self.with_tally(stamp, Tally::acknowledge);
    }

    /// The server does not want a message.
    pub(crate) fn refused(&self, stamp: Stamp) {
        self.with_tally(stamp, Tally::refuse);
    }

    fn with_tally(&self, stamp: Stamp, does: impl FnOnce(&mut Tally)) {
        let mut inner = self.inner.lock();
        if stamp.run == inner.run
            && let Some(tally) = inner.tallies.get_mut(stamp.pair as usize)
        {
            does(tally);
        }
    }

    /// A client saw how somebody is there.
    pub(crate) fn saw(&self) {
        self.inner.lock().seen += 1;
    }

    /// Presences that were seen so far.
    pub(crate) fn seen(&self) -> u64 {
        self.inner.lock().seen
    }

    /// A client's question was answered: the server has what it said before.
    pub(crate) fn answered(&self) {
        self.inner.lock().answered += 1;
    }

    /// So many questions were answered.
    pub(crate) fn answers(&self) -> u64 {
        self.inner.lock().answered
    }

    /// So many messages were heard or refused.
    pub(crate) fn settled(&self) -> u64 {
        self.inner.lock().tallies.iter().map(Tally::settled).sum()
    }

    /// A client was told something that it did not expect.
    pub(crate) fn grumbled(&self, what: &str) {
        self.inner.lock().complain(what);
    }

    /// Whether all that was sent was heard or refused.
    pub(crate) fn is_settled(&self) -> bool {
        self.inner.lock().tallies.iter().all(|tally| tally.settled() >= u64::from(tally.sent()))
    }

    /// The talk is over: what was counted.
    pub(crate) fn end(&self) -> Ended {
        let inner = std::mem::take(&mut *self.inner.lock());
        let mut counts = Counts::default();
        inner.tallies.iter().for_each(|tally| counts.add(&tally.counts()));
        let Inner { latency, seen, complaints, failures, .. } = inner;
        Ended { counts, latency, seen, complaints, failures }
    }
}

/// What a talk was.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) counts: Counts,
    pub(crate) latency: Latency,
    pub(crate) seen: u64,
    pub(crate) complaints: Vec<String>,
    pub(crate) failures: u64,
}

impl Inner {
    fn next(&mut self, pair: usize, due_ns: u64) -> Option<(mpsc::Sender<Say>, Say)> {
        let number = self.tallies.get_mut(pair)?.send();
        let stamp = Stamp { run: self.run, pair: u32::try_from(pair).ok()?, number, due_ns };
        let at = self.pairs.get(pair)?;
        Some((at.says.clone(), Say::Message { to: at.to, stamp, bytes: self.bytes }))
    }

    fn complain(&mut self, what: &str) {
        self.failures += 1;
        if self.complaints.len() < COMPLAINTS_MAX {
            self.complaints.push(what.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(pairs: usize, answer: bool) -> (Room, Vec<mpsc::Receiver<Say>>) {
        let room = Room::new();
        let (says, heard): (Vec<_>, Vec<_>) = (0..pairs).map(|_| mpsc::channel(4)).unzip();
        let pairs = says.into_iter().map(|says| Pair { to: 1, says }).collect();
        room.begin(7, 100, pairs, answer.then(|| Instant::now() + Duration::from_secs(600)));
        (room, heard)
    }

    fn sent(room: &Room, pair: usize) -> Stamp {
        let Some((_, Say::Message { stamp, .. })) = room.next(pair, None) else { panic!("there is such a pair") };
        stamp
    }

    #[test]
    fn losses_and_duplicates_are_counted_per_pair_and_reported() {
        let (room, _heard) = room(2, false);
        let stamps: Vec<Stamp> = (0..20).map(|n| sent(&room, n % 2)).collect();
        for stamp in stamps.iter().skip(3) {
            room.heard(*stamp);
        }
        room.heard(stamps[10]);
        assert!(!room.is_settled(), "three are missing");
        let ended = room.end();
        assert_eq!((ended.counts.sent, ended.counts.heard, ended.counts.lost), (20, 17, 3));
        assert_eq!((ended.counts.duplicated, ended.latency.count()), (1, 17), "a duplicate has no latency");
    }

    #[test]
    fn in_a_closed_loop_whoever_hears_is_answered_by_the_next_message() {
        let (room, mut heard) = room(1, true);
        let first = sent(&room, 0);
        room.heard(first);
        let Ok(Say::Message { stamp, .. }) = heard[0].try_recv() else { panic!("the next message is on its way") };
        assert_eq!(stamp.number, 1);
        room.heard(first);
        assert!(heard[0].try_recv().is_err(), "a duplicate is not answered");
    }

    #[test]
    fn what_an_earlier_run_has_left_is_not_counted() {
        let (room, _heard) = room(1, true);
        room.heard(Stamp { run: 6, pair: 0, number: 0, due_ns: 0 });
        room.heard(Stamp { run: 7, pair: 9, number: 0, due_ns: 0 });
        assert_eq!(room.end().counts, Counts::default());
    }

    #[test]
    fn latency_is_counted_from_when_the_message_was_due() {
        let (room, _heard) = room(1, false);
        let due_ns = room.now_ns();
        let Some((_, Say::Message { stamp, .. })) = room.next(0, Some(due_ns)) else { panic!("there is such a pair") };
        std::thread::sleep(Duration::from_millis(20));
        room.heard(stamp);
        assert!(room.end().latency.quantile(1.0) >= Duration::from_millis(20));
    }
}
