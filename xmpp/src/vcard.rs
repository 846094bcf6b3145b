//! Cards: a `vCard` becomes a profile and what else is on it, and the other way round. XEP-0054.
//!
//! Nothing is asked here, only translated. Invariants: what the profile has is kept there alone, so that it is one truth
//! for all doors; what a card says besides is kept as the tree it was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_domain::Picture;
use belfry_engine::{Card, ProfileWish};

use crate::error::StanzaError;
use crate::ns;
use crate::xml::{Element, Node};

/// What a client wants its account's card to be.
pub(crate) struct Wished {
    pub(crate) profile: ProfileWish,
    /// What is not in the profile.
    pub(crate) more: Element,
}

/// Reads a card.
pub(crate) fn read(card: &Element) -> Result<Wished, StanzaError> {
    let text = |name: &str| card.find(ns::VCARD, name).map(|part| part.own_text().trim().to_owned());
    let named = |name: &str| text(name).filter(|text| !text.is_empty());
    let photo = card.find(ns::VCARD, "PHOTO").filter(|photo| photo.find(ns::VCARD, "BINVAL").is_some());
    let profile = ProfileWish {
        display_name: Some(named("FN").or_else(|| named("NICKNAME")).unwrap_or_default()),
        about: Some(text("DESC").unwrap_or_default()),
        picture: Some(photo.map(picture).transpose()?),
    };
    let mut more = Element { attributes: Vec::new(), ..card.clone() };
    more.children.retain(|node| match node {
        Node::Element(part) => !part.is(ns::VCARD, "DESC") && Some(part) != photo,
        Node::Text(_) => false,
    });
    Ok(Wished { profile, more })
}

fn picture(photo: &Element) -> Result<Picture, StanzaError> {
    let value = photo.find(ns::VCARD, "BINVAL").map(Element::own_text).unwrap_or_default();
    let value: String = value.split_ascii_whitespace().collect();
    let data = STANDARD.decode(value).map_err(|_| StanzaError::bad_request("A picture is written in base64."))?;
    // Many clients name no type, or always the same.
    let mime = match data.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => "image/png".to_owned(),
        [0xff, 0xd8, 0xff, ..] => "image/jpeg".to_owned(),
        [b'R', b'I', b'F', b'F', ..] => "image/webp".to_owned(),
        _ => photo.find(ns::VCARD, "TYPE").map(Element::own_text).unwrap_or_default(),
    };
    Ok(Picture { mime, data })
}

/// Writes a card as somebody may see it.
pub(crate) fn write(card: &Card) -> Element {
    let part = |name, text: &str| Element::new(ns::VCARD, name).text(text);
    let kept = card.more.as_deref().and_then(Element::parse).filter(|kept| kept.is(ns::VCARD, "vCard"));
    let kept = kept.unwrap_or_else(|| Element::new(ns::VCARD, "vCard"));
    let name = &card.profile.display_name;
    // A nickname holds as long as the name that was given with it.
    let same = kept.find(ns::VCARD, "FN").is_some_and(|full| full.own_text().trim() == name);
    let nickname = kept.find(ns::VCARD, "NICKNAME").filter(|_| same).map(Element::own_text);
    let mut vcard = Element::new(ns::VCARD, "vCard")
        .child(part("FN", name))
        .child(part("NICKNAME", nickname.as_deref().unwrap_or(name)));
    for node in kept.children {
        match node {
            Node::Element(field) if matches!(&*field.name, "FN" | "NICKNAME") => {}
            Node::Element(field) if field.name == "TEL" && !card.phone => {}
            Node::Element(field) => vcard = vcard.child(field),
            Node::Text(_) => {}
        }
    }
    if !card.profile.about.is_empty() {
        vcard = vcard.child(part("DESC", &card.profile.about));
    }
    if let Some(picture) = &card.picture {
        let photo = Element::new(ns::VCARD, "PHOTO").child(part("TYPE", &picture.mime));
        vcard = vcard.child(photo.child(part("BINVAL", &STANDARD.encode(&picture.data))));
    }
    vcard
}
