//! Rooms: one log for all, read by number, bounded.

use super::{ALL, NOW, client_id, fingerprint, message_texts, room_name, suite};
use crate::content::Content;
use crate::event::Author;
use crate::ids::{ConversationId, Cseq, LeaseId, TimestampMs};
use crate::ports::{PageLimit, RoomAppend, RoomAppended, RoomPage, Store};

suite![
    a_room_is_made_once_by_name,
    messages_are_numbered_and_come_back_as_given,
    a_repeat_by_the_same_author_is_the_same_message,
    another_author_or_room_has_ids_of_its_own,
    the_same_id_for_something_else_is_a_conflict,
    a_room_that_is_not_there_takes_nothing,
    reading_forward_pages_to_the_newest,
    reading_backward_pages_to_the_oldest,
    pruning_leaves_the_newest_and_readers_see_the_gap,
    pruning_takes_what_is_too_old,
    a_repeat_is_known_after_its_message_is_gone,
    a_number_beyond_the_end_is_a_gap,
];

fn by_guest(room: ConversationId, lease: u64, text: &str) -> RoomAppend {
    RoomAppend {
        room,
        author: Author::Guest { lease: LeaseId(lease), name: room_name("guest") },
        name: room_name("guest"),
        client_id: client_id(text),
        fingerprint: fingerprint(text),
        content: Content::text(text),
        at: NOW,
    }
}

fn by_account(room: ConversationId, account: u64, device: u32, text: &str) -> RoomAppend {
    let author = Author::Account {
        account: crate::ids::AccountId(account),
        address: super::address("alice"),
        device: crate::ids::DeviceId(device),
    };
    RoomAppend { author, name: room_name("Alice"), ..by_guest(room, 0, text) }
}

async fn put(store: &dyn Store, append: RoomAppend) -> (Cseq, bool) {
    match store.append_to_room(append).await.expect("the store works") {
        RoomAppended::Appended { message, duplicate } => (message.id.cseq, duplicate),
        other => panic!("the message was not stored: {other:?}"),
    }
}

async fn fill(store: &dyn Store, count: u64) -> ConversationId {
    let room = store.room("lobby").await.expect("a room is made");
    for n in 1..=count {
        put(store, by_guest(room, n % 3, &format!("{n}"))).await;
    }
    room
}

async fn after(store: &dyn Store, room: ConversationId, cseq: u64, entries: usize) -> RoomPage {
    let limit = PageLimit { entries, bytes: usize::MAX };
    store.read_room_after(room, Cseq(cseq), limit).await.expect("the store reads")
}

async fn a_room_is_made_once_by_name(store: &dyn Store) {
    let lobby = store.room("lobby").await.expect("a room is made");
    assert_eq!(store.room("lobby").await.expect("is there"), lobby);
    assert_ne!(store.room("other").await.expect("a room is made"), lobby);
    assert_eq!(after(store, lobby, 0, 10).await, RoomPage::default());
}

async fn messages_are_numbered_and_come_back_as_given(store: &dyn Store) {
    let room = store.room("lobby").await.expect("a room is made");
    let (guest, member) = (by_guest(room, 7, "hello"), by_account(room, 3, 2, "welcome"));
    assert_eq!(put(store, guest.clone()).await, (Cseq(1), false));
    assert_eq!(put(store, member.clone()).await, (Cseq(2), false));
    let page = store.read_room_after(room, Cseq(0), ALL).await.expect("reads");
    assert_eq!((page.messages.len(), page.last, page.more, page.gap), (2, Cseq(2), false, false));
    for (message, given) in page.messages.iter().zip([guest, member]) {
        assert_eq!(message.author, given.author);
        assert_eq!(message.room_name, Some(given.name));
        assert_eq!((&message.content, &message.client_id, message.sent), (&given.content, &given.client_id, NOW));
        assert_eq!((message.id.conversation, &message.to), (room, &None));
    }
}

async fn a_repeat_by_the_same_author_is_the_same_message(store: &dyn Store) {
    let room = store.room("lobby").await.expect("a room is made");
    put(store, by_guest(room, 7, "once")).await;
    let mut late = by_guest(room, 7, "once");
    late.at = NOW.plus_ms(9000);
    let RoomAppended::Appended { message, duplicate } = store.append_to_room(late).await.expect("works") else {
        panic!("a repeat is accepted")
    };
    assert!(duplicate);
    assert_eq!((message.id.cseq, message.sent), (Cseq(1), NOW));
    assert_eq!(after(store, room, 0, 10).await.messages.len(), 1);
}

async fn another_author_or_room_has_ids_of_its_own(store: &dyn Store) {
    let room = store.room("lobby").await.expect("a room is made");
    let other = store.room("other").await.expect("a room is made");
    for append in [
        by_guest(room, 7, "hi"),
        by_guest(room, 8, "hi"),
        by_account(room, 7, 1, "hi"),
        by_account(room, 7, 2, "hi"),
        by_guest(other, 7, "hi"),
    ] {
        assert!(!put(store, append).await.1);
    }
    assert_eq!(after(store, room, 0, 10).await.last, Cseq(4));
    assert_eq!(after(store, other, 0, 10).await.last, Cseq(1));
}

async fn the_same_id_for_something_else_is_a_conflict(store: &dyn Store) {
    let room = store.room("lobby").await.expect("a room is made");
    put(store, by_guest(room, 7, "one")).await;
    let mut other = by_guest(room, 7, "one");
    other.fingerprint[0] ^= 1;
    assert_eq!(store.append_to_room(other).await.expect("works"), RoomAppended::Conflict);
    assert_eq!(after(store, room, 0, 10).await.messages.len(), 1);
}

async fn a_room_that_is_not_there_takes_nothing(store: &dyn Store) {
    let nowhere = ConversationId(4711);
    assert_eq!(store.append_to_room(by_guest(nowhere, 1, "x")).await.expect("works"), RoomAppended::NoRoom);
    assert_eq!(after(store, nowhere, 0, 10).await, RoomPage::default());
    assert_eq!(store.prune_room(nowhere, 0, NOW).await.expect("works"), 0);
}

async fn reading_forward_pages_to_the_newest(store: &dyn Store) {
    let room = fill(store, 10).await;
    let (mut all, mut place) = (Vec::new(), 0);
    loop {
        let page = after(store, room, place, 3).await;
        assert!(!page.gap && page.messages.len() <= 3);
        assert_eq!(page.last, Cseq(10));
        place = page.messages.last().map_or(place, |message| message.id.cseq.0);
        all.extend(message_texts(&page.messages));
        if !page.more {
            break;
        }
    }
    assert_eq!(all, (1..=10).map(|n| n.to_string()).collect::<Vec<_>>());
    let page = after(store, room, 10, 3).await;
    assert!(page.messages.is_empty() && !page.more && !page.gap);
}

async fn reading_backward_pages_to_the_oldest(store: &dyn Store) {
    let room = fill(store, 10).await;
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let limit = PageLimit { entries: 3, bytes: usize::MAX };
        let page = store.read_room_before(room, before, limit).await.expect("reads");
        before = page.messages.first().map(|message| message.id.cseq);
        let mut joined = message_texts(&page.messages);
        joined.append(&mut all);
        all = joined;
        if !page.more {
            break;
        }
    }
    assert_eq!(all, (1..=10).map(|n| n.to_string()).collect::<Vec<_>>());
}

async fn pruning_leaves_the_newest_and_readers_see_the_gap(store: &dyn Store) {
    let room = fill(store, 10).await;
    assert_eq!(store.prune_room(room, 4, TimestampMs(0)).await.expect("prunes"), 6);
    assert_eq!(store.prune_room(room, 4, TimestampMs(0)).await.expect("prunes"), 0);
    let page = after(store, room, 3, 10).await;
    assert!(page.gap, "4, 5 and 6 are gone");
    assert_eq!(message_texts(&page.messages), ["7", "8", "9", "10"]);
    assert!(!after(store, room, 6, 10).await.gap, "the next one is there");
    let page = store.read_room_before(room, None, ALL).await.expect("reads");
    assert_eq!((page.messages.len(), page.more), (4, false));
    assert_eq!(store.prune_room(room, 0, TimestampMs(0)).await.expect("prunes"), 4);
    let page = after(store, room, 9, 10).await;
    assert!(page.messages.is_empty() && page.gap, "10 is gone");
    assert_eq!(put(store, by_guest(room, 1, "next")).await.0, Cseq(11), "numbers are not used again");
    assert!(!after(store, room, 10, 10).await.gap);
}

async fn pruning_takes_what_is_too_old(store: &dyn Store) {
    let room = store.room("lobby").await.expect("a room is made");
    for n in 0..5 {
        let append = RoomAppend { at: NOW.plus_ms(n * 1000), ..by_guest(room, 1, &format!("{n}")) };
        put(store, append).await;
    }
    assert_eq!(store.prune_room(room, 100, NOW.plus_ms(2000)).await.expect("prunes"), 2);
    assert_eq!(message_texts(&after(store, room, 2, 10).await.messages), ["2", "3", "4"]);
}

async fn a_repeat_is_known_after_its_message_is_gone(store: &dyn Store) {
    let room = fill(store, 3).await;
    store.prune_room(room, 0, TimestampMs(0)).await.expect("prunes");
    let RoomAppended::Appended { message, duplicate } =
        store.append_to_room(by_guest(room, 2, "2")).await.expect("works")
    else {
        panic!("a repeat is accepted")
    };
    assert!(duplicate);
    assert_eq!((message.id.cseq, message.content.text.as_str()), (Cseq(2), "2"));
}

async fn a_number_beyond_the_end_is_a_gap(store: &dyn Store) {
    let room = fill(store, 3).await;
    let page = after(store, room, 900, 10).await;
    assert!(page.gap);
    assert_eq!(message_texts(&page.messages), ["1", "2", "3"], "the reader begins anew with what is kept");
}
