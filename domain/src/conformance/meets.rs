//! Where the later life of messages meets retention: what waits while it is edited and recalled, which of several ends
//! comes first, and that a sync from the beginning and the list of conversations tell the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::mailbox::{counted, waiting};
use super::{ALL, NOW, Pair, account, ack, address, entries, message, pair, send, suite, texts};
use crate::account::{Privacy, PrivacyChange};
use crate::contact::Audience;
use crate::content::Content;
use crate::conversation::{Amendment, ConversationSettings, ConversationView, DraftText};
use crate::event::{Author, Entry, Item, Keeping, Message, Receipt};
use crate::ids::{AccountId, ConversationId, Cseq, DeviceId, MessageId, Seq, TimestampMs};
use crate::ports::{
    Amend, AmendOutcome, Append, AppendOutcome, Change, Flag, Head, MailboxLimit, MarkRead, SettingsChange, Store,
    Waiting,
};
use crate::retention::{Retention, Wish};

suite![
    an_edit_of_what_waits_changes_no_count,
    a_recall_of_what_waits_frees_its_bytes_and_leaves_its_place,
    a_recall_of_what_was_delivered_frees_nothing,
    who_was_away_gets_the_latest_state_alone,
    a_disappearing_conversation_under_wishes_ends_by_whichever_ends_it_first,
    a_change_makes_no_message_last_longer,
    a_sync_from_the_beginning_tells_the_same_list,
    who_may_not_know_the_past_sees_nothing_of_it_in_the_list,
];

const MINUTE_MS: u64 = 60_000;
const END: TimestampMs = TimestampMs(NOW.0 + 10 * MINUTE_MS);
const CLASSES: [Retention; 3] = [Retention::Keep, Retention::Until(END), Retention::UntilDelivered { expires: END }];

async fn amend(store: &dyn Store, by: AccountId, id: MessageId, change: Change) -> Arc<Amendment> {
    let amend = Amend { by, id, change, at: NOW, sent_since: TimestampMs(0) };
    match store.amend(amend).await.expect("the store amends") {
        AmendOutcome::Amended(amendment, _) => amendment,
        other => panic!("the message was not changed: {other:?}"),
    }
}

fn edit(text: &str) -> Change {
    Change::Edit(Content::text(text))
}

async fn set(store: &dyn Store, owner: AccountId, of: ConversationId, change: SettingsChange) {
    store.set_conversation(owner, of, change).await.expect("the store sets").expect("the owner's conversation");
}

async fn wish(store: &dyn Store, owner: AccountId, of: ConversationId, wish: Wish) {
    store.set_keeping(owner, of, wish).await.expect("the store works").expect("a member may wish");
}

async fn is_taken(store: &dyn Store, append: Append, bytes: u64) -> bool {
    let limit = MailboxLimit { bytes, ..MailboxLimit::NONE };
    match store.append_within(vec![append], limit).await.expect("the store works").remove(0) {
        AppendOutcome::Appended(_) => true,
        AppendOutcome::MailboxFull => false,
        other => panic!("{other:?}"),
    }
}

/// Each way in which what waits stops waiting leaves the count at nothing.
async fn nothing_waits_after(store: &dyn Store, pair: &Pair, delivered: bool) {
    if delivered {
        let end = store.head(pair.bob).await.expect("the store reads").last;
        ack(store, pair.bob, pair.bob_phone, end, NOW).await;
    }
    store.prune(END).await.expect("the store prunes");
    assert_eq!(waiting(store, pair.bob).await, counted(store, pair.bob).await);
    if delivered {
        assert_eq!(waiting(store, pair.bob).await, Waiting::default());
    }
}

async fn an_edit_of_what_waits_changes_no_count(store: &dyn Store) {
    let pair = pair(store).await;
    let mut expected = Waiting::default();
    for (n, retention) in CLASSES.into_iter().enumerate() {
        let sent = send(store, Append { retention, ..pair.by_alice(&format!("ten bytes{n}")) }).await;
        expected = Waiting { entries: expected.entries + 1, bytes: expected.bytes + 10 };
        for text in ["longer than it was before", "short"] {
            amend(store, pair.alice, sent.id, edit(text)).await;
            assert_eq!(waiting(store, pair.bob).await, expected, "{retention:?}: {text}");
        }
    }
    assert!(!is_taken(store, pair.by_alice("more"), expected.bytes).await, "the mailbox is as full as before");
    assert!(is_taken(store, pair.by_alice("more"), expected.bytes + 1).await, "and no fuller");
    let end = store.head(pair.bob).await.expect("the store reads").last;
    ack(store, pair.bob, pair.bob_phone, end, NOW).await;
    assert_eq!(waiting(store, pair.bob).await, Waiting::default(), "what was counted in is counted out");
}

async fn a_recall_of_what_waits_frees_its_bytes_and_leaves_its_place(store: &dyn Store) {
    let pair = pair(store).await;
    send(store, pair.by_alice("stays")).await;
    let mut ids = Vec::new();
    for (n, retention) in CLASSES.into_iter().enumerate() {
        let content = Content::text("x".repeat(100));
        ids.push(send(store, Append { retention, content, ..pair.by_alice(&n.to_string()) }).await.id);
    }
    assert_eq!(waiting(store, pair.bob).await, Waiting { entries: 4, bytes: 305 });
    assert!(!is_taken(store, pair.by_alice("more"), 300).await);
    for (n, id) in ids.into_iter().enumerate() {
        for _ in 0..2 {
            amend(store, pair.alice, id, Change::Recall).await;
            let left = Waiting { entries: 4, bytes: 205 - 100 * n as u64 };
            assert_eq!(waiting(store, pair.bob).await, left, "a repeat frees nothing more");
            assert_eq!(counted(store, pair.bob).await, left, "it is what can be read");
        }
    }
    assert!(is_taken(store, pair.by_alice("more"), 300).await, "there is room again");
    assert_eq!(texts(&entries(store, pair.bob).await), ["stays", "", "", "", "more"]);
    nothing_waits_after(store, &pair, false).await;
    nothing_waits_after(store, &pair, true).await;
}

async fn a_recall_of_what_was_delivered_frees_nothing(store: &dyn Store) {
    let pair = pair(store).await;
    for (n, retention) in CLASSES.into_iter().enumerate() {
        let sent = send(store, Append { retention, ..pair.by_alice(&format!("delivered {n}")) }).await;
        let end = store.head(pair.bob).await.expect("the store reads").last;
        ack(store, pair.bob, pair.bob_phone, end, NOW).await;
        send(store, pair.by_alice(&format!("waits {n}"))).await;
        amend(store, pair.alice, sent.id, Change::Recall).await;
        assert_eq!(waiting(store, pair.bob).await, Waiting { entries: 1, bytes: 7 }, "{retention:?}");
    }
    let note = message(pair.bob, pair.bob_phone, pair.bob, "note");
    let own = send(store, note).await.id;
    let before = waiting(store, pair.bob).await;
    amend(store, pair.bob, own, Change::Recall).await;
    assert_eq!(waiting(store, pair.bob).await, before, "one's own waits for nobody");
    nothing_waits_after(store, &pair, true).await;
}

async fn who_was_away_gets_the_latest_state_alone(store: &dyn Store) {
    let pair = pair(store).await;
    for (n, retention) in CLASSES.into_iter().enumerate() {
        let said = send(store, Append { retention, ..pair.by_alice(&format!("first {n}")) }).await.id;
        let gone = send(store, Append { retention, ..pair.by_alice(&format!("regretted {n}")) }).await.id;
        for text in ["second", "third", "last"] {
            amend(store, pair.alice, said, edit(text)).await;
            amend(store, pair.alice, gone, edit(text)).await;
            amend(store, pair.alice, said, Change::React(text.into())).await;
        }
        amend(store, pair.alice, said, Change::Pin(true)).await;
        amend(store, pair.alice, gone, Change::Recall).await;
        let read: Vec<_> = entries(store, pair.bob).await;
        assert_eq!(texts(&read[read.len() - 4..]), ["last", ""], "{retention:?}");
        let told = |id: MessageId| {
            let of = |entry: &Arc<Entry>| match &entry.item {
                Item::Amendment(amendment) if amendment.id == id => Some(Arc::clone(amendment)),
                _ => None,
            };
            let [one] = &read.iter().filter_map(of).collect::<Vec<_>>()[..] else { panic!("one of each") };
            Arc::clone(one)
        };
        let (said, gone) = (told(said), told(gone));
        assert_eq!(said.content.as_ref().map(|content| content.text.as_str()), Some("last"));
        assert_eq!((said.reactions.len(), said.reactions[0].emoji.as_str(), said.pinned), (1, "last", true));
        assert_eq!((gone.recalled, &gone.content, gone.edited), (Some(NOW), &None, None));
    }
}

async fn a_disappearing_conversation_under_wishes_ends_by_whichever_ends_it_first(store: &dyn Store) {
    let pair = pair(store).await;
    let of = send(store, pair.by_alice("stays")).await.id.conversation;
    let minutes = |minutes: u64| Wish { until_delivered: false, at_most_ms: Some(minutes * MINUTE_MS) };
    let delivered = Wish { until_delivered: true, at_most_ms: None };
    let mut expected = Vec::new();
    // What disappears after so many minutes, under which wishes, and after how many it is gone.
    for (n, (disappears, hers, his, gone)) in [
        (3, minutes(5), Wish::default(), 3),
        (5, minutes(2), Wish::default(), 2),
        (9, minutes(8), minutes(4), 4),
        (6, delivered, Wish::default(), 6),
        (0, minutes(7), delivered, 7),
    ]
    .into_iter()
    .enumerate()
    {
        let change = SettingsChange { disappear_after_ms: Some(disappears * MINUTE_MS), ..Default::default() };
        set(store, pair.bob, of, change).await;
        wish(store, pair.alice, of, hers).await;
        wish(store, pair.bob, of, his).await;
        let server = Retention::Until(END);
        send(store, Append { retention: server, ..pair.by_alice(&n.to_string()) }).await;
        expected.push((gone, n.to_string()));
    }
    for minute in 1..=9 {
        for at in [TimestampMs(NOW.0 + minute * MINUTE_MS - 1), TimestampMs(NOW.0 + minute * MINUTE_MS)] {
            store.prune(at).await.expect("the store prunes");
            let left: Vec<String> = std::iter::once("stays".to_owned())
                .chain(
                    expected.iter().filter(|(gone, _)| at.0 < NOW.0 + gone * MINUTE_MS).map(|(_, text)| text.clone()),
                )
                .collect();
            for owner in [pair.alice, pair.bob] {
                assert_eq!(texts(&entries(store, owner).await), left, "{} ms after", at.0 - NOW.0);
            }
            assert_eq!(waiting(store, pair.bob).await.entries, left.len() as u64, "what is gone waits no more");
        }
    }
    wish(store, pair.bob, of, delivered).await;
    let change = SettingsChange { disappear_after_ms: Some(5 * MINUTE_MS), ..Default::default() };
    set(store, pair.bob, of, change).await;
    let at = TimestampMs(NOW.0 + 9 * MINUTE_MS);
    send(store, Append { at, ..pair.by_alice("until delivered") }).await;
    let end = store.head(pair.bob).await.expect("the store reads").last;
    ack(store, pair.bob, pair.bob_phone, end, at).await;
    assert_eq!(texts(&entries(store, pair.bob).await), ["stays"], "delivered long before it would disappear");
}

async fn a_change_makes_no_message_last_longer(store: &dyn Store) {
    let pair = pair(store).await;
    for (n, retention) in [Retention::Until(END), Retention::UntilDelivered { expires: END }].into_iter().enumerate() {
        let sent = send(store, Append { retention, ..pair.by_alice(&n.to_string()) }).await.id;
        wish(store, pair.bob, sent.conversation, Wish::default()).await;
        set(store, pair.bob, sent.conversation, SettingsChange { disappear_after_ms: Some(0), ..Default::default() })
            .await;
        amend(store, pair.alice, sent, edit("edited")).await;
        amend(store, pair.bob, sent, Change::React("👍".into())).await;
        let flag = Flag { owner: pair.bob, id: sent, starred: Some(true), hide: false, at: NOW };
        store.flag(flag).await.expect("the store flags").expect("his message");
    }
    store.prune(END).await.expect("the store prunes");
    for owner in [pair.alice, pair.bob] {
        let about = |entry: &Arc<Entry>| {
            matches!(entry.item, Item::Message(_) | Item::Amendment(_) | Item::Flags(_)).then(|| entry.item.clone())
        };
        assert_eq!(entries(store, owner).await.iter().filter_map(about).collect::<Vec<_>>(), []);
    }
    assert_eq!(waiting(store, pair.bob).await, Waiting::default());
}

/// People with something of every kind that can become of messages and conversations.
pub struct Lived {
    pair: Pair,
    carol: AccountId,
    conversations: Vec<ConversationId>,
}

/// Lets them live.
pub async fn lived(store: &dyn Store) -> Lived {
    let pair = pair(store).await;
    let carol = account(store, "carol").await.id;
    let mut ids = Vec::new();
    for (n, retention) in CLASSES.into_iter().cycle().take(9).enumerate() {
        let (a, b) = (format!("a{n}"), format!("b{n}"));
        let at = NOW.plus_ms(n as u64);
        ids.push(send(store, Append { retention, at, ..pair.by_alice(&a) }).await.id);
        let mut back = Append { retention, at, ..pair.by_bob(&b) };
        back.content.reply_to = Some(Cseq(1));
        back.content.forwarded = 1;
        back.content.mentions = vec![address("alice"), address("carol")];
        ids.push(send(store, back).await.id);
    }
    let of = ids[0].conversation;
    for (n, id) in ids.iter().enumerate() {
        let (by, other) = if n % 2 == 0 { (pair.alice, pair.bob) } else { (pair.bob, pair.alice) };
        match n / 2 % 3 {
            0 => drop(amend(store, by, *id, edit(&format!("edited {n}"))).await),
            1 => drop(amend(store, other, *id, Change::React("👍🏽".into())).await),
            _ => drop(amend(store, other, *id, Change::Pin(true)).await),
        }
        let flag = Flag { owner: other, id: *id, starred: Some(n % 3 == 0), hide: n == 17, at: NOW };
        store.flag(flag).await.expect("the store flags").expect("a message of theirs");
    }
    amend(store, pair.alice, ids[14], Change::Recall).await;
    let draft = |text: &str| Some(DraftText { text: text.into(), reply_to: Some(Cseq(2)) });
    set(
        store,
        pair.alice,
        of,
        SettingsChange {
            muted_until: Some(END),
            pinned: Some(true),
            draft: draft("Dear Bob"),
            disappear_after_ms: Some(3_600_000),
            ..Default::default()
        },
    )
    .await;
    let to_carol = message(pair.alice, pair.alice_phone, carol, "to Carol");
    let carols = send(store, Append { at: NOW.plus_ms(100), ..to_carol }).await.id.conversation;
    let change = SettingsChange { archived: Some(true), marked_unread: Some(true), ..Default::default() };
    set(store, pair.alice, carols, change).await;
    let by_carol = message(carol, DeviceId(1), pair.alice, "by Carol");
    send(store, Append { at: NOW.plus_ms(101), ..by_carol }).await;
    let note = message(pair.alice, pair.alice_phone, pair.alice, "a note");
    let notes = send(store, Append { at: NOW.plus_ms(102), ..note }).await.id.conversation;
    wish(store, pair.bob, of, Wish { until_delivered: false, at_most_ms: Some(7 * MINUTE_MS) }).await;
    let change = PrivacyChange { read_receipts: Some(Audience::Nobody), ..PrivacyChange::default() };
    store.set_privacy(carol, change).await.expect("the store works").expect("she is there");
    let mark = MarkRead { owner: pair.alice, conversation: of, read: Cseq(6), tell_peer: true };
    store.mark_read(mark).await.expect("the store marks");
    Lived { pair, carol, conversations: vec![of, carols, notes] }
}

/// All that one of the people can find out.
#[derive(Debug, PartialEq)]
pub struct Picture {
    entries: Vec<Arc<Entry>>,
    head: Head,
    list: Vec<ConversationView>,
    histories: Vec<Option<(Vec<Arc<Message>>, bool)>>,
    keepings: Vec<Option<Keeping>>,
    privacy: Option<Privacy>,
}

/// What each of them can find out.
pub async fn picture(store: &dyn Store, lived: &Lived) -> Vec<Picture> {
    let mut pictures = Vec::new();
    for owner in [lived.pair.alice, lived.pair.bob, lived.carol] {
        let (mut histories, mut keepings) = (Vec::new(), Vec::new());
        for of in &lived.conversations {
            histories.push(store.read_before(owner, *of, None, ALL).await.expect("the store reads"));
            keepings.push(store.keeping(owner, *of).await.expect("the store reads"));
        }
        pictures.push(Picture {
            entries: entries(store, owner).await,
            head: store.head(owner).await.expect("the store reads"),
            list: list(store, owner, TimestampMs(0)).await,
            histories,
            keepings,
            privacy: store.privacy(owner).await.expect("the store reads"),
        });
    }
    pictures
}

/// After that everything still has its effect: wishes and times on new messages, changes on old ones, counts on both.
pub async fn goes_on(store: &dyn Store, lived: &Lived) {
    let (pair, of) = (&lived.pair, lived.conversations[0]);
    let before = waiting(store, pair.bob).await;
    let sent = send(store, pair.by_alice("after")).await;
    let Item::Message(said) = &sent.entries[1].1.item else { panic!("a message") };
    assert_eq!(said.content.lifetime_ms, Some(3_600_000), "the conversation's time to disappear");
    let first = MessageId { conversation: of, cseq: Cseq(1) };
    for (id, freed) in [(sent.id, 0), (first, 2)] {
        amend(store, pair.alice, id, Change::Recall).await;
        let now = waiting(store, pair.bob).await;
        assert_eq!((now.entries, now.bytes), (before.entries + 1, before.bytes - freed), "{id}");
    }
    store.prune(NOW.plus_ms(7 * MINUTE_MS)).await.expect("the store prunes");
    assert!(!entries(store, pair.bob).await.iter().any(|entry| match &entry.item {
        Item::Message(message) => message.id == sent.id,
        _ => false,
    }));
}

async fn list(store: &dyn Store, owner: AccountId, since: TimestampMs) -> Vec<ConversationView> {
    let (views, more) = store.list_conversations(owner, None, since, ALL).await.expect("the store lists");
    assert!(!more, "one page holds all that a case makes");
    views
}

/// What a device keeps of a conversation that it knows by its events alone.
#[derive(Default)]
struct Kept {
    messages: BTreeMap<Cseq, (Message, bool)>,
    settings: Option<ConversationSettings>,
    receipt: Option<Receipt>,
    read: Cseq,
}

impl Kept {
    fn take(&mut self, item: &Item) {
        match item {
            Item::Message(message) => drop(self.messages.insert(message.id.cseq, (Message::clone(message), false))),
            Item::Amendment(amendment) => {
                let Some((message, _)) = self.messages.get_mut(&amendment.id.cseq) else { return };
                if let Some(content) = &amendment.content {
                    message.content = content.clone();
                }
                message.life.edited = amendment.edited;
                message.life.recalled = amendment.recalled;
                message.life.reactions = amendment.reactions.clone();
                message.life.pinned = amendment.pinned;
            }
            Item::Flags(flags) => {
                let Some((message, hidden)) = self.messages.get_mut(&flags.id.cseq) else { return };
                message.life.starred = flags.starred;
                *hidden = flags.hidden;
            }
            Item::Settings(settings) => self.settings = Some(ConversationSettings::clone(settings)),
            Item::Receipt(receipt) => self.receipt = Some(receipt.clone()),
            Item::Mark(mark) => self.read = mark.read,
            Item::Profile(_) | Item::Keeping(_) | Item::Privacy(_) | Item::Contact(_) => {}
        }
    }

    fn view(self, owner: AccountId) -> ConversationView {
        let by_owner =
            |message: &Message| matches!(message.author, Author::Account { account, .. } if account == owner);
        let (last, newest) = self.messages.last_key_value().map(|(cseq, (m, _))| (*cseq, m)).expect("a message");
        let Author::Account { address: author, .. } = &newest.author else { panic!("no guests here") };
        let peer = if by_owner(newest) { newest.to.clone().expect("direct") } else { author.clone() };
        let conversation = newest.id.conversation;
        let unread = self
            .messages
            .range(self.read.next()..)
            .filter(|(_, (message, hidden))| !by_owner(message) && !hidden && message.life.recalled.is_none());
        // Nobody lists anybody here, so a stranger is who was neither answered nor reacted to.
        let own = if by_owner(newest) { Some(author) } else { newest.to.as_ref() };
        let heard = self.messages.values().any(|(message, _)| {
            by_owner(message) || message.life.reactions.iter().any(|reaction| Some(&reaction.by) == own)
        });
        let nothing = ConversationSettings {
            conversation,
            peer: peer.clone(),
            muted_until: TimestampMs(0),
            pinned: false,
            archived: false,
            draft: DraftText::default(),
            marked_unread: false,
            request: !heard,
            disappear_after_ms: 0,
        };
        let none = Receipt { conversation, peer, delivered: Cseq(0), read: Cseq(0), undelivered: Vec::new() };
        ConversationView {
            active: newest.sent,
            last,
            unread: unread.count() as u32,
            message: self.messages.values().rev().find(|(_, hidden)| !hidden).map(|(m, _)| Arc::new(m.clone())),
            settings: self.settings.unwrap_or(nothing),
            read: self.read,
            receipt: self.receipt.unwrap_or(none),
        }
    }
}

async fn a_sync_from_the_beginning_tells_the_same_list(store: &dyn Store) {
    let lived = lived(store).await;
    let of_item = |item: &Item| match item {
        Item::Message(message) => Some(message.id.conversation),
        Item::Amendment(amendment) => Some(amendment.id.conversation),
        Item::Flags(flags) => Some(flags.id.conversation),
        Item::Settings(settings) => Some(settings.conversation),
        Item::Receipt(receipt) => Some(receipt.conversation),
        Item::Mark(mark) => Some(mark.conversation),
        Item::Profile(_) | Item::Keeping(_) | Item::Privacy(_) | Item::Contact(_) => None,
    };
    for owner in [lived.pair.alice, lived.pair.bob, lived.carol] {
        let mut kept: BTreeMap<ConversationId, Kept> = BTreeMap::new();
        for entry in entries(store, owner).await {
            if let Some(of) = of_item(&entry.item) {
                kept.entry(of).or_default().take(&entry.item);
            }
        }
        let mut views: Vec<ConversationView> = kept.into_values().map(|kept| kept.view(owner)).collect();
        views.sort_by_key(|view| std::cmp::Reverse((view.active, view.settings.conversation)));
        assert_eq!(views, list(store, owner, TimestampMs(0)).await);
        assert!(!views.is_empty());
    }
}

async fn who_may_not_know_the_past_sees_nothing_of_it_in_the_list(store: &dyn Store) {
    let pair = pair(store).await;
    let of = send(store, pair.by_alice("past")).await.id.conversation;
    send(store, Append { retention: CLASSES[2], ..pair.by_alice("past too") }).await;
    let since = NOW.plus_ms(1);
    let shown = async || {
        let views = list(store, pair.bob, since).await;
        let [view] = &views[..] else { panic!("one conversation: it is there, and has settings") };
        assert_eq!(view.settings.conversation, of);
        (view.message.as_ref().map(|message| message.content.text.clone()), view.unread)
    };
    assert_eq!(shown().await, (None, 0));
    for (n, retention) in CLASSES.into_iter().enumerate() {
        let text = format!("new {n}");
        let sent = send(store, Append { retention, at: since, ..pair.by_alice(&text) }).await;
        assert_eq!(shown().await, (Some(text), n as u32 + 1));
        amend(store, pair.alice, sent.id, Change::React("👍".into())).await;
    }
    let all = list(store, pair.bob, TimestampMs(0)).await;
    assert_eq!(all[0].unread, 5, "who may, sees all");
    assert_eq!(store.head(pair.bob).await.expect("the store reads").delivered_floor, Seq::ZERO);
}
