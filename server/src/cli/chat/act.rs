//! Carrying out what was typed, one line after the other, beside whatever shows the chat.
//!
//! Typed lines come in by a queue, outcomes leave by another; both the full screen and the plain lines use it, so a
//! command means the same in both. Invariant: lines take effect in the order in which they were typed.

use belfry_client::v1::Availability;
use belfry_client::{Client, ClientError};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::command::{HELP, Line, understand};
use super::people::{self, People};
use super::{later, link, when};

/// Messages that /history fetches at once.
const HISTORY: u32 = 50;

/// Lines that may wait to be carried out.
const TYPED_MAX: usize = 256;

/// Which conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Room {
    /// The lobby.
    Lobby,
    /// The one with this address.
    Peer(String),
}

/// What came of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// For the person, not for the conversation.
    Note(Vec<String>),
    /// It could not be done.
    Trouble(String),
    /// Show this conversation.
    Show(Room),
    /// Something was written into it.
    Written(Room),
    /// Said in the lobby, under this number.
    SaidInLobby { cseq: u64, at_ms: u64, text: String },
    /// Older messages were fetched; there are more.
    Fetched { room: Room, lobby: Vec<belfry_client::v1::LobbyMessage>, more: bool },
    /// The contacts, as lines.
    People(Vec<String>),
    /// Who asks and which strangers have written, as lines.
    Requests(Vec<String>),
    /// Words with a QR code.
    Code { lines: Vec<String>, code: String },
    /// So the person is there now.
    Is(Availability),
    /// The device has left its account.
    LoggedOut,
    /// Leave.
    Quit,
}

/// The way in and out of the worker.
pub(super) struct Worker {
    typed: mpsc::Sender<(Room, String, u64)>,
    outcomes: mpsc::Receiver<Outcome>,
}

impl Worker {
    /// Starts a worker for a client; `guest` is the name of one.
    pub(super) fn start(client: Client, guest: Option<String>) -> Worker {
        let (typed, mut lines) = mpsc::channel::<(Room, String, u64)>(TYPED_MAX);
        let (told, outcomes) = mpsc::channel(TYPED_MAX);
        TaskTracker::new().spawn(async move {
            let mut guest = guest;
            let mut asked = None;
            while let Some((room, line, oldest)) = lines.recv().await {
                for outcome in carry_out(&client, &mut guest, &mut asked, room, &line, oldest).await {
                    if told.send(outcome).await.is_err() {
                        return;
                    }
                }
            }
        });
        Worker { typed, outcomes }
    }

    /// Hands over a line that was typed in a room whose oldest shown message is `oldest`.
    pub(super) async fn type_line(&self, room: Room, line: String, oldest: u64) {
        // The worker ends only with this handle.
        drop(self.typed.send((room, line, oldest)).await);
    }

    /// The next outcome. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Outcome> {
        self.outcomes.recv().await
    }

    /// Lets the worker finish what it has; then [`Worker::next`] gives `None`.
    pub(super) fn finish(&mut self) {
        self.typed = mpsc::channel(1).0;
    }
}

async fn carry_out(
    client: &Client,
    guest: &mut Option<String>,
    asked: &mut Option<String>,
    room: Room,
    line: &str,
    oldest: u64,
) -> Vec<Outcome> {
    let line = understand(line);
    let done = match line {
        Line::Link(_) | Line::Answer(_) | Line::Rename(..) if guest.is_some() => Err(ClientError::NoAccount),
        Line::Answer(accept) if asked.is_none() => {
            people::carry_out(client, &room, People::Answer { address: String::new(), accept }).await
        }
        Line::Link(_) | Line::Answer(_) => link::answer(client, asked, line).await,
        line => try_carry_out(client, guest, room, line, oldest).await,
    };
    match done {
        Ok(outcomes) => outcomes,
        Err(ClientError::NoAccount) => vec![Outcome::Trouble(NO_ACCOUNT.to_owned())],
        Err(error) => vec![Outcome::Trouble(error.to_string())],
    }
}

const NO_ACCOUNT: &str = "a guest can only talk in the lobby: log in with `belfry chat --as NAME@DOMAIN`";

async fn try_carry_out(
    client: &Client,
    guest: &mut Option<String>,
    room: Room,
    line: Line,
    oldest: u64,
) -> Result<Vec<Outcome>, ClientError> {
    let needs_account = matches!(
        line,
        Line::Message(..)
            | Line::Open(_)
            | Line::Later(_)
            | Line::People(_)
            | Line::Devices
            | Line::Revoke(_)
            | Line::Logout
            | Line::List
    );
    if guest.is_some() && needs_account {
        return Err(ClientError::NoAccount);
    }
    Ok(match line {
        Line::Nothing => Vec::new(),
        Line::Wrong(why) => vec![Outcome::Trouble(why)],
        Line::Help(topic) => {
            let commands = match topic.as_str() {
                "messages" => later::HELP,
                "people" => people::HELP,
                _ => HELP,
            };
            vec![Outcome::Note(commands.iter().map(|(command, what)| format!("{command:<20} {what}")).collect())]
        }
        Line::Quit => vec![Outcome::Quit],
        Line::Say(text) => match room {
            Room::Lobby => {
                let reply = client.lobby_send(&text).await?;
                vec![Outcome::SaidInLobby { cseq: reply.cseq, at_ms: reply.sent_at_ms, text }]
            }
            Room::Peer(peer) => {
                client.send(&peer, &text).await?;
                vec![Outcome::Written(Room::Peer(peer))]
            }
        },
        Line::Message(address, text) => {
            client.send(&address, &text).await?;
            vec![Outcome::Written(Room::Peer(address.clone())), Outcome::Show(Room::Peer(address))]
        }
        Line::Open(address) => match client.exists(&address).await {
            Ok(false) => vec![Outcome::Trouble(format!("{address} cannot be written to"))],
            // Offline it is not known: what is written waits in the outbox.
            Ok(true) | Err(_) => vec![Outcome::Show(Room::Peer(address))],
        },
        Line::Lobby => vec![Outcome::Show(Room::Lobby)],
        Line::List => {
            let conversations = client.conversations().await?;
            let line = |c: belfry_client::Conversation| format!("{:<32} {:>4} unread", c.peer, c.unread);
            vec![Outcome::Note(conversations.into_iter().map(line).collect())]
        }
        Line::Who => vec![], // what is shown of the lobby knows it
        Line::Devices => {
            let devices = client.devices().await?;
            vec![Outcome::Note(devices.iter().map(device_line).collect())]
        }
        Line::Revoke(number) => {
            client.revoke(number).await?;
            vec![Outcome::Note(vec![format!("device {number} is cut off")])]
        }
        Line::Rename(number, name) => {
            client.rename_device(number, &name).await?;
            vec![Outcome::Note(vec![format!("device {number} is called {name} now")])]
        }
        Line::Link(_) | Line::Answer(_) => Vec::new(), // asked and answered elsewhere
        Line::History => history(client, room, oldest).await?,
        Line::Name(name) if guest.is_some() => {
            client.lobby_leave().await?;
            let before = guest.replace(name.clone());
            if let Err(error) = client.lobby_join(Some(&name)).await {
                client.lobby_join(before.as_deref()).await?;
                *guest = before;
                return Err(error);
            }
            vec![Outcome::Note(vec![format!("you are {name} now")])]
        }
        Line::Name(name) => {
            client.set_display_name(&name).await?;
            vec![Outcome::Note(vec![format!("others see {name} now")])]
        }
        Line::Retry => {
            client.try_now();
            Vec::new()
        }
        Line::Later(later) => later::carry_out(client, &room, later).await?,
        Line::People(people) => people::carry_out(client, &room, people).await?,
        Line::Logout => {
            client.logout().await?;
            vec![Outcome::LoggedOut]
        }
    })
}

async fn history(client: &Client, room: Room, oldest: u64) -> Result<Vec<Outcome>, ClientError> {
    Ok(match &room {
        Room::Lobby => {
            let (lobby, more) = client.lobby_history(oldest, HISTORY).await?;
            vec![Outcome::Fetched { room, lobby, more }]
        }
        Room::Peer(peer) => {
            let before = (oldest > 0).then_some(oldest);
            let (_, more) = client.history(peer, before, HISTORY).await?;
            vec![Outcome::Fetched { room, lobby: Vec::new(), more }]
        }
    })
}

fn device_line(device: &belfry_client::v1::Device) -> String {
    let mut about = Vec::new();
    about.extend(device.current.then_some("this one"));
    about.extend(device.primary.then_some("primary"));
    about.extend(device.online.then_some("online"));
    let seen = format!("seen {} {}", when::day(device.last_seen_at_ms), when::clock(device.last_seen_at_ms));
    let name = match device.platform.as_str() {
        "" => device.name.clone(),
        platform => format!("{} ({platform})", device.name),
    };
    format!("{:>4}  {name:<28} {seen}  {}", device.device_id, about.join(", "))
}
