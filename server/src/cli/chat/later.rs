//! Commands about messages that were sent, and about conversations: what they mean and carrying them out.
//!
//! A verb and the rest of its line come in, a [`Later`] leaves; it acts on the open conversation. A message is named by
//! counting from the newest that is shown, `^2` being the one before it; without that each command takes the newest
//! that it can act on.

use belfry_client::{Client, ClientError, Message, v1};

use super::act::{Outcome, Room};
use super::when;

/// Messages among which `^N` counts.
const COUNTED: usize = 200;

/// An hour and a day in milliseconds.
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// What can be done to a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Act {
    Reply(String),
    Edit(String),
    Recall,
    React(String),
    Delete,
    Star(bool),
    Pin(bool),
}

/// A command of this file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Later {
    /// To the message so many from the newest, or to the newest for which it makes sense.
    Message(Act, Option<usize>),
    /// No sound for so many hours; 0: sound again.
    Mute(u64),
    /// Out of the way, or back.
    Archive(bool),
    /// New messages disappear after so many milliseconds; 0: they do not.
    Disappear(u64),
    /// The conversations as the server has them.
    Chats,
}

/// For /help.
pub(super) const HELP: &[(&str, &str)] = &[
    ("/reply TEXT", "answer the newest message; /reply ^3 TEXT answers the third from the end"),
    ("/edit TEXT", "put other words in your newest message (^N: another)"),
    ("/recall", "take your newest message back from everybody (^N: another)"),
    ("/react EMOJI", "react to the newest message; without an emoji take it back"),
    ("/delete", "delete the newest message here and on your devices only"),
    ("/star, /unstar", "mark the newest message for yourself, or no longer"),
    ("/pin, /unpin", "pin the newest message for both, or no longer"),
    ("/mute [HOURS]", "no sound from this conversation, for a year if no time is given; /unmute"),
    ("/archive", "put this conversation out of the way; /unarchive"),
    ("/disappear DAYS", "let new messages of both disappear after so long; 0: no longer"),
    ("/chats", "list the conversations as the server has them"),
];

/// Understands a verb of this file; `None`: it is another. An error is a sentence about what was wrong.
pub(super) fn understand(verb: &str, rest: &str) -> Option<Result<Later, String>> {
    let (back, rest) = match count(rest) {
        Ok(counted) => counted,
        Err(why) => return is_ours(verb).then_some(Err(why)),
    };
    let text = |act: fn(String) -> Act| match rest.is_empty() {
        true => Err(format!("/{verb} needs a text: type /help")),
        false => Ok(Later::Message(act(rest.to_owned()), back)),
    };
    Some(match verb {
        "reply" | "r" => text(Act::Reply),
        "edit" => text(Act::Edit),
        "recall" => Ok(Later::Message(Act::Recall, back)),
        "react" => Ok(Later::Message(Act::React(rest.to_owned()), back)),
        "delete" => Ok(Later::Message(Act::Delete, back)),
        "star" | "unstar" => Ok(Later::Message(Act::Star(verb == "star"), back)),
        "pin" | "unpin" => Ok(Later::Message(Act::Pin(verb == "pin"), back)),
        "mute" if rest.is_empty() => Ok(Later::Mute(366 * 24)),
        "mute" => rest.parse().map(Later::Mute).map_err(|_| "/mute needs a number of hours: type /help".to_owned()),
        "unmute" => Ok(Later::Mute(0)),
        "archive" | "unarchive" => Ok(Later::Archive(verb == "archive")),
        "disappear" => match rest.parse::<u64>() {
            Ok(days) if days <= 366 => Ok(Later::Disappear(days * DAY_MS)),
            _ => Err("/disappear needs a number of days, at most 366: type /help".to_owned()),
        },
        "chats" => Ok(Later::Chats),
        _ => return None,
    })
}

fn is_ours(verb: &str) -> bool {
    HELP.iter().any(|(help, _)| help.split([' ', ',']).any(|word| word.strip_prefix('/') == Some(verb)))
}

/// Takes `^N` from the beginning of a text.
fn count(rest: &str) -> Result<(Option<usize>, &str), String> {
    let Some(counted) = rest.strip_prefix('^') else { return Ok((None, rest)) };
    let (number, rest) = counted.split_once(char::is_whitespace).unwrap_or((counted, ""));
    match number.parse() {
        Ok(back) if (1..=COUNTED).contains(&back) => Ok((Some(back), rest.trim())),
        _ => Err(format!("^ needs a number from 1, the newest message, to {COUNTED}")),
    }
}

/// Carries a command out in a room.
pub(super) async fn carry_out(client: &Client, room: &Room, later: Later) -> Result<Vec<Outcome>, ClientError> {
    if later == Later::Chats {
        let (conversations, more) = client.server_conversations(None, 0).await?;
        let mut lines: Vec<String> = conversations.iter().map(conversation_line).collect();
        lines.extend(more.then(|| "… and older ones".to_owned()));
        return Ok(vec![Outcome::Note(lines)]);
    }
    let Room::Peer(peer) = room else {
        return Ok(vec![Outcome::Trouble("that is for conversations: open one with /open ADDRESS".to_owned())]);
    };
    let mut request = v1::SetConversationRequest { peer: peer.clone(), ..Default::default() };
    match later {
        Later::Message(act, back) => return on_message(client, peer, act, back).await,
        Later::Mute(hours) => {
            let now = client.now_ms();
            request.muted_until_ms =
                Some(if hours == 0 { 0 } else { now.saturating_add(hours.min(366 * 24) * HOUR_MS) });
        }
        Later::Archive(archived) => request.archived = Some(archived),
        Later::Disappear(ms) => request.disappear_after_ms = Some(ms),
        Later::Chats => {}
    }
    client.set_conversation(request).await?;
    Ok(vec![Outcome::Note(vec![format!("done for the conversation with {peer}")])])
}

async fn on_message(client: &Client, peer: &str, act: Act, back: Option<usize>) -> Result<Vec<Outcome>, ClientError> {
    let messages = client.messages(peer, None, COUNTED).await?;
    let Some(message) = choose(&messages, &act, back) else {
        return Ok(vec![Outcome::Trouble("there is no such message that the server has".to_owned())]);
    };
    let (conversation, cseq) = (message.conversation_id, message.cseq);
    match act {
        Act::Reply(text) => {
            let kind = v1::ContentKind::Text.into();
            let content = v1::Content { kind, text, reply_to_cseq: cseq, ..Default::default() };
            client.send_content(peer, content).await?;
        }
        Act::Edit(text) => client.edit(conversation, cseq, &text).await?,
        Act::Recall => client.recall(conversation, cseq).await?,
        Act::React(emoji) => client.react(conversation, cseq, &emoji).await?,
        Act::Delete => client.delete_for_me(conversation, cseq).await?,
        Act::Star(starred) => client.star(conversation, cseq, starred).await?,
        Act::Pin(pinned) => client.pin(conversation, cseq, pinned).await?,
    }
    Ok(vec![Outcome::Written(Room::Peer(peer.to_owned()))])
}

/// The message that is meant, which the server must have; `messages` are oldest first.
fn choose<'a>(messages: &'a [Message], act: &Act, back: Option<usize>) -> Option<&'a Message> {
    let mut newest_first = messages.iter().rev().filter(|message| message.cseq > 0);
    match (back, act) {
        (Some(back), _) => newest_first.nth(back - 1),
        (None, Act::Edit(_) | Act::Recall) => newest_first.find(|message| message.own),
        (None, _) => newest_first.next(),
    }
}

fn conversation_line(conversation: &v1::Conversation) -> String {
    let at = conversation.active_at_ms;
    let settings = conversation.settings.clone().unwrap_or_default();
    let mut about = Vec::new();
    about.extend((conversation.unread > 0).then(|| format!("{} unread", conversation.unread)));
    about.extend(settings.pinned.then(|| "pinned".to_owned()));
    about.extend(settings.archived.then(|| "archived".to_owned()));
    about.extend((settings.disappear_after_ms > 0).then(|| "disappearing".to_owned()));
    let text = match &conversation.message {
        Some(message) if message.recalled_at_ms > 0 => "(recalled)".to_owned(),
        Some(message) => message.content.as_ref().map(|content| content.text.clone()).unwrap_or_default(),
        None => String::new(),
    };
    let text: String = text.chars().take(40).collect();
    format!("{:<28} {} {}  {text}  {}", conversation.peer, when::day(at), when::clock(at), about.join(", "))
}

/// A message's text with what has become of it.
pub(super) fn shown(message: &Message) -> String {
    if message.life.recalled_at_ms > 0 {
        return "(recalled)".to_owned();
    }
    let mut text = message.text().to_owned();
    if message.content.reply_to_cseq > 0 {
        text.insert_str(0, "↩ ");
    }
    if message.content.forwarded > 0 {
        text.insert_str(0, "⇉ ");
    }
    if message.life.edited_at_ms > 0 {
        text.push_str(" (edited)");
    }
    for reaction in &message.life.reactions {
        text.push(' ');
        text.push_str(&reaction.emoji);
    }
    for (mark, there) in [(" ★", message.life.starred), (" (pinned)", message.life.pinned)] {
        if there {
            text.push_str(mark);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use belfry_client::{Delivery, Life};

    use super::*;

    fn message(cseq: u64, own: bool) -> Message {
        let content = v1::Content { text: format!("m{cseq}"), ..Default::default() };
        Message {
            cseq,
            conversation_id: 1,
            peer: "ben@x".into(),
            from: String::new(),
            own,
            content,
            sent_at_ms: 0,
            client_message_id: String::new(),
            delivery: Delivery::Sent,
            life: Life::default(),
        }
    }

    #[test]
    fn commands_about_messages_are_understood() {
        for (verb, rest, meant) in [
            ("edit", "new words", Later::Message(Act::Edit("new words".into()), None)),
            ("reply", "^3 yes", Later::Message(Act::Reply("yes".into()), Some(3))),
            ("react", "👍", Later::Message(Act::React("👍".into()), None)),
            ("unpin", "^2", Later::Message(Act::Pin(false), Some(2))),
            ("mute", "8", Later::Mute(8)),
            ("disappear", "7", Later::Disappear(7 * DAY_MS)),
            ("chats", "", Later::Chats),
        ] {
            assert_eq!(understand(verb, rest), Some(Ok(meant)), "/{verb} {rest}");
        }
        for (verb, rest) in [("edit", ""), ("reply", "^0 x"), ("recall", "^x"), ("mute", "x"), ("disappear", "367")] {
            assert!(matches!(understand(verb, rest), Some(Err(_))), "/{verb} {rest}");
        }
        assert_eq!(understand("dance", "^0"), None);
    }

    #[test]
    fn a_command_takes_the_newest_message_for_which_it_makes_sense() {
        let messages = [message(1, true), message(2, false), message(3, false), message(0, true)];
        let chosen = |act, back| choose(&messages, &act, back).map(|message| message.cseq);
        assert_eq!(chosen(Act::Recall, None), Some(1));
        assert_eq!(chosen(Act::React("👍".into()), None), Some(3), "what waits in the outbox has no number yet");
        assert_eq!(chosen(Act::Delete, Some(2)), Some(2));
        assert_eq!(chosen(Act::Delete, Some(9)), None);
    }

    #[test]
    fn what_became_of_a_message_is_shown_with_it() {
        let mut said = message(1, false);
        said.content.reply_to_cseq = 1;
        said.life = Life { edited_at_ms: 1, starred: true, ..Life::default() };
        said.life.reactions = vec![v1::Reaction { by: "ann@x".into(), emoji: "👍".into() }];
        assert_eq!(shown(&said), "↩ m1 (edited) 👍 ★");
        said.life.recalled_at_ms = 5;
        assert_eq!(shown(&said), "(recalled)");
    }
}
