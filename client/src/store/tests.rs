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
        ..Default::default()
    };
    v1::Event { seq: cseq, item: Some(Item::Message(message)) }
}

fn page(from: u64, to: u64, events: Vec<v1::Event>) -> Page {
    Page { previous: Some(key(from)), key: key(to), events, ..Page::default() }
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

#[tokio::test]
async fn a_kind_of_data_that_this_client_does_not_know_is_kept_and_handed_back() {
    let store = store_of_alice().await;
    let newer = |version| SyncKey {
        list: [(1, version), (2, version), (77, u64::MAX), (4_000_000_000, 0)]
            .map(|(key, val)| v1::KeyValue { key, val })
            .to_vec(),
    };
    let first = Page { previous: Some(key(0)), key: newer(1), ..Page::default() };
    assert_eq!(stored(&store, first).await, []);
    assert!(apply::same_key(&store.sync_key().await.expect("read"), &newer(1)));
    let hello = message("bob@x", "alice@x", 1, Some(text("hello")), "");
    let next = Page { previous: Some(newer(1)), key: newer(2), events: vec![hello], ..Page::default() };
    assert_eq!(stored(&store, next).await.len(), 1, "and it is the place that the next page joins");
    assert!(apply::same_key(&store.sync_key().await.expect("read"), &newer(2)));
}

#[tokio::test]
async fn an_event_of_a_later_version_is_skipped_and_the_key_goes_on() {
    use prost::Message as _;

    let store = store_of_alice().await;
    // seq 2 and, as field 200, something that this version has no name for.
    let unknown = [&[1 << 3, 2][..], &[0xC2, 0x0C, 3], b"new"].concat();
    let unknown = v1::Event::decode(&unknown[..]).expect("unknown fields are passed over");
    assert_eq!((unknown.seq, &unknown.item), (2, &None));
    let hello = |cseq| message("bob@x", "alice@x", cseq, Some(text(&cseq.to_string())), "");
    let page = page(0, 3, vec![hello(1), unknown, hello(3)]);
    assert_eq!(stored(&store, page).await.len(), 2);
    assert_eq!(texts(&store).await, ["1", "3"]);
    assert_eq!(store.sync_key().await.expect("read"), key(3));
}

fn later(seq: u64, item: Item) -> v1::Event {
    v1::Event { seq, item: Some(item) }
}

fn amendment(cseq: u64, text_now: Option<&str>, emoji: &[&str], recalled_at_ms: u64) -> Item {
    let reaction = |emoji: &&str| v1::Reaction { by: "bob@x".to_owned(), emoji: (*emoji).to_owned() };
    Item::Amendment(v1::Amendment {
        conversation_id: u64::MAX - 1,
        cseq,
        from: "bob@x".to_owned(),
        edited_at_ms: if text_now.is_some() { 7 } else { 0 },
        content: text_now.map(text),
        recalled_at_ms,
        reactions: emoji.iter().map(reaction).collect(),
        pinned: false,
    })
}

#[tokio::test]
async fn what_becomes_of_a_message_is_stored_as_the_latest_value_and_told_once() {
    let store = store_of_alice().await;
    stored(&store, page(0, 1, vec![message("bob@x", "alice@x", 1, Some(text("helo")), "")])).await;
    let edited = amendment(1, Some("hello"), &["👍"], 0);
    let changes = stored(&store, page(1, 2, vec![later(2, edited.clone()), later(3, edited)])).await;
    assert_eq!(changes, [Change::Life { conversation_id: u64::MAX - 1, cseq: 1 }]);
    let kept = store.messages("bob@x", None, 10).await.expect("read").remove(0);
    assert_eq!((kept.text(), kept.life.edited_at_ms, kept.life.reactions.len()), ("hello", 7, 1));
    stored(&store, page(2, 3, vec![later(4, amendment(1, None, &[], 9))])).await;
    let kept = store.messages("bob@x", None, 10).await.expect("read").remove(0);
    assert_eq!((kept.text(), kept.life.recalled_at_ms, kept.life.reactions.len()), ("", 9, 0));
    assert_eq!(store.conversations().await.expect("read")[0].unread, 0, "a recalled message is not unread");
    let unknown = stored(&store, page(3, 4, vec![later(5, amendment(99, Some("x"), &[], 0))])).await;
    assert!(unknown.is_empty(), "a message that is not kept here");
}

#[tokio::test]
async fn what_was_deleted_or_has_disappeared_is_not_shown_any_more() {
    let store = store_of_alice().await;
    let goes = v1::Content { expires_after_ms: 500, ..text("goes") };
    let events = vec![
        message("bob@x", "alice@x", 1, Some(text("deleted")), ""),
        message("bob@x", "alice@x", 2, Some(goes), ""),
        message("bob@x", "alice@x", 3, Some(text("stays")), ""),
    ];
    stored(&store, page(0, 3, events)).await;
    let hidden = v1::MessageFlags { conversation_id: u64::MAX - 1, cseq: 1, starred: false, hidden: true };
    stored(&store, page(3, 4, vec![later(4, Item::Flags(hidden))])).await;
    assert_eq!(texts(&store).await, ["goes", "stays"]);
    store.forget_expired(1_501).await.expect("forgets");
    assert_eq!(texts(&store).await, ["goes", "stays"], "not before its time");
    store.forget_expired(1_502).await.expect("forgets");
    assert_eq!(texts(&store).await, ["stays"]);
}

#[tokio::test]
async fn own_messages_disappear_as_the_conversation_is_set() {
    let store = store_of_alice().await;
    let settings = v1::ConversationSettings {
        conversation_id: 5,
        peer: "bob@x".to_owned(),
        disappear_after_ms: 500,
        pinned: true,
        ..Default::default()
    };
    let changes = stored(&store, page(0, 1, vec![later(1, Item::Settings(settings.clone()))])).await;
    assert_eq!(changes, [Change::Settings(settings.clone())]);
    store.enqueue(entry("one", "bob@x"), 1).await.expect("queued");
    let reply = v1::SendReply { conversation_id: 5, cseq: 1, sent_at_ms: 1_000, ..Default::default() };
    store.sent(&entry("one", "bob@x"), reply).await.expect("stored");
    let kept = store.messages("bob@x", None, 10).await.expect("read").remove(0);
    assert_eq!(kept.life.expires_at_ms, 1_500);
    assert_eq!(store.conversations().await.expect("read")[0].settings, settings);
}

#[test]
fn a_store_of_the_first_layout_is_brought_to_the_present_one() {
    let mut old = Connection::open_in_memory().expect("opens");
    old.execute_batch(schema::LAYOUT_1).expect("made");
    old.execute("INSERT INTO message VALUES (1, 1, 'bob@x', 0, 5, '', x'')", []).expect("written");
    old.pragma_update(None, "user_version", 1).expect("written");
    schema::prepare(&mut old).expect("brought up");
    let kept: i64 = old.query_row("SELECT count(*) FROM message WHERE hidden = 0", [], |row| row.get(0)).expect("read");
    assert_eq!(kept, 1);
    schema::prepare(&mut old).expect("it is the present one now");
}

#[test]
fn a_store_of_the_layout_before_contacts_asks_for_all_of_them() {
    let mut old = Connection::open_in_memory().expect("opens");
    for layout in [schema::LAYOUT_1, schema::LAYOUT_2, schema::LAYOUT_3] {
        old.execute_batch(layout).expect("made");
    }
    old.execute_batch("INSERT INTO profile VALUES ('bob@x', 'Bob'); INSERT INTO sync_key VALUES (1, 9), (5, 9)")
        .expect("written");
    old.pragma_update(None, "user_version", 3).expect("written");
    schema::prepare(&mut old).expect("brought up");
    let kept: (String, String) = old
        .query_row("SELECT display_name, about FROM profile", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("read");
    assert_eq!(kept, ("Bob".to_owned(), String::new()));
    assert_eq!(apply::read_key(&old).expect("read"), key(9), "the place among contacts that were passed over is gone");
}

fn contact(contact: v1::Contact) -> v1::Event {
    later(1, Item::Contact(v1::Contact { address: "bob@x".to_owned(), ..contact }))
}

#[tokio::test]
async fn a_contact_is_the_latest_value_and_a_row_that_says_nothing_is_none() {
    let store = store_of_alice().await;
    let request = || Some(v1::IncomingRequest { asked_at_ms: 5, note: "hello".to_owned() });
    let asking = || contact(v1::Contact { request: request(), ..Default::default() });
    let changes = stored(&store, page(0, 1, vec![asking(), asking()])).await;
    assert!(matches!(changes.as_slice(), [Change::Contact { asks_anew: true, .. }]), "{changes:?}");
    let accepted = contact(v1::Contact { listed: true, to: true, from: true, ..Default::default() });
    let changes = stored(&store, page(1, 2, vec![accepted])).await;
    assert!(matches!(changes.as_slice(), [Change::Contact { asks_anew: false, contact }] if contact.is_mutual()));
    assert_eq!(store.told_of().await.expect("read"), ["bob@x"]);
    assert_eq!(store.nameless(9).await.expect("read"), ["bob@x"]);
    let removed = stored(&store, page(2, 3, vec![contact(v1::Contact::default())])).await;
    assert!(matches!(removed.as_slice(), [Change::Contact { contact, .. }] if contact.is_nothing()), "{removed:?}");
    assert!(store.contacts().await.expect("read").is_empty());
    assert_eq!(stored(&store, page(3, 4, vec![contact(v1::Contact::default())])).await, []);
    stored(&store, page(4, 5, vec![asking()])).await;
    let anew = Page { reset: true, ..page(5, 50, vec![]) };
    stored(&store, anew).await;
    assert!(store.contacts().await.expect("read").is_empty(), "it comes again from the new life of the log");
}

#[tokio::test]
async fn a_conversation_goes_by_the_name_that_the_contact_was_given() {
    let store = store_of_alice().await;
    let named = contact(v1::Contact { listed: true, name: "Bobby".to_owned(), ..Default::default() });
    let profile = v1::Profile { address: "bob@x".to_owned(), display_name: "Bob".to_owned(), ..Default::default() };
    let events = vec![message("bob@x", "alice@x", 1, Some(text("hello")), ""), later(2, Item::Profile(profile)), named];
    stored(&store, page(0, 3, events)).await;
    let shown = store.conversations().await.expect("read").remove(0);
    assert_eq!((shown.display_name.as_str(), shown.request), ("Bobby", false));
}
