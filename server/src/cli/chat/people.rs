//! Commands about people: contacts, requests, blocking, invitations, presence and privacy.
//!
//! A verb and the rest of its line come in, a [`People`] leaves; where no address is typed, the one of the open
//! conversation is meant. Whoever is named without a domain is of one's own.

use belfry_client::v1::{self, Audience, Availability, InviteKind};
use belfry_client::{Client, ClientError, Contact};

use super::act::{Outcome, Room};
use super::link;
use super::present::word;

/// A command of this file. An empty address is that of the open conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum People {
    Add { address: String, note: String },
    Answer { address: String, accept: bool },
    Withdraw(String),
    Remove(String),
    Name { address: String, name: String },
    Label { address: String, labels: Vec<String> },
    Block(String),
    Unblock(String),
    Contacts,
    Requests,
    Find(String),
    Invite { kind: InviteKind, uses: Option<u32> },
    Join(String),
    Be { availability: Availability, status: String },
    About(String),
    Privacy,
    Show { what: Shown, whom: Audience },
}

/// Something that an account shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shown {
    Receipts,
    LastSeen,
    Picture,
    About,
    Phone,
}

const SHOWN: [(&str, Shown); 5] = [
    ("receipts", Shown::Receipts),
    ("last-seen", Shown::LastSeen),
    ("picture", Shown::Picture),
    ("about", Shown::About),
    ("phone", Shown::Phone),
];

const WHOM: [(&str, Audience); 3] =
    [("everyone", Audience::Everyone), ("contacts", Audience::Contacts), ("nobody", Audience::Nobody)];

/// For /help.
pub(super) const HELP: &[(&str, &str)] = &[
    ("/add ADDRESS [NOTE]", "ask somebody to be a contact: /add ben@example.org Ann from the choir"),
    ("/accept, /refuse", "answer who asks; with an address, or in the conversation with them"),
    ("/withdraw, /remove", "take your request back; take a contact out of the list"),
    ("/name ADDRESS NAME", "call a contact otherwise: /name ben@example.org Ben (choir)"),
    ("/label ADDRESS A, B", "sort a contact under labels"),
    ("/block, /unblock", "let nothing pass between you and somebody; they are not told"),
    ("/contacts, /requests", "list contacts, or who asks and which strangers have written"),
    ("/find NAME or +PHONE", "find somebody by exactly that"),
    ("/invite [USES]", "make a link that brings a contact; /invite new [USES] for who has no account"),
    ("/join LINK", "accept an invitation"),
    ("/away, /busy [TEXT]", "say how you are there; /online again; /invisible: not to be seen"),
    ("/privacy [WHAT WHOM]", "what you show: /privacy last-seen nobody"),
    ("/about TEXT", "say something about yourself"),
];

/// Understands a verb of this file; `None`: it is another. An error is a sentence about what was wrong.
pub(super) fn understand(verb: &str, rest: &str) -> Option<Result<People, String>> {
    let (first, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (first, after) = (first.to_owned(), after.trim().to_owned());
    let needs = |what: &str| Err(format!("/{verb} needs {what}: type /help"));
    let alone = |people: fn(String) -> People| match after.is_empty() {
        true => Ok(people(first.clone())),
        false => needs("one address"),
    };
    Some(match verb {
        "add" => Ok(People::Add { address: first, note: after }),
        "accept" | "refuse" => alone(match verb {
            "accept" => |address| People::Answer { address, accept: true },
            _ => |address| People::Answer { address, accept: false },
        }),
        "withdraw" => alone(People::Withdraw),
        "remove" => alone(People::Remove),
        "block" => alone(People::Block),
        "unblock" => alone(People::Unblock),
        // Without an address it is one's own name, which is no command of this file.
        "name" if first.contains('@') => Ok(People::Name { address: first, name: after }),
        "label" if first.is_empty() => needs("an address"),
        "label" => {
            let labels = after.split(',').map(|label| label.trim().to_owned()).filter(|label| !label.is_empty());
            Ok(People::Label { address: first, labels: labels.collect() })
        }
        "contacts" => Ok(People::Contacts),
        "requests" => Ok(People::Requests),
        "find" if rest.is_empty() => needs("a name, an address or a phone number"),
        "find" => Ok(People::Find(rest.to_owned())),
        "invite" => invite(rest).map_or_else(|| needs("nothing, or a number of uses from 1 to 100"), Ok),
        "join" if rest.is_empty() => needs("the link of an invitation"),
        "join" => Ok(People::Join(rest.to_owned())),
        "away" => Ok(be(Availability::Away, rest)),
        "busy" => Ok(be(Availability::Busy, rest)),
        "online" => Ok(be(Availability::Online, rest)),
        "invisible" => Ok(be(Availability::Offline, rest)),
        "about" => Ok(People::About(rest.to_owned())),
        "privacy" if rest.is_empty() => Ok(People::Privacy),
        "privacy" => {
            let what = SHOWN.iter().find(|(name, _)| *name == first).map(|(_, what)| *what);
            let whom = WHOM.iter().find(|(name, _)| *name == after).map(|(_, whom)| *whom);
            match (what, whom) {
                (Some(what), Some(whom)) => Ok(People::Show { what, whom }),
                _ => needs("one of receipts, last-seen, picture, about, phone and one of everyone, contacts, nobody"),
            }
        }
        _ => return None,
    })
}

fn be(availability: Availability, status: &str) -> People {
    People::Be { availability, status: status.to_owned() }
}

fn invite(rest: &str) -> Option<People> {
    let mut words = rest.split_whitespace().peekable();
    let kind = match words.next_if_eq(&"new") {
        Some(_) => InviteKind::SignUp,
        None => InviteKind::Contact,
    };
    let uses = match words.next() {
        Some(number) => Some(number.parse().ok().filter(|uses| (1..=100).contains(uses))?),
        None => None,
    };
    words.next().is_none().then_some(People::Invite { kind, uses })
}

/// Carries a command out in a room.
pub(super) async fn carry_out(client: &Client, room: &Room, people: People) -> Result<Vec<Outcome>, ClientError> {
    let whom = Whom::new(client, room).await?;
    let note = |text: String| Ok(vec![Outcome::Note(vec![text])]);
    let Some(people) = whom.addressed(people) else {
        return Ok(vec![Outcome::Trouble("that needs an address, or an open conversation: type /help".to_owned())]);
    };
    match people {
        People::Add { address, note: words } => {
            let contact = client.request_contact(&address, &words).await?;
            note(match contact.is_mutual() {
                true => format!("{} and you are contacts now", contact.shown_name()),
                false => format!("{} is asked", contact.shown_name()),
            })
        }
        People::Answer { address, accept } => answer(client, &address, accept).await,
        People::Withdraw(address) => {
            client.withdraw_contact(&address).await?;
            note(format!("{address} is no longer asked"))
        }
        People::Remove(address) => {
            client.remove_contact(&address).await?;
            note(format!("{address} is no contact of yours any more"))
        }
        People::Name { address, name } => {
            let labels = client.contact(&address).await?.labels;
            let contact = client.set_contact(&address, &name, &labels).await?;
            note(format!("{address} is called {} here", contact.shown_name()))
        }
        People::Label { address, labels } => {
            let name = client.contact(&address).await?.name;
            client.set_contact(&address, &name, &labels).await?;
            note(match labels.is_empty() {
                true => format!("{address} has no labels now"),
                false => format!("{address}: {}", labels.join(", ")),
            })
        }
        People::Block(address) => {
            client.block(&address).await?;
            note(format!("{address} is blocked, and not told; /unblock {address} ends it"))
        }
        People::Unblock(address) => {
            client.unblock(&address).await?;
            note(format!("{address} is not blocked any more; what was sent meanwhile does not come"))
        }
        People::Contacts => {
            let contacts = client.contacts().await?;
            Ok(vec![Outcome::People(contacts.iter().map(|contact| line(client, contact)).collect())])
        }
        People::Requests => requests(client).await,
        People::Find(query) => match client.find(&query).await? {
            Some(found) => note(found_line(&found)),
            None => note(format!("nobody is found by {query}")),
        },
        People::Invite { kind, uses } => {
            let made = client.create_invite(kind, uses, None).await?;
            let uses = made.invite.as_ref().map_or(1, |invite| invite.uses_left);
            let times = if uses == 1 { "once".to_owned() } else { format!("{uses} times") };
            let how = match kind {
                InviteKind::SignUp => format!("belfry chat --invite {}", made.link),
                _ => "/join with this link, or read the code".to_owned(),
            };
            Ok(vec![Outcome::Code {
                lines: vec![made.link.clone(), format!("good {times}, for seven days: {how}")],
                code: link::picture(&made.link).unwrap_or_default(),
            }])
        }
        People::Join(token) => {
            let contact = client.accept_invite(&token).await?;
            let text = format!("{} and you are contacts now", contact.shown_name());
            Ok(vec![Outcome::Note(vec![text]), Outcome::Show(Room::Peer(contact.address))])
        }
        People::Be { availability, status } => {
            client.set_presence(availability, &status).await?;
            Ok(vec![Outcome::Is(availability)])
        }
        People::About(about) => {
            let request = v1::SetProfileRequest { about: Some(about), ..Default::default() };
            client.set_profile(request).await?;
            note("changed".to_owned())
        }
        People::Privacy => Ok(vec![Outcome::Note(privacy_lines(&client.privacy().await?))]),
        People::Show { what, whom } => {
            let mut request = v1::SetPrivacyRequest::default();
            match what {
                Shown::Receipts => request.set_read_receipts(whom),
                Shown::LastSeen => request.set_last_seen(whom),
                Shown::Picture => request.set_picture(whom),
                Shown::About => request.set_about(whom),
                Shown::Phone => request.set_found_by_phone(whom),
            }
            Ok(vec![Outcome::Note(privacy_lines(&client.set_privacy(request).await?))])
        }
    }
}

/// Who is meant.
struct Whom {
    open: Option<String>,
    domain: String,
}

impl Whom {
    async fn new(client: &Client, room: &Room) -> Result<Whom, ClientError> {
        let own = client.account().await?.map(|account| account.address).unwrap_or_default();
        let domain = own.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default();
        let open = if let Room::Peer(peer) = room { Some(peer.clone()) } else { None };
        Ok(Whom { open, domain })
    }

    fn address(&self, typed: &str) -> Option<String> {
        match typed {
            "" => self.open.clone(),
            whole if whole.contains('@') => Some(whole.to_owned()),
            local => Some(format!("{local}@{}", self.domain)),
        }
    }

    /// The command with the whole address; `None`: nobody is named.
    fn addressed(&self, mut people: People) -> Option<People> {
        if let People::Add { address, .. }
        | People::Answer { address, .. }
        | People::Withdraw(address)
        | People::Remove(address)
        | People::Name { address, .. }
        | People::Label { address, .. }
        | People::Block(address)
        | People::Unblock(address) = &mut people
        {
            *address = self.address(address)?;
        }
        Some(people)
    }
}

/// Answers a request to be a contact; without one, accepts that a stranger has written.
async fn answer(client: &Client, address: &str, accept: bool) -> Result<Vec<Outcome>, ClientError> {
    let note = |text: String| Ok(vec![Outcome::Note(vec![text])]);
    let asks = client.contact(address).await?.request.is_some();
    let writes = client.conversations().await?.into_iter().any(|one| one.peer == address && one.request);
    match (accept, asks) {
        (true, true) => {
            let contact = client.accept_contact(address).await?;
            note(format!("{} and you are contacts now", contact.shown_name()))
        }
        (true, false) if writes => {
            client.accept_messages(address).await?;
            note(format!("the conversation with {address} is among your chats now; /add makes a contact"))
        }
        (false, true) => {
            client.refuse_contact(address).await?;
            note(format!("{address} is not a contact; /block lets nothing more pass"))
        }
        (false, false) if writes => note(format!("{address} learns nothing; /block {address} lets nothing more pass")),
        _ => Ok(vec![Outcome::Trouble(format!("{address} does not ask: see /requests"))]),
    }
}

async fn requests(client: &Client) -> Result<Vec<Outcome>, ClientError> {
    let asking = client.contact_requests().await?;
    let mut lines: Vec<String> = asking.iter().map(|contact| line(client, contact)).collect();
    let known = |peer: &str| asking.iter().any(|contact| contact.address == peer);
    let strangers = client.conversations().await?.into_iter().filter(|one| one.request && !known(&one.peer));
    lines.extend(strangers.map(|one| format!("{:<32} has written, {} unread", one.peer, one.unread)));
    if lines.is_empty() {
        lines.push("nobody asks".to_owned());
    }
    Ok(vec![Outcome::Requests(lines)])
}

/// A contact in one line: address, name, how it stands, labels.
fn line(client: &Client, contact: &Contact) -> String {
    let name = if contact.shown_name() == contact.address { "" } else { contact.shown_name() };
    let mut about = vec![standing(contact)];
    about.push(word(client.availability(contact)).to_owned());
    about.extend(contact.labels.iter().map(|label| format!("#{label}")));
    about.retain(|words| !words.is_empty());
    format!("{:<28} {name:<20} {}", contact.address, about.join(", ")).trim_end().to_owned()
}

/// How one stands to somebody, in words; empty: as contacts do.
pub(super) fn standing(contact: &Contact) -> String {
    match &contact.request {
        _ if contact.blocked => "blocked".to_owned(),
        Some(request) if request.note.is_empty() => "asks to be a contact".to_owned(),
        Some(request) => format!("asks to be a contact: {}", request.note),
        None if contact.asks => "asked, no answer yet".to_owned(),
        None if contact.listed && !contact.to => "does not show when online".to_owned(),
        None => String::new(),
    }
}

fn found_line(found: &v1::Profile) -> String {
    let about = if found.about.is_empty() { String::new() } else { format!(" ({})", found.about) };
    format!("{} <{}>{about}: /add {}", found.display_name, found.address, found.address)
}

fn privacy_lines(privacy: &v1::Privacy) -> Vec<String> {
    SHOWN
        .iter()
        .map(|(name, what)| {
            let whom = match what {
                Shown::Receipts => privacy.read_receipts(),
                Shown::LastSeen => privacy.last_seen(),
                Shown::Picture => privacy.picture(),
                Shown::About => privacy.about(),
                Shown::Phone => privacy.found_by_phone(),
            };
            let whom = WHOM.iter().find(|(_, audience)| *audience == whom).map_or("", |(whom, _)| whom);
            format!("{name:<10} {whom}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_about_people_are_understood() {
        let text = |text: &str| text.to_owned();
        for (verb, rest, meant) in [
            (
                "add",
                "ben@x Ann from the choir",
                People::Add { address: text("ben@x"), note: text("Ann from the choir") },
            ),
            ("add", "", People::Add { address: String::new(), note: String::new() }),
            ("accept", "ben", People::Answer { address: text("ben"), accept: true }),
            ("refuse", "", People::Answer { address: String::new(), accept: false }),
            ("name", "ben@x Ben B.", People::Name { address: text("ben@x"), name: text("Ben B.") }),
            (
                "label",
                "ben@x family, choir,",
                People::Label { address: text("ben@x"), labels: vec![text("family"), text("choir")] },
            ),
            ("label", "ben@x", People::Label { address: text("ben@x"), labels: vec![] }),
            ("block", "ben@x", People::Block(text("ben@x"))),
            ("invite", "", People::Invite { kind: InviteKind::Contact, uses: None }),
            ("invite", "new 5", People::Invite { kind: InviteKind::SignUp, uses: Some(5) }),
            ("busy", "in a meeting", be(Availability::Busy, "in a meeting")),
            ("invisible", "", be(Availability::Offline, "")),
            ("privacy", "last-seen nobody", People::Show { what: Shown::LastSeen, whom: Audience::Nobody }),
        ] {
            assert_eq!(understand(verb, rest), Some(Ok(meant)), "/{verb} {rest}");
        }
        for (verb, rest) in [
            ("block", "ben carl"),
            ("label", ""),
            ("find", ""),
            ("invite", "101"),
            ("invite", "new x"),
            ("join", ""),
            ("privacy", "last-seen"),
            ("privacy", "shoes everyone"),
        ] {
            assert!(matches!(understand(verb, rest), Some(Err(_))), "/{verb} {rest}");
        }
        assert_eq!(understand("name", "Ann"), None, "one's own name");
        assert_eq!(understand("dance", ""), None);
    }

    #[test]
    fn who_is_not_named_is_the_other_side_and_of_ones_own_domain() {
        let whom = |open: Option<&str>| Whom { open: open.map(str::to_owned), domain: "example.org".to_owned() };
        let block = |typed: &str| People::Block(typed.to_owned());
        assert_eq!(whom(None).addressed(block("ben")), Some(block("ben@example.org")));
        assert_eq!(whom(Some("ben@x")).addressed(block("")), Some(block("ben@x")));
        assert_eq!(whom(Some("ben@x")).addressed(block("carl@y")), Some(block("carl@y")));
        assert_eq!(whom(None).addressed(block("")), None);
        assert_eq!(whom(None).addressed(People::Contacts), Some(People::Contacts));
    }

    #[test]
    fn how_one_stands_to_somebody_is_said_in_words() {
        let contact = Contact { listed: true, to: true, from: true, ..Contact::default() };
        assert_eq!(standing(&contact), "");
        assert_eq!(standing(&Contact { blocked: true, ..contact.clone() }), "blocked");
        assert_eq!(standing(&Contact { to: false, asks: true, ..contact.clone() }), "asked, no answer yet");
        let request = Some(v1::IncomingRequest { asked_at_ms: 1, note: "hi".into() });
        assert_eq!(standing(&Contact { request, ..Contact::default() }), "asks to be a contact: hi");
    }
}
