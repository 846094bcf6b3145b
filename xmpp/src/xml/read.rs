//! Reading: bytes become the beginning of a stream, whole stanzas, and its end.
//!
//! Bytes come in by [`Reader::read`], [`Item`]s leave. The tokens are `rxml`'s, which knows no DTD, entities, comments
//! or processing instructions; namespaces and trees are ours, so that every limit is held while a tag is read and not
//! after it. Invariants: no more bytes than the limit are taken in before an item is whole, whatever the state; once it
//! has failed a reader is not asked again.

use bytes::{Buf as _, BytesMut};
use rxml::error::EndOrError;
use rxml::parser::{Options, Parse as _, RawEvent, RawParser, WithOptions as _};

use super::{Attribute, Element, Name, Node};
use crate::ns;

/// What a reader takes at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of a stanza, or of the beginning of the stream.
    pub stanza_bytes: usize,
}

impl Limits {
    /// Before a login. RFC 6120 §13.12 has 10,000 as the least; no step of a login needs more.
    pub const STRANGER: Limits = Limits { stanza_bytes: 10_000 };

    /// Of somebody who has logged in: text and extensions of the largest message, escaped, and some room.
    pub const MEMBER: Limits = Limits { stanza_bytes: 256 * 1024 };
}

/// Elements within elements, the stream's not counted: forwarded encrypted messages have about ten.
const DEPTH_MAX: usize = 32;

/// Elements of one stanza: a message encrypted for some hundred devices has several hundred. A tree takes some forty
/// times the bytes of its smallest elements.
const ELEMENTS_MAX: usize = 4_096;

/// Attributes of one element, declarations of namespaces not counted; the busiest in use have about ten.
const ATTRIBUTES_MAX: usize = 64;

/// Namespaces that one element declares.
const DECLARED_MAX: usize = 16;

/// Namespaces declared at one place, outer ones included: a look-up goes through all of them.
const SCOPE_MAX: usize = 64;

/// Bytes of a name, its prefix, or a namespace: the longest in use have some eighty.
const NAME_BYTES_MAX: usize = 256;

/// Bytes of an attribute's value; also what the lexer holds of a text before it hands it on.
const VALUE_BYTES_MAX: usize = 8 * 1024;

/// What has been read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Item {
    /// The stream begins.
    Open(Opening),
    /// A whole stanza, or another element of the first level.
    Stanza(Element),
    /// The stream ends.
    Close,
}

/// The beginning of a stream.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Opening {
    /// Whom the client means to reach.
    pub to: Option<String>,
    /// Who it says it is.
    pub from: Option<String>,
    /// The version of XMPP it speaks.
    pub version: Option<String>,
    /// The language of what it sends.
    pub lang: Option<String>,
}

impl Opening {
    /// As an element that begins a stream says it.
    pub(crate) fn of(element: &Element) -> Opening {
        let value = |name: &str| element.get(name).map(str::to_owned);
        Opening {
            to: value("to"),
            from: value("from"),
            version: value("version"),
            lang: element.lang().map(str::to_owned),
        }
    }
}

/// Why what came cannot be read. Each ends the stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Something else than white space between stanzas.
    #[error("there is text between stanzas")]
    BadFormat,
    /// A prefix that was not declared.
    #[error("a prefix was not declared")]
    BadPrefix,
    /// The root is not that of a stream of a client.
    #[error("this is no stream of jabber:client")]
    InvalidNamespace,
    /// It is not XML, or not UTF-8.
    #[error("this is not well-formed XML in UTF-8")]
    NotWellFormed,
    /// It has what XMPP forbids of XML. RFC 6120 §11.1.
    #[error("comments, processing instructions, DTDs and entities of your own are not allowed")]
    Restricted,
    /// It is over a limit.
    #[error("this has more than {0}")]
    TooMuch(&'static str),
}

struct Declared {
    /// At which depth.
    depth: usize,
    /// Empty: the default namespace.
    prefix: Name,
    ns: Name,
}

/// A tag that is being read.
struct Head {
    prefix: Option<Name>,
    name: Name,
    attributes: Vec<(Option<Name>, Name, String)>,
    declared: usize,
}

/// Reads one stream.
pub struct Reader {
    parser: RawParser,
    limits: Limits,
    /// Bytes taken of what is being read.
    used: usize,
    scope: Vec<Declared>,
    head: Option<Head>,
    /// The elements that are open, the stream's not among them.
    open: Vec<Element>,
    elements: usize,
    /// Something other than white space has come.
    begun: bool,
    /// The stream's own element is open.
    opened: bool,
    closed: bool,
    /// There is no stream around what is read.
    bare: bool,
}

impl Reader {
    /// Of a stream that begins.
    pub fn new(limits: Limits) -> Reader {
        let options = Options { max_token_length: VALUE_BYTES_MAX, ..Options::default() };
        let mut parser = RawParser::with_options(options);
        parser.set_text_buffering(false);
        Reader {
            parser,
            limits,
            used: 0,
            scope: Vec::new(),
            head: None,
            open: Vec::new(),
            elements: 0,
            begun: false,
            opened: false,
            closed: false,
            bare: false,
        }
    }

    /// Other limits from the next stanza on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Whether part of something has come that is not whole yet.
    pub fn holds_part(&self) -> bool {
        self.used > 0
    }

    /// Gives back the memory that a reader needs only while it reads.
    pub fn rest(&mut self) {
        self.parser.release_temporaries();
        self.open.shrink_to_fit();
    }

    /// The next item. What it is made of is taken from the input, and what is not whole yet as well; `None`: more must
    /// come first.
    pub fn read(&mut self, input: &mut BytesMut) -> Result<Option<Item>, Fault> {
        if !self.begun {
            // A stream that begins anew may have the end of the line before it: some clients end every line.
            input.advance(input.len() - input.trim_ascii_start().len());
            self.begun = !input.is_empty();
        }
        loop {
            let room = self.limits.stanza_bytes.saturating_sub(self.used);
            let mut rest = &input[..input.len().min(room)];
            let before = rest.len();
            let outcome = self.parser.parse(&mut rest, false);
            let taken = before - rest.len();
            input.advance(taken);
            self.used += taken;
            match outcome {
                Ok(Some(event)) => {
                    if let Some(item) = self.take(event)? {
                        return Ok(Some(item));
                    }
                }
                Ok(None) => return Ok(None),
                Err(EndOrError::NeedMoreData) if self.used >= self.limits.stanza_bytes => {
                    return Err(Fault::TooMuch("the bytes that one stanza may have"));
                }
                Err(EndOrError::NeedMoreData) if input.is_empty() => return Ok(None),
                Err(EndOrError::NeedMoreData) => {}
                Err(EndOrError::Error(error)) => return Err(error.into()),
            }
        }
    }

    fn take(&mut self, event: RawEvent) -> Result<Option<Item>, Fault> {
        match event {
            RawEvent::XmlDeclaration(..) => Ok(None),
            RawEvent::ElementHeadOpen(_, (prefix, name)) => {
                self.elements += 1;
                if self.elements > ELEMENTS_MAX {
                    return Err(Fault::TooMuch("the elements that one stanza may have"));
                }
                if self.open.len() >= DEPTH_MAX {
                    return Err(Fault::TooMuch("the elements that may be inside each other"));
                }
                let prefix = prefix.map(|prefix| called(prefix.as_str())).transpose()?;
                let name = called(name.as_str())?;
                self.head = Some(Head { prefix, name, attributes: Vec::new(), declared: 0 });
                Ok(None)
            }
            RawEvent::Attribute(_, (prefix, name), value) => {
                self.attribute(prefix.as_ref().map(|prefix| prefix.as_str()), name.as_str(), value).map(|()| None)
            }
            RawEvent::ElementHeadClose(_) => self.head_is_whole(),
            RawEvent::ElementFoot(_) => Ok(self.element_is_whole()),
            RawEvent::Text(_, text) => self.text(text).map(|()| None),
        }
    }

    fn attribute(&mut self, prefix: Option<&str>, name: &str, value: String) -> Result<(), Fault> {
        let depth = self.depth();
        let Some(head) = &mut self.head else { return Err(Fault::NotWellFormed) };
        let declares = match prefix {
            Some("xmlns") => Some(called(name)?),
            None if name == "xmlns" => Some("".into()),
            _ => None,
        };
        let Some(declares) = declares else {
            if head.attributes.len() == ATTRIBUTES_MAX {
                return Err(Fault::TooMuch("the attributes that one element may have"));
            }
            head.attributes.push((prefix.map(called).transpose()?, called(name)?, value));
            return Ok(());
        };
        if head.declared == DECLARED_MAX || self.scope.len() == SCOPE_MAX {
            return Err(Fault::TooMuch("the namespaces that may be declared at one place"));
        }
        if self.scope.iter().any(|known| known.depth == depth && known.prefix == declares) {
            return Err(Fault::NotWellFormed);
        }
        // Namespaces in XML §3: what is bound for ever, and that no prefix stands for nothing. Other parsers end the
        // stream of whoever is sent such a thing.
        let bound = declares == "xmlns" || value == ns::XMLNS || (declares == "xml") != (value == ns::XML);
        if bound || (value.is_empty() && !declares.is_empty()) {
            return Err(Fault::NotWellFormed);
        }
        head.declared += 1;
        let ns = match ns::known(&value) {
            Some(known) => known.into(),
            None => Name::Owned(short(&value)?),
        };
        self.scope.push(Declared { depth, prefix: declares, ns });
        Ok(())
    }

    /// The stream's element is at 0.
    fn depth(&self) -> usize {
        self.open.len() + usize::from(self.opened)
    }

    fn resolve(&self, prefix: Option<&str>) -> Result<Name, Fault> {
        if prefix == Some("xml") {
            return Ok(ns::XML.into());
        }
        let wanted = prefix.unwrap_or("");
        match self.scope.iter().rev().find(|known| known.prefix == wanted) {
            Some(declared) => Ok(declared.ns.clone()),
            None if prefix.is_none() => Ok("".into()),
            None => Err(Fault::BadPrefix),
        }
    }

    fn head_is_whole(&mut self) -> Result<Option<Item>, Fault> {
        let Some(head) = self.head.take() else { return Err(Fault::NotWellFormed) };
        let ns = self.resolve(head.prefix.as_deref())?;
        if ns == ns::XML {
            // It has no elements, and without the prefix it cannot be said.
            return Err(Fault::NotWellFormed);
        }
        let mut attributes: Vec<Attribute> = Vec::with_capacity(head.attributes.len());
        for (prefix, name, value) in head.attributes {
            let ns = if prefix.is_some() { self.resolve(prefix.as_deref())? } else { "".into() };
            if attributes.iter().any(|known| known.name == name && known.ns == ns) {
                return Err(Fault::NotWellFormed);
            }
            attributes.push(Attribute { ns, name, value });
        }
        let element = Element { name: head.name, ns, attributes, children: Vec::new() };
        if self.opened || self.bare {
            self.open.push(element);
            return Ok(None);
        }
        if !element.is(ns::STREAM, "stream") || self.resolve(None)? != ns::CLIENT {
            return Err(Fault::InvalidNamespace);
        }
        self.opened = true;
        self.begin();
        Ok(Some(Item::Open(Opening::of(&element))))
    }

    fn element_is_whole(&mut self) -> Option<Item> {
        let Some(element) = self.open.pop() else {
            self.closed = true;
            return Some(Item::Close);
        };
        let depth = self.depth();
        self.scope.retain(|declared| declared.depth < depth);
        match self.open.last_mut() {
            Some(parent) => {
                parent.children.push(Node::Element(element));
                None
            }
            None => {
                self.begin();
                Some(Item::Stanza(element))
            }
        }
    }

    fn begin(&mut self) {
        (self.used, self.elements) = (0, 0);
    }

    fn text(&mut self, text: String) -> Result<(), Fault> {
        let Some(parent) = self.open.last_mut() else {
            if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                self.begin();
                return Ok(());
            }
            return Err(Fault::BadFormat);
        };
        match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => parent.children.push(Node::Text(text)),
        }
        Ok(())
    }
}

impl From<rxml::Error> for Fault {
    fn from(error: rxml::Error) -> Fault {
        match error {
            rxml::Error::RestrictedXml(what) if what.contains("long") => {
                Fault::TooMuch("the bytes that a name, a reference or an attribute may have")
            }
            rxml::Error::RestrictedXml(_) | rxml::Error::UndeclaredEntity => Fault::Restricted,
            rxml::Error::UndeclaredNamespacePrefix(_) => Fault::BadPrefix,
            // `<!` with neither CDATA nor a comment behind it: a DTD or a part of one.
            rxml::Error::InvalidSyntax(what) if what.ends_with("section start") => Fault::Restricted,
            _ => Fault::NotWellFormed,
        }
    }
}

fn short(text: &str) -> Result<String, Fault> {
    if text.len() > NAME_BYTES_MAX {
        return Err(Fault::TooMuch("the bytes that a name may have"));
    }
    Ok(text.to_owned())
}

/// A name. Which other letters it may have depends on the edition of XML that a parser knows: with one of a later edition
/// a client could end the streams of others. Names in use are of ASCII.
fn called(name: &str) -> Result<Name, Fault> {
    if let Some(usual) = usual(name) {
        return Ok(usual.into());
    }
    if name.chars().any(|letter| letter > '\u{FF}') {
        return Err(Fault::TooMuch("the letters of Latin-1 in a name"));
    }
    short(name).map(Name::Owned)
}

/// Names that nearly every stanza has are not copied.
fn usual(name: &str) -> Option<&'static str> {
    macro_rules! one_of {
        ($($usual:literal)*) => { match name { $($usual => Some($usual),)* _ => None } };
    }
    one_of!(
        "message" "iq" "presence" "to" "from" "type" "id" "xml" "lang" "body" "thread" "subject" "error" "text" "show"
        "status" "priority" "a" "r" "h" "origin-id" "stanza-id" "by" "request" "received" "markable" "displayed" "active"
        "composing" "paused" "inactive" "gone" "query" "item" "jid" "ping" "c" "hash" "node" "ver" "x" "stamp" "delay"
        "store" "no-store" "no-copy" "encrypted" "encryption" "header" "key" "rid" "sid" "payload" "iv" "name"
    )
}

/// One element that stands for itself.
pub(super) fn fragment(text: &[u8]) -> Option<Element> {
    alone(text, Limits::MEMBER).ok()
}

/// One element that stands for itself, with nothing behind it.
pub(crate) fn alone(text: &[u8], limits: Limits) -> Result<Element, Fault> {
    let mut reader = Reader::new(limits);
    reader.bare = true;
    let mut input = BytesMut::from(text);
    match reader.read(&mut input)? {
        Some(Item::Stanza(element)) if input.is_empty() => Ok(element),
        _ => Err(Fault::NotWellFormed),
    }
}

/// What a frame says. RFC 7395 §3.3.3.
pub(crate) fn frame(text: &[u8], limits: Limits) -> Result<Item, Fault> {
    let element = alone(text, limits)?;
    Ok(match (&*element.ns, &*element.name) {
        (ns::FRAMING, "open") => Item::Open(Opening::of(&element)),
        (ns::FRAMING, "close") => Item::Close,
        _ => Item::Stanza(element),
    })
}
