//! Reading: pages forward and backward, places a log never had, membership.

use std::sync::Arc;

use super::{ALL, Pair, account, ack, device, entries, message, message_texts, pair, send, suite, texts};
use crate::content::Content;
use crate::device::DeviceRole;
use crate::event::Entry;
use crate::ids::{AccountId, ConversationId, Cseq, Epoch, Seq};
use crate::ports::{Head, PageLimit, Store};

suite![
    pages_of_any_size_join_to_the_same_log,
    a_page_ends_at_its_weight_but_holds_at_least_one_entry,
    a_reader_at_the_head_gets_nothing_and_stays_there,
    a_place_beyond_the_head_is_answered_from_the_beginning,
    a_place_of_an_unknown_life_is_answered_from_the_beginning,
    a_timeline_of_nobody_is_empty,
    history_pages_backward_to_the_first_message,
    history_before_a_number_is_below_it,
    history_is_for_members_only,
    deep_pages_meet_new_messages_without_a_hole,
];

async fn some_messages(store: &dyn Store, pair: &Pair, count: usize) {
    for n in 0..count {
        let text = format!("m{n}");
        send(store, if n % 3 == 0 { pair.by_bob(&text) } else { pair.by_alice(&text) }).await;
    }
}

async fn paged(store: &dyn Store, owner: AccountId, limit: PageLimit) -> Vec<Arc<Entry>> {
    let (mut all, mut after) = (Vec::new(), Seq::ZERO);
    loop {
        let page = store.read_after(owner, after, limit).await.expect("the store reads");
        assert!(!page.reset);
        assert!(page.entries.len() <= limit.entries.max(1), "a page holds no more than asked");
        assert!(!page.more || page.next > after, "a page gets on");
        assert!(page.entries.last().is_none_or(|last| last.seq <= page.next));
        all.extend(page.entries);
        after = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(after, store.head(owner).await.expect("the store reads").last, "reading ends at the head");
    all
}

async fn pages_of_any_size_join_to_the_same_log(store: &dyn Store) {
    let pair = pair(store).await;
    some_messages(store, &pair, 23).await;
    ack(store, pair.bob, pair.bob_phone, store.head(pair.bob).await.expect("reads").last, super::NOW).await;
    some_messages(store, &pair, 5).await;
    send(store, pair.by_alice("last")).await;
    let whole = entries(store, pair.alice).await;
    assert_eq!(texts(&whole).len(), 24);
    for size in [0, 1, 2, 3, 7, 24, 25, 100] {
        let joined = paged(store, pair.alice, PageLimit { entries: size, bytes: usize::MAX }).await;
        assert_eq!(joined, whole, "pages of {size} entries");
    }
    for bytes in [0, 1, 200, 1000, 100_000] {
        let joined = paged(store, pair.alice, PageLimit { entries: usize::MAX, bytes }).await;
        assert_eq!(joined, whole, "pages of {bytes} bytes");
    }
}

async fn a_page_ends_at_its_weight_but_holds_at_least_one_entry(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..5 {
        let mut append = pair.by_alice(&format!("{n}"));
        append.content = Content::text("x".repeat(10_000));
        send(store, append).await;
    }
    let page = store.read_after(pair.bob, Seq::ZERO, PageLimit { entries: 10, bytes: 15_000 }).await.expect("reads");
    assert_eq!(page.entries.len(), 2, "the page ends with the entry that passes the weight");
    assert!(page.more);
    let page = store.read_after(pair.bob, page.next, PageLimit { entries: 10, bytes: 1 }).await.expect("reads");
    assert_eq!(page.entries.len(), 1, "one entry is always given");
    assert!(page.more);
}

async fn a_reader_at_the_head_gets_nothing_and_stays_there(store: &dyn Store) {
    let pair = pair(store).await;
    some_messages(store, &pair, 4).await;
    let head = store.head(pair.bob).await.expect("the store reads").last;
    let page = store.read_after(pair.bob, head, ALL).await.expect("the store reads");
    assert_eq!((page.entries.len(), page.next, page.more, page.reset), (0, head, false, false));
}

async fn a_place_beyond_the_head_is_answered_from_the_beginning(store: &dyn Store) {
    let pair = pair(store).await;
    some_messages(store, &pair, 4).await;
    let whole = entries(store, pair.bob).await;
    let head = store.head(pair.bob).await.expect("the store reads").last;
    for beyond in [Seq(head.0 + 1), Seq::new(Epoch(head.epoch().0 + 1), 1), Seq(u64::MAX)] {
        let page = store.read_after(pair.bob, beyond, ALL).await.expect("the store reads");
        assert!(page.reset, "{beyond} is beyond {head}");
        assert_eq!(page.entries, whole);
        assert_eq!(page.next, head);
    }
}

async fn a_place_of_an_unknown_life_is_answered_from_the_beginning(store: &dyn Store) {
    let pair = pair(store).await;
    some_messages(store, &pair, 4).await;
    let life = store.head(pair.bob).await.expect("the store reads").last.epoch();
    for unknown in [Seq::new(Epoch(life.0 - 1), 2), Seq::new(life, 0), Seq(1)] {
        let page = store.read_after(pair.bob, unknown, ALL).await.expect("the store reads");
        assert!(page.reset, "{unknown} was never a place of this log");
        assert_eq!(page.entries.len(), 4);
    }
}

async fn a_timeline_of_nobody_is_empty(store: &dyn Store) {
    let nobody = AccountId(4711);
    let page = store.read_after(nobody, Seq::ZERO, ALL).await.expect("the store reads");
    assert!(page.entries.is_empty() && !page.more && !page.reset);
    assert_eq!(store.head(nobody).await.expect("the store reads"), Head::default());
}

async fn history(store: &dyn Store, reader: AccountId, id: ConversationId, size: usize) -> Vec<String> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let limit = PageLimit { entries: size, bytes: usize::MAX };
        let (page, older) =
            store.read_before(reader, id, before, limit).await.expect("the store reads").expect("a member may read");
        assert!(page.windows(2).all(|two| two[0].id.cseq < two[1].id.cseq), "a page has the newest last");
        assert!(page.len() <= size.max(1));
        before = page.first().map(|message| message.id.cseq);
        let mut joined = message_texts(&page);
        joined.append(&mut all);
        all = joined;
        if !older {
            return all;
        }
        assert!(before.is_some(), "a page with older ones before it is not empty");
    }
}

async fn history_pages_backward_to_the_first_message(store: &dyn Store) {
    let pair = pair(store).await;
    some_messages(store, &pair, 11).await;
    let id = store.direct_conversation(pair.alice, pair.bob).await.expect("reads").expect("is there");
    let whole: Vec<String> = (0..11).map(|n| format!("m{n}")).collect();
    for size in [0, 1, 2, 5, 11, 12] {
        for reader in [pair.alice, pair.bob] {
            assert_eq!(history(store, reader, id, size).await, whole, "pages of {size}");
        }
    }
}

async fn history_before_a_number_is_below_it(store: &dyn Store) {
    let pair = pair(store).await;
    some_messages(store, &pair, 6).await;
    let id = store.direct_conversation(pair.alice, pair.bob).await.expect("reads").expect("is there");
    let before = async |cseq| {
        let page = store.read_before(pair.bob, id, Some(Cseq(cseq)), ALL).await.expect("reads").expect("a member");
        message_texts(&page.0)
    };
    assert_eq!(before(4).await, ["m0", "m1", "m2"]);
    assert_eq!(before(1).await, Vec::<String>::new());
    assert_eq!(before(u64::MAX).await.len(), 6);
}

async fn history_is_for_members_only(store: &dyn Store) {
    let pair = pair(store).await;
    let mallory = account(store, "mallory").await.id;
    let sent = send(store, pair.by_alice("for bob")).await;
    let conversation = sent.id.conversation;
    assert_eq!(store.read_before(mallory, conversation, None, ALL).await.expect("reads"), None);
    let unknown = ConversationId(conversation.0 + 1000);
    assert_eq!(store.read_before(pair.alice, unknown, None, ALL).await.expect("reads"), None);
    let room = store.room("lobby").await.expect("a room is made");
    assert_eq!(store.read_before(pair.alice, room, None, ALL).await.expect("reads"), None, "a room has no members");
}

async fn deep_pages_meet_new_messages_without_a_hole(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await;
    some_messages(store, &pair, 10).await;
    let mut after = store.cursor(pair.bob, laptop.id).await.expect("the store reads").passed;
    let mut seen = Vec::new();
    for n in 0..20 {
        let limit = PageLimit { entries: 3, bytes: usize::MAX };
        let page = store.read_after(pair.bob, after, limit).await.expect("the store reads");
        assert!(page.entries.first().is_none_or(|first| first.prev == after), "a page joins the one before it");
        seen.extend(texts(&page.entries));
        after = page.next;
        if n < 5 {
            send(store, message(pair.alice, pair.alice_phone, pair.bob, &format!("late {n}"))).await;
        }
    }
    let mut whole: Vec<String> = (0..10).map(|n| format!("m{n}")).collect();
    whole.extend((0..5).map(|n| format!("late {n}")));
    assert_eq!(seen, whole);
}
