//! What becomes of messages after they were sent, as the other side and a second device of one's own see it.

use anyhow::{Context, Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::{operation, v1};

/// Two people; the first has two devices. What each of the three sees is told through a door of its own.
struct Cast {
    alice: Person,
    tablet: Person,
    bob: Person,
    /// Of the conversation.
    id: u64,
}

impl Cast {
    fn at_alice(&self) -> String {
        self.alice.credentials.address.clone()
    }

    fn at_bob(&self) -> String {
        self.bob.credentials.address.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_message_all_devices_see_through_every_pair_of_doors() -> Result<()> {
    let server = Server::start("")?;
    let mut number = 0;
    for (a, at_alice) in Door::ALL.into_iter().enumerate() {
        for (b, at_bob) in Door::ALL.into_iter().enumerate() {
            number += 1;
            let at_tablet = Door::ALL[(a + b + 1) % Door::ALL.len()];
            let (alice, bob) = (format!("alice{number}@localhost"), format!("bob{number}@localhost"));
            for address in [&alice, &bob] {
                ensure!(server.cli(&["account", "add", address, "--password", "correct horse"])?.status.success());
            }
            let mut cast = Cast {
                alice: Person::companion(&server, at_alice, &alice, "correct horse").await?,
                tablet: Person::companion(&server, at_tablet, &alice, "correct horse").await?,
                bob: Person::companion(&server, at_bob, &bob, "correct horse").await?,
                id: 0,
            };
            let doors = format!("{at_alice:?} and {at_tablet:?} to {at_bob:?}");
            play(&mut cast).await.map_err(|error| error.context(doors))?;
        }
    }
    Ok(())
}

async fn play(cast: &mut Cast) -> Result<()> {
    edit_and_reaction(cast).await.context("edit, reaction, pin")?;
    answer(cast).await.context("reply, forward mark, mention")?;
    own(cast).await.context("star, delete for me, draft")?;
    typing(cast).await.context("typing")?;
    recall(cast).await.context("recall")?;
    lists(cast).await.context("lists")
}

async fn message(person: &mut Person, cseq: u64) -> Result<v1::Message> {
    person
        .next(|event| match &event.item {
            Some(v1::event::Item::Message(message)) if message.cseq == cseq => Some(message.clone()),
            _ => None,
        })
        .await
}

async fn amendment(person: &mut Person, cseq: u64) -> Result<v1::Amendment> {
    person
        .next(|event| match &event.item {
            Some(v1::event::Item::Amendment(amendment)) if amendment.cseq == cseq => Some(amendment.clone()),
            _ => None,
        })
        .await
}

async fn flags(person: &mut Person, cseq: u64) -> Result<v1::MessageFlags> {
    person
        .next(|event| match &event.item {
            Some(v1::event::Item::Flags(flags)) if flags.cseq == cseq => Some(*flags),
            _ => None,
        })
        .await
}

fn says(content: Option<&v1::Content>) -> &str {
    content.map_or("", |content| content.text.as_str())
}

fn text(text: &str) -> v1::Content {
    v1::Content { kind: v1::ContentKind::Text.into(), text: text.to_owned(), ..Default::default() }
}

async fn history(person: &mut Person, conversation_id: u64) -> Result<Vec<v1::Message>> {
    let request = v1::HistoryRequest { conversation_id, ..Default::default() };
    let reply: v1::HistoryReply = person.ask(operation::HISTORY, &request).await?;
    Ok(reply.messages)
}

async fn edit_and_reaction(cast: &mut Cast) -> Result<()> {
    let (at_alice, at_bob) = (cast.at_alice(), cast.at_bob());
    let sent = cast.alice.send(&at_bob, "m1", "helo").await?;
    let (conversation_id, cseq) = (sent.conversation_id, sent.cseq);
    cast.id = conversation_id;
    ensure!(says(message(&mut cast.bob, 1).await?.content.as_ref()) == "helo", "Bob has it");
    ensure!(says(message(&mut cast.tablet, 1).await?.content.as_ref()) == "helo", "the tablet has it");

    let edit = v1::EditRequest { conversation_id, cseq, content: Some(text("hello")) };
    let code = cast.bob.refused(operation::EDIT, &edit).await?;
    ensure!(code == "forbidden", "Bob is not the author: {code}");
    let nothing = v1::EditRequest { cseq: 99, ..edit.clone() };
    ensure!(cast.alice.refused(operation::EDIT, &nothing).await? == "not_found", "there is no such message");
    let reply: v1::AmendReply = cast.alice.ask(operation::EDIT, &edit).await?;
    let answered = reply.amendment.context("as it is now")?;
    ensure!(says(answered.content.as_ref()) == "hello" && answered.edited_at_ms > 0, "{answered:?}");
    for person in [&mut cast.bob, &mut cast.tablet] {
        let told = amendment(person, cseq).await?;
        ensure!(told == answered && told.from == at_alice, "told as answered: {told:?}");
    }

    let react = v1::ReactRequest { conversation_id, cseq, emoji: "👍🏽".to_owned() };
    let _reply: v1::AmendReply = cast.bob.ask(operation::REACT, &react).await?;
    let reaction = [v1::Reaction { by: at_bob.clone(), emoji: "👍🏽".to_owned() }];
    let pin = v1::PinRequest { conversation_id, cseq, pinned: true };
    for person in [&mut cast.alice, &mut cast.tablet] {
        let mut told = amendment(person, cseq).await?;
        if told.reactions.is_empty() {
            told = amendment(person, cseq).await?; // her own edit, which her first device is told too
        }
        ensure!(told.reactions == reaction && says(told.content.as_ref()) == "hello", "{told:?}");
    }
    let _reply: v1::AmendReply = cast.bob.ask(operation::PIN, &pin).await?;
    for person in [&mut cast.alice, &mut cast.tablet] {
        let told = amendment(person, cseq).await?;
        ensure!(told.pinned && told.reactions == reaction, "the latest of all: {told:?}");
    }
    for person in [&mut cast.alice, &mut cast.tablet, &mut cast.bob] {
        let [now] = &history(person, conversation_id).await?[..] else { anyhow::bail!("one message") };
        ensure!(now.reactions == reaction && now.pinned && now.edited_at_ms == answered.edited_at_ms, "{now:?}");
    }
    Ok(())
}

async fn answer(cast: &mut Cast) -> Result<()> {
    let content = v1::Content {
        reply_to_cseq: 1,
        forwarded: 3,
        mentions: vec![cast.at_alice(), "carol@elsewhere".to_owned()],
        ..text("@alice as they say")
    };
    let request =
        v1::SendRequest { to: cast.at_alice(), client_message_id: "b1".to_owned(), content: Some(content.clone()) };
    let sent: v1::SendReply = cast.bob.ask(operation::SEND, &request).await?;
    ensure!(sent.cseq == 2, "one numbering for both: {sent:?}");
    for person in [&mut cast.alice, &mut cast.tablet] {
        let got = message(person, 2).await?.content.context("a content")?;
        ensure!(got == content, "what it answers, how often it was handed on, who is spoken of: {got:?}");
    }
    Ok(())
}

async fn own(cast: &mut Cast) -> Result<()> {
    let conversation_id = cast.id;
    let star = v1::StarRequest { conversation_id, cseq: 1, starred: true };
    let reply: v1::FlagReply = cast.alice.ask(operation::STAR, &star).await?;
    let told = flags(&mut cast.tablet, 1).await?;
    ensure!(told.starred && Some(told) == reply.flags, "the tablet has the star: {told:?}");

    let delete = v1::DeleteForMeRequest { conversation_id, cseq: 2 };
    let _reply: v1::FlagReply = cast.tablet.ask(operation::DELETE_FOR_ME, &delete).await?;
    ensure!(flags(&mut cast.alice, 2).await?.hidden, "deleted on all of her devices");
    for (person, left) in [(&mut cast.alice, 1), (&mut cast.tablet, 1), (&mut cast.bob, 2)] {
        let now = history(person, conversation_id).await?;
        ensure!(now.len() == left, "{now:?}");
        ensure!(now[0].starred == (left == 1), "a star is the own devices' affair: {now:?}");
    }

    let set = v1::SetConversationRequest {
        peer: cast.at_bob(),
        muted_until_ms: Some(4_000_000_000_000),
        pinned: Some(true),
        draft: Some(v1::DraftText { text: "Dear Bo".to_owned(), reply_to_cseq: 1 }),
        ..Default::default()
    };
    let reply: v1::SetConversationReply = cast.tablet.ask(operation::SET_CONVERSATION, &set).await?;
    let settings = cast
        .alice
        .next(|event| match &event.item {
            Some(v1::event::Item::Settings(settings)) => Some(settings.clone()),
            _ => None,
        })
        .await?;
    ensure!(Some(&settings) == reply.settings.as_ref(), "the other device goes on writing: {settings:?}");
    ensure!(settings.pinned && settings.draft == set.draft && settings.muted_until_ms == 4_000_000_000_000);
    Ok(())
}

async fn typing(cast: &mut Cast) -> Result<()> {
    for active in [true, false] {
        let request = v1::TypingRequest { to: cast.at_bob(), active };
        let _reply: v1::TypingReply = cast.alice.ask(operation::TYPING, &request).await?;
        if cast.bob.link().is_some() {
            let told = cast.bob.next_typing().await?;
            ensure!(told == v1::TypingUpdate { conversation_id: cast.id, from: cast.at_alice(), active }, "{told:?}");
        }
    }
    let own = v1::TypingRequest { to: "nobody@localhost".to_owned(), active: true };
    ensure!(cast.alice.refused(operation::TYPING, &own).await? == "not_found", "to whom?");
    Ok(())
}

async fn recall(cast: &mut Cast) -> Result<()> {
    let (conversation_id, at_bob) = (cast.id, cast.at_bob());
    let sent = cast.alice.send(&at_bob, "m3", "regretted").await?;
    let request = v1::RecallRequest { conversation_id, cseq: sent.cseq };
    ensure!(cast.bob.refused(operation::RECALL, &request).await? == "forbidden", "Bob takes back nothing of hers");
    let reply: v1::AmendReply = cast.alice.ask(operation::RECALL, &request).await?;
    let answered = reply.amendment.context("as it is now")?;
    for person in [&mut cast.bob, &mut cast.tablet] {
        let told = amendment(person, sent.cseq).await?;
        ensure!(told == answered && told.recalled_at_ms > 0 && told.content.is_none(), "{told:?}");
        let now = history(person, conversation_id).await?;
        let last = now.last().context("its place is there")?;
        ensure!(
            last.cseq == sent.cseq && says(last.content.as_ref()).is_empty() && last.recalled_at_ms > 0,
            "{last:?}"
        );
    }
    let events = cast.bob.read_all().await?;
    ensure!(!format!("{events:?}").contains("regretted"), "a device that begins anew is told nothing of it");
    Ok(())
}

async fn list(person: &mut Person) -> Result<v1::Conversation> {
    let reply: v1::ListConversationsReply =
        person.ask(operation::LIST_CONVERSATIONS, &v1::ListConversationsRequest::default()).await?;
    let request = v1::SyncRequest { snapshot: true, ..Default::default() };
    let snapshot: v1::SyncReply = person.ask(operation::SYNC, &request).await?;
    ensure!(snapshot.conversations == reply.conversations, "a device that has nothing gets the same: {snapshot:?}");
    ensure!(reply.conversations.len() == 1 && !reply.more, "{reply:?}");
    reply.conversations.into_iter().next().context("one conversation")
}

async fn lists(cast: &mut Cast) -> Result<()> {
    let (conversation_id, at_bob) = (cast.id, cast.at_bob());
    let sent = cast.alice.send(&at_bob, "m4", "last").await?;
    message(&mut cast.bob, sent.cseq).await?;
    cast.bob.acknowledge().await?;
    cast.alice.next_receipt(sent.cseq, 0).await?;
    let (hers, tablets, his) =
        (list(&mut cast.alice).await?, list(&mut cast.tablet).await?, list(&mut cast.bob).await?);
    let mut same = tablets.clone();
    // Which device sent it is said to that device alone.
    if let (Some(own), Some(other)) = (&hers.message, &mut same.message) {
        other.client_message_id = own.client_message_id.clone();
    }
    ensure!(hers == same, "one list on all of her devices: {hers:?} and {tablets:?}");
    let settings = hers.settings.clone().context("how she has it")?;
    ensure!(settings.pinned && settings.draft.is_some_and(|draft| draft.text == "Dear Bo"), "her own settings");
    ensure!((hers.unread, hers.last_cseq, &hers.peer) == (0, sent.cseq, &at_bob), "{hers:?}");
    ensure!(hers.receipt.as_ref().map(|receipt| receipt.delivered_cseq) == Some(sent.cseq), "{hers:?}");
    ensure!(says(his.message.as_ref().and_then(|message| message.content.as_ref())) == "last", "{his:?}");
    ensure!(his.unread == 2, "the first and the last: what was recalled does not count: {his:?}");
    ensure!(his.settings.as_ref().is_some_and(|settings| !settings.pinned && settings.draft.is_none()), "{his:?}");

    let read = v1::MarkReadRequest { conversation_id, read_cseq: sent.cseq };
    let _reply: v1::MarkReadReply = cast.bob.ask(operation::MARK_READ, &read).await?;
    ensure!(list(&mut cast.bob).await?.unread == 0, "all was read");
    Ok(())
}
