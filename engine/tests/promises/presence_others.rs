//! Presence as promises: who looks without being a contact, who is blocked, what XMPP needs, and that all agree at the
//! end of any order of events.

use std::collections::BTreeMap;

use belfry_domain::{Audience, Code, Deed, TimestampMs};
use belfry_engine::Availability::{self, Away, Busy, Chatty, LongAway, Offline, Online};
use belfry_engine::{Caller, PresenceSettings, Resource};

use crate::presence_world::*;
use crate::world::code;

fn said(availability: Availability, status: &str) -> Resource {
    Resource { availability, status: status.to_owned(), ..Resource::default() }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_may_watch_whoever_shows_it_to_everyone_and_only_while_looking() {
    let (world, [alice, bob, carol]) = town(["alice", "bob", "carol"]).await;
    let (mut at_alice, _at_bob) = (Linked::open(&world, &alice).await, Linked::open(&world, &bob).await);
    let _at_carol = Linked::open(&world, &carol).await;
    pass(&world, ALL_MS).await;
    let asked = ["bob", "carol", "nobody", "alice"];
    assert_eq!(watches(&world, &alice, &asked).await, Ok(vec![]), "shown to contacts alone");
    shows(&world, &bob, Audience::Everyone).await;
    shows(&world, &carol, Audience::Everyone).await;
    assert_eq!(watches(&world, &alice, &asked).await, Ok(vec![]), "she does not show herself to them");
    shows(&world, &alice, Audience::Everyone).await;
    let seen = watches(&world, &alice, &["bob", "carol", "nobody", "alice"]).await.expect("answered");
    let seen: Vec<_> = seen.iter().map(|one| (one.address.local(), one.availability)).collect();
    assert_eq!(seen, [("bob", Online), ("carol", Online)]);

    says(&world, &bob, Busy, "").await;
    says(&world, &carol, Busy, "").await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_alice.told().await, [("bob".to_owned(), Busy), ("carol".to_owned(), Busy)]);
    watches(&world, &alice, &["carol"]).await.expect("answered");
    says(&world, &bob, Away, "").await;
    says(&world, &carol, Away, "").await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_alice.told().await, one("carol", Away), "who is left out is watched no longer");
    pass(&world, PresenceSettings::default().watch_ms).await;
    says(&world, &carol, Online, "").await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_alice.told().await, [], "whoever looks says so from time to time");

    watches(&world, &alice, &["carol"]).await.expect("answered");
    shows(&world, &carol, Audience::Contacts).await;
    pass(&world, 1_500).await;
    assert_eq!(at_alice.told().await, one("carol", Offline), "she hides");
}

#[tokio::test(start_paused = true)]
async fn a_block_is_silence_both_ways_and_looks_like_somebody_who_hides_or_is_not_there() {
    let (world, [alice, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&alice, "alice"), (&bob, "bob")).await;
    shows(&world, &alice, Audience::Everyone).await;
    shows(&world, &bob, Audience::Everyone).await;
    let (mut at_alice, mut at_bob) = (Linked::open(&world, &alice).await, Linked::open(&world, &bob).await);
    pass(&world, ALL_MS).await;
    watches(&world, &bob, &["alice"]).await.expect("answered");
    at_alice.told().await;
    at_bob.told().await;

    does(&world, &alice, "bob", Deed::Block).await;
    pass(&world, 1_500).await;
    assert_eq!((at_alice.told().await, at_bob.told().await), (one("bob", Offline), one("alice", Offline)));
    assert_eq!(at_bob.knows["alice"].last_seen, TimestampMs(0));
    for how in [Busy, Away, Online] {
        says(&world, &alice, how, "").await;
        says(&world, &bob, how, "").await;
        pass(&world, ALL_MS).await;
    }
    world.engine.directed_presence(&bob, (&at("alice"), None), said(Busy, "")).await.expect("he is told nothing");
    world.engine.directed_presence(&alice, (&at("bob"), None), said(Busy, "")).await.expect("nor is she");
    assert_eq!((at_alice.told().await, at_bob.told().await), (vec![], vec![]), "then and later");
    let answers = [watches(&world, &bob, &["alice"]).await, watches(&world, &bob, &["nobody"]).await];
    assert_eq!(answers, [Ok(vec![]), Ok(vec![])]);
    assert_eq!(world.engine.probe(&bob, &at("alice")).await, Ok(None));
    drop(at_bob);
    let mut at_bob = Linked::open(&world, &bob).await;
    assert_eq!(at_bob.told().await, [], "a login tells no more");

    does(&world, &alice, "bob", Deed::Unblock).await;
    pass(&world, ALL_MS).await;
    assert_eq!((at_alice.told().await, at_bob.told().await), (one("bob", Online), one("alice", Online)));
}

#[tokio::test(start_paused = true)]
async fn of_devices_that_are_there_alike_the_higher_priority_speaks_then_the_last() {
    let (world, [phone, bob]) = town(["alice", "bob"]).await;
    meet(&world, (&phone, "alice"), (&bob, "bob")).await;
    let laptop = person(&world, "alice").await;
    let mut at_bob = Linked::open(&world, &bob).await;
    let (_at_phone, _at_laptop) = (Linked::open(&world, &phone).await, Linked::open(&world, &laptop).await);
    says_with(&world, &phone, Away, "phone", 5).await;
    says_with(&world, &laptop, Away, "laptop", -1).await;
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    assert_eq!(at_bob.knows["alice"].status, "phone");
    says_with(&world, &laptop, Away, "laptop", 5).await;
    pass(&world, ALL_MS).await;
    at_bob.told().await;
    assert_eq!(at_bob.knows["alice"].status, "laptop");
    says_with(&world, &phone, LongAway, "phone", 127).await;
    says_with(&world, &laptop, Chatty, "laptop", -128).await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Chatty), "how somebody is there weighs more, in six steps");
}

#[tokio::test(start_paused = true)]
async fn presence_to_one_address_needs_no_contact_and_ends_with_the_device() {
    let (world, [alice, bob, carol]) = town(["alice", "bob", "carol"]).await;
    meet(&world, (&alice, "alice"), (&carol, "carol")).await;
    let (mut at_bob, mut at_carol) = (Linked::open(&world, &bob).await, Linked::open(&world, &carol).await);
    pass(&world, 2_000).await;
    at_bob.told().await;
    let to = |name: &str, how: Availability| {
        let (engine, alice, to) = (world.engine.clone(), alice.clone(), at(name));
        async move { engine.directed_presence(&alice, (&to, None), said(how, "here")).await }
    };
    assert_eq!(code(to("bob", Online).await), Code::BadRequest, "there is no link by which she is there");
    let at_alice = Linked::open(&world, &alice).await;
    says(&world, &alice, Offline, "").await;
    to("bob", Chatty).await.expect("told");
    to("nobody", Chatty).await.expect("the same answer");
    assert_eq!(at_bob.told().await, one("alice", Chatty), "at once");
    assert_eq!(at_bob.knows["alice"].status, "here");
    pass(&world, ALL_MS).await;
    assert_eq!(at_carol.told().await, [], "nobody else");
    to("bob", Offline).await.expect("told");
    assert_eq!(at_bob.told().await, one("alice", Offline));

    to("bob", Busy).await.expect("told");
    to("carol", Busy).await.expect("told");
    says(&world, &alice, Away, "").await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Busy), "the changes for all are not for him");
    assert_eq!(at_carol.told().await, one("alice", Away));
    assert_eq!(world.engine.probe(&bob, &at("alice")).await, Ok(None), "nor is a look");
    let probed = world.engine.probe(&carol, &at("alice")).await.expect("answered").expect("she may");
    assert_eq!(probed.availability, Away);
    drop(at_alice);
    pass(&world, ALL_MS).await;
    assert_eq!((at_bob.told().await, at_carol.told().await), (one("alice", Offline), one("alice", Offline)));

    let _at_alice = Linked::open(&world, &alice).await;
    to("bob", Busy).await.expect("told");
    does(&world, &bob, "alice", Deed::Block).await;
    at_bob.told().await;
    pass(&world, ALL_MS).await;
    assert_eq!(at_bob.told().await, one("alice", Offline), "he blocks her");
}

/// A small generator, so that a seed is a run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

const NAMES: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];

/// Everybody flaps, connects, hides, blocks and makes it up; when it ends each link knows of each other what it may.
async fn converges(seed: u64) {
    let presence = PresenceSettings { messages_per_second: 3 + (seed % 40) as u32, ..PresenceSettings::default() };
    let (world, people): (_, [Caller; 6]) = town_under(presence, NAMES).await;
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for one in 0..NAMES.len() {
        for other in one + 1..NAMES.len() {
            if dice.below(3) > 0 {
                meet(&world, (&people[one], NAMES[one]), (&people[other], NAMES[other])).await;
            }
        }
    }
    let mut links: BTreeMap<usize, Linked> = BTreeMap::new();
    let mut blocks: BTreeMap<(usize, usize), bool> = BTreeMap::new();
    for _ in 0..200 {
        let (who, other) = (dice.below(NAMES.len()), dice.below(NAMES.len()));
        match dice.below(12) {
            0..=2 => drop(links.remove(&who)),
            3..=5 if !links.contains_key(&who) => drop(links.insert(who, Linked::open(&world, &people[who]).await)),
            6..=8 if links.contains_key(&who) => {
                let how = [Offline, Away, Busy, Online][dice.below(4)];
                says(&world, &people[who], how, ["", "tea"][dice.below(2)]).await;
            }
            9 => {
                let audience = [Audience::Nobody, Audience::Contacts, Audience::Everyone][dice.below(3)];
                shows(&world, &people[who], audience).await;
            }
            10 if who != other => {
                let blocked = blocks.entry((who, other)).or_default();
                *blocked = !*blocked;
                let deed = if *blocked { Deed::Block } else { Deed::Unblock };
                does(&world, &people[who], NAMES[other], deed).await;
            }
            _ => pass(&world, 250 * dice.below(20) as u64).await,
        }
        if dice.below(3) == 0
            && let Some(link) = links.get_mut(&who)
        {
            link.told().await;
        }
    }
    pass(&world, 4 * ALL_MS).await;
    for (viewer, link) in &mut links {
        link.told().await;
        for (other, name) in NAMES.iter().enumerate().filter(|(other, _)| other != viewer) {
            let shown = world.engine.probe(&people[*viewer], &at(name)).await.expect("answered");
            let contact = world.contact(&people[*viewer], &people[other]).await;
            let sees = link.knows.get(*name).map(|known| (known.availability, known.status.clone()));
            let is = shown.filter(|_| contact.to).map(|shown| (shown.availability, shown.status));
            let nothing = (Offline, String::new());
            assert_eq!(
                sees.unwrap_or(nothing.clone()),
                is.unwrap_or(nothing),
                "seed {seed}: {} of {name}",
                NAMES[*viewer]
            );
        }
    }
    assert_eq!(world.engine.metrics().panics.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn when_flapping_ends_everybody_knows_how_everybody_is() {
    for seed in 1..=40 {
        converges(seed).await;
    }
}
