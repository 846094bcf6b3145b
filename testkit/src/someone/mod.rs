//! Somebody, whatever they came in by: what people do with a messenger, said once for native devices and XMPP clients.
//!
//! Plays are written against this, so that both sides of a conversation can be of either kind. Deeds go out, what is
//! seen of the other side's comes back. Invariant: whoever has heard a message has also acknowledged it.

use anyhow::{Context, Result, bail, ensure};
use belfry_wire::{operation, v1};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use crate::{Person, Stock};

mod people;

pub use people::Known;

/// Somebody with a device.
pub enum Someone {
    /// Through a native door.
    Native(Box<Person>),
    /// By XMPP.
    Stock(Box<Stock>),
}

/// How a device knows a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// By its place in the conversation.
    Numbered {
        /// The conversation.
        conversation: u64,
        /// The place.
        cseq: u64,
    },
    /// By the id of its stanza.
    Named(String),
}

/// A message that was told.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Who said it.
    pub from: String,
    /// What.
    pub text: String,
    /// Which message it is.
    pub place: Place,
    /// Which one it answers.
    pub answers: Option<Place>,
}

/// How far a message got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tick {
    /// To a device of the other side.
    Delivered,
    /// Before the other side's eyes.
    Read,
}

impl From<Person> for Someone {
    fn from(person: Person) -> Someone {
        Someone::Native(Box::new(person))
    }
}

impl From<Stock> for Someone {
    fn from(stock: Stock) -> Someone {
        Someone::Stock(Box::new(stock))
    }
}

fn text(text: &str) -> Option<v1::Content> {
    Some(v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;")
}

fn body(stanza: &Element) -> Option<String> {
    stanza.find(ns::CLIENT, "body").map(Element::own_text)
}

fn bare(address: Option<&str>) -> &str {
    address.and_then(|address| address.split('/').next()).unwrap_or_default()
}

fn numbered(place: &Place) -> Result<(u64, u64)> {
    match place {
        Place::Numbered { conversation, cseq } => Ok((*conversation, *cseq)),
        Place::Named(name) => bail!("a native device knows no {name}"),
    }
}

fn named(place: &Place) -> Result<&str> {
    match place {
        Place::Named(name) => Ok(name),
        Place::Numbered { .. } => bail!("an XMPP client knows no numbers: {place:?}"),
    }
}

impl Someone {
    /// The account.
    pub fn address(&self) -> String {
        match self {
            Someone::Native(person) => person.credentials.address.clone(),
            Someone::Stock(stock) => stock.address.clone(),
        }
    }

    /// Says something new.
    pub async fn say(&mut self, to: &str, id: &str, what: &str) -> Result<Place> {
        self.says(to, id, what, None).await
    }

    /// Answers a message.
    pub async fn answer(&mut self, to: &str, id: &str, what: &str, of: &Place) -> Result<Place> {
        self.says(to, id, what, Some(of)).await
    }

    async fn says(&mut self, to: &str, id: &str, what: &str, of: Option<&Place>) -> Result<Place> {
        match self {
            Someone::Native(person) => {
                let mut content = text(what);
                if let (Some(of), Some(content)) = (of, &mut content) {
                    content.reply_to_cseq = numbered(of)?.1;
                }
                let request = v1::SendRequest { to: to.to_owned(), client_message_id: id.to_owned(), content };
                let sent: v1::SendReply = person.ask(operation::SEND, &request).await?;
                Ok(Place::Numbered { conversation: sent.conversation_id, cseq: sent.cseq })
            }
            Someone::Stock(stock) => {
                let reply = match of {
                    Some(of) => format!("<reply xmlns='{}' to='{to}' id='{}'/>", ns::REPLY, named(of)?),
                    None => String::new(),
                };
                let asks = format!("<request xmlns='{}'/><markable xmlns='{}'/>", ns::RECEIPTS, ns::MARKERS);
                let stanza = format!(
                    "<message to='{to}' type='chat' id='{id}'><body>{}</body>{reply}{asks}\
                     <origin-id xmlns='{}' id='{id}'/></message>",
                    escaped(what),
                    ns::STANZA_ID
                );
                stock.write(&stanza).await?;
                Ok(Place::Named(id.to_owned()))
            }
        }
    }

    /// The next message of somebody else.
    pub async fn hear(&mut self) -> Result<Heard> {
        match self {
            Someone::Native(person) => {
                let message = person.next_text().await?;
                person.acknowledge().await?;
                let conversation = message.conversation_id;
                let content = message.content.context("a message says something")?;
                let answered = Some(content.reply_to_cseq).filter(|cseq| *cseq > 0);
                Ok(Heard {
                    from: message.from,
                    text: content.text,
                    place: Place::Numbered { conversation, cseq: message.cseq },
                    answers: answered.map(|cseq| Place::Numbered { conversation, cseq }),
                })
            }
            Someone::Stock(stock) => {
                let own = stock.address.clone();
                let heard = stock
                    .next(|stanza| {
                        let from = bare(stanza.get("from")).to_owned();
                        let changes = stanza.find(ns::CORRECT, "replace").or(stanza.find(ns::RETRACT, "retract"));
                        if stanza.name != "message" || from == own || changes.is_some() {
                            return None;
                        }
                        let answered = stanza.find(ns::REPLY, "reply").and_then(|reply| reply.get("id"));
                        let answers = answered.map(|id| Place::Named(id.to_owned()));
                        let place = Place::Named(stanza.get("id").unwrap_or_default().to_owned());
                        Some(Heard { from, text: body(stanza)?, place, answers })
                    })
                    .await?;
                Ok(heard)
            }
        }
    }

    /// Sees what another device of the own account has said.
    pub async fn sees_own(&mut self) -> Result<String> {
        match self {
            Someone::Native(person) => {
                let own = person.credentials.address.clone();
                person
                    .next(|event| match &event.item {
                        Some(v1::event::Item::Message(message)) if message.from == own => {
                            message.content.as_ref().map(|content| content.text.clone())
                        }
                        _ => None,
                    })
                    .await
            }
            Someone::Stock(stock) => {
                stock
                    .next(|stanza| {
                        let forwarded = stanza.find(ns::CARBONS, "sent")?.find(ns::FORWARD, "forwarded")?;
                        body(forwarded.find(ns::CLIENT, "message")?)
                    })
                    .await
            }
        }
    }

    /// Waits until a message of its own got so far.
    pub async fn ticked(&mut self, place: &Place, tick: Tick) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let (_, cseq) = numbered(place)?;
                person.next_receipt(cseq, if tick == Tick::Read { cseq } else { 0 }).await.map(drop)
            }
            Someone::Stock(stock) => {
                let id = named(place)?.to_owned();
                let (space, name) = match tick {
                    Tick::Delivered => (ns::RECEIPTS, "received"),
                    Tick::Read => (ns::MARKERS, "displayed"),
                };
                stock
                    .next(|stanza| {
                        stanza.find(space, name).is_some_and(|tick| tick.get("id") == Some(&id)).then_some(())
                    })
                    .await
            }
        }
    }

    /// Has read up to a message.
    pub async fn mark_read(&mut self, peer: &str, place: &Place) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let (conversation_id, read_cseq) = numbered(place)?;
                let request = v1::MarkReadRequest { conversation_id, read_cseq };
                person.ask::<_, v1::MarkReadReply>(operation::MARK_READ, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let displayed = format!("<displayed xmlns='{}' id='{}'/>", ns::MARKERS, named(place)?);
                stock.write(&format!("<message to='{peer}' type='chat'>{displayed}</message>")).await
            }
        }
    }

    /// Says something else in a message of its own.
    pub async fn edit(&mut self, peer: &str, place: &Place, what: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let (conversation_id, cseq) = numbered(place)?;
                let request = v1::EditRequest { conversation_id, cseq, content: text(what) };
                person.ask::<_, v1::AmendReply>(operation::EDIT, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let replace = format!("<replace xmlns='{}' id='{}'/>", ns::CORRECT, named(place)?);
                let body = escaped(what);
                stock.write(&format!("<message to='{peer}' type='chat'><body>{body}</body>{replace}</message>")).await
            }
        }
    }

    /// Waits until somebody says something else in a message; what.
    pub async fn sees_edit(&mut self, place: &Place) -> Result<String> {
        match self {
            Someone::Native(person) => {
                let (_, cseq) = numbered(place)?;
                person.next(|event| amendment(event, cseq)?.content.as_ref().map(|content| content.text.clone())).await
            }
            Someone::Stock(stock) => {
                let id = named(place)?.to_owned();
                stock
                    .next(|stanza| {
                        let replace = stanza.find(ns::CORRECT, "replace")?;
                        (replace.get("id") == Some(&id)).then(|| body(stanza)).flatten()
                    })
                    .await
            }
        }
    }

    /// Takes a message of its own back.
    pub async fn recall(&mut self, peer: &str, place: &Place) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let (conversation_id, cseq) = numbered(place)?;
                let request = v1::RecallRequest { conversation_id, cseq };
                person.ask::<_, v1::AmendReply>(operation::RECALL, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let retract = format!("<retract xmlns='{}' id='{}'/>", ns::RETRACT, named(place)?);
                stock.write(&format!("<message to='{peer}' type='chat'>{retract}</message>")).await
            }
        }
    }

    /// Waits until a message is taken back.
    pub async fn sees_recall(&mut self, place: &Place) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let (_, cseq) = numbered(place)?;
                person.next(|event| amendment(event, cseq).filter(|told| told.recalled_at_ms > 0).map(drop)).await
            }
            Someone::Stock(stock) => {
                let id = named(place)?.to_owned();
                stock
                    .next(|stanza| {
                        let retract = stanza.find(ns::RETRACT, "retract")?;
                        (retract.get("id") == Some(&id)).then_some(())
                    })
                    .await
            }
        }
    }

    /// Puts an emoji on a message; none: takes it away.
    pub async fn react(&mut self, peer: &str, place: &Place, emoji: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let (conversation_id, cseq) = numbered(place)?;
                let request = v1::ReactRequest { conversation_id, cseq, emoji: emoji.to_owned() };
                person.ask::<_, v1::AmendReply>(operation::REACT, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let one = if emoji.is_empty() { String::new() } else { format!("<reaction>{emoji}</reaction>") };
                let all = format!("<reactions xmlns='{}' id='{}'>{one}</reactions>", ns::REACTIONS, named(place)?);
                stock.write(&format!("<message to='{peer}' type='chat'>{all}</message>")).await
            }
        }
    }

    /// Waits until the other side's emoji on a message is this one, or (empty) none. A native device is told of all else
    /// that has become of the message too; an XMPP client must be told of this reaction next.
    pub async fn sees_reaction(&mut self, peer: &str, place: &Place, emoji: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let (_, cseq) = numbered(place)?;
                person
                    .next(|event| {
                        let told = amendment(event, cseq)?;
                        let theirs = told.reactions.iter().find(|one| one.by == peer);
                        (theirs.map_or("", |one| &*one.emoji) == emoji).then_some(())
                    })
                    .await
            }
            Someone::Stock(stock) => {
                let id = named(place)?.to_owned();
                let told = stock
                    .next(|stanza| {
                        let all = stanza.find(ns::REACTIONS, "reactions")?;
                        let theirs = all.find(ns::REACTIONS, "reaction").map(Element::own_text);
                        (all.get("id") == Some(&id)).then(|| theirs.unwrap_or_default())
                    })
                    .await?;
                ensure!(told == emoji, "it is told {told:?} and not {emoji:?}");
                Ok(())
            }
        }
    }

    /// Is writing, or has stopped.
    pub async fn write(&mut self, to: &str, active: bool) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let request = v1::TypingRequest { to: to.to_owned(), active };
                person.ask::<_, v1::TypingReply>(operation::TYPING, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let state = if active { "composing" } else { "paused" };
                let state = format!("<{state} xmlns='{}'/>", ns::CHAT_STATES);
                stock.write(&format!("<message to='{to}' type='chat'>{state}</message>")).await
            }
        }
    }

    /// Waits until somebody is seen to write, or to have stopped. Doors without a link are told nothing of it.
    pub async fn sees_writing(&mut self, from: &str, active: bool) -> Result<()> {
        match self {
            Someone::Native(person) if person.link().is_none() => Ok(()),
            Someone::Native(person) => loop {
                let told = person.next_typing().await?;
                if told.from == from && told.active == active {
                    return Ok(());
                }
            },
            Someone::Stock(stock) => {
                let state = if active { "composing" } else { "paused" };
                stock
                    .next(|stanza| {
                        let told = stanza.find(ns::CHAT_STATES, state).is_some();
                        (told && bare(stanza.get("from")) == from).then_some(())
                    })
                    .await
            }
        }
    }

    /// The person of a native door.
    pub fn native(&mut self) -> Result<&mut Person> {
        match self {
            Someone::Native(person) => Ok(person),
            Someone::Stock(_) => bail!("this is an XMPP client"),
        }
    }

    /// The XMPP client.
    pub fn stock(&mut self) -> Result<&mut Stock> {
        match self {
            Someone::Stock(stock) => Ok(stock),
            Someone::Native(_) => bail!("this is a native device"),
        }
    }
}

fn amendment(event: &v1::Event, cseq: u64) -> Option<&v1::Amendment> {
    match &event.item {
        Some(v1::event::Item::Amendment(told)) if told.cseq == cseq => Some(told),
        _ => None,
    }
}
