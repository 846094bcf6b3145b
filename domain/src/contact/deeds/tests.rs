//! The states of RFC 6121 appendix A, and what holds of every pair of rows that deeds can make.

use std::collections::{BTreeMap, VecDeque};

use super::*;

const NOW: TimestampMs = TimestampMs(1_700_000_000_000);

fn deed(deed: &Deed, mine: &Contact, theirs: &Contact) -> Result<(Contact, Contact), Unable> {
    apply(deed, NOW, mine, theirs)
}

fn note() -> String {
    "It is me.".to_owned()
}

fn every_deed() -> Vec<Deed> {
    vec![
        Deed::Request { note: note() },
        Deed::Accept,
        Deed::Refuse,
        Deed::Withdraw,
        Deed::Remove,
        Deed::Put { name: "Bo".to_owned(), labels: vec!["home".to_owned()] },
        Deed::Subscribe { note: note() },
        Deed::Subscribed,
        Deed::Unsubscribe,
        Deed::Unsubscribed,
        Deed::Block,
        Deed::Unblock,
    ]
}

fn asked() -> Option<Asked> {
    Some(Asked { at: NOW, note: note() })
}

/// A row in a state of RFC 6121 appendix A.1, and the one that is opposite to it.
fn state(name: &str) -> (Contact, Contact) {
    let (to, from, out, into) = match name {
        "None" => (false, false, false, false),
        "None + Pending Out" => (false, false, true, false),
        "None + Pending In" => (false, false, false, true),
        "None + Pending Out+In" => (false, false, true, true),
        "To" => (true, false, false, false),
        "To + Pending In" => (true, false, false, true),
        "From" => (false, true, false, false),
        "From + Pending Out" => (false, true, true, false),
        "Both" => (true, true, false, false),
        other => panic!("{other} is no state"),
    };
    let mine = Contact { listed: true, to, from, asks: out, asked: asked().filter(|_| into), ..Contact::default() };
    let theirs =
        Contact { listed: true, to: from, from: to, asks: into, asked: asked().filter(|_| out), ..Contact::default() };
    (mine, theirs)
}

/// For each state what the owner's subscribe, unsubscribe, subscribed and unsubscribed make of it (A.2.1 to A.2.4).
const OUTBOUND: [(&str, [&str; 4]); 9] = [
    ("None", ["None + Pending Out", "None", "None", "None"]),
    ("None + Pending Out", ["None + Pending Out", "None", "None + Pending Out", "None + Pending Out"]),
    ("None + Pending In", ["None + Pending Out+In", "None + Pending In", "From", "None"]),
    (
        "None + Pending Out+In",
        ["None + Pending Out+In", "None + Pending In", "From + Pending Out", "None + Pending Out"],
    ),
    ("To", ["To", "None", "To", "To"]),
    ("To + Pending In", ["To + Pending In", "None + Pending In", "Both", "To"]),
    ("From", ["From + Pending Out", "From", "From", "None"]),
    ("From + Pending Out", ["From + Pending Out", "From", "From + Pending Out", "None + Pending Out"]),
    ("Both", ["Both", "From", "Both", "To"]),
];

/// For each state what their subscribe, unsubscribe, subscribed and unsubscribed make of it (A.3.1 to A.3.4).
const INBOUND: [(&str, [&str; 4]); 9] = [
    ("None", ["None + Pending In", "None", "None", "None"]),
    ("None + Pending Out", ["None + Pending Out+In", "None + Pending Out", "To", "None"]),
    ("None + Pending In", ["None + Pending In", "None", "None + Pending In", "None + Pending In"]),
    ("None + Pending Out+In", ["None + Pending Out+In", "None + Pending Out", "To + Pending In", "None + Pending In"]),
    ("To", ["To + Pending In", "To", "To", "None"]),
    ("To + Pending In", ["To + Pending In", "To", "To + Pending In", "None + Pending In"]),
    ("From", ["From", "None", "From", "From"]),
    ("From + Pending Out", ["From + Pending Out", "None + Pending Out", "Both", "From"]),
    ("Both", ["Both", "To", "Both", "From"]),
];

fn steps() -> [Deed; 4] {
    [Deed::Subscribe { note: note() }, Deed::Unsubscribe, Deed::Subscribed, Deed::Unsubscribed]
}

/// A row without what the states do not say.
fn plain(row: &Contact) -> Contact {
    Contact { approved: false, ..row.clone() }
}

#[test]
fn the_four_single_steps_go_through_the_states_of_rfc_6121() {
    for (name, nexts) in OUTBOUND {
        let (mine, theirs) = state(name);
        for (step, next) in steps().iter().zip(nexts) {
            let (my_next, their_next) = deed(step, &mine, &theirs).unwrap();
            assert_eq!((plain(&my_next), plain(&their_next)), state(next), "{name}, then {step:?}");
        }
    }
    for (name, nexts) in INBOUND {
        let (mine, theirs) = state(name);
        for (step, next) in steps().iter().zip(nexts) {
            let (their_next, my_next) = deed(step, &theirs, &mine).unwrap();
            assert_eq!((plain(&my_next), plain(&their_next)), state(next), "{name}, then their {step:?}");
        }
    }
}

#[test]
fn who_lets_in_before_being_asked_has_approved_it() {
    for name in ["None", "None + Pending Out", "To"] {
        let (mine, theirs) = state(name);
        let (mine, theirs) = deed(&Deed::Subscribed, &mine, &theirs).unwrap();
        assert!(mine.approved && !mine.from, "{name}");
        let (theirs, mine) = deed(&Deed::Subscribe { note: note() }, &theirs, &mine).unwrap();
        assert!(mine.from && theirs.to && !theirs.asks && mine.asked.is_none(), "{name}");
    }
    for name in ["None + Pending In", "To + Pending In", "From", "Both"] {
        let (mine, theirs) = state(name);
        assert!(!deed(&Deed::Subscribed, &mine, &theirs).unwrap().0.approved, "{name}");
    }
}

#[test]
fn a_request_that_is_accepted_makes_two_contacts() {
    let (mine, theirs) = (Contact::default(), Contact::default());
    let (mine, theirs) = deed(&Deed::Request { note: note() }, &mine, &theirs).unwrap();
    assert!(mine.listed && mine.asks && !mine.to && !theirs.listed && theirs.waits());
    let (theirs, mine) = deed(&Deed::Accept, &theirs, &mine).unwrap();
    let met = Contact { listed: true, approved: true, to: true, from: true, ..Contact::default() };
    assert_eq!((mine, theirs), (met.clone(), met));
}

#[test]
fn two_who_request_each_other_have_accepted() {
    let request = Deed::Request { note: note() };
    let (mine, theirs) = deed(&request, &Contact::default(), &Contact::default()).unwrap();
    let (theirs, mine) = deed(&request, &theirs, &mine).unwrap();
    assert!(mine.is_mutual() && theirs.is_mutual() && !mine.asks && theirs.asked.is_none());
}

#[test]
fn a_request_taken_back_leaves_nothing_on_either_side() {
    let (mine, theirs) = deed(&Deed::Request { note: note() }, &Contact::default(), &Contact::default()).unwrap();
    let (mine, theirs) = deed(&Deed::Withdraw, &mine, &theirs).unwrap();
    assert!(mine.is_nothing() && theirs.is_nothing());
}

#[test]
fn a_refused_request_stays_in_the_list_of_who_asked() {
    let (mine, theirs) = deed(&Deed::Request { note: note() }, &Contact::default(), &Contact::default()).unwrap();
    let (theirs, mine) = deed(&Deed::Refuse, &theirs, &mine).unwrap();
    assert!(theirs.is_nothing());
    assert_eq!(mine, Contact { listed: true, approved: true, ..Contact::default() });
}

#[test]
fn there_is_nothing_to_answer_or_to_take_back_among_strangers() {
    for step in [Deed::Accept, Deed::Refuse, Deed::Withdraw] {
        assert_eq!(deed(&step, &Contact::default(), &Contact::default()), Err(Unable::NoRequest));
    }
}

/// All pairs of rows that the deeds of both sides make of two strangers; with how each comes about.
fn reachable(deeds: &[Deed]) -> Vec<(Contact, Contact, String)> {
    let mut known: BTreeMap<String, (Contact, Contact, String)> = BTreeMap::new();
    let mut queue = VecDeque::from([(Contact::default(), Contact::default(), String::new())]);
    while let Some((mine, theirs, story)) = queue.pop_front() {
        let key = format!("{mine:?} {theirs:?}");
        if known.contains_key(&key) {
            continue;
        }
        for step in deeds {
            if let Ok((my_next, their_next)) = deed(step, &mine, &theirs) {
                queue.push_back((my_next, their_next, format!("{story} I {step:?},")));
            }
            if let Ok((their_next, my_next)) = deed(step, &theirs, &mine) {
                queue.push_back((my_next, their_next, format!("{story} they {step:?},")));
            }
        }
        known.insert(key, (mine, theirs, story));
    }
    known.into_values().collect()
}

fn without_blocking() -> Vec<Deed> {
    every_deed().into_iter().filter(|deed| !matches!(deed, Deed::Block | Deed::Unblock)).collect()
}

#[test]
fn while_nobody_blocks_each_row_says_what_the_other_says() {
    let all = reachable(&without_blocking());
    assert!(all.len() > 50, "only {} pairs", all.len());
    for (mine, theirs, story) in all {
        assert_eq!((mine.to, mine.asks), (theirs.from, theirs.asked.is_some()), "{story}");
        assert_eq!((theirs.to, theirs.asks), (mine.from, mine.asked.is_some()), "{story}");
        assert!(!(mine.to && mine.asks), "in and asking after{story}");
    }
}

#[test]
fn a_deed_done_again_has_no_effect() {
    for (mine, theirs, story) in reachable(&every_deed()) {
        for step in every_deed() {
            let Ok(once) = deed(&step, &mine, &theirs) else { continue };
            match deed(&step, &once.0, &once.1) {
                Ok(twice) => assert_eq!(once, twice, "{step:?} after{story}"),
                Err(unable) => assert_eq!(unable, Unable::NoRequest, "{step:?} after{story}"),
            }
        }
    }
}

#[test]
fn after_blocks_the_rows_agree_again_but_for_what_was_asked() {
    for (mine, theirs, story) in reachable(&every_deed()) {
        if mine.blocked || theirs.blocked {
            continue;
        }
        assert_eq!((mine.to, mine.from), (theirs.from, theirs.to), "{story}");
        assert!(mine.asked.is_none() || theirs.asks, "{story}");
        assert!(theirs.asked.is_none() || mine.asks, "{story}");
    }
}

#[test]
fn nothing_that_the_blocked_side_does_touches_the_row_of_who_blocks() {
    for (mine, theirs, story) in reachable(&every_deed()) {
        for step in every_deed() {
            let Ok((my_next, their_next)) = deed(&step, &mine, &theirs) else { continue };
            let until_unblocked = mine.blocked && !theirs.blocked && step == Deed::Unblock;
            if (mine.blocked || theirs.blocked) && !until_unblocked {
                assert_eq!(their_next, theirs, "{step:?} after{story}");
            }
            if step == Deed::Block {
                assert_eq!(their_next, theirs, "{step:?} after{story}");
                assert!(my_next.asked.is_none());
            }
        }
    }
}

#[test]
fn the_blocked_side_gets_what_somebody_offline_would_give() {
    for (mine, theirs, story) in reachable(&without_blocking()) {
        let (theirs_blocking, _) = deed(&Deed::Block, &theirs, &mine).unwrap();
        for (first, second) in every_deed().iter().flat_map(|a| every_deed().into_iter().map(move |b| (a.clone(), b))) {
            let (mut here, mut there) = ((mine.clone(), theirs.clone()), (mine.clone(), theirs_blocking.clone()));
            for step in [first.clone(), second.clone()] {
                let (offline, blocking) = (deed(&step, &here.0, &here.1), deed(&step, &there.0, &there.1));
                let seen = |outcome: &Result<(Contact, Contact), Unable>| outcome.clone().map(|rows| rows.0);
                // Who blocks back ends the likeness with what it unblocks.
                if step != Deed::Unblock {
                    assert_eq!(seen(&offline), seen(&blocking), "{first:?}, {second:?} after{story}");
                }
                here = offline.unwrap_or(here);
                there = blocking.unwrap_or(there);
            }
        }
    }
}

#[test]
fn who_blocks_does_nothing_that_lets_something_pass() {
    let (theirs, mine) = state("To + Pending In");
    let (mine, theirs) = deed(&Deed::Block, &mine, &theirs).unwrap();
    for step in [Deed::Request { note: note() }, Deed::Accept, Deed::Subscribe { note: note() }, Deed::Subscribed] {
        assert_eq!(deed(&step, &mine, &theirs), Err(Unable::Blocking));
    }
    assert_eq!(deed(&Deed::Remove, &mine, &theirs).unwrap().0, Contact { blocked: true, ..Contact::default() });
}

#[test]
fn a_full_list_takes_no_more_and_is_not_shown_more_requests() {
    let (nobody, full) = (Rows::default(), Rows { all: CONTACTS_MAX, waiting: 0 });
    let crowded = Rows { all: REQUESTS_MAX, waiting: REQUESTS_MAX };
    let (stranger, request) = (Contact::default(), Deed::Request { note: note() });
    assert_eq!(within(&request, NOW, (&stranger, full), (&stranger, nobody)), Err(Unable::TooMany));
    assert_eq!(within(&Deed::Block, NOW, (&stranger, full), (&stranger, nobody)), Err(Unable::TooMany));
    for rows in [full, crowded] {
        let (mine, theirs) = within(&request, NOW, (&stranger, nobody), (&stranger, rows)).unwrap();
        assert!(mine.asks && theirs.is_nothing());
        // Who was not shown the request accepts it by asking.
        let (theirs, mine) = within(&request, NOW, (&theirs, crowded), (&mine, nobody)).unwrap();
        assert!(mine.is_mutual() && theirs.is_mutual());
    }
    let known = Contact { listed: true, ..Contact::default() };
    assert!(within(&request, NOW, (&stranger, nobody), (&known, crowded)).unwrap().1.asked.is_some());
}

#[test]
fn an_invitation_makes_contacts_of_all_but_those_who_block() {
    let none = Rows::default();
    for (mine, theirs, story) in reachable(&every_deed()) {
        let (my_next, their_next) = invited((&mine, none), (&theirs, none)).unwrap();
        match (mine.blocked, theirs.blocked) {
            (false, false) => assert!(my_next.is_mutual() && their_next.is_mutual() && !my_next.asks, "{story}"),
            (true, false) => assert!(my_next == mine && their_next.is_mutual(), "{story}"),
            (_, true) => assert_eq!((&my_next, &their_next), (&mine, &theirs), "{story}"),
        }
        assert_eq!(invited((&my_next, none), (&their_next, none)), Some((my_next, their_next)), "{story}");
    }
    let full = Rows { all: CONTACTS_MAX, waiting: 0 };
    assert_eq!(invited((&Contact::default(), none), (&Contact::default(), full)), None);
}
