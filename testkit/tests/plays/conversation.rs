//! Two people write to each other.

use anyhow::{Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::{operation, v1};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_talk_both_ways_and_see_their_ticks_through_every_pair_of_doors() -> Result<()> {
    let server = Server::start("")?;
    let mut number = 0;
    for at_alice in Door::ALL {
        for at_bob in Door::ALL {
            number += 2;
            let (a, b) = (format!("alice{number}"), format!("bob{number}"));
            let mut alice = Person::register(&server, at_alice, &format!("+4915100{number:04}"), &a).await?;
            let mut bob = Person::register(&server, at_bob, &format!("+4915200{number:04}"), &b).await?;
            talk(&mut alice, &mut bob).await.map_err(|error| error.context(format!("{at_alice:?} to {at_bob:?}")))?;
        }
    }
    Ok(())
}

async fn talk(alice: &mut Person, bob: &mut Person) -> Result<()> {
    let (at_alice, at_bob) = (alice.credentials.address.clone(), bob.credentials.address.clone());
    let sent = alice.send(&at_bob, "m1", "hello").await?;
    ensure!(sent.cseq == 1 && !sent.duplicate, "the first message of the conversation: {sent:?}");

    let got = bob.next_text().await?;
    let text = got.content.as_ref().map(|content| content.text.as_str());
    ensure!(text == Some("hello") && got.from == at_alice && got.to == at_bob, "not what was sent: {got:?}");
    ensure!((got.conversation_id, got.cseq) == (sent.conversation_id, 1), "another id than was answered: {got:?}");
    ensure!(got.client_message_id.is_empty(), "a client's id is nobody else's: {got:?}");

    bob.acknowledge().await?;
    let receipt = alice.next_receipt(1, 0).await?;
    ensure!(receipt.peer == at_bob, "whose receipt? {receipt:?}");

    let read = v1::MarkReadRequest { conversation_id: sent.conversation_id, read_cseq: 1 };
    let _reply: v1::MarkReadReply = bob.ask(operation::MARK_READ, &read).await?;
    alice.next_receipt(1, 1).await?;

    let answer = bob.send(&at_alice, "m1", "hello yourself").await?;
    ensure!(answer.cseq == 2, "one numbering for both: {answer:?}");
    let got = alice.next_text().await?;
    ensure!(got.content.is_some_and(|content| content.text == "hello yourself"), "not the answer");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_sent_a_hundred_times_over_all_doors_is_one_message() -> Result<()> {
    let server = Server::start("")?;
    let alice = Person::register(&server, Door::Noise, "+4915100000001", "alice").await?;
    let mut bob = Person::register(&server, Door::Bare, "+4915100000002", "bob").await?;
    let mut answers = Vec::new();
    for n in 0..100 {
        let mut through = alice.also(&server, Door::ALL[n % Door::ALL.len()]).await?;
        let sent = through.send("bob@localhost", "the one", "once").await?;
        ensure!(sent.duplicate == (n > 0), "the {n}th answer says {}", sent.duplicate);
        answers.push((sent.conversation_id, sent.cseq, sent.sent_at_ms));
    }
    answers.dedup();
    ensure!(answers.len() == 1, "every answer is the first one: {answers:?}");
    let messages = bob.read_all().await?.into_iter().filter(is_message).count();
    ensure!(messages == 1, "{messages} messages");
    Ok(())
}

fn is_message(event: &v1::Event) -> bool {
    matches!(event.item, Some(v1::event::Item::Message(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_messages_wait_in_order_for_somebody_offline() -> Result<()> {
    let server = Server::start("")?;
    let mut alice = Person::register(&server, Door::Noise, "+4915100000001", "alice").await?;
    let mut bob = Person::register(&server, Door::Noise, "+4915100000002", "bob").await?;
    bob.disconnect();
    for n in 0..1_000 {
        alice.send("bob@localhost", &n.to_string(), &n.to_string()).await?;
    }
    for door in Door::ALL {
        let mut at = bob.also(&server, door).await?;
        for n in 0..1_000 {
            let got = at.next_text().await?;
            ensure!(got.content.is_some_and(|content| content.text == n.to_string()), "{door:?}: not {n}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_read_backwards_in_pages_by_members_only() -> Result<()> {
    let server = Server::start("")?;
    for (number, door) in Door::ALL.into_iter().enumerate() {
        let mut alice =
            Person::register(&server, door, &format!("+491510000{number:03}"), &format!("a{number}")).await?;
        let mut bob = Person::register(&server, door, &format!("+491520000{number:03}"), &format!("b{number}")).await?;
        let mut eve = Person::register(&server, door, &format!("+491530000{number:03}"), &format!("e{number}")).await?;
        let to = bob.credentials.address.clone();
        let mut conversation_id = 0;
        for n in 1..=120 {
            conversation_id = alice.send(&to, &n.to_string(), &n.to_string()).await?.conversation_id;
        }
        let (mut before_cseq, mut seen) = (0, Vec::new());
        loop {
            let request = v1::HistoryRequest { conversation_id, before_cseq, limit: 50, ..Default::default() };
            let page: v1::HistoryReply = bob.ask(operation::HISTORY, &request).await?;
            seen.splice(0..0, page.messages.iter().map(|message| message.cseq));
            before_cseq = page.messages.first().map_or(0, |message| message.cseq);
            if !page.more {
                break;
            }
        }
        ensure!(seen == (1..=120).collect::<Vec<u64>>(), "{door:?}: {seen:?}");
        let request = v1::HistoryRequest { conversation_id, ..Default::default() };
        ensure!(eve.refused(operation::HISTORY, &request).await? == "not_found", "{door:?}: a stranger reads");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_with_one_shape_through_every_door() -> Result<()> {
    let server = Server::start("")?;
    for (number, door) in Door::ALL.into_iter().enumerate() {
        let mut alice =
            Person::register(&server, door, &format!("+491510000{number:03}"), &format!("a{number}")).await?;
        let own = alice.credentials.address.clone();
        let content = |text: String| Some(v1::Content { text, ..Default::default() });
        let send = |to: &str, id: &str, text: String| v1::SendRequest {
            to: to.to_owned(),
            client_message_id: id.to_owned(),
            content: content(text),
        };
        let large = v1::SendRequest {
            to: own.clone(),
            client_message_id: "l".to_owned(),
            content: Some(v1::Content {
                media: Some(v1::InlineMedia { mime: "image/png".to_owned(), data: vec![0; 65 * 1024].into() }),
                ..Default::default()
            }),
        };
        for (request, code) in [
            (send("nobody@localhost", "1", "x".to_owned()), "not_found"),
            (send("not an address", "1", "x".to_owned()), "bad_request"),
            (send(&own, "", "x".to_owned()), "bad_request"),
            (send(&own, &"x".repeat(65), "x".to_owned()), "bad_request"),
            (send(&own, "1", String::new()), "bad_request"),
            (send(&own, "1", "x".repeat(16 * 1024 + 1)), "too_large"),
            (large, "too_large"),
        ] {
            let got = alice.refused(operation::SEND, &request).await?;
            ensure!(got == code, "{door:?}: {got} instead of {code}");
        }
        alice.send(&own, "7", "a note to myself").await?;
        let conflict = send(&own, "7", "another".to_owned());
        ensure!(alice.refused(operation::SEND, &conflict).await? == "conflict", "{door:?}: one id, two messages");
    }
    Ok(())
}
