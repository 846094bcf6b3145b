//! What was taken back is in no file: the old text of an edit, a recalled message, a reaction, a draft are found in the
//! raw files before, and nowhere afterwards; also when the process ends between the change and the rewriting.
//!
//! The markers are random and written as such, so that compression can neither hide nor split them.

mod support;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use belfry_backend::embedded::Disk;
use belfry_backend::{EmbeddedOptions, EmbeddedStore};
use belfry_domain::conformance::NOW;
use belfry_domain::memory::SeededEntropy;
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Amend, AmendOutcome, Append, AppendOutcome, Change, Conversations, Devices,
    Entropy, NewAccount, NewDevice, SettingsChange, Timelines,
};
use belfry_domain::{
    AccountId, Address, ClientMessageId, Content, Cursor, DeviceId, DeviceRole, DraftText, MessageId, Past, Retention,
    TimestampMs,
};

use support::{Scratch, options};

const EXPIRES: TimestampMs = TimestampMs(NOW.0 + 1_000_000);
const CLASSES: [Retention; 3] =
    [Retention::Keep, Retention::Until(EXPIRES), Retention::UntilDelivered { expires: EXPIRES }];

/// What is taken back, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Edit,
    EditTwice,
    Recall,
    RecallWhatWasEdited,
    ReactionTakenBack,
    ReactionReplaced,
    ReactionToWhatIsRecalled,
    DraftEmptied,
    DraftReplaced,
    AccountsRemoved,
}

const WAYS: [Way; 10] = [
    Way::Edit,
    Way::EditTwice,
    Way::Recall,
    Way::RecallWhatWasEdited,
    Way::ReactionTakenBack,
    Way::ReactionReplaced,
    Way::ReactionToWhatIsRecalled,
    Way::DraftEmptied,
    Way::DraftReplaced,
    Way::AccountsRemoved,
];

struct People {
    alice: AccountId,
    bob: AccountId,
    said: MessageId,
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

/// Random letters, of an alphabet large enough that none four in a row come twice; a reaction holds no more of them.
fn letters(seed: u64) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut random = [0; 30];
    SeededEntropy::new(seed).fill(&mut random);
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect()
}

fn holds(directory: &Path, marker: &str) -> bool {
    let marker = marker.as_bytes();
    std::fs::read_dir(directory).expect("the directory is read").flatten().any(|file| {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes.windows(marker.len()).any(|window| window == marker)
    })
}

/// Files that nothing refers to any more are deleted by a thread of the database.
async fn is_gone(directory: &Path, marker: &str, what: &str) {
    for _ in 0..1_200 {
        if !holds(directory, marker) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what}: the marker is still in some file");
}

async fn amend(store: &EmbeddedStore, by: AccountId, id: MessageId, change: Change) {
    let amend = Amend { by, id, change, at: NOW, sent_since: TimestampMs(0) };
    assert!(matches!(store.amend(amend).await.expect("works"), AmendOutcome::Amended(..)));
}

async fn edit(store: &EmbeddedStore, people: &People, text: &str) {
    amend(store, people.alice, people.said, Change::Edit(Content::text(text))).await;
}

async fn react(store: &EmbeddedStore, people: &People, emoji: &str) {
    amend(store, people.bob, people.said, Change::React(emoji.into())).await;
}

async fn draft(store: &EmbeddedStore, people: &People, text: &str) {
    let draft = Some(DraftText { text: text.into(), reply_to: None });
    let change = SettingsChange { draft, ..SettingsChange::default() };
    store.set_conversation(people.alice, people.said.conversation, change).await.expect("works").expect("hers");
}

/// Somebody wrote something, and the marker is somewhere in it.
async fn say(store: &EmbeddedStore, way: Way, retention: Retention, marker: &str) -> People {
    let (alice, bob) = (person(store, "alice").await, person(store, "bob").await);
    let append = Append {
        sender: alice,
        device: DeviceId(1),
        client_id: ClientMessageId::parse("m").expect("valid"),
        fingerprint: [0; 16],
        receiver: bob,
        content: Content::text(if matches!(way, Way::Edit | Way::Recall) { marker } else { "said" }),
        at: NOW,
        retention,
    };
    let AppendOutcome::Appended(sent) = store.append(vec![append]).await.expect("works").remove(0) else {
        panic!("not stored")
    };
    let people = People { alice, bob, said: sent.id };
    match way {
        Way::Edit | Way::Recall => {}
        Way::EditTwice | Way::RecallWhatWasEdited => edit(store, &people, marker).await,
        Way::ReactionTakenBack | Way::ReactionReplaced | Way::ReactionToWhatIsRecalled => {
            react(store, &people, marker).await;
        }
        Way::DraftEmptied | Way::DraftReplaced | Way::AccountsRemoved => draft(store, &people, marker).await,
    }
    people
}

async fn take_back(store: &EmbeddedStore, way: Way, people: &People) {
    match way {
        Way::Edit | Way::EditTwice => edit(store, people, "something else").await,
        Way::Recall | Way::RecallWhatWasEdited | Way::ReactionToWhatIsRecalled => {
            amend(store, people.alice, people.said, Change::Recall).await;
        }
        Way::ReactionTakenBack => react(store, people, "").await,
        Way::ReactionReplaced => react(store, people, "👍").await,
        Way::DraftEmptied => draft(store, people, "").await,
        Way::DraftReplaced => draft(store, people, "Dear").await,
        Way::AccountsRemoved => {
            for owner in [people.alice, people.bob] {
                store.remove_account(owner).await.expect("works").expect("was there");
            }
        }
    }
}

/// When the rewriting is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    InTheSameLife,
    AfterAStop,
    /// The directory as it was at that moment, as after a power cut.
    AfterACrash,
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a directory is made");
    for file in std::fs::read_dir(from).expect("the directory is read").flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).expect("a file is copied");
    }
}

async fn tried(way: Way, retention: Retention, on_files: bool, then: Then, seed: u64) {
    let what = format!("{way:?}, {retention:?}, on files {on_files}, {then:?}");
    let scratch = Scratch::new();
    let (mut path, marker) = (scratch.path().join("data"), letters(seed));
    let mut store = EmbeddedStore::open(options(&path)).expect("opens");
    let people = say(&store, way, retention, &marker).await;
    if on_files {
        store.reclaim().await.expect("works");
    }
    assert!(holds(&path, &marker), "{what}: a search that finds nothing proves nothing");
    take_back(&store, way, &people).await;
    match then {
        Then::InTheSameLife => {}
        Then::AfterAStop => {
            store.close();
            drop(store);
            store = EmbeddedStore::open(options(&path)).expect("opens again");
        }
        Then::AfterACrash => {
            let image = scratch.path().join("image");
            copy(&path, &image);
            path = image;
            store = EmbeddedStore::open(options(&path)).expect("opens again");
        }
    }
    if on_files && then != Then::InTheSameLife {
        assert!(holds(&path, &marker), "{what}: nothing has been rewritten so far");
    }
    store.prune(NOW).await.expect("prunes");
    is_gone(&path, &marker, &what).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_is_in_no_file() {
    for (n, way) in WAYS.into_iter().enumerate() {
        for (m, retention) in CLASSES.into_iter().enumerate() {
            for on_files in [false, true] {
                tried(way, retention, on_files, Then::InTheSameLife, (10 * n + m) as u64).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_before_a_stop_or_a_crash_leaves_the_files_in_the_next_life() {
    for (n, way) in WAYS.into_iter().enumerate() {
        for then in [Then::AfterAStop, Then::AfterACrash] {
            for on_files in [false, true] {
                tried(way, CLASSES[n % 3], on_files, then, 1000 + n as u64).await;
            }
        }
    }
}

/// A disk that keeps an image of the directory after each commit, once it is told to.
struct Images {
    path: PathBuf,
    /// Where the images go.
    to: Mutex<Option<PathBuf>>,
    taken: AtomicU64,
}

impl Disk for Images {
    fn commit(&self, _: u64, write: &mut dyn FnMut() -> Result<(), String>) -> Result<(), String> {
        write()?;
        if let Some(to) = &*self.to.lock().expect("not poisoned") {
            copy(&self.path, &to.join(self.taken.fetch_add(1, Ordering::SeqCst).to_string()));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_by_pruning_before_a_crash_leaves_the_files_in_the_next_life() {
    for (n, retention) in CLASSES.into_iter().enumerate().skip(1) {
        let scratch = Scratch::new();
        let (path, marker) = (scratch.path().join("data"), letters(2000 + n as u64));
        let disk = Arc::new(Images { path: path.clone(), to: Mutex::new(None), taken: AtomicU64::new(0) });
        let store = EmbeddedStore::open(EmbeddedOptions { disk: disk.clone(), ..options(&path) }).expect("opens");
        say(&store, Way::Recall, retention, &marker).await;
        store.reclaim().await.expect("works");
        *disk.to.lock().expect("not poisoned") = Some(scratch.path().to_owned());
        store.prune(EXPIRES).await.expect("prunes");
        is_gone(&path, &marker, "pruned to the end").await;
        let mut deleted_and_there = 0;
        for image in 0..disk.taken.load(Ordering::SeqCst) {
            let image = scratch.path().join(image.to_string());
            let held = holds(&image, &marker);
            let after = EmbeddedStore::open(options(&image)).expect("opens again");
            let pruned = after.prune(EXPIRES).await.expect("prunes");
            is_gone(&image, &marker, &format!("{retention:?}, {pruned:?}")).await;
            deleted_and_there += u32::from(held && pruned.entries == 0);
        }
        assert!(deleted_and_there > 0, "{retention:?}: in some image nothing was left but to rewrite the files");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_what_a_device_has_been_given_leaves_no_file_with_either_text() {
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(scratch.path())).expect("opens");
    let (first, second) = (letters(3001), letters(3002));
    let people = say(&store, Way::Recall, CLASSES[2], &first).await;
    let deliver = async || {
        for owner in [people.alice, people.bob] {
            let end = store.head(owner).await.expect("reads").last;
            let cursor = Cursor { passed: end, delivered: end };
            store.acknowledge(Acknowledge { owner, device: DeviceId(1), cursor, at: NOW }).await.expect("works");
        }
    };
    store.reclaim().await.expect("works");
    deliver().await;
    edit(&store, &people, &second).await;
    assert!(holds(scratch.path(), &second));
    deliver().await;
    store.prune(NOW).await.expect("prunes");
    is_gone(scratch.path(), &first, "what was delivered").await;
    is_gone(scratch.path(), &second, "its edit, delivered too").await;
}
