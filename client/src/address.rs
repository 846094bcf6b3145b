//! Where a server is and how to talk to it: `host:port`, or with a scheme in front.
//!
//! Text comes in, a [`ServerAddress`] or a sentence that says what was wrong leaves.

use std::fmt;
use std::str::FromStr;

/// The port that one Belfry server opens for everything.
pub const DEFAULT_PORT: u16 = 8080;

/// What carries the frames.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Carrier {
    /// TCP with Noise: the device's key is the credential. The default.
    Noise,
    /// TCP with TLS; the device logs in by an access token.
    Tls,
    /// Plain TCP: loopback only, unless the server says otherwise.
    Bare,
    /// WebSocket without TLS: loopback only, unless the server says otherwise.
    Ws,
    /// WebSocket over TLS: for networks that pass nothing else.
    Wss,
}

impl Carrier {
    const ALL: [Carrier; 5] = [Carrier::Noise, Carrier::Tls, Carrier::Bare, Carrier::Ws, Carrier::Wss];

    fn scheme(self) -> &'static str {
        match self {
            Carrier::Noise => "noise",
            Carrier::Tls => "tls",
            Carrier::Bare => "tcp",
            Carrier::Ws => "ws",
            Carrier::Wss => "wss",
        }
    }

    /// Whether TLS protects it.
    pub fn is_tls(self) -> bool {
        matches!(self, Carrier::Tls | Carrier::Wss)
    }
}

/// One way to a server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ServerAddress {
    /// What carries the frames.
    pub carrier: Carrier,
    /// Name or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// Why a text is no server address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no server address: write host, host:port or scheme://host:port with noise, tls, tcp, ws or wss")]
pub struct AddressError(String);

impl ServerAddress {
    /// An address on Noise.
    pub fn noise(host: impl Into<String>, port: u16) -> ServerAddress {
        ServerAddress { carrier: Carrier::Noise, host: host.into(), port }
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// `host:port` as URLs and sockets write it.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.carrier.scheme(), self.authority())
    }
}

impl FromStr for ServerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<ServerAddress, AddressError> {
        let wrong = || AddressError(text.to_owned());
        let (carrier, rest) = match text.split_once("://") {
            None => (Carrier::Noise, text),
            Some((scheme, rest)) => {
                (Carrier::ALL.into_iter().find(|carrier| carrier.scheme() == scheme).ok_or_else(wrong)?, rest)
            }
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or_else(wrong)?;
                host.parse::<std::net::Ipv6Addr>().map_err(|_| wrong())?;
                match after {
                    "" => (host, None),
                    after => (host, Some(after.strip_prefix(':').ok_or_else(wrong)?)),
                }
            }
            None => match rest.split_once(':') {
                None => (rest, None),
                Some((host, port)) => (host, Some(port)),
            },
        };
        let port = match port {
            None => DEFAULT_PORT,
            Some(port) => port.parse().map_err(|_| wrong())?,
        };
        let name_like = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || port == 0 || !host.chars().all(name_like) {
            return Err(wrong());
        }
        Ok(ServerAddress { carrier, host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for (text, written) in [
            ("chat.example", "noise://chat.example:8080"),
            ("chat.example:443", "noise://chat.example:443"),
            ("wss://chat.example:443/", "wss://chat.example:443"),
            ("tcp://[::1]:9", "tcp://[::1]:9"),
            ("[::1]", "noise://[::1]:8080"),
        ] {
            let address: ServerAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), written);
            assert_eq!(written.parse(), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", ":80", "a:", "a:0", "a:70000", "http://a", "[::1", "[x]:1", "a b", "::1", "a/b"] {
            assert!(text.parse::<ServerAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        let is = |text: &str| text.parse::<ServerAddress>().is_ok_and(|address| address.is_loopback());
        assert!(is("localhost") && is("127.0.0.5:1") && is("[::1]:1"));
        assert!(!is("10.0.0.1") && !is("localhost.example"));
    }
}
