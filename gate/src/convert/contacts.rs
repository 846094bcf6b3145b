//! Contacts, finding people, invitations and profiles, to the engine's types and back.
//!
//! The schema's requests come in and commands leave; the engine's values come in and the schema's leave. Invariant: what
//! an owner is not to know of another account is not in the engine's values, so nothing is left out here.

use std::fmt::Write as _;

use belfry_domain::{AccountId, ContactView, Deed, Invite, InviteKind, Picture, PictureId, Profile, Refusal, Secret};
use belfry_engine::{Command, InviteMade, InviteSeen, ProfileWish, SignUp, Wanted, invite_id};
use belfry_wire::v1;

use super::bad_request;
use super::command::{address, phone, some};

/// Something that is done about an address.
pub(super) fn deed(with: &str, deed: Deed) -> Result<Command, Refusal> {
    Ok(Command::ChangeContact { with: address(with)?, deed })
}

pub(super) fn list(ask: &v1::ListContactsRequest) -> Command {
    Command::ListContacts { after: (ask.after != 0).then_some(AccountId(ask.after)), limit: ask.limit as usize }
}

/// By what somebody is to be found.
pub(super) fn find(query: &str) -> Result<Command, Refusal> {
    let query = query.trim();
    if query.is_empty() {
        return Err(bad_request("Say whom: query is a name, an address or a phone number that begins with a plus."));
    }
    Ok(Command::Find(match query {
        number if number.starts_with('+') => Wanted::Phone(phone(number)?),
        text if text.contains('@') => Wanted::Address(address(text)?),
        name => Wanted::Name(name.to_owned()),
    }))
}

pub(super) fn set_profile(ask: v1::SetProfileRequest) -> Command {
    let picture = |picture: v1::Picture| {
        (!picture.data.is_empty()).then(|| Picture { mime: picture.mime, data: picture.data.to_vec() })
    };
    Command::SetProfile(ProfileWish {
        display_name: some(ask.display_name),
        about: ask.about,
        picture: ask.picture.map(picture),
    })
}

pub(super) fn get_picture(ask: v1::GetPictureRequest) -> Result<Command, Refusal> {
    let id = digits(&ask.picture_id)
        .ok_or_else(|| bad_request("picture_id is the 32 hexadecimal digits that the profile names."))?;
    Ok(Command::GetPicture { address: some(ask.address).as_deref().map(address).transpose()?, picture: PictureId(id) })
}

pub(super) fn create_invite(ask: v1::CreateInviteRequest) -> Result<Command, Refusal> {
    let kind = match v1::InviteKind::try_from(ask.kind) {
        Ok(v1::InviteKind::Contact) => InviteKind::Contact,
        Ok(v1::InviteKind::SignUp) => InviteKind::SignUp,
        Ok(v1::InviteKind::Unspecified) => return Err(bad_request("Say for what: kind is missing.")),
        Err(_) => return Err(bad_request(format!("There is no kind of invitation {}.", ask.kind))),
    };
    Ok(Command::CreateInvite { kind, uses: ask.uses, expires_after_ms: ask.expires_after_ms })
}

pub(super) fn revoke_invite(ask: &v1::RevokeInviteRequest) -> Result<Command, Refusal> {
    let invite = digits(&ask.invite_id)
        .ok_or_else(|| bad_request("invite_id is the 32 hexadecimal digits that LIST_INVITES answers."))?;
    Ok(Command::RevokeInvite { invite })
}

/// The token of an invitation, or the link with it.
pub(super) fn token(text: String) -> Result<Secret<String>, Refusal> {
    match text.trim().is_empty() {
        false => Ok(Secret::new(text)),
        true => Err(bad_request("Say which invitation: token is missing.")),
    }
}

pub(super) fn sign_up(ask: v1::SignUpRequest) -> Result<Command, Refusal> {
    Ok(Command::SignUp(Box::new(SignUp {
        token: token(ask.token)?,
        name: ask.name,
        password: Secret::new(ask.password),
        display_name: ask.display_name,
        device_name: ask.device_name,
    })))
}

pub(super) fn contact(view: &ContactView) -> v1::Contact {
    let contact = &view.contact;
    v1::Contact {
        address: view.peer.to_string(),
        name: contact.name.clone(),
        labels: contact.labels.clone(),
        listed: contact.listed,
        to: contact.to,
        from: contact.from,
        asks: contact.asks,
        approved: contact.approved,
        request: contact
            .asked
            .as_ref()
            .map(|asked| v1::IncomingRequest { asked_at_ms: asked.at.0, note: asked.note.clone() }),
        blocked: contact.blocked,
    }
}

pub(super) fn contacts(views: &[ContactView], next: Option<AccountId>) -> v1::ListContactsReply {
    v1::ListContactsReply { contacts: views.iter().map(contact).collect(), next: next.map_or(0, |next| next.0) }
}

pub(super) fn profile(shown: &Profile) -> v1::Profile {
    v1::Profile {
        address: shown.address.to_string(),
        display_name: shown.display_name.clone(),
        about: shown.about.clone(),
        picture_id: shown.picture.map_or_else(String::new, |picture| hex(&picture.0)),
    }
}

pub(super) fn picture(picture: &Picture) -> v1::GetPictureReply {
    let (mime, data) = (picture.mime.clone(), picture.data.clone().into());
    v1::GetPictureReply { picture: Some(v1::Picture { mime, data }) }
}

fn kind(kind: InviteKind) -> i32 {
    match kind {
        InviteKind::Contact => v1::InviteKind::Contact,
        InviteKind::SignUp => v1::InviteKind::SignUp,
    }
    .into()
}

fn invite(invite: &Invite) -> v1::Invite {
    v1::Invite {
        invite_id: hex(&invite_id(invite)),
        kind: kind(invite.kind),
        uses_left: invite.uses_left,
        created_at_ms: invite.created.0,
        expires_at_ms: invite.expires.0,
    }
}

pub(super) fn invites(list: &[Invite]) -> v1::ListInvitesReply {
    v1::ListInvitesReply { invites: list.iter().map(invite).collect() }
}

pub(super) fn made(made: &InviteMade) -> v1::CreateInviteReply {
    v1::CreateInviteReply {
        invite: Some(invite(&made.invite)),
        token: made.token.expose().clone(),
        link: made.link.expose().clone(),
    }
}

pub(super) fn seen(seen: &InviteSeen) -> v1::LookAtInviteReply {
    v1::LookAtInviteReply {
        kind: kind(seen.kind),
        address: seen.by.to_string(),
        display_name: seen.display_name.clone(),
        expires_at_ms: seen.expires.0,
        xmpp_uri: seen.uri.as_ref().map(|uri| uri.expose().clone()).unwrap_or_default(),
    }
}

fn hex(bytes: &[u8; 16]) -> String {
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        let _never = write!(text, "{byte:02x}");
        text
    })
}

/// 16 bytes in hexadecimal.
fn digits(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_32_hexadecimal_digits() {
        let id = [0, 1, 0xAB, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xFF];
        assert_eq!(digits(&hex(&id)), Some(id));
        for text in ["", "0", &"0".repeat(31), &"g".repeat(32), &format!("+{}", "0".repeat(31)), &"0".repeat(33)] {
            assert_eq!(digits(text), None, "{text}");
        }
    }

    #[test]
    fn somebody_is_found_by_a_name_an_address_or_a_number() {
        assert!(matches!(find(" bob "), Ok(Command::Find(Wanted::Name(name))) if name == "bob"));
        assert!(matches!(find("bob@localhost"), Ok(Command::Find(Wanted::Address(_)))));
        assert!(matches!(find("+4915112345678"), Ok(Command::Find(Wanted::Phone(_)))));
        for query in ["", " ", "+", "+49x", "@", "a@b@c d"] {
            assert!(find(query).is_err(), "{query}");
        }
    }
}
