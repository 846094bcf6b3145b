//! SASL: PLAIN (RFC 4616), SCRAM (RFC 5802, RFC 7677) and tokens (XEP-0484), with and without binding to the channel
//! (RFC 9266, RFC 5929).
//!
//! What the client says comes in, what it is to be told leaves, at last a [`Proved`]. Invariants: a password in plain
//! text is taken only where the door says so; a client that was kept from seeing that the channel can be bound is
//! refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_domain::{Address, Code, Refusal, Secret};
use belfry_engine::{Agent, Caller, Challenge, Engine, FastMechanism, FastProved, Proved, ScramHash};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::door::EndPoint;
use crate::limits::SASL_BYTES_MAX;

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mechanism {
    /// The password as it is.
    Plain,
    /// A proof that the password is known.
    Scram {
        /// Of this hash.
        hash: ScramHash,
        /// Bound to the channel.
        plus: bool,
    },
}

/// From the strongest to the weakest. RFC 7677 §4 and XEP-0438.
const MECHANISMS: [(&str, Mechanism); 5] = [
    ("SCRAM-SHA-256-PLUS", Mechanism::Scram { hash: ScramHash::Sha256, plus: true }),
    ("SCRAM-SHA-1-PLUS", Mechanism::Scram { hash: ScramHash::Sha1, plus: true }),
    ("SCRAM-SHA-256", Mechanism::Scram { hash: ScramHash::Sha256, plus: false }),
    ("SCRAM-SHA-1", Mechanism::Scram { hash: ScramHash::Sha1, plus: false }),
    ("PLAIN", Mechanism::Plain),
];

/// With a token in place of a password; in the order of strength.
const FAST_MECHANISMS: [(&str, FastMechanism); 3] = [
    ("HT-SHA-256-EXPR", FastMechanism::Exporter),
    ("HT-SHA-256-ENDP", FastMechanism::EndPoint),
    ("HT-SHA-256-NONE", FastMechanism::Unbound),
];

/// The names of the ways to bind. RFC 9266, RFC 5929 §4.
const EXPORTER: &str = "tls-exporter";
const END_POINT: &str = "tls-server-end-point";

/// The way to prove a token that has this name.
pub(crate) fn fast_mechanism(name: &str) -> Option<FastMechanism> {
    FAST_MECHANISMS.into_iter().find(|(known, _)| *known == name).map(|(_, mechanism)| mechanism)
}

/// What of a channel decides how one may log in over it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChannelView {
    /// What binds to it (`tls-exporter`), if that can be had.
    pub(crate) binding: Option<[u8; 32]>,
    /// What binds to our certificate (`tls-server-end-point`), if that can be had.
    pub(crate) end_point: Option<EndPoint>,
    /// Whether passwords may travel over it.
    pub(crate) confidential: bool,
}

impl ChannelView {
    /// The mechanisms that are offered over it.
    pub(crate) fn mechanisms(self) -> impl Iterator<Item = &'static str> {
        MECHANISMS.into_iter().filter(move |(_, mechanism)| self.offers(*mechanism)).map(|(name, _)| name)
    }

    /// The mechanisms for tokens that are offered over it.
    pub(crate) fn fast_mechanisms(self) -> impl Iterator<Item = &'static str> {
        FAST_MECHANISMS.into_iter().filter(move |(_, mechanism)| self.binds(*mechanism).is_some()).map(|(name, _)| name)
    }

    /// What binds a token to it; `None`: it cannot be proved so here.
    fn binds(self, mechanism: FastMechanism) -> Option<Vec<u8>> {
        match mechanism {
            FastMechanism::Exporter => self.bound_by(EXPORTER),
            FastMechanism::EndPoint => self.bound_by(END_POINT),
            FastMechanism::Unbound => Some(Vec::new()),
        }
    }

    /// The types of binding that are offered. XEP-0440.
    pub(crate) fn bindings(self) -> impl Iterator<Item = &'static str> {
        [EXPORTER, END_POINT].into_iter().filter(move |kind| self.bound_by(kind).is_some())
    }

    /// Whether a login can be bound to it.
    pub(crate) fn can_bind(self) -> bool {
        self.bindings().next().is_some()
    }

    /// What binds a login to it in this way.
    fn bound_by(self, kind: &str) -> Option<Vec<u8>> {
        match kind {
            EXPORTER => self.binding.map(Vec::from),
            END_POINT => self.end_point.map(|hash| hash.as_bytes().to_vec()),
            _ => None,
        }
    }

    /// What was offered over it, in a hash that a client compares with what it saw. XEP-0474 §5.1.
    fn offer(self, hash: ScramHash) -> String {
        offer(self.mechanisms().collect(), self.bindings().collect(), hash)
    }

    fn offers(self, mechanism: Mechanism) -> bool {
        match mechanism {
            Mechanism::Plain => self.confidential,
            Mechanism::Scram { plus, .. } => self.confidential && (!plus || self.can_bind()),
        }
    }
}

/// XEP-0474 §5.1: the two lists, each sorted by its bytes.
fn offer(mut mechanisms: Vec<&str>, mut bindings: Vec<&str>, hash: ScramHash) -> String {
    mechanisms.sort_unstable();
    bindings.sort_unstable();
    let mut text = mechanisms.join("\x1E");
    if !bindings.is_empty() {
        text = format!("{text}\x1F{}", bindings.join("\x1E"));
    }
    match hash {
        ScramHash::Sha1 => STANDARD.encode(Sha1::digest(&text)),
        ScramHash::Sha256 => STANDARD.encode(Sha256::digest(&text)),
    }
}

/// Why a login failed. RFC 6120 §6.5.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) condition: &'static str,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn new(condition: &'static str) -> Failure {
        Failure { condition, text: String::new() }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let condition = match refusal.code {
            Code::WrongCredentials => "not-authorized",
            Code::BadRequest => "malformed-request",
            _ => "temporary-auth-failure",
        };
        Failure { condition, text: refusal.message }
    }
}

/// What comes of a step.
pub(crate) enum Step {
    /// The client is asked this.
    Challenge(Vec<u8>),
    /// It is who it says; with what proves us to it.
    Done(Proved, Vec<u8>),
}

/// One try to log in.
pub(crate) struct Exchange {
    mechanism: Mechanism,
    channel: ChannelView,
    state: State,
}

enum State {
    First,
    Scram(Box<ScramState>),
    Over,
}

struct ScramState {
    challenge: Challenge,
    /// The header of the client's first message and what binds, as it must come again.
    bound: Vec<u8>,
    nonce: String,
    /// The client's first message without its header, and ours.
    said: String,
}

impl Exchange {
    /// Begins with a mechanism that was offered.
    pub(crate) fn begin(name: &str, channel: ChannelView) -> Result<Exchange, Failure> {
        let known = MECHANISMS.into_iter().find(|(known, _)| *known == name);
        let (_, mechanism) = known.ok_or_else(|| Failure::new("invalid-mechanism"))?;
        if !channel.offers(mechanism) {
            return Err(Failure::new(if channel.confidential { "invalid-mechanism" } else { "encryption-required" }));
        }
        Ok(Exchange { mechanism, channel, state: State::First })
    }

    /// Takes what the client says.
    pub(crate) async fn step(&mut self, engine: &Engine, caller: &Caller, said: &[u8]) -> Result<Step, Failure> {
        let said = std::str::from_utf8(said).map_err(|_| malformed())?;
        match (self.mechanism, std::mem::replace(&mut self.state, State::Over)) {
            (Mechanism::Plain, State::First) => plain(engine, caller, said).await,
            (Mechanism::Scram { plus, hash }, State::First) => {
                let (state, challenge) = scram_first(engine, caller, said, (plus, hash), self.channel).await?;
                self.state = State::Scram(Box::new(state));
                Ok(Step::Challenge(challenge.into_bytes()))
            }
            (Mechanism::Scram { hash, .. }, State::Scram(state)) => {
                scram_final(engine, caller, *state, said, hash).await
            }
            (_, State::Scram(_) | State::Over) => Err(malformed()),
        }
    }
}

fn malformed() -> Failure {
    Failure::new("malformed-request")
}

/// The account of a name as SASL has it: the local part.
fn account(engine: &Engine, name: &str, authzid: &str) -> Result<Address, Failure> {
    let domain = engine.settings().domain.clone();
    let address = Address::new(name, &domain).map_err(|_| Failure::new("not-authorized"))?;
    // To be somebody else than who one has proved to be is for nobody.
    if !authzid.is_empty() && Address::parse(authzid).ok().as_ref() != Some(&address) {
        return Err(Failure::new("invalid-authzid"));
    }
    Ok(address)
}

/// `[authzid] NUL authcid NUL passwd`.
async fn plain(engine: &Engine, caller: &Caller, said: &str) -> Result<Step, Failure> {
    let mut parts = said.split('\0');
    let (Some(authzid), Some(name), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed());
    };
    if name.is_empty() || password.is_empty() {
        return Err(malformed());
    }
    let address = account(engine, name, authzid)?;
    let proved = engine.password_prove(caller, address, Secret::new(password.to_owned())).await?;
    Ok(Step::Done(proved, Vec::new()))
}

/// `authcid NUL hashed-token`: the first and last message of the HT mechanisms.
pub(crate) async fn by_token(
    engine: &Engine,
    caller: &Caller,
    channel: ChannelView,
    mechanism: FastMechanism,
    agent: &Agent,
    said: &[u8],
) -> Result<FastProved, Failure> {
    if !channel.confidential {
        return Err(Failure::new("encryption-required"));
    }
    let binding = channel.binds(mechanism).ok_or_else(|| Failure::new("invalid-mechanism"))?;
    let end = said.iter().position(|byte| *byte == 0).ok_or_else(malformed)?;
    let name = std::str::from_utf8(&said[..end]).map_err(|_| malformed())?;
    let address = account(engine, name, "").map_err(|_| Failure::new("credentials-expired"))?;
    engine.fast_prove(caller, address, agent, mechanism, &binding, &said[end + 1..]).await.map_err(|refusal| {
        match refusal.code {
            // Whatever is wrong with a token, its client is to let go of it. XEP-0484 §4.2.
            Code::WrongCredentials => Failure { condition: "credentials-expired", text: refusal.message },
            _ => refusal.into(),
        }
    })
}

/// RFC 5802 §7: `gs2-header client-first-message-bare`.
async fn scram_first(
    engine: &Engine,
    caller: &Caller,
    said: &str,
    (plus, hash): (bool, ScramHash),
    channel: ChannelView,
) -> Result<(ScramState, String), Failure> {
    let mut parts = said.splitn(3, ',');
    let (Some(flag), Some(authzid), Some(bare)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(malformed());
    };
    let mut bound = format!("{flag},{authzid},").into_bytes();
    match (flag, plus) {
        ("n", false) => {}
        // It could bind and believes that we cannot. If we can, somebody between us took that out of our offer.
        ("y", false) if !channel.can_bind() => {}
        ("y", false) => return Err(Failure::new("not-authorized")),
        (flag, true) => {
            let kind = flag.strip_prefix("p=").ok_or_else(malformed)?;
            bound.extend(channel.bound_by(kind).ok_or_else(malformed)?);
        }
        _ => return Err(malformed()),
    }
    let authzid = match authzid.strip_prefix("a=") {
        Some(authzid) => saslname(authzid)?,
        None if authzid.is_empty() => String::new(),
        None => return Err(malformed()),
    };
    let mut fields = bare.split(',');
    // An extension that must be understood (`m=`) would stand first.
    let name = saslname(fields.next().and_then(|field| field.strip_prefix("n=")).ok_or_else(malformed)?)?;
    let client_nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or_else(malformed)?;
    if client_nonce.is_empty() || client_nonce.len() > 256 || !client_nonce.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(malformed());
    }
    let address = account(engine, &name, &authzid)?;
    let challenge = engine.scram_challenge(caller, address).await?;
    let nonce = format!("{client_nonce}{}", engine.random_text());
    let salt = STANDARD.encode(challenge.salt());
    let first = format!("r={nonce},s={salt},i={},h={}", challenge.iterations(), channel.offer(hash));
    let said = format!("{bare},{first}");
    Ok((ScramState { challenge, bound, nonce, said }, first))
}

/// RFC 5802 §7: `c=…,r=…,p=…`.
async fn scram_final(
    engine: &Engine,
    caller: &Caller,
    state: ScramState,
    said: &str,
    hash: ScramHash,
) -> Result<Step, Failure> {
    let (without_proof, proof) = said.rsplit_once(",p=").ok_or_else(malformed)?;
    let mut fields = without_proof.split(',');
    let bound = fields.next().and_then(|field| field.strip_prefix("c=")).ok_or_else(malformed)?;
    let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or_else(malformed)?;
    let proof = STANDARD.decode(proof).map_err(|_| malformed())?;
    if STANDARD.decode(bound).map_err(|_| malformed())? != state.bound || nonce != state.nonce {
        return Err(Failure::new("not-authorized"));
    }
    let said = format!("{},{without_proof}", state.said);
    let (proved, signature) = engine.scram_prove(caller, state.challenge, hash, &proof, said.as_bytes()).await?;
    Ok(Step::Done(proved, format!("v={}", STANDARD.encode(signature)).into_bytes()))
}

/// A name in which a comma and an equals sign are written as `=2C` and `=3D`.
fn saslname(text: &str) -> Result<String, Failure> {
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        name.push_str(&rest[..at]);
        name.push(match rest.get(at..at + 3) {
            Some("=2C") => ',',
            Some("=3D") => '=',
            _ => return Err(malformed()),
        });
        rest = &rest[at + 3..];
    }
    name.push_str(rest);
    if name.is_empty() { Err(malformed()) } else { Ok(name) }
}

/// What a client says in an element: base64, where `=` stands for nothing. RFC 6120 §6.4.2.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    match text.trim() {
        "" | "=" => Ok(Vec::new()),
        text if text.len() > SASL_BYTES_MAX * 4 / 3 => Err(malformed()),
        text => STANDARD.decode(text).map_err(|_| Failure::new("incorrect-encoding")),
    }
}

/// The same the other way.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_their_escapes_and_no_others() {
        assert_eq!(saslname("a=2Cb=3D").expect("valid"), "a,b=");
        for text in ["", "a=", "a=2", "a=2c", "=zz", "a=é"] {
            assert_eq!(saslname(text).expect_err("refused").condition, "malformed-request", "{text}");
        }
    }

    #[test]
    fn what_was_offered_is_hashed_as_the_document_shows() {
        // The example of XEP-0474 §5.3.
        let (mechanisms, bindings) =
            (vec!["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"], vec!["tls-server-end-point", "tls-exporter"]);
        assert_eq!(offer(mechanisms, bindings, ScramHash::Sha1), "G6k/rBLDqgOhRRaCuuatSDFkJ08=");
    }

    #[test]
    fn what_is_offered_depends_on_the_channel() {
        let offered = |binding, confidential| {
            let channel = ChannelView { binding, end_point: None, confidential };
            channel.mechanisms().collect::<Vec<_>>()
        };
        assert_eq!(offered(None, false), [""; 0]);
        assert_eq!(offered(None, true), ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]);
        assert_eq!(offered(Some([0; 32]), true)[0], "SCRAM-SHA-256-PLUS");
        let older = ChannelView { binding: None, end_point: EndPoint::new(&[1; 48]), confidential: true };
        assert_eq!(older.mechanisms().next(), Some("SCRAM-SHA-256-PLUS"));
        assert_eq!(older.bindings().collect::<Vec<_>>(), [END_POINT]);
        assert_eq!(older.bound_by(END_POINT), Some(vec![1; 48]));
        assert_eq!(older.fast_mechanisms().collect::<Vec<_>>(), ["HT-SHA-256-ENDP", "HT-SHA-256-NONE"]);
    }
}
