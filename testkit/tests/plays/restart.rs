//! The server stops, dies, is restored; people notice little.

use std::time::Duration;

use anyhow::{Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::v1;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_says_so_and_leaves_with_success() -> Result<()> {
    let mut server = Server::start("")?;
    let mut people = Vec::new();
    for (number, door) in [Door::Noise, Door::Tls, Door::Bare, Door::WebSocket].into_iter().enumerate() {
        people.push(Person::register(&server, door, &format!("+491510000{number:03}"), &format!("a{number}")).await?);
    }
    let status = server.terminate()?;
    ensure!(status.success(), "it left with {status}:\n{}", server.log());
    for person in &mut people {
        ensure!(person.cut_off().await? == "going_away", "{:?} was told another reason", person.door);
    }
    server.restart()?;
    for person in &mut people {
        person.reconnect().await?;
        let own = person.credentials.address.clone();
        person.send(&own, "after", "still here").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_is_there_after_it_and_keys_go_on() -> Result<()> {
    let mut server = Server::start("")?;
    let mut alice = Person::register(&server, Door::Noise, "+4915100000001", "alice").await?;
    let mut bob = Person::register(&server, Door::HttpProtobuf, "+4915100000002", "bob").await?;
    for round in 0..3 {
        let sent = alice.send("bob@localhost", &format!("m{round}"), &format!("round {round}")).await?;
        server.kill()?;
        server.restart()?;
        alice.reconnect().await?;
        let again = alice.send("bob@localhost", &format!("m{round}"), &format!("round {round}")).await?;
        ensure!(again.duplicate && again.cseq == sent.cseq, "sent twice: {sent:?} {again:?}");
        let got = bob.next_text().await?;
        ensure!(got.cseq == sent.cseq && got.content.is_some_and(|c| c.text == format!("round {round}")));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_server_is_restored_and_clients_notice_a_reset_at_most() -> Result<()> {
    let mut server = Server::start("")?;
    let mut alice = Person::register(&server, Door::Noise, "+4915100000001", "alice").await?;
    let mut bob = Person::register(&server, Door::Noise, "+4915100000002", "bob").await?;
    alice.send("bob@localhost", "before", "before the backup").await?;
    ensure!(bob.next_text().await?.content.is_some_and(|c| c.text == "before the backup"));

    let backup = server.home().join("backup").display().to_string();
    let made = server.cli(&["backup", &backup])?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    alice.send("bob@localhost", "after", "after the backup").await?;
    ensure!(bob.next_text().await?.content.is_some_and(|c| c.text == "after the backup"));

    server.kill()?;
    std::fs::rename(server.data(), server.home().join("lost"))?;
    server.make_data("restore", &backup)?;
    server.restart()?;

    // Bob's key is of the lost life: he is told to begin anew and has what the backup has.
    bob.reconnect().await?;
    alice.reconnect().await?;
    let texts: Vec<String> = bob.read_all().await?.iter().filter_map(text).collect();
    ensure!(texts == ["before the backup"], "{texts:?}");
    // Alice's client still has it in its outbox or sends it again by hand: it is stored once, under a fresh number.
    let sent = alice.send("bob@localhost", "after", "after the backup").await?;
    ensure!(!sent.duplicate, "the restored store cannot know it");
    let got = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let got = bob.next_text().await?;
            if got.content.as_ref().is_some_and(|c| c.text == "after the backup") {
                return anyhow::Ok(got);
            }
        }
    })
    .await??;
    ensure!(got.cseq == sent.cseq);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_imported_into_an_empty_server() -> Result<()> {
    let mut server = Server::start("")?;
    let mut alice = Person::register(&server, Door::Noise, "+4915100000001", "alice").await?;
    let mut bob = Person::register(&server, Door::Noise, "+4915100000002", "bob").await?;
    for n in 0..50 {
        alice.send("bob@localhost", &n.to_string(), &n.to_string()).await?;
    }
    let export = server.home().join("export.jsonl").display().to_string();
    let made = server.cli(&["export", &export])?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    server.kill()?;
    std::fs::rename(server.data(), server.home().join("old"))?;
    server.make_data("import", &export)?;
    server.restart()?;
    bob.forget();
    bob.reconnect().await?;
    let texts: Vec<String> = bob.read_all().await?.iter().filter_map(text).collect();
    ensure!(texts == (0..50).map(|n| n.to_string()).collect::<Vec<_>>(), "{texts:?}");
    Ok(())
}

fn text(event: &v1::Event) -> Option<String> {
    match &event.item {
        Some(v1::event::Item::Message(message)) => message.content.as_ref().map(|content| content.text.clone()),
        _ => None,
    }
}
