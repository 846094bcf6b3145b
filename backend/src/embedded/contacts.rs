//! Contacts and invitations: the intents that change them, and how they are read.
//!
//! Deeds come in; what they make of both rows is the domain's affair, and here it is written down. Run by the writer
//! inside a commit, but for the reads at the end. Invariants: a row has one entry in its owner's timeline, the one that
//! it names; an owner's counts and the conversation of the two say what the rows say.

use std::sync::Arc;

use belfry_domain::contact::deeds::{self, Rows, Unable};
use belfry_domain::limits::INVITES_MAX;
use belfry_domain::ports::{ContactChange, ContactOutcome, InviteOutcome, Made, StoreError};
use belfry_domain::{
    AccountId, Contact, ContactView, ConversationId, Entry, Invite, Item, Picture, PictureId, Profile, Retention, Seq,
    TimestampMs,
};

use super::contact_records::{ContactRecord, InviteRecord, PictureRecord, ProfileRecord};
use super::db::{Fault, Tier};
use super::erased::Place;
use super::keys::{self, Cf};
use super::people_records::AccountRecord;
use super::records::{EntryRecord, corrupt, decode, kind};
use super::shared::Shared;
use super::tx::Tx;

/// Does a deed.
pub(super) fn change_contact(tx: &mut Tx<'_>, change: ContactChange) -> Result<ContactOutcome, StoreError> {
    let (owner, peer) = (change.owner, change.peer);
    let (Some(own), true) = (Side::of(tx, owner, peer)?, owner != peer) else { return Ok(ContactOutcome::NotFound) };
    let Some(other) = Side::of(tx, peer, owner)? else { return Ok(ContactOutcome::NotFound) };
    let done = deeds::within(&change.deed, change.at, (&own.contact, own.rows), (&other.contact, other.rows));
    let (mine, theirs) = match done {
        Ok(next) => next,
        Err(Unable::NoRequest) => return Ok(ContactOutcome::NoRequest),
        Err(Unable::Blocking) => return Ok(ContactOutcome::Blocking),
        Err(Unable::TooMany) => return Ok(ContactOutcome::TooMany),
    };
    let view = ContactView { account: peer, peer: own.peer_address.clone(), contact: mine.clone() };
    let mut made = Made::new();
    made.extend(put(tx, own, mine)?);
    made.extend(put(tx, other, theirs)?);
    Ok(ContactOutcome::Changed(view, made))
}

/// One side of two accounts as it is before a deed.
struct Side {
    owner: AccountId,
    peer: AccountId,
    peer_address: belfry_domain::Address,
    /// The place of its latest change.
    seq: Seq,
    contact: Contact,
    rows: Rows,
}

impl Side {
    /// `None`: one of the two is not there.
    fn of(tx: &Tx<'_>, owner: AccountId, peer: AccountId) -> Result<Option<Side>, StoreError> {
        let Some(state) = tx.owner(owner)? else { return Ok(None) };
        let Some(bytes) = tx.get(Cf::Meta, &keys::account(peer))? else { return Ok(None) };
        let peer_address = decode::<AccountRecord>("an account", &bytes)?.into_account(peer)?.address;
        let record = match tx.get(Cf::Meta, &keys::contact(owner, peer))? {
            Some(bytes) => decode("a contact", &bytes)?,
            None => ContactRecord::default(),
        };
        let rows = Rows { all: state.record.contacts as usize, waiting: state.record.requests as usize };
        let seq = Seq(record.seq);
        Ok(Some(Side { owner, peer, peer_address, seq, contact: record.into_contact(), rows }))
    }
}

/// Writes a row if it is another than before, with its entry, the counts and what the conversation knows of it.
fn put(tx: &mut Tx<'_>, side: Side, next: Contact) -> Result<Option<(AccountId, Arc<Entry>)>, StoreError> {
    let (owner, peer, before) = (side.owner, side.peer, &side.contact);
    if next == *before {
        return Ok(None);
    }
    if side.seq != Seq::ZERO {
        tx.erase(Cf::Tl, keys::entry(owner, side.seq));
    }
    let pointer = EntryRecord { kind: kind::CONTACT, peer: peer.0, ..EntryRecord::default() };
    let (seq, prev) = tx.push(owner, Retention::Keep, &pointer)?;
    tx.put_record(keys::contact(owner, peer), &ContactRecord::of(&next, side.peer_address.to_string(), seq.0));
    if side.seq == Seq::ZERO {
        tx.put(Cf::Meta, keys::known_by(peer, owner), Vec::new());
    }
    if said_words(before) && words(before) != words(&next) {
        tx.scrub(Place::Contacts(owner.0));
    }
    let mut state = tx.owner(owner)?.ok_or_else(|| corrupt("a contact of nobody"))?;
    let counted = |count: &mut u32, before: bool, after: bool| {
        *count = (*count + u32::from(after)).saturating_sub(u32::from(before));
    };
    counted(&mut state.record.contacts, !before.is_nothing(), !next.is_nothing());
    counted(&mut state.record.requests, before.waits(), next.waits());
    tx.set_owner(owner, state, true);
    if (before.listed, before.blocked) != (next.listed, next.blocked) {
        tell_conversation(tx, owner, peer, &next)?;
    }
    let view = ContactView { account: peer, peer: side.peer_address, contact: next };
    Ok(Some((owner, Arc::new(Entry { seq, prev, item: Item::Contact(Arc::new(view)) }))))
}

/// What a row says in words.
fn words(contact: &Contact) -> (&str, &[String], Option<&str>) {
    (&contact.name, &contact.labels, contact.asked.as_ref().map(|asked| asked.note.as_str()))
}

fn said_words(contact: &Contact) -> bool {
    words(contact) != words(&Contact::default())
}

/// Each message asks the conversation of the two how they stand to each other.
fn tell_conversation(tx: &mut Tx<'_>, owner: AccountId, peer: AccountId, next: &Contact) -> Result<(), StoreError> {
    let Some(bytes) = tx.get(Cf::Meta, &keys::pair(owner, peer))? else { return Ok(()) };
    let id = ConversationId(keys::tail(&bytes).ok_or_else(|| corrupt("a pair"))?);
    let mut conversation = tx.conversation(id)?.ok_or_else(|| corrupt("a pair without its conversation"))?;
    let side = conversation.side_of(owner).ok_or_else(|| corrupt("a pair of others"))?;
    conversation.set_standing(side, next.listed, next.blocked);
    // A record that is written says the last number too.
    conversation.record.last = conversation.last.0;
    tx.set_conversation(id, conversation, true);
    Ok(())
}

/// Takes away the rows and invitations of an account that is removed; it is nothing to others any more, which their
/// devices find.
pub(super) fn remove_all(tx: &mut Tx<'_>, id: AccountId) -> Result<(), StoreError> {
    let peer_of = |key: &[u8]| keys::tail(key).map(AccountId).ok_or_else(|| corrupt("the key of a contact"));
    for key in tx.keys_with(&keys::contacts_of(id))? {
        let peer = peer_of(&key)?;
        tell_conversation(tx, id, peer, &Contact::default())?;
        tx.delete(Cf::Meta, key);
        tx.delete(Cf::Meta, keys::known_by(peer, id));
    }
    for key in tx.keys_with(&keys::known_by_all(id))? {
        if let Some(side) = Side::of(tx, peer_of(&key)?, id)? {
            put(tx, side, Contact::default())?;
        }
        tx.delete(Cf::Meta, key);
    }
    for key in tx.keys_with(&keys::invites_of(id))? {
        let hash = keys::invite_hash(&key).ok_or_else(|| corrupt("the key of an invitation"))?;
        drop_invite(tx, &hash)?;
    }
    Ok(())
}

fn invite(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<Option<InviteRecord>, StoreError> {
    match tx.get(Cf::Meta, &keys::invite(hash))? {
        Some(bytes) => Ok(Some(decode("an invitation", &bytes)?)),
        None => Ok(None),
    }
}

/// The three keys of an invitation.
fn invite_keys(record: &InviteRecord, hash: &[u8; 32]) -> [Vec<u8>; 3] {
    [
        keys::invite(hash),
        keys::invite_of(AccountId(record.by), TimestampMs(record.created), hash),
        keys::invite_until(TimestampMs(record.expires), hash),
    ]
}

/// Takes an invitation away, if it is there.
pub(super) fn drop_invite(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<(), StoreError> {
    let Some(record) = invite(tx, hash)? else { return Ok(()) };
    for key in invite_keys(&record, hash) {
        tx.delete(Cf::Meta, key);
    }
    Ok(())
}

/// Keeps an invitation, unless its account has as many good ones as may be. Those that are over go.
pub(super) fn put_invite(tx: &mut Tx<'_>, new: &Invite, now: TimestampMs) -> Result<bool, StoreError> {
    if tx.owner(new.by)?.is_none() {
        return Ok(false);
    }
    let mut good = 0;
    for key in tx.keys_with(&keys::invites_of(new.by))? {
        let hash = keys::invite_hash(&key).ok_or_else(|| corrupt("the key of an invitation"))?;
        if invite(tx, &hash)?.is_some_and(|record| record.is_good(now)) {
            good += 1;
        } else {
            drop_invite(tx, &hash)?;
        }
    }
    if good >= INVITES_MAX {
        return Ok(false);
    }
    let record = InviteRecord::of(new);
    let [by_hash, of, until] = invite_keys(&record, &new.hash);
    tx.put_record(by_hash, &record);
    for key in [of, until] {
        tx.put(Cf::Meta, key, Vec::new());
    }
    Ok(true)
}

/// Takes an invitation of an account back.
pub(super) fn revoke_invite(tx: &mut Tx<'_>, by: AccountId, hash: &[u8; 32]) -> Result<bool, StoreError> {
    if invite(tx, hash)?.is_none_or(|record| record.by != by.0) {
        return Ok(false);
    }
    drop_invite(tx, hash)?;
    Ok(true)
}

/// Uses an invitation up by one: the two become contacts of each other.
pub(super) fn use_invite(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    by: AccountId,
    now: TimestampMs,
) -> Result<InviteOutcome, StoreError> {
    let Some(mut record) = invite(tx, hash)?.filter(|record| record.is_good(now) && record.by != by.0) else {
        return Ok(InviteOutcome::NotGood);
    };
    let giver = AccountId(record.by);
    let (Some(own), Some(other)) = (Side::of(tx, giver, by)?, Side::of(tx, by, giver)?) else {
        return Ok(InviteOutcome::NotGood);
    };
    let Some((theirs, mine)) = deeds::invited((&own.contact, own.rows), (&other.contact, other.rows)) else {
        return Ok(InviteOutcome::NotGood);
    };
    record.uses_left -= 1;
    if record.uses_left == 0 {
        drop_invite(tx, hash)?;
    } else {
        tx.put_record(keys::invite(hash), &record);
    }
    let mut made = Made::new();
    made.extend(put(tx, own, theirs)?);
    made.extend(put(tx, other, mine)?);
    Ok(InviteOutcome::Used(record.into_invite(*hash), made))
}

/// The row of an owner about another account, if there is one.
pub(super) fn row(
    shared: &Shared,
    owner: AccountId,
    peer: AccountId,
    tier: Tier,
) -> Result<Option<ContactRecord>, Fault> {
    match shared.db.get(Cf::Meta, &keys::contact(owner, peer), tier)? {
        Some(bytes) => Ok(Some(decode("a contact", &bytes)?)),
        None => Ok(None),
    }
}

/// A page of an owner's rows.
pub(super) fn contacts(
    shared: &Shared,
    owner: AccountId,
    after: Option<AccountId>,
    limit: usize,
    tier: Tier,
) -> Result<(Vec<ContactView>, bool), Fault> {
    let from = match after {
        Some(AccountId(u64::MAX)) => return Ok((Vec::new(), false)),
        Some(after) => keys::contact(owner, AccountId(after.0 + 1)),
        None => keys::contacts_of(owner),
    };
    let mut page = Vec::new();
    let mut scan = shared.db.scan(Cf::Meta, &from, &keys::after_prefix(&keys::contacts_of(owner)), tier);
    while let Some((key, value)) = scan.step()? {
        let peer = AccountId(keys::tail(key).ok_or_else(|| corrupt("the key of a contact"))?);
        let view = decode::<ContactRecord>("a contact", value)?.into_view(peer)?;
        if view.contact.is_nothing() {
            continue;
        }
        if page.len() == limit {
            return Ok((page, true));
        }
        page.push(view);
    }
    Ok((page, false))
}

/// Who is to be told whether the owner is there.
pub(super) fn followers(shared: &Shared, owner: AccountId, tier: Tier) -> Result<Vec<AccountId>, Fault> {
    let mut found = Vec::new();
    let mut scan = shared.db.scan_prefix(Cf::Meta, &keys::contacts_of(owner), tier);
    while let Some((key, value)) = scan.step()? {
        let record: ContactRecord = decode("a contact", value)?;
        let peer = AccountId(keys::tail(key).ok_or_else(|| corrupt("the key of a contact"))?);
        let blocked = record.blocked || row(shared, peer, owner, tier)?.is_some_and(|theirs| theirs.blocked);
        if record.from && !blocked {
            found.push(peer);
        }
    }
    Ok(found)
}

/// What an account shows.
pub(super) fn profile(shared: &Shared, id: AccountId, tier: Tier) -> Result<Option<Profile>, Fault> {
    let Some(bytes) = shared.db.get(Cf::Meta, &keys::account(id), tier)? else { return Ok(None) };
    let account = decode::<AccountRecord>("an account", &bytes)?.into_account(id)?;
    let record: ProfileRecord = match shared.db.get(Cf::Meta, &keys::profile(id), tier)? {
        Some(bytes) => decode("a profile", &bytes)?,
        None => ProfileRecord::default(),
    };
    Ok(Some(record.into_profile(account)?))
}

/// An account's picture, if it is this one.
pub(super) fn picture(
    shared: &Shared,
    id: AccountId,
    picture: PictureId,
    tier: Tier,
) -> Result<Option<Arc<Picture>>, Fault> {
    if profile(shared, id, tier)?.and_then(|profile| profile.picture) != Some(picture) {
        return Ok(None);
    }
    let Some(bytes) = shared.db.get(Cf::Meta, &keys::picture(id), tier)? else { return Ok(None) };
    Ok(Some(Arc::new(decode::<PictureRecord>("a picture", &bytes)?.into_picture())))
}

/// An invitation that is still good.
pub(super) fn good_invite(
    shared: &Shared,
    hash: &[u8; 32],
    now: TimestampMs,
    tier: Tier,
) -> Result<Option<Invite>, Fault> {
    let Some(bytes) = shared.db.get(Cf::Meta, &keys::invite(hash), tier)? else { return Ok(None) };
    let record: InviteRecord = decode("an invitation", &bytes)?;
    Ok(record.is_good(now).then(|| record.into_invite(*hash)))
}

/// The invitations of an account that are still good, the oldest first.
pub(super) fn good_invites(shared: &Shared, by: AccountId, now: TimestampMs, tier: Tier) -> Result<Vec<Invite>, Fault> {
    let mut found = Vec::new();
    let mut scan = shared.db.scan_prefix(Cf::Meta, &keys::invites_of(by), tier);
    while let Some((key, _)) = scan.step()? {
        let hash = keys::invite_hash(key).ok_or_else(|| corrupt("the key of an invitation"))?;
        found.extend(good_invite(shared, &hash, now, tier)?);
    }
    Ok(found)
}

/// Invitations that are over, at most `limit`.
pub(super) fn dead_invites(shared: &Shared, now: TimestampMs, limit: usize) -> Result<Vec<[u8; 32]>, StoreError> {
    let (from, to) = keys::invites_until(now);
    let mut found = Vec::new();
    let mut scan = shared.db.scan(Cf::Meta, &from, &to, Tier::Disk);
    while found.len() < limit
        && let Some((key, _)) = scan.step()?
    {
        found.push(keys::invite_hash(key).ok_or_else(|| corrupt("the key of an invitation"))?);
    }
    Ok(found)
}
