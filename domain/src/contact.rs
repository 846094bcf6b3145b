//! Contacts: whom an owner knows, who may see whether the owner is there, who must not reach the owner.
//!
//! One row for each owner and other side; what is between two accounts stands in both rows, each as its owner may know
//! it. The shape is that of RFC 6121 §3 (`to`, `from`, `asks`, `approved`), so that rosters and the contacts of phones
//! are one thing. Invariant: while neither blocks the other, `to` and `asks` of one side are `from` and `asked` of the
//! other. While one blocks the other, what the blocked side changes is in its own row alone, until it is unblocked.

use crate::address::Address;
use crate::ids::{AccountId, TimestampMs};
use crate::limits::{CONTACT_LABEL_BYTES_MAX, CONTACT_LABELS_MAX, CONTACT_NAME_BYTES_MAX, REQUEST_NOTE_BYTES_MAX};

pub mod deeds;

/// Who may see something of an account.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Audience {
    /// Everybody who is not blocked.
    Everyone,
    /// Those who are listed, see [`Contact::listed`].
    Contacts,
    /// Nobody else.
    Nobody,
}

/// Somebody who asks to be a contact.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Asked {
    /// Since when.
    pub at: TimestampMs,
    /// What they say with it; may be empty.
    pub note: String,
}

/// How an owner stands to another account. The default: strangers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contact {
    /// What the owner calls them; empty: by their own name.
    pub name: String,
    /// Under what the owner has sorted them, in the order given.
    pub labels: Vec<String>,
    /// In the owner's list: requested, accepted, approved or put there. This is what "contacts" means as an [`Audience`].
    pub listed: bool,
    /// The owner is told whether they are there (RFC 6121: `to`).
    pub to: bool,
    /// They are told whether the owner is there (RFC 6121: `from`).
    pub from: bool,
    /// The owner has asked them and has no answer (RFC 6121: `ask`, "pending out").
    pub asks: bool,
    /// Their next request is accepted unasked (RFC 6121 §3.4).
    pub approved: bool,
    /// They have asked the owner, who has not answered (RFC 6121: "pending in").
    pub asked: Option<Asked>,
    /// Nothing of theirs reaches the owner, and nothing of the owner's them.
    pub blocked: bool,
}

impl Contact {
    /// Whether it is as if they had never met: such a row says that a contact was removed.
    pub fn is_nothing(&self) -> bool {
        *self == Contact::default()
    }

    /// Both are told whether the other is there: what people call being in contact.
    pub fn is_mutual(&self) -> bool {
        self.to && self.from
    }

    /// Whether it is a stranger who waits for the owner's answer, as is counted against
    /// [`REQUESTS_MAX`](crate::limits::REQUESTS_MAX).
    pub fn waits(&self) -> bool {
        self.asked.is_some() && !self.listed
    }

    /// Whether they belong to an audience of the owner.
    pub fn is_among(&self, audience: Audience) -> bool {
        !self.blocked
            && match audience {
                Audience::Everyone => true,
                Audience::Contacts => self.listed,
                Audience::Nobody => false,
            }
    }
}

/// A contact of an owner, with whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContactView {
    /// The other side.
    pub account: AccountId,
    /// Its address, which outlives the account.
    pub peer: Address,
    /// How the owner stands to it.
    pub contact: Contact,
}

/// What an owner does about another account. The first seven are whole steps as people see them; the next four are
/// RFC 6121's single ones, of which the others are made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Deed {
    /// Ask to be contacts of each other, and let them see the owner as soon as they want to: list, approve, subscribe.
    /// Whoever was asked by them already accepts by this.
    Request {
        /// What is said with it.
        note: String,
    },
    /// Accept their request: list, approve, and ask back, which those who have requested accept unasked.
    Accept,
    /// Do not accept their request; they are told that they are no longer asking.
    Refuse,
    /// Take one's own request back; out of the list unless they are in contact already.
    Withdraw,
    /// Out of the list, with all that goes both ways; a request of theirs is refused.
    Remove,
    /// Name and sort them, which puts them into the list.
    Put {
        /// What the owner calls them.
        name: String,
        /// Under what.
        labels: Vec<String>,
    },
    /// Let nothing pass any longer in either direction. A request of theirs is gone; they are not told.
    Block,
    /// Let things pass again from now on. What is between the two becomes what both rows say.
    Unblock,
    /// Ask to be told whether they are there (RFC 6121 §3.1.2).
    Subscribe {
        /// What is said with it.
        note: String,
    },
    /// Let them be told; where they do not ask, their next request is accepted (RFC 6121 §3.1.5, §3.4.2).
    Subscribed,
    /// Do not want to be told any longer, or to ask (RFC 6121 §3.3.2).
    Unsubscribe,
    /// Do not let them be told any longer, refuse their request, and take back an approval (RFC 6121 §3.2.2).
    Unsubscribed,
}

impl Deed {
    /// What of it is too long, as a sentence; `None`: it fits.
    pub fn too_long(&self) -> Option<String> {
        match self {
            Deed::Request { note } | Deed::Subscribe { note } if note.len() > REQUEST_NOTE_BYTES_MAX => {
                Some(format!("The note is {} bytes, the limit is {REQUEST_NOTE_BYTES_MAX}.", note.len()))
            }
            Deed::Put { name, .. } if name.len() > CONTACT_NAME_BYTES_MAX => {
                Some(format!("The name is {} bytes, the limit is {CONTACT_NAME_BYTES_MAX}.", name.len()))
            }
            Deed::Put { labels, .. } if labels.len() > CONTACT_LABELS_MAX => {
                Some(format!("A contact has at most {CONTACT_LABELS_MAX} labels, not {}.", labels.len()))
            }
            Deed::Put { labels, .. } => labels
                .iter()
                .find(|label| label.len() > CONTACT_LABEL_BYTES_MAX)
                .map(|label| format!("The label is {} bytes, the limit is {CONTACT_LABEL_BYTES_MAX}.", label.len())),
            _ => None,
        }
    }
}

/// A picture of a person, as it is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Picture {
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub mime: String,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// What names a picture's bytes: the first half of their SHA-256, so that a client asks only for what it does not have.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PictureId(pub [u8; 16]);

/// For what an invitation is good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InviteKind {
    /// Who has it and an account becomes a contact of who gave it, at once.
    Contact,
    /// Who has it may make an account, and becomes a contact too.
    SignUp,
}

/// An invitation. Its token is kept by its hash alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invite {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Who gave it.
    pub by: AccountId,
    /// For what.
    pub kind: InviteKind,
    /// How often it can still be used.
    pub uses_left: u32,
    /// Since when.
    pub created: TimestampMs,
    /// Until when.
    pub expires: TimestampMs,
}

impl Invite {
    /// Whether it can be used.
    pub fn is_good(&self, now: TimestampMs) -> bool {
        self.uses_left > 0 && now < self.expires
    }
}
