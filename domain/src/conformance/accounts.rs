//! Accounts: names are unique, also to the eye; what is removed is gone, what others were sent stays.

use super::{ALL, NOW, account, address, device, entries, message_texts, outcome, pair, send, suite, texts};
use crate::account::{Profile, ProfileChange, ScramKeys};
use crate::address::{Address, Phone, skeleton};
use crate::contact::{Picture, PictureId};
use crate::device::DeviceRole;
use crate::event::Item;
use crate::ids::{AccountId, Seq};
use crate::ports::{AccountOutcome, AppendOutcome, Head, NewAccount, Store};

suite![
    an_account_is_found_by_number_address_and_phone,
    an_address_is_taken_once,
    a_name_that_looks_like_another_is_taken,
    a_phone_number_has_one_account,
    accounts_are_listed_by_address_in_pages,
    a_password_can_be_set_and_taken_away,
    a_new_display_name_is_an_entry_and_only_the_latest_shows,
    a_profile_changes_by_what_is_given_and_a_picture_is_found_while_it_is_shown,
    a_removed_account_is_gone_with_its_devices_and_timeline,
    what_a_removed_account_wrote_stays_with_the_other_side,
    a_name_can_be_taken_anew_after_removal_but_nothing_is_inherited,
];

fn new(local: &str, phone: Option<&str>) -> NewAccount {
    NewAccount {
        address: address(local),
        phone: phone.map(|text| Phone::parse(text).expect("the case gives a valid number")),
        display_name: format!("{local} the person"),
        scram: Some(keys(1)),
        created: NOW,
    }
}

fn keys(n: u8) -> ScramKeys {
    ScramKeys {
        salt: vec![n; 16],
        iterations: 10_000,
        sha1: ([n; 20], [n + 1; 20]),
        sha256: ([n + 2; 32], [n + 3; 32]),
    }
}

async fn an_account_is_found_by_number_address_and_phone(store: &dyn Store) {
    let AccountOutcome::Created(made) =
        store.create_account(new("alice", Some("+4915112345678"))).await.expect("works")
    else {
        panic!("the account was not made")
    };
    assert_eq!(made.display_name, "alice the person");
    assert_eq!(made.scram, Some(keys(1)));
    let phone = Phone::parse("+4915112345678").expect("valid");
    for found in [
        store.account(made.id).await.expect("reads"),
        store.account_by_address(&made.address).await.expect("reads"),
        store.account_by_phone(&phone).await.expect("reads"),
    ] {
        assert_eq!(found, Some(made.clone()));
    }
    assert_eq!(store.account(AccountId(made.id.0 + 1)).await.expect("reads"), None);
    assert_eq!(store.account_by_address(&address("bob")).await.expect("reads"), None);
    assert_eq!(store.account_by_phone(&Phone::parse("+4915112345679").expect("valid")).await.expect("reads"), None);
}

async fn an_address_is_taken_once(store: &dyn Store) {
    account(store, "alice").await;
    assert_eq!(store.create_account(new("alice", None)).await.expect("works"), AccountOutcome::NameTaken);
    let mut elsewhere = new("alice", None);
    elsewhere.address = Address::new("alice", "example.net").expect("valid");
    assert!(matches!(store.create_account(elsewhere).await.expect("works"), AccountOutcome::Created(_)));
    let racers = super::both(store.create_account(new("bob", None)), store.create_account(new("bob", None))).await;
    let made = [racers.0.expect("works"), racers.1.expect("works")];
    let won = made.iter().filter(|outcome| matches!(outcome, AccountOutcome::Created(_))).count();
    assert_eq!(won, 1, "of two at once one gets the name");
}

async fn a_name_that_looks_like_another_is_taken(store: &dyn Store) {
    account(store, "paypal").await;
    let twin = "pаypal"; // the second letter is Cyrillic
    assert_ne!(address(twin), address("paypal"));
    assert_eq!(store.create_account(new(twin, None)).await.expect("works"), AccountOutcome::NameTaken);
    assert!(store.looks_taken("example.org", &skeleton(twin)).await.expect("reads"));
    assert!(!store.looks_taken("example.net", &skeleton(twin)).await.expect("reads"));
    assert!(!store.looks_taken("example.org", &skeleton("other")).await.expect("reads"));
}

async fn a_phone_number_has_one_account(store: &dyn Store) {
    let AccountOutcome::Created(first) =
        store.create_account(new("alice", Some("+4915112345678"))).await.expect("works")
    else {
        panic!("the account was not made")
    };
    let second = store.create_account(new("bob", Some("+49 151 12345678"))).await.expect("works");
    assert_eq!(second, AccountOutcome::PhoneTaken(first.id));
    assert_eq!(store.account_by_address(&address("bob")).await.expect("reads"), None);
    assert!(!store.looks_taken("example.org", &skeleton("bob")).await.expect("reads"), "a refusal leaves nothing");
}

async fn accounts_are_listed_by_address_in_pages(store: &dyn Store) {
    for local in ["carol", "alice", "bob", "dave", "al"] {
        account(store, local).await;
    }
    let (mut all, mut after): (Vec<Address>, Option<Address>) = (Vec::new(), None);
    loop {
        let page = store.list_accounts(after.as_ref(), 2).await.expect("reads");
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        all.extend(page.iter().map(|account| account.address.clone()));
        after = all.last().cloned();
    }
    assert_eq!(all, ["al", "alice", "bob", "carol", "dave"].map(address));
    assert_eq!(store.list_accounts(None, 0).await.expect("reads").len(), 0);
}

async fn a_password_can_be_set_and_taken_away(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let scram = async || store.account(id).await.expect("reads").expect("is there").scram.clone();
    assert!(store.set_password(id, Some(keys(9))).await.expect("writes"));
    assert_eq!(scram().await, Some(keys(9)));
    assert!(store.set_password(id, None).await.expect("writes"));
    assert_eq!(scram().await, None);
    assert!(!store.set_password(AccountId(99), None).await.expect("writes"));
}

async fn a_new_display_name_is_an_entry_and_only_the_latest_shows(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let named = |name: &str| ProfileChange { display_name: Some(name.into()), ..ProfileChange::default() };
    store.set_profile(id, named("Alice A.")).await.expect("writes").expect("is there");
    let made = store.set_profile(id, named("Alice B.")).await.expect("writes").expect("is there");
    let profile =
        Profile { address: address("alice"), display_name: "Alice B.".into(), about: String::new(), picture: None };
    assert_eq!(made.item, Item::Profile(profile));
    assert_eq!(entries(store, id).await, [made]);
    assert_eq!(store.account(id).await.expect("reads").expect("is there").display_name, "Alice B.");
    assert_eq!(store.set_profile(AccountId(99), named("x")).await.expect("writes"), None);
}

async fn a_profile_changes_by_what_is_given_and_a_picture_is_found_while_it_is_shown(store: &dyn Store) {
    let id = account(store, "alice").await.id;
    let profile =
        Profile { address: address("alice"), display_name: "alice".into(), about: String::new(), picture: None };
    assert_eq!(store.profile(id).await.expect("reads"), Some(profile.clone()));
    assert!(entries(store, id).await.is_empty(), "nothing has changed yet");
    let picture = |n: u8| (PictureId([n; 16]), Picture { mime: "image/png".into(), data: vec![n; 60_000] });
    let set = async |change: ProfileChange, expected: &Profile| {
        let made = store.set_profile(id, change).await.expect("writes").expect("is there");
        assert_eq!(made.item, Item::Profile(expected.clone()));
        assert_eq!(entries(store, id).await, [made], "the latest alone");
        assert_eq!(store.profile(id).await.expect("reads").as_ref(), Some(expected));
    };
    let shown = async |n: u8| store.picture(id, PictureId([n; 16])).await.expect("reads");
    let profile = Profile { about: "Here I am.".into(), ..profile };
    set(ProfileChange { about: Some("Here I am.".into()), ..ProfileChange::default() }, &profile).await;
    let profile = Profile { picture: Some(PictureId([1; 16])), ..profile };
    set(ProfileChange { picture: Some(Some(picture(1))), ..ProfileChange::default() }, &profile).await;
    assert_eq!(shown(1).await.as_deref(), Some(&picture(1).1));
    let profile = Profile { display_name: "Alice".into(), ..profile };
    set(ProfileChange { display_name: Some("Alice".into()), ..ProfileChange::default() }, &profile).await;
    assert_eq!(store.account(id).await.expect("reads").expect("is there").display_name, "Alice");
    let profile = Profile { picture: Some(PictureId([2; 16])), ..profile };
    set(ProfileChange { picture: Some(Some(picture(2))), ..ProfileChange::default() }, &profile).await;
    assert_eq!((shown(1).await, shown(2).await.as_deref()), (None, Some(&picture(2).1)));
    let profile = Profile { picture: None, about: String::new(), ..profile };
    let change = ProfileChange { picture: Some(None), about: Some(String::new()), ..ProfileChange::default() };
    set(change, &profile).await;
    assert_eq!(shown(2).await, None);
    set(
        ProfileChange { picture: Some(Some(picture(3))), ..ProfileChange::default() },
        &Profile { picture: Some(PictureId([3; 16])), ..profile },
    )
    .await;
    store.remove_account(id).await.expect("writes").expect("was there");
    assert_eq!((shown(3).await, store.profile(id).await.expect("reads")), (None, None));
}

async fn a_removed_account_is_gone_with_its_devices_and_timeline(store: &dyn Store) {
    let pair = pair(store).await;
    let laptop = device(store, pair.bob, DeviceRole::Companion, 7).await;
    send(store, pair.by_alice("hi")).await;
    let gone = store.remove_account(pair.bob).await.expect("writes").expect("was there");
    assert_eq!(gone.iter().map(|device| device.id).collect::<Vec<_>>(), [pair.bob_phone, laptop.id]);
    assert_eq!(store.account(pair.bob).await.expect("reads"), None);
    assert_eq!(store.account_by_address(&address("bob")).await.expect("reads"), None);
    assert_eq!(store.device(pair.bob, laptop.id).await.expect("reads"), None);
    assert_eq!(store.device_by_key(&[7; 32]).await.expect("reads"), None);
    assert!(store.devices(pair.bob).await.expect("reads").is_empty());
    assert_eq!(store.head(pair.bob).await.expect("reads"), Head::default());
    assert!(store.read_after(pair.bob, Seq::ZERO, ALL).await.expect("reads").entries.is_empty());
    assert_eq!(outcome(store, pair.by_alice("still there?")).await, AppendOutcome::NoReceiver);
    assert_eq!(outcome(store, pair.by_bob("a ghost")).await, AppendOutcome::NoSender);
    assert_eq!(store.remove_account(pair.bob).await.expect("writes"), None);
    assert_eq!(store.list_accounts(None, 10).await.expect("reads").len(), 1);
}

async fn what_a_removed_account_wrote_stays_with_the_other_side(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("question")).await;
    let answer = send(store, pair.by_bob("answer")).await;
    store.remove_account(pair.bob).await.expect("writes").expect("was there");
    assert_eq!(texts(&entries(store, pair.alice).await), ["question", "answer"]);
    let page =
        store.read_before(pair.alice, answer.id.conversation, None, ALL).await.expect("reads").expect("a member");
    assert_eq!(message_texts(&page.0), ["question", "answer"]);
    let end = store.head(pair.alice).await.expect("reads").last;
    let made = super::ack(store, pair.alice, pair.alice_phone, end, NOW).await;
    assert!(made.is_empty(), "nobody is there to get the receipt");
}

async fn a_name_can_be_taken_anew_after_removal_but_nothing_is_inherited(store: &dyn Store) {
    let pair = pair(store).await;
    let old = send(store, pair.by_alice("for the first bob")).await;
    store.remove_account(pair.bob).await.expect("writes").expect("was there");
    let second = account(store, "bob").await;
    assert_ne!(second.id, pair.bob, "numbers are never used again");
    assert!(entries(store, second.id).await.is_empty());
    assert_eq!(store.read_before(second.id, old.id.conversation, None, ALL).await.expect("reads"), None);
    let mut again = pair.by_alice("for the second");
    again.receiver = second.id;
    assert_ne!(send(store, again).await.id.conversation, old.id.conversation);
}
