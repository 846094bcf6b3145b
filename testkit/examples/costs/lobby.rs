//! What a message of the lobby costs, with so many sessions that watch: one write to the store, a copy to each.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use belfry_domain::memory::MemoryStore;
use belfry_domain::{ClientMessageId, Epoch, RoomName};
use belfry_engine::{Caller, Command, LobbyJoined, Reply};
use belfry_wire::{operation, v1};
use prost::Message;

use crate::codec::text;
use crate::operation::Run;
use crate::pipe::{ClientEnd, Tally};
use crate::wake::runtime;
use crate::world::{World, nobody};

/// A lobby with people in it.
pub(crate) struct Crowd {
    world: World,
    speaker: Caller,
    links: Vec<ClientEnd>,
    pub(crate) tally: Arc<Tally>,
    text: String,
    said: u64,
}

impl Crowd {
    /// So many guests, each with a link that watches, and one who speaks and has none. All have joined before the first
    /// of them watches: how often they would be told of each other meanwhile depends on how long it takes.
    pub(crate) async fn new(watching: usize) -> Result<Crowd> {
        let world = World::new(Arc::new(MemoryStore::new(Epoch(7))));
        let mut tokens = Vec::with_capacity(watching);
        for number in 0..watching {
            tokens.push(join(&world, &format!("guest{number}")).await?.token.context("a guest has a token")?);
        }
        let joined = join(&world, "speaker").await?;
        let speaker = Caller { identity: joined.identity.clone(), peer: nobody().peer };
        let (mut links, tally) = (Vec::with_capacity(watching), Arc::new(Tally::default()));
        for token in tokens {
            let login = v1::LoginRequest { token: token.expose().clone(), client: "costs".into() };
            let (after_cseq, participants_version) = (joined.news.cseq.0, joined.news.participants_version);
            let poll = v1::LobbyPollRequest { after_cseq, participants_version, ..v1::LobbyPollRequest::default() };
            let requests = [(operation::LOGIN, login.encode_to_vec()), (operation::LOBBY_POLL, poll.encode_to_vec())];
            let (link, _) = world.link(&requests).await?;
            link.count(&tally);
            links.push(link);
        }
        let mut crowd = Crowd { world, speaker, links, tally, text: text(100), said: 0 };
        crowd.say().await?;
        Ok(crowd)
    }

    /// One more comes in, and all are told who is there. Not sooner than a moment after the last such change.
    pub(crate) async fn one_more(&mut self, number: usize) -> Result<()> {
        self.tally.expect(self.links.len() as u64);
        join(&self.world, &format!("latecomer{number}")).await?;
        self.tally.complete().await;
        Ok(())
    }

    /// Says something and waits until the last one has it.
    pub(crate) async fn say(&mut self) -> Result<()> {
        self.said += 1;
        self.tally.expect(self.links.len() as u64);
        let client_id = ClientMessageId::parse(&format!("m{}", self.said)).context("a short id")?;
        self.world.engine.execute(&self.speaker, Command::LobbySend { client_id, text: self.text.clone() }).await?;
        self.tally.complete().await;
        Ok(())
    }
}

async fn join(world: &World, name: &str) -> Result<LobbyJoined> {
    let name = Some(RoomName::parse(name)?);
    let Reply::LobbyJoined(joined) = world.engine.execute(&nobody(), Command::LobbyJoin { name }).await? else {
        bail!("joining has another answer");
    };
    Ok(*joined)
}

/// A message of 100 bytes to so many.
pub(crate) fn message(watching: usize) -> Result<Run> {
    let runtime = runtime()?;
    let mut crowd = runtime.block_on(Crowd::new(watching))?;
    Ok(Box::new(move || {
        runtime.block_on(crowd.say()).expect("a message is taken");
    }))
}
