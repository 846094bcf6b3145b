//! A byte stream as carrier: TCP or TLS, bare or with Noise inside.
//!
//! Invariant: what arrives goes through a buffer on the stack, so that a link which waits holds memory only for part of
//! a record.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};

use belfry_domain::Refusal;
use belfry_wire::noise::{Opener, PLAIN_BYTES_MAX, Progress, Sealer, Transport};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::timeout;

use super::{Broken, Carrier, Filled};
use crate::limits::{READ_BYTES, WRITE_STALL};

/// A byte stream, with a secure channel in it or without.
#[derive(Debug)]
pub struct Stream<IO> {
    io: IO,
    channel: Option<Box<Channel>>,
}

#[derive(Debug)]
struct Channel {
    sealer: Sealer,
    opener: Opener,
    /// Bytes of records that have arrived.
    sealed: BytesMut,
}

impl Channel {
    /// Opens the records that are all there; whether there were any.
    fn open(&mut self, into: &mut BytesMut) -> Result<bool, Broken> {
        let before = into.len();
        while self.opener.open(&mut self.sealed, into)? == Progress::Opened {}
        if self.sealed.is_empty() {
            self.sealed = BytesMut::new();
        }
        Ok(into.len() > before)
    }
}

impl<IO> Stream<IO> {
    /// Frames as they are.
    pub fn bare(io: IO) -> Stream<IO> {
        Stream { io, channel: None }
    }

    /// Frames in Noise records; `sealed` arrived behind the handshake.
    pub fn noise(io: IO, transport: Transport, sealed: BytesMut) -> Stream<IO> {
        let (sealer, opener) = transport.split();
        Stream { io, channel: Some(Box::new(Channel { sealer, opener, sealed })) }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + Send> Carrier for Stream<IO> {
    const WHOLE_FRAMES: bool = false;

    async fn fill(&mut self, into: &mut BytesMut) -> Result<Filled, Broken> {
        let Some(channel) = &mut self.channel else {
            return Ok(if read(&mut self.io, into).await? == 0 { Filled::End } else { Filled::Bytes });
        };
        // What arrived behind the handshake is opened without waiting for more.
        if !channel.open(into)? {
            if read(&mut self.io, &mut channel.sealed).await? == 0 {
                return Ok(Filled::End);
            }
            if !channel.open(into)? {
                return Ok(Filled::Part);
            }
        }
        Ok(Filled::Bytes)
    }

    fn holds_part(&self) -> bool {
        self.channel.as_ref().is_some_and(|channel| !channel.sealed.is_empty())
    }

    async fn write(&mut self, frames: Bytes) -> Result<(), Broken> {
        match &mut self.channel {
            None => write(&mut self.io, &frames).await?,
            Some(channel) => {
                let mut record = BytesMut::new();
                for piece in frames.chunks(PLAIN_BYTES_MAX) {
                    record.clear();
                    channel.sealer.seal(piece, &mut record)?;
                    write(&mut self.io, &record).await?;
                }
            }
        }
        timeout(WRITE_STALL, self.io.flush()).await.map_err(|_| Broken::Stalled)?.map_err(Broken::Gone)
    }

    async fn close(&mut self, _why: Option<&Refusal>) {
        if self.io.shutdown().await.is_err() {
            return;
        }
        // Bytes that nobody has read make the kernel send a reset, which can overtake the last frame.
        while matches!(read(&mut self.io, &mut BytesMut::new()).await, Ok(1..)) {}
    }
}

/// Reads once, by way of the stack. Cancel-safe: a read that is dropped has taken nothing.
pub(crate) async fn read<IO: AsyncRead + Unpin>(io: &mut IO, into: &mut BytesMut) -> io::Result<usize> {
    poll_fn(|context| {
        let mut stack = [const { MaybeUninit::uninit() }; READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut stack);
        ready!(Pin::new(&mut *io).poll_read(context, &mut buffer))?;
        into.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    })
    .await
}

/// Writes everything; each step must make progress within [`WRITE_STALL`].
pub(crate) async fn write<IO: AsyncWrite + Unpin>(io: &mut IO, mut bytes: &[u8]) -> Result<(), Broken> {
    while !bytes.is_empty() {
        let written = timeout(WRITE_STALL, io.write(bytes)).await.map_err(|_| Broken::Stalled)??;
        if written == 0 {
            return Err(Broken::Gone(io::ErrorKind::WriteZero.into()));
        }
        bytes = &bytes[written..];
    }
    Ok(())
}
