//! Stored records of contacts, profiles and invitations, and their way to the nouns and back.
//!
//! Values of the family `meta`, as in [`super::records`]. Invariant: of an invitation's token only the hash is in here.

use belfry_domain::ports::StoreError;
use belfry_domain::{
    Account, AccountId, Asked, Audience, Contact, ContactView, Invite, InviteKind, Picture, PictureId, Privacy,
    Profile, TimestampMs,
};

use super::records::{OwnerRecord, corrupt, parse_address};

/// How an owner stands to another account.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContactRecord {
    /// The place of its latest change.
    #[prost(uint64, tag = "1")]
    pub(super) seq: u64,
    #[prost(string, tag = "2")]
    pub(super) peer_address: String,
    #[prost(string, tag = "3")]
    pub(super) name: String,
    #[prost(string, repeated, tag = "4")]
    pub(super) labels: Vec<String>,
    #[prost(bool, tag = "5")]
    pub(super) listed: bool,
    #[prost(bool, tag = "6")]
    pub(super) to: bool,
    #[prost(bool, tag = "7")]
    pub(super) from: bool,
    #[prost(bool, tag = "8")]
    pub(super) asks: bool,
    #[prost(bool, tag = "9")]
    pub(super) approved: bool,
    #[prost(message, optional, tag = "10")]
    pub(super) asked: Option<AskedRecord>,
    #[prost(bool, tag = "11")]
    pub(super) blocked: bool,
}

/// A request that waits for an answer.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AskedRecord {
    #[prost(uint64, tag = "1")]
    pub(super) at: u64,
    #[prost(string, tag = "2")]
    pub(super) note: String,
}

/// What people see of an account beside its name.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ProfileRecord {
    #[prost(string, tag = "1")]
    pub(super) about: String,
    /// Empty: none.
    #[prost(bytes = "vec", tag = "2")]
    pub(super) picture: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PictureRecord {
    #[prost(string, tag = "1")]
    pub(super) mime: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) data: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct InviteRecord {
    #[prost(uint64, tag = "1")]
    pub(super) by: u64,
    /// It makes an account; otherwise it is for a contact alone.
    #[prost(bool, tag = "2")]
    pub(super) sign_up: bool,
    #[prost(uint32, tag = "3")]
    pub(super) uses_left: u32,
    #[prost(uint64, tag = "4")]
    pub(super) created: u64,
    #[prost(uint64, tag = "5")]
    pub(super) expires: u64,
}

impl ContactRecord {
    pub(super) fn of(contact: &Contact, peer_address: String, seq: u64) -> ContactRecord {
        let asked = contact.asked.as_ref();
        ContactRecord {
            seq,
            peer_address,
            name: contact.name.clone(),
            labels: contact.labels.clone(),
            listed: contact.listed,
            to: contact.to,
            from: contact.from,
            asks: contact.asks,
            approved: contact.approved,
            asked: asked.map(|asked| AskedRecord { at: asked.at.0, note: asked.note.clone() }),
            blocked: contact.blocked,
        }
    }

    pub(super) fn into_contact(self) -> Contact {
        Contact {
            name: self.name,
            labels: self.labels,
            listed: self.listed,
            to: self.to,
            from: self.from,
            asks: self.asks,
            approved: self.approved,
            asked: self.asked.map(|asked| Asked { at: TimestampMs(asked.at), note: asked.note }),
            blocked: self.blocked,
        }
    }

    pub(super) fn into_view(self, account: AccountId) -> Result<ContactView, StoreError> {
        let peer = parse_address(&self.peer_address)?;
        Ok(ContactView { account, peer, contact: self.into_contact() })
    }
}

impl ProfileRecord {
    pub(super) fn into_profile(self, account: Account) -> Result<Profile, StoreError> {
        let picture = self.picture_id()?;
        Ok(Profile { address: account.address, display_name: account.display_name, about: self.about, picture })
    }

    pub(super) fn picture_id(&self) -> Result<Option<PictureId>, StoreError> {
        if self.picture.is_empty() {
            return Ok(None);
        }
        let id = self.picture.as_slice().try_into().map_err(|_| corrupt("the name of a picture"))?;
        Ok(Some(PictureId(id)))
    }
}

impl PictureRecord {
    pub(super) fn into_picture(self) -> Picture {
        Picture { mime: self.mime, data: self.data }
    }
}

impl InviteRecord {
    pub(super) fn of(invite: &Invite) -> InviteRecord {
        InviteRecord {
            by: invite.by.0,
            sign_up: invite.kind == InviteKind::SignUp,
            uses_left: invite.uses_left,
            created: invite.created.0,
            expires: invite.expires.0,
        }
    }

    pub(super) fn is_good(&self, now: TimestampMs) -> bool {
        self.uses_left > 0 && self.expires > now.0
    }

    pub(super) fn into_invite(self, hash: [u8; 32]) -> Invite {
        Invite {
            hash,
            by: AccountId(self.by),
            kind: if self.sign_up { InviteKind::SignUp } else { InviteKind::Contact },
            uses_left: self.uses_left,
            created: TimestampMs(self.created),
            expires: TimestampMs(self.expires),
        }
    }
}

fn audience_number(audience: Audience) -> u32 {
    match audience {
        Audience::Everyone => 1,
        Audience::Contacts => 2,
        Audience::Nobody => 3,
    }
}

/// What a later version has written and this one does not know is taken for nobody.
fn audience(number: u32, unless_said: Audience) -> Audience {
    match number {
        0 => unless_said,
        1 => Audience::Everyone,
        2 => Audience::Contacts,
        _ => Audience::Nobody,
    }
}

impl OwnerRecord {
    pub(super) fn privacy_of(&self) -> Privacy {
        let mut unless_said = Privacy::default();
        if self.read_receipts_off {
            unless_said.read_receipts = Audience::Nobody;
        }
        Privacy {
            read_receipts: audience(self.read_receipts, unless_said.read_receipts),
            last_seen: audience(self.last_seen, unless_said.last_seen),
            picture: audience(self.picture, unless_said.picture),
            about: audience(self.about, unless_said.about),
            found_by_phone: audience(self.found_by_phone, unless_said.found_by_phone),
        }
    }

    pub(super) fn set_privacy(&mut self, privacy: Privacy) {
        self.read_receipts_off = false;
        self.read_receipts = audience_number(privacy.read_receipts);
        self.last_seen = audience_number(privacy.last_seen);
        self.picture = audience_number(privacy.picture);
        self.about = audience_number(privacy.about);
        self.found_by_phone = audience_number(privacy.found_by_phone);
    }
}
