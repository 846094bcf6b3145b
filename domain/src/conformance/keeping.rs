//! What members wish for a conversation, what accounts show of their reading, and what ends before it is delivered.

use std::sync::Arc;

use super::{ALL, NOW, account, ack, device, entries, message, pair, send, suite, texts};
use crate::account::{Privacy, PrivacyChange};
use crate::contact::{Audience, Deed};
use crate::device::DeviceRole;
use crate::event::{Entry, Item, Keeping, Receipt};
use crate::ids::{AccountId, ConversationId, Cseq, DeviceId, Seq, TimestampMs};
use crate::limits::UNDELIVERED_MS;
use crate::ports::{Append, KeepingSet, MarkRead, Store};
use crate::retention::{Retention, Wish};

suite![
    a_wish_is_seen_by_both_sides_and_only_the_latest,
    a_wish_shortens_what_is_sent_after_it_by_either_side,
    the_shorter_of_two_wishes_holds_and_a_longer_one_than_the_servers_changes_nothing,
    a_wish_of_a_stranger_is_none,
    what_expires_undelivered_is_told_to_who_wrote_it_once,
    what_a_device_was_not_given_because_it_expired_is_told_when_it_goes_past_it,
    what_a_companion_has_is_not_told_as_lost,
    a_companion_that_reads_first_takes_nothing_from_the_primary,
    a_receipt_tells_reading_only_between_two_who_both_show_it,
    reading_is_told_between_two_who_are_each_in_the_audience_of_the_other,
    privacy_is_told_to_the_own_devices_and_survives_a_change_of_nothing,
];

const HOUR_MS: u64 = 3_600_000;
const HOUR: Wish = Wish { until_delivered: false, at_most_ms: Some(HOUR_MS) };
const DELIVERED: Wish = Wish { until_delivered: true, at_most_ms: None };
const EXPIRES: TimestampMs = TimestampMs(NOW.0 + HOUR_MS);

fn volatile(append: Append) -> Append {
    Append { retention: Retention::UntilDelivered { expires: EXPIRES }, ..append }
}

async fn end(store: &dyn Store, owner: AccountId) -> Seq {
    store.head(owner).await.expect("the store reads").last
}

async fn read(store: &dyn Store, owner: AccountId) -> Vec<String> {
    texts(&entries(store, owner).await)
}

async fn wish(store: &dyn Store, owner: AccountId, id: ConversationId, wish: Wish) -> KeepingSet {
    store.set_keeping(owner, id, wish).await.expect("the store writes").expect("a member may wish")
}

fn keepings(entries: &[Arc<Entry>]) -> Vec<Keeping> {
    let keeping = |entry: &Arc<Entry>| match &entry.item {
        Item::Keeping(keeping) => Some(keeping.clone()),
        _ => None,
    };
    entries.iter().filter_map(keeping).collect()
}

pub(super) fn receipts(entries: &[Arc<Entry>]) -> Vec<Receipt> {
    let receipt = |entry: &Arc<Entry>| match &entry.item {
        Item::Receipt(receipt) => Some(receipt.clone()),
        _ => None,
    };
    entries.iter().filter_map(receipt).collect()
}

async fn receipt(store: &dyn Store, owner: AccountId) -> Option<Receipt> {
    let mut all = receipts(&entries(store, owner).await);
    assert!(all.len() <= 1, "a reader gets the latest row only");
    all.pop()
}

async fn a_wish_is_seen_by_both_sides_and_only_the_latest(store: &dyn Store) {
    let pair = pair(store).await;
    let id = send(store, pair.by_alice("hello")).await.id.conversation;
    let none = store.keeping(pair.alice, id).await.expect("reads").expect("a member");
    assert_eq!((none.mine, none.theirs), (Wish::default(), Wish::default()));

    let set = wish(store, pair.alice, id, HOUR).await;
    assert_eq!((set.keeping.mine, set.keeping.theirs), (HOUR, Wish::default()));
    let mut told: Vec<AccountId> = set.entries.iter().map(|(owner, _)| *owner).collect();
    told.sort();
    assert_eq!(told, [pair.alice, pair.bob]);
    for (owner, entry) in &set.entries {
        assert_eq!(entries(store, *owner).await.last(), Some(entry), "readers get what was answered");
    }
    assert!(wish(store, pair.alice, id, HOUR).await.entries.is_empty(), "nothing new is not told");
    wish(store, pair.bob, id, DELIVERED).await;
    wish(store, pair.alice, id, Wish::default()).await;
    let (at_alice, at_bob) = (keepings(&entries(store, pair.alice).await), keepings(&entries(store, pair.bob).await));
    let seen = |peer: &str, mine, theirs| Keeping { conversation: id, peer: super::address(peer), mine, theirs };
    assert_eq!(at_alice, [seen("bob", Wish::default(), DELIVERED)]);
    assert_eq!(at_bob, [seen("alice", DELIVERED, Wish::default())]);
    assert_eq!(store.keeping(pair.bob, id).await.expect("reads").as_ref(), at_bob.first());
}

async fn a_wish_shortens_what_is_sent_after_it_by_either_side(store: &dyn Store) {
    let pair = pair(store).await;
    let id = send(store, pair.by_alice("before")).await.id.conversation;
    wish(store, pair.bob, id, HOUR).await;
    send(store, pair.by_alice("alice's")).await;
    send(store, pair.by_bob("bob's")).await;
    wish(store, pair.bob, id, Wish::default()).await;
    send(store, pair.by_bob("after")).await;
    store.prune(TimestampMs(EXPIRES.0 - 1)).await.expect("prunes");
    assert_eq!(read(store, pair.alice).await, ["before", "alice's", "bob's", "after"]);
    store.prune(EXPIRES).await.expect("prunes");
    for owner in [pair.alice, pair.bob] {
        assert_eq!(read(store, owner).await, ["before", "after"]);
        let history = store.read_before(owner, id, None, ALL).await.expect("reads").expect("a member").0;
        assert_eq!(super::message_texts(&history), ["before", "after"]);
    }
}

async fn the_shorter_of_two_wishes_holds_and_a_longer_one_than_the_servers_changes_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    let id = send(store, pair.by_alice("first")).await.id.conversation;
    let year = Wish { until_delivered: false, at_most_ms: Some(365 * 24 * HOUR_MS) };
    wish(store, pair.alice, id, year).await;
    wish(store, pair.bob, id, HOUR).await;
    send(store, pair.by_alice("an hour")).await;
    wish(store, pair.bob, id, year).await;
    let server = Retention::Until(TimestampMs(NOW.0 + 2 * HOUR_MS));
    send(store, Append { retention: server, ..pair.by_alice("two hours") }).await;
    wish(store, pair.bob, id, DELIVERED).await;
    send(store, pair.by_alice("until delivered")).await;
    let reads = async |at: u64| {
        store.prune(TimestampMs(NOW.0 + at)).await.expect("prunes");
        read(store, pair.bob).await
    };
    assert_eq!(reads(HOUR_MS).await, ["first", "two hours", "until delivered"]);
    assert_eq!(reads(2 * HOUR_MS).await, ["first", "until delivered"]);
    let all = end(store, pair.bob).await;
    ack(store, pair.bob, pair.bob_phone, all, NOW).await;
    assert_eq!(reads(2 * HOUR_MS).await, ["first"], "delivered, and so gone");
    assert!(read(store, pair.alice).await.contains(&"until delivered".to_owned()), "her own copy waits for her phone");
    store.prune(TimestampMs(NOW.0 + UNDELIVERED_MS)).await.expect("prunes");
    assert_eq!(read(store, pair.alice).await, ["first"], "but not for ever");
}

async fn a_wish_of_a_stranger_is_none(store: &dyn Store) {
    let pair = pair(store).await;
    let mallory = account(store, "mallory").await.id;
    let id = send(store, pair.by_alice("1")).await.id.conversation;
    assert_eq!(store.set_keeping(mallory, id, HOUR).await.expect("works"), None);
    assert_eq!(store.keeping(mallory, id).await.expect("reads"), None);
    assert_eq!(store.set_keeping(pair.bob, ConversationId(id.0 + 77), HOUR).await.expect("works"), None);
    assert!(keepings(&entries(store, pair.bob).await).is_empty());
    let note = send(store, message(pair.alice, pair.alice_phone, pair.alice, "note")).await;
    assert_eq!(wish(store, pair.alice, note.id.conversation, HOUR).await.entries.len(), 1, "notes have one side");
}

fn stretches(receipt: &Receipt) -> Vec<(u64, u64)> {
    receipt.undelivered.iter().map(|(first, last)| (first.0, last.0)).collect()
}

async fn what_expires_undelivered_is_told_to_who_wrote_it_once(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, volatile(pair.by_alice("1"))).await;
    send(store, pair.by_bob("between")).await;
    send(store, Append { retention: Retention::Until(EXPIRES), ..pair.by_alice("3") }).await;
    ack(store, pair.alice, pair.alice_phone, end(store, pair.alice).await, NOW).await;
    assert_eq!(receipt(store, pair.alice).await, None);
    let pruned = store.prune(EXPIRES).await.expect("prunes");
    let [(owner, entry)] = pruned.told.as_slice() else { panic!("one receipt is told, not {:?}", pruned.told) };
    assert_eq!(*owner, pair.alice);
    let told = receipt(store, pair.alice).await.expect("is there");
    assert_eq!(entry.item, Item::Receipt(told.clone()));
    assert_eq!(stretches(&told), [(1, 1), (3, 3)], "the second is Bob's own");
    assert_eq!((told.delivered, told.read), (Cseq(0), Cseq(0)));
    assert!(store.prune(EXPIRES.plus_ms(1)).await.expect("prunes").told.is_empty());
    // A later loss goes on with the stretch that it touches; after a delivery it is another.
    let again = |text: &str| Append { at: EXPIRES, ..pair.by_alice(text) };
    let ends = |append: Append, at: u64| Append { retention: Retention::Until(EXPIRES.plus_ms(at)), ..append };
    send(store, ends(again("4"), 10)).await;
    store.prune(EXPIRES.plus_ms(10)).await.expect("prunes");
    let told = receipt(store, pair.alice).await.expect("is there");
    assert_eq!(stretches(&told), [(1, 1), (3, 4)]);
    send(store, again("5")).await;
    ack(store, pair.bob, pair.bob_phone, end(store, pair.bob).await, EXPIRES.plus_ms(10)).await;
    send(store, ends(again("6"), 20)).await;
    store.prune(EXPIRES.plus_ms(20)).await.expect("prunes");
    let told = receipt(store, pair.alice).await.expect("is there");
    assert_eq!((told.delivered, stretches(&told)), (Cseq(5), vec![(1, 1), (3, 4), (6, 6)]));
    assert_eq!(first.id.cseq, Cseq(1));
}

async fn what_a_device_was_not_given_because_it_expired_is_told_when_it_goes_past_it(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, volatile(pair.by_alice("lost"))).await;
    send(store, volatile(pair.by_alice("lost too"))).await;
    send(store, Append { at: EXPIRES, ..pair.by_alice("comes") }).await;
    // Before anything is pruned: the device was given the third alone and goes past all.
    let made = ack(store, pair.bob, pair.bob_phone, end(store, pair.bob).await, EXPIRES).await;
    assert_eq!(made.len(), 1);
    let told = receipt(store, pair.alice).await.expect("is there");
    assert_eq!((told.delivered, stretches(&told)), (Cseq(3), vec![(1, 2)]));
    assert!(store.prune(EXPIRES).await.expect("prunes").told.is_empty(), "told already");
}

async fn what_a_companion_has_is_not_told_as_lost(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    send(store, volatile(pair.by_alice("1"))).await;
    ack(store, pair.bob, laptop, end(store, pair.bob).await, NOW).await;
    assert!(store.prune(EXPIRES).await.expect("prunes").told.is_empty());
    ack(store, pair.bob, pair.bob_phone, end(store, pair.bob).await, EXPIRES).await;
    let told = receipt(store, pair.alice).await.expect("is there");
    assert_eq!((told.delivered, stretches(&told)), (Cseq(1), vec![]));
}

async fn a_companion_that_reads_first_takes_nothing_from_the_primary(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    for n in 0..3 {
        send(store, volatile(pair.by_alice(&n.to_string()))).await;
    }
    let all = end(store, pair.bob).await;
    assert_eq!(ack(store, pair.bob, laptop, all, NOW).await.len(), 1, "the sender has the second tick");
    store.prune(NOW).await.expect("prunes");
    assert_eq!(read(store, pair.bob).await, ["0", "1", "2"], "the phone has not had them yet");
    let waiting = store.head(pair.bob).await.expect("reads").waiting;
    assert_eq!(waiting.entries, 3, "and so they wait");
    ack(store, pair.bob, pair.bob_phone, all, NOW).await;
    assert!(store.prune(NOW).await.expect("prunes").entries >= 3, "now they are reclaimed");
    assert_eq!(read(store, pair.bob).await, [""; 0]);
    assert_eq!(store.head(pair.bob).await.expect("reads").waiting.entries, 0);
}

async fn privacy(store: &dyn Store, owner: AccountId, shown: bool) -> Option<Arc<Entry>> {
    let read_receipts = if shown { Audience::Everyone } else { Audience::Nobody };
    let change = PrivacyChange { read_receipts: Some(read_receipts), ..PrivacyChange::default() };
    let (privacy, entry) = store.set_privacy(owner, change).await.expect("writes").expect("is there");
    assert_eq!(privacy, Privacy { read_receipts, ..Privacy::default() });
    entry
}

async fn a_receipt_tells_reading_only_between_two_who_both_show_it(store: &dyn Store) {
    let pair = pair(store).await;
    let id = send(store, pair.by_alice("1")).await.id.conversation;
    for n in 2..=6 {
        send(store, pair.by_alice(&n.to_string())).await;
    }
    let mark = async |read: u64| {
        let mark = MarkRead { owner: pair.bob, conversation: id, read: Cseq(read), tell_peer: true };
        store.mark_read(mark).await.expect("marks")
    };
    let read = async || receipt(store, pair.alice).await.map(|receipt| receipt.read);
    mark(1).await;
    assert_eq!(read().await, Some(Cseq(1)));
    privacy(store, pair.bob, false).await;
    assert_eq!(mark(2).await.len(), 1, "his own devices have the mark all the same");
    assert_eq!(read().await, Some(Cseq(1)), "what was told stays, and no more is told");
    ack(store, pair.bob, pair.bob_phone, end(store, pair.bob).await, NOW).await;
    let told = receipt(store, pair.alice).await.expect("is there");
    assert_eq!((told.delivered, told.read), (Cseq(6), Cseq(1)), "delivery is told");
    privacy(store, pair.bob, true).await;
    assert_eq!(read().await, Some(Cseq(1)), "what was read in silence is not told afterwards");
    privacy(store, pair.alice, false).await;
    mark(3).await;
    assert_eq!(read().await, Some(Cseq(1)), "who does not tell is not told");
    privacy(store, pair.alice, true).await;
    mark(4).await;
    assert_eq!(read().await, Some(Cseq(4)));
}

async fn reading_is_told_between_two_who_are_each_in_the_audience_of_the_other(store: &dyn Store) {
    let pair = pair(store).await;
    let mut read = 0;
    let lists = async |owner, peer, listed| {
        let deed = if listed { Deed::Put { name: "x".into(), labels: Vec::new() } } else { Deed::Remove };
        super::deed_of(store, owner, peer, deed).await;
    };
    let audiences = [Audience::Everyone, Audience::Contacts, Audience::Nobody];
    for (hers, his) in audiences.into_iter().flat_map(|hers| audiences.map(|his| (hers, his))) {
        for (owner, audience) in [(pair.alice, hers), (pair.bob, his)] {
            let change = PrivacyChange { read_receipts: Some(audience), ..PrivacyChange::default() };
            store.set_privacy(owner, change).await.expect("writes").expect("is there");
        }
        for (she_lists, he_lists) in [(false, false), (true, false), (false, true), (true, true)] {
            lists(pair.alice, pair.bob, she_lists).await;
            lists(pair.bob, pair.alice, he_lists).await;
            read += 1;
            let id = send(store, pair.by_alice(&read.to_string())).await.id;
            let mark = MarkRead { owner: pair.bob, conversation: id.conversation, read: id.cseq, tell_peer: true };
            let told = store.mark_read(mark).await.expect("marks").len() == 2;
            let shows = |audience, listed| audience == Audience::Everyone || (audience == Audience::Contacts && listed);
            assert_eq!(told, shows(hers, she_lists) && shows(his, he_lists), "{hers:?} {she_lists} {his:?} {he_lists}");
        }
    }
}

async fn privacy_is_told_to_the_own_devices_and_survives_a_change_of_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    assert_eq!(store.privacy(pair.bob).await.expect("reads"), Some(Privacy::default()));
    let nobody = AccountId(9999);
    assert_eq!(store.privacy(nobody).await.expect("reads"), None);
    let every = Privacy {
        read_receipts: Audience::Contacts,
        last_seen: Audience::Everyone,
        picture: Audience::Nobody,
        about: Audience::Contacts,
        found_by_phone: Audience::Nobody,
    };
    let change = PrivacyChange {
        read_receipts: Some(every.read_receipts),
        last_seen: Some(every.last_seen),
        picture: Some(every.picture),
        about: Some(every.about),
        found_by_phone: Some(every.found_by_phone),
    };
    store.set_privacy(pair.alice, change).await.expect("works").expect("is there");
    assert_eq!(store.privacy(pair.alice).await.expect("reads"), Some(every));
    let off = PrivacyChange { read_receipts: Some(Audience::Nobody), ..PrivacyChange::default() };
    assert_eq!(store.set_privacy(nobody, off).await.expect("works"), None);
    let entry = privacy(store, pair.bob, false).await.expect("is new");
    assert!(privacy(store, pair.bob, false).await.is_none(), "nothing new is not told");
    let unchanged = store.set_privacy(pair.bob, PrivacyChange::default()).await.expect("works").expect("is there");
    assert_eq!(unchanged, (Privacy { read_receipts: Audience::Nobody, ..Privacy::default() }, None));
    assert_eq!(entries(store, pair.bob).await, [entry]);
    privacy(store, pair.bob, true).await;
    let all = entries(store, pair.bob).await;
    assert_eq!(all.len(), 1, "the latest only");
    assert_eq!(all[0].item, Item::Privacy(Privacy::default()));
    assert_eq!(entries(store, pair.alice).await.len(), 1, "it is nobody else's affair");
    assert_eq!(store.cursor(pair.bob, DeviceId(99)).await.expect("reads").passed, Seq::ZERO);
}
