//! Messages after they were sent: edits, recalls, reactions, pins, flags, settings, disappearing, the list.

use std::sync::Arc;

use super::{ALL, NOW, Pair, account, ack, address, entries, message, message_texts, pair, send, suite, texts};
use crate::content::Content;
use crate::conversation::{Amendment, ConversationSettings, ConversationView, DraftText, MessageFlags, Reaction};
use crate::event::{Entry, Item, Message};
use crate::ids::{AccountId, ConversationId, Cseq, DeviceId, MessageId, TimestampMs};
use crate::ports::{
    Amend, AmendOutcome, Append, Change, Changed, Flag, ListPlace, MarkRead, PageLimit, SettingsChange, Store,
};
use crate::retention::Retention;

suite![
    an_edit_replaces_what_a_message_says_on_both_sides_and_is_marked,
    each_edit_is_later_than_the_one_before_whatever_the_clock_says,
    what_has_changed_many_times_is_one_entry_with_the_latest_value,
    a_change_that_changes_nothing_makes_no_entry,
    an_edit_keeps_what_the_message_answers_and_when_it_disappears,
    only_the_author_edits_and_recalls_and_only_in_time,
    a_recall_erases_the_message_everywhere_and_leaves_its_place,
    a_recall_erases_what_is_kept_in_the_timelines_alone,
    a_recalled_message_takes_no_other_change,
    a_message_that_was_delivered_and_is_not_kept_can_still_be_recalled_and_edited,
    everybody_has_one_reaction_and_can_take_it_back,
    a_pin_is_for_both_sides,
    a_stranger_changes_and_flags_nothing,
    what_was_never_sent_cannot_be_changed,
    flags_are_for_their_owner_alone,
    what_was_deleted_for_oneself_is_gone_from_the_history_for_good,
    settings_change_by_field_and_are_their_owners_own,
    a_time_to_disappear_is_for_both_sides_and_later_messages,
    a_lifetime_shortens_what_the_server_keeps,
    an_expired_message_is_nowhere,
    the_list_has_the_newest_conversation_first_in_pages,
    the_list_shows_the_last_message_as_it_is_now,
    unread_counts_what_came_and_is_there,
    unread_counts_what_is_in_the_timelines_alone,
    an_account_that_is_gone_holds_up_no_change,
];

const EARLIER: TimestampMs = TimestampMs(NOW.0 - 10_000);

async fn try_amend(store: &dyn Store, by: AccountId, id: MessageId, change: Change) -> AmendOutcome {
    let amend = Amend { by, id, change, at: NOW, sent_since: TimestampMs(0) };
    store.amend(amend).await.expect("the store amends")
}

async fn amend(
    store: &dyn Store,
    by: AccountId,
    id: MessageId,
    change: Change,
) -> (Arc<Amendment>, Vec<(AccountId, Arc<Entry>)>) {
    match try_amend(store, by, id, change).await {
        AmendOutcome::Amended(amendment, made) => (amendment, made),
        other => panic!("the message was not changed: {other:?}"),
    }
}

fn edit(text: &str) -> Change {
    Change::Edit(Content::text(text))
}

fn react(emoji: &str) -> Change {
    Change::React(emoji.to_owned())
}

fn amendments(entries: &[Arc<Entry>]) -> Vec<Arc<Amendment>> {
    let amendment = |entry: &Arc<Entry>| match &entry.item {
        Item::Amendment(amendment) => Some(Arc::clone(amendment)),
        _ => None,
    };
    entries.iter().filter_map(amendment).collect()
}

async fn history(store: &dyn Store, reader: AccountId, of: ConversationId) -> Vec<Arc<Message>> {
    store.read_before(reader, of, None, ALL).await.expect("reads").expect("a member may read").0
}

async fn flag(
    store: &dyn Store,
    owner: AccountId,
    id: MessageId,
    starred: Option<bool>,
    hide: bool,
) -> Option<Changed<MessageFlags>> {
    store.flag(Flag { owner, id, starred, hide, at: NOW }).await.expect("the store flags")
}

async fn set(
    store: &dyn Store,
    owner: AccountId,
    of: ConversationId,
    change: SettingsChange,
) -> Option<Changed<ConversationSettings>> {
    store.set_conversation(owner, of, change).await.expect("the store sets")
}

async fn list(store: &dyn Store, owner: AccountId) -> Vec<ConversationView> {
    let (views, more) = store.list_conversations(owner, None, TimestampMs(0), ALL).await.expect("the store lists");
    assert!(!more, "one page holds all that a case makes");
    views
}

fn volatile(append: Append) -> Append {
    Append { retention: Retention::UntilDelivered { expires: NOW.plus_ms(3_600_000) }, ..append }
}

async fn deliver(store: &dyn Store, pair: &Pair) {
    for (owner, device) in [(pair.alice, pair.alice_phone), (pair.bob, pair.bob_phone)] {
        let end = store.head(owner).await.expect("the store reads").last;
        ack(store, owner, device, end, NOW).await;
    }
}

async fn an_edit_replaces_what_a_message_says_on_both_sides_and_is_marked(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("helo")).await;
    let (amendment, made) = amend(store, pair.alice, sent.id, edit("hello")).await;
    assert_eq!((amendment.id, &amendment.author, amendment.edited), (sent.id, &address("alice"), Some(NOW)));
    assert_eq!(amendment.content.as_ref().map(|content| content.text.as_str()), Some("hello"));
    assert_eq!(made.iter().map(|(owner, _)| *owner).collect::<Vec<_>>(), [pair.alice, pair.bob]);
    for (owner, entry) in &made {
        assert_eq!(entry.item, Item::Amendment(Arc::clone(&amendment)));
        let all = entries(store, *owner).await;
        assert_eq!(all.last(), Some(entry), "readers get the entry that was answered");
        assert_eq!(texts(&all), ["hello"], "what it said before is kept nowhere");
        let [said] = &history(store, *owner, sent.id.conversation).await[..] else { panic!("one message") };
        assert_eq!((said.content.text.as_str(), said.life.edited, said.sent), ("hello", Some(NOW), sent.sent));
    }
}

async fn each_edit_is_later_than_the_one_before_whatever_the_clock_says(store: &dyn Store) {
    let pair = pair(store).await;
    for kept in [true, false] {
        let append = pair.by_alice("helo");
        let sent = send(store, if kept { append } else { volatile(append) }).await;
        let mut before = None;
        for (text, at) in [("hello", NOW), ("hello!", NOW), ("hello!!", EARLIER)] {
            let amend = Amend { by: pair.alice, id: sent.id, change: edit(text), at, sent_since: TimestampMs(0) };
            let outcome = store.amend(amend).await.expect("the store amends");
            let AmendOutcome::Amended(amendment, made) = outcome else { panic!("it was not changed: {outcome:?}") };
            assert!(amendment.edited > before, "{:?} is not after {before:?}", amendment.edited);
            before = amendment.edited;
            for (owner, entry) in made {
                assert_eq!(entry.item, Item::Amendment(Arc::clone(&amendment)));
                let said = entries(store, owner).await.iter().find_map(|entry| match &entry.item {
                    Item::Message(said) if said.id == sent.id => Some(said.life.edited),
                    _ => None,
                });
                assert_eq!(said, Some(before), "the message says the same as the change of it");
            }
        }
    }
}

async fn what_has_changed_many_times_is_one_entry_with_the_latest_value(store: &dyn Store) {
    let pair = pair(store).await;
    for volatile_too in [false, true] {
        let append = pair.by_alice(if volatile_too { "waits" } else { "kept" });
        let sent = send(store, if volatile_too { volatile(append) } else { append }).await;
        for n in 0..5 {
            amend(store, pair.alice, sent.id, edit(&format!("edit {n}"))).await;
            amend(store, pair.bob, sent.id, react(&format!("{n}"))).await;
        }
        for owner in [pair.alice, pair.bob] {
            let all = amendments(&entries(store, owner).await);
            let of_this: Vec<_> = all.iter().filter(|amendment| amendment.id == sent.id).collect();
            assert_eq!(of_this.len(), 1);
            assert_eq!(of_this[0].content.as_ref().map(|content| content.text.as_str()), Some("edit 4"));
            assert_eq!(of_this[0].reactions, [Reaction { by: address("bob"), emoji: "4".into() }]);
        }
    }
}

async fn a_change_that_changes_nothing_makes_no_entry(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("1")).await;
    for (by, change, takes) in [
        (pair.alice, edit("1"), false),
        (pair.alice, edit("2"), true),
        (pair.alice, edit("2"), false),
        (pair.bob, react(""), false),
        (pair.bob, react("👍"), true),
        (pair.bob, react("👍"), false),
        (pair.bob, Change::Pin(false), false),
        (pair.bob, Change::Pin(true), true),
        (pair.alice, Change::Pin(true), false),
        (pair.alice, Change::Recall, true),
        (pair.alice, Change::Recall, false),
    ] {
        let before = store.head(pair.bob).await.expect("reads").last;
        let (_, made) = amend(store, by, sent.id, change.clone()).await;
        assert_eq!(made.len(), if takes { 2 } else { 0 }, "{change:?}");
        assert_eq!(store.head(pair.bob).await.expect("reads").last > before, takes);
    }
}

async fn an_edit_keeps_what_the_message_answers_and_when_it_disappears(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, pair.by_bob("question")).await;
    let mut append = pair.by_alice("answer");
    append.content.reply_to = Some(first.id.cseq);
    append.content.forwarded = 2;
    append.content.lifetime_ms = Some(60_000);
    let sent = send(store, append).await;
    let (amendment, _) = amend(store, pair.alice, sent.id, edit("a better answer")).await;
    let content = amendment.content.clone().expect("it was edited");
    assert_eq!((content.reply_to, content.forwarded), (Some(first.id.cseq), 2));
    assert_eq!(content.lifetime_ms, Some(60_000));
}

async fn only_the_author_edits_and_recalls_and_only_in_time(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("mine")).await;
    for change in [edit("his"), Change::Recall] {
        assert_eq!(try_amend(store, pair.bob, sent.id, change.clone()).await, AmendOutcome::NotAuthor);
        let late = Amend { by: pair.alice, id: sent.id, change, at: NOW, sent_since: NOW.plus_ms(1) };
        assert_eq!(store.amend(late).await.expect("answers"), AmendOutcome::TooLate);
    }
    assert_eq!(texts(&entries(store, pair.bob).await), ["mine"]);
    let react = Amend { by: pair.bob, id: sent.id, change: react("👍"), at: NOW, sent_since: NOW.plus_ms(1) };
    assert!(matches!(store.amend(react).await.expect("answers"), AmendOutcome::Amended(..)), "reactions have no limit");
    amend(store, pair.alice, sent.id, edit("edited")).await;
    let again = Amend { by: pair.alice, id: sent.id, change: edit("edited"), at: NOW, sent_since: NOW.plus_ms(1) };
    assert!(matches!(store.amend(again).await.expect("answers"), AmendOutcome::Amended(..)), "a repeat is no edit");
}

async fn a_recall_erases_the_message_everywhere_and_leaves_its_place(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("before")).await;
    let sent = send(store, pair.by_alice("regretted")).await;
    send(store, pair.by_alice("after")).await;
    amend(store, pair.bob, sent.id, react("😮")).await;
    amend(store, pair.bob, sent.id, Change::Pin(true)).await;
    let (amendment, _) = amend(store, pair.alice, sent.id, Change::Recall).await;
    assert_eq!((amendment.recalled, &amendment.content, amendment.pinned), (Some(NOW), &None, false));
    assert_eq!(amendment.reactions, []);
    for owner in [pair.alice, pair.bob] {
        assert_eq!(texts(&entries(store, owner).await), ["before", "", "after"]);
        let messages = history(store, owner, sent.id.conversation).await;
        assert_eq!(message_texts(&messages), ["before", "", "after"]);
        assert_eq!(messages[1].life.recalled, Some(NOW));
        assert_eq!((messages[1].id, messages[1].sent), (sent.id, sent.sent));
    }
}

async fn a_recall_erases_what_is_kept_in_the_timelines_alone(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, volatile(pair.by_alice("regretted"))).await;
    let end = store.head(pair.alice).await.expect("reads").last;
    ack(store, pair.alice, pair.alice_phone, end, NOW).await;
    amend(store, pair.alice, sent.id, Change::Recall).await;
    assert_eq!(texts(&entries(store, pair.bob).await), [""], "he was offline");
    assert_eq!(amendments(&entries(store, pair.bob).await)[0].recalled, Some(NOW));
    assert_eq!(texts(&entries(store, pair.alice).await), Vec::<String>::new());
    let messages = history(store, pair.bob, sent.id.conversation).await;
    assert_eq!((messages.len(), messages[0].life.recalled), (1, Some(NOW)));
}

async fn a_recalled_message_takes_no_other_change(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("1")).await;
    amend(store, pair.alice, sent.id, Change::Recall).await;
    for (by, change) in [(pair.alice, edit("2")), (pair.bob, react("👍")), (pair.bob, Change::Pin(true))] {
        assert_eq!(try_amend(store, by, sent.id, change).await, AmendOutcome::NotFound);
    }
}

async fn a_message_that_was_delivered_and_is_not_kept_can_still_be_recalled_and_edited(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, volatile(pair.by_alice("1"))).await;
    deliver(store, &pair).await;
    store.prune(NOW).await.expect("prunes");
    assert_eq!(texts(&entries(store, pair.bob).await), Vec::<String>::new());
    amend(store, pair.alice, sent.id, edit("2")).await;
    let told = amendments(&entries(store, pair.bob).await);
    assert_eq!(told[0].content.as_ref().map(|content| content.text.as_str()), Some("2"));
    deliver(store, &pair).await;
    amend(store, pair.bob, sent.id, react("👍")).await;
    let told = amendments(&entries(store, pair.alice).await);
    assert_eq!((told.len(), told[0].edited, &told[0].content), (1, Some(NOW), &None), "she has been given the edit");
    amend(store, pair.alice, sent.id, Change::Recall).await;
    let told = amendments(&entries(store, pair.bob).await);
    assert_eq!((told.len(), told[0].recalled), (1, Some(NOW)));
}

async fn everybody_has_one_reaction_and_can_take_it_back(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_bob("1")).await;
    amend(store, pair.bob, sent.id, react("🤔")).await;
    amend(store, pair.alice, sent.id, react("👍")).await;
    let (amendment, _) = amend(store, pair.alice, sent.id, react("❤️")).await;
    let reaction = |by: &str, emoji: &str| Reaction { by: address(by), emoji: emoji.into() };
    assert_eq!(amendment.reactions, [reaction("alice", "❤️"), reaction("bob", "🤔")]);
    let messages = history(store, pair.bob, sent.id.conversation).await;
    assert_eq!(messages[0].life.reactions, amendment.reactions);
    let (amendment, _) = amend(store, pair.alice, sent.id, react("")).await;
    assert_eq!(amendment.reactions, [reaction("bob", "🤔")]);
}

async fn a_pin_is_for_both_sides(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("1")).await;
    amend(store, pair.bob, sent.id, Change::Pin(true)).await;
    for owner in [pair.alice, pair.bob] {
        assert!(amendments(&entries(store, owner).await)[0].pinned);
        assert!(history(store, owner, sent.id.conversation).await[0].life.pinned);
    }
    amend(store, pair.alice, sent.id, Change::Pin(false)).await;
    assert!(!history(store, pair.bob, sent.id.conversation).await[0].life.pinned);
}

async fn a_stranger_changes_and_flags_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    let eve = account(store, "eve").await.id;
    let sent = send(store, pair.by_alice("1")).await;
    for change in [edit("2"), Change::Recall, react("👍"), Change::Pin(true)] {
        assert_eq!(try_amend(store, eve, sent.id, change).await, AmendOutcome::NotFound);
    }
    assert_eq!(flag(store, eve, sent.id, Some(true), true).await, None);
    let change = SettingsChange { pinned: Some(true), ..SettingsChange::default() };
    assert_eq!(set(store, eve, sent.id.conversation, change).await, None);
    assert_eq!(list(store, eve).await, []);
    assert!(entries(store, eve).await.is_empty());
}

async fn what_was_never_sent_cannot_be_changed(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("1")).await;
    let room = store.room("lobby").await.expect("a room");
    for id in [
        MessageId { cseq: Cseq(0), ..sent.id },
        MessageId { cseq: Cseq(2), ..sent.id },
        MessageId { conversation: ConversationId(99), ..sent.id },
        MessageId { conversation: room, ..sent.id },
    ] {
        assert_eq!(try_amend(store, pair.alice, id, Change::Recall).await, AmendOutcome::NotFound);
        assert_eq!(flag(store, pair.alice, id, Some(true), false).await, None);
    }
    for of in [ConversationId(99), room] {
        assert_eq!(set(store, pair.alice, of, SettingsChange::default()).await, None);
    }
}

async fn flags_are_for_their_owner_alone(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("1")).await;
    let (flags, made) = flag(store, pair.bob, sent.id, Some(true), false).await.expect("his");
    assert_eq!(flags, MessageFlags { id: sent.id, starred: true, hidden: false });
    assert_eq!((made.len(), made[0].0, &made[0].1.item), (1, pair.bob, &Item::Flags(flags)));
    assert_eq!(entries(store, pair.bob).await.last(), Some(&made[0].1));
    assert!(history(store, pair.bob, sent.id.conversation).await[0].life.starred);
    assert!(!history(store, pair.alice, sent.id.conversation).await[0].life.starred);
    assert_eq!(entries(store, pair.alice).await.len(), 1);
    let (_, made) = flag(store, pair.bob, sent.id, Some(true), false).await.expect("his");
    assert!(made.is_empty(), "a repeat makes no entry");
    flag(store, pair.bob, sent.id, Some(false), false).await.expect("his");
    let flags = entries(store, pair.bob).await.into_iter().filter(|entry| matches!(entry.item, Item::Flags(_)));
    assert_eq!(flags.count(), 1, "the latest value only");
}

async fn what_was_deleted_for_oneself_is_gone_from_the_history_for_good(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, pair.by_alice("1")).await;
    send(store, pair.by_alice("2")).await;
    let of = first.id.conversation;
    flag(store, pair.bob, first.id, Some(true), false).await.expect("his");
    let (flags, _) = flag(store, pair.bob, first.id, None, true).await.expect("his");
    assert_eq!((flags.starred, flags.hidden), (false, true));
    assert_eq!(message_texts(&history(store, pair.bob, of).await), ["2"]);
    assert_eq!(message_texts(&history(store, pair.alice, of).await), ["1", "2"]);
    assert_eq!(flag(store, pair.bob, first.id, Some(true), false).await, None);
    assert_eq!(try_amend(store, pair.bob, first.id, react("👍")).await, AmendOutcome::NotFound);
    assert!(flag(store, pair.bob, first.id, None, true).await.expect("a repeat").1.is_empty());
    amend(store, pair.alice, first.id, edit("1b")).await;
    assert_eq!(message_texts(&history(store, pair.bob, of).await), ["2"]);
}

async fn settings_change_by_field_and_are_their_owners_own(store: &dyn Store) {
    let pair = pair(store).await;
    let of = send(store, pair.by_alice("1")).await.id.conversation;
    let draft = DraftText { text: "Dear Bo".into(), reply_to: Some(Cseq(1)) };
    let change = SettingsChange { pinned: Some(true), draft: Some(draft.clone()), ..SettingsChange::default() };
    let (settings, made) = set(store, pair.alice, of, change.clone()).await.expect("hers");
    assert_eq!((settings.pinned, settings.archived, &settings.draft), (true, false, &draft));
    assert_eq!((settings.conversation, &settings.peer), (of, &address("bob")));
    assert_eq!((made.len(), made[0].0), (1, pair.alice));
    assert_eq!(entries(store, pair.alice).await.last(), Some(&made[0].1));
    assert!(set(store, pair.alice, of, change).await.expect("hers").1.is_empty(), "a repeat makes no entry");
    let change = SettingsChange {
        muted_until: Some(NOW),
        archived: Some(true),
        marked_unread: Some(true),
        ..Default::default()
    };
    set(store, pair.alice, of, change).await.expect("hers");
    let change = SettingsChange { draft: Some(DraftText::default()), ..SettingsChange::default() };
    let (settings, _) = set(store, pair.alice, of, change).await.expect("hers");
    assert_eq!((settings.pinned, settings.archived, settings.marked_unread), (true, true, true));
    assert_eq!((settings.muted_until, settings.draft), (NOW, DraftText::default()));
    let settings = entries(store, pair.alice).await.into_iter().filter(|e| matches!(e.item, Item::Settings(_)));
    assert_eq!(settings.count(), 1, "the latest value only");
    assert_eq!(entries(store, pair.bob).await.len(), 1, "his own is untouched");
}

async fn a_time_to_disappear_is_for_both_sides_and_later_messages(store: &dyn Store) {
    let pair = pair(store).await;
    let before = send(store, pair.by_alice("stays")).await;
    let of = before.id.conversation;
    let change = SettingsChange { disappear_after_ms: Some(5_000), ..SettingsChange::default() };
    let (_, made) = set(store, pair.alice, of, change).await.expect("hers");
    assert_eq!(made.iter().map(|(owner, _)| *owner).collect::<Vec<_>>(), [pair.alice, pair.bob]);
    for (owner, entry) in &made {
        let Item::Settings(settings) = &entry.item else { panic!("settings") };
        assert_eq!(settings.disappear_after_ms, 5_000);
        assert_eq!(settings.peer, address(if *owner == pair.alice { "bob" } else { "alice" }));
    }
    send(store, Append { at: EARLIER, ..pair.by_bob("is gone") }).await;
    let after = send(store, pair.by_bob("goes")).await;
    let Item::Message(said) = &after.entries[0].1.item else { panic!("a message") };
    assert_eq!(said.content.lifetime_ms, Some(5_000), "readers are told when it goes");
    let mut own = pair.by_bob("its own time");
    own.content.lifetime_ms = Some(1_000);
    let Item::Message(said) = &send(store, own).await.entries[0].1.item.clone() else { panic!("a message") };
    assert_eq!(said.content.lifetime_ms, Some(1_000));
    for owner in [pair.alice, pair.bob] {
        assert_eq!(texts(&entries(store, owner).await), ["stays", "goes", "its own time"]);
    }
}

async fn a_lifetime_shortens_what_the_server_keeps(store: &dyn Store) {
    let pair = pair(store).await;
    let gone = |text: &str, retention| {
        let mut append = Append { at: EARLIER, retention, ..pair.by_alice(text) };
        append.content.lifetime_ms = Some(5_000);
        append
    };
    let later = NOW.plus_ms(3_600_000);
    send(store, pair.by_alice("now")).await;
    send(store, gone("kept", Retention::Keep)).await;
    send(store, gone("timed", Retention::Until(later))).await;
    send(store, gone("waits", Retention::UntilDelivered { expires: later })).await;
    send(store, pair.by_alice("stays")).await;
    assert_eq!(texts(&entries(store, pair.bob).await), ["now", "stays"]);
    let mut short = Append { at: EARLIER, retention: Retention::Until(NOW), ..pair.by_alice("short") };
    short.content.lifetime_ms = Some(3_600_000);
    send(store, short).await;
    assert_eq!(texts(&entries(store, pair.bob).await), ["now", "stays"], "a lifetime lengthens nothing");
}

async fn an_expired_message_is_nowhere(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_bob("stays")).await;
    let mut append = pair.by_alice("goes");
    append.content.lifetime_ms = Some(60_000);
    let sent = send(store, append).await;
    amend(store, pair.alice, sent.id, edit("goes still")).await;
    flag(store, pair.bob, sent.id, Some(true), false).await.expect("his");
    let end = NOW.plus_ms(60_000);
    let late = |change| Amend { by: pair.alice, id: sent.id, change, at: end, sent_since: TimestampMs(0) };
    assert_eq!(store.amend(late(Change::Recall)).await.expect("answers"), AmendOutcome::NotFound);
    assert_eq!(store.amend(late(react("👍"))).await.expect("answers"), AmendOutcome::NotFound);
    assert!(store.prune(end).await.expect("prunes").entries >= 3);
    for owner in [pair.alice, pair.bob] {
        let all = entries(store, owner).await;
        assert_eq!(texts(&all), ["stays"]);
        assert!(amendments(&all).is_empty());
        assert!(!all.iter().any(|entry| matches!(entry.item, Item::Flags(_))));
        assert_eq!(message_texts(&history(store, owner, sent.id.conversation).await), ["stays"]);
    }
    assert_eq!(list(store, pair.bob).await[0].unread, 0);
    let next = send(store, pair.by_alice("next")).await;
    assert_eq!(next.id.cseq, Cseq(3), "its number is not used again");
}

async fn the_list_has_the_newest_conversation_first_in_pages(store: &dyn Store) {
    let pair = pair(store).await;
    let mut expected = Vec::new();
    for n in 0..5u64 {
        let name = format!("friend{n}");
        let friend = account(store, &name).await.id;
        let at = NOW.plus_ms(if n == 2 { 100 } else { n });
        let append = message(friend, DeviceId(1), pair.alice, &name);
        expected.push((at, send(store, Append { at, ..append }).await.id.conversation));
    }
    expected.sort_by_key(|place| std::cmp::Reverse(*place));
    let places = |views: &[ConversationView]| -> Vec<ListPlace> {
        views.iter().map(|view| (view.active, view.settings.conversation)).collect()
    };
    assert_eq!(places(&list(store, pair.alice).await), expected);
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let limit = PageLimit { entries: 2, bytes: 1 << 20 };
        let (views, more) = store.list_conversations(pair.alice, after, TimestampMs(0), limit).await.expect("lists");
        assert!(views.len() <= 2);
        seen.extend(places(&views));
        after = seen.last().copied();
        if !more {
            break;
        }
    }
    assert_eq!(seen, expected, "pages join to the same list");
    let limit = PageLimit { entries: 100, bytes: 1 };
    let (views, more) = store.list_conversations(pair.alice, None, TimestampMs(0), limit).await.expect("lists");
    assert_eq!((views.len(), more), (1, true), "a page ends at its weight but holds one at least");
}

async fn the_list_shows_the_last_message_as_it_is_now(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, pair.by_alice("first")).await;
    let last = send(store, pair.by_alice("last")).await;
    let of = first.id.conversation;
    let shown = async |owner| list(store, owner).await.remove(0).message.map(|said| said.content.text.clone());
    amend(store, pair.alice, last.id, edit("edited")).await;
    assert_eq!(shown(pair.bob).await.as_deref(), Some("edited"));
    flag(store, pair.bob, last.id, None, true).await.expect("his");
    assert_eq!(shown(pair.bob).await.as_deref(), Some("first"));
    assert_eq!(shown(pair.alice).await.as_deref(), Some("edited"));
    amend(store, pair.alice, last.id, Change::Recall).await;
    let view = list(store, pair.alice).await.remove(0);
    assert_eq!(view.message.as_ref().expect("a tombstone").life.recalled, Some(NOW));
    assert_eq!((view.last, view.active), (last.id.cseq, NOW));
    assert_eq!((&view.settings.peer, view.settings.conversation), (&address("bob"), of));
    let end = store.head(pair.bob).await.expect("reads").last;
    ack(store, pair.bob, pair.bob_phone, end, NOW).await;
    let mark = MarkRead { owner: pair.bob, conversation: of, read: first.id.cseq, tell_peer: true };
    store.mark_read(mark).await.expect("marks");
    let view = list(store, pair.alice).await.remove(0);
    assert_eq!((view.receipt.delivered, view.receipt.read), (last.id.cseq, first.id.cseq));
    let waits = send(store, volatile(pair.by_alice("waits"))).await;
    assert_eq!(shown(pair.bob).await.as_deref(), Some("waits"));
    deliver(store, &pair).await;
    assert_eq!(shown(pair.bob).await.as_deref(), Some("first"), "it is no longer kept");
    assert_eq!(list(store, pair.bob).await[0].last, waits.id.cseq);
}

async fn unread_counts_what_came_and_is_there(store: &dyn Store) {
    let pair = pair(store).await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(send(store, pair.by_alice(&format!("a{n}"))).await.id);
        send(store, pair.by_bob(&format!("b{n}"))).await;
    }
    let unread = async |owner| list(store, owner).await[0].unread;
    assert_eq!((unread(pair.alice).await, unread(pair.bob).await), (6, 6));
    let mark = MarkRead { owner: pair.bob, conversation: ids[0].conversation, read: ids[1].cseq, tell_peer: false };
    store.mark_read(mark).await.expect("marks");
    assert_eq!(unread(pair.bob).await, 4);
    amend(store, pair.alice, ids[2], Change::Recall).await;
    assert_eq!(unread(pair.bob).await, 3);
    flag(store, pair.bob, ids[3], None, true).await.expect("his");
    assert_eq!(unread(pair.bob).await, 2);
    amend(store, pair.alice, ids[3], Change::Recall).await;
    flag(store, pair.bob, ids[0], None, true).await.expect("his");
    assert_eq!(unread(pair.bob).await, 2, "what did not count takes nothing away");
    let all = MarkRead { owner: pair.bob, conversation: ids[0].conversation, read: Cseq(99), tell_peer: false };
    store.mark_read(all).await.expect("marks");
    assert_eq!((unread(pair.alice).await, unread(pair.bob).await), (6, 0));
    let note = message(pair.bob, pair.bob_phone, pair.bob, "note");
    let own = send(store, note).await.id.conversation;
    let views = list(store, pair.bob).await;
    let view = views.iter().find(|view| view.settings.conversation == own).expect("notes to self are listed");
    assert_eq!(view.unread, 0);
}

async fn unread_counts_what_is_in_the_timelines_alone(store: &dyn Store) {
    let pair = pair(store).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(send(store, volatile(pair.by_alice(&n.to_string()))).await.id);
    }
    let unread = async || list(store, pair.bob).await[0].unread;
    assert_eq!(unread().await, 4);
    deliver(store, &pair).await;
    store.prune(NOW).await.expect("prunes");
    assert_eq!(unread().await, 4, "given to a device is not read");
    amend(store, pair.alice, ids[3], Change::Recall).await;
    flag(store, pair.bob, ids[2], None, true).await.expect("his");
    assert_eq!(unread().await, 2);
    let mark = MarkRead { owner: pair.bob, conversation: ids[0].conversation, read: ids[0].cseq, tell_peer: false };
    store.mark_read(mark).await.expect("marks");
    assert_eq!(unread().await, 1);
}

async fn an_account_that_is_gone_holds_up_no_change(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("1")).await;
    amend(store, pair.bob, sent.id, react("👍")).await;
    store.remove_account(pair.bob).await.expect("removes");
    let (amendment, made) = amend(store, pair.alice, sent.id, edit("2")).await;
    assert_eq!(made.iter().map(|(owner, _)| *owner).collect::<Vec<_>>(), [pair.alice]);
    assert_eq!(amendment.reactions, [Reaction { by: address("bob"), emoji: "👍".into() }]);
    let change = SettingsChange { disappear_after_ms: Some(5_000), ..SettingsChange::default() };
    assert_eq!(set(store, pair.alice, sent.id.conversation, change).await.expect("hers").1.len(), 1);
    store.remove_account(pair.alice).await.expect("removes");
    assert_eq!(try_amend(store, pair.alice, sent.id, edit("3")).await, AmendOutcome::NotFound);
}
