//! The ledger: what clients meant, what they were answered, what devices were given; and whether it all agrees.
//!
//! Whoever sends writes the intent down before it tries and the outcome after; every event is written down before the
//! device stores it, and what a device has stored before it acknowledges. Each check has the number under which
//! `docs/delivery.md` explains it. Invariant: the ledger knows only what went in and out, nothing of how a server does it.

use std::collections::{BTreeMap, HashMap, HashSet};

use belfry_domain::{
    AccountId, Address, Author, ClientMessageId, Contact, Content, ConversationId, Cseq, DeviceId, Entry, Item,
    Message, MessageId, Receipt, Seq, Stretch, TimestampMs,
};
use belfry_engine::Sent;

/// A promise that was broken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Violation {
    /// The number of the check.
    pub(crate) check: &'static str,
    /// What was found.
    pub(crate) what: String,
}

pub(crate) type Checked = Result<(), Violation>;

/// A device of an account.
pub(crate) type Who = (AccountId, DeviceId);

/// Gives a violation unless the condition holds.
macro_rules! hold {
    ($check:literal, $holds:expr, $($what:tt)*) => {
        if !$holds {
            return Err(Violation { check: $check, what: format!($($what)*) });
        }
    };
}
pub(crate) use hold;

/// How long messages are kept, as the checks need it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kept {
    Forever,
    UntilDelivered { at_most_ms: u64 },
    For { ms: u64 },
}

/// What became of an intent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Acknowledged.
    Ok(TimestampMs),
    /// Refused for good at every try: it must not exist.
    Fail,
    /// Not answered, or answered that it is not known.
    Unknown,
}

struct Intent {
    by: Who,
    to: AccountId,
    client_id: ClientMessageId,
    content: Content,
    outcome: Outcome,
    /// Tries that were not answered yet.
    under_way: u32,
    /// When it was first tried, and the last number of its conversation that was acknowledged before.
    begun: Option<(u64, Cseq)>,
    place: Option<MessageId>,
}

/// What one account's devices have together.
#[derive(Default)]
struct Have {
    messages: HashSet<MessageId>,
    /// The furthest incoming message of each conversation that an answered acknowledgement covers.
    delivered: HashMap<ConversationId, Cseq>,
    /// The furthest mark that was tried, and the furthest that was answered.
    marked: HashMap<ConversationId, (Cseq, Cseq)>,
    profiles: HashSet<String>,
    /// Up to where receipts of a conversation have been compared with what the peer has.
    compared: HashMap<ConversationId, Cseq>,
}

/// What a sender sees of a conversation: how far it was delivered and read, and what ended before it was delivered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) delivered: Cseq,
    pub(crate) read: Cseq,
    pub(crate) ended: Vec<Stretch>,
}

impl Ticks {
    pub(crate) fn of(receipt: &Receipt) -> Ticks {
        Ticks { delivered: receipt.delivered, read: receipt.read, ended: receipt.undelivered.clone() }
    }
}

/// The state rows of an account as a device or a full sync has them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rows {
    pub(crate) receipts: BTreeMap<ConversationId, Ticks>,
    pub(crate) marks: BTreeMap<ConversationId, Cseq>,
    pub(crate) profile: Option<String>,
    pub(crate) contacts: BTreeMap<AccountId, Contact>,
}

/// What a device has, or what a sync from the beginning gives.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct View {
    pub(crate) messages: BTreeMap<MessageId, ClientMessageId>,
    pub(crate) rows: Rows,
}

/// The ledger of one run.
pub(crate) struct Ledger {
    kept: Kept,
    step: u64,
    names: HashMap<Address, AccountId>,
    /// What the server's clock showed at each step, and by what time entries were judged then at the latest.
    clocks: Vec<(TimestampMs, TimestampMs)>,
    intents: Vec<Intent>,
    by_id: HashMap<ClientMessageId, usize>,
    places: BTreeMap<MessageId, usize>,
    pairs: HashMap<ConversationId, (AccountId, AccountId)>,
    /// The last number acknowledged between two accounts.
    acknowledged: HashMap<(AccountId, AccountId), Cseq>,
    have: HashMap<AccountId, Have>,
    /// What stands at a place of a timeline: it is used once.
    seqs: HashMap<(AccountId, Seq), String>,
    cut: HashMap<Who, u64>,
    cut_tried: HashSet<Who>,
    oks: u64,
    /// Accounts whose devices do deeds about each other.
    acquainted: HashSet<AccountId>,
}

fn pair(a: AccountId, b: AccountId) -> (AccountId, AccountId) {
    (a.min(b), a.max(b))
}

impl Ledger {
    pub(crate) fn new(kept: Kept) -> Ledger {
        Ledger {
            kept,
            step: 0,
            names: HashMap::new(),
            clocks: vec![(crate::plan::START, crate::plan::START)],
            intents: Vec::new(),
            by_id: HashMap::new(),
            places: BTreeMap::new(),
            pairs: HashMap::new(),
            acknowledged: HashMap::new(),
            have: HashMap::new(),
            seqs: HashMap::new(),
            cut: HashMap::new(),
            cut_tried: HashSet::new(),
            oks: 0,
            acquainted: HashSet::new(),
        }
    }

    /// An account, and what the others call it.
    pub(crate) fn name(&mut self, account: AccountId, address: Address) {
        self.names.insert(address, account);
    }

    /// The account's devices do deeds about the others of whom this was said.
    pub(crate) fn acquaint(&mut self, account: AccountId) {
        self.acquainted.insert(account);
    }

    /// One step further; the server's clock shows `now`, and something under way may have looked at it at `latest`.
    pub(crate) fn tick(&mut self, now: TimestampMs, latest: TimestampMs) {
        self.step += 1;
        self.clocks.push((now, latest.max(now)));
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.oks
    }

    /// Somebody means to send this.
    pub(crate) fn intend(&mut self, by: Who, to: AccountId, client_id: ClientMessageId, content: Content) -> usize {
        let nth = self.intents.len();
        self.by_id.insert(client_id.clone(), nth);
        let (outcome, under_way, begun, place) = (Outcome::Fail, 0, None, None);
        self.intents.push(Intent { by, to, client_id, content, outcome, under_way, begun, place });
        nth
    }

    /// A try goes out: from now on it may exist.
    pub(crate) fn tried(&mut self, nth: usize) {
        let intent = &mut self.intents[nth];
        let before = self.acknowledged.get(&pair(intent.by.0, intent.to)).copied().unwrap_or_default();
        intent.begun.get_or_insert((self.step, before));
        intent.under_way += 1;
    }

    /// A try was refused, and nothing came of it.
    pub(crate) fn refused(&mut self, nth: usize) {
        self.intents[nth].under_way -= 1;
    }

    /// A try ended without an answer, or with one that leaves it open.
    pub(crate) fn left_open(&mut self, nth: usize) {
        let intent = &mut self.intents[nth];
        intent.under_way -= 1;
        if intent.outcome == Outcome::Fail {
            intent.outcome = Outcome::Unknown;
        }
    }

    /// It was acknowledged.
    pub(crate) fn ok(&mut self, nth: usize, sent: &Sent) -> Checked {
        self.place(nth, sent.id)?;
        let intent = &mut self.intents[nth];
        if let Outcome::Ok(before) = intent.outcome {
            hold!("L2", before == sent.at, "{:?} was acknowledged at {before} and at {}", intent.client_id, sent.at);
        } else {
            self.oks += 1;
        }
        intent.outcome = Outcome::Ok(sent.at);
        intent.under_way -= 1;
        let last = self.acknowledged.entry(pair(intent.by.0, intent.to)).or_default();
        *last = (*last).max(sent.id.cseq);
        let what = format!("message {}", sent.id);
        self.used((self.intents[nth].by.0, sent.seq), what)
    }

    /// Somebody tries to cut a device off.
    pub(crate) fn cut_tried(&mut self, who: Who) {
        self.cut_tried.insert(who);
    }

    /// A device is told that it is cut off.
    pub(crate) fn told_cut(&self, who: Who) -> Checked {
        hold!("L8", self.cut_tried.contains(&who), "{who:?} is refused as cut off, and nobody has tried that");
        Ok(())
    }

    /// A device no longer belongs to its account: from here on it gets nothing new.
    pub(crate) fn cut(&mut self, who: Who) {
        self.cut.entry(who).or_insert(self.step);
    }

    pub(crate) fn is_cut(&self, who: Who) -> bool {
        self.cut.contains_key(&who)
    }

    pub(crate) fn profile_tried(&mut self, of: AccountId, name: String) {
        self.have.entry(of).or_default().profiles.insert(name);
    }

    pub(crate) fn mark_tried(&mut self, by: AccountId, conversation: ConversationId, read: Cseq) {
        let marked = self.have.entry(by).or_default().marked.entry(conversation).or_default();
        marked.0 = marked.0.max(read);
    }

    pub(crate) fn mark_ok(&mut self, by: AccountId, conversation: ConversationId, read: Cseq) {
        let marked = self.have.entry(by).or_default().marked.entry(conversation).or_default();
        marked.1 = marked.1.max(read);
    }

    /// A device has stored a message.
    pub(crate) fn logged(&mut self, by: AccountId, id: MessageId) {
        self.have.entry(by).or_default().messages.insert(id);
    }

    /// An acknowledgement that covers this incoming message was answered.
    pub(crate) fn delivered_ok(&mut self, by: AccountId, id: MessageId) {
        let furthest = self.have.entry(by).or_default().delivered.entry(id.conversation).or_default();
        *furthest = (*furthest).max(id.cseq);
    }

    /// An event reaches a device, which has not stored it yet.
    pub(crate) fn given(&mut self, to: Who, entry: &Entry) -> Checked {
        let what = match &entry.item {
            Item::Message(message) => {
                self.message(to, message)?;
                format!("message {}", message.id)
            }
            Item::Receipt(receipt) => {
                self.met(to.0, receipt)?;
                self.receipt(to, receipt.conversation, receipt.delivered, receipt.read)?;
                self.ended(to, receipt)?;
                format!("receipt {} {:?}", receipt.conversation, Ticks::of(receipt))
            }
            Item::Mark(mark) => {
                self.is_of(to.0, mark.conversation)?;
                let marked = self.have.get(&to.0).and_then(|have| have.marked.get(&mark.conversation));
                let tried = marked.is_some_and(|marked| mark.read <= marked.0);
                hold!("L7", tried, "{to:?} is told a mark at {} that nobody made", mark.read);
                format!("mark {} {}", mark.conversation, mark.read)
            }
            Item::Profile(profile) => {
                let meant = self.have.get(&to.0).is_some_and(|have| have.profiles.contains(&profile.display_name));
                hold!("L4", meant, "{to:?} is told a profile that nobody set: {}", profile.display_name);
                format!("profile {}", profile.display_name)
            }
            Item::Contact(view) if self.acquainted.contains(&to.0) => {
                let known = view.account != to.0 && self.acquainted.contains(&view.account);
                hold!("L8", known, "{to:?} is told of {:?}, who is not there", view.account);
                format!("contact {:?}", view.contact)
            }
            other => {
                return Err(Violation { check: "L4", what: format!("{to:?} is told {other:?}, which nobody did") });
            }
        };
        self.used((to.0, entry.seq), what)
    }

    /// A message reaches a device, as an event or out of the history.
    pub(crate) fn message(&mut self, to: Who, message: &Message) -> Checked {
        let Some(nth) = self.by_id.get(&message.client_id).copied() else {
            return Err(Violation { check: "L4", what: format!("nobody sent {:?}", message.client_id) });
        };
        let intent = &self.intents[nth];
        let mine = to.0 == intent.by.0 || to.0 == intent.to;
        hold!("L8", mine, "{to:?} is given message {} of {:?} to {}", message.id, intent.by, intent.to);
        let same_author = match &message.author {
            Author::Account { account, device, .. } => (*account, *device) == intent.by,
            Author::Guest { .. } => false,
        };
        hold!("L4", same_author, "message {} of {:?} comes from {:?}", message.id, intent.by, message.author);
        hold!("L4", message.content == intent.content, "message {} says something else than was sent", message.id);
        let begun = intent.begun.map(|(step, _)| step);
        hold!("L4", begun.is_some(), "message {} is there before it was sent", message.id);
        if let (Some(cut), Some(begun)) = (self.cut.get(&to), begun) {
            hold!("L8", begun <= *cut, "{to:?} was cut off at {cut} and is given a message of {begun}");
        }
        let refused = intent.outcome == Outcome::Fail && intent.under_way == 0;
        hold!("L3", !refused, "message {} is there, and every try of it was refused", message.id);
        self.place(nth, message.id)
    }

    fn place(&mut self, nth: usize, id: MessageId) -> Checked {
        let intent = &mut self.intents[nth];
        if let Some(before) = intent.place {
            hold!("L2", before == id, "{:?} is there as {before} and as {id}", intent.client_id);
            return Ok(());
        }
        intent.place = Some(id);
        let floor = intent.begun.map_or(Cseq(0), |(_, floor)| floor);
        hold!("L5", id.cseq > floor, "{id} was sent after {floor} had been acknowledged and stands before it");
        let of = pair(intent.by.0, intent.to);
        let known = *self.pairs.entry(id.conversation).or_insert(of);
        hold!("L8", known == of, "{id} of {of:?} stands in the conversation of {known:?}");
        let first = *self.places.entry(id).or_insert(nth);
        hold!("L4", first == nth, "{id} is {:?} and {:?}", self.intents[first].client_id, self.intents[nth].client_id);
        Ok(())
    }

    /// Whether an account is known to have a part in a conversation.
    pub(crate) fn takes_part(&self, account: AccountId, conversation: ConversationId) -> bool {
        self.pairs.get(&conversation).is_some_and(|(a, b)| *a == account || *b == account)
    }

    /// A receipt names its conversation and the other side. The first that is heard of a conversation may be that a
    /// message ended in it whose sender was never answered.
    fn met(&mut self, account: AccountId, receipt: &Receipt) -> Checked {
        let Some(peer) = self.names.get(&receipt.peer).copied() else {
            return Err(Violation {
                check: "L8",
                what: format!("{account} has a receipt of {}, who is nobody", receipt.peer),
            });
        };
        let of = pair(account, peer);
        if !self.pairs.contains_key(&receipt.conversation) {
            let may_be = |intent: &Intent| {
                let open = intent.outcome != Outcome::Fail || intent.under_way > 0;
                pair(intent.by.0, intent.to) == of && intent.begun.is_some() && open
            };
            let tried = self.intents.iter().any(may_be);
            hold!("L8", tried, "{account} has a receipt of {peer}, and neither has written to the other");
            self.pairs.insert(receipt.conversation, of);
        }
        let known = self.pairs[&receipt.conversation];
        hold!("L8", known == of, "the receipt of {of:?} is for the conversation of {known:?}");
        Ok(())
    }

    /// What is said to have ended before anybody had it had its time, and nobody has it.
    fn ended(&self, to: Who, receipt: &Receipt) -> Checked {
        let place = |cseq| MessageId { conversation: receipt.conversation, cseq };
        let ended = receipt.undelivered.iter().map(|(first, last)| place(*first)..=place(*last));
        for (id, nth) in ended.flat_map(|stretch| self.places.range(stretch)) {
            let fine = self.intents[*nth].by.0 != to.0 || self.expired(*nth);
            hold!("L7", fine, "{to:?} is told that {id} ended undelivered before its time");
        }
        Ok(())
    }

    fn is_of(&self, account: AccountId, conversation: ConversationId) -> Checked {
        let members = self.pairs.get(&conversation);
        hold!(
            "L8",
            self.takes_part(account, conversation),
            "{account} is told of conversation {conversation}, which is of {members:?}"
        );
        Ok(())
    }

    /// A place of a timeline has one thing, in all lives of the log.
    fn used(&mut self, place: (AccountId, Seq), what: String) -> Checked {
        match self.seqs.get(&place) {
            Some(known) => {
                hold!("seq", *known == what, "place {} of {} was {known} and is {what}", place.1.0, place.0);
            }
            None => drop(self.seqs.insert(place, what)),
        }
        Ok(())
    }

    /// Whether a message may be gone because its time is over.
    fn expired(&self, nth: usize) -> bool {
        let ms = match self.kept {
            Kept::Forever => return false,
            Kept::UntilDelivered { at_most_ms } => at_most_ms,
            Kept::For { ms } => ms,
        };
        let intent = &self.intents[nth];
        let since = intent.begun.map_or(0, |(step, _)| step as usize);
        let shown = self.clocks.get(since..).unwrap_or_default();
        let accepted = match intent.outcome {
            Outcome::Ok(at) => at,
            // Not known: it may have been at any moment since the first try.
            Outcome::Unknown | Outcome::Fail => shown.iter().map(|(now, _)| *now).min().unwrap_or_default(),
        };
        shown.iter().any(|(_, latest)| accepted.plus_ms(ms) <= *latest)
    }

    fn receipt(&mut self, to: Who, conversation: ConversationId, delivered: Cseq, read: Cseq) -> Checked {
        self.is_of(to.0, conversation)?;
        let (a, b) = self.pairs[&conversation];
        let peer = if a == to.0 { b } else { a };
        hold!("L7", read <= delivered, "{to:?} is told read {read} beyond delivered {delivered}");
        let tried = self.have.get(&peer).and_then(|have| have.marked.get(&conversation)).map_or(Cseq(0), |m| m.0);
        hold!("L7", read <= tried, "{to:?} is told read {read}, and {peer} has marked {tried} at most");
        let compared = self.have.get(&to.0).and_then(|have| have.compared.get(&conversation)).copied();
        let from = MessageId { conversation, cseq: compared.unwrap_or_default().next() };
        if delivered < from.cseq {
            return Ok(());
        }
        for (id, nth) in self.places.range(from..=MessageId { conversation, cseq: delivered }) {
            let has = self.have.get(&peer).is_some_and(|have| have.messages.contains(id));
            let written_by_reader = self.intents[*nth].by.0 == to.0;
            let fine = has || !written_by_reader || self.expired(*nth);
            hold!("L7", fine, "{to:?} is told that {id} was delivered, and no device of {peer} has it");
        }
        self.have.entry(to.0).or_default().compared.insert(conversation, delivered);
        Ok(())
    }

    /// What a device has must be what a sync from the beginning gives (a device may have more, where messages end).
    pub(crate) fn same(&self, who: Who, device: &View, full: &View) -> Checked {
        hold!("L6", device.rows == full.rows, "{who:?} has {:?} and the log {:?}", device.rows, full.rows);
        for (id, client_id) in &full.messages {
            // A message whose time was over while the clock was ahead is passed by; the log may show it again.
            let over = self.by_id.get(client_id).is_some_and(|nth| self.expired(*nth));
            let has = over || device.messages.get(id) == Some(client_id);
            hold!("L6", has, "{who:?} lacks {id} ({client_id:?}), which is in the log");
        }
        for id in device.messages.keys() {
            let in_log = self.kept != Kept::Forever || full.messages.contains_key(id);
            hold!("L6", in_log, "{who:?} has {id}, which is not in the log");
        }
        Ok(())
    }

    /// At the end: every account with what a sync from the beginning gives it.
    pub(crate) fn finish(&self, full: &HashMap<AccountId, View>) -> Checked {
        let mut orders: HashMap<(Who, AccountId), Cseq> = HashMap::new();
        for (nth, intent) in self.intents.iter().enumerate() {
            let found = |account: &AccountId| {
                let of = &full[account].messages;
                let places: Vec<MessageId> =
                    of.iter().filter(|(_, id)| **id == intent.client_id).map(|(place, _)| *place).collect();
                places
            };
            let sides = [intent.by.0, intent.to];
            for side in sides.iter().filter(|side| full.contains_key(side)) {
                let places = found(side);
                hold!("L1", places.len() <= 1, "{side} has {:?} at {places:?}", intent.client_id);
                let logged = |id| self.have.get(side).is_some_and(|have| have.messages.contains(&id));
                let here = !places.is_empty()
                    || match self.kept {
                        Kept::Forever => false,
                        Kept::UntilDelivered { .. } => intent.place.is_some_and(logged) || self.expired(nth),
                        Kept::For { .. } => self.expired(nth),
                    };
                match intent.outcome {
                    Outcome::Ok(_) => {
                        hold!("L1", here, "{:?} was acknowledged, and {side} does not have it", intent.client_id);
                    }
                    Outcome::Fail => {
                        hold!("L3", places.is_empty(), "{:?} was refused, and {side} has it", intent.client_id);
                    }
                    Outcome::Unknown => {
                        let equal =
                            self.kept != Kept::Forever || found(&sides[0]) == places && found(&sides[1]) == places;
                        hold!("L2", equal, "one side has {:?} and the other does not", intent.client_id);
                    }
                }
            }
            if let Some(place) = intent.place {
                let before = orders.insert((intent.by, intent.to), place.cseq).unwrap_or_default();
                hold!("L5", place.cseq > before, "{:?} sent {place} after {before}", intent.by);
            }
        }
        self.receipts_are_not_lost(full)
    }

    fn receipts_are_not_lost(&self, full: &HashMap<AccountId, View>) -> Checked {
        for (account, have) in &self.have {
            for (conversation, delivered) in &have.delivered {
                let (a, b) = self.pairs[conversation];
                let sender = if a == *account { b } else { a };
                let told = full[&sender].rows.receipts.get(conversation).cloned().unwrap_or_default();
                let nth = self.places[&MessageId { conversation: *conversation, cseq: *delivered }];
                let fine = told.delivered >= *delivered || self.expired(nth);
                hold!("L7", fine, "{account} has acknowledged {conversation}-{delivered}, {sender} sees {told:?}");
            }
            for (conversation, (_, read)) in &have.marked {
                let own = full[account].rows.marks.get(conversation).copied().unwrap_or_default();
                hold!("L7", own >= *read, "{account} has marked {conversation} at {read}, and sees {own}");
                let (a, b) = self.pairs[conversation];
                let sender = if a == *account { b } else { a };
                if sender != *account {
                    let told = full[&sender].rows.receipts.get(conversation).cloned().unwrap_or_default();
                    hold!("L7", told.read >= *read, "{account} has read {conversation}-{read}, {sender} sees {told:?}");
                }
            }
        }
        Ok(())
    }
}
