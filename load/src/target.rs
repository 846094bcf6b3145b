//! What is measured: a server, the door that is used, and the accounts that are there.
//!
//! Invariant: nothing that proves an account leaves this machine unprotected: a host elsewhere is reached by TLS and with
//! a certificate to trust, or not at all.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use belfry_client::{Carrier, ServerAddress, Trust};
use serde::{Deserialize, Serialize};

use crate::xmpp::Mechanism;

/// How clients reach the server.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// Native frames, Noise.
    Noise,
    /// Native frames, TLS.
    Tls,
    /// Native frames, bare.
    Tcp,
    /// Native frames over WebSocket, bare.
    Websocket,
    /// Native frames over WebSocket, TLS.
    WebsocketTls,
    /// The browser's sync protocol: polls that are held, over HTTP, bare.
    LongPoll,
    /// The same over TLS.
    LongPollTls,
    /// XMPP, bare.
    Xmpp,
    /// XMPP, TLS after a few words.
    XmppStarttls,
    /// XMPP, TLS from the first byte.
    XmppTls,
}

impl Door {
    /// All of them.
    pub const ALL: [Door; 10] = [
        Door::Noise,
        Door::Tls,
        Door::Tcp,
        Door::Websocket,
        Door::WebsocketTls,
        Door::LongPoll,
        Door::LongPollTls,
        Door::Xmpp,
        Door::XmppStarttls,
        Door::XmppTls,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Door::Noise => "noise",
            Door::Tls => "tls",
            Door::Tcp => "tcp",
            Door::Websocket => "websocket",
            Door::WebsocketTls => "websocket-tls",
            Door::LongPoll => "long-poll",
            Door::LongPollTls => "long-poll-tls",
            Door::Xmpp => "xmpp",
            Door::XmppStarttls => "xmpp-starttls",
            Door::XmppTls => "xmpp-tls",
        }
    }

    /// Whether the server proves itself by a certificate.
    pub fn is_tls(self) -> bool {
        use Door::{LongPollTls, Tls, WebsocketTls, XmppStarttls, XmppTls};
        matches!(self, Tls | WebsocketTls | LongPollTls | XmppStarttls | XmppTls)
    }

    /// What clients speak behind it.
    pub(crate) fn tongue(self) -> Tongue {
        match self {
            Door::Noise | Door::Tls | Door::Tcp | Door::Websocket | Door::WebsocketTls => Tongue::Native,
            Door::LongPoll | Door::LongPollTls => Tongue::Poll,
            Door::Xmpp | Door::XmppStarttls | Door::XmppTls => Tongue::Xmpp,
        }
    }

    /// What carries it; where there are no frames, what they would come in.
    fn carrier(self) -> Carrier {
        match self {
            Door::Noise => Carrier::Noise,
            Door::Tls | Door::LongPollTls => Carrier::Tls,
            Door::Websocket => Carrier::Ws,
            Door::WebsocketTls => Carrier::Wss,
            Door::Tcp | Door::LongPoll | Door::Xmpp | Door::XmppStarttls | Door::XmppTls => Carrier::Bare,
        }
    }
}

/// What clients speak.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tongue {
    /// Frames.
    Native,
    /// Held requests.
    Poll,
    /// Stanzas.
    Xmpp,
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Door {
    type Err = String;

    fn from_str(text: &str) -> Result<Door, String> {
        Door::ALL.into_iter().find(|door| door.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Door::ALL.into_iter().map(Door::name).collect();
            format!("`{text}` is no door: choose one of {}", names.join(", "))
        })
    }
}

/// A server with accounts.
#[derive(Clone, Deserialize, Serialize)]
pub struct Target {
    /// Name or address of the machine.
    pub host: String,
    /// The port of the door.
    pub port: u16,
    /// The domain of the accounts.
    pub domain: String,
    /// How clients come in.
    pub door: Door,
    /// SHA-256 of the server's certificate.
    pub certificate: Option<[u8; 32]>,
    /// Names of the accounts; `%d` is their number, from 0.
    pub names: String,
    /// The password of all of them.
    pub password: String,
    /// How XMPP clients log in; `None`: by the strongest that the server offers.
    pub mechanism: Option<Mechanism>,
    /// Whether XMPP clients count stanzas (XEP-0198), as clients of today do.
    pub count_stanzas: bool,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { host, port, domain, door, names, .. } = self;
        write!(f, "{door} at {host}:{port} for {names}@{domain}")
    }
}

impl Target {
    /// Says what is wrong with it before anything is tried.
    pub fn check(&self) -> Result<()> {
        if !self.names.contains("%d") {
            bail!("`{}` names one account only: write %d where the number goes, as in p%d", self.names);
        }
        if self.door.is_tls() && self.certificate.is_none() {
            bail!("the door {} needs the fingerprint of the server's certificate: give --certificate", self.door);
        }
        if !self.address().is_loopback() && !self.door.is_tls() {
            bail!(
                "{} is not this machine, and the door {} shows passwords or believes any server: choose a door with TLS \
                 and give --certificate",
                self.host,
                self.door
            );
        }
        Ok(())
    }

    /// The name of an account, without its domain.
    pub fn name(&self, number: u32) -> String {
        self.names.replace("%d", &number.to_string())
    }

    /// The address of an account.
    pub fn account(&self, number: u32) -> String {
        format!("{}@{}", self.name(number), self.domain)
    }

    pub(crate) fn address(&self) -> ServerAddress {
        ServerAddress { carrier: self.door.carrier(), host: self.host.clone(), port: self.port }
    }

    /// Whom to believe. A session of TLS is never taken up again: every connection is one of a client that was not here.
    pub(crate) fn tls(&self) -> Result<Option<Arc<rustls::ClientConfig>>> {
        let Some(certificate) = self.certificate else { return Ok(None) };
        let config = Trust::Pinned(certificate).config().context("TLS cannot be set up")?;
        let mut config = Arc::unwrap_or_clone(config);
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Some(Arc::new(config)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn target(door: Door) -> Target {
        Target {
            host: "127.0.0.1".into(),
            port: 5222,
            domain: "localhost".into(),
            door,
            certificate: None,
            names: "p%d".into(),
            password: "hunter2".into(),
            mechanism: None,
            count_stanzas: true,
        }
    }

    #[test]
    fn a_host_elsewhere_is_refused_without_a_certificate_to_trust() {
        for door in Door::ALL {
            let mut there = target(door);
            there.host = "chat.example".into();
            let error = there.check().expect_err("nothing says whom to trust").to_string();
            assert!(error.contains("--certificate"), "{error}");
            there.certificate = Some([7; 32]);
            assert_eq!(there.check().is_ok(), door.is_tls(), "{door}");
        }
    }

    #[test]
    fn on_this_machine_tls_alone_wants_a_certificate() {
        for door in Door::ALL {
            assert_eq!(target(door).check().is_ok(), !door.is_tls(), "{door}");
        }
    }

    #[test]
    fn accounts_are_numbered_by_a_pattern() {
        let mut target = target(Door::Xmpp);
        assert_eq!(target.account(17), "p17@localhost");
        target.names = "p".into();
        assert!(target.check().expect_err("one name").to_string().contains("%d"));
    }

    #[test]
    fn doors_are_read_by_name_and_a_password_is_not_shown() {
        for door in Door::ALL {
            assert_eq!(door.name().parse(), Ok(door));
        }
        assert!("window".parse::<Door>().expect_err("no door").contains("xmpp-tls"));
        assert!(!format!("{:?}", target(Door::Xmpp)).contains("hunter2"));
    }
}
