//! The secure channel of the native protocol: Noise XX and IK, as docs/protocol.md, "Noise", describes them.
//!
//! Bytes of the connection come in; the other side's proved key, sealed records and the opened frame stream leave.
//! Nothing here reads a socket. Invariant: after the first error a channel opens and seals nothing more, and nothing
//! unauthenticated ever reaches the caller.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use bytes::{Buf, BytesMut};
use snow::params::{CipherChoice, DHChoice, HashChoice, NoiseParams};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, HandshakeState, StatelessTransportState};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::preamble::PREAMBLE_BYTES;

/// Length of a key, private or public.
pub const KEY_BYTES: usize = 32;

/// Length of the length in front of each handshake message and each record.
pub const LENGTH_BYTES: usize = 2;

/// What sealing adds to a plaintext: the tag of ChaCha20-Poly1305.
pub const TAG_BYTES: usize = 16;

/// Largest record without its length: what Noise allows, and what its two bytes can say.
pub const RECORD_BYTES_MAX: usize = 65_535;

/// Most plaintext in one record.
pub const PLAIN_BYTES_MAX: usize = RECORD_BYTES_MAX - TAG_BYTES;

/// Lengths of the handshake's messages: with empty payloads each is known beforehand, so any other length is refused
/// before a byte of it is looked at.
const XX_MESSAGES: &[usize] = &[KEY_BYTES, 2 * KEY_BYTES + 2 * TAG_BYTES, KEY_BYTES + 2 * TAG_BYTES];
const IK_MESSAGES: &[usize] = &[2 * KEY_BYTES + 2 * TAG_BYTES, KEY_BYTES + TAG_BYTES];
const MESSAGE_BYTES_MAX: usize = 2 * KEY_BYTES + 2 * TAG_BYTES;

/// Which handshake; the preamble's channel says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pattern {
    /// Three messages; the client learns the server's key.
    Xx,
    /// Two messages; the client knows the server's key.
    Ik,
}

impl Pattern {
    /// The protocol's name, which both sides hash first.
    pub fn name(self) -> &'static str {
        match self {
            Pattern::Xx => "Noise_XX_25519_ChaChaPoly_SHA256",
            Pattern::Ik => "Noise_IK_25519_ChaChaPoly_SHA256",
        }
    }

    fn messages(self) -> &'static [usize] {
        match self {
            Pattern::Xx => XX_MESSAGES,
            Pattern::Ik => IK_MESSAGES,
        }
    }
}

/// Why a channel ends. A peer is told no more than that it did.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoiseError {
    /// A handshake message or record has a length that it cannot have.
    #[error("a handshake message or record has an impossible length")]
    BadLength,
    /// A message or record was not made by who it should be from, or not in this place.
    #[error("a handshake message or record is not genuine")]
    NotGenuine,
    /// A key of the other side gives a shared secret that everybody knows.
    #[error("a key of the other side is not usable")]
    BadKey,
    /// This channel has failed before, or has carried 2^64 records.
    #[error("the channel is at its end")]
    Ended,
    /// The machine gave no random bytes.
    #[error("no random bytes could be had")]
    NoEntropy,
}

impl From<snow::Error> for NoiseError {
    fn from(error: snow::Error) -> NoiseError {
        match error {
            snow::Error::Dh => NoiseError::BadKey,
            snow::Error::Rng => NoiseError::NoEntropy,
            snow::Error::State(_) => NoiseError::Ended,
            _ => NoiseError::NotGenuine,
        }
    }
}

/// A long-lived key pair: of the server, or of a device, whose credential it is. Wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StaticKey {
    private: [u8; KEY_BYTES],
    #[zeroize(skip)]
    public: [u8; KEY_BYTES],
}

impl StaticKey {
    /// The key pair of 32 random bytes.
    pub fn new(private: [u8; KEY_BYTES]) -> StaticKey {
        let mut public = [0; KEY_BYTES];
        // Curve25519 is compiled in, so it is always resolved; tests hold the public key against RFC 7748.
        if let Some(mut dh) = DefaultResolver.resolve_dh(&DHChoice::Curve25519) {
            dh.set(&private);
            public.copy_from_slice(dh.pubkey());
        }
        StaticKey { private, public }
    }

    /// What the other side sees and remembers.
    pub fn public(&self) -> &[u8; KEY_BYTES] {
        &self.public
    }

    /// The secret half, to store it.
    pub fn expose_private(&self) -> &[u8; KEY_BYTES] {
        &self.private
    }
}

impl fmt::Debug for StaticKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticKey(***)")
    }
}

/// What both sides saw before the handshake: a man in the middle who changes it makes the handshake fail.
pub fn prologue(preamble: &[u8; PREAMBLE_BYTES], answer: &[u8; PREAMBLE_BYTES]) -> [u8; 2 * PREAMBLE_BYTES] {
    let mut both = [0; 2 * PREAMBLE_BYTES];
    both[..PREAMBLE_BYTES].copy_from_slice(preamble);
    both[PREAMBLE_BYTES..].copy_from_slice(answer);
    both
}

/// Where a handshake stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The other side's next message is not all there yet.
    NeedMore,
    /// Send what was written; then [`Handshake::into_transport`].
    Done,
}

/// A handshake in progress.
pub struct Handshake {
    state: Box<HandshakeState>,
    lengths: &'static [usize],
    at: usize,
    failed: bool,
}

impl Handshake {
    /// The client's side of XX.
    pub fn initiator_xx(key: &StaticKey, prologue: &[u8]) -> Result<Handshake, NoiseError> {
        Handshake::build(Pattern::Xx, key, prologue, Role::Initiator(None), None)
    }

    /// The client's side of IK, to a server whose key is known.
    pub fn initiator_ik(key: &StaticKey, server: &[u8; KEY_BYTES], prologue: &[u8]) -> Result<Handshake, NoiseError> {
        Handshake::build(Pattern::Ik, key, prologue, Role::Initiator(Some(server)), None)
    }

    /// The server's side.
    pub fn responder(pattern: Pattern, key: &StaticKey, prologue: &[u8]) -> Result<Handshake, NoiseError> {
        Handshake::build(pattern, key, prologue, Role::Responder, None)
    }

    fn build(
        pattern: Pattern,
        key: &StaticKey,
        prologue: &[u8],
        role: Role<'_>,
        fixed_ephemeral: Option<&[u8; KEY_BYTES]>,
    ) -> Result<Handshake, NoiseError> {
        let params: NoiseParams = pattern.name().parse()?;
        let mut builder =
            Builder::with_resolver(params, Box::new(Resolver)).prologue(prologue)?.local_private_key(&key.private)?;
        if let Some(ephemeral) = fixed_ephemeral {
            builder = builder.fixed_ephemeral_key_for_testing_only(ephemeral);
        }
        let state = match role {
            Role::Initiator(None) => builder.build_initiator()?,
            Role::Initiator(Some(server)) => builder.remote_public_key(server)?.build_initiator()?,
            Role::Responder => builder.build_responder()?,
        };
        Ok(Handshake { state: Box::new(state), lengths: pattern.messages(), at: 0, failed: false })
    }

    /// Goes as far as the bytes in `input` allow: reads the other side's messages off its front, appends ours to
    /// `out`. What lies behind the last message stays in `input`: it is the first record.
    pub fn advance(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<Step, NoiseError> {
        if self.failed {
            return Err(NoiseError::Ended);
        }
        let step = self.try_advance(input, out);
        self.failed = step.is_err();
        step
    }

    fn try_advance(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<Step, NoiseError> {
        while let Some(&expected) = self.lengths.get(self.at) {
            if self.state.is_my_turn() {
                // snow wants room for a tag even where it writes none.
                let mut message = [0; MESSAGE_BYTES_MAX + TAG_BYTES];
                let written = self.state.write_message(&[], &mut message)?;
                debug_assert_eq!(written, expected, "the lengths follow from the pattern");
                out.extend_from_slice(&(written as u16).to_be_bytes());
                out.extend_from_slice(&message[..written]);
            } else {
                let Some(length) = peek_length(input) else { return Ok(Step::NeedMore) };
                if length != expected {
                    return Err(NoiseError::BadLength);
                }
                if input.len() < LENGTH_BYTES + length {
                    return Ok(Step::NeedMore);
                }
                self.state.read_message(&input[LENGTH_BYTES..LENGTH_BYTES + length], &mut [])?;
                input.advance(LENGTH_BYTES + length);
            }
            self.at += 1;
        }
        Ok(Step::Done)
    }

    /// The channel; for a handshake that is [`Step::Done`].
    pub fn into_transport(self) -> Result<Transport, NoiseError> {
        if self.failed {
            return Err(NoiseError::Ended);
        }
        let state = self.state.into_stateless_transport_mode()?;
        let remote = state.get_remote_static().and_then(|key| key.try_into().ok()).ok_or(NoiseError::BadKey)?;
        let state = Arc::new(state);
        Ok(Transport {
            sealer: Sealer { state: Arc::clone(&state), nonce: 0, failed: false },
            opener: Opener { state, nonce: 0, failed: false },
            remote,
        })
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake").field("at", &self.at).finish_non_exhaustive()
    }
}

enum Role<'a> {
    Initiator(Option<&'a [u8; KEY_BYTES]>),
    Responder,
}

/// What opening found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// One record was opened; there may be another.
    Opened,
    /// The next record is not all there yet.
    NeedMore,
}

/// A channel after its handshake.
#[derive(Debug)]
pub struct Transport {
    sealer: Sealer,
    opener: Opener,
    remote: [u8; KEY_BYTES],
}

impl Transport {
    /// The other side's static public key: proved.
    pub fn remote_static(&self) -> &[u8; KEY_BYTES] {
        &self.remote
    }

    /// As [`Sealer::seal`].
    pub fn seal(&mut self, plain: &[u8], out: &mut BytesMut) -> Result<(), NoiseError> {
        self.sealer.seal(plain, out)
    }

    /// As [`Opener::open`].
    pub fn open(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<Progress, NoiseError> {
        self.opener.open(input, out)
    }

    /// The two directions, for a reader and a writer that live apart.
    pub fn split(self) -> (Sealer, Opener) {
        (self.sealer, self.opener)
    }
}

/// The sending half of a channel.
pub struct Sealer {
    state: Arc<StatelessTransportState>,
    nonce: u64,
    failed: bool,
}

impl Sealer {
    /// Appends records that carry `plain`, as few as possible; none if it is empty.
    pub fn seal(&mut self, plain: &[u8], out: &mut BytesMut) -> Result<(), NoiseError> {
        for piece in plain.chunks(PLAIN_BYTES_MAX) {
            if self.failed {
                return Err(NoiseError::Ended);
            }
            let (start, record) = (out.len(), piece.len() + TAG_BYTES);
            out.reserve(LENGTH_BYTES + record);
            out.extend_from_slice(&(record as u16).to_be_bytes());
            out.resize(start + LENGTH_BYTES + record, 0);
            if let Err(error) = self.state.write_message(self.nonce, piece, &mut out[start + LENGTH_BYTES..]) {
                self.failed = true;
                out.truncate(start);
                return Err(error.into());
            }
            self.nonce += 1; // snow refuses the last nonce, so this does not overflow
        }
        Ok(())
    }
}

/// The receiving half of a channel.
pub struct Opener {
    state: Arc<StatelessTransportState>,
    nonce: u64,
    failed: bool,
}

impl Opener {
    /// Takes one record off the front of `input` and appends what it carries to `out`. One at a time, so that the
    /// caller bounds `out`.
    pub fn open(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<Progress, NoiseError> {
        if self.failed {
            return Err(NoiseError::Ended);
        }
        let progress = self.try_open(input, out);
        self.failed = progress.is_err();
        progress
    }

    fn try_open(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<Progress, NoiseError> {
        let Some(length) = peek_length(input) else { return Ok(Progress::NeedMore) };
        if length <= TAG_BYTES {
            return Err(NoiseError::BadLength); // a record of nothing: work for us and none for who sends it
        }
        if input.len() < LENGTH_BYTES + length {
            return Ok(Progress::NeedMore);
        }
        let start = out.len();
        out.resize(start + length - TAG_BYTES, 0);
        let record = &input[LENGTH_BYTES..LENGTH_BYTES + length];
        if let Err(error) = self.state.read_message(self.nonce, record, &mut out[start..]) {
            out.truncate(start);
            return Err(error.into());
        }
        self.nonce += 1; // snow refuses the last nonce, so this does not overflow
        input.advance(LENGTH_BYTES + length);
        Ok(Progress::Opened)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("nonce", &self.nonce).finish_non_exhaustive()
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("nonce", &self.nonce).finish_non_exhaustive()
    }
}

fn peek_length(input: &BytesMut) -> Option<usize> {
    let bytes = input.get(..LENGTH_BYTES)?;
    Some(usize::from(u16::from_be_bytes(bytes.try_into().ok()?)))
}

/// snow's own parts but for two. Records are sealed by the library that TLS has as well, which takes a third of the time
/// for what a message is. And a Diffie-Hellman result of zeros is an error: a key of low order gives it with every private
/// key, so the secret would be no secret (RFC 7748 §6.1; the Noise specification leaves the check to us).
struct Resolver;

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        DefaultResolver.resolve_rng()
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(choice).map(|dh| Box::new(CheckedDh(dh)) as Box<dyn Dh>)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        match choice {
            CipherChoice::ChaChaPoly => Some(Box::new(RecordCipher { key: [0; KEY_BYTES] })),
            other => DefaultResolver.resolve_cipher(other),
        }
    }
}

/// ChaCha20-Poly1305 (RFC 8439) with the nonce as Noise has it: four bytes of zeros, then the number, little endian.
/// Holds the key alone, since a link at rest is to be small: what the library makes of it is made for each record, in a
/// fraction of the time that the record takes.
#[derive(Zeroize, ZeroizeOnDrop)]
struct RecordCipher {
    key: [u8; KEY_BYTES],
}

impl RecordCipher {
    fn keyed(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&CHACHA20_POLY1305, &self.key).ok().map(LessSafeKey::new)
    }

    fn nonce(number: u64) -> Nonce {
        let mut bytes = [0; NONCE_LEN];
        bytes[NONCE_LEN - 8..].copy_from_slice(&number.to_le_bytes());
        Nonce::assume_unique_for_key(bytes)
    }

    fn seal(&self, nonce: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> Option<usize> {
        let (sealed, tag) = out.get_mut(..plaintext.len() + TAG_BYTES)?.split_at_mut(plaintext.len());
        let keyed = self.keyed()?;
        keyed.seal_out_of_place_scatter(Self::nonce(nonce), Aad::from(authtext), plaintext, sealed, &[], tag).ok()?;
        Some(plaintext.len() + TAG_BYTES)
    }

    fn open(&self, nonce: u64, authtext: &[u8], ciphertext: &[u8], out: &mut [u8]) -> Option<usize> {
        let (sealed, tag) = ciphertext.split_at_checked(ciphertext.len().checked_sub(TAG_BYTES)?)?;
        let plain = out.get_mut(..sealed.len())?;
        self.keyed()?.open_separate_gather(Self::nonce(nonce), Aad::from(authtext), sealed, tag, plain).ok()?;
        Some(sealed.len())
    }
}

impl Cipher for RecordCipher {
    fn name(&self) -> &'static str {
        "ChaChaPoly"
    }

    fn set(&mut self, key: &[u8; KEY_BYTES]) {
        self.key = *key;
    }

    fn encrypt(&self, nonce: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        // The trait has no way to say that it failed, and snow has looked at the room. Nothing would be in `out`, which no
        // other side takes for genuine.
        self.seal(nonce, authtext, plaintext, out).unwrap_or_default()
    }

    fn decrypt(&self, nonce: u64, authtext: &[u8], ciphertext: &[u8], out: &mut [u8]) -> Result<usize, snow::Error> {
        self.open(nonce, authtext, ciphertext, out).ok_or(snow::Error::Decrypt)
    }
}

struct CheckedDh(Box<dyn Dh>);

impl Dh for CheckedDh {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn pub_len(&self) -> usize {
        self.0.pub_len()
    }

    fn priv_len(&self) -> usize {
        self.0.priv_len()
    }

    fn set(&mut self, privkey: &[u8]) {
        self.0.set(privkey);
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), snow::Error> {
        self.0.generate(rng)
    }

    fn pubkey(&self) -> &[u8] {
        self.0.pubkey()
    }

    fn privkey(&self) -> &[u8] {
        self.0.privkey()
    }

    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), snow::Error> {
        self.0.dh(pubkey, out)?;
        let any_bit = out.iter().take(KEY_BYTES).fold(0, |any, byte| any | byte);
        if any_bit == 0 { Err(snow::Error::Dh) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
