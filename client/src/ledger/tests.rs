//! The checker itself: an honest run is clean, and each kind of violation, planted in pure data, is found and named.

use super::*;

const ALICE: &str = "alice@localhost";
const BOB: &str = "bob@localhost";
const EVE: &str = "eve@localhost";

/// A run in the making: alice writes to bob, who has two devices; eve is a stranger. What each device is told and what
/// its history has can be bent before it is judged.
struct Run {
    ledger: Ledger,
    alice: DeviceNo,
    bob: DeviceNo,
    tablet: DeviceNo,
    eve: DeviceNo,
    histories: Vec<(DeviceNo, Vec<Item>)>,
}

fn letter(cseq: u64, text: &str) -> Item {
    letter_from(ALICE, BOB, cseq, text)
}

fn letter_from(from: &str, to: &str, cseq: u64, text: &str) -> Item {
    Item::Letter(Letter {
        place: Place { conversation: 1, cseq },
        from: from.to_owned(),
        to: to.to_owned(),
        digest: Some(Digest::of_text(text)),
    })
}

fn receipt(delivered: u64, read: u64) -> Item {
    Item::Receipt(Receipt { conversation: 1, peer: BOB.to_owned(), delivered, read })
}

impl Run {
    fn new() -> Run {
        let mut ledger = Ledger::default();
        let [alice, bob, tablet, eve] = [ALICE, BOB, BOB, EVE].map(|account| ledger.device(account));
        Run { ledger, alice, bob, tablet, eve, histories: Vec::new() }
    }

    fn send(&mut self, text: &str, cseq: u64) {
        self.ledger.intend(self.alice, text, BOB, Digest::of_text(text));
        self.ledger.stored(self.alice, text, Place { conversation: 1, cseq });
    }

    fn tell(&mut self, device: DeviceNo, items: &[Item]) {
        for item in items {
            self.ledger.told(device, item.clone());
        }
    }

    /// Two messages, delivered and read, the way it should be. The history is the same everywhere.
    fn honest() -> Run {
        let mut run = Run::new();
        let (alice, bob, tablet) = (run.alice, run.bob, run.tablet);
        run.send("one", 1);
        run.tell(alice, &[letter(1, "one")]);
        run.tell(bob, &[letter(1, "one")]);
        run.ledger.acknowledged(bob);
        run.tell(alice, &[receipt(1, 0)]);
        run.send("two", 2);
        run.tell(alice, &[letter(2, "two")]);
        run.tell(tablet, &[letter(1, "one"), letter(2, "two")]);
        run.ledger.acknowledged(tablet);
        run.tell(alice, &[receipt(2, 0)]);
        let mark = run.ledger.mark(bob, Place { conversation: 1, cseq: 2 });
        run.ledger.marked(mark);
        run.tell(alice, &[receipt(2, 2)]);
        run.tell(bob, &[letter(2, "two")]);
        let both = vec![letter(1, "one"), letter(2, "two")];
        run.histories.push((alice, [both.clone(), vec![receipt(2, 2)]].concat()));
        run.histories.push((bob, both.clone()));
        run.histories.push((tablet, both));
        run.histories.push((run.eve, Vec::new()));
        run
    }

    fn history(&mut self, device: DeviceNo) -> &mut Vec<Item> {
        &mut self.histories.iter_mut().find(|(of, _)| *of == device).expect("it has one").1
    }

    fn judge(mut self) -> Report {
        for (device, items) in self.histories {
            self.ledger.caught_up(device);
            self.ledger.history_begins(device);
            for item in items {
                self.ledger.history(device, item);
            }
        }
        self.ledger.judge()
    }
}

/// Exactly these kinds are found, once each.
fn shows(report: &Report, kinds: &[Kind]) {
    assert_eq!(report.kinds(), kinds, "{:#?}", report.violations);
    assert!(report.counts.values().all(|count| *count == 1), "{:#?}", report.violations);
}

#[test]
fn an_honest_run_is_clean_and_counted() {
    let report = Run::honest().judge();
    assert!(report.is_clean(), "{:#?}", report.violations);
    assert_eq!((report.intended, report.acknowledged, report.unknown, report.refused), (2, 2, 0, 0));
    assert_eq!((report.told, report.receipts), (9, 3));
}

#[test]
fn an_unanswered_message_may_be_there_or_not_but_everywhere_the_same() {
    for there in [true, false] {
        let mut run = Run::honest();
        run.ledger.intend(run.alice, "three", BOB, Digest::of_text("three"));
        if there {
            for device in [run.alice, run.bob, run.tablet] {
                run.tell(device, &[letter(3, "three")]);
                run.history(device).push(letter(3, "three"));
            }
        }
        let report = run.judge();
        assert!(report.is_clean(), "{:#?}", report.violations);
        assert_eq!(report.unknown, 1);
    }
    let mut run = Run::honest();
    run.ledger.intend(run.alice, "three", BOB, Digest::of_text("three"));
    for device in [run.alice, run.bob] {
        run.tell(device, &[letter(3, "three")]);
        run.history(device).push(letter(3, "three"));
    }
    shows(&run.judge(), &[Kind::Disagreement]);
}

#[test]
fn a_lost_message_is_found() {
    let mut run = Run::honest();
    run.send("three", 3);
    shows(&run.judge(), &[Kind::Lost]);
}

#[test]
fn a_message_that_is_lost_on_one_device_only_is_found() {
    let mut run = Run::honest();
    run.history(run.tablet).remove(1);
    // The device was told it, its history lacks it.
    shows(&run.judge(), &[Kind::Lost, Kind::Vanished]);
}

#[test]
fn a_doubled_message_is_found() {
    let mut run = Run::honest();
    for device in [run.alice, run.bob, run.tablet] {
        run.tell(device, &[letter(3, "two")]);
        run.history(device).push(letter(3, "two"));
    }
    shows(&run.judge(), &[Kind::Duplicated]);
}

#[test]
fn a_message_that_is_told_twice_is_found() {
    let mut run = Run::honest();
    run.tell(run.bob, &[letter(2, "two")]);
    shows(&run.judge(), &[Kind::Duplicated]);
}

#[test]
fn an_id_that_is_acknowledged_at_two_places_is_found() {
    let mut run = Run::honest();
    run.ledger.stored(run.alice, "two", Place { conversation: 1, cseq: 3 });
    shows(&run.judge(), &[Kind::TwoPlaces]);
}

#[test]
fn a_message_that_was_refused_and_is_there_is_found() {
    let mut run = Run::honest();
    run.ledger.intend(run.alice, "three", BOB, Digest::of_text("three"));
    run.ledger.refused(run.alice, "three");
    for device in [run.alice, run.bob, run.tablet] {
        run.tell(device, &[letter(3, "three")]);
        run.history(device).push(letter(3, "three"));
    }
    let report = run.judge();
    shows(&report, &[Kind::Resurrected]);
    assert_eq!(report.refused, 1);
}

#[test]
fn a_refusal_after_a_try_without_an_answer_proves_nothing() {
    let mut run = Run::honest();
    for _ in 0..2 {
        run.ledger.intend(run.alice, "three", BOB, Digest::of_text("three"));
    }
    run.ledger.refused(run.alice, "three");
    for device in [run.alice, run.bob, run.tablet] {
        run.tell(device, &[letter(3, "three")]);
        run.history(device).push(letter(3, "three"));
    }
    assert!(run.judge().is_clean());
}

#[test]
fn a_phantom_is_found() {
    let mut run = Run::honest();
    run.history(run.bob).push(letter(3, "never sent"));
    run.tell(run.bob, &[letter(3, "never sent")]);
    shows(&run.judge(), &[Kind::Phantom]);
}

#[test]
fn a_changed_text_is_found_and_so_is_a_changed_sender() {
    let mut run = Run::honest();
    run.history(run.tablet)[1] = letter(2, "tow");
    let report = run.judge();
    assert_eq!(report.count(Kind::Altered), 1, "{:#?}", report.violations);
    assert_eq!(report.count(Kind::Lost), 0, "{:#?}", report.violations);

    let mut run = Run::honest();
    run.history(run.bob)[1] = letter_from(EVE, BOB, 2, "two");
    assert_eq!(run.judge().count(Kind::Altered), 1);
}

#[test]
fn two_messages_that_changed_places_are_found() {
    let mut run = Run::honest();
    *run.history(run.bob) = vec![letter(1, "two"), letter(2, "one")];
    let report = run.judge();
    assert_eq!(report.kinds(), [Kind::Reordered]);
    assert_eq!(report.count(Kind::Reordered), 2);
}

#[test]
fn a_history_that_is_out_of_order_is_found() {
    let mut run = Run::honest();
    run.history(run.bob).reverse();
    shows(&run.judge(), &[Kind::Reordered]);
}

#[test]
fn a_message_that_overtook_one_acknowledged_before_it_was_sent_is_found() {
    let mut run = Run::new();
    run.send("first", 2);
    run.send("second", 1);
    let both = vec![letter(1, "second"), letter(2, "first")];
    for device in [run.alice, run.bob, run.tablet] {
        run.tell(device, &both);
        run.histories.push((device, both.clone()));
    }
    shows(&run.judge(), &[Kind::Reordered]);
}

#[test]
fn an_entry_that_was_skipped_is_found() {
    let mut run = Run::honest();
    run.send("three", 3);
    run.tell(run.alice, &[letter(3, "three")]);
    run.tell(run.tablet, &[letter(3, "three")]);
    for device in [run.alice, run.bob, run.tablet] {
        run.history(device).push(letter(3, "three"));
    }
    shows(&run.judge(), &[Kind::Skipped]);
}

#[test]
fn an_entry_that_vanished_from_the_history_is_found() {
    let mut run = Run::honest();
    run.ledger.intend(run.alice, "three", BOB, Digest::of_text("three"));
    run.tell(run.bob, &[letter(3, "three")]);
    shows(&run.judge(), &[Kind::Vanished]);
}

#[test]
fn a_key_that_goes_back_is_found_and_a_reset_may() {
    let key = |list: &[(u32, u64)]| v1::SyncKey {
        list: list.iter().map(|(key, val)| v1::KeyValue { key: *key, val: *val }).collect(),
    };
    let mut run = Run::honest();
    run.ledger.key(run.bob, &key(&[(1, 5), (2, 7)]), false);
    run.ledger.key(run.bob, &key(&[(2, 7), (1, 6)]), false);
    run.ledger.key(run.bob, &key(&[(1, 1)]), true);
    run.ledger.key(run.bob, &key(&[(1, 2)]), false);
    run.ledger.key(run.bob, &key(&[(1, 1)]), false);
    shows(&run.judge(), &[Kind::KeyWentBack]);
}

#[test]
fn a_tick_before_the_message_arrived_is_found() {
    let mut run = Run::honest();
    run.send("three", 3);
    run.tell(run.alice, &[letter(3, "three"), receipt(3, 2)]);
    run.tell(run.bob, &[letter(3, "three")]);
    run.tell(run.tablet, &[letter(3, "three")]);
    for device in [run.alice, run.bob, run.tablet] {
        run.history(device).insert(2, letter(3, "three"));
    }
    run.history(run.alice)[3] = receipt(3, 2);
    shows(&run.judge(), &[Kind::FalseDelivered]);
}

#[test]
fn a_read_tick_before_it_was_read_is_found() {
    let mut run = Run::new();
    run.send("one", 1);
    let (alice, bob) = (run.alice, run.bob);
    run.tell(bob, &[letter(1, "one")]);
    run.ledger.acknowledged(bob);
    run.tell(alice, &[letter(1, "one"), receipt(1, 1)]);
    let mark = run.ledger.mark(bob, Place { conversation: 1, cseq: 1 });
    run.ledger.marked(mark);
    run.histories.push((alice, vec![letter(1, "one"), receipt(1, 1)]));
    run.histories.push((bob, vec![letter(1, "one")]));
    shows(&run.judge(), &[Kind::FalseRead]);
}

#[test]
fn a_receipt_that_is_taken_back_is_found() {
    let mut run = Run::honest();
    run.tell(run.alice, &[receipt(2, 1), receipt(2, 2)]);
    shows(&run.judge(), &[Kind::ReceiptTakenBack]);
}

#[test]
fn a_receipt_that_never_comes_is_found() {
    let mut run = Run::honest();
    let history = run.history(run.alice);
    *history = vec![letter(1, "one"), letter(2, "two")];
    shows(&run.judge(), &[Kind::ReceiptLost]);
}

#[test]
fn a_message_in_a_strangers_hands_is_found() {
    let mut run = Run::honest();
    run.tell(run.eve, &[letter(1, "one")]);
    shows(&run.judge(), &[Kind::Leaked]);
}

#[test]
fn what_was_there_before_the_run_is_not_judged() {
    let mut run = Run::honest();
    let old = |cseq| letter_from(BOB, ALICE, cseq, "old");
    run.ledger.was_there(run.bob, old(90));
    run.ledger.was_there(run.alice, old(90));
    run.history(run.bob).insert(0, old(90));
    run.history(run.alice).insert(0, old(90));
    let report = run.judge();
    assert!(report.is_clean(), "{:#?}", report.violations);
}

#[test]
fn evidence_is_bounded_and_everything_is_counted() {
    let mut run = Run::new();
    for cseq in 1..=300 {
        run.send(&cseq.to_string(), cseq);
    }
    run.histories.push((run.bob, Vec::new()));
    let report = run.judge();
    assert_eq!((report.count(Kind::Lost), report.violations.len()), (300, EVIDENCE_MAX));
    assert!(report.violations[0].to_string().starts_with("lost: `"), "{}", report.violations[0]);
}
