//! The port by which a PIN reaches a phone.

use async_trait::async_trait;

use crate::address::Phone;
use crate::secret::Secret;

/// The message was not handed over; the sentence goes to the log, never to the client.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the text message was not sent: {0}")]
pub struct SmsError(pub String);

/// Sends short texts to phones.
#[async_trait]
pub trait Sms: Send + Sync {
    /// Hands over one text. Returns when the gateway has taken it, after 10 s at the latest.
    async fn send(&self, to: &Phone, text: Secret<String>) -> Result<(), SmsError>;
}
