//! The archive: every message once, in order, page by page, from either end, by conversation and by time.

use belfry_domain::Content;
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::world::{Client, World};

/// A page: the texts, the ids of the first and the last, whether it is complete.
struct Page {
    texts: Vec<String>,
    first: String,
    last: String,
    complete: bool,
}

async fn query(client: &mut Client, fields: &[(&str, &str)], set: &str) -> Result<Page, Element> {
    let fields: String =
        fields.iter().map(|(name, value)| format!("<field var='{name}'><value>{value}</value></field>")).collect();
    client
        .send(&format!(
            "<iq type='set' id='q1'><query xmlns='urn:xmpp:mam:2' queryid='f'><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>{fields}</x>\
             <set xmlns='http://jabber.org/protocol/rsm'>{set}</set></query></iq>"
        ))
        .await;
    let mut texts = Vec::new();
    loop {
        let stanza = client.next().await;
        if &*stanza.name == "iq" {
            let Some(fin) = stanza.find(ns::ARCHIVE, "fin") else { return Err(stanza) };
            let set = fin.find(ns::RESULT_SET, "set").expect("a set");
            let part = |name: &str| set.find(ns::RESULT_SET, name).map(Element::own_text).unwrap_or_default();
            let complete = fin.get("complete") == Some("true");
            return Ok(Page { texts, first: part("first"), last: part("last"), complete });
        }
        let result = stanza.find(ns::ARCHIVE, "result").expect("a result");
        assert_eq!(result.get("queryid"), Some("f"));
        let forwarded = result.find(ns::FORWARD, "forwarded").expect("wrapped");
        assert!(forwarded.find(ns::DELAY, "delay").is_some());
        let message = forwarded.find(ns::CLIENT, "message").expect("a message");
        texts.push(message.find(ns::CLIENT, "body").map_or_else(String::new, Element::own_text));
    }
}

async fn page(client: &mut Client, fields: &[(&str, &str)], set: &str) -> Page {
    query(client, fields, set).await.unwrap_or_else(|error| panic!("refused: {}", error.to_text()))
}

/// 130 messages between alice and bob, one each second, and between them some of alice to herself.
async fn written(world: &World) -> (Client, Vec<String>) {
    let bob = world.native("bob").await;
    let own = world.native("alice").await;
    let mut texts = Vec::new();
    for n in 0..130 {
        world.clock.advance_ms(1_000);
        let text = format!("text {n}");
        world.says(&bob, "alice", &format!("b{n}"), Content::text(&*text)).await;
        if n % 10 == 0 {
            world.says(&own, "alice", &format!("o{n}"), Content::text(format!("note {n}"))).await;
            texts.push(text);
            texts.push(format!("note {n}"));
        } else {
            texts.push(text);
        }
    }
    (world.bound("alice", "desk").await, texts)
}

#[tokio::test(start_paused = true)]
async fn the_whole_archive_is_paged_forwards_and_backwards_without_loss_or_doubles() {
    let world = World::new().await;
    let (mut alice, texts) = written(&world).await;
    let (mut forwards, mut place) = (Vec::new(), String::new());
    loop {
        let page = page(&mut alice, &[], &format!("<max>17</max>{place}")).await;
        assert!(page.texts.len() <= 17 && (page.complete || page.texts.len() == 17));
        place = format!("<after>{}</after>", page.last);
        forwards.extend(page.texts);
        if page.complete {
            break;
        }
    }
    assert_eq!(forwards, texts);
    let (mut backwards, mut place) = (Vec::new(), "<before/>".to_owned());
    loop {
        let page = page(&mut alice, &[], &format!("<max>23</max>{place}")).await;
        place = format!("<before>{}</before>", page.first);
        backwards.splice(0..0, page.texts);
        if page.complete {
            break;
        }
    }
    assert_eq!(backwards, texts);
    assert_eq!(page(&mut alice, &[], "<max>1000</max>").await.texts.len(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_conversation_is_paged_by_itself_from_either_end() {
    let world = World::new().await;
    let (mut alice, texts) = written(&world).await;
    let with_bob: Vec<&String> = texts.iter().filter(|text| text.starts_with("text")).collect();
    let with = [("with", "bob@localhost/whatever")];
    let (mut forwards, mut place) = (Vec::new(), String::new());
    loop {
        let page = page(&mut alice, &with, &format!("<max>19</max>{place}")).await;
        place = format!("<after>{}</after>", page.last);
        forwards.extend(page.texts);
        if page.complete {
            break;
        }
    }
    assert_eq!(forwards.iter().collect::<Vec<_>>(), with_bob);
    let last = page(&mut alice, &with, "<max>3</max><before/>").await;
    assert_eq!(last.texts, ["text 127", "text 128", "text 129"]);
    let before = page(&mut alice, &with, &format!("<max>2</max><before>{}</before>", last.first)).await;
    assert_eq!((before.texts, before.complete), (vec!["text 125".to_owned(), "text 126".to_owned()], false));
    let notes = page(&mut alice, &[("with", "alice@localhost")], "").await;
    assert_eq!((notes.texts.len(), notes.complete), (13, true));
}

#[tokio::test(start_paused = true)]
async fn times_bound_a_page_on_both_sides() {
    let world = World::new().await;
    let (mut alice, _) = written(&world).await;
    let bounds = [("start", "2027-01-15T08:00:12Z"), ("end", "2027-01-15T08:00:15Z")];
    for with in [None, Some(("with", "bob@localhost"))] {
        let fields: Vec<(&str, &str)> = bounds.iter().copied().chain(with).collect();
        for set in ["", "<before/>", "<max>50</max>"] {
            let page = page(&mut alice, &fields, set).await;
            let texts: Vec<&str> =
                page.texts.iter().map(String::as_str).filter(|text| text.starts_with("text")).collect();
            assert_eq!(texts, ["text 11", "text 12", "text 13", "text 14"], "{set} {with:?}");
            assert!(page.complete);
        }
    }
    let later = page(&mut alice, &[("start", "2030-01-01T00:00:00Z")], "").await;
    assert!(later.texts.is_empty() && later.complete);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_wrongly_or_of_strangers_tells_nothing() {
    let world = World::new().await;
    let (mut alice, _) = written(&world).await;
    let mine = page(&mut alice, &[], "<max>1</max>").await.first;
    for (fields, set, condition) in [
        (vec![("with", "@")], String::new(), "jid-malformed"),
        (vec![("start", "yesterday")], String::new(), "bad-request"),
        (vec![("colour", "blue")], String::new(), "feature-not-implemented"),
        (vec![], "<max>many</max>".to_owned(), "bad-request"),
        (vec![], "<after>1</after>".to_owned(), "item-not-found"),
        (vec![], format!("<after>{}</after>", mine.replace('1', "2")), "item-not-found"),
    ] {
        let error = query(&mut alice, &fields, &set).await.err().expect("refused");
        let why = error.find(ns::CLIENT, "error").expect("why");
        assert!(why.find(ns::STANZA_ERRORS, condition).is_some(), "{}", error.to_text());
    }
    let nobody = page(&mut alice, &[("with", "nobody@localhost")], "").await;
    assert!(nobody.texts.is_empty() && nobody.complete);
    // An id of alice's is nothing to somebody who has no part in it.
    world
        .engine
        .admin_add_account(
            crate::world::address("eve"),
            Some(belfry_domain::Secret::new(crate::world::PASSWORD.to_owned())),
        )
        .await
        .expect("an account");
    let mut eve = world.bound("eve", "x").await;
    let error = query(&mut eve, &[], &format!("<after>{mine}</after>")).await.err().expect("refused");
    assert!(error.find(ns::CLIENT, "error").expect("why").find(ns::STANZA_ERRORS, "item-not-found").is_some());
    assert!(page(&mut eve, &[], "").await.texts.is_empty());
}
