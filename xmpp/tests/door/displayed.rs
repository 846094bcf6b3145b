//! How far the account has read, between its clients of all doors.

use belfry_domain::Content;
use belfry_engine::{Caller, Command, Reply};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::world::{Client, World};

/// What a client with this software says of itself, and its hash.
const WANTS: (&str, &str) = (
    "<identity category='client' type='pc' name='Test'/><feature var='http://jabber.org/protocol/disco#info'/>\
     <feature var='urn:xmpp:mds:displayed:0+notify'/>",
    "2m1572RNc1FrU6GSvBGC4Tvjs0U=",
);

/// A client that announces that it wants to be told how far the account has read; whether it is asked what it means.
async fn announced(world: &World, resource: &str) -> (Client, bool) {
    let mut client = world.bound("alice", resource).await;
    client
        .send(&format!(
            "<presence><c xmlns='{}' hash='sha-1' node='https://test.example' ver='{}'/></presence>",
            ns::CAPS,
            WANTS.1
        ))
        .await;
    let mut asked = false;
    for _ in 0..2 {
        let stanza = client.next().await;
        if let Some(query) = stanza.find(ns::DISCO_INFO, "query") {
            asked = true;
            let node = format!("https://test.example#{}", WANTS.1);
            assert_eq!(query.get("node"), Some(&*node));
            let id = stanza.get("id").expect("an id");
            client
                .send(&format!(
                    "<iq type='result' id='{id}'><query xmlns='{}' node='{node}'>{}</query></iq>",
                    ns::DISCO_INFO,
                    WANTS.0
                ))
                .await;
        } else {
            assert_eq!(&*stanza.name, "presence");
            if !asked && world_knows(&mut client).await {
                break;
            }
        }
    }
    (client, asked)
}

/// Whether nothing more is asked of the client: the answer to a ping is the next thing.
async fn world_knows(client: &mut Client) -> bool {
    client.hears_nothing().await;
    true
}

/// The peer and the id of the message in a notification.
fn event(stanza: &Element) -> (String, String) {
    assert_eq!(stanza.get("type"), Some("headline"), "{}", stanza.to_text());
    let items = stanza.find(ns::PUBSUB_EVENT, "event").and_then(|event| event.find(ns::PUBSUB_EVENT, "items"));
    let items = items.unwrap_or_else(|| panic!("no event: {}", stanza.to_text()));
    assert_eq!(items.get("node"), Some(ns::DISPLAYED));
    item(items.find(ns::PUBSUB_EVENT, "item").expect("an item"))
}

fn item(item: &Element) -> (String, String) {
    let displayed = item.find(ns::DISPLAYED, "displayed").expect("a mark");
    let id = displayed.find(ns::STANZA_ID, "stanza-id").expect("an id");
    (item.get("id").expect("a peer").to_owned(), id.get("id").expect("an id").to_owned())
}

/// The items of the node.
async fn items(client: &mut Client) -> Vec<(String, String)> {
    let asked = format!("<pubsub xmlns='{}'><items node='{}'/></pubsub>", ns::PUBSUB, ns::DISPLAYED);
    let answer = client.ask("get", "", &asked).await;
    let items = answer.find(ns::PUBSUB, "pubsub").and_then(|pubsub| pubsub.find(ns::PUBSUB, "items"));
    items.unwrap_or_else(|| panic!("no items: {}", answer.to_text())).elements().map(item).collect()
}

fn publish(peer: &str, id: &str, access: &str) -> String {
    format!(
        "<pubsub xmlns='{}'><publish node='{node}'><item id='{peer}'><displayed xmlns='{node}'>\
         <stanza-id xmlns='{}' by='alice@localhost' id='{id}'/></displayed></item></publish>\
         <publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
         <field var='pubsub#max_items'><value>max</value></field>\
         <field var='pubsub#access_model'><value>{access}</value></field></x></publish-options></pubsub>",
        ns::PUBSUB,
        ns::STANZA_ID,
        node = ns::DISPLAYED,
    )
}

/// How many messages of bob's alice's native device shows as unread.
async fn badge(world: &World, alice: &Caller) -> u32 {
    match world.engine.execute(alice, Command::ListConversations { after: None, limit: 0 }).await {
        Ok(Reply::Conversations { views, .. }) => views[0].unread,
        other => panic!("no list: {other:?}"),
    }
}

fn condition(answer: &Element) -> String {
    let error = answer.find(ns::CLIENT, "error").unwrap_or_else(|| panic!("no error: {}", answer.to_text()));
    error.elements().next().expect("a condition").name.to_string()
}

#[tokio::test(start_paused = true)]
async fn what_one_client_has_displayed_clears_the_badge_and_is_told_to_the_other_but_not_to_the_peer() {
    let world = World::new().await;
    let (bob, native) = (world.native("bob").await, world.native("alice").await);
    let (mut desk, asked) = announced(&world, "desk").await;
    assert!(asked);
    let mut phone = world.available("alice", "phone").await;
    for n in 0..3 {
        world.says(&bob, "alice", &format!("b{n}"), Content::text(format!("{n}"))).await;
    }
    let mut ids = Vec::new();
    for _ in 0..3 {
        let said = phone.next().await;
        ids.push(said.find(ns::STANZA_ID, "stanza-id").and_then(|id| id.get("id")).expect("an id").to_owned());
        desk.hears().await;
    }
    assert_eq!(badge(&world, &native).await, 3);
    let before = world.read(&bob).await.1;
    let answer = phone.ask("set", "", &publish("bob@localhost", &ids[1], "whitelist")).await;
    assert_eq!(answer.get("type"), Some("result"), "{}", answer.to_text());
    assert_eq!(event(&desk.next().await), ("bob@localhost".to_owned(), ids[1].clone()));
    assert_eq!(badge(&world, &native).await, 1);
    assert_eq!(items(&mut desk).await, [("bob@localhost".to_owned(), ids[1].clone())]);
    let read = |receipt: Option<(u64, u64)>| receipt.map_or(0, |(_, read)| read);
    assert_eq!(read(world.read(&bob).await.1), read(before), "bob is told nothing");
    // It only goes forward.
    phone.ask("set", "", &publish("bob@localhost", &ids[0], "whitelist")).await;
    desk.hears_nothing().await;
    assert_eq!(items(&mut desk).await, [("bob@localhost".to_owned(), ids[1].clone())]);
}

#[tokio::test(start_paused = true)]
async fn what_is_read_in_the_web_is_told_as_an_event_and_as_a_carbon_to_each_as_it_wants() {
    let world = World::new().await;
    let (bob, native) = (world.native("bob").await, world.native("alice").await);
    let (mut desk, _) = announced(&world, "desk").await;
    let mut phone = world.bound("alice", "phone").await;
    phone.ask("set", "", &format!("<enable xmlns='{}'/>", ns::CARBONS)).await;
    phone.send("<presence/>").await;
    phone.hears_about_itself().await;
    let sent = world.says(&bob, "alice", "b0", Content::text("hello")).await;
    let said = phone.next().await;
    desk.hears().await;
    let conversation = sent.id.conversation;
    let read = Command::MarkRead { conversation, read: sent.id.cseq };
    world.engine.execute(&native, read).await.expect("marked");
    let archived = said.find(ns::STANZA_ID, "stanza-id").and_then(|id| id.get("id")).expect("an id");
    assert_eq!(event(&desk.next().await).1, archived);
    let carbon = phone.next().await;
    let sent = carbon.find(ns::CARBONS, "sent").and_then(|sent| sent.find(ns::FORWARD, "forwarded"));
    let marker = sent.and_then(|sent| sent.find(ns::CLIENT, "message")).expect("a wrapped message");
    assert_eq!((marker.get("from"), marker.get("to")), (Some("alice@localhost"), Some("bob@localhost")));
    let displayed = marker.find(ns::MARKERS, "displayed").expect("a marker");
    assert_eq!(displayed.get("id"), said.get("id"));
    // A marker of its own does not come back as a carbon.
    world.says(&bob, "alice", "b1", Content::text("again")).await;
    let said = phone.next().await;
    let id = said.get("id").expect("an id");
    phone
        .send(&format!(
            "<message to='bob@localhost' type='chat'><displayed xmlns='{}' id='{id}'/></message>",
            ns::MARKERS
        ))
        .await;
    phone.hears_nothing().await;
    assert_eq!(badge(&world, &native).await, 0);
    assert_eq!(world.read(&bob).await.1, Some((2, 2)), "a marker is told to the peer");
}

#[tokio::test(start_paused = true)]
async fn a_hash_that_was_proved_once_is_not_asked_again_and_a_marker_may_carry_the_mark() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let (mut desk, asked) = announced(&world, "desk").await;
    let (mut phone, again) = announced(&world, "phone").await;
    assert!(asked && !again);
    world.says(&bob, "alice", "b0", Content::text("hello")).await;
    let said = phone.next().await;
    desk.hears().await;
    let archived = said.find(ns::STANZA_ID, "stanza-id").and_then(|id| id.get("id")).expect("an id").to_owned();
    phone
        .send(&format!(
            "<message to='bob@localhost' type='chat'><body>yes</body><displayed xmlns='{}'>\
             <stanza-id xmlns='{}' by='alice@localhost' id='{archived}'/></displayed></message>",
            ns::DISPLAYED,
            ns::STANZA_ID
        ))
        .await;
    assert_eq!(event(&desk.next().await).1, archived);
    let told = world.entries(&bob).await;
    let answer = told.iter().find_map(|entry| match &entry.item {
        belfry_domain::Item::Message(said) if said.content.text == "yes" => Some(said.clone()),
        _ => None,
    });
    let answer = answer.expect("it went on");
    assert!(answer.content.extensions.iter().all(|one| one.namespace != ns::DISPLAYED), "the mark is nobody else's");
}

#[tokio::test(start_paused = true)]
async fn of_pubsub_nothing_else_is_there_and_each_refusal_says_what() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let mut alice = world.available("alice", "desk").await;
    world.says(&bob, "alice", "b0", Content::text("hello")).await;
    let said = alice.next().await;
    let id = said.find(ns::STANZA_ID, "stanza-id").and_then(|id| id.get("id")).expect("an id").to_owned();
    for (kind, payload, expected) in [
        ("get", "<items node='urn:xmpp:bookmarks:1'/>", "item-not-found"),
        ("set", "<publish node='urn:xmpp:avatar:data'><item/></publish>", "feature-not-implemented"),
        ("set", "<create node='x'/>", "feature-not-implemented"),
        ("set", "<retract node='urn:xmpp:mds:displayed:0'><item id='a@b'/></retract>", "feature-not-implemented"),
        ("get", "", "bad-request"),
    ] {
        let answer = alice.ask(kind, "", &format!("<pubsub xmlns='{}'>{payload}</pubsub>", ns::PUBSUB)).await;
        assert_eq!(condition(&answer), expected, "{payload}");
    }
    for (peer, id, access, expected) in [
        ("bob@localhost", &*id, "open", "conflict"),
        ("bob@localhost", "1", "whitelist", "item-not-found"),
        ("nobody@localhost", &*id, "whitelist", "item-not-found"),
        ("alice@localhost", &*id, "whitelist", "item-not-found"),
        ("@", &*id, "whitelist", "jid-malformed"),
    ] {
        let answer = alice.ask("set", "", &publish(peer, id, access)).await;
        assert_eq!(condition(&answer), expected, "{peer} {id} {access}");
    }
    assert!(items(&mut alice).await.is_empty());
    let asked = format!("<pubsub xmlns='{}'><items node='{}'/></pubsub>", ns::PUBSUB, ns::DISPLAYED);
    let of_bob = alice.ask("get", "bob@localhost", &asked).await;
    let of_nobody = alice.ask("get", "nobody@localhost", &asked).await;
    assert_eq!(condition(&of_bob), condition(&of_nobody));
}
