//! Bytes that one parser reads like this and another like that: what the receiver is sent is compared byte by byte.

use anyhow::{Context, Result, ensure};
use belfry_testkit::xmpp::Way;

use crate::people::{message, server, there};

/// Bytes that are no UTF-8. The last ones swallow what follows in a careless decoder.
const NO_UTF8: &[(&str, &[u8])] = &[
    ("a lone continuation", b"\x80"),
    ("two of them", b"\xBF\xBF"),
    ("overlong <", b"\xC0\xBC"),
    ("overlong < of three", b"\xE0\x80\xBC"),
    ("overlong < of four", b"\xF0\x80\x80\xBC"),
    ("overlong NUL", b"\xC0\x80"),
    ("overlong /", b"\xC0\xAF"),
    ("a high surrogate", b"\xED\xA0\x80"),
    ("a low surrogate", b"\xED\xBF\xBF"),
    ("a pair of surrogates", b"\xED\xA0\xBD\xED\xB1\x8D"),
    ("above the last character", b"\xF4\x90\x80\x80"),
    ("five bytes", b"\xF8\x88\x80\x80\x80"),
    ("six bytes", b"\xFC\x84\x80\x80\x80\x80"),
    ("FE", b"\xFE"),
    ("FF", b"\xFF"),
    ("two bytes cut short", b"\xC3"),
    ("three bytes cut short", b"\xE2\x98"),
    ("three bytes cut shorter", b"\xEB"),
    ("four bytes cut short", b"\xF0\x9F\x91"),
    ("Latin-1", b"caf\xE9 au"),
];

/// Characters that XML does not have, however they are said.
const NO_CHARACTERS: &[&str] = &[
    "\0",
    "\u{1}",
    "\u{8}",
    "\u{B}",
    "\u{C}",
    "\u{E}",
    "\u{1F}",
    "\u{FFFE}",
    "\u{FFFF}",
    "&#0;",
    "&#x0;",
    "&#1;",
    "&#8;",
    "&#xB;",
    "&#x1F;",
    "&#xD800;",
    "&#xDFFF;",
    "&#xD83D;&#xDC4D;",
    "&#xFFFE;",
    "&#xFFFF;",
    "&#x110000;",
    "&#xFFFFFFFF;",
    "&#x100000041;",
    "&#-1;",
    "&#;",
    "&#x;",
    "&;",
    "& ",
    "&#65",
    "&#x41",
    "&amp",
    "&nbsp;",
    "&AMP;",
];

/// Markup that ends or begins something where it must not.
const BROKEN: &[&str] = &[
    "</message><message from='bob@localhost'>",
    "<",
    "<<b/>",
    "]]>",
    "<b",
    "<b/ >",
    "< b/>",
    "</b>",
    "<b></c>",
    "<b></b/>",
    "<b c></b>",
    "<b c=d/>",
    "<b c='<'/>",
    "<b c=\"'/>",
    "<b c='1' c='2'/>",
    "<b c='1'd='2'/>",
    "<:b/>",
    "<b:/>",
    "<b:c:d/>",
    "<1/>",
    "<-b/>",
    "<xmlns:b/>",
    "<xml:b/>",
    "<b xmlns:xmlns='urn:x'/>",
    "<b xmlns:xml='urn:x'/>",
    "<b xmlns:x='http://www.w3.org/XML/1998/namespace'/>",
    "<b xmlns='http://www.w3.org/XML/1998/namespace'/>",
    "<b xmlns='http://www.w3.org/2000/xmlns/'/>",
    "<b xmlns:x='' x:c='1'/>",
    "<b xmlns:x='urn:1' xmlns:x='urn:2'/>",
    "<b xmlns:x='urn:1' xmlns:y='urn:1' x:c='1' y:c='2'/>",
    "<undeclared:b/>",
    "<b undeclared:c=''/>",
    "<![cdata[x]]>",
    "<![CDATA [x]]>",
    "<!b>",
    "<?xml version='1.0'?>",
    "<stream:stream>",
    "<stream:error/></stream:stream>",
    "<\u{10000}/>",
    "<b \u{37D}=''/>",
    "<b\u{B}c=''/>",
];

/// What is a text like any other, and what of it the receiver's client must be sent.
const HARMLESS: &[(&str, &str)] = &[
    ("&lt;/body&gt;&lt;/message&gt;", "&lt;/body&gt;&lt;/message&gt;"),
    ("<![CDATA[</body></message>]]>", "&lt;/body&gt;&lt;/message&gt;"),
    ("<![CDATA[<!-- x -->]]>", "&lt;!-- x --&gt;"),
    ("<![CDATA[&amp;]]>", "&amp;amp;"),
    ("<![CDATA[]]]]><![CDATA[>]]>", "]]&gt;"),
    ("&amp;lt;", "&amp;lt;"),
    ("&#60;b&#62;", "&lt;b&gt;"),
    ("&#x3C;b&#x3E;", "&lt;b&gt;"),
    ("&#38;#60;", "&amp;#60;"),
    ("a\r\nb\rc", "a\nb\nc"),
    ("a&#13;b", "a&#xD;b"),
    ("'\"", "&apos;&quot;"),
    ("\u{7F}\u{85}\u{9F}", "\u{7F}\u{85}\u{9F}"),
    ("\u{2028}\u{FEFF}x", "\u{2028}\u{FEFF}x"),
    ("\u{1FFFE}\u{10FFFF}", "\u{1FFFE}\u{10FFFF}"),
    ("&#x1F44D;", "👍"),
];

/// Where a case stands in a message.
fn places(case: &[u8]) -> [Vec<u8>; 4] {
    let around = |before: &str, after: &str| [before.as_bytes(), case, after.as_bytes()].concat();
    [
        around("<message to='bob@localhost' type='chat' id='x'><body>", "</body></message>"),
        around("<message to='bob@localhost' type='chat' id='x", "'><body>x</body></message>"),
        around("<message to='bob@localhost' type='chat'><body>x</body><x xmlns='urn:x", "'/></message>"),
        around("<message to='bob@localhost' type='chat'><body>x</body><x", " xmlns='urn:x'/></message>"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_smuggled_past_the_reader_and_the_receiver_gets_the_bytes_of_the_tree() -> Result<()> {
    let server = server(&["alice", "bob"])?;
    let mut bob = there(&server, Way::Tcp, "bob", "phone").await?;
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, bytes) in NO_UTF8 {
        for (at, stanza) in places(bytes).into_iter().enumerate() {
            cases.push((format!("{name} at {at}"), stanza));
        }
    }
    for text in NO_CHARACTERS {
        for stanza in &places(text.as_bytes())[..2] {
            cases.push((format!("{text:?}"), stanza.clone()));
        }
    }
    for text in BROKEN {
        cases.push((text.to_string(), places(text.as_bytes())[0].clone()));
    }
    println!("{} cases that end the stream", cases.len());
    ensure!(cases.len() >= 100, "only {} cases", cases.len());
    for (at, (name, stanza)) in cases.iter().enumerate() {
        let mut alice = there(&server, Way::BYTES[at % 3], "alice", "desk").await?;
        alice.write(stanza).await?;
        // Where the rest would only be waited for, the next stanza shows what was made of it.
        alice.write(b"<message to='bob@localhost' type='chat'><body>and on</body></message></stream:stream>").await?;
        let end = alice.end().await?;
        ensure!(end.is_some(), "{name} was taken: {}", String::from_utf8_lossy(stanza));
    }
    let mut alice = there(&server, Way::Tcp, "alice", "desk").await?;
    for (text, wanted) in HARMLESS {
        alice.write(&places(text.as_bytes())[0]).await?;
        bob.raw.clear();
        let heard = message(&mut bob).await.with_context(|| format!("{text:?}"))?;
        let raw = String::from_utf8(bob.raw.clone())?;
        ensure!(raw.contains(&format!("<body>{wanted}</body>")), "{text:?} has become {raw}");
        ensure!(raw.matches("<message").count() == 1 && raw.matches("</message>").count() == 1, "{raw}");
        ensure!(heard.get("from") == Some("alice@localhost/desk"), "{raw}");
    }
    Ok(())
}

/// Separators with which parsers join a namespace and a name (CVE-2022-25236), and other doubtful namespaces.
const NAMESPACES: &[&str] = &[
    "urn:x|jabber:client",
    "jabber:client ",
    " jabber:client",
    "jabber:client}body",
    "{jabber:client}",
    "jabber:client#",
    "JABBER:CLIENT",
    "jabber:client&#x9;",
    "jabber:client&#xA;",
    "jabber:cli\u{AD}ent",
    "jаbber:client",
    "",
    "urn:xmpp:sid:0 ",
    "urn:xmpp:sid:00",
    "urn:xmpp:carbons:2&#xD;",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_resembles_another_is_never_taken_for_it() -> Result<()> {
    let server = server(&["alice", "bob"])?;
    let (mut alice, mut bob) =
        (there(&server, Way::Tcp, "alice", "desk").await?, there(&server, Way::Tls, "bob", "phone").await?);
    for (at, space) in NAMESPACES.iter().enumerate() {
        let inner = format!("<b:body xmlns:b='{space}'>forged</b:body>");
        let inner = if space.is_empty() { "<body xmlns=''>forged</body>".to_owned() } else { inner };
        let stanza =
            format!("<message to='bob@localhost' type='chat' id='n{at}'>{inner}<body>true {at}</body></message>");
        alice.write(stanza.as_bytes()).await?;
        bob.raw.clear();
        let heard = message(&mut bob).await.with_context(|| format!("{space:?}"))?;
        let bodies: Vec<String> = heard
            .elements()
            .filter(|inner| inner.is(belfry_xmpp::ns::CLIENT, "body"))
            .map(belfry_xmpp::xml::Element::own_text)
            .collect();
        ensure!(bodies == [format!("true {at}")], "{space:?}: {}", String::from_utf8_lossy(&bob.raw));
        // What was handed on has its namespace spelled out on it, as it was.
        let raw = String::from_utf8(bob.raw.clone())?;
        let passed = raw.find("forged").map(|at| &raw[..at]).unwrap_or_default();
        ensure!(!passed.ends_with("<body>"), "{space:?}: {raw}");
    }
    Ok(())
}
