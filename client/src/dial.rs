//! Dialling: from a list of addresses to one open byte stream or frame channel.
//!
//! Addresses come in, in the order of preference; the first that gets through leaves. Invariant: a server that does not
//! answer delays its successors by [`STAGGER`], one that refuses by nothing.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::address::ServerAddress;
use crate::error::LinkError;

/// The next address is tried after this, even if the one before has not failed yet.
pub const STAGGER: Duration = Duration::from_millis(2_500);

/// A dialled address has to answer in this time.
const DIAL_TIMEOUT: Duration = Duration::from_secs(10);

/// A byte stream in both directions.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Any byte stream.
pub type BoxIo = Box<dyn Io>;

/// A future that a trait object gives.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens byte streams; a parameter, so that tests need no network.
pub trait Dial: fmt::Debug + Send + Sync + 'static {
    /// Opens a stream to the address, whatever its carrier.
    fn dial<'a>(&'a self, address: &'a ServerAddress) -> BoxFuture<'a, Result<BoxIo, LinkError>>;
}

/// The network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

impl Dial for Tcp {
    fn dial<'a>(&'a self, address: &'a ServerAddress) -> BoxFuture<'a, Result<BoxIo, LinkError>> {
        Box::pin(async move {
            let unreachable =
                |reason: String, refused| LinkError::Unreachable { address: address.authority(), reason, refused };
            let stream = TcpStream::connect((address.host.as_str(), address.port));
            let stream = match tokio::time::timeout(DIAL_TIMEOUT, stream).await {
                Err(_) => return Err(unreachable("no answer".to_owned(), false)),
                Ok(Err(error)) => {
                    let refused = error.kind() == std::io::ErrorKind::ConnectionRefused;
                    return Err(unreachable(error.to_string(), refused));
                }
                Ok(Ok(stream)) => stream,
            };
            stream.set_nodelay(true)?; // a chat message is one small packet that somebody waits for
            Ok(Box::new(stream) as BoxIo)
        })
    }
}

/// Runs `attempt` on one address after the other until one succeeds; gives the last error if none does. A later
/// attempt starts when [`STAGGER`] has passed or nothing is under way any more; those that lose are dropped.
pub(crate) async fn first_of<'a, T, F>(
    addresses: &'a [ServerAddress],
    attempt: impl Fn(&'a ServerAddress) -> F,
) -> Result<T, LinkError>
where
    F: Future<Output = Result<T, LinkError>>,
{
    let mut waiting = addresses.iter();
    let mut under_way = FuturesUnordered::new();
    let mut last = LinkError::Unreachable {
        address: "nothing".to_owned(),
        reason: "the list of servers is empty".to_owned(),
        refused: false,
    };
    loop {
        match waiting.next() {
            Some(address) => under_way.push(attempt(address)),
            None if under_way.is_empty() => return Err(last),
            None => {}
        }
        let stagger = tokio::time::sleep(STAGGER);
        tokio::pin!(stagger);
        loop {
            tokio::select! {
                Some(done) = under_way.next() => match done {
                    Ok(value) => return Ok(value),
                    // A key that has changed is worth more to a person than "unreachable" from another address.
                    Err(error) if matches!(last, LinkError::ServerKeyChanged { .. }) => drop(error),
                    Err(error) => last = error,
                },
                () = &mut stagger => break,
            }
            if under_way.is_empty() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn list(ports: &[u16]) -> Vec<ServerAddress> {
        ports.iter().map(|port| ServerAddress::noise("test", *port)).collect()
    }

    /// Port 1 refuses, 2 never answers, 3 answers after four seconds, others at once.
    async fn attempt(address: &ServerAddress) -> Result<u16, LinkError> {
        match address.port {
            1 => return Err(LinkError::Silent),
            2 => std::future::pending().await,
            3 => tokio::time::sleep(Duration::from_secs(4)).await,
            _ => {}
        }
        Ok(address.port)
    }

    async fn took(ports: &[u16]) -> (Option<u16>, u128) {
        let started = Instant::now();
        let list = list(ports);
        (first_of(&list, attempt).await.ok(), started.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_are_tried_in_order_with_a_stagger() {
        assert_eq!(took(&[9, 8]).await, (Some(9), 0));
        assert_eq!(took(&[1, 8]).await, (Some(8), 0));
        assert_eq!(took(&[2, 8]).await, (Some(8), 2_500));
        assert_eq!(took(&[2, 3, 1]).await, (Some(3), 6_500));
        assert_eq!(took(&[3, 2, 2]).await, (Some(3), 4_000));
        assert_eq!(took(&[1, 1]).await, (None, 0));
        assert_eq!(took(&[]).await, (None, 0));
    }
}
