//! Logging in: PLAIN, and SCRAM with SHA-1 or SHA-256 (RFC 5802, RFC 7677), without binding to the channel.
//!
//! Passwords and what the server says come in; what the client says leaves, and whether the server has proved itself.
//! Invariant: a password is hashed once for each salt and number of rounds: like a client that has logged in before, the
//! tool keeps the keys, so that a second login costs it next to nothing.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// Rounds that we do at most for a server.
const ROUNDS_MAX: u32 = 1_000_000;

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Mechanism {
    /// The password itself.
    #[serde(rename = "PLAIN")]
    Plain,
    /// RFC 5802.
    #[serde(rename = "SCRAM-SHA-1")]
    ScramSha1,
    /// RFC 7677.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
}

impl Mechanism {
    /// All of them, the strongest first.
    pub const ALL: [Mechanism; 3] = [Mechanism::ScramSha256, Mechanism::ScramSha1, Mechanism::Plain];

    /// As it stands in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Mechanism::Plain => "PLAIN",
            Mechanism::ScramSha1 => "SCRAM-SHA-1",
            Mechanism::ScramSha256 => "SCRAM-SHA-256",
        }
    }
}

impl std::str::FromStr for Mechanism {
    type Err = String;

    fn from_str(text: &str) -> Result<Mechanism, String> {
        let found = Mechanism::ALL.into_iter().find(|mechanism| mechanism.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| format!("`{text}` is no mechanism: write PLAIN, SCRAM-SHA-1 or SCRAM-SHA-256"))
    }
}

/// What PLAIN says (RFC 4616).
pub(crate) fn plain(user: &str, password: &str) -> String {
    BASE64.encode(format!("\0{user}\0{password}"))
}

/// The salted passwords that were made.
#[derive(Default)]
pub(crate) struct Salted(Mutex<HashMap<Salt, Vec<u8>>>);

/// What a salted password depends on, besides the password: salt and rounds.
type Salt = (Mechanism, Vec<u8>, u32);

impl Salted {
    fn of(&self, mechanism: Mechanism, password: &str, salt: &[u8], rounds: u32) -> Vec<u8> {
        let key = (mechanism, salt.to_vec(), rounds);
        if let Some(known) = self.0.lock().get(&key) {
            return known.clone();
        }
        let made = if mechanism == Mechanism::ScramSha1 {
            let mut made = vec![0; 20];
            pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, rounds, &mut made);
            made
        } else {
            let mut made = vec![0; 32];
            pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, rounds, &mut made);
            made
        };
        self.0.lock().insert(key, made.clone());
        made
    }
}

/// One login by SCRAM.
pub(crate) struct Scram {
    mechanism: Mechanism,
    password: String,
    nonce: String,
    first_bare: String,
}

impl Scram {
    /// A login under way; the nonce is of printable characters without a comma.
    pub(crate) fn new(mechanism: Mechanism, user: &str, password: &str, nonce: &str) -> Scram {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let first_bare = format!("n={user},r={nonce}");
        Scram { mechanism, password: password.to_owned(), nonce: nonce.to_owned(), first_bare }
    }

    /// What the client says first.
    pub(crate) fn first(&self) -> String {
        BASE64.encode(format!("n,,{}", self.first_bare))
    }

    /// What the client says to the server's first words, and what the server's last ones have to be.
    pub(crate) fn prove(&self, salted: &Salted, challenge: &[u8]) -> Result<(String, String)> {
        let challenge = String::from_utf8(BASE64.decode(challenge).context("the challenge is no base64")?)?;
        let part = |name: &str| challenge.split(',').find_map(|part| part.strip_prefix(name));
        let (Some(nonce), Some(salt), Some(rounds)) = (part("r="), part("s="), part("i=")) else {
            bail!("the server's challenge lacks a nonce, a salt or the rounds: {challenge}");
        };
        ensure!(nonce.starts_with(&self.nonce), "the server answers to another login");
        let (salt, rounds) = (BASE64.decode(salt)?, rounds.parse::<u32>()?);
        ensure!((1..=ROUNDS_MAX).contains(&rounds), "the server wants {rounds} rounds");
        let key = salted.of(self.mechanism, &self.password, &salt, rounds);
        let without_proof = format!("c=biws,r={nonce}");
        let signed = format!("{},{challenge},{without_proof}", self.first_bare);
        let client_key = self.hmac(&key, b"Client Key");
        let signature = self.hmac(&self.hash(&client_key), signed.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(key, mask)| key ^ mask).collect();
        let server = self.hmac(&self.hmac(&key, b"Server Key"), signed.as_bytes());
        let last = format!("{without_proof},p={}", BASE64.encode(proof));
        Ok((BASE64.encode(last), format!("v={}", BASE64.encode(server))))
    }

    fn hmac(&self, key: &[u8], text: &[u8]) -> Vec<u8> {
        if self.mechanism == Mechanism::ScramSha1 {
            let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("any length will do");
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        } else {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        }
    }

    fn hash(&self, text: &[u8]) -> Vec<u8> {
        if self.mechanism == Mechanism::ScramSha1 { Sha1::digest(text).to_vec() } else { Sha256::digest(text).to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 5802 §5 and RFC 7677 §3.
    #[test]
    fn scram_says_what_the_examples_of_its_documents_say() -> Result<()> {
        for (mechanism, nonce, challenge, last, verdict) in [
            (
                Mechanism::ScramSha1,
                "fyko+d2lbbFgONRv9qkxdawL",
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ),
            (
                Mechanism::ScramSha256,
                "rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ),
        ] {
            let scram = Scram::new(mechanism, "user", "pencil", nonce);
            assert_eq!(BASE64.decode(scram.first())?, format!("n,,n=user,r={nonce}").into_bytes());
            let salted = Salted::default();
            let said = scram.prove(&salted, BASE64.encode(challenge).as_bytes())?;
            assert_eq!((BASE64.decode(said.0)?, said.1), (last.as_bytes().to_vec(), verdict.to_owned()));
            assert_eq!(salted.0.lock().len(), 1, "the key is kept for the next login");
        }
        Ok(())
    }

    #[test]
    fn a_challenge_for_somebody_else_or_without_end_is_refused() {
        let scram = Scram::new(Mechanism::ScramSha1, "user", "pencil", "mine");
        for (challenge, said) in
            [("r=yours,s=QSXC,i=1", "another login"), ("r=mine1,s=QSXC,i=9999999", "rounds"), ("r=mine1", "lacks")]
        {
            let error = scram.prove(&Salted::default(), BASE64.encode(challenge).as_bytes()).expect_err(challenge);
            assert!(format!("{error:#}").contains(said), "{error:#}");
        }
    }

    #[test]
    fn names_with_signs_are_escaped_and_mechanisms_are_read_by_name() {
        assert!(Scram::new(Mechanism::ScramSha1, "a=b,c", "p", "n").first_bare.starts_with("n=a=3Db=2Cc,"));
        assert_eq!("scram-sha-1".parse(), Ok(Mechanism::ScramSha1));
        assert!("X".parse::<Mechanism>().is_err());
    }
}
