//! After Bob has unblocked Alice: what was withheld stays withheld, and what she does from then on reaches him.

use std::sync::Arc;

use super::super::contacts::row;
use super::super::{ALL, Lives, NOW, deed_of, entries, message_texts, outcome, send, suite, texts};
use super::{Act, HOUR_MS, Seen, Story, act, acts, deliver, seen, story};
use crate::contact::{Audience, Deed};
use crate::content::Content;
use crate::event::{Item, Receipt};
use crate::ids::{AccountId, Cseq, MessageId, TimestampMs};
use crate::ports::{Amend, AmendOutcome, AppendOutcome, Change, Flag, MarkRead, SettingsChange, Store};
use crate::retention::{Retention, Wish};

suite![
    nothing_that_was_withheld_comes_after_unblocking,
    receipts_after_unblocking_say_what_was_never_delivered,
    a_copy_ends_with_the_next_change_that_reaches_both,
    a_withheld_message_is_changed_for_who_wrote_it_alone,
    wishes_and_times_made_while_blocked_hold_for_nobody_else,
    a_wish_made_again_reaches_both,
    the_rows_agree_again_and_both_are_told,
];

/// The story with the block and everything that Alice does.
async fn withheld(store: &dyn Store) -> Story {
    let story = story(store).await;
    deed_of(store, story.pair.bob, story.pair.alice, Deed::Block).await;
    for step in acts() {
        if !matches!(step, Act::Prune(_)) {
            act(store, &story, step).await;
        }
    }
    story
}

async fn unblock(store: &dyn Store, story: &Story) -> Seen {
    deed_of(store, story.pair.bob, story.pair.alice, Deed::Unblock).await;
    seen(store, story.pair.bob, story.of).await
}

fn receipts(seen: &[Arc<crate::event::Entry>]) -> Vec<Receipt> {
    let receipt = |entry: &Arc<crate::event::Entry>| match &entry.item {
        Item::Receipt(receipt) => Some(receipt.clone()),
        _ => None,
    };
    seen.iter().filter_map(receipt).collect()
}

async fn amend(store: &dyn Store, by: AccountId, id: MessageId, change: Change) -> Vec<AccountId> {
    let amend = Amend { by, id, change, at: NOW, sent_since: TimestampMs(0) };
    match store.amend(amend).await.expect("the store amends") {
        AmendOutcome::Amended(_, made) => made.iter().map(|(owner, _)| *owner).collect(),
        other => panic!("{other:?}"),
    }
}

async fn nothing_that_was_withheld_comes_after_unblocking(store: &dyn Store) {
    let story = story(store).await;
    let (pair, of) = (&story.pair, story.of);
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    let his = seen(store, pair.bob, of).await;
    for step in acts() {
        if !matches!(step, Act::Prune(_)) {
            act(store, &story, step).await;
        }
    }
    let after = unblock(store, &story).await;
    after.is_of_messages(&his, "unblocked");
    // He takes all that there is and reads it; she does the same.
    deliver(store, pair.bob, pair.bob_phone).await;
    let mark = MarkRead { owner: pair.bob, conversation: of, read: Cseq(u64::MAX), tell_peer: true };
    let made = store.mark_read(mark).await.expect("works");
    let Some(Item::Mark(mark)) = made.first().map(|(_, entry)| &entry.item) else { panic!("a mark, not {made:?}") };
    assert_eq!(mark.read, Cseq(4), "all that he was shown");
    deliver(store, pair.alice, pair.alice_phone).await;
    store.prune(NOW.plus_ms(HOUR_MS)).await.expect("prunes");
    assert_eq!(texts(&entries(store, pair.bob).await), ["hers", "his"]);
    let sent = send(store, pair.by_alice("now")).await;
    assert_eq!(sent.entries.len(), 2);
    assert_eq!(texts(&entries(store, pair.bob).await), ["hers", "his", "now"]);
    let (history, more) = store.read_before(pair.bob, of, None, ALL).await.expect("reads").expect("a member");
    assert_eq!((message_texts(&history), more), (vec!["hers".into(), "his".into(), "now".into()], false));
    let (views, _) = store.list_conversations(pair.bob, None, TimestampMs(0), ALL).await.expect("lists");
    assert_eq!((views.len(), views[0].unread, views[0].last), (1, 1, sent.id.cseq));
}

async fn receipts_after_unblocking_say_what_was_never_delivered(store: &dyn Store) {
    let story = story(store).await;
    let (pair, of) = (&story.pair, story.of);
    deliver(store, pair.bob, pair.bob_phone).await;
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    send(store, pair.by_alice("5")).await;
    send(store, pair.by_alice("6")).await;
    deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    send(store, pair.by_alice("7")).await;
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    send(store, pair.by_alice("8")).await;
    assert!(deliver(store, pair.bob, pair.bob_phone).await.is_empty(), "blocked, nothing is told");
    deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    send(store, pair.by_alice("9")).await;
    assert_eq!(deliver(store, pair.bob, pair.bob_phone).await.len(), 1);
    let told = receipts(&entries(store, pair.alice).await);
    let expected = Receipt {
        conversation: of,
        peer: super::super::address("bob"),
        delivered: Cseq(9),
        read: Cseq(0),
        undelivered: vec![(Cseq(5), Cseq(6)), (Cseq(8), Cseq(8))],
    };
    assert_eq!(told, [expected], "the 7th reached him while he blocked her, and was not withheld");
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    send(store, pair.by_alice("10")).await;
    deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    send(store, pair.by_alice("11")).await;
    let mark = MarkRead { owner: pair.bob, conversation: of, read: Cseq(11), tell_peer: true };
    assert_eq!(store.mark_read(mark).await.expect("works").len(), 2);
    let told = receipts(&entries(store, pair.alice).await);
    let undelivered = vec![(Cseq(5), Cseq(6)), (Cseq(8), Cseq(8)), (Cseq(10), Cseq(10))];
    assert_eq!((told[0].read, told[0].delivered, &told[0].undelivered), (Cseq(11), Cseq(11), &undelivered));
}

async fn a_copy_ends_with_the_next_change_that_reaches_both(store: &dyn Store) {
    let story = story(store).await;
    let (pair, of) = (&story.pair, story.of);
    let id = |cseq| MessageId { conversation: of, cseq: Cseq(cseq) };
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    amend(store, pair.alice, id(1), Change::Edit(Content::text("copy"))).await;
    amend(store, pair.alice, id(2), Change::React("👎".into())).await;
    amend(store, pair.alice, id(4), Change::Recall).await;
    unblock(store, &story).await;
    let text = async |owner, cseq: u64| {
        let (all, _) = store.read_before(owner, of, None, ALL).await.expect("reads").expect("a member");
        let message = all.iter().find(|message| message.id == id(cseq)).expect("it is there").clone();
        let reactions: Vec<String> = message.life.reactions.iter().map(|reaction| reaction.emoji.clone()).collect();
        (message.content.text.clone(), reactions.concat(), message.life.recalled.is_some())
    };
    assert_eq!(text(pair.alice, 1).await.0, "copy", "she sees it until something reaches both");
    assert_eq!(text(pair.bob, 1).await.0, "hers");
    // A change by either side ends it for both.
    assert_eq!(amend(store, pair.bob, id(1), Change::React("👍".into())).await.len(), 2);
    for owner in [pair.alice, pair.bob] {
        assert_eq!(text(owner, 1).await, ("hers".into(), "👍".into(), false));
    }
    assert_eq!(amend(store, pair.alice, id(2), Change::Pin(true)).await.len(), 2);
    for owner in [pair.alice, pair.bob] {
        assert_eq!(text(owner, 2).await, ("his".into(), String::new(), false));
    }
    // What she has recalled for herself alone she recalls for both by doing it again.
    assert!(text(pair.alice, 4).await.2 && !text(pair.bob, 4).await.2);
    assert_eq!(amend(store, pair.alice, id(4), Change::Recall).await.len(), 2);
    assert!(text(pair.alice, 4).await.2 && text(pair.bob, 4).await.2);
    // An edit starts from what both have.
    assert_eq!(amend(store, pair.alice, id(1), Change::Edit(Content::text("both"))).await.len(), 2);
    for owner in [pair.alice, pair.bob] {
        assert_eq!(text(owner, 1).await.0, "both");
    }
}

async fn a_withheld_message_is_changed_for_who_wrote_it_alone(store: &dyn Store) {
    let story = story(store).await;
    let (pair, of) = (&story.pair, story.of);
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    let id = send(store, pair.by_alice("withheld")).await.id;
    let his = unblock(store, &story).await;
    for change in [Change::Edit(Content::text("edited")), Change::React("👍".into()), Change::Pin(true), Change::Recall]
    {
        assert_eq!(amend(store, pair.alice, id, change).await, [pair.alice]);
    }
    seen(store, pair.bob, of).await.is(&his, "she changes what he was never given");
    // He may guess its number: to him there is no such message.
    for change in [Change::React("👍".into()), Change::Pin(false), Change::Recall] {
        let amend = Amend { by: pair.bob, id, change, at: NOW, sent_since: TimestampMs(0) };
        assert_eq!(store.amend(amend).await.expect("works"), AmendOutcome::NotFound);
    }
    let flag = Flag { owner: pair.bob, id, starred: Some(true), hide: false, at: NOW };
    assert_eq!(store.flag(flag).await.expect("works"), None);
    seen(store, pair.bob, of).await.is(&his, "she changes what he was never given");
}

async fn wishes_and_times_made_while_blocked_hold_for_nobody_else(store: &dyn Store) {
    let story = story(store).await;
    let (pair, of) = (&story.pair, story.of);
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    let wish = Wish { until_delivered: false, at_most_ms: Some(1000) };
    act(store, &story, Act::Wish(wish)).await;
    let disappear = SettingsChange { disappear_after_ms: Some(2000), ..SettingsChange::default() };
    act(store, &story, Act::Settings(disappear)).await;
    unblock(store, &story).await;
    let keeping = async |owner| store.keeping(owner, of).await.expect("reads").expect("a member");
    let after = async |owner| {
        let same = SettingsChange::default();
        store.set_conversation(owner, of, same).await.expect("works").expect("a member").0.disappear_after_ms
    };
    assert_eq!((keeping(pair.alice).await.mine, after(pair.alice).await), (wish, 2000));
    assert_eq!((keeping(pair.bob).await.theirs, after(pair.bob).await), (Wish::default(), 0));
    for append in [pair.by_alice("from her"), pair.by_bob("from him")] {
        let sent = send(store, append).await;
        let Item::Message(message) = &sent.entries[0].1.item else { panic!("a message") };
        assert_eq!(message.content.lifetime_ms, None);
    }
    store.prune(NOW.plus_ms(2000)).await.expect("prunes");
    for owner in [pair.alice, pair.bob] {
        let all = texts(&entries(store, owner).await);
        assert!(all.contains(&"from her".to_owned()) && all.contains(&"from him".to_owned()), "{all:?}");
    }
}

async fn a_wish_made_again_reaches_both(store: &dyn Store) {
    let story = story(store).await;
    let (pair, of) = (&story.pair, story.of);
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    let wish = Wish { until_delivered: false, at_most_ms: Some(1000) };
    act(store, &story, Act::Wish(wish)).await;
    let disappear = SettingsChange { disappear_after_ms: Some(2000), ..SettingsChange::default() };
    act(store, &story, Act::Settings(disappear.clone())).await;
    unblock(store, &story).await;
    let set = store.set_keeping(pair.alice, of, wish).await.expect("works").expect("a member");
    assert_eq!(set.entries.len(), 2);
    assert_eq!(store.keeping(pair.bob, of).await.expect("reads").expect("a member").theirs, wish);
    assert!(store.set_keeping(pair.alice, of, wish).await.expect("works").expect("a member").entries.is_empty());
    let (settings, made) =
        store.set_conversation(pair.alice, of, disappear.clone()).await.expect("works").expect("a member");
    assert_eq!((settings.disappear_after_ms, made.len()), (2000, 2));
    let again = store.set_conversation(pair.bob, of, disappear).await.expect("works").expect("a member");
    assert_eq!((again.0.disappear_after_ms, again.1.len()), (2000, 0));
}

async fn the_rows_agree_again_and_both_are_told(store: &dyn Store) {
    let story = story(store).await;
    let pair = &story.pair;
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    deed_of(store, pair.alice, pair.bob, Deed::Unsubscribe).await;
    deed_of(store, pair.bob, pair.alice, Deed::Unsubscribed).await;
    let (bobs, made) = deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    assert!(bobs.to && !bobs.from && !bobs.blocked);
    let alices = row(store, pair.alice, pair.bob).await;
    assert!(alices.from && !alices.to);
    assert_eq!(made.iter().map(|(owner, _)| *owner).collect::<Vec<_>>(), [pair.bob], "hers was so before");
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    deed_of(store, pair.bob, pair.alice, Deed::Remove).await;
    let (_, made) = deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    assert_eq!(made.len(), 2, "that he has removed her is told now");
    assert!(!row(store, pair.alice, pair.bob).await.from);
    assert!(row(store, pair.bob, pair.alice).await.is_nothing());
    assert!(matches!(outcome(store, pair.by_alice("hello?")).await, AppendOutcome::Appended(_)));
    assert!(row(store, pair.bob, pair.alice).await.is_among(Audience::Everyone));
}

/// A store that is ended while Bob blocks Alice: the next life knows everything of it.
pub async fn what_was_withheld_stays_so_in_the_next_life(lives: &dyn Lives) {
    let store = lives.open().await;
    let story = withheld(&*store).await;
    let (pair, of) = (&story.pair, story.of);
    let both = [seen(&*store, pair.alice, of).await, seen(&*store, pair.bob, of).await];
    drop(store);
    let store = lives.open().await;
    for (owner, before) in [pair.alice, pair.bob].into_iter().zip(&both) {
        seen(&*store, owner, of).await.is(before, "opened again");
    }
    let copy = Act::Amend(1, Change::Edit(Content::text("edited again")));
    assert!(act(&*store, &story, copy).await.0.ends_with("with []"), "her copy says so already");
    deed_of(&*store, pair.bob, pair.alice, Deed::Unblock).await;
    let sent = send(&*store, super::super::Append { retention: Retention::Keep, ..pair.by_alice("now") }).await;
    assert_eq!(deliver(&*store, pair.bob, pair.bob_phone).await.len(), 1);
    let told = receipts(&entries(&*store, pair.alice).await);
    assert_eq!(
        (told[0].delivered, told[0].undelivered.clone()),
        (sent.id.cseq, vec![(Cseq(5), Cseq(sent.id.cseq.0 - 1))])
    );
    let all = texts(&entries(&*store, pair.bob).await);
    assert_eq!(all.last().map(String::as_str), Some("now"));
    assert!(!all.contains(&"kept".to_owned()) && !all.contains(&"edited".to_owned()), "{all:?}");
}
