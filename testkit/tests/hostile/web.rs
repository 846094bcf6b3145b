//! What attackers try over WebSocket and BOSH: frames that are none, bodies that are none, pages of other origins.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use belfry_testkit::xmpp::{Way, base64};
use belfry_testkit::{Server, http};
use belfry_xmpp::ns;
use belfry_xmpp::web::{BOSH_PATH, SOCKET_PATH};
use belfry_xmpp::xml::Element;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::people::{PASSWORD, memory_kib, message, server, there};

const PATIENCE: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<TcpStream>;

/// A WebSocket with these headers; else the status that refuses it.
async fn socket(server: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Result<Socket, u16>> {
    let mut request = format!("ws://{server}{SOCKET_PATH}").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse()?);
    }
    let answer = tokio_tungstenite::client_async(request, TcpStream::connect(server).await?).await;
    Ok(match answer {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(refusal)) => Err(refusal.status().as_u16()),
        Err(error) => return Err(error.into()),
    })
}

async fn opened(server: SocketAddr) -> Result<Socket> {
    let socket = socket(server, &[("sec-websocket-protocol", "xmpp")]).await?;
    let mut socket = socket.map_err(|status| anyhow::anyhow!("refused: {status}"))?;
    socket.send(Message::text(format!("<open xmlns='{}' to='localhost' version='1.0'/>", ns::FRAMING))).await?;
    for begins in ["<open ", "<stream:features "] {
        let said = tokio::time::timeout(PATIENCE, socket.next()).await?.context("the server speaks")??;
        ensure!(said.to_text()?.starts_with(begins), "{said}");
    }
    Ok(socket)
}

/// The condition with which the stream ends, if one is told.
async fn end(socket: &mut Socket) -> Result<Option<String>> {
    let mut condition = None;
    while let Some(Ok(said)) = tokio::time::timeout(PATIENCE, socket.next()).await.context("it goes on")? {
        let Ok(text) = said.to_text() else { continue };
        let element = Element::parse(text.as_bytes());
        if let Some(error) = element.filter(|element| element.is(ns::STREAM, "error")) {
            condition = error.elements().next().map(|element| element.name.to_string());
        }
    }
    Ok(condition)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_websocket_is_one_element_and_everything_else_ends_the_stream() -> Result<()> {
    let server = server(&["eve"])?;
    let presence = "<presence xmlns='jabber:client'/>";
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost'>";
    for (name, text, expected) in [
        ("two elements", presence.repeat(2), "not-well-formed"),
        ("half of one", "<presence xmlns='jabber:client'>".to_owned(), "not-well-formed"),
        ("the end of one", "</presence>".to_owned(), "not-well-formed"),
        ("text", "hello".to_owned(), "not-well-formed"),
        ("an element and text", format!("{presence}hello"), "not-well-formed"),
        ("the beginning of another kind of stream", header.to_owned(), "not-well-formed"),
        ("without its namespace", "<presence/>".to_owned(), "unsupported-stanza-type"),
        ("a prefix that the other kind of stream declares", "<stream:error/>".to_owned(), "bad-namespace-prefix"),
        ("entities", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>".to_owned(), "restricted-xml"),
        ("a comment", "<presence xmlns='jabber:client'><!-- x --></presence>".to_owned(), "restricted-xml"),
        ("depth", "<a xmlns='u'>".repeat(200), "policy-violation"),
        ("a little too much", format!("<a xmlns='u'>{}</a>", "b".repeat(10_000)), "policy-violation"),
    ] {
        let mut socket = opened(server.address).await?;
        socket.send(Message::text(text)).await?;
        let condition = end(&mut socket).await?;
        ensure!(condition.as_deref() == Some(expected), "{name}: {condition:?}");
    }
    let mut socket = opened(server.address).await?;
    socket.send(Message::Binary(Bytes::from_static(b"<presence xmlns='jabber:client'/>"))).await?;
    ensure!(end(&mut socket).await?.as_deref() == Some("not-well-formed"), "a binary message");
    // What is nothing is nothing.
    let mut socket = opened(server.address).await?;
    socket.send(Message::text(" \n")).await?;
    socket.send(Message::text(format!("<close xmlns='{}'/>", ns::FRAMING))).await?;
    ensure!(end(&mut socket).await?.is_none());
    there(&server, Way::WebSocket, "eve", "after").await.context("the server is well")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_that_sends_without_end_is_cut_off_before_the_login_at_little_cost() -> Result<()> {
    let server = server(&["eve"])?;
    drop(there(&server, Way::WebSocket, "eve", "warm").await?);
    let (_, before) = memory_kib(&server)?;
    let mut sockets = Vec::new();
    for _ in 0..50 {
        let mut socket = opened(server.address).await?;
        // One large message; its end never comes where the server cuts it off.
        let _sent_or_cut = socket.send(Message::text("<a>".repeat(80_000))).await;
        sockets.push(socket);
    }
    for socket in &mut sockets {
        end(socket).await?;
    }
    let (_, after) = memory_kib(&server)?;
    ensure!(after < before + 16 * 1024, "{before} KiB have become {after} KiB");
    let mut socket = opened(server.address).await?;
    for _ in 0..1_000 {
        if socket.send(Message::Ping(Bytes::new())).await.is_err() {
            break;
        }
    }
    end(&mut socket).await.context("pings without measure end it")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_gets_nothing_unless_the_operator_has_named_it() -> Result<()> {
    let server = Server::start("[xmpp]\nlisten = []\norigins = [\"https://friend.example\"]\n")?;
    let own = format!("http://{}", server.address);
    let body = format!("<body xmlns='{}' rid='1'/>", ns::HTTP_BIND);
    for (origin, lets) in [
        (Some("https://evil.example"), false),
        (Some("null"), false),
        (Some("http://friend.example"), false),
        (Some("https://friend.example.evil.example"), false),
        (Some("https://friend.example"), true),
        (Some(own.as_str()), true),
        (None, true),
    ] {
        let mut headers = vec![("sec-websocket-protocol", "xmpp")];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let upgraded = socket(server.address, &headers).await?;
        ensure!(upgraded.is_ok() == lets, "{origin:?}: {:?}", upgraded.err());
        let mut headers = vec![("Content-Type", "text/xml")];
        headers.extend(origin.map(|origin| ("Origin", origin)));
        let (status, _) = http::request(server.address, "POST", BOSH_PATH, &headers, body.as_bytes()).await?;
        ensure!((status == 200) == lets, "{origin:?}: {status}");
    }
    let refused = socket(server.address, &[]).await?;
    ensure!(matches!(refused, Err(400)), "a WebSocket that does not say that it speaks XMPP");
    let elsewhere = [("Host", "evil.example")];
    let (status, _) = http::request(server.address, "GET", "/.well-known/host-meta", &elsewhere, &[]).await?;
    ensure!(status == 400 || status == 421, "a name that was pointed here: {status}");
    Ok(())
}

async fn post(server: SocketAddr, body: &str) -> Result<Element> {
    let (status, answer) = http::request(server, "POST", BOSH_PATH, &[], body.as_bytes()).await?;
    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&answer));
    Element::parse(&answer).context("a body")
}

fn body(attributes: &str, inside: &str) -> String {
    format!("<body xmlns='{}' xmlns:xmpp='{}' {attributes}>{inside}</body>", ns::HTTP_BIND, ns::XBOSH)
}

/// A session, and its name.
async fn begin(server: SocketAddr) -> Result<String> {
    let begin = body("rid='100' to='localhost' wait='1' hold='1' xmpp:version='1.0'", "");
    let first = post(server, &begin).await?;
    ensure!(first.find(ns::STREAM, "features").is_some(), "{}", first.to_text());
    Ok(first.get("sid").context("a name")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_none_or_comes_out_of_turn_is_refused_and_harms_no_session() -> Result<()> {
    let server = server(&["eve"])?;
    let condition = |body: Element| body.get("condition").unwrap_or("-").to_owned();
    for (name, text) in [
        ("nothing", String::new()),
        ("no XML", "hello".to_owned()),
        ("another element", "<message xmlns='jabber:client'/>".to_owned()),
        ("another namespace", "<body xmlns='jabber:client' rid='1'/>".to_owned()),
        ("no number", body("to='localhost'", "")),
        ("a number that is none", body("rid='-1'", "")),
        ("a number that is too high", body("rid='99999999999999999999'", "")),
        ("entities", format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{}", body("rid='1'", "&a;"))),
        ("not whole", body("rid='1'", "").replace("</body>", "")),
    ] {
        let answer = condition(post(server.address, &text).await?);
        ensure!(answer == "bad-request", "{name}: {answer}");
    }
    let unknown = post(server.address, &body("rid='5' sid='guessed'", "")).await?;
    ensure!(condition(unknown) == "item-not-found");

    let sid = begin(server.address).await?;
    for rid in [0, 50, 104, 1_u64 << 53] {
        let answer = condition(post(server.address, &body(&format!("rid='{rid}' sid='{sid}'"), "")).await?);
        ensure!(answer == "item-not-found", "{rid}: {answer}");
    }
    let (status, _) = http::request(server.address, "POST", BOSH_PATH, &[], &vec![b' '; 400_000]).await?;
    ensure!(status == 413, "{status}");
    // The session is as it was.
    let said = base64(format!("\0eve\0{PASSWORD}").as_bytes());
    let auth = format!("<auth xmlns='{}' mechanism='PLAIN'>{said}</auth>", ns::SASL);
    let answer = post(server.address, &body(&format!("rid='101' sid='{sid}'"), &auth)).await?;
    ensure!(answer.find(ns::SASL, "success").is_some(), "{}", answer.to_text());
    let again = post(server.address, &body(&format!("rid='101' sid='{sid}'"), &auth)).await?;
    ensure!(again == answer, "the same request has the same answer: {}", again.to_text());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_sends_in_a_body_is_as_little_as_on_any_stream() -> Result<()> {
    let server = server(&["eve", "bob"])?;
    for (name, inside, expected) in [
        ("too much", format!("<a xmlns='u'>{}</a>", "b".repeat(20_000)), "policy-violation"),
        ("a stanza", "<message xmlns='jabber:client' to='bob@localhost'/>".to_owned(), "not-authorized"),
        ("STARTTLS", format!("<starttls xmlns='{}'/>", ns::TLS), "-"),
        ("something else", "<a xmlns='u'/>".to_owned(), "unsupported-stanza-type"),
    ] {
        let sid = begin(server.address).await?;
        let answer = post(server.address, &body(&format!("rid='101' sid='{sid}'"), &inside)).await?;
        ensure!(answer.get("type") == Some("terminate"), "{name}: {}", answer.to_text());
        let error = answer.find(ns::STREAM, "error").and_then(|error| error.elements().next());
        ensure!(error.map_or("-", |error| &*error.name) == expected, "{name}: {}", answer.to_text());
        let after = post(server.address, &body(&format!("rid='102' sid='{sid}'"), "")).await?;
        ensure!(after.get("condition") == Some("item-not-found"), "{name}: it is over");
    }
    let mut bob = there(&server, Way::Bosh, "bob", "phone").await?;
    let mut eve = there(&server, Way::Bosh, "eve", "desk").await?;
    eve.write(b"<message type='chat' to='bob@localhost'><body>&lt;body/&gt;</body></message>").await?;
    let body = message(&mut bob).await?.find(ns::CLIENT, "body").map(Element::own_text);
    ensure!(body.as_deref() == Some("<body/>"));
    Ok(())
}
