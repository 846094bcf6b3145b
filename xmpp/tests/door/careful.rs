//! A client that counts, over a connection that can be cut at any byte: it goes on, or begins anew, and sends again what
//! the server has not counted.
//!
//! Invariant: what it sends is sent once, and again only as XEP-0198 says.

use std::cell::Cell;
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item, Limits, Reader};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::timeout;

use crate::world::{OPEN, PASSWORD, World, loopback, on_this_machine};

/// Nothing takes so long on a clock that stands still, or it hangs.
const HANGS: Duration = Duration::from_secs(60);

/// In which direction bytes are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Direction {
    /// What the client sends.
    Up,
    /// What the server sends.
    Down,
}

/// Breaks one connection after so many bytes went in its direction, over however many connections.
#[derive(Debug)]
pub(crate) struct Cut {
    direction: Direction,
    at: u64,
    passed: [Cell<u64>; 2],
    done: Cell<bool>,
}

impl Cut {
    pub(crate) fn new(direction: Direction, at: u64) -> Rc<Cut> {
        Rc::new(Cut { direction, at, passed: [Cell::new(0), Cell::new(0)], done: Cell::new(false) })
    }

    pub(crate) fn never() -> Rc<Cut> {
        Cut::new(Direction::Up, u64::MAX)
    }

    pub(crate) fn done(&self) -> bool {
        self.done.get()
    }

    pub(crate) fn total(&self, direction: Direction) -> u64 {
        self.passed[direction as usize].get()
    }

    fn left(&self, direction: Direction) -> usize {
        if direction != self.direction || self.done.get() {
            return usize::MAX;
        }
        usize::try_from(self.at - self.total(direction)).unwrap_or(usize::MAX)
    }

    fn pass(&self, direction: Direction, bytes: usize) {
        let passed = &self.passed[direction as usize];
        passed.set(passed.get() + bytes as u64);
    }
}

/// The connection is gone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken;

/// How the client goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// It resumes its stream; else it logs in anew.
    pub(crate) resumes: bool,
    /// Its messages have origin-ids.
    pub(crate) origin: bool,
}

pub(crate) struct Careful<'a> {
    world: &'a World,
    local: &'static str,
    how: How,
    pub(crate) cut: Rc<Cut>,
    io: Option<DuplexStream>,
    reader: Reader,
    input: BytesMut,
    /// Of the stream that can go on.
    name: Option<String>,
    /// Stanzas that came.
    heard: u32,
    /// Stanzas that the server has counted, and those that it has not.
    counted: u32,
    uncounted: VecDeque<String>,
    counts_told: u32,
    /// The server's ids of messages.
    seen: HashSet<String>,
    /// Texts in the order in which they came, each message once.
    pub(crate) texts: Vec<String>,
    /// Messages that came again.
    pub(crate) again: Vec<String>,
    /// Ids of receipts, marks and answers.
    pub(crate) received: Vec<String>,
    pub(crate) displayed: Vec<String>,
    pub(crate) answered: Vec<String>,
    /// How often the stream went on, and how often one began.
    pub(crate) resumed: u32,
    pub(crate) begun: u32,
}

impl<'a> Careful<'a> {
    pub(crate) fn new(world: &'a World, local: &'static str, how: How, cut: Rc<Cut>) -> Careful<'a> {
        Careful {
            world,
            local,
            how,
            cut,
            io: None,
            reader: Reader::new(Limits::MEMBER),
            input: BytesMut::new(),
            name: None,
            heard: 0,
            counted: 0,
            uncounted: VecDeque::new(),
            counts_told: 0,
            seen: HashSet::new(),
            texts: Vec::new(),
            again: Vec::new(),
            received: Vec::new(),
            displayed: Vec::new(),
            answered: Vec::new(),
            resumed: 0,
            begun: 0,
        }
    }

    /// Drops the connection.
    pub(crate) fn drop_out(&mut self) {
        self.io = None;
    }

    /// The next login begins a new stream.
    pub(crate) fn forget_stream(&mut self) {
        self.name = None;
        self.io = None;
    }

    async fn write(&mut self, text: &str) -> Result<(), Broken> {
        let left = self.cut.left(Direction::Up).min(text.len());
        let io = self.io.as_mut().ok_or(Broken)?;
        let written = io.write_all(&text.as_bytes()[..left]).await;
        self.cut.pass(Direction::Up, left);
        if left < text.len() {
            self.cut.done.set(true);
        }
        if left < text.len() || written.is_err() {
            self.io = None;
            return Err(Broken);
        }
        Ok(())
    }

    async fn element(&mut self) -> Result<Option<Element>, Broken> {
        loop {
            match self.reader.read(&mut self.input).expect("the server speaks XML") {
                Some(Item::Stanza(error)) if error.is(ns::STREAM, "error") => panic!("ended: {}", error.to_text()),
                Some(Item::Stanza(element)) => return Ok(Some(element)),
                Some(Item::Open(_)) => return Ok(None),
                Some(Item::Close) => return Err(Broken),
                None => {}
            }
            let left = self.cut.left(Direction::Down);
            if left == 0 {
                self.cut.done.set(true);
                self.io = None;
                return Err(Broken);
            }
            let mut piece = vec![0; left.min(8192)];
            let io = self.io.as_mut().ok_or(Broken)?;
            match timeout(HANGS, io.read(&mut piece)).await.expect("it does not hang") {
                Ok(read @ 1..) => {
                    self.cut.pass(Direction::Down, read);
                    self.input.extend_from_slice(&piece[..read]);
                }
                _ => {
                    self.io = None;
                    return Err(Broken);
                }
            }
        }
    }

    /// The next element of a login.
    async fn expect(&mut self, ns: &str, name: &str) -> Result<Element, Broken> {
        loop {
            if let Some(element) = self.element().await? {
                assert!(element.is(ns, name), "{name} was expected: {}", element.to_text());
                return Ok(element);
            }
        }
    }

    async fn open(&mut self) -> Result<(), Broken> {
        (self.reader, self.input) = (Reader::new(Limits::MEMBER), BytesMut::new());
        self.write(OPEN).await?;
        self.expect(ns::STREAM, "features").await.map(drop)
    }

    /// One try to be there (again).
    pub(crate) async fn connect(&mut self) -> Result<(), Broken> {
        let (io, _served) = self.world.pipe(loopback(), on_this_machine());
        self.io = Some(io);
        self.open().await?;
        let said = STANDARD.encode(format!("\0{}\0{PASSWORD}", self.local));
        self.write(&format!("<auth xmlns='{}' mechanism='PLAIN'>{said}</auth>", ns::SASL)).await?;
        self.expect(ns::SASL, "success").await?;
        self.open().await?;
        if let Some(name) = self.name.clone() {
            self.write(&format!("<resume xmlns='{}' previd='{name}' h='{}'/>", ns::MANAGEMENT, self.heard)).await?;
            let answer = self.expect(ns::MANAGEMENT, "resumed").await?;
            self.resumed += 1;
            self.has_counted(&answer);
            for stanza in self.uncounted.clone() {
                self.write(&stanza).await?;
            }
            return Ok(());
        }
        let wish = format!("<bind xmlns='{}'><resource>desk</resource></bind>", ns::BIND);
        self.write(&format!("<iq type='set' id='bind'>{wish}</iq>")).await?;
        self.expect(ns::CLIENT, "iq").await?;
        let resume = if self.how.resumes { " resume='true'" } else { "" };
        self.write(&format!("<enable xmlns='{}'{resume}/>", ns::MANAGEMENT)).await?;
        let enabled = self.expect(ns::MANAGEMENT, "enabled").await?;
        assert_eq!(enabled.get("id").is_some(), self.how.resumes);
        self.name = enabled.get("id").map(str::to_owned);
        self.begun += 1;
        (self.heard, self.counted) = (0, 0);
        self.uncounted.retain(|stanza| stanza != "<presence/>");
        self.uncounted.push_front("<presence/>".to_owned());
        for stanza in self.uncounted.clone() {
            self.write(&stanza).await?;
        }
        Ok(())
    }

    /// Is there again, whatever it takes; a cut breaks it once.
    pub(crate) async fn recover(&mut self) {
        for _ in 0..3 {
            if self.io.is_some() || self.connect().await.is_ok() {
                return;
            }
        }
        panic!("it does not come back");
    }

    fn has_counted(&mut self, element: &Element) {
        let count: u32 = element.get("h").and_then(|count| count.parse().ok()).expect("a count");
        assert!(count >= self.counted, "counts never go back");
        assert!((count - self.counted) as usize <= self.uncounted.len(), "it has counted more than was sent");
        self.uncounted.drain(..(count - self.counted) as usize);
        (self.counted, self.counts_told) = (count, self.counts_told + 1);
    }

    /// Sends a stanza; where the connection breaks, it is sent again as the counts say.
    pub(crate) async fn say(&mut self, stanza: String) {
        self.uncounted.push_back(stanza.clone());
        if self.write(&stanza).await.is_err() {
            self.recover().await;
        }
    }

    pub(crate) async fn message(&mut self, to: &str, id: &str) {
        let origin = match self.how.origin {
            true => format!("<origin-id xmlns='{}' id='{id}'/>", ns::STANZA_ID),
            false => String::new(),
        };
        let receipt = format!("<request xmlns='{}'/>", ns::RECEIPTS);
        self.say(format!(
            "<message to='{to}@localhost' type='chat' id='{id}'><body>{id}</body>{receipt}{origin}</message>"
        ))
        .await;
    }

    /// Takes the next thing that comes.
    async fn take(&mut self) -> Result<(), Broken> {
        let Some(element) = self.element().await? else { return Ok(()) };
        if element.is(ns::MANAGEMENT, "r") {
            return self.write(&format!("<a xmlns='{}' h='{}'/>", ns::MANAGEMENT, self.heard)).await;
        }
        if element.is(ns::MANAGEMENT, "a") {
            self.has_counted(&element);
            return Ok(());
        }
        self.heard += 1;
        let id_of = |space, name| element.find(space, name).and_then(|found| found.get("id")).map(str::to_owned);
        self.received.extend(id_of(ns::RECEIPTS, "received"));
        self.displayed.extend(id_of(ns::MARKERS, "displayed"));
        if element.name == "iq" {
            self.answered.extend(element.get("id").map(str::to_owned));
        }
        if let Some(body) = element.find(ns::CLIENT, "body") {
            let body = body.own_text();
            if self.seen.insert(id_of(ns::STANZA_ID, "stanza-id").expect("the server names it")) {
                self.texts.push(body);
            } else {
                self.again.push(body);
            }
        }
        Ok(())
    }

    /// Takes what comes until it is so.
    pub(crate) async fn until(&mut self, what: &str, so: impl Fn(&Careful<'_>) -> bool) {
        while !so(self) {
            // A connection that is silent is asked for a count, so that what hangs is seen to hang.
            match timeout(HANGS, self.take()).await {
                Ok(Ok(())) => {}
                Ok(Err(Broken)) => self.recover().await,
                Err(_) => panic!("{what} does not come: {:?} {:?}", self.texts, self.received),
            }
        }
    }

    /// Takes what comes, for so long.
    pub(crate) async fn listen(&mut self, at_most: Duration) {
        let until = tokio::time::Instant::now() + at_most;
        while self.io.is_some() {
            match tokio::time::timeout_at(until, self.take()).await {
                Ok(Ok(())) => {}
                Ok(Err(Broken)) | Err(_) => return,
            }
        }
    }

    /// Waits until the server has counted all that was sent.
    pub(crate) async fn settle(&mut self) {
        while !self.uncounted.is_empty() {
            let told = self.counts_told;
            if self.write(&format!("<r xmlns='{}'/>", ns::MANAGEMENT)).await.is_err() {
                self.recover().await;
                continue;
            }
            while self.counts_told == told {
                if self.take().await.is_err() {
                    self.recover().await;
                    break;
                }
            }
        }
    }
}
