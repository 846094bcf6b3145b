//! What people have taken back of themselves is in no file: pictures and words that were replaced, names and notes of
//! contacts that were removed, and what a blocked side wrote over in its own copy or in what was withheld.

mod support;

use std::path::Path;

use belfry_backend::EmbeddedStore;
use belfry_domain::conformance::NOW;
use belfry_domain::memory::SeededEntropy;
use belfry_domain::ports::{
    AccountOutcome, Accounts, Amend, AmendOutcome, Append, AppendOutcome, Change, ContactChange, ContactOutcome,
    Contacts, Conversations, Devices, Entropy, NewAccount, NewDevice, Timelines,
};
use belfry_domain::{
    AccountId, Address, ClientMessageId, Content, Deed, DeviceId, DeviceRole, MessageId, Past, Picture, PictureId,
    ProfileChange, Retention, TimestampMs,
};

use support::{Scratch, options};

const EXPIRES: TimestampMs = TimestampMs(NOW.0 + 1_000_000);

struct People {
    scratch: Scratch,
    store: EmbeddedStore,
    alice: AccountId,
    bob: AccountId,
}

impl People {
    async fn new() -> People {
        let scratch = Scratch::new();
        let store = EmbeddedStore::open(options(scratch.path())).expect("opens");
        let (alice, bob) = (person(&store, "alice").await, person(&store, "bob").await);
        People { scratch, store, alice, bob }
    }

    async fn deed(&self, owner: AccountId, peer: AccountId, deed: Deed) {
        let change = ContactChange { owner, peer, deed, at: NOW };
        let outcome = self.store.change_contact(change).await.expect("works");
        assert!(matches!(outcome, ContactOutcome::Changed(..)), "{outcome:?}");
    }

    async fn send(&self, text: &str, retention: Retention) -> MessageId {
        let append = Append {
            sender: self.alice,
            device: DeviceId(1),
            client_id: ClientMessageId::parse("m").expect("valid"),
            fingerprint: [0; 16],
            receiver: self.bob,
            content: Content::text(text),
            at: NOW,
            retention,
        };
        let outcome = self.store.append(vec![append]).await.expect("works").remove(0);
        let AppendOutcome::Appended(appended) = outcome else { panic!("{outcome:?}") };
        appended.id
    }

    async fn amend(&self, id: MessageId, change: Change) {
        let amend = Amend { by: self.alice, id, change, at: NOW, sent_since: NOW };
        let outcome = self.store.amend(amend).await.expect("works");
        assert!(matches!(outcome, AmendOutcome::Amended(..)), "{outcome:?}");
    }

    /// The marker is on the disk, in the files too if asked for.
    async fn is_there(&self, marker: &str, on_files: bool) {
        if on_files {
            self.store.reclaim().await.expect("works");
        }
        assert!(holds(self.scratch.path(), marker), "a search that finds nothing proves nothing");
    }

    async fn is_gone(&self, marker: &str, what: &str) {
        self.store.prune(NOW).await.expect("prunes");
        for _ in 0..1_200 {
            if !holds(self.scratch.path(), marker) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{what}: the marker is still in some file");
    }
}

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
    account.id
}

/// Letters that say sixteen random bytes.
fn letters(seed: u64) -> String {
    let mut random = [0; 16];
    SeededEntropy::new(seed).fill(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn holds(directory: &Path, marker: &str) -> bool {
    std::fs::read_dir(directory).expect("the directory is read").flatten().any(|file| {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_and_words_about_oneself_that_are_replaced_are_in_no_file() {
    for (n, on_files) in [false, true].into_iter().enumerate() {
        let people = People::new().await;
        let (pixels, words) = (letters(10 + n as u64), letters(20 + n as u64));
        let picture = |data: &str| Picture { mime: "image/png".into(), data: data.as_bytes().to_vec() };
        let change = ProfileChange {
            about: Some(words.clone()),
            picture: Some(Some((PictureId([1; 16]), picture(&pixels)))),
            ..ProfileChange::default()
        };
        people.store.set_profile(people.alice, change).await.expect("works").expect("there");
        people.is_there(&pixels, on_files).await;
        people.is_there(&words, on_files).await;
        let change = ProfileChange {
            about: Some(String::new()),
            picture: Some((!on_files).then(|| (PictureId([2; 16]), picture("another")))),
            ..ProfileChange::default()
        };
        people.store.set_profile(people.alice, change).await.expect("works").expect("there");
        people.is_gone(&pixels, "the picture").await;
        people.is_gone(&words, "the words").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_notes_of_contacts_that_are_removed_are_in_no_file() {
    let people = People::new().await;
    let (name, label, note) = (letters(31), letters(32), letters(33));
    people.deed(people.alice, people.bob, Deed::Request { note: note.clone() }).await;
    people.deed(people.alice, people.bob, Deed::Put { name: name.clone(), labels: vec![label.clone()] }).await;
    for marker in [&name, &label, &note] {
        people.is_there(marker, true).await;
    }
    people.deed(people.bob, people.alice, Deed::Refuse).await;
    people.deed(people.alice, people.bob, Deed::Remove).await;
    for marker in [&name, &label, &note] {
        people.is_gone(marker, "a word").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_blocked_side_has_written_over_is_in_no_file() {
    let classes = [Retention::Keep, Retention::Until(EXPIRES), Retention::UntilDelivered { expires: EXPIRES }];
    for (n, retention) in classes.into_iter().enumerate() {
        for before_the_block in [false, true] {
            let people = People::new().await;
            let marker = letters(100 + 2 * n as u64 + u64::from(before_the_block));
            let first = if before_the_block { "seen by both" } else { &marker };
            let early = if before_the_block { Some(people.send(first, retention).await) } else { None };
            people.deed(people.bob, people.alice, Deed::Block).await;
            let id = match early {
                Some(id) => {
                    people.amend(id, Change::Edit(Content::text(&*marker))).await;
                    id
                }
                None => people.send(first, retention).await,
            };
            people.is_there(&marker, n % 2 == 0).await;
            people.amend(id, Change::Recall).await;
            people.is_gone(&marker, &format!("{retention:?}, sent before the block: {before_the_block}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_goes_with_the_change_that_reaches_both_and_with_its_message() {
    for unblocked in [false, true] {
        let people = People::new().await;
        let marker = letters(200 + u64::from(unblocked));
        let id = people.send("seen by both", Retention::Until(EXPIRES)).await;
        people.deed(people.bob, people.alice, Deed::Block).await;
        people.amend(id, Change::Edit(Content::text(&*marker))).await;
        people.is_there(&marker, true).await;
        if unblocked {
            people.deed(people.bob, people.alice, Deed::Unblock).await;
            people.amend(id, Change::React("👍".into())).await;
        } else {
            people.store.prune(EXPIRES).await.expect("prunes");
        }
        people.is_gone(&marker, &format!("unblocked: {unblocked}")).await;
    }
}
