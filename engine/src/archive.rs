//! The archive: an account's messages by page, forwards and backwards, of all conversations or of one.
//!
//! What a device asks for comes in, a page leaves, oldest first. There is no index of its own: conversations and
//! timelines are numbered without gaps, so that a place is found by halving. Invariants: a page is bounded in messages
//! and bytes, and so is the work for it; a device sees no message from before it may know.

use std::sync::Arc;

use belfry_domain::limits::PAGE_BYTES_MAX;
use belfry_domain::ports::PageLimit;
use belfry_domain::{
    AccountId, Address, Code, ConversationId, Cseq, DataKind, DataKinds, Epoch, Item, Message, MessageId, Refusal, Seq,
    SyncKey, TimestampMs,
};

use crate::admission::Class;
use crate::command::{Caller, ConversationRef};
use crate::{Engine, device_of, refused};

/// Messages in one page at most.
const PAGE_MESSAGES_MAX: usize = 100;

/// Places that are read at once: what they hold is held in memory meanwhile.
const WINDOW: u64 = 32;

/// Windows that are looked through for one page: a stretch without messages this long ends the page early.
const WINDOWS_MAX: usize = 256;

/// Entries that are looked through for the one of a message whose time is known: messages of one millisecond.
const SAME_TIME_MAX: usize = 1_000;

/// Where a page begins or ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ArchivePlace {
    /// The oldest come first.
    First,
    /// Those behind this message.
    After(MessageId),
    /// The newest.
    Last,
    /// Those before this message.
    Before(MessageId),
}

/// Which page of the archive is wanted.
#[derive(Clone, Debug)]
pub struct ArchiveQuery {
    /// Of the conversation with this account alone.
    pub with: Option<Address>,
    /// Not sent before.
    pub start: Option<TimestampMs>,
    /// Not sent after.
    pub end: Option<TimestampMs>,
    /// Behind this message.
    pub after: Option<MessageId>,
    /// Before this message.
    pub before: Option<MessageId>,
    /// Which page.
    pub place: ArchivePlace,
    /// At most so many messages.
    pub limit: usize,
}

/// A page of the archive.
#[derive(Clone, Debug, Default)]
pub struct ArchivePage {
    /// Oldest first.
    pub messages: Vec<Arc<Message>>,
    /// There is nothing more in the direction of the page.
    pub complete: bool,
}

/// What is paged through: numbers and the messages at some of them.
#[derive(Clone, Copy)]
enum Book {
    All(AccountId),
    One(AccountId, ConversationId),
}

/// Messages with their numbers, oldest first, and whether there are no more that way.
type Stretch = (Vec<(u64, Arc<Message>)>, bool);

/// The same, and from where to go on.
type Window = (Vec<(u64, Arc<Message>)>, Option<u64>);

impl Engine {
    /// A page of the account's messages. Errors: `not_found` for a message that is not (any more) there.
    pub async fn archive(&self, caller: &Caller, query: ArchiveQuery) -> Result<ArchivePage, Refusal> {
        self.inner.admission.admit(Class::Bulk)?;
        let (owner, _, device) = device_of(caller)?;
        self.known(caller)?;
        let book = match query.with {
            None => Book::All(owner),
            Some(peer) => match self.conversation_of(owner, ConversationRef::Peer(peer)).await {
                Ok(conversation) => Book::One(owner, conversation),
                // Whether there is such an account is not said.
                Err(refusal) if refusal.code == Code::NotFound => {
                    return Ok(ArchivePage { messages: Vec::new(), complete: true });
                }
                Err(refusal) => return Err(refusal),
            },
        };
        let start = query.start.max(Some(self.history_from(owner, device).await?)).unwrap_or_default();
        let mut after = if start.0 == 0 { 0 } else { self.last_before(book, start).await? };
        let mut before = match query.end {
            Some(end) => self.last_before(book, end.plus_ms(1)).await?.saturating_add(1),
            None => u64::MAX,
        };
        if let Some(id) = query.after {
            after = after.max(self.bound(book, id, false).await?);
        }
        if let Some(id) = query.before {
            before = before.min(self.bound(book, id, true).await?);
        }
        let limit = query.limit.clamp(1, PAGE_MESSAGES_MAX);
        let forwards = match query.place {
            ArchivePlace::First => true,
            ArchivePlace::Last => false,
            ArchivePlace::After(id) => {
                after = after.max(self.number_of(book, id).await?);
                true
            }
            ArchivePlace::Before(id) => {
                before = before.min(self.number_of(book, id).await?);
                false
            }
        };
        let (mut found, mut complete) = match forwards {
            true => self.forwards(book, after, limit + 1).await?,
            false => self.backwards(book, before, limit + 1).await?,
        };
        let all = found.len();
        found.retain(|(number, _)| *number > after && *number < before);
        complete |= found.len() < all;
        if found.len() > limit {
            complete = false;
            match forwards {
                true => found.truncate(limit),
                false => drop(found.drain(..found.len() - limit)),
            }
        }
        let mut messages = Vec::with_capacity(found.len());
        for (_, said) in found {
            messages.push(match book {
                // Timelines say what was said; what became of it since hangs on the conversation.
                Book::All(owner) => self.archived_one(owner, said.id).await?.unwrap_or(said),
                Book::One(..) => said,
            });
        }
        self.known(caller)?; // it may have been cut off while the store was reading
        Ok(ArchivePage { messages, complete })
    }

    /// These messages, in the order in which they were sent. Errors: `not_found` if one of them is not (any more) there.
    pub async fn archived(&self, caller: &Caller, ids: &[MessageId]) -> Result<Vec<Arc<Message>>, Refusal> {
        let (owner, _, device) = device_of(caller)?;
        self.known(caller)?;
        let since = self.history_from(owner, device).await?;
        let mut messages = Vec::with_capacity(ids.len().min(PAGE_MESSAGES_MAX));
        for id in ids.iter().take(PAGE_MESSAGES_MAX) {
            let said = self.archived_one(owner, *id).await?.filter(|said| said.sent >= since);
            messages.push(said.ok_or_else(not_archived)?);
        }
        messages.sort_by_key(|said| (said.sent, said.id.conversation, said.id.cseq));
        messages.dedup_by_key(|said| said.id);
        self.known(caller)?; // it may have been cut off while the store was reading
        Ok(messages)
    }

    /// A message with what has become of it.
    async fn archived_one(&self, owner: AccountId, id: MessageId) -> Result<Option<Arc<Message>>, Refusal> {
        let limit = PageLimit { entries: 1, bytes: usize::MAX };
        let page = self.store().read_before(owner, id.conversation, Some(id.cseq.next()), limit).await;
        let (messages, _) = page.map_err(refused)?.unwrap_or_default();
        Ok(messages.into_iter().next_back().filter(|said| said.id == id))
    }

    /// Where a message that may be of another conversation divides the book: so that nothing of its own millisecond is
    /// left out.
    async fn bound(&self, book: Book, id: MessageId, upper: bool) -> Result<u64, Refusal> {
        match book {
            Book::One(owner, conversation) if conversation != id.conversation => {
                let said = self.archived_one(owner, id).await?.ok_or_else(not_archived)?;
                match upper {
                    true => Ok(self.last_before(book, said.sent.plus_ms(1)).await?.saturating_add(1)),
                    false => self.last_before(book, said.sent).await,
                }
            }
            Book::One(owner, _) => {
                let said = self.archived_one(owner, id).await?.ok_or_else(not_archived)?;
                Ok(said.id.cseq.0)
            }
            Book::All(_) => self.number_of(book, id).await,
        }
    }

    /// Messages behind a number.
    async fn forwards(&self, book: Book, after: u64, count: usize) -> Result<Stretch, Refusal> {
        let (mut found, mut bytes, mut at) = (Vec::new(), 0, after);
        for _ in 0..WINDOWS_MAX {
            let (messages, next) = self.window(book, at).await?;
            for (number, message) in messages {
                bytes += message.content.weight();
                found.push((number, message));
            }
            match next {
                Some(next) => at = next,
                None => return Ok((found, true)),
            }
            if found.len() >= count || bytes >= PAGE_BYTES_MAX {
                break;
            }
        }
        Ok((found, false))
    }

    /// Messages before a number.
    async fn backwards(&self, book: Book, before: u64, count: usize) -> Result<Stretch, Refusal> {
        let (mut found, mut bytes) = (Vec::new(), 0);
        let mut end = before.min(self.last(book).await?.saturating_add(1));
        for _ in 0..WINDOWS_MAX {
            let begin = match book {
                // Numbers of an epoch begin at 1.
                Book::All(_) => end.saturating_sub(WINDOW + 1).max(Seq::new(Seq(end.saturating_sub(1)).epoch(), 0).0),
                Book::One(..) => end.saturating_sub(WINDOW + 1),
            };
            let (mut messages, _) = self.window(book, begin).await?;
            messages.retain(|(number, _)| *number < end);
            bytes += messages.iter().map(|(_, message)| message.content.weight()).sum::<usize>();
            messages.append(&mut found);
            found = messages;
            end = begin + 1;
            let first_of_epoch = matches!(book, Book::All(_)) && Seq(begin).epoch() > Epoch(0) && begin as u32 == 0;
            if begin == 0 {
                return Ok((found, true));
            }
            if first_of_epoch {
                match self.last_below(book, end).await? {
                    Some(number) => end = number + 1,
                    None => return Ok((found, true)),
                }
            }
            if found.len() >= count || bytes >= PAGE_BYTES_MAX {
                break;
            }
        }
        Ok((found, false))
    }

    /// Messages at some numbers behind this one, and from where to go on; `None`: there is nothing more.
    async fn window(&self, book: Book, after: u64) -> Result<Window, Refusal> {
        match book {
            Book::All(owner) => {
                let messages = DataKinds::from_numbers(&[DataKind::Messages.number()]);
                let places = SyncKey::at(Seq(after)).places(messages);
                let limit = PageLimit { entries: WINDOW as usize, bytes: PAGE_BYTES_MAX };
                let page = self.store().read_kinds_after(owner, places, limit).await.map_err(refused)?;
                let next = (page.more && !page.reset).then_some(page.next.0);
                let found = page.entries.iter().filter_map(|entry| match &entry.item {
                    Item::Message(said) if entry.seq.0 > after => Some((entry.seq.0, said.clone())),
                    _ => None,
                });
                Ok((found.collect(), next))
            }
            Book::One(reader, conversation) => {
                let last = self.last(book).await?;
                let end = after.saturating_add(WINDOW).min(last);
                let limit = PageLimit { entries: WINDOW as usize, bytes: usize::MAX };
                let page = self.store().read_before(reader, conversation, Some(Cseq(end + 1)), limit).await;
                let (messages, _) = page.map_err(refused)?.unwrap_or_default();
                let found = messages.into_iter().filter(|said| said.id.cseq.0 > after);
                Ok((found.map(|said| (said.id.cseq.0, said)).collect(), (end < last).then_some(end)))
            }
        }
    }

    /// The last number that was given out.
    async fn last(&self, book: Book) -> Result<u64, Refusal> {
        match book {
            Book::All(owner) => Ok(self.store().head(owner).await.map_err(refused)?.last.0),
            Book::One(reader, conversation) => {
                let limit = PageLimit { entries: 1, bytes: usize::MAX };
                let newest = self.store().read_before(reader, conversation, None, limit).await.map_err(refused)?;
                let (messages, _) = newest.unwrap_or_default();
                Ok(messages.last().map_or(0, |said| said.id.cseq.0))
            }
        }
    }

    /// The first message behind a number.
    async fn first_behind(&self, book: Book, after: u64) -> Result<Option<(u64, Arc<Message>)>, Refusal> {
        let mut at = after;
        for _ in 0..WINDOWS_MAX {
            let (messages, next) = self.window(book, at).await?;
            if let Some(first) = messages.into_iter().next() {
                return Ok(Some(first));
            }
            match next {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The last number with a message below this one, by halving.
    async fn last_below(&self, book: Book, below: u64) -> Result<Option<u64>, Refusal> {
        let (mut low, mut high, mut found) = (0, below, None);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.first_behind(book, middle).await? {
                Some((number, _)) if number < below => {
                    found = Some(number);
                    low = number.max(middle + 1);
                }
                _ => high = middle,
            }
        }
        match found {
            Some(number) => Ok(Some(number)),
            None => Ok(self.first_behind(book, 0).await?.map(|(number, _)| number).filter(|number| *number < below)),
        }
    }

    /// The last number before the first message that was not sent before this time, by halving.
    async fn last_before(&self, book: Book, time: TimestampMs) -> Result<u64, Refusal> {
        let (mut low, mut high) = (0, self.last(book).await?);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.first_behind(book, middle).await? {
                Some((number, said)) if said.sent < time => low = number.max(middle + 1),
                _ => high = middle,
            }
        }
        Ok(low)
    }

    /// The number of a message.
    async fn number_of(&self, book: Book, id: MessageId) -> Result<u64, Refusal> {
        let none = not_archived;
        let owner = match book {
            Book::All(owner) => owner,
            Book::One(_, conversation) => {
                return if conversation == id.conversation { Ok(id.cseq.0) } else { Err(none()) };
            }
        };
        let said = self.archived_one(owner, id).await?.ok_or_else(none)?;
        let mut at = self.last_before(book, said.sent).await?;
        let mut looked = 0;
        while looked < SAME_TIME_MAX {
            let (messages, next) = self.window(book, at).await?;
            if let Some((number, _)) = messages.iter().find(|(_, other)| other.id == id) {
                return Ok(*number);
            }
            looked += messages.len().max(1);
            at = next.ok_or_else(none)?;
        }
        Err(none())
    }
}

fn not_archived() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such message in the archive (any more).")
}
