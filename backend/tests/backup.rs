//! Backup under load, restore, export and import.

#![expect(clippy::disallowed_methods, reason = "a test owns its tasks")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use belfry_backend::EmbeddedStore;
use belfry_backend::embedded::{BackupError, restore, verify};
use belfry_domain::conformance::{NOW, meets};
use belfry_domain::ports::{
    AccountOutcome, Accounts, Acknowledge, Amend, AmendOutcome, Append, AppendOutcome, Change, ContactChange,
    ContactOutcome, Contacts, Conversations, Devices, Flag, MarkRead, NewAccount, NewDevice, PageLimit, RoomAppend,
    RoomAppended, Rooms, SettingsChange, Timelines,
};
use belfry_domain::{
    AccountId, Address, Audience, Author, ClientMessageId, Content, ConversationId, Cseq, Cursor, Deed, DeviceId,
    DeviceRole, DraftText, Extension, InlineMedia, Invite, InviteKind, Item, LeaseId, MessageId, Past, Phone, Picture,
    PictureId, PrivacyChange, ProfileChange, Retention, RoomName, ScramKeys, Seq, Wish,
};

use support::{Scratch, options};

const ALL: PageLimit = PageLimit { entries: 100_000, bytes: 1 << 30 };

async fn account(store: &EmbeddedStore, local: &str) -> AccountId {
    let new = NewAccount {
        address: Address::new(local, "example.org").expect("valid"),
        phone: (local == "alice").then(|| Phone::parse("+4915112345678").expect("valid")),
        display_name: local.into(),
        scram: Some(ScramKeys {
            salt: vec![3; 16],
            iterations: 10_000,
            sha1: ([1; 20], [2; 20]),
            sha256: ([3; 32], [4; 32]),
        }),
        created: NOW,
    };
    match store.create_account(new).await.expect("the store works") {
        AccountOutcome::Created(account) => account.id,
        other => panic!("{other:?}"),
    }
}

fn message(sender: AccountId, receiver: AccountId, text: &str) -> Append {
    Append {
        sender,
        device: DeviceId(1),
        client_id: ClientMessageId::parse(text).expect("valid"),
        fingerprint: [7; 16],
        receiver,
        content: Content::text(text),
        at: NOW,
        retention: Retention::Keep,
    }
}

async fn texts(store: &EmbeddedStore, owner: AccountId) -> Vec<String> {
    let page = store.read_after(owner, Seq::ZERO, ALL).await.expect("reading works");
    let text = |item: &Item| match item {
        Item::Message(message) => Some(message.content.text.clone()),
        _ => None,
    };
    page.entries.iter().filter_map(|entry| text(&entry.item)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_holds_everything_acknowledged_before_it_and_an_exact_beginning() {
    let scratch = Scratch::new();
    let store = Arc::new(EmbeddedStore::open(options(&scratch.path().join("data"))).expect("opens"));
    let (alice, bob) = (account(&store, "alice").await, account(&store, "bob").await);
    let stop = Arc::new(AtomicBool::new(false));
    let (acked, writer) = {
        let acked = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let (store, stop, counter) = (Arc::clone(&store), Arc::clone(&stop), Arc::clone(&acked));
        let writer = tokio::spawn(async move {
            for n in 0_u64.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                store.append(vec![message(alice, bob, &n.to_string())]).await.expect("works");
                counter.store(n + 1, Ordering::SeqCst);
            }
        });
        (acked, writer)
    };
    for round in 0..3 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let before = acked.load(Ordering::SeqCst);
        let backup = scratch.path().join(format!("backup{round}"));
        let manifest = store.backup(&backup).await.expect("a backup is taken");
        let after = acked.load(Ordering::SeqCst) + 1;
        assert_eq!(verify(&backup).expect("it is whole"), manifest);
        let target = scratch.path().join(format!("restored{round}"));
        restore(&backup, &target).expect("it is put back");
        let restored = EmbeddedStore::open(options(&target)).expect("it opens");
        assert!(restored.health().epoch > manifest.epoch, "in a life of its own");
        let held = texts(&restored, bob).await;
        assert!(held.len() as u64 >= before && held.len() as u64 <= after, "{before} <= {} <= {after}", held.len());
        let beginning: Vec<String> = (0..held.len()).map(|n| n.to_string()).collect();
        assert_eq!(held, beginning);
        // A client that had more than the backup has is told to begin anew.
        let beyond = Seq(restored.head(bob).await.expect("reads").last.0 + 5);
        assert!(restored.read_after(bob, beyond, ALL).await.expect("reads").reset);
        let next = restored.append(vec![message(alice, bob, "after")]).await.expect("works");
        assert!(matches!(&next[0], AppendOutcome::Appended(appended) if !appended.duplicate));
    }
    stop.store(true, Ordering::SeqCst);
    writer.await.expect("the writer ends");
}

#[tokio::test]
async fn a_backup_that_was_changed_is_not_put_back_and_nothing_is_overwritten() {
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(&scratch.path().join("data"))).expect("opens");
    account(&store, "alice").await;
    let backup = scratch.path().join("backup");
    store.backup(&backup).await.expect("a backup is taken");
    assert!(matches!(store.backup(&backup).await, Err(BackupError::NotEmpty(_))));
    assert!(matches!(restore(&backup, store.path()), Err(BackupError::NotEmpty(_))));
    let files: Vec<_> = std::fs::read_dir(backup.join("data")).expect("reads").flatten().map(|f| f.path()).collect();
    let mut found = 0;
    for file in files {
        let bytes = std::fs::read(&file).expect("reads");
        if bytes.is_empty() {
            continue;
        }
        let mut flipped = bytes.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        // A file of its own in place of the one that is shared with the store.
        std::fs::remove_file(&file).expect("unlinks");
        std::fs::write(&file, &flipped).expect("writes");
        let target = scratch.path().join("target");
        assert!(matches!(restore(&backup, &target), Err(BackupError::Damaged { .. })), "{}", file.display());
        assert!(!target.exists(), "nothing half-restored has the name");
        std::fs::write(&file, &bytes).expect("writes");
        found += 1;
    }
    assert!(found >= 3, "several files were tried");
    verify(&backup).expect("whole again");
}

async fn fill(store: &EmbeddedStore) -> (AccountId, AccountId) {
    let (alice, bob) = (account(store, "alice").await, account(store, "bob").await);
    for (owner, n) in [(alice, 1), (bob, 2)] {
        let new = NewDevice {
            account: owner,
            role: DeviceRole::Primary,
            name: "phone".into(),
            noise_key: Some([n; 32]),
            secret_hash: [n; 32],
            created: NOW,
            platform: String::new(),
            past: Past::default(),
        };
        store.add_device(new, 10).await.expect("works");
    }
    for n in 0..20 {
        let mut append = message(alice, bob, &format!("m{n}"));
        append.retention = match n % 4 {
            0 => Retention::UntilDelivered { expires: NOW.plus_ms(1_000_000) },
            1 => Retention::Until(NOW.plus_ms(1_000_000)),
            _ => Retention::Keep,
        };
        append.content.media = Some(InlineMedia { mime: "image/png".into(), data: vec![n; 100].into() });
        append.content.extensions = vec![Extension { namespace: "urn:x".into(), data: vec![0, n].into() }];
        store.append(vec![append]).await.expect("works");
    }
    let half = store.read_after(bob, Seq::ZERO, PageLimit { entries: 10, bytes: 1 << 20 }).await.expect("reads").next;
    let cursor = Cursor { passed: half, delivered: half };
    store.acknowledge(Acknowledge { owner: bob, device: DeviceId(1), cursor, at: NOW }).await.expect("works");
    let conversation = store.direct_conversation(alice, bob).await.expect("reads").expect("is there");
    let mark = MarkRead { owner: bob, conversation, read: Cseq(5), tell_peer: true };
    store.mark_read(mark).await.expect("works");
    change(store, conversation, alice, bob).await;
    let name = ProfileChange { display_name: Some("Alice \"A\"\n".into()), ..ProfileChange::default() };
    store.set_profile(alice, name).await.expect("works");
    people(store, conversation, alice, bob).await;
    let room = store.room("lobby").await.expect("works");
    for n in 0..3 {
        store.append_to_room(in_room(room, n)).await.expect("works");
    }
    store.prune_room(room, 2, belfry_domain::TimestampMs(0)).await.expect("works");
    (alice, bob)
}

/// A contact, a picture, invitations, and all that is left of a block: withheld messages and copies of changes.
async fn people(store: &EmbeddedStore, conversation: ConversationId, alice: AccountId, bob: AccountId) {
    let picture = Picture { mime: "image/png".into(), data: vec![9; 300] };
    let profile = ProfileChange {
        about: Some("here \"and\" there".into()),
        picture: Some(Some((PictureId([7; 16]), picture))),
        ..ProfileChange::default()
    };
    store.set_profile(alice, profile).await.expect("works").expect("there");
    let privacy = PrivacyChange { last_seen: Some(Audience::Nobody), ..PrivacyChange::default() };
    store.set_privacy(alice, privacy).await.expect("works").expect("there");
    for (n, kind) in [InviteKind::Contact, InviteKind::SignUp].into_iter().enumerate() {
        let expires = NOW.plus_ms(1000 + n as u64);
        let invite = Invite { hash: [n as u8; 32], by: alice, kind, uses_left: 3, created: NOW, expires };
        assert!(store.put_invite(invite, NOW).await.expect("works"));
    }
    let deed = async |owner, peer, deed| {
        let change = ContactChange { owner, peer, deed, at: NOW };
        let outcome = store.change_contact(change).await.expect("works");
        assert!(matches!(outcome, ContactOutcome::Changed(..)), "{outcome:?}");
    };
    deed(alice, bob, Deed::Request { note: "it is me".into() }).await;
    deed(bob, alice, Deed::Put { name: "Ally".into(), labels: vec!["work".into(), "old".into()] }).await;
    deed(bob, alice, Deed::Block).await;
    for (n, retention) in
        [Retention::Keep, Retention::UntilDelivered { expires: NOW.plus_ms(900_000) }].into_iter().enumerate()
    {
        let append = Append { retention, ..message(alice, bob, &format!("withheld{n}")) };
        store.append(vec![append]).await.expect("works");
    }
    let id = MessageId { conversation, cseq: Cseq(3) };
    for change in [Change::Edit(Content::text("for herself")), Change::React("😶".into())] {
        let amend = Amend { by: alice, id, change, at: NOW, sent_since: NOW };
        let outcome = store.amend(amend).await.expect("works");
        assert!(matches!(outcome, AmendOutcome::Amended(..)), "{outcome:?}");
    }
    let wish = Wish { until_delivered: false, at_most_ms: Some(5_000_000) };
    store.set_keeping(alice, conversation, wish).await.expect("works").expect("a member");
}

/// Something of every kind that can become of messages and conversations, in every class of retention.
async fn change(store: &EmbeddedStore, conversation: ConversationId, alice: AccountId, bob: AccountId) {
    let mut answer = message(bob, alice, "answer");
    answer.content.reply_to = Some(Cseq(3));
    answer.content.forwarded = 2;
    answer.content.mentions = vec![Address::new("alice", "example.org").expect("valid")];
    answer.content.lifetime_ms = Some(500_000);
    store.append(vec![answer]).await.expect("works");
    // Volatile, timed and kept ones.
    for cseq in [17, 18, 19, 20] {
        let id = MessageId { conversation, cseq: Cseq(cseq) };
        let amend = |by, change| Amend { by, id, change, at: NOW, sent_since: NOW };
        let mut changes = vec![
            (alice, Change::Edit(Content::text("edited"))),
            (alice, Change::React("👍".into())),
            (bob, Change::React("👎".into())),
            (bob, Change::Pin(true)),
        ];
        if cseq == 20 {
            changes.push((alice, Change::Recall));
        }
        for (by, change) in changes {
            let outcome = store.amend(amend(by, change)).await.expect("works");
            assert!(matches!(outcome, AmendOutcome::Amended(..)), "{outcome:?}");
        }
        let flag = Flag { owner: bob, id, starred: Some(true), hide: cseq == 18, at: NOW };
        store.flag(flag).await.expect("works").expect("his message");
    }
    let settings = SettingsChange {
        muted_until: Some(NOW),
        draft: Some(DraftText { text: "Dear".into(), reply_to: Some(Cseq(2)) }),
        archived: Some(true),
        disappear_after_ms: Some(3_000_000),
        ..SettingsChange::default()
    };
    store.set_conversation(alice, conversation, settings).await.expect("works").expect("her conversation");
}

fn in_room(room: ConversationId, n: u64) -> RoomAppend {
    let name = RoomName::parse("guest").expect("valid");
    RoomAppend {
        room,
        author: Author::Guest { lease: LeaseId(u64::MAX - n), name: name.clone() },
        name,
        client_id: ClientMessageId::parse(&format!("r{n}")).expect("valid"),
        fingerprint: [8; 16],
        content: Content::text(format!("r{n}")),
        at: NOW,
    }
}

#[tokio::test]
async fn an_export_imported_is_the_same_content_in_a_new_life() {
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(&scratch.path().join("data"))).expect("opens");
    let (alice, bob) = fill(&store).await;
    let mut export = Vec::new();
    let rows = store.export(&mut export).expect("exports");
    assert_eq!(export.iter().filter(|byte| **byte == b'\n').count() as u64, rows);

    let target = options(&scratch.path().join("imported"));
    assert_eq!(EmbeddedStore::import(&target, &mut export.as_slice()).expect("imports"), rows);
    let imported = EmbeddedStore::open(target.clone()).expect("opens");
    assert!(imported.health().epoch > store.health().epoch);
    for owner in [alice, bob] {
        let read = async |store: &EmbeddedStore| store.read_after(owner, Seq::ZERO, ALL).await.expect("reads");
        assert_eq!(read(&imported).await, read(&store).await);
        let head = async |store: &EmbeddedStore| store.head(owner).await.expect("reads");
        assert_eq!(head(&imported).await, head(&store).await);
        let cursor = async |store: &EmbeddedStore| store.cursor(owner, DeviceId(1)).await.expect("reads");
        assert_eq!(cursor(&imported).await, cursor(&store).await);
        let list = async |store: &EmbeddedStore| {
            store.list_conversations(owner, None, belfry_domain::TimestampMs(0), ALL).await.expect("reads")
        };
        assert_eq!(list(&imported).await, list(&store).await);
        let profile = async |store: &EmbeddedStore| store.profile(owner).await.expect("reads");
        assert_eq!(profile(&imported).await, profile(&store).await);
        let privacy = async |store: &EmbeddedStore| store.privacy(owner).await.expect("reads");
        assert_eq!(privacy(&imported).await, privacy(&store).await);
        let contacts = async |store: &EmbeddedStore| store.contacts(owner, None, 10).await.expect("reads");
        assert_eq!(contacts(&imported).await, contacts(&store).await);
        assert_eq!(contacts(&imported).await.0.len(), 1);
        let invites = async |store: &EmbeddedStore| store.invites(owner, NOW).await.expect("reads");
        assert_eq!(invites(&imported).await, invites(&store).await);
        let devices = async |store: &EmbeddedStore| store.devices(owner).await.expect("reads");
        assert_eq!(devices(&imported).await, devices(&store).await);
    }
    let accounts = async |store: &EmbeddedStore| store.list_accounts(None, 10).await.expect("reads");
    assert_eq!(accounts(&imported).await, accounts(&store).await);
    let phone = Phone::parse("+4915112345678").expect("valid");
    assert_eq!(imported.account_by_phone(&phone).await.expect("reads").expect("is there").id, alice);
    let conversation = store.direct_conversation(alice, bob).await.expect("reads").expect("is there");
    for owner in [alice, bob] {
        let history =
            async |store: &EmbeddedStore| store.read_before(owner, conversation, None, ALL).await.expect("reads");
        assert_eq!(history(&imported).await, history(&store).await);
    }
    let picture = imported.picture(alice, PictureId([7; 16])).await.expect("reads").expect("is there");
    assert_eq!(picture.data, vec![9; 300]);
    let room = store.room("lobby").await.expect("is there");
    assert_eq!(imported.room("lobby").await.expect("is there"), room);
    let log = async |store: &EmbeddedStore| store.read_room_after(room, Cseq(0), ALL).await.expect("reads");
    assert_eq!(log(&imported).await, log(&store).await);
    let again = imported.append(vec![message(alice, bob, "m3")]).await.expect("works");
    assert!(matches!(&again[0], AppendOutcome::Appended(appended) if appended.duplicate));
    let again = imported.append_to_room(in_room(room, 0)).await.expect("works");
    assert!(matches!(again, RoomAppended::Appended { duplicate: true, .. }));
    let mut second = Vec::new();
    imported.export(&mut second).expect("exports");
    let lines = |bytes: &[u8]| -> BTreeSet<String> {
        String::from_utf8_lossy(bytes).lines().skip(1).map(str::to_owned).collect()
    };
    assert_eq!(lines(&second), lines(&export), "the export of the import is the same export");
}

#[tokio::test]
async fn an_export_that_is_cut_off_or_changed_leaves_no_store() {
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(&scratch.path().join("data"))).expect("opens");
    fill(&store).await;
    let mut export = Vec::new();
    store.export(&mut export).expect("exports");
    let lines: Vec<&[u8]> = export.split_inclusive(|byte| *byte == b'\n').collect();
    let cut = lines[..lines.len() - 1].concat();
    let hole = [&lines[..5], &lines[6..]].concat().concat();
    let strange = [lines[0], b"{\"row\":\"unknown\"}\n"].concat();
    let newer = b"{\"row\":\"belfry\",\"version\":99,\"epoch\":1}\n".to_vec();
    for (n, bad) in [cut, hole, strange, newer, b"hello\n".to_vec(), Vec::new()].into_iter().enumerate() {
        let target = scratch.path().join(n.to_string());
        let error = EmbeddedStore::import(&options(&target), &mut bad.as_slice()).expect_err("refused");
        assert!(error.to_string().starts_with("line "), "{error}");
        assert!(!target.exists());
    }
    let used: &Path = store.path();
    assert!(EmbeddedStore::import(&options(used), &mut export.as_slice()).is_err(), "only into an empty directory");
}

#[tokio::test]
async fn what_became_of_messages_and_conversations_is_in_a_backup_and_in_an_export() {
    let scratch = Scratch::new();
    let store = EmbeddedStore::open(options(&scratch.path().join("data"))).expect("opens");
    let lived = meets::lived(&store).await;
    let before = meets::picture(&store, &lived).await;

    let (backup, restored) = (scratch.path().join("backup"), scratch.path().join("restored"));
    store.backup(&backup).await.expect("a backup is taken");
    restore(&backup, &restored).expect("it is put back");
    let restored = EmbeddedStore::open(options(&restored)).expect("opens");
    assert_eq!(meets::picture(&restored, &lived).await, before);
    meets::goes_on(&restored, &lived).await;

    let mut export = Vec::new();
    store.export(&mut export).expect("exports");
    let target = options(&scratch.path().join("imported"));
    EmbeddedStore::import(&target, &mut export.as_slice()).expect("imports");
    let imported = EmbeddedStore::open(target).expect("opens");
    assert_eq!(meets::picture(&imported, &lived).await, before);
    meets::goes_on(&imported, &lived).await;
}
