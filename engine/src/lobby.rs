//! The lobby: a public room with participants, history and broadcast, for guests and accounts.
//!
//! A name is taken by [`Engine::lobby_join`]; who is there is a set of stays, each a lease that goes on while its
//! client is heard. Messages are the room's log in the store; readers hold a cursor into it. Participants are a
//! versioned list that is never stored. Invariants: a stay ends when its lease does, whatever happened to the link;
//! what is held in memory is bounded; a slow reader delays nobody.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::address::{characters, first_characters};
use belfry_domain::limits::{POLL_WAIT_MS_MAX, ROOM_NAME_CHARS_MAX};
use belfry_domain::ports::{PageLimit, RoomAppend, RoomAppended, StoreError, random_array};
use belfry_domain::{
    AccountId, Author, ClientMessageId, Code, Content, ConversationId, Cseq, LeaseId, Message, Refusal, RoomName,
    TimestampMs, skeleton,
};
use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::command::{Caller, Identity, LobbyJoined, LobbyNews, Participant, Reply};
use crate::hub::Link;
use crate::limits::Limited;
use crate::send::fingerprint;
use crate::session::{LinkKind, Told};
use crate::sync::page;
use crate::{Engine, metrics::count, refused};

/// The room's name in the store.
const ROOM: &str = "lobby";

/// Newest messages that are held in memory for those who keep up.
const TAIL_MAX: usize = 256;

/// Stays that were left on purpose and may not be resumed by their tokens.
const LEFT_MAX: usize = 4_096;

/// Changes of who is there are told at most this often, so that a wave of joins is not a wave of lists to everybody.
const PARTICIPANTS_EVERY: Duration = Duration::from_millis(250);

/// Messages that a newcomer is shown.
const WELCOME_MESSAGES: usize = 50;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Who {
    Guest(LeaseId),
    Account(AccountId),
}

struct Stay {
    name: RoomName,
    skeleton: String,
    links: usize,
    lapses: Instant,
}

struct State {
    stays: HashMap<Who, Stay>,
    names: HashMap<String, Who>,
    left: VecDeque<LeaseId>,
    version: u64,
    list: Option<Arc<Vec<Participant>>>,
    told: Instant,
    untold: bool,
    watchers: Vec<Arc<Link>>,
    tail: VecDeque<Arc<Message>>,
}

/// The lobby.
pub(crate) struct Lobby {
    room: OnceCell<ConversationId>,
    state: Mutex<State>,
}

fn who(identity: &Identity) -> Option<Who> {
    match identity {
        Identity::Guest { lease, .. } => Some(Who::Guest(*lease)),
        Identity::Device { account, .. } => Some(Who::Account(*account)),
        Identity::Nobody { .. } => None,
    }
}

fn not_there() -> Refusal {
    Refusal::new(Code::Forbidden, "You are not in the lobby: join it first.")
}

impl Lobby {
    /// An empty lobby. Versions start at the time, so that no client mistakes an old list for a new one.
    pub(crate) fn new(now: TimestampMs) -> Lobby {
        let state = State {
            stays: HashMap::new(),
            names: HashMap::new(),
            left: VecDeque::new(),
            version: now.0,
            list: None,
            told: Instant::now(),
            untold: false,
            watchers: Vec::new(),
            tail: VecDeque::new(),
        };
        Lobby { room: OnceCell::new(), state: Mutex::new(state) }
    }

    /// A link reads the lobby from now on.
    pub(crate) fn watch(&self, link: &Arc<Link>, identity: &Identity) {
        let mut state = self.state.lock();
        state.watchers.push(link.clone());
        if let Some(stay) = who(identity).and_then(|who| state.stays.get_mut(&who)) {
            stay.links += 1;
        }
    }

    /// A link reads the lobby no longer. After the last one the stay goes on for `grace_ms`, so that a reconnect, or
    /// the time between two polls, makes no wave.
    pub(crate) fn unwatch(&self, link: &Arc<Link>, identity: &Identity, grace_ms: u64) {
        let mut state = self.state.lock();
        state.watchers.retain(|other| !Arc::ptr_eq(other, link));
        if let Some(stay) = who(identity).and_then(|who| state.stays.get_mut(&who)) {
            stay.links = stay.links.saturating_sub(1);
            if stay.links == 0 {
                stay.lapses = stay.lapses.min(Instant::now() + Duration::from_millis(grace_ms));
            }
        }
    }

    pub(crate) fn close_all(&self, refusal: &Refusal) {
        self.state.lock().watchers.iter().for_each(|link| link.close(refusal));
    }

    /// Somebody who reads the lobby was heard: the stay goes on, or begins again if it had lapsed (a machine that
    /// slept) and the name is still free.
    pub(crate) fn heard(&self, identity: &Identity, lease_ms: u64) {
        let (Some(who), Some(name)) = (who(identity), own_name(identity)) else { return };
        let mut state = self.state.lock();
        let had_lapsed = !state.stays.contains_key(&who);
        if had_lapsed && state.has_left(who) {
            return;
        }
        if state.enter(who, name, lease_ms).is_ok()
            && had_lapsed
            && let Some(stay) = state.stays.get_mut(&who)
        {
            stay.links = 1;
        }
    }
}

/// The name that an identity has in the lobby.
fn own_name(identity: &Identity) -> Option<RoomName> {
    match identity {
        Identity::Guest { name, .. } => Some(name.clone()),
        Identity::Device { address, .. } => {
            RoomName::parse(&first_characters(address.local(), ROOM_NAME_CHARS_MAX)).ok()
        }
        Identity::Nobody { .. } => None,
    }
}

impl State {
    fn enter(&mut self, who: Who, name: RoomName, lease_ms: u64) -> Result<(), Refusal> {
        let lapses = Instant::now() + Duration::from_millis(lease_ms);
        if let Some(stay) = self.stays.get_mut(&who) {
            stay.lapses = lapses;
            return Ok(());
        }
        let skeleton = skeleton(name.as_str());
        if self.names.contains_key(&skeleton) {
            return Err(taken(&name));
        }
        self.names.insert(skeleton.clone(), who);
        self.stays.insert(who, Stay { name, skeleton, links: 0, lapses });
        self.changed();
        Ok(())
    }

    fn leave(&mut self, who: Who) -> bool {
        let Some(stay) = self.stays.remove(&who) else { return false };
        self.names.remove(&stay.skeleton);
        self.changed();
        true
    }

    fn has_left(&self, who: Who) -> bool {
        matches!(who, Who::Guest(lease) if self.left.contains(&lease))
    }

    fn changed(&mut self) {
        self.version += 1;
        self.list = None;
        self.untold = true;
        self.tell_if_due();
    }

    fn tell_if_due(&mut self) {
        if self.untold && self.told.elapsed() >= PARTICIPANTS_EVERY {
            self.untold = false;
            self.told = Instant::now();
            self.watchers.iter().for_each(|link| link.ring());
        }
    }

    fn participants(&mut self) -> Arc<Vec<Participant>> {
        if let Some(list) = &self.list {
            return list.clone();
        }
        let mut list: Vec<Participant> = self
            .stays
            .iter()
            .map(|(who, stay)| Participant { name: stay.name.clone(), account: matches!(who, Who::Account(_)) })
            .collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        let list = Arc::new(list);
        self.list = Some(list.clone());
        list
    }

    /// Messages after `after` if all of them are in memory.
    fn recent(&self, after: Cseq, limit: PageLimit) -> Option<(Vec<Arc<Message>>, bool)> {
        let first = self.tail.front()?;
        if after.next() < first.id.cseq {
            return None;
        }
        let (mut messages, mut place, mut bytes) = (Vec::new(), after, 0);
        let at = self.tail.partition_point(|message| message.id.cseq <= after);
        for message in self.tail.range(at..) {
            if messages.len() >= limit.entries || bytes >= limit.bytes || message.id.cseq != place.next() {
                return Some((messages, true));
            }
            place = message.id.cseq;
            bytes += message.content.weight();
            messages.push(message.clone());
        }
        // A cursor beyond the end is for the store to judge.
        let beyond = messages.is_empty() && self.tail.back().is_some_and(|last| last.id.cseq < after);
        (!beyond).then_some((messages, false))
    }

    fn said(&mut self, message: Arc<Message>) {
        let at = self.tail.partition_point(|other| other.id.cseq < message.id.cseq);
        if self.tail.get(at).is_none_or(|other| other.id.cseq != message.id.cseq) {
            self.tail.insert(at, message);
        }
        while self.tail.len() > TAIL_MAX {
            self.tail.pop_front();
        }
        self.watchers.iter().for_each(|link| link.ring());
    }
}

fn taken(name: &RoomName) -> Refusal {
    Refusal::new(Code::NameTaken, format!("The name \"{name}\" is taken, or looks like one that is: choose another."))
}

impl Engine {
    async fn room(&self) -> Result<ConversationId, Refusal> {
        let room = self.inner.lobby.room.get_or_try_init(|| async { self.store().room(ROOM).await }).await;
        room.copied().map_err(refused)
    }

    /// Whether a guest may come from there.
    pub(crate) fn guests_allowed(&self, caller: &Caller) -> Result<(), Refusal> {
        if caller.peer.ip.to_canonical().is_loopback() || self.settings().lobby.guests_from_elsewhere {
            return Ok(());
        }
        Err(Refusal::new(
            Code::Forbidden,
            "Guests are welcome from this machine only; the operator can open the lobby (lobby.guests_from_elsewhere).",
        ))
    }

    pub(crate) async fn lobby_join(&self, caller: &Caller, name: Option<RoomName>) -> Result<Reply, Refusal> {
        let settings = self.settings();
        self.limit_peer(&caller.peer, Limited::LobbyJoins)?;
        let (identity, name) = match &caller.identity {
            Identity::Device { address, .. } => {
                let own = own_name(&caller.identity).ok_or_else(|| {
                    Refusal::new(
                        Code::BadRequest,
                        format!("{} cannot be shown as a name in the lobby.", address.local()),
                    )
                })?;
                if name.is_some_and(|name| skeleton(name.as_str()) != skeleton(own.as_str())) {
                    return Err(Refusal::new(Code::BadRequest, format!("In the lobby an account is called {own}.")));
                }
                (caller.identity.clone(), own)
            }
            Identity::Guest { .. } | Identity::Nobody { .. } => {
                self.guests_allowed(caller)?;
                let name = name.ok_or_else(|| Refusal::new(Code::BadRequest, "Choose a name."))?;
                let like = skeleton(name.as_str());
                if self.store().looks_taken(&settings.domain, &like).await.map_err(refused)? {
                    return Err(taken(&name));
                }
                let lease = LeaseId(u64::from_be_bytes(random_array(&*self.inner.ports.entropy)));
                (Identity::Guest { lease, name: name.clone() }, name)
            }
        };
        let room = self.room().await?;
        let key = who(&identity).ok_or_else(not_there)?;
        {
            let mut state = self.inner.lobby.state.lock();
            if state.stays.len() >= settings.lobby.participants_max {
                return Err(Refusal::retry(Code::TryLater, "The lobby is full; come back later.", 30_000));
            }
            state.enter(key, name.clone(), settings.lobby.lease_ms)?;
        }
        let limit = PageLimit { entries: WELCOME_MESSAGES, ..page(0) };
        let newest = self.store().read_room_before(room, None, limit).await.map_err(refused)?;
        let (list, version) = {
            let mut state = self.inner.lobby.state.lock();
            (state.participants(), state.version)
        };
        let token = match &identity {
            Identity::Guest { lease, name } => Some(self.guest_token(*lease, name)),
            Identity::Device { .. } | Identity::Nobody { .. } => None,
        };
        Ok(Reply::LobbyJoined(Box::new(LobbyJoined {
            identity,
            token,
            name,
            lease_ms: settings.lobby.lease_ms,
            news: LobbyNews {
                cseq: newest.last,
                messages: newest.messages,
                participants: Some(list),
                participants_version: version,
                gap: false,
                more: newest.more,
            },
        })))
    }

    /// A guest comes back with a token: a stay that lapsed, or that an older process knew, goes on if the name is free.
    pub(crate) fn resume_stay(&self, lease: LeaseId, name: RoomName) -> Result<Identity, Refusal> {
        let mut state = self.inner.lobby.state.lock();
        let full = state.stays.len() >= self.settings().lobby.participants_max;
        let known = state.stays.contains_key(&Who::Guest(lease));
        if state.has_left(Who::Guest(lease)) || (full && !known) {
            return Err(Refusal::new(Code::Unauthenticated, "This stay in the lobby has ended: join again."));
        }
        state.enter(Who::Guest(lease), name.clone(), self.settings().lobby.lease_ms).map_err(|_| {
            Refusal::new(Code::Unauthenticated, "Your name was taken while you were away: choose another.")
        })?;
        Ok(Identity::Guest { lease, name })
    }

    pub(crate) fn lobby_leave(&self, caller: &Caller) -> Result<Reply, Refusal> {
        let who = who(&caller.identity).ok_or_else(not_there)?;
        let mut state = self.inner.lobby.state.lock();
        state.leave(who);
        if let Who::Guest(lease) = who {
            state.left.push_back(lease);
            if state.left.len() > LEFT_MAX {
                state.left.pop_front();
            }
        }
        Ok(Reply::Done)
    }

    fn stay(&self, caller: &Caller) -> Result<(Who, RoomName), Refusal> {
        let key = who(&caller.identity).ok_or_else(not_there)?;
        let mut state = self.inner.lobby.state.lock();
        let stay = state.stays.get_mut(&key).ok_or_else(not_there)?;
        stay.lapses = Instant::now() + Duration::from_millis(self.settings().lobby.lease_ms);
        Ok((key, stay.name.clone()))
    }

    pub(crate) async fn lobby_send(
        &self,
        caller: &Caller,
        client_id: ClientMessageId,
        text: String,
    ) -> Result<Reply, Refusal> {
        let settings = self.settings();
        let (key, name) = self.stay(caller)?;
        let text = lobby_text(&text, settings.lobby.text_chars_max)?;
        self.limit(&match key {
            Who::Guest(lease) => Limited::LobbySendsAs(lease),
            Who::Account(account) => Limited::LobbySendsOf(account),
        })?;
        let author = match &caller.identity {
            Identity::Device { account, address, device } => {
                Author::Account { account: *account, address: address.clone(), device: *device }
            }
            Identity::Guest { lease, name } => Author::Guest { lease: *lease, name: name.clone() },
            Identity::Nobody { .. } => return Err(not_there()),
        };
        let content = Content::text(text);
        let append = RoomAppend {
            room: self.room().await?,
            author,
            name,
            client_id,
            fingerprint: fingerprint(ROOM, &content),
            content,
            at: self.inner.ports.clock.now(),
        };
        match self.store().append_to_room(append).await.map_err(refused)? {
            RoomAppended::Appended { message, duplicate } => {
                if !duplicate {
                    count(&self.inner.metrics.lobby_messages);
                    self.inner.lobby.state.lock().said(message.clone());
                }
                Ok(Reply::LobbySent { cseq: message.id.cseq, at: message.sent, duplicate })
            }
            RoomAppended::Conflict => Err(Refusal::new(
                Code::Conflict,
                "This client message id was used for another message; every message needs its own.",
            )),
            RoomAppended::NoRoom => Err(crate::internal("the lobby's room is gone")),
        }
    }

    pub(crate) async fn lobby_history(
        &self,
        caller: &Caller,
        before: Option<Cseq>,
        limit: usize,
    ) -> Result<Reply, Refusal> {
        self.stay(caller)?;
        let limit = page(if limit == 0 { WELCOME_MESSAGES } else { limit });
        let page = self.store().read_room_before(self.room().await?, before, limit).await.map_err(refused)?;
        Ok(Reply::LobbyNews(LobbyNews {
            cseq: page.last,
            messages: page.messages,
            more: page.more,
            ..LobbyNews::default()
        }))
    }

    pub(crate) async fn lobby_poll(
        &self,
        caller: &Caller,
        after: Cseq,
        version: u64,
        wait_ms: u64,
    ) -> Result<LobbyNews, Refusal> {
        self.stay(caller)?;
        let mut poll = self.attach(caller.clone(), LinkKind::Poll)?;
        poll.watch_lobby(after, version);
        match poll.take_within(page(0), wait_ms.min(POLL_WAIT_MS_MAX)).await? {
            Some(Told::Lobby(news)) => {
                poll.heard();
                Ok(news)
            }
            Some(Told::Batch(_) | Told::DevicesChanged | Told::Live(_)) | None => {
                poll.heard();
                Ok(LobbyNews { cseq: after, participants_version: version, ..LobbyNews::default() })
            }
        }
    }

    /// What is new after a place and a version, from memory for those who keep up.
    pub(crate) async fn lobby_news(&self, after: Cseq, version: u64, limit: PageLimit) -> Result<LobbyNews, Refusal> {
        let (recent, participants, participants_version) = {
            let mut state = self.inner.lobby.state.lock();
            let participants = (state.version != version).then(|| state.participants());
            (state.recent(after, limit), participants, state.version)
        };
        if let Some((messages, more)) = recent {
            count(&self.inner.metrics.hot_reads);
            let cseq = messages.last().map_or(after, |message| message.id.cseq);
            return Ok(LobbyNews { messages, cseq, participants, participants_version, gap: false, more });
        }
        count(&self.inner.metrics.cold_reads);
        let page = self.store().read_room_after(self.room().await?, after, limit).await.map_err(refused)?;
        let end = if page.gap && page.messages.is_empty() { page.last } else { after };
        let cseq = page.messages.last().map_or(end, |message| message.id.cseq);
        Ok(LobbyNews {
            messages: page.messages,
            cseq,
            participants,
            participants_version,
            gap: page.gap,
            more: page.more,
        })
    }

    /// Ends lapsed stays and tells what was held back.
    pub(crate) fn tidy_lobby(&self) {
        let now = Instant::now();
        let mut state = self.inner.lobby.state.lock();
        let lapsed: Vec<Who> = state.stays.iter().filter(|(_, stay)| stay.lapses <= now).map(|(who, _)| *who).collect();
        for who in lapsed {
            state.leave(who);
        }
        state.tell_if_due();
        self.inner.metrics.lobby_participants.store(state.stays.len() as u64, Ordering::Relaxed);
    }

    /// Takes away what the lobby keeps no longer.
    pub(crate) async fn prune_lobby(&self, now: TimestampMs) -> Result<u64, StoreError> {
        let settings = self.settings();
        let room = self.store().room(ROOM).await?;
        let oldest = TimestampMs(now.0.saturating_sub(settings.lobby.history_ms));
        self.store().prune_room(room, settings.lobby.history_messages, oldest).await
    }
}

/// A lobby message: 1 to `chars_max` characters as people count them, no control characters but line ends.
fn lobby_text(text: &str, chars_max: usize) -> Result<String, Refusal> {
    let text = text.trim();
    let chars = characters(text);
    if chars == 0 {
        return Err(Refusal::new(Code::BadRequest, "The message is empty."));
    }
    // A character can be many bytes (families of emoji, marks): these are bounded too.
    if chars > chars_max || text.len() > chars_max * 32 {
        return Err(Refusal::new(
            Code::TooLarge,
            format!("The message has {chars} characters, in the lobby at most {chars_max} are possible."),
        ));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refusal::new(Code::BadRequest, "The message has characters that cannot be shown."));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_up_to_a_hundred_and_forty_characters_as_people_count_them() {
        assert!(lobby_text(&"x".repeat(140), 140).is_ok());
        assert_eq!(lobby_text(&"x".repeat(141), 140).expect_err("too long").code, Code::TooLarge);
        assert!(lobby_text(&"👩‍👩‍👧".repeat(140), 140).is_ok());
        assert_eq!(lobby_text(&"👩‍👩‍👧".repeat(141), 140).expect_err("too long").code, Code::TooLarge);
        assert_eq!(lobby_text(" \n ", 140).expect_err("empty").code, Code::BadRequest);
        assert_eq!(lobby_text("a\u{7}b", 140).expect_err("a bell").code, Code::BadRequest);
    }
}
