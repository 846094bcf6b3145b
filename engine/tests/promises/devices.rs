//! Devices of an account, as promises: who may do what with them, what a new one gets, when one goes.

use std::time::Duration;

use belfry_domain::ports::Change;
use belfry_domain::{Code, Content, DeviceId, Item, Refusal, Seq};
use belfry_engine::{
    Batch, Caller, Command, ConversationRef, DeviceSettings, DeviceView, Issued, KeepPast, Reply, Session, Settings,
    Told, Wake,
};

use crate::world::{World, caller, code, nobody, texts, world};

const NUMBER: &str = "+4915112345678";

fn with(devices: DeviceSettings) -> World {
    world(Settings { devices, scram_iterations: 8, ..Settings::default() })
}

impl World {
    /// Alice's phone and her laptop: linked by a code.
    async fn phone_and_laptop(&self) -> (Issued, Issued) {
        let phone = self.register(NUMBER, "alice").await;
        let laptop = self.linked(&caller(&phone), "Laptop").await;
        (phone, laptop)
    }

    async fn linked(&self, phone: &Caller, name: &str) -> Issued {
        let begin = Command::LinkBegin { device_name: name.into(), platform: "Linux".into() };
        let Reply::LinkBegun(begun) = self.engine.execute(&nobody(), begin).await.expect("a code") else {
            panic!("no code")
        };
        let scan = Command::LinkScan { payload: begun.code.clone() };
        self.engine.execute(phone, scan).await.expect("the code is good");
        let confirm = Command::LinkConfirm { link: begun.id, accept: true };
        self.engine.execute(phone, confirm).await.expect("it may join");
        let wait = Command::LinkWait { link: begun.id, secret: begun.secret.clone(), known: None, wait_ms: 0 };
        match self.engine.execute(&nobody(), wait).await.expect("it has joined") {
            Reply::LinkStatus(status) => (*status.issued.expect("credentials")).clone(),
            other => panic!("no status: {other:?}"),
        }
    }

    async fn list(&self, by: &Caller) -> Vec<DeviceView> {
        match self.engine.execute(by, Command::ListDevices).await.expect("a list") {
            Reply::Devices(devices) => devices,
            other => panic!("no list: {other:?}"),
        }
    }

    /// The last message and how many are unread, of the only conversation.
    async fn listed(&self, by: &Caller) -> (Option<String>, u32) {
        let list = Command::ListConversations { after: None, limit: 0 };
        match self.engine.execute(by, list).await.expect("a list") {
            Reply::Conversations { views, .. } => {
                assert_eq!(views.len(), 1, "the conversation is there, whatever is shown of it");
                (views[0].message.as_ref().map(|message| message.content.text.clone()), views[0].unread)
            }
            other => panic!("no list: {other:?}"),
        }
    }

    async fn rename(&self, by: &Caller, device: DeviceId, name: &str) -> Result<Reply, Refusal> {
        self.engine.execute(by, Command::RenameDevice { device, name: name.into() }).await
    }

    async fn revoke(&self, by: &Caller, device: DeviceId) -> Result<Reply, Refusal> {
        self.engine.execute(by, Command::RevokeDevice { device }).await
    }

    async fn connect(&self, issued: &Issued) -> Result<Session, Refusal> {
        self.engine.open_session(caller(issued)).await
    }

    async fn sweep_for(&self, time: Duration) {
        self.engine.run_janitor(tokio::time::sleep(time)).await.expect("the store works");
    }
}

async fn closed(session: &Session) -> Code {
    loop {
        match tokio::time::timeout(Duration::from_millis(1), session.wait()).await.expect("at once") {
            Wake::Closed(refusal) => return refusal.code,
            Wake::Ready => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_list_shows_what_each_device_is_and_whether_it_is_there() {
    let world = world(Settings::default());
    let (phone, laptop) = world.phone_and_laptop().await;
    let session = world.connect(&laptop).await.expect("connects");
    world.rename(&caller(&phone), laptop.device, " Kitchen   laptop ").await.expect("the phone may");
    let list = world.list(&caller(&laptop)).await;
    let shown: Vec<_> = list.iter().map(|v| (v.device.name.as_str(), v.device.platform.as_str(), v.online)).collect();
    assert_eq!(shown, [("Phone", "", false), ("Kitchen laptop", "Linux", true)]);
    drop(session);
    assert!(!world.list(&caller(&phone)).await[1].online);
    for name in ["", "  ", "a\u{7}", &"x".repeat(65)] {
        assert_eq!(code(world.rename(&caller(&phone), laptop.device, name).await), Code::BadRequest, "{name:?}");
    }
    assert_eq!(code(world.rename(&caller(&phone), DeviceId(99), "x").await), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn the_phone_manages_all_and_a_companion_itself_unless_the_settings_say_more() {
    for manage in [false, true] {
        let world = with(DeviceSettings { companions_manage: manage, ..DeviceSettings::default() });
        let (phone, laptop) = world.phone_and_laptop().await;
        let tablet = world.linked(&caller(&phone), "Tablet").await;
        let by = caller(&laptop);
        world.rename(&by, laptop.device, "Mine").await.expect("itself");
        assert_eq!(world.rename(&by, tablet.device, "Theirs").await.is_ok(), manage);
        assert_eq!(world.revoke(&by, tablet.device).await.is_ok(), manage);
        assert_eq!(code(world.rename(&by, phone.device, "x").await), Code::Forbidden, "the phone is nobody's");
        assert_eq!(code(world.revoke(&by, phone.device).await), Code::Forbidden);
        world.revoke(&by, laptop.device).await.expect("itself");
        assert_eq!(code(world.send(&by, "alice@localhost", "m", "x").await.map(|_| ())), Code::Revoked);
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_removed_is_cut_off_at_once_with_all_its_credentials() {
    let world = world(Settings::default());
    let (phone, laptop) = world.phone_and_laptop().await;
    let session = world.connect(&laptop).await.expect("connects");
    let by = caller(&laptop);
    let (held, _) = tokio::join!(world.sync_waiting(&by, world.sync(&by, Seq::ZERO).await.key, 90_000), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.revoke(&caller(&phone), laptop.device).await.expect("the phone may");
    });
    assert_eq!(code(held.map(|_| ())), Code::Revoked, "the held poll");
    assert_eq!(closed(&session).await, Code::Revoked);
    assert_eq!(code(world.engine.identify_token(laptop.token.expose()).await), Code::Revoked);
    let buy = Command::Token { address: laptop.address.clone(), device: laptop.device, secret: laptop.secret.clone() };
    assert_eq!(code(world.engine.execute(&nobody(), buy).await), Code::WrongCredentials);
}

#[tokio::test(start_paused = true)]
async fn the_other_links_of_the_account_are_told_that_its_devices_have_changed() {
    let world = world(Settings::default());
    let phone = world.register(NUMBER, "alice").await;
    let mut session = world.connect(&phone).await.expect("connects");
    session.subscribe(world.sync(&caller(&phone), Seq::ZERO).await.key);
    let page = belfry_domain::ports::PageLimit { entries: 10, bytes: 10_000 };
    assert!(session.take(page).await.expect("reads").is_none());
    let laptop = world.linked(&caller(&phone), "Laptop").await;
    for change in 0..3 {
        match change {
            0 => {}
            1 => drop(world.rename(&caller(&laptop), laptop.device, "x").await.expect("itself")),
            _ => drop(world.revoke(&caller(&phone), laptop.device).await.expect("the phone may")),
        }
        assert!(matches!(session.wait().await, Wake::Ready));
        assert!(matches!(session.take(page).await.expect("reads"), Some(Told::DevicesChanged)), "{change}");
        assert!(session.take(page).await.expect("reads").is_none(), "once");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_new_companion_gets_of_the_past_is_a_setting() {
    const ALL: [&str; 4] = ["1", "2", "3", "4"];
    let recent = |ms, messages| KeepPast::Recent { ms, messages };
    // "4" is not delivered to anybody.
    for (past, synced, history) in [
        (KeepPast::All, &ALL[..], &ALL[..]),
        (recent(1_000_000, 2), &ALL[2..], &ALL[..]),
        (recent(2_500, 100), &ALL[1..], &ALL[..]),
        (KeepPast::Undelivered, &ALL[3..], &ALL[..]),
        (KeepPast::Nothing, &ALL[3..], &[]),
    ] {
        let world = with(DeviceSettings { past, ..DeviceSettings::default() });
        let phone = world.register(NUMBER, "alice").await;
        let bob = caller(&world.register("+4915112345679", "bob").await);
        for text in ALL {
            world.clock.advance_ms(1_000);
            if text == "4" {
                world.acknowledge(&caller(&phone), world.sync(&caller(&phone), Seq::ZERO).await.key).await;
            }
            world.send(&bob, "alice@localhost", text, text).await.expect("sent");
        }
        world.clock.advance_ms(1);
        let laptop = caller(&world.linked(&caller(&phone), "Laptop").await);
        assert_eq!(texts(&world.sync(&laptop, Seq::ZERO).await), synced, "{past:?}");
        let of = ConversationRef::Peer("bob@localhost".parse().expect("an address"));
        let command = Command::History { of, before: None, limit: 0 };
        let Reply::History { messages, more, .. } = world.engine.execute(&laptop, command).await.expect("history")
        else {
            panic!("no history")
        };
        let read: Vec<_> = messages.iter().map(|message| message.content.text.as_str()).collect();
        assert_eq!((read.as_slice(), more), (history, false), "{past:?}");
        let shown = (history.last().map(|text| (*text).to_owned()), history.len() as u32);
        assert_eq!(world.listed(&laptop).await, shown, "{past:?}: the list shows and counts what the history has");
        assert_eq!(texts(&world.sync(&caller(&phone), Seq::ZERO).await), ALL, "the phone has all");
        world.send(&bob, "alice@localhost", "5", "5").await.expect("sent");
        assert_eq!(texts(&world.sync(&laptop, Seq::ZERO).await).last().map(String::as_str), Some("5"));
        assert_eq!(world.listed(&laptop).await, (Some("5".to_owned()), history.len() as u32 + 1), "{past:?}");
        assert_eq!(world.listed(&caller(&phone)).await, (Some("5".to_owned()), 5), "the phone knows all");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_reaction_does_not_tell_a_new_companion_what_was_edited_before_it_came() {
    let world = with(DeviceSettings { past: KeepPast::Nothing, ..DeviceSettings::default() });
    let phone = caller(&world.register(NUMBER, "alice").await);
    let bob = caller(&world.register("+4915112345679", "bob").await);
    let id = world.send(&bob, "alice@localhost", "m", "first").await.expect("sent").id;
    let amend = async |by: &Caller, change| match world.engine.execute(by, Command::Amend { id, change }).await {
        Ok(Reply::Amended(amendment)) => amendment,
        other => panic!("not amended: {other:?}"),
    };
    amend(&bob, Change::Edit(Content::text("secret"))).await;
    world.acknowledge(&phone, world.sync(&phone, Seq::ZERO).await.key).await;
    world.clock.advance_ms(1);
    let laptop = world.linked(&phone, "Laptop").await;
    let mut link = world.connect(&laptop).await.expect("connects");
    let laptop = caller(&laptop);
    link.subscribe(world.sync(&laptop, Seq::ZERO).await.key);
    let page = belfry_domain::ports::PageLimit { entries: 10, bytes: 10_000 };
    while link.take(page).await.expect("reads").is_some() {}
    amend(&bob, Change::React("👍".into())).await;
    let of = |batch: &Batch| {
        let amendment = |item: &Item| match item {
            Item::Amendment(amendment) => Some(amendment.clone()),
            _ => None,
        };
        batch.entries.iter().find_map(|entry| amendment(&entry.item)).expect("a change")
    };
    let Some(Told::Batch(told)) = link.take(page).await.expect("reads") else { panic!("nothing is told") };
    for told in [of(&told), of(&world.sync(&laptop, Seq::ZERO).await)] {
        assert_eq!((told.reactions.len(), &told.content), (1, &None), "the reaction, and not what was said");
    }
    assert_eq!(amend(&laptop, Change::Pin(true)).await.content, None, "an answer tells no more");
    let full = of(&world.sync(&phone, Seq::ZERO).await);
    assert_eq!(full.content.as_ref().map(|content| content.text.as_str()), Some("secret"), "the phone has all");
    world.clock.advance_ms(1);
    amend(&bob, Change::Edit(Content::text("new"))).await;
    let told = of(&world.sync(&laptop, Seq::ZERO).await);
    assert_eq!(told.content.as_ref().map(|content| content.text.as_str()), Some("new"), "what is said from now on");
}

#[tokio::test(start_paused = true)]
async fn a_companion_that_is_silent_for_a_month_goes_and_is_told_why() {
    let world = world(Settings::default());
    let (phone, laptop) = world.phone_and_laptop().await;
    let tablet = world.linked(&caller(&phone), "Tablet").await;
    let desktop = world.linked(&caller(&phone), "Desktop").await;
    let held = world.connect(&desktop).await.expect("stays connected");
    let sweep = Duration::from_secs(11 * 60);
    world.clock.advance_ms(20 * 24 * 3_600_000);
    let buy = Command::Token { address: tablet.address.clone(), device: tablet.device, secret: tablet.secret.clone() };
    world.engine.execute(&nobody(), buy).await.expect("the tablet polls over HTTP");
    world.clock.advance_ms(10 * 24 * 3_600_000);
    world.sweep_for(sweep).await;
    assert_eq!(world.list(&caller(&phone)).await.len(), 4, "at the limit nobody goes");
    world.clock.advance_ms(1);
    world.sweep_for(sweep).await;
    let names: Vec<String> = world.list(&caller(&phone)).await.iter().map(|v| v.device.name.clone()).collect();
    assert_eq!(names, ["Phone", "Tablet", "Desktop"], "the phone never, and nobody who is there");
    drop(held);
    let buy = Command::Token { address: laptop.address.clone(), device: laptop.device, secret: laptop.secret.clone() };
    let refusal = world.engine.execute(&nobody(), buy).await.expect_err("it is gone");
    assert_eq!(refusal.code, Code::Revoked);
    assert!(refusal.message.contains("not used for so long"), "{}", refusal.message);
}

fn strict() -> DeviceSettings {
    DeviceSettings { strict_grace_ms: Some(60_000), ..DeviceSettings::default() }
}

#[tokio::test(start_paused = true)]
async fn in_strict_mode_companions_go_when_the_phone_has_gone_for_the_grace() {
    let world = with(strict());
    let (phone, laptop) = world.phone_and_laptop().await;
    let by = caller(&laptop);
    let at_the_phone = world.connect(&phone).await.expect("connects");
    let session = world.connect(&laptop).await.expect("the phone is there");
    world.sweep_for(Duration::from_secs(600)).await;
    world.send(&by, "alice@localhost", "1", "x").await.expect("the phone is there");

    drop(at_the_phone);
    world.sweep_for(Duration::from_secs(59)).await;
    world.send(&by, "alice@localhost", "2", "x").await.expect("within the grace");
    assert!(tokio::time::timeout(Duration::from_millis(1), closed_at_all(&session)).await.is_err());
    world.sweep_for(Duration::from_millis(1_250)).await;
    assert_eq!(closed(&session).await, Code::PrimaryOffline);
    assert_eq!(code(world.send_as(&by, "3").await), Code::PrimaryOffline);
    assert_eq!(code(world.connect(&laptop).await.map(|_| ())), Code::PrimaryOffline);
    assert_eq!(code(world.sync_waiting(&by, Seq::ZERO, 1_000).await.map(|_| ())), Code::PrimaryOffline);

    let at_the_phone = world.connect(&phone).await.expect("it is back");
    let session = world.connect(&laptop).await.expect("the phone is there again");
    drop(at_the_phone);
    world.sweep_for(Duration::from_secs(30)).await;
    let _at_the_phone = world.connect(&phone).await.expect("back within the grace");
    world.sweep_for(Duration::from_secs(600)).await;
    assert!(tokio::time::timeout(Duration::from_millis(1), closed_at_all(&session)).await.is_err(), "it stays");
}

async fn closed_at_all(session: &Session) {
    while !matches!(session.wait().await, Wake::Closed(_)) {}
}

impl World {
    async fn send_as(&self, by: &Caller, id: &str) -> Result<(), Refusal> {
        let draft = belfry_engine::Draft {
            to: "alice@localhost".parse().expect("an address"),
            client_id: crate::world::id(id),
            content: Content::text("x"),
        };
        self.engine.execute(by, Command::Send(draft)).await.map(|_| ())
    }
}

#[tokio::test(start_paused = true)]
async fn in_strict_mode_a_start_of_the_server_gives_the_phone_the_grace_to_come() {
    let world = with(strict());
    let (phone, laptop) = world.phone_and_laptop().await;
    let world = world.restarted(Settings { devices: strict(), ..Settings::default() });
    let session = world.connect(&laptop).await.expect("the server has only begun");
    world.sweep_for(Duration::from_millis(60_250)).await;
    assert_eq!(closed(&session).await, Code::PrimaryOffline, "the phone did not come");
    world.engine.execute(&caller(&laptop), Command::Logout).await.expect("it may always leave");
    world.connect(&phone).await.expect("the phone needs nobody");
}

#[tokio::test(start_paused = true)]
async fn in_strict_mode_a_phone_that_polls_is_there() {
    let world = with(strict());
    let (phone, laptop) = world.phone_and_laptop().await;
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert_eq!(code(world.send_as(&caller(&laptop), "1").await), Code::PrimaryOffline);
    let by = caller(&phone);
    let key = world.sync(&by, Seq::ZERO).await.key;
    let (_, sent) = tokio::join!(world.sync_waiting(&by, key, 90_000), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.send_as(&caller(&laptop), "2").await
    });
    sent.expect("a held poll is a sign of the phone");
    tokio::time::advance(Duration::from_secs(59)).await;
    world.send_as(&caller(&laptop), "3").await.expect("and the grace after it");
}

#[tokio::test(start_paused = true)]
async fn independent_companions_and_accounts_without_a_phone_need_no_phone() {
    let independent = world(Settings::default());
    let (_, laptop) = independent.phone_and_laptop().await;
    let session = independent.connect(&laptop).await.expect("independent");
    independent.sweep_for(Duration::from_secs(3_600)).await;
    assert!(tokio::time::timeout(Duration::from_millis(1), closed_at_all(&session)).await.is_err());

    let strict = with(strict());
    let bot = strict.by_password("bot@localhost").await;
    let session = strict.connect(&bot).await.expect("there is no phone to wait for");
    strict.sweep_for(Duration::from_secs(3_600)).await;
    assert!(tokio::time::timeout(Duration::from_millis(1), closed_at_all(&session)).await.is_err());
}
