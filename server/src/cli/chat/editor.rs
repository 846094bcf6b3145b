//! The input line: a text and a cursor that never stands inside of what a person sees as one character.
//!
//! Keys and pasted texts come in, finished lines leave.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::Span;

/// Lines that can be called back.
const RECALL_MAX: usize = 100;

/// The line being typed.
#[derive(Debug, Default)]
pub(super) struct Editor {
    text: String,
    /// In bytes, between two graphemes.
    cursor: usize,
    said: Vec<String>,
    /// Which of `said` is shown, counted from the newest; 0: the line being typed.
    recalled: usize,
}

/// What a key did.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Typed {
    /// It changed the line, or would have.
    Edited,
    /// The line is finished.
    Line(String),
    /// It is not for the line.
    Other,
}

/// The graphemes of a text. Control characters are left out: none is ever written to the terminal.
pub(super) fn graphemes(text: &str) -> Vec<String> {
    let span = Span::raw(text);
    span.styled_graphemes(ratatui::style::Style::default()).map(|grapheme| grapheme.symbol.to_owned()).collect()
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

impl Editor {
    /// Takes a key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Typed {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Enter => {
                let line = std::mem::take(&mut self.text);
                (self.cursor, self.recalled) = (0, 0);
                if !line.trim().is_empty() {
                    self.said.push(line.clone());
                    let surplus = self.said.len().saturating_sub(RECALL_MAX);
                    self.said.drain(..surplus);
                }
                return Typed::Line(line);
            }
            KeyCode::Left if control || alt => self.cursor = self.word_before(),
            KeyCode::Right if control || alt => self.cursor = self.word_after(),
            KeyCode::Char('b') if alt => self.cursor = self.word_before(),
            KeyCode::Char('f') if alt => self.cursor = self.word_after(),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            KeyCode::Char('a') if control => self.cursor = 0,
            KeyCode::Char('e') if control => self.cursor = self.text.len(),
            KeyCode::Char('b') if control => self.cursor = self.before(),
            KeyCode::Char('f') if control => self.cursor = self.after(),
            KeyCode::Char('u') if control => self.cut(0, self.cursor),
            KeyCode::Char('k') if control => self.cut(self.cursor, self.text.len()),
            KeyCode::Char('w') if control => self.cut(self.word_before(), self.cursor),
            KeyCode::Backspace if alt => self.cut(self.word_before(), self.cursor),
            KeyCode::Backspace => self.cut(self.before(), self.cursor),
            KeyCode::Delete => self.cut(self.cursor, self.after()),
            KeyCode::Char('d') if control && !self.text.is_empty() => self.cut(self.cursor, self.after()),
            KeyCode::Up if !alt => self.recall(1),
            KeyCode::Down if !alt => self.recall(-1),
            KeyCode::Esc => self.set(String::new()),
            KeyCode::Char(c) if !control && !alt => self.insert(c.encode_utf8(&mut [0; 4])),
            _ => return Typed::Other,
        }
        Typed::Edited
    }

    /// Inserts a text at the cursor; its line ends become spaces, so that pasting sends nothing.
    pub(super) fn insert(&mut self, text: &str) {
        let text: String = text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        // What was inserted may have joined its neighbour, as an accent does.
        let ends = self.ends();
        self.cursor = ends.into_iter().find(|end| *end >= self.cursor).unwrap_or(self.text.len());
    }

    /// What of the line fits into `columns`, and the cursor's column in it.
    pub(super) fn window(&self, columns: usize) -> (String, u16) {
        let mut head = graphemes(&self.text[..self.cursor]);
        let mut used: usize = head.iter().map(|grapheme| width(grapheme)).sum();
        let mut skip = 0;
        while used >= columns.max(1) && skip < head.len() {
            used -= width(&head[skip]);
            skip += 1;
        }
        let column = used as u16;
        let mut shown: String = head.drain(skip..).collect();
        for grapheme in graphemes(&self.text[self.cursor..]) {
            used += width(&grapheme);
            if used > columns {
                break;
            }
            shown.push_str(&grapheme);
        }
        (shown, column)
    }

    /// What is typed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Puts another text in its place, as a draft of another device.
    pub(super) fn put(&mut self, text: &str) {
        self.recalled = 0;
        self.set(String::new());
        self.insert(text);
    }

    /// Whether nothing is typed.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn set(&mut self, text: String) {
        self.cursor = text.len();
        self.text = text;
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn recall(&mut self, step: isize) {
        let recalled = self.recalled.saturating_add_signed(step).min(self.said.len());
        if recalled != self.recalled {
            self.recalled = recalled;
            let line = if recalled == 0 { String::new() } else { self.said[self.said.len() - recalled].clone() };
            self.set(line);
        }
    }

    /// Where graphemes end.
    fn ends(&self) -> Vec<usize> {
        let mut at = 0;
        graphemes(&self.text)
            .iter()
            .map(|grapheme| {
                at += grapheme.len();
                at
            })
            .collect()
    }

    fn before(&self) -> usize {
        self.ends().into_iter().rfind(|end| *end < self.cursor).unwrap_or(0)
    }

    fn after(&self) -> usize {
        self.ends().into_iter().find(|end| *end > self.cursor).unwrap_or(self.text.len())
    }

    fn word_before(&self) -> usize {
        let head = self.text[..self.cursor].trim_end();
        head.rfind(char::is_whitespace).map_or(0, |at| at + head[at..].chars().next().map_or(0, char::len_utf8))
    }

    fn word_after(&self) -> usize {
        let tail = &self.text[self.cursor..];
        let word = tail.len() - tail.trim_start().len();
        self.cursor + tail[word..].find(char::is_whitespace).map_or(tail.len(), |at| word + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(editor: &mut Editor, code: KeyCode) -> Typed {
        editor.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn control(editor: &mut Editor, c: char) -> Typed {
        editor.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
    }

    #[test]
    fn what_is_seen_as_one_character_is_edited_as_one() {
        let mut editor = Editor::default();
        editor.insert("a👩‍👩‍👧e");
        press(&mut editor, KeyCode::Char('\u{301}'));
        assert_eq!(editor.text, "a👩‍👩‍👧e\u{301}");
        press(&mut editor, KeyCode::Backspace);
        press(&mut editor, KeyCode::Left);
        assert_eq!(editor.cursor, 1);
        press(&mut editor, KeyCode::Delete);
        assert_eq!(press(&mut editor, KeyCode::Enter), Typed::Line("a".into()));
    }

    #[test]
    fn words_are_jumped_over_and_cut() {
        let mut editor = Editor::default();
        editor.insert("one zwei drei");
        control(&mut editor, 'w');
        assert_eq!(editor.text, "one zwei ");
        control(&mut editor, 'a');
        editor.key(KeyEvent::new(KeyCode::Right, KeyModifiers::CONTROL));
        control(&mut editor, 'k');
        assert_eq!(editor.text, "one");
        control(&mut editor, 'u');
        assert!(editor.is_empty());
    }

    #[test]
    fn said_lines_come_back() {
        let mut editor = Editor::default();
        for line in ["one", "two"] {
            editor.insert(line);
            press(&mut editor, KeyCode::Enter);
        }
        press(&mut editor, KeyCode::Up);
        press(&mut editor, KeyCode::Up);
        press(&mut editor, KeyCode::Up);
        assert_eq!(editor.text, "one");
        press(&mut editor, KeyCode::Down);
        press(&mut editor, KeyCode::Down);
        assert!(editor.is_empty());
    }

    #[test]
    fn a_long_line_is_seen_around_the_cursor() {
        let mut editor = Editor::default();
        editor.insert("0123456789");
        assert_eq!(editor.window(5), ("6789".into(), 4));
        control(&mut editor, 'a');
        assert_eq!(editor.window(5), ("01234".into(), 0));
        editor.set("日本語".into());
        assert_eq!(editor.window(5), ("本語".into(), 4));
    }

    #[test]
    fn pasting_sends_nothing_and_escapes_nothing() {
        let mut editor = Editor::default();
        editor.insert("a\nb\x1b[31m\tc");
        assert_eq!(editor.text, "a b[31m c");
    }
}
