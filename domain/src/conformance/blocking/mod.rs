//! Blocking: nothing of the blocked side reaches who blocks, then or later, and the blocked side sees what it would see of
//! somebody who is offline for ever.
//!
//! Each case of [`likeness`] lives the same story in two stores: in one Bob blocks Alice, in the other he goes away. What
//! Alice is answered and can find out must be equal, and what Bob can find out must stay as it was. [`after`] is about the
//! time when he has unblocked her.

pub mod after;
pub mod likeness;

use std::sync::Arc;

use super::contacts::request;
use super::{ALL, NOW, Pair, ack, deed_of, deed_outcome, entries, outcome, pair, send};
use crate::contact::{ContactView, Deed};
use crate::content::Content;
use crate::conversation::ConversationView;
use crate::device::Cursor;
use crate::event::{Entry, Item, Keeping, Message};
use crate::ids::{AccountId, ConversationId, Cseq, MessageId, Seq, TimestampMs};
use crate::ports::{
    Amend, AmendOutcome, Append, AppendOutcome, Change, ContactOutcome, Flag, InviteOutcome, MarkRead, SettingsChange,
    Store,
};
use crate::retention::{Retention, Wish};

const HOUR_MS: u64 = 3_600_000;
/// When what is kept for a time ends.
const END: TimestampMs = TimestampMs(NOW.0 + HOUR_MS);
const VOLATILE: Retention = Retention::UntilDelivered { expires: END };
const TIMED: Retention = Retention::Until(END);

/// Every case of this suite.
pub async fn all(make: &impl AsyncFn() -> Arc<dyn Store>) {
    likeness::all(make).await;
    after::all(make).await;
}

/// An entry without the life of its log, which differs between two stores.
type PlainEntry = (u32, u32, Item);

fn plain(entry: &Entry) -> PlainEntry {
    (entry.seq.0 as u32, entry.prev.0 as u32, entry.item.clone())
}

/// All that an account can find out of what is between it and the other one.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    entries: Vec<PlainEntry>,
    last: u32,
    list: Vec<ConversationView>,
    history: Option<(Vec<Arc<Message>>, bool)>,
    keeping: Option<Keeping>,
    contacts: Vec<ContactView>,
}

pub(super) async fn seen(store: &dyn Store, owner: AccountId, of: ConversationId) -> Seen {
    let (list, more) = store.list_conversations(owner, None, TimestampMs(0), ALL).await.expect("the store lists");
    assert!(!more);
    Seen {
        entries: entries(store, owner).await.iter().map(|entry| plain(entry)).collect(),
        last: store.head(owner).await.expect("the store reads").last.0 as u32,
        list,
        history: store.read_before(owner, of, None, ALL).await.expect("the store reads"),
        keeping: store.keeping(owner, of).await.expect("the store reads"),
        contacts: store.contacts(owner, None, 10).await.expect("the store reads").0,
    }
}

impl Seen {
    /// The two are equal, compared piece by piece so that a failure can be read.
    pub(super) fn is(&self, expected: &Seen, when: &str) {
        self.is_of_messages(expected, when);
        let new = |seen: &Seen, other: &Seen| {
            let new = seen.entries.iter().filter(|entry| !other.entries.contains(entry));
            new.cloned().collect::<Vec<_>>()
        };
        let differ = (new(self, expected), new(expected, self));
        assert_eq!(differ.0, differ.1, "{when}: entries");
        assert_eq!(self.contacts, expected.contacts, "{when}: contacts");
        assert_eq!(self.last, expected.last, "{when}: the last place");
        assert_eq!(self, expected, "{when}: order");
    }

    /// The same but for contacts and for the numbers of the entries.
    pub(super) fn is_of_messages(&self, expected: &Seen, when: &str) {
        assert_eq!(self.list, expected.list, "{when}: the list");
        assert_eq!(self.history, expected.history, "{when}: the history");
        assert_eq!(self.keeping, expected.keeping, "{when}: the wishes");
        let items = |seen: &Seen| {
            let items = seen.entries.iter().map(|(_, _, item)| item.clone());
            items.filter(|item| !matches!(item, Item::Contact(_))).collect::<Vec<_>>()
        };
        assert_eq!(items(self).len(), items(expected).len(), "{when}: how many entries");
        for (one, other) in items(self).iter().zip(items(expected)) {
            assert_eq!(*one, other, "{when}: an entry");
        }
    }
}

/// Two who are in contact and have written to each other.
pub(super) struct Story {
    pub(super) pair: Pair,
    pub(super) of: ConversationId,
}

/// Messages before the block: of Alice the 1st (kept), 3rd (until delivered) and 4th (for an hour), of Bob the 2nd; he has
/// been given the first and no more.
pub(super) async fn story(store: &dyn Store) -> Story {
    let pair = pair(store).await;
    deed_of(store, pair.alice, pair.bob, request()).await;
    deed_of(store, pair.bob, pair.alice, Deed::Accept).await;
    assert!(store.put_invite(super::invites::invite(pair.bob, 1, 9), NOW).await.expect("the store works"));
    let first = send(store, pair.by_alice("hers")).await;
    ack(store, pair.bob, pair.bob_phone, first.entries[1].1.seq, NOW).await;
    send(store, pair.by_bob("his")).await;
    send(store, Append { retention: VOLATILE, ..pair.by_alice("hers until delivered") }).await;
    send(store, Append { retention: TIMED, ..pair.by_alice("hers for an hour") }).await;
    Story { pair, of: first.id.conversation }
}

/// What Alice can do, and what her phone does for her.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Send a text.
    Send(&'static str, Retention),
    /// Use the client id of an earlier message for something else.
    Conflict(&'static str),
    Amend(u64, Change),
    /// Change what was sent too long ago.
    Late(u64, Change),
    Flag(u64),
    Wish(Wish),
    Settings(SettingsChange),
    Read(u64),
    Deliver,
    Do(Deed),
    UseInvite,
    Prune(u64),
}

/// Everything, each on a message from before the block and on withheld ones. The withheld begin with the 5th.
pub(super) fn acts() -> Vec<Act> {
    let edit = |text: &str| Change::Edit(Content::text(text));
    let react = |emoji: &str| Change::React(emoji.to_owned());
    let mut acts = vec![
        Act::Send("kept", Retention::Keep),
        Act::Send("until delivered", VOLATILE),
        Act::Send("for an hour", TIMED),
        Act::Send("to be recalled", Retention::Keep),
        Act::Send("kept", Retention::Keep),
        Act::Conflict("kept"),
    ];
    for message in [1, 3, 4, 5, 6, 7] {
        acts.extend([
            Act::Amend(message, edit("edited")),
            Act::Amend(message, edit("edited")),
            Act::Amend(message, edit("edited again")),
            Act::Amend(message, react("👍")),
            Act::Amend(message, react("👍")),
            Act::Amend(message, Change::Pin(true)),
            Act::Amend(message, react("")),
            Act::Late(message, edit("too late")),
        ]);
    }
    for message in [2, 5] {
        acts.extend([
            Act::Amend(message, react("🎉")),
            Act::Amend(message, Change::Pin(true)),
            Act::Amend(message, Change::Pin(false)),
            Act::Flag(message),
        ]);
    }
    for message in [3, 8] {
        let recall = Act::Amend(message, Change::Recall);
        acts.extend([recall.clone(), recall, Act::Amend(message, react("👍")), Act::Amend(message, edit("no"))]);
    }
    acts.extend([Act::Amend(2, Change::Recall), Act::Amend(2, edit("not hers")), Act::Amend(99, Change::Recall)]);
    let wish = Wish { until_delivered: false, at_most_ms: Some(HOUR_MS / 2) };
    acts.extend([
        Act::Wish(wish),
        Act::Wish(wish),
        Act::Send("by her wish", Retention::Keep),
        Act::Settings(SettingsChange { disappear_after_ms: Some(HOUR_MS / 4), ..Default::default() }),
        Act::Settings(SettingsChange { disappear_after_ms: Some(HOUR_MS / 4), ..Default::default() }),
        Act::Settings(SettingsChange { archived: Some(true), accepted: true, ..Default::default() }),
        Act::Send("to disappear", Retention::Keep),
        Act::Settings(SettingsChange { disappear_after_ms: Some(0), ..Default::default() }),
        Act::Read(2),
        Act::Deliver,
        Act::Read(99),
    ]);
    // She asks, is in already; gives it up, asks again; and so on.
    let note = || "It is me.".to_owned();
    let deeds = [
        request(),
        Deed::Accept,
        Deed::Refuse,
        Deed::Withdraw,
        Deed::Put { name: "Bo".to_owned(), labels: Vec::new() },
        Deed::Unsubscribe,
        Deed::Subscribe { note: note() },
        Deed::Subscribed,
        Deed::Unsubscribed,
        Deed::Subscribed,
        Deed::Remove,
        Deed::Accept,
        request(),
        request(),
    ];
    acts.extend(deeds.map(Act::Do));
    acts.extend([Act::UseInvite, Act::UseInvite, Act::Do(Deed::Remove), Act::UseInvite]);
    acts.extend([HOUR_MS / 4, HOUR_MS / 2, HOUR_MS].map(Act::Prune));
    acts.push(Act::Send("after an hour", Retention::Keep));
    acts
}

/// Does it. Returns what Alice is answered, without what is of the store's own life, and the entries made for others.
pub(super) async fn act(store: &dyn Store, story: &Story, act: Act) -> (String, Vec<(AccountId, Arc<Entry>)>) {
    let Story { pair, of } = story;
    let alice = pair.alice;
    let id = |cseq| MessageId { conversation: *of, cseq: Cseq(cseq) };
    let amended = |outcome: AmendOutcome| match outcome {
        AmendOutcome::Amended(amendment, made) => (format!("{amendment:?}"), made),
        other => (format!("{other:?}"), Vec::new()),
    };
    let (answer, made) = match act {
        Act::Send(text, retention) => match outcome(store, Append { retention, ..pair.by_alice(text) }).await {
            AppendOutcome::Appended(sent) => {
                let places = (sent.seq.0 as u32, sent.prev.0 as u32);
                (format!("{:?} {:?} {places:?} {}", sent.id, sent.sent, sent.duplicate), sent.entries)
            }
            other => (format!("{other:?}"), Vec::new()),
        },
        Act::Conflict(text) => {
            let append = Append { fingerprint: [0; 16], ..pair.by_alice(text) };
            (format!("{:?}", outcome(store, append).await), Vec::new())
        }
        Act::Amend(cseq, change) => {
            let amend = Amend { by: alice, id: id(cseq), change, at: NOW, sent_since: TimestampMs(0) };
            amended(store.amend(amend).await.expect("the store amends"))
        }
        Act::Late(cseq, change) => {
            let amend = Amend { by: alice, id: id(cseq), change, at: NOW, sent_since: NOW.plus_ms(1) };
            amended(store.amend(amend).await.expect("the store amends"))
        }
        Act::Flag(cseq) => {
            let flag = Flag { owner: alice, id: id(cseq), starred: Some(true), hide: false, at: NOW };
            let (flags, made) = store.flag(flag).await.expect("the store flags").expect("her message");
            (format!("{flags:?}"), made)
        }
        Act::Wish(wish) => {
            let set = store.set_keeping(alice, *of, wish).await.expect("the store works").expect("a member");
            (format!("{:?}", set.keeping), set.entries)
        }
        Act::Settings(change) => {
            let set = store.set_conversation(alice, *of, change).await.expect("the store works").expect("a member");
            (format!("{:?}", set.0), set.1)
        }
        Act::Read(cseq) => {
            let mark = MarkRead { owner: alice, conversation: *of, read: Cseq(cseq), tell_peer: true };
            (String::new(), store.mark_read(mark).await.expect("the store marks"))
        }
        Act::Deliver => (String::new(), deliver(store, alice, pair.alice_phone).await),
        Act::Do(deed) => match deed_outcome(store, alice, pair.bob, deed).await {
            ContactOutcome::Changed(view, made) => (format!("{view:?}"), made),
            other => (format!("{other:?}"), Vec::new()),
        },
        Act::UseInvite => match store.use_invite(&[1; 32], alice, NOW).await.expect("the store works") {
            InviteOutcome::Used(invite, made) => (format!("{invite:?}"), made),
            InviteOutcome::NotGood => ("not good".to_owned(), Vec::new()),
        },
        Act::Prune(after_ms) => {
            let pruned = store.prune(NOW.plus_ms(after_ms)).await.expect("the store prunes");
            (String::new(), pruned.told)
        }
    };
    let (own, others): (Vec<_>, Vec<_>) = made.into_iter().partition(|(owner, _)| *owner == alice);
    let own: Vec<PlainEntry> = own.iter().map(|(_, entry)| plain(entry)).collect();
    (format!("{answer} with {own:?}"), others)
}

/// A device takes all there is.
pub(super) async fn deliver(
    store: &dyn Store,
    owner: AccountId,
    device: crate::ids::DeviceId,
) -> Vec<(AccountId, Arc<Entry>)> {
    let end: Seq = store.head(owner).await.expect("the store reads").last;
    let cursor = Cursor { passed: end, delivered: end };
    let ack = crate::ports::Acknowledge { owner, device, cursor, at: NOW };
    store.acknowledge(ack).await.expect("the store acknowledges").expect("the device is there")
}
