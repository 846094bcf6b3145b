//! Contacts: every deed, what it makes of both rows, and the entries by which the devices of both sides learn of it.

use std::sync::Arc;

use super::{ALL, NOW, account, ack, address, both, deed_of, deed_outcome, device, entries, pair, suite};
use crate::contact::{Audience, Contact, ContactView, Deed, deeds};
use crate::device::DeviceRole;
use crate::event::{Entry, Item};
use crate::ids::{AccountId, Seq};
use crate::limits::{CONTACTS_MAX, REQUESTS_MAX};
use crate::ports::{ContactOutcome, Store};

suite![
    every_deed_after_every_other_makes_of_both_rows_what_the_rules_say,
    a_request_and_its_answer_are_entries_of_both_sides,
    a_device_that_was_away_gets_the_latest_row_alone,
    what_was_removed_is_told_as_nothing_and_is_no_longer_listed,
    two_who_ask_each_other_at_once_are_contacts,
    nobody_stands_to_oneself_or_to_nobody,
    contacts_come_in_pages_by_number,
    followers_are_those_who_were_let_in_and_are_not_blocked,
    more_requests_than_may_wait_are_not_shown_and_nobody_is_told,
    more_contacts_than_may_be_are_refused,
    a_removed_account_is_a_contact_of_nobody,
];

pub(super) fn note() -> String {
    "It is me.".to_owned()
}

pub(super) fn request() -> Deed {
    Deed::Request { note: note() }
}

pub(super) fn every_deed() -> Vec<Deed> {
    vec![
        request(),
        Deed::Accept,
        Deed::Refuse,
        Deed::Withdraw,
        Deed::Remove,
        Deed::Put { name: "Bo".to_owned(), labels: vec!["home".to_owned(), "old".to_owned()] },
        Deed::Block,
        Deed::Unblock,
        Deed::Subscribe { note: note() },
        Deed::Subscribed,
        Deed::Unsubscribe,
        Deed::Unsubscribed,
    ]
}

/// The contacts among entries.
pub(super) fn told(entries: &[Arc<Entry>]) -> Vec<ContactView> {
    let contact = |entry: &Arc<Entry>| match &entry.item {
        Item::Contact(view) => Some(ContactView::clone(view)),
        _ => None,
    };
    entries.iter().filter_map(contact).collect()
}

pub(super) async fn row(store: &dyn Store, owner: AccountId, peer: AccountId) -> Contact {
    Contact::clone(&*store.contact(owner, peer).await.expect("the store reads"))
}

async fn end(store: &dyn Store, owner: AccountId) -> Seq {
    store.head(owner).await.expect("the store reads").last
}

async fn listed(store: &dyn Store, owner: AccountId) -> Vec<ContactView> {
    let (views, more) = store.contacts(owner, None, CONTACTS_MAX).await.expect("the store reads");
    assert!(!more);
    views
}

/// Each of `k` follows each in it once, itself included.
fn pairs_of(k: usize) -> Vec<usize> {
    let mut order = Vec::new();
    for first in 0..k {
        order.push(first);
        for second in first + 1..k {
            order.extend([first, second]);
        }
    }
    order.push(0);
    order
}

async fn every_deed_after_every_other_makes_of_both_rows_what_the_rules_say(store: &dyn Store) {
    let pair = pair(store).await;
    let (alice, bob) = (pair.alice, pair.bob);
    let deeds: Vec<(bool, Deed)> =
        every_deed().into_iter().flat_map(|deed| [(true, deed.clone()), (false, deed)]).collect();
    let mut rows = (Contact::default(), Contact::default());
    for at in pairs_of(deeds.len()) {
        let (by_alice, deed) = &deeds[at];
        let (owner, peer) = if *by_alice { (alice, bob) } else { (bob, alice) };
        let (mine, theirs) = if *by_alice { (&rows.0, &rows.1) } else { (&rows.1, &rows.0) };
        let before = (end(store, owner).await, end(store, peer).await);
        let outcome = deed_outcome(store, owner, peer, deed.clone()).await;
        match deeds::apply(deed, NOW, mine, theirs) {
            Err(unable) => {
                let expected = match unable {
                    deeds::Unable::NoRequest => ContactOutcome::NoRequest,
                    deeds::Unable::Blocking => ContactOutcome::Blocking,
                    deeds::Unable::TooMany => ContactOutcome::TooMany,
                };
                assert_eq!(outcome, expected, "{deed:?}");
                assert_eq!((end(store, owner).await, end(store, peer).await), before);
            }
            Ok((my_next, their_next)) => {
                let ContactOutcome::Changed(view, made) = outcome else { panic!("{deed:?} gave {outcome:?}") };
                assert_eq!((view.account, &view.contact), (peer, &my_next), "{deed:?}");
                for (who, was, next, before) in
                    [(owner, mine, &my_next, before.0), (peer, theirs, &their_next, before.1)]
                {
                    let new: Vec<Arc<Entry>> =
                        made.iter().filter(|(o, _)| *o == who).map(|(_, e)| Arc::clone(e)).collect();
                    assert_eq!(new.len(), usize::from(was != next), "{deed:?} makes an entry where it changes a row");
                    assert!(told(&new).iter().all(|view| view.contact == *next));
                    let page = store.read_after(who, before, ALL).await.expect("the store reads");
                    assert_eq!(page.entries, new, "readers get what was answered, and nothing else");
                }
                rows = if *by_alice { (my_next, their_next) } else { (their_next, my_next) };
            }
        }
        assert_eq!((row(store, alice, bob).await, row(store, bob, alice).await), rows, "{deed:?}");
    }
    for owner in [alice, bob] {
        assert!(told(&entries(store, owner).await).len() <= 1, "one row, one entry");
    }
}

async fn a_request_and_its_answer_are_entries_of_both_sides(store: &dyn Store) {
    let pair = pair(store).await;
    let (mine, made) = deed_of(store, pair.alice, pair.bob, request()).await;
    assert!(mine.listed && mine.asks && !mine.to);
    let owners: Vec<AccountId> = made.iter().map(|(owner, _)| *owner).collect();
    assert_eq!(owners, [pair.alice, pair.bob]);
    let at_bob = told(&entries(store, pair.bob).await);
    assert_eq!(at_bob.len(), 1);
    assert_eq!((at_bob[0].account, &at_bob[0].peer), (pair.alice, &address("alice")));
    let asked = at_bob[0].contact.asked.clone().expect("she asks");
    assert_eq!((asked.at, asked.note), (NOW, note()));
    assert!(deed_of(store, pair.alice, pair.bob, request()).await.1.is_empty(), "done again, it is not told again");

    let (_, made) = deed_of(store, pair.bob, pair.alice, Deed::Accept).await;
    assert_eq!(made.len(), 2);
    for (owner, peer) in [(pair.alice, pair.bob), (pair.bob, pair.alice)] {
        let row = row(store, owner, peer).await;
        assert!(row.is_mutual() && row.listed && !row.asks && row.asked.is_none());
        let views = listed(store, owner).await;
        assert_eq!(views, told(&entries(store, owner).await), "the list says what the entries say");
        assert_eq!(views.len(), 1);
        assert_eq!(store.followers(owner).await.expect("reads"), [peer]);
    }
}

async fn a_device_that_was_away_gets_the_latest_row_alone(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await.id;
    deed_of(store, pair.alice, pair.bob, request()).await;
    let seen = end(store, pair.bob).await;
    ack(store, pair.bob, laptop, seen, NOW).await;
    deed_of(store, pair.bob, pair.alice, Deed::Accept).await;
    deed_of(store, pair.bob, pair.alice, Deed::Put { name: "Al".into(), labels: vec!["work".into()] }).await;
    deed_of(store, pair.bob, pair.alice, Deed::Put { name: "Ally".into(), labels: Vec::new() }).await;
    for (after, device) in [(seen, laptop), (Seq::ZERO, pair.bob_phone)] {
        let cursor = store.cursor(pair.bob, device).await.expect("reads").passed;
        assert_eq!(cursor, after);
        let page = store.read_after(pair.bob, after, ALL).await.expect("reads");
        let views = told(&page.entries);
        assert_eq!(views.len(), 1, "whatever came between is over");
        assert_eq!(views[0].contact, row(store, pair.bob, pair.alice).await);
        assert_eq!((views[0].contact.name.as_str(), views[0].contact.is_mutual()), ("Ally", true));
        assert!(!page.gap && !page.reset);
    }
    assert_eq!(row(store, pair.alice, pair.bob).await.name, "", "what he calls her is his own affair");
}

async fn what_was_removed_is_told_as_nothing_and_is_no_longer_listed(store: &dyn Store) {
    let pair = pair(store).await;
    deed_of(store, pair.alice, pair.bob, request()).await;
    deed_of(store, pair.bob, pair.alice, Deed::Accept).await;
    let (mine, made) = deed_of(store, pair.alice, pair.bob, Deed::Remove).await;
    assert!(mine.is_nothing());
    assert_eq!(made.len(), 2);
    let views = told(&entries(store, pair.alice).await);
    assert_eq!(views.len(), 1, "a device that was away learns that he was removed");
    assert_eq!((&views[0].peer, views[0].contact.is_nothing()), (&address("bob"), true));
    assert_eq!(listed(store, pair.alice).await, []);
    let his = listed(store, pair.bob).await;
    assert!(his[0].contact.listed && !his[0].contact.to && !his[0].contact.from, "she stays in his list");
    assert_eq!(store.followers(pair.bob).await.expect("reads"), []);
    assert!(deed_of(store, pair.alice, pair.bob, Deed::Remove).await.1.is_empty());
}

async fn two_who_ask_each_other_at_once_are_contacts(store: &dyn Store) {
    let pair = pair(store).await;
    let (a, b) = both(
        deed_outcome(store, pair.alice, pair.bob, request()),
        deed_outcome(store, pair.bob, pair.alice, request()),
    )
    .await;
    assert!(matches!((a, b), (ContactOutcome::Changed(..), ContactOutcome::Changed(..))));
    for (owner, peer) in [(pair.alice, pair.bob), (pair.bob, pair.alice)] {
        assert!(row(store, owner, peer).await.is_mutual());
        assert_eq!(told(&entries(store, owner).await), listed(store, owner).await);
    }
}

async fn nobody_stands_to_oneself_or_to_nobody(store: &dyn Store) {
    let pair = pair(store).await;
    let nobody = AccountId(9999);
    for deed in every_deed() {
        for (owner, peer) in [(pair.alice, pair.alice), (pair.alice, nobody), (nobody, pair.alice)] {
            assert_eq!(deed_outcome(store, owner, peer, deed.clone()).await, ContactOutcome::NotFound, "{deed:?}");
        }
    }
    assert_eq!(row(store, pair.alice, nobody).await, Contact::default());
    assert!(entries(store, pair.alice).await.is_empty());
    assert_eq!(store.contacts(nobody, None, 10).await.expect("reads"), (Vec::new(), false));
    assert!(store.followers(nobody).await.expect("reads").is_empty());
}

async fn contacts_come_in_pages_by_number(store: &dyn Store) {
    let alice = account(store, "alice").await.id;
    let mut peers = Vec::new();
    for n in 0..7 {
        let peer = account(store, &format!("peer{n}")).await.id;
        deed_of(store, alice, peer, Deed::Put { name: n.to_string(), labels: Vec::new() }).await;
        peers.push(peer);
    }
    deed_of(store, alice, peers[2], Deed::Remove).await;
    let gone = peers.remove(2);
    peers.sort_unstable();
    for limit in [1, 2, 6, 7] {
        let (mut got, mut after) = (Vec::new(), None);
        loop {
            let (page, more) = store.contacts(alice, after, limit).await.expect("reads");
            assert!(page.len() <= limit);
            got.extend(page.iter().map(|view| view.account));
            after = got.last().copied();
            if !more {
                break;
            }
        }
        assert_eq!(got, peers, "in pages of {limit}, without {gone}");
    }
}

async fn followers_are_those_who_were_let_in_and_are_not_blocked(store: &dyn Store) {
    let pair = pair(store).await;
    let carol = account(store, "carol").await.id;
    for peer in [pair.bob, carol] {
        deed_of(store, pair.alice, peer, request()).await;
        deed_of(store, peer, pair.alice, Deed::Accept).await;
    }
    let followers = async |owner| store.followers(owner).await.expect("reads");
    assert_eq!(followers(pair.alice).await, [pair.bob, carol]);
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    assert_eq!(followers(pair.alice).await, [carol], "who blocks is not told");
    assert!(followers(pair.bob).await.is_empty(), "and who is blocked is not");
    assert!(row(store, pair.alice, pair.bob).await.is_mutual(), "she knows of nothing");
    deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    assert_eq!(followers(pair.bob).await, [pair.alice]);
    deed_of(store, pair.alice, carol, Deed::Unsubscribed).await;
    assert_eq!(followers(pair.alice).await, [pair.bob]);
    assert_eq!(followers(carol).await, [pair.alice], "the other way is another matter");
    let bobs = row(store, pair.bob, pair.alice).await;
    let among = [Audience::Everyone, Audience::Contacts, Audience::Nobody].map(|audience| bobs.is_among(audience));
    assert_eq!(among, [true, true, false]);
}

async fn more_requests_than_may_wait_are_not_shown_and_nobody_is_told(store: &dyn Store) {
    let bob = account(store, "bob").await.id;
    let mut strangers = Vec::new();
    for n in 0..=REQUESTS_MAX {
        let stranger = account(store, &format!("stranger{n}")).await.id;
        let (mine, made) = deed_of(store, stranger, bob, request()).await;
        assert!(mine.asks, "who asks sees that it was asked");
        assert_eq!(made.len(), if n < REQUESTS_MAX { 2 } else { 1 });
        strangers.push(stranger);
    }
    let last = strangers[REQUESTS_MAX];
    assert_eq!(listed(store, bob).await.len(), REQUESTS_MAX);
    assert!(row(store, bob, last).await.is_nothing());
    deed_of(store, bob, strangers[0], Deed::Refuse).await;
    assert!(row(store, bob, last).await.is_nothing(), "it is not shown later by itself");
    deed_of(store, last, bob, request()).await;
    assert!(row(store, bob, last).await.asked.is_some(), "but when it is asked again and there is room");
}

async fn more_contacts_than_may_be_are_refused(store: &dyn Store) {
    let alice = account(store, "alice").await.id;
    let put = || Deed::Put { name: "x".into(), labels: Vec::new() };
    let mut peers = Vec::new();
    for n in 0..=CONTACTS_MAX {
        peers.push(account(store, &format!("peer{n}")).await.id);
    }
    for peer in &peers[..CONTACTS_MAX] {
        deed_of(store, alice, *peer, put()).await;
    }
    let last = peers[CONTACTS_MAX];
    for deed in [put(), request(), Deed::Block, Deed::Subscribed] {
        assert_eq!(deed_outcome(store, alice, last, deed).await, ContactOutcome::TooMany);
    }
    assert!(row(store, alice, last).await.is_nothing());
    assert!(deed_of(store, last, alice, request()).await.0.asks);
    assert!(row(store, alice, last).await.is_nothing(), "and no request is shown");
    deed_of(store, alice, peers[0], Deed::Block).await;
    deed_of(store, alice, peers[1], Deed::Remove).await;
    assert!(deed_of(store, alice, last, request()).await.0.is_mutual(), "there is room again, and they have asked");
}

async fn a_removed_account_is_a_contact_of_nobody(store: &dyn Store) {
    let pair = pair(store).await;
    let carol = account(store, "carol").await.id;
    deed_of(store, pair.alice, pair.bob, request()).await;
    deed_of(store, pair.bob, pair.alice, Deed::Accept).await;
    deed_of(store, pair.bob, carol, Deed::Block).await;
    deed_of(store, carol, pair.bob, request()).await;
    store.remove_account(pair.bob).await.expect("writes").expect("was there");
    for owner in [pair.alice, carol] {
        assert!(row(store, owner, pair.bob).await.is_nothing());
        assert!(row(store, pair.bob, owner).await.is_nothing());
        assert_eq!(listed(store, owner).await, []);
        let views = told(&entries(store, owner).await);
        assert_eq!(views.len(), 1, "her devices find that he is gone");
        assert_eq!((&views[0].peer, views[0].contact.is_nothing()), (&address("bob"), true));
        assert_eq!(deed_outcome(store, owner, pair.bob, request()).await, ContactOutcome::NotFound);
    }
    assert!(store.followers(pair.alice).await.expect("reads").is_empty());
    let second = account(store, "bob").await.id;
    assert_eq!(row(store, pair.alice, second).await, Contact::default(), "who takes the name inherits nothing");
    assert_eq!(listed(store, second).await, []);
}
