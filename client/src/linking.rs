//! Linking: this device joins an account by a code that it shows, or lets another one join.
//!
//! For a new device, a [`Linking`] with the code to show leaves, then how far it has got; for a device of an account,
//! the text of a code comes in. Invariant: credentials are in the store before it is said that the device has joined.

use std::time::Duration;

use tokio::time::Instant;

use belfry_wire::{operation, v1};

use crate::client::Client;
use crate::error::ClientError;
use crate::model::Account;

/// How long one request waits for a change: less than a link waits for an answer.
const WAIT_MS: u32 = 20_000;

/// Between tries while there is no link.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// A code for this device, under way.
pub struct Linking {
    /// The text to show as a QR code.
    pub payload: String,
    link_id: String,
    secret: String,
    known: v1::LinkState,
    until: Instant,
}

impl std::fmt::Debug for Linking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linking").field("payload", &self.payload).field("known", &self.known).finish_non_exhaustive()
    }
}

/// How far linking has got.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LinkProgress {
    /// A device of this account has read the code, and its owner is asked.
    Scanned(String),
    /// This device belongs to the account and connects.
    Joined(Account),
    /// The owner does not want it.
    Refused,
    /// The code's time is over: ask for another.
    Expired,
}

impl Linking {
    /// How long the code is still good.
    pub fn expires_in(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

impl Client {
    /// Asks for a code by which this device can join an account. Under Noise its key becomes its credential.
    pub async fn link_begin(&self, device_name: &str, platform: &str) -> Result<Linking, ClientError> {
        let request = v1::LinkBeginRequest { device_name: device_name.to_owned(), platform: platform.to_owned() };
        let reply: v1::LinkBeginReply = self.ask_unknown(operation::LINK_BEGIN, &request).await?;
        Ok(Linking {
            payload: reply.payload,
            link_id: reply.link_id,
            secret: reply.secret,
            known: v1::LinkState::Waiting,
            until: Instant::now() + Duration::from_millis(reply.expires_in_ms),
        })
    }

    /// Waits for the next change. A lost link or answer is made up for until the code expires.
    pub async fn link_wait(&self, linking: &mut Linking) -> Result<LinkProgress, ClientError> {
        loop {
            let request = v1::LinkWaitRequest {
                link_id: linking.link_id.clone(),
                secret: linking.secret.clone(),
                known_state: linking.known.into(),
                wait_ms: WAIT_MS,
            };
            let reply: v1::LinkWaitReply = match self.ask_unknown(operation::LINK_WAIT, &request).await {
                Ok(reply) => reply,
                Err(ClientError::Link(_)) if linking.until > Instant::now() => {
                    tokio::time::sleep(TRY_AGAIN).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            linking.until = Instant::now() + Duration::from_millis(reply.expires_in_ms);
            let before = std::mem::replace(&mut linking.known, reply.state());
            match (reply.state(), reply.credentials) {
                (v1::LinkState::Confirmed, Some(credentials)) => {
                    return Ok(LinkProgress::Joined(self.become_device(credentials).await?));
                }
                (v1::LinkState::Refused, _) => return Ok(LinkProgress::Refused),
                (v1::LinkState::Scanned, _) if before != v1::LinkState::Scanned => {
                    return Ok(LinkProgress::Scanned(reply.address));
                }
                (v1::LinkState::Waiting | v1::LinkState::Scanned, _) => {}
                // Confirmed without credentials is not of this version of the protocol.
                (v1::LinkState::Expired | v1::LinkState::Unspecified | v1::LinkState::Confirmed, _) => {
                    return Ok(LinkProgress::Expired);
                }
            }
        }
    }

    /// Reads the code of another device: which one it is. [`Client::link_confirm`] lets it join.
    pub async fn link_scan(&self, payload: &str) -> Result<v1::LinkScanReply, ClientError> {
        self.ask(operation::LINK_SCAN, &v1::LinkScanRequest { payload: payload.to_owned() }).await
    }

    /// Lets the device of a code that was read join this account, or refuses it; gives the new device's number.
    pub async fn link_confirm(&self, link_id: &str, accept: bool) -> Result<u32, ClientError> {
        let request = v1::LinkConfirmRequest { link_id: link_id.to_owned(), accept };
        Ok(self.ask::<_, v1::LinkConfirmReply>(operation::LINK_CONFIRM, &request).await?.device_id)
    }

    /// Gives a device of the account another name.
    pub async fn rename_device(&self, device_id: u32, name: &str) -> Result<(), ClientError> {
        let request = v1::RenameDeviceRequest { device_id, name: name.to_owned() };
        self.ask::<_, v1::RenameDeviceReply>(operation::RENAME_DEVICE, &request).await?;
        Ok(())
    }
}
