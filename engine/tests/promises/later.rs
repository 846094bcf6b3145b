//! Messages after they were sent, settings, the list, typing, as promises.

use std::time::Duration;

use belfry_domain::limits::{DRAFT_BYTES_MAX, LIFETIME_MS_MAX, MENTIONS_MAX};
use belfry_domain::ports::{Change, PageLimit, SettingsChange};
use belfry_domain::{
    Address, Amendment, Code, Content, ContentKind, ConversationView, DraftText, Item, MessageId, Refusal, Seq,
};
use belfry_engine::{
    Batch, Caller, Command, ConversationRef, Draft, Live, Rate, Rates, Reply, Session, Settings, Told, Typing,
};

use crate::world::{World, caller, code, id, nobody, texts, world};

const PAGE: PageLimit = PageLimit { entries: 100, bytes: 1 << 20 };
const MINUTE_MS: u64 = 60_000;

async fn two_people() -> (World, Caller, Caller) {
    two_people_under(Settings { rates: Rates::UNLIMITED, ..Settings::default() }).await
}

async fn two_people_under(settings: Settings) -> (World, Caller, Caller) {
    let world = world(settings);
    let alice = caller(&world.register("+4915100000001", "alice").await);
    let bob = caller(&world.register("+4915100000002", "bob").await);
    (world, alice, bob)
}

async fn amend(world: &World, by: &Caller, id: MessageId, change: Change) -> Result<Amendment, Refusal> {
    match world.engine.execute(by, Command::Amend { id, change }).await? {
        Reply::Amended(amendment) => Ok(Amendment::clone(&amendment)),
        other => panic!("not amended: {other:?}"),
    }
}

fn edit(text: &str) -> Change {
    Change::Edit(Content::text(text))
}

async fn set(world: &World, by: &Caller, peer: &str, change: SettingsChange) -> Result<Reply, Refusal> {
    let of = ConversationRef::Peer(Address::parse(peer).expect("an address"));
    world.engine.execute(by, Command::SetConversation { of, change: Box::new(change) }).await
}

async fn list(world: &World, by: &Caller) -> Vec<ConversationView> {
    match world.engine.execute(by, Command::ListConversations { after: None, limit: 0 }).await.expect("lists") {
        Reply::Conversations { views, .. } => views,
        other => panic!("no list: {other:?}"),
    }
}

async fn now(session: &mut Session) -> Option<Told> {
    session.take(PAGE).await.expect("the store answers")
}

fn amendments(batch: &Batch) -> Vec<Amendment> {
    let amendment = |item: &Item| match item {
        Item::Amendment(amendment) => Some(Amendment::clone(amendment)),
        _ => None,
    };
    batch.entries.iter().filter_map(|entry| amendment(&entry.item)).collect()
}

#[tokio::test(start_paused = true)]
async fn an_edit_and_a_reaction_reach_both_sides_and_who_was_away() {
    let (world, alice, bob) = two_people().await;
    let sent = world.send(&alice, "bob@localhost", "m1", "helo").await.expect("stored");
    let mut at_alice = world.engine.open_session(alice.clone()).await.expect("Alice connects");
    at_alice.subscribe(sent.seq);
    amend(&world, &alice, sent.id, edit("hello")).await.expect("edited");
    amend(&world, &bob, sent.id, Change::React("👋".into())).await.expect("reacted");
    let mut told = Vec::new();
    while let Some(Told::Batch(batch)) = now(&mut at_alice).await {
        told.extend(amendments(&batch));
    }
    let last = told.last().expect("she is told");
    assert_eq!((last.reactions.len(), last.content.as_ref().map(|c| c.text.as_str())), (1, Some("hello")));
    let away = world.sync(&bob, Seq::ZERO).await;
    assert_eq!(amendments(&away), std::slice::from_ref(last), "the latest value only");
}

#[tokio::test(start_paused = true)]
async fn edits_and_recalls_end_after_their_time_and_are_the_authors_alone() {
    let (world, alice, bob) = two_people().await;
    let sent = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    assert_eq!(code(amend(&world, &bob, sent.id, edit("two")).await), Code::Forbidden);
    assert_eq!(code(amend(&world, &bob, sent.id, Change::Recall).await), Code::Forbidden);
    world.clock.advance_ms(15 * MINUTE_MS);
    amend(&world, &alice, sent.id, edit("two")).await.expect("just in time");
    world.clock.advance_ms(1);
    let refusal = amend(&world, &alice, sent.id, edit("three")).await.expect_err("too late");
    assert_eq!(refusal.code, Code::Forbidden);
    assert!(refusal.message.contains("15 minutes"), "{}", refusal.message);
    amend(&world, &alice, sent.id, edit("two")).await.expect("a repeat is answered");
    world.clock.advance_ms(2 * 24 * 60 * MINUTE_MS);
    let refusal = amend(&world, &alice, sent.id, Change::Recall).await.expect_err("too late");
    assert!(refusal.message.contains("2 days"), "{}", refusal.message);
}

#[tokio::test(start_paused = true)]
async fn a_recalled_message_is_told_to_nobody_any_more_not_even_from_memory() {
    let (world, alice, bob) = two_people().await;
    let mut at_bob = world.engine.open_session(bob.clone()).await.expect("Bob connects");
    at_bob.subscribe(Seq::ZERO);
    let sent = world.send(&alice, "bob@localhost", "m1", "regretted").await.expect("stored");
    amend(&world, &alice, sent.id, Change::Recall).await.expect("recalled");
    let hot = |world: &World| {
        world.engine.metrics().samples().into_iter().find(|sample| sample.name == "hot_reads").expect("counted").value
    };
    let before = hot(&world);
    let Some(Told::Batch(batch)) = now(&mut at_bob).await else { panic!("he is told") };
    assert_eq!(hot(&world), before + 1, "read from memory");
    assert_eq!(texts(&batch), [""]);
    assert_eq!(amendments(&batch).len(), 1);
    assert_eq!(texts(&world.sync(&bob, Seq::ZERO).await), [""]);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_and_a_guest_change_nothing_and_learn_nothing() {
    let (world, alice, _) = two_people().await;
    let eve = caller(&world.register("+4915100000003", "eve").await);
    let sent = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let (guest, ..) = world.join("Gast").await;
    let missing = MessageId { cseq: belfry_domain::Cseq(9), ..sent.id };
    for change in [edit("two"), Change::Recall, Change::React("👍".into()), Change::Pin(true)] {
        let refused = amend(&world, &eve, sent.id, change.clone()).await.expect_err("not hers");
        assert_eq!(refused.code, Code::NotFound);
        assert_eq!(refused, amend(&world, &alice, missing, change.clone()).await.expect_err("not there"));
        assert_eq!(code(amend(&world, &nobody(), sent.id, change.clone()).await), Code::Unauthenticated);
        assert_eq!(code(amend(&world, &guest, sent.id, change).await), Code::Forbidden);
    }
    let flag = Command::Flag { id: sent.id, starred: Some(true), hide: false };
    assert_eq!(code(world.engine.execute(&eve, flag).await), Code::NotFound);
    assert_eq!(code(set(&world, &eve, "bob@localhost", SettingsChange::default()).await), Code::NotFound);
    let typing = Command::Typing { to: "bob@localhost".parse().expect("an address"), active: true };
    assert_eq!(code(world.engine.execute(&eve, typing).await), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_content_reaction_draft_or_time_is_refused() {
    let (world, alice, _) = two_people().await;
    let sent = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    let system = Content { kind: ContentKind::System, ..Content::text("you have won") };
    let draft = |n: u32, content| Draft {
        to: "bob@localhost".parse().expect("an address"),
        client_id: id(&format!("n{n}")),
        content,
    };
    let outcome = world.engine.execute(&alice, Command::Send(draft(1, system.clone()))).await;
    assert_eq!(code(outcome), Code::BadRequest);
    assert_eq!(code(amend(&world, &alice, sent.id, Change::Edit(system)).await), Code::BadRequest);
    assert_eq!(code(amend(&world, &alice, sent.id, edit("")).await), Code::BadRequest);
    for emoji in ["two words", "\u{7}", &"x".repeat(33)] {
        assert_eq!(code(amend(&world, &alice, sent.id, Change::React(emoji.into())).await), Code::BadRequest);
    }
    let long = DraftText { text: "x".repeat(DRAFT_BYTES_MAX + 1), reply_to: None };
    let change = SettingsChange { draft: Some(long), ..SettingsChange::default() };
    assert_eq!(code(set(&world, &alice, "bob@localhost", change).await), Code::TooLarge);
    for ms in [1, LIFETIME_MS_MAX + 1] {
        let change = SettingsChange { disappear_after_ms: Some(ms), ..SettingsChange::default() };
        assert_eq!(code(set(&world, &alice, "bob@localhost", change).await), Code::BadRequest);
        let content = Content { lifetime_ms: Some(ms), ..Content::text("x") };
        assert_eq!(code(world.engine.execute(&alice, Command::Send(draft(2, content))).await), Code::BadRequest);
    }
    let who: Address = "bob@localhost".parse().expect("an address");
    let content = Content { mentions: vec![who; MENTIONS_MAX + 1], ..Content::text("x") };
    assert_eq!(code(world.engine.execute(&alice, Command::Send(draft(3, content))).await), Code::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn what_a_message_answers_and_how_long_it_lives_is_part_of_what_its_id_stands_for() {
    let (world, alice, _) = two_people().await;
    let base = Content::text("same");
    let variants = [
        base.clone(),
        Content { reply_to: Some(belfry_domain::Cseq(1)), ..base.clone() },
        Content { forwarded: 1, ..base.clone() },
        Content { mentions: vec!["bob@localhost".parse().expect("an address")], ..base.clone() },
        Content { lifetime_ms: Some(MINUTE_MS), ..base.clone() },
    ];
    for (a, first) in variants.iter().enumerate() {
        for (b, second) in variants.iter().enumerate() {
            let send = |content: &Content| {
                let to = "bob@localhost".parse().expect("an address");
                Command::Send(Draft { to, client_id: id(&format!("{a}-{b}")), content: content.clone() })
            };
            world.engine.execute(&alice, send(first)).await.expect("stored");
            match world.engine.execute(&alice, send(second)).await {
                Ok(Reply::Sent(sent)) => assert!(sent.duplicate && a == b),
                outcome => assert!(a != b && code(outcome) == Code::Conflict),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn changes_are_limited_like_sends() {
    let rates = Rates { changes: Rate::per_second(3, 1), ..Rates::DEFAULT };
    let settings = Settings { rates, ..Settings::default() };
    let (world, alice, _) = two_people_under(settings).await;
    let sent = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    for n in 0..3 {
        amend(&world, &alice, sent.id, Change::React(n.to_string())).await.expect("within the burst");
    }
    let refusal = amend(&world, &alice, sent.id, Change::React("4".into())).await.expect_err("too fast");
    assert_eq!(refusal.code, Code::RateLimited);
    assert!(refusal.retry_after_ms.expect("it ends") <= 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_disappearing_message_is_gone_at_its_moment_from_memory_and_store() {
    let (world, alice, bob) = two_people().await;
    let mut at_bob = world.engine.open_session(bob.clone()).await.expect("Bob connects");
    at_bob.subscribe(Seq::ZERO);
    world.send(&alice, "bob@localhost", "m1", "stays").await.expect("stored");
    let change = SettingsChange { disappear_after_ms: Some(MINUTE_MS), ..SettingsChange::default() };
    set(&world, &bob, "alice@localhost", change).await.expect("set");
    let sent = world.send(&alice, "bob@localhost", "m2", "goes").await.expect("stored");
    assert_eq!(texts(&world.sync(&alice, Seq::ZERO).await), ["stays", "goes"]);
    world.clock.advance_ms(MINUTE_MS);
    let Some(Told::Batch(batch)) = now(&mut at_bob).await else { panic!("he is told") };
    assert_eq!(texts(&batch), ["stays"]);
    assert_eq!(batch.key, world.sync(&bob, Seq::ZERO).await.key, "he is past it");
    assert_eq!(code(amend(&world, &alice, sent.id, Change::React("👍".into())).await), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_has_nothing_begins_with_the_list_and_goes_on_by_keys() {
    let (world, alice, bob) = two_people().await;
    for n in 0..300 {
        world.send(&alice, "bob@localhost", &format!("m{n}"), &n.to_string()).await.expect("stored");
    }
    let Reply::Snapshot { key, views, more } =
        world.engine.execute(&bob, Command::Snapshot { limit: 0 }).await.expect("answered")
    else {
        panic!("a snapshot")
    };
    assert!(!more);
    let [view] = &views[..] else { panic!("{views:?}") };
    assert_eq!((view.unread, view.message.as_ref().expect("the last").content.text.as_str()), (300, "299"));
    assert!(texts(&world.sync(&bob, key).await).is_empty());
    world.send(&alice, "bob@localhost", "next", "next").await.expect("stored");
    assert_eq!(texts(&world.sync(&bob, key).await), ["next"]);
}

#[tokio::test(start_paused = true)]
async fn the_list_follows_reading_recalls_and_settings() {
    let (world, alice, bob) = two_people().await;
    let carol = caller(&world.register("+4915100000003", "carol").await);
    let one = world.send(&alice, "bob@localhost", "m1", "one").await.expect("stored");
    world.clock.advance_ms(1);
    world.send(&carol, "bob@localhost", "m1", "from Carol").await.expect("stored");
    let peers = |views: &[ConversationView]| -> Vec<String> {
        views.iter().map(|view| view.settings.peer.local().to_owned()).collect()
    };
    assert_eq!(peers(&list(&world, &bob).await), ["carol", "alice"]);
    world.clock.advance_ms(1);
    world.send(&alice, "bob@localhost", "m2", "two").await.expect("stored");
    let change = SettingsChange { archived: Some(true), ..SettingsChange::default() };
    set(&world, &bob, "carol@localhost", change).await.expect("set");
    amend(&world, &alice, one.id, Change::Recall).await.expect("recalled");
    let views = list(&world, &bob).await;
    assert_eq!(peers(&views), ["alice", "carol"]);
    assert_eq!((views[0].unread, views[1].unread, views[1].settings.archived), (1, 1, true));
}

#[tokio::test(start_paused = true)]
async fn who_is_writing_is_told_to_the_other_sides_open_links_and_kept_nowhere() {
    let (world, alice, bob) = two_people_under(Settings::default()).await;
    world.send(&bob, "alice@localhost", "m1", "hi").await.expect("stored");
    let sent = world.send(&alice, "bob@localhost", "m1", "hi").await.expect("stored");
    let mut at_bob = world.engine.open_session(bob.clone()).await.expect("Bob connects");
    let mut at_alice = world.engine.open_session(alice.clone()).await.expect("Alice connects");
    at_bob.subscribe(sent.seq);
    at_alice.subscribe(sent.seq);
    while now(&mut at_bob).await.is_some() {}
    let key = world.sync(&bob, Seq::ZERO).await.key;
    let typing = |active| Command::Typing { to: "bob@localhost".parse().expect("an address"), active };
    for active in [true, false] {
        world.engine.execute(&alice, typing(active)).await.expect("told");
    }
    let Some(Told::Live(events)) = now(&mut at_bob).await else { panic!("he is told") };
    let writing = |event: &Live| match event {
        Live::Typing(typing) => Some(Typing::clone(typing)),
        Live::Presence(_) | Live::Stanza(_) | Live::Subscribed(_) => None,
    };
    let events: Vec<Typing> = events.iter().filter_map(writing).collect();
    let told: Vec<_> = events.iter().map(|event| (event.from.to_string(), event.active)).collect();
    assert_eq!(told, [("alice@localhost".to_owned(), true), ("alice@localhost".to_owned(), false)]);
    assert_eq!(events[0].conversation, sent.id.conversation);
    assert!(now(&mut at_bob).await.is_none(), "once");
    assert!(now(&mut at_alice).await.is_none(), "her own links are not told");
    assert_eq!(world.sync(&bob, Seq::ZERO).await.key, key, "the log knows nothing of it");
    let poll = world.sync_waiting(&bob, key, 1_000);
    let (batch, _) = tokio::join!(poll, async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.engine.execute(&alice, typing(true)).await.expect("told");
    });
    assert!(batch.expect("answered").entries.is_empty(), "a poll is not answered by it");
    for _ in 0..20 {
        let _burst = world.engine.execute(&alice, typing(true)).await;
    }
    assert_eq!(code(world.engine.execute(&alice, typing(true)).await), Code::RateLimited);
}
