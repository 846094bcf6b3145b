//! Where something was erased that still lies in the files and in the journal, and how it leaves them.
//!
//! A place comes in with the commit that erases something there, and goes when its files have been rewritten. Invariant:
//! that commit writes the place down too, and the note goes only after the rewriting, so that what was erased before a
//! crash or a stop leaves the files in the next life.

use std::collections::BTreeSet;

use belfry_domain::ports::StoreError;
use belfry_domain::{AccountId, ConversationId, Cseq, Seq, TimestampMs};

use super::db::{Db, Tier};
use super::keys::{self, Cf};
use super::shared::Shared;
use super::tx::Tx;

/// Above so many places of one kind the whole stretch between them is rewritten at once.
const STRETCHES_MAX: usize = 64;

/// Keys that lie together, by the number of the account or conversation whose they are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Place {
    /// The entries of an owner.
    Timeline(u64),
    /// The bodies of a conversation.
    Bodies(u64),
    /// What has become of a conversation's messages: reactions.
    Lives(u64),
    /// How an owner has conversations: drafts.
    Settings(u64),
    /// What has become of a conversation's messages for one side alone.
    Copies(u64),
    /// What of a conversation is kept from a member.
    Withheld(u64),
    /// What an account says about itself, and its picture.
    Profile(u64),
    /// Names, labels and notes of an owner's contacts.
    Contacts(u64),
    /// What an account's clients keep on the server.
    Documents(u64),
    /// All small records: an account was removed.
    Records,
}

/// Every kind, for the stretches.
const KINDS: [u8; 10] = [b't', b'b', b'l', b's', b'c', b'v', b'p', b'k', b'd', b'r'];

impl Place {
    fn parts(self) -> (u8, u64) {
        match self {
            Place::Timeline(id) => (b't', id),
            Place::Bodies(id) => (b'b', id),
            Place::Lives(id) => (b'l', id),
            Place::Settings(id) => (b's', id),
            Place::Copies(id) => (b'c', id),
            Place::Withheld(id) => (b'v', id),
            Place::Profile(id) => (b'p', id),
            Place::Contacts(id) => (b'k', id),
            Place::Documents(id) => (b'd', id),
            Place::Records => (b'r', 0),
        }
    }

    fn of(kind: u8, id: u64) -> Option<Place> {
        match kind {
            b't' => Some(Place::Timeline(id)),
            b'b' => Some(Place::Bodies(id)),
            b'l' => Some(Place::Lives(id)),
            b's' => Some(Place::Settings(id)),
            b'c' => Some(Place::Copies(id)),
            b'v' => Some(Place::Withheld(id)),
            b'p' => Some(Place::Profile(id)),
            b'k' => Some(Place::Contacts(id)),
            b'd' => Some(Place::Documents(id)),
            b'r' => Some(Place::Records),
            _ => None,
        }
    }

    /// The key under which it is written down.
    pub(super) fn note(self) -> Vec<u8> {
        let (kind, id) = self.parts();
        keys::erased(kind, id)
    }

    /// Where its keys begin.
    fn begin(self) -> (Cf, Vec<u8>) {
        match self {
            Place::Timeline(id) => (Cf::Tl, keys::entry(AccountId(id), Seq::ZERO).to_vec()),
            Place::Bodies(id) => (Cf::Conv, keys::body(ConversationId(id), Cseq(0)).to_vec()),
            Place::Lives(id) => (Cf::Meta, keys::amendments_of(ConversationId(id))),
            Place::Settings(id) => (Cf::Meta, keys::settings_of(AccountId(id))),
            Place::Copies(id) => (Cf::Meta, keys::copies_of(ConversationId(id))),
            Place::Withheld(id) => (Cf::Meta, keys::withheld_of(ConversationId(id))),
            Place::Profile(id) => (Cf::Meta, keys::profile_of(AccountId(id))),
            Place::Contacts(id) => (Cf::Meta, keys::contacts_of(AccountId(id))),
            Place::Documents(id) => (Cf::Meta, keys::documents_of(AccountId(id))),
            Place::Records => (Cf::Meta, vec![0]),
        }
    }

    /// The first key after all of its keys.
    fn end(self) -> Vec<u8> {
        match self {
            Place::Timeline(id) => keys::entry(AccountId(id + 1), Seq::ZERO).to_vec(),
            Place::Bodies(id) => keys::body(ConversationId(id + 1), Cseq(0)).to_vec(),
            Place::Records => vec![u8::MAX],
            // Those of one prefix.
            _ => keys::after_prefix(&self.begin().1),
        }
    }
}

/// What was erased since the files were last rewritten. As many as there are owners and conversations at most, and empty
/// again after each pruning.
#[derive(Debug, Default)]
pub(super) struct Erased {
    pub(super) places: BTreeSet<Place>,
    /// When everything was last on the disk outside of the journal.
    pub(super) flushed: Option<TimestampMs>,
}

/// The places that earlier lives have written down and not rewritten.
pub(super) fn noted(db: &Db) -> Result<BTreeSet<Place>, StoreError> {
    let mut places = BTreeSet::new();
    let mut scan = db.scan_prefix(Cf::Meta, keys::ERASED, Tier::Disk);
    while let Some((key, _)) = scan.step()? {
        // One that a later version has written is for that to rewrite.
        let kind = key.get(keys::ERASED.len()).copied().unwrap_or_default();
        places.extend(keys::tail(key).and_then(|id| Place::of(kind, id)));
    }
    Ok(places)
}

/// Makes what was erased in these places be gone from the disk: the journal that holds it ends with the flush, the files
/// with the compaction. Where that fails it is to be tried again with the next pruning.
pub(super) fn shred(shared: &Shared, places: &BTreeSet<Place>, forgot: bool) -> Result<(), StoreError> {
    let put_back = |error| {
        shared.erased.lock().places.extend(places);
        Err(error)
    };
    if let Err(error) = shared.db.flush() {
        return put_back(error);
    }
    let failures = shared.db.background_errors();
    for kind in KINDS {
        let of_kind: Vec<Place> = places.iter().copied().filter(|place| place.parts().0 == kind).collect();
        let stretches: Vec<(Place, Place)> = match (of_kind.first(), of_kind.last()) {
            (Some(first), Some(last)) if of_kind.len() > STRETCHES_MAX => vec![(*first, *last)],
            _ => of_kind.iter().map(|place| (*place, *place)).collect(),
        };
        for (first, last) in stretches {
            let (cf, from) = first.begin();
            shared.db.compact(cf, &from, &last.end());
        }
    }
    if forgot {
        shared.db.compact(Cf::Dtime, &[0], &[u8::MAX; 17]);
    }
    if shared.db.background_errors() > failures {
        return put_back(StoreError::Failed("the files of what was erased could not be rewritten".into()));
    }
    Ok(())
}

/// Takes away the notes of places that have been rewritten, but for those where something was erased meanwhile.
pub(super) fn forget(tx: &mut Tx<'_>, places: &BTreeSet<Place>) {
    let again: Vec<Vec<u8>> = {
        let erased = tx.shared.erased.lock();
        places.difference(&erased.places).map(|place| place.note()).collect()
    };
    for note in again {
        tx.delete(Cf::Meta, note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_the_place_and_nothing_else_does() {
        for place in [
            Place::Timeline(1),
            Place::Bodies(u64::MAX),
            Place::Lives(3),
            Place::Settings(1 << 40),
            Place::Copies(4),
            Place::Withheld(8),
            Place::Profile(5),
            Place::Contacts(6),
            Place::Documents(9),
            Place::Records,
        ] {
            let note = place.note();
            assert_eq!(Place::of(note[1], keys::tail(&note).expect("a number")), Some(place));
            assert!(KINDS.contains(&note[1]), "{place:?} is rewritten");
        }
        assert_eq!(Place::of(b'?', 1), None);
    }

    #[test]
    fn a_place_is_all_keys_of_its_owner_and_no_others() {
        let inside = |place: Place, key: &[u8]| place.begin().1.as_slice() <= key && key < place.end().as_slice();
        let draft = |owner| keys::settings(AccountId(owner), ConversationId(u64::MAX));
        assert!(inside(Place::Settings(7), &draft(7)));
        assert!(!inside(Place::Settings(7), &draft(6)) && !inside(Place::Settings(7), &draft(8)));
        let row = |of| keys::amendment(ConversationId(of), Cseq(u64::MAX));
        assert!(inside(Place::Lives(7), &row(7)) && !inside(Place::Lives(7), &row(8)));
        let copy = |of| keys::copy(ConversationId(of), Cseq(u64::MAX), 1);
        assert!(inside(Place::Copies(7), &copy(7)) && !inside(Place::Copies(7), &copy(8)));
        assert!(inside(Place::Profile(7), &keys::picture(AccountId(7))));
        assert!(inside(Place::Profile(7), &keys::profile(AccountId(7))));
        assert!(!inside(Place::Profile(7), &keys::picture(AccountId(6))));
        let kept = |of| keys::withheld(ConversationId(of), 1, Cseq(u64::MAX));
        assert!(inside(Place::Withheld(7), &kept(7)) && !inside(Place::Withheld(7), &kept(8)));
        let entry = |of| keys::entry(AccountId(of), Seq(u64::MAX));
        assert!(inside(Place::Timeline(7), &entry(7)) && !inside(Place::Timeline(7), &entry(8)));
        assert!(inside(Place::Records, &draft(7)) && inside(Place::Records, keys::KEY_FORMAT));
    }
}
