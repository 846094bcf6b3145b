//! Drawing: the state becomes rows of the terminal.
//!
//! A [`View`] and the input line come in, a frame leaves. Colours are the sixteen of the terminal's own palette, so they
//! fit dark and light; with `NO_COLOR` there are none. Nothing is drawn that could move the cursor: control characters
//! in messages are left out.

use std::time::Duration;

use belfry_client::Delivery;
use belfry_client::v1::Availability;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use tokio::time::Instant;

use super::act::Room;
use super::editor::{Editor, graphemes, width};
use super::people::standing;
use super::present::{mark, word};
use super::view::{Entry, Link, View};
use super::{list, when};

/// The list is left out where it would take more than a third.
const LIST_COLUMNS: u16 = 30;
const LIST_FROM_COLUMNS: u16 = 64;

/// Rows of notes above the input line.
const NOTES_MAX: usize = 20;

/// `09:05 `.
const CLOCK_COLUMNS: usize = 6;

/// Colours for names. Not black, white or their greys: one of them is the background.
const NAME_COLORS: [Color; 6] = [Color::Cyan, Color::Green, Color::Magenta, Color::Blue, Color::Yellow, Color::Red];

/// How things look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    colors: bool,
}

impl Look {
    /// As the environment asks for.
    pub(super) fn from_environment() -> Look {
        Look { colors: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) }
    }

    /// Without colours, for tests.
    #[cfg(test)]
    pub(super) fn plain() -> Look {
        Look { colors: false }
    }

    pub(super) fn color(self, color: Color) -> Style {
        if self.colors { Style::new().fg(color) } else { Style::new() }
    }

    fn name(self, name: &str) -> Style {
        let sum = name.bytes().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        self.color(NAME_COLORS[sum % NAME_COLORS.len()]).add_modifier(Modifier::BOLD)
    }
}

/// For what is beside the point.
pub(super) const DIM: Style = Style::new().add_modifier(Modifier::DIM);

/// Draws everything; `scroll` is how many rows the messages are moved back. Gives the most that makes sense for it, and
/// the rows of a page.
pub(super) fn draw(frame: &mut Frame<'_>, view: &View, editor: &Editor, scroll: usize, look: Look) -> (usize, usize) {
    let notes = view.notes.len().min(NOTES_MAX).min(frame.area().height.saturating_sub(6).into()) as u16;
    let [top, notes_area, input, status] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(notes), Constraint::Length(1), Constraint::Length(1)])
            .areas(frame.area());
    let messages = if top.width >= LIST_FROM_COLUMNS {
        let [people, messages] = Layout::horizontal([Constraint::Length(LIST_COLUMNS), Constraint::Min(1)]).areas(top);
        list::draw(frame, view, people, look);
        messages
    } else {
        top
    };
    let limits = draw_messages(frame, view, messages, scroll, look);
    let lines: Vec<Line<'_>> = view.notes.iter().take(NOTES_MAX).map(|note| Line::styled(clean(note), DIM)).collect();
    frame.render_widget(Paragraph::new(lines), notes_area);
    draw_input(frame, editor, input, look);
    draw_status(frame, view, status, scroll, look);
    limits
}

fn clean(text: &str) -> String {
    graphemes(text).concat()
}

/// As much of a text as fits.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let mut used = 0;
    let all = graphemes(text);
    let total: usize = all.iter().map(|grapheme| width(grapheme)).sum();
    if total <= columns {
        return all.concat();
    }
    let mut fitted = String::new();
    for grapheme in all {
        used += width(&grapheme);
        if used + 1 > columns {
            break;
        }
        fitted.push_str(&grapheme);
    }
    fitted.push('…');
    fitted
}

fn draw_messages(frame: &mut Frame<'_>, view: &View, area: Rect, scroll: usize, look: Look) -> (usize, usize) {
    let title = match &view.room {
        Room::Lobby => {
            let names: Vec<&str> = view.participants.iter().map(|participant| participant.name.as_str()).collect();
            format!(" # lobby: {}", names.join(", "))
        }
        Room::Peer(peer) => match view.name_of(peer) {
            name if name == *peer => format!(" {peer}"),
            name => format!(" {name} <{peer}>"),
        },
    };
    let banner = view.banner();
    let [head, under, body] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(banner.is_some().into()), Constraint::Min(0)])
            .areas(area);
    draw_title(frame, view, &title, head, look);
    if let Some(banner) = banner {
        let text = fit(&format!(" {}", clean(&banner)), under.width.into());
        frame.render_widget(Line::styled(text, look.color(Color::Yellow)), under);
    }
    if draw_code(frame, &view.code, body, look) {
        return (0, body.height.into());
    }
    let columns = usize::from(body.width).saturating_sub(2).max(8);
    let mut rows = rows(&view.entries, columns, look);
    if view.missing_at_end {
        rows.push(missing(columns));
    }
    if let Some(name) = &view.writing {
        rows.push(Line::styled(fit(&format!("{} is writing…", clean(name)), columns), DIM));
    }
    let height = usize::from(body.height);
    let scroll_max = rows.len().saturating_sub(height);
    let end = rows.len() - scroll.min(scroll_max);
    let shown: Vec<Line<'_>> = rows[end.saturating_sub(height)..end].to_vec();
    // The newest message stands at the bottom, next to where one types.
    let empty = height.saturating_sub(shown.len()) as u16;
    let body =
        Rect { x: body.x + 1, y: body.y + empty, width: body.width.saturating_sub(1), height: shown.len() as u16 };
    frame.render_widget(Paragraph::new(shown), body);
    (scroll_max, height)
}

/// Who it is, and behind it how they are there.
fn draw_title(frame: &mut Frame<'_>, view: &View, title: &str, area: Rect, look: Look) {
    let columns = usize::from(area.width);
    let title = fit(title, columns);
    let mut spans = vec![Span::styled(title.clone(), Style::new().add_modifier(Modifier::BOLD))];
    if let Room::Peer(peer) = &view.room {
        let contact = view.contact(peer);
        let (sign, color) = mark(view.presences.of(peer, contact));
        let mut words = view.presences.words(peer, contact, view.now_ms);
        if words.is_empty() && view.banner().is_none() {
            words = contact.map(standing).unwrap_or_default();
        }
        if !words.is_empty() {
            let style = if color == Color::Reset { DIM } else { look.color(color) };
            spans.push(Span::styled(format!("  {sign} "), style));
            let left = columns.saturating_sub(width(&title) + 4);
            spans.push(Span::styled(fit(&words, left), DIM));
        }
    }
    frame.render_widget(Line::from(spans), area);
}

/// Draws a code in place of the messages, dark on light whatever the colours are; gives whether it has room.
fn draw_code(frame: &mut Frame<'_>, code: &[String], area: Rect, look: Look) -> bool {
    // Two of the four light modules above and below are enough where rows are few.
    let code = if code.len() > area.height.into() && code.len() > 2 { &code[1..code.len() - 1] } else { code };
    let columns = code.iter().map(|row| width(row)).max().unwrap_or(0);
    if code.is_empty() || columns > area.width.into() || code.len() > area.height.into() {
        return false;
    }
    let style = if look.colors { Style::new().fg(Color::Black).bg(Color::White) } else { Style::new() };
    let rows: Vec<Line<'_>> = code.iter().map(|row| Line::styled(row.clone(), style)).collect();
    let x = area.x + (area.width - columns as u16) / 2;
    let area = Rect { x, y: area.y, width: columns as u16, height: code.len() as u16 };
    frame.render_widget(Paragraph::new(rows), area);
    true
}

/// All messages as rows, with a separator before each new day.
fn rows(entries: &[Entry], columns: usize, look: Look) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    let mut day = String::new();
    for entry in entries {
        let its_day = when::day(entry.at_ms);
        if its_day != day {
            rows.push(Line::styled(format!("── {its_day} ──"), DIM).centered());
            day = its_day;
        }
        if entry.after_missing {
            rows.push(missing(columns));
        }
        if entry.first_unread {
            rows.push(Line::styled("── new ──", look.color(Color::Green)).centered());
        }
        rows.extend(entry_rows(entry, columns, look));
    }
    rows
}

/// Stands where messages are missing.
fn missing(columns: usize) -> Line<'static> {
    Line::styled(fit("── messages are missing here: the server keeps them no longer ──", columns), DIM).centered()
}

fn entry_rows(entry: &Entry, columns: usize, look: Look) -> Vec<Line<'static>> {
    let name = clean(&entry.name);
    let name_style = if entry.own { Style::new().add_modifier(Modifier::BOLD) } else { look.name(&name) };
    let (tick, tick_style) = tick(entry.delivery.as_ref(), look);
    let indent = CLOCK_COLUMNS + width(&name) + 2;
    let indent = if indent > columns / 2 { CLOCK_COLUMNS } else { indent };
    let mut lines = wrap(&entry.text, columns.saturating_sub(indent).max(4));
    let mut first = vec![
        Span::styled(format!("{} ", when::clock(entry.at_ms)), DIM),
        Span::styled(format!("{name}: "), name_style),
    ];
    if indent > CLOCK_COLUMNS && !lines.is_empty() {
        first.push(Span::raw(lines.remove(0)));
    }
    let mut rows = vec![Line::from(first)];
    rows.extend(lines.into_iter().map(|line| Line::raw(format!("{}{line}", " ".repeat(indent)))));
    if let Some(last) = rows.last_mut()
        && !tick.is_empty()
    {
        last.push_span(Span::styled(format!(" {tick}"), tick_style));
    }
    rows
}

fn tick(delivery: Option<&Delivery>, look: Look) -> (String, Style) {
    match delivery {
        None => (String::new(), DIM),
        Some(Delivery::Waiting) => ("◷".to_owned(), DIM),
        Some(Delivery::Sent) => ("✓".to_owned(), DIM),
        Some(Delivery::Delivered) => ("✓✓".to_owned(), DIM),
        // Without colours the two ticks alone would say no more than delivered.
        Some(Delivery::Read) if !look.colors => ("✓✓ read".to_owned(), DIM),
        Some(Delivery::Read) => ("✓✓".to_owned(), look.color(Color::Cyan).add_modifier(Modifier::BOLD)),
        Some(Delivery::Failed(why)) => (format!("✗ {}", clean(why)), look.color(Color::Red)),
    }
}

/// Breaks a text into rows, between words where it can.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in text.split('\n') {
        let (mut row, mut used, mut space) = (String::new(), 0, None);
        for grapheme in graphemes(line) {
            let wide = width(&grapheme);
            if used + wide > columns {
                let rest = match space.take() {
                    Some(at) => row.split_off(at),
                    None => String::new(),
                };
                rows.push(row.trim_end().to_owned());
                row = rest;
                used = width(&row);
            }
            row.push_str(&grapheme);
            used += wide;
            if grapheme == " " {
                space = Some(row.len());
            }
        }
        rows.push(row);
    }
    rows
}

fn draw_input(frame: &mut Frame<'_>, editor: &Editor, area: Rect, look: Look) {
    let columns = usize::from(area.width).saturating_sub(3);
    let (shown, column) = editor.window(columns);
    let prompt = Span::styled("> ", look.color(Color::Green).add_modifier(Modifier::BOLD));
    let text = if editor.is_empty() { Span::styled("a message, or /help", DIM) } else { Span::raw(shown) };
    frame.render_widget(Line::from(vec![prompt, text]), area);
    frame.set_cursor_position(Position::new(area.x + 2 + column, area.y));
}

fn draw_status(frame: &mut Frame<'_>, view: &View, area: Rect, scroll: usize, look: Look) {
    let (dot, color, state) = match &view.link {
        Link::Connecting => ("○", Color::Yellow, "connecting".to_owned()),
        Link::Up(server) => ("●", Color::Green, clean(server)),
        Link::Down { why, retry_at } => {
            let seconds = retry_at.saturating_duration_since(Instant::now()).as_secs_f32().ceil();
            ("○", Color::Yellow, format!("offline, next try in {seconds:.0} s ({})", clean(why)))
        }
        Link::Ended(why) => ("×", Color::Red, clean(why)),
    };
    let guest = match view.own {
        _ if view.guest => " (guest)".to_owned(),
        Availability::Online | Availability::Unspecified => String::new(),
        Availability::Offline => " (invisible)".to_owned(),
        other => format!(" ({})", word(other)),
    };
    let guest = guest.as_str();
    let back = if scroll > 0 { "  ↑ older messages, End to return" } else { "" };
    let line = format!(" {}{guest}  {state}{back}", clean(&view.me));
    let dot_style = look.color(color).add_modifier(Modifier::REVERSED);
    let style = Style::new().add_modifier(Modifier::REVERSED);
    let line = fit(&line, usize::from(area.width).saturating_sub(3));
    let space = " ".repeat(usize::from(area.width).saturating_sub(width(&line) + 2));
    let spans = vec![Span::styled(format!(" {dot}"), dot_style), Span::styled(format!("{line}{space}"), style)];
    frame.render_widget(Line::from(spans), area);
}

/// How often the status changes by itself.
pub(super) const TICK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    fn entry(text: &str, delivery: Option<Delivery>) -> Entry {
        let own = delivery.is_some();
        let name = if own { "you" } else { "Ben" };
        Entry {
            at_ms: 1_000,
            name: name.into(),
            own,
            text: text.into(),
            delivery,
            first_unread: false,
            after_missing: false,
        }
    }

    fn drawn(width: u16, height: u16, view: &View) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("made");
        let look = Look::plain();
        let mut limits = (0, 0);
        let drawing = |frame: &mut Frame<'_>| limits = draw(frame, view, &Editor::default(), 0, look);
        terminal.draw(drawing).expect("drawn");
        assert!(limits.1 <= usize::from(height));
        terminal.backend().to_string()
    }

    #[test]
    fn a_conversation_shows_names_ticks_and_the_day() {
        let mut view = View::new("ann@x".into(), false, Room::Peer("ben@x".into()));
        view.entries = vec![
            entry("hello", None),
            entry("hi", Some(Delivery::Read)),
            entry("and", Some(Delivery::Delivered)),
            entry("now", Some(Delivery::Waiting)),
            entry("lost", Some(Delivery::Failed("no such account".into()))),
        ];
        let screen = drawn(80, 14, &view);
        for part in [
            "── Thursday, 1 January 1970 ──",
            "Ben: hello",
            "you: hi ✓✓ read",
            "you: and ✓✓",
            "you: now ◷",
            "you: lost ✗ no such account",
            "# lobby (0)",
            " Chats  People  Requests ",
            "ben@x",
            "connecting",
        ] {
            assert!(screen.contains(part), "{part} is missing:\n{screen}");
        }
    }

    #[test]
    fn who_is_writing_and_where_messages_are_missing_is_shown() {
        let mut view = View::new("ann@x".into(), false, Room::Peer("ben@x".into()));
        view.entries = vec![entry("one", None), Entry { after_missing: true, ..entry("four", None) }];
        view.writing = Some("ben\x1b[2J".to_owned());
        let screen = drawn(90, 10, &view);
        let at = |part: &str| screen.find(part).unwrap_or_else(|| panic!("{part} is missing:\n{screen}"));
        let places = ["Ben: one", "── messages are missing here", "Ben: four", "ben[2J is writing…"].map(at);
        assert!(places.is_sorted(), "{screen}");
        assert_eq!(screen.matches("missing here").count(), 1);
        view.missing_at_end = true;
        view.writing = None;
        let screen = drawn(90, 10, &view);
        assert_eq!(screen.matches("missing here").count(), 2, "{screen}");
        assert!(!screen.contains("is writing"));
    }

    #[test]
    fn it_fits_into_any_terminal() {
        let mut view = View::new("ann@x".into(), false, Room::Lobby);
        view.entries = vec![entry("日本語 and a long English text that has to be broken", None); 9];
        view.notes = vec!["note".into(); 40];
        (view.missing_at_end, view.writing) = (true, Some("日本語".into()));
        for (width, height) in [(1, 1), (2, 3), (10, 2), (20, 5), (63, 9), (64, 30), (300, 2)] {
            drawn(width, height, &view);
        }
    }

    #[test]
    fn texts_are_broken_between_words_and_no_escape_gets_through() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("a\nb\x1b[2J", 9), ["a", "b[2J"]);
    }
}
