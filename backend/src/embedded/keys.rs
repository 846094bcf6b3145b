//! Keys of the embedded store: column families and the bytes of every key.
//!
//! Integers are big endian, so that the order of the bytes is the order of the numbers. Invariant: every kind of key
//! begins with its own letter, and nothing outside this file puts a key together.

use belfry_domain::{
    AccountId, Address, ClientMessageId, ConversationId, Cseq, DeviceId, DocumentKey, Phone, Seq, TimestampMs,
};
use sha2::{Digest, Sha256};

/// A column family.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Cf {
    /// Records that change: accounts, devices, cursors, state rows, counters.
    Meta,
    /// Timelines: owner, seq.
    Tl,
    /// Bodies: conversation, cseq.
    Conv,
    /// Client message ids that are remembered.
    Dedupe,
    /// For each commit the ids it remembered, by time, so that they can be forgotten.
    Dtime,
}

impl Cf {
    pub(super) const ALL: [Cf; 5] = [Cf::Meta, Cf::Tl, Cf::Conv, Cf::Dedupe, Cf::Dtime];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Cf::Meta => "meta",
            Cf::Tl => "tl",
            Cf::Conv => "conv",
            Cf::Dedupe => "dedupe",
            Cf::Dtime => "dtime",
        }
    }
}

/// Version of the layout; a store with a higher one is not opened.
pub(super) const FORMAT: u64 = 1;

pub(super) const KEY_FORMAT: &[u8] = b"Vformat";
pub(super) const KEY_EPOCH: &[u8] = b"Vepoch";
pub(super) const KEY_BATCH: &[u8] = b"Vbatch";
pub(super) const KEY_ACCOUNTS_MADE: &[u8] = b"Naccounts";
pub(super) const KEY_CONVERSATIONS_MADE: &[u8] = b"Nconversations";

fn key(letter: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    key.push(letter);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// What keys of accounts' records begin with, …
pub(super) const ACCOUNT_RECORDS: &[u8] = b"A";

/// … of their index by addresses, …
pub(super) const ADDRESSES: &[u8] = b"a";

/// … and of the conversations that two of them have.
pub(super) const PAIRS: &[u8] = b"P";

/// What the keys of receipts and marks begin with.
pub(super) const ROWS: [&[u8]; 2] = [b"x", b"y"];

pub(super) fn account(id: AccountId) -> Vec<u8> {
    key(b'A', &[&id.0.to_be_bytes()])
}

/// Sorts as addresses do: neither part can hold a zero byte.
pub(super) fn address(address: &Address) -> Vec<u8> {
    key(b'a', &[address.local().as_bytes(), &[0], address.domain().as_bytes()])
}

/// The address in such a key, as a text.
pub(super) fn address_of(key: &[u8]) -> Option<String> {
    let (local, domain) = std::str::from_utf8(key.get(1..)?).ok()?.split_once('\0')?;
    Some(if local.is_empty() { domain.to_owned() } else { format!("{local}@{domain}") })
}

pub(super) fn phone(phone: &Phone) -> Vec<u8> {
    key(b'h', &[phone.as_str().as_bytes()])
}

pub(super) fn looks(domain: &str, skeleton: &str) -> Vec<u8> {
    key(b's', &[domain.as_bytes(), &[0], skeleton.as_bytes()])
}

pub(super) fn device(account: AccountId, id: DeviceId) -> Vec<u8> {
    key(b'D', &[&account.0.to_be_bytes(), &id.0.to_be_bytes()])
}

pub(super) fn devices_of(account: AccountId) -> Vec<u8> {
    key(b'D', &[&account.0.to_be_bytes()])
}

pub(super) fn cursor(account: AccountId, id: DeviceId) -> Vec<u8> {
    key(b'C', &[&account.0.to_be_bytes(), &id.0.to_be_bytes()])
}

pub(super) fn noise_key(noise_key: &[u8; 32]) -> Vec<u8> {
    key(b'K', &[noise_key])
}

/// By Noise key or hash of the secret: a device that went for its silence.
pub(super) fn retired(proof: &[u8; 32]) -> Vec<u8> {
    key(b'q', &[proof])
}

/// All devices of all accounts.
pub(super) const DEVICES: &[u8] = b"D";

pub(super) fn owner(id: AccountId) -> Vec<u8> {
    key(b'O', &[&id.0.to_be_bytes()])
}

/// The first place of a life of a timeline; its value is the place before it.
pub(super) fn life(owner: AccountId, first: Seq) -> Vec<u8> {
    key(b'E', &[&owner.0.to_be_bytes(), &first.0.to_be_bytes()])
}

pub(super) fn lives_of(owner: AccountId) -> Vec<u8> {
    key(b'E', &[&owner.0.to_be_bytes()])
}

pub(super) fn receipt(owner: AccountId, conversation: ConversationId) -> Vec<u8> {
    key(b'x', &[&owner.0.to_be_bytes(), &conversation.0.to_be_bytes()])
}

pub(super) fn receipts_of(owner: AccountId) -> Vec<u8> {
    key(b'x', &[&owner.0.to_be_bytes()])
}

pub(super) fn mark(owner: AccountId, conversation: ConversationId) -> Vec<u8> {
    key(b'y', &[&owner.0.to_be_bytes(), &conversation.0.to_be_bytes()])
}

pub(super) fn marks_of(owner: AccountId) -> Vec<u8> {
    key(b'y', &[&owner.0.to_be_bytes()])
}

/// What has become of a message.
pub(super) fn amendment(conversation: ConversationId, cseq: Cseq) -> Vec<u8> {
    key(b'w', &[&conversation.0.to_be_bytes(), &cseq.0.to_be_bytes()])
}

pub(super) fn amendments_of(conversation: ConversationId) -> Vec<u8> {
    key(b'w', &[&conversation.0.to_be_bytes()])
}

/// What an owner has put on a message.
pub(super) fn flags(owner: AccountId, conversation: ConversationId, cseq: Cseq) -> Vec<u8> {
    key(b'f', &[&owner.0.to_be_bytes(), &conversation.0.to_be_bytes(), &cseq.0.to_be_bytes()])
}

pub(super) fn flags_of(owner: AccountId) -> Vec<u8> {
    key(b'f', &[&owner.0.to_be_bytes()])
}

/// What of a message's later life one side alone sees; see [`super::amend`].
pub(super) fn copy(conversation: ConversationId, cseq: Cseq, side: usize) -> Vec<u8> {
    key(b'z', &[&conversation.0.to_be_bytes(), &cseq.0.to_be_bytes(), &[u8::from(side != 0)]])
}

pub(super) fn copies_of(conversation: ConversationId) -> Vec<u8> {
    key(b'z', &[&conversation.0.to_be_bytes()])
}

/// A message that is kept from one side of a conversation.
pub(super) fn withheld(conversation: ConversationId, side: usize, cseq: Cseq) -> Vec<u8> {
    key(WITHHELD[0], &[&conversation.0.to_be_bytes(), &[u8::from(side != 0)], &cseq.0.to_be_bytes()])
}

/// All that is kept from a side.
pub(super) fn withheld_from(conversation: ConversationId, side: usize) -> Vec<u8> {
    key(WITHHELD[0], &[&conversation.0.to_be_bytes(), &[u8::from(side != 0)]])
}

pub(super) fn withheld_of(conversation: ConversationId) -> Vec<u8> {
    key(WITHHELD[0], &[&conversation.0.to_be_bytes()])
}

/// All that is kept from anybody.
pub(super) const WITHHELD: &[u8] = b"v";

/// Says nothing: written where a change that reaches one side alone writes less than one that reaches both.
pub(super) fn filler(conversation: ConversationId, n: u8) -> Vec<u8> {
    key(b'F', &[&conversation.0.to_be_bytes(), &[n]])
}

pub(super) fn fillers_of(conversation: ConversationId) -> Vec<u8> {
    key(b'F', &[&conversation.0.to_be_bytes()])
}

/// How an owner stands to another account.
pub(super) fn contact(owner: AccountId, peer: AccountId) -> Vec<u8> {
    key(b'k', &[&owner.0.to_be_bytes(), &peer.0.to_be_bytes()])
}

pub(super) fn contacts_of(owner: AccountId) -> Vec<u8> {
    key(b'k', &[&owner.0.to_be_bytes()])
}

/// Who has a row about an account: the way back.
pub(super) fn known_by(peer: AccountId, owner: AccountId) -> Vec<u8> {
    key(b'l', &[&peer.0.to_be_bytes(), &owner.0.to_be_bytes()])
}

pub(super) fn known_by_all(peer: AccountId) -> Vec<u8> {
    key(b'l', &[&peer.0.to_be_bytes()])
}

/// What an account says about itself and which picture it has.
pub(super) fn profile(id: AccountId) -> Vec<u8> {
    key(b'i', &[&id.0.to_be_bytes(), &[0]])
}

/// The bytes of the picture.
pub(super) fn picture(id: AccountId) -> Vec<u8> {
    key(b'i', &[&id.0.to_be_bytes(), &[1]])
}

/// Both of them.
pub(super) fn profile_of(id: AccountId) -> Vec<u8> {
    key(b'i', &[&id.0.to_be_bytes()])
}

/// A document of an account.
pub(super) fn document(owner: AccountId, name: &DocumentKey) -> Vec<u8> {
    key(b'b', &[&owner.0.to_be_bytes(), name.as_str().as_bytes()])
}

pub(super) fn documents_of(owner: AccountId) -> Vec<u8> {
    key(b'b', &[&owner.0.to_be_bytes()])
}

/// By the hash of its token.
pub(super) fn invite(hash: &[u8; 32]) -> Vec<u8> {
    key(b'I', &[hash])
}

/// Which invitations an account has given, by when.
pub(super) fn invite_of(by: AccountId, created: TimestampMs, hash: &[u8; 32]) -> Vec<u8> {
    key(b'J', &[&by.0.to_be_bytes(), &created.0.to_be_bytes(), hash])
}

pub(super) fn invites_of(by: AccountId) -> Vec<u8> {
    key(b'J', &[&by.0.to_be_bytes()])
}

/// Which invitations are over when.
pub(super) fn invite_until(expires: TimestampMs, hash: &[u8; 32]) -> Vec<u8> {
    key(b'j', &[&expires.0.to_be_bytes(), hash])
}

/// The invitations that are over by then lie before this and after the first.
pub(super) fn invites_until(end: TimestampMs) -> (Vec<u8>, Vec<u8>) {
    (key(b'j', &[&0_u64.to_be_bytes()]), key(b'j', &[&end.0.saturating_add(1).to_be_bytes()]))
}

/// The hash at the end of a key of invitations.
pub(super) fn invite_hash(key: &[u8]) -> Option<[u8; 32]> {
    key.last_chunk::<32>().copied()
}

/// How an owner has a conversation.
pub(super) fn settings(owner: AccountId, conversation: ConversationId) -> Vec<u8> {
    key(b't', &[&owner.0.to_be_bytes(), &conversation.0.to_be_bytes()])
}

pub(super) fn settings_of(owner: AccountId) -> Vec<u8> {
    key(b't', &[&owner.0.to_be_bytes()])
}

pub(super) fn conversation(id: ConversationId) -> Vec<u8> {
    key(b'c', &[&id.0.to_be_bytes()])
}

/// Written for both directions, so that an account's conversations are one stretch.
pub(super) fn pair(owner: AccountId, peer: AccountId) -> Vec<u8> {
    key(b'P', &[&owner.0.to_be_bytes(), &peer.0.to_be_bytes()])
}

/// The two accounts in such a key.
pub(super) fn pair_of(key: &[u8]) -> Option<(AccountId, AccountId)> {
    let (owner, peer) = numbers(key.get(1..)?)?;
    Some((AccountId(owner), AccountId(peer)))
}

pub(super) fn pairs_of(owner: AccountId) -> Vec<u8> {
    key(b'P', &[&owner.0.to_be_bytes()])
}

pub(super) fn room(name: &str) -> Vec<u8> {
    key(b'R', &[name.as_bytes()])
}

pub(super) fn registration(phone: &Phone) -> Vec<u8> {
    key(b'r', &[phone.as_str().as_bytes()])
}

/// Where something was erased; see [`super::erased`].
pub(super) fn erased(kind: u8, id: u64) -> Vec<u8> {
    key(ERASED[0], &[&[kind], &id.to_be_bytes()])
}

/// All places where something was erased.
pub(super) const ERASED: &[u8] = b"e";

pub(super) fn entry(owner: AccountId, seq: Seq) -> [u8; 16] {
    two(owner.0, seq.0)
}

pub(super) fn body(conversation: ConversationId, cseq: Cseq) -> [u8; 16] {
    two(conversation.0, cseq.0)
}

pub(super) fn dtime(at: TimestampMs, batch: u64) -> [u8; 16] {
    two(at.0, batch)
}

fn two(first: u64, second: u64) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&first.to_be_bytes());
    key[8..].copy_from_slice(&second.to_be_bytes());
    key
}

/// The two numbers of a 16-byte key.
pub(super) fn numbers(key: &[u8]) -> Option<(u64, u64)> {
    let first = key.get(..8)?.try_into().ok()?;
    let second = key.get(8..16)?.try_into().ok()?;
    (key.len() == 16).then(|| (u64::from_be_bytes(first), u64::from_be_bytes(second)))
}

/// The last 8 bytes of a key as a number.
pub(super) fn tail(key: &[u8]) -> Option<u64> {
    let at = key.len().checked_sub(8)?;
    Some(u64::from_be_bytes(key[at..].try_into().ok()?))
}

pub(super) fn dedupe(sender: AccountId, device: DeviceId, id: &ClientMessageId) -> Vec<u8> {
    key(b'd', &[&sender.0.to_be_bytes(), &device.0.to_be_bytes(), &short_hash(id)])
}

pub(super) fn dedupe_guest(room: ConversationId, lease: u64, id: &ClientMessageId) -> Vec<u8> {
    key(b'g', &[&room.0.to_be_bytes(), &lease.to_be_bytes(), &short_hash(id)])
}

pub(super) fn dedupe_member(
    room: ConversationId,
    account: AccountId,
    device: DeviceId,
    id: &ClientMessageId,
) -> Vec<u8> {
    key(b'm', &[&room.0.to_be_bytes(), &account.0.to_be_bytes(), &device.0.to_be_bytes(), &short_hash(id)])
}

/// 128 bits suffice: whoever finds two ids with one hash hurts only messages of their own device.
fn short_hash(id: &ClientMessageId) -> [u8; 16] {
    let digest = Sha256::digest(id.as_str().as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

/// The first key after all that begin with `prefix`.
pub(super) fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![u8::MAX; prefix.len() + 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_after_all_of_it_and_before_the_next() {
        assert_eq!(after_prefix(b"ab"), b"ac");
        assert_eq!(after_prefix(&[1, 255]), [2]);
        assert!(after_prefix(&[255, 255]).as_slice() > &[255, 255][..]);
    }

    #[test]
    fn keys_of_a_timeline_sort_by_number() {
        let key = |n| entry(AccountId(1), Seq(n));
        assert!(key(255) < key(256) && key(u64::MAX) < entry(AccountId(2), Seq(0)));
        assert_eq!(numbers(&key(7)), Some((1, 7)));
    }
}
