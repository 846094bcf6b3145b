//! A server without sockets, and clients that are their bytes alone.
//!
//! A store comes in; accounts, and links through the native door over pipes, leave. Invariant: the clock stands still,
//! and what is random is so by a seed.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use belfry_domain::memory::{ManualClock, MemorySms, SeededEntropy};
use belfry_domain::ports::{AccountOutcome, DeviceOutcome, MailboxLimit, NewAccount, NewDevice, Store};
use belfry_domain::{AccountId, Address, ClientMessageId, Content, DeviceId, DeviceRole, Past, Secret, TimestampMs};
use belfry_engine::{Caller, Command, Draft, Engine, Identity, Peer, Ports, Rates, Reply, Secrets, Settings};
use belfry_gate::{Door, Trust, serve};
use belfry_wire::frame::FRAME_BYTES_MAX;
use belfry_wire::noise::StaticKey;
use belfry_wire::preamble::PREAMBLE_BYTES;
use belfry_wire::{Channel, Decoder, Frame, Framing, Preamble, PreambleAnswer, PreambleStatus, operation, v1};
use bytes::{Buf as _, BytesMut};
use prost::Message;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::pipe::{ClientEnd, pipe};

/// When everything here happens.
pub(crate) const NOW: TimestampMs = TimestampMs(1_800_000_000_000);

/// The domain of all accounts.
const DOMAIN: &str = "example.org";

/// What every device here proves itself by.
const SECRET: &str = "correct horse battery staple";

/// The server.
pub(crate) struct World {
    pub(crate) engine: Engine,
    door: Arc<Door>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

fn peer() -> Peer {
    Peer { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 40_000, exempt: true, carrier: "tcp" }
}

/// Somebody who has not logged in.
pub(crate) fn nobody() -> Caller {
    Caller { identity: Identity::Nobody { noise_key: None }, peer: peer() }
}

impl World {
    /// A server on this store, without limits of rate and of what waits.
    pub(crate) fn new(store: Arc<dyn Store>) -> World {
        let mut settings = Settings {
            domain: DOMAIN.into(),
            rates: Rates::UNLIMITED,
            mailbox: MailboxLimit::NONE,
            unanswered: u32::MAX,
            idle_ms: 24 * 3_600_000,
            ..Settings::default()
        };
        settings.lobby.participants_max = 1_000_000;
        let ports = Ports {
            store,
            clock: Arc::new(ManualClock::new(NOW)),
            entropy: Arc::new(SeededEntropy::new(1)),
            sms: Arc::new(MemorySms::default()),
        };
        let engine = Engine::new(ports, settings, Secrets { token_key: [5; 32], pin_pepper: [6; 32] });
        let door = Arc::new(Door::new(engine.clone(), StaticKey::new([9; 32])));
        World { engine, door, stop: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// What the device of an account asks as.
    pub(crate) fn caller(&self, number: usize, (account, device): (AccountId, DeviceId)) -> Result<Caller> {
        Ok(Caller { identity: Identity::Device { account, address: address(number)?, device }, peer: peer() })
    }

    /// Sends a message; it is stored when this returns.
    pub(crate) async fn send(&self, from: &Caller, to: &Address, id: u64, text: &str) -> Result<()> {
        let client_id = ClientMessageId::parse(&format!("m{id}")).context("a short id")?;
        let draft = Draft { to: to.clone(), client_id, content: Content::text(text.to_owned()) };
        let Reply::Sent(_) = self.engine.execute(from, Command::Send(draft)).await? else {
            bail!("a send has another answer");
        };
        Ok(())
    }

    /// A link of a device that is logged in and told what comes; nothing had come before.
    pub(crate) async fn subscribed(&self, number: usize, (_, device): (AccountId, DeviceId)) -> Result<ClientEnd> {
        let secret = Secret::new(SECRET.to_owned());
        let token = Command::Token { address: address(number)?, device, secret };
        let Reply::Token { token, .. } = self.engine.execute(&nobody(), token).await? else {
            bail!("a token has another answer");
        };
        let login = v1::LoginRequest { token: token.expose().clone(), client: "costs".into() };
        let sync = v1::SyncRequest { subscribe: true, ..v1::SyncRequest::default() };
        let requests = [(operation::LOGIN, login.encode_to_vec()), (operation::SYNC, sync.encode_to_vec())];
        Ok(self.link(&requests).await?.0)
    }

    /// A link on which these were asked and answered, and the last answer.
    pub(crate) async fn link(&self, requests: &[(u32, Vec<u8>)]) -> Result<(ClientEnd, Frame)> {
        let (client, server) = pipe();
        let (door, stop) = (self.door.clone(), self.stop.clone());
        self.tasks.spawn(async move { serve(server, peer(), Trust::Bare, &door, stop).await });
        let preamble = Preamble { framing: Framing::Sync, channel: Channel::Bare, version_min: 1, version_max: 1 };
        client.write(&preamble.encode());
        for (seq_id, (operation, body)) in (1..).zip(requests) {
            let mut bytes = BytesMut::new();
            Frame { operation: *operation, seq_id, body: body.clone().into() }.encode(Framing::Sync, &mut bytes);
            client.write(&bytes);
        }
        let mut input = client.read(PREAMBLE_BYTES).await;
        ensure!(input.len() >= PREAMBLE_BYTES, "the server has hung up");
        let mut said = [0; PREAMBLE_BYTES];
        input.copy_to_slice(&mut said);
        ensure!(PreambleAnswer::decode(said).map(|answer| answer.status) == Ok(PreambleStatus::Accepted), "refused");
        let mut decoder = Decoder::new(Framing::Sync);
        decoder.set_frame_bytes_max(FRAME_BYTES_MAX);
        loop {
            while let Some(frame) = decoder.decode(&mut input)? {
                if frame.operation == operation::ERROR {
                    bail!("the server refused: {}", v1::Error::decode(frame.body)?.message);
                }
                if frame.seq_id as usize == requests.len() {
                    return Ok((client, frame));
                }
            }
            let more = client.read(1).await;
            ensure!(!more.is_empty(), "the server has hung up");
            input.unsplit(more);
        }
    }
}

/// The address of an account.
pub(crate) fn address(number: usize) -> Result<Address> {
    Address::new(&format!("user{number}"), DOMAIN).context("a valid address")
}

/// Makes an account with one device.
pub(crate) async fn account(store: &dyn Store, number: usize) -> Result<(AccountId, DeviceId)> {
    let address = address(number)?;
    let new = NewAccount { address, phone: None, display_name: String::new(), scram: None, created: NOW };
    let AccountOutcome::Created(made) = store.create_account(new).await? else { bail!("user{number} is taken") };
    let device = NewDevice {
        account: made.id,
        role: DeviceRole::Primary,
        name: "costs".into(),
        noise_key: None,
        secret_hash: Sha256::digest(SECRET).into(),
        created: NOW,
        platform: String::new(),
        past: Past::All,
    };
    match store.add_device(device, 1).await? {
        DeviceOutcome::Added(added) => Ok((made.id, added.device.id)),
        other => bail!("user{number} gets no device: {other:?}"),
    }
}
