//! Retention classes, pruning, and what outlives both.

use super::{ALL, NOW, Pair, ack, entries, message_texts, outcome, pair, send, suite, texts};
use crate::ids::{AccountId, Seq, TimestampMs};
use crate::limits::DEDUPE_KEPT_MS;
use crate::ports::{Append, AppendOutcome, Store};
use crate::retention::Retention;

suite![
    what_is_kept_survives_delivery_and_pruning,
    until_delivered_ends_for_each_owner_at_the_floor,
    until_delivered_is_in_the_history_only_while_it_waits,
    until_delivered_expires_undelivered,
    until_a_moment_ends_delivered_or_not,
    classes_mix_in_one_timeline,
    numbers_go_on_after_everything_is_gone,
    a_cursor_at_a_pruned_place_is_still_known,
    an_id_is_remembered_after_its_message_is_gone,
    an_id_is_forgotten_after_its_time,
    pruning_twice_takes_nothing_more,
];

const HOUR_MS: u64 = 3_600_000;
pub(super) const EXPIRES: TimestampMs = TimestampMs(NOW.0 + 24 * HOUR_MS);

pub(super) fn volatile(pair: &Pair, text: &str) -> Append {
    Append { retention: Retention::UntilDelivered { expires: EXPIRES }, ..pair.by_alice(text) }
}

pub(super) fn timed(pair: &Pair, text: &str) -> Append {
    Append { retention: Retention::Until(EXPIRES), ..pair.by_alice(text) }
}

pub(super) async fn deliver(store: &dyn Store, pair: &Pair) {
    for (owner, device) in [(pair.alice, pair.alice_phone), (pair.bob, pair.bob_phone)] {
        let end = store.head(owner).await.expect("the store reads").last;
        ack(store, owner, device, end, NOW).await;
    }
}

async fn read(store: &dyn Store, owner: AccountId) -> Vec<String> {
    texts(&entries(store, owner).await)
}

pub(super) async fn prune(store: &dyn Store, now: TimestampMs) -> u64 {
    store.prune(now).await.expect("the store prunes").entries
}

async fn what_is_kept_survives_delivery_and_pruning(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("for ever")).await;
    deliver(store, &pair).await;
    prune(store, NOW.plus_ms(1000 * 24 * HOUR_MS)).await;
    assert_eq!(read(store, pair.alice).await, ["for ever"]);
    assert_eq!(read(store, pair.bob).await, ["for ever"]);
}

async fn until_delivered_ends_for_each_owner_at_the_floor(store: &dyn Store) {
    let pair = pair(store).await;
    let one = send(store, volatile(&pair, "1")).await;
    send(store, volatile(&pair, "2")).await;
    assert_eq!(read(store, pair.bob).await, ["1", "2"]);
    ack(store, pair.bob, pair.bob_phone, one.entries[1].1.seq, NOW).await;
    assert_eq!(read(store, pair.bob).await, ["2"], "dead at once, before any pruning");
    assert_eq!(read(store, pair.alice).await, ["1", "2"], "the other side has its own floor");
    assert!(prune(store, NOW).await >= 1);
    assert_eq!(read(store, pair.bob).await, ["2"]);
    assert_eq!(read(store, pair.alice).await, ["1", "2"]);
}

async fn until_delivered_is_in_the_history_only_while_it_waits(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, pair.by_alice("kept")).await;
    send(store, volatile(&pair, "waits")).await;
    send(store, pair.by_bob("kept too")).await;
    let history = async |reader| {
        let page = store.read_before(reader, first.id.conversation, None, ALL).await.expect("reads");
        message_texts(&page.expect("a member may read").0)
    };
    assert_eq!(history(pair.bob).await, ["kept", "waits", "kept too"]);
    let end = store.head(pair.bob).await.expect("the store reads").last;
    ack(store, pair.bob, pair.bob_phone, end, NOW).await;
    assert_eq!(history(pair.bob).await, ["kept", "kept too"]);
    assert_eq!(history(pair.alice).await, ["kept", "waits", "kept too"]);
    let next = send(store, pair.by_bob("next")).await;
    assert_eq!(next.id.cseq.0, 4, "a message until delivered has its number in the conversation");
}

async fn until_delivered_expires_undelivered(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, volatile(&pair, "late")).await;
    prune(store, TimestampMs(EXPIRES.0 - 1)).await;
    assert_eq!(read(store, pair.bob).await, ["late"]);
    assert_eq!(prune(store, EXPIRES).await, 2);
    assert_eq!(read(store, pair.bob).await, [""; 0]);
    assert_eq!(read(store, pair.alice).await, [""; 0]);
}

async fn until_a_moment_ends_delivered_or_not(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, timed(&pair, "for a day")).await;
    deliver(store, &pair).await;
    prune(store, TimestampMs(EXPIRES.0 - 1)).await;
    assert_eq!(read(store, pair.bob).await, ["for a day"], "delivery does not end it");
    assert!(prune(store, EXPIRES).await >= 2);
    assert_eq!(read(store, pair.bob).await, [""; 0]);
    let page = store.read_before(pair.bob, sent.id.conversation, None, ALL).await.expect("reads").expect("a member");
    assert!(page.0.is_empty(), "the history forgets it too");
    let next = send(store, pair.by_bob("next")).await;
    assert_eq!(next.id.cseq.0, 2, "its number is not used again");
}

async fn classes_mix_in_one_timeline(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..9 {
        let text = format!("{n}");
        let append = match n % 3 {
            0 => pair.by_alice(&text),
            1 => volatile(&pair, &text),
            _ => timed(&pair, &text),
        };
        send(store, append).await;
    }
    deliver(store, &pair).await;
    assert_eq!(read(store, pair.bob).await, ["0", "2", "3", "5", "6", "8"]);
    prune(store, NOW).await;
    assert_eq!(read(store, pair.bob).await, ["0", "2", "3", "5", "6", "8"]);
    prune(store, EXPIRES).await;
    assert_eq!(read(store, pair.bob).await, ["0", "3", "6"]);
    assert_eq!(read(store, pair.alice).await, ["0", "3", "6"]);
}

async fn numbers_go_on_after_everything_is_gone(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..3 {
        send(store, volatile(&pair, &format!("{n}"))).await;
    }
    deliver(store, &pair).await;
    let head = store.head(pair.bob).await.expect("the store reads").last;
    prune(store, NOW).await;
    let next = send(store, pair.by_alice("next")).await;
    let theirs = &next.entries[1].1;
    assert_eq!(theirs.prev, head, "the place before it is named, though its entry is gone");
    assert_eq!(theirs.seq.0, head.0 + 1);
    assert_eq!(next.id.cseq.0, 4);
}

async fn a_cursor_at_a_pruned_place_is_still_known(store: &dyn Store) {
    let pair = pair(store).await;
    let mut places = vec![Seq::ZERO];
    for n in 0..3 {
        places.push(send(store, volatile(&pair, &format!("{n}"))).await.entries[1].1.seq);
    }
    prune(store, EXPIRES).await;
    for place in places {
        let page = store.read_after(pair.bob, place, ALL).await.expect("the store reads");
        assert!(!page.reset && page.entries.is_empty() && !page.more, "{place} was a place of this log");
        assert_eq!(page.next, store.head(pair.bob).await.expect("the store reads").last);
    }
}

async fn an_id_is_remembered_after_its_message_is_gone(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, volatile(&pair, "once")).await;
    deliver(store, &pair).await;
    prune(store, EXPIRES).await;
    let mut late = volatile(&pair, "once");
    late.at = EXPIRES;
    let again = send(store, late).await;
    assert!(again.duplicate);
    assert_eq!((again.id, again.sent, again.seq), (first.id, first.sent, first.seq));
    let mut other = volatile(&pair, "once");
    other.fingerprint[0] ^= 1;
    assert_eq!(outcome(store, other).await, AppendOutcome::Conflict);
    assert_eq!(read(store, pair.bob).await, [""; 0]);
}

async fn an_id_is_forgotten_after_its_time(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("again")).await;
    let end = NOW.plus_ms(DEDUPE_KEPT_MS);
    let at = |at| Append { at, ..pair.by_alice("again") };
    assert_eq!(store.prune(end).await.expect("the store prunes").dedupe, 0);
    assert!(send(store, at(end)).await.duplicate);
    assert_eq!(store.prune(end.plus_ms(1)).await.expect("the store prunes").dedupe, 1);
    let second = send(store, at(end.plus_ms(2))).await;
    assert!(!second.duplicate);
    assert!(send(store, at(end.plus_ms(3))).await.duplicate, "the new message is remembered in its turn");
    let after_that = end.plus_ms(DEDUPE_KEPT_MS + 3);
    assert!(!send(store, at(after_that)).await.duplicate, "forgotten by its time, pruned or not");
}

async fn pruning_twice_takes_nothing_more(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, volatile(&pair, "1")).await;
    send(store, pair.by_alice("2")).await;
    deliver(store, &pair).await;
    let later = NOW.plus_ms(2 * DEDUPE_KEPT_MS);
    let first = store.prune(later).await.expect("the store prunes");
    assert_eq!((first.entries, first.dedupe), (2, 2));
    assert_eq!(store.prune(later).await.expect("the store prunes"), Default::default());
}
