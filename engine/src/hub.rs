//! The hub: which links are open, the newest entries of their timelines, and the bells.
//!
//! After a durable append the entries come in by [`Hub::publish`]; sessions read them from here while they keep up and
//! from the store when they do not. Invariant: nothing here is the only copy of anything, and what is held for an owner
//! is bounded however slow its links are.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use belfry_domain::ports::PageLimit;
use belfry_domain::{AccountId, Address, DeviceId, Entry, Item, Refusal, Seq, TimestampMs};
use parking_lot::{Mutex, RwLock};
use tokio::time::Instant;

use crate::command::{Live, Peer, Subscribed, Typing};
use crate::presence::Presences;

mod link;

pub(crate) use link::{Link, Links, Rings};

/// Entries kept in memory for an owner with links: some seconds of a lively chat.
const TAIL_ENTRIES_MAX: usize = 64;

/// And at most so many bytes of them.
const TAIL_BYTES_MAX: usize = 64 * 1024;

/// Locks over which owners are spread.
const SHARDS: usize = 64;

/// One open link of a device, for operators: who is connected, from where, since when.
#[derive(Clone, Debug)]
pub struct OpenLink {
    /// Its number, in the order in which links were opened since the server was started.
    pub number: u64,
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
    /// Links opened since the server was started.
    made: AtomicU64,
    /// Who is there, as the others are told: it is told here of what changes who may know.
    pub(crate) presences: Presences,
}

impl Default for Hub {
    fn default() -> Hub {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        let (born, made) = (AtomicU64::new(0), AtomicU64::new(0));
        Hub { cut: RwLock::default(), shards, born, made, presences: Presences::default() }
    }
}

impl Hub {
    fn shard(&self, owner: AccountId) -> &Mutex<HashMap<AccountId, Owner>> {
        &self.shards[owner.0 as usize % SHARDS]
    }

    /// The number of a link that is about to be opened.
    pub(crate) fn next_number(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed) + 1
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

    /// Shows entries that are durable to their owners' links and rings. Entries that change who may know whether
    /// somebody is there are shown to the presences first.
    pub(crate) fn publish<'a>(&self, entries: impl IntoIterator<Item = &'a (AccountId, Arc<Entry>)>) {
        for (owner, entry) in entries {
            match &entry.item {
                Item::Contact(view) => self.presences.contact_changed(*owner, view.account),
                Item::Privacy(_) => self.presences.privacy_changed(*owner),
                _ => {}
            }
            let mut shard = self.shard(*owner).lock();
            if let Some(state) = shard.get_mut(owner) {
                state.push(entry);
                state.links.iter().for_each(|link| link.ring());
            }
        }
    }

    /// Tells the links of an owner that follow its timeline something that is stored nowhere.
    pub(crate) fn whisper(&self, owner: AccountId, event: &Arc<Typing>) {
        self.put(owner, &Live::Typing(Arc::clone(event)), |_| true, |link| link.ring());
    }

    /// Tells an owner's clients that show contacts as rosters what has become of a contact.
    pub(crate) fn subscribed(&self, owner: AccountId, peer: &Address, what: Subscribed) {
        let event = Live::Subscribed(Arc::new((peer.clone(), what)));
        self.put(owner, &event, |link| link.resource, |link| link.ring());
    }

    /// Tells some of an owner's links of a presence. They are to be rung. To how many.
    pub(crate) fn tell(&self, owner: AccountId, links: Links<'_>, event: &Live, rings: &mut Rings) -> u64 {
        let follows = |link: &Link| link.follows_presence.load(Ordering::Acquire);
        let to = |link: &Link| match links {
            Links::Following => follows(link),
            Links::ByResource => link.resource && follows(link),
            Links::Named(name) => follows(link) && link.is_called(name),
            Links::Of(device) => link.device == Some((owner, device)),
        };
        self.put(owner, event, to, |link| rings.add(link))
    }

    fn put(&self, owner: AccountId, event: &Live, to: impl Fn(&Link) -> bool, mut ring: impl FnMut(&Arc<Link>)) -> u64 {
        let mut count = 0;
        let shard = self.shard(owner).lock();
        for link in shard.get(&owner).map_or(&[][..], |state| &state.links) {
            if let Some(lane) = &link.lane
                && link.read.load(Ordering::Relaxed) != u64::MAX
                && to(link)
            {
                lane.lock().push(event);
                ring(link);
                count += 1;
            }
        }
        count
    }

    /// The link of an account that is called so; of two the younger, since the other is what is left of it.
    pub(crate) fn called(&self, owner: AccountId, name: &str) -> Option<Arc<Link>> {
        let shard = self.shard(owner).lock();
        shard.get(&owner)?.links.iter().rev().find(|link| link.is_called(name)).cloned()
    }

    /// All links of an account that have names.
    pub(crate) fn with_names(&self, owner: AccountId) -> Vec<(Arc<Link>, Arc<str>)> {
        let shard = self.shard(owner).lock();
        let links = shard.get(&owner).map_or(&[][..], |state| &state.links);
        let named = links.iter().filter_map(|link| Some((Arc::clone(link), Arc::clone(link.addressed.name()?))));
        named.collect()
    }

    /// What a link has asked will not be answered.
    pub(crate) fn unheard(&self, (owner, number, id): &(AccountId, u64, String)) {
        let shard = self.shard(*owner).lock();
        let links = shard.get(owner).map_or(&[][..], |state| &state.links);
        if let Some(link) = links.iter().find(|link| link.number == *number) {
            link.addressed.lost(id, Instant::now());
            link.ring();
        }
    }

    /// Rings all links.
    pub(crate) fn ring_all(&self) {
        for shard in &self.shards {
            shard.lock().values().flat_map(|state| &state.links).for_each(|link| link.ring());
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

    /// Links of devices, of one account or of all, whose numbers are above `after`; at most `limit` of those that
    /// were opened first, in that order.
    pub(crate) fn links(&self, account: Option<AccountId>, after: u64, limit: usize) -> Vec<OpenLink> {
        let mut links = Vec::new();
        let mut add = |state: &Owner| {
            links.extend(state.links.iter().filter(|link| link.number > after).filter_map(|link| {
                let (account, device) = link.device?;
                Some(OpenLink { number: link.number, account, device, from: link.from.clone(), since: link.since })
            }));
        };
        match account {
            Some(account) => self.shard(account).lock().get(&account).into_iter().for_each(&mut add),
            None => self.shards.iter().for_each(|shard| shard.lock().values().for_each(&mut add)),
        }
        links.sort_unstable_by_key(|link| link.number);
        links.truncate(limit);
        links
    }

    pub(crate) fn online(&self, owner: AccountId, device: DeviceId) -> bool {
        let shard = self.shard(owner).lock();
        shard.get(&owner).is_some_and(|state| state.links.iter().any(|link| link.device == Some((owner, device))))
    }

    /// Tells all links of an owner that its devices have changed.
    pub(crate) fn devices_changed(&self, owner: AccountId) {
        if let Some(state) = self.shard(owner).lock().get(&owner) {
            for link in &state.links {
                link.devices_changed.store(true, Ordering::Relaxed);
                link.ring();
            }
        }
    }

    /// Closes the links of all devices of an owner but one.
    pub(crate) fn close_others(&self, owner: AccountId, but: DeviceId, refusal: &Refusal) {
        let links: Vec<Arc<Link>> = {
            let shard = self.shard(owner).lock();
            let all = shard.get(&owner).map_or(&[][..], |state| &state.links);
            all.iter().filter(|link| link.device != Some((owner, but))).cloned().collect()
        };
        links.iter().for_each(|link| link.close(refusal));
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
        let entry = &self.unsay(entry);
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

    /// What was recalled is held no longer: an entry of a recall erases the message in memory, and a message that comes
    /// after its recall comes erased.
    fn unsay(&mut self, entry: &Arc<Entry>) -> Arc<Entry> {
        match &entry.item {
            Item::Amendment(amendment) => {
                let Some(at) = amendment.recalled else { return Arc::clone(entry) };
                for held in &mut self.tail {
                    if let Item::Message(said) = &held.item
                        && said.id == amendment.id
                    {
                        self.tail_bytes -= held.weight();
                        let item = Item::Message(Arc::new(said.tombstone(at)));
                        *held = Arc::new(Entry { seq: held.seq, prev: held.prev, item });
                        self.tail_bytes += held.weight();
                    }
                }
                Arc::clone(entry)
            }
            Item::Message(said) => {
                let recalled = self.tail.iter().find_map(|held| match &held.item {
                    Item::Amendment(amendment) if amendment.id == said.id => amendment.recalled,
                    _ => None,
                });
                let Some(at) = recalled else { return Arc::clone(entry) };
                let item = Item::Message(Arc::new(said.tombstone(at)));
                Arc::new(Entry { seq: entry.seq, prev: entry.prev, item })
            }
            _ => Arc::clone(entry),
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
    use belfry_domain::{ConversationId, Cseq, Mark};

    use super::*;

    fn link(device: Option<(AccountId, DeviceId)>) -> Arc<Link> {
        let ip = std::net::Ipv4Addr::LOCALHOST.into();
        Link::new(1, device, Peer { ip, port: 1, exempt: false, carrier: "test" }, TimestampMs(0), (false, false))
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
    fn a_live_lane_loses_the_oldest_and_links_that_follow_nothing_get_nothing() {
        let hub = Hub::default();
        let ip = std::net::Ipv4Addr::LOCALHOST.into();
        let peer = Peer { ip, port: 1, exempt: false, carrier: "test" };
        let link = Link::new(1, Some((OWNER, DeviceId(1))), peer, TimestampMs(0), (true, false));
        hub.open(OWNER, link.clone());
        let from = Address::parse("bob@localhost").expect("valid");
        let event = |n| Arc::new(Typing { conversation: ConversationId(n), from: from.clone(), active: true });
        hub.whisper(OWNER, &event(0));
        assert!(link.take_live().is_empty(), "it is not subscribed");
        hub.has_read(OWNER, &link, Seq(1));
        for n in 0..1_000 {
            hub.whisper(OWNER, &event(n));
        }
        let number = |event: &Live| match event {
            Live::Typing(typing) => typing.conversation.0,
            Live::Presence(_) | Live::Stanza(_) | Live::Subscribed(_) => u64::MAX,
        };
        let told: Vec<u64> = link.take_live().iter().map(number).collect();
        assert_eq!(told, (1_000 - crate::lane::EVENTS_MAX as u64..1_000).collect::<Vec<_>>());
        assert!(link.take_live().is_empty());
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
