//! The roster: whom an account has as contacts. RFC 6121 §2.
//!
//! This is where the engine's contacts become items. There are none yet: stock clients ask for a roster before they do
//! anything else, so they are told an empty one.

use belfry_engine::{Caller, Engine};

use crate::error::StanzaError;
use crate::ns;
use crate::xml::Element;

/// The roster of an account.
pub(crate) async fn get(_engine: &Engine, _caller: &Caller) -> Result<Option<Element>, StanzaError> {
    Ok(Some(Element::new(ns::ROSTER, "query")))
}
