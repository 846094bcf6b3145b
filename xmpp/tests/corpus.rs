//! Replays the fuzzer's corpus of XML on stable, and keeps its seeds: `BELFRY_BLESS=1 cargo test -p belfry-xmpp --test
//! corpus`.

#[path = "../../fuzz/xml.rs"]
mod target;

use std::fs;
use std::path::{Path, PathBuf};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/xml")
}

#[test]
fn xml_of_the_corpus_is_read_the_same_in_all_chunks_and_written_as_it_was_read() {
    let mut replayed = 0;
    for file in fs::read_dir(corpus()).expect("the corpus is committed") {
        let path = file.expect("readable").path();
        println!("{}", path.display()); // shown where it fails
        target::xml(&fs::read(&path).expect("readable"));
        replayed += 1;
    }
    assert!(replayed >= 40, "the corpus has {replayed} files");
}

/// Inputs that fill a limit, and texts of all kinds.
fn seeds() -> Vec<(&'static str, String)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("message", text("<message to='bob@localhost' type='chat'><body>hello &lt;b&gt; &#x1F44D;</body></message>")),
        ("iq", text("<iq type='get' id='1'><query xmlns='jabber:iq:roster' ver=''/></iq>")),
        ("presence", text("<presence><show>away</show><priority>-1</priority></presence> \n<presence/>")),
        ("cdata", text("<message><body>a<![CDATA[<b>&amp;]]]]><![CDATA[>]]>c</body></message>")),
        ("close", text("<presence/></stream:stream>")),
        ("prefixes", text("<a:x xmlns:a='urn:a'><a:y a:z='1' z='2'/><w xmlns='urn:a' a:v=''/></a:x>")),
        ("shadowed", text("<a xmlns:p='urn:1'><p:b xmlns:p='urn:2'><p:c/></p:b><p:d/></a>")),
        ("no-namespace", text("<a><b xmlns=''><c/></b></a>")),
        ("many-of-one-namespace", {
            let attributes: String = (0..40).map(|n| format!(" p:a{n}=''")).collect();
            format!("<a xmlns:p='urn:p'{attributes}/>")
        }),
        ("prefixed-all-the-way-down", {
            let declared: String = (0..16).map(|n| format!(" xmlns:p{n}='urn:{n}'")).collect();
            let used: String = (0..16).map(|n| format!(" p{n}:x=''")).collect();
            format!("<a{declared}>{}{}</a>", format!("<b{used}>").repeat(20), "</b>".repeat(20))
        }),
        ("of-xml-itself", text("<message><xml:foo xml:lang='de'/></message>")),
        ("named-like-xml", text("<a xmlns:b='http://www.w3.org/XML/1998/namespace' b:lang='de'/>")),
        ("default-is-xml", text("<a xmlns='http://www.w3.org/XML/1998/namespace'/>")),
        ("default-is-xmlns", text("<a xmlns='http://www.w3.org/2000/xmlns/'/>")),
        ("xmlns-declared", text("<a xmlns:xmlns='urn:a' xmlns:b='urn:b'/>")),
        ("xml-declared", text("<a xmlns:xml='urn:a' xml:b='c'/>")),
        ("prefix-of-nothing", text("<a xmlns:b='' b:c='1'/>")),
        ("same-twice", text("<a b='1' b='2'/>")),
        ("same-by-two-prefixes", text("<a xmlns:x='urn:a' xmlns:y='urn:a' x:b='1' y:b='2'/>")),
        ("undeclared", text("<a:b/>")),
        ("line-ends", text("<a b='\r\n\t'>\r\n&#xD;\r&#xA;&#x9;</a>")),
        ("entities", text("<a b='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>")),
        ("own-entity", text("<a>&own;</a>")),
        ("surrogate", text("<a>&#xD800;</a>")),
        ("nul", text("<a>&#0;\0</a>")),
        ("too-large-a-character", text("<a>&#x110000;</a>")),
        ("not-a-character", text("<a>&#xFFFE;</a>")),
        ("comment", text("<a><!-- b --></a>")),
        ("instruction", text("<a><?b c?></a>")),
        ("dtd", text("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")),
        ("end-of-cdata-in-text", text("<a>]]></a>")),
        ("text-between", text("<a/>text<b/>")),
        ("another-end", text("<a></b>")),
        ("deep", "<a>".repeat(33)),
        ("just-deep-enough", "<a>".repeat(32) + &"</a>".repeat(32)),
        ("wide", format!("<a>{}</a>", "<b/>".repeat(1_500))),
        ("long-name", format!("<{}/>", "n".repeat(257))),
        ("long-value", format!("<a b='{}'/>", "v".repeat(9_000))),
        ("long-text", format!("<a>{}</a>", "é".repeat(4_000))),
        ("letters-of-later-editions", text("<a><\u{37D}\u{10000}/></a>")),
        ("second-stream", text("<stream:stream to='localhost'/>")),
        ("escaped-to-the-limit", format!("<a b='{}'/>", "&#xA;".repeat(1_500))),
    ]
}

#[test]
fn the_committed_seeds_are_what_they_are_made_from() {
    let mut seeds: Vec<(String, Vec<u8>)> = Vec::new();
    for (at, (name, text)) in self::seeds().into_iter().enumerate() {
        // Both limits, and chunks of several lengths.
        let first = (at as u8) << 2 | (at as u8 & 1);
        seeds.push((name.to_owned(), [&[first], text.as_bytes()].concat()));
    }
    let open = "<?xml version='1.0' encoding='utf-8'?><stream:stream xmlns='jabber:client' \
                xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0' xml:lang='en'>";
    for (name, bytes) in [
        ("beginning", open.as_bytes()),
        ("of-a-server", b"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>"),
        ("web-page", b"<html/>"),
        ("bad-utf8", b"<a>\xC3\x28\xED\xA0\x80\xF5\x80\x80\x80</a>"),
        ("overlong", b"<a>\xC0\xBC\xE0\x80\xBC</a>"),
        ("wide-characters", b"\xFF\xFE<\0a\0/\0>\0"),
        ("nothing", b""),
    ] {
        seeds.push((name.to_owned(), [&[0x0A], bytes].concat()));
    }
    for (name, bytes) in seeds {
        let path = corpus().join(&name);
        if std::env::var_os("BELFRY_BLESS").is_some() {
            fs::create_dir_all(corpus()).expect("can be made");
            fs::write(&path, &bytes).expect("can be written");
        }
        assert_eq!(fs::read(&path).unwrap_or_default(), bytes, "{}: run with BELFRY_BLESS=1", path.display());
    }
}
