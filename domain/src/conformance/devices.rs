//! Devices: one primary, one owner for a key, a limit, numbers that are not used again.

use super::{NOW, account, ack, device, new_device, pair, send, suite};
use crate::device::{Cursor, Device, DeviceRole, Past};
use crate::ids::{AccountId, DeviceId, Seq, TimestampMs};
use crate::limits::DEVICES_MAX;
use crate::ports::{Acknowledge, DeviceOutcome, Store};

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
    a_device_keeps_its_platform_and_gets_another_name,
    tokens_of_a_device_once_ended_stay_so,
    a_new_companion_gets_of_the_past_what_was_said,
    what_is_not_delivered_comes_to_every_new_companion,
    a_new_primary_gets_all_whatever_was_said,
    only_silent_companions_retire_and_their_proofs_are_remembered,
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
    let later = send(store, pair.by_alice("2")).await.entries[1].1.seq;
    let cursor = Cursor { passed: later, delivered: later };
    let ack = Acknowledge { owner: pair.bob, device: pair.bob_phone, cursor, at: NOW };
    assert_eq!(store.acknowledge(ack).await.expect("works"), None, "it is said that the device is gone");
    assert_eq!(store.head(pair.bob).await.expect("reads").delivered_floor, place, "and nothing was done");
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

async fn a_device_keeps_its_platform_and_gets_another_name(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let made = device(store, id, DeviceRole::Companion, 1).await;
    assert_eq!(made.platform, "platform 1");
    let renamed = store.rename_device(id, made.id, "Kitchen".into()).await.expect("writes").expect("is there");
    assert_eq!(*renamed, Device { name: "Kitchen".into(), ..made.clone() }, "nothing else changes");
    assert_eq!(store.device(id, made.id).await.expect("reads"), Some(renamed));
    assert_eq!(store.rename_device(id, DeviceId(99), "x".into()).await.expect("works"), None);
}

async fn tokens_of_a_device_once_ended_stay_so(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let made = device(store, id, DeviceRole::Companion, 1).await;
    for (serial, kept) in [(7 << 32, 7 << 32), (3, 7 << 32)] {
        assert!(store.raise_tokens_from(id, made.id, serial).await.expect("writes"));
        let read = store.device(id, made.id).await.expect("reads").expect("is there");
        assert_eq!(*read, Device { tokens_from: kept, ..made.clone() }, "nothing else changes");
    }
    assert!(!store.raise_tokens_from(id, DeviceId(99), 1).await.expect("works"));
}

async fn companion(store: &dyn Store, account: AccountId, n: u8, past: Past) -> Device {
    let new = crate::ports::NewDevice { past, ..new_device(account, DeviceRole::Companion, n) };
    match store.add_device(new, 10).await.expect("writes") {
        DeviceOutcome::Added(added) => added.device,
        other => panic!("the companion was not added: {other:?}"),
    }
}

async fn a_new_companion_gets_of_the_past_what_was_said(store: &dyn Store) {
    let pair = pair(store).await;
    let mut places = Vec::new();
    for n in 0..10 {
        let append = crate::ports::Append { at: NOW.plus_ms(n), ..pair.by_alice(&format!("{n}")) };
        places.push(send(store, append).await.entries[1].1.seq);
    }
    ack(store, pair.bob, pair.bob_phone, places[9], NOW).await;
    let recent = |since, messages| Past::Recent { since, messages };
    for (n, past, after) in [
        (11, Past::All, Seq::ZERO),
        (12, Past::Nothing, places[9]),
        (13, Past::Undelivered, places[9]),
        (14, recent(TimestampMs(0), 3), places[6]),
        (15, recent(NOW.plus_ms(8), 100), places[7]),
        (16, recent(NOW.plus_ms(100), 100), places[9]),
        (17, recent(TimestampMs(0), 0), places[9]),
    ] {
        let made = companion(store, pair.bob, n, past).await;
        assert_eq!(made.synced_from, after, "{past:?}");
        let cursor = store.cursor(pair.bob, made.id).await.expect("reads");
        assert_eq!(cursor, Cursor { passed: after, delivered: after }, "{past:?}");
        let history_from = if past == Past::Nothing { NOW } else { TimestampMs(0) };
        assert_eq!(made.history_from, history_from, "{past:?}");
        assert_eq!(store.device(pair.bob, made.id).await.expect("reads").as_deref(), Some(&made));
    }
    let first = companion(store, pair.bob, 18, recent(TimestampMs(0), 100)).await.synced_from;
    assert!(first < places[0], "all ten are among the newest hundred");
}

async fn what_is_not_delivered_comes_to_every_new_companion(store: &dyn Store) {
    let pair = pair(store).await;
    let first = send(store, pair.by_alice("1")).await.entries[1].1.seq;
    ack(store, pair.bob, pair.bob_phone, first, NOW).await;
    send(store, pair.by_alice("2")).await;
    send(store, pair.by_alice("3")).await;
    for (n, past) in
        [Past::Nothing, Past::Undelivered, Past::Recent { since: NOW.plus_ms(1), messages: 1 }].into_iter().enumerate()
    {
        assert_eq!(companion(store, pair.bob, 11 + n as u8, past).await.synced_from, first, "{past:?}");
    }
}

async fn a_new_primary_gets_all_whatever_was_said(store: &dyn Store) {
    let pair = pair(store).await;
    let place = send(store, pair.by_alice("1")).await.entries[1].1.seq;
    ack(store, pair.bob, pair.bob_phone, place, NOW).await;
    let new = crate::ports::NewDevice { past: Past::Nothing, ..new_device(pair.bob, DeviceRole::Primary, 9) };
    let DeviceOutcome::Added(added) = store.add_device(new, 10).await.expect("writes") else {
        panic!("the primary was not added")
    };
    assert_eq!((added.device.synced_from, added.device.history_from), (Seq::ZERO, TimestampMs(0)));
    assert_eq!(store.cursor(pair.bob, added.device.id).await.expect("reads"), Cursor::default());
}

async fn only_silent_companions_retire_and_their_proofs_are_remembered(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let phone = device(store, id, DeviceRole::Primary, 1).await;
    let silent = device(store, id, DeviceRole::Companion, 2).await;
    let heard = device(store, id, DeviceRole::Companion, 3).await;
    let before = NOW.plus_ms(1_000);
    store.touch_device(id, heard.id, before).await.expect("writes");
    let found = store.silent_companions(before, 10).await.expect("reads");
    assert_eq!(found.iter().map(|device| device.id).collect::<Vec<_>>(), [silent.id]);
    assert!(store.silent_companions(before, 0).await.expect("reads").is_empty());
    for (device, retires) in [(&phone, false), (&heard, false), (&silent, true), (&silent, false)] {
        assert_eq!(store.retire_device(id, device.id, before).await.expect("writes"), retires, "{}", device.name);
    }
    assert_eq!(store.device_by_key(&[2; 32]).await.expect("reads"), None);
    assert_eq!(store.cursor(id, silent.id).await.expect("reads"), Cursor::default());
    assert!(store.retired(&[2; 32]).await.expect("reads"), "its key, which is its secret's hash too");
    assert!(!store.retired(&[3; 32]).await.expect("reads"));
    device(store, id, DeviceRole::Companion, 2).await;
    assert!(!store.retired(&[2; 32]).await.expect("reads"), "the key is a device's again");
}
