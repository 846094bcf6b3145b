//! Linking a device by a code, as promises.

use std::time::Duration;

use belfry_domain::{Code, Refusal, Secret};
use belfry_engine::{
    Caller, Command, DeviceSettings, Identity, Issued, LinkBegun, LinkId, LinkScanned, LinkState, LinkStatus, Peer,
    Reply, Settings,
};
use tokio::time::Instant;

use crate::world::{World, caller, code, from_ip, nobody, peer, world};

const NUMBER: &str = "+4915112345678";

const KEY: [u8; 32] = [0x4B; 32];

fn under_key() -> Caller {
    Caller { identity: Identity::Nobody { noise_key: Some(KEY) }, peer: peer("192.168.1.7") }
}

impl World {
    async fn begin(&self, by: &Caller) -> Result<LinkBegun, Refusal> {
        let command = Command::LinkBegin { device_name: "Laptop".into(), platform: "Linux".into() };
        match self.engine.execute(by, command).await? {
            Reply::LinkBegun(begun) => Ok(*begun),
            other => panic!("no code: {other:?}"),
        }
    }

    async fn link_wait(
        &self,
        by: &Caller,
        begun: &LinkBegun,
        known: Option<LinkState>,
        wait_ms: u64,
    ) -> Result<LinkStatus, Refusal> {
        let command = Command::LinkWait { link: begun.id, secret: begun.secret.clone(), known, wait_ms };
        match self.engine.execute(by, command).await? {
            Reply::LinkStatus(status) => Ok(*status),
            other => panic!("no status: {other:?}"),
        }
    }

    async fn state(&self, by: &Caller, begun: &LinkBegun) -> LinkState {
        self.link_wait(by, begun, None, 0).await.expect("it is under way").state
    }

    async fn scan(&self, by: &Caller, payload: &str) -> Result<LinkScanned, Refusal> {
        match self.engine.execute(by, Command::LinkScan { payload: payload.to_owned() }).await? {
            Reply::LinkScanned(scanned) => Ok(*scanned),
            other => panic!("not scanned: {other:?}"),
        }
    }

    async fn confirm(&self, by: &Caller, link: LinkId, accept: bool) -> Result<Option<u32>, Refusal> {
        match self.engine.execute(by, Command::LinkConfirm { link, accept }).await? {
            Reply::LinkConfirmed(device) => Ok(device.map(|device| device.0)),
            other => panic!("not answered: {other:?}"),
        }
    }

    async fn devices(&self, by: &Caller) -> usize {
        match self.engine.execute(by, Command::ListDevices).await.expect("a list") {
            Reply::Devices(devices) => devices.len(),
            other => panic!("no list: {other:?}"),
        }
    }

    async fn link(&self, phone: &Caller, new: &Caller) -> Issued {
        let begun = self.begin(new).await.expect("a code");
        self.scan(phone, &begun.code).await.expect("the code is good");
        self.confirm(phone, begun.id, true).await.expect("it may join");
        let status = self.link_wait(new, &begun, None, 0).await.expect("it has joined");
        (*status.issued.expect("credentials")).clone()
    }
}

async fn with_phone() -> (World, Caller) {
    let world = world(Settings::default());
    let phone = caller(&world.register(NUMBER, "alice").await);
    (world, phone)
}

#[tokio::test(start_paused = true)]
async fn a_device_joins_when_the_phone_has_read_its_code_and_said_yes() {
    let (world, phone) = with_phone().await;
    let new = under_key();
    let begun = world.begin(&new).await.expect("a code");
    assert!(begun.code.contains(&begun.id.to_string()) && begun.code.contains("server=localhost"), "{}", begun.code);
    assert!(!begun.code.contains(begun.secret.expose()), "the secret is not in the code");
    assert_eq!(begun.expires_in_ms, 60_000);

    // Each change wakes who waits for it.
    let (waiting, scanned) =
        tokio::join!(world.link_wait(&new, &begun, Some(LinkState::Waiting), 90_000), world.scan(&phone, &begun.code));
    let (waiting, scanned) = (waiting.expect("told"), scanned.expect("the code is good"));
    assert_eq!(
        (waiting.state, waiting.account.expect("who").to_string()),
        (LinkState::Scanned, "alice@localhost".into())
    );
    assert_eq!((scanned.device_name.as_str(), scanned.platform.as_str()), ("Laptop", "Linux"));
    assert_eq!((scanned.network, scanned.carrier), ("a private network", "test"));
    let (confirmed, device) = tokio::join!(
        world.link_wait(&new, &begun, Some(LinkState::Scanned), 90_000),
        world.confirm(&phone, begun.id, true)
    );
    let issued = confirmed.expect("told").issued.expect("credentials");
    assert_eq!(Some(issued.device.0), device.expect("it has joined"));
    assert!(!issued.primary && !issued.replaced);

    // All credentials are good: token, secret, key.
    assert!(matches!(world.engine.identify_token(issued.token.expose()).await, Ok(Identity::Device { .. })));
    assert!(matches!(world.engine.identify_key(&KEY).await, Ok(Some(Identity::Device { .. }))));
    assert_eq!(world.devices(&caller(&issued)).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_given_again_with_the_same_credentials_and_makes_no_second_device() {
    let (world, phone) = with_phone().await;
    let begun = world.begin(&nobody()).await.expect("a code");
    world.scan(&phone, &begun.code).await.expect("good");
    let first = world.confirm(&phone, begun.id, true).await.expect("yes");
    assert_eq!(world.confirm(&phone, begun.id, true).await.expect("the same yes"), first);
    let one = world
        .link_wait(&nobody(), &begun, Some(LinkState::Scanned), 0)
        .await
        .expect("told")
        .issued
        .expect("credentials");
    let two = world
        .link_wait(&nobody(), &begun, Some(LinkState::Confirmed), 90_000)
        .await
        .expect("told")
        .issued
        .expect("again");
    assert_eq!((one.device, one.secret.expose()), (two.device, two.secret.expose()));
    assert_eq!(world.devices(&phone).await, 2);
    tokio::time::advance(Duration::from_secs(60)).await;
    let late = world.link_wait(&nobody(), &begun, None, 0).await.expect("it is still known");
    assert_eq!(late.state, LinkState::Expired);
    assert!(late.issued.is_none(), "after its time nobody is told the credentials");
    assert_eq!(code(world.confirm(&phone, begun.id, false).await), Code::NotFound, "a yes is not taken back");
}

#[tokio::test(start_paused = true)]
async fn without_the_secret_or_under_another_key_a_code_is_worth_nothing() {
    let (world, phone) = with_phone().await;
    let begun = world.begin(&under_key()).await.expect("a code");
    world.scan(&phone, &begun.code).await.expect("good");
    world.confirm(&phone, begun.id, true).await.expect("yes");
    let stolen = LinkBegun { secret: Secret::new("0".repeat(64)), ..begun.clone() };
    assert_eq!(code(world.link_wait(&under_key(), &stolen, None, 0).await), Code::NotFound);
    assert_eq!(code(world.link_wait(&nobody(), &begun, None, 0).await), Code::NotFound, "another key: none");
    let other = Caller { identity: Identity::Nobody { noise_key: Some([1; 32]) }, peer: peer("127.0.0.1") };
    assert_eq!(code(world.link_wait(&other, &begun, None, 0).await), Code::NotFound);
    assert_eq!(world.state(&under_key(), &begun).await, LinkState::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_code_belongs_to_the_account_that_read_it_first() {
    let (world, phone) = with_phone().await;
    let other = caller(&world.register("+4915112345679", "mallory").await);
    let begun = world.begin(&nobody()).await.expect("a code");
    assert_eq!(code(world.confirm(&phone, begun.id, true).await), Code::BadRequest, "it was not read");
    world.scan(&phone, &begun.code).await.expect("good");
    world.scan(&phone, &begun.code).await.expect("reading it again changes nothing");
    assert_eq!(code(world.scan(&other, &begun.code).await), Code::Forbidden);
    assert_eq!(code(world.confirm(&other, begun.id, true).await), Code::Forbidden);
    assert_eq!(code(world.confirm(&other, begun.id, false).await), Code::Forbidden);
    world.confirm(&phone, begun.id, true).await.expect("yes");
    for by in [&phone, &other] {
        assert_eq!(code(world.scan(by, &begun.code).await), Code::NotFound, "a code is for one use");
    }
    assert_eq!((world.devices(&phone).await, world.devices(&other).await), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_to_both_and_final() {
    let (world, phone) = with_phone().await;
    let begun = world.begin(&nobody()).await.expect("a code");
    world.scan(&phone, &begun.code).await.expect("good");
    let new = nobody();
    let (told, refused) = tokio::join!(
        world.link_wait(&new, &begun, Some(LinkState::Scanned), 90_000),
        world.confirm(&phone, begun.id, false)
    );
    assert_eq!(told.expect("told").state, LinkState::Refused);
    assert_eq!(refused.expect("refused"), None);
    assert_eq!(world.confirm(&phone, begun.id, false).await.expect("the same no"), None);
    assert_eq!(code(world.confirm(&phone, begun.id, true).await), Code::NotFound);
    assert_eq!(world.devices(&phone).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_code_expires_and_reading_it_gives_its_owner_time_to_answer() {
    let (world, phone) = with_phone().await;
    let (one, two) = (world.begin(&nobody()).await.expect("a code"), world.begin(&nobody()).await.expect("a code"));
    let before = Instant::now();
    let told = world.link_wait(&nobody(), &one, Some(LinkState::Waiting), 90_000).await.expect("told");
    assert_eq!((told.state, before.elapsed().as_secs()), (LinkState::Expired, 60));
    assert_eq!(code(world.scan(&phone, &one.code).await), Code::NotFound);
    assert_eq!(code(world.scan(&phone, &two.code).await), Code::NotFound);

    let begun = world.begin(&nobody()).await.expect("a fresh code");
    tokio::time::advance(Duration::from_secs(59)).await;
    assert_eq!(world.scan(&phone, &begun.code).await.expect("just in time").expires_in_ms, 60_000);
    tokio::time::advance(Duration::from_secs(59)).await;
    assert_eq!(world.state(&nobody(), &begun).await, LinkState::Scanned);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(code(world.confirm(&phone, begun.id, true).await), Code::NotFound);
    assert_eq!(world.state(&nobody(), &begun).await, LinkState::Expired);
    assert_eq!(world.devices(&phone).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_restart_forgets_codes_but_no_device_that_has_joined() {
    let (world, phone) = with_phone().await;
    let (open, joined) =
        (world.begin(&nobody()).await.expect("a code"), world.begin(&under_key()).await.expect("a code"));
    world.scan(&phone, &joined.code).await.expect("good");
    world.confirm(&phone, joined.id, true).await.expect("yes");
    let world = world.restarted(Settings::default());
    for (by, begun) in [(nobody(), &open), (under_key(), &joined)] {
        assert_eq!(code(world.link_wait(&by, begun, None, 0).await), Code::NotFound);
    }
    assert_eq!(code(world.scan(&phone, &open.code).await), Code::NotFound);
    assert_eq!(world.devices(&phone).await, 2);
    let by_key = world.engine.identify_key(&KEY).await.expect("known").expect("it has joined");
    world.engine.open_session(Caller { identity: by_key, peer: peer("127.0.0.1") }).await.expect("it may connect");
}

#[tokio::test(start_paused = true)]
async fn only_the_phone_links_and_where_there_is_none_the_settings_say() {
    let (world, phone) = with_phone().await;
    let companion = caller(&world.link(&phone, &nobody()).await);
    let begun = world.begin(&nobody()).await.expect("a code");
    assert_eq!(code(world.scan(&companion, &begun.code).await), Code::Forbidden);
    world.scan(&phone, &begun.code).await.expect("good");
    assert_eq!(code(world.confirm(&companion, begun.id, true).await), Code::Forbidden);
    assert_eq!(code(world.scan(&nobody(), &begun.code).await), Code::Unauthenticated);

    for allowed in [true, false] {
        let devices = DeviceSettings { link_without_primary: allowed, ..DeviceSettings::default() };
        let world = crate::world::world(Settings { devices, scram_iterations: 8, ..Settings::default() });
        let device = world.by_password("bob@localhost").await;
        let begun = world.begin(&nobody()).await.expect("a code");
        match world.scan(&caller(&device), &begun.code).await {
            Ok(_) => assert!(allowed),
            Err(refusal) => assert_eq!((refusal.code, allowed), (Code::Forbidden, false)),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_full_may_make_room_and_say_yes_again() {
    let world = world(Settings { devices_max: 2, ..Settings::default() });
    let phone = caller(&world.register(NUMBER, "alice").await);
    let old = world.link(&phone, &nobody()).await;
    let begun = world.begin(&nobody()).await.expect("a code");
    world.scan(&phone, &begun.code).await.expect("good");
    assert_eq!(code(world.confirm(&phone, begun.id, true).await), Code::Forbidden);
    assert_eq!(world.state(&nobody(), &begun).await, LinkState::Scanned);
    world.engine.execute(&phone, Command::RevokeDevice { device: old.device }).await.expect("the phone may");
    world.confirm(&phone, begun.id, true).await.expect("there is room");
    assert_eq!(world.devices(&phone).await, 2);
}

#[tokio::test(start_paused = true)]
async fn codes_and_guesses_are_bounded_by_address_and_by_account() {
    let (world, phone) = with_phone().await;
    for _ in 0..30 {
        world.begin(&from_ip("10.0.0.1")).await.expect("within the limit");
    }
    assert_eq!(code(world.begin(&from_ip("10.0.0.1")).await), Code::RateLimited);
    let begun = world.begin(&from_ip("10.0.0.2")).await.expect("another address");
    let wrong = LinkBegun { secret: Secret::new("x".into()), ..begun.clone() };
    for _ in 0..20 {
        assert_eq!(code(world.link_wait(&from_ip("10.0.0.3"), &wrong, None, 0).await), Code::NotFound);
    }
    assert_eq!(code(world.link_wait(&from_ip("10.0.0.3"), &begun, None, 0).await), Code::RateLimited);
    assert_eq!(world.state(&from_ip("10.0.0.2"), &begun).await, LinkState::Waiting);
    let mut refused = 0;
    for n in 0..40_u8 {
        let guess = LinkId([n; 16]).to_string();
        refused += usize::from(code(world.scan(&phone, &guess).await) == Code::RateLimited);
    }
    assert_eq!(refused, 20);
}

#[tokio::test(start_paused = true)]
async fn links_under_way_are_few_for_an_address_and_forgotten_when_they_are_over() {
    let (world, _) = with_phone().await;
    let exempt = |n: usize| Caller {
        identity: Identity::Nobody { noise_key: None },
        peer: Peer { exempt: true, ..peer(&format!("10.{}.{}.{}", n >> 16, (n >> 8) & 255, n & 255)) },
    };
    for n in 0..10_000 {
        world.begin(&exempt(n)).await.expect("there is room");
    }
    assert_eq!(code(world.begin(&exempt(0)).await), Code::TryLater, "memory is bounded, whoever asks");
    let stop = tokio::time::sleep(Duration::from_secs(125));
    world.engine.run_janitor(stop).await.expect("the store works");
    world.begin(&exempt(0)).await.expect("there is room again");
}

#[tokio::test(start_paused = true)]
async fn a_stop_answers_those_who_wait() {
    let (world, _) = with_phone().await;
    let begun = world.begin(&nobody()).await.expect("a code");
    let before = Instant::now();
    let new = nobody();
    let (told, ()) = tokio::join!(world.link_wait(&new, &begun, Some(LinkState::Waiting), 50_000), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.engine.begin_shutdown(2_000);
    });
    assert_eq!((told.expect("told").state, before.elapsed().as_secs()), (LinkState::Waiting, 1));
}

#[tokio::test(start_paused = true)]
async fn of_two_phones_that_register_at_once_one_wins() {
    let world = world(Settings::default());
    world.ask_pin(&nobody(), NUMBER).await.expect("a PIN");
    let pin = world.pin_of(&crate::world::phone(NUMBER));
    let (here, there) = (nobody(), nobody());
    let (one, two) =
        tokio::join!(world.try_pin(&here, NUMBER, &pin, "alice"), world.try_pin(&there, NUMBER, &pin, "alice"));
    let winner = match (one, two) {
        (Ok(winner), Err(loser)) | (Err(loser), Ok(winner)) => {
            assert_eq!(loser.code, Code::PinExpired);
            winner
        }
        other => panic!("not one winner: {other:?}"),
    };
    assert_eq!(world.devices(&caller(&winner)).await, 1);
}
