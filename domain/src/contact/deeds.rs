//! What a deed makes of the rows of both sides.
//!
//! In come a deed and both rows as they are, out come both as they are to be; nothing here knows a store, so every store
//! does the same. Invariant: what the blocked side gets for its deeds comes of its own row and of what the other had
//! approved before, never of the block, so that it is what somebody who is offline for ever would give.

use super::{Asked, Contact, Deed};
use crate::ids::TimestampMs;
use crate::limits::{CONTACTS_MAX, REQUESTS_MAX};

/// Why a deed is not done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unable {
    /// There is no request of theirs to accept or refuse, or none of one's own to take back.
    NoRequest,
    /// The owner blocks them, and this would let something pass.
    Blocking,
    /// The owner has as many rows as may be.
    TooMany,
}

/// How many rows an account has that are not nothing, and how many of them wait for its answer, see [`Contact::waits`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rows {
    /// All that are not nothing.
    pub all: usize,
    /// Strangers who ask.
    pub waiting: usize,
}

/// Both rows after a deed of `mine`'s owner. It leaves out how many there may be, see [`within`].
pub fn apply(deed: &Deed, at: TimestampMs, mine: &Contact, theirs: &Contact) -> Result<(Contact, Contact), Unable> {
    let mut pair = Pair { mine: mine.clone(), theirs: theirs.clone() };
    if mine.blocked && !is_for_blocking_side(deed) {
        return Err(Unable::Blocking);
    }
    match deed {
        Deed::Request { note } => {
            let asked = pair.is_asked();
            pair.mine.listed = true;
            pair.mine.approved = true;
            pair.subscribe(at, note);
            if asked {
                pair.let_in();
            }
        }
        Deed::Accept if pair.mine.asked.is_some() => {
            pair.mine.listed = true;
            pair.mine.approved = true;
            pair.let_in();
            pair.subscribe(at, "");
        }
        Deed::Accept if pair.mine.from => {}
        Deed::Refuse if pair.mine.asked.is_some() => pair.refuse(),
        Deed::Withdraw if pair.mine.asks => {
            pair.mine.approved = false;
            pair.take_back();
            if !pair.mine.to && !pair.mine.from {
                pair.mine.listed = false;
                pair.mine.name.clear();
                pair.mine.labels.clear();
            }
        }
        Deed::Accept | Deed::Refuse | Deed::Withdraw => return Err(Unable::NoRequest),
        Deed::Remove => {
            pair.unsubscribe();
            pair.shut_out();
            pair.mine = Contact { blocked: mine.blocked, ..Contact::default() };
        }
        Deed::Put { name, labels } => {
            pair.mine.listed = true;
            pair.mine.name.clone_from(name);
            pair.mine.labels.clone_from(labels);
        }
        Deed::Block => {
            pair.mine.blocked = true;
            pair.mine.asked = None;
        }
        Deed::Unblock if mine.blocked => {
            pair.mine.blocked = false;
            pair.agree();
        }
        Deed::Unblock => {}
        Deed::Subscribe { note } => {
            pair.mine.listed = true;
            pair.subscribe(at, note);
        }
        Deed::Subscribed if pair.is_asked() => {
            pair.mine.listed = true;
            pair.let_in();
        }
        Deed::Subscribed if pair.mine.from => {}
        Deed::Subscribed => {
            pair.mine.listed = true;
            pair.mine.approved = true;
        }
        Deed::Unsubscribe => pair.unsubscribe(),
        Deed::Unsubscribed => {
            pair.mine.approved = false;
            pair.shut_out();
        }
    }
    Ok((pair.mine, pair.theirs))
}

/// [`apply`] with what both owners may have: one has no room for another row (`Err`), the other is not shown a request for
/// which there is none.
pub fn within(
    deed: &Deed,
    at: TimestampMs,
    (mine, my_rows): (&Contact, Rows),
    (theirs, their_rows): (&Contact, Rows),
) -> Result<(Contact, Contact), Unable> {
    let (my_next, mut their_next) = apply(deed, at, mine, theirs)?;
    if adds_row(mine, &my_next) && my_rows.all >= CONTACTS_MAX {
        return Err(Unable::TooMany);
    }
    let new_request = !theirs.waits() && their_next.waits();
    let no_room = adds_row(theirs, &their_next) && their_rows.all >= CONTACTS_MAX;
    if new_request && (their_rows.waiting >= REQUESTS_MAX || no_room) {
        their_next.asked = None;
    }
    Ok((my_next, their_next))
}

/// Both rows after an invitation of `giver`'s owner was used by `user`'s: they are contacts of each other. `None`: one of
/// them has no room for it.
pub fn invited(
    (giver, giver_rows): (&Contact, Rows),
    (user, user_rows): (&Contact, Rows),
) -> Option<(Contact, Contact)> {
    let met = |row: &Contact| Contact {
        listed: true,
        approved: true,
        to: true,
        from: true,
        asks: false,
        asked: None,
        ..row.clone()
    };
    let (giver_next, user_next) = match (giver.blocked, user.blocked) {
        (false, false) => (met(giver), met(user)),
        // Who has the invitation sees what it gives, and nothing comes of it at the side that blocks.
        (true, false) => (giver.clone(), met(user)),
        (_, true) => (giver.clone(), user.clone()),
    };
    let no_room = |row, next, rows: Rows| adds_row(row, next) && rows.all >= CONTACTS_MAX;
    let full = no_room(giver, &giver_next, giver_rows) || no_room(user, &user_next, user_rows);
    (!full).then_some((giver_next, user_next))
}

fn adds_row(before: &Contact, after: &Contact) -> bool {
    before.is_nothing() && !after.is_nothing()
}

/// Whether somebody may do it about an account whom they block: it lets nothing pass.
fn is_for_blocking_side(deed: &Deed) -> bool {
    match deed {
        Deed::Block | Deed::Unblock | Deed::Put { .. } => true,
        Deed::Remove | Deed::Refuse | Deed::Withdraw | Deed::Unsubscribe | Deed::Unsubscribed => true,
        Deed::Request { .. } | Deed::Accept | Deed::Subscribe { .. } | Deed::Subscribed => false,
    }
}

/// Both rows while a deed is done.
struct Pair {
    mine: Contact,
    theirs: Contact,
}

impl Pair {
    /// What the deed does to the other row, unless one blocks the other.
    fn tell(&mut self, change: impl FnOnce(&mut Contact)) {
        if !self.mine.blocked && !self.theirs.blocked {
            change(&mut self.theirs);
        }
    }

    /// Whether they ask. A request that was not shown counts as soon as nobody blocks.
    fn is_asked(&self) -> bool {
        self.mine.asked.is_some() || (self.theirs.asks && !self.mine.blocked && !self.theirs.blocked)
    }

    /// Asks them, or is let in at once by whom has approved it. An approval counts from the blocking side as well: it was
    /// given before, and somebody offline would let in by it.
    fn subscribe(&mut self, at: TimestampMs, note: &str) {
        if self.theirs.approved {
            self.mine.to = true;
            self.mine.asks = false;
            self.tell(|theirs| {
                theirs.from = true;
                theirs.asked = None;
            });
        } else if !self.mine.to {
            self.mine.asks = true;
            self.tell(|theirs| {
                theirs.asked.get_or_insert_with(|| Asked { at, note: note.to_owned() });
            });
        }
    }

    /// Answers their request with yes.
    fn let_in(&mut self) {
        self.mine.from = true;
        self.mine.asked = None;
        self.tell(|theirs| {
            theirs.to = true;
            theirs.asks = false;
        });
    }

    /// Answers their request with no.
    fn refuse(&mut self) {
        self.mine.asked = None;
        self.tell(|theirs| theirs.asks = false);
    }

    /// Takes one's own request back.
    fn take_back(&mut self) {
        self.mine.asks = false;
        self.tell(|theirs| theirs.asked = None);
    }

    fn unsubscribe(&mut self) {
        self.take_back();
        self.mine.to = false;
        self.tell(|theirs| theirs.from = false);
    }

    fn shut_out(&mut self) {
        self.refuse();
        self.mine.from = false;
        self.tell(|theirs| theirs.to = false);
    }

    /// Makes the two rows agree when nobody blocks any longer: what one gave up in the meantime is given up. What was
    /// asked in the meantime stays untold, until it is asked again.
    fn agree(&mut self) {
        if self.theirs.blocked {
            return;
        }
        let Pair { mine, theirs } = self;
        mine.to &= theirs.from;
        theirs.from = mine.to;
        mine.from &= theirs.to;
        theirs.to = mine.from;
        mine.asked.take_if(|_| !theirs.asks);
        theirs.asked.take_if(|_| !mine.asks);
    }
}

#[cfg(test)]
mod tests;
