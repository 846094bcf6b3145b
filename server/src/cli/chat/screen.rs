//! The full-screen chat: keys and events change the state, the state is drawn.
//!
//! Invariant: the terminal is put back in order however this ends, by return, error or panic.

use std::io::stdout;
use std::process::ExitCode;

use anyhow::Result;
use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::execute;
use futures_util::StreamExt;
use tokio::time::Instant;

use super::act::{Room, Worker};
use super::draft::Drafting;
use super::draw::{self, Look, TICK};
use super::editor::{Editor, Typed};
use super::start::Started;
use super::view::{Link, View};

/// Puts the terminal back in order when it goes, also while a panic unwinds.
struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        // There is nobody left to tell if the terminal is gone.
        drop(execute!(stdout(), DisableBracketedPaste));
        ratatui::restore();
    }
}

/// Runs until the person leaves.
pub(super) async fn run(started: Started) -> Result<ExitCode> {
    let Started { client, mut events, me, guest, to, lobby, place } = started;
    let address = me.clone();
    let mut view = View::new(me, guest, to.map_or(Room::Lobby, Room::Peer));
    if let Some(news) = lobby {
        view.lobby_news(news);
    }
    let mut worker = Worker::start(client.clone(), guest.then(|| address.clone()));
    let mut joining = Box::pin(join_lobby(client.clone(), guest));
    let mut joined = guest;
    let mut terminal = ratatui::try_init()?;
    let restore = Restore;
    execute!(stdout(), EnableBracketedPaste)?;
    let mut keys = EventStream::new();
    let mut clock = tokio::time::interval(TICK);
    let (mut editor, mut scroll, look) = (Editor::default(), 0_usize, Look::from_environment());
    let mut drafting = Drafting::default();
    let mut logged_out = false;
    loop {
        drafting.follow(&client, &view.room, &mut editor, Instant::now()).await?;
        view.refresh(&client).await?;
        let mut limits = (0, 0);
        terminal.draw(|frame| limits = draw::draw(frame, &view, &editor, scroll, look))?;
        let (scroll_max, page) = limits;
        scroll = scroll.min(scroll_max);
        tokio::select! {
            event = events.next() => match event {
                Some(event) => {
                    drafting.event(&event);
                    view.event(event);
                }
                None => if !matches!(view.link, Link::Ended(_)) { break },
            },
            outcome = worker.next() => if let Some(outcome) = outcome {
                logged_out |= outcome == super::act::Outcome::LoggedOut;
                if view.outcome(outcome) {
                    break;
                }
            },
            news = &mut joining, if !joined => {
                joined = true;
                match news {
                    Ok(Some(news)) => view.lobby_news(news),
                    Ok(None) => {}
                    Err(error) => view.notes = vec![format!("not in the lobby: {error}")],
                }
            }
            _ = clock.tick() => {}
            key = keys.next() => match key {
                Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
                    view.notes.clear();
                    view.code.clear();
                    match act_on(key, &mut view, &mut editor, &mut scroll, page, scroll_max) {
                        Act::Nothing => {}
                        Act::Leave => break,
                        Act::Line(line) => {
                            scroll = 0;
                            drafting.sent();
                            worker.type_line(view.room.clone(), line, view.oldest()).await;
                        }
                    }
                }
                Some(Ok(Event::Paste(text))) => editor.insert(&text),
                Some(Ok(_)) => {} // a resize is seen by the next drawing
                Some(Err(error)) => return Err(error.into()),
                None => break,
            },
        }
        if let Link::Ended(_) = view.link
            && client.stopped().is_cancelled()
        {
            break;
        }
    }
    drop(restore);
    let ended = match &view.link {
        Link::Ended(why) if !logged_out => Some(why.clone()),
        _ => None,
    };
    if !logged_out && ended.is_none() {
        drafting.leave(&client, &editor).await?;
    }
    leave(&client).await;
    if logged_out {
        drop(client);
        place.forget(&address)?;
        eprintln!("Logged out.");
    }
    match ended {
        Some(why) => Err(anyhow::anyhow!(why)),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// An account is in the lobby under its own name; that it cannot be is no reason not to chat.
async fn join_lobby(client: belfry_client::Client, guest: bool) -> Result<Option<belfry_client::LobbyNews>> {
    if guest { Ok(None) } else { Ok(Some(client.lobby_join(None).await?)) }
}

async fn leave(client: &belfry_client::Client) {
    let waiting = client.outbox_len().await.unwrap_or(0);
    client.close().await;
    if waiting > 0 {
        eprintln!("{waiting} messages wait in the outbox; the next `belfry chat` sends them.");
    }
}

enum Act {
    Nothing,
    Line(String),
    Leave,
}

fn act_on(
    key: KeyEvent,
    view: &mut View,
    editor: &mut Editor,
    scroll: &mut usize,
    page: usize,
    scroll_max: usize,
) -> Act {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let step = page.saturating_sub(2).max(1);
    match key.code {
        KeyCode::Char('c') if control => return Act::Leave,
        KeyCode::Char('d') if control && editor.is_empty() => return Act::Leave,
        KeyCode::PageUp => {
            if *scroll >= scroll_max && !view.show_more() {
                return Act::Line("/history".to_owned());
            }
            *scroll = (*scroll + step).min(scroll_max + step);
        }
        KeyCode::PageDown => *scroll = scroll.saturating_sub(step),
        KeyCode::End if editor.is_empty() => *scroll = 0,
        KeyCode::Tab | KeyCode::Down if key.code == KeyCode::Tab || alt => {
            view.open(view.neighbour(1));
            *scroll = 0;
        }
        KeyCode::BackTab | KeyCode::Up if key.code == KeyCode::BackTab || alt => {
            view.open(view.neighbour(-1));
            *scroll = 0;
        }
        KeyCode::F(2) => view.next_folder(),
        KeyCode::Char('g') if control => view.next_folder(),
        KeyCode::Char('n') if control => view.open(view.neighbour(1)),
        KeyCode::Char('p') if control => view.open(view.neighbour(-1)),
        _ => {
            if let Typed::Line(line) = editor.key(key) {
                return match line.trim() {
                    "/who" => {
                        let names = view.participants.iter().map(|participant| participant.name.clone());
                        view.notes = names.collect();
                        Act::Nothing
                    }
                    "" => Act::Nothing,
                    _ => Act::Line(line),
                };
            }
        }
    }
    Act::Nothing
}
