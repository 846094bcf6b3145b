//! XML that is to exhaust a server: entities, depth, width, and stanzas without an end.

use anyhow::{Context, Result, ensure};
use belfry_testkit::Server;
use belfry_testkit::xmpp::{Stream, Way};

use crate::people::{cpu_ms, memory_kib, server, there};

/// A stanza without an end may be sent for so long.
const ENDLESS_BYTES: usize = 1 << 30;

const PIECE_BYTES: usize = 64 * 1024;

/// Where in the stream something hostile comes.
#[derive(Clone, Copy, Debug)]
enum When {
    /// In place of the stream's beginning.
    First,
    /// Before the login.
    Stranger,
    /// After it.
    Member,
}

async fn stream(server: &Server, way: Way, when: When) -> Result<Stream> {
    Ok(match when {
        When::First => Stream::dial(server, way).await?,
        When::Stranger => {
            let mut stream = Stream::dial(server, way).await?;
            stream.open().await?;
            stream
        }
        When::Member => there(server, way, "eve", "bomb").await?,
    })
}

/// Sends it; the condition with which the stream ends.
async fn fate(server: &Server, way: Way, when: When, bytes: &[u8]) -> Result<Option<String>> {
    let mut stream = stream(server, way, when).await?;
    // The server may end the connection before it has all.
    let _sent_or_cut = stream.write(bytes).await;
    stream.end().await
}

/// A dozen, each with the conditions that may end it.
fn bombs() -> Vec<(&'static str, String)> {
    let laughs: String = (1..10).map(|n| format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10))).collect();
    let long = "a".repeat(4_000);
    vec![
        ("laughs", format!("<!DOCTYPE x [<!ENTITY l0 'lol'>{laughs}]><x>&l9;</x>")),
        ("laughs behind a declaration", format!("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY l0 'lol'>{laughs}]>")),
        ("quadratic", format!("<!DOCTYPE x [<!ENTITY a '{long}'>]><x>{}</x>", "&a;".repeat(1_000))),
        ("in an attribute", format!("<!DOCTYPE x [<!ENTITY a '{long}'>]><x y='{}'/>", "&a;".repeat(1_000))),
        ("parameter", "<!DOCTYPE x [<!ENTITY % a '%b;%b;'><!ENTITY % b '%a;%a;'>%a;]>".to_owned()),
        ("recursive", "<!DOCTYPE x [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><x>&a;</x>".to_owned()),
        ("a file", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>".to_owned()),
        ("the network", "<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/x.dtd'><x/>".to_owned()),
        ("an entity without a DTD", "<message><body>&lol;</body></message>".to_owned()),
        ("a comment", format!("<message><!-- {long} --></message>")),
        ("an instruction", "<message><?php echo 1 ?></message>".to_owned()),
        ("attribute lists", "<!DOCTYPE x [<!ATTLIST x y CDATA 'z'>]><x/>".to_owned()),
        ("a section that is included", "<![INCLUDE[<message/>]]>".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bomb_goes_off_on_any_transport_before_or_after_the_login() -> Result<()> {
    let server = server(&["eve"])?;
    let (_, before) = memory_kib(&server)?;
    for way in Way::BYTES {
        for when in [When::First, When::Stranger, When::Member] {
            for (name, bomb) in bombs() {
                // A connection that does not begin like XML is none of this door's.
                if matches!((way, when), (Way::Tcp | Way::Tls, When::First)) && !bomb.starts_with("<?xml") {
                    continue;
                }
                let condition = fate(&server, way, when, bomb.as_bytes()).await?;
                let context = format!("{name}, {way:?}, {when:?}: {condition:?}");
                // In place of the stream's beginning there is also a beginning that is none.
                let first = matches!(when, When::First) && condition.as_deref() == Some("invalid-namespace");
                ensure!(first || condition.as_deref() == Some("restricted-xml"), "{context}");
            }
        }
    }
    let (_, after) = memory_kib(&server)?;
    println!("most memory: {before} KiB before the bombs, {after} KiB after them");
    ensure!(after < before + 16 * 1024, "{before} KiB have become {after} KiB");
    there(&server, Way::Tls, "eve", "after").await.context("the server is well")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn depth_and_floods_of_attributes_and_namespaces_end_the_stream_and_cost_little() -> Result<()> {
    let server = server(&["eve"])?;
    let attributes: String = (0..80_000).map(|n| format!(" a{n}=''")).collect();
    let same: String = " a=''".repeat(80_000);
    let declared: String = (0..80_000).map(|n| format!(" xmlns:a{n}='urn:{n}'")).collect();
    let nested: String = (0..30).map(|n| format!("<a xmlns:b{n}='u1' xmlns:c{n}='u2' xmlns:d{n}='u3'>")).collect();
    for (name, flood) in [
        ("depth", "<a>".repeat(100_000)),
        ("depth inside a message", format!("<message>{}", "<body>".repeat(100_000))),
        ("width", format!("<message>{}</message>", "<b/>".repeat(60_000))),
        ("attributes", format!("<message{attributes}/>")),
        ("one attribute again and again", format!("<message{same}/>")),
        ("namespaces", format!("<message{declared}/>")),
        ("namespaces inside each other", nested),
        ("a long name", format!("<{}/>", "n".repeat(200_000))),
        ("a long attribute", format!("<message to='{}'/>", "n".repeat(200_000))),
        ("a long namespace", format!("<message><x xmlns='{}'/></message>", "n".repeat(8_000))),
    ] {
        for way in Way::BYTES {
            let before = cpu_ms(&server)?;
            for when in [When::Stranger, When::Member] {
                let condition = fate(&server, way, when, flood.as_bytes()).await?;
                let allowed = match name {
                    "one attribute again and again" => ["not-well-formed", "policy-violation"],
                    _ => ["policy-violation"; 2],
                };
                ensure!(
                    condition.as_deref().is_some_and(|condition| allowed.contains(&condition)),
                    "{name}, {way:?}, {when:?}: {condition:?}"
                );
            }
            // Logins and handshakes are in it: no bound is asserted, the figure is for whoever looks.
            println!("{name}, {way:?}: {} ms of CPU", cpu_ms(&server)? - before);
        }
    }
    there(&server, Way::Tcp, "eve", "after").await.context("the server is well")?;
    Ok(())
}

/// Beginnings of stanzas, and what goes on for ever in them.
const ENDLESS: &[(&str, &str, &str)] = &[
    ("a name", "<", "n"),
    ("a name of an attribute", "<message ", "n"),
    ("an attribute", "<message to='", "x"),
    ("an attribute of references", "<message to='", "&amp;"),
    ("white space in a tag", "<message ", " "),
    ("a text", "<message><body>", "x"),
    ("a text of references", "<message><body>", "&#x1F44D;"),
    ("a text of letters of three bytes", "<message><body>", "☃"),
    ("CDATA", "<message><body><![CDATA[", "x"),
    ("CDATA that nearly ends", "<message><body><![CDATA[", "]]"),
    ("sections of CDATA", "<message><body>", "<![CDATA[x]]>"),
    ("elements", "<message>", "<x/>"),
    ("the end of a tag", "<message></message", " "),
    ("a reference", "<message><body>&", "x"),
    ("a namespace", "<message xmlns:x='", "x"),
    ("a declaration", "<?xml version='1.0'", " "),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_stanza_without_an_end_is_cut_off_wherever_it_goes_on_and_memory_stays_bounded() -> Result<()> {
    let server = server(&["eve"])?;
    drop(there(&server, Way::Tls, "eve", "warm").await?);
    let (before, _) = memory_kib(&server)?;
    let mut sent_most = 0;
    for way in Way::BYTES {
        for (name, beginning, filling) in ENDLESS {
            for when in [When::Stranger, When::Member] {
                let mut stream = stream(&server, way, when).await?;
                stream.write(beginning.as_bytes()).await?;
                let piece = filling.repeat(PIECE_BYTES / filling.len());
                let mut sent = 0;
                while sent < ENDLESS_BYTES && stream.write(piece.as_bytes()).await.is_ok() {
                    sent += piece.len();
                }
                ensure!(sent < ENDLESS_BYTES, "{name}, {way:?}, {when:?}: the server takes a GiB");
                sent_most = sent_most.max(sent);
                let end = stream.end().await?;
                let expected = ["policy-violation", "not-well-formed", "restricted-xml"];
                let told = end.as_deref().is_none_or(|end| expected.contains(&end));
                ensure!(told, "{name}, {way:?}, {when:?}: {end:?}");
            }
        }
    }
    let (after, most) = memory_kib(&server)?;
    println!("{before} KiB before, {after} KiB after, {most} KiB at most; {sent_most} bytes were taken at most");
    ensure!(most < before + 32 * 1024, "{before} KiB became {most} KiB");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_stanzas_that_are_never_finished_hold_no_more_than_their_limits_together() -> Result<()> {
    const COUNT: usize = 100;
    let server = server(&["eve"])?;
    let mut strangers = Vec::new();
    for _ in 0..COUNT {
        let mut stream = Stream::dial(&server, Way::Tcp).await?;
        stream.open().await?;
        strangers.push(stream);
    }
    let (before, _) = memory_kib(&server)?;
    for stream in &mut strangers {
        // As much as a stranger may hold, in the shape that takes most memory for its bytes.
        stream.write(format!("<message>{}", "<b/>".repeat(2_400)).as_bytes()).await?;
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let (after, _) = memory_kib(&server)?;
    let each = (after.saturating_sub(before)) / COUNT as u64;
    println!("{each} KiB for each of {COUNT} streams that hold 10,000 bytes of the smallest elements");
    ensure!(each < 1_024, "{each} KiB for each stream");
    drop(strangers);
    Ok(())
}
