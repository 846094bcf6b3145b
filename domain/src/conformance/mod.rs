//! Conformance suites: what every adapter of a port must do, as functions that take a way to make one.
//!
//! Each case is a function whose name is the promise it checks; it gets an empty store and panics where the promise is
//! broken. A store under test must read its clock as [`NOW`], so that what the cases let expire expires by the moments
//! they give. Times and numbers that the ports leave open are left open here.

pub mod accounts;
pub mod blocking;
pub mod contacts;
pub mod conversations;
pub mod devices;
pub mod documents;
pub mod invites;
pub mod keeping;
pub mod kinds;
pub mod mailbox;
pub mod meets;
pub mod reading;
pub mod receipts;
pub mod registrations;
pub mod reopen;
pub mod retention;
pub mod rooms;
pub mod strangers;
pub mod ticks;
pub mod timelines;
pub mod traces;

use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;

use crate::account::Account;
use crate::address::{Address, RoomName};
use crate::contact::{Contact, Deed};
use crate::content::Content;
use crate::device::{Cursor, Device, DeviceRole, Past};
use crate::event::{Entry, Item, Message};
use crate::ids::{AccountId, ClientMessageId, DeviceId, Seq, TimestampMs};
use crate::ports::{
    AccountOutcome, Acknowledge, Append, AppendOutcome, Appended, ContactChange, ContactOutcome, DeviceOutcome,
    NewAccount, NewDevice, PageLimit, Store,
};
use crate::retention::Retention;

/// The moment at which the cases begin: the clock of a store under test stands here.
pub const NOW: TimestampMs = TimestampMs(1_800_000_000_000);

/// A page that holds everything a case makes.
pub const ALL: PageLimit = PageLimit { entries: 10_000, bytes: 64 * 1024 * 1024 };

/// A store that can be ended, as a crash would, and opened again over what it had made durable.
#[async_trait]
pub trait Lives: Send + Sync {
    /// Ends the present life, if there is one, and begins the next. The first call opens an empty store.
    async fn open(&self) -> Arc<dyn Store>;
}

/// All suites but [`reopen`] and [`ticks`], each case with a store of its own.
pub async fn all(make: impl AsyncFn() -> Arc<dyn Store>) {
    timelines::all(&make).await;
    reading::all(&make).await;
    receipts::all(&make).await;
    retention::all(&make).await;
    keeping::all(&make).await;
    mailbox::all(&make).await;
    accounts::all(&make).await;
    devices::all(&make).await;
    documents::all(&make).await;
    registrations::all(&make).await;
    rooms::all(&make).await;
    kinds::all(&make).await;
    traces::all(&make).await;
    conversations::all(&make).await;
    meets::all(&make).await;
    contacts::all(&make).await;
    invites::all(&make).await;
    strangers::all(&make).await;
    blocking::all(&make).await;
}

/// Lists the cases of a suite: a module-level `all` that gives each an empty store.
macro_rules! suite {
    ($($case:ident),+ $(,)?) => {
        /// Every case of this suite.
        pub async fn all(make: &impl AsyncFn() -> std::sync::Arc<dyn $crate::ports::Store>) {
            $($case(&*make().await).await;)+
        }
    };
}
use suite;

/// Makes `local@example.org`.
pub(crate) async fn account(store: &dyn Store, local: &str) -> Arc<Account> {
    let new =
        NewAccount { address: address(local), phone: None, display_name: local.to_owned(), scram: None, created: NOW };
    match store.create_account(new).await.expect("an account is made") {
        AccountOutcome::Created(account) => account,
        other => panic!("{local} was not made: {other:?}"),
    }
}

pub(crate) fn address(local: &str) -> Address {
    Address::new(local, "example.org").expect("the case gives a valid name")
}

pub(crate) fn new_device(account: AccountId, role: DeviceRole, n: u8) -> NewDevice {
    NewDevice {
        account,
        role,
        name: format!("device {n}"),
        noise_key: Some([n; 32]),
        secret_hash: [n; 32],
        created: NOW,
        platform: format!("platform {n}"),
        past: Past::Undelivered,
    }
}

/// Adds a device whose keys are made of `n`.
pub(crate) async fn device(store: &dyn Store, account: AccountId, role: DeviceRole, n: u8) -> Device {
    match store.add_device(new_device(account, role, n), 10).await.expect("a device is added") {
        DeviceOutcome::Added(added) => added.device,
        other => panic!("device {n} was not added: {other:?}"),
    }
}

/// Two accounts, each with a primary.
pub(crate) struct Pair {
    pub(crate) alice: AccountId,
    pub(crate) bob: AccountId,
    pub(crate) alice_phone: DeviceId,
    pub(crate) bob_phone: DeviceId,
}

pub(crate) async fn pair(store: &dyn Store) -> Pair {
    let alice = account(store, "alice").await.id;
    let bob = account(store, "bob").await.id;
    let alice_phone = device(store, alice, DeviceRole::Primary, 1).await.id;
    let bob_phone = device(store, bob, DeviceRole::Primary, 2).await.id;
    Pair { alice, bob, alice_phone, bob_phone }
}

pub(crate) fn client_id(text: &str) -> ClientMessageId {
    ClientMessageId::parse(text).expect("the case gives a valid id")
}

/// A hash that is good enough for cases: the first bytes of the text.
pub(crate) fn fingerprint(text: &str) -> [u8; 16] {
    let mut print = [0u8; 16];
    for (i, byte) in text.bytes().enumerate() {
        print[i % 16] = byte ^ print[i % 16].rotate_left(3);
    }
    print
}

impl Pair {
    /// A message from Alice's phone to Bob whose client id and text are `text`.
    pub(crate) fn by_alice(&self, text: &str) -> Append {
        message(self.alice, self.alice_phone, self.bob, text)
    }

    /// The same the other way.
    pub(crate) fn by_bob(&self, text: &str) -> Append {
        message(self.bob, self.bob_phone, self.alice, text)
    }
}

pub(crate) fn message(sender: AccountId, device: DeviceId, receiver: AccountId, text: &str) -> Append {
    Append {
        sender,
        device,
        client_id: client_id(text),
        fingerprint: fingerprint(text),
        receiver,
        content: Content::text(text),
        at: NOW,
        retention: Retention::Keep,
    }
}

/// Stores one message that must be accepted.
pub(crate) async fn send(store: &dyn Store, append: Append) -> Appended {
    match outcome(store, append).await {
        AppendOutcome::Appended(appended) => appended,
        other => panic!("the message was not stored: {other:?}"),
    }
}

pub(crate) async fn outcome(store: &dyn Store, append: Append) -> AppendOutcome {
    let mut outcomes = store.append(vec![append]).await.expect("the store works");
    assert_eq!(outcomes.len(), 1, "one outcome for each message");
    outcomes.remove(0)
}

/// All that is alive in a timeline.
pub(crate) async fn entries(store: &dyn Store, owner: AccountId) -> Vec<Arc<Entry>> {
    let page = store.read_after(owner, Seq::ZERO, ALL).await.expect("the store reads");
    assert!(!page.more, "one page holds all that a case makes");
    page.entries
}

/// The texts of the messages among entries.
pub(crate) fn texts(entries: &[Arc<Entry>]) -> Vec<String> {
    let message = |entry: &Arc<Entry>| match &entry.item {
        Item::Message(message) => Some(message.content.text.clone()),
        _ => None,
    };
    entries.iter().filter_map(message).collect()
}

pub(crate) fn message_texts(messages: &[Arc<Message>]) -> Vec<String> {
    messages.iter().map(|message| message.content.text.clone()).collect()
}

/// Acknowledges as passed and delivered.
pub(crate) async fn ack(
    store: &dyn Store,
    owner: AccountId,
    device: DeviceId,
    seq: Seq,
    at: TimestampMs,
) -> Vec<(AccountId, Arc<Entry>)> {
    let cursor = Cursor { passed: seq, delivered: seq };
    let made = store.acknowledge(Acknowledge { owner, device, cursor, at }).await.expect("the store acknowledges");
    made.expect("the device is there")
}

/// Does something about another account that must be possible. Returns the owner's row and the entries.
pub(crate) async fn deed_of(
    store: &dyn Store,
    owner: AccountId,
    peer: AccountId,
    deed: Deed,
) -> (Contact, Vec<(AccountId, Arc<Entry>)>) {
    match deed_outcome(store, owner, peer, deed.clone()).await {
        ContactOutcome::Changed(view, made) => (view.contact, made),
        other => panic!("{deed:?} was not done: {other:?}"),
    }
}

pub(crate) async fn deed_outcome(store: &dyn Store, owner: AccountId, peer: AccountId, deed: Deed) -> ContactOutcome {
    store.change_contact(ContactChange { owner, peer, deed, at: NOW }).await.expect("the store works")
}

pub(crate) fn room_name(text: &str) -> RoomName {
    RoomName::parse(text).expect("the case gives a valid name")
}

/// Runs two futures at once, whatever runtime polls them.
pub(crate) async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    let (mut a_done, mut b_done) = (None, None);
    std::future::poll_fn(move |context| {
        if a_done.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(context)
        {
            a_done = Some(output);
        }
        if b_done.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(context)
        {
            b_done = Some(output);
        }
        match (a_done.take(), b_done.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (a_done, b_done) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}
