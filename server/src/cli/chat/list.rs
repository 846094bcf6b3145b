//! The list at the left: three folders, and what lies in the open one with marks and what is unread.
//!
//! A [`View`] comes in, rows leave. Invariant: the open conversation is among the rows that are shown, however long the
//! list is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

use super::act::Room;
use super::draw::{DIM, Look, fit};
use super::editor::width;
use super::folder::{Folder, asks};
use super::present::mark;
use super::view::View;

/// Draws the list.
pub(super) fn draw(frame: &mut Frame<'_>, view: &View, area: Rect, look: Look) {
    let block = Block::new().borders(Borders::RIGHT).border_style(DIM);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let [tabs, body] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    frame.render_widget(tabs_line(view, look), tabs);
    let (rooms, height) = (view.rooms(), usize::from(body.height));
    let open = rooms.iter().position(|room| *room == view.room).unwrap_or(0);
    let first = (open + 1).saturating_sub(height.max(1)).min(rooms.len().saturating_sub(height));
    let columns = usize::from(body.width);
    let rooms = rooms.iter().skip(first).take(height);
    let mut lines: Vec<Line<'_>> = rooms.map(|room| line(view, room, columns, look)).collect();
    if lines.is_empty() {
        lines.push(Line::styled(fit(empty(view.folder), columns), DIM));
    }
    frame.render_widget(Paragraph::new(lines), body);
}

fn empty(folder: Folder) -> &'static str {
    match folder {
        Folder::Chats => "",
        Folder::People => " nobody yet: /add ADDRESS",
        Folder::Requests => " nobody asks",
    }
}

fn tabs_line(view: &View, look: Look) -> Line<'static> {
    let waiting = view.waiting();
    let mut spans = Vec::new();
    for folder in Folder::ALL {
        let style = if folder == view.folder { Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED) } else { DIM };
        spans.push(Span::raw(" "));
        spans.push(Span::styled(folder.name(), style));
        if folder == Folder::Requests && waiting > 0 {
            let style = look.color(Color::Green).add_modifier(Modifier::BOLD);
            spans.push(Span::styled(format!(" {waiting}"), style));
        }
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

fn line(view: &View, room: &Room, columns: usize, look: Look) -> Line<'static> {
    let (sign, sign_style, name, unread) = match room {
        Room::Lobby => ("#", DIM, format!("lobby ({})", view.participants.len()), view.lobby_unread as u64),
        Room::Peer(peer) => {
            let contact = view.contact(peer);
            let (sign, style) = match contact {
                Some(contact) if contact.blocked => ("⊘", DIM),
                Some(contact) if asks(contact) => ("?", look.color(Color::Green).add_modifier(Modifier::BOLD)),
                _ => {
                    let (sign, color) = mark(view.presences.of(peer, contact));
                    (sign, if color == Color::Reset { DIM } else { look.color(color) })
                }
            };
            let unread = view.conversation(peer).map_or(0, |conversation| conversation.unread);
            (sign, style, view.name_of(peer), unread)
        }
    };
    let badge = if unread > 0 { format!(" {unread} ") } else { String::new() };
    let name = fit(&name, columns.saturating_sub(width(&badge) + 4));
    let space = " ".repeat(columns.saturating_sub(width(&name) + width(&badge) + 3));
    let mut style = Style::new();
    if unread > 0 {
        style = style.add_modifier(Modifier::BOLD);
    }
    if *room == view.room {
        style = style.add_modifier(Modifier::REVERSED);
    }
    let badge_style = look.color(Color::Green).add_modifier(Modifier::BOLD);
    Line::from(vec![
        Span::raw(" "),
        Span::styled(sign, sign_style),
        Span::styled(format!(" {name}{space}"), style),
        Span::styled(badge, badge_style),
    ])
}
