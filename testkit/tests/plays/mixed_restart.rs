//! The server stops or dies under XMPP clients; devices are removed; secrets stay secret.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use belfry_testkit::xmpp::Way;
use belfry_testkit::{Door, Person, Server, Someone, Stock};
use belfry_wire::v1;
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

const PASSWORD: &str = "canary horse battery";

fn account(server: &Server, name: &str) -> Result<String> {
    let address = format!("{name}@localhost");
    let added = server.cli(&["account", "add", &address, "--password", PASSWORD])?;
    ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    Ok(address)
}

async fn stock(server: &Server, way: Way, address: &str) -> Result<Stock> {
    let mut stock = Stock::arrive(server, way, address, PASSWORD, &format!("{way:?}")).await?;
    stock.count().await?;
    Ok(stock)
}

/// A message stanza with an id of its own.
fn message(to: &str, id: &str) -> String {
    let origin = format!("<origin-id xmlns='{}' id='{id}'/>", ns::STANZA_ID);
    format!("<message to='{to}' type='chat' id='{id}'><body>{id}</body>{origin}</message>")
}

/// The texts of a conversation in the order of its log, as a native device reads it.
async fn texts(person: &mut Person) -> Result<Vec<String>> {
    let events = person.read_all().await?;
    let texts = events.into_iter().filter_map(|event| match event.item {
        Some(v1::event::Item::Message(message)) => message.content.map(|content| content.text),
        _ => None,
    });
    Ok(texts.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_tells_xmpp_clients_so_and_they_go_on_after_it() -> Result<()> {
    let mut server = Server::start("")?;
    let (alice, bob) = (account(&server, "alice")?, account(&server, "bob")?);
    let mut native = Someone::from(Person::companion(&server, Door::Noise, &bob, PASSWORD).await?);
    let mut clients = Vec::new();
    for way in Way::ALL {
        clients.push(stock(&server, way, &alice).await?);
    }
    let status = server.terminate()?;
    ensure!(status.success(), "it left with {status}");
    for client in &mut clients {
        let condition = client.cut_off().await?;
        ensure!(condition == "system-shutdown", "{:?} was told {condition}", client.way);
    }
    server.restart()?;
    native.native()?.reconnect().await?;
    for client in &mut clients {
        ensure!(!client.resume(&server).await?, "{:?}: streams do not outlive the server", client.way);
        client.log_in(&server).await?;
        client.write(&message(&bob, &format!("{:?}", client.way))).await?;
        ensure!(native.hear().await?.text == format!("{:?}", client.way));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_xmpp_clients_say_is_lost_or_doubled_when_the_server_is_killed_in_the_middle() -> Result<()> {
    const ROUNDS: u64 = 5;
    const EACH: usize = 40;
    let mut server = Server::start("")?;
    let (alice, bob) = (account(&server, "alice")?, account(&server, "bob")?);
    let mut phone = Person::companion(&server, Door::Bare, &bob, PASSWORD).await?;
    let mut to = stock(&server, Way::Tcp, &bob).await?;
    let mut from = stock(&server, Way::Tls, &alice).await?;
    let mut heard: Vec<(String, String)> = Vec::new();
    let mut said = Vec::new();
    for round in 0..ROUNDS {
        for n in 0..EACH {
            let id = format!("k{round}-{n}");
            from.write(&message(&bob, &id)).await?;
            said.push(id);
        }
        // So that it dies before, while and after it stores them.
        tokio::time::sleep(Duration::from_millis(round * 7)).await;
        server.kill()?;
        server.restart()?;
        ensure!(!to.resume(&server).await? && !from.resume(&server).await?);
        to.log_in(&server).await?;
        to.count().await?;
        from.log_in(&server).await?;
        // Who was killed in the middle is told what it had not acknowledged, perhaps again: by its id it is the same.
        while heard.len() < said.len() {
            let (id, body) = to
                .next(|stanza| {
                    let body = stanza.find(ns::CLIENT, "body").map(Element::own_text)?;
                    Some((stanza.find(ns::STANZA_ID, "stanza-id")?.get("id")?.to_owned(), body))
                })
                .await
                .with_context(|| format!("round {round}: {} of {}", heard.len(), said.len()))?;
            if !heard.iter().any(|(known, _)| *known == id) {
                heard.push((id, body));
            }
        }
        from.all().await?;
        from.count().await?;
    }
    let told: Vec<String> = heard.into_iter().map(|(_, body)| body).collect();
    ensure!(told == said, "told {told:?}");
    phone.reconnect().await?;
    let stored = texts(&mut phone).await?;
    ensure!(stored == said, "stored {stored:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_xmpp_client_whose_device_is_removed_is_cut_off_and_a_wrong_password_opens_nothing() -> Result<()> {
    let server = Server::start("")?;
    let alice = account(&server, "alice")?;
    for way in Way::ALL {
        let mut client = stock(&server, way, &alice).await?;
        let listed = server.cli(&["account", "devices", &alice, "--json"])?;
        let text = String::from_utf8(listed.stdout)?;
        let rows: Vec<serde_json::Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let row = rows.iter().find(|row| row["online"] == true).with_context(|| text.clone())?;
        let number =
            row["device"].as_u64().or(row["id"].as_u64()).or(row["number"].as_u64()).with_context(|| text.clone())?;
        ensure!(server.cli(&["account", "revoke", &alice, &number.to_string()])?.status.success());
        let condition = client.cut_off().await?;
        ensure!(condition == "not-authorized", "{way:?}: {condition}");
        ensure!(!client.resume(&server).await?, "{way:?}: a stream of a device that is gone goes on");
        let wrong = Stock::arrive(&server, way, &alice, "wrong horse", "desk").await;
        let why = wrong.err().context("a wrong password logs in")?.to_string();
        ensure!(why.contains("not-authorized"), "{way:?}: {why}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_xmpp_clients_say_and_log_in_with_is_in_no_log_and_no_metric() -> Result<()> {
    let server = Server::start("[log]\nlevel = \"trace\"\n")?;
    let alice = account(&server, "alice")?;
    let mut secrets = vec![PASSWORD.to_owned(), "canary-text".to_owned(), "canary-wrong".to_owned()];
    secrets.push(belfry_testkit::xmpp::base64(format!("\0alice\0{PASSWORD}").as_bytes()));
    secrets.push(belfry_testkit::xmpp::base64(b"\0alice\0canary-wrong"));
    for way in Way::ALL {
        let mut client = stock(&server, way, &alice).await?;
        client.write(&message(&alice, "canary-text")).await?;
        client.all().await?;
        ensure!(Stock::arrive(&server, way, &alice, "canary-wrong", "desk").await.is_err());
        client.write("<presence><status>canary-text</status></presence>").await?;
        client.write("<iq type='set' id='x'><query xmlns='urn:x'>canary-text</query></iq>").await?;
        client.all().await?;
        // What is said in vain: no element, but in a body, where whatever is said would be the whole body.
        let vain =
            if way == Way::Bosh { "<wrong xmlns='x'>canary-text</wrong>" } else { "<message>canary-text</wrong>" };
        client.write(vain).await?;
        client.cut_off().await?;
    }
    let log = server.log();
    let metrics = String::from_utf8(belfry_testkit::http::get(server.metrics, "/metrics").await?.1)?;
    ensure!(log.lines().count() > 20, "the log is on");
    for secret in &secrets {
        ensure!(!log.contains(secret.as_str()), "a secret is in the log: {secret}");
        ensure!(!metrics.contains(secret.as_str()), "a secret is in the metrics: {secret}");
    }
    ensure!(!metrics.contains("alice"), "names are in the metrics");
    Ok(())
}
