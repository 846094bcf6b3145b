//! Sync keys: how far a device has got with each kind of data of its account's timeline.
//!
//! A list of (kind, value) comes in from a client, what was read moves it on, the list leaves. All values are places of
//! the one log, so kinds differ in what a reader wants of a stretch, not in where it is. Invariants: a value never goes
//! back, except for a reset, which begins the log anew; kinds that this version does not know leave as they came.

use crate::event::{Entry, Item};
use crate::ids::Seq;

/// Most values of one key, known and unknown: a few kinds exist, and a proxy or a later server adds no dozens.
pub const SYNC_KEY_VALUES_MAX: usize = 64;

/// A kind of data: what of a timeline a client can follow on its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DataKind {
    /// Messages, and what has become of them.
    Messages,
    /// How far the others and oneself have got: receipts and read marks.
    Marks,
    /// Profiles.
    Profile,
    /// Settings of the account and of its conversations.
    Settings,
    /// Contacts, requests, blocked accounts.
    Contacts,
}

impl DataKind {
    /// How many there are.
    pub const COUNT: usize = 5;

    /// All, in the order of their numbers.
    pub const ALL: [DataKind; DataKind::COUNT] =
        [DataKind::Messages, DataKind::Marks, DataKind::Profile, DataKind::Settings, DataKind::Contacts];

    /// The number in keys. One that was used is never used for something else.
    pub const fn number(self) -> u32 {
        match self {
            DataKind::Messages => 1,
            DataKind::Marks => 2,
            DataKind::Profile => 3,
            DataKind::Settings => 4,
            DataKind::Contacts => 5,
        }
    }

    /// The kind of a number; `None`: of a later version.
    pub fn from_number(number: u32) -> Option<DataKind> {
        DataKind::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// The kind of data that an entry belongs to: the one place where this is said.
pub fn kind_of(item: &Item) -> DataKind {
    match item {
        Item::Message(_) | Item::Amendment(_) => DataKind::Messages,
        Item::Receipt(_) | Item::Mark(_) => DataKind::Marks,
        Item::Profile(_) => DataKind::Profile,
        Item::Flags(_) | Item::Settings(_) | Item::Keeping(_) | Item::Privacy(_) => DataKind::Settings,
        Item::Contact(_) => DataKind::Contacts,
    }
}

/// Which kinds a reader wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DataKinds([bool; DataKind::COUNT]);

impl DataKinds {
    /// All of them.
    pub const ALL: DataKinds = DataKinds([true; DataKind::COUNT]);

    /// Those with these numbers; none given are all. Numbers of later versions are passed over: of what this server
    /// does not have, nothing comes.
    pub fn from_numbers(numbers: &[u32]) -> DataKinds {
        if numbers.is_empty() {
            return DataKinds::ALL;
        }
        DataKinds(DataKind::ALL.map(|kind| numbers.contains(&kind.number())))
    }

    /// Whether it is among them.
    pub fn has(self, kind: DataKind) -> bool {
        self.0[kind as usize]
    }
}

/// Where a reader is: for each kind after which place; `None`: the kind is not wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Places([Option<Seq>; DataKind::COUNT]);

impl Places {
    /// The same place for every kind.
    pub const fn all(after: Seq) -> Places {
        Places([Some(after); DataKind::COUNT])
    }

    /// The place of a kind.
    pub fn of(&self, kind: DataKind) -> Option<Seq> {
        self.0[kind as usize]
    }

    /// The places, each once or more.
    pub fn iter(&self) -> impl Iterator<Item = Seq> + '_ {
        self.0.iter().flatten().copied()
    }

    /// From where the log is to be read; `None`: nothing is wanted.
    pub fn first(&self) -> Option<Seq> {
        self.iter().min()
    }

    /// The place, if it is the same for every kind that is wanted.
    pub fn common(&self) -> Option<Seq> {
        self.first().filter(|first| self.iter().all(|place| place == *first))
    }

    /// Whether a reader of these places wants what lies at a place.
    pub fn want(&self, kind: DataKind, seq: Seq) -> bool {
        self.of(kind).is_some_and(|after| seq > after)
    }

    /// The same kinds from the beginning of the log.
    #[must_use]
    pub fn anew(&self) -> Places {
        Places(self.0.map(|place| place.map(|_| Seq::ZERO)))
    }
}

/// How far a device has got.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SyncKey {
    values: [Seq; DataKind::COUNT],
    /// What came with kinds that this version does not know, in the order in which it came.
    others: Vec<(u32, u64)>,
}

/// Why a list is no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SyncKeyError {
    /// It is too long.
    #[error("The key has more than {SYNC_KEY_VALUES_MAX} values; hand back the one you were given.")]
    TooLong,
    /// A kind stands there twice.
    #[error("The kind {0} is in the key twice; hand back the key as you were given it.")]
    Twice(u32),
}

impl SyncKey {
    /// The key of whoever has everything up to a place.
    pub const fn at(place: Seq) -> SyncKey {
        SyncKey { values: [place; DataKind::COUNT], others: Vec::new() }
    }

    /// Reads a list. A kind that is missing is at its beginning: its rows come, and nothing of the kinds that are there
    /// comes again.
    pub fn from_list(list: impl IntoIterator<Item = (u32, u64)>) -> Result<SyncKey, SyncKeyError> {
        let mut key = SyncKey::default();
        let mut seen: Vec<u32> = Vec::new();
        for (number, value) in list {
            if seen.len() == SYNC_KEY_VALUES_MAX {
                return Err(SyncKeyError::TooLong);
            }
            if seen.contains(&number) {
                return Err(SyncKeyError::Twice(number));
            }
            seen.push(number);
            match DataKind::from_number(number) {
                Some(kind) => key.values[kind as usize] = Seq(value),
                None => key.others.push((number, value)),
            }
        }
        Ok(key)
    }

    /// The list, known kinds first.
    pub fn list(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let known = DataKind::ALL.into_iter().map(|kind| (kind.number(), self.value(kind).0));
        known.chain(self.others.iter().copied())
    }

    /// How far it is with a kind.
    pub fn value(&self, kind: DataKind) -> Seq {
        self.values[kind as usize]
    }

    /// Up to here every kind has been passed.
    pub fn passed(&self) -> Seq {
        self.values.into_iter().min().unwrap_or_default()
    }

    /// Where a reader of these kinds goes on.
    pub fn places(&self, kinds: DataKinds) -> Places {
        Places(DataKind::ALL.map(|kind| kinds.has(kind).then(|| self.value(kind))))
    }

    /// The key with at least this value for a kind.
    #[must_use]
    pub fn raised(mut self, kind: DataKind, to: Seq) -> SyncKey {
        self.values[kind as usize] = self.value(kind).max(to);
        self
    }

    /// The key after the log was read up to a place for these kinds; the others stay.
    #[must_use]
    pub fn advanced(&self, kinds: DataKinds, to: Seq) -> SyncKey {
        let value = |kind| if kinds.has(kind) { self.value(kind).max(to) } else { self.value(kind) };
        SyncKey { values: DataKind::ALL.map(value), others: self.others.clone() }
    }

    /// The key after the log began anew and was read up to a place for these kinds; the others begin anew too.
    #[must_use]
    pub fn renewed(&self, kinds: DataKinds, to: Seq) -> SyncKey {
        let value = |kind| if kinds.has(kind) { to } else { Seq::ZERO };
        SyncKey { values: DataKind::ALL.map(value), others: self.others.clone() }
    }

    /// Whether an entry lies after this key.
    pub fn is_before(&self, entry: &Entry) -> bool {
        entry.seq > self.value(kind_of(&entry.item))
    }
}

impl From<Seq> for SyncKey {
    fn from(place: Seq) -> SyncKey {
        SyncKey::at(place)
    }
}

impl PartialEq<Seq> for SyncKey {
    fn eq(&self, place: &Seq) -> bool {
        *self == SyncKey::at(*place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(list: &[(u32, u64)]) -> SyncKey {
        SyncKey::from_list(list.iter().copied()).expect("a key")
    }

    #[test]
    fn every_kind_has_its_number_and_its_place_in_the_order() {
        for (at, kind) in DataKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
            assert_eq!(DataKind::from_number(kind.number()), Some(kind));
        }
        assert_eq!(DataKind::from_number(0), None);
        assert_eq!(DataKind::from_number(77), None);
    }

    #[test]
    fn a_kind_that_is_missing_is_at_its_beginning_and_the_others_where_they_were() {
        let key = key(&[(1, 9), (2, 7)]);
        assert_eq!((key.value(DataKind::Messages), key.value(DataKind::Profile)), (Seq(9), Seq::ZERO));
        assert!(key.places(DataKinds::ALL).want(DataKind::Profile, Seq(1)));
        assert!(!key.places(DataKinds::ALL).want(DataKind::Messages, Seq(9)));
        assert_eq!(key.passed(), Seq::ZERO);
    }

    #[test]
    fn kinds_of_later_versions_leave_as_they_came() {
        let key = key(&[(77, u64::MAX), (3, 5), (50, 1)]);
        for next in [key.clone(), key.advanced(DataKinds::ALL, Seq(8)), key.renewed(DataKinds::ALL, Seq(8))] {
            let others: Vec<_> = next.list().filter(|(kind, _)| *kind > DataKind::COUNT as u32).collect();
            assert_eq!(others, [(77, u64::MAX), (50, 1)]);
        }
    }

    #[test]
    fn a_key_never_goes_back_and_moves_only_for_the_kinds_that_were_wanted() {
        let key = key(&[(1, 9), (2, 7), (3, 3), (4, 3), (5, 8)]);
        let wanted = DataKinds::from_numbers(&[1, 3, 77]);
        let next = key.advanced(wanted, Seq(5));
        assert_eq!(next.list().collect::<Vec<_>>(), [(1, 9), (2, 7), (3, 5), (4, 3), (5, 8)]);
        assert_eq!(key.places(wanted).first(), Some(Seq(3)));
        assert_eq!(key.places(wanted).common(), None);
        assert_eq!(key.places(DataKinds::from_numbers(&[3, 4])).common(), Some(Seq(3)));
        assert_eq!(key.places(DataKinds::from_numbers(&[77])).first(), None);
    }

    #[test]
    fn a_list_that_is_too_long_or_says_a_kind_twice_is_no_key() {
        assert_eq!(SyncKey::from_list([(1, 5), (1, 5)]), Err(SyncKeyError::Twice(1)));
        assert_eq!(SyncKey::from_list([(77, 5), (77, 6)]), Err(SyncKeyError::Twice(77)));
        let kinds = |n: usize| (0..n).map(|kind| (kind as u32, 1));
        SyncKey::from_list(kinds(SYNC_KEY_VALUES_MAX)).expect("as many as there may be");
        assert_eq!(SyncKey::from_list(kinds(SYNC_KEY_VALUES_MAX + 1)), Err(SyncKeyError::TooLong));
        assert_eq!(key(&[]), Seq::ZERO);
    }
}
