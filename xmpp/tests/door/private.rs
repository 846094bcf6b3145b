//! What clients keep on the server, and cards: XEP-0049, XEP-0048, XEP-0054.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_domain::{Audience, Deed, PrivacyChange};
use belfry_engine::{Command, ProfileWish, Reply};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::world::{Client, World, address};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and more";

fn condition(answer: &Element) -> String {
    let error = answer.find(ns::CLIENT, "error").unwrap_or_else(|| panic!("no error: {}", answer.to_text()));
    error.elements().next().expect("a condition").name.to_string()
}

async fn kept(client: &mut Client, element: &str) -> String {
    let answer = client.ask("get", "", &format!("<query xmlns='jabber:iq:private'>{element}</query>")).await;
    let query = answer.find(ns::PRIVATE, "query").unwrap_or_else(|| panic!("refused: {}", answer.to_text()));
    query.elements().next().expect("an element").to_text()
}

#[tokio::test(start_paused = true)]
async fn what_a_client_keeps_is_there_for_the_accounts_other_clients_and_for_nobody_else() {
    let world = World::new().await;
    let mut desk = world.bound("alice", "desk").await;
    let mut phone = world.bound("alice", "phone").await;
    let mut bob = world.bound("bob", "phone").await;
    let bare = "<storage xmlns='storage:bookmarks'/>";
    assert_eq!(kept(&mut desk, bare).await, bare);
    let bookmarks = "<storage xmlns='storage:bookmarks'><conference jid='a@rooms.example' autojoin='true'>\
                     <nick>al</nick></conference></storage>";
    let set = format!("<query xmlns='jabber:iq:private'>{bookmarks}</query>");
    assert_eq!(desk.ask("set", "", &set).await.get("type"), Some("result"));
    assert_eq!(kept(&mut phone, bare).await, bookmarks);
    assert_eq!(kept(&mut bob, bare).await, bare);
    assert_eq!(kept(&mut phone, "<other xmlns='storage:bookmarks'/>").await, "<other xmlns='storage:bookmarks'/>");
    phone.ask("set", "", &format!("<query xmlns='jabber:iq:private'>{bare}</query>")).await;
    assert_eq!(kept(&mut desk, bare).await, bare);
    for (of, payload, expected) in [
        ("", "<query xmlns='jabber:iq:private'/>".to_owned(), "not-acceptable"),
        ("", "<query xmlns='jabber:iq:private'><x/></query>".to_owned(), "bad-request"),
        ("bob@localhost", set.clone(), "service-unavailable"),
        ("nobody@localhost", set.clone(), "service-unavailable"),
        (
            "",
            format!("<query xmlns='jabber:iq:private'><s xmlns='x:y'>{}</s></query>", "x".repeat(70_000)),
            "policy-violation",
        ),
    ] {
        assert_eq!(condition(&desk.ask("set", of, &payload).await), expected, "{of}");
    }
}

fn card(answer: &Element) -> &Element {
    answer.find(ns::VCARD, "vCard").unwrap_or_else(|| panic!("no card: {}", answer.to_text()))
}

fn text(card: &Element, name: &str) -> Option<String> {
    card.find(ns::VCARD, name).map(Element::own_text)
}

const GET: &str = "<vCard xmlns='vcard-temp'/>";

fn alices_card() -> String {
    format!(
        "<vCard xmlns='vcard-temp'><FN>Alice Liddell</FN><NICKNAME>al</NICKNAME><DESC>curious</DESC>\
         <TEL><CELL/><NUMBER>+491511234</NUMBER></TEL><ORG><ORGNAME>Wonderland</ORGNAME></ORG>\
         <PHOTO><TYPE>image/png</TYPE><BINVAL>{}</BINVAL></PHOTO></vCard>",
        STANDARD.encode(PNG)
    )
}

#[tokio::test(start_paused = true)]
async fn a_card_is_the_profile_for_all_doors_and_what_else_is_on_it_is_kept() {
    let world = World::new().await;
    let native = world.native("alice").await;
    let mut alice = world.bound("alice", "desk").await;
    assert_eq!(text(card(&alice.ask("get", "", GET).await), "FN").as_deref(), Some("alice"));
    let answer = alice.ask("set", "", &alices_card()).await;
    assert_eq!(answer.get("type"), Some("result"), "{}", answer.to_text());
    let profile = match world.engine.execute(&native, Command::GetProfile { address: None }).await {
        Ok(Reply::Profile(profile)) => profile,
        other => panic!("no profile: {other:?}"),
    };
    assert_eq!((&*profile.display_name, &*profile.about), ("Alice Liddell", "curious"));
    let picture = profile.picture.expect("a picture");
    match world.engine.execute(&native, Command::GetPicture { address: None, picture }).await {
        Ok(Reply::Picture(picture)) => assert_eq!((&*picture.mime, &*picture.data), ("image/png", PNG)),
        other => panic!("no picture: {other:?}"),
    }
    let before = world.entries(&native).await.len();
    let answer = alice.ask("get", "alice@localhost", GET).await;
    let own = card(&answer);
    assert_eq!((text(own, "FN"), text(own, "NICKNAME")), (Some("Alice Liddell".into()), Some("al".into())));
    assert_eq!(text(own, "DESC").as_deref(), Some("curious"));
    let photo = own.find(ns::VCARD, "PHOTO").expect("a photo");
    assert_eq!(text(photo, "BINVAL"), Some(STANDARD.encode(PNG)));
    assert!(own.find(ns::VCARD, "ORG").is_some() && own.find(ns::VCARD, "TEL").is_some());
    alice.ask("set", "", &own.to_text()).await;
    assert_eq!(world.entries(&native).await.len(), before, "the same again changes nothing");
    let wish = ProfileWish { display_name: Some("Queen".into()), ..ProfileWish::default() };
    world.engine.execute(&native, Command::SetProfile(wish)).await.expect("changed");
    let answer = alice.ask("get", "", GET).await;
    let own = card(&answer);
    assert_eq!((text(own, "FN"), text(own, "NICKNAME")), (Some("Queen".into()), Some("Queen".into())));
    let text_as_picture = format!(
        "<vCard xmlns='vcard-temp'><FN>x</FN><PHOTO><TYPE>image/gif</TYPE><BINVAL>{}</BINVAL></PHOTO></vCard>",
        STANDARD.encode(b"GIF89a")
    );
    assert_eq!(condition(&alice.ask("set", "", &text_as_picture).await), "bad-request");
    assert_eq!(text(card(&alice.ask("get", "", GET).await), "FN").as_deref(), Some("Queen"), "nothing was changed");
}

#[tokio::test(start_paused = true)]
async fn of_others_cards_is_seen_what_they_let_one_see_and_strangers_see_no_more_than_of_nobody() {
    let world = World::new().await;
    let native = world.native("alice").await;
    let mut alice = world.bound("alice", "desk").await;
    alice.ask("set", "", &alices_card()).await;
    let mut bob = world.bound("bob", "phone").await;
    let stranger = bob.ask("get", "alice@localhost", GET).await;
    let nobody = bob.ask("get", "nobody@localhost", GET).await;
    assert_eq!(condition(&stranger), condition(&nobody));
    let lists = Deed::Put { name: "Bob".into(), labels: Vec::new() };
    let deed = |deed| Command::ChangeContact { with: address("bob"), deed };
    world.engine.execute(&native, deed(lists)).await.expect("done");
    let seen = bob.ask("get", "alice@localhost", GET).await;
    for name in ["FN", "DESC", "PHOTO", "ORG", "TEL"] {
        assert!(card(&seen).find(ns::VCARD, name).is_some(), "{name}");
    }
    let change = PrivacyChange {
        picture: Some(Audience::Nobody),
        found_by_phone: Some(Audience::Nobody),
        ..PrivacyChange::default()
    };
    world.engine.execute(&native, Command::SetPrivacy(change)).await.expect("done");
    let seen = bob.ask("get", "alice@localhost", GET).await;
    for (name, there) in [("FN", true), ("DESC", true), ("ORG", true), ("PHOTO", false), ("TEL", false)] {
        assert_eq!(card(&seen).find(ns::VCARD, name).is_some(), there, "{name}");
    }
    let change = PrivacyChange { about: Some(Audience::Nobody), ..PrivacyChange::default() };
    world.engine.execute(&native, Command::SetPrivacy(change)).await.expect("done");
    let seen = bob.ask("get", "alice@localhost", GET).await;
    let parts: Vec<_> = card(&seen).elements().map(|part| part.name.to_string()).collect();
    assert_eq!(parts, ["FN", "NICKNAME"]);
    world.engine.execute(&native, deed(Deed::Block)).await.expect("done");
    let blocked = bob.ask("get", "alice@localhost", GET).await;
    assert_eq!(condition(&blocked), condition(&nobody));
    assert_eq!(condition(&bob.ask("set", "alice@localhost", GET).await), "service-unavailable");
}
