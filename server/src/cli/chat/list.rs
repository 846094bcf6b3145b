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
        let style =
            if folder == view.folder { Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED) } else { DIM };
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

#[cfg(test)]
mod tests {
    use belfry_client::v1::{self, Availability};
    use belfry_client::{ClientEvent, Contact, Conversation};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::super::draw;
    use super::super::editor::Editor;
    use super::*;

    fn contact(address: &str, name: &str) -> Contact {
        let name = name.to_owned();
        Contact { address: address.into(), name, listed: true, to: true, from: true, ..Contact::default() }
    }

    fn chat(peer: &str, unread: u64, request: bool) -> Conversation {
        Conversation {
            conversation_id: 1,
            peer: peer.into(),
            display_name: String::new(),
            unread,
            last_cseq: 1,
            read_cseq: 0,
            last_at_ms: 0,
            settings: v1::ConversationSettings::default(),
            request,
        }
    }

    fn is(view: &mut View, address: &str, availability: Availability, status: &str) {
        let mut presence = v1::Presence { address: address.into(), status: status.into(), ..Default::default() };
        presence.set_availability(availability);
        view.presences.event(&ClientEvent::PresenceChanged(presence));
    }

    fn view() -> View {
        let mut view = View::new("ann@x".into(), false, Room::Peer("ben@x".into()));
        view.presences.event(&ClientEvent::CaughtUp);
        let asking = Some(v1::IncomingRequest { asked_at_ms: 1, note: "Eve from school\x1b[2J".into() });
        view.contacts = vec![
            contact("ben@x", "Ben"),
            contact("carl@x", "Carl"),
            contact("dora@x", "Dora"),
            contact("emil@x", "Emil"),
            Contact { blocked: true, ..contact("mal@x", "Mal") },
            Contact { address: "eve@x".into(), display_name: "Eve".into(), request: asking, ..Contact::default() },
        ];
        view.conversations = vec![chat("ben@x", 0, false), chat("fay@x", 2, true)];
        is(&mut view, "ben@x", Availability::Away, "lunch");
        is(&mut view, "carl@x", Availability::Online, "");
        is(&mut view, "dora@x", Availability::Busy, "");
        view
    }

    fn drawn(width: u16, height: u16, view: &View) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("made");
        let drawing = |frame: &mut Frame<'_>| {
            draw::draw(frame, view, &Editor::default(), 0, Look::plain());
        };
        terminal.draw(drawing).expect("drawn");
        terminal.backend().to_string()
    }

    fn has(screen: &str, parts: &[&str]) {
        for part in parts {
            assert!(screen.contains(part), "{part} is missing:\n{screen}");
        }
    }

    #[test]
    fn people_are_listed_with_how_they_are_there() {
        let mut view = view();
        has(&drawn(90, 12, &view), &["Requests 2", " ◐ Ben", "Ben <ben@x>  ◐ away: lunch"]);
        view.folder = Folder::People;
        let screen = drawn(90, 12, &view);
        has(&screen, &[" ◐ Ben", " ● Carl", " ⊖ Dora", " ○ Emil", " ⊘ Mal"]);
        view.open(Room::Peer("mal@x".into()));
        has(&drawn(90, 12, &view), &["blocked: nothing passes between you; /unblock ends it"]);
        view.presences.event(&ClientEvent::PresencesUnknown);
        let screen = drawn(90, 12, &view);
        assert!(!screen.contains('●') && !screen.contains('◐'), "nothing is known without a link:\n{screen}");
    }

    #[test]
    fn requests_lie_apart_with_what_they_say() {
        let mut view = view();
        let chats = drawn(90, 12, &view);
        assert!(!chats.contains("fay@x"), "{chats}");
        view.next_folder();
        view.next_folder();
        assert_eq!((view.folder, &view.room), (Folder::Requests, &Room::Peer("eve@x".into())));
        let asks = ["? Eve", "fay@x", "asks to be a contact: “Eve from school[2J”  /accept, /refuse or /block"];
        has(&drawn(110, 12, &view), &asks);
        view.open(view.neighbour(1));
        has(&drawn(90, 12, &view), &["a stranger, who is not told that you read this"]);
    }

    #[test]
    fn what_is_open_is_seen_in_a_list_that_is_longer_than_the_screen() {
        let mut view = view();
        view.contacts = (0..100).map(|n| contact(&format!("p{n:02}@x"), "")).collect();
        view.folder = Folder::People;
        view.open(Room::Peer("p77@x".into()));
        has(&drawn(90, 12, &view), &[" p77@x", " p70@x"]);
        view.contacts.clear();
        view.open(Room::Lobby);
        for (width, height) in [(64, 3), (64, 4), (90, 24)] {
            drawn(width, height, &view);
        }
    }

    #[test]
    fn how_one_is_there_oneself_stands_in_the_last_row() {
        let mut view = view();
        view.own = Availability::Offline;
        has(&drawn(90, 12, &view), &["ann@x (invisible)"]);
        view.own = Availability::Busy;
        has(&drawn(90, 12, &view), &["ann@x (busy)"]);
    }

    #[test]
    fn a_code_is_shown_where_it_has_room() {
        let mut view = view();
        view.code = vec!["█▀▄".repeat(10); 12];
        view.notes = vec!["https://x/i/token".into()];
        has(&drawn(90, 20, &view), &["█▀▄█▀▄", "https://x/i/token"]);
        assert!(!drawn(90, 10, &view).contains("█▀▄"), "the link is shown all the same");
    }
}
