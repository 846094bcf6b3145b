//! The lobby, through every door.

use anyhow::{Context, Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::{operation, v1};

struct Guest {
    person: Person,
    cseq: u64,
    participants_version: u64,
}

impl Guest {
    async fn join(server: &Server, door: Door, name: &str) -> Result<(Guest, v1::LobbyJoinReply)> {
        let mut person = Person::stranger(server, door)?;
        person.connect().await?;
        let request = v1::LobbyJoinRequest { name: name.to_owned() };
        let joined: v1::LobbyJoinReply = person.ask(operation::LOBBY_JOIN, &request).await?;
        person.credentials.token = joined.token.clone();
        let guest = Guest { person, cseq: joined.cseq, participants_version: joined.participants_version };
        Ok((guest, joined))
    }

    async fn say(&mut self, id: &str, text: &str) -> Result<v1::LobbySendReply> {
        let request = v1::LobbySendRequest { client_message_id: id.to_owned(), text: text.to_owned() };
        self.person.ask(operation::LOBBY_SEND, &request).await
    }

    async fn poll(&mut self, wait_ms: u32) -> Result<v1::LobbyUpdate> {
        let request =
            v1::LobbyPollRequest { after_cseq: self.cseq, participants_version: self.participants_version, wait_ms };
        let update: v1::LobbyUpdate = self.person.ask(operation::LOBBY_POLL, &request).await?;
        (self.cseq, self.participants_version) = (update.cseq, update.participants_version);
        Ok(update)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_of_all_doors_are_in_one_lobby() -> Result<()> {
    let server = Server::start("")?;
    let mut guests = Vec::new();
    for door in Door::ALL {
        let (guest, joined) = Guest::join(&server, door, &format!("{door:?}")).await?;
        ensure!(joined.participants.len() == guests.len() + 1, "{door:?} sees {:?}", joined.participants);
        guests.push(guest);
    }
    for speaker in 0..guests.len() {
        let text = format!("hello from {speaker}");
        guests[speaker].say("1", &text).await?;
        for guest in &mut guests {
            let heard = loop {
                let update = guest.poll(5_000).await?;
                if !update.messages.is_empty() {
                    break update.messages;
                }
            };
            ensure!(heard.len() == 1 && heard[0].text == text, "{:?} heard {heard:?}", guest.person.door);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_joined_is_told_without_asking() -> Result<()> {
    let server = Server::start("")?;
    let (mut anna, _) = Guest::join(&server, Door::HttpJson, "Anna").await?;
    for (number, door) in [Door::Noise, Door::Tls, Door::Bare, Door::WebSocket].into_iter().enumerate() {
        let (mut guest, _) = Guest::join(&server, door, &format!("{door:?}")).await?;
        let text = format!("hello {number}");
        anna.say(&number.to_string(), &text).await?;
        loop {
            let told = guest.person.told().await?.context("something is told")?;
            if told.messages.iter().any(|message| message.text == text) {
                break;
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_texts_are_held_to_their_lengths_through_every_door() -> Result<()> {
    let server = Server::start("[limits]\nlobby_sends = \"unlimited\"\n")?;
    for (number, door) in Door::ALL.into_iter().enumerate() {
        let mut stranger = Person::stranger(&server, door)?;
        stranger.connect().await?;
        for name in ["", "12345678901234567", "a\u{202e}b"] {
            let request = v1::LobbyJoinRequest { name: name.to_owned() };
            ensure!(stranger.refused(operation::LOBBY_JOIN, &request).await? == "bad_request", "{door:?}: {name:?}");
        }
        let name = format!("{number}👩‍👩‍👧{}", "x".repeat(14));
        let (mut guest, _) = Guest::join(&server, door, &name).await?;
        let (mut twin, _) = (Person::stranger(&server, door)?, ());
        twin.connect().await?;
        let request = v1::LobbyJoinRequest { name: name.clone() };
        ensure!(twin.refused(operation::LOBBY_JOIN, &request).await? == "name_taken", "{door:?}: two of a name");
        guest.say("1", &"é".repeat(140)).await?;
        let long = v1::LobbySendRequest { client_message_id: "2".to_owned(), text: "é".repeat(141) };
        ensure!(guest.person.refused(operation::LOBBY_SEND, &long).await? == "too_large", "{door:?}");
        let again = guest.say("1", &"é".repeat(140)).await?;
        ensure!(again.duplicate, "{door:?}: said twice");
    }
    Ok(())
}
