//! Devices: one primary, one owner for a key, a limit, numbers that are not used again.

use super::{NOW, account, ack, device, new_device, pair, send, suite};
use crate::device::{Cursor, DeviceRole};
use crate::ids::{AccountId, DeviceId};
use crate::limits::DEVICES_MAX;
use crate::ports::{DeviceOutcome, Store};

suite![
    a_device_is_found_by_number_and_by_key,
    a_new_primary_takes_the_place_of_the_old_one,
    a_companion_takes_nobodys_place,
    a_key_belongs_to_one_device,
    an_account_has_as_many_devices_as_it_may,
    replacing_does_not_count_against_the_limit,
    a_revoked_device_is_gone_with_its_cursor,
    device_numbers_are_not_used_again,
    a_device_without_a_key_is_found_by_number_alone,
    touching_moves_the_moment_forward,
    nobody_has_no_devices,
];

async fn a_device_is_found_by_number_and_by_key(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let made = device(store, id, DeviceRole::Primary, 5).await;
    assert_eq!((made.account, made.role, made.name.as_str()), (id, DeviceRole::Primary, "device 5"));
    assert_eq!((made.noise_key, made.secret_hash, made.created, made.last_seen), (Some([5; 32]), [5; 32], NOW, NOW));
    assert_eq!(store.device(id, made.id).await.expect("reads").as_deref(), Some(&made));
    assert_eq!(store.device_by_key(&[5; 32]).await.expect("reads").as_deref(), Some(&made));
    assert_eq!(store.device_by_key(&[6; 32]).await.expect("reads"), None);
    assert_eq!(store.device(id, DeviceId(made.id.0 + 1)).await.expect("reads"), None);
}

async fn a_new_primary_takes_the_place_of_the_old_one(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let old = device(store, id, DeviceRole::Primary, 1).await;
    let companion = device(store, id, DeviceRole::Companion, 2).await;
    let DeviceOutcome::Added(added) =
        store.add_device(new_device(id, DeviceRole::Primary, 3), 10).await.expect("writes")
    else {
        panic!("the primary was not added")
    };
    assert_eq!(added.gone, [(id, old.id)]);
    assert_eq!(store.device(id, old.id).await.expect("reads"), None);
    assert_eq!(store.device_by_key(&[1; 32]).await.expect("reads"), None);
    let left: Vec<DeviceId> = store.devices(id).await.expect("reads").iter().map(|device| device.id).collect();
    assert_eq!(left, [companion.id, added.device.id], "in the order they were added");
}

async fn a_companion_takes_nobodys_place(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    device(store, id, DeviceRole::Primary, 1).await;
    let DeviceOutcome::Added(added) =
        store.add_device(new_device(id, DeviceRole::Companion, 2), 10).await.expect("writes")
    else {
        panic!("the companion was not added")
    };
    assert_eq!(added.gone, []);
    assert_eq!(store.devices(id).await.expect("reads").len(), 2);
}

async fn a_key_belongs_to_one_device(store: &dyn Store) {
    let (alice, bob) = (account(store, "alice").await.id, account(store, "bob").await.id);
    let old = device(store, alice, DeviceRole::Companion, 4).await;
    let DeviceOutcome::Added(added) =
        store.add_device(new_device(bob, DeviceRole::Primary, 4), 10).await.expect("writes")
    else {
        panic!("the device was not added")
    };
    assert_eq!(added.gone, [(alice, old.id)], "the device that had the key is gone");
    assert_eq!(store.device(alice, old.id).await.expect("reads"), None);
    assert_eq!(store.device_by_key(&[4; 32]).await.expect("reads").as_deref(), Some(&added.device));
    let DeviceOutcome::Added(again) =
        store.add_device(new_device(bob, DeviceRole::Primary, 4), 10).await.expect("writes")
    else {
        panic!("the device was not added")
    };
    assert_eq!(again.gone, [(bob, added.device.id)], "once, though it was the primary and had the key");
}

async fn an_account_has_as_many_devices_as_it_may(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    for n in 0..DEVICES_MAX {
        let outcome = store.add_device(new_device(id, DeviceRole::Companion, n as u8), DEVICES_MAX).await;
        assert!(matches!(outcome.expect("writes"), DeviceOutcome::Added(_)));
    }
    let one_more = store.add_device(new_device(id, DeviceRole::Companion, 200), DEVICES_MAX).await.expect("writes");
    assert_eq!(one_more, DeviceOutcome::TooMany);
    assert_eq!(store.devices(id).await.expect("reads").len(), DEVICES_MAX);
    assert_eq!(store.device_by_key(&[200; 32]).await.expect("reads"), None, "a refusal leaves nothing");
}

async fn replacing_does_not_count_against_the_limit(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    device(store, id, DeviceRole::Primary, 1).await;
    device(store, id, DeviceRole::Companion, 2).await;
    let primary = store.add_device(new_device(id, DeviceRole::Primary, 3), 2).await.expect("writes");
    assert!(matches!(primary, DeviceOutcome::Added(_)), "the old primary goes");
    let same_key = store.add_device(new_device(id, DeviceRole::Companion, 2), 2).await.expect("writes");
    assert!(matches!(same_key, DeviceOutcome::Added(_)), "the device that had the key goes");
    let refused = store.add_device(new_device(id, DeviceRole::Companion, 4), 2).await.expect("writes");
    assert_eq!(refused, DeviceOutcome::TooMany);
}

async fn a_revoked_device_is_gone_with_its_cursor(store: &dyn Store) {
    let pair = pair(store).await;
    let place = send(store, pair.by_alice("1")).await.entries[1].1.seq;
    ack(store, pair.bob, pair.bob_phone, place, NOW).await;
    assert!(store.revoke_device(pair.bob, pair.bob_phone).await.expect("writes"));
    assert_eq!(store.device(pair.bob, pair.bob_phone).await.expect("reads"), None);
    assert_eq!(store.device_by_key(&[2; 32]).await.expect("reads"), None);
    assert_eq!(store.cursor(pair.bob, pair.bob_phone).await.expect("reads"), Cursor::default());
    assert!(!store.revoke_device(pair.bob, pair.bob_phone).await.expect("writes"));
    let floor = store.head(pair.bob).await.expect("reads").delivered_floor;
    assert_eq!(floor, place, "what was delivered stays delivered");
}

async fn device_numbers_are_not_used_again(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let first = device(store, id, DeviceRole::Companion, 1).await.id;
    store.revoke_device(id, first).await.expect("writes");
    let second = device(store, id, DeviceRole::Companion, 2).await.id;
    assert!(second > first);
    assert_eq!(first, DeviceId(1), "numbers begin at 1");
}

async fn a_device_without_a_key_is_found_by_number_alone(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    for n in 1..=2 {
        let mut new = new_device(id, DeviceRole::Companion, n);
        new.noise_key = None;
        let DeviceOutcome::Added(added) = store.add_device(new, 10).await.expect("writes") else {
            panic!("the device was not added")
        };
        assert_eq!(added.gone, [], "two devices without a key have none in common");
        assert_eq!(store.device(id, added.device.id).await.expect("reads").as_deref(), Some(&added.device));
    }
}

async fn touching_moves_the_moment_forward(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let made = device(store, id, DeviceRole::Primary, 1).await;
    let later = NOW.plus_ms(5000);
    store.touch_device(id, made.id, later).await.expect("writes");
    store.touch_device(id, made.id, NOW).await.expect("writes");
    store.touch_device(id, DeviceId(99), later).await.expect("nobody is touched");
    assert_eq!(store.device(id, made.id).await.expect("reads").expect("is there").last_seen, later);
    assert_eq!(store.device(id, DeviceId(99)).await.expect("reads"), None);
}

async fn nobody_has_no_devices(store: &dyn Store) {
    let outcome = store.add_device(new_device(AccountId(99), DeviceRole::Primary, 1), 10).await.expect("works");
    assert_eq!(outcome, DeviceOutcome::NoAccount);
    assert!(store.devices(AccountId(99)).await.expect("reads").is_empty());
    assert!(!store.revoke_device(AccountId(99), DeviceId(1)).await.expect("works"));
}
