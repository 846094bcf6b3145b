//! Looking for a message: what a store must still know of it, while it is kept and afterwards.

use super::{NOW, ack, client_id, message, pair, send, suite};
use crate::ids::{ConversationId, Cseq, DeviceId, MessageId, Seq, TimestampMs};
use crate::ports::{Append, MarkRead, Store, Traced, TracedEntry, TracedSide};
use crate::retention::Retention;

suite![
    a_kept_message_is_found_on_both_sides_with_its_head_and_its_places,
    a_trace_tells_what_was_delivered_and_read,
    a_message_until_delivered_is_found_while_it_waits_and_known_to_be_over_afterwards,
    a_message_whose_time_is_over_is_known_to_be_over,
    a_message_to_an_account_that_is_gone_says_so,
    a_note_to_self_has_one_side,
    a_number_that_was_never_given_is_no_message,
    a_client_id_leads_to_what_every_device_sent_under_it,
];

async fn traced(store: &dyn Store, id: MessageId) -> Traced {
    store.trace(id).await.expect("the store looks").expect("there is such a message")
}

fn side<'a>(traced: &'a Traced, local: &str) -> &'a TracedSide {
    traced.sides.iter().find(|side| side.address.local() == local).expect("the side is there")
}

/// Whether readers no longer get it; a store may have taken it from the disk already.
fn over(entry: TracedEntry) -> bool {
    matches!(entry, TracedEntry::Over(_) | TracedEntry::Gone)
}

async fn a_kept_message_is_found_on_both_sides_with_its_head_and_its_places(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_bob("earlier")).await;
    let sent = send(store, pair.by_alice("this")).await;
    send(store, pair.by_alice("later")).await;
    let traced = traced(store, sent.id).await;
    let written = traced.written.as_ref().expect("it is kept");
    assert_eq!((written.author, written.device, written.sent), (pair.alice, pair.alice_phone, NOW));
    assert_eq!((&written.client_id, written.retention), (&client_id("this"), Retention::Keep));
    assert_eq!(traced.sides.len(), 2);
    let [(_, own), (_, theirs)] = &sent.entries[..] else { panic!("two entries: {:?}", sent.entries) };
    assert_eq!(side(&traced, "alice").entry, TracedEntry::Kept(own.seq));
    assert_eq!(side(&traced, "bob").entry, TracedEntry::Kept(theirs.seq));
    assert!(traced.sides.iter().all(|side| side.there && side.devices_made == 1));
}

async fn a_trace_tells_what_was_delivered_and_read(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("1")).await;
    send(store, pair.by_alice("2")).await;
    let before = traced(store, sent.id).await;
    let alice = side(&before, "alice");
    assert_eq!((alice.peer_delivered, alice.peer_read, side(&before, "bob").read), (Cseq(0), Cseq(0), Cseq(0)));
    ack(store, pair.bob, pair.bob_phone, sent.entries[1].1.seq, NOW).await;
    let mark = MarkRead { owner: pair.bob, conversation: sent.id.conversation, read: Cseq(1), tell_peer: true };
    store.mark_read(mark).await.expect("the store marks");
    let after = traced(store, sent.id).await;
    let alice = side(&after, "alice");
    assert_eq!((alice.peer_delivered, alice.peer_read, side(&after, "bob").read), (Cseq(1), Cseq(1), Cseq(1)));
}

async fn a_message_until_delivered_is_found_while_it_waits_and_known_to_be_over_afterwards(store: &dyn Store) {
    let pair = pair(store).await;
    let expires = NOW.plus_ms(1_000_000);
    let sent = send(store, Append { retention: Retention::UntilDelivered { expires }, ..pair.by_alice("waits") }).await;
    let waiting = traced(store, sent.id).await;
    assert_eq!(waiting.written.expect("it waits").retention, Retention::UntilDelivered { expires });
    for (owner, entry) in &sent.entries {
        let device = if *owner == pair.alice { pair.alice_phone } else { pair.bob_phone };
        ack(store, *owner, device, entry.seq, NOW).await;
    }
    let delivered = traced(store, sent.id).await;
    assert_eq!(delivered.written, None);
    assert!(delivered.sides.iter().all(|side| over(side.entry)), "{delivered:?}");
    assert_eq!(side(&delivered, "alice").peer_delivered, Cseq(1));
    store.prune(NOW).await.expect("the store prunes");
    assert!(traced(store, sent.id).await.sides.iter().all(|side| over(side.entry)));
}

async fn a_message_whose_time_is_over_is_known_to_be_over(store: &dyn Store) {
    let pair = pair(store).await;
    // Accepted an hour ago for half an hour.
    let (at, until) = (TimestampMs(NOW.0 - 3_600_000), TimestampMs(NOW.0 - 1_800_000));
    let sent = send(store, Append { at, retention: Retention::Until(until), ..pair.by_alice("short") }).await;
    send(store, pair.by_alice("kept")).await;
    let traced = traced(store, sent.id).await;
    assert_eq!(traced.written, None);
    assert!(traced.sides.iter().all(|side| over(side.entry)), "{traced:?}");
}

async fn a_message_to_an_account_that_is_gone_says_so(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("too late")).await;
    store.remove_account(pair.bob).await.expect("the store removes");
    let traced = traced(store, sent.id).await;
    let bob = side(&traced, "bob");
    assert!(!bob.there && bob.entry == TracedEntry::Gone, "{bob:?}");
    assert!(side(&traced, "alice").there);
}

async fn a_note_to_self_has_one_side(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, message(pair.alice, pair.alice_phone, pair.alice, "note")).await;
    let traced = traced(store, sent.id).await;
    assert_eq!(traced.sides.iter().map(|side| side.account).collect::<Vec<_>>(), [pair.alice]);
    assert_eq!(traced.sides[0].entry, TracedEntry::Kept(sent.seq));
}

async fn a_number_that_was_never_given_is_no_message(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("one")).await;
    let room = store.room("lobby").await.expect("the store makes a room");
    let wrong = [
        MessageId { cseq: Cseq(0), ..sent.id },
        MessageId { cseq: Cseq(2), ..sent.id },
        MessageId { cseq: Cseq(u64::MAX), ..sent.id },
        MessageId { conversation: ConversationId(u64::MAX), cseq: Cseq(1) },
        MessageId { conversation: room, cseq: Cseq(1) },
    ];
    for id in wrong {
        assert_eq!(store.trace(id).await.expect("the store looks"), None, "{id}");
    }
}

async fn a_client_id_leads_to_what_every_device_sent_under_it(store: &dyn Store) {
    let pair = pair(store).await;
    let tablet = super::device(store, pair.alice, crate::device::DeviceRole::Companion, 3).await.id;
    let first = send(store, pair.by_alice("same")).await;
    let second = send(store, message(pair.alice, tablet, pair.bob, "same")).await;
    send(store, pair.by_bob("same")).await;
    store.revoke_device(pair.alice, tablet).await.expect("the store revokes");
    let found = store.sent_under(pair.alice, &client_id("same")).await.expect("the store looks");
    let seen: Vec<(DeviceId, MessageId, TimestampMs, Seq)> =
        found.iter().map(|sent| (sent.device, sent.id, sent.sent, sent.seq)).collect();
    assert_eq!(seen, [(pair.alice_phone, first.id, NOW, first.seq), (tablet, second.id, NOW, second.seq)]);
    assert!(store.sent_under(pair.alice, &client_id("other")).await.expect("the store looks").is_empty());
}
