//! Blocks of addresses: "10.0.0.0/8", "2001:db8::/32", "127.0.0.1".
//!
//! A text of the configuration comes in; whether an address lies inside leaves. Addresses are compared after
//! IPv4-mapped IPv6 has been made IPv4, so one client is one address whichever way it came.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A block of addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cidr {
    base: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Whether the address lies inside.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.base, ip.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => {
                let host_bits = 32 - u32::from(self.prefix);
                let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
                u32::from(base) & mask == u32::from(ip) & mask
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) => masked(base, self.prefix) == masked(ip, self.prefix),
            _ => false,
        }
    }
}

/// The address with everything after the prefix set to 0.
fn masked(ip: Ipv6Addr, prefix: u8) -> u128 {
    u128::from(ip) & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

/// What limits by address count under: an IPv4 address, or the /64 that an IPv6 customer has for herself.
pub fn counted_as(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(masked(v6, 64))),
        v4 => v4,
    }
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Cidr, String> {
        let refuse =
            || format!("\"{text}\" is no block of addresses: write \"10.0.0.0/8\", \"fd00::/8\" or an address");
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (text, None),
        };
        let base = ip.parse::<IpAddr>().map_err(|_| refuse())?.to_canonical();
        let bits = if base.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse::<u8>().ok().filter(|p| *p <= bits).ok_or_else(refuse)?,
            None => bits,
        };
        Ok(Cidr { base, prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Cidr, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(block: &str, ip: &str) -> bool {
        block.parse::<Cidr>().expect("a block").contains(ip.parse().expect("an address"))
    }

    #[test]
    fn a_block_holds_its_addresses_and_no_others() {
        assert!(inside("10.0.0.0/8", "10.255.0.1"));
        assert!(!inside("10.0.0.0/8", "11.0.0.1"));
        assert!(inside("0.0.0.0/0", "8.8.8.8"));
        assert!(!inside("0.0.0.0/0", "::1"));
        assert!(inside("fd00::/8", "fdff::1"));
        assert!(inside("::/0", "2001:db8::1"));
        assert!(inside("127.0.0.1", "127.0.0.1") && !inside("127.0.0.1", "127.0.0.2"));
    }

    #[test]
    fn an_ipv4_client_on_an_ipv6_socket_is_the_same_client() {
        assert!(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert_eq!(counted_as("::ffff:10.1.2.3".parse().expect("mapped")), "10.1.2.3".parse::<IpAddr>().expect("v4"));
    }

    #[test]
    fn an_ipv6_customer_is_counted_once_however_many_addresses_she_has() {
        let one = counted_as("2001:db8:0:7::1".parse().expect("v6"));
        assert_eq!(one, counted_as("2001:db8:0:7:ffff:ffff:ffff:ffff".parse().expect("v6")));
        assert_ne!(one, counted_as("2001:db8:0:8::1".parse().expect("v6")));
    }

    #[test]
    fn what_is_no_block_is_refused_with_the_value() {
        for wrong in ["10.0.0.0/33", "10.0.0/8", "host", "::/129", "1.2.3.4/", "1.2.3.4/-1"] {
            assert!(wrong.parse::<Cidr>().expect_err(wrong).contains(wrong));
        }
    }
}
