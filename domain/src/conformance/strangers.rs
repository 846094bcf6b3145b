//! Strangers: how many messages they may send unanswered, and what their conversations are until they are answered.

use std::sync::Arc;

use super::contacts::request;
use super::{ALL, NOW, Pair, account, deed_of, message, pair, send, suite};
use crate::contact::Deed;
use crate::conversation::ConversationSettings;
use crate::event::{Entry, Item};
use crate::ids::{AccountId, ConversationId, DeviceId, TimestampMs};
use crate::ports::{Amend, Append, AppendOutcome, Change, MailboxLimit, SettingsChange, Store};

suite![
    a_stranger_sends_so_many_messages_and_no_more_until_answered,
    an_answer_a_reaction_a_yes_and_being_listed_each_lift_the_limit,
    what_is_sent_again_is_no_message_more,
    a_conversation_of_a_stranger_is_a_request_until_it_is_answered,
    to_accept_is_told_to_the_own_devices_once_and_to_nobody_else,
    notes_to_self_are_of_no_stranger,
];

const FEW: MailboxLimit = MailboxLimit { unanswered: 3, ..MailboxLimit::NONE };

async fn taken(store: &dyn Store, append: Append) -> bool {
    match store.append_within(vec![append], FEW).await.expect("the store works").remove(0) {
        AppendOutcome::Appended(_) => true,
        AppendOutcome::Unanswered => false,
        other => panic!("{other:?}"),
    }
}

async fn shown(store: &dyn Store, owner: AccountId) -> Vec<ConversationSettings> {
    let (views, _) = store.list_conversations(owner, None, TimestampMs(0), ALL).await.expect("the store lists");
    views.into_iter().map(|view| view.settings).collect()
}

async fn is_request(store: &dyn Store, owner: AccountId) -> bool {
    let all = shown(store, owner).await;
    assert_eq!(all.len(), 1, "one conversation");
    all[0].request
}

async fn accept(store: &dyn Store, owner: AccountId, of: ConversationId) -> Vec<(AccountId, Arc<Entry>)> {
    let change = SettingsChange { accepted: true, ..SettingsChange::default() };
    let (settings, made) = store.set_conversation(owner, of, change).await.expect("works").expect("a member");
    assert!(!settings.request);
    made
}

async fn react(store: &dyn Store, pair: &Pair, text: &str) {
    let (messages, _) =
        store.read_before(pair.bob, of(store, pair).await, None, ALL).await.expect("reads").expect("a member");
    let id = messages.iter().find(|message| message.content.text == text).expect("it is there").id;
    let change = Change::React("👍".into());
    let amend = Amend { by: pair.bob, id, change, at: NOW, sent_since: TimestampMs(0) };
    store.amend(amend).await.expect("the store amends");
}

async fn of(store: &dyn Store, pair: &Pair) -> ConversationId {
    store.direct_conversation(pair.alice, pair.bob).await.expect("reads").expect("they wrote")
}

async fn fill(store: &dyn Store, pair: &Pair) {
    for n in 0..3 {
        assert!(taken(store, pair.by_alice(&n.to_string())).await);
    }
    assert!(!taken(store, pair.by_alice("more")).await);
}

async fn a_stranger_sends_so_many_messages_and_no_more_until_answered(store: &dyn Store) {
    let pair = pair(store).await;
    let batch = (0..5).map(|n| pair.by_alice(&n.to_string())).collect();
    let outcomes = store.append_within(batch, FEW).await.expect("the store works");
    let refused = outcomes.iter().filter(|outcome| **outcome == AppendOutcome::Unanswered).count();
    assert_eq!((refused, outcomes[4].clone()), (2, AppendOutcome::Unanswered));
    let heads = (store.head(pair.alice).await.expect("reads").last, store.head(pair.bob).await.expect("reads").last);
    assert!(!taken(store, pair.by_alice("3")).await);
    let after = (store.head(pair.alice).await.expect("reads").last, store.head(pair.bob).await.expect("reads").last);
    assert_eq!(heads, after, "nothing of it is anywhere");
    let carol = account(store, "carol").await.id;
    assert!(taken(store, message(pair.alice, pair.alice_phone, carol, "c")).await, "others have not been written to");
    for n in 0..9 {
        assert!(taken(store, pair.by_bob(&format!("b{n}"))).await, "she has written, so he is no stranger to her");
        assert!(taken(store, pair.by_alice(&format!("a{n}"))).await, "and now she is none to him");
    }
    send(store, message(carol, DeviceId(1), pair.bob, "without a limit there is none")).await;
    let never = MailboxLimit { unanswered: 0, ..MailboxLimit::NONE };
    let one = store.append_within(vec![pair.by_alice("answered")], never).await.expect("works").remove(0);
    assert!(matches!(one, AppendOutcome::Appended(_)), "the limit is for strangers alone");
}

async fn an_answer_a_reaction_a_yes_and_being_listed_each_lift_the_limit(store: &dyn Store) {
    let alice = account(store, "alice").await.id;
    for (n, name) in ["bob", "carol", "dave", "eve", "frank"].into_iter().enumerate() {
        let other = account(store, name).await.id;
        let pair = Pair { alice, bob: other, alice_phone: DeviceId(n as u32 + 10), bob_phone: DeviceId(1) };
        fill(store, &pair).await;
        match n {
            0 => drop(send(store, pair.by_bob("answer")).await),
            1 => react(store, &pair, "1").await,
            2 => drop(accept(store, other, of(store, &pair).await).await),
            3 => drop(deed_of(store, other, alice, Deed::Put { name: "Al".into(), labels: Vec::new() }).await),
            _ => drop(deed_of(store, other, alice, request()).await),
        }
        assert!(taken(store, pair.by_alice("more")).await, "{name}");
    }
}

async fn what_is_sent_again_is_no_message_more(store: &dyn Store) {
    let pair = pair(store).await;
    fill(store, &pair).await;
    for n in 0..3 {
        assert!(taken(store, pair.by_alice(&n.to_string())).await, "it was stored, and that is the answer");
    }
}

async fn a_conversation_of_a_stranger_is_a_request_until_it_is_answered(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("hello")).await;
    assert!(is_request(store, pair.bob).await);
    assert!(!is_request(store, pair.alice).await, "who writes has no request");
    deed_of(store, pair.bob, pair.alice, Deed::Put { name: "Al".into(), labels: Vec::new() }).await;
    assert!(!is_request(store, pair.bob).await, "she is in his list");
    deed_of(store, pair.bob, pair.alice, Deed::Remove).await;
    assert!(is_request(store, pair.bob).await, "and out of it again");
    deed_of(store, pair.alice, pair.bob, request()).await;
    assert!(is_request(store, pair.bob).await, "asking is not being listed");
    react(store, &pair, "hello").await;
    assert!(!is_request(store, pair.bob).await);
    let carol = account(store, "carol").await.id;
    send(store, message(carol, DeviceId(1), pair.bob, "hi")).await;
    let of_carol = store.direct_conversation(carol, pair.bob).await.expect("reads").expect("they wrote");
    let requests = async || {
        let all = shown(store, pair.bob).await;
        all.into_iter().filter(|settings| settings.request).map(|settings| settings.conversation).collect::<Vec<_>>()
    };
    assert_eq!(requests().await, [of_carol]);
    send(store, message(pair.bob, pair.bob_phone, carol, "hi yourself")).await;
    assert!(requests().await.is_empty());
}

async fn to_accept_is_told_to_the_own_devices_once_and_to_nobody_else(store: &dyn Store) {
    let pair = pair(store).await;
    let of = send(store, pair.by_alice("hello")).await.id.conversation;
    let pinned = SettingsChange { pinned: Some(true), ..SettingsChange::default() };
    let (settings, _) = store.set_conversation(pair.bob, of, pinned).await.expect("works").expect("a member");
    assert!(settings.request, "looking after it is not accepting it");
    let made = accept(store, pair.bob, of).await;
    let [(owner, entry)] = &made[..] else { panic!("one entry, not {made:?}") };
    assert_eq!(*owner, pair.bob);
    let Item::Settings(settings) = &entry.item else { panic!("settings, not {entry:?}") };
    assert!(!settings.request && settings.pinned);
    assert!(accept(store, pair.bob, of).await.is_empty(), "done again, it is not told again");
    assert!(!is_request(store, pair.bob).await);
    let unchanged = store.set_conversation(pair.bob, of, SettingsChange::default()).await.expect("works");
    assert!(!unchanged.expect("a member").0.request, "it is never taken back");
}

async fn notes_to_self_are_of_no_stranger(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..9 {
        assert!(taken(store, message(pair.alice, pair.alice_phone, pair.alice, &n.to_string())).await);
    }
    assert!(!is_request(store, pair.alice).await);
}
