//! Registrations: compare and swap, so that two tries at once are two tries.

use super::{NOW, both, suite};
use crate::account::Registration;
use crate::address::Phone;
use crate::ports::Store;

suite![
    an_unknown_number_has_the_default_state,
    a_state_is_swapped_only_against_what_it_is,
    of_two_tries_at_once_one_wins,
    numbers_do_not_disturb_each_other,
];

fn phone(text: &str) -> Phone {
    Phone::parse(text).expect("the case gives a valid number")
}

fn state(tries_left: u32) -> Registration {
    Registration { pin_mac: Some([9; 32]), sent: NOW, tries_left, day: NOW, sent_today: 2, tries_today: 3 }
}

async fn an_unknown_number_has_the_default_state(store: &dyn Store) {
    let known = store.registration(&phone("+4915112345678")).await.expect("reads");
    assert_eq!(known, Registration::default());
}

async fn a_state_is_swapped_only_against_what_it_is(store: &dyn Store) {
    let phone = phone("+4915112345678");
    assert!(store.swap_registration(&phone, &Registration::default(), state(5)).await.expect("writes"));
    assert_eq!(store.registration(&phone).await.expect("reads"), state(5));
    assert!(!store.swap_registration(&phone, &Registration::default(), state(4)).await.expect("works"));
    assert!(!store.swap_registration(&phone, &state(4), state(3)).await.expect("works"));
    assert_eq!(store.registration(&phone).await.expect("reads"), state(5));
    assert!(store.swap_registration(&phone, &state(5), Registration::default()).await.expect("writes"));
    assert_eq!(store.registration(&phone).await.expect("reads"), Registration::default());
}

async fn of_two_tries_at_once_one_wins(store: &dyn Store) {
    let phone = phone("+4915112345678");
    store.swap_registration(&phone, &Registration::default(), state(5)).await.expect("writes");
    let expected = state(5);
    let (a, b) = both(
        store.swap_registration(&phone, &expected, state(4)),
        store.swap_registration(&phone, &expected, state(4)),
    )
    .await;
    assert!(a.expect("works") ^ b.expect("works"), "one of the two must look again");
}

async fn numbers_do_not_disturb_each_other(store: &dyn Store) {
    let (one, other) = (phone("+4915112345678"), phone("+49151123456789"));
    store.swap_registration(&one, &Registration::default(), state(5)).await.expect("writes");
    assert_eq!(store.registration(&other).await.expect("reads"), Registration::default());
}
