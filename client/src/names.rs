//! Names of contacts: asks how those call themselves of whom only the address is known here.
//!
//! Contacts without a name come from the store, their profiles go there. Invariant: of a link at most
//! [`ASKED_MAX`] profiles are asked for, one after the other, each once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use belfry_wire::{operation, v1};

use crate::error::ClientError;
use crate::link::Link;
use crate::model::ClientEvent;
use crate::shared::Shared;

/// Half of what a server answers in a row: the other half is left to what the person asks.
const ASKED_MAX: usize = 100;

/// When a refusal that will pass does not say when.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Asks for names until the link ends.
pub(crate) async fn run(shared: Arc<Shared>, link: Link) -> ClientError {
    let mut asked = HashSet::new();
    loop {
        match ask_all(&shared, &link, &mut asked).await {
            Ok(()) => shared.to_name.notified().await,
            Err(ClientError::Refused(refusal)) => {
                tokio::time::sleep(refusal.retry_after.unwrap_or(RETRY_AFTER)).await;
            }
            Err(error) => return error,
        }
    }
}

async fn ask_all(shared: &Shared, link: &Link, asked: &mut HashSet<String>) -> Result<(), ClientError> {
    for address in shared.store.nameless(ASKED_MAX).await? {
        if asked.len() >= ASKED_MAX || asked.contains(&address) {
            continue;
        }
        let request = v1::GetProfileRequest { address: address.clone() };
        let profile = match link.request::<_, v1::GetProfileReply>(operation::GET_PROFILE, &request).await {
            Ok(reply) => reply.profile,
            Err(ClientError::Refused(refusal)) if !refusal.is_temporary() => None, // gone, or not for us
            Err(error) => return Err(error),
        };
        asked.insert(address);
        if let Some(profile) = profile.filter(|profile| !profile.address.is_empty()) {
            shared.store.set_profile(profile.clone()).await?;
            shared.tell(ClientEvent::ProfileChanged(profile)).await;
        }
    }
    Ok(())
}
