//! Retention and privacy, to the engine's types and back.
//!
//! What a client wishes comes in and leaves as a [`Wish`]; what holds comes back. Invariant: a wish that says nothing
//! or that could not be read is refused here, so the engine sees only wishes that make something shorter.

use belfry_domain::limits::RETENTION_MS_MIN;
use belfry_domain::{Audience, Keeping, Privacy, PrivacyChange, Refusal, Wish};
use belfry_engine::RetentionView;
use belfry_wire::v1;

use super::bad_request;

/// What a client wishes.
pub(super) fn wish(said: Option<&v1::Retention>) -> Result<Wish, Refusal> {
    let said = said.ok_or_else(|| bad_request("Say how long: retention is missing."))?;
    let at_most_ms = (said.at_most_ms > 0).then_some(said.at_most_ms);
    if at_most_ms.is_some_and(|ms| ms < RETENTION_MS_MIN) {
        return Err(bad_request(format!(
            "at_most_ms is {}, less than {RETENTION_MS_MIN}: what ends so soon could not be read.",
            said.at_most_ms
        )));
    }
    match v1::RetentionClass::try_from(said.class) {
        Ok(v1::RetentionClass::Unspecified | v1::RetentionClass::Keep) if at_most_ms.is_none() => Ok(Wish::default()),
        Ok(v1::RetentionClass::UntilDelivered) => Ok(Wish { until_delivered: true, at_most_ms }),
        Ok(v1::RetentionClass::ForATime) if at_most_ms.is_some() => Ok(Wish { until_delivered: false, at_most_ms }),
        Ok(v1::RetentionClass::ForATime) => Err(bad_request("Say for how long: at_most_ms is missing.")),
        Ok(v1::RetentionClass::Unspecified | v1::RetentionClass::Keep) => {
            Err(bad_request("at_most_ms goes with UNTIL_DELIVERED or FOR_A_TIME: say which."))
        }
        Err(_) => Err(bad_request(format!("There is no retention class {}.", said.class))),
    }
}

fn retention(wish: Wish) -> v1::Retention {
    let class = match wish {
        Wish { until_delivered: true, .. } => v1::RetentionClass::UntilDelivered,
        Wish { at_most_ms: Some(_), .. } => v1::RetentionClass::ForATime,
        Wish { .. } => v1::RetentionClass::Keep,
    };
    v1::Retention { class: class.into(), at_most_ms: wish.at_most_ms.unwrap_or(0) }
}

/// What members wish; none is told as none.
pub(super) fn conversation(keeping: &Keeping) -> v1::ConversationRetention {
    let wished = |wish: Wish| if wish == Wish::default() { v1::Retention::default() } else { retention(wish) };
    v1::ConversationRetention {
        conversation_id: keeping.conversation.0,
        peer: keeping.peer.to_string(),
        mine: Some(wished(keeping.mine)),
        theirs: Some(wished(keeping.theirs)),
    }
}

pub(super) fn reply(view: &RetentionView) -> v1::RetentionReply {
    v1::RetentionReply {
        retention: Some(conversation(&view.keeping)),
        server: Some(retention(view.server)),
        effective: Some(retention(view.effective)),
    }
}

pub(super) fn privacy(privacy: Privacy) -> v1::Privacy {
    v1::Privacy {
        read_receipts: audience(privacy.read_receipts),
        last_seen: audience(privacy.last_seen),
        picture: audience(privacy.picture),
        about: audience(privacy.about),
        found_by_phone: audience(privacy.found_by_phone),
    }
}

fn audience(audience: Audience) -> i32 {
    match audience {
        Audience::Everyone => v1::Audience::Everyone,
        Audience::Contacts => v1::Audience::Contacts,
        Audience::Nobody => v1::Audience::Nobody,
    }
    .into()
}

/// What is to be changed; what is not said stays.
pub(super) fn privacy_change(ask: &v1::SetPrivacyRequest) -> Result<PrivacyChange, Refusal> {
    let wished = |name: &str, number: i32| match v1::Audience::try_from(number) {
        Ok(v1::Audience::Unspecified) => Ok(None),
        Ok(v1::Audience::Everyone) => Ok(Some(Audience::Everyone)),
        Ok(v1::Audience::Contacts) => Ok(Some(Audience::Contacts)),
        Ok(v1::Audience::Nobody) => Ok(Some(Audience::Nobody)),
        Err(_) => Err(bad_request(format!("There is no audience {number} for \"{name}\"."))),
    };
    Ok(PrivacyChange {
        read_receipts: wished("read_receipts", ask.read_receipts)?,
        last_seen: wished("last_seen", ask.last_seen)?,
        picture: wished("picture", ask.picture)?,
        about: wished("about", ask.about)?,
        found_by_phone: wished("found_by_phone", ask.found_by_phone)?,
    })
}
