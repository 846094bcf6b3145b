//! The journal is cut at many places, as a power cut may leave it: receipts, marks, floors and counts of what waits are
//! what the cursors that are left say, wherever it ends.

mod support;

use std::path::{Path, PathBuf};

use belfry_backend::EmbeddedStore;
use belfry_domain::conformance::{ALL, NOW};
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Append, AppendOutcome, Devices, MarkRead, NewAccount, NewDevice, Timelines,
    Waiting,
};
use belfry_domain::{
    AccountId, Address, Author, ClientMessageId, Content, Cseq, Cursor, DeviceId, DeviceRole, Item, Past, Retention,
    Seq,
};

use support::{Scratch, options};

/// Places at which the journal is cut.
const CUTS: usize = 48;

const PHONE: DeviceId = DeviceId(1);

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

/// Sends, acknowledgements and marks of two people, each a commit of its own.
async fn talk(store: &EmbeddedStore) {
    let (alice, bob) = (person(store, "alice").await, person(store, "bob").await);
    for n in 0..90_u64 {
        let (from, to) = if n % 4 == 3 { (bob, alice) } else { (alice, bob) };
        let text = format!("{n} {}", "x".repeat((n * 37 % 400) as usize));
        let append = Append {
            sender: from,
            device: PHONE,
            client_id: ClientMessageId::parse(&n.to_string()).expect("valid"),
            fingerprint: [0; 16],
            receiver: to,
            content: Content::text(text),
            at: NOW,
            retention: if n % 3 == 0 {
                Retention::UntilDelivered { expires: NOW.plus_ms(1_000_000) }
            } else {
                Retention::Keep
            },
        };
        let outcome = store.append(vec![append]).await.expect("works").remove(0);
        let AppendOutcome::Appended(sent) = outcome else { panic!("{outcome:?}") };
        if n % 3 == 1 {
            let end = store.head(to).await.expect("reads").last;
            let place = Seq(end.0 - n % 2);
            let cursor = Cursor { passed: place, delivered: place };
            store.acknowledge(Acknowledge { owner: to, device: PHONE, cursor, at: NOW }).await.expect("works");
        }
        if n % 7 == 5 {
            let mark = MarkRead { owner: to, conversation: sent.id.conversation, read: sent.id.cseq, tell_peer: true };
            store.mark_read(mark).await.expect("works");
        }
    }
}

/// Whether what `writer` sees of `reader` is what the cursors and marks of `reader` say; and the same of what waits.
async fn check(store: &EmbeddedStore, writer: AccountId, reader: AccountId, when: &str) {
    let head = store.head(reader).await.expect("reads");
    let delivered = store.cursor(reader, PHONE).await.expect("reads").delivered;
    assert_eq!(head.delivered_floor, delivered, "{when}: the floor");
    let of_reader = store.read_after(reader, Seq::ZERO, ALL).await.expect("reads").entries;
    let (mut derived, mut mark, mut waiting) = (Cseq(0), Cseq(0), Waiting::default());
    for entry in &of_reader {
        match &entry.item {
            Item::Message(message) if matches!(&message.author, Author::Account { account, .. } if *account == writer) => {
                if entry.seq <= delivered {
                    derived = message.id.cseq;
                } else {
                    waiting.entries += 1;
                    waiting.bytes += message.content.weight() as u64;
                }
            }
            Item::Mark(read) => mark = read.read,
            _ => {}
        }
    }
    assert_eq!(head.waiting, waiting, "{when}: what waits");
    let of_writer = store.read_after(writer, Seq::ZERO, ALL).await.expect("reads").entries;
    let seen = of_writer.iter().find_map(|entry| match &entry.item {
        Item::Receipt(receipt) => Some((receipt.delivered, receipt.read)),
        _ => None,
    });
    let (told, read) = seen.unwrap_or_default();
    assert_eq!(read, mark, "{when}: read is what was marked");
    assert!(told >= derived.max(mark), "{when}: {told} is told, {derived} was delivered");
    // What was delivered and was to be kept no longer is gone, so the last of it is known by its number alone.
    let gone_after = of_reader.iter().filter_map(|entry| match &entry.item {
        Item::Message(message) if entry.seq > delivered => Some(message.id.cseq),
        _ => None,
    });
    let first_waiting = gone_after.min().unwrap_or(Cseq(u64::MAX));
    assert!(told < first_waiting || told == mark, "{when}: {told} is told, {first_waiting} waits");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a directory is made");
    for file in std::fs::read_dir(from).expect("the directory is read").flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).expect("a file is copied");
    }
}

fn newest_journal(directory: &Path) -> PathBuf {
    let files = std::fs::read_dir(directory).expect("the directory is read").flatten().map(|file| file.path());
    files.filter(|path| path.extension().is_some_and(|e| e == "log")).max().expect("there is a journal")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_place_where_the_journal_may_end_the_receipts_are_what_the_cursors_say() {
    let scratch = Scratch::new();
    let directory = scratch.path().join("data");
    let store = EmbeddedStore::open(options(&directory)).expect("opens");
    talk(&store).await;
    let whole = scratch.path().join("whole");
    copy(&directory, &whole);
    drop(store);
    let length = std::fs::metadata(newest_journal(&whole)).expect("is there").len();
    let mut complete = 0;
    for n in 0..CUTS {
        // Odd places, so that no cut is on the border of a commit but by chance.
        let end = length * (n as u64 + 1) / CUTS as u64 - if n + 1 == CUTS { 0 } else { 7 };
        let cut = scratch.path().join(format!("cut {n}"));
        copy(&whole, &cut);
        let journal = std::fs::OpenOptions::new().write(true).open(newest_journal(&cut)).expect("opens");
        journal.set_len(end).expect("is cut");
        let store = EmbeddedStore::open(options(&cut)).expect("a cut journal opens");
        let find = async |local: &str| {
            let address = Address::new(local, "example.org").expect("valid");
            store.account_by_address(&address).await.expect("reads").map(|account| account.id)
        };
        if let (Some(alice), Some(bob)) = (find("alice").await, find("bob").await) {
            let when = format!("cut at {end} of {length}");
            check(&store, alice, bob, &when).await;
            check(&store, bob, alice, &when).await;
            complete += usize::from(store.head(bob).await.expect("reads").last.0 as u32 > 60);
        }
        drop(store);
        std::fs::remove_dir_all(&cut).expect("makes room");
    }
    assert!(complete > 2, "some cuts leave a good part of what was written");
}
