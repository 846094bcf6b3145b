//! Cards of the account and of others. XEP-0054.
//!
//! Requests come in; the account's profile changes, or a card leaves. Invariant: of an account that is not there, and of
//! one that does not know who asks or blocks them, the same is told.

use belfry_engine::ProfileWish;
use bytes::Bytes;

use super::Link;
use super::iq::Answer;
use crate::error::StanzaError;
use crate::jid::Jid;
use crate::vcard;
use crate::wire::Wire;
use crate::xml::Element;

impl<W: Wire> Link<'_, W> {
    /// The card of the account that the request is for.
    pub(super) async fn card(&mut self, request: &Element) -> Answer {
        let of = match request.get("to") {
            Some(to) => Jid::parse(to).ok_or_else(StanzaError::malformed_address)?.address,
            None => Some(self.address.clone()),
        };
        let of = of.filter(|of| of.domain() == self.address.domain()).ok_or_else(StanzaError::unavailable)?;
        let card = self.door.engine().card(self.session.caller(), &of).await?;
        Ok(Some(vcard::write(&card.ok_or_else(StanzaError::unavailable)?)))
    }

    /// Changes the account's own card.
    pub(super) async fn set_card(&mut self, card: &Element) -> Answer {
        let wished = vcard::read(card)?;
        let engine = self.door.engine();
        let now = engine.card(self.session.caller(), &self.address).await?.ok_or_else(StanzaError::unavailable)?;
        // What is as it was is no change that the account's other devices are told of.
        let default_name = |name: &str| name.is_empty() && now.profile.display_name == self.address.local();
        let ProfileWish { display_name, about, picture } = wished.profile;
        let has = now.picture.as_deref();
        let wish = ProfileWish {
            display_name: display_name.filter(|name| *name != now.profile.display_name && !default_name(name)),
            about: about.filter(|about| *about != now.profile.about),
            picture: picture.filter(|picture| picture.as_ref() != has),
        };
        engine.set_card(self.session.caller(), wish, Bytes::from(wished.more.to_text())).await?;
        Ok(None)
    }
}
