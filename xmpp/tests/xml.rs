//! What the reader takes and refuses, and that what is written is read back as it was.

use belfry_xmpp::ns;
use belfry_xmpp::xml::{Attribute, Element, Fault, Item, Limits, Node, Reader};
use bytes::BytesMut;
use proptest::prelude::*;

const OPEN: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
     to='localhost' version='1.0'>";

/// Reads all of it in pieces of a length; what came, and the fault that ended it.
fn read_in_pieces(text: &[u8], length: usize, limits: Limits) -> (Vec<Item>, Option<Fault>) {
    let (mut reader, mut items, mut input) = (Reader::new(limits), Vec::new(), BytesMut::new());
    for piece in text.chunks(length) {
        input.extend_from_slice(piece);
        loop {
            match reader.read(&mut input) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(fault) => return (items, Some(fault)),
            }
        }
    }
    (items, None)
}

fn read(text: &str) -> (Vec<Item>, Option<Fault>) {
    read_in_pieces(text.as_bytes(), usize::MAX, Limits::MEMBER)
}

fn fault(stanzas: &str) -> Option<Fault> {
    read(&format!("{OPEN}{stanzas}")).1
}

/// How many bytes of stanzas, in small pieces, were given to the reader when it refused them.
fn refused_after(stanzas: &str) -> usize {
    let (mut reader, mut input) = (Reader::new(Limits::MEMBER), BytesMut::from(OPEN));
    for (nth, piece) in stanzas.as_bytes().chunks(256).enumerate() {
        input.extend_from_slice(piece);
        loop {
            match reader.read(&mut input) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(fault) => {
                    assert!(matches!(fault, Fault::TooMuch(_)), "{fault}");
                    return (nth + 1) * 256;
                }
            }
        }
    }
    panic!("all of it was taken");
}

fn stanza(text: &str) -> Element {
    match read(&format!("{OPEN}{text}")) {
        (items, None) => match items.into_iter().nth(1) {
            Some(Item::Stanza(element)) => element,
            other => panic!("no stanza: {other:?}"),
        },
        (_, Some(fault)) => panic!("refused: {fault}"),
    }
}

#[test]
fn a_stream_is_read_whatever_pieces_it_comes_in() {
    let text = format!(
        "{OPEN} \n<message to='bob@localhost' type='chat'><body>f&lt;ü&#x1F44D;</body><x xmlns='urn:x'><y/></x>\
         </message>  <presence/></stream:stream>"
    );
    let (whole, fault) = read(&text);
    assert_eq!(fault, None);
    assert_eq!(whole.len(), 4);
    assert!(matches!(&whole[0], Item::Open(opening) if opening.to.as_deref() == Some("localhost")));
    let Item::Stanza(message) = &whole[1] else { panic!("no stanza: {whole:?}") };
    assert!(message.is(ns::CLIENT, "message"));
    assert_eq!(message.find(ns::CLIENT, "body").expect("a body").own_text(), "f<ü👍");
    assert!(message.find("urn:x", "x").expect("kept").find("urn:x", "y").is_some());
    assert_eq!(whole[3], Item::Close);
    for length in 1..40 {
        assert_eq!(read_in_pieces(text.as_bytes(), length, Limits::MEMBER), (whole.clone(), None), "{length}");
    }
}

#[test]
fn prefixes_end_with_the_element_that_declares_them() {
    let text = "<iq><a:q xmlns:a='urn:a'><b xmlns='urn:b' a:c='1'/><d/></a:q></iq>";
    let query = stanza(text);
    let query = query.find("urn:a", "q").expect("by its namespace");
    assert_eq!(query.find("urn:b", "b").expect("its own").attributes[0].ns, "urn:a");
    assert!(query.find(ns::CLIENT, "d").is_some(), "the default namespace of outside");
    assert_eq!(fault("<iq><a:q xmlns:a='urn:a'/><a:r/></iq>"), Some(Fault::BadPrefix));
}

#[test]
fn what_xmpp_forbids_of_xml_is_restricted_wherever_it_stands() {
    let entities = "<!DOCTYPE lolz [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
    for text in [
        format!("{entities}{OPEN}"),
        format!("<?xml version='1.0'?>{entities}{OPEN}"),
        format!("{OPEN}{entities}"),
        format!("{OPEN}<message><!-- hello --></message>"),
        format!("{OPEN}<message><body><?php evil ?></body></message>"),
        format!("{OPEN}<message to='&a;'/>"),
        format!("{OPEN}<message><body>&a;</body></message>"),
        format!("{OPEN}<message><body>&xxe;</body></message>"),
        format!("<!-- first -->{OPEN}"),
        format!("<!ENTITY x SYSTEM 'file:///etc/passwd'>{OPEN}"),
        format!("{OPEN}<![INCLUDE[<message/>]]>"),
    ] {
        let (_, fault) = read(&text);
        assert_eq!(fault, Some(Fault::Restricted), "{text}");
    }
    let (_, style) = read(&format!("<?xml-stylesheet href='x'?>{OPEN}"));
    assert_eq!(style, Some(Fault::NotWellFormed), "it begins like a declaration and is none");
    assert_eq!(fault("<message><!-- hello --></message>"), Some(Fault::Restricted));
    assert_eq!(fault("<message><body>&a;</body></message>"), Some(Fault::Restricted));
}

#[test]
fn what_is_too_long_is_refused_as_too_much_and_not_as_something_forbidden() {
    let long = "x".repeat(9_000);
    for text in [
        format!("<{long}/>"),
        format!("<message {long}='a'/>"),
        format!("<message to='{long}'/>"),
        format!("<message><x xmlns='{long}'/></message>"),
        format!("<message></{long}>"),
    ] {
        assert!(matches!(fault(&text), Some(Fault::TooMuch(_))), "{text:.30}: {:?}", fault(&text));
    }
}

#[test]
fn what_is_not_xml_ends_the_stream() {
    let smuggled: [&[u8]; 12] = [
        b"<message><body>\xFF</body></message>",
        b"<message><body>\xC0\xBC</body></message>",
        b"<message><body>\xED\xA0\x80</body></message>",
        b"<message><body>\xF4\x90\x80\x80</body></message>",
        b"<message><body>\x00</body></message>",
        b"<message><body>&#0;</body></message>",
        b"<message><body>&#xD800;</body></message>",
        b"<message><body>]]></body></message>",
        b"<message a='1' a='2'/>",
        b"<message xmlns:a='urn:x' xmlns:b='urn:x' a:c='1' b:c='2'/>",
        b"<message><body></message></body>",
        b"<message a='<'/>",
    ];
    for bytes in smuggled {
        let mut text = OPEN.as_bytes().to_vec();
        text.extend_from_slice(bytes);
        for length in [1, 2, 3, usize::MAX] {
            let (items, fault) = read_in_pieces(&text, length, Limits::MEMBER);
            assert_eq!(items.len(), 1, "{:?}", String::from_utf8_lossy(bytes));
            assert_eq!(fault, Some(Fault::NotWellFormed), "{:?}", String::from_utf8_lossy(bytes));
        }
    }
    assert_eq!(fault("hello<message/>"), Some(Fault::BadFormat));
    assert_eq!(read("GET / HTTP/1.1").1, Some(Fault::NotWellFormed));
    assert_eq!(read("<html/>").1, Some(Fault::InvalidNamespace));
    let server = "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>";
    assert_eq!(read(server).1, Some(Fault::InvalidNamespace));
}

#[test]
fn depth_width_names_and_namespaces_have_limits() {
    assert!(matches!(fault(&"<a>".repeat(100_000)), Some(Fault::TooMuch(_))));
    assert!(matches!(fault(&format!("<a>{}", "<b/>".repeat(5_000))), Some(Fault::TooMuch(_))));
    let attributes: String = (0..80_000).map(|n| format!(" a{n}=''")).collect();
    assert!(matches!(fault(&format!("<a{attributes}/>")), Some(Fault::TooMuch(_))));
    assert!(refused_after(&format!("<a{attributes}/>")) <= 1_024, "refused at the first that is too much");
    let declared: String = (0..80_000).map(|n| format!(" xmlns:a{n}='urn:{n}'")).collect();
    assert!(matches!(fault(&format!("<a{declared}/>")), Some(Fault::TooMuch(_))));
    assert!(refused_after(&format!("<a{declared}/>")) <= 1_024, "refused at the first that is too much");
    let nested: String =
        (0..20).map(|n| format!("<a xmlns:a{n}='urn:1' xmlns:b{n}='urn:2' xmlns:c{n}='u' xmlns:d{n}='u'>")).collect();
    assert!(matches!(fault(&nested), Some(Fault::TooMuch(_))));
    assert!(matches!(fault(&format!("<{}/>", "n".repeat(257))), Some(Fault::TooMuch(_))));
    assert!(matches!(fault(&format!("<a xmlns='{}'/>", "n".repeat(257))), Some(Fault::TooMuch(_))));
    assert_eq!(fault(&format!("<{}/>", "n".repeat(256))), None);
}

#[test]
fn a_stanza_without_an_end_is_cut_at_the_limit_in_every_state() {
    let beginnings = ["<", "<a ", "<a b='", "<a>", "<a>x", "<a><![CDATA[", "<a>&amp;", "<a></", "<a>\u{e9}", "<a><b/>"];
    for (limits, most) in [(Limits::STRANGER, 10_000), (Limits::MEMBER, 256 * 1024)] {
        for beginning in beginnings {
            let (mut reader, mut input) = (Reader::new(limits), BytesMut::from(OPEN));
            assert!(matches!(reader.read(&mut input), Ok(Some(Item::Open(_)))));
            input.extend_from_slice(beginning.as_bytes());
            let filling = beginning.chars().last().filter(|c| c.is_alphanumeric()).unwrap_or('x').to_string();
            let piece = filling.repeat(1_000);
            let mut taken = 0;
            let fault = loop {
                match reader.read(&mut input) {
                    Ok(None) => {
                        input.extend_from_slice(piece.as_bytes());
                        taken += piece.len();
                    }
                    Ok(Some(item)) => panic!("no end was sent: {item:?}"),
                    Err(fault) => break fault,
                }
                assert!(taken < most + 2_000, "{beginning}");
            };
            assert!(
                matches!(fault, Fault::TooMuch(_) | Fault::Restricted | Fault::NotWellFormed),
                "{beginning}: {fault}"
            );
        }
    }
}

#[test]
fn white_space_between_stanzas_keeps_a_stream_alive_for_ever() {
    let (mut reader, mut input) = (Reader::new(Limits::STRANGER), BytesMut::from(OPEN));
    assert!(matches!(reader.read(&mut input), Ok(Some(Item::Open(_)))));
    for _ in 0..100 {
        input.extend_from_slice(" \n".repeat(1_000).as_bytes());
        assert_eq!(reader.read(&mut input), Ok(None));
    }
    assert!(!reader.holds_part());
}

#[test]
fn text_can_never_be_taken_for_markup() {
    let texts = ["<b/>", "]]>", "&amp;", "'\"><x/>", "a\0b\u{1}c", "\r\n", "\u{FFFE}", "<![CDATA[x]]>", "</body>"];
    for text in texts {
        let element = Element::new(ns::CLIENT, "message").attr("id", text).child(Element::new("urn:x", "x").text(text));
        let read = Element::parse(element.to_text().as_bytes()).expect("what is written is read");
        let shown: String =
            text.chars().map(|c| if matches!(c, '\0' | '\u{1}' | '\u{FFFE}') { '\u{FFFD}' } else { c }).collect();
        assert_eq!(read.get("id"), Some(shown.as_str()));
        assert_eq!(read.find("urn:x", "x").expect("there").own_text(), shown);
    }
}

#[test]
fn what_stands_for_itself_is_one_element_and_nothing_beside_it() {
    assert!(Element::parse(b"<a xmlns='urn:a'/>").is_some());
    for text in ["", "<a/><b/>", "<a/> ", "x<a/>", "<a>", "<a:b/>", "<?x?><a/>"] {
        assert_eq!(Element::parse(text.as_bytes()), None, "{text}");
    }
}

fn names() -> impl Strategy<Value = String> + Clone {
    "[a-zé][a-z0-9.-]{0,8}"
}

/// A name, a namespace, and attributes: namespace, name, value.
type Head = (String, &'static str, Vec<(String, String, String)>);

fn elements() -> impl Strategy<Value = Element> {
    let attribute =
        (prop_oneof![Just(String::new()), Just("urn:a".to_owned()), Just(ns::XML.to_owned())], names(), ".{0,12}");
    let head =
        (names(), prop_oneof![Just("urn:a"), Just("urn:b"), Just(ns::CLIENT)], prop::collection::vec(attribute, 0..4));
    let element = |((name, ns, attributes), children): (Head, Vec<Node>)| {
        let mut known: Vec<Attribute> = Vec::new();
        for (ns, name, value) in attributes {
            if !known.iter().any(|other| other.ns == ns && other.name == name) && name != "xmlns" {
                known.push(Attribute { ns: ns.into(), name: name.into(), value });
            }
        }
        let mut joined: Vec<Node> = Vec::new();
        for child in children {
            match (joined.last_mut(), child) {
                (Some(Node::Text(before)), Node::Text(text)) => before.push_str(&text),
                (_, child) => joined.push(child),
            }
        }
        Element { name: name.into(), ns: ns.into(), attributes: known, children: joined }
    };
    let leaf = (head.clone(), Just(Vec::new())).prop_map(element);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let node = prop_oneof![
            inner.prop_map(Node::Element),
            "[^\\x00-\\x08\\x0B-\\x1F\u{FFFE}\u{FFFF}]{1,12}".prop_map(Node::Text)
        ];
        (head.clone(), prop::collection::vec(node, 0..4)).prop_map(element)
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_as_it_was(element in elements()) {
        let mut wanted = element;
        forbidden_to_replacement(&mut wanted);
        prop_assert_eq!(Element::parse(wanted.to_text().as_bytes()), Some(wanted));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), length in 1usize..20) {
        let mut text = OPEN.as_bytes().to_vec();
        text.extend(bytes);
        let _outcome = read_in_pieces(&text, length, Limits::STRANGER);
    }

    #[test]
    fn anything_of_the_shape_of_xml_is_read_without_a_panic(text in "[<>/='\" a-c:&;!\\[\\]?x#-]{0,80}", length in 1usize..9) {
        let whole = format!("{OPEN}{text}");
        let (at_once, _) = read_in_pieces(whole.as_bytes(), usize::MAX, Limits::STRANGER);
        prop_assert_eq!(read_in_pieces(whole.as_bytes(), length, Limits::STRANGER).0, at_once);
    }
}

/// Attribute values of any characters: those that XML cannot say come back as U+FFFD.
fn forbidden_to_replacement(element: &mut Element) {
    let clean = |text: &mut String| {
        *text = text
            .chars()
            .map(|c| match c {
                '\t' | '\n' | '\r' => c,
                '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
                c => c,
            })
            .collect();
    };
    element.attributes.iter_mut().for_each(|attribute| clean(&mut attribute.value));
    for child in &mut element.children {
        if let Node::Element(inner) = child {
            forbidden_to_replacement(inner);
        }
    }
}
