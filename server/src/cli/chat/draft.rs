//! What is being written: kept as a draft for the account's other devices, told to the other side while it is true.
//!
//! The input line and the open conversation come in, again after whatever happens; calls to the client and the drafts of
//! other devices leave. Invariants: a draft of elsewhere takes the place of nothing that was typed here and not kept yet;
//! a command is neither a draft nor writing.

use std::time::Duration;

use anyhow::Result;
use belfry_client::{Client, ClientEvent};
use tokio::time::Instant;

use super::act::Room;
use super::editor::Editor;

/// A draft is kept when nothing was typed for so long.
const KEEP_AFTER: Duration = Duration::from_secs(2);

/// When a person leaves, the server gets so long to take the draft; else the next start brings it.
const LEAVE_WAIT: Duration = Duration::from_secs(2);

/// How often it is looked whether it has.
const LEAVE_LOOK: Duration = Duration::from_millis(20);

/// The draft of the open conversation.
#[derive(Debug, Default)]
pub(super) struct Drafting {
    /// Whose line it is; `None`: none was opened yet.
    room: Option<Room>,
    /// The line when it was last looked at.
    seen: String,
    /// When it last changed, while that is not kept.
    changed: Option<Instant>,
    /// The draft may be another one at the server.
    elsewhere: bool,
    /// What stood in the lobby's line when it was left; the lobby has no drafts.
    lobby: String,
}

/// What of a line is a draft.
fn draft_of(line: &str) -> &str {
    if line.starts_with('/') && !line.starts_with("//") { "" } else { line }
}

impl Drafting {
    /// Takes an event.
    pub(super) fn event(&mut self, event: &ClientEvent) {
        self.elsewhere |= matches!(event, ClientEvent::SettingsChanged(_) | ClientEvent::Reset);
    }

    /// The line went out as a message or a command.
    pub(super) fn sent(&mut self) {
        self.seen.clear();
        self.changed = Some(Instant::now());
    }

    /// Looks at the line of the open conversation.
    pub(super) async fn follow(
        &mut self,
        client: &Client,
        room: &Room,
        editor: &mut Editor,
        now: Instant,
    ) -> Result<()> {
        if self.room.as_ref() != Some(room) {
            self.keep(client, editor.text()).await?;
            self.seen = match room {
                Room::Lobby => self.lobby.clone(),
                Room::Peer(peer) => client.draft(peer).await?,
            };
            // What was typed before any conversation was there is not thrown away.
            if self.room.replace(room.clone()).is_some() || !self.seen.is_empty() {
                editor.put(&self.seen);
            }
            (self.changed, self.elsewhere) = (None, false);
        }
        let Room::Peer(peer) = room else { return Ok(()) };
        if editor.text() != self.seen {
            self.seen = editor.text().to_owned();
            self.changed = Some(now);
            match draft_of(&self.seen) {
                "" => client.stopped_writing(peer),
                _ => client.is_writing(peer),
            }
        }
        let due = self.changed.is_some_and(|at| self.seen.is_empty() || now.duration_since(at) >= KEEP_AFTER);
        if due {
            self.changed = None;
            client.set_draft(peer, draft_of(&self.seen)).await?;
        }
        if std::mem::take(&mut self.elsewhere) && self.changed.is_none() && draft_of(&self.seen) == self.seen {
            let draft = client.draft(peer).await?;
            if draft != self.seen {
                editor.put(&draft);
                self.seen = editor.text().to_owned();
            }
        }
        Ok(())
    }

    /// Keeps the line of the conversation that is being left.
    async fn keep(&mut self, client: &Client, line: &str) -> Result<()> {
        match &self.room {
            Some(Room::Peer(peer)) => {
                client.stopped_writing(peer);
                client.set_draft(peer, draft_of(line)).await?;
            }
            Some(Room::Lobby) => self.lobby = draft_of(line).to_owned(),
            None => {}
        }
        Ok(())
    }

    /// The person leaves the chat.
    pub(super) async fn leave(&mut self, client: &Client, editor: &Editor) -> Result<()> {
        self.keep(client, editor.text()).await?;
        let until = Instant::now() + LEAVE_WAIT;
        while client.link().is_some() && !client.drafts_told().await? && Instant::now() < until {
            tokio::time::sleep(LEAVE_LOOK).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use belfry_client::{ClientConfig, ServerAddress};

    use super::*;

    fn peer(name: &str) -> Room {
        Room::Peer(format!("{name}@x"))
    }

    async fn offline() -> Client {
        let nowhere = ServerAddress::noise("127.0.0.1", 1);
        Client::open(ClientConfig::new(vec![nowhere])).await.expect("memory has room").0
    }

    #[tokio::test]
    async fn a_line_is_kept_after_a_while_and_stands_there_when_its_conversation_is_opened_again() {
        let (client, mut editor, mut drafting, now) =
            (offline().await, Editor::default(), Drafting::default(), Instant::now());
        let follow = async |drafting: &mut Drafting, room: &Room, editor: &mut Editor, after: u64| {
            drafting.follow(&client, room, editor, now + Duration::from_millis(after)).await.expect("followed");
        };
        follow(&mut drafting, &peer("ben"), &mut editor, 0).await;
        editor.insert("dear B");
        follow(&mut drafting, &peer("ben"), &mut editor, 0).await;
        follow(&mut drafting, &peer("ben"), &mut editor, 1_999).await;
        assert_eq!(client.draft("ben@x").await.expect("read"), "", "not for each key");
        follow(&mut drafting, &peer("ben"), &mut editor, 2_000).await;
        assert_eq!(client.draft("ben@x").await.expect("read"), "dear B");
        editor.insert("en");
        follow(&mut drafting, &peer("cleo"), &mut editor, 2_001).await;
        assert_eq!((editor.text(), client.draft("ben@x").await.expect("read").as_str()), ("", "dear Ben"));
        editor.insert("/msg");
        follow(&mut drafting, &peer("ben"), &mut editor, 9_000).await;
        assert_eq!(editor.text(), "dear Ben");
        assert_eq!(client.draft("cleo@x").await.expect("read"), "", "a command is no draft");
        // It was sent.
        editor.put("");
        drafting.sent();
        follow(&mut drafting, &peer("ben"), &mut editor, 9_001).await;
        assert_eq!(client.draft("ben@x").await.expect("read"), "");
    }

    #[tokio::test]
    async fn a_draft_of_another_device_is_shown_unless_something_is_being_typed_here() {
        let (client, mut editor, mut drafting, now) =
            (offline().await, Editor::default(), Drafting::default(), Instant::now());
        let changed = ClientEvent::SettingsChanged(belfry_client::v1::ConversationSettings::default());
        drafting.follow(&client, &peer("ben"), &mut editor, now).await.expect("followed");
        client.set_draft("ben@x", "from the phone").await.expect("kept");
        drafting.event(&changed);
        drafting.follow(&client, &peer("ben"), &mut editor, now).await.expect("followed");
        assert_eq!(editor.text(), "from the phone");
        editor.insert("!");
        client.set_draft("ben@x", "from the tablet").await.expect("kept");
        drafting.event(&changed);
        drafting.follow(&client, &peer("ben"), &mut editor, now).await.expect("followed");
        assert_eq!(editor.text(), "from the phone!");
        drafting.follow(&client, &peer("ben"), &mut editor, now + KEEP_AFTER).await.expect("followed");
        assert_eq!(client.draft("ben@x").await.expect("read"), "from the phone!", "the latest of two wins");
    }
}
