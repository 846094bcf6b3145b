//! What people do about each other: ask, accept, name, block, and see who is there.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use belfry_wire::{operation, v1};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use super::{Someone, bare, escaped};

/// How long somebody waits to see somebody.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// A contact, as its owner has it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Known {
    /// The owner is told how they are there.
    pub to: bool,
    /// They are told how the owner is there.
    pub from: bool,
    /// The owner has asked them.
    pub asks: bool,
    /// What the owner calls them.
    pub name: String,
    /// How the owner sorts them.
    pub labels: Vec<String>,
}

impl Someone {
    /// Asks somebody to be a contact.
    pub async fn request(&mut self, peer: &str, note: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let request = v1::RequestContactRequest { address: peer.to_owned(), note: note.to_owned() };
                person.ask::<_, v1::ContactReply>(operation::REQUEST_CONTACT, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let status = format!("<status>{}</status>", escaped(note));
                stock.write(&format!("<presence type='subscribe' to='{peer}'>{status}</presence>")).await
            }
        }
    }

    /// Waits until somebody asks; their note.
    pub async fn sees_request(&mut self, from: &str) -> Result<String> {
        match self {
            Someone::Native(person) => {
                person
                    .next(|event| match &event.item {
                        Some(v1::event::Item::Contact(contact)) if contact.address == from => {
                            contact.request.as_ref().map(|request| request.note.clone())
                        }
                        _ => None,
                    })
                    .await
            }
            Someone::Stock(stock) => {
                stock
                    .next(|stanza| {
                        let asks = stanza.name == "presence" && stanza.get("type") == Some("subscribe");
                        let note = stanza.find(ns::CLIENT, "status").map(Element::own_text);
                        (asks && bare(stanza.get("from")) == from).then(|| note.unwrap_or_default())
                    })
                    .await
            }
        }
    }

    /// Accepts who asked, asking them as well; or refuses.
    pub async fn decide(&mut self, peer: &str, accept: bool) -> Result<()> {
        let address = peer.to_owned();
        match self {
            Someone::Native(person) if accept => {
                let request = v1::AcceptContactRequest { address };
                person.ask::<_, v1::ContactReply>(operation::ACCEPT_CONTACT, &request).await.map(drop)
            }
            Someone::Native(person) => {
                let request = v1::RefuseContactRequest { address };
                person.ask::<_, v1::ContactReply>(operation::REFUSE_CONTACT, &request).await.map(drop)
            }
            Someone::Stock(stock) if accept => {
                stock.write(&format!("<presence type='subscribed' to='{peer}'/>")).await?;
                stock.write(&format!("<presence type='subscribe' to='{peer}'/>")).await
            }
            Someone::Stock(stock) => stock.write(&format!("<presence type='unsubscribed' to='{peer}'/>")).await,
        }
    }

    /// Names and sorts a contact.
    pub async fn name(&mut self, peer: &str, name: &str, label: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let labels = vec![label.to_owned()];
                let request = v1::SetContactRequest { address: peer.to_owned(), name: name.to_owned(), labels };
                person.ask::<_, v1::ContactReply>(operation::SET_CONTACT, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let item = format!("<item jid='{peer}' name='{name}'><group>{label}</group></item>");
                stock.ask("set", "", &format!("<query xmlns='jabber:iq:roster'>{item}</query>")).await.map(drop)
            }
        }
    }

    /// Takes somebody out of the list.
    pub async fn remove(&mut self, peer: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let request = v1::RemoveContactRequest { address: peer.to_owned() };
                person.ask::<_, v1::ContactReply>(operation::REMOVE_CONTACT, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let item = format!("<item jid='{peer}' subscription='remove'/>");
                stock.ask("set", "", &format!("<query xmlns='jabber:iq:roster'>{item}</query>")).await.map(drop)
            }
        }
    }

    /// What it has of a contact, as the server says now. `None`: nothing.
    pub async fn knows(&mut self, peer: &str) -> Result<Option<Known>> {
        match self {
            Someone::Native(person) => {
                let list: v1::ListContactsReply =
                    person.ask(operation::LIST_CONTACTS, &v1::ListContactsRequest::default()).await?;
                let contact = list.contacts.into_iter().find(|contact| contact.address == peer);
                let contact = contact.filter(|contact| contact.listed || contact.to || contact.from || contact.asks);
                Ok(contact.map(|contact| Known {
                    to: contact.to,
                    from: contact.from,
                    asks: contact.asks,
                    name: contact.name,
                    labels: contact.labels,
                }))
            }
            Someone::Stock(stock) => {
                let roster = stock.ask("get", "", "<query xmlns='jabber:iq:roster'/>").await?.context("a roster")?;
                let item = roster.elements().find(|item| item.get("jid") == Some(peer));
                Ok(item.map(|item| {
                    let subscription = item.get("subscription").unwrap_or_default();
                    Known {
                        to: matches!(subscription, "to" | "both"),
                        from: matches!(subscription, "from" | "both"),
                        asks: item.get("ask") == Some("subscribe"),
                        name: item.get("name").unwrap_or_default().to_owned(),
                        labels: item.elements().map(Element::own_text).collect(),
                    }
                }))
            }
        }
    }

    /// Lets nothing of somebody through any longer, or lets it through again.
    pub async fn block(&mut self, peer: &str, blocked: bool) -> Result<()> {
        match self {
            Someone::Native(person) if blocked => {
                let request = v1::BlockRequest { address: peer.to_owned() };
                person.ask::<_, v1::ContactReply>(operation::BLOCK, &request).await.map(drop)
            }
            Someone::Native(person) => {
                let request = v1::UnblockRequest { address: peer.to_owned() };
                person.ask::<_, v1::ContactReply>(operation::UNBLOCK, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let name = if blocked { "block" } else { "unblock" };
                let item = format!("<{name} xmlns='{}'><item jid='{peer}'/></{name}>", ns::BLOCKING);
                stock.ask("set", "", &item).await.map(drop)
            }
        }
    }

    /// Says how it is there: the element `show` of XMPP (empty: simply there), and a few words.
    pub async fn be(&mut self, show: &str, status: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let availability = match show {
                    "" => v1::Availability::Online,
                    "away" => v1::Availability::Away,
                    "dnd" => v1::Availability::Busy,
                    other => bail!("a native device is never {other}"),
                };
                let request = v1::SetPresenceRequest { availability: availability.into(), status: status.to_owned() };
                person.ask::<_, v1::SetPresenceReply>(operation::SET_PRESENCE, &request).await.map(drop)
            }
            Someone::Stock(stock) => {
                let show = if show.is_empty() { String::new() } else { format!("<show>{show}</show>") };
                stock.be(&format!("{show}<status>{}</status>", escaped(status))).await
            }
        }
    }

    /// Waits until somebody is seen like this: as in [`Someone::be`], or `gone`.
    pub async fn sees(&mut self, peer: &str, show: &str, status: &str) -> Result<()> {
        match self {
            Someone::Native(person) => {
                let wanted = match show {
                    "gone" => v1::Availability::Offline,
                    "" => v1::Availability::Online,
                    "away" => v1::Availability::Away,
                    _ => v1::Availability::Busy,
                };
                let request = v1::WatchRequest { addresses: vec![peer.to_owned()] };
                let until = Instant::now() + PATIENCE;
                loop {
                    let seen: v1::WatchReply = person.ask(operation::WATCH, &request).await?;
                    let there = seen.presences.iter().find(|one| one.address == peer);
                    let (how, said) =
                        there.map_or((v1::Availability::Offline, ""), |one| (one.availability(), one.status.as_str()));
                    if how == wanted && (show == "gone" || said == status) {
                        return Ok(());
                    }
                    ensure!(Instant::now() < until, "{peer} is {seen:?}, not {show} {status}");
                    tokio::time::sleep(LOOK).await;
                }
            }
            Someone::Stock(stock) => {
                stock
                    .next(|stanza| {
                        if stanza.name != "presence" || bare(stanza.get("from")) != peer {
                            return None;
                        }
                        let part = |name| stanza.find(ns::CLIENT, name).map(Element::own_text).unwrap_or_default();
                        let seen = match stanza.get("type") {
                            None => part("show"),
                            Some("unavailable") => return (show == "gone").then_some(()),
                            Some(_) => return None,
                        };
                        (seen == show && part("status") == status).then_some(())
                    })
                    .await
            }
        }
    }
}
