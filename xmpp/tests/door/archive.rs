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
    let (mut forwards, mut place) = (Vec::new(), "<after/>".to_owned()); // nothing: from the beginning
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
async fn pages_miss_nothing_and_repeat_nothing_while_messages_arrive() {
    let world = World::new().await;
    let (mut alice, mut texts) = written(&world).await;
    let bob = world.native("bob").await;
    let (mut forwards, mut place, mut late) = (Vec::new(), String::new(), 0);
    loop {
        let page = page(&mut alice, &[], &format!("<max>31</max>{place}")).await;
        place = format!("<after>{}</after>", page.last);
        forwards.extend(page.texts);
        if page.complete {
            break;
        }
        if late < 3 {
            world.clock.advance_ms(1_000);
            let text = format!("late {late}");
            world.says(&bob, "alice", &format!("l{late}"), Content::text(&*text)).await;
            texts.push(text);
            late += 1;
        }
    }
    assert_eq!(forwards, texts);
    let (mut backwards, mut place) = (Vec::new(), "<before/>".to_owned());
    loop {
        let page = page(&mut alice, &[], &format!("<max>29</max>{place}")).await;
        place = format!("<before>{}</before>", page.first);
        backwards.splice(0..0, page.texts);
        world.clock.advance_ms(1_000);
        world.says(&bob, "alice", &format!("m{}", backwards.len()), Content::text("behind the page")).await;
        if page.complete {
            break;
        }
    }
    assert_eq!(backwards, texts);
}

#[tokio::test(start_paused = true)]
async fn messages_are_asked_for_by_their_ids_and_between_two_of_them_and_from_the_back() {
    let world = World::new().await;
    let (mut alice, texts) = written(&world).await;
    let all = page(&mut alice, &[], "<max>5</max>").await;
    assert_eq!(all.texts, texts[..5]);
    for with in [None, Some(("with", "bob@localhost"))] {
        let fields: Vec<(&str, &str)> =
            [("after-id", &*all.first), ("before-id", &*all.last)].into_iter().chain(with).collect();
        for set in ["", "<before/>"] {
            let between = page(&mut alice, &fields, set).await;
            let notes = if with.is_none() { 1 } else { 0 };
            assert_eq!(between.texts.len(), 2 + notes, "{:?}", between.texts);
            assert!(between.complete && between.texts.ends_with(&[texts[2].clone(), texts[3].clone()]));
        }
    }
    let two = page(&mut alice, &[("ids", &*all.last)], "").await;
    assert_eq!((two.texts, two.complete), (vec![texts[4].clone()], true));
    alice
        .send(&format!(
            "<iq type='set' id='q1'><query xmlns='urn:xmpp:mam:2' queryid='f'><x xmlns='jabber:x:data' type='submit'>\
             <field var='ids'><value>{}</value><value>{}</value></field></x><flip-page/></query></iq>",
            all.first, all.last
        ))
        .await;
    for expected in [&texts[4], &texts[0]] {
        let stanza = alice.next().await;
        let message = stanza.find(ns::ARCHIVE, "result").and_then(|result| result.find(ns::FORWARD, "forwarded"));
        let message = message.and_then(|forwarded| forwarded.find(ns::CLIENT, "message")).expect("a message");
        assert_eq!(message.find(ns::CLIENT, "body").expect("a text").own_text(), *expected);
    }
    assert!(alice.next().await.find(ns::ARCHIVE, "fin").is_some());
    for (name, id) in [("ids", "1"), ("after-id", "1"), ("before-id", "nothing")] {
        let error = query(&mut alice, &[(name, id)], "").await.err().expect("refused");
        assert!(error.find(ns::CLIENT, "error").expect("why").find(ns::STANZA_ERRORS, "item-not-found").is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn the_archive_says_where_it_begins_and_ends_what_it_can_be_asked_and_that_it_keeps_all() {
    let world = World::new().await;
    let mut empty = world.bound("bob", "desk").await;
    let metadata = empty.ask("get", "", "<metadata xmlns='urn:xmpp:mam:2'/>").await;
    assert!(metadata.find(ns::ARCHIVE, "metadata").expect("an answer").elements().next().is_none());
    let (mut alice, _) = written(&world).await;
    let first = page(&mut alice, &[], "<max>1</max>").await.first;
    let last = page(&mut alice, &[], "<max>1</max><before/>").await.first;
    let metadata = alice.ask("get", "", "<metadata xmlns='urn:xmpp:mam:2'/>").await;
    let metadata = metadata.find(ns::ARCHIVE, "metadata").expect("an answer");
    let end = |name: &str| {
        let end = metadata.find(ns::ARCHIVE, name).expect("an end");
        (end.get("id").map(str::to_owned), end.get("timestamp").map(str::to_owned))
    };
    assert_eq!(end("start"), (Some(first), Some("2027-01-15T08:00:01.000Z".to_owned())));
    assert_eq!(end("end").0, Some(last));
    let form = alice.ask("get", "", "<query xmlns='urn:xmpp:mam:2'/>").await;
    let form = form.find(ns::ARCHIVE, "query").and_then(|query| query.find(ns::DATA, "x")).expect("a form");
    let fields: Vec<&str> = form.elements().filter_map(|field| field.get("var")).collect();
    for name in ["FORM_TYPE", "with", "start", "end", "before-id", "after-id", "ids"] {
        assert!(fields.contains(&name), "{fields:?}");
    }
    for (asked, holds) in [
        (
            "<prefs xmlns='urn:xmpp:mam:2' default='always'><always><jid>bob@localhost</jid></always><never/></prefs>",
            true,
        ),
        ("<prefs xmlns='urn:xmpp:mam:2' default='roster'/>", false),
        ("<prefs xmlns='urn:xmpp:mam:2' default='always'><never><jid>bob@localhost</jid></never></prefs>", false),
    ] {
        let answer = alice.ask("set", "", asked).await;
        assert_eq!(answer.get("type"), Some(if holds { "result" } else { "error" }), "{asked}");
    }
    let held = alice.ask("get", "", "<prefs xmlns='urn:xmpp:mam:2'/>").await;
    let held = held.find(ns::ARCHIVE, "prefs").expect("preferences");
    assert_eq!((held.get("default"), held.elements().count()), (Some("always"), 2));
}

#[tokio::test(start_paused = true)]
async fn reactions_stand_behind_their_message_and_count_as_results() {
    let world = World::new().await;
    let (bob, own) = (world.native("bob").await, world.native("alice").await);
    let mut sent = Vec::new();
    for n in 0..3 {
        world.clock.advance_ms(1_000);
        sent.push(world.says(&bob, "alice", &format!("b{n}"), Content::text(format!("text {n}"))).await.id);
    }
    for (by, id, emoji) in [(&own, sent[1], "👍"), (&bob, sent[1], "🎉")] {
        let change = belfry_domain::ports::Change::React(emoji.to_owned());
        world.engine.execute(by, belfry_engine::Command::Amend { id, change }).await.expect("reacted");
    }
    let recall = belfry_engine::Command::Amend { id: sent[2], change: belfry_domain::ports::Change::Recall };
    world.engine.execute(&bob, recall).await.expect("recalled");
    let mut alice = world.bound("alice", "desk").await;
    for with in [vec![], vec![("with", "bob@localhost")]] {
        let fields: String =
            with.iter().map(|(name, value)| format!("<field var='{name}'><value>{value}</value></field>")).collect();
        alice
            .send(&format!(
                "<iq type='set' id='q1'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>{fields}</x>\
                 </query></iq>"
            ))
            .await;
        let (mut kinds, mut reactions) = (Vec::new(), Vec::new());
        loop {
            let stanza = alice.next().await;
            let Some(result) = stanza.find(ns::ARCHIVE, "result") else { break };
            let message = result.find(ns::FORWARD, "forwarded").and_then(|inner| inner.find(ns::CLIENT, "message"));
            let message = message.expect("a message");
            if let Some(said) = message.find(ns::REACTIONS, "reactions") {
                let emoji = said.find(ns::REACTIONS, "reaction").expect("one").own_text();
                reactions.push((message.get("from").expect("by somebody").to_owned(), emoji));
                kinds.push("reaction");
            } else if message.find(ns::RETRACT, "retracted").is_some() {
                kinds.push("retracted");
            } else {
                kinds.push("message");
            }
        }
        assert_eq!(kinds, ["message", "message", "reaction", "reaction", "retracted"], "{with:?}");
        reactions.sort();
        let both = [("alice@localhost", "👍"), ("bob@localhost", "🎉")];
        assert_eq!(reactions, both.map(|(by, emoji)| (by.to_owned(), emoji.to_owned())));
        let page = page(&mut alice, &with, "<max>3</max>").await;
        assert_eq!((page.texts.len(), page.complete), (1, false), "a message with two reactions would be one too many");
        let next = self::page(&mut alice, &with, &format!("<max>3</max><after>{}</after>", page.last)).await;
        assert_eq!(next.texts.len(), 3);
        // A client that remembers the id of a reaction goes on behind its message.
        let rest = self::page(&mut alice, &with, &format!("<after>{}.1</after>", next.last)).await;
        assert_eq!((rest.texts.len(), rest.complete), (1, true));
    }
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
