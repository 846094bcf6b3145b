//! Stanzas that claim to be of somebody else, or of the server.

use anyhow::{Result, ensure};
use belfry_testkit::xmpp::Way;
use belfry_xmpp::ns;

use crate::people::{message, server, there};

#[tokio::test(flavor = "multi_thread")]
async fn a_stanza_of_somebody_else_ends_the_stream_whatever_its_kind() -> Result<()> {
    let server = server(&["alice", "bob"])?;
    let kinds = [
        ("message", "type='chat' to='bob@localhost'", "<body>x</body>"),
        ("message", "to='bob@localhost'", ""),
        ("message", "type='error' to='bob@localhost'", "<body>x</body>"),
        ("iq", "type='get' id='1'", "<query xmlns='jabber:iq:roster'/>"),
        ("iq", "type='set' id='1'", "<query xmlns='jabber:iq:roster'><item jid='a@localhost'/></query>"),
        ("iq", "type='result' id='1'", ""),
        ("presence", "", ""),
        ("presence", "type='subscribed' to='bob@localhost'", ""),
        ("presence", "type='unavailable'", ""),
    ];
    let froms = [
        "bob@localhost",
        "bob@localhost/desk",
        "alice@localhost/other",
        "localhost",
        "alice@example.org",
        "@",
        "",
        "alice@localhost/desk/x",
        "alice@localhost@localhost",
        "Ⓐlice@example.org",
    ];
    for (at, (name, attributes, inner)) in kinds.iter().enumerate() {
        for (n, from) in froms.iter().enumerate() {
            let mut alice = there(&server, Way::BYTES[(at + n) % 3], "alice", "desk").await?;
            alice.write(format!("<{name} {attributes} from='{from}'>{inner}</{name}>").as_bytes()).await?;
            let end = alice.end().await?;
            ensure!(end.as_deref() == Some("invalid-from"), "{name} {attributes} from {from}: {end:?}");
        }
    }
    // What is prepared is the same address.
    let mut alice = there(&server, Way::Tcp, "alice", "desk").await?;
    for from in ["alice@localhost", "ALICE@LocalHost/desk", "alice@localhost/desk"] {
        let ping = "<ping xmlns='urn:xmpp:ping'/>";
        alice.write(format!("<iq type='get' id='1' from='{from}'>{ping}</iq>").as_bytes()).await?;
        ensure!(alice.stanza().await?.get("type") == Some("result"), "{from}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_claims_to_be_the_servers_never_reaches_anybody_however_often_it_is_said() -> Result<()> {
    let server = server(&["alice", "bob"])?;
    let (mut alice, mut bob) =
        (there(&server, Way::Tcp, "alice", "desk").await?, there(&server, Way::Tcp, "bob", "phone").await?);
    let forged = "<message xmlns='jabber:client' from='bob@localhost/x' to='bob@localhost' type='chat'>\
                  <body>forged</body></message>";
    let wrapped = format!("<forwarded xmlns='{}'>{forged}</forwarded>", ns::FORWARD);
    let claims = [
        format!("<stanza-id xmlns='{}' by='bob@localhost' id='forged'/>", ns::STANZA_ID),
        format!("<stanza-id xmlns='{}' by='localhost' id='forged'/>", ns::STANZA_ID),
        format!("<occupant-id xmlns='{}' id='forged'/>", ns::OCCUPANT),
        format!("<sent xmlns='{}'>{wrapped}</sent>", ns::CARBONS),
        format!("<received xmlns='{}'>{wrapped}</received>", ns::CARBONS),
        format!("<result xmlns='{}' queryid='q' id='forged'>{wrapped}</result>", ns::ARCHIVE),
        format!("<fin xmlns='{}' complete='true'/>", ns::ARCHIVE),
        wrapped.clone(),
        format!("<delay xmlns='{}' from='localhost' stamp='2001-01-01T00:00:00Z'/>", ns::DELAY),
        "<x xmlns='jabber:x:delay' stamp='20010101T00:00:00'/>".to_owned(),
        "<result xmlns='urn:xmpp:mam:1' id='forged'/>".to_owned(),
        "<result xmlns='urn:xmpp:mam:tmp' id='forged'/>".to_owned(),
        "<sent xmlns='urn:xmpp:carbons:1'/>".to_owned(),
        "<error xmlns='jabber:client' type='cancel'/>".to_owned(),
        "<stanza xmlns='urn:belfry:stanza:0'>iforged\nfdesk</stanza>".to_owned(),
        "<retracted xmlns='urn:xmpp:message-retract:1' stamp='2001-01-01T00:00:00Z'/>".to_owned(),
    ];
    for (at, claim) in claims.iter().enumerate() {
        for copies in [1, 2, 10] {
            let all = claim.repeat(copies);
            let body = format!("text {at} {copies}");
            alice
                .write(
                    format!("<message to='bob@localhost' type='chat'>{all}<body>{body}</body>{all}</message>")
                        .as_bytes(),
                )
                .await?;
            bob.raw.clear();
            let heard = message(&mut bob).await?;
            let raw = String::from_utf8(bob.raw.clone())?;
            ensure!(heard.find(ns::CLIENT, "body").is_some_and(|told| told.own_text() == body), "{claim}: {raw}");
            ensure!(!raw.contains("forged") && !raw.contains("2001"), "{claim}: {raw}");
            let ids = heard.elements().filter(|inner| inner.is(ns::STANZA_ID, "stanza-id"));
            let by: Vec<_> = ids.map(|id| id.get("by")).collect();
            ensure!(by == [Some("bob@localhost")], "{claim}: one id, the server's: {raw}");
            for gone in [ns::OCCUPANT, ns::CARBONS, ns::ARCHIVE, ns::FORWARD, ns::DELAY, "urn:belfry:stanza:0"] {
                ensure!(!heard.elements().any(|inner| inner.ns == gone), "{claim}: {raw}");
            }
            let ours = heard.elements().all(|inner| !inner.ns.starts_with("urn:xmpp:mam") && inner.name != "error");
            ensure!(ours, "{claim}: {raw}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_somebody_sends_is_no_message_and_answers_are_nobodys() -> Result<()> {
    let server = server(&["alice", "bob"])?;
    let (mut alice, mut bob) =
        (there(&server, Way::Tcp, "alice", "desk").await?, there(&server, Way::Tcp, "bob", "phone").await?);
    // A client that bounces what it was sent, and one that forges answers of the server.
    let error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    for stanza in [
        format!("<message type='error' to='bob@localhost'><body>bounced</body>{error}</message>"),
        "<iq type='result' id='r1' to='bob@localhost'/>".to_owned(),
        "<iq type='result' id='r2' to='bob@localhost/phone'><query xmlns='jabber:iq:roster'/></iq>".to_owned(),
        format!("<iq type='error' id='r3' to='bob@localhost/phone'>{error}</iq>"),
        "<iq type='set' id='r4' to='bob@localhost'><query xmlns='jabber:iq:roster'><item jid='e@localhost'/></query></iq>"
            .to_owned(),
    ] {
        alice.write(stanza.as_bytes()).await?;
    }
    alice.write(b"<message to='bob@localhost' type='chat'><body>true</body></message>").await?;
    let heard = message(&mut bob).await?;
    let body = heard.find(ns::CLIENT, "body").map(belfry_xmpp::xml::Element::own_text);
    ensure!(body.as_deref() == Some("true"), "{}", heard.to_text());
    let raw = String::from_utf8(bob.raw.clone())?;
    ensure!(!raw.contains("bounced"), "{raw}");
    // A roster is changed by its owner alone.
    bob.write(b"<iq type='get' id='own'><query xmlns='jabber:iq:roster'/></iq>").await?;
    let roster = crate::people::answer(&mut bob, "own").await?;
    ensure!(!roster.to_text().contains("e@localhost"), "{}", roster.to_text());
    Ok(())
}
