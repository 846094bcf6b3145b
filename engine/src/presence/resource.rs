//! The devices of an account one by one, for doors that show them so (XMPP: resources, RFC 6121 §4).
//!
//! What devices have said comes in; the list that goes with the account's presence leaves. Invariant: a list has each
//! name once, in order, and nobody in it who is not to be seen, so that two lists that say the same are equal.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Availability;

/// A device as it says that it is there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Resource {
    /// What it is called; `None`: all devices of the account that have no such name, as one.
    pub name: Option<Arc<str>>,
    /// How it is there.
    pub availability: Availability,
    /// What it says with it; may be empty.
    pub status: String,
    /// Of equals the higher one speaks for the account. Below 0: it is seen, and wants no messages that are not for it
    /// alone (RFC 6121 §4.7.2.3).
    pub priority: i8,
    /// What else it says, which only its own kind understands; may be empty.
    pub extension: Arc<str>,
}

/// All that are to be seen: those with names, and those without as one.
pub(super) fn all<'a>(
    named: impl Iterator<Item = &'a Arc<Resource>>,
    plain: Option<(Availability, &str)>,
) -> Vec<Arc<Resource>> {
    let plain = plain.map(|(availability, status)| {
        Arc::new(Resource { availability, status: status.to_owned(), ..Resource::default() })
    });
    let visible = |resource: &Arc<Resource>| resource.availability != Availability::Offline;
    let mut all: Vec<Arc<Resource>> = named.cloned().chain(plain).filter(visible).collect();
    all.sort_by(by_name);
    // Two devices do not have one name; were it so, one of them would speak.
    all.dedup_by(|one, other| one.name == other.name);
    all
}

/// Whether two lists say the same.
pub(super) fn same(one: &[Arc<Resource>], other: &[Arc<Resource>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other) || one == other)
}

/// A list with another one in it, in place of what had its name.
pub(super) fn with(all: &[Arc<Resource>], one: &Arc<Resource>) -> Arc<[Arc<Resource>]> {
    let mut all: Vec<Arc<Resource>> = all.iter().filter(|other| other.name != one.name).cloned().collect();
    all.push(Arc::clone(one));
    all.sort_by(by_name);
    Arc::from(all)
}

fn by_name(one: &Arc<Resource>, other: &Arc<Resource>) -> Ordering {
    one.name.cmp(&other.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, availability: Availability) -> Arc<Resource> {
        Arc::new(Resource { name: Some(name.into()), availability, ..Resource::default() })
    }

    #[test]
    fn a_list_says_each_name_once_in_order_and_nobody_who_hides() {
        let said =
            [named("b", Availability::Online), named("a", Availability::Busy), named("c", Availability::Offline)];
        let list = all(said.iter(), Some((Availability::Away, "tea")));
        let names: Vec<Option<&str>> = list.iter().map(|one| one.name.as_deref()).collect();
        assert_eq!(names, [None, Some("a"), Some("b")]);
        assert_eq!((list[0].availability, list[0].status.as_str()), (Availability::Away, "tea"));
        assert!(all(said[2..].iter(), Some((Availability::Offline, ""))).is_empty());
        let changed = with(&list, &named("a", Availability::Chatty));
        assert_eq!((changed.len(), changed[1].availability), (3, Availability::Chatty));
        assert!(!same(&list, &changed) && same(&changed, &with(&changed, &named("a", Availability::Chatty))));
    }
}
