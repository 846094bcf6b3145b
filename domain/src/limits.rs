//! Every limit that holds for all doors, with its reason. Limits of one door stand in that door.
//!
//! Those that an operator may change are defaults here and settings in the server.

use std::time::Duration;

/// Longest text of a message: 16 KiB is four thousand words, more than anybody reads in a chat.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Largest medium inside a message: a small voice note or thumbnail. A page of events stays under a frame.
pub const INLINE_BYTES_MAX: usize = 64 * 1024;

/// Most extensions of one message.
pub const EXTENSIONS_MAX: usize = 32;

/// All extensions of a message together: an end-to-end encrypted copy for some dozens of devices.
pub const EXTENSIONS_BYTES_MAX: usize = 128 * 1024;

/// Events in one page of a sync or in one notification.
pub const PAGE_ENTRIES_MAX: usize = 200;

/// A page ends when it has passed this: the largest message (16 + 64 + 128 KiB) on top still fits a frame of 1 MiB.
pub const PAGE_BYTES_MAX: usize = 256 * 1024;

const _: () = assert!(PAGE_BYTES_MAX + TEXT_BYTES_MAX + INLINE_BYTES_MAX + EXTENSIONS_BYTES_MAX < 1024 * 1024);

/// Places that one page looks at: a reader that wants little of a long log asks several times instead of holding up
/// others.
pub const PAGE_LOOKED_MAX: usize = 16_384;

/// Characters of a name in the lobby.
pub const ROOM_NAME_CHARS_MAX: usize = 16;

/// Characters of a message in the lobby.
pub const LOBBY_TEXT_CHARS_MAX: usize = 140;

/// Longest time a poll is held, in milliseconds: proxies cut most requests at 60 to 120 s.
pub const POLL_WAIT_MS_MAX: u64 = 90_000;

/// How long a client message id is remembered, so that a late repeat is still one message.
pub const DEDUPE_KEPT_MS: u64 = 30 * 24 * 3600 * 1000;

/// A device that is silent this long no longer counts for "delivered to all".
pub const DEVICE_SILENT_MS: u64 = 30 * 24 * 3600 * 1000;

/// Characters of a device's name and of a person's display name.
pub const DISPLAY_NAME_CHARS_MAX: usize = 64;

/// Devices of one account, the primary included: WhatsApp's four companions and some room for bots.
pub const DEVICES_MAX: usize = 10;

/// Longest password in bytes; longer ones are refused before any hashing.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// Contacts, strangers who ask and blocked accounts that one account may have: more than people know, and a presence to
/// all of them is still a fraction of a second's work.
pub const CONTACTS_MAX: usize = 5_000;

/// Requests that may wait for an account's answer: nobody reads more, and a flood of them is bounded.
pub const REQUESTS_MAX: usize = 500;

/// Longest name that an owner gives to a contact.
pub const CONTACT_NAME_BYTES_MAX: usize = 256;

/// Labels of one contact.
pub const CONTACT_LABELS_MAX: usize = 16;

/// Longest label.
pub const CONTACT_LABEL_BYTES_MAX: usize = 128;

/// Longest note with a request: a sentence or two to say who one is.
pub const REQUEST_NOTE_BYTES_MAX: usize = 512;

/// Longest text that an account says about itself.
pub const ABOUT_BYTES_MAX: usize = 1_024;

/// Largest picture of a person: 256 by 256 points as JPEG or WebP take a third of it.
pub const PICTURE_BYTES_MAX: usize = 64 * 1024;

/// Longest name of a document: a namespace and the name of an element.
pub const DOCUMENT_KEY_BYTES_MAX: usize = 256;

/// Largest document that an account keeps for its clients: some hundred bookmarks, or a card without its picture.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// Documents of one account: several clients with a dozen each.
pub const DOCUMENTS_MAX: usize = 100;

/// All of them together: settings are small, and files belong elsewhere.
pub const DOCUMENTS_BYTES_MAX: usize = 1024 * 1024;

/// Invitations of one account that are good at a time.
pub const INVITES_MAX: usize = 50;

/// Uses of one invitation: a school class or a small company.
pub const INVITE_USES_MAX: u32 = 100;

/// Longest time for which an invitation is good.
pub const INVITE_MS_MAX: u64 = 90 * 24 * 3600 * 1000;

/// Shortest password in characters, for accounts that have one.
pub const PASSWORD_CHARS_MIN: usize = 8;

/// Addresses that one message may mention: more than anybody reads.
pub const MENTIONS_MAX: usize = 32;

/// Longest lifetime of a disappearing message: a year. Whoever wants to keep one longer wants to keep it.
pub const LIFETIME_MS_MAX: u64 = 366 * 24 * 3600 * 1000;

/// Shortest one: less, and nobody could read it.
pub const LIFETIME_MS_MIN: u64 = 1_000;

/// Longest reaction in bytes: an emoji with skin tone and joiners fits, a sentence does not.
pub const REACTION_BYTES_MAX: usize = 32;

/// Longest draft that is kept for the other devices.
pub const DRAFT_BYTES_MAX: usize = 4 * 1024;

/// Unread messages are counted so far; what shows them says "999+" beyond.
pub const UNREAD_MAX: u32 = 999;

/// Conversations of one account that the list orders: who has more finds the older ones by their address.
pub const LISTED_MAX: usize = 10_000;

/// A message that is kept until it is delivered ends after this at the latest: a phone that is silent for so long no
/// longer counts for "delivered" either.
pub const UNDELIVERED_MS: u64 = 30 * 24 * 3600 * 1000;

/// The shortest time for which a member may wish a conversation's messages to be kept: less could not be read.
pub const RETENTION_MS_MIN: u64 = 60 * 1000;

/// Whoever was told to try later is read again after this. It is told what is new meanwhile; what it sends waits on its
/// side, so that a client which does not heed the answer costs no more than one that does.
pub const TRY_LATER_REST: Duration = Duration::from_secs(1);
