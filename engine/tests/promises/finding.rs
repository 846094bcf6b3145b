//! Finding people and what they show, as promises: by what, to whom, at which cost.

use belfry_domain::{Audience, Code, Content, Deed, Item, Picture, PictureId, PrivacyChange, Profile, Refusal, Seq};
use belfry_engine::{Caller, Command, Draft, ProfileWish, Rate, Rates, Reply, Settings, Wanted};
use tokio::time::Instant;

use crate::contacts::{at, does, people, request};
use crate::world::{World, caller, code, id, peer, phone, world};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n, and the rest";
const NUMBER: &str = "+4915100000001";

async fn find(world: &World, by: &Caller, wanted: Wanted) -> Result<Option<Profile>, Refusal> {
    match world.engine.execute(by, Command::Find(wanted)).await? {
        Reply::Found(found) => Ok(found),
        other => panic!("nothing found: {other:?}"),
    }
}

async fn profile(world: &World, by: &Caller, of: &str) -> Profile {
    match world.engine.execute(by, Command::GetProfile { address: Some(at(of)) }).await.expect("a profile") {
        Reply::Profile(profile) => profile,
        other => panic!("no profile: {other:?}"),
    }
}

async fn picture(world: &World, by: &Caller, of: &str, id: PictureId) -> Result<Reply, Refusal> {
    world.engine.execute(by, Command::GetPicture { address: Some(at(of)), picture: id }).await
}

async fn set(world: &World, by: &Caller, change: PrivacyChange) {
    world.engine.execute(by, Command::SetPrivacy(change)).await.expect("set");
}

fn png() -> Picture {
    Picture { mime: "image/png".into(), data: PNG.into() }
}

#[tokio::test(start_paused = true)]
async fn somebody_is_found_by_exactly_their_name_and_nothing_like_it() {
    let (world, alice, _, _) = people().await;
    for wanted in [Wanted::Name("bob".into()), Wanted::Name("BOB".into()), Wanted::Address(at("bob@localhost"))] {
        let found = find(&world, &alice, wanted).await.expect("answered").expect("found");
        assert_eq!((found.address, found.display_name.as_str()), (at("bob@localhost"), "bob"));
    }
    for wanted in [Wanted::Name("bo".into()), Wanted::Name("bobb".into()), Wanted::Address(at("bob@elsewhere.org"))] {
        assert_eq!(find(&world, &alice, wanted).await, Ok(None));
    }
    assert_eq!(code(find(&world, &alice, Wanted::Name("b b@".into())).await), Code::BadRequest);
}

#[tokio::test(start_paused = true)]
async fn a_number_finds_whoever_wants_to_be_found_by_it_and_else_nobody_in_the_same_time() {
    let world = world(Settings { rates: Rates::UNLIMITED, ..Settings::default() });
    let alice = caller(&world.register(NUMBER, "alice").await);
    let bob = caller(&world.register("+4915100000002", "bob").await);
    let by = |number| find(&world, &bob, Wanted::Phone(phone(number)));
    assert_eq!(by(NUMBER).await.expect("answered").map(|found| found.address), Some(at("alice@localhost")));
    let absent = async |number| {
        let began = Instant::now();
        assert_eq!(by(number).await, Ok(None));
        // On a tick, whatever the work took, and what is drawn behind it.
        let after = began.elapsed();
        assert!((20..=28).contains(&after.as_millis()), "{number}: {after:?}");
    };
    absent("+4915100000009").await;
    for audience in [Audience::Nobody, Audience::Contacts] {
        set(&world, &alice, PrivacyChange { found_by_phone: Some(audience), ..PrivacyChange::default() }).await;
        absent(NUMBER).await;
    }
    let put = Deed::Put { name: String::new(), labels: Vec::new() };
    does(&world, &alice, "bob@localhost", put).await.expect("listed");
    assert!(by(NUMBER).await.expect("answered").is_some(), "she lists him");
    does(&world, &alice, "bob@localhost", Deed::Block).await.expect("blocked");
    absent(NUMBER).await; // and blocks him
    let alone = find(&world, &alice, Wanted::Phone(phone(NUMBER))).await.expect("answered");
    assert!(alone.is_some(), "oneself");

    let rules = Settings { find_by_phone: false, rates: Rates::UNLIMITED, ..Settings::default() };
    let world = world.restarted(rules);
    does(&world, &alice, "bob@localhost", Deed::Unblock).await.expect("unblocked");
    assert_eq!(find(&world, &bob, Wanted::Phone(phone(NUMBER))).await, Ok(None), "the operator does not want it");
}

/// Everything by which somebody could find out whether there is an account.
fn questions(of: &str, message: &str) -> Vec<Command> {
    let draft = Draft { to: at(of), client_id: id(message), content: Content::text("Are you there?") };
    vec![
        Command::AccountExists { address: at(of) },
        Command::GetProfile { address: Some(at(of)) },
        Command::GetPicture { address: Some(at(of)), picture: PictureId([0; 16]) },
        Command::Find(Wanted::Address(at(of))),
        Command::Find(Wanted::Name(at(of).local().into())),
        Command::Send(draft),
        Command::ChangeContact { with: at(of), deed: request() },
        Command::ChangeContact { with: at(of), deed: Deed::Block },
    ]
}

#[tokio::test(start_paused = true)]
async fn asking_about_strangers_costs_through_every_operation_and_about_those_one_knows_nothing() {
    let look_ups = Rate::new(3, 1_000, 86_400_000);
    let rates = Rates { look_ups, ..Rates::UNLIMITED };
    let world = world(Settings { scram_iterations: 8, rates, ..Settings::default() });
    let alice = caller(&world.by_password("alice@localhost").await);
    for name in ["bob", "carol", "dave", "eve"] {
        world.by_password(&format!("{name}@localhost")).await;
    }
    let asks = async |address: &str| {
        let (address, by) = (Command::AccountExists { address: at(address) }, &alice);
        world.engine.execute(by, address).await.map(|reply| matches!(reply, Reply::Exists(true)))
    };
    assert_eq!(asks("bob@localhost").await, Ok(true));
    assert_eq!(asks("nobody@localhost").await, Ok(false));
    world.send(&alice, "carol@localhost", "m", "hello").await.expect("the third");
    for question in questions("dave@localhost", "m2").into_iter().chain(questions("nobody2@localhost", "m3")) {
        let told = format!("{question:?}");
        assert_eq!(code(world.engine.execute(&alice, question).await), Code::RateLimited, "{told}");
    }
    let number = Command::Find(Wanted::Phone(phone("+4915100000005")));
    assert_eq!(code(world.engine.execute(&alice, number).await), Code::RateLimited);
    for _ in 0..5 {
        assert_eq!(asks("bob@localhost").await, Ok(true), "to ask again tells nothing new");
        assert_eq!(asks("nobody@localhost").await, Ok(false));
        assert_eq!(asks("alice@localhost").await, Ok(true), "oneself");
    }
    for question in questions("carol@localhost", "m4") {
        let answered = world.engine.execute(&alice, question).await;
        assert!(!matches!(&answered, Err(refusal) if refusal.code == Code::RateLimited), "{answered:?}");
    }
    // What was paid for is forgotten by a restart; whom one knows stays.
    let eve = caller(&world.by_password("eve@localhost").await);
    does(&world, &eve, "alice@localhost", request()).await.expect("asked");
    let (rules, alice) = (world.engine.settings(), alice.clone());
    let world = world.restarted(Settings::clone(&rules));
    for _ in 0..3 {
        for known in ["carol@localhost", "eve@localhost"] {
            let exists = world.engine.execute(&alice, Command::AccountExists { address: at(known) }).await;
            assert!(matches!(exists, Ok(Reply::Exists(true))), "{known}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_accounts_at_one_address_find_out_no_more_than_one() {
    let rates = Rates { look_ups_by_address: Rate::new(4, 1_000, 86_400_000), ..Rates::UNLIMITED };
    let world = world(Settings { scram_iterations: 8, rates, ..Settings::default() });
    let mut answered = 0;
    for account in 0..4 {
        let asker = caller(&world.by_password(&format!("asker{account}@localhost")).await);
        for number in 0..4 {
            let wanted = Wanted::Phone(phone(&format!("+49151000{account}00{number}")));
            answered += usize::from(find(&world, &asker, wanted).await.is_ok());
        }
    }
    assert_eq!(answered, 4);
    let elsewhere = caller(&world.by_password("far@localhost").await);
    let elsewhere = Caller { peer: peer("192.0.2.7"), ..elsewhere };
    assert!(find(&world, &elsewhere, Wanted::Phone(phone("+4915100009999"))).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn words_about_oneself_and_picture_are_for_whom_one_says_and_hidden_they_look_like_none() {
    let (world, alice, tablet, bob) = people().await;
    let eve = caller(&world.by_password("eve@localhost").await);
    let wish = ProfileWish {
        display_name: Some("Alice A.".into()),
        about: Some(" Out to sea\n".into()),
        picture: Some(Some(png())),
    };
    let Ok(Reply::Profile(own)) = world.engine.execute(&alice, Command::SetProfile(wish)).await else { panic!("set") };
    assert_eq!((own.display_name.as_str(), own.about.as_str()), ("Alice A.", "Out to sea"));
    let id = own.picture.expect("a picture");
    let told = world.sync(&tablet, Seq::ZERO).await;
    assert!(told.entries.iter().any(|entry| matches!(&entry.item, Item::Profile(shown) if *shown == own)));
    let put = Deed::Put { name: String::new(), labels: Vec::new() };
    does(&world, &alice, "bob@localhost", put).await.expect("Alice lists Bob");

    let bare = Profile { about: String::new(), picture: None, ..own.clone() };
    let contacts = Some(Audience::Contacts);
    let change = |about, picture| PrivacyChange { about, picture, ..PrivacyChange::default() };
    for (change, for_bob, for_eve) in [
        (PrivacyChange::default(), own.clone(), own.clone()),
        (change(contacts, None), own.clone(), Profile { about: String::new(), ..own.clone() }),
        (change(None, contacts), own.clone(), bare.clone()),
        (change(Some(Audience::Nobody), Some(Audience::Nobody)), bare.clone(), bare.clone()),
        (change(Some(Audience::Everyone), Some(Audience::Everyone)), own.clone(), own.clone()),
    ] {
        set(&world, &alice, change).await;
        for (who, expected) in [(&bob, &for_bob), (&eve, &for_eve), (&alice, &own)] {
            assert_eq!(&profile(&world, who, "alice@localhost").await, expected);
            let found = find(&world, who, Wanted::Name("alice".into())).await.expect("answered");
            assert_eq!(found.as_ref(), Some(expected));
            let shown = picture(&world, who, "alice@localhost", id).await;
            assert_eq!(shown.is_ok(), expected.picture.is_some());
        }
    }
    does(&world, &alice, "bob@localhost", Deed::Block).await.expect("blocked");
    assert_eq!(profile(&world, &bob, "alice@localhost").await, bare, "whoever is blocked sees no more than a name");
    let hidden = picture(&world, &bob, "alice@localhost", id).await.expect_err("hidden");
    let none = picture(&world, &alice, "eve@localhost", id).await.expect_err("Eve has none");
    assert_eq!(hidden, none, "one answer");

    let none = ProfileWish { picture: Some(None), ..ProfileWish::default() };
    world.engine.execute(&alice, Command::SetProfile(none)).await.expect("taken away");
    let left = profile(&world, &eve, "alice@localhost").await;
    assert_eq!((left.picture, left.about.as_str()), (None, "Out to sea"), "the rest stays");
    assert_eq!(code(picture(&world, &alice, "alice@localhost", id).await), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_picture_of_another_kind_and_too_many_words_are_refused() {
    let (world, alice, ..) = people().await;
    let set = async |wish| code(world.engine.execute(&alice, Command::SetProfile(wish)).await);
    let svg = Picture { mime: "image/svg+xml".into(), data: b"<svg onload='x'/>".to_vec() };
    assert_eq!(set(ProfileWish { picture: Some(Some(svg)), ..ProfileWish::default() }).await, Code::BadRequest);
    let large = Picture { data: [PNG, &[0; 65_536]].concat(), ..png() };
    assert_eq!(set(ProfileWish { picture: Some(Some(large)), ..ProfileWish::default() }).await, Code::TooLarge);
    let about = |text: String| ProfileWish { about: Some(text), ..ProfileWish::default() };
    assert_eq!(set(about("x".repeat(1_025))).await, Code::TooLarge);
    assert_eq!(set(about("a\u{1b}[2J".into())).await, Code::BadRequest);
}
