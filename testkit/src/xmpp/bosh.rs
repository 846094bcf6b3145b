//! A client of XEP-0124: one request is held by the server, another brings what is said.
//!
//! Each request goes over a connection of its own, and all of them belong to one task, so that what is said goes out
//! whether or not somebody listens. Invariant: what the answers bring is heard in the order of the requests, however the
//! answers come.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item, Opening};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;

use crate::http;

/// The number of the first request is anything.
const FIRST_RID: u64 = 1_573_741_820;

/// What is said and not sent yet, and what is heard and nobody has asked for yet: more than any play leaves.
const QUEUE: usize = 4_096;

/// Requests that may be under way.
const REQUESTS: usize = 2;

enum Wish {
    Open,
    Say(String),
    Close,
}

/// A session, as whoever talks on it has it.
pub(super) struct Bosh {
    wishes: Sender<Wish>,
    items: Receiver<Result<Item>>,
    /// Ends with whoever talks.
    _session: JoinSet<()>,
}

impl Bosh {
    pub(super) fn new(server: SocketAddr) -> Bosh {
        let ((wishes, wished), (heard, items)) = (channel(QUEUE), channel(QUEUE));
        let session = Session { server, sid: None, rid: FIRST_RID, begun: false, heard };
        let mut tasks = JoinSet::new();
        tasks.spawn(session.run(wished));
        Bosh { wishes, items, _session: tasks }
    }

    pub(super) async fn open(&mut self) {
        self.wish(Wish::Open).await;
    }

    pub(super) async fn say(&mut self, stanza: &str) {
        self.wish(Wish::Say(stanza.to_owned())).await;
    }

    pub(super) async fn close(&mut self) {
        self.wish(Wish::Close).await;
    }

    async fn wish(&mut self, wish: Wish) {
        // Whose session is over hears so with the next item.
        let _sent_or_over = self.wishes.send(wish).await;
    }

    /// The next item; `None`: the session is over.
    pub(super) async fn item(&mut self) -> Result<Option<Item>> {
        self.items.recv().await.transpose()
    }
}

struct Session {
    server: SocketAddr,
    sid: Option<String>,
    rid: u64,
    begun: bool,
    heard: Sender<Result<Item>>,
}

impl Session {
    async fn run(mut self, mut wished: Receiver<Wish>) {
        let mut under_way = JoinSet::new();
        let (mut early, mut next) = (BTreeMap::new(), self.rid);
        loop {
            // Where nothing is to be said, one request waits for what there is to hear.
            if self.sid.is_some() && under_way.is_empty() && wished.is_empty() {
                self.request(&mut under_way, "", "");
            }
            // The first answer brings the name that all others need.
            let room = under_way.len() < REQUESTS && (self.sid.is_some() || !self.begun);
            tokio::select! {
                wish = wished.recv(), if room => match wish {
                    Some(Wish::Open) if !self.begun => {
                        self.begun = true;
                        let begin = "to='localhost' wait='20' hold='1' ver='1.6' xml:lang='en' xmpp:version='1.0'";
                        self.request(&mut under_way, begin, "");
                    }
                    Some(Wish::Open) => self.request(&mut under_way, "to='localhost' xmpp:restart='true'", ""),
                    Some(Wish::Say(stanza)) => self.request(&mut under_way, "", &stanza),
                    Some(Wish::Close) => self.request(&mut under_way, "type='terminate'", ""),
                    None => return, // nobody is there any more, and nobody asks any more
                },
                Some(answered) = under_way.join_next() => {
                    let (rid, body) = answered.expect("requests do not panic");
                    early.insert(rid, body);
                    while let Some(body) = early.remove(&next) {
                        next += 1;
                        let heard = match body {
                            Ok(body) => self.hear(&body).await,
                            Err(error) => Err(error),
                        };
                        match heard {
                            Ok(true) => {}
                            Ok(false) => return,
                            Err(error) => return drop(self.heard.send(Err(error)).await),
                        }
                    }
                }
            }
        }
    }

    fn request(&mut self, under_way: &mut JoinSet<(u64, Result<Element>)>, attributes: &str, inside: &str) {
        let (rid, server) = (self.rid, self.server);
        let sid = self.sid.as_ref().map_or_else(String::new, |sid| format!("sid='{sid}'"));
        let (bind, xbosh) = (ns::HTTP_BIND, ns::XBOSH);
        let body = format!("<body xmlns='{bind}' xmlns:xmpp='{xbosh}' rid='{rid}' {sid} {attributes}>{inside}</body>");
        self.rid += 1;
        under_way.spawn(async move { (rid, post(server, &body).await) });
    }

    /// Whether the session goes on.
    async fn hear(&mut self, body: &Element) -> Result<bool> {
        ensure!(body.is(ns::HTTP_BIND, "body"), "no body: {}", body.to_text());
        if self.sid.is_none() {
            self.sid = body.get("sid").map(str::to_owned);
        }
        for element in body.elements() {
            // The beginning of the stream is not said on its own: the features stand for it.
            if element.is(ns::STREAM, "features") {
                self.heard.send(Ok(Item::Open(Opening::default()))).await?;
            }
            self.heard.send(Ok(Item::Stanza(element.clone()))).await?;
        }
        let over = body.get("type") == Some("terminate");
        if over {
            self.heard.send(Ok(Item::Close)).await?;
        }
        Ok(!over)
    }
}

async fn post(server: SocketAddr, body: &str) -> Result<Element> {
    let kind = [("Content-Type", "text/xml; charset=utf-8")];
    let (status, answer) = http::request(server, "POST", belfry_xmpp::web::BOSH_PATH, &kind, body.as_bytes()).await?;
    let shown = String::from_utf8_lossy(&answer);
    ensure!(status == 200, "{status}: {shown}");
    Element::parse(&answer).with_context(|| format!("no body: {shown}"))
}
