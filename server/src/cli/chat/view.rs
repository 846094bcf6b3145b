//! What the chat shows: conversations with their messages, who is there, and how the connection stands.
//!
//! Events and outcomes come in, the state to draw leaves; the messages of conversations are read from the client's store
//! each time they change, those of the lobby are kept here. Invariant: the lobby is shown in the order of its numbers,
//! each message once.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use belfry_client::v1::{self, Availability};
use belfry_client::{Client, ClientEvent, Contact, Conversation, Delivery, LobbyNews, Message};
use tokio::time::Instant;

use super::act::{Outcome, Room};
use super::folder::Folder;
use super::later::shown;
use super::present::Presences;

/// Messages of a conversation that are read from the store at first, and more with each page back.
pub(super) const PAGE: usize = 200;

/// Messages of the lobby that are kept.
const LOBBY_MAX: usize = 5_000;

/// How the connection stands.
#[derive(Debug)]
pub(super) enum Link {
    /// Not yet.
    Connecting,
    /// Logged in, at this server.
    Up(String),
    /// Lost; the next try comes at the given moment.
    Down { why: String, retry_at: Instant },
    /// For good.
    Ended(String),
}

/// One line of a conversation before it is wrapped.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) at_ms: u64,
    pub(super) name: String,
    pub(super) own: bool,
    pub(super) text: String,
    /// Ticks, for own messages of conversations.
    pub(super) delivery: Option<Delivery>,
    /// The first message that was not read before.
    pub(super) first_unread: bool,
    /// Messages before it are missing.
    pub(super) after_missing: bool,
}

/// The state.
#[derive(Debug)]
pub(super) struct View {
    /// The account's address, or the guest's name.
    pub(super) me: String,
    pub(super) guest: bool,
    pub(super) link: Link,
    pub(super) room: Room,
    pub(super) conversations: Vec<Conversation>,
    /// In the order of their names.
    pub(super) contacts: Vec<Contact>,
    /// What the list shows.
    pub(super) folder: Folder,
    pub(super) presences: Presences,
    /// How the person has said to be there.
    pub(super) own: Availability,
    /// A QR code to be shown until the next key, as its rows.
    pub(super) code: Vec<String>,
    /// The time when the state was last read.
    pub(super) now_ms: u64,
    /// What the open conversation shows.
    pub(super) entries: Vec<Entry>,
    pub(super) participants: Vec<v1::Participant>,
    pub(super) lobby_unread: usize,
    /// The latest words to the person, shown above the input line until the next key.
    pub(super) notes: Vec<String>,
    /// Messages after the last one that is shown are missing.
    pub(super) missing_at_end: bool,
    /// Who is writing in the open conversation, as people call them.
    pub(super) writing: Option<String>,
    /// Who is writing anywhere: conversation and address.
    writers: BTreeSet<(u64, String)>,
    /// Messages of the lobby before which others are missing.
    lobby_gaps: BTreeSet<u64>,
    lobby: BTreeMap<u64, v1::LobbyMessage>,
    /// How many messages of the open conversation are shown.
    shown: usize,
    /// Where the unread messages began when the conversation was opened.
    unread_from: Option<u64>,
    oldest: u64,
    stale: bool,
    people_stale: bool,
}

impl View {
    pub(super) fn new(me: String, guest: bool, room: Room) -> View {
        View {
            me,
            guest,
            link: Link::Connecting,
            room,
            conversations: Vec::new(),
            contacts: Vec::new(),
            folder: Folder::Chats,
            presences: Presences::default(),
            own: Availability::Online,
            code: Vec::new(),
            now_ms: 0,
            entries: Vec::new(),
            participants: Vec::new(),
            lobby_unread: 0,
            notes: Vec::new(),
            missing_at_end: false,
            writing: None,
            writers: BTreeSet::new(),
            lobby_gaps: BTreeSet::new(),
            lobby: BTreeMap::new(),
            shown: PAGE,
            unread_from: None,
            oldest: 0,
            stale: true,
            people_stale: true,
        }
    }

    /// Takes an event.
    pub(super) fn event(&mut self, event: ClientEvent) {
        self.presences.event(&event);
        // How people are there is drawn from here; everything else is in the store.
        self.stale |= !matches!(event, ClientEvent::PresenceChanged(_) | ClientEvent::PresencesUnknown);
        match event {
            ClientEvent::Connected { who, server, .. } => {
                if !self.guest || !who.is_empty() {
                    self.me = who;
                }
                self.link = Link::Up(server);
            }
            ClientEvent::Disconnected { reason, retry_in, .. } => {
                self.link = Link::Down { why: reason, retry_at: Instant::now() + retry_in };
            }
            ClientEvent::LobbyUpdate(news) => self.lobby_news(news),
            ClientEvent::Ended(end) => self.link = Link::Ended(super::start::ended(&end).to_string()),
            ClientEvent::Reset => {
                self.people_stale = true;
                self.notes = vec!["the server's history began anew".to_owned()];
            }
            ClientEvent::ContactChanged(contact) => {
                self.people_stale = true;
                self.notes.extend(self.contact(&contact.address).and_then(|before| accepted(before, &contact)));
            }
            ClientEvent::ContactRequest { address, display_name, note, .. } => {
                self.notes = vec![asks_line(&address, &display_name, &note)];
            }
            ClientEvent::ProfileChanged(_) => self.people_stale = true,
            ClientEvent::Typing { conversation_id, from, active: true } => {
                self.writers.insert((conversation_id, from));
            }
            ClientEvent::Typing { conversation_id, from, active: false } => {
                self.writers.remove(&(conversation_id, from));
            }
            ClientEvent::Missing { peer, .. } => {
                self.notes = vec![format!("messages with {peer} are missing: the server keeps them no longer")];
            }
            // The store has the rest.
            ClientEvent::Message(_)
            | ClientEvent::MessageState { .. }
            | ClientEvent::MessageChanged { .. }
            | ClientEvent::SettingsChanged(_)
            | ClientEvent::ReceiptChanged { .. }
            | ClientEvent::MarkChanged { .. }
            | ClientEvent::PresenceChanged(_)
            | ClientEvent::PresencesUnknown
            | ClientEvent::DevicesChanged
            | ClientEvent::CaughtUp => {}
        }
    }

    /// Takes what is new in the lobby.
    pub(super) fn lobby_news(&mut self, news: LobbyNews) {
        if let Some(participants) = news.participants {
            self.participants = participants;
        }
        if self.room != Room::Lobby {
            self.lobby_unread += news.messages.len();
        }
        if news.gap
            && let Some(first) = news.messages.first()
        {
            self.lobby_gaps.insert(first.cseq);
        }
        self.keep_lobby(news.messages);
    }

    fn keep_lobby(&mut self, messages: Vec<v1::LobbyMessage>) {
        self.lobby.extend(messages.into_iter().map(|message| (message.cseq, message)));
        while self.lobby.len() > LOBBY_MAX {
            self.lobby.pop_first();
        }
        let lobby = &self.lobby;
        self.lobby_gaps.retain(|cseq| lobby.contains_key(cseq));
        self.stale = true;
    }

    /// Takes what came of a typed line; gives whether the person leaves.
    pub(super) fn outcome(&mut self, outcome: Outcome) -> bool {
        self.stale = true;
        match outcome {
            Outcome::Note(notes) => self.notes = notes,
            Outcome::Trouble(why) => self.notes = vec![why],
            Outcome::Show(room) => self.open(room),
            Outcome::Written(_) => {}
            Outcome::SaidInLobby { cseq, at_ms, text } => {
                let name = self.me.split('@').next().unwrap_or_default().to_owned();
                let said = v1::LobbyMessage { cseq, name, account: !self.guest, text, sent_at_ms: at_ms };
                self.lobby.entry(cseq).or_insert(said); // the server's own copy may have been quicker
            }
            Outcome::Fetched { room, lobby, more } => {
                if !more {
                    self.notes = vec!["this is the beginning".to_owned()];
                }
                self.keep_lobby(lobby);
                if room == self.room {
                    self.shown += PAGE;
                }
            }
            Outcome::People(lines) => {
                self.folder = Folder::People;
                self.notes = lines.is_empty().then(|| "no contacts yet: /add ADDRESS".to_owned()).into_iter().collect();
            }
            Outcome::Requests(_) => self.folder = Folder::Requests,
            Outcome::Code { lines, code } => {
                self.notes = lines;
                self.code = code.lines().map(str::to_owned).collect();
            }
            Outcome::Is(availability) => self.own = availability,
            Outcome::LoggedOut | Outcome::Quit => return true,
        }
        false
    }

    /// Shows another conversation.
    pub(super) fn open(&mut self, room: Room) {
        if room == Room::Lobby {
            self.lobby_unread = 0;
        }
        self.unread_from = None;
        if let Room::Peer(peer) = &room {
            let conversation = self.conversations.iter().find(|conversation| conversation.peer == *peer);
            self.unread_from = conversation.filter(|c| c.unread > 0).map(|c| c.read_cseq + 1);
        }
        self.room = room;
        self.shown = PAGE;
        self.stale = true;
    }

    /// All that can be opened, in the order of the list.
    pub(super) fn rooms(&self) -> Vec<Room> {
        let mut rooms = self.folder.rooms(&self.conversations, &self.contacts);
        if !rooms.contains(&self.room) {
            rooms.push(self.room.clone());
        }
        rooms
    }

    /// How one stands to somebody, if in any way.
    pub(super) fn contact(&self, address: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.address == address)
    }

    /// The conversation with somebody, if there is one.
    pub(super) fn conversation(&self, peer: &str) -> Option<&Conversation> {
        self.conversations.iter().find(|conversation| conversation.peer == peer)
    }

    /// How somebody is called.
    pub(super) fn name_of(&self, peer: &str) -> String {
        let called = self.contact(peer).map(Contact::shown_name).filter(|name| *name != peer);
        let shown = self.conversation(peer).map(|conversation| conversation.display_name.as_str());
        called.or(shown.filter(|name| !name.is_empty())).unwrap_or(peer).to_owned()
    }

    /// How many wait in the requests.
    pub(super) fn waiting(&self) -> usize {
        Folder::Requests.rooms(&self.conversations, &self.contacts).len()
    }

    /// What the person should know about the other side before writing to it.
    pub(super) fn banner(&self) -> Option<String> {
        let Room::Peer(peer) = &self.room else { return None };
        let contact = self.contact(peer);
        if contact.is_some_and(|contact| contact.blocked) {
            return Some("blocked: nothing passes between you; /unblock ends it".to_owned());
        }
        if let Some(request) = contact.and_then(|contact| contact.request.as_ref()) {
            let note = if request.note.is_empty() { String::new() } else { format!(" “{}”", request.note) };
            return Some(format!("asks to be a contact:{note}  /accept, /refuse or /block"));
        }
        let strange = self.conversation(peer).is_some_and(|conversation| conversation.request);
        strange.then(|| "a stranger, who is not told that you read this  /accept, /add or /block".to_owned())
    }

    /// Shows the next folder, and what lies first in it.
    pub(super) fn next_folder(&mut self) {
        self.folder = self.folder.next();
        let rooms = self.folder.rooms(&self.conversations, &self.contacts);
        if let Some(first) = rooms.into_iter().next() {
            self.open(first);
        }
    }

    /// The room that lies `step` further in the list.
    pub(super) fn neighbour(&self, step: isize) -> Room {
        let rooms = self.rooms();
        let at = rooms.iter().position(|room| *room == self.room).unwrap_or(0) as isize;
        rooms[(at + step).rem_euclid(rooms.len() as isize) as usize].clone()
    }

    /// The number of the oldest message that is shown; 0: none.
    pub(super) fn oldest(&self) -> u64 {
        self.oldest
    }

    /// Shows more of what is kept; gives whether there was more.
    pub(super) fn show_more(&mut self) -> bool {
        let more = self.entries.len() >= self.shown;
        if more {
            self.shown += PAGE;
            self.stale = true;
        }
        more
    }

    /// Reads what is shown from the store, and tells the server that it was read.
    pub(super) async fn refresh(&mut self, client: &Client) -> Result<bool> {
        self.now_ms = client.now_ms();
        if !std::mem::take(&mut self.stale) {
            return Ok(false);
        }
        self.conversations = client.conversations().await?;
        if std::mem::take(&mut self.people_stale) {
            self.contacts = client.contacts().await?;
        }
        let looked_at: Vec<String> = if let Room::Peer(peer) = &self.room { vec![peer.clone()] } else { Vec::new() };
        client.watch(&looked_at);
        (self.missing_at_end, self.writing) = (false, None);
        match self.room.clone() {
            Room::Lobby => {
                let me = self.me.split('@').next().unwrap_or_default().to_owned();
                self.oldest = self.lobby.keys().next().copied().unwrap_or(0);
                let entry = |message: &v1::LobbyMessage| Entry {
                    after_missing: self.lobby_gaps.contains(&message.cseq),
                    ..lobby_entry(message, &me)
                };
                self.entries = self.lobby.values().map(entry).collect();
            }
            Room::Peer(peer) => {
                let messages = client.messages(&peer, None, self.shown).await?;
                self.oldest = messages.iter().map(|message| message.cseq).find(|cseq| *cseq > 0).unwrap_or(0);
                let conversation = self.conversations.iter().find(|conversation| conversation.peer == peer);
                let name = self.name_of(&peer);
                self.entries = messages.iter().map(|message| peer_entry(message, &name, self.unread_from)).collect();
                let missing = client.missing(&peer).await?;
                let numbers: Vec<u64> = messages.iter().map(|message| message.cseq).collect();
                let (places, at_end) = places_of(&missing, &numbers);
                places.into_iter().for_each(|at| self.entries[at].after_missing = true);
                self.missing_at_end = at_end;
                let id = conversation.map_or(0, |conversation| conversation.conversation_id);
                self.writing = self.writers.contains(&(id, peer.clone())).then(|| name.clone());
                // A stranger is not told that one reads.
                let unread = conversation.filter(|c| c.unread > 0 && !c.request).map(|c| c.last_cseq);
                if let Some(last) = unread {
                    client.mark_read(&peer, last).await?;
                    self.conversations = client.conversations().await?;
                }
            }
        }
        Ok(true)
    }
}

/// Says that somebody has accepted, when that is what has changed.
pub(super) fn accepted(before: &Contact, now: &Contact) -> Option<String> {
    (before.asks && now.is_mutual()).then(|| format!("{} has accepted: you are contacts now", now.shown_name()))
}

/// Says that somebody asks.
pub(super) fn asks_line(address: &str, display_name: &str, note: &str) -> String {
    let name = if display_name.is_empty() { address.to_owned() } else { format!("{display_name} <{address}>") };
    let note = if note.is_empty() { String::new() } else { format!(" “{note}”") };
    format!("{name} asks to be a contact:{note}  /accept {address} or /refuse {address}")
}

fn lobby_entry(message: &v1::LobbyMessage, me: &str) -> Entry {
    Entry {
        at_ms: message.sent_at_ms,
        name: message.name.clone(),
        own: message.name == me,
        text: message.text.clone(),
        delivery: None,
        first_unread: false,
        after_missing: false,
    }
}

fn peer_entry(message: &Message, name: &str, unread_from: Option<u64>) -> Entry {
    Entry {
        at_ms: message.sent_at_ms,
        name: if message.own { "you".to_owned() } else { name.to_owned() },
        own: message.own,
        text: shown(message),
        delivery: message.own.then(|| message.delivery.clone()),
        first_unread: unread_from == Some(message.cseq),
        after_missing: false,
    }
}

/// Before which of the messages with these numbers the missing stretches lie, and whether one lies after the last. What
/// lies above the first shown is said when there is nothing between the two. Number 0: not sent yet.
fn places_of(missing: &[(u64, u64)], numbers: &[u64]) -> (Vec<usize>, bool) {
    let sent = numbers.iter().take_while(|number| **number > 0).count();
    let mut places = Vec::new();
    let mut at_end = false;
    for (first, last) in missing {
        match numbers[..sent].iter().position(|number| number > last) {
            Some(0) if numbers[0] != last + 1 => {}
            Some(at) if places.last() == Some(&at) => {}
            Some(at) => places.push(at),
            None if sent < numbers.len() => places.extend((places.last() != Some(&sent)).then_some(sent)),
            None => at_end |= *first > 0,
        }
    }
    (places, at_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(cseq: u64, text: &str) -> v1::LobbyMessage {
        v1::LobbyMessage { cseq, name: "ben".into(), text: text.into(), ..Default::default() }
    }

    #[test]
    fn the_lobby_is_in_order_and_shows_each_message_once() {
        let mut view = View::new("ann".into(), true, Room::Peer("x@y".into()));
        view.lobby_news(LobbyNews { messages: vec![said(2, "two")], ..LobbyNews::default() });
        view.outcome(Outcome::SaidInLobby { cseq: 3, at_ms: 0, text: "three".into() });
        view.lobby_news(LobbyNews { messages: vec![said(3, "three")], ..LobbyNews::default() });
        view.outcome(Outcome::Fetched { room: Room::Lobby, lobby: vec![said(1, "one")], more: false });
        let texts: Vec<&str> = view.lobby.values().map(|message| message.text.as_str()).collect();
        assert_eq!(texts, ["one", "two", "three"]);
        assert_eq!(view.lobby_unread, 2);
        view.open(Room::Lobby);
        assert_eq!(view.lobby_unread, 0);
    }

    #[test]
    fn missing_messages_are_shown_in_their_place() {
        // 3 to 4 are missing between 2 and 5, 7 behind the last.
        assert_eq!(places_of(&[(3, 4), (7, 7)], &[1, 2, 5, 6]), (vec![2], true));
        assert_eq!(places_of(&[(7, 7)], &[1, 2, 5, 6, 0, 0]), (vec![4], false), "before what is not sent yet");
        assert_eq!(places_of(&[(1, 4)], &[5, 6]), (vec![0], false));
        assert_eq!(places_of(&[(1, 2)], &[5, 6]), (vec![], false), "what lies between is not shown either");
        assert_eq!(places_of(&[(1, 2)], &[]), (vec![], true));
        assert_eq!(places_of(&[(3, 3), (5, 5)], &[2, 6]), (vec![1], false), "4 was deleted here: one mark will do");
        assert_eq!(places_of(&[], &[1, 9]), (vec![], false), "numbers alone say nothing");
    }

    #[test]
    fn who_is_writing_is_known_until_it_is_taken_back() {
        let mut view = View::new("ann@x".into(), false, Room::Peer("ben@x".into()));
        let typing = |active| ClientEvent::Typing { conversation_id: 7, from: "ben@x".into(), active };
        view.event(typing(true));
        assert!(view.writers.contains(&(7, "ben@x".to_owned())));
        view.event(typing(false));
        assert!(view.writers.is_empty());
    }

    #[test]
    fn a_gap_of_the_lobby_is_shown_before_what_comes_after_it() {
        let mut view = View::new("ann".into(), true, Room::Lobby);
        view.lobby_news(LobbyNews { messages: vec![said(2, "two")], ..LobbyNews::default() });
        view.lobby_news(LobbyNews {
            messages: vec![said(9, "nine"), said(10, "ten")],
            gap: true,
            ..LobbyNews::default()
        });
        assert_eq!(view.lobby_gaps.iter().copied().collect::<Vec<_>>(), [9]);
    }

    #[test]
    fn the_neighbours_go_round() {
        let view = View::new("ann@x".into(), false, Room::Peer("new@x".into()));
        assert_eq!(view.neighbour(1), Room::Lobby);
        assert_eq!(view.neighbour(-1), Room::Lobby);
    }
}
