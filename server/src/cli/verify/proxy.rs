//! A TCP proxy between clients and the server that cuts connections after a number of bytes.
//!
//! Connections to a loopback port come in, the same bytes go to the server, until the budget of a connection is used up:
//! then both sides are closed within that very byte. Invariant: a connection that is not cut passes every byte.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context, Result};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Dice;

/// What is read at once.
const PIECE_BYTES: usize = 16 * 1024;

/// A random cut comes within so many bytes: some within a handshake, some after hundreds of messages.
const CUT_WITHIN_BITS: u64 = 16;

/// Where connections are cut.
#[derive(Clone, Debug)]
pub enum Cuts {
    /// Nowhere.
    Never,
    /// Each at a byte of its own, small numbers as often as large ones.
    Random(Dice),
    /// The first at byte 1, the second at byte 2, and so on, up to this and then from 1 again.
    Sweep {
        /// Bytes of the longest.
        upto: u64,
    },
}

impl Cuts {
    /// How many bytes the connection of this number may pass, both directions together.
    fn budget(&mut self, number: u64) -> u64 {
        match self {
            Cuts::Never => u64::MAX,
            Cuts::Random(dice) => {
                let bits = 4 + dice.below(CUT_WITHIN_BITS - 4);
                1 + dice.below(1 << (bits + 1))
            }
            Cuts::Sweep { upto } => 1 + number % (*upto).max(1),
        }
    }
}

/// A running proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where clients connect.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: String,
    cuts: Mutex<Cuts>,
    healed: AtomicBool,
    cut: AtomicU64,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Proxy {
    /// Opens a port of this machine that leads to the target, `host:port`.
    pub async fn start(target: String, cuts: Cuts) -> Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port is free for the proxy")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target,
            cuts: Mutex::new(cuts),
            healed: AtomicBool::new(false),
            cut: AtomicU64::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        shared.tasks.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Proxy { address, shared })
    }

    /// Connections that were cut so far.
    pub fn cuts(&self) -> u64 {
        self.shared.cut.load(Ordering::Relaxed)
    }

    /// From here on nothing is cut any more, what is open included.
    pub fn heal(&self) {
        self.shared.healed.store(true, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut number = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        let Ok((client, _)) = accepted else { continue };
        let budget = shared.cuts.lock().budget(number);
        number += 1;
        shared.tasks.spawn(carry(client, budget, Arc::clone(&shared)));
    }
}

async fn carry(client: TcpStream, budget: u64, shared: Arc<Shared>) {
    // A server that is down refuses; so does the proxy, by closing.
    let Ok(server) = TcpStream::connect(&shared.target).await else { return };
    drop(client.set_nodelay(true).and_then(|()| server.set_nodelay(true)));
    let left = AtomicU64::new(budget);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let up = pass(from_client, to_server, &left, &shared.healed);
    let down = pass(from_server, to_client, &left, &shared.healed);
    tokio::pin!(up, down);
    let mut was_cut = false;
    tokio::select! {
        cut = &mut up => {
            was_cut = cut;
            if !cut {
                // The client has said all; the server may still answer.
                was_cut = down.await;
            }
        }
        cut = &mut down => was_cut |= cut,
        () = shared.stop.cancelled() => {}
    }
    if was_cut {
        shared.cut.fetch_add(1, Ordering::Relaxed);
    }
}

/// Passes bytes on until their end or the end of the budget. `true`: it was cut.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    left: &AtomicU64,
    healed: &AtomicBool,
) -> bool {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = match from.read(&mut piece).await {
            Ok(0) | Err(_) => {
                drop(to.shutdown().await);
                return false;
            }
            Ok(read) => read as u64,
        };
        let mut passed = read;
        if !healed.load(Ordering::Relaxed) {
            let before = left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(read)))
                .unwrap_or(0);
            passed = passed.min(before);
        }
        if to.write_all(&piece[..passed as usize]).await.is_err() {
            return false;
        }
        if passed < read {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> (String, TaskTracker) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let target = listener.local_addr().expect("an address").to_string();
        let tasks = TaskTracker::new();
        let inner = tasks.clone();
        tasks.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                inner.spawn(async move {
                    let (mut from, mut to) = stream.split();
                    drop(tokio::io::copy(&mut from, &mut to).await);
                });
            }
        });
        (target, tasks)
    }

    async fn say(proxy: &Proxy, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(proxy.address).await.expect("it listens");
        stream.write_all(bytes).await.expect("it takes bytes");
        drop(stream.shutdown().await);
        let mut back = Vec::new();
        // A connection that is cut may end with a reset; what came before counts.
        drop(stream.read_to_end(&mut back).await);
        back
    }

    #[tokio::test]
    async fn a_sweep_cuts_each_connection_a_byte_later_and_healing_ends_it() {
        let (target, _tasks) = echo().await;
        let proxy = Proxy::start(target, Cuts::Sweep { upto: 1_000 }).await.expect("it starts");
        for n in 1..=30_usize {
            let back = say(&proxy, &[7; 10]).await;
            assert_eq!(back.len(), n.saturating_sub(10).min(10), "connection {n}");
        }
        assert_eq!(proxy.cuts(), 19, "those that may pass twenty bytes are not cut");
        proxy.heal();
        assert_eq!(say(&proxy, &[7; 10]).await.len(), 10);
    }

    #[tokio::test]
    async fn without_cuts_every_byte_passes() {
        let (target, _tasks) = echo().await;
        let proxy = Proxy::start(target, Cuts::Never).await.expect("it starts");
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
        assert_eq!(say(&proxy, &bytes).await, bytes);
        assert_eq!(proxy.cuts(), 0);
    }

    #[test]
    fn a_seed_repeats_its_cuts() {
        let budgets = |seed| {
            let mut cuts = Cuts::Random(Dice::new(seed, 0));
            (0..50).map(|n| cuts.budget(n)).collect::<Vec<_>>()
        };
        assert_eq!(budgets(1), budgets(1));
        assert_ne!(budgets(1), budgets(2));
        assert!(budgets(1).iter().any(|bytes| *bytes < 200) && budgets(1).iter().any(|bytes| *bytes > 10_000));
    }
}
