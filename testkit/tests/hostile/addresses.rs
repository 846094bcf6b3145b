//! Addresses that are none, nearly none, or somebody else's in disguise.

use anyhow::{Result, ensure};
use belfry_testkit::xmpp::Way;
use belfry_xmpp::ns;

use crate::people::{answer, server, there};

/// What is no address, whatever it is said in.
fn malformed() -> Vec<String> {
    let long = "a".repeat(1_024);
    let mut all: Vec<String> = [
        "@",
        "@localhost",
        "a@",
        "a@@localhost",
        "a@localhost@localhost",
        "a@localhost/",
        "/",
        "/r",
        "@/",
        "a@/r",
        "a b@localhost",
        "a\"b@localhost",
        "a&amp;b@localhost",
        "a&apos;b@localhost",
        "a&lt;b@localhost",
        "a&gt;b@localhost",
        "a:b@localhost",
        "a@local host",
        "a@local_host",
        "a@-localhost",
        "a@localhost-",
        "a@local..host",
        "a@.localhost",
        "a@[::1",
        "a@xn--\u{FC}",
        "\u{200B}@localhost",
        "a\u{200D}@localhost",
        "a\u{AD}@localhost",
        "a\u{202E}b@localhost",
        "\u{2028}@localhost",
        "a\u{FEFF}@localhost",
        "a\u{7F}@localhost",
        "a\u{80}@localhost",
        "\u{F900}\u{E000}@localhost",
        "\u{1F44D}@localhost",
        "a@localhost/\u{7F}",
        "a@localhost/\u{80}",
        "a@localhost/a&#xA;b",
        "a@localhost/a&#x9;b",
        "a@\u{2FF0}host",
        "♥@localhost",
        "henry\u{2163}@localhost",
        "a@a%b",
        "a@*",
        "a@\u{3002}localhost",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend([
        format!("{long}@localhost"),
        format!("a@{long}"),
        format!("a@localhost/{long}"),
        format!("{}@localhost", "é".repeat(512)),
        format!("a@localhost/{}", "é".repeat(512)),
        format!("a@{}.localhost", "a".repeat(64)),
        format!("a@{}", "a.".repeat(200)),
        "a".repeat(8_000),
    ]);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_is_refused_in_every_stanza_and_ends_no_stream() -> Result<()> {
    let server = server(&["alice", "bob"])?;
    let mut alice = there(&server, Way::Tcp, "alice", "desk").await?;
    let mut number = 0;
    for address in malformed() {
        let stanzas = [
            format!("<message to='{address}' type='chat' id='ID'><body>x</body></message>"),
            format!("<iq to='{address}' type='get' id='ID'><ping xmlns='urn:xmpp:ping'/></iq>"),
            format!("<presence to='{address}' type='subscribe' id='ID'/>"),
            format!("<iq type='set' id='ID'><query xmlns='jabber:iq:roster'><item jid='{address}'/></query></iq>"),
            format!("<iq type='set' id='ID'><block xmlns='urn:xmpp:blocking'><item jid='{address}'/></block></iq>"),
        ];
        for stanza in stanzas {
            number += 1;
            let id = format!("j{number}");
            alice.write(stanza.replace("ID", &id).as_bytes()).await?;
            let refused = answer(&mut alice, &id).await?;
            let error = refused.find(ns::CLIENT, "error");
            // A server's name that is well formed and not ours is no malformed address.
            let why = error.and_then(|error| error.elements().next()).map(|why| why.name.to_string());
            let fine = matches!(why.as_deref(), Some("jid-malformed"));
            ensure!(fine, "{address:?} in {stanza}: {}", refused.to_text());
        }
    }
    println!("{number} stanzas with an address that is none");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_another_spelling_is_the_same_account_and_a_look_alike_is_another() -> Result<()> {
    let server = server(&["alice", "bob"])?;
    let (mut alice, mut bob) =
        (there(&server, Way::Tcp, "alice", "desk").await?, there(&server, Way::Tcp, "bob", "phone").await?);
    let long = format!("bob@localhost/{}", "r".repeat(1_023));
    for (at, to) in ["bob@localhost", "BOB@localhost", "bob@LOCALHOST", "Ｂob@localhost", "bob@localhost/phone", &long]
        .into_iter()
        .enumerate()
    {
        alice.write(format!("<message to='{to}' type='chat'><body>text {at}</body></message>").as_bytes()).await?;
        let heard = crate::people::message(&mut bob).await?;
        let body = heard.find(ns::CLIENT, "body").map(belfry_xmpp::xml::Element::own_text);
        ensure!(body == Some(format!("text {at}")), "{to}: {}", heard.to_text());
        ensure!(heard.get("to").is_some_and(|to| to.starts_with("bob@localhost")), "{to}: {}", heard.to_text());
    }
    // The root's dot is no other name. RFC 7622 §3.2.
    alice.write(b"<message to='bob@localhost.' type='chat'><body>dotted</body></message>").await?;
    let dotted = crate::people::message(&mut bob).await?;
    ensure!(dotted.get("to") == Some("bob@localhost"), "{}", dotted.to_text());
    for to in ["b\u{43E}b@localhost", "bob@localhost.localdomain", "bobb@localhost"] {
        alice.write(format!("<message to='{to}' type='chat' id='look'><body>x</body></message>").as_bytes()).await?;
        let refused = answer(&mut alice, "look").await?;
        ensure!(refused.get("type") == Some("error"), "{to}: {}", refused.to_text());
    }
    Ok(())
}
