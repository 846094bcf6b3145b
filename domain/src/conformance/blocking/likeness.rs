//! While Bob blocks Alice: she is answered and sees what she would if he had gone away, and he sees nothing.

use std::sync::Arc;

use super::super::{ALL, NOW, ack, deed_of, deed_outcome, entries, message_texts, outcome, pair, send, texts};
use super::{Act, END, TIMED, VOLATILE, act, acts, deliver, seen, story};
use crate::contact::Deed;
use crate::content::Content;
use crate::event::Item;
use crate::ids::{Cseq, MessageId, TimestampMs};
use crate::limits::CONTACTS_MAX;
use crate::ports::{
    Amend, AmendOutcome, Append, AppendOutcome, Change, ContactOutcome, MailboxLimit, MarkRead, SettingsChange, Store,
};
use crate::retention::Wish;

/// Every case of this suite.
pub async fn all(make: &impl AsyncFn() -> Arc<dyn Store>) {
    whatever_the_blocked_side_does_it_sees_somebody_offline_and_who_blocks_sees_nothing(&*make().await, &*make().await)
        .await;
    whatever_who_blocks_does_the_blocked_side_sees_nothing(&*make().await).await;
    what_was_on_its_way_comes_and_no_receipt_goes_back(&*make().await, &*make().await).await;
    a_first_message_that_is_withheld_makes_no_conversation_for_who_blocks(&*make().await).await;
    limits_are_reached_at_the_same_message(&*make().await, &*make().await).await;
    a_request_of_the_blocked_side_waits_for_ever(&*make().await).await;
}

async fn whatever_the_blocked_side_does_it_sees_somebody_offline_and_who_blocks_sees_nothing(
    blocking: &dyn Store,
    offline: &dyn Store,
) {
    let (here, there) = (story(blocking).await, story(offline).await);
    let (alice, bob) = (here.pair.alice, here.pair.bob);
    assert_eq!((alice, bob, here.of), (there.pair.alice, there.pair.bob, there.of), "both stores count alike");
    let before = seen(blocking, alice, here.of).await;
    deed_of(blocking, bob, alice, Deed::Block).await;
    seen(blocking, alice, here.of).await.is(&before, "she is not told");
    let his = seen(blocking, bob, here.of).await;
    for step in acts() {
        let (answer, reached) = act(blocking, &here, step.clone()).await;
        let (expected, _) = act(offline, &there, step.clone()).await;
        assert_eq!(answer, expected, "{step:?}");
        assert!(reached.is_empty(), "{step:?} reached him: {reached:?}");
        let when = format!("after {step:?}");
        seen(blocking, alice, here.of).await.is(&seen(offline, alice, there.of).await, &when);
        if !matches!(step, Act::Prune(_)) && !reads_expire(&step) {
            seen(blocking, bob, here.of).await.is(&his, &when);
        }
    }
    // What was his before the block has had its time; nothing is new.
    let after = seen(blocking, bob, here.of).await;
    assert_eq!((after.last, &after.contacts, &after.keeping), (his.last, &his.contacts, &his.keeping));
    assert!(after.entries.iter().all(|entry| his.entries.contains(entry)));
}

/// The last message of the story is sent when those before it have had their time.
fn reads_expire(step: &Act) -> bool {
    matches!(step, Act::Send("after an hour", _))
}

async fn whatever_who_blocks_does_the_blocked_side_sees_nothing(store: &dyn Store) {
    let story = story(store).await;
    let (pair, of) = (&story.pair, story.of);
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    let hers = seen(store, pair.alice, of).await;
    assert_eq!(outcome(store, pair.by_bob("no")).await, AppendOutcome::Blocking);
    let changes = [
        (1, Change::React("👍".into())),
        (1, Change::Pin(true)),
        (2, Change::Edit(Content::text("no"))),
        (2, Change::Recall),
    ];
    for (cseq, change) in changes {
        let id = MessageId { conversation: of, cseq: Cseq(cseq) };
        let amend = Amend { by: pair.bob, id, change, at: NOW, sent_since: TimestampMs(0) };
        assert_eq!(store.amend(amend).await.expect("works"), AmendOutcome::Blocking);
    }
    let mut made = Vec::new();
    let wish = Wish { until_delivered: true, at_most_ms: None };
    let set = store.set_keeping(pair.bob, of, wish).await.expect("works").expect("a member");
    assert_eq!(set.keeping.mine, wish, "he has wished it, but for whom");
    made.extend(set.entries);
    let change = SettingsChange { disappear_after_ms: Some(1000), pinned: Some(true), ..SettingsChange::default() };
    let (settings, entries) = store.set_conversation(pair.bob, of, change).await.expect("works").expect("a member");
    assert_eq!((settings.disappear_after_ms, settings.pinned), (1000, true));
    made.extend(entries);
    let mark = MarkRead { owner: pair.bob, conversation: of, read: Cseq(99), tell_peer: true };
    made.extend(store.mark_read(mark).await.expect("works"));
    made.extend(deliver(store, pair.bob, pair.bob_phone).await);
    for deed in super::super::contacts::every_deed() {
        if deed != Deed::Unblock
            && let ContactOutcome::Changed(_, entries) = deed_outcome(store, pair.bob, pair.alice, deed).await
        {
            made.extend(entries);
        }
    }
    assert!(!made.is_empty() && made.iter().all(|(owner, _)| *owner == pair.bob));
    seen(store, pair.alice, of).await.is(&hers, "whatever he does");
    // Each side may block the other, and neither learns of it.
    deed_of(store, pair.alice, pair.bob, Deed::Block).await;
    assert_eq!(outcome(store, pair.by_alice("no")).await, AppendOutcome::Blocking);
    assert_eq!(outcome(store, pair.by_bob("no")).await, AppendOutcome::Blocking);
    let his = seen(store, pair.bob, of).await;
    deed_of(store, pair.alice, pair.bob, Deed::Unblock).await;
    seen(store, pair.bob, of).await.is(&his, "she has unblocked him");
    assert!(matches!(outcome(store, pair.by_alice("unheard")).await, AppendOutcome::Appended(_)));
    seen(store, pair.bob, of).await.is(&his, "he still blocks her");
}

async fn what_was_on_its_way_comes_and_no_receipt_goes_back(blocking: &dyn Store, offline: &dyn Store) {
    let (here, there) = (story(blocking).await, story(offline).await);
    let (pair, of) = (&here.pair, here.of);
    deed_of(blocking, pair.bob, pair.alice, Deed::Block).await;
    let all = ["hers", "his", "hers until delivered", "hers for an hour"];
    assert_eq!(texts(&entries(blocking, pair.bob).await), all, "it was sent before");
    assert!(deliver(blocking, pair.bob, pair.bob_phone).await.is_empty());
    let mark = MarkRead { owner: pair.bob, conversation: of, read: Cseq(4), tell_peer: true };
    let made = blocking.mark_read(mark).await.expect("works");
    assert!(made.iter().all(|(owner, _)| *owner == pair.bob));
    for after_ms in [0, 1, super::HOUR_MS] {
        for store in [blocking, offline] {
            store.prune(NOW.plus_ms(after_ms)).await.expect("prunes");
        }
        let (hers, expected) = (seen(blocking, pair.alice, of).await, seen(offline, pair.alice, there.of).await);
        hers.is(&expected, &format!("what ended where it waited is said to be undelivered, after {after_ms} ms"));
    }
}

async fn a_first_message_that_is_withheld_makes_no_conversation_for_who_blocks(store: &dyn Store) {
    let pair = pair(store).await;
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    let of = send(store, pair.by_alice("first")).await.id.conversation;
    let list = async |owner| store.list_conversations(owner, None, TimestampMs(0), ALL).await.expect("lists").0;
    assert_eq!(list(pair.bob).await, []);
    assert_eq!(list(pair.alice).await.len(), 1);
    let history = async |owner| store.read_before(owner, of, None, ALL).await.expect("reads").map(|(all, _)| all);
    assert!(history(pair.bob).await.is_none_or(|all| all.is_empty()));
    assert_eq!(message_texts(&history(pair.alice).await.expect("hers")), ["first"]);
    let mark = MarkRead { owner: pair.bob, conversation: of, read: Cseq(99), tell_peer: true };
    assert!(store.mark_read(mark).await.expect("works").is_empty(), "there is nothing that he could have read");
    deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    assert_eq!(list(pair.bob).await, []);
    assert!(texts(&entries(store, pair.bob).await).is_empty());
    send(store, pair.by_alice("second")).await;
    let views = list(pair.bob).await;
    assert_eq!((views.len(), views[0].unread), (1, 1));
    assert_eq!(message_texts(&history(pair.bob).await.expect("his")), ["second"]);
}

async fn limits_are_reached_at_the_same_message(blocking: &dyn Store, offline: &dyn Store) {
    let strangers = MailboxLimit { unanswered: 4, ..MailboxLimit::NONE };
    let (few, light) =
        (MailboxLimit { entries: 8, ..MailboxLimit::NONE }, MailboxLimit { bytes: 60, ..MailboxLimit::NONE });
    let mut outcomes = Vec::new();
    for store in [blocking, offline] {
        let pair = pair(store).await;
        // He is there and takes what comes, until he blocks her or goes away.
        send(store, pair.by_alice("before")).await;
        deliver(store, pair.bob, pair.bob_phone).await;
        if std::ptr::eq(store, blocking) {
            deed_of(store, pair.bob, pair.alice, Deed::Block).await;
        }
        let mut kinds = Vec::new();
        for (round, limit) in [strangers, few, light].into_iter().enumerate() {
            for n in 0..10 {
                let retention = if n % 2 == 0 { VOLATILE } else { TIMED };
                let append = Append { retention, ..pair.by_alice(&format!("{round}.{n}")) };
                let outcome = store.append_within(vec![append], limit).await.expect("works").remove(0);
                kinds.push(match outcome {
                    AppendOutcome::Appended(_) => 'a',
                    AppendOutcome::MailboxFull => 'f',
                    AppendOutcome::Unanswered => 'u',
                    other => panic!("{other:?}"),
                });
            }
        }
        store.prune(END).await.expect("prunes");
        let again = Append { at: END, ..pair.by_alice("room again") };
        let outcome = store.append_within(vec![again], few).await.expect("works").remove(0);
        kinds.push(if matches!(outcome, AppendOutcome::Appended(_)) { 'a' } else { 'x' });
        outcomes.push(kinds.into_iter().collect::<String>());
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].chars().filter(|kind| *kind == 'u').count(), 7, "one before, three after");
    assert!(outcomes[0].contains('f') && outcomes[0].ends_with('a'), "{}", outcomes[0]);
}

async fn a_request_of_the_blocked_side_waits_for_ever(store: &dyn Store) {
    let pair = pair(store).await;
    deed_of(store, pair.alice, pair.bob, super::request()).await;
    let asking = store.contact(pair.alice, pair.bob).await.expect("reads");
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    assert_eq!(store.contact(pair.alice, pair.bob).await.expect("reads"), asking, "she still asks");
    let his = store.contacts(pair.bob, None, CONTACTS_MAX).await.expect("reads").0;
    assert!(his.len() == 1 && his[0].contact.asked.is_none() && his[0].contact.blocked);
    deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    let told = entries(store, pair.bob).await;
    let Some(Item::Contact(view)) = told.last().map(|entry| &entry.item) else { panic!("his row is told") };
    assert!(view.contact.is_nothing(), "and of her request he hears no more");
    assert_eq!(store.contact(pair.alice, pair.bob).await.expect("reads"), asking);
    let end = store.head(pair.alice).await.expect("reads").last;
    assert!(ack(store, pair.alice, pair.alice_phone, end, NOW).await.is_empty());
    deed_of(store, pair.alice, pair.bob, Deed::Withdraw).await;
    deed_of(store, pair.alice, pair.bob, super::request()).await;
    assert!(store.contact(pair.bob, pair.alice).await.expect("reads").asked.is_some(), "unless she asks again");
}
