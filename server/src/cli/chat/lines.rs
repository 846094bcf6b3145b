//! The chat as plain lines, for pipes and scripts: a typed line goes in, `HH:MM name: text` comes out.
//!
//! Words to the person go to standard error, so that standard output has messages only; with `--json` it has one object
//! for each event. Control characters in messages are left out.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use belfry_client::v1::Availability;
use belfry_client::{Client, ClientEvent, Contact, Delivery, LobbyNews, Message};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::act::{Outcome, Room, Worker};
use super::editor::graphemes;
use super::present::word;
use super::start::{Started, ended};
use super::view::{accepted, asks_line};
use super::{link, when};
use crate::exit::{Exit, Fail};

/// After the end of the input, the outbox gets this long to become empty.
const OUTBOX_WAIT: Duration = Duration::from_secs(30);

/// How often the outbox is looked at then.
const OUTBOX_LOOK: Duration = Duration::from_millis(50);

struct Lines {
    client: Client,
    me: String,
    room: Room,
    json: bool,
    participants: Vec<String>,
    /// The oldest message of the lobby that was seen.
    lobby_oldest: u64,
    /// Those who were asked and have not answered yet.
    asked: BTreeMap<String, Contact>,
}

/// Runs until the input ends and everything is sent, or for ever with `follow`.
pub(super) async fn run(started: Started, json: bool, follow: bool) -> Result<ExitCode> {
    let Started { client, mut events, me, guest, to, lobby, place } = started;
    let address = me.clone();
    let room = to.map_or(Room::Lobby, Room::Peer);
    let asked = client.contacts().await?.into_iter().filter(|contact| contact.asks);
    let asked = asked.map(|contact| (contact.address.clone(), contact)).collect();
    let participants = Vec::new();
    let mut lines = Lines { client: client.clone(), me, room, json, participants, lobby_oldest: 0, asked };
    let mut worker = Worker::start(client.clone(), guest.then(|| address.clone()));
    if let Some(news) = lobby {
        lines.lobby(news)?;
    } else if lines.room == Room::Lobby {
        let news = client.lobby_join(None).await?;
        lines.lobby(news)?;
    }
    let mut typed = read_input();
    let (mut reading, mut working) = (true, true);
    let mut look = tokio::time::interval(OUTBOX_LOOK);
    let mut give_up = None;
    loop {
        tokio::select! {
            line = typed.recv(), if reading => match line {
                Some(line) if line.trim() == "/who" => lines.note(&lines.participants.join(", ")),
                Some(line) => worker.type_line(lines.room.clone(), line, lines.lobby_oldest).await,
                None => {
                    reading = false;
                    worker.finish();
                    give_up = Some(tokio::time::Instant::now() + OUTBOX_WAIT);
                }
            },
            outcome = worker.next(), if working => match outcome {
                None => working = false,
                Some(Outcome::LoggedOut) => {
                    client.close().await;
                    drop(lines);
                    place.forget(&address)?;
                    return Ok(ExitCode::SUCCESS);
                }
                Some(Outcome::Quit) => break,
                Some(outcome) => lines.outcome(outcome)?,
            },
            event = events.next() => match event {
                Some(ClientEvent::Ended(end)) => return Err(ended(&end)),
                Some(event) => lines.event(event).await?,
                None => break,
            },
            _ = look.tick(), if !reading && !working && !follow => {
                let waiting = client.outbox_len().await?;
                if waiting == 0 {
                    break;
                }
                if give_up.is_some_and(|at| tokio::time::Instant::now() >= at) {
                    client.close().await;
                    let text = format!("{waiting} messages wait in the outbox; the next `belfry chat` sends them");
                    return Err(Fail::new(Exit::Unavailable, text).into());
                }
            }
        }
    }
    client.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Standard input cannot be waited for without a thread; this one ends with the process.
fn read_input() -> mpsc::Receiver<String> {
    let (typed, lines) = mpsc::channel(64);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if typed.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}

impl Lines {
    async fn event(&mut self, event: ClientEvent) -> Result<()> {
        if self.json
            && let Some(value) = as_json(&event)
        {
            return print(&value.to_string());
        }
        match event {
            ClientEvent::Connected { who, server, .. } => {
                self.note(&format!("connected to {server} as {who}"));
                self.me = who;
            }
            ClientEvent::Disconnected { reason, retry_in, .. } => {
                self.note(&format!("{reason}; next try in {:.1} s", retry_in.as_secs_f32()));
            }
            ClientEvent::Message(message) => self.message(message).await?,
            ClientEvent::MessageState { peer, delivery: Delivery::Failed(why), .. } => {
                self.note(&format!("not sent to {peer}: {why}"));
            }
            ClientEvent::LobbyUpdate(news) => self.lobby(news)?,
            ClientEvent::Reset => self.note("the server's history began anew"),
            ClientEvent::ContactRequest { address, display_name, note, .. } => {
                self.note(&asks_line(&address, &display_name, &note));
            }
            ClientEvent::ContactChanged(contact) => {
                let before = self.asked.remove(&contact.address);
                if let Some(text) = before.and_then(|before| accepted(&before, &contact)) {
                    self.note(&text);
                }
                if contact.asks {
                    self.asked.insert(contact.address.clone(), contact);
                }
            }
            ClientEvent::Missing { peer, .. } => {
                self.note(&format!("messages with {peer} are missing: the server keeps them no longer"));
            }
            _ => {}
        }
        Ok(())
    }

    async fn message(&self, message: Message) -> Result<()> {
        let name = match message.own {
            true => self.me.clone(),
            false => {
                let conversations = self.client.conversations().await?;
                let name = conversations.into_iter().find(|c| c.peer == message.peer).map(|c| c.display_name);
                name.filter(|name| !name.is_empty()).unwrap_or_else(|| message.peer.clone())
            }
        };
        print(&line(message.sent_at_ms, &name, message.text()))?;
        if !message.own {
            self.client.mark_read(&message.peer, message.cseq).await?; // printed is read
        }
        Ok(())
    }

    fn lobby(&mut self, news: LobbyNews) -> Result<()> {
        if let Some(participants) = &news.participants {
            self.participants = participants.iter().map(|participant| participant.name.clone()).collect();
        }
        if let (0, Some(first)) = (self.lobby_oldest, news.messages.first()) {
            self.lobby_oldest = first.cseq;
        }
        if self.json {
            return print(&lobby_json(&news).to_string());
        }
        let me = self.me.split('@').next().unwrap_or_default();
        for message in news.messages.iter().filter(|message| message.name != me) {
            print(&line(message.sent_at_ms, &message.name, &message.text))?;
        }
        Ok(())
    }

    fn outcome(&mut self, outcome: Outcome) -> Result<()> {
        match outcome {
            Outcome::Note(notes) | Outcome::People(notes) | Outcome::Requests(notes) => {
                notes.iter().for_each(|note| self.note(note));
            }
            Outcome::Code { lines, code } => {
                link::print(&code);
                lines.iter().for_each(|line| self.note(line));
            }
            Outcome::Is(Availability::Offline) => self.note("you are not to be seen now"),
            Outcome::Is(availability) => self.note(&format!("you are {} now", word(availability))),
            Outcome::Trouble(why) => self.note(&why),
            Outcome::Show(room) => self.room = room,
            Outcome::Fetched { lobby, more, .. } => {
                if let Some(first) = lobby.first() {
                    self.lobby_oldest = first.cseq;
                }
                for message in lobby {
                    print(&line(message.sent_at_ms, &message.name, &message.text))?;
                }
                if !more {
                    self.note("this is the beginning");
                }
            }
            Outcome::Written(_) | Outcome::SaidInLobby { .. } | Outcome::LoggedOut | Outcome::Quit => {}
        }
        Ok(())
    }

    fn note(&self, text: &str) {
        eprintln!("-- {}", clean(text));
    }
}

fn clean(text: &str) -> String {
    graphemes(text).concat()
}

/// One message is one line, whatever is in it.
fn line(at_ms: u64, name: &str, text: &str) -> String {
    format!("{} {}: {}", when::clock(at_ms), clean(name), clean(&text.replace('\n', " ")))
}

/// Each line leaves at once: a script waits for it.
fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn lobby_json(news: &LobbyNews) -> Value {
    let messages: Vec<Value> = news
        .messages
        .iter()
        .map(|m| json!({ "cseq": m.cseq, "name": m.name, "account": m.account, "text": m.text, "sent_at_ms": m.sent_at_ms }))
        .collect();
    let names = news.participants.as_ref().map(|all| all.iter().map(|p| p.name.as_str()).collect::<Vec<_>>());
    json!({ "event": "lobby", "messages": messages, "participants": names, "gap": news.gap })
}

fn delivery_word(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Waiting => "waiting",
        Delivery::Sent => "sent",
        Delivery::Delivered => "delivered",
        Delivery::Read => "read",
        Delivery::Failed(_) => "failed",
    }
}

/// `None`: printed elsewhere.
fn as_json(event: &ClientEvent) -> Option<Value> {
    Some(match event {
        ClientEvent::Connected { who, server, guest } => {
            json!({ "event": "connected", "who": who, "server": server, "guest": guest })
        }
        ClientEvent::Disconnected { reason, retry_in, .. } => {
            json!({ "event": "disconnected", "reason": reason, "retry_in_ms": retry_in.as_millis() as u64 })
        }
        ClientEvent::Message(m) => json!({
            "event": "message", "conversation_id": m.conversation_id.to_string(), "cseq": m.cseq, "peer": m.peer,
            "from": m.from, "own": m.own, "text": m.text(), "sent_at_ms": m.sent_at_ms,
        }),
        ClientEvent::MessageState { client_message_id, peer, cseq, delivery } => {
            let why = if let Delivery::Failed(why) = delivery { Some(why) } else { None };
            json!({
                "event": "state", "client_message_id": client_message_id, "peer": peer, "cseq": cseq,
                "state": delivery_word(delivery), "why": why,
            })
        }
        ClientEvent::ReceiptChanged { conversation_id, peer, delivered_cseq, read_cseq } => json!({
            "event": "receipt", "conversation_id": conversation_id.to_string(), "peer": peer,
            "delivered_cseq": delivered_cseq, "read_cseq": read_cseq,
        }),
        ClientEvent::MarkChanged { conversation_id, read_cseq } => {
            json!({ "event": "mark", "conversation_id": conversation_id.to_string(), "read_cseq": read_cseq })
        }
        ClientEvent::ProfileChanged(profile) => json!({
            "event": "profile", "address": profile.address, "display_name": profile.display_name,
            "about": profile.about, "picture_id": profile.picture_id,
        }),
        ClientEvent::ContactChanged(c) => json!({
            "event": "contact", "address": c.address, "name": c.name, "display_name": c.display_name,
            "labels": c.labels, "listed": c.listed, "to": c.to, "from": c.from, "asks": c.asks,
            "approved": c.approved, "blocked": c.blocked, "note": c.request.as_ref().map(|request| &request.note),
        }),
        ClientEvent::ContactRequest { address, display_name, note, asked_at_ms } => json!({
            "event": "contact_request", "address": address, "display_name": display_name, "note": note,
            "asked_at_ms": asked_at_ms,
        }),
        ClientEvent::PresenceChanged(presence) => json!({
            "event": "presence", "address": presence.address, "availability": word(presence.availability()),
            "status": presence.status, "last_seen_at_ms": presence.last_seen_at_ms,
        }),
        ClientEvent::PresencesUnknown => json!({ "event": "presences_unknown" }),
        ClientEvent::MessageChanged { conversation_id, cseq } => {
            json!({ "event": "changed", "conversation_id": conversation_id.to_string(), "cseq": cseq })
        }
        ClientEvent::SettingsChanged(settings) => json!({ "event": "settings", "settings": settings }),
        ClientEvent::Typing { conversation_id, from, active } => json!({
            "event": "typing", "conversation_id": conversation_id.to_string(), "from": from, "active": active,
        }),
        ClientEvent::Missing { conversation_id, peer, first_cseq, last_cseq } => json!({
            "event": "missing", "conversation_id": conversation_id.to_string(), "peer": peer,
            "first_cseq": first_cseq, "last_cseq": last_cseq,
        }),
        ClientEvent::Reset => json!({ "event": "reset" }),
        ClientEvent::CaughtUp => json!({ "event": "caught_up" }),
        ClientEvent::DevicesChanged => json!({ "event": "devices_changed" }),
        ClientEvent::LobbyUpdate(_) | ClientEvent::Ended(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_without_escapes() {
        assert!(line(0, "Ann\x1b", "a\nb\x07").ends_with(" Ann: a b"));
    }
}
