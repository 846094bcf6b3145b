//! Invitations: links that bring contacts, and new accounts, which `sign_up` makes.
//!
//! Wishes of devices and operators come in, the text of a link leaves, once; later a token comes back and two accounts
//! are contacts. Invariants: a token is kept by its hash alone; every token that is not good is answered alike.

use belfry_domain::limits::{INVITE_MS_MAX, INVITE_USES_MAX, INVITES_MAX};
use belfry_domain::ports::{InviteOutcome, random_array};
use belfry_domain::{AccountId, Address, Code, ContactView, Invite, InviteKind, Refusal, Secret, TimestampMs};
use sha2::{Digest, Sha256};

use crate::command::{Caller, InviteMade, InviteSeen, Reply};
use crate::credentials::hex;
use crate::limits::Limited;
use crate::settings::{Registrations, SignUps};
use crate::{Engine, device_of, refused};

/// Random bytes of a token: 160 bits cannot be guessed.
const TOKEN_BYTES: usize = 20;

/// An invitation that does not say how long it is good: a week.
const GOOD_MS: u64 = 7 * 24 * 3_600_000;

/// What of the hash names an invitation to its owner: 128 bits.
const ID_BYTES: usize = 16;

impl Engine {
    pub(crate) async fn create_invite(
        &self,
        caller: &Caller,
        kind: InviteKind,
        uses: u32,
        expires_after_ms: u64,
    ) -> Result<Reply, Refusal> {
        let (owner, own, _) = device_of(caller)?;
        let allowed = kind == InviteKind::Contact || self.settings().sign_ups == SignUps::Everyone;
        if !allowed {
            return Err(Refusal::new(
                Code::Forbidden,
                "On this server its operators invite to sign up: ask them for a link. You can invite contacts.",
            ));
        }
        self.limit(&Limited::Invitations(owner))?;
        self.new_invite((owner, own), kind, uses, expires_after_ms).await.map(|made| Reply::InviteMade(Box::new(made)))
    }

    /// Makes an invitation of an account, for an operator. Errors: `not_found`, `forbidden`, `bad_request`.
    pub async fn admin_invite(
        &self,
        by: &Address,
        kind: InviteKind,
        uses: u32,
        expires_after_ms: u64,
    ) -> Result<InviteMade, Refusal> {
        if kind == InviteKind::SignUp && self.settings().sign_ups == SignUps::Nobody {
            return Err(no_sign_ups());
        }
        let account = self.account_at(by).await?;
        self.new_invite((account.id, by), kind, uses, expires_after_ms).await
    }

    async fn new_invite(
        &self,
        (by, address): (AccountId, &Address),
        kind: InviteKind,
        uses: u32,
        expires_after_ms: u64,
    ) -> Result<InviteMade, Refusal> {
        let uses_left = if uses == 0 { 1 } else { uses };
        let good_ms = if expires_after_ms == 0 { GOOD_MS } else { expires_after_ms };
        if uses_left > INVITE_USES_MAX || good_ms > INVITE_MS_MAX {
            let days = INVITE_MS_MAX / (24 * 3_600_000);
            return Err(Refusal::new(
                Code::BadRequest,
                format!("An invitation has at most {INVITE_USES_MAX} uses and is good for at most {days} days."),
            ));
        }
        let token = hex(&random_array::<TOKEN_BYTES>(&*self.inner.ports.entropy));
        let now = self.inner.ports.clock.now();
        let invite = Invite { hash: hash(&token), by, kind, uses_left, created: now, expires: now.plus_ms(good_ms) };
        if !self.store().put_invite(invite.clone(), now).await.map_err(refused)? {
            return Err(Refusal::new(
                Code::Forbidden,
                format!("You have {INVITES_MAX} invitations that are still good, which is the limit: take one back."),
            ));
        }
        let link = format!("{}/i/{token}", self.settings().public_url.trim_end_matches('/'));
        let uri = self.invite_uri(kind, address, &token).map(Secret::new);
        Ok(InviteMade { invite, token: Secret::new(token), link: Secret::new(link), uri })
    }

    pub(crate) async fn list_invites(&self, caller: &Caller) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.limit_changes(caller)?;
        let now = self.inner.ports.clock.now();
        self.store().invites(owner, now).await.map(Reply::Invites).map_err(refused)
    }

    pub(crate) async fn revoke_invite(&self, caller: &Caller, id: [u8; ID_BYTES]) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.limit_changes(caller)?;
        let gone = || Refusal::new(Code::NotFound, "There is no such invitation of yours (any more).");
        let now = self.inner.ports.clock.now();
        let invites = self.store().invites(owner, now).await.map_err(refused)?;
        let invite = invites.iter().find(|invite| invite_id(invite) == id).ok_or_else(gone)?;
        match self.store().revoke_invite(owner, &invite.hash).await.map_err(refused)? {
            true => Ok(Reply::Done),
            false => Err(gone()),
        }
    }

    pub(crate) async fn look_at_invite(&self, caller: &Caller, token: &Secret<String>) -> Result<Reply, Refusal> {
        self.limit_peer(&caller.peer, Limited::InvitationsLookedAt)?;
        let invite = self.good_invite(token).await?;
        let by = self.store().account(invite.by).await.map_err(refused)?.ok_or_else(not_good)?;
        Ok(Reply::InviteSeen(Box::new(InviteSeen {
            kind: invite.kind,
            by: by.address.clone(),
            display_name: by.display_name.clone(),
            expires: invite.expires,
            uri: text_of(token).and_then(|token| self.invite_uri(invite.kind, &by.address, &token)).map(Secret::new),
        })))
    }

    /// An invitation as XMPP clients read it: to be a contact, or to make an account, where they may. XEP-0379 §3.2,
    /// XEP-0445 §2.2.
    fn invite_uri(&self, kind: InviteKind, by: &Address, token: &str) -> Option<String> {
        let settings = self.settings();
        let makes = kind == InviteKind::SignUp && self.registrations() != Registrations::Nobody;
        let uri = match makes {
            true => format!("xmpp:{}?register;preauth={token}", escaped(by.domain())),
            false => contact_uri(by, token),
        };
        settings.xmpp_uris.then_some(uri)
    }

    /// Becomes a contact of who invites.
    pub(crate) async fn accept_invite(&self, caller: &Caller, token: &Secret<String>) -> Result<Reply, Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.limit_peer(&caller.peer, Limited::InvitationsLookedAt)?;
        self.limit(&Limited::ContactChanges(owner))?;
        let invite = self.use_invite(token, owner, self.now()).await?;
        let contact = self.store().contact(owner, invite.by).await.map_err(refused)?;
        let by = self.store().account(invite.by).await.map_err(refused)?.ok_or_else(not_good)?;
        let (account, peer) = (invite.by, by.address.clone());
        Ok(Reply::Contact(ContactView { account, peer, contact: (*contact).clone() }))
    }

    /// The invitation of a token, if it is still good.
    pub(crate) async fn good_invite(&self, token: &Secret<String>) -> Result<Invite, Refusal> {
        let hash = read(token).ok_or_else(not_good)?;
        let now = self.inner.ports.clock.now();
        self.store().invite(&hash, now).await.map_err(refused)?.ok_or_else(not_good)
    }

    /// Uses one up that was good at a moment, and tells both sides.
    pub(crate) async fn use_invite(
        &self,
        token: &Secret<String>,
        by: AccountId,
        now: TimestampMs,
    ) -> Result<Invite, Refusal> {
        let hash = read(token).ok_or_else(not_good)?;
        match self.store().use_invite(&hash, by, now).await.map_err(refused)? {
            InviteOutcome::Used(invite, entries) => {
                self.inner.hub.publish(&entries);
                Ok(invite)
            }
            InviteOutcome::NotGood => Err(not_good()),
        }
    }
}

pub(crate) fn not_good() -> Refusal {
    Refusal::new(Code::NotFound, "This invitation is not good (any more): ask for a new one.")
}

pub(crate) fn no_sign_ups() -> Refusal {
    Refusal::new(Code::Forbidden, "On this server nobody signs up by an invitation: ask its operators for an account.")
}

/// What names an invitation to its owner, and is good for nothing else.
pub fn invite_id(invite: &Invite) -> [u8; 16] {
    let mut id = [0; ID_BYTES];
    id.copy_from_slice(&invite.hash[..ID_BYTES]);
    id
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The hash of a token.
fn read(text: &Secret<String>) -> Option<[u8; 32]> {
    text_of(text).map(|token| hash(&token))
}

/// A token, which may come as the whole link or URI; `None`: it is none.
fn text_of(text: &Secret<String>) -> Option<String> {
    let token = text.expose().trim();
    let token = token.rsplit_once("/i/").or_else(|| token.rsplit_once("preauth=")).map_or(token, |(_, token)| token);
    let token = token.split(['?', '#', '/', ';', '&']).next().unwrap_or_default().to_ascii_lowercase();
    let is_token = token.len() == 2 * TOKEN_BYTES && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_token.then_some(token)
}

/// What makes whoever opens it with an XMPP client a contact of this account. XEP-0379 §3.2.
pub fn contact_uri(of: &Address, token: &str) -> String {
    format!("xmpp:{}@{}?roster;preauth={token}", escaped(of.local()), escaped(of.domain()))
}

/// A part of an address as a URI has it. RFC 5122 §2.2; what need not be escaped may be.
fn escaped(part: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let letter = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    part.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_address_is_written_so_that_it_is_read_back() {
        for (part, uri) in [("alice", "alice"), ("o.k_-~", "o.k_-~"), ("a;b=c?d", "a%3Bb%3Dc%3Fd"), ("zoë", "zo%C3%AB")]
        {
            assert_eq!(escaped(part), uri);
        }
    }

    #[test]
    fn a_token_is_read_from_a_link_and_nothing_else_is_one() {
        let token = "0123456789abcdef0123456789abcdef01234567";
        let read = |text: &str| read(&Secret::new(text.to_owned()));
        for text in [
            token.to_owned(),
            format!(" {token}\n"),
            token.to_uppercase(),
            format!("https://chat.example.org/i/{token}"),
            format!("http://localhost:8080/i/{token}/?from=mail#x"),
            format!("xmpp:alice@example.org?roster;preauth={token};ibr=y"),
            format!("xmpp:example.org?register;preauth={token}"),
        ] {
            assert_eq!(read(&text), Some(hash(token)), "{text}");
        }
        for text in ["", "/i/", &token[1..], &format!("{token}0"), &token.replace('0', "g"), "https://a.b/c"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
