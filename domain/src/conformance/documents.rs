//! Documents of accounts: what was put is there, for its account alone, within limits, and goes with the account.

use bytes::Bytes;

use super::{account, suite};
use crate::document::DocumentKey;
use crate::ids::AccountId;
use crate::limits::{DOCUMENT_BYTES_MAX, DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX};
use crate::ports::{DocumentOutcome, Store};

suite![
    what_was_put_is_there_until_something_else_is_put,
    documents_of_others_and_of_other_names_are_apart,
    one_account_has_so_many_and_so_much_and_no_more,
    documents_go_with_their_account,
];

pub(super) fn key(text: &str) -> DocumentKey {
    DocumentKey::parse(text).expect("the case gives a valid name")
}

pub(super) async fn put(store: &dyn Store, owner: AccountId, name: &str, data: &[u8]) -> DocumentOutcome {
    store.put_document(owner, key(name), Bytes::copy_from_slice(data)).await.expect("works")
}

pub(super) async fn get(store: &dyn Store, owner: AccountId, name: &str) -> Option<Bytes> {
    store.document(owner, &key(name)).await.expect("reads")
}

async fn what_was_put_is_there_until_something_else_is_put(store: &dyn Store) {
    let alice = account(store, "alice").await.id;
    assert_eq!(get(store, alice, "one").await, None);
    assert_eq!(put(store, alice, "one", b"\0first\xff").await, DocumentOutcome::Put);
    assert_eq!(get(store, alice, "one").await.as_deref(), Some(&b"\0first\xff"[..]));
    assert_eq!(put(store, alice, "one", b"second").await, DocumentOutcome::Put);
    assert_eq!(get(store, alice, "one").await.as_deref(), Some(&b"second"[..]));
    assert_eq!(put(store, alice, "one", b"").await, DocumentOutcome::Put);
    assert_eq!(get(store, alice, "one").await, None);
    assert_eq!(put(store, alice, "one", b"").await, DocumentOutcome::Put, "what is not there can be taken away");
}

async fn documents_of_others_and_of_other_names_are_apart(store: &dyn Store) {
    let (alice, bob) = (account(store, "alice").await.id, account(store, "bob").await.id);
    put(store, alice, "one", b"hers").await;
    put(store, alice, "onemore", b"more").await;
    put(store, bob, "one", b"his").await;
    put(store, alice, "one", b"").await;
    assert_eq!(get(store, alice, "one").await, None);
    assert_eq!(get(store, alice, "onemore").await.as_deref(), Some(&b"more"[..]));
    assert_eq!(get(store, bob, "one").await.as_deref(), Some(&b"his"[..]));
}

async fn one_account_has_so_many_and_so_much_and_no_more(store: &dyn Store) {
    let (alice, bob) = (account(store, "alice").await.id, account(store, "bob").await.id);
    let large = vec![7; DOCUMENT_BYTES_MAX];
    assert_eq!(put(store, alice, "0", &[&large[..], b"!"].concat()).await, DocumentOutcome::TooLarge);
    let whole = DOCUMENTS_BYTES_MAX / DOCUMENT_BYTES_MAX;
    for n in 0..whole {
        assert_eq!(put(store, alice, &n.to_string(), &large).await, DocumentOutcome::Put);
    }
    assert_eq!(put(store, alice, "too much", b"!").await, DocumentOutcome::TooMuch);
    assert_eq!(get(store, alice, "too much").await, None);
    assert_eq!(put(store, alice, "0", &large).await, DocumentOutcome::Put, "in its own place there is room");
    assert_eq!(put(store, alice, "0", b"small").await, DocumentOutcome::Put);
    for n in whole..DOCUMENTS_MAX {
        assert_eq!(put(store, alice, &n.to_string(), b"!").await, DocumentOutcome::Put);
    }
    assert_eq!(put(store, alice, "one more", b"!").await, DocumentOutcome::TooMany);
    assert_eq!(put(store, alice, "1", b"!").await, DocumentOutcome::Put);
    assert_eq!(put(store, bob, "one", &large).await, DocumentOutcome::Put, "others have their own room");
}

async fn documents_go_with_their_account(store: &dyn Store) {
    let (alice, bob) = (account(store, "alice").await.id, account(store, "bob").await.id);
    put(store, alice, "one", b"hers").await;
    put(store, bob, "one", b"his").await;
    store.remove_account(alice).await.expect("works");
    assert_eq!(get(store, alice, "one").await, None);
    assert_eq!(put(store, alice, "one", b"hers").await, DocumentOutcome::NoAccount);
    assert_eq!(get(store, bob, "one").await.as_deref(), Some(&b"his"[..]));
}
