//! The short link: one HTTP POST for one operation, for when no long link can be made.
//!
//! The outbox comes in, the same requests with the same client ids go out, so whichever way a message gets through, it
//! is one message. Invariant: the device's secret and the token leave only over TLS or on loopback.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;

use belfry_wire::{operation, v1};

use crate::address::{Carrier, ServerAddress};
use crate::error::ClientError;
use crate::flush::empty_outbox;
use crate::shared::Shared;

/// A POST has to be through in this time.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends the outbox by POST, as far as it goes: for this is tried only when the long link fails, and silently, since
/// the long link's failure is what is told.
pub(crate) async fn flush(shared: &Arc<Shared>) {
    let sending = async {
        if shared.store.outbox_len().await? == 0 {
            return Ok(());
        }
        for server in shared.config.servers.iter().filter(|server| may_carry_secrets(server)) {
            match flush_to(shared, server).await {
                Err(ClientError::Link(error)) => tracing::debug!(%server, %error, "no short link"),
                done => return done,
            }
        }
        Ok(())
    };
    let done = tokio::select! {
        done = tokio::time::timeout(TIMEOUT, sending) => done,
        () = shared.stop.cancelled() => return,
    };
    if let Ok(Err(error)) = done {
        tracing::debug!(%error, "the outbox was not sent over the short link");
    }
}

fn may_carry_secrets(server: &ServerAddress) -> bool {
    matches!(server.carrier, Carrier::Tls | Carrier::Wss) || server.is_loopback()
}

async fn flush_to(shared: &Arc<Shared>, server: &ServerAddress) -> Result<(), ClientError> {
    let identity = shared.store.identity().await?.ok_or(ClientError::NoAccount)?;
    let request = v1::TokenRequest {
        address: identity.account.address,
        device_id: identity.account.device_id,
        device_secret: identity.device_secret,
    };
    let bought: v1::TokenReply = post(shared, server, operation::TOKEN, None, &request).await?;
    let token = bought.token.as_str();
    empty_outbox(shared, |request| async move { post(shared, server, operation::SEND, Some(token), &request).await })
        .await
}

/// Asks for one operation.
async fn post<Q: Message, A: Message + Default>(
    shared: &Shared,
    server: &ServerAddress,
    operation: u32,
    token: Option<&str>,
    request: &Q,
) -> Result<A, ClientError> {
    crate::post::post(&*shared.config.dialer, shared.tls.as_ref(), server, operation, token, request).await
}
