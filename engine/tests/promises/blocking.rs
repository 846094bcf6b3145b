//! Blocking as promises: nothing of who is blocked arrives, whatever they do, then or later; and they see what they would
//! see of somebody who is never there.
//!
//! Two worlds from one seed go the same way until Alice blocks Bob in one and goes away in the other. What Bob does then
//! is a list that has to have every command that could touch another account.

use belfry_domain::ports::{Change, ListPlace, SettingsChange};
use belfry_domain::{
    Audience, Code, Content, ConversationId, Cseq, DataKind, DataKinds, Deed, DraftText, InviteKind, Item, MessageId,
    Phone, PictureId, PrivacyChange, Secret, Seq, SyncKey, Wish,
};
use belfry_engine::{
    Availability, Caller, Command, ConversationRef, Draft, PresenceSettings, ProfileWish, Rates, Reply, Session,
    Settings, Told, Wanted,
};

use crate::contacts::{at, contacts, does, request};
use crate::messages::PAGE;
use crate::world::{World, caller, code, id, texts, world, world_of_strangers};

const ALICE: &str = "alice@localhost";
const BOB: &str = "bob@localhost";
const ALICES_NUMBER: &str = "+4915100000001";

/// The name of a command that could touch another account; `None`: it cannot. A new command has to say it here.
fn touches(command: &Command) -> Option<&'static str> {
    match command {
        Command::AcceptInvite { .. } => Some("accept_invite"),
        Command::AccountExists { .. } => Some("account_exists"),
        Command::Acknowledge { .. } => Some("acknowledge"),
        Command::Amend { .. } => Some("amend"),
        Command::ChangeContact { .. } => Some("change_contact"),
        Command::Find(_) => Some("find"),
        Command::Flag { .. } => Some("flag"),
        Command::GetPicture { .. } => Some("get_picture"),
        Command::GetProfile { .. } => Some("get_profile"),
        Command::GetRetention { .. } => Some("get_retention"),
        Command::History { .. } => Some("history"),
        Command::ListContacts { .. } => Some("list_contacts"),
        Command::ListConversations { .. } => Some("list_conversations"),
        Command::LookAtInvite { .. } => Some("look_at_invite"),
        Command::MarkRead { .. } => Some("mark_read"),
        Command::ReportActivity { .. } => Some("report_activity"),
        Command::Send(_) => Some("send"),
        Command::SetConversation { .. } => Some("set_conversation"),
        Command::SetPresence { .. } => Some("set_presence"),
        Command::SetPrivacy(_) => Some("set_privacy"),
        Command::SetProfile(_) => Some("set_profile"),
        Command::SetRetention { .. } => Some("set_retention"),
        Command::Snapshot { .. } => Some("snapshot"),
        Command::Sync { .. } => Some("sync"),
        Command::Typing { .. } => Some("typing"),
        Command::Watch { .. } => Some("watch"),
        // An account's own devices, invitations, credentials and settings.
        Command::AddDevice { .. }
        | Command::CreateInvite { .. }
        | Command::GetPrivacy
        | Command::LinkBegin { .. }
        | Command::LinkConfirm { .. }
        | Command::LinkScan { .. }
        | Command::LinkWait { .. }
        | Command::ListDevices
        | Command::ListInvites
        | Command::Logout
        | Command::RenameDevice { .. }
        | Command::RequestPin { .. }
        | Command::RevokeDevice { .. }
        | Command::RevokeInvite { .. }
        | Command::SignUp(_)
        | Command::Token { .. }
        | Command::VerifyPin { .. } => None,
        // A public room is not between two.
        Command::LobbyHistory { .. }
        | Command::LobbyJoin { .. }
        | Command::LobbyLeave
        | Command::LobbyPoll { .. }
        | Command::LobbySend { .. } => None,
    }
}

/// All names of [`touches`].
const TOUCHING: [&str; 26] = [
    "accept_invite",
    "account_exists",
    "acknowledge",
    "amend",
    "change_contact",
    "find",
    "flag",
    "get_picture",
    "get_profile",
    "get_retention",
    "history",
    "list_contacts",
    "list_conversations",
    "look_at_invite",
    "mark_read",
    "report_activity",
    "send",
    "set_conversation",
    "set_presence",
    "set_privacy",
    "set_profile",
    "set_retention",
    "snapshot",
    "sync",
    "typing",
    "watch",
];

/// Alice and Bob, who know each other and have written to each other; each with two devices.
struct Scene {
    world: World,
    alice: Caller,
    tablet: Caller,
    bob: Caller,
    conversation: ConversationId,
    /// Of an invitation of Alice's.
    token: Secret<String>,
}

fn typing(to: &str, active: bool) -> Command {
    Command::Typing { to: at(to), active }
}

async fn scene() -> Scene {
    // Presence is told by the next round.
    let presence = PresenceSettings { settle_ms: 0, interval_ms: 0, linger_ms: 0, ..PresenceSettings::default() };
    let world = world(Settings { presence, rates: Rates::UNLIMITED, scram_iterations: 8, ..Settings::default() });
    let alice = caller(&world.register(ALICES_NUMBER, "alice").await);
    world.engine.admin_set_password(&at(ALICE), Secret::new("correct horse".into())).await.expect("set");
    let tablet = caller(&world.by_password(ALICE).await);
    let bob = caller(&world.by_password(BOB).await);
    // What Alice hides from whom she blocks is hidden before.
    let nobody = Some(Audience::Nobody);
    let hide = PrivacyChange {
        about: nobody,
        picture: nobody,
        last_seen: nobody,
        found_by_phone: nobody,
        ..PrivacyChange::default()
    };
    world.engine.execute(&alice, Command::SetPrivacy(hide)).await.expect("set");
    let profile = ProfileWish { about: Some("Out to sea".into()), ..ProfileWish::default() };
    world.engine.execute(&alice, Command::SetProfile(profile)).await.expect("set");
    does(&world, &bob, ALICE, request()).await.expect("asked");
    does(&world, &alice, BOB, Deed::Accept).await.expect("accepted");
    let first = world.send(&bob, ALICE, "m1", "one").await.expect("stored");
    world.send(&alice, BOB, "a1", "two").await.expect("stored");
    world.send(&bob, ALICE, "m3", "three").await.expect("stored");
    for device in [&alice, &tablet, &bob] {
        world.acknowledge(device, world.sync(device, Seq::ZERO).await.key).await;
    }
    let conversation = first.id.conversation;
    let read = Command::MarkRead { conversation, read: Cseq(1) };
    world.engine.execute(&alice, read).await.expect("read");
    world.send(&bob, ALICE, "m4", "four").await.expect("stored, and on no device of hers yet");
    let invite = Command::CreateInvite { kind: InviteKind::Contact, uses: 5, expires_after_ms: 0 };
    let token = match world.engine.execute(&alice, invite).await.expect("made") {
        Reply::InviteMade(made) => made.token,
        other => panic!("no invitation: {other:?}"),
    };
    world.clock.advance_ms(1_000);
    Scene { world, alice, tablet, bob, conversation, token }
}

impl Scene {
    /// Everything that Bob tries.
    fn deeds(&self) -> Vec<Command> {
        let conversation = self.conversation;
        let of = || ConversationRef::Id(conversation);
        let message = |cseq| MessageId { conversation, cseq: Cseq(cseq) };
        let send = |client_id: &str, content: Content| {
            Command::Send(Draft { to: at(ALICE), client_id: id(client_id), content })
        };
        let amend = |cseq, change| Command::Amend { id: message(cseq), change };
        let set = |change| Command::SetConversation { of: of(), change: Box::new(change) };
        let nothing = SettingsChange::default;
        let contact = |deed| Command::ChangeContact { with: at(ALICE), deed };
        let phone = Phone::parse(ALICES_NUMBER).expect("a number");
        let nobody = Some(Audience::Nobody);
        let answer = Content { reply_to: Some(Cseq(2)), mentions: vec![at(ALICE)], ..Content::text("@alice?") };
        vec![
            typing(ALICE, true),
            send("b1", Content::text("five: the first that is withheld")),
            send("b1", Content::text("five: the first that is withheld")),
            send("b2", answer),
            send("b3", Content { lifetime_ms: Some(60_000), ..Content::text("for a minute") }),
            amend(1, Change::Edit(Content::text("one, edited"))),
            amend(2, Change::React("😡".into())),
            amend(2, Change::Pin(true)),
            amend(3, Change::React("👍".into())),
            amend(3, Change::Recall),
            amend(4, Change::Edit(Content::text("four, edited"))),
            amend(4, Change::Recall),
            amend(5, Change::Edit(Content::text("five, edited"))),
            amend(5, Change::React("👍".into())),
            amend(6, Change::Recall),
            amend(2, Change::Edit(Content::text("not his"))),
            amend(99, Change::Pin(true)),
            Command::Flag { id: message(2), starred: Some(true), hide: false },
            Command::Flag { id: message(1), starred: None, hide: true },
            set(SettingsChange { disappear_after_ms: Some(3_600_000), ..nothing() }),
            set(SettingsChange {
                draft: Some(DraftText { text: "Dear".into(), reply_to: None }),
                pinned: Some(true),
                accepted: true,
                ..nothing()
            }),
            send("b4", Content::text("for an hour")),
            Command::SetRetention { of: of(), wish: Wish { until_delivered: true, at_most_ms: Some(86_400_000) } },
            Command::GetRetention { of: ConversationRef::Peer(at(ALICE)) },
            send("b5", Content::text("until it is delivered")),
            Command::MarkRead { conversation, read: Cseq(2) },
            Command::MarkRead { conversation, read: Cseq(99) },
            typing(ALICE, false),
            Command::History { of: of(), before: None, limit: 0 },
            Command::History { of: ConversationRef::Peer(at(ALICE)), before: Some(Cseq(5)), limit: 2 },
            Command::ListConversations { after: None, limit: 0 },
            Command::Snapshot { limit: 0 },
            Command::ReportActivity { foreground: true },
            Command::AccountExists { address: at(ALICE) },
            Command::GetProfile { address: Some(at(ALICE)) },
            Command::GetPicture { address: Some(at(ALICE)), picture: PictureId([7; 16]) },
            Command::Find(Wanted::Name("alice".into())),
            Command::Find(Wanted::Phone(phone)),
            Command::Watch { addresses: vec![at(ALICE)] },
            Command::SetPresence { availability: Availability::Busy, status: "Read me".into(), priority: 1 },
            Command::SetProfile(ProfileWish { about: Some("Read me".into()), ..ProfileWish::default() }),
            Command::SetPrivacy(PrivacyChange { read_receipts: nobody, ..PrivacyChange::default() }),
            contact(Deed::Put { name: "A.".into(), labels: vec!["Work".into()] }),
            contact(request()),
            contact(Deed::Accept),
            contact(Deed::Refuse),
            contact(Deed::Unsubscribe),
            contact(Deed::Subscribe { note: "please".into() }),
            contact(Deed::Unsubscribed),
            contact(Deed::Subscribed),
            contact(Deed::Withdraw),
            contact(Deed::Remove),
            contact(request()),
            contact(Deed::Block),
            send("b6", Content::text("blocked by himself")),
            amend(1, Change::React("👍".into())),
            contact(request()),
            typing(ALICE, true),
            contact(Deed::Unsubscribe),
            contact(Deed::Unblock),
            contact(Deed::Remove),
            Command::LookAtInvite { token: self.token.clone() },
            Command::AcceptInvite { token: self.token.clone() },
            Command::AcceptInvite { token: self.token.clone() },
            Command::ListContacts { after: None, limit: 0 },
            send("b7", Content::text("last")),
            Command::Sync {
                after: Some(SyncKey::default()),
                kinds: DataKinds::ALL,
                limit: 0,
                wait_ms: 0,
                acknowledge: true,
            },
            Command::Acknowledge { passed: Seq(u64::MAX), delivered: Seq(u64::MAX) },
        ]
    }

    /// Everything that Alice can find of Bob's doings, but for what comes to her by itself.
    async fn seen_by_alice(&self) -> Vec<String> {
        let ask = async |command| match self.world.engine.execute(&self.tablet, command).await {
            Ok(Reply::Snapshot { views, .. }) => format!("{views:?}"),
            Ok(Reply::Batch(batch)) => format!("{:?}", batch.entries),
            other => format!("{other:?}"),
        };
        let of = || ConversationRef::Id(self.conversation);
        let all = Command::Sync {
            after: Some(SyncKey::default()),
            kinds: DataKinds::ALL,
            limit: 0,
            wait_ms: 0,
            acknowledge: false,
        };
        vec![
            ask(Command::History { of: of(), before: None, limit: 0 }).await,
            ask(Command::ListConversations { after: None::<ListPlace>, limit: 0 }).await,
            ask(Command::Snapshot { limit: 0 }).await,
            ask(Command::GetRetention { of: of() }).await,
            ask(Command::ListContacts { after: None, limit: 0 }).await,
            ask(Command::ListInvites)
                .await
                .replace("uses_left: 3", "uses_left: 5")
                .replace("uses_left: 4", "uses_left: 5"),
            ask(all).await,
        ]
    }

    /// Does as Alice's devices do when they are there: take, acknowledge, read.
    async fn alice_is_there(&self, link: &mut Session) -> Vec<String> {
        let told = drain(link).await;
        for device in [&self.alice, &self.tablet] {
            self.world.acknowledge(device, self.world.sync(device, Seq::ZERO).await.key).await;
        }
        let read = Command::MarkRead { conversation: self.conversation, read: Cseq(99) };
        self.world.engine.execute(&self.alice, read).await.expect("read");
        told
    }
}

/// All that a link is told at this moment.
async fn drain(link: &mut Session) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(told) = link.take(PAGE).await.expect("the store answers") {
        all.push(match told {
            Told::Batch(batch) => format!("{batch:?}"),
            Told::Live(events) => format!("{events:?}"),
            other => format!("{other:?}"),
        });
    }
    all
}

async fn follow(world: &World, by: &Caller) -> Session {
    let mut link = world.engine.open_session(by.clone()).await.expect("connects");
    link.subscribe(world.sync(by, Seq::ZERO).await.key);
    drain(&mut link).await;
    link
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_blocked_account_arrives_and_it_sees_somebody_who_is_never_there() {
    let (blocked, away) = (scene().await, scene().await);
    does(&blocked.world, &blocked.alice, BOB, Deed::Block).await.expect("blocked");
    let mut at_alice = follow(&blocked.world, &blocked.alice).await;
    blocked.alice_is_there(&mut at_alice).await;
    drain(&mut at_alice).await; // her own read mark
    let (seen, place) = (blocked.seen_by_alice().await, blocked.world.sync(&blocked.tablet, Seq::ZERO).await.key);
    let (mut at_bob, mut at_twin) = (follow(&blocked.world, &blocked.bob).await, follow(&away.world, &away.bob).await);

    let (mut cells, mut reached, mut done) = (0, Vec::new(), Vec::new());
    for (deed, twin) in blocked.deeds().into_iter().zip(away.deeds()) {
        let what = format!("{deed:?}");
        done.extend(touches(&deed));
        blocked.world.clock.advance_ms(10);
        away.world.clock.advance_ms(10);
        let answer = blocked.world.engine.execute(&blocked.bob, deed).await;
        let expected = away.world.engine.execute(&away.bob, twin).await;
        for world in [&blocked.world, &away.world] {
            world.engine.presence_round().await.expect("the store reads");
        }
        assert_eq!(format!("{answer:?}"), format!("{expected:?}"), "he sees the block in the answer to {what}");

        let mut places = blocked.alice_is_there(&mut at_alice).await;
        let new = blocked.world.sync(&blocked.tablet, place.clone()).await;
        places.extend(new.entries.iter().map(|entry| format!("{entry:?}")));
        let now = blocked.seen_by_alice().await;
        places.extend(seen.iter().zip(&now).filter(|(before, now)| before != now).map(|(_, now)| now.clone()));
        cells += 2 + now.len();
        reached.extend(places.into_iter().map(|place| format!("{what}: {place}")));

        let (told, expected) = (drain(&mut at_bob).await, drain(&mut at_twin).await);
        assert_eq!(told, expected, "he is told of the block after {what}");
    }
    assert!(reached.is_empty(), "of {cells} cells {} were reached: {reached:#?}", reached.len());
    done.sort_unstable();
    done.dedup();
    assert_eq!(done, TOUCHING, "every command that could touch another account is tried");

    // Nor does any of it come when she unblocks him; what comes afterwards does.
    does(&blocked.world, &blocked.alice, BOB, Deed::Unblock).await.expect("unblocked");
    let batch = blocked.world.sync(&blocked.tablet, place).await;
    assert!(batch.entries.iter().all(|entry| matches!(entry.item, Item::Contact(_))), "{:?}", batch.entries);
    let now = blocked.seen_by_alice().await;
    assert_eq!((&seen[0], &seen[3]), (&now[0], &now[3]), "history and wishes");
    blocked.world.send(&blocked.bob, ALICE, "after", "hello again").await.expect("sent");
    let batch = blocked.world.sync(&blocked.tablet, batch.key).await;
    assert_eq!(texts(&batch), ["hello again"]);
    blocked.world.acknowledge(&blocked.tablet, batch.key.clone()).await;
    blocked.world.acknowledge(&blocked.alice, batch.key).await;
    let receipt =
        blocked.world.sync(&blocked.bob, Seq::ZERO).await.entries.iter().rev().find_map(|entry| match &entry.item {
            Item::Receipt(receipt) => Some(receipt.clone()),
            _ => None,
        });
    let receipt = receipt.expect("the last one has arrived");
    let withheld = |cseq: u64| receipt.undelivered.iter().any(|(first, last)| (first.0..=last.0).contains(&cseq));
    assert!(withheld(5) && withheld(6), "what was withheld is said to be undelivered: {receipt:?}");
    assert!(!withheld(receipt.delivered.0));
}

#[tokio::test(start_paused = true)]
async fn who_blocks_sends_nothing_either_until_they_unblock() {
    let Scene { world, alice, bob, conversation, .. } = scene().await;
    does(&world, &alice, BOB, Deed::Block).await.expect("blocked");
    let place = world.sync(&bob, Seq::ZERO).await.key;
    let mut at_bob = follow(&world, &bob).await;
    assert_eq!(code(world.send(&alice, BOB, "a2", "still here?").await), Code::Blocking);
    let id = MessageId { conversation, cseq: Cseq(2) };
    for change in [Change::Edit(Content::text("x")), Change::Recall, Change::React("👍".into()), Change::Pin(true)] {
        let refused = world.engine.execute(&alice, Command::Amend { id, change }).await;
        assert_eq!(code(refused), Code::Blocking);
    }
    for deed in [request(), Deed::Accept, Deed::Subscribe { note: String::new() }, Deed::Subscribed] {
        assert_eq!(code(does(&world, &alice, BOB, deed).await), Code::Blocking);
    }
    world.engine.execute(&alice, typing(BOB, true)).await.expect("answered");
    let set = SettingsChange { disappear_after_ms: Some(60_000), ..SettingsChange::default() };
    let set = Command::SetConversation { of: ConversationRef::Id(conversation), change: Box::new(set) };
    let _whatever = world.engine.execute(&alice, set).await;
    world.engine.execute(&alice, Command::MarkRead { conversation, read: Cseq(99) }).await.expect("her own");
    assert!(drain(&mut at_bob).await.is_empty());
    assert!(world.sync(&bob, place).await.entries.is_empty(), "he is told of nothing");
    does(&world, &alice, BOB, Deed::Unblock).await.expect("unblocked");
    world.send(&alice, BOB, "a2", "still here?").await.expect("sent");
}

#[tokio::test(start_paused = true)]
async fn all_devices_of_who_blocks_know_it_and_who_is_blocked_does_not() {
    let Scene { world, alice, tablet, bob, .. } = scene().await;
    let (place, his) = (world.sync(&tablet, Seq::ZERO).await.key, world.sync(&bob, Seq::ZERO).await.key);
    let mut at_tablet = follow(&world, &tablet).await;
    does(&world, &alice, BOB, Deed::Block).await.expect("blocked");
    assert_eq!(drain(&mut at_tablet).await.len(), 1, "the tablet is told");
    let rows = contacts(&world.sync(&tablet, place).await);
    assert!(matches!(&rows[..], [(peer, row)] if peer == BOB && row.blocked && row.listed), "{rows:?}");
    let before = world.sync(&tablet, Seq::ZERO).await.key;
    does(&world, &alice, BOB, Deed::Block).await.expect("a repeat is answered");
    assert_eq!(world.sync(&tablet, Seq::ZERO).await.key, before);
    assert!(world.sync(&bob, his).await.entries.is_empty());
}

async fn strangers() -> (World, Caller, Caller) {
    let world = world_of_strangers(Settings { rates: Rates::UNLIMITED, scram_iterations: 8, ..Settings::default() });
    let alice = caller(&world.by_password(ALICE).await);
    let bob = caller(&world.by_password(BOB).await);
    (world, alice, bob)
}

async fn is_request(world: &World, by: &Caller) -> bool {
    match world.engine.execute(by, Command::ListConversations { after: None, limit: 0 }).await.expect("lists") {
        Reply::Conversations { views, .. } => views[0].settings.request,
        other => panic!("no list: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_stranger_are_a_request_until_they_are_heard_and_bounded_until_then() {
    for way in ["write", "react", "accept", "list"] {
        let (world, alice, bob) = strangers().await;
        let mut sent = None;
        for number in 0..20 {
            sent = Some(world.send(&bob, ALICE, &format!("m{number}"), "hello?").await.expect("stored"));
        }
        let refusal = world.send(&bob, ALICE, "m20", "hello?").await.expect_err("enough");
        assert_eq!(refusal.code, Code::Unanswered);
        world.send(&bob, ALICE, "m19", "hello?").await.expect("a repeat is the same message");
        assert!(is_request(&world, &alice).await, "apart from the others");
        assert!(!is_request(&world, &bob).await);

        let id = sent.expect("sent").id;
        let mut at_alice = follow(&world, &alice).await;
        world.engine.execute(&bob, typing(ALICE, true)).await.expect("answered as always");
        assert!(drain(&mut at_alice).await.is_empty(), "and not told");
        match way {
            "write" => drop(world.send(&alice, BOB, "a", "who are you?").await.expect("sent")),
            "react" => {
                let change = Change::React("👋".into());
                world.engine.execute(&alice, Command::Amend { id, change }).await.expect("reacted");
            }
            "accept" => {
                let change = Box::new(SettingsChange { accepted: true, ..SettingsChange::default() });
                let of = ConversationRef::Id(id.conversation);
                world.engine.execute(&alice, Command::SetConversation { of, change }).await.expect("accepted");
            }
            _ => {
                let put = Deed::Put { name: String::new(), labels: Vec::new() };
                does(&world, &alice, BOB, put).await.expect("listed");
            }
        }
        drain(&mut at_alice).await;
        assert!(!is_request(&world, &alice).await, "{way}");
        world.send(&bob, ALICE, "m20", "hello!").await.expect("no longer a stranger");
        drain(&mut at_alice).await;
        world.engine.execute(&bob, typing(ALICE, true)).await.expect("told");
        assert_eq!(drain(&mut at_alice).await.len(), 1, "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_who_is_blocked_meets_the_limit_at_the_same_message() {
    let (world, alice, bob) = strangers().await;
    world.send(&bob, ALICE, "m0", "hello?").await.expect("stored");
    does(&world, &alice, BOB, Deed::Block).await.expect("blocked");
    for number in 1..20 {
        world.send(&bob, ALICE, &format!("m{number}"), "hello?").await.expect("stored");
    }
    assert_eq!(code(world.send(&bob, ALICE, "m20", "hello?").await), Code::Unanswered);
}

#[tokio::test(start_paused = true)]
async fn read_receipts_are_for_whom_one_says() {
    let Scene { world, alice, bob, conversation, .. } = scene().await;
    let read = |by: &Caller| {
        let by = by.clone();
        let world = &world;
        async move {
            let read = Command::MarkRead { conversation, read: Cseq(99) };
            world.engine.execute(&by, read).await.expect("read");
        }
    };
    let receipt = async |by: &Caller| {
        let batch = world.sync(by, Seq::ZERO).await;
        let of = batch.entries.iter().rev().find_map(|entry| match &entry.item {
            Item::Receipt(receipt) => Some(receipt.read.0),
            _ => None,
        });
        of.unwrap_or(0)
    };
    let set =
        |audience| Command::SetPrivacy(PrivacyChange { read_receipts: Some(audience), ..PrivacyChange::default() });
    world.engine.execute(&alice, set(Audience::Contacts)).await.expect("set");
    read(&alice).await;
    assert_eq!(receipt(&bob).await, 4, "Bob is a contact");
    does(&world, &alice, BOB, Deed::Remove).await.expect("removed");
    world.send(&bob, ALICE, "m5", "five").await.expect("sent");
    read(&alice).await;
    assert_eq!(receipt(&bob).await, 4, "and is no longer");
    assert_eq!(receipt(&alice).await, 0, "both or neither");
    let key = world.sync(&alice, Seq::ZERO).await.key;
    assert!(key.value(DataKind::Settings) > Seq::ZERO);
}
