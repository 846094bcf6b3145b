//! Acknowledging and reading: cursors, receipts, marks.

use std::sync::Arc;

use super::{NOW, account, ack, device, entries, message, pair, send, suite};
use crate::device::{Cursor, DeviceRole};
use crate::event::{Entry, Item, Mark, Receipt};
use crate::ids::{AccountId, ConversationId, Cseq, DeviceId, Seq};
use crate::limits::DEVICE_SILENT_MS;
use crate::ports::{Acknowledge, MarkRead, Store};

suite![
    a_cursor_only_moves_forward,
    a_cursor_beyond_the_head_changes_nothing,
    a_device_that_is_not_there_acknowledges_nothing,
    passing_is_not_delivering,
    delivering_makes_a_receipt_for_who_wrote_it,
    any_device_that_has_it_makes_the_receipt,
    receipts_are_made_once,
    one_acknowledgement_serves_every_conversation,
    a_reader_gets_the_latest_receipt_only,
    ones_own_messages_make_no_receipt,
    marks_only_grow_and_end_at_the_last_message,
    a_mark_tells_the_peer_only_if_asked,
    reading_counts_as_delivered,
    a_stranger_marks_nothing,
    the_floor_follows_the_primary,
    the_floor_follows_the_furthest_device_where_there_is_no_primary,
    a_silent_primary_does_not_hold_the_floor,
];

fn receipts(entries: &[Arc<Entry>]) -> Vec<Receipt> {
    let receipt = |entry: &Arc<Entry>| match &entry.item {
        Item::Receipt(receipt) => Some(receipt.clone()),
        _ => None,
    };
    entries.iter().filter_map(receipt).collect()
}

fn marks(entries: &[Arc<Entry>]) -> Vec<Mark> {
    let mark = |entry: &Arc<Entry>| match &entry.item {
        Item::Mark(mark) => Some(*mark),
        _ => None,
    };
    entries.iter().filter_map(mark).collect()
}

async fn last(store: &dyn Store, owner: AccountId) -> Seq {
    store.head(owner).await.expect("the store reads").last
}

async fn floor(store: &dyn Store, owner: AccountId) -> Seq {
    store.head(owner).await.expect("the store reads").delivered_floor
}

async fn cursor(store: &dyn Store, owner: AccountId, device: DeviceId) -> Cursor {
    store.cursor(owner, device).await.expect("the store reads")
}

async fn read(
    store: &dyn Store,
    owner: AccountId,
    conversation: ConversationId,
    cseq: u64,
    tell_peer: bool,
) -> Vec<(AccountId, Arc<Entry>)> {
    store.mark_read(MarkRead { owner, conversation, read: Cseq(cseq), tell_peer }).await.expect("the store marks")
}

async fn a_cursor_only_moves_forward(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, pair.by_alice("1")).await.entries[1].1.seq;
    let second = send(store, pair.by_alice("2")).await.entries[1].1.seq;
    assert_eq!(cursor(store, pair.bob, pair.bob_phone).await, Cursor::default());
    ack(store, pair.bob, pair.bob_phone, second, NOW).await;
    assert_eq!(cursor(store, pair.bob, pair.bob_phone).await, Cursor { passed: second, delivered: second });
    assert!(ack(store, pair.bob, pair.bob_phone, first, NOW).await.is_empty());
    assert_eq!(cursor(store, pair.bob, pair.bob_phone).await, Cursor { passed: second, delivered: second });
}

async fn a_cursor_beyond_the_head_changes_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("1")).await;
    let beyond = Seq(last(store, pair.bob).await.0 + 1);
    assert!(ack(store, pair.bob, pair.bob_phone, beyond, NOW).await.is_empty());
    assert_eq!(cursor(store, pair.bob, pair.bob_phone).await, Cursor::default());
    send(store, pair.by_alice("2")).await;
    assert_eq!(receipts(&entries(store, pair.alice).await), [], "what was not there yet was not delivered");
}

async fn a_device_that_is_not_there_acknowledges_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("1")).await;
    let end = last(store, pair.bob).await;
    for (owner, device) in [(pair.bob, DeviceId(99)), (AccountId(99), DeviceId(1))] {
        let cursor = Cursor { passed: end, delivered: end };
        let ack = Acknowledge { owner, device, cursor, at: NOW };
        assert_eq!(store.acknowledge(ack).await.expect("works"), None);
    }
    assert_eq!(cursor(store, pair.bob, DeviceId(99)).await, Cursor::default());
    assert_eq!(floor(store, pair.bob).await, Seq::ZERO);
}

async fn passing_is_not_delivering(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("1")).await;
    let end = last(store, pair.bob).await;
    let passed = Cursor { passed: end, delivered: Seq::ZERO };
    let ack = Acknowledge { owner: pair.bob, device: pair.bob_phone, cursor: passed, at: NOW };
    assert_eq!(store.acknowledge(ack).await.expect("the store acknowledges"), Some(Vec::new()));
    assert_eq!(cursor(store, pair.bob, pair.bob_phone).await, passed);
    assert_eq!(floor(store, pair.bob).await, Seq::ZERO);
}

async fn delivering_makes_a_receipt_for_who_wrote_it(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("1")).await;
    let two = send(store, pair.by_alice("2")).await;
    send(store, pair.by_alice("3")).await;
    let made = ack(store, pair.bob, pair.bob_phone, two.entries[1].1.seq, NOW).await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].0, pair.alice);
    let expected = Receipt {
        conversation: two.id.conversation,
        peer: super::address("bob"),
        delivered: two.id.cseq,
        read: Cseq(0),
        undelivered: Vec::new(),
    };
    assert_eq!(made[0].1.item, Item::Receipt(expected));
    let alices = entries(store, pair.alice).await;
    assert_eq!(alices.last(), Some(&made[0].1), "readers get the entry that was answered");
    assert_eq!(alices[3].prev, alices[2].seq, "a receipt is an entry like any other");
}

async fn any_device_that_has_it_makes_the_receipt(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    let one = send(store, pair.by_alice("1")).await;
    let made = ack(store, pair.bob, laptop, one.entries[1].1.seq, NOW).await;
    assert_eq!(receipts(&[Arc::clone(&made[0].1)])[0].delivered, one.id.cseq);
    assert_eq!(floor(store, pair.bob).await, Seq::ZERO, "the primary does not have it yet");
}

async fn receipts_are_made_once(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    send(store, pair.by_alice("1")).await;
    let end = last(store, pair.bob).await;
    assert_eq!(ack(store, pair.bob, pair.bob_phone, end, NOW).await.len(), 1);
    assert!(ack(store, pair.bob, pair.bob_phone, end, NOW).await.is_empty());
    assert!(ack(store, pair.bob, laptop, end, NOW).await.is_empty(), "the second device tells nothing new");
}

async fn one_acknowledgement_serves_every_conversation(store: &dyn Store) {
    let pair = pair(store).await;
    let carol = account(store, "carol").await.id;
    for n in 0..3 {
        send(store, pair.by_alice(&format!("a{n}"))).await;
        send(store, message(carol, DeviceId(1), pair.bob, &format!("c{n}"))).await;
    }
    let end = last(store, pair.bob).await;
    let mut made = ack(store, pair.bob, pair.bob_phone, end, NOW).await;
    made.sort_by_key(|(owner, _)| *owner);
    assert_eq!(made.iter().map(|(owner, _)| *owner).collect::<Vec<_>>(), [pair.alice, carol]);
    for (_, entry) in &made {
        assert_eq!(receipts(std::slice::from_ref(entry))[0].delivered, Cseq(3));
    }
}

async fn a_reader_gets_the_latest_receipt_only(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..4 {
        send(store, pair.by_alice(&format!("{n}"))).await;
        let end = last(store, pair.bob).await;
        ack(store, pair.bob, pair.bob_phone, end, NOW).await;
    }
    let alices = entries(store, pair.alice).await;
    let all = receipts(&alices);
    assert_eq!(all.len(), 1, "superseded rows are left out");
    assert_eq!(all[0].delivered, Cseq(4));
    assert_eq!(alices.len(), 5);
    assert_eq!(last(store, pair.alice).await.0 as u32, 8, "but each had its number");
}

async fn ones_own_messages_make_no_receipt(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("to bob")).await;
    send(store, message(pair.alice, pair.alice_phone, pair.alice, "note")).await;
    let end = last(store, pair.alice).await;
    assert!(ack(store, pair.alice, pair.alice_phone, end, NOW).await.is_empty());
}

async fn marks_only_grow_and_end_at_the_last_message(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..3 {
        send(store, pair.by_alice(&format!("{n}"))).await;
    }
    let conversation = store.direct_conversation(pair.alice, pair.bob).await.expect("reads").expect("is there");
    assert!(read(store, pair.bob, conversation, 0, false).await.is_empty(), "nothing read is no mark");
    let made = read(store, pair.bob, conversation, 2, false).await;
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].0, &made[0].1.item), (pair.bob, &Item::Mark(Mark { conversation, read: Cseq(2) })));
    assert!(read(store, pair.bob, conversation, 2, false).await.is_empty());
    assert!(read(store, pair.bob, conversation, 1, false).await.is_empty());
    assert_eq!(read(store, pair.bob, conversation, 900, false).await.len(), 1);
    let bobs = entries(store, pair.bob).await;
    assert_eq!(marks(&bobs), [Mark { conversation, read: Cseq(3) }], "clipped, and the latest only");
}

async fn a_mark_tells_the_peer_only_if_asked(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("1")).await;
    let two = send(store, pair.by_alice("2")).await;
    let conversation = two.id.conversation;
    read(store, pair.bob, conversation, 1, false).await;
    assert_eq!(receipts(&entries(store, pair.alice).await), []);
    let made = read(store, pair.bob, conversation, 2, true).await;
    assert_eq!(made.len(), 2, "the own mark and the peer's receipt");
    let told = receipts(&entries(store, pair.alice).await);
    assert_eq!((told.len(), told[0].read), (1, Cseq(2)));
    let note = send(store, message(pair.alice, pair.alice_phone, pair.alice, "note")).await;
    assert_eq!(read(store, pair.alice, note.id.conversation, 1, true).await.len(), 1, "nobody else reads a note");
}

async fn reading_counts_as_delivered(store: &dyn Store) {
    let pair = pair(store).await;
    let one = send(store, pair.by_alice("1")).await;
    read(store, pair.bob, one.id.conversation, 1, true).await;
    let told = receipts(&entries(store, pair.alice).await);
    assert_eq!((told[0].delivered, told[0].read), (Cseq(1), Cseq(1)));
    let end = last(store, pair.bob).await;
    assert!(ack(store, pair.bob, pair.bob_phone, end, NOW).await.is_empty(), "delivery is no news after reading");
}

async fn a_stranger_marks_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    let mallory = account(store, "mallory").await.id;
    let one = send(store, pair.by_alice("1")).await;
    assert!(read(store, mallory, one.id.conversation, 1, true).await.is_empty());
    let unknown = ConversationId(one.id.conversation.0 + 1000);
    assert!(read(store, pair.bob, unknown, 1, true).await.is_empty());
    assert_eq!(last(store, mallory).await, Seq::ZERO);
    assert_eq!(receipts(&entries(store, pair.alice).await), []);
}

async fn the_floor_follows_the_primary(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    let one = send(store, pair.by_alice("1")).await.entries[1].1.seq;
    let two = send(store, pair.by_alice("2")).await.entries[1].1.seq;
    ack(store, pair.bob, laptop, two, NOW).await;
    assert_eq!(floor(store, pair.bob).await, Seq::ZERO);
    ack(store, pair.bob, pair.bob_phone, one, NOW).await;
    assert_eq!(floor(store, pair.bob).await, one);
    let fresh = device(store, pair.bob, DeviceRole::Primary, 8).await.id;
    assert_eq!(cursor(store, pair.bob, fresh).await, Cursor::default(), "a primary begins at the beginning");
    assert_eq!(floor(store, pair.bob).await, one, "a floor never falls");
}

async fn the_floor_follows_the_furthest_device_where_there_is_no_primary(store: &dyn Store) {
    let alice = account(store, "alice").await.id;
    let bob = account(store, "bob").await.id;
    let slow = device(store, bob, DeviceRole::Companion, 3).await.id;
    let quick = device(store, bob, DeviceRole::Companion, 4).await.id;
    let one = send(store, message(alice, DeviceId(1), bob, "1")).await.entries[1].1.seq;
    let two = send(store, message(alice, DeviceId(1), bob, "2")).await.entries[1].1.seq;
    ack(store, bob, quick, two, NOW).await;
    ack(store, bob, slow, one, NOW).await;
    assert_eq!(floor(store, bob).await, two);
    let third = device(store, bob, DeviceRole::Companion, 5).await.id;
    let start = Cursor { passed: two, delivered: two };
    assert_eq!(cursor(store, bob, third).await, start, "a companion begins where the account has been delivered");
}

async fn a_silent_primary_does_not_hold_the_floor(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    let one = send(store, pair.by_alice("1")).await.entries[1].1.seq;
    let later = NOW.plus_ms(DEVICE_SILENT_MS + 1);
    store.touch_device(pair.bob, laptop, later).await.expect("the store writes");
    ack(store, pair.bob, laptop, one, later).await;
    assert_eq!(floor(store, pair.bob).await, one);
}
