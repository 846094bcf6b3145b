//! What has ended is in no file: a marker is put into every place of a message, found in the raw files, and found nowhere
//! after its time.
//!
//! The marker is random and written as such, so that compression can neither hide nor split it.

mod support;

use std::path::Path;

use belfry_backend::EmbeddedStore;
use belfry_domain::conformance::NOW;
use belfry_domain::memory::SeededEntropy;
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Append, AppendOutcome, Devices, Entropy, NewAccount, NewDevice, RoomAppend,
    Rooms, Timelines,
};
use belfry_domain::{
    AccountId, Address, Author, ClientMessageId, Content, Cursor, DeviceId, DeviceRole, Extension, InlineMedia,
    LeaseId, Past, Retention, RoomName, Seq, TimestampMs, Wish,
};

use support::{Scratch, options};

const EXPIRES: TimestampMs = TimestampMs(NOW.0 + 1_000_000);

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

fn message(from: AccountId, to: AccountId, id: &str, content: Content, retention: Retention) -> Append {
    Append {
        sender: from,
        device: DeviceId(1),
        client_id: ClientMessageId::parse(id).expect("valid"),
        fingerprint: [0; 16],
        receiver: to,
        content,
        at: NOW,
        retention,
    }
}

async fn send(store: &EmbeddedStore, append: Append) {
    let outcome = store.append(vec![append]).await.expect("works").remove(0);
    assert!(matches!(outcome, AppendOutcome::Appended(_)), "{outcome:?}");
}

fn random(seed: u64, bytes: usize) -> Vec<u8> {
    let mut random = vec![0; bytes];
    SeededEntropy::new(seed).fill(&mut random);
    random
}

/// Letters that say sixteen random bytes: for a text, which must be UTF-8.
fn letters(seed: u64) -> String {
    random(seed, 16).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn holds(directory: &Path, marker: &[u8]) -> bool {
    std::fs::read_dir(directory).expect("the directory is read").flatten().any(|file| {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes.windows(marker.len()).any(|window| window == marker)
    })
}

/// Files that nothing refers to any more are deleted by a thread of the database.
async fn is_gone(directory: &Path, marker: &[u8], what: &str) {
    for _ in 0..1_200 {
        if !holds(directory, marker) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what}: the marker is still in some file");
}

async fn deliver(store: &EmbeddedStore, owner: AccountId) {
    let end = store.head(owner).await.expect("reads").last;
    let cursor = Cursor { passed: end, delivered: end };
    let ack = Acknowledge { owner, device: DeviceId(1), cursor, at: NOW };
    store.acknowledge(ack).await.expect("works");
}

/// Three markers in one message: in its text, its medium and an extension.
struct Marked {
    content: Content,
    markers: [Vec<u8>; 3],
}

fn marked(seed: u64) -> Marked {
    let (text, medium, extension) = (letters(seed), random(seed + 1, 24), random(seed + 2, 24));
    let mut content = Content::text(format!("so {text} it was"));
    content.media = Some(InlineMedia { mime: "image/png".into(), data: medium.clone().into() });
    content.extensions = vec![Extension { namespace: "urn:x".into(), data: extension.clone().into() }];
    Marked { content, markers: [text.into_bytes(), medium, extension] }
}

#[derive(Clone, Copy, Debug)]
enum Ends {
    Delivered,
    UndeliveredInTime,
    InTime,
    ByAWish,
    WithTheAccounts,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_ended_is_in_no_file_in_whatever_way_it_ended() {
    let ways = [Ends::Delivered, Ends::UndeliveredInTime, Ends::InTime, Ends::ByAWish, Ends::WithTheAccounts];
    for (n, way) in ways.into_iter().enumerate() {
        for on_files in [false, true] {
            let scratch = Scratch::new();
            let store = EmbeddedStore::open(options(scratch.path())).expect("opens");
            let (alice, bob) = (person(&store, "alice").await, person(&store, "bob").await);
            let marked = marked(100 * n as u64 + 1);
            send(&store, message(alice, bob, "kept", Content::text("kept"), Retention::Keep)).await;
            let retention = match way {
                Ends::Delivered | Ends::UndeliveredInTime => Retention::UntilDelivered { expires: EXPIRES },
                Ends::InTime => Retention::Until(EXPIRES),
                Ends::ByAWish | Ends::WithTheAccounts => Retention::Keep,
            };
            if matches!(way, Ends::ByAWish) {
                let id = store.direct_conversation(alice, bob).await.expect("reads").expect("is there");
                let wish = Wish { until_delivered: false, at_most_ms: Some(EXPIRES.0 - NOW.0) };
                store.set_keeping(bob, id, wish).await.expect("works").expect("a member");
            }
            send(&store, message(alice, bob, "secret", marked.content.clone(), retention)).await;
            if on_files {
                // It has left the journal for the files, and those have been rewritten.
                store.reclaim().await.expect("works");
            }
            for marker in &marked.markers {
                assert!(holds(scratch.path(), marker), "{way:?}: a search that finds nothing proves nothing");
            }
            match way {
                Ends::Delivered => {
                    deliver(&store, alice).await;
                    deliver(&store, bob).await;
                    store.prune(NOW).await.expect("prunes");
                }
                Ends::WithTheAccounts => {
                    store.remove_account(alice).await.expect("works");
                    store.remove_account(bob).await.expect("works");
                    store.prune(NOW).await.expect("prunes");
                }
                Ends::UndeliveredInTime | Ends::InTime | Ends::ByAWish => {
                    store.prune(EXPIRES).await.expect("prunes");
                }
            }
            for marker in &marked.markers {
                is_gone(scratch.path(), marker, &format!("{way:?}, on files {on_files}")).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_lobby_keeps_no_longer_is_in_no_file() {
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(scratch.path())).expect("opens");
    let room = store.room("lobby").await.expect("works");
    let marked = marked(4711);
    for (n, content) in [marked.content.clone(), Content::text("newer")].into_iter().enumerate() {
        let name = RoomName::parse("guest").expect("valid");
        let append = RoomAppend {
            room,
            author: Author::Guest { lease: LeaseId(1), name: name.clone() },
            name,
            client_id: ClientMessageId::parse(&n.to_string()).expect("valid"),
            fingerprint: [8; 16],
            content,
            at: NOW,
        };
        store.append_to_room(append).await.expect("works");
    }
    assert!(marked.markers.iter().all(|marker| holds(scratch.path(), marker)));
    assert_eq!(store.prune_room(room, 1, TimestampMs(0)).await.expect("prunes"), 1);
    store.prune(NOW).await.expect("prunes");
    for marker in &marked.markers {
        is_gone(scratch.path(), marker, "the lobby").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_space_of_what_has_ended_is_given_back() {
    const BODIES: u64 = 50 * 16;
    const BODY_BYTES: usize = 64 * 1024;
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(scratch.path())).expect("opens");
    let (alice, bob) = (person(&store, "alice").await, person(&store, "bob").await);
    send(&store, message(alice, bob, "kept", Content::text("kept"), Retention::Keep)).await;
    let empty = store.bytes_on_disk();
    for n in 0..BODIES {
        let mut content = Content::text("a film");
        content.media = Some(InlineMedia { mime: "video/mp4".into(), data: random(n, BODY_BYTES).into() });
        send(&store, message(alice, bob, &n.to_string(), content, Retention::Until(EXPIRES))).await;
    }
    let full = store.bytes_on_disk();
    assert!(full > empty + BODIES * BODY_BYTES as u64, "50 MiB are on the disk: {full}");
    store.prune(EXPIRES).await.expect("prunes");
    let reclaimed = store.reclaim().await.expect("works");
    println!("{empty} bytes empty, {full} with the bodies, {} after", reclaimed.after);
    assert!(reclaimed.after < empty + (2 << 20), "all but some remainders is given back: {reclaimed:?}");
    let page = store.read_after(bob, Seq::ZERO, belfry_domain::conformance::ALL).await.expect("reads");
    assert_eq!(page.entries.len(), 1, "what is kept is there");
}
