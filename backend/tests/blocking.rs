//! What a blocked side can tell by what its requests cost the store: nothing.
//!
//! The same is asked of a receiver who is offline and of one who blocks, step by step, and the look-ups and changes that
//! the store's jobs made are compared.

mod support;

use std::sync::atomic::Ordering;

use belfry_backend::EmbeddedStore;
use belfry_domain::conformance::NOW;
use belfry_domain::ports::{
    AccountOutcome, Accounts, Amend, AmendOutcome, Append, AppendOutcome, Change, ContactChange, ContactOutcome,
    Contacts, Conversations, Devices, NewAccount, NewDevice, Timelines,
};
use belfry_domain::{
    AccountId, Address, ClientMessageId, Content, Deed, DeviceId, DeviceRole, MessageId, Past, Retention,
};

use support::{Scratch, options};

async fn person(store: &EmbeddedStore, local: &str) -> AccountId {
    let address = Address::new(local, "example.org").expect("valid");
    let new = NewAccount { address, phone: None, display_name: local.into(), scram: None, created: NOW };
    let AccountOutcome::Created(account) = store.create_account(new).await.expect("works") else { panic!("taken") };
    let phone = NewDevice {
        account: account.id,
        role: DeviceRole::Primary,
        name: "phone".into(),
        noise_key: None,
        secret_hash: [1; 32],
        created: NOW,
        platform: String::new(),
        past: Past::All,
    };
    store.add_device(phone, 10).await.expect("works");
    // The first entries of a timeline cost more than the later ones.
    for (n, retention) in CLASSES.into_iter().enumerate() {
        let note = append(account.id, account.id, &format!("note{n}"), retention);
        assert!(matches!(store.append(vec![note]).await.expect("works")[0], AppendOutcome::Appended(_)));
    }
    account.id
}

fn append(sender: AccountId, receiver: AccountId, text: &str, retention: Retention) -> Append {
    Append {
        sender,
        device: DeviceId(1),
        client_id: ClientMessageId::parse(&format!("{text}{}", receiver.0)).expect("valid"),
        fingerprint: [0; 16],
        receiver,
        content: Content::text(text),
        at: NOW,
        retention,
    }
}

async fn deed(store: &EmbeddedStore, owner: AccountId, peer: AccountId, deed: Deed) {
    let outcome = store.change_contact(ContactChange { owner, peer, deed, at: NOW }).await.expect("works");
    assert!(matches!(outcome, ContactOutcome::Changed(..)), "{outcome:?}");
}

/// One sender, and a receiver whom it asks for things.
struct Asked<'a> {
    store: &'a EmbeddedStore,
    sender: AccountId,
    receiver: AccountId,
    sent: Vec<MessageId>,
    cost: Vec<(String, u64, u64)>,
}

impl Asked<'_> {
    fn gauges(&self) -> (u64, u64) {
        let gauges = self.store.gauges();
        (gauges.looked_up.load(Ordering::Relaxed), gauges.changed.load(Ordering::Relaxed))
    }

    fn note(&mut self, what: String, before: (u64, u64)) {
        let now = self.gauges();
        self.cost.push((what, now.0 - before.0, now.1 - before.1));
    }

    async fn send(&mut self, text: &str, retention: Retention) {
        let before = self.gauges();
        let append = append(self.sender, self.receiver, text, retention);
        let outcome = self.store.append(vec![append]).await.expect("works").remove(0);
        let AppendOutcome::Appended(appended) = outcome else { panic!("{outcome:?}") };
        self.sent.push(appended.id);
        self.note(format!("send {text}"), before);
    }

    async fn amend(&mut self, message: usize, change: Change) {
        let before = self.gauges();
        let what = format!("{message}: {change:?}");
        let amend = Amend { by: self.sender, id: self.sent[message], change, at: NOW, sent_since: NOW };
        let outcome = self.store.amend(amend).await.expect("works");
        assert!(matches!(outcome, AmendOutcome::Amended(..)), "{what}: {outcome:?}");
        self.note(what, before);
    }

    async fn amend_in_every_way(&mut self, message: usize) {
        for change in [
            Change::Edit(Content::text("edited")),
            Change::Edit(Content::text("edited twice")),
            Change::React("👍".into()),
            Change::React("👎".into()),
            Change::Pin(true),
            Change::React(String::new()),
            Change::Edit(Content::text("edited thrice")),
            Change::Recall,
            Change::Recall,
        ] {
            self.amend(message, change).await;
        }
    }
}

const CLASSES: [Retention; 3] = [
    Retention::Keep,
    Retention::Until(belfry_domain::TimestampMs(NOW.0 + 1_000_000)),
    Retention::UntilDelivered { expires: belfry_domain::TimestampMs(NOW.0 + 1_000_000) },
];

#[tokio::test]
async fn whatever_a_blocked_side_asks_costs_what_it_costs_with_somebody_offline() {
    for before_the_block in [false, true] {
        let scratch = Scratch::new();
        let store = EmbeddedStore::open(options(&scratch.path().join("data"))).expect("opens");
        let mut costs = Vec::new();
        for blocks in [false, true] {
            let sender = person(&store, if blocks { "blocked" } else { "sender" }).await;
            let receiver = person(&store, if blocks { "blocks" } else { "offline" }).await;
            let mut asked = Asked { store: &store, sender, receiver, sent: Vec::new(), cost: Vec::new() };
            if before_the_block {
                for (n, retention) in CLASSES.into_iter().enumerate() {
                    asked.send(&format!("early{n}"), retention).await;
                }
            }
            if blocks {
                deed(&store, receiver, sender, Deed::Block).await;
            }
            for (n, retention) in CLASSES.into_iter().enumerate() {
                asked.send(&format!("first{n}"), retention).await;
                asked.send(&format!("second{n}"), retention).await;
            }
            // One of each class: with every 64th entry of a timeline its counts are written down.
            let messages: &[usize] = if before_the_block { &[0, 1, 2, 3, 5, 7] } else { &[0, 2, 4] };
            for message in messages {
                asked.amend_in_every_way(*message).await;
            }
            costs.push(asked.cost);
        }
        let (offline, blocked) = (&costs[0], &costs[1]);
        assert_eq!(offline.len(), blocked.len());
        let differ: Vec<_> = offline.iter().zip(blocked).filter(|(offline, blocked)| offline != blocked).collect();
        assert!(differ.is_empty(), "before the block: {before_the_block}: {differ:#?}");
        let looked_up = offline.iter().map(|(_, looked_up, _)| looked_up).sum::<u64>();
        assert!(looked_up > 0 && offline.iter().all(|(_, _, changed)| *changed < 32), "{offline:?}");
    }
}

#[tokio::test]
async fn a_send_costs_the_same_whether_or_not_the_two_are_contacts() {
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(&scratch.path().join("data"))).expect("opens");
    let mut costs = Vec::new();
    for contacts in [false, true] {
        let sender = person(&store, if contacts { "knows" } else { "sender" }).await;
        let receiver = person(&store, if contacts { "contact" } else { "stranger" }).await;
        if contacts {
            deed(&store, receiver, sender, Deed::Request { note: "it is me".into() }).await;
            deed(&store, sender, receiver, Deed::Accept).await;
        }
        let mut asked = Asked { store: &store, sender, receiver, sent: Vec::new(), cost: Vec::new() };
        for n in 0..3 {
            asked.send(&format!("hello{n}"), Retention::Keep).await;
        }
        costs.push(asked.cost);
    }
    assert_eq!(costs[0], costs[1]);
    let (_, looked_up, changed) = &costs[0][2];
    assert_eq!(
        (*looked_up, *changed),
        (2, 4),
        "the client's id and the pair; two entries, the body and the client's id"
    );
}
