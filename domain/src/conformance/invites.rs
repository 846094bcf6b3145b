//! Invitations: good until used up, over or taken back; who uses one is a contact of who gave it.

use super::contacts::{row, told};
use super::{NOW, Pair, account, both, deed_of, entries, pair, suite};
use crate::contact::{Contact, Deed, Invite, InviteKind};
use crate::ids::{AccountId, TimestampMs};
use crate::limits::INVITES_MAX;
use crate::ports::{InviteOutcome, Store};

suite![
    who_uses_an_invitation_is_a_contact_of_who_gave_it,
    an_invitation_is_used_no_more_often_than_it_may,
    two_who_use_the_last_of_an_invitation_at_once_are_one,
    an_invitation_that_is_over_or_taken_back_is_good_for_nothing,
    nobody_uses_an_own_invitation_and_strangers_take_none_back,
    an_account_has_so_many_invitations_and_no_more,
    invitations_of_a_removed_account_are_gone,
    a_dead_invitation_is_pruned_and_makes_room,
    between_two_of_whom_one_blocks_an_invitation_makes_no_contact_of_who_blocks,
];

const END: TimestampMs = TimestampMs(NOW.0 + 1_000);

pub(super) fn invite(by: AccountId, n: u8, uses_left: u32) -> Invite {
    Invite { hash: [n; 32], by, kind: InviteKind::Contact, uses_left, created: NOW, expires: END }
}

async fn put(store: &dyn Store, invite: Invite) -> bool {
    store.put_invite(invite, NOW).await.expect("the store works")
}

async fn used(store: &dyn Store, n: u8, by: AccountId, now: TimestampMs) -> InviteOutcome {
    store.use_invite(&[n; 32], by, now).await.expect("the store works")
}

async fn is_good(store: &dyn Store, n: u8) -> bool {
    store.invite(&[n; 32], NOW).await.expect("the store reads").is_some()
}

async fn strangers(store: &dyn Store, pair: &Pair) {
    assert!(row(store, pair.alice, pair.bob).await.is_nothing() && row(store, pair.bob, pair.alice).await.is_nothing());
    assert!(entries(store, pair.alice).await.is_empty() && entries(store, pair.bob).await.is_empty());
}

async fn who_uses_an_invitation_is_a_contact_of_who_gave_it(store: &dyn Store) {
    let pair = pair(store).await;
    let given = Invite { kind: InviteKind::SignUp, ..invite(pair.alice, 1, 2) };
    assert!(put(store, given.clone()).await);
    assert_eq!(store.invite(&[1; 32], NOW).await.expect("reads"), Some(given.clone()));
    let InviteOutcome::Used(left, made) = used(store, 1, pair.bob, NOW).await else { panic!("it is good") };
    assert_eq!(left, Invite { uses_left: 1, ..given });
    assert_eq!(store.invites(pair.alice, NOW).await.expect("reads"), [left]);
    let owners: Vec<AccountId> = made.iter().map(|(owner, _)| *owner).collect();
    assert_eq!(owners, [pair.alice, pair.bob]);
    for ((owner, entry), peer) in made.iter().zip([pair.bob, pair.alice]) {
        let row = row(store, *owner, peer).await;
        assert!(row.is_mutual() && row.listed && !row.asks);
        assert_eq!(entries(store, *owner).await.last(), Some(entry));
        assert_eq!(told(std::slice::from_ref(entry))[0].contact, row);
    }
    // Who has asked before is in as well.
    let carol = account(store, "carol").await.id;
    deed_of(store, carol, pair.alice, Deed::Request { note: String::new() }).await;
    used(store, 1, carol, NOW).await;
    assert!(row(store, carol, pair.alice).await.is_mutual() && row(store, pair.alice, carol).await.asked.is_none());
}

async fn an_invitation_is_used_no_more_often_than_it_may(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(put(store, invite(pair.alice, 1, 2)).await);
    for (name, good) in [("carol", true), ("dave", true), ("eve", false)] {
        let user = account(store, name).await.id;
        let outcome = used(store, 1, user, NOW).await;
        assert_eq!(matches!(outcome, InviteOutcome::Used(..)), good, "{name}");
        assert_eq!(row(store, user, pair.alice).await.is_mutual(), good, "{name}");
    }
    assert!(!is_good(store, 1).await);
    assert_eq!(store.invites(pair.alice, NOW).await.expect("reads"), []);
}

async fn two_who_use_the_last_of_an_invitation_at_once_are_one(store: &dyn Store) {
    let pair = pair(store).await;
    let carol = account(store, "carol").await.id;
    assert!(put(store, invite(pair.alice, 1, 1)).await);
    let (one, other) = both(used(store, 1, pair.bob, NOW), used(store, 1, carol, NOW)).await;
    let good = [one, other].iter().filter(|outcome| matches!(outcome, InviteOutcome::Used(..))).count();
    assert_eq!(good, 1);
    let mutual = [row(store, pair.bob, pair.alice).await, row(store, carol, pair.alice).await];
    assert_eq!(mutual.iter().filter(|row| row.is_mutual()).count(), 1);
}

async fn an_invitation_that_is_over_or_taken_back_is_good_for_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(put(store, invite(pair.alice, 1, 9)).await);
    assert!(put(store, invite(pair.alice, 2, 9)).await);
    assert_eq!(store.invite(&[1; 32], END).await.expect("reads"), None);
    assert_eq!(used(store, 1, pair.bob, END).await, InviteOutcome::NotGood);
    assert!(store.revoke_invite(pair.alice, &[2; 32]).await.expect("works"));
    assert!(!store.revoke_invite(pair.alice, &[2; 32]).await.expect("works"), "it is gone");
    assert_eq!(used(store, 2, pair.bob, NOW).await, InviteOutcome::NotGood);
    assert_eq!(used(store, 3, pair.bob, NOW).await, InviteOutcome::NotGood, "it was never given");
    strangers(store, &pair).await;
}

async fn nobody_uses_an_own_invitation_and_strangers_take_none_back(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(put(store, invite(pair.alice, 1, 1)).await);
    assert_eq!(used(store, 1, pair.alice, NOW).await, InviteOutcome::NotGood);
    assert_eq!(used(store, 1, AccountId(9999), NOW).await, InviteOutcome::NotGood, "nor does nobody");
    assert!(!store.revoke_invite(pair.bob, &[1; 32]).await.expect("works"));
    assert!(is_good(store, 1).await, "and no use of it is gone");
    strangers(store, &pair).await;
}

async fn an_account_has_so_many_invitations_and_no_more(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(!put(store, invite(AccountId(9999), 99, 1)).await);
    for n in 0..INVITES_MAX as u8 {
        assert!(put(store, Invite { created: NOW.plus_ms(u64::from(n)), ..invite(pair.alice, n, 1) }).await);
    }
    assert!(!put(store, invite(pair.alice, 200, 1)).await);
    assert!(!is_good(store, 200).await);
    assert!(put(store, invite(pair.bob, 201, 1)).await, "others have their own");
    let created = |invites: Vec<Invite>| invites.iter().map(|invite| invite.created.0 - NOW.0).collect::<Vec<_>>();
    let all = store.invites(pair.alice, NOW).await.expect("reads");
    assert_eq!(created(all), (0..INVITES_MAX as u64).collect::<Vec<_>>(), "the oldest first");
    used(store, 7, pair.bob, NOW).await;
    assert!(put(store, invite(pair.alice, 200, 1)).await, "one that is used up makes room");
    assert!(
        store.put_invite(Invite { expires: END.plus_ms(9), ..invite(pair.alice, 202, 1) }, END).await.expect("works")
    );
}

async fn invitations_of_a_removed_account_are_gone(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(put(store, invite(pair.alice, 1, 1)).await);
    store.remove_account(pair.alice).await.expect("writes").expect("was there");
    assert!(!is_good(store, 1).await);
    assert_eq!(used(store, 1, pair.bob, NOW).await, InviteOutcome::NotGood);
    assert_eq!(store.invites(pair.alice, NOW).await.expect("reads"), []);
    assert!(row(store, pair.bob, pair.alice).await.is_nothing());
}

async fn a_dead_invitation_is_pruned_and_makes_room(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(put(store, invite(pair.alice, 1, 1)).await);
    assert!(put(store, Invite { expires: END.plus_ms(1), ..invite(pair.alice, 2, 1) }).await);
    store.prune(END).await.expect("prunes");
    // Asked by a clock that is behind: what is pruned is gone.
    assert!(!is_good(store, 1).await && is_good(store, 2).await);
    assert_eq!(store.invites(pair.alice, NOW).await.expect("reads").len(), 1);
}

async fn between_two_of_whom_one_blocks_an_invitation_makes_no_contact_of_who_blocks(store: &dyn Store) {
    let pair = pair(store).await;
    assert!(put(store, invite(pair.bob, 1, 9)).await);
    assert!(put(store, invite(pair.alice, 2, 9)).await);
    deed_of(store, pair.bob, pair.alice, Deed::Block).await;
    let blocked = Contact { blocked: true, ..Contact::default() };
    // He uses hers: nothing. She uses his: she sees what it gives, he sees nothing.
    assert!(matches!(used(store, 2, pair.bob, NOW).await, InviteOutcome::Used(_, made) if made.is_empty()));
    assert!(row(store, pair.alice, pair.bob).await.is_nothing());
    let InviteOutcome::Used(_, made) = used(store, 1, pair.alice, NOW).await else { panic!("it is good") };
    assert_eq!(made.iter().map(|(owner, _)| *owner).collect::<Vec<_>>(), [pair.alice]);
    assert!(row(store, pair.alice, pair.bob).await.is_mutual());
    assert_eq!(row(store, pair.bob, pair.alice).await, blocked);
    assert!(store.followers(pair.bob).await.expect("reads").is_empty());
    deed_of(store, pair.bob, pair.alice, Deed::Unblock).await;
    assert!(!row(store, pair.alice, pair.bob).await.to, "what he never gave is nothing afterwards");
}
