//! What the fake knows of people: contacts, invitations, who is there.
//!
//! Requests of a link come in, answers, entries and notices leave. How two accounts stand to each other is kept as the
//! real server does, without what blocking hides from the blocked side.

use std::collections::HashMap;

use belfry_client::{operation, v1};
use prost::Message;
use v1::event::Item;

use crate::fake::{Fake, State, told};

/// What the fake knows of people.
#[derive(Default)]
pub(crate) struct People {
    /// How the first stands to the second.
    pub(crate) rows: HashMap<(String, String), v1::Contact>,
    /// How accounts are there; who is not in it is not there.
    present: HashMap<String, v1::Presence>,
    /// At whom each link looks.
    watched: HashMap<u64, Vec<String>>,
    /// How often WATCH was asked.
    pub(crate) watches: u32,
    /// What SET_PRESENCE said, in order.
    pub(crate) said: Vec<v1::Availability>,
    /// Who gave the invitations.
    invites: HashMap<String, (String, v1::InviteKind)>,
    /// Accounts that take no more messages of strangers.
    pub(crate) unanswering: Vec<String>,
    /// How often SEND was asked.
    pub(crate) sends: u32,
    /// How often GET_PROFILE was asked.
    pub(crate) profiles: u32,
}

impl Fake {
    /// Makes somebody be there, or not, and tells those who are to be told.
    pub(crate) fn be(&self, address: &str, availability: v1::Availability) {
        let presence = v1::Presence {
            address: address.to_owned(),
            availability: availability.into(),
            last_seen_at_ms: if availability == v1::Availability::Offline { 77 } else { 0 },
            ..Default::default()
        };
        self.state.lock().be(presence);
    }

    /// Makes two accounts contacts of each other, before anybody looks.
    pub(crate) fn befriend(&self, one: &str, other: &str) {
        let mut state = self.state.lock();
        state.request(one, other, "");
        state.request(other, one, "");
    }
}

fn body<M: Message + Default>(bytes: bytes::Bytes) -> Result<M, &'static str> {
    M::decode(bytes).map_err(|_| "bad_request")
}

impl State {
    fn be(&mut self, presence: v1::Presence) {
        let address = presence.address.clone();
        if presence.availability() == v1::Availability::Offline {
            self.people.present.remove(&address);
        } else {
            self.people.present.insert(address.clone(), presence.clone());
        }
        let update = v1::PresenceUpdate { presences: vec![presence] };
        for (id, link) in &self.links {
            let Some((who, _)) = &link.who else { continue };
            let follows = self.row(who, &address).to;
            let watches = self.people.watched.get(id).is_some_and(|watched| watched.contains(&address));
            if follows || watches {
                drop(link.told.try_send(Some(told(operation::PRESENCE_UPDATE, &update))));
            }
        }
    }

    /// Tells a link that has just logged in which contacts are there.
    pub(crate) fn tell_present(&self, id: u64, who: &str) {
        let present = self.people.present.values().filter(|presence| self.row(who, &presence.address).to);
        let update = v1::PresenceUpdate { presences: present.cloned().collect() };
        if let (Some(link), false) = (self.links.get(&id), update.presences.is_empty()) {
            drop(link.told.try_send(Some(told(operation::PRESENCE_UPDATE, &update))));
        }
    }

    /// Whether a message may not be sent, and why.
    pub(crate) fn unwanted(&mut self, from: &str, to: &str) -> Option<&'static str> {
        self.people.sends += 1;
        if self.row(from, to).blocked {
            return Some("blocking");
        }
        self.people.unanswering.iter().any(|who| who == to).then_some("unanswered")
    }

    fn row(&self, owner: &str, peer: &str) -> v1::Contact {
        let row = self.people.rows.get(&(owner.to_owned(), peer.to_owned()));
        row.cloned().unwrap_or_else(|| v1::Contact { address: peer.to_owned(), ..Default::default() })
    }

    fn set(&mut self, owner: &str, row: v1::Contact) {
        if self.row(owner, &row.address) != row {
            self.people.rows.insert((owner.to_owned(), row.address.clone()), row.clone());
            self.append(owner, Item::Contact(row), None);
        }
    }

    fn request(&mut self, who: &str, address: &str, note: &str) {
        let (mut mine, mut theirs) = (self.row(who, address), self.row(address, who));
        (mine.listed, mine.approved) = (true, true);
        if theirs.approved {
            (mine.to, mine.from, theirs.to, theirs.from) = (true, true, true, true);
            (mine.asks, theirs.asks, mine.request, theirs.request) = (false, false, None, None);
        } else if !mine.to {
            mine.asks = true;
            theirs.request = Some(v1::IncomingRequest { asked_at_ms: 5, note: note.to_owned() });
        }
        self.set(who, mine);
        self.set(address, theirs);
    }

    /// Whether neither is asked nor told of the other any longer, and what stays.
    fn part(&mut self, who: &str, address: &str, keep_listed: bool) {
        let (mut mine, mut theirs) = (self.row(who, address), self.row(address, who));
        mine = v1::Contact { address: mine.address, blocked: mine.blocked, listed: keep_listed, ..Default::default() };
        (theirs.to, theirs.from, theirs.asks, theirs.request) = (false, false, false, None);
        self.set(who, mine);
        self.set(address, theirs);
    }

    /// Answers what is asked about people.
    pub(crate) fn people(
        &mut self,
        id: u64,
        who: &str,
        operation: u32,
        bytes: bytes::Bytes,
    ) -> Result<Vec<u8>, &'static str> {
        let address = match operation {
            operation::REQUEST_CONTACT => {
                let asked: v1::RequestContactRequest = body(bytes)?;
                if asked.address.starts_with("nobody@") {
                    return Err("not_found");
                }
                self.request(who, &asked.address, &asked.note);
                asked.address
            }
            operation::ACCEPT_CONTACT => {
                let address = body::<v1::AcceptContactRequest>(bytes)?.address;
                self.row(who, &address).request.ok_or("not_found")?;
                self.request(who, &address, "");
                address
            }
            operation::REFUSE_CONTACT => {
                let address = body::<v1::RefuseContactRequest>(bytes)?.address;
                self.part(who, &address, false);
                address
            }
            operation::WITHDRAW_CONTACT => {
                let address = body::<v1::WithdrawContactRequest>(bytes)?.address;
                self.part(who, &address, false);
                address
            }
            operation::REMOVE_CONTACT => {
                let address = body::<v1::RemoveContactRequest>(bytes)?.address;
                self.part(who, &address, false);
                address
            }
            operation::SET_CONTACT => {
                let v1::SetContactRequest { address, name, labels } = body(bytes)?;
                let row = v1::Contact { name, labels, listed: true, ..self.row(who, &address) };
                self.set(who, row);
                address
            }
            operation::BLOCK | operation::UNBLOCK => {
                let address = body::<v1::BlockRequest>(bytes)?.address;
                let blocked = operation == operation::BLOCK;
                let row = v1::Contact { blocked, request: None, ..self.row(who, &address) };
                self.set(who, row);
                address
            }
            operation::ACCEPT_INVITE => {
                let token = body::<v1::AcceptInviteRequest>(bytes)?.token;
                let (by, _) = self.people.invites.get(&token).cloned().ok_or("not_found")?;
                self.request(who, &by, "");
                self.request(&by, who, "");
                by
            }
            _ => return self.more_people(id, who, operation, bytes),
        };
        Ok(v1::ContactReply { contact: Some(self.row(who, &address)) }.encode_to_vec())
    }

    fn more_people(
        &mut self,
        id: u64,
        who: &str,
        operation: u32,
        bytes: bytes::Bytes,
    ) -> Result<Vec<u8>, &'static str> {
        match operation {
            operation::LIST_CONTACTS => {
                let contacts = self.people.rows.iter().filter(|((owner, _), _)| owner == who);
                let contacts = contacts.map(|(_, row)| row.clone()).collect();
                Ok(v1::ListContactsReply { contacts, next: 0 }.encode_to_vec())
            }
            operation::FIND => {
                let query = body::<v1::FindRequest>(bytes)?.query;
                let profile = (query == "ben").then(|| profile("ben@x"));
                Ok(v1::FindReply { profile }.encode_to_vec())
            }
            operation::CREATE_INVITE => {
                let asked: v1::CreateInviteRequest = body(bytes)?;
                let token = format!("token{}", self.people.invites.len());
                self.people.invites.insert(token.clone(), (who.to_owned(), asked.kind()));
                let invite =
                    v1::Invite { invite_id: token.clone(), kind: asked.kind, uses_left: 1, ..Default::default() };
                let link = format!("https://x/i/{token}");
                Ok(v1::CreateInviteReply { invite: Some(invite), token, link }.encode_to_vec())
            }
            operation::LIST_INVITES => {
                let invite = |(id, (_, kind)): (&String, &(String, v1::InviteKind))| v1::Invite {
                    invite_id: id.clone(),
                    kind: (*kind).into(),
                    uses_left: 1,
                    ..Default::default()
                };
                let invites = self.people.invites.iter().filter(|(_, (by, _))| by == who).map(invite).collect();
                Ok(v1::ListInvitesReply { invites }.encode_to_vec())
            }
            operation::REVOKE_INVITE => {
                let invite_id = body::<v1::RevokeInviteRequest>(bytes)?.invite_id;
                self.people.invites.remove(&invite_id).ok_or("not_found")?;
                Ok(v1::RevokeInviteReply {}.encode_to_vec())
            }
            operation::GET_PICTURE => {
                let data = body::<v1::GetPictureRequest>(bytes)?.picture_id.into();
                let picture = Some(v1::Picture { mime: "image/png".to_owned(), data });
                Ok(v1::GetPictureReply { picture }.encode_to_vec())
            }
            operation::SET_PRESENCE => {
                let asked: v1::SetPresenceRequest = body(bytes)?;
                self.people.said.push(asked.availability());
                let presence = v1::Presence {
                    address: who.to_owned(),
                    availability: asked.availability,
                    status: asked.status,
                    last_seen_at_ms: 0,
                };
                self.be(presence.clone());
                Ok(v1::SetPresenceReply { presence: Some(presence) }.encode_to_vec())
            }
            operation::WATCH => {
                let addresses = body::<v1::WatchRequest>(bytes)?.addresses;
                self.people.watches += 1;
                let offline = |address: &String| v1::Presence {
                    address: address.clone(),
                    availability: v1::Availability::Offline.into(),
                    last_seen_at_ms: 77,
                    ..Default::default()
                };
                let now = |address| self.people.present.get(address).cloned().unwrap_or_else(|| offline(address));
                let presences = addresses.iter().map(now).collect();
                self.people.watched.insert(id, addresses);
                Ok(v1::WatchReply { presences, expires_in_ms: 60_000 }.encode_to_vec())
            }
            operation::GET_PROFILE => {
                let address = body::<v1::GetProfileRequest>(bytes)?.address;
                self.people.profiles += 1;
                Ok(v1::GetProfileReply { profile: Some(profile(&address)) }.encode_to_vec())
            }
            operation::GET_PRIVACY | operation::SET_PRIVACY => {
                let asked: v1::SetPrivacyRequest = body(bytes)?;
                let privacy = v1::Privacy { last_seen: asked.last_seen, ..Default::default() };
                Ok(v1::SetPrivacyReply { privacy: Some(privacy) }.encode_to_vec())
            }
            _ => Err("unknown_operation"),
        }
    }

    /// Answers what is asked about an invitation without an account; an account made by it is left to be added.
    pub(crate) fn invited(
        &mut self,
        operation: u32,
        bytes: bytes::Bytes,
    ) -> Result<Result<Vec<u8>, String>, &'static str> {
        if operation == operation::LOOK_AT_INVITE {
            let token = body::<v1::LookAtInviteRequest>(bytes)?.token;
            let (by, kind) = self.people.invites.get(&token).cloned().ok_or("not_found")?;
            let answer = v1::LookAtInviteReply { kind: kind.into(), address: by, ..Default::default() };
            return Ok(Ok(answer.encode_to_vec()));
        }
        let asked: v1::SignUpRequest = body(bytes)?;
        let (by, kind) = self.people.invites.get(&asked.token).cloned().ok_or("not_found")?;
        if kind != v1::InviteKind::SignUp {
            return Err("not_found");
        }
        let address = format!("{}@x", asked.name);
        self.request(&address, &by, "");
        self.request(&by, &address, "");
        Ok(Err(address))
    }
}

fn profile(address: &str) -> v1::Profile {
    let name = address.split('@').next().unwrap_or_default();
    let display_name = name[..1].to_uppercase() + &name[1..];
    v1::Profile { address: address.to_owned(), display_name, ..Default::default() }
}
