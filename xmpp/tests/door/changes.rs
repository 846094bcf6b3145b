//! What becomes of messages, through both doors: typing, receipts, marks, edits, recalls, reactions, replies.

use belfry_domain::ports::Change;
use belfry_domain::{Content, Item};
use belfry_engine::{Command, Rate, Reply};
use belfry_xmpp::ns;

use crate::world::{Client, World, address};

/// Two XMPP clients that know each other's ids, and a native device of bob.
async fn talking(world: &World) -> (Client, Client) {
    let mut alice = world.available("alice", "desk").await;
    let mut bob = world.available("bob", "phone").await;
    alice.say("bob", "a1", "how are you").await;
    assert_eq!(bob.hears().await, "how are you");
    bob.say("alice", "b1", "fine").await;
    assert_eq!(alice.hears().await, "fine");
    bob.hears_nothing().await;
    alice.hears_nothing().await;
    (alice, bob)
}

#[tokio::test(start_paused = true)]
async fn who_is_writing_is_seen_through_both_doors_and_never_stored() {
    let world = World::new().await;
    let (mut alice, mut bob) = talking(&world).await;
    alice
        .send(&format!("<message to='bob@localhost' type='chat'><composing xmlns='{}'/></message>", ns::CHAT_STATES))
        .await;
    let seen = bob.next().await;
    assert_eq!(seen.get("from"), Some("alice@localhost"));
    assert!(seen.find(ns::CHAT_STATES, "composing").is_some(), "{}", seen.to_text());
    let native = world.native("alice").await;
    let command = Command::Typing { to: address("bob"), active: false };
    world.engine.execute(&native, command).await.expect("it is told");
    assert!(bob.next().await.find(ns::CHAT_STATES, "paused").is_some());
    assert_eq!(world.read(&native).await.0, ["how are you", "fine"]);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_comes_when_the_other_side_has_it_and_a_mark_when_it_was_read() {
    let world = World::new().await;
    let native = world.native("bob").await;
    let mut alice = world.available("alice", "desk").await;
    alice
        .send(&format!(
            "<message to='bob@localhost' type='chat' id='a1'><body>hello</body><request xmlns='{}'/></message>",
            ns::RECEIPTS
        ))
        .await;
    alice.hears_nothing().await;
    let entries = world.entries(&native).await;
    let (last, message) = entries
        .iter()
        .rev()
        .find_map(|entry| match &entry.item {
            Item::Message(said) => Some((entry.seq, said.clone())),
            _ => None,
        })
        .expect("it was stored");
    let command = Command::Acknowledge { passed: last, delivered: last };
    world.engine.execute(&native, command).await.expect("acknowledged");
    let receipt = alice.next().await;
    assert_eq!(receipt.get("from"), Some("bob@localhost"));
    assert_eq!(receipt.find(ns::RECEIPTS, "received").expect("a receipt").get("id"), Some("a1"));
    let command = Command::MarkRead { conversation: message.id.conversation, read: message.id.cseq };
    world.engine.execute(&native, command).await.expect("read");
    let mark = alice.next().await;
    assert_eq!(mark.find(ns::MARKERS, "displayed").expect("a mark").get("id"), Some("a1"));
    alice.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_displayed_marker_moves_the_read_mark_of_the_account() {
    let world = World::new().await;
    let bob = world.native("bob").await;
    let mut alice = world.available("alice", "desk").await;
    alice.hears_nothing().await;
    world.says(&bob, "alice", "n1", Content::text("hello")).await;
    let stanza = alice.next().await;
    assert!(stanza.find(ns::MARKERS, "markable").is_some());
    let id = stanza.get("id").expect("an id").to_owned();
    alice
        .send(&format!(
            "<message to='bob@localhost' type='chat'><displayed xmlns='{}' id='{id}'/></message>",
            ns::MARKERS
        ))
        .await;
    alice.hears_nothing().await;
    assert_eq!(world.read(&bob).await.1, Some((1, 1)));
}

#[tokio::test(start_paused = true)]
async fn an_edit_reaches_the_other_side_and_the_archive_from_either_door() {
    let world = World::new().await;
    let (mut alice, mut bob) = talking(&world).await;
    alice
        .send(&format!(
            "<message to='bob@localhost' type='chat' id='a2'><body>how is it going</body><replace xmlns='{}' id='a1'/></message>",
            ns::CORRECT
        ))
        .await;
    let edited = bob.next().await;
    assert_eq!(edited.find(ns::CORRECT, "replace").expect("an edit").get("id"), Some("a1"));
    assert_eq!(edited.find(ns::CLIENT, "body").expect("a text").own_text(), "how is it going");
    alice.hears_nothing().await; // not its own
    // Bob's words are not alice's to change.
    alice
        .send(&format!(
            "<message to='bob@localhost' type='chat' id='a3'><body>bad</body><replace xmlns='{}' id='b1'/></message>",
            ns::CORRECT
        ))
        .await;
    let error = alice.next().await;
    assert!(error.find(ns::CLIENT, "error").expect("refused").find(ns::STANZA_ERRORS, "forbidden").is_some());
    // A native device of the author edits.
    let native = world.native("alice").await;
    let id = first_of(&world, &native).await;
    world.clock.advance_ms(1);
    let change = Change::Edit(Content::text("what is new"));
    world.engine.execute(&native, Command::Amend { id, change }).await.expect("edited");
    let edited = bob.next().await;
    assert_eq!(edited.find(ns::CORRECT, "replace").expect("an edit").get("id"), Some("a1"));
    assert_eq!(edited.find(ns::CLIENT, "body").expect("a text").own_text(), "what is new");
}

#[tokio::test(start_paused = true)]
async fn what_has_become_of_a_message_is_told_also_when_no_history_may_be_asked_for() {
    let world = World::with(|settings| settings.rates.history = Rate::new(1, 1, 3_600_000)).await;
    let native = world.native("alice").await;
    let mut bob = world.available("bob", "phone").await;
    world.says(&native, "bob", "n1", Content::text("how are you")).await;
    bob.hears().await;
    bob.hears_nothing().await; // and shows that it has it
    bob.send("</stream:stream>").await;
    bob.outcome().await;
    // A new stream does not know the message. It asks for one that is not there, until it may not ask any more.
    let mut bob = world.available("bob", "phone").await;
    bob.hears_nothing().await;
    let edit = |id: &str| {
        let replace = format!("<replace xmlns='{}' id='unknown'/>", ns::CORRECT);
        format!("<message to='alice@localhost' type='chat' id='{id}'><body>what</body>{replace}</message>")
    };
    for condition in ["item-not-found", "resource-constraint"] {
        bob.send(&edit(condition)).await;
        let error = bob.next().await.find(ns::CLIENT, "error").expect("refused").clone();
        assert!(error.find(ns::STANZA_ERRORS, condition).is_some(), "{}", error.to_text());
    }
    let id = first_of(&world, &native).await;
    world.clock.advance_ms(1);
    let change = Change::Edit(Content::text("how is it going"));
    world.engine.execute(&native, Command::Amend { id, change }).await.expect("edited");
    let edited = bob.next().await;
    assert!(edited.find(ns::CORRECT, "replace").is_some(), "{}", edited.to_text());
    assert_eq!(edited.find(ns::CLIENT, "body").expect("a text").own_text(), "how is it going");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_taken_back_is_retracted_and_its_text_is_gone() {
    let world = World::new().await;
    let (mut alice, mut bob) = talking(&world).await;
    alice
        .send(&format!(
            "<message to='bob@localhost' type='chat' id='a2'><retract xmlns='{}' id='a1'/></message>",
            ns::RETRACT
        ))
        .await;
    let retracted = bob.next().await;
    assert_eq!(retracted.get("from"), Some("alice@localhost"));
    assert_eq!(retracted.find(ns::RETRACT, "retract").expect("a retraction").get("id"), Some("a1"));
    alice.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_reaction_comes_and_goes_through_both_doors() {
    let world = World::new().await;
    let (mut alice, mut bob) = talking(&world).await;
    let react = |emoji: &str| {
        let emoji = if emoji.is_empty() { String::new() } else { format!("<reaction>{emoji}</reaction>") };
        format!(
            "<message to='alice@localhost' type='chat' id='r'><reactions xmlns='{}' id='a1'>{emoji}</reactions></message>",
            ns::REACTIONS
        )
    };
    for emoji in ["👍", "🎉", ""] {
        bob.send(&react(emoji)).await;
        let told = alice.next().await;
        let reactions = told.find(ns::REACTIONS, "reactions").expect("reactions");
        assert_eq!((told.get("from"), reactions.get("id")), (Some("bob@localhost"), Some("a1")));
        let told: Vec<String> = reactions.elements().map(belfry_xmpp::xml::Element::own_text).collect();
        assert_eq!(told.concat(), emoji);
        bob.hears_nothing().await;
    }
    let native = world.native("bob").await;
    let id = first_of(&world, &native).await;
    let reacted = world.engine.execute(&native, Command::Amend { id, change: Change::React("❤️".into()) }).await;
    assert!(matches!(reacted, Ok(Reply::Amended(_))));
    let told = alice.next().await;
    assert_eq!(told.find(ns::REACTIONS, "reactions").expect("reactions").get("id"), Some("a1"));
}

#[tokio::test(start_paused = true)]
async fn a_reply_names_its_message_on_both_sides_and_repeats_nothing_of_it() {
    let world = World::new().await;
    let (mut alice, mut bob) = talking(&world).await;
    let native = world.native("bob").await;
    alice
        .send(
            "<message to='bob@localhost' type='chat' id='a9'><body>&gt; fine\nreally?</body>\
             <reply xmlns='urn:xmpp:reply:0' to='bob@localhost/phone' id='b1'/>\
             <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='7'/></fallback></message>",
        )
        .await;
    let told = bob.next().await;
    assert_eq!(told.find(ns::CLIENT, "body").expect("a text").own_text(), "really?");
    let reply = told.find(ns::REPLY, "reply").expect("a reply");
    assert_eq!((reply.get("id"), reply.get("to")), (Some("b1"), Some("bob@localhost/phone")));
    let entries = world.entries(&native).await;
    let answered = entries.iter().find_map(|entry| match &entry.item {
        Item::Message(said) => said.content.reply_to,
        _ => None,
    });
    assert_eq!(answered.expect("the native side knows it too").0, 2);
}

/// The first message of the conversation of alice and bob.
async fn first_of(world: &World, by: &belfry_engine::Caller) -> belfry_domain::MessageId {
    let peer = if *by_address(by) == address("alice") { "bob" } else { "alice" };
    let of = belfry_engine::ConversationRef::Peer(address(peer));
    match world.engine.execute(by, Command::History { of, before: None, limit: 0 }).await {
        Ok(Reply::History { messages, .. }) => messages.first().expect("a message").id,
        other => panic!("no history: {other:?}"),
    }
}

fn by_address(by: &belfry_engine::Caller) -> &belfry_domain::Address {
    match &by.identity {
        belfry_engine::Identity::Device { address, .. } => address,
        other => panic!("no device: {other:?}"),
    }
}
