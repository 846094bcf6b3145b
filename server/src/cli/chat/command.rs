//! What a typed line means: something to say, or a command that begins with a slash.

use super::later::{self, Later};

/// A line, understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Line {
    /// Say this in the open conversation.
    Say(String),
    /// Send a text to an address and open the conversation with it.
    Message(String, String),
    /// Open the conversation with an address.
    Open(String),
    /// Open the lobby.
    Lobby,
    /// List the conversations.
    List,
    /// Who is in the lobby.
    Who,
    /// The account's devices.
    Devices,
    /// Cut a device off.
    Revoke(u32),
    /// Fetch older messages.
    History,
    /// Change the name that others see.
    Name(String),
    /// Connect now.
    Retry,
    /// About a message that was sent, or the conversation.
    Later(Later),
    /// Remove this device from its account.
    Logout,
    /// What can be typed.
    Help,
    /// Leave.
    Quit,
    /// Nothing was typed.
    Nothing,
    /// A sentence about what was wrong.
    Wrong(String),
}

/// Commands with what they do, for /help.
pub(super) const HELP: &[(&str, &str)] = &[
    ("/msg ADDRESS TEXT", "send a message to an address"),
    ("/open ADDRESS", "open the conversation with an address"),
    ("/lobby", "open the lobby"),
    ("/list", "list the conversations"),
    ("/who", "who is in the lobby"),
    ("/history", "fetch older messages"),
    ("/name NAME", "change the name that others see"),
    ("/devices", "list the devices of the account"),
    ("/revoke NUMBER", "cut a device off the account"),
    ("/retry", "connect now instead of waiting"),
    ("/logout", "remove this device from the account and forget its messages"),
    ("/quit", "leave"),
    ("//TEXT", "say a text that begins with a slash"),
];

/// Understands a line.
pub(super) fn understand(line: &str) -> Line {
    let line = line.trim();
    if line.is_empty() {
        return Line::Nothing;
    }
    let Some(command) = line.strip_prefix('/') else { return Line::Say(line.to_owned()) };
    if command.starts_with('/') {
        return Line::Say(command.to_owned());
    }
    let (verb, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    let needs = |what: &str| Line::Wrong(format!("/{verb} needs {what}: type /help"));
    match verb {
        "msg" | "m" => match rest.split_once(char::is_whitespace) {
            Some((address, text)) => Line::Message(address.to_owned(), text.trim().to_owned()),
            None => needs("an address and a text"),
        },
        "open" | "o" if rest.is_empty() => needs("an address"),
        "open" | "o" => Line::Open(rest.to_owned()),
        "name" | "nick" if rest.is_empty() => needs("a name"),
        "name" | "nick" => Line::Name(rest.to_owned()),
        "revoke" => match rest.parse() {
            Ok(number) => Line::Revoke(number),
            Err(_) => needs("the number of a device (see /devices)"),
        },
        "lobby" => Line::Lobby,
        "list" => Line::List,
        "who" => Line::Who,
        "devices" => Line::Devices,
        "history" => Line::History,
        "retry" => Line::Retry,
        "logout" => Line::Logout,
        "help" | "h" | "?" => Line::Help,
        "quit" | "exit" | "q" => Line::Quit,
        _ => match later::understand(verb, rest) {
            Some(later) => later.map_or_else(Line::Wrong, Line::Later),
            None => Line::Wrong(format!("there is no command /{verb}: type /help")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        for (typed, meant) in [
            ("hello /quit", Line::Say("hello /quit".into())),
            ("//quit", Line::Say("/quit".into())),
            ("  ", Line::Nothing),
            ("/msg ben@x  how are you", Line::Message("ben@x".into(), "how are you".into())),
            ("/open ben@x", Line::Open("ben@x".into())),
            ("/revoke 3", Line::Revoke(3)),
            ("/q", Line::Quit),
        ] {
            assert_eq!(understand(typed), meant, "{typed}");
        }
        for typed in ["/msg ben@x", "/open", "/revoke x", "/dance"] {
            assert!(matches!(understand(typed), Line::Wrong(_)), "{typed}");
        }
    }
}
