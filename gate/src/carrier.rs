//! Carriers: what brings the frame stream, be it TCP, TLS, Noise over either, or a WebSocket.
//!
//! Frames' bytes come in by [`Carrier::fill`] and leave by [`Carrier::write`]; the session above does not know which
//! carrier it has. Invariant: a carrier that waits holds no buffer.

mod socket;
mod stream;

use std::future::Future;
use std::io;

use belfry_domain::{Code, Refusal};
use belfry_wire::noise::NoiseError;
use bytes::{Bytes, BytesMut};

pub use socket::Socket;
pub use stream::Stream;
pub(crate) use stream::{read, write};

/// Why a carrier carries no more.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The connection is gone.
    #[error("the connection is gone: {0}")]
    Gone(#[from] io::Error),
    /// The other side takes no bytes.
    #[error("the other side has stopped reading")]
    Stalled,
    /// A record was not genuine.
    #[error("the secure channel has failed: {0}")]
    Channel(#[from] NoiseError),
    /// A WebSocket message of text: frames are binary.
    #[error("frames are binary messages, this was text")]
    Text,
    /// A WebSocket message over the limit.
    #[error("the message is over the limit")]
    TooLarge,
    /// Too many pings.
    #[error("too many pings")]
    Pings,
}

impl Broken {
    /// What the client can still be told, if it can.
    pub fn refusal(&self) -> Option<Refusal> {
        let code = match self {
            Broken::Gone(_) | Broken::Stalled => return None,
            Broken::Channel(_) => Code::BadHandshake,
            Broken::Text => Code::BadFrame,
            Broken::TooLarge => Code::FrameTooLarge,
            Broken::Pings => Code::RateLimited,
        };
        Some(Refusal::new(code, format!("The link is closed: {self}.")))
    }
}

/// What [`Carrier::fill`] came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Filled {
    /// Bytes of frames were appended.
    Bytes,
    /// Something arrived, not yet enough to give: [`Carrier::holds_part`].
    Part,
    /// The other side has ended.
    End,
}

/// Brings the frame stream.
pub trait Carrier: Send {
    /// Whether what [`Carrier::fill`] gives is always whole frames.
    const WHOLE_FRAMES: bool;

    /// Waits until something arrives and appends what it gives. Cancel-safe.
    fn fill(&mut self, into: &mut BytesMut) -> impl Future<Output = Result<Filled, Broken>> + Send;

    /// Whether part of something has arrived that [`Carrier::fill`] cannot give yet.
    fn holds_part(&self) -> bool;

    /// Writes whole frames.
    fn write(&mut self, frames: Bytes) -> impl Future<Output = Result<(), Broken>> + Send;

    /// Ends the connection, so that what was written arrives; `why` where the carrier can say it.
    fn close(&mut self, why: Option<&Refusal>) -> impl Future<Output = ()> + Send;
}
