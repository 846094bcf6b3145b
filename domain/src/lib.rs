//! The nouns of Belfry and the ports through which its rules reach the world.
//!
//! Every other crate depends on this one and it depends on none of ours. It has no runtime, does no IO and knows no
//! wire format: what crosses a wire has a twin in its door. Each port has an in-memory reference adapter
//! ([`memory`]) and a conformance suite (`conformance`, a feature) that every adapter passes.

pub mod account;
pub mod address;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod device;
pub mod document;
pub mod error;
pub mod event;
pub mod ids;
pub mod limits;
pub mod memory;
pub mod ports;
pub mod retention;
pub mod secret;
pub mod stretch;
pub mod sync_key;

pub use account::{Account, Privacy, PrivacyChange, Profile, ProfileChange, Registration, ScramKeys};
pub use address::{Address, AddressError, Phone, PhoneError, RoomName, RoomNameError, skeleton};
pub use contact::{Asked, Audience, Contact, ContactView, Deed, Invite, InviteKind, Picture, PictureId};
pub use content::{Content, ContentKind, Extension, InlineMedia};
pub use conversation::{
    Amendment, ConversationSettings, ConversationView, DraftText, Life, MessageFlags, Reaction, is_reaction,
};
pub use device::{Cursor, Device, DeviceRole, Past};
pub use document::DocumentKey;
pub use error::{Code, Refusal};
pub use event::{Author, Entry, Item, Keeping, Mark, Message, Receipt};
pub use ids::{
    AccountId, ClientMessageId, ConversationId, Cseq, DeviceId, Epoch, LeaseId, MessageId, Seq, TimestampMs,
};
pub use retention::{Retention, Wish, dead};
pub use secret::Secret;
pub use stretch::{Stretch, add_stretch};
pub use sync_key::{DataKind, DataKinds, Places, SyncKey, SyncKeyError, kind_of};
