//! Sending: order, density, the same message once, both sides.

use super::{account, address, device, entries, message, outcome, pair, send, suite, texts};
use crate::content::{Content, ContentKind, Extension, InlineMedia};
use crate::device::DeviceRole;
use crate::event::{Author, Item};
use crate::ids::{Cseq, Seq};
use crate::ports::{AppendOutcome, Store};

suite![
    messages_are_read_in_the_order_in_which_they_were_stored,
    a_timeline_is_dense_and_every_entry_names_the_place_before_it,
    both_sides_get_an_entry_with_the_same_message,
    a_message_comes_back_exactly_as_it_was_given,
    a_note_to_self_makes_one_entry,
    a_conversation_numbers_its_messages_densely_and_equally_on_both_sides,
    every_pair_has_one_conversation_of_its_own,
    a_repeat_is_the_same_message,
    a_repeat_within_one_batch_is_the_same_message,
    the_same_id_for_something_else_is_a_conflict,
    the_same_id_from_another_device_is_another_message,
    a_message_from_or_to_nobody_is_refused_alone,
    what_append_answers_is_what_readers_get,
    many_senders_at_once_leave_no_hole,
];

async fn messages_are_read_in_the_order_in_which_they_were_stored(store: &dyn Store) {
    let pair = pair(store).await;
    for text in ["one", "two", "three"] {
        send(store, pair.by_alice(text)).await;
    }
    let batch = vec![pair.by_alice("four"), pair.by_bob("five"), pair.by_alice("six")];
    let outcomes = store.append(batch).await.expect("the store works");
    assert_eq!(outcomes.len(), 3);
    for owner in [pair.alice, pair.bob] {
        assert_eq!(texts(&entries(store, owner).await), ["one", "two", "three", "four", "five", "six"]);
    }
}

async fn a_timeline_is_dense_and_every_entry_names_the_place_before_it(store: &dyn Store) {
    let pair = pair(store).await;
    for n in 0..20 {
        send(store, pair.by_alice(&format!("a{n}"))).await;
        send(store, pair.by_bob(&format!("b{n}"))).await;
    }
    for owner in [pair.alice, pair.bob] {
        let entries = entries(store, owner).await;
        assert_eq!(entries.len(), 40);
        assert_eq!(entries[0].prev, Seq::ZERO, "the first place has none before it");
        assert_eq!(entries[0].seq.0 as u32, 1, "numbers begin at 1");
        for two in entries.windows(2) {
            assert_eq!(two[1].prev, two[0].seq);
            assert_eq!(two[1].seq.0, two[0].seq.0 + 1);
        }
        let head = store.head(owner).await.expect("the store reads");
        assert_eq!(head.last, entries[39].seq);
    }
}

async fn both_sides_get_an_entry_with_the_same_message(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, pair.by_alice("hello")).await;
    let (own, theirs) = (entries(store, pair.alice).await, entries(store, pair.bob).await);
    assert_eq!((own.len(), theirs.len()), (1, 1));
    assert_eq!(own[0].item, theirs[0].item);
    assert_eq!((own[0].seq, own[0].prev), (sent.seq, sent.prev));
    let Item::Message(message) = &theirs[0].item else { panic!("an entry of a message is a message") };
    assert_eq!(message.id, sent.id);
    assert_eq!(message.to, Some(address("bob")), "the message names who it went to, on both sides");
    assert_eq!(
        message.author,
        Author::Account { account: pair.alice, address: address("alice"), device: pair.alice_phone }
    );
}

async fn a_message_comes_back_exactly_as_it_was_given(store: &dyn Store) {
    let pair = pair(store).await;
    for kind in [ContentKind::Voice, ContentKind::Other(4711)] {
        let mut append = pair.by_alice(&format!("Grüße 👩‍👩‍👧 {}", kind.number()));
        append.content = Content {
            kind,
            text: "line\n\u{0}tail".into(),
            media: Some(InlineMedia { mime: "audio/ogg".into(), data: vec![0, 255, 1, 254].into() }),
            extensions: vec![
                Extension { namespace: "urn:example:1".into(), data: Vec::new().into() },
                Extension { namespace: String::new(), data: vec![7; 3000].into() },
            ],
            reply_to: Some(Cseq(1)),
            forwarded: 3,
            mentions: vec![address("carol"), address("bob")],
            lifetime_ms: None,
        };
        let (content, id) = (append.content.clone(), append.client_id.clone());
        let sent = send(store, append).await;
        for owner in [pair.alice, pair.bob] {
            let last = entries(store, owner).await.pop().expect("there is an entry");
            let Item::Message(message) = &last.item else { panic!("an entry of a message is a message") };
            assert_eq!((&message.content, &message.client_id, message.sent), (&content, &id, sent.sent));
            assert_eq!(message.room_name, None);
        }
    }
}

async fn a_note_to_self_makes_one_entry(store: &dyn Store) {
    let pair = pair(store).await;
    let sent = send(store, message(pair.alice, pair.alice_phone, pair.alice, "milk")).await;
    assert_eq!(sent.entries.len(), 1);
    let entries = entries(store, pair.alice).await;
    assert_eq!((entries.len(), entries[0].seq), (1, sent.seq));
    let own = store.direct_conversation(pair.alice, pair.alice).await.expect("the store reads");
    assert_eq!(own, Some(sent.id.conversation));
}

async fn a_conversation_numbers_its_messages_densely_and_equally_on_both_sides(store: &dyn Store) {
    let pair = pair(store).await;
    let carol = account(store, "carol").await.id;
    for n in 0..6 {
        send(store, if n % 2 == 0 { pair.by_alice(&format!("{n}")) } else { pair.by_bob(&format!("{n}")) }).await;
        send(store, message(pair.alice, pair.alice_phone, carol, &format!("carol {n}"))).await;
    }
    let conversation = store.direct_conversation(pair.alice, pair.bob).await.expect("reads").expect("is there");
    let numbers = async |owner| -> Vec<Cseq> {
        let of = |item: &Item| match item {
            Item::Message(message) if message.id.conversation == conversation => Some(message.id.cseq),
            _ => None,
        };
        entries(store, owner).await.iter().filter_map(|entry| of(&entry.item)).collect()
    };
    assert_eq!(numbers(pair.alice).await, (1..=6).map(Cseq).collect::<Vec<_>>());
    assert_eq!(numbers(pair.bob).await, (1..=6).map(Cseq).collect::<Vec<_>>());
}

async fn every_pair_has_one_conversation_of_its_own(store: &dyn Store) {
    let pair = pair(store).await;
    let carol = account(store, "carol").await.id;
    assert_eq!(store.direct_conversation(pair.alice, pair.bob).await.expect("reads"), None);
    let there = send(store, pair.by_alice("a")).await.id.conversation;
    let back = send(store, pair.by_bob("b")).await.id.conversation;
    let other = send(store, message(pair.alice, pair.alice_phone, carol, "c")).await.id.conversation;
    assert_eq!(there, back);
    assert_ne!(there, other);
    for (a, b) in [(pair.alice, pair.bob), (pair.bob, pair.alice)] {
        assert_eq!(store.direct_conversation(a, b).await.expect("reads"), Some(there));
    }
}

async fn a_repeat_is_the_same_message(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_bob("before")).await;
    let first = send(store, pair.by_alice("once")).await;
    assert!(!first.duplicate);
    assert_eq!(first.entries.len(), 2);
    send(store, pair.by_alice("between")).await;
    let mut late = pair.by_alice("once");
    late.at = late.at.plus_ms(60_000);
    let again = send(store, late).await;
    assert!(again.duplicate);
    assert_eq!((again.id, again.sent, again.seq, again.prev), (first.id, first.sent, first.seq, first.prev));
    assert!(again.entries.is_empty(), "a duplicate wakes nobody");
    for owner in [pair.alice, pair.bob] {
        assert_eq!(texts(&entries(store, owner).await), ["before", "once", "between"]);
    }
}

async fn a_repeat_within_one_batch_is_the_same_message(store: &dyn Store) {
    let pair = pair(store).await;
    let batch = vec![pair.by_alice("x"), pair.by_alice("x"), pair.by_alice("y")];
    let outcomes = store.append(batch).await.expect("the store works");
    let [AppendOutcome::Appended(first), AppendOutcome::Appended(again), AppendOutcome::Appended(other)] =
        &outcomes[..]
    else {
        panic!("three messages were accepted, not {outcomes:?}")
    };
    assert!(again.duplicate && !first.duplicate && !other.duplicate);
    assert_eq!((again.id, again.seq), (first.id, first.seq));
    assert_eq!(texts(&entries(store, pair.bob).await), ["x", "y"]);
}

async fn the_same_id_for_something_else_is_a_conflict(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("one")).await;
    let mut other = pair.by_alice("one");
    other.fingerprint[3] ^= 1;
    assert_eq!(outcome(store, other).await, AppendOutcome::Conflict);
    assert_eq!(texts(&entries(store, pair.bob).await), ["one"]);
}

async fn the_same_id_from_another_device_is_another_message(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.alice, DeviceRole::Companion, 9).await.id;
    send(store, pair.by_alice("hi")).await;
    let second = send(store, message(pair.alice, laptop, pair.bob, "hi")).await;
    let bobs = send(store, pair.by_bob("hi")).await;
    assert!(!second.duplicate && !bobs.duplicate);
    assert_eq!(texts(&entries(store, pair.bob).await), ["hi", "hi", "hi"]);
}

async fn a_message_from_or_to_nobody_is_refused_alone(store: &dyn Store) {
    let pair = pair(store).await;
    let nobody = crate::ids::AccountId(9999);
    let batch = vec![
        pair.by_alice("first"),
        message(pair.alice, pair.alice_phone, nobody, "lost"),
        message(nobody, pair.alice_phone, pair.bob, "forged"),
        pair.by_alice("second"),
    ];
    let outcomes = store.append(batch).await.expect("the store works");
    assert!(matches!(outcomes[0], AppendOutcome::Appended(_)));
    assert_eq!(outcomes[1], AppendOutcome::NoReceiver);
    assert_eq!(outcomes[2], AppendOutcome::NoSender);
    assert!(matches!(outcomes[3], AppendOutcome::Appended(_)));
    assert_eq!(texts(&entries(store, pair.bob).await), ["first", "second"]);
    assert_eq!(texts(&entries(store, pair.alice).await), ["first", "second"]);
}

async fn what_append_answers_is_what_readers_get(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_bob("before")).await;
    let sent = send(store, pair.by_alice("now")).await;
    for (owner, entry) in &sent.entries {
        assert_eq!(entries(store, *owner).await.last(), Some(entry));
    }
    assert_eq!(sent.entries[0].0, pair.alice, "the sender's own entry comes first");
}

async fn many_senders_at_once_leave_no_hole(store: &dyn Store) {
    let pair = pair(store).await;
    let sends = async |first: &str| {
        for n in 0..50 {
            let text = format!("{first}{n}");
            send(store, if first == "a" { pair.by_alice(&text) } else { pair.by_bob(&text) }).await;
        }
    };
    super::both(super::both(sends("a"), sends("b")), async {}).await;
    let alice = entries(store, pair.alice).await;
    assert_eq!(alice.len(), 100);
    assert!(alice.windows(2).all(|two| two[1].prev == two[0].seq && two[1].seq.0 == two[0].seq.0 + 1));
    let own: Vec<String> = texts(&alice).into_iter().filter(|text| text.starts_with('a')).collect();
    assert_eq!(own, (0..50).map(|n| format!("a{n}")).collect::<Vec<_>>(), "each sender's order is kept");
}
