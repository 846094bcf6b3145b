//! Tests of the local store: what may come twice, what must come together, and who may read the file.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::model::Delivery;
use belfry_wire::v1::{SyncKey, event::Item};

fn key(version: u64) -> SyncKey {
    SyncKey { list: vec![v1::KeyValue { key: 1, val: version }] }
}

fn text(text: &str) -> v1::Content {
    v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() }
}

fn message(from: &str, to: &str, cseq: u64, content: Option<v1::Content>, id: &str) -> v1::Event {
    let message = v1::Message {
        conversation_id: u64::MAX - 1, // ids may use all 64 bits
        cseq,
        from: from.to_owned(),
        to: to.to_owned(),
        sent_at_ms: 1_000 + cseq,
        client_message_id: id.to_owned(),
        content,
    };
    v1::Event { seq: cseq, item: Some(Item::Message(message)) }
}

fn page(from: u64, to: u64, events: Vec<v1::Event>) -> Page {
    Page { previous: Some(key(from)), key: key(to), events, reset: false }
}

async fn store_of_alice() -> Store {
    let store = Store::in_memory().expect("opens");
    log_in(&store).await;
    store
}

async fn log_in(store: &Store) {
    let credentials = v1::Credentials { address: "alice@x".to_owned(), device_id: 1, ..Default::default() };
    store.set_identity(credentials).await.expect("stored");
    store.apply(Page { key: key(0), ..Page::default() }).await.expect("stored");
}

fn entry(id: &str, peer: &str) -> OutboxEntry {
    OutboxEntry { client_message_id: id.to_owned(), peer: peer.to_owned(), content: text(id) }
}

async fn texts(store: &Store) -> Vec<String> {
    let messages = store.messages("bob@x", None, 100).await.expect("read");
    messages.iter().map(|message| message.text().to_owned()).collect()
}

async fn stored(store: &Store, page: Page) -> Vec<Change> {
    match store.apply(page).await.expect("applied") {
        Applied::Stored(changes) => changes,
        Applied::Gap => panic!("a gap"),
    }
}

#[tokio::test]
async fn a_message_that_comes_twice_is_one_row_and_told_once() {
    let store = store_of_alice().await;
    let hello = || message("bob@x", "alice@x", 1, Some(text("hello")), "");
    assert_eq!(stored(&store, page(0, 1, vec![hello()])).await.len(), 1);
    assert_eq!(stored(&store, page(1, 2, vec![hello()])).await, []);
    assert_eq!(texts(&store).await, ["hello"]);
    let conversations = store.conversations().await.expect("read");
    assert_eq!((conversations[0].peer.as_str(), conversations[0].unread), ("bob@x", 1));
}

#[tokio::test]
async fn a_page_that_does_not_follow_changes_nothing() {
    let store = store_of_alice().await;
    let hello = message("bob@x", "alice@x", 1, Some(text("hello")), "");
    assert!(matches!(store.apply(page(5, 6, vec![hello])).await, Ok(Applied::Gap)));
    assert_eq!(store.sync_key().await.expect("read"), key(0));
    assert!(texts(&store).await.is_empty());
}

#[tokio::test]
async fn a_page_with_an_event_that_says_too_little_is_left_out_whole() {
    let store = store_of_alice().await;
    let events =
        vec![message("bob@x", "alice@x", 1, Some(text("hello")), ""), message("alice@x", "bob@x", 2, None, "unknown")];
    assert!(matches!(store.apply(page(0, 2, events)).await, Ok(Applied::Gap)));
    assert_eq!(store.sync_key().await.expect("read"), key(0));
    assert!(texts(&store).await.is_empty());
}

#[tokio::test]
async fn an_own_message_leaves_the_outbox_by_answer_or_by_event_whichever_is_first() {
    let reply = v1::SendReply {
        conversation_id: u64::MAX - 1,
        cseq: 1,
        sent_at_ms: 5,
        duplicate: false,
        previous: Some(key(0)),
        key: Some(key(1)),
    };
    let sent = Change::Sent { client_message_id: "a".to_owned(), peer: "bob@x".to_owned(), cseq: 1 };

    let store = store_of_alice().await;
    store.enqueue(entry("a", "bob@x"), 7).await.expect("stored");
    assert_eq!(store.sent(&entry("a", "bob@x"), reply.clone()).await.expect("stored"), (vec![sent.clone()], true));
    assert_eq!(store.sync_key().await.expect("read"), key(1));
    assert_eq!(stored(&store, page(1, 2, vec![message("alice@x", "bob@x", 1, None, "a")])).await, []);
    assert_eq!(texts(&store).await, ["a"]);

    let store = store_of_alice().await;
    store.enqueue(entry("a", "bob@x"), 7).await.expect("stored");
    assert_eq!(stored(&store, page(0, 1, vec![message("alice@x", "bob@x", 1, None, "a")])).await, [sent]);
    assert_eq!(store.sent(&entry("a", "bob@x"), reply).await.expect("stored"), (vec![], false));
    assert_eq!(texts(&store).await, ["a"]);
    assert_eq!(store.outbox_len().await.expect("read"), 0);
}

#[tokio::test]
async fn of_each_conversation_only_the_oldest_entry_is_given_out() {
    let store = store_of_alice().await;
    for (id, peer) in [("a1", "bob@x"), ("a2", "bob@x"), ("b1", "carol@x")] {
        store.enqueue(entry(id, peer), 7).await.expect("stored");
    }
    let heads = |heads: Vec<OutboxEntry>| heads.into_iter().map(|head| head.client_message_id).collect::<Vec<_>>();
    assert_eq!(heads(store.outbox_heads(9).await.expect("read")), ["a1", "b1"]);
    store.failed("a1", "no such account").await.expect("stored");
    assert_eq!(heads(store.outbox_heads(9).await.expect("read")), ["a2", "b1"]);
    let shown = store.messages("bob@x", None, 9).await.expect("read");
    assert_eq!(shown[0].delivery, Delivery::Failed("no such account".to_owned()));
    assert_eq!(shown[1].delivery, Delivery::Waiting);
}

#[tokio::test]
async fn receipts_rise_and_never_fall() {
    let store = store_of_alice().await;
    let receipt = |delivered_cseq, read_cseq| v1::Event {
        seq: 0,
        item: Some(Item::Receipt(v1::Receipt {
            conversation_id: u64::MAX - 1,
            peer: "bob@x".to_owned(),
            delivered_cseq,
            read_cseq,
            ..v1::Receipt::default()
        })),
    };
    let own = (1..=3).map(|cseq| message("alice@x", "bob@x", cseq, Some(text("x")), "")).collect();
    stored(&store, page(0, 3, own)).await;
    assert_eq!(stored(&store, page(3, 4, vec![receipt(2, 1)])).await.len(), 1);
    assert_eq!(stored(&store, page(4, 5, vec![receipt(1, 0)])).await, []);
    let states: Vec<Delivery> =
        store.messages("bob@x", None, 9).await.expect("read").into_iter().map(|message| message.delivery).collect();
    assert_eq!(states, [Delivery::Read, Delivery::Delivered, Delivery::Sent]);
}

#[tokio::test]
async fn a_reset_forgets_the_log_and_keeps_the_outbox() {
    let store = store_of_alice().await;
    stored(&store, page(0, 1, vec![message("bob@x", "alice@x", 9, Some(text("old")), "")])).await;
    store.enqueue(entry("mine", "bob@x"), 7).await.expect("stored");
    let anew = Page { reset: true, ..page(1, 50, vec![message("bob@x", "alice@x", 1, Some(text("new")), "")]) };
    assert_eq!(stored(&store, anew).await.first(), Some(&Change::Reset));
    assert_eq!(texts(&store).await, ["new", "mine"]);
}

#[tokio::test]
async fn the_file_is_for_its_owner_and_for_one_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.sqlite");
    let store = Store::open(&path).expect("opens");
    log_in(&store).await;
    for name in ["store.sqlite", "store.sqlite-wal"] {
        if let Ok(metadata) = std::fs::metadata(folder.path().join(name)) {
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
    drop(store);
    let again = Store::open(&path).expect("opens again");
    assert_eq!(again.identity().await.expect("read").expect("is there").account.address, "alice@x");
}

#[tokio::test]
async fn a_device_key_is_made_once_and_anew_after_the_end() {
    let store = store_of_alice().await;
    let first = *store.device_key([1; 32]).await.expect("made").public();
    assert_eq!(*store.device_key([2; 32]).await.expect("read").public(), first);
    store.end_identity("replaced").await.expect("stored");
    assert_ne!(*store.device_key([3; 32]).await.expect("made").public(), first);
    assert_eq!(store.identity().await.expect("read").expect("is there").ended.as_deref(), Some("replaced"));
}

#[tokio::test]
async fn a_server_key_once_pinned_stays() {
    let store = store_of_alice().await;
    store.pin_server_key("host", [1; 32]).await.expect("stored");
    store.pin_server_key("host", [2; 32]).await.expect("stored");
    assert_eq!(store.server_key("host").await.expect("read"), Some([1; 32]));
    store.forget_server_keys().await.expect("stored");
    assert_eq!(store.server_key("host").await.expect("read"), None);
}
