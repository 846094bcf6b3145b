//! What a stock client does with a stream.
//!
//! Stanzas come in and are kept until somebody asks for them by what they are. Invariants: pings are answered and
//! stanzas counted when they are read, and nothing is read that nobody waits for; what was sent and not counted by the
//! server is sent again when a stream goes on or begins anew.

use std::collections::VecDeque;

use anyhow::{Context, Result, bail, ensure};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

use super::stream::{Stream, Way};
use crate::Server;

/// Somebody with an XMPP client.
pub struct Stock {
    /// How it comes in.
    pub way: Way,
    /// The account.
    pub address: String,
    /// The account and the resource.
    pub jid: String,
    password: String,
    resource: String,
    stream: Option<Stream>,
    /// What came and was not asked for yet.
    kept: VecDeque<Element>,
    /// Requests so far.
    asked: u64,
    counts: Option<Counts>,
    /// A message came behind which the server has not asked yet whether it arrived.
    owes: bool,
}

/// XEP-0198.
#[derive(Default)]
struct Counts {
    /// Stanzas that came.
    heard: u32,
    /// Stanzas that the server has counted.
    counted: u32,
    /// Those that it has not.
    uncounted: VecDeque<String>,
    /// The name of the stream.
    name: String,
}

impl Stock {
    /// Logs in with a resource and is there.
    pub async fn arrive(server: &Server, way: Way, address: &str, password: &str, resource: &str) -> Result<Stock> {
        let mut stock = Stock {
            way,
            address: address.to_owned(),
            jid: format!("{address}/{resource}"),
            password: password.to_owned(),
            resource: resource.to_owned(),
            stream: None,
            kept: VecDeque::new(),
            asked: 0,
            counts: None,
            owes: false,
        };
        stock.log_in(server).await?;
        Ok(stock)
    }

    async fn logged_in(&self, server: &Server) -> Result<Stream> {
        let mut stream = Stream::dial(server, self.way).await?;
        let local = self.address.split('@').next().unwrap_or_default();
        stream.plain(local, &self.password).await?;
        Ok(stream)
    }

    /// A new stream: what was kept of the last one is forgotten, what the server had not counted is sent again.
    pub async fn log_in(&mut self, server: &Server) -> Result<()> {
        let mut stream = self.logged_in(server).await?;
        self.jid = stream.bind(&self.resource).await?;
        (self.stream, self.owes) = (Some(stream), false);
        self.kept.clear();
        let again = self.counts.take().map(|counts| counts.uncounted).unwrap_or_default();
        self.ask("set", "", "<enable xmlns='urn:xmpp:carbons:2'/>").await?;
        self.ask("get", "", "<query xmlns='jabber:iq:roster'/>").await?;
        self.be("").await?;
        for stanza in again {
            self.write(&stanza).await?;
        }
        Ok(())
    }

    /// Counts stanzas from now on, so that the stream can go on after it broke.
    pub async fn count(&mut self) -> Result<()> {
        self.stream()?.write(b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>").await?;
        loop {
            let element = self.stream()?.stanza().await?;
            if element.is(ns::MANAGEMENT, "enabled") {
                let name = element.get("id").context("it can go on")?.to_owned();
                self.counts = Some(Counts { name, ..Counts::default() });
                return Ok(());
            }
            self.keep(element).await?;
        }
    }

    /// Goes on with the stream that broke. `false`: the server does not know it any more.
    pub async fn resume(&mut self, server: &Server) -> Result<bool> {
        let mut stream = self.logged_in(server).await?;
        let counts = self.counts.as_mut().context("it counted")?;
        let resume = format!("<resume xmlns='urn:xmpp:sm:3' previd='{}' h='{}'/>", counts.name, counts.heard);
        stream.write(resume.as_bytes()).await?;
        let answer = stream.stanza().await?;
        if !answer.is(ns::MANAGEMENT, "resumed") {
            return Ok(false);
        }
        counts.has_counted(answer.get("h").unwrap_or_default().parse()?);
        for stanza in &counts.uncounted {
            stream.write(stanza.as_bytes()).await?;
        }
        (self.stream, self.owes) = (Some(stream), false);
        Ok(true)
    }

    /// Says that it is there, and how: the elements of a presence. Returns when the server has heard it.
    pub async fn be(&mut self, how: &str) -> Result<()> {
        self.write(&format!("<presence>{how}</presence>")).await?;
        let own = self.jid.clone();
        self.next(|stanza| (stanza.name == "presence" && stanza.get("from") == Some(&own)).then_some(())).await
    }

    /// Ends the stream as it should be ended.
    pub async fn leave(&mut self) -> Result<()> {
        self.stream()?.close().await?;
        while let Ok(Some(_)) = self.stream()?.item().await {}
        self.stream = None;
        Ok(())
    }

    /// Drops the connection without a word.
    pub fn drop_out(&mut self) {
        self.stream = None;
    }

    /// Waits until the server ends the stream; the condition.
    pub async fn cut_off(&mut self) -> Result<String> {
        let condition = self.stream()?.end().await?;
        self.stream = None;
        condition.context("it ended without a word")
    }

    fn stream(&mut self) -> Result<&mut Stream> {
        self.stream.as_mut().context("there is a stream")
    }

    /// Sends a stanza as it is.
    pub async fn write(&mut self, stanza: &str) -> Result<()> {
        if let Some(counts) = &mut self.counts {
            counts.uncounted.push_back(stanza.to_owned());
        }
        self.stream()?.write(stanza.as_bytes()).await
    }

    /// Sends a request; what is in the answer.
    pub async fn ask(&mut self, kind: &str, to: &str, payload: &str) -> Result<Option<Element>> {
        let answer = self.answer(kind, to, payload).await?;
        ensure!(answer.get("type") == Some("result"), "refused: {} {payload}", answer.to_text());
        Ok(answer.elements().next().cloned())
    }

    /// Sends a request; the answer, whatever it is.
    pub async fn answer(&mut self, kind: &str, to: &str, payload: &str) -> Result<Element> {
        self.asked += 1;
        let id = format!("ask-{}", self.asked);
        let to = if to.is_empty() { String::new() } else { format!(" to='{to}'") };
        self.write(&format!("<iq type='{kind}' id='{id}'{to}>{payload}</iq>")).await?;
        self.next(|stanza| (stanza.name == "iq" && stanza.get("id") == Some(&id)).then(|| stanza.clone())).await
    }

    /// The first stanza kept or coming that is wanted; the others stay kept.
    pub async fn next<T>(&mut self, mut wanted: impl FnMut(&Element) -> Option<T>) -> Result<T> {
        for at in 0..self.kept.len() {
            if let Some(found) = wanted(&self.kept[at]) {
                self.kept.remove(at);
                return Ok(found);
            }
        }
        loop {
            let before = self.kept.len();
            let element = match self.stream()?.stanza().await {
                Ok(element) => element,
                Err(error) => {
                    let kept: Vec<String> = self.kept.iter().map(Element::to_text).collect();
                    bail!("{error:#}; what came before: {kept:?}");
                }
            };
            self.keep(element).await?;
            if let Some(found) = self.kept.get(before).and_then(&mut wanted) {
                self.kept.remove(before);
                // A client that is there goes on listening: by what it answers, the server knows that it has the message.
                while self.owes {
                    let element = self.stream()?.stanza().await?;
                    self.keep(element).await?;
                }
                return Ok(found);
            }
        }
    }

    /// Takes what came: answers what the stream itself asks, keeps the rest.
    async fn keep(&mut self, element: Element) -> Result<()> {
        if element.ns == ns::MANAGEMENT {
            let Some(counts) = &mut self.counts else { bail!("nobody counts here: {}", element.to_text()) };
            match &*element.name {
                "r" => {
                    let answer = format!("<a xmlns='urn:xmpp:sm:3' h='{}'/>", counts.heard);
                    self.owes = false;
                    self.stream()?.write(answer.as_bytes()).await?;
                }
                "a" => counts.has_counted(element.get("h").unwrap_or_default().parse()?),
                _ => bail!("not expected: {}", element.to_text()),
            }
            return Ok(());
        }
        if let Some(counts) = &mut self.counts {
            counts.heard += 1;
        }
        if element.name == "iq" && element.get("type") == Some("get") && element.find(ns::PING, "ping").is_some() {
            let id = element.get("id").unwrap_or_default().to_owned();
            self.owes = false;
            return self.write(&format!("<iq type='result' id='{id}'/>")).await;
        }
        self.owes |= element.find(ns::STANZA_ID, "stanza-id").is_some();
        self.kept.push_back(element);
        Ok(())
    }

    /// Waits until the server has taken all that was sent and has said all that it had to say by then; what of it was
    /// not asked for yet.
    pub async fn all(&mut self) -> Result<Vec<Element>> {
        self.ask("get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await?;
        Ok(self.kept.iter().cloned().collect())
    }

    /// Forgets what was not asked for.
    pub fn forget(&mut self) {
        self.kept.clear();
    }
}

impl Counts {
    fn has_counted(&mut self, count: u32) {
        while self.counted < count && self.uncounted.pop_front().is_some() {
            self.counted += 1;
        }
    }
}
