//! A store that is ended and opened again: nothing acknowledged is lost, no number is used twice.

use std::sync::Arc;

use super::{
    ALL, Lives, NOW, account, ack, blocking, contacts, deed_of, documents, entries, invites, meets, pair, send, texts,
};
use crate::account::{PrivacyChange, ProfileChange};
use crate::contact::{Audience, Deed, Picture, PictureId};
use crate::device::Cursor;
use crate::ids::{Seq, TimestampMs};
use crate::ports::{
    Append, AppendOutcome, MailboxLimit, MarkRead, PageLimit, RoomAppend, RoomAppended, SettingsChange, Store,
};
use crate::retention::Retention;

/// Every case of this suite, each with a store of its own.
pub async fn all(make: impl AsyncFn() -> Arc<dyn Lives>) {
    what_was_acknowledged_is_there_in_the_next_life(&*make().await).await;
    numbers_of_the_next_life_are_above_all_before(&*make().await).await;
    the_first_entry_of_a_life_names_the_last_of_the_one_before(&*make().await).await;
    a_cursor_of_an_earlier_life_goes_on_without_a_reset(&*make().await).await;
    a_place_between_two_lives_was_never_one(&*make().await).await;
    ids_marks_cursors_and_rooms_survive(&*make().await).await;
    a_log_that_was_pruned_empty_still_knows_where_it_was(&*make().await).await;
    a_gap_is_still_known_in_the_next_life(&*make().await).await;
    what_became_of_messages_and_conversations_is_there_in_the_next_life(&*make().await).await;
    contacts_invitations_and_profiles_are_there_in_the_next_life(&*make().await).await;
    what_strangers_sent_still_counts_in_the_next_life(&*make().await).await;
    blocking::after::what_was_withheld_stays_so_in_the_next_life(&*make().await).await;
}

async fn contacts_invitations_and_profiles_are_there_in_the_next_life(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    let carol = account(&*store, "carol").await.id;
    deed_of(&*store, pair.alice, pair.bob, contacts::request()).await;
    deed_of(&*store, pair.bob, pair.alice, Deed::Accept).await;
    deed_of(&*store, pair.bob, pair.alice, Deed::Put { name: "Al".into(), labels: vec!["home".into()] }).await;
    deed_of(&*store, carol, pair.alice, contacts::request()).await;
    deed_of(&*store, pair.bob, carol, Deed::Block).await;
    deed_of(&*store, pair.bob, carol, Deed::Unblock).await;
    for n in 1..4 {
        assert!(store.put_invite(invites::invite(pair.alice, n, 2), NOW).await.expect("works"));
    }
    store.use_invite(&[1; 32], carol, NOW).await.expect("works");
    assert!(store.revoke_invite(pair.alice, &[3; 32]).await.expect("works"));
    let picture = Picture { mime: "image/webp".into(), data: vec![7; 50_000] };
    let change = ProfileChange {
        about: Some("about".into()),
        picture: Some(Some((PictureId([7; 16]), picture))),
        ..ProfileChange::default()
    };
    store.set_profile(pair.alice, change).await.expect("works").expect("is there");
    let change = PrivacyChange { about: Some(Audience::Contacts), ..PrivacyChange::default() };
    store.set_privacy(pair.alice, change).await.expect("works").expect("is there");
    documents::put(&*store, pair.alice, "one", b"kept").await;
    documents::put(&*store, pair.alice, "two", b"replaced").await;
    documents::put(&*store, pair.alice, "two", b"").await;
    let known = async |store: &dyn Store| {
        let mut all = Vec::new();
        for owner in [pair.alice, pair.bob, carol] {
            all.push((
                entries(store, owner).await,
                store.contacts(owner, None, 10).await.expect("reads"),
                store.followers(owner).await.expect("reads"),
                store.invites(owner, NOW).await.expect("reads"),
                store.profile(owner).await.expect("reads"),
                store.privacy(owner).await.expect("reads"),
                (documents::get(store, owner, "one").await, documents::get(store, owner, "two").await),
            ));
        }
        (all, store.picture(pair.alice, PictureId([7; 16])).await.expect("reads"))
    };
    let before = known(&*store).await;
    assert!(before.1.is_some() && before.0[0].3.len() == 2 && before.0[0].2.len() == 2);
    assert_eq!(before.0[0].6, (Some("kept".into()), None));
    drop(store);
    let store = lives.open().await;
    assert_eq!(known(&*store).await, before);
    deed_of(&*store, pair.alice, pair.bob, Deed::Remove).await;
    assert_eq!(contacts::told(&entries(&*store, pair.bob).await).len(), 2, "his rows about her and about Carol");
}

async fn what_strangers_sent_still_counts_in_the_next_life(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    let few = MailboxLimit { unanswered: 2, ..MailboxLimit::NONE };
    let one = async |store: &dyn Store, append| store.append_within(vec![append], few).await.expect("works").remove(0);
    assert!(matches!(one(&*store, pair.by_alice("1")).await, AppendOutcome::Appended(_)));
    drop(store);
    let store = lives.open().await;
    assert!(matches!(one(&*store, pair.by_alice("2")).await, AppendOutcome::Appended(_)));
    assert_eq!(one(&*store, pair.by_alice("3")).await, AppendOutcome::Unanswered);
    let of = store.direct_conversation(pair.alice, pair.bob).await.expect("reads").expect("she wrote");
    let change = SettingsChange { accepted: true, ..SettingsChange::default() };
    store.set_conversation(pair.bob, of, change).await.expect("works").expect("a member");
    drop(store);
    let store = lives.open().await;
    assert!(matches!(one(&*store, pair.by_alice("3")).await, AppendOutcome::Appended(_)));
    let (views, _) = store.list_conversations(pair.bob, None, TimestampMs(0), ALL).await.expect("lists");
    assert!(!views[0].settings.request);
}

async fn head(store: &dyn Store, owner: crate::ids::AccountId) -> Seq {
    store.head(owner).await.expect("the store reads").last
}

async fn what_was_acknowledged_is_there_in_the_next_life(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    for n in 0..10 {
        send(&*store, pair.by_alice(&format!("{n}"))).await;
    }
    let before = (entries(&*store, pair.alice).await, entries(&*store, pair.bob).await);
    let accounts = store.list_accounts(None, 10).await.expect("reads");
    drop(store);
    let store = lives.open().await;
    assert_eq!((entries(&*store, pair.alice).await, entries(&*store, pair.bob).await), before);
    assert_eq!(store.list_accounts(None, 10).await.expect("reads"), accounts);
    assert_eq!(store.device_by_key(&[1; 32]).await.expect("reads").expect("is there").id, pair.alice_phone);
}

async fn numbers_of_the_next_life_are_above_all_before(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    drop(store);
    let mut last = Seq::ZERO;
    let mut cseq = 0;
    for life in 0..4 {
        let store = lives.open().await;
        let sent = send(&*store, pair.by_alice(&format!("{life}"))).await;
        assert!(sent.seq.epoch() > last.epoch(), "each life has an epoch of its own");
        assert_eq!(sent.seq.0 as u32, 1, "and counts from 1");
        assert_eq!(sent.id.cseq.0, cseq + 1, "a conversation counts on");
        (last, cseq) = (sent.seq, sent.id.cseq.0);
    }
}

async fn the_first_entry_of_a_life_names_the_last_of_the_one_before(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    send(&*store, pair.by_alice("1")).await;
    send(&*store, pair.by_alice("2")).await;
    drop(store);
    let store = lives.open().await;
    send(&*store, pair.by_alice("3")).await;
    send(&*store, pair.by_alice("4")).await;
    let all = entries(&*store, pair.bob).await;
    assert_eq!(texts(&all), ["1", "2", "3", "4"]);
    assert!(all.windows(2).all(|two| two[1].prev == two[0].seq), "no reader takes the jump for a hole");
    drop(store);
    let store = lives.open().await;
    assert_eq!(entries(&*store, pair.bob).await, all, "and so in every later life");
}

async fn a_cursor_of_an_earlier_life_goes_on_without_a_reset(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    send(&*store, pair.by_alice("1")).await;
    let middle = head(&*store, pair.bob).await;
    send(&*store, pair.by_alice("2")).await;
    let end = head(&*store, pair.bob).await;
    drop(store);
    let store = lives.open().await;
    assert_eq!(head(&*store, pair.bob).await, end, "opening gives out no number");
    send(&*store, pair.by_alice("3")).await;
    for (after, expected) in [(middle, vec!["2", "3"]), (end, vec!["3"])] {
        let mut seen = Vec::new();
        let mut place = after;
        loop {
            let limit = PageLimit { entries: 1, bytes: usize::MAX };
            let page = store.read_after(pair.bob, place, limit).await.expect("reads");
            assert!(!page.reset);
            assert!(page.entries.first().is_none_or(|first| first.prev == place));
            seen.extend(texts(&page.entries));
            place = page.next;
            if !page.more {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
}

async fn a_place_between_two_lives_was_never_one(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    send(&*store, pair.by_alice("1")).await;
    let end = head(&*store, pair.bob).await;
    drop(store);
    let store = lives.open().await;
    send(&*store, pair.by_alice("2")).await;
    // A client that had more of the earlier life than this log has: as after a backup was put back.
    let lost = Seq(end.0 + 1);
    let page = store.read_after(pair.bob, lost, ALL).await.expect("reads");
    assert!(page.reset);
    assert_eq!(texts(&page.entries), ["1", "2"]);
    ack(&*store, pair.bob, pair.bob_phone, lost, NOW).await;
    assert_eq!(store.cursor(pair.bob, pair.bob_phone).await.expect("reads"), Cursor::default());
}

async fn ids_marks_cursors_and_rooms_survive(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    let first = send(&*store, pair.by_alice("once")).await;
    let end = head(&*store, pair.bob).await;
    ack(&*store, pair.bob, pair.bob_phone, end, NOW).await;
    let mark = MarkRead { owner: pair.bob, conversation: first.id.conversation, read: first.id.cseq, tell_peer: true };
    store.mark_read(mark).await.expect("marks");
    let room = store.room("lobby").await.expect("a room is made");
    let append = RoomAppend {
        room,
        author: crate::event::Author::Guest { lease: crate::ids::LeaseId(1), name: super::room_name("guest") },
        name: super::room_name("guest"),
        client_id: super::client_id("r1"),
        fingerprint: [1; 16],
        content: crate::content::Content::text("hello"),
        at: NOW,
    };
    store.append_to_room(append.clone()).await.expect("writes");
    let alices = entries(&*store, pair.alice).await;
    let bobs = entries(&*store, pair.bob).await;
    drop(store);

    let store = lives.open().await;
    let again = send(&*store, pair.by_alice("once")).await;
    assert!(again.duplicate);
    assert_eq!((again.id, again.seq, again.sent), (first.id, first.seq, first.sent));
    let cursor = store.cursor(pair.bob, pair.bob_phone).await.expect("reads");
    assert_eq!(cursor, Cursor { passed: end, delivered: end });
    assert_eq!(store.head(pair.bob).await.expect("reads").delivered_floor, end);
    assert_eq!((entries(&*store, pair.alice).await, entries(&*store, pair.bob).await), (alices, bobs));
    assert!(store.mark_read(mark).await.expect("marks").is_empty());
    assert_eq!(store.room("lobby").await.expect("is there"), room);
    let repeat = store.append_to_room(append).await.expect("works");
    assert!(matches!(repeat, RoomAppended::Appended { duplicate: true, .. }));
    assert_eq!(store.read_room_after(room, crate::ids::Cseq(0), ALL).await.expect("reads").messages.len(), 1);
}

async fn a_log_that_was_pruned_empty_still_knows_where_it_was(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    let expires = NOW.plus_ms(1000);
    let append = Append { retention: Retention::UntilDelivered { expires }, ..pair.by_alice("gone") };
    let sent = send(&*store, append).await;
    let end = head(&*store, pair.bob).await;
    store.prune(expires).await.expect("prunes");
    drop(store);
    let store = lives.open().await;
    assert_eq!(head(&*store, pair.bob).await, end);
    let page = store.read_after(pair.bob, end, ALL).await.expect("reads");
    assert!(!page.reset && page.entries.is_empty());
    let next = send(&*store, pair.by_alice("next")).await;
    assert_eq!(next.entries[1].1.prev, end);
    assert_eq!(next.id.cseq, sent.id.cseq.next());
}

async fn a_gap_is_still_known_in_the_next_life(lives: &dyn Lives) {
    let store = lives.open().await;
    let pair = pair(&*store).await;
    let begin = head(&*store, pair.bob).await;
    let expires = NOW.plus_ms(1000);
    let class = Retention::UntilDelivered { expires };
    send(&*store, Append { retention: class, ..pair.by_alice("delivered") }).await;
    let delivered = head(&*store, pair.bob).await;
    ack(&*store, pair.bob, pair.bob_phone, delivered, NOW).await;
    send(&*store, Append { retention: class, ..pair.by_alice("expired") }).await;
    let end = head(&*store, pair.bob).await;
    drop(store);
    let store = lives.open().await;
    let gap = async |store: &dyn Store, after| store.read_after(pair.bob, after, ALL).await.expect("reads").gap;
    assert!(gap(&*store, begin).await, "what was delivered is gone");
    assert!(!gap(&*store, delivered).await, "the other one waits");
    store.prune(expires).await.expect("prunes");
    drop(store);
    let store = lives.open().await;
    assert!(gap(&*store, delivered).await && !gap(&*store, end).await);
}

async fn what_became_of_messages_and_conversations_is_there_in_the_next_life(lives: &dyn Lives) {
    let store = lives.open().await;
    let lived = meets::lived(&*store).await;
    let before = meets::picture(&*store, &lived).await;
    drop(store);
    let store = lives.open().await;
    assert_eq!(meets::picture(&*store, &lived).await, before);
    meets::goes_on(&*store, &lived).await;
}
