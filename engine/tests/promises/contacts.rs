//! Contacts as promises: what each deed means to the two sides and their devices, present and away.

use belfry_domain::limits::CONTACT_LABELS_MAX;
use belfry_domain::{AccountId, Address, Asked, Code, Contact, ContactView, Deed, Item, Refusal, Seq};
use belfry_engine::{Batch, Caller, Command, Rate, Rates, Reply, Session, Settings, Told};

use crate::messages::PAGE;
use crate::world::{START, World, caller, code, nobody, world};

/// Alice with two devices, Bob with one.
pub(crate) async fn people() -> (World, Caller, Caller, Caller) {
    let world = world(Settings { scram_iterations: 8, rates: Rates::UNLIMITED, ..Settings::default() });
    let alice = caller(&world.by_password("alice@localhost").await);
    let tablet = caller(&world.by_password("alice@localhost").await);
    let bob = caller(&world.by_password("bob@localhost").await);
    (world, alice, tablet, bob)
}

pub(crate) fn at(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

pub(crate) async fn does(world: &World, by: &Caller, with: &str, deed: Deed) -> Result<Contact, Refusal> {
    match world.engine.execute(by, Command::ChangeContact { with: at(with), deed }).await? {
        Reply::Contact(view) => {
            assert_eq!(view.peer, at(with));
            Ok(view.contact)
        }
        other => panic!("no contact: {other:?}"),
    }
}

pub(crate) fn request() -> Deed {
    Deed::Request { note: "It is me".into() }
}

/// The contacts of a stretch, in order.
pub(crate) fn contacts(batch: &Batch) -> Vec<(String, Contact)> {
    let contact = |item: &Item| match item {
        Item::Contact(view) => Some((view.peer.to_string(), view.contact.clone())),
        _ => None,
    };
    batch.entries.iter().filter_map(|entry| contact(&entry.item)).collect()
}

/// What a device that begins anew knows of its contacts, and what the list says: the same.
async fn known(world: &World, by: &Caller) -> Vec<(String, Contact)> {
    let synced: Vec<_> = contacts(&world.sync(by, Seq::ZERO).await);
    let listed: Vec<_> =
        list(world, by, 0).await.into_iter().map(|view| (view.peer.to_string(), view.contact)).collect();
    let mut there: Vec<_> = synced.iter().filter(|(_, contact)| !contact.is_nothing()).cloned().collect();
    there.sort_by(|one, other| one.0.cmp(&other.0));
    let mut sorted = listed.clone();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(there, sorted, "a sync and the list agree");
    synced
}

async fn list(world: &World, by: &Caller, limit: usize) -> Vec<ContactView> {
    let (mut all, mut after): (Vec<ContactView>, Option<AccountId>) = (Vec::new(), None);
    loop {
        match world.engine.execute(by, Command::ListContacts { after, limit }).await.expect("lists") {
            Reply::Contacts { views, next } => {
                all.extend(views);
                after = next;
            }
            other => panic!("no list: {other:?}"),
        }
        if after.is_none() {
            return all;
        }
    }
}

async fn watch(world: &World, by: &Caller) -> Session {
    let mut session = world.engine.open_session(by.clone()).await.expect("connects");
    session.subscribe(world.sync(by, Seq::ZERO).await.key);
    session
}

/// What a link is told of contacts at this moment.
async fn told(session: &mut Session) -> Vec<(String, Contact)> {
    let mut all = Vec::new();
    while let Some(told) = session.take(PAGE).await.expect("the store answers") {
        if let Told::Batch(batch) = told {
            all.extend(contacts(&batch));
        }
    }
    all
}

fn of(peer: &str, contact: &Contact) -> Vec<(String, Contact)> {
    vec![(peer.to_owned(), contact.clone())]
}

const ALICE: &str = "alice@localhost";
const BOB: &str = "bob@localhost";

#[tokio::test(start_paused = true)]
async fn a_request_and_its_acceptance_reach_all_devices_of_both_present_or_away() {
    let (world, alice, tablet, bob) = people().await;
    let (mut at_tablet, mut at_bob) = (watch(&world, &tablet).await, watch(&world, &bob).await);
    let hers = does(&world, &alice, BOB, request()).await.expect("asked");
    assert_eq!(hers, Contact { listed: true, approved: true, asks: true, ..Contact::default() });
    assert_eq!(told(&mut at_tablet).await, of(BOB, &hers));
    let his = Contact { asked: Some(Asked { at: START, note: "It is me".into() }), ..Contact::default() };
    assert_eq!(told(&mut at_bob).await, of(ALICE, &his));

    let his = does(&world, &bob, ALICE, Deed::Accept).await.expect("accepted");
    assert_eq!(his, Contact { listed: true, approved: true, to: true, from: true, ..Contact::default() });
    assert!(his.is_mutual());
    assert_eq!(told(&mut at_bob).await, of(ALICE, &his));
    assert_eq!(told(&mut at_tablet).await, of(BOB, &his), "the two rows are alike");
    assert_eq!(known(&world, &alice).await, of(BOB, &his), "a device that was away gets the latest alone");
    assert_eq!(known(&world, &bob).await, of(ALICE, &his));
}

#[tokio::test(start_paused = true)]
async fn who_was_asked_accepts_by_asking_back() {
    let (world, alice, _, bob) = people().await;
    does(&world, &alice, BOB, request()).await.expect("asked");
    assert!(does(&world, &bob, ALICE, request()).await.expect("asked back").is_mutual());
    assert!(known(&world, &alice).await[0].1.is_mutual());
}

#[tokio::test(start_paused = true)]
async fn a_request_is_refused_or_taken_back_and_both_see_it() {
    let (world, alice, _, bob) = people().await;
    does(&world, &alice, BOB, request()).await.expect("asked");
    assert!(does(&world, &bob, ALICE, Deed::Refuse).await.expect("refused").is_nothing());
    let hers = known(&world, &alice).await[0].1.clone();
    assert_eq!(hers, Contact { listed: true, approved: true, ..Contact::default() }, "she no longer asks");

    does(&world, &alice, BOB, request()).await.expect("asked again");
    assert!(does(&world, &alice, BOB, Deed::Withdraw).await.expect("taken back").is_nothing());
    assert!(known(&world, &bob).await[0].1.is_nothing(), "his devices are told that it is gone");
    for deed in [Deed::Accept, Deed::Refuse] {
        assert_eq!(code(does(&world, &bob, ALICE, deed).await), Code::NotFound);
    }
    assert_eq!(code(does(&world, &alice, BOB, Deed::Withdraw).await), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn who_is_removed_keeps_their_own_list_and_is_let_in_no_longer() {
    let (world, alice, _, bob) = people().await;
    does(&world, &alice, BOB, request()).await.expect("asked");
    does(&world, &bob, ALICE, Deed::Accept).await.expect("accepted");
    assert!(does(&world, &alice, BOB, Deed::Remove).await.expect("removed").is_nothing());
    let his = known(&world, &bob).await[0].1.clone();
    assert_eq!((his.listed, his.to, his.from), (true, false, false));
    assert!(known(&world, &alice).await[0].1.is_nothing(), "her devices are told that he is gone");
    assert!(list(&world, &alice, 0).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn names_and_labels_are_the_owners_own_and_tell_the_other_nothing() {
    let (world, alice, tablet, bob) = people().await;
    let (mut at_tablet, mut at_bob) = (watch(&world, &tablet).await, watch(&world, &bob).await);
    let put = |name: &str| Deed::Put { name: name.into(), labels: vec!["Family".into(), " Work ".into()] };
    let hers = does(&world, &alice, BOB, put(" Bobby ")).await.expect("listed");
    assert_eq!((hers.name.as_str(), hers.labels.join(",")), ("Bobby", "Family,Work".into()));
    assert!(hers.listed && !hers.asks && !hers.approved);
    assert_eq!(told(&mut at_tablet).await, of(BOB, &hers));
    let before = world.sync(&alice, Seq::ZERO).await.key;
    does(&world, &alice, BOB, put("Bobby")).await.expect("a repeat is answered");
    assert_eq!(world.sync(&alice, Seq::ZERO).await.key, before, "and makes no event");
    assert!(told(&mut at_bob).await.is_empty());
    assert!(known(&world, &bob).await.is_empty());
    let labels = (0..=CONTACT_LABELS_MAX).map(|n| n.to_string()).collect();
    let many = Deed::Put { name: String::new(), labels };
    assert_eq!(code(does(&world, &alice, BOB, many).await), Code::TooLarge);
    assert_eq!(code(does(&world, &alice, BOB, put("B\u{202e}\u{7}")).await), Code::BadRequest);
}

#[tokio::test(start_paused = true)]
async fn a_list_comes_in_pages_that_join_to_all_of_it() {
    let (world, alice, ..) = people().await;
    for number in 0..200 {
        world.engine.admin_add_account(at(&format!("u{number}@localhost")), None).await.expect("added");
        let name = "n".repeat(200);
        let labels = (0..16).map(|label| format!("{label:0100}")).collect();
        let put = Deed::Put { name, labels };
        does(&world, &alice, &format!("u{number}@localhost"), put).await.expect("listed");
    }
    let all = list(&world, &alice, 500).await;
    assert_eq!(all.len(), 200);
    assert_eq!(all, list(&world, &alice, 7).await);
    let first = world.engine.execute(&alice, Command::ListContacts { after: None, limit: 500 }).await.expect("lists");
    let Reply::Contacts { views, next } = first else { panic!("no list") };
    assert!(next.is_some() && views.len() < 200, "a page with much in it ends earlier: {}", views.len());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_their_own_contact_and_strangers_and_nobodies_have_none() {
    let (world, alice, ..) = people().await;
    assert_eq!(code(does(&world, &alice, ALICE, request()).await), Code::BadRequest);
    assert_eq!(code(does(&world, &alice, "nobody@localhost", request()).await), Code::NotFound);
    assert_eq!(code(does(&world, &nobody(), BOB, request()).await), Code::Unauthenticated);
    let (guest, ..) = world.join("Gast").await;
    assert_eq!(code(does(&world, &guest, BOB, request()).await), Code::Forbidden);
    let list = Command::ListContacts { after: None, limit: 0 };
    assert_eq!(code(world.engine.execute(&guest, list).await), Code::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn requests_and_changes_of_contacts_are_limited() {
    let rates =
        Rates { contact_requests: Rate::per_second(2, 1), contact_changes: Rate::per_second(3, 1), ..Rates::UNLIMITED };
    let world = world(Settings { scram_iterations: 8, rates, ..Settings::default() });
    let alice = caller(&world.by_password(ALICE).await);
    world.by_password(BOB).await;
    for _ in 0..2 {
        does(&world, &alice, BOB, request()).await.expect("within the burst");
    }
    assert_eq!(code(does(&world, &alice, BOB, request()).await), Code::RateLimited);
    for _ in 0..3 {
        does(&world, &alice, BOB, Deed::Block).await.expect("within its own burst");
    }
    assert_eq!(code(does(&world, &alice, BOB, Deed::Unblock).await), Code::RateLimited);
}
