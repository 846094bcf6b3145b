//! Readers who want some kinds of data, or are with each at another place; and gaps.

use super::retention::{EXPIRES, deliver, prune, timed, volatile};
use super::{ALL, NOW, Pair, ack, deed_of, device, pair, send, suite};
use crate::contact::Deed;
use crate::device::DeviceRole;
use crate::ids::{AccountId, Cseq, Seq};
use crate::ports::{MarkRead, Page, PageLimit, Store};
use crate::sync_key::{DataKind, DataKinds, Places, SyncKey, kind_of};

suite![
    a_reader_of_some_kinds_gets_those_alone_and_the_same_in_pages_of_any_size,
    each_kind_goes_on_from_its_own_place,
    a_place_that_the_log_never_had_is_a_reset_whichever_kind_it_is_of,
    a_reader_who_wants_nothing_gets_nothing,
    a_gap_is_said_to_whoever_missed_a_message_and_to_nobody_else,
    rows_that_moved_on_are_no_gap,
    a_message_that_ended_where_it_was_delivered_is_a_gap_for_the_others_alone,
];

/// Messages both ways, receipts, marks and contacts, some of them several times.
async fn history(store: &dyn Store, pair: &Pair) {
    for n in 0..12 {
        let sent =
            send(store, if n % 2 == 0 { pair.by_alice(&n.to_string()) } else { pair.by_bob(&n.to_string()) }).await;
        if n % 3 == 0 {
            let end = store.head(pair.bob).await.expect("the store reads").last;
            ack(store, pair.bob, pair.bob_phone, end, NOW).await;
        }
        if n % 4 == 0 {
            let mark =
                MarkRead { owner: pair.alice, conversation: sent.id.conversation, read: Cseq(n), tell_peer: true };
            store.mark_read(mark).await.expect("the store marks");
        }
        if n % 5 == 0 {
            let deed = Deed::Put { name: n.to_string(), labels: Vec::new() };
            deed_of(store, pair.alice, pair.bob, deed).await;
        }
    }
    deed_of(store, pair.bob, pair.alice, Deed::Request { note: String::new() }).await;
}

fn places(values: [u64; DataKind::COUNT], kinds: &[u32]) -> Places {
    let list = DataKind::ALL.into_iter().zip(values).map(|(kind, value)| (kind.number(), value));
    SyncKey::from_list(list).expect("a key").places(DataKinds::from_numbers(kinds))
}

async fn read(store: &dyn Store, owner: AccountId, after: Places) -> Page {
    store.read_kinds_after(owner, after, ALL).await.expect("the store reads")
}

fn seqs(page: &Page) -> Vec<Seq> {
    page.entries.iter().map(|entry| entry.seq).collect()
}

async fn a_reader_of_some_kinds_gets_those_alone_and_the_same_in_pages_of_any_size(store: &dyn Store) {
    let pair = pair(store).await;
    history(store, &pair).await;
    for owner in [pair.alice, pair.bob] {
        let all = read(store, owner, Places::all(Seq::ZERO)).await;
        assert_eq!(all, store.read_after(owner, Seq::ZERO, ALL).await.expect("the store reads"));
        for kinds in [&[1][..], &[2], &[3], &[4], &[5], &[1, 3], &[4, 5], &[2, 3, 77]] {
            let wanted = DataKinds::from_numbers(kinds);
            let expected: Vec<Seq> =
                all.entries.iter().filter(|entry| wanted.has(kind_of(&entry.item))).map(|entry| entry.seq).collect();
            for entries in [1, 2, 7, 10_000] {
                let limit = PageLimit { entries, bytes: usize::MAX };
                let (mut key, mut got) = (SyncKey::default(), Vec::new());
                loop {
                    let page = store.read_kinds_after(owner, key.places(wanted), limit).await.expect("the store reads");
                    got.extend(seqs(&page));
                    key = key.advanced(wanted, page.next);
                    if !page.more {
                        break;
                    }
                }
                assert_eq!(got, expected, "kinds {kinds:?} in pages of {entries}");
            }
        }
    }
}

async fn each_kind_goes_on_from_its_own_place(store: &dyn Store) {
    let pair = pair(store).await;
    history(store, &pair).await;
    let all = read(store, pair.alice, Places::all(Seq::ZERO)).await;
    let places_had: Vec<u64> = [0].into_iter().chain(all.entries.iter().map(|entry| entry.seq.0)).collect();
    for (at, one) in places_had.iter().enumerate() {
        let other = places_had[(at * 7 + 3) % places_had.len()];
        let after = places([*one, other, 0, all.next.0, *one], &[]);
        let page = read(store, pair.alice, after).await;
        let expected: Vec<Seq> = all
            .entries
            .iter()
            .filter(|entry| after.want(kind_of(&entry.item), entry.seq))
            .map(|entry| entry.seq)
            .collect();
        assert_eq!(seqs(&page), expected);
        assert_eq!((page.next, page.more, page.reset), (all.next, false, false));
    }
}

async fn a_place_that_the_log_never_had_is_a_reset_whichever_kind_it_is_of(store: &dyn Store) {
    let pair = pair(store).await;
    history(store, &pair).await;
    let all = read(store, pair.bob, Places::all(Seq::ZERO)).await;
    let (end, beyond) = (all.next.0, all.next.0 + 1);
    for values in [
        [beyond, end, end, end, end],
        [end, beyond, end, end, end],
        [end, 0, beyond, end, 0],
        [0, end, end, beyond, end],
        [end, end, end, end, beyond],
    ] {
        let page = read(store, pair.bob, places(values, &[])).await;
        assert!(page.reset);
        assert_eq!(seqs(&page), seqs(&all), "the log begins anew, for every kind");
    }
    let page = read(store, pair.bob, places([beyond, end, end, end, end], &[2, 3, 4])).await;
    assert!(!page.reset && page.entries.is_empty(), "a kind that is not wanted is not looked at");
}

async fn a_reader_who_wants_nothing_gets_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    history(store, &pair).await;
    let page = read(store, pair.bob, places([0; 5], &[77])).await;
    assert!(page.entries.is_empty() && !page.more && !page.reset && !page.gap);
}

async fn a_gap_is_said_to_whoever_missed_a_message_and_to_nobody_else(store: &dyn Store) {
    let pair = pair(store).await;
    let before = send(store, pair.by_alice("kept")).await.entries[1].1.seq;
    let first = send(store, timed(&pair, "1")).await.entries[1].1.seq;
    let last = send(store, timed(&pair, "2")).await.entries[1].1.seq;
    send(store, pair.by_alice("kept too")).await;
    let gap = async |after| store.read_after(pair.bob, after, ALL).await.expect("the store reads").gap;
    assert!(!gap(Seq::ZERO).await, "nothing is gone yet");
    prune(store, EXPIRES).await;
    for (after, missed) in [(Seq::ZERO, true), (before, true), (first, true), (last, false)] {
        assert_eq!(gap(after).await, missed, "after {after}");
    }
    let end = store.head(pair.bob).await.expect("the store reads").last;
    assert!(!gap(end).await);
    assert!(!read(store, pair.bob, places([0; 5], &[2, 3, 4, 5])).await.gap, "no messages were wanted");
    assert!(!read(store, pair.bob, places([last.0, 0, 0, 0, 0], &[])).await.gap, "the place with the messages counts");
    let one = PageLimit { entries: 1, bytes: usize::MAX };
    let page = store.read_after(pair.bob, before, one).await.expect("the store reads");
    assert!(page.gap, "also where a page holds less than all");
}

async fn rows_that_moved_on_are_no_gap(store: &dyn Store) {
    let pair = pair(store).await;
    history(store, &pair).await;
    prune(store, NOW.plus_ms(1)).await;
    for owner in [pair.alice, pair.bob] {
        let all = store.read_after(owner, Seq::ZERO, ALL).await.expect("the store reads");
        assert!(all.entries.windows(2).any(|two| two[1].prev != two[0].seq), "some row has moved on");
        assert!(!all.gap);
        for entry in &all.entries {
            assert!(!store.read_after(owner, entry.prev, ALL).await.expect("the store reads").gap);
        }
    }
}

async fn a_message_that_ended_where_it_was_delivered_is_a_gap_for_the_others_alone(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    let one = send(store, volatile(&pair, "1")).await.entries[1].1.seq;
    let two = send(store, volatile(&pair, "2")).await.entries[1].1.seq;
    ack(store, pair.bob, laptop, one, NOW).await;
    let gap = async |after| store.read_after(pair.bob, after, ALL).await.expect("the store reads").gap;
    assert!(!gap(Seq::ZERO).await, "the primary has not got it: it is kept");
    deliver(store, &pair).await;
    assert!(gap(one).await, "the laptop was given the first alone");
    assert!(!gap(two).await, "the phone was given both");
    prune(store, NOW).await;
    assert!(gap(one).await && !gap(two).await, "the same after pruning");
    send(store, pair.by_alice("3")).await;
    assert!(gap(one).await && !gap(two).await);
}
