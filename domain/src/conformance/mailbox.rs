//! How much may wait for an account, and that what waits is counted right.

use super::{NOW, Pair, account, ack, device, entries, message, pair, suite, texts};
use crate::device::DeviceRole;
use crate::event::Item;
use crate::ids::{AccountId, Seq, TimestampMs};
use crate::ports::{Append, AppendOutcome, MailboxLimit, Store, Waiting};
use crate::retention::Retention;

suite![
    a_full_mailbox_takes_nothing_from_others_and_says_so,
    the_limit_of_bytes_is_for_short_messages_too,
    a_repeat_and_a_note_to_self_are_taken_by_a_full_mailbox,
    what_is_delivered_makes_room,
    what_expires_makes_room,
    what_waits_is_what_can_be_read,
];

const LATER: TimestampMs = TimestampMs(NOW.0 + 1000);

fn few(entries: u64) -> MailboxLimit {
    MailboxLimit { entries, ..MailboxLimit::NONE }
}

async fn one(store: &dyn Store, append: Append, limit: MailboxLimit) -> AppendOutcome {
    store.append_within(vec![append], limit).await.expect("the store works").remove(0)
}

async fn taken(store: &dyn Store, append: Append, limit: MailboxLimit) -> bool {
    match one(store, append, limit).await {
        AppendOutcome::Appended(appended) => !appended.duplicate,
        AppendOutcome::MailboxFull => false,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn waiting(store: &dyn Store, owner: AccountId) -> Waiting {
    store.head(owner).await.expect("the store reads").waiting
}

async fn end(store: &dyn Store, owner: AccountId) -> Seq {
    store.head(owner).await.expect("the store reads").last
}

async fn a_full_mailbox_takes_nothing_from_others_and_says_so(store: &dyn Store) {
    let pair = pair(store).await;
    let batch = (0..4).map(|n| pair.by_alice(&n.to_string())).collect();
    let outcomes = store.append_within(batch, few(3)).await.expect("the store works");
    let stored: Vec<bool> = outcomes.iter().map(|one| matches!(one, AppendOutcome::Appended(_))).collect();
    assert_eq!(stored, [true, true, true, false]);
    assert_eq!(outcomes[3], AppendOutcome::MailboxFull);
    assert_eq!(texts(&entries(store, pair.bob).await), ["0", "1", "2"]);
    assert_eq!(texts(&entries(store, pair.alice).await), ["0", "1", "2"], "nothing of it is anywhere");
    assert_eq!(waiting(store, pair.bob).await, Waiting { entries: 3, bytes: 3 });
    assert_eq!(waiting(store, pair.alice).await, Waiting::default(), "one's own do not count");
    assert!(taken(store, pair.by_bob("back"), few(3)).await, "the other direction has its own limit");
    let carol = account(store, "carol").await.id;
    assert!(taken(store, message(pair.alice, pair.alice_phone, carol, "c"), few(3)).await);
    assert!(taken(store, pair.by_alice("3"), few(4)).await, "the same message is taken when there is room");
}

async fn the_limit_of_bytes_is_for_short_messages_too(store: &dyn Store) {
    let pair = pair(store).await;
    let limit = MailboxLimit { bytes: 10, ..MailboxLimit::NONE };
    assert!(taken(store, pair.by_alice("nine byte"), limit).await);
    assert!(taken(store, pair.by_alice(&"x".repeat(50)), limit).await, "below the limit: what it weighs is not asked");
    assert!(!taken(store, pair.by_alice("y"), limit).await, "or it would overtake a longer one");
    assert_eq!(waiting(store, pair.bob).await, Waiting { entries: 2, bytes: 59 });
}

async fn a_repeat_and_a_note_to_self_are_taken_by_a_full_mailbox(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(taken(store, pair.by_alice("1"), few(1)).await);
    let again = one(store, pair.by_alice("1"), few(1)).await;
    assert!(matches!(again, AppendOutcome::Appended(appended) if appended.duplicate));
    assert!(taken(store, message(pair.bob, pair.bob_phone, pair.bob, "note"), few(1)).await);
    assert_eq!(waiting(store, pair.bob).await.entries, 1);
}

async fn what_is_delivered_makes_room(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    for n in 0..3 {
        assert!(taken(store, pair.by_alice(&n.to_string()), few(3)).await);
    }
    let all = end(store, pair.bob).await;
    ack(store, pair.bob, laptop, all, NOW).await;
    assert!(!taken(store, pair.by_alice("3"), few(3)).await, "the phone has not had them");
    ack(store, pair.bob, pair.bob_phone, Seq(all.0 - 1), NOW).await;
    assert_eq!(waiting(store, pair.bob).await, Waiting { entries: 1, bytes: 1 });
    assert!(taken(store, pair.by_alice("3"), few(3)).await);
    let all = end(store, pair.bob).await;
    ack(store, pair.bob, pair.bob_phone, all, NOW).await;
    assert_eq!(waiting(store, pair.bob).await, Waiting::default());
}

async fn what_expires_makes_room(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..4 {
        let retention = if n % 2 == 0 { Retention::Until(LATER) } else { Retention::UntilDelivered { expires: LATER } };
        assert!(taken(store, Append { retention, ..pair.by_alice(&n.to_string()) }, few(4)).await);
    }
    assert!(!taken(store, pair.by_alice("more"), few(4)).await);
    store.prune(LATER).await.expect("prunes");
    assert_eq!(waiting(store, pair.bob).await, Waiting::default());
    assert!(taken(store, pair.by_alice("more"), few(4)).await);
    // What died by its time and is passed before it is pruned is counted out once.
    let soon = Append { retention: Retention::Until(LATER), ..pair.by_alice("soon") };
    assert!(taken(store, soon, few(4)).await);
    ack(store, pair.bob, pair.bob_phone, end(store, pair.bob).await, LATER).await;
    assert_eq!(waiting(store, pair.bob).await, Waiting::default());
    store.prune(LATER).await.expect("prunes");
    assert!(taken(store, pair.by_alice("last"), few(4)).await);
    assert_eq!(waiting(store, pair.bob).await, Waiting { entries: 1, bytes: 4 });
}

/// What can be read behind the floor, counted.
pub(super) async fn counted(store: &dyn Store, owner: AccountId) -> Waiting {
    let head = store.head(owner).await.expect("the store reads");
    let mut counted = Waiting::default();
    for entry in entries(store, owner).await.iter().filter(|entry| entry.seq > head.delivered_floor) {
        if let Item::Message(message) = &entry.item
            && !matches!(&message.author, crate::event::Author::Account { account, .. } if *account == owner)
        {
            counted.entries += 1;
            counted.bytes += message.content.weight() as u64;
        }
    }
    counted
}

async fn what_waits_is_what_can_be_read(store: &dyn Store) {
    let pair: Pair = pair(store).await;
    for n in 0..300_u64 {
        let text = "m".repeat(1 + (n % 7) as usize);
        let append = if n % 3 == 0 { pair.by_bob(&format!("{text}{n}")) } else { pair.by_alice(&format!("{text}{n}")) };
        let retention = if n % 4 == 0 { Retention::UntilDelivered { expires: LATER } } else { Retention::Keep };
        assert!(taken(store, Append { retention, ..append }, MailboxLimit::NONE).await);
        if n % 29 == 28 {
            let at = Seq(end(store, pair.bob).await.0 - n % 5);
            ack(store, pair.bob, pair.bob_phone, at, NOW).await;
            store.prune(NOW).await.expect("prunes");
        }
        if n % 50 == 49 {
            for owner in [pair.alice, pair.bob] {
                assert_eq!(waiting(store, owner).await, counted(store, owner).await, "after {n}");
            }
        }
    }
}
