//! What a typed line means: something to say, or a command that begins with a slash.

use super::later::{self, Later};
use super::people::{self, People};

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
    /// About people.
    People(People),
    /// Remove this device from its account.
    Logout,
    /// What can be typed: on the whole, or about `messages` or `people`.
    Help(String),
    /// Leave.
    Quit,
    /// Nothing was typed.
    Nothing,
    /// A sentence about what was wrong.
    Wrong(String),
    /// Read the code of a device that wants to join the account.
    Link(String),
    /// Let the device of the code join, or not; without one, answer who asks in the open conversation.
    Answer(bool),
    /// Give a device another name.
    Rename(u32, String),
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
    ("/rename NUMBER NAME", "give a device another name"),
    ("/link CODE", "read the code of a device that wants to join; then /accept or /refuse"),
    ("/help messages", "commands about messages and conversations"),
    ("/help people", "commands about contacts, requests, blocking, presence"),
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
    let answers = matches!(verb, "accept" | "refuse") && rest.is_empty();
    if let Some(people) = people::understand(verb, rest).filter(|_| !answers) {
        return people.map_or_else(Line::Wrong, Line::People);
    }
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
        "rename" => match rest.split_once(char::is_whitespace).map(|(number, name)| (number.parse(), name.trim())) {
            Some((Ok(number), name)) if !name.is_empty() => Line::Rename(number, name.to_owned()),
            _ => needs("the number of a device (see /devices) and a name"),
        },
        "link" if rest.is_empty() => needs("the code that the new device shows"),
        "link" => Line::Link(rest.to_owned()),
        "accept" => Line::Answer(true),
        "refuse" => Line::Answer(false),
        "lobby" => Line::Lobby,
        "list" => Line::List,
        "who" => Line::Who,
        "devices" => Line::Devices,
        "history" => Line::History,
        "retry" => Line::Retry,
        "logout" => Line::Logout,
        "help" | "h" | "?" => Line::Help(rest.to_owned()),
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
            ("/rename 3  Kitchen laptop", Line::Rename(3, "Kitchen laptop".into())),
            ("/link belfry://link?v=1", Line::Link("belfry://link?v=1".into())),
            ("/accept", Line::Answer(true)),
            ("/accept ben@x", Line::People(People::Answer { address: "ben@x".into(), accept: true })),
            ("/name Ann", Line::Name("Ann".into())),
            ("/name ann@x Ann", Line::People(People::Name { address: "ann@x".into(), name: "Ann".into() })),
            ("/help people", Line::Help("people".into())),
            ("/q", Line::Quit),
        ] {
            assert_eq!(understand(typed), meant, "{typed}");
        }
        for typed in ["/msg ben@x", "/open", "/revoke x", "/rename 3", "/rename x y", "/link", "/dance"] {
            assert!(matches!(understand(typed), Line::Wrong(_)), "{typed}");
        }
    }
}
