//! Presence's corner of the test world: people who know each other, links that remember what they are told, and time
//! that passes for both clocks and the rounds.

use std::collections::BTreeMap;
use std::time::Duration;

use belfry_domain::ports::PageLimit;
use belfry_domain::{Address, Audience, Deed, PrivacyChange, Refusal, Seq};
use belfry_engine::{
    Availability, Caller, Command, Live, Presence, PresenceSettings, Rates, Reply, Session, Settings, Told,
};

use crate::world::{World, caller, world};

const PAGE: PageLimit = PageLimit { entries: 100, bytes: 1 << 20 };

/// The longest that anything takes to be told: settling, lingering, the interval and a round.
pub(crate) const ALL_MS: u64 = 16_000;

pub(crate) fn settings(presence: PresenceSettings) -> Settings {
    Settings { scram_iterations: 8, rates: Rates::UNLIMITED, presence, ..Settings::default() }
}

/// A server that has been up for a while, and these people, with a device each.
pub(crate) async fn town_under<const N: usize>(presence: PresenceSettings, names: [&str; N]) -> (World, [Caller; N]) {
    let world = world(settings(presence));
    let mut people = Vec::new();
    for name in names {
        people.push(person(&world, name).await);
    }
    pass(&world, presence.linger_ms).await;
    (world, people.try_into().expect("as many as there are names"))
}

pub(crate) async fn town<const N: usize>(names: [&str; N]) -> (World, [Caller; N]) {
    town_under(PresenceSettings::default(), names).await
}

/// A further device of somebody, and the account where there is none.
pub(crate) async fn person(world: &World, name: &str) -> Caller {
    caller(&world.by_password(&format!("{name}@localhost")).await)
}

pub(crate) fn at(name: &str) -> Address {
    Address::parse(&format!("{name}@localhost")).expect("an address")
}

pub(crate) async fn does(world: &World, by: &Caller, with: &str, deed: Deed) {
    world.engine.execute(by, Command::ChangeContact { with: at(with), deed }).await.expect("it is done");
}

/// Makes two people contacts.
pub(crate) async fn meet(world: &World, (one, name): (&Caller, &str), (other, other_name): (&Caller, &str)) {
    does(world, one, other_name, Deed::Request { note: String::new() }).await;
    does(world, other, name, Deed::Accept).await;
}

pub(crate) async fn shows(world: &World, by: &Caller, last_seen: Audience) {
    let change = PrivacyChange { last_seen: Some(last_seen), ..PrivacyChange::default() };
    world.engine.execute(by, Command::SetPrivacy(change)).await.expect("set");
}

pub(crate) async fn says(world: &World, by: &Caller, availability: Availability, status: &str) -> Presence {
    says_with(world, by, availability, status, 0).await
}

pub(crate) async fn says_with(
    world: &World,
    by: &Caller,
    availability: Availability,
    status: &str,
    priority: i8,
) -> Presence {
    let command = Command::SetPresence { availability, status: status.to_owned(), priority };
    match world.engine.execute(by, command).await.expect("it is said") {
        Reply::Presence(presence) => *presence,
        other => panic!("no presence: {other:?}"),
    }
}

pub(crate) async fn looks(world: &World, by: &Caller, foreground: bool) {
    world.engine.execute(by, Command::ReportActivity { foreground }).await.expect("heard");
}

pub(crate) async fn watches(world: &World, by: &Caller, names: &[&str]) -> Result<Vec<Presence>, Refusal> {
    let command = Command::Watch { addresses: names.iter().map(|name| at(name)).collect() };
    match world.engine.execute(by, command).await? {
        Reply::Watching { presences, expires_in_ms } => {
            assert_eq!(expires_in_ms, world.engine.settings().presence.watch_ms);
            Ok(presences)
        }
        other => panic!("nothing watched: {other:?}"),
    }
}

/// Lets time pass, with the rounds that come in it.
pub(crate) async fn pass(world: &World, ms: u64) {
    const ROUND_MS: u64 = 250;
    for _ in 0..ms.div_ceil(ROUND_MS) {
        tokio::time::advance(Duration::from_millis(ROUND_MS)).await;
        world.clock.advance_ms(ROUND_MS);
        world.engine.presence_round().await.expect("the store reads");
    }
}

pub(crate) fn counted(world: &World, name: &str) -> u64 {
    world.engine.metrics().samples().iter().find(|sample| sample.name == name).expect("it is counted").value
}

/// A link that follows its account's timeline, and what it knows of others from what it was told.
pub(crate) struct Linked {
    pub(crate) session: Session,
    pub(crate) knows: BTreeMap<String, Presence>,
}

impl Linked {
    pub(crate) async fn open(world: &World, by: &Caller) -> Linked {
        let key = world.sync(by, Seq::ZERO).await.key;
        let mut session = world.engine.open_session(by.clone()).await.expect("it may connect");
        session.subscribe(key);
        Linked { session, knows: BTreeMap::new() }
    }

    /// Everything that is told now, in the pieces in which it comes; without entries.
    pub(crate) async fn pieces(&mut self) -> Vec<Vec<Presence>> {
        let mut pieces = Vec::new();
        while let Some(told) = self.session.take(PAGE).await.expect("the store reads") {
            let Told::Live(events) = told else { continue };
            let presence = |event: &Live| match event {
                Live::Presence(presence) => Some(Presence::clone(presence)),
                Live::Typing(_) | Live::Stanza(_) | Live::Subscribed(_) => None,
            };
            let piece: Vec<Presence> = events.iter().filter_map(presence).collect();
            for one in &piece {
                self.knows.insert(one.address.local().to_owned(), one.clone());
            }
            pieces.push(piece);
        }
        pieces
    }

    /// The same in one.
    pub(crate) async fn told(&mut self) -> Vec<(String, Availability)> {
        let pieces = self.pieces().await;
        pieces.into_iter().flatten().map(|one| (one.address.local().to_owned(), one.availability)).collect()
    }

    /// How somebody is, as far as this link was told.
    pub(crate) fn sees(&self, name: &str) -> Availability {
        self.knows.get(name).map_or(Availability::Offline, |presence| presence.availability)
    }
}

/// As it is told.
pub(crate) fn one(name: &str, availability: Availability) -> Vec<(String, Availability)> {
    vec![(name.to_owned(), availability)]
}
