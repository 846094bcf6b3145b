//! Addresses as stanzas have them: `local@domain/resource`. RFC 7622.
//!
//! Text comes in and is prepared; what leaves needs no further check.

use belfry_domain::Address;
use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation;

/// Longest resource in bytes. RFC 7622 §3.4.
const RESOURCE_BYTES_MAX: usize = 1023;

/// An address with a resource, or of a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Jid {
    /// The account; `None`: the server itself is meant.
    pub(crate) address: Option<Address>,
    pub(crate) domain: String,
    pub(crate) resource: Option<String>,
}

impl Jid {
    /// Reads an address; `None`: it is none.
    pub(crate) fn parse(text: &str) -> Option<Jid> {
        let (bare, resource) = match text.split_once('/') {
            Some((bare, resource)) => (bare, Some(prepare_resource(resource)?)),
            None => (text, None),
        };
        if bare.contains('@') {
            let address = Address::parse(bare).ok()?;
            return Some(Jid { domain: address.domain().to_owned(), address: Some(address), resource });
        }
        let domain = Address::new("a", bare).ok()?.domain().to_owned();
        Some(Jid { address: None, domain, resource })
    }

    /// Whether this is the account itself, no resource of it.
    pub(crate) fn is_bare(&self, address: &Address) -> bool {
        self.resource.is_none() && self.address.as_ref() == Some(address)
    }
}

/// A resource as it is compared; `None`: it cannot be one.
pub(crate) fn prepare_resource(resource: &str) -> Option<String> {
    if resource.is_empty() || resource.len() > RESOURCE_BYTES_MAX {
        return None;
    }
    if resource.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Some(resource.to_owned()); // what preparing would make of it. RFC 8265 §4.2.1
    }
    let prepared = OpaqueString::enforce(resource).ok()?.into_owned();
    (!prepared.is_empty() && prepared.len() <= RESOURCE_BYTES_MAX).then_some(prepared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["", "@", "a@", "@b", "a@b@c", "a@b/", "/r", "a b@c", "a@exa mple", "a@localhost/\u{7}"] {
            assert_eq!(Jid::parse(text), None, "{text:?}");
        }
        assert_eq!(Jid::parse(&format!("a@b/{}", "r".repeat(1024))), None);
        assert_eq!(Jid::parse(&format!("{}@b", "r".repeat(1024))), None);
    }

    #[test]
    fn an_address_is_prepared_and_its_resource_keeps_its_case() {
        let jid = Jid::parse("Alice@LOCALHOST/Phone @ home/2").expect("valid");
        assert_eq!(jid.address.expect("an account").to_string(), "alice@localhost");
        assert_eq!(jid.resource.as_deref(), Some("Phone @ home/2"));
        let server = Jid::parse("Example.ORG").expect("valid");
        assert_eq!((server.address, server.domain.as_str()), (None, "example.org"));
    }
}
