//! Hosts and origins: under which names the server is reached, and from which pages.
//!
//! `Host` and `Origin` headers come in, yes or no leaves. Invariant: a name that is not configured is not served,
//! except loopback, which no name on the network can stand for; so a name that an attacker points here gets nothing.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, header};

/// The names of the server.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    /// These names, without scheme and port, and always loopback.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Hosts {
        Hosts { names: names.into_iter().map(|name| name.as_ref().to_ascii_lowercase()).collect() }
    }

    /// Whether the page that sent a request is this server's own; `tls`: it came inside TLS.
    pub fn is_own_page(&self, headers: &HeaderMap, tls: bool) -> bool {
        is_ours(self, headers, tls)
    }

    /// Whether a `Host` header names this server.
    pub(crate) fn serves(&self, host: &str) -> bool {
        split(host).is_some_and(|(name, _)| is_loopback(&name) || self.names.contains(&name))
    }
}

/// Name, in lower case, and port of `name[:port]`; `None` if it is anything else.
fn split(authority: &str) -> Option<(String, Option<u16>)> {
    let (name, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
            (format!("[{address}]"), port)
        }
        None => match authority.split_once(':') {
            Some((name, port)) => (name.to_ascii_lowercase(), Some(port)),
            None => (authority.to_ascii_lowercase(), None),
        },
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    match port {
        None => Some((name, None)),
        Some(port) if port.bytes().all(|c| c.is_ascii_digit()) => Some((name, Some(port.parse().ok()?))),
        Some(_) => None,
    }
}

fn is_loopback(name: &str) -> bool {
    if name == "localhost" {
        return true;
    }
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether the page that sent a request is this server's own: its origin is where the request went to, or one of the
/// configured names at the scheme's own port (a proxy may have changed `Host`).
pub(crate) fn is_ours(hosts: &Hosts, headers: &HeaderMap, tls: bool) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let Ok(origin) = origin.to_str() else { return false };
    let (authority, usual_port) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
        (Some(authority), _) => (authority, 443),
        // A page that came in the clear may have been changed on the way.
        (None, Some(authority)) if !tls => (authority, 80),
        _ => return false,
    };
    let Some((name, port)) = split(authority) else { return false };
    let port = port.unwrap_or(usual_port);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).and_then(split);
    let same = host.is_some_and(|(host, at)| host == name && at.unwrap_or(usual_port) == port);
    let configured = port == usual_port && hosts.names.contains(&name);
    (same && hosts.serves(authority)) || configured
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn loopback_and_configured_names_are_served() {
        let hosts = Hosts::new(["Chat.Example"]);
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.8.8.8", "[::1]:80", "[::1]", "chat.example:443"]
        {
            assert!(hosts.serves(host), "{host}");
        }
        let others = [
            "",
            ":80",
            "example",
            "evil.example",
            "chat.example.evil.example",
            "chat.example.",
            "notchat.example",
            "localhost.evil.example",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "[::ffff:127.0.0.1",
            "chat.example:",
            "chat.example:x",
            "chat.example:+1",
            "chat.example:99999",
            "user@chat.example",
            "chat.example/",
            "chat.example\t",
            "[chat.example]",
            "127.0.0.1.evil.example",
            "127.1",
            "2130706433",
            "chat.example:80:80",
            "chat%2eexample",
        ];
        for host in others {
            assert!(!hosts.serves(host), "{host}");
        }
    }

    #[test]
    fn an_origin_is_ours_when_the_request_went_there() {
        let hosts = Hosts::new(["chat.example"]);
        let ours = |host: &'static str, origin: &'static str, tls: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            is_ours(&hosts, &headers, tls)
        };
        assert!(ours("localhost:8080", "http://localhost:8080", false));
        assert!(ours("chat.example", "https://chat.example", true));
        assert!(ours("chat.example:443", "https://chat.example", true));
        assert!(ours("chat.example", "https://chat.example:443", false));
        assert!(ours("127.0.0.1:8080", "https://chat.example", false), "a proxy changed Host");
        assert!(!ours("localhost:8080", "http://localhost:3000", false), "another server of this machine");
        assert!(!ours("chat.example", "http://chat.example", true), "in the clear");
        assert!(!ours("evil.example", "http://evil.example", false), "a name that was pointed here");
    }
}
