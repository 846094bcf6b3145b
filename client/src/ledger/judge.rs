//! Judges a ledger: each promise is one pass over what was written down.
//!
//! Every violation has a subject, and one subject is one violation however many devices show it: a message that is lost
//! on three devices is one lost message.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Device, EVIDENCE_MAX, Intent, Item, Kind, Ledger, Letter, Place, Receipt, Report, Tick, Violation};

/// What a message says, as whom to whom: what tells it from all others.
type Words<'a> = (&'a str, &'a str, super::Digest);

/// The messages of one list, sorted out.
#[derive(Default)]
struct Sorted {
    /// Intent -> its places in this list.
    places: HashMap<usize, Vec<Place>>,
    /// Places at which there is what belongs there.
    good: BTreeSet<Place>,
    /// Places at which there is something else than what was acknowledged there.
    altered: HashSet<Place>,
    /// All places that it names, whatever is there.
    named: HashSet<Place>,
}

struct Judge<'a> {
    ledger: &'a Ledger,
    by_words: HashMap<Words<'a>, usize>,
    by_place: HashMap<Place, usize>,
    found: BTreeMap<(Kind, String), String>,
    /// Per device: its log and its history.
    logs: Vec<Sorted>,
    fulls: Vec<Option<Sorted>>,
}

impl Ledger {
    /// Says whether all promises were kept.
    pub fn judge(&self) -> Report {
        let mut judge = Judge {
            ledger: self,
            by_words: self.intents.iter().enumerate().map(|(n, i)| ((&*i.from, &*i.to, i.digest), n)).collect(),
            by_place: self.intents.iter().enumerate().filter_map(|(n, i)| Some((i.stored?.0, n))).collect(),
            found: self.noted.clone(),
            logs: Vec::new(),
            fulls: Vec::new(),
        };
        judge.sort();
        judge.histories();
        judge.logs_against_histories();
        judge.order_in_time();
        judge.receipts();
        judge.receipts_that_are_missing();
        judge.report()
    }
}

impl<'a> Judge<'a> {
    fn find(&mut self, kind: Kind, subject: impl Into<String>, evidence: impl Into<String>) {
        self.found.entry((kind, subject.into())).or_insert_with(|| evidence.into());
    }

    fn intent(&self, index: usize) -> &'a Intent {
        &self.ledger.intents[index]
    }

    /// Which message is meant, for people.
    fn name(&self, index: usize) -> String {
        let intent = self.intent(index);
        format!("`{}` from {} to {}", intent.id, intent.from, intent.to)
    }

    /// Who is told what: strangers, phantoms, changed texts, order and repetition within one list.
    fn sort(&mut self) {
        let ledger = self.ledger;
        for device in &ledger.devices {
            let log = self.sort_list(device, device.log.iter().map(|(_, item)| item), "was told");
            self.logs.push(log);
            let full =
                device.full.as_ref().map(|(_, items)| self.sort_list(device, items.iter(), "has in its history"));
            self.fulls.push(full);
        }
    }

    fn sort_list(&mut self, device: &Device, items: impl Iterator<Item = &'a Item>, how: &str) -> Sorted {
        let mut sorted = Sorted::default();
        let mut last: HashMap<u64, u64> = HashMap::new();
        for item in items {
            let Item::Letter(letter) = item else { continue };
            let place = letter.place;
            if self.ledger.before.contains(&place) {
                continue;
            }
            let who = format!("a device of {} {how} {place}", device.account);
            if device.account != letter.from && device.account != letter.to {
                let evidence = format!("{who}, which is from {} to {}", letter.from, letter.to);
                self.find(Kind::Leaked, format!("{place} {}", device.account), evidence);
                continue;
            }
            sorted.named.insert(place);
            let Some(index) = self.recognise(letter, &who, &mut sorted) else { continue };
            let again = sorted.good.contains(&place);
            let below = last.get(&place.conversation).is_some_and(|last| *last >= place.cseq);
            if again {
                self.find(Kind::Duplicated, self.name(index), format!("{who} twice: {}", self.name(index)));
            } else if below {
                let after = last.get(&place.conversation).copied().unwrap_or(0);
                self.find(Kind::Reordered, self.name(index), format!("{who} after message {after}"));
            }
            last.insert(place.conversation, place.cseq);
            sorted.good.insert(place);
            sorted.places.entry(index).or_default().push(place);
        }
        self.repeated(&sorted, device, how);
        sorted
    }

    /// Which intent a message is; what is nobody's is noted.
    fn recognise(&mut self, letter: &'a Letter, who: &str, sorted: &mut Sorted) -> Option<usize> {
        let place = letter.place;
        let at_place = self.by_place.get(&place).copied();
        let Some(digest) = letter.digest else {
            // The device's own message without its content: only its place says which it is.
            return at_place;
        };
        if let Some(index) = self.by_words.get(&(&*letter.from, &*letter.to, digest)) {
            return Some(*index);
        }
        match at_place {
            Some(index) => {
                sorted.altered.insert(place);
                let meant = self.name(index);
                let evidence = format!("{who} from {} to {}, but not as sent: {meant}", letter.from, letter.to);
                self.find(Kind::Altered, meant, evidence);
            }
            None => self.find(
                Kind::Phantom,
                place.to_string(),
                format!("{who} from {} to {}, which nobody sent", letter.from, letter.to),
            ),
        }
        None
    }

    /// Messages that are at several places, or at another one than was acknowledged.
    fn repeated(&mut self, sorted: &Sorted, device: &Device, how: &str) {
        for (index, places) in &sorted.places {
            let name = self.name(*index);
            let distinct: BTreeSet<&Place> = places.iter().collect();
            if distinct.len() > 1 {
                let list: Vec<String> = distinct.iter().map(ToString::to_string).collect();
                let evidence = format!("a device of {} {how} {name} as {}", device.account, list.join(" and as "));
                self.find(Kind::Duplicated, name, evidence);
                continue;
            }
            if let (Some((stored, _)), Some(place)) = (self.intent(*index).stored, places.first())
                && stored != *place
            {
                let evidence =
                    format!("a device of {} {how} {name} as {place}, acknowledged was {stored}", device.account);
                self.find(Kind::Reordered, name, evidence);
            }
        }
    }

    /// What was acknowledged is in every entitled history once, what was refused in none, the rest in all or none.
    fn histories(&mut self) {
        let mut entitled: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, device) in self.ledger.devices.iter().enumerate() {
            if device.full.is_some() {
                entitled.entry(&device.account).or_default().push(number);
            }
        }
        for index in 0..self.ledger.intents.len() {
            let intent = self.intent(index);
            let mut devices: BTreeSet<usize> = entitled.get(&*intent.from).into_iter().flatten().copied().collect();
            devices.extend(entitled.get(&*intent.to).into_iter().flatten());
            let (mut with, mut without, mut places) = (Vec::new(), Vec::new(), BTreeSet::new());
            for number in devices {
                let Some(full) = &self.fulls[number] else { continue };
                let altered = intent.stored.is_some_and(|(place, _)| full.altered.contains(&place));
                match full.places.get(&index) {
                    Some(found) => {
                        with.push(number);
                        places.extend(found.iter().copied());
                    }
                    None if altered => {}
                    None => without.push(number),
                }
            }
            let name = self.name(index);
            let at = |numbers: &[usize]| {
                numbers.iter().map(|n| &*self.ledger.devices[*n].account).collect::<Vec<&str>>().join(", ")
            };
            if let Some((place, _)) = intent.stored {
                if !without.is_empty() {
                    let evidence = format!("{name} was acknowledged as {place}; it is missing at {}", at(&without));
                    self.find(Kind::Lost, name, evidence);
                }
            } else if intent.refusals >= intent.tries && !with.is_empty() {
                let evidence = format!("{name} was refused every time, and is there at {}", at(&with));
                self.find(Kind::Resurrected, name, evidence);
            } else if !with.is_empty() && !without.is_empty() {
                let evidence = format!("{name} was never answered; {} has it, {} has not", at(&with), at(&without));
                self.find(Kind::Disagreement, name, evidence);
            } else if places.len() > 1 && !self.found.contains_key(&(Kind::Duplicated, name.clone())) {
                self.find(Kind::Reordered, name.clone(), format!("{name} is at {} places", places.len()));
            }
        }
    }

    /// What a device was told, live and after coming back, is what the history has.
    fn logs_against_histories(&mut self) {
        for number in 0..self.logs.len() {
            let device = &self.ledger.devices[number];
            let Some(full) = &self.fulls[number] else { continue };
            if !device.caught_up {
                continue;
            }
            let log = &self.logs[number];
            let skipped: Vec<Place> =
                full.good.difference(&log.good).filter(|place| !log.named.contains(place)).copied().collect();
            let vanished: Vec<Place> = log.good.difference(&full.good).copied().collect();
            for place in skipped {
                let evidence = format!("a device of {} was never told {place}, which its history has", device.account);
                self.find(Kind::Skipped, format!("{number} {place}"), evidence);
            }
            for place in vanished {
                let moved = self.logs[number].places.iter().find(|(_, places)| places.contains(&place));
                let explained = moved.is_some_and(|(index, _)| {
                    let name = self.name(*index);
                    [Kind::Duplicated, Kind::Reordered]
                        .iter()
                        .any(|kind| self.found.contains_key(&(*kind, name.clone())))
                });
                if !explained {
                    let evidence =
                        format!("a device of {} was told {place}; its history does not have it", device.account);
                    self.find(Kind::Vanished, format!("{number} {place}"), evidence);
                }
            }
        }
    }

    /// Where each message was seen by anybody.
    fn seen(&self) -> BTreeMap<Place, usize> {
        let mut seen: BTreeMap<Place, usize> = BTreeMap::new();
        for sorted in self.logs.iter().chain(self.fulls.iter().flatten()) {
            for (index, places) in &sorted.places {
                if let Some(place) = places.first() {
                    seen.insert(*place, *index);
                }
            }
        }
        seen
    }

    /// The same, and where it was acknowledged.
    fn placed(&self) -> BTreeMap<Place, usize> {
        let mut placed = self.seen();
        placed.extend(self.by_place.iter().map(|(place, index)| (*place, *index)));
        placed
    }

    /// What was acknowledged before another send began is before it in the conversation.
    fn order_in_time(&mut self) {
        // Conversation -> the latest beginning among the messages so far, which stand lower in the conversation.
        let mut latest: HashMap<u64, (Tick, usize)> = HashMap::new();
        for (place, index) in self.seen() {
            let intent = self.intent(index);
            if let (Some((stored, at)), Some((begun, lower))) = (intent.stored, latest.get(&place.conversation))
                && stored == place
                && *begun > at
            {
                let (name, lower) = (self.name(index), self.name(*lower));
                let evidence = format!("{name} was acknowledged before {lower} was sent, and is after it: {place}");
                self.find(Kind::Reordered, name, evidence);
            }
            let entry = latest.entry(place.conversation).or_insert((intent.at, index));
            if intent.at > entry.0 {
                *entry = (intent.at, index);
            }
        }
    }

    /// (account, place) -> when a device of the account was first told it.
    fn first_told(&self) -> HashMap<(&'a str, Place), Tick> {
        let mut first: HashMap<(&str, Place), Tick> = HashMap::new();
        for device in &self.ledger.devices {
            for (at, item) in &device.log {
                if let Item::Letter(letter) = item {
                    let entry = first.entry((&device.account, letter.place)).or_insert(*at);
                    *entry = (*entry).min(*at);
                }
            }
        }
        first
    }

    /// (sender, conversation) -> its messages.
    fn written(&self) -> HashMap<(&'a str, u64), Vec<u64>> {
        let mut written: HashMap<(&str, u64), Vec<u64>> = HashMap::new();
        for (place, index) in self.placed() {
            let from = &*self.ledger.intents[index].from;
            written.entry((from, place.conversation)).or_default().push(place.cseq);
        }
        written
    }

    /// Receipts say what has happened, and never take it back.
    fn receipts(&mut self) {
        let (ledger, first, written) = (self.ledger, self.first_told(), self.written());
        // Who follows the log at all: of others nothing is known.
        let followed: HashSet<&str> =
            ledger.devices.iter().filter(|device| !device.log.is_empty()).map(|device| &*device.account).collect();
        let mut marks: HashMap<(&str, u64), Vec<(Tick, u64)>> = HashMap::new();
        for mark in &ledger.marks {
            marks.entry((&mark.account, mark.conversation)).or_default().push((mark.at, mark.cseq));
        }
        for device in &ledger.devices {
            let account = &*device.account;
            let mut said: HashMap<u64, (u64, u64)> = HashMap::new();
            let full = device.full.iter().flat_map(|(at, items)| items.iter().map(|item| (*at, item)));
            for (at, item) in device.log.iter().map(|(at, item)| (*at, item)).chain(full) {
                let Item::Receipt(receipt) = item else { continue };
                let conversation = receipt.conversation;
                let before = ledger.receipts_before.get(&(account.to_owned(), conversation));
                let peer = &*receipt.peer;
                let subject = format!("{account} {conversation} {} {}", receipt.delivered, receipt.read);
                let who = format!("a device of {account} was told that {peer} has conversation {conversation}");

                let known = said.entry(conversation).or_insert((0, 0));
                if receipt.delivered < known.0 || receipt.read < known.1 {
                    let evidence = format!(
                        "{who} up to {}, {} read, after {} and {}",
                        receipt.delivered, receipt.read, known.0, known.1
                    );
                    self.find(Kind::ReceiptTakenBack, subject.clone(), evidence);
                }
                *known = (known.0.max(receipt.delivered), known.1.max(receipt.read));

                let mine = written.get(&(account, conversation)).map_or(&[][..], Vec::as_slice);
                let late = mine.iter().take_while(|cseq| **cseq <= receipt.delivered).find(|cseq| {
                    let place = Place { conversation, cseq: **cseq };
                    first.get(&(peer, place)).is_none_or(|told| *told > at)
                });
                if let Some(cseq) = late
                    && followed.contains(peer)
                {
                    let evidence =
                        format!("{who} up to {}; no device of {peer} had been told {cseq}", receipt.delivered);
                    self.find(Kind::FalseDelivered, subject.clone(), evidence);
                }

                let read = marks.get(&(peer, conversation)).into_iter().flatten();
                let read = read.filter(|(marked, _)| *marked < at).map(|(_, cseq)| *cseq).max().unwrap_or(0);
                let read = read.max(before.map_or(0, |before| before.read));
                if receipt.read > read && followed.contains(peer) {
                    let evidence = format!("{who} read up to {}; {peer} had said {read}", receipt.read);
                    self.find(Kind::FalseRead, subject, evidence);
                }
            }
        }
    }

    /// What the other side has confirmed stands in the sender's receipt in the end.
    fn receipts_that_are_missing(&mut self) {
        let (ledger, written) = (self.ledger, self.written());
        for device in &ledger.devices {
            let Some((since, items)) = &device.full else { continue };
            let account = &*device.account;
            let mut shown: HashMap<u64, &Receipt> = HashMap::new();
            for item in items {
                if let Item::Receipt(receipt) = item {
                    shown.insert(receipt.conversation, receipt);
                }
            }
            let mut due: BTreeMap<(u64, &str), (u64, u64)> = BTreeMap::new();
            for peer in ledger.devices.iter().filter(|peer| peer.account != account) {
                let upto =
                    peer.acknowledged.iter().filter(|(at, _)| at < since).map(|(_, upto)| *upto).max().unwrap_or(0);
                for (_, item) in &peer.log[..upto] {
                    if let Item::Letter(letter) = item
                        && letter.from == account
                        && self.by_place.contains_key(&letter.place)
                    {
                        let due = due.entry((letter.place.conversation, &peer.account)).or_default();
                        due.0 = due.0.max(letter.place.cseq);
                    }
                }
            }
            for mark in ledger.marks.iter().filter(|mark| mark.account != account) {
                let mine = written.get(&(account, mark.conversation)).map_or(&[][..], Vec::as_slice);
                let upto = mine.iter().take_while(|cseq| **cseq <= mark.cseq).last();
                if let (Some(upto), Some(answered)) = (upto, mark.answered)
                    && answered < *since
                {
                    let due = due.entry((mark.conversation, &mark.account)).or_default();
                    due.1 = due.1.max(*upto);
                }
            }
            for ((conversation, peer), (delivered, read)) in due {
                let said = shown.get(&conversation).map_or((0, 0), |receipt| (receipt.delivered, receipt.read));
                if said.0 < delivered.max(read) || said.1 < read {
                    let evidence = format!(
                        "{peer} has confirmed conversation {conversation} up to {delivered}, {read} read; {account} is \
                         told {} and {}",
                        said.0, said.1
                    );
                    self.find(Kind::ReceiptLost, format!("{account} {conversation}"), evidence);
                }
            }
        }
    }

    fn report(self) -> Report {
        let intents = &self.ledger.intents;
        let acknowledged = intents.iter().filter(|intent| intent.stored.is_some()).count();
        let refused =
            intents.iter().filter(|intent| intent.stored.is_none() && intent.refusals >= intent.tries).count();
        let told = self.ledger.devices.iter().flat_map(|device| &device.log);
        let mut report = Report {
            intended: intents.len(),
            acknowledged,
            refused,
            unknown: intents.len() - acknowledged - refused,
            told: told.clone().count(),
            receipts: told.filter(|(_, item)| matches!(item, Item::Receipt(_))).count(),
            ..Report::default()
        };
        for ((kind, _), evidence) in self.found {
            let count = report.counts.entry(kind).or_default();
            *count += 1;
            if *count <= EVIDENCE_MAX {
                report.violations.push(Violation { kind, evidence });
            }
        }
        report
    }
}
