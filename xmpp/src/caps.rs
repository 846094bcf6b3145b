//! What clients say that they understand, by a hash, and what was found behind hashes. XEP-0115.
//!
//! A hash comes in with a presence; if nobody knows it, its client is asked, and the answer is believed of other clients
//! only if it has that hash. Invariants: what one client says never decides what another one is told, unless it is the
//! very text that the hash is of; what is remembered is bounded.

use std::collections::{HashMap, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use crate::limits::CAPS_KNOWN_MAX;
use crate::ns;
use crate::xml::Element;

/// Longest name of a client's software, and longest hash, that are looked at.
const ANNOUNCED_BYTES_MAX: usize = 512;

/// What a presence says of its client.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Announced {
    hash: String,
    /// By this the client is asked.
    pub(crate) node: String,
    ver: String,
}

impl Announced {
    /// What a presence announces, if it does.
    pub(crate) fn in_presence(stanza: &Element) -> Option<Announced> {
        let caps = stanza.find(ns::CAPS, "c")?;
        let part = |name| caps.get(name).filter(|part| !part.is_empty() && part.len() <= ANNOUNCED_BYTES_MAX);
        let (node, ver) = (part("node")?, part("ver")?);
        let hash = part("hash").unwrap_or("").to_owned();
        Some(Announced { hash, node: format!("{node}#{ver}"), ver: ver.to_owned() })
    }

    /// Whether this answer is what the hash is of. XEP-0115 §5.4.
    pub(crate) fn is_of(&self, info: &Element) -> bool {
        let Some(text) = verification_text(info) else { return false };
        let digest = match self.hash.as_str() {
            "sha-1" => STANDARD.encode(Sha1::digest(&text)),
            "sha-256" => STANDARD.encode(Sha256::digest(&text)),
            _ => return false,
        };
        digest == self.ver
    }
}

/// What of a client's features matters here.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Wants {
    /// To be told how far the account has read. XEP-0490.
    pub(crate) displayed: bool,
}

impl Wants {
    /// What a client's description of itself says.
    pub(crate) fn of(info: &Element) -> Wants {
        let mut features = info.elements().filter(|part| part.is(ns::DISCO_INFO, "feature"));
        Wants { displayed: features.any(|one| one.get("var") == Some("urn:xmpp:mds:displayed:0+notify")) }
    }
}

/// What was found behind hashes, the oldest falling out.
#[derive(Debug, Default)]
pub(crate) struct Caps {
    known: HashMap<(String, String), Wants>,
    order: VecDeque<(String, String)>,
}

impl Caps {
    pub(crate) fn get(&self, announced: &Announced) -> Option<Wants> {
        self.known.get(&(announced.hash.clone(), announced.ver.clone())).copied()
    }

    /// Remembers what was found, if it is what the hash is of.
    pub(crate) fn found(&mut self, announced: &Announced, info: &Element) {
        let key = (announced.hash.clone(), announced.ver.clone());
        if !announced.is_of(info) || self.known.insert(key.clone(), Wants::of(info)).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > CAPS_KNOWN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// The SHA-1 hash by which a description is known; `None`: it is none that may be believed. XEP-0115 §5.1.
pub(crate) fn hash_of(info: &Element) -> Option<String> {
    verification_text(info).map(|text| STANDARD.encode(Sha1::digest(&text)))
}

/// The text that is hashed; `None`: the answer is none that may be believed. XEP-0115 §5.1 and §5.4.
fn verification_text(info: &Element) -> Option<String> {
    let named = |element: &Element, name: &str| element.get(name).unwrap_or("").to_owned();
    let (mut identities, mut features, mut forms) = (Vec::new(), Vec::new(), Vec::new());
    for part in info.elements() {
        match (&*part.ns, &*part.name) {
            (ns::DISCO_INFO, "identity") => {
                let lang = part.lang().unwrap_or("").to_owned();
                identities.push((named(part, "category"), named(part, "type"), lang, named(part, "name")));
            }
            (ns::DISCO_INFO, "feature") => features.push(named(part, "var")),
            (ns::DATA, "x") => forms.extend(form_text(part)?),
            _ => {}
        }
    }
    features.sort();
    identities.sort();
    forms.sort();
    let twice = |list: &[String]| list.windows(2).any(|pair| pair[0] == pair[1]);
    let same = identities.windows(2).any(|pair| pair[0] == pair[1]);
    if same || twice(&features) || forms.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    let mut text = String::new();
    // A name that has the mark in it could be taken for two.
    let mut add = |part: &str| {
        text.push_str(part);
        text.push('<');
        !part.contains('<')
    };
    let mut identities =
        identities.iter().map(|(category, kind, lang, name)| format!("{category}/{kind}/{lang}/{name}"));
    let mut parts = features.iter().chain(forms.iter().flat_map(|(_, parts)| parts));
    let clean = identities.all(|identity| add(&identity)) && parts.all(|part| add(part));
    clean.then_some(text)
}

/// A form's type and its texts in order; inner `None`: it is left out; outer: nothing of all may be believed.
fn form_text(form: &Element) -> Option<Option<(String, Vec<String>)>> {
    let values = |field: &Element| {
        let mut values: Vec<String> =
            field.elements().filter(|value| value.is(ns::DATA, "value")).map(Element::own_text).collect();
        values.sort();
        values
    };
    let mut fields: Vec<&Element> = form.elements().filter(|field| field.is(ns::DATA, "field")).collect();
    fields.sort_by_key(|field| field.get("var").unwrap_or(""));
    let Some(kind) = fields.iter().find(|field| field.get("var") == Some("FORM_TYPE")) else { return Some(None) };
    if kind.get("type") != Some("hidden") {
        return Some(None);
    }
    let mut kinds = values(kind);
    kinds.dedup();
    let [kind] = kinds.as_slice() else { return None };
    let mut parts = vec![kind.clone()];
    for field in fields.iter().filter(|field| field.get("var") != Some("FORM_TYPE")) {
        parts.push(field.get("var").unwrap_or("").to_owned());
        parts.extend(values(field));
    }
    Some(Some((kind.clone(), parts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(parts: &str) -> Element {
        Element::parse(format!("<query xmlns='{}'>{parts}</query>", ns::DISCO_INFO).as_bytes()).expect("an element")
    }

    fn announced(hash: &str, ver: &str) -> Announced {
        Announced { hash: hash.to_owned(), node: format!("n#{ver}"), ver: ver.to_owned() }
    }

    const FEATURES: &str = "<feature var='http://jabber.org/protocol/muc'/>\
        <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/caps'/>\
        <feature var='http://jabber.org/protocol/disco#info'/>";

    #[test]
    fn the_hashes_of_the_document_are_those_of_its_examples() {
        let simple = info(&format!("<identity category='client' type='pc' name='Exodus 0.9.1'/>{FEATURES}"));
        assert!(announced("sha-1", "QgayPKawpkPSDYmwT/WM94uAlu0=").is_of(&simple));
        let form = "<x xmlns='jabber:x:data' type='result'>\
            <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>\
            <field var='ip_version'><value>ipv6</value><value>ipv4</value></field>\
            <field var='os'><value>Mac</value></field><field var='os_version'><value>10.5.1</value></field>\
            <field var='software'><value>Psi</value></field>\
            <field var='software_version'><value>0.11</value></field></x>";
        let complex = info(&format!(
            "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>\
             <identity xml:lang='el' category='client' name='\u{3a8} 0.11' type='pc'/>{FEATURES}{form}"
        ));
        assert!(announced("sha-1", "q07IKJEyjvHSyhy//CH0CxmKi8w=").is_of(&complex));
    }

    #[test]
    fn an_answer_that_has_another_hash_or_tricks_is_not_remembered() {
        let mut caps = Caps::default();
        let ver = announced("sha-1", "QgayPKawpkPSDYmwT/WM94uAlu0=");
        let identity = "<identity category='client' type='pc' name='Exodus 0.9.1'/>";
        for answer in [
            format!("{identity}{FEATURES}<feature var='urn:xmpp:mds:displayed:0+notify'/>"),
            format!("{identity}{FEATURES}<feature var='http://jabber.org/protocol/muc'/>"),
            // Two features in one name would have the same hash.
            format!(
                "{identity}<feature var='http://jabber.org/protocol/caps&lt;http://jabber.org/protocol/disco#info'/>\
                 <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>"
            ),
        ] {
            caps.found(&ver, &info(&answer));
            assert_eq!(caps.get(&ver), None, "{answer}");
        }
        caps.found(&ver, &info(&format!("{identity}{FEATURES}")));
        assert_eq!(caps.get(&ver), Some(Wants { displayed: false }));
    }

    #[test]
    fn the_oldest_hash_is_forgotten_when_there_are_too_many() {
        let mut caps = Caps::default();
        let many: Vec<(Announced, Element)> = (0..=CAPS_KNOWN_MAX)
            .map(|n| {
                let info = info(&format!("<feature var='f{n}'/>"));
                let text = verification_text(&info).expect("one");
                (announced("sha-256", &STANDARD.encode(Sha256::digest(text))), info)
            })
            .collect();
        many.iter().for_each(|(announced, info)| caps.found(announced, info));
        assert_eq!((caps.known.len(), caps.order.len()), (CAPS_KNOWN_MAX, CAPS_KNOWN_MAX));
        assert_eq!(caps.get(&many[0].0), None);
        assert!(caps.get(&many[CAPS_KNOWN_MAX].0).is_some());
    }
}
