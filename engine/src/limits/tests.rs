//! What token buckets promise, by properties: never too much, an exact time to wait, memory that is bounded.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const ALICE: AccountId = AccountId(1);
const PHONE: DeviceId = DeviceId(1);

fn address(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(n))
}

/// Rates as people set them, and odd ones.
fn rates() -> impl Strategy<Value = Rate> {
    let per_ms = prop_oneof![Just(1_000), Just(60_000), Just(86_400_000), 1_u32..10_000];
    (1_u32..50, 1_u32..200, per_ms).prop_map(|(burst, count, per_ms)| Rate { burst, count, per_ms })
}

/// Moments at which somebody asks, each so long after the one before.
fn moments() -> impl Strategy<Value = Vec<u64>> {
    let pause = prop_oneof![4 => Just(0), 3 => 0_u64..50, 2 => 0_u64..5_000, 1 => 0_u64..200_000_000];
    prop::collection::vec(pause, 1..200).prop_map(|pauses| {
        let mut now = 0;
        pauses
            .into_iter()
            .map(|pause| {
                now += pause;
                now
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn in_no_stretch_of_time_more_is_given_than_the_burst_and_what_the_rate_gives(
        rate in rates(),
        moments in moments(),
    ) {
        let limits = Limits::default();
        let granted: Vec<u64> = moments.into_iter().filter(|at| limits.take_at(&Limited::Pins, rate, *at).is_ok()).collect();
        for (first, from) in granted.iter().enumerate() {
            for (last, until) in granted.iter().enumerate().skip(first) {
                let given = (last - first + 1) as u64 * u64::from(rate.per_ms);
                let allowed = capacity(rate) + (until - from) * u64::from(rate.count);
                prop_assert!(given <= allowed, "{} from {from} to {until} under {rate:?}", last - first + 1);
            }
        }
    }

    #[test]
    fn what_the_rate_gives_is_given_and_the_time_to_wait_is_exact(rate in rates(), moments in moments()) {
        let limits = Limits::default();
        let key = Limited::Sends(ALICE, PHONE);
        let mut model = capacity(rate);
        let mut before = 0;
        for now in moments {
            model = capacity(rate).min(model + (now - before) * u64::from(rate.count));
            before = now;
            prop_assert_eq!(limits.check_at(&key, rate, now), limits.check_at(&key, rate, now), "looking takes nothing");
            match limits.take_at(&key, rate, now) {
                Ok(()) => {
                    prop_assert!(model >= u64::from(rate.per_ms));
                    model -= u64::from(rate.per_ms);
                }
                Err(wait_ms) => {
                    prop_assert!(model < u64::from(rate.per_ms) && wait_ms > 0);
                    prop_assert_eq!(limits.check_at(&key, rate, now + wait_ms - 1), Err(1), "a millisecond earlier");
                    prop_assert_eq!(limits.take_at(&key, rate, now + wait_ms), Ok(()), "after the wait");
                    break;
                }
            }
        }
    }

    #[test]
    fn after_a_change_of_its_rate_a_bucket_keeps_its_tokens_as_far_as_the_new_burst_holds_them(
        old in rates(),
        new in rates(),
        taken in 0_u32..60,
    ) {
        let limits = Limits::default();
        let key = Limited::Changes(ALICE, PHONE);
        let taken = taken.min(old.burst);
        (0..taken).for_each(|_| limits.take_at(&key, old, 0).expect("within the burst"));
        let left = (0..).take_while(|_| limits.take_at(&key, new, 0).is_ok()).count() as u32;
        let kept = if taken == 0 { new.burst } else { old.burst - taken };
        prop_assert_eq!(left, kept.min(new.burst));
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_gives_its_burst_and_then_its_rate() {
    let limits = Limits::default();
    let rate = Rate::per_second(3, 2);
    for _ in 0..3 {
        assert_eq!(limits.take(&Limited::Pins, rate), Ok(()));
    }
    assert_eq!(limits.take(&Limited::Pins, rate), Err(500));
    tokio::time::advance(Duration::from_millis(499)).await;
    assert_eq!(limits.check(&Limited::Pins, rate), Err(1));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(limits.take(&Limited::Pins, rate), Ok(()));
}

/// What the buckets of a class take of memory.
fn bytes(limits: &Limits, class: Class) -> usize {
    let sets = &limits.classes[class as usize];
    let full: usize = sets.iter().map(|set| set.lock().capacity() * size_of::<Bucket>()).sum();
    full + size_of_val(&**sets)
}

#[test]
fn a_flood_of_keys_stays_within_bounded_memory() {
    let limits = Limits::default();
    let rate = Rate::new(3, 1, 86_400_000);
    for n in 0..400_000 {
        let _full_or_not = limits.take_at(&Limited::LinksBegun(address(n)), rate, 0);
    }
    let held: usize = limits.classes[0].iter().map(|set| set.lock().len()).sum();
    assert_eq!(held, SETS[0] * WAYS);
    assert_eq!(bytes(&limits, Class::Addresses), 5_242_880 + 131_072);
    let others = [Class::Names, Class::Accounts, Class::Server];
    assert_eq!(others.map(|class| bytes(&limits, class)), [32_768, 131_072, 32]);
    let most: usize = SETS.iter().map(|sets| sets * (WAYS * size_of::<Bucket>() + 32)).sum();
    assert!(most < 12 * 1024 * 1024, "{most}");
}

#[test]
fn a_flood_of_one_class_of_keys_leaves_the_budgets_of_others_alone() {
    let limits = Limits::default();
    let rate = Rate::new(3, 1, 86_400_000);
    let spent = [
        Limited::LookUps(ALICE),
        Limited::LoginsOf(Address::new("alice", "localhost").expect("an address")),
        Limited::Pins,
    ];
    for key in &spent {
        while limits.take_at(key, rate, 0).is_ok() {}
    }
    for n in 0..400_000 {
        let _full_or_not = limits.take_at(&Limited::LinksBegun(address(n)), rate, 1);
    }
    for key in &spent {
        assert!(limits.take_at(key, rate, 2).is_err(), "{key:?} has new tokens");
    }
}

#[test]
fn a_flood_of_addresses_gives_no_new_tokens_to_one_that_has_none() {
    let limits = Limits::default();
    let rate = Rate::new(5, 5, 900_000);
    let guesser = Limited::LoginsFrom(address(0));
    while limits.take_at(&guesser, rate, 0).is_ok() {}
    for n in 1..400_000 {
        limits.take_at(&Limited::LoginsFrom(address(n)), rate, u64::from(n / 100)).expect("each asks once");
    }
    assert!(limits.take_at(&guesser, rate, 4_000).is_err(), "it was pushed out");
}

#[test]
fn what_is_full_again_goes_first_and_makes_room_without_growth() {
    let limits = Limits::default();
    let rate = Rate::per_second(3, 1);
    for n in 0..400_000 {
        // A second later nobody of the second before has anything to be remembered for.
        limits.take_at(&Limited::LinksBegun(address(n)), rate, u64::from(n / 4_000) * 1_000).expect("each asks once");
    }
    let held: usize = limits.classes[0].iter().map(|set| set.lock().len()).sum();
    assert!(held <= 6 * SETS[0], "{held} are held, and 4,000 of them matter");
}

#[test]
fn an_ipv6_customer_is_one_address() {
    let ip = |text: &str| text.parse::<IpAddr>().expect("valid");
    assert_eq!(limited_ip(ip("2001:db8::1")), limited_ip(ip("2001:db8::ffff:1")));
    assert_ne!(limited_ip(ip("2001:db8::1")), limited_ip(ip("2001:db8:0:1::1")));
    assert_eq!(limited_ip(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
}

/// One of each.
fn all() -> Vec<Limited> {
    let (ip, name) = (address(1), Address::new("alice", "localhost").expect("an address"));
    vec![
        Limited::Changes(ALICE, PHONE),
        Limited::ContactChanges(ALICE),
        Limited::ContactRequests(ALICE),
        Limited::History(ALICE, PHONE),
        Limited::Invitations(ALICE),
        Limited::InvitationsLookedAt(ip),
        Limited::LinksBegun(ip),
        Limited::LinksGuessed(ip),
        Limited::LinksScanned(ALICE),
        Limited::LobbyJoins(ip),
        Limited::LobbySendsAs(LeaseId(1)),
        Limited::LobbySendsOf(ALICE),
        Limited::LoginsFrom(ip),
        Limited::LoginsOf(name),
        Limited::LookUps(ALICE),
        Limited::LookUpsFrom(ip),
        Limited::PinTries(ip),
        Limited::Pins,
        Limited::PinsByAddress(ip),
        Limited::Presence(ALICE, PHONE),
        Limited::Requests(ALICE),
        Limited::RequestsBeforeLogin(ip),
        Limited::RequestsOfDevice(ALICE, PHONE),
        Limited::Sends(ALICE, PHONE),
        Limited::Typing(ALICE, PHONE),
        Limited::Watches(ALICE, PHONE),
    ]
}

#[test]
fn every_limit_has_a_bucket_of_its_own_and_a_rate_that_can_be_kept() {
    let limits = Limits::default();
    let keys = all();
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    for key in &keys {
        let (rate, what) = key.rule(&Rates::DEFAULT);
        assert!(rate.burst > 0 && rate.count > 0 && rate.per_ms > 0 && !what.is_empty(), "{key:?}");
        for _ in 0..rate.burst {
            assert_eq!(limits.take_at(key, rate, 0), Ok(()), "{key:?}");
        }
        let wait_ms = limits.take_at(key, rate, 0).expect_err("the burst is over");
        assert_eq!(wait_ms, u64::from(rate.per_ms.div_ceil(rate.count)), "{key:?}");
        let (free, _) = key.rule(&Rates::UNLIMITED);
        assert_eq!(limits.take_at(key, free, 0), Ok(()), "{key:?} without limits");
    }
}
