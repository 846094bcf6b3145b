//! The hub: which links are open, the newest entries of their timelines, and the bells.
//!
//! After a durable append the entries come in by [`Hub::publish`]; sessions read them from here while they keep up and
//! from the store when they do not. Invariant: nothing here is the only copy of anything, and what is held for an owner
//! is bounded however slow its links are.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use belfry_domain::ports::PageLimit;
use belfry_domain::{AccountId, DeviceId, Entry, Refusal, Seq, TimestampMs};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;

use crate::command::Peer;

/// Entries kept in memory for an owner with links: some seconds of a lively chat.
const TAIL_ENTRIES_MAX: usize = 64;

/// And at most so many bytes of them.
const TAIL_BYTES_MAX: usize = 64 * 1024;

/// Locks over which owners are spread.
const SHARDS: usize = 64;

/// One open link: a bell, and the reason why it must close if it must.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) device: Option<(AccountId, DeviceId)>,
    from: Peer,
    since: TimestampMs,
    bell: Notify,
    closed: OnceLock<Refusal>,
    /// Up to where this link has read; [`u64::MAX`] while it does not read the timeline.
    read: AtomicU64,
}

impl Link {
    pub(crate) fn new(device: Option<(AccountId, DeviceId)>, from: Peer, since: TimestampMs) -> Arc<Link> {
        let (bell, closed, read) = (Notify::new(), OnceLock::new(), AtomicU64::new(u64::MAX));
        Arc::new(Link { device, from, since, bell, closed, read })
    }

    /// Something may be new. Any number of rings before the link looks are one.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    /// The link must close; the first reason stays.
    pub(crate) fn close(&self, refusal: &Refusal) {
        let _first = self.closed.set(refusal.clone());
        self.ring();
    }

    pub(crate) fn closed(&self) -> Option<&Refusal> {
        self.closed.get()
    }

    /// Waits for the bell. Cancel-safe: a ring that is not taken stays.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }
}

/// One open link of a device, for operators: who is connected, from where, since when.
#[derive(Clone, Debug)]
pub struct OpenLink {
    /// The account.
    pub account: AccountId,
    /// Its device.
    pub device: DeviceId,
    /// From where.
    pub from: Peer,
    /// Since when.
    pub since: TimestampMs,
}

#[derive(Default)]
struct Owner {
    /// Tells this stretch of being connected from an earlier one.
    born: u64,
    /// A reader of the store has found nothing beyond this place since then. What was published before is not in the
    /// tail, and what is published late may be older: without this the end of the tail is not the end of the log.
    caught_up: Option<Seq>,
    links: Vec<Arc<Link>>,
    tail: VecDeque<Arc<Entry>>,
    tail_bytes: usize,
}

/// Devices cut off while they had links open; their links are closing, and this many are remembered meanwhile.
const CUT_MAX: usize = 10_000;

/// All open links by owner.
pub(crate) struct Hub {
    cut: RwLock<HashMap<(AccountId, DeviceId), Refusal>>,
    shards: Vec<Mutex<HashMap<AccountId, Owner>>>,
    born: AtomicU64,
}

impl Default for Hub {
    fn default() -> Hub {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Hub { cut: RwLock::default(), shards, born: AtomicU64::new(0) }
    }
}

impl Hub {
    fn shard(&self, owner: AccountId) -> &Mutex<HashMap<AccountId, Owner>> {
        &self.shards[owner.0 as usize % SHARDS]
    }

    pub(crate) fn open(&self, owner: AccountId, link: Arc<Link>) {
        let newborn = || Owner { born: self.born.fetch_add(1, Ordering::Relaxed), ..Owner::default() };
        self.shard(owner).lock().entry(owner).or_insert_with(newborn).links.push(link);
    }

    /// To be asked before the store is read: what [`Hub::caught_up`] needs to know of who was connected then.
    pub(crate) fn before_reading(&self, owner: AccountId) -> Option<u64> {
        self.shard(owner).lock().get(&owner).map(|state| state.born)
    }

    /// A reader of the store has found nothing beyond this place.
    pub(crate) fn caught_up(&self, owner: AccountId, before_reading: Option<u64>, place: Seq) {
        if let Some(state) = self.shard(owner).lock().get_mut(&owner)
            && Some(state.born) == before_reading
        {
            state.caught_up = state.caught_up.max(Some(place));
        }
    }

    pub(crate) fn leave(&self, owner: AccountId, link: &Arc<Link>) {
        let mut shard = self.shard(owner).lock();
        if let Some(state) = shard.get_mut(&owner) {
            state.links.retain(|other| !Arc::ptr_eq(other, link));
            if state.links.is_empty() {
                shard.remove(&owner);
            }
        }
    }

    /// Shows entries that are durable to their owners' links and rings.
    pub(crate) fn publish<'a>(&self, entries: impl IntoIterator<Item = &'a (AccountId, Arc<Entry>)>) {
        for (owner, entry) in entries {
            let mut shard = self.shard(*owner).lock();
            if let Some(state) = shard.get_mut(owner) {
                state.push(entry);
                state.links.iter().for_each(|link| link.ring());
            }
        }
    }

    /// Entries after `after` if they are all in memory; `None`: ask the store. An empty answer: there is nothing new.
    pub(crate) fn read(&self, owner: AccountId, after: Seq, limit: PageLimit) -> Option<(Vec<Arc<Entry>>, bool)> {
        self.shard(owner).lock().get(&owner)?.read(after, limit)
    }

    /// A link has read up to here: what every link has read need not be kept.
    pub(crate) fn has_read(&self, owner: AccountId, link: &Link, up_to: Seq) {
        link.read.store(up_to.0, Ordering::Relaxed);
        if let Some(state) = self.shard(owner).lock().get_mut(&owner) {
            state.trim();
        }
    }

    /// All links of devices, in no order.
    pub(crate) fn links(&self) -> Vec<OpenLink> {
        let mut links = Vec::new();
        for shard in &self.shards {
            for state in shard.lock().values() {
                links.extend(state.links.iter().filter_map(|link| {
                    let (account, device) = link.device?;
                    Some(OpenLink { account, device, from: link.from.clone(), since: link.since })
                }));
            }
        }
        links
    }

    pub(crate) fn online(&self, owner: AccountId, device: DeviceId) -> bool {
        let shard = self.shard(owner).lock();
        shard.get(&owner).is_some_and(|state| state.links.iter().any(|link| link.device == Some((owner, device))))
    }

    /// Closes all links of a device.
    pub(crate) fn close_device(&self, owner: AccountId, device: DeviceId, refusal: &Refusal) {
        let links: Vec<Arc<Link>> = {
            let shard = self.shard(owner).lock();
            let all = shard.get(&owner).map_or(&[][..], |state| &state.links);
            all.iter().filter(|link| link.device == Some((owner, device))).cloned().collect()
        };
        links.iter().for_each(|link| link.close(refusal));
    }

    /// A device is no more: its links close, and what they still ask for meanwhile is refused.
    pub(crate) fn cut_device(&self, owner: AccountId, device: DeviceId, refusal: &Refusal) {
        {
            let mut cut = self.cut.write();
            if cut.len() >= CUT_MAX {
                cut.clear();
            }
            cut.insert((owner, device), refusal.clone());
        }
        self.close_device(owner, device, refusal);
    }

    /// Why a device is no more, if it is one that was cut off a short while ago.
    pub(crate) fn cut_off(&self, owner: AccountId, device: DeviceId) -> Option<Refusal> {
        let cut = self.cut.read();
        if cut.is_empty() { None } else { cut.get(&(owner, device)).cloned() }
    }

    pub(crate) fn close_all(&self, refusal: &Refusal) {
        for shard in &self.shards {
            for state in shard.lock().values() {
                state.links.iter().for_each(|link| link.close(refusal));
            }
        }
    }
}

impl Owner {
    fn push(&mut self, entry: &Arc<Entry>) {
        // Appends finish on different tasks: entries may come a little out of order, and twice never.
        let at = self.tail.partition_point(|other| other.seq < entry.seq);
        if self.tail.get(at).is_some_and(|other| other.seq == entry.seq) {
            return;
        }
        self.tail.insert(at, entry.clone());
        self.tail_bytes += entry.weight();
        while self.tail.len() > TAIL_ENTRIES_MAX || self.tail_bytes > TAIL_BYTES_MAX {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if let Some(entry) = self.tail.pop_front() {
            self.tail_bytes -= entry.weight();
        }
    }

    fn trim(&mut self) {
        let all_have = self.links.iter().map(|link| link.read.load(Ordering::Relaxed)).min().unwrap_or(0);
        // The last one stays: it tells a link that has read it that there is nothing new.
        while self.tail.len() > 1 && self.tail.front().is_some_and(|entry| entry.seq.0 <= all_have) {
            self.pop();
        }
        if self.tail.capacity() > 4 * (self.tail.len() + 4) {
            self.tail.shrink_to_fit();
        }
    }

    fn read(&self, after: Seq, limit: PageLimit) -> Option<(Vec<Arc<Entry>>, bool)> {
        let at = self.tail.partition_point(|entry| entry.seq <= after);
        match self.tail.get(at) {
            Some(first) if first.prev != after => return None,
            Some(_) => {}
            None => {
                let at_the_end = self.tail.back().is_some_and(|last| last.seq == after);
                let known = self.caught_up.is_some_and(|place| place <= after);
                return (at_the_end && known).then(|| (Vec::new(), false));
            }
        }
        let (mut entries, mut bytes, mut place): (Vec<Arc<Entry>>, usize, Seq) = (Vec::new(), 0, after);
        for entry in self.tail.range(at..) {
            if entry.prev != place || entries.len() >= limit.entries || bytes >= limit.bytes {
                return Some((entries, true));
            }
            bytes += entry.weight();
            place = entry.seq;
            entries.push(entry.clone());
        }
        Some((entries, false))
    }
}

#[cfg(test)]
mod tests {
    use belfry_domain::{ConversationId, Cseq, Item, Mark};

    use super::*;

    fn link(device: Option<(AccountId, DeviceId)>) -> Arc<Link> {
        let ip = std::net::Ipv4Addr::LOCALHOST.into();
        Link::new(device, Peer { ip, port: 1, exempt: false, carrier: "test" }, TimestampMs(0))
    }

    const OWNER: AccountId = AccountId(7);
    const ALL: PageLimit = PageLimit { entries: 100, bytes: 1 << 20 };

    fn entry(seq: u64) -> (AccountId, Arc<Entry>) {
        let mark = Mark { conversation: ConversationId(1), read: Cseq(seq) };
        (OWNER, Arc::new(Entry { seq: Seq(seq), prev: Seq(seq - 1), item: Item::Mark(mark) }))
    }

    fn seqs(read: Option<(Vec<Arc<Entry>>, bool)>) -> Option<Vec<u64>> {
        read.map(|(entries, _)| entries.iter().map(|entry| entry.seq.0).collect())
    }

    #[test]
    fn a_link_that_keeps_up_reads_from_memory_and_one_that_does_not_is_sent_to_the_store() {
        let (hub, link) = (Hub::default(), link(Some((OWNER, DeviceId(1)))));
        hub.open(OWNER, link);
        hub.caught_up(OWNER, hub.before_reading(OWNER), Seq(4));
        hub.publish(&[entry(5), entry(6)]);
        assert_eq!(seqs(hub.read(OWNER, Seq(4), ALL)), Some(vec![5, 6]));
        assert_eq!(seqs(hub.read(OWNER, Seq(6), ALL)), Some(vec![]));
        assert_eq!(seqs(hub.read(OWNER, Seq(3), ALL)), None);
    }

    #[test]
    fn entries_that_come_out_of_order_are_read_in_order_and_never_across_a_hole() {
        let (hub, link) = (Hub::default(), link(None));
        hub.open(OWNER, link);
        hub.publish(&[entry(5), entry(7)]);
        assert_eq!(seqs(hub.read(OWNER, Seq(4), ALL)), Some(vec![5]));
        assert_eq!(seqs(hub.read(OWNER, Seq(5), ALL)), None);
        hub.publish(&[entry(6), entry(6)]);
        assert_eq!(seqs(hub.read(OWNER, Seq(4), ALL)), Some(vec![5, 6, 7]));
    }

    #[test]
    fn an_entry_that_is_published_late_is_not_taken_for_the_newest() {
        let (hub, link) = (Hub::default(), link(None));
        let before = hub.before_reading(OWNER);
        hub.publish(&[entry(6)]); // nobody is connected
        hub.open(OWNER, link);
        hub.publish(&[entry(5)]);
        hub.caught_up(OWNER, before, Seq(5)); // read before 6 was there, and before the link
        assert_eq!(seqs(hub.read(OWNER, Seq(5), ALL)), None, "the store is asked");
        hub.caught_up(OWNER, hub.before_reading(OWNER), Seq(6));
        assert_eq!(seqs(hub.read(OWNER, Seq(5), ALL)), None);
        hub.publish(&[entry(7)]);
        assert_eq!(seqs(hub.read(OWNER, Seq(6), ALL)), Some(vec![7]));
        assert_eq!(seqs(hub.read(OWNER, Seq(7), ALL)), Some(vec![]));
    }

    #[test]
    fn what_is_held_for_an_owner_is_bounded_and_gone_with_its_last_link() {
        let (hub, link) = (Hub::default(), link(None));
        hub.open(OWNER, link.clone());
        for seq in 1..1000 {
            hub.publish(&[entry(seq)]);
        }
        assert!(hub.shard(OWNER).lock()[&OWNER].tail.len() <= TAIL_ENTRIES_MAX);
        hub.has_read(OWNER, &link, Seq(999));
        assert_eq!(hub.shard(OWNER).lock()[&OWNER].tail.len(), 1);
        hub.leave(OWNER, &link);
        assert!(hub.shard(OWNER).lock().is_empty());
        hub.publish(&[entry(1000)]);
        assert!(hub.shard(OWNER).lock().is_empty());
    }
}
